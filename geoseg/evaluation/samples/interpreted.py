"""An interpreted sample: what its file holds, and what follows for areas and accuracies."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import InputError
from ...core.files import check_regular
from ...features.layers import split_layer
from ..areas import AreaEstimates, estimate

HECTARE = 1e4  # square metres
EXPECTED = "a GeoPackage that `geoseg sample` wrote, with its column truth filled in"


@dataclass(frozen=True, slots=True)
class Interpreted:
    """What an interpreted sample tells."""

    estimates: AreaEstimates
    """Areas and accuracies."""
    unit: str
    """Of the areas: ha, or pixels without a CRS."""
    colours: tuple[str, ...]
    """Of each class, as ``#rrggbb``; empty where it has none."""
    notes: tuple[str, ...]
    """What is to be known of the estimates, a sentence each."""


def read_sample(path: str) -> Interpreted:
    """Return areas and accuracies from a sample that `geoseg sample` drew and somebody interpreted.

    Points without a class are left out; so is a stratum in which none has one, with all its
    area, and that is said.

    Parameters
    ----------
    path
        The GeoPackage, as ``geoseg sample`` wrote it.

    Returns
    -------
    Interpreted
        The estimates.

    Raises
    ------
    InputError
        If it is no sample, or no point has a class.
    """
    check_regular(path)
    strata, points = _read(path)
    names, places = _names(strata, points)
    counts = np.zeros((len(strata), len(names)), np.int64)
    rows = {value: i for i, (value, *_) in enumerate(strata)}
    for stratum, truth in points:
        if stratum not in rows:
            raise InputError(
                f"{path}: a point is of stratum {stratum}, of which the file tells no size",
                EXPECTED,
            )
        if truth:
            counts[rows[stratum], places[_key(truth)]] += 1
    notes = _notes(points, names[len(strata) :])
    if not counts.any():
        raise InputError(f"no point of {path} has a class in its column truth", EXPECTED)
    return _estimate(strata, names, counts, notes)


def _estimate(strata: list[Any], names: list[str], counts: Any, notes: list[str]) -> Interpreted:
    metric = strata[0][4] == "m2"
    areas = np.array([area for *_, area, _ in strata]) / (HECTARE if metric else 1)
    unit = "ha" if metric else "pixels"
    empty = np.flatnonzero(counts.sum(axis=1) == 0)
    for i in empty:
        share = areas[i] / areas.sum()
        notes.append(
            f"no point of {names[i]} is interpreted: its {areas[i]:,.0f} {unit}, {share:.2%} of "
            "the map, are left out"
        )
    kept = [i for i in range(len(strata)) if i not in empty]
    order = [*kept, *(i for i in range(len(names)) if i not in kept and counts[:, i].any())]
    found = estimate(counts[np.ix_(kept, order)], areas[kept], [names[i] for i in order])
    if found.single:
        notes.append(
            f"one point only of {', '.join(found.single)}, whose spread cannot be told: "
            "intervals are wider than given"
        )
    colours = [
        colour if re.fullmatch("#[0-9a-fA-F]{6}", colour) else "" for _, _, colour, *_ in strata
    ]
    return Interpreted(
        found, unit, tuple((colours + [""] * len(names))[i] for i in order), tuple(notes)
    )


def _read(path: str) -> tuple[list[Any], list[tuple[int, str]]]:
    """Return (value, name, colour, area, unit) of each stratum, and (stratum, truth) of each
    point.
    """
    path, layer = split_layer(path)  # as QGIS hands it
    if layer not in (None, "sample"):
        raise InputError(f"the layer {layer!r} of {path} is no sample", EXPECTED)
    if not Path(path).is_file():
        raise InputError(f"{path} does not exist", EXPECTED)
    try:
        with closing(
            sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
        ) as database:
            strata = database.execute(
                "SELECT stratum, name, colour, area, unit FROM geoseg_strata ORDER BY stratum"
            )
            found = strata.fetchall()
            points = database.execute(
                "SELECT p.stratum, s.truth FROM geoseg_points p JOIN sample s ON s.id = p.id"
            )
            interpreted = [(stratum, str(truth or "").strip()) for stratum, truth in points]
    except sqlite3.Error as error:
        raise InputError(f"{path} is no sample: {error}", EXPECTED) from error
    sound = all(
        isinstance(area, int | float) and area > 0 and isinstance(name, str)
        for _, name, _, area, _ in found
    )
    if not (found and interpreted and sound):
        raise InputError(f"{path} holds no strata with their sizes, or no points", EXPECTED)
    return [(v, n, str(c), float(a), u) for v, n, c, a, u in found], interpreted


def _names(
    strata: list[Any], points: Sequence[tuple[int, str]]
) -> tuple[list[str], dict[str, int]]:
    """The strata's names, then those that only the interpreter used; and the place of each."""
    names = [name for _, name, *_ in strata]
    places = {_key(name): i for i, name in enumerate(names)}
    for _, truth in points:
        if truth and _key(truth) not in places:
            places[_key(truth)] = len(names)
            names.append(truth)
    return names, places


def _notes(points: Sequence[tuple[int, str]], others: Sequence[str]) -> list[str]:
    notes = []
    if missing := sum(not truth for _, truth in points):
        notes.append(f"{missing} of {len(points)} points are not interpreted and left out")
    if others:
        notes.append(f"classes that the map does not have: {', '.join(others)}")
    return notes


def _key(name: str) -> str:
    return name.strip().casefold()
