"""A model that exists is measured again on what its configuration holds out, and its card says so:
scores, what they are parted by, reliability, temperature.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from ..core.atomic import atomic_output
from ..core.card import ModelCard, write_card
from ..core.errors import InputError
from ..core.events import Noted, Report, silent
from ..models import Bundle
from .config import Config, NetworkConfig
from .finish import calibrate, measure_parts
from .learner import Learner
from .parse import read_config
from .prepare import Data, prepare
from .ranks import join_ranks
from .transfer import adopt

MEASURED = ("places", "by", "reliability", "validation", "split")  # and what begins with held_out


def measure_bundle(
    bundle: Bundle, config: Path, device: str = "auto", report: Report = silent
) -> ModelCard:
    """Measure a model on what a configuration holds out, and write its card anew.

    Parameters
    ----------
    bundle
        The model; its weights stay as they are.
    config
        The TOML file that it was trained with, or another one that holds places out which it was
        not trained on (by split.json in the model's folder, where there is one). Its data, classes
        and seed count.
    device
        "auto", "cpu", "cuda" or "cuda:1".
    report
        Told what is done.

    Returns
    -------
    ModelCard
        As it was written. Scores that this does not measure stay.

    Raises
    ------
    InputError
        If the model was trained on what is held out, the classes are others, nothing is held out,
        or scenes or labels cannot be read.
    ModelError
        If the weights cannot be read.
    RunError
        If the card cannot be written.
    """
    settings = read_config(config)
    _check(bundle.card, settings)
    # the network is the model's
    settings = replace(settings, network=NetworkConfig())
    if settings.training.threads:
        torch.set_num_threads(settings.training.threads)
    with TemporaryDirectory() as folder, join_ranks(device) as ranks:
        data = prepare(settings, Path(folder), bundle.card, report, training=False)
        if not any(pool.pairs for pool in data.pools.values()):
            raise InputError(
                f"{config} holds nothing out", "places in data.validation or data.test"
            )
        _check_places(bundle, data)
        weights, _ = adopt(bundle, bundle.card)
        learner = Learner(replace(bundle.card, temperature=1.0), data.config, ranks, weights)
        report(Noted("mapping what is held out, for the scores"))
        learner.card = calibrate(learner.card, data, learner, report)
        found, _ = measure_parts(data, learner, None, report)
    old = bundle.card.scores
    others = {
        name: value
        for name, value in old.items()
        if name not in MEASURED and not name.startswith("held_out")
    }
    split = {"split": old.get("split", data.split)}
    card = replace(learner.card, scores=found | split | others)
    with atomic_output(bundle.path / "card.json", replace=True) as beside:
        write_card(card, beside)
    return card


def _check(card: ModelCard, config: Config) -> None:
    """Refuse what would give scores that are none."""
    if card.scores_from:
        raise InputError(
            f"{card.name} was trained on all places, so that it cannot be measured on any of them",
            "its twin, which holds some out",
            "measure the twin, and train again with --twin",
        )
    given = [(label.value, label.name) for label in config.labels]
    own = [(label.value, label.name) for label in card.labels]
    if given and given != own:
        raise InputError(f"the configuration's classes are {given}", f"those of {card.name}: {own}")


def _check_places(bundle: Bundle, data: Data) -> None:
    """Refuse what the training's own record says was trained on."""
    path = bundle.path / "split.json"
    if not path.exists():
        return
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        trained = set(record["training"]["places"])
        held = {
            (scene["place"], Path(scene["scene"]).name, *block)
            for part in ("validation", "test")
            for scene in record[part]["scenes"]
            for block in scene.get("blocks", ())
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} does not tell what was trained on: {error!r}",
            "the file that geoseg train wrote",
        ) from error
    for pool in data.pools.values():
        for pair in pool.pairs:
            share, sample = pair.share, pair.share.sample
            blocks = {
                (sample.place, Path(sample.scene).name, b.top, b.left, b.bottom, b.right)
                for b in share.blocks
            }
            if sample.place in trained and not (blocks and blocks <= held):
                raise InputError(
                    f"{bundle.card.name} was trained on {sample.place or sample.scene} ({path})",
                    "places, or blocks of them, that were held out then",
                )
