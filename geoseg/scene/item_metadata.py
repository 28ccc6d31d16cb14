"""What is known of a scene before it is opened: from the STAC item that names it, or because
something is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isclose
from typing import Any

from ..core.errors import InputError
from ..core.options import Options
from .describe import SceneInfo, describe


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an item says that a file lies (STAC's projection extension)."""

    code: str = ""
    """Of its CRS, such as EPSG:32633; "" where unsaid."""

    shape: tuple[int, ...] = ()
    """Rows and columns; () where unsaid."""

    transform: tuple[float, ...] = ()
    """Six affine coefficients from column and row to x and y; () where unsaid."""

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.code or self.shape or self.transform)


@dataclass(frozen=True, slots=True)
class ItemMetadata:
    """What an item says of its scene, as far as it says it."""

    bands: tuple[int, ...] = ()
    """1-based numbers over all raster bands of the scene's files, in the order of the model's;
    () where unsaid."""

    counts: tuple[int, ...] = ()
    """How many raster bands each of the files holds; () where unsaid."""

    scaling: tuple[float, ...] = ()
    """(scale, offset), so that value = digital number x scale + offset; () where unsaid."""

    nodata: float | None = None
    """The digital number of pixels without data; None where unsaid."""

    placed: tuple[Placed, ...] = ()
    """Where each of the files lies; () where unsaid."""

    when: str = ""
    """The time of the scene, RFC 3339, or ""."""

    item: str = ""
    """Which item it is, as file#id; "" where no item names the scene."""

    link: str = ""
    """Where the item itself is found on the web, or ""."""

    problem: str = ""
    """Why the scene cannot be mapped, or ""."""

    @property
    def reading(self) -> tuple[object, ...]:
        """What decides which numbers are read: other ones give another map."""
        return self.bands, self.counts, self.scaling, self.nodata


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene to be mapped."""

    paths: tuple[str, ...]
    """Its files."""

    label: str
    """What it would like to be called."""

    item_metadata: ItemMetadata = field(default_factory=ItemMetadata)
    """What is known of it."""


def metadata_to_data(item_metadata: ItemMetadata) -> dict[str, Any]:
    """Put metadata into JSON's types, without what is unsaid.

    Parameters
    ----------
    item_metadata
        Of one scene.

    Returns
    -------
    dict
        By the names of the fields.
    """
    return {
        key: value for key, value in asdict(item_metadata).items() if value not in ((), "", None)
    }


def metadata_from_data(data: Mapping[str, Any]) -> ItemMetadata:
    """Read what `metadata_to_data` gave.

    Parameters
    ----------
    data
        What JSON held; other keys are ignored.

    Returns
    -------
    ItemMetadata
        As it was.

    Raises
    ------
    KeyError, TypeError, ValueError
        If a value is of another kind.
    """
    texts = {key: str(data[key]) for key in ("when", "item", "link", "problem") if key in data}
    nodata = float(data["nodata"]) if "nodata" in data else None
    bands, counts = (tuple(map(int, data.get(key, ()))) for key in ("bands", "counts"))
    placed = tuple(
        Placed(str(one["code"]), tuple(map(int, one["shape"])), tuple(map(float, one["transform"])))
        for one in data.get("placed", ())
    )
    scaling = tuple(map(float, data.get("scaling", ())))
    return ItemMetadata(bands, counts, scaling, nodata, placed, **texts)


def options_of(options: Options, item_metadata: ItemMetadata, tile: int | None = None) -> Options:
    """Say by which options a scene is mapped: the user's word comes first, then the item's.

    Parameters
    ----------
    options
        The user's.
    item_metadata
        What the item says.
    tile
        Side of the tiles, in pixels, that all regions of a scene share; None leaves the
        options'.

    Returns
    -------
    Options
        With bands, scale, offset and nodata of the item where the user named none.
    """
    changes: dict[str, Any] = {"tile": tile} if tile else {}
    if item_metadata.bands and options.reading.bands is None:
        changes["bands"] = item_metadata.bands
    if (
        item_metadata.scaling and options.reading.scale is None
    ):  # as of a file's header: --offset alone leaves the scale
        changes["scale"] = item_metadata.scaling[0]
        told = options.reading.offset
        changes["offset"] = item_metadata.scaling[1] if told is None else told
    if item_metadata.nodata is not None and options.reading.nodata is None:
        changes["nodata"] = item_metadata.nodata
    return options.but(**changes)


def check_metadata(scene: tuple[str, ...], item_metadata: ItemMetadata, options: Options) -> None:
    """Compare what an item says with its files, which are opened only where it says something.

    Parameters
    ----------
    scene
        The files.
    item_metadata
        What the item says of them.
    options
        The user's: what they say decides, and is not compared.

    Raises
    ------
    InputError
        If there is a problem, or item and files contradict each other.
    """
    if item_metadata.problem:
        raise InputError(item_metadata.problem)
    said = any(item_metadata.reading[1:]) or item_metadata.nodata is not None
    if not said and not item_metadata.placed:
        return
    info = describe(scene)
    _check_places(info, item_metadata.placed)
    _check_counts(info, item_metadata.counts)
    numbers = item_metadata.bands or range(1, len(info.layers) + 1)
    layers = [info.layers[i - 1] for i in numbers if i <= len(info.layers)]
    if item_metadata.scaling and options.reading.scale is None:
        found = {(layer.scale, layer.offset) for layer in layers} - {(1.0, 0.0)}
        if info.product and info.scaling:
            found.add((info.scaling.scale, info.scaling.offset))
        _check_scaling(item_metadata.scaling, found)
    values = {layer.nodata for layer in layers} - {None, item_metadata.nodata}
    if item_metadata.nodata is not None and options.reading.nodata is None and values:
        raise InputError(
            f"the item says that {item_metadata.nodata:g} is nodata, the file says "
            f"{', '.join(map(str, values))}",
            "the same",
            "say which with --nodata",
        )


def _check_counts(info: SceneInfo, counts: tuple[int, ...]) -> None:
    held = Counter(layer.path for layer in info.layers)
    for path, count in zip(info.paths, counts, strict=False):
        found = held[path]
        if found != count:
            raise InputError(f"{path} has {found} bands, its item says {count}", "the same")


def _check_places(info: SceneInfo, placed: tuple[Placed, ...]) -> None:
    """Refuse a file that lies elsewhere than its item says: it is not the item's."""
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    layers = {layer.path: layer for layer in reversed(info.layers)}
    for path, said in zip(info.paths, placed, strict=False):
        grid = layers[path].grid
        if said.shape and sorted(said.shape) != sorted((grid.height, grid.width)):
            raise _lies_elsewhere(
                path, f"{grid.height} x {grid.width} px", "{} x {} px".format(*said.shape)
            )
        try:
            crs = CRS.from_user_input(said.code) if said.code else None
        except (CRSError, ValueError) as error:
            raise InputError(
                f"the item says the CRS {said.code[:40]}", "such as EPSG:32633"
            ) from error
        if crs and grid.crs and crs != CRS.from_wkt(grid.crs):
            found = CRS.from_wkt(grid.crs).to_string()
            raise _lies_elsewhere(path, found[:80], said.code)
        side = max(map(abs, (*grid.transform[:2], *grid.transform[3:5])))
        plain = not (layers[path].turn or layers[path].points)
        if (
            said.transform
            and plain
            and any(
                abs(one - other) > side / 100
                for one, other in zip(said.transform, grid.transform[:6], strict=True)
            )
        ):
            raise _lies_elsewhere(path, str(grid.transform[:6]), str(said.transform))


def _lies_elsewhere(path: str, found: str, said: str) -> InputError:
    return InputError(
        f"{path} lies on {found}, its item says {said} (proj:)",
        "the same",
        "name the file itself if it is the right one",
    )


def _check_scaling(said: tuple[float, ...], found: set[tuple[float, float]]) -> None:
    for scale, offset in found:
        if not (
            isclose(scale, said[0], rel_tol=1e-6)
            and isclose(offset, said[1], rel_tol=1e-6, abs_tol=1e-9)
        ):
            raise InputError(
                f"the item says value = DN x {said[0]:.7g} {said[1]:+g}, file or product say x "
                f"{scale:.7g} {offset:+g}",
                "the same",
                "say which with --scale and --offset",
            )
