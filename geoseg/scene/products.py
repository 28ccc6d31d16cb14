"""What a product of Sentinel-2 or Landsat says of its digital numbers, by its names, metadata or
tags.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path, PurePath

from ..core.card import Scaling
from ..core.errors import InputError
from ..raster.handles import gdal_env, open_dataset
from ..raster.locations import file_name, is_remote, without_query
from ..raster.places import Folder, find_place, search_place
from .bands import LANDSAT13, LANDSAT47, LANDSAT89, SENTINEL2
from .masks import ProductMask

# Products that are read as they are downloaded. A module has `find`, which tells whether one lies
# in a place, without reading its metadata, and `describe`, which reads what it holds.
PRODUCTS = {
    "sentinel2": "geoseg.scene.sentinel2",
    "landsat": "geoseg.scene.landsat",
    "hls": "geoseg.scene.hls",
    "planet": "geoseg.scene.planet",
    "maxar": "geoseg.scene.maxar",
    "airbus": "geoseg.scene.airbus",
}

_SAFE = re.compile(
    r"S2[A-D]_MSI(L1C|L2A)_\d{8}T\d{6}_N(\d{2})(\d{2})_R\d{3}_T\w{5}_\d{8}T\d{6}", re.ASCII
)
_TAGS = (
    "PROCESSING_BASELINE",
    "S2:PROCESSING_BASELINE",
    "processing:baseline",
    "s2:processing_baseline",
)
_METADATA_LIMIT = 4 << 20  # bytes of XML that are looked at: real ones have about 60 kB
# From baseline 04.00 on (25 January 2022) DN = reflectance x 10000 + 1000, so that dark pixels stay
# above 0:
# https://sentiwiki.copernicus.eu/web/s2-processing
OFFSET_SINCE = (4, 0)
# LXSS_LLLL_PPPRRR_YYYYMMDD_yyyymmdd_CC_TX, and LXSS_RR_HHHVVV_YYYYMMDD_yyyymmdd_CC of the Analysis
# Ready Data:
# https://www.usgs.gov/faqs/what-naming-convention-landsat-collections-level-1-scenes
_LANDSAT = re.compile(
    r"L[COTEM]0(?P<number>[1-9])_(?:(?P<level>L1TP|L1GT|L1GS|L2SP|L2SR)_\d{6}|(?:CU|AK|HI)_\d{6})"
    r"_\d{8}_\d{8}_C?(?P<collection>0[12])(?=_|\b)(?:_(?:T[12]|RT|A[12]))?(?P<surface>_sr(?=_|$))?",
    re.ASCII,
)
_LANDSAT_TAGS = (
    "LANDSAT_PRODUCT_ID",
    "PRODUCT_ID",
    "TIFFTAG_IMAGEDESCRIPTION",
    "TIFFTAG_DOCUMENTNAME",
)
# https://www.usgs.gov/faqs/how-do-i-use-a-scale-factor-landsat-level-2-science-products
SURFACE_REFLECTANCE = Scaling(2.75e-5, -0.2)
COLLECTION1 = Scaling(1e-4, 0.0)
TOP_OF_ATMOSPHERE = Scaling(
    2e-5, -0.1
)  # Landsat 8 and 9, before the division by the sine of the sun's elevation
_SURFACE = re.compile(r"(?<![A-Za-z])S[RT]_B\d")  # what bands of Collection 2, Level 2, are called


@dataclass(frozen=True, slots=True)
class Product:
    """A satellite product that files belong to."""

    sensor: str | None = None
    """What made it."""
    label: str | None = None
    """What it is called, with its level."""
    scaling: Scaling | None = None
    """What makes reflectance of its digital numbers; None where it says nothing."""
    notes: tuple[str, ...] = ()
    """What was found out about it, a line each."""
    unsaid: str = ""
    """What its metadata leave open without which its numbers mean nothing certain; "" is nothing.
    """


@dataclass(frozen=True, slots=True)
class ProductBand:
    """One band of a product."""

    name: str | None
    """What it is: a code of Sentinel-2 ("B02") or a common name ("red"); None where it is neither,
    and told by its description alone."""
    path: str
    """Its file, as GDAL opens it."""
    index: int = 1
    """Its number there, from 1."""
    description: str = ""
    """What the product calls it; "" is its name."""
    scaling: Scaling | None = None
    """What makes values of its numbers, where that is not what does so for the whole product."""
    nodata: float | None = None
    """The digital number that stands for no data where all bands have theirs; None where none does,
    or the file says so itself."""
    invalid: tuple[float, ...] = ()
    """Digital numbers that are no measurement of this band: saturated, or fill."""
    wavelength: int | None = None
    """The centre in nanometres, where the metadata tell it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A product as it is downloaded: what its metadata say of bands, numbers and masks."""

    bands: tuple[ProductBand, ...]
    """All that are read, in the product's order."""
    product: Product
    """What it is."""
    mask: ProductMask | None = None
    """The product's own mask, where it has one."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Further facts, by the names that tags of rasters have, such as CLOUD_COVER in per cent."""


@dataclass(frozen=True, slots=True)
class Root:
    """Where the `find` of a module found a product."""

    folder: Folder
    """That of its files."""
    name: str
    """What names it there: its metadata, its raster, or what its files begin with."""


def is_delivery(path: str) -> bool:
    """Tell whether a path names a product as it is downloaded.

    Parameters
    ----------
    path
        What the user names: a folder, an archive, a file of metadata, or anything inside an
        archive behind /vsizip/ or /vsitar/.

    Returns
    -------
    bool
        Also for one that is damaged, which open_delivery refuses; not for a folder of several,
        which are a batch.
    """
    try:
        return _locate(path) is not None
    except SeveralProductsError:
        return not Path(path).is_dir()
    except InputError:
        return True


def product_key(path: str) -> object | None:
    """Tell which product a path names, whatever file of it is named.

    Parameters
    ----------
    path
        What the user names.

    Returns
    -------
    object or None
        Equal for the same product; None where the path names none, or one that is damaged.
    """
    try:
        return _locate(path)
    except InputError:
        return None


def product_name(path: str) -> str:
    """Call a product after its folder or archive.

    Parameters
    ----------
    path
        What the user names.

    Returns
    -------
    str
        The name of the folder that holds it, without .SAFE, or of the archive, without its suffix.
    """
    whole = PurePath(without_query(path).rstrip("}"))
    if whole.suffix.lower() in (".xml", ".json", ".txt", ".imd", ".til"):
        whole = PurePath(os.path.abspath(whole.parent))  # noqa: PTH100
    name = whole.name or PurePath(os.path.abspath(path)).name  # noqa: PTH100 - "." is a folder, too
    return re.sub(r"(?i)\.safe$", "", re.sub(r"(?i)\.(?:zip|tar|tgz|tar\.gz)$", "", name))


def granules_of(path: str) -> dict[str, str]:
    """List the granules of a product that may hold several, each of which is a scene.

    Parameters
    ----------
    path
        What the user names.

    Returns
    -------
    dict
        The path that names each as a scene, by its name; empty where the path names no product of
        granules, or one that is damaged.
    """
    try:
        located = _locate(path)
        granules = getattr(import_module(located[0]), "granules", None) if located else None
        return dict(granules(located[1])) if granules and located else {}
    except InputError:  # what reads the scene refuses it
        return {}


def choose_granule(scene: tuple[str, ...], granule: str | None) -> tuple[str, ...]:
    """Name one granule of a product as the scene.

    Parameters
    ----------
    scene
        What the user names: the product, or this very granule.
    granule
        Its name, or its tile such as 33TUL; None is any scene.

    Returns
    -------
    tuple
        The granule's folder; the scene itself where no granule is asked for.

    Raises
    ------
    InputError
        If the product has no such granule, or several of this tile, or the scene is no such
        product.
    """
    if granule is None:
        return scene
    known = granules_of(scene[0]) if len(scene) == 1 else {}
    tile = f"_T{granule.upper().removeprefix('T')}_"
    found = [name for name in known if granule == name or tile in name]
    if len(found) != 1:
        told = f"the granules {', '.join(known)}" if known else "no product of granules"
        raise InputError(
            f"--granule {granule}: {', '.join(scene)} holds {told}",
            "the name of one, or a tile of which there is one",
        )
    return (known[found[0]],)


def open_delivery(path: str) -> Delivery | None:
    """Read what a product holds that is named as it was downloaded.

    Parameters
    ----------
    path
        What the user names, as of is_delivery.

    Returns
    -------
    Delivery or None
        None where the path names none of PRODUCTS.

    Raises
    ------
    InputError
        If the product is damaged, or more than one scene.
    """
    located = _locate(path)
    if located is None:
        return None
    module, found = located
    delivery: Delivery = import_module(module).describe(found)
    return delivery


def files_read(scene: Iterable[str]) -> Iterator[str]:
    """Name what is read of a scene beside what names it: the rasters of a product.

    Parameters
    ----------
    scene
        What the user names.

    Yields
    ------
    str
        Each of these; behind a product's metadata or granule, its bands and its mask, which lie
        beside or above.
    """
    for path in scene:
        yield path
        if is_remote(path):
            continue  # is no file on this machine
        try:
            delivery = open_delivery(path)
        except InputError:  # what reads the scene refuses it
            continue
        if delivery:
            yield from dict.fromkeys(band.path for band in delivery.bands)
            if delivery.mask:
                yield delivery.mask.path


class SeveralProductsError(InputError):
    """A folder holds several products, each of which is a scene."""


def several_products(folder: Folder, names: Sequence[str]) -> SeveralProductsError:
    """Return the refusal of a folder that holds several products of one kind.

    Parameters
    ----------
    folder
        The folder.
    names
        Files of which each names one.

    Returns
    -------
    SeveralProductsError
        To be raised by the `find` of a module.
    """
    return SeveralProductsError(
        f"{folder.gdal_path('')} holds {len(names)} products: {', '.join(names)}",
        "one, which is one scene",
        f"name one of them: {folder.gdal_path(names[0])}",
    )


def _locate(path: str) -> tuple[str, object] | None:
    """The module that reads the product that a path names, and what its `find` found there."""
    place = find_place(path)
    if place is None:
        return None
    found = [
        (module, where, what)
        for module in PRODUCTS.values()
        for where, what in search_place(place, import_module(module).find)
    ]
    if len(found) > 1:
        names = [where.folder.path or "." for _, where, _ in found]
        raise SeveralProductsError(
            f"{path} holds {len(found)} products: {', '.join(dict.fromkeys(names))}",
            "one, which is one scene",
            f"name one of them: {found[0][1].folder.gdal_path('')}",
        )
    return (found[0][0], found[0][2]) if found else None


def count_bands(path: str) -> int:
    """Count the bands of a product's raster.

    Parameters
    ----------
    path
        The raster, as GDAL opens it.

    Returns
    -------
    int
        As its header says.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    with gdal_env(), open_dataset(path) as dataset:
        return int(dataset.count)


def told_scaling(scaling: Scaling) -> str:
    """Say how values are made of digital numbers.

    Parameters
    ----------
    scaling
        Scale and offset.

    Returns
    -------
    str
        Such as DN x 2.75e-05 -0.2.
    """
    return f"DN x {scaling.scale:.7g} {scaling.offset:+g}"


def find_product(
    paths: Sequence[str], tags: Mapping[str, str], descriptions: Sequence[str] = ()
) -> Product | None:
    """Find the product of Sentinel-2 or Landsat that files are of.

    Parameters
    ----------
    paths
        The files; metadata beside them is read.
    tags
        Their metadata.
    descriptions
        Of their bands.

    Returns
    -------
    Product or None
        What files, tags or descriptions name; None where they do not.
    """
    found = {_from_path(path) for path in paths}
    if len(found) == 1 and (product := found.pop()):
        return product
    for tag in _TAGS:
        if match := re.fullmatch(r"N?(\d{2})\.?(\d{2})", tags.get(tag, "").strip()):
            level = tags.get("PRODUCT_LEVEL") or tags.get("PROCESSING_LEVEL") or ""
            return by_baseline(level, int(match[1]), int(match[2]), f"the tag {tag}")
    return _landsat(paths, tags, descriptions)


def _landsat(
    paths: Sequence[str], tags: Mapping[str, str], descriptions: Sequence[str]
) -> Product | None:
    """The Landsat product that all files belong to, or that a tag names."""
    found = {
        (match[0], _mtl(path)) if (match := _LANDSAT.search(file_name(path))) else None
        for path in paths
    }
    if len(found) == 1 and (own := found.pop()):
        return _landsat_product(*own)
    named = [match[0] for tag in _LANDSAT_TAGS if (match := _LANDSAT.search(tags.get(tag, "")))]
    if named:
        return _landsat_product(named[0], "")
    if tags.get("COLLECTION_NUMBER", "").lstrip("0") == "2" and tags.get(
        "PROCESSING_LEVEL", ""
    ).startswith("L2S"):
        return _told("Landsat", "Landsat Collection 2 Level 2", SURFACE_REFLECTANCE, "its tags")
    if any(_SURFACE.search(text) for text in descriptions):
        return _told(
            "Landsat", "Landsat Collection 2 Level 2", SURFACE_REFLECTANCE, "the names of its bands"
        )
    return None


def _landsat_product(name: str, mtl: str) -> Product:
    match = _LANDSAT.match(name)
    assert match
    number = int(match["number"])
    level = match["level"] or "ARD"
    collection = match["collection"]
    sensor = next(
        sensor
        for last, sensor in ((3, LANDSAT13), (7, LANDSAT47), (9, LANDSAT89))
        if number <= last
    )
    label = f"Landsat {number} Collection {int(collection)} {level}"
    if match["surface"] or not level.startswith("L1"):
        scaling = SURFACE_REFLECTANCE if collection == "02" else COLLECTION1
        return _told(sensor, label, scaling, "the product's name")
    if by_metadata := _from_mtl(mtl):
        return _told(sensor, label, by_metadata, "the product's metadata (MTL)")
    if number >= 8:
        note = (
            f"{label}: reflectance = DN x 2e-05 - 0.1, still to be divided by the sine "
            "of the sun's elevation"
        )
        return Product(sensor, label, TOP_OF_ATMOSPHERE, (f"{note}: its MTL file is missing",))
    return Product(sensor, label)


def _told(sensor: str, label: str, scaling: Scaling, source: str) -> Product:
    note = f"{label}: reflectance = {told_scaling(scaling)}, from {source}"
    return Product(sensor, label, scaling, (note,))


def _mtl(path: str) -> str:
    """The text of the MTL file beside a band, where there is one."""
    if is_remote(path):
        return ""
    try:
        files = sorted(Path(path).absolute().parent.glob("L*_MTL.txt"))
        own = _LANDSAT.search(Path(path).name)
        for file in files:
            if own and file.name.startswith(own[0]):
                with file.open("rb") as stream:
                    return stream.read(_METADATA_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
    return ""


def _from_mtl(text: str) -> Scaling | None:
    """The scaling of all reflective bands by the MTL, or None where they differ or it says
    nothing.
    """
    number = r"(-?[\d.]+(?:[Ee][-+]?\d+)?)"
    gains = set(re.findall(rf"^\s*REFLECTANCE_MULT_BAND_\d+ = {number}\s*$", text, re.MULTILINE))
    offsets = set(re.findall(rf"^\s*REFLECTANCE_ADD_BAND_\d+ = {number}\s*$", text, re.MULTILINE))
    sun = re.search(rf"^\s*SUN_ELEVATION = {number}\s*$", text, re.MULTILINE)
    if len(gains) != 1 or len(offsets) != 1 or not sun:
        return None
    try:
        height = math.sin(math.radians(float(sun[1])))
        return Scaling(float(gains.pop()) / height, float(offsets.pop()) / height)
    except (ValueError, ZeroDivisionError):  # no number, or the sun below the horizon
        return None


def _from_path(path: str) -> Product | None:
    for text in () if is_remote(path) else _metadata(Path(path)):
        if product := _from_xml(text):
            return product
    match = _SAFE.search(path if is_remote(path) else str(Path(path).absolute()))
    return (
        by_baseline(match[1], int(match[2]), int(match[3]), "the product's name") if match else None
    )


def _metadata(path: Path) -> Iterator[str]:
    """The product's XML beside the file or above it, up to the .SAFE folder. Never parsed: files
    are hostile.
    """
    for folder in list(path.absolute().parents)[:5]:
        try:
            files = sorted(path for path in folder.glob("MTD_MSIL*.xml") if path.is_file())
        except OSError:
            continue
        for file in files[:1]:
            with file.open("rb") as stream:
                yield stream.read(_METADATA_LIMIT).decode("utf-8", "replace")
            return
        if folder.suffix == ".SAFE":
            return


def _from_xml(text: str) -> Product | None:
    baseline = re.search(r"<PROCESSING_BASELINE>(\d{2})\.(\d{2})</PROCESSING_BASELINE>", text)
    if not baseline:
        return None
    level = "L2A" if "S2MSI2A" in text or "Level-2A" in text else "L1C"
    quantum = re.search(r"<(?:BOA_)?QUANTIFICATION_VALUE[^<>]*>(\d{1,9})<", text)
    offsets = {
        int(number)
        for number in re.findall(r"<(?:BOA_ADD|RADIO_ADD)_OFFSET[^<>]*>(-?\d{1,9})<", text)
    }
    label = f"{level} N{baseline[1]}{baseline[2]}"
    if not quantum or int(quantum[1]) == 0 or len(offsets) > 1:
        return by_baseline(level, int(baseline[1]), int(baseline[2]), "the product's metadata")
    divisor = int(quantum[1])
    add = next(iter(offsets), 0)
    return Product(
        SENTINEL2,
        f"{SENTINEL2} {label}",
        Scaling(1 / divisor, add / divisor),
        (
            f"Sentinel-2 {label}: reflectance = (DN {add:+d}) / {divisor}, from the product's "
            "metadata",
        ),
    )


def by_baseline(level: str, major: int, minor: int, source: str) -> Product:
    """Tell what the numbers of a Sentinel-2 product mean by its processing baseline.

    Parameters
    ----------
    level
        A text that holds L1C or L2A, or neither.
    major, minor
        The processing baseline, such as 5 and 9.
    source
        Where it was found, for the note.

    Returns
    -------
    Product
        Of reflectance x 10000, shifted by 1000 from baseline 04.00 on.
    """
    level = next((name for name in ("L1C", "L2A") if name in level.upper()), "")
    label = " ".join(filter(None, (SENTINEL2, level, f"N{major:02d}{minor:02d}")))
    offset = -0.1 if (major, minor) >= OFFSET_SINCE else 0.0
    note = f"{label}: reflectance = (DN {-1000 if offset else 0:+d}) / 10000, from {source}"
    return Product(SENTINEL2, label, Scaling(1e-4, offset), (note,))
