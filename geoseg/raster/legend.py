"""Names and colours of a class raster's classes, as its file gives them."""

from __future__ import annotations

import colorsys
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from ..core.card import Label
from ..core.style import CLASSES_TAG, SEVERAL_TAG, Legend
from .band_info import BandInfo
from .class_raster import PRESENT, Maps
from .texts import describe_as_vrt


@dataclass(frozen=True, slots=True)
class FileLegend:
    """A legend that was read from a raster file."""

    name: str
    """What the styles are called: the file's stem."""
    names: Mapping[int, str]
    """The class names by value; empty where the file names none."""
    colours: Mapping[int, str]
    """Colours as #rrggbb by value, as far as the file has them."""
    seen: set[int] = field(default_factory=set)
    """The values among the polygons by now: the classes, where the file names none."""

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes."""
        names = self.names or {value: f"class {value}" for value in self.seen}
        return tuple(
            Label(value, name, self.colours.get(value) or colour_apart(value))
            for value, name in sorted(names.items())
        )


def seen_of(legend: Legend) -> set[int]:
    """Return the set in which a legend wants the classes of the polygons that are written.

    Parameters
    ----------
    legend
        Any.

    Returns
    -------
    set[int]
        To be added to; nobody's where the legend knows its classes.
    """
    return legend.seen if isinstance(legend, FileLegend) else set()


def read_legend(maps: Maps) -> FileLegend:
    """Return the classes of a map as its file names them.

    Parameters
    ----------
    maps
        Whose class raster is looked at.

    Returns
    -------
    FileLegend
        Empty where it names none.
    """
    names, colours = names_and_colours(maps.classes, maps.raster.band)
    return FileLegend(Path(maps.classes).stem, names, colours)


def class_of_band(maps: Maps) -> Label | None:
    """Return of which class a band tells, in a map of several classes at once.

    Parameters
    ----------
    maps
        Whose class raster is looked at.

    Returns
    -------
    Label or None
        None where the band holds classes.
    """
    raster = describe_as_vrt(maps.classes)
    described = raster.find(f"VRTRasterBand[@band='{maps.raster.band.index}']")
    return None if described is None else _of_several(raster, described)


def _of_several(raster: ElementTree.Element, band: ElementTree.Element) -> Label | None:
    """The class of a band of several, as maps of ours tell it."""
    if raster.find(f"Metadata/MDI[@key='{SEVERAL_TAG}']") is None:
        return None
    name = printable(band.findtext("Description", "")).strip()
    value = band.findtext("Metadata/MDI[@key='class']", "")
    colour = band.findtext("Metadata/MDI[@key='colour']", "")
    if not name or not re.fullmatch("[0-9]{1,3}", value):
        return None
    plain = re.fullmatch("#[0-9a-fA-F]{6}", colour)
    return Label(int(value), name, colour if plain else colour_apart(int(value)))


def names_and_colours(path: str, band: BandInfo) -> tuple[dict[int, str], dict[int, str]]:
    """Return names and colours of the values of a band.

    Parameters
    ----------
    path
        Of the file.
    band
        Its nodata value is no class, whatever it is called.

    Returns
    -------
    tuple[dict[int, str], dict[int, str]]
        Names by value, as GDAL's categories or, of a map of ours, its tag tell them; and colours as
        #rrggbb.
    """
    raster = describe_as_vrt(path)
    described = raster.find(f"VRTRasterBand[@band='{band.index}']")
    if described is None:
        return {}, {}
    if one := _of_several(raster, described):
        return {0: f"not {one.name}", PRESENT: one.name}, {PRESENT: one.colour}
    names = {
        value: entry.text or ""
        for value, entry in enumerate(described.iterfind("CategoryNames/Category"))
    }
    if not any(names.values()):
        names = _tagged(raster.findtext(f"Metadata/MDI[@key='{CLASSES_TAG}']", ""))
    names = {
        value: printable(name)
        for value, name in names.items()
        if value != band.nodata and name.strip()
    }
    return names, dict(_hex(described.iterfind("ColorTable/Entry")))


def printable(text: str) -> str:
    """Return a name as a legend can have it.

    Parameters
    ----------
    text
        Of a stranger's file.

    Returns
    -------
    str
        With a mark in place of each line's end and other character that is none to be seen.
    """
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _tagged(text: str) -> dict[int, str]:
    """Return the names that a tag holds; none where it is not as we write it."""
    try:
        return {int(value): str(name) for value, name in json.loads(text).items()}
    except (ValueError, AttributeError):
        return {}


def _hex(entries: Iterable[ElementTree.Element]) -> Iterable[tuple[int, str]]:
    for value, entry in enumerate(entries):
        yield value, "#" + "".join(f"{int(entry.get(f'c{i}', '0')):02x}" for i in (1, 2, 3))


def colour_apart(value: int) -> str:
    """Return a colour for a class without one.

    Parameters
    ----------
    value
        Of the class.

    Returns
    -------
    str
        As #rrggbb; steps of the golden ratio keep neighbours apart.
    """
    parts = colorsys.hsv_to_rgb(value * 0.618033988749895 % 1, 0.55, 0.85)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
