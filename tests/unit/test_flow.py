"""Overlap: order, bounds, and errors at their place."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count, islice
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.threads import (
    ScopeEnded,
    Wait,
    background_consumer,
    iterate_in_background,
    prefetch,
    write_in_background,
)


def test_results_come_in_order() -> None:
    assert list(prefetch(lambda i: i * i, range(100), threads=4, depth=8)) == [
        i * i for i in range(100)
    ]


def test_never_more_than_depth_are_started_ahead() -> None:
    started: list[int] = []
    results = prefetch(lambda i: started.append(i) or i, range(100), threads=4, depth=5)
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
        seen.extend(prefetch(read, range(100), threads=4, depth=8))
    results = prefetch(read, range(100), threads=4, depth=8)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]


def test_an_error_in_the_writer_is_raised_and_nothing_more_is_written() -> None:
    written: list[int] = []

    def write(i: int) -> None:
        if i == 3:
            raise OSError("disk full")
        written.append(i)

    with pytest.raises(OSError, match="disk full"):
        write_in_background(write, range(1000))
    assert written == [0, 1, 2]


def test_an_error_between_reader_and_writer_leaves_no_thread_behind() -> None:
    def broken(items: object) -> NoReturn:
        raise ValueError("model")

    before = set(threading.enumerate())
    with pytest.raises(ValueError, match="model"):
        write_in_background(print, (broken(i) for i in prefetch(lambda i: i, range(10), 2, 4)))
    assert not set(threading.enumerate()) - before


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

    reads = prefetch(lambda i: stage(i - 3) + 3, range(20), threads=1, depth=3)
    write_in_background(write, compute(reads), depth=3)  # type: ignore[arg-type]


class Clock:
    """Time that passes when a test says so; a wait asks for it when it begins and when it ends."""

    def __init__(self) -> None:
        self.now = 0.0
        self._asked = 0
        self._changed = threading.Condition()

    def monotonic(self) -> float:
        with self._changed:
            self._asked += 1
            self._changed.notify_all()
            return self.now

    def let_pass(self, seconds: float, waits: int = 0) -> None:
        """Go on by so many seconds, once so many waits have begun."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._asked >= 2 * waits - 1, 60)
            self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("geoseg.core.threads.time", clock)
    return clock


def test_only_the_time_until_an_item_is_there_counts_as_waiting(clock: Clock) -> None:
    def slow() -> Iterator[int]:
        for i in range(3):
            clock.let_pass(3)
            yield i

    wait = Wait()
    for _ in wait(slow()):
        clock.let_pass(100)
    assert wait.seconds == 9


def test_waiting_for_the_writer_is_counted(clock: Clock) -> None:
    wait = Wait()
    write_in_background(lambda item: clock.let_pass(2, waits=item + 1), range(5), wait=wait)
    assert wait.seconds == 10


@given(st.lists(st.integers()), st.integers(1, 5))
def test_running_ahead_keeps_the_items(items: list[int], depth: int) -> None:
    assert list(iterate_in_background(items, depth)) == items


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
        found.extend(iterate_in_background(numbers()))
    assert closed == [True]
    some = iterate_in_background(numbers(), depth=1)
    assert next(some) == 0
    some.close()
    assert closed == [True, True]


@given(st.lists(st.integers()), st.integers(1, 4))
def test_fed_items_arrive_in_order_while_they_pass(items: list[int], depth: int) -> None:
    with background_consumer(list, depth) as feed:
        assert list(feed.put_each(items, Wait())) == items
    assert feed.results == [items]


def test_feeding_waits_where_the_other_side_is_behind(clock: Clock) -> None:
    taken: list[int] = []

    def slow(items: Iterator[int]) -> None:
        for item in items:
            if item < 4:  # there is no room for the one after the next until this one is done
                clock.let_pass(2, waits=item + 3)
            taken.append(item)

    wait = Wait()
    with background_consumer(slow, 1) as feed:
        for item in feed.put_each(range(6), wait):
            assert item - len(taken) <= 3
    assert taken == list(range(6))
    assert wait.seconds == 8


def test_an_error_of_the_fed_side_is_raised_as_itself() -> None:
    def broken(items: Iterator[int]) -> None:
        for item in items:
            if item == 3:
                raise OSError("disk full")

    before = set(threading.enumerate())
    for length in (4, 1000):  # at the end, or on the way
        passed = []
        with pytest.raises(OSError, match="disk full"), background_consumer(broken) as feed:
            passed.extend(feed.put_each(range(length), Wait()))
        assert len(passed) < 10
    assert not set(threading.enumerate()) - before


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
        with background_consumer(work) as feed:
            for item in feed.put_each(range(100), Wait()):
                if item == 5:
                    raise error

    before = set(threading.enumerate())
    with pytest.raises(error):
        run()
    assert ended == ["ScopeEnded"]
    assert not set(threading.enumerate()) - before


def ended(run: Callable[[], object]) -> BaseException | None:
    """Run on a thread of its own, so that a run that hangs fails a test; return its error."""
    errors: list[BaseException | None] = []

    def noted() -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what the test looks at
            errors.append(error.with_traceback(None))
        else:
            errors.append(None)

    thread = threading.Thread(target=noted, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it hangs"
    return errors[0]


class FaultError(Exception):
    """What a stage meets."""


STAGES = ("tiles", "read", "compute", "trace", "shape", "polygons", "closed", "raster", "begun")
STRIP = 4  # tiles


def run_stages(stage: str, at: int, tiles: int, seen: list[int]) -> None:
    """Do what a run does: tiles are read, computed, joined to strips; these are traced on
    threads, and written.
    """

    def fail(here: str, item: int) -> None:
        if here == stage and item == at:
            raise FaultError(here, item)

    def passing(here: str, items: Iterator[int]) -> Iterator[int]:
        for number, item in enumerate(items):
            fail(here, number)
            yield item

    def polygons(strips: Iterator[int]) -> int:
        fail("begun", at)
        with (
            closing(iterate_in_background(passing("trace", strips))) as traced,
            closing(iterate_in_background(passing("shape", traced))) as shaped,
        ):
            count = sum(1 for _ in passing("polygons", shaped))
        fail("closed", at)
        return count

    def read(tile: int) -> int:
        seen.append(tile)
        fail("read", tile)
        return tile

    def strips(pixels: Iterator[int]) -> Iterator[int]:
        computed = passing("compute", pixels)
        while strip := list(islice(computed, STRIP)):
            yield strip[0] // STRIP

    with (
        background_consumer(polygons) as feed,
        closing(prefetch(read, passing("tiles", iter(range(tiles))), 2, 3)) as pixels,
    ):
        write_in_background(
            lambda strip: fail("raster", strip), feed.put_each(strips(pixels), Wait())
        )
    assert feed.results == [-(-tiles // STRIP)]


@given(stage=st.sampled_from(STAGES), tiles=st.integers(0, 40), part=st.floats(0, 1))
def test_whatever_stage_fails_at_whatever_item_the_run_ends_with_its_error(
    stage: str, tiles: int, part: float
) -> None:
    whole_run = tiles if stage in ("tiles", "read", "compute") else -(-tiles // STRIP)
    at = int(part * whole_run)
    before = set(threading.enumerate())
    error = ended(lambda: run_stages(stage, at, tiles, []))
    if at < whole_run or stage in ("begun", "closed"):
        assert isinstance(error, FaultError), error
        assert error.args == (stage, at)
    else:
        assert error is None
    assert not set(threading.enumerate()) - before


@pytest.mark.parametrize("stage", ["trace", "polygons", "raster"])
def test_a_failure_is_heard_of_before_a_strip_is_full(stage: str) -> None:
    """Tiles take seconds, and a strip of a wide scene has thousands of them."""
    failed = threading.Event()

    def fail(item: int) -> None:
        if item == 1:
            failed.set()
            raise FaultError(stage)

    def checked(items: Iterator[int]) -> Iterator[int]:
        for item in items:
            fail(item)
            yield item

    def polygons(strips: Iterator[int]) -> None:
        with closing(
            iterate_in_background(checked(strips) if stage == "trace" else strips)
        ) as traced:
            for strip in traced:
                if stage == "polygons":
                    fail(strip)

    def strips(tiles: Iterator[int]) -> Iterator[int]:
        yield from (0, 1)
        assert failed.wait(60)
        for _ in tiles:  # a strip that is never full
            pass
        yield 2

    def run() -> None:
        tiles = prefetch(lambda tile: tile, count(), 1, 2)
        with background_consumer(polygons) as feed:
            write_in_background(
                fail if stage == "raster" else str, feed.put_each(strips(tiles), Wait())
            )

    assert isinstance(ended(run), FaultError)


def test_work_that_fails_with_items_ahead_of_it_ends() -> None:
    def work(items: Iterator[int]) -> None:
        ahead = iterate_in_background(items)  # which nobody closes
        next(ahead)
        raise FaultError("writer")

    def run() -> None:
        with background_consumer(work) as feed:
            for _ in feed.put_each(range(1000), Wait()):
                pass

    before = set(threading.enumerate())
    assert isinstance(ended(run), FaultError)
    assert not set(threading.enumerate()) - before


def test_work_that_is_content_early_lets_the_rest_pass() -> None:
    with background_consumer(lambda items: list(islice(items, 3))) as feed:
        assert list(feed.put_each(range(100), Wait())) == list(range(100))
    assert feed.results == [[0, 1, 2]]


def test_an_error_of_the_writer_comes_before_what_follows_from_it() -> None:
    def write(item: int) -> None:
        raise FaultError("disk")

    def items() -> Iterator[int]:
        yield 1
        with pytest.raises(ScopeEnded):  # as soon as the writer's error is known
            deque(prefetch(str, count(), 1, 1), maxlen=0)
        raise ValueError("because of it")

    with pytest.raises(FaultError):
        write_in_background(write, items())
