"""`geoseg sample`: points at random in each class of a map, to be interpreted in QGIS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from .command import Command
from .parameters import BAND
from .report import reporting, run_options, say

if TYPE_CHECKING:
    from ..evaluation.samples.draw import Drawing


MOST_SEED = (1 << 63) - 1
MOST = 1_000_000  # points; nobody interprets more
EXAMPLES = """\b
geoseg sample classes.tif --standard-error 0.01 --expect 0.85
geoseg sample classes.tif --out sample.gpkg --points 400 --minimum 30 --blind
geoseg evaluate --areas sample.gpkg"""


class Told(click.IntRange):
    """A whole number: `geoseg options` tells its limits, `Design` checks them in its words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a whole number, whatever the limits.

        Parameters
        ----------
        value
            What was given.
        param, ctx
            Of click, for its errors.

        Returns
        -------
        int
            The number.
        """
        return click.INT.convert(value, param, ctx)


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("classes", metavar="MAP.tif")
@click.option(
    "--out", metavar="SAMPLE.gpkg", help="Where the points go; without it, only the plan is shown."
)
@click.option("--points", type=Told(1, MOST), metavar="N", help="How many points.")
@click.option(
    "--standard-error",
    type=float,
    metavar="S",
    help="Instead of --points: as many as this standard error of the overall accuracy needs.",
)
@click.option(
    "--expect",
    multiple=True,
    metavar="[CLASS=]U",
    help="User's accuracy thought likely, of all classes or one (default 0.8); may be repeated.",
)
@click.option(
    "--allocation",
    default="proportional",
    show_default=True,
    metavar="proportional|equal|neyman",
    help="How the points are shared out among the classes.",
)
@click.option(
    "--minimum",
    type=click.IntRange(2, MOST),
    default=2,
    show_default=True,
    metavar="M",
    help="Points that each class gets at least; one alone tells no spread.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MOST_SEED),
    default=1,
    show_default=True,
    metavar="S",
    help="The same seed gives the same points; more of them only add to these.",
)
@click.option(
    "--band",
    type=BAND,
    metavar="N",
    help="The band that holds the classes, where there are several.",
)
@click.option("--blind", is_flag=True, help="Do not show the map's class to who interprets.")
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was found for programs, as one object."
)
@run_options
def sample(  # numpydoc ignore=PR01
    classes: str,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    out: str | None,
    seed: int,
    band: int | None,
    blind: bool,
    overwrite: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Draw a stratified random sample of a map's pixels, each class being a stratum.

    The sample is a GeoPackage: open it in QGIS over imagery, fill in its column truth
    (QGIS shows a list of the classes), then run geoseg evaluate --areas on it. It holds the
    sizes of the classes, so that the map is not needed any more.
    """
    from ..evaluation.drawn import Design, draw_sample

    with reporting(quiet, events, cancel_on_eof) as report:
        found = draw_sample(
            classes,
            Design(**how),
            report,
            out=out,
            seed=seed,
            band=band,
            blind=blind,
            overwrite=overwrite,
        )
        if as_json and not events:
            click.echo(
                json.dumps(_facts(found.drawing, found.points), ensure_ascii=False, indent=1)
            )
        elif not quiet or not out:
            say(_table(found.drawing, found.points), report, events)
        found.write(report)


def _facts(drawing: Drawing, points: Sequence[int]) -> dict[str, Any]:
    unit = "area_m2" if drawing.metric else "area_px"
    classes = [
        {"value": s.value, "name": s.name, "pixels": s.pixels, unit: s.area, "points": n}
        for s, n in zip(drawing.strata, points, strict=True)
    ]
    return {"points": sum(points), "classes": classes}


def _table(drawing: Drawing, points: Sequence[int]) -> list[str]:
    from ..evaluation.text import table

    scale, unit = (1e4, "ha") if drawing.metric else (1.0, "pixels")
    area = sum(stratum.area for stratum in drawing.strata)
    rows: list[tuple[str, ...]] = [("class", "pixels", unit, "share", "points")]
    rows += [
        (s.name, f"{s.pixels:,}", f"{s.area / scale:,.1f}", f"{s.area / area:.2%}", f"{n:,}")
        for s, n in zip(drawing.strata, points, strict=True)
    ]
    pixels = sum(stratum.pixels for stratum in drawing.strata)
    return [
        *table(rows),
        *table([rows[0], ("all", f"{pixels:,}", f"{area / scale:,.1f}", "", f"{sum(points):,}")])[
            2:
        ],
    ]
