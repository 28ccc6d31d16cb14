"""The process that measures a peer: each is driven as its documentation says, with the same
weights, and is never a dependency. `peers.py` starts it.

Each reads the scene as one array, maps it, and writes a tiled GeoTIFF with ZSTD.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import torch
from peers import PeerTask
from rasterio.windows import Window as Place
from safetensors.torch import load_file

import geoseg
from geoseg.architectures import build
from geoseg.bench.child import answer
from geoseg.bench.task import Result
from geoseg.core.card import NODATA, ModelCard, Scaling
from geoseg.core.errors import InputError
from geoseg.core.grid import Tiling
from geoseg.core.machine import has_bf16, peak_rss
from geoseg.core.options import Options
from geoseg.core.tiling import choose_tiling
from geoseg.models import find_model
from geoseg.models.torch_model import Normalise
from geoseg.scene.source import open_raster

Labels = npt.NDArray[np.uint8]


class Network(torch.nn.Module):
    """The bundle's network as a user would load it: logits of digital numbers, or of what a peer
    made of them.
    """

    def __init__(self, task: PeerTask, scaling: Scaling, normalised: bool) -> None:
        super().__init__()
        bundle = find_model(task.model)
        card = bundle.card
        if task.idle:
            self.layers: torch.nn.Module = torch.nn.Conv2d(len(card.bands), len(card.labels), 1)
        else:
            self.layers = build(
                card.architecture, len(card.bands), len(card.labels), card.hyperparameters
            )
            self.layers.load_state_dict(
                {name: tensor.float() for name, tensor in load_file(bundle.weights).items()}
            )
        self.normalise = torch.nn.Identity() if normalised else Normalise(card.bands, scaling)
        if task.tuned:
            self.to(memory_format=torch.channels_last)
        self.labels = len(card.labels)
        self.seen = 0  # pixels that went through

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the logits [n, label, row, column]."""
        self.seen += pixels.shape[0] * pixels.shape[2] * pixels.shape[3]
        logits: torch.Tensor = self.layers(self.normalise(pixels))
        return logits


def omnicloudmask(task: PeerTask) -> Result:
    """OmniCloudMask: predict_from_array with our network; it scales each patch to z-scores by
    itself.
    """
    from omnicloudmask import predict_from_array

    def predict(array: npt.NDArray[Any], network: Network, tiling: Tiling) -> Labels:
        found = predict_from_array(
            array,
            patch_size=tiling.tile,
            patch_overlap=tiling.overlap,
            inference_dtype=_precision(task),
            custom_models=network,
            pred_classes=network.labels,
            inference_device=_device(task),
        )
        return np.asarray(found[0], np.uint8)

    return _measure(task, predict, normalised=True)


def monai(task: PeerTask) -> Result:
    """MONAI: sliding_window_inference over probabilities, blended by its Gaussian."""
    from monai.inferers import sliding_window_inference

    def predict(array: npt.NDArray[Any], network: Network, tiling: Tiling) -> Labels:
        pixels = torch.from_numpy(array.astype(np.float32))[None]
        share = tiling.overlap / tiling.tile
        device = _device(task)
        with torch.inference_mode(), _autocast(task):
            scores = sliding_window_inference(
                pixels,
                tiling.tile,
                1,
                lambda tiles: network(tiles).float().softmax(1),
                share,
                mode="gaussian",
                sw_device=device,
                device=torch.device("cpu"),
            )
        assert isinstance(scores, torch.Tensor)
        return scores[0].argmax(0).to(torch.uint8).numpy()

    return _measure(task, predict)


def geo_inference(task: PeerTask) -> Result:
    """geo-inference: a TorchScript file, its tiles on Dask's threads; they always overlap by
    half.
    """
    from geo_inference.geo_inference import GeoInference

    card, tiling, scaling = _opened(task)
    network = Network(task, scaling, normalised=False).eval()
    example = torch.zeros(1, len(card.bands), tiling.tile, tiling.tile, dtype=torch.uint8)
    with TemporaryDirectory() as folder:
        with torch.inference_mode():
            trace: Any = torch.jit.trace  # which has no types
            trace(network, example).save(f"{folder}/network.pt")
        device = "cpu" if _device(task).type == "cpu" else "gpu"
        program = GeoInference(
            f"{folder}/network.pt", folder, device=device, num_classes=network.labels
        )
        program.model(example.to(_device(task)))
        begun = time.monotonic()
        program(task.scene[0], patch_size=tiling.tile)
        seconds = time.monotonic() - begun
    step = tiling.tile // 2
    rows, columns = (
        tiling.tile * (-(-side // step) - 1) + step for side in (tiling.height, tiling.width)
    )
    return Result(
        seconds,
        seconds,
        rows * columns,
        tiling.height * tiling.width,
        peak_rss(),
        tiling.tile,
        step,
        str(_device(task)),
    )


def rasterio_loop(task: PeerTask) -> Result:
    """Read a tile with rasterio, predict, add up its weighted scores: the loop that everybody
    writes first.
    """

    def predict(array: npt.NDArray[Any], network: Network, tiling: Tiling) -> Labels:
        sums = np.zeros((network.labels, *array.shape[1:]), np.float32)
        total = np.zeros(array.shape[1:], np.float32)
        ramp = np.minimum(np.arange(1, tiling.tile + 1), np.arange(tiling.tile, 0, -1)).astype(
            np.float32
        )
        weight = np.outer(ramp, ramp)
        with rasterio.open(task.scene[0]) as raster, torch.inference_mode(), _autocast(task):
            for tile in tiling.tiles():
                pixels = raster.read(
                    window=Place(tile.left, tile.top, tile.shape[1], tile.shape[0])
                )
                tensor = torch.from_numpy(pixels.astype(np.float32))[None].to(_device(task))
                scores = network(tensor).float().softmax(1)[0].cpu().numpy()
                place = tile.within(tiling.extent)
                sums[:, *place] += scores * weight
                total[place] += weight
        sums /= total
        return np.asarray(sums.argmax(0), np.uint8)

    return _measure(task, predict, whole=False)


def geoseg_whole(task: PeerTask) -> Result:
    """What a user calls: loading and compiling the network, and the check of a reduced
    precision, are in its time. A small image before it imports all.
    """
    options = dict(task.options)
    with TemporaryDirectory() as folder:
        with rasterio.open(task.scene[0]) as raster:
            height, width = raster.shape
            corner = raster.read(window=Place(0, 0, 64, 64))
        names = [band.name for band in find_model(task.model).card.bands]
        transform = (0.5, 0.0, 0.0, 0.0, -0.5, 0.0)
        geoseg.predict(
            corner, model=task.model, transform=transform, crs="EPSG:32633", band_names=names
        )
        begun = time.monotonic()
        geoseg.predict(task.scene[0], f"{folder}/map.tif", model=task.model, **options)
        seconds = time.monotonic() - begun
    pixels = height * width
    return Result(seconds, seconds, pixels, pixels, peak_rss(), 0, 0, str(_device(task)))


Predict = Callable[[npt.NDArray[Any], Network, Tiling], Labels]


def _measure(
    task: PeerTask, predict: Predict, normalised: bool = False, whole: bool = True
) -> Result:
    card, tiling, scaling = _opened(task)
    network = Network(task, scaling, normalised).eval().to(_device(task))
    _warm(network, card, tiling.tile, _device(task))
    network.seen = 0
    begun = time.monotonic()
    with rasterio.open(task.scene[0]) as raster:
        profile = raster.profile
        array = raster.read() if whole else np.empty((len(card.bands), *raster.shape), np.bool_)
    labels = predict(array, network, tiling)
    machinery = time.monotonic() - begun
    _write(labels, profile)
    seconds = time.monotonic() - begun
    return Result(
        seconds,
        machinery,
        network.seen,
        labels.size,
        peak_rss(),
        tiling.tile,
        tiling.overlap,
        str(_device(task)),
    )


def _opened(task: PeerTask) -> tuple[ModelCard, Tiling, Scaling]:
    """Return what the task's options make of model and scene; InputError where peers cannot do
    the same.
    """
    card = find_model(task.model).card
    options = Options.of(**task.options)
    with open_raster(task.scene, card, options) as source:
        scaling = source.scaling
        tiling = choose_tiling(source.grid, card, options)
        indices = source.indices
    if len(task.scene) > 1 or indices != tuple(range(1, len(indices) + 1)):
        raise InputError(
            "peers take scenes of one file that holds the model's bands in its order and no others"
        )
    if min(tiling.height, tiling.width) < tiling.tile:
        raise InputError("the scene is smaller than a tile", "a larger one to compare peers on")
    return card, tiling, scaling


def _warm(network: Network, card: ModelCard, tile: int, device: torch.device) -> None:
    with torch.inference_mode():
        network(torch.zeros(1, len(card.bands), tile, tile, device=device))


def _write(labels: Labels, profile: dict[str, Any]) -> None:
    kept = {key: profile[key] for key in ("height", "width", "crs", "transform")}
    how = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "zstd", "zstd_level": 1}
    with (
        TemporaryDirectory() as folder,
        rasterio.open(
            f"{folder}/map.tif",
            "w",
            driver="GTiff",
            dtype="uint8",
            count=1,
            nodata=NODATA,
            **kept,
            **how,
        ) as raster,
    ):
        raster.write(labels, 1)


def _device(task: PeerTask) -> torch.device:
    name = str(task.options.get("device", "auto"))
    return torch.device(
        ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name
    )


def _precision(task: PeerTask) -> torch.dtype:
    """Return bfloat16 for a tuned peer where the hardware computes in it: elsewhere it is slower
    than float32.
    """
    if task.tuned and (_device(task).type == "cuda" or has_bf16()):
        return torch.bfloat16
    return torch.float32


def _autocast(task: PeerTask) -> Any:
    precision = _precision(task)
    return torch.autocast(_device(task).type, dtype=precision, enabled=precision != torch.float32)


PROGRAMS: dict[str, Callable[[PeerTask], Result]] = {
    "geoseg whole": geoseg_whole,
    "omnicloudmask": omnicloudmask,
    "monai": monai,
    "geo-inference": geo_inference,
    "rasterio loop": rasterio_loop,
}

if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()  # its task comes on stdin
    answer(lambda task: PROGRAMS[task.program](task), PeerTask)
