"""Measure batches: one worker and two, of one thread each, and what the ledger costs for very many
units.

python benchmarks/batch.py scaling [--scenes 12] [--side 1024] [--rounds 2]
python benchmarks/batch.py ledger [--units 1000000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # their scenes and models

from batches import write_scene
from bundles import make_bundle
from commands import run

from geoseg.batches.ledger import Claim, Ledger
from geoseg.batches.plan import Recipe, Scene, Unit, add_scenes, create_batch
from geoseg.batches.status import count_done, look
from geoseg.batches.work import Left, Share

T = TypeVar("T")


def scaling(folder: Path, scenes: int, side: int, rounds: int) -> None:
    """Map the same scenes with one worker and with two, in turns; each worker has one thread."""
    make_bundle(folder / "model", tile=256)
    (folder / "scenes").mkdir()
    for i in range(scenes):
        write_scene(folder / f"scenes/{i}.tif", side, side, seed=i)
    run_once(folder, 1)  # what is compiled and cached once
    for i in range(rounds):
        whole, works = zip(*(run_once(folder, workers) for workers in (1, 2)), strict=True)
        print(
            f"round {i + 1}: load {os.getloadavg()[0]:.1f}; 1 worker {whole[0]:.1f} s, 2 "
            f"workers {whole[1]:.1f} s: "
            f"{whole[0] / whole[1]:.2f} times as fast; from first scene to last {works[0]:.1f} "
            "s and "
            f"{works[1]:.1f} s: {works[0] / works[1]:.2f}",
            flush=True,
        )


def run_once(folder: Path, workers: int) -> tuple[float, float]:
    """Return the seconds of a run, and of these those from the first scene's begin to the last
    one's end.
    """
    out, begun = folder / "maps", time.perf_counter()
    done = run(
        "batch",
        f"{folder}/scenes/*.tif",
        "--out-dir",
        out,
        "--model",
        folder / "model",
        "--device",
        "cpu",
        "--compute-engine",
        "torch",
        "--tile",
        "256",
        "--workers",
        str(workers),
        "--quiet",
        env=os.environ | {"OMP_NUM_THREADS": str(workers)},
        timeout=900,
    )
    whole = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(done.stderr)
    logs = (out / ".ledger/workers").glob("*.jsonl")
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    shutil.rmtree(out)
    return whole, max(line["ended"] for line in lines) - min(line["begun"] for line in lines)


def timed(what: str, work: Callable[[], T], each: int = 0) -> T:
    """Say how long something took, of each piece too."""
    begun = time.perf_counter()
    found = work()
    took = time.perf_counter() - begun
    print(f"{what}: {took:.2f} s{f', {took / each * 1e3:.3f} ms each' if each else ''}", flush=True)
    return found


def ledger(folder: Path, count: int, tried: int = 2000) -> None:
    """Plan units of scenes that are not there, and do all that is done to them but the maps."""
    batch = create_batch(folder / "maps", Recipe("m", {"m": "0" * 64}, ("tif",), folders=True))
    scenes = [
        Scene((f"/scenes/{i // 1000:04}/scene_{i:07}.tif",), f"scene_{i:07}") for i in range(count)
    ]
    print(f"{count} units, load {os.getloadavg()[0]:.1f}")
    timed(
        "planning",
        lambda: add_scenes(batch, scenes, lambda scene, name: [Unit(name, scene.paths)]),
        count,
    )
    timed("planning the same again", lambda: add_scenes(batch, scenes[:1000], lambda *_: []))
    book = Ledger(batch, "r")
    left = Left(book, Share())
    timed("to the first unit", lambda: next(left.units()))
    some = [unit for unit, _ in zip(Left(book).units(), range(tried), strict=False)]
    timed(
        f"claim, record and log of {tried} units", lambda: [do(book, unit) for unit in some], tried
    )
    timed("progress (what a master looks at)", lambda: count_done(batch))
    timed("status", lambda: look(book))
    mark_done(book)
    timed("status of all done", lambda: look(book))
    timed(
        "a worker's list, all done, the first to see it", lambda: sum(1 for _ in Left(book).units())
    )
    timed("a worker's list, all marked complete", lambda: sum(1 for _ in Left(book).units()))
    size = sum(path.stat().st_size for path in files(batch.ledger / "units"))
    print(
        f"plan: {size / 1e6:.0f} MB; in a folder of records: "
        f"{max(map(len, map(os.listdir, done(batch.ledger))))}"
    )


def do(book: Ledger, unit: Unit) -> None:
    """All that a unit costs beside its map."""
    claim = book.claim(unit, 3)
    assert isinstance(claim, Claim)
    book.finish(claim, {"summary": {}})
    book.note({"name": unit.name, "begun": time.time(), "ended": time.time(), "pixels": 1})


def mark_done(book: Ledger) -> None:
    """Make the records of all other units, as hard links to one: a folder looks the same with
    them.
    """
    one = next(files(book.batch.ledger / "done"))
    for shard in book.batch.shards():
        there = book.done(shard)
        folder = book.batch.ledger / "done" / shard
        folder.mkdir(exist_ok=True)
        for name in book.batch.units(shard).keys() - there:
            try:
                os.link(one, folder / f"{name}.json")
            except OSError:  # a file has no more than 65,000 names
                one = Path(shutil.copy(one, folder / f"{name}.json"))


def done(folder: Path) -> list[Path]:
    return list((folder / "done").iterdir())


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("scaling", "ledger"))
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", type=Path, help="Where the ledger lies; default: a temporary folder."
    )
    given = parser.parse_args()
    with TemporaryDirectory(dir=given.folder) as name:
        if given.what == "scaling":
            scaling(Path(name), given.scenes, given.side, given.rounds)
        else:
            ledger(Path(name), given.units)


if __name__ == "__main__":
    main()
