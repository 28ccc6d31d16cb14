"""Rows of any heights leave as whole block rows, and nothing is lost."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.grid import Window
from geoseg.raster.sink import BlockRowBuffer


@given(st.integers(1, 9), st.integers(1, 60), st.integers(1, 20), st.data())
def test_what_goes_in_comes_out_in_blocks(
    block: int, height: int, width: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(0)
    whole, copy = (
        rng.integers(0, 256, (height, width)).astype(np.uint8),
        np.zeros((height, width), np.uint8),
    )
    cuts = sorted({0, width, *data.draw(st.lists(st.integers(0, width), max_size=3))})
    gather, seen = BlockRowBuffer(block), np.zeros((height, width), int)

    def put(window: Window, rows: np.ndarray) -> None:
        place = window.within(Window(0, 0, height, width))
        copy[place] = rows
        seen[place] += 1
        assert window.top % block == 0
        assert window.bottom % block == 0 or window.bottom == height
        assert window.shape[0] <= block

    for left, right in pairwise(cuts):
        top = 0
        while top < height:
            bottom = min(height, top + data.draw(st.integers(1, 25)))
            for window, rows in gather.add(
                Window(top, left, bottom, right), whole[top:bottom, left:right]
            ):
                put(window, rows)
            top = bottom
    for window, rows in gather.rest():
        put(window, rows)
    assert np.array_equal(copy, whole)
    assert (seen == 1).all()


def test_a_gap_is_an_error() -> None:
    gather = BlockRowBuffer(8)
    list(gather.add(Window(0, 0, 3, 4), np.zeros((3, 4), np.uint8)))
    with pytest.raises(ValueError, match="rows from 5 came where 3 was next"):
        list(gather.add(Window(5, 0, 6, 4), np.zeros((1, 4), np.uint8)))


def test_rows_are_copied() -> None:
    gather, rows = BlockRowBuffer(8), np.ones((2, 4), np.uint8)
    list(gather.add(Window(0, 0, 2, 4), rows))
    rows[:] = 9
    ((_, kept),) = gather.rest()
    assert (kept == 1).all()
