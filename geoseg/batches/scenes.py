"""Which scenes a batch takes: files, patterns, lists of them, and STAC items."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import takewhile
from pathlib import Path, PurePath

from ..core.errors import InputError
from ..core.events import Event, Noted, Warned
from ..core.files import LISTS, is_data, read_list
from ..core.options import Options
from ..core.redact import redact
from ..prediction.stac_scene import scene_of_item
from ..raster.locations import is_remote, without_query
from ..scene.item_metadata import Scene
from ..scene.mosaic import mosaic_files
from ..scene.products import (
    choose_granule,
    granules_of,
    is_delivery,
    open_delivery,
    product_key,
    product_name,
)
from ..scene.stac_items import holds_items, read_items
from .plan import cards_of
from .products import group_files

TELLING = 10  # letters that files of one product share, and no others do


def find_scenes(
    given: Iterable[str],
    model: str | tuple[str, ...] = "auto",
    options: Options | None = None,
) -> list[Scene]:
    """Find the scenes that arguments name.

    Parameters
    ----------
    given
        Files, folders, patterns, lists (.txt, .csv), files of STAC items, addresses.
    model
        Of the assets of items those are taken that it needs.
    options
        By which scenes are mapped; None for the defaults.

    Returns
    -------
    list
        Each scene once, in the arguments' order.

    Raises
    ------
    InputError
        If an argument names none.
    """
    found: dict[tuple[str, ...], Scene] = {}
    if options and options.reading.mosaic:
        return list(_mosaics(list(given)))
    granule = options.reading.granule if options else None
    for text in given:
        for scene in _scenes(text, partial(_stac_items, model=model, options=options or Options())):
            for one in _granules(scene, granule):
                found.setdefault(one.paths, one)
    return list(found.values())


def _granules(scene: Scene, granule: str | None) -> Iterator[Scene]:
    """Yield each granule of a product of several, or the one that is asked for; else the scene."""
    if granule is None and (len(scene.paths) > 1 or not is_delivery(scene.paths[0])):
        yield scene
        return
    chosen = choose_granule(scene.paths, granule)
    known = granules_of(chosen[0]) if len(chosen) == 1 else {}
    if granule is None and len(known) < 2:
        yield scene
    else:
        yield from map(_product, known.values())


def _mosaics(given: Sequence[str]) -> Iterator[Scene]:
    """Yield a scene for each folder, pattern or list, and one for all files that are named."""
    loose = [
        text
        for text in given
        if is_remote(text)
        or is_delivery(text)
        or (Path(text).is_file() and PurePath(text).suffix.lower() not in LISTS)
    ]
    if loose:
        yield scene_of(mosaic_files(loose))
    for text in given:
        if text not in loose:
            name = PurePath(text)
            known = name if Path(text).exists() else name.parent
            yield scene_of(mosaic_files((text,)), known.stem or "mosaic")


def stac_item_events(scenes: Sequence[Scene]) -> Iterator[Event]:
    """Tell what is to be said of the scenes that STAC items name.

    Parameters
    ----------
    scenes
        Those that no item names are passed over.

    Yields
    ------
    Event
        How they are read, and which cannot be mapped.
    """
    stac_items = [scene.item_metadata for scene in scenes if scene.item_metadata.item]
    ways = Counter(
        f"value = DN x {s:.7g} {o:+g}"
        for item_metadata in stac_items
        if item_metadata.scaling
        for s, o in [item_metadata.scaling]
    )
    for way, count in ways.most_common(3):
        yield Noted(f"{way}, from {count:,} of {len(stac_items):,} STAC items")
    problems = [item_metadata.problem for item_metadata in stac_items if item_metadata.problem]
    if problems:
        yield Warned(
            f"{len(problems):,} of {len(stac_items):,} STAC items cannot be mapped, the first: "
            f"{problems[0]}"
        )


def _stac_items(location: str, model: str | tuple[str, ...], options: Options) -> Iterator[Scene]:
    cards = cards_of(model, options)
    for number, item in enumerate(read_items(location), 1):
        yield scene_of_item(item, location, number, cards, options)


def _scenes(text: str, stac_items: Callable[[str], Iterator[Scene]]) -> Iterator[Scene]:
    suffix = PurePath(text).suffix.lower()
    if is_delivery(text) and not _holds_more(text):
        yield _product(text)
    elif holds_items(text) and (is_remote(text) or Path(text).exists()):
        yield from stac_items(text)
    elif is_remote(text) or text.startswith("/vsi"):
        yield scene_of((text,))
    elif suffix in LISTS and Path(text).exists() and not Path(text).is_dir():
        yield from _listed(Path(text))
    elif glob.has_magic(text) and not Path(text).exists():
        files = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - absolute patterns
        if not files:
            raise InputError(
                f"{text} matches no file", "a pattern that matches scenes, in quotes or not"
            )
        for file in filter(holds_items, files):
            if not is_delivery(file):
                yield from stac_items(file)
        products = _each_once(_outermost(file for file in files if is_delivery(file)))
        yield from map(_product, products)
        outside = (file for file in files if not _within(file, products))
        rest = _without_parts(outside, products)
        yield from map(scene_of, group_files(file for file in rest if not holds_items(file)))
    elif Path(text).is_dir():
        inside = sorted(map(str, Path(text).iterdir()))
        products = _each_once(path for path in inside if is_delivery(path))
        yield from map(_product, products)
        rest = _without_parts(_inside(Path(text), bool(products)), products)
        yield from map(scene_of, group_files(file for file in rest if not is_delivery(file)))
    elif not Path(text).exists():
        raise InputError(f"{text} does not exist", "a scene, a pattern, or a list of scenes")
    else:
        yield scene_of((text,))


def _product(path: str) -> Scene:
    """A product as it is downloaded, called after its folder."""
    return scene_of((path,), product_name(path))


def _each_once(paths: Iterable[str]) -> list[str]:
    """Keep one of the names of each product: several of its files may name it."""
    kept: dict[object, str] = {}
    for path in paths:
        kept.setdefault(product_key(path) or path, path)
    return list(kept.values())


def _without_parts(files: Iterable[str], products: Sequence[str]) -> Iterator[str]:
    """Leave out the files of products that share a folder: those called as their bands are."""
    found = [_parts(product) for product in products if not Path(product).is_dir()]
    exact = {file for parts, _ in found for file in parts}
    begins = tuple(begin for _, begin in found if len(begin) >= TELLING)
    for file in files:
        if file not in exact and not (begins and PurePath(file).name.startswith(begins)):
            yield file


def _holds_more(path: str) -> bool:
    """Whether a folder holds rasters beside those of the one product that lies in it."""
    if not Path(path).is_dir():
        return False
    _, begin = _parts(path)
    files = _inside(Path(path), may_be_empty=True)
    return len(begin) >= TELLING and any(
        not PurePath(file).name.startswith(begin) for file in files
    )


def _parts(product: str) -> tuple[set[str], str]:
    """The files of a product's bands and mask, and what all of their names begin with."""
    try:
        delivery = open_delivery(product)
    except InputError:  # it is told when its turn comes
        delivery = None
    if delivery is None:
        return {product}, ""
    bands = {band.path for band in delivery.bands}
    masks = {delivery.mask.path} if delivery.mask else set()
    named = set() if Path(product).is_dir() else {product}
    names = [PurePath(path).name for path in (*bands, *masks, *named)]
    begin = os.path.commonprefix(names)  # noqa: RUF071 - letters, of names
    return bands | masks | {product}, begin


def _outermost(products: Iterable[str]) -> Iterator[str]:
    """Leave out the parts of products that a pattern meets beside the product itself."""
    kept: list[str] = []
    for product in sorted(products, key=lambda path: len(PurePath(path).parts)):
        if not _within(product, kept):
            kept.append(product)
            yield product


def _within(file: str, products: Sequence[str]) -> bool:
    """Whether a file is one of the products, or part of one."""
    return any(PurePath(file).is_relative_to(_whole(product)) for product in products)


def _whole(product: str) -> PurePath:
    """The folder that a product is named by, or that its metadata name as a whole."""
    path = PurePath(product)
    alone = path.suffix.lower() == ".xml" and is_delivery(str(path.parent))
    return path.parent if alone else path


def _inside(folder: Path, may_be_empty: bool = False) -> list[str]:
    """Return the rasters of a folder: all its files but those that come beside others, as
    `geoseg train` takes it.
    """
    files = sorted(str(path) for path in folder.iterdir() if is_data(str(path)))
    if not files and not may_be_empty:
        raise InputError(
            f"the folder {folder} holds no rasters",
            "rasters in the folder itself",
            f"name them by a pattern, such as '{folder}/**/*.tif'",
        )
    return files


def scene_of(paths: tuple[str, ...], label: str = "") -> Scene:
    """Call a scene after its files.

    Parameters
    ----------
    paths
        Of its bands.
    label
        What it is called; "" for what all of its files' names begin with.

    Returns
    -------
    Scene
        With nothing known of it.
    """
    stems = [PurePath(_without_query(path)).stem for path in paths]
    common = "".join(
        letters[0]
        for letters in takewhile(lambda found: len(set(found)) == 1, zip(*stems, strict=False))
    )
    common = (
        re.sub(r"[_. -]+[bB]?\d*$", "", common) if len(stems) > 1 else common
    )  # what all bands' names begin with
    return Scene(paths, label or common or stems[0])


def _without_query(path: str) -> str:
    """Return an address without its secrets: names of maps come from it."""
    return without_query(path) if "://" in path else redact(path)


def _listed(path: Path) -> Iterator[Scene]:
    """Yield the scenes of a list: one a line, the files of its bands between spaces; relative to
    the list's folder.
    """
    for line in read_list(path):
        whole = _beside(path, line)
        paths = (
            (whole,)
            if is_remote(line) or Path(whole).exists()
            else tuple(_beside(path, p) for p in line.split())
        )
        alone = len(paths) == 1 and is_delivery(whole)
        yield _product(whole) if alone else scene_of(paths)


def _beside(path: Path, text: str) -> str:
    return text if is_remote(text) or text.startswith("/vsi") else str(path.parent / text)
