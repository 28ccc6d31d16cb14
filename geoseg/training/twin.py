"""Training on all there is, with the scores of a twin that was trained alike on less of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from ..core.card import ModelCard
from ..core.errors import InputError
from ..models import Bundle
from .config import Config


def hold_nothing_out(config: Config) -> Config:
    """Return the configuration with everything trained on.

    Parameters
    ----------
    config
        What its twin was trained with.

    Returns
    -------
    Config
        Without validation and test part.
    """
    return replace(config, data=replace(config.data, validation=[], test=[]))


def check_twin(card: ModelCard, twin: Bundle, places: Collection[str]) -> None:
    """Refuse a twin whose scores would be those of another model.

    Parameters
    ----------
    card
        Of the model that is trained.
    twin
        The model whose scores it is to have.
    places
        All that the model is trained on.

    Raises
    ------
    InputError
        If the two differ in network, bands, scaling, pixel size, scores or classes, the twin has no
        scores of its own, or was measured elsewhere.
    """
    other = twin.card
    for what, mine, its in (
        ("architecture", card.architecture, other.architecture),
        ("hyperparameters", _plain(card.hyperparameters), _plain(other.hyperparameters)),
        ("bands", card.band_names, other.band_names),
        ("scaling", card.scaling, other.scaling),
        ("pixel size", card.gsd, other.gsd),
        ("activation", card.activation, other.activation),
        ("classes", _classes(card), _classes(other)),
    ):
        if mine != its:
            raise InputError(
                f"the twin {other.name} differs in its {what}: {its}, not {mine}",
                "a model trained with the same configuration, which holds places out",
            )
    if other.scores_from or not {"held_out", "validation"} & set(other.scores):
        raise InputError(
            f"the twin {other.name} has no scores of its own",
            "a model that was measured on places held out",
        )
    if strange := sorted(set(map(str, other.scores.get("places", []))) - {"", *places}):
        named = ", ".join(strange[:3]) + (", ..." if len(strange) > 3 else "")
        raise InputError(
            f"the twin {other.name} was measured on {named}, which is not among these data",
            "a model trained with the same data, which holds some of them out",
        )


def with_scores_of(card: ModelCard, twin: Bundle, start: Bundle | None) -> ModelCard:
    """Return a card with the scores and the temperature of a twin, which says whose they are.

    Parameters
    ----------
    card
        Of the model that saw all places.
    twin
        The one that was measured on some of them.
    start
        The model that the training began with; it may be the twin.

    Returns
    -------
    ModelCard
        The first.
    """
    other = twin.card
    places = other.scores.get("places", [])
    where = f" ({', '.join(places)})" if 0 < len(places) <= 12 else ""
    after = (
        "These weights went on from there with these places, too"
        if start is not None and start.path.resolve() == twin.path.resolve()
        else "These weights were trained on these places, too"
    )
    return replace(
        card,
        scores=other.scores,
        temperature=other.temperature,
        scores_from=(
            f"a twin, trained alike until {other.created[:10]} without the places that it was "
            f"measured on{where}. {after}, so that they cannot be measured there: nothing held out "
            "tells how good they are themselves"
        ),
    )


def _classes(card: ModelCard) -> list[tuple[int, str]]:
    return [(label.value, label.name) for label in card.labels]


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return hyperparameters in which lists and tuples are alike."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in options.items()}
