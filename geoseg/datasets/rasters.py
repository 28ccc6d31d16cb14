"""Pictures whose pixels are numbers of classes or objects."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import InputError
from ..core.grid import Window
from ..raster.band_info import describe_bands
from ..raster.handles import open_dataset
from ..raster.pixels import read_numbers

TYPES = ("uint8", "uint16")
SHOWN = 8  # numbers of a message


def read_raster(path: Path, height: int, width: int, bands: int = 1) -> npt.NDArray[Any]:
    """Read a picture of numbers.

    Parameters
    ----------
    path
        PNG in nearly all data sets; the numbers of a palette, not its colours.
    height, width
        Of the picture that it belongs to.
    bands
        How many it must have; a fourth that is alpha is not looked at.

    Returns
    -------
    array
        Uint8 or uint16 [band, row, column], of one band [row, column].

    Raises
    ------
    InputError
        If it is missing, or of another size, type or count of bands.
    RunError
        If it is damaged.
    """
    with closing(open_dataset(str(path))) as dataset:
        colours = [colour.name for colour in dataset.colorinterp]
        count = len(colours) - (colours[-1] == "alpha")
        if (dataset.height, dataset.width) != (height, width):
            raise InputError(
                f"{path} has {dataset.height} x {dataset.width} pixels",
                f"{height} x {width}, as its picture has",
            )
        if count != bands or dataset.dtypes[0] not in TYPES:
            raise InputError(
                f"{path} has {count} bands of {dataset.dtypes[0]}",
                f"{bands} of {' or '.join(TYPES)}",
            )
        layers = describe_bands(dataset, str(path))[:bands]
        data = read_numbers(dataset, layers, Window(0, 0, height, width))
    return data[0] if bands == 1 else data


def decode(codes: npt.NDArray[Any], meant: Mapping[int, int], path: Path) -> npt.NDArray[np.int64]:
    """Return what the numbers of a picture mean.

    Parameters
    ----------
    codes
        Whole numbers of any shape.
    meant
        What each means.
    path
        For errors.

    Returns
    -------
    array
        Int64, of the same shape.

    Raises
    ------
    InputError
        If some mean nothing; it lists them.
    """
    keys = np.array(sorted(meant), np.int64)
    values = np.array([meant[key] for key in keys.tolist()], np.int64)
    found, back = np.unique(codes, return_inverse=True)
    places = np.searchsorted(keys, found).clip(max=len(keys) - 1)
    if strange := found[keys[places] != found].tolist():
        shown = ", ".join(map(str, strange[:SHOWN])) + (", ..." if len(strange) > SHOWN else "")
        raise InputError(
            f"{path} holds the numbers {shown}, which mean nothing in this data set",
            f"such as {', '.join(map(str, keys.tolist()[:SHOWN]))}",
        )
    return np.asarray(values[places][back].reshape(codes.shape))
