"""Several files of polygons as one, streamed: never is more than a batch of rows in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS, Transformer

from ..core.errors import InputError, RunError
from ..core.ogr import list_layers, open_arrow, read_info
from ..core.plain_name import plain_target
from ..core.style import Legend, qml_polygons
from ..raster.legend import seen_of
from .polygons import GEOMETRY
from .writers.batch_reader import BatchReader
from .writers.formats import check_rows, writer
from .writers.layer import Layer, check_crs
from .writers.ogr import NAMES

ROWS = 8192  # polygons that are read at a time
# in GeoJSON: GDAL takes `id` for the feature's own, which would have to be unique
IDS = {"id": "polygon"}
_LONG_NAMES = {short: name for name, short in NAMES.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """A file of polygons to be merged."""

    path: Path
    """The file, as one of our writers made it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """New columns of text: what each holds in all rows of this file."""
    recoded: Mapping[int, int] = field(default_factory=dict)
    """Class values that become others; the rest stays."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all rows of a merged file have in common."""

    schema: Any
    """Arrow schema of the rows."""
    crs: str | None
    """Anything that PROJ reads; None where no part has one."""
    kind: Literal["Polygon", "MultiPolygon"] = "Polygon"
    """Of all shapes."""


def schema_of(part: Part) -> Any:
    """Return the columns that the merged file has if this is its first part.

    Parameters
    ----------
    part
        A file and its new columns, which come first.

    Returns
    -------
    pyarrow.Schema | None
        None where the file has no rows.
    """
    own = next(open_polygons(part.path)[1], None)
    names = (
        []
        if own is None
        else [pa.field(name, own.schema.field(name).type) for name in own.schema.names]
    )
    names = [column for column in names if column.name not in (GEOMETRY, *part.columns)]
    new = [pa.field(name, pa.string()) for name in part.columns]
    return None if own is None else pa.schema([*new, *names, pa.field(GEOMETRY, pa.binary())])


def write_merged(
    parts: Iterable[Part], path: Path, name: str, shared: Shared, legend: Legend
) -> int:
    """Write the polygons of all parts as a new file with one layer, and its style.

    It is written where it stands: see to it that nobody looks there before it is whole.

    Parameters
    ----------
    parts
        Files, in the order of the rows.
    path
        The new file; its suffix says the format.
    name
        The layer's name.
    shared
        Columns, CRS and kind of shapes.
    legend
        Names and colours of the classes.

    Returns
    -------
    int
        The number of polygons.

    Raises
    ------
    InputError
        If the format cannot hold this CRS, or there is none of this suffix.
    RunError
        If a part has no CRS where the others have one, or the file did not take all rows.
    """
    check_crs(path, shared.crs)
    schema = shared.schema
    rows = merged(parts, shared)
    if path.suffix.lower() == ".geojson":
        schema = pa.schema([field.with_name(IDS.get(field.name, field.name)) for field in schema])
        rows = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in rows)
    source = BatchReader(schema, rows, seen_of(legend))
    with plain_target(path) as plain:
        with source.reader() as reader:
            writer(path)(plain, Layer(name, shared.crs, shared.kind), reader, legend)
        check_rows(plain, source.rows)
    if path.suffix.lower() != ".gpkg":
        path.with_suffix(".qml").write_text(qml_polygons(legend), encoding="utf-8")
    return source.rows


def merged(parts: Iterable[Part], shared: Shared) -> Iterator[Any]:
    """Read the rows of the parts, one after the other.

    Parameters
    ----------
    parts
        Files, in the order of the rows.
    shared
        Columns and CRS that all rows get.

    Yields
    ------
    pyarrow.RecordBatch
        Rows of `shared.schema`, ROWS at most.

    Raises
    ------
    RunError
        If one of a part and the merged file has a CRS and the other has not.
    """
    for part in parts:
        crs, batches = open_polygons(part.path)
        to_crs = _transformer(crs, shared.crs, part.path)
        for batch in batches:
            yield _shaped(batch, part, shared.schema, to_crs)


def _shaped(batch: Any, part: Part, schema: Any, to_crs: Transformer | None) -> Any:
    columns = []
    for column in schema:
        if column.name in part.columns:
            array = pa.repeat(pa.scalar(part.columns[column.name], pa.string()), batch.num_rows)
        elif column.name not in batch.schema.names:
            array = pa.nulls(batch.num_rows, column.type)
        else:
            array = batch.column(column.name)
            if column.name == GEOMETRY and to_crs is not None:
                array = _transformed(array, to_crs)
            elif column.name == "class_id" and part.recoded:
                array = pa.array([part.recoded.get(value, value) for value in array.to_pylist()])
        columns.append(array.cast(column.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _transformed(array: Any, to_crs: Transformer) -> Any:
    shapes = shapely.from_wkb(np.asarray(array.to_pylist(), object))
    moved = shapely.transform(
        shapes, lambda points: np.column_stack(to_crs.transform(points[:, 0], points[:, 1]))
    )
    return pa.array(shapely.to_wkb(moved), pa.binary())


def _transformer(own: str | None, wanted: str | None, path: Path) -> Transformer | None:
    if own is None or wanted is None:
        if own != wanted:
            raise RunError(
                f"{path} has {'no' if own is None else 'a'} CRS, the merged file has not the same"
            )
        return None
    one = CRS.from_user_input(own)
    other = CRS.from_user_input(wanted)
    return None if one == other else Transformer.from_crs(one, other, always_xy=True)


def open_polygons(path: Path, layer: str | None = None) -> tuple[str | None, Iterator[Any]]:
    """Open a file of polygons, as one of our writers made it.

    Parameters
    ----------
    path
        The file.
    layer
        Of a GeoPackage; None is all of them.

    Returns
    -------
    tuple[str | None, Iterator[Any]]
        The CRS, and Arrow record batches with the shapes as WKB in GEOMETRY, which close the file
        when they end.

    Raises
    ------
    InputError
        If it has no such layer.
    """
    if path.suffix.lower() == ".parquet":
        file = pq.ParquetFile(path)
        told = json.loads(file.schema_arrow.metadata[b"geo"])
        shapes = told["primary_column"]
        crs = told["columns"][shapes].get("crs")
        return json.dumps(crs) if crs else None, _rows(file, shapes)
    layers = [
        str(name) for name, kind in list_layers(path) if kind is not None and layer in (None, name)
    ]
    if not layers:
        raise InputError(f"{path} has no layer {layer or 'of polygons'}", "one that it has")
    return read_info(path, layer=layers[0])["crs"], _ogr_rows(path, layers)


def _rows(file: Any, shapes: str) -> Iterator[Any]:
    with file:
        # the merged file gets bounds of its own
        names = [name for name in file.schema_arrow.names if name != "bbox"]
        for batch in file.iter_batches(ROWS, columns=names):
            yield batch.rename_columns(
                [GEOMETRY if name == shapes else name for name in batch.schema.names]
            )


def _ogr_rows(path: Path, layers: list[str]) -> Iterator[Any]:
    for layer in layers:
        with open_arrow(path, layer=layer, batch_size=ROWS, use_pyarrow=True) as (meta, reader):
            shapes = meta["geometry_name"] or "wkb_geometry"
            for batch in reader:
                columns = [getattr(column, "storage", column) for column in batch.columns]
                names = [
                    GEOMETRY if name == shapes else _LONG_NAMES.get(name, name)
                    for name in batch.schema.names
                ]
                yield pa.RecordBatch.from_arrays(columns, names=names)
