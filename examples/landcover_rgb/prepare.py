"""Turn the MBRSC masks (colours) into label rasters (class values), and list the scenes.

Writes WORK/labels/*.tif (uint8, 255 = unlabelled) and WORK/samples.csv (scene, label, place),
which `geoseg train config.toml` reads. The place is the scene: its nine parts are neighbours.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning

COLOURS = {"E2A929": 0, "8429F6": 1, "6EC1E4": 2, "3C1098": 3, "FEDD3A": 4}  # water land road building vegetation
UNLABELLED = 255


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with mbrsc/")
    parser.add_argument("--work", type=Path, default=Path("work/landcover_rgb"), help="folder to write to")
    args = parser.parse_args()
    (args.work / "labels").mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", NotGeoreferencedWarning)  # the images have no place on the ground
    with (args.work / "samples.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("scene", "label", "place"))
        for image in sorted((args.data / "mbrsc").glob("*/images/*.jpg")):
            place = image.parents[1].name
            label = args.work / "labels" / f"{place}_{image.stem}.tif"
            write(label, classes(image.parents[1] / "masks" / f"{image.stem}.png"))
            table.writerow((image.resolve(), label.resolve(), place))


def classes(mask: Path) -> np.ndarray:
    """Class values of a mask; colours of no class are unlabelled."""
    red, green, blue = colours(mask).astype(np.int64)
    code = (red << 16) | (green << 8) | blue
    values = np.full(code.shape, UNLABELLED, np.uint8)
    for colour, value in COLOURS.items():
        values[code == int(colour, 16)] = value
    return values


def colours(mask: Path) -> np.ndarray:
    """Red, green, blue [3, row, column]; some masks are palette images."""
    with rasterio.open(mask) as source:
        data = source.read()
        if len(data) >= 3:
            return data[:3]
        palette = np.zeros((256, 4), np.uint8)
        for index, entry in source.colormap(1).items():
            palette[index] = entry
        return np.moveaxis(palette[data[0], :3], -1, 0)


def write(path: Path, values: np.ndarray) -> None:
    rows, columns = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="uint8", compress="deflate"
    ) as target:
        target.write(values, 1)


if __name__ == "__main__":
    main()
