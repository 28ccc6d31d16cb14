"""`geoseg seams`: how much of a map depends on where the tiles lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.errors import InputError
from ..core.options import Options
from .cards import table
from .command import Command
from .parameters import Number, options
from .parameters import model as model_option
from .report import reporting

if TYPE_CHECKING:
    from ..evaluation.seams import Bin, Seams


MOST_MPX = 1e6  # megapixels
EXAMPLES = """\b
geoseg seams scene.tif --model landcover-rgb
geoseg seams scene.tif --model FOLDER --tile 512 --overlap 64 --chart seams.png"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("scene", nargs=-1, required=True)
@model_option
@options(
    "bands", "scale", "offset", "force", "tile", "overlap", "overlap_policy", "batch", "device"
)
@options("engine", "precision")
@click.option(
    "--limit",
    type=Number(min=0, min_open=True, max=MOST_MPX),
    default=9.0,
    show_default=True,
    metavar="MPX",
    help="Compare about so many megapixels of the scene's middle.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--chart", metavar="FILE.png", help="Draw them as well; needs matplotlib.")
@click.option("--overwrite", is_flag=True, help="Replace a chart that exists.")
def seams(  # numpydoc ignore=PR01
    scene: tuple[str, ...],
    model: str,
    limit: float,
    as_json: bool,
    chart: str | None,
    overwrite: bool,
    **chosen: Any,
) -> None:
    """Tell how much of a map depends on where the tiles lie.

    The middle of SCENE is mapped twice, with tiles that are shifted by half a stride. Where
    the two maps differ, the class hangs on the tile's place rather than on the ground. Seams
    show as more of that along the borders, where one tile hands over to the next, than away
    from them: with a good overlap the two are alike.
    """
    if chart:
        _check_chart(chart)
    from ..raster.input_files import check_outputs
    from ..scene.products import files_read

    replaced = check_outputs([chart], [*files_read(scene), model], overwrite)
    from ..evaluation.seams import measure_seams

    with reporting(quiet=True, events=False, cancel_on_eof=False) as report:
        found = measure_seams(scene, model, Options.of(**chosen), int(limit * 1e6), report)
    if chart:
        draw(found, chart, chart in replaced)
    click.echo(json.dumps(found.to_dict(), indent=1) if as_json else "\n".join(describe(found)))


def describe(found: Seams) -> list[str]:
    """Return what was found for people.

    Parameters
    ----------
    found
        The share of pixels that changed their class, by distance from a border.

    Returns
    -------
    list
        Lines of a table, and what it means in a sentence.
    """
    from ..evaluation.seams import NEAR

    rows, columns = found.window.shape
    shown = [b for b in found.bins if b.pixels]
    whole = found.between(0)
    near = found.between(0, NEAR)
    away = found.between(NEAR)
    return [
        f"{found.model}, windows of {found.tile} px that overlap by {found.overlap} "
        f"({found.policy}),"
        f" shifted by {found.shift}; {rows:,} x {columns:,} px compared on {found.device}",
        *table(
            [
                ("px from a border", "pixels", "class differs"),
                *map(_row, shown),
                ("all", *_row(whole)[1:]),
            ]
        ),
        f"{whole.share:.2%} of the pixels change their class when the windows lie elsewhere:"
        f" {near.share:.2%} within {NEAR} px of a border"
        + (f", {away.share:.2%} farther away" if away.pixels else ""),
    ]


def _row(b: Bin) -> tuple[str, str, str]:
    return label(b), f"{b.pixels:,}", f"{b.share:.3%}"


def label(b: Bin) -> str:
    """Return the distances of a bin.

    Parameters
    ----------
    b
        From `start` to `stop` pixels.

    Returns
    -------
    str
        Such as 8-16, or 128+.
    """
    return f"{b.start}+" if b.stop is None else f"{b.start}-{b.stop}"


def _check_chart(chart: str) -> None:
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise InputError(
            "--chart needs matplotlib, which is not installed", do="pip install matplotlib"
        )
    if Path(chart).suffix.lower() != ".png":
        raise InputError(f"--chart {chart}", "a name that ends in .png")


def draw(found: Seams, path: str, replace: bool) -> None:
    """Draw the share of changed pixels by distance from the border as a PNG.

    Parameters
    ----------
    found
        What was measured.
    path
        Of the picture.
    replace
        Whether a file that exists is replaced.
    """
    from matplotlib.figure import Figure

    from ..core.atomic import atomic_output

    shown = [b for b in found.bins if b.pixels]
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.subplots()
    bars = axes.bar(
        [label(b) for b in shown], [100 * b.share for b in shown], color="#397d49", width=0.7
    )
    axes.bar_label(bars, fmt="%.2f %%", fontsize=8)
    axes.axhline(
        100 * found.between(0).share, color="#c4281b", linewidth=1, zorder=0, label="all pixels"
    )
    axes.set_xlabel("pixels from the nearest border of windows")
    axes.set_ylabel("class differs, % of pixels")
    axes.set_title(f"{found.model}: windows {found.tile} px, overlap {found.overlap}", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.15)
    axes.legend(frameon=False, fontsize=8)
    with atomic_output(Path(path), replace) as part:
        figure.savefig(part, dpi=150)
