"""What a network computes is counted alike in two libraries, and as one counts by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from geoseg.core.machine import has_bf16
from geoseg.models.matrix_rate import matrix_rate
from geoseg.models.openvino import traced
from geoseg.models.operations import count_operations

pytest.importorskip("openvino")


class Mixed(torch.nn.Module):
    """One of each kind of layer that is counted, and others."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, padding=1),
            torch.nn.BatchNorm2d(8),
            torch.nn.ReLU(),
            torch.nn.Conv2d(8, 12, 3, stride=2, padding=1, groups=4),
            torch.nn.ConvTranspose2d(12, 6, 2, stride=2),
            torch.nn.ConvTranspose2d(6, 6, 4, stride=2, padding=1, groups=3),
            torch.nn.Upsample(scale_factor=0.5),
        )
        self.mix = torch.nn.Linear(6, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features = self.layers(x).flatten(2)
        weights = torch.softmax(features[..., :6] @ features[..., :6].transpose(1, 2), -1)
        return self.mix((weights @ features).transpose(1, 2))


def by_hand(side: int) -> int:
    """Products of Mixed, each counted from its definition, twice."""
    area = side * side
    products = area * 8 * 3 * 9  # output pixels, output, input, kernel
    products += area // 4 * 12 * (8 // 4) * 9
    products += area // 4 * 12 * 6 * 4  # input pixels, input, output, kernel
    products += area * 6 * (6 // 3) * 16
    products += 6 * 6 * 6  # the upper six of each row with each other
    products += 6 * 6 * area
    products += area * 6 * 5
    return 2 * products


@pytest.mark.parametrize("side", [8, 32])
def test_each_kind_of_layer_is_counted(side: int) -> None:
    model = traced(Mixed().eval(), torch.zeros(1, 3, side, side))
    model.reshape([1, 3, side, side])
    assert count_operations(model) == by_hand(side)


def test_a_shape_that_is_not_fixed_is_not_counted() -> None:
    model = traced(Mixed().eval(), torch.zeros(1, 3, 8, 8))
    model.reshape([1, 3, -1, 8])
    assert count_operations(model) is None


def test_both_engines_count_the_same(tmp_path: Path) -> None:
    from bundles import make_bundle

    from geoseg.core.card import Scaling
    from geoseg.models import find_model, own_engine
    from geoseg.models import openvino as by_openvino

    bundle = find_model(str(make_bundle(tmp_path)))
    shape = (1, len(bundle.card.bands), 64, 64)
    scaling = Scaling()
    counts = {
        engine.load("fp32", ()).operations(shape, np.dtype(np.uint16))
        for engine in (
            own_engine(bundle, scaling, "cpu"),
            by_openvino.engine(bundle, scaling),
        )
    }
    (count,) = counts
    assert count
    assert count > 0


@pytest.mark.parametrize("installed", [True, False])
def test_matrices_are_multiplied(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not installed:
        monkeypatch.setattr("geoseg.models.matrix_rate.find_spec", lambda _: None)
    rate = matrix_rate("fp32", 0.01)
    assert rate
    assert rate > 1e8
    bf16 = matrix_rate("bf16", 0.01)
    assert (bf16 is not None) == (has_bf16() and installed)
