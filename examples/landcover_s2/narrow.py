"""Leave a half-size network fewer channels: those that its loss depends on most. Training goes on
from there.

python examples/landcover_s2/narrow.py MODEL OUT --width 64 --stem-width 32 [--samples varied.csv]

A channel is the same in all residual blocks, since each adds to it, so that one gate before
all of them stands for it. Its worth is the mean square of the loss's derivative by that gate
(Fisher information: Theis et al. 2018, arXiv:1801.05787). The card's scores are those of
the wide network, until `geoseg train` or `geoseg models measure` writes new ones.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import torch
from prepare import EDGE
from safetensors.torch import load_file
from torch import nn

from geoseg.architectures import build
from geoseg.models import find_model
from geoseg.models.safetensors import write_bundle

CROP = 96
SHARPEN = 3  # as config.toml has it
Weights = dict[str, torch.Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="name or bundle's folder, of the architecture halfsize")
    parser.add_argument("out", type=Path, help="folder for the bundle")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--stem-width", type=int, default=32)
    parser.add_argument(
        "--samples", type=Path, default=Path("work/landcover_s2/varied.csv"), help="of prepare.py"
    )
    parser.add_argument("--crops", type=int, default=120, help="of the sheets, to judge by")
    args = parser.parse_args()
    bundle = find_model(args.model)
    weights = {
        name: part.float() if part.is_floating_point() else part
        for name, part in load_file(bundle.weights).items()
    }
    chosen = dict(bundle.card.hyperparameters)
    network = build("halfsize", len(bundle.card.bands), len(bundle.card.labels), chosen).eval()
    network.load_state_dict(weights)
    scale = bundle.card.scaling.scale
    stem, blocks = worths(network, crops(args.samples, args.crops, scale))
    kept = best(stem, args.stem_width), best(blocks, args.width)
    for name, worth, channels in zip(("stem", "blocks"), (stem, blocks), kept, strict=True):
        share = float(worth[channels].sum() / worth.sum())
        print(f"{name}: {len(channels)} of {len(worth)} channels hold {share:.1%} of the worth")
    chosen |= {"stem_width": args.stem_width, "width": args.width}
    args.out.mkdir(parents=True, exist_ok=True)
    write_bundle(args.out, replace(bundle.card, hyperparameters=chosen), narrowed(weights, *kept))


def crops(samples: Path, count: int, scale: float) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Draw crops of the sheets in turn: reflectances and the teacher's shares, sharpened."""
    with samples.open(encoding="utf-8", newline="") as file:
        sheets = [row for row in csv.DictReader(file) if Path(row["scene"]).parent.name == "varied"]
    rng = np.random.default_rng(0)
    for number in range(count):
        sheet = sheets[number % len(sheets)]
        with rasterio.open(sheet["scene"]) as scene, rasterio.open(sheet["label"]) as label:
            top, left = rng.integers(EDGE, scene.height - EDGE - CROP, 2)
            window = (top, top + CROP), (left, left + CROP)
            values = scene.read(window=window).astype(np.float32) * np.float32(scale)
            soft = torch.from_numpy(label.read(window=window).astype(np.float32) / 255) ** SHARPEN
        yield torch.from_numpy(values)[None], (soft / soft.sum(0).clamp(min=1e-6))[None]


def worths(
    network: Any, batches: Iterator[tuple[torch.Tensor, torch.Tensor]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what each channel of the stem, and of the residual blocks, is worth."""
    stem = torch.ones(1, network.stem[0].out_channels, 1, 1, requires_grad=True)
    blocks = torch.ones(1, network.head.in_channels, 1, 1, requires_grad=True)
    for layer in network.modules():
        if isinstance(layer, nn.ReLU):
            layer.inplace = False  # what a gate multiplies is still needed for its derivative
    gates = [(network.stem[2], stem), (network.stem[5], blocks)]
    gates += [
        (block, blocks)
        for part in (network.first, network.context, network.second)
        for block in part
    ]
    hooks = [
        layer.register_forward_hook(lambda _, __, maps, gate=gate: maps * gate)
        for layer, gate in gates
    ]
    slopes = [
        torch.autograd.grad(
            -(shares * network(values).log_softmax(1)).sum(1).mean(), (stem, blocks)
        )
        for values, shares in batches
    ]
    for hook in hooks:
        hook.remove()
    return tuple(
        sum(slope.flatten() ** 2 for slope in of_one) for of_one in zip(*slopes, strict=True)
    )


def best(worth: torch.Tensor, count: int) -> torch.Tensor:
    """Return the channels that are worth most, in their order."""
    return worth.topk(count).indices.sort().values


def narrowed(weights: Weights, stem: torch.Tensor, blocks: torch.Tensor) -> Weights:
    """Return the weights of these channels alone."""
    return {name: _cut(name, part, stem, blocks) for name, part in weights.items()}


def _cut(name: str, part: torch.Tensor, stem: torch.Tensor, blocks: torch.Tensor) -> torch.Tensor:
    if name.startswith("squash") or name == "head.bias" or part.ndim == 0:
        return part
    if name == "head.weight":
        return part[:, blocks]
    if name.startswith(("stem.0.", "stem.1.")):
        return part[stem]
    if name == "stem.3.weight":
        return part[blocks][:, stem]
    rows = part[blocks]
    return rows[:, blocks] if part.ndim == 4 and part.shape[1] > 1 else rows


if __name__ == "__main__":
    main()
