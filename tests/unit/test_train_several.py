"""Several classes at once: labels with a band for each, binary cross entropy, sigmoid scores up
to the map.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from trainings import TABLES, make_set, open_pool, write_raster

import geoseg
from geoseg.cli import run
from geoseg.core.card import NODATA, Scaling, read_card, write_card
from geoseg.core.errors import InputError
from geoseg.models import find_model, load_model
from geoseg.training.config import Config
from geoseg.training.keywords import read_loss, read_setting
from geoseg.training.learner import Learner
from geoseg.training.loop import train
from geoseg.training.parse import parse
from geoseg.training.scene_label import HALF, dominant, present, truth_for

SEVERAL = {
    "data": TABLES["data"] | {"several": True},
    "loss": {"cross_entropy": 0.0, "binary": 1.0},
}


def make_several(folder: Path, tables: dict[str, Any]) -> Config:
    """Scenes as in make_set; class i is wherever band i is bright, whatever the others are; rows
    are unlabelled.
    """
    make_set(folder)
    for scene in sorted(folder.glob("scene*.tif")):
        with rasterio.open(scene) as source:
            pixels = source.read()
        bright = np.where(pixels > 127, 255, 0).astype(np.uint8)
        bright[:, np.arange(pixels.shape[1]) % 7 == 6] = 0
        write_raster(scene.with_name(scene.name.replace("scene", "label")), bright)
    return parse(TABLES | SEVERAL | tables, folder)


def test_several_classes_at_once_are_learned(tmp_path: Path) -> None:
    """Softmax could not say yes to two of them: each class's score alone tells whether it is
    there.
    """
    run = TABLES["training"] | {
        "crop": 32,
        "batch": 4,
        "steps": 60,
        "rate": 2e-2,
        "ema": 0.9,
        "validate_every": 60,
    }
    config = make_several(tmp_path, {"training": run, "augment": {}})
    card = train(config, tmp_path / "out", device="cpu")
    assert card.activation == "sigmoid"
    assert (
        json.loads((tmp_path / "out" / "card.json").read_text())["properties"]["geoseg:activation"]
        == "sigmoid"
    )
    model = load_model(find_model(str(tmp_path / "out")), Scaling(), "cpu")
    with rasterio.open(tmp_path / "scene2.tif") as source:
        pixels = source.read()[:, :64, :64]
    scores = np.asarray(model(pixels[None], np.ones((1, 64, 64), bool)))[0]
    truth = pixels > 127
    assert (((scores > 0.5) == truth).mean(axis=(1, 2)) > 0.65).all()
    assert scores[:, truth.all(axis=0)].sum(axis=0).mean() > 1.5
    assert (
        card.scores["held_out"]["accuracy"] > 0.85
    )  # the class that is mapped is one of those that are there


def test_a_class_that_lies_under_another_is_counted_too(tmp_path: Path) -> None:
    config = make_several(tmp_path, {})
    pool = open_pool(config)
    assert (pool.labelled > 0).all()
    targets = [pair.read(pair.grid.extent).target for pair in pool.pairs]
    assert pool.labelled.tolist() == [sum((t[i] == 255).sum() for t in targets) for i in range(3)]
    for target, known in zip(targets, pool.points, strict=True):
        assert all((target[label, *points.T] == 255).all() for label, points in known.items())


def test_each_class_is_measured_by_itself(tmp_path: Path) -> None:
    """The loss is that of every band, not of shares that add up to 1."""
    config = make_several(tmp_path, {})
    learner = Learner(replace(config.draft(), tile=64, overlap=16), config)
    seen: list[torch.Tensor] = []

    def loss(
        logits: torch.Tensor, shares: torch.Tensor, weight: torch.Tensor, _: torch.Tensor
    ) -> torch.Tensor:
        seen.extend((shares, weight))
        return logits.sum()

    learner._loss = loss
    target = torch.zeros((2, 3, 32, 32), dtype=torch.uint8)
    target[:, :2, :16] = 255
    target[:, 2, 8:16] = 51
    learner.learn(
        (torch.zeros((2, 3, 32, 32)), torch.ones((2, 32, 32), dtype=torch.bool), target), 1.0, 0.5
    )
    assert torch.equal(seen[0], target / 255)
    assert torch.equal(seen[1], (target.amax(1) > 0).float())


targets = arrays(np.uint8, (3, 4, 5), elements=st.sampled_from([0, 51, 128, 204, 255]))
maps = arrays(np.uint8, (4, 5), elements=st.sampled_from([0, 1, 2, NODATA]))


@given(targets, maps)
def test_a_map_is_right_where_it_names_one_of_several(
    target: np.ndarray, mapped: np.ndarray
) -> None:
    truth, plain = truth_for(target, mapped, several=True), truth_for(target, mapped, several=False)
    for row, column in np.ndindex(mapped.shape):
        shares, said = target[:, row, column], int(mapped[row, column])
        best = int(shares.argmax()) if shares.any() else NODATA
        assert plain[row, column] == best
        assert truth[row, column] == (said if said < 3 and shares[said] >= HALF else best)


@given(targets)
def test_present_are_all_that_are_told_or_the_dominant_one(target: np.ndarray) -> None:
    assert np.array_equal(present(target, several=True), target >= HALF)
    one = present(target, several=False)
    assert np.array_equal(one.any(axis=0), target.any(axis=0))
    assert (one.sum(axis=0) <= 1).all()
    assert np.array_equal(one.argmax(axis=0)[one.any(axis=0)], dominant(target)[one.any(axis=0)])


def test_one_class_a_pixel_may_be_learned_by_sigmoids_too(tmp_path: Path) -> None:
    make_set(tmp_path)
    config = parse(TABLES | {"loss": {"cross_entropy": 0.0, "binary": 1.0, "dice": 0.5}}, tmp_path)
    assert train(config, tmp_path / "out", device="cpu").activation == "sigmoid"
    mixed = parse(TABLES | {"loss": {"binary": 1.0}}, tmp_path)  # beside cross entropy
    assert mixed.loss.activation == "softmax"


def test_a_map_by_sigmoids_says_the_winners_score(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "model")
    write_card(replace(read_card(folder / "card.json"), activation="sigmoid"), folder / "card.json")
    pixels = np.random.default_rng(3).integers(1, 255, (3, 64, 64), np.uint8)
    scene = write_raster(tmp_path / "scene.tif", pixels)
    geoseg.predict(
        str(scene),
        str(tmp_path / "map.tif"),
        model=str(folder),
        bands=(1, 2, 3),
        device="cpu",
        confidence=str(tmp_path / "confidence.tif"),
    )
    model = load_model(find_model(str(folder)), Scaling(), "cpu")
    scores = np.asarray(model(pixels[None], np.ones((1, 64, 64), bool)))[0]
    with (
        rasterio.open(tmp_path / "map.tif") as mapped,
        rasterio.open(tmp_path / "confidence.tif") as percent,
    ):
        agree = mapped.read(1) == scores.argmax(axis=0)
        assert agree.mean() > 0.999  # engines differ in the last bit
        assert (np.abs(percent.read(1) - scores.max(axis=0) * 100) <= 0.51).mean() > 0.999


@pytest.mark.parametrize("text", ["cross_entropy", "binary,focal", "dice=0.5,cross_entropy"])
def test_a_loss_of_one_class_a_pixel_is_refused_for_several(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="--loss binary"):
        parse(TABLES | SEVERAL | {"loss": read_loss(text)}, tmp_path)
    parse(TABLES | SEVERAL | {"loss": read_loss("binary, dice=0.5")}, tmp_path)
    with pytest.raises(InputError, match="both true"):
        parse(TABLES | {"data": TABLES["data"] | {"soft": True, "several": True}}, tmp_path)


def test_losses_as_one_writes_them() -> None:
    none = {"cross_entropy": 0.0, "dice": 0.0, "focal": 0.0, "binary": 0.0}
    assert read_loss("focal") == none | {"focal": 1.0}
    assert read_loss(" cross_entropy=2, dice = 0.5") == none | {"cross_entropy": 2.0, "dice": 0.5}
    for text, message in (("dice=much", "dice=0.5"), ("hinge", "unknown hinge"), ("", "--loss")):
        with pytest.raises(InputError, match=message):
            read_loss(text)


def test_any_key_of_a_configuration_is_an_option() -> None:
    assert read_setting("training.ema=0.99") == {"training": {"ema": 0.99}}
    assert read_setting("data.several = true") == {"data": {"several": True}}
    assert read_setting("loss.classes=[1.0, 2]") == {"loss": {"classes": [1.0, 2]}}
    assert read_setting("loss.classes=balanced") == {"loss": {"classes": "balanced"}}
    for text in ("ema=0.99", "training.ema", "a.b.c=3", "=3"):
        with pytest.raises(InputError, match=r"TABLE\.KEY=VALUE"):
            read_setting(text)


def test_options_reach_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_several(tmp_path, {})
    scenes, labels = str(tmp_path / "scene*.tif"), str(tmp_path / "label*.tif")
    given = [
        "train",
        "--scenes",
        scenes,
        "--labels",
        labels,
        "--classes",
        "r=0,g=1,b=2",
        "--encoder",
        "small",
        "--bands",
        "1,2,3",
        "--crop",
        "32",
        "--batch",
        "2",
        "--steps",
        "2",
        "--out",
        str(tmp_path / "out"),
        "--set",
        "data.several=true",
        "--set",
        "training.ema=0.5",
        "--device",
        "cpu",
    ]
    assert run(given) == 2
    assert "--loss binary" in capsys.readouterr().err
    assert run([*given, "--loss", "binary"]) == 0
    assert "ema = 0.5" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert read_card(tmp_path / "out" / "card.json").activation == "sigmoid"
    assert run([*given, "--loss", "binary", "--overwrite", "--set", "training.emma=0.5"]) == 2
    assert "[training] holds unknown emma" in capsys.readouterr().err
