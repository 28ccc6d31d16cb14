"""Small training sets for tests: scenes whose classes follow from their pixels, and a
configuration for them.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from geoseg.training.config import Config
from geoseg.training.parse import parse
from geoseg.training.samples import Pool
from geoseg.training.scene_label import make_reading
from geoseg.training.sources import read_samples
from geoseg.training.split import Share

CLASSES = 3
TABLES: dict[str, Any] = {
    "card": {
        "name": "tiny",
        "description": "For tests",
        "sensor": "any",
        "unit": "digital number",
        "dtypes": ["uint8"],
        "gsd": 1.0,
        "gsd_range": [0.5, 2.0],
        "tile": 64,
        "overlap": 16,
        "scale": 1.0,
    },
    "bands": [{"name": band, "common_name": band} for band in ("red", "green", "blue")],
    "classes": [
        {"value": 10 * i, "name": f"class {i}", "colour": f"#{i}{i}0000"} for i in range(CLASSES)
    ],
    "network": {
        "architecture": "unet",
        "hyperparameters": {"encoder": "small", "decoder_channels": [16, 8, 8, 8, 8]},
    },
    "data": {"samples": "samples.csv", "validation": ["b"], "test": ["c*"]},
    "training": {"crop": 64, "batch": 2, "steps": 4, "validate_every": 2, "warmup": 1},
    "augment": {
        "gain": 0.1,
        "offset": 5.0,
        "haze": 0.1,
        "white": 255.0,
        "saturation": 0.2,
        "zoom": 1.5,
        "mix": 0.3,
    },
}

# a configuration as a user writes it
CONFIG = """
[card]
name = "tiny"
description = "For tests"
sensor = "any"
unit = "digital number"
dtypes = ["uint8"]
gsd = 1.0
gsd_range = [0.5, 2.0]
tile = 64
overlap = 16
[[bands]]
name = "red"
common_name = "red"
[[bands]]
name = "green"
common_name = "green"
[[bands]]
name = "blue"
common_name = "blue"
[[classes]]
value = 0
name = "dark"
colour = "#000000"
[[classes]]
value = 10
name = "grey"
colour = "#777777"
[[classes]]
value = 20
name = "bright"
colour = "#ffffff"
[network]
architecture = "unet"
hyperparameters = { encoder = "small", decoder_channels = [8, 8, 8, 8, 8] }
[data]
samples = "samples.csv"
test = ["c*"]
validation = []
[training]
crop = 32
batch = 2
steps = 2
"""


def write_raster(path: Path, data: np.ndarray, nodata: int | None = None) -> Path:
    """Write uint8 [band, row, column] at 1 m."""
    bands, rows, columns = data.shape
    profile = {
        "driver": "GTiff",
        "count": bands,
        "height": rows,
        "width": columns,
        "dtype": "uint8",
        "nodata": nodata,
    }
    place = {"crs": "EPSG:32633", "transform": rasterio.Affine(1.0, 0.0, 4e5, 0.0, -1.0, 5e6)}
    with rasterio.open(path, "w", **profile, **place) as target:
        target.write(data)
    return path


def make_set(
    folder: Path,
    labels: str = "classes",
    sizes: tuple[tuple[int, int], ...] = ((70, 90), (40, 33), (65, 64), (7, 5)),
) -> Config:
    """Write scenes of places a, b, c1 and a again, with labels; return their configuration.

    The class of a pixel is its red value // 86; every seventh row is unlabelled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    with (folder / "samples.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("scene", "label", "place", "level"))
        for index, ((rows, columns), place) in enumerate(
            zip(sizes, ("a", "b", "c1", "a"), strict=True)
        ):
            coarse = rng.integers(1, 256, (3, rows // 8 + 1, columns // 8 + 1), np.uint8)
            pixels = np.kron(coarse, np.ones((1, 8, 8), np.uint8))[:, :rows, :columns]
            write_raster(folder / f"scene{index}.tif", pixels)
            write_raster(
                folder / f"label{index}.tif",
                label_of(pixels[0], labels),
                255 if labels == "classes" else None,
            )
            table.writerow((f"scene{index}.tif", f"label{index}.tif", place, "AB"[index % 2]))
    return parse(TABLES | {"data": TABLES["data"] | {"soft": labels == "soft"}}, folder)


def label_of(red: np.ndarray, labels: str) -> np.ndarray:
    """Return the labels of a scene: class values (10 times the index), or shares of 255."""
    index = red // 86
    unlabelled = (np.arange(len(red)) % 7 == 6)[:, None]
    if labels == "classes":
        return np.where(unlabelled, 255, index * 10).astype(np.uint8)[None]
    shares = (index == np.arange(CLASSES)[:, None, None]) * 255
    return np.where(unlabelled, 0, shares).astype(np.uint8)


def open_pool(config: Config) -> Pool:
    """Open all samples of a configuration as one pool."""
    samples = read_samples(config.folder / config.data.samples)
    return Pool([Share(sample) for sample in samples], config.draft(), make_reading(config))
