"""Job: one scene, one model, its outputs; the same for every door."""

from __future__ import annotations

from dataclasses import dataclass, field
from os.path import abspath
from pathlib import Path

from .errors import InputError
from .options import Options, check_fields

RASTER_SUFFIXES = (".tif", ".tiff")
VECTOR_SUFFIXES = (".gpkg", ".fgb", ".parquet", ".geojson", ".shp")
LAYER = "|layername="  # between a file and its layer
# how no table of ours in a GeoPackage may begin
RESERVED = ("sqlite_", "gpkg", "rtree_", "layer_styles")


@dataclass(frozen=True, slots=True)
class Job:
    """One scene (a file, or several that hold its bands), one model, and where the results go.

    `classes` and `confidence` are GeoTIFF paths, `polygons` ends in one of VECTOR_SUFFIXES; at
    least one of `classes` and `polygons` is set. With a `region`, rows [top, bottom) and columns
    [left, right) of the scene as (top, left, bottom, right), only this is mapped: to the same bytes
    as with the whole scene. `layer` names the layer of polygons, which may be added to a GeoPackage
    that exists.
    """

    scene: tuple[str, ...]
    model: str = "auto"
    classes: str | None = None
    polygons: str | None = None
    confidence: str | None = None
    options: Options = field(default_factory=Options)
    region: tuple[int, ...] | None = None
    layer: str | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if not self.scene:
            raise InputError("no scene was given", "the path of a raster, or of its bands")
        if not (self.classes or self.polygons):
            raise InputError("no output was given", "--out with a name that ends in .gpkg or .tif")
        if self.region is not None:
            _check_region(self.region)
        if self.polygons:
            check_layers(self.options.outputs.layers, self.polygons, self.layer)
        paths = [path for path in self.outputs if path]
        if len({Path(path).resolve() for path in paths}) < len(paths):
            raise InputError(f"the same file is named for two outputs: {', '.join(paths)}")
        scene = {abspath(path) for path in self.scene}  # noqa: PTH100 - resolve() refuses some of GDAL's names
        if lost := scene & {abspath(path) for path in paths}:  # noqa: PTH100
            raise InputError(f"{lost.pop()} is the scene itself", "another name for the output")

    @property
    def outputs(self) -> tuple[str, ...]:
        """Paths of everything the job writes, polygons first."""
        return tuple(path for path in (self.polygons, self.classes, self.confidence) if path)


def split_layer(text: str) -> tuple[str, str | None]:
    """Return path and layer of FILE|layername=NAME, as GIS programs write it; without a layer's
    name, None.
    """
    path, found, layer = text.partition(LAYER)
    return path, layer if found else None


def check_layers(layers: str, path: str, layer: str | None = None) -> None:
    """Raise InputError where a file of polygons cannot hold the layers, or not under the name
    that is given.
    """
    if layer is not None:
        given = f"{path}{LAYER}{layer}"
        if Path(path).suffix.lower() != ".gpkg":
            raise InputError(given, "a layer's name with .gpkg only: other formats hold one layer")
        if layers == "class":
            raise InputError(
                f"{given} with --layers class", "one of the two: layers of classes have their names"
            )
        if not layer.strip() or layer.casefold().startswith(RESERVED):
            raise InputError(given, f"a name that does not begin with {', '.join(RESERVED)}")
    if layers == "class" and Path(path).suffix.lower() != ".gpkg":
        raise InputError(
            f"--layers class with {path}",
            "a name that ends in .gpkg: other formats hold one layer",
            "write a GeoPackage, or one file for each class with vectorize --classes",
        )


def plan(
    scene: tuple[str, ...],
    out: str,
    *,
    model: str,
    raster: str | None,
    confidence: str | None,
    options: Options,
) -> Job:
    """Return the job that --out asks for: its suffix decides between polygons and class raster."""
    out, layer = split_layer(out)
    suffix = Path(out).suffix.lower()
    for name, path in (("--raster", raster), ("--confidence", confidence)):
        if path and Path(path).suffix.lower() not in RASTER_SUFFIXES:
            raise InputError(
                f"{name} {path}", f"a name that ends in {' or '.join(RASTER_SUFFIXES)}"
            )
    if suffix in VECTOR_SUFFIXES:
        return Job(scene, model, raster, out, confidence, options, layer=layer)
    if suffix in RASTER_SUFFIXES:
        if layer is not None:
            check_layers(options.outputs.layers, out, layer)
        if raster:
            raise InputError(
                f"--out {out} and --raster {raster} both name a class raster",
                do="give --out a name that ends in .gpkg for polygons, or leave --raster out",
            )
        return Job(scene, model, out, None, confidence, options)
    known = ", ".join(VECTOR_SUFFIXES + RASTER_SUFFIXES)
    raise InputError(f"--out {out} ends in {suffix or 'no suffix'}", f"one of {known}")


def _check_region(region: tuple[int, ...]) -> None:
    top, left, bottom, right = region if len(region) == 4 else (0, 0, 0, 0)
    if not (0 <= top < bottom and 0 <= left < right):
        raise InputError(f"region {region}", "top, left, bottom, right in pixels of the scene")
