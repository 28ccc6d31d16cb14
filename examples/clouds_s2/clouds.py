"""Clouds and their shadows over a clear scene, drawn at random: how thick they are is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

CLEAR, THIN, CLOUD, SHADOW, UNLABELLED = 0, 1, 2, 3, 255
SEEN, THICK = 0.15, 0.5  # opacity from which a cloud is a thin one, and one
FAINT = 0.05  # below it is clear; what lies between is not labelled
DEEP, LIGHT = 0.25, 0.08  # share of the sunlight that a shadow takes: from here on it is one; none
FARTHEST = 60  # pixels between a cloud and its shadow
# nine bands in the order in which the sensor sees the ground: B02 first, B12 last
PARALLAX = np.array([0.0, 0.2, 0.4, 0.55, 0.6, 0.7, 0.1, 0.45, 0.9])
BANDS = 9


@dataclass(frozen=True, slots=True)
class Sky:
    """Clouds over a square of ground."""

    opacity: np.ndarray
    """Share of the light that comes from the cloud, 0 to 1, [9, row, column]."""
    brightness: np.ndarray
    """Reflectance of the cloud [9, row, column]."""
    shade: np.ndarray
    """Share of the sunlight that does not reach the ground [row, column]."""


def draw_sky(side: int, rng: np.random.Generator) -> Sky:
    """Draw heaps, veils or a closed layer, at some height, under some sun."""
    kind = rng.choice(["heaps", "veil", "layer"], p=[0.55, 0.3, 0.15])
    wide = side + 2 * FARTHEST
    field = fractal(wide, rng, 2.2 if kind == "veil" else rng.uniform(1.4, 2.2), kind == "veil")
    if kind == "heaps":
        cover, sharp = rng.normal(0.6, 0.7), rng.uniform(1.5, 8)
        opacity = np.clip((field - cover) * sharp / 2, 0, 1) * rng.uniform(0.7, 1.0)
    elif kind == "veil":
        opacity = np.clip(field * 0.25 + rng.uniform(-0.1, 0.4), 0, 1) * rng.uniform(0.2, 0.9)
    else:
        opacity = np.clip(rng.uniform(0.75, 1.0) + 0.1 * field, 0, 1)
    return _lit(opacity.astype(np.float32), field, kind == "veil", side, rng)


def _lit(
    opacity: np.ndarray, field: np.ndarray, icy: bool, side: int, rng: np.random.Generator
) -> Sky:
    """Give clouds their brightness, the bands' parallax, and shadows."""
    inner = slice(FARTHEST, FARTHEST + side)
    angle = rng.uniform(0, 2 * math.pi)
    down, right = np.gradient(ndimage.gaussian_filter(opacity, 2))
    relief = 1 + rng.uniform(0, 3) * (math.sin(angle) * down + math.cos(angle) * right)
    white = rng.uniform(0.35, 1.0) * np.clip(relief * (1 + 0.08 * field), 0.4, 1.4)
    spectrum = rng.uniform(0.95, 1.05, BANDS)
    spectrum[:2] *= rng.uniform(1.0, 1.1)
    spectrum[7] *= rng.uniform(0.25, 0.7) if icy else rng.uniform(0.5, 0.95)
    spectrum[8] *= rng.uniform(0.2, 0.6) if icy else rng.uniform(0.35, 0.85)
    apart = rng.uniform(0, 2.5) * PARALLAX * rng.choice([-1, 1])
    moved = np.array([ndimage.shift(opacity, (shift, 0), order=1) for shift in apart])
    if icy:
        moved[7:] *= rng.uniform(0.6, 1.0)
    far = rng.uniform(4, FARTHEST)
    row, column = (round(far * part) for part in (math.sin(angle), math.cos(angle)))
    depth = rng.uniform(0.3, 0.85) * (0.4 if icy else 1.0)
    shade = ndimage.gaussian_filter(np.roll(opacity, (row, column), axis=(0, 1)), 1.5) * depth
    return Sky(
        moved[:, inner, inner].astype(np.float32),
        (spectrum[:, None, None] * white[inner, inner]).astype(np.float32),
        shade[inner, inner].astype(np.float32),
    )


def fractal(side: int, rng: np.random.Generator, power: float, streaks: bool) -> np.ndarray:
    """Draw noise of mean 0 and deviation 1, alike at all sizes; streaks are long and thin."""
    rows, columns = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    if streaks:
        angle, long = rng.uniform(0, math.pi), rng.uniform(1, 6)
        rows, columns = (
            math.cos(angle) * rows + math.sin(angle) * columns,
            long * (math.cos(angle) * columns - math.sin(angle) * rows),
        )
    waves = np.hypot(rows, columns)
    waves = np.maximum(waves, 1 / rng.uniform(60, side))
    field = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(side, side))) * waves**-power, (side, side))
    return np.asarray((field - field.mean()) / field.std(), np.float32)


def over(numbers: np.ndarray, sky: Sky, rng: np.random.Generator) -> np.ndarray:
    """Lay clouds and shadows over numbers of L1C [9, row, column].

    What falls into a shadow is skylight, of which there is more in blue; the air above it shines
    as before.
    """
    air = np.minimum(np.array([842, 526, 326, 298, 314, 300, 246, 29, 20]) * 0.8, 8000)
    air = np.minimum(air[:, None, None], numbers)
    kept = 0.12 * (np.array([1, 0.8, 0.6, 0.52, 0.48, 0.42, 0.38, 0.12, 0.08]))[:, None, None]
    ground = (numbers - air) * (1 - sky.shade * (1 - kept))
    glow = sky.brightness * 10_000
    seen = (ground + air) * (1 - sky.opacity) + glow * sky.opacity
    return np.asarray(seen + rng.normal(0, 8, seen.shape), np.float32)


def classes(sky: Sky) -> np.ndarray:
    """Return the class [row, column] of each pixel: what is neither one nor the other has none."""
    opacity = sky.opacity[2]
    found = np.full(opacity.shape, UNLABELLED, np.uint8)
    free = opacity < FAINT
    found[free & (sky.shade < LIGHT)] = CLEAR
    found[free & (sky.shade > DEEP)] = SHADOW
    found[(opacity >= SEEN) & (opacity < THICK)] = THIN
    found[opacity >= THICK] = CLOUD
    return found
