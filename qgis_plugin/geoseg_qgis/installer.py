"""How the engine is set up: which commands, in which order: make an environment, install into it, check it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .engine import HERE, READY, NoEngine, plugin_version, python_in
from .environment import child_environment
from .text import tr

LEAST = (3, 11)  # the engine's oldest Python
PREFERRED = "3.12"  # what uv is asked for; it fetches one where the computer has none
BUILDS = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Wish:
    """What the user asks for: the build of torch, a folder of wheels (nothing is fetched then), an index, a Python."""

    build: str = "auto"
    wheels: str = ""
    index: str = ""
    python: str = ""


@dataclass(frozen=True)
class Step:
    """One command, and what it is for."""

    title: str
    command: list[str]


def plan(wish: Wish, folder: Path, environ: Mapping[str, str] | None = None) -> tuple[list[Step], list[str]]:
    """Return the steps that make the engine in `folder`, and notes on what was chosen and why; or NoEngine."""
    environ = child_environment() if environ is None else environ
    backend, note = _backend(wish, environ)
    uv = "" if wish.python else shutil.which("uv", path=environ.get("PATH")) or ""
    make, said = _make(uv, wish, folder, environ)
    python = str(python_in(folder))
    steps = [make, *_fetch(uv, wish, python, backend)]
    return [*steps, Step(tr("Check it"), [python, "-m", "geoseg", "doctor"])], [said, note]


def _make(uv: str, wish: Wish, folder: Path, environ: Mapping[str, str]) -> tuple[Step, str]:
    title = tr("Make an environment of its own")
    if uv:
        which = [f">={LEAST[0]}.{LEAST[1]}", "--offline"] if wish.wheels else [PREFERRED]
        return Step(title, [uv, "venv", "--python", *which, str(folder)]), tr("Made with uv: {uv}").format(uv=uv)
    python = wish.python or _system_python(environ)
    return Step(title, [python, "-m", "venv", str(folder)]), tr("Made with the Python {python}").format(python=python)


def _fetch(uv: str, wish: Wish, python: str, backend: str) -> list[Step]:
    """Install geoseg: pip from a folder of wheels or an index of one's own, else uv, which knows torch's builds."""
    install, goal = tr("Install geoseg and what it needs"), _goal(wish)
    if uv:
        sources = _sources(wish, "--default-index")
        return [Step(install, [uv, "pip", "install", "--python", python, *sources, *_torch(backend), goal])]
    if not backend:
        return [Step(install, [python, "-m", "pip", "install", *_sources(wish, "--index-url"), goal])]
    first = Step(tr("Install uv, which finds the right build of torch"), [python, "-m", "pip", "install", "uv"])
    return [first, Step(install, [python, "-m", "uv", "pip", "install", "--python", python, *_torch(backend), goal])]


def _sources(wish: Wish, index: str) -> list[str]:
    if wish.wheels:
        return ["--no-index", "--find-links", wish.wheels]
    return [index, wish.index] if wish.index else []


def _torch(backend: str) -> list[str]:
    return ["--torch-backend", backend] if backend else []


def _goal(wish: Wish) -> str:
    """Return what is installed: geoseg's own wheel where the plugin brought one, for then the versions agree."""
    brought = sorted((HERE / "wheels").glob(f"geoseg-{plugin_version()}-*.whl"))
    return str(brought[-1]) if brought and not wish.wheels else f"geoseg=={plugin_version()}"


def _backend(wish: Wish, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return uv's name for the build of torch, empty where the source of the wheels decides; and why."""
    if wish.wheels or wish.index:
        return "", tr("The build of torch is the one in {source}.").format(source=wish.wheels or wish.index)
    if sys.platform == "darwin":
        return "", tr("On macOS there is one build of torch.")
    if wish.build == "cpu":
        return "cpu", tr("Torch for the processor, as asked.")
    if wish.build == "cuda":
        return "auto", tr("Torch for CUDA, as asked, in the version that fits the driver.")
    if shutil.which("nvidia-smi", path=environ.get("PATH")):
        return "auto", tr("Torch for CUDA, because this computer has an NVIDIA driver (about 3 GB).")
    return "cpu", tr("Torch for the processor, because this computer has no NVIDIA driver (about 200 MB).")


def _system_python(environ: Mapping[str, str]) -> str:
    """Return a Python that is new enough; never sys.executable, which is QGIS itself on macOS."""
    names = [f"python3.{minor}" for minor in (12, 13, 11)] + ["python3", "python"]
    places = [shutil.which(name, path=environ.get("PATH")) for name in names]
    bundled = Path(sys.exec_prefix) / ("python.exe" if os.name == "nt" else "bin/python3")
    found = [*filter(None, places), str(bundled)]
    for python in dict.fromkeys(found):
        if _is_new_enough(python, environ):
            return python
    raise NoEngine(
        tr("Neither uv nor a Python of {least} or newer with the module venv was found. Install uv "
           "(docs.astral.sh/uv) or Python (python.org), start QGIS again, and repeat.").format(
            least=".".join(map(str, LEAST)))
    )  # fmt: skip


def _is_new_enough(python: str, environ: Mapping[str, str]) -> bool:
    # Debian keeps ensurepip, without which venv fails, in a package of its own
    code = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {LEAST} or sys.version_info >= (3, 15))"
    try:
        return subprocess.run([python, "-c", code], env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=30, check=False).returncode == 0  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False


def finish(folder: Path, steps: Sequence[Step]) -> None:
    """Mark the environment as whole, and remove those of other versions and those that were left half made."""
    text = {"version": plugin_version(), "steps": [step.command for step in steps]}
    (folder / READY).write_text(json.dumps(text, indent=1), encoding="utf-8")
    for other in folder.parent.glob("engine-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def remove(folder: Path) -> None:
    """Remove an environment; what cannot be removed is no engine any more, for the mark goes first."""
    (folder / READY).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
