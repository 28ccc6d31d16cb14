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
    """How a batch is worked off.

    `run` names the run; `devices` are the CUDA devices that workers are pinned to in turn; `here`
    are arguments that say how this run computes; `cluster` holds what is passed through to the
    scheduler.
    """

    batch: Batch
    run: str
    workers: int = 1
    retries: int = 2
    lost_after: float = LOST
    devices: tuple[str, ...] = ()
    here: tuple[str, ...] = ()
    cluster: Mapping[str, str] = field(default_factory=dict)

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
        return [*(str(text) for pair in named.items() for text in pair), "--quiet", *self.here]

    def arguments(self, index: int) -> list[str]:
        """Return the arguments of `geoseg batch` that start one of the workers."""
        return [*self.shared, "--part", f"{index}/{self.workers}", "--run", self.run]


def check_run_settings(workers: int, retries: int, lost_after: float) -> None:
    """Raise InputError where a batch cannot be worked off so."""
    if not 1 <= workers <= MOST_WORKERS:
        raise InputError(f"--workers {workers}", f"a number of workers from 1 to {MOST_WORKERS:,}")
    if not 0 <= retries <= MOST_RETRIES:
        expected = f"how often more than once a scene is tried, from 0 to {MOST_RETRIES:,}"
        raise InputError(f"--retries {retries}", expected)
    check_lost_after(lost_after)


def find_engine(name: str, told: Collection[str] = ()) -> Engine:
    """Return the function that has units done by the engine of that name; InputError on settings
    it does not know.
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
