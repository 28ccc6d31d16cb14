"""`geoseg batch status`, `report` and `merge`: what a folder of maps holds, and what is made of
all of them.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .report import reporting, run_options

if TYPE_CHECKING:
    from ..batches.status import Status


@click.command()
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
def status(folder: str, as_json: bool, lost_after: float) -> None:
    """Tell how far a batch is: done, failed and why, left, speed and time to go."""
    from ..batches.master import open_ledger
    from ..batches.status import look

    found = look(open_ledger(folder, lost_after))
    click.echo(
        json.dumps({**asdict(found), "left": found.left}) if as_json else "\n".join(describe(found))
    )


def describe(status: Status) -> list[str]:
    """Return the state of a batch as lines."""
    share = status.done / max(1, status.units)
    time_left = "" if status.seconds_left is None else f", {hours(status.seconds_left)} to go"
    now = f"{status.running:,} being done, {status.lost:,} to be taken over; {status.speed:.3g} Mpx/s{time_left}"
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
    """Return a time for people: 3:07:00."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


@click.command()
@click.argument("folder", metavar="DIR")
@run_options
def report(folder: str, quiet: bool, events: bool, cancel_on_eof: bool) -> None:
    """Write DIR/report.html, and the maps as a STAC collection (DIR/collection.json)."""
    from ..batches.master import open_ledger, sum_up

    with reporting(quiet, events, cancel_on_eof) as tell:
        sum_up(open_ledger(folder), tell)


@click.command()
@click.argument("folder", metavar="DIR")
@click.argument("name", required=False)
@click.option(
    "--crs",
    metavar="EPSG:N",
    help="The CRS of the polygons; default: the scenes', EPSG:4326 for several.",
)
@run_options
def merge(
    folder: str, name: str | None, crs: str | None, quiet: bool, events: bool, cancel_on_eof: bool
) -> None:
    """Merge the maps of a batch: the polygons into DIR/NAME, the class rasters into a virtual one.

    NAME is a file (landcover.gpkg, .fgb, .parquet, .geojson, .shp), a folder of GeoParquet with a
    file for each scene (landcover.parquet/), or a virtual raster alone (classes.vrt). Columns
    `scene` and `model` tell where a polygon comes from. What has not changed is not written again.
    """
    from ..batches.master import open_ledger
    from ..batches.merge import merge as merge_maps
    from ..batches.results import results

    with reporting(quiet, events, cancel_on_eof) as tell:
        merge_maps(results(open_ledger(folder)), name, crs, tell)
