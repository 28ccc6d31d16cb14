"""The options that say how pixels become polygons, the same for `predict` and `vectorize`."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Any, TypeVar

import click

from ..core.errors import InputError
from ..core.job import Options

DEFAULTS = Options()
BAND = click.IntRange(1, 65_536)  # the number of a band: no file that GDAL opens has more
OPTIONS = (
    click.option(
        "--majority",
        type=int,
        default=DEFAULTS.majority,
        metavar="N",
        help="First give each pixel the class most frequent in N x N pixels around it (odd).",
    ),
    click.option(
        "--fill-holes",
        type=float,
        default=DEFAULTS.fill_holes,
        metavar="M2",
        help="Then give regions below M2 that lie wholly within one other region its class.",
    ),
    click.option(
        "--fill-nodata", is_flag=True, help="With --fill-holes: fill holes of nodata as well."
    ),
    click.option(
        "--min-area",
        type=float,
        default=DEFAULTS.min_area,
        metavar="M2",
        help="Then merge regions below M2 into their largest neighbour, by true area (as GDAL's "
        "sieve).",
    ),
    click.option(
        "--simplify",
        type=float,
        default=DEFAULTS.simplify,
        metavar="M",
        help="Simplify all borders at once, without gaps or overlaps (Visvalingam-Whyatt):"
        " drop vertices whose triangle is below M x M square metres, whatever the CRS.",
    ),
    click.option(
        "--smooth",
        type=int,
        default=DEFAULTS.smooth,
        metavar="N",
        help="Round all corners at once, without gaps or overlaps: N rounds of Chaikin's corner "
        "cutting,"
        " at most 5. Points where three regions meet, and corners along nodata, stay.",
    ),
    click.option(
        "--connectivity",
        type=int,
        default=DEFAULTS.connectivity,
        show_default=True,
        metavar="4|8",
        help="With 8, regions that touch at a corner are one, a multipolygon.",
    ),
    click.option(
        "--layers",
        default=DEFAULTS.layers,
        show_default=True,
        metavar="one|class",
        help="In a GeoPackage: all polygons in one layer, or one layer for each class, with its "
        "style.",
    ),
)
SQUARE = (
    "give the polygons right angles, along the main direction of each. They then may leave gaps "
    "or overlap others"
    " by about a pixel; all other polygons keep their common borders."
)


def cleaning(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


Command = TypeVar("Command", bound=Callable[..., Any])


class Number(click.FloatRange):
    """A number in a range; NaN, which no comparison leaves out, lies in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; click's usage error where it is none, or outside."""
        found = super().convert(value, param, ctx)
        if isnan(found):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return found


def read_bands(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    """Read 2,3,4 as numbers."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--bands {text}", "numbers that count from 1, such as 2,3,4") from None


def reading(command: Command) -> Command:
    """Add --bands, --scale and --offset."""
    bands = click.option(
        "--bands",
        callback=read_bands,
        metavar="N,N,...",
        help="The scene's bands, from 1, in the order of the model's.",
    )
    scale = click.option(
        "--scale",
        type=float,
        metavar="S",
        help="Value = DN x S + O; default: the file's, else the model's.",
    )
    offset = click.option("--offset", type=float, metavar="O", help="See --scale.")
    return bands(scale(offset(command)))
