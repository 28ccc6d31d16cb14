"""Raise the bias of trees (logit adjustment) as the place that validates wants it: adjust.py BUNDLE
[--like TWIN].

What is only known to be green strengthens what the network leans to, and where it leans depends on
how much of either was labelled. Of the steps of STEP, that one is taken at which marked trees, low
vegetation and what is not green in Long Beach are told best on average. With --like the step is the
twin's, whose scores the bundle then gets, for it saw Long Beach itself. The weights and the card
are replaced.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from measure import SIDE
from prepare import BARE, LOW, SEALED, marked, read
from rasterio.errors import NotGeoreferencedWarning
from safetensors.torch import load_file

import geoseg
from geoseg.models import find_model
from geoseg.models.safetensors import write_bundle
from geoseg.training.twin import with_scores_of

CITY = "long_beach"  # validates, in config.toml and rgbn.toml
HEAD = "segmentation_head.0.bias"
STEP = 0.25
MOST = 6  # steps that are tried


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", help="folder of the model")
    parser.add_argument("--like", metavar="TWIN", help="folder of its twin")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("work/landcover_rgb"))
    args = parser.parse_args()
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    bundle = find_model(args.bundle)
    if "adjusted" in bundle.card.scores and not args.like:
        parser.error(f"{args.bundle} is adjusted already")
    if args.like:
        twin = find_model(args.like)
        shift = twin.card.scores["adjusted"]["trees"]
        card = with_scores_of(bundle.card, twin, find_model(args.like))
    else:
        shift = best(args.bundle, args.work, args.data)
        adjusted = {"adjusted": {"trees": shift}}
        card = replace(bundle.card, scores={**bundle.card.scores, **adjusted})
    tensors = load_file(bundle.weights)
    trees = [label.name for label in card.labels].index("trees")
    tensors[HEAD] = tensors[HEAD].float()
    tensors[HEAD][trees] += shift
    said = f". The bias of trees was raised by {shift:g} after that, as {CITY} wanted it"
    write_bundle(bundle.path, replace(card, trained_on=card.trained_on + said), tensors)
    print(f"trees + {shift:g}")


def best(model: str, work: Path, data: Path) -> float:
    """Return what the bias of trees is raised by."""
    with (work / "samples.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["place"] == CITY]
    card = find_model(model).card
    names = [label.name for label in card.labels]
    greens = [names.index(name) for name in ("trees", "low vegetation")]
    network = geoseg.open_model(model, device="cpu")
    steps = np.arange(MOST + 1) * STEP
    told = np.zeros((len(steps), 3), np.int64)  # trees; pixels of low vegetation, and not green
    there = np.zeros(3, np.int64)
    for first in range(0, len(rows), SIDE):  # chips side by side, a row of them at once
        some = rows[first : first + SIDE]
        chips = [read(Path(row["scene"]))[: len(card.bands)] for row in some]
        labels = np.concatenate([read(Path(row["label"]))[0] for row in some], axis=1)
        low, bare = labels == LOW, np.isin(labels, (BARE, SEALED))
        points = [
            marked(data / "naip_california" / "trees" / f"{Path(row['scene']).stem}.csv")
            for row in some
        ]
        columns, lines = np.concatenate(
            [trees + np.array([number * low.shape[0], 0]) for number, trees in enumerate(points)]
        ).T
        scores = np.asarray(network(np.concatenate(chips, axis=2)))
        # what is added to a logit is added to the logarithm of its score, but for the temperature
        logs = np.log(np.maximum(scores, 1e-9)) * card.temperature
        there += (len(lines), int(low.sum()), int(bare.sum()))
        for place, step in enumerate(steps):
            raised = logs.copy()
            raised[names.index("trees")] += step
            mapped = raised.argmax(axis=0)
            told[place, 0] += (mapped[lines, columns] == names.index("trees")).sum()
            told[place, 1] += (mapped[low] == names.index("low vegetation")).sum()
            told[place, 2] += (~np.isin(mapped[bare], greens)).sum()
    shares = told / there
    for step, row in zip(steps, shares, strict=True):
        print(
            f"trees + {step:g}: right of trees, low vegetation, not green {row.round(3)}",
            flush=True,
        )
    return float(steps[shares.mean(axis=1).argmax()])


if __name__ == "__main__":
    main()
