"""A model around another one, whose device it shares: what changes scores changes nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array, Bytes
from .protocol import Model


class Wrapped(Model):
    """What a model around another one leaves to it.

    Parameters
    ----------
    model
        The other one.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.device = model.device

    def prepare(self, shape: tuple[int, ...], dtype: np.dtype[Any], brief: bool = False) -> None:
        """Get ready for batches of a shape; see `Model`.

        Parameters
        ----------
        shape
            [n, band, row, column] of the pixels.
        dtype
            Their type.
        brief
            Whether a few windows come, while another model computes as well.
        """
        self._model.prepare(shape, dtype, brief)

    def keep_to(self, batches: int) -> bool:
        """Compute fewer batches side by side; see `Model`.

        Parameters
        ----------
        batches
            At most so many.

        Returns
        -------
        bool
            Whether that takes less memory than before.
        """
        return self._model.keep_to(batches)

    def room(self) -> int | None:
        """Tell how much the device holds; see `Model`.

        Returns
        -------
        int or None
            Tiles.
        """
        return self._model.room()

    def asarray(self, array: npt.NDArray[Any]) -> Array:
        """Bring an array to the device; see `Model`.

        Parameters
        ----------
        array
            Of any type and shape.

        Returns
        -------
        Array
            The same numbers.
        """
        return self._model.asarray(array)

    def to_uint8(self, array: Array) -> Bytes:
        """Bring whole numbers back from the device; see `Model`.

        Parameters
        ----------
        array
            Whole numbers below 256.

        Returns
        -------
        Bytes
            As numpy uint8.
        """
        return self._model.to_uint8(array)
