"""The network that learns from a workspace's labels: what it starts from, and its steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..architectures import build
from ..architectures.context import stride_of
from ..core.atomic import atomic_output
from ..core.card import Band, ModelCard
from ..core.errors import InputError, ModelError, RunError
from ..core.events import Noted, Report
from ..core.grid import Window
from ..core.machine import has_bf16
from ..core.options import Options
from ..models import Bundle, find_model, list_models
from ..prediction.choose import choose
from ..scene.describe import SceneInfo
from ..scene.values import FEW, judge
from ..training.augment import Augment
from ..training.config import (
    AugmentConfig,
    CardConfig,
    ClassConfig,
    Config,
    DataConfig,
    LossConfig,
    NetworkConfig,
    RunConfig,
)
from ..training.fill_defaults import fill_defaults
from ..training.learner import Learner
from ..training.loop import batches, ema_decay
from ..training.losses import class_weights
from ..training.samples import Pool
from ..training.scene_label import make_reading
from ..training.sources import Sample
from ..training.split import Share
from ..training.transfer import adopt
from .pixels import place_labels
from .training_set import write_polygons
from .workspace import NOTHING

if TYPE_CHECKING:
    import geopandas as gpd

    from .body import Scenes
    from .workspace import Workspace

STEPS = 1 << 20  # of which a run takes as many as its time allows
FROM_NOTHING = NetworkConfig("halfsize", "", {"width": 64, "blocks": 6, "squash": False})
CROP = 64
BATCH = 12
# SOAP's peak rate: as landcover-s2 was trained, and a tenth of that for features that are good
RATE = 5e-3
KEPT_RATE = 1e-3
WARMUP = 20
EMA = 0.98  # looks back some 50 steps: a round has a few hundred
SHOWN = 1 << 16  # pixels of which the statistics of bands are taken, at the most
COLUMN = "class"
# each scene by its own scaling, brought to the card's; force: labels are what they are
READ = Options.of(force=True, gsd="native")


def choose_start(workspace: Workspace, infos: Sequence[SceneInfo], report: Report) -> Bundle | None:
    """Return the model to start from: the one that the workspace names, else one that ships and
    fits.

    Parameters
    ----------
    workspace
        Its `start`; "none" begins from nothing.
    infos
        Of its scenes.
    report
        Told which, and why.

    Returns
    -------
    Bundle or None
        None to begin from nothing.
    """
    if workspace.start == NOTHING:
        return None
    if workspace.start:
        return find_model(workspace.start)
    models = list_models()
    try:
        found = choose(infos[0], [bundle.card for bundle in models], Options.of(gsd="native"))
    except (ModelError, InputError) as error:
        report(Noted(f"no model that ships fits, so the network begins from nothing: {error}"))
        return None
    report(Noted(f"starting from {found.card.name}: {found.reason}"))
    return next(bundle for bundle in models if bundle.card.name == found.card.name)


def configure(
    workspace: Workspace, infos: Sequence[SceneInfo], start: Bundle | None, labels: Path
) -> Config:
    """Return the training's configuration for a workspace.

    Parameters
    ----------
    workspace
        Scenes and classes.
    infos
        Of its scenes.
    start
        The model to start from; None begins from nothing.
    labels
        Where they lie, as training would be told.

    Returns
    -------
    Config
        Complete but for the bands' statistics where it begins from nothing.
    """
    config = Config(
        folder=workspace.folder,
        card=CardConfig(
            name=f"{workspace.folder.name}-labels",
            description="Learned from sparse labels of a workspace: "
            + ", ".join(label.name for label in workspace.classes),
            trained_on=f"labels of {len(workspace.scenes)} scenes of a workspace",
        ),
        bands=(),
        classes=tuple(
            ClassConfig(label.value, label.name, label.colour) for label in workspace.classes
        ),
        network=NetworkConfig() if start else FROM_NOTHING,
        data=DataConfig(
            scenes=[scene.path for scene in workspace.scenes],
            labels=[str(labels)],
            column=COLUMN,
            validation=0.0,
        ),
        datasets={},
        training=RunConfig(
            crop=CROP,
            batch=BATCH,
            steps=STEPS,
            optimiser="soap",
            rate=KEPT_RATE if start else RATE,
            warmup=WARMUP,
            ema=EMA,
            balance=1.0,
            readers=1,
            precision="bfloat16" if has_bf16() else "float32",
        ),
        loss=LossConfig(classes="balanced"),
        augment=AugmentConfig(turn=True, gain=0.1),
    )
    return fill_defaults(config, infos, config.card.name, start.card if start else None)


def measured(config: Config, scenes: Scenes, windows: Sequence[tuple[int, Window]]) -> ModelCard:
    """Return the card with its bands' statistics: the start's, else those of the scenes.

    Parameters
    ----------
    config
        Its bands may lack them.
    scenes
        Open.
    windows
        Of scenes, where they are measured.

    Returns
    -------
    ModelCard
        Without stride and scores.

    Raises
    ------
    InputError
        If no pixel is valid there.
    """
    card = config.draft()
    found = []
    for scene, window in windows:
        data, valid = scenes.read(scene, window)
        found.append(data[:, valid])
    values = np.concatenate(found, axis=1).astype(np.float64)
    if not values.shape[1]:
        raise InputError("the scenes hold no data where they were looked at", "valid pixels")
    values = values[:, :: max(1, values.shape[1] // SHOWN)]
    values = values * card.scaling.scale + card.scaling.offset
    low, high = np.percentile(values, (1, 99), axis=1)
    bands = tuple(
        _measure(band, given.mean, given.std, row, float(a), float(b))
        for band, given, row, a, b in zip(card.bands, config.bands, values, low, high, strict=True)
    )
    return replace(card, bands=bands)


def check_values(
    scenes: Scenes, windows: Sequence[tuple[int, Window]], names: Sequence[str], start: ModelCard
) -> None:
    """Refuse scenes whose numbers mean something else than what the start learned from.

    Parameters
    ----------
    scenes
        Open, in the digital numbers of the start.
    windows
        Of scenes, where they are looked at.
    names
        Of the scenes.
    start
        The card of the model to start from.

    Raises
    ------
    ModelError
        If values are far too large or far too small for the features to mean anything.
    """
    for number, name in enumerate(names):
        looked = [scenes.read(scene, window) for scene, window in windows if scene == number]
        if not sum(int(valid.sum()) for _, valid in looked):
            continue
        pixels = np.concatenate([data[:, valid] for data, valid in looked], axis=1)
        pixels = pixels[:, :: max(1, pixels.shape[1] // SHOWN)]
        problem = judge(pixels, start.scaling, start) if pixels.shape[1] >= FEW else None
        if problem:
            raise ModelError(
                f"{name}: {problem.found}",
                problem.expected,
                "write into the scene's header how its numbers become values, such as "
                "gdal_edit.py -a_scale 0.0001 scene.tif (1.525902e-05 for reflectance x 65535), "
                "or make a workspace that starts from none",
            )


def _measure(
    band: Band, mean: float | None, std: float | None, values: Any, low: float, high: float
) -> Band:
    return replace(
        band,
        mean=round(float(values.mean()), 6) if mean is None else mean,
        std=max(round(float(values.std()), 6), 1e-6) if std is None else std,
        low=round(low, 6),
        high=round(high, 6),
    )


def first_network(card: ModelCard, start: Bundle | None, seed: int) -> torch.nn.Module:
    """Return the network before it learns.

    Parameters
    ----------
    card
        Architecture, bands and classes.
    start
        Whose weights it gets; None draws them.
    seed
        Of what is drawn.

    Returns
    -------
    Module
        In evaluation mode.
    """
    torch.manual_seed(seed)
    network = build(card.architecture, len(card.bands), len(card.labels), card.hyperparameters)
    if start:
        network.load_state_dict(adopt(start, card)[0])
    return network.eval()


def with_stride(card: ModelCard, network: torch.nn.Module) -> ModelCard:
    """Return the card with what the network asks of a window's size.

    Parameters
    ----------
    card
        Any.
    network
        Its own.

    Returns
    -------
    ModelCard
        Whose networks take windows of any size that the stride divides.
    """
    stride = stride_of(network)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return replace(card, stride=stride, fixed_tile=False, parameters=parameters)


def write_areas(
    folder: Path,
    workspace: Workspace,
    frame: gpd.GeoDataFrame,
    infos: Sequence[SceneInfo],
    held: Collection[int],
) -> None:
    """Write the labels that are learned from as training reads them, a file for each scene.

    Parameters
    ----------
    folder
        It is there; files of former labels are replaced.
    workspace
        Its scenes' numbers name the files.
    frame
        As `read_labels` gives them.
    infos
        Of the scenes.
    held
        Rows of the frame that are held out: these are left out.
    """
    free = frame[~np.isin(np.arange(len(frame)), list(held))]
    names = [label.name for label in workspace.classes]
    for number, (scene, info) in enumerate(zip(workspace.scenes, infos, strict=True)):
        labels = place_labels(free, scene.name, info.grid, workspace.classes)
        with atomic_output(areas_file(folder, number), replace=True) as part:
            if len(labels.shapes):
                write_polygons(part, labels, info.grid, names)
            else:
                part.touch()


def areas_file(folder: Path, scene: int) -> Path:
    """Return where a scene's labels lie for training.

    Parameters
    ----------
    folder
        Of `write_areas`.
    scene
        Its number.

    Returns
    -------
    Path
        Empty where none lie on it.
    """
    return folder / f"areas-{scene}.gpkg"


class Tuner:
    """A network that takes steps on the labels that are not held out.

    Parameters
    ----------
    config
        Complete.
    card
        With measured bands.
    network
        What it begins with.
    labels
        The folder of `write_areas`.
    barred
        By scene: the windows that it may not see, neither pixels nor labels.
    labelled
        The scenes with labels to learn from.
    """

    def __init__(
        self,
        config: Config,
        card: ModelCard,
        network: torch.nn.Module,
        labels: Path,
        barred: Sequence[Sequence[Window]],
        labelled: Sequence[int],
    ) -> None:
        shares = [
            Share(
                Sample(config.data.scenes[scene], str(areas_file(labels, scene))),
                barred=tuple(barred[scene]),
            )
            for scene in labelled
        ]
        self._pool = Pool(shares, card, make_reading(config, READ))
        counts = self._pool.labelled.tolist()
        weights = class_weights(config.loss, counts)
        self._learner = Learner(card, config, weights=network.state_dict(), classes=weights)
        self._augment = Augment(config.augment, config.bands, config.scaling)
        self._config = config
        self.steps = 0

    @property
    def network(self) -> torch.nn.Module:
        """The running average of its weights, in evaluation mode."""
        return self._learner.average

    def learn(self, seconds: float, enough: Callable[[], bool]) -> None:
        """Take steps for so long, one at least.

        Parameters
        ----------
        seconds
            On the clock.
        enough
            Asked after each step.

        Raises
        ------
        RunError
            If the loss is no number.
        """
        until = time.monotonic() + seconds
        drawn = batches(self._config, self._pool, self._augment, self.steps)
        with closing(drawn):  # type: ignore[type-var]
            for batch in drawn:
                scale = min(1.0, (self.steps + 1) / WARMUP)
                loss = self._learner.learn(batch, scale, ema_decay(self.steps, EMA))
                if not np.isfinite(loss):
                    raise RunError(
                        f"the loss is {loss} at step {self.steps + 1}",
                        do="start from another model, or look at the scene's values",
                    )
                self.steps += 1
                if time.monotonic() >= until or enough():
                    return
