"""Writing a model bundle: a folder with float16 weights as safetensors and the card beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from ..card import ModelCard, write_card
from ..errors import RunError
from ..vector.target import whole


def write_bundle(folder: Path, card: ModelCard, state: Mapping[str, torch.Tensor]) -> None:
    """Write model.safetensors and card.json; each appears whole or not at all, the card last.

    A model that is there is replaced. Raises RunError where a weight is no finite number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: _halved(name, tensor).contiguous().cpu() for name, tensor in state.items()}
    with whole(folder / "card.json", replace=True) as described:
        write_card(card, described)
        with whole(folder / "model.safetensors", replace=True) as weights:
            _save(tensors, weights)
            weights.chmod(described.stat().st_mode)  # safetensors leaves it to its owner alone, whatever the umask


def _halved(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor in float16, or as it is where float16, which ends at 65,504, cannot hold it."""
    if not tensor.is_floating_point():
        return tensor
    if not tensor.isfinite().all():
        raise RunError(f"the training left what is no number in {name}", do="train with a lower rate, or more warm-up")
    half = tensor.half()
    return half if half.isfinite().all() else tensor.float()


def _save(tensors: dict[str, torch.Tensor], path: Path) -> None:
    try:
        save_file(tensors, path, {"format": "pt"})
    except SafetensorError as error:  # which is how it says that the disk is full
        raise OSError(str(error)) from error
