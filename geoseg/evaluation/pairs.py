"""Which maps are compared with which truths: one pair, a table of pairs, or two folders of equal
names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..core.errors import InputError
from ..core.events import Noted, Report, Warned
from ..core.files import check_regular
from ..features.layers import VECTORS
from ..scene.describe import describe
from .compare import Evaluation, Settings, describe_truth, evaluate

SUFFIXES = (".tif", ".tiff", ".png", ".jp2", ".vrt", ".img", ".jpg", ".jpeg", *VECTORS)


@dataclass(frozen=True, slots=True)
class Pair:
    """What is compared with what."""

    mapped: str
    """A map, or the scene that a model maps first."""
    truth: str
    """Its truth."""
    confidence: str | None = None
    """The map's confidence raster; None for none."""
    place: str = ""
    """Where it lies on the ground; "" is not named."""
    map_classes: str | None = None
    """Of objects: the class raster beside the map's raster of object numbers; None for none."""
    truth_classes: str | None = None
    """The same of the truth."""


def read_pairs(path: str) -> list[Pair]:
    """Return the pairs of a CSV file.

    Parameters
    ----------
    path
        A table with the columns map, truth and, if wanted, confidence, place, map_classes and
        truth_classes; paths in it are seen from its folder.

    Returns
    -------
    list of Pair
        In the order of the table.

    Raises
    ------
    InputError
        If it cannot be read, or a line lacks a map or a truth.
    """
    table = Path(path)
    check_regular(path)
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"the pairs {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"the pairs {path} are not CSV: {error}", "a table with the columns map and truth"
        ) from error
    if not rows:
        raise InputError(
            f"the table {path} holds no pairs",
            "a line of heads, map,truth, and a line for each pair",
        )
    if lacking := {"map", "truth"} - set(rows[0]):
        raise InputError(
            f"the table {path} has no column {' and '.join(sorted(lacking))}",
            "map,truth[,confidence]",
        )
    if short := [str(i + 2) for i, row in enumerate(rows) if not (row["map"] and row["truth"])]:
        raise InputError(f"the table {path} lacks a map or a truth in line {', '.join(short[:5])}")
    folder = table.parent

    def beside(row: Mapping[str, str], column: str) -> str | None:
        return str(folder / name) if (name := row.get(column)) else None

    return [
        Pair(
            str(folder / row["map"]),
            str(folder / row["truth"]),
            beside(row, "confidence"),
            row.get("place") or "",
            beside(row, "map_classes"),
            beside(row, "truth_classes"),
        )
        for row in rows
    ]


def match_folders(maps: str, truths: str, report: Report) -> list[Pair]:
    """Return the files of two folders that have the same name but for the suffix.

    Parameters
    ----------
    maps, truths
        The folders.
    report
        Warned of files that have no partner.

    Returns
    -------
    list of Pair
        By name.

    Raises
    ------
    InputError
        If no two names match, or a folder holds two files of one name.
    """
    sides = [_by_stem(folder) for folder in (maps, truths)]
    common = sorted(sides[0].keys() & sides[1].keys())
    if not common:
        raise InputError(
            f"no file of {maps} has the name of a file of {truths}",
            "maps and truths named alike but for the suffix, or --pairs FILE.csv",
        )
    for folder, mine in zip((maps, truths), sides, strict=True):
        if alone := sorted(set(mine) - set(common)):
            report(
                Warned(f"{len(alone)} files of {folder} have no partner: {', '.join(alone[:5])}")
            )
    return [Pair(str(sides[0][stem]), str(sides[1][stem])) for stem in common]


def _by_stem(folder: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(Path(folder).iterdir()):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            if path.stem in found:
                raise InputError(
                    f"{found[path.stem]} and {path} have the same name but for the suffix",
                    do="name the pairs in a table: --pairs FILE.csv",
                )
            found[path.stem] = path
    return found


def evaluate_all(
    pairs: list[Pair],
    settings: Settings,
    model: str | None,
    options: Mapping[str, Any],
    report: Report,
) -> list[Evaluation]:
    """Compare each pair; with a model, the map of its scene is made first.

    Parameters
    ----------
    pairs
        What is compared.
    settings
        How.
    model
        A model's name or folder, or auto; None where the pairs hold maps.
    options
        Of that run, by the names that `geoseg.Options` has.
    report
        Called with each event.

    Returns
    -------
    list of Evaluation
        One for each pair; maps that were made go by the names of their scenes.

    Raises
    ------
    InputError
        If a pair cannot be compared. With a model, truths are looked at before anything is mapped.
    """
    found = []
    if model is not None:
        for pair in pairs:
            _check_truth(pair, settings)
    for pair in pairs:
        if len(pairs) > 1:
            report(Noted(f"{pair.mapped} against {pair.truth}"))
        with _mapped(pair, model, options, report) as ready:
            done = evaluate(ready.mapped, ready.truth, settings, ready.confidence, report)
        found.append(_named(done, pair, model))
    return found


def _check_truth(pair: Pair, settings: Settings) -> None:
    """Raise InputError where a truth cannot be compared with any map of its scene, before one is
    computed.
    """
    grid = describe((pair.mapped,)).grid
    layer = describe_truth(pair.truth, settings)
    if grid.crs is not None and (layer.crs is not None):
        layer.open(grid).close()


@contextmanager
def _mapped(
    pair: Pair, model: str | None, options: Mapping[str, Any], report: Report
) -> Iterator[Pair]:
    if model is None:
        yield pair
        return
    from ..core.events import Finished
    from ..core.job import plan
    from ..core.options import Options
    from ..prediction.pipeline import segment

    with TemporaryDirectory(prefix="geoseg-") as folder:
        classes = f"{folder}/map.tif"
        confidence = f"{folder}/confidence.tif"
        # the run's own summary would be taken for the end of this one
        job = plan(
            (pair.mapped,),
            classes,
            model=model,
            raster=None,
            confidence=confidence,
            options=Options.of(**options),
        )
        segment(job, lambda event: None if isinstance(event, Finished) else report(event))
        yield Pair(classes, pair.truth, confidence)


def _named(found: Evaluation, pair: Pair, model: str | None) -> Evaluation:
    """Call the map what the user calls it, not the temporary file."""
    from dataclasses import replace

    name = pair.mapped if model is None else f"{pair.mapped} mapped by {model}"
    notes = (
        tuple(note.replace("map.tif:", f"{Path(pair.mapped).name}:") for note in found.notes)
        if model
        else found.notes
    )
    return replace(found, mapped=name, notes=notes)
