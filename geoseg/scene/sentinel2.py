"""Sentinel-2 products as they are downloaded: SAFE folders and zip files of both namings, and
granules of the cloud layout.

What is where, and what the numbers mean, is read from the product's metadata:
https://sentiwiki.copernicus.eu/web/s2-products, and the Products Specification Document,
S2-PDGS-TAS-DI-PSD.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from ..core.card import Scaling
from ..core.errors import InputError
from ..core.files import check_regular
from .bands import SENTINEL2, code
from .products import OFFSET_SINCE, Delivery, Product, by_baseline

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
_LIMIT = 16 << 20  # bytes of XML: real ones have at most 2 MB
_ZIP = "/vsizip/"
_PATHS = ("IMAGE_FILE", "IMAGE_FILE_2A")  # from the product's folder
_IDS = ("IMAGE_ID", "IMAGE_ID_2A")  # names in the granule's folder IMG_DATA
_QUANTA = {
    "L1C": ("QUANTIFICATION_VALUE",),
    "L2A": ("BOA_QUANTIFICATION_VALUE", "L2A_BOA_QUANTIFICATION_VALUE"),
}
_OFFSETS = {"L1C": "RADIO_ADD_OFFSET", "L2A": "BOA_ADD_OFFSET"}
_AGAIN = "fetch the product again, whole"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a product, on disk or inside a zip file."""

    path: str
    """Its path on disk; in a zip file, that from its top, "" for the top itself."""
    archive: str = ""
    """The zip file; "" on disk."""
    members: frozenset[str] = frozenset()
    """The paths of all files in the zip file."""

    def gdal_path(self, name: str) -> str:
        """Name a file of the folder as GDAL opens it.

        Parameters
        ----------
        name
            Its path from here, with "/".

        Returns
        -------
        str
            Its path, on disk or behind /vsizip/.
        """
        if not self.archive:
            return str(Path(self.path, name)) if name else self.path
        archive = os.path.abspath(self.archive)  # noqa: PTH100 - links stay what they are
        return f"{_ZIP}{archive}/{self._member(name)}"

    def has(self, name: str) -> bool:
        """Tell whether a file is there.

        Parameters
        ----------
        name
            Its path from here, with "/".

        Returns
        -------
        bool
            False for a folder.
        """
        if not self.archive:
            return Path(self.path, name).is_file()
        return self._member(name) in self.members

    def names(self) -> list[str]:
        """List the files and folders that lie directly in the folder.

        Returns
        -------
        list
            Their names, sorted.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        if self.archive:
            begins = self._member("")
            inner = (name[len(begins) :] for name in self.members if name.startswith(begins))
            return sorted({name.partition("/")[0] for name in inner})
        try:
            return sorted(found.name for found in Path(self.path).iterdir())
        except OSError as error:
            raise InputError(f"the folder {self.path} cannot be read: {error.strerror}") from error

    def child(self, name: str) -> Folder:
        """Go down.

        Parameters
        ----------
        name
            Of a folder in this one.

        Returns
        -------
        Folder
            That folder.
        """
        inner = self._member(name) if self.archive else str(Path(self.path, name))
        return Folder(inner, self.archive, self.members)

    def parent(self, levels: int = 1) -> Folder:
        """Go up.

        Parameters
        ----------
        levels
            How far.

        Returns
        -------
        Folder
            The folder that holds this one.
        """
        if self.archive:
            inner = "/".join(self.path.split("/")[:-levels])
            return Folder(inner, self.archive, self.members)
        return Folder(str(Path(self.path).absolute().parents[levels - 1]))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.rpartition("/")[2] if self.archive else Path(self.path).absolute().name

    def read(self, name: str) -> bytes:
        """Read a file of metadata.

        Parameters
        ----------
        name
            Its path from here, with "/".

        Returns
        -------
        bytes
            All of it.

        Raises
        ------
        InputError
            If it is missing, damaged, or larger than any metadata.
        """
        path = self.gdal_path(name)
        if not self.has(name):
            raise InputError(f"{path} is missing", "all files of the product", _AGAIN)
        try:
            if self.archive:
                with (
                    zipfile.ZipFile(self.archive) as opened,
                    opened.open(self._member(name)) as file,
                ):
                    data = file.read(_LIMIT + 1)
            else:
                with Path(path).open("rb") as stream:
                    data = stream.read(_LIMIT + 1)
        # a zip file may be encrypted (RuntimeError), or packed by a method that Python lacks
        except (OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
            raise InputError(f"{path} cannot be read: {error}", do=_AGAIN) from error
        except (zipfile.BadZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
            raise InputError(f"{path} is damaged: {error}", do=_AGAIN) from error
        if len(data) > _LIMIT:
            raise InputError(f"{path} is larger than {_LIMIT >> 20} MB", "a product's metadata")
        return data

    def _member(self, name: str) -> str:
        return "/".join(filter(None, (self.path, name))) if name else self.path and f"{self.path}/"


@dataclass(frozen=True, slots=True)
class _Root:
    """Where a product was found."""

    folder: Folder
    """That of its metadata."""
    metadata: str
    """The name of the product's metadata, or, with `cloud`, of a granule's."""
    granule: str | None = None
    """The folder of the one granule that is meant; None for all."""
    cloud: bool = False
    """Whether it is a granule of the cloud layout."""


@dataclass(frozen=True, slots=True)
class _Element:
    """An element of XML."""

    tag: str
    """Without its namespace."""
    attributes: dict[str, str]
    """As they stand there."""
    text: str
    """Between its tags, without that of elements inside."""


def find_sentinel2(path: str) -> bool:
    """Tell whether a path names a Sentinel-2 product, without reading its metadata.

    Parameters
    ----------
    path
        What the user names.

    Returns
    -------
    bool
        True for a SAFE folder, a zip file that holds one, the metadata inside, a granule's folder,
        and a folder of the cloud layout.
    """
    try:
        return _find(path) is not None
    except InputError:
        return True  # one that is damaged: opening it says what is wrong


def open_sentinel2(path: str) -> Delivery | None:
    """Read which files hold the bands of a product, and what their numbers mean.

    Parameters
    ----------
    path
        What the user names, as of find_sentinel2.

    Returns
    -------
    Delivery or None
        Each band once, at its finest; None where the path names no Sentinel-2 product.

    Raises
    ------
    InputError
        If a file is missing or damaged, if metadata are not what they should be, or if the product
        has several granules and none is named.
    """
    root = _find(path)
    if root is None:
        return None
    elements = _parse(root.folder, root.metadata)
    return _from_cloud(root, elements) if root.cloud else _from_product(root, elements)


def _find(path: str) -> _Root | None:
    """Where the product lies that a path names; None where it names none."""
    if path.startswith(_ZIP):
        return _find_inside(path)
    if "://" in path or path.startswith("/vsi"):
        return None
    place = Path(path)
    suffix = place.suffix.lower()
    if suffix == ".zip" and place.is_file():
        return _find_in_zip(path)
    if suffix == ".xml" and place.is_file():
        return _from_xml(Folder(str(place.parent)), place.name)
    if place.is_dir():
        return _from_folder(Folder(path))
    return None


def _find_inside(path: str) -> _Root | None:
    """As _find, for a path behind /vsizip/."""
    inner = path[len(_ZIP) :]
    parts = re.fullmatch(r"\{(.+)\}/?(.*)|(.+?\.zip)(?:/(.*))?", inner, re.IGNORECASE)
    archive = (parts[1] or parts[3]) if parts else ""
    if not parts or not Path(archive).is_file():
        return None
    rest = (parts[2] or parts[4] or "").strip("/")
    top = _open_zip(archive)
    if not rest:
        return _find_in_zip(archive)
    if rest.lower().endswith(".xml") and top.has(rest):
        before, _, name = rest.rpartition("/")
        return _from_xml(Folder(before, top.archive, top.members), name)
    if any(name.startswith(f"{rest}/") for name in top.members):
        return _from_folder(Folder(rest, top.archive, top.members))
    return None


def _open_zip(path: str) -> Folder:
    check_regular(path)
    try:
        with zipfile.ZipFile(path) as opened:
            names = frozenset(name for name in opened.namelist() if not name.endswith("/"))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{path} is no whole zip file: {error}", "a zip file", _AGAIN) from error
    return Folder("", path, names)


def _find_in_zip(path: str) -> _Root | None:
    top = _open_zip(path)
    found = sorted(
        {
            name.rpartition("/")[0]
            for name in top.members
            if _PRODUCT.fullmatch(name.rpartition("/")[2])
        }
    )
    if len(found) > 1:
        raise InputError(
            f"{path} holds {len(found)} products: {', '.join(found)}",
            "one",
            f"name one of them: {top.gdal_path(found[0])}",
        )
    if found:
        return _from_folder(Folder(found[0], top.archive, top.members))
    safes = {part for name in top.members for part in name.split("/")[:-1] if _is_safe(part)}
    if safes:
        _refuse_without_metadata(f"{path}, {sorted(safes)[0]}", sorted(safes)[0])
    # a granule of the cloud layout, packed by the user
    folders = {name.rpartition("/")[0] for name in top.members if name.endswith(_CLOUD)}
    roots = [_from_folder(Folder(name, top.archive, top.members)) for name in sorted(folders)]
    clouds = [root for root in roots if root]
    return clouds[0] if len(clouds) == 1 else None


def _is_safe(name: str) -> bool:
    return re.fullmatch(r"S2[A-D]_\w+\.SAFE", name, re.ASCII) is not None


def _refuse_without_metadata(path: str, name: str) -> None:
    level = "L2A" if "L2A" in name else "L1C"
    raise InputError(f"{path}: MTD_MSI{level}.xml is missing", "all files of the product", _AGAIN)


def _from_folder(folder: Folder) -> _Root | None:
    names = folder.names()
    found = [name for name in names if _PRODUCT.fullmatch(name)]
    if len(found) == 1:
        return _Root(folder, found[0])
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
    bands = any(folder.has(f"{inner}B02.jp2") for inner in _CLOUD_FOLDERS)
    if _CLOUD in names and (bands or "tileInfo.json" in names):
        return _Root(folder, _CLOUD, cloud=True)
    return None


def _from_xml(folder: Folder, name: str) -> _Root | None:
    if _PRODUCT.fullmatch(name):
        return _Root(folder, name)
    if _GRANULE.fullmatch(name):
        return _from_granule(folder)
    if name in (_CLOUD, _CLOUD_PRODUCT):
        root = _from_folder(folder)
        return root if root and root.cloud else None
    return None


def _from_granule(folder: Folder) -> _Root:
    """The product that a granule's folder, X.SAFE/GRANULE/name, belongs to."""
    product = folder.parent(2)
    found = [name for name in product.names() if _PRODUCT.fullmatch(name)]
    if len(found) != 1:
        level = "L2A" if "L2A" in folder.name else "L1C"
        raise InputError(
            f"{folder.gdal_path('')} is a granule, and {product.gdal_path(f'MTD_MSI{level}.xml')}, "
            "which says what its numbers mean, is missing",
            "the product that it belongs to",
            _AGAIN,
        )
    return _Root(product, found[0], folder.name)


def _parse(folder: Folder, name: str) -> list[_Element]:
    """The elements of a file, as they end; the root is the last one.

    Files are hostile: one that declares a document type, without which there are no entities, is
    refused. No element is kept in a tree, so that nesting costs nothing.
    """
    path = folder.gdal_path(name)
    found: list[_Element] = []
    open_: list[tuple[str, dict[str, str], list[str]]] = []

    def begin(tag: str, attributes: dict[str, str]) -> None:
        open_.append((tag.rpartition(":")[2], attributes, []))

    def text(data: str) -> None:
        open_[-1][2].append(data)

    def end(_: str) -> None:
        tag, attributes, parts = open_.pop()
        found.append(_Element(tag, attributes, "".join(parts).strip()))

    def refuse(*_: object) -> None:
        raise InputError(
            f"{path} declares a document type, as the metadata of no Sentinel-2 product does",
            "the metadata as the product came with them",
            "do not trust this file",
        )

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(folder.read(name), True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # an encoding that is unknown
        raise InputError(
            f"{path} is no whole XML: {error}", "a product's metadata", _AGAIN
        ) from error
    return found


def _from_product(root: _Root, elements: Sequence[_Element]) -> Delivery:
    path = root.folder.gdal_path(root.metadata)
    level = _level(elements, path)
    granules = _granules(elements)
    images = _one_granule(root, granules)
    files = _files(root.folder, images)
    if not files:
        raise InputError(f"{path} names no bands", "the metadata of a product with its bands")
    return _delivery(files, level, elements, path)


def _granules(elements: Sequence[_Element]) -> dict[str, list[list[str]]]:
    """The images of each granule: from the product's folder, the places where each may lie."""
    found: dict[str, list[list[str]]] = {}
    images: list[_Element] = []
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


def _one_granule(root: _Root, granules: dict[str, list[list[str]]]) -> list[list[str]]:
    path = root.folder.gdal_path(root.metadata)
    if root.granule is not None:
        if root.granule not in granules:
            raise InputError(
                f"{path} does not name the granule {root.granule}", "a granule of this product"
            )
        return granules[root.granule]
    if len(granules) > 1:
        first = root.folder.gdal_path(f"GRANULE/{next(iter(granules))}")
        raise InputError(
            f"{path} names {len(granules)} granules: {', '.join(granules)}",
            "one granule, which is one scene",
            f"name the folder of one: {first}",
        )
    return next(iter(granules.values()), [])


def _files(folder: Folder, images: Sequence[Sequence[str]]) -> dict[str, str]:
    """The finest file of each band, by its code."""
    found: dict[str, tuple[int, str]] = {}
    for places in images:
        for place in places:
            if not _IMAGE.fullmatch(place):
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
                    _AGAIN,
                )
            found[name] = metres, f"{there}.jp2"
    return {name: folder.gdal_path(found[name][1]) for name in _BANDS if name in found}


def _from_cloud(root: _Root, elements: Sequence[_Element]) -> Delivery:
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
                f"{folder.gdal_path(f'{inner}{name}.jp2')} is missing", "all bands", _AGAIN
            )
    if folder.has(_CLOUD_PRODUCT):
        own = _parse(folder, _CLOUD_PRODUCT)
        of_product = folder.gdal_path(_CLOUD_PRODUCT)
        if _level(own, of_product) != level:
            raise InputError(f"{path} is of {level}, {of_product} of another level", "the same")
        return _delivery(files, level, own, of_product)
    tile = _text(elements, ("TILE_ID",))
    baseline = re.search(r"_N(\d\d)\.(\d\d)$", tile)
    if not baseline:
        raise InputError(
            f"{path} names no processing baseline, and {_CLOUD_PRODUCT} is missing",
            "the product's metadata beside the granule's",
            f"put them there, under the name {_CLOUD_PRODUCT}",
        )
    source = f"the baseline in the granule's metadata ({_CLOUD_PRODUCT} is missing)"
    product = by_baseline(level, int(baseline[1]), int(baseline[2]), source)
    return Delivery(files, product)


_METRES = dict.fromkeys(_BANDS, 20) | dict.fromkeys(("B02", "B03", "B04", "B08"), 10)
_METRES |= dict.fromkeys(("B09", "B10"), 60)


def _level(elements: Sequence[_Element], path: str) -> str:
    tag = elements[-1].tag
    for level in _QUANTA:
        if tag.startswith(f"Level-{level[1:]}_"):
            return level
    raise InputError(
        f"{path} is a <{tag[:80]}>", "the metadata of a Sentinel-2 product of Level-1C or Level-2A"
    )


def _delivery(
    files: dict[str, str], level: str, elements: Sequence[_Element], path: str
) -> Delivery:
    """What the product's metadata say of its numbers."""
    said = _text(elements, ("PROCESSING_BASELINE",))
    baseline = re.fullmatch(r"(\d\d)\.(\d\d)", said)
    if not baseline:
        raise InputError(f"{path} names the processing baseline {said[:20]!r}", "such as 05.09")
    numbers = {_number(element, path) for element in elements if element.tag in _QUANTA[level]}
    if len(numbers) != 1 or min(numbers) <= 0:
        raise InputError(
            f"{path} names {_listed(numbers)} as {_QUANTA[level][0]}", "one number above 0"
        )
    divisor = numbers.pop()
    offsets = {_number(element, path) for element in elements if element.tag == _OFFSETS[level]}
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
    nodata = _special(elements, path).get("NODATA")
    # 0 stands for no data where all bands have it (source.zero_is_nodata): one may be as dark
    return Delivery(files, product, nodata or None)


def _special(elements: Sequence[_Element], path: str) -> dict[str, float]:
    """The numbers that stand for no data (NODATA) and too much light (SATURATED)."""
    found: dict[str, float] = {}
    name = ""
    for element in elements:
        if element.tag == "SPECIAL_VALUE_TEXT":
            name = element.text
        elif element.tag == "SPECIAL_VALUE_INDEX":
            found[name] = _number(element, path)
    return found


def _number(element: _Element, path: str) -> float:
    if not re.fullmatch(r"[-+]?\d{1,9}(?:\.\d{1,9})?", element.text, re.ASCII):
        raise InputError(f"{path}: {element.tag} is {element.text[:40]!r}", "a number")
    return float(element.text)


def _listed(numbers: set[float]) -> str:
    return ", ".join(f"{number:g}" for number in sorted(numbers)) or "nothing"


def _text(elements: Sequence[_Element], tags: Sequence[str]) -> str:
    return next((element.text for element in elements if element.tag in tags), "")
