"""Overviews equal a computation pixel by pixel, and GDAL's own where it has no choice."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.enums import Resampling
from rasterio.io import MemoryFile

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


def gdals(whole: np.ndarray, how: Resampling) -> np.ndarray:
    """Return GDAL's own overview of half the size."""
    height, width = whole.shape
    shape = {"height": height, "width": width, "count": 1, "dtype": "uint8"}
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", nodata=NODATA, **shape) as raster:
            raster.write(whole, 1)
            raster.build_overviews([2], how)
        with rasterio.open(memory.name, overview_level=0) as overview:
            return overview.read(1)


even = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda half: arrays(
        np.uint8, (2 * half[0], 2 * half[1]), elements=st.sampled_from([0, 1, 2, 100, NODATA])
    )
)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@settings(deadline=None)
@given(even)
def test_they_are_gdals_where_it_has_no_choice(whole: np.ndarray) -> None:
    """Of several classes with as many pixels GDAL takes another one."""
    assert np.array_equal(mean(whole), gdals(whole, Resampling.average))
    fours = whole.reshape(len(whole) // 2, 2, -1, 2).swapaxes(1, 2).reshape(-1, 4)
    votes = [Counter(four[four != NODATA].tolist()).most_common(2) for four in fours]
    clear = [len(two) < 2 or two[0][1] > two[1][1] for two in votes]
    assert np.array_equal(mode(whole).ravel()[clear], gdals(whole, Resampling.mode).ravel()[clear])
