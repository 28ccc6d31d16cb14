"""Do a scene's values lie where the model's training data lay? A look at a few windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..card import Band, ModelCard
from ..errors import ModelError
from ..grid import Grid, Window
from ..job import Options

if TYPE_CHECKING:
    from .source import Source

SIDE = 256  # pixels of a sample window
BRIGHTEST = 1.6  # reflectance: sunlit cloud and snow stay below
MARGIN = 2.0  # how many times the training data's range a value may lie beyond it
DARKEST = 0.03  # the brightest tenth of a scene is brighter than this share of the training data's high


@dataclass(frozen=True, slots=True)
class Sample:
    """Valid pixels of a few windows, digital numbers [band, pixel], and constants seen along the edges."""

    pixels: npt.NDArray[Any]
    borders: dict[int, float]  # value -> share of the edge pixels that hold it in all bands


def check_values(source: Source, card: ModelCard, options: Options) -> tuple[list[str], list[str]]:
    """Return notes and warnings on the scene's values; ModelError where they lie far outside the card's.

    `options.force` turns the refusal into a warning.
    """
    sample = take_sample(source)
    notes = [_border_note(value, share) for value, share in sample.borders.items()]
    pixels = _without(sample.pixels, sample.borders)
    if pixels.shape[1] == 0:
        return notes, []
    warnings = []
    if pixels.shape[1] > 1 and (pixels == pixels[:, :1]).all():
        warnings.append("the scene is of one constant value wherever it was looked at")
    values = pixels.astype(np.float64) * source.scaling.scale + source.scaling.offset
    problem = judge(values, pixels, card)
    if problem and not options.force:
        raise problem
    if problem:
        warnings.append(f"{problem.found}, {problem.expected}: gone on because of --force")
    return notes, warnings


def judge(values: npt.NDArray[Any], pixels: npt.NDArray[Any], card: ModelCard) -> ModelError | None:
    """Return the refusal that the sampled values [band, pixel] deserve, or None."""
    low, middle, high = np.percentile(values, (5, 50, 90), axis=1)
    reflectance = "reflectance" in card.unit.lower()
    if any(top > _ceiling(band, reflectance) for top, band in zip(high, card.bands, strict=True)):
        return _refusal("far too large", low, middle, high, card, reflectance)
    if all(top < DARKEST * band.high for top, band in zip(high, card.bands, strict=True)):
        return _refusal("far too small", low, middle, high, card, reflectance)
    if any(bottom < band.low - (0.04 if reflectance else MARGIN * (band.high - band.low))
           for bottom, band in zip(low, card.bands, strict=True)):  # fmt: skip
        return _refusal("far too small", low, middle, high, card, reflectance)
    if _eight_bits(pixels, card):
        return _refusal("8-bit numbers, as if stretched for display", low, middle, high, card, reflectance)
    return None


def _ceiling(band: Band, reflectance: bool) -> float:
    beyond = band.high + MARGIN * (band.high - band.low)
    return max(beyond, BRIGHTEST) if reflectance else beyond


def _eight_bits(pixels: npt.NDArray[Any], card: ModelCard) -> bool:
    """Whether whole numbers up to 255 fill a type that the card expects to hold much larger ones."""
    if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize == 1:
        return False
    expected = max((band.high - card.scaling.offset) / card.scaling.scale for band in card.bands)
    top = np.percentile(pixels, 99.9, axis=1)
    return bool(expected > 1000 and (top <= 255).all() and (top >= 200).sum() * 2 > len(top))


def _refusal(what: str, low: Any, middle: Any, high: Any, card: ModelCard, reflectance: bool) -> ModelError:
    found = ", ".join(
        f"{band.name} {a:.3g}/{b:.3g}/{c:.3g}" for band, a, b, c in zip(card.bands, low, middle, high, strict=True)
    )
    expected = ", ".join(f"{band.name} {band.low:.3g} to {band.high:.3g}" for band in card.bands)
    unit = card.unit or "values"
    scales = (
        "--scale 0.0001 for reflectance x 10000, --scale 1.525902e-05 for x 65535, --scale 1 for reflectance itself"
        if reflectance
        else "--scale S --offset O"
    )
    return ModelError(
        f"the scene's values look {what}: 5th, 50th and 90th percentile of the {unit} are {found}",
        f"about {expected}, where {card.name}'s training data lay",
        f"say how {unit} follows from the digital numbers ({scales}), or go on with --force",
    )


def take_sample(source: Source) -> Sample:
    """Read up to nine windows: corners, middles of the edges, and the centre."""
    pixels, edges = [], []
    for window in sample_windows(source.grid):
        patch = source.read(window)
        valid = np.ones(window.shape, bool) if patch.valid is None else patch.valid
        pixels.append(patch.data[:, valid])
        edges.append(_edge(patch.data, valid, window, source.grid))
    return Sample(np.concatenate(pixels, axis=1), _constants(np.concatenate(edges, axis=1)))


def sample_windows(grid: Grid) -> list[Window]:
    """Return up to nine windows of at most SIDE pixels, spread evenly, the outer ones along the edges."""
    return [
        Window(top, left, min(top + SIDE, grid.height), min(left + SIDE, grid.width))
        for top in _offsets(grid.height)
        for left in _offsets(grid.width)
    ]


def _offsets(length: int) -> Sequence[int]:
    last = max(0, length - SIDE)
    return sorted({0, last // 2, last}) if last >= 2 * SIDE else sorted({0, last})


def _edge(data: npt.NDArray[Any], valid: npt.NDArray[np.bool_], window: Window, grid: Grid) -> npt.NDArray[Any]:
    """The valid pixels of the window that lie on the raster's outermost rows and columns."""
    edge = np.zeros(window.shape, bool)
    edge[0] |= window.top == 0
    edge[-1] |= window.bottom == grid.height
    edge[:, 0] |= window.left == 0
    edge[:, -1] |= window.right == grid.width
    return data[:, edge & valid]


def _constants(edge: npt.NDArray[Any]) -> dict[int, float]:
    """Values at the type's ends, or 255, that all bands share in at least 5 % of the edge pixels."""
    if edge.shape[1] < 20:
        return {}
    same = edge[0][(edge == edge[0]).all(axis=0)]
    ends = {0, 255} | ({int(np.iinfo(edge.dtype).max)} if edge.dtype.kind in "iu" else set())
    shares = {value: float((same == value).sum()) / edge.shape[1] for value in sorted(ends)}
    return {value: share for value, share in shares.items() if share >= 0.05}


def _without(pixels: npt.NDArray[Any], borders: dict[int, float]) -> npt.NDArray[Any]:
    keep = np.ones(pixels.shape[1], bool)
    for value in borders:
        keep &= ~(pixels == value).all(axis=0)
    return pixels[:, keep]


def _border_note(value: int, share: float) -> str:
    return (
        f"about {share:.0%} of the scene's edge is {value} in all bands without being marked as nodata: it is mapped"
        f" like the rest (mark it with gdal_edit.py -a_nodata {value} to leave it out)"
    )
