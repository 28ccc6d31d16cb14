"""Files of one band each that are one scene: told by their names, which differ in the band's
code alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from ..core.errors import InputError
from ..raster.handles import open_dataset
from ..scene.bands import code

# what a product holds beside its bands: pictures, masks and angles
BESIDE = re.compile(
    r"(?i)(?<![a-z0-9])(tci|scl|aot|wvp|cld|snw|pvi|true|visual|thumb|ql|qa|pixel|radsat|aerosol|st|drad|urad|emis|emsd"
    r"|trad|cdist|atran|sza|saa|vza|vaa)(?![a-z0-9])"
)
_BAND = re.compile(r"(?i)(?:(?<![a-z])s[rt]_)?(?<![a-z0-9])b(?:0?[1-9]|1[0-2]|0?8a)(?![a-z0-9])")
_SIZE = re.compile(r"(?i)[ _-](?:10|20|60)m(?![a-z0-9])")
_SIZES = re.compile(r"R(?:10|20|60)m")  # folders of a Sentinel-2 product


def group_files(files: Iterable[str]) -> list[tuple[str, ...]]:
    """Group files into scenes: those whose names differ in the band alone are one, all others
    are by themselves, but for the pictures and masks of a product, which are left out.

    Parameters
    ----------
    files
        Of rasters, of which some are opened.

    Returns
    -------
    list
        Files of each scene, in their order.

    Raises
    ------
    InputError
        If names and contents do not tell for certain what belongs together.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file in files:
        found[_key(file)].append(file)
    products = {
        key: group
        for key, group in found.items()
        if key[1] and len(group) > 1 and _one_band_each(group)
    }
    for group in products.values():
        _refuse_twice(group)
    scenes: list[tuple[str, ...]] = []
    for key, group in found.items():
        if key in products:
            scenes.append(tuple(group))
        else:
            scenes += [(file,) for file in group if not _beside(file, products)]
    return scenes


def _key(file: str) -> tuple[str, str]:
    """Return folder and name without the band; the name is "" where it tells no band."""
    path = PurePath(file)
    folder = path.parent.parent if _SIZES.fullmatch(path.parent.name) else path.parent
    stem = path.stem
    if code(stem.replace("_", " ")) is None or len(_BAND.findall(stem)) != 1:
        return str(folder), ""
    return str(folder), _SIZE.sub("", _BAND.sub("*", stem))


def _one_band_each(files: Sequence[str]) -> bool:
    """Whether all of the files hold one band, or none does; InputError where some do."""
    counts = {}
    for file in files:
        with open_dataset(file) as dataset:
            counts[file] = dataset.count
    single = [file for file, count in counts.items() if count == 1]
    if single and len(single) < len(files):
        other = next(file for file in files if file not in single)
        raise InputError(
            f"{single[0]} holds 1 band and {other} {counts[other]}, and their names differ in "
            "the band alone",
            "the bands of one scene, a file each, or a scene in each file",
            "list the scenes in a .txt file, the files of each in one line",
        )
    return bool(single)


def _refuse_twice(files: Sequence[str]) -> None:
    """Raise InputError where a band is there twice, in one pixel size."""
    seen: dict[tuple[str | None, str], str] = {}
    for file in files:
        stem = PurePath(file).stem
        size = "".join(_SIZE.findall(stem)) + PurePath(file).parent.name
        first = seen.setdefault((code(stem.replace("_", " ")), size), file)
        if first != file:
            raise InputError(
                f"{first} and {file} are the same band of one scene",
                "each band once",
                "list the scenes in a .txt file, the files of each in one line",
            )


def _beside(file: str, products: Iterable[tuple[str, str]]) -> bool:
    """Whether the file is a picture or a mask of a product; InputError where it is neither that
    nor surely a scene.
    """
    path = PurePath(file)
    folder = str(path.parent.parent if _SIZES.fullmatch(path.parent.name) else path.parent)
    for place, name in products:
        begins = name.partition("*")[0]
        if place != folder or not path.stem.startswith(begins):
            continue
        rest = path.stem[len(begins) :].replace("_", " ")
        if BESIDE.search(rest) if begins else BESIDE.fullmatch(rest):
            return True
        if begins:
            raise InputError(
                f"{file} is called as the bands {begins}* of one scene, and tells no band",
                "the bands of one scene, or scenes of names of their own",
                "list the scenes in a .txt file, the files of each in one line",
            )
    return False
