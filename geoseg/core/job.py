"""Job: one scene, one model, its outputs; the same for every door."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from os.path import abspath
from pathlib import Path
from typing import Any, Literal, get_args

from .errors import InputError
from .options import Options, check_fields

RASTER_SUFFIXES = (".tif", ".tiff")
VECTOR_SUFFIXES = (".gpkg", ".fgb", ".parquet", ".geojson", ".shp", ".pmtiles")
TILES = ".pmtiles"  # in it polygons are cut into tiles: a map to look at, not to go on from
LAYER = "|layername="  # between a file and its layer
# rasters that are written beside the map, by the names of their options
ScoreMap = Literal["scores", "entropy", "margin", "second", "sets", "depth"]
SCORE_MAPS: tuple[ScoreMap, ...] = get_args(ScoreMap)  # what the scores tell beside the class
MORE = ("confidence", "novelty", *SCORE_MAPS)
# how no table of ours in a GeoPackage may begin
RESERVED = ("sqlite_", "gpkg", "rtree_", "layer_styles")
# what is meant for a table of a database, as PostgreSQL, PostGIS and GDAL name these
TABLE = "table "  # how what people are told of it begins, where of a file they are told the path
_DATABASE = re.compile(r"(?i)(postgres(ql)?|postgis|pg):")


@dataclass(frozen=True, slots=True)
class Job:
    """One scene, one model, and where the results go."""

    scene: tuple[str, ...]
    """The paths of a raster, or of several that hold the bands of one scene."""
    model: str | tuple[str, ...] = "auto"
    """A model's name, a bundle's folder, or auto: the one that fits the scene; or several, whose
    scores are averaged."""
    classes: str | None = None
    """A GeoTIFF for the class raster; one of this and `polygons` is set at least."""
    polygons: str | None = None
    """A vector file that ends in one of VECTOR_SUFFIXES."""
    confidence: str | None = None
    """A GeoTIFF for the score of each pixel's class, in percent."""
    options: Options = field(default_factory=Options)
    """How to run."""
    region: tuple[int, ...] | None = None
    """(top, left, bottom, right) in pixels, half open: only this part of the scene is mapped, to
    the same bytes as with the whole scene. None is all of it."""
    layer: str | None = None
    """The name of the layer of polygons, which may be added to a GeoPackage that exists; None is
    the file's own."""
    novelty: str | None = None
    """A GeoTIFF for how unlike what the model knows each square of 32 x 32 pixels is."""
    scores: str | None = None
    """A GeoTIFF for the scores of all classes in percent, a band for each."""
    entropy: str | None = None
    """A GeoTIFF for how uncertain the scores leave each pixel, in percent."""
    margin: str | None = None
    """A GeoTIFF for how far the highest score lies above the second, in percent."""
    second: str | None = None
    """A GeoTIFF for the class that comes second."""
    sets: str | None = None
    """A GeoTIFF for how many classes cannot be excluded, and which; `options.outputs.calibration`
    says from which score on."""
    depth: str | None = None
    """A GeoTIFF for how far inside its object a pixel lies, in percent of the model's limit."""
    stac: str | None = None
    """A JSON file for the STAC item of the map."""
    in_memory: bool = False
    """Whether the scene lay in memory, so that its files go when the job is done."""

    def __post_init__(self) -> None:
        check_fields(self)
        if not self.scene:
            raise InputError("no scene was given", "the path of a raster, or of its bands")
        if not (self.classes or self.polygons):
            raise InputError("no output was given", "--out with a name that ends in .gpkg or .tif")
        if self.region is not None:
            _check_region(self.region)
        if bool(self.sets) != bool(self.options.outputs.calibration):
            raise InputError(
                "--sets without --calibration" if self.sets else "--calibration without --sets",
                "both: where they are written, and what geoseg calibrate wrote for the model",
            )
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
        rasters = (getattr(self, name) for name in MORE)
        paths = (self.polygons, self.classes, *rasters, self.stac)
        return tuple(path for path in paths if path)


def split_layer(text: str) -> tuple[str, str | None]:
    """Take FILE|layername=NAME apart, as GIS programs write it.

    Parameters
    ----------
    text
        A path, with or without a layer.

    Returns
    -------
    tuple
        The path, and the layer's name; None where none is given.
    """
    path, found, layer = text.partition(LAYER)
    return path, layer if found else None


def is_table(text: str) -> bool:
    """Return whether an output is meant for a table of a database, not for a file.

    Parameters
    ----------
    text
        What was given. It may hold a password: never name it as if it were a path.

    Returns
    -------
    bool
        By the scheme; whether the address is a good one is not looked at.
    """
    return _DATABASE.match(text) is not None


def check_layers(layers: str, path: str, layer: str | None = None) -> None:
    """Check that a file of polygons can hold the layers, under the name that is given.

    Parameters
    ----------
    layers
        One of `options.LAYERS`: one layer, or one for each class.
    path
        The file, whose suffix is its format.
    layer
        The layer's name, where the user gave one.

    Raises
    ------
    InputError
        Where another format holds no such layers, or the name is none for a table of ours.
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
    model: str | tuple[str, ...],
    raster: str | None,
    options: Options,
    stac: str | None = None,
    **more: Any,
) -> Job:
    """Return the job that --out asks for: its suffix decides between polygons and class raster.

    Parameters
    ----------
    scene
        The paths of the scene's files.
    out
        Where the map goes, perhaps FILE.gpkg|layername=NAME.
    model
        A model's name, a bundle's folder, or auto; or several of the first two.
    raster
        With polygons, where the class raster goes as well.
    options
        How to run.
    stac
        Where the STAC item goes; None for nowhere.
    **more
        Where other rasters go as well, by their names in MORE: paths or None.

    Returns
    -------
    Job
        With its outputs told apart.

    Raises
    ------
    InputError
        Where a suffix is of no format, or the outputs contradict each other or the scene.
    """
    out, layer = split_layer(out)
    suffix = Path(out).suffix.lower()
    for name, path in (("--raster", raster), *((f"--{key}", more[key]) for key in more)):
        if path and Path(path).suffix.lower() not in RASTER_SUFFIXES:
            raise InputError(
                f"{name} {path}", f"a name that ends in {' or '.join(RASTER_SUFFIXES)}"
            )
    if options.outputs.scores_type != "percent" and not more.get("scores"):
        raise InputError("--scores-type float16 without --scores", "both, or none of them")
    if stac and Path(stac).suffix.lower() != ".json":
        raise InputError(f"--stac {stac}", "a name that ends in .json")
    more |= {"stac": stac}
    if suffix in VECTOR_SUFFIXES:
        return Job(scene, model, raster, out, options=options, layer=layer, **more)
    if suffix in RASTER_SUFFIXES:
        if layer is not None:
            check_layers(options.outputs.layers, out, layer)
        if raster:
            raise InputError(
                f"--out {out} and --raster {raster} both name a class raster",
                do="give --out a name that ends in .gpkg for polygons, or leave --raster out",
            )
        return Job(scene, model, out, options=options, **more)
    known = ", ".join(VECTOR_SUFFIXES + RASTER_SUFFIXES)
    raise InputError(f"--out {out} ends in {suffix or 'no suffix'}", f"one of {known}")


def _check_region(region: tuple[int, ...]) -> None:
    top, left, bottom, right = region if len(region) == 4 else (0, 0, 0, 0)
    if not (0 <= top < bottom and 0 <= left < right):
        raise InputError(f"region {region}", "top, left, bottom, right in pixels of the scene")
