"""Models of numbers (regression): what the network gives, blended, however a scene is cut."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from batches import OPTIONS, do, planned, write_scene
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geoseg[onnx]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="pip install 'geoseg[onnx]'")
from onnx_graphs import Graph, make_foreign  # noqa: E402

import geoseg  # noqa: E402
from geoseg.batches.master import recipe_of  # noqa: E402
from geoseg.core.arrays import to_planes  # noqa: E402
from geoseg.core.card import Label, read_card, write_card  # noqa: E402
from geoseg.core.errors import InputError, ModelError  # noqa: E402
from geoseg.core.interface import Interface  # noqa: E402
from geoseg.core.job import SCORE_MAPS, Job  # noqa: E402
from geoseg.core.options import Options  # noqa: E402
from geoseg.models import Bundle, find_model  # noqa: E402
from geoseg.prediction import run  # noqa: E402
from geoseg.prediction.pipeline import segment  # noqa: E402
from geoseg.prediction.tally import PERCENTILES, NumberTally  # noqa: E402

HOW = {"device": "cpu", "engine": "onnxruntime", "tile": 64, "overlap": 16, "force": True}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """It gives a height and an age, in other units than shares."""
    folder = tmp_path_factory.mktemp("home") / "model"
    interface = Interface(result="numbers", output_scale=-40.0, output_unit="m")
    path = make_foreign(folder, Graph(scores=2), interface).path / "card.json"
    card = read_card(path)
    names = ("height", "age")
    labels = tuple(replace(one, name=name) for one, name in zip(card.labels, names, strict=True))
    write_card(replace(card, labels=labels), path)
    return find_model(str(folder))


@pytest.fixture(scope="module")
def scene(bundle: Bundle) -> str:
    path = write_scene(bundle.path.parent / "big.tif", 150, 210, seed=5)
    with rasterio.open(path, "r+") as raster:
        raster.nodata = 0
        pixels = raster.read()
        pixels[pixels == 0] = 1
        pixels[:, 40:70, 50:90] = 0
        raster.write(pixels)
    return str(path)


@pytest.fixture(scope="module")
def numbers(bundle: Bundle, scene: str) -> np.ndarray:
    with rasterio.open(scene) as raster:
        pixels = raster.read()
    model = geoseg.open_model(bundle.path, "cpu", engine="onnxruntime")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of colours: it is no picture
        return model(pixels, (pixels > 0).any(0), tile=64, overlap=16, force=True)


def test_a_map_of_numbers_is_what_the_network_gives(
    bundle: Bundle, scene: str, numbers: np.ndarray, tmp_path: Path
) -> None:
    out = tmp_path / "heights.tif"
    found = geoseg.predict(scene, out, model=bundle.path, **HOW)
    np.testing.assert_array_equal(found.classes, numbers)
    held = geoseg.predict(scene, model=bundle.path, **HOW)
    np.testing.assert_array_equal(held.classes, numbers)
    for what in ("confidence", "polygons"):
        with pytest.raises(InputError):
            getattr(held, what)
    assert np.ptp(numbers[np.isfinite(numbers)]) > 5
    with rasterio.open(out) as raster:
        assert raster.dtypes == ("float32", "float32")
        assert np.isnan(raster.nodata)
        assert raster.descriptions == ("height", "age")
        assert raster.units == ("m", "m")
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert not out.with_suffix(".qml").exists()
    assert found.shares == {}
    known = numbers[:, np.isfinite(numbers[0])].astype(np.float64)
    assert found.pixels == known.shape[1]
    for name, band in zip(("height", "age"), known, strict=True):
        told = found.summary.numbers[name]
        assert told["min"] == band.min()
        assert told["max"] == band.max()
        assert told["mean"] == pytest.approx(band.mean())
        assert told["std"] == pytest.approx(band.std(), rel=1e-6)
        assert told["p50"] == pytest.approx(np.median(band), rel=2e-3)
    with pytest.raises(InputError, match="holds fractions"):
        geoseg.evaluate(out, out, truth_band=1, map_band=1)


@pytest.mark.parametrize("region", [(0, 0, 71, 210), (71, 103, 150, 210)])
def test_the_same_bytes_in_columns_and_in_regions(
    bundle: Bundle,
    scene: str,
    numbers: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    region: tuple[int, ...],
) -> None:
    monkeypatch.setattr(run, "WIDEST", 100)
    out = str(tmp_path / "map.tif")
    segment(Job((scene,), str(bundle.path), out, options=Options.of(**HOW), region=region))
    top, left, bottom, right = region
    with rasterio.open(out) as raster:
        np.testing.assert_array_equal(raster.read(), numbers[:, top:bottom, left:right])


def test_regions_of_a_batch_and_views_that_are_averaged(
    bundle: Bundle, scene: str, tmp_path: Path
) -> None:
    options = OPTIONS.but(**HOW, tta="flips")
    batch = planned(
        bundle.path.parent, tmp_path, scene, regions=100, options=options, formats=("tif",)
    )
    assert do(batch).failed == 0
    single = tmp_path / "single.tif"
    geoseg.predict(scene, single, model=bundle.path, tta="flips", **HOW)
    with rasterio.open(single) as one, rasterio.open(tmp_path / "big.tif") as other:
        np.testing.assert_array_equal(one.read(), other.read())


def test_an_ensemble_averages_numbers(
    bundle: Bundle, scene: str, numbers: np.ndarray, tmp_path: Path
) -> None:
    twice = geoseg.predict(scene, tmp_path / "map.tif", model=[bundle.path, bundle.path], **HOW)
    np.testing.assert_allclose(twice.classes, numbers, rtol=1e-5, atol=1e-4)
    classes = make_bundle(tmp_path / "classes", labels=2)
    with pytest.raises(ModelError, match="are of none"):
        geoseg.predict(scene, tmp_path / "no.tif", model=[bundle.path, classes], device="cpu")


@pytest.mark.parametrize(
    "more", [{"out": "map.gpkg"}, {"scores": "a.tif"}, {"confidence": "a.tif"}, {"threshold": 0.5}]
)
def test_what_only_classes_have_is_refused(
    bundle: Bundle, scene: str, tmp_path: Path, more: dict[str, object]
) -> None:
    paths = {
        key: tmp_path / value if isinstance(value, str) else value for key, value in more.items()
    }
    out = paths.pop("out", tmp_path / "map.tif")
    with pytest.raises(InputError, match="which gives numbers and no classes"):
        geoseg.predict(scene, out, model=bundle.path, device="cpu", **paths)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_of_numbers_without_polygons_is_planned(bundle: Bundle) -> None:
    given = {
        "model": str(bundle.path),
        "formats": "gpkg,tif",
        "confidence": False,
        "regions": None,
        **dict.fromkeys(SCORE_MAPS, False),
    }
    with pytest.raises(InputError, match=r"--format gpkg,tif with foreign.*numbers"):
        recipe_of(given)
    assert recipe_of({**given, "formats": "tif"}).formats == ("tif",)


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 2), st.integers(1, 9), st.integers(1, 9)),
        elements=st.floats(-1e6, 1e6, width=32),
    ),
    st.integers(1, 8),
)
def test_numbers_are_counted_alike_however_they_come(numbers: np.ndarray, row: int) -> None:
    numbers[:, numbers[0] > 9e5] = np.nan
    labels = [Label(i, f"number {i}", "#000000") for i in range(len(numbers))]
    whole, parts = NumberTally(labels), NumberTally(labels)
    whole.add(to_planes(numbers))
    for part in (numbers[:, :row], numbers[:, row:]):
        parts.add(to_planes(part))
    known = numbers[:, ~np.isnan(numbers[0])].astype(np.float64)
    assert (whole.pixels, whole.nodata) == (known.shape[1], np.isnan(numbers[0]).sum())
    if not whole.pixels:
        assert whole.numbers == {}
        return
    for label, band in zip(labels, known, strict=True):
        told, other = whole.numbers[label.name], parts.numbers[label.name]
        assert told == pytest.approx(other, rel=1e-6, abs=1e-3)
        assert (told["min"], told["max"]) == (band.min(), band.max())
        assert told["mean"] == pytest.approx(band.mean(), rel=1e-9, abs=1e-6)
        for share in PERCENTILES:
            wanted = np.percentile(band, share, method="lower")
            assert told[f"p{share}"] == pytest.approx(wanted, rel=1e-3, abs=1e-30)
