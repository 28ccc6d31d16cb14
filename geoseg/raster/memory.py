"""Scenes that lie in memory, as files for the chain; and maps that it wrote, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError
from rasterio.io import BufferedDatasetWriter, DatasetReader, DatasetWriter
from rasterio.shutil import copy
from rasterio.vrt import WarpedVRT

from ..core.card import DTYPES, NODATA
from ..core.errors import InputError
from ..core.grid import Window
from .handles import gdal_env, open_dataset, rasterio_window

ROWS = 1024  # that are written at a time
WANTED = (
    "paths, an open rasterio dataset, an xarray.DataArray with the georeference of rioxarray, or"
    " an array [band, row, column] with transform= and crs="
)
_POINT = "AREA_OR_POINT"  # a tag that would move the georeference by half a pixel


@dataclass(frozen=True, slots=True)
class Georeference:
    """Where an array lies, and what its numbers stand for, as far as somebody says so."""

    transform: Any = None
    """Six affine coefficients, from column and row to x and y."""
    crs: Any = None
    """Anything that rasterio takes for a CRS: an EPSG code, WKT, a pyproj or rasterio CRS."""
    nodata: float | None = None
    """The number of pixels without data."""
    band_names: Sequence[str] | None = None
    """What each band is, such as B04 or red."""

    def __bool__(self) -> bool:
        return any(getattr(self, name) is not None for name in self.__slots__)


def scene_files(scene: Any, told: Georeference, folder: Path) -> tuple[str, ...]:
    """Return the paths of a scene; one that is in memory is written into a folder.

    Parameters
    ----------
    scene
        A path or several, an open `rasterio` dataset, an `xarray.DataArray`, or an array
        [band, row, column].
    told
        What belongs to an array; empty for all that carries its own georeference.
    folder
        Where the file of a scene in memory goes.

    Returns
    -------
    tuple[str, ...]
        As many as the scene has files.

    Raises
    ------
    InputError
        On anything else, and where `told` contradicts what the scene says itself.
    """
    if isinstance(scene, np.ndarray):
        return (_write(scene, told, {}, folder),)
    if hasattr(scene, "dims") and hasattr(scene, "coords"):
        return (_write_data_array(scene, told, folder),)
    if told:
        raise InputError(
            "transform, crs, nodata or band_names beside a scene that has its own",
            "them with an array only",
            "a file's nodata is told by options of geoseg.predict, its bands by bands=",
        )
    if isinstance(scene, DatasetReader | DatasetWriter | BufferedDatasetWriter | WarpedVRT):
        return (_dataset(scene, folder),)
    if isinstance(scene, str | PathLike):
        return (fspath(scene),)
    if isinstance(scene, Sequence) and all(isinstance(path, str | PathLike) for path in scene):
        return tuple(fspath(path) for path in scene)
    raise InputError(f"the scene is {type(scene).__name__}", WANTED)


def read_map(path: str) -> tuple[npt.NDArray[Any], Any, Any]:
    """Read a map whole.

    Parameters
    ----------
    path
        Of a raster that was written here.

    Returns
    -------
    tuple[npt.NDArray[Any], Any, Any]
        Its pixels, [row, column] of one band and [band, row, column] of several; its transform
        (`affine.Affine`), and its CRS or None.
    """
    with open_dataset(path) as raster, gdal_env():
        pixels = raster.read()
        return pixels[0] if len(pixels) == 1 else pixels, raster.transform, raster.crs


def write_map(path: str, array: npt.NDArray[np.uint8], transform: Any, crs: Any) -> None:
    """Write a map as a GeoTIFF in which 255 is nodata.

    Parameters
    ----------
    path
        Which is replaced.
    array
        uint8 [row, column].
    transform
        `affine.Affine`, from column and row to x and y.
    crs
        Anything that rasterio takes for a CRS; None for none.
    """
    height, width = array.shape
    profile = {
        "driver": "GTiff",
        "dtype": "uint8",
        "count": 1,
        "height": height,
        "width": width,
        "nodata": NODATA,
    }
    with (
        gdal_env(),
        rasterio.open(
            path, "w", transform=transform, crs=crs, BIGTIFF="IF_SAFER", **profile
        ) as raster,
    ):
        raster.write(array, 1)


def _dataset(dataset: Any, folder: Path) -> str:
    """Return the dataset's own file where it has one that holds just its pixels, else a copy of
    these.
    """
    if dataset.closed:
        raise InputError(f"the dataset {dataset.name} is closed", "an open one, or its path")
    if dataset.mode != "r":
        raise InputError(
            f"the dataset {dataset.name} is open for writing, and parts of it may be in no file "
            "yet",
            "one that is open for reading",
            "close it, and give its path",
        )
    name = str(dataset.name)
    if not isinstance(dataset, WarpedVRT) and Path(name).is_file():
        with open_dataset(name) as own:
            if _looks(own) == _looks(dataset):  # it was not opened at an overview, or otherwise
                return name
    path = folder / "scene.tif"
    try:
        with gdal_env():
            copy(dataset, path, driver="GTiff", BIGTIFF="IF_SAFER")
    except RasterioError as error:
        raise InputError(f"the dataset {name} cannot be read: {error}") from error
    return str(path)


def _looks(dataset: Any) -> tuple[Any, ...]:
    return (dataset.shape, dataset.transform, dataset.crs, dataset.dtypes, dataset.nodatavals)


def _write_data_array(given: Any, told: Georeference, folder: Path) -> str:
    """Write an xarray.DataArray with the georeference that rioxarray keeps in it."""
    rio = getattr(given, "rio", None)
    if rio is None:
        raise InputError(
            "the DataArray has no georeference: rioxarray is not imported",
            "its accessor .rio",
            "import rioxarray; it is installed by pip install rioxarray",
        )
    try:
        across = rio.x_dim
        down = rio.y_dim
    except Exception as error:
        raise InputError(
            f"the DataArray's dimensions are {given.dims}: {error}", "band, y, x"
        ) from error
    others = [name for name in given.dims if name not in (across, down)]
    if len(others) > 1:
        raise InputError(
            f"the DataArray's dimensions are {given.dims}",
            "band, y, x",
            "choose one of the rest first",
        )
    data = (
        given.transpose(*others, down, across)
        if others
        else given.expand_dims("band").transpose("band", down, across)
    )
    own = Georeference(
        _transform(rio, data.shape) if told.transform is None else told.transform,
        rio.crs if told.crs is None else told.crs,
        rio.nodata if told.nodata is None else told.nodata,
        told.band_names or _band_names(data, others),
    )
    return _write(data, own, given.attrs, folder)


def _transform(rio: Any, shape: tuple[int, ...]) -> Any:
    """Return the transform of what is left of a DataArray: the one it keeps may be of more or
    smaller pixels.
    """
    transform = rio.transform()
    if min(shape[1:]) > 1 and transform.is_rectilinear and transform.b == 0 == transform.d:
        kept = (transform.a, transform.e)
        now = rio.resolution(recalc=True)
        if not np.allclose(kept, now, rtol=1e-6, atol=0):
            return rio.transform(recalc=True)
    return transform


def _band_names(data: Any, others: Sequence[str]) -> list[str] | None:
    """Return the names of the bands, where their coordinate or the attribute long_name gives
    any.
    """
    if others and others[0] in data.coords:
        names = data.coords[others[0]].values
        if names.dtype.kind in "UOS":
            return [str(name) for name in names]
    long = data.attrs.get("long_name")
    names = [long] if isinstance(long, str) else list(long or ())
    return [str(name) for name in names] if len(names) == data.shape[0] else None


def _write(data: Any, told: Georeference, attributes: Any, folder: Path) -> str:
    """Write [band, row, column] as a GeoTIFF that claims nothing beyond what is told; return its
    path.
    """
    _check_array(data)
    bands, height, width = data.shape
    names = told.band_names
    if names is not None and (isinstance(names, str) or len(names) != bands):
        raise InputError(f"band_names {names!r}", f"{bands} names, one for each band")
    path = folder / "scene.tif"
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "dtype": data.dtype.name,
        "count": bands,
        "height": height,
        "width": width,
        "photometric": "MINISBLACK",
        "BIGTIFF": "IF_SAFER",
        # bands of bytes would be taken for colours, the fourth one for transparency
        "alpha": "UNSPECIFIED",
    }
    try:
        if told.transform is not None:
            profile["transform"] = rasterio.Affine(*tuple(told.transform)[:6])
        if told.crs is not None:
            profile["crs"] = rasterio.crs.CRS.from_user_input(told.crs)
    except (TypeError, ValueError, RasterioError) as error:
        raise InputError(
            f"transform {told.transform!r}, crs {told.crs!r}: {error}",
            "six affine coefficients, and a CRS such as EPSG:32633",
        ) from error
    if told.nodata is not None:
        profile["nodata"] = told.nodata
    tags = {
        name: text for name, text in attributes.items() if isinstance(text, str) and name != _POINT
    }
    masked = isinstance(data, np.ma.MaskedArray)
    try:
        with (
            gdal_env(),
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(path, "w", **profile) as raster,
        ):
            raster.update_tags(**tags)
            raster.descriptions = tuple(names or raster.descriptions)
            for name, keys in (("scales", "scale_factor"), ("offsets", "add_offset")):
                if keys in attributes:
                    setattr(
                        raster,
                        name,
                        np.broadcast_to(np.asarray(attributes[keys], float), bands).tolist(),
                    )
            for block in Window(0, 0, height, width).blocks(ROWS):
                strip = data[:, block.top : block.bottom]
                place = rasterio_window(block)
                held = np.asarray(getattr(strip, "values", strip))
                raster.write(held.astype(held.dtype.newbyteorder("="), copy=False), window=place)
                if masked:
                    valid = ~np.ma.getmaskarray(strip).any(axis=0)
                    raster.write_mask(valid, window=place)
    except (RasterioError, ValueError) as error:
        raise InputError(f"the array cannot be a scene: {error}", WANTED) from error
    return str(path)


def _check_array(data: Any) -> None:
    if data.ndim != 3 or 0 in data.shape:
        raise InputError(
            f"an array of {data.ndim} dimensions, {' x '.join(map(str, data.shape))}",
            "[band, row, column], each at least 1",
        )
    if data.dtype.name not in DTYPES:
        raise InputError(f"an array of {data.dtype.name}", f"one of {', '.join(DTYPES)}")
