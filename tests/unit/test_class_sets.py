"""Sets of classes that hold the true one as often as is asked for, on places never seen."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from rasters import write

import geoseg
from geoseg.cli import run
from geoseg.core.card import NODATA
from geoseg.core.class_sets import MOST, ClassSets, PlaceCoverage, read_class_sets
from geoseg.core.errors import InputError
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.evaluation.class_sets import count_pair
from geoseg.evaluation.compare import Settings
from geoseg.evaluation.conformal import (
    PlaceTally,
    count_sets,
    coverage_of,
    find_threshold,
    leave_out_each,
    places_needed,
)
from geoseg.models import Bundle, find_model
from geoseg.prediction.class_sets import in_sets
from geoseg.prediction.pipeline import segment

COVERAGES = (0.5, 0.8, 0.9)


def drawn(rng: np.random.Generator, pixels: int, place: str = "p") -> PlaceTally:
    """A place of its own difficulty: how often the scores are right differs."""
    skill = rng.beta(12, 2)
    scores = rng.dirichlet(np.full(5, 1.0), pixels).T
    percents = np.round(scores * 100).astype(np.uint8)
    likely = (scores.cumsum(0) < rng.random(pixels)).sum(0).clip(0, 4)  # as the scores say
    truth = np.where(rng.random(pixels) < skill, likely, rng.integers(0, 5, pixels))
    return count_sets(percents, scores.argmax(0), truth, place)


@given(st.integers(1, 6), st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_the_counts_are_those_of_the_sets_themselves(
    labels: int, pixels: int, seed: int, empty: bool
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 101, (labels, pixels)).astype(np.uint8)
    top = scores.argmax(0)
    truth = rng.integers(0, labels, pixels).astype(np.uint8)
    truth[rng.random(pixels) < 0.2] = NODATA
    scores[:, rng.random(pixels) < 0.1] = NODATA
    known = (truth != NODATA) & (scores[0] != NODATA)
    found = count_sets(scores, top, truth, "p", empty)
    assert found.pixels == known.sum()
    for threshold in range(MOST + 1):
        sets = in_sets(scores, None if empty else top, threshold)[:, known]
        held = sets[truth[known].astype(int), np.arange(known.sum())]
        assert found.kept[threshold] == held.sum()
        assert found.sizes[threshold] == sets.sum()
    cut = pixels // 2
    parts = [
        count_sets(scores[:, part], top[part], truth[part], "p", empty)
        for part in (slice(cut, None), slice(cut))
    ]
    both = parts[0] + parts[1]
    np.testing.assert_array_equal(both.kept, found.kept)
    np.testing.assert_array_equal(both.sizes, found.sizes)


@given(st.integers(10, 30), st.integers(0, 2**32 - 1))
def test_more_coverage_never_gives_smaller_sets(places: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tallies = [drawn(rng, 50) for _ in range(places)]
    thresholds = [find_threshold(tallies, coverage) for coverage in COVERAGES]
    assert thresholds == sorted(thresholds, reverse=True)
    scores = rng.integers(0, 101, (4, 30)).astype(np.uint8)
    sets = [in_sets(scores, scores.argmax(0), threshold) for threshold in thresholds]
    assert (sets[0] <= sets[1]).all()
    assert (sets[1] <= sets[2]).all()
    assert sets[0].any(0).all()  # the class of the map is never excluded


@pytest.mark.parametrize("guaranteed", [False, True])
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_a_new_place_is_covered_as_often_as_asked_for(coverage: float, guaranteed: bool) -> None:
    """Of places drawn alike, with K of them the mean coverage of one more is what is asked for, but
    for the steps of whole percent; with the guarantee up to 1 / (K + 1) above it.
    """
    rng = np.random.default_rng(5)
    places, rounds = 24, 400
    found = []
    for _ in range(rounds):
        tallies = [drawn(rng, 200) for _ in range(places + 1)]
        threshold = find_threshold(tallies[:-1], coverage, guaranteed)
        found.append(coverage_of(tallies[-1], threshold).coverage)
    error = 3 * np.std(found) / rounds**0.5
    slack = 0.0 if guaranteed else 0.01
    more = 1 / (places + 1) if guaranteed else 0.0
    assert coverage - slack - error < np.mean(found) < coverage + more + 0.01 + error


def test_each_place_weighs_the_same_however_large() -> None:
    rng = np.random.default_rng(3)
    tallies = [drawn(rng, 100, str(i)) for i in range(20)]
    larger = [
        PlaceTally(one.place, one.kept * (i + 1), one.sizes * (i + 1))
        for i, one in enumerate(tallies)
    ]
    assert find_threshold(tallies, 0.9) == find_threshold(larger, 0.9)
    assert leave_out_each(tallies, 0.9) == [
        replace(found, pixels=found.pixels // (i + 1))
        for i, found in enumerate(leave_out_each(larger, 0.9))
    ]


@given(st.integers(1, 99))
def test_so_many_places_are_needed_that_a_new_one_may_miss_all(percent: int) -> None:
    coverage = percent / 100
    needed = places_needed(coverage)
    assert Fraction(needed, needed + 1) >= Fraction(percent, 100)
    assert needed == 1 or Fraction(needed - 1, needed) < Fraction(percent, 100)
    full = PlaceTally("p", np.full(MOST + 1, 7), np.full(MOST + 1, 7))
    assert find_threshold([full] * needed, coverage) == MOST
    if needed > 1:
        with pytest.raises(InputError, match=f"{needed} places at least"):
            find_threshold([full] * (needed - 1), coverage)


def test_what_is_written_is_read_again_and_what_is_none_is_refused(tmp_path: Path) -> None:
    place = PlaceCoverage("here", 10, 0.9, 1.5)
    sets = ClassSets("m", "00ff", "c0", ("a", "b"), "none", 0.9, 12, (place,), (place,), True)
    path = tmp_path / "sets.json"
    path.write_text(sets.text())
    assert read_class_sets(str(path)) == sets
    sets.check("m", "00ff", "c0", ("a", "b"), "none")
    for told in (
        ("m", "11", "c0", ("a", "b"), "none"),
        ("m", "00ff", "c1", ("a", "b"), "none"),
        ("m", "00ff", "c0", ("a",), "none"),
    ):
        with pytest.raises(InputError, match="--calibration is of m"):
            sets.check(*told)
    with pytest.raises(InputError, match="--tta"):
        sets.check("m", "00ff", "c0", ("a", "b"), "d4")
    whole = json.loads(sets.text())
    for broken in ({}, whole | {"threshold": 101}, whole | {"coverage": "x"}, [], {"a": 1}):
        path.write_text(json.dumps(broken))
        with pytest.raises(InputError, match="holds no sets of classes"):
            read_class_sets(str(path))


NAMES = ("red", "green", "blue")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return find_model(str(make_bundle(tmp_path_factory.mktemp("model"))))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> Path:
    """Five places of which each class is that of the map, but for a share of noise."""
    folder = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(1)
    rows = ["map,truth,place"]
    for place in range(5):
        coarse = rng.integers(0, 200, (3, 5, 6)).repeat(16, 1).repeat(16, 2)
        pixels = (coarse + rng.integers(0, 40, coarse.shape)).astype(np.uint8)
        transform = rasterio.Affine(1.0, 0, 4e5 + 200 * place, 0, -1.0, 5e6)
        write(folder / f"s{place}.tif", pixels, NAMES, transform, photometric="RGB")
        made = geoseg.predict(folder / f"s{place}.tif", model=bundle.path, device="cpu").classes
        noise = rng.random(made.shape) < 0.3
        truth = np.where(noise, rng.integers(0, 5, made.shape), made).astype(np.uint8)
        truth[:3] = 255
        write(folder / f"t{place}.tif", truth[None], (), transform, nodata=255)
        rows.append(f"s{place}.tif,t{place}.tif,place {place}")
    (folder / "pairs.csv").write_text("\n".join(rows) + "\n")
    return folder / "pairs.csv"


def test_what_is_learned_covers_what_is_mapped(
    bundle: Bundle, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sets.json"
    asked = ["calibrate", "--pairs", str(pairs), "--model", str(bundle.path), "--out", str(out)]
    assert run([*asked, "--coverage", "0.9", "--device", "cpu"]) == 2
    assert "9 places at least" in capsys.readouterr().err
    assert run([*asked, "--coverage", "0.8", "--bands", "1,2"]) == 2
    assert "s0.tif: --bands" in capsys.readouterr().err  # which of the scenes it is
    assert not out.exists()
    assert run([*asked, "--coverage", "0.8", "--device", "cpu"]) == 0
    assert "classes in a set" in capsys.readouterr().out
    told = ["--coverage", "0.8", "--device", "cpu", "--overwrite", "--json"]
    assert run([*asked, *told]) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")
    sets = read_class_sets(str(out))
    assert sets.sha256 == bundle.sha256
    assert [place.place for place in sets.places] == [f"place {i}" for i in range(5)]
    assert np.mean([place.coverage for place in sets.places]) >= 0.8 - 1e-9
    assert len(sets.held_out) == 5
    folder = pairs.parent
    target, scores = tmp_path / "sets.tif", tmp_path / "scores.tif"
    how = {"model": bundle.path, "device": "cpu", "tile": 64}
    found = geoseg.predict(
        folder / "s0.tif", tmp_path / "map.tif", sets=target, scores=scores, calibration=out, **how
    )
    with rasterio.open(target) as raster, rasterio.open(scores) as percent:
        kept = raster.read()
        expected = in_sets(percent.read(), found.classes, sets.threshold)
        assert raster.descriptions == (
            "classes that cannot be excluded",
            *(label.name for label in bundle.card.labels),
        )
    np.testing.assert_array_equal(kept[1:], expected)
    np.testing.assert_array_equal(kept[0], expected.sum(0))
    with rasterio.open(folder / "t0.tif") as raster:
        truth = raster.read(1)
    known = truth != NODATA
    held = np.take_along_axis(kept[1:], truth.clip(0, 4)[None], 0)[0][known]
    assert held.mean() == pytest.approx(sets.places[0].coverage)
    assert kept[0][known].mean() == pytest.approx(sets.places[0].size)
    part = str(tmp_path / "part.tif")
    options = Options.of(device="cpu", tile=64, calibration=out)
    region = (13, 7, 60, 90)
    job = Job(
        (str(folder / "s0.tif"),),
        str(bundle.path),
        part,
        options=options,
        region=region,
        sets=str(tmp_path / "part-sets.tif"),
    )
    segment(job)
    with rasterio.open(tmp_path / "part-sets.tif") as raster:
        np.testing.assert_array_equal(raster.read(), kept[:, 13:60, 7:90])
    assert geoseg.rerun(target).equal
    with pytest.raises(InputError, match="--sets without --calibration"):
        geoseg.predict(folder / "s0.tif", tmp_path / "x.tif", sets=tmp_path / "y.tif", **how)
    with pytest.raises(InputError, match="--calibration is of"):
        geoseg.predict(
            folder / "s0.tif",
            tmp_path / "x.tif",
            sets=tmp_path / "y.tif",
            calibration=out,
            tta="flips",
            **how,
        )


def test_points_are_a_truth_and_strange_classes_are_named(
    bundle: Bundle, pairs: Path, tmp_path: Path
) -> None:
    folder = pairs.parent
    scores, classes = tmp_path / "scores.tif", tmp_path / "map.tif"
    geoseg.predict(folder / "s0.tif", classes, scores=scores, model=bundle.path, device="cpu")
    with rasterio.open(folder / "t0.tif") as raster:
        truth, place = raster.read(1), raster.transform
    rows, columns = np.nonzero(truth != NODATA)
    chosen = np.random.default_rng(0).choice(len(rows), 40, replace=False)
    rows, columns = rows[chosen], columns[chosen]
    names = [f"class {truth[row, column]}" for row, column in zip(rows, columns, strict=True)]
    x, y = place.c + place.a * (columns + 0.5), place.f + place.e * (rows + 0.5)
    points = geopandas.GeoDataFrame(
        {"class": names}, geometry=geopandas.points_from_xy(x, y), crs="EPSG:32633"
    )
    points.to_file(tmp_path / "points.gpkg")
    how = (bundle.card, Settings(), "p")
    found = count_pair(str(classes), str(scores), str(tmp_path / "points.gpkg"), *how)
    with rasterio.open(scores) as raster, rasterio.open(classes) as mapped:
        percents, top = raster.read()[:, rows, columns], mapped.read(1)[rows, columns]
    expected = count_sets(percents, top, truth[rows, columns], "p")
    np.testing.assert_array_equal(found.kept, expected.kept)
    np.testing.assert_array_equal(found.sizes, expected.sizes)
    points.replace("class 1", "moon").to_file(tmp_path / "strange.gpkg")
    with pytest.raises(InputError, match="has classes that test-model lacks: moon"):
        count_pair(str(classes), str(scores), str(tmp_path / "strange.gpkg"), *how)
