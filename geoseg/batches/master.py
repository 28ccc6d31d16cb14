"""A batch from one command, in one process: planned, worked off by an engine, summed up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..core.errors import GeosegError, InputError
from ..core.events import Noted, Progress, Report, Warned
from ..core.job import SCORE_MAPS
from ..core.machine import may_have_gpu
from ..core.options import OPTIONS, Options, plain, renamed, spoken
from ..core.worker_id import ARRAYS, job_id
from ..prediction.objects import task_of
from .ledger import LOST, Ledger, check_lost_after
from .missing_outputs import forget_missing_outputs
from .plan import (
    HERE,
    Batch,
    Recipe,
    add_scenes,
    cards_of,
    check_same,
    create_batch,
    open_batch,
    weights_of,
    with_classes,
)
from .regions import cut
from .run_settings import Engine, RunSettings, check_run_settings, find_engine
from .scenes import find_scenes, stac_item_events
from .stac_search import search_of, search_scenes
from .status import Status, count_units, look

CLUSTER = ("scheduler", "partition", "account", "gres", "walltime", "memory", "cores")
MANY = 5000  # scenes: from here on their outputs lie in folders of their own
INTERRUPTED = 75  # EX_TEMPFAIL: the time was up, and units are left; the same command goes on
AGAIN = "run the same again for the rest"


class UnfinishedError(GeosegError):
    """The batch ended, and not everything is done."""


class TimeUpError(UnfinishedError):
    """The time was up at a unit's border."""

    status = INTERRUPTED


def planned(
    scenes: Sequence[str],
    folder: Path,
    given: Mapping[str, Any],
    explicit: set[str],
    report: Report,
    together: int = 1,
) -> Batch:
    """Plan the scenes that are new, and return the batch, set up to compute as this command
    says.

    Parameters
    ----------
    scenes
        Files, patterns, lists and STAC items; none opens the batch that is there.
    folder
        Of the batch.
    given
        Options of the command by name, defaults among them.
    explicit
        Names of those that were given.
    report
        Called with what is said of the scenes.
    together
        How many workers will share this machine's memory.

    Returns
    -------
    Batch
        With all scenes in its plan.

    Raises
    ------
    InputError
        If a scene cannot be found, or the batch was planned to be mapped otherwise.
    OutputError
        If files that are not the batch's would be replaced.
    """
    search = search_of(given)
    if scenes or search:
        recipe = recipe_of(given)
        found = find_scenes(scenes, recipe.model, recipe.options)
        if search:
            found += search_scenes(
                search, cards_of(recipe.model, recipe.options), recipe.options, report
            )
        batch = create_batch(folder, replace(recipe, folders=len(found) > MANY), together)
        new = add_scenes(
            batch, found, lambda scene, name: cut(scene, name, batch.recipe), given["overwrite"]
        )
        report(Noted(f"{len(found):,} scenes, {new:,} of them new in {folder}"))
        for event in stac_item_events(found):
            report(event)
    else:
        batch = open_batch(folder)
        check_same(batch, _changed(batch.recipe, given, explicit))
    options = {name: given[name] for name in explicit & set(HERE)}
    return replace(batch, recipe=replace(batch.recipe, options=batch.recipe.options.but(**options)))


def recipe_of(given: Mapping[str, Any]) -> Recipe:
    """Say how the options of the command have scenes mapped.

    Parameters
    ----------
    given
        Options by name, defaults among them.

    Returns
    -------
    Recipe
        With the digests of the weights that are here.

    Raises
    ------
    InputError
        If an option is none.
    """
    options = Options.of(**{name: value for name, value in given.items() if name in OPTIONS})
    options = with_classes(options)
    recipe = Recipe(
        given["model"],
        weights_of(given["model"], options),
        _formats(given),
        given["confidence"],
        _maps(given),
        regions=given["regions"],
        options=options,
    )
    if recipe.vector:
        _check_polygons(recipe)
    return recipe


def _check_polygons(recipe: Recipe) -> None:
    for card in cards_of(recipe.model, recipe.options) if recipe.model != "auto" else ():
        if card.maps_numbers:
            raise InputError(
                f"--format {','.join(recipe.formats)} with {card.name}, which gives numbers and "
                "no classes",
                "--format tif",
            )
        if recipe.regions and task_of(recipe.options, card) != "semantic":
            raise InputError(
                f"--regions with polygons of objects, which {card.name} tells apart",
                "rasters, in which the objects of a joined scene are found whole",
                "write --format tif with --depth and --confidence, and give them to geoseg objects",
            )


def _changed(recipe: Recipe, given: Mapping[str, Any], explicit: set[str]) -> Recipe:
    """Return the recipe with what the command says otherwise."""
    options = {name: given[name] for name in explicit if name in OPTIONS}
    own = {name: given[name] for name in explicit & {"model", "confidence", "regions"}}
    if explicit & set(SCORE_MAPS):
        own["maps"] = _maps(given)
    if "formats" in explicit:
        own["formats"] = _formats(given)
    changed = with_classes(recipe.options.but(**options))
    models = weights_of(own.get("model", recipe.model), changed)
    return replace(recipe, **own, models=models, options=changed)


def _maps(given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in SCORE_MAPS if given[name])


def _formats(given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(part.strip().lstrip(".").lower() for part in given["formats"].split(",")))


def run_settings_of(batch: Batch, given: Mapping[str, Any], explicit: set[str]) -> RunSettings:
    """Say what the engine is told.

    Parameters
    ----------
    batch
        What is worked off.
    given
        Options of the command by name, defaults among them.
    explicit
        Names of those that were given: of these the workers are told.

    Returns
    -------
    RunSettings
        With a worker for each GPU that is seen here, where no number is given.

    Raises
    ------
    InputError
        If the batch cannot be worked off so.
    """
    devices = _devices(batch.recipe.options.compute.device)
    here = [text for name in sorted(explicit & set(HERE)) for text in _argument(name, given[name])]
    workers = max(1, len(devices)) if given["workers"] is None else given["workers"]
    return RunSettings(
        batch,
        given["run"] or run_name(),
        workers,
        given["retries"],
        given["lost_after"],
        devices,
        tuple(here),
        cluster_settings(given),
    )


def _devices(asked: str) -> tuple[str, ...]:
    """Return the GPUs that workers are pinned to; PyTorch, slow to start, is asked only where
    there may be some.
    """
    if asked not in ("auto", "cuda") or not may_have_gpu():
        return ()
    from ..models.devices import visible_devices

    return visible_devices()


def cluster_settings(given: Mapping[str, Any]) -> dict[str, str]:
    """Collect what is passed through to the scheduler.

    Parameters
    ----------
    given
        Options of the command by name.

    Returns
    -------
    dict
        Texts, by our own words or by those of --cluster KEY=VALUE.

    Raises
    ------
    InputError
        If a --cluster is not KEY=VALUE.
    """
    found = {name: str(given[name]) for name in CLUSTER if given[name]}
    for text in given["cluster"]:
        name, _, value = text.partition("=")
        if not (name.isidentifier() and value):
            raise InputError(f"--cluster {text}", "KEY=VALUE, such as interface=ib0")
        found[name] = value
    return found


def _argument(name: str, value: object) -> list[str]:
    return [spoken(name)] if value is True else [spoken(name), str(value)]


def run_name() -> str:
    """Name this run: all members of a job array share theirs.

    Returns
    -------
    str
        The scheduler's number, or one that no other run has.
    """
    return job_id(ARRAYS) or uuid4().hex


def work_off(
    run_settings: RunSettings,
    report: Report,
    engine: Engine,
    merged: str | None,
    stop: Callable[[], bool],
) -> Status:
    """Have all units done by an engine, and say what came of them.

    Parameters
    ----------
    run_settings
        The batch, and how it is worked off.
    report
        Called with progress, warnings and the result.
    engine
        Does the units.
    merged
        What the maps are merged into afterwards; None for nothing.
    stop
        Asked again and again; True ends the run at the next unit.

    Returns
    -------
    Status
        All is done.

    Raises
    ------
    UnfinishedError
        If units have failed, or are left.
    TimeUpError
        If it was stopped with units left.
    """
    if missing := forget_missing_outputs(run_settings.batch):
        report(
            Warned(
                f"maps of {len(missing):,} scenes are gone and made again: {', '.join(missing[:5])}"
            )
        )
    total = count_units(run_settings.batch)
    begun = time.monotonic()

    def progress(done: int) -> None:
        report(Progress("batch", done, total, time.monotonic() - begun))

    engine(run_settings, report, progress, stop)
    ledger = Ledger(run_settings.batch, run_settings.run, run_settings.lost_after)
    status = look(ledger)
    if status.done:
        sum_up(ledger, report, merged)
    report(
        Noted(
            f"{status.done} of {status.units} units done, {status.failed} failed, {status.left} "
            "left"
        )
    )
    for failure in status.failures:
        report(Warned(f"{failure.name}: {failure.reason}"))
    if status.left and stop():
        raise TimeUpError(f"stopped with {status.left} units left, as SIGUSR1 asks for", do=AGAIN)
    if status.failed or status.left:
        raise UnfinishedError(
            f"{status.failed} of {status.units} units failed, {status.left} are left",
            do="see to what is said of each, and run the same again",
        )
    return status


def open_ledger(folder: str, lost_after: float | None = None) -> Ledger:
    """Open the ledger of the batch in a folder, to look at it.

    Parameters
    ----------
    folder
        Of the batch.
    lost_after
        Seconds without a sign of life after which a worker counts as dead; None for the
        usual ones.

    Returns
    -------
    Ledger
        Of no run.

    Raises
    ------
    InputError
        If there is no batch, or a worker could not count as dead so.
    """
    if lost_after is not None:
        check_lost_after(lost_after)
    return Ledger(open_batch(Path(folder)), "", LOST if lost_after is None else lost_after)


def sum_up(ledger: Ledger, report: Report, merged: str | None = None) -> dict[str, Any]:
    """Write the report and the collection of what is done by now, and merge it where a name is
    given.

    Parameters
    ----------
    ledger
        Of the batch.
    report
        Called with where they are.
    merged
        Name in the batch's folder; None merges nothing.

    Returns
    -------
    dict
        What programs want to know: `report` and `collection`, where they are; `scenes`, how many
        there are; `done`, how many are mapped; `missing`, the names of the others.

    Raises
    ------
    RunError, OutputError
        If something cannot be written.
    """
    from .catalog import write_catalog
    from .merge import merge as merge_maps
    from .report import write_report
    from .results import results

    found = results(ledger)
    paths = write_report(found), write_catalog(found)
    report(
        Noted(
            f"{len(found.done):,} of {found.scenes:,} scenes are in {' and '.join(map(str, paths))}"
        )
    )
    if merged:
        merge_maps(found, merged, None, report)
    return {
        "report": str(paths[0]),
        "collection": str(paths[1]),
        "scenes": found.scenes,
        "done": len(found.done),
        "missing": list(found.missing),
    }


def run_batch(
    scenes: Sequence[str],
    folder: Path,
    where: str,
    merged: str | None,
    told: Mapping[str, Any],
    report: Report,
) -> Status:
    """Plan a batch, or go on with it, and have an engine work it off.

    Parameters
    ----------
    scenes
        As of the command; none goes on with what the folder holds.
    folder
        Where the maps and the ledger are.
    where
        One of ENGINES.
    merged
        What the maps are merged into afterwards.
    told
        Options of the command by name, and fields of `Options`; `format` for `--format`.
    report
        Called with each event.

    Returns
    -------
    Status
        All is done.

    Raises
    ------
    InputError, OutputError
        For what was given.
    UnfinishedError
        Where not everything was done.
    """
    from .merge import check_no_table

    check_no_table(merged or "")
    told = renamed(told)
    words = {"formats" if name == "format" else name: plain(value) for name, value in told.items()}
    defaults: dict[str, Any] = {
        "model": "auto",
        "formats": "gpkg,tif",
        "confidence": False,
        **dict.fromkeys(SCORE_MAPS, False),
        "regions": None,
        "workers": None,
        "retries": 2,
        "lost_after": LOST,
        "run": None,
        "cluster": (),
        "overwrite": False,
        "aoi": None,
        "stac": None,
        "collection": (),
        "date": None,
        "cloud": None,
        "max_scenes": None,
        **dict.fromkeys(CLUSTER),
    }
    known = {*defaults, *OPTIONS, "format"} - {"run", "formats"}
    if unknown := sorted(set(told) - known):
        raise InputError(
            f"unknown option: {', '.join(unknown)}", f"one of {', '.join(sorted(known))}"
        )
    given = defaults | words
    check_run_settings(
        1 if given["workers"] is None else given["workers"], given["retries"], given["lost_after"]
    )
    engine = find_engine(where, cluster_settings(given))
    together = (given["workers"] or 1) if where == "local" else 1
    batch = planned(scenes, folder, given, set(words), report, together)
    return work_off(
        run_settings_of(batch, given, set(words)), report, engine, merged, lambda: False
    )
