"""Scenes that lie on the same ground, or near one another, are one place; and the split, written
down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS, Transformer

from ..core.grid import Grid, Window
from ..raster.relate import tied_to_earth
from .sources import Sample
from .split import Parts, Share, renamed

DEGREES = "EPSG:4326"


def name_places(samples: Sequence[Sample], grids: Sequence[Grid], guard: int) -> list[Sample]:
    """Give every scene without a place one: its own, or that of the scenes within `guard` of its
    pixels.
    """
    if all(sample.place for sample in samples):
        return list(samples)
    boxes = np.array([_footprint(grid, guard) for grid in grids])
    names = [sample.place or Path(sample.files[0]).stem for sample in samples]
    for i in range(len(samples)):
        if samples[i].place or np.isnan(boxes[i]).any():
            continue
        near = [
            j
            for j in np.flatnonzero(_meet(boxes[: i + 1], boxes[i])).tolist()
            if j < i and not samples[j].place
        ]
        joined = {names[j] for j in near}
        if joined:
            first = min(joined)
            names[i] = first
            names = [
                first if name in joined and not samples[j].place else name
                for j, name in enumerate(names)
            ]
    return renamed(samples, names)


def _footprint(grid: Grid, guard: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees with the guard around it; NaN without a CRS
    that has them.
    """
    if grid.crs is None or not tied_to_earth(grid.crs):
        return (np.nan,) * 4
    box = grid.bounds(Window(-guard, -guard, grid.height + guard, grid.width + guard))
    to_degrees = Transformer.from_crs(CRS.from_wkt(grid.crs), DEGREES, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*box)
    return (west, south, east, north) if west <= east else (-180.0, south, 180.0, north)


def _meet(boxes: Any, box: Any) -> Any:
    return (
        (boxes[:, 0] <= box[2])
        & (box[0] <= boxes[:, 2])
        & (boxes[:, 1] <= box[3])
        & (box[1] <= boxes[:, 3])
    )


def write_split(folder: Path, parts: Parts, grids: dict[str, Grid]) -> dict[str, Any]:
    """Write split.json, and split.geojson where scenes have a CRS; return it in a few words, for
    the card.
    """
    text = json.dumps(_record(parts), indent=1, ensure_ascii=False)
    (folder / "split.json").write_text(text + "\n", encoding="utf-8")
    features = [
        feature
        for part, shares in parts.items()
        for share in shares
        for feature in _features(part, share, grids)
    ]
    if features:
        collection = {"type": "FeatureCollection", "features": features}
        (folder / "split.geojson").write_text(
            json.dumps(collection, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    every = [share for shares in parts.values() for share in shares]
    counts = {part: len({share.sample.place for share in shares}) for part, shares in parts.items()}
    if not any(share.blocks for share in every):
        return {"by": "whole places", **counts}
    cut = {part: sum(len(share.blocks) for share in shares) for part, shares in parts.items()}
    return {"by": f"blocks, with a guard of {max(share.guard for share in every)} pixels", **cut}


def _record(parts: Parts) -> dict[str, Any]:
    """What is in each part: places, and scenes with the blocks (top, left, bottom, right) that
    belong to it.
    """
    record: dict[str, Any] = {}
    for part, shares in parts.items():
        scenes = [
            {"scene": s.sample.scene, "labels": s.sample.label, "place": s.sample.place}
            | (
                {"guard": s.guard, "blocks": [[b.top, b.left, b.bottom, b.right] for b in s.blocks]}
                if s.blocks
                else {}
            )
            for s in shares
        ]
        record[part] = {
            "places": sorted({share.sample.place for share in shares}),
            "scenes": scenes,
        }
    return record


def _features(part: str, share: Share, grids: dict[str, Grid]) -> Iterator[dict[str, Any]]:
    """Yield what the part has of a scene as polygons in degrees; nothing where the scene has no
    CRS.
    """
    grid = grids[share.sample.scene]
    if grid.crs is None or not tied_to_earth(grid.crs):
        return
    transformer = Transformer.from_crs(CRS.from_wkt(grid.crs), DEGREES, always_xy=True)
    properties = {
        "part": part,
        "place": share.sample.place,
        "scene": Path(share.sample.files[0]).name,
    }
    for w in share.blocks or (grid.extent,):
        corners = [
            (w.top, w.left),
            (w.bottom, w.left),
            (w.bottom, w.right),
            (w.top, w.right),
            (w.top, w.left),
        ]
        points = transformer.itransform([grid.xy(*corner) for corner in corners])
        ring = [[round(x, 7), round(y, 7)] for x, y in points]
        yield {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
