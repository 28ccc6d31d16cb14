"""What `geoseg sample` does: a sample of a map, from its design to the file that QGIS edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.events import Noted, Report
from ..core.options import plain
from ..raster.input_files import check_outputs
from .samples.draw import Drawing, draw
from .samples.geopackage import write_sample
from .samples.plan import Allocation, allocate, check_standard_error, read_expected, suggest_points

MOST = 1_000_000  # points; nobody interprets more
MOST_SEED = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Design:
    """How points are chosen: so many, or as many as a standard error needs."""

    points: int | None = None
    """How many."""
    standard_error: float | None = None
    """Instead: as many as this standard error of the overall accuracy needs."""
    expect: tuple[str, ...] = ()
    """User's accuracies thought likely, U for all classes or CLASS=U."""
    allocation: Allocation = "proportional"
    """How they are shared out among the classes: proportional, equal or neyman."""
    minimum: int = 2
    """Points that each class gets at least."""

    def __post_init__(self) -> None:
        if (self.points is None) == (self.standard_error is None):
            raise InputError(
                "how many points is not told"
                if self.points is None
                else "both --points and --standard-error",
                "--points N or --standard-error S",
            )
        if self.points is not None and not 1 <= self.points <= MOST:
            raise InputError(f"--points {self.points}", f"1 to {MOST}")
        if self.standard_error is not None:
            check_standard_error(self.standard_error)
        if not 2 <= self.minimum <= MOST:
            raise InputError(
                f"--minimum {self.minimum}", f"2 to {MOST}: one point alone tells no spread"
            )


def read_design(given: Mapping[str, Any]) -> Design:
    """Return what keywords say of a sample's design.

    Parameters
    ----------
    given
        Fields of `Design` by their names; lists serve as tuples.

    Returns
    -------
    Design
        The others as by default.

    Raises
    ------
    InputError
        If a name is unknown, or a value cannot be.
    """
    known = [field.name for field in fields(Design)]
    if unknown := sorted(set(given) - set(known)):
        raise InputError(f"unknown option: {', '.join(unknown)}", f"one of {', '.join(known)}")
    return Design(**{name: plain(value) for name, value in given.items()})


@dataclass(frozen=True, slots=True, eq=False)
class MapSample:
    """A sample that was drawn: what the map holds, and how many points each class gets."""

    drawing: Drawing
    """The map's classes with their sizes."""
    points: tuple[int, ...]
    """So many of each of `drawing.strata`."""
    design: Design
    """Why so many."""
    seed: int
    """The same seed gives the same points."""
    blind: bool = False
    """Whether the map's class is kept from who interprets."""
    out: str | None = None
    """Where it is to be written."""
    replace: bool = False
    """Whether it may replace the sample that a file holds."""

    def write(self, report: Report) -> None:
        """Write the sample where `out` says, if anywhere; the file appears when it is whole.

        Parameters
        ----------
        report
            Told how many points are in it.

        Raises
        ------
        RunError
            If the file cannot be written.
        """
        if self.out is None:
            return
        told = {"map": self.drawing.path, "seed": self.seed, "blind": self.blind} | asdict(
            self.design
        )
        write_sample(
            Path(self.out), self.drawing, self.points, self.seed, self.blind, told, self.replace
        )
        report(Noted(f"{sum(self.points)} points in {self.out}"))


def draw_sample(
    classes: str,
    design: Design,
    report: Report,
    *,
    out: str | None = None,
    band: int | None = None,
    seed: int = 1,
    blind: bool = False,
    overwrite: bool = False,
) -> MapSample:
    """Draw a sample of a class raster, each class being a stratum.

    Parameters
    ----------
    classes
        The class raster.
    design
        How many points, and how they are shared out.
    report
        Called with each event.
    out
        A name that ends in .gpkg, for `MapSample.write`; None writes nothing.
    band
        Which band holds the classes, from 1; None where there is only one.
    seed
        The same seed gives the same points, however the raster is stored.
    blind
        Whether the map's class is kept from who interprets.
    overwrite
        Whether a sample that is in `out` may be replaced.

    Returns
    -------
    MapSample
        Nothing is written before its `write()`.

    Raises
    ------
    InputError
        If the raster holds no classes, or fewer pixels than points are wanted.
    OutputError
        If `out` exists and may not be replaced.
    """
    if not 0 <= seed <= MOST_SEED:
        raise InputError(f"--seed {seed}", f"0 to {MOST_SEED}")
    if out and Path(out).suffix.lower() != ".gpkg":
        raise InputError(f"--out {out}", "a name that ends in .gpkg")
    replaced = check_outputs([out], [classes], overwrite)
    drawing = draw(classes, design.points or MOST // 10, seed, report, band)
    return MapSample(
        drawing, _share_out(drawing, design), design, seed, blind, out, out in replaced
    )


def _share_out(drawing: Drawing, design: Design) -> tuple[int, ...]:
    """Return how many points each class gets."""
    sizes: Sequence[int] = [stratum.pixels for stratum in drawing.strata]
    expected = read_expected(design.expect, [stratum.name for stratum in drawing.strata])
    points = design.points
    if points is None:
        points = suggest_points(design.standard_error or 0.0, sizes, expected)
        if points > MOST // 10:
            raise InputError(
                f"--standard-error {design.standard_error} needs {points} points",
                "a larger standard error",
            )
        points = min(max(points, design.minimum * len(sizes)), sum(sizes))
    return tuple(allocate(points, sizes, design.allocation, design.minimum, expected))
