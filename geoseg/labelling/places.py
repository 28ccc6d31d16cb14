"""Labels on the pixels of their scenes, and the places by which some of them are held out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from ..core.grid import Grid, Window
from ..features.class_column import is_empty
from ..scene.describe import SceneInfo
from .pixels import place_labels
from .workspace import Workspace, class_indices

if TYPE_CHECKING:
    import geopandas as gpd

FOLDS = 4  # parts that places are dealt into; each is held out once
FOLD = 0  # the part that a network is not shown
KEPT = FOLDS  # the part of places with labels that somebody wants kept for scoring
BLOCKS = 40  # about so many places make a scene, as training cuts it
SIDES = (16, 512)  # pixels along a place, at least and at most
MOST = 256  # pixels of one label that count: a lake must not drown a pond
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pixels:
    """Labelled pixels, each with what is known of it: one row for each."""

    at: Ints
    """Scene, row and column [pixel, 3]."""
    label: Ints
    """The class's index [pixel]."""
    drawn: Ints
    """Which label it is of, in the order of the file [pixel]."""
    place: Ints
    """Which place that label lies in, from 0 [pixel]."""
    kept: npt.NDArray[np.bool_]
    """Whether the place is kept for scoring [pixel]."""

    def __len__(self) -> int:
        return len(self.label)

    def take(self, chosen: npt.NDArray[Any]) -> Pixels:
        """Return some of the pixels.

        Parameters
        ----------
        chosen
            Indices, or bool [pixel].

        Returns
        -------
        Pixels
            Those alone.
        """
        parts = (self.at, self.label, self.drawn, self.place, self.kept)
        return Pixels(*(part[chosen] for part in parts))


@dataclass(frozen=True, slots=True)
class Dealt:
    """Labelled pixels, dealt into parts that are held out in their turn."""

    pixels: Pixels
    """All of them."""
    part: Ints
    """The part of each: 0 to FOLDS - 1, or KEPT [pixel]."""
    guard: int
    """Pixels around what is held out that are not learned from."""

    @property
    def held(self) -> npt.NDArray[np.bool_]:
        """Which pixels no network is shown [pixel]."""
        return np.asarray(np.isin(self.part, (FOLD, KEPT)))

    @property
    def free(self) -> npt.NDArray[np.bool_]:
        """Which pixels a network may learn from [pixel]."""
        return apart(self.pixels.at, self.held, self.guard)

    @property
    def cells(self) -> Ints:
        """Scene, row and column of the square of `guard` pixels that holds each [pixel, 3]."""
        return np.asarray(self.pixels.at // np.array([1, self.guard, self.guard]), np.int64)

    def places(self, folds: Sequence[int], label: int | None = None) -> int:
        """Count the places of some parts.

        Parameters
        ----------
        folds
            Which.
        label
            Only those with labels of this class; None counts all.

        Returns
        -------
        int
            How many.
        """
        inside = np.isin(self.part, folds)
        if label is not None:
            inside &= self.pixels.label == label
        return len(np.unique(self.pixels.place[inside]))


def around(cells: Ints) -> set[tuple[int, int, int]]:
    """Return squares with the eight around each.

    Parameters
    ----------
    cells
        Scene, row and column [square, 3].

    Returns
    -------
    set of tuple
        Scene, row and column.
    """
    near = np.unique(cells, axis=0)
    steps = [np.array([0, row, column]) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return {(s, r, c) for step in steps for s, r, c in (near + step).tolist()}


def pixels_of(shape: Any, grid: Grid, rng: np.random.Generator) -> Ints:
    """Return the pixels of an area: those whose centre it holds, else the one that it lies in.

    Parameters
    ----------
    shape
        Polygons in pixels.
    grid
        The scene's.
    rng
        Draws MOST of them where there are more.

    Returns
    -------
    array
        Row and column [pixel, 2], in order; none outside of the scene.
    """
    left, top, right, bottom = shape.bounds
    first = max(0, math.floor(left)), max(0, math.floor(top))
    last = min(grid.width, math.ceil(right)), min(grid.height, math.ceil(bottom))
    wide, high = last[0] - first[0], last[1] - first[1]
    if wide <= 0 or high <= 0:
        return np.zeros((0, 2), np.int64)
    shapely.prepare(shape)
    area = wide * high
    # of a very large area, pixels are tried at random: all of them would take minutes
    few = area <= 64 * MOST * MOST
    tried = np.arange(area) if few else np.unique(rng.integers(area, size=64 * MOST))
    rows, columns = tried // wide + first[1], tried % wide + first[0]
    found = np.stack([rows, columns], axis=1)[shapely.contains_xy(shape, columns + 0.5, rows + 0.5)]
    if not len(found):
        point = shapely.point_on_surface(shape)
        row, column = math.floor(point.y), math.floor(point.x)
        inside = 0 <= row < grid.height and 0 <= column < grid.width
        return np.array([[row, column]] if inside else np.zeros((0, 2)), np.int64)
    if len(found) > MOST:
        found = found[np.sort(rng.choice(len(found), MOST, replace=False))]
    return np.asarray(found, np.int64)


def find_pixels(
    workspace: Workspace, frame: gpd.GeoDataFrame, infos: Sequence[SceneInfo]
) -> Pixels:
    """Return the labelled pixels of all scenes.

    Parameters
    ----------
    workspace
        Its classes count.
    frame
        As `read_labels` gives them.
    infos
        Of its scenes, in order.

    Returns
    -------
    Pixels
        Each pixel once, of the latest label that holds it; MOST of each label.
    """
    names = class_indices(workspace.classes)
    classes = np.array([names[name] for name in frame["class"]], np.int64)
    kept = np.array([not is_empty(held) and bool(held) for held in frame["held_out"]], bool)
    ats, drawn, places = [], [], []
    for number, (scene, info) in enumerate(zip(workspace.scenes, infos, strict=True)):
        side = place_side(info.grid)
        labels = place_labels(frame, scene.name, info.grid, workspace.classes)
        for shape, index in zip(labels.shapes, labels.rows, strict=True):
            found = pixels_of(shape, info.grid, np.random.default_rng([number, int(index)]))
            if not len(found):
                continue
            # a label lies in one place, however far it reaches
            row, column = found[len(found) // 2] // side
            ats.append(np.insert(found, 0, number, axis=1))
            drawn.append(np.full(len(found), index))
            places.append(np.full((len(found), 3), (number, row, column)))
    if not ats:
        none = np.zeros(0, np.int64)
        return Pixels(np.zeros((0, 3), np.int64), none, none, none, none.astype(bool))
    at, which, where = np.concatenate(ats), np.concatenate(drawn), np.concatenate(places)
    _, last = np.unique(at[::-1], axis=0, return_index=True)  # later ones lie on top
    order = np.sort(len(at) - 1 - last)
    at, which, where = at[order], which[order], where[order]
    place = np.unique(where, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    held = np.isin(place, place[kept[which]])
    return Pixels(at, classes[which], which, place, held)


def place_side(grid: Grid) -> int:
    """Return the side of a scene's places, which depends on nothing but its size.

    Parameters
    ----------
    grid
        The scene's.

    Returns
    -------
    int
        Pixels.
    """
    return int(np.clip(round((grid.height * grid.width / BLOCKS) ** 0.5), *SIDES))


def deal(pixels: Pixels, classes: int) -> Ints:
    """Deal places into parts, so that each class is in as many of them as it can be.

    Places are dealt in the order in which their first labels were drawn, and none is dealt anew
    when labels are added: what is held out stays held out.

    Parameters
    ----------
    pixels
        The labelled pixels.
    classes
        How many there are.

    Returns
    -------
    array
        The part of each pixel: 0 to FOLDS - 1, or KEPT [pixel].
    """
    if not len(pixels):
        return np.zeros(0, np.int64)
    held = np.zeros((FOLDS, classes), np.int64)  # labels of each class in each part
    part = np.zeros(int(pixels.place.max()) + 1, np.int64)
    for place in sorted(set(pixels.place.tolist()), key=lambda p: _first(pixels, p)):
        mine = pixels.place == place
        if pixels.kept[mine].any():
            part[place] = KEPT
            continue
        first = pixels.drawn[mine].min()
        # by its first label alone: those that come later must not move the place
        label = pixels.label[mine][pixels.drawn[mine] == first][0]
        chosen = min(range(FOLDS), key=lambda f: (held[f, label], held[f].sum(), f))
        part[place] = chosen
        held[chosen, label] += 1
    return part[pixels.place]


def _first(pixels: Pixels, place: int) -> int:
    return int(pixels.drawn[pixels.place == place].min())


def apart(at: Ints, held: npt.NDArray[np.bool_], guard: int) -> npt.NDArray[np.bool_]:
    """Return which pixels may be learned from while others are held out.

    Parameters
    ----------
    at
        Scene, row and column [pixel, 3].
    held
        Which are held out [pixel].
    guard
        Pixels; 1 or more.

    Returns
    -------
    array
        Bool [pixel]: none that is held out, and none less than `guard` rows and columns from one.
    """
    cells = at // np.array([1, guard, guard])
    barred = around(cells[held])
    return np.array([tuple(cell) not in barred for cell in cells.tolist()], bool)


def barred_windows(at: Ints, held: npt.NDArray[np.bool_], guard: int, scene: int) -> list[Window]:
    """Return the windows of a scene that a network may not see while some pixels are held out.

    Parameters
    ----------
    at, held, guard
        As of `apart`.
    scene
        Which.

    Returns
    -------
    list of Window
        Those of `apart`: squares of three times the guard.
    """
    mine = held & (at[:, 0] == scene)
    found = np.unique(at[mine][:, 1:] // guard, axis=0)
    return [
        Window(
            max(0, (row - 1) * guard),
            max(0, (column - 1) * guard),
            (row + 2) * guard,
            (column + 2) * guard,
        )
        for row, column in found.tolist()
    ]
