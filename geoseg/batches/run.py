"""One unit of work, from its claim to its record: nothing that goes wrong with it reaches the
others.
"""

from __future__ import annotations

import gc
import glob
import os
import shutil
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from ..core.disk import SPARE
from ..core.errors import GeosegError, InputError
from ..core.events import Event, Noted, Report, Summary, Warned
from ..core.job import Job
from ..core.threads import every
from ..core.worker_id import myself
from ..raster.locations import is_remote
from ..scene.item_metadata import check_metadata
from .join import drop_parts, join
from .ledger import ROOM, Claim, Ledger, Spent, StorageError
from .plan import Unit, job_of, weights_of
from .results import place_of

Outcome = Literal["done", "failed", "again", "held", "early"]


@dataclass(frozen=True, slots=True)
class Worker:
    """What does units."""

    ledger: Ledger
    """With which it does them."""

    retries: int
    """How often more than once a unit is tried."""

    report: Report
    """Called with the warnings of units, and what became of them."""

    def attempt(self, unit: Unit) -> Outcome:
        """Do a unit, unless another worker has it, or its regions are not all done.

        Parameters
        ----------
        unit
            What is done.

        Returns
        -------
        Outcome
            "done"; "failed" for good; "again": it may be tried again, here or
            elsewhere; "held" by another worker; "early": its regions are missing.

        Raises
        ------
        StorageError
            If the folder of the maps cannot be written: nothing can be done.
        """
        try:
            return self._attempt(unit)
        except OSError as error:
            folder = self.ledger.batch.folder
            raise StorageError(
                f"the ledger in {folder} cannot be written: {error.strerror or error}", do=ROOM
            ) from error

    def _attempt(self, unit: Unit) -> Outcome:
        if not all(map(self.ledger.is_done, unit.parts)):
            return "early"
        claim = self.ledger.claim(unit, self.retries + 1)
        if claim is None:
            return "held"
        if isinstance(claim, Spent):
            sweep(self._job(unit))
            return self._fail(unit, claim.tries, claim.reason)
        try:
            with every(self.ledger.pause, partial(self.ledger.beat, claim)):
                return self._do(claim)
        except (KeyboardInterrupt, OSError, StorageError):
            self.ledger.release(claim)
            raise

    def _do(self, claim: Claim) -> Outcome:
        unit = claim.unit
        begun = time.time()
        try:
            clear(self._job(unit), claim.number - 1)
            summary = perform(self.ledger, unit, self._labelled(unit))
            place = {} if unit.region else place_of(self._job(unit), unit)
        except Exception as error:  # noqa: BLE001 - the door of a unit: the others go on
            return self._failed(claim, error)
        ended = time.time()
        record = {
            "summary": asdict(summary),
            "begun": begun,
            "ended": ended,
            "place": place,
            "worker": str(myself()),
        }
        self.ledger.finish(claim, record)
        if unit.regions:
            drop_parts(self.ledger, unit)
        self.ledger.note(
            {
                "name": unit.name,
                "begun": begun,
                "ended": ended,
                "pixels": pixels(unit, summary),
                "warnings": len(summary.warnings),
            }
        )
        self.report(
            Noted(
                f"{unit.name}: {summary.pixels / 1e6:.2f} Mpx in {ended - begun:.1f} s on "
                f"{summary.device}"
            )
        )
        return "done"

    def _job(self, unit: Unit) -> Job:
        return job_of(self.ledger.batch.folder, self.ledger.batch.recipe, unit)

    def _failed(self, claim: Claim, error: Exception) -> Outcome:
        reason = why(error)
        if (
            not isinstance(error, InputError)
            and shutil.disk_usage(self.ledger.batch.folder).free < SPARE
        ):
            raise StorageError(reason, do=ROOM) from error  # no other unit would find room either
        if permanent(error, claim.unit) or claim.number > self.retries:
            return self._fail(claim.unit, claim.number, reason)
        self.report(Warned(f"{claim.unit.name}: {reason}; it will be tried again"))
        self.ledger.put_back(claim, reason)
        gc.collect()  # the traceback held what the run had in memory
        return "again"

    def _fail(self, unit: Unit, tries: int, reason: str) -> Outcome:
        self.ledger.fail(unit, tries, reason)
        self.report(Warned(f"{unit.name} failed: {reason}"))
        return "failed"

    def _labelled(self, unit: Unit) -> Report:
        """Pass on the warnings of a unit under its name, and nothing else: there are thousands
        of units.
        """

        def report(event: Event) -> None:
            if isinstance(event, Warned):
                self.report(Warned(f"{unit.name}: {event.text}"))

        return report


def perform(ledger: Ledger, unit: Unit, report: Report) -> Summary:
    """Map the unit's scene or region, or join what its regions gave.

    Parameters
    ----------
    ledger
        Of the batch.
    unit
        What is done.
    report
        Called with progress and warnings.

    Returns
    -------
    Summary
        Of the run.

    Raises
    ------
    GeosegError
        Whatever keeps it from being mapped.
    """
    batch = ledger.batch
    check_metadata(unit.scene, unit.item_metadata, batch.recipe.options)
    job = job_of(batch.folder, batch.recipe, unit)
    # what lies there is of an earlier try, or may be replaced, as the plan saw; the new map does so
    # when it is whole
    job = replace(job, options=job.options.but(overwrite=True))
    if unit.regions:
        return join(ledger, unit, job, report)
    check_model(ledger)
    from ..prediction.pipeline import segment

    return segment(job, report)


def check_model(ledger: Ledger) -> None:
    """See to it that this machine's model is the one that the batch was planned with.

    Parameters
    ----------
    ledger
        Of the batch.

    Raises
    ------
    InputError
        If its weights are others.
    """
    recipe = ledger.batch.recipe
    here = {} if recipe.model == "auto" else weights_of(recipe.model, recipe.options)
    if here and here != dict(recipe.models):
        named = recipe.model if isinstance(recipe.model, str) else " and ".join(recipe.model)
        raise InputError(
            f"the weights of {named} have changed since the batch was planned",
            "the same for all of its maps",
            "put them back, or take another --out-dir",
        )


def clear(job: Job, tries: int) -> None:
    """Make the folders of a unit's outputs, and remove unfinished ones that earlier tries left.

    Parameters
    ----------
    job
        Of the unit.
    tries
        How many there were.
    """
    for path in map(Path, job.outputs):
        path.parent.mkdir(exist_ok=True)
    if tries:
        sweep(job)


def sweep(job: Job) -> None:
    """Remove unfinished outputs, which workers leave that are killed.

    Parameters
    ----------
    job
        Of the unit.
    """
    for path in map(Path, job.outputs):
        for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            shutil.rmtree(part, ignore_errors=True)


def pixels(unit: Unit, summary: Summary) -> int:
    """Count the pixels that a unit was worth; joining maps none a second time.

    Parameters
    ----------
    unit
        That is done.
    summary
        Of its run.

    Returns
    -------
    int
        Those without data among them.
    """
    return 0 if unit.regions else summary.pixels + summary.nodata_pixels


def permanent(error: Exception, unit: Unit) -> bool:
    """Say whether another try would end alike: not where a server, a disk or a machine is at
    fault.

    Parameters
    ----------
    error
        That ended the try.
    unit
        That was tried.

    Returns
    -------
    bool
        True for what is wrong with the scene or the options.
    """
    if not isinstance(error, InputError):
        return False
    return not (error.__cause__ is not None and any(map(is_remote, unit.scene)))


def why(error: Exception) -> str:
    """Say in one line what went wrong.

    Parameters
    ----------
    error
        That ended a try.

    Returns
    -------
    str
        Without line breaks.
    """
    if isinstance(error, GeosegError):
        return " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return "memory ran out; use a smaller --tile or --batch"
    if isinstance(error, OSError) and error.errno:
        return f"{os.strerror(error.errno)}{f': {error.filename}' if error.filename else ''}"
    return " ".join(f"internal error: {type(error).__name__}: {error}".split())
