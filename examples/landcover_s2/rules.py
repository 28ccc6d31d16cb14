"""What is known better than the teacher knows it: snow that cannot be, and plants that it calls
water. The shares of such classes go to the others before a model learns them.

python examples/landcover_s2/rules.py    # pictures before and after
"""

from __future__ import annotations

import argparse
import csv
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import rasterio
from atmosphere import GAIN, OFFSET, to_ground
from PIL import Image

from geoseg import read_config

WATER, SNOW, UNLABELLED = 0, 8, 9
GREEN, RED, NIR, SWIR = 1, 2, 6, 7  # places among the nine bands
# snow, seen from above the air: bright in green light and near infrared, dark at 1.6 micrometres
# (Hall et al. 1995, doi 10.1016/0034-4257(95)00137-P, whose tests are 0.4 and 0.11)
NDSI, BRIGHT, NIR_BRIGHT = 0.4, 1500, 1100
# water swallows near infrared: with three times as much of it as of red, and not a little, plants
# stand there, on the ground's reflectance
NDVI, PLANTS = 0.5, 1000
# places where snow may lie on the day of the scene: it lies on no other, and on no sea
COLD = ("Hudson*", "Europe S2?_MSIL2A_20171[12]*", "Europe S2?_MSIL2A_20180[1-4]*")


def corrected(soft: np.ndarray, numbers: np.ndarray, place: str | None = None) -> np.ndarray:
    """Return shares [9, row, column] of the classes that can be, from 0 to 1 adding up to 1.

    The numbers are of L1C [9, row, column]. Without a place (a scene that was never recorded),
    snow may lie wherever it looks like snow. Water that the teacher took for snow (glint,
    breakers) becomes water, as long as it held that for likeliest beside; what else it took for
    snow (clouds, haze) becomes unlabelled: all shares are 0, as where it said nothing.
    """
    shares = soft.astype(np.float32)
    called = soft.argmax(axis=0) == SNOW
    if place is None:
        green, swir = numbers[GREEN].astype(np.float32), numbers[SWIR].astype(np.float32)
        bright = (green > BRIGHT) & (numbers[NIR] > NIR_BRIGHT)
        possible = bright & (green - swir > NDSI * (green + swir))
    else:
        cold = any(fnmatchcase(place, pattern) for pattern in COLD)
        possible = np.full(called.shape, cold)
    shares[SNOW] *= possible
    shares[:, called & ~possible & (shares.argmax(axis=0) != WATER)] = 0
    ground = to_ground(numbers.astype(np.float32))
    red, nir = ground[RED], ground[NIR]
    shares[WATER] *= ~((nir > PLANTS) & (nir - red > NDVI * (nir + red)))
    total = shares.sum(axis=0)
    return np.asarray(shares / np.where(total > 0, total, 1), np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--work", type=Path, default=Path("work/landcover_s2"), help="of prepare.py"
    )
    args = parser.parse_args()
    labels = read_config(Path(__file__).with_name("config.toml")).classes
    colours = np.array([[int(label.colour[i : i + 2], 16) for i in (1, 3, 5)] for label in labels])
    colours = np.vstack([colours, [255, 255, 255]])
    names = [*(label.name for label in labels), "nothing"]
    with (args.work / "samples.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (args.work / "rules").mkdir(exist_ok=True)
    for row in rows:
        with rasterio.open(row["scene"]) as scene, rasterio.open(row["label"]) as label:
            numbers, soft = scene.read().astype(np.float32), label.read()
        if row["level"] == "L2A":
            numbers = numbers * GAIN[:, None, None] + OFFSET[:, None, None]
        known = soft.any(axis=0)
        before = soft.argmax(axis=0)
        shares = corrected(soft, numbers, row["place"])
        after = np.where(shares.any(axis=0), shares.argmax(axis=0), UNLABELLED)
        moved = known & (before != after)
        if moved.sum() < 500:
            continue
        print(f"{row['place']} {row['level']}: {moved.mean():.2%}", end="")
        for a in (WATER, SNOW):
            to = np.bincount(after[moved & (before == a)], minlength=10)
            print(
                f"; {labels[a].name} to",
                {names[b]: int(to[b]) for b in np.flatnonzero(to)},
                end="",
            )
        print()
        seen = np.clip(numbers[[2, 1, 0]] / 3000, 0, 1) ** 0.6 * 255
        maps = [colours[np.where(known, each, UNLABELLED)] for each in (before, after)]
        Image.fromarray(
            np.concatenate([seen.transpose(1, 2, 0), *maps], axis=1).astype(np.uint8)
        ).save(args.work / "rules" / f"{Path(row['scene']).stem}.png")


if __name__ == "__main__":
    main()
