"""geoseg beside other programs that map a scene by tiles, where they are installed; run by hand.

    pip install omnicloudmask monai geo-inference
    python benchmarks/peers.py [SCENE ...] [--model NAME|FOLDER] [--rounds 3] [--sides 4096,10240]
                               [--device cpu] [--markdown] [--json FILE]

All get the same weights. Each measurement runs in a process of its own (`peer_programs.py`),
imports and loading the network left out, and the rounds are interleaved, so that a busy moment
slows all alike.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from geoseg.bench.rounds import BEST, Bench, Results, middle, ratio, to_dict
from geoseg.bench.scene import choose_bundle, square_scenes
from geoseg.bench.tables import (
    Row,
    Table,
    markdown,
    memory_table,
    results_of,
    speed_cell,
    tile_cells,
)
from geoseg.bench.task import Result, Task, run_task
from geoseg.cli.bench import read_sides
from geoseg.cli.cards import table
from geoseg.core.machine import machine_line

# what each imports
PACKAGES = {
    "omnicloudmask": "omnicloudmask",
    "monai": "monai",
    "geo-inference": "geo_inference",
    "rasterio loop": "rasterio",
}
SAME = {"tile": 512, "overlap": 128}  # the tiles that peers take by habit: 512 px, 25 %
LARGE = {"tile": 1024, "overlap": 128}  # for a peer at its best: fewer pixels twice
# what geoseg tells glibc (keep_memory), given from outside to a program that does not
ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1),
    "MALLOC_TOP_PAD_": str(64 << 20),
}


@dataclass(frozen=True, slots=True)
class PeerTask(Task):
    """What is measured of a peer."""

    tuned: bool = False
    """Whether it gets what its user could set by hand: channels_last, and bfloat16 where the
    hardware computes in it."""

    allocator: bool = False
    """Whether the C library's allocator keeps memory for it, as it does for geoseg."""


def installed() -> list[str]:
    """Return the peers that can be imported here."""
    return [name for name, package in PACKAGES.items() if find_spec(package) is not None]


def run(task: Task) -> Result:
    """Run a task of geoseg or of a peer in a process of its own."""
    if not isinstance(task, PeerTask):
        return run_task(task)
    programs = Path(__file__).with_name("peer_programs.py")
    return run_task(task, [str(programs)], ALLOCATOR if task.allocator else None)


def plan(
    scene: tuple[str, ...],
    sizes: Mapping[int, str],
    model: str,
    options: Mapping[str, Any],
    peers: Sequence[str],
) -> Bench:
    """Return what is measured: times on `scene`, memory on the square scenes of `sizes`."""
    once: dict[str, Task] = {}
    for side, path in sizes.items():
        once[f"memory {side} geoseg"] = Task("geoseg", (path,), model, options)
        for name in peers:
            task = PeerTask(name, (path,), model, {**options, **SAME}, idle=True)
            once[f"memory {side} {name}"] = task
    return Bench(dict(timed(scene, model, options, peers)), once)


def timed(
    scene: tuple[str, ...], model: str, options: Mapping[str, Any], peers: Sequence[str]
) -> Iterator[tuple[str, Task]]:
    """Yield the tasks of a round: the same tiles in float32, then each at its best."""
    same = {**options, **SAME}
    large = {**options, **LARGE}
    yield "same geoseg", Task("geoseg", scene, model, same)
    yield "same geoseg, engine torch", Task("geoseg", scene, model, {**same, "engine": "torch"})
    for name in peers:
        yield f"same {name}", PeerTask(name, scene, model, same)
        yield f"allocator {name}", PeerTask(name, scene, model, same, allocator=True)
        yield f"best {name}", PeerTask(name, scene, model, large, tuned=True, allocator=True)
    yield "best geoseg", Task("geoseg", scene, model, {**options, **BEST})


def compared(results: Results) -> Table:
    """Return the times beside geoseg's."""
    head = ("program", "tile / overlap", "forward px / scene px", "wall s", "times geoseg", "Mpx/s")
    rows: list[Row] = [(*head, "peak MB")]
    groups = (
        ("same ", "same geoseg", ""),
        ("allocator ", "same geoseg", ", allocator set"),
        ("best ", "best geoseg", ", at its best"),
    )
    for start, ours, how in groups:
        for name, found in results_of(results, start).items():
            times = f"{ratio(found, results[ours]):.2f}"
            peak = f"{middle(found, 'peak'):,.0f}"
            seconds = f"{middle(found):.2f}"
            cells = (*tile_cells(found), seconds, times, speed_cell(found), peak)
            rows.append((f"{name}{how}", *cells))
    return "The same weights and tiles in float32, then each as good as it gets", rows


def main() -> None:
    """Measure, and print the tables of the rounds that are whole, also where Ctrl-C ends it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scene", nargs="*", help="default: one that is made, of the first side")
    parser.add_argument("--model", help="default: landcover-rgb; with SCENE, the one that fits it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sides", default="4096,10240", help="of square scenes, in pixels")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--json", type=Path, help="all single measurements as well")
    given = parser.parse_args()
    sides = read_sides(None, None, given.sides)  # type: ignore[arg-type]  # click's, not looked at
    bundle = choose_bundle(given.scene, given.model)
    model = given.model or bundle.card.name
    results: Results = {}
    with square_scenes(sides, bundle.card) as sizes:
        scene = tuple(given.scene) or (sizes[sides[0]],)
        bench = plan(scene, sizes, model, {"device": given.device}, installed())
        try:
            for results in bench.run(given.rounds, lambda text: print(text, flush=True), run):
                if given.json:
                    measured = {"machine": machine_line(), "results": to_dict(bench, results)}
                    given.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")
        except KeyboardInterrupt:
            print("interrupted: these are the whole rounds until then")
    print(f"{machine_line()}\n{model} on {', '.join(scene)}")
    for title, rows in (compared(results), memory_table(results)):
        if len(rows) > 1:
            print("\n".join(["", title, "", *(markdown if given.markdown else table)(rows)]))


if __name__ == "__main__":
    main()
