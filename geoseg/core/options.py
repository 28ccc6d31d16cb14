"""The options of a run, each written once: its default, limits and words serve every door.

A field's `Option` says what the command line shows, what values are taken, and what an error
names. The command line (`cli/parameters.py`), Python (`Options.of`), batches and the plugin for
QGIS (`geoseg options --json`) read them here.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from os import PathLike, fspath
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from .errors import InputError

POLICIES = ("blend", "crop")
COMPRESSIONS = ("zstd", "deflate")
ENGINES = ("auto", "torch", "torch.compile", "openvino", "onnxruntime")
PRECISIONS = ("fp32", "auto", "bf16", "fp16", "int8")
TURNS = ("none", "flips", "d4")
CONNECTIVITIES = (4, 8)
LAYERS = ("one", "class")
MASKS = ("clouds", "shadows", "snow", "nodata")  # what products tell of their pixels
GRIDS = ("model", "scene")
TASKS = ("auto", "semantic", "instances", "panoptic")
SCORES_TYPES = ("percent", "float16")
MOSAICS = ("first", "newest", "least-cloudy")
MOST_ROUNDS = 5  # of smoothing: 32 points a vertex, 1/1024 of a pixel
MOST_WINDOW = 255  # pixels: the side of the majority filter
MOST_TILE = 1 << 16  # pixels of a tile's side: more than any device holds
MOST_TILES = 1 << 16  # at a time
SIZES = ("model", "native")  # of pixels, in words
LEAST_GSD = 1e-3  # metres
MOST_GSD = 1e5
MOST_BANDS = 1 << 16  # of a scene: GDAL reads no more
MOST_THREADS = 1024
MOST_VALUE = 1e12  # of factors and offsets: beyond it float32 has no use for them
LEAST_MEMORY = 10**8  # bytes: less than any program of this kind starts in
MOST_MEMORY = 10**15
UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SIZE = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([kmgt]i?b?|b)?\s*", re.IGNORECASE)
EARTH_AREA = 5.2e14  # square metres, a little more than there are
EARTH_GIRTH = 4.1e7  # metres
SQUARE = (
    "give the polygons right angles, along the main direction of each. They then may leave gaps "
    "or overlap others by about a pixel; all other polygons keep their common borders."
)


@dataclass(frozen=True, slots=True)
class Option:
    """What is said of an option: the words of its help, and which values it takes."""

    help: str
    """Its help on the command line, a sentence."""
    metavar: str = ""
    """What stands for its value there; empty is the choices, or nothing for a switch."""
    unit: str = ""
    """Of what it is a number, such as pixels; empty where it is none."""
    least: float | None = None
    """The lowest number that is taken, of each where there are several; None is any."""
    most: float | None = None
    """The highest number that is taken; None is any."""
    off: float | None = None
    """A number outside the limits that switches the option off."""
    odd: bool = False
    """Whether only odd numbers are taken."""
    choices: tuple[str | int, ...] = ()
    """The values that are taken; empty where these are not few."""
    expected: str = ""
    """What an error says is expected; empty is the choices."""
    former: str = ""
    """The name that it had in the version before, which still works and warns."""

    def takes(self, value: Any) -> bool:
        """Return whether a value is one that the option takes.

        Parameters
        ----------
        value
            Of the option's type, or None, which is always taken.

        Returns
        -------
        bool
            False for a number outside the limits and for NaN, and where one of several numbers is.
        """
        if self.choices and isinstance(value, tuple):
            return bool(value) and all(part in self.choices for part in value)
        if self.choices:
            return value is None or value in self.choices
        if isinstance(value, str):  # words beside numbers are the group's to check
            return True
        if value is None or self.least is None or self.most is None or value == self.off:
            return True
        numbers = value if isinstance(value, tuple) else (value,)
        # NaN compares as False
        inside = all(self.least <= number <= self.most for number in numbers)
        return bool(numbers) and inside and not (self.odd and value % 2 == 0)


def option(default: Any, text: str, metavar: str = "", **more: Any) -> Any:
    """Return the field of an option.

    Parameters
    ----------
    default
        Its default.
    text
        Its help on the command line.
    metavar
        What stands for its value there.
    **more
        The other fields of `Option`.

    Returns
    -------
    Any
        A field of a dataclass, which has an `Option` in its metadata.
    """
    return field(default=default, metadata={"option": Option(text, metavar, **more)})


def same_option(kind: Any, name: str) -> Any:
    """Return the field of an option that another group has.

    Parameters
    ----------
    kind
        The other dataclass.
    name
        The option's name there.

    Returns
    -------
    Any
        A field with the same default, limits and words.
    """
    known = next(known for known in fields(kind) if known.name == name)
    return field(default=known.default, metadata=known.metadata)


@dataclass(frozen=True, slots=True)
class Tiles:
    """How a scene is cut into the tiles that go through the network."""

    tile: int | None = option(
        None,
        "The side of a tile; default: fitted to model and scene.",
        "PX",
        unit="pixels",
        least=1,
        most=MOST_TILE,
        expected=f"a number of pixels from 1 to {MOST_TILE}",
    )
    """Side in pixels; None is fitted to model and scene."""
    max_tile: int | None = option(
        None,
        "Without --tile: the largest tile that is chosen; default: by --max-memory.",
        "PX",
        unit="pixels",
        least=1,
        most=MOST_TILE,
        expected=f"a number of pixels from 1 to {MOST_TILE}",
        former="largest",
    )
    """The largest side in pixels that is chosen where no tile is given; None is by
    `compute.max_memory`."""
    overlap: int | None = option(
        None,
        "Overlap of the tiles; default: the model's.",
        "PX",
        unit="pixels",
        least=0,
        most=MOST_TILE,
        expected=f"a number of pixels from 0 to {MOST_TILE}",
    )
    """Pixels that neighbouring tiles share; None is what the model's card says."""
    overlap_policy: str = option(
        "blend",
        "Where tiles overlap: the weighted mean, or the tile in whose middle a pixel lies.",
        choices=POLICIES,
        former="policy",
    )
    """What happens where tiles overlap: blend or crop."""
    batch: int | None = option(
        None,
        "Tiles at a time; default: by the device.",
        "N",
        unit="tiles",
        least=1,
        most=MOST_TILES,
        expected=f"a number of tiles from 1 to {MOST_TILES}",
    )
    """How many go through the network at a time; None is by the device."""

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a scene is read: which of its bands and pixels, and what its numbers mean."""

    bands: tuple[int, ...] | None = option(
        None,
        "The scene's bands, from 1, in the order of the model's.",
        "N,N,...",
        unit="bands",
        least=1,
        most=MOST_BANDS,
        expected=f"numbers from 1 to {MOST_BANDS}, such as 2,3,4",
    )
    """Numbers from 1 over all raster bands of the scene, in the order of the model's; None is
    found by their names."""
    scale: float | None = option(
        None,
        "Value = DN x S + O; default: the file's, else the model's.",
        "S",
        least=1 / MOST_VALUE,
        most=MOST_VALUE,
        expected=f"a factor from {1 / MOST_VALUE:g} to {MOST_VALUE:g}",
    )
    """Value = digital number * scale + offset; None is the file's, else the model's."""
    offset: float | None = option(
        None,
        "See --scale.",
        "O",
        least=-MOST_VALUE,
        most=MOST_VALUE,
        expected=f"a number within {MOST_VALUE:g} of 0",
    )
    """What is added to the scaled digital numbers; None is the file's, or 0 with a scale."""
    nodata: float | None = option(
        None,
        "The number of pixels without data; default: the file's.",
        "DN",
        least=-sys.float_info.max,
        most=sys.float_info.max,
        expected="a number",
    )
    """The digital number of pixels without data; None is what the file says."""
    mask: tuple[str, ...] = option(
        ("nodata",),
        "Leave out what the product's own mask names, such as clouds,shadows. What has no data is "
        "left out always.",
        ",".join(MASKS),
        choices=MASKS,
        expected=f"some of {', '.join(MASKS)}, with commas between them",
    )
    """What is left out of the map by the product's own mask: some of MASKS. Pixels without data
    always are."""
    mosaic: str | None = option(
        None,
        "Take the files, folders, lists or patterns for neighbours that are one scene, and this "
        "one of them where they overlap.",
        choices=MOSAICS,
    )
    """Which of neighbouring files is seen where they overlap: "first", "newest" or "least-cloudy";
    None takes the files for the bands of one scene."""
    granule: str | None = option(
        None,
        "Of a Sentinel-2 product of several granules (before December 2016), the one that is "
        "mapped: its name, or its tile such as 33TUL.",
        "NAME|TILE",
    )
    """The granule of a Sentinel-2 product of several, by its name or its tile; None takes a product
    of one."""
    gsd: str | float | None = option(
        None,
        "The size of the pixels that are mapped: the model's, the scene's own (native), or metres;"
        " default: the scene's own where the model knows such pixels (of this size, square, with "
        "north up), else the model's.",
        "model|native|METRES",
        unit="metres",
        least=LEAST_GSD,
        most=MOST_GSD,
        expected=f"model, native, or metres from {LEAST_GSD:g} to {MOST_GSD:g}",
    )
    """The size of the pixels that are mapped: "model", "native" or metres; None is the scene's own
    where the model knows such pixels (of this size, square, with north up), else the model's."""
    crs: str | None = option(
        None,
        "The projected CRS in which the scene is mapped; default: the scene's own, or the UTM "
        "zone of its middle where it is in degrees.",
        "EPSG:CODE|WKT",
    )
    """The projected CRS of the map, as PROJ names it; None is the scene's own, or a fitting one
    where its pixels are resampled."""
    aoi: str | None = option(
        None,
        "Map only this area: a vector file (or its FILE|layername=NAME) or WKT, in any CRS.",
        "FILE|WKT",
    )
    """The area to map, a vector file or WKT; None is the whole scene."""
    force: bool = option(
        False,
        "Go on where values or pixel size lie outside the model's, or pixels change by more than "
        "4 times.",
    )
    """Whether values or a pixel size outside the model's, or resampling by more than 4 times, are
    a warning, not an error."""
    strict: bool = option(
        False, "Refuse a scene that is unlike what the model knows, rather than warn of it."
    )
    """Whether a scene unlike what the model knows is an error, not a warning."""

    def __post_init__(self) -> None:
        if isinstance(self.gsd, str) and self.gsd not in SIZES:  # typed on a command line
            object.__setattr__(self, "gsd", _metres(self.gsd))
        check_fields(self)
        if self.granule is not None and self.mosaic is not None:
            raise InputError(
                "--granule and --mosaic", "one of them: a mosaic takes all granules of a product"
            )


@dataclass(frozen=True, slots=True)
class Compute:
    """What computes the map, and how precisely."""

    device: str = option("auto", "Where to compute.", "auto|cpu|cuda[:N]")
    """auto, cpu, cuda or cuda:1; auto is a GPU where there is one."""
    engine: str = option(
        "auto",
        "What computes; auto: OpenVINO on processors where it is installed, else PyTorch. "
        "torch.compile takes minutes before the first tile, and is checked like a reduced "
        "precision: for GPUs and many scenes.",
        choices=ENGINES,
    )
    """What computes; auto is the one that fits the device."""
    precision: str = option(
        "fp32",
        "fp32 gives the same classes on every machine; auto: the fastest that the device has. "
        "Less than fp32 is checked on the scene first. int8 pays on processors without bf16 alone.",
        choices=PRECISIONS,
    )
    """In what numbers; the classes of fp32 do not depend on the machine, auto is the fastest it
    has."""
    min_agreement: float = option(
        0.995,
        "Pixels of the check that must keep the class of fp32; below it, fp32 computes the map.",
        "SHARE",
        least=0,
        most=1,
        expected="a share of the pixels, 0 to 1",
    )
    """The share of pixels of a few windows, 0 to 1, to which less than fp32 must give the class of
    fp32."""
    tta: str = option(
        "none",
        "Test-time augmentation: each tile is seen several ways, and the scores are averaged: "
        "flips is 4 ways (as it is, mirrored, upside down, both) and takes 4 times as long, d4 "
        "is 8, with quarter turns.",
        choices=TURNS,
    )
    """In how many ways each tile is seen, whose scores are averaged: none (one), flips (4) or d4
    (8, with quarter turns); it takes so many times as long."""
    weights: tuple[float, ...] | None = option(
        None,
        "With several --model: the share of each in the mean of their scores; default: all alike.",
        "W,W,...",
        least=0,
        most=MOST_VALUE,
        expected=f"a number from 0 to {MOST_VALUE:g} for each model, such as 2,1",
    )
    """The share of each of several models in the mean of their scores; None is all alike."""
    read_threads: int = option(
        2,
        "How many threads read the scene.",
        "N",
        unit="threads",
        least=1,
        most=MOST_THREADS,
        expected=f"a number of threads from 1 to {MOST_THREADS}",
        former="readers",
    )
    """How many threads read the scene."""
    max_memory: str | int | None = option(
        None,
        "How much memory a run takes at most, on processors: it decides the tiles, how many are "
        "under way, and what is kept of the files; default: a quarter of what machine, container "
        "or job allow, at most 2 GB.",
        "600MB|2GB",
        unit="bytes",
        least=LEAST_MEMORY,
        most=MOST_MEMORY,
        expected="a size from 100MB to 1000TB, such as 600MB, 2GB or 1.5GiB",
    )
    """Bytes, or text such as 600MB or 2GB, that a run takes at most; None is a quarter of what
    machine, container or job allow, at most 2 GB."""

    def __post_init__(self) -> None:
        if isinstance(self.max_memory, str):
            object.__setattr__(self, "max_memory", bytes_of(self.max_memory))
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What is done to classes and borders before they are polygons, in the order of the steps."""

    majority: int = option(
        0,
        "First give each pixel the class most frequent in N x N pixels around it (odd).",
        "N",
        unit="pixels",
        least=3,
        most=MOST_WINDOW,
        off=0,
        odd=True,
        expected=f"an odd number of pixels from 3 to {MOST_WINDOW}",
    )
    """Side in pixels of the window of the majority filter, odd; 0 is no filter."""
    fill_holes: float = option(
        0.0,
        "Then give components below M2 that lie wholly within one other its class.",
        "M2",
        unit="square metres",
        least=0,
        most=EARTH_AREA,
        expected=f"square metres, 0 or more, at most the Earth's {EARTH_AREA:g}",
    )
    """Square metres: holes below them take the class around them."""
    fill_nodata: bool = option(False, "With --fill-holes: fill holes of nodata as well.")
    """Whether holes of nodata are filled as well."""
    min_area: float = option(
        0.0,
        "Then merge components below M2 into their largest neighbour, by true area "
        "(as GDAL's sieve).",
        "M2",
        unit="square metres",
        least=0,
        most=EARTH_AREA,
        expected=f"square metres, 0 or more, at most the Earth's {EARTH_AREA:g}",
    )
    """Square metres: connected components below them are merged into their largest neighbour."""
    simplify: float = option(
        0.0,
        "Simplify all borders at once, without gaps or overlaps (Visvalingam-Whyatt):"
        " drop vertices whose triangle is below M x M square metres, whatever the CRS.",
        "M",
        unit="metres",
        least=0,
        most=EARTH_GIRTH,
        expected=f"metres, 0 or more, at most {EARTH_GIRTH:g}",
    )
    """Metres, whatever the CRS: a vertex goes where its triangle has less than their square."""
    smooth: int = option(
        0,
        "Round all corners at once, without gaps or overlaps: N rounds of Chaikin's corner cutting,"
        f" at most {MOST_ROUNDS}. Points where three components meet, and corners "
        "along nodata, stay.",
        "N",
        unit="rounds",
        least=0,
        most=MOST_ROUNDS,
        expected=f"a number of rounds from 0 to {MOST_ROUNDS}",
    )
    """How many rounds of corner cutting round the borders."""
    connectivity: int = option(
        4,
        "With 8, components that touch at a corner are one, a multipolygon.",
        choices=CONNECTIVITIES,
        expected="4 or 8",
    )
    """4, or 8 where pixels that touch at a corner belong together."""

    def __post_init__(self) -> None:
        check_fields(self)
        if self.fill_nodata and not self.fill_holes:
            raise InputError(
                "--fill-nodata without --fill-holes",
                "both: the one says what, the other up to what area",
            )


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is written of a map, and how."""

    layers: str = option(
        "one",
        "In a GeoPackage: all polygons in one layer, or one layer for each class, with its style.",
        choices=LAYERS,
    )
    """one layer of polygons, or one for each class."""
    zonal: tuple[str | int, ...] | None = option(
        None,
        "Add the mean of these bands of the scene over each polygon, by name (B04) or number "
        "from 1: digital numbers as in the file, without --scale; coarser bands on the scene's "
        "grid.",
        "B,B,...",
    )
    """Names, or numbers from 1, of the scene's bands whose mean over each polygon becomes a
    column."""
    rename_classes: str | None = option(
        None,
        "Merge, name and colour classes, before a pixel takes that of the highest score: a JSON "
        'file such as {"forest": ["broadleaf", "conifer"]}, or of each {"classes": [...], '
        '"colour": "#228b22"}.',
        "FILE.json",
    )
    """How the model's classes are merged, named and coloured: the path of a JSON file, or JSON
    itself; None leaves them as they are."""
    calibration: str | None = option(
        None,
        "With --sets: what `geoseg calibrate` wrote for the model.",
        "FILE.json",
    )
    """What `geoseg calibrate` wrote for the model, from which sets of classes are made; None where
    none are."""
    task: str = option(
        "auto",
        "What the polygons are: components of classes (semantic), objects of the classes that are "
        "things (instances), or both (panoptic); by itself what the model's card says.",
        choices=TASKS,
    )
    """What the polygons are: components of classes ("semantic"), objects of the classes that are
    things ("instances"), these and the components of all other classes ("panoptic"), or what the
    card says ("auto")."""
    min_score: float = option(
        0.0,
        "Of objects, leave out those of a lower score: the mean confidence of their pixels.",
        "SHARE",
        least=0,
        most=1,
        expected="0 to 1",
    )
    """Objects whose mean confidence, 0 to 1, is lower are left out."""
    square: bool = option(False, f"Of the classes that the model marks as built: {SQUARE}")
    """Whether the polygons of the classes that the card marks as built get right angles."""
    on: str = option(
        "model",
        "Where the pixels were resampled: the map on the grid that the model saw, or back on the "
        "scene's own, each of whose pixels takes the class at its middle.",
        choices=GRIDS,
    )
    """On which grid a map of resampled pixels is written: that which the model saw ("model"), or
    the scene's own ("scene")."""
    threshold: str | float | None = option(
        None,
        "Map several classes at once, each where its score is at least this: a number for all, or "
        "one for each, such as 0.5,water=0.6. For models whose classes do not exclude each other.",
        "SHARE|CLASS=SHARE,...",
        least=0,
        most=1,
        expected="a number from 0 to 1, or one for each class, such as 0.5,water=0.6",
    )
    """From what score on each class is mapped, several at once where these do: a number, or one for
    each class by its name; None gives each pixel the one class of the highest score."""
    scores_type: str = option(
        "percent",
        "With --scores: whole percent (uint8), or fractions of half precision (float16), which "
        "are three digits.",
        choices=SCORES_TYPES,
    )
    """What the scores of --scores are written in: whole percent, or float16."""
    compress: str = option(
        "zstd",
        "How rasters are packed: zstd is fast, deflate is what old programs read.",
        choices=COMPRESSIONS,
    )
    """How the rasters that are written are packed."""
    overwrite: bool = option(False, "Replace outputs that exist; of a GeoPackage, the one layer.")
    """Whether outputs that exist are replaced; of a GeoPackage, the one layer."""

    def __post_init__(self) -> None:
        if isinstance(self.threshold, str):  # typed on a command line
            with suppress(ValueError):
                object.__setattr__(self, "threshold", float(self.threshold))
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Options:
    """How to run; every default of the product stands here.

    `Options.of(tile=512, device="cpu")` takes the options by their names alone, as the commands
    and the functions of Python do. None means: decided from card and scene.
    """

    tiles: Tiles = field(default_factory=Tiles)
    """How the scene is cut into tiles."""
    reading: Reading = field(default_factory=Reading)
    """How the scene is read."""
    compute: Compute = field(default_factory=Compute)
    """What computes, and how precisely."""
    cleaning: Cleaning = field(default_factory=Cleaning)
    """What is done to classes and borders."""
    outputs: Outputs = field(default_factory=Outputs)
    """What is written, and how."""

    @classmethod
    def of(cls, **given: Any) -> Options:
        """Return the options that keywords give, each by its name; lists are taken as tuples,
        paths as text.

        Parameters
        ----------
        **given
            The options of all groups. A name of the version before is taken with a
            DeprecationWarning.

        Returns
        -------
        Options
            With defaults for those that are not given.

        Raises
        ------
        InputError
            Where there is no option of that name, or it does not take the value.
        """
        return cls().but(**given)

    def but(self, **changes: Any) -> Options:
        """Return these options with some of them changed, by the names that `of` takes.

        Parameters
        ----------
        **changes
            The new values.

        Returns
        -------
        Options
            A copy.

        Raises
        ------
        InputError
            Where there is no option of that name, or it does not take the value.
        """
        found: dict[str, dict[str, Any]] = {}
        for name, value in renamed(changes).items():
            if name not in OPTIONS:
                unknown = ", ".join(sorted(set(changes) - OPTIONS.keys() - FORMER.keys()))
                raise InputError(f"unknown option: {unknown}", f"one of {', '.join(OPTIONS)}")
            found.setdefault(GROUP_OF[name], {})[name] = plain(value)
        groups = {group: replace(getattr(self, group), **told) for group, told in found.items()}
        return replace(self, **groups)

    def flat(self) -> dict[str, Any]:
        """Return all options by their names, as `of` takes them.

        Returns
        -------
        dict
            Name and value of each, in the order of the groups.
        """
        return {name: getattr(getattr(self, group), name) for name, group in GROUP_OF.items()}


def bytes_of(text: str) -> int:
    """Read a size of memory.

    Parameters
    ----------
    text
        A number and a unit, such as 600MB, 2 GB or 1.5GiB; a number alone is bytes.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    InputError
        If it is none.
    """
    found = _SIZE.fullmatch(text)
    if not found:
        raise InputError(
            f"--max-memory {text}", OPTIONS["max_memory"].metadata["option"].expected
        ) from None
    unit = (found[2] or "b").lower().removesuffix("b")
    units = {name.lower().removesuffix("b"): size for name, size in UNITS.items()}
    return int(float(found[1]) * units.get(unit, 1))


def _metres(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"--gsd {text}", OPTIONS["gsd"].metadata["option"].expected) from None


GROUPS: dict[str, Any] = {
    "tiles": Tiles,
    "reading": Reading,
    "compute": Compute,
    "cleaning": Cleaning,
    "outputs": Outputs,
}
OPTIONS: dict[str, Field[Any]] = {f.name: f for kind in GROUPS.values() for f in fields(kind)}
GROUP_OF = {f.name: group for group, kind in GROUPS.items() for f in fields(kind)}
FORMER = {
    f.metadata["option"].former: name for name, f in OPTIONS.items() if f.metadata["option"].former
}


def renamed(given: Mapping[str, Any], warn: bool = True) -> dict[str, Any]:
    """Return options under the names that they have now.

    Parameters
    ----------
    given
        Values by name.
    warn
        Whether a name of the version before is told of with a DeprecationWarning.

    Returns
    -------
    dict
        The same values; names that are none stay as they are.

    Raises
    ------
    InputError
        If an option is given under both of its names.
    """
    for name, now in FORMER.items():
        if name in given and now in given:
            raise InputError(
                f"{spoken(name)} beside {spoken(now)}", "one of them: they are the same option"
            )
    for name in FORMER.keys() & given.keys() if warn else ():
        warnings.warn(renaming_note(name), DeprecationWarning, stacklevel=_frames_inside())
    return {FORMER.get(name, name): value for name, value in given.items()}


def _frames_inside() -> int:
    """Return how far up the first caller outside this package is: there a warning points."""
    frame = sys._getframe(1)
    level = 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "geoseg":
        frame = frame.f_back
        level += 1
    return level


def renaming_note(name: str) -> str:
    """Return the warning for the name that an option had in the version before.

    Parameters
    ----------
    name
        The former name, as a keyword of Python.

    Returns
    -------
    str
        A sentence that names the new one.
    """
    now = spoken(FORMER[name])
    return f"{spoken(name)} is called {now} now, and is not understood by the next version"


def plain(value: Any) -> Any:
    """Return a keyword's value as options hold it.

    Parameters
    ----------
    value
        What a user of Python gave.

    Returns
    -------
    Any
        A list as a tuple, a path as text, all else as it is.
    """
    if isinstance(value, PathLike):
        return fspath(value)
    return tuple(value) if isinstance(value, list) else value


def spoken(name: str) -> str:
    """Return an option as the command line and all errors write it: min_area is --min-area.

    Parameters
    ----------
    name
        The field's name.

    Returns
    -------
    str
        The name with dashes.
    """
    return f"--{name.replace('_', '-')}"


def check_fields(item: Any) -> None:
    """Check each field of a dataclass by its type, and by its `Option` where it has one.

    The values come from JSON and from keywords as well, which no type checker has seen.

    Parameters
    ----------
    item
        An instance.

    Raises
    ------
    InputError
        Where one does not fit; it names the field as the command line does.
    """
    kind: Any = type(item)
    hints = hints_of(kind)
    for known in fields(item):
        name = known.name
        value = getattr(item, name)
        hint = hints[name]
        if not _fits(value, hint):
            raise InputError(
                f"{spoken(name)} {value!r} is {type(value).__name__}",
                getattr(hint, "__name__", str(hint)),
            )
        limits: Option | None = known.metadata.get("option")
        if limits and not limits.takes(value):
            dashed = spoken(name).removeprefix("--")
            text = ",".join(map(str, value)) if isinstance(value, tuple) else value
            expected = limits.expected or " or ".join(map(str, limits.choices))
            raise InputError(f"--{dashed} {text}", expected)


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    """Return the types of a dataclass's fields.

    Parameters
    ----------
    kind
        The dataclass.

    Returns
    -------
    dict
        The type of each field, by its name; strings are resolved.
    """
    return get_type_hints(kind)


def _fits(value: object, hint: Any) -> bool:
    if isinstance(hint, UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_fits(part, get_args(hint)[0]) for part in value)
    if hint in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, int | float if hint is float else hint)
