"""The plugin as QGIS holds it: the provider, entries in the menus, the translation."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis, QgsApplication, QgsMapLayerType, QgsSettings
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, Qt, QTimer, QTranslator
from qgis.PyQt.QtWidgets import QPushButton

from . import engine, settings
from .provider import GeosegProvider, icon
from .text import tr

try:
    from qgis.PyQt.QtGui import QAction  # where Qt 6 keeps it
except ImportError:
    from qgis.PyQt.QtWidgets import QAction

MENU = "geoseg"
LOOK = 2000  # milliseconds between two looks at whether the engine is there


class GeosegPlugin:
    """What QGIS creates when the plugin is enabled; `iface` is None where there is no window."""

    def __init__(self, iface: Any = None) -> None:
        self.iface = iface
        self.provider: GeosegProvider | None = None
        self._actions: list[QAction] = []
        self._translator = translate()
        self._banner: Any = None
        self._timer: QTimer | None = None
        self.panel: Any = None

    def initProcessing(self) -> None:
        """Add the provider; qgis_process calls this alone."""
        self.provider = GeosegProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        self.initProcessing()
        for title, algorithm, in_layer_menu in (
            (tr("Predict land cover…"), "geoseg:predict", True),
            (tr("Vectorize classes…"), "geoseg:vectorize", True),
            (tr("Set up the engine…"), "geoseg:setup", False),
        ):
            self._add_action(title, algorithm, in_layer_menu)
        self._add_panel_action()
        self._offer_set_up()

    def unload(self) -> None:
        if self.panel is not None and not sip.isdeleted(self.panel):
            self.panel.remove()
        self.panel = None
        if self._timer is not None:
            self._timer.stop()
        for action in self._actions:
            self.iface.removePluginMenu(MENU, action)
            self.iface.removeCustomActionForLayerType(action)
        self._actions = []
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)

    def _add_action(self, title: str, algorithm: str, in_layer_menu: bool) -> None:
        action = QAction(icon(), title, self.iface.mainWindow())
        action.triggered.connect(lambda *_: self.open(algorithm))
        self.iface.addPluginToMenu(MENU, action)
        self._actions.append(action)
        if (
            in_layer_menu
        ):  # of the raster layers, where the layer that was clicked on is the current one
            beside = QAction(icon(), title, self.iface.mainWindow())
            beside.triggered.connect(lambda *_: self.open(algorithm, self.iface.activeLayer()))
            self.iface.addCustomActionForLayerType(beside, MENU, QgsMapLayerType.RasterLayer, True)
            self._actions.append(beside)

    def _add_panel_action(self) -> None:
        action = QAction(icon(), tr("geoseg Label"), self.iface.mainWindow())
        action.setObjectName("geosegLabelAction")
        action.triggered.connect(lambda *_: self.show_panel())
        self.iface.addPluginToMenu(MENU, action)
        self._actions.append(action)

    def show_panel(self) -> Any:
        """Show the panel *geoseg Label*, made when it is wanted first."""
        from .dock.panel import LabelPanel

        if self.panel is None or sip.isdeleted(self.panel):
            self.panel = LabelPanel(self.iface)
            self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.panel)
        self.panel.show()
        self.panel.raise_()
        return self.panel

    def open(self, algorithm: str, layer: Any = None) -> None:
        """Open an algorithm's dialog, with the layer chosen where one is given."""
        import processing

        fine, why = QgsApplication.processingRegistry().createAlgorithmById(algorithm).canExecute()
        if not fine:
            self.iface.messageBar().pushMessage(MENU, why, Qgis.MessageLevel.Warning)
            algorithm, layer = "geoseg:setup", None
        processing.execAlgorithmDialog(algorithm, {} if layer is None else {"INPUT": layer.id()})

    def _offer_set_up(self) -> None:
        """Where there is no engine yet, offer to set it up: one button, which goes when there is
        one.
        """
        problem = self._no_engine()
        if not problem:
            return
        bar = self.iface.messageBar()
        message = bar.createMessage(MENU, problem)
        button = QPushButton(tr("Set up the engine"))
        button.clicked.connect(lambda *_: self.open("geoseg:setup"))
        message.layout().addWidget(button)
        self._banner = bar.pushWidget(message, Qgis.MessageLevel.Info)
        self._timer = QTimer(self.iface.mainWindow())
        self._timer.timeout.connect(self._update_banner)
        self._timer.start(LOOK)

    def _no_engine(self) -> str:
        """Why there is no engine, or how far its set-up is, in this QGIS or another; empty where
        there is one.
        """
        try:
            engine.find(settings.engine_python())
        except engine.NoEngine as problem:
            return str(problem)
        return ""

    def _update_banner(self) -> None:
        problem = self._no_engine()
        gone = self._banner is None or sip.isdeleted(self._banner)
        if problem and not gone:
            self._banner.setText(problem)
            return
        if not gone:
            self.iface.messageBar().popWidget(self._banner)
        self._banner = None
        self._timer.stop()


def translate() -> QTranslator | None:
    """Install the translation for QGIS's language; None where the texts stay as they are."""
    own = QgsSettings().value("locale/overrideFlag", False, type=bool)
    language = QgsSettings().value("locale/userLocale", "") if own else QgsApplication.locale()
    translator = QTranslator()
    path = engine.HERE / "i18n" / f"geoseg_{str(language)[:2]}.qm"
    if not path.is_file() or not translator.load(str(path)):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
