"""Areas and lengths on the ground: how many square metres a pixel covers, in any CRS."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer

from ..grid import Grid

Floats = npt.NDArray[np.float64]

NODE_METRES = 2000.0  # between positions computed exactly; linear in between is off by less than 1e-7 there
NODE_PIXELS = 64
LATTICE = 128
REACH_METRES = 500.0  # of the central differences: PROJ's inverse is good to about 1e-5 m, so shorter is noisier


@dataclass(frozen=True)
class Metric:
    """The ground's metric at some pixel centres, in metres per pixel: E, F and G of differential geometry.

    A step of (column, row) pixels is sqrt(E column^2 + 2 F column row + G row^2) metres long
    (Snyder 1987, Map Projections: A Working Manual, chapter 4).
    """

    e: Floats
    f: Floats
    g: Floats

    @property
    def area(self) -> Floats:
        """Square metres of a pixel; 0 where the CRS has no place for it."""
        return np.asarray(np.sqrt(np.maximum(self.e * self.g - self.f**2, 0.0)), np.float64)


class Lattice(NamedTuple):
    """The metric at regular places over a whole raster: E, F, G [row, column], some pixels apart."""

    rows: float
    columns: float
    e: Floats
    f: Floats
    g: Floats


def divided(lattice: Lattice, parts: int) -> Lattice:
    """Return the metric of positions in 1 / `parts` of a pixel."""
    square = parts * parts
    e, f, g = lattice.e / square, lattice.f / square, lattice.g / square
    return Lattice(lattice.rows * parts, lattice.columns * parts, e, f, g)


@dataclass(frozen=True)
class Ground:
    """The ground under a raster: pixel areas on the ellipsoid of its CRS, whatever the CRS.

    The area element at the pixel's centre is used, so rotated rasters, degrees and any
    projection are alike. Without a CRS, or with one that is not tied to the Earth, `metric`
    is False and everything is counted in pixels.
    """

    grid: Grid
    metric: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metric", self._crs is not None)

    @cached_property
    def _crs(self) -> CRS | None:
        if self.grid.crs is None:
            return None
        crs = CRS.from_user_input(self.grid.crs).to_2d()
        return crs if crs.geodetic_crs is not None and (crs.is_projected or crs.is_geographic) else None

    @cached_property
    def _to_geodetic(self) -> tuple[Transformer, float]:
        """The way to longitude and latitude, and the radians in one of their units."""
        assert self._crs is not None
        geodetic = self._crs.geodetic_crs
        assert geodetic is not None
        geographic = geodetic.to_2d()
        return Transformer.from_crs(self._crs, geographic, always_xy=True), geographic.axis_info[
            0
        ].unit_conversion_factor

    @cached_property
    def pixel(self) -> float:
        """Area of the pixel at the centre, in square metres (1 without a CRS)."""
        return float(self.metric_at(np.array([self.grid.height / 2]), np.array([self.grid.width / 2])).area[0])

    @cached_property
    def step(self) -> int:
        """Pixels between positions that are computed exactly."""
        metres = max(self.pixel, 1e-12) ** 0.5
        return int(min(NODE_PIXELS, max(1.0, NODE_METRES / metres)))

    def cells(self, row: float) -> Floats:
        """Return the areas of one row's pixels, in square metres: float64 [column]."""
        if not self.metric:
            return np.ones(self.grid.width)
        nodes = np.arange(0, self.grid.width + self.step, self.step).astype(np.float64) + 0.5
        areas = self.metric_at(np.full(nodes.shape, row + 0.5), nodes).area
        return np.asarray(np.interp(np.arange(self.grid.width) + 0.5, nodes, areas), np.float64)

    def metric_at(self, rows: Floats, columns: Floats) -> Metric:
        """Return the metric at pixel positions (the first pixel's centre is 0.5, 0.5)."""
        if not self.metric:
            return Metric(np.ones_like(rows), np.zeros_like(rows), np.ones_like(rows))
        reach = self._reach
        _, latitude = self._angles(rows, columns)
        along, across = (
            [(high - low) / (2 * reach) for low, high in zip(before, after, strict=True)]
            for before, after in (
                (self._angles(rows, columns - reach), self._angles(rows, columns + reach)),
                (self._angles(rows - reach, columns), self._angles(rows + reach, columns)),
            )
        )
        east, north = self._radii(latitude)
        (ex, nx), (ey, ny) = ((_turn(d[0], reach) * east, d[1] * north) for d in (along, across))
        return Metric(*(np.nan_to_num(v, nan=0.0, posinf=0.0, neginf=0.0) for v in (
            ex * ex + nx * nx, ex * ey + nx * ny, ey * ey + ny * ny)))  # fmt: skip

    def lattice(self) -> Lattice:
        """Return the metric at no more than 129 x 129 places, whatever the raster's size: lengths need no more."""
        height, width = self.grid.height, self.grid.width
        rows, columns = (max(1.0, length / LATTICE) for length in (height, width))
        places = np.meshgrid(
            np.arange(np.ceil(height / rows) + 1) * rows,
            np.arange(np.ceil(width / columns) + 1) * columns,
            indexing="ij",
        )
        shape, metric = places[0].shape, self.metric_at(places[0].ravel(), places[1].ravel())
        return Lattice(rows, columns, *(v.reshape(shape) for v in (metric.e, metric.f, metric.g)))

    @cached_property
    def _reach(self) -> float:
        """Pixels to either side for the differences: half a pixel, or more where pixels are small."""
        row, column = np.array([self.grid.height / 2]), np.array([self.grid.width / 2])
        longitude, latitude = (np.append(*pair) for pair in zip(
            self._angles(row - 0.5, column - 0.5), self._angles(row + 0.5, column + 0.5), strict=True))  # fmt: skip
        east, north = self._radii(latitude.mean())
        size = np.hypot(_turn(np.diff(longitude), 0.5) * east, np.diff(latitude) * north)[0] / np.sqrt(2)
        return float(max(0.5, REACH_METRES / size)) if np.isfinite(size) and size > 0 else 0.5

    def _angles(self, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude in radians of pixel positions; infinite outside the CRS's domain."""
        a, b, c, d, e, f = self.grid.transform
        transformer, unit = self._to_geodetic
        longitude, latitude = transformer.transform(a * columns + b * rows + c, d * columns + e * rows + f)
        return longitude * unit, latitude * unit

    def _radii(self, latitude: Floats) -> tuple[Floats, Floats]:
        """Return metres per radian to the east and to the north (Snyder 1987, equations 4-18 and 4-20)."""
        assert self._crs is not None
        ellipsoid = self._crs.get_geod()
        assert ellipsoid is not None
        flat = 1 - ellipsoid.es * np.sin(latitude) ** 2
        east = ellipsoid.a * np.cos(latitude) / np.sqrt(flat)
        return east, ellipsoid.a * (1 - ellipsoid.es) / flat**1.5


def _turn(slope: Floats, reach: float) -> Floats:
    """Return a longitude's slope without the jump of a full turn at the date line."""
    whole = np.pi / reach  # a full turn over twice the reach
    with np.errstate(invalid="ignore"):
        return np.asarray((slope + whole / 2) % whole - whole / 2, np.float64)
