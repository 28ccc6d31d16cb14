"""Overlap of I/O with compute: the only file that starts threads.

Where a thread waits, or asks for an item, is a *checkpoint*: it raises ScopeEnded where what the
thread works for has ended. So whatever fails, wherever, all others leave at their next checkpoint,
and every function here waits for the threads that it started before the error goes on.
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
    """Whether it has; it never begins anew."""

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
    """Wait until ready(), asked whenever something changes; ScopeEnded where a scope has ended."""
    scopes = (*_scopes(), *others)
    with _turn:
        _turn.wait_for(lambda: any(scope.ended for scope in scopes) or ready())
        if any(scope.ended for scope in scopes):
            raise ScopeEnded


def checkpoint() -> None:
    """Leave, by ScopeEnded, where what this thread works for has ended."""
    _checkpoint()


def result_of(future: Future[A]) -> A:
    """Wait for a result.

    Parameters
    ----------
    future
        As `Crew.submit` gives it.

    Returns
    -------
    A
        What the work returned; its error is raised.
    """
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
    """Threads that work for one scope."""

    pool: ThreadPoolExecutor
    """The threads."""
    scope: Scope = field(default_factory=Scope)
    """What they work for."""
    errors: list[BaseException] = field(default_factory=list)
    """Those that ended the scope, the first one first."""

    def submit(self, work: Callable[P, B], *args: P.args, **kwargs: P.kwargs) -> Future[B]:
        """Have work done on one of the threads.

        Parameters
        ----------
        work
            What is called there.
        *args, **kwargs
            What it is called with.

        Returns
        -------
        Future[B]
            Its result; ScopeEnded where the scope has ended before its turn.
        """

        def inside() -> B:
            with self.scope.entered():
                _checkpoint()
                return work(*args, **kwargs)

        return self.pool.submit(inside)

    def guarded(self, work: Callable[[A], B], item: A) -> B:
        """Work on an item such that an error ends the scope at once.

        Parameters
        ----------
        work
            What is called.
        item
            What it is called with.

        Returns
        -------
        B
            What `work` returns.
        """
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
    """Yield threads that are done when the block ends.

    Parameters
    ----------
    count
        How many threads.
    name
        How their names begin.

    Yields
    ------
    Crew
        At the end of the block what waits is dropped, and what has begun is waited for.
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
    """Like map(), in order, on several threads.

    Parameters
    ----------
    work
        What is called for each item; its error is raised here, at its place in the order.
    items
        What it is called with, drawn on the thread that draws the results.
    threads
        How many work at a time.
    depth
        How many results may wait at most.

    Yields
    ------
    B
        The results.
    """
    with crew_of(threads, "geoseg-read") as crew:
        waiting: deque[Future[B]] = deque()
        for item in items:
            waiting.append(crew.submit(work, item))
            if len(waiting) >= depth:
                yield result_of(waiting.popleft())
        while waiting:
            yield result_of(waiting.popleft())


def iterate_in_background(items: Iterable[A], depth: int = 4) -> Generator[A, None, None]:
    """Yield items that are made on one background thread.

    Items that are not wanted any more are not made, and a generator is closed.

    Parameters
    ----------
    items
        What makes them; its error is raised here, at its place.
    depth
        How many may be made ahead at most.

    Yields
    ------
    A
        The items.
    """
    source = iter(items)
    end = object()
    with crew_of(1, "geoseg-ahead") as crew:
        waiting: deque[Future[A | object]] = deque(
            crew.submit(next, source, end) for _ in range(depth)
        )
        try:
            while (item := result_of(waiting.popleft())) is not end:
                waiting.append(crew.submit(next, source, end))
                yield cast(A, item)
        finally:
            crew.scope.end()  # the item that is being made may wait for what does not come any more
            if isinstance(source, Generator):
                crew.pool.submit(source.close).result()


def write_in_background(
    work: Callable[[A], object], items: Iterable[A], depth: int = 2, wait: Wait | None = None
) -> None:
    """Call work(item) for each item, in order, on one background thread.

    Parameters
    ----------
    work
        What is called; its error is raised here, at the next checkpoint even of the making of an
        item, and no later item is worked on.
    items
        What it is called with, made on this thread.
    depth
        How many items it may be behind at most.
    wait
        Adds up the time that the items were held up because the thread was behind; None is nobody.
    """
    wait = wait or Wait()
    with crew_of(1, "geoseg-write") as crew, crew.joined():
        waiting: deque[Future[object]] = deque()
        for item in items:
            if len(waiting) >= depth:
                wait.until(partial(result_of, waiting.popleft()))
            waiting.append(crew.submit(crew.guarded, work, item))
        while waiting:
            wait.until(partial(result_of, waiting.popleft()))


@contextmanager
def every(seconds: float, work: Callable[[], object]) -> Iterator[None]:
    """Call work() again and again on a thread while the block runs.

    Parameters
    ----------
    seconds
        Between two calls; the first comes after so many.
    work
        What is called; it must not raise.
    """
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


def call_within(seconds: float, call: Callable[[], A]) -> A:
    """Call something of a library that may never return.

    Parameters
    ----------
    seconds
        How long it is waited for.
    call
        What is called, on a thread of its own: the only one here that is left behind, where the
        time is over.

    Returns
    -------
    A
        What the call gives.

    Raises
    ------
    TimeoutError
        If the time is over. Errors of the call go on.
    """
    answer: Future[A] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            answer.set_exception(error)

    Thread(target=run, name="geoseg-call", daemon=True).start()
    return answer.result(seconds)


@dataclass(slots=True, eq=False)
class Inbox(Generic[A]):
    """Items that come while this thread works on others, the later of which may make it needless
    to go on.
    """

    _waiting: deque[A] = field(default_factory=deque)
    _ended: bool = False

    def take(self) -> A | None:
        """Wait for the next item.

        Returns
        -------
        A or None
            None once no item comes any more: what waits then is not handed out.
        """
        with _turn:
            _turn.wait_for(lambda: self._waiting or self._ended)
            return None if self._ended else self._waiting.popleft()

    def any(self, wanted: Callable[[A], bool]) -> bool:
        """Tell whether an item waits.

        Parameters
        ----------
        wanted
            Asked of each.

        Returns
        -------
        bool
            True also where no item comes any more.
        """
        with _turn:
            return self._ended or any(wanted(item) for item in self._waiting)

    def fill(self, items: Iterable[A]) -> None:
        """Put items in, as they come, and then say that there is none any more.

        Parameters
        ----------
        items
            Made on a thread of their own.
        """
        try:
            for item in items:
                with _turn:
                    self._waiting.append(item)
                    _turn.notify_all()
        finally:
            with _turn:
                self._ended = True
                _turn.notify_all()


def inbox_of(items: Iterable[A]) -> Inbox[A]:
    """Take items in the background, such as the lines of a pipe.

    Parameters
    ----------
    items
        What makes them; it may wait for ever, and does not keep the process alive.

    Returns
    -------
    Inbox
        What they come into.
    """
    inbox: Inbox[A] = Inbox()
    Thread(target=inbox.fill, args=(items,), name="geoseg-inbox", daemon=True).start()
    return inbox


@contextmanager
def background_consumer(
    work: Callable[[Iterator[A]], B], depth: int = 2
) -> Iterator[BoundedQueue[A, B]]:
    """Run work(items) on one background thread, with the items that pass through a queue in the
    block.

    An error in `work` is raised at the next checkpoint in the block, or at its end, which waits for
    the result. An error in the block ends the items with ScopeEnded, so that `work` can clear up.

    Parameters
    ----------
    work
        What takes the items, and returns what it made of them.
    depth
        How many items may wait at most.

    Yields
    ------
    BoundedQueue[A, B]
        What items are put into; after the block its `results` holds the one of `work`.
    """
    with crew_of(1, "geoseg-feed") as crew, crew.joined():
        feed: BoundedQueue[A, B] = BoundedQueue(depth, crew.scope)
        working = crew.submit(crew.guarded, work, feed.take_all())
        working.add_done_callback(lambda _: feed.stop_taking())
        yield feed
        feed.end()
        feed.results.append(result_of(working))


@dataclass(slots=True)
class BoundedQueue(Generic[A, B]):
    """Items on their way to another thread."""

    depth: int
    """How many may wait at most."""
    scope: Scope
    """What both threads work for."""
    results: list[B] = field(default_factory=list)
    """What the other thread made of them, once it is through."""
    _waiting: deque[A] = field(default_factory=deque)
    _ended: bool = False
    _left: bool = False

    def put_each(self, items: Iterable[A], wait: Wait) -> Iterator[A]:
        """Yield items, each after it was put into the queue.

        Parameters
        ----------
        items
            Those that the other side did not wait for only pass.
        wait
            Adds up how long there was no room.

        Yields
        ------
        A
            The items.
        """
        for item in items:
            wait.until(partial(self._put, item))
            yield item
        self.end()

    def take_all(self) -> Iterator[A]:
        """Yield the items on the other thread, or on one that it started.

        Yields
        ------
        A
            The items, in the order in which they were put in, until `end` is called.
        """
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

    def stop_taking(self) -> None:
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
    """How long a stage stood still because another was not ready yet."""

    seconds: float = 0.0
    """The sum so far."""

    def __call__(self, items: Iterable[A]) -> Iterator[A]:
        """Yield items and add up the time that each is waited for.

        Parameters
        ----------
        items
            Whatever another stage makes.

        Yields
        ------
        A
            The items.
        """
        items = iter(items)
        while True:
            try:
                item = self.until(partial(next, items))
            except StopIteration:
                return
            yield item

    def until(self, work: Callable[[], A]) -> A:
        """Call a function and add up the time that it took.

        Parameters
        ----------
        work
            What is waited for; the time counts also where it raises.

        Returns
        -------
        A
            What it returns.
        """
        begun = time.monotonic()
        try:
            return work()
        finally:
            self.seconds += time.monotonic() - begun
