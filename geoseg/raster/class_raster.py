"""A class raster file, and the confidence beside it, as strips of whole rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from ..core.arrays import Bytes
from ..core.errors import InputError
from ..core.events import Report, silent
from ..core.grid import Grid
from .band_info import describe_bands
from .class_values import BYTES, ClassRaster, open_classes, open_percent
from .handles import gdal_env, open_dataset

ROWS = 512  # the height of a class raster's blocks
Strip = tuple[Bytes, Bytes | None]
PRESENT = 1  # in a band of one class of several
ABSENT = -1  # no value of a class: of what is traced where a class is not


@dataclass(frozen=True, slots=True)
class Maps:
    """A class raster, and its confidence, if any, on the same grid."""

    raster: ClassRaster
    """The classes."""
    percent: ClassRaster | None = None
    """The confidence, uint8 in percent; None where there is none."""
    meanings: tuple[int, ...] = ()
    """The class values of the indices where the file holds others; empty where it holds them."""

    @property
    def classes(self) -> str:
        """The path of the class raster."""
        return self.raster.path

    @property
    def grid(self) -> Grid:
        """The grid of both."""
        return self.raster.grid

    @property
    def values(self) -> tuple[int, ...]:
        """The class value that each index in the strips stands for."""
        return self.meanings or self.raster.values

    @property
    def measured(self) -> bool:
        """Whether the strips come with their confidence."""
        return self.percent is not None

    def strips(self) -> Iterator[Strip]:
        """Yield the rasters' rows from top to bottom.

        Yields
        ------
        Strip
            Indices of classes, with NODATA where there is none, and the confidence or None; uint8
            [row, column].

        Raises
        ------
        RunError
            If a file is damaged.
        """
        if self.percent is None:
            yield from ((strip, None) for strip in rows_of(self.raster))
        else:
            yield from zip(rows_of(self.raster), rows_of(self.percent), strict=True)


@dataclass(frozen=True, slots=True)
class Live:
    """Maps that are still being made."""

    classes: str
    """What they are called in messages."""
    grid: Grid
    """The grid of both."""
    made: Iterable[Strip]
    """Their strips, once, with the confidence; 255 is nodata."""

    @property
    def measured(self) -> bool:
        """Whether the strips come with their confidence."""
        return True

    @property
    def values(self) -> tuple[int, ...]:
        """The class value that each index in the strips stands for: itself."""
        return BYTES

    def strips(self) -> Iterator[Strip]:
        """Return the maps' rows from top to bottom, as they are finished.

        Returns
        -------
        Iterator[Strip]
            Classes and confidence, uint8 [row, column].
        """
        return iter(self.made)


@dataclass(frozen=True, slots=True)
class SeveralMaps:
    """A map of several classes at once: of each where it is, and its score."""

    grid: Grid
    """Of all bands."""
    parts: tuple[Maps, ...]
    """Of each class a raster of 1, where it is, and 0; and its score in percent."""
    classes: tuple[int, ...]
    """The values of the classes."""

    @property
    def measured(self) -> bool:
        """Whether there are scores."""
        return True

    @property
    def values(self) -> tuple[int, ...]:
        """The class value that each index of a polygon stands for."""
        return (*self.classes, ABSENT)


def open_several(classes: str, confidence: str, values: tuple[int, ...]) -> SeveralMaps:
    """Look at a raster of several classes at once and their scores, as they are written here.

    Parameters
    ----------
    classes
        The path of a raster with a band for each class: 1 where it is, 0 where not.
    confidence
        Of their scores in percent.
    values
        The values of the classes, in the order of the bands.

    Returns
    -------
    SeveralMaps
        Nothing stays open.

    Raises
    ------
    InputError
        If they do not fit together.
    """
    bands = []
    for path in (classes, confidence):
        with gdal_env(), closing(open_dataset(path)) as dataset:
            bands.append(describe_bands(dataset, path))
    own, scores = bands
    if not len(own) == len(scores) == len(values) or own[0].grid != scores[0].grid:
        raise InputError(
            f"{classes} and {confidence} do not fit together", f"{len(values)} bands on one grid"
        )
    parts = tuple(
        Maps(
            ClassRaster(classes, one.grid, one, (0, PRESENT)),
            ClassRaster(confidence, other.grid, other, BYTES),
        )
        for one, other in zip(own, scores, strict=True)
    )
    return SeveralMaps(own[0].grid, parts, values)


def open_maps(
    classes: str, confidence: str | None, band: int | None = None, report: Report = silent
) -> Maps:
    """Look at a class raster and its confidence.

    Parameters
    ----------
    classes
        The path of the class raster.
    confidence
        The path of the confidence; None where there is none.
    band
        The number of the band that holds the classes, from 1 on; needed where there are several.
    report
        What gets the progress where the pixels are read for their values.

    Returns
    -------
    Maps
        Nothing stays open.

    Raises
    ------
    InputError
        If one of them cannot be used, or they do not fit together.
    """
    raster = open_classes(classes, band, report=report)
    if confidence is None:
        return Maps(raster)
    percent = open_percent(confidence)
    sizes = [(one.grid.height, one.grid.width) for one in (raster, percent)]
    if sizes[0] != sizes[1]:
        raise InputError(
            f"{confidence} has not the size of {classes}", "a confidence raster of the same scene"
        )
    return Maps(raster, percent)


def rows_of(raster: ClassRaster) -> Iterator[Bytes]:
    """Yield a raster's indices from top to bottom.

    The file is closed, not left as a context: rasterio's belong to the thread that entered them,
    and a generator that an error stops may be collected by another.

    Parameters
    ----------
    raster
        Of any size.

    Yields
    ------
    Bytes
        uint8 [row, column] of whole rows, at most ROWS of them.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    with closing(raster.open()) as dataset:
        for window in raster.grid.extent.blocks(ROWS):
            yield raster.read(dataset, window)
