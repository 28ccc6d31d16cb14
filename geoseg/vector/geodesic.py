"""Areas on the ground: how many square metres a pixel covers, in any CRS."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer

from ..core.arrays import Floats
from ..core.grid import Grid
from ..raster.georeference import geodetic_of
from .perimeters import MetricGrid

# between positions computed exactly, where areas change as slowly as on most maps
NODE_METRES = 2000.0
NODE_PIXELS = 64
LATTICE = 128
SAMPLES = 33  # places along either side of a raster at which the accuracy is looked at
OFF = 1e-5  # relative error of pixel areas that is allowed there
# of the length of a side, from one to the next: parts that bend less have their area to 2e-5
BENT = 0.01
MOST_PARTS = 64
BATCH = 1 << 18  # positions that are computed at a time
# of the central differences: PROJ's inverse is good to about 1e-5 m, so shorter is noisier
REACH_METRES = 500.0


@dataclass(frozen=True)
class MetricTensor:
    """The ground's metric at some pixel positions: E, F and G of differential geometry.

    A step of (column, row) pixels is sqrt(E column^2 + 2 F column row + G row^2) metres long
    (Snyder 1987, Map Projections: A Working Manual, chapter 4).
    """

    e: Floats
    """E, float64 [position], in square metres per square pixel."""
    f: Floats
    """F, likewise."""
    g: Floats
    """G, likewise."""

    @property
    def area(self) -> Floats:
        """Square metres of a pixel; 0 where the CRS has no place for it."""
        return np.asarray(np.sqrt(np.maximum(self.e * self.g - self.f**2, 0.0)), np.float64)


@dataclass(frozen=True)
class PixelAreas:
    """The ground under a raster: pixel areas on the ellipsoid of its CRS, whatever the CRS.

    Positions are taken to space, as X, Y and Z of the ellipsoid, where neither the poles nor
    the date line are special; so rotated rasters, degrees and any projection are alike. Small
    pixels have the area element at their centre, computed at some of them and linear in
    between; where that is not accurate enough, as at the rim of a view from space, each pixel
    is the quadrilateral of its corners, or of those of its parts. Without a CRS, or with one
    that is not tied to the Earth, everything is counted in pixels.
    """

    grid: Grid
    """The raster's size, transform and CRS."""
    metric: bool = field(init=False)
    """Whether areas are in square metres, and not in pixels."""
    _lines: dict[float, Floats] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metric", self._crs is not None)

    @cached_property
    def _crs(self) -> CRS | None:
        if self.grid.crs is None:
            return None
        crs = CRS.from_user_input(self.grid.crs).to_2d()
        return (
            crs
            if crs.geodetic_crs is not None and (crs.is_projected or crs.is_geographic)
            else None
        )

    @cached_property
    def _to_geodetic(self) -> tuple[Transformer, float]:
        """The way to longitude and latitude, and the radians in one of their units."""
        assert self._crs is not None
        geodetic = geodetic_of(self._crs)
        assert geodetic is not None
        geographic = geodetic.to_2d()
        return Transformer.from_crs(self._crs, geographic, always_xy=True), geographic.axis_info[
            0
        ].unit_conversion_factor

    @cached_property
    def pixel(self) -> float:
        """Area of the pixel at the centre, in square metres (1 without a CRS)."""
        return float(
            self.metric_at(np.array([self.grid.height / 2]), np.array([self.grid.width / 2])).area[
                0
            ]
        )

    @cached_property
    def step(self) -> int:
        """Pixels between positions that are computed exactly."""
        metres = max(self.pixel, 1e-12) ** 0.5
        step = int(min(NODE_PIXELS, max(1.0, NODE_METRES / metres)))
        while self.metric and step > 1 and not self._even(step):
            step //= 2
        return step

    def cells(self, row: float) -> Floats:
        """Return the areas of one row's pixels.

        Parameters
        ----------
        row
            The row's number; between two rows the pixels are those of a raster shifted by so much.

        Returns
        -------
        Floats
            Square metres, float64 [column]; 0 where the CRS has no place for a pixel.
        """
        if not self.metric:
            return np.ones(self.grid.width)
        if self.step == 1:
            return self._exact(row)
        nodes = np.arange(0, self.grid.width + self.step, self.step).astype(np.float64) + 0.5
        areas = self._elements(np.full(nodes.shape, row + 0.5), nodes)
        known = areas > 0  # what lies beyond the end of the CRS's domain is as what lies before it
        if not known.any():
            return np.zeros(self.grid.width)
        return np.asarray(
            np.interp(np.arange(self.grid.width) + 0.5, nodes[known], areas[known]), np.float64
        )

    def ends(self, row: int) -> tuple[Floats, Floats]:
        """Return the areas of a row's pixels and of those `step` rows below: in between they
        change evenly.

        Parameters
        ----------
        row
            A multiple of `step`.

        Returns
        -------
        tuple[Floats, Floats]
            Square metres, float64 [column].
        """
        first = self.cells(row)
        if self.step == 1 or not self.metric:
            return first, first
        last = self.cells(row + self.step)
        return np.where(first > 0, first, last), np.where(last > 0, last, first)

    def metric_at(self, rows: Floats, columns: Floats) -> MetricTensor:
        """Return the metric at pixel positions.

        Parameters
        ----------
        rows, columns
            Positions in pixels, float64 [position]; the first pixel's centre is (0.5, 0.5).

        Returns
        -------
        MetricTensor
            0 where the CRS has no place for a position.
        """
        if not self.metric:
            return MetricTensor(np.ones_like(rows), np.zeros_like(rows), np.ones_like(rows))
        reach = self._reach
        centre = self._space(rows, columns)
        along = self._slope(
            centre, self._space(rows, columns - reach), self._space(rows, columns + reach)
        )
        across = self._slope(
            centre, self._space(rows - reach, columns), self._space(rows + reach, columns)
        )
        products = (along * along, along * across, across * across)
        return MetricTensor(*(np.nan_to_num(product.sum(axis=0)) for product in products))

    def metric_grid(self) -> MetricGrid:
        """Return the metric over the whole raster: lengths need no more places.

        Returns
        -------
        MetricGrid
            At no more than 129 x 129 places, whatever the raster's size.
        """
        height = self.grid.height
        width = self.grid.width
        rows, columns = (max(1.0, length / LATTICE) for length in (height, width))
        places = np.meshgrid(
            np.arange(np.ceil(height / rows) + 1) * rows,
            np.arange(np.ceil(width / columns) + 1) * columns,
            indexing="ij",
        )
        shape = places[0].shape
        metric = self.metric_at(places[0].ravel(), places[1].ravel())
        return MetricGrid(
            rows, columns, *(v.reshape(shape) for v in (metric.e, metric.f, metric.g))
        )

    @cached_property
    def _reach(self) -> float:
        """Pixels to either side for the differences: half a pixel, or more where pixels are
        small.
        """
        row = self.grid.height / 2
        column = self.grid.width / 2
        ends = self._space(np.array([row - 0.5, row + 0.5]), np.array([column - 0.5, column + 0.5]))
        size = float(np.linalg.norm(ends[:, 1] - ends[:, 0])) / 2**0.5
        return max(0.5, REACH_METRES / size) if np.isfinite(size) and size > 0 else 0.5

    def _slope(self, centre: Floats, before: Floats, after: Floats) -> Floats:
        """Return the difference per pixel; from one side where the other is outside of the CRS's
        domain.
        """
        low = np.isfinite(before)
        high = np.isfinite(after)
        sides = low.astype(np.float64) + high
        step = np.where(high, after, centre) - np.where(low, before, centre)
        slope: Floats = np.full_like(step, np.nan)
        np.divide(step, sides * self._reach, out=slope, where=sides > 0)
        return slope

    def _elements(self, rows: Floats, columns: Floats) -> Floats:
        """Return the area elements at pixel positions, 0 where the CRS has no place for these."""
        reach = self._reach
        corners = [
            self._space(rows + i * reach, columns + j * reach) for i in (-1, 1) for j in (-1, 1)
        ]
        return np.asarray(np.nan_to_num(_quadrilaterals(*corners) / (2 * reach) ** 2), np.float64)

    def _exact(self, row: float) -> Floats:
        """Return the areas of one row's pixels as quadrilaterals between their corners, in parts
        where these bend.
        """
        before, top, bottom, after = (self._corners(row + i) for i in range(-1, 3))
        quads = (top[:, 1:-2], top[:, 2:-1], bottom[:, 1:-2], bottom[:, 2:-1])
        areas = _quadrilaterals(*quads)
        outside = np.isnan(quads).any(axis=1)
        along = [np.fmax.reduce(v, axis=1) for v in _bend(np.stack([top, bottom], axis=2))]
        down = [
            np.fmax(v[0, 1:-2], v[0, 2:-1])
            for v in _bend(np.stack([before, top, bottom, after], axis=1))
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            bent = np.fmax(along[0] / along[1], down[0] / down[1])
        bent = np.where(outside.any(axis=0), MOST_PARTS * BENT, np.nan_to_num(bent))
        bent[outside.all(axis=0)] = 0  # nothing of the pixel lies on the Earth
        parts = 2 ** np.ceil(np.log2(np.clip(bent / BENT, 1, MOST_PARTS))).astype(int)
        for part in np.unique(parts[parts > 1]):
            for columns in np.array_split(
                np.flatnonzero(parts == part), 1 + (parts == part).sum() * part**2 // BATCH
            ):
                areas[columns] = self._in_parts(row, columns, int(part))
        return np.asarray(np.nan_to_num(areas), np.float64)

    def _corners(self, row: float) -> Floats:
        """Return the positions in space of the corners above a row, from one column before the
        first to one after.
        """
        if row not in self._lines:
            columns = np.arange(-1.0, self.grid.width + 2)
            self._lines[row] = self._space(np.full(columns.shape, row), columns)
            while len(self._lines) > 6:  # rows are asked for one after the other
                del self._lines[next(iter(self._lines))]
        return self._lines[row]

    def _in_parts(self, row: float, columns: npt.NDArray[Any], parts: int) -> Floats:
        """Return the areas of pixels of a row as parts x parts quadrilaterals; those that lie
        outside are left out.
        """
        inner = np.arange(parts + 1) / parts
        y, x = np.broadcast_arrays(row + inner[:, None], columns[:, None, None] + inner)
        p = self._space(y.ravel(), x.ravel()).reshape(3, *x.shape)
        quads = _quadrilaterals(p[..., :-1, :-1], p[..., :-1, 1:], p[..., 1:, :-1], p[..., 1:, 1:])
        return np.asarray(np.nansum(quads, axis=(1, 2)), np.float64)

    def _even(self, step: int) -> bool:
        """Whether areas that are computed `step` pixels apart, and linear in between, are
        accurate.
        """
        places = (
            np.unique(np.linspace(0, max(0, n - step), SAMPLES).astype(int))
            for n in (self.grid.height, self.grid.width)
        )
        rows, columns = (v.ravel() + 0.5 for v in np.meshgrid(*places, indexing="ij"))
        corners = [self._elements(rows + i, columns + j) for i in (0, step) for j in (0, step)]
        middle = self._elements(rows + step / 2, columns + step / 2)
        known = np.logical_and.reduce([middle > 0, *(corner > 0 for corner in corners)])
        error = np.abs(np.mean(corners, axis=0) - middle)
        return bool((error <= OFF * middle)[known].all())

    def _space(self, rows: Floats, columns: Floats) -> Floats:
        """Return X, Y and Z [3, n] in metres of pixel positions; NaN outside the CRS's domain."""
        assert self._crs is not None
        ellipsoid = self._crs.get_geod()
        assert ellipsoid is not None
        a, b, c, d, e, f = self.grid.transform
        transformer, unit = self._to_geodetic
        longitude, latitude = transformer.transform(
            a * columns + b * rows + c, d * columns + e * rows + f
        )
        outside = ~(np.isfinite(longitude) & np.isfinite(latitude))
        x, y = (np.where(outside, np.nan, angle) * unit for angle in (longitude, latitude))
        normal = ellipsoid.a / np.sqrt(1 - ellipsoid.es * np.sin(y) ** 2)
        across = normal * np.cos(y)
        return np.stack(
            [across * np.cos(x), across * np.sin(x), normal * (1 - ellipsoid.es) * np.sin(y)]
        )


def _quadrilaterals(nw: Floats, ne: Floats, sw: Floats, se: Floats) -> Floats:
    """Return the areas of quadrilaterals in space [3, ...]: half the cross product of their
    diagonals.
    """
    return np.asarray(np.linalg.norm(np.cross(se - nw, sw - ne, axis=0), axis=0) / 2, np.float64)


def _bend(places: Floats) -> tuple[Floats, Floats]:
    """Return how much sides differ from those before and after, and their lengths; the first and
    last are left out.

    `places` [3, n, ...] are the ends of n - 1 sides.
    """
    sides = np.diff(places, axis=1)
    change = np.linalg.norm(np.diff(sides, axis=1), axis=0)
    return np.fmax(change[:-1], change[1:]), np.linalg.norm(sides[:, 1:-1], axis=0)
