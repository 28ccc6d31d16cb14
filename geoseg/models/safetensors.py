"""Networks whose weights lie in a safetensors file: nothing in it is ever executed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ..architectures import build
from ..architectures.context import check_runs, stride_of
from ..core.atomic import atomic_output
from ..core.card import ModelCard, Scaling, write_card
from ..core.errors import ModelError, RunError
from ..core.files import check_regular
from . import Bundle, torch_model
from .engine import Engine
from .fold import fold_batch_norm

Weights = Mapping[str, torch.Tensor]


def engine(bundle: Bundle, scaling: Scaling, device: str) -> Engine:
    """Return the bundle's network in PyTorch.

    Parameters
    ----------
    bundle
        The model.
    scaling
        From digital numbers to the card's unit.
    device
        auto, cpu, cuda, or cuda:1.

    Returns
    -------
    Engine
        On that device.

    Raises
    ------
    InputError
        If there is no such device.
    ModelError
        If the weights cannot be read, or do not fit the card.
    """
    found = torch_model.find_device(device)
    return torch_model.engine(bundle, build_network(bundle), scaling, found)


def build_network(bundle: Bundle) -> torch.nn.Module:
    """Build the card's architecture with the bundle's weights, its batch normalisation folded.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    torch.nn.Module
        On the processor, in evaluation mode: normalised pixels to logits.

    Raises
    ------
    ModelError
        If the weights cannot be read, do not fit the card, or are no finite numbers.
    """
    card = bundle.card
    weights = read_weights(bundle)
    network = filled(lambda: _build(card), weights, card.name, len(card.bands), card.planes)
    if card.stride % stride_of(network):
        raise ModelError(
            f"the card of {card.name} says stride {card.stride}",
            f"a multiple of {stride_of(network)}",
        )
    fold_batch_norm(network, len(card.bands), card.stride)
    network.eval()
    # folded: a variance below 0 makes its weights no numbers only here
    _require_numbers(
        {**dict(network.named_parameters()), **dict(network.named_buffers())}, bundle.weights
    )
    return network


def read_weights(bundle: Bundle) -> Weights:
    """Read the tensors of a bundle.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    Weights
        By name, as in the file.

    Raises
    ------
    ModelError
        If the file is damaged, or holds what is no finite number.
    """
    return read_tensors([bundle.weights])


def read_tensors(files: Iterable[Path]) -> Weights:
    """Read the tensors of one network, which may lie in several files.

    Parameters
    ----------
    files
        Each in the format safetensors.

    Returns
    -------
    Weights
        By name, as in the files.

    Raises
    ------
    ModelError
        If a file is damaged, holds what is no finite number, or what another holds as well.
    """
    every: dict[str, torch.Tensor] = {}
    for file in files:
        check_regular(file)
        try:
            found = load_file(file)
        except (SafetensorError, OSError) as error:
            raise ModelError(
                f"the weights {file} cannot be read: {error}", "a safetensors file"
            ) from error
        _require_numbers(found, file)
        if twice := every.keys() & found.keys():
            raise ModelError(f"{file} holds {min(twice)}, which another file of weights holds too")
        every |= found
    return every


def _require_numbers(weights: Weights, file: Path) -> None:
    """Raise ModelError where a weight is NaN or infinite: it makes all scores NaN, and NaN is
    the first class.
    """
    floats = {name: tensor for name, tensor in weights.items() if tensor.is_floating_point()}
    bad = [name for name, tensor in floats.items() if not _wide(tensor).isfinite().all()]
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise ModelError(
            f"the weights {file} hold what is no number, in {bad[0]}{more}",
            "finite numbers alone",
            "train it again, with a lower rate, or take another copy of the file",
        )


def _wide(tensor: torch.Tensor) -> torch.Tensor:
    # of eight bits torch cannot ask this
    return tensor.float() if tensor.element_size() == 1 else tensor


def _build(card: ModelCard) -> torch.nn.Module:
    return build(card.architecture, len(card.bands), card.planes, card.hyperparameters)


def filled(
    build_empty: Callable[[], torch.nn.Module],
    weights: Weights,
    name: str,
    bands: int,
    planes: int,
    described: str = "card",
) -> torch.nn.Module:
    """Build a network and put weights into it; where it can be, without drawing random ones first.

    What its description makes larger than its weights is refused before any memory is taken for
    it.

    Parameters
    ----------
    build_empty
        Builds it, on whatever device is the default.
    weights
        By name.
    name
        What errors call it.
    bands
        Channels that it takes.
    planes
        Channels that it gives.
    described
        What errors call that which it was built by.

    Returns
    -------
    torch.nn.Module
        With these weights, in its own types.

    Raises
    ------
    ModelError
        If it cannot be built, or the weights do not fit it.
    """
    network = _fill_hollow(build_empty, weights, name, bands, planes, described)
    return network or _fill(build_empty(), weights, name, described)


def _fill_hollow(
    build_empty: Callable[[], torch.nn.Module],
    weights: Weights,
    name: str,
    bands: int,
    planes: int,
    described: str,
) -> torch.nn.Module | None:
    """Build the network without numbers and put the weights into it; None where it needs numbers
    from the start.
    """
    try:
        with torch.device("meta"):
            network = build_empty()
    except ModelError:
        # some encoders look at their numbers while they are built; what is wrong shows again with
        # them
        return None
    network = _fill(network, weights, name, described)
    if any(tensor.is_meta for tensor in (*network.parameters(), *network.buffers())):
        return None  # buffers that no file holds
    try:
        check_runs(network, bands, planes, name)
    except ModelError:
        return None  # it keeps numbers elsewhere
    return network


def _fill(network: torch.nn.Module, weights: Weights, name: str, described: str) -> torch.nn.Module:
    """Let the weights be the network's, in its own types; ModelError where they do not fit."""
    types = {key: tensor.dtype for key, tensor in network.state_dict().items()}
    # copied: what is mapped from a file would change with the file
    given = {
        key: tensor.to(types.get(key, tensor.dtype), copy=True) for key, tensor in weights.items()
    }
    try:
        network.load_state_dict(given, assign=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[1:2] or [str(error)]
        raise ModelError(
            f"the weights of {name} do not fit its {described}: {reason[0].strip()}"
        ) from error
    return network


def write_bundle(folder: Path, card: ModelCard, state: Mapping[str, torch.Tensor]) -> None:
    """Write model.safetensors and card.json; each appears whole or not at all, the card last.

    Parameters
    ----------
    folder
        It is made where there is none; a model that is in it is replaced.
    card
        Of the model.
    state
        Weights by name, on any device; written in float16 where that can hold them.

    Raises
    ------
    RunError
        If a weight is no finite number, or the files cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: _halved(name, tensor).contiguous().cpu() for name, tensor in state.items()}
    with atomic_output(folder / "card.json", replace=True) as described:
        write_card(card, described)
        with atomic_output(folder / "model.safetensors", replace=True) as weights:
            _save(tensors, weights)
            # safetensors leaves it to its owner alone, whatever the umask
            weights.chmod(described.stat().st_mode)


def _halved(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor in float16, or as it is where float16, which ends at 65,504, cannot hold
    it.
    """
    if not tensor.is_floating_point():
        return tensor
    if not tensor.isfinite().all():
        raise RunError(
            f"the training left what is no number in {name}",
            do="train with a lower rate, or more warm-up",
        )
    half = tensor.half()
    return half if half.isfinite().all() else tensor.float()


def _save(tensors: dict[str, torch.Tensor], path: Path) -> None:
    try:
        save_file(tensors, path, {"format": "pt"})
    except SafetensorError as error:  # which is how it says that the disk is full
        raise OSError(str(error)) from error
