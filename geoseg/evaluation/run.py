"""What `geoseg evaluate` does, from names of files to numbers, lines and a page."""

from __future__ import annotations

import json as notation
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.atomic import atomic_output
from ..core.errors import InputError
from ..core.events import Report, Warned
from ..core.redact import redact
from ..models import find_model
from ..raster.input_files import check_outputs
from . import results, text
from .classes import read_renames
from .compare import Evaluation, Settings
from .objects.matches import check_one_crs, write_matches
from .objects.results import ObjectEvaluation
from .objects.run import compare_objects
from .page import areas_page, evaluation_page
from .pairs import Pair, evaluate_all, match_folders, read_pairs
from .samples.interpreted import Interpreted, read_sample

# what the options of the command say of objects alone, but for whether these are compared
OBJECTS = (
    "map_classes",
    "truth_classes",
    "score_column",
    "crowd_column",
    "any_class",
    "sizes",
    "scene",
    "matches",
)
# what the options of the command say of a comparison
SETTINGS = (
    "rename",
    "ignore",
    "classes",
    "boundary",
    "truth_column",
    "map_column",
    "truth_layer",
    "map_layer",
    "truth_band",
    "map_band",
    "missing",
    "pixel",
)


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """What came of an evaluation."""

    numbers: Mapping[str, Any]
    """All of it, as nested JSON."""
    lines: tuple[str, ...]
    """The same for people."""
    page: str
    """The same as an HTML page."""
    parts: tuple[Evaluation, ...] = ()
    """The comparison of each map with its truth; none for areas."""
    total: Evaluation | None = None
    """All comparisons together; None for areas."""
    areas: Interpreted | None = None
    """Areas and accuracies from an interpreted sample."""
    targets: Mapping[str, str] = field(default_factory=dict)
    """What is to be written where: the text by the file's path."""
    replaced: frozenset[str] = frozenset()
    """Those of the targets that may be replaced."""
    object_parts: tuple[ObjectEvaluation, ...] = ()
    """Of objects: the comparison of each map with its truth."""
    objects: ObjectEvaluation | None = None
    """All objects together; None where pixels were compared."""
    layers: Mapping[str, Callable[[Path], None]] = field(default_factory=dict)
    """What is to be written where: what writes it by the file's path."""

    def write(self) -> None:
        """Write the targets; each appears whole or not at all.

        Raises
        ------
        RunError
            If one cannot be written: a full disk, or a folder that is gone.
        """
        for path, write in self.layers.items():
            with atomic_output(Path(path), path in self.replaced) as part:
                write(part)
        for path, content in self.targets.items():
            with atomic_output(Path(path), path in self.replaced) as part:
                part.write_text(redact(content), encoding="utf-8")


def run_evaluation(
    files: Sequence[str],
    report: Report,
    *,
    pairs: str | None = None,
    areas: str | None = None,
    model: str | None = None,
    options: Mapping[str, Any] | None = None,
    confidence: str | None = None,
    numbers: str | None = None,
    page: str | None = None,
    overwrite: bool = False,
    objects: bool = False,
    **how: Any,
) -> Evaluated:
    """Compare maps with truths, or estimate areas from a sample.

    Parameters
    ----------
    files
        Map and truth, or two folders; none with `pairs` or `areas`.
    report
        Called with each event.
    pairs
        A table of pairs, as of `read_pairs`; None for none.
    areas
        An interpreted sample, from which areas are estimated instead; None for none.
    model
        The maps are scenes, which this model maps first; None where they are maps.
    options
        Of that run, by the names that `geoseg.Options` has.
    confidence
        The map's confidence raster; None for none.
    numbers
        Where JSON is to be written; None for nowhere.
    page
        Where HTML is to be written; None for nowhere.
    overwrite
        Whether these may replace a file.
    objects
        Whether objects are compared rather than pixels.
    **how
        As of `read_settings`, or of objects as of `compare_objects`.

    Returns
    -------
    Evaluated
        Nothing is written before its `write()`.

    Raises
    ------
    InputError
        If what is given does not go together, or cannot be compared.
    OutputError
        If a file that is to be written exists, or is read.
    """
    given = {name: how.pop(name) for name in OBJECTS if how.get(name)}
    how = {name: value for name, value in how.items() if name not in OBJECTS}
    if given and not objects:
        raise InputError(
            f"--{next(iter(given)).replace('_', '-')} without --objects",
            "--objects, where MAP and TRUTH hold objects",
        )
    if areas is not None:
        if objects:
            raise InputError("--areas beside --objects", "one of the two")
        if files or pairs:
            raise InputError(
                "--areas takes no map beside it", "geoseg evaluate --areas SAMPLE.gpkg"
            )
        replaced = check_outputs((numbers, page), [areas], overwrite)
        found = _areas(areas, report)
    else:
        if objects:
            return _objects(
                find_pairs(files, pairs, confidence, None, report),
                model,
                options or {},
                (numbers, page),
                overwrite,
                [pairs],
                given,
                how,
                report,
            )
        if options and not model:
            raise InputError(
                f"--{next(iter(options))} without --model", "--model, where MAP is a scene"
            )
        chosen = find_pairs(files, pairs, confidence, model, report)
        read = [path for pair in chosen for path in (pair.mapped, pair.truth, pair.confidence)]
        read += [pairs, how.get("classes"), (options or {}).get("aoi"), _folder(model)]
        replaced = check_outputs((numbers, page), read, overwrite)
        found = _compare(chosen, model, options or {}, read_settings(**how), report)
    return replace(found, targets=_targets(found, numbers, page), replaced=replaced)


def _targets(found: Evaluated, numbers: str | None, page: str | None) -> dict[str, str]:
    data = notation.dumps(found.numbers, indent=1, ensure_ascii=False) + "\n"
    return {path: content for path, content in ((numbers, data), (page, found.page)) if path}


def read_settings(
    rename: Sequence[str] = (),
    ignore: Sequence[str] = (),
    classes: str | None = None,
    boundary: str = "2px",
    **how: Any,
) -> Settings:
    """Return how map and truth are compared, from what the options of the command say.

    Parameters
    ----------
    rename, ignore, classes
        As of `read_renames`.
    boundary
        As of `Settings.tolerance`; spaces are left out.
    **how
        Further fields of `Settings`.

    Returns
    -------
    Settings
        Checked.

    Raises
    ------
    InputError
        If one of them cannot be.
    """
    renames = read_renames(rename, ignore, classes)
    return Settings(renames=renames, tolerance=boundary.replace(" ", ""), **how)


def find_pairs(
    files: Sequence[str],
    table: str | None,
    confidence: str | None,
    model: str | None,
    report: Report,
) -> list[Pair]:
    """Return the pairs that are named: two files, two folders, or a table.

    Parameters
    ----------
    files
        Map and truth, or two folders; none with a table.
    table
        As of `read_pairs`.
    confidence
        The map's confidence raster, where two files are named.
    model
        What maps the scenes first; None where they are maps.
    report
        Warned of files without a partner.

    Returns
    -------
    list of Pair
        At least one.

    Raises
    ------
    InputError
        If these do not go together, or a table or folder holds no pair.
    """
    if model and confidence:
        raise InputError(
            "--confidence beside --model", "one of the two: the model makes its own confidence"
        )
    if table:
        if files or confidence:
            raise InputError(
                "--pairs takes no map beside it",
                "the table alone: it has the columns map, truth, confidence",
            )
        return read_pairs(table)
    if len(files) != 2:
        raise InputError(
            f"{len(files)} files were given",
            "MAP and TRUTH, or --pairs FILE.csv, or --areas SAMPLE.gpkg",
        )
    if all(Path(path).is_dir() for path in files):
        if confidence:
            raise InputError(
                "--confidence with two folders",
                "--pairs FILE.csv with the columns map, truth, confidence",
            )
        return match_folders(files[0], files[1], report)
    return [Pair(files[0], files[1], confidence)]


def _compare(
    pairs: list[Pair],
    model: str | None,
    options: Mapping[str, Any],
    settings: Settings,
    report: Report,
) -> Evaluated:
    parts = evaluate_all(pairs, settings, model, options, report)
    if len(parts) == 1:
        one = parts[0]
        return Evaluated(
            results.to_json(one),
            tuple(text.describe(one)),
            evaluation_page(parts, one),
            (one,),
            one,
        )
    total = results.total(parts)
    data = {"total": results.to_json(total), "pairs": [results.to_json(part) for part in parts]}
    lines = (*text.table(text.pair_rows(parts)), "", "all together:", *text.describe(total))
    return Evaluated(data, lines, evaluation_page(parts, total), tuple(parts), total)


def _objects(
    pairs: list[Pair],
    model: str | None,
    options: Mapping[str, Any],
    outputs: tuple[str | None, str | None],
    overwrite: bool,
    read: list[str | None],
    given: Mapping[str, Any],
    how: Mapping[str, Any],
    report: Report,
) -> Evaluated:
    """Compare objects; nothing is written yet."""
    if model:
        raise InputError(
            "--model beside --objects",
            "maps of objects that are there",
            "make them first with geoseg predict",
        )
    if strange := [name for name in options if name != "aoi"]:
        raise InputError(f"--{strange[0]} without --model", "--model, where MAP is a scene")
    for name in ("map_classes", "truth_classes"):
        if given.get(name) and len(pairs) > 1:
            raise InputError(
                f"--{name.replace('_', '-')} with several pairs",
                f"--pairs FILE.csv with the column {name}",
            )
    first = {name: given[name] for name in ("map_classes", "truth_classes") if given.get(name)}
    chosen = [replace(pair, **first) for pair in pairs] if first else pairs
    for pair in chosen:
        read += [pair.mapped, pair.truth, pair.confidence, pair.map_classes, pair.truth_classes]
    read += [how.get("classes"), options.get("aoi"), given.get("scene")]
    matches = given.get("matches")
    if matches and Path(matches).suffix.lower() != ".gpkg":
        raise InputError(f"--matches {matches}", "a name that ends in .gpkg")
    replaced = check_outputs((*outputs, matches), read, overwrite)
    more = {name: value for name, value in given.items() if name not in (*first, "matches")}
    compared = compare_objects(
        chosen,
        report,
        aoi=options.get("aoi"),
        renames=read_renames(how.get("rename", ()), how.get("ignore", ()), how.get("classes")),
        **more,
        **{name: how[name] for name in how if name not in ("rename", "ignore", "classes")},
    )
    if matches:
        check_one_crs(compared.brought)
    found = Evaluated(
        compared.numbers(),
        tuple(compared.lines()),
        compared.page() if outputs[1] else "",
        object_parts=compared.parts,
        objects=compared.total,
        layers={matches: lambda path: write_matches(path, compared.brought)} if matches else {},
        replaced=replaced,
    )
    return replace(found, targets=_targets(found, *outputs))


def _areas(sample: str, report: Report) -> Evaluated:
    found = read_sample(sample)
    for note in found.notes:
        report(Warned(note))
    estimates = found.estimates
    unit = found.unit
    data = results.areas_to_json(estimates, unit) | {"sample": sample, "notes": list(found.notes)}
    page = areas_page(estimates, unit, sample, found.colours, found.notes)
    return Evaluated(data, tuple(text.describe_areas(estimates, unit)), page, areas=found)


def _folder(name: str | None) -> str | None:
    """Return the folder of a model; auto has none."""
    return None if name in (None, "auto") else str(find_model(str(name)).path)
