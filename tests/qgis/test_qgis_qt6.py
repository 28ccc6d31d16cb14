"""The plugin's modules under Qt 6, whose Python names enumerations in full only; see qt6.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from geoseg_qgis import engine

OLD = [
    "from qgis.PyQt.QtCore import Qt\nSIDE = Qt.AlignLeft\n",
    "from qgis.PyQt.QtCore import Qt\ndef late():\n    return Qt.AlignLeft\n",
    "from qgis.PyQt.QtCore import QVariant\ndef late():\n    return QVariant.Int\n",
    "from qgis.PyQt.QtWidgets import QAction\n",
    "def late(dialog):\n    return dialog.exec_()\n",
]


def as_qt6(plugin: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(Path(__file__).with_name("qt6.py")), str(plugin)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_every_module_is_imported() -> None:
    done = as_qt6(engine.HERE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [path.name for path in sorted(engine.HERE.rglob("*.py"))]


@pytest.mark.parametrize("code", OLD)
def test_what_qt6_dropped_is_found(code: str, tmp_path: Path) -> None:
    (tmp_path / "plugin").mkdir()
    (tmp_path / "plugin" / "old.py").write_text(code)
    done = as_qt6(tmp_path / "plugin")
    assert done.returncode != 0
    assert "AttributeError" in done.stderr or "ImportError" in done.stderr
