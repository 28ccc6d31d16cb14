"""Where to label next: places that together stand for the land of every class, each with its
reason.

What the model doubts is not sought for: measured with ten labels a round, land that counts by doubt
was worse than places at random on one scene of two, and on neither better than this. Such ground is
mixed, and a last layer that learns from labels how land of a class is spread learns it wrong there.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
import torch

from ..core.atomic import atomic_output
from ..core.grid import Grid, Window
from ..features.aoi import Aoi
from .body import CELL, Cell, FeatureMaps
from .head import LEAST_SHARE, Head
from .training_set import to_ground

if TYPE_CHECKING:
    import geopandas as gpd

    from .workspace import Workspace

COUNT = 10
SPOT = 8  # pixels along the squares of which each has one candidate
SMOOTH = 5  # pixels along the square over which a candidate is averaged: edges are mixed
LIKE = 0.5  # of the median distance between candidates: at it, one tells 1 / e of the other
UNSURE = 0.5  # margin below which the second class is told, too
LEAST = 1e-4  # deviation of a feature, which is never divided by less
REACH = 6  # pixels from its middle that a suggestion reaches at most
LARGEST = 60  # pixels of a suggestion
MOST = 2000  # candidates, of which every one is compared with every other
KNOWN = 2000  # labelled pixels that candidates are compared with
UNLIKE = 2.0  # times the usual distance between labels from which on a place is like none
Floats = npt.NDArray[Any]  # float32


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place that is worth a label."""

    cell: Cell
    """In which it lies."""
    pixels: npt.NDArray[np.int64]
    """Row and column in the scene [pixel, 2]."""
    label: int
    """What the model takes it for: the class's index."""
    margin: float
    """How much more likely that is than the second class, 0 to 1."""
    reason: str
    """In words."""


def survey_cells(
    grids: Sequence[Grid], count: int, seed: int, areas: Sequence[Aoi | None] | None = None
) -> list[Cell]:
    """Choose cells that are spread over all scenes, or over areas of them.

    Parameters
    ----------
    grids
        Of the scenes.
    count
        How many, of scenes that have more.
    seed
        Moves them.
    areas
        On each scene, None where nothing of it is looked at; None is everywhere.

    Returns
    -------
    list of Cell
        In order; every cell where there are no more.
    """
    parts = [np.zeros((0, 3), np.int64)]
    for scene, grid in enumerate(grids):
        area = areas[scene] if areas else None
        if areas and area is None:
            continue
        window = area.window if area else grid.extent
        rows = np.arange(window.top // CELL, -(-window.bottom // CELL))
        columns = np.arange(window.left // CELL, -(-window.right // CELL))
        r, c = (part.ravel() for part in np.meshgrid(rows, columns, indexing="ij"))
        if area:
            boxes = shapely.box(c * CELL, r * CELL, (c + 1) * CELL, (r + 1) * CELL)
            met = shapely.intersects(area.shape, boxes)
            r, c = r[met], c[met]
        parts.append(np.stack([np.full(len(r), scene), r, c], axis=1))
    every = np.concatenate(parts)
    rng = np.random.default_rng(seed)
    # one from each of as many equal runs of cells: even, and nowhere in step with the ground
    edges = np.linspace(0, len(every), min(count, len(every)) + 1).astype(np.int64)
    drawn = every[rng.integers(edges[:-1], edges[1:])]
    return [(int(scene), int(row), int(column)) for scene, row, column in drawn]


def suggest(
    maps: FeatureMaps,
    cells: Sequence[Cell],
    head: Head,
    before: npt.NDArray[Any] | None,
    known: tuple[npt.NDArray[Any], npt.NDArray[np.int64]],
    names: Sequence[str],
    count: int = COUNT,
    areas: Sequence[Aoi | None] | None = None,
) -> list[Suggestion]:
    """Choose places to be labelled next.

    Of the candidates those are taken, one after the other, that stand for the most land: what is
    like them counts as far as nothing like it was taken before (facility location, which the greedy
    choice comes near to: Nemhauser et al. 1978, Mathematical Programming 14), and each class counts
    as much, however rare the model takes it to be. So what is common in its class comes before a
    strange spot, and no two places tell the same.

    Parameters
    ----------
    maps
        Features of the model that is asked.
    cells
        Where it is looked.
    head
        Its last layer.
    before
        Classes of another round, uint8 [cell, row, column]; None where there is none.
    known
        Features [pixel, feature] of labelled pixels, and where they lie [pixel, 3].
    names
        Of the classes.
    count
        How many, at most.
    areas
        Of each scene, that suggestions lie in; None is everywhere.

    Returns
    -------
    list of Suggestion
        The best first.
    """
    found = _candidates(maps, cells, head, before, known, areas)
    if not len(found.margin):
        return []
    return [_grow(maps, cells, head, found, index, names, areas) for index in _spread(found, count)]


def _allowed(
    maps: FeatureMaps, cell: Cell, areas: Sequence[Aoi | None] | None
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Return the features of a cell, and where suggestions may lie: on data, in the area."""
    features, valid = maps.get([cell])[cell]
    if areas is None:
        return features, valid
    scene, row, column = cell
    area = areas[scene]
    if area is None:
        return features, np.zeros_like(valid)
    top, left = row * CELL, column * CELL
    return features, valid & area.mask(Window(top, left, top + CELL, left + CELL))


@dataclass(frozen=True, slots=True)
class _Candidates:
    cell: npt.NDArray[np.int64]
    """Its number among those that are looked at [candidate]."""
    row: npt.NDArray[np.int64]
    """In the cell [candidate]."""
    column: npt.NDArray[np.int64]
    """In the cell [candidate]."""
    scores: Floats
    """The mean around it [candidate, class]."""
    margin: Floats
    """At it, 0 to 1 [candidate]."""
    differs: npt.NDArray[np.bool_]
    """Whether most pixels around it were of another class a round ago [candidate]."""
    unlike: npt.NDArray[np.bool_]
    """Whether it is far from all that is labelled [candidate]."""
    features: Floats
    """The mean around it [candidate, feature]."""


def _candidates(
    maps: FeatureMaps,
    cells: Sequence[Cell],
    head: Head,
    before: npt.NDArray[Any] | None,
    known: tuple[npt.NDArray[Any], npt.NDArray[np.int64]],
    areas: Sequence[Aoi | None] | None,
) -> _Candidates:
    """Return the middles of squares of SPOT pixels, with what the pixels around each are on the
    average.
    """
    taken = {tuple(at) for at in known[1].tolist()}
    spots = [(r, c) for r in range(CELL // SPOT) for c in range(CELL // SPOT)]
    parts: list[tuple[Any, ...]] = []
    for number, cell in enumerate(cells):
        features, valid = _allowed(maps, cell, areas)
        scores = head.scores(features.reshape(CELL * CELL, -1)).reshape(CELL, CELL, -1)
        order = np.sort(scores, axis=2)
        margin = order[:, :, -1] - (order[:, :, -2] if order.shape[2] > 1 else 0)
        differs = np.zeros((CELL, CELL), bool)
        if before is not None:
            differs = before[number] != scores.argmax(axis=2)
        rounds = _smooth(differs[None])[0]
        even = _smooth(scores.transpose(2, 0, 1))
        whole = _smooth(valid[None])[0] >= 1
        means = _smooth(features.transpose(2, 0, 1))
        for spot in spots:
            r, c = (SPOT // 2 + SPOT * number for number in spot)
            place = (cell[0], cell[1] * CELL + r, cell[2] * CELL + c)
            if whole[spot] and place not in taken:
                own = (even[:, *spot], margin[r, c], rounds[spot] > 0.5, means[:, *spot])
                parts.append((number, r, c, *own))
    parts = parts[:: -(-len(parts) // MOST) or 1]
    columns = list(zip(*parts, strict=True)) if parts else [()] * 7
    features = np.array(columns[6], np.float32)
    unlike = np.zeros(len(features), bool)
    if len(features) and len(known[0]):
        far, usual = _distance(features, known[0].astype(np.float32))
        unlike = far > UNLIKE * usual
    return _Candidates(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        np.array(columns[2], np.int64),
        np.array(columns[3], np.float32),
        np.array(columns[4], np.float32),
        np.array(columns[5], bool),
        unlike,
        features,
    )


def _smooth(values: npt.NDArray[Any]) -> Floats:
    """Return means over the SMOOTH x SMOOTH pixels around the middle of each square of SPOT [map,
    row, column].
    """
    maps, height, width = values.shape
    squares = values.reshape(maps, height // SPOT, SPOT, width // SPOT, SPOT)
    first = SPOT // 2 - SMOOTH // 2
    around = slice(first, first + SMOOTH)
    return np.asarray(squares[:, :, around, :, around].mean(axis=(2, 4), dtype=np.float32))


def _distance(features: Floats, known: Floats) -> tuple[Floats, float]:
    """Return how far each is from the nearest that is known, and the median of that distance among
    those known.
    """
    some = known[:: max(1, len(known) // KNOWN)]
    deviation = some.std(axis=0) + LEAST
    one = torch.from_numpy(features / deviation)
    other = torch.from_numpy(some / deviation)
    within = torch.cdist(other, other)
    within.fill_diagonal_(float("inf"))
    usual = float(within.min(dim=1).values.median()) if len(some) > 1 else 0.0
    return torch.cdist(one, other).min(dim=1).values.numpy(), usual


def _spread(found: _Candidates, count: int) -> list[int]:
    """Take candidates that together stand for the most land, each class of it counted as much."""
    features = torch.from_numpy(found.features)
    deviation = features.std(dim=0, unbiased=False).clamp(min=LEAST)
    apart = torch.cdist(features / deviation, features / deviation)
    reach = float(apart.median()) * LIKE or 1.0
    alike = torch.exp(-((apart / reach) ** 2))
    scores = torch.from_numpy(found.scores)
    counts = (scores / scores.mean(dim=0).clamp(min=LEAST_SHARE)).mean(dim=1)
    where = np.stack([found.cell * 4 * CELL, found.row, found.column], axis=1)
    spots = torch.from_numpy(where.astype(np.float32))
    told = torch.zeros(len(counts))  # how much of each is told by what was taken
    free = torch.ones(len(counts), dtype=torch.bool)
    taken: list[int] = []
    while len(taken) < count and bool(free.any()):
        gain = counts @ (alike - told[:, None]).clamp(min=0)
        gain[~free] = -1
        chosen = int(gain.argmax())
        taken.append(chosen)
        told = torch.maximum(told, alike[:, chosen])
        # polygons do not overlap
        free &= (spots - spots[chosen]).abs().amax(dim=1) > 2 * REACH
    return taken


def _grow(
    maps: FeatureMaps,
    cells: Sequence[Cell],
    head: Head,
    found: _Candidates,
    index: int,
    names: Sequence[str],
    areas: Sequence[Aoi | None] | None,
) -> Suggestion:
    """Take the pixels around a candidate that the network sees alike."""
    cell = cells[int(found.cell[index])]
    row, column = int(found.row[index]), int(found.column[index])
    features, valid = _allowed(maps, cell, areas)
    top, left = max(0, row - REACH), max(0, column - REACH)
    part = features[top : row + REACH + 1, left : column + REACH + 1].astype(np.float32)
    known = valid[top : row + REACH + 1, left : column + REACH + 1]
    far = np.sqrt(((part - features[row, column].astype(np.float32)) ** 2).sum(axis=2))
    alike = (far <= np.quantile(far[known], 0.4)) & known
    seed = (row - top, column - left)
    inside = _connected(alike, seed)
    scores = head.scores(features[row, column][None])[0]
    order = np.argsort(-scores)
    first = int(order[0])
    second = int(order[1]) if len(order) > 1 else first
    reason = f"much land is like this {names[first]}"
    if found.margin[index] < UNSURE:
        reason = f"between {names[first]} and {names[second]}"
    if found.unlike[index]:
        reason = "like nothing that is labelled"
    elif found.differs[index]:
        reason = "the rounds disagree"
    offset = np.array([cell[1] * CELL + top, cell[2] * CELL + left])
    return Suggestion(cell, inside + offset, first, float(found.margin[index]), reason)


def _connected(mask: npt.NDArray[np.bool_], seed: tuple[int, int]) -> npt.NDArray[np.int64]:
    """Return the pixels that are connected with one, the nearest first, LARGEST at most."""
    queue = [seed]
    seen = {seed}
    while queue and len(seen) < LARGEST:
        row, column = queue.pop(0)
        for one in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            inside = 0 <= one[0] < mask.shape[0] and 0 <= one[1] < mask.shape[1]
            if inside and one not in seen and mask[one] and len(seen) < LARGEST:
                seen.add(one)
                queue.append(one)
    return np.array(sorted(seen), np.int64)


def write_suggestions(
    workspace: Workspace,
    found: Sequence[Suggestion],
    grids: Sequence[Grid],
    number: int,
    crs: str | None,
) -> None:
    """Replace the layer of suggestions.

    Parameters
    ----------
    workspace
        Whose.
    found
        The best first; none leaves an empty layer.
    grids
        Of the scenes.
    number
        The round's.
    crs
        Of the labels, WKT.
    """
    import geopandas as gpd

    frames: list[gpd.GeoSeries] = []
    for one in found:
        grid = grids[one.cell[0]]
        boxes = shapely.box(
            one.pixels[:, 1], one.pixels[:, 0], one.pixels[:, 1] + 1, one.pixels[:, 0] + 1
        )
        shape = to_ground(shapely.union_all(boxes), grid)
        series = gpd.GeoSeries([shape], crs=grid.crs)
        moved = series if grid.crs is None or crs is None else series.to_crs(crs)
        frames.append(moved)
    columns = {
        "rank": np.arange(1, len(found) + 1, dtype=np.int32),
        "reason": np.array([one.reason for one in found], object),
        "class": np.array([workspace.classes[one.label].name for one in found], object),
        "scene": np.array([workspace.scenes[one.cell[0]].name for one in found], object),
        "margin": np.array([round(one.margin, 4) for one in found], np.float64),
        "round": np.full(len(found), number, np.int32),
    }
    shapes = [series.iloc[0] for series in frames]
    layer = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    with (
        atomic_output(workspace.suggestions_path, replace=True) as part,
        warnings.catch_warnings(),
    ):
        # a scene that lies nowhere has suggestions that do not either
        warnings.filterwarnings("ignore", "'crs' was not provided")
        layer.to_file(
            part,
            layer="suggestions",
            driver="GPKG",
            geometry_type="Polygon",
            dataset_options={"VERSION": "1.2"},  # which old QGIS reads as well
        )
