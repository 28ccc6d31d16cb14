"""Draw a scene and its map side by side.

Red, green and blue are each FILE or FILE:BAND, such as scene.tif:4 scene.tif:3 scene.tif:2, or
three JP2 files. The colours and names come from the class raster itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import rasterio
from matplotlib.patches import Patch
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from geoseg.raster.class_raster import open_maps
from geoseg.raster.legend import read_legend

LONGEST = 640  # pixels of the longer side of each picture


def shape_of(path: str) -> tuple[int, int]:
    """Return rows and columns of the picture: the raster's, no larger than LONGEST."""
    with rasterio.open(path) as raster:
        factor = min(1.0, LONGEST / max(raster.shape))
        return max(1, round(raster.height * factor)), max(1, round(raster.width * factor))


def picture(bands: Sequence[str], path: str, shape: tuple[int, int]) -> np.ndarray:
    """Return the bands as an RGB picture on the ground of the map, each stretched between its 2nd
    and 98th percentile.
    """
    with rasterio.open(path) as raster:
        high, wide = (whole / part for whole, part in zip(raster.shape, shape, strict=True))
        place = raster.transform @ rasterio.Affine.scale(wide, high)
        there = {"crs": raster.crs, "transform": place, "height": shape[0], "width": shape[1]}
    planes = []
    for name in bands:
        path, _, number = (
            name.rpartition(":") if name.rpartition(":")[2].isdigit() else (name, "", "1")
        )
        with (
            rasterio.open(path) as raster,
            WarpedVRT(raster, resampling=Resampling.average, **there) as drawn,
        ):
            plane = drawn.read(int(number)).astype(float)
        low, high = np.percentile(plane[plane > 0] if (plane > 0).any() else plane, (2, 98))
        planes.append(np.clip((plane - low) / max(high - low, 1e-9), 0, 1))
    return np.dstack(planes)


def classes(path: str, shape: tuple[int, int]) -> tuple[np.ndarray, list[Patch]]:
    """Return the map as a picture in its own colours, and the legend of the classes that occur."""
    with rasterio.open(path) as raster:
        values = raster.read(1, out_shape=shape, resampling=Resampling.mode)
    labels = [
        label
        for label in read_legend(open_maps(path, None)).labels
        if (values == label.value).any()
    ]
    image = np.full((*shape, 3), 255, np.uint8)
    for label in labels:
        image[values == label.value] = label.rgb
    return image, [Patch(facecolor=label.colour, label=label.name) for label in labels]


def main(path: str, out: str, *bands: str) -> None:
    """Write the two pictures beside each other as a PNG."""
    shape = shape_of(path)
    image, legend = classes(path, shape)
    figure, axes = plt.subplots(
        1, 2, figsize=(12, 6 * shape[0] / shape[1] + 0.7), layout="constrained"
    )
    for axis, content in zip(axes, (picture(bands, path, shape), image), strict=True):
        axis.imshow(content, interpolation="nearest")
        axis.set_axis_off()
    figure.legend(handles=legend, loc="outside lower center", ncols=5, frameon=False)
    figure.savefig(Path(out), dpi=75)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classes", help="a class raster")
    parser.add_argument("out", help="the picture, a PNG")
    parser.add_argument("bands", nargs=3, metavar="BAND", help="red, green and blue")
    args = parser.parse_args()
    main(args.classes, args.out, *args.bands)
