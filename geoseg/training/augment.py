"""Changes of a crop that leave its classes true: turns, light, haze, processing level, noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..card import Scaling
from .config import AugmentConfig, BandConfig, Level
from .pairs import Crop

Vector = npt.NDArray[np.float64]
RAYLEIGH = 2.0  # haze falls with about this power of the wavelength, between pure air (4) and dust (1)


@dataclass(frozen=True, slots=True)
class Linear:
    """number -> number * gain + offset, for each band."""

    gain: Vector
    offset: Vector

    def then(self, gain: Vector | float, offset: Vector | float) -> Linear:
        """Return this followed by another."""
        return Linear(self.gain * gain, self.offset * gain + offset)

    def apply(self, pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return the changed numbers of [band, row, column]; none below 0, as sensors give none."""
        changed: npt.NDArray[np.float32] = pixels * _image(self.gain) + _image(self.offset)
        return np.maximum(changed, 0)

    @property
    def inverse(self) -> Linear:
        """Return the way back."""
        return Linear(1 / self.gain, -self.offset / self.gain)


class Augment:
    """Change crops at random, within the limits of a configuration."""

    def __init__(self, config: AugmentConfig, bands: Sequence[BandConfig], scaling: Scaling) -> None:
        self._config, self._scale, self._count = config, scaling.scale, len(bands)
        waves = np.array([band.wavelength or 0.5 for band in bands])
        self._haze = (waves / waves.min()) ** -RAYLEIGH

    def __call__(self, crop: Crop, level: str, rng: np.random.Generator) -> Crop:
        """Return the changed crop: classes move along with their pixels, numbers change in bands only."""
        pixels = self.level(level, rng).then(*self._light(rng)).apply(crop.pixels)
        if self._config.saturation:
            grey, share = pixels.mean(axis=0), rng.uniform(-1, 1) * self._config.saturation
            pixels += np.float32(share) * (grey - pixels)
        if self._config.noise:
            pixels += rng.normal(0, self._config.noise / self._scale, pixels.shape).astype(np.float32)
        changed = Crop(np.maximum(pixels, 0), crop.valid, crop.target)
        return turn(changed, int(rng.integers(8))) if self._config.turn else changed

    def level(self, level: str, rng: np.random.Generator) -> Linear:
        """Show every second crop in the sensor's other processing level."""
        same = Linear(np.ones(self._count), np.zeros(self._count))
        if self._config.levels is None or rng.random() < 0.5:
            return same
        return convert(self._config.levels, level) or same

    def _light(self, rng: np.random.Generator) -> tuple[Vector, Vector]:
        """Draw gains and offsets: one for all bands and one for each, and a veil of haze."""
        c, n = self._config, self._count
        gain = (1 + c.gain * rng.uniform(-1, 1) / 2) * (1 + c.gain * rng.uniform(-1, 1, n) / 2)
        offset = c.offset * (rng.uniform(-1, 1) + rng.uniform(-1, 1, n)) / 2
        veil = c.haze * rng.random() ** 2 * self._haze
        return gain * (1 - veil), (offset + veil * c.white) / self._scale


def convert(levels: Level, level: str) -> Linear | None:
    """Return the change from `level` to the other one; None for a level of another name."""
    forth = Linear(np.asarray(levels.gain, float), np.asarray(levels.offset, float))
    return {levels.source: forth, levels.to: forth.inverse}.get(level)


def turn(crop: Crop, way: int) -> Crop:
    """Return the crop in one of its 8 orientations: 4 quarter turns, each plain and mirrored."""

    def move(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        turned = np.rot90(array, way % 4, axes=(-2, -1))
        return np.ascontiguousarray(turned[..., ::-1] if way >= 4 else turned)

    return Crop(move(crop.pixels), move(crop.valid).astype(bool), move(crop.target).astype(np.uint8))


def _image(vector: Vector) -> npt.NDArray[np.float32]:
    """Shape a number per band so that it meets [band, row, column]."""
    return vector.astype(np.float32)[:, None, None]
