"""The provider: what Processing shows under the name geoseg."""

from __future__ import annotations

from importlib import import_module

from qgis.core import QgsProcessingAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import settings
from .algorithms import ALGORITHMS
from .engine import HERE, plugin_version
from .text import tr


def icon() -> QIcon:
    """Return the plugin's icon."""
    return QIcon(str(HERE / "icon.svg"))


def make(entry: str) -> QgsProcessingAlgorithm:
    """Return a new algorithm of the table."""
    module, _, name = entry.partition(":")
    return getattr(import_module(f".algorithms.{module}", __package__), name)()


class GeosegProvider(QgsProcessingProvider):
    """All algorithms of the table, and the settings."""

    def id(self) -> str:
        return "geoseg"

    def name(self) -> str:
        return "geoseg"

    def longName(self) -> str:
        return tr("geoseg: land-cover maps")

    def icon(self) -> QIcon:
        return icon()

    def svgIconPath(self) -> str:
        return str(HERE / "icon.svg")

    def versionInfo(self) -> str:
        return plugin_version()

    def helpId(self) -> str:
        return "geoseg"

    def load(self) -> bool:
        settings.register()
        self.refreshAlgorithms()
        return True

    def unload(self) -> None:
        settings.unregister()

    def loadAlgorithms(self) -> None:
        for entry in ALGORITHMS:
            self.addAlgorithm(make(entry))

    def supportsNonFileBasedOutput(self) -> bool:
        return False  # the engine writes files

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        return ["tif"]

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        return ["gpkg", "fgb", "geojson", "shp"]

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:  # noqa: N803 - Qt's name
        return "gpkg"

    def defaultRasterFileExtension(self) -> str:
        return "tif"
