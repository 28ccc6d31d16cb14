"""Job and Options: one scene, one model, its outputs; to and from JSON, the same for every door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from .errors import InputError

RASTER_SUFFIXES = (".tif", ".tiff")
VECTOR_SUFFIXES = (".gpkg",)


@dataclass(frozen=True, slots=True)
class Options:
    """How to run; every default of the product stands here. None means: decided from card and scene.

    `tile` and `overlap` are in pixels; `scale` and `offset` give value = DN * scale + offset;
    `bands` are 1-based indices in the order of the model's bands; `aoi` is a file or WKT;
    `min_area` in square metres, whatever the CRS; `force` goes on where the values look wrong.
    """

    tile: int | None = None
    overlap: int | None = None
    batch: int | None = None
    device: str = "auto"
    scale: float | None = None
    offset: float | None = None
    aoi: str | None = None
    bands: tuple[int, ...] | None = None
    min_area: float = 0.0
    overwrite: bool = False
    force: bool = False
    readers: int = 2

    def __post_init__(self) -> None:
        if self.tile is not None and self.tile < 1:
            raise InputError(f"--tile {self.tile}", "a number of pixels above 0")
        if self.overlap is not None and self.overlap < 0:
            raise InputError(f"--overlap {self.overlap}", "a number of pixels, 0 or more")
        if self.batch is not None and self.batch < 1:
            raise InputError(f"--batch {self.batch}", "a number of tiles above 0")
        if self.scale is not None and not self.scale > 0:
            raise InputError(f"--scale {self.scale}", "a factor above 0")
        if not self.min_area >= 0:
            raise InputError(f"--min-area {self.min_area}", "square metres, 0 or more")
        if self.bands is not None and min(self.bands, default=0) < 1:
            raise InputError(f"--bands {self.bands}", "numbers that count from 1, such as 2,3,4")


@dataclass(frozen=True, slots=True)
class Job:
    """One scene (a file, or several that hold its bands), one model, and where the results go.

    `classes` and `confidence` are GeoTIFF paths, `polygons` a GeoPackage; at least one of
    `classes` and `polygons` is set.
    """

    scene: tuple[str, ...]
    model: str = "auto"
    classes: str | None = None
    polygons: str | None = None
    confidence: str | None = None
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        if not self.scene:
            raise InputError("no scene was given", "the path of a raster, or of its bands")
        if not (self.classes or self.polygons):
            raise InputError("no output was given", "--out with a name that ends in .gpkg or .tif")
        paths = [path for path in self.outputs if path]
        if len({Path(path).resolve() for path in paths}) < len(paths):
            raise InputError(f"the same file is named for two outputs: {', '.join(paths)}")

    @property
    def outputs(self) -> tuple[str, ...]:
        """Paths of everything the job writes, polygons first."""
        return tuple(path for path in (self.polygons, self.classes, self.confidence) if path)


def plan(scene: tuple[str, ...], out: str, *, model: str, raster: str | None, confidence: str | None,
         options: Options) -> Job:  # fmt: skip
    """Return the job that --out asks for: its suffix decides between polygons and class raster."""
    suffix = Path(out).suffix.lower()
    for name, path in (("--raster", raster), ("--confidence", confidence)):
        if path and Path(path).suffix.lower() not in RASTER_SUFFIXES:
            raise InputError(f"{name} {path}", f"a name that ends in {' or '.join(RASTER_SUFFIXES)}")
    if suffix in VECTOR_SUFFIXES:
        return Job(scene, model, raster, out, confidence, options)
    if suffix in RASTER_SUFFIXES:
        if raster:
            raise InputError(
                f"--out {out} and --raster {raster} both name a class raster",
                do="give --out a name that ends in .gpkg for polygons, or leave --raster out",
            )
        return Job(scene, model, out, None, confidence, options)
    known = ", ".join(VECTOR_SUFFIXES + RASTER_SUFFIXES)
    raise InputError(f"--out {out} ends in {suffix or 'no suffix'}", f"one of {known}")


def to_json(job: Job) -> str:
    """Return the job as one line of JSON."""
    return json.dumps(asdict(job), ensure_ascii=False)


def from_json(text: str) -> Job:
    """Return the job that to_json wrote; InputError on anything else."""
    try:
        data = dict(json.loads(text))
        options = dict(data.pop("options", {}))
        if options.get("bands") is not None:
            options["bands"] = tuple(options["bands"])
        _known(data, Job)
        _known(options, Options)
        return Job(**data | {"scene": tuple(data["scene"]), "options": Options(**options)})
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"this is not a geoseg job: {error}") from error


def _known(data: Mapping[str, Any], kind: type[Job] | type[Options]) -> None:
    unknown = set(data) - {f.name for f in fields(kind)}
    if unknown:
        raise ValueError(f"unknown {', '.join(sorted(unknown))} in {kind.__name__}")
