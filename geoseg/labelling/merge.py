"""A second person's labels: added with names and times kept, and compared with the first's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import shapely

from ..core.errors import InputError
from ..core.events import Report, silent
from ..raster.relate import relate
from .agreement import Pair, compare_authors, write_disagreement
from .carry import unpack_workspace
from .imports.drawn import name_of
from .imports.run import call_as_here
from .labels import COLUMNS
from .workspace import Workspace, add_new_labels, open_workspace, read_labels


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a merge."""

    labels: Mapping[str, int]
    """How many were added, by class."""
    known: int
    """How many the workspace had already, exactly so."""
    left_out: Mapping[str, int]
    """How many were left out, by the reason."""
    pairs: tuple[Pair, ...]
    """How far all who labelled agree, two at a time."""
    areas: int
    """How many areas are in `disagreement.gpkg`."""


def merge_labels(
    workspace: Workspace,
    other: str,
    names: Mapping[str, str],
    author: str | None = None,
    report: Report = silent,
) -> Merged:
    """Add the labels of another workspace, and write where its people differ from those here.

    Parameters
    ----------
    workspace
        Whose scenes are there.
    other
        Another workspace: its folder, or its zip. Its scenes need not be there.
    names
        What its classes are called here, where they are called otherwise; "" leaves them out.
    author
        Whose the labels are that name nobody; None is the other folder's name.
    report
        Told how far the comparison is.

    Returns
    -------
    Merged
        Exact duplicates, of the same person and time as well, are not added.

    Raises
    ------
    InputError
        If the other is no workspace, or the same one, or has classes that are not known here.
    RunError
        If something cannot be written.
    """
    with TemporaryDirectory(prefix="geoseg-") as folder:
        path = Path(other)
        if path.is_file():
            path = unpack_workspace(path, Path(folder) / "workspace").folder
        found = open_workspace(path, scenes=False)
        if found.folder.resolve() == workspace.folder.resolve():
            raise InputError(f"{other} is the workspace itself", "another one")
        frame = read_labels(found)
    mine = read_labels(workspace)
    whose = name_of(author or Path(other).resolve().stem)
    frame["author"] = frame["author"].where(frame["author"].notna(), whose)
    frame, left_out = call_as_here(workspace, frame, names, other)
    frame, elsewhere = _of_scenes_here(workspace, frame)
    crs = mine.crs.to_wkt() if mine.crs is not None else None
    theirs = frame.crs.to_wkt() if frame.crs is not None else None
    there = relate(theirs, crs, other, "the labels")
    if there is not None:
        shapes = np.asarray(frame.geometry.array, object)
        moved = shapely.transform(shapes, there.transform, interleaved=False)
        frame = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=moved, crs=mine.crs)
    fresh = add_new_labels(workspace, frame, tuple(COLUMNS))
    pairs, differing = compare_authors(workspace, read_labels(workspace), report)
    write_disagreement(workspace.folder / "disagreement.gpkg", differing, crs)
    return Merged(
        Counter(fresh["class"]),
        len(frame) - len(fresh),
        left_out + elsewhere,
        tuple(pairs),
        len(differing),
    )


def _of_scenes_here(
    workspace: Workspace, frame: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, Counter[str]]:
    known = [scene.name for scene in workspace.scenes]
    there = frame["scene"].isna() | frame["scene"].isin(known)
    strange = Counter(f"of the scene {name}" for name in frame.loc[~there, "scene"])
    return frame[there].reset_index(drop=True), strange
