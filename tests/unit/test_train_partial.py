"""Partial (set-valued) labels: legends, the losses by hand, what is counted, and two data sets
trained on together.
"""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from torch.nn.functional import cross_entropy
from trainings import TABLES, make_set, open_pool, write_raster

from geoseg.cli import run
from geoseg.core.card import NODATA
from geoseg.core.errors import InputError
from geoseg.evaluation.metrics import accuracy, iou, mean_iou, precision, recall
from geoseg.features.coding import Coding
from geoseg.features.labels import open_labels
from geoseg.training.config import Config, LossConfig
from geoseg.training.keywords import read_classes
from geoseg.training.loop import train
from geoseg.training.losses import binary, combine, dice, focal, sharpen, soft_cross_entropy
from geoseg.training.parse import parse
from geoseg.training.partial_labels import agreement, collect, countable
from geoseg.training.scene_label import make_reading, told_for_certain, truth_for

NAMES = ("water", "trees", "grass")
SETS = ((1, 2),)
EVEN = torch.ones(3)
# the trees or grass of two pixels, of which the first is of that set, the second is water
LOGITS = torch.tensor([[2.0, 1.0, 0.5], [0.0, 1.0, -1.0]]).T.reshape(1, 3, 1, 2)
SHARES = torch.tensor([[0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]).T.reshape(1, 4, 1, 2)
WEIGHT = torch.ones(1, 1, 2)


def close(found: torch.Tensor, expected: float) -> None:
    assert float(found.detach()) == pytest.approx(expected, rel=1e-5)


def test_the_loss_of_a_set_is_that_of_its_summed_probabilities() -> None:
    """Softmax of (2, 1, 0.5): e^1 and e^0.5 of e^2 + e^1 + e^0.5 are trees or grass; of (0, 1,
    -1), 1 is water.
    """
    one = -np.log((np.exp(1) + np.exp(0.5)) / (np.exp(2) + np.exp(1) + np.exp(0.5)))
    other = -np.log(1 / (1 + np.exp(1) + np.exp(-1)))
    close(soft_cross_entropy(LOGITS, SHARES, WEIGHT, EVEN, sets=SETS), (one + other) / 2)
    faint = [(1 - np.exp(-loss)) ** 2 * loss for loss in (one, other)]
    close(focal(LOGITS, SHARES, WEIGHT, EVEN, gamma=2.0, sets=SETS), sum(faint) / 2)


def test_an_even_loss_of_a_set_is_the_same_and_raises_its_members_alike() -> None:
    """What the slope of -log(p) moves goes to the members in equal parts: their ratio stays."""
    logits = LOGITS.clone().requires_grad_()
    for loss in (soft_cross_entropy, focal):
        found = loss(logits, SHARES, WEIGHT, EVEN, sets=SETS, even=True)
        close(found, float(loss(LOGITS, SHARES, WEIGHT, EVEN, sets=SETS)))
    (slope,) = torch.autograd.grad(
        soft_cross_entropy(logits, SHARES, WEIGHT, EVEN, sets=SETS, even=True), logits
    )
    water = float(LOGITS[:, :, :, :1].softmax(dim=1)[0, 0])
    first = slope[0, :, 0, 0] * 2  # the mean is of two pixels
    torch.testing.assert_close(first, torch.tensor([water, -water / 2, -water / 2]))
    (plain,) = torch.autograd.grad(
        soft_cross_entropy(logits, SHARES, WEIGHT, EVEN, sets=SETS), logits
    )
    torch.testing.assert_close(
        slope[..., 1], plain[..., 1]
    )  # the water of the second pixel is no set
    assert (
        plain[0, 1, 0, 0] < plain[0, 2, 0, 0]
    )  # of the sum itself, the class that leads gains more


def test_soft_labels_share_a_pixel_between_a_set_and_a_class() -> None:
    """A teacher that says 0.7 trees or grass and 0.3 water; shares of 255, sharpened with power
    1.
    """
    target = torch.tensor([77, 0, 0, 178]).reshape(1, 4, 1, 1).to(torch.uint8)
    shares, weight = sharpen(target, 1.0)
    total = np.exp(2) + np.exp(1) + np.exp(0.5)
    expected = -77 / 255 * np.log(np.exp(2) / total) - 178 / 255 * np.log(
        (np.exp(1) + np.exp(0.5)) / total
    )
    close(soft_cross_entropy(LOGITS[..., :1], shares, weight, EVEN, sets=SETS), expected)


def test_a_set_of_sigmoids_is_there_unless_all_its_members_are_away() -> None:
    p = 1 / (1 + np.exp(-np.array([2.0, 1.0, 0.5])))
    one = -np.log(1 - (1 - p[1]) * (1 - p[2])) - np.log(
        1 - p[0]
    )  # neither member is denied, water is
    q = 1 / (1 + np.exp(-np.array([0.0, 1.0, -1.0])))
    other = -np.log(q[0]) - np.log(1 - q[1]) - np.log(1 - q[2])
    close(binary(LOGITS, SHARES, WEIGHT, EVEN, sets=SETS), (one + other) / 2 / 3)


def test_a_set_weighs_as_much_as_its_members() -> None:
    heavy = torch.tensor([1.0, 2.0, 4.0])
    one, other = (
        float(
            soft_cross_entropy(
                LOGITS[..., i : i + 1], SHARES[..., i : i + 1], WEIGHT[..., :1], EVEN, sets=SETS
            )
        )
        for i in range(2)
    )
    close(soft_cross_entropy(LOGITS, SHARES, WEIGHT, heavy, sets=SETS), (3 * one + 1 * other) / 4)


def test_dice_of_a_class_leaves_out_where_it_may_be() -> None:
    """Trees are labelled nowhere, grass nowhere: only water is there, and both pixels tell of
    it.
    """
    p = np.exp([2.0, 0.0]) / np.array(
        [np.exp(2) + np.exp(1) + np.exp(0.5), 1 + np.exp(1) + np.exp(-1)]
    )
    expected = 1 - (2 * p[1] + 1) / (p[0] ** 2 + p[1] ** 2 + 1 + 1)
    close(dice(LOGITS, SHARES, WEIGHT, EVEN, sets=SETS), expected)
    other = LOGITS.clone()
    other[0, 1, 0, 0], other[0, 2, 0, 0] = (
        0.5,
        1.0,
    )  # trees and grass change places in the pixel of both
    tree = torch.tensor([0.0, 1.0, 0.0, 0.0]).reshape(1, 4, 1, 1).expand(1, 4, 1, 1)
    with_tree = [torch.cat([logits, LOGITS[..., :1]], dim=3) for logits in (LOGITS, other)]
    shares, weight = torch.cat([SHARES, tree], dim=3), torch.ones(1, 1, 3)
    torch.testing.assert_close(
        *(dice(logits, shares, weight, EVEN, sets=SETS) for logits in with_tree)
    )


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "binary", "dice"])
def test_sets_that_no_pixel_has_change_no_loss(name: str) -> None:
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(2, 3, 5, 4, generator=generator)
    shares = (
        torch.nn.functional.one_hot(torch.randint(0, 3, (2, 5, 4), generator=generator), 3)
        .movedim(3, 1)
        .float()
    )
    given = (torch.ones(2, 5, 4), torch.tensor([1.0, 0.5, 2.0]))
    more = torch.cat([shares, torch.zeros(2, 1, 5, 4)], dim=1)
    config = LossConfig(**({"cross_entropy": 0.0} | {name: 1.0}))
    torch.testing.assert_close(
        combine(config, SETS)(logits, more, *given), combine(config)(logits, shares, *given)
    )


def test_a_set_of_all_classes_teaches_nothing() -> None:
    logits = LOGITS.clone().requires_grad_()
    shares = torch.zeros(1, 4, 1, 2)
    shares[:, 3] = 1
    loss = soft_cross_entropy(logits, shares, WEIGHT, EVEN, sets=((0, 1, 2),))
    torch.testing.assert_close(loss, torch.tensor(0.0), atol=1e-6, rtol=0)
    (gradient,) = torch.autograd.grad(loss, logits)
    assert gradient.abs().max() < 1e-6


@pytest.mark.parametrize("size", [-90.0, 0.0, 90.0])
def test_far_off_logits_have_finite_losses_and_gradients(size: float) -> None:
    logits = (LOGITS * 0 + size).requires_grad_()
    even = [partial(loss, even=True) for loss in (soft_cross_entropy, focal)]
    for loss in (soft_cross_entropy, focal, binary, dice, *even):
        found = loss(logits, SHARES, WEIGHT, EVEN, sets=SETS)
        (gradient,) = torch.autograd.grad(found, logits)
        assert torch.isfinite(found)
        assert torch.isfinite(gradient).all()


def test_legends_name_classes_or_sets_of_them() -> None:
    meanings = collect(
        NAMES, [{"water": [1], "grass|trees": [2]}, {"trees | grass": [7], "grass|water": [8]}]
    )
    assert meanings.sets == ((1, 2), (0, 2))
    assert meanings.texts == (*NAMES, "trees or grass", "water or grass")
    assert [meanings.find(key) for key in ("grass", "trees|grass", "water|grass")] == [2, 3, 4]
    assert meanings.share_evenly(np.array([4.0, 1.0, 0.0, 6.0, 2.0])).tolist() == [5.0, 4.0, 4.0]
    assert collect(("a|b", "c"), [{"a|b": [1]}]).sets == ()  # the name of a class


@pytest.mark.parametrize(
    ("legend", "words"),
    [
        ({"trees|gras": [1]}, "'gras', which is no class"),
        ({"trees|trees": [1]}, "names a class twice"),
        ({"water|trees": [0]}, "the source 0 stands for two classes"),
    ],
)
def test_legends_that_mean_nothing_are_refused(
    tmp_path: Path, legend: dict[str, list[int]], words: str
) -> None:
    classes = [{"value": i, "name": name} for i, name in enumerate(NAMES)]
    with pytest.raises(InputError, match=words):
        parse(TABLES | {"classes": classes, "data": TABLES["data"] | {"legend": legend}}, tmp_path)


@pytest.mark.parametrize(
    ("legend", "words"),
    [
        ({"class 0": [1], "class 1": [3]}, "every band once"),
        ({"class 0": [0], "class 1|class 2": [1]}, "every band once"),
    ],
)
def test_bands_of_soft_labels_are_all_named(
    tmp_path: Path, legend: dict[str, list[int]], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        parse(TABLES | {"datasets": {"x": {"legend": legend, "soft": True}}}, tmp_path)


@pytest.mark.parametrize(
    "tables",
    [
        {"x": {"weight": 0.0}},
        {"x": {"weight": float("inf")}},
        {"x": {"legend": {"a": 1}}},
        {"x": {"colour": "red"}},
        {"x": 3},
    ],
)
def test_data_sets_that_are_none_are_refused(tmp_path: Path, tables: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"weight|legend|colour|datasets"):
        parse(TABLES | {"datasets": tables}, tmp_path)


def test_classes_of_the_command_line_may_be_sets() -> None:
    classes, legend = read_classes(
        "trees=1:#00ff00:oak|pine,grass=2,trees|grass=3|green,grass|trees=4"
    )
    assert [(c["name"], c["sources"]) for c in classes] == [
        ("trees", ["oak", "pine"]),
        ("grass", []),
    ]
    assert legend == {"trees|grass": [3, "green"], "grass|trees": [4]}
    for wrong in ("trees|grass=", "=3", "trees|grass"):
        with pytest.raises(InputError, match="--classes"):
            read_classes(f"trees=1,grass=2,{wrong}")


def test_what_can_be_counted() -> None:
    """Ten pixels are trees or grass: six got one of them, which tells nothing; four are wrong
    for certain.
    """
    meanings = collect(NAMES, [{"trees|grass": [1]}])
    counts = np.array([[8, 2, 0], [1, 6, 1], [0, 2, 5], [4, 5, 1]], np.int64)
    known = countable(counts, meanings)
    assert known[3].tolist() == [4, 0, 0]
    assert accuracy(known) == pytest.approx(19 / 25)
    assert iou(known).tolist() == pytest.approx(
        [8 / (10 + 13 - 8), 6 / (8 + 10 - 6), 5 / (7 + 6 - 5)]
    )
    assert precision(known)[0] == pytest.approx(8 / 13)
    assert recall(known)[0] == pytest.approx(8 / 10)
    assert mean_iou(known) == pytest.approx(np.mean([8 / 15, 6 / 12, 5 / 8]))
    assert agreement(counts, meanings) == {"trees or grass": {"agreed": 0.6, "pixels": 10}}


def test_of_several_at_once_a_set_covers_what_the_map_says() -> None:
    """Pixels told water and (trees or grass): a map that says grass is neither right nor wrong
    for certain.
    """
    target = np.array([[255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 255]], np.uint8).T[:, :, None]
    mapped = np.array([[2], [2], [0]])
    assert truth_for(target, mapped, several=True, sets=SETS).ravel().tolist() == [3, 0, 3]
    assert truth_for(target, np.zeros((3, 1), int), several=True, sets=SETS).ravel().tolist() == [
        0,
        0,
        3,
    ]
    certain = told_for_certain(target, several=True, labels=3)
    assert certain[:, :, 0].T.tolist() == [[255] * 3, [1, 0, 0], [255] * 3]
    assert told_for_certain(target[:, 1:], several=False, labels=3).ravel().tolist() == [0, 255]


def make_two(folder: Path, soft: bool = False) -> Config:
    """The scenes of make_set; those of place a tell class 1 from 2 no more, in a legend of their
    own.
    """
    make_set(folder)
    with (folder / "samples.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["dataset"] = "vague" if row["place"] == "a" else "exact"
        if row["dataset"] == "vague":
            path = folder / row["label"]
            with rasterio.open(path) as source:
                exact = source.read(1)
            coarse = np.select([exact == 0, exact == 255], [7, 255], 8).astype(np.uint8)
            shares = np.stack([coarse == 8, coarse == 7]).astype(np.uint8) * 255
            path.unlink()
            write_raster(path, shares if soft else coarse[None], None if soft else 255)
    with (folder / "samples.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    legend = (
        {"class 1|class 2": [1], "class 0": [2]}
        if soft
        else {"class 0": [7], "class 1|class 2": [8]}
    )
    exact = {"legend": {f"class {i}": [10 * i] for i in range(3)}, "weight": 3.0}
    return parse(
        TABLES | {"datasets": {"vague": {"legend": legend, "soft": soft}, "exact": exact}}, folder
    )


@pytest.mark.parametrize("soft", [False, True])
def test_each_data_set_is_read_by_its_own_legend(tmp_path: Path, soft: bool) -> None:
    pool = open_pool(make_two(tmp_path, soft))
    assert pool.meanings.texts == ("class 0", "class 1", "class 2", "class 1 or class 2")
    exact = open_pool(make_set(tmp_path / "exact"))
    for index, sample in enumerate(pool.samples):
        counts = exact.counts[index]
        expected = (
            [counts[0], 0, 0, counts[1] + counts[2]] if sample.dataset == "vague" else [*counts, 0]
        )
        assert pool.counts[index].tolist() == expected


def test_crops_are_drawn_by_the_weights_of_the_data_sets(tmp_path: Path) -> None:
    pool = open_pool(make_two(tmp_path))
    rng = np.random.default_rng(1)
    drawn = [pool.samples[pool.draw(rng, 32, 0.5, 0.0, 1.0)[1]].dataset for _ in range(400)]
    assert drawn.count("exact") / 400 == pytest.approx(0.75, abs=0.07)


def test_a_sample_of_an_unknown_data_set_is_refused(tmp_path: Path) -> None:
    config = make_two(tmp_path)
    text = (tmp_path / "samples.csv").read_text(encoding="utf-8")
    (tmp_path / "samples.csv").write_text(text.replace("vague", "vgue"), encoding="utf-8")
    with pytest.raises(InputError, match=r"data set 'vgue'.*is not in the configuration"):
        open_pool(config)


@pytest.mark.parametrize("there", [False, True])
def test_a_refused_training_leaves_no_folder_that_it_made(tmp_path: Path, there: bool) -> None:
    out = tmp_path / "out"
    config = make_two(tmp_path)
    (tmp_path / "samples.csv").unlink()
    if there:
        out.mkdir()
    with pytest.raises(InputError, match=r"samples\.csv"):
        train(config, out)
    assert out.exists() == there


def test_two_legends_are_trained_on_together(tmp_path: Path) -> None:
    """What is one of two in the training scenes is not learned apart, but all of it as one of
    the two.
    """
    steps = TABLES["training"] | {
        "crop": 32,
        "batch": 4,
        "steps": 60,
        "rate": 2e-2,
        "ema": 0.9,
        "validate_every": 60,
    }
    config = make_two(tmp_path)
    config = parse(
        TABLES
        | {
            "training": steps,
            "augment": {},
            "loss": {"cross_entropy": 1.0, "dice": 0.5},
            "data": TABLES["data"] | {"validation": ["b"], "test": ["a"]},
            "datasets": {
                "vague": {"legend": {"class 0": [7], "class 1|class 2": [8]}},
                "exact": {"legend": {f"class {i}": [10 * i] for i in range(3)}},
            },
        },
        tmp_path,
    )
    card = train(config, tmp_path / "out", device="cpu")
    found = card.scores["held_out"]
    assert found["partial"]["class 1 or class 2"]["agreed"] > 0.8
    assert set(found["classes"]) == {"class 0"}  # the two have no pixel of their own there
    written = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    assert "partial" in json.dumps(written)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "class 1 or class 2" in page


def test_sets_from_the_command_line_reach_the_labels(tmp_path: Path) -> None:
    make_set(tmp_path)
    out = tmp_path / "out"
    status = run(
        [
            "train",
            "--samples",
            str(tmp_path / "samples.csv"),
            "--classes",
            "one=0,two=10,one|two=20",
            "--out",
            str(out),
            "--validation",
            "b",
            "--crop",
            "64",
            "--batch",
            "2",
            "--steps",
            "2",
            "--encoder",
            "small",
            "--gsd",
            "1",
            "--pretrained",
            "",
            "--set",
            "training.warmup=1",
            "--quiet",
        ]
    )
    assert status == 0
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert "one or two" in json.dumps(card)


def test_hard_partial_labels_agree_with_plain_cross_entropy_of_merged_classes() -> None:
    """Two classes of one set are one class whose probability is their sum: the merged network's
    cross entropy.
    """
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(1, 3, 6, 6, generator=generator)
    truth = torch.randint(0, 2, (1, 6, 6), generator=generator)  # water, or trees or grass
    shares = torch.zeros(1, 4, 6, 6)
    shares[:, 0], shares[:, 3] = (truth == 0).float(), (truth == 1).float()
    merged = torch.stack([logits[:, 0], logits[:, 1:].logsumexp(dim=1)], dim=1)
    found = soft_cross_entropy(logits, shares, torch.ones(1, 6, 6), EVEN, sets=SETS)
    torch.testing.assert_close(found, cross_entropy(merged, truth))


def test_sources_of_sets_may_be_colours_and_texts(tmp_path: Path) -> None:
    legend = {"class 1|class 2": ["#AABBCC", "mixed", 7], "class 0": ["#000001"]}
    config = parse(
        TABLES | {"datasets": {"x": {"legend": legend, "ignore": ["#FFFFFF"]}}}, tmp_path
    )
    coding = make_reading(config).legends["x"].coding
    assert coding.colours == {0xAABBCC: 3, 1: 0, 0xFFFFFF: NODATA}
    assert coding.indices["mixed"] == coding.indices[7] == 3


def test_features_of_mixed_kind_are_sets(tmp_path: Path) -> None:
    """Polygons from a vector file: one of them is of either of two classes."""
    write_raster(tmp_path / "scene.tif", np.zeros((3, 20, 20), np.uint8) + 5)
    boxes = {"one": (0, 10), "either": (10, 20)}
    features = [
        {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [4e5 + a, 5e6],
                        [4e5 + b, 5e6],
                        [4e5 + b, 5e6 - 20],
                        [4e5 + a, 5e6 - 20],
                        [4e5 + a, 5e6],
                    ]
                ],
            },
        }
        for kind, (a, b) in boxes.items()
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": features}
    (tmp_path / "labels.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (tmp_path / "samples.csv").write_text(
        "scene,label,place\nscene.tif,labels.geojson,a\n", encoding="utf-8"
    )
    classes, legend = read_classes("one=1,two=2,one|two=either")
    pool = open_pool(
        parse(
            TABLES
            | {"classes": classes, "data": TABLES["data"] | {"column": "kind", "legend": legend}},
            tmp_path,
        )
    )
    assert pool.counts.tolist() == [[200, 0, 200]]


def test_the_fourth_of_four_bands_of_shares_is_no_alpha(tmp_path: Path) -> None:
    """GDAL marks it so where nobody says otherwise, and then takes 0 there for nodata."""
    make_set(tmp_path)
    names = [f"class {i}" for i in range(4)]
    soft = TABLES | {
        "classes": [{"value": i, "name": name} for i, name in enumerate(names)],
        "data": TABLES["data"] | {"soft": True},
    }
    expected = np.zeros(4)
    for path in sorted(tmp_path.glob("label*.tif")):
        with rasterio.open(path) as source:
            codes = source.read(1) % 4
        shares = (np.eye(4, dtype=np.uint8)[codes] * 255).transpose(2, 0, 1)
        expected += np.bincount(codes.ravel(), minlength=4)
        path.unlink()
        write_raster(path, shares)
        with rasterio.open(path) as source:
            assert source.colorinterp[3].name == "alpha"
    pool = open_pool(parse(soft, tmp_path))
    assert pool.counts.sum(axis=0).tolist() == expected.tolist()
    # on another grid GDAL would leave out what it takes for transparent
    larger = write_raster(tmp_path / "larger.tif", np.pad(shares, [(0, 0), (0, 1), (0, 0)]))
    with pytest.raises(InputError, match="marked as alpha"):
        open_labels(str(larger), pool.pairs[0].grid, Coding({}), soft=4)


def test_bands_may_be_told_by_the_classes() -> None:
    """What a class says is its band is not passed over for its place."""
    classes, legend = read_classes("water=1::1,grass=2,trees=3,road=4::3,grass|trees=2")
    data = {"soft": True, "legend": legend, "samples": "x.csv"}
    reading = make_reading(parse({"classes": classes, "data": data}, Path()))
    assert reading.legends[""].bands == (0, 4, 3)
    swapped, _ = read_classes("water=0::2,land=1::1")
    data = {"soft": True, "samples": "x.csv"}
    assert make_reading(parse({"classes": swapped, "data": data}, Path())).legends[""].bands == (
        1,
        0,
    )
    plain, legend = read_classes("water=1,grass=2,water|grass=2")
    with pytest.raises(InputError, match="band 2 of the labels stands for two"):
        parse({"classes": plain, "data": data | {"legend": legend}}, Path())


def test_even_sets_of_no_loss_that_knows_them_are_refused() -> None:
    with pytest.raises(InputError, match="neither is used"):
        LossConfig(cross_entropy=0.0, binary=1.0, even_sets=True)
