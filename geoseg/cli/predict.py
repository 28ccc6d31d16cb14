"""`geoseg predict`: map one scene."""

from __future__ import annotations

from typing import Any

import click

from ..core.job import COMPRESSIONS, ENGINES, PRECISIONS, Options, plan
from .cleaning import SQUARE, cleaning, reading
from .report import reporting, run_options

DEFAULTS = Options()
EXAMPLES = """\b
geoseg predict scene.tif --out landcover.gpkg
geoseg predict B02.jp2 B03.jp2 B04.jp2 ... --out landcover.tif"""


def read_names(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    """Read B04,B08 as names."""
    return None if text is None else tuple(part.strip() for part in text.split(","))


@click.command(epilog=EXAMPLES)
@click.argument("scene", nargs=-1, required=True)
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    help="Where the map goes: .gpkg (.fgb .parquet .geojson .shp) polygons, .tif classes.",
)
@click.option(
    "--raster", metavar="FILE", help="With polygons: write the class raster (.tif) as well."
)
@click.option("--confidence", metavar="FILE", help="Write the confidence (.tif, percent) as well.")
@click.option(
    "--model",
    default="auto",
    show_default=True,
    metavar="NAME|FOLDER",
    help="A name of `geoseg models list`, or a bundle's folder.",
)
@reading
@click.option(
    "--nodata",
    type=float,
    metavar="DN",
    help="The number of pixels without data; default: the file's.",
)
@click.option(
    "--aoi",
    metavar="FILE|WKT",
    help="Map only this area: a vector file (or its FILE|layername=NAME) or WKT, in any CRS.",
)
@cleaning
@click.option(
    "--zonal",
    callback=read_names,
    metavar="B,B,...",
    help="Add the mean of these bands of the scene over each polygon, by name (B04) or number "
    "from 1:"
    " digital numbers as in the file, without --scale; coarser bands on the scene's grid.",
)
@click.option(
    "--square", is_flag=True, help=f"Of the classes that the model marks as built: {SQUARE}"
)
@click.option(
    "--tile",
    type=int,
    metavar="PX",
    help="The network's window; default: fitted to model and scene.",
)
@click.option(
    "--largest",
    type=int,
    metavar="PX",
    help="Without --tile: the largest window that is chosen; default: by this machine's memory.",
)
@click.option(
    "--overlap", type=int, metavar="PX", help="Overlap of the windows; default: the model's."
)
@click.option(
    "--policy",
    default=DEFAULTS.policy,
    show_default=True,
    metavar="blend|crop",
    help="Where windows overlap: the weighted mean, or the window in whose middle a pixel lies.",
)
@click.option("--batch", type=int, metavar="N", help="Windows at a time; default: by the device.")
@click.option(
    "--device",
    default=DEFAULTS.device,
    show_default=True,
    metavar="auto|cpu|cuda[:N]",
    help="Where to compute.",
)
@click.option(
    "--engine",
    default=DEFAULTS.engine,
    show_default=True,
    metavar="|".join(ENGINES),
    help="What computes; auto: OpenVINO on processors where it is installed, else PyTorch. "
    "torch.compile takes"
    " minutes before the first window, and is checked like a reduced precision: for GPUs and "
    "many scenes.",
)
@click.option(
    "--precision",
    default=DEFAULTS.precision,
    show_default=True,
    metavar="|".join(PRECISIONS),
    help="fp32 gives the same classes on every machine; auto: the fastest that the device has. "
    "Less than fp32"
    " is checked on the scene first.",
)
@click.option(
    "--min-agreement",
    type=float,
    default=DEFAULTS.min_agreement,
    show_default=True,
    metavar="SHARE",
    help="Pixels of the check that must keep the class of fp32; below it, fp32 computes the map.",
)
@click.option(
    "--compress",
    default=DEFAULTS.compress,
    show_default=True,
    metavar="|".join(COMPRESSIONS),
    help="How rasters are packed: zstd is fast, deflate is what old programs read.",
)
@click.option(
    "--overwrite", is_flag=True, help="Replace outputs that exist; of a GeoPackage, the one layer."
)
@click.option(
    "--force", is_flag=True, help="Go on where values or pixel size lie outside the model's."
)
@run_options
def predict(
    scene: tuple[str, ...],
    out: str,
    raster: str | None,
    confidence: str | None,
    model: str,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **options: Any,
) -> None:
    """Map one scene.

    SCENE is a raster, or several that hold the bands of one scene. The model is found
    by what the scene is, unless --model names one; what was chosen, and why, is said.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        job = plan(
            scene,
            out,
            model=model,
            raster=raster,
            confidence=confidence,
            options=Options(**options),
        )
        from ..prediction.pipeline import segment

        segment(job, report)
