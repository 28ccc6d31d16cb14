"""Bring three data sets of different legends to label rasters, and list them with their places.

Writes WORK/scenes/*.tif (bands red, green, blue, and nir where there is one), WORK/labels/*.tif
(uint8, 255 = unlabelled) and WORK/samples.csv (scene, label, place, dataset), which `geoseg train
config.toml` reads. What each value of a data set may be stands in the legends of config.toml. Reads
mbrsc/, naip_california/, banepa/ and teacher_naip/ of the data folder.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from scipy.ndimage import distance_transform_edt, zoom

UNLABELLED = 255
NAMES = ("red", "green", "blue", "nir")
# MBRSC: water, land, road, building, vegetation
COLOURS = {"E2A929": 0, "8429F6": 1, "6EC1E4": 2, "3C1098": 3, "FEDD3A": 4}
# NAIP
BARE, GREEN, TREES, LOW, SEALED = range(
    5
)  # not green; green; of this: trees, low; land, road or building
PLANTS, NONE = 0.1, 0.05  # NDVI above and below which all is green, or nothing
SURE, RATHER = 0.8, 0.5  # probabilities of the teacher
CROWN, BESIDE, APART = (
    3.0,
    3.6,
    10.0,
)  # metres from a marked tree: within its crown, beside it, and beyond all trees
NAIP_GSD, TEACHER_SIDE = (
    0.6,
    160,
)  # a chip of 256 px brought to this is about 1 m, as the teacher wants it
MARGIN = 10  # pixels at a chip's edges where the teacher, who lacks the ground around, is not asked
# Banepa: rows of the web map (zoom 19) that validate and test, the rest is trained on
VALIDATION_ROWS, TEST_ROWS = (220246,), (220247, 220248)
HELD_OUT = ("claremont", "long_beach")  # cities that are measured at NAIP's own scale alone
FINE = ("tile7", "tile8")  # scenes of MBRSC whose pixels are about half as wide as the others'
SHEET = 2  # NAIP also with pixels so many times as wide, as many chips side by side
BANEPA = 2  # and Banepa at 0.26 m instead of 0.13 m


@dataclass(frozen=True)
class Scene:
    """Pixels [band, row, column] with their label values [row, column]."""

    name: str
    pixels: np.ndarray
    labels: np.ndarray
    place: str
    dataset: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("../shared/data"),
        help="folder with mbrsc/ and the others",
    )
    parser.add_argument(
        "--work", type=Path, default=Path("work/landcover_rgb"), help="folder to write to"
    )
    parser.add_argument(
        "--only", nargs="*", default=list(SETS), choices=SETS, help="data sets; default all"
    )
    args = parser.parse_args()
    for folder in ("scenes", "labels"):
        (args.work / folder).mkdir(parents=True, exist_ok=True)
    warnings.simplefilter(
        "ignore", NotGeoreferencedWarning
    )  # some images have no place on the ground
    rows = []
    for name in args.only:
        for scene in SETS[name](args.data):
            paths = [args.work / folder / f"{scene.name}.tif" for folder in ("scenes", "labels")]
            write(paths[0], scene.pixels)
            write(paths[1], scene.labels[None], UNLABELLED)
            rows.append((*(path.resolve() for path in paths), scene.place, scene.dataset))
    listed(args.work / "samples.csv", ("scene", "label", "place", "dataset"), rows)


def listed(path: Path, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Write a table of samples."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def mbrsc(data: Path) -> Iterator[Scene]:
    """Yield the scenes of MBRSC: the place is the scene, whose nine parts are neighbours."""
    for image in sorted((data / "mbrsc").glob("*/images/*.jpg")):
        place = image.parents[1].name
        labels = classes(image.parents[1] / "masks" / f"{image.stem}.png")
        pixels = read(image)[:3]
        rows, columns = np.minimum(pixels.shape[1:], labels.shape)
        yield Scene(
            f"{place}_{image.stem}",
            pixels[:, :rows, :columns],
            labels[:rows, :columns],
            place,
            "mbrsc_fine" if place in FINE else "mbrsc",
        )


def classes(mask: Path) -> np.ndarray:
    """Label values of a mask; colours of no class are unlabelled."""
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


def naip(data: Path) -> Iterator[Scene]:
    """Yield NAIP's chips, and sheets of several chips of one city at coarser scales: the place
    is the city.
    """
    teacher = load_teacher(data / "teacher_naip" / "naip_landcover_bare.onnx")
    folder = data / "naip_california"
    cities: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for image in sorted((folder / "images").glob("*.tif")):
        pixels = read(image)
        labels = naip_labels(
            pixels, marked(folder / "trees" / f"{image.stem}.csv"), teach(teacher, pixels)
        )
        city = image.stem.rsplit("_", 2)[0]
        cities.setdefault(city, []).append((pixels, labels))
        yield Scene(image.stem, pixels, labels, city, "naip")
    for city, chips in cities.items():
        if city in HELD_OUT:
            continue
        small = [
            (coarser(pixels, SHEET), coarser_labels(labels, SHEET)) for pixels, labels in chips
        ]
        for number in range(len(small) // SHEET**2):
            some = small[number * SHEET**2 : (number + 1) * SHEET**2]
            sheets = (sheet([chip[part] for chip in some], SHEET) for part in range(2))
            yield Scene(f"{city}_x{SHEET}_{number}", *sheets, city, "naip")


def naip_labels(pixels: np.ndarray, trees: np.ndarray, taught: np.ndarray) -> np.ndarray:
    """Return what is known of a chip: green or not by NDVI, and what the teacher and the marked
    trees add.

    All trees that can be seen were marked, so what is green and far from all of them is low, unless
    the teacher sees shrubs there.
    """
    red, nir = pixels[0].astype(np.float32), pixels[3].astype(np.float32)
    ndvi = (nir - red) / np.maximum(nir + red, 1)
    far = np.full(ndvi.shape, np.inf)
    if len(trees):
        stems = np.ones(ndvi.shape, bool)
        stems[trees[:, 1], trees[:, 0]] = False
        far = distance_transform_edt(stems) * NAIP_GSD
    _, wood, low, sealed = taught
    labels = np.full(ndvi.shape, UNLABELLED, np.uint8)
    labels[ndvi < NONE] = BARE
    labels[(ndvi < NONE) & (sealed > RATHER)] = SEALED
    green = ndvi > PLANTS
    labels[green] = GREEN
    labels[green & (far > APART) & (wood < RATHER) & taught.any(axis=0)] = LOW
    labels[green & (low > SURE) & (far > BESIDE)] = LOW
    labels[green & (wood > SURE)] = TREES
    labels[green & (far < CROWN)] = TREES
    return labels


def load_teacher(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def teach(teacher: Any, pixels: np.ndarray) -> np.ndarray:
    """Return the teacher's probabilities [water, trees, low, barren and impervious] on the
    chip's grid.
    """
    given = zoom(
        pixels.astype(np.float32) / 256,
        (1, *(TEACHER_SIDE / side for side in pixels.shape[1:])),
        order=1,
    )
    found = teacher.run(None, {teacher.get_inputs()[0].name: given[None]})[0][0, 1:]
    taught = zoom(found, (1, *(side / TEACHER_SIDE for side in pixels.shape[1:])), order=1)
    known = np.zeros_like(taught)
    known[:, MARGIN:-MARGIN, MARGIN:-MARGIN] = taught[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    return known


def marked(path: Path) -> np.ndarray:
    """Return the pixels of hand-marked trees [tree, (x, y)]; chips without any have no file."""
    if not path.exists():
        return np.zeros((0, 2), int)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]
    return np.array(rows).reshape(-1, 2).astype(int).clip(0, 255)


def banepa(data: Path) -> Iterator[Scene]:
    """Yield Banepa's tiles, joined in rows of the web map, of which some validate and some test."""
    images = sorted((data / "banepa" / "images").glob("*.tif"))
    rows = sorted({int(image.stem.split("-")[2]) for image in images})
    parts = {"validation": VALIDATION_ROWS, "test": TEST_ROWS}
    held = {row for rows_of in parts.values() for row in rows_of}
    parts = {"training": tuple(row for row in rows if row not in held), **parts}
    for part, chosen in parts.items():
        tiles = [
            [image for image in images if int(image.stem.split("-")[2]) == row] for row in chosen
        ]
        pixels = np.concatenate(
            [np.concatenate([read(t)[:3] for t in row], axis=2) for row in tiles], axis=1
        )
        masks = [[image.parents[1] / "masks" / image.name for image in row] for row in tiles]
        mask = np.concatenate(
            [np.concatenate([read(t)[0] for t in row], axis=1) for row in masks], axis=0
        )
        built = coarser((mask[None] > 0).astype(np.float32), BANEPA)[0]
        labels = np.where(built > 0.6, 1, np.where(built < 0.4, 0, UNLABELLED)).astype(np.uint8)
        yield Scene(f"banepa_{part}", coarser(pixels, BANEPA), labels, f"banepa {part}", "banepa")


def coarser(pixels: np.ndarray, scale: int) -> np.ndarray:
    """Return the mean of scale x scale pixels of [band, row, column]."""
    bands, rows, columns = pixels.shape
    mean = pixels.reshape(bands, rows // scale, scale, columns // scale, scale).mean(axis=(2, 4))
    return np.rint(mean).astype(np.uint8) if pixels.dtype == np.uint8 else mean


def coarser_labels(labels: np.ndarray, scale: int) -> np.ndarray:
    """Return the label of scale x scale pixels where most of them have one, else unlabelled."""
    rows, columns = labels.shape
    blocks = (
        labels.reshape(rows // scale, scale, columns // scale, scale)
        .swapaxes(1, 2)
        .reshape(-1, scale**2)
    )
    counts = np.stack([(blocks == value).sum(axis=1) for value in range(LOW + 2)], axis=1)
    most = counts.argmax(axis=1)
    clear = counts.max(axis=1) > 0.6 * scale**2
    return (
        np.where(clear, most, UNLABELLED).astype(np.uint8).reshape(rows // scale, columns // scale)
    )


def sheet(chips: list[np.ndarray], side: int) -> np.ndarray:
    """Return side x side chips as one."""
    rows = [np.concatenate(chips[i * side : (i + 1) * side], axis=-1) for i in range(side)]
    return np.concatenate(rows, axis=-2)


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as source:
        return source.read()


def write(path: Path, data: np.ndarray, nodata: int | None = None) -> None:
    bands, rows, columns = data.shape
    profile = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": bands,
        "dtype": "uint8",
        "nodata": nodata,
    }
    if bands > 3:
        profile["photometric"] = "MINISBLACK"  # else GDAL calls a fourth band of bytes alpha
    with rasterio.open(path, "w", **profile, compress="deflate") as target:
        target.write(data)
        if 1 < bands <= len(NAMES):
            target.descriptions = NAMES[:bands]


SETS = {"mbrsc": mbrsc, "naip": naip, "banepa": banepa}

if __name__ == "__main__":
    main()
