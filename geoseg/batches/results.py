"""What the units of a batch made: from its records, without a look at the maps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from ..core.errors import GeosegError
from ..core.grid import Grid
from ..core.job import Job
from ..prediction.run import grid_of_map
from ..raster.footprint import crs_code
from ..raster.georeference import ground_size
from ..scene.describe import describe
from .ledger import Ledger
from .names import entries
from .plan import Batch, Unit, job_of
from .status import Failure, look

_DATE = re.compile(
    r"(?<![0-9])((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?:T(\d\d)(\d\d)(\d\d))?(?![0-9])"
)


@dataclass(frozen=True, slots=True)
class Result:
    """A scene that is mapped."""

    unit: Unit
    """What was planned."""

    job: Job
    """With the outputs."""

    summary: Mapping[str, Any]
    """As the ledger has it, with the fields of Summary."""

    grid: Grid
    """Of the map."""

    pixel: float | None
    """Area of a pixel in square metres; None without a CRS."""

    when: str
    """Time of the scene, RFC 3339, or ""."""

    begun: float
    """Seconds of the epoch."""

    ended: float
    """Seconds of the epoch."""

    @property
    def name(self) -> str:
        """What the scene is called."""
        return self.unit.name

    @property
    def mapped(self) -> int:
        """Pixels that have a class."""
        return int(self.summary["pixels"])

    @property
    def pixels(self) -> int:
        """All pixels of the map."""
        return self.mapped + int(self.summary["nodata_pixels"])


@dataclass(frozen=True, slots=True)
class Results:
    """A batch as far as it is done."""

    batch: Batch
    """Whose results these are."""

    done: tuple[Result, ...]
    """Scenes that are mapped, by name."""

    scenes: int
    """How many are planned."""

    failures: tuple[Failure, ...]
    """Units that failed."""

    missing: tuple[str, ...]
    """Names of the scenes that are not mapped."""


def place_of(job: Job, unit: Unit) -> dict[str, Any]:
    """Say where a map lies and when its scene was seen, to be kept in the unit's record.

    Parameters
    ----------
    job
        That was run; its class raster is opened, or else the scene.
    unit
        Of the scene.

    Returns
    -------
    dict
        `shape` in rows and columns, `transform`, `crs`, `side` of a pixel in metres or
        None, `when`.

    Raises
    ------
    InputError
        If the raster cannot be read.
    """
    grid = describe((job.classes,)).grid if job.classes else grid_of_map(job)
    return {
        "shape": [grid.height, grid.width],
        "transform": list(grid.transform),
        "crs": crs_code(grid.crs) or grid.crs,
        "side": ground_size(grid),
        "when": unit.item_metadata.when or time_in(unit.scene),
    }


def time_in(paths: Iterable[str]) -> str:
    """Find the first time that a file's name tells, such as 20190416 or 20190416T101319.

    Parameters
    ----------
    paths
        Of the scene.

    Returns
    -------
    str
        RFC 3339, taken for UTC; "" where none does.
    """
    for path in paths:
        for found in _DATE.finditer(PurePath(path).name):
            year, month, day, hour, minute, second = (
                int(part) for part in found.groups(default="0")
            )
            try:
                when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
                return when.isoformat().replace("+00:00", "Z")
            except ValueError:  # 30 February, or no time after all
                continue
    return ""


def results(ledger: Ledger) -> Results:
    """Collect what is done, from the records; parts of scenes do not count.

    Parameters
    ----------
    ledger
        Of the batch.

    Returns
    -------
    Results
        By now.
    """
    batch = ledger.batch
    done = []
    missing = []
    scenes = 0
    for shard in batch.shards():
        finished = {name.removesuffix(".json") for name in entries(batch.ledger / "done" / shard)}
        for unit in batch.units(shard).values():
            if unit.region:
                continue
            scenes += 1
            record = ledger.success(unit.name) if unit.name in finished else None
            if record:
                done.append(_result(batch, unit, record))
            else:
                missing.append(unit.name)
    done.sort(key=lambda result: result.name)
    return Results(batch, tuple(done), scenes, look(ledger).failures, tuple(sorted(missing)))


def _result(batch: Batch, unit: Unit, record: Mapping[str, Any]) -> Result:
    job = job_of(batch.folder, batch.recipe, unit)
    place = record.get("place") or _late_place(job, unit)
    height, width = place["shape"]
    grid = Grid(height, width, tuple(place["transform"]), place["crs"])
    side = place["side"]
    return Result(
        unit,
        job,
        record["summary"],
        grid,
        side * side if side else None,
        place["when"],
        float(record["begun"]),
        float(record["ended"]),
    )


def _late_place(job: Job, unit: Unit) -> Mapping[str, Any]:
    """Return the place of a map whose record has none: earlier versions kept none."""
    try:
        return place_of(job, unit)
    except GeosegError:
        return {
            "shape": (1, 1),
            "transform": Grid(1, 1).transform,
            "crs": None,
            "side": None,
            "when": "",
        }
