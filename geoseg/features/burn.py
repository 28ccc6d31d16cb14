"""Labels from vector features, burnt onto the grid of their scene window by window."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import Affine
from rasterio.features import rasterize

from ..core.card import NODATA
from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.handles import gdal_env, one_at_a_time
from ..raster.relate import relate
from .class_column import class_column, is_empty
from .coding import Bounds, Coding, Indices, shown_bounds
from .layers import AREAS, POINTS, Shapes, check_kinds, open_layer, survey, take_apart
from .pixels import in_pixels

NUMBERS = (1 << 32) - 1  # of features, in a raster of 32 bits whose 0 is none


class Burnt(NamedTuple):
    """Shapes of features in the scene's pixels, in the order of the file."""

    shapes: Shapes
    """Polygons and points [shape]; a feature may have several."""
    classes: npt.NDArray[np.uint8]
    """The class index of each."""
    features: npt.NDArray[np.int64]
    """The number of its feature in the file."""


class FeatureLabels:
    """Features of a vector layer with a column of classes; where they overlap, the later in the
    file lies on top.

    A pixel belongs to the polygon that holds its centre, or to the point that lies in it. Files
    with a spatial index are read window by window, others are kept in memory.

    Parameters
    ----------
    path
        Of the file, perhaps FILE|layername=NAME.
    grid
        The scene's.
    coding
        Which value means which class, and where the class stands.

    Raises
    ------
    InputError
        If the file cannot be used, meets no pixel of the scene, or holds values that are not in the
        coding.
    """

    def __init__(self, path: str, grid: Grid, coding: Coding) -> None:
        self._grid = grid
        self._coding = coding
        self._layer = open_layer(path, coding.layer, "--layer")
        self._path = self._layer.path
        if not self._layer.features:
            raise InputError(f"{self._path} holds no features", "polygons with a column of classes")
        self._column = class_column(self._layer, coding.column, "--column")
        self._there = relate(self._layer.crs, grid.crs, self._path, "what it belongs to")
        self._back = relate(grid.crs, self._layer.crs, "what it belongs to", self._path)
        self._held: Burnt | None = None
        self._last: tuple[Window, Burnt] | None = None
        self._check_values()
        box = self._their_bounds(grid.extent)
        found = survey(self._layer, box)
        self._bounds = found.bounds
        if not found.types:
            raise InputError(
                f"no feature of {self._path} meets the scene or map that it belongs to",
                f"polygons with a class in {shown_bounds(grid.bounds())} of its CRS",
                "look at both in QGIS: is it the right pair, and the right CRS?",
            )
        check_kinds(found.types, self._path, (AREAS, POINTS))
        if not self._layer.indexed:
            self._held = self._load(box)
            self._tree = shapely.STRtree(self._held.shapes)

    def _check_values(self) -> None:
        """Look at every class of the file, before any time is spent."""
        column = self._layer.read(columns=[self._column], read_geometry=False)[3][0]
        values = {value for value in column.tolist() if not is_empty(value)}
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

    def _load(self, box: Bounds) -> Burnt:
        """Return the shapes in the scene's pixels, with class and feature of each, that meet a box
        in the file's CRS.
        """
        _, rows, wkb, fields = self._layer.read(columns=[self._column], bbox=box, return_fids=True)
        order = np.argsort(
            rows, kind="stable"
        )  # a spatial index hands them out in an order of its own
        values = fields[0][order].tolist()
        index = {v: i for v in set(values) if not is_empty(v) and (i := self._index(v)) is not None}
        classes = np.array(
            [index.get(v, NODATA) if not is_empty(v) else NODATA for v in values], np.uint8
        )
        parts = take_apart(wkb[order], self._path)
        classes = classes[parts.rows]
        features = rows[order][parts.rows]
        keep = classes != NODATA
        moved = in_pixels(parts.shapes[keep], self._grid, self._there)
        classes = classes[keep]
        features = features[keep]
        placed = np.isfinite(shapely.bounds(moved)).all(
            axis=-1
        )  # far away, the projection may have no coordinates
        return Burnt(moved[placed], classes[placed], features[placed])

    def holds(self, window: Window) -> bool:
        """Return whether the box of some feature meets a window.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        bool
            False only where there surely are no labels.
        """
        west, south, east, north = self._their_bounds(window)
        low_x, low_y, high_x, high_y = self._bounds.T  # a row for each shape
        return bool(
            ((low_x <= east) & (west <= high_x) & (low_y <= north) & (south <= high_y)).any()
        )

    def read(self, window: Window) -> Indices:
        """Read the labels in a window.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        Indices
            Class indices [row, column], NODATA where no feature lies.
        """
        met = self._met(window)
        return burn_shapes(met.shapes, met.classes, window)

    def numbers(self, window: Window) -> npt.NDArray[np.uint32]:
        """Tell which pixels of a window are of one feature.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        npt.NDArray[np.uint32]
            Of each pixel the number of its feature in the file, from 1; 0 where none lies.

        Raises
        ------
        InputError
            If the file's own numbers go beyond 32 bits.
        """
        met = self._met(window)
        if len(met.features) and int(met.features.max()) >= NUMBERS:
            raise InputError(f"{self._path} numbers a feature {met.features.max()}", "32 bits")
        return burn_numbers(met.shapes, met.features + 1, window)

    def conflicts(self, window: Window) -> npt.NDArray[np.bool_]:
        """Return on which pixels features of different classes lie.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        npt.NDArray[np.bool_]
            [row, column].
        """
        met = self._met(window)
        return find_conflicts(met.shapes, met.classes, window)

    def _met(self, window: Window) -> Burnt:
        """Return the shapes that meet a window, in the order of the file; the last are kept."""
        last = self._last
        if last is not None and last[0] == window:
            return last[1]
        if self._held is not None:
            area = shapely.box(window.left, window.top, window.right, window.bottom)
            met = np.sort(self._tree.query(area))
            found = Burnt(*(each[met] for each in self._held))
        else:
            found = self._load(self._their_bounds(window))
        self._last = window, found
        return found

    def _their_bounds(self, window: Window) -> Bounds:
        """Return the window's bounds in the file's CRS, a pixel wider on each side."""
        wider = Window(window.top - 1, window.left - 1, window.bottom + 1, window.right + 1)
        box = self._grid.bounds(wider)
        if self._back is None:
            return box
        found: Bounds = self._back.transform_bounds(*box, densify_pts=21)
        return found

    def close(self) -> None:
        """Nothing stays open."""


def burn_shapes(shapes: Shapes, classes: npt.NDArray[np.uint8], window: Window) -> Indices:
    """Burn shapes onto a window: a pixel is of the last shape that holds its centre.

    Parameters
    ----------
    shapes
        Polygons and points in pixels (`in_pixels`) [shape].
    classes
        The class index of each [shape].
    window
        Pixels of the raster, which may lie beyond it.

    Returns
    -------
    Indices
        Class indices [row, column], NODATA where no shape lies; any window gives the same for a
        pixel.
    """
    if not len(shapes):
        return np.full(window.shape, NODATA, np.uint8)
    with gdal_env(), one_at_a_time:  # rasterio silences a warning here
        burnt: Indices = rasterize(
            zip(shapes, classes.tolist(), strict=True),
            window.shape,
            NODATA,
            transform=Affine.translation(window.left, window.top),
            dtype="uint8",
        )
    return burnt


def burn_numbers(
    shapes: Shapes, numbers: npt.NDArray[np.int64], window: Window
) -> npt.NDArray[np.uint32]:
    """Burn numbers of shapes onto a window, as `burn_shapes` does classes.

    Parameters
    ----------
    shapes
        Polygons and points in pixels [shape].
    numbers
        Of each, 1 to 2 ** 32 - 1.
    window
        Pixels of the raster.

    Returns
    -------
    npt.NDArray[np.uint32]
        [row, column], 0 where no shape lies.
    """
    if not len(shapes):
        return np.zeros(window.shape, np.uint32)
    with gdal_env(), one_at_a_time:
        burnt: npt.NDArray[np.uint32] = rasterize(
            zip(shapes, numbers.tolist(), strict=True),
            window.shape,
            0,
            transform=Affine.translation(window.left, window.top),
            dtype="uint32",
        )
    return burnt


class FeatureNumbers:
    """Numbers of features of a vector layer, each of which is an object; where they overlap, the
    later in the file lies on top, as its class does.

    Parameters
    ----------
    path, grid, coding
        As for `FeatureLabels`.
    """

    def __init__(self, path: str, grid: Grid, coding: Coding) -> None:
        self._features = FeatureLabels(path, grid, coding)

    def read(self, window: Window) -> npt.NDArray[np.uint32]:
        """Read the numbers in a window.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        npt.NDArray[np.uint32]
            [row, column], 0 where no feature lies.
        """
        return self._features.numbers(window)

    def close(self) -> None:
        """Nothing stays open."""


def find_conflicts(
    shapes: Shapes, classes: npt.NDArray[np.uint8], window: Window
) -> npt.NDArray[np.bool_]:
    """Return on which pixels shapes of different classes lie.

    Parameters
    ----------
    shapes, classes, window
        As for `burn_shapes`.

    Returns
    -------
    npt.NDArray[np.bool_]
        [row, column].
    """
    present = np.unique(classes)
    covers = np.zeros(window.shape, np.uint8)
    if len(present) > 1:
        for value in present:
            mine = classes == value
            covers += burn_shapes(shapes[mine], classes[mine], window) != NODATA
    return np.asarray(covers > 1)


def _keys(value: Any) -> tuple[int | str, ...]:
    """What a value of a column may stand as in a coding: 3, 3.0, "3" and "03" are the class of
    value 3.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value), str(int(value))
    if isinstance(value, int):
        return value, str(value)
    text = str(value).strip()
    return (text, int(text)) if text.isdecimal() else (text,)
