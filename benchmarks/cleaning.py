"""Time and memory of cleaning and of borders moved at once, on made class rasters; run by hand.

    python benchmarks/cleaning.py [--size 4096] [--kind speckled|blobby] [--peer]

Each step is a run of `geoseg vectorize` to FlatGeobuf in a process of its own, the first
one without options. --peer also runs shapely.coverage_simplify on the polygons, and GDAL's
sieve on the raster. The raster is made from six fields of smoothed noise: the class is the
field that is highest; 2 pixels of smoothing are speckled, 24 blobby.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rasterio
from scipy.ndimage import gaussian_filter

ROOT = Path(__file__).parents[1]
SMOOTHING = {"speckled": 2, "blobby": 24}
STEPS = (
    (),
    ("--min-area", "5"),
    ("--fill-holes", "5"),
    ("--majority", "3"),
    ("--simplify", "1"),
    ("--smooth", "2"),
    ("--simplify", "1", "--smooth", "2"),
)
PEERS = {
    "shapely.coverage_simplify": "import pyogrio, shapely, sys\n"
    "table = pyogrio.read_dataframe(sys.argv[2])\n"
    "begun = time.monotonic()\n"
    "shapely.coverage_simplify(table.geometry.values, 1.0)",
    "GDAL's sieve": "import rasterio, rasterio.features, sys\n"
    "raster = rasterio.open(sys.argv[1]).read(1)\n"
    "begun = time.monotonic()\n"
    "rasterio.features.sieve(raster, 20)",
}


def write_classes(path: Path, size: int, smoothing: int) -> None:
    """Write the raster, 0.5 m a pixel."""
    highest = np.full((size, size), -9, np.float32)
    classes = np.zeros((size, size), np.uint8)
    for value in range(6):
        noise = np.random.default_rng(7 + value).standard_normal((size, size), dtype=np.float32)
        field = gaussian_filter(noise, smoothing, mode="wrap", truncate=3)
        field /= field.std()
        above = field > highest
        classes[above], highest[above] = value, field[above]
    keys = {
        "crs": "EPSG:32631",
        "transform": rasterio.Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000),
        "dtype": "uint8",
    }
    tiles = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    with rasterio.open(
        path, "w", driver="GTiff", height=size, width=size, count=1, **keys, **tiles
    ) as raster:
        raster.write(classes, 1)


def measure(arguments: list[str]) -> tuple[str, str]:
    """Run a process; return its seconds and its peak of resident memory, and what it printed."""
    begun = time.monotonic()
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{arguments} ended with status {process.returncode}")
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    seconds, used = time.monotonic() - begun, usage.ru_utime + usage.ru_stime
    return f"{seconds:7.1f} s ({used:.1f} s of processor) {usage.ru_maxrss / unit:7.0f} MB", printed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--kind", choices=SMOOTHING, default="speckled")
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        classes, out = Path(folder) / "classes.tif", Path(folder) / "out.fgb"
        write_classes(classes, options.size, SMOOTHING[options.kind])
        base = [
            sys.executable,
            "-m",
            "geoseg",
            "vectorize",
            str(classes),
            "--out",
            str(out),
            "--quiet",
            "--overwrite",
        ]
        for step in STEPS:  # the first time on a machine, most of the time goes into compiling
            print(f"{' '.join(step) or 'as it is':28} {measure([*base, *step])[0]}", flush=True)
        if options.peer:
            measure(base)
            for name, code in PEERS.items():
                program = f"import time\n{code}\nprint(time.monotonic() - begun)"
                cost, printed = measure([sys.executable, "-c", program, str(classes), str(out)])
                print(f"{name:28} {cost}, itself {float(printed):.1f} s", flush=True)


if __name__ == "__main__":
    main()
