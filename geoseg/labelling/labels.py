"""The GeoPackage of a workspace's labels: made, read, and added to, while others write it."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from ..core.atomic import atomic_output, in_turn
from ..core.disk import failures
from ..core.errors import InputError, RunError
from ..core.plain_name import plain_name, plain_target
from ..features.class_column import is_empty
from ..features.layers import check_finite, open_layer
from ..raster.relate import relate

LABELS = "labels"  # the layer
# of the layer; None of a text is "not said"
COLUMNS: Mapping[str, type] = {
    "class": str,  # the class's name
    "width": float,  # metres on the ground, of lines and points; none is one pixel
    "scene": str,  # the scene's name; none is every scene that it lies on
    "author": str,
    "time": str,  # ISO 8601, UTC
    "held_out": bool,  # kept for scoring
    "note": str,
}
WIDEST = 1e6  # metres of a line
# QGIS and others need not say when something was drawn: the file does. What is changed is as late
# as what is new.
_STAMPS = """
CREATE TRIGGER geoseg_time_insert AFTER INSERT ON labels WHEN NEW.time IS NULL BEGIN
 UPDATE labels SET time = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE fid = NEW.fid;
END;
CREATE TRIGGER geoseg_time_update AFTER UPDATE OF geom, class ON labels
 WHEN NEW.time IS OLD.time AND (NEW.geom IS NOT OLD.geom OR NEW.class IS NOT OLD.class) BEGIN
 UPDATE labels SET time = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE fid = NEW.fid;
END;
"""


def now() -> str:
    """Return the time as labels keep it.

    Returns
    -------
    str
        ISO 8601 in UTC, to the second.
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def create_labels(path: Path, crs: str | None) -> None:
    """Write a GeoPackage for labels, without any.

    Parameters
    ----------
    path
        A new file.
    crs
        WKT; None of a scene that lies nowhere.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    empty = gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry=[], crs=crs)
    with atomic_output(path) as staged, plain_target(staged) as part:
        _write(str(part), empty, crs)
        with closing(sqlite3.connect(part)) as database, database:
            database.executescript(_STAMPS)


def append_labels(
    path: Path,
    frame: gpd.GeoDataFrame,
    classes: Collection[str],
    same: Sequence[str] | None = None,
) -> gpd.GeoDataFrame:
    """Add labels in one transaction: all of them, or none.

    Parameters
    ----------
    path
        The file.
    frame
        Shapes in any CRS (none is that of the labels) with the column `class`, and those of
        COLUMNS that are known; where `time` is not said, it is now.
    classes
        The names that may stand in it.
    same
        Leave out exact duplicates: of shape and of these columns. None adds all. Two that add the
        same labels at the same time wait for one another.

    Returns
    -------
    GeoDataFrame
        Those that were added.

    Raises
    ------
    InputError
        If a class is none of them, or a shape cannot be placed.
    RunError
        If the file cannot be written.
    """
    if not len(frame):
        return frame
    layer = open_layer(str(path), LABELS)
    theirs = frame.crs.to_wkt() if frame.crs is not None else None
    there = relate(theirs, layer.crs, "what is added", "the labels")
    shapes = np.asarray(frame.geometry.array, object)
    if there is not None:
        shapes = shapely.transform(shapes, there.transform, interleaved=False)
    check_finite(shapes, "what is added")
    columns = {
        name: frame[name].tolist() if name in frame.columns else [None] * len(frame)
        for name in COLUMNS
    }
    added = gpd.GeoDataFrame(columns, geometry=shapes, crs=layer.crs)
    _check(classes, added, "what is added")
    with in_turn(path.parent), failures(path), plain_name(str(path)) as name:
        if same is not None:
            added = without_known(added, read_layer(path, classes), same)
            if not len(added):
                return added
        added["time"] = added["time"].where(added["time"].notna(), now())
        try:
            _write(name, added, layer.crs, append=True)
        except RuntimeError as error:  # pyogrio's; GDAL has waited some seconds by then
            if "locked" not in str(error):
                raise
            raise RunError(
                f"{path} is being written by another program",
                "a file that may be written",
                "save or end the editing there, then do this again",
            ) from error
    return added


def read_layer(path: Path, classes: Collection[str]) -> gpd.GeoDataFrame:
    """Read the labels of a file, through a connection that lives no longer than this.

    Parameters
    ----------
    path
        The file.
    classes
        The names that may stand in it.

    Returns
    -------
    GeoDataFrame
        COLUMNS and `geometry`, in the order of the file; the index is the feature's number. Rows
        without a class or shape are left out.

    Raises
    ------
    InputError
        If the file cannot be read, lacks the column `class`, or holds another class, a width that
        is none, or coordinates that are not finite.
    """
    _finish(path)
    layer = open_layer(str(path), LABELS)
    if "class" not in layer.columns:
        raise InputError(
            f"{path} has the columns {', '.join(layer.columns) or 'none'}", "one called class"
        )
    columns = [name for name in COLUMNS if name in layer.columns]
    told, fids, wkb, fields = layer.read(columns=columns, return_fids=True)
    read = dict(zip(told["fields"].tolist(), fields, strict=True))  # in the order of the file
    count = len(fids)
    try:
        shapes = np.asarray(shapely.from_wkb(wkb), object) if count else np.empty(0, object)
    except (shapely.errors.GEOSException, NotImplementedError) as error:
        raise InputError(f"{path} holds a shape that cannot be read: {error}") from error
    values = {name: _plain(read.get(name), kind, count) for name, kind in COLUMNS.items()}
    frame = gpd.GeoDataFrame(values, geometry=shapes, index=fids, crs=layer.crs)
    order = np.argsort(fids, kind="stable")
    frame = frame.iloc[order]
    drawn = ~(frame.geometry.isna() | frame.geometry.is_empty) & frame["class"].notna()
    frame = frame[drawn]
    check_finite(np.asarray(frame.geometry.array, object), str(path))
    _check(classes, frame, str(path))
    return frame


def _finish(path: Path) -> None:
    """Take back what a writer that was killed had begun: GDAL, which only reads, may not."""
    if not Path(f"{path}-journal").exists():
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", 10, uri=True)) as labels:
            labels.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error as error:
        raise InputError(
            f"{path} was being written when that program ended, and cannot be made whole: {error}",
            f"a file and folder that may be written, as {path.name}-journal belongs to it",
        ) from error


def by_author(frame: gpd.GeoDataFrame) -> dict[str | None, npt.NDArray[np.intp]]:
    """Tell apart whose labels are whose.

    Parameters
    ----------
    frame
        As `read_layer` gives them.

    Returns
    -------
    dict
        The rows of each author, in the order of the names; None is nobody's, and last.
    """
    names = [None if is_empty(name) else str(name) for name in frame["author"]]
    order = sorted({name for name in names if name is not None})
    authors = [*order, None] if None in names else order
    return {
        author: np.array([i for i, name in enumerate(names) if name == author], np.intp)
        for author in authors
    }


def without_known(
    frame: gpd.GeoDataFrame, known: gpd.GeoDataFrame, columns: Sequence[str]
) -> gpd.GeoDataFrame:
    """Leave out exact duplicates: of what is known, and of one another.

    Parameters
    ----------
    frame
        Labels in the CRS of those that are known.
    known
        As `read_layer` gives them.
    columns
        What has to be the same beside the shape; a label without a time, which gets one when it is
        added, is compared without it.

    Returns
    -------
    GeoDataFrame
        The rest, in order.
    """
    timeless = [name for name in columns if name != "time"]
    dated = set(_keys(known, columns))
    undated = set(_keys(known, timeless))
    fresh = []
    for key, short, time in zip(
        _keys(frame, columns), _keys(frame, timeless), frame["time"].tolist(), strict=True
    ):
        fresh.append(short not in undated if is_empty(time) else key not in dated)
        dated.add(key)
        undated.add(short)
    return frame[np.array(fresh, bool)].copy()


def _keys(frame: gpd.GeoDataFrame, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """What makes a label that label; where a ring begins, and which way it runs, does not."""
    shapes = shapely.to_wkb(shapely.normalize(np.asarray(frame.geometry.array, object)))
    told = [
        [None if is_empty(value) else value for value in frame[column].tolist()]
        for column in columns
    ]
    return list(zip(shapes.tolist(), *told, strict=True))


def _plain(values: npt.NDArray[Any] | None, kind: type, count: int) -> list[Any]:
    """Return a column's values as one type, None where nothing stands."""
    if values is None:
        return [None] * count
    if kind is str:
        return [None if is_empty(value) else str(value).strip() for value in values.tolist()]
    return [None if is_empty(value) else kind(value) for value in values.tolist()]


def _check(known: Collection[str], frame: gpd.GeoDataFrame, where: str) -> None:
    if strange := sorted({str(name) for name in frame["class"] if name not in known}):
        raise InputError(
            f"{where} holds labels of {', '.join(map(repr, strange[:8]))}"
            + (", ..." if len(strange) > 8 else ""),
            f"classes of the workspace: {', '.join(sorted(known))}",
            "correct the labels, or add the class to the workspace",
        )
    widths = [width for width in frame["width"] if not is_empty(width)]
    if wrong := [width for width in widths if not 0 <= width <= WIDEST]:
        raise InputError(f"{where} holds a width of {wrong[0]:g}", f"metres, 0 to {WIDEST:g}")


def _write(path: str, frame: gpd.GeoDataFrame, crs: str | None, append: bool = False) -> None:
    data: list[npt.NDArray[Any]] = []
    masks: list[npt.NDArray[np.bool_] | None] = []
    for name, kind in COLUMNS.items():
        values = frame[name].tolist()
        nothing = np.array([is_empty(value) for value in values], bool)
        if kind is str:
            filled: Sequence[Any] = [
                None if none else str(value) for value, none in zip(values, nothing, strict=True)
            ]
            data.append(np.array(filled, object))
            masks.append(None)
            continue
        filled = [kind() if none else value for value, none in zip(values, nothing, strict=True)]
        data.append(np.array(filled, kind))
        masks.append(nothing)
    with warnings.catch_warnings():
        # scenes that lie nowhere have labels that do not either
        warnings.filterwarnings("ignore", "'crs' was not provided")
        pyogrio.raw.write(
            path,
            np.asarray(shapely.to_wkb(np.asarray(frame.geometry.array, object)), object),
            data,
            list(COLUMNS),
            field_mask=masks,
            layer=LABELS,
            driver="GPKG",
            geometry_type="Unknown",
            crs=crs,
            append=append,
            dataset_options={} if append else {"VERSION": "1.2"},  # which old QGIS reads as well
            layer_options={} if append else {"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES"},
        )


def delete_label(path: Path, number: int) -> None:
    """Take one label away.

    Parameters
    ----------
    path
        The file.
    number
        Of the feature, as `read_layer` has it in its index.

    Raises
    ------
    InputError
        If there is no such label.
    RunError
        If the file cannot be written.
    """
    # GDAL's triggers keep the spatial index and the count
    with (
        in_turn(path.parent),
        failures(path),
        closing(sqlite3.connect(path, timeout=10)) as database,
        database,
    ):
        gone = database.execute("DELETE FROM labels WHERE fid = ?", (number,)).rowcount
    if not gone:
        raise InputError(f"{path} has no label of the number {number}", "one that is there")
