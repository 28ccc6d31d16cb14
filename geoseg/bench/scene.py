"""Scenes made on the fly: blobs and noise, as tiled GeoTIFF, that any model takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.windows import Window

from ..core.card import ModelCard
from ..core.events import silent
from ..core.job import Job
from ..models import Bundle
from ..prediction.run import pick_model

BLOCK = 512
CELL = 32  # pixels: the size of the blobs


def choose_bundle(scene: Sequence[str], model: str | None) -> Bundle:
    """Return the model that is measured.

    Parameters
    ----------
    scene
        The files of a scene; empty where one is made.
    model
        Name or folder; None for the one that fits the scene, or for landcover-rgb without one.

    Returns
    -------
    Bundle
        Its card and its weights' files.

    Raises
    ------
    ModelError
        If there is no such model, or none fits the scene.
    InputError
        If the scene cannot be read.
    """
    named = model or ("auto" if scene else "landcover-rgb")
    return pick_model(Job(tuple(scene) or ("none",), named, classes="none.tif"), silent)[0]


@contextmanager
def square_scenes(sides: Sequence[int], card: ModelCard) -> Iterator[dict[int, str]]:
    """Make scenes in a temporary folder, and remove them when the block ends.

    Parameters
    ----------
    sides
        Of the scenes, in pixels.
    card
        What the model expects of them.

    Yields
    ------
    dict
        Their paths by side.
    """
    with TemporaryDirectory(prefix="geoseg-bench-") as folder:
        paths = {side: Path(folder) / f"{side}.tif" for side in sides}
        for side, path in paths.items():
            write_scene(path, side, card)
        yield {side: str(path) for side, path in paths.items()}


def write_scene(path: Path, side: int, card: ModelCard) -> None:
    """Write a square scene, one row of blocks after the other, so that it may be of any size.

    Parameters
    ----------
    path
        Of the GeoTIFF.
    side
        Height and width, in pixels.
    card
        The scene has its bands and GSD; values lie between each band's low and high.
    """
    dtype = np.dtype(card.dtypes[0])
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "height": side,
        "width": side,
        "count": len(card.bands),
        "dtype": dtype.name,
        "crs": "EPSG:32632",
        "transform": rasterio.Affine(card.gsd, 0, 400_000, 0, -card.gsd, 5_000_000),
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "deflate",
        "zlevel": 1,
    }
    with rasterio.open(path, "w", **profile) as raster:
        raster.descriptions = card.band_names
        for top in range(0, side, BLOCK):
            rows = min(BLOCK, side - top)
            raster.write(_rows(top, rows, side, card, dtype), window=Window(0, top, side, rows))


def _rows(
    top: int, rows: int, side: int, card: ModelCard, dtype: np.dtype[Any]
) -> npt.NDArray[Any]:
    rng = np.random.default_rng(top)
    shape = len(card.bands), rows // CELL + 1, side // CELL + 1
    shares = rng.random(shape, np.float32).repeat(CELL, 1).repeat(CELL, 2)[:, :rows, :side] * 0.8
    shares += rng.random(shares.shape, np.float32) * 0.2
    low = np.array([_digital_number(card, band.low) for band in card.bands])[:, None, None]
    high = np.array([_digital_number(card, band.high) for band in card.bands])[:, None, None]
    return np.asarray(low + shares * (high - low)).astype(dtype)


def _digital_number(card: ModelCard, value: float) -> np.float32:
    return np.float32((value - card.scaling.offset) / card.scaling.scale)
