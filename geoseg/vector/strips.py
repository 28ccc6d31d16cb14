"""A class raster file, and the confidence beside it, as strips of whole rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import rasterio
import rasterio.errors
from rasterio.windows import Window as RasterWindow

from ..card import NODATA
from ..errors import InputError, RunError
from ..grid import Grid
from ..raster.georef import check_place
from ..raster.handles import open_dataset
from .state import Bytes

ROWS = 512  # the height of a class raster's blocks
Strip = tuple[Bytes, Bytes | None]


@dataclass(frozen=True, slots=True)
class Maps:
    """The path of a class raster (uint8) with its nodata value, and of its confidence (uint8, percent), if any."""

    classes: str
    confidence: str | None
    grid: Grid
    nodata: int | None = NODATA

    @property
    def measured(self) -> bool:
        """Whether the strips come with their confidence."""
        return self.confidence is not None

    def strips(self) -> Iterator[Strip]:
        """Yield classes and confidence [row, column] from top to bottom.

        The files are closed, not left as contexts: rasterio's belong to the thread that entered them,
        and a generator that an error stops may be collected by another.
        """
        try:
            with closing(open_dataset(self.classes)) as classes:
                if self.confidence is None:
                    yield from ((strip, None) for strip in _rows(classes, self.grid))
                    return
                with closing(open_dataset(self.confidence)) as confidence:
                    yield from zip(_rows(classes, self.grid), _rows(confidence, self.grid), strict=True)
        except rasterio.errors.RasterioError as error:
            raise RunError(f"{self.classes} cannot be read: {error.__cause__ or error}",
                           do="see that it is complete") from error  # fmt: skip


@dataclass(frozen=True, slots=True)
class Live:
    """Maps that are still being made: `made` yields their strips once, with the confidence, 255 is nodata."""

    classes: str  # what they are called in messages
    grid: Grid
    made: Iterable[Strip]

    @property
    def measured(self) -> bool:
        """Whether the strips come with their confidence."""
        return True

    @property
    def nodata(self) -> int | None:
        """The value that is no class."""
        return NODATA

    def strips(self) -> Iterator[Strip]:
        """Yield classes and confidence [row, column] from top to bottom, as they are finished."""
        return iter(self.made)


def open_maps(classes: str, confidence: str | None) -> Maps:
    """Return the rasters' paths and grid; errors where they cannot be read, or do not fit together."""
    sizes, nodata = [], []
    for path in filter(None, (classes, confidence)):
        try:
            with open_dataset(path) as raster:
                if raster.dtypes[0] != "uint8":
                    raise InputError(f"{path} holds {raster.dtypes[0]}", "a class raster of uint8")
                nodata.append(None if raster.nodata is None else int(raster.nodata))
                crs = raster.crs.to_wkt() if raster.crs else None
                check_place(raster)
                sizes.append(Grid(raster.height, raster.width, tuple(raster.transform)[:6], crs))
        except rasterio.errors.RasterioError as error:
            raise RunError(f"{path} cannot be read: {error}") from error
    if (sizes[0].height, sizes[0].width) != (sizes[-1].height, sizes[-1].width):
        raise InputError(f"{confidence} has not the size of {classes}", "a confidence raster of the same scene")
    return Maps(classes, confidence, sizes[0], nodata[0])


def _rows(raster: rasterio.DatasetReader, grid: Grid) -> Iterator[Bytes]:
    for top in range(0, grid.height, ROWS):
        yield raster.read(1, window=RasterWindow(0, top, grid.width, min(ROWS, grid.height - top)))
