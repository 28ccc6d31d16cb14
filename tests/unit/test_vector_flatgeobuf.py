"""FlatGeobuf as GDAL reads it: what is in it, and what its index finds."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas
import geopandas.testing
import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasters import write
from shapes import rasters

from geoseg.core.errors import RunError
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.polygons import GEOMETRY
from geoseg.vector.vectorize import vectorize
from geoseg.vector.writers.formats import check_rows
from geoseg.vector.writers.layer import Layer
from geoseg.vector.writers.ogr import write_flatgeobuf

UTM = "EPSG:32633"


def load(path: Path, **options: object) -> geopandas.GeoDataFrame:
    with warnings.catch_warnings(action="error"):  # GDAL warns of buffers that are not well-formed
        return pyogrio.read_dataframe(path, **options)


def table(rows: int, shapes: list[shapely.Polygon]) -> pa.Table:
    rng = np.random.default_rng(rows)
    columns = {
        "id": pa.array(rng.integers(-(2**60), 2**60, rows)),
        "class_id": pa.array(rng.integers(0, 255, rows).astype(np.int32)),
        "class": pa.array(
            rng.choice(["", "Äcker und Grünland", "水", "water"], rows).tolist(), pa.string()
        ),
        "mean_B04": pa.array(
            np.where(rng.random(rows) < 0.5, np.nan, rng.random(rows)), from_pandas=True
        ),
        GEOMETRY: pa.array(shapely.to_wkb(shapes, byte_order=1).tolist(), pa.binary()),
    }
    return pa.table(columns)


def saw(rings: int, x: float, y: float) -> shapely.Polygon:
    holes = [
        shapely.box(x + 2 * i + 1, y + 1, x + 2 * i + 2, y + 2).exterior for i in range(rings - 1)
    ]
    return shapely.Polygon(shapely.box(x, y, x + 2 * rings + 1, y + 3).exterior, holes)


def put(
    path: Path, data: pa.Table, crs: str | None = UTM, index: bool = True, batch: int = 37
) -> None:
    reader = pa.RecordBatchReader.from_batches(data.schema, data.to_batches(max_chunksize=batch))
    write_flatgeobuf(path, Layer("Karte", crs, index=index), reader, None)  # type: ignore[arg-type] - has no style


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("rows", [0, 1, 2, 16, 17, 700])
@pytest.mark.parametrize("crs", [None, UTM, "EPSG:4326", "+proj=laea +lat_0=12 +lon_0=-40"])
def test_the_rows_are_those_that_were_given(
    tmp_path: Path, rows: int, index: bool, crs: str | None
) -> None:
    rng = np.random.default_rng(0)
    shapes = [
        saw(*(int(i) for i in place))
        for place in zip(rng.integers(1, 5, rows), *rng.integers(0, 99, (2, rows)), strict=True)
    ]
    data, path = table(rows, shapes), tmp_path / "map.fgb"
    put(path, data, crs, index)
    found = load(path).sort_values("id", ignore_index=True)
    columns = data.drop([GEOMETRY]).to_pandas()
    wanted = geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs)
    wanted = wanted.sort_values("id", ignore_index=True)
    geopandas.testing.assert_geodataframe_equal(
        found, wanted, check_crs=False, check_dtype=rows > 0
    )
    info = pyogrio.read_info(path, force_feature_count=True, force_total_bounds=True)
    assert (info["layer_name"], info["geometry_type"], info["features"]) == (
        "Karte",
        "Polygon",
        rows,
    )
    assert (found.crs is None) == (crs is None)
    assert found.crs is None or found.crs.equals(wanted.crs, ignore_axis_order=True)
    assert info["ogr_types"] == ["OFTInteger64", "OFTInteger", "OFTString", "OFTReal"]
    if rows:
        assert info["total_bounds"] == tuple(wanted.total_bounds)
    assert info["capabilities"]["fast_spatial_filter"] == (index and rows > 0)


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("lost", [1, 100, 5000])
def test_a_file_that_lost_its_end_is_found(tmp_path: Path, index: bool, lost: int) -> None:
    path = tmp_path / "map.fgb"
    put(path, table(700, [saw(2, i, i) for i in range(700)]), index=index)
    check_rows(path, 700)
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.raises(RunError, match="did not take all polygons"):
        check_rows(path, 700)


@pytest.mark.parametrize("index", [True, False])
def test_batches_without_rows_are_passed_over(tmp_path: Path, index: bool) -> None:
    data = table(3, [saw(2, 0, 0), saw(1, 9, 9), saw(1, 50, 0)])
    batches = [
        *data[:0].to_batches(),
        data.to_batches()[0].filter(pa.array([False] * 3)),
        *data.to_batches(),
    ]
    reader = pa.RecordBatchReader.from_batches(data.schema, batches)
    write_flatgeobuf(tmp_path / "map.fgb", Layer("map", UTM, index=index), reader, None)  # type: ignore[arg-type]
    assert sorted(load(tmp_path / "map.fgb")["id"]) == sorted(data["id"].to_pylist())


def test_classes_that_are_left_out_of_simplified_ones(tmp_path: Path) -> None:
    classes = np.zeros((1200, 40), np.uint8)
    classes[600:, ::4] = 1
    source = write(tmp_path / "c.tif", classes[None])
    assert vectorize(source, tmp_path / "map.fgb", Tracing(simplify=5.0, classes=(1,))) == 10
    assert set(load(tmp_path / "map.fgb")["class_id"]) == {1}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 2000), st.integers(0, 2**31))
def test_a_window_finds_what_lies_in_it(
    tmp_path_factory: pytest.TempPathFactory, rows: int, seed: int
) -> None:
    path, rng = tmp_path_factory.mktemp("fgb") / "map.fgb", np.random.default_rng(seed)
    shapes = [saw(1, *place) for place in rng.normal(0, 300, (rows, 2))]
    put(path, table(rows, shapes), batch=500)
    low = rng.normal(0, 300, 2)
    window = *low, *(low + rng.exponential(100, 2))
    assert len(load(path, bbox=window)) == shapely.intersects(shapes, shapely.box(*window)).sum()


@settings(max_examples=10, deadline=None)
@given(rasters())
def test_any_class_raster(tmp_path_factory: pytest.TempPathFactory, classes: np.ndarray) -> None:
    folder = tmp_path_factory.mktemp("fgb")
    source = write(folder / "c.tif", classes[None], nodata=255)
    for name, tracing in {
        "a.fgb": Tracing(),
        "b.fgb": Tracing(index=False),
        "c.gpkg": Tracing(),
    }.items():
        vectorize(source, folder / name, tracing)
    paths = (folder / "a.fgb", folder / "b.fgb", folder / "c.gpkg")
    first, second, third = (
        load(path, layer=path.stem).sort_values("id", ignore_index=True) for path in paths
    )
    geopandas.testing.assert_geodataframe_equal(first, second)
    geopandas.testing.assert_geodataframe_equal(first, third)
