"""Maxar deliveries (WorldView, GeoEye, QuickBird): the tile map (.TIL) or the single raster of a
product, with its metadata (.IMD).

https://securewatchdocs.maxar.com and GDAL's driver, https://gdal.org/en/stable/drivers/raster/til.html
"""

from __future__ import annotations

import re
from pathlib import PurePath

from ..core.errors import InputError
from ..raster.places import Place
from ..raster.stores import AGAIN
from .metadata import check_inside
from .products import Delivery, Product, ProductBand, Root, count_bands, several_products

_IMD = re.compile(r"[\w.-]+\.imd", re.ASCII | re.IGNORECASE)
_TIL = re.compile(r"[\w.-]+\.til", re.ASCII | re.IGNORECASE)
_CRAFTS = {"WV": "WorldView", "GE": "GeoEye", "QB": "QuickBird"}
# groups of the IMD, which stand there in the order of the raster's bands
_BANDS = {
    "P": "pan",
    "C": "coastal",
    "B": "blue",
    "G": "green",
    "Y": "yellow",
    "R": "red",
    "RE": "rededge",
    "N": "nir",
    "N2": "nir09",
}
_LETTERS = re.compile(r'^\s*bandId\s*=\s*"([RGBN]{3,4})"', re.MULTILINE)
_CORNER = re.compile(r"^\s*ULX\s*=", re.MULTILINE)
_TILE = re.compile(r'^\s*filename\s*=\s*"?([^";\r\n]*)', re.MULTILINE)
_GROUP = re.compile(r"^\s*BEGIN_GROUP\s*=\s*BAND_(\w+)\s*$", re.MULTILINE)


def find(place: Place) -> Root | None:
    """Tell whether a Maxar product lies in a place.

    Parameters
    ----------
    place
        A folder with one IMD file, this file, or the TIL file beside it.

    Returns
    -------
    Root or None
        Where it lies; None where there is none.

    Raises
    ------
    SeveralProductsError
        If there is more than one.
    """
    if place.name and not (_IMD.fullmatch(place.name) or _TIL.fullmatch(place.name)):
        return None
    found = [name for name in place.folder.names() if _IMD.fullmatch(name)]
    if place.name:
        found = [name for name in found if _stem(name) == _stem(place.name)]
    if len(found) > 1:
        raise several_products(place.folder, found)
    return Root(place.folder, found[0]) if found else None


def describe(root: Root) -> Delivery:
    """Read what the bands of a product are.

    Parameters
    ----------
    root
        As find gives it.

    Returns
    -------
    Delivery
        Its bands by common names; what their numbers mean in reflectance, the metadata do not say.

    Raises
    ------
    InputError
        If the metadata are damaged, the raster is missing, or has other bands than they say.
    """
    path = root.folder.gdal_path(root.name)
    text = root.folder.read(root.name).decode("utf-8", "replace")
    codes = _GROUP.findall(text)
    craft = re.search(r'^\s*satId\s*=\s*"(\w\w)(\d*)"', text, re.MULTILINE)
    level = re.search(r'^\s*productLevel\s*=\s*"(\w{1,20})"', text, re.MULTILINE)
    if not codes or craft is None or craft[1] not in _CRAFTS:
        raise InputError(f"{path} names no bands or no satellite of Maxar", "an IMD file", AGAIN)
    raster = root.folder.gdal_path(_raster(root))
    if raster.lower().endswith(".til"):
        tiles = root.folder.read(_raster(root)).decode("utf-8", "replace")
        for tile in _TILE.findall(tiles):  # GDAL follows it wherever it leads
            check_inside(tile, "filename", raster)
    # GDAL's driver takes a corner that the metadata do not name for 0
    if raster.lower().endswith(".til") and not _CORNER.search(text):
        raise InputError(
            f"{path} does not say where the product lies (ULX, ULY)",
            "a product on a map: Standard, Ortho or Precision",
            "rectify it first, or name the rasters of its tiles",
        )
    count = count_bands(raster)
    if count != len(codes):
        raise InputError(
            f"{raster} has {count} bands, {path} names {len(codes)}", "the same bands", AGAIN
        )
    # such as RGB of natural colours: the raster's order, where "Multi" leaves it to the groups
    letters = _LETTERS.search(text)
    sure = letters is None or list(letters[1]) == codes
    bands = tuple(
        ProductBand(
            _BANDS.get(code) if sure else None,
            raster,
            index,
            f"BAND_{code}" if sure else f"band {index}",
            nodata=0.0,
        )
        for index, code in enumerate(codes, 1)
    )
    label = f"{_CRAFTS[craft[1]]} {int(craft[2] or 1)}{f' {level[1]}' if level else ''}"
    notes = [f"{label}: its metadata (IMD) name the bands, and give no reflectance"]
    if letters and not sure:
        notes = [
            f"{label}: its metadata (IMD) call the bands {letters[1]} and list {', '.join(codes)}, "
            "so that which is which is not certain"
        ]
    return Delivery(bands, Product(_CRAFTS[craft[1]], label, notes=tuple(notes)))


def _raster(root: Root) -> str:
    """The tile map, else the one raster of the metadata's name."""
    stem = _stem(root.name)
    names = [name for name in root.folder.names() if _stem(name) == stem]
    for suffix in (".til", ".tif", ".ntf"):
        found = [name for name in names if PurePath(name).suffix.lower() == suffix]
        if found:
            return found[0]
    raise InputError(
        f"{root.folder.gdal_path(stem)}.TIL and .TIF are missing", "all files of the product", AGAIN
    )


def _stem(name: str) -> str:
    return PurePath(name).stem.lower()
