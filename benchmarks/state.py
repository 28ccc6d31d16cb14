"""What the tracer holds while it traces rasters of 10,240 columns, however many rows; run by hand.

    python benchmarks/state.py [--rows 10240,100000] [--kinds speckled,blobby,islands]

The rasters are made strip by strip from one of 2,048 x 2,048 px: six fields of smoothed
noise, the class is the field that is highest; 2 pixels of smoothing are speckled, 24 blobby.
`islands` are the speckles of one class in a sea that stays open to the last row.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from geoseg.core.grid import Grid
from geoseg.vector.geodesic import PixelAreas
from geoseg.vector.trace.tracer import Tracer

WIDTH, TILE, ROWS = 10_240, 2_048, 512
SMOOTHING = {"speckled": 2, "blobby": 24, "islands": 2}


def tile(kind: str) -> np.ndarray:
    best, classes = np.full((TILE, TILE), -9, np.float32), np.zeros((TILE, TILE), np.uint8)
    for value in range(6):
        noise = np.random.default_rng(7 + value).standard_normal((TILE, TILE), dtype=np.float32)
        field = gaussian_filter(noise, SMOOTHING[kind], mode="wrap", truncate=3)
        field /= field.std()
        classes[field > best] = value
        best = np.maximum(best, field)
    return np.where(classes == 5, classes, 0).astype(np.uint8) if kind == "islands" else classes


def strips(kind: str, rows: int) -> Iterator[np.ndarray]:
    wide = np.concatenate(
        [np.roll(tile(kind), shift, 0) for shift in range(0, 301 * WIDTH // TILE, 301)], axis=1
    )
    for top in range(0, rows, ROWS):
        yield np.take(wide, np.arange(top, min(top + ROWS, rows)) % TILE, axis=0)


def measure(kind: str, rows: int) -> None:
    grid = Grid(rows, WIDTH, (0.5, 0.0, 5e5, 0.0, -0.5, 5e6))
    tracer, held, regions, vertices, largest = Tracer(PixelAreas(grid), confidence=True), 0, 0, 0, 0
    begun = time.thread_time()
    for classes in strips(kind, rows):
        for closed in tracer.feed(classes, np.full_like(classes, 80)):
            regions, vertices = regions + len(closed.value), vertices + len(closed.x)
        held = max(held, tracer.held)
    for closed in tracer.finish():
        regions, vertices = regions + len(closed.value), vertices + len(closed.x)
        largest = max(largest, len(closed.x))
    speed = grid.extent.area / 1e6 / (time.thread_time() - begun)
    print(
        f"{kind:9} {WIDTH} x {rows:6}: held {held / 1e6:5.1f} MB at most until the last row,"
        f" {tracer.held / 1e6:5.1f} MB when {largest} vertices are handed on at once;"
        f" {regions} regions, {vertices} vertices, {speed:.0f} Mpx/s of processor time",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", default="10240,100000")
    parser.add_argument("--kinds", default="speckled,blobby,islands")
    options = parser.parse_args()
    for rows in options.rows.split(","):
        for kind in options.kinds.split(","):
            if (
                kind != "islands" or int(rows) <= WIDTH
            ):  # all islands of the sea are held: as many as there are
                measure(kind, int(rows))


if __name__ == "__main__":
    main()
