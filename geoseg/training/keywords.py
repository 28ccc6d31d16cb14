"""What the options of `geoseg train`, and the keywords of `geoseg.train`, say: as tables of a
configuration.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.options import plain
from .config import FILES, Config
from .parse import merge, parse, read_tables, refuse_unknown
from .partial_labels import BETWEEN

# option -> table and key of the configuration
KEYS = {
    "samples": ("data", "samples"),
    "scenes": ("data", "scenes"),
    "labels": ("data", "labels"),
    "things": ("data", "things"),
    "objects": ("data", "objects"),
    "column": ("data", "column"),
    "layer": ("data", "layer"),
    "ignore": ("data", "ignore"),
    "bands": ("data", "bands"),
    "validation": ("data", "validation"),
    "test": ("data", "test"),
    "name": ("card", "name"),
    "gsd": ("card", "gsd"),
    "architecture": ("network", "architecture"),
    "pretrained": ("network", "pretrained"),
    "crop": ("training", "crop"),
    "batch": ("training", "batch"),
    "steps": ("training", "steps"),
    "rate": ("training", "rate"),
    "validate_every": ("training", "validate_every"),
    "patience": ("training", "patience"),
    "seed": ("training", "seed"),
    "precision": ("training", "precision"),
}
LOSSES = ("cross_entropy", "dice", "focal", "binary")
DIGITS = 18  # of a number that a raster or a column of whole numbers may hold
CLASS = (
    "NAME=VALUE[:#COLOUR[:SOURCE|SOURCE...]], or NAME|NAME=SOURCE[|SOURCE...] for a label that is "
    "one of several"
)
# without a configuration: changes that leave most scenes what they are
GENTLE = {"augment": {"zoom": 1.25, "gain": 0.2}}


def read_options(config: Path | None, options: Mapping[str, Any]) -> Config:
    """Return the configuration that a file and options give; options come first.

    Parameters
    ----------
    config
        A TOML file; None where the options say all.
    options
        By the names in KEYS, and `encoder`, `loss`, `classes`, `set`; as texts of the command line,
        or as numbers, lists and paths of Python. Paths start from the current folder.

    Returns
    -------
    Config
        Checked by itself; scenes and labels are not looked at.

    Raises
    ------
    InputError
        If an option is unknown or wrong, or neither the file nor options name scenes.
    """
    known = {*KEYS, "encoder", "loss", "classes", "set"}
    if unknown := sorted(set(options) - known):
        raise InputError(
            f"unknown option: {', '.join(unknown)}", f"one of {', '.join(sorted(known))}"
        )
    options = {name: plain(value) for name, value in options.items()}
    tables = read_tables(config) if config else GENTLE
    if config is None and not (options.get("scenes") or options.get("samples")):
        raise InputError(
            "neither a configuration nor scenes are given",
            "CONFIG, --scenes with --labels, or --samples",
        )
    told = _absolute(to_tables(options, tables))
    return parse(merge(tables, told), config.resolve().parent if config else Path.cwd())


def to_tables(options: Mapping[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    """Return what the options say, as tables of a configuration.

    Parameters
    ----------
    options
        As in read_options; None says nothing.
    tables
        Of the configuration, where it has an encoder's other hyperparameters and a warm-up of its
        own. Without the latter, fewer steps shorten it to a tenth of them.

    Returns
    -------
    dict
        {table: {key: value}}, None where nothing is said.

    Raises
    ------
    InputError
        If a text is not of the option's form.
    """
    read: dict[str, Callable[[Any], Any]] = {
        "scenes": _paths,
        "labels": _paths,
        "things": _names,
        "objects": _paths,
        "ignore": _values,
        "bands": _numbers,
        "validation": _held,
        "test": _held,
    }
    told: dict[str, Any] = {}
    for option, (table, key) in KEYS.items():
        value = options.get(option)
        told.setdefault(table, {})[key] = (
            None if value is None else read.get(option, lambda given: given)(value)
        )
    if options.get("encoder"):
        told["network"]["hyperparameters"] = {
            **tables.get("network", {}).get("hyperparameters", {}),
            "encoder": options["encoder"],
        }
    told["loss"] = read_loss(options["loss"]) if options.get("loss") else {}
    for setting in map(read_setting, options.get("set", ())):
        told = merge(told, setting)
    if options.get("classes"):
        given = options["classes"]
        told["classes"], legend = read_classes(given) if isinstance(given, str) else (given, {})
        told["data"]["legend"] = legend or told["data"].get("legend")
    steps = options.get("steps")
    if steps and "warmup" not in tables.get("training", {}):
        told["training"]["warmup"] = min(200, steps // 10)
    return told


def _absolute(told: dict[str, Any]) -> dict[str, Any]:
    """Return the tables with paths that start here: those of a configuration start from its own
    folder.
    """

    def here(path: str) -> str:
        return path if path.startswith("/vsi") or "://" in path else str(Path.cwd() / path)

    data = told["data"]
    for key in ("scenes", "labels", "objects"):
        data[key] = [here(path) for path in data[key]] if data[key] else None
    data["samples"] = here(data["samples"]) if data["samples"] else None
    weights = told["network"]["pretrained"]
    told["network"]["pretrained"] = (
        here(weights) if weights and weights.endswith(FILES) else weights
    )
    return told


def read_classes(text: str) -> tuple[list[dict[str, Any]], dict[str, list[int | str]]]:
    """Read `water=1:#0000ff,wood=2,water|wood=3` as the tables of classes, and the legend of sets
    of them.

    Parameters
    ----------
    text
        NAME=VALUE[:#COLOUR[:SOURCE|SOURCE]] or NAME|NAME=SOURCE[|SOURCE], parted by commas.

    Returns
    -------
    tuple of list and dict
        Tables [[classes]] in order, and the legend {"water|wood": [3]}. A source that is a number
        stays one.

    Raises
    ------
    InputError
        If an entry is of another form.
    """
    classes: list[dict[str, Any]] = []
    legend: dict[str, list[int | str]] = {}
    for part in text.split(","):
        name, _, rest = (word.strip() for word in part.partition("="))
        match = re.fullmatch(r"([0-9]{1,9})(?::(#[0-9a-fA-F]{6})?(?::(.+))?)?", rest)
        if not (name and rest) or (BETWEEN not in name and not match):
            raise InputError(f"--classes {part.strip()!r}", f"{CLASS}, separated by commas")
        if BETWEEN in name:
            legend.setdefault(name, []).extend(_sources(rest))
        elif match:
            classes.append(
                {
                    "value": int(match[1]),
                    "name": name,
                    "colour": match[2] or "",
                    "sources": _sources(match[3] or ""),
                }
            )
    return classes, legend


def _sources(text: str) -> list[int | str]:
    return [whole_or_text(source) for source in text.split("|") if source]


def whole_or_text(text: str) -> int | str:
    """Return a whole number where the text is one that a label may be; else the text.

    Parameters
    ----------
    text
        One word.

    Returns
    -------
    int or str
        A number of at most 18 digits, which a raster or a column can hold.
    """
    return int(text) if text.isdecimal() and len(text) <= DIGITS else text


def read_loss(text: str) -> dict[str, float]:
    """Read `cross_entropy,dice=0.5` as weights of losses.

    Parameters
    ----------
    text
        NAME or NAME=WEIGHT, parted by commas; a bare name weighs 1.

    Returns
    -------
    dict
        The weight of each of LOSSES, 0 for those that are not named.

    Raises
    ------
    InputError
        If a loss is unknown, or its weight is no number.
    """
    given: dict[str, float] = {}
    for part in text.split(","):
        name, _, weight = part.partition("=")
        try:
            given[name.strip()] = float(weight or 1)
        except ValueError:
            raise InputError(
                f"--loss {part.strip()!r}", "NAME or NAME=WEIGHT, such as dice=0.5"
            ) from None
    refuse_unknown(set(given) - set(LOSSES), "--loss", set(LOSSES))
    return dict.fromkeys(LOSSES, 0.0) | given


def read_setting(text: str) -> dict[str, dict[str, Any]]:
    """Read `training.ema=0.99` as a table of a configuration.

    Parameters
    ----------
    text
        TABLE.KEY=VALUE, the value as in TOML; a bare word is a text.

    Returns
    -------
    dict
        {table: {key: value}}.

    Raises
    ------
    InputError
        If it is of another form.
    """
    key, equals, value = text.partition("=")
    table, dot, name = key.strip().partition(".")
    if not (equals and dot and re.fullmatch(r"\w+", table) and re.fullmatch(r"\w+", name)):
        raise InputError(f"--set {text!r}", "TABLE.KEY=VALUE, such as training.ema=0.99")
    try:
        return {table: {name: tomllib.loads(f"value = {value}")["value"]}}
    except (ValueError, RecursionError):
        return {table: {name: value.strip()}}


def _held(text: Any) -> Any:
    """Return a share, or patterns of places."""
    if not isinstance(text, str):
        return text if isinstance(text, float) else list(text)
    try:
        return float(text)
    except ValueError:
        return [part.strip() for part in text.split(",") if part.strip()]


def _paths(given: str | Sequence[str | PathLike[str]]) -> list[str] | None:
    return [given] if isinstance(given, str) else [fspath(path) for path in given] or None


def _names(text: str | Sequence[str]) -> list[str]:
    if not isinstance(text, str):
        return list(text)
    return [name for part in text.split(",") if (name := part.strip())]


def _values(text: str | Sequence[int | str]) -> list[int | str]:
    if not isinstance(text, str):
        return list(text)
    return [whole_or_text(part.strip()) for part in text.split(",")]


def _numbers(text: str | Sequence[int]) -> list[int]:
    if not isinstance(text, str):
        return list(text)
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--bands {text}", "numbers that count from 1, such as 2,3,4") from None
