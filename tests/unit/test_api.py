"""geoseg from Python: what the commands do, as functions on files and on what is in memory."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from bundles import COLOURS, make_bundle
from hypothesis import given, settings
from hypothesis import strategies as st
from rasters import write
from trainings import make_set

import geoseg
from geoseg.api import batch, evaluate, sample, train
from geoseg.cli import run
from geoseg.core.errors import InputError, ModelError, OutputError
from geoseg.core.spectra import Spectra
from geoseg.models import Bundle, find_model

TRANSFORM = (1.0, 0.0, 400_000.0, 0.0, -1.0, 5_000_000.0)
NAMES = ("red", "green", "blue")
CRS = "EPSG:32632"
ROTATED = "ignore:Use `@` matmul:PendingDeprecationWarning"  # of rioxarray, on transforms
ALIVE: list[rasterio.MemoryFile] = []
CPU: dict[str, Any] = {"device": "cpu"}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A small U-Net with random weights for three bands of 8 bits at 1 m; tiles of 64 px."""
    return find_model(str(make_bundle(tmp_path_factory.mktemp("bundle"))))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def blobs(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Blobs and noise, uint8 [3, row, column]."""
    rng = np.random.default_rng(seed)
    coarse = (
        rng.integers(0, 256, (3, height // 16 + 2, width // 16 + 2)).repeat(16, 1).repeat(16, 2)
    )
    return (coarse[:, :height, :width] * 0.8 + rng.integers(0, 50, (3, height, width))).astype(
        np.uint8
    )


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, np.ndarray]:
    """A scene of 150 x 210 px whose corner holds no data; and its pixels."""
    pixels = blobs(150, 210)
    pixels[:, :30, :40] = 0
    folder = tmp_path_factory.mktemp("scene")
    return write(folder / "scene.tif", pixels, NAMES, TRANSFORM, CRS, nodata=0), pixels


def read(path: Path | str) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read(1)


@pytest.fixture(scope="module")
def by_command(
    bundle: Bundle, scene: tuple[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Classes, confidence and polygons that the command line gives."""
    import geopandas

    folder = tmp_path_factory.mktemp("command")
    arguments = [
        "predict",
        scene[0],
        "--out",
        f"{folder}/map.gpkg",
        "--raster",
        f"{folder}/map.tif",
    ]
    arguments += [
        "--confidence",
        f"{folder}/confidence.tif",
        "--model",
        str(bundle.path),
        "--device",
        "cpu",
        "--quiet",
    ]
    assert run([*arguments, "--min-area", "20"]) == 0
    return (
        read(folder / "map.tif"),
        read(folder / "confidence.tif"),
        geopandas.read_file(folder / "map.gpkg", layer="map"),
    )


def given_as(kind: str, path: str, pixels: np.ndarray) -> tuple[Any, dict[str, Any]]:
    """The same scene in each of the forms that are taken."""
    if kind == "path":
        return Path(path), {}
    if kind == "dataset":
        return rasterio.open(path), {}
    if kind == "warped":
        from rasterio.vrt import WarpedVRT

        return WarpedVRT(rasterio.open(path)), {}
    if kind == "memory":
        ALIVE.append(rasterio.MemoryFile(Path(path).read_bytes()))  # its bytes go with it
        return ALIVE[-1].open(), {}
    told = {"transform": TRANSFORM, "crs": CRS, "band_names": NAMES}
    if kind == "array":
        return pixels, told | {"nodata": 0}
    if kind == "masked":
        return np.ma.MaskedArray(
            pixels, np.broadcast_to((pixels == 0).all(axis=0), pixels.shape)
        ), told
    pytest.importorskip("rioxarray")
    import rioxarray

    return rioxarray.open_rasterio(path), {}


@pytest.mark.filterwarnings(ROTATED)
@pytest.mark.parametrize(
    "kind", ["path", "dataset", "warped", "memory", "array", "masked", "xarray"]
)
def test_a_scene_in_any_form_gives_the_map_of_the_command(
    bundle: Bundle,
    scene: tuple[str, np.ndarray],
    by_command: Any,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    classes, confidence, polygons = by_command
    form, told = given_as(kind, *scene)
    found = geoseg.predict(form, model=bundle.path, min_area=20, **told, **CPU)
    np.testing.assert_array_equal(found.classes, classes)
    np.testing.assert_array_equal(found.confidence, confidence)
    assert (found.classes.dtype, found.nodata) == (np.uint8, 255)
    assert (found.classes[:30, :40] == 255).all()
    assert found.transform == rasterio.Affine(*TRANSFORM)
    assert found.crs.to_epsg() == 32632
    assert found.labels == bundle.card.labels
    assert found.summary.pixels == found.pixels == 150 * 210 - 30 * 40
    assert (found.outputs, found.model) == ((), "test-model")
    assert found.polygons.crs.to_epsg() == 32632
    assert found.polygons.geometry.geom_equals_exact(polygons.geometry, 0).all()
    assert list(found.polygons.columns) == list(polygons.columns)
    assert not list(tmp_path.iterdir())  # nothing stays on disk


def test_what_is_written_is_what_is_read(
    bundle: Bundle, scene: tuple[str, np.ndarray], tmp_path: Path
) -> None:
    out, raster = tmp_path / "map.gpkg", tmp_path / "map.tif"
    found = geoseg.predict(scene[0], out, raster=raster, model=bundle.path, **CPU)
    assert set(map(Path, found.outputs)) == {out, raster}
    np.testing.assert_array_equal(found.classes, read(raster))
    assert len(found.polygons) == found.summary.polygons
    with pytest.raises(InputError, match=r"no confidence was written.*confidence=FILE"):
        _ = found.confidence
    alone = geoseg.predict(scene[0], tmp_path / "alone.tif", model=bundle.path, **CPU)
    assert alone.polygons.geometry.geom_equals_exact(found.polygons.geometry, 0).all()
    only = geoseg.predict(scene[0], tmp_path / "only.fgb", model=bundle.path, **CPU)
    assert len(only.polygons) == len(found.polygons)
    with pytest.raises(InputError, match="no class raster was written"):
        _ = only.classes
    with pytest.raises(OutputError, match="exists"):
        geoseg.predict(scene[0], out, model=bundle.path, **CPU)


def test_layers_of_classes_and_means_of_bands(
    bundle: Bundle, scene: tuple[str, np.ndarray], tmp_path: Path
) -> None:
    whole = geoseg.predict(scene[0], model=bundle.path, zonal=["red", 3], **CPU).polygons
    assert {"mean_red", "mean_blue"} <= set(whole.columns)
    out = tmp_path / "map.gpkg"
    layered = geoseg.predict(scene[0], f"{out}|layername=first", model=bundle.path, **CPU)
    other = geoseg.predict(
        scene[0], f"{out}|layername=second", model=bundle.path, min_area=500, **CPU
    )
    assert len(layered.polygons) == len(whole) > len(other.polygons) > 0
    classes = geoseg.predict(
        scene[0], tmp_path / "classes.gpkg", model=bundle.path, layers="class", **CPU
    )
    assert sorted(classes.polygons["class_id"]) == sorted(whole["class_id"])


def test_a_picture_has_the_colours_and_names_of_the_classes(
    bundle: Bundle, scene: tuple[str, np.ndarray], tmp_path: Path
) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    found = geoseg.predict(scene[0], model=bundle.path, **CPU)
    axes = found.plot()
    drawn = axes.images[0].get_array()
    assert drawn[0, 0, 3] == 0  # no data is transparent
    colour = matplotlib.colors.to_rgb(COLOURS[found.classes[80, 100]])
    assert tuple(drawn[80, 100, :3]) == pytest.approx(colour)
    assert axes.images[0].get_extent() == [400_000, 400_210, 4_999_850, 5_000_000]
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == [label.name for label in bundle.card.labels if found.shares[label.name]]
    only = geoseg.predict(scene[0], tmp_path / "only.gpkg", model=bundle.path, **CPU)
    assert len(only.plot().collections) == 1
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize(
    ("form", "told", "message"),
    [
        (np.zeros((150, 210), np.uint8), {}, r"array of 2 dimensions.*\[band, row, column\]"),
        (np.zeros((3, 0, 5), np.uint8), {}, "array of 3 dimensions, 3 x 0 x 5"),
        (np.zeros((3, 5, 5), bool), {}, "array of bool"),
        (np.zeros((3, 5, 5), np.uint8), {"band_names": ("red",)}, "3 names"),
        (np.zeros((3, 5, 5), np.uint8), {"crs": "EPSG:0815"}, "EPSG:0815.*six affine"),
        ("scene.tif", {"crs": CRS}, "beside a scene that has its own"),
        (5, {}, "the scene is int.*rasterio"),
        ("scene.tif", {"tyle": 64}, "unknown option: tyle.*tile"),
        ("scene.tif", {"confidence": "confidence.tif"}, "confidence.tif alone.*out or raster"),
    ],
)
def test_what_is_no_scene_is_refused(
    bundle: Bundle, form: Any, told: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        geoseg.predict(form, model=bundle.path, **told)


def test_bands_of_an_array_are_never_guessed(bundle: Bundle) -> None:
    four = np.concatenate([blobs(64, 64), blobs(64, 64, 1)[:1]])  # the fourth is no transparency
    place = {"transform": TRANSFORM, "crs": CRS}
    with pytest.raises(ModelError, match="--bands"):
        geoseg.predict(four, model=bundle.path, **place, **CPU)
    told = geoseg.predict(four, model=bundle.path, bands=[1, 2, 3], **place, **CPU)
    named = geoseg.predict(four, model=bundle.path, band_names=(*NAMES, "nir"), **place, **CPU)
    np.testing.assert_array_equal(told.classes, named.classes)
    assert told.nodata_pixels == 0


def test_datasets_that_hold_other_pixels_than_their_file(bundle: Bundle, tmp_path: Path) -> None:
    path = write(tmp_path / "scene.tif", blobs(128, 128), NAMES, TRANSFORM, CRS)
    with rasterio.open(path, "r+") as raster:
        with pytest.raises(InputError, match="open for writing"):
            geoseg.predict(raster, model=bundle.path, **CPU)
        raster.build_overviews([2])
    with rasterio.open(path, overview_level=0) as coarse:
        found = geoseg.predict(coarse, model=bundle.path, gsd="native", force=True, **CPU)
    assert found.classes.shape == (64, 64)
    assert found.transform.a == 2
    with pytest.raises(InputError, match="is closed"):
        geoseg.predict(coarse, model=bundle.path, **CPU)


@pytest.mark.filterwarnings(ROTATED)
def test_a_data_array_that_was_cut_and_thinned_lies_where_its_pixels_do(
    bundle: Bundle, tmp_path: Path
) -> None:
    rioxarray = pytest.importorskip("rioxarray")
    path = write(tmp_path / "scene.tif", blobs(128, 128), NAMES, TRANSFORM, CRS)
    whole = rioxarray.open_rasterio(path)
    cut = geoseg.predict(whole[:, 10:, 20:], model=bundle.path, **CPU)
    assert cut.transform == rasterio.Affine(1, 0, 400_020, 0, -1, 4_999_990)
    thin = geoseg.predict(whole[:, ::2, ::2], model=bundle.path, gsd="native", force=True, **CPU)
    assert thin.transform == rasterio.Affine(2, 0, 399_999.5, 0, -2, 5_000_000.5)
    turned = geoseg.predict(whole.transpose("y", "x", "band"), model=bundle.path, **CPU)
    np.testing.assert_array_equal(
        turned.classes, geoseg.predict(path, model=bundle.path, **CPU).classes
    )
    with pytest.raises(InputError, match="dimensions"):
        geoseg.predict(whole.expand_dims("time"), model=bundle.path, **CPU)


@pytest.mark.filterwarnings(ROTATED)
def test_scale_and_offset_of_a_data_array_are_those_of_its_file(tmp_path: Path) -> None:
    rioxarray = pytest.importorskip("rioxarray")
    path = write(tmp_path / "scene.tif", np.full((3, 9, 9), 7, np.uint16), NAMES, TRANSFORM, CRS)
    with rasterio.open(path, "r+") as raster:
        raster.scales = (0.0001,) * 3
        raster.offsets = (-0.1,) * 3
    for form in (path, rioxarray.open_rasterio(path)):
        layer = geoseg.check(form).scene.layers[0]
        assert (layer.scale, layer.offset, layer.description) == (0.0001, -0.1, "red")


def test_a_scene_is_told_with_the_models_that_fit(
    bundle: Bundle, scene: tuple[str, np.ndarray]
) -> None:
    found = geoseg.check(scene[0], bundle.path)
    assert [fit.model for fit in found.models] == ["test-model"]
    assert found.fitting == ("test-model",)
    assert found.models[0].why_not == ""
    assert found.scene.bands == NAMES
    assert "3 bands" in found.text
    refused = geoseg.check(
        scene[1], bundle.path, transform=(30.0, 0, 0, 0, -30.0, 0), crs=CRS, band_names=NAMES
    )
    assert refused.fitting == ()
    assert "29.9 m" in refused.models[0].why_not
    names = {fit.model for fit in geoseg.check(scene[0]).models}
    assert names == {shipped.card.name for shipped in geoseg.list_models()}


@pytest.mark.filterwarnings("ignore::UserWarning")  # of what --force lets pass
@settings(max_examples=8, deadline=None)
@given(
    height=st.integers(1, 150),
    width=st.integers(1, 150),
    seed=st.integers(0, 9),
    empty=st.integers(0, 40),
    overlap=st.sampled_from([None, 0, 7, 31]),
)
def test_scores_of_an_array_of_any_size_are_those_of_its_map(
    bundle: Bundle, height: int, width: int, seed: int, empty: int, overlap: int | None
) -> None:
    pixels, valid = blobs(height, width, seed), np.ones((height, width), bool)
    valid[:empty, :empty] = False
    model = geoseg.open_model(bundle.path, "cpu")
    scores = model(pixels, valid, overlap=overlap, tile=64, force=True)
    assert scores.dtype == np.float32
    assert scores.shape == (5, height, width)
    masked = np.ma.MaskedArray(pixels, np.broadcast_to(~valid, pixels.shape))
    found = geoseg.predict(
        masked,
        model=bundle.path,
        transform=TRANSFORM,
        crs=CRS,
        band_names=NAMES,
        tile=64,
        overlap=overlap,
        force=True,
        **CPU,
    )
    np.testing.assert_array_equal(np.isnan(scores).all(axis=0), ~valid)
    np.testing.assert_array_equal(np.where(valid, scores.argmax(0), 255), found.classes)
    np.testing.assert_allclose(scores[:, valid].sum(axis=0), 1, atol=1e-5)
    best = scores.max(axis=0)
    np.testing.assert_array_equal(
        np.floor(best[valid] * np.float32(100) + np.float32(0.5)), found.confidence[valid]
    )


def test_a_model_for_arrays_says_what_it_wants(bundle: Bundle) -> None:
    model = geoseg.open_model(str(bundle.path))
    assert model.card == bundle.card
    assert model.device.startswith(("cpu", "cuda"))
    pixels = blobs(70, 70)
    np.testing.assert_array_equal(model(pixels), model(pixels.astype(np.int32), scale=1.0))
    bad = pixels.astype(np.float32)
    bad[0, 3, 4] = np.nan
    assert np.isnan(model(bad, scale=1.0)).any(axis=0).sum() == 1
    for array, message in (
        (pixels[:2], "red, green, blue"),
        (pixels[0], "3 bands"),
        (pixels / 255, "float64"),
    ):
        with pytest.raises(InputError, match=message):
            model(array)
    with pytest.raises(InputError, match="valid is"):
        model(pixels, np.ones((70, 70)))
    known = Spectra((1.0,), ((-0.8,) * 3,), ((1.0, 0.0, 1.0, 0.0, 0.0, 1.0),), 4.5, 9.0, 0.1)
    model = replace(model, bundle=replace(bundle, card=replace(bundle.card, spectra=known)))
    model(pixels, strict=True)
    with (
        pytest.warns(UserWarning, match="dark all over"),
        pytest.warns(UserWarning, match="as if its values were ten times too small"),
    ):
        model(pixels // 12)
    with pytest.raises(ModelError, match="as if its values were ten times too small"):
        model(pixels // 12, strict=True)
    with pytest.raises(ModelError, match="far too large"):
        model(pixels.astype(np.float32), scale=100.0)
    with pytest.raises(InputError, match=r"torch\.compile"):
        geoseg.open_model(str(bundle.path), engine="torch.compile")
    with pytest.raises(ModelError, match="no model 'nothing'"):
        geoseg.open_model("nothing")


def test_polygons_of_a_class_raster(scene: tuple[str, np.ndarray], tmp_path: Path) -> None:
    classes = np.repeat(np.arange(4, dtype=np.uint8), 6).reshape(1, 4, 6)
    place = {"transform": TRANSFORM, "crs": CRS}
    found = geoseg.vectorize(classes, nodata=3, **place)
    assert (found.count, found.outputs) == (3, ())
    assert list(found.polygons["class_id"]) == [0, 1, 2]
    path = write(tmp_path / "classes.tif", classes, transform=TRANSFORM, crs=CRS)
    written = geoseg.vectorize(
        path, tmp_path / "map.fgb", classes=[1, 2], report=lambda event: None
    )
    assert written.count == len(written.polygons) == 2
    with pytest.raises(InputError, match=r"unknown option: minarea.*min_area"):
        geoseg.vectorize(path, minarea=3)


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A map of two classes and its truth, which differ in one row of eight."""
    folder = tmp_path_factory.mktemp("maps")
    mapped, truth = np.zeros((1, 8, 10), np.uint8), np.zeros((1, 8, 10), np.uint8)
    mapped[:, 4:], truth[:, 5:] = 1, 1
    return (
        write(folder / "map.tif", mapped, transform=TRANSFORM, crs=CRS, nodata=255),
        write(folder / "truth.tif", truth, transform=TRANSFORM, crs=CRS, nodata=255),
    )


def test_an_evaluation_has_the_numbers_of_the_command(
    maps: tuple[str, str], tmp_path: Path
) -> None:
    assert (
        run(
            [
                "evaluate",
                *maps,
                "--json",
                str(tmp_path / "command.json"),
                "--boundary",
                "off",
                "--quiet",
            ]
        )
        == 0
    )
    found = evaluate(
        *maps, boundary="off", json=tmp_path / "numbers.json", page=tmp_path / "page.html"
    )
    told = json.loads((tmp_path / "command.json").read_text())
    assert found.numbers == told == json.loads((tmp_path / "numbers.json").read_text())
    assert found.numbers["metrics"]["accuracy"] == 0.875
    assert found.total.matrix.tolist() == [[40, 10], [0, 30]]
    assert (tmp_path / "page.html").read_text() == found.page
    ignored = evaluate(*maps, ignore=["1"], rename={"0": "1"}, boundary="off")
    assert ignored.total.matrix.sum() == 50
    with pytest.raises(InputError, match=r"unknown option: boundry"):
        evaluate(*maps, boundry="off")
    with pytest.raises(InputError, match="--device without --model"):
        evaluate(*maps, device="cpu")
    with pytest.raises(OutputError, match="exists"):
        evaluate(*maps, json=tmp_path / "numbers.json")


def test_a_sample_is_planned_drawn_and_interpreted(maps: tuple[str, str], tmp_path: Path) -> None:
    planned = sample(maps[0], standard_error=0.1, expect=["0.9"])
    assert [stratum.pixels for stratum in planned.drawing.strata] == [40, 40]
    assert sum(planned.points) >= 4
    drawn = sample(maps[0], tmp_path / "sample.gpkg", points=10, seed=3, minimum=2)
    assert sum(drawn.points) == 10
    with pytest.raises(InputError, match=r"no point of .* has a class"):
        evaluate(areas=tmp_path / "sample.gpkg")
    for wrong in (
        {},
        {"points": 5, "standard_error": 0.1},
        {"points": 5, "minimum": 1},
        {"points": 5, "sead": 1},
        {"points": 5, "seed": -1},
    ):
        with pytest.raises(InputError):
            sample(maps[0], **wrong)


def test_a_model_is_trained_and_opened(tmp_path: Path) -> None:
    make_set(tmp_path)
    card = train(
        out=tmp_path / "model",
        samples=tmp_path / "samples.csv",
        classes="dark=0,mid=10,bright=20",
        steps=2,
        batch=2,
        crop=64,
        validate_every=2,
        name="tiny",
        encoder="small",
        validation=["b"],
        test=["c*"],
        device="cpu",
        set=["training.ema=0.99"],
    )
    assert [label.name for label in card.labels] == ["dark", "mid", "bright"]
    assert geoseg.open_model(tmp_path / "model", "cpu").card.name == card.name == "tiny"
    with pytest.raises(OutputError, match="holds a model"):
        train(
            out=tmp_path / "model",
            samples=tmp_path / "samples.csv",
            classes="dark=0,mid=10,bright=20",
        )
    with pytest.raises(InputError, match="unknown option: stepps"):
        train(samples=tmp_path / "samples.csv", stepps=3)
    with pytest.raises(InputError, match="neither a configuration nor scenes"):
        train()


@pytest.mark.process
def test_a_batch_makes_what_predict_makes(
    bundle: Bundle, scene: tuple[str, np.ndarray], tmp_path: Path
) -> None:
    status = batch(
        [scene[0]],
        tmp_path / "maps",
        model=bundle.path,
        format="tif",
        device="cpu",
        compute_engine="torch",
    )
    assert (status.done, status.failed, status.left) == (1, 0, 0)
    alone = geoseg.predict(scene[0], model=bundle.path, device="cpu", engine="torch")
    np.testing.assert_array_equal(read(next((tmp_path / "maps").glob("*.tif"))), alone.classes)
    again = batch([], tmp_path / "maps")
    assert again.done == 1
    with pytest.raises(InputError, match="unknown option: formats"):
        batch(scene[0], tmp_path / "other", formats="tif")
