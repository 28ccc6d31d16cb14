"""Reading a scene as the model wants it: its bands in order, on one grid, any window, from any
thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard, Scaling
from ..core.errors import InputError, RunError
from ..core.grid import Grid, Patch, Window
from ..core.options import Options
from ..core.tiling import WIDEST, choose_tiling
from ..raster.band_info import BandInfo
from ..raster.handles import CACHE_LIMIT, Handle, open_dataset, row_bytes, want_cache
from ..raster.pixels import PLAIN, Mask, read_alpha, read_pixels
from .bands import SENTINEL2
from .describe import SceneInfo, describe, finest, with_nodata
from .fit import fit
from .resample import Resampling, align
from .values import check_values, sample_values, spread_windows


class Source:
    """An open scene; a context manager. `read` may be called from several threads at once.

    `indices` are the 1-based raster bands that feed the model's bands, in order; `notes`
    say what was chosen and why, `warnings` what may spoil the map; `constants` are the values
    of which these say that parts of the scene hold nothing else. The bands are read on the
    grid of the finest of them, unless another `grid` is given. With `zeros`, pixels that are
    0 in all of them are invalid.
    """

    def __init__(
        self,
        info: SceneInfo,
        layers: Sequence[BandInfo],
        indices: Sequence[int],
        scaling: Scaling,
        tile: int = 512,
        readers: int = 1,
        grid: Grid | None = None,
        zeros: bool = False,
    ) -> None:
        self.info = info
        self.indices = tuple(indices)
        self.scaling = scaling
        self.notes: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self.constants: tuple[float, ...] = ()
        self._zeros = zeros
        self.grid: Grid = grid or finest(tuple(layers))
        found = str(np.result_type(*(layer.dtype for layer in layers)))
        self.dtype = found if found in PLAIN else "float32"
        order = sorted(range(len(layers)), key=lambda i: layers[i].path)
        self._parts = [
            _Part(list(part), layers, self.grid, readers)
            for _, part in groupby(order, lambda i: layers[i].path)
        ]
        self._cache = sum(part.row_bytes(tile) for part in self._parts)
        want_cache(self, self._cache)
        self._count = len(layers)

    def read(self, window: Window) -> Patch:
        """Return the window's pixels [band, row, column] as digital numbers, and where they are
        valid.

        What hangs over the bottom or right edge is the reflection of the pixels inside,
        and invalid. Any window gives the same values for a pixel. RunError where the file
        cannot be read.
        """
        inside = window.clip(self.grid.extent)
        data = np.empty((self._count, *inside.shape), self.dtype)
        valid: Mask | None = None
        zeros: list[Mask | None] = []
        for part in self._parts:
            data[part.places], known, zero = part.read(inside, self._zeros)
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

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        want_cache(self, 0)
        for part in self._parts:
            part.handle.close()


class _Part:
    """The layers that one file holds, and how they come to the scene's grid."""

    def __init__(
        self, places: list[int], layers: Sequence[BandInfo], grid: Grid, readers: int
    ) -> None:
        self.places = places  # where the layers stand among the model's bands
        self.layers = [layers[i] for i in places]
        self.resampling = self._align(grid)
        self.handle = Handle(self.layers[0].path, readers)

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
                "join files that lie side by side with gdalbuildvrt first",
            )
        return resampling

    def row_bytes(self, tile: int) -> int:
        """Return the size of the blocks that a row of tiles needs."""
        rows = columns = 1.0
        if self.resampling:
            rows = abs(self.resampling.rows.gain)
            columns = abs(self.resampling.columns.gain)
        with self.handle.use() as dataset:
            return row_bytes(dataset, len(self.layers), tile * rows, WIDEST * columns)

    def read(
        self, window: Window, zeros: bool
    ) -> tuple[npt.NDArray[Any], Mask | None, Mask | None]:
        """Return the window's pixels, where they are valid, and with `zeros` where all layers
        are 0 (None: nowhere).
        """
        if self.resampling is None:
            data, valid = self._pixels(window)
            return data, valid, _all_zero(data) if zeros else None
        source = self.resampling.source_window(window)
        if source is None:
            nothing = np.zeros((len(self.layers), *window.shape), self.layers[0].dtype)
            return nothing, np.zeros(window.shape, bool), None
        data, valid = self._pixels(source)
        zero = _all_zero(data) if zeros else None
        found, known = self.resampling.apply(data, valid, source, window)
        if zero is None:
            return found, known, None
        # no data carries no weight, where a part of the pixels that are blended is
        found, held = self.resampling.apply(
            data, ~zero if valid is None else valid & ~zero, source, window
        )
        return found, known, None if held is None else ~held

    def _pixels(self, window: Window) -> tuple[npt.NDArray[Any], Mask | None]:
        turn = self.layers[0].turn
        grid = self.layers[0].grid
        with self.handle.use() as dataset:
            data, valid = read_pixels(dataset, self.layers, turn.window(window, grid))
        if turn:
            data = turn.pixels(data)
            valid = None if valid is None else turn.pixels(valid)
        return data, valid


def _all_zero(data: npt.NDArray[Any]) -> Mask | None:
    zero: Mask = np.logical_not(data.any(axis=0))
    return zero if zero.any() else None


def extend(
    data: npt.NDArray[Any], valid: npt.NDArray[np.bool_] | None, window: Window, inside: Window
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Return pixels and validity of the window from those inside: reflected beyond them, and
    invalid there.
    """
    before = inside.top - window.top, inside.left - window.left
    after = window.bottom - inside.bottom, window.right - inside.right
    pad = [(before[0], after[0]), (before[1], after[1])]
    known = np.ones(inside.shape, bool) if valid is None else valid
    return np.pad(data, [(0, 0), *pad], mode="reflect"), np.pad(known, pad)


def open_raster(scene: tuple[str, ...], card: ModelCard, options: Options) -> Source:
    """Open a scene for a model.

    Raises InputError or ModelError where its sensor, bands, data type, pixel size or values
    do not fit the card; the last two give way to `options.reading.force`, the first to `options.reading.scale`.
    """
    return open_described(describe(scene), card, options)


def open_described(info: SceneInfo, card: ModelCard, options: Options) -> Source:
    """Open a scene whose headers were read, as `open_raster` does."""
    info = with_nodata(info, options.reading.nodata)
    found = fit(info, card, options)
    match = found.match
    scaling = found.scaling
    warnings = list(found.warnings)
    tile = choose_tiling(finest(match.layers), card, options).tile
    zeros = zero_is_nodata(info, match.layers)
    source = Source(
        info, match.layers, match.indices, scaling, tile, options.compute.read_threads, zeros=zeros
    )
    try:
        sample = sample_values(source.read, source.grid, zeros)
        source.constants = tuple(sample.constants)
        named = all(layer.description for layer in match.layers)
        notes, more = check_values(sample, scaling, card, options.reading.force, named)
        more += check_alpha(match.layers)
    except RunError as error:  # nothing has run yet: the file is bad
        source.close()
        raise InputError(error.found, error.expected, error.do) from error
    except BaseException:
        source.close()
        raise
    if source._cache > CACHE_LIMIT:
        warnings.append(
            "the scene is too wide for the blocks in which it is stored: reading will take long;"
            " gdal_translate -co TILED=YES -co COMPRESS=ZSTD makes a copy that reads fast"
        )
    turned = (
        ["the scene is read with north up, and mapped so"]
        if any(layer.turn for layer in match.layers)
        else []
    )
    source.notes = (match.how, found.why, *turned, *_resampled(source), *notes)
    source.warnings = (*warnings, *more)
    return source


def zero_is_nodata(info: SceneInfo, layers: Sequence[BandInfo]) -> bool:
    """Return whether pixels of 0 in all bands are no data beside what the file says: Sentinel-2's
    products say so.

    https://sentiwiki.copernicus.eu/web/s2-products: special value NODATA, 0
    """
    return info.sensor == SENTINEL2 and any(layer.nodata != 0 for layer in layers)


def check_alpha(layers: Sequence[BandInfo]) -> list[str]:
    """Return a warning where an alpha band holds more than on and off: GDAL marks any fourth
    band of bytes as alpha.
    """
    masked = next((layer for layer in layers if layer.mask == "alpha"), None)
    if masked is None:
        return []
    windows = [
        masked.turn.window(window, masked.grid) for window in spread_windows(masked.grid, 3, 64)
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


def _resampled(source: Source) -> list[str]:
    coarser = sum(part.resampling is not None for part in source._parts)
    if not coarser:
        return []
    height = source.grid.height
    width = source.grid.width
    return [
        f"{coarser} coarser files are brought to the finest grid ({width} x {height} px), bilinear"
    ]
