"""What an engine is told: which batch, by how many workers, on what, and how often a unit is
tried.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from os.path import abspath

from ..core.errors import InputError
from ..core.events import Report
from .ledger import LOST, check_lost_after
from .plan import Batch

# "module:function", so that listing them imports nothing
ENGINES = {
    "local": "geoseg.batches.local:run_local",
    "dask": "geoseg.batches.cluster:run_dask",
    "slurm": "geoseg.batches.cluster:run_slurm",
    "pbs": "geoseg.batches.cluster:run_pbs",
    "sge": "geoseg.batches.cluster:run_sge",
    "lsf": "geoseg.batches.cluster:run_lsf",
    "oar": "geoseg.batches.cluster:run_oar",
    "htcondor": "geoseg.batches.cluster:run_htcondor",
}
Engine = Callable[["RunSettings", Report, Callable[[int], None], Callable[[], bool]], None]

MOST_WORKERS = 100_000
MOST_RETRIES = 1000


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a batch is worked off: what an engine is told."""

    batch: Batch
    """What is worked off."""

    run: str
    """Name of the run."""

    workers: int = 1
    """How many there are."""

    retries: int = 2
    """How often more than once a unit is tried."""

    lost_after: float = LOST
    """Seconds without a sign of life after which a worker counts as dead."""

    devices: tuple[str, ...] = ()
    """CUDA devices that workers are pinned to in turn."""

    here: tuple[str, ...] = ()
    """Arguments that say how this run computes."""

    cluster: Mapping[str, str] = field(default_factory=dict)
    """What is passed through to the scheduler."""

    def __post_init__(self) -> None:
        check_run_settings(self.workers, self.retries, self.lost_after)

    @property
    def shared(self) -> list[str]:
        """The arguments of `geoseg batch` that all workers have in common."""
        named = {
            "--out-dir": abspath(self.batch.folder),  # noqa: PTH100
            "--retries": self.retries,
            "--lost-after": self.lost_after,
        }
        # workers read no file of defaults: the plan holds what the batch was told
        told = [str(text) for pair in named.items() for text in pair]
        return ["--config=", *told, "--quiet", *self.here]

    def arguments(self, index: int) -> list[str]:
        """List the arguments of `geoseg batch` that start one of the workers.

        Parameters
        ----------
        index
            Of the worker, from 1.

        Returns
        -------
        list of str
            Those that all share, its part, and the run.
        """
        return [*self.shared, "--part", f"{index}/{self.workers}", "--run", self.run]


def check_run_settings(workers: int, retries: int, lost_after: float) -> None:
    """See to it that a batch can be worked off so.

    Parameters
    ----------
    workers
        How many.
    retries
        How often more than once a unit is tried.
    lost_after
        Seconds without a sign of life.

    Raises
    ------
    InputError
        If one of them is out of its range.
    """
    if not 1 <= workers <= MOST_WORKERS:
        raise InputError(f"--workers {workers}", f"a number of workers from 1 to {MOST_WORKERS:,}")
    if not 0 <= retries <= MOST_RETRIES:
        expected = f"how often more than once a scene is tried, from 0 to {MOST_RETRIES:,}"
        raise InputError(f"--retries {retries}", expected)
    check_lost_after(lost_after)


def find_engine(name: str, told: Collection[str] = ()) -> Engine:
    """Find what does the units.

    Parameters
    ----------
    name
        One of ENGINES.
    told
        Names of the settings that are passed through to the scheduler.

    Returns
    -------
    Engine
        A function, whose module is imported now.

    Raises
    ------
    InputError
        If there is no such engine, or it does not know a setting.
    """
    if name not in ENGINES:
        raise InputError(f"--engine {name}", f"one of {', '.join(ENGINES)}")
    known = {"local": set(), "dask": {"scheduler"}}.get(name, set(told) - {"scheduler"})
    if unknown := sorted(set(told) - known):
        raise InputError(
            f"--engine {name} knows no {', '.join(unknown)}",
            "settings of its own",
            "take another --engine, such as slurm or dask",
        )
    module, _, function = ENGINES[name].partition(":")
    engine: Engine = getattr(import_module(module), function)
    return engine
