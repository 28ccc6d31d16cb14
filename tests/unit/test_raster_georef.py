"""Where rasters lie: pixel sizes in metres in any CRS, and what has no place on the ground."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cards import RGB
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.control import GroundControlPoint
from rasterio.rpc import RPC
from rasters import colours, write

from geoseg.core.errors import InputError
from geoseg.core.grid import Grid
from geoseg.core.options import Options
from geoseg.raster.georeference import ground_size
from geoseg.scene.describe import describe
from geoseg.scene.source import open_raster


def size(
    code: str, transform: tuple[float, ...], height: int = 100, width: int = 100
) -> float | None:
    return ground_size(Grid(height, width, transform, CRS.from_user_input(code).to_wkt()))


def test_without_a_crs_there_is_no_size() -> None:
    assert ground_size(Grid(10, 10)) is None


def test_metres_in_utm() -> None:
    assert size("EPSG:32633", (10, 0, 500_000, 0, -10, 5_000_000)) == pytest.approx(10, rel=1e-3)


@given(st.floats(-85, 85))
def test_degrees_by_latitude(latitude: float) -> None:
    step = 1e-4
    across, along = (
        111_320 * math.cos(math.radians(latitude)) * step,
        110_950 * step,
    )  # of a sphere: within 1 %
    found = size("EPSG:4326", (step, 0, 13.0, 0, -step, latitude), 2, 2)
    assert found == pytest.approx(math.sqrt(across * along), rel=0.01)


def test_feet() -> None:
    assert size("EPSG:2263", (1, 0, 1_000_000, 0, -1, 200_000)) == pytest.approx(0.3048, rel=1e-3)


@pytest.mark.parametrize(("latitude", "y"), [(0, 0.0), (60, 8_399_737.89)])
def test_web_mercator_stretches_with_latitude(latitude: float, y: float) -> None:
    found = size("EPSG:3857", (1, 0, 0, 0, -1, y), 2, 2)
    assert found == pytest.approx(math.cos(math.radians(latitude)), rel=0.01)


@given(st.floats(0, 359))
def test_turning_a_raster_leaves_its_pixels_size(angle: float) -> None:
    cos, sin = 2 * math.cos(math.radians(angle)), 2 * math.sin(math.radians(angle))
    assert size("EPSG:32633", (cos, sin, 500_000, sin, -cos, 5_000_000)) == pytest.approx(
        2, rel=1e-3
    )


def test_a_local_crs_counts_in_its_unit() -> None:
    wkt = 'LOCAL_CS["site",UNIT["foot",0.3048]]'
    assert size(wkt, (2, 0, 0, 0, -2, 0)) == pytest.approx(0.6096)


def test_outside_the_projections_range_counts_in_its_unit() -> None:
    assert size("EPSG:32633", (10, 0, 1e30, 0, -10, 1e30)) == pytest.approx(10)


def test_a_scene_without_georeference_lies_as_qgis_draws_it(tmp_path: Path) -> None:
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write(tmp_path / "a.tif", colours(30, 20), transform=None, crs=None)
    assert describe((path,)).grid == Grid(30, 20, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), None)


def test_rotated_rasters_are_fine_and_south_up_ones_are_turned(tmp_path: Path) -> None:
    for i, transform in enumerate([(0.8, 0.6, 5e5, 0.6, -0.8, 5e6), (1.0, 0, 5e5, 0, 1.0, 5e6)]):
        pixels = colours(30, 20)
        path = write(tmp_path / f"{i}.tif", pixels, transform=transform)
        with open_raster((path,), RGB, Options.of(gsd="native")) as source:
            turned = transform[4] > 0
            assert source.grid.transform == (
                (1.0, 0, 5e5, 0, -1.0, 5e6 + 30) if turned else transform
            )
            assert np.array_equal(
                source.read(source.grid.extent).data, pixels[:, ::-1] if turned else pixels
            )


def test_ground_control_points_are_refused_with_the_way_out(tmp_path: Path) -> None:
    points = [
        GroundControlPoint(r, c, 13 + c / 1e4, 45 - r / 1e4)
        for r, c in ((0, 0), (0, 20), (30, 0), (30, 20))
    ]
    path = tmp_path / "a.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=30,
        width=20,
        count=3,
        dtype="uint8",
        gcps=points,
        crs="EPSG:4326",
    ) as dataset:
        dataset.write(colours(30, 20))
    with pytest.raises(
        InputError, match=r"4 ground control points only.*gdalwarp -r bilinear -t_srs EPSG:4326 "
    ):
        describe((str(path),))


def test_rpcs_are_refused_with_the_way_out(tmp_path: Path) -> None:
    path, one = tmp_path / "a.tif", [1.0] + [0.0] * 19
    rpcs = RPC(
        height_off=0,
        height_scale=1,
        lat_off=45,
        lat_scale=1,
        line_off=5,
        line_scale=5,
        long_off=13,
        long_scale=1,
        samp_off=5,
        samp_scale=5,
        line_num_coeff=one,
        line_den_coeff=one,
        samp_num_coeff=one,
        samp_den_coeff=one,
    )
    with rasterio.open(
        path, "w", driver="GTiff", height=30, width=20, count=3, dtype="uint8", rpcs=rpcs
    ) as dataset:
        dataset.write(colours(30, 20))
    with pytest.raises(InputError, match=r"rational polynomial.*gdalwarp -r bilinear -rpc"):
        describe((str(path),))


def test_pixels_without_area_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.vrt"
    source = write(tmp_path / "a.tif", colours(5, 5))
    path.write_text(
        f"""<VRTDataset rasterXSize="5" rasterYSize="5"><GeoTransform>5, 0, 0, 7, 0, 0</GeoTransform>
        <VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>{source}</SourceFilename>
        <SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"""
    )
    with pytest.raises(InputError, match="no area"):
        describe((str(path),))
