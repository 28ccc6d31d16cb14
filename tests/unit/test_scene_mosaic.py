"""Neighbouring files as one scene: the same pixels as one file has, overlaps by the rule, few open
at a time, and what does not belong is named.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from bundles import make_bundle
from cards import S2
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.warp import transform
from rasters import UTM33, reflectances, write

import geoseg
from geoseg.batches.scenes import find_scenes
from geoseg.cli.check import scene_lines
from geoseg.core.errors import InputError
from geoseg.core.grid import Grid, Window
from geoseg.core.options import Options
from geoseg.prediction.check import check_scene
from geoseg.raster.handles import OpenPool
from geoseg.scene import mosaic_reader
from geoseg.scene.fit import fit
from geoseg.scene.mosaic import describe_for, mosaic_files, runs_of
from geoseg.scene.source import Source, open_raster, open_source

FIRST = Options.of(mosaic="first")


def tile(folder: Path, name: str, pixels: np.ndarray, row: int, column: int, **keys: object) -> str:
    place = (10.0, 0.0, UTM33[2] + 10 * column, 0.0, -10.0, UTM33[5] - 10 * row)
    keys = {"transform": place, "nodata": 0} | keys
    return write(folder / name, pixels, S2.band_names, **keys)


def opened(files: list[str], options: Options = FIRST) -> Source:
    found = fit(describe_for(tuple(files), options.reading), S2, options)
    return open_source(found, S2, options, 256)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Source, Source]]:
    """A scene in one file, and in four that overlap by some pixels, with holes of nodata."""
    folder = tmp_path_factory.mktemp("cut")
    pixels = reflectances(9, 120, 150)
    pixels[:, 30:50, 60:90] = 0
    whole = tile(folder, "whole.tif", pixels, 0, 0)
    files = [
        tile(folder, f"{i}.tif", pixels[:, t:b, s:e], t, s)
        for i, (t, s, b, e) in enumerate(
            [(0, 0, 60, 80), (0, 77, 66, 150), (57, 0, 120, 80), (50, 70, 120, 150)]
        )
    ]
    with open_raster((whole,), S2, Options()) as one, opened(files) as many:
        yield one, many


@given(
    top=st.integers(0, 119),
    left=st.integers(0, 149),
    height=st.integers(1, 140),
    width=st.integers(1, 160),
)
@settings(deadline=None)
def test_any_window_of_four_files_is_that_of_one(
    cut: tuple[Source, Source], top: int, left: int, height: int, width: int
) -> None:
    one, many = cut
    assert many.grid == one.grid
    window = Window(top, left, min(top + height, 140), min(left + width, 160))
    expected, found = one.read(window), many.read(window)
    assert np.array_equal(found.data, expected.data)
    known = np.ones(window.shape, bool) if expected.valid is None else expected.valid
    assert np.array_equal(found.valid, known)


@pytest.mark.parametrize("options", [{"gsd": 16.0}, {"gsd": 8.0}, {"crs": "EPSG:32632"}])
def test_files_are_resampled_as_one_would_be(tmp_path: Path, options: dict[str, object]) -> None:
    """A pixel at the border of two files takes from both: else there were a seam."""
    pixels = np.random.default_rng(5).integers(300, 4000, (9, 61, 75)).astype(np.uint16)
    whole = tile(tmp_path, "whole.tif", pixels, 0, 0)
    files = [
        tile(tmp_path, f"{t}_{s}.tif", pixels[:, t:b, s:e], t, s)
        for t, b in ((0, 30), (30, 61))
        for s, e in ((0, 37), (37, 75))
    ]
    with (
        opened([whole], Options.of(**options)) as one,
        opened(files, FIRST.but(**options)) as many,
    ):
        assert one.grid == many.grid
        assert one.resampled
        expected = one.read(one.grid.extent)
        for window in many.grid.extent.blocks(23, 31):
            found = many.read(window)
            place = window.within(one.grid.extent)
            assert np.array_equal(found.valid, expected.valid[place])
            assert np.array_equal(found.data, expected.data[:, *place])


def test_few_files_are_open_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mosaic_reader, "MOST_OPEN", 3)
    pixels = reflectances(9, 60, 60)
    files = [
        tile(tmp_path, f"{r}{c}.tif", pixels[:, r : r + 6, c : c + 6], r, c)
        for r in range(0, 60, 6)
        for c in range(0, 60, 6)
    ]
    with opened(files) as source:
        windows = list(source.grid.extent.blocks(17, 13))
        with ThreadPoolExecutor(3) as threads:
            parts = list(threads.map(source.read, windows))
        assert len(source.reader._pool._open) <= 3
    for window, part in zip(windows, parts, strict=True):
        assert np.array_equal(part.data, pixels[:, *window.within(source.grid.extent)])
    assert not source.reader._pool._open


def test_a_pool_keeps_what_is_in_use() -> None:
    class Thing:
        is_open = True

        def close(self) -> None:
            self.is_open = False

    made: dict[int, Thing] = {}

    def make(number: int) -> Thing:
        made[number] = Thing()
        return made[number]

    pool = OpenPool(make, 1)
    with pool.use(1) as first, pool.use(2) as second:
        assert first.is_open
        assert second.is_open
    assert sum(thing.is_open for thing in made.values()) == 1
    pool.close()
    assert not any(thing.is_open for thing in made.values())


def test_overlaps_by_the_rule(tmp_path: Path) -> None:
    pixels = reflectances(9, 40, 40)
    old, new = pixels, pixels + 7
    new[:, 5:9, 5:9] = 0
    files = [
        tile(tmp_path, "a_20200101.tif", old, 0, 0, tags={"CLOUD_COVER": "3"}),
        tile(tmp_path, "b_20210101T101010.tif", new, 0, 20, tags={"CLOUD_COVER": "40"}),
    ]
    for rule, seen in (("first", old), ("newest", new), ("least-cloudy", old)):
        with opened(files, Options.of(mosaic=rule)) as source:
            found = source.read(Window(0, 20, 40, 40))
        part = seen[:, :, :20] if seen is new else seen[:, :, 20:]
        filled = np.where(part.any(axis=0), part, old[:, :, 20:])
        assert np.array_equal(found.data, filled), rule
    tile(tmp_path, "c.tif", old, 40, 0)
    for rule, message in (("newest", "when it was taken"), ("least-cloudy", "how cloudy it is")):
        with pytest.raises(InputError, match=rf"c\.tif .*{message}|{message}"):
            opened([*files, str(tmp_path / "c.tif")], Options.of(mosaic=rule))


def test_files_of_another_kind_are_named(tmp_path: Path) -> None:
    pixels = reflectances(9, 20, 20)
    good = tile(tmp_path, "good.tif", pixels, 0, 0)
    wide = (20.0, 0.0, UTM33[2] + 200, 0.0, -20.0, UTM33[5])
    bad = {
        "bands": write(tmp_path / "bands.tif", pixels[:8], S2.band_names[:8]),
        "data types": tile(tmp_path, "type.tif", pixels.astype(np.float32), 0, 20),
        "pixels of 20 m": tile(tmp_path, "size.tif", pixels, 0, 20, transform=wide),
    }
    scaled = tile(tmp_path, "scaled.tif", pixels, 0, 20)
    with rasterio.open(scaled, "r+") as dataset:
        dataset.scales = [0.5] * 9
    bad["scale and offset"] = scaled
    for said, path in bad.items():
        with pytest.raises(InputError, match=said) as caught:
            describe_for((good, path), FIRST.reading)
        assert path in str(caught.value)
    far = tile(tmp_path, "far.tif", pixels, 900_000, 0)
    with pytest.raises(InputError, match="more than 100 times"):
        describe_for((good, far), FIRST.reading)


def test_a_check_tells_the_mosaic_and_what_its_numbers_mean(tmp_path: Path) -> None:
    pixels = reflectances(9, 20, 20)
    files = (tile(tmp_path, "a.tif", pixels, 0, 0), tile(tmp_path, "b.tif", pixels, 0, 20))
    lines = {line.split()[0]: line for line in scene_lines(check_scene(files, [S2], FIRST, False))}
    assert "of 2 files: 40 x 20 px" in lines["mosaic"]
    assert "neither file nor product says" in lines["scaling"]


def test_names_of_a_mosaic(tmp_path: Path) -> None:
    pixels = reflectances(9, 10, 10)
    files = [tile(tmp_path, f"{i}.tif", pixels, 0, 10 * i) for i in range(3)]
    (tmp_path / "1.tif.aux.xml").write_text("<PAMDataset/>")
    (tmp_path / "list.txt").write_text("# neighbours\n2.tif\n0.tif\n")
    assert mosaic_files((str(tmp_path),)) == tuple(files)
    assert mosaic_files((f"{tmp_path}/[01].tif",)) == tuple(files[:2])
    assert mosaic_files((f"{tmp_path}/list.txt",)) == (files[2], files[0])
    assert mosaic_files((files[1], f"{tmp_path}/*.tif")) == (files[1], files[0], files[2])
    with sqlite3.connect(tmp_path / "a.gti.gpkg") as index:
        index.execute("CREATE TABLE gpkg_contents (table_name, data_type)")
        index.execute("INSERT INTO gpkg_contents VALUES ('tiles', 'features')")
        index.execute("CREATE TABLE tiles (location)")
        index.executemany("INSERT INTO tiles VALUES (?)", [("2.tif",), ("1.tif",)])
    index.close()
    assert mosaic_files((f"{tmp_path}/a.gti.gpkg",)) == (files[2], files[1])
    (tmp_path / "b.gti.gpkg").write_text("nothing")
    with pytest.raises(InputError, match="cannot be read"):
        mosaic_files((f"{tmp_path}/b.gti.gpkg",))
    for name, message in (("*.jp2", "matches no file"), ("empty", "holds no rasters")):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(InputError, match=message):
            mosaic_files((f"{tmp_path}/{name}",))
    scenes = find_scenes([*files[:2], f"{tmp_path}/list.txt"], "auto", FIRST)
    assert [scene.paths for scene in scenes] == [tuple(files[:2]), (files[2], files[0])]


def ramp(grid: object) -> np.ndarray:
    """Pixels that follow from their place on the ground alone, in digital numbers."""
    rows, columns = np.mgrid[: grid.height, : grid.width] + 0.5
    a, b, c, d, e, f = grid.transform
    x, y = (a * columns + b * rows + c).ravel(), (d * columns + e * rows + f).ravel()
    lon, lat = transform(grid.crs, "EPSG:4326", x, y)
    east, north = (np.array(lon) - 12) * 78_000, (np.array(lat) - 45) * 111_000
    shape = (grid.height, grid.width)
    waves = [1500 + 900 * np.sin(east / (300 + 40 * i) + i) * np.cos(north / 350) for i in range(9)]
    return np.stack([wave.reshape(shape) for wave in waves]).astype(np.uint16)


def test_two_utm_zones_on_one_grid(tmp_path: Path) -> None:
    """The files of one zone stay as they are; those of the other come within a rounding."""
    from pyproj import CRS, Transformer

    from geoseg.core.grid import Grid

    files, grids = [], []
    for zone in (32, 33):
        to_zone = Transformer.from_crs(4326, 32600 + zone, always_xy=True)
        for latitude in (45.0, 44.992):
            x, y = to_zone.transform(11.993 if zone == 32 else 12.0, latitude)
            place = (10.0, 0.0, round(x, -1) - 100, 0.0, -10.0, round(y, -1))
            grid = Grid(90, 90, place, CRS.from_epsg(32600 + zone).to_wkt())
            grids.append(grid)
            files.append(
                write(
                    tmp_path / f"{zone}_{latitude}.tif",
                    ramp(grid),
                    S2.band_names,
                    transform=place,
                    crs=f"EPSG:{32600 + zone}",
                )
            )
    with opened(files) as source:
        assert "in 2 CRSs" in source.info.notes[-1]
        found = source.read(source.grid.extent)
    assert CRS.from_wkt(source.grid.crs).to_epsg() == 32632
    expected = ramp(source.grid)
    row = round((source.grid.transform[5] - grids[0].transform[5]) / 10)
    column = round((grids[0].transform[2] - source.grid.transform[2]) / 10)
    inside = found.data[:, row : row + 90, column : column + 90]
    assert np.array_equal(inside, ramp(grids[0]))
    both = found.valid
    assert both.mean() > 0.75
    assert np.abs(found.data.astype(int) - expected)[:, both].max() <= 12  # of 900, in waves


def test_files_join_their_neighbours_past_others_elsewhere(tmp_path: Path) -> None:
    """Dates of two zones in turn: a border of two files is no seam where no file lies between."""
    pixels = np.random.default_rng(5).integers(300, 4000, (9, 60, 80)).astype(np.uint16)
    to_zone = [rasterio.crs.CRS.from_epsg(32600 + zone) for zone in (32, 33)]
    (x,), (y,) = transform(to_zone[1], to_zone[0], [UTM33[2]], [UTM33[5]])
    place = (10.0, 0.0, round(x) + 3, 0.0, -10.0, round(y) - 4)
    west = (10.0, 0.0, place[2] + 400, 0.0, -10.0, place[5])
    far = np.ones((9, 100, 100), np.uint16)
    files = {
        "20260103_a.tif": (pixels[:, :, :40], place, "EPSG:32632"),
        "20260102_b.tif": (far, (10.0, 0.0, UTM33[2] - 3000, 0.0, -10.0, UTM33[5]), "EPSG:32633"),
        "20260101_c.tif": (pixels[:, :, 40:], west, "EPSG:32632"),
    }
    paths = [
        write(tmp_path / name, part, S2.band_names, transform=to, crs=crs, nodata=0)
        for name, (part, to, crs) in files.items()
    ]
    newest = Options.of(mosaic="newest")
    order = [paths[0], paths[2], paths[1]]
    with opened(paths, newest) as source, opened(order, FIRST) as joined:
        assert rasterio.crs.CRS.from_wkt(source.grid.crs).to_epsg() == 32633
        found, expected = (one.read(one.grid.extent) for one in (source, joined))
        assert np.array_equal(found.valid, expected.valid)
        assert np.array_equal(found.data, expected.data)
        assert [len(files) for _, files in runs_of(source.info.parts, source.grid)] == [2, 1]
        below = replace(
            source.info.parts[1], grid=source.info.parts[2].grid.crop(Window(0, 0, 9, 9))
        )
        between = (
            source.info.parts[0],
            replace(below, grid=over(below.grid)),
            *source.info.parts[2:],
        )
        assert [len(files) for _, files in runs_of(between, source.grid)] == [1, 1, 1]


def over(grid: Grid) -> Grid:
    """The ground of a grid, in the next zone."""
    (x,), (y,) = transform(grid.crs, "EPSG:32633", [grid.transform[2]], [grid.transform[5]])
    wkt = rasterio.crs.CRS.from_epsg(32633).to_wkt()
    return replace(grid, transform=(10.0, 0.0, x, 0.0, -10.0, y), crs=wkt)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundle"))


def test_the_map_of_four_files_is_that_of_one(bundle: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(1, 256, (3, 10, 12)).repeat(16, 1).repeat(16, 2).astype(np.uint8)
    folder = tmp_path / "tiles"
    folder.mkdir()

    def part(path: Path, top: int, left: int, bottom: int, right: int) -> str:
        place = (1.0, 0.0, 4e5 + left, 0.0, -1.0, 5e6 - top)
        names = ["red", "green", "blue"]
        return write(path, pixels[:, top:bottom, left:right], names, place, nodata=0)

    whole = part(tmp_path / "whole.tif", 0, 0, 160, 192)
    for i, box in enumerate(
        [(0, 0, 80, 100), (0, 96, 80, 192), (76, 0, 160, 100), (80, 100, 160, 192)]
    ):
        part(folder / f"{i}.tif", *box)
    common = {"model": bundle, "device": "cpu"}
    geoseg.predict(whole, tmp_path / "one.tif", **common)
    geoseg.predict(folder, tmp_path / "many.tif", mosaic="first", **common)
    with rasterio.open(tmp_path / "one.tif") as one, rasterio.open(tmp_path / "many.tif") as many:
        assert one.transform == many.transform
        assert np.array_equal(one.read(1), many.read(1))
    with pytest.raises(geoseg.GeosegError, match="is the scene itself"):
        geoseg.predict(folder, folder / "0.tif", mosaic="first", overwrite=True, **common)
    checked = geoseg.check(f"{folder}/*.tif", bundle, mosaic="first")
    assert checked.fitting == ("test-model",)
