"""How the engine is set up: which commands, in which order: make an environment, install into it, check it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .engine import HERE, READY, NoEngine, data_variable, plugin_version, python_in
from .environment import child_environment, without_secrets
from .text import tr

LEAST = (3, 11)  # the engine's oldest Python
PREFERRED = ("3.12", "3.13", "3.11")
FOR_UV = ">=3.11,<3.14"  # uv takes one that is there, and fetches one where the computer has none
BUILDS = ("auto", "cpu", "cuda")
EXTRAS = "openvino,train"  # twice as fast on processors; starting a model from an encoder's weights
LONG = 10.0  # times as much work as another step
ROOM = {"cpu": 3e9, "auto": 10e9, "": 3e9}  # bytes, by build: what is fetched lies there beside what is unpacked
UNREACHED = re.compile(
    r"connection|failed to (fetch|lookup|resolve)|sending request|name resolution|timed? ?out|proxy|ssl|certificate",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wish:
    """What the user asks for: the build of torch, a folder of wheels (nothing is fetched then), an index, a Python."""

    build: str = "auto"
    wheels: str = ""
    index: str = ""
    python: str = ""


@dataclass(frozen=True)
class Step:
    """One command, what it is for, and how much of the work it is."""

    title: str
    command: list[str]
    weight: float = 1.0


def plan(wish: Wish, folder: Path, environ: Mapping[str, str] | None = None) -> tuple[list[Step], list[str]]:
    """Return the steps that make the engine in `folder`, and notes on what was chosen and why; or NoEngine."""
    environ = child_environment() if environ is None else environ
    backend, note = _backend(wish, environ)
    _check_room(folder, ROOM[backend])
    uv = "" if wish.python else _uv(environ)
    make, said = _make(uv, wish, folder, environ)
    python = str(python_in(folder))
    steps = [make, *_fetch(uv, wish, python, backend)]
    return [*steps, Step(tr("Check it"), [python, "-m", "geoseg", "doctor"])], [said, note]


def _uv(environ: Mapping[str, str]) -> str:
    """Return uv, also from where its own installer puts it: a QGIS of the desktop often lacks that in its PATH."""
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    own = [str(Path(home) / part / "bin") for part in (".local", ".cargo")] if home else []
    return shutil.which("uv", path=os.pathsep.join([environ.get("PATH", ""), *own])) or ""


def _make(uv: str, wish: Wish, folder: Path, environ: Mapping[str, str]) -> tuple[Step, str]:
    title = tr("Make an environment of its own")
    versions = _versions(wish.wheels)
    if uv:
        which = [versions[0], "--offline"] if wish.wheels else [FOR_UV]
        return Step(title, [uv, "venv", "--python", *which, str(folder)]), tr("Made with uv: {uv}").format(uv=uv)
    python = _checked(wish.python, environ) if wish.python else _system_python(environ, versions)
    return Step(title, [python, "-m", "venv", str(folder)]), tr("Made with the Python {python}").format(python=python)


def _fetch(uv: str, wish: Wish, python: str, backend: str) -> list[Step]:
    """Install geoseg: pip from a folder of wheels or an index of one's own, else uv, which knows torch's builds."""
    install, wanted = tr("Install geoseg and what it needs"), goal()
    if uv:
        sources = _sources(wish, "--default-index")
        return [Step(install, [uv, "pip", "install", "--python", python, *sources, *_torch(backend), wanted], LONG)]
    if not backend:
        return [Step(install, [python, "-m", "pip", "install", *_sources(wish, "--index-url"), wanted], LONG)]
    first = Step(tr("Install uv, which finds the right build of torch"), [python, "-m", "pip", "install", "uv"])
    return [
        first,
        Step(install, [python, "-m", "uv", "pip", "install", "--python", python, *_torch(backend), wanted], LONG),
    ]


def _sources(wish: Wish, index: str) -> list[str]:
    if wish.wheels:
        return ["--no-index", "--find-links", wish.wheels]
    return [index, wish.index] if wish.index else []


def _torch(backend: str) -> list[str]:
    return ["--torch-backend", backend] if backend else []


def goal() -> str:
    """Return what is installed: geoseg's own wheel where the plugin brought one, for then the versions agree."""
    brought = sorted((HERE / "wheels").glob(f"geoseg-{plugin_version()}-*.whl"))
    wanted = f" @ {brought[-1].as_uri()}" if brought else f"=={plugin_version()}"
    return f"geoseg[{EXTRAS}]{wanted}"


def _versions(wheels: str) -> list[str]:
    """Return the versions of Python to look for: those that a folder of wheels was filled for, if there is one."""
    tags = [re.search(r"-cp3(\d+)-cp3\1-", wheel.name) for wheel in Path(wheels).glob("*.whl")] if wheels else []
    counts = Counter(f"3.{tag[1]}" for tag in tags if tag)
    return [version for version, _ in counts.most_common()] or list(PREFERRED)


def _check_room(folder: Path, needed: float) -> None:
    """Say it now where the disk is too small, rather than after minutes in pip's words."""
    place = next(parent for parent in folder.parents if parent.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise NoEngine(
            tr("The engine needs about {needed:.0f} GB in {folder}, and {free:.1f} GB are free there. Make room, or "
               "choose another folder with the environment variable {variable}.").format(
                needed=needed / 1e9, folder=folder, free=free / 1e9, variable=data_variable())
        )  # fmt: skip


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


def _system_python(environ: Mapping[str, str], versions: Sequence[str]) -> str:
    """Return a Python that is new enough; never sys.executable, which is QGIS itself on macOS."""
    names = [*(f"python{version}" for version in versions), "python3", "python"]
    places = [shutil.which(name, path=environ.get("PATH")) for name in names]
    bundled = Path(sys.exec_prefix) / ("python.exe" if os.name == "nt" else "bin/python3")
    found = [*filter(None, places), str(bundled)]
    places = list(dict.fromkeys(found))
    for python in places:
        if _is_new_enough(python, environ):
            return python
    raise NoEngine(
        tr("Neither uv nor a Python of {least} or newer with the modules venv and ensurepip was found; looked at "
           "{places}. Install uv (docs.astral.sh/uv) or Python (python.org; on Debian and Ubuntu: apt install "
           "python3-venv), start QGIS again, and repeat.").format(
            least=".".join(map(str, LEAST)), places=", ".join(places))
    )  # fmt: skip


def _checked(python: str, environ: Mapping[str, str]) -> str:
    """Return the Python that the user named, or say that it will not do."""
    if _is_new_enough(python, environ):
        return python
    raise NoEngine(
        tr("{python} is no Python of {least} or newer with the modules venv and ensurepip.").format(
            python=python, least=".".join(map(str, LEAST)))
    )  # fmt: skip


def _is_new_enough(python: str, environ: Mapping[str, str]) -> bool:
    # Debian keeps ensurepip, without which venv fails, in a package of its own
    code = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {LEAST} or sys.version_info >= (3, 15))"
    try:
        return subprocess.run([python, "-c", code], env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=30, check=False).returncode == 0  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False


def advice(problem: str) -> str:
    """Return what to do about what pip or uv said, where that is known; else nothing."""
    if re.search(r"no space left|errno 28|disk full", problem, re.IGNORECASE):
        return tr("The disk is full: make room, and repeat.")
    if "SOCKS support" in problem:
        return tr("pip cannot use a SOCKS proxy: install uv, which can (docs.astral.sh/uv), start QGIS again, "
                  "and repeat.")  # fmt: skip
    if UNREACHED.search(problem):
        return tr("The package index could not be reached: look at the network, at QGIS's proxy (Settings > Options > "
                  "Network) and at the address of the index; or take a folder of wheels.")  # fmt: skip
    if "No matching distribution" in problem or "No solution found" in problem:
        return tr("Something that geoseg needs is not there for this Python and system: fill the folder of wheels "
                  "again, with the command in the help, or look whether the index has it.")  # fmt: skip
    return ""


def scratch(folder: Path) -> Path:
    """Return where pip and uv unpack: beside the environment, for /tmp may be small and is not cleared on a cancel."""
    return folder.with_name(f"{folder.name}.part")


def finish(folder: Path, steps: Sequence[Step]) -> None:
    """Mark the environment as whole, and remove those of other versions and those that were left half made."""
    text = {"version": plugin_version(), "steps": [[*map(without_secrets, step.command)] for step in steps]}
    (folder / READY).write_text(json.dumps(text, indent=1), encoding="utf-8")
    for other in folder.parent.glob("engine-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def remove(folder: Path) -> None:
    """Remove an environment; what cannot be removed is no engine any more, for the mark goes first."""
    (folder / READY).unlink(missing_ok=True)
    for part in (scratch(folder), folder):
        shutil.rmtree(part, ignore_errors=True)
