"""`geoseg predict`: map one scene."""

from __future__ import annotations

from typing import Any

import click

from ..core.job import MORE, plan
from ..core.options import Options
from ..vector.delivery import TABLE, delivered
from .command import Command
from .parameters import models, options
from .report import reporting, run_options

EXAMPLES = """\b
geoseg predict scene.tif --out landcover.gpkg
geoseg predict s3://bucket/scene.tif --out part.gpkg --aoi district.geojson
geoseg predict B02.jp2 B03.jp2 B04.jp2 ... --out landcover.tif"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("scene", nargs=-1, required=True)
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    help="Where the map goes: .gpkg (.fgb .parquet .geojson .shp .pmtiles) polygons, .tif classes;"
    f" or {TABLE}",
)
@click.option(
    "--raster", metavar="FILE", help="With polygons: write the class raster (.tif) as well."
)
@click.option("--confidence", metavar="FILE", help="Write the confidence (.tif, percent) as well.")
@click.option(
    "--novelty",
    metavar="FILE",
    help="Write as well how unlike what the model knows the scene is (.tif, a number for each "
    "32 x 32 pixels; 1 % of known land is above 100).",
)
@click.option(
    "--scores",
    metavar="FILE",
    help="Write the scores of all classes as well (.tif, a band for each, percent).",
)
@click.option(
    "--entropy",
    metavar="FILE",
    help="Write as well how uncertain the scores leave each pixel (.tif): 0, one class has all, to "
    "100, all are alike.",
)
@click.option(
    "--margin",
    metavar="FILE",
    help="Write as well how far the highest score lies above the second (.tif, percent).",
)
@click.option("--second", metavar="FILE", help="Write the class that comes second as well (.tif).")
@click.option(
    "--sets",
    metavar="FILE",
    help="With --calibration: write as well how many classes cannot be excluded, and which (.tif: "
    "their number, then a band for each class).",
)
@click.option(
    "--depth",
    metavar="FILE",
    help="Of a model that tells objects apart, write as well how far inside its object a pixel "
    "lies (.tif, percent of the model's limit).",
)
@click.option(
    "--stac",
    metavar="FILE",
    help="Write the STAC item of the map as well (.json): where it lies, its files, how it was "
    "made.",
)
@models
@options("reading", "cleaning", "outputs", "tiles", "compute")
@run_options
def predict(  # numpydoc ignore=PR01
    scene: tuple[str, ...],
    out: str,
    raster: str | None,
    model: str | tuple[str, ...],
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **chosen: Any,
) -> None:
    """Map one scene.

    SCENE is a raster, several that hold the bands of one scene, a product as it is
    downloaded (.SAFE, .zip, MTD_*.xml), or a STAC item (.json); rasters and items may lie on
    a server (https://, s3://, gs://, az://). The model is found by what the scene is, unless
    --model names one; what was chosen, and why, is said. With --mosaic, SCENE is
    neighbouring files, or folders, patterns and lists of them.
    """
    more = {name: chosen.pop(name) for name in (*MORE, "stac")}
    how = chosen["overwrite"], chosen["layers"]
    with (
        reporting(quiet, events, cancel_on_eof) as told,
        delivered(out, *how, told, more["stac"]) as (path, _, report),
    ):
        job = plan(scene, path, model=model, raster=raster, options=Options.of(**chosen), **more)
        from ..prediction.warm import compile_ahead

        compile_ahead(job)  # before the libraries are imported that a run needs
        from ..prediction.pipeline import segment

        segment(job, report)
