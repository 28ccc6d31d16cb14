"""The network while it learns: one step of the optimiser, the running average of its weights, checkpoints."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import torch

from ..architectures import build
from ..card import ModelCard
from ..errors import ModelError
from ..models.normalise import Normalise
from .config import Config
from .losses import dice, soft_cross_entropy
from .pretrained import fill_encoder

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # pixels, valid, target of Crop, stacked
STEEPEST = 5.0  # gradients longer than this are shortened: a batch of nothing but noise must not undo the rest


class Learner:
    """A network, the exponential moving average of its weights (which is what ships), and the optimiser."""

    def __init__(self, card: ModelCard, config: Config) -> None:
        self.card, self._run = card, config.training
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = build(card.architecture, len(card.bands), len(card.labels), card.hyperparameters)
        if config.network.pretrained:
            fill_encoder(network, config.network.pretrained, [band.common_name for band in card.bands])
        self._network = network.to(self.device).to(memory_format=torch.channels_last)
        self.average = deepcopy(self._network).requires_grad_(False).eval()
        self.normalise = Normalise(card.bands, card.scaling).to(self.device)
        self._optimiser = torch.optim.AdamW(network.parameters(), self._run.rate, weight_decay=self._run.weight_decay)

    def learn(self, batch: Batch, share: float, decay: float) -> float:
        """Take one step at a share of the peak rate; return the loss. The average keeps `decay` of itself."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._run.rate * share
        loss = self._loss(*(tensor.to(self.device) for tensor in batch))
        self._optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), STEEPEST)
        self._optimiser.step()
        self._follow(decay)
        return loss.item()

    def _loss(self, pixels: torch.Tensor, valid: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        total = target.sum(dim=1, dtype=torch.float32)
        shares, weight = target / total.unsqueeze(1).clamp(min=1), (total > 0).float()
        values = self.normalise(pixels, valid).contiguous(memory_format=torch.channels_last)
        # on processors without bfloat16 units, which are most, autocast is up to ten times slower
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            logits = self._network.train()(values)
        loss = soft_cross_entropy(logits.float(), shares, weight)
        return loss + self._run.dice * dice(logits.float(), shares, weight) if self._run.dice else loss

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        """Move the average's weights and statistics towards the network's."""
        states = zip(self.average.state_dict().values(), self._network.state_dict().values(), strict=True)
        for mine, its in states:
            if mine.is_floating_point():
                mine.lerp_(its, 1 - decay)
            else:
                mine.copy_(its)

    def save(self, path: Path, step: int) -> None:
        """Write all that is needed to go on; the file appears whole or not at all."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        beside = path.with_suffix(".part")
        torch.save(state | {"step": step}, beside)
        beside.replace(path)

    def load(self, path: Path) -> int:
        """Read a checkpoint, as data only, and return the step to go on with."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        try:
            for name, part in self._parts().items():
                part.load_state_dict(state[name])
        except (KeyError, RuntimeError, ValueError) as error:
            raise ModelError(f"the checkpoint {path} is of another network", do="train without --resume") from error
        return int(state["step"])

    def _parts(self) -> dict[str, torch.nn.Module | torch.optim.Optimizer]:
        return {"network": self._network, "average": self.average, "optimiser": self._optimiser}
