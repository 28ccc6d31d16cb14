"""The version of geoseg, as it is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("geoseg")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+source"
