"""Deep learning packages of ArcGIS (.dlpk), and definitions (.emd); their Python never runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from pathlib import Path, PurePosixPath
from typing import Any

from ...core.card import Label
from ...core.errors import GeosegError, InputError, ModelError
from ...core.interface import is_inside
from ...raster.fetch import read_file
from ...scene.bands import common
from ..archive import opened_zip
from . import Fact, Facts, Fetch, Found, read_source
from .settle import colour_of, plain_name

ME = "geoseg.models.sources.esri:read"
EMD = "the emd"
MOST = 16 << 20  # bytes of a definition
MOST_NETWORK = 2 << 30  # bytes of a file beside it that is unpacked
PIXELS = ("imageclassification", "classifypixels", "pixelclassification")
# what stands for arcgis.learn's own function, whose scaling is known
OWN = "arcgisimageclassifier.py"
# by what it divides 8-bit values if a definition brings no statistics, and what it takes off then
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
BACKGROUND = Label(0, "background", "#d9d9d9")
TOLD = ("Framework", "ModelConfiguration", "ModelName", "ModelType", "ModelFile")


@dataclass(frozen=True, slots=True)
class _Definition:
    """What an .emd says."""

    location: str
    """Where it comes from, for messages."""
    entries: Mapping[str, Any]
    """Its JSON."""

    @property
    def function(self) -> str:
        """The file name of the Python that ArcGIS would run, in lower case."""
        return _posix(self.entries.get("InferenceFunction")).rpartition("/")[2].lower()

    @property
    def is_learned(self) -> bool:
        """Whether arcgis.learn wrote it, and its own function reads it."""
        framework = str(self.entries.get("Framework", "")).lower()
        return framework.startswith("arcgis.learn") and self.function in ("", OWN)

    def told(self) -> str:
        """Return what it says of its network, for messages.

        Returns
        -------
        str
            Keys and values.
        """
        found = [f"{key} {self.entries[key]}" for key in TOLD if key in self.entries]
        return ", ".join([*found, f"InferenceFunction {self.function or 'none'}"])


def read(location: str, fetch: Fetch) -> Found | None:
    """Read a package, or a definition with the files beside it.

    Parameters
    ----------
    location
        A path or an address that ends in .dlpk or .emd, or a folder that holds one .emd; of
        anything else None comes back.
    fetch
        Brings files here.

    Returns
    -------
    Found or None
        What the definition says, beside what the network's own file does.

    Raises
    ------
    ModelError
        If it is no package, maps no classes, or its network is none that geoseg runs.
    """
    ending = location.partition("?")[0].lower()
    if Path(location).is_dir():
        listed = sorted(Path(location).glob("*.emd"))
        if len(listed) != 1:
            return None
        location, ending = str(listed[0]), ".emd"
    if not ending.endswith((".dlpk", ".emd")):
        return None
    if "://" not in location and not Path(location).is_file():
        return None
    if ending.endswith(".emd"):
        definition = _parsed(read_file(location, MOST), location)
        place = Path(location).parent
        networks = [fetch(_beside(location, name)) for name in _networks(definition)]
    else:
        definition, place = _unpacked(fetch(location), fetch.new_folder(), location)
        networks = [place / name for name in _networks(definition)]
    _check_kind(definition)
    found = _network(definition, [each for each in networks if each.is_file()], fetch)
    notes = list(found.notes)
    if definition.function:
        notes.append(f"its Python, {definition.function}, is not run")
    facts = {**found.facts, **_facts(definition)}
    return replace(
        found,
        kind=f"a model of ArcGIS, pointing at {found.kind},",
        facts=facts,
        notes=tuple(notes),
        examine=partial(_examine, definition, found),
    )


def _parsed(data: bytes, location: str) -> _Definition:
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"the definition of {location} is no JSON: {error}") from error
    if not isinstance(entries, dict):
        raise ModelError(f"the definition of {location} is no object of JSON")
    return _Definition(location, entries)


def _unpacked(path: Path, folder: Path, location: str) -> tuple[_Definition, Path]:
    """Unpack a definition and what lies beside its network, into a folder that is empty."""
    with path.open("rb") as file, opened_zip(file, path) as archive:
        names = [each for each in archive.namelist() if not each.endswith("/")]
        found = [each for each in names if each.lower().endswith(".emd")]
        if len(found) != 1:
            raise ModelError(f"{location} holds {len(found)} definitions (.emd)", "one")
        with archive.open(found[0]) as entry:
            data = entry.read(MOST + 1)
        if len(data) > MOST:
            raise ModelError(f"the definition of {location} has more than {MOST >> 20} MB")
        definition = _parsed(data, location)
        root = PurePosixPath(found[0]).parent
        wanted = {(root / name).parent for name in _networks(definition)}
        for name in names:
            if PurePosixPath(name).parent in wanted and not name.lower().endswith(".py"):
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as entry, place.open("wb") as target:
                    shutil.copyfileobj(entry, target)
    return definition, folder / root


def _networks(definition: _Definition) -> list[str]:
    """Return the names of files that may hold the network, below the definition's own folder."""
    entries = definition.entries
    given = [entries.get("ModelFile")]
    given += [
        each.get(device)
        for key, device in (("ONNX", "INFER"), ("TorchScript", "CPU"))
        if isinstance(each := entries.get(key), dict)
    ]
    names = [name for each in given if (name := _posix(each))]
    for name in names:
        if not is_inside(name):
            raise ModelError(
                f"{definition.location} points at {name}", "a file beside the definition"
            )
    return names


def _posix(value: Any) -> str:
    """Return a path as Windows or a person wrote it, with slashes and no dot before it."""
    if not isinstance(value, str):
        return ""
    return value.replace("\\", "/").removeprefix("./")


def _beside(location: str, name: str) -> str:
    if "://" in location:
        return f"{location.partition('?')[0].rpartition('/')[0]}/{name}"
    return str(Path(location).parent / name)


def _check_kind(definition: _Definition) -> None:
    entries = definition.entries
    kind = str(entries.get("ModelType", ""))
    if kind.lower() not in PIXELS:
        raise ModelError(
            f"{definition.location} is of the type {kind or 'that nobody tells'}",
            "ImageClassification, ArcGIS' word for classes of pixels",
        )
    if str(entries.get("ModelName")) == "ChangeDetector":
        raise ModelError(f"{definition.location} compares two scenes", "a model of one scene")
    if ignored := entries.get("ignore_mapped_class"):
        raise ModelError(
            f"{definition.location} leaves out its scores {ignored} (ignore_mapped_class)",
            "a network whose scores all count",
            "export it so that it gives the least score there itself",
        )


def _network(definition: _Definition, networks: Sequence[Path], fetch: Fetch) -> Found:
    refusals: list[GeosegError] = []
    for path in networks:
        try:
            return read_source(str(path), fetch, leave_out=ME)
        except InputError as error:
            refusals.append(error)
    reason = f": {refusals[0].found}" if refusals else ", and no such file lies beside it"
    raise ModelError(
        f"the network of {definition.location} is none that geoseg can run ({definition.told()})"
        f"{reason}",
        "ONNX, TorchScript, a program of torch.export, or safetensors with config.json",
        "export it where it was trained, see from-arcgis.md in the documentation",
    )


def _facts(definition: _Definition) -> dict[str, Fact]:
    entries = definition.entries
    try:
        found = {
            "name": Fact(plain_name(Path(definition.location).stem), "the file's name", False),
            **_geometry(entries),
            **_scaling(definition),
        }
        if (bands := _bands(entries)) is not None:
            found["bands"] = bands
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise ModelError(
            f"the definition of {definition.location} is damaged: {type(error).__name__}: {error}"
        ) from error
    for key in ("ModelConfiguration", "ModelName"):
        if isinstance(entries.get(key), str):
            found["architecture"] = Fact(str(entries[key]), EMD)
    return found


def _geometry(entries: Mapping[str, Any]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    height, width = entries.get("ImageHeight"), entries.get("ImageWidth")
    if isinstance(height, int) and height == width and height > 0:
        found["tile"] = Fact(height, EMD)
    size = entries.get("MinCellSize") or entries.get("MaxCellSize")
    metres = size.get("x") if isinstance(size, dict) else size
    # of rasters in degrees it is none
    if isinstance(metres, int | float) and metres > 1e-3 and not entries.get("resize_to"):
        found["gsd"] = Fact(float(metres), "the emd's cell size", certain=False)
    return found


def _scaling(definition: _Definition) -> dict[str, Fact]:
    """Return what is done to values: certain only where arcgis.learn's own function does it."""
    entries = definition.entries
    sure = definition.is_learned
    source = EMD if sure else "the emd, unless its function does otherwise"

    def known(value: Any, certain: bool = sure) -> Fact:
        return Fact(value, source, certain)

    stats = entries.get("NormalizationStats")
    if isinstance(stats, dict):
        chosen = [int(each) for each in entries["ExtractBands"]]
        low, high, centre, spread = (
            [_number(stats[key][i]) for i in chosen]
            for key in (
                "band_min_values",
                "band_max_values",
                "scaled_mean_values",
                "scaled_std_values",
            )
        )
        ranges = [top - bottom for bottom, top in zip(low, high, strict=True)]
        means = [a + b * c for a, b, c in zip(low, ranges, centre, strict=True)]
        stds = [a * b for a, b in zip(ranges, spread, strict=True)]
        does = entries.get("DoNormalize") is not False
        return {
            "scale": known(1.0),
            "mean": known(tuple(means), sure and does),
            "std": known(tuple(stds), sure and does),
            "dtypes": known(("uint8",) if max(high) <= 255 else ("uint16",), certain=False),
        }
    limits = entries.get("DataRange")
    if sure and limits is None and len(entries.get("ExtractBands") or ()) == len(IMAGENET[0]):
        return {
            "scale": known(1 / 255),
            "mean": known(IMAGENET[0]),
            "std": known(IMAGENET[1]),
            "dtypes": known(("uint8",)),
            "unit": known("share of 255"),
        }
    if isinstance(limits, list):
        # ArcGIS stretches each scene to this range by that scene's own least and greatest value
        low_end, high_end = map(_number, limits)
        return {
            "scale": known((high_end - low_end) / 255, certain=False),
            "offset": known(low_end, certain=False),
        }
    return {}


def _number(value: Any) -> float:
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"{value} is no number")
    return number


def _bands(entries: Mapping[str, Any]) -> Fact | None:
    given = entries.get("ExtractBands")
    if not isinstance(given, list) or not given:
        return None
    listed = entries.get("Bands")
    names = [
        listed[each] if isinstance(each, int) and isinstance(listed, list) else each
        for each in given
    ]
    known = [common(each) if isinstance(each, str) else None for each in names]
    if all(known):
        return Fact(tuple(str(each) for each in known), EMD)
    # numbers of bands mean nothing without the scene that they are of
    usual = {3: ("red", "green", "blue"), 4: ("red", "green", "blue", "nir")}.get(len(given))
    return None if usual is None else Fact(usual, "a guess", certain=False)


def _examine(definition: _Definition, inner: Found, found: Found, facts: Facts) -> Facts:
    """Let the network say what it takes, and tell its scores by the definition's classes."""
    tells = dict(inner.examine(found, facts)) if inner.examine else {}
    if "classes" not in facts and (listed := definition.entries.get("Classes")):
        tells["classes"] = Fact(_labels(definition, listed, {**facts, **tells}), EMD)
    return tells


def _labels(definition: _Definition, listed: Any, facts: Facts) -> tuple[Label, ...]:
    """Return a label for each score; labels keep their values, whatever these are.

    arcgis.learn's first score is that of all else, which its definitions leave out. Other
    definitions name it, or have none: the number of scores tells.
    """
    try:
        named = [_label(entry, i) for i, entry in enumerate(listed)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"the classes of {definition.location} are damaged: {type(error).__name__}: {error}",
            do="say them with --classes",
        ) from error
    named = _in_order(named)
    values = [label.value for label in named]
    single = "one_score" in facts and facts["one_score"].value
    if single and len(named) == 1:
        return tuple(named)
    if "result" in facts and facts["result"].value == "classes":
        whole = named if 0 in values else [BACKGROUND, *named]
        if [label.value for label in whole] != list(range(len(whole))):
            raise ModelError(
                f"{definition.location} has classes of the values {values}, and gives indices",
                "values from 0, or scores",
                "say with --classes what each index is",
            )
        return tuple(whole)
    scores = facts["scores"].value if "scores" in facts else len(named)
    if scores == len(named) + 1 and 0 not in values:
        return (BACKGROUND, *named)
    if scores == len(named) and not (definition.is_learned and 0 not in values):
        return tuple(named)
    raise ModelError(
        f"{definition.location} names {len(named)} classes of the values {values}, and its network "
        f"gives {scores} scores",
        "a score for each, or one more for the background",
        "say with --classes what each score is, in their order",
    )


def _in_order(named: list[Label]) -> list[Label]:
    """Order labels by the values that count scores, however they are listed: arcgis.learn brings
    only values with gaps into an order of their own, that of the list.
    """
    ordered = sorted(named, key=lambda label: label.value)
    values = [label.value for label in ordered]
    counts = values in ([*range(len(values))], [*range(1, len(values) + 1)])
    return ordered if counts else named


def _label(entry: Mapping[str, Any], index: int) -> Label:
    value = int(entry["Value"] if "Value" in entry else entry["ClassValue"])
    name = " ".join(str(entry.get("Name") or entry.get("ClassName") or f"class {value}").split())
    colour = entry.get("Color")
    if isinstance(colour, list) and len(colour) == 3:
        return Label(value, name, "#" + "".join(f"{int(each) & 255:02x}" for each in colour))
    return Label(value, name, colour_of(index))
