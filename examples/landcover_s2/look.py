"""Draw places that were held out, each as scene, teacher's map and model's map.

A scene has nine bands named as Sentinel-2's, its labels are prepare.py's soft ones.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import rasterio
from matplotlib.patches import Patch
from rasterio.errors import NotGeoreferencedWarning

from geoseg.core.card import NODATA
from geoseg.models import find_model
from geoseg.training.scene_label import dominant

sys.path.insert(0, str(Path(__file__).parents[1]))
from failures import mapping, natural, palette  # lies in the folder above, which is no package

ROWS = 2  # of a picture; each holds half of the places


def main(model: str, out: str, *pairs: str) -> None:
    warnings.simplefilter(
        "ignore", NotGeoreferencedWarning
    )  # chips may have no place on the ground
    card = find_model(model).card
    colours = palette(card)
    across = -(-len(pairs) // ROWS)
    figure, axes = plt.subplots(3 * ROWS, across, figsize=(1.7 * across, 5.4 * ROWS), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for number, pair in enumerate(pairs):
        scene, _, soft = pair.partition("=")
        column, top = number % across, 3 * (number // across)
        true, mapped = strongest(soft), mapping(scene, model, card)
        same = f"{(mapped == true)[true != NODATA].mean():.0%}"
        for row, (title, image) in enumerate(
            (
                ("scene", natural(scene)),
                ("teacher", colours[true]),
                (f"model: {same}", colours[mapped]),
            )
        ):
            axes[top + row, column].imshow(image)
            axes[top + row, column].set_title(title, fontsize=7, pad=2)
    patches = [Patch(facecolor=label.colour, label=label.name) for label in card.labels]
    figure.legend(
        handles=patches, loc="lower center", ncols=len(card.labels), fontsize=6, frameon=False
    )
    figure.subplots_adjust(0.01, 0.04, 0.99, 0.98, 0.04, 0.12)
    figure.savefig(out, dpi=90)


def strongest(soft: str) -> np.ndarray:
    """Return the class index of the highest probability in soft labels."""
    with rasterio.open(soft) as file:
        return dominant(file.read())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="name or folder of a bundle")
    parser.add_argument("out", help="the picture")
    parser.add_argument("pairs", nargs="+", metavar="SCENE=LABELS")
    args = parser.parse_args()
    main(args.model, args.out, *args.pairs)
