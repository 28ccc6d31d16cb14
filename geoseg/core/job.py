"""Job and Options: one scene, one model, its outputs; to and from JSON, the same for every door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from os import PathLike, fspath
from os.path import abspath
from pathlib import Path
from sys import float_info
from types import UnionType
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from .errors import InputError

POLICIES = ("blend", "crop")
RASTER_SUFFIXES = (".tif", ".tiff")
COMPRESSIONS = ("zstd", "deflate")
ENGINES = ("auto", "torch", "torch.compile", "openvino")
PRECISIONS = ("fp32", "bf16", "fp16", "int8", "auto")
VECTOR_SUFFIXES = (".gpkg", ".fgb", ".parquet", ".geojson", ".shp")
MOST_ROUNDS = 5  # of smoothing: 32 points a vertex, 1/1024 of a pixel
MOST_WINDOW = 255  # pixels: the side of the majority filter
CONNECTIVITIES = (4, 8)
MOST_TILE = 1 << 16  # pixels of a window's side: more than any device holds
MOST_TILES = 1 << 16  # at a time
MOST_BANDS = 1 << 16  # of a scene: GDAL reads no more
MOST_THREADS = 1024
MOST_VALUE = 1e12  # of factors and offsets: beyond it float32 has no use for them
EARTH_AREA = 5.2e14  # square metres, a little more than there are
EARTH_GIRTH = 4.1e7  # metres
LAYERS = ("one", "class")
LAYER = "|layername="  # between a file and its layer
RESERVED = (
    "sqlite_",
    "gpkg",
    "rtree_",
    "layer_styles",
)  # how no table of ours in a GeoPackage may begin


class Cleaning(Protocol):
    """What decides how pixels become polygons; vector.Tracing tells what each is."""

    @property
    def min_area(self) -> float: ...  # noqa: D102 - a Protocol's fields
    @property
    def simplify(self) -> float: ...  # noqa: D102
    @property
    def smooth(self) -> int: ...  # noqa: D102
    @property
    def majority(self) -> int: ...  # noqa: D102
    @property
    def fill_holes(self) -> float: ...  # noqa: D102
    @property
    def fill_nodata(self) -> bool: ...  # noqa: D102
    @property
    def connectivity(self) -> int: ...  # noqa: D102
    @property
    def layers(self) -> str: ...  # noqa: D102


def check_cleaning(options: Cleaning) -> None:
    """Raise InputError where the polygons cannot be made so."""
    area = f"square metres, 0 or more, at most the Earth's {EARTH_AREA:g}"
    _check_range("min_area", options.min_area, 0, area, EARTH_AREA)
    _check_range("fill_holes", options.fill_holes, 0, area, EARTH_AREA)
    _check_range(
        "simplify", options.simplify, 0, f"metres, 0 or more, at most {EARTH_GIRTH:g}", EARTH_GIRTH
    )
    if not 0 <= options.smooth <= MOST_ROUNDS:
        raise InputError(
            f"--smooth {options.smooth}", f"a number of rounds from 0 to {MOST_ROUNDS}"
        )
    if options.majority and not (
        options.majority % 2 == 1 and 3 <= options.majority <= MOST_WINDOW
    ):
        raise InputError(
            f"--majority {options.majority}", f"an odd number of pixels from 3 to {MOST_WINDOW}"
        )
    if options.connectivity not in CONNECTIVITIES:
        raise InputError(f"--connectivity {options.connectivity}", "4 or 8")
    _check_choice("layers", options.layers, LAYERS)
    if options.fill_nodata and not options.fill_holes:
        raise InputError(
            "--fill-nodata without --fill-holes",
            "both: the one says what, the other up to what area",
        )


@dataclass(frozen=True, slots=True)
class Options:
    """How to run; every default of the product stands here. None means: decided from card and
    scene.

    Attributes
    ----------
    tile, overlap
        Pixels.
    largest
        Pixels, the largest window that is chosen where no tile is given; None is by the
        machine's memory.
    policy
        One of POLICIES, what happens where tiles overlap.
    scale, offset
        Value = DN * scale + offset.
    nodata
        The digital number of pixels without data; None is what the file says.
    bands
        1-based indices in the order of the model's bands.
    aoi
        A file or WKT.
    min_area, fill_holes
        Square metres.
    fill_nodata
        Whether holes of nodata are filled as well.
    square
        Whether the classes that the card marks as built get right angles.
    majority
        The side of a window in pixels.
    connectivity
        4, or 8 where regions that touch at a corner are one.
    layers
        One of LAYERS, one layer of polygons or one for each class.
    zonal
        Names, or numbers from 1, of the scene's bands whose mean over each polygon becomes
        a column.
    simplify
        Metres, whatever the CRS.
    smooth
        A number of rounds.
    compress
        One of COMPRESSIONS, how the rasters that are written are packed.
    force
        Whether to go on where the values look wrong.
    engine
        One of ENGINES; auto is the one that fits the device.
    precision
        One of PRECISIONS; the classes of fp32 do not depend on the machine, auto is the
        fastest it has.
    min_agreement
        The share of pixels, of a few windows, to which a reduced precision must give the
        class of fp32.
    """

    tile: int | None = None
    largest: int | None = None
    overlap: int | None = None
    policy: str = "blend"
    batch: int | None = None
    device: str = "auto"
    scale: float | None = None
    offset: float | None = None
    nodata: float | None = None
    aoi: str | None = None
    bands: tuple[int, ...] | None = None
    min_area: float = 0.0
    simplify: float = 0.0
    smooth: int = 0
    majority: int = 0
    fill_holes: float = 0.0
    fill_nodata: bool = False
    square: bool = False
    connectivity: int = 4
    layers: str = "one"
    zonal: tuple[str | int, ...] | None = None
    overwrite: bool = False
    force: bool = False
    readers: int = 2
    compress: str = "zstd"
    engine: str = "auto"
    precision: str = "fp32"
    min_agreement: float = 0.995

    def __post_init__(self) -> None:
        _check_types(self)
        pixels = f"a number of pixels from 1 to {MOST_TILE}"
        _check_range("tile", self.tile, 1, pixels, MOST_TILE)
        _check_range("largest", self.largest, 1, pixels, MOST_TILE)
        _check_range(
            "overlap", self.overlap, 0, f"a number of pixels from 0 to {MOST_TILE}", MOST_TILE
        )
        if self.policy not in POLICIES:
            raise InputError(f"--policy {self.policy}", " or ".join(POLICIES))
        _check_range(
            "batch", self.batch, 1, f"a number of tiles from 1 to {MOST_TILES}", MOST_TILES
        )
        factor = f"a factor from {1 / MOST_VALUE:g} to {MOST_VALUE:g}"
        _check_range("scale", self.scale, 1 / MOST_VALUE, factor, MOST_VALUE)
        _check_range(
            "offset", self.offset, -MOST_VALUE, f"a number within {MOST_VALUE:g} of 0", MOST_VALUE
        )
        _check_range("nodata", self.nodata, -float_info.max, "a number", float_info.max)
        check_cleaning(self)
        _check_range(
            "readers",
            self.readers,
            1,
            f"a number of threads from 1 to {MOST_THREADS}",
            MOST_THREADS,
        )
        _check_choice("compress", self.compress, COMPRESSIONS)
        _check_choice("engine", self.engine, ENGINES)
        _check_choice("precision", self.precision, PRECISIONS)
        if not 0 <= self.min_agreement <= 1:
            raise InputError(
                f"--min-agreement {self.min_agreement}", "a share of the pixels, 0 to 1"
            )
        if self.bands is not None and not all(
            1 <= band <= MOST_BANDS for band in self.bands or (0,)
        ):
            numbers = ",".join(map(str, self.bands))
            raise InputError(f"--bands {numbers}", f"numbers from 1 to {MOST_BANDS}, such as 2,3,4")


def read_options(given: Mapping[str, Any]) -> Options:
    """Return the options that keywords give: lists as tuples, paths as text; InputError on one
    that is unknown.
    """
    if unknown := sorted(set(given) - {f.name for f in fields(Options)}):
        raise InputError(
            f"unknown option: {', '.join(unknown)}",
            f"one of {', '.join(f.name for f in fields(Options))}",
        )
    return Options(**{name: plain(value) for name, value in given.items()})


def plain(value: Any) -> Any:
    """Return a keyword's value as options hold it: a list as a tuple, a path as text."""
    if isinstance(value, PathLike):
        return fspath(value)
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Job:
    """One scene (a file, or several that hold its bands), one model, and where the results go.

    `classes` and `confidence` are GeoTIFF paths, `polygons` ends in one of VECTOR_SUFFIXES; at
    least one of `classes` and `polygons` is set. With a `region`, rows [top, bottom) and columns
    [left, right) of the scene as (top, left, bottom, right), only this is mapped: to the same bytes
    as with the whole scene. `layer` names the layer of polygons, which may be added to a GeoPackage
    that exists.
    """

    scene: tuple[str, ...]
    model: str = "auto"
    classes: str | None = None
    polygons: str | None = None
    confidence: str | None = None
    options: Options = field(default_factory=Options)
    region: tuple[int, ...] | None = None
    layer: str | None = None

    def __post_init__(self) -> None:
        _check_types(self)
        if not self.scene:
            raise InputError("no scene was given", "the path of a raster, or of its bands")
        if not (self.classes or self.polygons):
            raise InputError("no output was given", "--out with a name that ends in .gpkg or .tif")
        if self.region is not None:
            _check_region(self.region)
        if self.polygons:
            check_layers(self.options.layers, self.polygons, self.layer)
        paths = [path for path in self.outputs if path]
        if len({Path(path).resolve() for path in paths}) < len(paths):
            raise InputError(f"the same file is named for two outputs: {', '.join(paths)}")
        scene = {abspath(path) for path in self.scene}  # noqa: PTH100 - resolve() refuses some of GDAL's names
        if lost := scene & {abspath(path) for path in paths}:  # noqa: PTH100
            raise InputError(f"{lost.pop()} is the scene itself", "another name for the output")

    @property
    def outputs(self) -> tuple[str, ...]:
        """Paths of everything the job writes, polygons first."""
        return tuple(path for path in (self.polygons, self.classes, self.confidence) if path)


def split_layer(text: str) -> tuple[str, str | None]:
    """Return path and layer of FILE|layername=NAME, as GIS programs write it; without a layer's
    name, None.
    """
    path, found, layer = text.partition(LAYER)
    return path, layer if found else None


def check_layers(layers: str, path: str, layer: str | None = None) -> None:
    """Raise InputError where a file of polygons cannot hold the layers, or not under the name
    that is given.
    """
    if layer is not None:
        given = f"{path}{LAYER}{layer}"
        if Path(path).suffix.lower() != ".gpkg":
            raise InputError(given, "a layer's name with .gpkg only: other formats hold one layer")
        if layers == "class":
            raise InputError(
                f"{given} with --layers class", "one of the two: layers of classes have their names"
            )
        if not layer.strip() or layer.casefold().startswith(RESERVED):
            raise InputError(given, f"a name that does not begin with {', '.join(RESERVED)}")
    if layers == "class" and Path(path).suffix.lower() != ".gpkg":
        raise InputError(
            f"--layers class with {path}",
            "a name that ends in .gpkg: other formats hold one layer",
            "write a GeoPackage, or one file for each class with vectorize --classes",
        )


def plan(
    scene: tuple[str, ...],
    out: str,
    *,
    model: str,
    raster: str | None,
    confidence: str | None,
    options: Options,
) -> Job:
    """Return the job that --out asks for: its suffix decides between polygons and class raster."""
    out, layer = split_layer(out)
    suffix = Path(out).suffix.lower()
    for name, path in (("--raster", raster), ("--confidence", confidence)):
        if path and Path(path).suffix.lower() not in RASTER_SUFFIXES:
            raise InputError(
                f"{name} {path}", f"a name that ends in {' or '.join(RASTER_SUFFIXES)}"
            )
    if suffix in VECTOR_SUFFIXES:
        return Job(scene, model, raster, out, confidence, options, layer=layer)
    if suffix in RASTER_SUFFIXES:
        if layer is not None:
            check_layers(options.layers, out, layer)
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
    return json.dumps(asdict(job))


def from_json(text: str) -> Job:
    """Return the job that to_json wrote; InputError on anything else."""
    try:
        data = _known(json.loads(text), Job)
        options = _known(data.pop("options", {}), Options)
    except (json.JSONDecodeError, TypeError, ValueError) as error:
        raise InputError(f"this is not a geoseg job: {error}") from error
    return Job(
        **_tuples(data, "scene", "region"), options=Options(**_tuples(options, "bands", "zonal"))
    )


def _known(data: object, kind: type[Job] | type[Options]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise TypeError(f"{kind.__name__} is {type(data).__name__}, not an object")
    unknown = set(data) - {f.name for f in fields(kind)}
    if unknown:
        raise ValueError(f"unknown {', '.join(sorted(unknown))} in {kind.__name__}")
    if kind is Job and "scene" not in data:
        raise ValueError("it names no scene")
    return data


def _tuples(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """JSON knows no tuples."""
    return {
        key: tuple(value) if key in names and isinstance(value, list) else value
        for key, value in data.items()
    }


def _check_types(item: Job | Options) -> None:
    """Raise InputError where a field is not of its type: they come from JSON and from keywords
    as well.
    """
    for name, hint in get_type_hints(type(item)).items():
        value = getattr(item, name)
        if not _fits(value, hint):
            raise InputError(
                f"{_option(name)} {value!r} is {type(value).__name__}",
                getattr(hint, "__name__", str(hint)),
            )


def _fits(value: object, hint: Any) -> bool:
    if isinstance(hint, UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_fits(part, get_args(hint)[0]) for part in value)
    if hint in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, int | float if hint is float else hint)


def _check_range(name: str, value: float | None, least: float, expected: str, most: float) -> None:
    if value is not None and not least <= value <= most:  # NaN compares as False
        raise InputError(f"{_option(name)} {value}", expected)


def _check_region(region: tuple[int, ...]) -> None:
    top, left, bottom, right = region if len(region) == 4 else (0, 0, 0, 0)
    if not (0 <= top < bottom and 0 <= left < right):
        raise InputError(f"region {region}", "top, left, bottom, right in pixels of the scene")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{_option(name)} {value}", " or ".join(choices))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
