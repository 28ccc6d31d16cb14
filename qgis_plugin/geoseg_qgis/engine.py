"""The engine: the Python that geoseg is installed in. Where it is, what version, and whether
that fits.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from configparser import ConfigParser
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from . import busy
from .environment import child_environment
from .text import tr

HERE = Path(__file__).parent
READY = "ready.txt"  # written last: an environment without it is half made
VARIABLE = "GEOSEG_PYTHON"
FROM_SOURCE = "0+source"  # the version of a tree that is not installed


class NoEngine(Exception):  # noqa: N818 - it says what is the matter
    """There is no engine that could be run; the message says why, and what to do."""


@dataclass(frozen=True)
class Engine:
    """A Python with geoseg, and where its path comes from."""

    python: str
    origin: str

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs geoseg with these arguments."""
        return [self.python, "-m", "geoseg", *arguments]


def find(setting: str = "", environ: Mapping[str, str] | None = None) -> Engine:
    """Return the engine of the plugin's setting, else of GEOSEG_PYTHON, else the one that was set
    up; or NoEngine.

    A place that is named and wrong is an error: another engine in its stead would surprise.
    """
    environ = os.environ if environ is None else environ
    named = ((setting, tr("the plugin's setting")), (environ.get(VARIABLE, ""), VARIABLE))
    for place, origin in named:
        if place.strip():
            return Engine(_named_python(place.strip(), origin), origin)
    for folder in environments(environ):
        return Engine(str(python_in(folder)), tr("set up by the plugin"))
    raise NoEngine(not_there(environ))


def not_there(environ: Mapping[str, str]) -> str:
    """Return in words that there is no engine, or how far its set-up is."""
    done = busy.percent(lock_file(environ))
    if done is not None:
        return tr("The geoseg engine is being set up, {percent} %: wait until it is ready.").format(
            percent=done
        )
    return tr(
        "The geoseg engine is not set up yet: run “Set up the engine” in the Processing Toolbox."
    )


def _named_python(place: str, origin: str) -> str:
    path = Path(place).expanduser()
    python = python_in(path) if path.is_dir() else path
    if not python.is_file():
        raise NoEngine(
            tr("There is no Python at {place}, which {origin} names.").format(
                place=place, origin=origin
            )
        )
    return str(python)


def python_in(environment: Path) -> Path:
    """Return where a virtual environment keeps its Python."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def data_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return geoseg's folder among this user's program data; never the plugin's own, which an
    update replaces.
    """
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "geoseg"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "geoseg"
    return Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "geoseg"


def data_variable(platform: str = sys.platform) -> str:
    """Return the name of the environment variable that moves that folder."""
    return {"win32": "LOCALAPPDATA", "darwin": "HOME"}.get(platform, "XDG_DATA_HOME")


def environments(environ: Mapping[str, str]) -> list[Path]:
    """Return the whole environments that “Set up the engine” made, the latest first."""
    found = [
        mark
        for mark in data_folder(environ).glob(f"engine-*/{READY}")
        if python_in(mark.parent).is_file()
    ]
    return [
        mark.parent
        for mark in sorted(found, key=lambda mark: mark.stat().st_mtime_ns, reverse=True)
    ]


def new_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return where an environment can be made, beside those that are there."""
    place = data_folder(os.environ if environ is None else environ)
    names = (f"engine-{plugin_version()}{f'-{i}' if i > 1 else ''}" for i in range(1, 10_000))
    return next(place / name for name in names if not (place / name / READY).exists())


def lock_file(environ: Mapping[str, str] | None = None) -> Path:
    """Return the file that a set-up holds while it works."""
    return data_folder(os.environ if environ is None else environ) / "set_up.lock"


@lru_cache(maxsize=1)
def plugin_version() -> str:
    """Return the version in the plugin's metadata."""
    metadata = ConfigParser(interpolation=None)
    metadata.read(HERE / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


@lru_cache(maxsize=8)
def version(engine: Engine) -> str:
    """Return the version of geoseg in the engine; NoEngine where it has none, or does not run."""
    done = ask(engine, "--version")
    match = re.fullmatch(r"geoseg, version (\S+)", done.stdout.strip())
    if done.returncode or not match:
        last = (done.stderr.strip() or done.stdout.strip() or str(done.returncode)).splitlines()[-1]
        raise NoEngine(
            tr("The Python at {python} ({origin}) does not run geoseg: {error}").format(
                python=engine.python, origin=engine.origin, error=last
            )
        )
    return match[1]


def ask(engine: Engine, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a short command of geoseg and return what it printed."""
    quiet = {"creationflags": subprocess.CREATE_NO_WINDOW} if os.name == "nt" else {}
    try:
        return subprocess.run(
            engine.command(*arguments),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            **quiet,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoEngine(
            tr("{python} cannot be run: {error}").format(python=engine.python, error=error)
        ) from error


def mismatch(found: str, wanted: str | None = None) -> str:
    """Return what is wrong with an engine of this version, empty where it fits: the first two
    numbers must agree.
    """
    wanted = wanted or plugin_version()
    if found == FROM_SOURCE or found.split(".")[:2] == wanted.split(".")[:2]:
        return ""
    return tr(
        "The engine is geoseg {found}, and this plugin needs {wanted}: run “Set up the engine” "
        "again, "
        "or update the plugin."
    ).format(found=found, wanted=wanted)


def ready(setting: str = "") -> Engine:
    """Return an engine that runs and fits the plugin; NoEngine, with what to do, where there is
    none.
    """
    engine = find(setting)
    problem = mismatch(version(engine))
    if problem:
        raise NoEngine(problem)
    return engine
