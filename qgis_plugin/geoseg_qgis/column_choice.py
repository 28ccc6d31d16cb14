"""The dialog's list of a layer's columns, empty where the layer is a raster.

QGIS's own Field parameter crashes QGIS where its parent is a layer of any kind and a raster or mesh
is chosen: it takes every layer for one of features.
"""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterString,
    QgsProject,
    QgsVectorLayer,
)
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsProcessingGui
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QWidget

from .widgets import WIDGETS, own_or_plain

CHOICE = f"{WIDGETS}column_choice.ColumnList"


def parameter(name: str, description: str, layer: str) -> QgsProcessingParameterString:
    """Return an optional parameter: the name of a column of the layer in the parameter `layer`."""
    made = QgsProcessingParameterString(name, description, optional=True)
    made.setMetadata({"widget_wrapper": {"class": CHOICE, "layer": layer}})
    return made


class ColumnList:
    """What Processing makes a widget of; the widget is never of this class itself."""

    def __new__(
        cls, definition: QgsProcessingParameterDefinition, dialog: Any, *_: int, layer: str
    ) -> Any:
        """Return the list for an algorithm's dialog, and a text field elsewhere."""
        return own_or_plain(lambda: ColumnChoice(definition, layer), definition, dialog)


class ColumnChoice(QgsAbstractProcessingParameterWidgetWrapper):
    """A combo box with the columns of the layer that is chosen beside it; any name may be typed."""

    def __init__(self, definition: QgsProcessingParameterDefinition, layer: str) -> None:
        super().__init__(definition, QgsProcessingGui.WidgetType.Standard)
        self._beside = layer
        self._layer: Any = None  # the wrapper of the layer's parameter

    def createWidget(self) -> QWidget:
        self._combo = QComboBox()
        self._combo.setEditable(True)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self._combo.setSizeAdjustPolicy(policy)
        self._combo.editTextChanged.connect(self._changed)
        whole = QWidget()  # sip forgets an object that is both kept and returned from here
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._combo)
        return whole

    def setWidgetValue(self, value: Any, context: QgsProcessingContext) -> None:
        self._combo.setEditText("" if value is None else str(value))

    def widgetValue(self) -> str:
        return self._combo.currentText().strip()

    def postInitialize(self, wrappers: list[Any]) -> None:
        super().postInitialize(wrappers)
        for wrapper in wrappers:
            if wrapper.parameterDefinition().name() == self._beside:
                self._layer = wrapper
                wrapper.widgetValueHasChanged.connect(self._fill)
        self._fill()

    def _changed(self, _: str) -> None:
        self.widgetValueHasChanged.emit(self)

    def _fill(self, *_: Any) -> None:
        """Show the columns of the layer that is chosen now, and keep a name that is one of them."""
        if self._layer is None or sip.isdeleted(self._combo):
            return
        names = columns(self._layer.parameterValue())
        chosen = self.widgetValue()
        self._combo.blockSignals(True)
        self._combo.clear()
        self._combo.addItems(names)
        self._combo.setEditText(chosen if chosen in names else "")
        self._combo.blockSignals(False)


def columns(value: Any) -> list[str]:
    """Return the names of the columns of what a layer's widget holds; none of a raster or mesh."""
    layer = value
    if isinstance(value, str):
        layer = QgsProject.instance().mapLayer(value) or QgsVectorLayer(value, "")
    found = isinstance(layer, QgsVectorLayer) and layer.isValid()
    return [field.name() for field in layer.fields()] if found else []
