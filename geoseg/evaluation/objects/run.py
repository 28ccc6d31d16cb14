"""What `geoseg evaluate --objects` does, from names of files to numbers, lines and a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...core.errors import InputError
from ...core.events import Noted, Report, Warned
from ...scene.describe import SceneInfo, describe
from .. import text
from ..classes import Renames
from ..compare import Missing
from ..pairs import Pair
from . import results
from .overlaps import Overlaps, join
from .page import objects_page
from .results import COCO, ObjectEvaluation, Sizes, measure_objects, parse_sizes
from .sides import Brought, ObjectFiles, ObjectSettings, bring_together, size_of


@dataclass(frozen=True, slots=True, eq=False)
class ComparedObjects:
    """What came of comparing objects."""

    parts: tuple[ObjectEvaluation, ...]
    """The comparison of each map with its truth."""
    total: ObjectEvaluation
    """All of them together; the one itself where there is only one."""
    brought: tuple[Brought, ...]
    """The objects of each."""
    scene: SceneInfo | None = None
    """What single objects are drawn on."""

    def numbers(self) -> dict[str, Any]:
        """Return all of it as nested JSON.

        Returns
        -------
        dict
            Of one pair, or of all of them and their total.
        """
        if len(self.parts) == 1:
            return results.to_json(self.total)
        return {
            "total": results.to_json(self.total),
            "pairs": [results.to_json(part) for part in self.parts],
        }

    def lines(self) -> list[str]:
        """Return the same for people.

        Returns
        -------
        list of str
            Of a terminal.
        """
        if len(self.parts) == 1:
            return results.describe(self.total)
        head = [*text.table(results.pair_rows(self.parts)), "", "all together:"]
        return head + results.describe(self.total)

    def page(self) -> str:
        """Return the same as an HTML page.

        Returns
        -------
        str
            A whole page.
        """
        return objects_page(self.parts, self.total, self.brought, self.scene)


def compare_objects(
    pairs: Sequence[Pair],
    report: Report,
    *,
    renames: Renames | None = None,
    aoi: str | None = None,
    score_column: str = "",
    crowd_column: str = "",
    any_class: bool = False,
    sizes: str = "",
    scene: str | None = None,
    missing: Missing = "error",
    map_column: str = "",
    truth_column: str = "",
    map_layer: str = "",
    truth_layer: str = "",
    map_band: int | None = None,
    truth_band: int | None = None,
    boundary: str = "",
    pixel: float | None = None,
) -> ComparedObjects:
    """Compare the objects of maps with those of truths.

    Parameters
    ----------
    pairs
        What is compared.
    report
        Called with each event.
    renames
        Which class of one is which of the other.
    aoi
        Where objects are compared, a file or WKT; None for everywhere.
    score_column, crowd_column, any_class, missing
        As of `ObjectSettings`.
    sizes
        As of `parse_sizes`; empty for COCO's in pixels of rasters, and for none of polygons.
    scene
        What single objects are drawn on, of one pair; None for dark ground.
    map_column, truth_column, map_layer, truth_layer, map_band, truth_band
        Where the classes or numbers stand.
    boundary, pixel
        They mean nothing here: objects are neither burnt nor compared by their borders.

    Returns
    -------
    ComparedObjects
        Of each pair, and together.

    Raises
    ------
    InputError
        If these do not go together, or cannot be compared.
    """
    if pixel is not None:
        raise InputError("--pixel beside --objects", "nothing: polygons are compared exactly")
    if boundary not in ("", "2px", "off"):
        raise InputError(
            f"--boundary {boundary} beside --objects", "nothing: borders are not compared"
        )
    if scene and len(pairs) > 1:
        raise InputError("--scene with several pairs", "one pair", "evaluate each by itself")
    wanted = parse_sizes(sizes) if sizes else None
    info = describe((scene,)) if scene else None
    settings = ObjectSettings(
        renames or Renames(),
        (map_column, truth_column),
        (map_layer, truth_layer),
        (map_band, truth_band),
        score_column,
        crowd_column,
        any_class,
        missing,
        aoi or "",
    )
    brought = []
    parts = []
    tables = []
    for pair in pairs:
        if len(pairs) > 1:
            report(Noted(f"{pair.mapped} against {pair.truth}"))
        files = ObjectFiles(
            pair.mapped, pair.truth, pair.map_classes, pair.truth_classes, pair.confidence
        )
        done = bring_together(files, settings, report)
        for note in done.notes:
            report(Noted(note))
        for note in done.warnings:
            report(Warned(note))
        chosen, table = _sized(done, wanted)
        brought.append(replace(done, overlaps=table))
        tables.append(table)
        notes = (*done.notes, *done.warnings)
        parts.append(measure_objects(table, pair.mapped, pair.truth, chosen, done.crs, notes))
    _check_some(parts)
    if len(parts) == 1:
        return ComparedObjects(tuple(parts), parts[0], tuple(brought), info)
    total = _total(parts, tables)
    return ComparedObjects(tuple(parts), total, tuple(brought), info)


def _sized(done: Brought, wanted: Sizes | None) -> tuple[Sizes | None, Overlaps]:
    if wanted:
        return wanted, size_of(done, wanted.unit)
    return (None, done.overlaps) if done.shapes else (COCO, done.overlaps)


def _check_some(parts: Sequence[ObjectEvaluation]) -> None:
    if not any(part.detection.counted[0].any() for part in parts):
        raise InputError(
            f"the truth {parts[0].truth} has no object that counts",
            "at least one where the map is compared",
            "look at both in QGIS: classes that are left out, crowds, the area of interest",
        )


def _total(parts: Sequence[ObjectEvaluation], tables: Sequence[Overlaps]) -> ObjectEvaluation:
    sizes = {part.sizes for part in parts}
    crs = {part.crs for part in parts}
    told = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return measure_objects(
        join(tables),
        f"{len(parts)} maps",
        f"{len(parts)} truths",
        sizes.pop() if len(sizes) == 1 else None,
        crs.pop() if len(crs) == 1 else None,
        told,
    )
