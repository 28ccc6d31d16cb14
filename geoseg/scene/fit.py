"""Whether a scene fits a model, as far as its headers tell: the one place that says so, to every
command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..core.card import ModelCard, Scaling
from ..core.errors import InputError, ModelError
from ..core.grid import Grid
from ..core.options import Options
from ..raster.band_info import BandInfo
from ..raster.georeference import ground_sides, ground_size
from .bands import same_sensor, sensors_in
from .describe import SceneInfo, finest
from .match import Match, match_bands
from .products import SURFACE_REFLECTANCE, TOP_OF_ATMOSPHERE
from .scaling import check_dtypes, decide_scaling, known_scaling

OBLONG = (
    1.5  # a pixel's longer side by its shorter one, above which shapes are no longer the network's
)
UNEVEN = 1.2  # above which it is told
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Fit:
    """How a scene feeds a model."""

    info: SceneInfo
    """What the scene is."""
    match: Match
    """The bands that feed the model's."""
    scaling: Scaling
    """What makes the model's values of the digital numbers."""
    why: str
    """One line on where the scaling comes from."""
    holds: tuple[str, ...]
    """What of the scene is as the card wants it: "bands", "data type", "pixel size"."""
    warnings: tuple[str, ...]
    """What is not, and was let pass by the user's word."""

    @property
    def grid(self) -> Grid:
        """The grid of the finest band that feeds the model, on which all are read."""
        return finest(self.match.layers)


@dataclass(frozen=True, slots=True)
class Finding:
    """One side of a scene, held against a model."""

    aspect: str
    """What was looked at: "sensor", "bands", "data type", "scaling", "pixel size" or "values"."""
    text: str
    """What was found, in words, where nothing keeps the model from the scene; empty elsewhere."""
    error: InputError | None = None
    """What keeps the model from the scene: found, expected, what to do."""


@dataclass(frozen=True, slots=True)
class Examination:
    """All that the headers of a scene tell about whether it fits a model."""

    findings: tuple[Finding, ...]
    """Each side that could be looked at, in the order in which a run meets them."""
    fit: Fit | None
    """How the scene feeds the model; None where one of the findings keeps it from that."""

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Those that keep the model from the scene."""
        return tuple(found for found in self.findings if found.error)


def examine(info: SceneInfo, card: ModelCard, options: Options) -> Examination:
    """Hold every side of a scene against a model, as far as headers tell; nothing is refused.

    Where the bands are not found, the data types and the pixels of all bands are looked at, and no
    scaling.

    Parameters
    ----------
    info
        The scene, as `describe` read it.
    card
        What the model expects.
    options
        The user's word: bands, scale and offset; `force` lets pixel sizes pass.

    Returns
    -------
    Examination
        What fits, and what does not.
    """
    findings: list[Finding] = []

    def look(aspect: str, step: Callable[[], Found], text: Callable[[Found], str]) -> Found | None:
        try:
            found = step()
        except InputError as error:
            findings.append(Finding(aspect, "", error))
            return None
        findings.append(Finding(aspect, text(found)))
        return found

    asked = bool(sensors_in([card.sensor]))
    other = look(
        "sensor",
        lambda: check_sensor(info, card, options),
        lambda _: info.sensor or "not known" if asked else "any",
    )
    match = look(
        "bands", lambda: match_bands(info, card, options.reading.bands), lambda found: found.how
    )
    layers = match.layers if match else info.images or info.layers
    look(
        "data type",
        lambda: check_dtypes(layers, card, options),
        lambda _: ", ".join(sorted({layer.dtype for layer in layers})),
    )
    scaling = None
    if match and not findings[-1].error:
        scaling = look(
            "scaling", lambda: decide_scaling(info, layers, card, options), lambda found: found[1]
        )
    sizes = look("pixel size", lambda: check_gsd(layers, card, options), lambda _: _size(layers))
    if other is None or match is None or scaling is None or sizes is None:
        return Examination(tuple(findings), None)
    offset = _unsaid_offset(info, layers, card, options, scaling[0])
    fitting = {
        "bands": options.reading.bands is None,
        "data type": {layer.dtype for layer in layers} <= set(card.dtypes),
        "pixel size": not sizes,
    }
    holds = tuple(name for name, fits in fitting.items() if fits)
    return Examination(
        tuple(findings), Fit(info, match, *scaling, holds, (*other, *offset, *sizes))
    )


def fit(info: SceneInfo, card: ModelCard, options: Options) -> Fit:
    """Find how a scene feeds a model, as far as its headers tell.

    Parameters
    ----------
    info
        The scene, as `describe` read it.
    card
        What the model expects.
    options
        The user's word: bands, scale and offset; `force` lets pixel sizes pass.

    Returns
    -------
    Fit
        The bands, the scaling, and what is to be warned of.

    Raises
    ------
    ModelError
        If sensor, bands, data type or pixel size do not fit: the first of them. InputError, if the
        bands of the options or the scales of the headers are none.
    """
    found = examine(info, card, options)
    for refusal in found.refusals:
        if refusal.error:
            raise refusal.error
    assert found.fit
    return found.fit


def say_more(info: SceneInfo, card: ModelCard, options: Options) -> list[str]:
    """Say what keeps a model from a scene beside what `fit` raises, so that all is told at once.

    Parameters
    ----------
    info, card, options
        As of `fit`.

    Returns
    -------
    list
        A line for each further side that does not fit.
    """
    return [
        _say_nor(found.aspect, card, found.error)
        for found in examine(info, card, options).refusals[1:]
        if found.error
    ]


def _say_nor(aspect: str, card: ModelCard, error: InputError) -> str:
    """One template for each form of an error, so that its parts are known to translations."""
    if error.do:
        return (
            f"nor does its {aspect} fit {card.name}: {error.found}; expected {error.expected}; "
            f"{error.do}"
        )
    return f"nor does its {aspect} fit {card.name}: {error.found}; expected {error.expected}"


def _size(layers: Sequence[BandInfo]) -> str:
    """The pixels of the finest band in metres, for people."""
    sides = ground_sides(finest(tuple(layers)))
    if sides is None:
        return ""
    short, long = sorted(sides)
    return f"{short:.3g} m" if long <= 1.01 * short else f"{short:.3g} x {long:.3g} m"


def check_sensor(info: SceneInfo, card: ModelCard, options: Options) -> list[str]:
    """See whether another sensor than the model's made a scene.

    Bands of one name differ between sensors, and so do the numbers in which they are kept.

    Parameters
    ----------
    info
        What the scene is.
    card
        What the model expects.
    options
        With a scale, the user says what the digital numbers of another sensor mean.

    Returns
    -------
    list
        A warning where it did.

    Raises
    ------
    ModelError
        If it did and no scale is given.
    """
    wanted = sensors_in([card.sensor])
    if info.sensor is None or not wanted or any(same_sensor(info.sensor, name) for name in wanted):
        return []
    found = f"the scene is of {info.product or info.sensor}"
    if options.reading.scale is not None:
        return [
            f"{found}, {card.name} was trained on {card.sensor}: gone on because of --scale; "
            "bands of one name are"
            " not quite the same, and classes may be less right"
        ]
    raise ModelError(
        found, f"{card.sensor}, on which {card.name} was trained", _sensor_advice(info, card)
    )


def _sensor_advice(info: SceneInfo, card: ModelCard) -> str:
    other = f"choose a model of {info.sensor}"
    if "reflectance" not in card.unit.lower():
        return (
            f"{other}, or say with --scale and --offset how the file's numbers become "
            f"{card.unit or 'values'}"
        )
    if info.scaling:
        numbers = _options_for(info.scaling)
    elif info.sensor and info.sensor.startswith("Landsat"):
        numbers = (
            f"{_options_for(SURFACE_REFLECTANCE)} for surface reflectance of Collection 2, "
            f"{_options_for(TOP_OF_ATMOSPHERE)} for its Level 1"
        )
    else:
        numbers = "--scale and --offset, as the product's documentation gives them"
    return f"{other}; to map it all the same, say how its numbers become reflectance: {numbers}"


def _options_for(scaling: Scaling) -> str:
    return f"--scale {scaling.scale:.7g} --offset {scaling.offset:g}"


def _unsaid_offset(
    info: SceneInfo, layers: Sequence[BandInfo], card: ModelCard, options: Options, scaling: Scaling
) -> list[str]:
    """Warn where --scale came without --offset, and header or product know of one that is now
    left out.
    """
    known = known_scaling(info, layers, card)
    if (
        options.reading.scale is None
        or options.reading.offset is not None
        or known is None
        or known[0].offset == scaling.offset
    ):
        return []
    return [
        f"--scale was given without --offset, so that none is added; {known[1]} says "
        f"{known[0].offset:+g}: if the"
        f" file's numbers still hold it, give --offset {known[0].offset:g}"
    ]


def check_gsd(layers: Sequence[BandInfo], card: ModelCard, options: Options) -> list[str]:
    """See whether the pixels of a scene have a size that a model knows.

    Both sides of a pixel count: one of 10 x 20 m is not one of 14 m.

    Parameters
    ----------
    layers
        The bands that feed it.
    card
        What the model expects.
    options
        `force` lets other sizes pass.

    Returns
    -------
    list
        Warnings.

    Raises
    ------
    ModelError
        If the size lies outside the card's range.
    """
    grid = finest(tuple(layers))
    sides = ground_sides(grid)
    if sides is None:
        return [_unplaced(layers, card)]
    low, high = card.gsd_range
    short, long = sorted(sides)
    size = ground_size(grid) or 0.0
    oblong = long > OBLONG * short
    if low <= short and long <= high and not oblong:
        return (
            []
            if long <= UNEVEN * short
            else [
                f"the scene's pixels are {short:.3g} x {long:.3g} m: {card.name} knows square ones"
            ]
        )
    square = long <= 1.01 * short
    found = (
        f"the scene's pixels are {size:.3g} m"
        if square
        else f"the scene's pixels are {short:.3g} x {long:.3g} m"
    )
    expected = (
        f"{low:g} to {high:g} m"
        if square or not oblong
        else f"square ones of {low:g} to {high:g} m"
    )
    if options.reading.force:
        return [f"{found}, {card.name} was trained for {expected}: gone on because of --force"]
    raise ModelError(found, expected, _size_advice(card, short, long))


def _size_advice(card: ModelCard, short: float, long: float) -> str:
    """What to do: finer pixels can be averaged, but no resampling brings back what coarse ones
    never saw.
    """
    low, high = card.gsd_range
    if long > high:
        finer = "a finer scene" if short > high else "a scene of square, finer pixels"
        return f"choose another model, or {finer}: resampling adds no detail to coarse pixels"
    size = max(long, low, min(card.gsd, high)) if short >= low else card.gsd
    return (
        f"resample the scene to square pixels of about {size:.3g} m with gdalwarp -r average "
        "-tr (in metres: with"
        " -t_srs and the UTM zone where its CRS is in degrees), or choose another model"
    )


def _unplaced(layers: Sequence[BandInfo], card: ModelCard) -> str:
    tail = (
        f"its pixel size is unknown ({card.name} expects {card.gsd:g} m), and areas are in pixels"
    )
    named = next((layer.unplaced for layer in layers if layer.unplaced), "")
    if named:
        return (
            f"the scene names a coordinate reference system ({named}) but has no geotransform "
            "that places its pixels"
            f" in it: {tail}"
        )
    return f"the scene has no coordinate reference system: {tail}"
