"""Where rasters lie: what a user writes, what GDAL opens for it, and how that is fetched.

This is the one place that knows addresses. Credentials are never in it: GDAL takes them from the
environment (AWS_*, GS_*, AZURE_*) and from the files of the clouds' own programs.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from ..core.errors import InputError, OutputError
from ..core.signed import check_known

# What GDAL calls the stores of clouds, by the scheme of their addresses:
# https://gdal.org/en/stable/user/virtual_file_systems.html#network-based-file-systems
CLOUDS = {
    "s3": "/vsis3/",
    "gs": "/vsigs/",
    "az": "/vsiaz/",
    "oss": "/vsioss/",
    "swift": "/vsiswift/",
}
WEB = ("http", "https", "ftp")
NETWORK = ("/vsicurl", *(prefix[:-1] for prefix in CLOUDS.values()), "/vsiadls", "/vsihdfs")
# of files beside a raster that say more of it: masks, statistics, and where it lies
_SIDECARS = (".aux.xml", ".msk", ".tfw", ".wld", ".j2w", ".rpb", "_rpc.txt")
# rasters of products beside which none of them lies: a product has files of its own for masks
_ALONE = re.compile(
    r"(?:/(?:T\w{5}_\d{8}T\d{6}_|S2[A-D]_OPER_)\w+|/(?:B\w\w|SCL)|/(?:MSK_)?CLASSI_\w+)\.jp2$"
    r"|/L[COTEM]0[1-9]_\w+\.TIF$",
    re.ASCII,
)
_SOURCES = (".tif", ".tiff", ".jp2", ".vrt")  # what a virtual raster is mostly made of
_PART = re.compile(
    r"[A-Z][A-Z0-9_]+:(?!//)"
)  # of a container: GPKG:file:table, NETCDF:"file":variable; not C:\\file
_HERE = re.compile(r"/vsi(?:mem|zip|tar|gzip|7z|rar|sparse|subfile)[/{]")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_UNSAFE = re.compile(r"[^!-~]")  # what an address holds escaped


def gdal_name(location: str) -> str:
    """Return the name by which GDAL opens what a user wrote.

    Parameters
    ----------
    location
        A path, an address (https, http, ftp, file, s3, gs, az, oss, swift), or any name of
        GDAL's own.

    Returns
    -------
    str
        Names of GDAL's own as they are. In addresses of the web, spaces and letters beyond ASCII
        are escaped.

    Raises
    ------
    InputError
        If an address is not whole.
    """
    check_known(location)
    scheme, slashes, rest = location.partition("://")
    scheme = scheme.lower()
    if not slashes:
        return location
    if scheme == "file":
        return unquote("/" + rest.partition("/")[2])
    if scheme in WEB:
        _check_whole(location, rest.partition("/")[0])
        return f"/vsicurl/{scheme}://" + _UNSAFE.sub(lambda found: quote(found[0]), rest)
    if scheme in CLOUDS:
        bucket, _, key = rest.partition("/")
        _check_whole(location, bucket, key)
        return CLOUDS[scheme] + rest
    return location


def address_of(location: str) -> str:
    """Return the address that a user or GDAL writes.

    Parameters
    ----------
    location
        An address, or a name of GDAL's own.

    Returns
    -------
    str
        Of the web, escaped, or of a cloud's store; "" for all that is neither.

    Raises
    ------
    InputError
        If it is not whole.
    """
    name = gdal_name(location)
    if re.match(r"/vsicurl/https?://", name):
        return name.removeprefix("/vsicurl/")
    for scheme, prefix in CLOUDS.items():
        if name.startswith(prefix):
            return f"{scheme}://{name.removeprefix(prefix)}"
    return ""


def _check_whole(location: str, *parts: str) -> None:
    if not all(parts):
        raise InputError(
            f"{location} is not a whole address",
            "https://server/file.tif, s3://bucket/file.tif, gs://bucket/file.tif or "
            "az://container/file.tif",
        )


def is_remote(location: str) -> bool:
    """Return whether a file is fetched over a network.

    Parameters
    ----------
    location
        What a user wrote, or any name of GDAL's own.

    Returns
    -------
    bool
        By the name alone.
    """
    if location.startswith("/vsi"):
        here = _HERE.match(location)
        return not here or any(name in location[1:] for name in (*NETWORK, "://"))
    return "://" in location


def is_own_name(location: str) -> bool:
    """Return whether a name is one of GDAL's own, or an address: no path on disk.

    Parameters
    ----------
    location
        What a user wrote.

    Returns
    -------
    bool
        By the name alone.
    """
    return location.startswith("/vsi") or "://" in location or bool(_PART.match(location))


def without_query(location: str) -> str:
    """Return an address without what follows its path, such as a signature.

    Parameters
    ----------
    location
        What a user wrote; what is no address stays as it is.

    Returns
    -------
    str
        From it names of files are taken.
    """
    return re.split(r"[?#]", location, maxsplit=1)[0] if "://" in location else location


def file_name(location: str) -> str:
    """Return what a file is called.

    Parameters
    ----------
    location
        What a user wrote.

    Returns
    -------
    str
        The last part of its path, without a query.
    """
    return PurePosixPath(without_query(location).replace(os.sep, "/")).name


def fetch_settings(name: str) -> dict[str, str]:
    """Return the settings of GDAL by which a raster is opened over a network.

    GDAL would list the folder, or where it cannot ask for some fifty files that may lie beside
    the raster. Of these only those are asked for that say how it is read. Beside an address with
    a query none can be: its signature is that of one file; beside a band of Sentinel-2 or Landsat
    none lies.

    Parameters
    ----------
    name
        As GDAL opens it.

    Returns
    -------
    dict
        Empty for a file on this machine.
    """
    if not is_remote(name):
        return {}
    if name.startswith("/vsi") and _HERE.match(name):
        return {}  # what lies beside it in an archive is known
    suffix = PurePosixPath(name).suffix
    if "?" in name or not suffix or _ALONE.search(name):
        return {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
    allowed = ",".join(dict.fromkeys((suffix, *_SOURCES, *_SIDECARS)))
    return {
        "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": allowed,
    }


def join(base: str, relative: str) -> str:
    """Return where a file lies that another one names.

    Parameters
    ----------
    base
        The address of the other file.
    relative
        As it stands there: an address, or a path from the other file's folder.

    Returns
    -------
    str
        An address.
    """
    from urllib.parse import urljoin, urlunsplit

    if "://" in relative:
        return relative
    parts = urlsplit(without_query(base))
    # urljoin knows http, and not the schemes of clouds
    joined = urlsplit(urljoin(urlunsplit(("http", parts.netloc, parts.path, "", "")), relative))
    return urlunsplit((parts.scheme, *joined[1:]))


def check_local(path: str) -> None:
    """Refuse an output that would lie on a server.

    Parameters
    ----------
    path
        Of an output.

    Raises
    ------
    OutputError
        If it is an address.
    """
    # a path has lost one of an address's two slashes
    if is_remote(path) or path.startswith("/vsi") or _ADDRESS.match(path):
        raise OutputError(
            f"{path} does not lie on this machine",
            "a file or folder here: an output appears whole, under its name, when it is done",
            "write it here, and copy it with the program of the cloud",
        )
