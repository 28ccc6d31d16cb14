"""A scene and its labels, read by window: the scene through the same code as in inference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from math import ceil
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
from ..features.layers import is_vector
from ..features.objects import ObjectLabels, ObjectNumbers, open_objects
from ..scene.source import open_raster
from .config import Config, DatasetConfig
from .depth import Depths, measure_depth
from .partial_labels import Meanings, Source, collect
from .sources import Sample
from .split import Share

HALF = 128  # of 255: from here on a class that is told by itself is there


@dataclass(frozen=True, slots=True)
class Legend:
    """What one data set's labels mean."""

    coding: Coding
    """The place, among the meanings, of each label value; what is ignored; column and layer of
    vectors.
    """
    bands: tuple[int, ...] = ()
    """The place of each band of soft labels, or of labels that tell several classes at once;
    empty for labels with one value a pixel.
    """

    def open(self, path: str, grid: Grid) -> Labels:
        """Open labels on the grid of their scene; the caller closes them.

        Parameters
        ----------
        path
            Raster or vector file, in any CRS.
        grid
            Of the scene.

        Returns
        -------
        Labels
            Read by windows of that grid.

        Raises
        ------
        InputError
            If it is no such file, does not meet the scene, or holds values that mean nothing.
        """
        return open_labels(path, grid, self.coding, len(self.bands))

    def target(self, labels: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.uint8]:
        """Return what was read of the labels, as the target of Crop.

        Parameters
        ----------
        labels
            Uint8 [row, column] of places, or [band, row, column] of shares of 255.
        count
            Of the meanings.

        Returns
        -------
        array
            Uint8 [meaning, row, column].
        """
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
    """How scenes and labels are read."""

    options: Options
    """Of the scenes, as for a prediction."""
    legends: Mapping[str, Legend]
    """By the name of the data set; "" is samples without one."""
    meanings: Meanings
    """What all legends tell."""
    several: bool = False
    """Whether a pixel may be of several classes at once."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """How often crops are drawn from each data set; 1 for one that is not named."""
    zooms: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The least and the greatest factor by which crops of a data set are enlarged, of those that
    have factors of their own.
    """
    things: tuple[int, ...] = ()
    """The places, among the meanings, of what is counted in objects, or may be."""
    reach: float = 0.0
    """How far inside an object a pixel of a scene may lie for that to matter, in pixels of the
    scene; 0 where there are no things.
    """

    def legend(self, sample: Sample) -> Legend:
        """Return the legend of a sample's labels.

        Parameters
        ----------
        sample
            Its `dataset` counts.

        Returns
        -------
        Legend
            That of its data set.

        Raises
        ------
        InputError
            If the configuration has no such data set.
        """
        if sample.dataset not in self.legends:
            raise InputError(
                f"the data set {sample.dataset!r} of {sample.scene} is not in the configuration",
                f"one of {', '.join(map(repr, self.legends))}",
                f"a table [datasets.{sample.dataset or 'NAME'}]",
            )
        return self.legends[sample.dataset]


def make_options(config: Config) -> Options:
    """Return how the configuration wants scenes to be read.

    Parameters
    ----------
    config
        Its scaling and band numbers.

    Returns
    -------
    Options
        Those of a prediction, by which training reads as inference does.
    """
    # force: a training set is what its values are; bands and types are still checked. Its pixels
    # stay as they are: labels lie on them
    return Options.of(
        force=True,
        gsd="native",
        scale=config.card.scale,
        offset=config.card.offset,
        bands=tuple(config.data.bands) or None,
    )


def make_reading(config: Config, options: Options | None = None) -> Reading:
    """Return how the configuration wants scenes and labels to be read.

    Parameters
    ----------
    config
        Classes, legends and data sets.
    options
        Of the scenes; None makes them of the configuration.

    Returns
    -------
    Reading
        For all samples.

    Raises
    ------
    InputError
        If a legend names what is no class, or a value that means two.
    """
    names = [given.name for given in config.classes]
    meanings = collect(
        names, [config.data.legend, *(given.legend for given in config.datasets.values())]
    )
    legends = {
        name: make_legend(config, given, meanings) for name, given in config.datasets.items()
    }
    default = {"": make_legend(config, DatasetConfig(), meanings)}
    weights = {name: given.weight for name, given in config.datasets.items()}
    zooms = {
        name: (given.zoom[0], given.zoom[1])
        for name, given in config.datasets.items()
        if given.zoom
    }
    things = [name in config.data.things for name in names]
    # of an image that is shrunk, pixels come nearer to the border
    least = min([1 / config.augment.zoom, *(low for low, _ in zooms.values())])
    return Reading(
        options or make_options(config),
        default | legends,
        meanings,
        config.data.several,
        weights,
        zooms,
        tuple(np.flatnonzero(meanings.members @ np.array(things, bool)).tolist()),
        config.card.depth / min(least, 1.0) if any(things) else 0.0,
    )


def make_legend(config: Config, given: DatasetConfig, meanings: Meanings) -> Legend:
    """Return which value, or band, of a data set's labels means what.

    Parameters
    ----------
    config
        What holds for all data.
    given
        What the data set says itself, which comes first.
    meanings
        What labels may mean.

    Returns
    -------
    Legend
        Of that data set.

    Raises
    ------
    InputError
        If a value means two things, or the legend of labels with bands leaves one out.
    """
    data = config.data
    soft = data.soft if given.soft is None else given.soft
    banded = soft or data.several
    known = given.legend or {**_own_sources(config, banded), **data.legend}
    places: dict[Source, int] = {}
    for key, sources in known.items():
        place = meanings.find(key)
        for source in map(_lower, sources):
            if places.setdefault(source, place) != place:
                raise _told_twice(source, banded)
    ignore = set(map(_lower, data.ignore if given.ignore is None else given.ignore))
    coding = Coding(places, frozenset(ignore - {"*"}), "*" in ignore, data.column, data.layer)
    return Legend(coding, _bands(places) if banded else ())


def _told_twice(source: Source, banded: bool) -> InputError:
    """One template for each kind of label, so that they are known to translations."""
    if banded:
        return InputError(
            f"band {source} of the labels stands for two classes",
            "one class for each band",
            'the bands of all classes, such as NAME=VALUE::BAND in --classes, or "sources"',
        )
    return InputError(
        f"the source {source!r} stands for two classes",
        "one class for each value",
        'a value that means one of several is written "trees|grass" = [4]',
    )


def _own_sources(config: Config, banded: bool) -> dict[str, list[Source]]:
    """Return what means each class where no data set has a legend of its own.

    Bands go by the order of the classes, unless one class at least says which is its own. Where
    most labels have no bands, what classes say is values, not bands.
    """
    told = any(given.sources for given in config.classes)
    if banded and not (told and (config.data.soft or config.data.several)):
        return {given.name: [band] for band, given in enumerate(config.classes, 1)}
    if banded:
        return {given.name: given.sources for given in config.classes}
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
    """A piece of a scene with its labels, on its way to the network."""

    pixels: npt.NDArray[Any]
    """Digital numbers of the card [band, row, column]."""
    valid: npt.NDArray[np.bool_]
    """Bool [row, column]: what the scene has, and training may see."""
    target: npt.NDArray[np.uint8]
    """Uint8 [meaning, row, column]: 255 times the share of each class, and after them of each
    set of classes of which one is true; 0 in all where unlabelled. The shares add up to 1, but
    where several classes are told at once.
    """
    depth: Depths | None = None
    """How far inside its object each pixel lies, in pixels of the crop, float16 [row, column]: 0
    where no object is, NaN where that is not known; None where nothing is counted in objects.
    """


class Pair:
    """A scene with its labels, and what of it one part may use.

    A part that is trained on sees neither the labels nor the pixels of what is held out; one
    that is held out has its own labels only, and sees the ground around them as a map would.

    Parameters
    ----------
    share
        What the part has of a sample.
    card
        Bands and scaling; the scene's numbers are brought to the latter.
    reading
        How scene and labels are read.
    training
        Whether the part is trained on.

    Raises
    ------
    InputError
        If the scene or its labels cannot be read, or do not fit one another or the card.
    """

    def __init__(
        self, share: Share, card: ModelCard, reading: Reading, training: bool = True
    ) -> None:
        self.share = share
        self._training = training
        self.meanings = reading.meanings
        self._legend = reading.legend(share.sample)
        self._source = open_raster(share.sample.files, card, reading.options)
        self.grid = self._source.grid
        self._change = to_card(self._source.scaling, card.scaling)
        self.several = reading.several
        self._labels = self._legend.open(share.sample.label, self.grid)
        self._things = reading.things
        self._reach = reading.reach
        self._objects = (
            _open_objects(share.sample, self.grid, self._legend) if self._reach else None
        )
        self._own = _edges(share.blocks)
        self._barred = _edges(share.barred)
        self._whole: Crop | None = None

    def hold(self) -> None:
        """Keep all of it in memory, and close the files: a training set may hold more than a
        process may.
        """
        self._whole = self._load(self.grid.extent)
        self.close()

    @property
    def areas(self) -> tuple[Window, ...]:
        """The windows that belong to the part.

        Returns
        -------
        tuple of Window
            Its blocks, or the whole scene.
        """
        return self.share.blocks or (self.grid.extent,)

    def read(self, window: Window) -> Crop:
        """Return the crop of a window; threads may read at once.

        Parameters
        ----------
        window
            May hang over the edges of the scene: what does is reflected, invalid and unlabelled.

        Returns
        -------
        Crop
            Of the window's size; labelled only where the pixels belong to the part.

        Raises
        ------
        RunError
            If a file cannot be read on.
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
        depth = None
        if self._objects:
            depth = np.full(window.shape, np.nan, np.float16)
            depth[inside.within(window)] = self._depth(inside)
        return Crop(pixels, seen, target * (valid & mine), depth)

    def _depth(self, window: Window) -> Depths:
        """Return how far inside its object each pixel of a window inside the scene lies: as of the
        whole scene, whose objects no window cuts.
        """
        around = ceil(self._reach) + 1
        wider = Window(
            window.top - around, window.left - around, window.bottom + around, window.right + around
        ).clip(self.grid.extent)
        assert self._objects is not None
        numbers, unknown = self._told_apart(self.target(wider), self._objects.read(wider))
        found = measure_depth(numbers, self._reach).astype(np.float16)
        found[unknown] = np.nan
        return found[window.within(wider)]

    def _told_apart(
        self, target: npt.NDArray[np.uint8], numbers: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """Return the numbers of things alone, and where it is not known whether there is one."""
        thing = target[list(self._things)].any(axis=0)
        own = np.where(thing, numbers, np.uint32(0))
        return own, ~target.any(axis=0) | (thing & (own == 0))

    def objects(self, window: Window) -> ObjectLabels:
        """Return the labels of a window with its objects, as they are measured against; the files
        are opened for it.

        Parameters
        ----------
        window
            Inside the scene.

        Returns
        -------
        ObjectLabels
            Class indices; NODATA where nothing certain is known, or that belongs to another part.
            Numbers of objects, 0 where there is none.
        """
        sample = self.share.sample
        with (
            closing(self._legend.open(sample.label, self.grid)) as labels,
            closing(_open_objects(sample, self.grid, self._legend)) as objects,
        ):
            target = self._legend.target(labels.read(window), len(self.meanings))
            numbers, unknown = self._told_apart(target, objects.read(window))
        classes = dominant(target)
        hidden = unknown | ~self._mine(window) | (classes >= len(self.meanings.names))
        return ObjectLabels(
            np.where(hidden, np.uint8(NODATA), classes), np.where(hidden, np.uint32(0), numbers)
        )

    def target(self, window: Window) -> npt.NDArray[np.uint8]:
        """Return the labels of a window, whatever part they belong to.

        Parameters
        ----------
        window
            Inside the scene.

        Returns
        -------
        array
            Uint8 [meaning, row, column], as of Crop.
        """
        return self._legend.target(self._labels.read(window), len(self.meanings))

    def conflicts(self, window: Window) -> int:
        """Count the labelled pixels of the part, in a window, for which features of different
        classes lie over one another.

        Parameters
        ----------
        window
            May hang over the edges of the scene.

        Returns
        -------
        int
            0 of rasters.
        """
        inside = window.clip(self.grid.extent)
        return int((self._labels.conflicts(inside) & self._mine(inside)).sum())

    def worth(self, window: Window) -> bool:
        """Return whether the window may hold labels of the part, by looking at no pixel.

        Parameters
        ----------
        window
            May hang over the edges of the scene.

        Returns
        -------
        bool
            False only if there are none.
        """
        inside = window.clip(self.grid.extent)
        return self._labels.holds(inside) and (not len(self._own) or any(_met(self._own, inside)))

    def block(self, row: int, column: int) -> Window | None:
        """Return the block of the part that holds a pixel.

        Parameters
        ----------
        row, column
            Of the pixel, from 0.

        Returns
        -------
        Window or None
            None where there is none: the part has the whole scene, or nothing there.
        """
        return next(_met(self._own, Window(row, column, row + 1, column + 1)), None)

    def _mine(self, window: Window) -> npt.NDArray[np.bool_]:
        """Return which pixels of the window belong to the part."""
        mine = np.full(window.shape, self._training or not len(self._own))
        for blocks, value in ((self._own, True), (self._barred, False)):
            for block in _met(blocks, window):
                mine[block.clip(window).within(window)] = value
        return mine

    def close(self) -> None:
        """Close the files."""
        self._source.close()
        self._labels.close()
        if self._objects:
            self._objects.close()


def _open_objects(sample: Sample, grid: Grid, legend: Legend) -> ObjectNumbers:
    path = sample.objects or sample.label
    if not sample.objects and not is_vector(path):
        raise InputError(
            f"the raster {path} says of which class pixels are, not of which object",
            "vector labels, of which each feature is an object, or numbers of objects beside",
            "give a raster with a number for each object: --objects, or the column `objects` of a "
            "table",
        )
    return open_objects(path, grid, legend.coding)


def to_card(own: Scaling, card: Scaling) -> tuple[np.float32, np.float32] | None:
    """Return gain and offset from a scene's numbers to those of a card.

    Parameters
    ----------
    own
        The scene's scaling.
    card
        The card's.

    Returns
    -------
    tuple of float32 or None
        None where both are the same.
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
    """Cut a window out of a whole scene.

    Parameters
    ----------
    whole
        The scene in memory.
    extent
        The window that it covers.
    window
        May hang over its edges: what does is reflected, invalid and unlabelled.

    Returns
    -------
    Crop
        Of the window's size; a view where it lies inside.
    """
    inside = window.clip(extent)
    cut = inside.within(extent)
    depth = whole.depth
    crop = Crop(
        whole.pixels[:, *cut],
        whole.valid[cut],
        whole.target[:, *cut],
        None if depth is None else depth[cut],
    )
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
        None if crop.depth is None else np.pad(crop.depth, spare, constant_values=np.nan),
    )


def resize(crop: Crop, size: int) -> Crop:
    """Bring a crop to another size: pixels by area where it shrinks and bilinear where it grows,
    validity, classes and depth by the nearest. The depth stays one in pixels of the crop.

    Parameters
    ----------
    crop
        Square.
    size
        The side that it gets, in pixels.

    Returns
    -------
    Crop
        Pixels float32.
    """
    pixels = torch.from_numpy(crop.pixels.astype(np.float32))[None]
    mode = "area" if pixels.shape[-1] > size else "bilinear"
    scaled = torch.nn.functional.interpolate(pixels, (size, size), mode=mode)[0].numpy()
    rows = (np.arange(size) + 0.5) * crop.valid.shape[0] // size
    columns = (np.arange(size) + 0.5) * crop.valid.shape[1] // size
    at = np.ix_(rows.astype(int), columns.astype(int))
    factor = np.float16(size / crop.valid.shape[0])
    depth = None if crop.depth is None else crop.depth[at] * factor
    return Crop(scaled, crop.valid[at], crop.target[:, *at], depth)


def join(quarters: list[Crop]) -> Crop:
    """Put four crops of one size together, two by two.

    Parameters
    ----------
    quarters
        Top left, top right, bottom left, bottom right.

    Returns
    -------
    Crop
        Of twice their side.
    """

    def square(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        top = np.concatenate(parts[:2], axis=-1)
        bottom = np.concatenate(parts[2:], axis=-1)
        return np.concatenate([top, bottom], axis=-2)

    depths = [q.depth for q in quarters if q.depth is not None]
    return Crop(
        square([q.pixels for q in quarters]),
        square([q.valid for q in quarters]),
        square([q.target for q in quarters]),
        square(depths) if len(depths) == len(quarters) else None,
    )


def blend(one: Crop, other: Crop, share: float) -> Crop:
    """Lay two crops of one size over one another, with the labels of both; a pixel that either has
    no label for gets none.

    Parameters
    ----------
    one, other
        Of one size.
    share
        How much of the first, 0 to 1; the rest is of the other.

    Returns
    -------
    Crop
        Pixels float32; valid where both are.

    References
    ----------
    Zhang et al. 2018, mixup: Beyond Empirical Risk Minimization, arXiv:1710.09412.
    """
    pixels = one.pixels * np.float32(share) + other.pixels * np.float32(1 - share)
    both = one.target.any(axis=0) & other.target.any(axis=0) & one.valid & other.valid
    target = np.rint(one.target * np.float32(share) + other.target * np.float32(1 - share)).astype(
        np.uint8
    )
    depth = None
    if one.depth is not None and other.depth is not None:
        depth = one.depth * np.float16(share) + other.depth * np.float16(1 - share)
    return Crop(pixels, one.valid & other.valid, target * both, depth)


def dominant(target: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the meaning with the largest share at each pixel.

    Parameters
    ----------
    target
        As of Crop [meaning, row, column].

    Returns
    -------
    array
        Uint8 [row, column], its place; the first of several alike, NODATA where unlabelled.
    """
    best = target.argmax(axis=0).astype(np.uint8)
    return np.where(target.any(axis=0), best, np.uint8(NODATA))


def present(target: npt.NDArray[np.uint8], several: bool) -> npt.NDArray[np.bool_]:
    """Return what each pixel is told to be.

    Parameters
    ----------
    target
        As of Crop [meaning, row, column].
    several
        Whether that is all that has half or more; else it is the dominant meaning alone.

    Returns
    -------
    array
        Bool [meaning, row, column].
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

    Parameters
    ----------
    target
        As of Crop [meaning, row, column].
    mapped
        Class indices [row, column].
    several
        Whether a pixel may be of several classes at once; else it is the dominant meaning.
    sets
        Class indices of each set, which are the last meanings.

    Returns
    -------
    array
        Uint8 [row, column], places among the meanings; NODATA where unlabelled.
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
    """Return what labels say of each class, for a temperature to be fitted.

    Parameters
    ----------
    target
        As of Crop [meaning, row, column].
    several
        Whether a pixel may be of several classes at once.
    labels
        How many classes there are; meanings after them are sets.

    Returns
    -------
    array
        Uint8: the class index [row, column], or of several at once 0 and 1 [label, row, column];
        NODATA where nothing is certain.
    """
    if not several:
        best = dominant(target)
        return np.where(best < labels, best, np.uint8(NODATA))
    vague = ~target.any(axis=0) | (target[labels:] >= HALF).any(axis=0)
    return np.where(vague, np.uint8(NODATA), present(target[:labels], several=True))
