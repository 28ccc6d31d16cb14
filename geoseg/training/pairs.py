"""A scene and its labels, read by window: the scene through the same code as in inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..card import NODATA, ModelCard
from ..errors import InputError
from ..grid import Window
from ..job import Options
from ..raster import open_raster
from ..raster.labels import LabelRaster


@dataclass(frozen=True, slots=True)
class Crop:
    """A piece of a scene, on its way to the network.

    `pixels` [band, row, column] in DN, `valid` bool [row, column], `target` uint8
    [label, row, column]: 255 times the share of each class, 0 in all where unlabelled.
    """

    pixels: npt.NDArray[Any]
    valid: npt.NDArray[np.bool_]
    target: npt.NDArray[np.uint8]


class Pair:
    """A scene with its label raster; `hold` keeps both in memory after the first read."""

    def __init__(self, scene: str, label: str, card: ModelCard, kind: str, hold: bool) -> None:
        # force: a training set says itself what its values are; bands and types are still checked
        options = Options(force=True, scale=card.scaling.scale, offset=card.scaling.offset)
        self._source = open_raster((scene,), card, options)
        self.grid = self._source.grid
        self.path, self._card, self._soft, self._hold = label, card, kind == "soft", hold
        bands = len(card.labels) if self._soft else 1
        self._labels = LabelRaster(label, (self.grid.height, self.grid.width), bands)
        self._whole: Crop | None = None

    def read(self, window: Window) -> Crop:
        """Return the crop of a window; what hangs over the edge is reflected, invalid and unlabelled."""
        if not self._hold:
            return self._load(window)
        if self._whole is None:
            self._whole = self._load(self.grid.extent)
            self.close()  # a training set may hold more scenes than a process may hold files
        return extend(self._whole, self.grid.extent, window)

    def _load(self, window: Window) -> Crop:
        patch = self._source.read(window)
        inside = window.clip(self.grid.extent)
        target = np.zeros((len(self._card.labels), *window.shape), np.uint8)
        labels = self._labels.read(inside)
        target[:, *inside.within(window)] = labels if self._soft else self._one_hot(labels[0])
        valid = np.ones(window.shape, bool) if patch.valid is None else patch.valid
        return Crop(patch.data, valid, target * valid)

    def _one_hot(self, values: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        known = np.array([label.value for label in self._card.labels])
        if len(strange := np.setdiff1d(values, [*known, NODATA])):
            raise InputError(f"{self.path} holds the values {strange.tolist()}",
                             f"classes of the card ({known.tolist()}) or {NODATA} for unlabelled")  # fmt: skip
        return np.where(values == known[:, None, None], np.uint8(255), np.uint8(0))

    def close(self) -> None:
        """Close both files."""
        self._source.close()
        self._labels.close()


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


def dominant(target: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the class index with the largest share [row, column], NODATA where unlabelled."""
    best = target.argmax(axis=0).astype(np.uint8)
    return np.where(target.any(axis=0), best, np.uint8(NODATA))
