"""The command line as a process of its own, as users and QGIS start it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# for runs with a limit on files: Python would keep half of a module that it compiles, and whoever
# imports it next would fail
NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}


def environment() -> dict[str, str]:
    """The caller's, with this tree's geoseg before any other, and one thread: the scenes are
    small.
    """
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "geoseg", *map(str, arguments)]


def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run geoseg with the arguments and wait for it."""
    usual = {
        "capture_output": True,
        "text": True,
        "stdin": subprocess.DEVNULL,
        "timeout": 300,
        "env": environment(),
    }
    return subprocess.run(command(*arguments), check=False, **(usual | options))


def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    """Start geoseg with the arguments; its streams are pipes, and the caller's to close."""
    pipes = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": environment(),
    }
    return subprocess.Popen(command(*arguments), **(pipes | options))


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]
