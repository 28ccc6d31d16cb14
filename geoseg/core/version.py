"""The versions of geoseg and of other packages, as they are installed."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache  # of a process that runs
def installed(package: str) -> str:
    """Return the version of an installed package.

    Parameters
    ----------
    package
        Its name in the package index, such as segmentation-models-pytorch.

    Returns
    -------
    str
        Such as "1.2.3"; "" where it is missing.
    """
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


__version__ = installed("geoseg") or "0+source"  # a source tree that is not installed
