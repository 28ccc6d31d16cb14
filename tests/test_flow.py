"""Overlap: order, bounds, and errors at their place."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.flow import Wait, feeding, read_ahead, run_ahead, write_behind


def test_results_come_in_order() -> None:
    assert list(read_ahead(lambda i: i * i, range(100), threads=4, depth=8)) == [i * i for i in range(100)]


def test_never_more_than_depth_are_started_ahead() -> None:
    started: list[int] = []
    results = read_ahead(lambda i: started.append(i) or i, range(100), threads=4, depth=5)
    assert next(results) == 0
    assert len(started) <= 5
    results.close()  # type: ignore[attr-defined]  # the function is a generator


def test_an_error_in_a_reader_is_raised_at_its_place() -> None:
    def read(i: int) -> int:
        if i == 5:
            raise OSError("bad block")
        return i

    seen: list[int] = []
    with pytest.raises(OSError, match="bad block"):
        seen.extend(read_ahead(read, range(100), threads=4, depth=8))
    results = read_ahead(read, range(100), threads=4, depth=8)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]


def test_an_error_in_the_writer_is_raised_and_nothing_more_is_written() -> None:
    written: list[int] = []

    def write(i: int) -> None:
        if i == 3:
            raise OSError("disk full")
        written.append(i)

    with pytest.raises(OSError, match="disk full"):
        write_behind(write, range(1000))
    assert written[:3] == [0, 1, 2]
    assert len(written) < 10


def test_an_error_between_reader_and_writer_leaves_no_thread_behind() -> None:
    def broken(items: object) -> NoReturn:
        raise ValueError("model")

    before = threading.active_count()
    with pytest.raises(ValueError, match="model"):
        write_behind(print, (broken(i) for i in read_ahead(lambda i: i, range(10), 2, 4)))
    assert threading.active_count() == before


def test_reading_computing_and_writing_run_at_the_same_time() -> None:
    # A barrier that only opens when all three stages stand at it at once.
    barrier = threading.Barrier(3, timeout=20)

    def stage(i: int) -> int:
        if i == 2:
            barrier.wait()
        return i

    def compute(items: object) -> object:
        for i in items:  # type: ignore[attr-defined]  # an iterator of ints
            if i == 3:
                barrier.wait()
            yield i

    def write(i: int) -> None:
        if i == 1:
            barrier.wait()

    reads = read_ahead(lambda i: stage(i - 3) + 3, range(20), threads=1, depth=3)
    write_behind(write, compute(reads), depth=3)  # type: ignore[arg-type]


def test_only_the_time_until_an_item_is_there_counts_as_waiting() -> None:
    def slow() -> Iterator[int]:
        for i in range(3):
            time.sleep(0.03)
            yield i

    wait, begun = Wait(), time.monotonic()
    for _ in wait(slow()):
        time.sleep(0.03)
    assert 0.09 <= wait.seconds <= time.monotonic() - begun - 0.09


def test_waiting_for_the_writer_is_counted() -> None:
    wait, begun = Wait(), time.monotonic()
    write_behind(lambda _: time.sleep(0.03), range(5), wait=wait)
    assert 0.03 <= wait.seconds <= time.monotonic() - begun


@given(st.lists(st.integers()), st.integers(1, 5))
def test_running_ahead_keeps_the_items(items: list[int], depth: int) -> None:
    assert list(run_ahead(items, depth)) == items


def test_running_ahead_raises_in_its_place_and_closes_what_it_reads() -> None:
    closed = []

    def numbers() -> Iterator[int]:
        try:
            yield from range(3)
            raise OSError("the disk is gone")
        finally:
            closed.append(True)

    found = []
    with pytest.raises(OSError, match="gone"):
        found.extend(run_ahead(numbers()))
    assert closed == [True]
    some = run_ahead(numbers(), depth=1)
    assert next(some) == 0
    some.close()
    assert closed == [True, True]


@given(st.lists(st.integers()), st.integers(1, 4))
def test_fed_items_arrive_in_order_while_they_pass(items: list[int], depth: int) -> None:
    with feeding(list, depth) as feed:
        assert list(feed.passing(items, Wait())) == items
    assert feed.results == [items]


def test_feeding_waits_where_the_other_side_is_behind() -> None:
    taken: list[int] = []

    def slow(items: Iterator[int]) -> None:
        for item in items:
            time.sleep(0.02)
            taken.append(item)

    wait = Wait()
    with feeding(slow, 1) as feed:
        for item in feed.passing(range(6), wait):
            assert item - len(taken) <= 3
    assert taken == list(range(6))
    assert wait.seconds > 0.02


def test_an_error_of_the_fed_side_is_raised_as_itself() -> None:
    def broken(items: Iterator[int]) -> None:
        for item in items:
            if item == 3:
                raise OSError("disk full")

    before = threading.active_count()
    for count in (4, 1000):  # at the end, or on the way
        passed = []
        with pytest.raises(OSError, match="disk full"), feeding(broken) as feed:
            passed.extend(feed.passing(range(count), Wait()))
        assert len(passed) < 10
    assert threading.active_count() == before


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_of_the_feeding_side_ends_the_other(error: type[BaseException]) -> None:
    ended = []

    def work(items: Iterator[int]) -> None:
        try:
            for _ in items:
                pass
            ended.append("whole")
        except BaseException as left:
            ended.append(type(left).__name__)
            raise

    def run() -> None:
        with feeding(work) as feed:
            for item in feed.passing(range(100), Wait()):
                if item == 5:
                    raise error

    before = threading.active_count()
    with pytest.raises(error):
        run()
    assert ended == ["Left"]
    assert threading.active_count() == before
