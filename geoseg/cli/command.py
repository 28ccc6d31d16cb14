"""What all commands have in common: defaults from a file, and options that are given once."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import click

from ..core.errors import GeosegError
from .defaults import blaming, held, hold, settable

NAME = "file_of_defaults"  # of the parameter: some commands have another config
HELP = (
    "Defaults of the options (TOML), in the place of the user's own file; empty is none. "
    "See `geoseg config`."
)


class Command(click.Command):
    """A command whose options have defaults in a file, and are refused where one is given twice.

    Parameters
    ----------
    *args, **kwargs
        Of click.Command.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settable(self):
            named = click.Option(["--config", NAME], metavar="FILE", expose_value=False, help=HELP)
            self.params.append(named)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what the user typed, above what the file of defaults says.

        Parameters
        ----------
        ctx
            Click's.
        args
            What the user typed.

        Returns
        -------
        list
            What click leaves of them.
        """
        if ctx.resilient_parsing:  # a shell asks
            return super().parse_args(ctx, args)
        given, _, order = self.make_parser(ctx).parse_args(args=list(args))
        refuse_twice(ctx, order, given)
        typed = {text for param in order for text in param.opts}
        # a file that is wrong is told of by a run; help is there always
        let_pass = [GeosegError] if typed & {*self.get_help_option_names(ctx)} else []
        with blaming():
            if any(param.name == NAME for param in self.params):
                with suppress(*let_pass):
                    hold(ctx, given.get(NAME))
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command.

        Parameters
        ----------
        ctx
            Click's.

        Returns
        -------
        Any
            What it returns.
        """
        with blaming():
            return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, with what the file of defaults sets.

        Parameters
        ----------
        ctx
            Click's.
        formatter
            What they are written to.
        """
        rows = []
        for param in self.get_params(ctx):
            if (record := param.get_help_record(ctx)) is not None:
                words = record[1]
                if setting := held(ctx).get(str(param.name)):
                    words += f"  [{setting.path.name}, line {setting.line}: {setting.typed}]"
                rows.append((record[0], words))
        with formatter.section("Options"):
            formatter.write_dl(rows)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


def refuse_twice(ctx: click.Context, order: list[click.Parameter], given: dict[str, Any]) -> None:
    """Refuse an option with one value that was given more: the others would be lost.

    Parameters
    ----------
    ctx
        Click's.
    order
        The parameters as they were typed.
    given
        What was parsed of them, by name.

    Raises
    ------
    click.UsageError
        Where one is.
    """
    for param, times in Counter(order).items():
        if not isinstance(param, click.Option) or param.multiple or param.count or param.is_flag:
            continue
        former = getattr(param, "former", "")  # beside the new name it is refused by another error
        if times > 1 and not (former and former in given and param.name in given):
            raise click.UsageError(
                f"{param.opts[0]} is given {times} times, and takes one value", ctx
            )
