"""Batches on a real Slurm of two nodes, with what happens to such: nothing lost, nothing twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from batches import (
    COUNT,
    claims,
    do,
    done_twice,
    leftovers,
    planned,
    same_as_undisturbed,
    state,
    until,
)
from batches import asked as ordered
from click.testing import CliRunner
from commands import start
from slurms import NODES, Slurm, asked, slurm

from geoseg.batches.ledger import Claim, Ledger
from geoseg.batches.plan import open_batch
from geoseg.cli import geoseg
from geoseg.core.threads import every

LOST = ("--lost-after", "5")  # the nodes do not see each other's processes: only time tells
JOB = (
    "--workers",
    "2",
    "--cores",
    "1",
    "--memory",
    "5GB",
    "--walltime",
    "00:20:00",
)  # one a node has room for


@pytest.fixture(scope="module")
def cluster() -> Iterator[Slurm]:
    with slurm() as found:
        yield found


@pytest.fixture(autouse=True)
def _clean(cluster: Slurm) -> Iterator[None]:
    """Leave the next test two nodes and no job."""
    yield
    cluster.call("scancel", "--user", "root")
    for node in NODES:
        if node not in cluster.nodes:
            cluster.start(node)
    asked(cluster.ready)


def submit(cluster: Slurm, home: Path, out: Path, *more: str) -> str:
    """Print the script of a job array, and submit it."""
    return cluster.submit(*more, printed(home, out))


def printed(home: Path, out: Path) -> Path:
    """Return the script of a job array, as it is printed."""
    done = CliRunner().invoke(
        geoseg, ordered(home, out, *JOB, *LOST, "--print-sbatch"), catch_exceptions=False
    )
    script = out / "array.sbatch"
    script.write_text(done.stdout)
    return script


def working(out: Path, cluster: Slurm, job: str) -> tuple[str, int]:
    """Wait until somebody works; return the member's node, and the worker's process as this
    machine numbers it.
    """
    holder = until(lambda: claims(out))[0]
    member = next(found for found in cluster.jobs(job) if found["JobId"] == holder["job"])
    return member["NodeList"], pid_here(holder)


def pid_here(holder: dict[str, object]) -> int:
    """Return what this machine calls a process that may be in a namespace of its own."""
    space = str(holder["space"]).split()[1]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            numbers = next(
                line
                for line in (folder / "status").read_text().splitlines()
                if line.startswith("NSpid")
            )
            if (folder / "ns/pid").readlink() == Path(space) and int(numbers.split()[-1]) == holder[
                "pid"
            ]:
                return int(folder.name)
        except OSError:
            continue  # it has ended
    raise AssertionError(f"{holder} is not here")


def test_a_printed_array_with_a_truncated_scene_and_a_killed_worker(
    cluster: Slurm, home: Path, tmp_path: Path
) -> None:
    scenes = tmp_path / "scenes"
    shutil.copytree(home / "scenes", scenes)
    good = (scenes / "scene1.tif").read_bytes()
    (scenes / "scene1.tif").write_bytes(good[: len(good) // 2])
    (tmp_path / "model").symlink_to(home / "model")
    out = tmp_path / "out"
    job = submit(cluster, tmp_path, out)
    os.kill(working(out, cluster, job)[1], signal.SIGKILL)
    assert "FAILED" in cluster.ended(job)
    assert state(out) == {
        "done": {f"scene{i}.json" for i in (0, 2, 3, 4)},
        "failed": {"scene1.json"},
        "claims": set(),
    }
    (scenes / "scene1.tif").write_bytes(good)
    again = cluster.submit(
        "--array=1-1", out / "array.sbatch"
    )  # the same script does what is missing
    assert cluster.ended(again) == ["COMPLETED"]
    same_as_undisturbed(home, out)
    assert not done_twice(out)


def test_a_node_dies(cluster: Slurm, home: Path, tmp_path: Path) -> None:
    job = submit(cluster, home, tmp_path)
    node, _ = working(tmp_path, cluster, job)
    cluster.kill(node)
    until(lambda: len(state(tmp_path)["done"]) == COUNT)  # by the other
    asked(lambda: "PENDING" in cluster.states(job))  # Slurm has noticed
    cluster.start(node)
    assert set(cluster.ended(job)) == {"COMPLETED"}
    assert "1" in [member["Restarts"] for member in cluster.jobs(job)]
    same_as_undisturbed(home, tmp_path)
    assert not done_twice(tmp_path)


def test_walltime_ends_it_between_two_scenes_while_a_job_is_cancelled_and_one_meets_a_full_disk(
    cluster: Slurm, home: Path, tmp_path: Path
) -> None:
    out, cancelled, full = (tmp_path / name for name in ("out", "cancelled", "full"))
    batch = planned(home, out)
    mine, unit = Ledger(batch, "mine"), next(iter(batch.units(batch.shards()[0]).values()))
    claim = mine.claim(unit, 3)
    assert isinstance(claim, Claim)
    with every(1, partial(mine.beat, claim)):
        job = submit(
            cluster, home, out, "--array=1-1", "--time=1"
        )  # of which the last 60 s are told
        cancel(cluster, home, cancelled)
        fill(cluster, home, full)  # Slurm looks at the times of its jobs only every 30 s
        asked(
            lambda: cluster.jobs(job)[0]["Restarts"] == "1"
        )  # it had to wait for the one that is held here
        assert len(state(out)["done"]) < COUNT
        assert state(out)["claims"] == {claim.path.name}
        assert not leftovers(out)
        mine.release(claim)
        cluster.call("scontrol", "update", f"JobId={job}", "TimeLimit=20")
        assert cluster.ended(job) == ["COMPLETED"]
    for folder in (out, cancelled, full):
        same_as_undisturbed(home, folder)
        assert not done_twice(folder)


def cancel(cluster: Slurm, home: Path, out: Path) -> None:
    """Cancel a job that has a scene in hand; have the rest done here."""
    job = submit(cluster, home, out)
    working(out, cluster, job)
    cluster.call("scancel", job)
    assert set(cluster.ended(job)) == {"CANCELLED"}
    asked(lambda: job not in cluster.call("squeue", "-h", "-o", "%F"))  # none is still ending
    assert not state(out)["claims"]
    do(open_batch(out))


def fill(cluster: Slurm, home: Path, out: Path) -> None:
    """Let a job meet a full disk, and then two masters do its work.

    Slurm hands the limits of who submits on to the job: here no file may have more than 4 kB.
    """
    script = printed(home, out)
    limited = (
        "sh",
        "-c",
        'ulimit -f 8 && exec env PYTHONDONTWRITEBYTECODE=1 "$@"',
        "sh",
        "sbatch",
        "--parsable",
        "--array=1-1",
        script,
    )
    assert cluster.ended(cluster.call(*limited)) == ["FAILED"]
    assert not state(out)["done"]  # nor can it say so for long: its log is a file, too
    assert not leftovers(out)
    job = cluster.submit("--array=1-1", script)
    do(open_batch(out), "another")
    assert cluster.ended(job) == ["COMPLETED"]


def submitting(cluster: Slurm, home: Path, out: Path) -> subprocess.Popen[str]:
    """Start a master that has the work done by jobs of dask-jobqueue."""
    engine = (
        "--engine",
        "slurm",
        *JOB,
        *LOST,
        "--cluster",
        "interface=lo",
        "--cluster",
        "death_timeout=5",
        "--quiet",
    )
    return start(*ordered(home, out, *engine), env=cluster.environment)


def test_a_master_and_a_node_die_and_a_job_of_the_next_master_is_cancelled(
    cluster: Slurm, home: Path, tmp_path: Path
) -> None:
    first = submitting(cluster, home, tmp_path)
    job = str(until(lambda: claims(tmp_path))[0]["job"])
    first.kill()
    cluster.kill(cluster.jobs(job)[0]["NodeList"])
    first.communicate()
    second = submitting(cluster, home, tmp_path)
    own = until(
        lambda: {holder["job"] for holder in claims(tmp_path)} - {job} or second.poll() is not None
    )
    if (
        second.poll() is None
    ):  # the other worker of the first may have done all before it missed its master
        cluster.call("scancel", own.pop())
    _, errors = second.communicate(timeout=300)
    assert second.returncode == 0, errors
    same_as_undisturbed(home, tmp_path)
    assert not done_twice(tmp_path)
