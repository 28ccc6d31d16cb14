"""What the plugin Deepness of QGIS reads in an ONNX file."""

from __future__ import annotations

import json
from math import ceil
from typing import Any

from .plan import FULL, Plan

ANY = 0.0  # a threshold: what lies below another one, Deepness takes for the first class


def keys(plan: Plan) -> dict[str, str]:
    """Return the keys of a model, as the plugin wants them.

    It divides all numbers by 255, whatever their type, takes a mean off and divides by a deviation:
    any scaling of bands by themselves can be said so. Clipping and activation lie in the graph.

    Parameters
    ----------
    plan
        What is exported.

    Returns
    -------
    dict[str, str]
        JSON by key.
    """
    card = plan.bundle.card
    count = len(card.bands)
    means, stds = [0.0] * count, [1.0] * count
    if plan.wish.scaling == "outside":
        full = FULL * card.scaling.scale
        means = [(band.mean - card.scaling.offset) / full for band in card.bands]
        stds = [band.std / full for band in card.bands]
    found: dict[str, Any] = {
        "model_type": "Segmentor",
        "class_names": {str(i): label.name for i, label in enumerate(card.labels)},
        "resolution": card.gsd * 100,  # in centimetres
        "tile_size": card.tile,
        "tiles_size": card.tile,
        "tiles_overlap": ceil(100 * card.overlap / card.tile),
        "standardization_mean": means,
        "standardization_std": stds,
        "seg_thresh": ANY,
        "seg_small_segment": 0,
    }
    return {key: json.dumps(value, ensure_ascii=False) for key, value in found.items()}
