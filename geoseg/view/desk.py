"""The desk at which a page labels: its workspace, and the learning that goes on beside it.

Nothing of it is kept here: labels, models and scores lie in the workspace, where QGIS and the
command line see them, and this page sees theirs.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ..core.errors import InputError
from ..features.layers import open_layer
from ..labelling.labels import delete_label
from ..labelling.workspace import Scene, Workspace, add_labels, open_workspace, read_labels
from .child import Child
from .frame import Box, Frame, to_frame
from .preview import Preview

MOST_LABELS = 20_000  # that a page draws
MOST_CORNERS = 10_000  # of one label
MOST_SIDE = 4096  # pixels of a preview
KINDS = ("Polygon", "LineString", "Point")


class Desk:
    """A workspace that is open in the page.

    Parameters
    ----------
    folder
        Of the workspace.
    frame
        The plane of the page.
    scratch
        A folder that is gone with the server.
    """

    def __init__(self, folder: str, frame: Frame, scratch: Path) -> None:
        self.workspace: Workspace = open_workspace(folder)
        self._frame = frame
        self._scratch = scratch
        self._child: Child | None = None
        self._preview = Preview(scratch / "live")
        self._boxes: list[tuple[Scene, Box]] | None = None

    def told(self) -> dict[str, Any]:
        """Return what the page is told of the workspace.

        Returns
        -------
        dict
            Its name and classes, for JSON.
        """
        return {
            "name": self.workspace.folder.name,
            "metric": self._frame.metres > 0,
            "classes": [
                {"value": label.value, "name": label.name, "colour": label.colour}
                for label in self.workspace.classes
            ],
        }

    def labels(self) -> dict[str, Any]:
        """Read the labels as they are now.

        Returns
        -------
        dict
            How many there are, and the first of them as features in the plane of the page.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        frame = read_labels(self.workspace)
        shown = self._here(frame.iloc[:MOST_LABELS])
        features = [
            {"id": int(number), "class": str(name), "geometry": json.loads(geometry)}
            for number, name, geometry in zip(
                shown.index, shown["class"], shapely.to_geojson(shown.geometry.array), strict=True
            )
        ]
        return {"count": len(frame), "features": features}

    def add(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what was drawn.

        Parameters
        ----------
        told
            `class`, `geometry` as GeoJSON in the plane of the page, and `width` in metres or None.

        Returns
        -------
        dict
            The labels as they are now.

        Raises
        ------
        InputError
            If it is no label.
        """
        shape = _shape(told.get("geometry"))
        width = told.get("width")
        if width is not None and not isinstance(width, (int, float)):
            raise InputError(f"the width is {width!r}", "metres")
        row = {
            "class": [str(told.get("class"))],
            "width": [None if shape.geom_type == "Polygon" else width],
            "author": [_author()],
        }
        drawn = gpd.GeoDataFrame(row, geometry=[shape], crs=self._frame.crs)
        add_labels(self.workspace, drawn)
        return self.labels()

    def remove(self, number: int) -> dict[str, Any]:
        """Take a label away.

        Parameters
        ----------
        number
            Of the feature.

        Returns
        -------
        dict
            The labels as they are now.

        Raises
        ------
        InputError
            If there is none of that number.
        """
        delete_label(self.workspace.labels_path, number)
        return self.labels()

    def start(self) -> dict[str, Any]:
        """Start learning, which goes on as labels change.

        Returns
        -------
        dict
            As of `state`.
        """
        if self._child is None or not self._child.running:
            self.stop()
            arguments = ("learn", str(self.workspace.folder), "--watch", "--json")
            self._child = Child(arguments, self._scratch)
        return self.state(0)

    def stop(self) -> dict[str, Any]:
        """Stop learning; what was learned stays.

        Returns
        -------
        dict
            As of `state`.
        """
        if self._child is not None:
            self._child.stop()
        return self.state(0)

    def close(self) -> None:
        """End what goes on beside the page."""
        self.stop()
        self._preview.close()

    def preview(self, box: Box, height: int, width: int) -> bytes | None:
        """Map what the page shows with the model of the moment.

        Parameters
        ----------
        box
            In the plane of the page.
        height, width
            Pixels of the page.

        Returns
        -------
        bytes or None
            A PNG; None where a newer one was asked for meanwhile.

        Raises
        ------
        InputError
            If nothing was learned yet, or the page shows no scene of the workspace.
        """
        model = self.workspace.current_model()
        if model is None:
            raise InputError("nothing was learned yet", "a round of learning", "press Learn")
        for scene, around in self._scenes():
            if (
                around[0] < box[2]
                and around[2] > box[0]
                and around[1] < box[3]
                and around[3] > box[1]
            ):
                return self._preview.ask(
                    {
                        "scene": list(scene.files),
                        "model": str(model),
                        "bounds": list(box),
                        "crs": self._frame.crs,
                        "height": max(1, min(height, MOST_SIDE)),
                        "width": max(1, min(width, MOST_SIDE)),
                    }
                )
        raise InputError("there is no scene here", "a place on a scene of the workspace")

    def _scenes(self) -> list[tuple[Scene, Box]]:
        """The scenes, each with the box around it in the plane of the page."""
        if self._boxes is None:
            grids = [(scene, scene.grid()) for scene in self.workspace.scenes]
            self._boxes = [
                (scene, to_frame(grid.bounds(), grid.crs, self._frame)) for scene, grid in grids
            ]
        return self._boxes

    def state(self, since: int) -> dict[str, Any]:
        """Return how learning goes.

        Parameters
        ----------
        since
            Bytes of its events that are known.

        Returns
        -------
        dict
            Whether it runs, and waits for other labels; what it warned of these labels; its events
            after these, how many bytes that were, its error if it ended by one, and the last
            rounds of the workspace.
        """
        events: list[dict[str, Any]] = []
        said: list[dict[str, Any]] = []
        known = since
        if self._child is not None:
            events, known = self._child.events(since)
            said, _ = self._child.events(0)
        waits, warnings = _mood(said)
        return {
            "running": self._child is not None and self._child.running,
            "waits": waits,
            "warnings": warnings,
            "error": self._child.error if self._child is not None else "",
            "events": events,
            "known": known,
            "history": self.workspace.history()[-50:],
        }

    def suggestions(self) -> list[dict[str, Any]]:
        """Read where to label next.

        Returns
        -------
        list
            Features in the plane of the page, the best first; empty before the first round.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        path = self.workspace.suggestions_path
        if not path.exists():
            return []
        layer = open_layer(str(path), "suggestions")
        told, _, wkb, columns = layer.read(columns=["rank", "reason", "class"])
        if wkb is None or not len(wkb):
            return []
        fields = dict(zip(told["fields"].tolist(), columns, strict=True))
        shapes = gpd.GeoSeries(shapely.from_wkb(wkb), crs=layer.crs)
        if self._frame.crs is not None and layer.crs is not None:
            shapes = shapes.to_crs(self._frame.crs)
        rows = [
            {
                "rank": int(fields["rank"][row]),
                "reason": str(fields["reason"][row]),
                "class": str(fields["class"][row]),
                "geometry": json.loads(geometry),
            }
            for row, geometry in enumerate(shapely.to_geojson(shapes.array))
            if geometry is not None
        ]
        return sorted(rows, key=lambda row: row["rank"])

    def _here(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        if self._frame.crs is None or frame.crs is None:
            return frame
        return frame.to_crs(self._frame.crs)


def _mood(events: list[dict[str, Any]]) -> tuple[bool, list[str]]:
    """Return whether a learner is done with the labels as they are, and what it warned of them.

    It ends with `done` what it learned from one state of the labels.
    """
    ends = [place for place, event in enumerate(events) if event.get("event") == "done"]
    waits = bool(ends) and ends[-1] == len(events) - 1
    before = ends[-2:-1] if waits else ends[-1:]
    latest = events[before[0] + 1 :] if before else events
    return waits, [str(one.get("text")) for one in latest if one.get("event") == "warned"]


def _shape(told: Any) -> Any:
    """Return a shape of GeoJSON, of few corners and none of them endless."""
    if not isinstance(told, Mapping) or told.get("type") not in KINDS:
        raise InputError("what was drawn is no shape", f"one of {', '.join(KINDS)}")
    try:
        shape = shapely.from_geojson(json.dumps(told))
    except (shapely.errors.GEOSException, ValueError) as error:
        raise InputError(f"what was drawn is no shape: {error}") from error
    corners = shapely.get_coordinates(shape)
    if not 0 < len(corners) <= MOST_CORNERS or not np.isfinite(corners).all():
        raise InputError(
            f"what was drawn has {len(corners)} corners", f"1 to {MOST_CORNERS}, all of them finite"
        )
    if not shapely.is_valid(shape):
        raise InputError(
            f"what was drawn is no area: {shapely.is_valid_reason(shape)}",
            "a line that does not cross itself",
        )
    return shape


def _author() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name
        return None
