"""Polygons of a class raster in each format: geoseg beside GDAL in C, and beside
rasterio.features.shapes with geopandas; run by hand.

    python benchmarks/vector.py [--size 4096] [--rounds 3] [--kinds speckled,fine,blobby]
        [--formats gpkg,parquet,...] [--programs geoseg,gdal,shapes] [--folder FOLDER]

Each round runs all of them one after another on the same raster, so that a busy machine slows them
alike, and each in a process of its own, so that none finds the memory as another left it; medians
count, of wall time and of the processor's seconds, which a busy machine changes least. What is
loaded and compiled is so before, on a small raster. GDAL in C is that of pyogrio's wheel,
called through ctypes: GDALPolygonize straight into the format, with its spatial index where it has
one. Where it has no Parquet driver, as in the wheel, its polygons go from memory through GDAL's
Arrow stream to pyarrow. GDAL and shapes write the class alone; geoseg also its name, area,
perimeter, pixels and an id. The rasters stay in FOLDER where one is named.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
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

SIGMAS = {"speckled": 2.0, "fine": 1.15, "blobby": 24.0}
POLYGON, INTEGER = 3, 0  # GDAL's numbers
# by the name of a format: its suffix, GDAL's driver, and whether it gets a spatial index
FORMATS = {
    "gpkg": (".gpkg", "GPKG", True),
    "parquet": (".parquet", "Parquet", False),
    "fgb": (".fgb", "FlatGeobuf", True),
    "fgb-plain": (".fgb", "FlatGeobuf", False),
    "geojson": (".geojson", "GeoJSON", False),
    "shp": (".shp", "ESRI Shapefile", False),
}
INDEXED = ("GPKG", "FlatGeobuf")  # drivers that know the option
Work = Callable[[Path, Path, str], object]  # reads a raster, writes a file of a format


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

    def polygonize(self, source: Path, out: Path, name: str) -> None:
        """Write the class raster's polygons."""
        _, driver, index = FORMATS[name]
        p, s, i = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        by_name = self("GDALGetDriverByName", p, s)
        if not by_name(driver.encode()):
            self._through_arrow(source, out)
            return
        options = (s * 2)(b"SPATIAL_INDEX=" + (b"YES" if index else b"NO"), None)
        vector = self._polygons(source, by_name(driver.encode()), out, options, driver)[0]
        self("GDALClose", i, p)(vector)

    def _polygons(
        self, source: Path, driver: int, out: Path, options: object, name: str
    ) -> tuple[int, int]:
        """Return the new dataset, which is to be closed, and its layer."""
        p, s, i = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        raster = self("GDALOpen", p, s, i)(os.fsencode(source), 0)
        band = self("GDALGetRasterBand", p, p, i)(raster, 1)
        srs = self("OSRNewSpatialReference", p, s)(self("GDALGetProjectionRef", s, p)(raster))
        create = self("GDALCreate", p, p, s, i, i, i, i, p)
        vector = create(driver, os.fsencode(out), 0, 0, 0, 0, None)
        layer = self("GDALDatasetCreateLayer", p, p, s, p, i, p)(
            vector, b"map", srs, POLYGON, options if name in INDEXED else None
        )
        field = self("OGR_Fld_Create", p, s, i)(b"class", INTEGER)
        self("OGR_L_CreateField", i, p, p, i)(layer, field, 1)
        if self("GDALPolygonize", i, p, p, p, i, p, p, p)(band, None, layer, 0, None, None, None):
            sys.exit("GDALPolygonize failed")
        self("GDALClose", i, p)(raster)
        return vector, layer

    def _through_arrow(self, source: Path, out: Path) -> None:
        p, s, i = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        driver = self("GDALGetDriverByName", p, s)(b"MEM")
        vector, layer = self._polygons(source, driver, out, None, "MEM")
        stream = (ctypes.c_uint8 * 40)()  # struct ArrowArrayStream: four functions and a pointer
        at = ctypes.addressof(stream)
        if not self("OGR_L_GetArrowStream", ctypes.c_bool, p, p, p)(layer, at, None):
            sys.exit("GDAL gives no Arrow stream")
        with pa.RecordBatchReader._import_from_c(at) as reader:
            pq.write_table(reader.read_all(), out)
        self("GDALClose", i, p)(vector)


def find_gdal() -> Gdal:
    folder = Path(pyogrio.__file__).parents[1] / "pyogrio.libs"
    found = sorted(folder.glob("libgdal*"))
    if not found:
        sys.exit(f"no GDAL in {folder}: choose --programs without gdal")
    return Gdal(found[0])


def trace(source: Path) -> float:
    """Return the processor's seconds of the tracing alone, of an array."""
    with rasterio.open(source) as raster:
        classes = raster.read(1)
    tracer = Tracer(PixelAreas(open_maps(str(source), None).grid), False)
    begun = time.thread_time()
    for top in range(0, len(classes), 512):
        for _ in tracer.feed(classes[top : top + 512]):
            pass
    for _ in tracer.finish():
        pass
    return time.thread_time() - begun


def by_geoseg(source: Path, out: Path, name: str) -> None:
    vectorize(source, out, Tracing(index=FORMATS[name][2]))


def by_shapes(source: Path, out: Path, name: str) -> None:
    """What most programs do."""
    with rasterio.open(source) as raster:
        found = rasterio.features.shapes(raster.read(1), transform=raster.transform)
        shapes, values = zip(*((shape(outline), value) for outline, value in found), strict=True)
        frame = geopandas.GeoDataFrame({"class": values}, geometry=list(shapes), crs=raster.crs)
    if name == "parquet":
        frame.to_parquet(out)
    else:
        _, driver, index = FORMATS[name]
        more = {"SPATIAL_INDEX": "YES" if index else "NO"} if driver in INDEXED else {}
        frame.to_file(out, engine="pyogrio", driver=driver, **more)


def by_gdal(source: Path, out: Path, name: str) -> None:
    find_gdal().polygonize(source, out, name)


PROGRAMS: dict[str, Work] = {"geoseg": by_geoseg, "gdal": by_gdal, "shapes": by_shapes}


def do_one(program: str, name: str, small: Path, source: Path) -> None:
    """Print the seconds of one turn, and those of the processor: what a process is started for."""
    if program == "trace":
        trace(small)
        print(json.dumps([trace(source)] * 2))
        return
    for raster in (small, source):
        with TemporaryDirectory() as folder:
            begun, used = time.monotonic(), time.process_time()
            PROGRAMS[program](raster, Path(folder) / f"map{FORMATS[name][0]}", name)
            taken = time.monotonic() - begun, time.process_time() - used
    print(json.dumps(taken))


def measure(program: str, name: str, small: Path, source: Path) -> tuple[float, float]:
    """Return what a process of its own measures."""
    command = [sys.executable, __file__, "--one", program, name, str(small), str(source)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    wall, used = json.loads(done.stdout)
    return wall, used


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", default="speckled,blobby")
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--programs", default="geoseg,gdal,shapes")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        program, name, *rasters = options.one
        do_one(program, name, *map(Path, rasters))
        return
    programs = options.programs.split(",")
    formats = options.formats.split(",")
    place = nullcontext(options.folder) if options.folder else TemporaryDirectory()
    with place as name:
        folder = Path(name)
        small = folder / "small.tif"
        make(small, 64, 2.0)
        for kind in options.kinds.split(","):
            source = folder / f"{kind}-{options.size}.tif"
            if not source.exists():
                make(source, options.size, SIGMAS[kind])
            taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
            traced = []
            for _ in range(options.rounds):
                traced.append(measure("trace", "", small, source)[0])
                for form in formats:
                    for program in programs:
                        found = measure(program, form, small, source)
                        taken.setdefault((form, program), []).append(found)
            show(kind, options.size, median(traced), taken)


def show(
    kind: str, size: int, traced: float, taken: dict[tuple[str, str], list[tuple[float, float]]]
) -> None:
    """Print a table: medians of wall and processor seconds, and of the ratios within rounds."""
    print(
        f"\n{kind}, {size} x {size} px; tracing alone {traced:.2f} s; load {os.getloadavg()[0]:.1f}"
    )
    print("| format | program | seconds | of the processor | times geoseg's | tracer's share |")
    print("|---|---|---:|---:|---:|---:|")
    for (form, program), found in taken.items():
        ours = taken.get((form, "geoseg"), found)
        wall, used = (median(turn[i] for turn in found) for i in range(2))
        times = median(a[0] / b[0] for a, b in zip(found, ours, strict=True))
        share = f"{traced / wall:.0%}" if program == "geoseg" else ""
        print(
            f"| {form} | {program} | {wall:.2f} | {used:.2f} | {times:.2f} | {share} |", flush=True
        )


if __name__ == "__main__":
    main()
