"""Where a picture that somebody drew on lies: a scene of the workspace, or a chip cut from one.

A picture is matched by its name, and nothing is guessed: its size has to be right, and a chip that
is no scene has to say itself where it lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from ...core.errors import InputError
from ...core.grid import Grid
from ...raster.relate import relate
from ...scene.describe import describe
from ..workspace import Scene, Workspace
from .drawn import Picture

# Label Studio puts eight digits before the name of what is uploaded
_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")
_SLACK = 1.0  # pixels by which a chip may reach beyond the scene that it was cut from


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a picture lies."""

    grid: Grid
    """Its pixels on the ground."""
    scene: str | None
    """The scene that it shows; None where a chip lies on several, and is the ground's."""


class Gazetteer:
    """Tells where pictures lie.

    Parameters
    ----------
    workspace
        Whose scenes they show.
    folders
        Where chips are looked for; nothing outside of them is opened.
    """

    def __init__(self, workspace: Workspace, folders: Sequence[Path]) -> None:
        self._grids = [(scene, scene.grid()) for scene in workspace.scenes]
        self._folders = tuple(folders)
        self._known: dict[str, Placed] = {}

    def place(self, picture: Picture) -> Placed:
        """Tell where a picture lies.

        Parameters
        ----------
        picture
            As a file of annotations names it.

        Returns
        -------
        Placed
            Of the picture's size.

        Raises
        ------
        InputError
            If no chip and no scene has its name, its size is another, or nothing tells where the
            chip lies.
        """
        if picture.name not in self._known:
            self._known[picture.name] = self._find(picture)
        found = self._known[picture.name]
        if (found.grid.height, found.grid.width) != (picture.height, picture.width):
            raise InputError(
                f"the picture {picture.name!r} was drawn on at {picture.height} x "
                f"{picture.width} pixels, and what it shows has {found.grid.height} x "
                f"{found.grid.width}",
                "annotations in the pixels of the scene, or of a chip that lies there",
                "put the picture as it was drawn on, with its georeference, into the folder of "
                "--images",
            )
        return found

    def _find(self, picture: Picture) -> Placed:
        chips = list(self._chips(picture.name))
        for chip in chips:
            grid = describe((str(chip),)).grid
            if grid.transform != Grid(1, 1).transform or grid.crs is not None:
                return self._of_chip(chip, grid)
        stems = {PurePosixPath(name).stem for name in _names(picture.name)}
        named = [(scene, grid) for scene, grid in self._grids if scene.name in stems]
        if len(named) == 1:
            return Placed(named[0][1], named[0][0].name)
        if chips:
            raise InputError(
                f"nothing tells where {chips[0]} lies, and no scene is called "
                f"{' or '.join(sorted(stems))}",
                "a chip with a georeference or a world file, or one called as a scene is",
            )
        known = ", ".join(scene.name for scene, _ in self._grids)
        where = ", ".join(map(str, self._folders))
        raise InputError(
            f"the picture {picture.name!r} is {'several scenes' if named else 'no scene'} of the "
            f"workspace ({known}), and lies in none of {where or 'no folder'}",
            "a picture called as a scene is, or a chip that says where it lies",
            "name the folder of the chips with --images",
        )

    def _chips(self, name: str) -> Iterator[Path]:
        """Yield the files that a picture may be: by its path in the folders, then by its name."""
        for one in _names(name):
            parts = PurePosixPath(one).parts
            inner = [part for part in parts if part not in ("/", "..", ".")]
            tried = ["/".join(inner)] if inner == list(parts) else []
            for relative in dict.fromkeys([*tried, inner[-1]] if inner else []):
                for folder in self._folders:
                    if (folder / relative).is_file():
                        yield folder / relative

    def _of_chip(self, chip: Path, grid: Grid) -> Placed:
        if grid.crs is None:  # a world file alone tells no CRS: that of the scene it lies in
            inside = [(scene, own) for scene, own in self._grids if _within(grid, own)]
            systems = {own.crs for _, own in inside}
            if len(systems) != 1:
                raise InputError(
                    f"{chip} has a place and no CRS, and lies in "
                    + ("no scene" if not inside else "scenes of several CRSs"),
                    "a chip inside of a scene",
                    "give it its CRS: gdal_edit.py -a_srs",
                )
            grid = Grid(grid.height, grid.width, grid.transform, systems.pop())
        meeting = [scene for scene, own in self._grids if _meets(grid, own, chip, scene)]
        if not meeting:
            raise InputError(
                f"{chip} lies on none of the scenes", "a chip that was cut from one of them"
            )
        return Placed(grid, meeting[0].name if len(meeting) == 1 else None)


def _names(name: str) -> Iterator[str]:
    """Yield what a picture may be called: an address decoded, and without what uploading added."""
    head, _, local = name.partition("?d=")  # Label Studio's local files stand in a query
    plain = unquote(local or head.partition("?")[0]).replace("\\", "/")
    yield plain
    head, slash, last = plain.rpartition("/")
    if (shorter := _UPLOADED.sub("", last, count=1)) and shorter != last:
        yield f"{head}{slash}{shorter}"


def _within(chip: Grid, scene: Grid) -> bool:
    west, south, east, north = scene.bounds()
    slack = _SLACK * max(map(abs, scene.transform[:2] + scene.transform[3:5]))
    x0, y0, x1, y1 = chip.bounds()
    return west - slack <= x0 < x1 <= east + slack and south - slack <= y0 < y1 <= north + slack


def _meets(chip: Grid, own: Grid, path: Path, scene: Scene) -> bool:
    if (chip.crs is None) != (own.crs is None):
        return False
    there = relate(chip.crs, own.crs, str(path), f"the scene {scene.name}")
    box = chip.bounds()
    if there is not None:
        box = there.transform_bounds(*box, densify_pts=21)
    west, south, east, north = own.bounds()
    return box[0] < east and west < box[2] and box[1] < north and south < box[3]
