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
from ..raster.georeference import ground_sides
from .bands import same_sensor, sensors_in, unread_names
from .describe import SceneInfo, finest
from .map_grid import MapGrid, choose_map_grid, size_text
from .match import Match, match_bands, some
from .products import SURFACE_REFLECTANCE, TOP_OF_ATMOSPHERE
from .scaling import check_dtypes, decide_scaling, known_scaling

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
    map_grid: MapGrid | None = None
    """The grid to which the pixels are brought; None is that of the finest band."""

    @property
    def grid(self) -> Grid:
        """The grid on which the scene is read and mapped."""
        return self.map_grid.grid if self.map_grid else finest(self.match.layers)


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
    sizes = look(
        "pixel size",
        lambda: choose_map_grid(layers, card, options),
        lambda found: found[0].notes[0] if found[0] else _size(layers),
    )
    if other is None or match is None or scaling is None or sizes is None:
        return Examination(tuple(findings), None)
    grid, doubts = sizes
    doubts += grid.warnings if grid else ()
    unread = _say_unread(layers) if options.reading.bands is None else []
    offset = _unsaid_offset(info, layers, card, options, scaling[0])
    fitting = {
        "bands": options.reading.bands is None,
        "data type": {layer.dtype for layer in layers} <= set(card.dtypes),
        "pixel size": not doubts and not grid,
    }
    holds = tuple(name for name, fits in fitting.items() if fits)
    return Examination(
        tuple(findings),
        Fit(info, match, *scaling, holds, (*other, *unread, *offset, *doubts), grid),
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
            f"nor does {card.name} fit the scene's {aspect}: {error.found}; expected "
            f"{error.expected}; {error.do}"
        )
    return (
        f"nor does {card.name} fit the scene's {aspect}: {error.found}; expected {error.expected}"
    )


def _size(layers: Sequence[BandInfo]) -> str:
    """The pixels of the finest band in metres, for people."""
    sides = ground_sides(finest(tuple(layers)))
    return "" if sides is None else size_text(sides)


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
    name = info.product or info.sensor
    found = f"the scene is of {name}"
    if info.gsd is not None:
        found = f"the scene is of {name}, with pixels of {info.gsd:.3g} m"
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


def _say_unread(layers: Sequence[BandInfo]) -> list[str]:
    """Warn of names of bands that tell nothing, where the colours that a file shows are taken."""
    names = unread_names(layers)
    if not names:
        return []
    colours = ", ".join(str(layer.name) for layer in layers)
    return [
        f"the scene calls its bands {', '.join(map(repr, some(names)))}, which tells nothing here: "
        f"they are taken for {colours}, as the file shows them; if they are others, name them with "
        "--bands"
    ]


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
