"""Rasters as the page shows them: which of their bands, in which colours, and the tiles of that."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio import Affine
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from ..core.arrays import Bytes
from ..core.card import Label
from ..core.errors import InputError, RunError
from ..core.grid import Grid, Window
from ..core.provenance import KIND_TAG, TAG
from ..core.style import CLASSES_TAG, SEVERAL_TAG
from ..raster.band_info import BandInfo, describe_bands
from ..raster.class_raster import Maps, rows_of
from ..raster.class_values import open_classes
from ..raster.handles import gdal_env, one_at_a_time, open_dataset, reason_of
from ..raster.legend import names_and_colours, read_legend
from ..raster.locations import file_name, is_remote
from ..raster.quicklook import png, to_8bit
from ..raster.texts import tags_of
from ..scene.describe import SceneInfo, describe
from ..scene.wavelengths import common_name
from ..vector.geodesic import PixelAreas
from .frame import MERCATOR, TILE, UNPLACED, Box, Frame, affine_of, to_frame

Kind = Literal["scene", "classes", "number"]
SHOWN = (2, 98)  # percentiles of a band that become black and white
NOBODY = "127.0.0.1:0"  # a proxy that cannot be
SAMPLE = 512  # pixels of the side of the sample that they are taken of
PERCENT = ("confidence", "scores", "entropy", "margin", "depth")
CLASSES = ("classes", "second")
# from dark to light, even in lightness, told apart by those who see no red or green; the corner
# points of matplotlib's cividis
RAMP = ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838")


@dataclass(frozen=True, slots=True)
class RasterLayer:
    """One thing that the page can show of a raster."""

    key: str
    """By which the page asks for it."""
    name: str
    """What it is called."""
    kind: Kind
    """How it is drawn."""
    grid: Grid
    """Where its pixels lie."""
    bands: tuple[BandInfo, ...]
    """One, or red, green and blue."""
    limits: tuple[tuple[float, float], ...] = ()
    """Of each band what becomes black and what becomes white."""
    legend: tuple[Label, ...] = ()
    """Of classes."""
    unit: str = ""
    """Of numbers, such as "%"."""
    provenance: str = ""
    """How it was made, as its file says."""
    named: str = ""
    """The names of classes as the tag of a map of ours has them."""
    table: Bytes = field(default_factory=lambda: np.zeros((0, 4), np.uint8), compare=False)
    """Red, green, blue and alpha of each place in the legend, and none at the end."""

    @property
    def values(self) -> npt.NDArray[np.int64]:
        """The class values of the legend, rising."""
        return np.array([label.value for label in self.legend], np.int64)


def open_raster(path: str, first: int) -> list[RasterLayer]:
    """Look at a raster file: a map, the numbers beside one, or a scene.

    Parameters
    ----------
    path
        Of the file.
    first
        The number of the first layer, for its key.

    Returns
    -------
    list of RasterLayer
        One, or one for each band of scores.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    with reach_of(path):
        return _open_raster(path, first)


def _open_raster(path: str, first: int) -> list[RasterLayer]:
    with closing(open_dataset(path)) as dataset:
        bands = describe_bands(dataset, path)
        tags = tags_of(dataset)
        own = [dict(dataset.tags(band.index)) for band in bands]
    kind = tags.get(KIND_TAG, "")
    told = tags.get(TAG, "")
    name = file_name(path)
    if SEVERAL_TAG in tags or (kind in (*PERCENT, "sets", "novelty") and bands):
        return [
            _number(f"r{first + index}", name, band, kind, told, tag.get("colour", ""), len(bands))
            for index, (band, tag) in enumerate(zip(bands, own, strict=True))
        ]
    if kind in CLASSES or (not kind and _is_class_raster(path, bands)):
        return [_classes(f"r{first}", name, path, told, tags.get(CLASSES_TAG, ""))]
    if kind or (TAG in tags and bands[0].dtype.startswith("float")):  # a map of numbers
        return [
            _number(f"r{first + index}", name, band, kind, told, "", len(bands))
            for index, band in enumerate(bands)
        ]
    return [open_scene((path,), first)]


def open_scene(paths: tuple[str, ...], first: int) -> RasterLayer:
    """Look at a scene: red, green and blue where they are known, else its first band.

    Parameters
    ----------
    paths
        Its files, or that of a product.
    first
        The number of the layer, for its key.

    Returns
    -------
    RasterLayer
        With the limits of its colours.

    Raises
    ------
    InputError
        If it is no scene.
    RunError
        If a file cannot be read.
    """
    with reach_of(*paths):
        return _open_scene(paths, first)


def _open_scene(paths: tuple[str, ...], first: int) -> RasterLayer:
    info = describe(paths)
    if info.parts:
        raise InputError(
            f"{paths[0]} is a mosaic of {len(info.parts)} files",
            "one file",
            "make one of them: gdalbuildvrt scene.vrt FILES",
        )
    bands = _colours(info)
    byte = all(band.dtype == "uint8" for band in bands)
    limits = ((0.0, 255.0),) * len(bands) if byte else tuple(_limits(band) for band in bands)
    name = file_name(paths[0]) + (f" (+{len(paths) - 1})" if len(paths) > 1 else "")
    return RasterLayer(f"r{first}", name, "scene", bands[0].grid, bands, limits)


def _colours(info: SceneInfo) -> tuple[BandInfo, ...]:
    """The bands of a picture: colours only where they are certain."""
    named = {common_name(band.name): band for band in reversed(info.layers)}
    found = [named[name] for name in ("red", "green", "blue") if name in named]
    if len(found) < 3:
        by_file = {band.colour: band for band in reversed(info.layers)}
        found = [by_file[name] for name in ("red", "green", "blue") if name in by_file]
    return tuple(found) if len(found) == 3 else ((info.images or info.layers)[0],)


def _is_class_raster(path: str, bands: list[BandInfo]) -> bool:
    """Of other programs: one band of whole numbers that has names or colours."""
    if len(bands) != 1 or bands[0].dtype[0] not in "ui":
        return False
    names, colours = names_and_colours(path, bands[0])
    return bool(names or colours)


def _classes(key: str, name: str, path: str, told: str, named: str) -> RasterLayer:
    raster = open_classes(path)
    legend = read_legend(Maps(raster))
    labels = legend.labels
    if not legend.names:  # the file names none: those that its colours or pixels tell
        with closing(raster.open()) as dataset:
            rows = min(raster.grid.height, 4096)
            found = np.unique(raster.read(dataset, Window(0, 0, rows, raster.grid.width)))
        legend.seen.update(raster.values[index] for index in found if index < len(raster.values))
        labels = legend.labels
    table = np.zeros((len(labels) + 1, 4), np.uint8)
    table[:-1] = [(*label.rgb, 255) for label in labels] or np.zeros((0, 4))
    return RasterLayer(
        key,
        name,
        "classes",
        raster.grid,
        (raster.band,),
        legend=labels,
        provenance=told,
        named=named,
        table=table,
    )


def _number(
    key: str, name: str, band: BandInfo, kind: str, told: str, colour: str, count: int
) -> RasterLayer:
    percent = kind in PERCENT and band.dtype == "uint8"
    limits = (0.0, 100.0) if percent else (0.0, 200.0) if kind == "novelty" else _limits(band)
    if kind == "scores" and not percent:
        limits = (0.0, 1.0)
    if kind in ("classes", "sets"):  # of several classes at once: 1 where one is; or how many
        limits = (0.0, max(1.0, limits[1]))
    shown = f"{name}: {band.description}" if band.description and count > 1 else name
    return RasterLayer(
        key,
        shown,
        "number",
        band.grid,
        (band,),
        (limits,),
        unit="%" if percent else "",
        provenance=told,
        table=_ramp((RAMP[0], colour) if colour else RAMP),
    )


def _ramp(colours: tuple[str, ...]) -> Bytes:
    corners = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], np.float64)
    at = np.linspace(0, len(corners) - 1, 256)
    planes = [np.interp(at, np.arange(len(corners)), corners[:, i]) for i in range(3)]
    return np.stack([*planes, np.full(256, 255.0)], axis=-1).round().astype(np.uint8)


def _limits(band: BandInfo) -> tuple[float, float]:
    """Return the numbers between which most pixels lie, of a sample of the whole band."""
    with gdal_env(), closing(open_dataset(band.path)) as dataset:
        shape = (min(dataset.height, SAMPLE), min(dataset.width, SAMPLE))
        try:
            found = dataset.read(band.index, out_shape=shape, masked=True)
        except RasterioError as error:
            raise RunError(f"{band.path} cannot be read: {reason_of(error, band.path)}") from error
    numbers = np.real(found.compressed()).astype(np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return 0.0, 1.0
    low, high = np.percentile(numbers, SHOWN)
    return float(low), float(max(high, low + 1e-9))


def reach_of(*paths: str) -> Any:
    """Return the settings of GDAL by which files of this machine ask no server, whatever they name
    inside: a virtual raster can name files on any.

    Parameters
    ----------
    *paths
        As they were named; with one on a server among them nothing is closed.

    Returns
    -------
    rasterio.Env
        To be entered where they are opened and read.
    """
    if any(is_remote(path) for path in paths):
        return rasterio.Env()
    return rasterio.Env(
        CPL_VSIL_CURL_ALLOWED_EXTENSIONS=".none",  # of what GDAL reads as files
        GDAL_HTTP_PROXY=NOBODY,  # of what it fetches in other ways
        GDAL_HTTPS_PROXY=NOBODY,
    )


@contextmanager
def _dataset(band: BandInfo) -> Iterator[Any]:
    with gdal_env(), reach_of(band.path), closing(open_dataset(band.path)) as dataset:
        yield dataset


def read_box(
    layer: RasterLayer, frame: Frame, box: Box, height: int, width: int
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Read what lies in a box of the page, the nearest pixel of the raster for each.

    Parameters
    ----------
    layer
        Whose bands are read.
    frame
        The plane of the page.
    box
        In it.
    height, width
        Pixels.

    Returns
    -------
    tuple
        Numbers [band, row, column], and where they are valid [row, column].

    Raises
    ------
    RunError
        If a file cannot be read.
    """
    from rio_tiler.errors import RioTilerError

    planes: dict[BandInfo, npt.NDArray[Any]] = {}
    known = np.ones((height, width), bool)
    for path in dict.fromkeys(band.path for band in layer.bands):
        mine = [band for band in layer.bands if band.path == path]
        try:
            with _dataset(mine[0]) as dataset:
                _check_names(layer, dataset)
                plain = _is_plain(dataset) and frame.meridian is None
                read = _read if plain else _read_turned
                found = read(dataset, mine, frame, box, (height, width))
        except (RasterioError, RioTilerError, OSError) as error:
            raise RunError(f"{path} cannot be read: {reason_of(error, path)}") from error
        planes.update(zip(mine, np.real(np.ma.getdata(found)), strict=True))
        known &= ~np.ma.getmaskarray(found).any(axis=0)
    pixels = np.stack([planes[band] for band in layer.bands])
    if pixels.dtype.kind == "f":
        known &= np.isfinite(pixels).all(axis=0)
    return pixels, known


def _check_names(layer: RasterLayer, dataset: Any) -> None:
    """Refuse a map that was written anew with other classes: its values have other names now."""
    if layer.kind == "classes" and tags_of(dataset).get(CLASSES_TAG, "") != layer.named:
        raise InputError(
            f"{layer.name} was written anew, with other classes",
            "those with which the page began",
            "start geoseg view again",
        )


def _is_plain(dataset: Any) -> bool:
    """Whether a raster has a CRS, and north up."""
    a, b, _, d, e, _ = tuple(dataset.transform)[:6]
    return dataset.crs is not None and a > 0 > e and b == d == 0


def _read(
    dataset: Any, bands: list[BandInfo], frame: Frame, box: Box, shape: tuple[int, int]
) -> Any:
    from rio_tiler.errors import NoOverviewWarning
    from rio_tiler.io import Reader

    crs = rasterio.crs.CRS.from_user_input(frame.gdal_crs)
    with one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore", NoOverviewWarning)  # as scenes are delivered
        reader = Reader(None, dataset=dataset)
    return reader.part(
        box,
        dst_crs=crs,
        bounds_crs=crs,
        height=shape[0],
        width=shape[1],
        indexes=[band.index for band in bands],
        # by way of GDAL's warp, to which nothing beyond the raster's edge is invalid
        vrt_options={"resampling": Resampling.nearest},
    ).array


def _read_turned(
    dataset: Any, bands: list[BandInfo], frame: Frame, box: Box, shape: tuple[int, int]
) -> Any:
    """Read what rio-tiler has no way for: a raster that is turned or sheared, has south up, or lies
    nowhere, where the page counts its pixels; and one over the date line, beyond which GDAL finds
    no pixel: its degrees are counted from the meridian in its middle, and so are the page's.
    """
    here: dict[str, Any] = {}
    crs = frame.gdal_crs
    if frame.meridian is not None:
        own = rasterio.crs.CRS.from_user_input(bands[0].grid.crs)
        degree = math.radians(1) / own.units_factor[1]  # in the file's unit
        middle = dataset.transform * (dataset.width / 2, dataset.height / 2)
        turns = round((middle[0] / degree - frame.meridian) / 360)
        moved = -(frame.meridian + 360 * turns) * degree
        here = {"src_crs": own, "src_transform": Affine.translation(moved, 0) * dataset.transform}
        crs = MERCATOR
    elif frame.crs is None:
        grid = bands[0].grid
        # of the file as it is, not as `grid` turns it: nothing is turned that lies nowhere
        here = {"src_crs": UNPLACED, "src_transform": Affine(*grid.transform)}
    nodata = dataset.nodata
    with WarpedVRT(
        dataset,
        crs=crs,
        transform=affine_of(box, *shape),
        height=shape[0],
        width=shape[1],
        resampling=Resampling.nearest,
        add_alpha=nodata is None and "alpha" not in {c.name for c in dataset.colorinterp},
        **here,
    ) as there:
        return there.read([band.index for band in bands], masked=True)


def draw(layer: RasterLayer, frame: Frame, box: Box, height: int, width: int) -> Bytes:
    """Draw what lies in a box of the page.

    Parameters
    ----------
    layer
        What is drawn.
    frame
        The plane of the page.
    box
        In it.
    height, width
        Pixels.

    Returns
    -------
    Bytes
        Red, green, blue and alpha [band, row, column]; nothing is transparent.
    """
    pixels, known = read_box(layer, frame, box, height, width)
    if layer.kind == "scene":
        shown = to_8bit(pixels, known, layer.limits)
        colours = np.repeat(shown, 3, axis=0) if len(shown) == 1 else shown
        return np.concatenate([colours, known[None] * np.uint8(255)])
    if layer.kind == "classes":
        places = places_of(layer, pixels[0])
    else:
        low, high = layer.limits[0]
        share = (np.where(known, pixels[0], low).astype(np.float64) - low) / (high - low)
        places = (share.clip(0, 1) * 255).round().astype(np.int64)
    drawn = layer.table[places]
    drawn[~known] = 0
    return np.ascontiguousarray(np.moveaxis(drawn, -1, 0))


def places_of(layer: RasterLayer, pixels: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the place in the legend of each pixel's class.

    Parameters
    ----------
    layer
        Of classes.
    pixels
        Class values.

    Returns
    -------
    ndarray
        Of the same shape; the legend's length where it has no such class.
    """
    values = layer.values
    if not len(values):
        return np.zeros(pixels.shape, np.int64)
    found = np.searchsorted(values, pixels).clip(0, len(values) - 1)
    return np.where(values[found] == pixels, found, len(values))


def tile_png(layer: RasterLayer, frame: Frame, box: Box) -> bytes:
    """Draw a tile.

    Parameters
    ----------
    layer
        What is drawn.
    frame
        The plane of the page.
    box
        Of the tile.

    Returns
    -------
    bytes
        A PNG of TILE x TILE pixels; empty where the layer does not reach.
    """
    if not _meets(layer, frame, box):
        return b""
    return png(draw(layer, frame, box, TILE, TILE))


def _meets(layer: RasterLayer, frame: Frame, box: Box) -> bool:
    left, bottom, right, top = to_frame(layer.grid.bounds(), layer.grid.crs, frame)
    return box[0] < right and box[2] > left and box[1] < top and box[3] > bottom


def value_at(layer: RasterLayer, frame: Frame, x: float, y: float) -> tuple[float, ...] | None:
    """Read the pixel under a point of the page.

    Parameters
    ----------
    layer
        Whose bands are read.
    frame
        The plane of the page.
    x, y
        In it.

    Returns
    -------
    tuple or None
        The number of each band; None where the pixel is invalid, or the point beside the raster.
    """
    side = frame.pixel * 1e-3
    box = (x - side, y - side, x + side, y + side)
    if not _meets(layer, frame, box):
        return None
    pixels, known = read_box(layer, frame, box, 1, 1)
    return tuple(float(number) for number in pixels[:, 0, 0]) if known[0, 0] else None


def class_areas(path: str) -> tuple[tuple[tuple[int, float, int], ...], bool]:
    """Count a class raster: its areas on the ellipsoid.

    Parameters
    ----------
    path
        Of the raster, which is read once.

    Returns
    -------
    tuple
        Value, area and pixels of each class that it has; and whether areas are in square metres,
        not in pixels.
    """
    try:
        state = Path(path).stat()
        return _class_areas(path, (state.st_mtime_ns, state.st_size))
    except OSError:  # on a server
        return _class_areas(path, (0, 0))


@lru_cache(maxsize=16)
def _class_areas(path: str, _: tuple[int, int]) -> tuple[tuple[tuple[int, float, int], ...], bool]:
    with reach_of(path):
        return _count(path)


def _count(path: str) -> tuple[tuple[tuple[int, float, int], ...], bool]:
    raster = open_classes(path)
    ground = PixelAreas(raster.grid)
    areas = np.zeros(256)
    pixels = np.zeros(256, np.int64)
    row = 0
    for strip in rows_of(raster):
        pixels += np.bincount(strip.ravel(), minlength=256)
        for indices in strip:
            areas += np.bincount(indices, ground.cells(row), 256)
            row += 1
    found = tuple(
        (value, float(areas[index]), int(pixels[index]))
        for index, value in enumerate(raster.values)
        if pixels[index]
    )
    return found, ground.metric
