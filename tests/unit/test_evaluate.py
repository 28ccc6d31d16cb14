"""Metrics against counting pixel by pixel, and the confusion matrix in pieces against the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoseg.core.card import NODATA
from geoseg.evaluation import metrics as evaluate

LABELS = 4
MAPS = arrays(
    np.uint8,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    elements=st.sampled_from([0, 1, 2, 3, 255]),
)


def confusion(truth: np.ndarray, mapped: np.ndarray) -> evaluate.Confusion:
    found = evaluate.Confusion.of(LABELS)
    found.add(truth, mapped)
    return found


@given(MAPS, st.randoms(use_true_random=False))
def test_metrics_equal_sets_of_pixels(truth: np.ndarray, random: object) -> None:
    mapped = (
        np.random.default_rng(random.randint(0, 2**32))
        .permutation(truth.ravel())
        .reshape(truth.shape)
    )  # type: ignore[attr-defined]
    matrix = confusion(truth, mapped).matrix
    both = [
        (int(t), int(m))
        for t, m in zip(truth.ravel(), mapped.ravel(), strict=True)
        if NODATA not in (int(t), int(m))
    ]
    right = sum(t == m for t, m in both)
    assert evaluate.accuracy(matrix) == pytest.approx(
        right / len(both) if both else math.nan, nan_ok=True
    )
    ious = []
    for label in range(LABELS):
        true = {i for i, (t, _) in enumerate(both) if t == label}
        said = {i for i, (_, m) in enumerate(both) if m == label}
        expected = len(true & said) / len(true | said) if true | said else math.nan
        assert evaluate.iou(matrix)[label] == pytest.approx(expected, nan_ok=True)
        dice = 2 * len(true & said) / (len(true) + len(said)) if true or said else math.nan
        assert evaluate.f1(matrix)[label] == pytest.approx(dice, nan_ok=True)
        assert evaluate.recall(matrix)[label] == pytest.approx(
            len(true & said) / len(true) if true else math.nan, nan_ok=True
        )
        assert evaluate.precision(matrix)[label] == pytest.approx(
            len(true & said) / len(said) if said else math.nan, nan_ok=True
        )
        ious += [expected] if true else []
    assert evaluate.mean_iou(matrix) == pytest.approx(
        np.mean(ious) if ious else math.nan, nan_ok=True
    )


@given(MAPS, st.integers(0, 12))
def test_pieces_add_up_to_the_whole(truth: np.ndarray, row: int) -> None:
    mapped = truth[::-1]
    pieces = evaluate.Confusion.of(LABELS)
    pieces.add(truth[:row], mapped[:row])
    pieces.add(truth[row:], mapped[row:])
    assert np.array_equal(pieces.matrix, confusion(truth, mapped).matrix)


def test_scores_leave_out_classes_that_the_truth_lacks() -> None:
    truth, mapped = np.array([[0, 0, 1, 255]]), np.array([[0, 2, 1, 1]])
    found = evaluate.scores(confusion(truth, mapped).matrix, ["water", "trees", "grass", "crops"])
    assert found["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["mean_iou"] == 0.75
    assert found["pixels"] == 3
    assert list(found["classes"]) == ["water", "trees"]
    assert found["classes"]["water"] == {"iou": 0.5, "f1": 0.6667, "recall": 0.5, "pixels": 2}
