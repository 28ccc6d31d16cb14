"""Draw what a model confuses most on the places held out.

Each row is one confusion of two classes, the most
frequent first, where it is at its worst: scene, labels, map.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import rasterio
from matplotlib.patches import Patch
from rasterio.errors import NotGeoreferencedWarning
from scipy.ndimage import uniform_filter

import geoseg
from geoseg import read_config
from geoseg.core.card import NODATA, ModelCard
from geoseg.evaluation.metrics import Confusion
from geoseg.models import find_model
from geoseg.scene.describe import describe
from geoseg.training.config import ClassConfig
from geoseg.training.partial_labels import Meanings
from geoseg.training.scene_label import Reading, dominant, make_reading
from geoseg.training.sources import Sample, read_samples
from geoseg.training.split import by_pattern

ROWS = 6
SIDE = 256  # pixels of a picture


@dataclass(frozen=True)
class Mapped:
    """A scene's file, what its labels mean, as in Meanings, and the class indices of its map
    (255: none).
    """

    scene: str
    truth: np.ndarray
    found: np.ndarray


def main(model: str, config: str, samples: str, out: str) -> None:
    warnings.simplefilter(
        "ignore", NotGeoreferencedWarning
    )  # chips and photographs may have no place on the ground
    card, told = find_model(model).card, read_config(Path(config))
    told = replace(
        told, classes=told.classes or tuple(ClassConfig(c.value, c.name) for c in card.labels)
    )
    reading = make_reading(told)
    held = [share.sample for share in by_pattern(read_samples(Path(samples)), told.data)["test"]]
    maps = [Mapped(one.scene, truth(one, reading), mapping(one.scene, model, card)) for one in held]
    draw(maps, card, reading.meanings, out)


def truth(sample: Sample, reading: Reading) -> np.ndarray:
    """Return what a sample's labels mean, by pixel."""
    legend = reading.legend(sample)
    with closing(legend.open(sample.label, describe(sample.files).grid)) as labels:
        found = labels.read(describe(sample.files).grid.extent)
    return dominant(legend.target(found, len(reading.meanings)))


def mapping(scene: str, model: str, card: ModelCard) -> np.ndarray:
    """Map the scene, and return the class indices."""
    values = {label.value: index for index, label in enumerate(card.labels)}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "map.tif"
        geoseg.predict(
            scene, path, model=model, force=True, bands=chosen(scene, card), device="cpu"
        )
        with rasterio.open(path) as file:
            found = file.read(1)
    table = np.array([values.get(value, NODATA) for value in range(256)], np.uint8)
    return np.asarray(table[found])


def chosen(scene: str, card: ModelCard) -> tuple[int, ...] | None:
    """Return the bands to read where the scene does not name them."""
    with rasterio.open(scene) as file:
        return None if any(file.descriptions) else tuple(range(1, len(card.bands) + 1))


def draw(maps: list[Mapped], card: ModelCard, meanings: Meanings, out: str) -> None:
    """Draw the most frequent confusions, each where most of it is."""
    count, colours = len(card.labels), palette(card, meanings.sets)
    confusion = Confusion.of(count, len(meanings))
    for one in maps:
        confusion.add(one.truth, one.found)
    matrix = confusion.matrix
    wrong = np.where(meanings.members, 0, matrix)
    figure, axes = plt.subplots(ROWS, 3, figsize=(6.6, 2.35 * ROWS), squeeze=False)
    for row, flat in zip(axes, np.argsort(-wrong, axis=None), strict=False):
        label, taken = divmod(int(flat), count)
        one, window = worst(maps, label, taken)
        names = meanings.texts[label], card.labels[taken].name
        share = matrix[label, taken] / matrix[label].sum()
        for axis, image in zip(
            row,
            (natural(one.scene, window), colours[one.truth[window]], colours[one.found[window]]),
            strict=True,
        ):
            axis.imshow(image, interpolation="nearest")
            axis.set_axis_off()
        row[0].set_title(
            f"{names[0]}, {share:.0%} mapped as {names[1]}: scene", fontsize=7, loc="left", pad=3
        )
        row[1].set_title("labels", fontsize=7, pad=3)
        row[2].set_title("map", fontsize=7, pad=3)
    legend = [Patch(facecolor=label.colour, label=label.name) for label in card.labels]
    figure.legend(handles=legend, loc="lower center", ncols=5, fontsize=7, frameon=False)
    figure.subplots_adjust(0.01, 0.035, 0.99, 0.985, 0.03, 0.1)
    figure.savefig(out, dpi=80, pil_kwargs={"quality": 80} if out.endswith(".jpg") else {})


def palette(card: ModelCard, sets: Sequence[Sequence[int]] = ()) -> np.ndarray:
    """Return the colour of each class and, mixed, of each set of classes; white beyond them."""
    colours = np.array([label.rgb for label in card.labels], float)
    mixed = [colours[list(chosen)].mean(axis=0) for chosen in sets]
    return np.array(
        [*colours, *mixed, *[(255, 255, 255)] * (256 - len(colours) - len(mixed))]
    ).astype(np.uint8)


def worst(maps: list[Mapped], label: int, taken: int) -> tuple[Mapped, tuple[slice, slice]]:
    """Return the scene and the window that hold most pixels of the one class mapped as the
    other.
    """
    best, place = -1.0, (maps[0], (slice(0, SIDE), slice(0, SIDE)))
    for one in maps:
        mistaken = ((one.truth == label) & (one.found == taken)).astype(np.float32)
        dense = uniform_filter(mistaken, SIDE, mode="constant")
        row, column = np.unravel_index(int(dense.argmax()), dense.shape)
        if dense[row, column] > best:
            corner = [
                max(0, min(int(at) - SIDE // 2, size - SIDE))
                for at, size in zip((row, column), dense.shape, strict=True)
            ]
            best, place = float(dense[row, column]), (one, (span(corner[0]), span(corner[1])))
    return place


def span(first: int) -> slice:
    return slice(first, first + SIDE)


def natural(scene: str, window: tuple[slice, slice] = (slice(None), slice(None))) -> np.ndarray:
    """Return red, green and blue of a window (or of all), stretched between the scene's 1st and
    99th percentile.
    """
    with rasterio.open(scene) as file:
        names = list(file.descriptions)
        bands = (
            [names.index(name) + 1 for name in ("B04", "B03", "B02")]
            if "B04" in names
            else [1, 2, 3]
        )
        pixels = file.read(bands).astype(float)
    low, high = np.percentile(pixels[pixels > 0], (1, 99))
    stretched = np.clip((pixels[:, *window] - low) / max(high - low, 1.0), 0, 1)
    return np.asarray(stretched.transpose(1, 2, 0) ** 0.8)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="name or folder of a bundle")
    parser.add_argument(
        "config", help="a TOML that names the places held out, and what the labels mean"
    )
    parser.add_argument(
        "samples", help="the CSV (scene, label, place) that the recipe's prepare.py writes"
    )
    parser.add_argument("out", help="the picture")
    args = parser.parse_args()
    main(args.model, args.config, args.samples, args.out)
