"""What the panel looks like: its widgets in their groups; what they do is `panel.py`'s."""

from __future__ import annotations

from qgis.core import QgsMapLayerProxyModel
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..text import tr
from .class_list import ClassList

OWN = ""  # the data of the workspace's own model in the list of models


class Form(QScrollArea):
    """All widgets, by their names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._whole = QVBoxLayout(inside)
        self._whole.setContentsMargins(4, 4, 4, 4)
        self.message = QLabel()
        self.message.setObjectName("message")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.hide()  # until it says something
        self._whole.addWidget(self.message)
        self._scene()
        self._labels()
        self._learning()
        self._preview()
        self._suggestions()
        self._everything()
        self._whole.addStretch(1)
        self.setWidget(inside)
        self.setMinimumWidth(inside.minimumSizeHint().width() + 20)

    def _group(self, title: str) -> QVBoxLayout:
        box = QGroupBox(title)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        self._whole.addWidget(box)
        return layout

    def _scene(self) -> None:
        group = self._group(tr("Scene and workspace"))
        self.scene = QgsMapLayerComboBox()
        self.scene.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.scene.setObjectName("scene")
        self.workspace = QComboBox()
        self.workspace.setObjectName("workspace")
        self.workspace.setMinimumWidth(60)
        self.new = _button(tr("New…"), tr("A workspace for the scene that is chosen"))
        self.open = _button(tr("Open…"), tr("The folder of a workspace"))
        group.addWidget(self.scene)
        group.addLayout(_row(self.workspace, self.new, self.open))

    def _labels(self) -> None:
        group = self._group(tr("Label"))
        self.classes = ClassList()
        group.addWidget(self.classes)
        tools = QGridLayout()
        self.draw = _tool(tr("Draw"), tr("Polygons, with QGIS's own tool"))
        self.brush = _tool(tr("Brush"), tr("Paint, as wide as the brush"))
        self.segment = _tool(
            tr("Segment"), tr("Click: the segment of like pixels there gets the class")
        )
        self.judge = _tool(
            tr("Accept"),
            tr(
                "Click on a patch of the map: left, it is right; right, it is the class that is "
                "chosen. All of it in this view is taken; with Shift, what of it lies in the "
                "segment there"
            ),
        )
        for place, tool in enumerate((self.draw, self.brush, self.segment, self.judge)):
            tools.addWidget(tool, 0, place)
        group.addLayout(tools)
        self.brush_width = _number(4, 200, 24, tr("brush "), tr("Width of the brush on the screen"))
        self.segment_side = _number(
            4, 128, 16, tr("segment "), tr("Width of a segment in pixels of the scene")
        )
        tools.addWidget(self.brush_width, 1, 0, 1, 2)
        tools.addWidget(self.segment_side, 1, 2, 1, 2)
        self.undo = _button(tr("Undo"), tr("Take back the last label, also one that was saved"))
        self.save = _button(tr("Save"), tr("Write the labels into the workspace"))
        group.addLayout(_row(self.undo, self.save))

    def _learning(self) -> None:
        group = self._group(tr("Learn"))
        self.learn = _tool(tr("Learn"), tr("Learn from the labels, and go on while they change"))
        self.learned = QLabel(tr("nothing learned yet"))
        self.learned.setObjectName("learned")
        self.learned.setWordWrap(True)
        group.addWidget(self.learn)
        group.addWidget(self.learned)

    def _preview(self) -> None:
        group = self._group(tr("Map of what is visible"))
        self.model = QComboBox()
        self.model.setEditable(True)
        self.model.setObjectName("model")
        self.model.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.model.setToolTip(tr("Any model: a name, or the folder of one"))
        self.model.addItem(tr("the workspace's own"), OWN)
        self.preview = _tool(tr("Map the view"), tr("Map what is visible, and follow the view"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setValue(60)
        self.opacity.setToolTip(tr("How much of the map is seen"))
        self.shade = QCheckBox(tr("Fainter where the model is less sure"))
        self.shown = QLabel()
        self.shown.setObjectName("shown")
        self.shown.setWordWrap(True)
        group.addLayout(_row(self.model))
        group.addWidget(self.preview)
        group.addLayout(_row(QLabel(tr("Opacity")), self.opacity))
        group.addWidget(self.shade)
        group.addWidget(self.shown)

    def _suggestions(self) -> None:
        group = self._group(tr("Where to label next"))
        self.suggestion = QLabel(tr("no suggestions yet"))
        self.suggestion.setObjectName("suggestion")
        self.suggestion.setWordWrap(True)
        self.back = _button("◀", tr("The suggestion before"))
        self.next = _button(tr("Next"), tr("Go to the next suggestion"))
        self.accept = _button(tr("Accept"), tr("It is what the model thinks"))
        self.reject = _button(tr("Reject"), tr("It is the class that is chosen"))
        group.addWidget(self.suggestion)
        group.addLayout(_row(self.back, self.next, self.accept, self.reject))

    def _everything(self) -> None:
        group = self._group(tr("Map everything"))
        self.whole = _button(tr("Whole scene…"), tr("Predict, with this model"))
        self.area = _button(
            tr("Selected polygons…"), tr("Only in the selected features of the active layer")
        )
        self.cluster = _button(
            tr("Copy command"), tr("The command for a cluster goes to the clipboard")
        )
        group.addLayout(_row(self.whole, self.area))
        group.addWidget(self.cluster)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        if isinstance(widget, QPushButton):
            widget.setMinimumWidth(40)
        row.addWidget(widget, 1 if isinstance(widget, (QComboBox, QSlider)) else 0)
    return row


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def _tool(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(True)
    policy = button.sizePolicy()
    policy.setHorizontalPolicy(policy.Policy.Expanding)
    button.setSizePolicy(policy)
    return button


def _number(low: int, high: int, value: int, name: str, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    box.setPrefix(name)
    box.setSuffix(" px")
    box.setToolTip(tip)
    return box
