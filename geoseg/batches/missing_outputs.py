"""Maps that were recorded and have been removed since: their scenes are to be mapped again."""

from __future__ import annotations

from pathlib import Path

from .ledger import Ledger
from .names import entries
from .plan import Batch, job_of


def forget_missing_outputs(batch: Batch) -> list[str]:
    """Forget that scenes are done of which an output is missing. No map is opened.

    Parameters
    ----------
    batch
        Whose ledger is changed.

    Returns
    -------
    list
        Names of these scenes.
    """
    ledger = Ledger(batch, "")
    there = dict[Path, set[str]]()
    found = []
    for shard in batch.shards():
        done = ledger.done(
            shard
        )  # before the folders are listed: outputs appear before their record
        whole = [
            unit for unit in batch.units(shard).values() if unit.name in done and not unit.region
        ]
        for unit in whole:
            if not all(
                _is_there(Path(path), there)
                for path in job_of(batch.folder, batch.recipe, unit).outputs
            ):
                ledger.forget(unit)
                found.append(unit.name)
    return sorted(found)


def _is_there(path: Path, there: dict[Path, set[str]]) -> bool:
    if path.parent not in there:
        there[path.parent] = set(entries(path.parent))
    return path.name in there[path.parent]
