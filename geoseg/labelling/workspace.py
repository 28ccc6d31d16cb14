"""A workspace is a folder: scenes, classes, sparse labels, the model of the moment, its history.

Nothing of it is held in memory. What it consists of, each file whole or not there:

- `workspace.json`: ``{"geoseg_workspace": 1, "scenes": [path...], "classes": [{"value", "name",
  "colour"}...], "start": model | null}``. A scene's path is relative to the folder where the scene
  lies in it or beside it; the files of one scene are parted by ";". Its name is its stem, or the
  product's.
- `labels.gpkg`, layer `labels`: shapes of any kind with the columns of `COLUMNS`. QGIS and others
  write it meanwhile; a time that they leave out is filled in by the file itself.
- `suggestions.gpkg`, layer `suggestions`: where to label next; replaced as a whole.
- `models/round-0001`...: models; `model.json` ``{"model": "models/round-0007"}`` names the one of
  the moment.
- `history.jsonl`: a line for each round; a last one that is torn says nothing.

All else in the folder (caches, locks) may be removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.atomic import atomic_output, part_folder, real_path, sweep
from ..core.card import NODATA, Label
from ..core.disk import failures
from ..core.errors import InputError, OutputError
from ..core.files import check_regular
from ..core.grid import Grid
from ..models import find_model
from ..raster.locations import is_remote
from ..scene.describe import describe
from ..scene.products import is_delivery, product_name

if TYPE_CHECKING:
    import geopandas as gpd

VERSION = 1
MARK = "geoseg_workspace"
FILE = "workspace.json"
LARGEST = 16 << 20  # bytes of workspace.json, model.json
SUGGESTIONS = "suggestions"  # the layer
NOTHING = "none"  # as a start: random weights


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene of a workspace."""

    name: str
    """Its stem, or the name of the product: unlike any other scene's."""
    path: str
    """Absolute, or an address; several files are parted by ";"."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the scene, one or more: bands count through them in order."""
        return (self.path,) if Path(self.path).exists() else tuple(self.path.split(";"))

    @property
    def missing(self) -> tuple[str, ...]:
        """Those of its local files that are not there."""
        return tuple(file for file in self.files if not (is_remote(file) or Path(file).exists()))

    def grid(self) -> Grid:
        """Return the grid of its finest band, from its header.

        Returns
        -------
        Grid
            As the files have it.

        Raises
        ------
        InputError
            If it cannot be opened.
        """
        return describe(self.files).grid


@dataclass(frozen=True, slots=True)
class Workspace:
    """What `workspace.json` says, and where the rest lies."""

    folder: Path
    """Absolute."""
    scenes: tuple[Scene, ...]
    """One or more."""
    classes: tuple[Label, ...]
    """One or more, of values 0 to 254; their places here are the indices that a network learns."""
    start: str | None = None
    """The model to start from, by name or path; NOTHING for none; None leaves the choice open."""

    def __post_init__(self) -> None:
        if not self.scenes:
            raise InputError("a workspace without a scene", "one or more")
        if not self.classes:
            raise InputError("a workspace without a class", "one or more")
        _check_once(
            "scenes have the name",
            [scene.name for scene in self.scenes],
            "rename one of the files, or link to it under another name",
        )
        _check_once("classes have the name", [label.name for label in self.classes])
        _check_once("classes have the value", [str(label.value) for label in self.classes])
        for label in self.classes:
            if not 0 <= label.value < NODATA:
                raise InputError(
                    f"the class {label.name!r} has the value {label.value}", f"0 to {NODATA - 1}"
                )

    @property
    def labels_path(self) -> Path:
        """The GeoPackage of the labels."""
        return self.folder / "labels.gpkg"

    @property
    def suggestions_path(self) -> Path:
        """The GeoPackage of the suggestions, which need not be there."""
        return self.folder / "suggestions.gpkg"

    @property
    def models_path(self) -> Path:
        """The folder of the rounds' models, which need not be there."""
        return self.folder / "models"

    @property
    def history_path(self) -> Path:
        """The lines of the rounds, which need not be there."""
        return self.folder / "history.jsonl"

    def scene(self, name: str) -> Scene:
        """Return a scene by its name.

        Parameters
        ----------
        name
            As in the column `scene` of the labels.

        Returns
        -------
        Scene
            That one.

        Raises
        ------
        InputError
            If there is none.
        """
        for scene in self.scenes:
            if scene.name == name:
                return scene
        known = ", ".join(scene.name for scene in self.scenes)
        raise InputError(f"{self.folder} has no scene {name!r}", f"one of {known}")

    def history(self) -> list[dict[str, Any]]:
        """Return what was told of the rounds by now.

        Returns
        -------
        list of dict
            In order; empty before the first one. A line that is torn is left out.

        Raises
        ------
        InputError
            If the file is there and cannot be read.
        """
        check_regular(self.history_path)
        try:
            lines = self.history_path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f"{self.history_path} cannot be read: {error.strerror}") from error
        rounds = []
        for line in lines:
            try:
                told = json.loads(line)
            except (ValueError, RecursionError):
                continue  # a process was killed while it wrote
            if isinstance(told, dict):
                rounds.append(told)
        return rounds

    def current_model(self) -> Path | None:
        """Return the model of the moment.

        Returns
        -------
        Path or None
            A folder as `geoseg predict --model` takes it; None before the first round.

        Raises
        ------
        InputError
            If `model.json` is no such file, or names what is no folder of a round.
        """
        path = self.folder / "model.json"
        if not path.exists():
            return None
        named = _read_json(path).get("model")
        model = self.folder / str(named)
        inside = isinstance(named, str) and real_path(model).parent == real_path(self.models_path)
        if not (inside and (model / "card.json").is_file()):
            raise InputError(
                f"{path} names {named!r}",
                "the folder of a model in models/",
                "remove the file: the next `geoseg learn` writes it anew",
            )
        return model


def create_workspace(
    folder: str | os.PathLike[str],
    scenes: Sequence[str | os.PathLike[str]],
    classes: Sequence[Label],
    start: str | None = None,
) -> Workspace:
    """Make a workspace: the folder appears with all that it needs, or not at all.

    Parameters
    ----------
    folder
        Must not be there, or be empty.
    scenes
        Paths, addresses or products; the files of one scene parted by ";". Each is opened.
    classes
        As on a model's card; values 0 to 254.
    start
        The model to start from; NOTHING for none, and None leaves the choice open.

    Returns
    -------
    Workspace
        With no labels yet, in the CRS of the first scene.

    Raises
    ------
    InputError
        If a scene or the model cannot be opened, or names or values occur twice.
    OutputError
        If something is in the folder. RunError, if it cannot be written.
    """
    from .labels import create_labels

    place = place_of(folder)
    if start is not None and start != NOTHING:
        find_model(start)
        if Path(start).exists():
            start = os.path.abspath(start)  # noqa: PTH100 - links are kept
    found = tuple(make_scene(os.fspath(scene), Path.cwd()) for scene in scenes)
    made = Workspace(place, found, tuple(classes), start)
    _check_scenes(made)
    grids = [scene.grid() for scene in made.scenes]
    with failures(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        sweep(place.parent)  # what those left that were killed while they wrote
        with part_folder(place) as hidden:
            inner = hidden / "workspace"
            inner.mkdir()
            create_labels(inner / made.labels_path.name, grids[0].crs)
            (inner / FILE).write_text(as_json(made), encoding="utf-8")
            if place.is_dir():
                place.rmdir()  # empty; on Windows nothing is renamed over it
            inner.rename(place)
    return made


def place_of(folder: str | os.PathLike[str]) -> Path:
    """Return where a new workspace may be.

    Parameters
    ----------
    folder
        Must not be there, or be empty.

    Returns
    -------
    Path
        Absolute.

    Raises
    ------
    OutputError
        If something is there.
    """
    place = Path(os.path.abspath(folder))  # noqa: PTH100 - links are kept
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise OutputError(
            f"{place} exists" + (" and is not empty" if place.is_dir() else ""),
            "a new folder for the workspace",
            "choose another name, or go on in it: geoseg label FOLDER",
        )
    return place


def open_workspace(
    folder: str | os.PathLike[str], scenes: bool = True, moved: Mapping[str, str] | None = None
) -> Workspace:
    """Open a workspace; nothing is written.

    Parameters
    ----------
    folder
        As `create_workspace` made it; a link to it will do.
    scenes
        Whether the files of its scenes must be there.
    moved
        Where scenes lie now, by their names or former paths; `save_workspace` keeps it.

    Returns
    -------
    Workspace
        Checked.

    Raises
    ------
    InputError
        If it is none, one of a newer version, damaged, or lacks scenes.
    """
    place = Path(os.path.abspath(folder))  # noqa: PTH100 - links are kept
    path = place / FILE
    if not path.is_file():
        found = "does not exist" if not place.exists() else f"holds no {FILE}"
        raise InputError(
            f"{place} is no workspace: it {found}",
            "a folder that `geoseg label` made",
            "geoseg label SCENE... --classes NAMES --out FOLDER",
        )
    told = _read_json(path)
    version = told.get(MARK)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise InputError(f"{path} is no workspace's: its {MARK} is {version!r}", f"{VERSION}")
    if version > VERSION:
        raise InputError(
            f"{path} is of version {version}",
            f"version {VERSION}",
            "it was made by a newer geoseg: install that",
        )
    try:
        made = Workspace(
            place,
            tuple(make_scene(_text(scene), place) for scene in told["scenes"]),
            tuple(_label(entry) for entry in told["classes"]),
            None if told.get("start") is None else _text(told["start"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged: {error!r}", "scenes and classes") from error
    made = relocate(made, moved or {})
    if not made.labels_path.is_file():
        raise InputError(f"{place} lacks {made.labels_path.name}", "the labels of the workspace")
    if scenes:
        _check_scenes(made)
    return made


def save_workspace(workspace: Workspace) -> None:
    """Write what `workspace.json` says anew: other classes, scenes elsewhere.

    Parameters
    ----------
    workspace
        One that was opened, changed with `dataclasses.replace`.

    Raises
    ------
    RunError
        If it cannot be written; the old file is there then.
    """
    with atomic_output(workspace.folder / FILE, replace=True) as part:
        part.write_text(as_json(workspace), encoding="utf-8")


def relocate(workspace: Workspace, moved: Mapping[str, str]) -> Workspace:
    """Say where scenes lie now; labels keep knowing them.

    Parameters
    ----------
    workspace
        Any.
    moved
        New paths by the scenes' names, or by their former paths.

    Returns
    -------
    Workspace
        Not saved yet. A scene keeps its name only where its file does.

    Raises
    ------
    InputError
        If it has no such scene, or the new file is called otherwise: its labels would lose it.
    """
    scenes = list(workspace.scenes)
    for old, new in moved.items():
        places = [i for i, scene in enumerate(scenes) if old in (scene.name, scene.path)]
        if not places:
            known = ", ".join(scene.name for scene in scenes)
            raise InputError(f"{workspace.folder} has no scene {old!r}", f"one of {known}")
        found = make_scene(new, Path.cwd())
        if found.name != scenes[places[0]].name:
            raise InputError(
                f"{new} is called {found.name}",
                f"a file of the stem {scenes[places[0]].name}, by which the labels know the scene",
                "rename it, or link to it under that name",
            )
        scenes[places[0]] = found
    return replace(workspace, scenes=tuple(scenes))


def make_scene(path: str, base: Path) -> Scene:
    """Return a scene as a path names it.

    Parameters
    ----------
    path
        Of a file or product, or an address; several files parted by ";".
    base
        Where relative paths start from.

    Returns
    -------
    Scene
        It need not be there.
    """
    files = [path] if (base / path).exists() else path.split(";")
    whole = [file if is_remote(file) else os.path.normpath(base / file) for file in files]
    first = whole[0]
    product = not is_remote(first) and Path(first).exists() and is_delivery(first)
    name = product_name(first) if product else Path(first).stem
    return Scene(name, ";".join(whole))


def set_current_model(workspace: Workspace, model: Path) -> None:
    """Make a model the one of the moment.

    Parameters
    ----------
    workspace
        Whose.
    model
        A folder in its `models_path`, whole.

    Raises
    ------
    RunError
        If it cannot be written; the former one stays then.
    """
    told = json.dumps({"model": f"{workspace.models_path.name}/{model.name}"})
    with atomic_output(workspace.folder / "model.json", replace=True) as part:
        part.write_text(told + "\n", encoding="utf-8")


def add_to_history(workspace: Workspace, told: Mapping[str, Any]) -> None:
    """Add a round's line; what was torn before stays a line of its own.

    Parameters
    ----------
    workspace
        Whose.
    told
        What JSON holds.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    line = json.dumps(told, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    with failures(workspace.history_path), workspace.history_path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 1, 0))
        torn = end and file.read(1) != b"\n"
        file.write(b"\n" + line if torn else line)
        file.flush()
        os.fsync(file.fileno())


def read_labels(workspace: Workspace) -> gpd.GeoDataFrame:
    """Read the labels, through a connection that lives no longer than this.

    Parameters
    ----------
    workspace
        Whose.

    Returns
    -------
    GeoDataFrame
        The columns of `labels.COLUMNS` and `geometry`, in the order of the file; the index is the
        feature's number. Rows without a class or shape, being drawn just now, are left out.

    Raises
    ------
    InputError
        If the file cannot be read, lacks the column `class`, or holds a class that the workspace
        does not have, a width that is none, or coordinates that are not finite.
    """
    from .labels import read_layer

    return read_layer(workspace.labels_path, class_indices(workspace.classes))


def add_labels(workspace: Workspace, frame: gpd.GeoDataFrame) -> int:
    """Add labels in one transaction: all of them, or none.

    Parameters
    ----------
    workspace
        Whose.
    frame
        Shapes in any CRS (none is that of the labels) with the column `class`, and those of
        `labels.COLUMNS` that are known; where `time` is not said, it is now.

    Returns
    -------
    int
        How many were added.

    Raises
    ------
    InputError
        If a class is not the workspace's, or a shape cannot be placed.
    RunError
        If the file cannot be written.
    """
    from .labels import append_labels

    return len(append_labels(workspace.labels_path, frame, class_indices(workspace.classes)))


def add_new_labels(
    workspace: Workspace, frame: gpd.GeoDataFrame, same: Sequence[str]
) -> gpd.GeoDataFrame:
    """Add labels, but for exact duplicates of those that are there.

    Parameters
    ----------
    workspace
        Whose.
    frame
        As for `add_labels`.
    same
        The columns that make two labels of one shape the same.

    Returns
    -------
    GeoDataFrame
        Those that were added.

    Raises
    ------
    InputError
        As `add_labels`. RunError likewise.
    """
    from .labels import append_labels

    path = workspace.labels_path
    return append_labels(path, frame, class_indices(workspace.classes), same)


def _check_once(what: str, items: Sequence[str], advice: str = "") -> None:
    if twice := sorted({item for item in items if items.count(item) > 1}):
        raise InputError(f"two {what} {twice[0]!r}", "one each", advice)


def _check_scenes(workspace: Workspace) -> None:
    missing = [scene for scene in workspace.scenes if scene.missing]
    if missing:
        there = (workspace.folder / FILE).exists()
        raise InputError(
            f"{len(missing)} of {len(workspace.scenes)} scenes are missing: "
            + ", ".join(file for scene in missing for file in scene.missing),
            "the scenes where workspace.json says" if there else "scenes that are there",
            f"say where they are: geoseg label {workspace.folder} --scene {missing[0].name}=PATH"
            if there
            else "",
        )


def as_json(workspace: Workspace) -> str:
    """Return what `workspace.json` says of a workspace.

    Parameters
    ----------
    workspace
        Any.

    Returns
    -------
    str
        JSON; scenes in the folder or beside it are relative to it, as are those of relative paths.
    """
    told = {
        MARK: VERSION,
        "scenes": [_portable(scene, workspace.folder) for scene in workspace.scenes],
        "classes": [
            {"value": label.value, "name": label.name, "colour": label.colour}
            for label in workspace.classes
        ],
        "start": workspace.start,
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _portable(scene: Scene, folder: Path) -> str:
    """Return a scene's path as it is kept: relative in the folder or beside it."""
    return ";".join(_portable_file(file, folder) for file in scene.files)


def _portable_file(file: str, folder: Path) -> str:
    path = Path(file)
    if is_remote(file) or not path.is_absolute() or not path.is_relative_to(folder.parent):
        return file
    return Path(os.path.relpath(file, folder)).as_posix()


def _read_json(path: Path) -> dict[str, Any]:
    check_regular(path)
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is of {path.stat().st_size:,} bytes", f"at most {LARGEST:,}")
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}", "what geoseg wrote") from error
    if not isinstance(told, dict):
        raise InputError(f"{path} holds {type(told).__name__}", "an object of JSON")
    return told


def _text(told: Any) -> str:
    if not isinstance(told, str) or not told or "\0" in told:
        raise ValueError(f"{told!r} where a text belongs")
    return told


def _label(told: Any) -> Label:
    value = told["value"]
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} where a class's value belongs")
    return Label(value, _text(told["name"]), _text(told["colour"]).lower())


def class_indices(classes: Iterable[Label]) -> dict[str, int]:
    """Return the places of classes by their names.

    Parameters
    ----------
    classes
        A workspace's.

    Returns
    -------
    dict
        The index that a network learns, by the text in the column `class`.
    """
    return {label.name: index for index, label in enumerate(classes)}
