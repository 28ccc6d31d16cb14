"""Build the plugin's zip: `python qgis_plugin/build.py [--out FOLDER] [--without-engine]`.

The engine's wheel goes into it, so that “Set up the engine” installs the version that belongs to
the plugin; without it, geoseg of that version is taken from the package index.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLUGIN = HERE / "geoseg_qgis"
SHIPPED = {".py", ".json", ".txt", ".svg", ".qm", ".ts", ""}  # "" is LICENSE
PUBLIC = ("email", "homepage", "repository", "tracker")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same tree gives the same zip


def main() -> None:
    """Build the zip and say where it is."""
    parser = argparse.ArgumentParser(description="Build the zip of the QGIS plugin.")
    parser.add_argument(
        "--out", type=Path, default=Path("dist"), help="the folder of the zip (dist)"
    )
    parser.add_argument(
        "--without-engine", action="store_true", help="leave the engine's wheel out"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = None if options.without_engine else build_wheel(Path(folder))
        path = build(options.out, wheel)
    sys.stdout.write(f"{path} ({path.stat().st_size / 1e6:.1f} MB)\n")
    if lacking := unpublishable(metadata()):
        sys.stdout.write(
            f"fit for Install from ZIP; to publish it, metadata.txt needs {', '.join(lacking)} "
            "as well\n"
        )


def build(out: Path, wheel: Path | None = None) -> Path:
    """Write the zip into a folder and return its path; QGIS wants the plugin's folder at its
    top.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"geoseg_qgis-{version()}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files():
            _add(archive, file, f"{PLUGIN.name}/{file.relative_to(PLUGIN).as_posix()}")
        if wheel:
            _add(archive, wheel, f"{PLUGIN.name}/wheels/{wheel.name}")
    return path


def files() -> Iterator[Path]:
    """Yield what is shipped, in order."""
    for path in sorted(PLUGIN.rglob("*")):
        hidden = any(
            part.startswith(".") or part == "__pycache__" for part in path.relative_to(PLUGIN).parts
        )
        if path.is_file() and path.suffix in SHIPPED and not hidden:
            yield path


def metadata() -> Mapping[str, str]:
    """Return what QGIS reads of the plugin before it is loaded."""
    found = ConfigParser(interpolation=None)
    found.read(PLUGIN / "metadata.txt", encoding="utf-8")
    return found["general"]


def version() -> str:
    """Return the plugin's version."""
    return metadata()["version"]


def unpublishable(found: Mapping[str, str]) -> list[str]:
    """Return what QGIS's public repository asks for, and QGIS itself does not."""
    return [key for key in PUBLIC if not found.get(key)]


def build_wheel(folder: Path) -> Path:
    """Build the engine's wheel, whose version must be the plugin's."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(HERE.parent),
    ]
    subprocess.run(command, check=True)
    wheel = next(folder.glob("geoseg-*.whl"))
    if wheel.name.split("-")[1] != version():
        raise SystemExit(
            f"the engine is {wheel.name}, and the plugin's metadata.txt says {version()}: bring "
            "them together"
        )
    return wheel


def _add(archive: zipfile.ZipFile, file: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, file.read_bytes())


if __name__ == "__main__":
    main()
