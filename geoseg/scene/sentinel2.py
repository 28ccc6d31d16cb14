"""Sentinel-2 products as they are downloaded: SAFE folders and zip files of both namings, and
granules of the cloud layout.

What is where, and what the numbers mean, is read from the product's metadata:
https://sentiwiki.copernicus.eu/web/s2-products, and the Products Specification Document,
S2-PDGS-TAS-DI-PSD.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.card import Scaling
from ..core.errors import InputError
from ..raster.places import Folder, Place
from ..raster.stores import AGAIN
from .bands import SENTINEL2, code
from .masks import Flag, ProductMask
from .metadata import LONGEST, Element, number_of, parse_xml, text_in
from .products import OFFSET_SINCE, Delivery, Product, ProductBand

# The product's own metadata, as named since December 2016 and before:
# MTD_MSIL1C.xml, S2A_OPER_MTD_SAFL1C_PDMC_20151123T091302_R022_V....xml
_PRODUCT = re.compile(
    r"MTD_MSI(L1C|L2A)\.xml|S2[A-D]_(?:OPER|USER)_MTD_SAF(L1C|L2A)_\w+\.xml", re.ASCII
)
# A granule's own, likewise
_GRANULE = re.compile(r"MTD_TL\.xml|S2[A-D]_(?:OPER|USER)_MTD_(?:L1C|L2A)_TL_\w+\.xml", re.ASCII)
_CLOUD, _CLOUD_PRODUCT = "metadata.xml", "product_metadata.xml"
_CLOUD_FOLDERS = ("", "R10m/", "R20m/", "R60m/")
_BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
_IMAGE = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)  # a path that leads nowhere else
_SIZE = re.compile(r"_(10|20|60)m$|/R(10|20|60)m/")
_PATHS = ("IMAGE_FILE", "IMAGE_FILE_2A")  # from the product's folder
_IDS = ("IMAGE_ID", "IMAGE_ID_2A")  # names in the granule's folder IMG_DATA
_QUANTA = {
    "L1C": ("QUANTIFICATION_VALUE",),
    "L2A": ("BOA_QUANTIFICATION_VALUE", "L2A_BOA_QUANTIFICATION_VALUE"),
}
_OFFSETS = {"L1C": "RADIO_ADD_OFFSET", "L2A": "BOA_ADD_OFFSET"}


# https://sentiwiki.copernicus.eu/web/s2-processing, Level-2A: 0 no data, 1 saturated or defective,
# 3 cloud shadow, 8 and 9 cloud of medium and high probability, 10 thin cirrus, 11 snow or ice
_SCL = {
    "clouds": (Flag(values=(8, 9, 10)),),
    "shadows": (Flag(values=(3,)),),
    "snow": (Flag(values=(11,)),),
    "nodata": (Flag(values=(0, 1)),),
}
# MSK_CLASSI has a band each for opaque clouds, cirrus, and snow or ice
_CLASSI_FLAGS = {
    "clouds": (Flag(1, values=(1,)), Flag(2, values=(1,))),
    "snow": (Flag(3, values=(1,)),),
}
_CLOUD_MASK = re.compile(
    r"(?:S2[A-D]_OPER_)?(?:(?:MSK_)?CLASSI_\w+\.jp2|MSK_CLOUDS_\w+\.gml)", re.ASCII
)
_CLOUD_MASKS = ("CLASSI_B00.jp2", "MSK_CLASSI_B00.jp2", "MSK_CLOUDS_B00.gml")  # all of today's


@dataclass(frozen=True, slots=True)
class Root:
    """Where a product was found."""

    folder: Folder
    """That of its metadata."""
    metadata: str
    """The name of the product's metadata, or, with `cloud`, of a granule's."""
    granule: str | None = None
    """The folder of the one granule that is meant; None for all."""
    cloud: bool = False
    """Whether it is a granule of the cloud layout."""


def find(place: Place) -> Root | None:
    """Tell whether a Sentinel-2 product lies in a place, without reading its metadata.

    Parameters
    ----------
    place
        A SAFE folder, the metadata inside, a granule's folder, or a folder of the cloud layout.

    Returns
    -------
    Root or None
        Where the product begins; None where there is none.

    Raises
    ------
    InputError
        If a part of it is missing without which it cannot be told what it is.
    """
    return _from_xml(place.folder, place.name) if place.name else _from_folder(place.folder)


def describe(root: Root) -> Delivery:
    """Read which files hold the bands of a product, and what their numbers mean.

    Parameters
    ----------
    root
        As find gives it.

    Returns
    -------
    Delivery
        Each band once, at its finest.

    Raises
    ------
    InputError
        If a file is missing or damaged, if metadata are not what they should be, or if the product
        has several granules and none is named.
    """
    elements = parse_xml(root.folder, root.metadata)
    return _from_cloud(root, elements) if root.cloud else _from_product(root, elements)


def granules(root: Root) -> dict[str, str]:
    """List the granules of a product, each of which is a scene.

    Parameters
    ----------
    root
        As find gives it.

    Returns
    -------
    dict
        The path of each one's folder, which names it as a scene, by its name; empty for a folder
        of the cloud layout.

    Raises
    ------
    InputError
        If the metadata are damaged.
    """
    if root.cloud:
        return {}
    names = [root.granule] if root.granule else _granules(parse_xml(root.folder, root.metadata))
    return {name: root.folder.gdal_path(f"GRANULE/{name}") for name in names}


def _is_safe(name: str) -> bool:
    return re.fullmatch(r"S2[A-D]_\w+\.SAFE", name, re.ASCII) is not None


def _refuse_without_metadata(path: str, name: str) -> None:
    level = "L2A" if "L2A" in name else "L1C"
    raise InputError(f"{path}: MTD_MSI{level}.xml is missing", "all files of the product", AGAIN)


def _from_folder(folder: Folder) -> Root | None:
    names = folder.names()
    found = [name for name in names if _PRODUCT.fullmatch(name)]
    if len(found) == 1:
        return Root(folder, found[0])
    if len(found) > 1:
        raise InputError(
            f"{folder.gdal_path('')} holds the metadata of several products: {', '.join(found)}",
            "one",
            "name one of these files",
        )
    if _is_safe(folder.name):
        _refuse_without_metadata(folder.gdal_path(""), folder.name)
    if any(_GRANULE.fullmatch(name) for name in names):
        return _from_granule(folder)
    return _from_cloud_folder(folder) if _CLOUD in names else None


def _from_cloud_folder(folder: Folder) -> Root | None:
    known = ("tileInfo.json", *(f"{inner}B02.jp2" for inner in _CLOUD_FOLDERS))
    return Root(folder, _CLOUD, cloud=True) if any(map(folder.has, known)) else None


def _from_xml(folder: Folder, name: str) -> Root | None:
    if _PRODUCT.fullmatch(name):
        return Root(folder, name)
    if _GRANULE.fullmatch(name):
        return _from_granule(folder)
    if name in (_CLOUD, _CLOUD_PRODUCT):
        return _from_cloud_folder(folder) if folder.has(_CLOUD) else None
    return None


def _from_granule(folder: Folder) -> Root:
    """The product that a granule's folder, X.SAFE/GRANULE/name, belongs to."""
    product = folder.parent(2)
    found = product.matching(_PRODUCT, ("MTD_MSIL1C.xml", "MTD_MSIL2A.xml"))
    if len(found) != 1:
        level = "L2A" if "L2A" in folder.name else "L1C"
        raise InputError(
            f"{folder.gdal_path('')} is a granule, and {product.gdal_path(f'MTD_MSI{level}.xml')}, "
            "which says what its numbers mean, is missing",
            "the product that it belongs to",
            AGAIN,
        )
    return Root(product, found[0], folder.name)


def _from_product(root: Root, elements: Sequence[Element]) -> Delivery:
    path = root.folder.gdal_path(root.metadata)
    level = _level(elements, path)
    granules = _granules(elements)
    images = _one_granule(root, granules)
    files = _files(root.folder, images)
    if not files:
        raise InputError(f"{path} names no bands", "the metadata of a product with its bands")
    mask = _classification(root.folder, images) if level == "L2A" else None
    if level == "L1C":
        begins = images[0][0].partition("IMG_DATA/")[0]
        mask = _clouds(root.folder, f"{begins}QI_DATA")
    return _delivery(files, level, elements, path, mask)


def _classification(folder: Folder, images: Sequence[Sequence[str]]) -> ProductMask | None:
    """The scene classification of L2A, at its finest."""
    found: dict[int, str] = {}
    for places in images:
        size = _SIZE.search(places[0])
        if "_SCL_" in places[0] and size:
            there = next((place for place in places if folder.has(f"{place}.jp2")), places[0])
            found[int(size[1] or size[2])] = there
    return _scl(folder.gdal_path(f"{found[min(found)]}.jp2")) if found else None


def _scl(path: str) -> ProductMask:
    return ProductMask("scene classification (SCL)", path, _SCL)


def _clouds(folder: Folder, inner: str) -> ProductMask | None:
    """The mask of L1C: a raster from baseline 04.00 on, polygons before."""
    quality = folder.child(inner)
    for name in quality.matching(_CLOUD_MASK, _CLOUD_MASKS) if folder.has_folder(inner) else ():
        path = quality.gdal_path(name)
        if name.endswith(".jp2"):
            return ProductMask(f"mask {name}", path, _CLASSI_FLAGS)
        types = {"clouds": ("OPAQUE", "CIRRUS")}
        return ProductMask(f"mask {name}", path, {}, Place(quality, name), types)
    return None


def _granules(elements: Sequence[Element]) -> dict[str, list[list[str]]]:
    """The images of each granule: from the product's folder, the places where each may lie."""
    found: dict[str, list[list[str]]] = {}
    images: list[Element] = []
    for element in elements:  # an element ends behind those that it holds
        if element.tag in (*_PATHS, *_IDS):
            images.append(element)
        elif element.tag in ("Granule", "Granules"):
            name = element.attributes.get("granuleIdentifier", "")
            for image in images:
                if image.tag in _PATHS:
                    parts = image.text.split("/")
                    folder = parts[1] if len(parts) > 2 else name
                    places = [image.text]
                else:
                    folder = name
                    data = f"GRANULE/{name}/IMG_DATA"
                    size = _SIZE.search(image.text)
                    inner = [f"R{size[1]}m/"] if size else []
                    places = [f"{data}/{part}{image.text}" for part in (*inner, "")]
                found.setdefault(folder, []).append(places)
            images = []
    return found


def _one_granule(root: Root, granules: dict[str, list[list[str]]]) -> list[list[str]]:
    path = root.folder.gdal_path(root.metadata)
    if root.granule is not None:
        if root.granule not in granules:
            raise InputError(
                f"{path} does not name the granule {root.granule}", "a granule of this product"
            )
        return granules[root.granule]
    if len(granules) > 1:
        raise InputError(
            f"{path} names {len(granules)} granules: {', '.join(granules)}",
            "one granule, which is one scene",
            f"name one with --granule {next(iter(granules))}, or take all for one scene with "
            "--mosaic first",
        )
    return next(iter(granules.values()), [])


def _files(folder: Folder, images: Sequence[Sequence[str]]) -> dict[str, str]:
    """The finest file of each band, by its code."""
    found: dict[str, tuple[int, str]] = {}
    for places in images:
        for place in places:
            if len(place) > LONGEST or not _IMAGE.fullmatch(place):
                raise InputError(
                    f"{folder.gdal_path('')}: its metadata name an image {place[:200]!r}",
                    "a path inside the product",
                    "do not trust this product",
                )
        name = code(places[0].rpartition("/")[2].replace("_", " "))
        if name not in _BANDS:
            continue  # a picture, or what was derived
        size = _SIZE.search(places[0])
        metres = int(size[1] or size[2]) if size else 0
        if name not in found or metres < found[name][0]:
            there = next((place for place in places if folder.has(f"{place}.jp2")), None)
            if there is None:
                raise InputError(
                    f"{folder.gdal_path(f'{places[0]}.jp2')} is missing",
                    "all bands that the product's metadata name",
                    AGAIN,
                )
            found[name] = metres, f"{there}.jp2"
    return {name: folder.gdal_path(found[name][1]) for name in _BANDS if name in found}


def _from_cloud(root: Root, elements: Sequence[Element]) -> Delivery:
    folder = root.folder
    path = folder.gdal_path(root.metadata)
    level = _level(elements, path)
    files = {}
    for name in _BANDS:
        finest = next((i for i in _CLOUD_FOLDERS if folder.has(f"{i}{name}.jp2")), None)
        if finest is not None:
            files[name] = folder.gdal_path(f"{finest}{name}.jp2")
        elif not (level == "L2A" and name == "B10"):  # cirrus has no surface reflectance
            inner = "" if level == "L1C" else f"R{_METRES[name]}m/"
            raise InputError(
                f"{folder.gdal_path(f'{inner}{name}.jp2')} is missing", "all bands", AGAIN
            )
    mask = _clouds(folder, "qi") if level == "L1C" else None
    if level == "L2A" and folder.has("R20m/SCL.jp2"):
        mask = _scl(folder.gdal_path("R20m/SCL.jp2"))
    if folder.has(_CLOUD_PRODUCT):
        own = parse_xml(folder, _CLOUD_PRODUCT)
        of_product = folder.gdal_path(_CLOUD_PRODUCT)
        if _level(own, of_product) != level:
            raise InputError(f"{path} is of {level}, {of_product} of another level", "the same")
        _check_granule(elements, own, path, of_product)
        return _delivery(files, level, own, of_product, mask)
    tile = text_in(elements, "TILE_ID")
    product = Product(
        SENTINEL2,
        f"{SENTINEL2} {level}",
        notes=(
            f"{SENTINEL2} {level}: from baseline 04.00 on reflectance = DN x 0.0001 -0.1, before "
            f"DN x 0.0001; {_CLOUD_PRODUCT} would say which",
        ),
        unsaid=f"{folder.gdal_path(_CLOUD_PRODUCT)} is missing, which says whether an offset is in "
        f"the numbers of {tile or path}",
    )
    return Delivery(_bands(files), product, mask)


def _check_granule(
    granule: Sequence[Element], product: Sequence[Element], path: str, of_product: str
) -> None:
    """See that the product's metadata are those of the granule's product, not of another one, whose
    numbers may mean something else.
    """
    own = text_in(granule, "TILE_ID", "TILE_ID_2A")
    named = [
        element.attributes["granuleIdentifier"]
        for element in product
        if "granuleIdentifier" in element.attributes
    ]
    if own and own not in named:
        raise InputError(
            f"{path} is of the granule {own[:100]!r}, {of_product} of "
            f"{', '.join(map(repr, named[:3]))[:300] or 'none'}",
            "the metadata of the granule's own product",
            AGAIN,
        )


def _bands(
    files: Mapping[str, str], nodata: float | None = None, invalid: tuple[float, ...] = ()
) -> tuple[ProductBand, ...]:
    return tuple(
        ProductBand(name, path, nodata=nodata, invalid=invalid) for name, path in files.items()
    )


_METRES = dict.fromkeys(_BANDS, 20) | dict.fromkeys(("B02", "B03", "B04", "B08"), 10)
_METRES |= dict.fromkeys(("B09", "B10"), 60)


def _level(elements: Sequence[Element], path: str) -> str:
    tag = elements[-1].tag
    for level in _QUANTA:
        if tag.startswith(f"Level-{level[1:]}_"):
            return level
    raise InputError(
        f"{path} is a <{tag[:80]}>", "the metadata of a Sentinel-2 product of Level-1C or Level-2A"
    )


def _delivery(
    files: Mapping[str, str],
    level: str,
    elements: Sequence[Element],
    path: str,
    mask: ProductMask | None,
) -> Delivery:
    """What the product's metadata say of its numbers."""
    said = text_in(elements, "PROCESSING_BASELINE")
    baseline = re.fullmatch(r"(\d\d)\.(\d\d)", said)
    if not baseline:
        raise InputError(f"{path} names the processing baseline {said[:20]!r}", "such as 05.09")
    numbers = {number_of(element, path) for element in elements if element.tag in _QUANTA[level]}
    if len(numbers) != 1 or min(numbers) <= 0:
        raise InputError(
            f"{path} names {_listed(numbers)} as {_QUANTA[level][0]}", "one number above 0"
        )
    divisor = numbers.pop()
    offsets = {number_of(element, path) for element in elements if element.tag == _OFFSETS[level]}
    since = (int(baseline[1]), int(baseline[2])) >= OFFSET_SINCE
    if len(offsets) > 1 or (since and not offsets):
        raise InputError(
            f"{path}, of baseline {said}, names {_listed(offsets)} as {_OFFSETS[level]}",
            "one for all bands",
            "say with --scale and --offset what the numbers mean, on the files of its bands",
        )
    add = offsets.pop() if offsets else 0.0
    label = f"{SENTINEL2} {level} N{baseline[1]}{baseline[2]}"
    note = f"{label}: reflectance = (DN {add:+g}) / {divisor:g}, from the product's metadata"
    product = Product(SENTINEL2, label, Scaling(1 / divisor, add / divisor), (note,))
    special = _special(elements, path)
    spoilt = {special.get("SATURATED")}
    # 0 stands for no data where all bands have it (source.zero_is_nodata): one may be as dark. With
    # an offset, which keeps dark pixels above it, it does so in each, as where packets were lost
    if add < 0:
        spoilt.add(special.get("NODATA"))
    invalid = tuple(sorted(value for value in spoilt if value is not None))
    bands = _bands(files, special.get("NODATA") or None, invalid)
    clouds = text_in(elements, "Cloud_Coverage_Assessment", "CLOUD_COVERAGE_ASSESSMENT")
    return Delivery(bands, product, mask, {"CLOUD_COVERAGE_ASSESSMENT": clouds} if clouds else {})


def _special(elements: Sequence[Element], path: str) -> dict[str, float]:
    """The numbers that stand for no data (NODATA) and too much light (SATURATED)."""
    found: dict[str, float] = {}
    name = ""
    for element in elements:
        if element.tag == "SPECIAL_VALUE_TEXT":
            name = element.text
        elif element.tag == "SPECIAL_VALUE_INDEX":
            found[name] = number_of(element, path)
    return found


def _listed(numbers: set[float]) -> str:
    return ", ".join(f"{number:g}" for number in sorted(numbers)) or "nothing"
