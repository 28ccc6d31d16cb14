"""Whether the values of a scene lie where those of the training data lay, as far as a few
windows tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard, Scaling
from ..core.errors import ModelError
from ..core.grid import Grid, Patch, Window
from .patterns import Looked, say_patterns
from .spectra import judge_spectra

# Of a scene's reflectance a tenth never lies above the first number, nor 0.5 % above the second:
# snow and cloud do not
BRIGHT = 1.4
BRIGHTEST = 2.0
# Nor is its darkest band above half in 19 of 20 pixels; numbers of another coding are: Landsat's
# begin at 0.5 or 0.73
DARK = 0.5
# reflectance below the training data's low that atmospheric correction can leave over water
NEGATIVE = 0.04
MARGIN = 2.0  # for other units: how many times the training data's range a value may lie beyond it
DARKEST = (
    0.01  # the brightest tenth of a scene is brighter than this share of the training data's high
)
DIM = 0.2  # of the training data's high: a picture is brighter than this somewhere
NIGHT = 0.05  # of the training data's high: what three quarters of a picture are below by night
FEW = 16  # pixels that say nothing about a scaling: one may be black
MANY = 1000  # pixels from which on colours tell what they are of
# Colour infrared (near infrared, red, green) is mostly delivered as if it were red, green, blue:
# plants are pink, and
# the second and third band are more alike than the first and second. In 330 photographs of seven
# towns the difference
# of the two correlations was 0.09 at most; with infrared as red it is 0.4 or more, and 14 % or more
# are pink, by town.
# above both, an image is taken for colour infrared
ALIKE = 0.2
PINK = 0.03
PINKER = 1.15  # so many times as bright as the others the first band is in pink
OPAQUE = 0.9  # share of pixels at the end of their range in an alpha channel, at least
COLOURS = ("red", "green", "blue")
SHOWN = 3  # bands in the message: the ones that are furthest off


def is_reflectance(card: ModelCard) -> bool:
    """Tell whether a card's values are reflectance, which has physical limits.

    Parameters
    ----------
    card
        What the model expects.

    Returns
    -------
    bool
        Whether its unit says so.
    """
    return "reflectance" in card.unit.lower()


def check_values(
    sample: Sample,
    scaling: Scaling,
    card: ModelCard,
    force: bool = False,
    named: bool = False,
    strict: bool = False,
    enlarged: bool = True,
) -> tuple[list[str], list[str]]:
    """See whether the values of a scene lie where those of the model's training data lay.

    Parameters
    ----------
    sample
        What was seen of the scene.
    scaling
        What makes the model's values of digital numbers.
    card
        What the model expects.
    force
        Whether to go on where they lie elsewhere, with a warning.
    named
        Whether the bands are what their descriptions say: only of others is it asked whether
        they look like colour infrared.
    strict
        Whether a scene unlike what the model knows is refused, too.
    enlarged
        Whether it is asked whether the pixels were enlarged.

    Returns
    -------
    tuple
        Notes, and warnings, a line each.

    Raises
    ------
    ModelError
        If they lie far outside; if they are unlike, and the user is strict.
    """
    notes: list[str] = []
    warnings = [constant_warning(value, share) for value, share in sample.constants.items()]
    if sample.zeros:
        notes.append(
            f"about {sample.zeros:.0%} of what was looked at is 0 in all bands: taken for no "
            "data, as in every"
            " Sentinel-2 product"
        )
    pixels = sample.pixels
    if pixels.shape[1] == 0:
        return notes, [*warnings, "no valid pixel was found where the scene was looked at"]
    if pixels.shape[1] > 1 and (pixels == pixels[:, :1]).all():
        warnings.append("the scene is of one constant value wherever it was looked at")
    warnings += [*_say_constant(pixels, card), *_say_dim(pixels, card)]
    if sample.grid:
        warnings += say_patterns(Looked(pixels, sample.patches, sample.grid, enlarged), card)
    problem = judge(pixels, scaling, card) if pixels.shape[1] >= FEW else None
    if not problem and pixels.shape[1] >= MANY:
        problem = judge_opacity(pixels, card)
    if not problem and not named and pixels.shape[1] >= MANY:
        problem = judge_colours(pixels, card)
    if problem and (not force or _values(pixels, scaling) is None):
        raise problem
    if problem:
        warnings.append(f"{problem.found}; expected {problem.expected}: gone on because of --force")
    elif is_reflectance(card) and scaling.offset == 0 and _shifted(pixels, scaling):
        warnings.append(
            "no pixel is darker than a reflectance of about 0.1 in any band, as in Sentinel-2 "
            "products since 2022"
            " (baseline 04.00 and later) whose offset is not taken off: if it is one, give "
            "--offset -0.1"
        )
    elif pixels.shape[1] >= MANY and (unlike := judge_spectra(pixels, scaling, card)):
        if strict:
            raise unlike
        warnings.append(str(unlike))
    return notes, warnings


def _say_constant(pixels: npt.NDArray[Any], card: ModelCard) -> list[str]:
    """Warn of bands that hold one value where others do not: a mask, or one that is missing."""
    same = (pixels == pixels[:, :1]).all(axis=1)
    if same.all() or pixels.shape[1] < MANY:
        return []
    return [
        f"{card.band_names[i]} of the scene is {pixels[i, 0]:g} wherever it was looked at: it is "
        f"no band that {card.name} knows; give the file or number of the right one"
        for i in np.flatnonzero(same)
    ]


def _say_dim(pixels: npt.NDArray[Any], card: ModelCard) -> list[str]:
    """Warn of a picture that is dark all over: numbers divided by something, or a night."""
    if not _pictures(card) or pixels.shape[1] < MANY:
        return []
    top = np.percentile(pixels, 99.5, axis=1).max()
    most = max(band.high for band in card.bands)
    if (pixels == pixels[:, :1]).all():
        return []
    if top >= DIM * most and np.percentile(pixels.max(axis=0), 75) < NIGHT * most:
        return [
            f"three quarters of the picture are black, and some of it is lit: {card.name} knows "
            "pictures by day; take one, or leave out what is black with --nodata"
        ]
    if top >= DIM * most:
        return []
    return [
        f"the picture is dark all over: hardly a pixel is above {top:g}, where {card.name} knows "
        f"up to {most:g}; if its numbers were divided, take the picture itself or give --scale"
    ]


def judge(pixels: npt.NDArray[Any], scaling: Scaling, card: ModelCard) -> ModelError | None:
    """Judge the values that digital numbers have under a scaling.

    Parameters
    ----------
    pixels
        Digital numbers [band, pixel].
    scaling
        What makes values of them.
    card
        What the model expects.

    Returns
    -------
    ModelError or None
        The refusal that they deserve.
    """
    values = _values(pixels, scaling)
    if values is None:
        return ModelError(
            f"with scale {scaling.scale:g} and offset {scaling.offset:g} the scene's values are "
            "beyond all numbers"
            " that a network computes with",
            "values as in the model's training data",
            _scale_advice(card),
        )
    low, high, top, up = np.percentile(values, (5, 90, 99.5, 95), axis=1)
    least, most = (
        np.array([getattr(band, name) for band in card.bands]) for name in ("low", "high")
    )
    span = MARGIN * (most - least)
    if is_reflectance(card):
        large = (high > BRIGHT) | (top > BRIGHTEST)
        small = low < least - NEGATIVE
    else:
        large = high > most + span
        small = low < least - span
    if large.any() or _wholly_above(low, most, card):
        return _refusal("are far too large", np.argsort(-high / most), low, high, card)
    if small.any():
        return _refusal("are far too small", np.argsort(low - least), low, high, card)
    if (high < DARKEST * most).all() or (not _pictures(card) and (up < least).all()):
        return _refusal("are far too small", np.argsort(high / most), low, high, card)
    if _eight_bits(pixels, top, scaling, most):
        found = _refusal(
            "look like 8-bit numbers, stretched for display",
            np.argsort(high / most),
            low,
            high,
            card,
        )
        return ModelError(
            found.found, found.expected, "take the product's own numbers: no scale undoes a stretch"
        )
    return None


def _values(pixels: npt.NDArray[Any], scaling: Scaling) -> npt.NDArray[np.float64] | None:
    """The values of digital numbers, or None where float32 does not hold them all."""
    with np.errstate(over="ignore", invalid="ignore"):
        values = pixels.astype(np.float64) * scaling.scale + scaling.offset
        held = bool((np.abs(values) <= np.finfo(np.float32).max).all())  # NaN is not
    return values if held else None


def _wholly_above(low: Any, most: Any, card: ModelCard) -> bool:
    """Whether 19 of 20 pixels lie above the training data's range: of reflectance, in the
    darkest band.
    """
    if is_reflectance(card):
        return bool(low.min() > min(most.min(), DARK))
    return not _pictures(card) and bool((low > most).all())


def _pictures(card: ModelCard) -> bool:
    """Whether the card is for 8-bit pictures: they may be as dark and as bright as the type
    allows.
    """
    return set(card.dtypes) == {"uint8"} and not is_reflectance(card)


def judge_colours(pixels: npt.NDArray[Any], card: ModelCard) -> ModelError | None:
    """Judge whether colour infrared stands in the place of red, green and blue.

    Parameters
    ----------
    pixels
        Digital numbers [band, pixel].
    card
        What the model expects.

    Returns
    -------
    ModelError or None
        The refusal that they deserve.
    """
    if tuple(band.common_name for band in card.bands[:3]) != COLOURS or is_reflectance(card):
        return None
    first, second, third = pixels[:3].astype(np.float64)
    if min(first.std(), second.std(), third.std()) == 0:
        return None
    pink = (first > PINKER * np.maximum(second, third)) & (third >= second)
    (_, near, _), (_, _, far), _ = np.corrcoef([first, second, third])
    if pink.mean() <= PINK or far - near <= ALIKE:
        return None
    return ModelError(
        f"the scene looks like colour infrared, in which plants are pink: {pink.mean():.0%} of "
        "its pixels",
        f"{', '.join(COLOURS)} for {card.name}, not near infrared, red, green",
        "take a scene with blue, or, where the file has all of them, name the bands with "
        "--bands; if its colours are"
        " right, go on with --force",
    )


def judge_opacity(pixels: npt.NDArray[Any], card: ModelCard) -> ModelError | None:
    """Judge whether an alpha channel stands in the place of a band beside the colours.

    Files of four bands of bytes hold red, green, blue and either near infrared or alpha, and GDAL
    calls the fourth alpha whichever it is. Alpha is opaque nearly everywhere; near infrared is
    at the end of its range in few pixels.

    Parameters
    ----------
    pixels
        Digital numbers [band, pixel].
    card
        What the model expects.

    Returns
    -------
    ModelError or None
        The refusal that they deserve.
    """
    if pixels.dtype.kind not in "iu" or len(card.bands) < 2:
        return None
    full = (pixels == np.iinfo(pixels.dtype).max).mean(axis=1)
    for band, share in zip(card.bands, full, strict=True):
        if share >= OPAQUE and band.common_name not in COLOURS and full.min() < OPAQUE:
            return ModelError(
                f"the band for {band.name} looks like an alpha channel: {share:.0%} of its pixels "
                f"are {np.iinfo(pixels.dtype).max}",
                f"{band.name} for {card.name}",
                "take a model of the other bands, or name the right band with --bands; if it is "
                "one, go on with --force",
            )
    return None


def _shifted(pixels: npt.NDArray[Any], scaling: Scaling) -> bool:
    """Whether the darkest values of the darkest band lie where those of a scene shifted by 0.1
    do.
    """
    darkest = float(np.percentile(pixels, 0.5, axis=1).min()) * scaling.scale
    return 0.095 <= darkest <= 0.16


def _eight_bits(pixels: npt.NDArray[Any], top: Any, scaling: Scaling, most: Any) -> bool:
    """Whether whole numbers fill 0 to 255, where the scaling makes next to nothing of 255."""
    whole = pixels.dtype.kind in "iu" or bool((pixels == np.rint(pixels)).all())
    numbers = (top - scaling.offset) / scaling.scale
    filled = bool((numbers <= 255).all()) and float((numbers >= 200).mean()) > 0.5
    return whole and filled and bool(255 * scaling.scale < 0.1 * most.max())


def _refusal(what: str, order: Any, low: Any, high: Any, card: ModelCard) -> ModelError:
    shown = order[:SHOWN]
    found = ", ".join(f"{card.bands[i].name} {low[i]:.3g} to {high[i]:.3g}" for i in shown)
    expected = ", ".join(
        f"{card.bands[i].name} {card.bands[i].low:.3g} to {card.bands[i].high:.3g}" for i in shown
    )
    unit = f" ({card.unit})" if card.unit else ""
    return ModelError(
        f"the scene's values{unit} {what}: mostly {found}",
        f"about {expected}, as in {card.name}'s training data",
        _scale_advice(card),
    )


def _scale_advice(card: ModelCard) -> str:
    """Return how to say what the numbers mean; never to go on regardless, which gives a wrong
    map.
    """
    how = "--scale and --offset"
    if is_reflectance(card):
        how = (
            "--scale 0.0001 for DN = reflectance x 10000, 1.525902e-05 for x 65535, 1 for "
            "reflectance itself;"
            " --scale 2.75e-05 --offset -0.2 for Landsat's surface reflectance of Collection 2;"
            " --offset 0 where an offset is in the DN no more"
        )
    return (
        f"say how the values follow from the file's numbers, as its producer describes them ({how})"
    )


def constant_warning(value: float, share: float) -> str:
    """Say that a part of the scene holds nothing but one value.

    Parameters
    ----------
    value
        A digital number.
    share
        Of the scene, 0 to 1.

    Returns
    -------
    str
        A warning.
    """
    return (
        f"about {share:.1%} of the scene is {value:g} in all bands without being marked as "
        "nodata: it is mapped like"
        f" the rest (to leave it out: --nodata {value:g})"
    )


SPREADS = (
    (3, 256),
    (8, 96),
)  # windows along an axis, and their side; the second where the first finds too little
ENOUGH = 500  # valid pixels, or all that a small scene has

Pixels = npt.NDArray[Any]


STEP = 8  # pixels: a constant area is wider than this, which bright roofs and black shadows are not
LEAST = 0.005  # share of the scene: smaller constant areas are not told
EDGE = 0.05  # share of the scene's outermost pixels
MISSING = (
    0,
    255,
    -9999,
)  # beside the ends of the data type: what stands for nothing, often without being declared


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen of a scene."""

    pixels: Pixels
    """Valid pixels [band, pixel] as digital numbers, without those of `missing_values` that are
    constants.
    """
    constants: dict[float, float]
    """The share of the scene that holds a value in all bands without being marked as nodata, by
    this value: one that no sensor gives over an area, such as 0 or the largest of the type.
    """
    zeros: float = 0.0
    """The share of pixels that are 0 in all bands and count as nodata without the file's saying
    so.
    """
    valid: float = 1.0
    """The share of the pixels looked at that hold data."""
    patches: tuple[Patch, ...] = ()
    """The windows that were looked at."""
    grid: Grid | None = None
    """The scene's."""

    @property
    def coverage(self) -> Coverage:
        """The shares alone, which need no pixels."""
        return Coverage(self.valid, self.constants, self.zeros)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a scene holds data, as far as a few windows tell."""

    valid: float = 1.0
    """The share of pixels that hold data in all bands, 0 to 1."""
    constants: Mapping[float, float] = field(default_factory=dict)
    """The share that holds a value in all bands without being marked as nodata, by this value."""
    zeros: float = 0.0
    """The share that is 0 in all bands and counts as nodata without the file's saying so."""


def sample_values(
    read: Callable[[Window], Patch],
    grid: Grid,
    zeros: bool = False,
    within: Window | None = None,
) -> Sample:
    """Look at a scene in windows in its corners, along its edges and inside.

    Parameters
    ----------
    read
        Gives a window's pixels.
    grid
        The scene's.
    zeros
        Whether invalid pixels of 0 are counted.
    within
        Where to look; None is the whole scene.

    Returns
    -------
    Sample
        What was seen in windows of at most 256 x 256 px.
    """
    for count, side in SPREADS:
        pixels = []
        edges = []
        patches = []
        areas = Areas()
        empty = total = known = 0
        for window in spread_windows(within or grid.extent, count, side):
            patch = read(window)
            valid = np.ones(window.shape, bool) if patch.valid is None else patch.valid
            pixels.append(patch.data[:, valid])
            edges.append(patch.data[:, valid & _edge(window, grid)])
            areas.add(patch)
            patches.append(patch)
            total += window.area
            known += int(valid.sum())
            empty += int((~valid & (patch.data == 0).all(axis=0)).sum()) if zeros else 0
        constants = _constants(np.concatenate(edges, axis=1)) | areas.shares
        found = np.concatenate(pixels, axis=1)
        found = _without(found, set(constants) & set(missing_values(found.dtype)))
        if found.shape[1] >= min(ENOUGH, (within or grid.extent).area):
            break
    return Sample(found, constants, empty / total, known / total, tuple(patches), grid)


class Areas:
    """Counts, over patches, the areas that hold one of `missing_values` in all bands."""

    def __init__(self) -> None:
        self._counts: Counter[float] = Counter()
        self._total = 0

    def add(self, patch: Patch) -> None:
        """Look for constants at every STEP-th pixel of a patch.

        They are at the corners of squares whose four all hold one value in all bands, and are
        valid. Of several bands, any value counts that a whole square holds: no sensor gives one.

        Parameters
        ----------
        patch
            Pixels [band, row, column].
        """
        data = patch.data[:, ::STEP, ::STEP]
        known = (
            np.ones(data.shape[1:], bool) if patch.valid is None else patch.valid[::STEP, ::STEP]
        )
        self._total += int(known.sum())
        value = data[0]
        same = (data == value).all(axis=0) & known
        missing = np.isin(value, np.array(missing_values(value.dtype), value.dtype))
        if len(data) == 1:
            same &= missing
        pairs = same[:-1] & same[1:] & (value[:-1] == value[1:])
        squares = pairs[:, :-1] & pairs[:, 1:] & (value[:-1, :-1] == value[:-1, 1:])
        if (squares & ~missing[:-1, :-1]).any():
            squares &= missing[:-1, :-1] | _filled(patch.data[0], squares.shape)
        inside = np.zeros_like(same)
        for rows in (slice(None, -1), slice(1, None)):
            for columns in (slice(None, -1), slice(1, None)):
                inside[rows, columns] |= squares
        found, counts = np.unique(value[inside], return_counts=True)
        self._counts.update(dict(zip(found.astype(float).tolist(), counts.tolist(), strict=True)))

    @property
    def shares(self) -> dict[float, float]:
        """The share of what was added that holds each value, of those that hold LEAST or more."""
        shares = {value: count / self._total for value, count in self._counts.items() if count}
        return {value: share for value, share in sorted(shares.items()) if share >= LEAST}


def _filled(band: Pixels, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return which squares of STEP x STEP pixels hold one value only."""
    rows, columns = shape
    squares = band[: rows * STEP, : columns * STEP].reshape(rows, STEP, columns, STEP)
    return np.asarray(squares.min(axis=(1, 3)) == squares.max(axis=(1, 3)))


def missing_values(dtype: np.dtype[Any]) -> list[float]:
    """List what stands for nothing in a data type, where a file forgets to say so.

    Parameters
    ----------
    dtype
        Of the pixels.

    Returns
    -------
    list
        Digital numbers.
    """
    if dtype.kind not in "iu":
        return [
            float(value) for value in (*MISSING, 65535, np.finfo(dtype).min, np.finfo(dtype).max)
        ]
    limits = np.iinfo(dtype)
    values = {*MISSING, 65535, int(limits.min), int(limits.max)}
    return [float(value) for value in sorted(values) if limits.min <= value <= limits.max]


def spread_windows(extent: Window, count: int, side: int) -> list[Window]:
    """Spread windows evenly, the outer ones along the edges.

    Parameters
    ----------
    extent
        The pixels over which they are spread.
    count
        How many along each axis, at most.
    side
        Their side in pixels.

    Returns
    -------
    list
        Windows, row by row.
    """
    height, width = extent.shape
    tops = [extent.top + offset for offset in _offsets(height, count, side)]
    lefts = [extent.left + offset for offset in _offsets(width, count, side)]
    return [
        Window(t, s, min(t + side, extent.bottom), min(s + side, extent.right))
        for t in tops
        for s in lefts
    ]


def _offsets(length: int, count: int, side: int) -> list[int]:
    last = max(0, length - side)
    count = min(count, 1 + -(-last // side))
    return sorted({round(i * last / max(1, count - 1)) for i in range(count)})


def _edge(window: Window, grid: Grid) -> npt.NDArray[np.bool_]:
    """Return which pixels of the window lie on the raster's outermost rows and columns."""
    edge = np.zeros(window.shape, bool)
    edge[0] |= window.top == 0
    edge[-1] |= window.bottom == grid.height
    edge[:, 0] |= window.left == 0
    edge[:, -1] |= window.right == grid.width
    return edge


def _constants(edge: Pixels) -> dict[float, float]:
    """Values that hold a part of the outermost pixels."""
    if edge.shape[1] < 20:  # too few to tell
        return {}
    same = edge[0][(edge == edge[0]).all(axis=0)]
    ends = missing_values(edge.dtype)
    shares = {value: float((same == value).sum()) / edge.shape[1] for value in ends}
    return {value: share for value, share in shares.items() if share >= EDGE}


def _without(pixels: Pixels, values: Iterable[float]) -> Pixels:
    keep = np.ones(pixels.shape[1], bool)
    for value in values:
        keep &= ~(pixels == pixels.dtype.type(value)).all(axis=0)
    return pixels[:, keep]
