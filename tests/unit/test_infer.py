"""Batches: order kept, empty patches skipped, halved when memory runs out."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.errors import RunError
from geoseg.core.grid import Patch, Window
from geoseg.models.protocol import Model
from geoseg.prediction.infer import infer


class FakeModel(Model):
    """Twice the pixels; holds at most `room` patches, as a small device would."""

    device = "cpu (fake)"

    def __init__(self, room: int = 100) -> None:
        self.holds, self.sizes = room, []

    def __call__(self, pixels: np.ndarray, valid: np.ndarray) -> np.ndarray:
        if len(pixels) > self.holds:
            raise MemoryError
        assert valid.any(axis=(1, 2)).all()
        self.sizes.append(len(pixels))
        return pixels * 2.0


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


class FakeDevice(FakeModel):
    """A device that works on its own: what was launched, and what was waited for, in order."""

    ahead = 1

    def __init__(self, fits: int, room: int = 100) -> None:
        super().__init__(room)
        self.fits, self.done = fits, []

    def launch(self, pixels: np.ndarray, valid: np.ndarray) -> Callable[[], np.ndarray]:
        scores, number = self(pixels, valid), len(self.sizes)
        self.done.append(f"launch {number}")

        def fetch() -> np.ndarray:
            self.done.append(f"fetch {number}")
            return scores

        return fetch

    def room(self) -> int:
        return self.fits


def test_a_device_always_has_the_next_batch_queued() -> None:
    device = FakeDevice(fits=3)
    found = list(infer(device, map(patch, range(9)), 8))
    assert [p.window.top for p in found] == list(range(9))
    assert device.sizes == [1, 3, 3, 2]
    assert device.done == [
        "launch 1",
        "launch 2",
        "fetch 1",
        "launch 3",
        "fetch 2",
        "launch 4",
        "fetch 3",
        "fetch 4",
    ]


@given(st.integers(0, 30), st.integers(1, 9), st.integers(1, 12), st.integers(1, 12))
def test_a_device_gives_every_patch_once_and_in_order(
    count: int, batch: int, fits: int, room: int
) -> None:
    device = FakeDevice(fits, room)
    assert [p.data[0, 0, 0] for p in infer(device, map(patch, range(count)), batch)] == [
        2 * i for i in range(count)
    ]
    assert all(size <= min(batch, fits, room) for size in device.sizes)


@pytest.mark.parametrize("wanted", range(8))
def test_a_device_is_waited_for_when_nobody_wants_the_rest(wanted: int) -> None:
    device = FakeDevice(fits=1)
    with closing(infer(device, map(patch, range(7)), 1)) as found:
        assert len(list(islice(found, wanted))) == min(wanted, 7)
    launched, fetched = (
        {line for line in device.done if line.startswith(what)} for what in ("launch", "fetch")
    )
    assert len(launched) == len(fetched)


def test_a_device_is_waited_for_when_the_patches_cannot_be_read() -> None:
    def broken() -> Iterator[Patch]:
        yield from map(patch, range(3))
        raise OSError("no more")

    device = FakeDevice(fits=1)
    with pytest.raises(OSError, match="no more"):
        list(infer(device, broken(), 1))
    assert device.done.count("fetch 3") == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("device", [FakeModel(), FakeDevice(fits=1)])
def test_scores_that_are_no_numbers_end_the_run(bad: float, device: FakeModel) -> None:
    def patches() -> Iterator[Patch]:
        for i in range(6):
            here = patch(i)
            here = Patch(here.window, here.data.astype(np.float32))
            if i == 3:
                here.data[0, 1, 1] = bad
            yield here

    found: list[Patch] = []
    with pytest.raises(RunError, match=r"row 3, column 0.*--precision fp32"):
        found.extend(infer(device, patches(), 1))


def test_scores_are_freed_before_the_next_are_computed() -> None:
    class Watched(FakeModel):
        alive: weakref.ref[np.ndarray] | None = None

        def __call__(self, pixels: np.ndarray, valid: np.ndarray) -> np.ndarray:
            assert self.alive is None or self.alive() is None
            scores = super().__call__(pixels, valid)
            self.alive = weakref.ref(scores)
            return scores

    tops = []
    for found in infer(Watched(), map(patch, range(6)), 2):
        tops.append(found.window.top)
        del found
    assert tops == list(range(6))
