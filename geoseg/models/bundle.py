"""Writing a model bundle: a folder with float16 weights as safetensors and the card beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from ..card import ModelCard, write_card
from ..vector.target import whole


def write_bundle(folder: Path, card: ModelCard, state: Mapping[str, torch.Tensor]) -> None:
    """Write model.safetensors and card.json; each appears whole or not at all, the card last."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    tensors = {name: tensor.contiguous().cpu() for name, tensor in halves.items()}
    with whole(folder / "card.json") as described:
        write_card(card, described)
        with whole(folder / "model.safetensors") as weights:
            _save(tensors, weights)
            weights.chmod(described.stat().st_mode)  # safetensors leaves it to its owner alone, whatever the umask


def _save(tensors: dict[str, torch.Tensor], path: Path) -> None:
    try:
        save_file(tensors, path, {"format": "pt"})
    except SafetensorError as error:  # which is how it says that the disk is full
        raise OSError(str(error)) from error
