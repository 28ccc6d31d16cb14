"""A whole training on small scenes: its bundle, its split, its checkpoint; and what it refuses."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rasters import write
from trainings import CLASSES, TABLES, make_set, open_pool, write_raster

from geoseg.core.card import Scaling
from geoseg.core.errors import InputError, ModelError
from geoseg.models import find_model, list_masks, list_models, load_model
from geoseg.training.augment import Augment
from geoseg.training.checkpoint import read_checkpoint, write_checkpoint
from geoseg.training.config import OPTIMISERS, Config, DataConfig, Level
from geoseg.training.learner import Learner
from geoseg.training.loop import batches, schedule, train
from geoseg.training.parse import parse, read_config
from geoseg.training.samples import Pool
from geoseg.training.sources import Sample, read_samples
from geoseg.training.split import by_pattern

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*_*/*.toml"))


def test_a_training_ends_with_a_bundle_that_maps(tmp_path: Path) -> None:
    card = train(make_set(tmp_path / "data"), tmp_path / "out")
    bundle = find_model(str(tmp_path / "out"))
    assert bundle.card == card
    assert card.scores["held_out"]["pixels"] == 64 * 65 - 64 * 9
    assert card.bands[0].low < card.bands[0].mean < card.bands[0].high
    scores = load_model(bundle, Scaling(), "cpu")(
        np.zeros((1, 3, 64, 64), np.uint8), np.ones((1, 64, 64), bool)
    )
    assert scores.shape == (1, CLASSES, 64, 64)
    with (tmp_path / "out" / "log.csv").open(encoding="utf-8", newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["2", "4"]
    split = json.loads((tmp_path / "out" / "split.json").read_text())
    assert {part: split[part]["places"] for part in ("training", "validation", "test")} == {
        "training": ["a"],
        "validation": ["b"],
        "test": ["c1"],
    }
    assert card.scores["split"] == {"by": "whole places", "training": 1, "validation": 1, "test": 1}


def test_the_last_validation_is_not_computed_twice(tmp_path: Path) -> None:
    """What was mapped just before, whole, gives the scores; where only parts were, all is mapped
    again.
    """
    config = make_set(tmp_path / "data")
    thin = replace(config, training=replace(config.training, validate_mpx=1e-5))
    whole = train(config, tmp_path / "whole").scores
    assert train(thin, tmp_path / "thin").scores["validation"] == whole["validation"]


def test_the_card_has_the_strides_of_its_network(tmp_path: Path) -> None:
    config = make_set(tmp_path / "data")
    network = replace(config.network, architecture="pan", hyperparameters={"encoder": "small"})
    wide = replace(config.training, crop=128, steps=1, validate_every=1)
    config = replace(config, network=network, training=wide, card=replace(config.card, tile=128))
    assert train(config, tmp_path / "out").stride == 128
    with pytest.raises(InputError, match=r"card.tile = 64; expected a multiple of 128"):
        train(replace(config, card=replace(config.card, tile=64)), tmp_path / "no")


def test_levels_are_scored_each(tmp_path: Path) -> None:
    config = make_set(tmp_path / "data", "soft")
    levels = Level("A", "B", [1.2, 1.0, 0.9], [3.0, 0.0, 1.0])
    scores = train(
        replace(config, augment=replace(config.augment, levels=levels)), tmp_path / "out"
    ).scores
    assert list(scores) == [
        "held_out",
        "held_out_as_A",
        "held_out_as_B",
        "places",
        "by",
        "reliability",
        "validation",
        "split",
    ]
    whole = {name: score for name, score in scores["held_out"].items() if name != "places"}
    # the place held out is in level A
    assert scores["held_out_as_A"] == whole != scores["held_out_as_B"]
    assert scores["places"] == ["c1"]


def test_resuming_a_finished_training_changes_nothing(tmp_path: Path) -> None:
    config, out = make_set(tmp_path / "data"), tmp_path / "out"
    train(config, out)
    first = (out / "model.safetensors").read_bytes()
    train(config, out, resume=True)
    assert (out / "model.safetensors").read_bytes() == first


def test_a_missing_optimiser_is_told_before_any_sample_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_set(tmp_path / "data")
    shutil.rmtree(tmp_path / "data")
    monkeypatch.setitem(sys.modules, "pytorch_optimizer", None)
    with pytest.raises(
        InputError, match=r"expected the package pytorch-optimizer.*geoseg\[train\]"
    ):
        train(
            replace(config, training=replace(config.training, optimiser="soap")), tmp_path / "out"
        )
    with pytest.raises(InputError, match=r"\.tif|samples"):
        train(config, tmp_path / "out")


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_stopped_training_goes_on_as_if_it_had_not_been(tmp_path: Path, optimiser: str) -> None:
    config = make_set(tmp_path)
    config = replace(config, training=replace(config.training, optimiser=optimiser))
    whole, before, after = (make_learner(config) for _ in range(3))
    teach(whole, config, 0, 4)
    teach(before, config, 0, 2)
    write_checkpoint(tmp_path / "checkpoint.pt", before, 2)
    assert read_checkpoint(tmp_path / "checkpoint.pt", after) == (2, {})
    teach(after, config, 2, 4)
    expected, found = whole.average.state_dict(), after.average.state_dict()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def make_learner(config: Config) -> Learner:
    torch.manual_seed(1)
    return Learner(config.draft(), config)


def teach(learner: Learner, config: Config, first: int, last: int) -> None:
    pool = open_pool(config)
    augment = Augment(config.augment, config.bands, config.scaling)
    until = replace(config, training=replace(config.training, steps=last))
    for step, batch in enumerate(batches(until, pool, augment, first), first):
        torch.manual_seed(step)
        learner.learn(batch, 1.0, 0.5)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    config = make_set(tmp_path)
    write_checkpoint(tmp_path / "checkpoint.pt", make_learner(config), 1)
    wider = replace(
        config.network, hyperparameters={"encoder": "small", "decoder_channels": [32, 8, 8, 8, 8]}
    )
    with pytest.raises(ModelError, match="another network"):
        read_checkpoint(tmp_path / "checkpoint.pt", make_learner(replace(config, network=wider)))


def test_the_rate_rises_and_falls() -> None:
    rates = [schedule(step, 10, 100) for step in range(100)]
    assert max(rates) == rates[9] == 1.0
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)


PLACES = st.lists(st.sampled_from(["north 1", "north 2", "south", "west"]), min_size=1, max_size=20)


@given(PLACES)
def test_no_place_is_in_two_parts(places: list[str]) -> None:
    samples = [Sample(f"{i}.tif", "", place) for i, place in enumerate(["east", *places])]
    held = {
        "validation": ["north*"] if any(p < "s" and p > "e~" for p in places) else [],
        "test": ["south"] if "south" in places else [],
    }
    parts = by_pattern(samples, DataConfig(samples="x", **held))
    assert sorted(s.sample.scene for part in parts.values() for s in part) == sorted(
        s.scene for s in samples
    )
    found = [{share.sample.place for share in part} for part in parts.values()]
    assert sum(map(len, found)) == len(set().union(*found))


def test_a_place_held_out_twice_is_refused() -> None:
    with pytest.raises(InputError, match="both in validation and in test"):
        by_pattern(
            [Sample("", "", "north")], DataConfig(samples="x", validation=["n*"], test=["*h"])
        )
    with pytest.raises(InputError, match="no sample is left for training"):
        by_pattern([Sample("", "", "north")], DataConfig(samples="x", validation=["n*"]))


@given(st.integers(0, 2**32 - 1), st.sampled_from([8, 32, 64, 100]))
def test_every_crop_is_whole_and_true(seed: int, size: int) -> None:
    pool = POOLS[0]
    crop, index = pool.draw(np.random.default_rng(seed), size, balance=0.5, mix=0.3, zoom=1.0)
    assert crop.pixels.shape == (3, size, size)
    assert crop.target.shape == (CLASSES, size, size)
    assert 0 <= index < len(pool.pairs)
    assert not crop.target[:, ~crop.valid].any()
    labelled = crop.target.any(axis=0)
    assert np.array_equal(crop.target.argmax(axis=0)[labelled], crop.pixels[0][labelled] // 86)


POOLS: list[Pool] = []


@pytest.fixture(autouse=True, scope="module")
def _pool(tmp_path_factory: pytest.TempPathFactory) -> None:
    config = make_set(tmp_path_factory.mktemp("set"))
    POOLS[:] = [open_pool(config)]


def test_scenes_too_many_for_memory_are_read_by_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_set(tmp_path)
    held = open_pool(config)
    monkeypatch.setattr("geoseg.training.samples.HELD", 0)
    read = open_pool(config)
    for seed in range(8):
        a, b = (
            pool.draw(np.random.default_rng(seed), 64, 0.5, 0.3, 1.3)[0] for pool in (held, read)
        )
        assert np.array_equal(a.pixels, b.pixels)
        assert np.array_equal(a.target, b.target)


def test_labels_that_the_card_lacks(tmp_path: Path) -> None:
    config = make_set(tmp_path)
    write_raster(tmp_path / "label0.tif", np.full((1, 70, 90), 77, np.uint8))
    with pytest.raises(
        InputError,
        match=r"label0.tif hold the values \[77\]; expected classes of the card \(0, class 0, 10, .*\), or the nodata",
    ):
        train(config, tmp_path / "out")


def test_labels_of_another_size(tmp_path: Path) -> None:
    config = make_set(tmp_path)
    write(
        tmp_path / "label0.tif",
        np.zeros((1, 70, 91), np.uint8),
        crs=None,
        transform=(2.0, 0.0, 0.0, 0.0, -2.0, 0.0),
    )
    with pytest.raises(InputError, match=r"\(70, 91\) rows and columns.*\(70, 90\)"):
        train(config, tmp_path / "out")


def test_labels_of_another_kind(tmp_path: Path) -> None:
    config = make_set(tmp_path)
    write_raster(tmp_path / "label0.tif", np.zeros((2, 70, 90), np.uint8))
    with pytest.raises(InputError, match="2 bands of uint8; expected 1 band of class values"):
        train(config, tmp_path / "out")


def test_nothing_labelled(tmp_path: Path) -> None:
    config = make_set(tmp_path)
    for index in (0, 3):
        write_raster(
            tmp_path / f"label{index}.tif",
            np.full((1, *((70, 90), (7, 5))[index // 3]), 255, np.uint8),
            255,
        )
    with pytest.raises(InputError, match="no pixel of the training samples is labelled"):
        train(config, tmp_path / "out")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"colour": {}}, "unknown colour"),
        ({"training": {"crops": 3}}, r"\[training\] holds unknown crops; expected only .*crop"),
        ({"training": {"steps": 0}}, "training.steps = 0"),
        ({"training": {"steps": "many"}}, "training.steps = 'many'; expected a whole number"),
        ({"classes": [{"value": 0, "name": "a", "colour": "red"}]}, "must read #rrggbb"),
        ({"data": {"samples": "s.csv", "labels": ["x"]}}, "name its scenes and labels once"),
        ({"data": {}}, "name its scenes and labels once"),
        ({"classes": [{"value": 0, "name": "a"}]}, "only one class"),
        (
            {"classes": [{"value": 0, "name": "a"}, {"value": 0, "name": "b"}]},
            "two classes have the value 0",
        ),
        ({"loss": {"cross_entropy": 0.0}}, "one above 0"),
        ({"loss": {"classes": [1.0]}}, "one for each of 3"),
        (
            {"augment": {"levels": {"source": "A", "to": "B", "gain": [1.0], "offset": [0.0]}}},
            "one gain and one offset",
        ),
        ({"training": {"precision": "half"}}, "auto or float32 or bfloat16"),
        ({"training": {"optimiser": "sgd"}}, "training.optimiser = 'sgd'; expected adamw or soap"),
    ],
)
def test_what_a_configuration_may_not_say(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(TABLES | tables, Path())


def test_a_configuration_that_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("= 3")
    with pytest.raises(InputError, match="is not TOML"):
        read_config(tmp_path / "config.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read_config(tmp_path / "nothing.toml")


def test_a_table_that_lacks_a_column(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("scene,place\na.tif,x\n")
    with pytest.raises(InputError, match="lacks label"):
        read_samples(tmp_path / "samples.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_samples(tmp_path / "nothing.csv")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_examples_are_configurations(path: Path) -> None:
    assert read_config(path).card.name.startswith(path.parent.name.replace("_", "-"))


def test_every_model_that_ships_has_a_configuration() -> None:
    named = {read_config(path).card.name for path in EXAMPLES}
    assert named >= {bundle.card.name for bundle in [*list_models(), *list_masks()]}
