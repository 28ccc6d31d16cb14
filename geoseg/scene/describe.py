"""What a scene is, read from its headers: grid, bands with their names, product, pixel size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..core.card import Scaling
from ..core.errors import InputError
from ..core.grid import Grid
from ..raster.band_info import BandInfo, describe_bands
from ..raster.georeference import ground_size
from ..raster.handles import gdal_env, open_dataset
from ..raster.texts import tags_of
from .bands import find_sensor, name_layers
from .products import Product, find_product


@dataclass(frozen=True, slots=True)
class SceneInfo:
    """What a scene is, cheaply read.

    `grid` is that of the finest layer; `gsd` its pixel in metres at the scene's centre,
    None without a CRS; `layers` are all raster bands across the files, in order;
    `scaling` is what metadata or the product says, or None.
    """

    paths: tuple[str, ...]
    grid: Grid
    gsd: float | None
    layers: tuple[BandInfo, ...]
    sensor: str | None = None
    product: str | None = None
    scaling: Scaling | None = None
    notes: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def bands(self) -> tuple[str | None, ...]:
        """Names of the raster bands, None where one cannot be told for certain."""
        return tuple(layer.name for layer in self.layers)

    @property
    def colours(self) -> tuple[str, ...]:
        """Colour interpretations of the raster bands."""
        return tuple(layer.colour for layer in self.layers)

    @property
    def nodata(self) -> tuple[float | None, ...]:
        """Nodata values of the raster bands."""
        return tuple(layer.nodata for layer in self.layers)

    @property
    def alpha(self) -> bool:
        """Whether one of the bands is an alpha channel."""
        return "alpha" in self.colours

    @property
    def images(self) -> tuple[BandInfo, ...]:
        """The raster bands that are not alpha channels."""
        return tuple(layer for layer in self.layers if layer.colour != "alpha")

    @property
    def dtype(self) -> str:
        """The data type that holds the values of all bands but alpha."""
        return str(np.result_type(*(layer.dtype for layer in self.images or self.layers)))


def describe(scene: tuple[str, ...]) -> SceneInfo:
    """Read what the scene is from the headers of its files; InputError where it cannot be a
    scene.
    """
    if not scene:
        raise InputError("no scene was given", "the path of a raster, or of its bands")
    if len(set(scene)) < len(scene):
        raise InputError(f"a file is named twice: {', '.join(scene)}")
    layers: list[BandInfo] = []
    tags: dict[str, str] = {}
    for path in scene:
        with gdal_env(), open_dataset(path) as dataset:
            layers += describe_bands(dataset, path)
            tags |= tags_of(dataset)
    grid = finest(layers)
    _one_crs(layers)
    gsd = ground_size(grid)
    sensor = find_sensor(layers, scene, tags, gsd)
    named = tuple(
        replace(layer, name=name)
        for layer, name in zip(layers, name_layers(layers, sensor), strict=True)
    )
    product = find_product(scene, tags, [layer.description for layer in layers]) or Product()
    return SceneInfo(
        scene,
        grid,
        gsd,
        named,
        product.sensor or sensor,
        product.label,
        product.scaling,
        product.notes,
        tags,
    )


def with_nodata(info: SceneInfo, nodata: float | None) -> SceneInfo:
    """Return the scene with another nodata value in all of its bands; None changes nothing.

    InputError where no pixel could have it.
    """
    if nodata is None:
        return info
    if not any(_holds(layer.dtype, nodata) for layer in info.images):
        raise InputError(f"--nodata {nodata:g}", f"a number that {info.dtype} can hold")
    return replace(info, layers=tuple(replace(layer, nodata=nodata) for layer in info.layers))


def _holds(dtype: str, number: float) -> bool:
    """Whether a pixel of this type may be the number."""
    kind = np.dtype(dtype)
    if kind.kind in "iu":
        return float(number).is_integer() and np.iinfo(kind).min <= number <= np.iinfo(kind).max
    return kind.kind != "f" or abs(number) <= np.finfo(kind).max


def finest(layers: list[BandInfo] | tuple[BandInfo, ...]) -> Grid:
    """Return the grid of the layer with the smallest pixels, the first of these."""
    return min(
        (layer.grid for layer in layers),
        key=lambda g: abs(g.transform[0] * g.transform[4] - g.transform[1] * g.transform[3]),
    )


def _one_crs(layers: list[BandInfo]) -> None:
    first = layers[0]
    for layer in layers:
        if not _same_crs(layer.grid.crs, first.grid.crs):
            raise InputError(
                f"{layer.path} and {first.path} differ in their coordinate reference system",
                "bands of one scene, all in the same CRS",
                "bring them to one with gdalwarp -t_srs",
            )


def _same_crs(one: str | None, other: str | None) -> bool:
    if one == other:
        return True
    if one is None or other is None:
        return False
    from rasterio.crs import CRS

    return bool(CRS.from_wkt(one) == CRS.from_wkt(other))
