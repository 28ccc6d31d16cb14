"""Classes and confidence equal a computation pixel by pixel."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoseg.core.card import NODATA, Band, Label, ModelCard, Scaling
from geoseg.core.grid import Patch, Window
from geoseg.prediction.stitch import classify

CARD = ModelCard(
    name="three",
    description="three",
    architecture="unet",
    hyperparameters={},
    sensor="any",
    unit="reflectance",
    bands=(Band("red", "red", 0.66, 0.1, 0.1, 0, 1),),
    scaling=Scaling(),
    dtypes=("uint8",),
    labels=(
        Label(7, "water", "#0000ff"),
        Label(0, "trees", "#00ff00"),
        Label(254, "built", "#ff0000"),
    ),
    gsd=10,
    gsd_range=(5, 20),
    tile=64,
    overlap=8,
)
SHAPE = (5, 4)
masks = arrays(bool, SHAPE)


@given(
    arrays(np.uint8, SHAPE, elements=st.integers(0, 2)),
    arrays(np.uint8, SHAPE, elements=st.integers(0, 100)),
    st.none() | masks,
    st.none() | masks,
)
def test_classes_and_confidence_pixel_by_pixel(
    index: np.ndarray, percent: np.ndarray, valid: np.ndarray | None, inside: np.ndarray | None
) -> None:
    piece = Patch(Window(2, 3, 7, 7), np.stack([index, percent]), valid)
    found = classify(piece, CARD, inside)
    assert found.window == piece.window
    assert found.data.dtype == np.uint8
    for row, column in np.ndindex(SHAPE):
        if all(known is None or known[row, column] for known in (valid, inside)):
            expected = CARD.labels[index[row, column]].value, percent[row, column]
        else:
            expected = NODATA, NODATA
        assert tuple(found.data[:, row, column]) == expected
