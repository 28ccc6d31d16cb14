"""From a STAC item to a scene: which of its assets hold the bands that a model needs, and how
they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from ..core.card import ModelCard
from ..core.errors import InputError, ModelError
from ..core.grid import Grid
from ..core.options import Options
from ..core.redact import redact
from ..raster.band_info import BandInfo
from ..raster.locations import file_name, is_remote, without_query
from ..scene.bands import find_sensor, name_layers
from ..scene.describe import SceneInfo
from ..scene.fit import check_sensor
from ..scene.item_metadata import ItemMetadata, Scene, check_metadata
from ..scene.match import Match, match_bands
from ..scene.products import find_product, is_delivery
from ..scene.stac_assets import UNKNOWN, Image, images_of, objects, properties_of, text_of
from ..scene.stac_items import holds_items, read_item
from .choose import furthest

_WHEN = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE
)


def names_item(scene: Sequence[str]) -> bool:
    """Tell whether what a user names as a scene is a file with a STAC item.

    Parameters
    ----------
    scene
        Paths or addresses.

    Returns
    -------
    bool
        By the names alone.
    """
    return len(scene) == 1 and holds_items(scene[0]) and not is_delivery(scene[0])


def read_scene(location: str, cards: Sequence[ModelCard], options: Options) -> Scene:
    """Read a STAC item, and find the files that are its scene; they are opened where the item says
    how they are read, and have to agree.

    Parameters
    ----------
    location
        The path or address of the item.
    cards
        Of the models that may be used.
    options
        The user's, which decide before the item does.

    Returns
    -------
    Scene
        The files, and what the item says of them.

    Raises
    ------
    InputError
        If there is no such item, its scene cannot be mapped, or item and files contradict each
        other.
    """
    scene = scene_of_item(read_item(location), location, 1, cards, options)
    if scene.item_metadata.problem:
        raise InputError(f"{location}: {scene.item_metadata.problem}")
    check_metadata(scene.paths, scene.item_metadata, options)
    return scene


def item_note(scene: Scene) -> str:
    """Say what of an item is read, and how.

    Parameters
    ----------
    scene
        The item's.

    Returns
    -------
    str
        A line for people.
    """
    names = ", ".join(file_name(path) for path in scene.paths)
    found = f"STAC item {scene.label}: {names}"
    if scene.item_metadata.scaling:
        scale, offset = scene.item_metadata.scaling
        found += f"; value = DN x {scale:.7g} {offset:+g}"
    if scene.item_metadata.nodata is not None:
        found += f"; nodata {scene.item_metadata.nodata:g}"
    return found


def scene_of_item(
    item: Mapping[str, Any], base: str, number: int, cards: Sequence[ModelCard], options: Options
) -> Scene:
    """Turn an item into a scene: the files of the assets that the one model that fits needs,
    else all that may be rasters.

    Parameters
    ----------
    item
        As JSON has it.
    base
        The path or address of the file that holds it: relative addresses start there.
    number
        Of the item in the file, from 1: its name where it has no id.
    cards
        Of the models that may be used.
    options
        The user's, which decide before the item does.

    Returns
    -------
    Scene
        With the problem in its metadata where it cannot be mapped.
    """
    label = (
        item["id"] if isinstance(item.get("id"), str) and item["id"].strip() else f"item-{number}"
    )
    place = redact(without_query(base)) if is_remote(base) else str(Path(base).absolute())
    item_metadata = ItemMetadata(when=_when(item), item=f"{place}#{label}", link=_link(item))
    try:
        images = list(images_of(item, base))
        paths, bands, layers = _chosen(images, item, cards, options)
        by_path = {image.path: image for image in images}
        scaling = _scaling(
            layers, {path: by_path[path].said for path in paths}, item, cards, options
        )
        placed = tuple(by_path[path].placed for path in paths)
        counts = tuple(len(by_path[path].layers) for path in paths) if bands else ()
        item_metadata = replace(
            item_metadata,
            bands=bands,
            counts=counts,
            scaling=scaling,
            nodata=_nodata(layers, options),
            placed=placed if any(placed) else (),
        )
        return Scene(paths, label, item_metadata)
    except InputError as error:
        return Scene((item_metadata.item,), label, replace(item_metadata, problem=str(error)))


def _chosen(
    images: Sequence[Image], item: Mapping[str, Any], cards: Sequence[ModelCard], options: Options
) -> tuple[tuple[str, ...], tuple[int, ...], tuple[BandInfo, ...]]:
    """Return files, numbers of the bands in them, and layers: those of the one model that fits,
    else all that may.
    """
    named = [image for image in images if any(layer.description for layer in image.layers)]
    if options.reading.bands or not named:
        paths = tuple(image.path for image in images if not image.display) or tuple(
            image.path for image in images
        )
        if len(paths) != 1:
            why = (
                "--bands cannot tell which of them"
                if options.reading.bands
                else "none of them says which band it is"
            )
            raise InputError(
                f"the item has {len(paths)} assets that may be rasters, and {why}",
                "one raster, or eo:bands or bands in each asset",
            )
        return (
            paths,
            (),
            tuple(layer for image in images if image.path == paths[0] for layer in image.layers),
        )
    check_size = len(cards) > 1 and not options.reading.force
    groups = [_without_copies([image for image in named if not image.display])]
    groups += [
        [image] for image in named if image.display
    ]  # made for the eye: taken where the data fit no model
    reasons = ""
    for group in filter(None, groups):
        tried = [(card, _match(group, item, card, check_size, options)) for card in cards]
        if fitting := furthest([card for card, match in tried if isinstance(match, Match)]):
            matches = [
                match for card, match in tried if isinstance(match, Match) and card in fitting
            ]
            break
        reasons = reasons or "; ".join(f"for {card.name} {why}" for card, why in tried)
    else:
        raise InputError(reasons, "assets for all bands of the model")
    layers = tuple(dict.fromkeys(layer for match in matches for layer in match.layers))
    paths = tuple(dict.fromkeys(layer.path for layer in layers))
    return paths, _numbers(paths, matches[0].layers, images) if len(matches) == 1 else (), layers


def _match(
    images: Sequence[Image],
    item: Mapping[str, Any],
    card: ModelCard,
    check_size: bool,
    options: Options,
) -> Match | str:
    """Return the layers that feed a model, or why there are none.

    The scale that an item gives is not the user's word: another sensor's items are refused all the
    same.
    """
    try:
        info = _info(images, item)
        check_sensor(info, card, options)
        match = match_bands(info, card)
    except ModelError as error:
        return error.found.replace("the scene", "the item")
    side = _side(match.layers)
    low, high = card.gsd_range
    if not check_size or side is None or low <= side <= high:
        return match
    return f"the item's pixels are {side:g} m, and not {low:g} to {high:g}"


def _info(images: Sequence[Image], item: Mapping[str, Any]) -> SceneInfo:
    """Return the scene that the item describes, with its bands named as those of an open one
    are.
    """
    layers = tuple(layer for image in images for layer in image.layers)
    paths = tuple(image.path for image in images)
    words = [text_of(properties_of(item), key) for key in ("platform", "constellation")]
    tags = {
        "PLATFORM": " ".join([*words, str(item.get("collection") or ""), str(item.get("id") or "")])
    }
    side = _side(layers)
    sensor = find_sensor(layers, paths, tags, side)
    names = name_layers(layers, sensor)
    named = tuple(replace(layer, name=name) for layer, name in zip(layers, names, strict=True))
    return SceneInfo(paths, Grid(1, 1), side, named, sensor)


def _without_copies(images: Sequence[Image]) -> list[Image]:
    """Leave out assets that hold what another one does in a better form, such as JPEG 2000
    beside COG.
    """

    def told(image: Image) -> object:
        sizes = [(layer.description, layer.grid.transform[0]) for layer in image.layers]
        return tuple(sizes), image.called

    ranks: dict[object, int] = {}
    for image in images:
        ranks[told(image)] = min(image.rank, ranks.get(told(image), image.rank))
    # two of one form are two bands, of which none may be chosen for the user
    return [image for image in images if image.rank == ranks[told(image)]]


def _side(layers: Sequence[BandInfo]) -> float | None:
    """Return the smallest pixel size that the item tells, None where it tells none."""
    return min(
        (side for layer in layers if (side := layer.grid.transform[0]) > UNKNOWN), default=None
    )


def _numbers(
    paths: Sequence[str], layers: Sequence[BandInfo], images: Sequence[Image]
) -> tuple[int, ...]:
    """Return the layers' 1-based numbers over all raster bands of the files, one file after the
    other.
    """
    counts = {image.path: len(image.layers) for image in images}
    before = dict(zip(paths, accumulate((counts[path] for path in paths), initial=0), strict=False))
    return tuple(before[layer.path] + layer.index for layer in layers)


def _scaling(
    layers: Sequence[BandInfo],
    said: Mapping[str, Sequence[tuple[float, float] | None]],
    item: Mapping[str, Any],
    cards: Sequence[ModelCard],
    options: Options,
) -> tuple[float, ...]:
    """Return scale and offset as the item has them; InputError where it contradicts itself,
    unless the user knows.
    """
    if options.reading.scale is not None:
        return ()
    found = {said[layer.path][layer.index - 1] for layer in layers}
    properties = properties_of(item)
    taken_off = any(
        key.endswith(":boa_offset_applied") and value is True for key, value in properties.items()
    )
    if found <= {None}:
        tags = {key: value for key, value in properties.items() if isinstance(value, str)}
        product = find_product((), tags)
        if not (
            product
            and product.scaling
            and all("reflectance" in card.unit.lower() for card in cards)
        ):
            return ()
        return product.scaling.scale, 0.0 if taken_off else product.scaling.offset
    if len(found) > 1:
        shown = sorted(
            "nothing" if pair is None else f"x {pair[0]:g} {pair[1]:+g}" for pair in found
        )
        raise InputError(
            f"the item gives its bands different scales or offsets: {', '.join(shown)}",
            "one scaling for all bands",
            "say it with --scale and --offset",
        )
    scale, offset = found.pop() or (1.0, 0.0)
    if taken_off and offset and options.reading.offset is None:
        raise InputError(
            f"the item says that the offset {offset:+g} is to be added, and that it was applied "
            "already"
            " (boa_offset_applied)",
            "one of them",
            "say what the numbers are, such as --scale"
            f" {scale:g} --offset 0, or --offset {offset:g}",
        )
    return () if (scale, offset) == (1.0, 0.0) else (scale, offset)


def _nodata(layers: Sequence[BandInfo], options: Options) -> float | None:
    """Return the nodata that all bands share; InputError where they differ, as what one of them
    fills would be mapped as ground, unless the user knows.
    """
    found = {layer.nodata for layer in layers}
    if len(found) > 1 and options.reading.nodata is None:
        shown = sorted("nothing" if value is None else f"{value:g}" for value in found)
        raise InputError(
            f"the item gives its bands different nodata: {', '.join(shown)}",
            "one for all bands",
            "say it with --nodata",
        )
    return found.pop() if len(found) == 1 else None


def _when(item: Mapping[str, Any]) -> str:
    """Return the time of an item in UTC, "" where it has none."""
    properties = properties_of(item)
    for key in ("datetime", "start_datetime"):
        text = text_of(properties, key)
        if _WHEN.fullmatch(text):
            try:
                found = datetime.fromisoformat(text.upper())
            except ValueError:  # as on 30 February
                continue
            utc = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
            return utc.isoformat().replace("+00:00", "Z")
    return ""


def _link(item: Mapping[str, Any]) -> str:
    for link in objects(item, "links"):
        if link.get("rel") == "self" and re.match(r"https?://\S+$", text_of(link, "href")):
            return text_of(link, "href")
    return ""
