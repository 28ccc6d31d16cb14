"""Label for the model of four bands (R, G, B, near infrared): rgbn.py RGB-MODEL [--work WORK],
after prepare.py.

NAIP is the only data set with near infrared. Its chips that are trained on (of 2020) get soft
labels: what is green keeps its labels of prepare.py, all else those of the model of three bands,
which learned roads and buildings elsewhere. So that water is not forgotten, scenes of MBRSC that
show some are trained on, too, with a near infrared that is made up: red, times what NDVI is usual
for their labels. Nothing of the kind is held out. Writes WORK/rgbn/*.tif and WORK/rgbn.csv (scene,
label, place, dataset).
"""

from __future__ import annotations

import argparse
import csv
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from prepare import GREEN, LOW, SEALED, TREES, UNLABELLED, listed, read, write
from rasterio.errors import NotGeoreferencedWarning

from geoseg import find_model, load_model
from geoseg.core.card import Scaling

HELD_OUT = ("tile1", "tile3", "claremont", "long_beach")
YEAR = "2020"
WATER = 0.03  # least share of a scene of MBRSC
# NDVI of NAIP's numbers: least and most of what water, land, road, building and vegetation were
# drawn from
NDVI = ((-0.6, -0.15), (-0.1, 0.03), (-0.2, -0.02), (-0.2, 0.02), (0.1, 0.5))
ROUGH = 0.04  # standard deviation of NDVI from pixel to pixel


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="name or folder of the model of three bands")
    parser.add_argument("--work", type=Path, default=Path("work/landcover_rgb"))
    args = parser.parse_args()
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    torch.set_num_threads(1)
    (args.work / "rgbn").mkdir(exist_ok=True)
    model = load_model(find_model(args.model), Scaling(), "cpu")
    with (args.work / "samples.csv").open(encoding="utf-8", newline="") as file:
        samples = list(csv.DictReader(file))
    rows = []
    for row in samples:
        scene, label = Path(row["scene"]), Path(row["label"])
        out = args.work / "rgbn" / scene.name
        held = row["place"] in HELD_OUT
        if row["dataset"].startswith("mbrsc") and not held:
            pixels, labels = read(scene), read(label)[0]
            if (labels == 0).mean() >= WATER:
                write(out, np.concatenate([pixels, infrared(pixels[0], labels, scene.name)[None]]))
                rows.append((out.resolve(), label, row["place"], "mbrsc"))
        elif row["dataset"] == "naip" and held:
            rows.append((scene, label, row["place"], "naip"))
        elif row["dataset"] == "naip" and (f"_{YEAR}_" in scene.name or "_x2_" in scene.name):
            write(out, shares(read(scene), read(label)[0], model))
            rows.append((scene, out.resolve(), row["place"], "taught"))
    listed(args.work / "rgbn.csv", ("scene", "label", "place", "dataset"), rows)


def infrared(red: np.ndarray, labels: np.ndarray, name: str) -> np.ndarray:
    """Return a near infrared: red by the NDVI of each label, which differs from scene to scene."""
    rng = np.random.default_rng(list(name.encode()))
    ndvi = rng.normal(0, ROUGH, red.shape)
    for value, (least, most) in enumerate(NDVI):
        ndvi[labels == value] += rng.uniform(least, most)
    ndvi = ndvi.clip(-0.8, 0.8)
    return np.rint(red * (1 + ndvi) / (1 - ndvi)).clip(0, 255).astype(np.uint8)


def shares(pixels: np.ndarray, labels: np.ndarray, model: Any) -> np.ndarray:
    """Return shares of 255 of water, land, road, building, trees, low vegetation, and of one of
    the last two.
    """
    scores = np.asarray(model(pixels[None, :3], np.ones((1, *labels.shape), bool)))[0, :4]
    scores[0, labels == SEALED] = 0
    scores /= np.maximum(scores.sum(axis=0), 1e-6)
    found = np.zeros((7, *labels.shape), np.uint8)
    bare = ~np.isin(labels, (GREEN, TREES, LOW, UNLABELLED))
    found[:4] = np.rint(255 * scores) * bare
    for place, value in ((4, TREES), (5, LOW), (6, GREEN)):
        found[place, labels == value] = 255
    return found


if __name__ == "__main__":
    main()
