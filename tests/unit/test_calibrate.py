"""The temperature is the one that scores were made with, and that of a general optimiser; models
apply it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from geoseg.core.card import NODATA, Scaling, read_card, write_card
from geoseg.core.errors import InputError
from geoseg.core.events import Event, Noted, Warned
from geoseg.evaluation.calibrate import PixelSample, fit_temperature, golden_section
from geoseg.models import find_model, load_model
from geoseg.training.finish import calibrated


def draw(pixels: int, temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose softmax at a temperature is how the truth was drawn."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (4, pixels))
    truth = (softmax(logits, axis=0).cumsum(axis=0) < rng.random(pixels)).sum(axis=0)
    return (logits * temperature).astype(np.float32), truth.astype(np.uint8)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_that_was_put_in_comes_out(temperature: float) -> None:
    logits, truth = draw(100_000, temperature)
    assert fit_temperature(logits, truth) == pytest.approx(temperature, rel=0.02)
    assert fit_temperature(log_softmax(logits, axis=0), truth) == pytest.approx(
        temperature, rel=0.02
    )


@given(st.integers(0, 1000))
def test_it_is_that_of_a_general_optimiser(seed: int) -> None:
    logits, truth = draw(500, 1.7, seed)

    def loss(place: float) -> float:
        return float(-log_softmax(logits / np.exp(place), axis=0)[truth, np.arange(500)].mean())

    best = np.exp(
        minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-7}).x
    )
    assert fit_temperature(logits, truth) == pytest.approx(best, rel=1e-3)


def test_sigmoid_scores_are_fitted_class_by_class() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (3, 40_000))
    truth = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(float)
    truth[:, :1000] = np.nan  # unknown
    assert fit_temperature(logits * 3, truth, "sigmoid") == pytest.approx(3, rel=0.02)
    indices = np.where(truth[0, 1000:] == 1, 0, NODATA)
    assert fit_temperature(logits[:, 1000:], indices, "sigmoid") > 0


def test_pixels_without_a_class_count_nothing() -> None:
    logits, truth = draw(1000, 2.0)
    noise = np.random.default_rng(3).normal(0, 50, logits.shape)
    both, known = np.concatenate([logits, noise], axis=1), np.append(truth, np.full(1000, NODATA))
    assert fit_temperature(both, known) == fit_temperature(logits, truth)
    with pytest.raises(InputError, match="no labelled pixel"):
        fit_temperature(logits, np.full(1000, NODATA))
    with pytest.raises(InputError, match="no labelled pixel"):
        PixelSample().fit()


def test_a_probability_of_nought_does_no_harm() -> None:
    logits, truth = draw(1000, 1.0)
    with np.errstate(divide="ignore"):
        nought = np.log(np.where(np.arange(4)[:, None] == truth, softmax(logits, axis=0), 0))
    assert np.isfinite(fit_temperature(nought, truth))


@given(st.integers(1, 60), st.integers(0, 5))
def test_a_sample_holds_its_most_and_pairs_stay_together(most: int, seed: int) -> None:
    sample, rng = PixelSample(most, seed), np.random.default_rng(seed)
    for pixels in rng.integers(0, 30, 4):
        truth = rng.integers(0, 200, pixels).astype(np.uint8)
        sample.add(np.stack([truth, truth + 1.0]).reshape(2, 1, -1), truth.reshape(1, -1))
    logits, truth = sample._logits, sample._truth
    assert logits is not None
    assert truth is not None
    assert len(truth) <= most
    assert np.array_equal(logits[0], truth)
    assert np.array_equal(logits[1], truth + 1.0)


def test_a_small_sample_gives_what_all_pixels_give() -> None:
    logits, truth = draw(50_000, 2.0)
    sample = PixelSample(20_000)
    for part in range(0, 50_000, 10_000):
        sample.add(logits[:, part : part + 10_000], truth[part : part + 10_000])
    assert sample.fit() == pytest.approx(fit_temperature(logits, truth), rel=0.03)


def test_a_sample_of_several_classes_at_once_gives_what_all_pixels_give() -> None:
    rng = np.random.default_rng(4)
    logits = rng.normal(0, 2, (3, 60_000))
    truth = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(np.int64)
    truth[:, :5000] = NODATA
    sample = PixelSample(20_000)
    for part in range(0, 60_000, 6000):
        sample.add(3 * logits[:, part : part + 6000], truth[:, part : part + 6000])
    assert sample.fit("sigmoid") == pytest.approx(3, rel=0.03)


@pytest.mark.parametrize("always", [True, False])
def test_a_sample_that_tells_no_temperature_leaves_the_card_as_it_is(
    always: bool, tmp_path: Path
) -> None:
    logits, _ = draw(3000, 1.0)
    best = logits.argmax(axis=0)
    truth = (
        best if always else (best + np.random.default_rng(1).integers(0, 4, best.shape)) % 4
    ).astype(np.uint8)
    events: list[Event] = []
    card = read_card(make_bundle(tmp_path / "model") / "card.json")
    for labels, said in ((truth, Warned), (draw(3000, 1.0)[1], Noted)):
        sample = PixelSample()
        sample.add(logits, labels)
        found = calibrated(card, sample, events.append)
        assert isinstance(events[-1], said)
        assert (found == card) == (said is Warned)


@given(st.floats(-5, 5), st.floats(0.1, 10))
def test_golden_section_finds_the_valley(where: float, steep: float) -> None:
    assert golden_section(lambda x: steep * abs(x - where) ** 1.5, -6, 6, 1e-6) == pytest.approx(
        where, abs=1e-5
    )


def test_a_model_divides_its_logits_by_the_temperature(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "model")
    pixels, valid = (
        np.random.default_rng(0).integers(0, 255, (1, 3, 64, 64), np.uint8),
        np.ones((1, 64, 64), bool),
    )
    card = read_card(folder / "card.json")
    assert "temperature" not in (folder / "card.json").read_text()

    def mapped(temperature: float) -> torch.Tensor:
        write_card(replace(card, temperature=temperature), folder / "card.json")
        return torch.as_tensor(load_model(find_model(str(folder)), Scaling(), "cpu")(pixels, valid))

    plain, hot = mapped(1.0), mapped(2.0)
    assert json.loads((folder / "card.json").read_text())["properties"]["geoseg:temperature"] == 2.0
    assert torch.equal(plain.argmax(1), hot.argmax(1))
    assert torch.allclose(torch.softmax(plain.log() / 2, dim=1), hot, atol=1e-5)
