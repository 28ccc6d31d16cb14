"""The stores of clouds, opened by the environment that GDAL goes by, for files that are no
rasters.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

CONNECT = 20.0  # seconds until a store answers
TIMEOUT = 30.0  # seconds without a byte
TRIES = 2  # of the store itself; `fetch` asks again after them
GOOGLE = "https://storage.googleapis.com"


def store_of(scheme: str) -> Any:
    """Open the store that addresses of a scheme lead to.

    Parameters
    ----------
    scheme
        Such as s3.

    Returns
    -------
    pyarrow.fs.FileSystem
        Its paths are bucket/key.

    Raises
    ------
    OSError
        If only GDAL reads it.
    """
    if scheme not in _STORES:
        raise OSError(f"files in {scheme}:// are read as rasters only")
    return _open(scheme, tuple(sorted(os.environ.items())))


@lru_cache(maxsize=4)
def _open(scheme: str, _environment: tuple[tuple[str, str], ...]) -> Any:
    """Each store once, until the environment changes: opening one may ask for credentials."""
    return _STORES[scheme]()


def _s3() -> Any:
    """Amazon's store, or one of its kind."""
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
        scheme = "https" if _on("AWS_HTTPS", "YES") else "http"
        told |= _endpoint(endpoint if "://" in endpoint else f"{scheme}://{endpoint}")
    return _of_amazons_kind(**told)


def _of_amazons_kind(**told: Any) -> Any:
    from pyarrow import fs

    tries = fs.AwsStandardS3RetryStrategy(max_attempts=TRIES)
    return fs.S3FileSystem(
        connect_timeout=CONNECT, request_timeout=TIMEOUT, retry_strategy=tries, **told
    )


def _endpoint(address: str) -> dict[str, str]:
    scheme, _, server = address.rpartition("://")
    return {"endpoint_override": server.rstrip("/"), "scheme": scheme}


def _gs() -> Any:
    """Google's store; its keys (HMAC) are those of its door for Amazon's programs."""
    from datetime import timedelta

    from pyarrow import fs

    endpoint = os.environ.get("CPL_GS_ENDPOINT")
    anonymous = _on("GS_NO_SIGN_REQUEST")
    key = os.environ.get("GS_ACCESS_KEY_ID")
    if key and not anonymous:
        secret = os.environ.get("GS_SECRET_ACCESS_KEY", "")
        where = _endpoint(endpoint or GOOGLE)
        return _of_amazons_kind(access_key=key, secret_key=secret, region="auto", **where)
    where = _endpoint(endpoint) if endpoint else {}
    limit = timedelta(seconds=TIMEOUT)
    return fs.GcsFileSystem(anonymous=anonymous, retry_time_limit=limit, **where)


def _az() -> Any:
    """Azure's store, by a connection string or by the names of its parts."""
    from pyarrow import fs

    told = _connection(os.environ.get("AZURE_STORAGE_CONNECTION_STRING", ""))
    account = told.get("AccountName") or os.environ.get("AZURE_STORAGE_ACCOUNT", "")
    key = told.get("AccountKey") or os.environ.get("AZURE_STORAGE_ACCESS_KEY")
    token = told.get("SharedAccessSignature") or os.environ.get("AZURE_STORAGE_SAS_TOKEN")
    where: dict[str, str] = {}
    if endpoint := told.get("BlobEndpoint"):
        scheme, _, server = endpoint.partition("://")
        authority = server.rstrip("/").removesuffix(f"/{account}")
        where = {"blob_storage_authority": authority, "blob_storage_scheme": scheme}
        where |= {"dfs_storage_authority": authority, "dfs_storage_scheme": scheme}
    if key:
        token = None  # of both, GDAL takes the key, and the store takes one alone
    return fs.AzureFileSystem(account, account_key=key, sas_token=token, **where)


def _connection(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {name: value for name, _, value in pairs}


_STORES: dict[str, Callable[[], Any]] = {"s3": _s3, "gs": _gs, "az": _az}


def _on(name: str, default: str = "NO") -> bool:
    """Whether a switch of GDAL's is on in the environment."""
    return os.environ.get(name, default).upper() in ("YES", "TRUE", "ON", "1")
