"""Reading label rasters: class values, or one band of shares per class, on the grid of their scene."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.windows import Window as RasterioWindow

from ..errors import InputError
from ..grid import Window
from .handles import Handle, open_dataset


class LabelRaster:
    """An open label raster; `read` may be called from several threads at once."""

    def __init__(self, path: str, shape: tuple[int, int], bands: int) -> None:
        with open_dataset(path) as dataset:
            found = (dataset.height, dataset.width)
            if found != shape:
                raise InputError(f"the labels {path} have {found} rows and columns", f"{shape}, as their scene")
            if dataset.count != bands or dataset.dtypes[0] != "uint8":
                raise InputError(f"the labels {path} have {dataset.count} bands of {dataset.dtypes[0]}",
                                 f"{bands} of uint8")  # fmt: skip
        self._handle = Handle(path)

    def read(self, window: Window) -> npt.NDArray[np.uint8]:
        """Return the bands [band, row, column] of a window inside the raster."""
        rows, columns = window.shape
        with self._handle.use() as dataset:
            data: npt.NDArray[Any] = dataset.read(window=RasterioWindow(window.left, window.top, columns, rows))
        return data.astype(np.uint8, copy=False)

    def close(self) -> None:
        """Close the file."""
        self._handle.close()
