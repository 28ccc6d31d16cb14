"""Vector files as truth, labels, area and mask: kinds of shapes, layers, odd names, CRS that
cannot be related.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import rasters
import shapely

from geoseg.cli import run as geoseg
from geoseg.core.card import NODATA
from geoseg.core.errors import InputError
from geoseg.core.events import Warned
from geoseg.core.grid import Grid, Window
from geoseg.evaluation.classes import Renames
from geoseg.evaluation.compare import Settings, evaluate
from geoseg.features.aoi import load_aoi
from geoseg.features.coding import Coding
from geoseg.features.labels import open_labels
from geoseg.features.layers import open_layer, split_layer
from geoseg.raster.relate import relate
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.clean.mask import load_mask
from geoseg.vector.vectorize import vectorize

CASES = Path(__file__).parents[3] / "shared" / "cases"
GRID = Grid(40, 40, (1.0, 0.0, 0.0, 0.0, -1.0, 40.0), None)
BOX = "POLYGON ((10 10, 20 10, 20 20, 10 20, 10 10))"
BOW = "POLYGON ((10 10, 20 20, 20 10, 10 20, 10 10))"
CURVE = "CURVEPOLYGON (CIRCULARSTRING (10 20, 20 30, 30 20, 20 10, 10 20))"
LOCAL = 'LOCAL_CS["site",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="no ../shared/cases")


def write_wkt(path: Path, shapes: list[str]) -> str:
    """Write shapes of any kind, curves too, with the class 1: as text, which GDAL reads."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["WKT", "class"], *([shape, "1"] for shape in shapes)])
    return f"{path}|layername={path.stem}"


@pytest.fixture
def mapped(tmp_path: Path) -> str:
    values = np.ones((1, 40, 40), np.uint8)
    return rasters.write(
        tmp_path / "map.tif", values, transform=GRID.transform, crs=None, nodata=NODATA
    )


# what lies in the pixels: their number as an area or as points, or a word of the refusal
KINDS: list[tuple[str, list[str], int | str, int | str]] = [
    ("polygon", [BOX], 100, 100),
    ("Z", ["POLYGON Z ((10 10 5, 20 10 5, 20 20 5, 10 20 5, 10 10 5))"], 100, 100),
    ("M", ["POLYGON M ((10 10 5, 20 10 5, 20 20 5, 10 20 5, 10 10 5))"], 100, 100),
    ("multi", [f"MULTIPOLYGON ({BOX[8:]}, ((30 30, 31 30, 31 31, 30 31, 30 30)))"], 101, 101),
    ("overlapping parts", [f"MULTIPOLYGON ({BOX[8:]}, {BOX[8:]})"], 100, 100),
    ("bow-tie", [BOW], 50, 50),
    ("collection", [f"GEOMETRYCOLLECTION ({BOX}, GEOMETRYCOLLECTION ({BOX}))"], 100, 100),
    ("curve", [CURVE], 316, 316),
    ("surface", [f"MULTISURFACE ({CURVE})"], 316, 316),
    ("null beside", [BOX, "", "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"], 100, 100),
    ("point", ["POINT (3.5 3.5)"], "is of Point", 1),
    ("multipoint", ["MULTIPOINT ((3.5 3.5), (30.5 30.5), (3.5 30.5))"], "is of Point", 3),
    (
        "collected points",
        ["GEOMETRYCOLLECTION (POINT Z (3.5 3.5 9), MULTIPOINT ((9.5 9.5)))"],
        "is of Point",
        2,
    ),
    ("line", ["LINESTRING (1 1, 9 9)"], "is of LineString", "is of LineString"),
    (
        "line beside",
        [BOX, "LINESTRING (1 1, 9 9)"],
        r"LineString \(1\), Polygon",
        r"LineString \(1\), Polygon",
    ),
    (
        "arc",
        ["COMPOUNDCURVE (CIRCULARSTRING (0 0, 1 1, 2 0), (2 0, 3 0))"],
        "is of LineString",
        "is of LineString",
    ),
    ("both", [BOX, "POINT (1 1)"], r"Point \(1\), Polygon", r"Point \(1\), Polygon"),
    (
        "collected line",
        [f"GEOMETRYCOLLECTION ({BOX}, LINESTRING (1 1, 9 9))"],
        "LineString",
        "LineString",
    ),
    ("nothing", ["", "POLYGON EMPTY"], "empty", "no feature"),
    ("triangles", ["TIN (((1 1 0, 9 1 0, 9 9 0, 1 1 0)))"], "cannot be read", "cannot be read"),
]


@pytest.mark.parametrize(
    ("shapes", "area", "labelled"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS]
)
def test_every_kind_of_shape_counts_alike_everywhere(
    tmp_path: Path, mapped: str, shapes: list[str], area: int | str, labelled: int | str
) -> None:
    path = write_wkt(tmp_path / "shapes.csv", shapes)

    def truth() -> int:
        return int(evaluate(mapped, path, Settings(tolerance="off")).matrix.sum())

    def labels() -> int:
        found = open_labels(path, GRID, Coding({1: 0})).read(GRID.extent)
        return int((found != NODATA).sum())

    def aoi() -> int:
        return int(load_aoi(path, GRID).mask(GRID.extent).sum())

    def mask() -> int:
        return int(load_mask(path, GRID)(0, 40).sum())

    for count, expected in ((truth, labelled), (labels, labelled), (aoi, area), (mask, area)):
        if isinstance(expected, int):
            assert count() == pytest.approx(expected, abs=4 if expected == 316 else 0)
        else:
            with pytest.raises(InputError, match=expected) as error:
                count()
            assert "\n" not in str(error.value)


def test_what_has_no_shape_is_left_out_and_counted(tmp_path: Path, mapped: str) -> None:
    for name, shape, empty in (
        ("p", shapely.Point(3.5, 3.5), shapely.Point()),
        ("a", shapely.box(1, 1, 5, 5), None),
    ):
        path = tmp_path / f"{name}.gpkg"
        frame = geopandas.GeoDataFrame({"class": [1, 1, 1]}, geometry=[shape, empty, None])
        with pytest.warns(UserWarning, match="'crs' was not provided"):
            frame.to_file(path)
        found = evaluate(mapped, str(path), Settings(tolerance="off"))
        assert any("2 features without a shape are left out" in note for note in found.notes)


def test_overlapping_features_of_different_classes_are_told(tmp_path: Path) -> None:
    def square(left: float) -> Any:
        return shapely.box(left, 10, left + 10, 20)

    frame = geopandas.GeoDataFrame(
        {"class": ["a", "b", "a", "a"]},
        geometry=[square(0), square(5), square(5), square(30)],
        crs="EPSG:32633",
    )
    frame.to_file(tmp_path / "t.gpkg")
    transform = GRID.transform
    path = rasters.write(
        tmp_path / "m.tif", np.ones((1, 40, 40), np.uint8), transform=transform, nodata=NODATA
    )
    told: list[Any] = []
    how = Settings(tolerance="3px", renames=Renames(mapped={"1": "a"}))
    found = evaluate(path, str(tmp_path / "t.gpkg"), how, report=told.append)
    line = "t.gpkg: features of different classes overlap on 100 pixels; there, the later feature in the file counts"
    assert line in [event.text for event in told if isinstance(event, Warned)]
    assert line in found.notes
    assert found.matrix.sum() == 250  # each pixel counts once
    labels = open_labels(str(tmp_path / "t.gpkg"), GRID, Coding({"a": 0, "b": 1}))
    assert labels.conflicts(Window(0, 0, 40, 40)).sum() == 100
    assert labels.conflicts(Window(0, 0, 40, 5)).sum() == 0


def test_a_file_of_two_layers_needs_a_name(tmp_path: Path, mapped: str) -> None:
    path = tmp_path / "two.gpkg"
    for layer, size in (("old", 5), ("it's; (new)|x", 10)):
        frame = geopandas.GeoDataFrame(
            {"class": [1]}, geometry=[shapely.box(10, 10, 10 + size, 20)]
        )
        with pytest.warns(UserWarning, match="'crs' was not provided"):
            frame.to_file(path, layer=layer)
    ways = [
        lambda text: evaluate(mapped, text).matrix.sum(),
        lambda text: (open_labels(text, GRID, Coding({1: 0})).read(GRID.extent) != NODATA).sum(),
        lambda text: load_aoi(text, GRID).mask(GRID.extent).sum(),
        lambda text: load_mask(text, GRID)(0, 40).sum(),
    ]
    for way in ways:
        with pytest.raises(InputError, match=r"has 2 layers; expected one of 'old', .*layername="):
            way(str(path))
        with pytest.raises(InputError, match="has no layer 'none'"):
            way(f"{path}|layername=none")
        with pytest.raises(InputError, match="is filtered"):
            way(f"{path}|layername=old|subset=class = 1")
        assert way(f"{path}|layername=old") == 50
        assert way(f"{path}|layername=it's; (new)|x") == 100
        assert way(f"{path}|layerid=1|geometrytype=Polygon") == 100
    assert evaluate(mapped, str(path), Settings(truth_layer="old")).matrix.sum() == 50
    assert (
        open_labels(str(path), GRID, Coding({1: 0}, layer="old")).read(GRID.extent) != NODATA
    ).sum() == 50
    with pytest.raises(InputError, match="name two layers"):
        evaluate(mapped, f"{path}|layerid=1", Settings(truth_layer="old"))
    assert split_layer("a|b.gpkg") == ("a|b.gpkg", None)


@needs_cases
def test_the_cases_of_two_layers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, two = str(CASES / "e_map.tif"), str(CASES / "k_two.gpkg")
    with pytest.raises(
        InputError, match=r"has 2 layers; expected one of 'old', 'truth'.*--truth-layer"
    ):
        evaluate(base, two, Settings(truth_column="code"))
    assert (
        geoseg(["evaluate", base, f"{two}|layername=truth", "--truth-column", "code", "--quiet"])
        == 0
    )
    assert "0.9124" in capsys.readouterr().out
    assert (
        geoseg(
            ["evaluate", base, two, "--truth-layer", "truth", "--truth-column", "code", "--quiet"]
        )
        == 0
    )
    assert "0.9124" in capsys.readouterr().out
    with pytest.raises(InputError, match="'first', 'second'"):
        vectorize(base, tmp_path / "x.gpkg", Tracing(mask=str(CASES / "aoi_two.gpkg")))
    found = evaluate(base, str(CASES / "e_overlap.gpkg"), Settings(truth_column="code"))
    assert any("overlap on 3,860 pixels" in note for note in found.notes)
    found = evaluate(base, str(CASES / "e_pt_empty.gpkg"), Settings(truth_column="code"))
    assert found.matrix.sum() == 299
    assert any("1 features without a shape are left out" in note for note in found.notes)


def test_names_of_a_column_are_not_matched_with_values(tmp_path: Path, mapped: str) -> None:
    """The place of a name in an alphabetical list is no value that a raster could mean."""
    path = write_wkt(tmp_path / "t.csv", [BOX])
    Path(path.partition("|")[0]).write_text(f'WKT,class\n"{BOX}",water\n"{BOX}",wood\n')
    with pytest.raises(InputError, match="no class in common: the truth has wood"):
        evaluate(mapped, path)


def test_one_rule_for_the_column_of_classes(tmp_path: Path, mapped: str) -> None:
    frame = geopandas.GeoDataFrame(
        {"class_id": [5], "class": ["class 1"]}, geometry=[shapely.box(1, 1, 5, 5)]
    )
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        frame.to_file(tmp_path / "t.gpkg")
    found = evaluate(mapped, str(tmp_path / "t.gpkg"))
    assert any("(column class)" in note for note in found.notes)
    labels = open_labels(str(tmp_path / "t.gpkg"), GRID, Coding({"class 1": 0}))
    assert (labels.read(GRID.extent) == 0).sum() == 16


def test_a_local_crs_is_related_to_none(tmp_path: Path) -> None:
    ones = np.ones((1, 40, 40), np.uint8)
    plain = rasters.write(
        tmp_path / "m.tif", ones, transform=GRID.transform, crs="EPSG:2154", nodata=NODATA
    )
    local = rasters.write(
        tmp_path / "l.tif", ones, transform=GRID.transform, crs=LOCAL, nodata=NODATA
    )
    frame = geopandas.GeoDataFrame(
        {"class": [1]}, geometry=[shapely.box(1, 1, 5, 5)], crs="EPSG:2154"
    )
    frame.to_file(tmp_path / "t.gpkg")
    grid = Grid(40, 40, GRID.transform, rasterio.open(local).crs.to_wkt())
    line = r"a local CRS \(site\)"
    for way in (
        lambda: evaluate(plain, local),
        lambda: evaluate(local, plain),
        lambda: evaluate(local, str(tmp_path / "t.gpkg")),
        lambda: open_labels(str(tmp_path / "t.gpkg"), grid, Coding({1: 0})),
        lambda: open_labels(plain, grid, Coding({1: 0})),
        lambda: load_aoi(str(tmp_path / "t.gpkg"), grid),
        lambda: load_aoi(f"EPSG:4326;{BOX}", grid),
    ):
        with pytest.raises(
            InputError, match=f"{line}|EPSG.*which cannot be related to {line}"
        ) as error:
            way()
        assert "\n" not in str(error.value)
        assert len(str(error.value)) < 600
    assert evaluate(local, local).matrix.sum() == 1600
    with pytest.raises(InputError, match="a local CRS; expected one that is tied to the Earth"):
        vectorize(local, tmp_path / "x.geojson")
    assert vectorize(local, tmp_path / "x.gpkg") == 1
    with pytest.raises(InputError, match="cannot be related"):  # the Moon is another body
        relate("IAU_2015:30100", "EPSG:4326", "one", "two")


@needs_cases
def test_the_cases_of_a_local_crs() -> None:
    with pytest.raises(
        InputError, match=r"a local CRS \(RGF93 v1 / Lambert-93\), which cannot be .* EPSG:2154"
    ):
        evaluate(str(CASES / "k_map_2154.tif"), str(CASES / "k_truth_local.tif"))


ODD = [
    "a(b",
    "(a",
    "a[b",
    "a<b",
    "a;b",
    "-ab",
    "a'b",
    'a"b',
    "a|b",
    "a%b",
    "a\nb",
    "a!b",
    "a?b",
    "a#b",
    "a b",
    " a",
    "gpkg_a",
    "Zürich 東京",
    "x" * 220,
]


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".fgb"])
def test_odd_names_are_written_and_read(tmp_path: Path, name: str, suffix: str) -> None:
    folder = tmp_path / f"in {name[:9]}"
    folder.mkdir()
    values = np.ones((1, 40, 40), np.uint8)
    values[:, :7] = 2
    path = rasters.write(folder / f"{name}.tif", values, nodata=NODATA)
    target = folder / f"{name}{suffix}"
    assert vectorize(path, target) == 2
    assert [part.name for part in folder.iterdir() if part.name.startswith(("file", "."))] == []
    found = evaluate(path, str(target), Settings(truth_column="class_id"))
    assert found.matrix.diagonal().sum() == 1600
    assert (
        load_aoi(str(target), Grid(40, 40, rasters.UTM33, "EPSG:32633"))
        .mask(Window(0, 0, 40, 40))
        .all()
    )
    assert open_layer(str(target)).features == 2


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="a locale of POSIX")
def test_names_beyond_ascii_need_no_locale(tmp_path: Path) -> None:
    values = np.ones((1, 40, 40), np.uint8)
    path = rasters.write(tmp_path / "Zürich 東京.tif", values, nodata=NODATA)
    for more in ({}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        target = tmp_path / f"é{len(more)}.gpkg"
        words = [sys.executable, "-m", "geoseg", "vectorize", path, "--out", str(target)]
        done = subprocess.run(
            words, env={**os.environ, "LC_ALL": "C", **more}, capture_output=True, check=False
        )
        if more:  # a locale of one's own choice that cannot tell names: said in one line
            assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
            assert b"is not in UTF-8; rename it, or run with LC_ALL=C.UTF-8" in done.stderr
        else:
            assert done.returncode == 0, done.stderr
            assert open_layer(str(target)).features == 1


def test_scenes_in_a_local_crs_have_places_of_their_own(tmp_path: Path) -> None:
    from geoseg.training.places import name_places
    from geoseg.training.sources import Sample

    local = rasters.write(
        tmp_path / "l.tif", np.ones((1, 40, 40), np.uint8), transform=GRID.transform, crs=LOCAL
    )
    grid = Grid(40, 40, GRID.transform, rasterio.open(local).crs.to_wkt())
    named = name_places([Sample("a.tif", "l.tif"), Sample("b.tif", "l.tif")], [grid, grid], 10)
    assert [sample.place for sample in named] == ["a", "b"]


@pytest.mark.parametrize("command", ["batch", "evaluate", "train"])
def test_a_field_beyond_the_limit_of_csv_is_one_line(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"scene,label,map,truth\n{'x' * 200_000},b,c,d\n")
    words = {
        "batch": ["batch", str(table), "--out-dir", str(tmp_path / "out")],
        "evaluate": ["evaluate", "--pairs", str(table)],
        "train": ["train", "--samples", str(table), "--out", str(tmp_path / "out")],
    }
    assert geoseg(words[command]) == 2
    told = capsys.readouterr().err
    assert "field larger than field limit" in told
    assert told.count("\n") == 1
