"""What a STAC item says of its raster assets: where they are, which bands they hold, how these
are to be read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path, PurePath
from typing import Any

from ..core.errors import InputError
from ..core.grid import Grid
from ..raster.band_info import BandInfo
from ..raster.locations import CLOUDS, file_name, gdal_name, is_remote, join
from .bands import code, common
from .item_metadata import Placed

DISPLAY = {
    "visual",
    "overview",
    "thumbnail",
    "preview",
    "rendered_preview",
}  # made for the eye: other numbers
NO_IMAGE = (
    "text/",
    "application/json",
    "application/geo+json",
    "application/xml",
    "application/gml",
    "application/pdf",
    "application/vnd.",
    "application/zip",
)
PLAIN_NAMES = {
    "red",
    "green",
    "blue",
    "nir",
    "swir16",
    "swir22",
}  # which no convention uses for another band
UNKNOWN = 1e-6  # metres: what stands for a pixel size that the item does not tell
_CODE = re.compile(r"(?:EPSG|ESRI|IGNF|OGC):\w{1,20}", re.ASCII)  # no file, no address
_METRIC = re.compile(r"EPSG:32[67]\d\d")  # UTM, whose unit is the metre
_SIZE = re.compile(r"(?<![A-Za-z0-9])(\d{1,4})m(?![A-Za-z0-9])")  # of a pixel, in B04_10m


@dataclass(frozen=True, slots=True)
class Image:
    """An asset with raster bands."""

    key: str
    """Of the asset."""

    path: str
    """As GDAL opens it."""

    layers: tuple[BandInfo, ...]
    """Its bands, on a grid of nothing but a pixel size."""

    said: tuple[tuple[float, float] | None, ...]
    """(scale, offset) of each band; None where unsaid."""

    rank: int
    """Low for the best form of the same data."""

    display: bool
    """Whether its numbers are made to be looked at."""

    placed: Placed = field(default_factory=Placed)
    """Where it lies."""

    called: tuple[tuple[str, float | None], ...] = ()
    """What the item calls each band, and the centre of its wavelengths in micrometres."""


def images_of(item: Mapping[str, Any], base: str) -> list[Image]:
    """Collect the assets that may be rasters.

    Parameters
    ----------
    item
        As JSON has it.
    base
        Where it lies: the path or address of the file that holds it.

    Returns
    -------
    list
        In the item's order; at least one.

    Raises
    ------
    InputError
        If there are none, or what they say cannot be.
    """
    assets = item.get("assets")
    if not isinstance(assets, dict) or not assets:
        raise InputError("the item has no assets")
    found = [
        _image(str(key), asset, item, base)
        for key, asset in assets.items()
        if isinstance(asset, dict) and isinstance(asset.get("href"), str) and _may_be_raster(asset)
    ]
    if not found:
        raise InputError(
            f"the item has no raster among its assets ({', '.join(map(str, assets))})"[:300]
        )
    counts = Counter(image.path for image in found)
    twice = next((path for path, count in counts.items() if count > 1), None)
    if twice:
        raise InputError(
            f"two assets of the item are the same file: {twice}", "a file for each asset"
        )
    return found


def _may_be_raster(asset: Mapping[str, Any]) -> bool:
    roles = asset.get("roles") or ()
    kind = text_of(asset, "type").lower()
    return not kind.startswith(NO_IMAGE) and "thumbnail" not in roles and "metadata" not in roles


def _image(key: str, asset: Mapping[str, Any], item: Mapping[str, Any], base: str) -> Image:
    bands = objects(asset, "bands") or objects(asset, "eo:bands")
    rasters = objects(asset, "raster:bands")
    count = max(len(bands), len(rasters), 1)
    path = located(asset["href"], base)
    roles = (
        {str(role) for role in asset.get("roles") or ()}
        if isinstance(asset.get("roles"), list)
        else set()
    )
    both = [
        {
            **asset,
            **(rasters[i] if i < len(rasters) else {}),
            **(bands[i] if i < len(bands) else {}),
        }
        for i in range(count)
    ]
    layers = tuple(_layer(path, i, key if count == 1 else "", both[i], item) for i in range(count))
    kind = text_of(asset, "type").lower()
    rank = 0 if "cloud-optimized" in kind else 1 if "tiff" in kind else 2 if "jp2" in kind else 3
    return Image(
        key,
        path,
        layers,
        tuple(map(_pair, both)),
        rank,
        bool(roles & DISPLAY) or key.lower() in DISPLAY,
        _placed(asset, item),
        tuple((text_of(band, "name"), _centre(band)) for band in both),
    )


def _placed(asset: Mapping[str, Any], item: Mapping[str, Any]) -> Placed:
    """What the projection extension says of an asset: its CRS may be the item's, its pixels are its
    own.
    """
    told = {**properties_of(item), **asset}
    number = told.get("proj:epsg")
    code_ = text_of(told, "proj:code") or (f"EPSG:{number}" if isinstance(number, int) else "")
    shape = _numbers_of(asset, "proj:shape", (2,))
    transform = _numbers_of(asset, "proj:transform", (6, 9))[:6]
    code_ = code_ if _CODE.fullmatch(code_) else ""
    return Placed(code_, tuple(map(int, shape)), transform)


def _numbers_of(asset: Mapping[str, Any], key: str, lengths: tuple[int, ...]) -> tuple[float, ...]:
    """A list of so many numbers; () where there is none."""
    found = asset.get(key)
    if not isinstance(found, list) or len(found) not in lengths:
        return ()
    numbers = [number_of({key: entry}, key) for entry in found]
    return tuple(number for number in numbers if number is not None) if None not in numbers else ()


def _centre(band: Mapping[str, Any]) -> float | None:
    found = number_of(band, "eo:center_wavelength")
    return number_of(band, "center_wavelength") if found is None else found


def _layer(
    path: str, place: int, key: str, band: Mapping[str, Any], item: Mapping[str, Any]
) -> BandInfo:
    name = text_of(band, "name")
    shared = text_of(band, "eo:common_name") or text_of(band, "common_name")
    texts = [
        text for text in (name, shared, *([key, re.split(r"[-_.]", key)[0]] if key else ())) if text
    ]
    description = next((text for text in texts if code(text) or common(text)), "")
    _check_names(path, key, description, name, shared)
    side = (
        _size(band, key, path, _placed(band, item))
        or number_of(properties_of(item), "gsd")
        or UNKNOWN
    )
    nodata = number_of(band, "nodata")
    return BandInfo(
        path,
        place + 1,
        Grid(1, 1, (side, 0.0, 0.0, 0.0, -side, 0.0)),
        "",
        description,
        "undefined",
        nodata=nodata,
    )


def _check_names(path: str, key: str, description: str, name: str, shared: str) -> None:
    """Raise InputError where the item calls a band otherwise than its file does, or by two
    names.
    """
    stem = PurePath(file_name(path)).stem
    here = code(description)
    there = code(stem.replace("_", " ")) or code(re.split(r"[^A-Za-z0-9]+", stem)[-1])
    if key and here and there and here != there:
        raise InputError(f"the item says that {path} is {here}, its name says {there}", "one band")
    own = common(name)
    other = common(shared)
    if own != other and own in PLAIN_NAMES and other in PLAIN_NAMES:
        raise InputError(f"the item calls a band of {path} both {name} and {shared}", "one band")


def _size(band: Mapping[str, Any], key: str, path: str, placed: Placed) -> float | None:
    """Return the side of a pixel in metres, as far as the item tells it."""
    for name in ("spatial_resolution", "raster:spatial_resolution", "gsd"):
        if (found := number_of(band, name)) and found > 0:
            return found
    match = _SIZE.search(key.replace("_", " ")) or _SIZE.search(
        PurePath(file_name(path)).stem.replace("_", " ")
    )
    if match is None and _METRIC.fullmatch(placed.code) and placed.transform:
        return abs(placed.transform[0]) or None
    return float(match[1]) if match else None


def _pair(band: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return scale and offset where one of them is said."""
    scale = next(
        (value for key in ("raster:scale", "scale") if (value := number_of(band, key)) is not None),
        None,
    )
    offset = next(
        (
            value
            for key in ("raster:offset", "offset")
            if (value := number_of(band, key)) is not None
        ),
        None,
    )
    if scale is None and offset is None:
        return None
    if scale is not None and scale <= 0:
        raise InputError(
            f"the item gives a scale of {scale:g}", "a factor above 0", "say it with --scale"
        )
    return 1.0 if scale is None else scale, offset or 0.0


def located(href: str, base: str) -> str:
    """Say what GDAL opens for an asset's address.

    Parameters
    ----------
    href
        Relative ones lie beside the item's file.
    base
        The path or address of the file that holds the item.

    Returns
    -------
    str
        A path, an address of the web, or a /vsi path of a cloud.

    Raises
    ------
    InputError
        If it is something else: GDAL's names can be databases, services and programs of
        their own. Items from a server name no files of this machine.
    """
    scheme, slashes, rest = href.partition("://")
    if not href.isprintable() or not href.strip() or href.lstrip().startswith("<"):
        raise InputError(f"the item has an asset at {href[:80]!r}", "a path or an address")
    if slashes and scheme.lower() in ("http", "https"):
        return href
    if slashes and scheme.lower() in CLOUDS:
        return gdal_name(href)
    if slashes and scheme.lower() == "file" and not is_remote(base):
        return "/" + rest.partition("/")[2]
    if href.startswith("/vsi"):
        if href.startswith(("/vsicurl/http", *CLOUDS.values())):
            return href
    elif not (slashes or re.match(r"[A-Za-z][A-Za-z0-9_+.-]+:", href)):
        if is_remote(base):
            return located(join(base, href), base)
        return str(Path(base).absolute().parent / href)
    raise InputError(f"the item has an asset at {href[:80]}", "a path, or http, https, s3, gs, az")


def properties_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Look up the properties of an item.

    Parameters
    ----------
    item
        As JSON has it.

    Returns
    -------
    Mapping
        Empty where they are not an object.
    """
    found = item.get("properties")
    return found if isinstance(found, dict) else {}


def objects(parent: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Look up a list of objects.

    Parameters
    ----------
    parent
        As JSON has it.
    key
        Of the list.

    Returns
    -------
    list
        Empty where there is no list; what is no object in it counts as one without fields.
    """
    found = parent.get(key)
    return (
        [entry if isinstance(entry, dict) else {} for entry in found]
        if isinstance(found, list)
        else []
    )


def text_of(parent: Mapping[str, Any], key: str) -> str:
    """Look up a text.

    Parameters
    ----------
    parent
        As JSON has it.
    key
        Of the text.

    Returns
    -------
    str
        "" where there is none.
    """
    found = parent.get(key)
    return found if isinstance(found, str) else ""


def number_of(parent: Mapping[str, Any], key: str) -> float | None:
    """Look up a number.

    Parameters
    ----------
    parent
        As JSON has it.
    key
        Of the number.

    Returns
    -------
    float
        None where there is none, or none that is finite ("nan" and "inf" are texts there).
    """
    found = parent.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        return float(found) if isfinite(found) else None
    except OverflowError:
        return None
