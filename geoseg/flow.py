"""Overlap of I/O with compute: the only file that starts threads."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Event, Thread
from typing import Generic, TypeVar, cast

A = TypeVar("A")
B = TypeVar("B")


def read_ahead(work: Callable[[A], B], items: Iterable[A], threads: int, depth: int) -> Iterator[B]:
    """Like map(), in order, on `threads` threads, with at most `depth` results waiting.

    An exception in `work` is raised here, at its place in the order.
    """
    with ThreadPoolExecutor(threads, "geoseg-read") as pool:
        waiting: deque[Future[B]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= depth:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # the consumer stopped early or a read failed: start nothing more
            for future in waiting:
                future.cancel()


def run_ahead(items: Iterable[A], depth: int = 4) -> Iterator[A]:
    """Yield the items, which are made on one background thread, at most `depth` ahead.

    An exception in their making is raised here, at its place. Items that are not wanted any
    more are not made, and a generator is closed.
    """
    source, end = iter(items), object()
    with ThreadPoolExecutor(1, "geoseg-ahead") as pool:
        waiting: deque[Future[A | object]] = deque(pool.submit(next, source, end) for _ in range(depth))
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(pool.submit(next, source, end))
                yield cast(A, item)
        finally:
            for future in waiting:
                future.cancel()
            if isinstance(source, Generator):
                pool.submit(source.close).result()


def write_behind(work: Callable[[A], object], items: Iterable[A], depth: int = 2, wait: Wait | None = None) -> None:
    """Call work(item) for each item, in order, on one background thread, at most `depth` behind.

    An exception in `work` is raised here, and no later item is worked on. `wait` adds up
    the time that the items were held up because the thread was behind.
    """
    wait = wait or Wait()
    with ThreadPoolExecutor(1, "geoseg-write") as pool:
        waiting: deque[Future[object]] = deque()
        try:
            for item in items:
                if len(waiting) >= depth:
                    wait.until(waiting.popleft().result)
                waiting.append(pool.submit(work, item))
            while waiting:
                wait.until(waiting.popleft().result)
        finally:
            for future in waiting:
                future.cancel()


@contextmanager
def every(seconds: float, work: Callable[[], object]) -> Iterator[None]:
    """Call work() every so many seconds, on a thread, while the block runs; it must not raise."""
    ended = Event()

    def repeat() -> None:
        while not ended.wait(seconds):
            work()

    thread = Thread(target=repeat, name="geoseg-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def feeding(work: Callable[[Iterator[A]], B], depth: int = 2) -> Iterator[Feed[A, B]]:
    """Run work(items) on one background thread, with the items that pass through the feed in the block.

    At most `depth` items wait. An error in `work` is raised where the next item passes, or at the
    end of the block, which waits for the result. An error in the block ends the items with
    an error, so that `work` can clear up; it is waited for.
    """
    feed: Feed[A, B] = Feed(depth)
    with ThreadPoolExecutor(1, "geoseg-feed") as pool:
        working = pool.submit(work, feed.taken())
        working.add_done_callback(lambda _: feed.leave())
        try:
            yield feed
            feed.end()
            feed.results.append(working.result())
        except Left:
            working.result()  # raises its error, which is the cause
            raise
        except BaseException:
            feed.end(whole=False)
            raise


class Left(Exception):  # noqa: N818 - no error of its own: the other side ended
    """The other side of a feed has ended before the last item."""


@dataclass(slots=True)
class Feed(Generic[A, B]):
    """Items on their way to another thread, at most `depth` of them; `results` holds what it made of them."""

    depth: int
    results: list[B] = field(default_factory=list)
    _turn: Condition = field(default_factory=Condition)
    _waiting: deque[A] = field(default_factory=deque)
    _ended: bool = False
    _whole: bool = True
    _left: bool = False

    def passing(self, items: Iterable[A], wait: Wait) -> Iterator[A]:
        """Yield the items, each after it was put into the feed; `wait` adds up how long there was no room."""
        for item in items:
            wait.until(partial(self._put, item))
            yield item
        self.end()

    def taken(self) -> Iterator[A]:
        """Yield the items on the other thread; Left where they end early."""
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._waiting or self._ended)
                if self._ended and not self._whole:
                    raise Left
                if not self._waiting:
                    return
                item = self._waiting.popleft()
                self._turn.notify_all()
            yield item

    def end(self, whole: bool = True) -> None:
        """Say that no item comes any more; if not `whole`, that the last ones are missing."""
        with self._turn:
            self._ended, self._whole = True, self._whole and whole
            self._turn.notify_all()

    def leave(self) -> None:
        """Say that no item is taken any more."""
        with self._turn:
            self._left = True
            self._turn.notify_all()

    def _put(self, item: A) -> None:
        with self._turn:
            self._turn.wait_for(lambda: self._left or len(self._waiting) < self.depth)
            if self._left:
                raise Left
            self._waiting.append(item)
            self._turn.notify_all()


@dataclass(slots=True)
class Wait:
    """How long, in `seconds`, a stage stood still because another was not ready yet."""

    seconds: float = 0.0

    def __call__(self, items: Iterable[A]) -> Iterator[A]:
        """Yield the items and add up the time that each is waited for."""
        items = iter(items)
        while True:
            try:
                item = self.until(partial(next, items))
            except StopIteration:
                return
            yield item

    def until(self, work: Callable[[], A]) -> A:
        """Return what work() gives, and add up the time that it took."""
        begun = time.monotonic()
        try:
            return work()
        finally:
            self.seconds += time.monotonic() - begun
