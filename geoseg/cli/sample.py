"""`geoseg sample`: points at random in each class of a map, to be interpreted in QGIS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from ..events import Noted
from .reporting import reporting, run_options, say

if TYPE_CHECKING:
    from ..sampling.draw import Drawing

MOST_SEED = (1 << 63) - 1
MOST = 1_000_000  # points; nobody interprets more
EXAMPLES = """\b
geoseg sample classes.tif --standard-error 0.01 --expect 0.85
geoseg sample classes.tif --out sample.gpkg --points 400 --minimum 30 --blind
geoseg evaluate --areas sample.gpkg"""


@click.command(epilog=EXAMPLES)
@click.argument("classes", metavar="MAP.tif")
@click.option("--out", metavar="SAMPLE.gpkg", help="Where the points go; without it, only the plan is shown.")
@click.option("--points", type=int, metavar="N", help="How many points.")
@click.option("--standard-error", type=float, metavar="S",
              help="Instead of --points: as many as this standard error of the overall accuracy needs.")  # fmt: skip
@click.option("--expect", multiple=True, metavar="[CLASS=]U",
              help="User's accuracy thought likely, of all classes or one (default 0.8); may be repeated.")  # fmt: skip
@click.option("--allocation", default="proportional", show_default=True, metavar="proportional|equal|neyman",
              help="How the points are shared out among the classes.")  # fmt: skip
@click.option("--minimum", type=click.IntRange(2, MOST), default=2, show_default=True, metavar="M",
              help="Points that each class gets at least; one alone tells no spread.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, MOST_SEED), default=1, show_default=True, metavar="S",
              help="The same seed gives the same points; more of them only add to these.")  # fmt: skip
@click.option("--band", type=int, metavar="N", help="The band that holds the classes, where there are several.")
@click.option("--blind", is_flag=True, help="Do not show the map's class to who interprets.")
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
@run_options
def sample(classes: str, out: str | None, band: int | None, seed: int, blind: bool, overwrite: bool, quiet: bool,
           events: bool, cancel_on_eof: bool, **how: Any) -> None:  # fmt: skip
    """Draw a stratified random sample of a map's pixels, each class being a stratum.

    The sample is a GeoPackage: open it in QGIS over imagery, fill in its column truth
    (QGIS shows a list of the classes), then run geoseg evaluate --areas on it. It holds the
    sizes of the classes, so that the map is not needed any more.
    """
    from ..raster import check_outputs
    from ..sampling.draw import draw
    from ..sampling.geopackage import write_sample

    with reporting(quiet, events, cancel_on_eof) as report:
        _check(out, how["points"], how["standard_error"])
        replaced = check_outputs([out], [classes], overwrite)
        drawing = draw(classes, how["points"] or MOST // 10, seed, report, band)
        points = _plan(drawing, **how)
        if not quiet or not out:
            say(_table(drawing, points), report, events)
        if out:
            design = {"map": classes, "seed": seed, "blind": blind} | how
            write_sample(Path(out), drawing, points, seed, blind, design, out in replaced)
            report(Noted(f"{sum(points)} points in {out}"))


def _check(out: str | None, points: int | None, standard_error: float | None) -> None:
    if (points is None) == (standard_error is None):
        raise InputError("how many points is not told" if points is None else "both --points and --standard-error",
                         "--points N or --standard-error S")  # fmt: skip
    if points is not None and not 1 <= points <= MOST:
        raise InputError(f"--points {points}", f"1 to {MOST}")
    if standard_error is not None:
        from ..sampling.plan import check_standard_error

        check_standard_error(standard_error)
    if out and Path(out).suffix.lower() != ".gpkg":
        raise InputError(f"--out {out}", "a name that ends in .gpkg")


def _plan(drawing: Drawing, points: int | None, standard_error: float | None, expect: tuple[str, ...], allocation: Any,
          minimum: int) -> list[int]:  # fmt: skip
    from ..sampling.plan import allocate, read_expected, suggest_points

    sizes = [stratum.pixels for stratum in drawing.strata]
    expected = read_expected(expect, [stratum.name for stratum in drawing.strata])
    if points is None:
        points = suggest_points(standard_error or 0.0, sizes, expected)
        if points > MOST // 10:
            raise InputError(f"--standard-error {standard_error} needs {points} points", "a larger standard error")
        points = min(max(points, minimum * len(sizes)), sum(sizes))
    return allocate(points, sizes, allocation, minimum, expected)


def _table(drawing: Drawing, points: list[int]) -> list[str]:
    from ..evaluate.text import table

    scale, unit = (1e4, "ha") if drawing.metric else (1.0, "pixels")
    area = sum(stratum.area for stratum in drawing.strata)
    rows: list[tuple[str, ...]] = [("class", "pixels", unit, "share", "points")]
    rows += [
        (s.name, f"{s.pixels:,}", f"{s.area / scale:,.1f}", f"{s.area / area:.2%}", f"{n:,}")
        for s, n in zip(drawing.strata, points, strict=True)
    ]
    pixels = sum(stratum.pixels for stratum in drawing.strata)
    return [*table(rows), *table([rows[0], ("all", f"{pixels:,}", f"{area / scale:,.1f}", "", f"{sum(points):,}")])[2:]]
