"""From a configuration to data that can be trained on: samples found, described, shared out and
opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.card import NODATA, ModelCard
from ..core.errors import InputError
from ..core.events import Noted, Report, Warned
from ..core.grid import Grid, Window
from ..features.labels import Labels
from ..features.layers import is_vector, open_layer, survey
from ..scene.describe import SceneInfo, describe
from ..scene.map_grid import is_plain
from .config import Config
from .fill_defaults import fill_defaults
from .partial_labels import Meanings
from .places import name_places
from .samples import BLOCK, Pool
from .scene_label import Reading, make_options, make_reading
from .sources import Sample, find_samples
from .split import Labelled, Parts, share_out, write_split

ENOUGH = 16  # blocks of a window in which labels are looked for


@dataclass(frozen=True, slots=True)
class Data:
    """What a training works on."""

    config: Config
    """Complete: its draft is a card."""
    pools: dict[str, Pool]
    """Of "training", "validation" and "test"; the latter two may be empty. Open until the
    process ends.
    """
    split: dict[str, Any]
    """How samples were shared out, for the card; empty in all processes but the first."""


def prepare(
    config: Config,
    out: Path,
    start: ModelCard | None,
    report: Report,
    first: bool = True,
    training: bool = True,
) -> Data:
    """Find the samples, complete the configuration, share the samples out by place, and open them.

    Parameters
    ----------
    config
        What the user said.
    out
        Folder that gets split.json and split.geojson; its name is the model's where none is given.
    start
        Card of the model that the training starts from; None begins fresh.
    report
        Told what is trained on, and what may spoil it.
    first
        Whether this is the first of several processes, which alone writes.
    training
        Whether the training part is opened; without it, its pool is empty.

    Returns
    -------
    Data
        The complete configuration, and the pools.

    Raises
    ------
    InputError
        If scenes, labels and configuration cannot be trained on.
    """
    samples = find_samples(config.data, config.folder)
    infos = [describe(sample.files) for sample in samples]
    grids = [info.grid for info in infos]
    options = make_options(config)  # the scenes' own scaling, where the configuration gives none
    config = fill_defaults(config, infos, out.resolve().name, start)
    reading = make_reading(config, options)
    if len(samples) > 1 and any(
        not s.place and grid.crs is None for s, grid in zip(samples, grids, strict=True)
    ):
        report(
            Warned(
                "scenes without a CRS may be neighbours, which cannot be told: name their "
                "places in a table"
            )
        )
    samples = name_places(samples, grids, config.data.guard)
    _tell_of_missing(samples, config.data.layer, report)
    _tell_of_shapes(samples, grids, report)
    with ExitStack() as opened:
        labelled = _labelled(samples, infos, reading, opened)
        parts = share_out(samples, grids, config.data, config.training.seed, labelled)
    by_scene = {sample.scene: grid for sample, grid in zip(samples, grids, strict=True)}
    split = write_split(out, parts, by_scene) if first else {}
    card = config.draft()
    parts = parts if training else parts | {"training": []}
    pools = {part: Pool(chosen, card, reading, part) for part, chosen in parts.items()}
    if training:
        _check(reading.meanings, pools["training"], report)
    _tell(parts, split, report)
    return Data(config, pools, split)


def _tell_of_missing(samples: Sequence[Sample], layer: str, report: Report) -> None:
    """Warn of features that label nothing, for they have no shape."""
    for path in dict.fromkeys(sample.label for sample in samples if is_vector(sample.label)):
        if missing := survey(open_layer(path, layer, "--layer")).missing:
            report(Warned(f"{Path(path).name}: {missing:,} features without a shape are left out"))


def _tell_of_shapes(samples: Sequence[Sample], grids: Sequence[Grid], report: Report) -> None:
    """Warn of scenes that a map would not be made of as they lie, and a training is."""
    odd = [s.scene for s, grid in zip(samples, grids, strict=True) if not is_plain(grid)]
    if odd:
        name = Path(odd[0]).name
        report(
            Warned(
                f"{len(odd)} of {len(samples)} scenes, such as {name}, are in degrees, "
                "turned or of oblong pixels: they are learned as they lie, while what is mapped is "
                "brought to squares with north up; gdalwarp them and their labels to a projected "
                "CRS, or map with --gsd native"
            )
        )


def _labelled(
    samples: Sequence[Sample], infos: Sequence[SceneInfo], reading: Reading, opened: ExitStack
) -> Labelled:
    """Return a function that tells whether a window of a sample holds labels; it looks at some
    of a large one.
    """
    known: dict[int, Labels] = {}

    def look(index: int, window: Window) -> bool:
        legend = reading.legend(samples[index])
        if index not in known:
            known[index] = legend.open(samples[index].label, infos[index].grid)
            opened.callback(known[index].close)
        blocks = [block for block in window.blocks(BLOCK, BLOCK) if known[index].holds(block)]
        some = blocks[:: max(1, len(blocks) // ENOUGH)]
        return any(
            (known[index].read(block) != (0 if legend.bands else NODATA)).any() for block in some
        )

    return look


def _check(meanings: Meanings, pool: Pool, report: Report) -> None:
    """Refuse training labels that mean one and the same; name the classes that have none of
    their own.
    """
    counts = pool.labelled
    names = meanings.texts
    there = [name for name, count in zip(names, counts, strict=True) if count]
    if len(there) < 2:
        raise InputError(
            f"only {there[0]} is labelled in the training samples",
            "two classes or more",
            "look at the labels' values, or hold other places out",
        )
    if pool.conflicts:
        report(
            Warned(
                f"features of different classes overlap on {pool.conflicts:,} pixels of the "
                "training labels;"
                " there, the later feature in the file counts"
            )
        )
    maybe = np.atleast_1d(meanings.members[counts > 0].any(axis=0))
    lonely = [i for i, name in enumerate(meanings.names) if name not in there]
    if missing := [names[i] for i in lonely if not maybe[i]]:
        report(
            Warned(
                f"the training samples have no pixel of {', '.join(missing)}: they cannot be "
                "learned"
            )
        )
    if vague := [names[i] for i in lonely if maybe[i]]:
        report(
            Warned(
                f"no training sample says {', '.join(vague)} and nothing else: only as one of "
                "several classes,"
                " so what tells it from the others is not learned"
            )
        )
    total = counts.sum()
    shares = ", ".join(
        f"{name} {count / total:.1%}" for name, count in zip(names, counts, strict=True) if count
    )
    report(Noted(f"{len(pool.pairs)} scenes to train on, {total / 1e6:.1f} Mpx labelled: {shares}"))


def _tell(parts: Parts, split: dict[str, Any], report: Report) -> None:
    if not split:
        return
    unit = "places" if split["by"] == "whole places" else "blocks"
    counts = ", ".join(f"{split[part]} {unit} for {part}" for part in parts if split.get(part))
    report(Noted(f"split by {split['by']}: {counts} (split.json)"))
