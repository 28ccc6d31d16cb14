"""What is done to a class raster before it is traced: classes and area chosen, small regions merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..card import NODATA
from ..errors import InputError
from ..grid import Window
from ..raster import load_aoi
from .ground import Ground
from .sieve import sieve
from .state import Bytes
from .strips import Maps, Strip


@dataclass(frozen=True, slots=True)
class Tracing:
    """How a class raster becomes polygons.

    Regions below `min_area` square metres are merged into their largest neighbour. With
    `simplify` above 0 borders are simplified, all at once: a vertex goes where its triangle
    has less than simplify^2 square metres. `classes` are the values to trace, None for all.
    `mask` is a vector file or WKT; what lies outside is nodata. The first two need the
    whole raster in memory, the others a strip of it.
    """

    min_area: float = 0.0
    simplify: float = 0.0
    classes: tuple[int, ...] | None = None
    mask: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("--min-area", self.min_area), ("--simplify", self.simplify)):
            if not value >= 0:
                raise InputError(f"{name} {value}", "a number, 0 or more")

    @property
    def whole(self) -> bool:
        """Whether the whole raster must be in memory."""
        return bool(self.min_area or self.simplify)


def cleaned(maps: Maps, tracing: Tracing) -> Iterator[Strip]:
    """Yield the raster's strips with nodata as 255, and 255 for what is not to be traced."""
    table = np.arange(NODATA + 1, dtype=np.uint8)
    if maps.nodata is not None:
        table[maps.nodata] = NODATA
    if tracing.classes is not None:
        table[np.setdiff1d(table, np.array(tracing.classes, np.uint8))] = NODATA
    area = load_aoi(tracing.mask, maps.grid) if tracing.mask else None
    top = 0
    for labels, percent in maps.strips():
        chosen, bottom = table[labels], top + len(labels)
        if area is not None:
            chosen[~area.mask(Window(top, 0, bottom, maps.grid.width))] = NODATA
        yield chosen, percent
        top = bottom


def gather(maps: Maps, tracing: Tracing, ground: Ground) -> Bytes:
    """Return the whole raster, with small regions merged."""
    labels = np.concatenate([labels for labels, _ in cleaned(maps, tracing)])
    return sieve(labels, ground, tracing.min_area) if tracing.min_area else labels


def with_confidence(labels: Bytes, maps: Maps) -> Iterator[Strip]:
    """Yield a whole raster as strips, each with its confidence."""
    top = 0
    for strip, percent in maps.strips():
        yield labels[top : top + len(strip)], percent
        top += len(strip)
