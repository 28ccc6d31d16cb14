"""The list of a workspace's classes: chosen, added, renamed, recoloured."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..text import tr
from .workspace import ClassEntry

SWATCH = 14  # pixels


class ClassList(QWidget):
    """Shows classes; what the user wants otherwise is told, and done by whoever listens."""

    chosen = pyqtSignal(str)
    wanted = pyqtSignal()  # one more
    renamed = pyqtSignal(str, str)  # from, to
    recoloured = pyqtSignal(str, str)  # the class, its new colour

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setObjectName("classes")
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.list.setMaximumHeight(92)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemChanged.connect(self._rename)
        self.add = QPushButton(tr("Add class"))
        self.add.clicked.connect(self.wanted)
        self.colour = QPushButton(tr("Colour…"))
        self.colour.clicked.connect(self._recolour)
        for button in (self.add, self.colour):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.colour)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.list)
        whole.addLayout(row)

    @property
    def current(self) -> str:
        """The class that is chosen; empty where there is none."""
        item = self.list.currentItem()
        return "" if item is None else item.data(Qt.ItemDataRole.UserRole)

    def show_classes(self, classes: tuple[ClassEntry, ...]) -> None:
        """Show these; the one that was chosen stays so, or the first is."""
        before = self.current
        self.list.blockSignals(True)
        self.list.clear()
        for each in classes:
            item = QListWidgetItem(_swatch(each.colour), each.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setData(Qt.ItemDataRole.UserRole, each.name)
            item.setData(Qt.ItemDataRole.UserRole + 1, each.colour)
            self.list.addItem(item)
        names = [each.name for each in classes]
        self.list.setCurrentRow(names.index(before) if before in names else 0)
        self.list.blockSignals(False)
        self._choose()

    def choose(self, name: str) -> None:
        """Choose a class by its name."""
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == name:
                self.list.setCurrentRow(row)

    def _choose(self, *_: object) -> None:
        if self.current:
            self.chosen.emit(self.current)

    def _rename(self, item: QListWidgetItem) -> None:
        old = item.data(Qt.ItemDataRole.UserRole)
        if item.text() != old:
            self.renamed.emit(old, item.text())

    def _recolour(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        before = QColor(item.data(Qt.ItemDataRole.UserRole + 1))
        colour = QColorDialog.getColor(
            before, self, tr("The colour of {name}").format(name=self.current)
        )
        if colour.isValid():
            self.recoloured.emit(self.current, colour.name())


def _swatch(colour: str) -> QIcon:
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(QColor(colour))
    return QIcon(picture)
