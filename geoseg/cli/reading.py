"""Options that say how a scene is to be read: which bands, and what its numbers mean."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Any, TypeVar

import click

from ..errors import InputError

Command = TypeVar("Command", bound=Callable[..., Any])


class Number(click.FloatRange):
    """A number in a range; NaN, which no comparison leaves out, lies in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; click's usage error where it is none, or outside."""
        found = super().convert(value, param, ctx)
        if isnan(found):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return found


def read_bands(context: click.Context, option: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """Read 2,3,4 as numbers."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--bands {text}", "numbers that count from 1, such as 2,3,4") from None


def reading(command: Command) -> Command:
    """Add --bands, --scale and --offset."""
    bands = click.option("--bands", callback=read_bands, metavar="N,N,...",
                         help="The scene's bands, from 1, in the order of the model's.")  # fmt: skip
    scale = click.option(
        "--scale", type=float, metavar="S", help="Value = DN x S + O; default: the file's, else the model's."
    )
    offset = click.option("--offset", type=float, metavar="O", help="See --scale.")
    return bands(scale(offset(command)))
