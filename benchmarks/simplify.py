"""`--simplify` beside shapely.coverage_simplify, on a map tiled up to any size; run by hand.

    python benchmarks/simplify.py CLASSES [--size 10000] [--pixels 2] [--rounds 1]

CLASSES is a class raster, which is mirrored until it is large enough. The tolerance is --pixels
times the side of a pixel; both drop vertices whose triangle has less area than its square. shapely
is given the exact polygons, as GeoParquet, with a vertex wherever three of them meet, for without
these they are no coverage to it. Each program runs in a process of its own, the first time to
compile; distances are those of every fourth polygon with at most 300 vertices.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas
import numpy as np
import rasterio
import shapely
from cleaning import measure

MOST = 300  # vertices: GEOS compares each with each
SHAPELY = """import sys, time
import geopandas
import shapely

exact, simple, tolerance = sys.argv[1:]
table = geopandas.read_parquet(exact)
begun = time.monotonic()
table.geometry = shapely.coverage_simplify(table.geometry.values, float(tolerance))
print(time.monotonic() - begun)
table.to_parquet(simple)
"""


def tile_up(source: Path, path: Path, size: int) -> float:
    """Write the raster, mirrored to this size; return the side of a pixel."""
    with rasterio.open(source) as raster:
        classes, profile = raster.read(1), raster.profile
    height, width = classes.shape
    rows = [np.arange(height), np.arange(height)[::-1]] * (size // height // 2 + 1)
    columns = [np.arange(width), np.arange(width)[::-1]] * (size // width // 2 + 1)
    large = classes[np.concatenate(rows)[:size]][:, np.concatenate(columns)[:size]]
    profile |= {"height": size, "width": size, "count": 1, "compress": "deflate", "tiled": True}
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(large, 1)
    return abs(profile["transform"].a)


def judge(name: str, exact: np.ndarray, path: Path) -> None:
    """Print how good simplified polygons are, beside the exact ones in the same order."""
    found = geopandas.read_parquet(path).sort_values("id").geometry.values
    vertices = shapely.get_num_coordinates(found)
    few = (shapely.get_num_coordinates(exact) <= MOST) & ~shapely.is_empty(found)
    small = np.flatnonzero(few)[::4]
    far = shapely.hausdorff_distance(np.asarray(exact)[small], np.asarray(found)[small])
    moved = shapely.area(found).sum() / shapely.area(exact).sum() - 1
    whole = shapely.coverage_is_valid(np.asarray(found))
    print(
        f"{name:28} vertices {vertices.sum():,}; not valid {(~shapely.is_valid(found)).sum():,}, "
        f"empty {shapely.is_empty(found).sum():,}; a valid coverage: {whole}; "
        f"area {moved:+.1e}; Hausdorff distance of "
        f"{len(small):,}: median {np.median(far):.1f}, 99 % {np.quantile(far, 0.99):.1f}, "
        f"greatest {far.max():.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("classes", type=Path)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--pixels", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        classes, exact = folder / "classes.tif", folder / "exact.parquet"
        ours, theirs = folder / "ours.parquet", folder / "theirs.parquet"
        tolerance = options.pixels * tile_up(options.classes, classes, options.size)
        program = [sys.executable, "-m", "geoseg", "vectorize", str(classes), "--quiet"]

        def vectorize(out: Path, simplify: float) -> str:
            flags = ["--out", str(out), "--simplify", str(simplify), "--overwrite"]
            return measure([*program, *flags])[0]

        vectorize(exact, 1e-9)
        for _ in range(options.rounds):
            print(f"{'exact':28} {vectorize(exact, 1e-9)}; load {os.getloadavg()[0]:.1f}")
            print(f"{'geoseg, simplified':28} {vectorize(ours, tolerance)}", flush=True)
            arguments = [sys.executable, "-c", SHAPELY, str(exact), str(theirs), str(tolerance)]
            cost, printed = measure(arguments)
            print(f"{'coverage_simplify':28} {cost}, itself {float(printed):.1f} s", flush=True)
        before = geopandas.read_parquet(exact).sort_values("id").geometry.values
        print(f"{len(before):,} polygons, {shapely.get_num_coordinates(before).sum():,} vertices")
        judge("geoseg", before, ours)
        judge("coverage_simplify", before, theirs)


if __name__ == "__main__":
    main()
