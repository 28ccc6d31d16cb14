"""The network while it learns: one step of the optimiser, and the running average of its
weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace

import torch
from torch.nn.parallel import DistributedDataParallel

from ..architectures import build
from ..architectures.context import stride_of
from ..core.card import ModelCard
from ..core.errors import InputError
from ..core.events import Noted, Report
from ..models import Bundle
from ..models.torch_model import Normalise
from .config import Config
from .depth import depth_loss
from .losses import class_weights, combine, sharpen
from .optimisers import make_optimiser
from .prepare import Data
from .pretrained import fill_encoder
from .ranks import Ranks
from .scene_label import make_reading
from .transfer import adopt

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # pixels, valid, target of Crop, stacked
# gradients longer than this are shortened: a batch of nothing but noise must not undo the rest
GRAD_CLIP = 5.0


class Learner:
    """A network, the exponential moving average of its weights (which is what ships), and the
    optimiser.

    Parameters
    ----------
    card
        Architecture, bands with their statistics, labels and scaling.
    config
        The complete configuration: loss, optimiser, precision, where the encoder's weights are.
    ranks
        The processes that learn as one; None is this one alone, on the processor.
    weights
        All of the network's tensors by name, to begin with; None begins with the encoder's weights
        that the configuration names, or at random (torch's generator).
    classes
        How much each class counts in the loss, in the card's order; None is 1 for each.

    Raises
    ------
    InputError
        If the device cannot compute in the precision, or the optimiser's package is missing.
    ModelError
        If the encoder's weights cannot be read, or are of another encoder.
    """

    def __init__(
        self,
        card: ModelCard,
        config: Config,
        ranks: Ranks | None = None,
        weights: Mapping[str, torch.Tensor] | None = None,
        classes: list[float] | None = None,
    ) -> None:
        self.card = card
        self.ranks = ranks or Ranks()
        self.device = self.ranks.device
        self._run = config.training
        network = build(card.architecture, len(card.bands), card.planes, card.hyperparameters)
        if weights is not None:
            network.load_state_dict(dict(weights))
        elif config.network.pretrained:
            fill_encoder(network, config.encoder_weights, [band.common_name for band in card.bands])
        self._network = network.to(self.device).to(memory_format=torch.channels_last)
        self.average = deepcopy(self._network).requires_grad_(False).eval()
        self._runner = self._distribute()
        self.normalise = Normalise(card.bands, card.scaling).to(self.device)
        self._optimiser = make_optimiser(self._network.parameters(), self._run)
        self.meanings = make_reading(config).meanings
        self._loss = combine(config.loss, self.meanings.sets)
        self._several = config.data.several
        self._sharpen = config.loss.sharpen
        self._depth = config.loss.depth
        self._classes = torch.tensor(classes or [1.0] * len(card.labels)).to(self.device)
        self._half = _half(self._run.precision, self.device)
        if self._half:
            keep_exact(self._network, self.device)

    def _distribute(self) -> torch.nn.Module:
        """Wrap the network so that several processes learn as one."""
        if self.ranks.size == 1:
            return self._network
        if self.device.type == "cuda":
            self._network = torch.nn.SyncBatchNorm.convert_sync_batchnorm(self._network)  # type: ignore[no-untyped-call]
        return DistributedDataParallel(
            self._network, [self.device] if self.device.type == "cuda" else None
        )

    @property
    def parts(self) -> dict[str, torch.nn.Module | torch.optim.Optimizer]:
        """What a checkpoint must hold the state of.

        Returns
        -------
        dict
            Network, average and optimiser by these names.
        """
        return {"network": self._network, "average": self.average, "optimiser": self._optimiser}

    def learn(self, batch: Batch, lr_scale: float, ema_decay: float) -> float:
        """Take one step: gradients of the batch, clipped; the optimiser; the running average.

        Parameters
        ----------
        batch
            This process's crops: pixels [n, band, row, column] in digital numbers, valid bool
            [n, row, column], target uint8 [n, meaning, row, column], and behind the meanings the
            coded depth where there are things. It is computed in `accumulate`
            micro-batches, whose gradients add up.
        lr_scale
            The learning rate of this step as a share of the peak rate, 0 to 1.
        ema_decay
            How much the average keeps of itself, 0 to 1.

        Returns
        -------
        float
            The loss of the batch before the step.

        Raises
        ------
        InputError
            If a micro-batch is too small for batch normalisation.
        """
        for group in self._optimiser.param_groups:
            group["lr"] = self._run.rate * lr_scale
        self._optimiser.zero_grad()
        micros = list(zip(*(tensor.chunk(self._run.accumulate) for tensor in batch), strict=True))
        loss = sum(
            self._backward(micro, len(micros), last=number == len(micros))
            for number, micro in enumerate(micros, 1)
        )
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), GRAD_CLIP)
        self._optimiser.step()
        self.update_ema(ema_decay)
        return loss

    def _backward(self, micro: Batch, count: int, last: bool) -> float:
        """Add the gradients of one micro-batch of so many; the processes exchange them with the
        last.
        """
        wrapped = isinstance(self._runner, DistributedDataParallel)
        with self._runner.no_sync() if wrapped and not last else nullcontext():  # type: ignore[operator]
            try:
                moved = (tensor.to(self.device, non_blocking=True) for tensor in micro)
                loss = self._measure(*moved) / count
            except ValueError as error:
                if "more than 1 value per channel" not in str(error):
                    raise
                raise InputError(
                    f"{len(micro[0])} crop of {micro[0].shape[-1]} px at a time is too little "
                    "for batch normalisation",
                    "two crops or more on each device, or larger ones",
                    "raise the batch or the crop, or lower accumulate",
                ) from error
            torch.autograd.backward(loss)
        return loss.item()

    def _measure(
        self, pixels: torch.Tensor, valid: torch.Tensor, target: torch.Tensor
    ) -> torch.Tensor:
        count = len(self.meanings)
        shares, weight = sharpen(target[:, :count], self._sharpen, self._several)
        values = self.normalise(pixels, valid).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._half):
            logits = self._runner.train()(values)
        labels = len(self.card.labels)
        found = self._loss(logits[:, :labels].float(), shares, weight, self._classes)
        if self.card.depth is None:
            return found
        deep = depth_loss(logits[:, labels].float(), target[:, count], weight)
        return found + self._depth * deep

    @torch.no_grad()
    def update_ema(self, ema_decay: float) -> None:
        """Move the average's weights and running statistics towards the network's.

        Parameters
        ----------
        ema_decay
            The share of itself that the average keeps, 0 to 1. Whole numbers are copied.
        """
        states = zip(
            self.average.state_dict().values(), self._network.state_dict().values(), strict=True
        )
        for mine, its in states:
            if mine.is_floating_point():
                mine.lerp_(its, 1 - ema_decay)
            else:
                mine.copy_(its)


def make_learner(
    data: Data, card: ModelCard, start: Bundle | None, ranks: Ranks, report: Report
) -> Learner:
    """Return the network that learns: fresh, with its encoder's own weights, or from a model
    that exists.

    Parameters
    ----------
    data
        What is trained on; the labelled pixels of each class may weigh the classes.
    card
        The card with measured bands.
    start
        A model whose weights are fitted to the card's bands and classes; None begins fresh.
    ranks
        The processes that learn as one.
    report
        Told which bands and classes were kept of `start`.

    Returns
    -------
    Learner
        Its card has the network's stride.

    Raises
    ------
    InputError
        If crops or tiles are no multiples of the stride.
    ModelError
        If the weights to begin with cannot be read, or do not fit.
    """
    weights, kept = adopt(start, card) if start else (None, [])
    for line in kept:
        report(Noted(line))
    pool = data.pools["training"]
    counts = pool.meanings.share_evenly(pool.labelled).tolist()
    learner = Learner(card, data.config, ranks, weights, class_weights(data.config.loss, counts))
    learner.card = _fit_stride(card, learner.average, data.config.training.crop)
    return learner


def _fit_stride(card: ModelCard, network: torch.nn.Module, crop: int) -> ModelCard:
    """Return the card with the network's stride; InputError where crops or tiles are no multiples
    of it.
    """
    stride = stride_of(network)
    for name, side in (("training.crop", crop), ("card.tile", card.tile)):
        if side % stride:
            raise InputError(
                f"{name} = {side}",
                f"a multiple of {stride}, which is what this {card.architecture} takes",
                f"such as {-(-side // stride) * stride}",
            )
    return replace(card, stride=stride)


def keep_exact(network: torch.nn.Module, device: torch.device) -> None:
    """Have the modules that a network names `exact` compute in float32 under autocast, too.

    Parameters
    ----------
    network
        It is changed: those modules' `forward` is wrapped.
    device
        On which it computes.
    """
    for name in getattr(network, "exact", ()):
        module = network.get_submodule(name)
        module.forward = torch.autocast(device.type, enabled=False)(module.forward)


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
