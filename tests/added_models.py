"""Bundles of other libraries' formats, of random weights, as `models add` makes them."""

from __future__ import annotations

from pathlib import Path

import segmentation_models_pytorch as smp
import torch
from torch_networks import SAVERS, Shape, digest, make_network

from geoseg.cli.models_add import facts_of
from geoseg.models.library import add, open_source

SAID = {
    "bands": "red,green,blue",
    "gsd": "1",
    "scale": "1",
    "mean": "127",
    "std": "128",
    "dtype": "uint8",
    "tile": "64",
}


def make_smp_bundle(folder: Path, labels: int = 5) -> Path:
    """Add a network as segmentation-models-pytorch saves it; return its bundle's folder."""
    source = folder.with_name(f"{folder.name}_saved")
    smp.Unet(
        "mobilenet_v2",
        encoder_weights=None,
        classes=labels,
        decoder_channels=(32, 16, 8, 8, 8),
    ).save_pretrained(source)
    return _added(source, folder.name, classes=_classes(labels))


def make_transformers_bundle(folder: Path, labels: int = 5) -> Path:
    """Add a SegFormer as transformers saves it; return its bundle's folder."""
    from hf_networks import save_network  # transformers takes seconds to import

    source = folder.with_name(f"{folder.name}_saved")
    names = dict(enumerate(_classes(labels).split(",")))
    save_network(source, config={"id2label": names, "decoder_hidden_size": 64})
    return _added(source, folder.name)


def make_script_bundle(folder: Path, labels: int = 5) -> Path:
    """Add and trust TorchScript; return its bundle's folder."""
    return _trusted("model.pt", folder, labels)


def make_program_bundle(folder: Path, labels: int = 5) -> Path:
    """Add and trust a program of torch.export; return its bundle's folder."""
    return _trusted("model.pt2", folder, labels)


def _trusted(name: str, folder: Path, labels: int) -> Path:
    network = make_network(Shape(scores=labels))
    network.register_buffer("ballast", torch.zeros(30_000))  # a file of more than 100 kB
    source = SAVERS[name](
        folder.with_name(f"{folder.name}_saved") / name, Shape(scores=labels), network
    )
    return _added(source, folder.name, trust=digest(source), classes=_classes(labels))


def _classes(count: int) -> str:
    return ",".join(f"class {i}" for i in range(count))


def _added(source: Path, name: str, trust: str = "", **told: str) -> Path:
    with open_source(str(source), facts_of(SAID | told), trust=trust) as offer:
        return add(offer, name).path
