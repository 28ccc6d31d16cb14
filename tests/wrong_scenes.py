"""Ways to get a scene wrong, as data: what is done to a scene that is right, and what geoseg is to
say of it. The test and the page of the documentation go by this one list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.warp import Resampling, calculate_default_transform, reproject

DATA = Path(__file__).parents[2] / "shared" / "data"
SIDE = 384  # pixels that are cut out of a right scene, at most


@dataclass(frozen=True)
class Raw:
    """A scene before it is written."""

    pixels: np.ndarray
    """[band, row, column]."""
    names: tuple[str, ...]
    """Descriptions of the bands; empty strings where there is none."""
    transform: Any
    """From column and row to x and y."""
    crs: Any
    """Where it lies."""
    nodata: float | None = None
    """Of the file."""
    stem: str = "scene"
    """Of the file's name."""
    tags: dict[str, str] = field(default_factory=dict)
    """Of the file."""
    colours: tuple[str, ...] = ()
    """Colour interpretations; empty leaves GDAL's."""
    scale: float | None = None
    """In the file's header."""
    offset: float = 0.0
    """In the file's header."""

    def write(self, folder: Path) -> str:
        """Write it as a GeoTIFF; return its path."""
        path = folder / f"{self.stem}.tif"
        count, height, width = self.pixels.shape
        profile = {
            "driver": "GTiff",
            "count": count,
            "height": height,
            "width": width,
            "dtype": self.pixels.dtype.name,
            "crs": self.crs,
            "transform": self.transform,
            "nodata": self.nodata,
        }
        given = {key: value for key, value in profile.items() if value is not None}
        with rasterio.open(path, "w", **given) as raster:
            if self.colours:
                raster.colorinterp = [rasterio.enums.ColorInterp[name] for name in self.colours]
            raster.write(self.pixels)
            raster.descriptions = self.names
            raster.update_tags(**self.tags)
            if self.scale is not None:
                raster.scales = (self.scale,) * count
                raster.offsets = (self.offset,) * count
        return str(path)
