"""What a configuration leaves out, found: in the scenes, or in the model that the training
starts from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..architectures import WITHOUT_ENCODER
from ..core.card import COMMON_NAMES, ModelCard
from ..core.errors import InputError
from ..scene.bands import wanted_names
from ..scene.describe import SceneInfo
from ..scene.match import match_bands
from ..scene.scaling import decide_scaling
from .config import BandConfig, CardConfig, ClassConfig, Config, NetworkConfig
from .pretrained import installed
from .scene_label import make_options

DEFAULT: dict[str, Any] = {
    "encoder": "tu-tf_efficientnet_lite0",
    "decoder_channels": [128, 64, 32, 24, 16],
}
ENCODER = "efficientnet-lite0"
# a model is said to be good for pixels up to so much smaller or larger than those it saw, times
# zoom
NEAR = 1.6
SENTINEL2 = "Sentinel-2"
DEPTH = 8.0  # pixels from an object's border


def fill_defaults(
    config: Config, infos: Sequence[SceneInfo], name: str, start: ModelCard | None = None
) -> Config:
    """Return the configuration with all that a card needs.

    Parameters
    ----------
    config
        What the user said, which comes first.
    infos
        Of all scenes, in order; the first tells bands and scaling.
    name
        For the model where none is given.
    start
        The card of the model that the training starts from: the network comes from it, and the
        bands, classes and numbers that the configuration does not name. None begins fresh.

    Returns
    -------
    Config
        Whose `draft` is a card.

    Raises
    ------
    InputError
        If something is neither given nor found, or what is given makes no card.
    """
    if not config.classes and start is None:
        raise InputError(
            "no classes are given", "--classes NAME=VALUE,NAME=VALUE or tables [[classes]]"
        )
    known = start.labels if start else ()
    classes = config.classes or tuple(
        ClassConfig(c.value, c.name, c.colour, built=c.is_building) for c in known
    )
    if start and start.depth and not config.classes and not config.data.things:
        things = [label.name for label in known if label.is_thing]
        config = replace(config, data=replace(config.data, things=things))
    config = replace(config, classes=classes, network=_network(config.network, start))
    config = replace(config, bands=_bands(config, infos, start))
    try:
        config = replace(config, card=_card(config, infos, name, start))
        config.draft()
    except ValueError as error:
        raise InputError(f"the configuration makes no model: {error}") from error
    return config


def _network(network: NetworkConfig, start: ModelCard | None) -> NetworkConfig:
    if start is not None:
        same = NetworkConfig(start.architecture, "", dict(start.hyperparameters))
        if network not in (NetworkConfig(), same):
            raise InputError(
                "--from brings the network of its model, with its weights",
                do="leave architecture, hyperparameters and pretrained out",
            )
        return same
    if network.architecture and network.hyperparameters:
        return network
    architecture = network.architecture or "unet"
    given = network.hyperparameters or _usual(architecture)
    usual = (
        given.get("encoder") == DEFAULT["encoder"] and not network.pretrained and installed(ENCODER)
    )
    return NetworkConfig(architecture, ENCODER if usual else network.pretrained, dict(given))


def _usual(architecture: str) -> dict[str, Any]:
    """Return the hyperparameters of a network for which none are given."""
    if architecture == "unet":
        return DEFAULT
    return WITHOUT_ENCODER.get(architecture, {"encoder": DEFAULT["encoder"]})


def _bands(
    config: Config, infos: Sequence[SceneInfo], start: ModelCard | None
) -> tuple[BandConfig, ...]:
    if config.bands:
        known = {band.name: band for band in start.bands} if start else {}
        return tuple(
            replace(
                b,
                mean=known[b.name].mean if b.mean is None else b.mean,
                std=known[b.name].std if b.std is None else b.std,
                common_name=b.common_name or known[b.name].common_name,
                wavelength=b.wavelength or known[b.name].wavelength,
            )
            if b.name in known
            else _named(b, infos[0])
            for b in config.bands
        )
    if start is not None:  # its weights are used to these statistics
        return tuple(
            BandConfig(b.name, b.common_name, b.wavelength, b.mean, b.std) for b in start.bands
        )
    info = infos[0]
    layers = [info.layers[i - 1] for i in _numbers(config, info)]
    names = [layer.name or layer.description or f"band {layer.index}" for layer in layers]
    return tuple(_named(BandConfig(name), info) for name in names)


def _numbers(config: Config, info: SceneInfo) -> list[int]:
    """Return which of the scene's bands are meant, from 1."""
    chosen = config.data.bands
    if chosen and not 1 <= min(chosen) <= max(chosen) <= len(info.layers):
        raise InputError(
            f"--bands {','.join(map(str, chosen))}", f"numbers from 1 to {len(info.layers)}"
        )
    images = [
        i + 1
        for i, layer in enumerate(info.layers)
        if layer.colour != "alpha" and not (info.product and _no_reflectance(layer.name or ""))
    ]
    if not chosen and not all(info.layers[i - 1].name for i in images):
        raise InputError(
            f"{info.paths[0]} has {len(images)} bands, and nothing tells which is which",
            "bands with names",
            "give their numbers with --bands, such as --bands " + ",".join(map(str, images)),
        )
    return chosen or images


def _no_reflectance(name: str) -> bool:
    """Whether a band of a product of reflectance is none of it: thermal, or of other pixels."""
    return name == "pan" or name.startswith("lwir")


def _named(band: BandConfig, info: SceneInfo) -> BandConfig:
    """Give a band its common name."""
    if band.common_name or band.name in COMMON_NAMES:
        return replace(band, common_name=band.common_name or band.name)
    other = wanted_names(band.name, "") if info.sensor == SENTINEL2 else ()
    return (
        replace(band, common_name=other[1]) if len(other) > 1 and other[1] in COMMON_NAMES else band
    )


def _card(
    config: Config, infos: Sequence[SceneInfo], name: str, start: ModelCard | None
) -> CardConfig:
    c = config.card
    gsd, gsd_range = _gsd(config, infos, start)
    found = replace(
        c,
        name=c.name or _tidy(name),
        sensor=c.sensor or _sensors(infos) or (start.sensor if start else "any"),
        dtypes=c.dtypes
        or sorted({info.dtype for info in infos} | set(start.dtypes if start else ())),
        gsd=gsd,
        gsd_range=gsd_range,
        credits=c.credits or list(start.credits if start else ()),
        depth=c.depth or (start.depth.limit if start and start.depth else DEPTH),
    )
    found = replace(
        found,
        unit=c.unit or (start.unit if start else _unit(infos)),
        description=c.description
        or f"Maps {', '.join(label.name for label in config.labels)} at about {gsd:.3g} m",
    )
    return _scaled(replace(config, card=found), infos[0], start)


def _gsd(
    config: Config, infos: Sequence[SceneInfo], start: ModelCard | None
) -> tuple[float, list[float]]:
    """Return the pixel size and its range: given, measured, or the start's."""
    c = config.card
    if c.gsd_range and len(c.gsd_range) != 2:
        raise InputError(f"card.gsd_range = {c.gsd_range}", "the least and the most, in metres")
    sizes = sorted(info.gsd for info in infos if info.gsd is not None)
    gsd = c.gsd or (sizes[len(sizes) // 2] if sizes else start.gsd if start else 0.0)
    if not gsd:
        raise InputError(
            "the scenes have no coordinate reference system, so their pixel size is unknown",
            "--gsd METRES (or card.gsd)",
        )
    low = min([gsd, *sizes])
    high = max([gsd, *sizes])
    reach = NEAR * config.augment.zoom
    return float(f"{gsd:.4g}"), c.gsd_range or [
        float(f"{low / reach:.3g}"),
        float(f"{high * reach:.3g}"),
    ]


def _scaled(config: Config, info: SceneInfo, start: ModelCard | None) -> CardConfig:
    """Settle the scaling: the configuration's word, the start's, or what the first scene says of
    itself.
    """
    if config.card.scale is not None:
        return replace(config.card, offset=config.card.offset or 0.0)
    scaling = start.scaling if start else None
    if scaling is None:
        options = make_options(config)
        draft = config.draft()
        scaling, _ = decide_scaling(
            info, match_bands(info, draft, options.reading.bands).layers, draft, options
        )
    return replace(config.card, scale=scaling.scale, offset=scaling.offset)


def _unit(infos: Sequence[SceneInfo]) -> str:
    told = any(info.scaling or (info.product and _each_scaled(info)) for info in infos)
    return "reflectance" if told else "digital number"


def _each_scaled(info: SceneInfo) -> bool:
    """Whether each band has a scale of its own."""
    return all((layer.scale, layer.offset) != (1.0, 0.0) for layer in info.images)


def _sensors(infos: Sequence[SceneInfo]) -> str:
    """Return the sensors that the scenes are known to be of; "" where some tell none."""
    names = {info.sensor for info in infos}
    return "" if None in names else ", ".join(sorted(name for name in names if name))


def _tidy(name: str) -> str:
    """Return a name that a card may have."""
    tidy = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-._")
    tidy = re.sub(r"\.\.+", ".", tidy)
    return (
        tidy if re.fullmatch(r"[A-Za-z][\w.-]+\w", tidy, re.ASCII) else f"model-{tidy or 'trained'}"
    )
