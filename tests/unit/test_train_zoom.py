"""Crops of a data set are zoomed as it says; tone curves are varied; a U-Net sees single pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from trainings import make_set, open_pool

from geoseg.architectures import build
from geoseg.architectures.context import stride_of
from geoseg.core.card import Scaling
from geoseg.core.errors import InputError, ModelError
from geoseg.models.fold import fold_batch_norm
from geoseg.training.augment import Augment
from geoseg.training.config import AugmentConfig, BandConfig, DatasetConfig
from geoseg.training.samples import Pool
from geoseg.training.scene_label import Crop

DETAIL = {"encoder": "small", "decoder_channels": [16, 8, 8, 8, 8], "detail_channels": 4}


def sides(pool: Pool, size: int, zoom: float, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Return the sides of the windows that crops of this size are read from."""
    seen: list[int] = []
    for pair in pool.pairs:
        read = pair.read
        monkeypatch.setattr(
            pair, "read", lambda window, read=read: (seen.append(window.shape[0]), read(window))[1]
        )
    rng = np.random.default_rng(0)
    for _ in range(300):
        pool.draw(rng, size, 0.0, 0.0, zoom)
    return np.array(seen)


def test_a_data_set_is_zoomed_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crops of 32 px enlarged 2 to 4 times come from windows of 16 to 8 px; without a range of its
    own, of 32 / 1.5 to 32 * 1.5.
    """
    config = make_set(tmp_path)
    found = sides(open_pool(config), 32, 1.5, monkeypatch)
    assert 21 <= found.min() < 23
    assert 45 < found.max() <= 48
    config = replace(config, datasets={"": DatasetConfig(zoom=[2.0, 4.0])})
    found = sides(open_pool(config), 32, 1.5, monkeypatch)
    assert set(found) == set(range(8, 17))


@pytest.mark.parametrize("zoom", [[2.0], [2.0, 1.0], [0.0, 1.0], [1.0, 1e9], [float("nan"), 1.0]])
def test_a_zoom_that_is_no_range_is_refused(zoom: list[float]) -> None:
    with pytest.raises(InputError, match="zoom of a data set"):
        DatasetConfig(zoom=zoom)


def test_tone_curves_leave_black_and_white_and_the_order() -> None:
    bands = [BandConfig(name) for name in ("red", "green", "blue")]
    config = AugmentConfig(turn=False, gamma=2.0, white=255.0)
    ramp = np.tile(np.arange(256, dtype=np.uint8), (3, 1, 1))
    crop = Crop(ramp, np.ones((1, 256), bool), np.zeros((2, 1, 256), np.uint8))
    middles = []
    for seed in range(40):
        changed = Augment(config, bands, Scaling())(crop, "", np.random.default_rng(seed)).pixels
        assert changed[:, 0, 0] == pytest.approx(0)
        assert changed[:, 0, 255] == pytest.approx(255, rel=1e-5)
        assert (np.diff(changed[0, 0]) > 0).all()
        middles.append(changed[0, 0, 128])
    low, high = 255 * (128 / 255) ** 2.0, 255 * (128 / 255) ** 0.5
    assert low - 0.1 <= min(middles) < low + 15
    assert high - 15 < max(middles) <= high + 0.1
    with pytest.raises(InputError, match="gamma"):
        AugmentConfig(gamma=0.5)


@torch.no_grad()
def test_a_detailed_unet_tells_single_pixels_apart() -> None:
    """Two by two pixels that were swapped have the same mean: a U-Net whose first layer halves the
    window draws coarse maps of them, one with a convolution of full size fine ones.
    """
    torch.manual_seed(0)
    network = build("unet", 4, 3, DETAIL).eval()
    assert stride_of(network) == 32
    pixels = torch.randn(1, 4, 64, 96)
    out = network(pixels)
    assert out.shape == (1, 3, 64, 96)
    # what the encoder makes is taken away: what is left depends on the pixel and those around it
    for map_ in network.decoder.blocks[:-1].parameters():
        map_.zero_()
    plain = network(pixels)
    pixels[0, :, 20, 30] += 5
    rows, columns = torch.nonzero((network(pixels) - plain)[0].abs().sum(0) > 0, as_tuple=True)
    assert len(rows)
    assert int((rows - 20).abs().max()) <= 4
    assert int((columns - 30).abs().max()) <= 4


def test_a_detailed_unet_learns_folds_and_is_checked() -> None:
    torch.manual_seed(0)
    network = build("unet", 4, 3, DETAIL)
    network(torch.randn(2, 4, 32, 32)).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.detail.parameters())
    pixels = torch.randn(1, 4, 64, 64)
    with torch.no_grad():
        before = network.eval()(pixels)
        assert fold_batch_norm(network, 4, 32) > 10
        assert torch.allclose(network(pixels), before, atol=1e-4)
    plain = build("unet", 4, 3, DETAIL | {"detail_channels": 0})
    assert not hasattr(plain, "detail")
    with pytest.raises(ModelError, match="detail_channels"):
        build("unet", 4, 3, DETAIL | {"detail_channels": "many"})
