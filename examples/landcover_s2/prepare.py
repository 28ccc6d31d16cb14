"""Make the training data of landcover-s2: the Dynamic World network's probabilities for Sentinel-2
chips.

Writes WORK/labels/*.tif (uint8, one band per class, 255 = certain, all bands 0 = unlabelled) and
WORK/samples.csv (scene, label, place, level). With --varied N, also N sheets of chips that were
changed before the network saw them, and WORK/varied.csv, which `geoseg train config.toml` reads;
with --air N, N sheets more and WORK/mixed.csv, which lists these as well. What is there already is
kept, so a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import csv
import math
import re
import tomllib
import warnings
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from atmosphere import GAIN, OFFSET
from library import ground_spectra, spectra
from rasterio.errors import NotGeoreferencedWarning
from rasterio.warp import transform_bounds
from rules import corrected
from teacher import Teacher
from tqdm import tqdm
from variety import PLAIN, PLAIN_AIR, SIDE, Source, Variety, sheet, source

from geoseg.core.threads import prefetch

BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")
TILE, MARGIN, STRIDE = 512, 64, 32
CLOUDY = 0.2  # chips above this cloud fraction are left out whole
NEAR = 3_000.0  # metres: scenes closer than this are one place
ACROSS = 4  # changed chips side by side on a sheet, whose seams the teacher sees too
# pixels at a sheet's edges that are not labelled: the teacher knew nothing of what lies beyond
EDGE = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder with s2/ and teacher/"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("work/landcover_s2"), help="folder to write to"
    )
    parser.add_argument(
        "--varied", type=int, default=0, metavar="N", help="sheets of 16 changed chips to make, too"
    )
    parser.add_argument(
        "--plain",
        type=int,
        default=0,
        metavar="N",
        help="sheets of chips that are only turned, too",
    )
    parser.add_argument(
        "--air",
        type=int,
        default=0,
        metavar="N",
        help="sheets of chips changed on the ground and further, seen through atmospheres, with "
        "labels corrected, too",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the sheets")
    args = parser.parse_args()
    (args.work / "labels").mkdir(parents=True, exist_ok=True)
    warnings.simplefilter(
        "ignore", NotGeoreferencedWarning
    )  # some chips have no place on the ground
    teacher = Teacher(args.data / "teacher" / "dynamicworld.onnx")
    chips = [row for row in catalog(args.data / "s2") if not cloudy(row)]
    for chip in tqdm(chips, unit="chip"):
        label(chip, teacher, args.work)
    for chip, place in zip(chips, places(chips), strict=True):
        chip["place"] = place
    write_samples(args.work / "samples.csv", chips)
    held = held_out()
    taught = [not any(fnmatchcase(chip["place"], pattern) for pattern in held) for chip in chips]
    recorded = [chip for chip, is_taught in zip(chips, taught, strict=True) if is_taught]
    kept = [chip for chip, is_taught in zip(chips, taught, strict=True) if not is_taught]
    (args.work / "varied").mkdir(exist_ok=True)
    if args.varied or args.plain:
        kept += vary(recorded, teacher, args.work, (args.varied, args.plain), args.seed)
        write_samples(args.work / "varied.csv", kept)
    if args.air:
        kept += air(recorded, teacher, args.work, args.air, args.seed)
        write_samples(args.work / "mixed.csv", kept)


def vary(
    recorded: list[dict[str, Any]], teacher: Teacher, work: Path, counts: tuple[int, int], seed: int
) -> list[dict[str, Any]]:
    """Make sheets of changed and of plain chips; return their rows of the table."""
    sources = read_sources(recorded, correct=False)
    varied = Variety(sources, spectra(GAIN, OFFSET), PLAIN), "varied", [seed], counts[0]
    plain = Variety(sources, plain=1.0), "plain", [seed, 1], counts[1]
    return make(*varied, teacher, work, False) + make(*plain, teacher, work, False)


def air(
    recorded: list[dict[str, Any]], teacher: Teacher, work: Path, count: int, seed: int
) -> list[dict[str, Any]]:
    """Make sheets that are seen through atmospheres; return their rows of the table."""
    sources = read_sources(recorded, correct=True)
    variety = Variety(sources, ground_spectra(), PLAIN_AIR, air=True)
    return make(variety, "air", [seed], count, teacher, work, True)


def read_sources(recorded: list[dict[str, Any]], correct: bool) -> list[Source]:
    return [
        as_source(chip, index, correct) for index, chip in enumerate(tqdm(recorded, unit="chip"))
    ]


def make(
    variety: Variety,
    name: str,
    seed: list[int],
    count: int,
    teacher: Teacher,
    work: Path,
    correct: bool,
) -> list[dict[str, Any]]:
    """Make sheets with their labels, where they are not there yet; return their rows of the
    table.
    """
    folder = work / "varied"
    names = [f"{name}_{'_'.join(map(str, seed))}_{n}" for n in range(count)]
    todo = [n for n in range(count) if not (folder / f"{names[n]}_label.tif").exists()]
    drawn = prefetch(lambda n: sheet(variety, [*seed, n], ACROSS), todo, threads=1, depth=2)
    for n, (numbers, known) in zip(tqdm(todo, unit="sheet"), drawn, strict=True):
        known[:EDGE], known[-EDGE:], known[:, :EDGE], known[:, -EDGE:] = (False,) * 4
        write(folder / f"{names[n]}.tif", numbers)
        soft = teacher(numbers.astype(np.float32))
        soft = corrected(soft, numbers) if correct else soft
        write(folder / f"{names[n]}_label.tif", np.rint(soft * 255 * known))
    paths = [(folder / f"{each}.tif", folder / f"{each}_label.tif") for each in names]
    return [
        {"path": path, "label": label, "place": f"{name} {n}", "level": "L1C"}
        for n, (path, label) in enumerate(paths)
    ]


def held_out() -> list[str]:
    """The patterns of the places that config.toml holds out."""
    with Path(__file__).with_name("config.toml").open("rb") as file:
        data = tomllib.load(file)["data"]
    return [*data["validation"], *data["test"]]


def as_source(chip: dict[str, Any], index: int, correct: bool) -> Source:
    """Read a recorded chip, as L1C, with its labels, corrected or not: what changed ones are made
    of.
    """
    with rasterio.open(chip["path"]) as file, rasterio.open(chip["label"]) as labels:
        numbers, soft = file.read(), labels.read()
    if chip["level"] == "L2A":
        numbers = np.rint(numbers * GAIN[:, None, None] + OFFSET[:, None, None]).astype(np.uint16)
    soft = corrected(soft, numbers, chip["place"]) if correct else soft
    return source(numbers, soft, np.random.default_rng(index))


def write(path: Path, data: np.ndarray) -> None:
    """Write an image without a place on the ground, or its labels; it appears under its name when
    it is whole.

    Uncompressed: it is read again and again.
    """
    beside = path.with_suffix(".part")
    data = data if data.dtype == np.uint16 else data.astype(np.uint8)
    kind = {
        "driver": "GTiff",
        "count": len(data),
        "height": data.shape[1],
        "width": data.shape[2],
        "dtype": data.dtype.name,
        "tiled": True,
        "blockxsize": SIDE,
        "blockysize": SIDE,
    }
    with rasterio.open(beside, "w", **kind) as target:
        target.write(data)
        if data.dtype == np.uint16:
            target.descriptions = BANDS
    beside.replace(path)


def catalog(folder: Path) -> list[dict[str, Any]]:
    with (folder / "catalog.tsv").open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file, delimiter="\t"))
    return [row | {"path": folder / row["file"], "level": row["level"][:3]} for row in rows]


def cloudy(chip: dict[str, Any]) -> bool:
    return float(chip["cloud_fraction"] or 0) > CLOUDY or "cloudy" in chip["file"]


def label(chip: dict[str, Any], teacher: Teacher, work: Path) -> None:
    chip["label"] = work / "labels" / chip["file"]
    if chip["label"].exists():
        return
    with rasterio.open(chip["path"]) as file:
        numbers, valid, profile = (
            file.read().astype(np.float32),
            file.dataset_mask() > 0,
            file.profile,
        )
    toa = (
        numbers * GAIN[:, None, None] + OFFSET[:, None, None] if chip["level"] == "L2A" else numbers
    )
    soft = np.rint(probabilities(teacher, toa) * 255).astype(np.uint8)
    soft[:, ~valid | clouds(toa, float(chip["cloud_fraction"] or 0))] = 0
    profile.update(dtype="uint8", nodata=None, count=len(soft), compress="deflate", tiled=False)
    for key in ("blockxsize", "blockysize"):
        profile.pop(key, None)
    beside = chip["label"].with_suffix(".part")
    with rasterio.open(beside, "w", **profile) as target:
        target.write(soft)
    beside.replace(chip["label"])


def clouds(toa: np.ndarray, fraction: float) -> np.ndarray:
    """Bright and not snow (low NDSI), grown by a few pixels; only where the catalogue saw
    clouds.
    """
    if fraction == 0:
        return np.zeros(toa.shape[1:], bool)
    blue, green, swir = toa[0], toa[1], toa[7]
    found = (blue > 2300) & (green - swir < 0.4 * (green + swir))
    grown = np.pad(found, 4)
    return np.lib.stride_tricks.sliding_window_view(grown, (9, 9)).any(axis=(2, 3))


def probabilities(teacher: Teacher, toa: np.ndarray) -> np.ndarray:
    """Run the teacher in tiles with a margin, so that any size fits into memory."""
    rows, columns = toa.shape[1:]
    out = np.empty((9, rows, columns), np.float32)
    for top, left in blocks(rows, columns):
        bottom, right = min(top + TILE, rows), min(left + TILE, columns)
        a, b = max(top - MARGIN, 0), max(left - MARGIN, 0)
        part = toa[:, a : bottom + MARGIN, b : right + MARGIN]
        scores = teacher(padded(part))
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
    """Name each chip's place: chips that touch or lie near each other share one, over all
    sources and dates.
    """
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
    return [
        own if boxes[i] is None else f"{names[root(i)]} {centre(boxes[root(i)])}"
        for i, own in enumerate(names)
    ]


def name(chip: dict[str, Any]) -> str:
    """The catalogue's place; BigEarthNet's chips without coordinates go by their overpass."""
    overpass = re.search(r"S2[AB]_MSIL2A_[0-9]+T[0-9]+", chip["file"])
    if overpass is None or chip["place"] != "Europe":
        return str(chip["place"])
    return "Europe T33UUP" if "20170613T101031" in overpass[0] else f"Europe {overpass[0]}"


def box(path: Path) -> tuple[float, float, float, float] | None:
    with rasterio.open(path) as file:
        return transform_bounds(file.crs, "EPSG:4326", *file.bounds) if file.crs else None


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


def write_samples(path: Path, chips: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("scene", "label", "place", "level", "climate", "season"))
        for chip in chips:
            files = (chip["path"].resolve(), chip["label"].resolve())
            table.writerow((*files, chip["place"], chip["level"], climate(chip), season(chip)))


def climate(chip: dict[str, Any]) -> str:
    """The first word of the catalogue's biome; of a sheet, none."""
    word = chip.get("biome", "").split(" ")[0].strip(",")
    return {"European": "temperate", "humid": "subtropical"}.get(word, word)


def season(chip: dict[str, Any]) -> str:
    """Of the day on which the scene was taken, where the catalogue or the overpass tells it."""
    told = re.search(r"MSIL2A_(20[0-9]{6})T", chip["path"].name)
    date = told[1] if told else chip.get("date", "")
    month = re.match(r"20[12][0-9]-?(0[1-9]|1[0-2])", date)
    if month is None:
        return ""
    quarter = int(month[1]) % 12 // 3 + (2 if "Australia" in chip["place"] else 0)
    return ("winter", "spring", "summer", "autumn")[quarter % 4]


if __name__ == "__main__":
    main()
