"""`geoseg config`: which defaults of options hold, and from where; and a file to begin with."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ..core.atomic import atomic_output
from ..core.cache import config_file
from ..core.errors import InputError, OutputError
from ..core.options import GROUPS, hints_of
from .cards import table
from .defaults import (
    ALL,
    Defaults,
    Setting,
    file_of_defaults,
    open_defaults,
    refusal,
    settable,
    values_of,
)
from .parameters import RunOption

EXAMPLES = """\b
geoseg config
geoseg config --of predict
geoseg config init
geoseg predict scene.tif --out map.gpkg --config project.toml"""
HEAD = """\
# Defaults of geoseg's options: what is typed on the command line comes first.
# Take the # from a line to set it; `geoseg config` says what holds, and from where.

"""


@click.command(epilog=EXAMPLES)
@click.argument("what", required=False, type=click.Choice(["init"]))
@click.option("--of", metavar="COMMAND", help="Show all options of a command, such as predict.")
@click.option("--path", "asks_path", is_flag=True, help="Print where the file lies, or would.")
@click.option("--json", "as_json", is_flag=True, help="Print all options of all commands.")
@click.option("--config", metavar="FILE", help="Another file than the user's own.")
def config(  # numpydoc ignore=PR01
    what: str | None, of: str | None, asks_path: bool, as_json: bool, config: str | None
) -> None:
    """Say which defaults of options come from the user's file, and check all that stands in it.

    The file is what --config or the variable GEOSEG_CONFIG names, else the user's own. In its
    section [all] stand options of a run for all commands, in [predict] and the like those of one.
    `geoseg config init` writes a file whose lines are all commented out.
    """
    if asks_path or what:
        path = Path(config) if config else config_file()
        if path is None:
            raise InputError(
                "no file of defaults: GEOSEG_CONFIG is empty, or there is no home",
                "a file",
                "name one with --config",
            )
        if what:
            _write(path)
        click.echo(str(path))
        return
    file = file_of_defaults(config)
    defaults = open_defaults(file) if file else None
    found = dict(_all_of(defaults))
    if of is not None and of not in found:
        of = f"{of} run" if f"{of} run" in found else of
    if of is not None and of not in found:
        raise InputError(f"--of {of}", f"one of {', '.join(found)}")
    if as_json:
        facts = {name: [_facts(*pair) for pair in pairs] for name, pairs in found.items()}
        told = {"file": str(file) if file else None, "commands": facts}
        told["commands"] = facts if of is None else {of: facts[of]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"the file of defaults: {file}" if file else f"no file of defaults{_would()}")
    if of is not None:
        shown = [(o.opts[0], *_value(o, setting)) for o, setting in found[of]]
        click.echo("\n".join(table([("option", "value", "from"), *shown])))
        return
    rows = [
        (name, o.opts[0], *_value(o, setting))
        for name, pairs in found.items()
        for o, setting in pairs
        if setting
    ]
    if rows:
        click.echo("\n".join(table([("command", "option", "value", "from"), *rows])))


def _would() -> str:
    usual = config_file()
    return f"; `geoseg config init` writes {usual}" if usual else ""


def _all_of(
    defaults: Defaults | None,
) -> Iterator[tuple[str, list[tuple[click.Option, Setting | None]]]]:
    """Yield for each command its options, with what the file sets; all of it is checked."""
    from . import commands_named

    if defaults:
        defaults.check_sections()
    for name, command in commands_named():
        if name == "config":
            continue
        options = settable(command)
        settings = defaults.of(name.split(), command) if defaults else {}
        values_of(settings, command)
        options = [option for option in options if option.opts != ["--config"]]
        if options:
            yield name, [(option, settings.get(str(option.name))) for option in options]


def _plain_default(option: click.Option) -> Any:
    """The default of an option; None where it is decided at each run."""
    if option.is_flag:
        return option.default is True
    return option.default if isinstance(option.default, str | int | float) else None


def _value(option: click.Option, setting: Setting | None) -> tuple[str, str]:
    if setting is None:
        value = _plain_default(option)
        return "off" if value is False else "" if value is None else str(value), "default"
    value = setting.value
    if isinstance(value, bool):
        value = "on" if value else "off"
    shown = ",".join(value) if isinstance(value, tuple) else value
    return shown, f"line {setting.line}, [{setting.section}]"


def _facts(option: click.Option, setting: Setting | None) -> dict[str, Any]:
    told = {"option": option.opts[0], "name": option.name}
    if setting is None:
        return told | {"value": _plain_default(option), "from": "default"}
    value = list(setting.value) if isinstance(setting.value, tuple) else setting.value
    place = {"from": str(setting.path), "line": setting.line, "section": setting.section}
    return told | {"value": value} | place


def _write(path: Path) -> None:
    if path.exists():
        raise OutputError(f"{path} exists", "a new file", "it is yours to change; nothing is lost")
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_output(path) as part:
        Path(part).write_text(HEAD + "\n".join(_lines()), encoding="utf-8")


def _lines() -> Iterator[str]:
    """Yield a file of defaults in which nothing is set."""
    from . import commands_named

    commands = dict(commands_named())
    run = {o.name: o for o in commands["predict"].params if isinstance(o, RunOption)}
    yield f"[{ALL}]  # of every command that has the option"
    for group, kind in GROUPS.items():
        yield f"\n# {group}"
        for name in hints_of(kind):
            if not refusal(run[name]):
                yield from _entry(run[name])
    yield "\n# Show warnings and errors only.\n# quiet = false"
    for name, command in commands.items():
        own = [
            option
            for option in settable(command)
            if not isinstance(option, RunOption) and option.opts[0] not in ("--config", "--quiet")
        ]
        if own and name != "config":
            yield f"\n[{'.'.join(name.removesuffix(' run').split())}]"
            for option in own:
                yield from _entry(option)


def _entry(option: click.Option) -> Iterator[str]:
    words = " ".join((option.help or "").split())
    yield from textwrap.wrap(words, 96, initial_indent="# ", subsequent_indent="# ")
    default = _plain_default(option)
    key = option.opts[0][2:]
    if option.is_flag:
        yield f"# {key} = {'true' if default else 'false'}"
    elif default is None:
        yield f"# {key} =    # {option.metavar or 'a value'}"
    else:
        yield f"# {key} = {json.dumps(default)}"
