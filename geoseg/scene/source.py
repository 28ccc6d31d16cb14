"""Reading a scene as the model wants it: its bands in order, on one grid, any window, from any
thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import compress, groupby
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard, Scaling
from ..core.errors import InputError, ModelError, RunError
from ..core.grid import Grid, Patch, Window
from ..core.machine import cores
from ..core.options import Options
from ..core.threads import Crew, crew_of
from ..core.tiling import WIDEST, choose_tiling
from ..raster.band_info import BandInfo
from ..raster.blocks import BlockFile, Pending
from ..raster.georeference import ground_size, to_pixels
from ..raster.handles import CACHE_LIMIT, Handle, OpenFiles, open_dataset, row_bytes, want_cache
from ..raster.pixels import PLAIN, Mask, coarse_step, read_alpha, read_pixels
from ..raster.vrt import grid_key
from .bands import SENTINEL2
from .describe import SceneInfo, describe, finest, with_nodata
from .fit import Fit, fit
from .map_grid import bounds_in
from .masks import NODATA, MaskReader
from .reader import Reader, extend
from .resample import Resampling, align
from .scaling import scaled_alone
from .values import Coverage, check_values, sample_values, spread_windows

COARSE = 4  # pixels along a side that are as good as one where a few windows are looked at


class BandReader:
    """Bands of a scene, open on one grid; `read` may be called from several threads at once.

    A context manager, which closes the files.

    Parameters
    ----------
    layers
        The bands, in the order in which they are read.
    grid
        Where their pixels are to lie; None is the grid of the finest of them.
    tile
        Side, in pixels, of the squares that will be read: of GDAL's cache as much is asked for
        as a row of them needs.
    threads
        How many decode the blocks of one file.
    zeros
        Whether pixels that are 0 in all bands are invalid.
    scaled
        Whether each band is brought to values by its own scale and offset.
    files
        Holds the files that others read as well, and closes them; None opens its own.

    Raises
    ------
    InputError
        If a file cannot be opened, or covers nothing of the grid.
    """

    def __init__(
        self,
        layers: Sequence[BandInfo],
        grid: Grid | None = None,
        tile: int = 512,
        threads: int = 1,
        zeros: bool = False,
        scaled: bool = False,
        files: OpenFiles | None = None,
    ) -> None:
        self.grid: Grid = grid or finest(tuple(layers))
        self.dtype = read_type(layers, scaled)
        self._gains = _gains(layers) if scaled else None
        self._zeros = zeros
        self.bands = len(layers)
        order = sorted(range(len(layers)), key=lambda i: layers[i].path)
        with ExitStack() as opened:  # closes those that are open where another one cannot be
            self._files = [
                opened.enter_context(
                    closing(_FileBands(list(places), layers, self.grid, threads, files))
                )
                for _, places in groupby(order, lambda i: layers[i].path)
            ]
            sizes = [file.row_bytes(tile) for file in self._files]
            large = [file.handle.large_blocks for file in self._files]
            self.cache = sum(sizes)
            if any(large):  # the crew ends before the files that it decodes are closed
                crew = opened.enter_context(crew_of(cores(), "geoseg-decode"))
                for file in self._files:
                    file.decode_on(crew, opened)
            self._opened = opened.pop_all()
        want_cache(self, self.cache, sum(compress(sizes, large)))

    @property
    def resampled(self) -> int:
        """How many of the files have another grid, to which their pixels are brought."""
        return sum(file.resampling is not None for file in self._files)

    def read(self, window: Window) -> Patch:
        """Return the window's pixels as digital numbers, and where they are valid.

        Parameters
        ----------
        window
            Pixels of `grid`. What hangs over its bottom or right edge is the reflection of the
            pixels inside, and invalid.

        Returns
        -------
        Patch
            Of `dtype`, [band, row, column]. Any window gives the same values for a pixel.

        Raises
        ------
        RunError
            If a file cannot be read.
        """
        return self._read(window, 1)

    def look(self, window: Window) -> Patch:
        """Return about the window's pixels: those of a coarser level, where it is cheaper.

        Parameters
        ----------
        window
            As of `read`.

        Returns
        -------
        Patch
            As of `read`; squares of at most COARSE x COARSE pixels may hold their mean.

        Raises
        ------
        RunError
            If a file cannot be read.
        """
        return self._read(window, COARSE)

    def _read(self, window: Window, coarse: int) -> Patch:
        inside = window.clip(self.grid.extent)
        data = np.empty((self.bands, *inside.shape), self.dtype)
        valid: Mask | None = None
        zeros: list[Mask | None] = []
        pending = [file.begin(inside, coarse) for file in self._files]
        for file, begun in zip(self._files, pending, strict=True):
            pixels, known, zero = file.read(inside, self._zeros, coarse, begun)
            data[file.places] = self._values(file.places, pixels)
            if known is not None:
                valid = known if valid is None else valid & known
            zeros.append(zero)
        empty = [zero for zero in zeros if zero is not None]
        if len(empty) == len(zeros):  # else some file is 0 nowhere
            found = ~np.logical_and.reduce(empty)
            valid = found if valid is None else valid & found
        if inside == window:
            return Patch(window, data, valid)
        return Patch(window, *extend(data, valid, window, inside))

    def _values(self, places: list[int], pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if self._gains is None:
            return pixels
        gains, adds = self._gains
        return np.asarray(pixels * gains[places] + adds[places])

    def __enter__(self) -> BandReader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        want_cache(self, 0)
        self._opened.close()


def read_type(layers: Sequence[BandInfo], scaled: bool) -> str:
    """Return the type in which layers are read together.

    Parameters
    ----------
    layers
        The bands.
    scaled
        Whether each is brought to values by its own scale and offset.

    Returns
    -------
    str
        One of PLAIN.
    """
    return "float32" if scaled else plain_type([layer.dtype for layer in layers])


def plain_type(dtypes: Sequence[str]) -> str:
    """Return the type in which bands are read together.

    Parameters
    ----------
    dtypes
        Of each.

    Returns
    -------
    str
        One of PLAIN.
    """
    found = str(np.result_type(*dtypes))
    return found if found in PLAIN else "float32"


class _FileBands:
    """The bands that one file holds, and how they come to the scene's grid."""

    def __init__(
        self,
        places: list[int],
        layers: Sequence[BandInfo],
        grid: Grid,
        threads: int,
        files: OpenFiles | None,
    ) -> None:
        self.places = places  # where they stand among all bands that are read
        self.layers = [layers[i] for i in places]
        self.resampling = self._align(grid)
        self._shared = files is not None
        path = self.layers[0].path
        most = cores()
        self.handle = files.handle(path, threads, most) if files else Handle(path, threads, most)
        self._blocks: BlockFile | None = None

    def decode_on(self, crew: Crew, opened: ExitStack) -> None:
        """Have large blocks decoded by threads, and kept for all who read them.

        Parameters
        ----------
        crew
            Its threads decode.
        opened
            When it is closed, what was kept is gone.
        """
        if self.handle.large_blocks:
            self._blocks = opened.enter_context(closing(BlockFile(self.handle, self.layers, crew)))

    def close(self) -> None:
        if not self._shared:
            self.handle.close()

    def _align(self, grid: Grid) -> Resampling | None:
        own = self.layers[0].grid
        path = self.layers[0].path
        if (own.height, own.width, own.transform) == (grid.height, grid.width, grid.transform):
            return None
        resampling = align(grid, own, path)
        if resampling.source_window(grid.extent) is None:
            raise InputError(
                f"{path} and the scene's finest bands cover no common ground",
                "bands of one scene",
                "take files that lie side by side for one scene with --mosaic first",
            )
        return resampling

    def row_bytes(self, tile: int) -> int:
        """Return the size of the blocks that a row of tiles needs.

        Parameters
        ----------
        tile
            A tile's side in pixels.

        Returns
        -------
        int
            Bytes.
        """
        rows = columns = 1.0
        if self.resampling:
            rows = abs(self.resampling.rows.gain)
            columns = abs(self.resampling.columns.gain)
        with self.handle.use() as dataset:
            return row_bytes(dataset, len(self.layers), tile * rows, WIDEST * columns)

    def begin(self, window: Window, coarse: int) -> Pending:
        """Have what a window of the grid needs decoded, where others may decode meanwhile.

        Parameters
        ----------
        window, coarse
            As of `read`.

        Returns
        -------
        list
            For `read`; empty where the file is read by the thread that asks.
        """
        source = self.resampling.source_window(window) if self.resampling else window
        if self._blocks is None or source is None or coarse > 1:
            return []
        return self._blocks.begin(self._in_file(source))

    def read(
        self, window: Window, zeros: bool, coarse: int, begun: Pending
    ) -> tuple[npt.NDArray[Any], Mask | None, Mask | None]:
        """Read a window of the grid.

        Parameters
        ----------
        window
            Pixels of the grid, inside of it.
        zeros
            Whether to look where all bands are 0.
        coarse
            Pixels of the grid along a side that may be seen as one.
        begun
            What `begin` gave for it.

        Returns
        -------
        tuple
            The pixels [band, row, column], where they are valid (None: everywhere), and where
            all bands are 0 (None: nowhere).
        """
        if self.resampling is None:
            data, valid = self._pixels(window, coarse, begun)
            return data, valid, _all_zero(data) if zeros else None
        source = self.resampling.source_window(window)
        if source is None:
            nothing = np.zeros((len(self.layers), *window.shape), self.layers[0].dtype)
            return nothing, np.zeros(window.shape, bool), None
        data, valid = self._pixels(source, coarse * abs(self.resampling.rows.gain), begun)
        zero = _all_zero(data) if zeros else None
        found, known = self.resampling.apply(data, valid, source, window)
        if zero is None:
            return found, known, None
        # no data carries no weight, where a part of the pixels that are blended is
        found, held = self.resampling.apply(
            data, ~zero if valid is None else valid & ~zero, source, window
        )
        return found, known, None if held is None else ~held

    def _in_file(self, window: Window) -> Window:
        return self.layers[0].turn.window(window, self.layers[0].grid)

    def _pixels(
        self, window: Window, coarse: float, begun: Pending
    ) -> tuple[npt.NDArray[Any], Mask | None]:
        turn = self.layers[0].turn
        place = self._in_file(window)
        if begun and self._blocks:
            data, valid = self._blocks.finish(place, begun)
        else:
            with self.handle.use() as dataset:
                step = coarse_step(dataset, coarse) if coarse > 1 else 1
                data, valid = read_pixels(dataset, self.layers, place, step)
        if turn:
            data = turn.pixels(data)
            valid = None if valid is None else turn.pixels(valid)
        return data, valid


def _gains(layers: Sequence[BandInfo]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """What each band is multiplied by, and what is added then: float64 [band, 1, 1]."""
    gains = np.array([layer.scale for layer in layers])
    adds = np.array([layer.offset for layer in layers])
    return gains[:, None, None], adds[:, None, None]


def _all_zero(data: npt.NDArray[Any]) -> Mask | None:
    zero: Mask = np.logical_not(data.any(axis=0))
    return zero if zero.any() else None


@dataclass(frozen=True, slots=True)
class Source:
    """An open scene, read as a model wants it; a context manager, which closes the files."""

    info: SceneInfo
    """What the scene is."""
    indices: tuple[int, ...]
    """The 1-based raster bands that feed the model's bands, in their order."""
    scaling: Scaling
    """What makes the model's values of the digital numbers."""
    reader: Reader
    """The bands in their files."""
    notes: tuple[str, ...] = ()
    """What was chosen and why, a line each."""
    warnings: tuple[str, ...] = ()
    """What may spoil the map, a line each."""
    coverage: Coverage = field(default_factory=Coverage)
    """How much of it holds data; its constants are those of which the warnings tell."""
    resampled: bool = False
    """Whether the grid is another one than that of the finest band."""

    @property
    def grid(self) -> Grid:
        """The grid on which all bands are read."""
        return self.reader.grid

    def read(self, window: Window) -> Patch:
        """Return the pixels of a window; see BandReader.read.

        Parameters
        ----------
        window
            Pixels of `grid`.

        Returns
        -------
        Patch
            Digital numbers, [band, row, column].

        Raises
        ------
        RunError
            If a file cannot be read.
        """
        return self.reader.read(window)

    def open_band(self, number: int, resampled: bool = True) -> Reader:
        """Open one band of the scene, on the grid of the others.

        Parameters
        ----------
        number
            From 1, over all raster bands of the scene.
        resampled
            Whether that is the grid that the model sees; else the scene's own.

        Returns
        -------
        Reader
            The caller closes it.

        Raises
        ------
        InputError
            If its file cannot be opened, or covers nothing of the grid.
        """
        layer = self.info.layers[number - 1]
        if self.info.parts:
            return _open_mosaic(self.info, [number], self.grid if resampled else self.info.grid)
        if not self.resampled:
            return BandReader([layer], self.grid)
        if not resampled:
            return BandReader([layer], self.info.grid)
        return _on_grid(BandReader([layer]), [layer], self.grid)

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        self.reader.close()


def open_raster(scene: tuple[str, ...], card: ModelCard, options: Options) -> Source:
    """Describe a scene, fit it to a model, and open it.

    Parameters
    ----------
    scene
        The paths of its files.
    card
        What the model expects.
    options
        The user's word on bands, nodata, scale and offset; `force` lets pixel size and values
        pass, `scale` the sensor and the data type. Tiles decide the cache.

    Returns
    -------
    Source
        The open scene, which the caller closes.

    Raises
    ------
    InputError
        If the scene cannot be read. ModelError, if its sensor, bands, data type, pixel size or
        values do not fit the card.
    """
    return open_described(describe(scene), card, options)


def open_described(info: SceneInfo, card: ModelCard, options: Options) -> Source:
    """Open a scene whose headers were read; else as open_raster.

    Parameters
    ----------
    info
        What the scene is.
    card
        What the model expects.
    options
        The user's word on how the scene is read.

    Returns
    -------
    Source
        The open scene, which the caller closes.

    Raises
    ------
    InputError
        If the scene cannot be read. ModelError, if it does not fit.
    """
    found = fit(with_nodata(info, options.reading.nodata), card, options)
    return open_source(found, card, options, choose_tiling(found.grid, card, options).tile)


def open_source(
    found: Fit,
    card: ModelCard,
    options: Options,
    tile: int,
    area: Window | None = None,
    files: OpenFiles | None = None,
) -> Source:
    """Open a scene that fits a model, and look at its values.

    Parameters
    ----------
    found
        How the scene feeds the model.
    card
        What the model expects.
    options
        The user's word; `force` lets values pass that lie outside the card's.
    tile
        Side, in pixels, of the squares that will be read.
    area
        The pixels that are mapped, whose values are looked at; where these do not fit, as those of
        a lake alone may not, the whole scene decides. None is all.
    files
        As of BandReader.

    Returns
    -------
    Source
        The open scene, which the caller closes.

    Raises
    ------
    InputError
        If the scene cannot be read. ModelError, if its values do not fit the card.
    """
    layers = found.match.layers
    zeros = zero_is_nodata(found.info, layers)
    times = _times_finer(layers, found.grid) if found.map_grid else 1.0
    how: dict[str, Any] = {
        "tile": ceil(tile * times),
        "threads": options.compute.read_threads,
        "zeros": zeros,
        "scaled": scaled_alone(layers, options),
    }
    own = None
    if found.info.parts:
        masks = options.reading.mask
        reader = _open_mosaic(found.info, found.match.indices, found.grid, masks, **how)
    else:
        own = BandReader(layers, files=files, **how)
        reader = _on_grid(own, layers, found.grid) if found.map_grid else own
    try:
        named = all(layer.description for layer in layers)
        check = partial(
            check_values,
            scaling=found.scaling,
            card=card,
            force=options.reading.force,
            named=named,
            strict=options.reading.strict,
            enlarged=found.map_grid is None,
        )
        look = own.look if own and reader is own else reader.read
        sample = sample_values(look, reader.grid, zeros, area)
        try:
            notes, warnings = check(sample)
        except ModelError:
            if area is None:
                raise
            sample = sample_values(look, reader.grid, zeros)
            notes, warnings = check(sample)
        first = found.info.parts[0].layers if found.info.parts else None
        warnings += check_alpha([first[i - 1] for i in found.match.indices] if first else layers)
    except RunError as error:  # nothing has run yet: the file is bad
        reader.close()
        raise InputError(error.found, error.expected, error.do) from error
    except BaseException:
        reader.close()
        raise
    return Source(
        found.info,
        found.match.indices,
        found.scaling,
        reader,
        (
            *found.info.notes,
            found.match.how,
            found.why,
            *_turned(layers),
            *(_resampled(own) if own else ()),
            *(found.map_grid.notes if found.map_grid else ()),
            *notes,
        ),
        (*found.warnings, *(_slow(own) if own else ()), *warnings),
        sample.coverage,
        found.map_grid is not None,
    )


def open_bands(info: SceneInfo, numbers: Sequence[int], **how: Any) -> Reader:
    """Open bands of a scene on its own grid.

    Parameters
    ----------
    info
        What the scene is; it may be a mosaic.
    numbers
        From 1, over all its raster bands.
    **how
        `tile`, `threads` and `zeros`, as of BandReader.

    Returns
    -------
    Reader
        The caller closes it.

    Raises
    ------
    InputError
        If a file cannot be opened.
    """
    if info.parts:
        return _open_mosaic(info, numbers, info.grid, **how)
    return BandReader([info.layers[number - 1] for number in numbers], **how)


def _open_mosaic(
    info: SceneInfo, numbers: Sequence[int], grid: Grid, masks: Sequence[str] = (), **how: Any
) -> Reader:
    """Open bands of a mosaic on a grid; a file is opened when it is read."""
    from .mosaic import runs_of
    from .mosaic_reader import MOST_OPEN, MaskedReader, MosaicReader

    def open_part(part: SceneInfo) -> Reader:
        layers = [part.layers[i - 1] for i in numbers]
        reader: Reader = BandReader(layers, part.grid, **how)
        if part.mask and set(masks) - {NODATA}:
            reader = MaskedReader(reader, MaskReader(part.mask, masks, part.grid))
        return reader

    dtypes = [info.layers[i - 1].dtype for i in numbers]
    dtype = "float32" if how.get("scaled") else plain_type(dtypes)

    def join(parts: Sequence[SceneInfo], over: Grid, most: int) -> Reader:
        places = [place_on(part.grid, over) for part in parts]
        return MosaicReader(places, lambda n: open_part(parts[n]), over, len(numbers), dtype, most)

    runs = runs_of(info.parts, info.grid)
    if len(runs) == 1 and grid_key(runs[0][0]) == grid_key(grid) is not None:
        return join(info.parts, grid, MOST_OPEN)
    places = [place_on(own, grid) for own, _ in runs]
    most = max(1, MOST_OPEN // len(runs))  # of the runs as many may be open

    def open_run(number: int) -> Reader:
        own, parts = runs[number]
        reader = join(parts, own, most) if len(parts) > 1 else open_part(parts[0])
        if grid_key(own) == grid_key(grid) is not None:
            return reader
        place = places[number]
        assert place
        return _on_grid(reader, [replace(parts[0].layers[0], grid=own)], grid.crop(place))

    return MosaicReader(places, open_run, grid, len(numbers), dtype)


def place_on(part: Grid, grid: Grid) -> Window | None:
    """Find the pixels of a grid that a part of a mosaic may cover.

    Parameters
    ----------
    part
        The grid of the part.
    grid
        Over all of them.

    Returns
    -------
    Window or None
        None where it covers none.
    """
    if grid_key(part) == grid_key(grid) is not None:
        row = round((part.transform[5] - grid.transform[5]) / grid.transform[4])
        column = round((part.transform[2] - grid.transform[2]) / grid.transform[0])
        return Window(row, column, row + part.height, column + part.width)
    box = bounds_in(part, str(grid.crs))
    if box is None:
        return None
    ends = to_pixels(grid, np.array([box[:2], box[2:], (box[0], box[3]), (box[2], box[1])]))
    left, top = (int(np.floor(value)) - 1 for value in ends.min(axis=0))
    right, bottom = (int(np.ceil(value)) + 1 for value in ends.max(axis=0))
    around = Window(top, left, bottom, right)
    return around.clip(grid.extent) if around.intersects(grid.extent) else None


def _on_grid(reader: Reader, layers: Sequence[BandInfo], grid: Grid) -> Reader:
    """Bring the pixels of bands to another grid."""
    from .warp import WarpedReader, locate_in  # what it compiles takes a second to load

    placed = next((layer for layer in layers if layer.grid == reader.grid), layers[0])
    return WarpedReader(reader, locate_in(placed, grid.crs), grid)


def _times_finer(layers: Sequence[BandInfo], grid: Grid) -> float:
    """How many pixels of the finest band lie along one of a grid."""
    own = ground_size(finest(tuple(layers)))
    size = ground_size(grid)
    return size / own if own and size else 1.0


def look_at(info: SceneInfo) -> Coverage:
    """Look at how much of a scene holds data, whatever model it is for.

    Parameters
    ----------
    info
        What the scene is.

    Returns
    -------
    Coverage
        Of all its bands but alpha, in a few windows.

    Raises
    ------
    InputError
        If the scene cannot be read.
    """
    layers = info.images or info.layers
    zeros = zero_is_nodata(info, layers)
    numbers = [i for i, layer in enumerate(info.layers, 1) if layer in layers]
    with closing(open_bands(info, numbers, zeros=zeros)) as reader:
        try:
            return sample_values(reader.read, reader.grid, zeros).coverage
        except RunError as error:  # as in open_source
            raise InputError(error.found, error.expected, error.do) from error


def zero_is_nodata(info: SceneInfo, layers: Sequence[BandInfo]) -> bool:
    """Tell whether pixels of 0 in all bands are no data beside what the file says.

    Parameters
    ----------
    info
        What the scene is.
    layers
        The bands that are read.

    Returns
    -------
    bool
        True for Sentinel-2, whose products say so:
        https://sentiwiki.copernicus.eu/web/s2-products, special value NODATA, 0.
    """
    return info.sensor == SENTINEL2 and any(layer.nodata != 0 for layer in layers)


def check_alpha(layers: Sequence[BandInfo]) -> list[str]:
    """See whether an alpha band holds more than on and off.

    Parameters
    ----------
    layers
        The bands that are read, which name it.

    Returns
    -------
    list
        A warning where it does: GDAL marks any fourth band of bytes as alpha.
    """
    masked = next((layer for layer in layers if layer.mask == "alpha"), None)
    if masked is None:
        return []
    windows = [
        masked.turn.window(window, masked.grid)
        for window in spread_windows(masked.grid.extent, 3, 64)
    ]
    with open_dataset(masked.path) as dataset:
        seen = np.concatenate([read_alpha(dataset, window).ravel() for window in windows])
    between = float(((seen > 0) & (seen < seen.max())).mean())
    if between < 0.05:
        return []
    return [
        f"{between:.0%} of the alpha band is neither opaque nor transparent: if it is near "
        "infrared, say so with"
        " gdal_edit.py -colorinterp_4 undefined, or its zeros are taken for nodata"
    ]


def _turned(layers: Sequence[BandInfo]) -> list[str]:
    if not any(layer.turn for layer in layers):
        return []
    return ["the scene is read with north up, and mapped so"]


def _resampled(reader: BandReader) -> list[str]:
    if not reader.resampled:
        return []
    size = f"{reader.grid.width} x {reader.grid.height} px"
    return [f"{reader.resampled} coarser files are brought to the finest grid ({size}), bilinear"]


def _slow(reader: BandReader) -> list[str]:
    if reader.cache <= CACHE_LIMIT:
        return []
    return [
        "the scene is too wide for the blocks in which it is stored: reading will take long;"
        " gdal_translate -co TILED=YES -co COMPRESS=ZSTD makes a copy that reads fast"
    ]
