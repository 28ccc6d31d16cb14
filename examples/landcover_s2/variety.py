"""Chips that were never recorded, out of those that were: the teacher labels whatever it is
shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from atmosphere import WAVES, draw_atmosphere, seen_from_above, slopes, to_ground
from scipy import ndimage

SIDE = 256  # pixels of a chip
CLASSES = 9
PLAIN = 0.4  # share of the chips that are only cut, enlarged, turned and put together
PLAIN_AIR = 0.35  # ... of those that are seen through air
LEAST = 64  # pixels: quarters are not cut into quarters below this
GROUPS = 5  # kinds of pixel that a chip is parted into, of which some get other spectra
HAZE = (WAVES / WAVES[0]) ** -2.0


@dataclass(frozen=True, slots=True)
class Source:
    """A recorded chip: numbers of L1C [band, row, column], class indices (255 unlabelled),
    places of each class.
    """

    numbers: np.ndarray
    classes: np.ndarray
    points: dict[int, np.ndarray]


Start = tuple[Source, tuple[int, int]]  # a chip and the pixel that a window is to hold


def source(numbers: np.ndarray, soft: np.ndarray, rng: np.random.Generator) -> Source:
    """Return a recorded chip with up to 200 positions of each class that its labels show."""
    classes = np.where(soft.any(axis=0), soft.argmax(axis=0), 255).astype(np.uint8)
    found = {}
    for label in range(CLASSES):
        places = np.argwhere(classes == label)
        if len(places):
            found[label] = places[rng.integers(len(places), size=200)]
    return Source(numbers, classes, found)


class Variety:
    """Draws changed chips from sources: all of them from places that are trained on; some get
    spectra of a library.

    With air, chips are changed as they lie on the ground, and further, and seen through an
    atmosphere drawn at random; the library's spectra are then those of the ground.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        library: Sequence[np.ndarray] = (),
        plain: float = PLAIN,
        air: bool = False,
    ) -> None:
        self._sources, self._library, self._plain, self._air = sources, library, plain, air
        counts = [[(s.classes == label).sum() for label in range(CLASSES)] for s in sources]
        self._counts = (
            np.array(counts, np.float64) ** 0.5
        )  # the root: many small places tell more than one large
        self._areas = np.array([s.classes.size for s in sources], np.float64) ** 0.75

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers of L1C [9, SIDE, SIDE] as uint16, and which pixels are worth labelling."""
        pixels, known = self._cut(rng)
        plain = rng.random() < self._plain
        if self._air and not plain:
            ground, known = self._change_ground(pixels, known, rng)
            pixels = seen_from_above(ground, draw_atmosphere(rng), rng.uniform(0, 0.15))
        elif self._air and rng.random() < 0.5:  # as it was recorded, but through other air
            pixels = seen_from_above(to_ground(pixels), draw_atmosphere(rng))
        elif not plain:
            pixels, known = self._change(pixels, known, rng)
        return np.clip(np.rint(pixels), 1, 20_000).astype(np.uint16), known

    def _change(
        self, pixels: np.ndarray, known: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        if rng.random() < 0.3:  # the texture of one place with the spectra of another
            pixels = recolour(pixels, self._cut(rng)[0], rng.uniform(0.4, 1.0))
        if self._library and rng.random() < 0.15:  # ... or with those of a library, in places
            pixels = mixed(painted(pixels, self._spectra(rng), rng), pixels, blobs(rng))
        if rng.random() < 0.35:  # two places, the one running over into the other
            other, also = self._cut(rng)
            pixels, known = mixed(pixels, other, blobs(rng)), known & also
        return (light(pixels, rng) if rng.random() < 0.85 else pixels), known

    def _change_ground(
        self, pixels: np.ndarray, known: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        if rng.random() < 0.25:  # the texture of one place with the spectra of another
            pixels = recolour(pixels, self._cut(rng)[0], rng.uniform(0.4, 1.0))
        pixels = to_ground(pixels)
        if rng.random() < 0.4:  # what is alike becomes something else: trees bare soil, fields snow
            pixels = exchanged(pixels, self._surfaces(rng, GROUPS), rng)
        if self._library and rng.random() < 0.15:  # a surface without a texture of its own
            pixels = mixed(painted(pixels, self._surfaces(rng, 3), rng), pixels, blobs(rng))
        if rng.random() < 0.3:  # two places, the one running over into the other
            other, also = self._cut(rng)
            pixels, known = mixed(pixels, to_ground(other), blobs(rng)), known & also
        if rng.random() < 0.15:
            pixels = pixels * slopes(SIDE, rng)
        if rng.random() < 0.5:
            pixels = light(pixels, rng)
        return pixels, known

    def _surfaces(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Draw numbers of L2A [count, 9]: of the library's spectra, mixed, or recorded ones."""
        return np.array([self._surface(rng) for _ in range(count)], np.float32)

    def _surface(self, rng: np.random.Generator) -> np.ndarray:
        if not self._library or rng.random() < 0.4:
            chip, (row, column) = self._pick(rng)
            return to_ground(chip.numbers[:, row, column].astype(np.float32)[:, None, None])[
                :, 0, 0
            ]
        few = int(rng.integers(1, 4))
        kinds = [self._library[int(rng.integers(len(self._library)))] for _ in range(few)]
        spectra = np.array([kind[rng.integers(len(kind))] for kind in kinds])
        return rng.dirichlet(np.ones(few)) @ spectra * rng.uniform(0.5, 1.3)

    def _spectra(self, rng: np.random.Generator) -> np.ndarray:
        """Draw three spectra [3, 9] of the library, each of a kind drawn at random."""
        kinds = [self._library[int(rng.integers(len(self._library)))] for _ in range(3)]
        return np.array([kind[rng.integers(len(kind))] for kind in kinds])

    def _cut(
        self, rng: np.random.Generator, size: int = SIDE, start: Start | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cut a window about a pixel of a class drawn at random, or about any; enlarge, shrink and
        turn it.

        From a chip that fills less than a half of each side, only a quarter comes, and the others
        from elsewhere: mirrored over and over, it would be a kaleidoscope.
        """
        chip, centre = start or self._pick(rng)
        if max(chip.classes.shape) <= size // 2 and size > LEAST:
            quarters = [
                self._cut(rng, size // 2, first) for first in ((chip, centre), None, None, None)
            ]
            return joined([q[0] for q in quarters]), joined([q[1] for q in quarters])
        return self._whole(rng, chip, centre, size)

    def _whole(
        self, rng: np.random.Generator, chip: Source, centre: tuple[int, int], size: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cut a window of one chip, enlarge, shrink and turn it."""
        side = round(size * 1.5 ** rng.uniform(-1, 1)) if rng.random() < 0.4 else size
        pixels, known = window(chip, centre, side, rng)
        if side != size:
            near = np.minimum(((np.arange(size) + 0.5) * side / size).astype(int), side - 1)
            known = known[near][:, near]
            pixels = ndimage.zoom(
                pixels, (1, size / side, size / side), order=1, grid_mode=True, mode="nearest"
            )
        turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
        pixels, known = np.rot90(pixels, turns, axes=(1, 2)), np.rot90(known, turns)
        return (pixels[..., ::-1], known[:, ::-1]) if mirrored else (pixels, known)

    def _pick(self, rng: np.random.Generator) -> Start:
        if rng.random() < 0.65:
            label = int(rng.choice(np.flatnonzero(self._counts.any(axis=0))))
            weights = self._counts[:, label]
            chip = self._sources[int(rng.choice(len(weights), p=weights / weights.sum()))]
            row, column = chip.points[label][rng.integers(200)]
            return chip, (int(row), int(column))
        chip = self._sources[int(rng.choice(len(self._areas), p=self._areas / self._areas.sum()))]
        return chip, (
            int(rng.integers(chip.classes.shape[0])),
            int(rng.integers(chip.classes.shape[1])),
        )


def sheet(variety: Variety, seed: list[int], across: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw chips and put them side by side, across x across of them; the seed of each is its
    number.
    """
    chips = [variety.draw(np.random.default_rng([*seed, number])) for number in range(across**2)]
    rows = [chips[i : i + across] for i in range(0, across**2, across)]
    pixels, known = (
        np.concatenate(
            [np.concatenate([chip[part] for chip in row], axis=-1) for row in rows], axis=-2
        )
        for part in (0, 1)
    )
    return pixels, known


def joined(quarters: Sequence[np.ndarray]) -> np.ndarray:
    """Put four images together as one."""
    rows = [np.concatenate(quarters[i : i + 2], axis=-1) for i in (0, 2)]
    return np.concatenate(rows, axis=-2)


def window(
    chip: Source, centre: tuple[int, int], side: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return a window that holds the position; a chip that is too small is mirrored at its
    edges.
    """
    rows, columns = chip.classes.shape
    top = int(np.clip(centre[0] - rng.integers(side), 0, max(rows - side, 0)))
    left = int(np.clip(centre[1] - rng.integers(side), 0, max(columns - side, 0)))
    cut = (slice(top, top + side), slice(left, left + side))
    pixels, known = chip.numbers[:, *cut].astype(np.float32), chip.classes[cut] != 255
    spare = [(0, side - size) for size in known.shape]
    return np.pad(pixels, [(0, 0), *spare], mode="symmetric"), np.pad(
        known, spare, mode="symmetric"
    )


def recolour(pixels: np.ndarray, like: np.ndarray, share: float) -> np.ndarray:
    """Give the pixels another chip's means and covariances of the bands' logarithms, by a share."""
    own, other = (
        np.log(np.maximum(pixels, 1)).reshape(9, -1),
        np.log(np.maximum(like, 1)).reshape(9, -1),
    )
    turned = (
        root(np.cov(other)) @ np.linalg.pinv(root(np.cov(own))) @ (own - own.mean(1, keepdims=True))
    )
    moved = turned + other.mean(1, keepdims=True)
    mixed = own + np.float32(share) * (np.clip(moved, 3, 9.7) - own)
    return np.exp(mixed).reshape(pixels.shape).astype(np.float32)


def root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric root of a covariance; what hardly varies counts as a little noise."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 1e-4))) @ vectors.T)


def blobs(rng: np.random.Generator) -> np.ndarray:
    """A smooth share between 0 and 1: patches with soft or with sharp borders, or one share all
    over.
    """
    if rng.random() < 0.25:
        return np.full((SIDE, SIDE), rng.uniform(0.3, 0.7), np.float32)
    field = ndimage.gaussian_filter(rng.normal(size=(SIDE, SIDE)), rng.uniform(4, 40), mode="wrap")
    field = (field - field.mean()) / field.std() * rng.choice([0.8, 2.0, 8.0])
    return (1 / (1 + np.exp(-np.clip(field, -30, 30)))).astype(np.float32)


def mixed(pixels: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Lay one image over another."""
    return pixels * share + other * (1 - share)


def exchanged(pixels: np.ndarray, spectra: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Part the pixels into groups of like spectra, and give some groups other ones; how each
    pixel differs from its group stays.
    """
    logs = np.log(np.maximum(pixels, 1)).reshape(9, -1).T.astype(np.float32)
    middles = logs[rng.integers(len(logs), size=len(spectra))]
    some = logs[rng.integers(len(logs), size=2000)]
    for _ in range(6):
        nearest = distances(some, middles).argmin(axis=1)
        middles = np.array(
            [
                some[nearest == group].mean(axis=0) if (nearest == group).any() else middle
                for group, middle in enumerate(middles)
            ]
        )
    far = distances(logs, middles)
    width = np.float32(rng.uniform(0.05, 0.4)) * far.min(axis=1).mean() + np.float32(1e-3)
    shares = np.exp(-(far - far.min(axis=1, keepdims=True)) / width)
    shares /= shares.sum(axis=1, keepdims=True)
    new = np.where(
        rng.random(len(spectra))[:, None] < 0.6, np.log(np.maximum(spectra, 1)), middles
    ).astype(np.float32)
    texture = np.float32(rng.uniform(0.3, 1.1))
    turned = shares @ new + texture * (logs - shares @ middles)
    return np.exp(np.clip(turned, 0, 9.8)).T.reshape(pixels.shape).astype(np.float32)


def distances(logs: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """Return squared distances [pixel, group]."""
    return np.asarray(
        (logs**2).sum(axis=1)[:, None] - 2 * logs @ middles.T + (middles**2).sum(axis=1)
    )


def painted(pixels: np.ndarray, spectra: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give an image other spectra, mixed smoothly, and keep its texture: how bright each pixel
    is near others.
    """
    logs = np.log(np.maximum(pixels, 1)).mean(axis=0)
    texture = np.exp(np.clip(logs - ndimage.gaussian_filter(logs, 8), -1, 1) * rng.uniform(0, 1.5))
    shares = np.array([blobs(rng) for _ in spectra]) + 1e-3
    painting = np.einsum("nb,nyx->byx", spectra, shares / shares.sum(axis=0))
    return np.asarray(painting * texture * rng.uniform(0.6, 1.3), np.float32)


def light(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Change gains, of all bands, of each and along the wavelengths, put a veil of haze over it,
    and add noise.
    """
    tilt = rng.choice([0.0, 0.0, 0.15]) * rng.normal() * np.log(WAVES / 0.8)
    gain = np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.07, len(WAVES)) + tilt)
    veil = rng.choice([0.0, 0.0, 0.1]) * rng.random() * HAZE
    changed = (
        pixels * (gain * (1 - veil))[:, None, None]
        + (veil * 6000 + rng.normal(0, 40, 9))[:, None, None]
    )
    noise = rng.choice([0.0, 15.0])
    return (changed + noise * rng.normal(size=pixels.shape)).astype(np.float32)
