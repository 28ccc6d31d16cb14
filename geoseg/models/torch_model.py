"""Models computed by PyTorch, on a processor or on a GPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch

from ..core.arrays import Array, Bytes
from ..core.card import Band, ModelCard, Scaling
from ..core.errors import InputError
from ..core.machine import cores, has_bf16, keep_memory
from . import Bundle
from .affine import gain_and_bias
from .engine import Engine, EngineError, Load, Patches
from .protocol import Model

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# the compute capability from which a GPU is faster in float16 than in float32
TENSOR_CORES = (7, 0)


def engine(
    bundle: Bundle, network: torch.nn.Module, scaling: Scaling, device: torch.device
) -> Engine:
    """Return a network in PyTorch, on a device.

    Parameters
    ----------
    bundle
        The model that it is of.
    network
        In evaluation mode: normalised pixels to logits.
    scaling
        From digital numbers to the card's unit.
    device
        The processor or a GPU.

    Returns
    -------
    Engine
        For fp32 and bf16, on a GPU for fp16 as well.
    """
    activate = Activate.of(bundle.card)
    able = ("fp32", "bf16", "fp16") if device.type == "cuda" else ("fp32", "bf16")
    load = _loading(bundle, network, activate, scaling, device)
    return Engine("torch", able, _fast(device), load)


def open_network(
    network: torch.nn.Module, card: ModelCard, scaling: Scaling, device: torch.device
) -> TorchModel:
    """Return a network that lies in memory as a model, in float32.

    Parameters
    ----------
    network
        Normalised pixels to logits; it is moved to the device.
    card
        What it expects, and what its scores mean.
    scaling
        From digital numbers to the card's unit.
    device
        The processor or a GPU.

    Returns
    -------
    TorchModel
        Ready to be called.
    """
    kind = TorchModel if device.type == "cpu" else CudaModel
    activate = Activate.of(card)
    return kind(network, Normalise(card.bands, scaling), activate, device)


def foreign_engine(
    name: str,
    bundle: Bundle,
    network: torch.nn.Module,
    scaling: Scaling,
    device: torch.device,
    able: tuple[str, ...],
) -> Engine:
    """Return a network that somebody else made, whatever computes it.

    Parameters
    ----------
    name
        As ``--engine`` takes it.
    bundle
        The model that it is of.
    network
        Normalised pixels to scores: `interface_torch.Adapted`.
    scaling
        From digital numbers to the card's unit.
    device
        The processor or a GPU.
    able
        The precisions that it computes in.

    Returns
    -------
    Engine
        On that device.
    """
    fast = tuple(precision for precision in _fast(device) if precision in able)
    load = _loading(bundle, network, torch.nn.Identity(), scaling, device)
    return Engine(name, able, fast, load)


def _loading(
    bundle: Bundle,
    network: torch.nn.Module,
    activate: torch.nn.Module,
    scaling: Scaling,
    device: torch.device,
) -> Load:
    keep_memory()
    # more than a container's quota only get in each other's way
    if torch.get_num_threads() > cores():
        torch.set_num_threads(cores())

    def load(precision: str, _: Patches) -> TorchModel:
        ready = network if precision == "fp32" else deepcopy(network)
        kind = TorchModel if device.type == "cpu" else CudaModel
        return kind(ready, Normalise(bundle.card.bands, scaling), activate, device, precision)

    return load


def _fast(device: torch.device) -> tuple[str, ...]:
    if device.type == "cpu":
        return ("bf16",) if has_bf16() else ()
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return ("bf16", "fp16")
    return ("fp16",) if torch.cuda.get_device_capability(device) >= TENSOR_CORES else ()


def reduce(network: torch.nn.Module, dtype: torch.dtype) -> torch.dtype:
    """Bring the network's numbers to a type, in place.

    Parameters
    ----------
    network
        Layers that its attribute `exact` names stay in float32, and the first of them takes the
        pixels.
    dtype
        float32, bfloat16 or float16.

    Returns
    -------
    torch.dtype
        What it takes pixels in.
    """
    exact: tuple[str, ...] = getattr(network, "exact", ())
    kept = {name: network.get_submodule(name).state_dict() for name in exact}
    network.to(dtype)
    for name, numbers in kept.items():
        network.get_submodule(name).float().load_state_dict(numbers)
    return torch.float32 if exact else dtype


def find_device(name: str) -> torch.device:
    """Return a device by its name.

    Parameters
    ----------
    name
        auto, cpu, cuda, or cuda:1; auto means a GPU where there is one.

    Returns
    -------
    torch.device
        One that is here.

    Raises
    ------
    InputError
        If the name is no device's, or it is not here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"--device {name}", "auto, cpu, cuda or cuda:1") from error
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"--device {name}", "auto, cpu, cuda or cuda:1")
    if device.type == "cuda" and not (device.index or 0) < torch.cuda.device_count():
        raise InputError(
            f"--device {name}: {torch.cuda.device_count()} CUDA devices are here",
            do="use --device cpu",
        )
    return device


class TorchModel(Model):
    """A network on a device, with the scaling of its input and the activation of its output.

    In reduced precision the network alone computes in it: scaling and activation stay in float32.

    Parameters
    ----------
    network
        Normalised pixels to logits; its numbers are changed in place.
    normalise
        What scales its input.
    activate
        What turns what it gives into scores.
    device
        Where it computes.
    precision
        fp32, bf16 or fp16.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        normalise: Normalise,
        activate: torch.nn.Module,
        device: torch.device,
        precision: str = "fp32",
    ) -> None:
        self._dtype = reduce(network, DTYPES[precision])
        # channels_last: 1.5 x faster convolutions on processors, the tensor cores' own layout on
        # GPUs
        self.network = network.eval().to(device).to(memory_format=torch.channels_last)
        self._normalise = normalise.to(device)
        self._activate = activate
        self._device = device
        self.device = _describe(device)
        self._side = 0  # pixels along a square over which features are averaged; 0 averages none
        self._maps: list[torch.Tensor] = []  # the last features of the batch that is computed
        self._features: torch.Tensor | None = None

    @torch.inference_mode()
    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return the scores of a batch; see `Model`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] as they stand in the file.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Array
            float32 [n, label, row, column], 0 to 1.
        """
        scores, self._features = self._forward(torch.from_numpy(pixels), torch.from_numpy(valid))
        return scores.numpy()

    def _forward(
        self, pixels: torch.Tensor, valid: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return the scores, and the averages of the features where somebody asked for them."""
        values = self._normalise(pixels, valid)
        logits = self.network(values.to(self._dtype, memory_format=torch.channels_last))
        probabilities: torch.Tensor = self._activate(logits)
        if not self._side:
            return probabilities, None
        maps = self._maps.pop().float()
        along = [
            max(1, self._side * n // m)
            for n, m in zip(maps.shape[2:], pixels.shape[2:], strict=True)
        ]
        return probabilities, torch.nn.functional.avg_pool2d(maps, along)

    def operations(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> int | None:
        """Count what the network computes for one batch; see `Model.operations`.

        Parameters
        ----------
        shape
            Of the batch, [n, band, row, column].
        dtype
            Of its pixels.

        Returns
        -------
        int | None
            What PyTorch counts while it is computed; None where it sees nothing of it.
        """
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            self(np.zeros(shape, dtype), np.ones((shape[0], *shape[2:]), np.bool_))
        return int(counter.get_total_flops()) or None

    def average_features(self, side: int) -> bool:
        """Have the model also average its last features; see `Model.average_features`.

        Parameters
        ----------
        side
            Pixels along a square.

        Returns
        -------
        bool
            Whether it can: where its last layer is a convolution, and it is not compiled.
        """
        layers = [layer for layer in self.network.modules() if isinstance(layer, torch.nn.Conv2d)]
        if not layers or hasattr(self.network, "_orig_mod"):
            return False
        if not self._side:
            layers[-1].register_forward_pre_hook(lambda _, given: self._maps.append(given[0]))
        self._side = side
        return True

    def features(self) -> npt.NDArray[np.float32] | None:
        """Return the averages of the batch whose scores came last; see `Model.features`.

        Returns
        -------
        ndarray or None
            [n, channel, row, column] of squares.
        """
        return None if self._features is None else self._features.cpu().numpy()


class CudaModel(TorchModel):
    """A network on a GPU that is never idle: uploads, networks and what follows have a stream each.

    Pixels cross the bus as they stand in the file. Scores stay on the device, for the
    caller's own stream; see `Model.launch`.

    Parameters
    ----------
    network
        Normalised pixels to logits; its numbers are changed in place.
    normalise
        What scales its input.
    activate
        What turns what it gives into scores.
    device
        A GPU.
    precision
        fp32, bf16 or fp16.
    """

    ahead = 1

    def __init__(
        self,
        network: torch.nn.Module,
        normalise: Normalise,
        activate: torch.nn.Module,
        device: torch.device,
        precision: str = "fp32",
    ) -> None:
        super().__init__(network, normalise, activate, device, precision)
        torch.backends.cudnn.allow_tf32 = False  # fp32 means it: TF32 keeps 10 of the 23 bits
        stream: Callable[[torch.device], torch.cuda.Stream] = (
            torch.cuda.Stream
        )  # which has no types of its own
        self._upload, self._compute = stream(device), stream(device)

    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return the scores of a batch; see `Model`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] as they stand in the file.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Array
            float32 [n, label, row, column], 0 to 1, on the device.
        """
        return self.launch(pixels, valid)()

    @torch.inference_mode()
    def launch(
        self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]
    ) -> Callable[[], torch.Tensor]:
        """Queue a batch, and go on while it is computed; see `Model.launch`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] as they stand in the file.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Callable
            Gives the scores; the caller's stream, not its thread, waits for them.

        Raises
        ------
        MemoryError
            If the batch does not fit the device.
        """
        try:
            with torch.cuda.stream(self._upload):
                given = [self.asarray(pixels), self.asarray(valid)]
            self._compute.wait_stream(self._upload)
            with torch.cuda.stream(self._compute):
                scores, features = self._forward(*given)
                done = self._compute.record_event()
        except torch.cuda.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise MemoryError(str(error)) from error
        for tensor in given:  # their memory is used again only when this stream has passed them too
            tensor.record_stream(self._compute)

        def fetch() -> torch.Tensor:
            here = torch.cuda.current_stream(self._device)
            here.wait_event(done)
            scores.record_stream(here)
            if features is not None:
                features.record_stream(here)
            self._features = features
            return scores

        return fetch

    def room(self) -> int:
        """Return how many tiles like those so far would fit at once, two batches being under way.

        Returns
        -------
        int
            At least 1.
        """
        torch.cuda.synchronize(self._device)
        allocated = torch.cuda.memory_allocated(self._device)
        peak = max(1, torch.cuda.max_memory_allocated(self._device) - allocated)
        free = (
            torch.cuda.mem_get_info(self._device)[0]
            + torch.cuda.memory_reserved(self._device)
            - allocated
        )
        return max(
            1, int(0.8 * free / (2 * peak))
        )  # 0.8: the allocator's blocks do not fit without gaps

    def asarray(self, array: npt.NDArray[Any]) -> torch.Tensor:
        """Bring an array to the device, by way of pinned memory, while this thread goes on.

        Parameters
        ----------
        array
            Of any type and shape.

        Returns
        -------
        torch.Tensor
            The same numbers on the device.
        """
        return torch.from_numpy(array).pin_memory().to(self._device, non_blocking=True)

    def to_uint8(self, array: Array) -> Bytes:
        """Bring whole numbers below 256 back: one byte each crosses the bus.

        Parameters
        ----------
        array
            On the device.

        Returns
        -------
        Bytes
            As numpy uint8.
        """
        brought: Bytes = array.to(torch.uint8).cpu().numpy()
        return brought


def _describe(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"cpu ({torch.get_num_threads()} threads)"


def activate(logits: torch.Tensor, activation: str, dim: int = 1) -> torch.Tensor:
    """Return the scores of logits, as the card's activation wants them.

    Parameters
    ----------
    logits
        Of any shape.
    activation
        softmax over the labels, or sigmoid of each.
    dim
        Which axis is that of the labels.

    Returns
    -------
    torch.Tensor
        Of the same shape, 0 to 1.
    """
    return torch.sigmoid(logits) if activation == "sigmoid" else torch.softmax(logits, dim=dim)


class Activate(torch.nn.Module):
    """Turn logits [n, label, row, column] into float32 scores: activation(logits / temperature).

    Parameters
    ----------
    temperature
        Of the card; see `evaluation.calibrate`.
    activation
        softmax or sigmoid.
    labels
        How many planes are logits of classes, where others stand behind them: a depth; None is all.
    """

    def __init__(
        self, temperature: float = 1.0, activation: str = "softmax", labels: int | None = None
    ) -> None:
        super().__init__()
        self.temperature = temperature
        self.activation = activation
        self.labels = labels

    @classmethod
    def of(cls, card: ModelCard) -> Activate:
        """Return what a card's scores are made by.

        Parameters
        ----------
        card
            Of a network of geoseg's own architectures.

        Returns
        -------
        Activate
            With the card's temperature.
        """
        labels = len(card.labels) if card.depth else None
        return cls(card.temperature, card.activation, labels)

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        """Return the scores of a batch.

        Parameters
        ----------
        logits
            [n, plane, row, column], of any float type: those of the labels first.

        Returns
        -------
        torch.Tensor
            float32, 0 to 1; those of softmax add up to 1 over the labels. Further planes are each
            by itself (sigmoid), and not divided by the temperature.
        """
        every = logits.float()
        values = every if self.labels is None else every[:, : self.labels]
        scores = activate(
            values if self.temperature == 1 else values / self.temperature, self.activation
        )
        if self.labels is None:
            return scores
        return torch.cat([scores, torch.sigmoid(every[:, self.labels :])], 1)


class Normalise(torch.nn.Module):
    """Turn digital numbers (DN) into z-scores: ((DN * scale + offset) - mean) / std for each band.

    Both steps are one multiplication and one addition; see affine.py.

    Parameters
    ----------
    bands
        With mean and std in the card's unit.
    scaling
        From digital numbers to that unit.
    """

    gain: torch.Tensor
    bias: torch.Tensor

    def __init__(self, bands: Sequence[Band], scaling: Scaling) -> None:
        super().__init__()
        gain, bias = gain_and_bias(bands, scaling)
        self.register_buffer("gain", torch.from_numpy(gain))
        self.register_buffer("bias", torch.from_numpy(bias))

    def forward(self, pixels: torch.Tensor, valid: torch.Tensor | None = None) -> torch.Tensor:
        """Return the z-scores of a batch.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] of any type.
        valid
            Where they hold data, [n, row, column]; None for everywhere.

        Returns
        -------
        torch.Tensor
            float32 [n, band, row, column]; 0, the mean, where not valid.
        """
        values = pixels.float() * self.gain + self.bias
        return values if valid is None else values.masked_fill(~valid.unsqueeze(1), 0.0)


# torch.compile, whose own type is as wide as its uses
Compile = Callable[[torch.nn.Module], torch.nn.Module]


def compiled(engine: Engine) -> Engine:
    """Return PyTorch's engine with its network compiled: faster on a GPU, after minutes.

    It is compiled on the first of the patches that it is loaded with.

    Parameters
    ----------
    engine
        PyTorch's, on any device; what the compiled one gives is compared with its own.

    Returns
    -------
    Engine
        Its `load` raises EngineError where torch.compile fails.
    """

    def load(precision: str, patches: Patches) -> Model:
        model = cast(TorchModel, engine.load(precision, patches))
        model.network = cast(Compile, torch.compile)(model.network)
        first = patches[0]
        try:
            model(first.data[None], np.ones((1, *first.window.shape), bool))
        except (
            RuntimeError
        ) as error:  # torch has dozens of kinds of them here, from a missing compiler onwards
            if isinstance(error, torch.cuda.OutOfMemoryError):
                raise
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise EngineError(
                f"torch.compile failed: {reason}",
                "a C++ compiler, and Triton for a GPU",
                "leave --engine torch.compile out",
            ) from error
        return model

    return replace(engine, name="torch.compile", load=load, reference=engine)
