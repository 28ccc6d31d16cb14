"""A class raster as a small picture in the colours of its classes, transparent where there is no data."""

from __future__ import annotations

import numpy as np
from rasterio.errors import RasterioError

from ..card import NODATA
from ..errors import RunError
from ..style import Legend
from .handles import gdal_env, open_dataset
from .picture import png


def quicklook(path: str, legend: Legend, side: int) -> tuple[bytes, tuple[int, int]]:
    """Return a PNG of at most side x side pixels, and its height and width; it is read from the overviews."""
    with gdal_env(), open_dataset(path) as dataset:
        shrink = max(1.0, max(dataset.height, dataset.width) / side)
        shape = max(1, round(dataset.height / shrink)), max(1, round(dataset.width / shrink))
        try:
            labels = dataset.read(1, out_shape=shape)  # nearest: the overviews hold the class that most pixels have
        except RasterioError as error:
            raise RunError(f"{path} cannot be read: {error}") from error
    table = np.zeros((256, 4), np.uint8)
    for label in legend.labels:
        table[label.value] = (*label.rgb, 255)
    table[NODATA] = 0
    return png(np.ascontiguousarray(np.moveaxis(table[labels], -1, 0))), shape
