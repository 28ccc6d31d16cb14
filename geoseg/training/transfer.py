"""Starting from a model that exists: its weights in a network for other bands or other classes."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..architectures import build, weight_shapes
from ..core.card import ModelCard
from ..core.errors import ModelError
from ..models import Bundle
from ..models.safetensors import read_weights

Weights = dict[str, torch.Tensor]


def adopt(bundle: Bundle, card: ModelCard) -> tuple[Weights, list[str]]:
    """Return a model's weights for a network of other bands and classes, matched by name.

    A new band starts as the mean of the old ones, a new class as `build` makes it.

    Parameters
    ----------
    bundle
        The model that exists, with model.safetensors.
    card
        Of the network to come, of the same architecture: its bands and classes.

    Returns
    -------
    tuple of dict and list
        Float32 tensors by name, and lines that say which bands and classes were kept.

    Raises
    ------
    ModelError
        If the bundle has no such weights, or they are not those of its card's architecture.
    """
    old = bundle.card
    given = _read(bundle)
    own: Weights = build(
        old.architecture, len(card.bands), card.planes, old.hyperparameters
    ).state_dict()
    inputs = _differ(old, 1, 0)
    heads = _differ(old, 0, 1)
    bands = _matches(card.band_names, old.band_names)
    labels = _matches(_planes(card), _planes(old))
    for key, fresh in own.items():
        if key not in given:
            raise ModelError(
                f"the weights of {old.name} lack {key}", "those of its card's architecture"
            )
        tensor = given[key]
        if key in inputs:
            tensor = _place(
                tensor, fresh, inputs[key], bands, tensor.mean(dim=inputs[key], keepdim=True)
            )
        if key in heads:
            tensor = _place(tensor, fresh, heads[key], labels, fresh)
        if tensor.shape != fresh.shape:
            raise ModelError(
                f"{key} of {old.name} is {tuple(tensor.shape)}", f"{tuple(fresh.shape)}"
            )
        own[key] = tensor.clone()
    names = [label.name for label in card.labels]
    return own, [
        _say("bands", card.band_names, bands, "begin as the mean of the old ones"),
        _say("classes", names, labels[: len(names)], "are learned from nothing"),
    ]


def _planes(card: ModelCard) -> list[str | None]:
    """Name what the network gives; the depth has no name, which no class can have."""
    return [*(label.name for label in card.labels), *([None] if card.depth else [])]


def _read(bundle: Bundle) -> Weights:
    if bundle.weights.suffix != ".safetensors":
        raise ModelError(
            f"{bundle.weights.name} cannot be trained on", "a bundle with model.safetensors"
        )
    found = read_weights(bundle)
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in found.items()
    }


def _differ(card: ModelCard, bands: int, labels: int) -> dict[str, int]:
    """Return which tensors grow with the bands, or with the classes, and along which axis."""
    count = len(card.bands)
    planes = card.planes
    one = weight_shapes(card.architecture, count, planes, card.hyperparameters)
    other = weight_shapes(card.architecture, count + bands, planes + labels, card.hyperparameters)
    return {
        key: next(axis for axis in range(len(shape)) if shape[axis] != other[key][axis])
        for key, shape in one.items()
        if shape != other[key]
    }


def _matches(wanted: Sequence[str | None], known: Sequence[str | None]) -> list[int | None]:
    """Return where each name stands among those known, None where it is new."""
    return [known.index(name) if name in known else None for name in wanted]


def _place(
    old: torch.Tensor,
    fresh: torch.Tensor,
    axis: int,
    sources: Sequence[int | None],
    new: torch.Tensor,
) -> torch.Tensor:
    """Put slices of the old tensor where their names stand now; `new` serves the others, whole
    or slice by slice.
    """
    if fresh.shape[axis] != len(
        sources
    ):  # a layer that has several channels for each band or class
        return (
            old
            if old.shape == fresh.shape and list(sources) == list(range(len(sources)))
            else fresh
        )
    parts = [
        new.select(axis, i if new.shape[axis] > 1 else 0)
        if source is None
        else old.select(axis, source)
        for i, source in enumerate(sources)
    ]
    return torch.stack(parts, dim=axis)


def _say(what: str, names: Sequence[str], sources: Sequence[int | None], otherwise: str) -> str:
    kept = [name for name, source in zip(names, sources, strict=True) if source is not None]
    new = [name for name, source in zip(names, sources, strict=True) if source is None]
    text = f"{what} kept: {', '.join(kept) or 'none'}"
    return f"{text}; new: {', '.join(new)}, which {otherwise}" if new else text
