"""Which scaling turns the scene's digital numbers into the model's values, and why."""

from __future__ import annotations

from collections.abc import Sequence

from ..card import ModelCard, Scaling
from ..errors import InputError, ModelError
from ..job import Options
from .info import Layer, SceneInfo


def decide_scaling(info: SceneInfo, layers: Sequence[Layer], card: ModelCard, options: Options) -> tuple[Scaling, str]:
    """Return the scaling and one line on where it comes from.

    The user's word comes first, then scale and offset in the file's header, then the
    product's metadata, then the card's.
    """
    _check_dtypes(layers, card, options)
    default, why = _default(info, layers, card, options)
    if options.scale is not None:
        return _told(Scaling(options.scale, options.offset or 0.0), "from --scale", card)
    if options.offset is not None:
        return _told(Scaling(default.scale, options.offset), "from --offset", card)
    return _told(default, why, card)


def _default(info: SceneInfo, layers: Sequence[Layer], card: ModelCard, options: Options) -> tuple[Scaling, str]:
    found = {(layer.scale, layer.offset) for layer in layers}
    if options.scale is None and len(found) > 1:
        raise InputError(
            "the bands' headers give different scales or offsets: "
            + ", ".join(f"x {s:g} {o:+g}" for s, o in sorted(found)),
            "one scaling for all bands",
            "say it with --scale and --offset, or unify the bands with gdal_translate -unscale -ot Float32",
        )
    scale, offset = next(iter(found))
    if (scale, offset) != (1.0, 0.0) and scale > 0:
        return Scaling(scale, offset), "from the file's header"
    if info.scaling and "reflectance" in card.unit.lower():
        return info.scaling, f"from the product ({info.product})"
    return card.scaling, f"the one of {card.name}: file and product say nothing"


def _told(scaling: Scaling, why: str, card: ModelCard) -> tuple[Scaling, str]:
    return scaling, f"{card.unit or 'value'} = DN x {scaling.scale:.7g} {scaling.offset:+g}, {why}"


def _check_dtypes(layers: Sequence[Layer], card: ModelCard, options: Options) -> None:
    found = {layer.dtype for layer in layers}
    if any(name.startswith("complex") for name in found):
        raise InputError(
            f"the scene's pixels are complex numbers ({', '.join(sorted(found))})",
            "real numbers",
            "compute what is wanted first, such as the amplitude",
        )
    if found <= set(card.dtypes) or options.scale is not None:
        return
    raise ModelError(
        f"the scene's data type is {', '.join(sorted(found))}",
        " or ".join(card.dtypes),
        "if you know how its numbers become the model's values, say so with --scale (and --offset)",
    )
