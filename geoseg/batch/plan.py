"""The plan of a batch, kept in its folder: one recipe that never changes, and units that are only ever added."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from os.path import abspath
from pathlib import Path

from .. import __version__
from ..errors import GeosegError, InputError, OutputError
from ..files import check_regular
from ..raster import check_outputs
from ..raster.handles import is_remote
from .facts import Facts
from .names import entries, names, put_new, shard_of
from .units import (
    LEDGER,
    Recipe,
    Unit,
    differences,
    job_of,
    read_unit,
    recipe_from_data,
    recipe_to_data,
    settled,
    unit_line,
)

HEADER = "batch.json"
OWN = ("report.html", "collection.json", "items")  # what a batch writes beside its maps, and replaces
FOLDERS = ("units", "claims", "done", "failed", "complete", "workers", "parts", "new")


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene to be mapped: its files, what it would like to be called, and what is known of it."""

    paths: tuple[str, ...]
    label: str
    facts: Facts = field(default_factory=Facts)


Cut = Callable[[Scene, str], list[Unit]]


@dataclass(frozen=True, slots=True)
class Batch:
    """A folder with a plan in it."""

    folder: Path
    recipe: Recipe

    @property
    def ledger(self) -> Path:
        """The folder in which the plan and its state are kept."""
        return self.folder / LEDGER

    def shards(self) -> list[str]:
        """Return the shards that hold units."""
        return sorted(entries(self.ledger / "units"))

    def units(self, shard: str) -> dict[str, Unit]:
        """Return the units of a shard, by name."""
        found = {}
        for path in sorted((self.ledger / "units" / shard).glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    unit = read_unit(line)
                except ValueError as error:
                    raise InputError(f"{path} is damaged: {error}", "the units that geoseg batch wrote") from error
                found[unit.name] = unit
        return found


def is_batch(folder: Path) -> bool:
    """Return whether the folder holds a batch."""
    return (folder / HEADER).is_file()


def open_batch(folder: Path) -> Batch:
    """Return the batch in a folder; InputError where there is none, or another version's."""
    check_regular(folder / HEADER)
    try:
        data = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        return Batch(folder, recipe_from_data(data["recipe"]))
    except FileNotFoundError:
        raise InputError(f"{folder} holds no batch", f"a folder with {HEADER}, made by geoseg batch") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        found = error.found if isinstance(error, GeosegError) else str(error)
        raise InputError(f"{folder / HEADER} is not a batch of this version: {found}") from error


def create_batch(folder: Path, recipe: Recipe) -> Batch:
    """Make a batch, or return the one that is there; InputError where its maps would be others.

    Of several that create it at once, one wins, and the others compare. OutputError where files that are not
    the batch's would be replaced.
    """
    if not is_batch(folder) and (found := [name for name in OWN if (folder / name).exists()]):
        raise OutputError(f"{folder} holds {' and '.join(found)}, which a batch would replace",
                          "a folder without them", "choose another --out-dir")  # fmt: skip
    try:
        for name in FOLDERS:
            (folder / LEDGER / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror}") from error
    text = json.dumps({"geoseg": __version__, "recipe": recipe_to_data(settled(recipe))}, indent=1)
    put_new(folder / LEDGER / "new", folder / HEADER, text)
    batch = open_batch(folder)
    check_same(batch, recipe)
    return batch


def check_same(batch: Batch, recipe: Recipe) -> None:
    """Raise InputError where a batch was planned to be mapped otherwise."""
    if found := differences(batch.recipe, recipe):
        raise InputError(
            f"{batch.folder} holds a batch that is mapped otherwise: {'; '.join(found)}",
            "the same model and options in all of its maps",
            "take the same, or another --out-dir",
        )


def absolute(path: str) -> str:
    """Return a path that means the same to a worker in another folder."""
    return path if is_remote(path) or path.startswith("/vsi") else abspath(path)  # noqa: PTH100 - resolve() follows links


def add_scenes(batch: Batch, scenes: Sequence[Scene], cut: Cut, overwrite: bool = False) -> int:
    """Plan the scenes that are not planned yet; return how many these are.

    `cut` makes the units of a scene, the last of them under the scene's name. Of several
    that add at once each plans what the others have not.
    """
    there = set(entries(batch.folder))
    while True:
        new = _new_units(batch, scenes, cut)
        taken = [path for units in new for path in outputs_there(batch, units[-1], there)]
        if taken and not overwrite:
            raise OutputError(
                f"{taken[0]} exists already", do="choose another --out-dir, or replace it with --overwrite"
            )
        read = (path for scene in scenes for path in scene.paths)
        check_outputs(taken, [*read, batch.recipe.options.aoi], overwrite=True)
        # regions first: a scene counts as planned when the unit of its name is there
        regions = _by_shard(unit for units in new for unit in units[:-1])
        whole = _by_shard(units[-1] for units in new)
        clashes = sum(not _append(batch, shard, units) for found in (regions, whole) for shard, units in found.items())
        if not clashes:
            return len(new)


def _new_units(batch: Batch, scenes: Sequence[Scene], cut: Cut) -> list[list[Unit]]:
    known: dict[str, dict[str, Unit]] = {}
    found = []
    for scene in scenes:
        paths = tuple(map(absolute, scene.paths))
        for name in names(scene.label, paths):
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
            if old.scene == paths:
                _check_facts(old, scene)
                break
    return found


def _units(cut: Cut, scene: Scene, name: str, old: Unit | None) -> list[Unit]:
    """Return the units of a scene; one that fails where the scene cannot be cut, or cannot be mapped at all."""
    try:
        units = [Unit(name, scene.paths, facts=scene.facts)] if scene.facts.problem else cut(scene, name)
    except InputError as error:
        units = [Unit(name, scene.paths, facts=replace(scene.facts, problem=str(error)))]
    if old is None:
        return units
    return [old] if units[-1] == replace(old, replaces=False) else [*units[:-1], replace(units[-1], replaces=True)]


def _mended(old: Unit, scene: Scene) -> bool:
    """Whether a unit was planned of the same scene, with a problem that may be gone."""
    same = old.facts.item == scene.facts.item if scene.facts.item else old.scene == tuple(map(absolute, scene.paths))
    return bool(old.facts.problem) and same


def _check_facts(old: Unit, scene: Scene) -> None:
    if old.facts.reading != scene.facts.reading:
        raise InputError(f"what the item {scene.label} says of its bands, scale, offset or nodata has changed",
                         "what it said when the batch was planned", "take another --out-dir")  # fmt: skip


def _by_shard(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        found[unit.shard].append(unit)
    return dict(sorted(found.items()))


def outputs_there(batch: Batch, unit: Unit, there: set[str]) -> list[str]:
    """Return the outputs of a new unit that exist, and are not the batch's."""
    if batch.recipe.folders:
        return []  # a folder per shard is made by the batch alone
    return [path for path in job_of(batch.folder, batch.recipe, unit).outputs if Path(path).name in there]


def _append(batch: Batch, shard: str, units: Sequence[Unit]) -> bool:
    """Write the units as the shard's next file; False where another has given one of their names to another scene."""
    folder = batch.ledger / "units" / shard
    folder.mkdir(exist_ok=True)
    while True:
        held = batch.units(shard)
        if any(unit.name in held and held[unit.name] != unit and not unit.replaces for unit in units):
            return False
        lines = [f"{unit_line(unit)}\n" for unit in units if held.get(unit.name) != unit]
        number = len(entries(folder))
        if not lines or put_new(batch.ledger / "new", folder / f"{number:06}.jsonl", "".join(lines)):
            return True
