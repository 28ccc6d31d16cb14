"""What a foreign network is to give, with all but the network in numpy's double precision."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geoseg.core.card import ModelCard, Scaling

SCALING = Scaling(0.9, 3.0)

# one tile of the type and axes that the network's input has, to what its output holds
Run = Callable[[np.ndarray], np.ndarray]


def expected_scores(card: ModelCard, pixels: np.ndarray, run: Run) -> np.ndarray:
    """Scores [n, label, row, column] of digital numbers, by the card and the bare network."""
    interface = card.interface
    assert interface
    values = pixels.astype(float) * SCALING.scale + SCALING.offset
    for i, (low, high) in enumerate(interface.clip):
        values[:, i] = np.clip(values[:, i], low, high)
    mean, std = (
        np.array([getattr(band, name) for band in card.bands]).reshape(1, -1, 1, 1)
        for name in ("mean", "std")
    )
    margin = interface.margin
    values = np.pad(
        (values - mean) / std, ((0, 0), (0, 0), (margin,) * 2, (margin,) * 2), "reflect"
    )
    if interface.input_type == "uint8":
        values = np.clip(np.rint(values), 0, 255)
    if interface.input_axes == "NHWC":
        values = values.transpose(0, 2, 3, 1)
    given = np.concatenate([run(each[None].astype(interface.input_type)) for each in values])
    given = given.astype(float)
    if interface.output_axes == "NHWC":
        given = given.transpose(0, 3, 1, 2)
    if interface.result == "classes":
        if interface.output_axes != "NHW":
            given = given[:, 0]
        return (given[:, None] == np.arange(len(card.labels)).reshape(1, -1, 1, 1)).astype(float)
    if interface.output_axes == "NHW":
        given = given[:, None]
    given = enlarged(given, interface.output_stride)
    if interface.one_score:
        score = given if interface.result == "probabilities" else 1 / (1 + np.exp(-given))
        odds = score / (1 - score) * (1 - interface.threshold) / interface.threshold
        return np.concatenate([1 / (1 + odds), odds / (1 + odds)], 1)
    if interface.result == "numbers":
        return given * interface.output_scale
    if interface.result == "probabilities":
        return given
    power = np.exp(given - given.max(1, keepdims=True))
    return power / power.sum(1, keepdims=True)


def enlarged(given: np.ndarray, stride: int) -> np.ndarray:
    """Bilinear, pixel centres on pixel centres."""
    for axis in (2, 3):
        length = given.shape[axis]
        place = (np.arange(length * stride) + 0.5) / stride - 0.5
        place = place.clip(0, length - 1)
        low = np.floor(place).astype(int)
        part = (place - low).reshape([-1 if i == axis else 1 for i in range(4)])
        high = np.minimum(low + 1, length - 1)
        given = given.take(low, axis) * (1 - part) + given.take(high, axis) * part
    return given
