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
from .task import Result, Task, installed, run_task

SAME = {"tile": 512, "overlap": 128}  # the windows that peers take by habit: 512 px, 25 %
LARGE = {"tile": 1024, "overlap": 128}  # for a peer at its best: fewer pixels twice

BEST = {"precision": "auto"}  # geoseg fits its windows to the scene by default

Results = dict[str, list[Result]]


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured: `timed` again and again, `once` a single time (memory does not vary)."""

    timed: Mapping[str, Task]
    once: Mapping[str, Task]

    def run(
        self, rounds: int, say: Callable[[str], None], do: Callable[[Task], Result] = run_task
    ) -> Iterator[Results]:
        """Yield each task's results so far: after every round, and after each task of `once`, which
        come last.

        `do` carries one out, by default in a new process. A peer that fails is left out from there
        on.
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
    """Return what was measured; None where a peer cannot do it, which is said."""
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
    scene: Sequence[str],
    sizes: Mapping[int, str],
    model: str,
    options: Mapping[str, Any],
    peers: bool,
) -> Bench:
    """Return the measurements: times on `scene`, memory on the square scenes of `sizes`, by
    their side.
    """
    place = tuple(scene)
    timed = {
        f"geoseg {policy}": Task(
            "geoseg", place, model, {**options, "overlap_policy": policy}, bare=True
        )
        for policy in POLICIES
    }
    timed["geoseg blend, precision auto"] = Task(
        "geoseg", place, model, {**options, **BEST}, bare=True
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
    if peers:
        timed |= dict(_compared(place, model, options))
        once |= {
            f"memory {side} {name}": Task(name, (path,), model, {**options, **SAME}, idle=True)
            for side, path in sizes.items()
            for name in installed()
        }
    return Bench(timed, once)


def _compared(
    scene: tuple[str, ...], model: str, options: Mapping[str, Any]
) -> Iterator[tuple[str, Task]]:
    same = {**options, **SAME}
    large = {**options, **LARGE}
    yield "same geoseg", Task("geoseg", scene, model, same)
    yield "same geoseg, engine torch", Task("geoseg", scene, model, {**same, "engine": "torch"})
    for name in installed():
        yield f"same {name}", Task(name, scene, model, same)
        yield f"allocator {name}", Task(name, scene, model, same, allocator=True)
        yield f"best {name}", Task(name, scene, model, large, tuned=True, allocator=True)
    yield "best geoseg", Task("geoseg", scene, model, {**options, **BEST})


def middle(results: Sequence[Result], what: str = "seconds") -> float:
    """Return the median of a field over the rounds."""
    return float(median(getattr(result, what) for result in results))


def ratio(one: Sequence[Result], other: Sequence[Result]) -> float:
    """Return how many times as long one takes as the other: the median of the ratios within each
    round.
    """
    return float(median(a.seconds / b.seconds for a, b in zip(one, other, strict=True)))


def to_dict(bench: Bench, results: Results) -> dict[str, Any]:
    """Return tasks and results as plain JSON."""
    tasks = {**bench.timed, **bench.once}
    return {
        name: {"task": asdict(tasks[name]), "rounds": [asdict(r) for r in found]}
        for name, found in results.items()
    }
