"""All maps of a batch as one: a file of polygons, or a folder of GeoParquet, and virtual rasters
over the classes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from uuid import uuid4

from pyproj import CRS
from pyproj.exceptions import CRSError

from ..core.atomic import atomic_output
from ..core.card import Label
from ..core.disk import failures
from ..core.errors import InputError, OutputError, RunError
from ..core.events import Noted, Report, Warned, watch
from ..core.files import beside
from ..core.job import TILES, VECTOR_SUFFIXES, is_table
from ..core.style import qml_raster
from ..raster.vrt import Tile, grid_key, vrt_text
from ..vector.merge import Part, Shared, schema_of, write_merged
from .names import put, safe, shard_of
from .plan import cards_of
from .results import Result, Results

GLOBE = "EPSG:4326"  # what polygons of several CRSs are brought to
MOSAIC = "classes"
MOST_MOSAICS = 16
SHOWN = 5  # names in a message


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of all models together."""

    name: str
    """Of the legend: the model's, or those of all."""

    labels: tuple[Label, ...]
    """One model's own; of several a new numbering by name."""

    recoded: Mapping[str, Mapping[int, int]]
    """New numbers by old ones, by model; empty where there is one model."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be merged into one file or folder, and digests that change when any of it
    does.
    """

    target: Path
    """The file or folder."""

    folder: bool
    """Whether it is a folder of GeoParquet, a file for each scene."""

    parts: Mapping[str, Part]
    """The files of polygons by scene."""

    shared: Shared
    """Columns, CRS and kind of geometry that all are brought to."""

    classes: Classes
    """The legend of all."""

    @property
    def common(self) -> str:
        """Digest of what all parts share."""
        labels = [(label.value, label.name, label.colour) for label in self.classes.labels]
        return _digest(
            str(self.shared.schema), self.shared.crs, self.shared.kind, labels, self.target.name
        )

    def stamp(self, name: str) -> str:
        """Tell a part's state: its file, and what is made of it.

        Parameters
        ----------
        name
            Of the scene.

        Returns
        -------
        str
            A digest, in hexadecimal.
        """
        part = self.parts[name]
        status = part.path.stat()
        return _digest(
            self.common, status.st_mtime_ns, status.st_size, sorted(part.recoded.items())
        )


@dataclass(frozen=True, slots=True)
class Merged:
    """What maps were merged into."""

    polygons: str | None
    """The file, or folder, of all polygons; None where only rasters were wanted."""
    rasters: tuple[str, ...]
    """The virtual rasters over the class rasters."""
    scenes: int
    """How many scenes are in it."""
    missing: tuple[str, ...]
    """The scenes of the batch that are not."""


def merge(found: Results, name: str | None, crs: str | None, report: Report) -> Merged:
    """Merge what is done by now; nothing is written where nothing has changed.

    Parameters
    ----------
    found
        The batch, as far as it is done.
    name
        In the batch's folder; one that ends in / is a folder of GeoParquet, .vrt makes no
        polygons; None for `landcover` with the suffix of its polygons.
    crs
        What polygons are brought to; None for the scenes' own where they share one, else
        EPSG:4326.
    report
        Called with what was merged, and what is missing in it.

    Returns
    -------
    Merged
        What there is then.

    Raises
    ------
    InputError
        If nothing is done, or the name or CRS cannot be.
    OutputError
        If something that is no merged map would be replaced, or the disk is full.
    """
    name = name or f"landcover.{found.batch.recipe.vector or 'vrt'}"
    check_name(found, name, crs)
    if not found.done:
        raise InputError(f"nothing is done in {found.batch.folder} yet", do="map scenes first")
    if found.missing:
        names = ", ".join(found.missing[:SHOWN]) + (", ..." if len(found.missing) > SHOWN else "")
        report(Warned(f"{len(found.missing):,} of {found.scenes:,} scenes are not in it: {names}"))
    classes = classes_of(found)
    polygons = None
    if not name.endswith(".vrt"):
        plan = plan_polygons(found, name, crs, classes, report)
        (merge_folder if plan.folder else merge_file)(plan, found.batch.ledger, report)
        polygons = str(plan.target)
    rasters: list[str] = []
    if found.batch.recipe.options.outputs.threshold is not None:
        report(Noted("rasters of several classes at once are in no virtual raster"))
    else:
        stem = PurePath(name).stem if name.endswith(".vrt") else MOSAIC
        rasters = merge_rasters(found, stem, report)
    return Merged(polygons, tuple(rasters), len(found.done), tuple(found.missing))


def check_no_table(name: str) -> None:
    """Refuse a table of a database, before a batch begins.

    Parameters
    ----------
    name
        What the maps are to be merged into.

    Raises
    ------
    InputError
        If it is one.
    """
    if is_table(name):  # never named: a password may be in it
        raise InputError(
            "a merge into a table of a database",
            "a file",
            "merge into a .gpkg or .parquet, which ogr2ogr brings there",
        )


def check_name(found: Results, name: str, crs: str | None) -> None:
    """See to it that the merged file can be called so.

    Parameters
    ----------
    found
        The batch: no scene of it may have the name.
    name
        In the batch's folder.
    crs
        What polygons are brought to; None for the scenes'.

    Raises
    ------
    InputError
        If it cannot, or the CRS is none.
    """
    check_no_table(name)
    batch = found.batch
    plain = name.removesuffix("/")
    suffix = PurePath(plain).suffix.lower()
    if (
        safe(plain) != plain
        or suffix not in (*VECTOR_SUFFIXES, ".vrt")
        or (plain != name and suffix != ".parquet")
    ):
        raise InputError(
            f"--merge {name}",
            f"a name without folders that ends in {', '.join(VECTOR_SUFFIXES)},"
            " .parquet/ for a folder, or .vrt for rasters only",
        )
    if suffix != ".vrt" and f".{batch.recipe.vector}" == TILES:
        raise InputError(
            f"--merge {name}, and the batch's polygons are in tiles, cut at their borders",
            "files of whole polygons to merge",
            "map with --format gpkg; --merge may well name a .pmtiles",
        )
    if suffix == ".vrt" and batch.recipe.options.outputs.threshold is not None:
        raise InputError(
            f"--merge {name} with --threshold: no virtual raster has a band for each class",
            "a name of polygons",
        )
    if suffix != ".vrt" and not batch.recipe.vector:
        raise InputError(
            f"--merge {name}, and the batch writes no polygons",
            "a name that ends in .vrt",
            "map with --format gpkg,tif",
        )
    stem = PurePath(plain).stem
    if not batch.recipe.folders and any(
        part in batch.units(shard_of(part)) for part in (stem, MOSAIC)
    ):
        raise InputError(
            f"--merge {name}: a scene is called so", "a name that no scene has", "choose another"
        )
    if crs is not None:
        try:
            CRS.from_user_input(crs)
        except CRSError as error:
            raise InputError(f"--crs {crs}", "a CRS, such as EPSG:3035") from error


def classes_of(found: Results) -> Classes:
    """Bring the classes of the models that were used together.

    Parameters
    ----------
    found
        The batch, as far as it is done.

    Returns
    -------
    Classes
        Of several models the same name is the same number.
    """
    cards = {
        card.name: card for card in cards_of(found.batch.recipe.model, found.batch.recipe.options)
    }
    used = [
        cards[name]
        for name in sorted({str(r.summary["model"]) for r in found.done})
        if name in cards
    ]
    if len(used) == 1:
        return Classes(used[0].name, used[0].labels, {})
    labels: dict[str, Label] = {}
    for card in used:
        for label in card.labels:
            labels.setdefault(
                label.name, Label(len(labels), label.name, label.colour, label.is_building)
            )
    recoded = {
        card.name: {label.value: labels[label.name].value for label in card.labels} for card in used
    }
    return Classes(" and ".join(card.name for card in used), tuple(labels.values()), recoded)


def plan_polygons(
    found: Results, name: str, crs: str | None, classes: Classes, report: Report
) -> Plan:
    """Say which files of polygons are merged, and into which columns and CRS.

    Parameters
    ----------
    found
        The batch, as far as it is done.
    name
        In the batch's folder; one that ends in / is a folder.
    crs
        None for the scenes' own where they share one, else EPSG:4326.
    classes
        Of all models.
    report
        Called with what is left out, and what was decided.

    Returns
    -------
    Plan
        Of scenes without a CRS only where none has one.

    Raises
    ------
    RunError
        If no scene has a polygon.
    """
    done = [result for result in found.done if result.job.polygons]
    placed = [result for result in done if result.grid.crs] or done
    if len(placed) < len(done):
        report(Warned(f"{len(done) - len(placed):,} scenes without a CRS are not in {name}"))
    several = {result.grid.crs for result in placed}
    if crs is None and len(several) > 1:
        crs = GLOBE
        report(
            Noted(
                f"the scenes have {len(several)} CRSs: {name} is in {GLOBE} (--crs names another)"
            )
        )
    if classes.recoded:
        report(
            Noted(
                f"class_id counts the classes of {classes.name} together: the same name is the "
                "same number"
            )
        )
    parts = {result.name: _part(result, classes) for result in placed}
    schema = next((s for part in parts.values() if (s := schema_of(part)) is not None), None)
    if schema is None:
        raise RunError("no scene has a polygon", do="look at the maps")
    kind = "MultiPolygon" if found.batch.recipe.options.cleaning.connectivity == 8 else "Polygon"
    wanted = crs or next(iter(several))
    shared = Shared(schema, CRS.from_user_input(wanted).to_wkt() if wanted else None, kind)  # type: ignore[arg-type]
    target = found.batch.folder / name.removesuffix("/")
    return Plan(target, name.endswith("/"), parts, shared, classes)


def _part(result: Result, classes: Classes) -> Part:
    model = str(result.summary["model"])
    assert result.job.polygons
    return Part(
        Path(result.job.polygons),
        {"scene": result.name, "model": model},
        classes.recoded.get(model, {}),
    )


def own(ledger: Path, target: Path) -> Path:
    """Find the note that a merge leaves on what it made.

    Parameters
    ----------
    ledger
        The folder of the ledger.
    target
        The merged file or folder.

    Returns
    -------
    Path
        Of the note, which is there where the target is.

    Raises
    ------
    OutputError
        If a target lies there that no merge has made.
    """
    note = ledger / "merged" / f"{target.name}.json"
    if target.exists() and not note.exists():
        raise OutputError(
            f"{target} exists already, and is no merged map of this batch",
            "a name that nothing has",
            "choose another",
        )
    return note


def merge_file(plan: Plan, ledger: Path, report: Report) -> None:
    """Write one file with the polygons of all parts, unless it is there and nothing has
    changed.

    Parameters
    ----------
    plan
        What is merged.
    ledger
        The folder of the ledger.
    report
        Called with the result.

    Raises
    ------
    OutputError
        If the target is not a merge's, or the disk is full.
    """
    digest = _digest(*((name, plan.stamp(name)) for name in plan.parts))
    note = own(ledger, plan.target)
    if _noted(note) == {"digest": digest, "file": _look(plan.target)}:
        report(Noted(f"{plan.target} has not changed"))
        return
    if plan.target.is_dir():
        shutil.rmtree(plan.target)
    with atomic_output(plan.target, plan.target.exists()) as path:
        count = len(plan.parts)
        parts = watch(plan.parts.values(), lambda _: 1, count, report, "merge")
        rows = write_merged(parts, path, plan.target.stem, plan.shared, plan.classes)
    note.parent.mkdir(exist_ok=True)
    put(note, json.dumps({"digest": digest, "file": _look(plan.target)}))
    report(Noted(f"{rows:,} polygons of {len(plan.parts):,} scenes are in {plan.target}"))


def merge_folder(plan: Plan, ledger: Path, report: Report) -> None:
    """Write a folder with a GeoParquet file for each scene, of which those that have not
    changed are taken over.

    It is made beside the one that is there, and takes its place when it is whole.

    Parameters
    ----------
    plan
        What is merged.
    ledger
        The folder of the ledger.
    report
        Called with the result.

    Raises
    ------
    OutputError
        If the target is not a merge's, or the disk is full.
    """
    note = own(ledger, plan.target)
    old = _noted(note)
    new = {name: plan.stamp(name) for name in plan.parts}
    kept = [
        name for name in new if old.get(name) == new[name] and _file(plan.target, name).is_file()
    ]
    if len(kept) == len(new) and sorted(os.listdir(plan.target)) == sorted(  # noqa: PTH208
        _file(plan.target, n).name for n in new
    ):
        report(Noted(f"{plan.target} has not changed"))
        return
    beside_it = plan.target.with_name(f".{plan.target.name}.{uuid4().hex[:8]}.part")
    try:
        with failures(plan.target):
            beside_it.mkdir()
            for name in kept:
                _link(_file(plan.target, name), _file(beside_it, name))
            lacking = sorted(new.keys() - set(kept))
            for name in watch(lacking, lambda _: 1, len(lacking), report, "merge"):
                write_merged(
                    [plan.parts[name]], _file(beside_it, name), name, plan.shared, plan.classes
                )
                _file(beside_it, name).with_suffix(
                    ".qml"
                ).unlink()  # a folder of parts has nothing else in it
            _swap(beside_it, plan.target)
    finally:
        shutil.rmtree(beside_it, ignore_errors=True)
    note.parent.mkdir(exist_ok=True)
    put(note, json.dumps(new))
    report(
        Noted(
            f"{len(new):,} scenes are in {plan.target}, {len(new) - len(kept):,} of them "
            "written now"
        )
    )


def merge_rasters(found: Results, stem: str, report: Report) -> list[str]:
    """Write a virtual raster over the class rasters, one for each CRS, pixel grid and model;
    those of an earlier merge go.

    Parameters
    ----------
    found
        The batch, as far as it is done.
    stem
        Of their names.
    report
        Called with the result, and with what is in none of them.

    Returns
    -------
    list of str
        Their paths.

    Raises
    ------
    OutputError
        If a file lies there that no merge has made, or the disk is full.
    """
    folder = found.batch.folder
    cards = {
        card.name: card for card in cards_of(found.batch.recipe.model, found.batch.recipe.options)
    }
    groups: dict[tuple[object, ...], list[Result]] = defaultdict(list)
    for result in found.done:
        card = cards.get(str(result.summary["model"]))
        if card and card.maps_numbers:  # not of the type of class rasters
            continue
        if result.job.classes and result.grid.crs and (key := grid_key(result.grid)) is not None:
            groups[(str(result.summary["model"]), *key)].append(result)
    largest = sorted(groups.values(), key=len, reverse=True)[:MOST_MOSAICS]
    note = found.batch.ledger / "merged" / f"{stem}.vrt.json"
    made = set(_noted(note).get("rasters", ()))
    written = []
    for name, group in zip(_mosaic_names(stem, largest), largest, strict=True):
        tiles = [Tile(beside(str(result.job.classes), folder), result.grid) for result in group]
        card = cards.get(str(group[0].summary["model"]))
        if name not in made:
            own(found.batch.ledger, folder / name)
        _put_changed(folder / name, vrt_text(tiles, card))
        if card:
            _put_changed((folder / name).with_suffix(".qml"), qml_raster(card))
        written.append(name)
    for name in made - set(written):
        for path in (folder / name, (folder / name).with_suffix(".qml")):
            path.unlink(missing_ok=True)
    note.parent.mkdir(exist_ok=True)
    put(note, json.dumps({"rasters": written}))
    _tell_rasters(found, largest, written, report)
    return [str(folder / name) for name in written]


def _tell_rasters(
    found: Results, groups: Sequence[list[Result]], written: Sequence[str], report: Report
) -> None:
    shown = sum(map(len, groups))
    if written:
        several = ", one for each CRS, pixel grid and model" if len(written) > 1 else ""
        names = ", ".join(str(found.batch.folder / name) for name in written)
        report(Noted(f"class rasters of {shown:,} scenes as virtual rasters{several}: {names}"))
    if left := sum(bool(result.job.classes) for result in found.done) - shown:
        report(
            Warned(
                f"{left:,} class rasters are in no virtual raster: without a CRS, rotated, or "
                "on more than"
                f" {MOST_MOSAICS} pixel grids"
            )
        )


def _mosaic_names(stem: str, groups: Sequence[list[Result]]) -> list[str]:
    """Return a name for each: the stem alone where there is one, else with CRS and, where
    needed, number.
    """
    if len(groups) == 1:
        return [f"{stem}.vrt"]
    names: list[str] = []
    for group in groups:
        crs = group[0].grid.crs
        base = f"{stem}-{safe(crs.replace(':', '')) if crs and len(crs) < 40 else 'other'}"
        same = sum(name == f"{base}.vrt" or name.startswith(f"{base}-") for name in names)
        names.append(f"{base}-{same + 1}.vrt" if same else f"{base}.vrt")
    return names


def _put_changed(path: Path, text: str) -> None:
    with failures(path):
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            put(path, text)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # a file system without links
        shutil.copyfile(old, new)


def _swap(new: Path, target: Path) -> None:
    """Put a folder, or whatever else, in the place of another one."""
    old = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    if target.exists():
        target.rename(old)
    new.rename(target)
    if old.is_dir():
        shutil.rmtree(old, ignore_errors=True)
    else:
        old.unlink(missing_ok=True)


def _noted(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _look(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_mtime_ns, status.st_size]


def _digest(*values: object) -> str:
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()
