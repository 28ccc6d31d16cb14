"""An ONNX network of somebody else through geoseg, beside its bare session on the same windows.

    python benchmarks/foreign.py [--side 4096] [--rounds 3] [--engine onnxruntime|openvino]

The network is a U-Net of random weights (1.9 million numbers, three bands, four classes). The bare
session reads the same windows from the same file, scales them with numpy, computes them one by one
and takes the highest class; it blends nothing and writes nothing. geoseg does all that a class
raster needs. Both read the network within their time. Rounds are interleaved, so that a busy
moment slows both alike; the ratio is of their medians.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
import torch
from rasterio.windows import Window as RasterWindow

import geoseg
from geoseg.core.card import Band, Label, ModelCard, Scaling, write_card
from geoseg.core.interface import Interface
from geoseg.core.machine import machine_line

SIDE = 512  # pixels of a tile
OVERLAP = 64


class Net(torch.nn.Module):
    """A U-Net of four levels."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        sizes = [3, width, 2 * width, 4 * width, 8 * width]
        self.down = torch.nn.ModuleList(
            _pair(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)
        )
        self.up = torch.nn.ModuleList(
            _pair(sizes[i] + sizes[i - 1], sizes[i - 1]) for i in range(len(sizes) - 1, 1, -1)
        )
        self.head = torch.nn.Conv2d(width, 4, 1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        kept = []
        for level, layers in enumerate(self.down):
            values = layers(values if level == 0 else torch.nn.functional.max_pool2d(values, 2))
            kept.append(values)
        for layers in self.up:
            kept.pop()
            values = torch.nn.functional.interpolate(values, scale_factor=2.0)
            values = layers(torch.cat([values, kept[-1]], 1))
        return self.head(values)


def _pair(given: int, made: int) -> torch.nn.Sequential:
    return torch.nn.Sequential(
        torch.nn.Conv2d(given, made, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(made, made, 3, padding=1),
        torch.nn.ReLU(),
    )


def make_model(folder: Path) -> Path:
    """Write the U-Net as a bundle of ONNX."""
    folder.mkdir()
    torch.manual_seed(0)
    warnings.simplefilter("ignore")
    network = Net().eval()
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, SIDE, SIDE),),
        folder / "model.onnx",
        input_names=["pixels"],
        output_names=["logits"],
        external_data=False,
        dynamo=True,
        verbose=False,
    )
    card = ModelCard(
        name="random-unet",
        description="A U-Net of random weights",
        architecture="unet",
        hyperparameters={},
        sensor="any",
        bands=tuple(
            Band(name, name, None, 127.0, 70.0, 0.0, 255.0) for name in ("red", "green", "blue")
        ),
        unit="digital number",
        scaling=Scaling(),
        dtypes=("uint8",),
        labels=tuple(Label(i, f"class {i}", f"#{i:02x}80{i:02x}") for i in range(4)),
        gsd=1.0,
        gsd_range=(0.5, 2.0),
        tile=SIDE,
        overlap=OVERLAP,
        stride=SIDE,
        fixed_tile=True,
        interface=Interface(one_by_one=True),
    )
    write_card(card, folder / "card.json")
    return folder


def make_scene(path: Path, side: int) -> Path:
    """Write a scene of noise upon fields."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 200, (3, side // 64 + 1, side // 64 + 1), np.uint8)
    fields = coarse.repeat(64, 1).repeat(64, 2)[:, :side, :side]
    pixels = fields + rng.integers(0, 55, fields.shape, np.uint8)
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 3, "tiled": True}
    place = {"crs": "EPSG:32633", "transform": rasterio.Affine(1, 0, 5e5, 0, -1, 5e6)}
    with rasterio.open(path, "w", width=side, height=side, **profile, **place) as file:
        file.write(pixels)
        file.descriptions = ("red", "green", "blue")
    return path


Taken = tuple[float, float]  # seconds, and seconds of processors


def now() -> Taken:
    return time.perf_counter(), time.process_time()


def since(begun: Taken) -> Taken:
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def bare(engine: str, network: Path, scene: Path) -> Taken:
    """Return what the bare session takes for all windows."""
    begun = now()
    session = session_of(engine, network)
    with rasterio.open(scene) as file:
        for top, left in windows(file.height):
            pixels = file.read(window=RasterWindow(left, top, SIDE, SIDE))
            values = ((pixels[None].astype(np.float32) - 127) / 70).astype(np.float32)
            session(values)[0].argmax(0)
    return since(begun)


def windows(side: int) -> list[tuple[int, int]]:
    """Return the windows that geoseg lays over a square: as many, as far apart."""
    count = -(-(side - OVERLAP) // (SIDE - OVERLAP))
    starts = np.linspace(0, side - SIDE, count).round().astype(int).tolist()
    return [(top, left) for top in starts for left in starts]


def mapped(engine: str, model: Path, scene: Path) -> Taken:
    """Return what geoseg takes for a class raster."""
    begun = now()
    out = scene.with_name("map.tif")
    geoseg.predict(str(scene), str(out), model=str(model), engine=engine, precision="fp32")
    taken = since(begun)
    out.unlink()
    return taken


def session_of(engine: str, file: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of a window's values."""
    if engine == "onnxruntime":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        return lambda values: session.run(None, {"pixels": values})[0]
    import openvino

    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(str(file), "CPU", settings)
    return lambda values: compiled(values)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", choices=("openvino", "onnxruntime"), default="onnxruntime")
    args = parser.parse_args()
    print(machine_line())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = make_model(folder / "model")
        scene = make_scene(folder / "scene.tif", args.side)
        small = make_scene(folder / "small.tif", 2 * SIDE)
        times: dict[str, list[Taken]] = {"bare session": [], "geoseg": []}
        mapped(args.engine, model, small)  # what is imported and compiled once
        bare(args.engine, model / "model.onnx", small)
        for _ in range(args.rounds):
            times["bare session"].append(bare(args.engine, model / "model.onnx", scene))
            times["geoseg"].append(mapped(args.engine, model, scene))
            print(", ".join(f"{name} {taken[-1][0]:.2f} s" for name, taken in times.items()))
    count = len(windows(args.side))
    print(f"{args.engine}, {args.side} x {args.side} px, {count} windows of {SIDE} px:")
    for what, i in (("elapsed", 0), ("of processors", 1)):
        middle = {
            name: statistics.median(each[i] for each in taken) for name, taken in times.items()
        }
        told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in middle.items())
        print(f"  {what}: {told}, ratio {middle['geoseg'] / middle['bare session']:.3f}")


if __name__ == "__main__":
    main()
