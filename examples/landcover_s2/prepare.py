"""Make the soft labels of landcover-s2: the Dynamic World network's probabilities for every Sentinel-2 chip.

Writes WORK/labels/*.tif (uint8, one band per class, 255 = certain, all bands 0 = unlabelled) and
WORK/samples.csv (scene, label, place, level), which `geoseg train config.toml` reads.
"""

from __future__ import annotations

import argparse
import csv
import math
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.warp import transform_bounds
from tqdm import tqdm

# L2A -> pseudo top of atmosphere, in digital numbers: the teacher knows L1C only
GAIN = np.array([0.6375, 0.6825, 0.7875, 0.7625, 0.805, 0.8475, 0.805, 0.9075, 0.835], np.float32)
OFFSET = np.array([842, 526, 326, 298, 314, 300, 246, 29, 20], np.float32)
TILE, MARGIN, STRIDE = 512, 64, 32
CLOUDY = 0.2  # chips above this cloud fraction are left out whole
NEAR = 3_000.0  # metres: scenes closer than this are one place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with s2/ and teacher/")
    parser.add_argument("--work", type=Path, default=Path("work/landcover_s2"), help="folder to write to")
    args = parser.parse_args()
    (args.work / "labels").mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", NotGeoreferencedWarning)  # some chips have no place on the ground
    teacher = onnxruntime.InferenceSession(str(args.data / "teacher" / "dynamicworld.onnx"))
    chips = [row for row in catalog(args.data / "s2") if not cloudy(row)]
    for chip in tqdm(chips, unit="chip"):
        label(chip, teacher, args.work)
    write_samples(args.work / "samples.csv", chips, places(chips))


def catalog(folder: Path) -> list[dict[str, Any]]:
    with (folder / "catalog.tsv").open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file, delimiter="\t"))
    return [row | {"path": folder / row["file"], "level": row["level"][:3]} for row in rows]


def cloudy(chip: dict[str, Any]) -> bool:
    return float(chip["cloud_fraction"] or 0) > CLOUDY or "cloudy" in chip["file"]


def label(chip: dict[str, Any], teacher: onnxruntime.InferenceSession, work: Path) -> None:
    with rasterio.open(chip["path"]) as source:
        numbers, valid, profile = source.read().astype(np.float32), source.dataset_mask() > 0, source.profile
    toa = numbers * GAIN[:, None, None] + OFFSET[:, None, None] if chip["level"] == "L2A" else numbers
    soft = np.rint(probabilities(teacher, toa) * 255).astype(np.uint8)
    soft[:, ~valid | clouds(toa, float(chip["cloud_fraction"] or 0))] = 0
    chip["label"] = work / "labels" / chip["file"]
    profile.update(dtype="uint8", nodata=None, count=len(soft), compress="deflate", tiled=False)
    for key in ("blockxsize", "blockysize"):
        profile.pop(key, None)
    with rasterio.open(chip["label"], "w", **profile) as target:
        target.write(soft)


def clouds(toa: np.ndarray, fraction: float) -> np.ndarray:
    """Bright and not snow (low NDSI), grown by a few pixels; only where the catalogue saw clouds."""
    if fraction == 0:
        return np.zeros(toa.shape[1:], bool)
    blue, green, swir = toa[0], toa[1], toa[7]
    found = (blue > 2300) & (green - swir < 0.4 * (green + swir))
    grown = np.pad(found, 4)
    return np.lib.stride_tricks.sliding_window_view(grown, (9, 9)).any(axis=(2, 3))


def probabilities(teacher: onnxruntime.InferenceSession, toa: np.ndarray) -> np.ndarray:
    """Run the teacher in tiles with a margin, so that any size fits into memory."""
    rows, columns = toa.shape[1:]
    out = np.empty((9, rows, columns), np.float32)
    for top, left in blocks(rows, columns):
        bottom, right = min(top + TILE, rows), min(left + TILE, columns)
        a, b = max(top - MARGIN, 0), max(left - MARGIN, 0)
        part = toa[:, a : bottom + MARGIN, b : right + MARGIN]
        scores = teacher.run(None, {"s2_l1c_dn": padded(part)[None]})[0][0]
        out[:, top:bottom, left:right] = scores[:, top - a : bottom - a, left - b : right - b]
    return out


def blocks(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    for top in range(0, rows, TILE):
        for left in range(0, columns, TILE):
            yield top, left


def padded(part: np.ndarray) -> np.ndarray:
    """Reflect to a multiple of the network's stride; symmetric, because it works for any size."""
    spare = [(0, 0)] + [(0, -size % STRIDE) for size in part.shape[1:]]
    return np.pad(part, spare, mode="symmetric")


def places(chips: list[dict[str, Any]]) -> list[str]:
    """Name each chip's place: chips that touch or lie near each other share one, over all sources and dates."""
    boxes = [box(chip["path"]) for chip in chips]
    names = [name(chip) for chip in chips]
    group = list(range(len(chips)))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    for i in range(len(chips)):
        for j in range(i):
            if near(boxes[i], boxes[j]):
                group[root(i)] = root(j)
    return [own if boxes[i] is None else f"{names[root(i)]} {centre(boxes[root(i)])}" for i, own in enumerate(names)]


def name(chip: dict[str, Any]) -> str:
    """The catalogue's place; BigEarthNet's chips without coordinates go by their overpass."""
    overpass = re.search(r"S2[AB]_MSIL2A_[0-9]+T[0-9]+", chip["file"])
    if overpass is None or chip["place"] != "Europe":
        return str(chip["place"])
    return "Europe T33UUP" if "20170613T101031" in overpass[0] else f"Europe {overpass[0]}"


def box(path: Path) -> tuple[float, float, float, float] | None:
    with rasterio.open(path) as source:
        return transform_bounds(source.crs, "EPSG:4326", *source.bounds) if source.crs else None


def centre(bounds: tuple[float, float, float, float] | None) -> str:
    """Degrees north and east: the name of a place must not depend on its number in a list."""
    assert bounds is not None
    return f"({(bounds[1] + bounds[3]) / 2:.2f} {(bounds[0] + bounds[2]) / 2:.2f})"


def near(a: tuple[float, ...] | None, b: tuple[float, ...] | None) -> bool:
    if a is None or b is None:
        return False
    east = 111_320 * math.cos(math.radians(a[1])) * max(a[0] - b[2], b[0] - a[2])
    north = 110_570 * max(a[1] - b[3], b[1] - a[3])
    return max(east, north) < NEAR


def write_samples(path: Path, chips: list[dict[str, Any]], names: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("scene", "label", "place", "level"))
        for chip, name in zip(chips, names, strict=True):
            table.writerow((chip["path"].resolve(), chip["label"].resolve(), name, chip["level"]))


if __name__ == "__main__":
    main()
