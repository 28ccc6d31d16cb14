"""Draw a map's polygons after each kind of cleaning, in the colours of the raster."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

mpl.use("Agg")

import geopandas
import matplotlib.pyplot as plt
import rasterio
from matplotlib.axes import Axes

from geoseg.raster.class_raster import open_maps
from geoseg.raster.legend import read_legend
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.geodesic import PixelAreas
from geoseg.vector.vectorize import vectorize


def cases(pixel: float) -> list[tuple[str, Tracing]]:
    """Return what is drawn, with tolerances that fit the pixel's size in metres."""
    side, area = (float(f"{value:.2g}") for value in (pixel, 20 * pixel**2))
    return [
        ("as traced", Tracing()),
        (f"--min-area {area:g}", Tracing(min_area=area)),
        ("--majority 5", Tracing(majority=5)),
        (f"--simplify {side:g}", Tracing(simplify=side)),
        ("--smooth 3", Tracing(smooth=3)),
        (
            f"--min-area {area:g} --simplify {side:g} --smooth 3",
            Tracing(min_area=area, simplify=side, smooth=3),
        ),
    ]


def draw(
    axes: Axes, classes: str, title: str, tracing: Tracing, view: tuple[float, float, float, float]
) -> None:
    """Draw the polygons within the view (left, bottom, right, top)."""
    colours = {label.value: label.colour for label in read_legend(open_maps(classes, None)).labels}
    with TemporaryDirectory() as folder:
        target = Path(folder) / "polygons.fgb"
        vectorize(classes, target, tracing)
        table = geopandas.read_file(target)
    seen = table.cx[view[0] : view[2], view[1] : view[3]]
    seen.plot(
        ax=axes, color=seen["class_id"].map(colours), edgecolor="black", linewidth=0.5, aspect=None
    )
    axes.set(
        xlim=(view[0], view[2]), ylim=(view[1], view[3]), xticks=[], yticks=[], xlabel="", ylabel=""
    )
    axes.set_title(
        f"{title}\n{len(table):,} polygons, {table.count_coordinates().sum():,} vertices",
        fontsize=9,
    )


def main(
    classes: str, out: str, x: int | None = None, y: int | None = None, width: int = 100
) -> None:
    """Write the pictures as a PNG."""
    with rasterio.open(classes) as raster:
        x = raster.width // 2 if x is None else x
        y = raster.height // 2 if y is None else y
        left, top = raster.transform * (x, y)
        right, bottom = raster.transform * (x + width, y + width)
    ground = PixelAreas(open_maps(classes, None).grid)
    figure, places = plt.subplots(2, 3, figsize=(11, 8))
    for axes, (title, tracing) in zip(places.flat, cases(ground.pixel**0.5), strict=True):
        draw(axes, classes, title, tracing, (left, bottom, right, top))
        axes.set_box_aspect(1)
    figure.tight_layout()
    figure.savefig(out, dpi=90)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classes", help="a class raster")
    parser.add_argument("out", help="the picture, a PNG")
    parser.add_argument(
        "--window",
        nargs=3,
        type=int,
        default=(),
        metavar=("X", "Y", "WIDTH"),
        help="pixels, X and Y from the top left; default: the middle of the raster",
    )
    args = parser.parse_args()
    main(args.classes, args.out, *args.window)
