"""Vector formats by suffix: one new file and one line here add another."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from ..card import ModelCard
from ..errors import InputError

# "module:function", so that listing them imports nothing
VECTORS = {
    ".gpkg": "geoseg.vector.geopackage:write",
}
# write(path, layer, reader, crs, card): the Arrow record batches of `reader` to a new file
Writer = Callable[[Path, str, Any, str | None, ModelCard], None]


def writer(path: Path) -> Writer:
    """Return the function that writes the format of the path's suffix."""
    try:
        module, name = VECTORS[path.suffix.lower()].split(":")
    except KeyError:
        raise InputError(f"{path} ends in {path.suffix or 'no suffix'}", f"one of {', '.join(VECTORS)}") from None
    found: Writer = getattr(import_module(module), name)
    return found
