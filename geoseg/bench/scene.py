"""Scenes made on the fly: blobs and noise, as tiled GeoTIFF, that any model takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.windows import Window

from ..core.card import Band, ModelCard

BLOCK = 512
CELL = 32  # pixels: the size of the blobs


def write_scene(path: Path, side: int, card: ModelCard) -> None:
    """Write a square scene of the card's bands, with values between each band's low and high,
    row of blocks by row.
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
    low, high = (
        np.array([_number(card, band, end) for band in card.bands]) for end in ("low", "high")
    )
    return np.asarray(low[:, None, None] + shares * (high - low)[:, None, None]).astype(dtype)


def _number(card: ModelCard, band: Band, end: str) -> np.float32:
    return np.float32((getattr(band, end) - card.scaling.offset) / card.scaling.scale)
