"""pyogrio, and all that is taken of it: loading it here does not load pandas.

pyogrio looks at the version of pandas when it is loaded, and needs nothing else of it and of
geopandas until a frame is read or written. That look would cost a run that has no frame 45 MB of
memory and a third of a second.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any


class _StandIn(ModuleType):
    """A package that tells its version; asked for anything else it is loaded."""

    def __getattr__(self, name: str) -> Any:
        _withdraw(self)
        return getattr(import_module(self.__name__), name)


def _withdraw(module: _StandIn) -> None:
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]


@contextmanager
def _standing_in(*names: str) -> Iterator[None]:
    """Have installed packages that are not loaded tell no more than their versions in the block."""
    placed = []
    for name in names:
        if name in sys.modules:
            continue
        try:
            found = version(name)
        except PackageNotFoundError:
            continue
        module = _StandIn(name)
        module.__version__ = found  # type: ignore[attr-defined]
        sys.modules[name] = module
        placed.append(module)
    try:
        yield
    finally:
        for module in placed:
            _withdraw(module)


with _standing_in("pandas", "geopandas"):
    from pyogrio import (
        get_gdal_config_option,
        list_drivers,
        list_layers,
        read_info,
        set_gdal_config_options,
    )
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
    from pyogrio.raw import open_arrow, read, write, write_arrow

__all__ = [
    "DataLayerError",
    "DataSourceError",
    "FeatureError",
    "get_gdal_config_option",
    "list_drivers",
    "list_layers",
    "open_arrow",
    "read",
    "read_info",
    "set_gdal_config_options",
    "write",
    "write_arrow",
]
