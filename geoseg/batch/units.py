"""What a batch is made of: units of work with names of their own, and the recipe that all of them follow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ..card import ModelCard
from ..errors import InputError
from ..job import VECTOR_SUFFIXES, Job, Options
from ..lattice import largest_window
from ..models import find_model, list_models
from .facts import Facts, facts_from_data, facts_to_data, options_of
from .names import safe, shard_of

Region = tuple[int, ...]
FORMATS = ("tif", *(suffix[1:] for suffix in VECTOR_SUFFIXES))
HERE = ("device", "batch", "readers", "overwrite")  # options that change how a map is computed, not what it is
LEDGER = ".ledger"
MOST_REGION = 1 << 31  # pixels of a side: GDAL has no raster that is larger


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of work that is done whole or not at all.

    `name` is unique in the batch and safe as a file's name. With a `region` only this part of
    the scene is mapped; with `regions` nothing is: the maps of these are joined. `tile` is the
    window that all of them share. `facts` are what was known of the scene before it was opened.
    A unit that `replaces` another one has its name, and is planned in its place.
    """

    name: str
    scene: tuple[str, ...]
    region: Region | None = None
    regions: tuple[Region, ...] = ()
    tile: int | None = None
    facts: Facts = field(default_factory=Facts)
    replaces: bool = False

    @property
    def shard(self) -> str:
        """Two hexadecimal digits: the folder of the ledger in which the unit is kept."""
        return shard_of(self.name)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the units that map the regions."""
        return tuple(part_name(self.name, region) for region in self.regions)


def part_name(name: str, region: Region) -> str:
    """Return the name of the unit that maps one region of a scene."""
    return f"{name}@{region[0]}-{region[1]}"


def unit_line(unit: Unit) -> str:
    """Return the unit as one line of JSON."""
    data = asdict(unit) | {"facts": facts_to_data(unit.facts)}
    return json.dumps({key: value for key, value in data.items() if value})


def read_unit(line: str) -> Unit:
    """Return the unit that unit_line wrote; ValueError on anything else."""
    data = json.loads(line)
    try:
        unit = Unit(
            str(data["name"]), tuple(map(str, data["scene"])),
            tuple(map(int, data["region"])) if data.get("region") else None,
            tuple(tuple(map(int, region)) for region in data.get("regions", ())),
            int(data["tile"]) if data.get("tile") else None,
            facts_from_data(data.get("facts", {})),
            bool(data.get("replaces")),
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a unit: {error}") from error
    if safe(unit.name.replace("@", "")) != unit.name.replace("@", ""):
        raise ValueError(f"{unit.name!r} is no name of a unit")
    return unit


@dataclass(frozen=True, slots=True)
class Recipe:
    """How all scenes of a batch are mapped.

    `models` holds the SHA-256 of the weights of each model that may be used, by its name;
    `formats` are those of the outputs, some of FORMATS; `folders` says whether the outputs lie
    in a folder per shard, as very many must; `regions` is the side of the parts into which a
    scene is cut, None for whole scenes.
    """

    model: str = "auto"
    models: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ("gpkg", "tif")
    confidence: bool = False
    folders: bool = False
    regions: int | None = None
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        unknown = set(self.formats) - set(FORMATS)
        if unknown or not self.formats or len(set(self.formats) - {"tif"}) > 1:
            raise InputError(f"--format {','.join(self.formats)}", "tif, one of the vector formats, or both: gpkg,tif")
        if self.regions is not None and not 1 <= self.regions <= MOST_REGION:
            raise InputError(f"--regions {self.regions}", f"a number of pixels from 1 to {MOST_REGION:,}")

    @property
    def vector(self) -> str | None:
        """The format of the polygons, if any are wanted."""
        return next((name for name in self.formats if name != "tif"), None)


def weights_of(model: str) -> dict[str, str]:
    """Return name and SHA-256 of the model, or of all that auto may choose from."""
    bundles = list_models() if model == "auto" else [find_model(model)]
    return {bundle.card.name: bundle.sha256 for bundle in bundles}


def cards_of(model: str) -> list[ModelCard]:
    """Return the card of the model, or those of all that auto may choose from."""
    return [bundle.card for bundle in (list_models() if model == "auto" else [find_model(model)])]


def differences(old: Recipe, new: Recipe) -> list[str]:
    """Return what of two recipes gives other maps, as lines for people."""
    lines = [
        f"model {name} is not the one it was: its weights have changed"
        for name in old.models
        if name in new.models and old.models[name] != new.models[name]
    ]
    pairs = [(f.name, getattr(old, f.name), getattr(new, f.name)) for f in fields(Recipe)]
    pairs = [pair for pair in pairs if pair[0] in ("model", "formats", "confidence", "regions")]
    pairs += [(f.name, getattr(old.options, f.name), getattr(new.options, f.name))
              for f in fields(Options) if f.name not in HERE]  # fmt: skip
    spoken = {"engine": "compute-engine", "formats": "format"}
    lines += [
        f"--{spoken.get(name, name).replace('_', '-')} is {_text(b)}, and was {_text(a)}"
        for name, a, b in pairs
        if a != b and not (name == "largest" and b is None)  # who names none takes the plan's
    ]
    if old.models.keys() != new.models.keys() and old.model == new.model:
        lines.append(f"the models are {', '.join(new.models)}, and were {', '.join(old.models)}")
    return lines


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def settled(recipe: Recipe) -> Recipe:
    """Return the recipe with what would depend on the machine decided by this one: then all workers agree."""
    options = recipe.options
    if options.tile is not None or options.largest is not None:
        return recipe
    return replace(recipe, options=replace(options, largest=largest_window()))


def recipe_to_data(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe as what JSON can hold."""
    return {**asdict(recipe), "models": dict(recipe.models)}


def recipe_from_data(data: Any) -> Recipe:
    """Return the recipe that recipe_to_data gave; TypeError, KeyError or InputError on anything else."""
    options = dict(data["options"])
    for name in ("bands", "zonal"):  # JSON knows no tuples
        if isinstance(options.get(name), list):
            options[name] = tuple(options[name])
    rest = {f.name: data[f.name] for f in fields(Recipe) if f.name not in ("options", "formats")}
    return Recipe(**rest, formats=tuple(data["formats"]), options=Options(**options))


def job_of(folder: Path, recipe: Recipe, unit: Unit) -> Job:
    """Return what is to be run for a unit: of a region, rasters that lie in the ledger until they are joined."""
    options = options_of(recipe.options, unit.facts, unit.tile)
    if unit.region:
        base = f"{folder}/{LEDGER}/parts/{unit.name}"
        both = recipe.confidence or recipe.vector
        return Job(unit.scene, recipe.model, f"{base}.tif", None, f"{base}.confidence.tif" if both else None,
                   options, unit.region)  # fmt: skip
    base = f"{folder}/{unit.shard}/{unit.name}" if recipe.folders else f"{folder}/{unit.name}"
    return Job(
        unit.scene, recipe.model,
        f"{base}.tif" if "tif" in recipe.formats else None,
        f"{base}.{recipe.vector}" if recipe.vector else None,
        f"{base}.confidence.tif" if recipe.confidence else None,
        options,
    )  # fmt: skip
