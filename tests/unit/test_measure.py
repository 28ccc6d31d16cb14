"""Measuring counts each pixel once, however the scene is tiled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from trainings import make_set, open_pool

from geoseg.training.augment import Linear
from geoseg.training.learner import Learner
from geoseg.training.measure import count_scenes


def test_every_labelled_pixel_is_counted_once(tmp_path: Path) -> None:
    config = make_set(tmp_path)
    torch.manual_seed(0)
    card = replace(config.draft(), tile=64, overlap=16)
    pool = open_pool(config)
    learner = Learner(card, config)
    found = count_scenes(learner, pool).total
    assert np.array_equal(found.sum(axis=1), pool.counts.sum(axis=0))
    same = Linear(np.ones(3), np.zeros(3))
    again = count_scenes(learner, pool, [same] * len(pool.pairs))
    assert np.array_equal(again.total, found)
