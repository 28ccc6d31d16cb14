"""The questions for a new workspace: where it goes, and its classes."""

from __future__ import annotations

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from ..text import tr
from .workspace import classes_text


class NewWorkspace(QDialog):
    """Asks; `folder`, `classes` and `start` are the answers once it was accepted."""

    def __init__(self, scene: str, models: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("A new workspace"))
        self._place = QgsFileWidget()
        self._place.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self._place.setDialogTitle(tr("A new folder"))
        self._names = QLineEdit(tr("water, trees, grass, built"))
        self._start = QComboBox()
        self._start.addItem(tr("the one that fits the scene"), "")
        for name in models:
            self._start.addItem(name, name)
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(tr("Scene"), QLabel(scene))
        form.addRow(tr("Folder"), self._place)
        form.addRow(tr("Classes, parted by commas"), self._names)
        form.addRow(tr("Model to start from"), self._start)
        form.addRow(self._problem)
        form.addRow(buttons)
        self.resize(460, self.sizeHint().height())

    @property
    def folder(self) -> str:
        """Where it goes."""
        return self._place.filePath().strip()

    @property
    def classes(self) -> str:
        """As `geoseg label --classes` takes them."""
        return classes_text(self._names.text())

    @property
    def start(self) -> str:
        """A model's name; empty leaves the choice to the engine."""
        return str(self._start.currentData() or "")

    def fill(self, folder: str, names: str) -> None:
        """Answer the questions."""
        self._place.setFilePath(folder)
        self._names.setText(names)

    def _accept(self) -> None:
        try:
            self.classes  # noqa: B018 - it is checked
        except ValueError as problem:
            self._problem.setText(str(problem))
            return
        if not self.folder:
            self._problem.setText(tr("Name a new folder for the workspace."))
            return
        self.accept()
