"""Drawing pixels of each class at random in one pass over a map of any size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...core.card import NODATA
from ...core.errors import InputError
from ...core.events import Report, silent, watch
from ...core.grid import Grid, Window
from ...features.layers import is_vector
from ...vector.geodesic import PixelAreas
from ..inputs import ComparedLayer, describe_layer

STRIP = 1 << 21  # pixels of a strip of whole rows, about
ROWS = 512
U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Stratum:
    """One class of a map, and pixels of it at random."""

    value: int
    """Its value in the raster."""
    name: str
    """Its name; "class" and its value where the raster tells none."""
    colour: str
    """As ``#rrggbb``; empty where the raster tells none."""
    pixels: int
    """How many there are."""
    area: float
    """Of these: square metres on the ellipsoid, pixels where the map has no CRS."""
    drawn: npt.NDArray[np.int64]
    """Pixels in random order, each as row * width + column."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What one pass over a map gives."""

    path: str
    """The map's file."""
    grid: Grid
    """Its grid."""
    strata: tuple[Stratum, ...]
    """Its classes."""
    metric: bool
    """Whether areas are square metres."""


def draw(
    path: str, most: int, seed: int, report: Report = silent, band: int | None = None
) -> Drawing:
    """Read a class raster once, and draw pixels of each class at random.

    Every pixel has a number that follows from its place and the seed alone; the pixels with
    the smallest are drawn, without replacement. So the same seed gives the same points,
    however the raster is stored, and a larger `most` only adds to them.

    Parameters
    ----------
    path
        The class raster.
    most
        Pixels of each class at most.
    seed
        Any whole number from 0.
    report
        Told how far it is.
    band
        Which band holds the classes, from 1; None for the only one.

    Returns
    -------
    Drawing
        The classes with their sizes and pixels.

    Raises
    ------
    InputError
        If it is no class raster, or all of it is nodata.
    """
    if is_vector(path):
        raise InputError(f"{path} is vector data", "a class raster", "make one with gdal_rasterize")
    layer = describe_layer(path, {}, option="-", band=band, report=report)  # the option is --band
    assert layer.grid is not None
    tally = _Tally(layer.grid, most, seed)
    labels = layer.open(layer.grid)
    extent = layer.grid.extent
    strips = extent.blocks(max(1, min(ROWS, STRIP // layer.grid.width)))
    try:
        for window in watch(strips, lambda window: window.area, extent.area, report, "draw"):
            tally.add(window, labels.read(window))
    finally:
        labels.close()
    strata = tuple(
        tally.stratum(int(place), layer) for place in np.flatnonzero(tally.pixels[:NODATA])
    )
    if not strata:
        raise InputError(f"the map {path} holds no class: all its pixels are nodata")
    return Drawing(path, layer.grid, strata, tally.ground.metric)


class _Tally:
    """The classes met so far, each with the places of its smallest numbers."""

    def __init__(self, grid: Grid, most: int, seed: int) -> None:
        self.ground = PixelAreas(grid)
        self.pixels = np.zeros(NODATA + 1, np.int64)
        self._areas = np.zeros(NODATA + 1)
        self._most = most
        self._seed = seed
        self._width = grid.width
        self._best: dict[int, tuple[U64, npt.NDArray[np.int64]]] = {}
        self._limits = np.full(NODATA + 1, np.iinfo(np.uint64).max, np.uint64)

    def add(self, window: Window, classes: npt.NDArray[np.uint8]) -> None:
        """Take a strip of whole rows.

        Parameters
        ----------
        window
            Where it lies.
        classes
            The bytes of its classes, uint8 [row, column].
        """
        self.pixels += np.bincount(classes.ravel(), minlength=NODATA + 1)
        for row, values in enumerate(classes):
            self._areas += np.bincount(values, self.ground.cells(window.top + row), NODATA + 1)
        first = window.top * self._width
        places = np.arange(first, first + window.area, dtype=np.int64)
        numbers = scramble(places, self._seed)
        flat = classes.ravel()
        chosen = np.flatnonzero((numbers <= self._limits[flat]) & (flat != NODATA))
        numbers = numbers[chosen]
        places = places[chosen]
        flat = flat[chosen]
        for value in np.unique(flat):
            mine = flat == value
            self._keep(int(value), numbers[mine], places[mine])

    def _keep(self, value: int, numbers: U64, places: npt.NDArray[np.int64]) -> None:
        if value in self._best:
            before = self._best[value]
            numbers = np.concatenate([before[0], numbers])
            places = np.concatenate([before[1], places])
        if len(numbers) >= self._most:
            order = np.argsort(numbers, kind="stable")[: self._most]
            numbers = numbers[order]
            places = places[order]
            self._limits[value] = numbers[-1]
        self._best[value] = numbers, places

    def stratum(self, place: int, layer: ComparedLayer) -> Stratum:
        """Return what is known of a class.

        Parameters
        ----------
        place
            The byte that stands for it.
        layer
            Whose legend names it.

        Returns
        -------
        Stratum
            With its pixels in the order of their numbers.
        """
        numbers, places = self._best[place]
        legend = layer.legend
        value = legend.values[place]
        name = legend.names.get(value, f"class {value}")
        colour = legend.colours.get(value, "")
        area = float(self._areas[place])
        return Stratum(
            value,
            name,
            colour,
            int(self.pixels[place]),
            area,
            places[np.argsort(numbers, kind="stable")],
        )


def scramble(places: npt.NDArray[np.int64], seed: int) -> U64:
    """Return for each place a number that looks random.

    Parameters
    ----------
    places
        Whole numbers of any shape.
    seed
        Another seed gives other numbers.

    Returns
    -------
    U64
        Of the same shape, spread evenly over 64 bits; different places have different numbers.

    References
    ----------
    The mixing steps of SplitMix64: Steele, Lea and Flood 2014, Fast splittable pseudorandom number
    generators, doi:10.1145/2660193.2660195.
    """
    start = (seed * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D) % (1 << 64)
    mixed = places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)
