"""A workspace as one zip, with which another desk goes on."""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ..core.atomic import atomic_output, companions, part_folder, sweep
from ..core.disk import failures
from ..core.errors import InputError
from ..models.library import any_shipped
from ..raster.input_files import check_outputs
from ..raster.locations import is_remote
from .archive import extract
from .workspace import FILE, Scene, Workspace, as_json, open_workspace, place_of

SCENES = "scenes"
# what may be in one: nothing else is written to another desk
_PLAIN = {
    FILE,
    "labels.gpkg",
    "suggestions.gpkg",
    "disagreement.gpkg",
    "model.json",
    "history.jsonl",
}
_MODEL = re.compile(r"models/[\w.-]+/(card\.json|model\.safetensors)")
_SCENE = re.compile(r"scenes/[0-9]+/[^/]+")
_TABLES = ("labels.gpkg", "suggestions.gpkg", "disagreement.gpkg")
_WORLD = (".tfw", ".wld", ".jgw", ".pgw", ".prj")


def pack_workspace(
    workspace: Workspace, target: Path, scenes: bool = False, overwrite: bool = False
) -> list[str]:
    """Write a workspace as a zip: labels, the model of the moment, history, suggestions.

    Parameters
    ----------
    workspace
        May be labelled in and learned in meanwhile: of each file the state of one moment is taken.
    target
        The zip.
    scenes
        Whether its scenes go with it.
    overwrite
        Whether a file there may be replaced.

    Returns
    -------
    list of str
        The names of the scenes that are not in it.

    Raises
    ------
    InputError
        If a scene that is to go with it is missing, an address, or a product in a folder.
    OutputError
        If the file exists, or is a scene. RunError, if it cannot be written.
    """
    read = [file for scene in workspace.scenes for file in scene.files]
    check_outputs([str(target)], [*read, str(workspace.labels_path)], overwrite)
    if target.suffix.lower() != ".zip":
        raise InputError(f"--export {target}", "a name that ends in .zip")
    inside = [
        _inside(scene, number) if scenes else _named(scene, workspace.folder)
        for number, scene in enumerate(workspace.scenes, 1)
    ]
    start = workspace.start if workspace.start and any_shipped(workspace.start) else None
    told = replace(workspace, scenes=tuple(inside), start=start)
    model = workspace.current_model()
    with (
        atomic_output(target, replace=overwrite) as part,
        TemporaryDirectory(prefix="geoseg-") as folder,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.writestr(FILE, as_json(told))
        for name in _TABLES:
            if (workspace.folder / name).is_file():
                copy = Path(folder) / name
                _snapshot(workspace.folder / name, copy)
                archive.write(copy, name)
        if workspace.history_path.is_file():
            archive.write(workspace.history_path, workspace.history_path.name)
        if model is not None:
            archive.writestr("model.json", json.dumps({"model": f"models/{model.name}"}) + "\n")
            for file in ("card.json", "model.safetensors"):
                archive.write(model / file, f"models/{model.name}/{file}")
        if scenes:
            for number, scene in enumerate(workspace.scenes, 1):
                for path in _files(scene):
                    # rasters are packed already, or do not get much smaller
                    archive.write(path, f"{SCENES}/{number}/{path.name}", zipfile.ZIP_STORED)
    return [] if scenes else [scene.name for scene in workspace.scenes]


def unpack_workspace(source: Path, folder: Path) -> Workspace:
    """Make a workspace of a zip; it appears whole, or not at all.

    Parameters
    ----------
    source
        As `pack_workspace` writes it; from anybody.
    folder
        Must not be there, or be empty.

    Returns
    -------
    Workspace
        Its scenes need not be there.

    Raises
    ------
    InputError
        If it is no such zip, or anything in it is not what it should be.
    OutputError
        If something is in the folder. RunError, if it cannot be written.
    """
    place = place_of(folder)
    with failures(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    sweep(place.parent)  # what those left that were killed while they wrote
    with part_folder(place) as hidden:
        inner = hidden / "workspace"
        inner.mkdir()
        for name in extract(source, inner, _expected):
            if name.name in _TABLES:
                _check_table(inner / name, source)
        if not (inner / FILE).is_file():
            raise InputError(f"{source} holds no {FILE}", "what geoseg label --export wrote")
        found = open_workspace(inner, scenes=False)
        found.current_model()
        with failures(place):
            if place.is_dir():
                place.rmdir()
            inner.rename(place)
    return open_workspace(place, scenes=False)


def _expected(name: PurePosixPath) -> bool:
    text = str(name)
    return text in _PLAIN or bool(_MODEL.fullmatch(text) or _SCENE.fullmatch(text))


def _named(scene: Scene, folder: Path) -> Scene:
    """Return a scene without the path to it, unless it lies beside the workspace: where it is on
    this desk is nobody else's business.
    """
    files = [
        file if is_remote(file) or Path(file).is_relative_to(folder.parent) else Path(file).name
        for file in scene.files
    ]
    return Scene(scene.name, ";".join(files))


def _inside(scene: Scene, number: int) -> Scene:
    """Return a scene as it lies in the zip: relative to the workspace."""
    if scene.missing:
        raise InputError(f"the scene {scene.name} is missing: {', '.join(scene.missing)}")
    for file in scene.files:
        if is_remote(file) or not Path(file).is_file():
            raise InputError(
                f"the scene {scene.name} is {'an address' if is_remote(file) else 'a folder'}: "
                f"{file}",
                "files, for --with-scenes",
                "export without it, and say on the other desk where the scene lies",
            )
    names = [f"{SCENES}/{number}/{Path(file).name}" for file in scene.files]
    return Scene(scene.name, ";".join(names))


def _files(scene: Scene) -> Iterator[Path]:
    for text in scene.files:
        file = Path(text)
        yield file
        beside = [file.with_suffix(end) for end in _WORLD]
        for other in dict.fromkeys([*companions(file), *beside]):
            if other.is_file():
                yield other


def _snapshot(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever writes to it."""
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as one,
        closing(sqlite3.connect(target)) as two,
    ):
        one.backup(two)
        two.execute("PRAGMA journal_mode = DELETE")


def _check_table(path: Path, source: Path) -> None:
    """Refuse a database that is damaged, or does more than hold rows."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            (told,) = database.execute("PRAGMA quick_check(1)").fetchone()
            views = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'view'"
            ).fetchall()
    except sqlite3.Error as error:
        raise InputError(f"{source} holds a {path.name} that is damaged: {error}") from error
    if told != "ok" or views:
        raise InputError(
            f"{source} holds a {path.name} that "
            + (f"is damaged: {told}" if told != "ok" else f"has views: {views[0][0]!r}"),
            "a GeoPackage as geoseg label --export wrote it",
        )
