"""How a scene's bands go together, and the network's features of it: the mixture and the distance
beside scipy's, what is guessed, the map of novelty.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cards
import numpy as np
import pytest
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from rasters import write
from scipy.spatial.distance import mahalanobis
from scipy.stats import multivariate_normal

from geoseg.core.card import ModelCard, Scaling, from_stac, read_card, to_stac, write_card
from geoseg.core.embedding import SQUARE, Embedding
from geoseg.core.errors import ModelError
from geoseg.core.grid import Grid, Patch, Tiling, Window
from geoseg.core.options import Options
from geoseg.core.spectra import Spectra, is_covariance
from geoseg.models import find_model, load_model
from geoseg.models.embedding import distances, judge_features
from geoseg.prediction.novelty import NoveltyMap, squares
from geoseg.scene.source import open_raster
from geoseg.scene.spectra import MOST, compare, guesses, judge_spectra, surprise, to_logs

ROWS = np.tril_indices(9)


def drawn(seed: int = 0) -> np.ndarray:
    """Reflectances [band, pixel] of two kinds of land, whose bands go together."""
    rng = np.random.default_rng(seed)
    green = np.array([0.03, 0.06, 0.04, 0.1, 0.25, 0.32, 0.34, 0.18, 0.09])
    soil = np.array([0.08, 0.11, 0.15, 0.18, 0.2, 0.22, 0.24, 0.3, 0.26])
    share = rng.random((1, 20_000)) > 0.4
    light = np.exp(rng.normal(0, 0.3, share.shape))
    land = np.where(share, green[:, None], soil[:, None])
    return land * light * np.exp(rng.normal(0, 0.05, (9, 20_000)))


@pytest.fixture(scope="module")
def card() -> ModelCard:
    """Made as a training makes it, from pixels of the same kind."""
    logs = to_logs(drawn(1), cards.S2.bands)
    halves = [logs[:, logs[6] > logs[7]], logs[:, logs[6] <= logs[7]]]
    spectra = Spectra(
        tuple(half.shape[1] / logs.shape[1] for half in halves),
        tuple(tuple(half.mean(axis=1).tolist()) for half in halves),
        tuple(tuple(np.cov(half)[ROWS].tolist()) for half in halves),
        0.0,
        0.2,
        0.5,
    )
    limit = float(np.quantile(surprise(logs, spectra).reshape(100, -1).mean(axis=1), 0.99)) + 0.2
    return replace(cards.S2, spectra=replace(spectra, limit=limit))


def test_the_mixture_is_scipys(card: ModelCard) -> None:
    spectra = card.spectra
    assert spectra
    logs = to_logs(drawn(2)[:, :500], card.bands)
    for chosen in (range(9), (0, 3, 7)):
        total = np.zeros(500)
        for weight, mean, triangle in zip(
            spectra.weights, spectra.means, spectra.covariances, strict=True
        ):
            matrix = np.zeros((9, 9))
            matrix[ROWS] = triangle
            matrix = matrix + np.tril(matrix, -1).T
            picked = list(chosen)
            normal = multivariate_normal(np.array(mean)[picked], matrix[np.ix_(picked, picked)])
            total += weight * normal.pdf(logs[picked].T)
        expected = np.minimum(-np.log(total), MOST * len(chosen))
        np.testing.assert_allclose(surprise(logs[list(chosen)], spectra, chosen), expected)


@given(st.integers(1, 6), st.integers(0, 10_000), st.floats(-0.5, 2))
def test_a_covariance_is_one_that_numpy_can_factor(size: int, seed: int, added: float) -> None:
    half = np.random.default_rng(seed).normal(size=(size, size))
    matrix = half @ half.T + added * np.eye(size)
    least = np.linalg.eigvalsh(matrix).min()
    if abs(least) > 1e-6:
        assert is_covariance(matrix[np.tril_indices(size)].tolist()) == (least > 0)


def test_every_guess_is_found_and_right_scenes_are_let_be(card: ModelCard) -> None:
    values = drawn(3)
    assert card.spectra
    right = compare(values, card, card.spectra)
    assert right.guess is None
    assert right.outside < 0.1
    assert judge_spectra((values * 1e4).astype(np.uint16), Scaling(1e-4), card) is None
    opposite = {"late": "early", "early": "late", "small": "large", "large": "small"}
    opposite |= {"still in": "taken off twice", "taken off twice": "still in"}
    for guess in guesses(card):
        found = compare(guess.undo(values), card, card.spectra).guess
        assert found, guess.text
        turned = next((word for word in opposite if word in guess.text), "")
        assert (opposite[turned] in found.text) if turned else found.text == guess.text


def test_an_exchange_is_warned_of_and_refused_where_one_is_strict(
    tmp_path: Path, card: ModelCard
) -> None:
    numbers = (drawn(4)[:, :10_000] * 1e4).astype(np.uint16).reshape(9, 100, 100)
    named = [band.name for band in card.bands]
    numbers[[2, 6]] = numbers[[6, 2]]
    path = write(tmp_path / "a.tif", numbers, named)
    with open_raster((path,), card, Options()) as source:
        (warning,) = source.warnings
    assert "as if B04 and B08 were exchanged" in warning
    with pytest.raises(ModelError, match="as if B04 and B08 were exchanged"):
        open_raster((path,), card, Options.of(strict=True))
    # by the user's word it is set right
    with open_raster((path,), card, Options.of(bands=(1, 2, 7, 4, 5, 6, 3, 8, 9))) as source:
        assert source.warnings == ()
    with open_raster((path,), replace(card, spectra=None), Options()) as source:
        assert source.warnings == ()


def test_a_band_that_does_not_belong_is_named(card: ModelCard) -> None:
    values = drawn(5)
    values[4] = drawn(6)[4][::-1]
    error = judge_spectra((values * 1e4).astype(np.uint16), Scaling(1e-4), card)
    assert error
    assert "by B06 most" in str(error)


def test_a_card_keeps_it(tmp_path: Path, card: ModelCard) -> None:
    write_card(card, tmp_path / "card.json")
    assert read_card(tmp_path / "card.json") == card
    lines = (tmp_path / "card.json").read_text(encoding="utf-8").splitlines()
    assert any(line.count(",") > 40 for line in lines)  # 45 numbers on one line
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8")) == to_stac(card)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("weights", [0.5, 0.6]),
        ("weights", [1.0]),
        ("means", [[0.0] * 9, [0.0] * 8]),
        ("covariances", [[-1.0] * 45, [1.0] * 45]),
        ("covariances", [[1.0] * 44, [1.0] * 44]),
        ("limit", "low"),
        ("order_gain", None),
    ],
)
def test_what_is_no_mixture_is_refused(card: ModelCard, key: str, value: object) -> None:
    item = to_stac(card)
    item["properties"]["geoseg:spectra"][key] = value
    with pytest.raises((ValueError, TypeError)):
        from_stac(item)
    with pytest.raises(ValueError, match="of 8 bands"):
        replace(card, bands=card.bands[:8])


@given(
    st.integers(1, 200),
    st.integers(1, 200),
    st.integers(0, 3),
    st.sampled_from([(64, 0), (64, 16), (96, 40)]),
)
def test_the_map_of_novelty_is_the_mean_over_squares(
    height: int, width: int, corner: int, tiles: tuple[int, int]
) -> None:
    """However the scene is cut, as far as its region goes: the whole array's own means."""
    known = made()
    rng = np.random.default_rng(height * 1000 + width)
    data = rng.integers(100, 4000, (9, height, width)).astype(np.uint16)
    valid = rng.random((height, width)) > 0.2
    region = Window(corner * height // 5, corner * width // 7, height, width)
    tiling = Tiling(height, width, *tiles)
    novelty = NoveltyMap(tiling, region, known, Scaling(1e-4))
    for tile in tiling.tiles():
        inside = tile.clip(tiling.extent)
        rows = slice(inside.top, inside.bottom)
        columns = slice(inside.left, inside.right)
        pad = [(0, tile.bottom - inside.bottom), (0, tile.right - inside.right)]
        here = np.pad(data[:, rows, columns], [(0, 0), *pad], mode="wrap")
        novelty.add(Patch(tile, here, np.pad(valid[rows, columns], pad)))
    found = novelty.levels()
    assert known.spectra
    assert found.shape == squares(grid_of(height, width), region).extent.shape
    pixels = surprise(to_logs(data.reshape(9, -1) * 1e-4, known.bands), known.spectra)
    pixels = pixels.reshape(height, width)
    for row, column in np.ndindex(found.shape):
        top, left = region.top + row * SQUARE, region.left + column * SQUARE
        bottom, right = min(top + SQUARE, height), min(left + SQUARE, width)
        y = np.arange(-(-top // 4) * 4, bottom, 4)
        x = np.arange(-(-left // 4) * 4, right, 4)
        seen = pixels[np.ix_(y, x)][valid[np.ix_(y, x)]]
        if not seen.size:
            assert found[row, column] == 255
        else:
            level = np.clip(100 + 10 * (seen.mean() - known.spectra.limit), 0, 254)
            assert abs(float(found[row, column]) - level) <= 0.5001


def made() -> ModelCard:
    spectra = Spectra((1.0,), ((-1.0,) * 9,), (tuple(np.eye(9)[ROWS].tolist()),), 14.0, 0.1, 0.1)
    return replace(cards.S2, spectra=spectra)


def grid_of(height: int, width: int) -> Grid:
    return Grid(height, width, (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), None)


def embedding() -> Embedding:
    """Of three channels, kept along two axes that are turned by 30 degrees."""
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    axes = ((c, s, 0.0), (-s, c, 0.0))
    return Embedding((1.0, 2.0, 3.0), (2.0, 1.0, 0.5), axes, (4.0, 1.0), 0.25, 2.0)


def test_the_distance_is_that_of_the_whole_covariance() -> None:
    known = embedding()
    axes = np.array([*known.axes, (0.0, 0.0, 1.0)])
    deviations = np.diag(known.deviations)
    covariance = deviations @ axes.T @ np.diag([*known.variances, known.rest]) @ axes @ deviations
    features = np.random.default_rng(0).normal(2, 3, (3, 4, 5)).astype(np.float32)
    off = features.reshape(3, -1).T - np.array(known.means)
    expected = [mahalanobis(row, 0 * row, np.linalg.inv(covariance)) ** 2 for row in off]
    np.testing.assert_allclose(distances(features, known).ravel(), np.log(expected), atol=1e-5)


@given(st.integers(33, 150), st.integers(33, 150), st.integers(0, 40))
def test_the_map_of_novelty_takes_the_features_of_whole_squares(
    height: int, width: int, empty: int
) -> None:
    """Whichever is further beyond: the spectra of a square, or its features."""
    known = replace(made(), embedding=embedding())
    assert known.spectra
    assert known.embedding
    rng = np.random.default_rng(height * 1000 + width)
    data = rng.integers(100, 4000, (9, height, width)).astype(np.uint16)
    valid = np.ones((height, width), bool)
    valid[:empty, :empty] = False
    tiling = Tiling(height, width, 192, 0)
    (tile,) = tiling.tiles()
    pad = [(0, tile.bottom - height), (0, tile.right - width)]
    patch = Patch(tile, np.pad(data, [(0, 0), *pad], mode="wrap"), np.pad(valid, pad))
    features = rng.normal(2, 3, (3, 6, 6)).astype(np.float32)
    plain = NoveltyMap(tiling, tiling.extent, made(), Scaling(1e-4))
    both = NoveltyMap(tiling, tiling.extent, known, Scaling(1e-4))
    for novelty in (plain, both):
        novelty.add(patch)
        novelty.add_features(patch, features)
    found, before = both.levels(), plain.levels()
    far = 100 + 100 * (distances(features, known.embedding) - 2.0)
    for row, column in np.ndindex(found.shape):
        inside = np.zeros_like(valid)
        square = (
            slice(row * SQUARE, (row + 1) * SQUARE),
            slice(column * SQUARE, (column + 1) * SQUARE),
        )
        inside[square] = True
        whole = inside.sum() == SQUARE**2 and valid[square].all()
        level = np.rint(far[row, column]).clip(0, 254) if whole else 0
        if before[row, column] == 255:
            assert found[row, column] == 255
        else:
            assert abs(float(found[row, column]) - max(before[row, column], level)) <= 1


def test_a_scene_of_other_features_is_told(tmp_path: Path) -> None:
    bundle = find_model(str(make_bundle(tmp_path / "model")))
    model = load_model(bundle, Scaling(), "cpu")
    blobs = np.random.default_rng(0).integers(0, 256, (3, 16, 16)).repeat(16, 1).repeat(16, 2)
    patch = Patch(Window(0, 0, 256, 256), blobs.astype(np.uint8))
    assert model.features() is None
    assert model.average_features(SQUARE)
    model(patch.data[None], np.ones((1, 256, 256), bool))
    features = model.features()
    assert features is not None
    squares = features[0].reshape(len(features[0]), -1)
    own = tuple(map(tuple, np.eye(len(squares))[:1].tolist()))
    means, deviations = squares.mean(axis=1), squares.std(axis=1) + 1e-3
    draft = Embedding(tuple(means.tolist()), tuple(deviations.tolist()), own, (1.0,), 1.0, 0.0)
    limit = float(np.quantile(distances(squares, draft), 0.9))
    known = replace(draft, limit=limit)
    assert judge_features(model, [patch], bundle.card, known) is None
    noise = np.random.default_rng(1).permutation(patch.data.reshape(3, -1), axis=1)
    other = Patch(patch.window, noise.reshape(patch.data.shape))
    error = judge_features(model, [other], bundle.card, known)
    assert error
    assert "features of the scene are unlike" in str(error)
    hidden = replace(other, valid=np.zeros((256, 256), bool))
    assert judge_features(model, [hidden], bundle.card, known) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("means", [1.0, 2.0]),
        ("deviations", [1.0, 0.0, 1.0]),
        ("axes", []),
        ("axes", [[1.0, 0.0, 0.0]]),
        ("variances", [1.0, -1.0]),
        ("rest", 0.0),
        ("limit", "far"),
    ],
)
def test_what_is_no_embedding_is_refused(tmp_path: Path, key: str, value: object) -> None:
    known = replace(made(), embedding=embedding())
    write_card(known, tmp_path / "card.json")
    assert read_card(tmp_path / "card.json") == known
    item = to_stac(known)
    item["properties"]["geoseg:embedding"][key] = value
    with pytest.raises((ValueError, TypeError)):
        from_stac(item)


def test_a_model_that_nobody_measured_makes_no_map_of_novelty() -> None:
    with pytest.raises(ModelError, match="geoseg models novelty"):
        NoveltyMap(Tiling(64, 64, 64, 0), Window(0, 0, 64, 64), cards.S2, Scaling())
