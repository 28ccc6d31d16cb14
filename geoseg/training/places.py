"""Samples that lie on the same ground, or near one another, are of one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..core.grid import Grid
from ..scene import places
from .sources import Sample


def name_places(samples: Sequence[Sample], grids: Sequence[Grid], guard: int) -> list[Sample]:
    """Give every scene without a place one: its own, or that of the scenes near it.

    Parameters
    ----------
    samples
        With or without places; given ones stay, and no other scene joins them.
    grids
        Of their scenes, in order.
    guard
        As of `scene.places.name_places`.

    Returns
    -------
    list of Sample
        In the same order, each with a place.
    """
    given = [sample.place for sample in samples]
    stems = [Path(sample.files[0]).stem for sample in samples]
    found = places.name_places(given, stems, grids, guard)
    return [replace(sample, place=name) for sample, name in zip(samples, found, strict=True)]
