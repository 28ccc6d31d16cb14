"""A product's own mask: which of its pixels are cloud, shadow, snow or without data, as its
producer found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..core.options import Options
from ..raster.band_info import BandInfo, describe_bands
from ..raster.georeference import to_pixels
from ..raster.handles import Handle, gdal_env
from ..raster.pixels import read_numbers
from ..raster.places import Place
from ..raster.stores import AGAIN
from .metadata import Element, parse_xml
from .resample import align

NODATA = "nodata"
FINE = 60.0  # metres: the pixels in which Sentinel-2's clouds are found, before they are polygons
_EPSG = re.compile(r"EPSG:(?:[\d.]*:)?(\d{4,5})$")
_MOST = 5_000_000  # numbers in the polygons of a mask: real ones have some 100,000
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Flag:
    """What marks a pixel in a raster of a mask."""

    band: int = 1
    """The raster's band, from 1."""
    values: tuple[int, ...] = ()
    """The numbers that mark it."""
    bits: int = 0
    """The bits of which any one marks it, as a number."""

    def marks(self, pixels: npt.NDArray[Any]) -> BoolArray:
        """Find the pixels that are marked.

        Parameters
        ----------
        pixels
            Whole numbers [row, column] of the band.

        Returns
        -------
        ndarray
            bool [row, column].
        """
        found: BoolArray = np.isin(pixels, self.values)
        return found | ((pixels & self.bits) != 0) if self.bits else found


@dataclass(frozen=True, slots=True)
class ProductMask:
    """What a product says of its pixels beside the bands."""

    label: str
    """What the product calls it."""
    path: str
    """The raster, as GDAL opens it, or the file of polygons."""
    flags: Mapping[str, tuple[Flag, ...]]
    """By the name of what is masked, what marks it; any of these does."""
    polygons: Place | None = None
    """Where polygons (GML) lie; None where the mask is a raster."""
    types: Mapping[str, tuple[str, ...]] | None = None
    """Of polygons, by the name of what is masked, the types that mean it."""

    @property
    def names(self) -> tuple[str, ...]:
        """What can be asked for, but for nodata, which can always be."""
        return tuple(name for name in (self.types or self.flags) if name != NODATA)


def check_mask(mask: ProductMask | None, product: str | None, options: Options) -> None:
    """See whether a product gives the masks that are asked for.

    Parameters
    ----------
    mask
        The product's own; None where it has none.
    product
        What the product is called; None where the scene is none.
    options
        `mask` is what is asked for.

    Raises
    ------
    InputError
        If one is not given by the product.
    """
    asked = [name for name in options.reading.mask if name != NODATA]
    missing = [name for name in asked if mask is None or name not in mask.names]
    if not missing:
        return
    given = f"--mask {','.join(options.reading.mask)}"
    do = "leave out of --mask what the product does not tell"
    if mask is None:
        raise InputError(
            f"{given}: {product or 'the scene'} does not tell {', '.join(missing)}",
            "a product with a mask of its own",
            do,
        )
    raise InputError(
        f"{given}: {product or 'the scene'} does not tell {', '.join(missing)}",
        f"{', '.join(mask.names)}, as of its {mask.label}",
        do,
    )


class MaskReader:
    """A product's mask, open on a grid; a context manager, which closes its file.

    Parameters
    ----------
    mask
        The product's own.
    names
        What is masked; nodata is masked where the product's mask has it.
    own
        The grid of the product's pixels.
    grid
        On which it is read: each pixel gets what its centre lies in. None is the product's own.

    Raises
    ------
    InputError
        If the file is missing, damaged, or does not cover the product.
    """

    def __init__(
        self, mask: ProductMask, names: Sequence[str], own: Grid, grid: Grid | None = None
    ) -> None:
        self.label = mask.label
        self._grid = grid or own
        asked = [name for name in dict.fromkeys(names) if name != NODATA]
        self._asked = [flag for name in asked for flag in mask.flags.get(name, ())]
        self._gone = list(mask.flags.get(NODATA, ()))
        self._bands = sorted({flag.band for flag in (*self._asked, *self._gone)})
        self._burnt: BoolArray | None = None
        with ExitStack() as opened:
            if mask.polygons:
                self._own, self._burnt = _burn(mask, names, own)
            else:
                self._handle = opened.enter_context(closing(Handle(mask.path)))
                self._layers = self._describe(mask.path)
                self._own = self._layers[0].grid
            if _lie_alike(own, self._own):
                axes = align(own, self._own, mask.path)
                _check_cover(axes.rows, own.height, mask.path)
                _check_cover(axes.columns, own.width, mask.path)
            self._along = _lie_alike(self._grid, self._own)
            if self._along:
                self._axes = align(self._grid, self._own, mask.path)
            self._opened = opened.pop_all()

    def _describe(self, path: str) -> list[BandInfo]:
        with self._handle.use() as dataset:
            found = describe_bands(dataset, path)
        if max(self._bands) > len(found) or any(
            np.dtype(band.dtype).kind not in "iu" for band in found
        ):
            raise InputError(
                f"{path} has {len(found)} bands of {found[0].dtype}",
                f"a mask of whole numbers, of {max(self._bands)} bands",
                AGAIN,
            )
        return [found[band - 1] for band in self._bands]

    def read(self, window: Window) -> BoolArray:
        """Find the masked pixels of a window.

        Parameters
        ----------
        window
            Pixels of the grid, inside of it.

        Returns
        -------
        ndarray
            bool [row, column]; the same for a pixel in any window.

        Raises
        ------
        RunError
            If the file cannot be read.
        """
        return ~self.sort(window)[1]  # beyond the product there is nothing

    def sort(self, window: Window) -> tuple[BoolArray, BoolArray]:
        """Find what of a window was asked for, and what is neither that nor without data.

        Parameters
        ----------
        window
            Pixels of the grid, inside of it.

        Returns
        -------
        tuple
            Where the mask names what was asked for, and where the product is clear, bool [row,
            column]; beyond the product it is neither.

        Raises
        ------
        RunError
            If the file cannot be read.
        """
        rows, columns, inside = self._places(window)
        if not inside.any():
            return np.zeros(window.shape, bool), np.zeros(window.shape, bool)
        top, left = int(rows.min()), int(columns.min())
        source = Window(top, left, int(rows.max()) + 1, int(columns.max()) + 1)
        asked, gone = (found[rows - top, columns - left] & inside for found in self._marked(source))
        return asked, inside & ~asked & ~gone

    def _places(self, window: Window) -> tuple[Any, Any, BoolArray]:
        """Row and column, in the mask, of what each pixel's centre lies in; and whether it does."""
        own = self._own
        if self._along:
            rows = _nearest(self._axes.rows.positions(window.top, window.bottom))[:, None]
            columns = _nearest(self._axes.columns.positions(window.left, window.right))[None]
        else:
            rows, columns = _project(self._grid, own, window)
        inside = (rows >= 0) & (rows < own.height) & (columns >= 0) & (columns < own.width)
        return (
            np.clip(rows, 0, own.height - 1),
            np.clip(columns, 0, own.width - 1),
            inside,
        )

    def _marked(self, source: Window) -> tuple[BoolArray, BoolArray]:
        """Of pixels of the mask, which are named by what was asked for, and which have no data."""
        if self._burnt is not None:
            burnt = self._burnt[source.top : source.bottom, source.left : source.right]
            return burnt, np.zeros_like(burnt)
        turn = self._layers[0].turn
        with self._handle.use() as dataset:
            data = read_numbers(dataset, self._layers, turn.window(source, self._own))
        data = turn.pixels(data) if turn else data
        by_band = dict(zip(self._bands, data, strict=True))
        nothing = np.zeros(source.shape, bool)
        asked, gone = (
            np.logical_or.reduce([nothing, *(flag.marks(by_band[flag.band]) for flag in flags)])
            for flags in (self._asked, self._gone)
        )
        return np.asarray(asked), np.asarray(gone)

    def __enter__(self) -> MaskReader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._opened.close()


def _nearest(positions: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    return np.floor(positions + 0.5).astype(np.intp)


def _project(grid: Grid, own: Grid, window: Window) -> tuple[Any, Any]:
    """As _places, for a mask that is turned against the grid, or in another CRS."""
    from pyproj import CRS, Transformer

    across, down = np.meshgrid(
        np.arange(window.left, window.right) + 0.5, np.arange(window.top, window.bottom) + 0.5
    )
    a, b, c, d, e, f = grid.transform
    x, y = a * across + b * down + c, d * across + e * down + f
    if not _same_crs(grid, own) and grid.crs and own.crs:
        way = Transformer.from_crs(CRS.from_wkt(grid.crs), CRS.from_wkt(own.crs), always_xy=True)
        x, y = way.transform(x, y)
    places = np.floor(to_pixels(own, np.stack([np.ravel(x), np.ravel(y)], axis=1)))
    places = np.where(np.isfinite(places), places, -1).astype(np.intp)
    return places[:, 1].reshape(window.shape), places[:, 0].reshape(window.shape)


def _check_cover(axis: Any, length: int, path: str) -> None:
    first, last = axis.positions(0, length)[[0, -1]]
    over = max(1.0, abs(axis.gain))  # a grid of larger pixels may begin before the product
    if min(first, last) < -over or max(first, last) > axis.length - 1 + over:
        raise InputError(f"{path} does not cover the scene", "the mask of this product", AGAIN)


def _lie_alike(one: Grid, other: Grid) -> bool:
    """Whether rows and columns of two grids run alike."""
    return _same_crs(one, other) and one.north_up and other.north_up


def _same_crs(one: Grid, other: Grid) -> bool:
    if one.crs == other.crs:
        return True
    if one.crs is None or other.crs is None:
        return False
    from rasterio.crs import CRS

    return bool(CRS.from_wkt(one.crs) == CRS.from_wkt(other.crs))


@dataclass(frozen=True, slots=True)
class _Polygon:
    """A polygon of a mask."""

    kind: str
    """Its type, such as OPAQUE."""
    rings: list[list[tuple[float, float]]]
    """Of x and y in the tile's CRS: the outer one, then holes."""


def _burn(mask: ProductMask, names: Sequence[str], grid: Grid) -> tuple[Grid, BoolArray]:
    """Draw polygons into the pixels in which they were found, once for all windows."""
    from rasterio import Affine
    from rasterio.features import rasterize

    assert mask.polygons
    kinds = {kind for name in names for kind in (mask.types or {}).get(name, ())}
    elements = parse_xml(mask.polygons.folder, mask.polygons.name)
    _check_epsg(elements, grid, mask.path)
    shapes = [
        {"type": "Polygon", "coordinates": polygon.rings}
        for polygon in _polygons(elements, mask.path)
        if polygon.kind in kinds
    ]
    coarse = _coarser(grid)
    place = Affine(*coarse.transform)
    shape = coarse.height, coarse.width
    if not shapes:
        return coarse, np.zeros(shape, bool)
    with gdal_env():
        burnt = rasterize(shapes, shape, transform=place, dtype="uint8")
    return coarse, burnt.astype(bool)


def _coarser(grid: Grid) -> Grid:
    """The grid of FINE metres over the same ground, where whole pixels of the grid make it."""
    a, b, c, d, e, f = grid.transform[:6]
    times = max(1, round(FINE / abs(a)))
    if grid.height % times or grid.width % times:
        return grid
    transform = (a * times, b * times, c, d * times, e * times, f)
    return Grid(grid.height // times, grid.width // times, transform, grid.crs)


def _check_epsg(elements: Sequence[Element], grid: Grid, path: str) -> None:
    from rasterio.crs import CRS

    codes = {
        found[1]
        for element in elements
        if (found := _EPSG.search(element.attributes.get("srsName", "")))
    }
    own = CRS.from_wkt(grid.crs) if grid.crs else None
    if any(own != CRS.from_epsg(int(code)) for code in codes):
        raise InputError(
            f"{path} is in EPSG:{', EPSG:'.join(sorted(codes))}", "the CRS of the product", AGAIN
        )


def _polygons(elements: Sequence[Element], path: str) -> list[_Polygon]:
    """The polygons of a file of Sentinel-2's masks, as their elements end."""
    found: list[_Polygon] = []
    kind = ""
    rings: list[list[tuple[float, float]]] = []
    for element in elements:
        if element.tag == "maskType":
            kind = element.text.upper()
        elif element.tag == "posList":
            rings.append(_ring(element, path))
        elif element.tag in ("Polygon", "MaskFeature"):
            if rings:
                found.append(_Polygon(kind, rings))
            rings = []
            kind = "" if element.tag == "MaskFeature" else kind
    return found


def _ring(element: Element, path: str) -> list[tuple[float, float]]:
    size = int(element.attributes.get("srsDimension", "2") == "3") + 2
    words = element.text.split()
    try:
        numbers = [float(word) for word in words]
        if len(numbers) % size or not 4 * size <= len(numbers) <= _MOST:
            raise ValueError(f"a ring of {len(numbers)} numbers")
        if not np.isfinite(numbers).all():
            raise ValueError("a number that is not finite")
    except ValueError as error:
        raise InputError(f"{path}: {error}", "rings of coordinates", AGAIN) from error
    return list(zip(numbers[::size], numbers[1::size], strict=True))
