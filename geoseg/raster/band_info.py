"""What the header of a raster says of each of its bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasterio.enums import Interleaving

from ..core.errors import InputError
from ..core.grid import Grid
from .control_points import ControlPoints, control_points
from .georeference import IDENTITY, grid_of, unplaced_crs
from .handles import decoded_shape, dtypes_of
from .texts import descriptions_of
from .turn import AS_IT_IS, Turn, north_up


@dataclass(frozen=True, slots=True)
class BandInfo:
    """One raster band of a scene, as the header of its file describes it."""

    path: str
    """The file, under any name that GDAL takes."""
    index: int
    """Its number there, from 1 on."""
    grid: Grid
    """Where its pixels lie, with north up."""
    dtype: str
    """numpy's name of the type in which it is read."""
    description: str
    """What the file calls it, or ""."""
    colour: str
    """GDAL's colour interpretation, such as "gray" or "alpha"."""
    nodata: float | None = None
    """The digital number of pixels without data; None where the file tells none."""
    scale: float = 1.0
    """Value = DN * scale + offset, as the file says."""
    offset: float = 0.0
    """See `scale`."""
    mask: str = ""
    """Where invalid pixels are told beside nodata: "file" (one mask for all), "band", "alpha" or
    "".
    """
    name: str | None = None
    """What the band is for certain ("B02", "red"), or None."""
    unplaced: str = ""
    """The CRS that the file names although nothing places its pixels in it, or ""."""
    turn: Turn = AS_IT_IS
    """How the file's pixels come to `grid`."""
    invalid: tuple[float, ...] = ()
    """Digital numbers that are no measurement, by the product's word: saturated, or fill. Unlike
    `nodata` each spoils the pixel by itself, whatever the other bands hold.
    """
    wavelength: int | None = None
    """The centre in nanometres, where the product's metadata tell it."""
    points: ControlPoints | None = None
    """What places the pixels where the file has no geotransform; `grid` is only near it then."""
    block: tuple[int, int] = (512, 512)
    """Rows and columns of what the file is decoded in."""
    together: int = 1
    """How many bands lie in one block, all of which are decoded for each of them."""
    packed: int = 0
    """Bytes of a compressed strip that holds all rows of the file: GDAL decodes it row by row, and
    has it in memory whole. 0 where there is none.
    """


def describe_bands(dataset: Any, path: str, by_points: bool = False) -> list[BandInfo]:
    """Return what the header of an open raster says of its bands.

    Parameters
    ----------
    dataset
        Open for reading.
    path
        What the file is called in messages, and opened by later.
    by_points
        Whether a raster is taken that only control points or RPCs place.

    Returns
    -------
    list[BandInfo]
        In the file's order.

    Raises
    ------
    InputError
        If it has no band, or no place that is a grid.
    """
    if dataset.count == 0:
        _refuse_container(dataset, path)
    unplaced_yet = tuple(map(float, dataset.transform[:6])) == IDENTITY
    points = control_points(dataset) if by_points and unplaced_yet else None
    own = grid_of(dataset, points)
    turn = AS_IT_IS if points else north_up(own)
    grid = turn.grid(own) if turn else own
    unplaced = unplaced_crs(dataset)
    block = decoded_shape(dataset)
    together = dataset.count if dataset.interleaving == Interleaving.pixel else 1
    packed = _packed_strip(dataset)
    # rasterio asks GDAL for all bands each time that one of these is read
    bands = zip(
        dtypes_of(dataset),
        descriptions_of(dataset),
        dataset.colorinterp,
        dataset.nodatavals,
        dataset.scales,
        dataset.offsets,
        dataset.mask_flag_enums,
        strict=True,
    )
    return [
        BandInfo(
            path=path,
            index=index,
            grid=grid,
            dtype=dtype,
            description=description.strip(),
            colour=colour.name,
            nodata=nodata,
            scale=scale,
            offset=offset,
            mask=_mask_kind(flags, nodata),
            unplaced=unplaced,
            turn=turn,
            points=points,
            block=block,
            together=together,
            packed=packed,
        )
        for index, (dtype, description, colour, nodata, scale, offset, flags) in enumerate(bands, 1)
    ]


def _packed_strip(dataset: Any) -> int:
    """Return how many bytes the strip of a GeoTIFF has that has only one for all of its rows."""
    rows, columns = dataset.block_shapes[0]
    if dataset.driver != "GTiff" or rows != 1 or columns < dataset.width or dataset.height == 1:
        return 0
    first, second = (dataset.get_tag_item(f"BLOCK_SIZE_0_{i}", "TIFF", bidx=1) for i in (0, 1))
    compressed = dataset.compression is not None
    return int(first) if compressed and first and second is None else 0


def _mask_kind(flags: list[Any], nodata: float | None) -> str:
    names = {flag.name for flag in flags}
    if (
        names == {"nodata"} and nodata is None
    ):  # one that a float cannot hold, at the ends of 64 bits: GDAL looks
        return "band"
    if "alpha" in names:
        return "alpha"
    if names & {"all_valid", "nodata"}:
        # nodata with per_dataset: the NODATA_VALUES tag, one value per band and a pixel invalid
        # where all match
        return "file" if "per_dataset" in names else ""
    return "file" if "per_dataset" in names else "band"


def _refuse_container(dataset: Any, path: str) -> None:
    inner = dataset.subdatasets
    hint = f"name one of its {len(inner)} parts, such as {inner[0]}" if inner else ""
    raise InputError(
        f"{path} holds no raster bands of its own", "a raster, or the files of its bands", hint
    )
