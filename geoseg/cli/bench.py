"""`geoseg bench`: what geoseg costs on this machine, beside the network's own arithmetic."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..core.errors import InputError
from ..core.options import Options
from .cards import table
from .command import Command
from .parameters import options, split_numbers
from .report import INTERRUPTED, arrived

MOST_ROUNDS = 10_000
MOST_SIDE = 100_000  # pixels of a scene that is made up
EXAMPLES = """\b
geoseg bench
geoseg bench scene.tif --model FOLDER --rounds 5 --json bench.json
geoseg bench --sides 2048 --markdown"""


def read_sides(context: click.Context, option: click.Parameter, text: str) -> tuple[int, ...]:
    """Read 4096,10240 as pixels.

    Parameters
    ----------
    context, option
        Click's; not looked at.
    text
        What the user typed.

    Returns
    -------
    tuple
        The sides of the scenes.

    Raises
    ------
    InputError
        Where these are no numbers, or outside of 64 to MOST_SIDE.
    """
    sides = split_numbers(text, int)
    if not sides or not 64 <= min(sides) <= max(sides) <= MOST_SIDE:
        raise InputError(
            f"--sides {text}", f"sides of scenes in pixels, 64 to {MOST_SIDE}, such as 4096,10240"
        )
    return sides


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("scene", nargs=-1)
@click.option(
    "--model",
    metavar="NAME|FOLDER",
    help="Default: landcover-rgb; with SCENE, the one that fits it.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, MOST_ROUNDS),
    default=5,
    show_default=True,
    help="Medians of so many rounds, and between what they lie.",
)
@click.option(
    "--sides",
    callback=read_sides,
    default="4096,10240",
    show_default=True,
    metavar="PX,PX",
    help="Scenes that are made up: the first is timed without SCENE, all tell the peak memory.",
)
@options("tile", "overlap", "batch", "device", "engine", "precision")
@click.option("--markdown", is_flag=True, help="Print the tables as Markdown.")
@click.option("--json", "file", metavar="FILE", help="Write all single measurements as well.")
@click.option("--overwrite", is_flag=True, help="Replace a FILE that exists.")
@click.option("--quiet", is_flag=True, help="Do not tell of each measurement on stderr.")
def bench(  # numpydoc ignore=PR01
    scene: tuple[str, ...],
    model: str | None,
    rounds: int,
    sides: tuple[int, ...],
    markdown: bool,
    file: str | None,
    overwrite: bool,
    quiet: bool,
    **told: Any,
) -> None:
    """Measure what geoseg costs on this machine.

    Each measurement runs in a process of its own, imports and loading the model left out, and
    the rounds are interleaved. Wall / bare is the whole run over the network's own arithmetic
    on the same tiles; the machinery alone is all but the network. What the network computes, its
    convolutions and matrix products, is set against the fastest matrix products of this machine;
    the energy, where the processor tells it, is all that it took meanwhile. Ctrl-C ends it with
    the tables of the rounds that are whole.
    """
    from ..bench.rounds import Results, plan_bench, to_dict
    from ..bench.scene import choose_bundle, square_scenes
    from ..bench.tables import DISTURBED, disturbed, tables
    from ..core.atomic import atomic_output
    from ..core.machine import machine_line
    from ..raster.input_files import check_outputs
    from ..scene.products import files_read

    chosen = {name: value for name, value in told.items() if value is not None}
    Options.of(**chosen)
    replace = bool(check_outputs([file], [*files_read(scene), model], overwrite))
    line = machine_line()
    bundle = choose_bundle(scene, model)
    name = model or bundle.card.name
    with square_scenes(sides, bundle.card) as sizes:
        planned = plan_bench(scene or (sizes[sides[0]],), sizes, name, chosen)
        results: Results = {}
        status = 0
        try:
            for results in planned.run(
                rounds, lambda text: None if quiet else click.echo(text, err=True)
            ):
                if file:
                    measured = {"machine": line, "results": to_dict(planned, results)}
                    with atomic_output(Path(file), replace) as part:
                        part.write_text(json.dumps(measured, indent=1), encoding="utf-8")
                    replace = True  # what the next round replaces is our own
        except KeyboardInterrupt:
            arrived()
            status = INTERRUPTED
            click.echo("interrupted: these are the whole rounds until then", err=True)
    what = ", ".join(scene) or f"a made-up scene of {sides[0]:,} x {sides[0]:,} px"
    done = max(map(len, results.values()), default=0)
    rounds_text = "1 round" if done == 1 else f"median of {done} rounds"
    click.echo(f"{line}\n{name} on {what}, {rounds_text}")
    if disturbed(results):
        click.echo(DISTURBED)
    for title, rows in tables(results):
        click.echo("\n" + title + "\n" + "\n".join(_lines(rows, markdown)))
    raise SystemExit(status)


def _lines(rows: list[tuple[str, ...]], as_markdown: bool) -> Sequence[str]:
    from ..bench.tables import markdown

    return ["", *markdown(rows)] if as_markdown else table(rows)
