"""A map made again from what stands in it, and compared with what it was."""

from __future__ import annotations

import filecmp
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..core.errors import InputError, OutputError
from ..core.events import Event, Finished, Noted, Report, Warned, silent
from ..core.files import check_regular
from ..core.job import LAYER, MORE, RASTER_SUFFIXES, VECTOR_SUFFIXES, Job, is_table, split_layer
from ..core.options import OPTIONS, Options
from ..core.provenance import (
    ITEM_KEY,
    KIND_TAG,
    TAG,
    Input,
    Provenance,
    differences,
    read_provenance,
    version_notes,
)
from ..core.redact import HIDDEN, redact
from ..objects.find import objects, read_finding
from ..raster.compare import different_pixels, tags_in
from ..raster.locations import file_name, is_remote
from ..vector.clean.cleaning import read_tracing
from ..vector.provenance import different_polygons, find_provenance
from ..vector.vectorize import vectorize
from .pipeline import segment
from .run import open_run

LONGEST = 200  # bytes of a file's name without its suffix


@dataclass(frozen=True, slots=True)
class Rerun:
    """What came of making a map again."""

    output: str
    """The map that was made before."""
    made: str | None
    """Where it was made again; None where it was compared only."""
    equal: bool
    """Whether both files are the same, byte for byte."""
    differences: tuple[str, ...] = ()
    """Where what they hold is not the same: pixels, polygons."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What people are told."""
        made = (f"made again in {self.made}",) if self.made else ()
        if self.equal:
            return (*made, f"{self.output}: equal, byte for byte")
        if not self.differences:
            return (
                *made,
                f"{self.output}: the same map in other bytes (names, versions, or what another "
                "program added to the file)",
            )
        return (*made, f"{self.output}: differs in {'; '.join(self.differences)}")

    def to_dict(self) -> dict[str, Any]:
        """Return it as programs read it, without secrets.

        Returns
        -------
        dict
            The fields by name.
        """
        return {
            "output": redact(self.output),
            "made": self.made and redact(self.made),
            "equal": self.equal,
            "differences": [redact(one) for one in self.differences],
        }


@dataclass(frozen=True, slots=True)
class _Known:
    """An output, and what it says."""

    path: Path
    """Of its file."""
    name: str
    """Of the map that it holds, as it was called when it was made."""
    kind: str
    """polygons, classes, or one of MORE."""
    provenance: Provenance
    """How it was made."""


def rerun(
    output: str,
    out: str | None = None,
    inputs: Sequence[str] = (),
    force: bool = False,
    report: Report = silent,
) -> Rerun:
    """Make a map again from what stands in it.

    Parameters
    ----------
    output
        An output of `predict`, `vectorize` or `objects`; of a GeoPackage of several maps
        FILE|layername=NAME; or the STAC item of a map, all of whose files are meant.
    out
        Where it is written; None compares it with the output, and keeps nothing.
    inputs
        Folders, files and addresses where inputs lie now, where not as they were named: from here,
        or from the output's folder.
    force
        Whether inputs, a model or a machine that are not the same are warned of, not refused.
    report
        Takes the events.

    Returns
    -------
    Rerun
        Whether it is the same.

    Raises
    ------
    InputError
        If the output does not say how it was made, or an input or model has changed. OutputError,
        if the new one cannot be written; RunError for what fails on the way.
    """
    for text in filter(None, (output, out)):
        if is_table(text):  # never named: a password may be in it
            raise InputError(
                "a table of a database",
                "a file: of a table it is told in its comment how it was made, and predict or "
                "vectorize make it again",
                "SELECT obj_description('TABLE'::regclass) shows that",
            )
    path = Path(split_layer(output)[0])
    if path.suffix.lower() == ".json":
        if out is not None:
            raise OutputError(f"--out {out} for an item", "one of its files", "name that file")
        return _all_of(path, [_again(one, None, inputs, force, report) for one in _of_item(path)])
    return _again(_look(output), out, inputs, force, report)


def _all_of(item: Path, found: Sequence[Rerun]) -> Rerun:
    """What came of all files of an item."""
    told = (f"{Path(one.output).name}: {line}" for one in found for line in one.differences)
    return Rerun(str(item), None, all(one.equal for one in found), tuple(told))


def _again(
    known: _Known, out: str | None, inputs: Sequence[str], force: bool, report: Report
) -> Rerun:
    output = str(known.path)
    if out is not None and Path(split_layer(out)[0]).suffix.lower() != known.path.suffix.lower():
        raise OutputError(f"--out {out}", f"a name that ends in {known.path.suffix}")
    with TemporaryDirectory(prefix="geoseg-") as folder:
        target = out or f"{folder}/{_file_name(known.name)}{known.path.suffix}"
        again = AGAIN[known.provenance.command]
        again(known, target, folder, _Places(known.path.parent, tuple(inputs)), force, report)
        made = Path(split_layer(target)[0])
        if filecmp.cmp(known.path, made, shallow=False):
            return Rerun(output, out, True)
        if known.kind == "polygons":
            layer = split_layer(target)[1]
            by_class = known.provenance.options.get("layers") == "class"
            called = layer or (made.stem if by_class else known.name)
            found = different_polygons(known.path, made, known.name, called)
        else:
            found = different_pixels(str(known.path), str(made))
        return Rerun(output, out, False, tuple(found))


def _file_name(name: str) -> str:
    """The name of a map as that of a file in a folder of ours: what a file says is not believed."""
    plain = name.isprintable() and len(name.encode()) <= LONGEST and LAYER not in name
    return name if plain and Path(f"{name}.").name == f"{name}." and name else "map"


def _look(output: str) -> _Known:
    name, layer = split_layer(output)
    path = Path(name)
    suffix = path.suffix.lower()
    if not path.is_file():
        raise InputError(f"{path} does not exist", "an output of geoseg")
    if suffix == ".shp":
        raise InputError(
            f"{path}: a shapefile has no place for how it was made",
            "the STAC item that predict --stac wrote, or an output in another format",
        )
    if suffix in RASTER_SUFFIXES:
        tags = tags_in(str(path))
        text, kind, called = tags.get(TAG, ""), tags.get(KIND_TAG, ""), path.stem
    elif suffix in VECTOR_SUFFIXES:
        found = find_provenance(path, layer)
        text, kind, called = found.text, "polygons", found.name
    else:
        known = ", ".join((*VECTOR_SUFFIXES, *RASTER_SUFFIXES))
        raise InputError(f"{path} ends in {suffix or 'no suffix'}", f"one of {known}")
    if not text:
        raise InputError(
            f"{path} does not say how it was made",
            f"an output of geoseg that holds {TAG}",
            "it is of an earlier version, was merged from several maps, or another program wrote "
            "it; map the scene again",
        )
    if kind not in ("polygons", "classes", "objects", *MORE):
        raise InputError(f"{path} is {kind or 'none'} of a map's outputs", "one that is known")
    return _Known(path, called, kind, _checked(read_provenance(text, str(path)), path))


def _of_item(path: Path) -> list[_Known]:
    """The files of a STAC item that predict wrote."""
    check_regular(path)
    try:
        item = json.loads(path.read_bytes())
        told = json.dumps(item["properties"][ITEM_KEY])
        files = {str(name): str(asset["href"]) for name, asset in item["assets"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no STAC item of a map: {error}", "one of --stac") from error
    provenance = _checked(read_provenance(told, str(path)), path)
    found = []
    for kind, href in files.items():
        file = path.parent / href
        if kind not in ("polygons", "classes", *MORE) or not file.is_file():
            raise InputError(f"{file}, {kind} of {path.name}, is not there", "the map's files")
        name = file.stem if file.suffix.lower() == ".shp" else _look(str(file)).name
        found.append(_Known(file, name, kind, provenance))
    return found


def _checked(provenance: Provenance, path: Path) -> Provenance:
    if provenance.command not in AGAIN:
        raise InputError(
            f"{path} was made by geoseg {provenance.command}",
            f"an output of {' or '.join(AGAIN)}",
        )
    if provenance.command == "predict" and not provenance.models:
        raise InputError(f"{path} does not say by which model it was made", "one or several")
    if not provenance.scene:
        raise InputError(
            f"{path} is of a scene that lay in memory, and in no file",
            "an output whose scene is a file",
        )
    return provenance


@dataclass(frozen=True, slots=True)
class _Places:
    """Where inputs are looked for."""

    folder: Path
    """Of the output."""
    told: tuple[str, ...]
    """By the user: folders, files, addresses."""

    def find(self, name: str) -> str:
        """Tell where an input lies now.

        Parameters
        ----------
        name
            As it was named.

        Returns
        -------
        str
            A path or address.

        Raises
        ------
        InputError
            If it is nowhere.
        """
        last = file_name(name)
        for place in self.told:
            if redact(place) == name or (file_name(place) == last and not Path(place).is_dir()):
                return place
            if Path(place).is_dir() and Path(place, last).exists():
                return str(Path(place, last))
        if is_remote(name):
            if HIDDEN in name:
                raise InputError(
                    f"{name} is an address with a secret, which is not kept",
                    "the address",
                    "give it with --inputs",
                )
            return name
        if name.startswith("/vsi"):
            return name
        for path in (Path(name), self.folder / name, self.folder / last):
            if os.path.exists(path):  # noqa: PTH110 - a name that is too long is not there either
                return str(path)
        raise InputError(
            f"{name}, which was read for the map, is not there",
            "the file as it was",
            "name the folder in which it lies now with --inputs",
        )


def _predict(
    known: _Known, target: str, folder: str, places: _Places, force: bool, report: Report
) -> None:
    then = known.provenance
    kinds = {"polygons": {"polygons": target}, "classes": {"classes": target}}
    paths: dict[str, Any] = kinds.get(
        known.kind, {"classes": f"{folder}/classes.tif", known.kind: target}
    )
    path, layer = split_layer(target)
    if known.kind == "polygons":
        one = then.options.get("layers") != "class" and path.lower().endswith(".gpkg")
        paths = {"polygons": path}
        layer = layer or (known.name if one else None)
    models = tuple(model.given for model in then.models)
    job = Job(
        tuple(map(places.find, then.scene)),
        models[0] if len(models) == 1 else models,
        options=_options(then, places),
        region=then.region,
        layer=layer,
        **paths,
    )
    kept = LAYER not in target and not target.startswith(folder)

    def tell(event: Event) -> None:
        if kept or not isinstance(event, Finished):
            report(event)

    with open_run(job, tell) as run:
        assert run.provenance
        same = _same(run.provenance, then, force, report)
        # what is the same is named as it was, wherever it lies now
        segment(replace(run, provenance=then) if same else run)


def _options(then: Provenance, places: _Places) -> Options:
    """The options of the first run, with what it decided by the memory of its machine."""
    told = dict(then.options)
    told.pop("overwrite", None)  # it is the user's word of today, and no part of the map
    if unknown := sorted(told.keys() - OPTIONS.keys()):
        raise InputError(
            f"it was made by geoseg {then.versions.get('geoseg', '')} with options that this one "
            f"does not have: {', '.join(unknown)}",
            "the same version",
        )
    computed = then.computed
    told |= {name: computed[name] for name in ("tile", "overlap") if name in computed}
    if computed.get("device") == "cpu":
        told["device"] = "cpu"
    if told.get("calibration"):
        told["calibration"] = places.find(str(told["calibration"]))
    if told.get("aoi") and any(read.use == "aoi" for read in then.inputs):
        path, layer = split_layer(str(told["aoi"]))
        found = places.find(path)
        told["aoi"] = f"{found}{LAYER}{layer}" if layer else found
    return Options.of(**told)


def _vectorize(
    known: _Known, target: str, _: str, places: _Places, force: bool, report: Report
) -> None:
    then = known.provenance
    told: dict[str, Any] = dict(then.options)
    more: dict[str, Any] = {
        name: told.pop(name) for name in ("band", "confidence", "zonal") if name in told
    }
    for read in then.inputs:
        _found_for(read, told, more, places)
    path, layer = split_layer(target)
    if layer is None and told.get("layers") != "class" and path.lower().endswith(".gpkg"):
        target = f"{path}{LAYER}{known.name}"

    def tell(now: Provenance) -> Provenance:
        return then if _same(now, then, force, report) else now

    tracing = read_tracing(told)
    vectorize(places.find(then.scene[0]), target, tracing, report=report, told=tell, **more)


def _objects(
    known: _Known, target: str, _: str, places: _Places, force: bool, report: Report
) -> None:
    then = known.provenance
    told = dict(then.options)
    finding = read_finding(told)
    paths = {read.use: places.find(read.path) for read in then.inputs}
    polygons = known.kind == "polygons"
    path, layer = split_layer(target)
    layers = str(told.get("layers", "one"))
    if layer is None and layers != "class" and path.lower().endswith(".gpkg"):
        target = f"{path}{LAYER}{known.name}"

    def tell(now: Provenance) -> Provenance:
        return then if _same(now, then, force, report) else now

    if {"classes", "depth"} - paths.keys():
        raise InputError(f"{known.path} does not say in which rasters", "classes and depth")
    objects(
        paths["classes"],
        paths["depth"],
        target if polygons else None,
        finding,
        raster=None if polygons else target,
        confidence=paths.get("confidence"),
        simplify=told.get("simplify", 0.0),
        square=told.get("square", False),
        layers=layers,
        report=report,
        told=tell,
    )


AGAIN = {"predict": _predict, "vectorize": _vectorize, "objects": _objects}


def _found_for(read: Input, told: dict[str, Any], more: dict[str, Any], places: _Places) -> None:
    """Put where an input lies now into the option that names it."""
    options: Mapping[str, dict[str, Any]] = {"mask": told, "confidence": more, "zonal": more}
    if read.use in options:
        values = options[read.use]
        found = places.find(read.path)
        values[read.use] = found + str(values[read.use])[len(read.path) :]


def _same(now: Provenance, then: Provenance, force: bool, report: Report) -> bool:
    """Whether two runs read and do the same with the same programs; what does not is refused."""
    changed = differences(now, then)
    if changed and not force:
        raise InputError(
            "; ".join(changed),
            "inputs, model and machine as they were",
            "map the scene anew, or go on with --force",
        )
    for text in changed:
        report(Warned(text))
    others = version_notes(now, then)
    if others:
        report(Noted(f"other versions: {'; '.join(others)}"))
    return not changed and not others
