"""Fetching small files that are no rasters, such as STAC items, from wherever they lie."""

from __future__ import annotations

import http.client
import os
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ..core.errors import InputError
from ..core.files import check_regular
from ..core.redact import without_secrets
from ..core.version import __version__
from .locations import CLOUDS

PAUSES = (0.5, 1.0, 2.0)  # seconds before a server that failed is asked again
TIMEOUT = 30  # seconds without a byte
MOST = 64 << 20  # bytes: real items have about 20 kB
BUSY = (408, 429, 500, 502, 503, 504)


def read_file(location: str, max_size: int = MOST) -> bytes:
    """Read a file whole, from this machine, the web or the store of a cloud.

    Parameters
    ----------
    location
        A path or an address.
    max_size
        Bytes beyond which it is refused.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    InputError
        If it cannot be read, or is larger.
    """
    scheme = location.partition("://")[0].lower() if "://" in location else ""
    try:
        if scheme in ("http", "https"):
            data = _patiently(lambda: _from_web(location, max_size))
        elif scheme in CLOUDS:
            data = _patiently(lambda: _from_cloud(scheme, location, max_size))
        else:
            check_regular(location)
            with Path(location).open("rb") as file:
                data = file.read(max_size + 1)
    except HTTPError as error:
        raise InputError(
            f"{location} was not given: the server answers {error.code} {error.reason}",
            do=_advice(error.code),
        ) from error
    except FileNotFoundError as error:
        raise InputError(f"{location} does not exist") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        said = without_secrets(" ".join(str(error).split()), location)
        raise InputError(f"{location} cannot be read: {said or type(error).__name__}") from error
    if len(data) > max_size:
        raise InputError(
            f"{location} is larger than {max_size / 1e6:,.0f} MB", f"at most {max_size} bytes"
        )
    return data


def _advice(status: int) -> str:
    if status in (401, 403):
        return "see to the credentials, or whether the signature of the address has expired"
    return "see whether the address is right" if status == 404 else "try again later"


def _patiently(read: Callable[[], bytes]) -> bytes:
    """Return what read() gives; where the server fails, ask again a few times."""
    for pause in PAUSES:
        try:
            return read()
        except HTTPError as error:
            if error.code not in BUSY:
                raise
            error.close()
        except FileNotFoundError:  # of a cloud
            raise
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(pause)
    return read()


class _Redirects(HTTPRedirectHandler):
    """Tells no other server, and none in the clear, what user and password are for the first."""

    def redirect_request(self, req: Request, *told: Any) -> Request | None:
        """Ask on where the server says, as urllib does.

        Parameters
        ----------
        req
            What was asked.
        *told
            What the server answered.

        Returns
        -------
        Request or None
            What is asked next.
        """
        found = super().redirect_request(req, *told)
        if found and (found.host != req.host or (req.type, found.type) == ("https", "http")):
            found.remove_header("Authorization")
        return found


def _from_web(location: str, max_size: int) -> bytes:
    parts = urlsplit(location)
    user, _, server = parts.netloc.rpartition("@")
    address = urlunsplit((parts.scheme, server, parts.path, parts.query, ""))
    headers = {"User-Agent": f"geoseg/{__version__}"}
    if user:  # urllib would look for a server of that name
        headers["Authorization"] = "Basic " + b64encode(unquote(user).encode()).decode()
    request = Request(address, headers=headers)  # noqa: S310 - http or https
    with build_opener(_Redirects).open(request, timeout=TIMEOUT) as answer:
        data: bytes = answer.read(max_size + 1)
        length = answer.headers.get("Content-Length")
    if length and len(data) < min(int(length), max_size + 1):
        raise http.client.IncompleteRead(data, int(length) - len(data))
    return data


def _from_cloud(scheme: str, location: str, max_size: int) -> bytes:
    import pyarrow as pa

    try:
        store = _STORES[scheme]() if scheme in _STORES else None
        if store is None:
            raise OSError(f"files in {scheme}:// are read as rasters only")
        with store.open_input_stream(location.partition("://")[2]) as file:
            return bytes(file.read(max_size + 1))
    except pa.ArrowException as error:
        raise OSError(str(error)) from error


def _s3() -> Any:
    """Amazon's store, or one of its kind, by the environment that GDAL goes by."""
    from pyarrow import fs

    told: dict[str, Any] = {}
    if _on("AWS_NO_SIGN_REQUEST"):
        told["anonymous"] = True
    elif key := os.environ.get("AWS_ACCESS_KEY_ID"):
        told["access_key"] = key
        told["secret_key"] = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
        told["session_token"] = os.environ.get("AWS_SESSION_TOKEN")
    if region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        told["region"] = region
    if endpoint := os.environ.get("AWS_S3_ENDPOINT") or os.environ.get("AWS_ENDPOINT_URL"):
        scheme, slashes, server = endpoint.rpartition("://")
        told["endpoint_override"] = server.rstrip("/")
        told["scheme"] = scheme if slashes else "https" if _on("AWS_HTTPS", "YES") else "http"
    return fs.S3FileSystem(**told)


def _gs() -> Any:
    from pyarrow import fs

    return fs.GcsFileSystem(anonymous=_on("GS_NO_SIGN_REQUEST"))


def _az() -> Any:
    from pyarrow import fs

    return fs.AzureFileSystem(
        os.environ.get("AZURE_STORAGE_ACCOUNT", ""),
        account_key=os.environ.get("AZURE_STORAGE_ACCESS_KEY"),
        sas_token=os.environ.get("AZURE_STORAGE_SAS_TOKEN"),
    )


_STORES: dict[str, Callable[[], Any]] = {"s3": _s3, "gs": _gs, "az": _az}


def _on(name: str, default: str = "NO") -> bool:
    """Whether a switch of GDAL's is on in the environment."""
    return os.environ.get(name, default).upper() in ("YES", "TRUE", "ON", "1")
