"""Which scaling turns the scene's digital numbers into the model's values, and why."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from ..core.card import ModelCard, Scaling
from ..core.errors import InputError, ModelError
from ..core.options import Options
from ..raster.band_info import BandInfo
from .describe import SceneInfo


def decide_scaling(
    info: SceneInfo, layers: Sequence[BandInfo], card: ModelCard, options: Options
) -> tuple[Scaling, str]:
    """Decide what makes a model's values of digital numbers.

    The user's word comes first, then scale and offset in the file's header, then the product's
    metadata, then the card's.

    Parameters
    ----------
    info
        What the scene is.
    layers
        The bands that feed the model.
    card
        What the model expects.
    options
        Scale and offset. A scale that is given alone goes with the offset that header or
        product give to this very scale, else with none.

    Returns
    -------
    tuple
        The scaling, and one line on where it comes from.

    Raises
    ------
    InputError
        If the headers of the bands differ. ModelError, if their data type is not the model's
        and no scale is given.
    """
    check_dtypes(layers, card, options)
    if scaled_alone(layers, options):
        return (
            Scaling(),
            f"{card.unit or 'value'} by each band's own scale and offset, as {_who(info)} has them",
        )
    if options.reading.scale is not None:
        known = known_scaling(info, layers, card)
        if (
            options.reading.offset is None
            and known
            and isclose(known[0].scale, options.reading.scale, rel_tol=1e-6)
        ):
            return _told(
                Scaling(options.reading.scale, known[0].offset),
                f"from --scale, and {known[1]}",
                card,
            )
        return _told(
            Scaling(options.reading.scale, options.reading.offset or 0.0), "from --scale", card
        )
    if info.unsaid and options.reading.offset is None and "reflectance" in card.unit.lower():
        raise InputError(
            info.unsaid,
            "the metadata of the whole product",
            "put them there, or say with --scale and --offset what the numbers mean",
        )
    _one_scaling(layers)
    default, why = known_scaling(info, layers, card) or (card.scaling, "")
    if options.reading.offset is not None:
        return _told(Scaling(default.scale, options.reading.offset), "from --offset", card)
    return _told(
        default,
        f"from {why}" if why else f"the one of {card.name}: file and product say nothing",
        card,
    )


def known_scaling(
    info: SceneInfo, layers: Sequence[BandInfo], card: ModelCard
) -> tuple[Scaling, str] | None:
    """Find the scaling that header or product give to bands.

    Parameters
    ----------
    info
        What the scene is.
    layers
        The bands that feed the model.
    card
        What the model expects.

    Returns
    -------
    tuple or None
        The scaling, and which of the two says so; None where neither does.
    """
    found = {(layer.scale, layer.offset) for layer in layers}
    scale, offset = found.pop()
    if not found and (scale, offset) != (1.0, 0.0) and scale > 0:
        return Scaling(scale, offset), _who(info)
    thermal = any((layer.name or "").startswith("lwir") for layer in layers)
    if info.scaling and "reflectance" in card.unit.lower() and not thermal:
        return info.scaling, f"the product ({info.product})"
    return None


def scaled_alone(layers: Sequence[BandInfo], options: Options) -> bool:
    """Tell whether each band has to be brought to values by itself, for one scaling is not all's.

    Parameters
    ----------
    layers
        The bands that feed the model.
    options
        With a scale or an offset, the user says what all numbers mean.

    Returns
    -------
    bool
        Whether they differ in what header or product say; False where these say nothing of some.
    """
    told = options.reading.scale is not None or options.reading.offset is not None
    found = {(layer.scale, layer.offset) for layer in layers}
    return not told and len(found) > 1 and (1.0, 0.0) not in found


def _who(info: SceneInfo) -> str:
    return f"the product ({info.product})" if info.product else "the file's header"


def _one_scaling(layers: Sequence[BandInfo]) -> None:
    found = {(layer.scale, layer.offset) for layer in layers}
    if len(found) > 1:
        raise InputError(
            "the bands' headers give different scales or offsets: "
            + ", ".join(f"x {s:g} {o:+g}" for s, o in sorted(found)),
            "one scaling for all bands",
            "say it with --scale and --offset, or unify the bands with gdal_translate -unscale "
            "-ot Float32",
        )


def _told(scaling: Scaling, why: str, card: ModelCard) -> tuple[Scaling, str]:
    return scaling, f"{card.unit or 'value'} = DN x {scaling.scale:.7g} {scaling.offset:+g}, {why}"


def check_dtypes(layers: Sequence[BandInfo], card: ModelCard, options: Options) -> None:
    """See whether the pixels are of a data type that a model knows.

    Parameters
    ----------
    layers
        The bands that feed it.
    card
        What the model expects.
    options
        With a scale, the user says what the digital numbers of any other type mean.

    Raises
    ------
    InputError
        If they are complex. ModelError, if the model knows another type and no scale is given.
    """
    found = {layer.dtype for layer in layers}
    if any(name.startswith("complex") for name in found):
        raise InputError(
            f"the scene's pixels are complex numbers ({', '.join(sorted(found))})",
            "real numbers",
            "compute what is wanted first, such as the amplitude",
        )
    if found <= set(card.dtypes) or options.reading.scale is not None:
        return
    raise ModelError(
        f"the scene's data type is {', '.join(sorted(found))}",
        " or ".join(card.dtypes),
        "if you know how its numbers become the model's values, say so with --scale (and --offset)",
    )
