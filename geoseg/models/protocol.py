"""What a model is to the engine: pixels in, probabilities out, on a device of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array, Bytes, to_uint8


def wait_for(fetches: Iterable[Callable[[], Array]]) -> None:
    """Wait for batches that nobody wants any more: a device that still computed them would be busy
    for whoever comes next.

    Parameters
    ----------
    fetches
        As `Model.launch` gives them; what they raise would hide the error that ended the run.
    """
    for fetch in fetches:
        with suppress(RuntimeError):
            fetch()


class Model(Protocol):
    """Pixels to probabilities, on the model's own device.

    What computes is a subclass; the defaults are those of a device that is waited for at each
    batch, and cannot tell how much it holds.
    """

    device: str
    """What computes, in words."""
    ahead: int = 0
    """How many batches may be under way beside the one that is waited for."""

    @abstractmethod
    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Compute the probabilities of a batch.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] as they stand in the file.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Array
            Probabilities, float32 [n, label, row, column], which add up to 1 over the labels (but
            for sigmoid).

        Raises
        ------
        MemoryError
            If the batch does not fit the device.
        """

    def launch(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Callable[[], Array]:
        """Queue a batch, as it is called with.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] as they stand in the file.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Callable
            Gives the batch's scores, once; it, or only what uses them, waits for the device.
        """
        return [self(pixels, valid)].pop  # gives them away: nothing here keeps them

    def prepare(self, shape: tuple[int, ...], dtype: np.dtype[Any], brief: bool = False) -> None:
        """Get ready for batches of a shape, on any thread: what compiles for each shape does.

        Parameters
        ----------
        shape
            [n, band, row, column] of the pixels.
        dtype
            Their type.
        brief
            Whether a few windows come, while another model computes as well.
        """
        del shape, dtype, brief  # it takes any

    def keep_to(self, batches: int) -> bool:  # noqa: ARG002 - a model that computes one at a time
        """Compute fewer batches side by side, each of which takes memory.

        Parameters
        ----------
        batches
            At most so many, at least 1; the scores are the same.

        Returns
        -------
        bool
            Whether that takes less memory than before.
        """
        return False

    def average_features(self, side: int) -> bool:  # noqa: ARG002 - a model that cannot
        """Have the model also average its last features, before the head, over squares.

        Parameters
        ----------
        side
            Pixels along a square, the first of which lies in a tile's corner; of rows and columns
            that fill none the tile's end has no average.

        Returns
        -------
        bool
            Whether it can.
        """
        return False

    def features(self) -> npt.NDArray[np.float32] | None:
        """Return the averages of the batch whose scores came last.

        Returns
        -------
        ndarray or None
            [n, channel, row, column] of squares; None where nobody asked for them.
        """
        return None

    def operations(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> int | None:  # noqa: ARG002 - a model that cannot
        """Count what the network computes for one batch.

        Parameters
        ----------
        shape
            Of the batch, [n, band, row, column].
        dtype
            Of its pixels.

        Returns
        -------
        int | None
            Multiplications and additions of convolutions and matrix products; None where that is
            not known.
        """
        return None

    def room(self) -> int | None:
        """Tell how much the device holds.

        Returns
        -------
        int or None
            How many tiles like those so far fit at once; None where it cannot tell.
        """
        return None

    def asarray(self, array: npt.NDArray[Any]) -> Array:
        """Bring an array to the device, in the kind of array that scores are.

        Parameters
        ----------
        array
            Of any type and shape.

        Returns
        -------
        Array
            The same numbers.
        """
        return array

    def to_uint8(self, array: Array) -> Bytes:
        """Bring whole numbers back from the device.

        Parameters
        ----------
        array
            Whole numbers below 256, of any type and shape.

        Returns
        -------
        Bytes
            As numpy uint8.
        """
        return to_uint8(array)
