"""What became what between two class rasters, against whole arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from bundles import make_bundle
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rasters import UTM33, colours, write

import geoseg
from geoseg.cli import COMMANDS
from geoseg.cli.change import change as command
from geoseg.core.card import NODATA
from geoseg.core.errors import InputError, OutputError
from geoseg.core.events import Event, Warned
from geoseg.core.grid import Grid
from geoseg.core.provenance import TAG
from geoseg.evaluation import compare
from geoseg.vector.geodesic import PixelAreas

NAMES = {0: "water", 1: "trees", 2: "built"}


def write_map(
    path: Path | str,
    pixels: np.ndarray,
    names: Mapping[int, str] | None = None,
    transform: Any = UTM33,
    **more: Any,
) -> str:
    """Write a class raster [row, column] whose tag names its classes, as geoseg's own."""
    tags = {"geoseg_classes": json.dumps(NAMES if names is None else dict(names))}
    keys = {"nodata": NODATA} | more
    return write(path, pixels[None].astype(np.uint8), transform=transform, tags=tags, **keys)


def counted(before: np.ndarray, after: np.ndarray, weights: np.ndarray) -> dict[Any, float]:
    """The sum of the weights of each pair of values that both know, pixel by pixel."""
    found: dict[Any, float] = {}
    for one, other, weight in zip(before.flat, after.flat, weights.flat, strict=True):
        if NODATA not in (one, other):
            key = NAMES[int(one)], NAMES[int(other)]
            found[key] = found.get(key, 0) + float(weight)
    return found


@st.composite
def two_maps(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(st.tuples(st.integers(1, 20), st.integers(1, 20)))
    values = st.sampled_from([0, 1, 2, NODATA])
    one, other = (draw(arrays.arrays(np.uint8, shape, elements=values)) for _ in range(2))
    one.flat[0] = other.flat[0] = 0
    return one, other


@settings(max_examples=25)  # each writes a raster
@given(maps=two_maps(), rows=st.integers(1, 9), columns=st.integers(1, 9))
def test_whatever_the_windows_it_is_what_whole_arrays_tell(
    maps: tuple[np.ndarray, np.ndarray],
    rows: int,
    columns: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("change")
    paths = [write_map(folder / f"{i}.tif", each) for i, each in enumerate(maps)]
    before, after = maps
    grid = Grid(*before.shape, UTM33, rasterio.CRS.from_epsg(32633).to_wkt())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "ROWS", rows)
        patch.setattr(compare, "COLUMNS", columns)
        found = geoseg.change(*paths, folder / "change.tif")
    cells = np.stack([PixelAreas(grid).cells(row) for row in range(grid.height)])
    assert {(one.before, one.after): one.pixels for one in found.transitions} == counted(
        before, after, np.ones(before.shape)
    )
    areas = counted(before, after, cells)
    assert {(t.before, t.after): t.area for t in found.transitions} == pytest.approx(areas)
    assert found.unknown_before == ((before == NODATA) & (after != NODATA)).sum()
    assert found.unknown_after == ((before != NODATA) & (after == NODATA)).sum()
    assert found.matrix().sum() == ((before != NODATA) & (after != NODATA)).sum()
    with rasterio.open(folder / "change.tif") as raster:
        values = raster.read(1)
        named = {int(k): v for k, v in json.loads(raster.tags()["geoseg_classes"]).items()}
    for value, one in enumerate(found.transitions):
        assert named[value] == one.name
        here = values == value
        assert {NAMES[int(v)] for v in before[here]} == {one.before}
        assert {NAMES[int(v)] for v in after[here]} == {one.after}
    assert ((values == NODATA) == ((before == NODATA) | (after == NODATA))).all()


@pytest.fixture
def maps(tmp_path: Path) -> tuple[str, str]:
    before = np.ones((40, 60), np.uint8)
    after = before.copy()
    before[:10], after[5:15, :30] = 0, 2
    before[-1, -1] = NODATA
    return write_map(tmp_path / "a.tif", before), write_map(tmp_path / "b.tif", after)


def test_polygons_carry_what_was_and_what_came(maps: tuple[str, str], tmp_path: Path) -> None:
    found = geoseg.change(*maps, tmp_path / "change.gpkg", raster=tmp_path / "change.tif")
    frame = gpd.read_file(tmp_path / "change.gpkg", layer="change")
    told = {(one.before, one.after): one.area for one in found.transitions if one.changed}
    assert set(told) == {("water", "trees"), ("water", "built"), ("trees", "built")}
    areas = frame.groupby(["before", "after"])["area_m2"].sum().to_dict()
    assert areas == pytest.approx(told)
    assert set(frame["class"]) == {
        f"{before} \N{RIGHTWARDS ARROW} {after}" for before, after in told
    }
    assert found.changed == pytest.approx(sum(told.values()))
    geoseg.change(*maps, tmp_path / "all.gpkg", unchanged=True)
    every = gpd.read_file(tmp_path / "all.gpkg", layer="all")
    assert every["area_m2"].sum() == pytest.approx(found.area)
    assert (tmp_path / "change.qml").exists()  # of the raster


def test_the_raster_says_how_it_was_made_and_can_be_sampled(
    maps: tuple[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "change.tif"
    found = geoseg.change(*maps, out, ignore=["9"])
    with rasterio.open(out) as raster:
        told = json.loads(raster.tags()[TAG])
    assert told["command"] == "change"
    assert [one["path"] for one in told["inputs"]] == list(maps)
    assert told["options"]["ignore"] == ["9"]
    drawn = geoseg.sample(out, points=20).drawing.strata
    assert [(one.name, one.pixels) for one in drawn] == [
        (one.name, one.pixels) for one in found.transitions
    ]


def test_other_grids_are_refused_and_resampled_as_asked(
    maps: tuple[str, str], tmp_path: Path
) -> None:
    before, _ = maps
    with rasterio.open(before) as raster:
        pixels = raster.read(1)
    fine = np.kron(pixels, np.ones((2, 2), np.uint8))
    half = (5.0, 0.0, UTM33[2], 0.0, -5.0, UTM33[5])
    other = write_map(tmp_path / "fine.tif", fine, transform=half)
    with pytest.raises(InputError, match=r"another grid .* --resample nearest"):
        geoseg.change(before, other)
    found = geoseg.change(before, other, resample="nearest")
    assert found.changed == 0
    assert found.matrix().sum() == (pixels != NODATA).sum()
    moved = write_map(tmp_path / "m.tif", pixels, transform=(*UTM33[:2], UTM33[2] + 4, *UTM33[3:]))
    with pytest.raises(InputError, match="another grid"):
        geoseg.change(before, moved)
    bare = write_map(tmp_path / "bare.tif", pixels, transform=(1, 0, 0, 0, 1, 0.5), crs=None)
    with pytest.raises(InputError, match="has no CRS, and the other map has one"):
        geoseg.change(before, bare, resample="nearest")
    found = geoseg.change(bare, bare)
    assert not found.metric
    assert found.area == (pixels != NODATA).sum()


def test_legends_that_differ_are_no_change(tmp_path: Path) -> None:
    pixels = np.array([[0, 1], [1, 2]], np.uint8)
    before = write_map(tmp_path / "a.tif", pixels)
    words = {0: "water", 1: "forest", 2: "built"}
    after = write_map(tmp_path / "b.tif", pixels, words)
    with pytest.raises(InputError, match=r"legends .* differ.*trees, forest.*--rename A=B"):
        geoseg.change(before, after)
    assert geoseg.change(before, after, rename={"forest": "trees"}).changed == 0
    assert geoseg.change(before, after, missing="ignore").matrix().sum() == 2
    heard: list[Event] = []
    counted_as_is = geoseg.change(before, after, missing="count", report=heard.append)
    assert counted_as_is.matrix().sum() == 4
    assert any(isinstance(one, Warned) and "trees, forest" in one.text for one in heard)
    swapped = write_map(tmp_path / "c.tif", pixels, {0: "built", 1: "trees", 2: "water"})
    assert geoseg.change(before, swapped).changed > 0  # by name: what was water is built
    with pytest.raises(InputError, match=r"the value 0 is water in .* and built in"):
        geoseg.change(before, swapped, rename={"0": "sea"})


def test_maps_without_names_are_compared_by_value(tmp_path: Path) -> None:
    pixels = np.array([[4, 7], [7, 300]], np.uint16)
    paths = [
        write(tmp_path / f"{i}.tif", each[None], nodata=0)
        for i, each in enumerate((pixels, np.flipud(pixels).copy()))
    ]
    found = geoseg.change(*paths, tmp_path / "change.tif")
    assert {(t.before, t.after) for t in found.transitions} == {
        ("class 4", "class 7"),
        ("class 7", "class 4"),
        ("class 7", "class 300"),
        ("class 300", "class 7"),
    }


def test_more_transitions_than_a_byte_has_are_counted_and_not_drawn(tmp_path: Path) -> None:
    one, other = (a.astype(np.uint8) for a in np.meshgrid(np.arange(16), np.arange(16)))
    names = {i: f"c{i}" for i in range(16)}
    paths = [write_map(tmp_path / f"{i}.tif", a, names) for i, a in enumerate((one, other))]
    assert len(geoseg.change(*paths).transitions) == 256
    with pytest.raises(InputError, match="256 transitions occur"):
        geoseg.change(*paths, tmp_path / "change.tif")
    assert not (tmp_path / "change.tif").exists()


def test_what_is_read_is_never_written(maps: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        geoseg.change(*maps, maps[1], overwrite=True)
    out = tmp_path / "change.gpkg"
    geoseg.change(*maps, out)
    with pytest.raises(OutputError, match="exists"):
        geoseg.change(*maps, out)
    geoseg.change(*maps, out, overwrite=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"out": "x.txt"}, "ends in one of"),
        ({"out": "x.tif", "raster": "y.tif"}, "both name a raster"),
        ({"raster": "y.gpkg"}, "--raster"),
        ({"rename": ["a"]}, "--rename a"),
        ({"ignore": ["cluods"]}, "class called 'cluods'; expected one of water, trees, built"),
        ({"rename": ["forest=trees"]}, "neither map has a class called 'forest'"),
        ({"missing": "perhaps"}, "--missing perhaps"),
        ({"resample": "cubic"}, "--resample cubic"),
        ({"predict": {"tile": 64}}, "--tile without --model"),
        ({"ignore": ["water", "trees", "built"]}, "no pixel has a class in both"),
    ],
)
def test_what_makes_no_sense_is_refused(
    maps: tuple[str, str], given: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        geoseg.change(*maps, **given)


def test_two_scenes_are_mapped_first(tmp_path: Path) -> None:
    model = make_bundle(tmp_path / "model")
    metre = (1.0, 0.0, UTM33[2], 0.0, -1.0, UTM33[5])
    scenes = [
        write(tmp_path / f"{i}.tif", colours(80, 70, seed=i), transform=metre) for i in range(2)
    ]
    paths = [str(tmp_path / f"map{i}.tif") for i in range(2)]
    for scene, path in zip(scenes, paths, strict=True):
        geoseg.predict(scene, path, model=model, tile=64)
    through_maps = geoseg.change(*paths)
    found = geoseg.change(*scenes, model=model, predict={"tile": 64})
    assert found.transitions == through_maps.transitions
    assert found.before == f"{scenes[0]} mapped by {model}"


def test_the_command_tells_people_and_programs(maps: tuple[str, str], tmp_path: Path) -> None:
    assert COMMANDS["change"][0] == "geoseg.cli.change:change"
    shown = CliRunner().invoke(command, [*maps])
    assert shown.exit_code == 0
    assert "water \N{RIGHTWARDS ARROW} trees" in shown.output
    out = tmp_path / "change.tif"
    printed = CliRunner().invoke(command, [*maps, "--json", "--quiet", "--out", str(out)])
    told = json.loads(printed.stdout)
    assert told["classes"] == ["water", "trees", "built"]
    assert np.array(told["pixels"]).sum() == 40 * 60 - 1
    assert told["changed_share"] == pytest.approx(told["changed_area_m2"] / told["area_m2"])
    assert out.exists()
