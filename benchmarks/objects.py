"""Objects of a made scene: none lost, doubled or split; beside a loop over tiles; run by hand.

    python benchmarks/objects.py [--size 20000] [--objects 200000] [--folder FOLDER]

The scene holds rectangles, ellipses and angles of 3 to 400 pixels along their longer side, many of
which touch a neighbour of their class, and the depth that a perfect network would give: clipped
distance to the border. `geoseg objects` finds them in a process of its own, whose memory and
processor time are measured. The loop does what programs do that cut a scene into tiles, as SAHI
does: the same finder in each tile of 640 pixels, of which 128 overlap; boxes and scores of all
tiles; then greedy suppression by the boxes (NMS, IoU 0.5), or greedy merging (NMM, intersection
over the smaller 0.5).
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rasterio
import shapely
from scipy import ndimage

from geoseg.core.grid import Grid
from geoseg.objects.links import Levels, linked
from geoseg.objects.numbers import Labels, label_all, numbered
from geoseg.vector.geodesic import PixelAreas

ROOT = Path(__file__).parents[1]
DEEP = 8  # pixels from the border that count as 100 %
TILE = 640
OVERLAP = 128
LEAST = 3
MOST = 400
STEEP = 2.3  # of the power law of sizes: many are small
TOUCH = 9  # pixels: smaller ones keep a distance, for their depth has no middle to tell them by
Shape = tuple[int, int, np.ndarray]  # row, column, and the pixels of its box, bool


def mask_of(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return the pixels of a rectangle, an ellipse or an angle in a box."""
    full = np.ones((height, width), bool)
    kind = rng.integers(3)
    if min(height, width) < TOUCH or kind == 0:
        return full
    if kind == 1:
        y, x = (np.arange(n) * 2 + 1 - n for n in (height, width))
        return (y[:, None] / height) ** 2 + (x / width) ** 2 <= 1
    full[: height // 2, width // 2 :] = False
    return full


def make(folder: Path, size: int, count: int) -> list[Shape]:
    """Write the scene, and return its objects."""
    rng = np.random.default_rng(0)
    classes = np.zeros((size, size), np.uint8)
    taken = np.zeros((size, size), np.bool_)  # with what lies around thin ones
    depth = np.zeros((size, size), np.uint8)
    share = rng.random(count)
    power = 1 - STEEP
    sides = (LEAST**power + share * (MOST**power - LEAST**power)) ** (1 / power)
    shapes: list[Shape] = []
    beside = (0, 0)  # the corner to the right of the last one
    for side in np.sort(np.rint(sides).astype(int))[::-1]:
        other = max(LEAST, round(side * rng.uniform(0.4, 1.0)))
        height, width = (side, other) if rng.random() < 0.5 else (other, side)
        mask = mask_of(rng, height, width)
        gap = int(min(height, width) < TOUCH)
        touch = rng.random() < 0.5
        while True:
            row, column = beside if touch else rng.integers(0, size - MOST, 2)
            touch = False
            around = (
                slice(max(0, row - gap), row + height + gap),
                slice(max(0, column - gap), column + width + gap),
            )
            inside_scene = row + height <= size and column + width <= size
            if inside_scene and not (classes if gap else taken)[around].any():
                break
        place = slice(row, row + height), slice(column, column + width)
        inside = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
        taken[around] = True
        classes[place][mask] = 1 + (len(shapes) % 7 == 0)
        depth[place][mask] = np.clip(inside / DEEP * 100, 1, 100)[mask]
        shapes.append((int(row), int(column), mask))
        beside = (row, column + width)
    for name, pixels in (("classes", classes), ("depth", depth)):
        with rasterio.open(
            folder / f"{name}.tif",
            "w",
            driver="GTiff",
            width=size,
            height=size,
            count=1,
            dtype="uint8",
            nodata=255,
            crs="EPSG:32645",
            transform=rasterio.Affine(0.5, 0, 3e5, 0, -0.5, 3e6),
            tiled=True,
            blockxsize=512,
            blockysize=512,
            compress="zstd",
        ) as target:
            target.write(pixels, 1)
    return shapes


def find_all(folder: Path) -> tuple[float, float, float]:
    """Run `geoseg objects`; return seconds, seconds of processors, and GB at the peak."""
    command = [sys.executable, "-m", "geoseg", "objects", "classes.tif", "depth.tif"]
    command += ["--things", "1,2", "--out", "o.fgb", "--raster", "o.tif", "--overwrite", "--quiet"]
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True)\n"
        "told = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(told.ru_utime + told.ru_stime, told.ru_maxrss / 1e6)"
    )
    begun = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", code, *command],
        check=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
    )
    cpu, peak = map(float, told.stdout.split())
    return time.monotonic() - begun, cpu, peak


def compare(folder: Path, shapes: list[Shape]) -> dict[str, int]:
    """Count what became of each object in the raster of numbers: what was found is of that object
    within whose pixels half of it lies.
    """
    with rasterio.open(folder / "o.tif") as dataset:
        numbers = dataset.read(1)
    pixels = np.bincount(numbers.ravel())
    told = dict.fromkeys(("lost", "split", "merged", "one to one", "to the pixel"), 0)
    for row, column, mask in shapes:
        own = numbers[row : row + mask.shape[0], column : column + mask.shape[1]][mask]
        values, counts = np.unique(own, return_counts=True)
        parts = (values > 0) & (2 * counts > pixels[values])
        most = counts.argmax()
        union = pixels[values[most]] + mask.sum() - counts[most]
        told["split"] += bool(parts.sum() > 1)
        told["lost"] += values[most] == 0
        told["merged"] += bool(values[most] > 0 and not parts.any())
        told["one to one"] += bool(parts.sum() == 1 and 2 * counts[most] > union)
        told["to the pixel"] += bool(len(values) == 1 and counts[0] == pixels[values[0]])
    return {"found": int(numbers.max())} | {name: int(count) for name, count in told.items()}


def tile_boxes(classes: np.ndarray, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return boxes [object, 4] (left, top, right, bottom) and scores of the objects of a tile."""
    things = np.zeros(256, np.uint8)
    things[1:3] = 1
    labels = Labels(PixelAreas(Grid(*classes.shape)), True)
    strips = [(classes, depth, depth)]
    links = list(label_all(linked(strips, Levels(), things, things * 0), labels))
    objects = labels.finish()
    numbers = np.concatenate(list(numbered(lambda: iter(links), classes.shape[1], objects.label)))
    boxes = [
        (place[1].start, place[0].start, place[1].stop, place[0].stop)
        for place in ndimage.find_objects(numbers.astype(np.int32))
    ]
    return np.array(boxes, float).reshape(-1, 4), objects.score[1:]


def loop(folder: Path, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return boxes and scores of all tiles."""
    step = TILE - OVERLAP
    starts = sorted({min(start, size - TILE) for start in range(0, size - OVERLAP, step)})
    found: list[np.ndarray] = []
    scores: list[np.ndarray] = []
    with (
        rasterio.open(folder / "classes.tif") as one,
        rasterio.open(folder / "depth.tif") as two,
    ):
        for top in starts:
            for left in starts:
                window = rasterio.windows.Window(left, top, TILE, TILE)
                boxes, score = tile_boxes(one.read(1, window=window), two.read(1, window=window))
                found.append(boxes + np.array([left, top, left, top]))
                scores.append(score)
    return np.concatenate(found), np.concatenate(scores)


def overlaps(boxes: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs of boxes that meet, and how much each has in common."""
    tree = shapely.STRtree(shapely.box(*others.T))
    i, j = tree.query(shapely.box(*boxes.T))
    low = np.maximum(boxes[i, :2], others[j, :2])
    high = np.minimum(boxes[i, 2:], others[j, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=1)
    kept = common > 0
    return i[kept], j[kept], common[kept]


def greedy(boxes: np.ndarray, scores: np.ndarray, merge: bool) -> np.ndarray:
    """Suppress boxes by better ones, or merge them into these; return what is left."""
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    i, j, common = overlaps(boxes, boxes)
    whole = np.minimum(area[i], area[j]) if merge else area[i] + area[j] - common
    kept = (common / whole >= 0.5) & (i != j)
    i, j = i[kept], j[kept]
    order = np.argsort(i, kind="stable")
    j = j[order]
    start = np.searchsorted(i[order], np.arange(len(boxes) + 1))
    alive = np.ones(len(boxes), bool)
    left = []
    # by score, and among equals the larger first
    for box in np.lexsort((-area, -scores)):
        if not alive[box]:
            continue
        alive[box] = False
        near = j[start[box] : start[box + 1]]
        near = near[alive[near]]
        alive[near] = False
        own = boxes[[box, *near]] if merge else boxes[[box]]
        left.append((*own[:, :2].min(axis=0), *own[:, 2:].max(axis=0)))
    return np.array(left)


def judge(boxes: np.ndarray, shapes: list[Shape]) -> dict[str, int]:
    """Count what became of each object among boxes: it is found by those of an IoU of at least
    0.5 with its own box, and split where none is and several lie within it.
    """
    truth = np.array([(c, r, c + m.shape[1], r + m.shape[0]) for r, c, m in shapes], float)
    own = np.prod(truth[:, 2:] - truth[:, :2], axis=1)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    i, j, common = overlaps(truth, boxes)
    good = common / (own[i] + area[j] - common) >= 0.5
    matches = np.bincount(i[good], minlength=len(truth))
    within = np.bincount(i[common / area[j] >= 0.9], minlength=len(truth))
    split = (matches == 0) & (within > 1)
    return {
        "found": len(boxes),
        "lost": int(((matches == 0) & ~split).sum()),
        "split": int(split.sum()),
        "doubled": int((matches > 1).sum()),
        "one to one": int((matches == 1).sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--objects", type=int, default=200_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        shapes = make(folder, given.size, given.objects)
        print(f"{len(shapes)} objects in {given.size} x {given.size} pixels", flush=True)
        wall, cpu, peak = find_all(folder)
        told = compare(folder, shapes)
        print(f"geoseg objects: {told}; {wall:.0f} s, {cpu:.0f} s of processors, {peak:.2f} GB")
        begun = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        boxes, scores = loop(folder, given.size)
        print(f"the loop: {len(boxes)} detections in all tiles", flush=True)
        for name, merge in (("NMS", False), ("NMM", True)):
            print(f"{name}: {judge(greedy(boxes, scores, merge), shapes)}", flush=True)
        print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_utime - begun:.0f} s of processors")


if __name__ == "__main__":
    main()
