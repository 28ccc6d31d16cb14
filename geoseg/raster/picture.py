"""Small pictures for people to look at: pixels of any kind as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
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


def stretch(
    pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_], limits: Sequence[tuple[float, float]]
) -> npt.NDArray[np.uint8]:
    """Return bands [band, row, column] as 0 to 255 between the limits of each, 255 where not valid."""
    low, high = (np.array(side, np.float32)[:, None, None] for side in zip(*limits, strict=True))
    shares = ((pixels.astype(np.float32) - low) / np.maximum(high - low, 1e-9)).clip(0, 1)
    return np.where(valid, shares * 255, 255).astype(np.uint8)
