"""How much of a map depends on where its tiles lie: two tilings, shifted by half a stride."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA, ModelCard
from ..core.errors import InputError
from ..core.events import Report, Warned, silent
from ..core.grid import Grid, Patch, Tiling, Window
from ..core.job import Job
from ..core.options import Options
from ..core.threads import prefetch
from ..core.tiling import ColumnBand, choose_tiling
from ..prediction.infer import infer
from ..prediction.joint import open_for
from ..prediction.memory_work import plan_tiling, tell_of_plan
from ..prediction.run import Run, fit_scene, load_run, pick_model, with_files
from ..prediction.stitch import classify, stitch

EDGES = (0, 8, 16, 32, 64, 128)  # pixels from the nearest border; the last bin is open
NEAR = 32  # pixels: "along the borders" in the one sentence that sums it up
SAMPLE = 9_000_000  # pixels compared at most, about, unless the user says otherwise

Labels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Bin:
    """Pixels at some distance from the nearest border, and how many changed their class."""

    start: int
    """Pixels from the border, at least."""
    stop: int | None
    """Pixels from the border, below; None for any that are farther."""
    pixels: int
    """How many there are."""
    differ: int
    """How many of these changed their class."""

    @property
    def share(self) -> float:
        """The part of the pixels that changed their class; NaN without pixels."""
        return self.differ / self.pixels if self.pixels else float("nan")


@dataclass(frozen=True, slots=True)
class Seams:
    """What two tilings of one scene disagree on, the second shifted against the first.

    Borders are the middles of overlaps; pixels without data are left out.
    """

    model: str
    """Name of the model."""
    device: str
    """What it ran on."""
    tile: int
    """Rows, and columns, of a tile in pixels."""
    overlap: int
    """Pixels that neighbouring tiles share."""
    policy: str
    """The overlap that the options asked for: a policy's name or pixels."""
    shift: int
    """Pixels between the two tilings, downwards and to the right."""
    window: Window
    """The part of the scene that was compared."""
    bins: tuple[Bin, ...]
    """Its pixels by their distance from the nearest border of either tiling, the nearest first."""

    def between(self, start: int, stop: int | None = None) -> Bin:
        """Put bins together.

        Parameters
        ----------
        start
            The first one's start, in pixels.
        stop
            The last one's stop, in pixels; None for all that follow.

        Returns
        -------
        Bin
            Their sums.
        """
        chosen = [
            b
            for b in self.bins
            if b.start >= start and (stop is None or (b.stop or np.inf) <= stop)
        ]
        return Bin(start, stop, sum(b.pixels for b in chosen), sum(b.differ for b in chosen))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON, with the shares.

        Returns
        -------
        dict
            The fields. `bins`, and beside them `all`, `near` (below 32 px) and `away`, have a
            `share` each, None where there are no pixels.
        """

        def row(b: Bin) -> dict[str, Any]:
            return asdict(b) | {"share": b.share if b.pixels else None}

        whole = {"all": self.between(0), "near": self.between(0, NEAR), "away": self.between(NEAR)}
        return (
            asdict(self)
            | {"bins": list(map(row, self.bins))}
            | {name: row(b) for name, b in whole.items()}
        )


def measure_seams(
    scene: tuple[str, ...],
    model: str,
    options: Options | None = None,
    limit: int = SAMPLE,
    report: Report = silent,
) -> Seams:
    """Map the middle of a scene twice, with tiles shifted by half a stride, and compare.

    Parameters
    ----------
    scene
        Its files.
    model
        A model's name or folder, or auto.
    options
        Of the run; None for the defaults.
    limit
        Pixels that are compared at most, apart from what two tiles a side need.
    report
        Called with each event.

    Returns
    -------
    Seams
        How many pixels changed, by their distance from a border.

    Raises
    ------
    InputError
        If the scene is too small for two tilings, or holds no data in its middle.
    """
    job = Job(scene, model, classes="none.tif", options=options or Options())
    job = with_files(job, report)
    bundle, fits = pick_model(job, report)
    fits = fits or fit_scene(job, bundle, report)
    plan, tiling = plan_tiling(job, bundle, fits)
    if plan:
        tell_of_plan(plan, tiling.tile, report)
    source, bundle = open_for(fits, bundle, job.options, tiling.tile)
    with source:
        tiling = fitting(job.options, tiling, bundle.card, report)
        run = load_run(job, bundle, source, tiling, report, plan)
        first, second = places(run.tiling, limit, bundle.card.stride)
        common = shrink(first.clip(second), run.tiling.tile // 4)
        one, other = (mapped(run, place, common) for place in (first, second))
    known = (one != NODATA) & (other != NODATA)
    if not known.any():
        raise InputError(
            "the middle of the scene holds no data: nothing can be compared",
            "a scene with data there",
        )
    tile = run.tiling.tile
    stride = run.tiling.tile - run.tiling.overlap
    near = distances(common, (first, second), tile, stride)
    bins = tuple(_bins(near[known], (one != other)[known]))
    shift = second.top - first.top
    return Seams(
        model=bundle.card.name,
        device=run.model.device,
        tile=tile,
        overlap=tile - stride,
        policy=job.options.tiles.overlap_policy,
        shift=shift,
        window=common,
        bins=bins,
    )


def fitting(options: Options, tiling: Tiling, card: ModelCard, report: Report) -> Tiling:
    """Return a tiling that leaves room to be shifted.

    Parameters
    ----------
    options
        Of the run; a tile that they name stays.
    tiling
        What fits the scene best, which may be a single tile.
    card
        Of the model, whose own tile is taken where that one leaves no room.
    report
        Told where it is.

    Returns
    -------
    Tiling
        As given, or with the card's tile.

    Raises
    ------
    InputError
        If the scene is too small whatever the tile.
    """
    try:
        places(tiling, SAMPLE)
    except InputError:
        if options.tiles.tile or tiling.tile <= card.tile:
            raise
        report(
            Warned(
                f"tiles of {tiling.tile} px, which would be taken here, leave no room to be "
                f"shifted: compared with the model's {card.tile} px"
            )
        )
        grid = Grid(tiling.height, tiling.width)
        return choose_tiling(grid, card, options.but(tile=card.tile))
    return tiling


def shrink(window: Window, margin: int) -> Window:
    """Return the window without its margin: there a tile has no neighbour, unlike inside a scene.

    Parameters
    ----------
    window
        At least twice the margin high and wide.
    margin
        Pixels on each side.

    Returns
    -------
    Window
        What is left.
    """
    return Window(
        window.top + margin, window.left + margin, window.bottom - margin, window.right - margin
    )


def places(tiling: Tiling, limit: int, step: int = 1) -> tuple[Window, Window]:
    """Return two windows amid a scene, shifted by half a stride, that whole tiles cover.

    Each side is tile + n x stride, so that the tiling in it is the same wherever it lies.

    Parameters
    ----------
    tiling
        Of the scene.
    limit
        Pixels of each, at most, unless two tiles a side need more.
    step
        The shift is a multiple of it, the network's own stride, where it can be: what it pools
        together is then the same, and the tiles' borders alone make the difference.

    Returns
    -------
    tuple of Window
        Two of the same size.

    Raises
    ------
    InputError
        If the scene is too small.
    """
    stride = tiling.tile - tiling.overlap
    shift = stride // 2 // step * step or stride // 2
    fits = [(length - tiling.tile - shift) // stride for length in (tiling.height, tiling.width)]
    if min(fits) < 1:
        least = tiling.tile + stride + shift
        raise InputError(
            f"the scene of {tiling.height} x {tiling.width} px is too small for two tilings of "
            f"{tiling.tile} px",
            f"at least {least} px on each side",
            "choose a smaller --tile",
        )
    side = max(1, (int(limit**0.5) - tiling.tile) // stride)
    rows, columns = (tiling.tile + min(n, side) * stride for n in fits)
    top = (tiling.height - rows - shift) // 2
    left = (tiling.width - columns - shift) // 2
    first = Window(top, left, top + rows, left + columns)
    return first, Window(
        first.top + shift, first.left + shift, first.bottom + shift, first.right + shift
    )


def mapped(run: Run, place: Window, common: Window) -> Labels:
    """Map a part of a scene by a tiling that begins at a place of its own.

    Parameters
    ----------
    run
        The open run; its scene is read.
    place
        The window of the scene that the tiling covers.
    common
        The part of it that is wanted.

    Returns
    -------
    Labels
        Class indices [row, column] of `common`, NODATA where the scene holds none.
    """
    tiling = replace(run.tiling, height=place.shape[0], width=place.shape[1])
    labels = np.full(place.shape, NODATA, np.uint8)

    def read(tile: Window) -> Patch:
        top = tile.top + place.top
        left = tile.left + place.left
        moved = Window(top, left, top + tiling.tile, left + tiling.tile)
        return replace(run.source.read(moved), window=tile)

    readers = run.options.compute.read_threads
    with (
        closing(prefetch(read, tiling.tiles(), readers, readers + run.batch)) as pixels,
        closing(infer(run.model, pixels, run.batch)) as scores,
    ):
        band = ColumnBand(tiling.extent)
        for piece in stitch(scores, tiling, band, len(run.card.labels), model=run.model):
            labels[piece.window.within(tiling.extent)] = classify(piece, run.card).data[0]
    return labels[common.within(place)]


def distances(
    common: Window, places: tuple[Window, ...], tile: int, stride: int
) -> npt.NDArray[np.int64]:
    """Return how far each pixel is from the nearest border of a tile.

    A border is the middle of the overlap of two neighbouring tiles: there one hands over to the
    other.

    Parameters
    ----------
    common
        The window whose pixels are asked for.
    places
        The windows that tilings cover.
    tile, stride
        Of all of these, in pixels.

    Returns
    -------
    npt.NDArray[np.int64]
        Pixels [row, column]; 0 for a pixel beside a border.
    """

    def axis(start: int, stop: int, ends: list[tuple[int, int]]) -> npt.NDArray[np.int64]:
        half = (tile - stride) // 2
        lines = [
            b
            for first, last in ends
            for b in range(first + stride + half, last - tile + 1 + half, stride)
        ]
        pixels = np.arange(start, stop)[:, None]
        nearest = np.where(pixels >= np.array(lines), pixels - lines, lines - pixels - 1).min(
            axis=1
        )
        return np.asarray(nearest, np.int64)

    down = axis(common.top, common.bottom, [(w.top, w.bottom) for w in places])
    across = axis(common.left, common.right, [(w.left, w.right) for w in places])
    return np.asarray(np.minimum(down[:, None], across[None, :]))


def _bins(near: npt.NDArray[np.int64], differ: npt.NDArray[np.bool_]) -> Iterator[Bin]:
    which = np.digitize(near, EDGES) - 1
    pixels = np.bincount(which, minlength=len(EDGES))
    changed = np.bincount(which[differ], minlength=len(EDGES))
    for i, start in enumerate(EDGES):
        yield Bin(
            start, EDGES[i + 1] if i + 1 < len(EDGES) else None, int(pixels[i]), int(changed[i])
        )
