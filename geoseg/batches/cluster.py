"""The engines of Dask: a cluster on this machine, a scheduler elsewhere, or jobs that
dask-jobqueue submits.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from ..core.errors import GeosegError, InputError, RunError
from ..core.events import Noted, Report, Warned, silent
from ..core.machine import cores
from ..core.options import Options
from .ledger import Ledger
from .plan import Unit, open_batch
from .run import Outcome, Worker
from .run_settings import RunSettings
from .status import Counter
from .work import Left, Round, rounds

# tasks per worker that are with the scheduler: it takes about a millisecond, and memory, for each
AHEAD = 4
DIRECTIVES = ("gres",)  # of the options of a job: those for which dask-jobqueue has no word
NAMES = {"partition": "queue"}  # ours -> dask-jobqueue's
PROJECTS = ("SGECluster", "LSFCluster", "OARCluster")  # those that call an account a project


@cache
def _ledger(folder: str, run: str, lost_after: float, options: Options) -> Ledger:
    """One for each process: it has a log of its own."""
    batch = open_batch(Path(folder))
    return Ledger(replace(batch, recipe=replace(batch.recipe, options=options)), run, lost_after)


def attempt(
    folder: str, run: str, lost_after: float, options: Options, retries: int, unit: Unit
) -> Outcome:
    """Do a unit: the task that workers of Dask run.

    A task that runs twice does nothing the second time.

    Parameters
    ----------
    folder
        Of the batch, absolute.
    run
        Name of the run.
    lost_after
        Seconds without a sign of life after which a worker counts as dead.
    options
        How this run computes.
    retries
        How often more than once a unit is tried.
    unit
        What is done.

    Returns
    -------
    Outcome
        What became of it.

    Raises
    ------
    StorageError
        If the folder of the maps cannot be written.
    """
    return Worker(_ledger(folder, run, lost_after, options), retries, silent).attempt(unit)


def run_dask(
    run_settings: RunSettings,
    report: Report,
    progress: Callable[[int], None],
    stop: Callable[[], bool],
) -> None:
    """Have the units done by the workers of a scheduler, or by processes of this machine.

    Parameters
    ----------
    run_settings
        Where a `scheduler` is named among its cluster's settings, its workers do the units.
    report
        Called with warnings.
    progress
        Called with the number of units that are done or have failed.
    stop
        Asked again and again; True ends the run at the next unit.

    Raises
    ------
    InputError
        If Dask is not installed.
    RunError
        If no scheduler answers.
    """
    distributed = load("distributed")
    address = run_settings.cluster.get("scheduler")
    with ExitStack() as stack:
        if not address:
            threads = str(max(1, cores() // run_settings.workers))
            cluster = distributed.LocalCluster(
                n_workers=run_settings.workers,
                threads_per_worker=1,
                dashboard_address=None,
                env={"OMP_NUM_THREADS": threads},
            )
            address = stack.enter_context(cluster)
            stack.enter_context(_client(distributed, cluster)).register_plugin(
                _pin(distributed, run_settings.devices)
            )
        _drive(
            stack.enter_context(_client(distributed, address)), run_settings, report, progress, stop
        )


def _pin(distributed: Any, devices: tuple[str, ...]) -> Any:
    """Return what gives each worker of this machine a GPU of its own, those included that
    replace one.
    """

    class Pin(distributed.WorkerPlugin):  # type: ignore[misc]  # a package without types
        def setup(self, worker: Any) -> None:
            """Set the device: PyTorch is not loaded before the first unit.

            Parameters
            ----------
            worker
                Of a LocalCluster, which numbers them from 0.
            """
            if devices:
                os.environ["CUDA_VISIBLE_DEVICES"] = devices[worker.name % len(devices)]

    return Pin()


def run_jobs(
    kind: str,
    run_settings: RunSettings,
    report: Report,
    progress: Callable[[int], None],
    stop: Callable[[], bool],
) -> None:
    """Have the units done by jobs of a scheduler, of which as many are kept as there are
    workers.

    Parameters
    ----------
    kind
        A class of dask-jobqueue, such as SLURMCluster.
    run_settings
        Its cluster's settings go into the jobs.
    report
        Called with the script of a job, and with warnings.
    progress
        Called with the number of units that are done or have failed.
    stop
        Asked again and again; True ends the run at the next unit.

    Raises
    ------
    InputError
        If dask-jobqueue is not installed, or does not take the settings.
    RunError
        If the scheduler takes no job.
    """
    distributed = load("distributed")
    jobqueue = load("dask_jobqueue")
    settings = job_settings(run_settings, kind)
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(getattr(jobqueue, kind)(**settings))
        except (TypeError, ValueError) as error:
            raise InputError(f"{kind} does not take these options: {error}") from error
        _submit(cluster, run_settings.workers)
        # unlike scale(), adapt() also replaces workers that are lost
        cluster.adapt(minimum_jobs=run_settings.workers, maximum_jobs=run_settings.workers)
        report(Noted(f"{run_settings.workers} jobs like this:\n{cluster.job_script()}"))
        _drive(
            stack.enter_context(_client(distributed, cluster)), run_settings, report, progress, stop
        )


def _submit(cluster: Any, count: int) -> None:
    """Submit the first jobs here, where it is heard what refuses them: adapt() would go on
    trying, without a word.
    """
    for _ in range(count):
        cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        cluster.sync(cluster._correct_state)
    except (RuntimeError, OSError) as error:
        for name in [name for name, job in cluster.workers.items() if not job.job_id]:
            cluster._created.discard(
                cluster.workers.pop(name)
            )  # closing it would fail: it never began
            del cluster.worker_spec[name]
        if (
            not cluster.workers
        ):  # else adapt() tries again: there may be a limit to the jobs of a user
            said = " ".join(str(error).rpartition("stderr:")[2].split())
            raise RunError(
                f"the scheduler takes no job: {said}",
                "jobs that can be submitted from here",
                "see what they ask for: partition, account, walltime, memory",
            ) from error


run_slurm = partial(run_jobs, "SLURMCluster")
run_pbs = partial(run_jobs, "PBSCluster")
run_sge = partial(run_jobs, "SGECluster")
run_lsf = partial(run_jobs, "LSFCluster")
run_oar = partial(run_jobs, "OARCluster")
run_htcondor = partial(run_jobs, "HTCondorCluster")


def job_settings(run_settings: RunSettings, kind: str) -> dict[str, Any]:
    """Say what dask-jobqueue is told: one process a job, which does one unit at a time on all
    of its cores.

    Parameters
    ----------
    run_settings
        Its cluster's settings, in our words.
    kind
        A class of dask-jobqueue.

    Returns
    -------
    dict
        Keyword arguments of that class.
    """
    asked = {name: value for name, value in run_settings.cluster.items() if name != "scheduler"}
    count = int(asked.pop("cores", "1"))
    directives = [f"--{name}={asked.pop(name)}" for name in DIRECTIVES if name in asked]
    directives += asked.pop("directives", "").split()
    interface = asked.get("interface")
    names = {**NAMES, **({"account": "project"} if kind in PROJECTS else {})}
    return {
        "cores": count,
        "processes": 1,
        "memory": asked.pop("memory", "4GB"),
        "worker_extra_args": ["--nthreads", "1"],
        "job_extra_directives": directives,
        "job_script_prologue": [f"export OMP_NUM_THREADS={count}"],
        "log_directory": str(run_settings.batch.ledger / "log"),
        "scheduler_options": {
            "dashboard_address": None,
            **({"interface": interface} if interface else {}),
        },
        **{names.get(name, name): value for name, value in asked.items()},
    }


def load(name: str) -> Any:
    """Import a package of the extra `cluster`.

    Parameters
    ----------
    name
        Of the package.

    Returns
    -------
    module
        The package.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(f"{name} is not installed", do="pip install 'geoseg[cluster]'") from error


@contextmanager
def _client(distributed: Any, where: Any) -> Iterator[Any]:
    try:
        client = distributed.Client(where)
    except (OSError, ValueError) as error:
        raise RunError(f"no scheduler answers at {where}: {error}") from error
    with client:
        yield client


def _drive(
    client: Any,
    run_settings: RunSettings,
    report: Report,
    progress: Callable[[int], None],
    stop: Callable[[], bool],
) -> None:
    batch = run_settings.batch
    ledger = Ledger(batch, run_settings.run, run_settings.lost_after)
    task = partial(
        attempt,
        str(batch.folder.absolute()),
        run_settings.run,
        run_settings.lost_after,
        batch.recipe.options,
        run_settings.retries,
    )
    left = Left(ledger)
    rounds(
        partial(_round, client, task, run_settings, left, report, progress, stop),
        stop,
        run_settings.lost_after,
    )


def _round(
    client: Any,
    task: Callable[[Unit], Outcome],
    run_settings: RunSettings,
    left: Left,
    report: Report,
    progress: Callable[[int], None],
    stop: Callable[[], bool],
) -> Round:
    """Have everything that is left tried once, by tasks of which a few are with the scheduler at
    a time.
    """
    found = Round()
    waiting = {}
    units = left.units()
    count = Counter(run_settings.batch)
    while not stop():
        for unit in units:
            waiting[client.submit(task, unit, pure=False, retries=run_settings.retries)] = unit
            if len(waiting) >= AHEAD * run_settings.workers:
                break
        if not waiting:
            break
        for future in _ended(waiting):
            found.add(_outcome(future, report), waiting.pop(future), left)
        progress(count())
    client.cancel(list(waiting))  # those that run are finished, or were stopped with their worker
    return found


def _ended(waiting: Any) -> list[Any]:
    try:
        load("distributed").wait(list(waiting), timeout=1, return_when="FIRST_COMPLETED")
    except TimeoutError:
        return []
    return [future for future in waiting if future.done()]


def _outcome(future: Any, report: Report) -> Outcome:
    """Return what became of a task; one that killed its worker, or was cancelled with it, is
    tried again.
    """
    if future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    error = None if future.status == "cancelled" else future.exception()
    if isinstance(error, GeosegError):
        raise error
    report(
        Warned(f"a worker was lost: {type(error).__name__ if error else 'its task was cancelled'}")
    )
    return "again"
