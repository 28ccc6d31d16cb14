"""What clouds-s2 finds in recorded scenes: in clear ones, where each pixel that it calls cloud is
wrong, and in cloudy ones, beside ukis-csmask where its network is at hand.

python examples/clouds_s2/measure.py --data ../shared/data --model clouds-s2 [--ukis MODEL.onnx]
"""

from __future__ import annotations

import argparse
import csv
import json
import warnings
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import rasterio
from clouds import CLOUD, SHADOW, THIN
from PIL import Image
from prepare import GAIN, OFFSET, held_out

import geoseg

COARSER = 3  # ukis-csmask wants pixels of about 30 m
SURE = 0.8  # confidence from which a cloud is masked in the second count
USED = [0, 1, 2, 6, 7, 8]  # the six of the nine bands that ukis-csmask takes
PALETTE = np.array([[59, 125, 59], [159, 211, 230], [255, 255, 255], [58, 58, 92]], np.uint8)
Classes = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="with s2/")
    parser.add_argument(
        "--ground", type=Path, default=Path("work/landcover_s2"), help="of landcover_s2/prepare.py"
    )
    parser.add_argument("--model", default="clouds-s2", help="its name, or a bundle's folder")
    parser.add_argument("--ukis", type=Path, help="model_6b_l1c.onnx of ukis-csmask 1.0.0")
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the cloudy chips")
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # chips without a place, and of values that are rare
    scores = partial(geoseg.open_model(args.model), force=True)  # some chips are all dark water
    other = ukis(args.ukis) if args.ukis else None
    clear(args.ground / "samples.csv", scores)
    for row in catalog(args.data / "s2"):
        if float(row["cloud_fraction"] or 0) > 0.02 or "cloudy" in row["file"]:
            cloudy(args.data / "s2" / row["file"], row, scores, other, args.pictures)


def catalog(folder: Path) -> list[dict[str, str]]:
    with (folder / "catalog.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def clear(samples: Path, scores: Classes) -> None:
    """Print how much of the ground that the catalogue calls clear is called something else, by
    place; with a star those that were held out.
    """
    with samples.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counts: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(6, np.int64))
    for row in rows:
        with rasterio.open(row["scene"]) as scene, rasterio.open(row["label"]) as label:
            numbers, known = scene.read(), label.read().any(axis=0)
        found = scores(numbers)
        classes, sure = found.argmax(axis=0)[known], found.max(axis=0)[known] > SURE
        cloud = np.isin(classes, (THIN, CLOUD))
        name = (
            f"{'*' if held_out(row['place']) else ''}{row['place'].split(' (')[0]} {row['level']}"
        )
        several = [len(classes), *((classes == each).sum() for each in (THIN, CLOUD, SHADOW))]
        counts[name] += [*several, (cloud & sure).sum(), ((classes == SHADOW) & sure).sum()]
    for name, (total, *parts) in sorted(counts.items()):
        thin, cloud, shadow, sure_cloud, sure_shadow = (f"{part / total:.2%}" for part in parts)
        print(
            f"{name}, {total} px: thin {thin}, cloud {cloud}, shadow {shadow}; "
            f"above {SURE:.0%}: clouds {sure_cloud}, shadow {sure_shadow}"
        )


def cloudy(
    path: Path, row: dict[str, str], scores: Classes, other: Classes | None, pictures: Path | None
) -> None:
    """Print what is found in a scene that has clouds, and draw it."""
    with rasterio.open(path) as scene:
        numbers = scene.read().astype(np.float32)
    classes = scores(numbers).argmax(axis=0)
    shares = {
        name: float((classes == each).mean())
        for name, each in (("thin", THIN), ("cloud", CLOUD), ("shadow", SHADOW))
    }
    line = f"{path.name} {row['level']}, by the catalogue {row['cloud_fraction']}: "
    line += ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
    maps = [PALETTE[classes]]
    if other is not None:
        seen = numbers
        if row["level"] == "L2A":
            seen = numbers * GAIN[:, None, None] + OFFSET[:, None, None]
        theirs = other(seen)
        both = np.isin(classes, (THIN, CLOUD)), theirs == CLOUD
        union = (both[0] | both[1]).sum()
        line += f"; ukis-csmask: cloud {both[1].mean():.1%}, shadow {(theirs == SHADOW).mean():.1%}"
        line += f", IoU of the clouds {(both[0] & both[1]).sum() / union:.2f}" if union else ""
        maps.append(PALETTE[theirs])
    print(line)
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        light = (np.clip(numbers[[2, 1, 0]] / 4000, 0, 1) ** 0.6 * 255).transpose(1, 2, 0)
        drawn = np.concatenate([light.astype(np.uint8), *maps], axis=1)
        Image.fromarray(drawn).save(pictures / f"{path.stem}.png")


def ukis(path: Path) -> Classes:
    """Return ukis-csmask's network: numbers of L1C to classes, its cloud and its shadow."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    statistics = json.loads(path.with_suffix(".json").read_text())["data"]["dataset_statistics"]
    mean, std = (np.array(part, np.float32)[:, None, None] for part in statistics["img"])

    def classes(numbers: np.ndarray) -> np.ndarray:
        rows, columns = numbers.shape[1:]
        spare = [(0, 0), (0, -rows % COARSER), (0, -columns % COARSER)]
        padded = np.pad(numbers[USED] / 10_000, spare, mode="edge")
        blocks = padded.reshape(len(USED), padded.shape[1] // COARSER, COARSER, -1, COARSER)
        small = blocks.mean(axis=(2, 4))
        inner = [(0, 0), *((0, -size % 256) for size in small.shape[1:])]
        tiles = (np.pad(small, inner, mode="symmetric") - mean) / std
        found = np.zeros(tiles.shape[1:], np.uint8)
        for top in range(0, tiles.shape[1], 256):
            for left in range(0, tiles.shape[2], 256):
                part = (slice(top, top + 256), slice(left, left + 256))
                name = session.get_inputs()[0].name
                logits = session.run(None, {name: tiles[:, *part][None].astype(np.float32)})[0]
                found[part] = logits[0].argmax(axis=0)
        fine = found.repeat(COARSER, axis=0).repeat(COARSER, axis=1)[:rows, :columns]
        return np.asarray(np.array([0, CLOUD, SHADOW], np.uint8)[fine])

    return classes


if __name__ == "__main__":
    main()
