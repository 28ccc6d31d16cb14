"""Sparse labels on the pixels of a scene: lines and points get their width, the later time lies
on top, and what nobody labelled is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from ..core.card import Label
from ..core.grid import Grid, Window
from ..features.burn import burn_shapes, find_conflicts
from ..features.class_column import is_empty
from ..features.coding import Indices
from ..features.layers import AREAS, KINDS, POINTS, Shapes, unpack
from ..features.pixels import FINEST, in_pixels
from ..raster.georeference import ground_sides
from ..raster.relate import relate
from .workspace import Scene, Workspace, class_indices, read_labels

if TYPE_CHECKING:
    import geopandas as gpd

ROUND = 16  # straight pieces of a quarter of a circle
CORNER = 0.72  # more than from a pixel's corner to its centre
BLOCK = 1024  # pixels of a side over which one pixel is as large as another, near enough


class SceneLabels:
    """The labels of one scene, as polygons in its pixels, the later ones last.

    It is what `geoseg.features.labels.Labels` asks for, from memory; several threads may read.

    Parameters
    ----------
    shapes
        Polygons in the scene's pixels [shape].
    classes
        The class index of each [shape].
    rows
        The row of the table of labels that each is of [shape].
    """

    def __init__(
        self, shapes: Shapes, classes: npt.NDArray[np.uint8], rows: npt.NDArray[np.intp]
    ) -> None:
        self.shapes = shapes
        self.classes = classes
        self.rows = rows
        self._tree = shapely.STRtree(shapes)

    def read(self, window: Window) -> Indices:
        """Read the labels in a window.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        Indices
            Class indices [row, column], NODATA where nobody labelled; any window gives the same
            for a pixel.
        """
        return burn_shapes(*self._met(window), window)

    def holds(self, window: Window) -> bool:
        """Return whether some label may lie in a window.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        bool
            False only where there surely is none.
        """
        return bool(len(self._met(window)[0]))

    def conflicts(self, window: Window) -> npt.NDArray[np.bool_]:
        """Return on which pixels labels of different classes lie.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        npt.NDArray[np.bool_]
            [row, column].
        """
        return find_conflicts(*self._met(window), window)

    def close(self) -> None:
        """Nothing is open."""

    def _met(self, window: Window) -> tuple[Shapes, npt.NDArray[np.uint8]]:
        area = shapely.box(window.left, window.top, window.right, window.bottom)
        met = np.sort(self._tree.query(area))
        return self.shapes[met], self.classes[met]


def labels_of(workspace: Workspace, scene: Scene | str, window: Window | None = None) -> Indices:
    """Return the labels of a scene as they stand in the file just now.

    Parameters
    ----------
    workspace
        Whose.
    scene
        One of its scenes, or the name of one.
    window
        Pixels of the scene; None is all of it.

    Returns
    -------
    Indices
        The classes' places in `workspace.classes` [row, column], 255 (NODATA) where nobody
        labelled.

    Raises
    ------
    InputError
        If the labels or the scene's header cannot be read.
    """
    found = workspace.scene(scene) if isinstance(scene, str) else scene
    grid = found.grid()
    labels = place_labels(read_labels(workspace), found.name, grid, workspace.classes)
    return labels.read(window or grid.extent)


def place_labels(
    frame: gpd.GeoDataFrame, scene: str, grid: Grid, classes: Sequence[Label]
) -> SceneLabels:
    """Bring labels to the pixels of a scene.

    A polygon labels the pixels whose centre it holds; a line those whose centre is at most half its
    width away; a point likewise. Neither is narrower than a pixel, and each labels the pixels in
    which its points lie.

    Parameters
    ----------
    frame
        As `read_labels` gives them, or some of them.
    scene
        The scene's name: those of other scenes are left out.
    grid
        Its pixels, or any other grid on which it is looked at.
    classes
        The workspace's.

    Returns
    -------
    SceneLabels
        Ordered by time, then as in the file; those without a time come first.

    Raises
    ------
    InputError
        If the CRS of the labels cannot be related to the scene's.
    """
    index = class_indices(classes)
    mine = frame["scene"].isna() | (frame["scene"] == scene)
    places = np.flatnonzero(mine.to_numpy(bool))
    times = [_when(time) for time in frame["time"].iloc[places]]
    places = places[np.argsort(np.array(times, float), kind="stable")]
    chosen = frame.iloc[places]
    parts = unpack(np.asarray(chosen.geometry.array, object))
    theirs = frame.crs.to_wkt() if frame.crs is not None else None
    there = relate(theirs, grid.crs, "the labels", f"the scene {scene}")
    shapes = np.asarray(in_pixels(parts.shapes, grid, there), object)
    placed = np.isfinite(shapely.bounds(shapes)).all(axis=-1)
    widths = np.array([0.0 if is_empty(width) else width for width in chosen["width"]], float)
    codes = np.array([index[name] for name in chosen["class"]], np.uint8)
    rows = parts.rows[placed]
    areas = _as_areas(shapes[placed], widths[rows], grid)
    west, north, east, south = shapely.bounds(areas).reshape(-1, 4).T
    near = (west < grid.width) & (east > 0) & (north < grid.height) & (south > 0)
    return SceneLabels(areas[near], codes[rows[near]], places[rows[near]])


def _when(time: object) -> float:
    """Return a time in seconds; minus infinity for what is none."""
    try:
        read = datetime.fromisoformat(str(time))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return -np.inf


def _as_areas(shapes: Shapes, widths: npt.NDArray[np.float64], grid: Grid) -> Shapes:
    """Return polygons for shapes in pixels; widths are in metres."""
    areas = shapes.copy()
    kinds = np.array([KINDS[number] for number in shapely.get_type_id(shapes).tolist()], str)
    alone = (kinds == POINTS) & (widths == 0)
    areas[alone] = _pixels_of(shapely.get_coordinates(shapes[alone]))
    thin = np.flatnonzero((kinds != AREAS) & ~alone)
    west, north, east, south = shapely.bounds(shapes[thin]).reshape(-1, 4).T
    blocks = np.floor(np.stack([north + south, west + east], axis=1) / 2 / BLOCK)
    alike, group = np.unique(np.column_stack([blocks, widths[thin]]), axis=0, return_inverse=True)
    for number, (row, column, width) in enumerate(alike.tolist()):
        sides = _pixel_sides(grid, int(row), int(column))
        mine = thin[group.ravel() == number]
        areas[mine] = _widened(shapes[mine], width, sides)
    return areas


def _pixels_of(xy: npt.NDArray[np.float64]) -> Shapes:
    """Return the pixels in which points lie [point]."""
    x, y = np.floor(xy).T
    return np.asarray(shapely.box(x, y, x + 1, y + 1), object)


def _widened(shapes: Shapes, width: float, sides: tuple[float, float]) -> Shapes:
    """Return what is within half a width of lines or points, and the pixels of their corners."""
    height_of, width_of = sides
    radius = np.array([width / 2 / width_of, width / 2 / height_of])  # in pixels: x, y
    radius = np.maximum(radius, 0.5)  # else it would run between the centres of pixels
    round_ones = shapely.transform(shapes, lambda xy: xy / radius)
    around = shapely.buffer(round_ones, 1.0, quad_segs=ROUND)
    around = shapely.transform(around, lambda xy: np.rint(xy * radius * FINEST) / FINEST)
    around = shapely.make_valid(around)
    if radius.min() < CORNER:  # the centre of a corner's pixel may be further away
        for i, shape in enumerate(shapes):
            touched = _pixels_of(shapely.get_coordinates(shape))
            around[i] = shapely.union_all([around[i], *touched])
    return np.array([_polygons(shape) for shape in around], object)


def _polygons(shape: Any) -> Any:
    """Return the areas of a shape alone: where they touch, GEOS may leave a line or a point."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = unpack(np.array([shape], object)).shapes
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _pixel_sides(grid: Grid, block_row: int, block_column: int) -> tuple[float, float]:
    """Return height and width in metres of the pixels of a block; 1 without a CRS, where widths
    count pixels.
    """
    row = block_row * BLOCK + BLOCK // 2
    column = block_column * BLOCK + BLOCK // 2
    return ground_sides(grid.crop(Window(row, column, row + 1, column + 1))) or (1.0, 1.0)
