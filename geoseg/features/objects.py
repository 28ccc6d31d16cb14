"""Numbers of objects on the grid of their scene, read by window: which pixels are of one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.band_info import describe_bands
from ..raster.handles import Handle
from ..raster.pixels import read_valid
from .coding import Coding, Indices
from .labels import lies_on, warped
from .layers import is_vector

Numbers = npt.NDArray[np.uint32]  # of objects [row, column]; 0 is none
TYPES = ("uint8", "uint16", "uint32", "int16", "int32")


@dataclass(frozen=True, slots=True)
class ObjectLabels:
    """What is known of one image: the class of each pixel, and which pixels are of one object."""

    classes: Indices
    """Class indices uint8 [row, column], NODATA where unlabelled."""
    numbers: Numbers
    """Uint32 [row, column]: alike within an object and different between two, 0 where there is
    none, or none is known. Numbers of pixels whose class is no thing count nothing.
    """

    def __post_init__(self) -> None:
        if self.classes.shape != self.numbers.shape:
            raise ValueError(f"classes {self.classes.shape}, numbers {self.numbers.shape}")


class ObjectNumbers(Protocol):
    """Numbers of the objects of one scene; `read` may be called from several threads at once."""

    def read(self, window: Window) -> Numbers:
        """Read the numbers in a window; several threads may do so at once.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        Numbers
            Uint32 [row, column], 0 where no object is.
        """

    def close(self) -> None:
        """Close the file."""


def open_objects(path: str, grid: Grid, coding: Coding) -> ObjectNumbers:
    """Open the objects of a scene, in whatever CRS and grid they are.

    Parameters
    ----------
    path
        Of vector data, one feature of which is one object (perhaps FILE|layername=NAME), or of a
        raster of whole numbers, one for each object and 0 for none.
    grid
        The scene's.
    coding
        Of vector data: which value means which class; features of none are left out.

    Returns
    -------
    ObjectNumbers
        To be closed by the caller.

    Raises
    ------
    InputError
        If the file is no such data, or does not meet the scene.
    """
    if is_vector(path):
        from .burn import FeatureNumbers

        return FeatureNumbers(path, grid, coding)
    return RasterNumbers(path, grid)


class RasterNumbers:
    """Numbers from a raster: by its own pixels where its grid is the scene's, else by the nearest
    one.

    Parameters
    ----------
    path, grid
        As for `open_objects`.

    Raises
    ------
    InputError
        If it is no raster of one band of whole numbers, or does not meet the scene.
    """

    def __init__(self, path: str, grid: Grid) -> None:
        self._path = path
        self._handle = Handle(path)
        try:
            with self._handle.use() as dataset:
                if dataset.count != 1 or dataset.dtypes[0] not in TYPES:
                    raise InputError(
                        f"{path} has {dataset.count} bands of {dataset.dtypes[0]}",
                        f"one band of numbers of objects, {', '.join(TYPES)}",
                    )
                self._warped = None if lies_on(dataset, grid) else warped(dataset, path, grid)
                self._layers = describe_bands(self._warped or dataset, path)[:1]
        except BaseException:
            self._handle.close()
            raise

    def read(self, window: Window) -> Numbers:
        """Read the numbers in a window.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        Numbers
            Uint32 [row, column], 0 where no object is.

        Raises
        ------
        InputError
            If one is below 0.
        """
        with self._handle.use() as dataset:
            data, valid = read_valid(self._warped or dataset, self._layers, window)
        found = data[0] if valid is None else np.where(valid, data[0], 0)
        if found.size and found.min() < 0:
            raise InputError(
                f"{self._path} holds {found.min()}", "numbers of objects, 0 where none is"
            )
        return np.asarray(found, np.uint32)

    def close(self) -> None:
        """Close the file."""
        if self._warped is not None:
            self._warped.close()
        self._handle.close()
