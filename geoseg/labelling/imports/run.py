"""Labels of any tool into a workspace: read, named, placed, and added in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ...core.errors import InputError
from ...core.events import Report, silent, watch
from ...core.files import check_regular
from ...datasets.told import UNSOUND, read_json
from ...features.layers import is_vector, open_layer, split_layer
from ...raster.relate import relate
from ..archive import extract
from ..labels import COLUMNS, LABELS
from ..workspace import Workspace, add_new_labels
from .drawn import Annotations, Drawn, name_of
from .pictures import Gazetteer, Placed

# what reads annotations on pictures: "module:function" of what is in the file, by its kind
JSON = {
    "COCO": "geoseg.labelling.imports.coco",
    "Label Studio": "geoseg.labelling.imports.label_studio",
}
XML = {"CVAT": "geoseg.labelling.imports.cvat"}
FORMS = (
    "GeoJSON, GeoPackage, FlatGeobuf or a shapefile with a column of classes; COCO; Label Studio's "
    '"JSON"; "CVAT for images 1.1"; or a zip of annotations'
)
_INSIDE = (".json", ".xml")  # of an archive


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    kind: str
    """Which format it was."""
    labels: Mapping[str, int]
    """How many were added, by class."""
    known: int
    """How many the workspace had already, exactly so."""
    left_out: Mapping[str, int]
    """How many were left out, by the reason."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How classes are called in a file."""

    names: Mapping[str, str]
    """The workspace's by the file's; "" leaves them out."""
    author: str | None = None
    """Who drew them, whatever the file says; None is what it says."""
    width: float | None = None
    """Metres of lines and points that tell none."""


def import_labels(
    workspace: Workspace,
    source: str,
    naming: Naming,
    column: str = "",
    layer: str = "",
    images: Path | None = None,
    report: Report = silent,
) -> Imported:
    """Add the labels of a file to a workspace: all of them, or none.

    Parameters
    ----------
    workspace
        Whose scenes are there.
    source
        A file of FORMS.
    naming
        What its classes are called in the workspace, and who drew them.
    column, layer
        Of a vector file: where the class stands; "" for what is usual.
    images
        The folder in which chips lie; None is that of the file.
    report
        Told how far it is.

    Returns
    -------
    Imported
        What came of it.

    Raises
    ------
    InputError
        If the file is of no such form, unsound, names classes that the workspace does not have, or
        leaves open where something lies.
    RunError
        If the labels cannot be written.
    """
    with TemporaryDirectory(prefix="geoseg-") as folder:
        at = column, layer, images
        kind, frame, left_out = _read(workspace, source, *at, Path(folder), report)
    if naming.author is not None:
        frame["author"] = name_of(naming.author)
    if naming.width is not None:
        thin = shapely.get_dimensions(np.asarray(frame.geometry.array, object)) < 2  # no areas
        frame.loc[thin & frame["width"].isna().to_numpy(), "width"] = naming.width
    frame, dropped = call_as_here(workspace, frame, naming.names, source)
    left_out.update(dropped)
    crs = open_layer(str(workspace.labels_path), LABELS).crs
    there = relate(frame.crs.to_wkt() if frame.crs is not None else None, crs, source, "the labels")
    if there is not None:
        moved = shapely.transform(
            np.asarray(frame.geometry.array, object), there.transform, interleaved=False
        )
        frame = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=moved, crs=crs)
    frame, far = _on_scenes(workspace, frame, crs, source)
    left_out.update(far)
    fresh = add_new_labels(workspace, frame, ("class", "width", "scene", "author"))
    return Imported(kind, Counter(fresh["class"]), len(frame) - len(fresh), left_out)


def _read(
    workspace: Workspace,
    source: str,
    column: str,
    layer: str,
    images: Path | None,
    folder: Path,
    report: Report,
) -> tuple[str, gpd.GeoDataFrame, Counter[str]]:
    path = Path(split_layer(source)[0])
    check_regular(path)
    if not path.exists():
        raise InputError(f"{path} does not exist", FORMS)
    places = [images] if images is not None else [path.parent]
    if path.suffix.lower() == ".zip" and layer == "":
        path = _unpacked(path, folder)
        # as CVAT and Label Studio pack them
        places += [path.parent, folder, folder / "images", folder / "images" / "default"]
    found = read_annotations(path, source)
    if found is None:
        if not is_vector(source):
            raise InputError(f"{source} is of no form that is known", FORMS)
        return "vector", vector_frame(source, column, layer), Counter()
    kind, told = found
    if column or layer:
        raise InputError(f"--column or --layer with annotations of {kind}", "neither of them")
    drawn = [one for one in told.drawn if not shapely.is_empty(one.shape)]
    empty = +Counter({"empty masks": len(told.drawn) - len(drawn)})  # all was wiped out again
    told_of = watch(drawn, lambda _: 1, len(drawn), report, "import")
    frame = _placed(workspace, told_of, Gazetteer(workspace, places))
    return kind, frame, told.skipped + empty


def read_annotations(path: Path, source: str = "") -> tuple[str, Annotations] | None:
    """Read annotations on pictures.

    Parameters
    ----------
    path
        A file of any kind.
    source
        What it is called in errors; "" is the path.

    Returns
    -------
    tuple of str and Annotations, or None
        Which format it is, and what it holds; None where it is none of these formats.

    Raises
    ------
    InputError
        If it is unsound, in whatever way.
    """
    kind, module = _kind(path)
    if module is None:
        return None
    try:
        return kind, module.read(path)
    except (*UNSOUND, shapely.errors.ShapelyError) as error:
        found = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"{source or path} is no sound {kind}: {found}", f"annotations as {kind} exports them"
        ) from error


def vector_frame(source: str, column: str, layer: str) -> gpd.GeoDataFrame:
    """Read a vector file with all columns of labels.

    Parameters
    ----------
    source
        The file.
    column, layer
        Where the class stands.

    Returns
    -------
    GeoDataFrame
        None where the file says nothing.

    Raises
    ------
    InputError
        As `vector.read`.
    """
    from .vector import read

    return _filled(read(source, column, layer))


def _filled(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    for name in COLUMNS:
        if name not in frame.columns:
            frame[name] = np.full(len(frame), None, object)
    return frame.reset_index(drop=True)


def _unpacked(path: Path, folder: Path) -> Path:
    """Unpack an archive, and return the one file of annotations in it."""
    extract(path, folder)
    found = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _INSIDE)
    kinds = [file for file in found if _kind(file)[1] is not None]
    if len(kinds) != 1:
        raise InputError(
            f"{path} holds {len(kinds)} files of annotations", "one", "unpack it, and name the file"
        )
    return kinds[0]


def _kind(path: Path) -> tuple[str, Any]:
    """Return the format of a file by what is in it, and what reads it; None for vector data."""
    suffix = path.suffix.lower()
    if suffix == ".xml":
        with path.open("rb") as file:
            head = file.read(1 << 12)
        tables, told = XML, head
    elif suffix == ".json":
        tables, told = JSON, read_json(path)
    else:
        return "", None
    for kind, name in tables.items():
        module = import_module(name)
        if module.fits(told):
            return kind, module
    return "", None


def _placed(workspace: Workspace, drawn: Iterable[Drawn], gazetteer: Gazetteer) -> gpd.GeoDataFrame:
    """Bring what was drawn on pictures to the ground, in the CRS of the labels."""
    crs = open_layer(str(workspace.labels_path), LABELS).crs
    shapes: list[Any] = []
    rows: list[tuple[str, str | None, str | None, str | None]] = []
    for one in drawn:
        place = gazetteer.place(one.picture)
        shape = _on_ground(one, place, crs)
        shapes.append(shape)
        rows.append((one.label, place.scene, one.author, one.time))
    frame = gpd.GeoDataFrame(
        {
            name: np.array([row[i] for row in rows], object)
            for i, name in enumerate(("class", "scene", "author", "time"))
        },
        geometry=shapes,
        crs=crs,
    )
    return _filled(frame)


def _on_ground(drawn: Drawn, place: Placed, crs: str | None) -> Any:
    picture = shapely.box(0, 0, drawn.picture.width, drawn.picture.height)
    shape = drawn.shape
    if not shapely.within(shapely.box(*shapely.bounds(shape)), picture):
        shape = shapely.intersection(shape, picture)  # what hangs over an edge was not seen
    if shapely.is_empty(shape):
        raise InputError(
            f"a label {drawn.label!r} lies beside the picture {drawn.picture.name!r}",
            f"shapes within {drawn.picture.height} x {drawn.picture.width} pixels",
        )
    a, b, c, d, e, f = place.grid.transform

    def to_ground(xy: Any) -> Any:
        x, y = xy.T
        return np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)

    moved = shapely.transform(shape, to_ground)
    there = relate(place.grid.crs, crs, drawn.picture.name, "the labels")
    if there is not None:
        moved = shapely.transform(moved, there.transform, interleaved=False)
    return moved


def _on_scenes(
    workspace: Workspace, frame: gpd.GeoDataFrame, crs: str | None, source: str
) -> tuple[gpd.GeoDataFrame, Counter[str]]:
    """Leave out what lies on no scene: it labels nothing, and a wrong CRS shows so."""
    areas = []
    for scene in workspace.scenes:
        grid = scene.grid()
        corners = ((0, 0), (0, grid.width), (grid.height, grid.width), (grid.height, 0))
        area = shapely.Polygon([grid.xy(*corner) for corner in corners])
        there = relate(grid.crs, crs, f"the scene {scene.name}", "the labels")
        if there is not None:
            area = shapely.segmentize(area, area.length / 400)
            area = shapely.transform(area, there.transform, interleaved=False)
        areas.append(area)
    shapes = np.asarray(frame.geometry.array, object)
    near = np.asarray(shapely.intersects(shapely.make_valid(shapes), shapely.union_all(areas)))
    if len(frame) and not near.any():
        west, south, east, north = shapely.total_bounds(shapes)
        raise InputError(
            f"no label of {source} lies on a scene of the workspace: they are in x {west:.8g} to "
            f"{east:.8g}, y {south:.8g} to {north:.8g} of the labels' CRS",
            "labels on its scenes",
            "look at both in QGIS: is it the right file, and the right CRS?",
        )
    return frame[near].reset_index(drop=True), +Counter(
        {"on none of the scenes": int((~near).sum())}
    )


def call_as_here(
    workspace: Workspace, frame: gpd.GeoDataFrame, names: Mapping[str, str], source: str
) -> tuple[gpd.GeoDataFrame, Counter[str]]:
    """Call classes as the workspace does: by the table, by their names, or by their values.

    Parameters
    ----------
    workspace
        Whose classes are meant.
    frame
        Labels as a file calls them.
    names
        The workspace's names by the file's; "" leaves them out.
    source
        The file, for errors.

    Returns
    -------
    tuple of GeoDataFrame and Counter
        The labels that are left, and how many are not, by the reason.

    Raises
    ------
    InputError
        If a class is not the workspace's, or the table names one that is not there.
    """
    known = {label.name: label.name for label in workspace.classes}
    values = {str(label.value): label.name for label in workspace.classes}
    meant = values | known | dict(names)
    if wrong := sorted({name for name in names.values() if name and name not in known}):
        raise InputError(
            f"--map names {', '.join(map(repr, wrong))}",
            f"classes of the workspace: {', '.join(known)}",
        )
    if unused := sorted(set(names) - set(frame["class"])):
        found = ", ".join(sorted(set(frame["class"])))
        raise InputError(
            f"--map names {', '.join(map(repr, unused))}, which {source} does not hold", found
        )
    strange = sorted(set(frame["class"]) - set(meant))
    if strange:
        shown = ", ".join(map(repr, strange[:8])) + (", ..." if len(strange) > 8 else "")
        raise InputError(
            f"{source} holds labels of {shown}",
            f"classes of the workspace: {', '.join(known)}",
            'say which is which, as in --map "Wasser=water"; --map "sky=" leaves some out',
        )
    frame = frame.assign(**{"class": [meant[name] for name in frame["class"]]})
    kept = frame["class"] != ""
    dropped = Counter({"left out by --map": int((~kept).sum())})
    return frame[kept].reset_index(drop=True), +dropped
