"""PlanetScope scenes of three, four and eight bands, their metadata and usable data mask.

https://docs.planet.com/data/imagery/planetscope and https://docs.planet.com/data/imagery/udm
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..core.card import Scaling
from ..core.errors import InputError
from ..raster.places import Folder, Place
from ..raster.stores import AGAIN
from .masks import Flag, ProductMask
from .metadata import Element, parse_xml, text_in, to_number
from .products import (
    Delivery,
    Product,
    ProductBand,
    Root,
    count_bands,
    several_products,
    told_scaling,
)

PLANETSCOPE = "PlanetScope"
_ID = r"(?P<id>\d{8}_\d{6}(?:_\d{2,3})?_\w{4})_(?P<level>1B|3B)_"
_IMAGE = re.compile(
    rf"{_ID}Analytic(?P<several>MS)?(?P<surface>_SR)?(?P<eight>_8b)?(?:_harmonized)?(?:_clip)?\.tif",
    re.ASCII,
)
_METADATA = re.compile(rf"{_ID}Analytic(?:MS)?(?:_8b)?_metadata(?:_clip)?\.xml", re.ASCII)
_MASK = re.compile(rf"{_ID}udm2(?:_clip)?\.tif", re.ASCII)
_THREE = ("red", "green", "blue")  # of a name without MS
_FOUR = ("blue", "green", "red", "nir")
_EIGHT = ("coastal", "blue", "green05", "green", "yellow", "red", "rededge", "nir")
# Centres in nanometres by the instrument that the metadata name
_WAVELENGTHS: dict[str, Mapping[str, int]] = {
    "PS2": {"blue": 485, "green": 545, "red": 630, "nir": 820},
    "PS2.SD": {"blue": 490, "green": 566, "red": 666, "nir": 867},
    "PSB.SD": {
        "coastal": 443,
        "blue": 490,
        "green05": 531,
        "green": 565,
        "yellow": 610,
        "red": 665,
        "rededge": 705,
        "nir": 865,
    },
}
_SURFACE = Scaling(1e-4)  # of all surface reflectance products
# bands of UDM2: 2 snow, 3 shadow, 5 heavy haze, 6 cloud; of the 8th, bit 0 is outside the scene
_FLAGS = {
    "clouds": (Flag(5, values=(1,)), Flag(6, values=(1,))),
    "shadows": (Flag(3, values=(1,)),),
    "snow": (Flag(2, values=(1,)),),
    "nodata": (Flag(8, bits=1),),
}


def find(place: Place) -> Root | None:
    """Tell whether a PlanetScope scene lies in a place.

    Parameters
    ----------
    place
        A folder with one scene, its raster, or its metadata.

    Returns
    -------
    Root or None
        Where it lies; None where there is none.

    Raises
    ------
    SeveralProductsError
        If there is more than one.
    """
    if place.name and _IMAGE.fullmatch(place.name):
        return Root(place.folder, place.name)
    named = _METADATA.fullmatch(place.name)
    if place.name and not named:
        return None
    found = [match for name in place.folder.names() if (match := _IMAGE.fullmatch(name))]
    if named:
        found = [match for match in found if match["id"] == named["id"]]
    if len(found) > 1:
        raise several_products(place.folder, [match[0] for match in found])
    return Root(place.folder, found[0][0]) if found else None


def describe(root: Root) -> Delivery:
    """Read what the bands of a scene are, and what their numbers mean.

    Parameters
    ----------
    root
        As find gives it.

    Returns
    -------
    Delivery
        Its bands by common names.

    Raises
    ------
    InputError
        If the raster has other bands than its name says, or the metadata are damaged.
    """
    match = _IMAGE.fullmatch(root.name)
    assert match
    path = root.folder.gdal_path(root.name)
    names = _EIGHT if match["eight"] else _FOUR if match["several"] else _THREE
    count = count_bands(path)
    alpha = count == len(names) + 1  # clipped scenes may bring one
    if count != len(names) and not alpha:
        raise InputError(f"{path} has {count} bands", f"{len(names)}, as its name says", AGAIN)
    begin = root.name.partition("_Analytic")[0]
    clip = "_clip" if root.name.endswith("_clip.tif") else ""
    kind = f"Analytic{'MS' if 'AnalyticMS' in root.name else ''}{match['eight'] or ''}"
    usual = f"{begin}_{kind}_metadata{clip}.xml"
    xml = _beside(root.folder, match["id"], _METADATA, usual)
    elements = parse_xml(root.folder, xml) if xml else []
    scalings = None if match["surface"] else _coefficients(elements, xml, len(names))
    wavelengths = _WAVELENGTHS.get(_instrument(elements), {})
    bands = tuple(
        ProductBand(
            name,
            path,
            index,
            scaling=scalings[index - 1] if scalings else None,
            nodata=0.0,
            wavelength=wavelengths.get(name),
        )
        for index, name in enumerate(names, 1)
    )
    quality = _beside(root.folder, match["id"], _MASK, f"{begin}_udm2{clip}.tif")
    mask = ProductMask("UDM2", root.folder.gdal_path(quality), _FLAGS) if quality else None
    clouds = text_in(elements, "cloudCoverPercentage")
    tags = {"CLOUD_COVER": clouds} if clouds else {}
    return Delivery(bands, _product(match, path, xml, scalings), mask, tags)


def _product(
    match: re.Match[str], path: str, xml: str, scalings: Sequence[Scaling] | None
) -> Product:
    if match["surface"]:
        label = f"{PLANETSCOPE} surface reflectance"
        note = f"{label}: reflectance = {told_scaling(_SURFACE)}, as in every such product"
        return Product(PLANETSCOPE, label, _SURFACE, (note,))
    label = f"{PLANETSCOPE} radiance"
    if scalings is None:
        unsaid = f"the metadata beside {path}, which say what makes reflectance of it, are missing"
        return Product(PLANETSCOPE, label, unsaid=unsaid)
    note = f"{label}: reflectance = DN x the coefficient of each band, from {xml}"
    return Product(PLANETSCOPE, label, notes=(note,))


def _beside(folder: Folder, scene: str, pattern: re.Pattern[str], usual: str) -> str:
    """The scene's file of a kind, as a rule called so; "" where there is none."""
    matches = (pattern.fullmatch(name) for name in folder.matching(pattern, (usual,)))
    return next((match[0] for match in matches if match and match["id"] == scene), "")


def _coefficients(elements: Sequence[Element], path: str, count: int) -> tuple[Scaling, ...] | None:
    """What makes reflectance of each band; None where there are no metadata."""
    if not elements:
        return None
    found: dict[int, float] = {}
    number = 0
    for element in elements:
        if element.tag == "bandNumber":
            number = int(to_number(element.text, element.tag, path))
        elif element.tag == "reflectanceCoefficient":
            found[number] = to_number(element.text, element.tag, path)
    if sorted(found) != list(range(1, count + 1)) or min(found.values()) <= 0:
        told = ", ".join(f"{band}: {value:g}" for band, value in sorted(found.items()))
        raise InputError(
            f"{path} names the coefficients {told or 'of no band'}",
            f"one above 0 for each of {count} bands",
            AGAIN,
        )
    return tuple(Scaling(found[band]) for band in range(1, count + 1))


def _instrument(elements: Sequence[Element]) -> str:
    return next((e.text for e in elements if e.tag == "shortName" and e.within == "Instrument"), "")
