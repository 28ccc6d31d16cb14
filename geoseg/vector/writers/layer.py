"""What a writer must know of the polygons."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.errors import InputError
from ...raster.relate import tied_to_earth

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


def check_crs(path: Path, crs: str | None) -> None:
    """Raise InputError where a format in longitude and latitude is to hold what has none."""
    if path.suffix.lower() == ".geojson" and not (crs and tied_to_earth(crs)):
        raise InputError(
            f"{path.name}: the raster has {'a local' if crs else 'no'} CRS",
            "one that is tied to the Earth, as GeoJSON is in longitude and latitude",
            "write a GeoPackage, or give the raster its true CRS: gdal_edit.py -a_srs",
        )
