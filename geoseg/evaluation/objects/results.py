"""What an evaluation of objects found: every metric, as numbers for programs and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.arrays import Longs
from ...core.errors import InputError
from ...report.page import Rows
from ..results import number
from ..text import percent, table
from .detection import Detection, detect, rates
from .matching import NONE
from .overlaps import UNKNOWN, Overlaps
from .panoptic import PanopticQuality, panoptic_quality
from .precision import COCO_SIZES, SIZE_NAMES, AveragePrecision, average_precision

SHOWN = 6  # objects of each kind that are told with their places
CURVE = 0.5  # the IoU of the curve of precision by recall


@dataclass(frozen=True, slots=True)
class Sizes:
    """Where small, medium and large objects part."""

    edges: tuple[float, ...]
    """Rising."""
    unit: str
    """px or m2."""


COCO = Sizes(COCO_SIZES, "px")


@dataclass(frozen=True, slots=True, eq=False)
class ObjectEvaluation:
    """How well the objects of a map agree with those of the truth."""

    mapped: str
    """The map's file, or how many."""
    truth: str
    """The truth's file, or how many."""
    found: Overlaps
    """The objects."""
    detection: Detection
    """What became of each at an IoU of 0.5."""
    sizes: Sizes | None
    """Where small, medium and large part; None where nothing tells sizes."""
    precision: AveragePrecision | None
    """None where the predictions have no scores."""
    panoptic: PanopticQuality | None
    """None where objects of one side lie on one another."""
    crs: str | None = None
    """Of the places, as WKT."""
    notes: tuple[str, ...] = ()
    """How they were compared, a sentence each."""


def parse_sizes(text: str) -> Sizes:
    """Return what an option says of sizes.

    Parameters
    ----------
    text
        Two areas and their unit: 1024,9216px or 50,500m2.

    Returns
    -------
    Sizes
        Rising.

    Raises
    ------
    InputError
        If it says something else.
    """
    plain = text.replace(" ", "")
    unit = next((unit for unit in ("px", "m2") if plain.endswith(unit)), "")
    try:
        edges = tuple(float(part) for part in plain.removesuffix(unit).split(","))
    except ValueError:
        edges = ()
    if not unit or len(edges) != 2 or not 0 < edges[0] < edges[1] < 1e15:
        raise InputError(
            f"--sizes {text[:40]}",
            "two areas where small, medium and large part, such as 1024,9216px or 50,500m2",
        )
    return Sizes(edges, unit)


def measure_objects(
    found: Overlaps,
    mapped: str,
    truth: str,
    sizes: Sizes | None = None,
    crs: str | None = None,
    notes: Sequence[str] = (),
) -> ObjectEvaluation:
    """Compute every metric of a comparison.

    Parameters
    ----------
    found
        The objects.
    mapped, truth
        What they are called.
    sizes
        Where small, medium and large part, in the unit of the tables' sizes; None for no sizes.
    crs
        Of their places.
    notes
        How they were compared.

    Returns
    -------
    ObjectEvaluation
        Average precision only of predictions with scores, panoptic quality only where at each place
        is one object.
    """
    scored = found.mapped.scores is not None
    edges = sizes.edges if sizes else ()
    more = [] if scored else ["no scores: no average precision, which needs to know the surest"]
    return ObjectEvaluation(
        mapped,
        truth,
        found,
        detect(found),
        sizes,
        average_precision(found, sizes=edges) if scored else None,
        panoptic_quality(found) if found.overlapping == (0, 0) else None,
        crs,
        (*notes, *more),
    )


def to_json(done: ObjectEvaluation) -> dict[str, Any]:
    """Return an evaluation as nested JSON.

    Parameters
    ----------
    done
        The evaluation.

    Returns
    -------
    dict
        Shares from 0 to 1, to six decimals; None where there is nothing to tell.
    """
    counts = done.detection.counts()
    return {
        "task": "objects",
        "map": done.mapped,
        "truth": done.truth,
        "objects": _totals(done),
        "metrics": _metrics(done, counts.sum(axis=0)),
        "panoptic": done.panoptic and _panoptic(done.panoptic),
        "sizes": _by_size(done),
        "classes": {
            name: _of_class(done, label, counts[label])
            for label, name in enumerate(done.found.names)
            if _occurs(done, label)
        },
        "curve": done.precision and _curve(done),
        "places": places(done),
        "crs": done.crs,
        "notes": list(done.notes),
    }


def _totals(done: ObjectEvaluation) -> dict[str, Any]:
    found, missed, spurious = done.detection.counts().sum(axis=0).tolist()
    there = found + missed
    return {
        "truth": there,
        "map": found + spurious,
        "found": found,
        "missed": missed,
        "spurious": spurious,
        "split": int(done.detection.split.sum()),
        "merged": int(done.detection.merged.sum()),
        "count_error": spurious - missed,
        "count_error_share": number((spurious - missed) / there) if there else None,
        "crowds": int(done.found.truth.crowd.sum()),
        "outside": int(done.found.truth.outside.sum() + done.found.mapped.outside.sum()),
    }


def _metrics(done: ObjectEvaluation, counts: Longs) -> dict[str, float | None]:
    precision, recall, f1 = rates(counts)
    found = done.precision
    quality = done.panoptic.means() if done.panoptic else (np.nan,) * 3
    best, score = done.detection.best
    values = {
        "mean_ap": found.ap() if found else np.nan,
        "ap50": found.ap(0.5) if found else np.nan,
        "ap75": found.ap(0.75) if found else np.nan,
        "ar": found.ar() if found else np.nan,
        "pq": quality[0],
        "sq": quality[1],
        "rq": quality[2],
        "f1": float(f1),
        "precision": float(precision),
        "recall": float(recall),
        "mean_iou_found": _mean_iou(done),
        "best_f1": best,
        "best_f1_score": score,
    }
    return {name: number(value) for name, value in values.items()}


def _mean_iou(done: ObjectEvaluation) -> float:
    hit = done.detection.hit
    return float(done.detection.iou[hit].mean()) if hit.any() else np.nan


def _of_class(done: ObjectEvaluation, label: int, counts: Longs) -> dict[str, Any]:
    precision, recall, f1 = rates(counts)
    found = done.precision
    values = {
        "ap": found.ap(label=label) if found else np.nan,
        "ap50": found.ap(0.5, label) if found else np.nan,
        "ap75": found.ap(0.75, label) if found else np.nan,
        "ar": found.ar(label=label) if found else np.nan,
        "f1": float(f1),
        "precision": float(precision),
        "recall": float(recall),
    }
    if done.panoptic:
        values |= {
            "pq": done.panoptic.pq()[label],
            "sq": done.panoptic.sq()[label],
            "rq": done.panoptic.rq()[label],
        }
    right, missed, spurious = counts.tolist()
    return {
        **{name: number(value) for name, value in values.items()},
        "kind": "things" if _is_thing(done, label) else "stuff",
        "truth": right + missed,
        "map": right + spurious,
        "count_error": spurious - missed,
    }


def _is_thing(done: ObjectEvaluation, label: int) -> bool:
    tables = (done.found.truth, done.found.mapped)
    return any(bool((t.classes[~t.stuff] == label).any()) for t in tables)


def _occurs(done: ObjectEvaluation, label: int) -> bool:
    return any(bool((t.classes == label).any()) for t in (done.found.truth, done.found.mapped))


def _panoptic(found: PanopticQuality) -> dict[str, Any]:
    told = {}
    for name, things in (("all", None), ("things", True), ("stuff", False)):
        pq, sq, rq = found.means(things)
        chosen = found.known if things is None else found.known & (found.things == things)
        told[name] = {"pq": number(pq), "sq": number(sq), "rq": number(rq)}
        told[name]["classes"] = int(chosen.sum())
    return told


def _by_size(done: ObjectEvaluation) -> list[dict[str, Any]]:
    if done.sizes is None:
        return []
    rows = []
    detection = done.detection
    edges = (0.0, *done.sizes.edges, np.inf)
    true = done.found.truth.sizes
    for place, name in enumerate(SIZE_NAMES):
        low, high = edges[place : place + 2]
        # for the count an object on the edge is of the larger ones alone
        here = detection.counted[0] & (true >= low) & (true < high)
        hit = int((here & detection.hit).sum())
        found = done.precision
        values = {
            "ap": found.ap(size=place + 1) if found else np.nan,
            "ap50": found.ap(0.5, size=place + 1) if found else np.nan,
            "ar": found.ar(size=place + 1) if found else np.nan,
            "recall": hit / int(here.sum()) if here.any() else np.nan,
        }
        rows.append(
            {
                "size": name,
                "from": low,
                "to": high if np.isfinite(high) else None,
                "unit": done.sizes.unit,
                "truth": int(here.sum()),
                **{key: number(value) for key, value in values.items()},
            }
        )
    return rows


def _curve(done: ObjectEvaluation) -> dict[str, Any]:
    """Return precision at each hundredth of recall, at the IoU of CURVE."""
    assert done.precision is not None
    place = done.precision.thresholds.index(CURVE)
    return {
        "iou": CURVE,
        "precision": {
            name: [number(value) for value in done.precision.precision[place, :, label, 0]]
            for label, name in enumerate(done.found.names)
            if not np.isnan(done.precision.precision[place, :, label, 0]).all()
        },
    }


def places(done: ObjectEvaluation, most: int = SHOWN) -> dict[str, list[dict[str, Any]]]:
    """Return the objects that are worth a look, with their places.

    Parameters
    ----------
    done
        The evaluation.
    most
        How many of each kind.

    Returns
    -------
    dict
        By kind: best and worst of those that were found, by IoU; missed, split and merged ones, the
        largest first; spurious ones, the surest or largest first. Each as a dict with side and row
        (of its table), scene, number, class, score, iou, area, and the middle of its box as x and
        y.
    """
    detection = done.detection
    truth = done.found.truth
    mapped = done.found.mapped
    hit = np.flatnonzero(detection.hit)
    by_iou = hit[np.argsort(detection.iou[hit], kind="stable")]
    missed = np.flatnonzero(detection.counted[0] & ~detection.hit)
    spurious = np.flatnonzero(detection.counted[1] & ~detection.right)
    sure = mapped.areas if mapped.scores is None else mapped.scores
    chosen = {
        "best": ("truth", by_iou[::-1]),
        "worst": ("truth", by_iou),
        "missed": ("truth", _largest(missed, truth.areas)),
        "spurious": ("map", _largest(spurious, sure)),
        "split": ("truth", _largest(np.flatnonzero(detection.split), truth.areas)),
        "merged": ("map", _largest(np.flatnonzero(detection.merged), mapped.areas)),
    }
    return {
        kind: [_place(done, side, row) for row in rows[:most].tolist()]
        for kind, (side, rows) in chosen.items()
    }


def _largest(rows: Longs, by: Any) -> Longs:
    return rows[np.argsort(-by[rows], kind="stable")]


def _place(done: ObjectEvaluation, side: str, row: int) -> dict[str, Any]:
    table = done.found.truth if side == "truth" else done.found.mapped
    west, south, east, north = table.boxes[row].tolist()
    scores = done.found.mapped.scores
    partner = int(done.detection.partners[row]) if side == "truth" else row
    label = int(table.classes[row])
    sure = scores is not None and partner != NONE
    return {
        "side": side,
        "row": row,
        "scene": int(table.scenes[row]),
        "number": int(table.numbers[row]),
        "class": done.found.names[label] if label != UNKNOWN else None,
        "score": number(float(scores[partner])) if scores is not None and sure else None,
        "iou": number(float(done.detection.iou[row])) if side == "truth" else None,
        "area": number(float(table.areas[row]), 3),
        "x": number((west + east) / 2, 7),
        "y": number((south + north) / 2, 7),
    }


HEADS = {
    "mean_ap": "mAP (IoU 0.50:0.95)",
    "ap50": "AP at IoU 0.50",
    "ap75": "AP at IoU 0.75",
    "ar": "AR (IoU 0.50:0.95)",
    "pq": "panoptic quality (PQ)",
    "sq": "segmentation quality (SQ)",
    "rq": "recognition quality (RQ)",
    "f1": "F1 at IoU 0.50",
    "precision": "precision at IoU 0.50",
    "recall": "recall at IoU 0.50",
    "mean_iou_found": "mean IoU of found objects",
    "best_f1": "best F1 by a threshold of the score",
    "best_f1_score": "that threshold",
}
COUNTS = {
    "truth": "objects of the truth",
    "map": "objects of the map",
    "found": "found",
    "missed": "missed",
    "spurious": "spurious",
    "split": "split (several predictions in one)",
    "merged": "merged (one prediction over several)",
}


def headline_rows(done: ObjectEvaluation) -> Rows:
    """Return the metrics of all objects, and how many there are.

    Parameters
    ----------
    done
        The evaluation.

    Returns
    -------
    Rows
        Name and number; no heads. What cannot be told is left out.
    """
    data = to_json(done)
    rows: Rows = [
        (HEADS[name], f"{value:.4f}")
        for name, value in data["metrics"].items()
        if value is not None
    ]
    totals = data["objects"]
    rows += [(said, f"{totals[name]:,}") for name, said in COUNTS.items()]
    share = totals["count_error_share"]
    rows.append(
        (
            "error of the count",
            f"{totals['count_error']:+,}" + ("" if share is None else f" ({share:+.1%})"),
        )
    )
    return rows


def class_rows(done: ObjectEvaluation) -> Rows:
    """Return a table of the classes.

    Parameters
    ----------
    done
        The evaluation.

    Returns
    -------
    Rows
        Its heads first; shares in percent. Columns of which nothing is known are left out.
    """
    data: dict[str, dict[str, Any]] = to_json(done)["classes"]
    columns = {
        "ap": "AP",
        "ap50": "AP 50",
        "ap75": "AP 75",
        "ar": "AR",
        "pq": "PQ",
        "sq": "SQ",
        "rq": "RQ",
        "f1": "F1",
        "precision": "precision",
        "recall": "recall",
    }
    some = [name for name in columns if any(row.get(name) is not None for row in data.values())]
    rows: Rows = [("class", *(columns[name] for name in some), "truth", "map", "count")]
    for name, row in data.items():
        thing = row["kind"] == "things"
        counts = (f"{row['truth']:,}", f"{row['map']:,}", f"{row['count_error']:+,}")
        rows.append(
            (name, *(percent(row.get(m)) for m in some), *(counts if thing else ("stuff", "", "")))
        )
    return rows


def size_rows(done: ObjectEvaluation) -> Rows:
    """Return a table of sizes.

    Parameters
    ----------
    done
        The evaluation.

    Returns
    -------
    Rows
        Its heads first; none where nothing tells sizes.
    """
    data = to_json(done)["sizes"]
    if not data:
        return []
    columns = {"ap": "AP", "ap50": "AP 50", "ar": "AR", "recall": "recall"}
    some = [name for name in columns if any(row[name] is not None for row in data)]
    rows: Rows = [("size", *(columns[name] for name in some), "truth")]
    for row in data:
        unit = row["unit"]
        span = f"{row['from']:g} to {row['to']:g}" if row["to"] else f"from {row['from']:g}"
        rows.append(
            (
                f"{row['size']} ({span} {unit})",
                *(percent(row[name]) for name in some),
                f"{row['truth']:,}",
            )
        )
    return rows


def panoptic_rows(done: ObjectEvaluation) -> Rows:
    """Return a table of things and stuff.

    Parameters
    ----------
    done
        The evaluation.

    Returns
    -------
    Rows
        Its heads first; none without stuff.
    """
    if done.panoptic is None:
        return []
    data = _panoptic(done.panoptic)
    if not data["stuff"]["classes"]:
        return []
    rows: Rows = [("segments", "PQ", "SQ", "RQ", "classes")]
    for name, row in data.items():
        shares = (percent(row[key]) for key in ("pq", "sq", "rq"))
        rows.append((name, *shares, str(row["classes"])))
    return rows


def describe(done: ObjectEvaluation) -> list[str]:
    """Return an evaluation as lines of a terminal.

    Parameters
    ----------
    done
        The evaluation.

    Returns
    -------
    list of str
        Metrics, classes, sizes, things and stuff.
    """
    heads = headline_rows(done)
    width = max(len(name) for name, _ in heads)
    lines = [f"{name:{width}}  {value:>14}" for name, value in heads]
    for rows in (class_rows(done), size_rows(done), panoptic_rows(done)):
        if len(rows) > 1:
            lines += ["", *table(rows)]
    return lines


def pair_rows(parts: Sequence[ObjectEvaluation]) -> Rows:
    """Return a table of several evaluations.

    Parameters
    ----------
    parts
        At least one.

    Returns
    -------
    Rows
        Its heads first; shares in percent.
    """
    rows: Rows = [("map", "mAP", "AP 50", "PQ", "F1", "truth", "map", "count")]
    for part in parts:
        data = to_json(part)
        totals = data["objects"]
        shares = (percent(data["metrics"][name]) for name in ("mean_ap", "ap50", "pq", "f1"))
        counts = (f"{totals['truth']:,}", f"{totals['map']:,}", f"{totals['count_error']:+,}")
        rows.append((part.mapped.rsplit("/", 1)[-1], *shares, *counts))
    return rows
