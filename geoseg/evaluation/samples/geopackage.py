"""A sample as a GeoPackage that QGIS edits: points with a drop-down of classes, and all that the
estimates need.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt

from ...core.atomic import atomic_output
from ...core.plain_name import plain_target
from ...core.redact import redact
from ...report.charts import GREY
from ...vector.writers.geopackage import add_style_row, announce
from ...vector.writers.points import write_points
from .draw import Drawing, Stratum

LAYER = "sample"
EMPTY = "#ffffff"

_TABLES = """
CREATE TABLE geoseg_strata (stratum INTEGER PRIMARY KEY, name TEXT NOT NULL, colour TEXT NOT NULL,
 pixels INTEGER NOT NULL, area REAL NOT NULL, unit TEXT NOT NULL, points INTEGER NOT NULL);
CREATE TABLE geoseg_points (id INTEGER PRIMARY KEY, stratum INTEGER NOT NULL);
CREATE TABLE geoseg_design (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def write_sample(
    path: Path,
    drawing: Drawing,
    points: Sequence[int],
    seed: int,
    blind: bool,
    design: Mapping[str, Any],
    replace: bool = False,
) -> None:
    """Write a sample as a GeoPackage, its points in random order; the file appears whole.

    Parameters
    ----------
    path
        The file.
    drawing
        The map's classes with their pixels.
    points
        So many of each class's pixels, the first of them.
    seed
        For the order of the points.
    blind
        Whether the layer keeps the map's class from who interprets, lest it sway them; a table of
        its own holds it.
    design
        How the points were chosen, kept as JSON for who asks later.
    replace
        Whether a sample that the file holds is replaced; other layers stay.

    Raises
    ------
    RunError
        If the file cannot be written.
    """
    strata = np.repeat(np.arange(len(points)), points)
    places = np.concatenate(
        [s.drawn[:count] for s, count in zip(drawing.strata, points, strict=True)]
    )
    order = np.random.default_rng(seed).permutation(len(places))
    strata = strata[order]
    places = places[order]
    with atomic_output(path, replace) as staged, plain_target(staged) as part:
        columns = _columns(drawing, strata, points, blind)
        write_points(part, LAYER, _centres(drawing, places), columns, drawing.grid.crs)
        with closing(sqlite3.connect(part)) as database, database:
            _add_tables(database, drawing, strata, points, design)
            names = list(dict.fromkeys(stratum.name for stratum in drawing.strata))
            style = qml([(name, _colour(drawing.strata, name)) for name in names], list(columns))
            add_style_row(
                database,
                ("", "", LAYER, "geom", "sample", style, "", "1", "Points to be interpreted", ""),
            )


def _columns(
    drawing: Drawing, strata: npt.NDArray[np.int64], points: Sequence[int], blind: bool
) -> dict[str, npt.NDArray[Any]]:
    """The layer's columns; a point stands for `weight` square metres (pixels without a CRS)."""
    count = len(strata)
    nothing = np.full(count, None, object)
    columns: dict[str, npt.NDArray[Any]] = {"id": np.arange(1, count + 1)}
    if not blind:
        weights = np.array(
            [s.area / max(n, 1) for s, n in zip(drawing.strata, points, strict=True)]
        )
        columns |= {
            "stratum": np.array([s.value for s in drawing.strata], np.int32)[strata],
            "map_class": np.array([s.name for s in drawing.strata], object)[strata],
            "weight": weights[strata],
        }
    return columns | {"truth": nothing, "remark": nothing.copy()}


def _centres(drawing: Drawing, places: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    width = drawing.grid.width
    return np.array(
        [drawing.grid.xy(place // width + 0.5, place % width + 0.5) for place in places.tolist()]
    )


def _add_tables(
    database: sqlite3.Connection,
    drawing: Drawing,
    strata: npt.NDArray[np.int64],
    points: Sequence[int],
    design: Mapping[str, Any],
) -> None:
    database.executescript(_TABLES)
    unit = "m2" if drawing.metric else "pixels"
    rows = [
        (s.value, s.name, s.colour, s.pixels, s.area, unit, int(n))
        for s, n in zip(drawing.strata, points, strict=True)
    ]
    database.executemany("INSERT INTO geoseg_strata VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    values = [drawing.strata[stratum].value for stratum in strata]
    database.executemany("INSERT INTO geoseg_points VALUES (?, ?)", enumerate(values, 1))
    told = [(key, redact(json.dumps(value))) for key, value in design.items()]
    database.executemany("INSERT INTO geoseg_design VALUES (?, ?)", told)
    for table in ("geoseg_strata", "geoseg_points", "geoseg_design"):
        announce(database, table)


def _colour(strata: Sequence[Stratum], name: str) -> str:
    return next((s.colour for s in strata if s.name == name and s.colour), GREY)


def qml(classes: Sequence[tuple[str, str]], columns: Sequence[str]) -> str:
    """Return the layer's QGIS style: a drop-down of classes for `truth`, and points coloured by it.

    Parameters
    ----------
    classes
        Names with their colours, ``#rrggbb``.
    columns
        Of the layer; only truth and remark can be edited.

    Returns
    -------
    str
        A document of QGIS 3.22 or later.
    """
    choices = "\n".join(
        f'       <Option type="Map"><Option type="QString" name={quoteattr(name)} '
        f"value={quoteattr(name)}/></Option>"
        for name, _ in classes
    )
    entries = [("", "not interpreted", EMPTY), *((name, name, colour) for name, colour in classes)]
    categories = "\n".join(
        f'   <category value={quoteattr(value)} symbol="{i}" label={quoteattr(label)} '
        'render="true" type="string"/>'
        for i, (value, label, _) in enumerate(entries)
    )
    symbols = "\n".join(_symbol(i, colour) for i, (_, _, colour) in enumerate(entries))
    fixed = "\n".join(
        f'  <field name="{name}" editable="{int(name in ("truth", "remark"))}"/>'
        for name in ("fid", *columns)
    )
    return f"""<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Fields|Forms">
 <fieldConfiguration>
  <field name="truth" configurationFlags="None">
   <editWidget type="ValueMap">
    <config>
     <Option type="Map">
      <Option type="List" name="map">
{choices}
      </Option>
     </Option>
    </config>
   </editWidget>
  </field>
 </fieldConfiguration>
 <editable>
{fixed}
 </editable>
 <renderer-v2 type="categorizedSymbol" attr="truth" symbollevels="0" forceraster="0"
  enableorderby="0">
  <categories>
{categories}
  </categories>
  <symbols>
{symbols}
  </symbols>
 </renderer-v2>
 <layerGeometryType>0</layerGeometryType>
</qgis>
"""


def _symbol(index: int, colour: str) -> str:
    rgb = ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    properties = {
        "name": "circle",
        "color": f"{rgb},255",
        "outline_color": "200,30,30,255",
        "outline_width": "0.6",
        "size": "3.2",
        "size_unit": "MM",
    }
    options = "".join(
        f'<Option type="QString" name="{k}" value="{v}"/>' for k, v in properties.items()
    )
    # QGIS before 3.22 reads these
    props = "".join(f'<prop k="{k}" v="{v}"/>' for k, v in properties.items())
    return (
        f'   <symbol type="marker" name="{index}" alpha="1" clip_to_extent="1" force_rhr="0">'
        '<layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option '
        f'type="Map">{options}</Option>{props}'
        "</layer></symbol>"
    )
