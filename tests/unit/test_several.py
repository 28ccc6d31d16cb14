"""Several classes at once: each where its score is high enough, however a scene is cut."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
from batches import OPTIONS, do, planned, shapes, write_scene
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.features import rasterize

import geoseg
from geoseg.core.arrays import from_planes, to_planes
from geoseg.core.card import NODATA, read_card, write_card
from geoseg.core.errors import InputError
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.models import Bundle, find_model
from geoseg.prediction import run
from geoseg.prediction.pipeline import segment
from geoseg.prediction.thresholds import thresholds_of

NAMES = ("roads, paved", "water", "trees")
SHARES = "0.4,roads, paved=0.45,trees=0.6"
OF_EACH = (0.45, 0.4, 0.6)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose classes do not exclude each other, with values that are no places."""
    folder = tmp_path_factory.mktemp("home")
    path = make_bundle(folder / "model", labels=3) / "card.json"
    card = read_card(path)
    labels = tuple(
        replace(label, value=label.value + 20, name=name, is_building=name == "water")
        for label, name in zip(card.labels, NAMES, strict=True)
    )
    write_card(replace(card, labels=labels, activation="sigmoid"), path)
    return folder


@pytest.fixture(scope="module")
def bundle(home: Path) -> Bundle:
    return find_model(str(home / "model"))


@pytest.fixture(scope="module")
def scene(home: Path) -> str:
    return str(write_scene(home / "big.tif", 150, 210, seed=9))


@pytest.fixture(scope="module")
def scores(bundle: Bundle, scene: str) -> np.ndarray:
    with rasterio.open(scene) as raster, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of colours: it is no picture
        return geoseg.open_model(bundle.path, "cpu")(raster.read(), tile=64, overlap=16)


@pytest.fixture(scope="module")
def whole(bundle: Bundle, scene: str, home: Path) -> Path:
    """The folder of a map of the whole scene, its rasters and polygons."""
    folder = home / "whole"
    folder.mkdir()
    segment(job(bundle, scene, folder))
    return folder


def job(bundle: Bundle, scene: str, folder: Path, **more: object) -> Job:
    options = Options.of(device="cpu", engine="torch", tile=64, threshold=SHARES)
    found = {"classes": f"{folder}/big.tif", "polygons": f"{folder}/big.gpkg", "options": options}
    return Job((scene,), str(bundle.path), **{**found, **more})


def read(path: Path | str) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read()


def test_each_class_is_there_where_its_score_is_high_enough(
    bundle: Bundle, scene: str, scores: np.ndarray
) -> None:
    found = geoseg.predict(
        scene, model=bundle.path, device="cpu", engine="torch", tile=64, threshold=SHARES
    )
    there = scores >= np.array(OF_EACH, np.float32)[:, None, None]
    np.testing.assert_array_equal(found.classes, there)
    np.testing.assert_array_equal(found.confidence, np.floor(scores * np.float32(100) + 0.5))
    assert (there.sum(0) > 1).any()
    assert (there.sum(0) == 0).any()
    assert found.shares == pytest.approx(dict(zip(NAMES, there.mean((1, 2)), strict=True)))
    assert found.pixels == scores[0].size
    with pytest.raises(InputError, match="no polygons of several"):
        found.polygons  # noqa: B018


def test_what_the_raster_says(bundle: Bundle, whole: Path) -> None:
    with rasterio.open(whole / "big.tif") as raster:
        assert raster.descriptions == NAMES
        assert raster.tags(2) == {"class": "21", "colour": bundle.card.labels[1].colour}
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.nodata == NODATA
    assert not (whole / "big.qml").exists()
    with pytest.raises(InputError, match="holds several classes at once"):
        geoseg.evaluate(whole / "big.tif", whole / "big.tif")
    with pytest.raises(InputError, match="has 3 bands"):
        geoseg.vectorize(whole / "big.tif", whole / "other.gpkg")


def test_a_band_of_it_is_polygons_of_its_class(bundle: Bundle, whole: Path, tmp_path: Path) -> None:
    label = bundle.card.labels[1]
    geoseg.vectorize(whole / "big.tif", tmp_path / "one.gpkg", band=2)
    one = pyogrio.read_dataframe(tmp_path / "one.gpkg", layer="one")
    assert set(zip(one["class_id"], one["class"], strict=True)) == {(label.value, label.name)}
    same = pyogrio.read_dataframe(whole / "big.gpkg", layer="big").query(
        f"class_id == {label.value}"
    )
    assert len(one) == len(same) > 0
    assert one.union_all().symmetric_difference(same.union_all()).area == 0
    assert geoseg.rerun(tmp_path / "one.gpkg").equal
    for how in ({"classes": [1]}, {"square": [1]}):
        with pytest.raises(InputError, match=f"its value, {label.value}"):
            geoseg.vectorize(whole / "big.tif", tmp_path / "none.gpkg", band=2, **how)


@pytest.mark.parametrize("region", [(0, 0, 71, 210), (71, 0, 150, 103)])
def test_the_same_bytes_in_columns_and_in_regions(
    bundle: Bundle,
    scene: str,
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    region: tuple[int, ...],
) -> None:
    monkeypatch.setattr(run, "WIDEST", 100)
    segment(job(bundle, scene, tmp_path, polygons=None, region=region))
    top, left, bottom, right = region
    wanted = read(whole / "big.tif")[:, top:bottom, left:right]
    np.testing.assert_array_equal(read(tmp_path / "big.tif"), wanted)


def test_polygons_of_each_class_are_where_its_band_is(whole: Path) -> None:
    frame = pyogrio.read_dataframe(whole / "big.gpkg", layer="big")
    with rasterio.open(whole / "big.tif") as raster:
        bands = raster.read()
        how = {"out_shape": raster.shape, "transform": raster.transform}
    assert frame["id"].is_unique
    for name, value, band in zip(NAMES, (20, 21, 22), bands, strict=True):
        own = frame[frame["class"] == name]
        assert set(own["class_id"]) == {value}
        assert own["pixels"].sum() == (band == 1).sum()
        burnt = rasterize([(shape, 1) for shape in own.geometry], **how)
        np.testing.assert_array_equal(burnt, band == 1)
        assert own["confidence"].min() >= 40
    assert set(frame["class"]) == set(NAMES)


@pytest.mark.parametrize(
    "cleaning",
    [{"min_area": 30.0, "fill_holes": 20.0}, {"majority": 5, "simplify": 3.0, "square": True}],
)
def test_cleaned_polygons_are_those_of_each_band_alone(
    bundle: Bundle, scene: str, whole: Path, tmp_path: Path, cleaning: dict[str, object]
) -> None:
    options = Options.of(
        device="cpu", engine="torch", tile=64, threshold=SHARES, layers="class", **cleaning
    )
    segment(job(bundle, scene, tmp_path, classes=None, options=options))
    layers = [name for name, _ in pyogrio.list_layers(tmp_path / "big.gpkg")]
    assert {*layers} - {"layer_styles"} == {*NAMES}
    square = cleaning.pop("square", False)
    for band, name in enumerate(NAMES, 1):
        alone = tmp_path / f"{band}.gpkg"
        value = bundle.card.labels[band - 1].value
        built = {"square": (value,)} if square and name == "water" else {}
        geoseg.vectorize(whole / "big.tif", alone, band=band, **cleaning, **built)
        one = pyogrio.read_dataframe(alone, layer=alone.stem)
        own = pyogrio.read_dataframe(tmp_path / "big.gpkg", layer=name)
        assert len(own) == len(one) > 0
        assert own.geometry.geom_equals(one.geometry).all()
        np.testing.assert_array_equal(own["pixels"], one["pixels"])


def test_regions_of_a_batch_join_to_the_files_of_one_run(
    home: Path, scene: str, whole: Path, tmp_path: Path
) -> None:
    options = OPTIONS.but(threshold=SHARES, engine="torch")
    batch = planned(home, tmp_path, scene, regions=100, options=options)
    assert do(batch).failed == 0
    assert (tmp_path / "big.tif").read_bytes() == (whole / "big.tif").read_bytes()
    assert shapes(tmp_path / "big.gpkg") == shapes(whole / "big.gpkg")


def test_what_no_model_tells_is_refused(home: Path, bundle: Bundle, scene: str) -> None:
    def refused(text: str, threshold: object, **more: object) -> None:
        with pytest.raises(InputError, match=text):
            geoseg.predict(
                scene,
                home / "no.tif",
                model=more.pop("model", bundle.path),
                threshold=threshold,
                **more,
            )

    refused("whose classes exclude each other", 0.5, model="landcover-rgb")
    refused("--threshold for lakes", "0.5,lakes=0.3")
    refused("has none for water", "roads, paved=0.5,trees=0.3")
    refused("--threshold 1.5", 1.5)
    refused("--threshold trees=2", "trees=2")
    refused("--threshold 0.5,trees", "0.5,trees")
    refused("--second with --threshold", 0.5, second=home / "second.tif")


@given(st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1), min_size=1), st.floats(0, 1))
def test_thresholds_are_those_of_their_names(
    home: Path, told: dict[str, float], rest: float
) -> None:
    card = read_card(home / "model/card.json")
    text = ",".join([repr(rest), *(f"{name}={share!r}" for name, share in told.items())])
    found = thresholds_of(Options.of(threshold=text), card)
    assert found == tuple(told.get(name, rest) for name in NAMES)


@given(
    st.sampled_from(["uint8", "float16", "float32"]).flatmap(
        lambda kind: arrays(kind, st.tuples(*3 * [st.integers(0, 4)]))
    )
)
def test_numbers_survive_their_planes_and_nodata_is_nan(numbers: np.ndarray) -> None:
    planes = to_planes(numbers)
    assert planes.shape == (len(numbers) * numbers.itemsize, *numbers.shape[1:])
    np.testing.assert_array_equal(from_planes(planes, numbers.dtype.name), numbers)
    planes[:] = NODATA
    gone = from_planes(planes, numbers.dtype.name)
    assert np.isnan(gone).all() if numbers.dtype.kind == "f" else (gone == NODATA).all()
