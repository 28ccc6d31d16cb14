"""Which scenes are trained on, with which labels: from a table, or from folders, patterns and
lists.
"""

from __future__ import annotations

import csv
import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.errors import InputError
from ..core.files import check_regular, is_data
from ..features.layers import split_layer
from ..raster.stores import is_archive
from ..scene.products import is_delivery, product_name
from .config import DataConfig

COLUMNS = "columns scene, label, and perhaps objects, place, level and dataset"


@dataclass(frozen=True, slots=True)
class Sample:
    """A scene and its labels."""

    scene: str
    """Path or address; several files are parted by ";"."""
    label: str
    """Path or address of the labels, perhaps with |layername=NAME."""
    place: str = ""
    """Where it lies on the ground: scenes of one place are shared out together. "" is not named."""
    level: str = ""
    """Processing level, for AugmentConfig.levels; "" is not named."""
    dataset: str = ""
    """Data set whose legend the labels have; "" is the only one."""
    objects: str = ""
    """Path or address of what tells objects apart; "" is the labels, where these are vectors."""
    groups: tuple[tuple[str, str], ...] = ()
    """Name and text of what else the scores are parted by, such as ("biome", "savanna")."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the scene.

        Returns
        -------
        tuple of str
            One or more; bands count through them in order.
        """
        return tuple(_files(self.scene, Path()))


@dataclass(frozen=True, slots=True)
class Found:
    """One file that a pattern met."""

    path: str
    """As it is opened."""
    key: tuple[str, ...]
    """What stood for each * in it; the name without suffix where there was none."""


def find_samples(data: DataConfig, folder: Path) -> list[Sample]:
    """Return the samples that the configuration names.

    Parameters
    ----------
    data
        A table, or scenes and labels.
    folder
        Where relative paths start from.

    Returns
    -------
    list of Sample
        In the order of the table, or sorted inside each pattern.

    Raises
    ------
    InputError
        If a file is missing or a scene has no labels, or the table is wrong.
    """
    if data.samples:
        return read_samples(folder / data.samples, data.groups)
    if data.groups:
        raise InputError(
            f"data.groups names {', '.join(data.groups)}",
            "a table of samples (data.samples), whose columns these are",
        )
    if not (data.scenes and data.labels):
        raise InputError("only one of data.scenes and data.labels is given", "both")
    samples = match_pairs(data.scenes, data.labels, folder)
    if not data.objects:
        return samples
    numbered = match_pairs(data.scenes, data.objects, folder)
    return [
        replace(sample, objects=other.label)
        for sample, other in zip(samples, numbered, strict=True)
    ]


def read_samples(path: Path, groups: Sequence[str] = ()) -> list[Sample]:
    """Read a table of samples.

    Parameters
    ----------
    path
        CSV in UTF-8 with a header; relative paths in it start from its folder.
    groups
        Columns that go to `Sample.groups`.

    Returns
    -------
    list of Sample
        One or more, in order.

    Raises
    ------
    InputError
        If it cannot be read; names the line that is wrong.
    """
    check_regular(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)
            missing = {"scene", "label", *groups} - set(table.fieldnames or ())
            if missing:
                raise InputError(f"{path} lacks {', '.join(sorted(missing))}", COLUMNS)
            samples = [_row(path, table.line_num, row, groups) for row in table]
    except OSError as error:
        raise InputError(f"the table of samples {path} cannot be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"the table of samples {path} is not CSV in UTF-8: {error}") from error
    if not samples:
        raise InputError(f"the table of samples {path} has no rows", COLUMNS)
    return samples


def _files(scene: str, base: Path) -> list[str]:
    """Return the files of a scene: one whose name holds a ";" is one."""
    return [scene] if (base / scene).exists() else scene.split(";")


def _row(path: Path, line: int, row: dict[str, str], groups: Sequence[str]) -> Sample:
    where = f"{path} line {line}"
    base = path.resolve().parent
    if None in row or None in row.values():
        raise InputError(f"{where} has more or fewer fields than the header", COLUMNS)
    for name in ("scene", "label", "objects"):
        if not (row.get(name) or "").strip():
            if name == "objects":
                continue
            raise InputError(f"{where} names no {name}")
        for file in _files(row[name], base) if name == "scene" else [split_layer(row[name])[0]]:
            if not (_remote(file) or (base / file).exists()):
                raise InputError(f"{where}: the {name} {base / file} does not exist")
    scene = ";".join(_absolute(base, file) for file in _files(row["scene"], base))
    place, level, dataset = (row.get(name) or "" for name in ("place", "level", "dataset"))
    parted = tuple((name, row[name]) for name in groups)
    numbers = row.get("objects") or ""
    objects = _absolute(base, numbers) if numbers.strip() else ""
    label = _absolute(base, row["label"])
    return Sample(scene, label, place, level, dataset, objects, parted)


def match_pairs(scenes: Sequence[str], labels: Sequence[str], folder: Path) -> list[Sample]:
    """Pair scenes and labels: entry by entry, and inside an entry by what stands for each * in its
    pattern.

    A folder is the pattern FOLDER/*, in which the names count without their suffix. One
    labels file may serve all scenes. The place of a scene is what stands for the first stars,
    all but the last, where a pattern has several.

    Parameters
    ----------
    scenes, labels
        As many of either: files, folders or patterns.
    folder
        Where relative paths start from.

    Returns
    -------
    list of Sample
        Entry by entry, sorted inside each.

    Raises
    ------
    InputError
        If a scene has no labels, or an entry meets no file.
    """
    if len(labels) == 1 and not _several(folder, labels[0]):
        each = [found for entry in scenes for found in _expand(folder, entry)]
        return [
            Sample(found.path, _absolute(folder, labels[0]), "/".join(found.key[:-1]))
            for found in each
        ]
    if len(scenes) != len(labels):
        raise InputError(
            f"there are {len(scenes)} --scenes and {len(labels)} --labels",
            "one for each, in one order",
        )
    return [sample for pair in zip(scenes, labels, strict=True) for sample in _match(folder, *pair)]


def _match(folder: Path, scenes: str, labels: str) -> Iterator[Sample]:
    left = list(_expand(folder, scenes))
    right = list(_expand(folder, labels))
    if len(left) == len(right) == 1:
        yield Sample(left[0].path, right[0].path, "/".join(left[0].key[:-1]))
        return
    known: dict[tuple[str, ...], str] = {}
    for found in right:
        if known.setdefault(found.key, found.path) != found.path:
            raise InputError(
                f"{known[found.key]} and {found.path} are labels of one name", "one for each scene"
            )
    lonely = [found.path for found in left if found.key not in known]
    if lonely:
        raise InputError(
            f"{len(lonely)} of {len(left)} scenes in {scenes} have no labels in {labels}, such "
            f"as {lonely[0]}",
            "labels under the scene's name",
            "give a table with --samples where the names differ",
        )
    for found in left:
        yield Sample(found.path, known[found.key], "/".join(found.key[:-1]))


def _several(folder: Path, entry: str) -> bool:
    path = folder / split_layer(entry)[0]
    return path.is_dir() or ("*" in entry and not path.is_file())


def _expand(folder: Path, entry: str) -> Iterator[Found]:
    """Yield the files of one entry, in order; InputError where there are none."""
    if _remote(entry):
        yield Found(entry, (Path(entry).stem,))
        return
    path = folder / entry
    file = folder / split_layer(entry)[0]
    if is_delivery(str(path)):
        yield Found(str(path), (product_name(str(path)),))
        return
    if file.is_file():
        yield Found(str(path), (file.stem,))
        return
    pattern = os.path.join(glob.escape(str(path)), "*") if path.is_dir() else str(path)  # noqa: PTH118 - a pattern
    entries = sorted(glob.glob(pattern))  # noqa: PTH207 - Path.glob drops ..
    files = [name for name in entries if is_data(name) or is_product(name)]
    if not files:
        raise InputError(f"{path} holds no files" if path.is_dir() else f"{path} does not exist")
    if path.is_dir():
        yield from (Found(met, (_stem(met),)) for met in files)
        return
    stars = re.compile("([^/]*)".join(map(re.escape, pattern.split("*"))))
    for met in files:
        match = stars.fullmatch(met)
        yield Found(met, match.groups() if match else (_stem(met),))


def is_product(path: str) -> bool:
    """Return whether a path that was met in a folder is a satellite product, whole.

    Parameters
    ----------
    path
        Of a folder, or of an archive.

    Returns
    -------
    bool
        False for a file inside of a product.
    """
    return (os.path.isdir(path) or is_archive(path)) and is_delivery(path)  # noqa: PTH112


def _stem(path: str) -> str:
    return product_name(path) if is_product(path) else Path(path).stem


def _remote(path: str) -> bool:
    return path.startswith("/vsi") or "://" in path


def _absolute(base: Path, path: str) -> str:
    return path if _remote(path) else str(base / path)
