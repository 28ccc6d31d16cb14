"""How models do on what none of them was trained on: sheets made of the places that validate, with
spectra that are kept out of the library, under atmospheres of their own; and, place by place, where
they fall behind the teacher, mirrored.

python examples/landcover_s2/unseen.py --data ../shared/data MODEL ...
"""

from __future__ import annotations

import argparse
import csv
import tomllib
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import numpy as np
import rasterio
from atmosphere import GAIN, OFFSET, to_ground
from library import ground_spectra
from prepare import EDGE, as_source, probabilities
from rules import corrected
from teacher import Teacher
from tqdm import tqdm
from variety import Variety, sheet

import geoseg
from geoseg.core.card import NODATA
from geoseg.evaluation.metrics import Confusion, accuracy, iou, mean_iou

SEED = 77
ACROSS = 4
PLAIN = 0.1  # share of the chips that are not changed
Scores = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="names or bundles' folders")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="with teacher/")
    parser.add_argument(
        "--work", type=Path, default=Path("work/landcover_s2"), help="of prepare.py"
    )
    parser.add_argument("--sheets", type=int, default=6, help="sheets of 1024 x 1024 px to make")
    parser.add_argument(
        "--places", nargs="*", default=[], help="patterns of recorded places to tell one by one"
    )
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # chips without a place, and of values that are rare
    teacher = Teacher(args.data / "teacher" / "dynamicworld.onnx", threads=1)
    models: dict[str, Scores] = {
        name: partial(geoseg.open_model(name), force=True) for name in args.models
    }
    with (args.work / "samples.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    made: dict[str, Confusion] = defaultdict(lambda: Confusion.of(9))
    for numbers, truth in tqdm(sheets(rows, teacher, args.sheets), total=args.sheets):
        made["the teacher, mirrored, L1C"].add(truth, mirrored(teacher, numbers))
        for name, scores in models.items():
            for level, seen in (("L1C", numbers), ("L2A", to_ground(numbers))):
                made[f"{name}, {level}"].add(truth, scores(seen).argmax(axis=0))
    for name, counts in made.items():
        tell(name, counts)
    for pattern in args.places:
        for row in rows:
            if fnmatchcase(row["place"], pattern):
                place(row, models, teacher)


def sheets(
    rows: list[dict[str, str]], teacher: Teacher, count: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Make sheets: numbers of L1C [9, row, column] and class indices, NODATA where unlabelled."""
    with Path(__file__).with_name("config.toml").open("rb") as file:
        patterns = tomllib.load(file)["data"]["validation"]
    chips = [row for row in rows if any(fnmatchcase(row["place"], each) for each in patterns)]
    sources = [
        as_source(chip | {"path": chip["scene"]}, index, correct=True)
        for index, chip in enumerate(chips)
    ]
    variety = Variety(sources, ground_spectra(kept_out=True), PLAIN, air=True)
    for number in range(count):
        pixels, known = sheet(variety, [SEED, number], ACROSS)
        known[:EDGE], known[-EDGE:], known[:, :EDGE], known[:, -EDGE:] = (False,) * 4
        numbers = pixels.astype(np.float32)
        shares = corrected(teacher(numbers), numbers)
        yield numbers, np.where(known & shares.any(axis=0), shares.argmax(axis=0), NODATA)


def mirrored(teacher: Teacher, numbers: np.ndarray) -> np.ndarray:
    """Return the teacher's class indices of the mirror image, the right way round again."""
    turned = probabilities(teacher, np.ascontiguousarray(numbers[..., ::-1]))
    return turned.argmax(axis=0)[:, ::-1]


def place(row: dict[str, str], models: dict[str, Scores], teacher: Teacher) -> None:
    """Tell a recorded place, in both levels: the recorded one has a star."""
    with rasterio.open(row["scene"]) as scene, rasterio.open(row["label"]) as label:
        numbers, soft = scene.read().astype(np.float32), label.read()
    truth = np.where(soft.any(axis=0), soft.argmax(axis=0), NODATA)
    ground = row["level"] == "L2A"
    above = numbers * GAIN[:, None, None] + OFFSET[:, None, None] if ground else numbers
    ways = {
        "L1C" if ground else "L1C*": above,
        "L2A*" if ground else "L2A": numbers if ground else to_ground(numbers),
    }
    found = {"the teacher, mirrored": mirrored(teacher, above)}
    for name, scores in models.items():
        found |= {f"{name}, {level}": scores(seen).argmax(axis=0) for level, seen in ways.items()}
    for name, classes in found.items():
        counts = Confusion.of(9)
        counts.add(truth, classes)
        tell(f"{row['place']}: {name}", counts)


def tell(name: str, counts: Confusion) -> None:
    """Print agreement, mean IoU and each class's IoU."""
    each = " ".join(f"{share:.2f}" for share in iou(counts.matrix))
    print(f"{name}: {accuracy(counts.matrix):.3f}, mean IoU {mean_iou(counts.matrix):.3f} ({each})")


if __name__ == "__main__":
    main()
