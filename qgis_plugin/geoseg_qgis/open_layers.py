"""Layers of the project whose file a run writes: refused while edited, held, and shown anew at
its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qgis.core import (
    QgsDataProvider,
    QgsMapLayer,
    QgsProject,
    QgsProviderRegistry,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from .results import put_on
from .text import tr


def file_of(layer: QgsMapLayer) -> str:
    """Return the file that a layer is read from; empty where it is none."""
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    path = parts.get("path") or layer.source().split("|")[0]
    return path if Path(path).is_file() else ""


def same_file(one: str, other: str) -> bool:
    """Return whether two paths lead to one file that is there, links or not."""
    try:
        return bool(one and other) and Path(one).samefile(other)
    except OSError:
        return False


def of_files(project: QgsProject | None, paths: Iterable[str]) -> list[QgsMapLayer]:
    """Return the project's layers that are read from one of these files."""
    wanted = [path for path in paths if Path(path).exists()]
    if project is None or not wanted:
        return []
    return [
        layer
        for layer in project.mapLayers().values()
        if any(same_file(file_of(layer), path) for path in wanted)
    ]


def problem(
    project: QgsProject | None, targets: Iterable[str], sources: Iterable[QgsMapLayer]
) -> str:
    """Return in words why these files cannot be written now; empty where they can.

    `sources` are the layers that the run reads: none of them may be one of its outputs. The
    engine cannot see that itself where a layer is passed on in another form.
    """
    targets = list(targets)
    for layer in sources:
        if any(same_file(file_of(layer), path) for path in targets):
            return tr(
                "The result would replace “{layer}”, which this run reads: choose another file."
            ).format(layer=layer.name())
    for layer in of_files(project, targets):
        if isinstance(layer, QgsVectorLayer) and layer.isEditable():
            return tr(
                "“{layer}” is being edited, and the result would replace its file: save or "
                "discard the edits and end editing first, or choose another file."
            ).format(layer=layer.name())
    return next(filter(None, map(_held, targets)), "")


def _held(path: str) -> str:
    """What is wrong with a file that another program, or QGIS, does not let go: Windows has
    that.
    """
    if not Path(path).is_file():
        return ""
    try:
        Path(path).rename(path)  # changes nothing, and wants what replacing the file wants
    except OSError as error:
        return tr(
            "{path} cannot be replaced ({error}): remove its layers from the project, close what "
            "else has it open, or choose another file."
        ).format(path=path, error=error.strerror or error)
    return ""


class Hold(QObject):
    """Keeps the layers of a run's outputs from being edited until `ended` is emitted.

    It lives in the main thread, as layers do; the run emits `ended` from its own.
    """

    ended = pyqtSignal()

    def __init__(self, project: QgsProject | None, targets: Iterable[str]) -> None:
        super().__init__()
        self._layers = [
            layer
            for layer in of_files(project, targets)
            if isinstance(layer, QgsVectorLayer) and not layer.readOnly()
        ]
        for layer in self._layers:
            layer.setReadOnly(True)
        self.ended.connect(self._release)

    def _release(self) -> None:
        for layer in self._layers:
            if not sip.isdeleted(layer):
                layer.setReadOnly(False)
        self._layers = []


def renew(project: QgsProject | None, targets: Iterable[str]) -> list[QgsMapLayer]:
    """Read the layers of these files again, with the style and the extent of now; return them."""
    found = of_files(project, targets)
    for layer in found:
        options = QgsDataProvider.ProviderOptions()
        if project is not None:
            options.transformContext = project.transformContext()
        layer.setDataSource(layer.source(), layer.name(), layer.providerType(), options)
        if isinstance(layer, QgsVectorLayer):
            layer.updateExtents(True)  # else it keeps the one that it had
        put_on(layer)
    return found
