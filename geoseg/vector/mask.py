"""What of a class raster is traced: inside a vector file or WKT, or where another raster is valid and not 0."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterWindow

from ..errors import InputError, RunError
from ..grid import Grid, Window
from ..raster import load_aoi

Inside = npt.NDArray[np.bool_]
NEAR = 1e-6  # pixels by which grids may differ


def load_mask(mask: str, grid: Grid) -> Callable[[int, int], Inside]:
    """Return a function that tells, for rows [top, bottom), which pixels are inside."""
    if is_raster(mask):
        check_grid(mask, grid)
        return lambda top, bottom: _raster_rows(mask, top, bottom, grid.width)
    area = load_aoi(mask, grid)
    return lambda top, bottom: area.mask(Window(top, 0, bottom, grid.width))


def is_raster(path: str) -> bool:
    """Tell whether GDAL opens this as a raster; a vector file or WKT it does not."""
    if len(path) < 4096 and not Path(path).is_file():
        return False
    try:
        with rasterio.open(path) as raster:
            return bool(raster.count)
    except RasterioError:
        return False


def check_grid(path: str, grid: Grid) -> None:
    """Raise InputError where a raster does not lie on the grid."""
    with rasterio.open(path) as raster:
        size, transform, crs = raster.shape, tuple(raster.transform)[:6], raster.crs
    if size != (grid.height, grid.width):
        raise InputError(f"{path} is {size[1]} x {size[0]} px", f"the class raster's {grid.width} x {grid.height}",
                         "bring it to that grid with gdalwarp -te -ts")  # fmt: skip
    pixel = max(abs(value) for value in (*grid.transform[:2], *grid.transform[3:5]))
    shifts = (abs(a - b) for a, b in zip(transform, grid.transform, strict=True))
    if max(shifts) > NEAR * pixel or (crs and grid.crs and crs != rasterio.CRS.from_wkt(grid.crs)):
        raise InputError(f"{path} does not lie on the class raster's grid", "the same CRS and corners",
                         "bring it to that grid with gdalwarp -t_srs -te -ts")  # fmt: skip


def _raster_rows(path: str, top: int, bottom: int, width: int) -> Inside:
    window = RasterWindow(0, top, width, bottom - top)
    try:
        with rasterio.open(path) as raster:
            inside: Inside = (raster.read(1, window=window) != 0) & (raster.read_masks(1, window=window) != 0)
    except RasterioError as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    return inside
