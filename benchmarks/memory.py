"""Peak memory of `geoseg predict` on scenes of three shapes, each in a process of its own; run by
hand.

    python benchmarks/memory.py [--model NAME|FOLDER] [--polygons] [--size 4096] [--long
    32768] [--tile PX]

The scenes are virtual rasters that repeat one small image, so that they need no room on the disk.
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

ROOT = Path(__file__).parents[1]
# in a process of its own: Linux counts what this one holds as its children's peak, and PyTorch
# holds much
MAKE = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]}; import bundles, pathlib; "
CHIP = 512
NAMES = ("red", "green", "blue")


def write_chip(path: Path) -> None:
    """Blobs and noise in three bands of 8 bits at 1 m."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 200, (3, CHIP // 32, CHIP // 32)).repeat(32, 1).repeat(32, 2)
    pixels = (coarse + rng.integers(0, 50, coarse.shape)).astype(np.uint8)
    keys = {
        "crs": "EPSG:32632",
        "transform": rasterio.Affine(1, 0, 400_000, 0, -1, 5_000_000),
        "dtype": "uint8",
    }
    with rasterio.open(
        path, "w", driver="GTiff", height=CHIP, width=CHIP, count=3, tiled=True, **keys
    ) as raster:
        raster.write(pixels)


def write_scene(path: Path, chip: Path, height: int, width: int) -> None:
    """A virtual raster of height x width pixels that shows the chip again and again."""
    with rasterio.open(chip) as raster:
        crs = raster.crs.to_wkt()
    bands = "\n".join(band(i, name, chip, height, width) for i, name in enumerate(NAMES, 1))
    path.write_text(
        f'<VRTDataset rasterXSize="{width}" '
        f'rasterYSize="{height}"><SRS>{crs.replace("<", "&lt;")}</SRS>'
        f"<GeoTransform>400000, 1, 0, 5000000, 0, -1</GeoTransform>\n{bands}\n</VRTDataset>\n"
    )


def band(index: int, name: str, chip: Path, height: int, width: int) -> str:
    sources = "\n".join(
        f"<SimpleSource><SourceFilename>{chip}</SourceFilename><SourceBand>{index}</SourceBand>"
        f'<SourceProperties RasterXSize="{CHIP}" RasterYSize="{CHIP}" DataType="Byte"/>'
        f'<SrcRect xOff="0" yOff="0" xSize="{CHIP}" ySize="{CHIP}"/>'
        f'<DstRect xOff="{left}" yOff="{top}" xSize="{CHIP}" ySize="{CHIP}"/></SimpleSource>'
        for top in range(0, height, CHIP)
        for left in range(0, width, CHIP)
    )
    return (
        f'<VRTRasterBand dataType="Byte" band="{index}"><Description>{name}</Description>'
        f"\n{sources}</VRTRasterBand>"
    )


def make_model(folder: Path) -> str:
    """Make a small U-Net with random weights."""
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"{MAKE}bundles.make_bundle(pathlib.Path({str(folder)!r}), tile=512)",
        ],
        check=True,
    )
    return str(folder)


def measure(scene: Path, out: Path, model: str, tile: int | None) -> tuple[float, float]:
    """Map the scene in a new process; return its peak of resident memory in MB, and the seconds."""
    arguments = [
        "predict",
        str(scene),
        "--out",
        str(out),
        "--model",
        model,
        "--device",
        "cpu",
        "--quiet",
    ]
    arguments += ["--tile", str(tile)] if tile else []
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "geoseg", *arguments], cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"geoseg ended with status {process.returncode}")
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return usage.ru_maxrss / unit, time.monotonic() - begun


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="default: a small U-Net with random weights")
    parser.add_argument("--polygons", action="store_true", help="trace polygons as well")
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--tile", type=int, help="default: fitted")
    parser.add_argument("--long", type=int, default=32768)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        model = options.model or make_model(folder / "bundle")
        write_chip(folder / "chip.tif")
        first = 0.0
        print(
            f"{'rows':>7} {'columns':>7} {'peak MB':>8} {'to the first':>12} {'seconds':>8} "
            f"{'Mpx/s':>6}"
        )
        for height, width in (
            (options.size,) * 2,
            (options.long, options.size),
            (options.size, options.long),
        ):
            scene, out = (
                folder / "scene.vrt",
                folder / f"map_{height}_{width}{'.gpkg' if options.polygons else '.tif'}",
            )
            write_scene(scene, folder / "chip.tif", height, width)
            peak, seconds = measure(scene, out, model, options.tile)
            first = first or peak
            speed = height * width / 1e6 / seconds
            print(
                f"{height:7} {width:7} {peak:8.0f} {peak / first:12.1%} {seconds:8.1f} "
                f"{speed:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
