"""Small rasters written for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

UTM33 = (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_000_000.0)  # pixels of 10 m


def write(
    path: Path | str,
    pixels: np.ndarray,
    names: Sequence[str] = (),
    transform: Sequence[float] | None = UTM33,
    crs: str | None = "EPSG:32633",
    tags: dict[str, str] | None = None,
    **profile: Any,
) -> str:
    """Write pixels [band, row, column] as a GeoTIFF; return its path."""
    count, height, width = pixels.shape
    keys: dict[str, Any] = {"driver": "GTiff", "dtype": pixels.dtype.name, "crs": crs} | profile
    if transform is not None:
        keys["transform"] = rasterio.Affine(*transform)
    with rasterio.open(path, "w", count=count, height=height, width=width, **keys) as raster:
        raster.write(pixels)
        if names:
            raster.descriptions = tuple(names)
        raster.update_tags(**(tags or {}))
    return str(path)


def reflectances(bands: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    """Return plausible digital numbers of Sentinel-2: smooth land with noise, 300 to 4000."""
    rng = np.random.default_rng(seed)
    coarse = (
        rng.integers(300, 3500, (bands, height // 8 + 2, width // 8 + 2)).repeat(8, 1).repeat(8, 2)
    )
    return (coarse[:, :height, :width] + rng.integers(0, 500, (bands, height, width))).astype(
        np.uint16
    )


def colours(height: int, width: int, seed: int = 0, bands: int = 3) -> np.ndarray:
    """Return 8-bit pixels that fill 0 to 255."""
    return np.random.default_rng(seed).integers(0, 256, (bands, height, width)).astype(np.uint8)
