"""Networks whose weights lie in a safetensors file: nothing in it is ever executed."""

from __future__ import annotations

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from ..architectures import build
from ..card import Scaling
from ..errors import ModelError
from . import Bundle, torch_model
from .engine import Engine
from .fold import fold_batch_norm


def engine(bundle: Bundle, scaling: Scaling, device: str) -> Engine:
    """Return the bundle's network in PyTorch, on the device of that name."""
    found = torch_model.find_device(device)
    return torch_model.engine(bundle, build_network(bundle), scaling, found)


def build_network(bundle: Bundle) -> torch.nn.Module:
    """Build the card's architecture, fill it with the bundle's weights, and fold its batch normalisation."""
    card = bundle.card
    network = build(card.architecture, len(card.bands), len(card.labels), card.hyperparameters)
    try:
        weights = load_file(bundle.weights)
        network.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    except (SafetensorError, OSError) as error:
        raise ModelError(f"the weights {bundle.weights} cannot be read: {error}", "a safetensors file") from error
    except RuntimeError as error:
        reason = str(error).splitlines()[1:2] or [str(error)]
        raise ModelError(f"the weights of {card.name} do not fit its card: {reason[0].strip()}") from error
    fold_batch_norm(network, len(card.bands), card.stride)
    return network.eval()
