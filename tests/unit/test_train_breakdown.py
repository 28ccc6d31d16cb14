"""Scores by place and group: against counting by hand, and intervals that depend on places alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trainings import CONFIG, make_set

from geoseg.core.errors import InputError
from geoseg.evaluation.metrics import accuracy, mean_iou
from geoseg.models import find_model
from geoseg.training.breakdown import SceneCounts, break_down, intervals
from geoseg.training.loop import train
from geoseg.training.parse import read_config
from geoseg.training.partial_labels import Meanings
from geoseg.training.remeasure import measure_bundle
from geoseg.training.sources import Sample, read_samples

NAMES = ("water", "trees", "grass")
MEANINGS = Meanings(NAMES, ((1, 2),))


def made(scenes: int, seed: int = 0) -> tuple[SceneCounts, list[tuple[np.ndarray, ...]]]:
    """Counts of random scenes, and truth, map and percent of each."""
    rng = np.random.default_rng(seed)
    counts, seen = SceneCounts.empty(scenes, len(MEANINGS), 3), []
    for scene in range(scenes):
        truth = rng.choice(np.array([0, 1, 2, 3, 255], np.uint8), 400)
        mapped = rng.choice(np.array([0, 1, 2, 255], np.uint8), 400)
        percent = rng.integers(0, 101, 400).astype(np.uint8)
        percent[mapped == 255] = 255
        counts.add(scene, truth, mapped, percent)
        seen.append((truth, mapped, percent))
    return counts, seen


def test_each_group_has_the_scores_of_its_scenes() -> None:
    counts, seen = made(6)
    told = (
        ("a", "A", "dry"),
        ("a", "B", "dry"),
        ("b", "A", ""),
        ("b", "", "wet"),
        ("c", "", "dry"),
        ("d", "A", "wet"),
    )
    samples = [
        Sample("s.tif", "l.tif", place, level, groups=(("biome", biome),))
        for place, level, biome in told
    ]
    found = break_down(counts, samples, MEANINGS)
    assert found["places"] == 4
    by = found["by"]
    assert set(by) == {"place", "level", "biome"}  # no sample names a data set
    assert set(by["place"]) == {"a", "b", "c", "d"}
    assert set(by["biome"]) == {"dry", "wet"}
    assert by["biome"]["dry"]["places"] == 2  # a and c
    assert by["level"]["A"]["places"] == 3
    assert "accuracy_95" in by["level"]["A"]
    assert "accuracy_95" not in by["biome"]["dry"]  # two places tell none
    dry = [seen[i] for i in (0, 1, 4)]
    truth, mapped = (np.concatenate([one[part] for one in dry]) for part in (0, 1))
    known = (truth < 3) & (mapped < 3)
    assert by["biome"]["dry"]["pixels"] == known.sum()
    right = (truth == mapped)[known].mean()
    assert by["biome"]["dry"]["accuracy"] == pytest.approx(right, abs=1e-4)


def test_reliability_counts_what_is_mapped_where_the_label_is_one_class() -> None:
    counts, seen = made(3)
    samples = [Sample(f"{i}.tif", "l.tif", str(i)) for i in range(3)]
    found = break_down(counts, samples, MEANINGS)["reliability"]
    truth, mapped, percent = (np.concatenate([one[part] for one in seen]) for part in range(3))
    for index, name in enumerate(NAMES):
        mine = (mapped == index) & (truth < 3)
        assert found[name]["mapped"] == mine.sum()
        assert found[name]["confidence"] == pytest.approx(percent[mine].mean() / 100, abs=1e-4)
        assert found[name]["right"] == pytest.approx((truth[mine] == index).mean(), abs=1e-4)


def test_intervals_come_from_places_not_from_pixels() -> None:
    """Ten times as many pixels of the same places tell nothing more of other places."""
    rng = np.random.default_rng(1)
    few = rng.integers(1, 100, (12, 3, 3))
    assert intervals(few) == intervals(10 * few)
    spread = np.diff(intervals(few)["accuracy_95"])
    # places that are all alike have no spread
    assert np.diff(intervals(np.repeat(few[:1], 12, axis=0))["accuracy_95"]) == 0 < spread
    assert intervals(few[:2]) == {}


def test_three_places_run_from_the_worst_to_the_best() -> None:
    right = [10, 50, 90]
    places = np.array([[[n, 100 - n], [100 - n, n]] for n in right])
    assert intervals(places)["accuracy_95"] == [0.1, 0.9]


@given(seed=st.integers(0, 999), places=st.integers(3, 15))
def test_what_was_measured_lies_in_its_interval(seed: int, places: int) -> None:
    """So it does where places are alike in size: the bootstrap is centred on them."""
    rng = np.random.default_rng(seed)
    right = rng.uniform(0.2, 0.9, places)
    matrices = np.array([[[1000 * r, 1000 * (1 - r)]] * 2 for r in right]).astype(np.int64)
    matrices[:, 1] = matrices[:, 1, ::-1]
    whole, found = matrices.sum(axis=0), intervals(matrices, seed)
    for name, metric in (("accuracy", accuracy), ("mean_iou", mean_iou)):
        low, high = found[f"{name}_95"]
        assert low - 1e-4 <= metric(whole) <= high + 1e-4


def test_groups_are_columns_of_the_table(tmp_path: Path) -> None:
    config = make_set(tmp_path)
    table = tmp_path / "samples.csv"
    rows = table.read_text(encoding="utf-8").splitlines()
    marked = [rows[0] + ",biome", *(f"{row},savanna" for row in rows[1:])]
    table.write_text("\n".join(marked) + "\n", encoding="utf-8")
    first, *_ = read_samples(table, ["biome"])
    assert first.groups == (("biome", "savanna"),)
    with pytest.raises(InputError, match="lacks season"):
        read_samples(table, ["season"])
    told = replace(config, data=replace(config.data, groups=["biome"]))
    card = train(told, tmp_path / "out")
    assert card.scores["by"]["biome"]["savanna"]["pixels"] == card.scores["held_out"]["pixels"]


def test_a_twin_lends_its_scores_and_says_so(tmp_path: Path) -> None:
    config = make_set(tmp_path / "data")
    train(config, tmp_path / "twin")
    twin = find_model(str(tmp_path / "twin"))
    card = train(config, tmp_path / "all", twin=twin)
    assert card.scores == twin.card.scores
    assert card.temperature == twin.card.temperature
    assert "c1" in card.scores_from
    split = json.loads((tmp_path / "all" / "split.json").read_text(encoding="utf-8"))
    assert {part: split[part]["places"] for part in split} == {
        "training": ["a", "b", "c1"],
        "validation": [],
        "test": [],
    }
    assert "twin" in (tmp_path / "all" / "report.html").read_text(encoding="utf-8")
    both = find_model(str(tmp_path / "all"))
    assert both.card == card
    with pytest.raises(InputError, match="no scores of its own"):
        train(config, tmp_path / "third", twin=both)
    other = replace(
        config.network, hyperparameters={"encoder": "small", "decoder_channels": [8] * 5}
    )
    with pytest.raises(InputError, match="differs in its hyperparameters"):
        train(replace(config, network=other), tmp_path / "third", twin=twin)
    sigmoid = replace(config.loss, cross_entropy=0.0, binary=1.0)
    with pytest.raises(InputError, match="differs in its activation"):
        train(replace(config, loss=sigmoid), tmp_path / "third", twin=twin)
    elsewhere = replace(twin.card, scores=twin.card.scores | {"places": ["c1", "far"]})
    with pytest.raises(InputError, match="was measured on far, which is not among"):
        train(config, tmp_path / "third", twin=replace(twin, card=elsewhere))


def test_a_model_is_measured_again_as_it_was(tmp_path: Path) -> None:
    make_set(tmp_path / "data")
    config = tmp_path / "data" / "config.toml"
    config.write_text(CONFIG.replace("validation = []", 'validation = ["b"]'), encoding="utf-8")
    card = train(read_config(config), tmp_path / "out")
    bundle = find_model(str(tmp_path / "out"))
    wrong = replace(card, scores={"held_out": {"accuracy": 1.0}, "foreign": {"noise": {"a": 1}}})
    again = measure_bundle(replace(bundle, card=wrong), config, "cpu")
    # the weights were rounded to float16 when they were written
    for part in ("held_out", "validation"):
        was, found = (one.scores[part]["accuracy"] for one in (card, again))
        assert found == pytest.approx(was, abs=0.01)
    assert list(again.scores["by"]) == list(card.scores["by"])
    assert again.scores["foreign"] == {"noise": {"a": 1}}  # what this does not measure stays
    assert again.temperature == pytest.approx(card.temperature, rel=0.01)
    written = find_model(str(tmp_path / "out"))
    assert written.card == again
    assert measure_bundle(written, config, "cpu") == again
    other = config.with_name("other.toml")
    other.write_text(
        config.read_text(encoding="utf-8").replace('test = ["c*"]', 'test = ["a"]'),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="was trained on a "):
        measure_bundle(written, other, "cpu")
    borrowed = replace(bundle, card=replace(card, scores_from="a twin"))
    with pytest.raises(InputError, match="trained on all places"):
        measure_bundle(borrowed, config, "cpu")
