"""Opening rasters: errors that say what to do, a bounded cache, and a pool of handles for threads."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ..errors import InputError

CACHE_MB = 128  # GDAL's default, 5 % of the memory, would let the run's peak grow with the machine
_opening = Lock()  # warnings.catch_warnings changes the whole process: one thread at a time


def gdal_env() -> Any:
    """Return the settings under which every raster is read and written, to be entered where GDAL is called."""
    return rasterio.Env(GDAL_CACHEMAX=CACHE_MB, GDAL_ERROR_ON_LIBJPEG_WARNING=True, GDAL_PAM_ENABLED=True)


def open_dataset(path: str) -> Any:
    """Open a raster for reading; InputError where it is missing, not a raster, or cut off."""
    _check_path(path)
    with gdal_env(), _opening, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # geoseg tells it in its own words
        try:
            return rasterio.open(path)
        except (RasterioError, OSError) as error:
            raise InputError(
                f"{path} cannot be opened as a raster: {_reason(error, path)}",
                "a file that GDAL reads, such as GeoTIFF or JPEG 2000",
                "see that it is complete and not something else",
            ) from error


def _check_path(path: str) -> None:
    if path.startswith("/vsi") or "://" in path:  # GDAL's own file systems
        return
    if not os.path.lexists(path):
        raise InputError(f"{path} does not exist", "the path of a raster")
    if Path(path).is_dir():
        raise InputError(
            f"{path} is a folder",
            "raster files",
            "name the files of its bands, such as .../IMG_DATA/R10m/*_B02_10m.jp2 of a Sentinel-2 product",
        )
    if not os.access(path, os.R_OK):
        raise InputError(f"{path} cannot be read: permission denied")
    if Path(path).stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes)", "the path of a raster")
    _check_png(Path(path))


def _check_png(path: Path) -> None:
    """GDAL reads a PNG that is cut off without an error, as noise: look for its end."""
    with path.open("rb") as file:
        if file.read(8) != b"\x89PNG\r\n\x1a\n":
            return
        file.seek(max(8, path.stat().st_size - 4096))
        if b"IEND" not in file.read():
            raise InputError(f"{path} is cut off: the end of the PNG is missing", do="fetch the file again")


def _reason(error: Exception, path: str) -> str:
    text = str(error).replace(f"'{path}' ", "").replace(f"{path}: ", "").strip()
    return text.splitlines()[0] if text else type(error).__name__


class Pool:
    """Open handles on one file: as many as threads read at once, for GDAL allows one thread per handle."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = Lock()
        self._idle: list[Any] = []
        self._closed = False

    @contextmanager
    def handle(self) -> Iterator[Any]:
        """Lend a handle to the calling thread."""
        with self._lock:
            dataset = self._idle.pop() if self._idle else None
        dataset = dataset or open_dataset(self.path)
        try:
            yield dataset
        finally:
            with self._lock:
                if not self._closed:
                    self._idle.append(dataset)
            if self._closed:
                dataset.close()

    def close(self) -> None:
        """Close every handle; those still lent close when they come back."""
        with self._lock:
            self._closed, idle, self._idle = True, self._idle, []
        for dataset in idle:
            dataset.close()
