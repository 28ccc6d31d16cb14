"""What is made of all maps of a batch: merged polygons and rasters, a STAC collection, a report."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pandas
import pyarrow.dataset
import pystac
import pytest
import rasterio
import torch
from batches import do, planned, record, write_scene
from bundles import make_bundle
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pystac.extensions.projection import ProjectionExtension
from pystac.validation.local_validator import get_local_schema_cache
from rasterio.merge import merge as merge_arrays
from rasterio.warp import transform_bounds
from referencing import Registry, Resource
from shapely.geometry import shape

from geoseg.batches.catalog import write_catalog
from geoseg.batches.ledger import Ledger
from geoseg.batches.merge import GLOBE, merge
from geoseg.batches.plan import open_batch
from geoseg.batches.report import PICTURES, WEIGHT, areas_of, busy, report_page, write_report
from geoseg.batches.results import Results, results, time_in
from geoseg.batches.status import look
from geoseg.batches.work import Tally
from geoseg.cli import geoseg as group
from geoseg.core.errors import InputError, RunError
from geoseg.core.events import Event, Noted, Warned
from geoseg.core.grid import Grid
from geoseg.core.style import Legend
from geoseg.raster.footprint import footprint
from geoseg.vector.merge import Part, Shared, schema_of, write_merged

GOOD = 3


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A batch of three scenes side by side that are mapped, and one that failed."""
    home = tmp_path_factory.mktemp("results")
    make_bundle(home / "model")
    (home / "scenes").mkdir()
    for i in range(GOOD):
        write_scene(home / f"scenes/scene{i}_2024050{i + 1}.tif", seed=i)
    (home / "scenes/<bad> & cut.tif").write_bytes(b"II*\0nothing")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    batch = planned(home, home / "maps", formats=("gpkg", "tif"), confidence=True)
    assert do(batch) == Tally(done=GOOD, failed=1)
    torch.set_num_threads(threads)
    return home / "maps"


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def seen(folder: Path) -> Results:
    return results(Ledger(open_batch(folder), ""))


def merge_into(folder: Path, name: str | None, crs: str | None = None) -> list[Event]:
    events: list[Event] = []
    merge(seen(folder), name, crs, events.append)
    return events


def scenes_of(folder: Path) -> geopandas.GeoDataFrame:
    """All polygons, by the library that reads each scene's whole file."""
    frames = []
    for path in sorted(folder.glob("scene*.gpkg")):
        frame = geopandas.read_file(path, layer=path.stem)
        frame.insert(0, "scene", path.stem)
        frames.append(frame)
    return pandas.concat(frames, ignore_index=True)


def test_the_merged_file_holds_the_polygons_of_all_scenes(maps: Path) -> None:
    events = merge_into(maps, "all.gpkg")
    assert any(
        isinstance(event, Warned) and "1 of 4 scenes are not in it: bad_cut" in event.text
        for event in events
    )
    merged, wanted = geopandas.read_file(maps / "all.gpkg", layer="all"), scenes_of(maps)
    assert set(merged["model"]) == {"test-model"}
    assert list(merged.columns)[:3] == ["scene", "model", "id"]
    pandas.testing.assert_frame_equal(merged[wanted.columns], wanted, check_dtype=False)
    before = (maps / "all.gpkg").stat().st_mtime_ns
    events = merge_into(maps, "all.gpkg")
    assert any(isinstance(event, Noted) and "has not changed" in event.text for event in events)
    assert (maps / "all.gpkg").stat().st_mtime_ns == before
    os.utime(maps / "scene1_20240502.gpkg")
    merge_into(maps, "all.gpkg")
    assert (maps / "all.gpkg").stat().st_mtime_ns > before
    assert not list(maps.glob(".*.part"))


@pytest.mark.parametrize("name", ["x.fgb", "x.parquet", "x.geojson", "x.shp"])
def test_other_formats_hold_as_much(maps: Path, name: str) -> None:
    merge_into(maps, name)
    frame = (
        geopandas.read_parquet(maps / name)
        if name.endswith("parquet")
        else geopandas.read_file(maps / name)
    )
    wanted = scenes_of(maps)
    column = "polygon" if name.endswith("json") else "id"
    assert sorted(zip(frame["scene"], frame[column], strict=True)) == sorted(
        zip(wanted["scene"], wanted["id"], strict=True)
    )
    assert frame["area_m2"].sum() == pytest.approx(wanted["area_m2"].sum())


def test_a_folder_of_geoparquet_is_one_table(maps: Path) -> None:
    merge_into(maps, "parts.parquet/")
    folder = maps / "parts.parquet"
    frame, wanted = geopandas.read_parquet(folder), scenes_of(maps)
    frame = frame.sort_values(["scene", "id"], ignore_index=True).drop(
        columns="bbox", errors="ignore"
    )
    wanted = wanted.sort_values(["scene", "id"], ignore_index=True)
    pandas.testing.assert_frame_equal(
        frame[wanted.columns.drop("geometry")], wanted.drop(columns="geometry"), check_dtype=False
    )
    assert (frame.geometry.to_wkb() == wanted.geometry.to_wkb()).all()
    assert frame.crs == "EPSG:32632"
    data = pyarrow.dataset.dataset(folder)
    assert len({str(fragment.physical_schema) for fragment in data.get_fragments()}) == 1
    assert data.count_rows() == len(wanted)
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert "not changed" in str(merge_into(maps, "parts.parquet/"))
    os.utime(maps / "scene0_20240501.gpkg")
    assert "1 of them written now" in str(merge_into(maps, "parts.parquet/"))
    after = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"scene0_20240501.parquet"}
    (folder / "strange.parquet").touch()
    merge_into(maps, "parts.parquet/")
    assert {path.name for path in folder.iterdir()} == set(before)
    assert not list(maps.glob(".*.part"))


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # inside rasterio
def test_the_virtual_raster_is_the_mosaic(maps: Path) -> None:
    merge_into(maps, "classes.vrt")
    rasters = sorted(path for path in maps.glob("scene*.tif") if "confidence" not in path.name)
    with rasterio.open(maps / "classes.vrt") as mosaic:
        wanted, transform = merge_arrays(rasters, method="last", nodata=255)
        assert np.array_equal(mosaic.read(), wanted)
        assert (mosaic.transform, mosaic.nodata, mosaic.crs) == (transform, 255, "EPSG:32632")
        with rasterio.open(rasters[0]) as scene:
            assert mosaic.colormap(1) == scene.colormap(1)
    assert "paletteEntry" in (maps / "classes.qml").read_text()


def test_scenes_of_several_crs_meet_on_the_globe(maps: Path, tmp_path: Path) -> None:
    make_bundle(tmp_path / "model")
    (tmp_path / "scenes").mkdir()
    for i in range(3):
        path = write_scene(tmp_path / f"scenes/s{i}.tif", seed=i)
        with rasterio.open(path, "r+") as raster:
            raster.crs = f"EPSG:3263{2 + i % 2}"
            if i == 2:
                raster.transform = raster.transform @ rasterio.Affine.translation(0.5, 0)
    batch = planned(tmp_path, tmp_path / "out", formats=("gpkg", "tif"))
    assert do(batch) == Tally(done=3)
    out = tmp_path / "out"
    assert GLOBE in str(merge_into(out, None))
    frame = geopandas.read_file(out / "landcover.gpkg", layer="landcover")
    assert frame.crs == GLOBE
    first = geopandas.read_file(out / "s1.gpkg", layer="s1").to_crs(GLOBE)
    assert (
        frame[frame["scene"] == "s1"]
        .geometry.reset_index(drop=True)
        .geom_equals_exact(first.geometry, 1e-9)
        .all()
    )
    assert sorted(path.name for path in out.glob("*.vrt")) == [
        "classes-EPSG32632-2.vrt",
        "classes-EPSG32632.vrt",
        "classes-EPSG32633.vrt",
    ]
    merge_into(out, "landcover.fgb", "EPSG:3035")
    assert geopandas.read_file(out / "landcover.fgb").crs == "EPSG:3035"


def test_classes_of_several_models_get_numbers_of_their_own(maps: Path, tmp_path: Path) -> None:
    path = next(maps.glob("scene0*.gpkg"))
    part = Part(path, {"scene": "a", "model": "m"}, {0: 7, 1: 0})
    shared = Shared(schema_of(part), "EPSG:32632")
    legend: Legend = seen(maps).batch and _legend()
    rows = write_merged([part, replace(part, recoded={})], tmp_path / "x.gpkg", "x", shared, legend)
    frame, one = (
        geopandas.read_file(tmp_path / "x.gpkg", layer="x"),
        geopandas.read_file(path, layer=path.stem),
    )
    assert rows == len(frame) == 2 * len(one)
    wanted = [*one["class_id"].map(lambda value: {0: 7, 1: 0}.get(value, value)), *one["class_id"]]
    assert list(frame["class_id"]) == wanted


def _legend() -> Legend:
    import cards

    return cards.RGB


@pytest.mark.parametrize(
    "name", ["a/b.gpkg", "../x.gpkg", "x.txt", "x", "x.gpkg/", "scene0_20240501.gpkg", ".gpkg"]
)
def test_names_that_a_merged_file_cannot_have(maps: Path, name: str) -> None:
    with pytest.raises(InputError, match="--merge"):
        merge_into(maps, name)


def test_the_commands(maps: Path) -> None:
    done = CliRunner().invoke(group, ["batch", "merge", str(maps), "cli.fgb", "--quiet"])
    assert done.exit_code == 0, done.output
    assert (maps / "cli.fgb").exists()
    again = CliRunner().invoke(group, ["batch", "merge", str(maps), "cli.fgb", "--json"])
    merged = json.loads(again.stdout)
    assert merged["polygons"] == str(maps / "cli.fgb")
    assert merged["rasters"]
    assert all(Path(path).exists() for path in merged["rasters"])
    assert (merged["scenes"], len(merged["missing"])) == (GOOD, 1)
    told = json.loads(CliRunner().invoke(group, ["batch", "report", str(maps), "--json"]).stdout)
    assert Path(told["report"]).exists()
    assert Path(told["collection"]).exists()
    assert (told["done"], told["missing"]) == (GOOD, merged["missing"])
    found = json.loads(CliRunner().invoke(group, ["batch", "status", str(maps), "--json"]).stdout)
    assert (found["units"], found["done"], found["failed"]) == (GOOD + 1, GOOD, 1)
    with pytest.raises(InputError, match="--merge without a master"):
        CliRunner().invoke(
            group,
            ["batch", "--out-dir", str(maps), "--merge", "x.gpkg", "--part", "1/2"],
            catch_exceptions=False,
        )


def validator(kind: str) -> Draft7Validator:
    schemas = get_local_schema_cache()
    registry = Registry().with_resources(
        [(name, Resource.from_contents(schema)) for name, schema in schemas.items()]
    )
    uri = f"https://schemas.stacspec.org/v1.1.0/{kind}-spec/json-schema/{kind}.json"
    return Draft7Validator(
        schemas[uri], registry=registry, format_checker=Draft7Validator.FORMAT_CHECKER
    )


def test_the_collection_is_stac_and_leads_to_the_maps(maps: Path) -> None:
    path = write_catalog(seen(maps))
    validator("collection").validate(json.loads(path.read_text()))
    collection = pystac.Collection.from_file(str(path))
    items = list(collection.get_items())
    assert [item.id for item in items] == [f"scene{i}_2024050{i + 1}" for i in range(GOOD)]
    for item in items:
        validator("item").validate(json.loads(Path(item.get_self_href()).read_text()))
        assert item.get_collection().id == collection.id == "maps"
        assert set(item.assets) == {"classes", "polygons", "confidence"}
        assert all(Path(asset.get_absolute_href()).is_file() for asset in item.assets.values())
        with rasterio.open(item.assets["classes"].get_absolute_href()) as raster:
            projected = ProjectionExtension.ext(item)
            assert (projected.code, tuple(projected.shape)) == ("EPSG:32632", raster.shape)
            assert rasterio.Affine(*projected.transform[:6]) == raster.transform
            assert item.bbox == pytest.approx(
                transform_bounds(raster.crs, "EPSG:4326", *raster.bounds), abs=1e-6
            )
        assert shape(item.geometry).bounds == pytest.approx(item.bbox)
        classes = item.assets["classes"].extra_fields["classification:classes"]
        assert [entry["value"] for entry in classes] == [0, 1, 2, 3, 4, 255]
    low, high = collection.extent.temporal.intervals[0]
    assert (low.isoformat(), high.isoformat()) == (
        "2024-05-01T00:00:00+00:00",
        "2024-05-03T00:00:00+00:00",
    )
    assert not any(link["href"].startswith("/") for link in json.loads(path.read_text())["links"])


@given(
    st.integers(1, 60),
    st.integers(-80, 80),
    st.floats(1, 3000),
    st.integers(1, 200),
    st.integers(1, 200),
)
def test_footprints_are_where_other_tools_see_them(
    zone: int, south: int, size: float, height: int, width: int
) -> None:
    code, north = (32600, south) if south >= 0 else (32700, 90 + south)
    grid = Grid(
        height,
        width,
        (size, 0, 300_000, 0, -size, 1000 + north * 110_000 + height * size),
        f"EPSG:{code + zone}",
    )
    found = footprint(grid)
    assert found is not None
    geometry, (west, low, east, high) = found
    outline = shape(geometry)
    assert outline.is_valid
    assert outline.bounds[1::2] == pytest.approx((low, high))
    assert -180 <= west <= 180 >= east >= -180
    place = (300_000, grid.transform[5] - height * size, 300_000 + width * size, grid.transform[5])
    theirs = transform_bounds(grid.crs, "EPSG:4326", *place, densify_pts=41)
    if theirs[0] <= theirs[2] and west <= east:
        assert (west, low, east, high) == pytest.approx(theirs, abs=0.02)
    else:
        assert geometry["type"] == "MultiPolygon"
        assert west > east


def test_a_scene_across_180_degrees_is_cut_in_two() -> None:
    for left in (179.5, -180.5):
        geometry, box = footprint(Grid(10, 10, (0.1, 0, left, 0, -0.1, 1), "EPSG:4326")) or ({}, [])
        assert geometry["type"] == "MultiPolygon"
        assert box == pytest.approx([179.5, 0, -179.5, 1])
    _, box = footprint(Grid(10, 10, (0.1, 0, 200, 0, -0.1, 1), "EPSG:4326")) or (
        {},
        [],
    )  # longitudes from 0 to 360
    assert box == pytest.approx([-160, 0, -159, 1])
    assert footprint(Grid(5, 5)) is None


def test_times_in_names() -> None:
    assert time_in(["x/S2A_MSIL1C_20190416T101319_B02.jp2"]) == "2019-04-16T10:13:19Z"
    assert time_in(["a.tif", "naip_20170827.tif"]) == "2017-08-27T00:00:00Z"
    assert time_in(["l8_27_01_2020.tif", "x_20190230.tif", "1234567890.tif"]) == ""


def test_the_report_says_how_much_and_what_failed(maps: Path) -> None:
    found = seen(maps)
    text = write_report(found).read_text()
    assert "&lt;bad&gt; &amp; cut.tif" in text
    assert "<bad>" not in text
    assert text.count("data:image/png;base64,") == GOOD
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    areas, unknown = areas_of(found.done, "test-model")
    frame = scenes_of(maps)
    for name, area in frame.groupby("class")["area_m2"].sum().items():
        assert areas[name] == pytest.approx(area, rel=1e-4)
    assert unknown == 0


def test_the_report_of_very_many_scenes_stays_small(maps: Path) -> None:
    found = seen(maps)
    many = tuple(found.done[i % GOOD] for i in range(3000))
    text = report_page(replace(found, done=many, scenes=3001))
    assert text.count("data:image/png;base64,") <= PICTURES
    assert f"of {len(many):,}, spread over all names" in text
    assert len(text) < WEIGHT + (1 << 20)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10)), max_size=12))
def test_busy_time_counts_each_second_once(spans: list[tuple[int, int]]) -> None:
    class Span:
        def __init__(self, begun: int, long: int) -> None:
            self.begun, self.ended = float(begun), float(begun + long)

    seconds = {second for begun, long in spans for second in range(begun, begun + long)}
    assert busy([Span(*span) for span in spans]) == len(seconds)  # type: ignore[misc]


def test_a_batch_without_polygons_merges_rasters(maps: Path, tmp_path: Path) -> None:
    batch = planned(
        maps.parent, tmp_path, str(maps.parent / "scenes/scene0_20240501.tif"), formats=("tif",)
    )
    with pytest.raises(InputError, match="nothing is done"):
        merge_into(tmp_path, None)
    do(batch)
    merge_into(tmp_path, None)
    assert (tmp_path / "landcover.vrt").exists()
    with pytest.raises(InputError, match="no polygons"):
        merge_into(tmp_path, "x.gpkg")


def test_a_report_that_cannot_be_written_is_one_line(maps: Path, tmp_path: Path) -> None:
    found = seen(maps)
    gone = replace(found, batch=replace(found.batch, folder=tmp_path / "gone"))
    with pytest.raises(RunError, match=r"writing .*report\.html failed"):
        write_report(gone)


def test_a_warning_stands_in_ledger_items_status_and_report(home: Path, tmp_path: Path) -> None:
    with rasterio.open(write_scene(tmp_path / "black.tif"), "r+") as raster:
        pixels = raster.read()
        pixels[:, :40] = 0
        raster.write(pixels)
    out = tmp_path / "maps"
    events: list[Event] = []
    batch = planned(home, out, str(tmp_path / "black.tif"))
    assert do(batch, report=events.append).done == 1
    said = "is 0 in all bands without being marked as nodata"
    assert any(isinstance(event, Warned) and said in event.text for event in events)
    assert said in " ".join(record(out, "done", "black")["summary"]["warnings"])
    ledger = Ledger(batch, "r")
    assert look(ledger).warned == 1
    assert said in report_page(results(ledger))
