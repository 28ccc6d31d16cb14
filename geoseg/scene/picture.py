"""A scene as a small picture, so that eyes can see what it is."""

from __future__ import annotations

from contextlib import closing

import numpy as np
from rasterio.enums import Resampling
from rasterio.errors import RasterioError

from ..core.errors import RunError
from ..core.grid import Window
from ..raster.band_info import BandInfo
from ..raster.handles import gdal_env, open_dataset
from ..raster.quicklook import picture_shape, png, to_8bit
from .describe import SceneInfo
from .reader import Reader
from .source import open_bands
from .wavelengths import common_name

SIDE = 1024  # pixels of the longer side, at most
HIGH = 512  # rows that are read at a time
SHOWN = (2, 98)  # percentiles of a band that become black and white


def scene_picture(info: SceneInfo) -> tuple[bytes, str]:
    """Draw a scene: red, green and blue where they are known, else its first band in grey.

    Each band is stretched on its own, pixels without data are white, and north is up. Overviews are
    read where there are any, else every block of the file.

    Parameters
    ----------
    info
        What the scene is.

    Returns
    -------
    tuple
        A PNG of at most 1024 x 1024 pixels, and which bands it shows.

    Raises
    ------
    RunError
        If a file cannot be read.
    """
    seen, _, shown = scene_pixels(info)
    return png(seen), shown


def scene_pixels(info: SceneInfo) -> tuple[np.ndarray, np.ndarray, str]:
    """Read a scene as it is drawn by `scene_picture`.

    Parameters
    ----------
    info
        What the scene is.

    Returns
    -------
    tuple
        uint8 [band, row, column] of one band or three; where it is valid, bool [row, column]; and
        which bands it shows.

    Raises
    ------
    RunError
        If a file cannot be read.
    """
    layers = _shown(info)
    rows, columns = picture_shape(info.grid.extent.shape, SIDE)
    if not info.parts and all(_has_overviews(layer) for layer in layers):
        planes, known = zip(*(_read(layer, rows, columns) for layer in layers), strict=True)
        pixels = np.stack(planes)
        valid = np.logical_and.reduce(known)
    else:
        numbers = [info.layers.index(layer) + 1 for layer in layers]
        with closing(open_bands(info, numbers, tile=HIGH)) as reader:
            pixels, valid = _pick(reader, rows, columns)
    limits = [
        tuple(np.percentile(plane[valid], SHOWN)) if valid.any() else (0.0, 1.0) for plane in pixels
    ]
    shown = " ".join(layer.name or layer.description or f"band {layer.index}" for layer in layers)
    return to_8bit(pixels, valid, limits), valid, shown


def window_pixels(info: SceneInfo, window: Window) -> tuple[np.ndarray, str]:
    """Read a part of a scene as it is drawn, each band stretched by what is in it.

    Parameters
    ----------
    info
        What the scene is.
    window
        Pixels of its grid, inside it.

    Returns
    -------
    tuple
        uint8 [band, row, column] of one band or three, and which bands it shows.

    Raises
    ------
    RunError
        If a file cannot be read.
    """
    layers = _shown(info)
    numbers = [info.layers.index(layer) + 1 for layer in layers]
    with closing(open_bands(info, numbers, tile=HIGH)) as reader:
        patch = reader.read(window)
    pixels = np.real(patch.data).astype(np.float32)
    valid = np.isfinite(pixels).all(axis=0)
    if patch.valid is not None:
        valid &= patch.valid
    limits = [
        tuple(np.percentile(plane[valid], SHOWN)) if valid.any() else (0.0, 1.0) for plane in pixels
    ]
    shown = " ".join(layer.name or layer.description or f"band {layer.index}" for layer in layers)
    return to_8bit(pixels, valid, limits), shown


def _shown(info: SceneInfo) -> list[BandInfo]:
    """The bands of a picture: colours only where they are certain."""
    named = {common_name(layer.name): layer for layer in reversed(info.layers)}
    colours = [named[name] for name in ("red", "green", "blue") if name in named]
    return colours if len(colours) == 3 else [(info.images or info.layers)[0]]


def _has_overviews(layer: BandInfo) -> bool:
    with open_dataset(layer.path) as dataset:
        return bool(dataset.overviews(layer.index))


def _pick(reader: Reader, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Pick pixels out of whole rows of blocks: each is decoded once, for all bands together.

    GDAL, asked for the small picture itself, goes through the file once for each band and its mask.
    """
    height, width = reader.grid.extent.shape
    at_rows = ((np.arange(rows) + 0.5) * height / rows).astype(int)
    at_columns = ((np.arange(columns) + 0.5) * width / columns).astype(int)
    pixels = np.empty((reader.bands, rows, columns), np.float32)
    valid = np.ones((rows, columns), bool)
    for window in reader.grid.extent.blocks(HIGH):
        inside = (window.top <= at_rows) & (at_rows < window.bottom)
        if not inside.any():
            continue
        patch = reader.read(window)
        picked = np.ix_(at_rows[inside] - window.top, at_columns)
        pixels[:, inside] = np.real(patch.data[:, *picked])
        if patch.valid is not None:
            valid[inside] = patch.valid[picked]
    return pixels, valid & np.isfinite(pixels).all(axis=0)


def _read(layer: BandInfo, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """A band with north up, [row, column] of float32, and where it is valid."""
    turned = layer.turn.pixels(np.zeros((1, rows, columns), np.uint8)).shape[1:]
    with gdal_env(), open_dataset(layer.path) as dataset:
        try:
            found = dataset.read(
                layer.index, out_shape=turned, masked=True, resampling=Resampling.nearest
            )
        except RasterioError as error:
            raise RunError(f"{layer.path} cannot be read: {error}") from error
    data = np.real(found.data).astype(np.float32)
    valid = ~np.ma.getmaskarray(found) & np.isfinite(data)
    return layer.turn.pixels(data[None])[0], layer.turn.pixels(valid[None])[0]
