"""Hyperparameters come with model cards, from strangers: each is checked before anything is
built with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from reprlib import repr as brief
from typing import Any

from ..core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Rule:
    """What one hyperparameter may be."""

    expected: str
    """In words, as an error says it."""
    accepts: Callable[[Any], bool]
    """The same as a test of a value out of JSON or TOML."""


def whole(low: int, high: int) -> Rule:
    """Accept whole numbers; True is none.

    Parameters
    ----------
    low, high
        The least and the greatest.

    Returns
    -------
    Rule
        For these.
    """
    return Rule(
        f"a whole number from {low} to {high}",
        lambda value: type(value) is int and low <= value <= high,
    )


def share(high: float) -> Rule:
    """Accept numbers from 0.

    Parameters
    ----------
    high
        The greatest.

    Returns
    -------
    Rule
        For these.
    """
    return Rule(
        f"a number from 0 to {high}",
        lambda value: type(value) in (int, float) and 0 <= value <= high,
    )


def one_of(*choices: object) -> Rule:
    """Accept these values only; 1 is not True here.

    Parameters
    ----------
    *choices
        Texts, True, False and None.

    Returns
    -------
    Rule
        For these.
    """
    return Rule(
        f"one of {', '.join(map(repr, choices))}",
        lambda value: any(value is c or (isinstance(c, str) and value == c) for c in choices),
    )


def several(rule: Rule, most: int) -> Rule:
    """Accept lists of values that each keep a rule.

    Parameters
    ----------
    rule
        For each value.
    most
        How many there may be; one there must be.

    Returns
    -------
    Rule
        For these lists.
    """
    return Rule(
        f"a list of 1 to {most}, each {rule.expected}",
        lambda value: (
            isinstance(value, list | tuple)
            and 1 <= len(value) <= most
            and all(map(rule.accepts, value))
        ),
    )


def either(first: Rule, second: Rule) -> Rule:
    """Accept what one of two rules accepts.

    Parameters
    ----------
    first, second
        The two.

    Returns
    -------
    Rule
        For both.
    """
    return Rule(
        f"{first.expected}, or {second.expected}",
        lambda value: first.accepts(value) or second.accepts(value),
    )


CHANNELS = whole(1, 4096)
SWITCH = one_of(True, False)
SCALINGS = one_of("nearest", "nearest-exact", "bilinear", "bicubic", "area")
RULES = {
    "blocks": whole(1, 64),
    "context_blocks": whole(0, 64),
    "decoder_aspp_dropout": share(0.95),
    "decoder_aspp_separable": SWITCH,
    "decoder_atrous_rates": several(whole(1, 128), 3),
    "decoder_attention_type": one_of(None, "scse"),
    "decoder_channels": either(CHANNELS, several(CHANNELS, 5)),
    "decoder_dropout": share(0.95),
    "decoder_fusion_channels": CHANNELS,
    "decoder_intermediate_channels": several(CHANNELS, 4),
    "decoder_interpolation": SCALINGS,
    "decoder_merge_policy": one_of("add", "cat"),
    "decoder_pab_channels": CHANNELS,
    "decoder_pyramid_channels": CHANNELS,
    "decoder_readout": one_of("ignore", "add", "cat"),
    "decoder_segmentation_channels": CHANNELS,
    "decoder_use_norm": one_of(True, False, "batchnorm", "identity", "layernorm", "instancenorm"),
    "detail_channels": whole(0, 4096),
    "dropout": share(0.95),
    "encoder": Rule("the name of an encoder", lambda value: isinstance(value, str)),
    "encoder_depth": whole(1, 5),
    "encoder_output_indices": several(whole(0, 99), 4),
    "encoder_output_stride": Rule(
        "8, 16 or 32", lambda value: type(value) is int and value in (8, 16, 32)
    ),
    "head_channels": CHANNELS,
    "patches": several(whole(1, 8), 4),
    "psp_dropout": share(0.95),
    "psp_out_channels": CHANNELS,
    "squash": SWITCH,
    "stem_width": CHANNELS,
    "rate": whole(1, 128),
    "rates": several(whole(1, 128), 8),
    "units": whole(1, 1024),
    "width": CHANNELS,
}


def check(options: Mapping[str, Any], allowed: Collection[str], kind: str) -> dict[str, Any]:
    """Return the hyperparameters of a card, once each is known and keeps its rule.

    Parameters
    ----------
    options
        Out of JSON or TOML, from a stranger.
    allowed
        The names that this network takes, all of RULES.
    kind
        What errors call it.

    Returns
    -------
    dict
        The options as a network takes them: lists as tuples.

    Raises
    ------
    ModelError
        If one is unknown or absurd; it says what would be accepted.
    """
    if strange := sorted(set(options) - set(allowed)):
        raise ModelError(
            f"{kind} cannot be built with {brief(strange)}", f"only {', '.join(sorted(allowed))}"
        )
    for name, value in options.items():
        if not RULES[name].accepts(value):
            raise ModelError(
                f"{kind} cannot be built with {name} = {brief(value)}", RULES[name].expected
            )
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in options.items()
    }
