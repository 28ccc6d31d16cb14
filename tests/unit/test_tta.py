"""Each tile seen in several ways: the mean of the turned scores, the same however a scene is cut."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from rasters import write

import geoseg
from geoseg.core.card import Scaling
from geoseg.core.events import Event, Noted
from geoseg.core.job import Job
from geoseg.core.options import TURNS, Options
from geoseg.models import Bundle, find_model, tta
from geoseg.models.protocol import Model
from geoseg.prediction.agreement import find_engine
from geoseg.prediction.pipeline import segment

# numpy's own words for the eight: quarter turns, and those of the mirror image
WAYS = {
    "flips": [lambda a: a, np.fliplr, np.flipud, lambda a: np.flipud(np.fliplr(a))],
    "d4": [lambda a, k=k: np.rot90(a, k) for k in range(4)]
    + [lambda a, k=k: np.rot90(np.fliplr(a), k) for k in range(4)],
}
BACK = {
    "flips": WAYS["flips"],
    "d4": [lambda a, k=k: np.rot90(a, -k) for k in range(4)]
    + [lambda a, k=k: np.fliplr(np.rot90(a, -k)) for k in range(4)],
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return find_model(str(make_bundle(tmp_path_factory.mktemp("bundle"))))


def on_last_axes(turn: object, array: np.ndarray) -> np.ndarray:
    """Numpy's turns are of the first two axes."""
    moved = np.moveaxis(array, (-2, -1), (0, 1))
    return np.ascontiguousarray(np.moveaxis(turn(moved), (0, 1), (-2, -1)))


def test_the_options_are_the_sets_of_turns() -> None:
    assert tuple(tta.TURNS) == TURNS
    assert [len(tta.TURNS[name]) for name in TURNS] == [1, 4, 8]


@pytest.mark.parametrize("engine", ["torch", "openvino"])
@pytest.mark.parametrize("name", ["flips", "d4"])
def test_scores_are_the_mean_of_those_turned_back(bundle: Bundle, name: str, engine: str) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino")
    pixels = np.random.default_rng(3).integers(0, 255, (2, 3, 64, 64)).astype(np.uint8)
    valid = np.random.default_rng(4).random((2, 64, 64)) > 0.2
    plain, turned = (
        find_engine(bundle, Scaling(), Options.of(engine=engine, device="cpu", tta=way), print)
        for way in ("none", name)
    )
    assert (plain.name, plain.able) == (turned.name, turned.able)
    model = plain.load("fp32", ())
    wanted = np.mean(
        [
            on_last_axes(back, model(on_last_axes(way, pixels), on_last_axes(way, valid)))
            for way, back in zip(WAYS[name], BACK[name], strict=True)
        ],
        axis=0,
    )
    found = turned.load("fp32", ())(pixels, valid)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    np.testing.assert_allclose(found, wanted, atol=2e-6)


class Ramp(Model):
    """Scores that depend on the place in the tile, as tensors: what is not turned back shows."""

    device = "cpu (1 threads)"

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead
        self.under_way = 0

    def __call__(self, pixels: np.ndarray, valid: np.ndarray) -> torch.Tensor:
        return self.launch(pixels, valid)()

    def launch(self, pixels: np.ndarray, valid: np.ndarray) -> object:
        self.under_way += 1
        assert self.under_way <= self.ahead + 1

        def fetch() -> torch.Tensor:
            self.under_way -= 1
            rows, columns = np.mgrid[: pixels.shape[2], : pixels.shape[3]]
            scores = pixels[:, :1] * (rows + 7.0 * columns)
            return torch.from_numpy(np.where(valid[:, None], scores, 0).astype(np.float32))

        return fetch


@given(st.integers(1, 9), st.sampled_from(["flips", "d4"]), st.integers(0, 2), st.integers(0, 99))
def test_a_turned_tile_gives_the_turned_scores(size: int, name: str, ahead: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 255, (1, 1, size, size)).astype(np.uint8)
    valid = rng.random((1, size, size)) > 0.3
    model = tta.TurningModel(Ramp(ahead), tta.TURNS[name])
    found = model(pixels, valid).numpy()
    for way in WAYS[name]:
        turned = model(on_last_axes(way, pixels), on_last_axes(way, valid)).numpy()
        np.testing.assert_allclose(turned, on_last_axes(way, found), rtol=1e-6)


def test_an_error_leaves_nothing_under_way() -> None:
    inner = Ramp(1)
    turns = (*tta.FLIPS, None)
    with pytest.raises(AttributeError):
        tta.TurningModel(inner, turns)(np.zeros((1, 1, 4, 4), np.uint8), np.ones((1, 4, 4), bool))
    assert inner.under_way == 0


def test_a_map_in_regions_has_the_bytes_of_the_whole_and_says_how_it_was_made(
    bundle: Bundle, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 245, (3, 9, 12)).repeat(20, 1).repeat(20, 2)
    # noise, or it would be an enlarged scene, which is warned of
    pixels += rng.integers(0, 10, pixels.shape)
    bands = ("red", "green", "blue")
    transform = rasterio.Affine(1.0, 0, 4e5, 0, -1.0, 5e6)
    path = write(tmp_path / "scene.tif", pixels.astype(np.uint8), bands, transform=transform)
    events: list[Event] = []
    whole = geoseg.predict(
        path, tmp_path / "map.tif", model=bundle.path, device="cpu", tta="d4", report=events.append
    )
    assert whole.tta == "d4"
    assert any(isinstance(e, Noted) and "through the network 8 times" in e.text for e in events)
    with rasterio.open(tmp_path / "map.tif") as raster:
        tags = raster.tags()
        classes = raster.read(1)
    assert tags["geoseg_tta"] == json.loads(tags["geoseg_provenance"])["options"]["tta"] == "d4"
    plain = geoseg.predict(path, model=bundle.path, device="cpu")
    assert plain.tta == "none"
    assert (classes != plain.classes).any()
    scores = geoseg.open_model(bundle.path, "cpu", tta="d4")(pixels.astype(np.uint8))
    np.testing.assert_array_equal(scores.argmax(0), classes)
    for region in ((0, 0, 71, 240), (71, 0, 180, 103), (71, 103, 180, 240)):
        out = str(tmp_path / f"{region[0]}-{region[1]}.tif")
        options = Options.of(device="cpu", tta="d4")
        segment(Job((path,), str(bundle.path), out, options=options, region=region))
        with rasterio.open(out) as raster:
            top, left, bottom, right = region
            np.testing.assert_array_equal(raster.read(1), classes[top:bottom, left:right])
