"""Points with columns, as the layer of a new GeoPackage."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyogrio.raw import write

from .geopackage import fixed_date


def write_points(
    path: Path,
    layer: str,
    xy: npt.NDArray[np.float64],
    columns: Mapping[str, npt.NDArray[Any]],
    crs: str | None,
) -> None:
    """Write points xy [n, 2]; the columns' dtypes are those of the fields, object for text that
    may be missing.
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
