"""What a process of `geoseg batch` can be: who prints a script, one worker of many, or the master."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ..errors import GeosegError
from ..events import Noted, Progress, Report, Warned
from .batch_after import sum_up

if TYPE_CHECKING:
    from ..batch.orders import Engine, Orders
    from ..batch.work import Share

INTERRUPTED = 75  # EX_TEMPFAIL: the time was up, and units are left; the same command goes on
AGAIN = "run the same again for the rest"


class UnfinishedError(GeosegError):
    """The batch ended, and not everything is done."""


class TimeUpError(UnfinishedError):
    """The time was up at a unit's border."""

    status = INTERRUPTED


@contextmanager
def going_on(folder: str) -> Iterator[None]:
    """Say, where the block is stopped, what becomes of what is done."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        raise type(stopped)(f"what is done in {folder} stays; {AGAIN}") from None


def show_script(orders: Orders, report: Report) -> None:
    """Write the script of a job array to stdout."""
    from ..batch.script import array_script

    click.echo(array_script(orders), nl=False)


def be_a_worker(orders: Orders, report: Report, share: Share, stop: Callable[[], bool]) -> None:
    """Do units until none is left."""
    from ..batch.ledger import Ledger
    from ..batch.run import Worker
    from ..batch.work import Work

    ledger = Ledger(orders.batch, orders.run, orders.lost_after)
    tally = Work(Worker(ledger, orders.retries, report), share, stop)()
    report(Noted(f"part {share.index}/{share.count}: {tally.done} units done, {tally.failed} failed"))
    if tally.stopped:
        raise TimeUpError("stopped between two scenes, as SIGUSR1 asks for", do=AGAIN)
    if tally.failed:
        raise UnfinishedError(f"{tally.failed} scenes failed", do=f"see geoseg batch status {orders.batch.folder}")


def be_the_master(orders: Orders, report: Report, engine: Engine, merged: str | None,
                  stop: Callable[[], bool]) -> None:  # fmt: skip
    """Have all units done by an engine, and say what came of them."""
    from ..batch.gone import forget_gone
    from ..batch.ledger import Ledger
    from ..batch.status import count_units, look

    if gone := forget_gone(orders.batch):
        report(Warned(f"maps of {len(gone):,} scenes are gone and made again: {', '.join(gone[:5])}"))
    total, begun = count_units(orders.batch), time.monotonic()

    def progress(done: int) -> None:
        report(Progress("batch", done, total, time.monotonic() - begun))

    engine(orders, report, progress, stop)
    ledger = Ledger(orders.batch, orders.run, orders.lost_after)
    status = look(ledger)
    if status.done:
        sum_up(ledger, report, merged)
    report(Noted(f"{status.done} of {status.units} units done, {status.failed} failed, {status.left} left"))
    for failure in status.failures:
        report(Warned(f"{failure.name}: {failure.reason}"))
    if status.left and stop():
        raise TimeUpError(f"stopped with {status.left} units left, as SIGUSR1 asks for", do=AGAIN)
    if status.failed or status.left:
        raise UnfinishedError(f"{status.failed} of {status.units} units failed, {status.left} are left",
                         do="see to what is said of each, and run the same again")  # fmt: skip
