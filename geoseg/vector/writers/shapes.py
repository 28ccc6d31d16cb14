"""Polygons with columns, as the layer of a new GeoPackage."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ...core.ogr import write
from .geopackage import fixed_date


def write_shapes(
    path: Path,
    layer: str,
    shapes: npt.NDArray[np.object_],
    columns: Mapping[str, npt.NDArray[Any]],
    crs: str | None,
) -> None:
    """Write polygons as the layer of a new GeoPackage.

    Parameters
    ----------
    path
        The file.
    layer
        The layer's name.
    shapes
        shapely's, polygons or of several parts [feature].
    columns
        Values by the field's name, each [feature]; the dtype is that of the field, object for text
        that may be missing.
    crs
        Anything that PROJ reads; None where there is none.
    """
    whole = shapes.copy()
    single = shapely.get_type_id(whole) == shapely.GeometryType.POLYGON
    places = np.flatnonzero(single)
    whole[single] = shapely.multipolygons(whole[single], indices=np.arange(len(places)))
    with fixed_date(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")
        write(
            path,
            geometry=np.array(shapely.to_wkb(whole), object),
            field_data=list(columns.values()),
            fields=np.array(list(columns), object),
            layer=layer,
            driver="GPKG",
            geometry_type="MultiPolygon",
            crs=crs,
            dataset_options={"VERSION": "1.2"},
            layer_options={"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES"},
        )
