"""Vector formats by suffix: one new file and one line here add another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError, RunError
from ..job import check_layers
from ..raster.relate import tied_to_earth
from ..style import Legend

# "module:function", so that listing them imports nothing
VECTORS = {
    ".gpkg": "geoseg.vector.geopackage:write",
    ".fgb": "geoseg.vector.flatgeobuf:write",
    ".parquet": "geoseg.vector.geoparquet:write",
    ".geojson": "geoseg.vector.geojson:write",
    ".shp": "geoseg.vector.shapefile:write",
}
BY_CLASS = "geoseg.vector.geopackage:write_by_class"


Kind = Literal["Polygon", "MultiPolygon"]


@dataclass(frozen=True, slots=True)
class Layer:
    """What a writer must know of the polygons.

    Its name, CRS and kind of shapes; whether to index it; the `step` between the positions
    of vertices, in metres (0 where it is unknown).
    """

    name: str
    crs: str | None
    kind: Kind = "Polygon"
    index: bool = True
    step: float = 0.0


# write(path, layer, reader, legend): the Arrow record batches of `reader` to a new file
Writer = Callable[[Path, Layer, Any, Legend], None]


def writer(path: Path, layers: str = "one") -> Writer:
    """Return the function that writes the format of the path's suffix."""
    check_layers(layers, str(path))
    try:
        module, name = (BY_CLASS if layers == "class" else VECTORS[path.suffix.lower()]).split(":")
    except KeyError:
        raise InputError(f"{path} ends in {path.suffix or 'no suffix'}", f"one of {', '.join(VECTORS)}") from None
    found: Writer = getattr(import_module(module), name)
    return found


def check_crs(path: Path, crs: str | None) -> None:
    """Raise InputError where a format in longitude and latitude is to hold what has none."""
    if path.suffix.lower() == ".geojson" and not (crs and tied_to_earth(crs)):
        raise InputError(
            f"{path.name}: the raster has {'a local' if crs else 'no'} CRS",
            "one that is tied to the Earth, as GeoJSON is in longitude and latitude",
            "write a GeoPackage, or give the raster its true CRS: gdal_edit.py -a_srs",
        )


def check_rows(path: Path, rows: int) -> None:
    """Read back how many rows a GeoPackage holds: SQLite on a full disk has been seen to lose some."""
    if path.suffix.lower() != ".gpkg":
        return
    from .geopackage import count

    if count(path) != rows:
        raise RunError(f"{path.name} did not take all polygons", f"{rows:,}", "look at the disk, and repeat the run")
