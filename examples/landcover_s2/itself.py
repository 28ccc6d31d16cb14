"""How far the teacher agrees with itself on the places held out, mirrored or moved: about what a
student can reach.

python examples/landcover_s2/itself.py --teacher ../shared/data/teacher/dynamicworld.onnx
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from prepare import GAIN, OFFSET, probabilities
from rasterio.errors import NotGeoreferencedWarning
from teacher import Teacher
from tqdm import tqdm

from geoseg import read_config
from geoseg.core.card import NODATA
from geoseg.evaluation.metrics import Confusion, accuracy, iou, mean_iou
from geoseg.training.sources import read_samples
from geoseg.training.split import by_pattern

MOVED = 5  # pixels
CONFIG = Path(__file__).with_name("config.toml")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", type=Path, required=True, help="dynamicworld.onnx")
    parser.add_argument(
        "--samples", type=Path, default=Path("work/landcover_s2/samples.csv"), help="of prepare.py"
    )
    args = parser.parse_args()
    warnings.simplefilter(
        "ignore", NotGeoreferencedWarning
    )  # some chips have no place on the ground
    teacher = Teacher(args.teacher)

    def ask(toa: np.ndarray) -> np.ndarray:
        return probabilities(teacher, np.ascontiguousarray(toa)).argmax(axis=0)

    ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "mirrored": lambda toa: ask(toa[..., ::-1])[:, ::-1],
        f"moved by {MOVED} pixels": lambda toa: ask(moved(toa))[MOVED:, MOVED:],
    }
    found = {way: Confusion.of(9) for way in ways}
    held = [
        share.sample
        for share in by_pattern(read_samples(args.samples), read_config(CONFIG).data)["test"]
    ]
    for one in tqdm(held, unit="chip"):
        with rasterio.open(one.scene) as file, rasterio.open(one.label) as soft:
            toa, shares = file.read().astype(np.float32), soft.read()
        toa = toa * GAIN[:, None, None] + OFFSET[:, None, None] if one.level == "L2A" else toa
        truth = np.where(shares.any(axis=0), shares.argmax(axis=0), NODATA)
        for way, again in ways.items():
            found[way].add(truth, again(toa))
    for way, counts in found.items():
        each = " ".join(f"{share:.2f}" for share in iou(counts.matrix))
        print(
            f"{way}: agreement {accuracy(counts.matrix):.3f}, mean IoU "
            f"{mean_iou(counts.matrix):.3f} ({each})"
        )


def moved(toa: np.ndarray) -> np.ndarray:
    """Put some pixels before the first row and column, mirrored."""
    return np.pad(toa, ((0, 0), (MOVED, 0), (MOVED, 0)), mode="symmetric")


if __name__ == "__main__":
    main()
