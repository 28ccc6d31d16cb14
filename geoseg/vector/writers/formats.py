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
    ".fgb": "geoseg.vector.writers.ogr:write_flatgeobuf",
    ".parquet": "geoseg.vector.writers.geoparquet:write",
    ".geojson": "geoseg.vector.writers.ogr:write_geojson",
    ".shp": "geoseg.vector.writers.ogr:write_shapefile",
    ".pmtiles": "geoseg.vector.writers.pmtiles:write",
}
BY_CLASS = "geoseg.vector.writers.geopackage:write_by_class"


# write(path, layer, reader, legend): the Arrow record batches of `reader`, with the shapes as WKB
# in GEOMETRY, to a new file at `path`; the legend's colours where the format holds a style
Writer = Callable[[Path, Layer, Any, Legend], None]


def writer(path: Path, layers: str = "one") -> Writer:
    """Return the function that writes the format of a suffix.

    Parameters
    ----------
    path
        The file to be written.
    layers
        "one" layer, or one for each "class".

    Returns
    -------
    Writer
        From one of `VECTORS`, imported now.

    Raises
    ------
    InputError
        If no format has this suffix, or the one that has it holds one layer only.
    """
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
    """Look whether a file holds all that was written: on a full disk GDAL has been seen to lose
    the end of a FlatGeobuf.

    Parameters
    ----------
    path
        The file; only GeoPackage, FlatGeobuf and PMTiles are looked at.
    rows
        The polygons that were written.

    Raises
    ------
    RunError
        If some are missing.
    """
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        from .geopackage import is_whole

        whole = is_whole(path, rows)
    elif suffix == ".fgb" and rows:
        from .ogr import has_row

        whole = has_row(path, rows - 1)
    elif suffix == ".pmtiles":
        from .pmtiles import is_whole as has_all_tiles

        whole = has_all_tiles(path)
    else:
        return
    if not whole:
        raise RunError(
            f"{path.name} did not take all polygons",
            f"{rows:,}",
            "look at the disk, and repeat the run",
        )
