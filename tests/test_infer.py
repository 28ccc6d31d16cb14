"""Batches: order kept, empty patches skipped, halved when memory runs out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.errors import RunError
from geoseg.grid import Window
from geoseg.infer import infer
from geoseg.stitch import Patch


class FakeModel:
    """Twice the pixels; holds at most `room` patches, as a small device would."""

    device = "cpu (fake)"

    def __init__(self, room: int = 100) -> None:
        self.room, self.sizes = room, []

    def __call__(self, pixels: np.ndarray, valid: np.ndarray) -> np.ndarray:
        if len(pixels) > self.room:
            raise MemoryError
        assert valid.any(axis=(1, 2)).all()
        self.sizes.append(len(pixels))
        return pixels * 2.0

    asarray = to_uint8 = staticmethod(np.asarray)


def patch(i: int, valid: bool = True) -> Patch:
    return Patch(Window(i, 0, i + 2, 2), np.full((1, 2, 2), i), np.full((2, 2), valid))


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 9), st.integers(1, 9))
def test_every_valid_patch_once_and_in_order(valid: list[bool], batch: int, room: int) -> None:
    model = FakeModel(room)
    found = list(infer(model, (patch(i, v) for i, v in enumerate(valid)), batch))
    wanted = [i for i, v in enumerate(valid) if v]
    assert [p.window.top for p in found] == wanted
    assert [p.data[0, 0, 0] for p in found] == [2 * i for i in wanted]
    assert all(size <= min(batch, room) for size in model.sizes)


def test_a_batch_that_did_not_fit_is_not_tried_again() -> None:
    model = FakeModel(room=3)
    list(infer(model, map(patch, range(16)), 8))
    assert model.sizes == [2] * 8


def test_a_single_tile_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(RunError, match="smaller --tile"):
        list(infer(FakeModel(room=0), [patch(0)], 4))
