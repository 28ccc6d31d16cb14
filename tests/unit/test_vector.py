"""Polygons of a class raster: what a GIS opens."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from cards import S2
from commands import NO_BYTECODE, ROOT

from geoseg.core.errors import InputError
from geoseg.core.events import Event, Progress, Warned
from geoseg.core.options import Options
from geoseg.vector.vectorize import trace

UTM = Affine(10, 0, 300000, 0, -10, 5000000)


def write(
    path: Path, array: np.ndarray, crs: str | None = "EPSG:32633", transform: Affine = UTM
) -> str:
    height, width = array.shape
    profile = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": 1,
        "dtype": "uint8",
        "crs": crs,
        "nodata": 255,
    }
    with rasterio.open(path, "w", **profile, transform=transform) as raster:
        raster.write(array, 1)
    return str(path)


def blocks(seed: int = 0, height: int = 40, width: int = 60) -> np.ndarray:
    array = np.kron(
        np.random.default_rng(seed).integers(0, 9, (height // 4, width // 4)), np.ones((4, 4))
    )
    array[: height // 3, : width // 3] = 255
    return array.astype(np.uint8)


def test_one_row_per_region_with_class_area_and_confidence(tmp_path: Path) -> None:
    classes = np.array([[0, 0, 255], [1, 0, 1], [1, 1, 1]], np.uint8)
    confidence = np.array([[50, 60, 255], [90, 70, 80], [80, 80, 80]], np.uint8)
    target = tmp_path / "map.gpkg"
    assert (
        trace(
            write(tmp_path / "c.tif", classes),
            write(tmp_path / "p.tif", confidence),
            str(target),
            S2,
        )
        == 2
    )
    table = geopandas.read_file(target, layer=target.stem).sort_values("class_id")
    assert table["class"].tolist() == ["water", "trees"]
    assert table["confidence"].tolist() == [60.0, 82.0]
    assert table.geometry.area.tolist() == [300.0, 500.0]
    assert table["area_m2"].tolist() == pytest.approx(
        [299.95, 499.92], rel=1e-4
    )  # UTM, left of the zone: 0.9998
    assert table.crs.to_epsg() == 32633


def test_regions_that_touch_at_a_corner_are_two_and_nodata_is_none(tmp_path: Path) -> None:
    target = tmp_path / "map.gpkg"
    classes = np.array([[3, 255], [255, 3]], np.uint8)
    assert trace(write(tmp_path / "c.tif", classes), None, str(target), S2) == 2
    assert geopandas.read_file(target, layer=target.stem).geometry.area.sum() == 200


def test_a_raster_without_data_gives_an_empty_layer_with_its_columns(tmp_path: Path) -> None:
    target = tmp_path / "map.gpkg"
    assert (
        trace(write(tmp_path / "c.tif", np.full((3, 4), 255, np.uint8)), None, str(target), S2) == 0
    )
    assert {"class_id", "class", "area_m2"} <= set(
        geopandas.read_file(target, layer=target.stem).columns
    )


def test_the_style_is_inside_and_the_version_one_that_old_readers_know(tmp_path: Path) -> None:
    target = tmp_path / "my map.gpkg"
    trace(write(tmp_path / "c.tif", blocks()), None, str(target), S2)
    with closing(sqlite3.connect(target)) as database:
        layer, column, default, qml = database.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchone()
        kinds = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents"))
        assert database.execute("PRAGMA user_version").fetchone() == (10200,)
        assert database.execute(
            "SELECT count(*) FROM gpkg_extensions WHERE extension_name LIKE '%rtree%'"
        ).fetchone()
        assert database.execute(
            "SELECT geometry_type_name FROM gpkg_geometry_columns"
        ).fetchone() == ("POLYGON",)
    assert (layer, column, bool(default)) == ("my map", "geom", True)
    assert kinds == {"my map": "features", "layer_styles": "attributes"}
    assert all(label.name in qml for label in S2.labels)


@pytest.mark.parametrize("stem", ["gpkg_map", "GPKG", "layer_styles", "sqlite_x"])
def test_a_file_may_have_a_name_that_no_table_may_have(tmp_path: Path, stem: str) -> None:
    target = tmp_path / f"{stem}.gpkg"
    trace(write(tmp_path / "c.tif", blocks()), None, str(target), S2)
    with closing(sqlite3.connect(target)) as database:
        assert database.execute("SELECT f_table_name FROM layer_styles").fetchall() == [
            (f"map {stem}",)
        ]
    assert len(geopandas.read_file(target, layer=f"map {stem}"))


def test_the_same_raster_gives_the_same_bytes(tmp_path: Path) -> None:
    classes, target = write(tmp_path / "c.tif", blocks()), tmp_path / "map.gpkg"
    trace(classes, None, str(target), S2)
    first = target.read_bytes()
    target.unlink()
    trace(classes, None, str(target), S2)
    assert target.read_bytes() == first


@pytest.mark.parametrize("crs", [None, 'LOCAL_CS["drawing board",UNIT["metre",1]]'])
def test_without_a_place_on_earth_areas_are_in_pixels_and_it_says_so(
    tmp_path: Path, crs: str | None
) -> None:
    target, events = tmp_path / "map.gpkg", list[Event]()
    trace(write(tmp_path / "c.tif", blocks(), crs), None, str(target), S2, Options(), events.append)
    table = geopandas.read_file(target, layer=target.stem)
    assert table["area_px"].sum() == (blocks() != 255).sum()
    assert "area_m2" not in table
    assert any(isinstance(event, Warned) and "pixels" in event.text for event in events)


def test_small_regions_join_their_largest_neighbour(tmp_path: Path) -> None:
    classes = np.zeros((10, 12), np.uint8)
    classes[:, 8:] = 1
    classes[4, 7] = 5
    classes[0, 0] = 255
    target = tmp_path / "map.gpkg"
    assert (
        trace(write(tmp_path / "c.tif", classes), None, str(target), S2, Options.of(min_area=150))
        == 2
    )
    table = geopandas.read_file(target, layer=target.stem)
    assert sorted(table.geometry.area) == [4000, 7900]
    assert (
        trace(
            write(tmp_path / "c.tif", classes),
            None,
            str(target),
            S2,
            Options.of(min_area=50),
            replace=True,
        )
        == 3
    )


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "map.gpkg"
    target.write_bytes(b"before")
    with pytest.raises(InputError, match="does not exist"):
        trace(str(tmp_path / "missing.tif"), None, str(target), S2)
    assert target.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["map.gpkg"]


def limit_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


@pytest.mark.process
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 9, (200, 200)).astype(np.uint8)
    classes = write(tmp_path / "c.tif", noise)
    out = tmp_path / "out"
    out.mkdir()
    code = (
        "from geoseg.vector.vectorize import trace; from geoseg.core.errors import RunError; from cards "
        "import S2\n"
        f"try: trace({classes!r}, None, {str(out / 'map.gpkg')!r}, S2)\n"
        "except RunError as error: print('RunError', error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        preexec_fn=limit_files,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT / "tests",
        env={"PYTHONPATH": str(ROOT)} | NO_BYTECODE,
    )
    assert done.stdout.startswith("RunError"), done.stderr
    assert list(out.iterdir()) == []


@pytest.mark.process
def test_a_read_only_installation_compiles_for_itself(tmp_path: Path) -> None:
    code = (
        "from geoseg.raster.overviews import mode; import numpy as np; "
        "print(mode(np.array([[3, 3], [1, 3]], np.uint8)))"
    )
    environment = {
        "PYTHONPATH": str(ROOT),
        "NUMBA_CACHE_DIR": "/dev/null/none",
        "HOME": "/dev/null",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout == "[[3]]\n", done.stderr


@pytest.mark.process
def test_a_numba_that_has_lost_a_private_option_compiles_without_it(tmp_path: Path) -> None:
    code = (
        "import numba.core.options as options; options.DefaultOptions = object\n"
        "from geoseg.core.jit import BARE; from geoseg.vector.trace.rings import add_areas2, "
        "Outlines; import numpy as np\n"
        "ring = Outlines(np.array([0, 8, 8, 0], np.int32), np.array([0, 0, 1, 1], np.int32), "
        "np.array([0, 4]), np.array([0, 1])); areas = np.zeros(1, np.int64); add_areas2(ring, areas)\n"
        "print(BARE, areas)"
    )
    environment = {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout == "{'nogil': True} [4]\n", done.stderr


def test_ctrl_c_while_tracing_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "map.gpkg"

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.done:
            raise KeyboardInterrupt

    classes = write(tmp_path / "c.tif", blocks(0, 1200, 300))
    with pytest.raises(KeyboardInterrupt):
        trace(classes, None, str(target), S2, Options(), stop)
    assert [path.name for path in tmp_path.iterdir()] == ["c.tif"]
