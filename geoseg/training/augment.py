"""Changes of a crop that leave its classes true: turns, light, haze, shadow, processing level,
noise, JPEG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..core.card import Scaling
from .config import AugmentConfig, BandConfig, Level
from .scene_label import Crop

Vector = npt.NDArray[np.float64]
# haze falls with about this power of the wavelength, between pure air (4) and dust (1)
RAYLEIGH = 2.0
# in a shadow: the share of light that is left at least, and more of it in blue
DARKEST = 0.35
SKYLIGHT = 0.1
BLOTCHES = 5  # random numbers along each side, between which a shadow's edge is drawn
# quality of JPEG
WORST = 30
BEST = 90
BLOCK = 8  # pixels that JPEG transforms together
# quantisation of luminance at quality 50: ITU-T T.81, table K.1
QUANTA = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    np.float32,
)


@dataclass(frozen=True, slots=True)
class Linear:
    """number -> number * gain + offset, for each band."""

    gain: Vector
    """Float64 [band]."""
    offset: Vector
    """Float64 [band], in digital numbers."""

    def then(self, gain: Vector | float, offset: Vector | float) -> Linear:
        """Return this change followed by another.

        Parameters
        ----------
        gain, offset
            Of the other: [band], or one number for all bands.

        Returns
        -------
        Linear
            Both in one.
        """
        return Linear(self.gain * gain, self.offset * gain + offset)

    def apply(self, pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return the changed numbers; none below 0, as sensors give none.

        Parameters
        ----------
        pixels
            Numbers [band, row, column].

        Returns
        -------
        array
            Float32 [band, row, column].
        """
        changed: npt.NDArray[np.float32] = pixels * _image(self.gain) + _image(self.offset)
        return np.maximum(changed, 0)

    @property
    def inverse(self) -> Linear:
        """The way back.

        Returns
        -------
        Linear
            Undoes this one, but for numbers that were cut off at 0.
        """
        return Linear(1 / self.gain, -self.offset / self.gain)


class Augment:
    """Change crops at random, within the limits of a configuration.

    Parameters
    ----------
    config
        How far; 0 switches a change off.
    bands
        Their wavelengths say how much haze and skylight each gets; 0.5 micrometres where unknown.
    scaling
        From digital numbers, which crops hold, to values, which the configuration speaks of.
    """

    def __init__(
        self, config: AugmentConfig, bands: Sequence[BandConfig], scaling: Scaling
    ) -> None:
        self._config = config
        self._scale = scaling.scale
        self._count = len(bands)
        waves = np.array([band.wavelength or 0.5 for band in bands])
        self._haze = (waves / waves.min()) ** -RAYLEIGH

    def __call__(self, crop: Crop, level: str, rng: np.random.Generator) -> Crop:
        """Return the changed crop: classes move along with their pixels, numbers change in bands
        only.

        Parameters
        ----------
        crop
            Pixels in digital numbers.
        level
            Its processing level, as the samples name it; "" is unknown.
        rng
            Draws all changes.

        Returns
        -------
        Crop
            Of the same size; pixels float32, 0 or more.
        """
        pixels = self.level(level, rng).then(*self._light(rng)).apply(crop.pixels)
        if self._config.gamma > 1:
            white = np.float32(self._config.white / self._scale)
            power = np.float32(self._config.gamma ** rng.uniform(-1, 1))
            pixels = (pixels / white) ** power * white
        if self._config.saturation:
            grey = pixels.mean(axis=0)
            share = rng.uniform(-1, 1) * self._config.saturation
            pixels += np.float32(share) * (grey - pixels)
        if rng.random() < self._config.shadow:
            pixels *= shadow(pixels.shape, self._haze, rng)
        if self._config.noise:
            pixels += rng.normal(0, self._config.noise / self._scale, pixels.shape).astype(
                np.float32
            )
        if rng.random() < self._config.jpeg:
            white = np.float32(self._config.white / self._scale)
            pixels = compress(pixels / white, int(rng.integers(WORST, BEST))) * white
        changed = Crop(np.maximum(pixels, 0), crop.valid, crop.target, crop.depth)
        return turn(changed, int(rng.integers(8))) if self._config.turn else changed

    def level(self, level: str, rng: np.random.Generator) -> Linear:
        """Show every second crop in the sensor's other processing level.

        Parameters
        ----------
        level
            That of the crop.
        rng
            Draws whether.

        Returns
        -------
        Linear
            The change; none where the configuration names no levels, or not this one.
        """
        same = Linear(np.ones(self._count), np.zeros(self._count))
        if self._config.levels is None or rng.random() < 0.5:
            return same
        return convert(self._config.levels, level) or same

    def _light(self, rng: np.random.Generator) -> tuple[Vector, Vector]:
        """Draw gains and offsets: one for all bands and one for each, and a veil of haze."""
        c = self._config
        n = self._count
        gain = (1 + c.gain * rng.uniform(-1, 1) / 2) * (1 + c.gain * rng.uniform(-1, 1, n) / 2)
        offset = c.offset * (rng.uniform(-1, 1) + rng.uniform(-1, 1, n)) / 2
        veil = c.haze * rng.random() ** 2 * self._haze
        return gain * (1 - veil), (offset + veil * c.white) / self._scale


def convert(levels: Level, level: str) -> Linear | None:
    """Return the change from one processing level to the other.

    Parameters
    ----------
    levels
        The two, and the change from the first to the second.
    level
        The name of one.

    Returns
    -------
    Linear or None
        None for a level of another name.
    """
    forth = Linear(np.asarray(levels.gain, float), np.asarray(levels.offset, float))
    return {levels.source: forth, levels.to: forth.inverse}.get(level)


def turn(crop: Crop, way: int) -> Crop:
    """Return the crop in one of its 8 orientations: 4 quarter turns, each plain and mirrored.

    Parameters
    ----------
    crop
        Square, or its sides are swapped by odd ways.
    way
        0 to 7; 0 changes nothing.

    Returns
    -------
    Crop
        Pixels, validity and target turned alike.
    """

    def move(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        turned = np.rot90(array, way % 4, axes=(-2, -1))
        return np.ascontiguousarray(turned[..., ::-1] if way >= 4 else turned)

    return Crop(
        move(crop.pixels),
        move(crop.valid).astype(bool),
        move(crop.target).astype(np.uint8),
        None if crop.depth is None else move(crop.depth),
    )


def shadow(
    shape: tuple[int, ...], blue: Vector, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return the light that is left: 1, and less in a random part, whose edge is soft.

    What falls into a shadow comes from the sky, which is blue.

    Parameters
    ----------
    shape
        Band, row, column.
    blue
        [band], 1 for the bluest band and less for others: how much skylight each gets.
    rng
        Draws the part and the depth.

    Returns
    -------
    array
        Float32 [band, row, column], from 0.35 to 1: a factor of the pixels.
    """
    coarse = torch.from_numpy(rng.normal(size=(1, 1, BLOTCHES, BLOTCHES)).astype(np.float32))
    field = torch.nn.functional.interpolate(coarse, shape[1:], mode="bicubic", align_corners=True)[
        0, 0
    ].numpy()
    part = np.clip((field - rng.uniform(0.2, 1.0)) * 10 + 0.5, 0, 1)
    left = np.minimum(rng.uniform(DARKEST, 0.8) + SKYLIGHT * blue, 1)
    return np.asarray(1 - part * _image(1 - left), np.float32)


def compress(pixels: npt.NDArray[np.float32], quality: int) -> npt.NDArray[np.float32]:
    """Return pixels as JPEG gives them back, each band by itself.

    Parameters
    ----------
    pixels
        Float32 [band, row, column], 0 to 1.
    quality
        1 to 100, as the Independent JPEG Group's library scales the quantisation.

    Returns
    -------
    array
        Float32 of the same shape; may lie a little outside 0 to 1.

    References
    ----------
    ITU-T T.81 (JPEG), with table K.1 for every band; without chroma subsampling, and
    not rounded to whole numbers at the end.
    """
    bands, rows, columns = pixels.shape
    spare = [(0, 0), (0, -rows % BLOCK), (0, -columns % BLOCK)]
    padded = np.pad(pixels * 255 - 128, spare, mode="edge")
    blocks = padded.reshape(bands, padded.shape[1] // BLOCK, BLOCK, -1, BLOCK).swapaxes(2, 3)
    scale = (
        5000 / quality if quality < 50 else 200 - 2 * quality
    ) / 100  # of the Independent JPEG Group
    steps = np.clip(np.floor(QUANTA * np.float32(scale) + 0.5), 1, 255).astype(np.float32)
    rounded = np.rint(COSINES @ blocks @ COSINES.T / steps) * steps
    found = (COSINES.T @ rounded @ COSINES).swapaxes(2, 3).reshape(padded.shape)[:, :rows, :columns]
    return np.asarray((found + 128) / 255, np.float32)


def _cosines(size: int) -> npt.NDArray[np.float32]:
    """Return the orthonormal discrete cosine transform (type II) of so many numbers, as a
    matrix.
    """
    places = np.arange(size)
    waves = np.cos(np.pi * (places + 0.5) * places[:, None] / size) * (2 / size) ** 0.5
    waves[0] /= 2**0.5
    return np.asarray(waves, np.float32)


COSINES = _cosines(BLOCK)


def _image(vector: Vector) -> npt.NDArray[np.float32]:
    """Shape a number per band so that it meets [band, row, column]."""
    return vector.astype(np.float32)[:, None, None]
