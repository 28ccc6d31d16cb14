"""Boundary F1 against distances computed over whole rasters; cut into windows it counts the
same.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import distance_transform_edt

from geoseg.core.card import NODATA
from geoseg.core.grid import Tiling, Window
from geoseg.evaluation.boundary import Boundaries, dilate, edges

CLASSES = 4
RASTERS = st.tuples(st.integers(1, 24), st.integers(1, 24)).flatmap(
    lambda shape: st.tuples(
        *[arrays(np.uint8, shape, elements=st.sampled_from([0, 1, 2, 3, NODATA]))] * 2
    )
)
REACHES = st.sampled_from([0.0, 1.0, 1.5, 2.0, 3.3, 5.0])


def expected(
    truth: np.ndarray, mapped: np.ndarray, reach: float, classes: int = CLASSES
) -> np.ndarray:
    """Count border pixels and those within reach by distance transforms, class by class."""
    known = (truth != NODATA) & (mapped != NODATA)
    sides = [np.where(known, side, NODATA) for side in (truth, mapped)]
    counts = np.zeros((classes, 4), np.int64)
    for label in range(classes):
        borders = [slow_edges(side) & (side == label) for side in sides]
        for column, (own, other) in enumerate((borders, borders[::-1])):
            near = (
                distance_transform_edt(~other) <= reach
                if other.any()
                else np.zeros(own.shape, bool)
            )
            counts[label, 2 * column : 2 * column + 2] = own.sum(), (own & near).sum()
    return counts


def slow_edges(side: np.ndarray) -> np.ndarray:
    found = np.zeros(side.shape, bool)
    for row, column in np.ndindex(side.shape):
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if (
                0 <= r < side.shape[0]
                and 0 <= c < side.shape[1]
                and NODATA not in (side[row, column], side[r, c])
            ):
                found[row, column] |= side[row, column] != side[r, c]
    return found


def counted(
    truth: np.ndarray, mapped: np.ndarray, reach: float, rows: int, columns: int
) -> Boundaries:
    found, tiling = Boundaries.of(CLASSES, reach), Tiling(*truth.shape, 1, 0)
    for window in tiling.extent.blocks(rows, columns):
        halo = found.halo
        wide = Window(
            window.top - halo, window.left - halo, window.bottom + halo, window.right + halo
        )
        wide = wide.clip(tiling.extent)
        part = wide.within(tiling.extent)
        found.add(truth[part], mapped[part], window.within(wide))
    return found


@given(RASTERS, REACHES, st.integers(1, 30), st.integers(1, 30))
def test_counts_are_those_of_distances_however_the_raster_is_cut(
    pair: tuple[np.ndarray, np.ndarray], reach: float, rows: int, columns: int
) -> None:
    truth, mapped = pair
    assert np.array_equal(
        counted(truth, mapped, reach, rows, columns).counts, expected(truth, mapped, reach)
    )


@given(arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))), st.floats(0, 6))
def test_dilation_is_by_a_disk(mask: np.ndarray, reach: float) -> None:
    near = distance_transform_edt(~mask) <= reach if mask.any() else mask
    assert np.array_equal(dilate(mask.astype(np.uint8), reach).astype(bool), near)


def test_more_classes_than_bits() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 80, (24, 24)).astype(np.uint8)
    mapped = np.roll(truth, 1, axis=1)
    found = Boundaries.of(80, 1.0)
    found.add(truth, mapped, np.s_[:, :])
    assert np.array_equal(found.counts, expected(truth, mapped, 1.0, 80))
    assert found.counts[:, 0].sum() == edges(truth).sum()


def test_scores_of_shifted_squares() -> None:
    truth = np.zeros((30, 30), np.uint8)
    truth[8:20, 8:20] = 1
    score = Boundaries.of(3, 1.0)
    score.add(truth, np.roll(truth, 1, axis=0), np.s_[:, :])
    assert score.f1()[:2] == pytest.approx([1, 1])
    assert math.isnan(score.f1()[2])
    far = Boundaries.of(3, 1.0)
    far.add(truth, np.roll(truth, 10, axis=(0, 1)), np.s_[:, :])
    assert 0 < far.f1()[1] < 0.3
    missing = Boundaries.of(3, 1.0)
    missing.add(truth, np.zeros_like(truth), np.s_[:, :])
    assert list(missing.f1()[:2]) == [0, 0]
