"""Vector formats by suffix: one new file and one line here add another."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from ...core.errors import InputError, RunError
from ...core.job import check_layers
from ...core.style import Legend
from .layer import Layer

# "module:function", so that listing them imports nothing
VECTORS = {
    ".gpkg": "geoseg.vector.writers.geopackage:write",
    ".fgb": "geoseg.vector.writers.flatgeobuf:write",
    ".parquet": "geoseg.vector.writers.geoparquet:write",
    ".geojson": "geoseg.vector.writers.ogr:write_geojson",
    ".shp": "geoseg.vector.writers.ogr:write_shapefile",
}
BY_CLASS = "geoseg.vector.writers.geopackage:write_by_class"


# write(path, layer, reader, legend): the Arrow record batches of `reader` to a new file
Writer = Callable[[Path, Layer, Any, Legend], None]


def writer(path: Path, layers: str = "one") -> Writer:
    """Return the function that writes the format of the path's suffix."""
    check_layers(layers, str(path))
    try:
        module, name = (BY_CLASS if layers == "class" else VECTORS[path.suffix.lower()]).split(":")
    except KeyError:
        raise InputError(
            f"{path} ends in {path.suffix or 'no suffix'}", f"one of {', '.join(VECTORS)}"
        ) from None
    found: Writer = getattr(import_module(module), name)
    return found


def check_rows(path: Path, rows: int) -> None:
    """Read back how many rows a GeoPackage holds: SQLite on a full disk has been seen to lose
    some.
    """
    if path.suffix.lower() != ".gpkg":
        return
    from .geopackage import count

    if count(path) != rows:
        raise RunError(
            f"{path.name} did not take all polygons",
            f"{rows:,}",
            "look at the disk, and repeat the run",
        )
