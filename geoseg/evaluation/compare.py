"""Map against truth, window by window: a confusion matrix, borders, and what the confidence is
worth.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from ..core.card import NODATA
from ..core.errors import InputError
from ..core.events import Noted, Report, Warned, silent, watch
from ..core.grid import Grid, Window
from ..core.threads import prefetch
from ..features.labels import Labels, open_labels
from ..raster.georeference import ground_size
from .boundary import Boundaries
from .classes import MAP, MOST, TRUTH, Indices, Renames, Vocabulary
from .inputs import PERCENT, ComparedLayer, common_grid, describe_layer, points_of
from .metrics import Confusion, Matrix
from .reliability import Reliability

# of a window: as high as the blocks of most rasters; memory is that of a few windows
ROWS = 512
COLUMNS = 4096
LEAST_PIXEL = 1e-3  # metres of the grid for two vector files
MOST_PIXEL = 1e6
FARTHEST = 100  # pixels of a tolerance: borders that far apart are no longer the same
Missing = Literal["error", "count", "ignore"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How map and truth are compared."""

    map_column: str = ""
    """The column of classes, where the map is vector data; empty for the one that is found."""
    truth_column: str = ""
    """The same of the truth."""
    renames: Renames = field(default_factory=Renames)
    """Which class of one is which of the other, where names and values do not tell."""
    missing: Missing = "error"
    """Classes of the truth that the map does not know: an error, counted as wrong, or ignored as
    unlabelled.
    """
    tolerance: str = "2px"
    """How far apart borders may lie and still agree: such as 2px or 15m, or off."""
    pixel: float | None = None
    """Metres of the grid for two vector files; None where one is a raster."""
    map_layer: str = ""
    """The layer of a vector file that has several; empty for the only one."""
    truth_layer: str = ""
    """The same of the truth."""
    map_band: int | None = None
    """The band, from 1, that holds the classes of a raster of several; None for the only one."""
    truth_band: int | None = None
    """The same of the truth."""

    def __post_init__(self) -> None:
        if self.missing not in get_args(Missing):
            raise InputError(f"--missing {self.missing}", f"one of {', '.join(get_args(Missing))}")
        if self.pixel is not None and not LEAST_PIXEL <= self.pixel <= MOST_PIXEL:
            raise InputError(
                f"--pixel {self.pixel}", f"metres, from {LEAST_PIXEL:g} to {MOST_PIXEL:g}"
            )
        parse_tolerance(self.tolerance)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well one map agrees with the truth."""

    mapped: str
    """The map's file."""
    truth: str
    """The truth's file."""
    names: tuple[str, ...]
    """Of the classes that either of the two holds."""
    colours: tuple[str, ...]
    """Of each class, as ``#rrggbb``; empty where neither file tells one."""
    matrix: Matrix
    """Counts [true class, mapped class] of `names`, in `unit`."""
    unlabelled: int
    """How many have a class on the map only; they do not count."""
    unmapped: int
    """How many have a class in the truth only; they do not count."""
    unit: str = "pixels"
    """What is counted: pixels, or points."""
    boundaries: Boundaries | None = None
    """How well borders agree; None where that was not asked for, or the truth is of points."""
    reliability: Reliability | None = None
    """What the confidence is worth; None without a confidence raster."""
    notes: tuple[str, ...] = ()
    """How it was compared, a sentence each."""


def parse_tolerance(text: str) -> tuple[float, str]:
    """Return what a tolerance says.

    Parameters
    ----------
    text
        As of `Settings.tolerance`.

    Returns
    -------
    tuple[float, str]
        Number and unit, px or m; 0 and off for ``off``.

    Raises
    ------
    InputError
        If it is no tolerance.
    """
    if text == "off":
        return 0.0, "off"
    for unit in ("px", "m"):
        number = text.removesuffix(unit)
        if text.endswith(unit) and number.replace(".", "", 1).isdecimal():
            return float(number), unit
    raise InputError(f"--boundary {text}", "a distance such as 2px or 15m, or off")


def evaluate(
    mapped: str,
    truth: str,
    settings: Settings | None = None,
    confidence: str | None = None,
    report: Report = silent,
) -> Evaluation:
    """Compare a map with the truth, each a raster or vector data in any CRS.

    The truth comes onto the map's grid; the map onto the truth's where only that is a raster.

    Parameters
    ----------
    mapped
        The map's file.
    truth
        The truth's file; vector data may be of points.
    settings
        How; None for the defaults.
    confidence
        The map's confidence raster, in percent; None for none.
    report
        Called with each event.

    Returns
    -------
    Evaluation
        Of all pixels, or points, that both know.

    Raises
    ------
    InputError
        If the two share no ground, no class, or no labelled pixel.
    """
    settings = settings or Settings()
    layers = (
        describe_layer(
            mapped,
            settings.renames.mapped,
            settings.map_column,
            settings.map_layer,
            "--map",
            settings.map_band,
            report,
        ),
        describe_truth(truth, settings, report),
    )
    if layers[MAP].points:
        raise InputError(
            f"the map {mapped} is of points",
            "a raster or polygons",
            "give the map first, then the truth",
        )
    grid = common_grid(layers[MAP], layers[TRUTH], settings.pixel)
    words = Vocabulary((layers[MAP].legend, layers[TRUTH].legend), settings.renames)
    notes = [note for layer in layers if (note := layer.note(grid))] + [words.note()]
    compared = _Comparison(layers, grid, words, settings, confidence)
    if layers[TRUTH].points:
        notes += compared.points()
    else:
        compared.areas(report)
    notes += compared.warnings
    found = _finish(compared, settings, notes)
    for note in found.notes:
        report(Warned(note) if note in compared.warnings else Noted(note))
    return found


def describe_truth(truth: str, settings: Settings, report: Report = silent) -> ComparedLayer:
    """Return what a file of truth holds.

    Parameters
    ----------
    truth
        The file.
    settings
        Which column, layer and band of it.
    report
        Called with each event.

    Returns
    -------
    ComparedLayer
        Not yet opened.
    """
    return describe_layer(
        truth,
        settings.renames.truth,
        settings.truth_column,
        settings.truth_layer,
        band=settings.truth_band,
        report=report,
    )


class _Comparison:
    """What is counted while map and truth are read."""

    def __init__(
        self,
        layers: tuple[ComparedLayer, ComparedLayer],
        grid: Grid,
        words: Vocabulary,
        settings: Settings,
        confidence: str | None,
    ) -> None:
        self.layers = layers
        self.grid = grid
        self.words = words
        self.confusion = Confusion.of(MOST)
        self.unlabelled = self.unmapped = 0
        self.conflicts = [0, 0]  # by side: pixels on which features of different classes lie
        self.reliability = Reliability.empty() if confidence else None
        self._confidence = confidence
        reach = _reach(settings.tolerance, grid)
        self.boundaries = (
            None if reach is None or layers[TRUTH].points else Boundaries.of(MOST, reach)
        )

    def areas(self, report: Report) -> None:
        """Count every pixel of the grid.

        Parameters
        ----------
        report
            Told how far it is.
        """
        halo = self.boundaries.halo if self.boundaries else 0
        with ExitStack() as stack:
            files = self._open(stack, self.layers)

            def read(window: Window) -> tuple[Window, Window, list[Indices]]:
                wide = Window(
                    window.top - halo, window.left - halo, window.bottom + halo, window.right + halo
                )
                wide = wide.clip(self.grid.extent)
                data = []
                for side, file in enumerate(files):
                    data.append(file.read(wide))
                    if side < len(self.layers):
                        self.conflicts[side] += int(file.conflicts(wide)[window.within(wide)].sum())
                return window, wide, data

            windows = list(read_windows(self.grid))
            parts = stack.enter_context(closing(prefetch(read, windows, threads=1, depth=2)))
            for window, wide, data in watch(
                parts, lambda part: part[0].area, self.grid.extent.area, report, "compare"
            ):
                self._add(data, window.within(wide))

    @property
    def warnings(self) -> list[str]:
        """What must not be overlooked: features that contradict one another."""
        return [
            f"{Path(layer.path).name}: features of different classes overlap on {pixels:,} pixels;"
            " there, the later feature in the file counts"
            for layer, pixels in zip(self.layers, self.conflicts, strict=True)
            if pixels
        ]

    def _open(self, stack: ExitStack, layers: tuple[ComparedLayer, ...]) -> list[Labels]:
        files: list[Labels] = [layer.open(self.grid) for layer in layers]
        if self._confidence:
            files.append(open_labels(self._confidence, self.grid, PERCENT))
        for file in files:
            stack.callback(file.close)
        return files

    def _add(self, data: list[Indices], inner: tuple[slice, slice]) -> None:
        mapped = self.words.encode(MAP, data[MAP])
        truth = self.words.encode(TRUTH, data[TRUTH])
        if self.boundaries:
            self.boundaries.add(truth, mapped, inner)
        self._count(truth[inner], mapped[inner], data[2][inner] if self.reliability else None)

    def _count(self, truth: Indices, mapped: Indices, percent: Indices | None) -> None:
        self.confusion.add(truth, mapped)
        self.unlabelled += int(((truth == NODATA) & (mapped != NODATA)).sum())
        self.unmapped += int(((truth != NODATA) & (mapped == NODATA)).sum())
        if self.reliability and percent is not None:
            known = (truth != NODATA) & (mapped != NODATA)
            self.reliability.add(percent[known], (truth == mapped)[known])

    def points(self) -> list[str]:
        """Count the pixel of every point.

        Returns
        -------
        list of str
            What is to be said of them.
        """
        places, codes, outside = points_of(self.layers[TRUTH], self.grid)
        if not len(codes):
            raise InputError(
                f"no point of {self.layers[TRUTH].path} with a class lies on the map",
                "points that the map covers, with their class",
            )
        truth = self.words.encode(TRUTH, codes)
        with ExitStack() as stack:
            files = self._open(stack, self.layers[:1])
            for window in read_windows(self.grid):
                rows = places[0] - window.top
                columns = places[1] - window.left
                here = (
                    (rows >= 0)
                    & (rows < window.shape[0])
                    & (columns >= 0)
                    & (columns < window.shape[1])
                )
                if here.any():
                    data = [file.read(window)[rows[here], columns[here]] for file in files]
                    self._count(
                        truth[here],
                        self.words.encode(MAP, data[0]),
                        data[1] if self.reliability else None,
                    )
        return [f"{outside} points lie outside the map"] if outside else []


def read_windows(grid: Grid) -> Iterator[Window]:
    """Cut a grid into the windows that a comparison reads.

    Parameters
    ----------
    grid
        The common one.

    Returns
    -------
    Iterator of Window
        Of 512 x 4,096 pixels at most, row by row.
    """
    return grid.extent.blocks(ROWS, COLUMNS)


def _reach(tolerance: str, grid: Grid) -> float | None:
    """Return the tolerance in pixels, None for none."""
    number, unit = parse_tolerance(tolerance)
    if unit == "off":
        return None
    if unit == "m":
        size = ground_size(grid)
        if size is None:
            raise InputError(
                f"--boundary {tolerance}, and the map has no CRS",
                "a distance in pixels, such as 2px",
            )
        number /= size
    if number > FARTHEST:
        raise InputError(
            f"--boundary {tolerance} is {number:.0f} pixels", f"at most {FARTHEST} pixels"
        )
    return number


def _finish(compared: _Comparison, settings: Settings, notes: list[str]) -> Evaluation:
    """Check that something was compared, settle the classes that the map lacks, and drop those
    without pixels.
    """
    matrix = compared.confusion.matrix
    words = compared.words
    mapped, truth = (layer.path for layer in compared.layers)
    _check_some(compared, mapped, truth)
    here = set(np.flatnonzero(matrix.sum(axis=1))), set(np.flatnonzero(matrix.sum(axis=0)))
    lacking = sorted(here[0] - here[1] - words.known[MAP])
    if lacking:
        notes += _lacking(
            [words.names[i] for i in lacking], words, settings, not here[0] - set(lacking)
        )
    ignored = int(matrix[lacking].sum()) if settings.missing == "ignore" else 0
    if ignored:
        matrix[lacking] = 0
    unknown = sorted(here[1] - here[0] - words.known[TRUTH])
    if unknown:
        notes.append(
            "classes of the map that the truth lacks count as wrong: "
            f"{', '.join(words.names[i] for i in unknown)}"
        )
    kept = np.flatnonzero(matrix.sum(axis=0) + matrix.sum(axis=1))
    borders = compared.boundaries
    return Evaluation(
        mapped,
        truth,
        tuple(words.names[i] for i in kept),
        tuple(words.colours[i] for i in kept),
        matrix[np.ix_(kept, kept)],
        compared.unlabelled + ignored,
        compared.unmapped,
        "points" if compared.layers[TRUTH].points else "pixels",
        borders and Boundaries(borders.reach, borders.counts[kept]),
        compared.reliability,
        tuple(notes),
    )


def _check_some(compared: _Comparison, mapped: str, truth: str) -> None:
    if compared.confusion.matrix.any():
        return
    if not compared.unmapped:
        raise InputError(
            f"no pixel of the truth {truth} is labelled on the map",
            "a truth with classes where the map is",
            "look at both in QGIS",
        )
    raise InputError(
        f"the map {mapped} has no data where the truth {truth} is labelled",
        "a map and a truth that overlap",
        "look at both in QGIS",
    )


def _lacking(
    names: list[str], words: Vocabulary, settings: Settings, all_of_them: bool
) -> list[str]:
    """Return what to say of classes of the truth that the map lacks; InputError where they are
    not allowed.
    """
    listed = ", ".join(names)
    known = ", ".join(words.names[i] for i in sorted(words.known[MAP]))
    if all_of_them:
        raise InputError(
            f"map and truth have no class in common: the truth has {listed}",
            f"classes of the map ({known})",
            "say which is which with --rename TRUTH=MAP or --classes FILE.json",
        )
    if settings.missing == "error":
        raise InputError(
            f"the truth has classes that the map lacks: {listed}",
            f"classes of the map ({known})",
            "say with --rename TRUTH=MAP what they are, or with --missing count or ignore what "
            "to do",
        )
    done = "count as wrong" if settings.missing == "count" else "are left out"
    return [f"classes of the truth that the map lacks {done}: {listed}"]
