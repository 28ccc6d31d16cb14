"""Defaults of options that a file sets: which file, what it may set, and where each line stands.

A setting is what a user would have typed, and takes the same way from there on: click's map of
defaults, below the command line and above the defaults of the options. No file is looked for in
the folder where geoseg is started: a map shall not depend on where one stands, and what comes with
somebody's scenes shall change nothing.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..core.cache import config_file
from ..core.errors import GeosegError, InputError
from ..core.files import check_regular
from ..core.options import OPTIONS, Options, spoken
from ..core.redact import redact
from .parameters import RunOption

ALL = "all"  # the section for every command
HELD = "geoseg.defaults"  # in click's context: what the file sets for the command
MOST_BYTES = 1 << 20
FILES = "it names what one run reads or writes"
WAIVED = "what is replaced or let pass is decided at each run, by who sees it"
FORM = "who reads what is printed says in which form"
WORK = "it says what is done this time"
OTHERS = "a file names no other"
# why options are not taken from a file: those with a value, and switches
_VALUES = {
    FILES: "out out-dir raster confidence novelty scores entropy margin second sets stac quicklook "
    "chart report export merge json scene scenes labels samples workspace import images pairs "
    "areas for inputs label zonal card",
    WORK: "map name title part to",
    WAIVED: "trust",
    OTHERS: "config",
}
_SWITCHES = {
    WAIVED: "overwrite force",
    FORM: "json events markdown",
    WORK: "resume print-sbatch watch with-scenes",
}
KEPT = ("classes", "font", "pretrained", "mask")  # files that serve many runs
VALUES = {key: why for why, keys in _VALUES.items() for key in keys.split()}
SWITCHES = {key: why for why, keys in _SWITCHES.items() for key in keys.split()}
# what [all] may hold: the options of a run, which mean the same in all commands
COMMON = {spoken(name)[2:]: name for name in OPTIONS} | {"quiet": "quiet"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a file sets of one option."""

    option: str
    """As it is spelled on the command line."""
    value: Any
    """As click would have parsed it: text, texts where the option may be repeated, or whether a
    switch is on."""
    section: str
    """The section that it stands in."""
    key: str
    """Its key there."""
    defaults: Defaults = field(repr=False)
    """The file."""

    @property
    def path(self) -> Path:
        """Of the file."""
        return self.defaults.path

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return self.defaults.line(*self.section.split("."), self.key)

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.path}, line {self.line}"

    @property
    def typed(self) -> str:
        """As it would be typed."""
        if self.value is True:
            return self.option
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return " ".join(f"{self.option} {value}" for value in values)


@dataclass(frozen=True, slots=True)
class Defaults:
    """A file of defaults."""

    path: Path
    """Of the file."""
    text: str = field(repr=False)
    """What stands in it."""
    sections: Mapping[str, Any]
    """The same, as TOML has it."""

    def line(self, *keys: str) -> int:
        """Tell where something begins.

        Parameters
        ----------
        *keys
            Of the tables down to it.

        Returns
        -------
        int
            The line, from 1.
        """
        return lines_of_keys(self.text)[tuple(keys)]

    def wrong(
        self, keys: Sequence[str], found: str, expected: str = "", do: str = ""
    ) -> InputError:
        """Return the error of what a key holds.

        Parameters
        ----------
        keys
            Of the tables down to it.
        found, expected, do
            As of the error.

        Returns
        -------
        InputError
            Which names file and line.
        """
        return InputError(f"{self.path}, line {self.line(*keys)}: {found}", expected, do)

    def of(self, words: Sequence[str], command: click.Command) -> dict[str, Setting]:
        """Return what the file sets for a command.

        Parameters
        ----------
        words
            The command's name, that of its group before it.
        command
            The command.

        Returns
        -------
        dict
            By the names of click's parameters.

        Raises
        ------
        InputError
            If a section or an option is unknown, may not be set, or has a value of a wrong type.
        """
        self.check_sections()
        shown = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
        settings: dict[str, Setting] = {}
        common = self.sections.get(ALL, {})
        self._check_common(common)
        plain = {option.opts[0][2:]: option for option in shown}
        run = {
            option.name: option
            for option in shown
            if (isinstance(option, RunOption) and not option.when) or option.name == "quiet"
        }
        for key, value in common.items():
            option = run.get(COMMON[_dashed(key)])
            if option is not None:
                settings[str(option.name)] = self._setting((ALL, key), option, value)
        for keys, key, value in self._own(words, command):
            option = plain.get(_dashed(key))
            if option is None:
                raise self._unknown((*keys, key), plain, f"no option of geoseg {' '.join(words)}")
            settings[str(option.name)] = self._setting((*keys, key), option, value)
        return settings

    def check_sections(self) -> None:
        """Refuse sections that are none.

        Raises
        ------
        InputError
            Where one names no command, or is no section; it names file and line.
        """
        from . import COMMANDS

        known = [ALL, *(name for name in COMMANDS if name != "config")]
        for name, table in self.sections.items():
            if not isinstance(table, dict):
                raise self.wrong(
                    (name,), f"{name} stands in no section", f"[{ALL}] or [COMMAND] before it"
                )
            if name not in known:
                raise self._unknown((name,), known, "no command of geoseg")
            self._check_twice((name,), table)

    def _check_common(self, table: Mapping[str, Any]) -> None:
        for key in table:
            if why := SWITCHES.get(_dashed(key), "" if _dashed(key) in COMMON else VALUES.get(key)):
                raise self._refused((ALL, key), why)
            if _dashed(key) not in COMMON:
                raise self._unknown(
                    (ALL, key), COMMON, "no option of a run", "that of one command in its section"
                )

    def _own(
        self, words: Sequence[str], command: click.Command
    ) -> Iterator[tuple[tuple[str, ...], str, Any]]:
        """Yield keys of the sections down to it, key and value of what the command's own holds."""
        from . import load_command

        table = self.sections.get(words[0], {})
        group = load_command(words[0])
        below = group.commands if isinstance(group, click.Group) else {}
        inner = {name: value for name, value in table.items() if isinstance(value, dict)}
        for name, part in inner.items():
            if name not in below:
                raise self._unknown((words[0], name), below, f"no command of geoseg {words[0]}")
            self._check_twice((words[0], name), part)
        main = ["run"] if "run" in below else None  # of batch, which is a command as well
        stray = [key for key in table if key not in inner]
        if not below or list(words[1:]) == main:
            yield from (((words[0],), key, table[key]) for key in stray)
        elif main is None and stray:
            raise self.wrong(
                (words[0], stray[0]),
                f"{stray[0]} stands in [{words[0]}]",
                f"a section such as [{words[0]}.{next(iter(below))}]",
            )
        if len(words) > 1 and words[1] in inner:
            keys = (words[0], words[1])
            yield from ((keys, key, value) for key, value in inner[words[1]].items())

    def _check_twice(self, keys: tuple[str, ...], table: Mapping[str, Any]) -> None:
        seen: dict[str, str] = {}
        for key in table:
            if (other := seen.setdefault(_dashed(key), key)) != key:
                raise self.wrong((*keys, key), f"{key} and {other}", "one of them: they are one")

    def _unknown(
        self, keys: Sequence[str], known: Mapping[str, Any] | Sequence[str], what: str, do: str = ""
    ) -> InputError:
        near = get_close_matches(_dashed(keys[-1]), list(known), 1)
        nearest = f"{near[0]}, which is near, or one of " if near else "one of "
        return self.wrong(keys, f"{keys[-1]} is {what}", f"{nearest}{', '.join(known)}", do)

    def _refused(self, keys: Sequence[str], why: str) -> InputError:
        return self.wrong(
            keys, f"--{_dashed(keys[-1])} is not taken from a file", do=f"type it: {why}"
        )

    def _setting(self, keys: tuple[str, ...], option: click.Option, value: Any) -> Setting:
        if why := refusal(option):
            raise self._refused(keys, why)
        typed = self._typed(keys, option, value)
        for text in typed if isinstance(typed, tuple) else (typed,):
            if isinstance(text, str) and redact(text) != text:
                raise self._refused(keys, "it holds a secret, which a file of defaults would keep")
        section = ".".join(keys[:-1])
        return Setting(option.opts[0], typed, section, keys[-1], self)

    def _typed(self, keys: Sequence[str], option: click.Option, value: Any) -> Any:
        """Return a value as the command line would have parsed it."""
        if option.is_flag:
            if isinstance(value, bool):
                return value
            raise self.wrong(keys, f"{keys[-1]} = {value!r}", "true or false")
        if option.multiple:
            several = value if isinstance(value, list) else [value]
            return tuple(self._text(keys, option, one) for one in several)
        if isinstance(value, list) and "," in str(option.metavar) and value:
            return ",".join(self._text(keys, option, one) for one in value)
        return self._text(keys, option, value)

    def _text(self, keys: Sequence[str], option: click.Option, value: Any) -> str:
        numbers = click.types.IntParamType | click.types.FloatParamType
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number or (isinstance(value, str) and not isinstance(option.type, numbers)):
            return str(value)
        expected = "a number" if isinstance(option.type, numbers) else "text, or a number"
        raise self.wrong(keys, f"{keys[-1]} = {value!r}", expected)


@cache
def lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """Tell where the keys of a TOML file begin.

    Parameters
    ----------
    text
        Of the whole file, which is TOML.

    Returns
    -------
    dict
        Keys down to each, and the line, from 1: the one after the longest beginning of the file
        that is TOML and lacks it.
    """
    found: dict[tuple[str, ...], int] = {}
    lines = text.split("\n")
    last = 0  # lines of the longest beginning yet
    for count in range(1, len(lines) + 1):
        try:
            table = tomllib.loads("\n".join(lines[:count]) + "\n")
        except ValueError:  # in the middle of a value
            continue
        for keys in _keys_below((), table):
            found.setdefault(keys, last + 1)
        last = count
    return found


def _keys_below(above: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _keys_below((*above, key), value)


def refusal(option: click.Option) -> str:
    """Tell why an option is not taken from a file.

    Parameters
    ----------
    option
        Of any command.

    Returns
    -------
    str
        The reason; empty where it is taken.
    """
    key = option.opts[0].lstrip("-")
    if option.is_flag:
        return SWITCHES.get(key, "")
    if isinstance(option, RunOption):
        return ""
    file = str(option.metavar).startswith("FILE") and key not in KEPT
    return VALUES.get(key, FILES if file else "")


def settable(command: click.Command) -> list[click.Option]:
    """Return the options of a command that a file may set.

    Parameters
    ----------
    command
        Any.

    Returns
    -------
    list
        In the order of its help.
    """
    shown = (p for p in command.params if isinstance(p, click.Option) and not p.hidden)
    return [option for option in shown if not refusal(option)]


def file_of_defaults(named: str | None) -> Path | None:
    """Find the file of defaults.

    Parameters
    ----------
    named
        What --config was given; None where it was not.

    Returns
    -------
    Path or None
        The file that is read; None where none is, or nothing is named and the user has none.

    Raises
    ------
    InputError
        If the file that is named is not there.
    """
    path = config_file() if named is None else Path(named) if named else None
    if path is None or path.is_file():
        return path
    if named is not None or path != _of_the_user():
        check_regular(path)
        what = "--config" if named is not None else "GEOSEG_CONFIG"
        raise InputError(f"{what} {path} is no file", "a file of defaults (TOML), or nothing")
    return None


def _of_the_user() -> Path | None:
    return None if "GEOSEG_CONFIG" in os.environ else config_file()


def open_defaults(path: Path) -> Defaults:
    """Read a file of defaults.

    Parameters
    ----------
    path
        Of a TOML file.

    Returns
    -------
    Defaults
        Whose sections are not looked at yet.

    Raises
    ------
    InputError
        If it cannot be read, or is no TOML.
    """
    check_regular(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", "a file of defaults that can be read"
        ) from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path} has more than {MOST_BYTES:,} bytes", "a file of defaults")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        return Defaults(path, text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML
        raise InputError(f"{path} is no TOML: {error}", "a file of defaults") from None


def read_defaults(command: str = "predict", path: str | Path | None = None) -> dict[str, Any]:
    """Return what the user's file of defaults sets for a command, as keywords of its function.

    The functions of Python read no file by themselves: a program does the same on every machine
    unless it asks, as in ``geoseg.predict(scene, **geoseg.read_defaults())``.

    Parameters
    ----------
    command
        A command, such as "predict", "batch" or "vectorize".
    path
        The file; None is $GEOSEG_CONFIG or the user's own, and nothing where there is none.

    Returns
    -------
    dict
        Values by the names of the options.

    Raises
    ------
    InputError
        If there is no such command or file, or something in it is wrong.
    """
    from . import commands_named

    known = dict(commands_named())
    words = command.split()
    found = known.get(command) or known.get(f"{command} run")
    if found is None:
        raise InputError(f"no command {command!r}", f"one of {', '.join(known)}")
    file = file_of_defaults(None if path is None else str(path))
    if file is None:
        return {}
    words = words if command in known else [*words, "run"]
    values = values_of(open_defaults(file).of(words, found), found)
    return {name: value for name, value in values.items() if name != "quiet"}


def values_of(settings: Mapping[str, Setting], command: click.Command) -> dict[str, Any]:
    """Return the values that a command gets of what the file sets.

    Parameters
    ----------
    settings
        By the names of click's parameters.
    command
        The command.

    Returns
    -------
    dict
        Values of the options' types, by the same names.

    Raises
    ------
    InputError
        If the command refuses one; it names file and line.
    """
    context = click.Context(command, info_name=command.name)
    params = {str(param.name): param for param in command.params}
    values: dict[str, Any] = {}
    try:
        for name, setting in settings.items():
            values[name] = params[name].process_value(context, setting.value)
        run = [name for name in values if isinstance(params[name], RunOption)]
        Options.of(**{name: values[name] for name in run if values[name] is not None})
    except (click.UsageError, GeosegError) as error:
        found = blamed(error, list(settings.values()))
        raise InputError(getattr(found, "message", str(found))) from None
    return values


def hold(context: click.Context, named: str | None) -> None:
    """Give a command the defaults of the file.

    Parameters
    ----------
    context
        Click's, of the command.
    named
        What --config was given; None where it was not.

    Raises
    ------
    InputError
        If the file cannot be read, or something in it is wrong.
    """
    file = file_of_defaults(named)
    if file is None:
        return
    words = words_of(context)
    settings = open_defaults(file).of(words, context.command)
    context.meta[HELD] = settings
    context.default_map = {name: setting.value for name, setting in settings.items()}


def words_of(context: click.Context) -> list[str]:
    """Return by which words a command was called.

    Parameters
    ----------
    context
        Click's.

    Returns
    -------
    list of str
        Without the program's own name.
    """
    words: list[str] = []
    at: click.Context | None = context
    while at is not None and at.parent is not None:
        words.insert(0, str(at.info_name))
        at = at.parent
    return words


def held(context: click.Context | None) -> dict[str, Setting]:
    """Return what the file sets for a command that is called.

    Parameters
    ----------
    context
        Click's; None where there is none.

    Returns
    -------
    dict
        By the names of click's parameters; of those that were typed as well.
    """
    found: dict[str, Setting] = context.meta.get(HELD, {}) if context else {}
    return found


def told(context: click.Context | None) -> str:
    """Say which options come from the file.

    Parameters
    ----------
    context
        Click's; None where there is none.

    Returns
    -------
    str
        A line; empty where none does.
    """
    taken = [
        setting
        for name, setting in held(context).items()
        if setting.value is not False
        and context is not None
        and context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP
    ]
    if not taken:
        return ""
    return f"from {taken[0].path}: {', '.join(setting.typed for setting in taken)}"


@contextmanager
def blaming() -> Iterator[None]:
    """Say of errors that name an option which the file has set where it stands."""
    try:
        yield
    except (GeosegError, click.UsageError) as error:
        context = click.get_current_context(silent=True)
        untyped = [
            setting
            for name, setting in held(context).items()
            if context is None
            or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE
        ]
        told_so = blamed(error, untyped)
        if told_so is error:
            raise
        raise told_so from None


def blamed(error: Exception, settings: Sequence[Setting]) -> Exception:
    """Say in an error where the options that it names are set.

    Parameters
    ----------
    error
        Geoseg's, which is changed, or click's.
    settings
        What the file sets.

    Returns
    -------
    Exception
        The same, or another in its place.
    """
    text = error.found if isinstance(error, GeosegError) else str(getattr(error, "message", ""))
    of_option = getattr(getattr(error, "param", None), "opts", ())  # click's tell their parameter
    places = [
        f"{setting.option} is set in {setting.place}"
        for setting in settings
        if setting.option in of_option or re.search(rf"{setting.option}(?![\w-])", text)
    ]
    if isinstance(error, GeosegError):
        error.do = "; ".join([*filter(None, [error.do]), *(p for p in places if p not in error.do)])
    elif isinstance(error, click.UsageError) and places and places[0] not in text:
        return click.UsageError(
            f"{error.format_message().rstrip('.')} ({'; '.join(places)})", error.ctx
        )
    return error


def _dashed(key: str) -> str:
    return key.replace("_", "-")
