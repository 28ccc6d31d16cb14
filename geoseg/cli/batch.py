"""`geoseg batch`: many scenes, or a giant one, on many workers; how far they are; and what is
made of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from ..core.errors import InputError
from ..core.events import Report
from ..core.job import Options
from .batch_after import merge as merge_command
from .batch_after import report as report_command
from .batch_after import status
from .batch_roles import be_a_worker, be_the_master, going_on, show_script
from .predict import predict
from .report import reporting, run_options, told_by_usr1

if TYPE_CHECKING:
    from ..batches.run_settings import Orders


EXAMPLES = """\b
geoseg batch "scenes/*.tif" --out-dir maps --workers 4
geoseg batch mosaic.tif --out-dir maps --regions 16384
geoseg batch status maps"""
OTHERWISE = {"engine": "--compute-engine"}  # --engine says who does the work here


def mapping_options() -> list[click.Parameter]:
    """Return the options of `predict` that say how a scene is mapped."""
    names = {*Options.__dataclass_fields__, "model"}
    options = [copy(option) for option in predict.params if option.name in names]
    for option in options:
        if option.name in OTHERWISE:
            option.opts = [OTHERWISE[option.name]]
    return list(options)


class Batches(click.Group):
    """`batch` is a command with one below it: what does not name this one is for the command
    itself.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take arguments that begin with no command's name for those of `run`."""
        asked = ctx.resilient_parsing and not args  # by a shell, before the first word is whole
        own = asked or (args and args[0] in self.commands)
        return super().parse_args(ctx, args if own else ["run", *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what the first word may be: a command, an option of `run`, or a scene."""
        of_run = self.commands["run"].shell_complete(ctx, incomplete)
        return [
            CompletionItem(incomplete, type="file"),
            *super().shell_complete(ctx, incomplete),
            *of_run,
        ]


@click.group(cls=Batches)
def batch() -> None:
    """Map many scenes, or a giant one, on many workers."""


for command in (status, report_command, merge_command):
    batch.add_command(command)


@batch.command(epilog=EXAMPLES, params=mapping_options())
@click.argument("scenes", nargs=-1)
@click.option(
    "--out-dir",
    required=True,
    metavar="DIR",
    help="Where the maps go, and the ledger of what is done.",
)
@click.option(
    "--format",
    "formats",
    default="gpkg,tif",
    show_default=True,
    metavar="F,F",
    help="What is written for each scene: tif, a vector format, or both.",
)
@click.option(
    "--confidence", is_flag=True, help="Write the confidence (.confidence.tif, percent) as well."
)
@click.option(
    "--regions",
    type=int,
    metavar="PX",
    help="Cut each scene into parts of about PX x PX, whole windows (--tile), and join their maps.",
)
@click.option(
    "--engine",
    "where",
    default="local",
    show_default=True,
    metavar="NAME",
    help="Who does the work: local (processes of this machine), dask, slurm, pbs, sge, lsf, "
    "oar, htcondor.",
)
@click.option(
    "--scheduler",
    metavar="tcp://...",
    help="With --engine dask: the scheduler; default: one of its own.",
)
@click.option(
    "--partition", metavar="NAME", help="With slurm and its like: the partition or queue."
)
@click.option("--account", metavar="NAME", help="The account or project that pays.")
@click.option("--gres", metavar="gpu:1", help="What each job needs beside cores.")
@click.option("--walltime", metavar="HH:MM:SS", help="How long each job may run.")
@click.option("--memory", metavar="16GB", help="Memory of each job.")
@click.option("--cores", metavar="N", help="Cores of each job.")
@click.option(
    "--cluster",
    multiple=True,
    metavar="KEY=VALUE",
    help="Any other setting of the cluster's class of dask-jobqueue, such as interface=ib0.",
)
@click.option("--workers", type=int, metavar="N", help="How many; default: one per GPU, or one.")
@click.option(
    "--part", metavar="I/N", help="Be one worker, the I-th of N: for job arrays, without a master."
)
@click.option(
    "--print-sbatch",
    is_flag=True,
    help="Plan, then write to stdout the script of a Slurm job array of --workers such parts.",
)
@click.option(
    "--merge",
    "merged",
    metavar="NAME",
    help="Merge the maps afterwards, as `geoseg batch merge DIR NAME` does.",
)
@click.option(
    "--retries",
    type=int,
    default=2,
    show_default=True,
    metavar="N",
    help="How often more than once a scene is tried after a fault that may pass.",
)
@click.option(
    "--lost-after",
    type=float,
    default=300.0,
    show_default=True,
    metavar="S",
    help="A worker on another machine that gave no sign of life for so long has died.",
)
@click.option("--run", hidden=True, help="The name of the run to which a worker belongs.")
@run_options
def run(
    scenes: tuple[str, ...],
    out_dir: str,
    part: str | None,
    print_sbatch: bool,
    where: str,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **given: Any,
) -> None:
    """Map many scenes, or a giant one, on many workers.

    SCENES are rasters, folders of them, patterns, lists (.txt with a scene a line, .csv with a
    column `scene`), or STAC items (.json, .geojson of an Item or ItemCollection, .parquet of
    items). What is done is kept in DIR: the same command again, or `geoseg batch --out-dir DIR`,
    does what is missing, and scenes that are new are added. Exit status: 0 all is done, 1 something
    failed, 75 stopped by SIGUSR1 between two scenes. `geoseg batch status DIR` tells how far it is.
    """
    stop = told_by_usr1()
    context = click.get_current_context()
    explicit = {
        name for name in given if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    if given["merged"] and (part or print_sbatch):
        raise InputError(
            "--merge without a master",
            "one process that sees the end of the run",
            "run geoseg batch merge when all members are done",
        )
    from ..batches.master import orders_of, planned
    from ..batches.run_settings import check_orders

    check_orders(
        1 if given["workers"] is None else given["workers"], given["retries"], given["lost_after"]
    )
    with reporting(quiet, events, cancel_on_eof) as report, going_on(out_dir):
        work = task_of(part, print_sbatch, where, given, stop)
        batch = planned(scenes, Path(out_dir), given, explicit, report)
        work(orders_of(batch, given, explicit), report)


def task_of(
    part: str | None,
    print_sbatch: bool,
    where: str,
    given: Mapping[str, Any],
    stop: Callable[[], bool],
) -> Callable[[Orders, Report], None]:
    """Return what this process is to do with the batch, once it is planned; InputError on what
    makes no sense.
    """
    from ..batches.run_settings import find_engine
    from ..batches.work import read_share

    if print_sbatch:
        return show_script
    from ..batches.master import cluster_settings

    told = cluster_settings(given)
    if part:
        find_engine("local", told)
        return partial(be_a_worker, share=read_share(part), stop=stop)
    return partial(
        be_the_master, engine=find_engine(where, told), merged=given["merged"], stop=stop
    )
