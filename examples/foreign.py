"""Show a model twelve kinds of image that it does not know: foreign.py MODEL [--write].

Of each: what most of it is mapped as, the mean confidence (what a model does not know it should not
be sure of), and whether `geoseg predict` would refuse it, warn of it, or map it without a word.
Five are real (drone, NAIP, Landsat, Sentinel-2 as a picture, and a fitting scene with its bands in
the wrong order), seven are made here. All are stretched to the range of numbers that the model was
trained on, as somebody who exports a picture does; bands that an image lacks are those nearest in
wavelength. --write puts the table on the model's card, as `foreign` among the scores.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from scipy.ndimage import gaussian_filter

import geoseg
from geoseg.core.atomic import atomic_output
from geoseg.core.card import ModelCard, write_card
from geoseg.models import find_model

SIDE = 512  # pixels
# centre wavelengths in micrometres of the bands that the images have
WAVES = {"blue": 0.48, "green": 0.56, "red": 0.66, "nir": 0.84, "swir16": 1.61, "swir22": 2.2}
COLOURS = ("red", "green", "blue")
Bands = Mapping[str, np.ndarray]  # by common name: [row, column], 0 to 1


@dataclass(frozen=True)
class Kind:
    """One kind of image."""

    name: str
    """As the table says it."""
    gsd: float
    """Size of its pixels, in metres."""
    make: Callable[[Path, np.random.Generator], Bands]
    """Makes it, or reads it from the folder of data."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="name or folder of a bundle")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", action="store_true", help="put the table on the card")
    parser.add_argument("--picture", type=Path, help="draw the images and their maps")
    args = parser.parse_args()
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    bundle = find_model(args.model)
    # not open_model, which refuses some of these
    network = geoseg.load_model(bundle, bundle.card.scaling, "cpu")
    rows: dict[str, dict[str, Any]] = {}
    shown = []
    for number, kind in enumerate(kinds(bundle.card)):
        image = kind.make(args.data, np.random.default_rng(number))
        numbers = fit(image, bundle.card, backwards=kind.name.startswith("bands"))
        scores = np.asarray(network(numbers[None], np.ones((1, SIDE, SIDE), bool)))[0]
        rows[kind.name] = judge(scores, bundle.card) | {
            "predict": verdict(numbers, kind.gsd, bundle.card, args.model)
        }
        shown.append((kind.name, numbers, scores.argmax(axis=0)))
        print(kind.name, rows[kind.name], flush=True)
    if args.write:
        card = replace(bundle.card, scores={**bundle.card.scores, "foreign": rows})
        with atomic_output(bundle.path / "card.json", replace=True) as beside:
            write_card(card, beside)
    if args.picture:
        draw(shown, bundle.card, args.picture)


def kinds(card: ModelCard) -> list[Kind]:
    """Return the kinds for a model: what it was made for is not among them."""
    coarse = card.gsd >= 5
    fitting = aquileia if coarse else street_trees
    other = (
        Kind("aerial image at 0.6 m", 0.6, street_trees)
        if coarse
        else Kind("Sentinel-2 at 10 m as a picture", 10, aquileia)
    )
    return [
        Kind("drone at 2 cm: maize", 0.02, drone),
        Kind("NAIP at 5 m: farmland", 5, farmland),
        Kind("Landsat at 30 m", 30, landsat),
        other,
        Kind("bands in the wrong order", card.gsd, fitting),
        Kind("sea at night", card.gsd, sea),
        Kind("cloud deck", card.gsd, clouds),
        Kind("noise", card.gsd, noise),
        Kind("radar: speckle", card.gsd, radar),
        Kind("scanned map", card.gsd, scan),
        Kind("photograph of a street", card.gsd, street),
        Kind("blank", card.gsd, blank),
    ]


def fit(image: Bands, card: ModelCard, backwards: bool) -> np.ndarray:
    """Return an image in the card's digital numbers [band, row, column]."""
    waves = {name: WAVES[name] for name in image}
    found = []
    for band in reversed(card.bands) if backwards else card.bands:
        wave = band.wavelength or WAVES.get(band.common_name, WAVES["green"])
        nearest = min(waves, key=lambda name: abs(waves[name] - wave))
        found.append(image[nearest])
    low = np.array([band.low for band in card.bands])[:, None, None]
    high = np.array([band.high for band in card.bands])[:, None, None]
    values = low + np.stack(found) * (high - low)
    numbers = (values - card.scaling.offset) / card.scaling.scale
    dtype = np.dtype(card.dtypes[0])
    if dtype.kind not in "ui":
        return numbers.astype(np.float32)
    # 0 is nodata in many a raster
    return np.rint(numbers).clip(1, np.iinfo(dtype).max).astype(dtype)


def judge(scores: np.ndarray, card: ModelCard) -> dict[str, Any]:
    """Return what most of an image is mapped as, and how sure the model is."""
    mapped = scores.argmax(axis=0)
    shares = np.bincount(mapped.ravel(), minlength=len(card.labels)) / mapped.size
    most = np.argsort(-shares, kind="stable")[:2]
    said = ", ".join(f"{card.labels[i].name} {shares[i]:.0%}" for i in most if shares[i] >= 0.005)
    return {"mapped as": said, "confidence": round(float(scores.max(axis=0).mean()), 4)}


def verdict(numbers: np.ndarray, gsd: float, card: ModelCard, model: str) -> str:
    """Return what `geoseg predict` does with it unless it is forced."""
    place = {"transform": (gsd, 0, 500000, 0, -gsd, 5000000), "crs": "EPSG:32633"}
    (fitted,) = geoseg.check(numbers, model, band_names=card.band_names, **place).models
    if not fitted.fits:
        return "refuses"
    return "warns" if fitted.warnings else "maps"


def stretched(data: np.ndarray) -> np.ndarray:
    """Return numbers between their 1st and 99th percentile as 0 to 1, all bands alike."""
    low, high = np.percentile(data[data > 0], (1, 99))
    return np.clip((data - low) / (high - low), 0, 1)


def window(path: Path, bands: Mapping[str, int]) -> Bands:
    """Return the middle of a file, by common name."""
    with rasterio.open(path) as file:
        row, column = (file.height - SIDE) // 2, (file.width - SIDE) // 2
        part = rasterio.windows.Window(column, row, SIDE, SIDE)
        data = file.read(list(bands.values()), window=part).astype(np.float32)
    return dict(zip(bands, stretched(data), strict=True))


def drone(data: Path, _: np.random.Generator) -> Bands:
    return window(data / "scenes" / "uav_rgba_2cm.tif", {"red": 1, "green": 2, "blue": 3})


def farmland(data: Path, _: np.random.Generator) -> Bands:
    path = data / "scenes" / "naip_rgbn_nd_20170827.tif"
    return window(path, {"red": 1, "green": 2, "blue": 3, "nir": 4})


def landsat(data: Path, _: np.random.Generator) -> Bands:
    path = data / "scenes" / "l8_Madagascar_27_01_2020.tif"
    bands = {"blue": 2, "green": 3, "red": 4, "nir": 5, "swir16": 6, "swir22": 7}
    return window(path, bands)


def aquileia(data: Path, _: np.random.Generator) -> Bands:
    path = data / "scenes" / "s2l2a_aquileia_20190416.tif"
    bands = {"blue": 2, "green": 3, "red": 4, "nir": 8, "swir16": 11, "swir22": 12}
    return window(path, bands)


def street_trees(data: Path, _: np.random.Generator) -> Bands:
    """Four chips of NAIP side by side."""
    files = sorted((data / "naip_california" / "images").glob("claremont_*.tif"))[:4]
    chips = []
    for path in files:
        with rasterio.open(path) as file:
            chips.append(file.read().astype(np.float32))
    rows = [np.concatenate(chips[i : i + 2], axis=2) for i in (0, 2)]
    whole = np.concatenate(rows, axis=1) / 255
    return dict(zip((*COLOURS, "nir"), whole, strict=True))


def field(rng: np.random.Generator, rough: float) -> np.ndarray:
    """Return clouds of noise whose power falls with the frequency, 0 to 1."""
    rows = np.fft.fftfreq(SIDE)[:, None]
    columns = np.fft.fftfreq(SIDE)[None]
    power = np.maximum(np.hypot(rows, columns), 1 / SIDE) ** -rough
    made = np.fft.ifft2(np.fft.fft2(rng.normal(size=(SIDE, SIDE))) * power).real
    low, high = np.percentile(made, (1, 99))
    return np.clip((made - low) / (high - low), 0, 1)


def grey(values: np.ndarray) -> Bands:
    """Return an image that is alike in all bands."""
    return dict.fromkeys((*COLOURS, "nir"), values.astype(np.float32))


def sea(_: Path, rng: np.random.Generator) -> Bands:
    waves = gaussian_filter(rng.normal(size=(SIDE, SIDE)), 2)
    return grey(np.clip(0.02 + 0.01 * waves / waves.std(), 0, 1))


def clouds(_: Path, rng: np.random.Generator) -> Bands:
    return grey(0.75 + 0.25 * field(rng, 1.8))


def noise(_: Path, rng: np.random.Generator) -> Bands:
    return {name: rng.random((SIDE, SIDE)).astype(np.float32) for name in (*COLOURS, "nir")}


def radar(_: Path, rng: np.random.Generator) -> Bands:
    return grey(np.clip((0.1 + 0.5 * field(rng, 1.6)) * rng.exponential(size=(SIDE, SIDE)), 0, 1))


def scan(_: Path, rng: np.random.Generator) -> Bands:
    """Areas of flat colours, black lines between them, and rows of marks such as letters."""
    kind = (field(rng, 2.0) * 4).astype(int).clip(0, 3)
    palette = np.array([[0.97, 0.95, 0.88], [0.8, 0.92, 0.75], [0.7, 0.85, 0.97], [0.95, 0.8, 0.7]])
    image = palette[kind]
    edges = (kind != np.roll(kind, 1, 0)) | (kind != np.roll(kind, 1, 1))
    image[edges] = 0.1
    for row in range(40, SIDE - 20, 90):
        letters = rng.random((9, 40)) < 0.5
        image[row : row + 9, 60:100][letters] = 0.05
    image = np.clip(image + rng.normal(0, 0.01, image.shape), 0, 1).astype(np.float32)
    return dict(zip(COLOURS, np.moveaxis(image, -1, 0), strict=True)) | {"nir": image[..., 0]}


def street(_: Path, rng: np.random.Generator) -> Bands:
    """Sky, houses with windows, a road that narrows towards the horizon."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    image = np.stack([0.45 + 0.4 * rows, 0.6 + 0.3 * rows, 0.95 - 0.1 * rows], axis=-1)
    left = 0
    while left < SIDE:
        right = left + int(rng.integers(40, 110))
        top = int(rng.integers(SIDE // 8, SIDE // 2))
        image[top : SIDE * 3 // 5, left:right] = rng.uniform(0.25, 0.8, 3)
        for r in range(top + 12, SIDE * 3 // 5 - 20, 34):
            for c in range(left + 8, right - 16, 24):
                image[r : r + 18, c : c + 12] = (0.15, 0.2, 0.28)
        left = right
    ground = rows >= 0.6
    image[ground] = (0.55, 0.53, 0.5)
    road = ground & (np.abs(columns - 0.5) < 0.05 + 1.1 * (rows - 0.6))
    image[road] = (0.3, 0.3, 0.32)
    image[road & (np.abs(columns - 0.5) < 0.008) & (rows * 20 % 1 < 0.5)] = 0.9
    image = np.clip(gaussian_filter(image, (1, 1, 0)) + rng.normal(0, 0.02, image.shape), 0, 1)
    return dict(zip(COLOURS, np.moveaxis(image.astype(np.float32), -1, 0), strict=True))


def blank(_: Path, __: np.random.Generator) -> Bands:
    return grey(np.full((SIDE, SIDE), 0.5))


def draw(shown: list[tuple[str, np.ndarray, np.ndarray]], card: ModelCard, path: Path) -> None:
    """Draw each image beside its map."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    colours = np.array([label.rgb for label in card.labels], np.uint8)
    names = [band.common_name for band in card.bands]
    visible = [names.index(name) for name in COLOURS if name in names] or [0]
    low = np.array([card.bands[i].low for i in visible])[:, None, None]
    high = np.array([card.bands[i].high for i in visible])[:, None, None]
    figure, axes = plt.subplots(4, 6, figsize=(12, 8.6))
    for (name, numbers, mapped), axis, beside in zip(
        shown, axes[:, ::2].flat, axes[:, 1::2].flat, strict=True
    ):
        values = numbers[visible] * card.scaling.scale + card.scaling.offset
        picture = np.clip((values - low) / (high - low), 0, 1)
        picture = np.repeat(picture, 3, axis=0) if len(visible) == 1 else picture
        axis.imshow(np.moveaxis(picture, 0, -1))
        axis.set_title(name, fontsize=8)
        beside.imshow(colours[mapped])
    for axis in axes.flat:
        axis.set_axis_off()
    figure.tight_layout()
    figure.savefig(path, dpi=90, pil_kwargs={"quality": 85})


if __name__ == "__main__":
    main()
