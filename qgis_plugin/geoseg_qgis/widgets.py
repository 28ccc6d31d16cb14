"""Own widgets of algorithms' dialogs, as Processing makes them by a parameter's metadata."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsProcessingParameterDefinition
from qgis.gui import QgsGui, QgsProcessingGui

WIDGETS = f"{__package__}."  # what the names of classes in a parameter's metadata begin with


def own_or_plain(
    make: Callable[[], Any], parameter: QgsProcessingParameterDefinition, dialog: Any
) -> Any:
    """Return a widget's wrapper for an algorithm's dialog.

    In the model designer and in batches it is QGIS's own text field: what an own one goes by,
    the values beside it, is not there.
    """
    if type(dialog).__name__ == "AlgorithmDialog":
        return make()
    registry = QgsGui.processingGuiRegistry()
    if type(dialog).__name__ == "ModelerParametersDialog":
        wrapper = registry.createModelerParameterWidget(
            dialog.model, dialog.childId, parameter, dialog.context
        )
    else:
        wrapper = registry.createParameterWidgetWrapper(
            parameter, QgsProcessingGui.WidgetType.Batch
        )
    wrapper.setDialog(dialog)
    return wrapper
