"""Polygons of a class raster: geoseg beside GDAL in C and beside rasterio.features.shapes with
geopandas; run by hand.

    python benchmarks/vector.py [--size 4096] [--rounds 3] [--kinds speckled,blobby] [--slow]

Each round runs all of them one after another on the same raster, so that a busy machine
slows them alike; the least time of each counts, and the processor's seconds tell what
other programs took. GDAL in C is that of pyogrio's wheel,
called through ctypes. `--slow` adds shapes with geopandas on the speckled raster.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas
import numpy as np
import pyogrio
import rasterio
import rasterio.features
from rasterio.transform import from_origin
from scipy.ndimage import gaussian_filter
from shapely.geometry import shape

from geoseg.raster.class_raster import open_maps
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.geodesic import PixelAreas
from geoseg.vector.trace.tracer import Tracer
from geoseg.vector.vectorize import vectorize

SIGMAS = {"speckled": 2, "blobby": 24}
POLYGON, INTEGER = 3, 0  # GDAL's numbers


def make(path: Path, size: int, sigma: float) -> None:
    """Six classes, each where its smoothed noise is highest."""
    best, classes = np.full((size, size), -9, np.float32), np.zeros((size, size), np.uint8)
    for value in range(6):
        noise = np.random.default_rng(7 + value).standard_normal((size, size), dtype=np.float32)
        field = gaussian_filter(noise, sigma, mode="wrap", truncate=3)
        field /= field.std()
        classes[field > best] = value
        best = np.maximum(best, field)
    keys = {
        "driver": "GTiff",
        "dtype": "uint8",
        "count": 1,
        "compress": "deflate",
        "tiled": True,
        "nodata": 255,
    }
    place = {"crs": "EPSG:32631", "transform": from_origin(500_000, 5_000_000, 0.5, 0.5)}
    with rasterio.open(path, "w", height=size, width=size, **keys, **place) as raster:
        raster.write(classes, 1)


class Gdal:
    """The C functions that are needed, from the library that pyogrio brings."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        self("GDALAllRegister", None)()

    def __call__(self, name: str, result: object, *kinds: object) -> Callable[..., int]:
        """Return the function of that name, which takes and gives these kinds."""
        function = getattr(self._library, name)
        function.restype, function.argtypes = result, kinds
        return function

    def polygonize(self, source: Path, driver: str, out: Path) -> None:
        """Write the class raster's polygons without an index."""
        p, s, i = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        raster = self("GDALOpen", p, s, i)(os.fsencode(source), 0)
        band = self("GDALGetRasterBand", p, p, i)(raster, 1)
        srs = self("OSRNewSpatialReference", p, s)(self("GDALGetProjectionRef", s, p)(raster))
        made = self("GDALGetDriverByName", p, s)(driver.encode())
        vector = self("GDALCreate", p, p, s, i, i, i, i, p)(
            made, os.fsencode(out), 0, 0, 0, 0, None
        )
        options = (s * 2)(b"SPATIAL_INDEX=NO", None) if driver != "MEM" else None
        layer = self("GDALDatasetCreateLayer", p, p, s, p, i, p)(
            vector, b"map", srs, POLYGON, options
        )
        self("OGR_L_CreateField", i, p, p, i)(
            layer, self("OGR_Fld_Create", p, s, i)(b"class", INTEGER), 1
        )
        if self("GDALPolygonize", i, p, p, p, i, p, p, p)(band, None, layer, 0, None, None, None):
            sys.exit("GDALPolygonize failed")
        self("GDALClose", i, p)(vector)
        self("GDALClose", i, p)(raster)


def find_gdal() -> Gdal | None:
    folder = Path(pyogrio.__file__).parents[1] / "pyogrio.libs"
    found = sorted(folder.glob("libgdal*"))
    return Gdal(found[0]) if found else None


def trace(source: Path) -> None:
    """Only the tracing, of an array."""
    with rasterio.open(source) as raster:
        classes = raster.read(1)
    tracer = Tracer(PixelAreas(open_maps(str(source), None).grid), False)
    begun = time.thread_time()
    for top in range(0, len(classes), 512):
        for _ in tracer.feed(classes[top : top + 512]):
            pass
    for _ in tracer.finish():
        pass
    trace.seconds = time.thread_time() - begun  # type: ignore[attr-defined]


def peers(source: Path, out: Path) -> None:
    """What most programs do."""
    with rasterio.open(source) as raster:
        found = rasterio.features.shapes(raster.read(1), transform=raster.transform)
        shapes, values = zip(*((shape(outline), value) for outline, value in found), strict=True)
        geopandas.GeoDataFrame({"class": values}, geometry=list(shapes), crs=raster.crs).to_file(
            out, engine="pyogrio"
        )


def contenders(source: Path, folder: Path, slow: bool) -> dict[str, Callable[[], object]]:
    gdal = find_gdal()
    options = {
        "geoseg -> FlatGeobuf": (".fgb", False),
        "geoseg -> FlatGeobuf, index": (".fgb", True),
    }
    options |= {
        "geoseg -> GeoPackage, index": (".gpkg", True),
        "geoseg -> GeoParquet": (".parquet", True),
    }
    found: dict[str, Callable[[], object]] = {"geoseg, tracing alone (CPU)": lambda: trace(source)}
    for name, (suffix, index) in options.items():
        tracing = Tracing(index=index)
        found[name] = lambda suffix=suffix, tracing=tracing: vectorize(
            source, folder / f"ours{suffix}", tracing, overwrite=True
        )
    if gdal:
        found["GDAL in C -> memory"] = lambda: gdal.polygonize(source, "MEM", folder / "none")
        found["GDAL in C -> FlatGeobuf"] = lambda: gdal.polygonize(
            source, "FlatGeobuf", folder / "gdal.fgb"
        )
    if slow:
        found["shapes + geopandas -> FlatGeobuf"] = lambda: peers(source, folder / "peers.fgb")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", default="speckled,blobby")
    parser.add_argument("--slow", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        for kind in options.kinds.split(","):
            source = folder / f"{kind}.tif"
            make(source, options.size, SIGMAS[kind])
            least: dict[
                str, tuple[float, float]
            ] = {}  # seconds, and those of the processor in the same turn
            for turn in range(options.rounds + 1):  # the first one compiles
                for label, work in contenders(source, folder, options.slow).items():
                    (folder / "gdal.fgb").unlink(missing_ok=True)
                    if turn == 0 and not label.startswith("geoseg"):
                        continue
                    begun, used = time.monotonic(), time.process_time()
                    work()
                    seconds = trace.seconds if "alone" in label else time.monotonic() - begun
                    if turn:
                        taken = seconds, time.process_time() - used
                        least[label] = min(least.get(label, taken), taken)
            show(kind, options.size, least)


def show(kind: str, size: int, least: dict[str, tuple[float, float]]) -> None:
    print(f"\n{kind}, {size} x {size} px; load {os.getloadavg()[0]:.1f}")
    ours = least["geoseg -> FlatGeobuf"][0]
    for label, (seconds, used) in least.items():
        speed = size * size / 1e6 / seconds
        print(
            f"  {label:34} {seconds:7.2f} s ({used:5.2f} of the processor) {speed:7.1f} Mpx/s   "
            f"{seconds / ours:6.2f} x geoseg's time",
            flush=True,
        )


if __name__ == "__main__":
    main()
