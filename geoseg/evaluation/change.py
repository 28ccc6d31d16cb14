"""What became what between two class rasters: pixels and areas of each transition, and a raster
of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ..core.arrays import Bytes, Floats
from ..core.card import NODATA
from ..core.errors import InputError
from ..core.events import Noted, Report, Warned, silent, watch
from ..core.grid import Grid, Patch, Window
from ..core.threads import prefetch
from ..features.labels import lies_on
from ..features.layers import is_vector
from ..raster.handles import gdal_env, open_dataset
from ..raster.legend import FileLegend, colour_apart
from ..raster.sink import create_raster
from ..vector.geodesic import PixelAreas
from .classes import MAP, TRUTH, Renames, Vocabulary
from .compare import read_windows
from .inputs import ComparedLayer, describe_layer
from .metrics import Matrix

BEFORE, AFTER = MAP, TRUTH  # the later map comes onto the grid of the earlier one
ARROW = " \N{RIGHTWARDS ARROW} "
PALE = 0.75  # of white in the colour of what did not change
TINGE = 0.25  # of the colour of what it was in that of what it became
Resample = Literal["nearest"]
Missing = Literal["error", "count", "ignore"]


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """How two maps are compared."""

    rename: tuple[str, ...] = ()
    """A=B: what either map calls A, by name or value, is the class B."""
    ignore: tuple[str, ...] = ()
    """Classes of either map, by name or value, that count as nodata."""
    missing: Missing = "error"
    """Classes that the other map's legend lacks: an error, counted, or left out as nodata."""
    resample: Resample | None = None
    """How the later map comes onto the grid of the earlier one; None is not at all."""
    before_band: int | None = None
    """The band, from 1, that holds the classes of a raster of several."""
    after_band: int | None = None
    """The same of the later map."""

    def __post_init__(self) -> None:
        if self.missing not in get_args(Missing):
            raise InputError(f"--missing {self.missing}", f"one of {', '.join(get_args(Missing))}")
        if self.resample not in (None, *get_args(Resample)):
            raise InputError(f"--resample {self.resample}", ", ".join(get_args(Resample)))


@dataclass(frozen=True, slots=True)
class Transition:
    """What became what, and how much of it."""

    before: str
    """The class in the earlier map."""
    after: str
    """The class in the later map; the same where nothing changed."""
    pixels: int
    """How many."""
    area: float
    """Of these: square metres on the ellipsoid, pixels where the map has no CRS."""
    colour: str
    """As ``#rrggbb``."""

    @property
    def changed(self) -> bool:
        """Whether it is another class."""
        return self.before != self.after

    @property
    def name(self) -> str:
        """What its class is called in the raster of transitions."""
        return f"{self.before}{ARROW}{self.after}" if self.changed else self.before


@dataclass(frozen=True, slots=True)
class Change:
    """What became what between two maps."""

    before: str
    """The earlier map's file."""
    after: str
    """The later map's file."""
    names: tuple[str, ...]
    """Of the classes that either of the two holds where both know."""
    transitions: tuple[Transition, ...]
    """Those that occur, in the order of the names before and after; each has its place here as
    its value in the raster of transitions."""
    metric: bool
    """Whether areas are square metres."""
    unknown_before: int
    """Pixels that only the later map knows; they do not count."""
    unknown_after: int
    """Pixels that only the earlier map knows; they do not count."""
    notes: tuple[str, ...] = ()
    """How they were compared, a sentence each."""

    @property
    def area(self) -> float:
        """Of all pixels that both know."""
        return sum(one.area for one in self.transitions)

    @property
    def changed(self) -> float:
        """Area of what changed."""
        return sum(one.area for one in self.transitions if one.changed)

    @property
    def legend(self) -> FileLegend:
        """Names and colours of the raster of transitions."""
        names = {value: one.name for value, one in enumerate(self.transitions)}
        colours = {value: one.colour for value, one in enumerate(self.transitions)}
        return FileLegend("change", names, colours)

    @property
    def columns(self) -> Mapping[str, Mapping[int, str]]:
        """The columns `before` and `after` of polygons, by the value of the transition."""
        found = list(enumerate(self.transitions))
        return {
            "before": {value: one.before for value, one in found},
            "after": {value: one.after for value, one in found},
        }

    def matrix(self) -> Matrix:
        """Return the pixels of each transition.

        Returns
        -------
        Matrix
            [class before, class after], in the order of `names`.
        """
        place = {name: i for i, name in enumerate(self.names)}
        found = np.zeros((len(place), len(place)), np.int64)
        for one in self.transitions:
            found[place[one.before], place[one.after]] = one.pixels
        return found

    def areas(self) -> Floats:
        """Return the area of each transition.

        Returns
        -------
        Floats
            [class before, class after], in the order of `names`, in square metres or pixels.
        """
        place = {name: i for i, name in enumerate(self.names)}
        found = np.zeros((len(place), len(place)))
        for one in self.transitions:
            found[place[one.before], place[one.after]] = one.area
        return found


class TwoMaps:
    """Two class rasters on one grid, and the classes that they are compared in.

    Parameters
    ----------
    before, after
        Their files.
    settings
        How they are compared.
    report
        Told how far it is, where the values of a raster have to be looked for.

    Raises
    ------
    InputError
        If one of them is no class raster, or their grids or classes do not go together.
    """

    def __init__(
        self, before: str, after: str, settings: ChangeSettings, report: Report = silent
    ) -> None:
        bands = settings.before_band, settings.after_band
        self.layers = tuple(
            _describe(path, option, band, report)
            for path, option, band in zip(
                (before, after), ("--before", "--after"), bands, strict=True
            )
        )
        self.grid = _common_grid(self.layers[BEFORE], self.layers[AFTER], settings.resample)
        legends = self.layers[BEFORE].legend, self.layers[AFTER].legend
        self.words = Vocabulary(legends, _renames(settings, self.layers))
        self.named = all(legend.names for legend in legends)
        self.settings = settings
        self.left_out = frozenset(self._lacking()) if settings.missing == "ignore" else frozenset()
        if settings.missing == "error" and (lost := self._lacking()):
            raise InputError(
                f"the legends of {before} and {after} differ: only one of them has "
                f"{', '.join(self.words.names[i] for i in lost)}",
                "two maps of the same classes, or what was never told apart counts as change",
                "say which class is which with --rename A=B, leave some out with --ignore A, or "
                "all of these with --missing ignore; --missing count takes them as they are",
            )

    def _lacking(self) -> list[int]:
        """Return the classes of one legend that the other lacks; none where a file tells no
        names.
        """
        known = self.words.known
        return sorted(known[BEFORE] ^ known[AFTER]) if self.named else []

    def read(self, report: Report) -> Iterator[tuple[Window, Bytes, Bytes]]:
        """Read both, window by window from top to bottom.

        Parameters
        ----------
        report
            Told how far it is.

        Yields
        ------
        tuple[Window, Bytes, Bytes]
            Where it is, and the places of the classes before and after among `words.names`, uint8
            [row, column], NODATA where unknown.

        Raises
        ------
        RunError
            If a file is damaged.
        """
        table = np.arange(NODATA + 1, dtype=np.uint8)
        table[list(self.left_out)] = NODATA
        with ExitStack() as stack:
            files = [layer.open(self.grid) for layer in self.layers]
            for file in files:
                stack.callback(file.close)

            def read(window: Window) -> tuple[Window, list[Bytes]]:
                return window, [file.read(window) for file in files]

            windows = list(read_windows(self.grid))
            parts = stack.enter_context(closing(prefetch(read, windows, threads=1, depth=2)))
            for window, found in watch(
                parts, lambda part: part[0].area, self.grid.extent.area, report, "compare"
            ):
                codes = [self.words.encode(side, found[side]) for side in (BEFORE, AFTER)]
                yield window, table[codes[BEFORE]], table[codes[AFTER]]


def measure_change(maps: TwoMaps, report: Report = silent) -> Change:
    """Count what became what.

    Parameters
    ----------
    maps
        The two.
    report
        Told how far it is, and how they are compared.

    Returns
    -------
    Change
        Of all pixels that both know.

    Raises
    ------
    InputError
        If there is no such pixel, the two have no class in common, or there are more transitions
        than a byte tells apart.
    RunError
        If a file is damaged.
    """
    ground = PixelAreas(maps.grid)
    side = NODATA + 1
    pixels = np.zeros(side * side, np.int64)
    areas = np.zeros(side * side)
    for window, before, after in maps.read(report):
        codes = before.astype(np.int64) * side + after
        pixels += np.bincount(codes.ravel(), minlength=side * side)
        _add_areas(areas, codes, ground, window)
    counted = pixels.reshape(side, side)
    known = counted[:NODATA, :NODATA]
    measured = areas.reshape(side, side) if ground.metric else counted.astype(np.float64)
    _check_some(maps, known)
    here = np.flatnonzero(known.sum(axis=0) + known.sum(axis=1))
    names = maps.words.names
    colours = [
        maps.words.colours[i] or colour_apart(i) if i in here else "" for i in range(len(names))
    ]
    found = [
        Transition(
            names[one],
            names[other],
            int(known[one, other]),
            float(measured[one, other]),
            _colour(colours[one], colours[other], changed=one != other),
        )
        for one, other in np.argwhere(known).tolist()
    ]
    notes = _notes(maps, [int(i) for i in here])
    for note in notes:
        report(note)
    return Change(
        maps.layers[BEFORE].path,
        maps.layers[AFTER].path,
        tuple(names[i] for i in here),
        tuple(found),
        ground.metric,
        int(counted[NODATA, :NODATA].sum()),
        int(counted[:NODATA, NODATA].sum()),
        tuple(note.text for note in notes),
    )


def write_change(
    maps: TwoMaps,
    change: Change,
    path: str,
    tags: Mapping[str, str],
    overwrite: bool = False,
    report: Report = silent,
) -> None:
    """Write the raster of transitions: a class raster like any other, with names and colours.

    Parameters
    ----------
    maps
        The two.
    change
        What was counted of these.
    path
        Of a GeoTIFF, which appears when it is whole.
    tags
        What the file says about how it was made.
    overwrite
        Whether a file there may be replaced.
    report
        Told how far it is.

    Raises
    ------
    InputError
        If there are more transitions than a byte tells apart.
    OutputError
        If the file exists and may not be replaced, or cannot be made.
    RunError
        If it cannot be written, or a map is damaged or changed meanwhile.
    """
    check_many(change)
    side = NODATA + 1
    place = {name: i for i, name in enumerate(maps.words.names)}
    table = np.full((side, side), NODATA, np.uint8)
    for value, one in enumerate(change.transitions):
        table[place[one.before], place[one.after]] = value
    with create_raster(path, maps.grid, maps.grid.extent, change.legend, tags, overwrite) as raster:
        for window, before, after in maps.read(report):
            raster.write(Patch(window, table[before, after][None]))


def check_many(change: Change) -> None:
    """Refuse more transitions than a class raster has values.

    Parameters
    ----------
    change
        What was counted.

    Raises
    ------
    InputError
        If there are.
    """
    if len(change.transitions) > NODATA:
        raise InputError(
            f"{len(change.transitions)} transitions occur",
            f"at most {NODATA} in a raster or polygons",
            "join classes with --rename A=B, or leave some out with --ignore A; without --out "
            "all of them are counted",
        )


def _describe(path: str, option: str, band: int | None, report: Report) -> ComparedLayer:
    if is_vector(path):
        raise InputError(
            f"{path} is vector data",
            "a class raster",
            "burn its classes with gdal_rasterize, onto the grid of the other map",
        )
    return describe_layer(path, {}, option=option, band=band, report=report)


def _common_grid(before: ComparedLayer, after: ComparedLayer, resample: Resample | None) -> Grid:
    """Return the earlier map's grid; InputError where the later map has another and nobody said
    how it comes there.
    """
    one, other = before.grid, after.grid
    assert one is not None
    assert other is not None
    if (one.crs is None) != (other.crs is None):
        lost = before.path if one.crs is None else after.path
        raise InputError(
            f"{lost} has no CRS, and the other map has one",
            "two maps that say where they are",
            "where it is known, give it: gdal_edit.py -a_srs",
        )
    if one.crs is None and one != other:
        raise InputError(
            f"{after.path} has another size or place than {before.path}, and neither has a CRS",
            "maps of the same pixels, or of the same Earth",
        )
    with gdal_env(), closing(open_dataset(after.path)) as dataset:
        same = lies_on(dataset, one)
    if same or resample:
        return one
    raise InputError(
        f"{after.path} lies on another grid ({_told(other)}) than {before.path} ({_told(one)})",
        "two maps of the same pixels, or what is moved by a part of a pixel counts as change along "
        "every border",
        "map both scenes on one grid, or let the later map be brought onto the earlier one's: "
        "--resample nearest",
    )


def _told(grid: Grid) -> str:
    from ..raster.relate import call, read_crs

    a, b, c, d, e, f = grid.transform
    crs = call(read_crs(grid.crs, "it")) if grid.crs else "no CRS"
    size = f"{np.hypot(a, d):g} x {np.hypot(b, e):g}"
    return f"{grid.width} x {grid.height} pixels of {size} from {c:.12g}, {f:.12g} in {crs}"


def _renames(settings: ChangeSettings, layers: Sequence[ComparedLayer]) -> Renames:
    """Return what is said of the classes' names, for both maps; InputError where a value means two
    different things, or a name means nothing: what it was to join or leave out would be change.
    """
    found: dict[str, str | None] = {}
    for pair in settings.rename:
        old, equals, new = pair.partition("=")
        if not (old.strip() and equals and new.strip()):
            raise InputError(
                f"--rename {pair}", "A=B: what a map calls A, by name or value, is the class B"
            )
        found[old.strip().casefold()] = new.strip()
    found |= {name.strip().casefold(): None for name in settings.ignore}
    called = {name.casefold(): name for layer in layers for name in layer.legend.names.values()}
    for key in found:
        if key not in called and not key.lstrip("-").isdecimal():
            known = ", ".join(called.values())
            raise InputError(
                f"neither map has a class called {key!r}",
                f"one of {known}, or a value" if known else "a value, for the maps tell no names",
            )
        if key.lstrip("-").isdecimal():
            meant = [layer.legend.name_of(int(key)) for layer in layers]
            if all(meant) and len(set(meant)) > 1:
                raise InputError(
                    f"the value {key} is {meant[BEFORE]} in {layers[BEFORE].path} and "
                    f"{meant[AFTER]} in {layers[AFTER].path}",
                    "classes by their names in --rename and --ignore",
                )
    return Renames(found, found)


def _add_areas(
    areas: Floats, codes: npt.NDArray[np.int64], ground: PixelAreas, window: Window
) -> None:
    if not ground.metric:
        return
    columns = slice(window.left, window.right)
    for row, line in enumerate(codes, window.top):
        found, inverse = np.unique(line, return_inverse=True)
        areas[found] += np.bincount(inverse, ground.cells(row)[columns], len(found))


def _check_some(maps: TwoMaps, known: Matrix) -> None:
    before, after = (layer.path for layer in maps.layers)
    if not known.any():
        raise InputError(
            f"no pixel has a class in both {before} and {after}",
            "two maps of the same ground",
            "look at both in QGIS",
        )
    if not maps.words.known[BEFORE] & maps.words.known[AFTER]:
        raise InputError(
            f"{before} and {after} have no class in common: {', '.join(maps.words.names)}",
            "two maps of the same classes",
            "say which class is which with --rename A=B",
        )


def _notes(maps: TwoMaps, here: Sequence[int]) -> list[Noted | Warned]:
    """Return how the two were compared; what may pass for change and is none is a warning."""
    found: list[Noted | Warned] = [
        Noted(
            "classes matched by name" if maps.named else "classes matched by value: not all named"
        )
    ]
    if note := maps.layers[AFTER].note(maps.grid):
        found.append(Noted(note))
    known = maps.words.known
    lost = [i for i in here if (i in known[BEFORE]) != (i in known[AFTER])]
    if maps.left_out:
        names = ", ".join(maps.words.names[i] for i in sorted(maps.left_out))
        found.append(Noted(f"left out, as one legend lacks them: {names}"))
    elif lost and maps.named:
        names = ", ".join(maps.words.names[i] for i in lost)
        found.append(
            Warned(f"only one of the legends has {names}: what goes from or to these may be none")
        )
    return found


def _colour(before: str, after: str, changed: bool) -> str:
    """Return the colour of what it became with a tinge of what it was; pale where it stayed."""
    one, other = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (before, after))
    mixed = other * (1 - TINGE) + one * TINGE if changed else one * (1 - PALE) + 255 * PALE
    return "#" + "".join(f"{int(part):02x}" for part in np.round(mixed))
