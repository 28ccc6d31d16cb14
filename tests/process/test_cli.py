"""The command line as processes of their own: what it says, its exit status, and what it leaves
behind.
"""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np
import pytest
import rasterio
from bundles import make_bundle
from commands import NO_BYTECODE, command, environment, last_line, run, start

from geoseg import cli
from geoseg.cli.report import HungUp, Terminated, to_failed
from geoseg.core.errors import InputError, RunError

SMALL, BIG = (
    (180, 220),
    (2500, 2500),
)  # BIG takes a processor many seconds, long enough to be interrupted
UTM = {"crs": "EPSG:32632", "transform": rasterio.Affine(1.0, 0, 400_000, 0, -1.0, 5_000_000)}


def write_scene(
    path: Path, shape: tuple[int, int], count: int = 3, dtype: str = "uint8", **profile: object
) -> Path:
    """Write blobs and noise, with the bands named red, green, blue where there are three."""
    rng = np.random.default_rng(1)
    blocks = tuple(size // 32 + 1 for size in shape)
    coarse = (
        rng.integers(0, 250, (count, *blocks))
        .repeat(32, 1)
        .repeat(32, 2)[:, : shape[0], : shape[1]]
    )
    coarse += rng.integers(0, 5, coarse.shape)  # without, it would be an enlarged scene
    keys = (
        {"driver": "GTiff", "height": shape[0], "width": shape[1], "count": count, "dtype": dtype}
        | UTM
        | profile
    )
    with rasterio.open(path, "w", **keys) as raster:
        raster.write(coarse.astype(dtype))
        if count == 3:
            raster.descriptions = ("red", "green", "blue")
    return path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("scene") / "scene.tif", SMALL)


@pytest.fixture(scope="module")
def big_scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("scene") / "big.tif", BIG)


def names(folder: Path) -> set[str]:
    """Everything in the folder, hidden files too."""
    return {path.name for path in folder.rglob("*")}


Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Give what commands.run does, in this process: an interpreter that has torch already is
    quicker.
    """

    def in_process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        status = cli.run([str(argument) for argument in arguments])
        return subprocess.CompletedProcess(arguments, status, *capfd.readouterr())

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield in_process
    for number, handler in before.items():
        signal.signal(number, handler)


def only_error(stderr: str) -> str:
    """The one line that says what was wrong; notes may stand before it, a traceback may not."""
    errors = [line for line in stderr.splitlines() if line.startswith("geoseg: error: ")]
    assert errors == [last_line(stderr)], stderr
    assert "Traceback" not in stderr
    assert "internal error" not in stderr
    return errors[0]


def test_a_run_tells_people_on_stderr_what_it_chose_and_made(
    scene: Path, bundle: Path, tmp_path: Path
) -> None:
    out, raster, confidence = (
        tmp_path / "map.gpkg",
        tmp_path / "map.tif",
        tmp_path / "confidence.tif",
    )
    done = run(
        "predict",
        scene,
        "--model",
        bundle,
        "--out",
        out,
        "--raster",
        raster,
        "--confidence",
        confidence,
        "--device",
        "cpu",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert names(tmp_path) >= {"map.gpkg", "map.tif", "map.qml", "confidence.tif"}
    assert not any(name.endswith(".part") for name in names(tmp_path))
    assert re.search(r"segment on cpu.*Mpx/s", done.stderr)  # the bar
    assert re.search(
        r"39,600 px mapped, 0 without data, by test-model in .* s: .* Mpx/s on cpu", done.stderr
    )
    assert re.search(r"class \d +\d+\.\d\d%", done.stderr)
    assert last_line(done.stderr).startswith(f"written: {out}, {raster}, {confidence} (")


def test_quiet_says_nothing(scene: Path, bundle: Path, tmp_path: Path) -> None:
    done = run("predict", scene, "--model", bundle, "--out", tmp_path / "map.tif", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_events_are_lines_of_json_alone_on_stdout_and_a_closed_stdin_cancels_nothing(
    scene: Path, bundle: Path, tmp_path: Path
) -> None:
    done = run("predict", scene, "--model", bundle, "--out", tmp_path / "map.gpkg", "--events")
    # its stdin is /dev/null, at its end from the first: that cancels on demand only
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["event"] == "finished"
    assert events[-1]["summary"]["outputs"] == [str(tmp_path / "map.gpkg")]
    assert events[-1]["summary"]["pixels"] == SMALL[0] * SMALL[1]
    progress = [
        event for event in events if event["event"] == "progress" and event["stage"] == "segment"
    ]
    counts = [event["done"] for event in progress]
    assert counts == sorted(counts)
    assert counts[-1] == progress[-1]["total"] == SMALL[0] * SMALL[1]


def test_vectorize_tells_programs_too(
    scene: Path, bundle: Path, tmp_path: Path, call: Call
) -> None:
    assert (
        call(
            "predict", scene, "--model", bundle, "--out", tmp_path / "map.tif", "--quiet"
        ).returncode
        == 0
    )
    done = call("vectorize", tmp_path / "map.tif", "--out", tmp_path / "map.gpkg", "--events")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {event["stage"] for event in events if event["event"] == "progress"} == {"trace"}
    assert re.fullmatch(r"\d+ polygons in .*map.gpkg", events[-1]["text"])


def test_a_library_that_prints_cannot_spoil_the_events() -> None:
    code = """
import os, subprocess
from geoseg.cli.report import event_lines
from geoseg.core.events import Noted
print("before")
with event_lines() as report:
    print("from Python")
    os.write(1, b"from C\\n")
    subprocess.run(["echo", "from a child"])
    report(Noted("an event"))
print("after")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["before", '{"event": "noted", "text": "an event"}', "after"]
    assert sorted(done.stderr.splitlines()) == ["from C", "from Python", "from a child"]


BAD_SCENES = {
    "missing": "does not exist",
    "text": "text.tif",
    "folder": "folder",
    "truncated": "truncated.tif",
    "one band": "expected",
    "complex": "complex",
}


@pytest.fixture(scope="module")
def bad_scenes(tmp_path_factory: pytest.TempPathFactory, scene: Path) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bad")
    (folder / "text.tif").write_text("no raster\n")
    (folder / "folder").mkdir()
    whole = scene.read_bytes()
    (folder / "truncated.tif").write_bytes(whole[: len(whole) // 2])
    return {
        "missing": folder / "missing.tif",
        "text": folder / "text.tif",
        "folder": folder / "folder",
        "truncated": folder / "truncated.tif",
        "one band": write_scene(folder / "one.tif", SMALL, 1),
        "complex": write_scene(folder / "complex.tif", SMALL, 3, "complex64"),
    }


@pytest.mark.parametrize("kind", BAD_SCENES)
def test_a_scene_that_cannot_be_used_is_one_line_and_no_output(
    kind: str, bad_scenes: dict[str, Path], bundle: Path, tmp_path: Path, call: Call
) -> None:
    done = call("predict", bad_scenes[kind], "--model", bundle, "--out", tmp_path / "map.gpkg")
    assert BAD_SCENES[kind] in only_error(done.stderr)
    # a truncated file may show itself only when the missing part is read: then the run has failed
    assert done.returncode in ((1, 2) if kind == "truncated" else (2,))
    assert done.stdout == ""
    assert names(tmp_path) == set()


BAD_OPTIONS: list[tuple[list[str], str]] = [
    (["--out", "map.kml"], ".kml"),
    (["--out", "missing/map.tif"], "missing"),
    (["--out", "map.tif", "--tile", "-3"], "--tile -3"),
    (["--out", "map.tif", "--bands", "1,two"], "--bands 1,two"),
    (["--out", "map.tif", "--bands", "1,2,9"], "9"),
    (["--out", "map.tif", "--device", "abacus"], "--device abacus"),
    (["--out", "map.tif", "--scale", "0"], "--scale 0"),
    (["--out", "map.tif", "--batch", "many"], "--batch"),
    (["--out", "map.tif", "--model", "no-such-model"], "no-such-model"),
    (["--out", "map.tif", "--aoi", "POLYGON EMPTY"], "AOI is empty"),
    (["--out", "map.tif", "--aoi", "POLYGON ((0 0, 1 0, 1 1, 0 0))"], "aoi"),
    (["--out", "map.tif", "--aoi", "missing.geojson"], "missing.geojson"),
    (["--raster", "map.tif"], "--out"),
    (["--out", "map.tif", "--no-such-option"], "--no-such-option"),
]


@pytest.mark.parametrize(
    ("options", "said"),
    BAD_OPTIONS,
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else "",
)
def test_an_option_that_cannot_be_used_is_one_line_and_no_output(
    options: list[str],
    said: str,
    scene: Path,
    bundle: Path,
    tmp_path: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    model = [] if "--model" in options else ["--model", str(bundle)]
    done = call("predict", scene, *model, *options)
    assert done.returncode == 2, done.stderr
    assert said.lower() in only_error(done.stderr).lower()
    assert names(tmp_path) == set()


def test_an_existing_output_stays_as_it_is_unless_overwrite_is_given(
    scene: Path, bundle: Path, tmp_path: Path, call: Call
) -> None:
    out = tmp_path / "map.tif"
    out.write_bytes(b"precious")
    done = call("predict", scene, "--model", bundle, "--out", out)
    assert (done.returncode, out.read_bytes()) == (2, b"precious")
    assert "--overwrite" in only_error(done.stderr)
    done = call("predict", scene, "--model", bundle, "--out", out, "--overwrite")
    assert done.returncode == 0, done.stderr
    with rasterio.open(out) as raster:
        assert raster.shape == SMALL


@pytest.mark.skipif(
    not Path("/proc/self").is_dir(),
    reason="needs a folder where nobody may write, as /proc on Linux",
)
def test_a_folder_that_cannot_be_written(scene: Path, bundle: Path, call: Call) -> None:
    done = call("predict", scene, "--model", bundle, "--out", "/proc/map.tif")
    assert done.returncode in (1, 2)
    assert "/proc" in only_error(done.stderr)


@pytest.mark.parametrize("shape", [(1, 1), (1, 70), (65, 63)])
def test_a_scene_smaller_than_a_window_works(
    shape: tuple[int, int], bundle: Path, tmp_path: Path, call: Call
) -> None:
    tiny = write_scene(tmp_path / "tiny.tif", shape)
    done = call(
        "predict",
        tiny,
        "--model",
        bundle,
        "--out",
        tmp_path / "map.gpkg",
        "--raster",
        tmp_path / "map.tif",
    )
    assert done.returncode == 0, done.stderr
    with rasterio.open(tmp_path / "map.tif") as raster:
        assert raster.shape == shape


def test_a_scene_without_a_crs_is_mapped_with_a_warning(
    bundle: Path, tmp_path: Path, call: Call
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        bare = write_scene(tmp_path / "bare.tif", SMALL, crs=None, transform=None)
    done = call("predict", bare, "--model", bundle, "--out", tmp_path / "map.gpkg", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "warning: " in done.stderr
    assert "pixels" in done.stderr


def run_until_progress(*arguments: str | Path, **options: object) -> subprocess.Popen[str]:
    """Start a run with events and return it once it has written a first part of the map."""
    process = start(*arguments, "--events", **options)
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "progress" and 0 < event["done"] < event["total"]:
            return process
    raise AssertionError(
        f"the run ended before it could be interrupted: {process.communicate()[1]}"
    )


@pytest.mark.parametrize(
    ("how", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129), ("stdin", 130)]
)
def test_a_run_that_is_stopped_leaves_nothing(
    how: str, status: int, big_scene: Path, bundle: Path, tmp_path: Path
) -> None:
    extra = ["--cancel-on-eof"] if how == "stdin" else []
    process = run_until_progress(
        "predict",
        big_scene,
        "--model",
        bundle,
        "--out",
        tmp_path / "map.gpkg",
        "--raster",
        tmp_path / "map.tif",
        *extra,
        stdin=subprocess.PIPE,
    )
    with process:
        if how == "stdin":
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None
        else:
            process.send_signal(getattr(signal, how))
        stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == status, stderr
    only_error(stderr)
    last = json.loads(last_line(stdout))
    assert (last["event"], last["status"]) == ("failed", status)
    assert names(tmp_path) == set()


def test_ctrl_c_again_and_again_disturbs_nothing(
    big_scene: Path, bundle: Path, tmp_path: Path
) -> None:
    process = run_until_progress(
        "predict",
        big_scene,
        "--model",
        bundle,
        "--out",
        tmp_path / "map.gpkg",
        "--raster",
        tmp_path / "map.tif",
    )
    with process:
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.01)
        _, stderr = process.communicate()
    # the last ones may come when everything is told, and the interpreter ends
    assert process.returncode in (130, -signal.SIGINT), stderr
    assert "geoseg: error: cancelled: nothing was written" in stderr
    assert names(tmp_path) == set()


DROPPED = """
import os, signal, time
from geoseg.cli.report import stop_on_signals

class Finalised:
    def __del__(self):  # as C calls functions of Python: what they raise is dropped
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)

with stop_on_signals():
    for turn in range(3):
        Finalised()
    print("dropped", flush=True)
    try:
        time.sleep(300)
    except KeyboardInterrupt as error:
        print(type(error).__name__)
"""


def test_a_ctrl_c_that_a_callback_drops_comes_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPED],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines() == ["dropped", "Interrupted"], done.stderr


def test_handlers_of_signals_are_put_back(call: Call) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert call("models", "list").returncode == 0
    assert [
        signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ] == before


def test_a_run_that_is_to_outlive_its_session_does(
    scene: Path, bundle: Path, tmp_path: Path
) -> None:
    process = start(
        "predict",
        scene,
        "--model",
        bundle,
        "--out",
        tmp_path / "map.tif",
        "--quiet",
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    with process:
        while process.poll() is None:
            process.send_signal(signal.SIGHUP)
            time.sleep(0.05)
        assert process.returncode == 0, process.communicate()[1]


CLOSED = [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"]


def without_reader(*arguments: str | Path, streams: tuple[str, ...]) -> int:
    """Run with pipes for these streams that nobody reads, as behind `| head -1`; return the
    status.
    """
    read, write = os.pipe()
    os.close(read)
    try:
        return run(*arguments, capture_output=False, **dict.fromkeys(streams, write)).returncode
    finally:
        os.close(write)


ASKED = [["models", "list"], ["--help"], ["models", "show", "landcover-s2", "--json"]]


@pytest.mark.parametrize("asked", ASKED)
def test_streams_that_nobody_reads_fail_nothing(asked: list[str]) -> None:
    assert without_reader(*asked, streams=("stdout", "stderr")) == 0


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("asked", ASKED)
def test_closed_streams_fail_nothing(asked: list[str], closed: str) -> None:
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *command(*asked)]
    done = subprocess.run(shell, env=environment(), capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) == (closed == "2>&-")


@pytest.mark.parametrize("closed", ["", *CLOSED])
@pytest.mark.parametrize("events", [[], ["--events"]])
def test_a_run_whose_streams_are_closed_makes_its_map(
    closed: str, events: list[str], scene: Path, bundle: Path, tmp_path: Path
) -> None:
    arguments = (
        "predict",
        scene,
        "--model",
        bundle,
        "--out",
        tmp_path / "map.gpkg",
        "--raster",
        tmp_path / "map.tif",
        *events,
    )
    if closed:
        shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *command(*arguments)]
        status = subprocess.run(
            shell, env=environment(), capture_output=True, timeout=300, check=False
        ).returncode
    else:
        status = without_reader(*arguments, streams=("stdout", "stderr"))
    assert status == 0
    with rasterio.open(tmp_path / "map.tif") as raster:  # into which no descriptor has written
        assert raster.read(1).max() < 5
    assert not any(name.endswith(".part") for name in names(tmp_path))


def test_an_error_is_an_error_whoever_reads_it(tmp_path: Path) -> None:
    missing = ("vectorize", tmp_path / "missing.tif", "--out", tmp_path / "map.gpkg")
    assert without_reader(*missing, streams=("stdout", "stderr")) in (1, 2)


def test_a_reader_that_goes_away_does_not_end_the_run(bundle: Path, tmp_path: Path) -> None:
    scene, out = write_scene(tmp_path / "scene.tif", (1200, 1200)), tmp_path / "out" / "map.tif"
    out.parent.mkdir()
    process = run_until_progress("predict", scene, "--model", bundle, "--out", out)
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        stderr = process.stderr.read()
        assert process.wait(300) == 0, stderr
    assert names(out.parent) == {"map.tif", "map.tif.aux.xml", "map.qml"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, as on Linux")
def test_a_result_that_does_not_reach_its_file_is_an_error() -> None:
    with Path("/dev/full").open("w") as full:
        done = run(
            "models", "list", "--json", capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert "disk full" in only_error(done.stderr)


@pytest.mark.parametrize("suffix", [".tif", ".gpkg", ".fgb", ".geojson", ".parquet", ".shp"])
def test_a_file_that_outgrows_its_limit_leaves_nothing(
    suffix: str, bundle: Path, tmp_path: Path
) -> None:
    """As a full disk does, the system refuses to write on, here beyond 16 blocks of 512 bytes;
    the disk has room.
    """
    scene, out = write_scene(tmp_path / "scene.tif", (600, 600)), tmp_path / "out" / f"map{suffix}"
    out.parent.mkdir()
    arguments = command("predict", scene, "--model", bundle, "--out", out)
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 16 && exec "$@"', "sh", *arguments],
        env=environment() | NO_BYTECODE,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert str(out) in only_error(done.stderr)
    assert "disk is full" not in only_error(done.stderr)
    assert names(out.parent) == set()


@pytest.mark.parametrize(
    "out", ["map.tif", "map.gpkg", "map.fgb", "map.geojson", "map.parquet", "map.shp"]
)
def test_a_full_disk_is_named_and_leaves_nothing(
    out: str, small_disk: Path, scene: Path, bundle: Path
) -> None:
    (small_disk / "filler").write_bytes(os.urandom(48 << 10))
    done = run("predict", scene, "--model", bundle, "--out", small_disk / out)
    assert done.returncode == 1, done.stderr
    assert "disk is full" in only_error(done.stderr)
    assert names(small_disk) == {"filler"}


def test_debug_shows_the_traceback(call: Call) -> None:
    for arguments in (
        ["--debug", "predict", "missing.tif", "--out", "map.tif"],
        ["predict", "missing.tif", "--out", "map.tif", "--debug"],
    ):
        done = call(*arguments)
        assert done.returncode == 2
        assert "Traceback" in done.stderr
        assert last_line(done.stderr).startswith("geoseg: error: missing.tif does not exist")


def test_the_version_and_the_bare_command(call: Call) -> None:
    assert run("--version").stdout.startswith("geoseg, version ")
    bare = call()
    assert (bare.returncode, "predict" in bare.stdout) == (0, True)
    lacking = call("predict")
    assert lacking.returncode == 2
    assert "geoseg predict --help" in only_error(lacking.stderr)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (InputError("a", "b", "c"), 2, "a"),
        (RunError("two\nlines"), 1, "two lines"),
        (click.UsageError("no such thing."), 2, "no such thing"),
        (KeyboardInterrupt(), 130, "cancelled: nothing was written"),
        (KeyboardInterrupt("one file stays"), 130, "cancelled: one file stays"),
        (click.Abort(), 130, "cancelled"),
        (Terminated(), 143, "terminated"),
        (HungUp(), 129, "the session is gone: nothing was written"),
        (MemoryError(), 1, "memory ran out"),
        (OSError(errno.ENOSPC, "No space left on device", "map.tif"), 1, "disk full at map.tif"),
        (BrokenPipeError(), 1, "cancelled: nobody reads"),
        (
            ZeroDivisionError("division by zero"),
            1,
            "internal error: ZeroDivisionError: division by zero",
        ),
        (PermissionError(errno.EACCES, "denied"), 1, "internal error: PermissionError"),
        (
            PermissionError(errno.EACCES, "Permission denied", "a.json"),
            1,
            "a.json: Permission denied",
        ),
    ],
)
def test_every_exception_has_a_status_and_one_line(
    error: BaseException, status: int, said: str
) -> None:
    failed = to_failed(error)
    assert failed.status == status
    assert failed.found.startswith(said)
    assert "\n" not in failed.found + failed.expected + failed.do
