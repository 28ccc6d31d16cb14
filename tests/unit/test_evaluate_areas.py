"""The worked example of Olofsson et al. 2014, a simulation that knows the truth, and strata with
too few points.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoseg.core.errors import InputError
from geoseg.evaluation.areas import AreaEstimates, estimate

# Table 8: points by map class (rows) and true class; mapped pixels of 30 m
NAMES = ("Deforestation", "Forest gain", "Stable forest", "Stable non-forest")
COUNTS = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
PIXELS = np.array([200_000, 150_000, 3_200_000, 6_450_000])


@pytest.fixture
def paper() -> AreaEstimates:
    return estimate(COUNTS, PIXELS * 900.0, NAMES)


def test_areas_are_those_of_the_paper(paper: AreaEstimates) -> None:
    hectares = [paper.area(i) for i in range(4)]
    assert [round(a.value / 1e4) for a in hectares] == [21_158, 11_686, 285_770, 581_386]
    assert [round(a.half / 1e4) for a in hectares] == [6_158, 3_756, 15_510, 16_282]
    assert (round(paper.share[0].value, 4), round(paper.share[0].error, 4)) == (0.0235, 0.0035)


def test_accuracies_are_those_of_the_paper(paper: AreaEstimates) -> None:
    assert (round(paper.overall.value, 2), round(paper.overall.half, 2)) == (0.95, 0.02)
    assert [round(u.value, 2) for u in paper.users] == [0.88, 0.73, 0.93, 0.96]
    assert [round(u.half, 2) for u in paper.users] == [0.07, 0.10, 0.04, 0.02]
    assert [round(p.value, 2) for p in paper.producers] == [0.75, 0.85, 0.93, 0.96]
    # the paper prints 0.21, 0.23, 0.03, 0.01: the second and fourth are not what its equation 7
    # gives
    assert [round(p.half, 2) for p in paper.producers] == [0.21, 0.25, 0.03, 0.02]


def test_the_matrix_of_proportions_is_table_9(paper: AreaEstimates) -> None:
    shares = (
        (paper.mapped / paper.total)[:, None]
        * paper.counts
        / paper.counts.sum(axis=1, keepdims=True)
    )
    table = [
        [0.0176, 0, 0.0013, 0.0011],
        [0, 0.0110, 0.0016, 0.0024],
        [0.0019, 0, 0.2967, 0.0213],
        [0.0040, 0.0020, 0.0179, 0.6212],
    ]
    assert np.allclose(shares, table, atol=6e-5)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(4)
    rates = np.array([[0.8, 0.15, 0.05], [0.1, 0.85, 0.05], [0.05, 0.1, 0.85]])
    mapped = np.array([20.0, 50.0, 30.0])
    share = mapped / 100 @ rates
    recall = mapped / 100 * np.diag(rates) / share
    within = np.zeros((3, 3))
    for _ in range(2000):
        found = estimate([rng.multinomial(100, r) for r in rates], mapped, "abc")
        for kind, (estimates, right) in enumerate(
            ((found.share, share), (found.producers, recall), (found.users, np.diag(rates)))
        ):
            within[kind] += [
                abs(e.value - r) <= e.half for e, r in zip(estimates, right, strict=True)
            ]
    assert (within / 2000 > 0.92).all()
    assert (within / 2000 < 0.975).all()


@given(
    arrays(np.int64, (3, 4), elements=st.integers(0, 30)),
    arrays(np.float64, 3, elements=st.floats(1, 1e9)),
)
def test_shares_add_up_and_lie_between_nought_and_one(
    counts: np.ndarray, mapped: np.ndarray
) -> None:
    counts[:, 0] += 2
    found = estimate(counts, mapped, "abcd")
    assert sum(s.value for s in found.share) == pytest.approx(1)
    assert all(
        0 <= e.value <= 1 + 1e-12 or math.isnan(e.value) for e in (*found.users, *found.producers)
    )
    assert math.isnan(found.users[3].value)
    assert found.producers[3].value == 0 or math.isnan(found.producers[3].value)
    assert 0 <= found.overall.value <= 1 + 1e-12


def test_strata_with_too_few_points() -> None:
    with pytest.raises(InputError, match="no point of b, c has been interpreted"):
        estimate([[3, 1, 0], [0, 0, 0], [0, 0, 0]], [1, 1, 1], "abc")
    found = estimate([[3, 1, 0], [0, 1, 0], [0, 2, 5]], [1.0, 1.0, 2.0], "abc")
    assert found.single == ("b",)
    assert math.isnan(found.users[1].error)
    assert all(math.isfinite(s.error) for s in (*found.share, *found.producers, found.overall))
