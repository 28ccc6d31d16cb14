"""A model that stays loaded, and maps what is looked at: the extent of a window, not of a scene.

The tiles lie where `geoseg predict --tile SIDE` lays them over the whole scene (`LiveMap.tile`),
and are read, inferred and stitched by the same functions. So the classes are those of that run, to
the byte, whatever extent is asked for; a run with larger tiles gives others near the borders of
tiles alone. Scores of tiles are kept: an extent that moves computes what is new in it.

An extent of more than `MOST` pixels is mapped as with `--gsd`: the scene's pixels are brought to
coarser ones first, and `LiveMap.coarser` says so. A scene without a place on the ground has no
size to be brought to, and is always mapped at its own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA, ModelCard
from ..core.errors import InputError
from ..core.events import Recorder, silent
from ..core.grid import Grid, Patch, Tiling, Window
from ..core.job import Job
from ..core.options import Options
from ..core.threads import prefetch
from ..core.tiling import ColumnBand, choose_tiling, column_bands, half_tile
from ..models.apart import convert_in_this_process
from ..raster.georeference import ground_size
from .infer import infer
from .joint import open_for
from .live_screen import Screen, window_of
from .run import Run, fit_scene, load_run, pick_model, with_files
from .stitch import SeamBuffer, classify, stitch

Classes = npt.NDArray[np.uint8]
MOST = 2_000_000  # pixels that are mapped at the scene's own size: two seconds on two cores
KEPT = 256 << 20  # bytes of scores that are kept
OPEN = 6  # scenes, each with a network: the least recently used one is closed


class MapStoppedError(Exception):
    """Nobody wants the map any more."""


def never() -> bool:
    """Go on to the end.

    Returns
    -------
    bool
        False.
    """
    return False


@dataclass(frozen=True, slots=True)
class LiveMap:
    """The map of an extent."""

    window: Window
    """Its pixels, of `whole`."""
    whole: Grid
    """The grid of the map of the whole scene."""
    classes: Classes
    """Class values [row, column]; 255 is nodata."""
    confidence: Classes
    """The score of each pixel's class in percent [row, column]; 255 is nodata."""
    coarser: float
    """How many times larger its pixels are than those of `geoseg predict`; 1 is none."""
    tile: int
    """The tiles' side: `geoseg predict --tile` with it gives this very map."""
    card: ModelCard
    """The classes, and what the model expects."""
    warnings: tuple[str, ...]
    """What may spoil the map, a line each."""

    @property
    def grid(self) -> Grid:
        """Where the pixels lie."""
        return self.whole.crop(self.window)


@dataclass(slots=True)
class Scores:
    """Scores of tiles, the least recently used of which are dropped."""

    most: int = KEPT
    """Bytes that are kept."""
    _held: OrderedDict[tuple[object, Window], Patch] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def find(self, owner: object, tiles: Iterable[Window]) -> dict[Window, Patch]:
        """Return what is kept of some tiles.

        Parameters
        ----------
        owner
            Whose tiles they are.
        tiles
            Windows of its scene.

        Returns
        -------
        dict
            Scores float32 [label, row, column]; a tile that is not kept is missing.
        """
        found = {}
        for tile in tiles:
            if (patch := self._held.get((owner, tile))) is not None:
                self._held.move_to_end((owner, tile))
                found[tile] = patch
        return found

    def keep(self, owner: object, patch: Patch) -> None:
        """Keep a tile's scores.

        Parameters
        ----------
        owner
            Whose tile it is.
        patch
            Scores float32 [label, row, column].
        """
        self._held[owner, patch.window] = patch
        self._bytes += _size(patch)
        while self._bytes > self.most and len(self._held) > 1:
            self._bytes -= _size(self._held.popitem(last=False)[1])

    def drop(self, owner: object) -> None:
        """Drop all tiles of an owner.

        Parameters
        ----------
        owner
            Whose they are.
        """
        for key in [key for key in self._held if key[0] is owner]:
            self._bytes -= _size(self._held.pop(key))


def _size(patch: Patch) -> int:
    return int(patch.data.nbytes)


@dataclass(eq=False, slots=True)
class LiveScene:
    """One scene, open for one model, at one size of pixels."""

    run: Run
    """Scene, network, tiles."""
    coarser: float
    """See `LiveMap`."""
    warnings: tuple[str, ...]
    """See `LiveMap`."""

    def map(self, window: Window, scores: Scores, should_stop: Callable[[], bool]) -> LiveMap:
        """Map a window.

        Parameters
        ----------
        window
            Pixels of the map's grid, inside of it.
        scores
            Keeps those of tiles.
        should_stop
            Asked before each tile.

        Returns
        -------
        LiveMap
            Of this window.

        Raises
        ------
        MapStoppedError
            If it should.
        """
        run = self.run
        made = np.full((2, *window.shape), NODATA, np.uint8)
        with SeamBuffer() as seam:
            for band in column_bands(window, run.tiling):
                arriving = self._scores(band, scores, should_stop)
                labels = len(run.card.labels)
                with closing(arriving):
                    for piece in stitch(arriving, run.tiling, band, labels, seam):
                        done = classify(piece, run.card)
                        made[:, *done.window.within(window)] = done.data
        tile = run.tiling.tile
        found = made[0], made[1], self.coarser, tile, run.card, self.warnings
        return LiveMap(window, run.source.grid, *found)

    def _scores(
        self, band: ColumnBand, scores: Scores, should_stop: Callable[[], bool]
    ) -> Generator[Patch, None, None]:
        """Yield the scores of a band's tiles, in their order; those that are kept are not computed
        again.
        """
        run = self.run
        tiles = list(band.tiles(run.tiling))
        kept = scores.find(self, tiles)
        missing = [tile for tile in tiles if tile not in kept]
        threads = run.options.compute.read_threads
        with (
            closing(prefetch(run.source.read, missing, threads, run.depth)) as pixels,
            closing(infer(run.model, _until(pixels, should_stop), run.batch)) as fresh,
        ):
            new = next(fresh, None)
            for tile in tiles:
                if tile in kept:
                    yield kept[tile]
                elif new is not None and new.window == tile:  # else there is no valid pixel in it
                    patch = _in_memory(new)
                    scores.keep(self, patch)
                    yield patch
                    new = next(fresh, None)


def _until(patches: Iterable[Patch], should_stop: Callable[[], bool]) -> Iterator[Patch]:
    for patch in patches:
        if should_stop():
            raise MapStoppedError
        yield patch


def _in_memory(patch: Patch) -> Patch:
    data = patch.data
    if not isinstance(data, np.ndarray):
        data = data.cpu().numpy()
    return replace(patch, data=data)


class Live:
    """A model that is kept ready for scenes, several of which stay open; a context manager.

    Parameters
    ----------
    model
        A model's name or folder, or auto: the one that fits each scene.
    options
        How scenes are read, and what computes; tiles are chosen here.
    scores
        Keeps what was computed; None makes its own.
    """

    def __init__(
        self, model: str = "auto", options: Options | None = None, scores: Scores | None = None
    ) -> None:
        self.model = model
        self.options = options or Options()
        self._scores = scores or Scores()
        self._open: OrderedDict[tuple[tuple[str, ...], float], LiveScene] = OrderedDict()

    def grid(self, scene: Sequence[str]) -> Grid:
        """Return the grid on which a scene is mapped, at the size of pixels that it has for a map.

        Parameters
        ----------
        scene
            Its files.

        Returns
        -------
        Grid
            Of the whole scene; windows of `map` are pixels of it.

        Raises
        ------
        InputError
            If the scene cannot be read. ModelError, if it does not fit the model.
        """
        return self._opened(tuple(scene), 1.0).run.source.grid

    def map(
        self,
        scene: Sequence[str],
        window: Window,
        height: int,
        width: int,
        should_stop: Callable[[], bool] = never,
    ) -> LiveMap:
        """Map a window of a scene for a screen.

        Parameters
        ----------
        scene
            Its files.
        window
            Pixels of `grid(scene)`; what hangs over it is left out.
        height, width
            Of the screen that it fills: where there are more than MOST pixels in the window they
            are made about as large as those of the screen, in powers of two.
        should_stop
            Asked before each tile.

        Returns
        -------
        LiveMap
            At the scene's own pixels, or coarser, as it says.

        Raises
        ------
        InputError
            If the scene cannot be read, or the window lies beside it. ModelError, if it does not
            fit the model.
        MapStoppedError
            If it should stop.
        """
        files = tuple(scene)
        own = self._opened(files, 1.0)
        whole = own.run.source.grid
        if not window.intersects(whole.extent):
            raise InputError("the extent lies beside the scene", "one that shares pixels with it")
        inside = window.clip(whole.extent)
        coarser = coarsening(inside, height, width) if ground_size(whole) else 1.0
        if coarser == 1:
            return own.map(inside, self._scores, should_stop)
        other = self._opened(files, coarser)
        return other.map(
            same_ground(inside, whole, other.run.source.grid), self._scores, should_stop
        )

    def _opened(self, files: tuple[str, ...], coarser: float) -> LiveScene:
        key = files, coarser
        if key not in self._open:
            size = None
            if coarser > 1:
                size = coarser * (ground_size(self._opened(files, 1.0).run.source.grid) or 1.0)
            self._open[key] = open_live(files, self.model, self.options, size, coarser)
        self._open.move_to_end(key)
        while len(self._open) > OPEN:
            self._close(*self._open.popitem(last=False))
        return self._open[key]

    def _close(self, _: object, scene: LiveScene) -> None:
        self._scores.drop(scene)
        scene.run.source.close()

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all scenes; those that are mapped later are opened again."""
        while self._open:
            self._close(*self._open.popitem())


def coarsening(window: Window, height: int, width: int) -> float:
    """Choose how many times larger than the scene's the pixels of a map are to be.

    Parameters
    ----------
    window
        What is asked for, in pixels of the scene.
    height, width
        Of the screen, in pixels.

    Returns
    -------
    float
        1 up to MOST pixels; else a power of two, with which the map has no more than MOST pixels,
        and at least a quarter of the screen's where the window has as many.
    """
    coarser = 1.0
    while window.area / coarser**2 > MOST and window.area / coarser**2 > height * width / 4:
        coarser *= 2
    return coarser


def same_ground(window: Window, grid: Grid, other: Grid) -> Window:
    """Return the pixels of another grid in the same CRS that a window covers.

    Parameters
    ----------
    window
        Pixels of `grid`.
    grid, other
        Both with a place on the ground.

    Returns
    -------
    Window
        Of `other`, clipped to it.
    """
    found = window_of(other, Screen(grid.bounds(window), grid.crs, 1, 1))
    return found if found is not None else Window(0, 0, 1, 1)


def open_live(
    files: tuple[str, ...], model: str, options: Options, gsd: float | None, coarser: float
) -> LiveScene:
    """Open a scene for a model.

    Parameters
    ----------
    files
        The scene's.
    model
        A model's name or folder, or auto.
    options
        The user's word.
    gsd
        Metres on the ground of a pixel; None as `geoseg predict` has it.
    coarser
        What that is of them.

    Returns
    -------
    LiveScene
        Whose source the caller closes.

    Raises
    ------
    InputError
        If the scene cannot be read. ModelError, if it does not fit the model.
    """
    how = options if gsd is None else options.but(gsd=gsd, force=True)
    convert_in_this_process()
    recorder = Recorder(silent)
    job = with_files(Job(files, model, classes="none.tif", options=how), recorder)
    bundle, fits = pick_model(job, recorder)
    fits = fits or fit_scene(job, bundle, recorder)
    if bundle.card.maps_numbers:
        raise InputError(
            f"{bundle.card.name} gives numbers and no classes", "a model of classes for a preview"
        )
    tiling = small_tiling(fits[0].grid, bundle.card, job.options)
    opened, bundle = open_for(fits, bundle, job.options, tiling.tile)
    try:
        run = load_run(job, bundle, opened, tiling, recorder)
    except BaseException:
        opened.close()
        raise
    return LiveScene(run, coarser, tuple(dict.fromkeys(recorder.warnings)))


def small_tiling(grid: Grid, card: ModelCard, options: Options) -> Tiling:
    """Return the tiles for extents of a screen: small ones, of which little lies beside it.

    Parameters
    ----------
    grid
        On which the scene is mapped.
    card
        Tile and stride of the network.
    options
        A tile or overlap that the user names stays.

    Returns
    -------
    Tiling
        As `geoseg predict --tile` has it for the same side.
    """
    if options.tiles.tile is None and not card.fixed_tile:
        options = options.but(tile=half_tile(card))
    return choose_tiling(grid, card, options)
