"""Which class of the map is which class of the truth: by name, else by value, or as the user
says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA
from ..core.errors import InputError
from ..core.files import check_regular
from ..raster.class_values import BYTES

Indices = npt.NDArray[np.uint8]
MAP = 0
TRUTH = 1
UNSEEN = 254
MOST = 254  # classes: what a byte holds beside UNSEEN and NODATA

# a class's name or value, in small letters -> its new name; None: unlabelled
Names = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Renames:
    """What the user says of the classes of map and truth."""

    mapped: Names = field(default_factory=dict)
    """Of the map's."""
    truth: Names = field(default_factory=dict)
    """Of the truth's."""

    def of(self, side: int) -> Names:
        """Return those of one of the two.

        Parameters
        ----------
        side
            MAP or TRUTH.

        Returns
        -------
        Names
            Its new names by its old ones.
        """
        return self.truth if side == TRUTH else self.mapped


@dataclass(frozen=True, slots=True)
class Legend:
    """Names and colours of the values of map or truth, as far as its file tells them."""

    names: Mapping[int, str] = field(default_factory=dict)
    """Name of each value that has one."""
    colours: Mapping[int, str] = field(default_factory=dict)
    """Colour of each value that has one, as ``#rrggbb``."""
    valued: bool = True
    """False where values are but places in a list of names, and mean nothing to the other side."""
    values: Sequence[int] = BYTES
    """The value that each byte stands for; a colour has none."""

    def name_of(self, value: int) -> str | None:
        """Return what the file calls the class of a value.

        Parameters
        ----------
        value
            As the other side has it.

        Returns
        -------
        str or None
            Its name; None where the file does not tell.
        """
        return self.names.get(value) if self.valued else None


def read_renames(pairs: Sequence[str], ignore: Sequence[str], path: str | None) -> Renames:
    """Return what the command line says of the classes' names.

    Parameters
    ----------
    pairs
        Of ``--rename``: A=B, what the truth calls A, by name or value, is B on the map.
    ignore
        Of ``--ignore``: classes of the truth, by name or value, that count as unlabelled.
    path
        Of ``--classes``: a JSON object such as ``{"truth": {"5": "water", "clouds": null}, "map":
        {"3": "water"}}``; one without these two keys is about the truth. None for no file.

    Returns
    -------
    Renames
        All of it; what the options say goes before the file.

    Raises
    ------
    InputError
        If one of these says something else.
    """
    found: dict[str, dict[str, str | None]] = {"map": {}, "truth": {}}
    if path is not None:
        for side, names in _read_file(path).items():
            found[side] |= names
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (old.strip() and equals and new.strip()):
            raise InputError(
                f"--rename {pair}", "A=B: what the truth calls A, by name or value, is B on the map"
            )
        found["truth"][_key(old)] = new.strip()
    found["truth"] |= {_key(name): None for name in ignore}
    return Renames(found["map"], found["truth"])


def _read_file(path: str) -> dict[str, dict[str, str | None]]:
    expected = 'an object such as {"truth": {"5": "water", "clouds": null}, "map": {"3": "water"}}'
    check_regular(path)
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"--classes {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"--classes {path} is not JSON: {error}", expected) from error
    if not isinstance(data, dict):
        raise InputError(f"--classes {path} holds {type(data).__name__}", expected)
    sides = data if data and set(data) <= {"map", "truth"} else {"truth": data}
    if not all(isinstance(names, dict) for names in sides.values()):
        raise InputError(f"--classes {path}: what stands under map or truth is no object", expected)
    return {
        side: {_key(k): _name(path, v) for k, v in names.items()} for side, names in sides.items()
    }


def _name(path: str, value: Any) -> str | None:
    if value is None or (
        isinstance(value, int | str) and not isinstance(value, bool) and str(value).strip()
    ):
        return None if value is None else str(value).strip()
    raise InputError(
        f"--classes {path} names a class {value!r}", "a name, a value, or null for unlabelled"
    )


def _key(text: str) -> str:
    return text.strip().casefold()


class Vocabulary:
    """The classes that map and truth are compared in; one is added when it is first met.

    Parameters
    ----------
    legends
        Of map and truth.
    renames
        What the user says of them.
    """

    def __init__(self, legends: tuple[Legend, Legend], renames: Renames) -> None:
        self._legends = legends
        self._renames = renames
        self._table = np.full((2, 256), UNSEEN, np.uint8)
        self._table[:, NODATA] = NODATA
        self._places: dict[str, int] = {}
        self.names: list[str] = []
        self.colours: list[str] = []
        # by side: classes that its legend has, or its pixels
        self.known: tuple[set[int], set[int]] = (set(), set())
        for side in (MAP, TRUTH):
            for value in sorted(legends[side].names):
                self._place(side, value)

    def encode(self, side: int, places: Indices) -> Indices:
        """Bring bytes of a file to the common classes.

        Parameters
        ----------
        side
            MAP or TRUTH.
        places
            The bytes of its file, of any shape, as `Legend.values` explains them.

        Returns
        -------
        Indices
            Places in `names`, of the same shape; NODATA where unlabelled or to be ignored.

        Raises
        ------
        InputError
            If there are more classes than a byte holds.
        """
        found = self._table[side][places]
        unseen = found == UNSEEN
        if unseen.any():
            for place in np.unique(places[unseen]):
                self._table[side, place] = self._place(side, self._legends[side].values[place])
            found = self._table[side][places]
        return np.asarray(found, np.uint8)

    def _place(self, side: int, value: int) -> int:
        """Return the place of a value's class among the names, NODATA where it is to be ignored."""
        name = self._name(side, value)
        if name is None:
            return NODATA
        place = self._places.setdefault(_key(name), len(self.names))
        if place == len(self.names):
            self._add(name, self._legends[side].colours.get(value, ""))
        self.known[side].add(place)
        return place

    def _add(self, name: str, colour: str) -> None:
        if len(self.names) == MOST:
            raise InputError(
                f"map and truth have more than {MOST} classes",
                "rasters of classes, not of measurements",
            )
        self.names.append(name)
        self.colours.append(colour)

    def _name(self, side: int, value: int) -> str | None:
        """The user's word first, then the file's own name, then the other file's name of that
        value.
        """
        legend = self._legends[side]
        renames = self._renames.of(side)
        own = legend.names.get(value)
        for key in filter(None, (_key(own or ""), str(value) if legend.valued else "")):
            if key in renames:
                return self._target(side, renames[key])
        return self._target(side, own) or self._legends[1 - side].name_of(value) or f"class {value}"

    def _target(self, side: int, name: str | None) -> str | None:
        """A number stands for the class of that value on the other side."""
        if name is None or not re.fullmatch(r"-?[0-9]+", name):
            return name
        return self._legends[1 - side].name_of(int(name)) or f"class {name}"

    def note(self) -> str:
        """Return how the classes were matched.

        Returns
        -------
        str
            A sentence.
        """
        if all(legend.names for legend in self._legends):
            return "classes matched by name"
        without = [
            name
            for name, legend in zip(("map", "truth"), self._legends, strict=True)
            if not legend.names
        ]
        return f"classes matched by value, for these tell no names: {', '.join(without)}"
