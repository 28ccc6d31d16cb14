"""Classes merged, renamed and recoloured: a model's scores of several classes become one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array
from ..core.card import Label, ModelCard
from ..core.errors import InputError
from ..core.files import check_regular
from .engine import Engine, Patches
from .protocol import Model
from .wrapped import Wrapped

MOST = 1 << 20  # bytes of a file: names of 255 classes are far less
FORM = '{"forest": ["broadleaf", "conifer"], "lake": {"classes": ["water"], "colour": "#0000ff"}}'


@dataclass(frozen=True, slots=True)
class Merged:
    """The classes of a model as a map is to have them."""

    labels: tuple[Label, ...]
    """The classes of the map, in the order of the first that each takes in."""
    groups: tuple[tuple[int, ...], ...]
    """For each of them the places of the model's labels whose scores it takes."""

    @property
    def changed(self) -> bool:
        """Whether classes are merged, not only named and coloured otherwise."""
        return any(len(group) > 1 for group in self.groups)


def merge_labels(labels: Sequence[Label], text: str) -> Merged:
    """Read how the classes of a model are to be merged, renamed and coloured.

    Parameters
    ----------
    labels
        The model's.
    text
        JSON, or the path of a file of it: an object of the new classes by their names; of each the
        names of the model's classes that it takes in, or an object with `classes` and `colour`.
        Classes that are not named stay as they are.

    Returns
    -------
    Merged
        Each of the model's labels is in one group. A new class has the value and, where none is
        given, the colour of the first of its classes in the model's order.

    Raises
    ------
    InputError
        If the file is none such, or names a class that the model does not have, or twice.
    """
    wanted = _read(text)
    places = {label.name: place for place, label in enumerate(labels)}
    taken: dict[int, str] = {}
    found: list[tuple[tuple[int, ...], Label]] = []
    for name, told in wanted.items():
        names, colour = _told(name, told, text)
        for one in names:
            if one not in places:
                known = ", ".join(places)
                raise InputError(
                    f"{text}: {name} is to take in {one!r}, which is no class of the model",
                    f"some of {known}",
                )
            if places[one] in taken:
                raise InputError(
                    f"{text}: {one} is named for {taken[places[one]]} and for {name}",
                    "each class of the model once",
                )
            taken[places[one]] = name
        group = tuple(sorted(places[one] for one in names))
        parts = [labels[place] for place in group]
        found.append((group, _label(parts, name, colour, text)))
    found += [((place,), label) for place, label in enumerate(labels) if place not in taken]
    found.sort(key=lambda item: item[0])
    merged = Merged(tuple(label for _, label in found), tuple(group for group, _ in found))
    given = [label.name for label in merged.labels]
    if twice := next((name for name in given if given.count(name) > 1), ""):
        raise InputError(
            f"{text}: the map would have two classes named {twice}",
            "the class of this name among those that the new one takes in, or another name",
        )
    return merged


def merged_card(card: ModelCard, merged: Merged) -> ModelCard:
    """Return the card of a model whose classes are merged.

    Parameters
    ----------
    card
        The model's.
    merged
        How.

    Returns
    -------
    ModelCard
        Its limits say what was merged. Scores that were measured on other classes are left out.

    Raises
    ------
    InputError
        If numbers of a regression are to be merged, or of a model that tells objects apart things
        with what is none.
    """
    if card.maps_numbers and merged.changed:
        raise InputError(
            f"--rename-classes merges numbers of {card.name}, which are no classes",
            "other names of its numbers alone",
        )
    if card.depth is not None:
        _check_things(card, merged)
    groups = zip(merged.labels, merged.groups, strict=True)
    told = tuple(
        f"{label.name} is {' + '.join(card.labels[place].name for place in group)} of {card.name}"
        for label, group in groups
        if (label.name,) != tuple(card.labels[place].name for place in group)
    )
    return replace(
        card,
        labels=merged.labels,
        limits=(*card.limits, *told),
        scores={},
        scores_from="",
        interface=None,  # of the network, whose card is kept by the engine
    )


def _check_things(card: ModelCard, merged: Merged) -> None:
    for label, group in zip(merged.labels, merged.groups, strict=True):
        parts = [card.labels[place] for place in group]
        if len({part.is_thing for part in parts}) > 1:
            raise InputError(
                f"{label.name} is to take in {' and '.join(part.name for part in parts)}, of which "
                f"{card.name} counts only some in objects",
                "classes all of which are things, or none",
            )


def merging(engine: Engine, merged: Merged | None, activation: str) -> Engine:
    """Return an engine whose models give the scores of merged classes.

    Parameters
    ----------
    engine
        Any.
    merged
        How; None leaves the engine as it is.
    activation
        Of the model. Scores of softmax add up: one of the classes is there. Those of sigmoid do
        not exclude each other, and the highest stands for all.

    Returns
    -------
    Engine
        Of the same name and precisions.
    """
    if merged is None or not merged.changed:
        return engine

    def load(precision: str, patches: Patches) -> Model:
        return MergingModel(engine.load(precision, patches), merged.groups, activation)

    reference = merging(engine.reference, merged, activation) if engine.reference else None
    return replace(engine, load=load, reference=reference)


class MergingModel(Wrapped):
    """A model whose classes are merged.

    Parameters
    ----------
    model
        Of any engine.
    groups
        For each class the places of the labels whose scores it takes.
    activation
        softmax or sigmoid.
    """

    def __init__(
        self, model: Model, groups: tuple[tuple[int, ...], ...], activation: str = "softmax"
    ) -> None:
        super().__init__(model)
        self.ahead = model.ahead
        self._groups = groups
        self._activation = activation

    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return the scores of a batch; see `Model`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column].
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Array
            float32 [n, class, row, column], 0 to 1.
        """
        return self.launch(pixels, valid)()

    def launch(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Callable[[], Array]:
        """Queue a batch; see `Model.launch`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column].
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Callable
            Gives the scores.
        """
        fetch = self._model.launch(pixels, valid)
        return lambda: self._merge(fetch())

    def average_features(self, side: int) -> bool:
        """Have the model also average its last features; see `Model.average_features`.

        Parameters
        ----------
        side
            Pixels along a square.

        Returns
        -------
        bool
            Whether it can.
        """
        return self._model.average_features(side)

    def features(self) -> npt.NDArray[np.float32] | None:
        """Return the averages of the batch whose scores came last; see `Model.features`.

        Returns
        -------
        ndarray or None
            [n, channel, row, column] of squares.
        """
        return self._model.features()

    def _merge(self, scores: Array) -> Array:
        if isinstance(scores, np.ndarray):
            stack: Any = np.stack
        else:
            from torch import stack
        found = [self._one(scores, group) for group in self._groups]
        labels = sum(map(len, self._groups))  # each of the model's stands in one of them
        found += [scores[:, plane] for plane in range(labels, scores.shape[1])]  # the depth
        return stack(found, 1)

    def _one(self, scores: Array, group: tuple[int, ...]) -> Array:
        if len(group) == 1:
            return scores[:, group[0]]
        if self._activation == "softmax":
            return scores[:, list(group)].sum(1)
        highest = scores[:, list(group)].max(1)
        return getattr(highest, "values", highest)  # a tensor's comes with its indices


def classes_text(text: str) -> str:
    """Return the JSON that a user names or writes, so that a file may change or go.

    Parameters
    ----------
    text
        The path of a JSON file, or JSON itself, which begins with a brace.

    Returns
    -------
    str
        JSON.

    Raises
    ------
    InputError
        If the file cannot be read, or is larger than such a file is.
    """
    if text.lstrip().startswith("{"):
        return text
    check_regular(Path(text))
    try:
        with Path(text).open("rb") as file:
            found = file.read(MOST + 1)
        if len(found) > MOST:
            raise InputError(f"{text} has more than {MOST:,} bytes", f"JSON such as {FORM}")
        return found.decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{text}: there is no such file", f"JSON such as {FORM}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{text} cannot be read: {error}", f"JSON such as {FORM}") from error


def _read(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(classes_text(text), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{text} is no JSON: {error}", f"JSON such as {FORM}") from error
    if not isinstance(found, dict) or not found:
        raise InputError(f"{text} holds no names of classes", f"JSON such as {FORM}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON takes the last of two that are named alike."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _told(name: str, told: Any, path: str) -> tuple[list[str], str]:
    """The classes that a new one takes in, and its colour; "" where none is given."""
    known = told if isinstance(told, dict) else {"classes": told}
    names = known.get("classes")
    if isinstance(names, str):
        names = [names]
    listed = names if isinstance(names, list) else []
    colour = known.get("colour", "")
    fits = bool(listed) and all(isinstance(one, str) for one in listed)
    if not fits or not isinstance(colour, str) or known.keys() - {"classes", "colour"}:
        raise InputError(
            f"{path}: {name!r} has {json.dumps(told)[:80]}",
            f"names of classes, or an object of classes and colour, such as {FORM}",
        )
    return listed, colour


def _label(parts: Sequence[Label], name: str, colour: str, path: str) -> Label:
    building = all(part.is_building for part in parts)
    thing = all(part.is_thing for part in parts)
    try:
        return Label(parts[0].value, name, (colour or parts[0].colour).lower(), building, thing)
    except ValueError as error:
        raise InputError(f"{path}: {error}", f"JSON such as {FORM}") from error
