"""Files whose blocks are dear to decode: each is decoded once, several at a time.

GDAL decodes the large blocks of a JPEG 2000 file one after the other, and keeps them for the
handle that asked alone. Here as many handles decode as there are cores, and what they have
decoded is kept for all: the reader that comes next finds it, or waits for who is at it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.grid import Window
from ..core.threads import Crew, result_of
from .band_info import BandInfo
from .handles import Handle, decoded_shape, room_for_blocks
from .pixels import Mask, read_pixels

Decoded = tuple[npt.NDArray[Any], Mask | None]  # [band, row, column], and where it is valid
Pending = list[tuple[Window, "Future[Decoded]"]]


class BlockCache:
    """What was decoded, or is being decoded, of any file; what was used last stays.

    Parameters
    ----------
    room
        Gives how many bytes may be kept.
    """

    def __init__(self, room: Callable[[], int]) -> None:
        self._room = room
        self._lock = Lock()
        self._kept: OrderedDict[object, Future[Decoded]] = OrderedDict()
        self._sizes: dict[object, int] = {}

    def get(
        self, key: tuple[object, Window], size: int, begin: Callable[[], Future[Decoded]]
    ) -> Future[Decoded]:
        """Return a block, which begins to be decoded where it is not kept.

        Parameters
        ----------
        key
            Whose block, and which.
        size
            Its bytes, once it is decoded.
        begin
            Has it decoded, and does not wait.

        Returns
        -------
        Future
            The block; whoever holds it has it, also where it is kept no more.
        """
        with self._lock:
            found = self._kept.get(key)
            if found is None or (found.done() and (found.cancelled() or found.exception())):
                found = self._kept[key] = begin()
                self._sizes[key] = size
            self._kept.move_to_end(key)
            room = self._room()
            while sum(self._sizes.values()) > room and len(self._kept) > 1:
                gone, _ = self._kept.popitem(last=False)
                del self._sizes[gone]
            return found

    def drop(self, owner: object) -> None:
        """Keep nothing more of an owner.

        Parameters
        ----------
        owner
            The first half of its keys.
        """
        with self._lock:
            for key in [key for key in self._kept if key[0] is owner]:  # type: ignore[index]
                del self._kept[key], self._sizes[key]


_cache = BlockCache(room_for_blocks)


class BlockFile:
    """Bands of a file in blocks; threads may read at once.

    Parameters
    ----------
    handle
        On the file, which stays the caller's to close.
    bands
        Of it.
    crew
        Threads that decode.
    """

    def __init__(self, handle: Handle, bands: Sequence[BandInfo], crew: Crew) -> None:
        self._handle = handle
        self._bands = list(bands)
        self._crew = crew
        with handle.use() as dataset:
            self._extent = Window(0, 0, dataset.height, dataset.width)
            self._shape = decoded_shape(dataset)
        self._depth = np.dtype(self._bands[0].dtype).itemsize * len(self._bands)

    def begin(self, window: Window) -> Pending:
        """Have what a window needs decoded.

        Parameters
        ----------
        window
            Pixels of the file.

        Returns
        -------
        list
            Its blocks, for `finish`.
        """
        rows, columns = self._shape
        around = Window(
            window.top - window.top % rows,
            window.left - window.left % columns,
            window.bottom,
            window.right,
        )
        blocks = [
            Window(one.top, one.left, one.top + rows, one.left + columns).clip(self._extent)
            for one in around.blocks(rows, columns)
        ]
        return [
            (
                block,
                _cache.get(
                    (self, block),
                    block.area * self._depth,
                    lambda block=block: self._crew.submit(self._decode, block),  # type: ignore[misc]
                ),
            )
            for block in blocks
        ]

    def finish(self, window: Window, pending: Pending) -> Decoded:
        """Wait for the blocks of a window, and put it together.

        Parameters
        ----------
        window
            Pixels of the file.
        pending
            What `begin` gave for it; it is empty afterwards.

        Returns
        -------
        tuple
            As `read_pixels`.

        Raises
        ------
        RunError
            If the file cannot be read.
        """
        data: npt.NDArray[Any] | None = None
        valid: Mask | None = None
        while pending:
            block, future = pending.pop()
            pixels, known = result_of(future)
            part = block.clip(window)
            place, own = part.within(window), part.within(block)
            if data is None:
                data = np.empty((len(pixels), *window.shape), pixels.dtype)
            data[:, *place] = pixels[:, *own]
            if known is not None:
                valid = np.ones(window.shape, bool) if valid is None else valid
                valid[place] = known[own]
        assert data is not None
        return data, None if valid is None or valid.all() else valid

    def close(self) -> None:
        """Keep nothing more of it."""
        _cache.drop(self)

    def _decode(self, block: Window) -> Decoded:
        with self._handle.use() as dataset:
            return read_pixels(dataset, self._bands, block)
