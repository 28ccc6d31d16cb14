"""Reading a scene as the model wants it: its bands in order, on one grid, any window, from any thread."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..card import ModelCard, Scaling
from ..errors import InputError, ModelError, RunError
from ..grid import Grid, Window
from ..job import Options
from ..lattice import lattice
from ..parts import WIDEST
from ..stitch import Patch
from .georef import ground_size
from .handles import CACHE_LIMIT, Handle, open_dataset, row_bytes, want_cache
from .info import Layer, SceneInfo, describe, finest, with_nodata
from .match import match_bands
from .pixels import PLAIN, read_alpha, read_pixels
from .resample import Resampling, align
from .sample import spread, take_sample
from .scaling import decide_scaling
from .values import check_values


class Source:
    """An open scene; a context manager. `read` may be called from several threads at once.

    `indices` are the 1-based raster bands that feed the model's bands, in order; `notes`
    say what was chosen and why, `warnings` what may spoil the map. They are read on the
    grid of the finest of them, unless another `grid` is given.
    """

    def __init__(
        self,
        info: SceneInfo,
        layers: Sequence[Layer],
        indices: Sequence[int],
        scaling: Scaling,
        tile: int = 512,
        readers: int = 1,
        grid: Grid | None = None,
    ) -> None:
        self.info = info
        self.indices = tuple(indices)
        self.scaling = scaling
        self.notes: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self.grid: Grid = grid or finest(tuple(layers))
        found = str(np.result_type(*(layer.dtype for layer in layers)))
        self.dtype = found if found in PLAIN else "float32"
        order = sorted(range(len(layers)), key=lambda i: layers[i].path)
        self._parts = [
            _Part(list(part), layers, self.grid, readers) for _, part in groupby(order, lambda i: layers[i].path)
        ]
        self._cache = sum(part.row_bytes(tile) for part in self._parts)
        want_cache(self, self._cache)
        self._count = len(layers)

    def read(self, window: Window) -> Patch:
        """Return the window's pixels [band, row, column] as digital numbers, and where they are valid.

        What hangs over the bottom or right edge is the reflection of the pixels inside,
        and invalid. Any window gives the same values for a pixel. RunError where the file
        cannot be read.
        """
        inside = window.clip(self.grid.extent)
        data = np.empty((self._count, *inside.shape), self.dtype)
        valid: npt.NDArray[np.bool_] | None = None
        for part in self._parts:
            data[part.places], known = part.read(inside)
            if known is not None:
                valid = known if valid is None else valid & known
        if inside == window:
            return Patch(window, data, valid)
        return Patch(window, *_extend(data, valid, window, inside))

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        want_cache(self, 0)
        for part in self._parts:
            part.handle.close()


class _Part:
    """The layers that one file holds, and how they come to the scene's grid."""

    def __init__(self, places: list[int], layers: Sequence[Layer], grid: Grid, readers: int) -> None:
        self.places = places  # where the layers stand among the model's bands
        self.layers = [layers[i] for i in places]
        self.resampling = self._align(grid)
        self.handle = Handle(self.layers[0].path, readers)

    def _align(self, grid: Grid) -> Resampling | None:
        own, path = self.layers[0].grid, self.layers[0].path
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
            rows, columns = abs(self.resampling.rows.gain), abs(self.resampling.columns.gain)
        with self.handle.use() as dataset:
            return row_bytes(dataset, len(self.layers), tile * rows, WIDEST * columns)

    def read(self, window: Window) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
        if self.resampling is None:
            with self.handle.use() as dataset:
                return read_pixels(dataset, self.layers, window)
        source = self.resampling.source_window(window)
        if source is None:
            return np.zeros((len(self.layers), *window.shape), self.layers[0].dtype), np.zeros(window.shape, bool)
        with self.handle.use() as dataset:
            data, valid = read_pixels(dataset, self.layers, source)
        return self.resampling.apply(data, valid, source, window)


def _extend(
    data: npt.NDArray[Any], valid: npt.NDArray[np.bool_] | None, window: Window, inside: Window
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    before = inside.top - window.top, inside.left - window.left
    after = window.bottom - inside.bottom, window.right - inside.right
    pad = [(before[0], after[0]), (before[1], after[1])]
    known = np.ones(inside.shape, bool) if valid is None else valid
    return np.pad(data, [(0, 0), *pad], mode="reflect"), np.pad(known, pad)


def open_raster(scene: tuple[str, ...], card: ModelCard, options: Options) -> Source:
    """Open a scene for a model.

    Raises InputError or ModelError where its bands, data type, pixel size or values do not
    fit the card; the last two give way to `options.force`.
    """
    info = with_nodata(describe(scene), options.nodata)
    match = match_bands(info, card, options.bands)
    scaling, why = decide_scaling(info, match.layers, card, options)
    warnings = check_gsd(match.layers, card, options)
    tile = lattice(finest(match.layers), card, options).tile
    source = Source(info, match.layers, match.indices, scaling, tile, options.readers)
    try:
        notes, more = check_values(take_sample(source.read, source.grid), scaling, card, options.force)
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
    source.notes = (match.how, why, *_resampled(source), *notes)
    source.warnings = (*warnings, *more)
    return source


def check_alpha(layers: Sequence[Layer]) -> list[str]:
    """Return a warning where an alpha band holds more than on and off: GDAL marks any fourth band of bytes as alpha."""
    masked = next((layer for layer in layers if layer.mask == "alpha"), None)
    if masked is None:
        return []
    with open_dataset(masked.path) as dataset:
        seen = np.concatenate([read_alpha(dataset, window).ravel() for window in spread(masked.grid, 3, 64)])
    between = float(((seen > 0) & (seen < seen.max())).mean())
    if between < 0.05:
        return []
    return [
        f"{between:.0%} of the alpha band is neither opaque nor transparent: if it is near infrared, say so with"
        " gdal_edit.py -colorinterp_4 undefined, or its zeros are taken for nodata"
    ]


def check_gsd(layers: Sequence[Layer], card: ModelCard, options: Options) -> list[str]:
    """Return warnings about the pixel size; ModelError where it lies outside the card's range."""
    gsd = ground_size(finest(tuple(layers)))
    if gsd is None:
        return [
            f"the scene has no coordinate reference system: its pixel size is unknown ({card.name} expects"
            f" {card.gsd:g} m), and areas are in pixels"
        ]
    low, high = card.gsd_range
    if low <= gsd <= high:
        return []
    found = f"the scene's pixels are {gsd:.3g} m"
    if options.force:
        return [f"{found}, {card.name} was trained for {low:g} to {high:g} m: gone on because of --force"]
    raise ModelError(
        found,
        f"{low:g} to {high:g} m",
        f"resample the scene to about {card.gsd:g} m with gdalwarp -tr, choose another model, or go on with --force",
    )


def _resampled(source: Source) -> list[str]:
    coarser = sum(part.resampling is not None for part in source._parts)
    if not coarser:
        return []
    height, width = source.grid.height, source.grid.width
    return [f"{coarser} coarser files are brought to the finest grid ({width} x {height} px), bilinear"]
