"""YOLO: a line of text for each object, its class and the corners of its outline as shares of the
picture.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import shapely

from ..core.errors import InputError
from ..core.files import check_regular
from ..features.masks import fill
from .dataset import UNKNOWN, Class, Dataset, Picture, Targets
from .paint import Budget, Painted, lay, polygon
from .places import PICTURES, inner
from .told import number

FILES = ("data.yaml", "data.yml", "dataset.yaml")
LARGEST = 1 << 20  # bytes of the description, and
LARGEST_TEXT = 1 << 27  # of the text of one picture
PARTS = ("train", "val", "test")
BOX, CORNERS = 5, 7  # words of a line that tells a box, and least words of one that tells corners
BEYOND = 0.01  # of the picture, by which programs let corners lie outside


def files(folder: Path) -> list[Path]:
    """Return the description of a data set.

    Parameters
    ----------
    folder
        Of the data set.

    Returns
    -------
    list of Path
        One, or none.
    """
    return [folder / name for name in FILES if (folder / name).is_file()][:1]


def read(folder: Path, told: Path | None, images: Path | None) -> Dataset:  # noqa: ARG001 - all is in the folder
    """Read YOLO's outlines.

    Parameters
    ----------
    folder
        Of the data set; nothing outside of it is opened.
    told
        Its description; None is the one in the folder.
    images
        Not looked at: the description tells.

    Returns
    -------
    Dataset
        Of things alone; ground that no object covers is OPEN, within a box without an outline
        UNKNOWN.

    Raises
    ------
    InputError
        If a folder is missing, or the description is no plain YAML. ValueError and the like, if it
        is unsound.
    """
    file = told or files(folder)[0]
    tells = _description(file)
    names = _names(tells)
    if "nc" in tells and tells["nc"] != len(names):
        raise ValueError(f"nc: {tells['nc']!r:.20} and {len(names)} names")
    pictures = []
    for part in PARTS:
        for place in _folders(folder, tells, part):
            for image in sorted(place.rglob("*")):
                if image.suffix.lower() in PICTURES:
                    inside = image.relative_to(place)
                    text = _labels(place, folder) / inside.with_suffix(".txt")
                    name = f"{part}/{inside.with_suffix('').as_posix()}"
                    read_one = partial(_targets, text, len(names))
                    pictures.append(Picture(image, name, part, name, read_one))
    if not pictures:
        raise InputError(f"{file} names no folder of pictures", ", ".join(PARTS))
    return Dataset("yolo", tuple(Class(name, True) for name in names), tuple(pictures), True)


def _description(path: Path) -> dict[str, Any]:
    """Read YAML that makes nothing but texts, numbers, lists and tables."""
    import yaml

    check_regular(path)
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is of {path.stat().st_size:,} bytes", f"at most {LARGEST:,}")
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path} is no plain YAML: {reason[:300]}") from error
    if not isinstance(told, dict):
        raise InputError(f"{path} is no table", f"names, and folders under {', '.join(PARTS)}")
    return told


def _names(told: dict[str, Any]) -> list[str]:
    names = told["names"]
    if isinstance(names, dict):
        if sorted(names) != list(range(len(names))):
            raise ValueError("names that are not numbered from 0 on")
        names = [names[place] for place in range(len(names))]
    found = [str(name) for name in names] if isinstance(names, list) else []
    if not found or len(set(found)) < len(found):
        raise ValueError("names that are no list of different texts")
    return found


def _folders(folder: Path, told: dict[str, Any], part: str) -> list[Path]:
    """Return the folders of a part's pictures, none of them outside of the data set's."""
    entries = told.get(part) or []
    entries = [entries] if isinstance(entries, str) else entries
    found = []
    for entry in entries:
        if not isinstance(entry, str):
            raise ValueError(f"{part}: {entry!r:.40}")
        # such a description may lie in the folder that its paths go out of
        plain = inner(entry.removeprefix("../").removeprefix("./"))
        tried = [folder / plain]
        if isinstance(base := told.get("path"), str):
            last = Path(base).name  # wherever the data set lay on the machine that wrote it
            tried.append(folder / last / plain)
        place = next((path for path in tried if path.is_dir()), None)
        if place is None:
            raise InputError(
                f"{part}: {entry} is no folder beside the description ({tried[0]})",
                "folders of pictures inside of the data set's folder",
            )
        found.append(place)
    return found


def _labels(place: Path, folder: Path) -> Path:
    """Return the folder of texts that belongs to a folder of pictures: "labels" for "images"."""
    parts = list(place.relative_to(folder).parts)
    if "images" not in parts:
        raise InputError(f"the folder {place}", "one called images, or inside of one that is")
    last = len(parts) - 1 - parts[::-1].index("images")
    parts[last] = "labels"
    return folder.joinpath(*parts)


def _targets(path: Path, count: int, height: int, width: int) -> Targets:
    if not path.exists():
        return lay([], height, width)  # a picture without objects has no text
    if path.stat().st_size > LARGEST_TEXT:
        raise InputError(f"{path} is of {path.stat().st_size:,} bytes", f"at most {LARGEST_TEXT:,}")
    budget = Budget()
    drawn = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = text.split()
        if not words:
            continue
        try:
            drawn.append(_painted(words, count, height, width, budget))
        except ValueError as error:
            raise ValueError(f"{path} line {line}: {error}") from error
    return lay(drawn, height, width)


def _painted(words: list[str], count: int, height: int, width: int, budget: Budget) -> Painted:
    place = int(words[0])
    if not 0 <= place < count:
        raise ValueError(f"the class {place} of {count}")
    shares = [number(word) for word in words[1:]]
    if not all(-BEYOND <= share <= 1 + BEYOND for share in shares):
        raise ValueError("corners beyond the picture: they are shares of it, 0 to 1")
    if len(words) == BOX:
        x, y, across, down = shares
        place = UNKNOWN
        box = (x - across / 2, y - down / 2, x + across / 2, y + down / 2)
        shape = shapely.box(box[0] * width, box[1] * height, box[2] * width, box[3] * height)
    elif len(words) >= CORNERS and len(words) % 2:
        pairs = zip(shares[::2], shares[1::2], strict=True)
        shape = polygon([(x * width, y * height) for x, y in pairs])
    else:
        raise ValueError(f"{len(words)} words, not a class and three corners or more")
    mask, top, left = fill(shape, height, width)
    budget.spend(mask.size)
    return Painted(place, mask, top, left)
