"""The learning, on one page: labels in, after each round a model, a score, and where to label next.

A round either fits the last layer alone on features that stay as they are (stage "head"), or first
lets the whole network take steps for some seconds (stage "network"). In both, the last layer is
then fitted to all labels, and the score comes from places that neither network nor layer had seen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import torch

from ..core.atomic import sweep
from ..core.card import ModelCard
from ..core.errors import GeosegError, InputError
from ..core.events import Done, Noted, Report, Round, Stage, Warned
from ..core.grid import Window
from ..core.machine import cores, keep_memory
from ..features.aoi import Aoi, load_aoi
from ..models import Bundle, find_model
from ..models.safetensors import read_weights
from ..scene.describe import SceneInfo, describe
from ..training.config import Config
from .body import CELL, TOGETHER, Body, Cell, FeatureMaps, Scenes
from .head import Head, fit_head, shares, with_shares
from .lock import only_learner
from .network import (
    READ,
    Tuner,
    check_values,
    choose_start,
    configure,
    first_network,
    measured,
    with_stride,
    write_areas,
)
from .places import (
    FOLD,
    FOLDS,
    KEPT,
    Dealt,
    Pixels,
    apart,
    around,
    barred_windows,
    deal,
    find_pixels,
    place_side,
)
from .publish import SEEN, next_round, publish, rounds
from .score import Counts, Score, count, score
from .suggest import COUNT, Suggestion, suggest, survey_cells, write_suggestions
from .workspace import Workspace, open_workspace, read_labels

SURVEYED = 96  # cells that shares are taken from, and as many that suggestions are sought in
AHEAD = 256  # cells computed before there are labels, at most: 200 MB of 100 channels
SOME = 20_000  # pixels of them that shares are taken from
ROUND = 5.0  # seconds of steps in a round, at least
GUARDS = (4, 32)  # pixels around what is held out, at least and at most
CACHE = "cache"
LOOK = 0.5  # seconds between two looks at the labels
HEAD, NETWORK = "head", "network"
Areas = Sequence[Aoi | None] | None  # of each scene, None off it; None is everywhere


@dataclass(frozen=True, slots=True)
class Learning:
    """How long it goes on."""

    seconds: float = 60.0
    """For each state of the labels."""
    rounds: int | None = None
    """At most so many for each state of the labels; None is no limit."""
    watch: bool = False
    """Whether it waits for other labels, and goes on with those."""
    suggestions: int = COUNT
    """How many places are suggested at the most."""
    within: str | None = None
    """The area that they lie in, a vector file or WKT; None is everywhere."""


def learn(
    folder: Path,
    learning: Learning,
    report: Report,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Learn from the labels of a workspace, round after round.

    Parameters
    ----------
    folder
        Of the workspace.
    learning
        How long.
    report
        Told of each stage and round.
    stopped
        Asked between steps; True ends it after what is whole.

    Raises
    ------
    InputError
        If the workspace, its scenes or its labels cannot be learned from.
    ModelError
        If the model to start from does not fit.
    RunError
        If another process learns there, or nothing can be written.
    """
    keep_memory()
    torch.set_num_threads(min(torch.get_num_threads(), cores()))
    workspace = open_workspace(folder)
    with only_learner(folder):
        sweep(workspace.models_path)
        with open_desk(workspace, report) as desk:
            areas = find_areas(desk, learning.within, report)
            while True:
                state = labels_state(workspace)
                try:
                    frame = read_labels(workspace)
                    _learn_labels(desk, frame, learning, areas, state, report, stopped)
                except InputError as error:
                    if not learning.watch:
                        raise
                    report(Warned(f"{error}; waiting for other labels"))
                report(Done())
                if not learning.watch:
                    return
                desk.look_ahead(partial(_called, workspace, state, stopped))
                if not _wait(workspace, state, stopped):
                    return


def _learn_labels(
    desk: Desk,
    frame: gpd.GeoDataFrame,
    learning: Learning,
    areas: Areas,
    state: Any,
    report: Report,
    stopped: Callable[[], bool],
) -> None:
    """Take rounds on one state of the labels."""
    begun = time.monotonic()
    until = begun + learning.seconds
    pixels = _checked(find_pixels(desk.workspace, frame, desk.infos), desk.workspace)
    dealt = Dealt(pixels, deal(pixels, len(desk.workspace.classes)), desk.guard)
    grids = desk.scenes.grids
    # other places at each state of the labels, while shares are of the same ones always
    asked = survey_cells(grids, SURVEYED, len(frame), areas)
    best = desk.best(dealt)
    before: npt.NDArray[Any] | None = None

    def enough() -> bool:
        called = learning.watch and _called(desk.workspace, state, stopped)
        return called or stopped() or time.monotonic() >= until

    desk.prepare(frame, dealt)
    taken = 0
    seconds = ROUND
    while taken < (learning.rounds or taken + 1):
        stage = NETWORK if taken else HEAD
        if stage == NETWORK:
            if enough() or not desk.can_learn(dealt, report):
                return
            report(Stage("learn"))
            desk.tuner(dealt).learn(min(seconds, max(until - time.monotonic(), 0)), enough)
        report(Stage("look"))
        looked = time.monotonic()
        found = desk.assess(stage, dealt)
        better = best is None or (found.fold or 0.0) > best
        if better:
            best = found.fold or 0.0
        told = desk.tell(stage, found, frame, time.monotonic() - begun)
        desk.publish(told, found, frame, dealt, better)
        report(told)
        # whoever waits for the model need not wait for these
        mapped = found.classes_of(asked)
        if better or before is None:
            places = desk.suggest(found, pixels, asked, before, learning.suggestions, areas)
            write_suggestions(
                desk.workspace,
                places,
                grids,
                told.round,
                frame.crs.to_wkt() if frame.crs is not None else None,
            )
        before = mapped
        seconds = max(ROUND, 2 * (time.monotonic() - looked))
        taken += 1
        if stopped():
            return


def labels_state(workspace: Workspace) -> Any:
    """Return what changes whenever somebody has written labels.

    Parameters
    ----------
    workspace
        Whose.

    Returns
    -------
    Any
        To be compared.
    """
    path = workspace.labels_path
    states = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            found = file.stat()
        except FileNotFoundError:
            continue
        # a log that holds nothing is made by whoever reads
        if file == path or found.st_size:
            states.append((found.st_size, found.st_mtime_ns))
    return states


def _called(workspace: Workspace, state: Any, stopped: Callable[[], bool]) -> bool:
    """Return whether labels have changed, or somebody ends it."""
    return stopped() or labels_state(workspace) != state


def _wait(workspace: Workspace, state: Any, stopped: Callable[[], bool]) -> bool:
    """Wait until the labels change; False where somebody ends it before."""
    while not _called(workspace, state, stopped):
        time.sleep(LOOK)
    return not stopped()


def _checked(pixels: Pixels, workspace: Workspace) -> Pixels:
    classes = np.unique(pixels.label[~pixels.kept])
    if len(classes) < 2:
        found = ", ".join(workspace.classes[i].name for i in classes) or "none"
        raise InputError(
            f"labels that lie on the scenes are of {len(classes)} of the classes ({found})",
            "labels of two classes at least, beside those that are kept for scoring",
            f"draw them in {workspace.labels_path.name}",
        )
    return pixels


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a round found."""

    network: torch.nn.Module
    """Whose features they are."""
    maps: FeatureMaps
    """Of its features."""
    head: Head
    """Fitted to all labels but those kept for scoring."""
    score: Score
    """By labels that were held out."""
    fold: float | None
    """The mean IoU on the part that no network is shown, by which stages are compared."""
    share: npt.NDArray[np.float32]
    """How common each class is taken to be."""

    def classes_of(self, cells: Sequence[Cell]) -> npt.NDArray[np.uint8]:
        """Map some cells.

        Parameters
        ----------
        cells
            Which; one at least.

        Returns
        -------
        array
            The classes' indices [cell, row, column].
        """
        looked = self.maps.get(cells)
        mapped = [
            self.head.logits(looked[cell][0].reshape(CELL * CELL, -1)).argmax(axis=1)
            for cell in cells
        ]
        return np.stack(mapped).reshape(-1, CELL, CELL).astype(np.uint8)


class Desk:
    """An open workspace: its scenes, the network that it starts from, and the one that learns.

    Parameters
    ----------
    workspace
        Which.
    infos
        Of its scenes.
    start
        The model to start from; None begins from nothing.
    config
        Of the training.
    card
        With measured bands.
    scenes
        Open.
    """

    def __init__(
        self,
        workspace: Workspace,
        infos: Sequence[SceneInfo],
        start: Bundle | None,
        config: Config,
        card: ModelCard,
        scenes: Scenes,
    ) -> None:
        self.workspace = workspace
        self.infos = infos
        self.start = start
        self.config = config
        self.scenes = scenes
        self.cache = workspace.folder / CACHE
        network = first_network(card, start, config.training.seed)
        self.card = with_stride(card, network)
        self.first = network
        body = Body(network, self.card)
        # random features of a network that begins from nothing are not worth the disk
        self._frozen = FeatureMaps(body, scenes, self.cache if start else None)
        # what the start tells apart
        self._known = None if start is None else known_directions(start, body)
        # where it is looked how common classes are
        self._survey = survey_cells(scenes.grids, SURVEYED, 0)
        self.guard = min(int(np.clip(place_side(grid) // 4, *GUARDS)) for grid in scenes.grids)
        self._tuner: Tuner | None = None
        self._learned: torch.nn.Module | None = None
        # cells of `guard` pixels with labels that the learned network was shown
        self._seen: set[tuple[int, int, int]] = set()

    def prepare(self, frame: gpd.GeoDataFrame, dealt: Dealt) -> None:
        """Take other labels: what was learned from labels that are held out now is dropped.

        Parameters
        ----------
        frame
            The labels.
        dealt
            Their pixels.
        """
        self.cache.mkdir(exist_ok=True)
        out = set(dealt.pixels.drawn[dealt.held].tolist())
        write_areas(self.cache, self.workspace, frame, self.infos, out)
        if self._tuner is not None:
            self._learned = self._tuner.network
            self._tuner = None
        elif self._learned is None:
            self._resume()
        if self._seen & around(dealt.cells[dealt.held]):
            self._learned = None
            self._seen = set()

    def best(self, dealt: Dealt) -> float | None:
        """Return what another has to beat that shall be the model of the moment.

        Parameters
        ----------
        dealt
            The labels.

        Returns
        -------
        float or None
            What the model of the moment reached on the part that no network is shown, where that
            was of the same labels, classes and scenes; None where there is nothing to compare.
        """
        model = self.workspace.current_model()
        try:
            told = json.loads((model / SEEN).read_text(encoding="utf-8")) if model else {}
            return float(told["compared"]) if told["labels"] == self._asked(dealt) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None  # an older one, or not ours

    def _asked(self, dealt: Dealt) -> str:
        """Return what is the same as long as two scores on what is held out may be compared."""
        told = (self.workspace.scenes, self.workspace.classes, self._frozen.body.digest)
        found = sha256(repr(told).encode())
        for array in (dealt.pixels.at, dealt.pixels.label, dealt.part):
            found.update(np.ascontiguousarray(array, np.int64).tobytes())
        return found.hexdigest()[:16]

    def _resume(self) -> None:
        """Take up the network of the last round in which one had learned, and what it was shown."""
        names = [scene.name for scene in self.workspace.scenes]
        for path in reversed(rounds(self.workspace).values()):
            try:
                told = json.loads((path / SEEN).read_text(encoding="utf-8"))
                if told["stage"] != NETWORK or told["guard"] != self.guard:
                    continue
                seen = {
                    (names.index(name), int(row), int(column))
                    for name, cells in told["cells"].items()
                    for row, column in cells
                }
                weights = read_weights(find_model(str(path)))
                network = first_network(self.card, None, 0)
                network.load_state_dict(dict(weights))
            except (OSError, ValueError, KeyError, TypeError, RuntimeError, GeosegError):
                continue  # of other classes, or not ours: it is learned anew
            self._learned, self._seen = network.eval(), seen
            return

    def can_learn(self, dealt: Dealt, report: Report) -> bool:
        """Return whether a network can learn so that its score would be honest.

        Parameters
        ----------
        dealt
            The labels.
        report
            Told why not.

        Returns
        -------
        bool
            Where something is held out, and two classes are left.
        """
        if dealt.held.any() and len(np.unique(dealt.pixels.label[dealt.free])) >= 2:
            return True
        report(
            Noted(
                "the whole network does not learn yet: labels of two classes in more places are "
                "wanted, so that some can be held out"
            )
        )
        return False

    def tuner(self, dealt: Dealt) -> Tuner:
        """Return the network that learns, with the labels of now.

        Parameters
        ----------
        dealt
            Those labels.

        Returns
        -------
        Tuner
            It goes on where it was as long as labels do not change.
        """
        if self._tuner is None:
            at, held, free = dealt.pixels.at, dealt.held, dealt.free
            count = len(self.workspace.scenes)
            self._tuner = Tuner(
                self.config,
                self.card,
                self._learned or self._begun(dealt.pixels.take(free)),
                self.cache,
                [barred_windows(at, held, dealt.guard, scene) for scene in range(count)],
                sorted(set(at[free][:, 0].tolist())),
            )
            self._seen |= {(s, r, c) for s, r, c in np.unique(dealt.cells[free], axis=0).tolist()}
        return self._tuner

    def _begun(self, chosen: Pixels) -> torch.nn.Module:
        """Return the first network with a last layer that fits the labels that it may see: the
        features are not torn away by that of random numbers (Kumar et al. 2022, arXiv:2202.10054).
        """
        features = self._frozen.at(chosen.at)
        land = self._land(self._frozen)
        head = fit_head(features, chosen.label, len(self.card.labels), self._known, land)
        network = first_network(self.card, None, 0)
        network.load_state_dict(self._frozen.body.with_head(self.first, head))
        return network

    def look_ahead(self, enough: Callable[[], bool]) -> None:
        """Compute features while labels are waited for: those that every answer takes, and others
        that it may, all of them where the scenes are small.

        Parameters
        ----------
        enough
            Asked between some cells and the next.
        """
        cells = [*self._survey, *survey_cells(self.scenes.grids, AHEAD, 0)]
        for start in range(0, len(cells), TOGETHER):
            if enough():
                return
            self._frozen.get(cells[start : start + TOGETHER])

    def _land(self, maps: FeatureMaps) -> npt.NDArray[Any]:
        """Return the features of pixels that are spread over the scenes [pixel, feature]."""
        looked = maps.get(self._survey)
        land = np.concatenate([features[valid] for features, valid in looked.values()])
        return land[:: max(1, len(land) // SOME)]

    def assess(self, stage: str, dealt: Dealt) -> Assessed:
        """Fit the last layer, and score it by what was held out.

        Parameters
        ----------
        stage
            HEAD: features as they were at first, each part held out in its turn. NETWORK: features
            that were learned without the part FOLD, which alone is held out.
        dealt
            The labels.

        Returns
        -------
        Assessed
            With the last layer that is fitted to all labels.
        """
        classes = len(self.workspace.classes)
        pixels, part = dealt.pixels, dealt.part
        if stage == NETWORK:
            network = self.tuner(dealt).network
            maps = FeatureMaps(Body(network, self.card), self.scenes)
        else:
            network, maps = self.first, self._frozen
        features = maps.at(pixels.at)
        land = self._land(maps)
        counts: dict[int, Counts] = {}
        used = []
        for fold in range(FOLDS + 1) if stage == HEAD else (FOLD, KEPT):
            held = part == fold
            free = apart(pixels.at, held, self.guard) & (part != KEPT) if held.any() else held
            if stage == NETWORK:  # the body has seen none of these either
                free &= part != FOLD
            if len(np.unique(pixels.label[free])) < 2:
                continue
            one = fit_head(features[free], pixels.label[free], classes, self._known, land)
            one = with_shares(one, shares(one, land))
            mapped = one.logits(features[held]).argmax(axis=1)
            counts[fold] = count(pixels.label[held], mapped, classes)
            used.append(fold)
        learned = part != KEPT
        even = fit_head(features[learned], pixels.label[learned], classes, self._known, land)
        share = shares(even, land)
        head = with_shares(even, share)

        def judge(folds: Sequence[int]) -> Score:
            summed = sum((counts[f] for f in folds), np.zeros((classes, classes), np.int64))
            places = [dealt.places(folds, label) for label in range(classes)]
            return score(summed, share, [*places, dealt.places(folds)])

        compared = judge([f for f in used if f in (FOLD, KEPT)])
        return Assessed(network, maps, head, judge(used), compared.mean, share)

    def tell(self, stage: str, found: Assessed, frame: gpd.GeoDataFrame, seconds: float) -> Round:
        """Return what is told of a round.

        Parameters
        ----------
        stage
            Its stage.
        found
            What it found.
        frame
            The labels.
        seconds
            Since these labels are learned from.

        Returns
        -------
        Round
            With the next number.
        """
        names = [label.name for label in self.workspace.classes]
        number = next_round(self.workspace)
        result = found.score
        return Round(
            round=number,
            time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=round(seconds, 1),
            labels=len(frame),
            stage=stage,
            mean_iou=None if result.mean is None else round(result.mean, 4),
            iou={
                name: round(iou, 4)
                for name, iou in zip(names, result.iou, strict=True)
                if iou is not None
            },
            held_out_places=result.places,
            weakest=None if result.weakest is None else names[result.weakest],
            model=f"{self.workspace.models_path.name}/round-{number:04d}",
            compared=None if found.fold is None else round(found.fold, 4),
            note=result.note(names),
        )

    def publish(
        self, told: Round, found: Assessed, frame: gpd.GeoDataFrame, dealt: Dealt, best: bool
    ) -> None:
        """Write the round's model, with a card that says how it was made.

        Parameters
        ----------
        told
            The round.
        found
            What it found.
        frame
            The labels.
        dealt
            Their pixels.
        best
            Whether it is the model of the moment.
        """
        names = [label.name for label in self.workspace.classes]
        drawn = ", ".join(f"{name} {int((frame['class'] == name).sum())}" for name in names)
        scenes = ", ".join(scene.name for scene in self.workspace.scenes)
        begun = f"starting from {self.start.card.name}" if self.start else "from random weights"
        how = (
            "its last layer fitted to them, all else as it was"
            if told.stage == HEAD
            else "the whole network learned from those that are not held out, its last layer "
            "fitted to all"
        )
        limits = [
            "Learned for these scenes; elsewhere nothing is known of it",
            "The score is an estimate from labels held out by place, each class weighed by the "
            "share of the scenes that the model gives it; the last layer was fitted to them after",
        ]
        card = replace(
            self.card,
            trained_on=f"{len(frame)} labels ({drawn}) on {scenes}: round {told.round}, {how}, "
            f"{begun}",
            limits=(*limits, *([told.note] if told.note else [])),
            created=told.time,
            framework_version=torch.__version__,
            scores={}
            if told.mean_iou is None
            else {
                "held_out": {
                    "mean_iou": told.mean_iou,
                    "places": told.held_out_places,
                    "classes": {name: {"iou": iou} for name, iou in told.iou.items()},
                }
            },
        )
        cells: dict[str, list[list[int]]] = {}
        if told.stage == NETWORK:
            for scene, row, column in sorted(self._seen):
                name = self.workspace.scenes[scene].name
                cells.setdefault(name, []).append([row, column])
        seen = {
            "stage": told.stage,
            "guard": self.guard,
            "cells": cells,
            "labels": self._asked(dealt),
            "compared": found.fold or 0.0,
        }
        state = found.maps.body.with_head(found.network, found.head)
        publish(self.workspace, told, card, state, seen, best)

    def suggest(
        self,
        found: Assessed,
        pixels: Pixels,
        asked: Sequence[Cell],
        before: npt.NDArray[Any] | None,
        most: int,
        areas: Areas = None,
    ) -> list[Suggestion]:
        """Return where to label next.

        Parameters
        ----------
        found
            What the round found.
        pixels
            The labels.
        asked
            Cells that are looked at.
        before
            Their classes in the round before; None where there is none.
        most
            How many places.
        areas
            Of each scene, that they lie in; None is everywhere.

        Returns
        -------
        list of Suggestion
            The best first.
        """
        known = found.maps.at(pixels.at), pixels.at
        names = [label.name for label in self.workspace.classes]
        return suggest(found.maps, asked, found.head, before, known, names, most, areas)


def find_areas(desk: Desk, within: str | None, report: Report) -> Areas:
    """Bring the area that suggestions are asked for in to the scenes.

    Parameters
    ----------
    desk
        With the scenes.
    within
        A vector file or WKT; None is everywhere.
    report
        Told of the scenes that it does not lie on.

    Returns
    -------
    sequence of Aoi or None
        Of each scene, None of one that it does not lie on; None is everywhere.

    Raises
    ------
    InputError
        If it cannot be read, or lies on no scene.
    """
    if within is None:
        return None
    found: list[Aoi | None] = []
    missed: list[tuple[str, InputError]] = []
    for scene, grid in zip(desk.workspace.scenes, desk.scenes.grids, strict=True):
        try:
            found.append(load_aoi(within, grid))
        except InputError as error:
            found.append(None)
            missed.append((scene.name, error))
    if not any(found):
        raise missed[0][1]
    for name, why in missed:
        report(Noted(f"nothing is suggested on {name}: {why.found}"))
    return found


def known_directions(start: Bundle, body: Body) -> npt.NDArray[np.float32]:
    """Return the last layer of the model that was started from.

    Parameters
    ----------
    start
        The model.
    body
        Of the network that has its other weights.

    Returns
    -------
    array
        Float32 [its class, feature].
    """
    weight = read_weights(start)[f"{body.name}.weight"]
    return weight.float().reshape(len(weight), -1).numpy()


@contextmanager
def open_desk(workspace: Workspace, report: Report) -> Iterator[Desk]:
    """Open a workspace's scenes with the model to start from.

    Parameters
    ----------
    workspace
        Which.
    report
        Told which model it starts from.

    Yields
    ------
    Desk
        The scenes are closed afterwards.
    """
    infos = [describe(scene.files) for scene in workspace.scenes]
    start = choose_start(workspace, infos, report)
    config = configure(workspace, infos, start, workspace.labels_path)
    files = [scene.files for scene in workspace.scenes]
    with closing(Scenes(files, config.draft(), READ)) as scenes:
        windows = [
            (scene, Window(row * CELL, column * CELL, (row + 1) * CELL, (column + 1) * CELL))
            for scene, row, column in survey_cells(scenes.grids, SURVEYED, 0)
        ]
        if start is not None:
            check_values(scenes, windows, [scene.name for scene in workspace.scenes], start.card)
        card = measured(config, scenes, windows)
        yield Desk(workspace, infos, start, config, card, scenes)
