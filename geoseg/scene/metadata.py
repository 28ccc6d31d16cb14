"""The metadata of products, read without trust: XML without entities, numbers that are numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.parsers import expat

from ..core.errors import InputError
from ..raster.places import Folder
from ..raster.stores import AGAIN

LONGEST = 1024  # letters of a name inside a product


@dataclass(frozen=True, slots=True)
class Element:
    """An element of XML."""

    tag: str
    """Without its namespace."""
    attributes: dict[str, str]
    """As they stand there."""
    text: str
    """Between its tags, without that of elements inside."""
    within: str = ""
    """The tag of the element that holds it; "" for the root."""


def parse_xml(folder: Folder, name: str) -> list[Element]:
    """Read the elements of a file, as they end; the root is the last one.

    Files are hostile: one that declares a document type, without which there are no entities, is
    refused. No element is kept in a tree, so that nesting costs nothing.

    Parameters
    ----------
    folder, name
        Where the file lies, and what it is called.

    Returns
    -------
    list
        An element stands behind those that it holds.

    Raises
    ------
    InputError
        If the file is missing, damaged, no XML, or declares a document type.
    """
    path = folder.gdal_path(name)
    found: list[Element] = []
    open_: list[tuple[str, dict[str, str], list[str]]] = []

    def begin(tag: str, attributes: dict[str, str]) -> None:
        open_.append((tag.rpartition(":")[2], attributes, []))

    def text(data: str) -> None:
        open_[-1][2].append(data)

    def end(_: str) -> None:
        tag, attributes, parts = open_.pop()
        within = open_[-1][0] if open_ else ""
        found.append(Element(tag, attributes, "".join(parts).strip(), within))

    def refuse(*_: object) -> None:
        raise InputError(
            f"{path} declares a document type, as the metadata of no satellite product do",
            "the metadata as the product came with them",
            "do not trust this file",
        )

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(folder.read(name), True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # an encoding that is unknown
        raise InputError(
            f"{path} is no whole XML: {error}", "a product's metadata", AGAIN
        ) from error
    return found


def number_of(element: Element, path: str) -> float:
    """Read the number that an element holds.

    Parameters
    ----------
    element
        Any.
    path
        The file that it stands in, for the message.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InputError
        If it holds none.
    """
    return to_number(element.text, element.tag, path)


def to_number(text: str, name: str, path: str) -> float:
    """Read a number of a product's metadata.

    Parameters
    ----------
    text
        What stands there.
    name
        Of what it is the number, for the message.
    path
        The file that it stands in, likewise.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InputError
        If it is none.
    """
    if not re.fullmatch(r"[-+]?\d{1,9}(?:\.\d{1,20})?(?:[eE][-+]?\d{1,2})?", text, re.ASCII):
        raise InputError(f"{path}: {name} is {text[:40]!r}", "a number")
    return float(text)


def check_inside(name: str, what: str, path: str) -> None:
    """Refuse a name of a file, in a product's metadata, that leads out of the product.

    Parameters
    ----------
    name
        The name, from the folder of the metadata.
    what
        Where it stands there, for the message.
    path
        The file that it stands in, likewise.

    Raises
    ------
    InputError
        If it begins elsewhere, leads up, or is too long for a name.
    """
    parts = re.split(r"[/\\]", name)
    if not name or len(name) > LONGEST or ":" in name or {"", ".", ".."} & set(parts):
        raise InputError(
            f"{path}: {what} is {name[:200]!r}",
            "a file of the product",
            "do not trust this product",
        )


def text_in(elements: Sequence[Element], *tags: str) -> str:
    """Find the text of the first element of some tags.

    Parameters
    ----------
    elements
        As parse_xml gives them.
    *tags
        Those that are meant.

    Returns
    -------
    str
        "" where there is none.
    """
    return next((element.text for element in elements if element.tag in tags), "")
