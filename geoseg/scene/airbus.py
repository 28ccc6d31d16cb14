"""Airbus deliveries in DIMAP (Pleiades, Pleiades Neo, SPOT 6 and 7): DIM_*.XML and its rasters.

GDAL's driver opens them: https://gdal.org/en/stable/drivers/raster/dimap.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..core.card import Scaling
from ..core.errors import InputError
from ..raster.places import Place
from ..raster.stores import AGAIN
from .bands import colour_at
from .metadata import Element, check_inside, number_of, parse_xml, text_in, to_number
from .products import Delivery, Product, ProductBand, Root, count_bands, several_products

_DIM = re.compile(r"DIM_[\w.-]+\.xml", re.ASCII | re.IGNORECASE)
_MISSIONS = {"PHR": "Pleiades", "PNEO": "Pleiades", "SPOT": "SPOT"}
_WIDEST = 230.0  # nanometres: a band that is wider is panchromatic


def find(place: Place) -> Root | None:
    """Tell whether an Airbus product lies in a place.

    Parameters
    ----------
    place
        A folder with one DIM file, or this file.

    Returns
    -------
    Root or None
        Where it lies; None where there is none.

    Raises
    ------
    SeveralProductsError
        If there is more than one.
    """
    names = [place.name] if place.name else place.folder.names()
    found = [name for name in names if _DIM.fullmatch(name)]
    if len(found) > 1:
        raise several_products(place.folder, found)
    return Root(place.folder, found[0]) if found else None


def describe(root: Root) -> Delivery:
    """Read what the bands of a product are, and what their numbers mean.

    Parameters
    ----------
    root
        As find gives it.

    Returns
    -------
    Delivery
        Its bands, named by the spectral ranges of the metadata where these say which band of the
        raster is which.

    Raises
    ------
    InputError
        If the metadata are damaged, or the raster has other bands than they say.
    """
    path = root.folder.gdal_path(root.name)
    elements = parse_xml(root.folder, root.name)
    if elements[-1].tag != "Dimap_Document":
        raise InputError(f"{path} is a <{elements[-1].tag[:80]}>", "DIMAP metadata", AGAIN)
    for element in elements:
        if element.tag == "DATA_FILE_PATH":  # GDAL follows it wherever it leads
            check_inside(element.attributes.get("href", ""), "DATA_FILE_PATH", path)
    count = count_bands(path)
    order = _order(elements, count, path)
    ranges = _ranges(elements, path)
    reflectance = text_in(elements, "RADIOMETRIC_PROCESSING").upper() == "REFLECTANCE"
    scalings = _reflectance(elements, path) if reflectance else {}
    special = _special(elements, path)
    bands = tuple(
        ProductBand(
            _colour(ranges.get(name)),
            path,
            index,
            name or f"band {index}",
            scalings.get(name),
            special.get("NODATA"),
            (special["SATURATED"],) if "SATURATED" in special else (),
            round(sum(ranges[name]) / 2) if name in ranges else None,
        )
        for index, name in enumerate(order, 1)
    )
    mission = _word(elements, "MISSION", path).upper()
    sensor = _MISSIONS.get(mission)
    number = _word(elements, "MISSION_INDEX", path)
    label = " ".join(filter(None, (sensor or mission or "DIMAP", number)))
    notes = [
        f"{label}: reflectance = DN by the gain of each band, from {root.name}"
        if scalings
        else f"{label}: its metadata give no reflectance"
    ]
    if not any(order):
        notes.append(f"{label}: {root.name} does not say which band of the raster is which")
    return Delivery(bands, Product(sensor, label, notes=tuple(notes)))


def _word(elements: Sequence[Element], tag: str, path: str) -> str:
    """The text of an element, which is shown to people; "" where there is none."""
    text = text_in(elements, tag)
    if not re.fullmatch(r"[\w-]{0,20}", text, re.ASCII):
        raise InputError(f"{path}: {tag} is {text[:40]!r}", "a word", AGAIN)
    return text


def _order(elements: Sequence[Element], count: int, path: str) -> list[str]:
    """The name of each of the raster's bands; "" for all where the metadata do not say.

    GDAL puts the bands of several groups of files (RGB and NED of Pleiades Neo) one behind the
    other, each in the file's own order: the index counts within a file, or over all.
    """
    found: list[str] = []
    group: dict[int, str] = {}
    listed = 0
    name = ""
    for element in elements:
        if element.tag == "BAND_ID" and element.within == "Raster_Index":
            name = element.text
        elif element.tag == "BAND_INDEX" and element.within == "Raster_Index":
            group[int(number_of(element, path))] = name
            listed += 1
        elif element.tag == "Raster_Index_List":
            if len(group) == listed and sorted(group) in _runs(len(group), len(found)):
                found += [group[index] for index in sorted(group)]
            elif group:
                return [""] * count
            group = {}
            listed = 0
    if found and len(found) != count:
        raise InputError(
            f"{path} names {len(found)} bands ({', '.join(found)}), its raster has {count}",
            "the same bands",
            AGAIN,
        )
    return found or [""] * count


def _runs(length: int, before: int) -> tuple[list[int], list[int]]:
    """The numbers of a group's bands: from 1, or behind those of the groups before."""
    return list(range(1, length + 1)), list(range(before + 1, before + length + 1))


def _ranges(elements: Sequence[Element], path: str) -> dict[str, tuple[float, float]]:
    """Each band's spectral range in nanometres, by its name.

    Pleiades Neo has its ends in an element FWHM, older products beside the name.
    """
    found: dict[str, tuple[float, float]] = {}
    inner: dict[str, Element] = {}
    for element in elements:
        if element.within in ("Band_Spectral_Range", "FWHM"):
            inner[element.tag] = element
        elif element.within == "Band_Measurement_List":
            if element.tag == "Band_Spectral_Range" and {"BAND_ID", "MIN", "MAX"} <= inner.keys():
                low, high = (number_of(inner[end], path) for end in ("MIN", "MAX"))
                unit = inner["MEASURE_UNIT"].text.lower() if "MEASURE_UNIT" in inner else ""
                small = unit.startswith("micro") or (not unit and high < 100)
                times = 1000 if small else 1
                found[inner["BAND_ID"].text] = (low * times, high * times)
            inner = {}
    return found


def _reflectance(elements: Sequence[Element], path: str) -> dict[str, Scaling]:
    """What makes reflectance of each band: DN / GAIN + BIAS, by its name."""
    found: dict[str, Scaling] = {}
    inner: dict[str, str] = {}
    for element in elements:
        if element.within == "Band_Reflectance":
            inner[element.tag] = element.text
        elif element.tag == "Band_Reflectance":
            gain = to_number(inner.get("GAIN", ""), "GAIN", path)
            bias = to_number(inner.get("BIAS", "0"), "BIAS", path)
            if gain <= 0:
                raise InputError(f"{path}: GAIN is {gain:g}", "a number above 0")
            found[inner.get("BAND_ID", "")] = Scaling(1 / gain, bias)
            inner = {}
    return found


def _special(elements: Sequence[Element], path: str) -> Mapping[str, float]:
    """The numbers that stand for no data and too much light."""
    found: dict[str, float] = {}
    inner: dict[str, Element] = {}
    for element in elements:
        if element.within == "Special_Value":
            inner[element.tag] = element
        elif element.tag == "Special_Value":
            if {"SPECIAL_VALUE_TEXT", "SPECIAL_VALUE_COUNT"} <= inner.keys():
                name = inner["SPECIAL_VALUE_TEXT"].text.upper()
                found[name] = number_of(inner["SPECIAL_VALUE_COUNT"], path)
            inner = {}
    return found


def _colour(ends: tuple[float, float] | None) -> str | None:
    """What a band of a spectral range in nanometres is called."""
    if ends is None:
        return None
    if ends[1] - ends[0] > _WIDEST:
        return "pan"
    return colour_at(sum(ends) / 2)
