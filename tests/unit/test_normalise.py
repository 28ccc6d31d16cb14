"""The normalisation that training and inference share: the formula, any type, nodata as the
mean.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cards import S2

from geoseg.core.card import Scaling
from geoseg.models.torch_model import Normalise


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
@pytest.mark.parametrize("scaling", [Scaling(1e-4), Scaling(1e-4, -0.1), Scaling(1.525902e-05)])
def test_the_formula(dtype: type, scaling: Scaling) -> None:
    pixels = np.arange(2 * 9 * 3 * 2).reshape(2, 9, 3, 2).astype(dtype)
    mean, std = (
        np.array([getattr(b, name) for b in S2.bands])[:, None, None] for name in ("mean", "std")
    )
    expected = (pixels.astype(np.float64) * scaling.scale + scaling.offset - mean) / std
    found = Normalise(S2.bands, scaling)(torch.from_numpy(pixels))
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_invalid_pixels_are_the_mean() -> None:
    valid = torch.tensor([[[True, False]]])
    values = Normalise(S2.bands, Scaling(1e-4))(torch.full((1, 9, 1, 2), 60000.0), valid)
    assert (values[..., 1] == 0).all()
    assert (values[..., 0] != 0).all()
