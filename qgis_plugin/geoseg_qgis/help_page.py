"""What QGIS's Help button opens: a page made of the algorithm's own texts."""

from __future__ import annotations

from html import escape
from pathlib import Path

from qgis.core import QgsProcessingAlgorithm, QgsProcessingParameterDefinition, QgsProcessingUtils

from .page import STYLE
from .text import tr


def write(algorithm: QgsProcessingAlgorithm) -> str:
    """Write an algorithm's page into QGIS's folder of temporary files, and return its address."""
    path = Path(QgsProcessingUtils.tempFolder()) / f"geoseg_help_{algorithm.name()}.html"
    path.write_text(html(algorithm), encoding="utf-8")
    return path.as_uri()


def html(algorithm: QgsProcessingAlgorithm) -> str:
    """Return the page: what the algorithm does, and what each of its fields means."""
    title = escape(algorithm.displayName())
    texts = algorithm.shortHelpString().split("\n\n")
    rows = "".join(_row(one) for one in algorithm.parameterDefinitions())
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>"
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>"
        f"{''.join(f'<p>{escape(text)}</p>' for text in texts)}"
        f"<h2>{escape(tr('Fields'))}</h2><table>{rows}</table></body></html>\n"
    )


def _row(definition: QgsProcessingParameterDefinition) -> str:
    """A field's label, its help, and its name for PyQGIS and qgis_process."""
    cells = (definition.description(), definition.help(), definition.name())
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
