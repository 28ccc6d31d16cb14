"""Class rasters whose rows do not run from north to south: each pixel stays where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from rasters import write

from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.vectorize import vectorize


@pytest.mark.parametrize(
    "transform",
    [
        (0.5, 0.0, 3e5, 0.0, 0.5, 3e6),
        (-0.5, 0.0, 3e5, 0.0, -0.5, 3e6),
        (0.1, 0.4, 3e5, 0.4, -0.1, 3e6),
    ],
    ids=["south up", "mirrored", "rows run east"],
)
def test_pixels_that_lie_otherwise_than_north_up_stay_where_they_are(
    tmp_path: Path, transform: tuple[float, ...]
) -> None:
    place: dict[str, Any] = {"transform": transform, "crs": "EPSG:32645"}
    classes = np.random.default_rng(0).integers(0, 3, (9, 14)).astype(np.int16)
    scene = np.arange(classes.size, dtype=np.float32).reshape(classes.shape)
    rasters = {
        "classes": classes,  # looked through for their values
        "percent": scene.astype(np.uint8) % 101,
        "mask": (scene > 20).astype(np.uint8),
        "scene": scene,
    }
    paths = {
        name: write(tmp_path / f"{name}.tif", array[None], **place)
        for name, array in rasters.items()
    }
    out = tmp_path / "c.fgb"
    tracing = Tracing(mask=paths["mask"])
    vectorize(
        paths["classes"], out, tracing, confidence=paths["percent"], zonal=f"{paths['scene']}:1"
    )
    table = geopandas.read_file(out)
    rows, columns = np.indices(classes.shape)
    x, y = rasterio.Affine(*transform) * (columns.ravel() + 0.5, rows.ravel() + 0.5)
    owners = [
        np.flatnonzero(shapely.contains_xy(table.geometry.values, *at))
        for at in zip(x, y, strict=True)
    ]
    for pixel, owner in enumerate(owners):
        assert len(owner) == rasters["mask"].ravel()[pixel]
        if len(owner):
            found = table.iloc[owner[0]]
            assert found.class_id == classes.ravel()[pixel]
            if found.pixels == 1:
                assert found.confidence == pixel % 101
                assert found.iloc[-2] == pixel  # the mean of the scene, before the geometry
