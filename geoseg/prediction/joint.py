"""One scene for several models: each fits it by itself, and the pixels come side by side."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace

import numpy as np

from ..core.card import ModelCard
from ..core.errors import InputError, ModelError
from ..core.grid import Grid, Patch, Window
from ..core.options import Options
from ..models import Bundle
from ..models.ensemble import Combined, members_of
from ..raster.georeference import ground_size
from ..scene.describe import SceneInfo
from ..scene.fit import Fit, fit
from ..scene.reader import Reader
from ..scene.scaling import scaled_alone
from ..scene.source import Source, open_source, plain_type, read_type


def fit_all(info: SceneInfo, bundle: Bundle, options: Options) -> tuple[Fit, ...]:
    """Find how a scene feeds a model, or each of several.

    Parameters
    ----------
    info
        What the scene is.
    bundle
        The model, or several as one.
    options
        The user's word on how the scene is read.

    Returns
    -------
    tuple
        Of each model, all on one grid.

    Raises
    ------
    ModelError
        If the scene does not fit one of them, or they want other pixels.
    InputError
        If the bands of the options or the scales of the headers are none.
    """
    members = members_of(bundle)
    _check_said([member.card for member in members], options)
    found = tuple(fit(info, member.card, options) for member in members)
    for one, member in zip(found[1:], members[1:], strict=True):
        if one.grid != found[0].grid:
            raise ModelError(
                f"{members[0].card.name} maps {_size(found[0].grid)} of the scene, "
                f"{member.card.name} {_size(one.grid)}",
                "models that see the same pixels",
                "choose the size of the pixels with --gsd METRES",
            )
    return found


def _check_said(cards: Sequence[ModelCard], options: Options) -> None:
    """One word of the user's on bands and values has to mean the same to all models."""
    reading = options.reading
    if reading.bands and len({card.band_names for card in cards}) > 1:
        raise InputError(
            f"--bands {','.join(map(str, reading.bands))} for models of other bands: "
            f"{'; '.join(', '.join(card.band_names) for card in cards)}",
            "a scene whose bands have names",
        )
    units = sorted({card.unit for card in cards})
    if len(units) > 1 and not (reading.scale is None and reading.offset is None):
        raise InputError(
            f"--scale for models of other units: {', '.join(units)}",
            "a scene that tells what its numbers mean",
        )


def _size(grid: Grid) -> str:
    side = ground_size(grid)
    size = f" of {side:.3g} m" if side else ""
    return f"{grid.width} x {grid.height} px{size}"


def open_for(
    fits: Sequence[Fit], bundle: Bundle, options: Options, tile: int, area: Window | None = None
) -> tuple[Source, Bundle]:
    """Open a scene for a model, or for several.

    Parameters
    ----------
    fits
        How the scene feeds each of them.
    bundle
        The model, or several as one.
    options
        The user's word; `force` lets values pass that lie outside a card's.
    tile
        Side, in pixels, of the squares that will be read.
    area
        The pixels that are mapped; None is all.

    Returns
    -------
    tuple
        The open scene, which the caller closes: the bands of all models, one after the other; and
        the models, each with its own scaling of them.

    Raises
    ------
    InputError
        If the scene cannot be read. ModelError, if its values do not fit a card.
    """
    members = members_of(bundle)
    if len(members) == 1 or not isinstance(bundle, Combined):
        return open_source(fits[0], members[0].card, options, tile, area), bundle
    with ExitStack() as opened:  # closes those that are open where another one cannot be
        sources = [
            opened.enter_context(closing(open_source(one, member.card, options, tile, area)))
            for one, member in zip(fits, members, strict=True)
        ]
        opened.pop_all()
    first = sources[0]
    source = replace(
        first,
        indices=tuple(index for each in sources for index in each.indices),
        reader=JointReader([each.reader for each in sources]),
        notes=tuple(dict.fromkeys(note for each in sources for note in each.notes)),
        warnings=tuple(dict.fromkeys(text for each in sources for text in each.warnings)),
        resampled=any(each.resampled for each in sources),
    )
    return source, scaled_for(bundle, fits)


def scaled_for(bundle: Bundle, fits: Sequence[Fit]) -> Bundle:
    """Return the models with the scaling of the scene that each has.

    Parameters
    ----------
    bundle
        The model, or several as one.
    fits
        How the scene feeds each of them.

    Returns
    -------
    Bundle
        A single one as it was.
    """
    if len(fits) == 1 or not isinstance(bundle, Combined):
        return bundle
    scaled = zip(bundle.members, fits, strict=True)
    return replace(bundle, members=tuple(replace(one, scaling=fit.scaling) for one, fit in scaled))


def pixels_for(fits: Sequence[Fit], options: Options) -> tuple[int, str]:
    """Tell what `open_for` will read.

    Parameters
    ----------
    fits
        How the scene feeds each model.
    options
        The user's word on the scene.

    Returns
    -------
    tuple
        How many bands the pixels have, and their type: on whatever grid they are mapped.
    """
    layers = [fit.match.layers for fit in fits]
    types = [read_type(each, scaled_alone(each, options)) for each in layers]
    return sum(map(len, layers)), plain_type(types)


class JointReader:
    """The bands of several readers of one grid, one after the other.

    Parameters
    ----------
    readers
        At least one; they are closed with this one.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = readers
        self.grid: Grid = readers[0].grid
        self.bands = sum(reader.bands for reader in readers)
        self.dtype = plain_type([reader.dtype for reader in readers])

    def read(self, window: Window) -> Patch:
        """Return the pixels of a window; see Reader.

        Parameters
        ----------
        window
            What hangs over the grid's bottom or right edge is reflected, and invalid.

        Returns
        -------
        Patch
            Digital numbers, [band, row, column]; valid where all readers have data.
        """
        patches = [reader.read(window) for reader in self._readers]
        known = [patch.valid for patch in patches if patch.valid is not None]
        data = np.concatenate([patch.data for patch in patches], dtype=self.dtype, casting="unsafe")
        return Patch(window, data, np.logical_and.reduce(known) if known else None)

    def close(self) -> None:
        """Close the files."""
        with ExitStack() as closed:
            for reader in self._readers:
                closed.callback(reader.close)
