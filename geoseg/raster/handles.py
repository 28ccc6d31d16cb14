"""Opening rasters: errors that say what to do, a bounded cache, and a handle that threads share."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from math import ceil
from pathlib import Path
from threading import BoundedSemaphore, Lock, RLock, get_ident
from typing import Any, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import rasterio
from rasterio.enums import Interleaving
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window as RasterioWindow

from ..core.errors import InputError, RunError
from ..core.files import check_regular
from ..core.grid import Window
from ..core.redact import without_secrets
from .locations import fetch_settings, gdal_name, is_own_name, is_remote
from .patience import Patience

CACHE = (
    64 << 20
)  # bytes; GDAL's default, 5 % of the memory, would let the run's peak grow with the machine
CACHE_LIMIT = (
    512 << 20
)  # bytes; wide scenes in strips ask for more than CACHE, but never get more than this
SMALL = 256  # pixels along a block that is decoded quickly enough
SIDE = 512  # rows of JPEG 2000 at least that are decoded in one go: some files have blocks of two
# A server that is busy is asked again, after 0.5, 1, 2, 4 seconds; one that says nothing for so
# long, or less than so many bytes a second, is given up
REMOTE = {
    "GDAL_HTTP_MAX_RETRY": 4,
    "GDAL_HTTP_RETRY_DELAY": 0.5,
    # 0 is a connection that was closed without an answer. A mask beside a file, of which nothing
    # was heard, would count as one that is not there
    "GDAL_HTTP_RETRY_CODES": "0,429,500,502,503,504",
    "GDAL_HTTP_CONNECTTIMEOUT": 20,
    "GDAL_HTTP_LOW_SPEED_TIME": 20,
    "GDAL_HTTP_LOW_SPEED_LIMIT": 64,
    "GDAL_INGESTED_BYTES_AT_OPEN": 32768,  # the header of most cloud-optimised files at once
    "CPL_VSIL_CURL_CACHE_SIZE": 16 << 20,  # bytes, whatever is read
}
# GDAL remembers of a file that a server did not give that it is not there, for as long as the
# process lives
ANEW = {"CPL_VSIL_CURL_NON_CACHED": "/vsicurl:/vsis3:/vsigs:/vsiaz:/vsiadls:/vsioss:/vsiswift"}
_missed: set[str] = set()  # such files
# What GDAL says of headers of which a part is missing. Without a tag (nodata, scale, CRS) it goes
# on
INCOMPLETE = re.compile(r"IO error|Failed to read|Can ?not read")
# and, on a server, of answers that broke off: their first bytes may be missing
CUT_OFF = re.compile(rf"{INCOMPLETE.pattern}|not recognized as being in a supported")
# what open scenes ask for, in bytes; one that was not closed asks for nothing once it is gone
_wanted: WeakKeyDictionary[object, int] = WeakKeyDictionary()
# and of these, what is kept of large blocks beside GDAL's cache (`raster.blocks`)
_wanted_blocks: WeakKeyDictionary[object, int] = WeakKeyDictionary()
_limits: list[int] = []  # bytes that runs allow
_asking = RLock()  # files of a mosaic are opened by the threads that read it
one_at_a_time = (
    Lock()
)  # warnings.catch_warnings, here and inside rasterio, changes the whole process


class Closable(Protocol):
    """What is open until it is closed."""

    def close(self) -> None:
        """Close it."""
        ...


T = TypeVar("T", bound=Closable)


def gdal_env() -> Any:
    """Return the settings under which every raster is read and written.

    Returns
    -------
    rasterio.Env
        To be entered where GDAL is called.

    Notes
    -----
    rasterio hands GDAL_CACHEMAX to GDALSetCacheMax64, which counts bytes, not megabytes.
    """
    remote = {name: value for name, value in REMOTE.items() if name not in os.environ}
    with _asking:
        wanted = sum(_wanted.values())
        limit = min(_limits, default=CACHE_LIMIT)
    cache = max(min(CACHE, limit), min(wanted, limit) - room_for_blocks())
    # One thread: with more, the JPEG 2000 driver flushes the unwritten blocks of all open files
    # from its reader's
    # thread, into the map that another thread writes just then. Bands in files of their own are
    # read in parallel.
    return rasterio.Env(
        GDAL_CACHEMAX=cache, GDAL_ERROR_ON_LIBJPEG_WARNING=True, GDAL_NUM_THREADS=1, **remote
    )


def want_cache(owner: object, size: int, blocks: int = 0) -> None:
    """Ask for room for decoded blocks, for as long as a scene is open.

    Parameters
    ----------
    owner
        The scene.
    size
        Bytes; 0 when it is closed.
    blocks
        Bytes of these that are kept beside GDAL's cache.
    """
    with _asking:
        for wanted, asked in ((_wanted, size), (_wanted_blocks, blocks)):
            if asked:
                wanted[owner] = asked
            else:
                wanted.pop(owner, None)


def room_for_blocks() -> int:
    """Return how much may be kept of large blocks beside GDAL's cache.

    Returns
    -------
    int
        Bytes: what open scenes ask for, at most CACHE_LIMIT, or what a run's plan leaves to it.
    """
    with _asking:
        return min(sum(_wanted_blocks.values()), min(_limits, default=CACHE_LIMIT))


@contextmanager
def cache_limit(size: int) -> Iterator[None]:
    """Have GDAL's cache be no larger within the block, whatever open scenes ask for.

    Parameters
    ----------
    size
        Bytes.

    Yields
    ------
    None
        Nothing.
    """
    with _asking:
        _limits.append(size)
    try:
        yield
    finally:
        with _asking:
            _limits.remove(size)


def open_dataset(path: str, threads: int = 1) -> Any:
    """Open a raster for reading.

    Parameters
    ----------
    path
        Any name that GDAL takes.
    threads
        How many decode the blocks of a tiled GeoTIFF. Over a network it is always one: there GDAL
        asks for blocks ahead, and where the server gives none it returns wrong pixels without an
        error.

    Returns
    -------
    rasterio.io.DatasetReader
        To be closed by the caller.

    Raises
    ------
    InputError
        If it is missing, not a raster, or cut off.
    """
    _check_path(path)
    if not is_remote(path):
        return _open(path, threads)
    patience = Patience()
    while True:
        try:
            return _open(path, 1)
        except InputError as error:
            if not CUT_OFF.search(str(error.__cause__)) or not patience.wait():
                raise
            forget_fetched([gdal_name(path)])


def _open(path: str, threads: int) -> Any:
    name = gdal_name(path)
    settings = fetch_settings(name) | (ANEW if path in _missed else {})
    with (
        gdal_env(),
        rasterio.Env(**settings),
        one_at_a_time,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # geoseg tells it in its own words
        try:
            with _whole_header() as keep:
                if is_remote(path):
                    dataset = keep(_open_remote(name))
                    _missed.discard(path)
                    return dataset
                dataset = keep(rasterio.open(name))
            if (
                threads == 1
                or dataset.driver != "GTiff"
                or dataset.block_shapes[0][1] >= dataset.width
            ):
                return dataset  # strips: threads would only get into each other's way
            dataset.close()
            return rasterio.open(name, NUM_THREADS=threads)
        except (
            UnicodeDecodeError
        ) as error:  # rasterio reads the CRS as it opens a file, in UTF-8 alone
            raise InputError(
                f"{path} names its CRS in bytes that are no UTF-8: {error.object[:60]!r}",
                "a CRS written in UTF-8",
                "write the CRS that it is in anew, such as gdal_edit.py -a_srs EPSG:CODE",
            ) from error
        except (RasterioError, OSError) as error:
            _missed.update({path} if is_remote(path) else ())
            raise InputError(
                f"{path} cannot be opened as a raster: {reason_of(error, path)}",
                "a file that GDAL reads, such as GeoTIFF or JPEG 2000",
                "see that it is complete and not something else",
            ) from error


class _Complaints(logging.Handler):
    """What GDAL says of an incomplete header in this thread without taking it for an error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().partition(" in ")[2]  # after the number of the error
        if record.thread == self._thread and INCOMPLETE.search(text):
            self.found.append(text)


@contextmanager
def _whole_header() -> Iterator[Callable[[Any], Any]]:
    """Fail where a part of a header is missing, and close the dataset that was handed in."""
    logger = logging.getLogger("rasterio._env")
    level, complaints = logger.level, _Complaints()
    opened: list[Any] = []

    def keep(dataset: Any) -> Any:
        opened.append(dataset)
        return dataset

    if not logger.isEnabledFor(logging.WARNING):
        logger.setLevel(logging.WARNING)
    logger.addHandler(complaints)
    try:
        yield keep
    finally:
        logger.removeHandler(complaints)
        logger.setLevel(level)
    if complaints.found:
        for dataset in opened:
            dataset.close()
        raise RasterioIOError(complaints.found[0])


def _check_path(path: str) -> None:
    if is_own_name(path):
        return
    if not os.path.lexists(path):
        raise InputError(f"{path} does not exist", "the path of a raster")
    if Path(path).is_symlink() and not os.path.lexists(os.path.realpath(path)):
        raise InputError(
            f"{path} is a link to {os.path.realpath(path)}, which does not exist",
            "the path of a raster",
        )
    if Path(path).is_dir():
        raise InputError(
            f"{path} is a folder",
            "raster files",
            "name the files of its bands, or a whole Sentinel-2 product (.SAFE)",
        )
    check_regular(path, "a raster in a file")
    if not os.access(path, os.R_OK):
        raise InputError(f"{path} cannot be read: permission denied")
    if Path(path).stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes)", "the path of a raster")
    _check_png(Path(path))
    _check_aside(Path(f"{path}.aux.xml"))


def _check_aside(path: Path) -> None:
    """GDAL passes over what it cannot read of the file beside a raster that may tell nodata, scale
    and CRS: look for its end.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        begin = file.read(4096)
        file.seek(max(0, path.stat().st_size - 4096))
        end = file.read()
    whole = end.rstrip(b"\0 \t\r\n").endswith((b"</PAMDataset>", b"/>"))
    if (b"<PAMDataset" in begin or b"<PAMDataset".startswith(begin.strip())) and not whole:
        raise InputError(
            f"{path} is cut off: its last line is missing",
            "what the raster's program wrote beside it, whole",
            "fetch it again, or take it away where nothing in it counts",
        )


def _check_png(path: Path) -> None:
    """GDAL reads a PNG that is cut off without an error, as noise: look for its end."""
    with path.open("rb") as file:
        if file.read(8) != b"\x89PNG\r\n\x1a\n":
            return
        file.seek(max(8, path.stat().st_size - 4096))
        if b"IEND" not in file.read():
            raise InputError(
                f"{path} is cut off: the end of the PNG is missing", do="fetch the file again"
            )


def _open_remote(name: str) -> Any:
    """Open a raster on a server, and have GDAL look for files beside it: later it would do so by
    other settings.
    """
    try:
        dataset = rasterio.open(name)
    except RasterioError as error:
        if "403" not in str(error):
            raise
        # a signature may be for GET alone, and GDAL begins with HEAD
        with rasterio.Env(CPL_VSIL_CURL_USE_HEAD=False, **ANEW):
            dataset = rasterio.open(name)
    try:
        _ = dataset.mask_flag_enums, dataset.tags(), dataset.gcps, dataset.rpcs
    except BaseException:
        dataset.close()
        raise
    return dataset


def remote_files(dataset: Any) -> list[str]:
    """List the files of a raster that are fetched over a network.

    Parameters
    ----------
    dataset
        Open for reading.

    Returns
    -------
    list
        Their names as GDAL opens them; those of a virtual raster's sources, too.
    """
    return [name for name in dataset.files or [dataset.name] if is_remote(name)]


def forget_fetched(names: Sequence[str]) -> None:
    """Have GDAL fetch anew what it keeps of files: an answer that was cut off, too.

    Parameters
    ----------
    names
        Of files on servers, as GDAL opens them.
    """
    with gdal_env(), one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        for name in names:
            # what GDAL keeps of a file is dropped when a handle is closed that keeps nothing
            with (
                rasterio.Env(**fetch_settings(name), **ANEW),
                suppress(RasterioError, OSError),  # sidecars are no rasters, servers may be busy
            ):
                rasterio.open(name).close()


def reason_of(error: BaseException, path: str) -> str:
    """Say in a line why GDAL could not open or read a file.

    Parameters
    ----------
    error
        That rasterio raised.
    path
        Of the file, as the user wrote it.

    Returns
    -------
    str
        Without the file's name and what its address keeps secret.
    """
    name = gdal_name(path)
    text = str(error)
    for known in (name, path):
        text = text.replace(f"'{known}' ", "").replace(f"{known}: ", "")
    text = without_secrets(" ".join(text.split()), name)
    return text.rstrip(".") if text else type(error).__name__


class Handle:
    """Open handles on one file, which threads use in turn.

    GDAL allows one thread per handle, and caches blocks per handle: a handle for each thread would
    decode most blocks once more. So there is one, but for who reads whole blocks of large ones,
    and keeps them (`raster.blocks`).

    Parameters
    ----------
    path, threads
        As for `open_dataset`, whose errors come at birth.
    most
        How many handles are opened where so many threads ask at once, and the file has large
        blocks.
    """

    def __init__(self, path: str, threads: int = 1, most: int = 1) -> None:
        self._path = path
        self._state = _file_state(path)
        first = open_dataset(path, threads)
        self.large_blocks = has_large_blocks(first)
        # what is packed is unpacked from its beginning by each handle
        packed = first.name.startswith(("/vsizip", "/vsitar", "/vsigzip", "/vsi7z", "/vsirar"))
        self._most = most if self.large_blocks and not packed else 1
        self._free = BoundedSemaphore(self._most)
        self._idle = [first]

    @contextmanager
    def use(self) -> Iterator[Any]:
        """Lend a handle to the calling thread.

        Yields
        ------
        rasterio.io.DatasetReader
            Until the block ends nobody else has it.

        Raises
        ------
        RunError
            If the file is another one by now.
        """
        with self._free:
            dataset = self._take()
            try:
                yield dataset
            finally:
                self._idle.append(dataset)

    def _take(self) -> Any:
        with suppress(IndexError):
            return self._idle.pop()
        if _file_state(self._path) != self._state:
            raise RunError(
                f"{self._path} was changed while it was read", do="start again, once it is whole"
            )
        return open_dataset(self._path)

    def close(self) -> None:
        """Close the file, when it is not in use."""
        with ExitStack() as all_of_them:
            for _ in range(self._most):
                all_of_them.enter_context(self._free)
            for dataset in self._idle:  # they stay there: nobody opens another one
                dataset.close()


def has_large_blocks(dataset: Any) -> bool:
    """Tell whether each block of a file is dear to decode.

    Parameters
    ----------
    dataset
        Open for reading.

    Returns
    -------
    bool
        Whether it is JPEG 2000, in blocks whose sides are more than SMALL.
    """
    return bool(dataset.driver.startswith("JP2") and max(dataset.block_shapes[0]) > SMALL)


def decoded_shape(dataset: Any) -> tuple[int, int]:
    """Return in what a file is decoded: its blocks, or of large ones at least SIDE of them.

    Parameters
    ----------
    dataset
        Open for reading.

    Returns
    -------
    tuple
        Rows and columns.
    """
    rows, columns = dataset.block_shapes[0]
    if not has_large_blocks(dataset):
        return rows, columns
    return -(-SIDE // rows) * rows, -(-SIDE // columns) * columns


def _file_state(path: str) -> tuple[int, int, int] | None:
    """What changes where a file is written anew; None of what is no file of this machine."""
    try:
        found = os.stat(path)  # noqa: PTH116 - any name that GDAL takes
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


class OpenFiles:
    """Files that stay open for several readers, each of which finds what another has decoded.

    A context manager, which closes them.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], Handle] = {}

    def handle(self, path: str, threads: int = 1, most: int = 1) -> Handle:
        """Return the handle on a file, which is opened when it is first asked for.

        Parameters
        ----------
        path, threads, most
            As of `Handle`; errors as of `open_dataset` may come.

        Returns
        -------
        Handle
            Not to be closed by who asks.
        """
        key = path, threads
        if key not in self._open:
            self._open[key] = Handle(path, threads, most)
        return self._open[key]

    def __enter__(self) -> OpenFiles:
        return self

    def __exit__(self, *error: object) -> None:
        for handle in self._open.values():
            handle.close()


class OpenPool(Generic[T]):
    """Things that are open, of which only so many stay so; threads use them at once.

    Parameters
    ----------
    open_one
        Opens the thing of a number.
    capacity
        How many stay open while nobody uses them.
    """

    def __init__(self, open_one: Callable[[int], T], capacity: int) -> None:
        self._open_one = open_one
        self._capacity = capacity
        self._lock = Lock()
        self._open: dict[int, T] = {}  # the one used last is last
        self._users: Counter[int] = Counter()

    @contextmanager
    def use(self, number: int) -> Iterator[T]:
        """Lend a thing, which is opened if it is not open.

        Parameters
        ----------
        number
            Its number.

        Yields
        ------
        T
            It stays open until the block ends.
        """
        with self._lock:
            item = self._open.pop(number, None)
            if item is None:
                item = self._open_one(number)
            self._open[number] = item
            self._users[number] += 1
        try:
            yield item
        finally:
            with self._lock:
                self._users[number] -= 1
                idle = [key for key in self._open if not self._users[key]]
                for key in idle[: max(0, len(self._open) - self._capacity)]:
                    self._open.pop(key).close()

    def close(self) -> None:
        """Close all that are open."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()


def rasterio_window(window: Window, file: Window | None = None) -> Any:
    """Return a window as rasterio takes it.

    Parameters
    ----------
    window
        Pixels of a raster.
    file
        The part of the raster that the file holds; None is all of it, from row and column 0.

    Returns
    -------
    rasterio.windows.Window
        The same pixels, counted from the file's corner.
    """
    top, left = (file.top, file.left) if file else (0, 0)
    height, width = window.shape
    return RasterioWindow(window.left - left, window.top - top, width, height)


def dtypes_of(dataset: Any) -> tuple[str, ...]:
    """Return the types in which the bands of a raster are read.

    Parameters
    ----------
    dataset
        Open for reading.

    Returns
    -------
    tuple[str, ...]
        numpy's names; GDAL's complex integers come as complex64.
    """
    return tuple("complex64" if name.startswith("complex_int") else name for name in dataset.dtypes)


def row_bytes(dataset: Any, bands: int, rows: float, columns: float) -> int:
    """Return how large a cache must be for each block to be decoded once.

    Parameters
    ----------
    dataset
        Open for reading.
    bands
        How many bands of the file are read.
    rows, columns
        Pixels of a row of tiles; strips always span the file's whole width.

    Returns
    -------
    int
        As `cache_bytes`.
    """
    together = dataset.interleaving == Interleaving.pixel  # blocks then hold all bands of the file
    return cache_bytes(
        (dataset.height, dataset.width),
        decoded_shape(dataset),
        (dataset.count if together else bands) * np.dtype(dtypes_of(dataset)[0]).itemsize,
        rows,
        columns,
    )


def cache_bytes(
    shape: tuple[int, int], block: tuple[int, int], size: int, rows: float, columns: float
) -> int:
    """Return how large a cache must be for each block of a file to be decoded once.

    Parameters
    ----------
    shape
        Rows and columns of the file.
    block
        Those of a block.
    size
        Bytes of a pixel, of all bands that are decoded.
    rows, columns
        Pixels of a row of tiles; strips always span the file's whole width.

    Returns
    -------
    int
        Bytes of the decoded blocks that a row of tiles needs, and a quarter more: a cache that is
        too small by one block is of no use at all.
    """
    height, width = block
    spanned = min(shape[0], (ceil(rows / height) + 1) * height)
    across = shape[1] if width >= shape[1] else min(shape[1], ceil(columns) + width)
    return int(spanned * across * size * 1.25)
