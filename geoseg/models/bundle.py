"""Writing a model bundle: a folder with float16 weights as safetensors and the card beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from ..card import ModelCard, write_card


def write_bundle(folder: Path, card: ModelCard, state: Mapping[str, torch.Tensor]) -> None:
    """Write model.safetensors and card.json; each appears whole or not at all, the card last."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    weights, beside = folder / "model.safetensors", folder / ".model.safetensors.part"
    save_file({name: tensor.contiguous().cpu() for name, tensor in halves.items()}, beside, {"format": "pt"})
    part = folder / ".card.json.part"
    write_card(card, part)
    beside.chmod(part.stat().st_mode)  # safetensors leaves it to its owner alone, whatever the umask
    beside.replace(weights)
    part.replace(folder / "card.json")
