"""The colours of polygons' classes as their own style of QGIS has them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

MOST = 1 << 20  # characters of a style that are read
_COLOUR = re.compile(r"(\d{1,3}),(\d{1,3}),(\d{1,3})(,\d{1,3})?")


def colours_of(path: Path, layer: str) -> dict[str, str]:
    """Return the colours of classes by name.

    Parameters
    ----------
    path
        Of a vector file: a GeoPackage, or one with a .qml beside it.
    layer
        Its layer.

    Returns
    -------
    dict
        As #rrggbb; empty where there is no style of categories.
    """
    text = _in_geopackage(path, layer) if path.suffix.lower() == ".gpkg" else _beside(path)
    if not text or len(text) > MOST or "<!ENTITY" in text:  # entities are how XML is made endless
        return {}
    try:
        style = ElementTree.fromstring(text)  # noqa: S314 - no entities, and not endless
    except ElementTree.ParseError:
        return {}
    symbols = {
        symbol.get("name"): colour
        for symbol in style.iterfind(".//renderer-v2/symbols/symbol")
        if (colour := _colour(symbol))
    }
    return {
        entry.get("label", ""): symbols[entry.get("symbol")]
        for entry in style.iterfind(".//renderer-v2/categories/category")
        if entry.get("symbol") in symbols
    }


def _colour(symbol: ElementTree.Element) -> str:
    told = symbol.find(".//Option[@name='color']")
    found = _COLOUR.match(told.get("value", "")) if told is not None else None
    return (
        "#" + "".join(f"{min(int(part), 255):02x}" for part in found.groups()[:3]) if found else ""
    )


def _beside(path: Path) -> str:
    try:
        return path.with_suffix(".qml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _in_geopackage(path: Path, layer: str) -> str:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute(
                "SELECT styleQML FROM layer_styles WHERE f_table_name = ? "
                "ORDER BY useAsDefault DESC",
                (layer,),
            ).fetchone()
    except sqlite3.Error:  # no table of styles
        return ""
    return str(found[0]) if found else ""
