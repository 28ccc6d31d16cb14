"""Samples: sizes that add up, pixels drawn evenly whatever the strips, and a file from which
areas come out right.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import geopandas
import numpy as np
import pytest
import rasterio
import rasters
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from geoseg.cli import run
from geoseg.core.card import NODATA
from geoseg.core.errors import InputError
from geoseg.evaluation.samples import draw as drawing
from geoseg.evaluation.samples.draw import draw, scramble
from geoseg.evaluation.samples.geopackage import qml, write_sample
from geoseg.evaluation.samples.interpreted import read_sample
from geoseg.evaluation.samples.plan import allocate, read_expected, suggest_points
from geoseg.vector.geodesic import PixelAreas

# Olofsson et al. 2014, section 5.1: shares of the map's classes and the user's accuracies that were
# expected
SHARES, EXPECTED = [200_000, 150_000, 3_200_000, 6_450_000], [0.7, 0.6, 0.9, 0.95]


def test_sample_size_and_allocations_are_those_of_the_paper() -> None:
    assert suggest_points(0.01, SHARES, EXPECTED) == 641
    assert allocate(641, SHARES, "proportional") == [13, 10, 205, 413]
    assert sorted(allocate(641, SHARES, "equal")) == [160, 160, 160, 161]


SIZES = st.lists(st.integers(1, 10**9), min_size=1, max_size=12)


@given(SIZES, st.data())
def test_parts_add_up_and_keep_their_bounds(sizes: list[int], data: st.DataObject) -> None:
    minimum = data.draw(st.integers(0, 50))
    least = sum(min(minimum, size) for size in sizes)
    points = data.draw(st.integers(least, min(sum(sizes), least + 10_000)))
    how = data.draw(st.sampled_from(["proportional", "equal", "neyman"]))
    rates = data.draw(st.lists(st.floats(0, 1), min_size=len(sizes), max_size=len(sizes)))
    parts = allocate(points, sizes, how, minimum, rates)  # type: ignore[arg-type] # drawn from its words
    assert sum(parts) == points
    assert all(min(minimum, size) <= part <= size for part, size in zip(parts, sizes, strict=True))


def test_neyman_gives_more_to_what_is_uncertain() -> None:
    certain, uncertain = allocate(100, [1000, 1000], "neyman", 0, [0.99, 0.6])
    assert uncertain / certain == pytest.approx((0.6 * 0.4) ** 0.5 / (0.99 * 0.01) ** 0.5, rel=0.1)


def test_plans_that_cannot_be() -> None:
    with pytest.raises(InputError, match="too few for 30 in each of 4"):
        allocate(100, SHARES, "equal", 30)
    with pytest.raises(InputError, match="5 pixels"):
        allocate(6, [2, 3])
    with pytest.raises(InputError, match="--allocation random"):
        allocate(6, [20, 30], "random")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="--standard-error"):
        suggest_points(0.0, SHARES, EXPECTED)
    assert read_expected(["0.9", "Water=0.5"], ["water", "trees"]) == [0.5, 0.9]
    for text in ("ice=0.5", "2", "water=high", "water=nan"):
        with pytest.raises(InputError, match="--expect"):
            read_expected([text], ["water", "trees"])


def make_map(
    folder: Path, shape: tuple[int, int] = (300, 400), **options: object
) -> tuple[str, np.ndarray]:
    rng = np.random.default_rng(2)
    values = rng.choice(np.array([1, 4, 9, NODATA], np.uint8), shape, p=[0.6, 0.3, 0.01, 0.09])
    return rasters.write(folder / "map.tif", values[None], nodata=NODATA, **options), values  # type: ignore[arg-type]


def test_the_same_seed_draws_the_same_pixels_whatever_the_strips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, values = make_map(tmp_path)
    whole = draw(path, 100, 7)
    monkeypatch.setattr(drawing, "STRIP", 1200)
    cut = draw(path, 100, 7)
    for one, other in zip(whole.strata, cut.strata, strict=True):
        assert np.array_equal(one.drawn, other.drawn)
        assert one.area == pytest.approx(other.area)
        assert one.pixels == other.pixels == (values == one.value).sum()
        assert (values.ravel()[one.drawn] == one.value).all()
        assert len(set(one.drawn.tolist())) == len(one.drawn) == 100
    more, other = draw(path, 150, 7), draw(path, 100, 8)
    assert np.array_equal(more.strata[0].drawn[:100], whole.strata[0].drawn)
    assert not np.array_equal(other.strata[0].drawn, whole.strata[0].drawn)


def test_every_pixel_is_as_likely_as_any_other() -> None:
    """The places of the smallest of 1000 numbers, over many seeds, spread evenly; so do pairs of
    neighbours.
    """
    places = np.arange(1000)
    drawn = np.concatenate([np.argsort(scramble(places, seed))[:20] for seed in range(2000)])
    counts = np.bincount(drawn, minlength=1000)
    assert chisquare(counts).pvalue > 1e-4
    assert chisquare(counts.reshape(10, 100).sum(axis=1)).pvalue > 1e-4
    both = sum(
        len(set(chosen) & {p + 1 for p in chosen}) for chosen in drawn.reshape(2000, 20).tolist()
    )
    assert both / 2000 == pytest.approx(
        20 * 19 / 1000, rel=0.15
    )  # pairs of neighbours expected in a sample


def test_areas_are_those_of_the_ellipsoid(tmp_path: Path) -> None:
    path, values = make_map(
        tmp_path, (40, 60), crs="EPSG:4326", transform=(0.01, 0, 12.0, 0, -0.01, 60.0)
    )
    found = draw(path, 10, 1)
    cells = np.stack([PixelAreas(found.grid).cells(row) for row in range(40)])
    assert found.metric
    for stratum in found.strata:
        assert stratum.area == pytest.approx(cells[values == stratum.value].sum())
    path, values = make_map(tmp_path, (40, 60), crs=None)
    plain = draw(path, 10, 1)
    assert not plain.metric
    assert [s.area for s in plain.strata] == [s.pixels for s in plain.strata]
    with pytest.raises(InputError, match="holds no class"):
        draw(
            rasters.write(
                tmp_path / "empty.tif", np.full((1, 5, 5), NODATA, np.uint8), nodata=NODATA
            ),
            10,
            1,
        )


@pytest.mark.parametrize("blind", [False, True])
def test_the_file_holds_points_on_pixels_of_their_class(tmp_path: Path, blind: bool) -> None:
    path, _ = make_map(tmp_path)
    found = draw(path, 60, 3)
    write_sample(tmp_path / "s.gpkg", found, [60, 40, 20], 3, blind, {"seed": 3})
    frame = geopandas.read_file(tmp_path / "s.gpkg", layer="sample")
    assert frame.crs == "EPSG:32633"
    assert list(frame["id"]) == list(range(1, 121))
    assert frame["truth"].isna().all()
    with closing(sqlite3.connect(tmp_path / "s.gpkg")) as database:
        strata = dict(database.execute("SELECT id, stratum FROM geoseg_points"))
        sizes = dict(database.execute("SELECT stratum, pixels FROM geoseg_strata"))
        styles = database.execute(
            "SELECT f_table_name, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
    with rasterio.open(path) as raster:
        sampled = [int(value[0]) for value in raster.sample([(p.x, p.y) for p in frame.geometry])]
    assert [strata[i] for i in frame["id"]] == sampled
    assert Counter(sampled) == {1: 60, 4: 40, 9: 20}
    assert sizes == {s.value: s.pixels for s in found.strata}
    assert ("map_class" in frame) == ("stratum" in frame) == ("weight" in frame) == (not blind)
    assert styles[0][0] == "sample"
    if not blind:
        assert list(frame["map_class"]) == [f"class {value}" for value in sampled]
        assert frame["weight"].sum() == pytest.approx(sum(s.area for s in found.strata))


def test_the_command_tells_programs_what_the_map_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, values = make_map(tmp_path)
    assert run(["sample", path, "--points", "90", "--allocation", "equal", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    counts = {value: int((values == value).sum()) for value in (1, 4, 9)}
    assert {one["value"]: one["pixels"] for one in told["classes"]} == counts
    assert {one["name"]: one["points"] for one in told["classes"]} == {
        "class 1": 30,
        "class 4": 30,
        "class 9": 30,
    }
    assert told["points"] == 90
    for one in told["classes"]:
        assert one["area_m2"] == pytest.approx(100 * one["pixels"], rel=2e-3)  # 10 m, UTM


def test_qgis_gets_a_list_of_the_classes() -> None:
    style = ElementTree.fromstring(
        qml([("a & <b>", "#ff0000"), ('"c"', "#00ff00")], ["id", "truth", "remark"])
    )
    field = style.find("fieldConfiguration/field")
    assert field is not None
    assert field.get("name") == "truth"
    choices = field.findall(
        "editWidget[@type='ValueMap']/config/Option/Option[@name='map']/Option/Option"
    )
    assert [(c.get("name"), c.get("value")) for c in choices] == [
        ("a & <b>", "a & <b>"),
        ('"c"', '"c"'),
    ]
    editable = {f.get("name"): f.get("editable") for f in style.findall("editable/field")}
    assert editable == {"fid": "0", "id": "0", "truth": "1", "remark": "1"}
    assert [c.get("value") for c in style.findall("renderer-v2/categories/category")] == [
        "",
        "a & <b>",
        '"c"',
    ]


def interpret(path: Path, truths: dict[int, list[str]]) -> None:
    """Fill in the truth of each stratum's points, in order; those beyond the list stay empty."""
    with closing(sqlite3.connect(path)) as database, database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(
                f'DROP TRIGGER "{name}"'
            )  # they call functions that only GDAL brings along
        for stratum, names in truths.items():
            points = database.execute(
                "SELECT id FROM geoseg_points WHERE stratum = ? ORDER BY id", [stratum]
            )
            for (place,), name in zip(points.fetchall(), names, strict=False):
                database.execute("UPDATE sample SET truth = ? WHERE id = ?", [name, place])


def test_areas_from_an_interpreted_sample(tmp_path: Path) -> None:
    path, _ = make_map(tmp_path)
    found = draw(path, 60, 3)
    target = tmp_path / "s.gpkg"
    write_sample(target, found, [50, 40, 20], 3, True, {})
    with pytest.raises(InputError, match=r"no point .* has a class"):
        read_sample(str(target))
    interpret(
        target,
        {
            1: ["class 1"] * 45 + ["CLASS 4 "] * 5,
            4: ["class 4"] * 36 + ["lava"] * 4,
            9: ["class 9"],
        },
    )
    done = read_sample(str(target))
    counts = [[45, 5, 0, 0], [0, 36, 0, 4], [0, 0, 1, 0]]
    assert done.estimates.counts.tolist() == counts
    assert done.estimates.names == ("class 1", "class 4", "class 9", "lava")
    assert done.unit == "ha"
    areas = np.array([s.area for s in found.strata]) / 1e4
    assert done.estimates.area(0).value == pytest.approx(areas[0] * 0.9)
    assert done.estimates.area(3).value == pytest.approx(areas[1] * 0.1)
    notes = "\n".join(done.notes)
    assert "19 of 110 points are not interpreted" in notes
    assert "classes that the map does not have: lava" in notes
    assert "one point only of class 9" in notes


def test_a_stratum_without_points_is_left_out_and_said(tmp_path: Path) -> None:
    path, _ = make_map(tmp_path)
    found, target = draw(path, 60, 3), tmp_path / "s.gpkg"
    write_sample(target, found, [50, 40, 20], 3, False, {})
    interpret(target, {1: ["class 1"] * 49 + ["class 9"], 4: ["class 4"] * 40})
    done = read_sample(str(target))
    assert done.estimates.names == ("class 1", "class 4", "class 9")
    assert done.estimates.counts.tolist() == [[49, 0, 1], [0, 40, 0]]
    assert any("no point of class 9 is interpreted" in note for note in done.notes)


def test_files_that_are_no_sample(tmp_path: Path) -> None:
    (tmp_path / "text.gpkg").write_text("no database")
    with closing(sqlite3.connect(tmp_path / "other.gpkg")) as database, database:
        database.execute("CREATE TABLE sample (id INTEGER, truth TEXT)")
    for name in ("text.gpkg", "other.gpkg", "none.gpkg"):
        with pytest.raises(InputError, match="geoseg sample"):
            read_sample(str(tmp_path / name))
