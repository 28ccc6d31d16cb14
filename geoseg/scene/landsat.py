"""Landsat products as they are downloaded: folders, tar files and MTL files of Collection 2, Level
1 and 2, and of Collection 1, Level 1.

What is where, and what the numbers mean, is read from the MTL file, in any of its three forms:
https://www.usgs.gov/landsat-missions/landsat-collection-2-metadata. QA_PIXEL:
https://www.usgs.gov/landsat-missions/landsat-collection-2-quality-assessment-bands.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from ..core.card import Scaling
from ..core.errors import InputError
from ..raster.places import Folder, Place
from ..raster.stores import AGAIN
from .bands import COMMON, LANDSAT13, LANDSAT47, LANDSAT89
from .masks import Flag, ProductMask
from .metadata import parse_xml, to_number
from .products import Delivery, Product, ProductBand, Root, several_products, told_scaling

_MTL = re.compile(r"L[COTEM]0[1-9]_\w+_MTL\.(?:txt|json|xml)", re.ASCII)
_FORMS = (".txt", ".json", ".xml")  # the first that is there is read
_LINE = re.compile(r'\s*(\w+)\s*=\s*"?([^"]*?)"?\s*')
_FILE = re.compile(r"[\w-][\w.-]{0,200}", re.ASCII)  # a name that leads nowhere else
# of bands: FILE_NAME_BAND_4, FILE_NAME_BAND_6_VCID_1, FILE_NAME_BAND_ST_B10
_BAND = re.compile(r"FILE_NAME_BAND_((?:ST_B)?(\d{1,2})(?:_VCID_[12])?)")
# The groups that say what reflective numbers mean: Collection 2, Level 2 and 1; Collection 1
_REFLECTANCE = (
    "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS",
    "LEVEL1_RADIOMETRIC_RESCALING",
    "RADIOMETRIC_RESCALING",
)
_TEMPERATURE = "LEVEL2_SURFACE_TEMPERATURE_PARAMETERS"
_QUALITY = "FILE_NAME_QUALITY_L1_PIXEL"
# bits of QA_PIXEL: 0 fill, 1 dilated cloud, 2 cirrus, 3 cloud, 4 cloud shadow, 5 snow
_FLAGS = {
    "clouds": (Flag(bits=0b1110),),
    "shadows": (Flag(bits=1 << 4),),
    "snow": (Flag(bits=1 << 5),),
    "nodata": (Flag(bits=1),),
}
_FILL = (0.0,)  # Level-1 and Level-2 numbers begin at 1 (QUANTIZE_CAL_MIN)
Groups = Mapping[str, Mapping[str, str]]


def find(place: Place) -> Root | None:
    """Tell whether a Landsat product lies in a place, without reading its metadata.

    Parameters
    ----------
    place
        A folder with an MTL file, or this file.

    Returns
    -------
    Root or None
        Where the product lies; None where there is none.

    Raises
    ------
    SeveralProductsError
        If there is more than one.
    """
    if place.name and not _MTL.fullmatch(place.name):
        return None
    stem = place.name.rpartition(".")[0]
    found = (
        [f"{stem}{form}" for form in _FORMS if place.folder.has(f"{stem}{form}")]
        if place.name
        else [name for name in place.folder.names() if _MTL.fullmatch(name)]
    )
    products = sorted({name.rpartition(".")[0] for name in found})
    if len(products) > 1:
        first = [next(name for name in found if name.startswith(f"{one}.")) for one in products]
        raise several_products(place.folder, first)
    if not products:
        return None
    form = min(found, key=lambda name: _FORMS.index(name[name.rindex(".") :]))
    return Root(place.folder, form)


def describe(root: Root) -> Delivery:
    """Read which files hold the bands of a product, and what their numbers mean.

    Parameters
    ----------
    root
        As find gives it.

    Returns
    -------
    Delivery
        The bands whose files are there: reflective ones, and thermal ones by names of their own.

    Raises
    ------
    InputError
        If the MTL file is damaged or not what it should be, or no file of a reflective band is
        there.
    """
    path = root.folder.gdal_path(root.name)
    groups = _read(root)
    facts: dict[str, str] = {}
    for group in groups.values():  # what stands first counts: the product's, not its sources'
        facts = {**group, **facts}
    contents = groups.get("PRODUCT_CONTENTS") or groups.get("PRODUCT_METADATA")
    if contents is None:
        raise InputError(f"{path} has no group PRODUCT_CONTENTS", "Landsat's metadata (MTL)", AGAIN)
    sensor = _sensor(facts, path)
    label = _label(facts, contents, groups, path)
    scalings = _scalings(groups, facts, path)
    found, missing = _bands(root.folder, contents, sensor, scalings, groups)
    if not any(number in scalings for number, _ in found):
        raise InputError(
            f"{path}: none of the product's reflective bands is there, such as {missing[0]}"
            if missing
            else f"{path} names no reflective band",
            "the files of the bands beside their metadata",
            AGAIN,
        )
    used = {scalings[number] for number, _ in found if number in scalings}
    one = used.pop() if len(used) == 1 else None
    bands = tuple(
        band if one is None or number not in scalings else _plain(band) for number, band in found
    )
    how = told_scaling(one) if one else "of each band's own"
    sun = "" if label.endswith(("L2SP", "L2SR")) else ", the sun's elevation taken in"
    notes = [f"{label}: reflectance = {how}, from the product's metadata (MTL){sun}"]
    if missing:
        notes.append(f"{label}: not there, and left out: {', '.join(missing)}")
    tags = {"CLOUD_COVER": facts["CLOUD_COVER"]} if "CLOUD_COVER" in facts else {}
    product = Product(sensor, label, one, tuple(notes))
    return Delivery(bands, product, _mask(root.folder, contents), tags)


def _plain(band: ProductBand) -> ProductBand:
    """A band whose scaling is the product's."""
    return ProductBand(band.name, band.path, 1, band.description, None, band.nodata, band.invalid)


def _read(root: Root) -> Groups:
    """The groups of an MTL file, in the order of the file."""
    path = root.folder.gdal_path(root.name)
    if root.name.endswith(".xml"):
        found: dict[str, dict[str, str]] = {}
        for element in parse_xml(root.folder, root.name):
            found.setdefault(element.within, {}).setdefault(element.tag, element.text)
        return found
    try:
        text = root.folder.read(root.name).decode("utf-8")
        return _from_json(text) if root.name.endswith(".json") else _from_text(text)
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON
        raise InputError(
            f"{path} is damaged: {error}", "Landsat's metadata (MTL)", AGAIN
        ) from error


def _from_json(text: str) -> Groups:
    document = json.loads(text)
    inner = next(iter(document.values()), None) if isinstance(document, dict) else None
    if not isinstance(inner, dict):
        raise ValueError("no object of groups")
    return {
        name: {key: str(value) for key, value in group.items()}
        for name, group in inner.items()
        if isinstance(group, dict)
    }


def _from_text(text: str) -> Groups:
    """ODL: GROUP = NAME, then NAME = VALUE, then END_GROUP = NAME."""
    found: dict[str, dict[str, str]] = {}
    open_: list[str] = []
    ended = False
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if not match:
            ended = ended or line.strip() == "END"
            continue
        if match[1] in ("GROUP", "BEGIN_GROUP"):
            open_.append(match[2])
        elif match[1] == "END_GROUP":
            if not open_ or open_.pop() != match[2]:
                raise ValueError(f"END_GROUP = {match[2]} ends no group")
        elif open_:
            found.setdefault(open_[-1], {})[match[1]] = match[2]
    if open_ or not ended:
        raise ValueError("its end is missing")
    return found


def _sensor(facts: Mapping[str, str], path: str) -> str:
    craft = re.fullmatch(r"LANDSAT_?([1-9])", facts.get("SPACECRAFT_ID", ""))
    if not craft:
        raise InputError(
            f"{path} names the spacecraft {facts.get('SPACECRAFT_ID', '')[:40]!r}", "a Landsat"
        )
    if int(craft[1]) <= 3 or facts.get("SENSOR_ID", "").startswith("MSS"):
        return LANDSAT13
    return LANDSAT47 if int(craft[1]) <= 7 else LANDSAT89


def _label(facts: Mapping[str, str], contents: Mapping[str, str], groups: Groups, path: str) -> str:
    number = facts["SPACECRAFT_ID"][-1]
    level = contents.get("PROCESSING_LEVEL") or contents.get("DATA_TYPE", "")
    collection = contents.get("COLLECTION_NUMBER") or groups.get("METADATA_FILE_INFO", {}).get(
        "COLLECTION_NUMBER", ""
    )
    if not re.fullmatch(r"0?[12]", collection) or not re.fullmatch(r"L[12]\w{2}", level):
        raise InputError(
            f"{path} is of collection {collection[:20]!r}, level {level[:20]!r}",
            "Collection 1 or 2, such as L1TP or L2SP",
        )
    return f"Landsat {number} Collection {int(collection)} {level}"


def _scalings(groups: Groups, facts: Mapping[str, str], path: str) -> dict[str, Scaling]:
    """What makes reflectance of each reflective band's numbers, by the band's number.

    Level 1 is told without the sun: https://www.usgs.gov/landsat-missions/
    using-usgs-landsat-level-1-data-product
    """
    name = next((name for name in _REFLECTANCE if name in groups), "")
    group = groups.get(name, {})
    height = 1.0
    if name != _REFLECTANCE[0]:
        sun = to_number(facts.get("SUN_ELEVATION", ""), "SUN_ELEVATION", path)
        height = math.sin(math.radians(sun))
        if height <= 0:
            raise InputError(
                f"{path}: the sun stands at {sun:g} degrees", "a scene by day, with reflectance"
            )
    found = {}
    for key, text in group.items():
        if match := re.fullmatch(r"REFLECTANCE_MULT_BAND_(\d{1,2})", key):
            other = key.replace("MULT", "ADD")
            gain = to_number(text, key, path)
            add = to_number(group.get(other, ""), other, path)
            if gain <= 0:
                raise InputError(f"{path}: {key} is {text}", "a number above 0")
            found[match[1]] = Scaling(gain / height, add / height)
    return found


def _bands(
    folder: Folder,
    contents: Mapping[str, str],
    sensor: str,
    scalings: Mapping[str, Scaling],
    groups: Groups,
) -> tuple[list[tuple[str, ProductBand]], list[str]]:
    """The bands whose files are there, by the number or name that the MTL gives them, and the
    files that are not.
    """
    found = []
    missing = []
    for key, file in contents.items():
        match = _BAND.fullmatch(key)
        if not match:
            continue
        if not _FILE.fullmatch(file):
            raise InputError(
                f"{folder.gdal_path('')}: {key} is {file[:200]!r}",
                "a file of the product",
                "do not trust this product",
            )
        if not folder.has(file):
            missing.append(file)
            continue
        number = match[1]
        code = f"B{int(match[2]):02d}"
        band = ProductBand(
            COMMON.get(sensor, {}).get(code),
            folder.gdal_path(file),
            description=f"ST_{code}" if number.startswith("ST") else code,
            scaling=scalings.get(number) or _temperature(groups, number),
            nodata=0.0,
            invalid=_FILL,
        )
        found.append((number, band))
    return found, missing


def _temperature(groups: Groups, number: str) -> Scaling | None:
    """What makes kelvins of a thermal band of Level 2."""
    group = groups.get(_TEMPERATURE, {})
    names = [f"TEMPERATURE_{kind}_BAND_{number}" for kind in ("MULT", "ADD")]
    if not all(name in group for name in names):
        return None
    return Scaling(*(to_number(group[name], name, _TEMPERATURE) for name in names))


def _mask(folder: Folder, contents: Mapping[str, str]) -> ProductMask | None:
    """QA_PIXEL; the bits of Collection 1's are others, and not read."""
    file = contents.get(_QUALITY, "")
    if not _FILE.fullmatch(file) or not folder.has(file):
        return None
    return ProductMask("QA_PIXEL", folder.gdal_path(file), _FLAGS)
