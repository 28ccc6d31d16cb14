"""How good a map is: agreement with a truth, areas with their intervals, and what the confidence is worth."""

from .calibrate import PixelSample, at_limit, fit_temperature
from .metrics import (
    METRICS,
    Confusion,
    accuracy,
    f1,
    frequency_weighted_iou,
    iou,
    kappa,
    mean_accuracy,
    mean_f1,
    mean_iou,
    measure,
    precision,
    recall,
    scores,
)

__all__ = [
    "METRICS",
    "Confusion",
    "PixelSample",
    "accuracy",
    "at_limit",
    "f1",
    "fit_temperature",
    "frequency_weighted_iou",
    "iou",
    "kappa",
    "mean_accuracy",
    "mean_f1",
    "mean_iou",
    "measure",
    "precision",
    "recall",
    "scores",
]
