"""The dialog's list of models: filled by the engine, with those that fit the chosen layer
marked.
"""

from __future__ import annotations

import contextlib
import json
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsRasterLayer,
)
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsProcessingGui
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QProcess, QProcessEnvironment, Qt, QTimer
from qgis.PyQt.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QToolButton, QWidget

from . import engine, layers, settings
from .environment import child_environment
from .text import tr
from .widgets import own_or_plain

AUTO = "auto"
BESIDE = (
    "MORE_BANDS",
    "BANDS",
    "SCALE",
    "OFFSET",
)  # parameters that decide, with the scene, which models fit
PAUSE = 300  # milliseconds in which a user may go on to another layer before the engine is asked


class ModelList:
    """What Processing makes a widget of, by the parameter's metadata; the widget is never of
    this class itself.
    """

    def __new__(
        cls, parameter: QgsProcessingParameterDefinition, dialog: Any, *_: int, scene: str = "INPUT"
    ) -> Any:
        """Return the list for an algorithm's dialog, and a text field elsewhere."""
        return own_or_plain(lambda: ModelChoice(parameter, scene), parameter, dialog)


class ModelChoice(QgsAbstractProcessingParameterWidgetWrapper):
    """A combo box of models whose text may also be a folder; the engine is asked in the
    background.
    """

    def __init__(self, parameter: QgsProcessingParameterDefinition, scene: str) -> None:
        super().__init__(parameter, QgsProcessingGui.WidgetType.Standard)
        self._scene = scene
        self._others: dict[
            str, Any
        ] = {}  # the wrappers of the parameters that decide which models fit
        self._question = 0  # the number of the latest: answers to those before it come too late
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    def createWidget(self) -> QWidget:
        self._combo = QComboBox()
        self._combo.setEditable(True)
        self._combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        if self._scene:
            self._combo.addItem(tr("auto: the one that fits the scene"), AUTO)
        self._combo.editTextChanged.connect(self._changed)
        browse = QToolButton()
        browse.setText("…")
        browse.setToolTip(tr("The folder of a model of your own"))
        browse.clicked.connect(self._browse)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._combo, 1)
        row.addWidget(browse)
        self._timer.start(0)
        return whole

    def setWidgetValue(self, value: Any, context: QgsProcessingContext) -> None:
        self._show("" if value is None else str(value))

    def _show(self, value: str) -> None:
        index = self._combo.findData(value)
        if index >= 0:
            self._combo.setCurrentIndex(index)
        else:
            self._combo.setEditText(value)

    def widgetValue(self) -> str:
        index = self._combo.findText(self._combo.currentText())
        return str(self._combo.itemData(index)) if index >= 0 else self._combo.currentText().strip()

    def postInitialize(self, wrappers: list[Any]) -> None:
        super().postInitialize(wrappers)
        for wrapper in wrappers:
            name = wrapper.parameterDefinition().name()
            if self._scene and name in (self._scene, *BESIDE):
                self._others[name] = wrapper
                wrapper.widgetValueHasChanged.connect(self._scene_changed)

    def _value(self, name: str) -> Any:
        return self._others[name].parameterValue() if name in self._others else None

    def _fits(self) -> list[str]:
        """Return the options that ask which models fit what the dialog holds; none where no
        layer is chosen.
        """
        first, more = _layer(self._value(self._scene)), self._value("MORE_BANDS") or []
        if first is None:
            return []
        beside = [_layer(value) for value in (more if isinstance(more, list) else [more])]
        sources = dict.fromkeys(layer.source() for layer in (first, *beside) if layer is not None)
        values = {name: self._value(name) for name in ("BANDS", "SCALE", "OFFSET")}
        told = [
            part
            for name, value in values.items()
            if value not in (None, "")
            for part in (f"--{name.lower()}", str(value).replace(" ", ""))
        ]
        return [*(part for source in sources for part in ("--for", source)), *told]

    def _changed(self, _: str) -> None:
        self.widgetValueHasChanged.emit(self)

    def _scene_changed(self, _: Any) -> None:
        self._timer.start(PAUSE)

    def _ask(self) -> None:
        """Ask the engine for its models, and which fit the layer."""
        if sip.isdeleted(self._combo):  # the dialog is closed, and this object outlived it
            return
        try:
            found = engine.find(settings.engine_python())
        except engine.NoEngine:
            return  # the dialog says so when it is run
        self._question += 1
        ask(
            found.command("models", "list", "--json", *self._fits()),
            partial(_pass_on, weakref.ref(self), self._question),
        )

    def answer(self, question: int, models: list[dict[str, Any]]) -> None:
        """Take the answer to a question, if the dialog is still there and asked no other since."""
        if (
            question == self._question
            and not sip.isdeleted(self)
            and not sip.isdeleted(self._combo)
        ):
            self.fill(models)

    def fill(self, models: list[dict[str, Any]]) -> None:
        """Show these models, those that fit first, and keep what was chosen."""
        chosen = self.widgetValue()
        self._combo.blockSignals(True)
        while self._combo.count() > (1 if self._scene else 0):
            self._combo.removeItem(self._combo.count() - 1)
        for model in sorted(models, key=lambda model: not model.get("fits", False)):
            self._combo.addItem(describe(model), model["name"])
            why = model.get("why_not") or model["description"]
            self._combo.setItemData(self._combo.count() - 1, why, Qt.ItemDataRole.ToolTipRole)
        self._show(chosen)
        self._combo.blockSignals(False)

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self._combo, tr("The folder of a model of your own")
        )
        if folder:
            self._combo.setEditText(str(Path(folder)))


def _layer(value: Any) -> QgsRasterLayer | None:
    """Return the layer that a widget's value means, where the engine can open it: a layer, its
    id, or a path.
    """
    if isinstance(value, str):
        project = QgsProject.instance()
        value = project.mapLayer(value) or next(
            (layer for layer in project.mapLayers().values() if layer.source() == value), value
        )
    if isinstance(value, str):
        value = QgsRasterLayer(value, value)
    return None if not isinstance(value, QgsRasterLayer) or layers.problem(value) else value


_asked: set[QProcess] = (
    set()
)  # a process that its dialog outlived, or the other way round, must not take Qt down


def ask(command: list[str], answer: Callable[[list[dict[str, Any]]], None]) -> None:
    """Start a command and pass the models on that it prints; nothing where it fails: the run
    will say what is wrong.
    """
    process = QProcess()
    _asked.add(process)
    variables = QProcessEnvironment()
    for name, value in child_environment().items():
        variables.insert(name, value)
    process.setProcessEnvironment(variables)

    def done(*_: Any) -> None:
        _asked.discard(process)
        if sip.isdeleted(process):  # QGIS ends
            return
        with contextlib.suppress(ValueError, KeyError):
            answer(json.loads(bytes(process.readAllStandardOutput()).decode("utf-8"))["models"])
        process.deleteLater()

    process.finished.connect(done)
    process.errorOccurred.connect(done)  # one that cannot be started never finishes
    process.start(command[0], command[1:])


def _pass_on(choice: weakref.ref[ModelChoice], question: int, models: list[dict[str, Any]]) -> None:
    found = choice()
    if found is not None:
        found.answer(question, models)


def describe(model: dict[str, Any]) -> str:
    """Return a model's line in the list."""
    fit = {True: tr("✓ {model}: fits this layer"), False: tr("{model}: does not fit this layer")}
    line = fit[model["fits"]] if "fits" in model else "{model}"
    return line.format(model=model["name"])
