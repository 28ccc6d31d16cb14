"""An evaluation as numbers for programs, and several evaluations as one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .areas import AreaEstimates, Estimate
from .boundary import Boundaries
from .compare import Evaluation
from .metrics import measure
from .reliability import Reliability


def to_json(found: Evaluation) -> dict[str, Any]:
    """Return an evaluation as nested JSON.

    Parameters
    ----------
    found
        The evaluation.

    Returns
    -------
    dict
        Shares from 0 to 1, to six decimals; None where there is nothing to tell.
    """
    measured = measure(found.matrix)
    single = {name: value for name, value in measured.items() if np.ndim(value) == 0}
    each = {name: value for name, value in measured.items() if np.ndim(value) == 1}
    if found.boundaries:
        each["boundary_f1"] = found.boundaries.f1()
        single["boundary_f1"] = boundary_f1(found)
    return {
        "map": found.mapped,
        "truth": found.truth,
        found.unit: int(found.matrix.sum()),
        "unlabelled": found.unlabelled,
        "unmapped": found.unmapped,
        "metrics": {name: number(value) for name, value in single.items()},
        "classes": {
            name: {metric: number(values[i]) for metric, values in each.items()}
            | {"truth": int(found.matrix[i].sum()), "map": int(found.matrix[:, i].sum())}
            for i, name in enumerate(found.names)
        },
        "boundary_tolerance_px": found.boundaries and found.boundaries.reach,
        "confusion": {
            "classes": list(found.names),
            "rows": "truth",
            "matrix": found.matrix.tolist(),
        },
        "reliability": found.reliability and _reliability(found.reliability),
        "notes": list(found.notes),
    }


def boundary_f1(found: Evaluation) -> float:
    """Return the mean boundary F1 score of the classes that the truth holds.

    Parameters
    ----------
    found
        The evaluation.

    Returns
    -------
    float
        0 to 1; NaN where no class has a border, or borders were not compared.
    """
    if not found.boundaries:
        return math.nan
    there = found.boundaries.f1()[found.matrix.sum(axis=1) > 0]
    return float(np.nanmean(there)) if np.isfinite(there).any() else math.nan


def _reliability(found: Reliability) -> dict[str, Any]:
    confidence, accuracy, pixels = found.bins()
    rows = zip(confidence, accuracy, pixels, strict=True)
    return {
        "ece": number(found.ece()),
        "largest_gap": number(found.worst()),
        "bins": [
            {"confidence": number(c), "accuracy": number(a), "pixels": int(n)} for c, a, n in rows
        ],
    }


def areas_to_json(found: AreaEstimates, unit: str) -> dict[str, Any]:
    """Return area estimates as nested JSON.

    Parameters
    ----------
    found
        The estimates.
    unit
        Of their areas.

    Returns
    -------
    dict
        Each estimate as value, standard error and half its interval of 95 %.
    """
    strata = len(found.mapped)
    return {
        "unit": unit,
        "total": found.total,
        "points": int(found.counts.sum()),
        "overall_accuracy": _estimate(found.overall),
        "classes": {
            name: {
                "mapped": float(found.mapped[i]) if i < strata else 0.0,
                "area": _estimate(found.area(i)),
                "share": _estimate(found.share[i]),
                "users_accuracy": _estimate(found.users[i]),
                "producers_accuracy": _estimate(found.producers[i]),
            }
            for i, name in enumerate(found.names)
        },
        "confusion": {
            "classes": list(found.names),
            "rows": "map",
            "strata": list(found.names[:strata]),
            "matrix": found.counts.tolist(),
        },
        "strata_with_one_point": list(found.single),
    }


def _estimate(found: Estimate) -> dict[str, float | None]:
    return {
        "value": number(found.value, 9),
        "standard_error": number(found.error, 9),
        "half_95": number(found.half, 9),
    }


def number(value: float, digits: int = 6) -> float | None:
    """Return a number as JSON has it.

    Parameters
    ----------
    value
        Any number.
    digits
        Decimals that it keeps.

    Returns
    -------
    float or None
        None for NaN and infinities, which JSON lacks.
    """
    return round(float(value), digits) if math.isfinite(value) else None


def total(parts: Sequence[Evaluation]) -> Evaluation:
    """Return several evaluations as one: all their pixels together, classes of one name being one.

    Parameters
    ----------
    parts
        At least one, with one unit.

    Returns
    -------
    Evaluation
        Borders and reliability only where all parts have them.
    """
    names = list(dict.fromkeys(name for part in parts for name in part.names))
    matrix = np.zeros((len(names), len(names)), np.int64)
    counts = np.zeros((len(names), 4), np.int64)
    colours = [""] * len(names)
    for part in parts:
        places = [names.index(name) for name in part.names]
        matrix[np.ix_(places, places)] += part.matrix
        if part.boundaries:
            counts[places] += part.boundaries.counts
        for place, colour in zip(places, part.colours, strict=True):
            colours[place] = colours[place] or colour
    borders = [part.boundaries for part in parts if part.boundaries]
    reliable = [part.reliability for part in parts if part.reliability]
    return Evaluation(
        f"{len(parts)} maps",
        f"{len(parts)} truths",
        tuple(names),
        tuple(colours),
        matrix,
        sum(part.unlabelled for part in parts),
        sum(part.unmapped for part in parts),
        parts[0].unit,
        Boundaries(borders[0].reach, counts) if len(borders) == len(parts) else None,
        _add(reliable) if len(reliable) == len(parts) else None,
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _add(parts: Sequence[Reliability]) -> Reliability:
    pixels = np.sum([part.pixels for part in parts], axis=0)
    return Reliability(pixels, np.sum([part.right for part in parts], axis=0))
