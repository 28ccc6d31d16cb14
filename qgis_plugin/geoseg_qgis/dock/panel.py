"""The panel: what happens when something is chosen, clicked, drawn, learned or removed."""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDistanceArea,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.gui import QgsDockWidget
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QApplication, QFileDialog, QInputDialog

from .. import engine, layers, settings
from ..messages import translated
from ..model_choice import ask as ask_models
from ..text import tr
from . import workspace as workspaces
from .above import Above
from .form import OWN, Form
from .labels import Labels
from .learner import Learner, round_text
from .live import LiveWorker
from .new_workspace import NewWorkspace
from .preview import Preview
from .process import LineProcess
from .suggestions import Suggestions
from .tools import Brush, Click
from .workspace import NoWorkspace, Workspace

AUTO = "auto"


class LabelPanel(QgsDockWidget):
    """The panel *geoseg Label*."""

    _known_models: list[dict[str, Any]] = []  # noqa: RUF012 - of all panels: asked for once

    def __init__(self, iface: Any) -> None:
        super().__init__(tr("geoseg Label"), iface.mainWindow())
        self.setObjectName("geosegLabel")
        self._iface = iface
        self._canvas = iface.mapCanvas()
        self._workspace: Workspace | None = None
        self.labels: Labels | None = None
        self._making: LineProcess | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="geoseg-dock-")
        self.worker = LiveWorker(self)
        self.learner = Learner(self)
        self.preview = Preview(self._canvas, self.worker)
        self.above = Above(self._canvas)
        self.suggestions = Suggestions(self._canvas)
        self.brush = Brush(self._canvas)
        self.segment = Click(self._canvas)
        self.judge = Click(self._canvas)
        self.form = Form()
        self.setWidget(self.form)
        self._connect()
        self._list_models()
        self._show_workspace()

    # ---- what is connected to what

    def _connect(self) -> None:
        form = self.form
        form.scene.layerChanged.connect(self._show_preview)
        form.new.clicked.connect(self._ask_for_new)
        form.open.clicked.connect(self._ask_for_folder)
        form.workspace.activated.connect(lambda place: self.open(form.workspace.itemData(place)))
        form.classes.chosen.connect(self._choose_class)
        form.classes.wanted.connect(self._ask_for_class)
        form.classes.renamed.connect(self.rename_class)
        form.classes.recoloured.connect(self.recolour_class)
        form.draw.clicked.connect(self._draw)
        form.brush_width.valueChanged.connect(partial(setattr, self.brush, "width"))
        for button, tool in self._tools():
            button.clicked.connect(partial(self._take_tool, tool))
        self._canvas.mapToolSet.connect(self._tool_changed)
        self.brush.painted.connect(self._painted)
        self.segment.clicked.connect(self._segment_clicked)
        self.judge.clicked.connect(self._patch_clicked)
        form.undo.clicked.connect(self.undo)
        form.save.clicked.connect(self.save)
        form.learn.clicked.connect(self.learn)
        self.learner.round.connect(self._round)
        self.learner.state.connect(self._learning)
        self.learner.problem.connect(self.tell)
        self.learner.ended.connect(self._learned)
        form.preview.toggled.connect(self._show_preview)
        form.model.activated.connect(self._show_preview)
        form.model.lineEdit().editingFinished.connect(self._show_preview)
        form.shade.toggled.connect(self._show_preview)
        form.opacity.valueChanged.connect(lambda value: self.preview.set_opacity(value / 100))
        self.preview.set_opacity(form.opacity.value() / 100)
        self.preview.state.connect(self._mapping)
        self.preview.state.connect(lambda state: self.above.show(bool(state)))
        self.preview.problem.connect(self.tell)
        self.preview.answered.connect(self._mapped)
        form.back.clicked.connect(partial(self.step, -1))
        form.next.clicked.connect(partial(self.step, 1))
        form.accept.clicked.connect(self.accept_suggestion)
        form.reject.clicked.connect(self.reject_suggestion)
        form.whole.clicked.connect(self.map_everything)
        form.area.clicked.connect(self.map_selected)
        form.cluster.clicked.connect(self.copy_command)
        QgsProject.instance().cleared.connect(self.close_workspace)

    def _tools(self) -> list[tuple[Any, Any]]:
        form = self.form
        return [(form.brush, self.brush), (form.segment, self.segment), (form.judge, self.judge)]

    # ---- the workspace

    def open(self, folder: str | Path) -> bool:
        """Open a workspace: its labels become a layer, its scenes where they are none yet."""
        if not folder:
            return False
        try:
            found = workspaces.read(folder)
            self.close_workspace()
            self._add_scenes(found)
            labels = Labels(found, self)
        except (NoWorkspace, OSError) as problem:
            self.tell(str(problem))
            return False
        self._workspace, self.labels = found, labels
        self.above.follow(labels.layer)
        labels.gone.connect(self._labels_gone)
        labels.changed.connect(self._show_buttons)
        self._remember(found)
        self.tell("")
        self._show_workspace()
        self._iface.setActiveLayer(labels.layer)
        return True

    @property
    def workspace(self) -> Workspace | None:
        """The one that is open."""
        return self._workspace

    def close_workspace(self) -> None:
        """Save the labels and let go of the workspace; what was learned stays in its folder."""
        self.learner.stop()
        labels, self.labels = self.labels, None
        self._workspace = None
        self.above.follow(None)
        if labels is not None:
            with contextlib.suppress(TypeError, RuntimeError):
                labels.gone.disconnect(self._labels_gone)
            labels.remove()
            labels.deleteLater()
        self.suggestions.clear()
        self._put_tools_away()
        if not self._other_model():
            self.form.preview.setChecked(False)
        self._show_workspace()

    def new(self, folder: str, classes: str, start: str = "") -> None:
        """Make a workspace for the scene that is chosen, in the background, and open it."""
        scene = self._scene()
        if scene is None or self._making is not None:
            return
        more = ["--start", start] if start else []
        command = ["label", ";".join(scene), "--classes", classes, "--out", folder, *more]
        self._making = LineProcess([*command, "--quiet"], self)
        self._making.ended.connect(partial(self._made, folder))
        self._making.start()
        self.tell(tr("making the workspace…"))
        self._show_buttons()

    def _made(self, folder: str, problem: str) -> None:
        if self._making is not None:
            self._making.deleteLater()
        self._making = None
        if problem:
            self.tell(problem)
            self._show_buttons()
        else:
            self.open(folder)

    def _ask_for_new(self) -> None:
        layer = self.form.scene.currentLayer()
        if self._scene() is None:
            return
        dialog = NewWorkspace(layer.name(), self._models(), self)
        dialog.accepted.connect(lambda: self.new(dialog.folder, dialog.classes, dialog.start))
        dialog.open()  # not exec: nothing waits

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("The folder of a workspace"))
        if folder:
            self.open(folder)

    def _add_scenes(self, found: Workspace) -> None:
        project = QgsProject.instance()
        known = [
            layer.source()
            for layer in project.mapLayers().values()
            if isinstance(layer, QgsRasterLayer)
        ]
        for files in found.scenes:
            if not any(found.scene_of(source) == files for source in known):
                layer = QgsRasterLayer(files[0], Path(files[0]).stem)
                if layer.isValid():
                    project.addMapLayer(layer)
        chosen = self.form.scene.currentLayer()
        if chosen is None or found.scene_of(chosen.source()) is None:
            for layer in project.mapLayers().values():
                if isinstance(layer, QgsRasterLayer) and found.scene_of(layer.source()):
                    self.form.scene.setLayer(layer)
                    break

    def _remember(self, found: Workspace) -> None:
        combo = self.form.workspace
        place = combo.findData(str(found.folder))
        if place < 0:
            combo.addItem(found.name, str(found.folder))
            place = combo.count() - 1
        combo.setCurrentIndex(place)

    def _labels_gone(self) -> None:
        """The layer was removed by the user, or with its project."""
        self.labels = None
        self.close_workspace()

    def _show_workspace(self) -> None:
        found = self._workspace
        self.form.classes.show_classes(found.classes if found else ())
        self.form.classes.setEnabled(found is not None)
        if found is None:
            self.form.workspace.setCurrentIndex(-1)
        self.form.learned.setText(
            (round_text(found.last_round) if found else "") or tr("nothing learned yet")
        )
        self._load_suggestions()
        self._show_preview()

    def _show_buttons(self) -> None:
        """Enable what can be done now."""
        form = self.form
        there = self._workspace is not None
        for button in (form.draw, form.brush, form.segment, form.judge, form.learn):
            button.setEnabled(there)
        for button in (form.undo, form.save):
            button.setEnabled(there)
        form.new.setEnabled(self._making is None)
        for button in (form.back, form.next):
            button.setEnabled(len(self.suggestions) > 0)
        for button in (form.accept, form.reject):
            button.setEnabled(self.suggestions.current is not None)

    # ---- classes

    def _choose_class(self, name: str) -> None:
        if self.labels is None or self._workspace is None:
            return
        self.labels.draw_as(name)
        self.brush.set_colour(next(c.colour for c in self._workspace.classes if c.name == name))

    def _ask_for_class(self) -> None:
        name, fine = QInputDialog.getText(self, tr("Add class"), tr("Name"))
        if fine:
            self.add_class(name)

    def add_class(self, name: str) -> None:
        """Add a class, and choose it."""
        if self._change(lambda classes: workspaces.add_class(classes, name)):
            self.form.classes.choose(name.strip())

    def rename_class(self, old: str, new: str) -> None:
        """Rename a class, with all its labels."""
        if self._workspace is None or self.labels is None:
            return
        before = self._workspace
        if self._change(lambda all_: workspaces.change_class(all_, old, name=new)):
            if self.labels.rename(old, new.strip()):
                self.form.classes.choose(new.strip())
            else:  # the labels could not be written: none of both is
                before.save()
                self.open(before.folder)
        else:
            self.form.classes.show_classes(before.classes)

    def recolour_class(self, name: str, colour: str) -> None:
        """Give a class another colour."""
        self._change(lambda classes: workspaces.change_class(classes, name, colour=colour))

    def _change(self, change: Any) -> bool:
        if self._workspace is None or self.labels is None:
            return False
        try:
            changed = self._workspace.with_classes(change(self._workspace.classes))
            changed.save()
        except (ValueError, OSError) as problem:
            self.tell(str(problem))
            return False
        self._workspace = changed
        self.labels.show_classes(changed.classes)
        self.form.classes.show_classes(changed.classes)
        self.tell("")
        return True

    # ---- labels

    def _draw(self) -> None:
        if self.labels is not None and self.labels.edit():
            self._iface.setActiveLayer(self.labels.layer)
            self._iface.actionAddFeature().trigger()
        self.form.draw.setChecked(True)

    def _take_tool(self, tool: Any, on: bool) -> None:
        if on:
            self._canvas.setMapTool(tool)
        else:
            self._canvas.unsetMapTool(tool)

    def _tool_changed(self, tool: Any, _: Any = None) -> None:
        for button, own in self._tools():
            button.setChecked(tool is own)
        if self.form.draw.isChecked():
            adding = self._iface.actionAddFeature()
            self.form.draw.setChecked(adding is not None and adding.isChecked())

    def _put_tools_away(self) -> None:
        for _, tool in self._tools():
            self._canvas.unsetMapTool(tool)

    def add_label(
        self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem, name: str, note: str = ""
    ) -> bool:
        """Add a label of a class; whether anything came of it."""
        if self.labels is None or not name:
            return False
        done = self.labels.add(shape, crs, name, note) > 0
        if not done:
            self.tell(tr("The label could not be added."))
        return done

    def _painted(self, shape: QgsGeometry) -> None:
        self.add_label(shape, self._crs(), self.form.classes.current)

    def _segment_clicked(self, point: QgsPointXY, left: bool, _: bool) -> None:
        scene = self._scene()
        if scene is None or not left:
            return
        name = self.form.classes.current
        self.worker.ask(
            "segment",
            partial(self._found, name),
            scene=list(scene),
            x=point.x(),
            y=point.y(),
            side=self.form.segment_side.value(),
            **self.preview.view(),
        )

    def _patch_clicked(self, point: QgsPointXY, left: bool, shift: bool) -> None:
        question = self._question()
        if question is None:
            self.tell(tr("There is no map to judge yet: learn first, or choose a model."))
            return
        question.pop("shade")
        name = "" if left else self.form.classes.current
        self.worker.ask(
            "region",
            partial(self._patch_found, name),
            x=point.x(),
            y=point.y(),
            segment=shift,
            side=self.form.segment_side.value(),
            **question,
            **self.preview.view(),
        )

    def _patch_found(self, name: str, told: dict[str, Any], problem: str) -> None:
        """Make a label of a patch, and tell how much that was: it may be more than was meant."""
        if not self._found(name, told, problem):
            return
        measure = QgsDistanceArea()
        project = QgsProject.instance()
        crs = QgsCoordinateReferenceSystem.fromWkt(told.get("wkt_crs") or "")
        measure.setSourceCrs(crs, project.transformContext())
        measure.setEllipsoid("EPSG:7030")  # WGS 84, by which geoseg measures
        area = measure.measureArea(QgsGeometry.fromWkt(told["wkt"])) if crs.isValid() else 0
        self.tell(
            tr("{name}: {area} ha, of this view alone. Undo takes it back.").format(
                name=name or told.get("class", ""), area=f"{area / 10_000:,.2f}"
            )
            if area
            else ""
        )

    def _found(self, name: str, told: dict[str, Any], problem: str) -> bool:
        """Make a label of a segment or patch; its own class counts where none is named. Whether
        there is one now.
        """
        if problem:
            self.tell(problem)
            return False
        if self._workspace is None:
            return False
        name = name or told.get("class", "")
        if all(each.name != name for each in self._workspace.classes):
            self.tell(tr("The workspace has no class “{name}”: add it first.").format(name=name))
            return False
        crs = QgsCoordinateReferenceSystem.fromWkt(told.get("wkt_crs") or "")
        done = self.add_label(QgsGeometry.fromWkt(told["wkt"]), crs, name)
        if done:
            self.tell("")
        return done

    def undo(self) -> None:
        """Take the last label back."""
        if self.labels is not None and not self.labels.undo():
            self.tell(tr("There is nothing to undo."))

    def save(self) -> bool:
        """Write the labels; whether they are."""
        if self.labels is None:
            return False
        if self.labels.save():
            return True
        self.tell("; ".join(self.labels.layer.commitErrors()))
        return False

    # ---- learning

    def learn(self, on: bool = True) -> None:
        """Begin to learn, or end it."""
        if not on:
            self.learner.stop()
            return
        if self._workspace is None or self.labels is None or not self.save():
            self.form.learn.setChecked(False)
            return
        self.labels.saves_itself = True
        self.tell("")
        self.learner.start(self._workspace.folder)
        self.form.learn.setChecked(True)

    def _learning(self, state: str) -> None:
        last = round_text(self._workspace.last_round) if self._workspace else ""
        self.form.learned.setText("\n".join(filter(None, (last, state))))
        self._load_suggestions()  # they are there a moment after their round

    def _round(self, told: dict[str, Any]) -> None:
        if self._workspace is None:
            return
        self.form.learned.setText(round_text(told))
        self._load_suggestions()
        if not self.form.preview.isChecked() and not self._other_model():
            self.form.preview.setChecked(True)  # the first map comes by itself
        elif self.form.preview.isChecked():
            self.preview.renew(self._question())

    def _learned(self) -> None:
        self.form.learn.setChecked(False)
        if self.labels is not None:
            self.labels.saves_itself = False
        last = round_text(self._workspace.last_round) if self._workspace else ""
        self.form.learned.setText(last or tr("nothing learned yet"))

    # ---- the map of the view

    def _list_models(self) -> None:
        if self._known_models:
            self._take_models(self._known_models)
            return
        with contextlib.suppress(engine.NoEngine):
            found = engine.find(settings.engine_python())
            ask_models(found.command("models", "list", "--json"), self._take_models)

    def _take_models(self, models: list[dict[str, Any]]) -> None:
        LabelPanel._known_models = models
        if sip.isdeleted(self) or sip.isdeleted(self.form):
            return
        for model in models:
            if self.form.model.findData(model["name"]) < 0:
                self.form.model.addItem(model["name"], model["name"])

    def _models(self) -> list[str]:
        combo = self.form.model
        return [combo.itemData(i) for i in range(combo.count()) if combo.itemData(i) != OWN]

    def _other_model(self) -> str:
        """The model that was chosen in the place of the workspace's; empty for that."""
        combo = self.form.model
        place = combo.findText(combo.currentText())
        return str(combo.itemData(place)) if place >= 0 else combo.currentText().strip()

    def model(self) -> str:
        """The model that maps; empty where there is none yet."""
        other = self._other_model()
        if other:
            return other
        own = self._workspace.model if self._workspace else None
        return str(own) if own else ""

    def _scene(self) -> tuple[str, ...] | None:
        """The files of the scene that is chosen; None, and a message, where there is none."""
        layer = self.form.scene.currentLayer()
        problem = layers.problem(layer)
        if problem:
            self.tell(problem)
            return None
        if self._workspace is not None:
            files = self._workspace.scene_of(layer.source().split("|")[0])
            if files:
                return files
        try:
            return (layers.usable(layer, Path(self._folder.name)).path,)
        except OSError as problem_:
            self.tell(str(problem_))
            return None

    def _question(self) -> dict[str, Any] | None:
        """What is mapped; None where scene or model are lacking."""
        model = self.model()
        layer = self.form.scene.currentLayer()
        if not model or layer is None:
            return None
        scene = self._scene()
        if scene is None:
            return None
        return {"scene": list(scene), "model": model, "shade": self.form.shade.isChecked()}

    def _show_preview(self, *_: object) -> None:
        on = self.form.preview.isChecked()
        question = self._question() if on else None
        self.preview.show(question)
        if on and question is None:
            self.form.shown.setText(tr("no model yet: learn first, or choose one"))
        elif not on:
            self.form.shown.setText("")

    def _mapping(self, state: str) -> None:
        self.form.shown.setText(tr("mapping…") if state == "mapping" else "")

    def _mapped(self, told: dict[str, Any]) -> None:
        line = tr("{model}, {seconds} s").format(
            model=told["model"], seconds=f"{told['seconds']:.1f}"
        )
        if told["coarser"] > 1:
            line += "; " + tr("in pixels of {size} m: zoom in for the true map").format(
                size=f"{told['pixel']:.3g}"
            )
        self.form.shown.setText("\n".join([line, *told["warnings"]]))
        self.tell("")

    # ---- suggestions

    def step(self, by: int, *_: object) -> None:
        """Go to the next suggestion, or back."""
        self.suggestions.step(by)
        self._show_suggestion()
        self._show_buttons()

    def accept_suggestion(self) -> None:
        """The model is right there."""
        self._settle(lambda here: here.name)

    def reject_suggestion(self) -> None:
        """It is the class that is chosen."""
        here = self.suggestions.current
        if here is not None and here.name == self.form.classes.current:
            self.tell(
                tr("Choose the class that it is: the model thinks {name}.").format(name=here.name)
            )
            return
        self._settle(lambda _: self.form.classes.current)

    def _settle(self, name_of: Any) -> None:
        here = self.suggestions.current
        if here is None:
            return
        if self.add_label(here.shape, here.crs, name_of(here)):
            self.tell("")
            self.suggestions.drop()
            self.step(1)

    def _load_suggestions(self) -> None:
        labels = self.labels
        if self._workspace is not None and labels is not None:
            self.suggestions.load(
                self._workspace.suggestions, lambda each: labels.cover(each.shape, each.crs)
            )
        self._show_suggestion()
        self._show_buttons()

    def _show_suggestion(self) -> None:
        here = self.suggestions.current
        count = len(self.suggestions)
        if here is not None:
            text = tr("{number} of {count}: {name}?").format(
                number=self.suggestions.number, count=count, name=here.name
            )
            text += f"\n{translated(here.reason)}" if here.reason else ""
        elif count:
            text = tr("{count} places").format(count=count)
        else:
            text = tr("no suggestions yet")
        self.form.suggestion.setText(text)

    # ---- everything

    def map_everything(self) -> None:
        """Open the dialog of Predict for the whole scene."""
        self._predict({})

    def map_selected(self) -> None:
        """Open the dialog of Predict for the selected features of the active layer."""
        layer = self._iface.activeLayer()
        if not isinstance(layer, QgsVectorLayer) or not layer.selectedFeatureCount():
            self.tell(tr("Select polygons of a layer first, and make it the active one."))
            return
        self._predict({"AOI": QgsProcessingFeatureSourceDefinition(layer.id(), True)})

    def _predict(self, more: dict[str, Any]) -> None:
        scene, layer = self._scene(), self.form.scene.currentLayer()
        if scene is None:
            return
        import processing

        first, *beside = scene
        parameters = {
            "INPUT": layer.id() if len(scene) == 1 else first,
            "MODEL": self.model() or AUTO,
        }
        if beside:
            parameters["MORE_BANDS"] = beside
        dialog = processing.createAlgorithmDialog("geoseg:predict", {**parameters, **more})
        if dialog is None:
            self.tell(tr("The engine is not there: set it up first."))
            return
        self.dialog = dialog
        dialog.show()

    def copy_command(self) -> None:
        """Copy the command that maps the scene on a cluster."""
        scene = self._scene()
        if scene is None:
            return
        command = [
            *("geoseg", "batch", ";".join(scene), "--out-dir", "maps"),
            *("--engine", "slurm", "--model", self.model() or AUTO),
        ]
        QApplication.clipboard().setText(shlex.join(command))
        self.tell(tr("The command is on the clipboard."))

    # ---- beside

    def _crs(self) -> QgsCoordinateReferenceSystem:
        return self._canvas.mapSettings().destinationCrs()

    def tell(self, text: str) -> None:
        """Show a message at the panel's top; an empty one takes it away."""
        self.form.message.setText(text)
        self.form.message.setVisible(bool(text))

    def remove(self) -> None:
        """End all workers and let go of canvas and project: QGIS ends, or the plugin does."""
        if self._making is not None:
            self._making.stop()
        self.close_workspace()
        QgsProject.instance().cleared.disconnect(self.close_workspace)
        self._canvas.mapToolSet.disconnect(self._tool_changed)
        self.preview.remove()
        self.above.remove()
        self.suggestions.remove()
        self.worker.stop()
        self._folder.cleanup()
        self._iface.removeDockWidget(self)
        self.deleteLater()
