"""Which measurements there are, and their rounds: one after the other, so that a loaded machine
slows all alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from ..core.errors import RunError
from ..core.options import POLICIES
from .task import Result, Task, run_task

ALIKE = {"min_agreement": 0.0}  # whatever the check says
BEST: dict[str, Any] = {"precision": "auto"}  # geoseg fits its tiles to the scene by default

Results = dict[str, list[Result]]


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured, by the names that tables know."""

    timed: Mapping[str, Task]
    """What is measured in every round."""

    once: Mapping[str, Task]
    """What is measured a single time, after the rounds: memory does not vary."""

    def run(
        self, rounds: int, say: Callable[[str], None], do: Callable[[Task], Result] = run_task
    ) -> Iterator[Results]:
        """Carry out all tasks. A program other than geoseg that fails is left out from there on.

        Parameters
        ----------
        rounds
            How many there are.
        say
            Is told of each measurement in a line.
        do
            Carries a task out, by default in a new process.

        Yields
        ------
        Results
            Each task's results so far: after every round, and after each task of `once`.

        Raises
        ------
        RunError
            If geoseg itself fails.
        """
        results: Results = {}
        for i in range(rounds):
            found = {
                name: _measure(name, task, f"round {i + 1} of {rounds}", say, do)
                for name, task in self.timed.items()
                if i == 0 or name in results
            }
            results = {name: [*results.get(name, ()), one] for name, one in found.items() if one}
            yield results
        for name, task in self.once.items():
            if one := _measure(name, task, "memory", say, do):
                results = {**results, name: [one]}
            yield results


def _measure(
    name: str, task: Task, which: str, say: Callable[[str], None], do: Callable[[Task], Result]
) -> Result | None:
    """Return what was measured; None where another program cannot do it, which is said."""
    try:
        result = do(task)
    except RunError as error:
        if task.program == "geoseg":
            raise
        say(f"{which}: {name} is left out: {error}")
        return None
    say(f"{which}: {name}: {result.seconds:.2f} s")
    return result


def plan_bench(
    scene: Sequence[str], sizes: Mapping[int, str], model: str, options: Mapping[str, Any]
) -> Bench:
    """List what is measured of geoseg: times on a scene, memory on square ones.

    Parameters
    ----------
    scene
        The files of the scene that is timed.
    sizes
        Square scenes that tell the peak memory, by their side in pixels.
    model
        Name or folder of the model.
    options
        Fields of Options that hold for all measurements.

    Returns
    -------
    Bench
        Whole runs and the machinery alone under each overlap policy, a run in the fastest precision
        that maps the scene alike, of a scene that is made up in the fastest one, and the memory.
    """
    place = tuple(scene)
    timed = {
        f"geoseg {policy}": Task(
            "geoseg", place, model, {**options, "overlap_policy": policy}, bare=True
        )
        for policy in POLICIES
    }
    # noise is no scene: a check on it would end in fp32, which is measured already
    best = BEST | (ALIKE if set(place) <= set(sizes.values()) else {})
    timed["geoseg blend, precision auto"] = Task(
        "geoseg", place, model, {**options, **best}, bare=True
    )
    timed |= {
        f"machinery {policy}": Task(
            "geoseg", place, model, {**options, "overlap_policy": policy}, idle=True
        )
        for policy in POLICIES
    }
    once = {
        f"memory {side} geoseg": Task("geoseg", (path,), model, options)
        for side, path in sizes.items()
    }
    return Bench(timed, once)


def middle(results: Sequence[Result], what: str = "seconds") -> float:
    """Return the median over the rounds.

    Parameters
    ----------
    results
        One result a round.
    what
        Which field of them.

    Returns
    -------
    float
        In the field's unit.
    """
    return float(median(getattr(result, what) for result in results))


def ratio(one: Sequence[Result], other: Sequence[Result]) -> float:
    """Return how many times as long one takes as the other.

    Parameters
    ----------
    one
        Results of one task, a round each.
    other
        Results of the other, of the same rounds.

    Returns
    -------
    float
        Median of the ratios within each round: one that was slow as a whole does not count more.
    """
    return float(median(a.seconds / b.seconds for a, b in zip(one, other, strict=True)))


def to_dict(bench: Bench, results: Results) -> dict[str, Any]:
    """Return tasks and results as plain JSON.

    Parameters
    ----------
    bench
        What was to be measured.
    results
        What was, under the same names.

    Returns
    -------
    dict
        By name, the `task` and its `rounds`, with the fields of Task and Result.
    """
    tasks = {**bench.timed, **bench.once}
    return {
        name: {"task": asdict(tasks[name]), "rounds": [asdict(r) for r in found]}
        for name, found in results.items()
    }
