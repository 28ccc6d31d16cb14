"""One process at a time learns in a workspace; a dead one's claim is taken over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from ..core.atomic import sweep
from ..core.disk import failures
from ..core.errors import RunError
from ..core.worker_id import WorkerId, myself, read_worker_id

NAME = "learn.lock"


@contextmanager
def only_learner(folder: Path) -> Iterator[None]:
    """Claim a workspace for as long as the block runs.

    Parameters
    ----------
    folder
        The workspace's.

    Raises
    ------
    RunError
        If another process that may be alive has claimed it, or nothing can be written there.
    """
    lock = folder / NAME
    with failures(lock):
        # the name appears with its content: nobody reads half a claim
        part = folder / f".{NAME}.{os.getpid()}"
        part.write_text(json.dumps(asdict(myself())), encoding="utf-8")
        try:
            _claim(part, lock)
        finally:
            part.unlink(missing_ok=True)
    sweep(folder)  # what those left that were killed while they wrote
    try:
        yield
    finally:
        if _holder(lock) == myself():
            lock.unlink(missing_ok=True)


def _claim(part: Path, lock: Path) -> None:
    for _ in range(100):  # two may find the same dead claim; one of them links first
        try:
            os.link(part, lock)
            return
        except FileExistsError:
            pass
        holder = _holder(lock)
        if holder is None and not lock.exists():
            continue
        if holder is not None and not holder.died:
            raise RunError(
                f"{lock.parent} is learned in by {holder}",
                "one process at a time",
                f"end that one; where it is known to be dead, remove {lock}",
            )
        # what is moved away is looked at again: another process may just have put its own there
        aside = part.with_name(part.name + ".dead")
        with suppress(FileNotFoundError):
            lock.rename(aside)
            if _holder(aside) != holder:
                with suppress(FileExistsError):
                    os.link(aside, lock)
            aside.unlink()
    raise RunError(f"{lock} comes and goes", "a folder in which one process learns")


def _holder(lock: Path) -> WorkerId | None:
    """Return whose a claim is; None where there is none, or it cannot be read."""
    try:
        return read_worker_id(json.loads(lock.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
