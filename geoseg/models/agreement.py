"""How far two precisions of a network agree, on windows spread over the scene."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..card import ModelCard
from ..grid import Tiling, Window
from ..infer import Model
from ..stitch import Patch
from .engine import Patches

GOLDEN = 0.6180339887498949  # multiples of it, without their whole part, fill 0 to 1 evenly, however many there are
LOOKED_AT = 4  # times as many windows are read as are wanted, at most, where most are empty


@dataclass(frozen=True, slots=True)
class Agreement:
    """The `share` of `pixels` valid pixels, in so many `windows`, that get the same class."""

    share: float
    pixels: int
    windows: int


def compare(model: Model, other: Model, patches: Patches) -> Agreement:
    """Return how often both models give a valid pixel the same class; a share of 0 where there is none."""
    same = total = 0
    for patch in patches:
        valid = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
        one, two = (each.to_uint8(each(patch.data[None], valid[None]).argmax(1))[0] for each in (model, other))
        same += int((one == two)[valid].sum())
        total += int(valid.sum())
    return Agreement(same / total if total else 0.0, total, len(patches))


def look(read: Callable[[Window], Patch], tiling: Tiling, card: ModelCard, count: int) -> list[Patch]:
    """Return up to `count` patches that hold valid pixels, of the card's size or less, side by side at the closest.

    They lie all over the scene, whatever part of it is mapped: what is decided on them is the
    same for all parts.
    """
    side = tiling.tile if card.fixed_tile else min(tiling.tile, card.tile)
    found: list[Patch] = []
    for window in spread(list(Tiling(tiling.height, tiling.width, side, 0).tiles()), LOOKED_AT * count):
        if len(found) == count:
            break
        patch = read(window)
        if patch.valid is None or patch.valid.any():
            found.append(patch)
    return found


def spread(tiles: Sequence[Window], count: int) -> list[Window]:
    """Return up to `count` of the tiles, each once; however many are taken, they lie all over the scene."""
    order = sorted(range(len(tiles)), key=lambda index: index * GOLDEN % 1)
    return [tiles[index] for index in order[:count]]
