"""From a TOML file, or its tables, to a training's configuration: nothing unknown, nothing of
another type.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from reprlib import repr as brief
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from ..core.errors import InputError
from ..core.files import check_regular
from .config import (
    AugmentConfig,
    BandConfig,
    CardConfig,
    ClassConfig,
    Config,
    DataConfig,
    DatasetConfig,
    Level,
    LossConfig,
    NetworkConfig,
    RunConfig,
)
from .scene_label import make_reading

T = TypeVar("T")
Tables = Mapping[str, Any]
MOST = 1e12  # of any number in a configuration


def read_tables(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file, in UTF-8.

    Returns
    -------
    dict
        Tables and values, unchecked.

    Raises
    ------
    InputError
        If it cannot be read, is no regular file or no TOML, or is nested too deeply.
    """
    check_regular(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the configuration {path} cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise InputError(
            f"{path} is nested too deeply", "a configuration, of tables and values"
        ) from error
    except ValueError as error:  # of TOML, UTF-8, or a number of more digits than Python reads
        raise InputError(f"{path} is not TOML: {error}") from error


def read_config(path: Path) -> Config:
    """Read a training's TOML file, as a run with that file alone would.

    Parameters
    ----------
    path
        The file; its folder is where its relative paths start from.

    Returns
    -------
    Config
        What it says, checked by itself; scenes and labels are not looked at.

    Raises
    ------
    InputError
        If it cannot be read; names what is unknown, missing or wrong in it.
    """
    return parse(read_tables(path), path.resolve().parent)


def merge(tables: Tables, options: Tables) -> dict[str, Any]:
    """Return the tables with the options put over them.

    Parameters
    ----------
    tables
        Of a configuration.
    options
        {table: {key: value}} or {table: list}; None says nothing, a list replaces a list.

    Returns
    -------
    dict
        New at the first two depths; neither argument is changed.
    """
    merged = dict(tables)
    for name, given in options.items():
        if isinstance(given, Mapping):
            said = {key: value for key, value in given.items() if value is not None}
            merged[name] = {**tables.get(name, {}), **said} if said or name in tables else {}
        elif given is not None:
            merged[name] = given
    return merged


def parse(tables: Tables, folder: Path) -> Config:
    """Return the configuration that the tables of a TOML file give.

    Parameters
    ----------
    tables
        As tomllib reads them.
    folder
        Where relative paths start from.

    Returns
    -------
    Config
        Checked by itself; scenes and labels are not looked at.

    Raises
    ------
    InputError
        If a table or key is unknown, missing, of another type or out of range, or if two contradict
        one another.
    """
    known = {f.name for f in fields(Config)} - {"folder"}
    refuse_unknown(set(tables) - known, "the configuration", known)
    config = _build(tables, folder)
    levels = config.augment.levels
    if levels and config.bands and not len(levels.gain) == len(levels.offset) == len(config.bands):
        raise InputError(
            f"[augment.levels] has {len(levels.gain)} and {len(levels.offset)} numbers",
            f"one gain and one offset for each of {len(config.bands)} bands",
        )
    _check_classes(config)
    if config.classes:  # else they are those of the model that the training starts from
        make_reading(config)
    if twice := [
        name for name, given in config.datasets.items() if config.data.several and given.soft
    ]:
        raise InputError(
            f"data.several and datasets.{twice[0]}.soft are both true",
            "one: shares of a pixel, or classes at once",
        )
    if config.data.several and config.loss.activation != "sigmoid":
        raise InputError(
            "data.several = true with a loss that gives every pixel one class (cross_entropy, "
            "focal)",
            "binary cross entropy, alone or with dice",
            "[loss] cross_entropy = 0, binary = 1, or --loss binary",
        )
    return config


def _check_classes(config: Config) -> None:
    """Refuse classes that no card could hold, and a source that would mean two of them."""
    try:
        labels = config.labels
    except ValueError as error:
        raise InputError(f"[classes]: {error}") from error
    for what in ("value", "name"):
        seen = [getattr(label, what) for label in labels]
        if twice := {item for item in seen if seen.count(item) > 1}:
            raise InputError(f"two classes have the {what} {twice.pop()!r}", "one each")
    sources = [source for given in config.classes for source in given.sources]
    if twice := {source for source in sources if sources.count(source) > 1}:
        raise InputError(
            f"the source {twice.pop()!r} stands for two classes", "one class for each value"
        )
    names = [label.name for label in labels]
    if labels and (unknown := [name for name in config.data.things if name not in names]):
        raise InputError(
            f"data.things names {unknown[0]!r}, which is no class", f"some of {', '.join(names)}"
        )
    if len(labels) == 1:
        raise InputError(
            "there is only one class", "two or more", "what it is not must be a class as well"
        )
    if isinstance(config.loss.classes, list) and labels and len(config.loss.classes) != len(labels):
        raise InputError(
            f"loss.classes has {len(config.loss.classes)} weights", f"one for each of {len(labels)}"
        )


def _build(tables: Tables, folder: Path) -> Config:
    augment = dict(_table(tables, "augment"))
    if "levels" in augment:
        augment["levels"] = _make(Level, augment["levels"], "augment.levels")
    return Config(
        folder=folder,
        card=_make(CardConfig, _table(tables, "card"), "card"),
        bands=tuple(_make(BandConfig, band, "bands") for band in tables.get("bands", [])),
        classes=tuple(_make(ClassConfig, label, "classes") for label in tables.get("classes", [])),
        network=_make(NetworkConfig, _table(tables, "network"), "network"),
        data=_make(DataConfig, _table(tables, "data"), "data"),
        datasets={
            name: _make(DatasetConfig, table, f"datasets.{name}")
            for name, table in _table(tables, "datasets").items()
        },
        training=_make(RunConfig, _table(tables, "training"), "training"),
        loss=_make(LossConfig, _table(tables, "loss"), "loss"),
        augment=_make(AugmentConfig, augment, "augment"),
    )


def _table(tables: Tables, name: str) -> Tables:
    found = tables.get(name, {})
    if not isinstance(found, Mapping):
        raise InputError(f"{name} is {type(found).__name__}", f"a table [{name}]")
    return found


def _make(kind: type[T], table: Tables, where: str) -> T:
    """Return the dataclass that one table fills; unknown and missing keys, and other types, are
    named.
    """
    if not isinstance(table, Mapping):
        raise InputError(f"{where} holds {brief(table)}", f"tables [[{where}]]")
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    refuse_unknown(set(table) - set(known), f"[{where}]", set(known))
    needed = {n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING}
    if missing := needed - set(table):
        raise InputError(f"[{where}] lacks {', '.join(sorted(missing))}")
    hints = get_type_hints(kind)
    for key, value in table.items():
        if not _fits(value, hints[key]):
            raise InputError(f"{where}.{key} = {brief(value)}", f"{_kind(hints[key])}")
        _check_numbers(value, f"{where}.{key}")
    return kind(**table)


def _check_numbers(value: object, where: str) -> None:
    """Raise InputError where a number is not finite, or none that a training could be told."""
    if isinstance(value, list):
        for part in value:
            _check_numbers(part, where)
    elif isinstance(value, int | float) and not -MOST <= value <= MOST:
        raise InputError(f"{where} = {brief(value)}", f"a number within {MOST:g} of 0")


def _fits(value: object, hint: Any) -> bool:
    """Whether a value of TOML is of a field's type; a whole number will do for any number."""
    if isinstance(hint, UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if get_origin(hint) is list:
        return isinstance(value, list) and all(_fits(part, get_args(hint)[0]) for part in value)
    if get_origin(hint) is dict and get_args(hint)[1] is not Any:
        return isinstance(value, dict) and all(
            _fits(part, get_args(hint)[1]) for part in value.values()
        )
    if hint in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, int | float if hint is float else get_origin(hint) or hint)


def _kind(hint: Any) -> str:
    words = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
    if isinstance(hint, UnionType):
        return " or ".join(_kind(part) for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is list:
        return f"a list, each {_kind(get_args(hint)[0])}"
    if get_origin(hint) is dict and get_args(hint)[1] is not Any:
        return f"a table, each value {_kind(get_args(hint)[1])}"
    return words.get(hint, "a table")


def refuse_unknown(unknown: set[str], where: str, known: set[str]) -> None:
    """Raise where a name is not known.

    Parameters
    ----------
    unknown
        The names that were met beside the known ones.
    where
        Where they stand, as the user would say it.
    known
        All names that may stand there.

    Raises
    ------
    InputError
        If any is unknown.
    """
    if unknown:
        raise InputError(
            f"{where} holds unknown {', '.join(sorted(unknown))}",
            f"only {', '.join(sorted(known))}",
        )
