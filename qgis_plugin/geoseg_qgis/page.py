"""A model's card as an HTML page for QGIS's Results Viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from .text import tr

STYLE = (
    "body{font-family:sans-serif;margin:1em}"
    "td,th{padding:2px 8px;text-align:left;vertical-align:top}"
)


def page(item: Mapping[str, Any]) -> str:
    """Return the page of a card, which is a STAC item with the MLM extension; nothing in it is
    trusted as HTML.
    """
    found = item["properties"]
    parts = [
        f"<h1>{_text(item['id'])}</h1><p>{_text(found.get('description'))}</p>",
        _table(_facts(found)),
        _section(tr("Bands"), _table(_bands(found))),
        _section(tr("Classes"), _table(_classes(found))),
        _section(tr("Scores"), _scores(found.get("geoseg:scores", {}))),
        _section(tr("Limits"), _list(found.get("geoseg:limits", []))),
        _section(tr("Credits"), _list(found.get("geoseg:credits", []))),
    ]
    head = f"<meta charset='utf-8'><title>{_text(item['id'])}</title><style>{STYLE}</style>"
    return f"<!DOCTYPE html><html><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _facts(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    low, high = found.get("geoseg:gsd_range", ("?", "?"))
    return [
        (tr("Sensor"), _text(found.get("geoseg:sensor"))),
        (tr("Pixel size"), _text(tr("{low} to {high} m").format(low=low, high=high))),
        (tr("Data types"), _text(", ".join(found.get("geoseg:dtypes", [])))),
        (tr("Trained on"), _text(found.get("geoseg:trained_on"))),
        (tr("Parameters"), _text(f"{found.get('mlm:total_parameters', 0):,}")),
        (tr("Licence"), _text(found.get("license"))),
    ]


def _bands(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_text(band["name"]), _text(band.get("eo:common_name"))) for band in found.get("bands", [])
    ]


def _classes(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    classes = found["mlm:output"][0]["classification:classes"]
    return [
        (
            _swatch(entry.get("color_hint", "")),
            _text(entry["value"]),
            _text(entry.get("title") or entry["name"]),
        )
        for entry in classes
    ]


def _swatch(colour: str) -> str:
    # Qt's rich text knows bgcolor, and no width of an empty cell
    return f"<table><tr><td bgcolor='#{_text(colour)}'>&nbsp;&nbsp;&nbsp;&nbsp;</td></tr></table>"


def _scores(scores: Mapping[str, Any]) -> str:
    """Nested scores as nested lists."""
    lines = [
        f"<b>{_text(name)}</b>{_scores(value)}"
        if isinstance(value, Mapping)
        else f"{_text(name)}: {_text(_number(value))}"
        for name, value in scores.items()
    ]
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>" if lines else ""


def _number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _section(title: str, body: str) -> str:
    return f"<h2>{_text(title)}</h2>{body}" if body else ""


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{lines}</table>" if lines else ""


def _list(texts: Iterable[str]) -> str:
    lines = "".join(f"<li>{_text(text)}</li>" for text in texts)
    return f"<ul>{lines}</ul>" if lines else ""


def _text(value: Any) -> str:
    return escape("" if value is None else str(value))
