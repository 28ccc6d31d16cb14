"""The network while it learns: one step of the optimiser, the running average of its weights,
checkpoints.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
from pickle import (
    UnpicklingError,
)  # only to catch it: torch raises it for a file that is no checkpoint
from typing import Any
from zipfile import is_zipfile

import torch
from torch.nn.parallel import DistributedDataParallel

from ..architectures import build
from ..core.atomic import atomic_output
from ..core.card import ModelCard
from ..core.errors import InputError, ModelError
from ..models.torch_model import Normalise
from .config import Config
from .losses import combine, sharpen
from .optimisers import make_optimiser
from .pretrained import fill_encoder
from .ranks import Ranks
from .scene_label import make_reading

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # pixels, valid, target of Crop, stacked
# gradients longer than this are shortened: a batch of nothing but noise must not undo the rest
STEEPEST = 5.0


class Learner:
    """A network, the exponential moving average of its weights (which is what ships), and the
    optimiser.
    """

    def __init__(
        self,
        card: ModelCard,
        config: Config,
        world: Ranks | None = None,
        weights: Mapping[str, torch.Tensor] | None = None,
        classes: list[float] | None = None,
    ) -> None:
        self.card, self._run, self.world = card, config.training, world or Ranks()
        self.device = self.world.device
        network = build(card.architecture, len(card.bands), len(card.labels), card.hyperparameters)
        if weights is not None:
            network.load_state_dict(dict(weights))
        elif config.network.pretrained:
            fill_encoder(network, config.encoder_weights, [band.common_name for band in card.bands])
        self._network = network.to(self.device).to(memory_format=torch.channels_last)
        self.average = deepcopy(self._network).requires_grad_(False).eval()
        self._runner = self._share_out()
        self.normalise = Normalise(card.bands, card.scaling).to(self.device)
        self._optimiser = make_optimiser(self._network.parameters(), self._run)
        self.meanings = make_reading(config).meanings
        self._loss = combine(config.loss, self.meanings.sets)
        self._several = config.data.several
        self._sharpen = config.loss.sharpen
        self._classes = torch.tensor(classes or [1.0] * len(card.labels)).to(self.device)
        self._half = _half(self._run.precision, self.device)

    def _share_out(self) -> torch.nn.Module:
        """Wrap the network so that several processes learn as one."""
        if self.world.size == 1:
            return self._network
        if self.device.type == "cuda":
            self._network = torch.nn.SyncBatchNorm.convert_sync_batchnorm(self._network)  # type: ignore[no-untyped-call]
        return DistributedDataParallel(
            self._network, [self.device] if self.device.type == "cuda" else None
        )

    def learn(self, batch: Batch, share: float, decay: float) -> float:
        """Take one step at a share of the peak rate; return the loss. The average keeps `decay` of
        itself.

        The batch is computed in `accumulate` parts, whose gradients add up.
        """
        for group in self._optimiser.param_groups:
            group["lr"] = self._run.rate * share
        self._optimiser.zero_grad()
        parts = list(zip(*(tensor.chunk(self._run.accumulate) for tensor in batch), strict=True))
        total = sum(
            self._backward(part, len(parts), last=number == len(parts))
            for number, part in enumerate(parts, 1)
        )
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), STEEPEST)
        self._optimiser.step()
        self._follow(decay)
        return total

    def _backward(self, batch: Batch, parts: int, last: bool) -> float:
        """Add the gradients of one part; the processes exchange them with the last."""
        wrapped = isinstance(self._runner, DistributedDataParallel)
        with self._runner.no_sync() if wrapped and not last else nullcontext():  # type: ignore[operator]
            try:
                loss = (
                    self._measure(*(tensor.to(self.device, non_blocking=True) for tensor in batch))
                    / parts
                )
            except ValueError as error:
                if "more than 1 value per channel" not in str(error):
                    raise
                raise InputError(
                    f"{len(batch[0])} crop of {batch[0].shape[-1]} px at a time is too little "
                    "for batch normalisation",
                    "two crops or more on each device, or larger ones",
                    "raise the batch or the crop, or lower accumulate",
                ) from error
            torch.autograd.backward(loss)
        return loss.item()

    def _measure(
        self, pixels: torch.Tensor, valid: torch.Tensor, target: torch.Tensor
    ) -> torch.Tensor:
        shares, weight = sharpen(target, self._sharpen, self._several)
        values = self.normalise(pixels, valid).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._half):
            logits = self._runner.train()(values)
        return self._loss(logits.float(), shares, weight, self._classes)

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        """Move the average's weights and statistics towards the network's."""
        states = zip(
            self.average.state_dict().values(), self._network.state_dict().values(), strict=True
        )
        for mine, its in states:
            if mine.is_floating_point():
                mine.lerp_(its, 1 - decay)
            else:
                mine.copy_(its)

    def save(self, path: Path, step: int, extra: Mapping[str, Any] | None = None) -> None:
        """Write all that is needed to go on; the file appears whole or not at all."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        with atomic_output(path, replace=True) as beside, beside.open("wb") as file:
            torch.save(state | {"step": step, "extra": dict(extra or {})}, file)
            os.fsync(file.fileno())

    def load(self, path: Path) -> tuple[int, dict[str, Any]]:
        """Read a checkpoint, as data only; return the step to go on with, and what else was
        kept.
        """
        damaged = ModelError(
            f"the checkpoint {path} is of another network, or damaged", do="train without --resume"
        )
        if not is_zipfile(
            path
        ):  # torch.load would take it for an older format, and fail in many ways
            raise damaged
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            for name, part in self._parts().items():
                part.load_state_dict(state[name])
            return int(state["step"]), dict(state["extra"])
        except (KeyError, RuntimeError, ValueError, OSError, EOFError, UnpicklingError) as error:
            raise damaged from error

    def _parts(self) -> dict[str, torch.nn.Module | torch.optim.Optimizer]:
        return {"network": self._network, "average": self.average, "optimiser": self._optimiser}


def _half(precision: str, device: torch.device) -> bool:
    """Return whether to compute in bfloat16: on processors without units for it, which are most,
    it is slow.
    """
    able = device.type == "cuda" and torch.cuda.is_bf16_supported()
    if precision == "bfloat16" and device.type == "cuda" and not able:
        raise InputError(
            f"{torch.cuda.get_device_name(device)} has no bfloat16", do="use precision = float32"
        )
    return precision == "bfloat16" or (precision == "auto" and able)
