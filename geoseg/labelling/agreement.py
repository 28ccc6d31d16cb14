"""Where people who labelled the same ground say different classes, and how far they agree."""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from ..core.atomic import atomic_output
from ..core.card import NODATA
from ..core.events import Report, silent, watch
from ..core.grid import Grid
from ..core.plain_name import plain_target
from ..evaluation.metrics import kappa
from ..features.masks import outline
from ..raster.relate import relate
from .labels import by_author
from .pixels import SceneLabels, place_labels
from .workspace import Workspace

if TYPE_CHECKING:
    import geopandas as gpd

LAYER = "disagreement"
NOBODY = "(no name)"  # who did not say who they are
_BLOCK = 1024  # pixels of a side that are looked at together
_TEXTS = ("scene", "author_1", "class_1", "author_2", "class_2")


@dataclass(frozen=True, slots=True)
class Pair:
    """How far two people agree on the pixels that both labelled."""

    authors: tuple[str, str]
    """Their names, in order."""
    matrix: npt.NDArray[np.int64]
    """Pixels [class of the first, class of the second]."""

    @property
    def pixels(self) -> int:
        """How many both labelled."""
        return int(self.matrix.sum())

    @property
    def agreement(self) -> float:
        """The share of them with one class; NaN where there are none."""
        return float(np.trace(self.matrix) / self.pixels) if self.pixels else float("nan")

    @property
    def kappa(self) -> float:
        """Cohen's; NaN where they have no pixel, or all of them have one and the same class."""
        return kappa(self.matrix) if self.pixels else float("nan")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A connected area on which two people say different classes."""

    scene: str
    """The scene's name."""
    authors: tuple[str, str]
    """Their names."""
    classes: tuple[str, str]
    """What each says."""
    pixels: int
    """How many there are."""
    shape: Any
    """A polygon of shapely's, in the CRS of the labels."""


def compare_authors(
    workspace: Workspace, frame: gpd.GeoDataFrame, report: Report = silent
) -> tuple[list[Pair], list[Disagreement]]:
    """Compare all who labelled, two at a time, pixel by pixel.

    Parameters
    ----------
    workspace
        Whose scenes are there.
    frame
        Its labels.
    report
        Told how far it is, of each scene and pair.

    Returns
    -------
    tuple of list and list
        Each pair, whether they met or not; and where they differ. Of one person the later label
        counts.

    Raises
    ------
    InputError
        If a scene cannot be opened.
    """
    rows = by_author(frame)
    count = len(workspace.classes)
    matrices = {pair: np.zeros((count, count), np.int64) for pair in combinations(rows, 2)}
    differing: list[Disagreement] = []
    crs = frame.crs.to_wkt() if frame.crs is not None else None
    for scene in workspace.scenes:
        grid = scene.grid()
        placed = {
            author: place_labels(frame.iloc[mine], scene.name, grid, workspace.classes)
            for author, mine in rows.items()
        }
        for pair, matrix in matrices.items():
            one, two = (placed[author] for author in pair)
            found = _compare(one, two, grid, matrix, report)
            names = (pair[0] or NOBODY, pair[1] or NOBODY)
            for (first, second), shapes in sorted(found.items()):
                classes = (workspace.classes[first].name, workspace.classes[second].name)
                for shape in _joined(shapes):
                    pixels = round(shape.area)
                    moved = _to_ground(shape, grid, crs)
                    differing.append(Disagreement(scene.name, names, classes, pixels, moved))
    pairs = [
        Pair((one or NOBODY, two or NOBODY), matrix) for (one, two), matrix in matrices.items()
    ]
    return pairs, differing


def _compare(
    one: SceneLabels,
    two: SceneLabels,
    grid: Grid,
    matrix: npt.NDArray[np.int64],
    report: Report,
) -> dict[tuple[int, int], list[Any]]:
    """Count the pixels of both into the matrix; return where the classes differ, in pixels."""
    found: dict[tuple[int, int], list[Any]] = defaultdict(list)
    count = len(matrix)
    windows = [
        window
        for window in grid.extent.blocks(_BLOCK, _BLOCK)
        if one.holds(window) and two.holds(window)
    ]
    total = sum(window.area for window in windows)
    for window in watch(windows, lambda window: window.area, total, report, "compare"):
        first = one.read(window)
        second = two.read(window)
        both = (first != NODATA) & (second != NODATA)
        codes = first[both].astype(np.int64) * count + second[both]
        matrix += np.bincount(codes, minlength=count * count).reshape(count, count)
        for code in np.unique(codes).tolist():
            told = divmod(code, count)
            if told[0] != told[1]:
                here = (first == told[0]) & (second == told[1])
                found[told].append(outline(here, window.top, window.left))
    return found


def _joined(shapes: list[Any]) -> list[Any]:
    """Return the connected areas of what was found block by block."""
    return [
        part
        for part in shapely.get_parts(shapely.union_all(shapes)).tolist()
        if shapely.get_type_id(part) == shapely.GeometryType.POLYGON
    ]


def _to_ground(shape: Any, grid: Grid, crs: str | None) -> Any:
    there = relate(grid.crs, crs, "the scene", "the labels")
    moved = shapely.transform(shape, lambda xy: np.array([grid.xy(y, x) for x, y in xy]))
    if there is not None:
        moved = shapely.transform(moved, there.transform, interleaved=False)
    return moved


def write_disagreement(path: Path, found: list[Disagreement], crs: str | None) -> None:
    """Write where people differ as the layer `disagreement`, in the place of a former one.

    Parameters
    ----------
    path
        A GeoPackage.
    found
        Perhaps nothing.
    crs
        Of the labels.

    Raises
    ------
    RunError
        If it cannot be written; the former one stays then.
    """
    rows = [
        (one.scene, one.authors[0], one.classes[0], one.authors[1], one.classes[1]) for one in found
    ]
    data: list[Any] = [np.array([row[i] for row in rows], object) for i in range(len(_TEXTS))]
    data.append(np.array([one.pixels for one in found], np.int64))
    shapes = np.array(shapely.to_wkb([one.shape for one in found]), object)
    with (
        atomic_output(path, replace=True) as staged,
        plain_target(staged) as part,
        warnings.catch_warnings(),
    ):
        # scenes that lie nowhere have labels that do not either
        warnings.filterwarnings("ignore", "'crs' was not provided")
        pyogrio.raw.write(
            str(part),
            shapes,
            data,
            [*_TEXTS, "pixels"],
            layer=LAYER,
            driver="GPKG",
            geometry_type="Polygon",
            crs=crs,
            dataset_options={"VERSION": "1.2"},
            layer_options={"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES"},
        )
