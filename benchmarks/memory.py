"""Peak memory of `geoseg predict --max-memory` on scenes of three shapes, each in a process of its
own; run by hand.

    python benchmarks/memory.py [--model NAME|FOLDER] [--memory 600MB,1GB,2GB,4GB] [--sizes
    4096,10240,50000] [--shapes square,tall,wide] [--suffixes .tif,.gpkg] [--image FILE] [--gsd 1]
    [--bands red,green,blue] [--every 1] [--filled 1000000] [--tile PX] [--precision auto]

The scenes are virtual rasters that repeat one small image, so that they need no room on the disk;
with --image these are the first 512 x 512 pixels of a real one, with its values, by the names that
--bands gives. Of N rows of images only one holds data with --every N, and only the first --filled
pixels of it: the others are nodata. So a network has little to do, and all else its full size.
With .gpkg polygons are written beside the class raster. Exits with 1 where a peak is above what
was asked for.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import rasterio

ROOT = Path(__file__).parents[1]
# in a process of its own: Linux counts what this one holds as its children's peak, and PyTorch
# holds much
MAKE = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]}; import bundles, pathlib; "
CHIP = 512
HIGH = 4  # rows of chips that hold data, or none


def write_chip(path: Path, image: str | None, names: list[str], gsd: float) -> None:
    """Pixels of an image; without one blobs and noise in three bands of 8 bits."""
    if image:
        with rasterio.open(image) as raster:
            window = rasterio.windows.Window(0, 0, CHIP, CHIP)
            pixels = raster.read(list(range(1, len(names) + 1)), window=window)
            pixels = np.pad(
                pixels,
                ((0, 0), (0, CHIP - pixels.shape[1]), (0, CHIP - pixels.shape[2])),
                mode="symmetric",
            )
    else:
        rng = np.random.default_rng(0)
        coarse = rng.integers(0, 200, (3, CHIP // 32, CHIP // 32)).repeat(32, 1).repeat(32, 2)
        pixels = (1 + coarse + rng.integers(0, 50, coarse.shape)).astype(np.uint8)
    keys = {
        "crs": "EPSG:32632",
        "transform": rasterio.Affine(gsd, 0, 400_000, 0, -gsd, 5_000_000),
        "dtype": pixels.dtype,
        "count": len(pixels),
    }
    with rasterio.open(
        path, "w", driver="GTiff", height=CHIP, width=CHIP, tiled=True, **keys
    ) as raster:
        raster.write(pixels)
        raster.descriptions = names


def write_scene(
    path: Path, chip: Path, height: int, width: int, every: int = 1, filled: int = 1_000_000
) -> None:
    """A virtual raster of height x width pixels that shows the chip again and again.

    Of `every` x HIGH rows of chips HIGH hold data: as many as a row of tiles is high.
    """
    with rasterio.open(chip) as raster:
        crs = raster.crs.to_wkt().replace("<", "&lt;")
        gsd = raster.res[0]
        bands = "\n".join(
            band(i, str(raster.descriptions[i - 1]), raster.dtypes[0], chip, height, width, *how)
            for how in [(every, filled)]
            for i in range(1, raster.count + 1)
        )
    path.write_text(
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}"><SRS>{crs}</SRS>'
        f"<GeoTransform>400000, {gsd}, 0, 5000000, 0, -{gsd}</GeoTransform>\n{bands}\n"
        "</VRTDataset>\n"
    )


def band(
    index: int,
    name: str,
    dtype: str,
    chip: Path,
    height: int,
    width: int,
    every: int,
    filled: int,
) -> str:
    kind = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16", "float32": "Float32"}[dtype]
    sources = "\n".join(
        f"<SimpleSource><SourceFilename>{chip}</SourceFilename><SourceBand>{index}</SourceBand>"
        f'<SourceProperties RasterXSize="{CHIP}" RasterYSize="{CHIP}" DataType="{kind}"/>'
        f'<SrcRect xOff="0" yOff="0" xSize="{CHIP}" ySize="{CHIP}"/>'
        f'<DstRect xOff="{left}" yOff="{top}" xSize="{CHIP}" ySize="{CHIP}"/></SimpleSource>'
        for top in range(0, height, CHIP)
        if top // CHIP // HIGH % every == 0
        for left in range(0, min(width, filled), CHIP)
    )
    return (
        f'<VRTRasterBand dataType="{kind}" band="{index}"><NoDataValue>0</NoDataValue>'
        f"<Description>{name}</Description>"
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


def shape_of(name: str, size: int) -> tuple[int, int]:
    """Rows and columns of as many pixels as a square of the size has."""
    return {"square": (size, size), "tall": (4 * size, size // 4), "wide": (size // 4, 4 * size)}[
        name
    ]


def measure(scene: Path, out: Path, model: str, more: list[str]) -> dict[str, Any]:
    """Map the scene in a new process; return its summary, or why there is none."""
    command = [sys.executable, "-m", "geoseg", "predict", str(scene), "--out", str(out)]
    if out.suffix != ".tif":
        command += ["--raster", str(out.with_suffix(".tif"))]
    command += ["--model", model, "--device", "cpu", "--force", "--events", "--overwrite", *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    last: dict[str, Any] = events[-1] if events else {"found": done.stderr[-500:]}
    return last.get("summary") or {"error": last.get("found", ""), **last}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="default: a small U-Net with random weights")
    parser.add_argument("--memory", default="600MB,1GB,2GB,4GB")
    parser.add_argument("--sizes", default="4096,10240,50000")
    parser.add_argument("--shapes", default="square,tall,wide")
    parser.add_argument("--suffixes", default=".tif", help="of what is written, such as .tif,.gpkg")
    parser.add_argument("--image", help="default: blobs and noise")
    parser.add_argument("--bands", default="red,green,blue")
    parser.add_argument("--gsd", type=float, default=1)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--filled", type=int, default=1_000_000)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--tile", help="default: by the plan")
    options = parser.parse_args()
    more = ["--tile", options.tile] if options.tile else []
    more += ["--precision", options.precision]
    above = 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        model = options.model or make_model(folder / "bundle")
        chip = folder / "chip.tif"
        write_chip(chip, options.image, options.bands.split(","), options.gsd)
        print("|   rows | columns | writes | asked | planned | tile | peak MB | slower | seconds |")
        print("|---|---|---|---|---|---|---|---|---|")
        for size in map(int, options.sizes.split(",")):
            for shape in options.shapes.split(","):
                height, width = shape_of(shape, size)
                scene = folder / f"scene_{height}_{width}.vrt"
                write_scene(scene, chip, height, width, options.every, options.filled)
                for suffix in options.suffixes.split(","):
                    for asked in options.memory.split(","):
                        out = folder / f"map{suffix}"
                        made = measure(scene, out, model, [*more, "--max-memory", asked])
                        above += line(height, width, suffix, asked, made)
    return 1 if above else 0


def line(height: int, width: int, suffix: str, asked: str, made: dict[str, Any]) -> bool:
    """Print a line of the table; return whether the run took more than was asked for."""
    if "error" in made:
        print(f"| {height:6} | {width:7} | {suffix:6} | {asked:>5} | {made['error']} |", flush=True)
        return True
    print(
        f"| {height:6} | {width:7} | {suffix:6} | {asked:>5} | {made['memory_planned'] / 1e6:7.0f} "
        f"| {made['tile']:4} | {made['memory_peak'] / 1e6:7.0f} | {made['slower']:6.2f} "
        f"| {made['seconds']:7.1f} |",
        flush=True,
    )
    return bool(made["memory_peak"] > made["memory_asked"])


if __name__ == "__main__":
    sys.exit(main())
