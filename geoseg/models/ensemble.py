"""Several models as one: the weighted mean of their scores, class by class by name."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isfinite, lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array
from ..core.card import MOST_TILE, ModelCard, Scaling
from ..core.errors import InputError, ModelError
from ..core.grid import Patch
from ..core.options import Options
from . import Bundle, find_model
from .engine import Engine, Patches
from .merging import Merged, merge_labels, merged_card
from .protocol import Model, wait_for
from .wrapped import Wrapped


@dataclass(frozen=True, slots=True)
class Member:
    """One of the models that are combined."""

    bundle: Bundle
    """The model on disk."""
    weight: float
    """Its share of the mean."""
    order: tuple[int, ...]
    """For each class of the first model, the place of its name among this one's labels; and behind
    them that of the depth.
    """
    channels: slice
    """Its bands among those of all models, one after the other."""
    scaling: Scaling
    """What makes its values of the digital numbers: the card's, or once a scene is fitted this
    one's."""


@dataclass(frozen=True, slots=True)
class Combined(Bundle):
    """One model or several, whose classes may be merged: a model on disk to all but its engine.

    Path and weights are those of the first; the card is that of the map.
    """

    members: tuple[Member, ...]
    """At least one."""
    merged: Merged | None
    """How the classes of the members become those of the card; None where they are them."""

    @property
    def sha256(self) -> str:
        """Digest of the weights: of several models that of all digests, with the shares."""
        if len(self.members) == 1:
            return self.members[0].bundle.sha256
        lines = [f"{member.bundle.sha256} {member.weight!r}\n" for member in self.members]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def card_sha256(self) -> str:
        """Digest of what the members' cards, and how classes are merged, decide of the scores."""
        if len(self.members) == 1 and self.merged is None:
            return self.members[0].bundle.card_sha256
        lines = [member.bundle.card_sha256 for member in self.members]
        lines += [self.card.fingerprint, repr(self.merged.groups if self.merged else "")]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def tags(self) -> dict[str, str]:
        """What a map says about what was combined."""
        found = {}
        if len(self.members) > 1:
            told = [
                {
                    "name": member.bundle.card.name,
                    "sha256": member.bundle.sha256,
                    "weight": member.weight,
                }
                for member in self.members
            ]
            found["geoseg_models"] = json.dumps(told)
        if self.merged:
            labels = self.members[0].bundle.card.labels
            groups = zip(self.merged.labels, self.merged.groups, strict=True)
            names = {label.name: [labels[i].name for i in group] for label, group in groups}
            found["geoseg_merged"] = json.dumps(names)
        return found


def members_of(bundle: Bundle) -> tuple[Bundle, ...]:
    """Return the models that a bundle is made of.

    Parameters
    ----------
    bundle
        Any.

    Returns
    -------
    tuple
        Itself, where it is none of several.
    """
    if isinstance(bundle, Combined):
        return tuple(member.bundle for member in bundle.members)
    return (bundle,)


def find_models(model: str | tuple[str, ...], options: Options) -> Bundle:
    """Return a model by its name or path, or several as one, with the classes that are asked for.

    Parameters
    ----------
    model
        What `find_model` takes, or several.
    options
        The shares of several, and how classes are merged.

    Returns
    -------
    Bundle
        No weights are read.

    Raises
    ------
    ModelError
        If there is no such model, or the models have other classes.
    InputError
        If no model is named, or the shares or the classes are none.
    """
    names = (model,) if isinstance(model, str) else model
    if not names:
        raise InputError("no model is named", "the name of one, or of several")
    return combine([find_model(name) for name in names], options)


def combine(bundles: Sequence[Bundle], options: Options) -> Bundle:
    """Return several models as one, with the classes that are asked for.

    Parameters
    ----------
    bundles
        At least one.
    options
        The shares, and how classes are merged.

    Returns
    -------
    Bundle
        The only one itself, where nothing is changed.

    Raises
    ------
    ModelError
        If the models do not go together: classes, what their scores mean, or tiles.
    InputError
        If the shares or the classes are none.
    """
    weights = _shares(options.compute.weights, len(bundles))
    text = options.outputs.rename_classes
    if len(bundles) == 1 and text is None:
        return bundles[0]
    cards = [bundle.card for bundle in bundles]
    card = joined_card(cards)
    members = []
    at = 0
    for bundle, weight in zip(bundles, weights, strict=True):
        channels = slice(at, at + len(bundle.card.bands))
        order = _order(bundle.card, cards[0])
        members.append(Member(bundle, weight, order, channels, bundle.card.scaling))
        at = channels.stop
    merged = merge_labels(card.labels, text) if text is not None else None
    card = merged_card(card, merged) if merged else card
    first = bundles[0]
    return Combined(first.path, first.weights, card, tuple(members), merged)


def joined_card(cards: Sequence[ModelCard]) -> ModelCard:
    """Return the card of several models as one.

    Parameters
    ----------
    cards
        At least one; the first decides the order of the classes, their values and colours.

    Returns
    -------
    ModelCard
        With all their bands, a tile that suits all, and no scores.

    Raises
    ------
    ModelError
        If what their scores mean, or their tiles, do not go together.
    """
    first = cards[0]
    if len(cards) == 1:
        return first
    for card in cards[1:]:
        if card.activation != first.activation:
            raise ModelError(
                f"the scores of {first.name} are of {first.activation}, those of {card.name} of "
                f"{card.activation}",
                "models whose scores mean the same",
            )
        if (card.depth, _things(card)) != (first.depth, _things(first)):
            raise ModelError(
                f"{first.name} and {card.name} tell other objects apart, or only one of them does",
                "models of the same things and the same limit of depth",
            )
    fixed = sorted({card.tile for card in cards if card.fixed_tile})
    stride = lcm(*(card.stride for card in cards))
    tile = fixed[0] if fixed else -(-max(card.tile for card in cards) // stride) * stride
    if len(fixed) > 1 or tile % stride or tile > MOST_TILE:
        told = ", ".join(f"{card.name} {_tile(card)}" for card in cards)
        raise ModelError(f"no tile suits all models: {told}", "models of one tile")
    return replace(
        first,
        name="-and-".join(card.name for card in cards),
        description=f"The mean scores of {', '.join(card.name for card in cards)}",
        bands=tuple({band.name: band for card in cards for band in card.bands}.values()),
        tile=tile,
        overlap=min(max(card.overlap for card in cards), tile - 1),
        stride=stride,
        fixed_tile=bool(fixed),
        credits=tuple(dict.fromkeys(text for card in cards for text in card.credits)),
        limits=tuple(dict.fromkeys(text for card in cards for text in card.limits)),
        scores={},
        scores_from="",
        good_for="",
        parameters=sum(card.parameters for card in cards),
        spectra=None,
        embedding=None,
        interface=None,
    )


def _things(card: ModelCard) -> set[str]:
    return {label.name for label in card.labels if label.is_thing} if card.depth else set()


def _tile(card: ModelCard) -> str:
    if card.fixed_tile:
        return f"takes tiles of {card.tile} px alone"
    return f"multiples of {card.stride} px"


def _shares(weights: tuple[float, ...] | None, count: int) -> tuple[float, ...]:
    if weights is None:
        return (1 / count,) * count
    total = sum(weights)
    if len(weights) != count or not (isfinite(total) and total > 0):
        raise InputError(
            f"--weights {','.join(f'{weight:g}' for weight in weights)} for {count} models",
            "one number for each --model, which are not all 0",
        )
    return tuple(weight / total for weight in weights)


def _order(card: ModelCard, first: ModelCard) -> tuple[int, ...]:
    places = {label.name: place for place, label in enumerate(card.labels)}
    names = [label.name for label in first.labels]
    missing = [name for name in names if name not in places]
    more = [name for name in places if name not in names]
    if missing or more:
        told = [
            f"{one.name} alone has {', '.join(found)}"
            for one, found in ((first, missing), (card, more))
            if found
        ]
        raise ModelError(
            f"{first.name} and {card.name} have other classes: {'; '.join(told)}",
            "models whose classes have the same names",
        )
    # the depth, where there is one, stands behind the classes in either
    return (*(places[name] for name in names), *range(len(names), card.planes))


def averaging(engines: Sequence[Engine], members: Sequence[Member]) -> Engine:
    """Return an engine whose models give the mean scores of several.

    Parameters
    ----------
    engines
        Of each of the models.
    members
        The models.

    Returns
    -------
    Engine
        In the precisions that all of them have.
    """
    first, *others = engines

    def common(*kinds: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in kinds[0] if all(one in kind for kind in kinds))

    def load(precision: str, patches: Patches) -> Model:
        models = [
            engine.load(precision, [_own(patch, member) for patch in patches])
            for engine, member in zip(engines, members, strict=True)
        ]
        return AveragingModel(models, members)

    references = [engine.reference or engine for engine in engines]
    compared = any(engine.reference for engine in engines)
    return Engine(
        "+".join(dict.fromkeys(engine.name for engine in engines)),
        common(first.able, *(engine.able for engine in others)),
        common(first.fast, *(engine.fast for engine in others)),
        load,
        averaging(references, members) if compared else None,
    )


def _own(patch: Patch, member: Member) -> Patch:
    return replace(patch, data=np.ascontiguousarray(patch.data[member.channels]))


class AveragingModel(Wrapped):
    """The weighted mean of the scores of several models, all of one device.

    Parameters
    ----------
    models
        Of each of the members.
    members
        Which bands each takes, its share, and the order of its classes.
    """

    def __init__(self, models: Sequence[Model], members: Sequence[Member]) -> None:
        super().__init__(models[0])
        self.ahead = min(model.ahead for model in models)
        self._models = models
        self._members = members

    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return the mean scores of a batch; see `Model`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column]: the bands of all members, one after the other.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Array
            float32 [n, label, row, column], 0 to 1, the labels as the first member's.
        """
        return self.launch(pixels, valid)()

    def launch(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Callable[[], Array]:
        """Queue a batch at all members; see `Model.launch`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column]: the bands of all members, one after the other.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Callable
            Gives the scores.
        """
        under_way: deque[tuple[Member, Callable[[], Array]]] = deque()
        try:
            for model, member in zip(self._models, self._members, strict=True):
                own = np.ascontiguousarray(pixels[:, member.channels])
                under_way.append((member, model.launch(own, valid)))
        except BaseException:
            wait_for(fetch for _, fetch in under_way)
            raise

        def fetch() -> Array:
            total: Array = 0
            try:
                while under_way:
                    member, scores = under_way.popleft()
                    total = total + scores()[:, list(member.order)] * member.weight
            finally:
                wait_for(scores for _, scores in under_way)
            return total

        return fetch

    def prepare(self, shape: tuple[int, ...], dtype: np.dtype[Any], brief: bool = False) -> None:
        """Get all members ready; see `Model.prepare`.

        Parameters
        ----------
        shape
            [n, band, row, column] of the pixels, the bands of all members one after the other.
        dtype
            Their type.
        brief
            Whether a few windows come, while another model computes as well.
        """
        for model, member in zip(self._models, self._members, strict=True):
            bands = member.channels.stop - member.channels.start
            model.prepare((shape[0], bands, *shape[2:]), dtype, brief)

    def keep_to(self, batches: int) -> bool:
        """Compute fewer batches side by side, at each member; see `Model`.

        Parameters
        ----------
        batches
            At most so many.

        Returns
        -------
        bool
            Whether that takes less memory than before.
        """
        return max(model.keep_to(batches) for model in self._models)

    def room(self) -> int | None:
        """Tell how much the device holds; see `Model`.

        Returns
        -------
        int or None
            Tiles of which each member has room for so many.
        """
        rooms = [room for model in self._models if (room := model.room()) is not None]
        return min(rooms, default=None)
