"""One contract for every metric of the table, and each against scikit-learn on random maps."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sk

from geoseg.core.card import NODATA
from geoseg.evaluation.metrics import METRICS, Confusion, measure

MATRICES = st.integers(1, 6).flatmap(
    lambda n: arrays(np.int64, (n, n), elements=st.integers(0, 10**9))
)
LABELS = list(range(5))
RASTERS = st.integers(1, 200).flatmap(
    lambda n: st.tuples(*[arrays(np.uint8, n, elements=st.sampled_from([*LABELS, NODATA]))] * 2)
)


def compute(name: str, matrix: np.ndarray) -> np.ndarray:
    module, _, function = METRICS[name].partition(":")
    return np.asarray(getattr(import_module(module), function)(matrix))


@pytest.mark.parametrize("name", METRICS)
class TestEveryMetric:
    """What whoever adds a metric may rely on, and must keep."""

    @settings(max_examples=30)
    @given(matrix=MATRICES)
    def test_it_is_one_number_or_one_for_each_class(self, name: str, matrix: np.ndarray) -> None:
        found = compute(name, matrix)
        assert found.dtype == np.float64
        assert found.shape in ((), (len(matrix),))
        known = found[np.isfinite(found)]
        assert np.array_equal(np.isnan(found), ~np.isfinite(found))
        assert (known <= 1 + 1e-9).all()
        assert (known >= (-1 if name == "kappa" else 0) - 1e-9).all()

    @settings(max_examples=30)
    @given(counts=st.lists(st.integers(0, 10**6), min_size=2, max_size=6))
    def test_a_perfect_map_has_1(self, name: str, counts: list[int]) -> None:
        found = compute(name, np.diag(counts))
        assert found[np.isfinite(found)] == pytest.approx(1)

    def test_no_pixel_gives_nan_without_a_warning(self, name: str) -> None:
        assert np.isnan(compute(name, np.zeros((3, 3), np.int64))).all()

    @settings(max_examples=30)
    @given(matrix=MATRICES, order=st.randoms(use_true_random=False))
    def test_the_order_of_the_classes_does_not_matter(
        self, name: str, matrix: np.ndarray, order: Any
    ) -> None:
        places = order.sample(range(len(matrix)), len(matrix))
        found, turned = compute(name, matrix), compute(name, matrix[np.ix_(places, places)])
        assert turned == pytest.approx(found[places] if found.ndim else found, nan_ok=True)

    @settings(max_examples=30)
    @given(matrix=MATRICES)
    def test_a_class_without_pixels_changes_nothing(self, name: str, matrix: np.ndarray) -> None:
        found, padded = compute(name, matrix), compute(name, np.pad(matrix, (0, 1)))
        assert (padded[:-1] if found.ndim else padded) == pytest.approx(found, nan_ok=True)

    @settings(max_examples=30)
    @given(matrix=MATRICES, times=st.integers(2, 100))
    def test_it_is_about_shares_not_counts(self, name: str, matrix: np.ndarray, times: int) -> None:
        assert compute(name, matrix * times) == pytest.approx(
            compute(name, matrix), nan_ok=True, rel=1e-6, abs=1e-9
        )


@settings(max_examples=40)
@given(RASTERS)
def test_metrics_equal_those_of_scikit_learn(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, mapped = pair
    confusion = Confusion.of(len(LABELS))
    confusion.add(truth, mapped)
    known = (truth != NODATA) & (mapped != NODATA)
    t, m = truth[known], mapped[known]
    if not len(t):
        return
    found = measure(confusion.matrix)
    assert np.array_equal(confusion.matrix, sk.confusion_matrix(t, m, labels=LABELS))
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(t, m))
    if len(set(t) | set(m)) > 1:
        assert found["kappa"] == pytest.approx(sk.cohen_kappa_score(t, m))
    there = sorted(set(t.tolist()))
    options: dict[str, Any] = {"labels": there, "zero_division": 0}
    assert found["mean_iou"] == pytest.approx(sk.jaccard_score(t, m, average="macro", **options))
    assert found["mean_f1"] == pytest.approx(sk.f1_score(t, m, average="macro", **options))
    assert found["mean_accuracy"] == pytest.approx(
        sk.recall_score(t, m, average="macro", **options)
    )
    assert found["frequency_weighted_iou"] == pytest.approx(
        sk.jaccard_score(t, m, average="weighted", **options)
    )
    for name, score in (
        ("iou", sk.jaccard_score),
        ("f1", sk.f1_score),
        ("recall", sk.recall_score),
    ):
        assert found[name][there] == pytest.approx(score(t, m, average=None, **options))
    said = sorted(set(m.tolist()))
    assert found["precision"][said] == pytest.approx(
        sk.precision_score(t, m, average=None, labels=said)
    )
