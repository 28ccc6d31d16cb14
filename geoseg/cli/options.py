"""`geoseg options`: names, defaults, limits and words of all options, for people and programs."""

from __future__ import annotations

import json
import re
from types import UnionType
from typing import Any, get_args, get_origin

import click

from ..core.options import GROUPS, OPTIONS, Option, hints_of, spoken
from ..core.version import __version__
from .cards import table
from .parameters import RunOption

EXAMPLES = """\b
geoseg options
geoseg options --json"""
TYPES = {int: "integer", float: "number", bool: "switch", str: "text"}
WORDS = re.compile(r"[a-z0-9.]+(\|[a-z0-9.]+)+")  # a metavar that lists all values


@click.command("options", epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print all that programs want to know.")
def options(as_json: bool) -> None:  # numpydoc ignore=PR01
    """List the options of a run by group: what they are without being given, and their limits.

    With --json, those of each command as well, with types, choices, units and help.
    """
    if as_json:
        click.echo(json.dumps(describe_all(), indent=1))
        return
    for group, kind in GROUPS.items():
        rows = [(group, "default", "takes"), *(_row(name) for name in hints_of(kind))]
        click.echo("\n".join(table(rows)) + "\n")


def _row(name: str) -> tuple[str, str, str]:
    known: Option = OPTIONS[name].metadata["option"]
    default = OPTIONS[name].default
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
    given = "" if default is None else shown if default else "off"
    return spoken(name), given, known.expected or "|".join(map(str, known.choices)) or known.metavar


def describe_all() -> dict[str, Any]:
    """Return all options: those of a run by group, and the others by command.

    Returns
    -------
    dict
        `geoseg`, the version; `options`, by group and name; `commands`, each with the names of the
        run's options that it `takes` and with its own `options`. Of an option those facts that
        there are: `option` (as it is spelled), `type` (integer, number, text, switch, integers,
        numbers, names), `default`, `minimum`, `maximum`, `odd`, `off`, `choices`, `unit`,
        `repeatable`, `former`, `help`.
    """
    from . import commands_named

    return {
        "geoseg": __version__,
        "options": {
            group: {name: _of_run(name, kind) for name in hints_of(kind)}
            for group, kind in GROUPS.items()
        },
        "commands": {name: _of_command(command) for name, command in commands_named()},
    }


def _of_run(name: str, kind: Any) -> dict[str, Any]:
    known: Option = OPTIONS[name].metadata["option"]
    hint = hints_of(kind)[name]
    if isinstance(hint, UnionType):  # None as well
        hint = get_args(hint)[0]
    lists = {int: "integers", float: "numbers"}
    several = lists.get(get_args(hint)[0], "names") if get_origin(hint) else ""
    return {"option": spoken(name), "type": several or TYPES[hint]} | _given(
        default=OPTIONS[name].default,
        minimum=known.least,
        maximum=known.most,
        odd=known.odd or None,
        off=known.off,
        choices=list(known.choices) or None,
        unit=known.unit or None,
        former=spoken(known.former) if known.former else None,
        help=known.help,
    )


def _of_command(command: click.Command) -> dict[str, Any]:
    shown = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    return {
        "takes": [str(p.name) for p in shown if isinstance(p, RunOption)],
        "options": {str(p.name): _of_click(p) for p in shown if not isinstance(p, RunOption)},
    }


def _of_click(param: click.Option) -> dict[str, Any]:
    """Return what click knows of an option that one command alone has."""
    kinds = {click.types.IntParamType: "integer", click.types.FloatParamType: "number"}
    kind = next((kinds[one] for one in kinds if isinstance(param.type, one)), "text")
    listed = WORDS.fullmatch(param.metavar or "")
    plain = isinstance(param.default, str | int | float | bool)
    return {"option": param.opts[0], "type": "switch" if param.is_flag else kind} | _given(
        default=param.default if plain else None,
        minimum=getattr(param.type, "min", None),
        maximum=getattr(param.type, "max", None),
        choices=str(param.metavar).split("|") if listed else None,
        repeatable=param.multiple or None,
        help=param.help,
    )


def _given(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
