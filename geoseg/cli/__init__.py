"""The command line: a lazy group of commands, and the only door where errors become exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import NoReturn

import click

from ..core.redact import redact
from ..core.version import __version__
from .libraries import heard, hush_gdal
from .report import arrived, stop_on_signals, to_failed, untold
from .streams import open_streams

HIDDEN = {"live": "geoseg.cli.live:live"}  # for programs: not in the group's help
# command -> where it is, and its line in the group's help, which imports none of them
COMMANDS = {
    "predict": ("geoseg.cli.predict:predict", "Map one scene: polygons, class raster, confidence."),
    "check": ("geoseg.cli.check:check", "Say what a scene is, and which models fit it."),
    "batch": ("geoseg.cli.batch:batch", "Map many scenes, or a giant one, on many workers."),
    "vectorize": (
        "geoseg.cli.vectorize:vectorize",
        "Write the connected components of a class raster as polygons.",
    ),
    "objects": (
        "geoseg.cli.objects:objects",
        "Find objects in a class raster by a raster of depth.",
    ),
    "quicklook": (
        "geoseg.cli.quicklook:quicklook",
        "Draw a map with legend, scale bar, north arrow and source.",
    ),
    "rerun": ("geoseg.cli.rerun:rerun", "Make a map again from what stands in it, and compare."),
    "seams": ("geoseg.cli.seams:seams", "Tell how much of a map depends on where the tiles lie."),
    "bench": ("geoseg.cli.bench:bench", "Measure what geoseg costs on this machine."),
    "models": (
        "geoseg.cli.models:models",
        "List the models, or show what one expects and how good it is.",
    ),
    "evaluate": ("geoseg.cli.evaluate:evaluate", "Measure how well a map agrees with the truth."),
    "calibrate": (
        "geoseg.cli.calibrate:calibrate",
        "Learn which classes a model's scores cannot exclude.",
    ),
    "sample": ("geoseg.cli.sample:sample", "Draw points by which a map is checked, for QGIS."),
    "change": (
        "geoseg.cli.change:change",
        "Tell what became what between two maps: areas, raster, polygons.",
    ),
    "dataset": (
        "geoseg.cli.dataset:dataset",
        "Make labels to train on of COCO, ADE20K, Cityscapes and others.",
    ),
    "train": ("geoseg.cli.train:train", "Train a model and write it as a bundle."),
    "label": (
        "geoseg.cli.label:label",
        "Make a workspace of sparse labels, fill it, or say what it holds.",
    ),
    "learn": (
        "geoseg.cli.learn:learn",
        "Learn from the labels of a workspace, and say where to label next.",
    ),
    "config": ("geoseg.cli.config:config", "Say which defaults of options hold, and from where."),
    "options": (
        "geoseg.cli.options:options",
        "List the options of a run: defaults, limits, choices.",
    ),
    "doctor": ("geoseg.cli.doctor:doctor", "Check this installation with scenes of known answers."),
    "warm": ("geoseg.cli.warm:warm", "Compile beforehand what first runs would compile."),
    "view": ("geoseg.cli.view:view", "Show maps in the browser, with their scene."),
    "completion": (
        "geoseg.cli.completion:completion",
        "Print the script with which a shell completes geoseg.",
    ),
}


def load_command(name: str) -> click.Command:
    """Import a command.

    Parameters
    ----------
    name
        Of COMMANDS, or of those that are for programs.

    Returns
    -------
    Command
        Or the group of commands of that name.
    """
    module, _, attribute = (HIDDEN.get(name) or COMMANDS[name][0]).partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


def commands_named() -> Iterator[tuple[str, click.Command]]:
    """Import all commands of the group's help.

    Yields
    ------
    tuple
        The words by which it is called, and the command; of a group those that are in it.
    """
    for name in COMMANDS:
        found = load_command(name)
        if isinstance(found, click.Group):
            yield from ((f"{name} {inner}", below) for inner, below in found.commands.items())
        else:
            yield name, found


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and none for its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table.

        Parameters
        ----------
        ctx
            Click's; not looked at.

        Returns
        -------
        list
            Their names.
        """
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command.

        Parameters
        ----------
        ctx
            Click's; where a shell asks, texts are completed by their metavars.
        cmd_name
            What the user typed.

        Returns
        -------
        Command
            None where there is none of that name.
        """
        if cmd_name not in COMMANDS and cmd_name not in HIDDEN:
            return None
        command = load_command(cmd_name)
        if ctx.resilient_parsing:  # a shell asks
            from .completion import completed

            return completed(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their lines of the table.

        Parameters
        ----------
        ctx
            Click's; not looked at.
        formatter
            What they are written to.
        """
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="geoseg")
@click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    help="Show the traceback of an error; works anywhere.",
)
@click.pass_context
def geoseg(context: click.Context) -> None:  # numpydoc ignore=PR01
    """Land-cover maps from satellite and aerial scenes of any size."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 failure, 2 bad input, 128 + n stopped by signal n
    (Ctrl-C: 130).

    Parameters
    ----------
    arguments
        Without the program's name; None is the process's own.
    """
    open_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    hush_gdal("--debug" in arguments)
    sys.exit(run(list(arguments)))


def run(arguments: list[str]) -> int:
    """Run the command line; errors end here, as one line on stderr.

    Parameters
    ----------
    arguments
        Without the program's name.

    Returns
    -------
    int
        The exit status, as `main` tells it.
    """
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    with stop_on_signals(), heard(debug):
        return _run(arguments, debug)


def _run(arguments: list[str], debug: bool) -> int:
    try:
        if asked := os.environ.get(
            "_GEOSEG_COMPLETE"
        ):  # completion.VARIABLE, which is imported only then
            from .completion import answer

            return answer(geoseg, asked)
        # not geoseg.main(), which has exit codes of its own for Ctrl-C and for a closed pipe
        with geoseg.make_context("geoseg", arguments) as context:
            geoseg.invoke(context)
        # or a disk that is full would be found out of when it is too late to say so
        sys.stdout.flush()
    except click.exceptions.Exit as done:  # of --help and --version
        return done.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the door: nothing passes it as a traceback
        arrived()
        if debug:
            print(redact(traceback.format_exc()), file=sys.stderr, end="")  # noqa: T201 - the door speaks
        if isinstance(error, click.UsageError):  # it came before there was a report to tell them to
            for text in untold(error.ctx):
                print(f"warning: {text}", file=sys.stderr)  # noqa: T201 - the door speaks
        failed = to_failed(error)
        parts = [failed.found, failed.expected and f"expected {failed.expected}", failed.do]
        print("geoseg: error:", "; ".join(filter(None, parts)), file=sys.stderr)  # noqa: T201 - the door speaks
        return failed.status
    return 0
