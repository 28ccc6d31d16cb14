"""Draw scenes beside their maps, ten in two rows."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.patches import Patch
from rasterio.errors import NotGeoreferencedWarning

from geoseg.models import find_model

sys.path.insert(0, str(Path(__file__).parents[1]))
from failures import mapping, natural, palette  # lies in the folder above, which is no package

ROWS = 2  # of a picture; each holds half of the scenes


def main(model: str, out: str, *scenes: str) -> None:
    warnings.simplefilter(
        "ignore", NotGeoreferencedWarning
    )  # some images have no place on the ground
    card = find_model(model).card
    colours = palette(card)
    across = -(-len(scenes) // ROWS)
    figure, axes = plt.subplots(2 * ROWS, across, figsize=(2.2 * across, 4.6 * ROWS), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for number, scene in enumerate(scenes):
        column, top = number % across, 2 * (number // across)
        for row, image in enumerate((natural(scene), colours[mapping(scene, model, card)])):
            axes[top + row, column].imshow(image, interpolation="nearest")
        axes[top, column].set_title(Path(scene).stem, fontsize=7, pad=2)
    patches = [Patch(facecolor=label.colour, label=label.name) for label in card.labels]
    figure.legend(
        handles=patches, loc="lower center", ncols=len(card.labels), fontsize=7, frameon=False
    )
    figure.subplots_adjust(0.01, 0.04, 0.99, 0.98, 0.04, 0.1)
    figure.savefig(out, dpi=80, pil_kwargs={"quality": 80} if out.endswith(".jpg") else {})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="name or folder of a bundle")
    parser.add_argument("out", help="the picture")
    parser.add_argument("scenes", nargs="+", metavar="SCENE")
    args = parser.parse_args()
    main(args.model, args.out, *args.scenes)
