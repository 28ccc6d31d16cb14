"""Points with columns, as the layer of a new GeoPackage."""

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


def write_points(
    path: Path,
    layer: str,
    xy: npt.NDArray[np.float64],
    columns: Mapping[str, npt.NDArray[Any]],
    crs: str | None,
) -> None:
    """Write points as the layer of a new GeoPackage.

    Parameters
    ----------
    path
        The file.
    layer
        The layer's name.
    xy
        Positions, float64 [point, 2].
    columns
        Values by the field's name, each [point]; the dtype is that of the field, object for text
        that may be missing.
    crs
        Anything that PROJ reads; None where there is none.
    """
    shapes = np.array(shapely.to_wkb(shapely.points(xy)), object)
    with fixed_date(), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "'crs' was not provided"
        )  # a map without a CRS gives points without one
        write(
            path,
            geometry=shapes,
            field_data=list(columns.values()),
            fields=np.array(list(columns), object),
            layer=layer,
            driver="GPKG",
            geometry_type="Point",
            crs=crs,
            dataset_options={"VERSION": "1.2"},
            layer_options={"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES"},
        )
