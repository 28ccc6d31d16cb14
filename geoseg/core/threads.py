"""Overlap of I/O with compute: the only file that starts threads.

Where a thread waits, or asks for an item, is a *checkpoint*: it raises Left where what the thread
works for has ended. So whatever fails, wherever, all others leave at their next checkpoint, and
every function here waits for the threads that it started before the error goes on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Event, Thread, local
from typing import Generic, ParamSpec, TypeVar, cast

A = TypeVar("A")
B = TypeVar("B")
P = ParamSpec("P")

_turn = (
    Condition()
)  # one for all: there are few threads, and whatever changes may be what one of them waits for
_here = local()  # .scopes: what this thread works for


class ScopeEnded(BaseException):
    """What this thread works for has ended before it."""


@dataclass(slots=True, eq=False)
class Scope:
    """What threads work for together; it ends once, and they leave at their next checkpoint."""

    ended: bool = False

    def end(self) -> None:
        """Let everybody leave."""
        with _turn:
            self.ended = True
            _turn.notify_all()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Work for it on this thread while the block runs."""
        scopes = _scopes()
        scopes.append(self)
        try:
            yield
        finally:
            scopes.remove(self)


def _scopes() -> list[Scope]:
    if not hasattr(_here, "scopes"):
        _here.scopes = []
    return cast("list[Scope]", _here.scopes)


def _checkpoint(ready: Callable[[], object] = lambda: True, *others: Scope) -> None:
    """Wait until ready(), which is asked whenever something changes; Left where a scope has
    ended.
    """
    scopes = (*_scopes(), *others)
    with _turn:
        _turn.wait_for(lambda: any(scope.ended for scope in scopes) or ready())
        if any(scope.ended for scope in scopes):
            raise ScopeEnded


def _result(future: Future[A]) -> A:
    """Wait for a result, or for its error, which is raised."""
    future.add_done_callback(_tell)
    _checkpoint(future.done)
    try:
        return future.result()
    finally:
        del future  # an error that it holds would hold it, by way of this frame


def _tell(_: object) -> None:
    with _turn:
        _turn.notify_all()


@dataclass(slots=True)
class Crew:
    """Threads that work for one scope; `errors` are those that end it."""

    pool: ThreadPoolExecutor
    scope: Scope = field(default_factory=Scope)
    errors: list[BaseException] = field(default_factory=list)

    def submit(self, work: Callable[P, B], *args: P.args, **kwargs: P.kwargs) -> Future[B]:
        """Have work(...) done; Left is its result where the scope has ended before its turn."""

        def inside() -> B:
            with self.scope.entered():
                _checkpoint()
                return work(*args, **kwargs)

        return self.pool.submit(inside)

    def guarded(self, work: Callable[[A], B], item: A) -> B:
        """Return work(item); an error ends the scope at once."""
        try:
            return work(item)
        except BaseException as error:
            self.errors.append(error)
            self.scope.end()
            raise

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Have this thread work for the scope as well while the block runs; raise the first
        error that ended it.
        """
        try:
            with self.scope.entered():
                yield
        except (Exception, ScopeEnded):  # not Ctrl-C, which comes first whatever else went wrong
            if not self.errors:
                raise
        if self.errors:
            raise self.errors[0]


@contextmanager
def crew_of(count: int, name: str) -> Iterator[Crew]:
    """Yield so many threads: when the block ends, what waits is dropped, and what has begun is
    waited for.
    """
    with ThreadPoolExecutor(count, name) as pool:
        crew = Crew(pool)
        try:
            yield crew
        finally:
            crew.scope.end()
            pool.shutdown(wait=False, cancel_futures=True)  # it is the pool's own end that waits


def prefetch(
    work: Callable[[A], B], items: Iterable[A], threads: int, depth: int
) -> Generator[B, None, None]:
    """Like map(), in order, on so many threads, with at most `depth` results waiting.

    An exception in `work` is raised here, at its place in the order.
    """
    with crew_of(threads, "geoseg-read") as crew:
        waiting: deque[Future[B]] = deque()
        for item in items:
            waiting.append(crew.submit(work, item))
            if len(waiting) >= depth:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())


def iterate_in_background(items: Iterable[A], depth: int = 4) -> Generator[A, None, None]:
    """Yield the items, which are made on one background thread, at most `depth` ahead.

    An exception in their making is raised here, at its place. Items that are not wanted any
    more are not made, and a generator is closed.
    """
    source = iter(items)
    end = object()
    with crew_of(1, "geoseg-ahead") as crew:
        waiting: deque[Future[A | object]] = deque(
            crew.submit(next, source, end) for _ in range(depth)
        )
        try:
            while (item := _result(waiting.popleft())) is not end:
                waiting.append(crew.submit(next, source, end))
                yield cast(A, item)
        finally:
            crew.scope.end()  # the item that is being made may wait for what does not come any more
            if isinstance(source, Generator):
                crew.pool.submit(source.close).result()


def write_in_background(
    work: Callable[[A], object], items: Iterable[A], depth: int = 2, wait: Wait | None = None
) -> None:
    """Call work(item) for each item, in order, on one background thread, at most `depth` behind.

    An exception in `work` is raised here, at the next checkpoint even of the making of an item, and
    no later item is worked on. `wait` adds up the time that the items were held up because the
    thread was behind.
    """
    wait = wait or Wait()
    with crew_of(1, "geoseg-write") as crew, crew.joined():
        waiting: deque[Future[object]] = deque()
        for item in items:
            if len(waiting) >= depth:
                wait.until(partial(_result, waiting.popleft()))
            waiting.append(crew.submit(crew.guarded, work, item))
        while waiting:
            wait.until(partial(_result, waiting.popleft()))


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
def background_consumer(
    work: Callable[[Iterator[A]], B], depth: int = 2
) -> Iterator[BoundedQueue[A, B]]:
    """Run work(items) on one background thread, with the items that pass through the feed in the
    block.

    At most `depth` items wait. An error in `work` is raised at the next checkpoint in the block, or
    at its end, which waits for the result. An error in the block ends the items with Left, so that
    `work` can clear up.
    """
    with crew_of(1, "geoseg-feed") as crew, crew.joined():
        feed: BoundedQueue[A, B] = BoundedQueue(depth, crew.scope)
        working = crew.submit(crew.guarded, work, feed.taken())
        working.add_done_callback(lambda _: feed.leave())
        yield feed
        feed.end()
        feed.results.append(_result(working))


@dataclass(slots=True)
class BoundedQueue(Generic[A, B]):
    """Items on their way to another thread, at most `depth` of them; `results` holds what it
    made of them.
    """

    depth: int
    scope: Scope
    results: list[B] = field(default_factory=list)
    _waiting: deque[A] = field(default_factory=deque)
    _ended: bool = False
    _left: bool = False

    def passing(self, items: Iterable[A], wait: Wait) -> Iterator[A]:
        """Yield the items, each after it was put into the feed; `wait` adds up how long there was
        no room.

        Those that the other side did not wait for only pass.
        """
        for item in items:
            wait.until(partial(self._put, item))
            yield item
        self.end()

    def taken(self) -> Iterator[A]:
        """Yield the items on the other thread, or on one that it started."""
        while True:
            _checkpoint(lambda: self._waiting or self._ended, self.scope)
            with _turn:
                if not self._waiting:
                    return
                item = self._waiting.popleft()
                _turn.notify_all()
            yield item

    def end(self) -> None:
        """Say that no item comes any more."""
        with _turn:
            self._ended = True
            _turn.notify_all()

    def leave(self) -> None:
        """Say that no item is taken any more."""
        with _turn:
            self._left = True
            self._waiting.clear()
            _turn.notify_all()

    def _put(self, item: A) -> None:
        _checkpoint(lambda: self._left or len(self._waiting) < self.depth, self.scope)
        with _turn:
            if not self._left:
                self._waiting.append(item)
                _turn.notify_all()


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
