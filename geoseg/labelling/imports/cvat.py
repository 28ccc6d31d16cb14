"""CVAT for images 1.1: XML with the shapes that were drawn on each picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

import shapely
from shapely.affinity import rotate

from ...core.errors import InputError
from ...core.files import check_regular
from ...datasets.paint import polygon
from ...datasets.runs import boxed_mask
from ...datasets.told import LARGEST, number, size
from .drawn import Annotations, Drawn, Picture, ellipse, name_of, time_of

VERSION = "1.1"
_SHAPES = ("polygon", "polyline", "points", "box", "ellipse", "mask")
_OTHERS = ("cuboid", "skeleton", "track")
_BLOCK = 1 << 20  # bytes that are read at once


def fits(head: bytes) -> bool:
    """Return whether a file may be CVAT's.

    Parameters
    ----------
    head
        Its first bytes.

    Returns
    -------
    bool
        Whether it is XML of annotations.
    """
    return b"<annotations" in head


class _Reader:
    """Takes shapes as the parser meets them: memory holds the shapes, and no tree."""

    def __init__(self) -> None:
        self.drawn: list[tuple[Picture, str, Any]] = []
        self.depths: list[float] = []
        self.skipped: Counter[str] = Counter()
        self.facts: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._picture: Picture | None = None

    def begin(self, tag: str, told: dict[str, str]) -> None:
        self._path.append(tag)
        self._text.clear()
        if tag == "image":
            self._picture = Picture(told["name"], size(told["height"]), size(told["width"]))
        elif tag in _OTHERS:
            raise ValueError(f"a {tag}, of which no single pixels are told")
        elif tag == "tag":
            self.skipped["tags of whole pictures"] += 1
        elif tag in _SHAPES and self._picture is not None:
            if told.get("outside") == "1":
                return
            self.drawn.append((self._picture, told["label"], shape_of(tag, told, self._picture)))
            self.depths.append(number(told.get("z_order", 0)))

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, tag: str) -> None:
        where = "/".join(self._path[1:])
        self.facts.setdefault(where, "".join(self._text).strip())
        self._path.pop()
        if tag == "image":
            self._picture = None


def read(path: Path) -> Annotations:
    """Read "CVAT for images 1.1".

    Parameters
    ----------
    path
        XML.

    Returns
    -------
    Annotations
        The author is whom the task or job is assigned to.

    Raises
    ------
    InputError
        If it is no XML, or declares a document type: entities could swell, or read other files.
    ValueError
        If it is unsound. KeyError likewise.
    """
    check_regular(path)
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path} is of {path.stat().st_size:,} bytes", f"at most {LARGEST:,}")

    def refuse(*_: object) -> None:
        raise InputError(
            f"{path} declares a document type, as no file of CVAT does",
            "annotations as CVAT exports them",
            "do not trust this file",
        )

    found = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = found.begin
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                parser.Parse(block, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, LookupError) as error:
        if isinstance(error, KeyError):
            raise
        raise InputError(f"{path} is no whole XML: {error}") from error
    version = found.facts.get("version", "")
    if version != VERSION:
        raise ValueError(f"its version is {version[:20]!r}, not {VERSION}")
    author = name_of(_first(found.facts, "assignee/username", "owner/username"))
    time = time_of(_first(found.facts, "updated"))
    # what lies higher is drawn later, and so on top here as well
    order = sorted(range(len(found.drawn)), key=found.depths.__getitem__)
    drawn = tuple(Drawn(*found.drawn[i], author, time) for i in order)
    return Annotations(drawn, found.skipped)


def _first(facts: Mapping[str, str], *ends: str) -> str | None:
    for end in ends:
        for kind in ("job", "task", "project"):
            if told := facts.get(f"meta/{kind}/{end}"):
                return told
    return None


def shape_of(kind: str, told: Mapping[str, str], picture: Picture) -> Any:
    """Return what a shape covers.

    Parameters
    ----------
    kind
        The element.
    told
        Its attributes.
    picture
        What it is drawn on.

    Returns
    -------
    Any
        One of shapely's, in pixels.

    Raises
    ------
    ValueError
        If an attribute is none. KeyError, if one lacks.
    """
    if kind == "box":
        left, top, right, bottom = (number(told[key]) for key in ("xtl", "ytl", "xbr", "ybr"))
        whole = shapely.box(left, top, right, bottom)
        return rotate(whole, number(told.get("rotation", 0)), origin="center")
    if kind == "ellipse":
        x, y, across, down = (number(told[key]) for key in ("cx", "cy", "rx", "ry"))
        return ellipse(x, y, across, down, number(told.get("rotation", 0)))
    if kind == "mask":
        top, left, height, width = (
            int(number(told[key])) for key in ("top", "left", "height", "width")
        )
        runs = [int(run) for run in told["rle"].split(",")]
        return boxed_mask(runs, top, left, height, width, (picture.height, picture.width))
    corners = [_corner(pair) for pair in told["points"].split(";")]
    if kind == "polygon":
        return polygon(corners)
    if kind == "points":
        return shapely.MultiPoint(corners)
    if len(corners) < 2:
        raise ValueError("a polyline of one corner")
    return shapely.LineString(corners)


def _corner(pair: str) -> tuple[float, float]:
    x, y = pair.split(",")
    return number(x), number(y)
