"""Which part of the ground is trained on and which is held out: whole places, or blocks with a
guard between them; and the record of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS, Transformer

from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.relate import tied_to_earth
from ..scene.places import DEGREES
from .config import DataConfig
from .sources import Sample

PARTS = ("training", "validation", "test")
BLOCKS = 40  # into so many, about, a place is cut where block is 0
# whether a window of the sample of that number holds labels
Labelled = Callable[[int, Window], bool]


@dataclass(frozen=True, slots=True)
class Share:
    """What one part has of a sample."""

    sample: Sample
    """The scene and its labels."""
    blocks: tuple[Window, ...] = ()
    """Windows of the scene, which hold labels; empty is all of it."""
    barred: tuple[Window, ...] = ()
    """Windows held out for a later part, with the guard around them: never used."""
    guard: int = 0
    """Pixels around what is held out."""


Parts = dict[str, list[Share]]


def share_out(
    samples: Sequence[Sample],
    grids: Sequence[Grid],
    data: DataConfig,
    seed: int,
    labelled: Labelled,
) -> Parts:
    """Share the samples out: by the patterns of places first, then, where a share is asked for, by
    drawing.

    Whole places are drawn where there are two more than parts to draw, else blocks of all of them.

    Parameters
    ----------
    samples
        All, each with a place.
    grids
        Of their scenes, in order.
    data
        What is held out, and the size of blocks and guard.
    seed
        Of what is drawn.
    labelled
        Tells which blocks are worth drawing.

    Returns
    -------
    Parts
        Shares of "training", "validation" and "test"; the latter two may be empty.

    Raises
    ------
    InputError
        If nothing is left to train on, a pattern meets no place, or blocks cannot be cut.
    """
    parts = by_pattern(samples, data)
    wanted = {
        name: float(share)
        for name, share in (("validation", data.validation), ("test", data.test))
        if isinstance(share, int | float) and share > 0
    }
    if not wanted:
        return parts
    rest = [samples.index(share.sample) for share in parts["training"]]
    places = sorted({samples[i].place for i in rest})
    if len(places) >= 2 + len(wanted) and not data.block:
        drawn = draw_places(places, _areas(rest, samples, grids), wanted, seed)
        return _merge(
            parts,
            {
                part: [Share(samples[i]) for i in rest if samples[i].place in drawn[part]]
                for part in PARTS
            },
        )
    return _merge(parts, draw_blocks(rest, samples, grids, data, wanted, seed, labelled))


def by_pattern(samples: Sequence[Sample], data: DataConfig) -> Parts:
    """Share the samples out by place, as patterns say: no place is in two parts.

    Parameters
    ----------
    samples
        Each with a place.
    data
        Patterns as of file names (* and ?); a share instead of patterns draws nothing here.

    Returns
    -------
    Parts
        What no pattern holds out is "training".

    Raises
    ------
    InputError
        If a place is held out twice, a pattern meets none, or nothing is left to train on.
    """
    patterns = {"validation": data.validation, "test": data.test}
    parts: Parts = {part: [] for part in PARTS}
    for sample in samples:
        held = [
            name
            for name, given in patterns.items()
            if isinstance(given, list)
            and any(fnmatchcase(sample.place, pattern) for pattern in given)
        ]
        if len(held) > 1:
            raise InputError(f"place {sample.place!r} is both in validation and in test")
        parts[held[0] if held else "training"].append(Share(sample))
    for name, given in patterns.items():
        if isinstance(given, list) and given and not parts[name]:
            known = sorted({sample.place for sample in samples})
            raise InputError(
                f"no place is named by data.{name} = {given}", f"such as {', '.join(known[:8])}"
            )
    if not parts["training"]:
        raise InputError("no sample is left for training", do="hold fewer places out")
    return parts


def draw_places(
    places: Sequence[str], areas: dict[str, float], wanted: dict[str, float], seed: int
) -> dict[str, set[str]]:
    """Draw places for each part until they come nearest to its share of the area; one at least, and
    one is left to train on.

    Parameters
    ----------
    places
        Names, in an order that does not depend on the samples'.
    areas
        Pixels of each place.
    wanted
        The share of each part that is drawn, above 0 and below 1 together.
    seed
        Of the order in which they are drawn.

    Returns
    -------
    dict
        The places of every part.
    """
    order = [places[i] for i in np.random.default_rng([seed, 7]).permutation(len(places))]
    drawn: dict[str, set[str]] = {part: set() for part in PARTS}
    total = sum(areas[place] for place in places)
    for number, (part, share) in enumerate(wanted.items()):
        others = len(wanted) - number  # parts still to be served, training included
        while len(order) > others and (
            not drawn[part] or _lacks(drawn[part], order[0], areas, share * total)
        ):
            drawn[part].add(order.pop(0))
    drawn["training"] = set(order)
    return drawn


def _lacks(have: set[str], candidate: str, areas: dict[str, float], aim: float) -> bool:
    """Whether one more place brings the area nearer to its aim."""
    now = sum(areas[place] for place in have)
    return abs(now + areas[candidate] - aim) < abs(now - aim)


def draw_blocks(
    rest: Sequence[int],
    samples: Sequence[Sample],
    grids: Sequence[Grid],
    data: DataConfig,
    wanted: dict[str, float],
    seed: int,
    labelled: Labelled,
) -> Parts:
    """Cut every place into blocks, the same for all its scenes, and draw those of each part.

    Parameters
    ----------
    rest
        Numbers of the samples that are shared out.
    samples
        All samples.
    grids
        Of their scenes.
    data
        Size of blocks and guard.
    wanted
        The share of each part that is drawn.
    seed
        Of what is drawn.
    labelled
        Blocks without labels are drawn for no part.

    Returns
    -------
    Parts
        Of "training" and of what is wanted. What is drawn for a later part, with its guard, is
        barred from an earlier one.

    Raises
    ------
    InputError
        If there are too few blocks with labels, or the scenes of a place cannot be cut alike.
    """
    cut: dict[int, dict[tuple[str, int, int], Window]] = {}
    guards: dict[int, int] = {}
    for place in sorted({samples[i].place for i in rest}):
        members = [i for i in rest if samples[i].place == place]
        block, guard = spacing(grids[members[0]], data)
        cut |= _cut(place, members, grids, block)
        guards |= dict.fromkeys(members, guard)
    known = sorted({key for i in rest for key, window in cut[i].items() if labelled(i, window)})
    if not known:
        raise InputError(
            "no pixel of the samples is labelled",
            "labels of the classes on the ground of their scenes",
            "look at the labels' values, and at where they lie",
        )
    order = [known[i] for i in np.random.default_rng([seed, 8]).permutation(len(known))]
    owner = dict.fromkeys(known, "training")
    for part, share in wanted.items():
        count = max(1, round(share * len(known)))
        owner |= dict.fromkeys(order[:count], part)
        order = order[count:]
    if not order:
        raise InputError(
            f"the labels fill only {len(known)} blocks",
            f"{1 + len(wanted)} or more, for training and what is held out",
            "give more labels, a smaller data.block and data.guard, or hold nothing out with "
            "validation = []",
        )
    return {
        part: _shares(part, rest, samples, cut, owner, guards) for part in ("training", *wanted)
    }


def _cut(
    place: str, members: Sequence[int], grids: Sequence[Grid], block: int
) -> dict[int, dict[tuple[str, int, int], Window]]:
    """Return the blocks of each scene of a place by their number on the ground, which the first
    scene counts.
    """
    first = grids[members[0]]
    if any(not rows_run_alike(first, grids[i]) for i in members):
        raise InputError(
            f"the scenes of place {place!r} differ in their CRS or direction, so they cannot be "
            "cut into common blocks",
            "scenes of one CRS",
            "name whole places to hold out with data.validation",
        )
    return {
        i: {(place, *key): window for key, window in blocks_of(grids[i], first, block).items()}
        for i in members
    }


def spacing(first: Grid, data: DataConfig) -> tuple[int, int]:
    """Return the side of a place's blocks and the guard: as given, or fitted to its first scene.

    Parameters
    ----------
    first
        Grid of the first scene.
    data
        A block of 0 is fitted: about 40 in a scene, 32 pixels at least.

    Returns
    -------
    tuple of two ints
        Pixels of that scene; a fitted guard is a quarter of a block at the most.
    """
    if data.block:
        return data.block, data.guard
    block = max(32, math.isqrt(first.extent.area // BLOCKS))
    return block, min(
        data.guard, block // 4
    )  # a wider one would leave nothing between the blocks of a small scene


def rows_run_alike(one: Grid, other: Grid) -> bool:
    """Return whether the rows of two grids run alike in one CRS.

    Parameters
    ----------
    one, other
        The grids.

    Returns
    -------
    bool
        True of a grid and itself, however it is turned.
    """
    return one is other or (one.crs == other.crs and one.north_up and other.north_up)


def blocks_of(grid: Grid, first: Grid, block: int) -> dict[tuple[int, int], Window]:
    """Return the grid's blocks, counted on the ground from where another grid begins; they cover
    the grid.

    Parameters
    ----------
    grid
        Of the scene that is cut.
    first
        Of the scene that counts, in the same CRS.
    block
        Side in pixels of `first`.

    Returns
    -------
    dict
        Windows of `grid` by row and column of the block, which may be below 0.

    Raises
    ------
    InputError
        If the two run in opposite directions.
    """
    down, right, rows, columns = _place_in(grid, first)
    found = {}
    for row in range(math.floor(down / block), math.ceil((down + rows * grid.height) / block)):
        for column in range(
            math.floor(right / block), math.ceil((right + columns * grid.width) / block)
        ):
            top = (row * block - down) / rows
            left = (column * block - right) / columns
            edges = (top, left, top + block / rows, left + block / columns)
            window = _clip(edges, grid)
            if window:
                found[row, column] = window
    return found


def _place_in(grid: Grid, first: Grid) -> tuple[float, float, float, float]:
    """Return where the grid begins, in rows and columns of `first`, and how many of these one of
    its pixels spans.
    """
    a, _, c, _, e, f = first.transform
    x, y = grid.xy(0, 0)
    scales = grid.transform[4] / e, grid.transform[0] / a
    if min(scales) <= 0:
        raise InputError(
            "scenes of one place run in opposite directions", do="bring them north up with gdalwarp"
        )
    return (y - f) / e, (x - c) / a, *scales


def _clip(edges: tuple[float, float, float, float], grid: Grid) -> Window | None:
    near = [round(edge) if abs(edge - round(edge)) < 1e-3 else edge for edge in edges]
    top = max(math.floor(near[0]), 0)
    left = max(math.floor(near[1]), 0)
    bottom = min(math.ceil(near[2]), grid.height)
    right = min(math.ceil(near[3]), grid.width)
    return Window(top, left, bottom, right) if top < bottom and left < right else None


def _shares(
    part: str,
    rest: Sequence[int],
    samples: Sequence[Sample],
    cut: dict[int, dict[tuple[str, int, int], Window]],
    owner: dict[tuple[str, int, int], str],
    guards: dict[int, int],
) -> list[Share]:
    later = PARTS[
        PARTS.index(part) + 1 :
    ]  # validation chooses the model, so it keeps clear of test, too
    found = []
    for i in rest:
        own = tuple(window for key, window in cut[i].items() if owner.get(key) == part)
        barred = tuple(
            widen(window, guards[i]) for key, window in cut[i].items() if owner.get(key) in later
        )
        if own:
            found.append(Share(samples[i], own, barred, guards[i]))
    return found


def widen(window: Window, pixels: int) -> Window:
    """Return a window with a margin around it, which may reach out of the raster.

    Parameters
    ----------
    window
        The window.
    pixels
        Width of the margin.

    Returns
    -------
    Window
        Of 2 * pixels more rows and columns.
    """
    return Window(
        window.top - pixels, window.left - pixels, window.bottom + pixels, window.right + pixels
    )


def _areas(
    rest: Sequence[int], samples: Sequence[Sample], grids: Sequence[Grid]
) -> dict[str, float]:
    areas: dict[str, float] = {}
    for i in rest:
        areas[samples[i].place] = areas.get(samples[i].place, 0.0) + grids[i].extent.area
    return areas


def _merge(fixed: Parts, drawn: Parts) -> Parts:
    """Put what was drawn from the training part beside what the patterns had taken out of it."""
    held = {part: fixed[part] for part in PARTS if part != "training"}
    return {part: [*held.get(part, []), *drawn.get(part, [])] for part in PARTS}


def write_split(folder: Path, parts: Parts, grids: dict[str, Grid]) -> dict[str, Any]:
    """Write split.json, and split.geojson where scenes have a CRS.

    Parameters
    ----------
    folder
        Gets both; what is there is replaced.
    parts
        What each part has.
    grids
        Of the scenes, by Sample.scene.

    Returns
    -------
    dict
        The split in a few words, for the card: `by`, and of each part how many places or blocks.
    """
    text = json.dumps(_record(parts), indent=1, ensure_ascii=False)
    (folder / "split.json").write_text(text + "\n", encoding="utf-8")
    features = [
        feature
        for part, shares in parts.items()
        for share in shares
        for feature in _features(part, share, grids)
    ]
    if features:
        collection = {"type": "FeatureCollection", "features": features}
        (folder / "split.geojson").write_text(
            json.dumps(collection, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    every = [share for shares in parts.values() for share in shares]
    counts = {part: len({share.sample.place for share in shares}) for part, shares in parts.items()}
    if not any(share.blocks for share in every):
        return {"by": "whole places", **counts}
    cut = {part: sum(len(share.blocks) for share in shares) for part, shares in parts.items()}
    return {"by": f"blocks, with a guard of {max(share.guard for share in every)} pixels", **cut}


def _record(parts: Parts) -> dict[str, Any]:
    """What is in each part: places, and scenes with the blocks (top, left, bottom, right) that
    belong to it.
    """
    record: dict[str, Any] = {}
    for part, shares in parts.items():
        scenes = [
            {"scene": s.sample.scene, "labels": s.sample.label, "place": s.sample.place}
            | (
                {"guard": s.guard, "blocks": [[b.top, b.left, b.bottom, b.right] for b in s.blocks]}
                if s.blocks
                else {}
            )
            for s in shares
        ]
        record[part] = {
            "places": sorted({share.sample.place for share in shares}),
            "scenes": scenes,
        }
    return record


def _features(part: str, share: Share, grids: dict[str, Grid]) -> Iterator[dict[str, Any]]:
    """Yield what the part has of a scene as polygons in degrees; nothing where the scene has no
    CRS.
    """
    grid = grids[share.sample.scene]
    if grid.crs is None or not tied_to_earth(grid.crs):
        return
    transformer = Transformer.from_crs(CRS.from_wkt(grid.crs), DEGREES, always_xy=True)
    properties = {
        "part": part,
        "place": share.sample.place,
        "scene": Path(share.sample.files[0]).name,
    }
    for w in share.blocks or (grid.extent,):
        corners = [
            (w.top, w.left),
            (w.bottom, w.left),
            (w.bottom, w.right),
            (w.top, w.right),
            (w.top, w.left),
        ]
        points = transformer.itransform([grid.xy(*corner) for corner in corners])
        ring = [[round(x, 7), round(y, 7)] for x, y in points]
        yield {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
