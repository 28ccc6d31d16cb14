"""A model for arrays: the scores of every pixel, by the same tiles, network and blending as a
map's.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard, Scaling
from ..core.errors import InputError, ModelError
from ..core.grid import Grid, Patch, Tiling, Window
from ..core.options import Options
from ..core.tiling import choose_tiling
from ..models import Bundle, find_model
from ..models.protocol import Model
from ..raster.pixels import PLAIN
from ..scene.reader import extend
from ..scene.values import check_values, sample_values
from .agreement import load_fp32
from .infer import batch_on, infer
from .stitch import weights

Scores = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
# that need no look at a scene before they are trusted
ENGINES = ("auto", "torch", "openvino", "onnxruntime")


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model in memory, on its device: call it with digital numbers, and get the scores of its
    classes.
    """

    bundle: Bundle
    """Where it lies on disk."""
    options: Options
    """Device and engine."""
    _loaded: dict[Scaling, Model] = field(default_factory=dict, repr=False, compare=False)

    @property
    def card(self) -> ModelCard:
        """What the model expects and what its scores mean: `card.labels[i]` is the class of
        score i.
        """
        return self.bundle.card

    @property
    def device(self) -> str:
        """What computes, in words."""
        return self._model(self.card.scaling).device

    def __call__(
        self,
        array: npt.NDArray[Any],
        valid: Mask | None = None,
        *,
        scale: float | None = None,
        offset: float | None = None,
        tile: int | None = None,
        overlap: int | None = None,
        force: bool = False,
        strict: bool = False,
    ) -> Scores:
        """Return the scores of the classes for every pixel.

        Parameters
        ----------
        array
            Digital numbers [band, row, column] as they stand in the scene's file, the bands in the
            order of `card.bands`; of any size.
        valid
            Which pixels hold data, bool [row, column]; None is all of them. Pixels with a band that
            is no finite number never do.
        scale, offset
            value = DN * scale + offset; by default the card's.
        tile, overlap
            In pixels, as of `geoseg predict`; by default fitted to model and array.
        force
            Whether to go on where the values lie outside those of the training data.
        strict
            Whether an array unlike what the model knows is an error, not a warning.

        Returns
        -------
        ndarray
            float32 [label, row, column], 0 to 1; NaN where a pixel is not valid. `argmax(0)` of
            valid pixels is the place in `card.labels` of the class that `geoseg.predict` maps.

        Raises
        ------
        InputError
            Where shape, data type or an option do not fit.
        ModelError
            Where the values lie far outside those the model was trained on; with `strict` also
            where they are unlike.
        """
        how = Options.of(tile=tile, overlap=overlap, scale=scale, offset=offset, force=force)
        pixels, known = _prepared(array, valid, self.card, scale)
        height, width = known.shape
        tiling = choose_tiling(Grid(height, width), self.card, how)
        scaling = _scaling(self.card, how)
        read = _reader(pixels, known)
        _, warned = check_values(
            sample_values(read, Grid(height, width)), scaling, self.card, force, strict=strict
        )
        for text in warned:
            warnings.warn(text, stacklevel=2)
        # what stands behind the scores is none
        scores = blend(self._model(scaling), read, tiling, len(self.card.labels))
        scores[:, ~known] = np.nan
        return scores

    def _model(self, scaling: Scaling) -> Model:
        if scaling not in self._loaded:
            self._loaded.clear()  # one network in memory is enough
            self._loaded[scaling] = load_fp32(self.bundle, scaling, self.options)
        return self._loaded[scaling]


def open_model(name: str, options: Options) -> OpenModel:
    """Load a model in float32; see `geoseg.open_model`.

    Parameters
    ----------
    name
        A bundle's name or folder.
    options
        Device and engine.

    Returns
    -------
    OpenModel
        What is wrong with it is told now.

    Raises
    ------
    InputError
        If the engine is one that is compared with PyTorch on each scene. ModelError, if the
        model cannot be loaded.
    """
    if options.compute.engine not in ENGINES:
        raise InputError(
            f"engine {options.compute.engine!r}",
            f"one of {', '.join(ENGINES)}",
            "it is compared with PyTorch on each scene: use geoseg.predict",
        )
    model = OpenModel(find_model(name), options)
    model._model(model.card.scaling)  # what is wrong with it is told now
    return model


def blend(model: Model, read: Callable[[Window], Patch], tiling: Tiling, labels: int) -> Scores:
    """Blend the scores of all tiles.

    Every pixel adds up its tiles in the order of the tiling, each times its share as `stitch` has
    it: to the bit the sums from which a map's classes are taken.

    Parameters
    ----------
    model
        What computes.
    read
        Gives a tile's pixels.
    tiling
        The tiles.
    labels
        How many labels have scores.

    Returns
    -------
    ndarray
        Weighted means, float32 [label, row, column]; 0 where no tile holds a valid pixel.
    """
    down = weights(tiling, tiling.tops)
    across = weights(tiling, tiling.lefts)
    total: Scores = np.zeros((labels, tiling.height, tiling.width), np.float32)
    patches = (read(tile) for tile in tiling.tiles())
    for patch in infer(model, patches, batch_on(model.device)):
        scores = patch.data if isinstance(patch.data, np.ndarray) else patch.data.cpu().numpy()
        window = patch.window.clip(tiling.extent)
        inside = window.within(patch.window)
        share = down[patch.window.top][inside[0], None] * across[patch.window.left][inside[1]]
        total[:, *window.within(tiling.extent)] += scores[:labels, *inside] * share
    return total


def _reader(pixels: npt.NDArray[Any], known: Mask) -> Callable[[Window], Patch]:
    """Return a function that reads windows of the array as those of a scene are read."""
    extent = Window(0, 0, *known.shape)

    def read(window: Window) -> Patch:
        inside = window.clip(extent)
        rows, columns = inside.within(extent)
        data = pixels[:, rows, columns]
        valid = known[rows, columns]
        if inside == window:
            return Patch(window, np.ascontiguousarray(data), np.ascontiguousarray(valid))
        return Patch(window, *extend(data, valid, window, inside))

    return read


def _prepared(
    array: npt.NDArray[Any], valid: Mask | None, card: ModelCard, scale: float | None
) -> tuple[npt.NDArray[Any], Mask]:
    """Return the pixels in a type that models take, and where they are valid."""
    pixels = np.asarray(array)
    if pixels.ndim != 3 or len(pixels) != len(card.bands) or 0 in pixels.shape:
        raise InputError(
            f"an array of {' x '.join(map(str, pixels.shape))}",
            f"[band, row, column] with the {len(card.bands)} bands {', '.join(card.band_names)}",
        )
    if pixels.dtype.name not in card.dtypes and (scale is None or pixels.dtype.kind not in "iuf"):
        raise ModelError(
            f"the array's data type is {pixels.dtype.name}",
            " or ".join(card.dtypes),
            "if you know how its numbers become the model's values, say so with scale= (and "
            "offset=)",
        )
    known: Mask = np.ones(pixels.shape[1:], bool)
    if isinstance(array, np.ma.MaskedArray):
        known &= ~np.ma.getmaskarray(array).any(axis=0)
    if valid is not None:
        if valid.shape != known.shape or valid.dtype != bool:
            raise InputError(f"valid is {valid.dtype.name}, {valid.shape}", f"bool, {known.shape}")
        known &= valid
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    if pixels.dtype.name not in PLAIN:
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, hence invalid
            pixels = pixels.astype(np.float32)
    if pixels.dtype.kind == "f":
        finite = np.isfinite(pixels)
        if not finite.all():
            known &= finite.all(axis=0)
            pixels = np.where(finite, pixels, np.float32(0))
    return pixels, known


def _scaling(card: ModelCard, options: Options) -> Scaling:
    """Return what is told, as for a file that says nothing: a scale alone goes without an
    offset.
    """
    if options.reading.scale is not None:
        return Scaling(options.reading.scale, options.reading.offset or 0.0)
    return (
        card.scaling
        if options.reading.offset is None
        else Scaling(card.scaling.scale, options.reading.offset)
    )
