"""What a quicklook shows: any output of geoseg, any class raster, any scene, as a sheet."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from ..core.card import NODATA
from ..core.errors import InputError
from ..core.events import Report, Warned, silent, watch
from ..core.files import check_regular
from ..core.job import VECTOR_SUFFIXES, split_layer
from ..core.ogr import DataLayerError, DataSourceError
from ..core.provenance import KIND_TAG, TAG, Provenance, read_provenance
from ..core.redact import redact
from ..raster.class_raster import open_maps, rows_of
from ..raster.class_values import ClassRaster
from ..raster.compare import tags_in
from ..raster.legend import FileLegend, printable, read_legend
from ..raster.locations import file_name
from ..raster.quicklook import read_small
from ..report.map_sheet import Drawn, Entry, Sheet, draw, map_size
from ..scene.describe import describe
from ..scene.picture import scene_pixels
from ..vector.burnt import Burnt, burn
from ..vector.geodesic import PixelAreas
from ..vector.provenance import find_provenance

EXACT = 64_000_000  # pixels of a class raster up to which every one is counted
PART = 256  # pixels of a row whose areas are alike
LARGEST_STYLE = 4 << 20  # bytes of a style that is read
OTHER = "#8c8c8c"
UNITS = ((1e6, "km²"), (1e4, "ha"), (1.0, "m²"))  # square metres of each


def make_quicklook(
    path: str,
    width: int = 1200,
    title: str | None = None,
    font: str | None = None,
    report: Report = silent,
) -> Drawn:
    """Draw a map or scene with legend, scale bar, north arrow and source line.

    Parameters
    ----------
    path
        An output of ours, any class raster, any scene, or polygons with the columns that ours have;
        of a GeoPackage perhaps FILE|layername=NAME.
    width
        Pixels of the picture.
    title
        Above the map; None is the file's name.
    font
        A font's file; None is one that has all letters.
    report
        Told how far it is, and what letters no font has.

    Returns
    -------
    Drawn
        The picture.

    Raises
    ------
    InputError
        If it is none of these.
    RunError
        If it cannot be read.
    """
    sheet = read_sheet(path, width, report)
    drawn = draw(replace(sheet, title=title) if title is not None else sheet, width, font)
    if drawn.missing:
        report(
            Warned(
                f"no font on this machine has the letters {drawn.missing[:40]}: they are boxes "
                "(install one, or name it with --font FILE)"
            )
        )
    return drawn


def read_sheet(path: str, width: int = 1200, report: Report = silent) -> Sheet:
    """Read what a quicklook shows.

    Parameters
    ----------
    path
        As `make_quicklook` takes it.
    width
        Pixels of the picture.
    report
        Told how far it is.

    Returns
    -------
    Sheet
        With the file's name as its title.

    Raises
    ------
    InputError
        If it is no map, scene or file of polygons.
    RunError
        If it cannot be read.
    """
    name, layer = split_layer(path)
    if layer is not None or Path(name).suffix.lower() in VECTOR_SUFFIXES:
        return _polygons(Path(name), layer, width)
    return _raster(path, width, report)


def _raster(path: str, width: int, report: Report) -> Sheet:
    tags = tags_in(path) if Path(path).is_file() else {}
    legend = None
    if tags.get(KIND_TAG, "classes") in ("classes", "second"):
        legend = _classes(path, KIND_TAG in tags)
    if legend is None:
        info = describe((path,))
        pixels, valid, shown = scene_pixels(info)
        alpha = np.where(valid, 255, 0).astype(np.uint8)[None]
        seen = np.concatenate([pixels if len(pixels) == 3 else pixels.repeat(3, 0), alpha])
        grid = info.grid
        about = (*_about(tags.get(TAG, ""), path), f"bands: {shown}")
        return Sheet(
            np.ascontiguousarray(np.moveaxis(seen, 0, -1)), grid, Path(path).name, (), about
        )
    raster, found = legend
    shape = map_size(raster.grid, width)
    small = read_small(path, shape, raster.band.index, raster.values)
    entries = _entries(found, raster, small, report)
    table = np.zeros((256, 4), np.uint8)
    for index, value in enumerate(raster.values):
        colour = _colour_of(found, value)
        table[index] = (*bytes.fromhex(colour[1:]), 255)
    table[NODATA] = 0
    source = _about(tags.get(TAG, ""), path)
    return Sheet(table[small], raster.grid, Path(path).name, entries, source)


def _classes(path: str, certain: bool) -> tuple[ClassRaster, FileLegend] | None:
    """The classes of a raster that is one; None for a scene."""
    try:
        maps = open_maps(path, None)
    except InputError:
        if certain:
            raise
        return None  # several bands, or no whole numbers
    legend = read_legend(maps)
    if not certain and not legend.names and not legend.colours:
        return None  # a band of numbers that nobody calls classes
    legend.seen.update(maps.values)
    return maps.raster, legend


def _entries(
    legend: FileLegend, raster: ClassRaster, small: Any, report: Report
) -> tuple[Entry, ...]:
    """The classes, the largest first: all pixels are counted, or those of the picture."""
    areas = PixelAreas(raster.grid)
    whole = raster.grid.extent.area <= EXACT
    strips = rows_of(raster) if whole else iter([small])
    scale = (1.0, 1.0)
    if not whole:
        scale = raster.grid.height / small.shape[0], raster.grid.width / small.shape[1]
    found = np.zeros(NODATA + 1)
    top = 0
    total = raster.grid.extent.area if whole else small.size
    for strip in watch(strips, lambda strip: strip.size, total, report, "count"):
        found += _measured(strip, top, scale, areas)
        top += len(strip)
    order = [int(i) for i in np.argsort(-found[:NODATA], kind="stable") if found[i] > 0]
    sums = [float(found[i]) for i in order]
    texts = _told(sums, areas.metric, "" if whole else "≈ ")
    names = {label.value: label.name for label in legend.labels}
    values = [raster.values[i] for i in order]
    return tuple(
        Entry(names.get(value, f"class {value}"), _colour_of(legend, value), text)
        for value, text in zip(values, texts, strict=True)
    )


def _measured(strip: Any, top: int, scale: tuple[float, float], areas: PixelAreas) -> Any:
    """Square metres of each index, or pixels without a CRS; along a row, PART pixels are alike."""
    if not areas.metric:
        return np.bincount(strip.ravel(), minlength=NODATA + 1)
    found = np.zeros(NODATA + 1)
    down, across = scale
    rows = np.asarray((top + np.arange(len(strip)) + 0.5) * down, np.float64)
    for left in range(0, strip.shape[1], PART):
        part = strip[:, left : left + PART]
        columns = np.full(len(rows), (left + part.shape[1] / 2) * across)
        sizes = areas.metric_at(rows, columns).area * down * across
        found += np.bincount(part.ravel(), np.repeat(sizes, part.shape[1]), NODATA + 1)
    return found


def _told(sums: Sequence[float], metric: bool, about: str = "") -> list[str]:
    """Share and area of each class: all in the unit that fits the largest, and as many digits as
    the smallest needs, up to three behind the point.
    """
    total = sum(sums)
    shares = [f"{about}{_percent(one / total)}" for one in sums]
    if not metric:
        return shares
    size, unit = next((one for one in UNITS if max(sums, default=0.0) >= one[0]), UNITS[-1])
    least = min((one / size for one in sums if one > 0), default=1.0)
    digits = min(3, max(0, -math.floor(math.log10(least))))
    return [
        f"{share}, {one / size:,.{digits}f} {unit}" for share, one in zip(shares, sums, strict=True)
    ]


def _percent(share: float) -> str:
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def _colour_of(legend: FileLegend, value: int) -> str:
    known = {label.value: label.colour for label in legend.labels}
    return known.get(value, legend.colours.get(value, OTHER))


def _polygons(path: Path, layer: str | None, width: int) -> Sheet:
    check_regular(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist", "a file of polygons")
    try:
        burnt: Burnt = burn(path, layer, lambda grid: map_size(grid, width))
    except (DataSourceError, DataLayerError, OSError, ValueError, TypeError, KeyError) as error:
        # a file that is none, columns of another kind, shapes that are none
        raise InputError(f"{path} cannot be read: {error}", "a file of polygons") from error
    colours = _style_colours(path, layer)
    names = {value: printable(name) for value, name in burnt.names.items()}
    legend = FileLegend(path.stem, names, colours)
    found = sorted(burnt.areas.items(), key=lambda item: -item[1])
    told = [""] * len(found)
    if burnt.metric and any(burnt.areas.values()):
        told = _told([area for _, area in found], metric=True)
    entries = [
        Entry(names[value], _colour_of(legend, value), text)
        for (value, _), text in zip(found, told, strict=True)
    ]
    table = np.zeros((256, 4), np.uint8)
    for index, value in enumerate(burnt.values):
        table[index] = (*bytes.fromhex(_colour_of(legend, value)[1:]), 255)
    table[NODATA] = 0
    try:
        text = find_provenance(path, layer).text
    except InputError:
        text = ""  # of another program
    source = _about(text, str(path))
    return Sheet(table[burnt.pixels], burnt.grid, path.name, tuple(entries), source)


def _style_colours(path: Path, layer: str | None) -> dict[int, str]:
    """The colours of classes in the QGIS style of a file of polygons; none that cannot be read."""
    text = ""
    try:
        beside = path.with_suffix(".qml")
        if path.suffix.lower() == ".gpkg":
            uri = f"{path.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True)) as database:
                query = "SELECT styleQML FROM layer_styles WHERE f_table_name = ? OR ? IS NULL"
                row = database.execute(query, (layer, layer)).fetchone()
                text = str(row[0]) if row else ""
        elif beside.is_file() and beside.stat().st_size <= LARGEST_STYLE:
            text = beside.read_text(encoding="utf-8")
        if len(text) > LARGEST_STYLE or "<!ENTITY" in text:
            return {}
        return dict(_categories(ElementTree.fromstring(text))) if text else {}  # noqa: S314 - without entities
    except (OSError, sqlite3.Error, ValueError, ElementTree.ParseError):
        return {}


def _categories(style: ElementTree.Element) -> list[tuple[int, str]]:
    symbols: dict[str | None, str] = {}
    for symbol in style.iterfind("renderer-v2/symbols/symbol"):
        for one in symbol.iter():
            if one.get("name", one.get("k")) == "color" and (
                text := one.get("value", one.get("v"))
            ):
                red, green, blue = (int(part) & 255 for part in text.split(",")[:3])
                symbols.setdefault(symbol.get("name"), f"#{red:02x}{green:02x}{blue:02x}")
    found = []
    for one in style.iterfind("renderer-v2/categories/category"):
        value, colour = str(one.get("value")), symbols.get(one.get("symbol"))
        if value.lstrip("-").isdecimal() and colour:
            found.append((int(value), colour))
    return found


def _about(text: str, path: str) -> tuple[str, ...]:
    """The lines of the source: what was mapped, by what; the file's name where nothing is said."""
    if not text:
        return (f"{file_name(redact(path))}",)
    try:
        told = read_provenance(text, path)
    except (InputError, json.JSONDecodeError):
        return (f"{file_name(redact(path))}",)
    return _lines(told)


def _lines(told: Provenance) -> tuple[str, ...]:
    scenes = ", ".join(file_name(redact(name)) for name in told.scene[:3])
    more = f" and {len(told.scene) - 3} more" if len(told.scene) > 3 else ""
    models = ", ".join(model.name for model in told.models)
    credit = "; ".join(dict.fromkeys(text for model in told.models for text in model.credits))
    version = told.versions.get("geoseg", "")
    made = f"{models}, geoseg {version}".strip(", ")
    lines = [
        f"scene: {scenes}{more}" if scenes else "",
        f"model: {made}" if models else made,
        credit,
    ]
    return tuple(line[:300] for line in lines if line)
