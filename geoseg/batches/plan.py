"""The plan of a batch, kept in its folder: one recipe that never changes, and units of work that
are only ever added.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import chain
from os.path import abspath
from pathlib import Path
from typing import Any

from ..core.card import ModelCard
from ..core.errors import GeosegError, InputError, OutputError
from ..core.files import check_regular
from ..core.job import SCORE_MAPS, VECTOR_SUFFIXES, Job
from ..core.machine import default_memory
from ..core.options import OPTIONS, Options, renamed, spoken
from ..core.signed import keep_address, plain_address, whole_address
from ..core.tiling import largest_tile
from ..core.version import __version__
from ..models import Bundle, list_models
from ..models.ensemble import combine, find_models
from ..models.merging import classes_text
from ..raster.input_files import check_outputs
from ..raster.locations import check_local, is_remote
from ..scene.item_metadata import (
    ItemMetadata,
    Scene,
    metadata_from_data,
    metadata_to_data,
    options_of,
)
from ..scene.products import files_read
from .names import entries, names, put_new, safe, shard_of

Region = tuple[int, ...]
FORMATS = ("tif", *(suffix[1:] for suffix in VECTOR_SUFFIXES))
HERE = (
    "device",
    "batch",
    "read_threads",
    "overwrite",
)  # options that change how a map is computed, not what it is
LEDGER = ".ledger"
WRITTEN = {"item_metadata": "facts"}  # a field of Unit -> its key in the plan's lines
MOST_REGION = 1 << 31  # pixels of a side: GDAL has no raster that is larger


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of work that is done whole or not at all."""

    name: str
    """Unique in the batch, and safe as a file's name."""

    scene: tuple[str, ...]
    """Files of the scene."""

    region: Region | None = None
    """(top, left, bottom, right) of the part that is mapped, in pixels; None for the whole
    scene."""

    regions: tuple[Region, ...] = ()
    """Parts of the scene whose maps are joined: then nothing is mapped; () where the scene is
    not cut."""

    tile: int | None = None
    """Side of the tiles, in pixels, that all regions share; None where it is fitted."""

    item_metadata: ItemMetadata = field(default_factory=ItemMetadata)
    """What was known of the scene before it was opened."""

    replaces: bool = False
    """Whether it is planned in the place of another one of its name."""

    @property
    def shard(self) -> str:
        """Two hexadecimal digits: the folder of the ledger in which the unit is kept."""
        return shard_of(self.name)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the units that map the regions."""
        return tuple(part_name(self.name, region) for region in self.regions)


def part_name(name: str, region: Region) -> str:
    """Name the unit that maps one region of a scene.

    Parameters
    ----------
    name
        Of the scene.
    region
        (top, left, bottom, right), in pixels.

    Returns
    -------
    str
        Name@top-left.
    """
    return f"{name}@{region[0]}-{region[1]}"


def unit_line(unit: Unit) -> str:
    """Write a unit as a line of the plan.

    Parameters
    ----------
    unit
        Any.

    Returns
    -------
    str
        JSON, without what is empty.
    """
    data = asdict(unit) | {"item_metadata": metadata_to_data(unit.item_metadata)}
    data["scene"] = [keep_address(path) for path in unit.scene]
    return json.dumps({WRITTEN.get(key, key): value for key, value in data.items() if value})


def read_unit(line: str) -> Unit:
    """Read what `unit_line` wrote.

    Parameters
    ----------
    line
        Of the plan.

    Returns
    -------
    Unit
        As it was.

    Raises
    ------
    ValueError
        If the line is something else.
    """
    data = json.loads(line)
    try:
        unit = Unit(
            str(data["name"]),
            tuple(whole_address(str(path)) for path in data["scene"]),
            tuple(map(int, data["region"])) if data.get("region") else None,
            tuple(tuple(map(int, region)) for region in data.get("regions", ())),
            int(data["tile"]) if data.get("tile") else None,
            metadata_from_data(data.get("facts", {})),
            bool(data.get("replaces")),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a unit: {error}") from error
    if safe(unit.name.replace("@", "")) != unit.name.replace("@", ""):
        raise ValueError(f"{unit.name!r} is no name of a unit")
    return unit


@dataclass(frozen=True, slots=True)
class Recipe:
    """How all scenes of a batch are mapped."""

    model: str | tuple[str, ...] = "auto"
    """Name or folder; `auto` for the one that fits each scene; or several names or folders, whose
    scores are averaged."""

    models: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the weights of each model that may be used, by its name."""

    formats: tuple[str, ...] = ("gpkg", "tif")
    """Of the outputs, some of FORMATS."""

    confidence: bool = False
    """Whether there are rasters of confidence."""

    maps: tuple[str, ...] = ()
    """Which other rasters there are of the scores, some of SCORE_MAPS."""

    folders: bool = False
    """Whether outputs lie in a folder for each shard, as very many must."""

    regions: int | None = None
    """Side of the parts into which a scene is cut, in pixels; None for whole scenes."""

    options: Options = field(default_factory=Options)
    """Of each run."""

    def __post_init__(self) -> None:
        unknown = set(self.formats) - set(FORMATS)
        if unknown or not self.formats or len(set(self.formats) - {"tif"}) > 1:
            raise InputError(
                f"--format {','.join(self.formats)}",
                "tif, one of the vector formats, or both: gpkg,tif",
            )
        if self.options.outputs.scores_type != "percent" and "scores" not in self.maps:
            raise InputError("--scores-type float16 without --scores", "both, or none of them")
        if ("sets" in self.maps) != bool(self.options.outputs.calibration):
            raise InputError(
                "--sets and --calibration, of which one is given",
                "both: which rasters are written, and what geoseg calibrate wrote for the model",
            )
        if self.regions is not None and not 1 <= self.regions <= MOST_REGION:
            raise InputError(
                f"--regions {self.regions}", f"a number of pixels from 1 to {MOST_REGION:,}"
            )

    @property
    def vector(self) -> str | None:
        """The format of the polygons, if any are wanted."""
        return next((name for name in self.formats if name != "tif"), None)


def bundles_of(model: str | tuple[str, ...], options: Options | None = None) -> list[Bundle]:
    """Find the models that may be used.

    Parameters
    ----------
    model
        Name or folder, or auto; or several, which are one model.
    options
        The shares of several, and how classes are merged; None is as they are.

    Returns
    -------
    list
        The model, or all that auto may choose from, without those that have none of the classes
        that are to be merged.

    Raises
    ------
    ModelError
        If there is no such model, or several do not go together.
    """
    how = options or Options()
    if model != "auto":
        return [find_models(model, how)]
    found = []
    for bundle in list_models():
        with suppress(InputError):
            found.append(combine([bundle], how))
    return found


def weights_of(model: str | tuple[str, ...], options: Options | None = None) -> dict[str, str]:
    """Tell the weights that are here.

    Parameters
    ----------
    model, options
        As of `bundles_of`.

    Returns
    -------
    dict
        SHA-256 by name, of the model or of all that auto may choose from.

    Raises
    ------
    ModelError
        If there is no such model.
    """
    return {bundle.card.name: bundle.sha256 for bundle in bundles_of(model, options)}


def cards_of(model: str | tuple[str, ...], options: Options | None = None) -> list[ModelCard]:
    """Read the cards of the models that may be used.

    Parameters
    ----------
    model, options
        As of `bundles_of`.

    Returns
    -------
    list
        The model's, or those of all that auto may choose from.

    Raises
    ------
    ModelError
        If there is no such model.
    """
    return [bundle.card for bundle in bundles_of(model, options)]


def differences(old: Recipe, new: Recipe) -> list[str]:
    """Say what of two recipes gives other maps.

    Parameters
    ----------
    old
        By which the batch was planned.
    new
        By which it is to go on.

    Returns
    -------
    list
        Lines for people; none where the maps are the same.
    """
    lines = [
        f"model {name} is not the one it was: its weights have changed"
        for name in old.models
        if name in new.models and old.models[name] != new.models[name]
    ]
    pairs = [(f.name, getattr(old, f.name), getattr(new, f.name)) for f in fields(Recipe)]
    own = ("model", "formats", "confidence", "maps", "regions")
    pairs = [pair for pair in pairs if pair[0] in own]
    before = old.options.flat()
    after = new.options.flat()
    pairs += [(name, before[name], after[name]) for name in OPTIONS if name not in HERE]
    called = {"engine": "compute_engine", "formats": "format"}
    lines += [
        f"{spoken(called.get(name, name))} is {_text(b)}, and was {_text(a)}"
        for name, a, b in pairs
        # who names none takes the plan's
        if a != b and not (name in ("max_tile", "max_memory") and b is None)
    ]
    if old.models.keys() != new.models.keys() and old.model == new.model:
        lines.append(f"the models are {', '.join(new.models)}, and were {', '.join(old.models)}")
    return lines


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def with_classes(options: Options) -> Options:
    """Put what the file of merged classes holds in the place of its name: it may change.

    Parameters
    ----------
    options
        Of a run.

    Returns
    -------
    Options
        The same, for all scenes of a batch.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    text = options.outputs.rename_classes
    return options if text is None else options.but(rename_classes=classes_text(text))


def settled(recipe: Recipe, together: int = 1) -> Recipe:
    """Decide what would depend on the machine, so that all workers agree.

    Parameters
    ----------
    recipe
        Of a new batch.
    together
        How many workers share this machine's memory.

    Returns
    -------
    Recipe
        With the memory that this machine allows a run, which decides the tiles, where none is
        named; for GPUs with the largest tile.
    """
    options = recipe.options
    if options.tiles.tile is not None:
        return recipe
    if not options.compute.device.startswith("cuda"):
        asked = options.compute.max_memory or default_memory(together)
        return replace(recipe, options=options.but(max_memory=asked))
    return replace(recipe, options=options.but(max_tile=options.tiles.max_tile or largest_tile()))


def recipe_to_data(recipe: Recipe) -> dict[str, Any]:
    """Put a recipe into JSON's types.

    Parameters
    ----------
    recipe
        Any.

    Returns
    -------
    dict
        By the names of the fields.
    """
    return {**asdict(recipe), "models": dict(recipe.models), "options": recipe.options.flat()}


def recipe_from_data(data: Any) -> Recipe:
    """Read what `recipe_to_data` gave, of a former version as well.

    Parameters
    ----------
    data
        What JSON held.

    Returns
    -------
    Recipe
        As it was.

    Raises
    ------
    TypeError, KeyError, InputError
        If it is something else.
    """
    if not isinstance(data["options"], dict):
        raise TypeError(f"options are {type(data['options']).__name__}, not an object")
    options = Options.of(**renamed(data["options"], warn=False))  # of a former version's batch
    lists = ("options", "formats", "maps")
    rest = {f.name: data[f.name] for f in fields(Recipe) if f.name not in lists}
    if isinstance(rest["model"], list):
        rest["model"] = tuple(rest["model"])
    maps = tuple(data.get("maps", ()))
    return Recipe(**rest, formats=tuple(data["formats"]), maps=maps, options=options)


def job_of(folder: Path, recipe: Recipe, unit: Unit) -> Job:
    """Say what is to be run for a unit.

    Parameters
    ----------
    folder
        Of the batch.
    recipe
        Of the batch.
    unit
        A scene or region.

    Returns
    -------
    Job
        Of a region, one that writes rasters into the ledger, where they lie until they are
        joined.
    """
    options = options_of(recipe.options, unit.item_metadata, unit.tile)
    if unit.region:
        base = f"{folder}/{LEDGER}/parts/{unit.name}"
        both = recipe.confidence or recipe.vector or recipe.maps
        return Job(
            unit.scene,
            recipe.model,
            f"{base}.tif",
            None,
            f"{base}.confidence.tif" if both else None,
            options,
            unit.region,
            **_score_maps(base, recipe),
        )
    base = f"{folder}/{unit.shard}/{unit.name}" if recipe.folders else f"{folder}/{unit.name}"
    return Job(
        unit.scene,
        recipe.model,
        f"{base}.tif" if "tif" in recipe.formats else None,
        f"{base}.{recipe.vector}" if recipe.vector else None,
        f"{base}.confidence.tif" if recipe.confidence else None,
        options,
        **_score_maps(base, recipe),
    )


def _score_maps(base: str, recipe: Recipe) -> dict[str, Any]:
    """Name the rasters of the scores, in the order in which a map has them."""
    return {name: f"{base}.{name}.tif" for name in SCORE_MAPS if name in recipe.maps}


HEADER = "batch.json"
OWN = (
    "report.html",
    "collection.json",
    "items",
)  # what a batch writes beside its maps, and replaces
FOLDERS = ("units", "claims", "done", "failed", "complete", "workers", "parts", "new")


Cut = Callable[[Scene, str], list[Unit]]


@dataclass(frozen=True, slots=True)
class Batch:
    """A folder with a plan in it."""

    folder: Path
    """Where the maps are."""

    recipe: Recipe
    """How they are made."""

    @property
    def ledger(self) -> Path:
        """The folder in which the plan and its state are kept."""
        return self.folder / LEDGER

    def shards(self) -> list[str]:
        """List the shards that hold units.

        Returns
        -------
        list
            Sorted names of two hexadecimal digits.
        """
        return sorted(entries(self.ledger / "units"))

    def units(self, shard: str) -> dict[str, Unit]:
        """Read the plan of a shard.

        Parameters
        ----------
        shard
            Two hexadecimal digits.

        Returns
        -------
        dict
            Units by name; of several of one name the last that was planned.

        Raises
        ------
        InputError
            If the plan is damaged.
        """
        found = {}
        for path in sorted((self.ledger / "units" / shard).glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    unit = read_unit(line)
                except ValueError as error:
                    raise InputError(
                        f"{path} is damaged: {error}", "the units that geoseg batch wrote"
                    ) from error
                found[unit.name] = unit
        return found


def is_batch(folder: Path) -> bool:
    """Say whether a folder holds a batch.

    Parameters
    ----------
    folder
        Need not exist.

    Returns
    -------
    bool
        Whether its header is there.
    """
    return (folder / HEADER).is_file()


def open_batch(folder: Path) -> Batch:
    """Open the batch in a folder.

    Parameters
    ----------
    folder
        Of the batch.

    Returns
    -------
    Batch
        With the recipe by which it was planned.

    Raises
    ------
    InputError
        If there is none, or another version's.
    """
    check_regular(folder / HEADER)
    try:
        data = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        return Batch(folder, recipe_from_data(data["recipe"]))
    except FileNotFoundError:
        raise InputError(
            f"{folder} holds no batch", f"a folder with {HEADER}, made by geoseg batch"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        found = error.found if isinstance(error, GeosegError) else str(error)
        raise InputError(f"{folder / HEADER} is not a batch of this version: {found}") from error


def create_batch(folder: Path, recipe: Recipe, together: int = 1) -> Batch:
    """Make a batch, or open the one that is there.

    Of several that create it at once, one wins, and the others compare.

    Parameters
    ----------
    folder
        Made where it is missing.
    recipe
        How all scenes are mapped.
    together
        How many workers will share this machine's memory.

    Returns
    -------
    Batch
        With what depends on the machine decided by the one that made it.

    Raises
    ------
    InputError
        If a batch is there whose maps would be others.
    OutputError
        If files that are not the batch's would be replaced, or the folder cannot be made.
    """
    check_local(str(folder))
    if not is_batch(folder) and (found := [name for name in OWN if (folder / name).exists()]):
        raise OutputError(
            f"{folder} holds {' and '.join(found)}, which a batch would replace",
            "a folder without them",
            "choose another --out-dir",
        )
    try:
        for name in FOLDERS:
            (folder / LEDGER / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror}") from error
    data = recipe_to_data(settled(recipe, together))
    text = json.dumps({"geoseg": __version__, "recipe": data}, indent=1)
    put_new(folder / LEDGER / "new", folder / HEADER, text)
    batch = open_batch(folder)
    check_same(batch, recipe)
    return batch


def check_same(batch: Batch, recipe: Recipe) -> None:
    """See to it that a batch is mapped as it was planned.

    Parameters
    ----------
    batch
        That is there.
    recipe
        By which it is to go on.

    Raises
    ------
    InputError
        If its maps would be others.
    """
    if found := differences(batch.recipe, recipe):
        raise InputError(
            f"{batch.folder} holds a batch that is mapped otherwise: {'; '.join(found)}",
            "the same model and options in all of its maps",
            "take the same, or another --out-dir",
        )


def absolute(path: str) -> str:
    """Make a path mean the same to a worker in another folder.

    Parameters
    ----------
    path
        Of a file, or an address.

    Returns
    -------
    str
        Absolute; links are not followed.
    """
    return path if is_remote(path) or path.startswith("/vsi") else abspath(path)  # noqa: PTH100 - links stay


def add_scenes(batch: Batch, scenes: Sequence[Scene], cut: Cut, overwrite: bool = False) -> int:
    """Plan the scenes that are not planned yet.

    Of several that add at once each plans what the others have not.

    Parameters
    ----------
    batch
        To whose plan units are added.
    scenes
        Planned ones among them are left as they are.
    cut
        Makes the units of a scene, the last of them under the scene's name.
    overwrite
        Whether outputs that are there and not the batch's may be replaced.

    Returns
    -------
    int
        How many scenes are new.

    Raises
    ------
    InputError
        If what is known of a planned scene has changed.
    OutputError
        If an output would be replaced, or is one of the inputs.
    """
    there = set(entries(batch.folder))
    while True:
        new = _new_units(batch, scenes, cut)
        taken = [path for units in new for path in outputs_there(batch, units[-1], there)]
        if taken and not overwrite:
            raise OutputError(
                f"{taken[0]} exists already",
                do="choose another --out-dir, or replace it with --overwrite",
            )
        read = files_read(path for scene in scenes for path in scene.paths)
        inputs = chain(read, [batch.recipe.options.reading.aoi])
        check_outputs(taken, inputs, overwrite=True)
        # regions first: a scene counts as planned when the unit of its name is there
        regions = _by_shard(unit for units in new for unit in units[:-1])
        whole = _by_shard(units[-1] for units in new)
        clashes = sum(
            not _append(batch, shard, units)
            for found in (regions, whole)
            for shard, units in found.items()
        )
        if not clashes:
            return len(new)


def _new_units(batch: Batch, scenes: Sequence[Scene], cut: Cut) -> list[list[Unit]]:
    known: dict[str, dict[str, Unit]] = {}
    found = []
    for scene in scenes:
        paths = tuple(map(absolute, scene.paths))
        for name in names(scene.label, _told(paths)):
            shard = shard_of(name)
            if shard not in known:
                known[shard] = batch.units(shard)
            old = known[shard].get(name)
            if old is None or _mended(old, scene):
                units = _units(cut, replace(scene, paths=paths), name, old)
                if units[-1] != old:
                    found.append(units)
                    known[shard][name] = units[-1]
                break
            if _told(old.scene) == _told(paths):
                for path in paths:
                    keep_address(path)  # it may be signed anew
                _check_metadata(old, scene)
                break
    return found


def _units(cut: Cut, scene: Scene, name: str, old: Unit | None) -> list[Unit]:
    """Return the units of a scene; one that fails where the scene cannot be cut, or cannot be
    mapped at all.
    """
    try:
        units = (
            [Unit(name, scene.paths, item_metadata=scene.item_metadata)]
            if scene.item_metadata.problem
            else cut(scene, name)
        )
    except InputError as error:
        units = [
            Unit(name, scene.paths, item_metadata=replace(scene.item_metadata, problem=str(error)))
        ]
    if old is None:
        return units
    return (
        [old]
        if units[-1] == replace(old, replaces=False)
        else [*units[:-1], replace(units[-1], replaces=True)]
    )


def _mended(old: Unit, scene: Scene) -> bool:
    """Whether a unit was planned of the same scene, with a problem that may be gone."""
    same = (
        old.item_metadata.item == scene.item_metadata.item
        if scene.item_metadata.item
        else _told(old.scene) == _told(map(absolute, scene.paths))
    )
    return bool(old.item_metadata.problem) and same


def _told(paths: Iterable[str]) -> tuple[str, ...]:
    """The files as the plan names them."""
    return tuple(map(plain_address, paths))


def _check_metadata(old: Unit, scene: Scene) -> None:
    if old.item_metadata.reading != scene.item_metadata.reading:
        raise InputError(
            f"what the item {scene.label} says of its bands, scale, offset or nodata has changed",
            "what it said when the batch was planned",
            "take another --out-dir",
        )


def _by_shard(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        found[unit.shard].append(unit)
    return dict(sorted(found.items()))


def outputs_there(batch: Batch, unit: Unit, there: set[str]) -> list[str]:
    """List the outputs of a new unit that exist, and are not the batch's.

    Parameters
    ----------
    batch
        Of the unit.
    unit
        Not planned yet.
    there
        Names in the batch's folder.

    Returns
    -------
    list
        Paths; none where outputs lie in folders that the batch alone makes.
    """
    if batch.recipe.folders:
        return []  # a folder per shard is made by the batch alone
    return [
        path
        for path in job_of(batch.folder, batch.recipe, unit).outputs
        if Path(path).name in there
    ]


def _append(batch: Batch, shard: str, units: Sequence[Unit]) -> bool:
    """Write the units as the shard's next file; False where another has given one of their names
    to another scene.
    """
    folder = batch.ledger / "units" / shard
    folder.mkdir(exist_ok=True)
    while True:
        held = batch.units(shard)
        if any(
            unit.name in held and held[unit.name] != unit and not unit.replaces for unit in units
        ):
            return False
        lines = [f"{unit_line(unit)}\n" for unit in units if held.get(unit.name) != unit]
        number = len(entries(folder))
        if not lines or put_new(
            batch.ledger / "new", folder / f"{number:06}.jsonl", "".join(lines)
        ):
            return True
