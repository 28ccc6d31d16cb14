"""Which of the models fits a scene; none, rather than a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..card import ModelCard
from ..errors import InputError, ModelError
from ..job import Options
from ..raster import SceneInfo, check_gsd, decide_scaling, match_bands


def choose(info: SceneInfo, cards: Sequence[ModelCard], options: Options) -> tuple[ModelCard, str]:
    """Return the one model that fits the scene's bands, data type and pixel size, and why in one line.

    Raises ModelError, with what each model lacks, where none fits or more than one does.
    """
    if not cards:
        raise ModelError("no models are installed", do="name the folder of one with --model")
    reasons, refusals = {}, {}
    for card in cards:
        try:
            reasons[card.name] = _fit(info, card, options)
        except InputError as error:
            refusals[card.name] = error
    if len(reasons) == 1:
        (name,) = reasons
        return next(card for card in cards if card.name == name), reasons[name]
    if reasons:
        raise ModelError(f"more than one model fits the scene: {', '.join(reasons)}", do="choose one with --model")
    raise _none_fits(info, cards, refusals)


def _fit(info: SceneInfo, card: ModelCard, options: Options) -> str:
    """Why the model fits; InputError where it does not. --force is for a model named by the user."""
    strict = replace(options, force=False)
    match = match_bands(info, card, options.bands)
    if info.gsd is None:
        raise ModelError("the scene has no CRS, so its pixel size is unknown", f"about {card.gsd:g} m for {card.name}")
    check_gsd(match.layers, card, strict)
    decide_scaling(info, match.layers, card, strict)
    return f"{scene_line(info)}; {match.how}"


def _none_fits(info: SceneInfo, cards: Sequence[ModelCard], refusals: dict[str, InputError]) -> ModelError:
    if len(cards) == 1:
        error = refusals[cards[0].name]
        return ModelError(f"{scene_line(info)}: {error.found}", error.expected, error.do)
    nearest = min(refusals, key=lambda name: _distance(info, next(c for c in cards if c.name == name)))
    why = "; ".join(f"{name} does not: {error.found}" for name, error in refusals.items())
    expected = "; ".join(f"{refusals[card.name].expected}" for card in cards if refusals[card.name].expected)
    return ModelError(f"no model fits {scene_line(info)}: {why}", expected, f"for {nearest}: {refusals[nearest].do}")


def _distance(info: SceneInfo, card: ModelCard) -> float:
    """How far a model is from the scene: bands that it lacks, then how far its pixel size is off."""
    names = {layer.name for layer in info.layers}
    lacking = sum(band.name not in names and band.common_name not in names for band in card.bands)
    low, high = card.gsd_range
    size = 0.0 if info.gsd is None else max(low / info.gsd, info.gsd / high, 1.0) - 1.0
    return lacking + min(size, 0.9)


def scene_line(info: SceneInfo) -> str:
    """Return what the scene is in a few words: product, bands, data type, pixel size."""
    count = len(info.images)
    bands = f"{count} band{'s' if count != 1 else ''}" + (" and alpha" if info.alpha else "")
    size = "no CRS" if info.gsd is None else f"{info.gsd:.3g} m"
    return ", ".join(filter(None, (info.product or info.sensor, bands, info.dtype, size)))
