"""Draw places that were held out, each as scene, teacher's map and model's map: look.py MODEL OUT.png SCENE=LABELS ...

SCENE has nine bands named as Sentinel-2's, LABELS are prepare.py's soft labels of it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import rasterio
from matplotlib.patches import Patch

import geoseg
from geoseg.models import find_model

ROWS = 2  # of a picture; each holds half of the places


def main(model: str, out: str, *pairs: str) -> None:
    labels = find_model(model).card.labels
    colours = np.array([label.rgb for label in labels] + [(255, 255, 255)], np.uint8)
    across = -(-len(pairs) // ROWS)
    figure, axes = plt.subplots(3 * ROWS, across, figsize=(1.7 * across, 5.4 * ROWS), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for number, pair in enumerate(pairs):
        scene, _, soft = pair.partition("=")
        column, top = number % across, 3 * (number // across)
        with rasterio.open(scene) as file, rasterio.open(soft) as known:
            pixels, shares = file.read().astype(float), known.read()
        true = np.where(shares.any(axis=0), shares.argmax(axis=0), len(labels))
        mapped = mapping(scene, model, len(labels))
        same = f"{(mapped == true)[true < len(labels)].mean():.0%}"
        for row, (title, image) in enumerate((("scene", natural(pixels)), ("teacher", colours[true]),
                                              (f"model: {same}", colours[mapped]))):  # fmt: skip
            axes[top + row, column].imshow(image)
            axes[top + row, column].set_title(title, fontsize=7, pad=2)
    patches = [Patch(facecolor=label.colour, label=label.name) for label in labels]
    figure.legend(handles=patches, loc="lower center", ncols=len(labels), fontsize=6, frameon=False)
    figure.subplots_adjust(0.01, 0.04, 0.99, 0.98, 0.04, 0.12)
    figure.savefig(out, dpi=90)


def mapping(scene: str, model: str, nodata: int) -> np.ndarray:
    """Map the scene, and return the class indices."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "map.tif"
        geoseg.predict(scene, path, model=model, force=True, device="cpu")
        with rasterio.open(path) as file:
            values = file.read(1)
    return np.where(values == 255, nodata, values)


def natural(pixels: np.ndarray) -> np.ndarray:
    """Return red, green and blue, stretched between their 1st and 99th percentile together."""
    rgb = pixels[[2, 1, 0]]
    low, high = np.percentile(rgb[rgb > 0], (1, 99))
    return np.clip((rgb - low) / max(high - low, 1.0), 0, 1).transpose(1, 2, 0) ** 0.8


if __name__ == "__main__":
    main(*sys.argv[1:])
