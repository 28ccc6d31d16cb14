"""A scene and its labels, read by window: the scene through the same code as in inference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..core.card import NODATA, ModelCard, Scaling
from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..core.options import Options
from ..features.coding import Coding
from ..features.labels import Labels, open_labels
from ..scene.source import open_raster
from .config import Config, DatasetConfig
from .partial_labels import Meanings, Source, collect
from .sources import Sample
from .split import Share

HALF = 128  # of 255: from here on a class that is told by itself is there


@dataclass(frozen=True, slots=True)
class Legend:
    """What one data set's labels mean: the place, among the meanings, of each value, or of each
    band.

    Labels with `bands` are soft, or tell several classes at once.
    """

    coding: Coding
    bands: tuple[int, ...] = ()

    def open(self, path: str, grid: Grid) -> Labels:
        """Open labels on the grid of their scene."""
        return open_labels(path, grid, self.coding, len(self.bands))

    def target(self, labels: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.uint8]:
        """Return what was read of the labels, as the target of Crop, of `count` meanings."""
        places = np.arange(count, dtype=np.uint8)
        if not self.bands:
            return np.where(labels == places[:, None, None], np.uint8(255), np.uint8(0))
        if self.bands == tuple(places):
            return labels
        target = np.zeros((count, *labels.shape[1:]), np.uint8)
        for place, band in zip(self.bands, labels, strict=True):
            target[place] += np.minimum(band, 255 - target[place])  # two bands may mean the same
        return target


@dataclass(frozen=True, slots=True)
class Reading:
    """How scenes and labels are read: options of the scenes, and the legend of each data set's
    labels.

    All legends tell the same `meanings`; the pixels of their labels may be of `several` classes at
    once. `weights` tell how often crops are drawn from each data set.
    """

    options: Options
    legends: Mapping[str, Legend]
    meanings: Meanings
    several: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)

    def legend(self, sample: Sample) -> Legend:
        """Return the legend of a sample's labels."""
        if sample.dataset not in self.legends:
            raise InputError(
                f"the data set {sample.dataset!r} of {sample.scene} is not in the configuration",
                f"one of {', '.join(map(repr, self.legends))}",
                f"a table [datasets.{sample.dataset or 'NAME'}]",
            )
        return self.legends[sample.dataset]


def make_options(config: Config) -> Options:
    """Return how the configuration wants scenes to be read."""
    # force: a training set is what its values are; bands and types are still checked
    return Options.of(
        force=True,
        scale=config.card.scale,
        offset=config.card.offset,
        bands=tuple(config.data.bands) or None,
    )


def make_reading(config: Config, options: Options | None = None) -> Reading:
    """Return how the configuration wants scenes and labels to be read."""
    names = [given.name for given in config.classes]
    meanings = collect(
        names, [config.data.legend, *(given.legend for given in config.datasets.values())]
    )
    legends = {
        name: make_legend(config, given, meanings) for name, given in config.datasets.items()
    }
    default = {"": make_legend(config, DatasetConfig(), meanings)}
    weights = {name: given.weight for name, given in config.datasets.items()}
    return Reading(
        options or make_options(config), default | legends, meanings, config.data.several, weights
    )


def make_legend(config: Config, given: DatasetConfig, meanings: Meanings) -> Legend:
    """Return which value, or band, of a data set's labels means what."""
    data = config.data
    soft = data.soft if given.soft is None else given.soft
    banded = soft or data.several
    known = given.legend or {**_own_sources(config, banded), **data.legend}
    places: dict[Source, int] = {}
    for key, sources in known.items():
        place = meanings.find(key)
        for source in map(_lower, sources):
            if places.setdefault(source, place) != place:
                raise InputError(
                    f"the source {source!r} stands for two classes",
                    "one class for each value",
                    'a value that means one of several is written "trees|grass" = [4]',
                )
    ignore = set(map(_lower, data.ignore if given.ignore is None else given.ignore))
    coding = Coding(places, frozenset(ignore - {"*"}), "*" in ignore, data.column, data.layer)
    return Legend(coding, _bands(places) if banded else ())


def _own_sources(config: Config, banded: bool) -> dict[str, list[Source]]:
    """Return what means each class where no data set has a legend of its own."""
    if banded:
        return {given.name: [band] for band, given in enumerate(config.classes, 1)}
    return {given.name: given.sources or [given.value, given.name] for given in config.classes}


def _bands(places: Mapping[Source, int]) -> tuple[int, ...]:
    """Return the meaning of each band, from the first."""
    if set(places) != set(range(1, len(places) + 1)):
        raise InputError(
            f"the legend of labels with bands names {', '.join(map(str, places))}",
            "every band once, from 1 on",
            "a band that tells nothing may mean one of all classes",
        )
    return tuple(places[band] for band in range(1, len(places) + 1))


def _lower(source: Source) -> Source:
    return source.lower() if isinstance(source, str) and source.startswith("#") else source


@dataclass(frozen=True, slots=True)
class Crop:
    """A piece of a scene, on its way to the network.

    `pixels` [band, row, column] in DN, `valid` bool [row, column], `target` uint8
    [meaning, row, column]: 255 times the share of each class, and after them of each set of
    classes of which one is true, 0 in all where unlabelled. The shares add up to 1, but where
    several classes are told at once.
    """

    pixels: npt.NDArray[Any]
    valid: npt.NDArray[np.bool_]
    target: npt.NDArray[np.uint8]


class Pair:
    """A scene with its labels, and what of it one part may use.

    A part that is trained on sees neither the labels nor the pixels of what is held out; one
    that is held out has its own labels only, and sees the ground around them as a map would.
    """

    def __init__(
        self, share: Share, card: ModelCard, reading: Reading, training: bool = True
    ) -> None:
        self.share = share
        self._training = training
        self.meanings, self._legend = reading.meanings, reading.legend(share.sample)
        self._source = open_raster(share.sample.files, card, reading.options)
        self.grid = self._source.grid
        self.gsd = self._source.info.gsd
        self._change = _to_card(self._source.scaling, card.scaling)
        self.several = reading.several
        self._labels = self._legend.open(share.sample.label, self.grid)
        self._own, self._barred = _edges(share.blocks), _edges(share.barred)
        self._whole: Crop | None = None

    def hold(self) -> None:
        """Keep all of it in memory, and close the files: a training set may hold more than a
        process may.
        """
        self._whole = self._load(self.grid.extent)
        self.close()

    @property
    def areas(self) -> tuple[Window, ...]:
        """The windows that belong to the part."""
        return self.share.blocks or (self.grid.extent,)

    def read(self, window: Window) -> Crop:
        """Return the crop of a window; what hangs over the edge is reflected, invalid and
        unlabelled.
        """
        return (
            self._load(window)
            if self._whole is None
            else extend(self._whole, self.grid.extent, window)
        )

    def _load(self, window: Window) -> Crop:
        patch = self._source.read(window)
        inside = window.clip(self.grid.extent)
        target = np.zeros((len(self.meanings), *window.shape), np.uint8)
        target[:, *inside.within(window)] = self.target(inside)
        valid = np.ones(window.shape, bool) if patch.valid is None else patch.valid
        mine = self._mine(window)
        pixels = (
            patch.data
            if self._change is None
            else np.maximum(patch.data * self._change[0] + self._change[1], 0)
        )
        seen = valid & mine if self._training else valid
        return Crop(pixels, seen, target * (valid & mine))

    def target(self, window: Window) -> npt.NDArray[np.uint8]:
        """Return the labels of a window inside the scene, as in Crop, whatever part they belong
        to.
        """
        return self._legend.target(self._labels.read(window), len(self.meanings))

    def conflicts(self, window: Window) -> int:
        """Return how many labelled pixels of the part, in a window, features of different
        classes tell.
        """
        inside = window.clip(self.grid.extent)
        return int((self._labels.conflicts(inside) & self._mine(inside)).sum())

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
    """Return gain and offset from the scene's numbers to those of the card; None where they are
    the same.
    """
    if own == card:
        return None
    return np.float32(own.scale / card.scale), np.float32((own.offset - card.offset) / card.scale)


def _edges(windows: Sequence[Window]) -> npt.NDArray[np.int64]:
    return np.array([(w.top, w.left, w.bottom, w.right) for w in windows], np.int64).reshape(-1, 4)


def _met(edges: npt.NDArray[np.int64], window: Window) -> Iterator[Window]:
    """Yield the windows among the edges that share a pixel with the window: there may be
    thousands.
    """
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
    spare = [
        (inside.top - window.top, window.bottom - inside.bottom),
        (inside.left - window.left, window.right - inside.right),
    ]
    return Crop(
        np.pad(crop.pixels, [(0, 0), *spare], mode="reflect"),
        np.pad(crop.valid, spare),
        np.pad(crop.target, [(0, 0), *spare]),
    )


def resize(crop: Crop, size: int) -> Crop:
    """Bring a crop to size x size: pixels by area or bilinear, validity and classes by the
    nearest.
    """
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
        top = np.concatenate(parts[:2], axis=-1)
        bottom = np.concatenate(parts[2:], axis=-1)
        return np.concatenate([top, bottom], axis=-2)

    return Crop(
        square([q.pixels for q in quarters]),
        square([q.valid for q in quarters]),
        square([q.target for q in quarters]),
    )


def blend(one: Crop, other: Crop, share: float) -> Crop:
    """Lay two crops of one size over one another (mixup, Zhang et al. 2018), with the labels of
    both.
    """
    pixels = one.pixels * np.float32(share) + other.pixels * np.float32(1 - share)
    both = one.target.any(axis=0) & other.target.any(axis=0) & one.valid & other.valid
    target = np.rint(one.target * np.float32(share) + other.target * np.float32(1 - share)).astype(
        np.uint8
    )
    return Crop(pixels, one.valid & other.valid, target * both)


def dominant(target: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the place of the meaning with the largest share [row, column], NODATA where
    unlabelled.
    """
    best = target.argmax(axis=0).astype(np.uint8)
    return np.where(target.any(axis=0), best, np.uint8(NODATA))


def present(target: npt.NDArray[np.uint8], several: bool) -> npt.NDArray[np.bool_]:
    """Return what each pixel is told to be [meaning, row, column]: its dominant one, or all that
    are told at once.
    """
    if several:
        return np.asarray(target >= HALF)
    return np.asarray(dominant(target) == np.arange(len(target), dtype=np.uint8)[:, None, None])


def truth_for(
    target: npt.NDArray[np.uint8],
    mapped: npt.NDArray[Any],
    several: bool,
    sets: Sequence[Sequence[int]] = (),
) -> npt.NDArray[np.uint8]:
    """Return the meaning that a map is measured against: of several at once, that which holds
    what the map says.
    """
    best = dominant(target)
    if not several:
        return best
    told = target >= HALF
    for place, chosen in enumerate(sets, len(target) - len(sets)):
        best = np.where(told[place] & np.isin(mapped, chosen), np.uint8(place), best)
    index = mapped.astype(np.intp).clip(max=len(target) - 1)
    right = np.take_along_axis(told, index[None], axis=0)[0] & (index == mapped)
    return np.where(right, mapped, best).astype(np.uint8)


def told_for_certain(
    target: npt.NDArray[np.uint8], several: bool, labels: int
) -> npt.NDArray[np.uint8]:
    """Return the class index [row, column], or of several at once 0 and 1 [label, row, column];
    NODATA if unknown.
    """
    if not several:
        best = dominant(target)
        return np.where(best < labels, best, np.uint8(NODATA))
    vague = ~target.any(axis=0) | (target[labels:] >= HALF).any(axis=0)
    return np.where(vague, np.uint8(NODATA), present(target[:labels], several=True))
