"""Overlap of I/O with compute: the only file that starts threads."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import TypeVar, cast

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
