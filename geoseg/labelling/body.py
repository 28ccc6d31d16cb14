"""What a network makes of pixels before its last layer, cell by cell, and kept on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ..architectures import build
from ..core.atomic import atomic_output
from ..core.card import ModelCard, Scaling
from ..core.errors import ModelError
from ..core.grid import Window
from ..core.options import Options
from ..models.torch_model import Normalise
from ..scene.source import Source, open_raster
from ..training.scene_label import to_card
from .head import Head
from .thin import thin_files, use

CELL = 64  # pixels along the squares in which features are computed and kept
AROUND = 32  # pixels around a cell that the network sees, too
TOGETHER = 8  # cells computed at once
HELD = 512  # cells kept in memory: 100 channels of float16 are 0.8 MB each
KEPT = 2 << 30  # bytes of cells kept on disk, of all networks and scenes of a workspace
WRITTEN = 256  # cells after which it is seen whether there are more
Cell = tuple[int, int, int]  # scene, row and column of the cell
Features = npt.NDArray[np.float16]


class Unfold(nn.Module):
    """Stand in a network's last layer, and give on what that layer sees of each pixel.

    Parameters
    ----------
    layer
        The convolution that it stands in for: of stride 1.
    """

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.layer = layer

    @property
    def weight(self) -> torch.Tensor:
        """The layer's own: networks ask for its type."""
        return self.layer.weight

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the channels of a pixel and of its neighbours that the layer sums up.

        Parameters
        ----------
        maps
            [n, channel, row, column].

        Returns
        -------
        torch.Tensor
            [n, channel x rows x columns of the kernel, row, column].
        """
        rows, columns = self.layer.kernel_size
        if (rows, columns) == (1, 1):
            return maps
        count, _, height, width = maps.shape
        found = nn.functional.unfold(maps, (rows, columns), padding=(rows // 2, columns // 2))
        return found.reshape(count, -1, height, width)


class Body:
    """A network with its last layer taken off: digital numbers to features, cell by cell.

    What follows the last layer (doubling of the maps) is computed of the features instead, which is
    the same as long as it treats channels alike.

    Parameters
    ----------
    network
        Normalised pixels to logits; left as it is.
    card
        Its bands, scaling and stride.
    """

    def __init__(self, network: nn.Module, card: ModelCard) -> None:
        self.card = card
        # an own copy, with the layer that is taken off
        self._network = build(
            card.architecture, len(card.bands), len(card.labels), card.hyperparameters
        )
        self._network.load_state_dict(network.state_dict())
        self._network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.name, self.layer = last_layer(self._network, len(card.labels))
        parent, _, own = self.name.rpartition(".")
        setattr(self._network.get_submodule(parent), own, Unfold(self.layer))
        self._normalise = Normalise(card.bands, card.scaling)
        self.digest = _digest(network, card, self.name)

    @torch.inference_mode()
    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> torch.Tensor:
        """Return the features of a batch.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column]; sides are multiples of the stride.
        valid
            Where they hold data [n, row, column].

        Returns
        -------
        torch.Tensor
            Float32 [n, feature, row, column].
        """
        values = self._normalise(torch.from_numpy(pixels), torch.from_numpy(valid))
        found: torch.Tensor = self._network(values.contiguous(memory_format=torch.channels_last))
        return found.float()

    def with_head(self, network: nn.Module, head: Head) -> dict[str, torch.Tensor]:
        """Return the weights of the network with another last layer.

        Parameters
        ----------
        network
            The one that this body is of.
        head
            Fitted to these features.

        Returns
        -------
        dict
            By name.
        """
        state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        weight = state[f"{self.name}.weight"]
        state[f"{self.name}.weight"] = torch.from_numpy(head.weight).reshape(weight.shape)
        state[f"{self.name}.bias"] = torch.from_numpy(head.bias)
        return state


def last_layer(network: nn.Module, labels: int) -> tuple[str, nn.Conv2d]:
    """Find the layer that gives the logits.

    Parameters
    ----------
    network
        Of one of ARCHITECTURES.
    labels
        How many it gives.

    Returns
    -------
    tuple of str and Conv2d
        Its name in the network, and the layer.

    Raises
    ------
    ModelError
        If the network ends in no convolution from features to logits.
    """
    layers = [(name, m) for name, m in network.named_modules() if isinstance(m, nn.Conv2d)]
    name, layer = layers[-1] if layers else ("", None)
    plain = (
        layer is not None
        and layer.out_channels == labels
        and layer.bias is not None
        and layer.stride == (1, 1)
        and layer.dilation == (1, 1)
        and layer.groups == 1
        and all(size % 2 == 1 for size in layer.kernel_size)
    )
    if layer is None or not plain:
        raise ModelError(
            "the network does not end in a convolution from features to its classes",
            do="start from another model, or from nothing: --start none",
        )
    return name, layer


def _digest(network: nn.Module, card: ModelCard, head: str) -> str:
    """Return what tells one body from another: its weights without the last layer's, and how it is
    fed.
    """
    found = sha256(repr((card.architecture, card.hyperparameters, card.scaling)).encode())
    found.update(repr([(band.name, band.mean, band.std) for band in card.bands]).encode())
    for name, tensor in network.state_dict().items():
        if not name.startswith(head + "."):
            found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


class Scenes:
    """The scenes of a workspace, open, in the digital numbers of a card.

    Parameters
    ----------
    files
        Of each scene.
    card
        Bands and scaling.
    options
        How scenes are read, as in training.
    """

    def __init__(self, files: Sequence[tuple[str, ...]], card: ModelCard, options: Options) -> None:
        self._sources: list[Source] = []
        try:
            for one in files:
                self._sources.append(open_raster(one, card, options))
        except BaseException:
            self.close()
            raise
        self._changes = [to_card(source.scaling, card.scaling) for source in self._sources]
        self.grids = [source.grid for source in self._sources]
        self.stamps = [
            _stamp(one, source.scaling) for one, source in zip(files, self._sources, strict=True)
        ]

    def read(self, scene: int, window: Window) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Return the pixels of a window.

        Parameters
        ----------
        scene
            Which.
        window
            May hang over the edges of the scene: what does is reflected and invalid.

        Returns
        -------
        tuple of array
            Digital numbers of the card [band, row, column]; where they hold data [row, column].
        """
        patch = self._sources[scene].read(window)
        change = self._changes[scene]
        data = patch.data
        if change is not None:
            data = np.maximum(data * change[0] + change[1], 0)
        valid = np.ones(window.shape, bool) if patch.valid is None else patch.valid
        return data, valid

    def close(self) -> None:
        """Close the files."""
        for source in self._sources:
            source.close()


def _stamp(files: Sequence[str], scaling: Scaling) -> str:
    """Return what tells a scene, and how it is read, from what is later under its name."""
    states: list[Any] = []
    for file in files:
        with suppress(OSError):
            state = Path(file).stat()
            states.append((state.st_size, state.st_mtime_ns))
    return sha256(repr((list(files), states, scaling)).encode()).hexdigest()[:16]


class FeatureMaps:
    """Features of cells, computed once and kept: in memory, and in a folder where one is given.

    Parameters
    ----------
    body
        What computes them.
    scenes
        What they are computed of.
    folder
        Where they are kept; None keeps them in memory alone.
    """

    def __init__(self, body: Body, scenes: Scenes, folder: Path | None = None) -> None:
        self.body = body
        self._scenes = scenes
        self._all = folder
        self._folder = folder / body.digest if folder else None
        self._written = 0
        self._thin()
        self._held: dict[Cell, tuple[Features, npt.NDArray[np.bool_]]] = {}

    def get(self, cells: Iterable[Cell]) -> Mapping[Cell, tuple[Features, npt.NDArray[np.bool_]]]:
        """Return the features of cells.

        Parameters
        ----------
        cells
            Which.

        Returns
        -------
        mapping
            By cell: float16 [row, column, feature] and where pixels hold data [row, column]. What
            hangs over the edge of the scene holds none.
        """
        wanted = list(dict.fromkeys(cells))
        found = {cell: kept for cell in wanted if (kept := self._kept(cell)) is not None}
        missing = [cell for cell in wanted if cell not in found]
        for start in range(0, len(missing), TOGETHER):
            some = missing[start : start + TOGETHER]
            for cell, features, valid in zip(some, *self._compute(some), strict=True):
                found[cell] = self._keep(cell, features, valid)
        return found

    def _compute(self, cells: Sequence[Cell]) -> tuple[list[Features], list[npt.NDArray[np.bool_]]]:
        # the network may ask for larger windows than cells with their surroundings
        stride = self.body.card.stride
        around = -(-AROUND // stride) * stride
        side = -(-(CELL + 2 * around) // stride) * stride
        read = []
        for scene, row, column in cells:
            top, left = row * CELL - around, column * CELL - around
            read.append(self._scenes.read(scene, Window(top, left, top + side, left + side)))
        pixels = np.stack([np.ascontiguousarray(data) for data, _ in read])
        valid = np.stack([known for _, known in read])
        inner = slice(around, around + CELL)
        maps = self.body(pixels, valid)[:, :, inner, inner].permute(0, 2, 3, 1)
        halves = maps.clamp(-65504, 65504).half().numpy()
        return list(halves), list(valid[:, inner, inner])

    def _path(self, cell: Cell) -> Path | None:
        if self._folder is None:
            return None
        scene, row, column = cell
        return self._folder / f"{self._scenes.stamps[scene]}-{row}-{column}.npz"

    def _kept(self, cell: Cell) -> tuple[Features, npt.NDArray[np.bool_]] | None:
        if cell in self._held:
            return self._held[cell]
        path = self._path(cell)
        if path is None or not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as found:
                kept = found["features"], found["valid"]
        except (OSError, ValueError, KeyError, EOFError):  # it is made anew
            return None
        use(path)
        return self._remember(cell, *kept)

    def _keep(
        self, cell: Cell, features: Features, valid: npt.NDArray[np.bool_]
    ) -> tuple[Features, npt.NDArray[np.bool_]]:
        path = self._path(cell)
        if path is not None:
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                with atomic_output(path, replace=True) as part, part.open("wb") as file:
                    np.savez(file, features=features, valid=valid)
            self._written += 1
            if self._written % WRITTEN == 0:
                self._thin()
        return self._remember(cell, features, valid)

    def _thin(self) -> None:
        if self._all is not None:
            thin_files(self._all, "*.npz", KEPT)

    def _remember(
        self, cell: Cell, features: Features, valid: npt.NDArray[np.bool_]
    ) -> tuple[Features, npt.NDArray[np.bool_]]:
        if len(self._held) >= HELD:
            self._held.pop(next(iter(self._held)))
        self._held[cell] = features, valid
        return features, valid

    def at(self, pixels: npt.NDArray[np.int64]) -> Features:
        """Return the features of single pixels.

        Parameters
        ----------
        pixels
            Scene, row and column [pixel, 3], inside of the scenes.

        Returns
        -------
        array
            Float16 [pixel, feature].
        """
        cells = pixels // np.array([1, CELL, CELL])
        distinct, which = np.unique(cells, axis=0, return_inverse=True)
        which = which.reshape(-1)
        parts: list[Features] = []
        orders = []
        for start in range(0, len(distinct), TOGETHER):
            some = [(int(a), int(b), int(c)) for a, b, c in distinct[start : start + TOGETHER]]
            maps = self.get(some)
            for number, cell in enumerate(some, start):
                mine = np.flatnonzero(which == number)
                rows, columns = (pixels[mine, 1:] % CELL).T
                parts.append(maps[cell][0][rows, columns])
                orders.append(mine)
        order = np.argsort(np.concatenate(orders), kind="stable")
        return np.concatenate(parts)[order]
