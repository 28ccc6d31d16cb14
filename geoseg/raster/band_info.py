"""What the header of a raster says of each of its bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core.errors import InputError
from ..core.grid import Grid
from .georeference import grid_of, unplaced_crs
from .handles import dtypes_of
from .texts import descriptions_of
from .turn import AS_IT_IS, Turn, north_up


@dataclass(frozen=True, slots=True)
class BandInfo:
    """One raster band of a scene: its file, its 1-based number there, and what the header says of
    it.

    `name` is what the band is for certain ("B02", "red"), or None; `mask` tells where its
    invalid pixels are kept beside nodata: "file" (one mask for all), "band", "alpha" or "".
    `grid` has north up, and `turn` is how the file's pixels come to it. `unplaced` is the CRS
    that the file names although nothing places its pixels in it.
    """

    path: str
    index: int
    grid: Grid
    dtype: str
    description: str
    colour: str
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    mask: str = ""
    name: str | None = None
    unplaced: str = ""
    turn: Turn = AS_IT_IS


def describe_bands(dataset: Any, path: str) -> list[BandInfo]:
    """Return the bands of an open raster; InputError where it has none, or no place that is a
    grid.
    """
    if dataset.count == 0:
        _refuse_container(dataset, path)
    own = grid_of(dataset)
    turn = north_up(own)
    grid = turn.grid(own) if turn else own
    unplaced = unplaced_crs(dataset)
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
        )
        for index, (dtype, description, colour, nodata, scale, offset, flags) in enumerate(bands, 1)
    ]


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
