"""Make the training data of clouds-s2: clouds that were drawn, over clear ground that was recorded.

The ground is that of landcover_s2: its sheets of chips (prepare.py --air 60 there), and
its chips of the places that are held out. Writes WORK/*.tif with their classes and
WORK/samples.csv, which `geoseg train config.toml` reads.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
import warnings
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import rasterio
from clouds import CLEAR, UNLABELLED, classes, draw_sky, over
from rasterio.errors import NotGeoreferencedWarning
from tqdm import tqdm

SIDE = 256  # pixels of a sky
CLOUDLESS = 0.3  # share of the skies
BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")
# L2A -> L1C, as in landcover_s2
GAIN = np.array([0.6375, 0.6825, 0.7875, 0.7625, 0.805, 0.8475, 0.805, 0.9075, 0.835], np.float32)
OFFSET = np.array([842, 526, 326, 298, 314, 300, 246, 29, 20], np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--ground", type=Path, default=Path("work/landcover_s2"), help="of landcover_s2/prepare.py"
    )
    parser.add_argument("--work", type=Path, default=Path("work/clouds_s2"), help="to write to")
    parser.add_argument("--sheets", type=int, default=60, help="sheets of landcover_s2 to cover")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    with (args.ground / "samples.csv").open(encoding="utf-8", newline="") as file:
        recorded = [row for row in csv.DictReader(file) if held_out(row["place"])]
    with (args.ground / "mixed.csv").open(encoding="utf-8", newline="") as file:
        sheets = [row for row in csv.DictReader(file) if row["place"].startswith("air ")]
    rows = []
    for number, row in enumerate(tqdm([*recorded, *sheets[: args.sheets]], unit="scene")):
        path = args.work / f"{Path(row['scene']).stem}.tif"
        label = path.with_name(f"{path.stem}_label.tif")
        if not label.exists():
            cover(row, path, label, np.random.default_rng([1, number]))
        rows.append((path.resolve(), label.resolve(), row["place"], "L1C"))
    with (args.work / "samples.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("scene", "label", "place", "level"), *rows])


def held_out(place: str) -> bool:
    """Return whether config.toml holds the place out: the same ones as that of landcover_s2."""
    with Path(__file__).with_name("config.toml").open("rb") as file:
        data = tomllib.load(file)["data"]
    return any(fnmatchcase(place, pattern) for pattern in [*data["validation"], *data["test"]])


def cover(row: dict[str, str], path: Path, label: Path, rng: np.random.Generator) -> None:
    """Write a scene under skies of its own, and their classes."""
    with rasterio.open(row["scene"]) as scene, rasterio.open(row["label"]) as labels:
        numbers, known = scene.read().astype(np.float32), labels.read().any(axis=0)
    if row["level"] == "L2A":
        numbers = numbers * GAIN[:, None, None] + OFFSET[:, None, None]
    found = np.where(known, CLEAR, UNLABELLED).astype(np.uint8)
    for top in range(0, numbers.shape[1], SIDE):
        for left in range(0, numbers.shape[2], SIDE):
            if rng.random() < CLOUDLESS:
                continue
            part = (slice(top, top + SIDE), slice(left, left + SIDE))
            rows, columns = found[part].shape
            sky = draw_sky(SIDE, rng)
            sky = type(sky)(
                sky.opacity[:, :rows, :columns],
                sky.brightness[:, :rows, :columns],
                sky.shade[:rows, :columns],
            )
            numbers[:, *part] = over(numbers[:, *part], sky, rng)
            drawn = classes(sky)
            found[part] = np.where(known[part] | (drawn > CLEAR), drawn, UNLABELLED)
    write(path, np.clip(np.rint(numbers), 1, 20_000).astype(np.uint16))
    write(label, found[None])


def write(path: Path, data: np.ndarray) -> None:
    """Write an image without a place on the ground; it appears under its name when it is whole."""
    beside = path.with_suffix(".part")
    kind = {
        "driver": "GTiff",
        "count": len(data),
        "height": data.shape[1],
        "width": data.shape[2],
        "dtype": data.dtype.name,
    }
    if data.dtype == np.uint8:
        kind["nodata"] = UNLABELLED
    with rasterio.open(beside, "w", **kind) as target:
        target.write(data)
        if data.dtype == np.uint16:
            target.descriptions = BANDS
    beside.replace(path)


if __name__ == "__main__":
    main()
