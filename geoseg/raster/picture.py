"""Small pictures for people to look at: pixels of any kind as a PNG."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio import Affine
from rasterio.io import MemoryFile

from .handles import gdal_env


def png(rgb: npt.NDArray[np.uint8]) -> bytes:
    """Return red, green and blue [3, row, column] as the bytes of a PNG."""
    bands, rows, columns = rgb.shape
    with gdal_env(), MemoryFile() as file:
        # the affine only keeps GDAL from saying that the picture has no place on the ground
        with file.open(driver="PNG", count=bands, height=rows, width=columns, dtype="uint8",
                       transform=Affine.scale(0.5)) as picture:  # fmt: skip
            picture.write(rgb)
        return bytes(file.read())


def stretch(pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Return bands [band, row, column] as 0 to 255 between their 2nd and 98th percentile, 255 where not valid."""
    found = np.full(pixels.shape, 255, np.uint8)
    for band, numbers in zip(found, pixels.astype(np.float32), strict=True):
        if valid.any():
            low, high = np.percentile(numbers[valid], (2, 98))
            band[valid] = ((numbers - low) / max(high - low, 1e-9)).clip(0, 1)[valid] * 255
    return found
