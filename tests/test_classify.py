"""Labels and confidence equal a computation pixel by pixel, for arrays and tensors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoseg.card import NODATA, Band, Label, ModelCard, Scaling
from geoseg.classify import classify, to_uint8
from geoseg.grid import Window
from geoseg.stitch import Patch

CARD = ModelCard(
    name="three", description="three", architecture="unet", hyperparameters={}, sensor="any", unit="reflectance",
    bands=(Band("red", "red", 0.66, 0.1, 0.1, 0, 1),), scaling=Scaling(), dtypes=("uint8",),
    labels=(Label(7, "water", "#0000ff"), Label(0, "trees", "#00ff00"), Label(254, "built", "#ff0000")),
    gsd=10, gsd_range=(5, 20), tile=64, overlap=8,
)  # fmt: skip
SHAPE = (5, 4)
masks = arrays(bool, SHAPE)


@given(arrays(np.float32, (3, *SHAPE), elements=st.floats(0, 1, width=32)), masks, masks)
def test_labels_and_confidence_pixel_by_pixel(scores: np.ndarray, valid: np.ndarray, inside: np.ndarray) -> None:
    strip = Patch(Window(2, 3, 7, 7), scores, valid)
    found = classify(strip, CARD, inside)
    assert found.window == strip.window
    assert found.data.dtype == np.uint8
    for row, column in np.ndindex(SHAPE):
        label, confidence = found.data[:, row, column]
        pixel = list(scores[:, row, column])
        if valid[row, column] and inside[row, column]:
            assert label == CARD.labels[pixel.index(max(pixel))].value  # the first where several are highest
            assert abs(int(confidence) - 100 * max(pixel)) <= 0.51
        else:
            assert label == confidence == NODATA


def test_a_tensor_gives_the_same_as_an_array() -> None:
    scores = np.random.default_rng(0).random((3, *SHAPE), np.float32)
    strip = Patch(Window(0, 0, *SHAPE), scores)
    tensor = replace(strip, data=torch.from_numpy(scores))
    bring = lambda t: t.to(torch.uint8).numpy()  # noqa: E731  # the model's own to_uint8, in short
    np.testing.assert_array_equal(classify(strip, CARD).data, classify(tensor, CARD, bring=bring).data)


@pytest.mark.parametrize(("score", "percent"), [(0.0, 0), (0.004, 0), (0.006, 1), (0.995, 100), (1.0000002, 100)])
def test_percent_is_rounded_and_never_above_100(score: float, percent: int) -> None:
    scores = np.zeros((3, 1, 1), np.float32)
    scores[1] = score
    assert classify(Patch(Window(0, 0, 1, 1), scores), CARD, bring=to_uint8).data[1, 0, 0] == percent
