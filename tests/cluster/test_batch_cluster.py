"""Batches on a real Dask cluster, whose workers are killed while they work."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from batches import asked, do, done_twice, gone, holders, planned, same_as_undisturbed, state, until
from commands import environment, run, start

from geoseg.batches.ledger import StorageError
from geoseg.batches.plan import open_batch
from geoseg.batches.work import Tally


def test_a_worker_of_dask_is_killed(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="pip install 'geoseg[cluster]'")
    master = start(*asked(home, tmp_path, "--engine", "dask", "--workers", "2", "--quiet"))
    os.kill(until(lambda: holders(tmp_path))[0], signal.SIGKILL)
    _, errors = master.communicate(timeout=300)
    assert master.returncode == 0, errors
    same_as_undisturbed(home, tmp_path)


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of Dask with all that it starts in a group of its own, as on a machine of its
    own.
    """
    quiet = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, env=environment(), start_new_session=True, **quiet) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test_a_node_of_dask_dies_and_the_job_of_another_is_cancelled(
    home: Path, tmp_path: Path
) -> None:
    """A scheduler that geoseg did not start: nodes are killed with everything on them, jobs end
    by SIGTERM.
    """
    pytest.importorskip("distributed", reason="pip install 'geoseg[cluster]'")
    out, file = tmp_path / "out", ("--scheduler-file", str(tmp_path / "scheduler.json"))
    node = ("distributed.cli.dask_worker", *file, "--nthreads", "1", "--no-dashboard")
    with ExitStack() as stack:
        stack.enter_context(
            running(
                "distributed.cli.dask_scheduler", *file, "--host", "127.0.0.1", "--no-dashboard"
            )
        )
        stack.enter_context(running(*node))
        address = json.loads(until(lambda: text_of(tmp_path / "scheduler.json")))["address"]
        master = start(*asked(home, out, "--engine", "dask", "--scheduler", address, "--quiet"))
        first = until(lambda: holders(out))[0]
        os.killpg(os.getpgid(first), signal.SIGKILL)
        stack.enter_context(running(*node))
        second = until(lambda: set(holders(out)) - {first}).pop()
        os.killpg(os.getpgid(second), signal.SIGTERM)
        stack.enter_context(running(*node))
        _, errors = master.communicate(timeout=300)
    assert master.returncode == 0, errors
    same_as_undisturbed(home, out)
    assert not done_twice(out)


def text_of(path: Path) -> str:
    """Return what is in a file, nothing while there is none."""
    return path.read_text() if path.exists() else ""


def test_a_master_of_dask_is_killed_two_go_on_and_one_scene_is_truncated(
    home: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="pip install 'geoseg[cluster]'")
    shutil.copytree(home / "scenes", tmp_path / "scenes")
    (tmp_path / "model").symlink_to(home / "model")
    scene, out = tmp_path / "scenes/scene1.tif", tmp_path / "out"
    good = scene.read_bytes()
    scene.write_bytes(good[: len(good) // 2])
    arguments = asked(tmp_path, out, "--engine", "dask", "--workers", "1", "--quiet")
    first = start(*arguments)
    worker = until(lambda: holders(out))[0]
    first.kill()
    first.communicate()
    second = start(*arguments)
    until(lambda: gone(worker))
    others = do(open_batch(out), "the other")
    _, errors = second.communicate(timeout=300)
    assert second.returncode == 1, errors
    assert others.failed <= 1
    assert state(out) == {
        "done": {f"scene{i}.json" for i in (0, 2, 3, 4)},
        "failed": {"scene1.json"},
        "claims": set(),
    }
    scene.write_bytes(good)
    assert do(open_batch(out), "later") == Tally(done=1)
    same_as_undisturbed(home, out)
    assert not done_twice(out)


@pytest.mark.parametrize("small_disk", ["8m"], indirect=True)
def test_a_full_disk_ends_dask(home: Path, small_disk: Path) -> None:
    pytest.importorskip("distributed", reason="pip install 'geoseg[cluster]'")
    out = small_disk / "out"
    batch = planned(home, out)
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - 50_000))
    done = run("batch", "--out-dir", out, "--engine", "dask", "--quiet")
    assert done.returncode == StorageError.status, done.stderr
    assert "free some space" in done.stderr
    found = state(out)
    assert found["failed"] == found["claims"] == set()
    (small_disk / "filler").unlink()
    do(batch)
    same_as_undisturbed(home, out)
    assert not done_twice(out)


def test_workers_of_dask_on_one_machine_have_a_gpu_each(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="pip install 'geoseg[cluster]'")
    code = (
        "import os, distributed as d; from geoseg.batches.cluster import _pin\n"
        "if __name__ == '__main__':\n"
        "  with d.LocalCluster(n_workers=3, dashboard_address=None) as c, d.Client(c) as client:\n"
        "    client.register_plugin(_pin(d, ('0', 'GPU-5d1e')))\n"
        "    print(sorted(client.run(lambda: os.environ['CUDA_VISIBLE_DEVICES']).values()))\n"
    )
    (tmp_path / "pins.py").write_text(code)
    done = subprocess.run(
        [sys.executable, tmp_path / "pins.py"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "['0', '0', 'GPU-5d1e']", done.stderr


@pytest.mark.skipif(bool(shutil.which("qsub")), reason="there is a PBS or SGE here")
def test_a_scheduler_that_takes_no_job_is_not_waited_for(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("dask_jobqueue", reason="pip install 'geoseg[cluster]'")
    done = run(*asked(home, tmp_path, "--engine", "pbs", "--cluster", "interface=lo", "--quiet"))
    assert done.returncode == 1
    assert "takes no job" in done.stderr
    assert "qsub" in done.stderr
