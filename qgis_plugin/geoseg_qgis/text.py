"""Translation of what users read."""

from __future__ import annotations

try:
    from qgis.PyQt.QtCore import QCoreApplication
except ImportError:  # the modules that know no QGIS are tested without it
    QCoreApplication = None

CONTEXT = "geoseg"
ENGINE = "geoseg engine"


def tr(text: str) -> str:
    """Return the text in QGIS's language. Call it with a literal: that is how translations are
    collected.
    """
    return text if QCoreApplication is None else QCoreApplication.translate(CONTEXT, text)


def tr_engine(template: str) -> str:
    """Return a message's template in QGIS's language; the engine's texts are a context of their
    own.
    """
    return template if QCoreApplication is None else QCoreApplication.translate(ENGINE, template)
