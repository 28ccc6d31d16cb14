"""A scene and its labels, read by window: the scene through the same code as in inference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..card import NODATA, ModelCard, Scaling
from ..grid import Window
from ..job import Options
from ..raster import open_raster
from ..raster.labels import Coding, open_labels
from .config import Config
from .split import Share

HALF = 128  # of 255: from here on a class that is told by itself is there


@dataclass(frozen=True, slots=True)
class Reading:
    """How scenes and labels are read: options of the scenes, coding of the labels, which may have a band per class.

    These are `soft`, shares of a pixel, or tell `several` classes at once.
    """

    options: Options
    coding: Coding
    soft: bool
    several: bool = False

    @property
    def banded(self) -> bool:
        """Whether labels have one band per class."""
        return self.soft or self.several


def make_reading(config: Config) -> Reading:
    """Return how the configuration wants scenes and labels to be read."""
    # force: a training set is what its values are; bands and types are still checked
    options = Options(
        force=True, scale=config.card.scale, offset=config.card.offset, bands=tuple(config.data.bands) or None
    )
    return Reading(options, make_coding(config), config.data.soft, config.data.several)


def make_coding(config: Config) -> Coding:
    """Return which value of the labels is which class."""
    indices: dict[int | str, int] = {}
    for index, given in enumerate(config.classes):
        sources = [s.lower() if isinstance(s, str) and s.startswith("#") else s for s in given.sources]
        indices |= dict.fromkeys(sources or [given.value, given.name], index)
    ignore = {s.lower() if isinstance(s, str) and s.startswith("#") else s for s in config.data.ignore}
    return Coding(indices, frozenset(ignore - {"*"}), "*" in ignore, config.data.column, config.data.layer)


@dataclass(frozen=True, slots=True)
class Crop:
    """A piece of a scene, on its way to the network.

    `pixels` [band, row, column] in DN, `valid` bool [row, column], `target` uint8
    [label, row, column]: 255 times the share of each class, 0 in all where unlabelled. The
    shares add up to 1, but where several classes are told at once.
    """

    pixels: npt.NDArray[Any]
    valid: npt.NDArray[np.bool_]
    target: npt.NDArray[np.uint8]


class Pair:
    """A scene with its labels, and what of it one part may use.

    A part that is trained on sees neither the labels nor the pixels of what is held out; one
    that is held out has its own labels only, and sees the ground around them as a map would.
    """

    def __init__(self, share: Share, card: ModelCard, reading: Reading, training: bool = True) -> None:
        self.share, self._card, self._banded, self._training = share, card, reading.banded, training
        self._source = open_raster(share.sample.files, card, reading.options)
        self.grid = self._source.grid
        self.gsd = self._source.info.gsd
        self._change = _to_card(self._source.scaling, card.scaling)
        self.several = reading.several
        self._labels = open_labels(
            share.sample.label, self.grid, reading.coding, len(card.labels) if reading.banded else 0
        )
        self._own, self._barred = _edges(share.blocks), _edges(share.barred)
        self._whole: Crop | None = None

    def hold(self) -> None:
        """Keep all of it in memory, and close the files: a training set may hold more than a process may."""
        self._whole = self._load(self.grid.extent)
        self.close()

    @property
    def areas(self) -> tuple[Window, ...]:
        """The windows that belong to the part."""
        return self.share.blocks or (self.grid.extent,)

    def read(self, window: Window) -> Crop:
        """Return the crop of a window; what hangs over the edge is reflected, invalid and unlabelled."""
        return self._load(window) if self._whole is None else extend(self._whole, self.grid.extent, window)

    def _load(self, window: Window) -> Crop:
        patch = self._source.read(window)
        inside = window.clip(self.grid.extent)
        target = np.zeros((len(self._card.labels), *window.shape), np.uint8)
        target[:, *inside.within(window)] = self.target(inside)
        valid = np.ones(window.shape, bool) if patch.valid is None else patch.valid
        mine = self._mine(window)
        pixels = patch.data if self._change is None else np.maximum(patch.data * self._change[0] + self._change[1], 0)
        seen = valid & mine if self._training else valid
        return Crop(pixels, seen, target * (valid & mine))

    def target(self, window: Window) -> npt.NDArray[np.uint8]:
        """Return the labels of a window inside the scene, as in Crop, whatever part they belong to."""
        labels = self._labels.read(window)
        if self._banded:
            return labels
        indices = np.arange(len(self._card.labels), dtype=np.uint8)[:, None, None]
        return np.where(labels == indices, np.uint8(255), np.uint8(0))

    def worth(self, window: Window) -> bool:
        """Return whether the window may hold labels of the part."""
        inside = window.clip(self.grid.extent)
        return self._labels.holds(inside) and (not len(self._own) or any(_met(self._own, inside)))

    def block(self, row: int, column: int) -> Window | None:
        """Return the block of the part that holds the pixel, None where there is none."""
        return next(_met(self._own, Window(row, column, row + 1, column + 1)), None)

    def _mine(self, window: Window) -> npt.NDArray[np.bool_]:
        """Return which pixels of the window belong to the part."""
        mine = np.full(window.shape, self._training or not len(self._own))
        for blocks, value in ((self._own, True), (self._barred, False)):
            for block in _met(blocks, window):
                mine[block.clip(window).within(window)] = value
        return mine

    def close(self) -> None:
        """Close both files."""
        self._source.close()
        self._labels.close()


def _to_card(own: Scaling, card: Scaling) -> tuple[np.float32, np.float32] | None:
    """Return gain and offset from the scene's numbers to those of the card; None where they are the same."""
    if own == card:
        return None
    return np.float32(own.scale / card.scale), np.float32((own.offset - card.offset) / card.scale)


def _edges(windows: Sequence[Window]) -> npt.NDArray[np.int64]:
    return np.array([(w.top, w.left, w.bottom, w.right) for w in windows], np.int64).reshape(-1, 4)


def _met(edges: npt.NDArray[np.int64], window: Window) -> Iterator[Window]:
    """Yield the windows among the edges that share a pixel with the window: there may be thousands."""
    met = (edges[:, 0] < window.bottom) & (window.top < edges[:, 2])
    met &= (edges[:, 1] < window.right) & (window.left < edges[:, 3])
    for top, left, bottom, right in edges[met].tolist():
        yield Window(top, left, bottom, right)


def extend(whole: Crop, extent: Window, window: Window) -> Crop:
    """Cut a window out of a whole scene; what hangs over is as in Pair.read."""
    inside = window.clip(extent)
    cut = inside.within(extent)
    crop = Crop(whole.pixels[:, *cut], whole.valid[cut], whole.target[:, *cut])
    if inside == window:
        return crop
    spare = [(inside.top - window.top, window.bottom - inside.bottom),
             (inside.left - window.left, window.right - inside.right)]  # fmt: skip
    return Crop(
        np.pad(crop.pixels, [(0, 0), *spare], mode="reflect"),
        np.pad(crop.valid, spare),
        np.pad(crop.target, [(0, 0), *spare]),
    )


def resize(crop: Crop, size: int) -> Crop:
    """Bring a crop to size x size: pixels by area or bilinear, validity and classes by the nearest."""
    pixels = torch.from_numpy(crop.pixels.astype(np.float32))[None]
    mode = "area" if pixels.shape[-1] > size else "bilinear"
    scaled = torch.nn.functional.interpolate(pixels, (size, size), mode=mode)[0].numpy()
    rows = (np.arange(size) + 0.5) * crop.valid.shape[0] // size
    columns = (np.arange(size) + 0.5) * crop.valid.shape[1] // size
    at = np.ix_(rows.astype(int), columns.astype(int))
    return Crop(scaled, crop.valid[at], crop.target[:, *at])


def join(quarters: list[Crop]) -> Crop:
    """Put four crops of one size together, two by two."""

    def square(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        top, bottom = np.concatenate(parts[:2], axis=-1), np.concatenate(parts[2:], axis=-1)
        return np.concatenate([top, bottom], axis=-2)

    return Crop(
        square([q.pixels for q in quarters]),
        square([q.valid for q in quarters]),
        square([q.target for q in quarters]),
    )


def blend(one: Crop, other: Crop, share: float) -> Crop:
    """Lay two crops of one size over one another (mixup, Zhang et al. 2018), with the labels of both."""
    pixels = one.pixels * np.float32(share) + other.pixels * np.float32(1 - share)
    both = one.target.any(axis=0) & other.target.any(axis=0) & one.valid & other.valid
    target = np.rint(one.target * np.float32(share) + other.target * np.float32(1 - share)).astype(np.uint8)
    return Crop(pixels, one.valid & other.valid, target * both)


def dominant(target: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the class index with the largest share [row, column], NODATA where unlabelled."""
    best = target.argmax(axis=0).astype(np.uint8)
    return np.where(target.any(axis=0), best, np.uint8(NODATA))


def present(target: npt.NDArray[np.uint8], several: bool) -> npt.NDArray[np.bool_]:
    """Return which classes each pixel is of [label, row, column]: its dominant one, or all that are told at once."""
    if several:
        return np.asarray(target >= HALF)
    return np.asarray(dominant(target) == np.arange(len(target), dtype=np.uint8)[:, None, None])


def truth_for(
    target: npt.NDArray[np.uint8], mapped: npt.NDArray[Any], several: bool
) -> npt.NDArray[np.uint8]:  # fmt: skip
    """Return the class index that a map is measured against: where it may be one of several, the one it says."""
    best = dominant(target)
    if not several:
        return best
    index = mapped.astype(np.intp).clip(max=len(target) - 1)
    right = (np.take_along_axis(target, index[None], axis=0)[0] >= HALF) & (index == mapped)
    return np.where(right, mapped, best).astype(np.uint8)
