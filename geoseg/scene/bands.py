"""Which band is which: names from descriptions, file names and colour interpretation, never from
position.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..raster.locations import file_name

if TYPE_CHECKING:
    from ..raster.band_info import BandInfo


SENTINEL2 = "Sentinel-2"
LANDSAT89 = "Landsat 8/9"
LANDSAT47 = "Landsat 4-7"
LANDSAT13 = "Landsat MSS"
LANDSAT = "Landsat"

# A band's code as a token of its own: B2, B02, B8A, b02; not "b2" (any file's second band), not
# AB12
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?:B(0?[1-9]|1[0-2]|0?8A)|b(0[1-9]|1[0-2]|8a))(?:_(?:10|20|60)m)?(?![A-Za-z0-9])"
)
_IN_LANDSAT = re.compile(r"(?<![A-Za-z])S[RT]_B(?:[1-7]|10)(?![A-Za-z0-9])")  # Landsat Collection 2
_BEYOND = re.compile(
    r"(?<![A-Za-z0-9])[Bb](?:1[3-9]|[2-9]\d)(?![A-Za-z0-9])"
)  # more bands than Sentinel-2 has


def _word(pattern: str) -> re.Pattern[str]:
    """A word in a file's name or a tag: lower case, anything but letters and digits read as a
    space.
    """
    return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])")


# What follows a Landsat's number before the collections (path, row, year, day, station) and in
# orders of surface
# reflectance (path, row, date, collection): LC80140342020001LGN00, LT050140342010042301T1
_ORDERED = r"\d{13}[a-z]{3}\d\d|\d{13,16}(?:t[12]|rt)?"
# What files and tags call themselves. HLS:
# https://lpdaac.usgs.gov/documents/1698/HLS_User_Guide_V2.pdf
_MADE_BY = (
    (LANDSAT89, _word(rf"l[cot]0?[89](?:{_ORDERED})?|l[89]|landsat ?[89]|hls l30|oli(?: tirs)?")),
    (LANDSAT47, _word(rf"(?:le0?7|lt0?[45])(?:{_ORDERED})?|l[57]|landsat ?[4-7]|etm")),
    (LANDSAT13, _word(rf"lm0?[1-5](?:{_ORDERED})?|landsat ?[1-3]|landsat mss")),
    (LANDSAT, _word(r"landsat")),
    (
        SENTINEL2,
        _word(
            r"s2[abcd]?|s2[abcd]? ?l[12][ac]|msil[12][ac]|sentinel ?2[abcd]?|hls s30"
            r"|t\d\d[a-z]{3} \d{8}t\d{6}"
        ),
    ),
    ("Sentinel-1", _word(r"sentinel ?1[abcd]?|s1[abcd] (?:iw|ew|sm|wv)")),
    ("Sentinel-3", _word(r"sentinel ?3[abcd]?|s3[abcd] (?:ol|sl|sy)")),
    ("MODIS", _word(r"modis|(?:mod|myd|mcd)\d\d\w*|sur refl b\d\d")),
    ("VIIRS", _word(r"viirs|v(?:np|j1|j2)\d\d\w*")),
    ("ASTER", _word(r"aster|ast l1[abt]|ast \d\d")),
    ("PlanetScope", _word(r"planet ?scope|psscene\w*|ps2|psb ?sd|analyticms\w*|superdove")),
    ("SkySat", _word(r"skysat\w*|ssc\d{1,2}(?:d\d)? \d{4}")),
    ("RapidEye", _word(r"rapideye\w*")),
    ("WorldView", _word(r"world ?view ?\d?|wv0?[1-4]")),
    ("GeoEye", _word(r"geoeye ?1?|ge01")),
    ("QuickBird", _word(r"quickbird ?2?|qb02")),
    ("Pleiades", _word(r"pl[eé]iades|phr1[ab]|pneo\d?")),
    ("SPOT", _word(r"spot ?[1-7]|spot[1-7] \w*")),
    ("Gaofen", _word(r"gaofen ?\d?|gf[1-7]")),
    ("CBERS", _word(r"cbers\w*")),
    ("ALOS", _word(r"alos ?2?|avnir ?2?|alav2\w*")),
    ("KOMPSAT", _word(r"kompsat ?\d?\w?|arirang ?\d?\w?|k(?:2|3a?) \d{14}")),
    ("Resourcesat", _word(r"resourcesat ?\d?\w?|liss ?(?:3|4|iii|iv)|awifs")),
    ("VENUS", _word(r"venus xs")),
    ("Formosat", _word(r"formosat ?\d?")),
    ("DESIS", _word(r"desis")),
    ("EnMAP", _word(r"enmap\w*")),
    ("PRISMA", _word(r"prisma|prs l[12]\w*")),
    ("NAIP", _word(r"naip")),
)
_SENSOR_TAGS = (
    "SPACECRAFT_NAME",
    "SPACECRAFT_ID",
    "DATATAKE_1_SPACECRAFT_NAME",
    "SATELLITEID",
    "SATELLITE",
    "SENSOR",
    "SENSOR_ID",
    "PLATFORM",
    "MISSION",
    "CONSTELLATION",
    "LANDSAT_PRODUCT_ID",
    "HLS_PRODUCT",
    "SHORTNAME",
    "TIFFTAG_IMAGEDESCRIPTION",
    "TIFFTAG_DOCUMENTNAME",
)

_VISIBLE = {"B02", "B03", "B04"}
# what Sentinel-2 has at 10 m beside these; Landsat's panchromatic band, of other pixels than the
# rest
_NIR = "B08"

# https://github.com/stac-extensions/eo: common names
COMMON = {
    SENTINEL2: {
        "B01": "coastal",
        "B02": "blue",
        "B03": "green",
        "B04": "red",
        "B05": "rededge071",
        "B06": "rededge075",
        "B07": "rededge078",
        "B08": "nir",
        "B8A": "nir08",
        "B09": "nir09",
        "B10": "cirrus",
        "B11": "swir16",
        "B12": "swir22",
    },
    LANDSAT89: {
        "B01": "coastal",
        "B02": "blue",
        "B03": "green",
        "B04": "red",
        "B05": "nir08",
        "B06": "swir16",
        "B07": "swir22",
        "B08": "pan",
        "B09": "cirrus",
        "B10": "lwir11",
        "B11": "lwir12",
    },
    LANDSAT47: {
        "B01": "blue",
        "B02": "green",
        "B03": "red",
        "B04": "nir08",
        "B05": "swir16",
        "B07": "swir22",
    },
}
_ALIASES = {
    "nearinfrared": "nir",
    "infrared": "nir",
    "rededge1": "rededge071",
    "rededge2": "rededge075",
    "rededge3": "rededge078",
    "swir1": "swir16",
    "swir2": "swir22",
    "coastalblue": "coastal",
    "coastalaerosol": "coastal",
    "narrownir": "nir08",
    "panchromatic": "pan",
}
# Centres in nanometres, and what bands there are called
_CENTRES = (
    (400, 450, "coastal"),
    (450, 520, "blue"),
    (520, 590, "green"),
    (620, 690, "red"),
    (690, 750, "rededge"),
    (750, 900, "nir"),
)
INFRARED = (
    "nir",
    "red",
    "green",
)  # the bands of colour infrared, whatever colours they are shown in
_INFRARED = re.compile(r"(?<![a-z])(?:cir|irrg|nirrg|nrg)(?![a-z])")  # in a file's name
# What stands beside the one name in a description that is no more than that: Band 1 (Blue), 480 nm
_BESIDE = re.compile(
    r"\d+|b\d*|bands?|ch|channel|layer|nm|sr|boa|toa|surface|reflectance|radiance|spectral|light"
)
_LENGTH = re.compile(
    r"(\d+(?:\.\d+)?) ?(nm|nanomet(?:er|re)s?|[u\u00b5\u03bc]m|micromet(?:er|re)s?|microns?)"
)
# Descriptions of one letter, which are names only where all bands have them
_LETTERS = {"r": "red", "g": "green", "b": "blue", "re": "rededge"}
_LETTERS |= dict.fromkeys(("n", "ir", "nir"), "nir")
_COUNTED = re.compile(r"(?i)(?:(?:band|layer|channel|ch|b)s?)?[ _.-]*\d*")  # tells nothing
_COLOURS = ("red", "green", "blue", "nir", "rededge", "coastal", "pan")
_KNOWN = {name for names in COMMON.values() for name in names.values()} | {"rededge"}


def code(text: str) -> str | None:
    """Find the one band code in a text.

    Parameters
    ----------
    text
        A description or a file name.

    Returns
    -------
    str or None
        As B02 or B8A; None where there is none or more than one.
    """
    found = {(big or small).upper().lstrip("0") for big, small in _CODE.findall(text)}
    if len(found) != 1:
        landsat = _IN_LANDSAT.findall(text)
        return f"B{int(landsat[0].rpartition('B')[2]):02d}" if len(landsat) == 1 else None
    number = found.pop()
    return "B8A" if number == "8A" else f"B{int(number):02d}"


def common(text: str) -> str | None:
    """Find the common name (blue, nir, swir16) that a whole text is.

    Parameters
    ----------
    text
        A description, or a part of a file name.

    Returns
    -------
    str or None
        The name; None where it is none.
    """
    word = re.sub(r"[^a-z0-9]", "", text.lower())
    word = _ALIASES.get(word, word)
    return word if word in _KNOWN else None


def colour_at(wavelength: float) -> str | None:
    """Name a band by the middle of what it sees.

    Parameters
    ----------
    wavelength
        In nanometres.

    Returns
    -------
    str or None
        A common name; None where bands have none, or differ in it.
    """
    return next((name for low, high, name in _CENTRES if low <= wavelength < high), None)


def told_name(description: str) -> str | None:
    """Find the one common name that a description tells beside words that say nothing.

    Parameters
    ----------
    description
        Of a band, such as Band 1 (Blue), near-infrared band, or 842 nm.

    Returns
    -------
    str or None
        The name; None where there is none, more than one, or any other word.
    """
    if name := common(description):
        return name
    text = re.sub(r"[^a-z0-9.\u00b5\u03bc]+", " ", description.lower()).strip()
    lengths = [
        float(number) * (1 if unit.startswith("n") else 1000)
        for number, unit in _LENGTH.findall(text)
    ]
    words = re.sub(r"near infra ?red|near ir", "nir", _LENGTH.sub(" ", text))
    words = re.sub(r"red edge", "rededge", words)
    found = [word for word in words.split() if not _BESIDE.fullmatch(word)]
    names = {common(word) for word in found}
    if names:
        return names.pop() if len(names) == 1 else None
    return colour_at(lengths[0]) if len(lengths) == 1 else None


def unread_names(layers: Sequence[BandInfo]) -> list[str]:
    """List the descriptions that tell nothing of bands that are taken for their colours.

    Parameters
    ----------
    layers
        Bands with their names.

    Returns
    -------
    list
        Those that are more than a number; empty where each description is understood.
    """
    return [
        layer.description
        for layer in layers
        if layer.name is not None
        and layer.name == layer.colour
        and not _COUNTED.fullmatch(layer.description)
        and layer.description.lower() not in _LETTERS
        and told_name(layer.description) is None
    ]


def find_sensor(
    layers: Sequence[BandInfo], paths: Sequence[str], tags: Mapping[str, str], gsd: float | None
) -> str | None:
    """Find the sensor that made a scene, as far as its bands, file names and tags tell.

    B8A is Sentinel-2's alone; else file names, descriptions and tags say it; without these, B12 is
    Sentinel-2's where no band counts further, and pixels of 12 m or less are likely so where the
    codes are not those of a Landsat that was resampled, or a plain count from B1 on: these read
    alike and mean other bands.

    Parameters
    ----------
    layers
        What the headers say of the bands.
    paths
        The files.
    tags
        Their metadata.
    gsd
        The side of the finest band's pixel in metres, None where it is not known.

    Returns
    -------
    str or None
        Its name; None where it is not certain.
    """
    texts = [layer.description for layer in layers]
    alone = _alone(layers)
    codes = {_raw(layer, alone) for layer in layers} - {None}
    if "B8A" in codes:
        return SENTINEL2
    told = [*(file_name(path) for path in paths), *texts]
    told += [value for tag, value in tags.items() if tag.upper() in _SENSOR_TAGS]
    found = sensors_in(told)
    if found:
        return _one(found)
    if any(_IN_LANDSAT.search(text) for text in texts):
        return LANDSAT
    if any(_BEYOND.search(text) for text in texts):
        return None
    fine = (
        gsd is not None
        and gsd <= 12
        and codes
        and (codes <= _VISIBLE or (_NIR in codes and "B01" not in codes))
    )
    return SENTINEL2 if "B12" in codes or fine else None


def sensors_in(texts: Sequence[str]) -> tuple[str, ...]:
    """Find the sensors that texts name.

    Parameters
    ----------
    texts
        File names, descriptions, tags.

    Returns
    -------
    tuple
        Their names, the most certain first.
    """
    words = "\n".join(re.sub(r"[^a-z0-9é]+", " ", text.lower()) for text in texts)
    return tuple(sensor for sensor, pattern in _MADE_BY if pattern.search(words))


def same_sensor(one: str, other: str) -> bool:
    """Tell whether two sensors may be one: "Landsat" is any of the Landsats.

    Parameters
    ----------
    one, other
        Their names.

    Returns
    -------
    bool
        Whether they may be.
    """
    return one == other or (
        LANDSAT in (one, other) and one.startswith(LANDSAT) and other.startswith(LANDSAT)
    )


def _one(found: Sequence[str]) -> str | None:
    """The one sensor that was found; "Landsat 8" names the family as well."""
    own = [sensor for sensor in found if sensor != LANDSAT] or [LANDSAT]
    if LANDSAT in found and not own[0].startswith(LANDSAT):
        return None
    return own[0] if len(own) == 1 else None


def name_layers(layers: Sequence[BandInfo], sensor: str | None) -> list[str | None]:
    """Name the bands of a scene.

    Parameters
    ----------
    layers
        What the headers say of the bands.
    sensor
        What made it; None where it is not known.

    Returns
    -------
    list
        A code for Sentinel-2, else a common name; None for a band that is not certain.
    """
    alone = _alone(layers)
    if _is_infrared([layer for layer in layers if layer.colour != "alpha"]):
        names = iter(INFRARED)
        return [None if layer.colour == "alpha" else next(names) for layer in layers]
    letters = [layer.description.lower() for layer in layers if layer.colour != "alpha"]
    if len(letters) > 2 and len(set(letters)) == len(letters) and set(letters) <= _LETTERS.keys():
        return [
            None if layer.colour == "alpha" else _LETTERS[layer.description.lower()]
            for layer in layers
        ]
    return [_name(layer, alone, sensor) for layer in layers]


def _is_infrared(images: Sequence[BandInfo]) -> bool:
    """Whether a file of three bands calls itself colour infrared: its colours then are not what
    they are named.
    """
    if len(images) != 3 or any(
        layer.description or layer.path != images[0].path for layer in images
    ):
        return False
    return _INFRARED.search(PurePath(file_name(images[0].path)).stem.lower()) is not None


def _name(layer: BandInfo, alone: Collection[str], sensor: str | None) -> str | None:
    if layer.colour == "alpha":
        return None
    found = _raw(layer, alone)
    if found:
        if sensor == SENTINEL2:
            return found
        return COMMON.get(sensor or "", {}).get(found)
    for text in _texts(layer, alone):
        if name := common(text):
            return name
    return told_name(layer.description) or (layer.colour if layer.colour in _COLOURS else None)


def _raw(layer: BandInfo, alone: Collection[str]) -> str | None:
    """The band code as it stands in the description, else in the name of a file of one band."""
    return next((found for text in _texts(layer, alone) if (found := code(text))), None)


def _alone(layers: Sequence[BandInfo]) -> set[str]:
    """Return the files that hold one band, alpha apart: their names may be the band's."""
    counts = Counter(layer.path for layer in layers if layer.colour != "alpha")
    return {path for path, count in counts.items() if count == 1}


def _texts(layer: BandInfo, alone: Collection[str]) -> list[str]:
    texts = [layer.description]
    if layer.path in alone:
        stem = PurePath(file_name(layer.path)).stem
        texts += [stem.replace("_", " "), re.split(r"[^A-Za-z0-9]+", stem)[-1]]
    return texts


def wanted_names(name: str, common_name: str) -> tuple[str, ...]:
    """List the names by which a scene may call a band of a model.

    Parameters
    ----------
    name
        The model's own.
    common_name
        Its common name, or "".

    Returns
    -------
    tuple
        The surest first.
    """
    own = code(name) or common(name) or name
    return tuple(dict.fromkeys(n for n in (own, common_name, COMMON[SENTINEL2].get(own, "")) if n))
