"""Every vector format holds the same polygons; `vectorize` on rasters of any origin."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from affine import Affine
from cards import S2
from hypothesis import given
from hypothesis import strategies as st

from geoseg.cli import run
from geoseg.core.errors import InputError, OutputError, RunError
from geoseg.core.grid import Grid, Patch, Window
from geoseg.raster.sink import create_raster
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.vectorize import trace, vectorize
from geoseg.vector.writers.formats import VECTORS
from geoseg.vector.writers.ogr import decimals

TRANSFORM = (10.0, 0.0, 300000.0, 0.0, -10.0, 5000000.0)


def write(path: Path, array: np.ndarray, crs: str | None = "EPSG:32633", **profile: object) -> str:
    height, width = array.shape
    shape = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": 1,
        "dtype": array.dtype,
        "crs": crs,
        "nodata": 255,
    }
    with rasterio.open(path, "w", **shape | {"transform": Affine(*TRANSFORM)} | profile) as raster:
        raster.write(array, 1)
    return str(path)


@pytest.fixture
def classes() -> np.ndarray:
    array = np.kron(np.random.default_rng(1).integers(0, 5, (40, 50)), np.ones((2, 3))).astype(
        np.uint8
    )
    array[:9, :30] = 255
    return array


def load(path: Path) -> geopandas.GeoDataFrame:
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    return (
        geopandas.read_file(path, layer=path.stem)
        if path.suffix == ".gpkg"
        else geopandas.read_file(path)
    )


class TestFormat:
    """What every format does but tiles, whose polygons are cut: tests/unit/test_vector_tiles.py."""

    @pytest.fixture(params=[suffix for suffix in VECTORS if suffix not in (".gpkg", ".pmtiles")])
    def pair(
        self, request: pytest.FixtureRequest, tmp_path: Path, classes: np.ndarray
    ) -> tuple[Path, Path]:
        confidence = np.where(classes == 255, 255, classes + 60).astype(np.uint8)
        rasters = write(tmp_path / "c.tif", classes), write(tmp_path / "p.tif", confidence)
        reference, target = tmp_path / "map.gpkg", tmp_path / f"map{request.param}"
        assert trace(*rasters, str(reference), S2) == trace(*rasters, str(target), S2)
        return reference, target

    def test_a_file_is_the_same_however_little_goes_from_thread_to_thread(
        self, pair: tuple[Path, Path], tmp_path: Path
    ) -> None:
        rasters = str(tmp_path / "c.tif"), str(tmp_path / "p.tif")
        for path in pair:
            other = tmp_path / "little" / path.name
            other.parent.mkdir(exist_ok=True)
            trace(*rasters, str(other), S2, together=64)
            assert other.read_bytes() == path.read_bytes()

    def test_the_rows_are_those_of_the_geopackage(self, pair: tuple[Path, Path]) -> None:
        reference, found = (load(path).sort_values("id", ignore_index=True) for path in pair)
        assert found["class_id"].tolist() == reference["class_id"].tolist()
        assert found["class"].tolist() == reference["class"].tolist()
        assert np.allclose(found["area_m2"], reference["area_m2"])
        assert np.allclose(found["confidence"], reference["confidence"])
        there = found.to_crs(reference.crs) if pair[1].suffix == ".geojson" else found
        assert shapely.is_valid(found.geometry.values).all()
        assert np.allclose(
            there.geometry.area,
            reference.geometry.area,
            rtol=1e-3 if pair[1].suffix == ".geojson" else 1e-5,
        )
        assert pair[1].suffix == ".geojson" or found.crs == reference.crs

    def test_nothing_is_left_beside_it_but_its_style(self, pair: tuple[Path, Path]) -> None:
        folder = pair[1].parent
        kinds = {path.suffix for path in folder.iterdir()} - {".tif", ".gpkg", ".qml"}
        assert kinds == (
            {".shp", ".shx", ".dbf", ".prj", ".cpg"}
            if pair[1].suffix == ".shp"
            else {pair[1].suffix}
        )
        assert "water" in (folder / "map.qml").read_text()


def test_geojson_is_in_longitude_and_latitude(tmp_path: Path, classes: np.ndarray) -> None:
    target = tmp_path / "map.geojson"
    trace(write(tmp_path / "c.tif", classes), None, str(target), S2)
    collection = json.loads(target.read_text())
    assert "crs" not in collection
    x, y = collection["features"][0]["geometry"]["coordinates"][0][0]
    assert (round(x), round(y)) == (12, 45)
    with pytest.raises(InputError, match="no CRS"):
        trace(write(tmp_path / "n.tif", classes, None), None, str(tmp_path / "no.geojson"), S2)


@pytest.mark.parametrize(("pixel", "digits"), [(10.0, 7), (0.02, 8)])
def test_geojson_has_as_many_decimals_as_its_pixels_need(
    tmp_path: Path, pixel: float, digits: int
) -> None:
    classes = np.random.default_rng(0).integers(0, 3, (40, 40)).astype(np.uint8)
    place = Affine(pixel, 0, 300_000, 0, -pixel, 5_000_000)
    source, target = write(tmp_path / "c.tif", classes, transform=place), tmp_path / "map.geojson"
    trace(source, None, str(target), S2)
    text = target.read_text()
    assert max(len(found) for found in re.findall(r"\[ \d+\.(\d+)", text)) == digits
    assert shapely.is_valid(load(target).geometry.values).all()


@given(st.floats(1e-4, 1e3))
def test_the_last_decimal_is_a_part_of_the_step(step: float) -> None:
    assert 111_320 * 10.0 ** -decimals(step) <= step / 15.9
    assert decimals(0.0) == 9


def test_geoparquet_has_bounds_that_hold(tmp_path: Path, classes: np.ndarray) -> None:
    target = tmp_path / "map.parquet"
    trace(write(tmp_path / "c.tif", classes), None, str(target), S2)
    table = geopandas.read_parquet(target)
    boxes = np.array(
        [
            [box[side] for side in ("xmin", "ymin", "xmax", "ymax")]
            for box in pq.read_table(target)["bbox"].to_pylist()
        ]
    )
    assert np.array_equal(boxes, table.geometry.bounds.to_numpy())
    some = geopandas.read_parquet(target, bbox=tuple(table.geometry.iloc[5].bounds))
    assert 0 < len(some) < len(table)


def test_an_unknown_suffix_is_refused(tmp_path: Path, classes: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"\.gpkg, \.fgb"):
        trace(write(tmp_path / "c.tif", classes), None, str(tmp_path / "map.dwg"), S2)


def test_vectorize_names_the_classes_of_a_geoseg_raster(
    tmp_path: Path, classes: np.ndarray
) -> None:
    source, target = tmp_path / "c.tif", tmp_path / "map.gpkg"
    grid = Grid(*classes.shape, TRANSFORM, rasterio.CRS.from_epsg(32633).to_wkt())
    with create_raster(str(source), grid, grid.extent, S2, {}, False, "classes") as sink:
        sink.write(Patch(Window(0, 0, *classes.shape), classes[None]))
    count = vectorize(source, target)
    table = load(target)
    assert len(table) == count
    assert set(table["class"]) == {label.name for label in S2.labels[:5]}
    with pytest.raises(OutputError):
        vectorize(source, target)


def test_vectorize_takes_nodata_of_the_file(tmp_path: Path, classes: np.ndarray) -> None:
    source = write(
        tmp_path / "c.tif", np.where(classes == 255, 0, classes + 1).astype(np.uint8), nodata=0
    )
    target = tmp_path / "map.fgb"
    vectorize(source, target, Tracing(classes=(2, 3)))
    assert set(load(target)["class"]) == {"class 2", "class 3"}
    assert load(target)["pixels"].sum() == np.isin(classes, (1, 2)).sum()


def test_vectorize_inside_an_area(tmp_path: Path, classes: np.ndarray) -> None:
    target = tmp_path / "map.fgb"
    area = "EPSG:32633;" + shapely.box(300400, 4999500, 300900, 4999700).wkt
    vectorize(write(tmp_path / "c.tif", classes), target, Tracing(mask=area))
    assert tuple(load(target).total_bounds) == (300400, 4999500, 300900, 4999700)


@pytest.mark.parametrize("metres", [8.0, 15.0, 60.0])
def test_simplified_polygons_are_a_valid_coverage_of_the_same_area(
    tmp_path: Path, classes: np.ndarray, metres: float
) -> None:
    source = write(tmp_path / "c.tif", classes)
    vectorize(source, tmp_path / "exact.fgb")
    vectorize(source, tmp_path / "simple.fgb", Tracing(simplify=metres))
    exact, simple = load(tmp_path / "exact.fgb"), load(tmp_path / "simple.fgb")
    assert shapely.is_valid(simple.geometry.values).all()
    assert shapely.coverage_is_valid(simple.geometry.values)
    assert simple.geometry.area.sum() == pytest.approx(exact.geometry.area.sum(), rel=1e-12)
    assert (simple["id"] == exact["id"]).all()
    assert simple["perimeter_m"].to_numpy() == pytest.approx(
        simple.geometry.length.to_numpy(), rel=1e-3
    )


def test_the_command(tmp_path: Path, classes: np.ndarray) -> None:
    source, target = write(tmp_path / "c.tif", classes), tmp_path / "map.fgb"
    assert run(["vectorize", source, "--out", str(target), "--classes", "0,1", "--quiet"]) == 0
    assert set(load(target)["class_id"]) == {0, 1}
    assert run(["vectorize", source, "--out", str(target), "--quiet"]) == 2
    assert (
        run(["vectorize", source, "--out", str(target), "--overwrite", "--classes", "x", "--quiet"])
        == 2
    )


def test_a_truncated_raster_leaves_no_file(tmp_path: Path, classes: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 9, (1200, 900)).astype(np.uint8)
    source = Path(write(tmp_path / "c.tif", noise, compress="deflate", tiled=True))
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(RunError, match="cannot be read"):
        trace(str(source), None, str(tmp_path / "map.fgb"), S2)
    assert [path.name for path in tmp_path.iterdir()] == ["c.tif"]
