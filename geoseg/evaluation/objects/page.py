"""What an evaluation of objects shows as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...report.charts import curves
from ...report.html import Html, element, fragment
from ...report.page import Rows, figure, legend, listing, page, picture, section, table
from ...scene.describe import SceneInfo
from .pictures import COLOURS, picture_of
from .precision import RECALLS
from .results import (
    ObjectEvaluation,
    class_rows,
    headline_rows,
    pair_rows,
    panoptic_rows,
    places,
    size_rows,
)
from .sides import Brought

CURVES = (0.5, 0.75, 0.9)  # of IoU
STEP = 5  # hundredths of recall between two points of a curve
KINDS = {
    "best": "Best: found, the highest IoU",
    "worst": "Worst: found, the lowest IoU",
    "missed": "Missed, the largest",
    "spurious": "Spurious, the surest",
    "split": "Split: several predictions in one object",
    "merged": "Merged: one prediction over several objects",
}
SOURCE = (
    "AP and AR as COCO's reference implementation computes them (Lin et al. 2014), with all "
    "predictions of a scene rather than the surest hundred; PQ after Kirillov et al. 2019. "
    "Found is what has an IoU of 0.5 or more."
)


def objects_page(
    parts: Sequence[ObjectEvaluation],
    total: ObjectEvaluation,
    brought: Sequence[Brought],
    scene: SceneInfo | None = None,
) -> str:
    """Return the page of one evaluation of objects, or of several and their total.

    Parameters
    ----------
    parts
        The evaluation of each scene.
    total
        All of them together; the one itself where there is only one.
    brought
        The objects of each scene.
    scene
        What single objects are drawn on; None for dark ground.

    Returns
    -------
    str
        A whole page.
    """
    one = len(parts) == 1
    maps = "the map agree" if one else f"{len(parts)} maps agree"
    heading = f"How well the objects of {maps} with the truth"
    return page(
        "Evaluation of objects",
        heading,
        [f"map {total.mapped}", f"truth {total.truth}"] if one else [],
        table([("", ""), *headline_rows(total)]),
        _curves(total),
        section("Classes", table(class_rows(total))) if _classed(total) else "",
        _table("Sizes", size_rows(total)),
        _table("Things and stuff", panoptic_rows(total)),
        "" if one else section("Each map", table(pair_rows(parts))),
        _places(total, brought, scene),
        section("How it was compared", listing([*total.notes, SOURCE])),
    )


def _classed(found: ObjectEvaluation) -> bool:
    return len(found.found.names) > 1


def _table(heading: str, rows: Rows) -> Html:
    return section(heading, table(rows)) if len(rows) > 1 else Html()


def _curves(found: ObjectEvaluation) -> Html:
    if found.precision is None:
        return Html()
    lines = {}
    for threshold in CURVES:
        place = int(np.argmin(np.abs(np.array(found.precision.thresholds) - threshold)))
        values = found.precision.precision[place, :, :, 0]
        known = ~np.isnan(values).all(axis=0)
        if known.any():
            mean = values[:, known].mean(axis=1)
            points = zip(RECALLS[::STEP].tolist(), mean[::STEP].tolist(), strict=True)
            lines[f"IoU {threshold:.2f}"] = list(points)
    said = element(
        "p", "Mean over the classes; interpolated: the best precision at this recall or above."
    )
    return section("Precision by recall", curves("precision by recall", lines, "recall"), said)


def _places(found: ObjectEvaluation, brought: Sequence[Brought], scene: SceneInfo | None) -> Html:
    colours = list(zip(("map", "truth"), COLOURS, strict=True))
    parts: list[str] = []
    starts = _starts(brought)
    for kind, chosen in places(found).items():
        if not chosen:
            continue
        shown = []
        for place in chosen:
            part = brought[place["scene"]]
            own = {**place, "row": place["row"] - starts[place["scene"]][place["side"]]}
            png = picture_of(part, own, scene)
            image = picture(png) if png else element("p", "not shown by the scene")
            shown.append(figure(image, _said(place, len(brought) > 1, part)))
        parts += [
            element("h3", KINDS[kind]),
            element("div", *shown, class_="row looks"),
        ]
    if not parts:
        return Html()
    crs = "in the CRS of the comparison" if found.crs else "in columns and rows, or as in the file"
    lead = fragment(legend("Outlines: ", colours), element("p", f"Places are x and y {crs}."))
    return section("Single objects", lead, *parts)


def _starts(brought: Sequence[Brought]) -> list[dict[str, int]]:
    """Return where the rows of each scene begin in the tables of all."""
    starts = []
    truth = 0
    mapped = 0
    for part in brought:
        starts.append({"truth": truth, "map": mapped})
        truth += len(part.overlaps.truth)
        mapped += len(part.overlaps.mapped)
    return starts


def _said(place: dict[str, Any], several: bool, part: Brought) -> str:
    told = [f"{place['side']} {place['number']}"]
    if place["class"] is not None and place["class"] != "object":
        told.append(str(place["class"]))
    if place["iou"]:
        told.append(f"IoU {place['iou']:.2f}")
    if place["score"] is not None:
        told.append(f"score {place['score']:.3g}")
    told.append(f"at {place['x']:.10g}, {place['y']:.10g}")
    if several:
        told.append(part.sides[0].path.rsplit("/", 1)[-1])
    return ", ".join(told)
