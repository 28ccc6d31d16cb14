"""What learning from sparse labels is made of: heads, places, scores, features, suggestions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import labelled
import numpy as np
import pytest
import rasterio
import rasters
import shapely
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rasterio.features import rasterize

import geoseg
from geoseg.architectures import build
from geoseg.core.card import Band, Label, ModelCard, Scaling
from geoseg.core.errors import InputError, ModelError
from geoseg.core.events import silent
from geoseg.core.grid import Grid
from geoseg.core.options import Options
from geoseg.features.aoi import load_aoi
from geoseg.labelling.body import CELL, Body, FeatureMaps, Scenes, last_layer
from geoseg.labelling.head import KNOWN, L2, NEVER, Head, fit_head, shares, with_shares
from geoseg.labelling.learn import Learning, learn, open_desk
from geoseg.labelling.places import (
    FOLDS,
    KEPT,
    MOST,
    Dealt,
    Pixels,
    apart,
    barred_windows,
    deal,
    find_pixels,
    pixels_of,
)
from geoseg.labelling.score import count, score
from geoseg.labelling.suggest import SMOOTH, SPOT, _Candidates, _smooth, _spread, survey_cells
from geoseg.labelling.summary import summarise
from geoseg.labelling.workspace import (
    add_labels,
    create_workspace,
    read_labels,
    set_current_model,
)
from geoseg.models import find_model
from geoseg.scene.describe import describe


def test_the_head_of_one_feature_is_the_one_computed_by_hand() -> None:
    """Two classes at -1 and 1: by symmetry the weights are -w and w, and the derivative of
    log(1 + exp(-2 w)) + L2 w^2 is 0 where w (1 + exp(2 w)) = 1 / L2.
    """
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * (1 + np.exp(2 * middle)) < 1 / L2 else (low, middle)
    found = fit_head(np.array([[-1.0], [1.0]]), np.array([0, 1]), 2)
    assert found.weight[:, 0] == pytest.approx([-low, low], abs=1e-4)
    assert found.bias == pytest.approx([found.bias.mean()] * 2, abs=1e-4)


@pytest.mark.parametrize("spread", [(1, 1, 1, 1), (1, 3, 0.2, 0.5)])
def test_the_head_is_that_of_an_independent_library(spread: tuple[float, ...]) -> None:
    """With features standardised by those of the land around."""
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1, 2], [200, 50, 20])
    features = rng.normal(size=(270, 4)) * [1, 5, 0.1, 2] + label[:, None] * [1, 2, 0.1, 0] + 3
    land = features * spread + 5
    scaled = features / land.std(axis=0)
    each = 1 / (np.bincount(label)[label] * 3)
    theirs = linear.LogisticRegression(C=1 / L2, tol=1e-8, max_iter=1000)
    theirs.fit(scaled, label, sample_weight=each)
    ours = fit_head(features.astype(np.float32), label, 3, land=land).scores(features)
    assert ours == pytest.approx(theirs.predict_proba(scaled), abs=2e-3)


def test_what_the_start_tells_apart_costs_less() -> None:
    """Of two features that part the classes alike, the one along which the start parts land gets
    the greater weight.
    """
    label = np.array([0, 1] * 50)
    features = np.repeat((label * 2 - 1.0)[:, None], 2, axis=1)
    plain = fit_head(features, label, 2)
    known = fit_head(features, label, 2, np.array([[1.0, 0.0]], np.float32))
    assert plain.weight[1, 0] == pytest.approx(plain.weight[1, 1], rel=1e-3)
    assert known.weight[1, 0] == pytest.approx((1 + KNOWN**2) * known.weight[1, 1], rel=0.02)


def test_a_class_without_labels_is_never_mapped() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(40, 3)).astype(np.float32)
    found = fit_head(features, np.repeat([0, 2], 20), 3)
    assert found.bias[1] == NEVER
    share = shares(found, features)
    assert share[1] == 0
    everywhere = rng.normal(size=(1000, 3)) * 1000
    assert not (with_shares(found, share).logits(everywhere).argmax(axis=1) == 1).any()
    assert np.isfinite(np.float16(with_shares(found, share).bias)).all()


def test_shares_move_the_border_to_what_is_common() -> None:
    """Of one feature of two normal classes at -1 and 1, one nine times as common: the best border
    moves towards the rare one.
    """
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1], 500)
    features = rng.normal(size=1000)[:, None] + (label * 2 - 1)[:, None]
    even = fit_head(features, label, 2)
    scene = np.repeat([0, 1], [9000, 1000])
    seen = rng.normal(size=10_000)[:, None] + (scene * 2 - 1)[:, None]
    moved = with_shares(even, shares(even, seen))
    right = [(head.logits(seen).argmax(axis=1) == scene).mean() for head in (even, moved)]
    assert right[1] > right[0]


@st.composite
def pixel_tables(draw: Any) -> Pixels:
    """Draw labels of a few pixels in two scenes, in the order in which they were drawn."""
    count = draw(st.integers(1, 30))
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 1), st.integers(0, 90), st.integers(0, 90), st.integers(0, 3)),
            min_size=count,
            max_size=count,
        )
    )
    kept = draw(st.sets(st.integers(0, count - 1), max_size=2))
    at = np.array([row[:3] for row in rows], np.int64)
    where = at // np.array([1, 30, 30])
    place = where[:, 0] * 100 + where[:, 1] * 10 + where[:, 2]
    held = np.isin(place, place[sorted(kept)])
    label = np.array([row[3] for row in rows], np.int64)
    return Pixels(at, label, np.arange(count), place, held)


@given(pixel_tables(), st.integers(1, 20))
def test_blocks_never_leak(pixels: Pixels, guard: int) -> None:
    """Whatever is held out, nothing nearer than the guard is learned from, and no place is both."""
    part = deal(pixels, 4)
    for fold in range(FOLDS + 1):
        held = part == fold
        free = apart(pixels.at, held, guard)
        assert not (free & held).any()
        assert not set(pixels.place[free].tolist()) & set(pixels.place[held].tolist())
        for scene, row, column in pixels.at[free].tolist():
            near = pixels.at[held & (pixels.at[:, 0] == scene)][:, 1:]
            far = np.abs(near - [row, column]).max(axis=1)
            assert (far >= guard).all()
        for scene in range(2):
            windows = barred_windows(pixels.at, held, guard, scene)
            for at, barred in zip(pixels.at.tolist(), ~free, strict=True):
                inside = any(
                    w.top <= at[1] < w.bottom and w.left <= at[2] < w.right for w in windows
                )
                if at[0] == scene:
                    assert inside == barred


@given(pixel_tables(), st.data())
def test_what_is_held_out_stays_held_out(pixels: Pixels, data: Any) -> None:
    """Labels that are added move no place to another part, and classes are spread over the parts;
    who wants a label kept for scoring has its whole place kept.
    """
    assert ((deal(pixels, 4) == KEPT) == pixels.kept).all()
    free = replace(pixels, kept=np.zeros(len(pixels), bool))
    whole = deal(free, 4)
    before = data.draw(st.integers(1, len(free)))
    assert (deal(free.take(np.arange(before)), 4) == whole[:before]).all()
    first = dict(zip(free.place[::-1], free.label[::-1], strict=True))
    for label in range(4):
        mine = [place for place, its in first.items() if its == label]
        parts = {int(whole[free.place == place][0]) for place in mine}
        assert len(parts) == min(len(mine), FOLDS)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 45), st.integers(-5, 35)), min_size=3, max_size=6))
def test_pixels_of_an_area_are_those_that_gdal_burns(corners: list[tuple[int, int]]) -> None:
    shape = shapely.convex_hull(
        shapely.MultiPoint([(x + 2**0.5 / 6, y + 3**0.5 / 14) for x, y in corners])
    )
    grid = Grid(30, 40, (1, 0, 0, 0, -1, 0), None)
    found = pixels_of(shape, grid, np.random.default_rng(0))
    if shape.geom_type != "Polygon":
        return
    burnt = np.argwhere(rasterize([shape], (30, 40)))
    if len(burnt) > MOST:
        assert len(found) == MOST
        assert set(map(tuple, found.tolist())) <= set(map(tuple, burnt.tolist()))
    elif len(burnt):
        assert found.tolist() == burnt.tolist()


def test_later_labels_lie_on_top(tmp_path: Path) -> None:
    workspace = labelled.make_workspace(tmp_path, each=1)
    first = read_labels(workspace)
    shape = first.geometry.iloc[0]
    other = "bare" if first["class"].iloc[0] != "bare" else "trees"
    again = gpd.GeoDataFrame(
        {"class": [other], "time": ["2999-01-01T00:00:00Z"]}, geometry=[shape], crs=first.crs
    )
    add_labels(workspace, again)
    infos = [describe(scene.files) for scene in workspace.scenes]
    pixels = find_pixels(workspace, read_labels(workspace), infos)
    names = [label.name for label in workspace.classes]
    assert len(pixels) == 300  # three squares of 10 x 10, each pixel once
    assert set(pixels.label[pixels.drawn == 3].tolist()) == {names.index(other)}
    assert not (pixels.drawn == 0).any()


def test_the_score_weighs_classes_by_their_share() -> None:
    """Two classes with 10 pixels each, one of either mapped as the other; the first covers 90 %:
    of 100 pixels 81 are right and 9 wrong of the first, 9 right and 1 wrong of the second.
    """
    label = np.repeat([0, 1], 10)
    mapped = np.concatenate([[1], np.zeros(9, int), [0], np.ones(9, int)])
    found = score(count(label, mapped, 3), np.array([0.9, 0.1, 0.0], np.float32), [3, 2, 0, 4])
    assert found.iou[:2] == pytest.approx((81 / (90 + 1), 9 / (10 + 9)))
    assert found.iou[2] is None
    assert found.weakest == 1
    assert found.mean == pytest.approx((81 / 91 + 9 / 19) / 2)
    assert "4 places" in found.note(["a", "b", "c"])
    assert score(np.zeros((2, 2), int), np.ones(2, np.float32), [0, 0, 0]).mean is None


def card_of(architecture: str, hyperparameters: dict[str, Any]) -> ModelCard:
    bands = tuple(Band(name, name, None, 100.0, 50.0, 0.0, 255.0) for name in ("red", "green"))
    labels = tuple(Label(i, f"class {i}", f"#00000{i}") for i in range(3))
    stride = 32 if architecture != "halfsize" else 8
    return ModelCard(
        name="small-model",
        description="For tests",
        architecture=architecture,
        hyperparameters=hyperparameters,
        sensor="any",
        bands=bands,
        unit="digital number",
        scaling=Scaling(),
        dtypes=("uint8",),
        labels=labels,
        gsd=1.0,
        gsd_range=(0.5, 2.0),
        tile=128,
        overlap=32,
        stride=stride,
    )


@pytest.mark.parametrize(
    ("architecture", "hyperparameters"),
    [
        ("halfsize", {"width": 16, "blocks": 2, "stem_width": 8, "squash": False}),
        ("unet", {"encoder": "resnet18", "decoder_channels": [32, 16, 16, 8, 8]}),
        ("fpn", {"encoder": "resnet18"}),
    ],
)
def test_features_and_the_last_layer_are_the_network(
    architecture: str, hyperparameters: dict[str, Any]
) -> None:
    """What the network makes of pixels before its last layer, times that layer, is what the
    network makes of them; and another layer's weights go back to where they belong.
    """
    torch.manual_seed(0)
    card = card_of(architecture, hyperparameters)
    network = build(architecture, 2, 3, hyperparameters).eval()
    body = Body(network, card)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 2, 96, 64), np.uint8)
    valid = np.ones((1, 96, 64), bool)
    features = body(pixels, valid)[0].permute(1, 2, 0).reshape(96 * 64, -1).numpy()
    rng = np.random.default_rng(1)
    head = Head(
        rng.normal(size=(3, features.shape[1])).astype(np.float32),
        rng.normal(size=3).astype(np.float32),
    )
    network.load_state_dict(body.with_head(network, head))
    values = (torch.from_numpy(pixels).float() - 100) / 50
    with torch.no_grad():
        logits = network(values)[0].permute(1, 2, 0).reshape(96 * 64, 3).numpy()
    scale = float(np.abs(logits).max())
    assert head.logits(features) == pytest.approx(logits, abs=1e-4 * scale)


def test_features_are_computed_once(tmp_path: Path) -> None:
    """A second reader of the same folder reads no pixel; of other weights, it reads them anew."""
    scene = labelled.write_scene(tmp_path / "scene.tif")
    card = card_of("halfsize", {"width": 16, "blocks": 2, "stem_width": 8, "squash": False})
    bands = tuple(
        Band(name, name, None, 100.0, 50.0, 0.0, 255.0) for name in ("red", "green", "blue")
    )
    card = replace(card, bands=bands)
    torch.manual_seed(0)
    network = build("halfsize", 3, 3, dict(card.hyperparameters)).eval()
    scenes = Scenes([(scene,)], card, Options.of(force=True, gsd="native"))
    at = np.array([[0, 5, 70], [0, 190, 3], [0, 64, 64], [0, 5, 70]])
    first = FeatureMaps(Body(network, card), scenes, tmp_path / "cache")
    found = first.at(at)
    assert (found[0] == found[3]).all()
    whole = first.get([(0, 0, 1)])[(0, 0, 1)]
    assert (whole[0][5, 70 - CELL] == found[0]).all()
    scenes.close()
    scenes._sources.clear()  # nothing can be read any more
    again = FeatureMaps(Body(network, card), scenes, tmp_path / "cache")
    assert (again.at(at) == found).all()
    other = build("halfsize", 3, 3, dict(card.hyperparameters)).eval()
    with pytest.raises(IndexError):
        FeatureMaps(Body(other, card), scenes, tmp_path / "cache").at(at)


@given(
    st.lists(st.tuples(st.integers(1, 700), st.integers(1, 700)), min_size=1, max_size=3),
    st.integers(1, 60),
    st.integers(0, 9),
)
def test_surveyed_cells_are_distinct_and_inside(
    sizes: list[tuple[int, int]], most: int, seed: int
) -> None:
    grids = [Grid(h, w, (1, 0, 0, 0, -1, 0), None) for h, w in sizes]
    found = survey_cells(grids, most, seed)
    every = sum(-(-h // CELL) * -(-w // CELL) for h, w in sizes)
    assert len(set(found)) == len(found) == min(most, every)
    for scene, row, column in found:
        assert row * CELL < sizes[scene][0]
        assert column * CELL < sizes[scene][1]


def test_a_round_leaves_a_model_a_line_and_suggestions(tmp_path: Path) -> None:
    """The model of the moment maps the scene, and suggestions are apart, inside, and reasoned."""
    workspace = labelled.make_workspace(tmp_path, each=6)
    told: list[Any] = []
    learn(workspace.folder, Learning(60, 1), told.append)
    (line,) = workspace.history()
    assert [line["round"], line["stage"], line["labels"]] == [1, "head", 18]
    assert line["mean_iou"] > 0.9
    assert line["held_out_places"] >= 8
    assert workspace.current_model() == workspace.folder / line["model"]
    card = find_model(str(workspace.folder)).card
    assert "water 6, trees 6, bare 6" in card.trained_on
    assert [label.value for label in card.labels] == [1, 2, 7]

    layer = gpd.read_file(workspace.suggestions_path, layer="suggestions")
    assert layer["rank"].tolist() == list(range(1, len(layer) + 1))
    assert len(layer) == 10
    assert set(layer["class"]) <= {"water", "trees", "bare"}
    assert layer["reason"].str.contains("between|disagree|like nothing|like this").all()
    shapes = layer.geometry
    assert shapes.union_all().area == pytest.approx(shapes.area.sum())
    scene = shapely.box(500_000, 5_000_000 - labelled.SIDE, 500_000 + labelled.SIDE, 5_000_000)
    assert shapes.within(scene).all()


@given(st.lists(st.floats(0, 300), min_size=8, max_size=8), st.integers(1, 30), st.integers(0, 9))
def test_surveyed_cells_are_those_that_meet_the_area(xy: list[float], most: int, seed: int) -> None:
    shape = shapely.convex_hull(shapely.MultiPoint(np.reshape(xy, (4, 2))))
    grids = [Grid(300, 260, (1, 0, 0, 0, -1, 0), None)] * 3
    scene = shapely.box(0, 0, 260, 300)
    inside = shapely.intersection(shape, scene)
    assume(inside.area > 1)
    area = load_aoi(shapely.transform(shape, lambda at: at * [1, -1]).wkt, grids[0])
    found = survey_cells(grids, most, seed, [None, area, None])
    boxes = {
        (1, r, c): shapely.box(c * CELL, r * CELL, (c + 1) * CELL, (r + 1) * CELL)
        for r in range(5)
        for c in range(5)
    }
    surely = {cell for cell, box in boxes.items() if box.intersection(inside).area > 1e-6}
    perhaps = {cell for cell, box in boxes.items() if box.distance(inside) < 1e-6}
    assert len(set(found)) == len(found)
    assert set(found) <= perhaps
    assert len(found) >= min(most, len(surely))
    if most >= len(perhaps):
        assert surely <= set(found)


def test_candidates_are_averaged_over_the_pixels_around_them() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, CELL, CELL))
    found = _smooth(values)
    assert found.shape == (3, CELL // SPOT, CELL // SPOT)
    for row, column in np.ndindex(found.shape[1:]):
        r, c = (SPOT * number + SPOT // 2 for number in (row, column))
        around = values[:, r - 2 : r + 3, c - 2 : c + 3]
        assert around.shape[1:] == (SMOOTH, SMOOTH)
        assert found[:, row, column] == pytest.approx(around.mean(axis=(1, 2)), abs=1e-5)


def test_places_stand_for_every_class_however_rare() -> None:
    """Of 200 candidates five are of the second class: with land counted alike, three places in the
    three clumps of the first would come before it.
    """
    rng = np.random.default_rng(0)
    rare = np.arange(200) % 40 == 7
    clump = np.where(rare, 3, rng.integers(3, size=200))
    features = np.array([[0, 0], [4, 0], [0, 4], [4, 4]], np.float32)[clump]
    features += rng.normal(0, 0.1, features.shape).astype(np.float32)
    scores = np.where(rare[:, None], [0.1, 0.9], [0.998, 0.002]).astype(np.float32)
    place = np.arange(200)
    no = np.zeros(200, bool)
    margin = np.abs(scores[:, 0] - scores[:, 1])
    found = _Candidates(place // 64, place % 8 * 8, place // 8 % 8 * 8, scores, margin, no, no,
                        features)  # fmt: skip
    taken = _spread(found, 4)
    assert len(set(taken)) == 4
    assert rare[taken[0]]
    assert sorted(clump[taken]) == [0, 1, 2, 3]


def test_suggestions_lie_in_the_area_that_is_asked_for(tmp_path: Path) -> None:
    """Also where it lies on one scene of two, across cells; and beside all scenes it is refused."""
    workspace = labelled.make_workspace(tmp_path, each=6)
    right, top = 500_000 + labelled.SIDE, 5_000_000
    part = shapely.Polygon([(500_050, top - 40), (500_150, top - 50), (500_090, top - 170)])
    learn(workspace.folder, Learning(60, 1, within=part.wkt), lambda _: None)
    layer = gpd.read_file(workspace.suggestions_path, layer="suggestions")
    assert len(layer) >= 5
    # a pixel is in the area where its centre is
    assert layer.within(part.buffer(1)).all()
    shares_of_all = workspace.history()[-1]["mean_iou"]
    learn(workspace.folder, Learning(60, 1), lambda _: None)
    assert workspace.history()[-1]["mean_iou"] == shares_of_all
    everywhere = gpd.read_file(workspace.suggestions_path, layer="suggestions")
    assert not everywhere.within(part.buffer(1)).all()
    beside = shapely.box(right + 10, top - 50, right + 50, top).wkt
    with pytest.raises(InputError, match="outside the scene"):
        learn(workspace.folder, Learning(60, 1, within=beside), lambda _: None)


def test_of_two_scenes_the_one_in_the_area_gets_suggestions(tmp_path: Path) -> None:
    first = labelled.write_scene(tmp_path / "first.tif")
    pixels = np.zeros((3, 100, 100), np.uint8) + np.arange(100, dtype=np.uint8)
    far = rasters.write(
        tmp_path / "far.tif",
        pixels,
        ("red", "green", "blue"),
        (1.0, 0.0, 600_000.0, 0.0, -1.0, 5_000_000.0),
        photometric="RGB",
    )
    workspace = create_workspace(tmp_path / "work", [far, first], labelled.CLASSES, "none")
    add_labels(workspace, labelled.squares(6))
    told: list[Any] = []
    part = shapely.box(500_000, 4_999_900, 500_100, 5_000_000)
    learn(workspace.folder, Learning(60, 1, within=part.wkt), told.append)
    layer = gpd.read_file(workspace.suggestions_path, layer="suggestions")
    assert set(layer["scene"]) == {"first"}
    assert layer.within(part).all()
    assert [e for e in told if "nothing is suggested on far" in str(e)]


def test_labels_that_are_kept_are_never_learned_from(tmp_path: Path) -> None:
    """Wrong labels that are kept for scoring spoil the score, and not the model."""
    workspace = labelled.make_workspace(tmp_path, each=6)
    wrong = labelled.squares(2, skip=8)
    names = [label.name for label in workspace.classes]
    wrong["class"] = [names[(names.index(name) + 1) % 3] for name in wrong["class"]]
    wrong["held_out"] = True
    add_labels(workspace, wrong)
    learn(workspace.folder, Learning(60, 1), lambda _: None)
    network = find_model(str(workspace.folder))
    assert workspace.history()[-1]["mean_iou"] < 0.9
    with rasterio.open(workspace.scenes[0].path) as scene:
        mapped = np.asarray(geoseg.open_model(str(network.path))(scene.read())).argmax(axis=0)
    assert (mapped == labelled.fields()).mean() > 0.9


def test_a_network_without_a_last_layer_of_its_classes_is_refused() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 1), torch.nn.ReLU())
    with pytest.raises(Exception, match="does not end in a convolution"):
        last_layer(network, 3)


def test_what_was_learned_from_labels_that_are_held_out_now_is_dropped(tmp_path: Path) -> None:
    """The line of a network's labels says which it was shown: none is within the guard of what is
    held out.
    """
    workspace = labelled.make_workspace(tmp_path, each=8)
    learn(workspace.folder, Learning(60, 2), lambda _: None)
    folder = workspace.models_path / "round-0002"
    told = json.loads((folder / "learned.json").read_text())
    assert told["stage"] == "network"
    infos = [describe(scene.files) for scene in workspace.scenes]
    pixels = find_pixels(workspace, read_labels(workspace), infos)
    dealt = Dealt(pixels, deal(pixels, 3), told["guard"])
    shown = {tuple(cell) for cell in told["cells"]["scene"]}
    held = {tuple(cell[1:]) for cell in dealt.cells[dealt.held].tolist()}
    assert shown
    assert held
    for row, column in held:
        for a in (-1, 0, 1):
            for b in (-1, 0, 1):
                assert (row + a, column + b) not in shown


def test_scenes_are_read_by_their_own_scaling(tmp_path: Path) -> None:
    """Reflectance x 65535, which the header says, gives a model of a start that counts in ten
    thousandths the bands' ranges of the scene's reflectance; and caches know by which it was read.
    """
    names = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")
    rng = np.random.default_rng(0)
    share = rng.uniform(0.05, 0.4, (len(names), labelled.SIDE, labelled.SIDE))
    pixels = np.rint(share * 65535).astype(np.uint16)
    metres = (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_000_000.0)
    scene = rasters.write(tmp_path / "scene.tif", pixels, names, metres)
    with rasterio.open(scene, "r+") as file:
        file.scales = [1 / 65535] * len(names)
    workspace = create_workspace(tmp_path / "work", [scene], labelled.CLASSES, "landcover-s2")
    with open_desk(workspace, silent) as desk:
        assert desk.card.scaling == Scaling(0.0001, 0.0)
        for band, values in zip(desk.card.bands, share, strict=True):
            assert [band.low, band.high] == pytest.approx(np.percentile(values, (1, 99)), abs=0.01)
        stamps = desk.scenes.stamps
    with rasterio.open(scene, "r+") as file:
        file.scales = [0.9 / 65535] * len(names)
    with open_desk(workspace, silent) as desk:
        assert desk.scenes.stamps != stamps
        assert desk.card.bands[0].high == pytest.approx(0.36, abs=0.01)
    with rasterio.open(scene, "r+") as file:
        file.scales = [0.0001] * len(names)
    with pytest.raises(ModelError, match=r"far too large.*a_scale"), open_desk(workspace, silent):
        pass


def test_a_second_run_does_not_put_a_worse_model_in_place_of_a_better(tmp_path: Path) -> None:
    """Of the same labels a round has to beat the model of the moment; of others it cannot."""
    workspace = labelled.make_workspace(tmp_path, each=6)
    for _ in range(2):
        learn(workspace.folder, Learning(60, 1), silent)
    assert [line["compared"] for line in workspace.history()] == [1.0, 1.0]
    assert workspace.current_model() == workspace.models_path / "round-0001"
    add_labels(workspace, labelled.squares(1, skip=6))
    learn(workspace.folder, Learning(60, 1), silent)
    assert workspace.current_model() == workspace.models_path / "round-0003"
    told = summarise(workspace)
    assert told["score"] == workspace.history()[-1]["mean_iou"]
    set_current_model(workspace, workspace.models_path / "round-0001")
    assert summarise(workspace)["score"] == workspace.history()[0]["mean_iou"]


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_labels_are_refused(tmp_path: Path, count: int) -> None:
    workspace = labelled.make_workspace(tmp_path, each=0)
    if count:
        add_labels(workspace, labelled.squares(1).iloc[:1])
    with pytest.raises(InputError, match="two classes at least"):
        learn(workspace.folder, Learning(60), silent)
    assert not workspace.models_path.exists()
    assert not (workspace.folder / "learn.lock").exists()


def test_while_labels_are_waited_for_features_are_computed(tmp_path: Path) -> None:
    """The first answer finds them; here each of the nine cells of the scene."""
    workspace = labelled.make_workspace(tmp_path, each=0, start="landcover-rgb")
    told: list[Any] = []

    def is_computed() -> bool:
        return len(list((workspace.folder / "cache").rglob("*.npz"))) == 9

    learn(workspace.folder, Learning(60, watch=True), told.append, is_computed)
    assert is_computed()
    assert [type(event).__name__ for event in told[-2:]] == ["Warned", "Done"]
    assert not workspace.history()
