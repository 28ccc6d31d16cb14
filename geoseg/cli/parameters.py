"""Click's parameters of the options of a run, made of what `core/options.py` says of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import click

from ..core.errors import InputError
from ..core.options import (
    GROUPS,
    MOST_BANDS,
    OPTIONS,
    Option,
    hints_of,
    renamed,
    renaming_note,
    spoken,
)

RENAMED = "geoseg.renamed"  # in click's context: warnings, until there is a report to tell them to
BAND = click.IntRange(1, MOST_BANDS)  # the number of a band
TYPES = {name: hint for kind in GROUPS.values() for name, hint in hints_of(kind).items()}
Command = TypeVar("Command", bound=Callable[..., Any])
Kind = TypeVar("Kind", int, float)


def options(
    *names: str,
    called: Mapping[str, str] | None = None,
    when: str = "",
) -> Callable[[Command], Command]:
    """Return what adds options of a run to a command, which gets their values by name.

    Parameters
    ----------
    *names
        Names of options, or of groups of them, in the order of the help.
    called
        Another spelling for some, by their name.
    when
        With what other option they are used, such as "With --model". Then those that are not given
        are None, so that the command knows.

    Returns
    -------
    Callable
        A decorator.
    """
    found = [name for one in names for name in (hints_of(GROUPS[one]) if one in GROUPS else [one])]

    def add(command: Command) -> Command:
        for name in reversed(found):
            command = _parameter(name, (called or {}).get(name, name), when)(command)
        return command

    return add


def _parameter(name: str, called: str, when: str) -> Callable[[Command], Command]:
    default = OPTIONS[name].default
    known: Option = OPTIONS[name].metadata["option"]
    kind = TYPES[name]
    if isinstance(kind, UnionType):  # None as well
        kind = get_args(kind)[0]
    shown: dict[str, Any] = {"default": default, "show_default": bool(default)}
    if when:
        shown = {"default": None}
    if kind is bool:
        shown["is_flag"] = True
    elif get_origin(kind) is tuple:
        shown["callback"] = LISTS.get(get_args(kind)[0], read_names)
        shown["type"] = str
        if isinstance(default, tuple) and not when:
            shown["default"] = ",".join(map(str, default))
    else:
        shown["type"] = kind
    if kind is not bool:
        shown["metavar"] = known.metavar or "|".join(map(str, known.choices))
    return click.option(
        spoken(called),
        name,
        cls=RunOption,
        former=known.former,
        when=when,
        help=f"{when}: {known.help[0].lower()}{known.help[1:]}" if when else known.help,
        **shown,
    )


class RunOption(click.Option):
    """An option that is known by its former name as well: not shown any more, and warned of.

    Parameters
    ----------
    *args
        Of click.Option.
    former
        The former name, as a keyword of Python; empty where there is none.
    when
        With what other option it is used; empty where it is by itself.
    **kwargs
        Of click.Option.
    """

    def __init__(self, *args: Any, former: str = "", when: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.former = former
        self.when = when

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Have both spellings parsed.

        Parameters
        ----------
        parser
            Click's.
        ctx
            Click's.
        """
        super().add_to_parser(parser, ctx)
        if self.former:
            parser.add_option(obj=self, opts=[spoken(self.former)], dest=self.former)

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> Any:
        """Take the value of the spelling that was used, and note the warning in the context.

        Parameters
        ----------
        ctx
            Click's, in which the warnings wait for a report.
        opts
            What was parsed, by name.

        Returns
        -------
        Any
            The value and where it came from.
        """
        if self.former in opts:
            renamed(opts, warn=False)  # refuses both spellings at once
            ctx.meta.setdefault(RENAMED, []).append(renaming_note(self.former))
            opts = {str(self.name): opts[self.former], **opts}
        return super().consume_value(ctx, opts)


class Number(click.FloatRange):
    """A number in a range; NaN, which no comparison leaves out, lies in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a number.

        Parameters
        ----------
        value
            What the user typed.
        param, ctx
            Click's, for the error.

        Returns
        -------
        float
            A number within the range; click's usage error where it is none.
        """
        found = super().convert(value, param, ctx)
        if isnan(found):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return found


def read_numbers(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    """Read 2,3,4 as numbers.

    Parameters
    ----------
    context, option
        Click's; not looked at.
    text
        What the user typed; None where the option is not given.

    Returns
    -------
    tuple
        The numbers; None for None.

    Raises
    ------
    InputError
        Where these are none.
    """
    if text is None:
        return None
    found = split_numbers(text, int)
    if not found:
        raise InputError(f"--bands {text}", "numbers that count from 1, such as 2,3,4")
    return found


def read_shares(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[float, ...] | None:
    """Read 2,0.5 as numbers.

    Parameters
    ----------
    context, option
        Click's; the option is named in the error.
    text
        What the user typed; None where the option is not given.

    Returns
    -------
    tuple
        The numbers; None for None.

    Raises
    ------
    InputError
        Where these are none.
    """
    if text is None:
        return None
    found = split_numbers(text, float)
    if not found:
        raise InputError(f"{option.opts[0]} {text}", "numbers such as 2,0.5")
    return found


def split_numbers(text: str, kind: type[Kind]) -> tuple[Kind, ...]:
    """Read numbers with commas between.

    Parameters
    ----------
    text
        What the user typed.
    kind
        int or float.

    Returns
    -------
    tuple
        Empty where a part is no number of the kind.
    """
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError:
        return ()


def read_names(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    """Read B04,B08 as names.

    Parameters
    ----------
    context, option
        Click's; not looked at.
    text
        What the user typed; None where the option is not given.

    Returns
    -------
    tuple
        The names without spaces around them; None for None.
    """
    return None if text is None else tuple(part.strip() for part in text.split(","))


LISTS: dict[Any, Callable[..., Any]] = {int: read_numbers, float: read_shares}


def read_models(
    context: click.Context, option: click.Parameter, names: tuple[str, ...]
) -> str | tuple[str, ...]:
    """Read what --model was given, however often.

    Parameters
    ----------
    context, option
        Click's; not looked at.
    names
        What the user typed.

    Returns
    -------
    str or tuple
        auto where nothing is given; one name as it is.
    """
    return names if len(names) > 1 else names[0] if names else "auto"


def models(command: Command) -> Command:
    """Add --model, which may be given several times and is auto where it is not, to a command.

    Parameters
    ----------
    command
        The function of the command, which gets it as `model`.

    Returns
    -------
    Callable
        The same, with one more parameter.
    """
    return click.option(
        "--model",
        multiple=True,
        callback=read_models,
        metavar="NAME|FOLDER",
        help="A name of `geoseg models list`, or a bundle's folder; default: the one that fits. "
        "Given several times: the mean of their scores.",
    )(command)


def model(command: Command) -> Command:
    """Add --model, which is auto where it is not given, to a command.

    Parameters
    ----------
    command
        The function of the command.

    Returns
    -------
    Callable
        The same, with one more parameter.
    """
    return click.option(
        "--model",
        default="auto",
        show_default=True,
        metavar="NAME|FOLDER",
        help="A name of `geoseg models list`, or a bundle's folder.",
    )(command)
