"""The labels of a workspace as `geoseg train` takes them: polygons, one file a scene, and a table.

They are a copy of one moment, called after what is in it: labels may change while a training runs,
and one that is resumed finds what it began with.
"""

from __future__ import annotations

import csv
import io
import json
import warnings
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import shapely

from ..core.atomic import part_folder
from ..core.disk import failures
from ..core.errors import InputError
from ..core.grid import Grid
from ..core.plain_name import plain_target
from .labels import COLUMNS
from .pixels import SceneLabels, place_labels
from .thin import thin_folders, use
from .workspace import NOTHING, Workspace, as_json, read_labels

if TYPE_CHECKING:
    import geopandas as gpd

FOLDER = "training"
TABLE = "samples.csv"
KEPT = 20  # copies of labels, as they were: a training that is resumed wants its own
_VERSION = 1  # of what is written: another one gives other digests


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """What a training is told of a workspace."""

    options: dict[str, Any]
    """By the names of `training.keywords.read_options`."""
    start: str | None
    """The model that the workspace starts from; None to begin from nothing."""
    held_out: int
    """How many labels are kept for scoring, and not in it."""


def training_set(workspace: Workspace) -> TrainingSet:
    """Write the labels of a workspace for a training, if they are not written yet.

    Parameters
    ----------
    workspace
        Whose scenes are there.

    Returns
    -------
    TrainingSet
        Scenes without labels are not in it; what nobody labelled is unknown.

    Raises
    ------
    InputError
        If nothing is labelled, or labels or scenes cannot be read.
    RunError
        If the files cannot be written into the workspace.
    """
    frame = read_labels(workspace)
    held = np.array([value is True for value in frame["held_out"].tolist()], bool)
    used = frame[~held]
    if not len(used):
        raise InputError(
            f"{workspace.labels_path} holds no label to train on"
            + (f" beside the {held.sum()} that are held out" if held.any() else ""),
            "labels of every class",
            "draw some, or bring some: geoseg label FOLDER --import FILE",
        )
    folder = workspace.folder / FOLDER / _digest(workspace, used)
    if not folder.is_dir():
        _write(workspace, used, folder)
    use(folder)
    thin_folders(folder.parent, TABLE, KEPT)
    classes = [
        {"value": one.value, "name": one.name, "colour": one.colour, "sources": [one.name]}
        for one in workspace.classes
    ]
    options = {"samples": str(folder / TABLE), "classes": classes, "column": "class"}
    start = None if workspace.start == NOTHING else workspace.start
    return TrainingSet(options, start, int(held.sum()))


def _digest(workspace: Workspace, frame: gpd.GeoDataFrame) -> str:
    told = {
        "version": _VERSION,
        "workspace": as_json(workspace),
        "scenes": [scene.path for scene in workspace.scenes],
        "crs": frame.crs.to_wkt() if frame.crs is not None else None,
        "labels": [list(map(str, frame[name].tolist())) for name in COLUMNS],
        "shapes": shapely.to_wkb(frame.geometry.array, hex=True).tolist(),
    }
    return sha256(json.dumps(told).encode()).hexdigest()[:16]


def _write(workspace: Workspace, frame: gpd.GeoDataFrame, folder: Path) -> None:
    """Write the files of a training; the folder appears whole."""
    with failures(folder):
        folder.parent.mkdir(exist_ok=True)
        with part_folder(folder) as hidden:
            inner = hidden / folder.name
            inner.mkdir()
            rows: list[tuple[str, str]] = []
            for scene in workspace.scenes:
                grid = scene.grid()
                labels = place_labels(frame, scene.name, grid, workspace.classes)
                if len(labels.shapes):
                    name = f"{len(rows) + 1}.gpkg"
                    names = [one.name for one in workspace.classes]
                    write_polygons(inner / name, labels, grid, names)
                    rows.append((scene.path, name))
            if not rows:
                raise InputError(
                    f"no label of {workspace.labels_path} lies on a scene", "labels on its scenes"
                )
            text = io.StringIO(newline="")
            csv.writer(text).writerows([("scene", "label"), *rows])
            (inner / TABLE).write_text(text.getvalue(), encoding="utf-8")
            try:
                inner.rename(folder)
            except OSError:
                if not (folder / TABLE).is_file():  # another process has just written the same
                    raise


def write_polygons(path: Path, labels: SceneLabels, grid: Grid, names: list[str]) -> None:
    """Write labels in their order: where they overlap, a training takes the later in the file.

    Parameters
    ----------
    path
        A new GeoPackage, with the layer `labels` and the column `class`.
    labels
        Of a scene.
    grid
        The scene's.
    names
        Of the classes.
    """
    shapes = to_ground(labels.shapes, grid)
    with plain_target(path) as part, warnings.catch_warnings():
        # scenes that lie nowhere have labels that do not either
        warnings.filterwarnings("ignore", "'crs' was not provided")
        pyogrio.raw.write(
            str(part),
            np.asarray(shapely.to_wkb(shapes), object),
            [np.array([names[i] for i in labels.classes], object)],
            ["class"],
            layer="labels",
            driver="GPKG",
            geometry_type="Unknown",
            crs=grid.crs,
            dataset_options={"VERSION": "1.2"},
            layer_options={"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES"},
        )


def to_ground(shapes: Any, grid: Grid) -> Any:
    """Return shapes in the CRS of a grid.

    Parameters
    ----------
    shapes
        In its pixels, x to the right and y down: one of shapely's geometries, or an array of them.
    grid
        The scene's.

    Returns
    -------
    Any
        As many geometries.
    """
    a, b, c, d, e, f = grid.transform
    return shapely.transform(
        shapes, lambda x, y: (a * x + b * y + c, d * x + e * y + f), interleaved=False
    )
