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
    """What a writer must know of the polygons."""

    name: str
    """The layer's name, where the format has layers."""
    crs: str | None
    """Anything that PROJ reads; None where there is none."""
    kind: Kind = "Polygon"
    """Of all shapes."""
    index: bool = True
    """Whether the file gets a spatial index, where its format has one."""
    step: float = 0.0
    """Metres between the positions that vertices may have, 0 where it is unknown."""
    provenance: str = ""
    """How they were made, as JSON; "" where nothing is said. A shapefile has no place for it."""


def check_crs(path: Path, crs: str | None) -> None:
    """Check that a format in longitude and latitude is not to hold what has none.

    Parameters
    ----------
    path
        The file to be written.
    crs
        That of the raster.

    Raises
    ------
    InputError
        If the CRS of a GeoJSON or of tiles is none, or not tied to the Earth.
    """
    place = {
        ".geojson": "GeoJSON is in longitude and latitude",
        ".pmtiles": "tiles are those of the web's maps",
    }.get(path.suffix.lower())
    if place and not (crs and tied_to_earth(crs)):
        raise InputError(
            f"{path.name}: the raster has {'a local' if crs else 'no'} CRS",
            f"one that is tied to the Earth, as {place}",
            "write a GeoPackage, or give the raster its true CRS: gdal_edit.py -a_srs",
        )
