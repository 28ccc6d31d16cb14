"""What a window asks of the worker behind it, a dictionary each, and the answers: `geoseg live`.

Every request has an `id`, a `scene` (a path, or several of one scene), `bounds` in `crs` (WKT or a
code; that of the scene by default), and the `height` and `width` of the screen that they fill. Its
`kind` is

map (the default)
    The extent as mapped by `model` (a name, a folder, auto). The answer has `png`, coloured and
    transparent where nothing is (with `"shade": true` the more, the less sure a pixel is), and
    `values`, a PNG whose red is the class and whose green is the confidence in percent (255 is
    nodata in both); both fill the bounds. `coarser` above 1 says that larger pixels were mapped
    than `geoseg predict` would; `tile` with which it gives the same. With `"geotiff": true` also
    `classes`, a GeoTIFF of the map's own pixels.
region
    The polygon of one class around the point `x`, `y` in the map of the extent, and of nothing
    beside it: `wkt` in `wkt_crs`, the scene's, and `class`. With `"segment": true` what of it lies
    in the superpixel around the point.
segment
    The superpixel of the scene around the point, about `side` pixels of the scene wide, of those of
    the extent: `wkt`, as above. No model is needed.

An answer repeats `id` and `kind`. One that could not be given has an `error` instead: `found`,
`expected`, `do`. Files lie in one temporary folder, the last few answers' alone, and go with it.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA, ModelCard
from ..core.errors import GeosegError, InputError
from ..core.grid import Grid, Window
from ..core.options import Options
from ..raster.georeference import ground_size, to_pixels
from ..raster.memory import write_map
from ..raster.quicklook import png
from ..raster.relate import relate
from ..scene.describe import SceneInfo
from ..scene.mosaic import describe_for
from ..scene.products import choose_granule
from ..scene.source import open_bands, zero_is_nodata
from ..vector.outline import common_part, outline_at
from ..vector.superpixels import superpixels
from .live import Live, LiveMap, Scores
from .live_screen import Screen, shown, window_of

ShouldStop = Callable[[], bool]
MODELS = 3  # that are kept loaded
ANSWERS = 8  # whose files are kept
SEGMENTED = 4_000_000  # pixels of an extent that is cut into superpixels, at most
SIDE = 16  # pixels of a superpixel's side
FAINT = 0.15  # of the opacity: of the least sure pixel where the map is shaded


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read and checked."""

    id: Any
    """Is repeated in the answer."""
    kind: str
    """map, region or segment."""
    scene: tuple[str, ...]
    """Its files."""
    screen: Screen
    """The extent."""
    model: str = "auto"
    """Name or folder."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """As of `Options.of`."""
    point: tuple[float, float] | None = None
    """x and y in the extent's CRS."""
    shade: bool = False
    """Whether what is less sure is more transparent."""
    geotiff: bool = False
    """Whether the map is written as a GeoTIFF, too."""
    side: int = SIDE
    """Pixels of a superpixel's side."""
    segment: bool = False
    """Whether of a region only what lies in the superpixel is wanted."""


def read_request(asked: Mapping[str, Any]) -> Request:
    """Read a request.

    Parameters
    ----------
    asked
        As it came.

    Returns
    -------
    Request
        Checked as far as it can be without the scene.

    Raises
    ------
    InputError
        If something is missing, or is not what it should be.
    """
    kind = asked.get("kind", "map")
    if kind not in KINDS:
        raise InputError(f"kind {kind!r}", f"one of {', '.join(KINDS)}")
    scene = asked.get("scene")
    files = [scene] if isinstance(scene, str) else scene
    if not (isinstance(files, list) and files and all(isinstance(path, str) for path in files)):
        raise InputError(f"scene {scene!r}", "a path, or a list of them")
    try:
        west, south, east, north = map(float, asked["bounds"])
        screen = Screen(
            (west, south, east, north), asked.get("crs"), int(asked["height"]), int(asked["width"])
        )
        point = None if kind == "map" else (float(asked["x"]), float(asked["y"]))
        side = int(asked.get("side", SIDE))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"a request whose numbers cannot be read: {type(error).__name__} {error}",
            "bounds (four), height and width, and but for a map x and y",
        ) from error
    if not 2 <= side <= 512:
        raise InputError(f"side {side}", "2 to 512 pixels")
    options = asked.get("options") or {}
    if not isinstance(options, dict):
        raise InputError(f"options {options!r}", "an object of names and values")
    model = str(asked.get("model") or "auto")
    return Request(
        asked.get("id"),
        kind,
        tuple(files),
        screen,
        model,
        options,
        point,
        bool(asked.get("shade")),
        bool(asked.get("geotiff")),
        side,
        bool(asked.get("segment")),
    )


class Desk:
    """Answers requests, one after the other; a context manager.

    Parameters
    ----------
    folder
        For the files of answers.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scores = Scores()
        self._models: OrderedDict[object, Live] = OrderedDict()
        self._files: deque[list[Path]] = deque()
        self._count = 0
        self._cut: tuple[object, Any, Grid] | None = None

    def answer(self, request: Request, should_stop: ShouldStop) -> dict[str, Any]:
        """Answer a request.

        Parameters
        ----------
        request
            What is asked.
        should_stop
            Asked again and again.

        Returns
        -------
        dict
            As the module says.

        Raises
        ------
        GeosegError
            With what was found, expected and what to do.
        MapStoppedError
            If it should stop.
        """
        begun = time.monotonic()
        found: dict[str, Any] = KINDS[request.kind](self, request, should_stop)
        seconds = round(time.monotonic() - begun, 3)
        return {"id": request.id, "kind": request.kind, **found, "seconds": seconds}

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *error: object) -> None:
        for live in self._models.values():
            live.close()

    def _live(self, request: Request) -> Live:
        """The model of a request, loaded; one that was written anew is another one."""
        key = request.model, _written(request.model), repr(sorted(request.options.items()))
        if key not in self._models:
            options = Options.of(**request.options)
            self._models[key] = Live(request.model, options, self._scores)
        self._models.move_to_end(key)
        while len(self._models) > MODELS:
            self._models.popitem(last=False)[1].close()
        return self._models[key]

    def _mapped(self, request: Request, should_stop: ShouldStop) -> LiveMap:
        live = self._live(request)
        screen = request.screen
        window = window_of(live.grid(request.scene), screen)
        if window is None:
            raise InputError(
                "the extent lies beside the scene", "one that shares pixels with it", "move there"
            )
        return live.map(request.scene, window, screen.height, screen.width, should_stop)

    def map(self, request: Request, should_stop: ShouldStop) -> dict[str, Any]:
        """Answer `map`; see the module.

        Parameters
        ----------
        request
            What is asked.
        should_stop
            Asked before each tile.

        Returns
        -------
        dict
            The files, and what is in them.
        """
        found = self._mapped(request, should_stop)
        screen = request.screen
        grid = found.grid
        classes, confidence = shown(np.stack([found.classes, found.confidence]), grid, screen)
        pictures = {
            "png": coloured(classes, confidence, found.card, request.shade),
            "values": np.stack([classes, confidence, np.zeros_like(classes)]),
        }
        paths = {name: self._path(f"-{name}.png") for name in pictures}
        for name, planes in pictures.items():
            paths[name].write_bytes(png(np.ascontiguousarray(planes)))
        if request.geotiff:
            paths["classes"] = self._path("-classes.tif")
            write_map(str(paths["classes"]), found.classes, grid.transform, grid.crs)
        self._keep(list(paths.values()))
        return {
            **{name: str(path) for name, path in paths.items()},
            "bounds": list(screen.bounds),
            "crs": screen.crs,
            "height": screen.height,
            "width": screen.width,
            "model": found.card.name,
            "labels": labels_of(found),
            "coarser": found.coarser,
            "pixel": ground_size(found.whole),
            "tile": found.tile,
            "warnings": list(found.warnings),
        }

    def region(self, request: Request, should_stop: ShouldStop) -> dict[str, Any]:
        """Answer `region`; see the module.

        Parameters
        ----------
        request
            What is asked.
        should_stop
            Asked before each tile.

        Returns
        -------
        dict
            The polygon and its class.

        Raises
        ------
        InputError
            If nothing is mapped there.
        """
        found = self._mapped(request, should_stop)
        row, column = _pixel(request, found.grid)
        value = int(found.classes[row, column])
        shape = outline_at(found.classes == value, found.grid, row, column)
        named = next((label.name for label in found.card.labels if label.value == value), None)
        if named is None or shape is None:
            raise InputError("no class is mapped there", "a point on the map")
        if request.segment:
            part = self.segment(request, should_stop)
            shape = common_part(shape, found.grid, row, column, part["wkt"], part["wkt_crs"])
        return {"wkt": shape.wkt, "wkt_crs": found.grid.crs, "class": named}

    def segment(self, request: Request, should_stop: ShouldStop) -> dict[str, Any]:
        """Answer `segment`; see the module.

        Parameters
        ----------
        request
            What is asked.
        should_stop
            Not asked: it takes a moment.

        Returns
        -------
        dict
            The polygon.

        Raises
        ------
        InputError
            If the scene holds no data there.
        """
        del should_stop
        key = request.scene, request.screen, request.side
        if self._cut is None or self._cut[0] != key:
            self._cut = None
            self._cut = (key, *segments_of(request))
        _, segments, grid = self._cut
        row, column = _pixel(request, grid)
        number = segments[row, column]
        if number == 0:
            raise InputError("the scene holds no data there", "a point on its data")
        shape = outline_at(segments == number, grid, row, column)
        return {"wkt": shape.wkt, "wkt_crs": grid.crs}

    def _path(self, ending: str) -> Path:
        self._count += 1
        return self._folder / f"{self._count}{ending}"

    def _keep(self, paths: list[Path]) -> None:
        self._files.append(paths)
        while len(self._files) > ANSWERS:
            for path in self._files.popleft():
                path.unlink(missing_ok=True)


KINDS: dict[str, Callable[[Desk, Request, ShouldStop], dict[str, Any]]] = {
    "map": Desk.map,
    "region": Desk.region,
    "segment": Desk.segment,
}


def failed(asked: Any, error: GeosegError) -> dict[str, Any]:
    """Return the answer to a request that could not be answered.

    Parameters
    ----------
    asked
        The request, as it came.
    error
        Why.

    Returns
    -------
    dict
        With `error`.
    """
    told = {"kind": type(error).__name__, "found": error.found}
    told |= {"expected": error.expected, "do": error.do}
    known = asked if isinstance(asked, dict) else {}
    return {"id": known.get("id"), "kind": known.get("kind", "map"), "error": told}


def coloured(
    classes: npt.NDArray[np.uint8],
    confidence: npt.NDArray[np.uint8],
    card: ModelCard,
    shade: bool = False,
) -> npt.NDArray[np.uint8]:
    """Return a map in its classes' colours.

    Parameters
    ----------
    classes
        Class values [row, column]; 255 is nodata.
    confidence
        Percent [row, column].
    card
        The classes.
    shade
        Whether what is less sure is more transparent: a pixel whose score is no better than that
        of chance has FAINT of the opacity.

    Returns
    -------
    ndarray
        uint8 [4, row, column]: red, green, blue, alpha; nodata is transparent.
    """
    table = np.zeros((256, 4), np.uint8)
    for label in card.labels:
        table[label.value] = (*label.rgb, 255)
    table[NODATA] = 0
    planes = np.moveaxis(table[classes], -1, 0)
    if shade:
        chance = 100 / len(card.labels)
        share = ((confidence.astype(np.float32) - chance) / (100 - chance)).clip(0, 1)
        alpha = planes[3] * (FAINT + (1 - FAINT) * share)
        planes = np.concatenate([planes[:3], alpha.astype(np.uint8)[None]])
    return planes


def labels_of(found: LiveMap) -> list[dict[str, Any]]:
    """Return the classes of a map and how much of it each has.

    Parameters
    ----------
    found
        The map.

    Returns
    -------
    list
        Value, name, colour and share (0 to 1 of the pixels with data), in the card's order.
    """
    counts = np.bincount(found.classes.ravel(), minlength=256)
    total = max(1, int(counts[:NODATA].sum()))
    return [
        {
            "value": label.value,
            "name": label.name,
            "colour": label.colour,
            "share": round(float(counts[label.value] / total), 4),
        }
        for label in found.card.labels
    ]


def segments_of(request: Request) -> tuple[npt.NDArray[np.int32], Grid]:
    """Cut the extent of a request into superpixels.

    Parameters
    ----------
    request
        Scene, extent and side.

    Returns
    -------
    tuple
        The segment of each pixel, int32 [row, column], 0 where there is no data; and their grid.

    Raises
    ------
    InputError
        If the scene cannot be read, or the extent lies beside it or is too large.
    """
    reading = Options.of(**request.options).reading
    info = describe_for(choose_granule(request.scene, reading.granule), reading)
    window = window_of(info.grid, request.screen)
    if window is None:
        raise InputError("the extent lies beside the scene", "one that shares pixels with it")
    if window.area > SEGMENTED:
        raise InputError(
            f"an extent of {window.area:,} pixels of the scene",
            f"{SEGMENTED:,} at most for segments",
            "zoom in",
        )
    pixels, valid = _pixels(info, window)
    return superpixels(pixels, request.side, valid), info.grid.crop(window)


def _pixels(info: SceneInfo, window: Window) -> tuple[Any, npt.NDArray[np.bool_] | None]:
    """Read what a scene shows of a window, whatever model it is for."""
    layers = info.images or info.layers
    numbers = [number for number, layer in enumerate(info.layers, 1) if layer in layers]
    zeros = zero_is_nodata(info, layers)
    with closing(open_bands(info, numbers, zeros=zeros)) as reader:
        patch = reader.read(window)
    return patch.data, patch.valid


def _pixel(request: Request, grid: Grid) -> tuple[int, int]:
    """Return the row and column of a request's point."""
    x, y = request.point or (0.0, 0.0)
    there = relate(request.screen.crs, grid.crs, "the screen", "the scene")
    if there is not None:
        x, y = there.transform(x, y)
    column, row = np.floor(to_pixels(grid, np.array([[x, y]], float))[0])
    if not (0 <= row < grid.height and 0 <= column < grid.width):
        raise InputError("the point lies beside the extent or the scene", "one on both")
    return int(row), int(column)


def _written(model: str) -> tuple[int, ...]:
    """When the files of a model's folder were written; empty for a name."""
    folder = Path(model)
    names = ("card.json", "model.safetensors")
    paths = [folder, *(folder / name for name in names)] if folder.exists() else []
    return tuple(path.stat().st_mtime_ns for path in paths if path.exists())
