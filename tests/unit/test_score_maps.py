"""Scores, entropy, margin and second class: what the whole array gives, however a scene is cut."""

from __future__ import annotations

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
from rasters import write
from scipy.stats import entropy

import geoseg
from geoseg.batches.plan import weights_of
from geoseg.core.card import NODATA, ModelCard, read_card, write_card
from geoseg.core.errors import InputError
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.models import Bundle, find_model
from geoseg.prediction import run
from geoseg.prediction.pipeline import segment
from geoseg.prediction.planes import Planes
from geoseg.prediction.score_maps import MAPS, planes_of

NAMES = ("red", "green", "blue")
TRANSFORM = rasterio.Affine(1.0, 0, 4e5, 0, -1.0, 5e6)
AREA = "POLYGON((400020 4999990, 400200 4999990, 400150 4999850, 400030 4999880, 400020 4999990))"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Its classes have other values than their places."""
    folder = make_bundle(tmp_path_factory.mktemp("bundle"))
    card = read_card(folder / "card.json")
    labels = tuple(replace(label, value=label.value + 20) for label in card.labels)
    write_card(replace(card, labels=labels), folder / "card.json")
    return find_model(str(folder))


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 200, (3, 9, 30)).repeat(20, 1).repeat(20, 2)
    found = (coarse + rng.integers(1, 50, coarse.shape)).astype(np.uint8)
    found[:, 40:90, 100:300] = 0
    return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, pixels: np.ndarray) -> str:
    folder = tmp_path_factory.mktemp("scene")
    return write(folder / "scene.tif", pixels, NAMES, TRANSFORM, nodata=0)


def targets(folder: Path) -> dict[str, str]:
    return {name: str(folder / f"{name}.tif") for name in ("confidence", *MAPS)}


def read(paths: dict[str, str]) -> dict[str, np.ndarray]:
    found = {}
    for name, path in paths.items():
        with rasterio.open(path) as raster:
            found[name] = raster.read()
    return found


def measured(card: ModelCard, names: list[str], means: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the planes of some maps hold, by their names."""
    job = Job(("scene.tif",), "m", "map.tif", **{name: f"{name}.tif" for name in names})
    planes = planes_of(job, card)
    found = np.concatenate([np.zeros((2, *means.shape[1:]), np.uint8), planes.measure(means)])
    assert len(found) == planes.count
    return {name: found[planes.places[name]] for name in names}


def percent(share: np.ndarray) -> np.ndarray:
    return np.floor(share.astype(np.float32) * np.float32(100) + np.float32(0.5)).clip(0, 100)


@given(
    st.integers(1, 5).flatmap(
        lambda labels: arrays(np.float32, (labels, 3, 4), elements=st.floats(0, 1, width=32))
    )
)
def test_each_map_is_what_whole_array_functions_give(bundle: Bundle, means: np.ndarray) -> None:
    means = (means / np.maximum(means.sum(0), 1e-6)).astype(np.float32)
    names = [name for name in MAPS if len(means) > 1 or name in ("scores", "entropy")]
    made = measured(replace(bundle.card, labels=bundle.card.labels[: len(means)]), names, means)
    np.testing.assert_array_equal(made["scores"], percent(means))
    total = np.where(means.sum(0) > 0, means.sum(0), 1)
    wanted = entropy(np.where(total > 0, means / total, 1), base=max(2, len(means)), axis=0)
    wanted = np.where(means.sum(0) > 0, np.nan_to_num(wanted), 0)
    np.testing.assert_allclose(made["entropy"][0], 100 * wanted, atol=0.51)
    if len(means) > 1:
        ordered = np.sort(means, axis=0)
        np.testing.assert_allclose(made["margin"][0], 100 * (ordered[-1] - ordered[-2]), atol=0.51)
        order = np.argsort(-means, axis=0, kind="stable")
        np.testing.assert_array_equal(made["second"][0], order[1])


def test_the_entropy_of_sigmoid_is_the_mean_of_yes_or_no(bundle: Bundle) -> None:
    means = np.random.default_rng(1).random((3, 4, 5)).astype(np.float32)
    card = replace(bundle.card, labels=bundle.card.labels[:3], activation="sigmoid")
    found = measured(card, ["entropy"], means)["entropy"]
    each = entropy(np.stack([means, 1 - means]), base=2, axis=0)
    np.testing.assert_allclose(found[0], 100 * each.mean(0), atol=0.51)


@pytest.fixture(scope="module")
def whole(
    bundle: Bundle, scene: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, np.ndarray]:
    folder = tmp_path_factory.mktemp("whole")
    geoseg.predict(
        scene,
        folder / "map.tif",
        raster=None,
        model=bundle.path,
        device="cpu",
        **targets(folder),
    )
    return read({"classes": str(folder / "map.tif"), **targets(folder)})


def test_the_maps_of_a_scene_are_those_of_its_scores(
    bundle: Bundle, pixels: np.ndarray, whole: dict[str, np.ndarray]
) -> None:
    valid = (pixels > 0).any(0)
    scores = geoseg.open_model(bundle.path, "cpu")(pixels, valid)[:, valid]
    np.testing.assert_array_equal(whole["scores"][:, valid], percent(scores))
    np.testing.assert_array_equal(whole["scores"].max(0), whole["confidence"][0])
    values = np.array([label.value for label in bundle.card.labels])
    order = np.argsort(-scores, axis=0, kind="stable")
    np.testing.assert_array_equal(whole["classes"][0][valid], values[order[0]])
    np.testing.assert_array_equal(whole["second"][0][valid], values[order[1]])
    ordered = np.sort(scores, axis=0)
    np.testing.assert_array_equal(whole["margin"][0][valid], percent(ordered[-1] - ordered[-2]))
    for name, found in whole.items():
        np.testing.assert_array_equal((found == NODATA).any(0), ~valid, name)


def test_what_the_files_say(bundle: Bundle, scene: str, tmp_path: Path) -> None:
    geoseg.predict(
        scene, tmp_path / "map.tif", model=bundle.path, device="cpu", **targets(tmp_path)
    )
    with rasterio.open(tmp_path / "scores.tif") as raster:
        assert raster.descriptions == tuple(label.name for label in bundle.card.labels)
        assert raster.tags(2) == {"class": "21", "colour": bundle.card.labels[1].colour}
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.nodata == NODATA
        assert [raster.overviews(band) for band in raster.indexes] == [[2]] * 5
        assert raster.tags()["geoseg_model_sha256"] == bundle.sha256
        with rasterio.open(tmp_path / "scores.tif", overview_level=0) as half:
            small = half.read()
        large = raster.read()
    for band, one in zip(large, small, strict=True):  # 2 x 2 pixels, without nodata, rounded up
        parts = np.ma.masked_equal(band.reshape(90, 2, 300, 2), NODATA)
        mean = parts.sum(axis=(1, 3)) / parts.count(axis=(1, 3))
        np.testing.assert_array_equal(one, np.floor(mean + 0.5).filled(NODATA))
    with rasterio.open(tmp_path / "second.tif") as raster:
        assert raster.colormap(1)[22][:3] == bundle.card.labels[2].rgb
    assert (tmp_path / "second.qml").is_file()


@pytest.mark.parametrize("policy", ["blend", "crop"])
def test_the_same_bytes_in_columns_and_in_regions(
    bundle: Bundle, scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    options = Options.of(device="cpu", overlap_policy=policy)

    def mapped(folder: str, region: tuple[int, ...] | None) -> dict[str, np.ndarray]:
        paths = targets(tmp_path / folder)
        out = str(tmp_path / folder / "map.tif")
        (tmp_path / folder).mkdir()
        segment(Job((scene,), str(bundle.path), out, options=options, region=region, **paths))
        return read({"classes": out, **paths})

    whole = mapped("whole", None)
    monkeypatch.setattr(run, "WIDEST", 150)
    for region in ((0, 0, 71, 600), (71, 0, 180, 203), (71, 203, 180, 600)):
        top, left, bottom, right = region
        for name, found in mapped(f"{top}-{left}", region).items():
            np.testing.assert_array_equal(found, whole[name][:, top:bottom, left:right], name)


def test_scores_as_fractions_are_those_of_the_model(
    bundle: Bundle, scene: str, pixels: np.ndarray, whole: dict[str, np.ndarray], tmp_path: Path
) -> None:
    valid = (pixels > 0).any(0)
    paths = {"scores": str(tmp_path / "scores.tif")}
    for area, on in ((None, "model"), (AREA, "model"), (None, "scene")):
        geoseg.predict(
            scene,
            tmp_path / "map.tif",
            model=bundle.path,
            device="cpu",
            scores_type="float16",
            aoi=area,
            on=on,
            gsd=2 if on == "scene" else None,
            overwrite=True,
            **paths,
        )
        found = read(paths)["scores"]
        known = read({"classes": str(tmp_path / "map.tif")})["classes"][0] != NODATA
        assert np.isnan(found[:, ~known]).all()
        assert not np.isnan(found[:, known]).any()
        np.testing.assert_allclose(found.sum(0)[known], 1, atol=2e-3)
        if on == "model" and area is None:
            scores = geoseg.open_model(bundle.path, "cpu")(pixels, valid)
            np.testing.assert_array_equal(found, np.clip(scores, 0, 1).astype(np.float16))
            assert (tmp_path / "scores.tif").stat().st_size > 10_000
    with rasterio.open(paths["scores"]) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "3"
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert np.isnan(raster.nodata)
        large = raster.read(1)
    with rasterio.open(paths["scores"], overview_level=0) as half:
        parts = large.reshape(90, 2, 300, 2)
        count = (~np.isnan(parts)).sum((1, 3))
        mean = np.nansum(parts, (1, 3)) / np.where(count, count, np.nan)
        np.testing.assert_allclose(half.read(1), mean, rtol=1e-3)
        np.testing.assert_array_equal(np.isnan(half.read(1)), count == 0)


def test_two_models_in_regions_of_a_batch_give_the_files_of_one_run(tmp_path: Path) -> None:
    models = tuple(str(make_bundle(tmp_path / name)) for name in ("model", "other"))
    other = Path(models[1], "card.json")
    write_card(replace(read_card(other), name="other", temperature=2.0), other)
    scene = write_scene(tmp_path / "big.tif", 80, 150, seed=9)
    options = OPTIONS.but(scores_type="float16", engine="torch")
    (tmp_path / "single").mkdir()
    paths = {name: str(tmp_path / f"single/big.{name}.tif") for name in MAPS}
    out = str(tmp_path / "single/big.tif")
    segment(Job((str(scene),), models, out, options=options, **paths))
    batch = planned(
        tmp_path,
        tmp_path / "out",
        str(scene),
        model=models,
        models=weights_of(models),
        regions=100,
        formats=("tif",),
        maps=tuple(MAPS),
        options=options,
    )
    assert do(batch).failed == 0
    for path in (out, *paths.values()):
        assert (tmp_path / "out" / Path(path).name).read_bytes() == Path(path).read_bytes(), path
    assert not list((tmp_path / "out/.ledger/parts").iterdir())


def test_outside_the_area_there_is_no_data(
    bundle: Bundle, scene: str, whole: dict[str, np.ndarray], tmp_path: Path
) -> None:
    out = tmp_path / "map.tif"
    geoseg.predict(
        scene,
        out,
        model=bundle.path,
        device="cpu",
        aoi=AREA,
        tile=64,
        overlap=16,
        **targets(tmp_path),
    )
    with rasterio.open(out) as raster:
        top = round(TRANSFORM.f - raster.transform.f)
        left = round(raster.transform.c - TRANSFORM.c)
        inside = raster.read(1) != NODATA
    assert 0.2 < inside.mean() < 0.9
    place = (slice(top, top + inside.shape[0]), slice(left, left + inside.shape[1]))
    for name, found in read(targets(tmp_path)).items():
        wanted = whole[name][:, *place]
        np.testing.assert_array_equal(found[:, inside], wanted[:, inside], name)
        assert (found[:, ~inside] == NODATA).all(), name


def test_back_on_the_scenes_own_grid(bundle: Bundle, scene: str, tmp_path: Path) -> None:
    geoseg.predict(
        scene,
        tmp_path / "map.gpkg",
        raster=tmp_path / "map.tif",
        model=bundle.path,
        device="cpu",
        gsd=2,
        on="scene",
        **targets(tmp_path),
    )
    found = read({"classes": str(tmp_path / "map.tif"), **targets(tmp_path)})
    assert {array.shape[1:] for array in found.values()} == {(180, 600)}
    known = found["classes"][0] != NODATA
    np.testing.assert_array_equal(found["scores"].max(0), found["confidence"][0])
    values = np.array([label.value for label in bundle.card.labels])
    best = values[found["scores"].argmax(0)]
    clear = known & (np.sort(found["scores"], axis=0)[-1] > np.sort(found["scores"], axis=0)[-2])
    np.testing.assert_array_equal(best[clear], found["classes"][0][clear])


def test_a_run_that_fails_leaves_none_of_them(
    bundle: Bundle, scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter(range(100))

    def failing(self: Planes, means: np.ndarray) -> np.ndarray:
        if next(calls) == 20:
            raise RuntimeError("in the middle")
        return np.zeros((self.count - 2, *means.shape[1:]), np.uint8)

    monkeypatch.setattr(Planes, "measure", failing)
    with pytest.raises(RuntimeError, match="in the middle"):
        geoseg.predict(
            scene, tmp_path / "map.tif", model=bundle.path, device="cpu", **targets(tmp_path)
        )
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_told_is_refused(bundle: Bundle, scene: str, tmp_path: Path) -> None:
    one = make_bundle(tmp_path / "one", labels=1)
    with pytest.raises(InputError, match="--second of a model of one class"):
        geoseg.predict(
            scene, tmp_path / "map.tif", model=one, device="cpu", second=tmp_path / "second.tif"
        )
    with pytest.raises(InputError, match=r"--scores .*scores.png"):
        geoseg.predict(
            scene, tmp_path / "map.tif", model=bundle.path, scores=tmp_path / "scores.png"
        )
    with pytest.raises(InputError, match="--scores-type float16 without --scores"):
        geoseg.predict(scene, tmp_path / "map.tif", model=bundle.path, scores_type="float16")
    with pytest.raises(InputError, match=r"scores=.* alone"):
        geoseg.predict(scene, model=bundle.path, scores=tmp_path / "scores.tif")
