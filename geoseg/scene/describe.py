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
from .masks import ProductMask
from .products import Delivery, Product, ProductBand, find_product, open_delivery

PAN = "pan"

_CLOUDS = ("CLOUD_COVERAGE_ASSESSMENT", "CLOUDY_PIXEL_PERCENTAGE", "CLOUD_COVER", "eo:cloud_cover")


@dataclass(frozen=True, slots=True)
class SceneInfo:
    """What a scene is, cheaply read."""

    paths: tuple[str, ...]
    """Its files."""
    grid: Grid
    """That of the finest band."""
    gsd: float | None
    """The side of its pixel in metres, at the scene's centre; None without a CRS."""
    layers: tuple[BandInfo, ...]
    """All raster bands across the files, in order."""
    sensor: str | None = None
    """What made it, as far as that is certain."""
    product: str | None = None
    """The product that it is of."""
    scaling: Scaling | None = None
    """From digital numbers to reflectance, by the product; None where it says nothing."""
    notes: tuple[str, ...] = ()
    """What was found out about the product, a line each."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """The metadata of its files."""
    mask: ProductMask | None = None
    """The product's own mask, where it has one."""
    unsaid: str = ""
    """What the product leaves open without which its numbers mean nothing certain; "" is nothing.
    """
    parts: tuple[SceneInfo, ...] = ()
    """Of a mosaic, its files, those first that are seen where they overlap; the bands are those of
    each."""

    @property
    def clouds(self) -> float | None:
        """Per cent of it under clouds, as its metadata say; None where they do not."""
        for tag in _CLOUDS:
            try:
                found = float(self.tags[tag])
            except (KeyError, ValueError):
                continue
            if 0 <= found <= 100:  # no NaN; Landsat writes -1 where it was not looked for
                return found
        return None

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


def describe(scene: tuple[str, ...], by_points: bool = False) -> SceneInfo:
    """Read what a scene is from the headers of its files.

    Parameters
    ----------
    scene
        Their paths, or that of a product as it is downloaded.
    by_points
        Whether files are taken that only control points or RPCs place: for what resamples them.

    Returns
    -------
    SceneInfo
        What they tell; no pixel was read.

    Raises
    ------
    InputError
        If they cannot be opened, or cannot be one scene.
    """
    if not scene:
        raise InputError("no scene was given", "the path of a raster, or of its bands")
    if len(set(scene)) < len(scene):
        raise InputError(f"a file is named twice: {', '.join(scene)}")
    delivery = open_delivery(scene[0]) if len(scene) == 1 else None
    if delivery:
        return _describe_delivery(scene, delivery)
    layers, tags = _read_headers(scene, by_points)
    _placed_alike(layers)
    grid = finest(layers)
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


def _describe_delivery(scene: tuple[str, ...], delivery: Delivery) -> SceneInfo:
    """What the metadata of a product, and the headers of its bands, tell."""
    layers, tags = _read_headers(tuple(dict.fromkeys(band.path for band in delivery.bands)))
    known = {(layer.path, layer.index): layer for layer in layers}
    missing = [band for band in delivery.bands if (band.path, band.index) not in known]
    if missing:
        raise InputError(
            f"{missing[0].path} has no band {missing[0].index}", "the bands that its metadata name"
        )
    several = next((layer for layer in layers if layer.index > 1), None)
    if several and all(band.index == 1 for band in delivery.bands):
        raise InputError(f"{several.path} holds several bands", "one, as in the product")
    named = tuple(_as_told(known[band.path, band.index], band) for band in delivery.bands)
    # a panchromatic band is no grid of the others: a model that wants it has it for its own
    grid = finest([layer for layer in named if layer.name != PAN] or named)
    product = delivery.product
    return SceneInfo(
        scene,
        grid,
        ground_size(grid),
        named,
        product.sensor,
        product.label,
        product.scaling,
        product.notes,
        {**tags, **delivery.tags},
        delivery.mask,
        product.unsaid,
    )


def _as_told(layer: BandInfo, band: ProductBand) -> BandInfo:
    """A band's header, with what the product's metadata say beside it; the header comes first."""
    silent = (layer.scale, layer.offset) == (1.0, 0.0)
    scaling = band.scaling if silent and band.scaling else Scaling(layer.scale, layer.offset)
    return replace(
        layer,
        name=band.name,
        description=layer.description or band.description or band.name or "",
        nodata=band.nodata if layer.nodata is None else layer.nodata,
        scale=scaling.scale,
        offset=scaling.offset,
        invalid=band.invalid,
        wavelength=band.wavelength,
    )


def _read_headers(
    paths: tuple[str, ...], by_points: bool = False
) -> tuple[list[BandInfo], dict[str, str]]:
    """The bands of files, in order, and all of their tags."""
    layers: list[BandInfo] = []
    tags: dict[str, str] = {}
    for path in paths:
        with gdal_env(), open_dataset(path) as dataset:
            layers += describe_bands(dataset, path, by_points)
            tags |= tags_of(dataset)
    _one_crs(layers)
    return layers, tags


def _placed_alike(layers: list[BandInfo]) -> None:
    """Refuse files of which control points place some: where these lie to others is not known."""
    placed = next((layer for layer in layers if layer.points), None)
    if placed and placed.points and len({layer.path for layer in layers}) > 1:
        raise InputError(
            f"{placed.path} is placed by {placed.points.kind} only, beside other files",
            "one file with all bands, or files that lie on a grid",
            "put them into one file with gdalbuildvrt -separate, or rectify them with gdalwarp",
        )


def with_nodata(info: SceneInfo, nodata: float | None) -> SceneInfo:
    """Give all bands of a scene another nodata value.

    Parameters
    ----------
    info
        What the scene is.
    nodata
        A digital number; None changes nothing.

    Returns
    -------
    SceneInfo
        A copy.

    Raises
    ------
    InputError
        If no pixel could have the value.
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
    """Find the smallest pixels among bands.

    Parameters
    ----------
    layers
        At least one band.

    Returns
    -------
    Grid
        That of the first band that has them.
    """
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
