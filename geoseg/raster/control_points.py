"""Rasters that no geotransform places: by ground control points, or by rational polynomial
coefficients (RPC).
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import CRS
from rasterio._err import CPLE_BaseError  # what the transformers raise; it has no public name
from rasterio.errors import RasterioError
from rasterio.transform import GCPTransformer, RPCTransformer

from ..core.arrays import Floats
from ..core.errors import InputError
from ..core.grid import Grid

POORLY = 1.0  # pixels by which control points miss what is fitted to them, on average: it is told


@dataclass(frozen=True, slots=True)
class ControlPoints:
    """What places the pixels of a raster that has no geotransform."""

    crs: str
    """WKT of the CRS of its places, x before y."""
    points: tuple[Any, ...] = ()
    """rasterio's ground control points: rows and columns from the raster's corner, x, y."""
    rpcs: Any = None
    """rasterio's RPC, where there are no points."""

    @property
    def kind(self) -> str:
        """What they are, in words."""
        if self.points:
            return f"{len(self.points)} ground control points"
        return "rational polynomial coefficients (RPC)"

    def to_pixels(self, xy: Floats) -> Floats:
        """Return where points lie in the raster.

        By control points it is GDAL's polynomial of the first order, or of the second where there
        are six of them; by RPCs the ground is as high as their middle everywhere.

        Parameters
        ----------
        xy
            Points [n, 2] in the CRS, x before y.

        Returns
        -------
        ndarray
            Columns and rows [n, 2] from the raster's corner; not finite where they lie nowhere.

        Raises
        ------
        InputError
            If control points place nothing, such as three on a line.
        """
        with ExitStack() as opened:
            rows, columns = self._open(opened).rowcol(xy[:, 0], xy[:, 1], op=np.positive)
        return np.stack([columns, rows], axis=1).astype(np.float64)

    def to_ground(self, pixels: Floats) -> Floats:
        """Return where pixel positions lie: the way back from `to_pixels`, nearly.

        Parameters
        ----------
        pixels
            Columns and rows [n, 2] from the raster's corner.

        Returns
        -------
        ndarray
            x and y [n, 2] in the CRS.

        Raises
        ------
        InputError
            As of `to_pixels`.
        """
        with ExitStack() as opened:
            x, y = self._open(opened).xy(pixels[:, 1], pixels[:, 0], offset="ul")
        return np.stack([x, y], axis=1).astype(np.float64)

    def grid(self, height: int, width: int) -> Grid:
        """Return the grid that is nearest to where the pixels lie.

        Parameters
        ----------
        height, width
            Of the raster, in pixels.

        Returns
        -------
        Grid
            Affine by least squares over its corners; exact for none of them.

        Raises
        ------
        InputError
            If they place no pixel.
        """
        corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
        places = self.to_ground(corners)
        if not np.isfinite(places).all():
            raise self._nowhere()
        equations = np.column_stack([corners, np.ones(4)])
        (a, d), (b, e), (c, f) = np.linalg.lstsq(equations, places, rcond=None)[0].tolist()
        if abs(a * e - b * d) == 0:
            raise self._nowhere()
        return Grid(height, width, (a, b, c, d, e, f), self.crs)

    def warnings(self) -> list[str]:
        """Say what makes the places uncertain.

        Returns
        -------
        list
            A warning each: RPCs over flat ground, control points that do not agree.
        """
        if self.rpcs is not None:
            return [
                "the scene is placed by rational polynomial coefficients (RPC) over flat ground, "
                f"{self.rpcs.height_off:g} m above the ellipsoid: where the ground is higher or "
                "lower, the map is shifted"
            ]
        given = np.array([[point.col, point.row] for point in self.points])
        found = self.to_pixels(np.array([[point.x, point.y] for point in self.points]))
        miss = float(np.sqrt(((found - given) ** 2).sum(axis=1).mean()))
        if miss <= POORLY:
            return []
        return [
            f"the scene's {self.kind} miss the polynomial through them by {miss:.1f} px on "
            "average: the map may be shifted as far"
        ]

    def _open(self, opened: ExitStack) -> Any:
        try:
            return opened.enter_context(
                GCPTransformer(list(self.points))
                if self.points
                else RPCTransformer(self.rpcs, RPC_HEIGHT=self.rpcs.height_off)
            )
        except (CPLE_BaseError, RasterioError, ValueError) as error:
            raise self._nowhere() from error

    def _nowhere(self) -> InputError:
        return InputError(
            f"the scene's {self.kind} place no pixel",
            "some that do, such as three ground control points that are not on a line",
            "rectify it with the program that it comes from",
        )


def control_points(dataset: Any) -> ControlPoints | None:
    """Return what places a raster that has no geotransform.

    Parameters
    ----------
    dataset
        Open for reading.

    Returns
    -------
    ControlPoints or None
        None where there are neither control points with a CRS, nor RPCs.
    """
    points, crs = dataset.gcps
    if points and crs:
        return ControlPoints(crs.to_wkt(), tuple(points))
    if dataset.rpcs:
        return ControlPoints(CRS.from_epsg(4326).to_wkt(), rpcs=dataset.rpcs)
    return None
