"""Finding a model's bands in a scene: by name, or by the user's word; never by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.card import Band, ModelCard
from ..core.errors import InputError, ModelError
from ..raster.band_info import BandInfo
from .bands import INFRARED, SENTINEL2, code, wanted_names
from .describe import SceneInfo

MANY = 13  # names in one line, Sentinel-2's bands
LONG = 40  # characters of a name in one line


@dataclass(frozen=True, slots=True)
class Match:
    """The bands that feed a model's."""

    indices: tuple[int, ...]
    """Their 1-based numbers over all raster bands of the scene, in the model's order."""
    layers: tuple[BandInfo, ...]
    """What the headers say of them."""
    how: str
    """One line on how they were found."""


def match_bands(info: SceneInfo, card: ModelCard, chosen: Sequence[int] | None = None) -> Match:
    """Find the bands of a scene that feed a model's.

    Parameters
    ----------
    info
        What the scene is.
    card
        What the model expects.
    chosen
        The user's 1-based numbers over all raster bands of the scene; None goes by name.

    Returns
    -------
    Match
        In the model's order.

    Raises
    ------
    ModelError
        If they cannot be told for certain. InputError, if the numbers are none of the scene.
    """
    if chosen is not None:
        return _by_number(info, card, tuple(chosen))
    found = [_candidates(info, band) for band in card.bands]
    missing = [band.name for band, layers in zip(card.bands, found, strict=True) if not layers]
    if missing:
        raise ModelError(_found(info, missing), _expected(card), _advice(info, card))
    indices = tuple(
        _finest(info, band, layers) for band, layers in zip(card.bands, found, strict=True)
    )
    if len(set(indices)) < len(indices):
        raise ModelError(
            f"one band of the scene would serve twice for {card.name}",
            _expected(card),
            _advice(info, card),
        )
    return _match(
        info,
        indices,
        "bands " + ", ".join(f"{i + 1} {info.layers[i].name}" for i in indices) + " by name",
    )


def _by_number(info: SceneInfo, card: ModelCard, chosen: tuple[int, ...]) -> Match:
    wanted = ", ".join(card.band_names)
    option = f"--bands {','.join(map(str, chosen))}"
    if len(chosen) != len(card.bands):
        raise InputError(
            f"{option} names {len(chosen)} bands", f"{len(card.bands)}, for {wanted} of {card.name}"
        )
    if min(chosen) < 1 or max(chosen) > len(info.layers):
        raise InputError(
            option, f"numbers from 1 to {len(info.layers)}: the scene has {_count(info)}"
        )
    if len(set(chosen)) < len(chosen):
        raise InputError(f"{option} names a band twice", f"a band of its own for each of {wanted}")
    return _match(
        info,
        tuple(i - 1 for i in chosen),
        f"bands {', '.join(map(str, chosen))} as {wanted}, from --bands",
    )


def _match(info: SceneInfo, indices: tuple[int, ...], how: str) -> Match:
    return Match(tuple(i + 1 for i in indices), tuple(info.layers[i] for i in indices), how)


def _candidates(info: SceneInfo, band: Band) -> list[int]:
    """Layers with the band's surest name that occurs in the scene."""
    for name in wanted_names(band.name, band.common_name):
        found = [
            i
            for i, layer in enumerate(info.layers)
            if layer.name == name or _alias(info, layer) == name
        ]
        if found:
            return found
    return []


def _alias(info: SceneInfo, layer: BandInfo) -> str | None:
    names = wanted_names(layer.name, "") if layer.name and info.sensor == SENTINEL2 else ()
    return names[1] if len(names) > 1 else None


def _finest(info: SceneInfo, band: Band, layers: list[int]) -> int:
    """A product may hold a band at several pixel sizes: the finest serves, where there is one
    such.
    """
    sizes = {
        i: abs(info.layers[i].grid.transform[0] * info.layers[i].grid.transform[4]) for i in layers
    }
    least = min(sizes.values())
    best = [i for i in layers if sizes[i] == least]
    if len(best) == 1:
        return best[0]
    numbers = " and ".join(some([str(i + 1) for i in best]))
    raise ModelError(
        f"bands {numbers} of the scene are both {band.name}",
        "each band once",
        "name the right ones with --bands; files side by side are one scene with --mosaic first",
    )


def _count(info: SceneInfo) -> str:
    return "1 band" if len(info.layers) == 1 else f"{len(info.layers)} bands"


def _found(info: SceneInfo, missing: Sequence[str]) -> str:
    names = [layer.name or layer.description or f"({layer.colour})" for layer in info.layers]
    if not any(info.bands):
        if any(code(layer.description) for layer in info.layers):
            return (
                f"nothing tells whether the scene's bands {', '.join(some(names))} are "
                "Sentinel-2's or Landsat's"
            )
        return f"the scene has {_count(info)} without a name that tells which is which"
    sensor = f" of {info.sensor}" if info.sensor else ""
    infrared = "colour infrared, " if info.bands[:3] == INFRARED and "blue" in missing else ""
    return (
        f"the scene has {infrared}{_count(info)}{sensor} ({', '.join(some(names))}), "
        f"without {', '.join(missing)}"
    )


def some(names: Sequence[str]) -> list[str]:
    """Shorten names for an error.

    Parameters
    ----------
    names
        All of them.

    Returns
    -------
    list
        The first dozen, each of a length that can be read.
    """
    shown = [name if len(name) <= LONG else f"{name[:LONG]}..." for name in names[:MANY]]
    return shown if len(names) <= MANY else [*shown, f"... {len(names) - MANY:,} more"]


def _expected(card: ModelCard) -> str:
    return ", ".join(card.band_names)


def _advice(info: SceneInfo, card: ModelCard) -> str:
    if "palette" in info.colours:
        return "give its colours bands of their own first: gdal_translate -expand rgb"
    if len(info.images) < len(card.bands):
        return (
            f"{card.name} cannot map this scene: choose another model, or give the "
            "files of all its bands"
        )
    if all(layer.name for layer in info.images):
        return (
            f"{card.name} cannot map this scene: choose another model, or give the "
            "files of all its bands"
        )
    places = ",".join("N" * len(card.bands))
    return (
        f"if the scene has them, say which they are: --bands {places}, the numbers of "
        f"{_expected(card)}"
    )
