"""Compiled kernels: what they are known by, from whose hands they are taken, and that one process
compiles what many need.
"""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from commands import ROOT, environment, run

from geoseg.core import kernel_files
from geoseg.core.jit import _told, inlined
from geoseg.core.kernel_files import (
    COMPILING,
    is_trusted,
    kernel_folders,
    locked,
    read_kernel,
    writable_folder,
    write_kernel,
)
from geoseg.prediction import warm
from geoseg.prediction.warm import GROUPS, SOURCES, is_warm

posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders of a system with modes")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where kernels are kept during the test, which is there."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    found = writable_folder()
    assert found is not None
    return found


def test_what_was_written_is_read(folder: Path) -> None:
    assert read_kernel("one") is None
    assert write_kernel("one", b"code")
    assert read_kernel("one") == b"code"
    assert [path.name for path in folder.iterdir()] == ["one"]


@pytest.mark.parametrize("kept", [0, 1, 31, 32, 35])
def test_a_file_that_is_cut_off_counts_as_none(folder: Path, kept: int) -> None:
    write_kernel("one", b"code")
    whole = (folder / "one").read_bytes()
    assert len(whole) == 36
    (folder / "one").write_bytes(whole[:kept])
    assert read_kernel("one") is None


def test_a_file_that_was_changed_counts_as_none(folder: Path) -> None:
    write_kernel("one", b"code")
    whole = bytearray((folder / "one").read_bytes())
    whole[-1] ^= 1
    (folder / "one").write_bytes(whole)
    assert read_kernel("one") is None


@posix
@pytest.mark.parametrize("mode", [0o777, 0o757, 0o775, 0o1777])
def test_nothing_is_taken_from_or_kept_in_a_folder_that_others_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: int
) -> None:
    package = tmp_path / "package"
    package.mkdir(mode=0o755)
    monkeypatch.setattr(kernel_files, "PACKAGE", package)
    write_kernel("one", b"code")
    folder.chmod(mode)
    assert read_kernel("one") is None
    assert writable_folder() is None
    assert not write_kernel("two", b"code")
    folder.chmod(0o755)
    assert read_kernel("one") == b"code"


@posix
def test_nothing_is_taken_from_a_file_that_others_write(folder: Path) -> None:
    write_kernel("one", b"code")
    (folder / "one").chmod(0o666)
    assert read_kernel("one") is None


@posix
def test_whom_kernels_are_taken_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(mode: int, owner: int, group: int) -> os.stat_result:
        return os.stat_result((mode, 0, 0, 1, owner, group, 0, 0, 0, 0))

    me = os.geteuid()
    other = me + 12345
    monkeypatch.setattr(Path, "stat", lambda _: told(0o40755, other, 7))
    assert all(is_trusted(told(0o40755, owner, 7)) for owner in (me, 0, other))
    assert not is_trusted(told(0o40755, other + 1, 7))
    assert not is_trusted(told(0o40775, me, 7))
    monkeypatch.setattr(Path, "stat", lambda _: told(0o40775, other, 7))
    assert is_trusted(told(0o40775, me, 7))  # its group can write the package as well
    assert not is_trusted(told(0o40775, me, 8))  # but no other group
    assert not is_trusted(told(0o40777, me, 7))


def test_an_installation_that_was_warmed_is_read_before_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(kernel_files, "PACKAGE", tmp_path / "package")
    monkeypatch.setenv("GEOSEG_CACHE", str(tmp_path / "cache"))
    (tmp_path / "package").mkdir()
    installed, own = kernel_folders()
    assert writable_folder() == installed
    write_kernel("one", b"warmed")
    (tmp_path / "package").rename(tmp_path / "gone")
    (tmp_path / "package").write_text("no folder can be made here")
    assert writable_folder() == own
    write_kernel("one", b"own")
    assert read_kernel("one") == b"own"
    (tmp_path / "package").unlink()
    (tmp_path / "gone").rename(tmp_path / "package")
    assert read_kernel("one") == b"warmed"
    monkeypatch.setenv("GEOSEG_CACHE", "")
    assert kernel_folders() == [installed]


def test_a_folder_that_cannot_be_made_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/none")
    assert writable_folder() is None
    assert not write_kernel("one", b"code")
    assert read_kernel("one") is None
    with locked("one") as alone:
        assert alone


@pytest.mark.skipif(kernel_files.fcntl is None, reason="without locks")
def test_a_lock_is_held_by_one(folder: Path) -> None:
    with locked("one") as first, locked("one", wait=False) as second, locked("two") as other:
        assert (first, second, other) == (True, False, True)
    with locked("one", wait=False) as again:
        assert again
    assert folder.is_dir()


def made(source: str, **named: object) -> types.FunctionType:
    scope: dict[str, object] = {"inlined": inlined, "np": np, **named}
    exec(source, scope)
    function = scope["kernel"]
    assert isinstance(function, types.FunctionType)
    return function


def test_a_kernel_is_known_by_what_it_does() -> None:
    inner = "@inlined\ndef part(x):\n    return x + {}\n"
    outer = "def kernel(x):\n    return part(x) * FACTOR\n"
    same = _told(made(inner.format(1) + outer, FACTOR=2))
    assert _told(made("\n\n# moved\n" + inner.format(1) + outer, FACTOR=2)) == same
    assert _told(made(inner.format(2) + outer, FACTOR=2)) != same  # another part
    assert _told(made(inner.format(1) + outer, FACTOR=3)) != same  # another constant
    assert _told(made(inner.format(1) + outer.replace("*", "-"), FACTOR=2)) != same
    documented = outer.replace(":\n", ":\n    'Words.'\n")
    assert _told(made(inner.format(1) + documented, FACTOR=2))[0] == same[0]


def test_a_part_is_not_called_from_python() -> None:
    from geoseg.vector.union_find import find

    with pytest.raises(TypeError, match="find is a part of kernels"):
        find(np.zeros(1, np.int32), 0)


def test_time_is_counted_once_where_kernels_call_kernels() -> None:
    before = COMPILING.seconds
    with COMPILING.counting():
        with COMPILING.counting():
            pass
        assert COMPILING.seconds == before
    assert COMPILING.seconds > before


def test_the_stamp_covers_every_kernel() -> None:
    package = Path(kernel_files.PACKAGE)
    stamped = {path for pattern in SOURCES for path in package.glob(pattern)}
    using = {path for path in package.rglob("*.py") if "core.jit import" in path.read_text("utf-8")}
    assert using <= stamped
    assert package / "core" / "jit.py" in stamped


def test_what_is_warm_starts_no_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Popen:
        def __init__(self, command: list[str], **_: object) -> None:
            started.append(command[4:])

        def poll(self) -> None: ...

    monkeypatch.setattr(warm, "_started", [])
    monkeypatch.setattr(warm, "_begun", set())
    monkeypatch.setattr(warm, "cores", lambda: 2)
    monkeypatch.setattr(warm.subprocess, "Popen", Popen)
    write_kernel(f"trace-{warm._stamp()}", b"")
    assert is_warm("trace")
    assert not is_warm("stitch")
    warm.start_compiling(["stitch", "trace"], ["trace"])
    assert started == [["stitch"]]
    warm.start_compiling(["stitch"])  # is under way
    assert started == [["stitch"]]
    monkeypatch.setattr(warm, "cores", lambda: 1)
    warm.start_compiling(["polygons"])
    monkeypatch.setattr(warm, "cores", lambda: 2)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/none")
    warm.start_compiling(["polygons"])
    assert started == [["stitch"]]
    assert folder.is_dir()


def kernel_processes(count: int, code: str, folder: Path) -> list[str]:
    """Run code in processes at the same time, with kernels kept in a folder of theirs."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment() | {"NUMBA_CACHE_DIR": str(folder)},
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT / "tests",
        )
        for _ in range(count)
    ]
    found = [process.communicate(timeout=300)[0].strip() for process in running]
    assert not any(process.returncode for process in running)
    return found


MEAN = """
import numpy as np
from geoseg.raster import overviews
pixels = overviews.mean(np.full((4, 4), 7, np.uint8))
print(sum(overviews._mean.stats.cache_misses.values()), pixels.tolist())
"""


@pytest.mark.process
@pytest.mark.skipif(kernel_files.fcntl is None, reason="without locks")
def test_one_of_many_processes_compiles(tmp_path: Path) -> None:
    found = kernel_processes(4, MEAN, tmp_path)
    assert sorted(found) == [*["0 [[7, 7], [7, 7]]"] * 3, "1 [[7, 7], [7, 7]]"]
    (kept,) = (path for path in tmp_path.glob("*/*_mean-*") if path.suffix != ".lock")
    kept.write_bytes(kept.read_bytes()[:-100])  # a disk that was full, say
    assert kernel_processes(1, MEAN, tmp_path) == ["1 [[7, 7], [7, 7]]"]
    assert kernel_processes(1, MEAN, tmp_path) == ["0 [[7, 7], [7, 7]]"]


RUN = """
import gc, sys
from pathlib import Path
import numpy as np
from numba.core.dispatcher import Dispatcher
from geoseg.api import predict
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.vectorize import vectorize
import rasterio

folder = Path(sys.argv[1])
pixels = np.random.default_rng(1).integers(0, 3, (96, 96)).astype(np.uint8)
pixels = pixels.repeat(2, 0).repeat(2, 1)
with rasterio.open(
    folder / "c.tif", "w", driver="GTiff", height=192, width=192, count=1, dtype="uint8",
    crs="EPSG:32631", transform=rasterio.transform.from_origin(5e5, 5e6, 10, 10),
) as raster:
    raster.write(pixels, 1)
full = Tracing(majority=3, fill_holes=900.0, min_area=900.0, simplify=10.0, smooth=1, square=(1,),
               connectivity=8)
confidence = folder / "c.tif"
for tracing in (Tracing(), full):
    vectorize(folder / "c.tif", folder / "p.gpkg", tracing, confidence=confidence, overwrite=True)
from geoseg.prediction.doctor import checkup
from geoseg.models import find_model
assert not checkup(find_model("landcover-s2"), "cpu").problem
print({
    kernel.py_func.__name__: len(misses)
    for kernel in gc.get_objects()
    if isinstance(kernel, Dispatcher) and kernel.py_func.__module__.startswith("geoseg")
    and (misses := kernel.stats.cache_misses) and hasattr(kernel._cache, "load_overload")
    and type(kernel._cache).__name__ == "KeptCode"
})
"""


@pytest.mark.process
def test_after_warm_a_run_compiles_nothing(tmp_path: Path) -> None:
    kept = environment() | {"NUMBA_CACHE_DIR": str(tmp_path / "kept")}
    first, second = (run("warm", "--models", "none", env=kept) for _ in range(2))
    assert f"compiled {len(GROUPS)} of {len(GROUPS)} groups of kernels" in first.stderr
    assert second.stderr.strip() == "all kernels were compiled"
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)],
        env=kept,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT / "tests",
    )
    assert ran.stdout.strip() == "{}", ran.stdout + ran.stderr[-2000:]
