"""`geoseg batch`: many scenes, or a giant one, on many workers; how far they are; and what is
made of all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from ..core.errors import InputError
from ..core.events import Noted, Report
from .command import Group
from .parameters import models, options
from .report import reporting, run_options, told_by_usr1

if TYPE_CHECKING:
    from ..batches.run_settings import Engine, RunSettings
    from ..batches.status import Status
    from ..batches.work import Share


EXAMPLES = """\b
geoseg batch "scenes/*.tif" --out-dir maps --workers 4
geoseg batch mosaic.tif --out-dir maps --regions 16384
geoseg batch --stac https://earth-search.aws.element84.com/v1 --collection sentinel-2-l2a \\
  --aoi area.gpkg --date 2026-06/2026-08 --cloud 10 --out-dir maps
geoseg batch status maps"""


class Batches(Group):
    """`batch` is a command with one below it: what does not name this one is for the command
    itself.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take arguments that begin with no command's name for those of `run`.

        Parameters
        ----------
        ctx
            Click's.
        args
            What the user typed after `batch`.

        Returns
        -------
        list
            What click leaves of them.
        """
        asked = ctx.resilient_parsing and not args  # by a shell, before the first word is whole
        own = asked or (args and args[0] in self.commands)
        return super().parse_args(ctx, args if own else ["run", *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what the first word may be.

        Parameters
        ----------
        ctx
            Click's.
        incomplete
            What is typed of it.

        Returns
        -------
        list
            A scene, the commands, and the options of `run`.
        """
        of_run = self.commands["run"].shell_complete(ctx, incomplete)
        return [
            CompletionItem(incomplete, type="file"),
            *super().shell_complete(ctx, incomplete),
            *of_run,
        ]


@click.group(cls=Batches)
def batch() -> None:
    """Map many scenes, or a giant one, on many workers."""


@batch.command(epilog=EXAMPLES)
@click.argument("scenes", nargs=-1)
@models
@options(
    "reading",
    "cleaning",
    "outputs",
    "tiles",
    "compute",
    called={"engine": "compute_engine"},  # --engine says who does the work here
)
@click.option(
    "--stac",
    metavar="URL",
    help="Map what this STAC API finds; needs `pip install 'geoseg[stac]'`.",
)
@click.option(
    "--collection",
    multiple=True,
    metavar="NAME",
    help="With --stac: of this collection; may be given several times.",
)
@click.option(
    "--date",
    metavar="FROM/TO",
    help="With --stac: of these days, months or years, such as 2026-06/2026-08.",
)
@click.option(
    "--cloud",
    type=float,
    metavar="PERCENT",
    help="With --stac: with at most so many clouds, as the items say.",
)
@click.option(
    "--max-scenes",
    type=int,
    metavar="N",
    help="With --stac: refuse a search that finds more; default: 1000.",
)
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
    "--scores", is_flag=True, help="Write the scores of all classes (.scores.tif) as well."
)
@click.option(
    "--entropy", is_flag=True, help="Write how uncertain the scores are (.entropy.tif) as well."
)
@click.option(
    "--margin", is_flag=True, help="Write the lead of the highest score (.margin.tif) as well."
)
@click.option(
    "--second", is_flag=True, help="Write the class that comes second (.second.tif) as well."
)
@click.option(
    "--sets",
    is_flag=True,
    help="With --calibration: write the classes that cannot be excluded (.sets.tif) as well.",
)
@click.option(
    "--depth",
    is_flag=True,
    help="Of a model that tells objects apart, write how far inside its object a pixel lies "
    "(.depth.tif) as well.",
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
def run(  # numpydoc ignore=PR01
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
    items); files may lie on a server (https://, s3://, gs://, az://). What is done is kept in DIR:
    the same command again, or `geoseg batch --out-dir DIR`, does what is missing, and scenes that
    are new are added. Exit status: 0 all is done, 1 something failed, 75 stopped by SIGUSR1 between
    two scenes. `geoseg batch status DIR` tells how far it is.
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
    from ..batches.master import planned, run_settings_of
    from ..batches.merge import check_no_table
    from ..batches.run_settings import check_run_settings
    from ..raster.locations import check_local

    check_no_table(given["merged"] or "")
    check_run_settings(
        1 if given["workers"] is None else given["workers"], given["retries"], given["lost_after"]
    )
    with reporting(quiet, events, cancel_on_eof) as report, going_on(out_dir):
        check_local(out_dir)
        work = task_of(part, print_sbatch, where, given, stop)
        here = where == "local" and not part and not print_sbatch
        together = (given["workers"] or 1) if here else 1
        batch = planned(scenes, Path(out_dir), given, explicit, report, together)
        work(run_settings_of(batch, given, explicit), report)


def task_of(
    part: str | None,
    print_sbatch: bool,
    where: str,
    given: Mapping[str, Any],
    stop: Callable[[], bool],
) -> Callable[[RunSettings, Report], None]:
    """Return what this process is to do with the batch, once it is planned.

    Parameters
    ----------
    part
        I/N, where it is one worker of a job array.
    print_sbatch
        Whether it only prints the script of a job array.
    where
        The engine that does the work, for the master.
    given
        The options of the command, by name.
    stop
        Returns whether the time is up.

    Returns
    -------
    Callable
        Is called with the run's settings and the report.

    Raises
    ------
    InputError
        Where the options make no sense together.
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


@contextmanager
def going_on(folder: str) -> Iterator[None]:
    """Say, where the block is stopped, what becomes of what is done.

    Parameters
    ----------
    folder
        The batch's.

    Raises
    ------
    KeyboardInterrupt
        The one that stopped it, with a text.
    """
    try:
        yield
    except KeyboardInterrupt as stopped:
        from ..batches.master import AGAIN

        raise type(stopped)(f"what is done in {folder} stays; {AGAIN}") from None


def show_script(run_settings: RunSettings, report: Report) -> None:
    """Write the script of a job array to stdout.

    Parameters
    ----------
    run_settings
        How the batch is worked off.
    report
        Is told nothing.
    """
    from ..batches.script import array_script

    click.echo(array_script(run_settings), nl=False)


def be_a_worker(
    run_settings: RunSettings, report: Report, share: Share, stop: Callable[[], bool]
) -> None:
    """Do units until none is left.

    Parameters
    ----------
    run_settings
        How the batch is worked off.
    report
        Is told of each unit.
    share
        Which of how many workers this is.
    stop
        Returns whether the time is up; it is asked between two units.

    Raises
    ------
    TimeUpError
        Where it was.
    UnfinishedError
        Where a unit failed.
    """
    from ..batches.ledger import Ledger
    from ..batches.master import AGAIN, TimeUpError, UnfinishedError
    from ..batches.run import Worker
    from ..batches.work import Work

    ledger = Ledger(run_settings.batch, run_settings.run, run_settings.lost_after)
    tally = Work(Worker(ledger, run_settings.retries, report), share, stop)()
    report(
        Noted(f"part {share.index}/{share.count}: {tally.done} units done, {tally.failed} failed")
    )
    if tally.stopped:
        raise TimeUpError("stopped between two scenes, as SIGUSR1 asks for", do=AGAIN)
    if tally.failed:
        raise UnfinishedError(
            f"{tally.failed} scenes failed",
            do=f"see geoseg batch status {run_settings.batch.folder}",
        )


def be_the_master(
    run_settings: RunSettings,
    report: Report,
    engine: Engine,
    merged: str | None,
    stop: Callable[[], bool],
) -> None:
    """Have all units done by an engine, and say what came of them.

    Parameters
    ----------
    run_settings
        How the batch is worked off.
    report
        Is told of the progress, and of all that failed.
    engine
        Who does the work.
    merged
        What the maps are merged into afterwards; None is nothing.
    stop
        Returns whether the time is up.

    Raises
    ------
    TimeUpError
        Where it was.
    UnfinishedError
        Where not everything is done.
    """
    from ..batches.master import work_off

    work_off(run_settings, report, engine, merged, stop)


@batch.command()
@click.argument("folder", metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object to stdout.")
@click.option(
    "--lost-after",
    type=float,
    default=300.0,
    show_default=True,
    metavar="S",
    help="As of `geoseg batch`.",
)
def status(folder: str, as_json: bool, lost_after: float) -> None:  # numpydoc ignore=PR01
    """Tell how far a batch is: done, failed and why, left, speed and time to go."""
    from ..batches.master import open_ledger
    from ..batches.status import look

    found = look(open_ledger(folder, lost_after))
    click.echo(
        json.dumps({**asdict(found), "left": found.left}) if as_json else "\n".join(describe(found))
    )


def describe(status: Status) -> list[str]:
    """Return the state of a batch for people.

    Parameters
    ----------
    status
        As its ledger tells it.

    Returns
    -------
    list
        Lines: how far it is and how fast, then each failure.
    """
    share = status.done / max(1, status.units)
    time_left = "" if status.seconds_left is None else f", {hours(status.seconds_left)} to go"
    now = (
        f"{status.running:,} being done, {status.lost:,} to be taken over; "
        f"{status.speed:.3g} Mpx/s{time_left}"
    )
    return [
        f"{status.done:,} of {status.units:,} units done ({share:.1%}), {status.failed:,} "
        f"failed, {status.left:,} left",
        *([now] if status.left else []),
        *(
            [f"{status.warned:,} mapped with warnings: `geoseg batch report` lists them"]
            if status.warned
            else []
        ),
        *(f"failed: {f.name}: {f.reason} (tries: {f.tries})" for f in status.failures),
    ]


def hours(seconds: float) -> str:
    """Return a time for people.

    Parameters
    ----------
    seconds
        0 or more.

    Returns
    -------
    str
        Such as 3:07:00.
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


@batch.command()
@click.argument("folder", metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object to stdout.")
@run_options
def report(
    folder: str, as_json: bool, quiet: bool, events: bool, cancel_on_eof: bool
) -> None:  # numpydoc ignore=PR01
    """Write DIR/report.html, and the maps as a STAC collection (DIR/collection.json)."""
    from ..batches.master import open_ledger, sum_up

    with reporting(quiet, events, cancel_on_eof) as tell:
        found = sum_up(open_ledger(folder), tell)
    if as_json and not events:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@batch.command()
@click.argument("folder", metavar="DIR")
@click.argument("name", required=False)
@click.option(
    "--crs",
    metavar="EPSG:N",
    help="The CRS of the polygons; default: the scenes', EPSG:4326 for several.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object to stdout.")
@run_options
def merge(  # numpydoc ignore=PR01
    folder: str,
    name: str | None,
    crs: str | None,
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
) -> None:
    """Merge the maps of a batch: the polygons into DIR/NAME, the class rasters into a virtual one.

    NAME is a file (landcover.gpkg, .fgb, .parquet, .geojson, .shp, .pmtiles), a folder of
    GeoParquet with a file for each scene (landcover.parquet/), or a virtual raster alone
    (classes.vrt). Columns
    `scene` and `model` tell where a polygon comes from. What has not changed is not written
    again.
    """
    from ..batches.master import open_ledger
    from ..batches.merge import merge as merge_maps
    from ..batches.results import results

    with reporting(quiet, events, cancel_on_eof) as tell:
        found = merge_maps(results(open_ledger(folder)), name, crs, tell)
    if as_json and not events:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
