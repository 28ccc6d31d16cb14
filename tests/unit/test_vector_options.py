"""What `vectorize` can be asked for: 8-connected regions, a raster as mask, means of bands, no
index; and its ends.
"""

from __future__ import annotations

import signal
import time
from itertools import pairwise
from pathlib import Path

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
import rasterio.features
import shapely
from affine import Affine
from commands import last_line, start
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape
from test_vector_tracer import PIXELS, normal, rasters

from geoseg.cli import run as run_here
from geoseg.core.errors import InputError
from geoseg.core.grid import Grid
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.geodesic import PixelAreas
from geoseg.vector.trace.rings import grouped, outlines
from geoseg.vector.trace.tracer import Tracer
from geoseg.vector.vectorize import vectorize
from geoseg.vector.writers.wkb import wkb

TRANSFORM = Affine(10, 0, 300000, 0, -10, 5000000)


def write(path: Path, array: np.ndarray, transform: Affine = TRANSFORM, **profile: object) -> str:
    bands = array if array.ndim == 3 else array[None]
    keys = {
        "driver": "GTiff",
        "height": bands.shape[1],
        "width": bands.shape[2],
        "count": len(bands),
    }
    keys |= {"dtype": bands.dtype, "crs": "EPSG:32633"} | profile
    with rasterio.open(path, "w", **keys, transform=transform) as raster:
        raster.write(bands)
    return str(path)


def load(path: Path) -> geopandas.GeoDataFrame:
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    return (
        geopandas.read_file(path, layer=path.stem)
        if path.suffix == ".gpkg"
        else geopandas.read_file(path)
    )


def touching(classes: np.ndarray, strip: int) -> list[tuple[int, shapely.MultiPolygon]]:
    tracer, found = Tracer(PixelAreas(Grid(*classes.shape, PIXELS)), False, eight=True), []

    def take(closed: object) -> None:
        offsets, data = wkb(grouped(outlines(closed)), PIXELS, multi=True)
        shapes = shapely.from_wkb([data[i:j].tobytes() for i, j in pairwise(offsets)])
        assert np.array_equal(shapely.area(shapes), closed.pixels)
        assert np.allclose(closed.area, closed.pixels)
        found.extend(zip(closed.value.tolist(), shapes, strict=True))

    for top in range(0, len(classes), strip):
        for closed in tracer.feed(classes[top : top + strip]):
            take(closed)
    for closed in tracer.finish():
        take(closed)
    return found


@settings(max_examples=60)
@given(rasters(), st.integers(1, 210))
def test_touching_regions_are_gdals_with_8_neighbours_as_valid_multipolygons(
    classes: np.ndarray, strip: int
) -> None:
    found = touching(classes, strip)
    gdals = [
        (int(v), shape(s))
        for s, v in rasterio.features.shapes(classes, classes != 255, connectivity=8)
    ]
    assert all(polygon.geom_type == "MultiPolygon" and polygon.is_valid for _, polygon in found)
    # GDAL's are one ring where parts touch, which is not valid: the same ring pieces make ours
    valid = [(value, polygon) for value, polygon in gdals if polygon.is_valid]
    single = [(value, polygon.geoms[0]) for value, polygon in found if len(polygon.geoms) == 1]
    assert normal(single) == normal(valid)
    mended = [
        (value, shapely.make_valid(polygon)) for value, polygon in gdals if not polygon.is_valid
    ]
    several = [(value, polygon) for value, polygon in found if len(polygon.geoms) > 1]
    key = sorted((value, polygon.bounds, polygon.area) for value, polygon in several)
    assert key == sorted((value, polygon.bounds, polygon.area) for value, polygon in mended)
    parts = [(value, part) for value, polygon in found for part in polygon.geoms]
    four = [(int(v), shape(s)) for s, v in rasterio.features.shapes(classes, classes != 255)]
    assert normal(parts) == normal(four)


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".parquet", ".geojson", ".shp"])
def test_multipolygons_in_every_format(tmp_path: Path, suffix: str) -> None:
    classes = np.array([[3, 255, 1], [255, 3, 1], [1, 1, 3]], np.uint8)
    out = tmp_path / f"map{suffix}"
    assert (
        vectorize(write(tmp_path / "c.tif", classes, nodata=255), out, Tracing(connectivity=8)) == 2
    )
    table = load(out)
    assert sorted(table["pixels"]) == [3, 4]
    assert table.geometry.is_valid.all()
    if suffix == ".parquet":
        boxes = pq.read_table(out)["bbox"].to_pylist()
        boxes = np.array(
            [[box[side] for side in ("xmin", "ymin", "xmax", "ymax")] for box in boxes]
        )
        assert np.array_equal(boxes, table.geometry.bounds.to_numpy())


def test_a_raster_as_mask(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    classes, inside = (
        rng.integers(0, 3, (700, 60)).astype(np.uint8),
        rng.integers(0, 3, (700, 60)).astype(np.uint8),
    )
    source, mask = write(tmp_path / "c.tif", classes), write(tmp_path / "m.tif", inside, nodata=2)
    vectorize(source, tmp_path / "map.fgb", Tracing(mask=mask))
    assert load(tmp_path / "map.fgb")["pixels"].sum() == (inside == 1).sum()
    moved = write(tmp_path / "moved.tif", inside, TRANSFORM @ Affine.translation(0.5, 0))
    with pytest.raises(InputError, match="does not lie on the class raster's grid"):
        vectorize(source, tmp_path / "no.fgb", Tracing(mask=moved))
    with pytest.raises(InputError, match="59 x 700"):
        vectorize(
            source, tmp_path / "no.fgb", Tracing(mask=write(tmp_path / "small.tif", inside[:, 1:]))
        )


def test_means_of_bands_are_those_of_the_pixels(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    classes = np.kron(rng.integers(0, 4, (140, 30)), np.ones((5, 4))).astype(np.uint8)
    classes[:5, :4] = 7
    bands = rng.integers(0, 5000, (3, *classes.shape)).astype(np.uint16)
    bands[1, :5, :4] = 0  # a polygon without a valid pixel
    source, scene = write(tmp_path / "c.tif", classes), write(tmp_path / "s.tif", bands, nodata=0)
    vectorize(source, tmp_path / "map.gpkg", zonal=f"{scene}:2,3")
    table = load(tmp_path / "map.gpkg")
    numbers = rasterio.features.rasterize(
        zip(table.geometry, table.index + 1, strict=True), classes.shape, transform=TRANSFORM
    )
    for index in (1, 2):
        values = np.where(bands[index] == 0, np.nan, bands[index]).ravel()
        valid = ~np.isnan(values)
        sums = np.bincount(numbers.ravel()[valid], values[valid], len(table) + 1)[1:]
        counts = np.bincount(numbers.ravel()[valid], minlength=len(table) + 1)[1:]
        means = np.divide(sums, counts, out=np.full(len(table), np.nan), where=counts > 0)
        assert np.allclose(table[f"mean_band_{index + 1}"], means, rtol=1e-12, equal_nan=True)
    assert table["mean_band_2"].isna().sum() == 1
    with pytest.raises(InputError, match="from 1 to 3"):
        vectorize(source, tmp_path / "no.gpkg", zonal=f"{scene}:4")
    with pytest.raises(InputError, match="at most 10 letters"):
        vectorize(source, tmp_path / "no.shp", zonal=scene)


def test_an_index_can_be_left_out(tmp_path: Path) -> None:
    source = write(
        tmp_path / "c.tif", np.random.default_rng(0).integers(0, 3, (50, 60)).astype(np.uint8)
    )
    for suffix in (".fgb", ".gpkg"):
        vectorize(source, tmp_path / f"with{suffix}")
        vectorize(source, tmp_path / f"without{suffix}", Tracing(index=False))
        tables = [
            load(tmp_path / f"{name}{suffix}").sort_values("id") for name in ("with", "without")
        ]
        assert tables[0]["id"].tolist() == tables[1]["id"].tolist()
        assert (tmp_path / f"with{suffix}").stat().st_size > (
            tmp_path / f"without{suffix}"
        ).stat().st_size


def test_a_missing_file_and_an_odd_connectivity_are_input_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "map.gpkg")
    assert run_here(["vectorize", str(tmp_path / "missing.tif"), "--out", out]) == 2
    assert "does not exist" in last_line(capsys.readouterr().err)
    assert run_here(["vectorize", "x.tif", "--out", out, "--connectivity", "6"]) == 2


@pytest.mark.process
def test_a_killed_process_leaves_no_file_under_the_name(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 4, (3000, 1500)).astype(np.uint8)
    source, out = write(tmp_path / "c.tif", noise), tmp_path / "map.gpkg"
    process = start("vectorize", source, "--out", out)
    try:
        ends = time.monotonic() + 60
        while (
            process.poll() is None
            and time.monotonic() < ends
            and not list(tmp_path.glob(".map.gpkg.*.part/*"))
        ):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    finally:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not out.exists()
