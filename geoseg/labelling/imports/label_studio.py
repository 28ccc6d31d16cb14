"""Label Studio's JSON: polygons, brushes, rectangles, ellipses, points, in per cent of pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely

from ...datasets.paint import polygon
from ...datasets.runs import painted_mask
from ...datasets.told import number, read_json, size
from .drawn import Annotations, Drawn, Picture, ellipse, name_of, rectangle, time_of

_SUFFIX = "labels"  # a result's type is "polygonlabels", or "polygon" beside one of "labels"
_SHAPES = ("polygon", "brush", "rectangle", "ellipse", "keypoint")
_PICTURES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jp2", ".webp", ".bmp", ".gif")


def fits(told: Any) -> bool:
    """Return whether what JSON holds is Label Studio's export "JSON".

    Parameters
    ----------
    told
        Anything.

    Returns
    -------
    bool
        By the keys of the first task.
    """
    return (
        isinstance(told, list)
        and bool(told)
        and isinstance(told[0], dict)
        and "data" in told[0]
        and ("annotations" in told[0] or "completions" in told[0])
    )


def read(path: Path) -> Annotations:
    """Read Label Studio's export "JSON" (not "JSON-MIN", which tells neither sizes nor authors).

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Annotations
        Predictions, and annotations that were cancelled, are no annotations.

    Raises
    ------
    ValueError
        If it is unsound. InputError, if it is no JSON.
    """
    drawn: list[Drawn] = []
    skipped: Counter[str] = Counter()
    for task in read_json(path):
        for annotation in task.get("annotations") or task.get("completions") or []:
            if annotation.get("was_cancelled"):
                skipped["annotations that were cancelled"] += 1
                continue
            drawn.extend(_drawn(task, annotation, skipped))
    return Annotations(tuple(drawn), skipped)


def _drawn(
    task: Mapping[str, Any], annotation: Mapping[str, Any], skipped: Counter[str]
) -> Iterator[Drawn]:
    author = _author(annotation.get("completed_by"))
    time = time_of(annotation.get("updated_at") or annotation.get("created_at"))
    results = annotation["result"]
    named = {
        one["id"]: one["value"][_SUFFIX] for one in results if one.get("type") == _SUFFIX
    }  # labels that stand beside their shapes
    for one in results:
        kind = str(one.get("type"))
        base = kind.removesuffix(_SUFFIX)
        if kind == _SUFFIX:
            continue
        if base not in _SHAPES:
            skipped[f"entries of the kind {kind[:40]}"] += 1
            continue
        value = one["value"]
        names = value.get(f"{base}{_SUFFIX}") or named.get(one.get("id")) or []
        if len(names) != 1:
            raise ValueError(f"a {base} of {len(names)} labels, not one: {names!r:.80}")
        if number(one.get("image_rotation") or 0) % 360:
            raise ValueError(f"a picture that was turned by {one['image_rotation']} degrees")
        name = _picture_name(task["data"], base)
        picture = Picture(name, size(one["original_height"]), size(one["original_width"]))
        yield Drawn(picture, str(names[0]), _shape(base, value, picture), author, time)


def _author(told: Any) -> str | None:
    if isinstance(told, dict):
        return name_of(told.get("email") or told.get("username") or told.get("id"))
    return name_of(f"user {told}" if isinstance(told, int) else told)


def _picture_name(data: Mapping[str, Any], kind: str) -> str:
    """Return the one entry of a task that names a picture."""
    names = [
        value
        for value in data.values()
        if isinstance(value, str) and value.partition("?")[0].lower().endswith(_PICTURES)
    ]
    if isinstance(data.get("image"), str):
        return str(data["image"])
    if len(names) != 1:
        raise ValueError(f"a {kind} of a task with {len(names)} pictures, not one")
    return names[0]


def _shape(kind: str, value: Mapping[str, Any], picture: Picture) -> Any:
    if kind == "brush":
        if value.get("format") != "rle":
            raise ValueError(f"a brush in the format {value.get('format')!r:.40}, not rle")
        return painted_mask(value["rle"], picture.height, picture.width)
    across = picture.width / 100
    down = picture.height / 100
    if kind == "polygon":
        return polygon([(number(x) * across, number(y) * down) for x, y in value["points"]])
    x = number(value["x"]) * across
    y = number(value["y"]) * down
    angle = number(value.get("rotation") or 0)
    if kind == "rectangle":
        width = number(value["width"]) * across
        return rectangle(x, y, width, number(value["height"]) * down, angle)
    if kind == "ellipse":
        return ellipse(
            x, y, number(value["radiusX"]) * across, number(value["radiusY"]) * down, angle
        )
    return shapely.Point(x, y)
