"""A workspace as the panel sees it: what its files say, and its classes written anew. Knows no
QGIS.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..text import tr

FILE = "workspace.json"
COLOURS = (
    *("#0055aa", "#228833", "#aa7733", "#cc3311", "#ddcc77", "#882255", "#33bbee", "#999933"),
    *("#ee7733", "#117733", "#bbbbbb", "#332288"),
)


class NoWorkspace(Exception):  # noqa: N818 - it says what is the matter
    """The folder is no workspace that can be read; the message says why."""


@dataclass(frozen=True)
class ClassEntry:
    """A class of a workspace."""

    value: int
    name: str
    colour: str


@dataclass(frozen=True)
class Workspace:
    """What workspace.json says; `told` is all of it, as it was read."""

    folder: Path
    classes: tuple[ClassEntry, ...]
    told: dict[str, Any]

    @property
    def name(self) -> str:
        """The folder's."""
        return self.folder.name

    @property
    def labels(self) -> Path:
        """The GeoPackage that is drawn into."""
        return self.folder / "labels.gpkg"

    @property
    def suggestions(self) -> Path:
        """The GeoPackage of places worth a label; it need not be there."""
        return self.folder / "suggestions.gpkg"

    @property
    def scenes(self) -> tuple[tuple[str, ...], ...]:
        """The files of each scene."""
        return tuple(self._files(scene) for scene in self.told["scenes"])

    def _files(self, scene: str) -> tuple[str, ...]:
        parts = [scene] if (self.folder / scene).exists() else scene.split(";")
        return tuple(
            part
            if "://" in part or part.startswith("/vsi")
            else os.path.normpath(self.folder / part)
            for part in parts
        )

    def scene_of(self, path: str) -> tuple[str, ...] | None:
        """Return the files of the scene that has this one; None where none has."""
        wanted = os.path.realpath(path)
        for files in self.scenes:
            if any(os.path.realpath(file) == wanted for file in files):
                return files
        return None

    @property
    def model(self) -> Path | None:
        """The model of the moment; None before the first round."""
        try:
            named = json.loads((self.folder / "model.json").read_text(encoding="utf-8"))["model"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        folder = self.folder / str(named)
        return folder if (folder / "card.json").is_file() else None

    @property
    def last_round(self) -> dict[str, Any] | None:
        """The last whole line of the history."""
        try:
            lines = (self.folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return None
        for line in reversed(lines):
            try:
                told = json.loads(line)
            except ValueError:
                continue  # a line that is just being written
            if isinstance(told, dict):
                return told
        return None

    def with_classes(self, classes: tuple[ClassEntry, ...]) -> Workspace:
        """Return it with other classes; nothing is written."""
        entries = [
            {"value": each.value, "name": each.name, "colour": each.colour} for each in classes
        ]
        return replace(self, classes=classes, told={**self.told, "classes": entries})

    def save(self) -> None:
        """Write workspace.json anew, whole or not at all."""
        handle, part = tempfile.mkstemp(dir=self.folder, prefix=".workspace-", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(self.told, file, ensure_ascii=False, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(part).chmod((self.folder / FILE).stat().st_mode & 0o777)
            Path(part).replace(self.folder / FILE)
        except BaseException:
            Path(part).unlink()
            raise


def read(folder: str | Path) -> Workspace:
    """Read a workspace; NoWorkspace where the folder is none."""
    place = Path(folder)
    try:
        told = json.loads((place / FILE).read_text(encoding="utf-8"))
        classes = tuple(
            ClassEntry(int(each["value"]), str(each["name"]), str(each["colour"]))
            for each in told["classes"]
        )
        if told["geoseg_workspace"] != 1 or not classes:
            raise ValueError(told["geoseg_workspace"])
        list(map(str.strip, told["scenes"]))
    except OSError as error:
        raise NoWorkspace(
            tr("{folder} is no workspace: it has no {file} that can be read.").format(
                folder=place, file=FILE
            )
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise NoWorkspace(
            tr("{file} in {folder} is damaged, or of a newer geoseg.").format(
                file=FILE, folder=place
            )
        ) from error
    return Workspace(place, classes, told)


def add_class(classes: tuple[ClassEntry, ...], name: str) -> tuple[ClassEntry, ...]:
    """Add a class of the next value, in a colour of its own; ValueError, in words, where it
    cannot be.
    """
    check_name(classes, name)
    used = {each.value for each in classes}
    value = next((number for number in range(1, 255) if number not in used), None)
    if value is None:
        raise ValueError(tr("A workspace has at most 254 classes."))
    taken = {each.colour.lower() for each in classes}
    colour = next((each for each in COLOURS if each not in taken), COLOURS[value % len(COLOURS)])
    return (*classes, ClassEntry(value, name.strip(), colour))


def change_class(
    classes: tuple[ClassEntry, ...], old: str, **changes: str
) -> tuple[ClassEntry, ...]:
    """Give a class another name or colour; ValueError, in words, where the name is none."""
    if changes.get("name", old) != old:
        check_name(classes, changes["name"])
        changes["name"] = changes["name"].strip()
    return tuple(replace(each, **changes) if each.name == old else each for each in classes)


def check_name(classes: tuple[ClassEntry, ...], name: str) -> None:
    """Refuse a name that is empty or taken: ValueError, in words."""
    if not name.strip():
        raise ValueError(tr("A class needs a name."))
    if any(each.name == name.strip() for each in classes):
        raise ValueError(tr("There is a class “{name}” already.").format(name=name.strip()))


def classes_text(names: str) -> str:
    """Return names that are parted by commas as `geoseg label --classes` takes them, each with a
    colour.
    """
    classes: tuple[ClassEntry, ...] = ()
    for entry in filter(None, map(str.strip, names.split(","))):
        name, _, colour = entry.partition("=")
        classes = add_class(classes, name)
        if colour.strip():
            classes = change_class(classes, name.strip(), colour=colour.strip())
    if len(classes) < 2:
        raise ValueError(tr("Name two classes or more, parted by commas."))
    return ",".join(f"{each.name}={each.colour}" for each in classes)
