"""The classes of a new workspace, as a user names them: in words, by a model, or by a TOML file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ..core.card import Label
from ..core.errors import InputError, ModelError
from ..models import find_model
from ..models.sources.settle import parse_labels
from ..training.config import ClassConfig
from ..training.keywords import read_classes
from ..training.parse import read_config

FORMS = (
    'names such as "water,trees=#228833", values as well ("water=1:#0000ff,trees=2"), a model '
    "such as landcover-rgb, or a TOML file with [[classes]]"
)
_VALUE = re.compile(r"=\s*[0-9]")


def read_class_list(text: str) -> tuple[Label, ...]:
    """Read the classes of a workspace.

    Parameters
    ----------
    text
        Names with colours or without, numbered from 1 on; names with values, as `geoseg train`
        takes them; the name or folder of a model; or a configuration of `geoseg train`.

    Returns
    -------
    tuple of Label
        Two or more.

    Raises
    ------
    InputError
        If it is none of these, or names fewer than two.
    """
    labels = _read(text)
    if len(labels) < 2:
        raise InputError(f"--classes {text} names {len(labels)} class", f"two or more: {FORMS}")
    return labels


def _read(text: str) -> tuple[Label, ...]:
    if text.lower().endswith(".toml"):
        return read_config(Path(text)).labels
    if _VALUE.search(text):
        tables, sets = read_classes(text)
        if sets:
            raise InputError(
                f"--classes names {', '.join(sets)}",
                "one class for each name",
                "what may be one of several is not labelled, or is a class of its own",
            )
        try:
            return tuple(ClassConfig(**table).label(i) for i, table in enumerate(tables))
        except ValueError as error:
            raise InputError(f"--classes {text}: {error}", FORMS) from error
    if "," in text or "=" in text:
        return tuple(replace(label, value=i) for i, label in enumerate(parse_labels(text), 1))
    try:
        return find_model(text).card.labels
    except ModelError as error:
        raise InputError(f"--classes {text}: {error.found}", FORMS) from error
