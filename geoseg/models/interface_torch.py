"""What stands before and behind a foreign network, in PyTorch's operators; `interface_openvino` is
the same in OpenVINO's.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from ..core.card import ModelCard
from ..core.errors import ModelError
from ..core.interface import Interface
from .affine import limits, threshold_shift

LEAST = 1e-30  # of a probability, so that it has a logarithm


class Adapted(torch.nn.Module):
    """A foreign network that is fed and read as its card says.

    Parameters
    ----------
    network
        What it computes.
    card
        With an interface.
    """

    low: torch.Tensor | None
    high: torch.Tensor | None

    def __init__(self, network: torch.nn.Module, card: ModelCard) -> None:
        super().__init__()
        self.network = network
        self.card = card
        self.interface = card.interface or Interface()
        ends = limits(card)
        for name, end in zip(("low", "high"), ends or (None, None), strict=True):
            self.register_buffer(name, None if end is None else torch.from_numpy(end))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the scores of a batch.

        Parameters
        ----------
        values
            Normalised pixels [n, band, row, column].

        Returns
        -------
        torch.Tensor
            float32 [n, label, row, column], 0 to 1.
        """
        fed = self._fed(values)
        parts: tuple[torch.Tensor, ...] = (
            torch.split(fed, 1) if self.interface.one_by_one else (fed,)
        )
        given = [self._read(self.network(part), values) for part in parts]
        return _scores(torch.cat(given) if len(given) > 1 else given[0], self.card, self.interface)

    def _fed(self, values: torch.Tensor) -> torch.Tensor:
        interface = self.interface
        if self.low is not None and self.high is not None:
            values = torch.minimum(torch.maximum(values, self.low), self.high)
        if interface.margin:
            values = functional.pad(values, [interface.margin] * 4, "reflect")
        if interface.input_type != "float32":
            kind = np.dtype(interface.input_type)
            if kind.kind in "iu":
                ends = np.iinfo(kind)
                values = values.round().clamp(ends.min, ends.max)
            values = values.to(getattr(torch, kind.name))
        if interface.input_axes == "NHWC":
            values = values.permute(0, 2, 3, 1)
        return values

    def _read(self, given: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Bring an output to [n, label, row, column], float32, and see that it is of that shape."""
        interface = self.interface
        shape = tuple(given.shape)
        if len(shape) != len(interface.output_axes):
            raise self._other(shape)
        if interface.output_axes == "NHWC":
            given = given.permute(0, 3, 1, 2)
        elif interface.output_axes == "NHW":
            given = given.unsqueeze(1)
        count = 1 if interface.one_score or interface.result == "classes" else len(self.card.labels)
        stride = interface.output_stride
        sides = tuple(length * stride for length in given.shape[2:])
        if given.shape[1] != count or sides != tuple(values.shape[2:]):
            raise self._other(shape)
        if interface.result == "classes":
            given = _one_hot(given, len(self.card.labels))
        given = given.float()
        if stride == 1:
            return given
        if interface.result == "classes":  # votes are not mixed
            return given.repeat_interleave(stride, 2).repeat_interleave(stride, 3)
        return functional.interpolate(given, sides, mode="bilinear", align_corners=False)

    def _other(self, shape: tuple[int, ...]) -> ModelError:
        return ModelError(
            f"{self.card.name} gives an output of shape {shape}",
            f"axes {self.interface.output_axes} of {len(self.card.labels)} classes, by its card",
            "see to classes, margin and stride of the card",
        )


def _one_hot(given: torch.Tensor, count: int) -> torch.Tensor:
    """Return 1 in the place of each index and 0 elsewhere; no number for one that is no class."""
    numbers = torch.arange(count, device=given.device).view(1, -1, 1, 1)
    hot = (given.long() == numbers).float()
    return hot / hot.sum(1, keepdim=True)


def _scores(given: torch.Tensor, card: ModelCard, interface: Interface) -> torch.Tensor:
    if interface.result == "classes":
        return given
    if interface.result == "numbers":
        return given * interface.output_scale
    single = interface.one_score
    if interface.result == "probabilities":
        if card.temperature == 1 and not (single and interface.threshold != 0.5):
            return torch.cat([1 - given, given], 1) if single else given
        sure = given.clamp(LEAST, 1)
        given = sure.log()
        if single or card.activation == "sigmoid":
            given = given - (1 - sure).clamp(LEAST, 1).log()
    if single:
        score = torch.sigmoid((given - threshold_shift(card)) / card.temperature)
        return torch.cat([1 - score, score], 1)
    cooled = given / card.temperature
    return torch.sigmoid(cooled) if card.activation == "sigmoid" else torch.softmax(cooled, 1)
