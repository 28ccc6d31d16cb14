"""Which of the models fits a scene; none, rather than a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.card import ModelCard
from ..core.errors import InputError, ModelError
from ..core.options import Options
from ..scene.bands import same_sensor, sensors_in
from ..scene.describe import SceneInfo
from ..scene.fit import Fit, fit
from ..scene.source import open_described


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that was chosen for a scene."""

    card: ModelCard
    """What the model expects."""
    fit: Fit
    """How the scene feeds it."""
    reason: str
    """Why this one, in one line."""


def choose(info: SceneInfo, cards: Sequence[ModelCard], options: Options) -> Choice:
    """Choose the one model that fits the scene's bands, data type and pixel size.

    Of models for the same classes, that which uses more of the scene's bands is taken; the reason
    says what a model of still more bands would need, and what is lost without it.

    Parameters
    ----------
    info
        What the scene is.
    cards
        What the models to choose from expect.
    options
        The user's word on bands, scale, offset and pixel size. Where it says nothing of the
        size, a model that knows the scene's own comes before one for which it is resampled;
        `force` counts where no model fits without it.

    Returns
    -------
    Choice
        The model, and how the scene feeds it.

    Raises
    ------
    ModelError
        If none fits or more than one does; it says what keeps each from the scene.
    """
    if not cards:
        raise ModelError(
            "no model ships with this installation", do="name the folder of one with --model"
        )
    fits, refusals = _fitting(info, cards, options)
    best = furthest([card for card in cards if card.name in fits])
    if len(best) == 1:
        (card,) = best
        found = fits[card.name]
        others = (lost(info, card, more) for more in cards if extends(more, card))
        return Choice(card, found, "; ".join([_reason(found, options), *others]))
    if best:
        names = " and ".join(card.name for card in best)
        raise ModelError(
            f"the scene ({scene_line(info)}) fits {names}", "one", "choose with --model"
        )
    raise _none_fits(info, refusals)


def furthest(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """Leave out the models that another one extends.

    Parameters
    ----------
    cards
        What the models expect.

    Returns
    -------
    list
        Those that are left, in their order.
    """
    return [card for card in cards if not any(extends(other, card) for other in cards)]


def extends(card: ModelCard, other: ModelCard) -> bool:
    """Tell whether a model maps the same classes from the other's bands and further ones.

    Parameters
    ----------
    card, other
        What the two models expect.

    Returns
    -------
    bool
        Whether the first extends the second.
    """
    return card.labels == other.labels and set(card.band_names) > set(other.band_names)


def lost(info: SceneInfo, card: ModelCard, more: ModelCard) -> str:
    """Say what a scene lacks for a model of more bands.

    Parameters
    ----------
    info
        What the scene is.
    card
        The model that is taken.
    more
        The one of more bands.

    Returns
    -------
    str
        A line; it says how much better that one is where both were measured.
    """
    names = {layer.name for layer in info.layers}
    missing = [band.name for band in more.bands if not {band.name, band.common_name} & names]
    lacking = f"without {', '.join(missing)}" if missing else "not as it expects"
    # of other places the numbers would not compare
    alike = card.scores.get("places") == more.scores.get("places")
    own, better = (scored.scores.get("held_out", {}).get("accuracy") for scored in (card, more))
    known = (
        f" ({better:.1%} right on places held out, this one {own:.1%})"
        if own and better and alike
        else ""
    )
    return f"for {more.name}{known} the scene is {lacking}"


def survey(
    info: SceneInfo, cards: Sequence[ModelCard], options: Options
) -> dict[str, InputError | None]:
    """Try all models on a scene.

    The scene is opened as for a map, so that what is refused for its values is told as well.

    Parameters
    ----------
    info
        What the scene is.
    cards
        What the models expect.
    options
        The user's word on how the scene is read.

    Returns
    -------
    dict
        What keeps each model from the scene, by its name; None for one that would map it.
    """
    return {card.name: _refusal(info, card, options) for card in cards}


def _refusal(info: SceneInfo, card: ModelCard, options: Options) -> InputError | None:
    try:
        open_described(info, card, options).close()
    except InputError as error:
        return error
    return None


def scene_line(info: SceneInfo) -> str:
    """Say in a few words what a scene is.

    Parameters
    ----------
    info
        What the scene is.

    Returns
    -------
    str
        Product or sensor, bands, data type, pixel size.
    """
    count = len(info.images)
    bands = f"{count} band{'s' if count != 1 else ''}" + (" and alpha" if info.alpha else "")
    size = "pixels of unknown size" if info.gsd is None else f"pixels of {info.gsd:.3g} m"
    return ", ".join(filter(None, (info.product or info.sensor, bands, info.dtype, size)))


def _fitting(
    info: SceneInfo, cards: Sequence[ModelCard], options: Options
) -> tuple[dict[str, Fit], list[tuple[ModelCard, InputError]]]:
    """Try models as they are, then with pixels resampled, then with what `force` lets pass."""
    if options.reading.gsd is None and not options.reading.crs:
        known, _ = _try(info, cards, options.but(force=False, gsd="native"))
        fits, _ = _try(
            info, [card for card in cards if card.name in known], options.but(force=False)
        )
        if fits:
            return fits, []
    fits, refusals = _try(info, cards, options.but(force=False))
    if fits or not options.reading.force:
        return fits, refusals
    return _try(info, cards, options)[0], refusals


def _try(
    info: SceneInfo, cards: Sequence[ModelCard], options: Options
) -> tuple[dict[str, Fit], list[tuple[ModelCard, InputError]]]:
    """Return how the scene feeds the models that fit, by name, and the refusals of the others."""
    fits: dict[str, Fit] = {}
    refusals: list[tuple[ModelCard, InputError]] = []
    for card in cards:
        try:
            fits[card.name] = fit(info, card, options)
        except InputError as error:
            refusals.append((card, error))
    return fits, refusals


def _reason(found: Fit, options: Options) -> str:
    """Return why a model fits, in one line."""
    told = "" if options.reading.bands is None else "its bands are told by --bands; "
    line = scene_line(found.info)
    if not found.holds:
        return f"{told}nothing else of the scene is as it expects ({line})"
    named = " and ".join(filter(None, (", ".join(found.holds[:-1]), found.holds[-1])))
    return f"{told}the scene has its {named} ({line})"


def _none_fits(info: SceneInfo, refusals: Sequence[tuple[ModelCard, InputError]]) -> ModelError:
    """Say for each model what is wrong, and what to do for the one that is nearest to the scene."""
    nearest, error = min(refusals, key=lambda refusal: _distance(info, refusal[0]))
    why = "; ".join(
        f"{card.name} expects {other.expected}, but {other.found}" for card, other in refusals
    )
    advice = error.do if len(refusals) == 1 else f"for {nearest.name}: {error.do}"
    low, high = nearest.gsd_range
    if (
        info.gsd is not None
        and not low <= info.gsd <= high
        and f"{low:g} to {high:g} m" not in error.expected
    ):
        advice += f"; its pixels should then be {low:g} to {high:g} m"
    return ModelError(f"no model fits the scene ({scene_line(info)}): {why}", do=advice)


def _distance(info: SceneInfo, card: ModelCard) -> tuple[int, int, float, int]:
    """How far a model is from the scene: in what no option settles (the sensor, the data type), in
    bands that it lacks though those without a name served, in the size of pixels, and in bands
    for which it has no use.
    """
    names = {layer.name for layer in info.layers}
    lacking = sum(not {band.name, band.common_name} & names for band in card.bands)
    unnamed = sum(not layer.name for layer in info.images)
    types = {layer.dtype for layer in info.images} <= set(card.dtypes)
    low, high = card.gsd_range
    off = 1.0 if info.gsd is None else max(low / info.gsd, info.gsd / high, 1.0)
    unused = abs(len(info.images) - len(card.bands))
    return _other_sensor(info, card) + (not types), max(0, lacking - unnamed), off, unused


def _other_sensor(info: SceneInfo, card: ModelCard) -> int:
    """0 for the model's own sensor, 1 where either says none, 2 for another."""
    wanted = sensors_in([card.sensor])
    if info.sensor is None or not wanted:
        return 1
    return 0 if any(same_sensor(info.sensor, name) for name in wanted) else 2
