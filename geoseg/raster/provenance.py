"""What an output says of the files that were read for it, and of what they were read with."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path

import rasterio

from ..core.checksum import digest_files
from ..core.errors import InputError
from ..core.provenance import Input
from ..core.redact import redact
from ..core.version import __version__, installed
from .fetch import remote_state
from .locations import address_of, is_remote

IN_MEMORY = "(in memory)"
PACKAGES = ("numpy", "numba", "rasterio", "pyogrio", "pyproj", "pyarrow", "shapely")
ENGINES = ("torch", "openvino", "onnxruntime")  # packages that compute


def checked_inputs(
    files: Sequence[tuple[str, str]], hidden: Sequence[str] = ()
) -> tuple[Input, ...]:
    """Digest the files of this machine, and ask servers for what they say of theirs.

    Parameters
    ----------
    files
        Path or address of each, and what it is read for.
    hidden
        For what those are read that are temporary, so that their names say nothing.

    Returns
    -------
    tuple of Input
        One for each. What cannot be asked has neither size nor digest.

    Raises
    ------
    InputError
        If a file of this machine cannot be read.
    """
    here = [path for path, _ in files if is_file(path)]
    known = dict(zip(here, digest_files(here), strict=True))
    found = []
    for path, use in files:
        size, digest = known.get(path) or _state(path)
        name = IN_MEMORY if use in hidden else redact(path)
        found.append(Input(name, use, size, digest))
    return tuple(found)


def is_file(path: str) -> bool:
    """Tell whether a text names a file of this machine.

    Parameters
    ----------
    path
        Such as an area, which may be WKT.

    Returns
    -------
    bool
        False for addresses, and for what GDAL alone knows.
    """
    try:
        return not is_remote(path) and Path(path).is_file()
    except (OSError, ValueError):  # longer than names are
        return False


def _state(path: str) -> tuple[int | None, str]:
    address = address_of(path) if is_remote(path) else ""
    if not address:
        return None, ""
    try:
        return remote_state(address)
    except InputError:  # GDAL may have other keys; what is not known is not said
        return None, ""


def versions(engine: str = "") -> dict[str, str]:
    """Return the versions of all that has a part in the bytes of a map.

    Parameters
    ----------
    engine
        Name of what computes; "" where nothing does.

    Returns
    -------
    dict
        By the name of the package; GDAL and Python among them.
    """
    computing = [name for name in ENGINES if name in engine]
    found = {
        "geoseg": __version__,
        "python": platform.python_version(),
        "gdal": str(rasterio.__gdal_version__),
    }
    return found | {name: installed(name) for name in (*PACKAGES, *computing) if installed(name)}
