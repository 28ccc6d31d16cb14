"""Average the weights of two models of one network, of which the second went on from the first.

python examples/landcover_s2/average.py FIRST SECOND OUT [--share 0.5]

What a model learns by going on with other data costs it some of what it knew; half-way between the
two it often has both (Wortsman et al. 2022, Robust fine-tuning of zero-shot models,
arXiv:2109.01903). The card is the second's: its scores are those of other weights, until `geoseg
models measure OUT config.toml` has written new ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file

from geoseg.models import find_model
from geoseg.models.safetensors import write_bundle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", help="name or bundle's folder")
    parser.add_argument("second", help="name or bundle's folder")
    parser.add_argument("out", type=Path, help="folder for the bundle")
    parser.add_argument("--share", type=float, default=0.5, help="of the second, 0 to 1")
    args = parser.parse_args()
    first, second = find_model(args.first), find_model(args.second)
    weights = between(load_file(first.weights), load_file(second.weights), args.share)
    args.out.mkdir(parents=True, exist_ok=True)
    write_bundle(args.out, second.card, weights)


def between(
    first: dict[str, torch.Tensor], second: dict[str, torch.Tensor], share: float
) -> dict[str, torch.Tensor]:
    """Return each tensor a share of the way from the first to the second; whole numbers are the
    second's.
    """
    if {name: part.shape for name, part in first.items()} != {
        name: part.shape for name, part in second.items()
    }:
        raise SystemExit("the two are not of one network")
    return {
        name: part.float().lerp(second[name].float(), share)
        if part.is_floating_point()
        else second[name]
        for name, part in first.items()
    }


if __name__ == "__main__":
    main()
