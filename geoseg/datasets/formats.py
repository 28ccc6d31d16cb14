"""The layouts that are known, and which one a folder or file has."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from types import ModuleType

from ..core.errors import InputError
from .dataset import MOST_CLASSES, Dataset
from .told import UNSOUND

# of data sets whose description is a file, which may be named itself: with `files` and `read`
DESCRIBED = {
    "coco": "geoseg.datasets.coco",
    "coco-panoptic": "geoseg.datasets.panoptic",
    "yolo": "geoseg.datasets.yolo",
}
# of those that are known by their folders: with `fits` and `read`
LAID_OUT = {
    "cityscapes": "geoseg.datasets.cityscapes",
    "ade20k-scene-parsing": "geoseg.datasets.scene_parsing",
    "oxford-pet": "geoseg.datasets.pets",
    "voc": "geoseg.datasets.voc",
    "ade20k": "geoseg.datasets.ade20k",  # last, for it looks into every folder
}
FORMATS = DESCRIBED | LAID_OUT


def read_dataset(source: str, format_: str = "", images: str | None = None) -> Dataset:
    """Read a data set of any layout; its targets are read later, picture by picture.

    Parameters
    ----------
    source
        Its folder, or the file that describes it.
    format_
        One of FORMATS; "" is the one that it has.
    images
        The folder of the pictures, where they are not where the layout has them.

    Returns
    -------
    Dataset
        With one picture at least.

    Raises
    ------
    InputError
        If it has no layout that is known, or two, is unsound, or lacks a file.
    """
    path = Path(source)
    if not os.path.exists(path):  # noqa: PTH110 - it answers of every text
        raise InputError(f"{source} does not exist", "the folder of a data set, or its description")
    if format_ and format_ not in FORMATS:
        raise InputError(f"--format {format_}", f"one of {', '.join(FORMATS)}")
    if images is not None and not os.path.isdir(images):  # noqa: PTH112
        raise InputError(f"--images {images}", "a folder")
    folder = path if path.is_dir() else path.parent
    told = None if path.is_dir() else path
    kind = format_ or (_kind_of_folder(path) if told is None else _kind_of_file(path))
    reader = _reader(kind)
    if told is None and not (reader.files(path) if kind in DESCRIBED else reader.fits(path)):
        raise InputError(f"{source} is not laid out as {kind} is", do="see the page on data sets")
    if told is not None and kind in LAID_OUT:
        raise InputError(f"{source} is a file", f"the folder of {kind}")
    try:
        found: Dataset = reader.read(folder, told, Path(images) if images else None)
    except UNSOUND as error:
        raise unsound(source, kind, error) from error
    names = [picture.name for picture in found.pictures]
    if not names:
        raise InputError(f"{source} lists no picture", "one or more")
    if len(found.classes) > MOST_CLASSES or not found.classes:
        raise InputError(f"{source} has {len(found.classes)} classes", f"1 to {MOST_CLASSES}")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{source} has two pictures {twice}", "each once")
    return found


def unsound(source: str, kind: str, error: Exception) -> InputError:
    """Return the error for a data set that is not as its layout has to be.

    Parameters
    ----------
    source
        What is unsound.
    kind
        One of FORMATS.
    error
        What a reader raised.

    Returns
    -------
    InputError
        In one line.
    """
    found = f"it lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
    return InputError(f"{source} is no sound {kind}: {found[:400]}", f"data as {kind} has them")


def _reader(kind: str) -> ModuleType:
    return import_module(FORMATS[kind])


def _kind_of_folder(path: Path) -> str:
    kinds = [kind for kind in DESCRIBED if _reader(kind).files(path)]
    kinds += [kind for kind in LAID_OUT if kind != "ade20k" and _reader(kind).fits(path)]
    if not kinds and _reader("ade20k").fits(path):
        kinds = ["ade20k"]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        raise InputError(
            f"{path} is laid out as {' and as '.join(kinds)}",
            "one data set",
            "say which with --format, or name the file that describes it",
        )
    raise InputError(f"{path} is laid out as no data set that is known", ", ".join(FORMATS))


def _kind_of_file(path: Path) -> str:
    if path.suffix.lower() in (".yaml", ".yml"):
        return "yolo"
    if path.suffix.lower() != ".json":
        raise InputError(f"{path} describes no data set", "JSON of COCO, or YAML of YOLO")
    return "coco-panoptic" if "panoptic" in path.stem.lower() else "coco"
