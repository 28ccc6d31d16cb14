"""Small files cut from a real Sentinel-2 scene, for tests of the plugin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

SIDE = 256  # pixels of 10 m


def make_crops(bands: Sequence[str], folder: Path) -> None:
    """Write bands/*.tif, one band each; s2.tif, all of them; rgb.tif, its colours at 1 m;
    classes.tif.
    """
    (folder / "bands").mkdir(parents=True)
    cut = {Path(path).stem.removeprefix("s2_"): _cut(path) for path in bands}
    for name, (pixels, place, crs) in cut.items():
        _write(folder / "bands" / f"{name}.tif", pixels[None], place, crs, [name])
    place, crs = cut["B02"][1:]
    stack = np.stack([_enlarge(pixels) for pixels, _, _ in cut.values()])
    _write(folder / "s2.tif", stack, place, crs, list(cut))
    colours = np.clip(stack[[2, 1, 0]] // 12, 0, 255).astype(np.uint8)
    _write(
        folder / "rgb.tif",
        colours,
        rasterio.Affine(1, 0, place.c, 0, -1, place.f),
        crs,
        photometric="RGB",
    )
    classes = np.digitize(stack[6], np.percentile(stack[6], [25, 50, 75])).astype(np.uint8)
    _write(folder / "classes.tif", classes[None], place, crs, nodata=255)


def _cut(path: str) -> tuple[np.ndarray, rasterio.Affine, Any]:
    """The same square of ground of each band: some have pixels of 20 m."""
    with rasterio.open(path) as raster:
        size = round(SIDE * 10 / raster.res[0])
        x, y = raster.xy(size, size, offset="ul")
        place = rasterio.Affine(raster.res[0], 0, x, 0, -raster.res[1], y)
        return raster.read(1, window=Window(size, size, size, size)), place, raster.crs


def _enlarge(pixels: np.ndarray) -> np.ndarray:
    times = SIDE // len(pixels)
    return pixels.repeat(times, 0).repeat(times, 1)


def _write(
    path: Path,
    pixels: np.ndarray,
    place: rasterio.Affine,
    crs: Any,
    names: Sequence[str] = (),
    **more: object,
) -> None:
    count, height, width = pixels.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=count,
        height=height,
        width=width,
        dtype=pixels.dtype,
        transform=place,
        crs=crs,
        **more,
    ) as raster:
        raster.write(pixels)
        if names:
            raster.descriptions = tuple(names)
