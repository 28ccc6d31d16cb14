"""One process or several (torchrun): who this one is, and what all of them do together."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import torch.distributed as dist

from ..core.errors import InputError


@dataclass(frozen=True, slots=True)
class Ranks:
    """One process among those that learn as one; only the first writes and speaks."""

    rank: int = 0
    """Its number, from 0."""
    size: int = 1
    """How many there are; 1 is this one alone."""
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    """Where it computes."""

    @property
    def first(self) -> bool:
        """Whether this process writes and speaks.

        Returns
        -------
        bool
            Of one process in all.
        """
        return self.rank == 0

    def total(self, array: torch.Tensor) -> torch.Tensor:
        """Sum an array over all processes, which must all call this.

        Parameters
        ----------
        array
            Of one shape in all processes.

        Returns
        -------
        Tensor
            The sum, on the processor; the array itself where there is one process.
        """
        if self.size == 1:
            return array
        moved = array.to(self.device)
        dist.all_reduce(moved)
        return moved.cpu()

    def mean(self, numbers: Sequence[float]) -> float:
        """Average numbers over all processes, which must all call this.

        Parameters
        ----------
        numbers
            As many in every process.

        Returns
        -------
        float
            0 of none.
        """
        total = math.fsum(numbers) / max(len(numbers), 1)
        return float(self.total(torch.tensor(total, dtype=torch.float64)).item()) / self.size

    def agree(self, module: torch.nn.Module) -> None:
        """Give every process the first one's numbers: running statistics differ between them.

        Parameters
        ----------
        module
            Its parameters and buffers are overwritten.
        """
        if self.size > 1:
            for tensor in module.state_dict().values():
                dist.broadcast(tensor, 0)

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.size > 1:
            dist.barrier()


@contextmanager
def join_ranks(device: str = "auto") -> Iterator[Ranks]:
    """Join the processes that torchrun started, or be alone; the group is left at the end.

    Parameters
    ----------
    device
        "auto" is the process's own GPU where there is one; "cpu", "cuda" or "cuda:1".

    Yields
    ------
    Ranks
        This process.

    Raises
    ------
    InputError
        If there is no such device.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    cuda = torch.cuda.is_available() and device != "cpu"
    if size == 1:
        yield Ranks(device=_device(device, cuda, 0))
        return
    place = _device(device, cuda, int(os.environ.get("LOCAL_RANK", "0")))
    if place.type == "cuda":
        torch.cuda.set_device(place)
    dist.init_process_group("nccl" if place.type == "cuda" else "gloo")
    try:
        yield Ranks(dist.get_rank(), size, place)
    finally:
        dist.destroy_process_group()


def _device(name: str, cuda: bool, number: int) -> torch.device:
    if name == "auto":
        return torch.device(f"cuda:{number}" if cuda else "cpu")
    if name.startswith("cuda") and not cuda:
        raise InputError(f"--device {name}: no CUDA device is here", do="use --device cpu")
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise InputError(f"--device {name}", "auto, cpu, cuda or cuda:1") from error
