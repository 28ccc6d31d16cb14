"""Overviews equal a computation pixel by pixel, and GDAL's own where it has no choice."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoseg.core.card import NODATA
from geoseg.raster.overviews import mean, mode

pixels = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.uint8, shape, elements=st.sampled_from([0, 1, 2, 100, NODATA]))
)


@settings(deadline=None)
@given(pixels)
def test_each_pixel_is_that_of_most_or_the_mean_of_its_four(whole: np.ndarray) -> None:
    common, average = mode(whole), mean(whole)
    assert common.shape == average.shape == tuple(-(-side // 2) for side in whole.shape)
    for row, column in np.ndindex(common.shape):
        four = whole[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].ravel()
        known = [int(value) for value in four if value != NODATA]
        if known:
            votes = Counter(known)
            assert votes[int(common[row, column])] == max(votes.values())
            assert abs(int(average[row, column]) - sum(known) / len(known)) <= 0.5
        else:
            assert common[row, column] == average[row, column] == NODATA
