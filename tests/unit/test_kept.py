"""The network of one run is the next one's, where nothing that it depends on differs."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from bundles import make_bundle

import geoseg
from geoseg.core.card import Scaling
from geoseg.core.errors import InputError
from geoseg.models import Bundle, find_model, kept, openvino
from geoseg.models.kept import networks_kept, put, take
from geoseg.prediction import agreement, run

pytest.importorskip("openvino", reason="OpenVINO is not installed: pip install 'geoseg[openvino]'")
PIXELS = np.random.default_rng(0).integers(0, 256, (1, 3, 64, 64)).astype(np.uint8)
VALID = np.ones((1, 64, 64), bool)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    found = find_model(str(make_bundle(tmp_path_factory.mktemp("kept") / "model")))
    openvino.read_network(found)  # converted, which compiles it as well
    return found


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The precisions in which networks are compiled while a test runs."""
    found: list[str] = []
    whole = openvino.compile_for_cpu

    def compile_for_cpu(network: object, precision: str, *how: Any, **more: Any) -> object:
        found.append(precision)
        return whole(network, precision, *how, **more)

    monkeypatch.setattr(openvino, "compile_for_cpu", compile_for_cpu)
    yield found
    gc.collect()
    assert kept._slot == kept.Slot()  # nothing outlives the blocks


def score(bundle: Bundle, scaling: Scaling, pixels: np.ndarray = PIXELS) -> np.ndarray:
    """Compute as a run does, with a model of its own."""
    model = openvino.engine(bundle, scaling).load("fp32", ())
    found = np.asarray(model(pixels, np.ones((1, *pixels.shape[2:]), bool)))
    del model
    gc.collect()
    return found


def test_scenes_of_one_shape_share_a_network(bundle: Bundle, compiled: list[str]) -> None:
    alone = score(bundle, Scaling())
    with networks_kept():
        for _ in range(3):
            np.testing.assert_array_equal(score(bundle, Scaling()), alone)
    assert len(compiled) == 2  # alone, and for the three


def test_what_differs_is_compiled_anew(bundle: Bundle, compiled: list[str]) -> None:
    brighter = Scaling(2.0, 1.0)
    alone = score(bundle, Scaling()), score(bundle, brighter)
    with networks_kept():
        score(bundle, Scaling())
        np.testing.assert_array_equal(score(bundle, brighter), alone[1])
        np.testing.assert_array_equal(score(bundle, Scaling()), alone[0])
        assert score(bundle, Scaling(), PIXELS[..., :32, :32]).shape[2:] == (32, 32)
    assert len(compiled) == 6


def test_runs_at_once_have_networks_of_their_own(bundle: Bundle, compiled: list[str]) -> None:
    with networks_kept():
        engine = openvino.engine(bundle, Scaling())
        one, two = engine.load("fp32", ()), engine.load("fp32", ())
        fetches = [model.launch(PIXELS, VALID) for model in (one, two)]
        np.testing.assert_array_equal(*(fetch() for fetch in fetches))
        assert len(compiled) == 2
        del one, two, fetches
        gc.collect()


def test_changed_weights_are_another_network(tmp_path: Path, compiled: list[str]) -> None:
    folder = make_bundle(tmp_path / "model")
    other = make_bundle(tmp_path / "other", encoder="resnet18")
    for each in (folder, other):
        openvino.read_network(find_model(str(each)))
    compiled.clear()
    with networks_kept():
        before = score(find_model(str(folder)), Scaling())
        for name in ("card.json", "model.safetensors"):
            (folder / name).write_bytes((other / name).read_bytes())
        assert (score(find_model(str(folder)), Scaling()) != before).any()
    assert len(compiled) == 2


def test_only_a_block_keeps() -> None:
    put("key", "network")
    assert take("key") is None
    with networks_kept():
        put("key", "network")
        with networks_kept():
            assert take("key") == "network"
            assert take("key") is None
            put("key", "network")
        assert take("other") is None  # and gives the memory back
        assert take("key") is None
        put("key", "network")
    assert take("key") is None


@pytest.mark.parametrize("precision", ["fp32", "auto"])
def test_what_is_loaded_while_values_are_looked_at_is_what_maps(
    bundle: Bundle, compiled: list[str], tmp_path: Path, precision: str
) -> None:
    """Each network is compiled once for the map's tiles, and the map is that of a scene which is
    read on another grid, whose network is loaded afterwards.
    """
    pixels = np.random.default_rng(1).integers(0, 256, (3, 128, 160)).astype(np.uint8)
    where: dict[str, Any] = {"transform": (1.0, 0.0, 4e5, 0.0, -1.0, 5e6), "crs": "EPSG:32632"}
    where |= {"band_names": ["red", "green", "blue"], "model": bundle.path, "device": "cpu"}
    where |= {"precision": precision, "tile": 96, "min_agreement": 0.0}
    geoseg.predict(pixels, tmp_path / "first.tif", **where)  # what a check compiles is kept
    compiled.clear()
    summary = geoseg.predict(pixels, tmp_path / "map.tif", **where)
    # a network of one size of tiles: those of the map are the windows of the check
    assert sorted(compiled) == sorted({"fp32", summary.precision})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(openvino, "is_converted", lambda _: False)  # then nothing is loaded ahead
        patched.setattr(openvino, "convert_apart", lambda *_: True)
        geoseg.predict(pixels, tmp_path / "after.tif", **where)
    with rasterio.open(tmp_path / "map.tif") as one, rasterio.open(tmp_path / "after.tif") as two:
        np.testing.assert_array_equal(one.read(), two.read())


@pytest.mark.parametrize("more", [{"gsd": 1.25}, {"weights": (1, 3)}])
def test_several_models_and_other_grids_are_loaded_meanwhile_as_well(
    bundle: Bundle,
    compiled: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, Any],
) -> None:
    """Scaled as the map's are, for pixels of the type that comes: none is compiled again."""
    loaded: list[agreement.Loaded | None] = []
    ahead = agreement.load_ahead

    def load_ahead(*how: Any) -> agreement.Loaded | None:
        loaded.append(ahead(*how))
        return loaded[-1]

    models = (str(bundle.path),) * 2 if "weights" in more else str(bundle.path)
    pixels = np.random.default_rng(1).integers(0, 256, (3, 128, 160)).astype(np.uint8)
    where: dict[str, Any] = {"transform": (1.0, 0.0, 4e5, 0.0, -1.0, 5e6), "crs": "EPSG:32632"}
    where |= {"band_names": ["red", "green", "blue"], "model": models, "device": "cpu", "tile": 64}
    with monkeypatch.context() as patched:
        patched.setattr(run, "load_ahead", load_ahead)
        geoseg.predict(pixels, tmp_path / "map.tif", **where, **more)
    assert loaded != [None]
    assert compiled == ["fp32"] * (2 if "weights" in more else 1)
    monkeypatch.setattr(run, "load_ahead", lambda *_: None)
    geoseg.predict(pixels, tmp_path / "after.tif", **where, **more)
    with rasterio.open(tmp_path / "map.tif") as one, rasterio.open(tmp_path / "after.tif") as two:
        np.testing.assert_array_equal(one.read(), two.read())


def test_of_a_refused_scene_nothing_stays_under_way(bundle: Bundle, tmp_path: Path) -> None:
    """The scene's error is told, whether its network could be loaded or not."""
    scene = tmp_path / "scene.tif"
    grid = {"crs": "EPSG:32632", "transform": rasterio.Affine(1.0, 0, 4e5, 0, -1.0, 5e6)}
    shape: dict[str, Any] = {"driver": "GTiff", "height": 96, "width": 96, "count": 3}
    with rasterio.open(scene, "w", dtype="uint8", **shape, **grid) as raster:
        raster.write(np.random.default_rng(2).integers(0, 256, (3, 96, 96)).astype(np.uint8))
        raster.descriptions = ("red", "green", "blue")
    scene.write_bytes(scene.read_bytes()[:2000])
    with pytest.raises(InputError):
        geoseg.predict(scene, tmp_path / "map.tif", model=bundle.path, device="cpu")
    assert not [one.name for one in threading.enumerate() if one.name.startswith("geoseg-load")]
    assert [*tmp_path.glob("map*")] == []
