"""Join Banepa's tiles to one scene for each column of the web map, with classes and object numbers.

    python examples/buildings/prepare.py --data ../shared/data --work work/buildings

reads banepa/ of the data folder, and writes scenes of 0.26 m with their table of samples. Buildings
that touch are one in the masks, and stay one: an object is a connected component.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import rasterio.features
import shapely
from rasterio.errors import NotGeoreferencedWarning
from scipy.ndimage import label

SIDE = 512  # pixels of a tile of the web map
ZOOM = 19
HALF = 20037508.342789244  # metres from the middle of the web map to its edge
SCALE = 2  # pixels of 0.13 m that become one
PARTS = ("training", "training", "validation", "test")  # of the columns, from west to east


def main() -> None:
    """Write the scenes, what is known of them, and samples.csv."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    told = parser.parse_args()
    told.work.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    images = sorted((told.data / "banepa/images").glob("*.tif"))
    columns = sorted({int(image.stem.split("-")[1]) for image in images})
    rows = []
    for column, part in zip(columns, PARTS, strict=True):
        tiles = [image for image in images if int(image.stem.split("-")[1]) == column]
        top = min(int(image.stem.split("-")[2]) for image in tiles)
        pixels = np.concatenate([read(tile)[:3] for tile in tiles], axis=1)
        masks = [read(tile.parents[1] / "masks" / tile.name)[0] for tile in tiles]
        built = np.concatenate(masks) > 0
        numbers = label(built)[0][::SCALE, ::SCALE]
        place = column, top
        name = f"banepa_{column}"
        write(told.work / f"{name}.tif", coarser(pixels), place, ("red", "green", "blue"))
        write(told.work / f"{name}_classes.tif", (numbers > 0)[None].astype(np.uint8), place)
        write(told.work / f"{name}_numbers.tif", numbers[None].astype(np.uint16), place)
        if part == "test":
            outlines(told.work / f"{name}_truth.gpkg", numbers, place)
        files = (f"{name}.tif", f"{name}_classes.tif", f"{name}_numbers.tif")
        rows.append((*files, f"{part} {column}"))
        print(f"{name}: {part}, {len(np.unique(numbers)) - 1} buildings")
    with (told.work / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("scene", "label", "objects", "place"), *rows])


def read(path: Path) -> np.ndarray:
    """Return the pixels of a tile, [band, row, column]."""
    with rasterio.open(path) as raster:
        found: np.ndarray = raster.read()
        return found


def coarser(pixels: np.ndarray) -> np.ndarray:
    """Return the mean of SCALE x SCALE pixels."""
    bands, rows, columns = pixels.shape
    parts = pixels.reshape(bands, rows // SCALE, SCALE, columns // SCALE, SCALE)
    return np.rint(parts.mean(axis=(2, 4))).astype(np.uint8)


def corner(tile: tuple[int, int]) -> rasterio.Affine:
    """Return where a tile of the web map, by its column and row, has its corner, and its pixels."""
    metres = 2 * HALF / 2**ZOOM
    column, row = tile
    size = metres * SCALE / SIDE
    return rasterio.Affine(size, 0, column * metres - HALF, 0, -size, HALF - row * metres)


def outlines(path: Path, numbers: np.ndarray, tile: tuple[int, int]) -> None:
    """Write the outlines of objects, to be compared with."""
    whole = numbers.astype(np.int32)
    found = rasterio.features.shapes(whole, whole > 0, transform=corner(tile))
    objects: dict[int, list[Any]] = {}
    for outline, number in found:
        objects.setdefault(int(number), []).append(shapely.geometry.shape(outline))
    frame = gpd.GeoDataFrame(
        {"class": ["building"] * len(objects)},
        geometry=[shapely.union_all(parts) for parts in objects.values()],
        crs="EPSG:3857",
    )
    frame.to_file(path)


def write(
    path: Path, pixels: np.ndarray, tile: tuple[int, int], names: tuple[str, ...] = ()
) -> None:
    """Write pixels from the corner of a tile of the web map on."""
    profile = {"driver": "GTiff", "dtype": pixels.dtype.name, "count": len(pixels)}
    with rasterio.open(
        path,
        "w",
        height=pixels.shape[1],
        width=pixels.shape[2],
        crs="EPSG:3857",
        transform=corner(tile),
        compress="deflate",
        **profile,
    ) as raster:
        raster.write(pixels)
        if names:
            raster.descriptions = names


if __name__ == "__main__":
    main()
