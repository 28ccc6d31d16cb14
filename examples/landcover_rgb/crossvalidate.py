"""Hold out each of Dubai's scenes in turn, train on the others but one, which validates; say how
the scores spread.

Folds lie in WORK/folds, and what is there is not trained again. With --card, the result is written
on a bundle's card.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from geoseg.core.card import read_card, write_card
from geoseg.models import find_model

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--work", type=Path, default=Path("work/landcover_rgb"), help="folder with dubai.csv"
    )
    parser.add_argument(
        "--steps", type=int, default=300, help="of each fold; the recipe's own are 1,100"
    )
    parser.add_argument(
        "--card", type=Path, metavar="BUNDLE", help="write the result on the card in this folder"
    )
    args = parser.parse_args()
    with (args.work / "dubai.csv").open(encoding="utf-8", newline="") as file:
        places = sorted({row["place"] for row in csv.DictReader(file)})
    for test, validation in zip(places, places[1:] + places[:1], strict=True):
        train(args.work, test, validation, args.steps)
    found = summary({place: held_out(args.work / "folds" / place) for place in places}) | {
        "steps": args.steps
    }
    print(json.dumps(found, indent=1))
    if args.card:
        card = read_card(args.card / "card.json")
        write_card(
            replace(card, scores={**card.scores, "cross_validation": found}),
            args.card / "card.json",
        )


def train(work: Path, test: str, validation: str, steps: int) -> None:
    """Train one fold, unless its bundle is there already."""
    out = work / "folds" / test
    if (out / "card.json").is_file():  # the last file that a training writes
        return
    settings = (
        f'data.test=["{test}"]',
        f'data.validation=["{validation}"]',
        f"training.steps={steps}",
        f"training.warmup={steps // 8}",
        f"training.validate_every={steps // 2}",
    )
    subprocess.run(
        [
            sys.executable,
            "-m",
            "geoseg",
            "train",
            HERE / "dubai.toml",
            "--samples",
            work / "dubai.csv",
            *(word for setting in settings for word in ("--set", setting)),
            "--overwrite",
            "--out",
            out,
        ],
        check=True,
    )


def held_out(folder: Path) -> dict[str, Any]:
    """Return the scores on the scene that the fold held out."""
    scores = find_model(str(folder)).card.scores["held_out"]
    return {
        "mean_iou": scores["mean_iou"],
        "accuracy": scores["accuracy"],
        **{name: found["iou"] for name, found in scores["classes"].items()},
    }


def summary(folds: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Return mean and spread (standard deviation) over the folds, and the mean IoU of each."""
    keys = list(next(iter(folds.values())))
    over = {key: [fold[key] for fold in folds.values() if key in fold] for key in keys}
    return {
        "mean": {key: round(mean(values), 3) for key, values in over.items()},
        "spread": {key: round(stdev(values), 3) for key, values in over.items()},
        "mean_iou_of_scene": {place: round(fold["mean_iou"], 3) for place, fold in folds.items()},
    }


if __name__ == "__main__":
    main()
