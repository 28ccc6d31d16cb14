"""What was named on the command line, looked at once: layers, their plane, their title."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import InputError
from ..core.provenance import Provenance, read_provenance
from ..features.layers import is_vector
from ..raster.legend import colour_apart
from .frame import Box, Frame, make_frame, to_frame
from .rasters import RasterLayer, class_areas, open_raster, open_scene
from .vectors import PMTILES, VectorLayer, open_vectors

WORKSPACE = "workspace.json"


@dataclass(frozen=True, slots=True)
class View:
    """All that a page shows."""

    frame: Frame
    """The plane in which it lies."""
    rasters: tuple[RasterLayer, ...]
    """Scenes last."""
    vectors: tuple[VectorLayer, ...]
    """In the order in which they were named."""

    @property
    def layers(self) -> tuple[RasterLayer | VectorLayer, ...]:
        """All of them, rasters first."""
        return (*self.rasters, *self.vectors)

    def find(self, key: str) -> RasterLayer | VectorLayer | None:
        """Return a layer.

        Parameters
        ----------
        key
            As the page asks for it.

        Returns
        -------
        RasterLayer, VectorLayer or None
            None where there is none.
        """
        return next((layer for layer in self.layers if layer.key == key), None)

    @property
    def title(self) -> str:
        """What the page is called: the first that was named."""
        return self.layers[0].name

    @property
    def provenances(self) -> tuple[Provenance, ...]:
        """How the maps were made, each once, as far as they say."""
        texts = dict.fromkeys(layer.provenance for layer in self.layers if layer.provenance)
        found = []
        for text in texts:
            with suppress(InputError):  # of another program's making: nothing is said of it
                found.append(read_provenance(text, "the map"))
        return tuple(found)

    @property
    def attribution(self) -> tuple[str, ...]:
        """Models, their licences and credits, each once."""
        told = [
            line
            for provenance in self.provenances
            for model in provenance.models
            for line in (
                f"{model.name} ({model.licence})" if model.licence else model.name,
                *model.credits,
            )
        ]
        return tuple(dict.fromkeys(told))

    def told(self) -> dict[str, Any]:
        """Return what the page is told.

        Returns
        -------
        dict
            For JSON.
        """
        frame = self.frame
        return {
            "title": self.title,
            "attribution": self.attribution,
            "scenes": [Path(path).name for one in self.provenances for path in one.scene],
            "frame": {
                "box": frame.box,
                "pixel": frame.pixel,
                "zoom": frame.zoom,
                "metres": frame.metres,
                "mercator": frame.is_mercator,
                "placed": frame.crs is not None,
            },
            "layers": [self._raster(layer) for layer in self.rasters]
            + [self._vectors(layer) for layer in self.vectors],
        }

    def _raster(self, layer: RasterLayer) -> dict[str, Any]:
        told = _entry(layer, layer.kind, to_frame(layer.grid.bounds(), layer.grid.crs, self.frame))
        if layer.kind == "number":
            low, high = layer.limits[0]
            steps = layer.table[np.linspace(0, 255, 12).astype(int), :3]
            told["ramp"] = {
                "low": low,
                "high": high,
                "unit": layer.unit,
                "colours": ["#" + bytes(step).hex() for step in steps.tolist()],
            }
        return told

    def _vectors(self, layer: VectorLayer) -> dict[str, Any]:
        told = _entry(layer, "vector", to_frame(layer.box, layer.layer.crs, self.frame))
        return told | {"features": layer.count}


def _entry(layer: RasterLayer | VectorLayer, kind: str, box: Box) -> dict[str, Any]:
    legend = [
        {"value": label.value, "name": label.name, "colour": label.colour} for label in layer.legend
    ]
    return {
        "key": layer.key,
        "name": layer.name,
        "kind": kind,
        "box": box,
        "legend": legend,
        "state": _state(layer),
    }


def _state(layer: RasterLayer | VectorLayer) -> str:
    """What changes when a file is written anew: tiles that a browser kept are then others'."""
    paths = [layer.layer.path] if isinstance(layer, VectorLayer) else [b.path for b in layer.bands]
    told = []
    for path in dict.fromkeys(paths):
        with suppress(OSError):  # on a server
            found = Path(path).stat()
            told.append(f"{found.st_mtime_ns:x}.{found.st_size:x}")
    return sha256("-".join(told).encode()).hexdigest()[:12]


def open_view(outputs: Sequence[str], scenes: Sequence[Sequence[str]] = ()) -> View:
    """Look at what was named: maps, numbers beside them, polygons and scenes, in any order.

    Parameters
    ----------
    outputs
        Paths; a raster that is no map is a scene.
    scenes
        The files of each scene, or a product as it is downloaded.

    Returns
    -------
    View
        Nothing stays open.

    Raises
    ------
    InputError
        If one cannot be opened, or they do not lie in one plane.
    """
    rasters: list[RasterLayer] = []
    vectors: list[VectorLayer] = []
    for path in dict.fromkeys(outputs):
        if is_vector(path) or path.lower().endswith(PMTILES):
            vectors.append(open_vectors(path, len(vectors)))
        elif Path(path).is_dir() or path.lower().endswith((".zip", ".xml", ".json")):
            rasters.append(open_scene((path,), len(rasters)))  # a product as it is downloaded
        else:
            rasters += open_raster(path, len(rasters))
    for files in scenes:
        rasters.append(open_scene(tuple(files), len(rasters)))
    if not rasters and not vectors:
        raise InputError("nothing was named to be shown", "maps, polygons or a scene")
    # the classes first: they are what the page is about, and its pixels theirs
    order = {"classes": 0, "number": 1, "scene": 2}
    rasters.sort(key=lambda layer: order[layer.kind])
    grids = [(layer.name, layer.grid) for layer in rasters]
    boxes = [(layer.name, layer.box, layer.layer.crs) for layer in vectors]
    return View(make_frame(grids, boxes), tuple(rasters), same_colours(rasters, vectors))


def same_colours(
    rasters: Sequence[RasterLayer], vectors: Sequence[VectorLayer]
) -> tuple[VectorLayer, ...]:
    """Give a class one colour on the whole page, by its name: that which a file says, if any does.

    Parameters
    ----------
    rasters, vectors
        All that is shown.

    Returns
    -------
    tuple of VectorLayer
        Those whose colours were this page's choice have others now.
    """
    said = [layer.legend for layer in vectors if not layer.chosen]
    said += [layer.legend for layer in rasters if layer.kind == "classes"]  # these count
    known = {label.name: label.colour for legend in said for label in legend}
    names = {label.name for layer in vectors if layer.chosen for label in layer.legend}
    taken = set(known.values())
    free = (colour for value in count() if (colour := colour_apart(value)) not in taken)
    colours = known | {name: next(free) for name in sorted(names - known.keys())}
    return tuple(
        replace(layer, legend=tuple(replace(one, colour=colours[one.name]) for one in layer.legend))
        if layer.chosen
        else layer
        for layer in vectors
    )


def areas_of(layer: RasterLayer | VectorLayer) -> dict[str, Any]:
    """Return the areas of a layer's classes.

    Parameters
    ----------
    layer
        Of classes; a raster is read once for it, polygons tell their own.

    Returns
    -------
    dict
        Whether they are in square metres rather than in pixels, and of each class the area by its
        name and its share of all.
    """
    if isinstance(layer, VectorLayer):
        rows = list(layer.areas.items())
        metric = True
    elif layer.kind == "classes":
        names = {label.value: label.name for label in layer.legend}
        found, metric = class_areas(layer.bands[0].path)
        rows = [(names.get(value, f"class {value}"), area) for value, area, _ in found]
    else:
        return {"metric": False, "rows": []}
    total = sum(area for _, area in rows) or 1.0
    rows.sort(key=lambda row: -row[1])
    return {
        "metric": metric,
        "rows": [{"name": name, "area": area, "share": area / total} for name, area in rows],
    }


def is_workspace(path: str) -> bool:
    """Return whether a path is a folder in which is labelled.

    Parameters
    ----------
    path
        Of anything.

    Returns
    -------
    bool
        By the file that says so.
    """
    try:
        text = (Path(path) / WORKSPACE).read_text(encoding="utf-8")
        return "geoseg_workspace" in json.loads(text)
    except (OSError, ValueError):
        return False
