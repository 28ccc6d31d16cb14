"""Writing record batches through GDAL: FlatGeobuf, GeoJSON, shapefile; and what all its formats
share.
"""

from __future__ import annotations

import json
import warnings
from math import ceil, log10
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...core.errors import InputError
from ...core.ogr import DataSourceError, FeatureError, read, write_arrow
from ...core.provenance import TAG
from ...core.style import Legend
from ..polygons import GEOMETRY
from .layer import Layer, check_crs

HOLDS_METADATA = ("GPKG", "FlatGeobuf")


def write_ogr(path: Path, layer: Layer, reader: Any, driver: str, **options: Any) -> None:
    """Write record batches as one layer of polygons.

    Parameters
    ----------
    path
        A new file, or for GeoPackage one that exists.
    layer
        Its name, CRS and kind of shapes; the other fields are for the caller.
    reader
        A `pyarrow.RecordBatchReader` with the shapes as WKB in GEOMETRY; it is used up.
    driver
        GDAL's name of the format.
    **options
        `dataset_options` and `layer_options` of pyogrio.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "'crs' was not provided"
        )  # write_polygons() has said so, in our words
        shape: dict[str, Any] = {"geometry_name": GEOMETRY, "geometry_type": layer.kind}
        name = path.stem if driver == "ESRI Shapefile" else layer.name  # that of its files
        if layer.provenance and driver in HOLDS_METADATA:
            shape["layer_metadata"] = {TAG: layer.provenance}
        write_arrow(reader, path, layer=name, driver=driver, crs=layer.crs, **shape, **options)


def write_flatgeobuf(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write a new FlatGeobuf (flatgeobuf.org), sorted along a Hilbert curve where it is indexed.

    The features lie in a second file beside it until they are sorted.

    Parameters
    ----------
    path, layer, reader, legend
        As for every `Writer`; the format holds no colours.
    """
    index = {"SPATIAL_INDEX": "YES" if layer.index else "NO"}
    write_ogr(path, layer, reader, "FlatGeobuf", layer_options=index)


def has_row(path: Path, row: int) -> bool:
    """Tell whether a row of a file with one layer can be read.

    Parameters
    ----------
    path
        The file.
    row
        The row's number, from 0.

    Returns
    -------
    bool
        False where the file ends before it, or in it.
    """
    try:
        return len(read(path, skip_features=row, max_features=1)[2]) == 1
    except (DataSourceError, FeatureError, ValueError):
        return False


GEOJSON = "application/vnd.geo+json"  # as GDAL calls it
METRES = 111_320  # of a degree at the equator
LEAST = 7
MOST = 9


def write_geojson(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write a new GeoJSON file (RFC 7946); GDAL transforms to longitude and latitude.

    Parameters
    ----------
    path, layer, reader, legend
        As for every `Writer`; the format holds no colours.

    Raises
    ------
    InputError
        If the CRS is not tied to the Earth.
    """
    check_crs(path, layer.crs)
    options = {"RFC7946": "YES", "COORDINATE_PRECISION": str(decimals(layer.step))}
    if layer.provenance:  # a member of the collection (RFC 7946, 6.1), before its features
        told = {"type": "FeatureCollection", TAG: layer.provenance}
        options |= {"NATIVE_DATA": json.dumps(told), "NATIVE_MEDIA_TYPE": GEOJSON}
    write_ogr(path, layer, reader, "GeoJSON", layer_options=options)


def decimals(step: float) -> int:
    """Return the decimals of degrees that keep vertices apart.

    7 are a centimetre, and what RFC 7946, 11.2, has in mind; the last digit is at most a
    sixteenth of the step, so that no outline is bent into itself.

    Parameters
    ----------
    step
        Metres between the positions that vertices may have, 0 where it is unknown.

    Returns
    -------
    int
        At least 7.
    """
    return max(LEAST, ceil(log10(16 * METRES / step))) if step > 0 else MOST


LONGEST = 10  # letters of a name in dBASE
NAMES = {
    "perimeter_m": "perim_m",
    "perimeter_px": "perim_px",
    "confidence_min": "conf_min",
    "orientation": "orient",
    "compactness": "compact",
}


def write_shapefile(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write a new shapefile; past 2 GB it is an error, not a file few can read.

    Parameters
    ----------
    path, layer, reader, legend
        As for every `Writer`; the format holds no colours.

    Raises
    ------
    InputError
        If a column's name is too long for dBASE.
    """
    long = [
        field.name for field in reader.schema if len(NAMES.get(field.name, field.name)) > LONGEST
    ]
    if long:
        raise InputError(
            f"the column {long[0]} in a shapefile",
            f"names of at most {LONGEST} letters",
            "choose another format",
        )
    schema = pa.schema(
        [field.with_name(NAMES.get(field.name, field.name)) for field in reader.schema]
    )
    renamed = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in reader)
    # the same input gives the same bytes, so the file does not tell when it was made
    options = {"2GB_LIMIT": "YES", "ENCODING": "UTF-8", "DBF_DATE_LAST_UPDATE": "1970-01-01"}
    made = path.with_suffix(".shp")  # GDAL writes small letters, whatever the name's are
    write_ogr(
        made,
        layer,
        pa.RecordBatchReader.from_batches(schema, renamed),
        "ESRI Shapefile",
        layer_options=options,
    )
    made.rename(path)
