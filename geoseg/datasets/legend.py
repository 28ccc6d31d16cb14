"""Which classes of a data set are learned, what they are called, and what the rest is."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA, Label
from ..core.errors import InputError
from .dataset import OPEN, UNKNOWN, Dataset, Targets

# told apart by people with any colour vision (Okabe and Ito); then steps round the circle of hues
FIRST = ("#0072b2", "#009e73", "#e69f00", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442", "#222222")
MOST = NODATA  # classes of a raster of bytes
SHOWN = 12  # names in a message


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What is made of a data set's classes."""

    labels: tuple[Label, ...]
    """Values from 0 on, with names and colours."""
    things: tuple[str, ...]
    """Names of those that come as objects."""
    values: npt.NDArray[np.uint8]
    """[65536]: by what stands in `Targets.classes`, the value; NODATA is unlabelled."""
    counted: npt.NDArray[np.bool_]
    """[65536]: likewise, whether objects of it are told apart."""

    def classes(self, targets: Targets) -> npt.NDArray[np.uint8]:
        """Return the values of a picture.

        Parameters
        ----------
        targets
            Of the data set.

        Returns
        -------
        array
            [row, column], NODATA where unlabelled.
        """
        return self.values[targets.classes]

    def objects(self, targets: Targets) -> npt.NDArray[np.uint32]:
        """Return the numbers of the objects that are left in a picture.

        Parameters
        ----------
        targets
            Of the data set.

        Returns
        -------
        array
            [row, column], from 1 on without a gap; 0 is none.
        """
        kept = np.where(self.counted[targets.classes], targets.objects, np.uint32(0))
        found, back = np.unique(kept, return_inverse=True)
        first = 0 if found[0] == 0 else 1
        return np.asarray(back.reshape(kept.shape) + first, np.uint32)


def choose(
    dataset: Dataset,
    only: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    rest: str = "",
) -> Chosen:
    """Settle the classes.

    Parameters
    ----------
    dataset
        Whose classes there are.
    only
        The names, as they are called afterwards, of those that are learned; none is all.
    names
        Another name by the data set's; classes of one name become one, and "" leaves a class out:
        it is unlabelled, whatever the rest is.
    rest
        A class of its own for what is known to be none of them: the data set's other classes, and
        ground on which it draws no object; "" leaves that unlabelled.

    Returns
    -------
    Chosen
        One class at least.

    Raises
    ------
    InputError
        If a name is not known, or there are more classes than a raster of bytes holds.
    """
    names = names or {}
    known = [one.name for one in dataset.classes]
    if strange := [name for name in names if name not in known]:
        raise _unknown("--map", strange, known)
    meant = [names.get(name, name) for name in known]
    there = list(dict.fromkeys(name for name in meant if name))
    if strange := [name for name in only if name not in there]:
        raise _unknown("--classes", strange, there)
    kept = list(dict.fromkeys(only)) or there
    if rest and rest not in kept:
        kept.append(rest)
    if len(kept) > MOST or not kept:
        raise InputError(
            f"{len(kept)} classes", f"1 to {MOST}", "name those to learn with --classes"
        )
    place = {name: value for value, name in enumerate(kept)}
    other = place[rest] if rest else NODATA
    values = np.full(1 << 16, NODATA, np.uint8)
    counted = np.zeros(1 << 16, bool)
    for index, (one, name) in enumerate(zip(dataset.classes, meant, strict=True)):
        values[index] = place.get(name, other) if name else NODATA
        counted[index] = one.is_thing and dataset.has_objects and name in place and name != rest
    values[OPEN] = other
    values[UNKNOWN] = NODATA
    things = dict.fromkeys(meant[i] for i in range(len(meant)) if counted[i])
    labels = tuple(Label(value, name, _colour(value)) for name, value in place.items())
    return Chosen(labels, tuple(things), values, counted)


def _unknown(option: str, strange: Sequence[str], known: Sequence[str]) -> InputError:
    shown = ", ".join(map(repr, strange[:SHOWN])) + (", ..." if len(strange) > SHOWN else "")
    told = ", ".join(known[:SHOWN]) + (
        f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    )
    return InputError(f"{option} names {shown}", f"classes of the data set: {told}")


def _colour(value: int) -> str:
    if value < len(FIRST):
        return FIRST[value]
    parts = colorsys.hsv_to_rgb(value * 0.618033988749895 % 1, 0.6, 0.55 + 0.35 * (value % 2))
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
