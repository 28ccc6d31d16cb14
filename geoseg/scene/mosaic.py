"""Neighbouring files of one kind as one scene: what they are, on which grid they lie together, and
which of them is seen where they overlap.
"""

from __future__ import annotations

import glob
import math
import re
import sqlite3
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, time
from pathlib import Path, PurePath
from typing import Any

from ..core.errors import InputError
from ..core.files import LISTS, is_data, read_list
from ..core.grid import Grid
from ..core.options import Reading
from ..raster.footprint import outline, share_ground
from ..raster.georeference import ground_size
from ..raster.locations import is_remote
from ..raster.turn import AS_IT_IS
from ..raster.vrt import grid_key
from .describe import SceneInfo, describe, with_nodata
from .map_grid import bounds_in, crs_name, map_grid
from .products import choose_granule, granules_of, is_delivery

INDEX = ".gti.gpkg"  # of files, as GDAL's driver GTI knows it
ALIKE = 1.1  # times by which pixel sizes of one mosaic may differ: degrees shrink to the north
SPARSE = 100  # times the files' area that the box around them may have
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?:T\d\d:?\d\d:?\d\d)?(?!\d)"
)
_TAKEN = (
    "DATATAKE_1_DATATAKE_SENSING_START",
    "PRODUCT_START_TIME",
    "SENSING_TIME",
    "DATE_ACQUIRED",
    "ACQUISITION_DATE",
    "datetime",
)


def describe_for(scene: tuple[str, ...], reading: Reading) -> SceneInfo:
    """Read what a scene is that is to be mapped, by the user's word on how it is read.

    Parameters
    ----------
    scene
        The paths of its files; one that only control points or RPCs place is taken as well. With a
        rule for a mosaic: of its files, of folders, lists and patterns of them.
    reading
        The rule, and the value for nodata.

    Returns
    -------
    SceneInfo
        What its headers tell.

    Raises
    ------
    InputError
        If they cannot be opened, or cannot be one scene.
    """
    if reading.mosaic is None:
        chosen = choose_granule(scene, reading.granule)
        return with_nodata(describe(chosen, by_points=True), reading.nodata)
    return describe_mosaic(mosaic_files(scene), reading)


def mosaic_files(scene: Sequence[str]) -> tuple[str, ...]:
    """Find the files that the names of a mosaic stand for.

    Parameters
    ----------
    scene
        Files, products, folders of them, patterns with *, lists (.txt, .csv), indexes (.gti.gpkg).

    Returns
    -------
    tuple
        Each once, in the order of the names; those of a folder or pattern by their names.

    Raises
    ------
    InputError
        If a name stands for none.
    """
    return tuple(dict.fromkeys(file for name in scene for file in _files(name)))


def _files(name: str) -> Iterator[str]:
    path = Path(name)
    if is_delivery(name):
        yield from granules_of(name).values() if len(granules_of(name)) > 1 else [name]
    elif is_remote(name) or name.startswith("/vsi"):
        yield name
    elif path.is_dir():
        inside = sorted(str(child) for child in path.iterdir())
        found = [file for file in inside if is_data(file) or is_delivery(file)]
        if not found:
            raise InputError(
                f"the folder {name} holds no rasters", "neighbouring files of a mosaic"
            )
        yield from found
    elif glob.has_magic(name) and not path.exists():
        met = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - absolute patterns
        found = [file for file in met if is_data(file) or is_delivery(file)]
        if not found:
            raise InputError(f"{name} matches no file", "a pattern that matches files of a mosaic")
        yield from found
    elif (path.suffix.lower() in LISTS and path.exists()) or name.lower().endswith(INDEX):
        for line in _indexed(path) if name.lower().endswith(INDEX) else read_list(path):
            yield line if is_remote(line) or line.startswith("/vsi") else str(path.parent / line)
    else:
        yield name


def _indexed(path: Path) -> list[str]:
    """The files that an index of GDAL's names: gdaltindex writes one.

    References
    ----------
    https://gdal.org/en/stable/drivers/raster/gti.html
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist", "an index of the files of a mosaic")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            tables = database.execute(
                "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"
            ).fetchall()
            if len(tables) != 1:
                raise InputError(f"{path} holds {len(tables)} layers", "one, of the files' places")
            table = tables[0][0].replace('"', '""')
            rows = database.execute(f'SELECT location FROM "{table}" ORDER BY rowid').fetchall()  # noqa: S608
    except sqlite3.Error as error:
        raise InputError(
            f"the index {path} cannot be read: {error}",
            "a GeoPackage with the column location, as gdaltindex writes it",
        ) from error
    return [str(location) for (location,) in rows]


def describe_mosaic(files: tuple[str, ...], reading: Reading) -> SceneInfo:
    """Read what neighbouring files are together, from their headers.

    Parameters
    ----------
    files
        Each holds all bands: a raster, or a product as it is downloaded.
    reading
        Which of them is seen where they overlap, and the value for nodata.

    Returns
    -------
    SceneInfo
        With its parts, those that are seen before others first.

    Raises
    ------
    InputError
        If one cannot be opened, is of another kind than the first, has no place or lies far off,
        or says nothing of what the rule needs.
    """
    parts = [with_nodata(describe((file,)), reading.nodata) for file in files]
    first = parts[0]
    for part in parts:
        _check_kind(part, first)
    grid = common_grid([part.grid for part in parts])
    ordered = _ordered(parts, reading.mosaic or "first")
    layers = tuple(replace(layer, grid=grid, turn=AS_IT_IS) for layer in ordered[0].layers)
    places = len({crs_name(part.grid.crs) for part in parts})
    said = f"a mosaic of {len(parts):,} files" + (f" in {places} CRSs" if places > 1 else "")
    rule = {
        "first": "where they overlap, the first that holds data is seen",
        "newest": "where they overlap, the newest that holds data is seen",
        "least-cloudy": "where they overlap, the least cloudy that holds data is seen",
    }[reading.mosaic or "first"]
    note = f"{said}: {grid.width:,} x {grid.height:,} px, {crs_name(grid.crs)}; {rule}"
    return replace(
        ordered[0],
        paths=files,
        grid=grid,
        gsd=ground_size(grid),
        layers=layers,
        notes=(*first.notes, note),
        mask=None,
        parts=tuple(ordered),
    )


def _check_kind(part: SceneInfo, first: SceneInfo) -> None:
    """Refuse a file that differs from the first in what its numbers are."""
    name, other = part.paths[0], first.paths[0]
    if part.grid.crs is None:
        raise InputError(
            f"{name} has no coordinate reference system",
            "files of a mosaic whose places are known",
            "give it its CRS with gdal_edit.py -a_srs",
        )
    for said, own, its in (
        ("bands", _bands(part), _bands(first)),
        ("data types", _types(part), _types(first)),
        ("scale and offset", _scales(part), _scales(first)),
        ("sensor", part.sensor or "not known", first.sensor or "not known"),
    ):
        if own != its:
            raise InputError(
                f"{name} differs from {other} in its {said}: {own}",
                f"{its}, as in the other files of the mosaic",
                "leave it out, or map it by itself",
            )
    size, its_size = part.gsd or 0.0, first.gsd or 0.0
    if not its_size / ALIKE <= size <= its_size * ALIKE:
        raise InputError(
            f"{name} has pixels of {size:.3g} m, {other} of {its_size:.3g} m",
            "one pixel size in all files of a mosaic",
            "leave it out, or map it by itself",
        )


def _bands(info: SceneInfo) -> str:
    names = [layer.name or layer.description or layer.colour for layer in info.layers]
    return f"{len(names)} ({', '.join(names)})"


def _types(info: SceneInfo) -> str:
    return ", ".join(layer.dtype for layer in info.layers)


def _scales(info: SceneInfo) -> str:
    if info.scaling:
        return f"{info.scaling.scale:.7g} {info.scaling.offset:+g}"
    return ", ".join(dict.fromkeys(f"{layer.scale:.7g} {layer.offset:+g}" for layer in info.layers))


def common_grid(grids: Sequence[Grid]) -> Grid:
    """Return one grid over several, in the CRS in which most of their ground lies.

    Parameters
    ----------
    grids
        With a CRS each.

    Returns
    -------
    Grid
        On the pixels of the first grid in that CRS, so that these stay as they are.

    Raises
    ------
    InputError
        If one lies outside of where that CRS is defined, or they lie far apart.
    """
    areas: dict[str, float] = defaultdict(float)
    for grid in grids:
        areas[str(grid.crs)] += grid.extent.area
    wkt = max(areas, key=lambda crs: areas[crs])
    boxes = []
    for grid in grids:
        box = bounds_in(grid, wkt)
        if box is None:
            raise InputError(
                f"files of the mosaic lie outside of where {crs_name(wkt)} is defined",
                "neighbours",
                "map those that lie far off by themselves",
            )
        boxes.append(box)
    left, below = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, above = max(box[2] for box in boxes), max(box[3] for box in boxes)
    own = next((grid for grid in grids if str(grid.crs) == wkt and grid_key(grid)), None)
    if own is None:  # turned, all of them
        own = next(grid for grid in grids if str(grid.crs) == wkt)
        around = Grid(1, 1, (right - left, 0.0, left, 0.0, below - above, above), wkt)
        found = map_grid(around, ground_size(own) or 1.0, None)
    else:
        found = grow(own, (left, below, right, above))
    if found.extent.area > SPARSE * sum(grid.extent.area for grid in grids):
        raise InputError(
            f"the box around the mosaic's files has {found.width:,} x {found.height:,} px, more "
            f"than {SPARSE} times those of the files",
            "neighbours",
            "map those that lie far off by themselves",
        )
    return found


def grow(own: Grid, box: tuple[float, float, float, float]) -> Grid:
    """Return the pixels of a grid, and of its continuation, that cover a box.

    Parameters
    ----------
    own
        With north up.
    box
        The least x, the least y, the most x and the most y.

    Returns
    -------
    Grid
        On the pixels of the first one.
    """
    left, below, right, above = box
    a, _, c, _, e, f = own.transform
    slack = 1e-3  # pixels
    first, last = math.floor((left - c) / a + slack), math.ceil((right - c) / a - slack)
    top, bottom = math.floor((above - f) / e + slack), math.ceil((below - f) / e - slack)
    return Grid(bottom - top, last - first, (a, 0.0, c + first * a, 0.0, e, f + top * e), own.crs)


def runs_of(parts: Sequence[SceneInfo], grid: Grid) -> list[tuple[Grid, tuple[SceneInfo, ...]]]:
    """Join files on one pixel grid: these are resampled as one file would be, for a pixel at the
    border of two takes from both.

    Parameters
    ----------
    parts
        Those that are seen before others first.
    grid
        Over all of them.

    Returns
    -------
    list
        The grid over each run, and its files; those that are seen before others first. A file
        comes before others with which it shares no ground, where it can join its neighbours so.
    """
    runs: list[tuple[Hashable, list[SceneInfo]]] = []
    ground: list[list[Any]] = []  # of each run, the outlines of its files
    alike = len({grid_key(part.grid) for part in parts}) == 1
    for part in parts:
        key = grid_key(part.grid)
        own = None if alike else outline(part.grid, grid)
        place = _run_to_join(key, own, [key for key, _ in runs], ground)
        if place is None:
            runs.append((key, [part]))
            ground.append([own])
        else:
            runs[place][1].append(part)
            ground[place].append(own)
    return [(_around(key, files), tuple(files)) for key, files in runs]


def _run_to_join(
    key: Hashable, own: Any, keys: Sequence[Hashable], ground: Sequence[Sequence[Any]]
) -> int | None:
    """The last run of a file's pixel grid, if it shares no ground with any run after that."""
    if key is None:
        return None
    for place in reversed(range(len(keys))):
        if keys[place] == key:
            return place
        if share_ground(own, ground[place]):
            return None
    return None


def _around(key: Hashable, files: Sequence[SceneInfo]) -> Grid:
    """The grid over the files of a run; one that is turned is alone, and keeps its own."""
    if key is None:
        return files[0].grid
    lefts, belows, rights, aboves = zip(*(part.grid.bounds() for part in files), strict=True)
    return grow(files[0].grid, (min(lefts), min(belows), max(rights), max(aboves)))


def _ordered(parts: Sequence[SceneInfo], rule: str) -> list[SceneInfo]:
    """Those that are seen before others first; the order of the names where they are equal."""
    if rule == "newest":
        return sorted(parts, key=_when, reverse=True)
    if rule == "least-cloudy":
        return sorted(parts, key=_cloudy)
    return list(parts)


def taken_at(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Find when a scene was taken, by its metadata.

    Parameters
    ----------
    tags
        Of the scene.

    Returns
    -------
    tuple
        One time in UTC (RFC 3339); the first and last second of the day where only that is known;
        empty where nothing is.
    """
    for tag in _TAKEN:
        found = _DATE.search(tags.get(tag, ""))
        if not found:
            continue
        text = tags[tag]
        try:
            day = date(*(int(part) for part in found.groups())).isoformat()
            clock = text[found.end(3) : found.end()].removeprefix("T").replace(":", "")
            if not clock:
                return f"{day}T00:00:00Z", f"{day}T23:59:59Z"
            at = time(int(clock[:2]), int(clock[2:4]), int(clock[4:]))
        except ValueError:  # as on 30 February
            continue
        return (f"{day}T{at.isoformat()}Z",)
    return ()


def _when(info: SceneInfo) -> str:
    name = info.paths[0]
    for text in (*(info.tags.get(tag, "") for tag in _TAKEN), PurePath(name).name):
        if found := _DATE.search(text):
            return "".join(found.groups()) + text[found.end(3) : found.end()].replace(":", "")
    raise InputError(
        f"neither tags nor name of {name} say when it was taken",
        "a date such as 20260816 for --mosaic newest",
        "put it into the name, or take --mosaic first",
    )


def _cloudy(info: SceneInfo) -> float:
    if info.clouds is None:
        raise InputError(
            f"the metadata of {info.paths[0]} do not say how cloudy it is",
            "a share of clouds for --mosaic least-cloudy",
            "take --mosaic first or newest",
        )
    return info.clouds
