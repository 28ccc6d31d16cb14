"""A small scene of three kinds of land, and a workspace with labels of them, for tests."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasters
import shapely

from geoseg.core.card import Label
from geoseg.labelling.workspace import Workspace, add_labels, create_workspace

SIDE = 192
FIELD = 24  # pixels along a field
METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
COLOURS = np.array([[40, 60, 120], [60, 130, 50], [180, 160, 140]])
CLASSES = (
    Label(1, "water", "#0055aa"),
    Label(2, "trees", "#228833"),
    Label(7, "bare", "#aa8866"),
)


def fields(seed: int = 0) -> np.ndarray:
    """Return the class of each pixel: squares of one class, every class in every quarter."""
    rng = np.random.default_rng(seed)
    count = SIDE // FIELD
    drawn = rng.permutation(np.arange(count * count) % 3).reshape(count, count)
    return drawn.repeat(FIELD, 0).repeat(FIELD, 1)


def write_scene(path: Path, seed: int = 0) -> str:
    """Write the scene: colours of the classes with noise."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 12, (SIDE, SIDE, 3))
    pixels = np.clip(COLOURS[fields(seed)] + noise, 0, 255).astype(np.uint8)
    return rasters.write(
        path,
        pixels.transpose(2, 0, 1),
        ("red", "green", "blue"),
        METRE,
        photometric="RGB",
    )


def squares(each: int, seed: int = 0, skip: int = 0) -> gpd.GeoDataFrame:
    """Return labels: squares of 10 pixels in the middle of fields, the classes by turns."""
    truth = fields(seed)[FIELD // 2 :: FIELD, FIELD // 2 :: FIELD]
    rng = np.random.default_rng(seed + 1)
    names, shapes = [], []
    spots = [rng.permutation(np.argwhere(truth == label)) for label in range(3)]
    for turn in range(skip, skip + each):
        for label, found in enumerate(spots):
            row, column = found[turn % len(found)] * FIELD + FIELD // 2
            x, y = METRE[2] + column, METRE[5] - row
            names.append(CLASSES[label].name)
            shapes.append(shapely.box(x - 5, y - 5, x + 5, y + 5))
    return gpd.GeoDataFrame({"class": names}, geometry=shapes, crs="EPSG:32633")


def make_workspace(folder: Path, each: int = 6, start: str | None = "none") -> Workspace:
    """Make a workspace with so many labels of each class."""
    scene = write_scene(folder / "scene.tif")
    workspace = create_workspace(folder / "work", [scene], CLASSES, start)
    add_labels(workspace, squares(each))
    return workspace
