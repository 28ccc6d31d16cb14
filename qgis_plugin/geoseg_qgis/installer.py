"""How the engine is set up: which commands, in which order: make an environment, install into
it, check it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
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
EXTRAS = "onnx,train"  # OpenVINO and networks of other programs; an encoder's weights to start from
LONG = 10.0  # times as much work as another step
ROOM = {
    "cpu": 3e9,
    "auto": 10e9,
    "": 3e9,
}  # bytes, by build: what is fetched lies there beside what is unpacked
UNREACHED = re.compile(
    r"connection|failed to (fetch|lookup|resolve)|sending request|name resolution"
    r"|timed? ?out|proxy|ssl|certificate",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wish:
    """What the user asks for: the build of torch, a folder of wheels (nothing is fetched then),
    an index, a Python.
    """

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


def plan(
    wish: Wish, folder: Path, environ: Mapping[str, str] | None = None
) -> tuple[list[Step], list[str]]:
    """Return the steps that make the engine in `folder`, and notes on what was chosen and why;
    or NoEngine.
    """
    environ = child_environment() if environ is None else environ
    wanted = goal(wish)
    backend, note = _backend(wish, environ)
    _check_room(folder, ROOM[backend])
    uv = "" if wish.python else _uv(environ)
    make, said = _make(uv, wish, folder, environ)
    python = str(python_in(folder))
    return [make, *_fetch(uv, wish, python, backend, wanted), _check(python)], [said, note]


def plan_update(old: Path, folder: Path, environ: Mapping[str, str] | None = None) -> list[Step]:
    """Return the steps that bring geoseg alone up to date in `folder`, a copy of the environment
    `old`.

    There are none where geoseg needs something else now, or where there is no means to install it.
    """
    environ = child_environment() if environ is None else environ
    wheel, python, uv = brought(), str(python_in(folder)), _uv(environ)
    has_pip = any((site / "pip").is_dir() for site in _sites(old))
    if (
        wheel is None
        or not needs(old)
        or needs(old) != needs_of_wheel(wheel)
        or not (uv or has_pip)
    ):
        return []
    tool = [uv, "pip", "install", "--python", python, "--reinstall"]
    if not uv:
        tool = [python, "-m", "pip", "install", "--force-reinstall"]
    title = tr("Install geoseg; all that it needs is there")
    return [Step(title, [*tool, "--no-deps", wheel.as_uri()]), _check(python)]


def copy(old: Path, folder: Path) -> None:
    """Copy an environment, by links to the same files where the disk has those: pip replaces,
    and never rewrites.
    """

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    shutil.copytree(
        old, folder, symlinks=True, copy_function=link, ignore=shutil.ignore_patterns(READY)
    )


def needs(environment: Path) -> frozenset[str]:
    """Return what the geoseg in an environment says it needs; empty where that cannot be told."""
    for site in _sites(environment):
        for metadata in site.glob("geoseg-*.dist-info/METADATA"):
            return _needs(metadata.read_text(encoding="utf-8"))
    return frozenset()


def needs_of_wheel(wheel: Path) -> frozenset[str]:
    """Return what the geoseg in a wheel says it needs."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return _needs(archive.read(name).decode("utf-8"))


def _needs(metadata: str) -> frozenset[str]:
    lines = ("Requires-Dist:", "Requires-Python:", "Provides-Extra:")
    return frozenset(line for line in metadata.splitlines() if line.startswith(lines))


def _sites(environment: Path) -> list[Path]:
    """Where an environment keeps its packages."""
    return [*environment.glob("lib/python*/site-packages"), *environment.glob("Lib/site-packages")]


def _check(python: str) -> Step:
    return Step(tr("Check it"), [python, "-m", "geoseg", "doctor"])


def _uv(environ: Mapping[str, str]) -> str:
    """Return uv, also from where its own installer puts it: a QGIS of the desktop often lacks
    that in its PATH.
    """
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    own = [str(Path(home) / part / "bin") for part in (".local", ".cargo")] if home else []
    return shutil.which("uv", path=os.pathsep.join([environ.get("PATH", ""), *own])) or ""


def _make(uv: str, wish: Wish, folder: Path, environ: Mapping[str, str]) -> tuple[Step, str]:
    title = tr("Make an environment of its own")
    versions = _versions(wish.wheels)
    if uv:
        which = [versions[0], "--offline"] if wish.wheels else [FOR_UV]
        return Step(title, [uv, "venv", "--python", *which, str(folder)]), tr(
            "Made with uv: {uv}"
        ).format(uv=uv)
    python = _checked(wish.python, environ) if wish.python else _system_python(environ, versions)
    return Step(title, [python, "-m", "venv", str(folder)]), tr(
        "Made with the Python {python}"
    ).format(python=python)


def _fetch(uv: str, wish: Wish, python: str, backend: str, wanted: str) -> list[Step]:
    """Install geoseg: pip from a folder of wheels or an index of one's own, else uv.

    uv knows torch's builds, and compares what it fetches from the public index with our hashes.
    """
    title = tr("Install geoseg and what it needs")
    own = bool(wish.wheels or wish.index)
    pins = [] if own else ["--constraint", str(HERE / "constraints.txt")]
    torch = ["--torch-backend", backend] if backend and not own else []
    build = [_own_build(backend)] if own and backend else []
    if own and not uv:
        options = _sources(wish, "--index-url", "--extra-index-url")
        return [Step(title, [python, "-m", "pip", "install", *options, *build, wanted], LONG)]
    options = [*_sources(wish, "--default-index", "--index"), *pins, *torch, *build]
    tool, first = [uv], []
    if not uv:
        tool = [python, "-m", "uv"]
        get = [
            python,
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--requirement",
            str(HERE / "uv.txt"),
        ]
        first = [Step(tr("Install uv, which finds the right build of torch"), get)]
    return [
        *first,
        Step(title, [*tool, "pip", "install", "--python", python, *options, wanted], LONG),
    ]


def _sources(wish: Wish, index: str, more: str) -> list[str]:
    if wish.wheels:
        return ["--no-index", "--find-links", wish.wheels]
    first, *others = wish.index.split() or [""]
    return [
        *([index, first] if first else []),
        *(part for other in others for part in (more, other)),
    ]


def _own_build(backend: str) -> str:
    """Torch's build by its own name: an index of one's own has no other way of telling them
    apart.
    """
    pins = (HERE / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(r"^torch==(\S+)", pins, re.MULTILINE)
    return f"torch=={found[1]}+{backend}" if found else "torch"


def brought() -> Path | None:
    """Return geoseg's own wheel, where the plugin's zip has it."""
    found = sorted((HERE / "wheels").glob(f"geoseg-{plugin_version()}-*.whl"))
    return found[-1] if found else None


def goal(wish: Wish) -> str:
    """Return what is installed: the plugin's own wheel, or what the user's own wheels or index
    have; or NoEngine.

    The public index is never asked for geoseg: the name there may be anybody's.
    """
    wheel = brought()
    if wheel is not None:
        return f"geoseg[{EXTRAS}] @ {wheel.as_uri()}"
    if wish.wheels or wish.index:
        return f"geoseg[{EXTRAS}]=={plugin_version()}"
    raise NoEngine(
        tr(
            "This copy of the plugin came without the engine, and a public package index is not "
            "asked for it: its name "
            "there may be anybody's. Install the plugin from the zip that has the engine in it, "
            "or name a folder of "
            "wheels or an index of your own that has geoseg {version}."
        ).format(version=plugin_version())
    )


def _versions(wheels: str) -> list[str]:
    """Return the versions of Python to look for: those that a folder of wheels was filled for,
    if there is one.
    """
    tags = (
        [re.search(r"-cp3(\d+)-cp3\1-", wheel.name) for wheel in Path(wheels).glob("*.whl")]
        if wheels
        else []
    )
    counts = Counter(f"3.{tag[1]}" for tag in tags if tag)
    return [version for version, _ in counts.most_common()] or list(PREFERRED)


def _check_room(folder: Path, needed: float) -> None:
    """Say it now where the disk is too small, rather than after minutes in pip's words."""
    place = next(parent for parent in folder.parents if parent.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise NoEngine(
            tr(
                "The engine needs about {needed:.0f} GB in {folder}, and {free:.1f} GB are free "
                "there. Make room, or "
                "choose another folder with the environment variable {variable}."
            ).format(needed=needed / 1e9, folder=folder, free=free / 1e9, variable=data_variable())
        )


def _backend(wish: Wish, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return uv's name for the build of torch, empty where the source of the wheels decides; and
    why.
    """
    if wish.wheels or wish.index:
        return _own_backend(wish)
    if sys.platform == "darwin":
        return "", tr("On macOS there is one build of torch.")
    if wish.build == "cpu":
        return "cpu", tr("Torch for the processor, as asked.")
    if wish.build == "cuda":
        return "auto", tr("Torch for CUDA, as asked, in the version that fits the driver.")
    if shutil.which("nvidia-smi", path=environ.get("PATH")):
        return "auto", tr(
            "Torch for CUDA, because this computer has an NVIDIA driver (about 3 GB)."
        )
    return "cpu", tr(
        "Torch for the processor, because this computer has no NVIDIA driver (about 200 MB)."
    )


def _own_backend(wish: Wish) -> tuple[str, str]:
    """What a folder of wheels or an index of one's own gives, or is asked to give."""
    if wish.wheels:
        return "", tr("The build of torch is the one in {source}.").format(source=wish.wheels)
    if wish.build == "cpu" and sys.platform == "linux":
        note = tr(
            "Torch for the processor, as asked: {source} must have it (a version that ends in "
            "+cpu; a second "
            "index may follow after a space)."
        )
        return "cpu", note.format(source=wish.index)
    note = tr(
        "The build of torch is the one that {source} gives: on Linux mostly the one for CUDA "
        "(about 6 GB). For "
        "the small one choose the processor."
    )
    return "", note.format(source=wish.index)


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
        tr(
            "Neither uv nor a Python of {least} or newer with the modules venv and ensurepip "
            "was found; looked at "
            "{places}. Install uv (docs.astral.sh/uv) or Python (python.org; on Debian and "
            "Ubuntu: apt install "
            "python3-venv), start QGIS again, and repeat."
        ).format(least=".".join(map(str, LEAST)), places=", ".join(places))
    )


def _checked(python: str, environ: Mapping[str, str]) -> str:
    """Return the Python that the user named, or say that it will not do."""
    if _is_new_enough(python, environ):
        return python
    raise NoEngine(
        tr("{python} is no Python of {least} or newer with the modules venv and ensurepip.").format(
            python=python, least=".".join(map(str, LEAST))
        )
    )


def _is_new_enough(python: str, environ: Mapping[str, str]) -> bool:
    # Debian keeps ensurepip, without which venv fails, in a package of its own
    code = (
        f"import sys, venv, ensurepip; sys.exit(sys.version_info < {LEAST} or "
        "sys.version_info >= (3, 15))"
    )
    try:
        return (
            subprocess.run(
                [python, "-c", code],
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=30,
                check=False,
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def advice(problem: str) -> str:
    """Return what to do about what pip or uv said, where that is known; else nothing."""
    if re.search(r"no space left|errno 28|disk full", problem, re.IGNORECASE):
        return tr("The disk is full: make room, and repeat.")
    if "SOCKS support" in problem:
        return tr(
            "pip cannot use a SOCKS proxy: install uv, which can (docs.astral.sh/uv), start "
            "QGIS again, "
            "and repeat."
        )
    if UNREACHED.search(problem):
        return tr(
            "The package index could not be reached: look at the network, at QGIS's proxy "
            "(Settings > Options > "
            "Network) and at the address of the index; or take a folder of wheels."
        )
    if "No matching distribution" in problem or "No solution found" in problem:
        return tr(
            "Something that geoseg needs is not there for this Python and system: fill the "
            "folder of wheels "
            "again, with the command in the help, or look whether the index has it."
        )
    if re.search(r"hash mismatch|do not match the hashes", problem, re.IGNORECASE):
        return tr(
            "What the package index gave is not what this plugin was tested with, and was not "
            "installed: repeat, "
            "and ask who runs the network or the index if it stays so."
        )
    return ""


def scratch(folder: Path) -> Path:
    """Return where pip and uv unpack: beside the environment, for /tmp may be small and is not
    cleared on a cancel.
    """
    return folder.with_name(f"{folder.name}.part")


def finish(folder: Path, steps: Sequence[Step]) -> None:
    """Mark the environment as whole: from now on it is the engine; then remove the others."""
    text = {
        "version": plugin_version(),
        "steps": [[*map(without_secrets, step.command)] for step in steps],
    }
    (folder / READY).write_text(json.dumps(text, indent=1), encoding="utf-8")
    shutil.rmtree(scratch(folder), ignore_errors=True)
    for other in folder.parent.glob("engine-*"):
        if other != folder:
            remove(other)


def made_version(environment: Path) -> str:
    """Return the version of the plugin that made an environment."""
    return str(json.loads((environment / READY).read_text(encoding="utf-8")).get("version", ""))


def remove(folder: Path) -> None:
    """Remove an environment; what cannot be removed is no engine any more, for the mark goes
    first.
    """
    (folder / READY).unlink(missing_ok=True)
    for part in (scratch(folder), folder):
        shutil.rmtree(part, ignore_errors=True)
