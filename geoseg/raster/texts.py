"""The texts that a raster file holds: tags, bands' names and classes, in whatever encoding they
were written.

GDAL's texts are UTF-8 by convention, and it passes on what a file holds: bytes that are not are
read as Latin-1, in which every byte is a character, so that two names stay two.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import rasterio.shutil

# https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(\d{1,7}|[xX][0-9a-fA-F]{1,6});")
STRANGE = "\ufffd"


def tags_of(dataset: Any) -> dict[str, str]:
    """Return the tags of an open raster.

    Parameters
    ----------
    dataset
        Open for reading.

    Returns
    -------
    dict[str, str]
        Those of the default domain, whatever their encoding.
    """
    try:
        with _log_of_rasterio() as lost:
            tags = dict(dataset.tags())
    except UnicodeDecodeError:  # rasterio before 1.4.4
        lost = [""]
    if lost:
        found = describe_as_vrt(dataset).iterfind("Metadata")
        plain = (group for group in found if not group.get("domain"))
        return {
            entry.get("key", ""): entry.text or ""
            for group in plain
            for entry in group.iterfind("MDI")
        }
    return tags


@contextmanager
def _log_of_rasterio() -> Iterator[list[str]]:
    """Yield a list of what rasterio says in its log meanwhile: from 1.4.4 on, which tags it
    leaves out.
    """
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("rasterio._base")
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)


def descriptions_of(dataset: Any) -> tuple[str, ...]:
    """Return what an open raster calls its bands.

    Parameters
    ----------
    dataset
        Open for reading.

    Returns
    -------
    tuple[str, ...]
        "" where it says nothing.
    """
    try:
        return tuple(text or "" for text in dataset.descriptions)
    except UnicodeDecodeError:
        bands = describe_as_vrt(dataset).iterfind("VRTRasterBand")
        return tuple(band.findtext("Description") or "" for band in bands)


def describe_as_vrt(raster: Any) -> ElementTree.Element:
    """Return GDAL's description of a raster: rasterio does not tell category names.

    Parameters
    ----------
    raster
        A path, or a raster that is open for reading.

    Returns
    -------
    ElementTree.Element
        The root of a VRT, https://gdal.org/en/stable/drivers/raster/vrt.html
    """
    with TemporaryDirectory(prefix="geoseg-") as folder:
        description = Path(folder) / "raster.vrt"
        rasterio.shutil.copy(raster, description, driver="VRT")
        return ElementTree.fromstring(as_xml(description.read_bytes()))  # noqa: S314 - GDAL wrote it just now


def as_xml(raw: bytes) -> str:
    """Return what GDAL wrote as a text that XML may hold: it copies a file's texts as they are.

    Parameters
    ----------
    raw
        A VRT.

    Returns
    -------
    str
        Lines that are no UTF-8 are read as Latin-1; what XML cannot hold becomes U+FFFD.
    """
    text = "\n".join(_decoded(line) for line in raw.split(b"\n"))
    text = _REFERENCE.sub(lambda found: found[0] if _allowed(found[1]) else STRANGE, text)
    return _NO_XML.sub(STRANGE, text)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _allowed(number: str) -> bool:
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return code <= sys.maxunicode and not _NO_XML.match(chr(code))
