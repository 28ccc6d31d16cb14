"""Which part of the ground is trained on and which is held out: whole places, or blocks with a
guard between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np

from ..core.errors import InputError
from ..core.grid import Grid, Window
from .config import DataConfig
from .sources import Sample

PARTS = ("training", "validation", "test")
BLOCKS = 40  # into so many, about, a place is cut where block is 0
Labelled = Callable[
    [int, Window], bool
]  # whether a window of the sample of that number holds labels


@dataclass(frozen=True, slots=True)
class Share:
    """What one part has of a sample: all of it, or its `blocks`, which hold labels.

    What lies in `barred`, held out for a later part with the guard around it, is never used.
    """

    sample: Sample
    blocks: tuple[Window, ...] = ()
    barred: tuple[Window, ...] = ()
    guard: int = 0


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
    """Share the samples out by place: no place is in two parts. Patterns are as of file names (*
    and ?).
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
    """Draw places for each part until they reach its share of the area; one at least, and one is
    left to train on.
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
    """Cut every place into blocks, the same for all its scenes, and draw those of each part."""
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
    if any(not same_lattice(first, grids[i]) for i in members):
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
    """Return the side of a place's blocks and the guard: as given, or fitted to its first scene."""
    if data.block:
        return data.block, data.guard
    block = max(32, math.isqrt(first.extent.area // BLOCKS))
    return block, min(
        data.guard, block // 4
    )  # a wider one would leave nothing between the blocks of a small scene


def same_lattice(one: Grid, other: Grid) -> bool:
    """Whether two grids' rows run alike in one CRS."""
    return one is other or (one.crs == other.crs and one.north_up and other.north_up)


def blocks_of(grid: Grid, first: Grid, block: int) -> dict[tuple[int, int], Window]:
    """Return the grid's blocks by row and column on the lattice of `first`; they cover it."""
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
    """Return the window with a margin around it, which may reach out of the raster."""
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


def whole(samples: Sequence[Sample]) -> list[Share]:
    """Return shares that are all of their samples."""
    return [Share(sample) for sample in samples]


def renamed(samples: Sequence[Sample], places: Sequence[str]) -> list[Sample]:
    """Return the samples with other places."""
    return [replace(sample, place=place) for sample, place in zip(samples, places, strict=True)]
