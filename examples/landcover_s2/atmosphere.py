"""Light on its way: from reflectance of the ground (L2A) to that seen above the air (L1C), through
atmospheres drawn at random, and over slopes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

# L2A -> pseudo top of atmosphere, in digital numbers: fitted on pairs of recorded scenes
GAIN = np.array([0.6375, 0.6825, 0.7875, 0.7625, 0.805, 0.8475, 0.805, 0.9075, 0.835], np.float32)
OFFSET = np.array([842, 526, 326, 298, 314, 300, 246, 29, 20], np.float32)
WAVES = np.array([0.492, 0.560, 0.665, 0.704, 0.740, 0.783, 0.833, 1.614, 2.202])  # micrometres
# optical depth of pure air at sea level (Hansen and Travis 1974, first two terms)
RAYLEIGH = 0.008569 * WAVES**-4 * (1 + 0.0113 * WAVES**-2)
# shares of the scattered light that do not go on downwards: of air, and of aerosol
BACK_AIR, BACK_AEROSOL = 0.52, 0.17
NADIR = 0.98  # cosine of the sensor's angle, on average over the swath
# absorption of vapour and ozone: its optical depth in a moist, and an ordinary, atmosphere
VAPOUR = np.array([0.0, 0.001, 0.004, 0.015, 0.012, 0.003, 0.03, 0.005, 0.02])
OZONE = np.array([0.006, 0.031, 0.015, 0.005, 0.003, 0.001, 0.0, 0.0, 0.0])


@dataclass(frozen=True, slots=True)
class Atmosphere:
    """What the air is like."""

    aerosol: float = 0.15
    """Optical depth at 0.55 micrometres."""
    slope: float = 1.2
    """Power of the wavelength that the aerosol's depth falls with: near 0 dust, 2 smoke."""
    sun: float = 40.0
    """Zenith angle in degrees."""
    pressure: float = 1.0
    """Of that at sea level: 0.6 at 4,000 m."""
    vapour: float = 1.0
    """Of the ordinary amount."""
    phase: float = 0.3
    """How much the aerosol throws back towards the sensor, 1 being alike into all directions."""

    @property
    def path(self) -> np.ndarray:
        """Reflectance [9] of the air above black ground, scattered once."""
        low = math.cos(math.radians(self.sun))
        air = 0.75 * (1 + low**2) * RAYLEIGH * self.pressure
        return np.asarray((air + self.phase * self.depth) / (4 * low * NADIR))

    @property
    def depth(self) -> np.ndarray:
        """Optical depth [9] of the aerosol."""
        return np.asarray(self.aerosol * (WAVES / 0.55) ** -self.slope)

    @property
    def transmittance(self) -> np.ndarray:
        """Share [9] of the light that comes down and up again, direct and scattered."""
        way = 1 / math.cos(math.radians(self.sun)) + 1 / NADIR
        lost = BACK_AIR * RAYLEIGH * self.pressure + BACK_AEROSOL * self.depth
        return np.asarray(np.exp(-way * (lost + 0.5 * (VAPOUR * self.vapour + OZONE))))


ORDINARY = Atmosphere()


def draw_atmosphere(rng: np.random.Generator) -> Atmosphere:
    """Draw an atmosphere between a clear one in the mountains and haze under a low sun."""
    return Atmosphere(
        aerosol=float(np.clip(rng.lognormal(math.log(0.12), 0.8), 0.01, 0.9)),
        slope=float(rng.uniform(0.2, 1.8)),
        sun=float(rng.triangular(12, 38, 74)),
        pressure=float(rng.choice([rng.uniform(0.92, 1.0), rng.uniform(0.6, 0.95)], p=[0.7, 0.3])),
        vapour=float(rng.uniform(0.1, 2.5)),
        phase=float(rng.uniform(0.15, 0.5)),
    )


def linear(air: Atmosphere) -> tuple[np.ndarray, np.ndarray]:
    """Return gain and offset [9] from L2A to L1C, in digital numbers.

    The formula says how an atmosphere differs from the ordinary one, and the fitted map how that
    one is: so both agree where both know.
    """
    gain = GAIN * air.transmittance / ORDINARY.transmittance
    offset = OFFSET * air.path / ORDINARY.path
    return gain.astype(np.float32), offset.astype(np.float32)


def seen_from_above(ground: np.ndarray, air: Atmosphere, adjacency: float = 0.0) -> np.ndarray:
    """Turn numbers of L2A [9, row, column] into L1C; a share of the light comes from around."""
    gain, offset = linear(air)
    if adjacency:
        around = ndimage.uniform_filter(ground, (0, 41, 41), mode="nearest")
        around = ndimage.uniform_filter(around, (0, 41, 41), mode="nearest")
        ground = ground + np.float32(adjacency) * (around - ground)
    return np.asarray(ground * gain[:, None, None] + offset[:, None, None], np.float32)


def to_ground(numbers: np.ndarray) -> np.ndarray:
    """Turn numbers of L1C [9, row, column] into L2A under the ordinary atmosphere."""
    return np.maximum((numbers - OFFSET[:, None, None]) / GAIN[:, None, None], 1.0)


def slopes(side: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how much sunlight falls on each pixel of mountains, 1 being that of a plain: float32
    [9, side, side], with more of it left in blue where the sun does not reach.
    """
    waves = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    waves[0, 0] = 1
    noise = np.fft.rfft2(rng.normal(size=(side, side))) * waves ** -rng.uniform(1.6, 2.4)
    noise[waves < 1 / rng.uniform(40, side)] = 0
    height = np.fft.irfft2(noise, s=(side, side))
    down, right = np.gradient(height)
    steep = rng.uniform(0.2, 1.0) / np.sqrt((down**2 + right**2).mean())
    down, right = down * steep, right * steep
    angle, sun = rng.uniform(0, 2 * math.pi), math.radians(rng.uniform(30, 70))
    towards = (math.cos(angle) * down + math.sin(angle) * right) * math.sin(sun) + math.cos(sun)
    light = np.maximum(towards / np.sqrt(1 + down**2 + right**2), 0) / math.cos(sun)
    sky = rng.uniform(0.04, 0.2) * (WAVES / WAVES[0]) ** -rng.uniform(1, 3)
    lit = np.minimum(light, 2.0)
    return (lit * (1 - sky[:, None, None]) + sky[:, None, None]).astype(np.float32)
