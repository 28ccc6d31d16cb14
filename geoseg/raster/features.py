"""Labels from vector features, burnt onto the grid of their scene window by window."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from rasterio import Affine
from rasterio.features import rasterize

from ..card import NODATA
from ..errors import InputError
from ..grid import Grid, Window
from .columns import first_layer
from .handles import gdal_env, one_at_a_time
from .labels import Bounds, Coding, Indices, bounds

FINEST = 4096  # corners are kept to this fraction of a pixel, so that any window burns a feature alike
USUAL = ("class_id", "class", "label", "category")  # columns that are tried where none is named
Shapes = npt.NDArray[np.object_]


class FeatureLabels:
    """Features of a vector file with a column of classes; where they overlap, the later in the file lies on top.

    A pixel belongs to the polygon that holds its centre. Files with a spatial index are read
    window by window, others are kept in memory.
    """

    def __init__(self, path: str, grid: Grid, coding: Coding) -> None:
        self._path, self._grid, self._coding = path, grid, coding
        self._layer = coding.layer or first_layer(path)
        info = self._info()
        self._column = _find_column(path, list(info["fields"]), coding.column)
        self._there, self._back = _transformers(path, info["crs"], grid)
        self._held: tuple[Shapes, npt.NDArray[np.uint8]] | None = None
        self._check_values()
        box = self._their_bounds(grid.extent)
        self._bounds: npt.NDArray[np.float64] = pyogrio.read_bounds(path, layer=self._layer, bbox=box)[1]
        if not self._bounds.size:
            raise InputError(
                f"no feature of {path} meets the scene or map that it belongs to",
                f"polygons with a class in x {bounds(grid)[0]:.8g} to {bounds(grid)[2]:.8g},"
                f" y {bounds(grid)[1]:.8g} to {bounds(grid)[3]:.8g} of its CRS",
                "look at both in QGIS: is it the right pair, and the right CRS?",
            )
        if not info["capabilities"]["fast_spatial_filter"]:
            self._held = self._load(box)
            self._tree = shapely.STRtree(self._held[0])

    def _info(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = pyogrio.read_info(self._path, layer=self._layer)
        except (DataSourceError, DataLayerError, OSError) as error:
            raise InputError(f"{self._path} cannot be read: {str(error).splitlines()[0]}") from error
        if not found["features"]:
            raise InputError(f"{self._path} holds no features", "polygons with a column of classes")
        if not found["geometry_type"]:
            raise InputError(f"{self._path} holds no geometries", "polygons")
        return found

    def _raw(self, **what: Any) -> tuple[Any, Any]:
        try:
            read = pyogrio.raw.read(self._path, layer=self._layer, columns=[self._column], **what)
        except (DataSourceError, DataLayerError, OSError) as error:
            raise InputError(f"{self._path} cannot be read: {str(error).splitlines()[0]}") from error
        return read[2], read[3][0]

    def _check_values(self) -> None:
        """Look at every class of the file, before any time is spent."""
        values = {value for value in self._raw(read_geometry=False)[1].tolist() if not _missing(value)}
        strange = sorted({str(value) for value in values if self._index(value) is None})
        if strange and not self._coding.others:
            raise self._coding.refuse(f"{self._path} (column {self._column})", strange)

    def _index(self, value: Any) -> int | None:
        """Return the class of a value, NODATA where it is ignored, None where it is unknown."""
        for key in _keys(value):
            if key in self._coding.indices:
                return self._coding.indices[key]
            if key in self._coding.ignored:
                return NODATA
        return None

    def _load(self, box: Bounds) -> tuple[Shapes, npt.NDArray[np.uint8]]:
        """Return the shapes in the scene's pixels, with the class of each, that meet a box in the file's CRS."""
        wkb, values = self._raw(bbox=box)
        index = {v: i for v in set(values.tolist()) if not _missing(v) and (i := self._index(v)) is not None}
        classes = np.array([index.get(v, NODATA) if not _missing(v) else NODATA for v in values.tolist()], np.uint8)
        shapes = np.asarray(shapely.from_wkb(wkb), object)
        keep = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (classes != NODATA)
        moved, classes = _to_pixels(shapely.force_2d(shapes[keep]), self._grid, self._there), classes[keep]
        placed = np.isfinite(shapely.bounds(moved)).all(axis=-1)  # far away, the projection may have no coordinates
        return moved[placed], classes[placed]

    def holds(self, window: Window) -> bool:
        """Return whether the box of some feature meets the window."""
        west, south, east, north = self._their_bounds(window)
        low_x, low_y, high_x, high_y = self._bounds
        return bool(((low_x <= east) & (west <= high_x) & (low_y <= north) & (south <= high_y)).any())

    def read(self, window: Window) -> Indices:
        """Return the class indices in a window of the scene."""
        if self._held is not None:
            shapes, classes = self._held
            area = shapely.box(window.left, window.top, window.right, window.bottom)
            met = np.sort(self._tree.query(area))
            shapes, classes = shapes[met], classes[met]
        else:
            shapes, classes = self._load(self._their_bounds(window))
        if not len(shapes):
            return np.full(window.shape, NODATA, np.uint8)
        with gdal_env(), one_at_a_time:  # rasterio silences a warning here
            burnt: Indices = rasterize(
                zip(shapes, classes.tolist(), strict=True),
                window.shape, NODATA, transform=Affine.translation(window.left, window.top), dtype="uint8",
            )  # fmt: skip
        return burnt

    def _their_bounds(self, window: Window) -> Bounds:
        """Return the window's bounds in the file's CRS, a pixel wider on each side."""
        wider = Window(window.top - 1, window.left - 1, window.bottom + 1, window.right + 1)
        box = bounds(self._grid, wider)
        if self._back is None:
            return box
        found: Bounds = self._back.transform_bounds(*box, densify_pts=21)
        return found

    def close(self) -> None:
        """Nothing stays open."""


def _find_column(path: str, columns: list[str], wanted: str) -> str:
    if wanted:
        if wanted in columns:
            return wanted
        raise InputError(f"{path} has no column {wanted!r}", f"one of {', '.join(columns) or 'none'}")
    usual = [name for name in USUAL if name in columns]
    if usual or len(columns) == 1:
        return (usual or columns)[0]
    raise InputError(
        f"which column of {path} holds the class cannot be told: it has {', '.join(columns) or 'none'}",
        do="name it with --column, or data.column",
    )


def _transformers(path: str, crs: str | None, grid: Grid) -> tuple[Transformer | None, Transformer | None]:
    """Return the ways from the file's CRS to the scene's and back; None where both are the same."""
    if crs is None or grid.crs is None:  # taken in the scene's own coordinates
        return None, None
    try:
        theirs, ours = CRS.from_user_input(crs), CRS.from_wkt(grid.crs)
        if theirs == ours:
            return None, None
        return Transformer.from_crs(theirs, ours, always_xy=True), Transformer.from_crs(ours, theirs, always_xy=True)
    except (CRSError, ProjError) as error:
        raise InputError(f"{path} cannot be brought to the CRS of its scene or map: {error}") from error


def _to_pixels(shapes: Shapes, grid: Grid, there: Transformer | None) -> Shapes:
    """Return the shapes in the scene's pixels, x to the right, y down."""
    if there is not None:
        shapes = shapely.transform(shapes, there.transform, interleaved=False)
    a, b, c, d, e, f = grid.transform
    det = a * e - b * d

    def invert(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        x, y = points[:, 0] - c, points[:, 1] - f
        return np.rint(np.stack([(e * x - b * y) / det, (a * y - d * x) / det], axis=1) * FINEST) / FINEST

    moved: Shapes = np.asarray(shapely.transform(shapes, invert), object)
    return moved


def _keys(value: Any) -> tuple[int | str, ...]:
    """What a value of a column may stand as in a coding: 3, 3.0, "3" and "03" are the class of value 3."""
    if isinstance(value, float) and value.is_integer():
        return int(value), str(int(value))
    if isinstance(value, int):
        return value, str(value)
    text = str(value).strip()
    return (text, int(text)) if text.isdecimal() else (text,)


def _missing(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())  # noqa: PLR0124 - NaN
