"""What a process of `geoseg batch` can be: who prints a script, one worker of many, or the
master.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ..core.events import Noted, Report

if TYPE_CHECKING:
    from ..batches.run_settings import Engine, Orders
    from ..batches.work import Share


@contextmanager
def going_on(folder: str) -> Iterator[None]:
    """Say, where the block is stopped, what becomes of what is done."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        from ..batches.master import AGAIN

        raise type(stopped)(f"what is done in {folder} stays; {AGAIN}") from None


def show_script(orders: Orders, report: Report) -> None:
    """Write the script of a job array to stdout."""
    from ..batches.script import array_script

    click.echo(array_script(orders), nl=False)


def be_a_worker(orders: Orders, report: Report, share: Share, stop: Callable[[], bool]) -> None:
    """Do units until none is left."""
    from ..batches.ledger import Ledger
    from ..batches.master import AGAIN, TimeUpError, UnfinishedError
    from ..batches.run import Worker
    from ..batches.work import Work

    ledger = Ledger(orders.batch, orders.run, orders.lost_after)
    tally = Work(Worker(ledger, orders.retries, report), share, stop)()
    report(
        Noted(f"part {share.index}/{share.count}: {tally.done} units done, {tally.failed} failed")
    )
    if tally.stopped:
        raise TimeUpError("stopped between two scenes, as SIGUSR1 asks for", do=AGAIN)
    if tally.failed:
        raise UnfinishedError(
            f"{tally.failed} scenes failed", do=f"see geoseg batch status {orders.batch.folder}"
        )


def be_the_master(
    orders: Orders, report: Report, engine: Engine, merged: str | None, stop: Callable[[], bool]
) -> None:
    """Have all units done by an engine, and say what came of them."""
    from ..batches.master import work_off

    work_off(orders, report, engine, merged, stop)
