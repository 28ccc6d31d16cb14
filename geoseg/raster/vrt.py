"""A virtual raster (VRT) over maps that lie on one pixel grid: nothing is copied, and every GDAL
opens it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from pyproj import CRS

from ..core.card import NODATA
from ..core.grid import Grid
from ..core.style import Legend, category_names, colour_table

NEAR = 1000  # parts of a pixel: grids that differ by less are one


@dataclass(frozen=True, slots=True)
class Tile:
    """A raster of a mosaic."""

    path: str
    """As the VRT is to name it."""
    grid: Grid
    """Where its pixels lie."""


def grid_key(grid: Grid) -> tuple[object, ...] | None:
    """Return what rasters of one pixel grid have in common.

    Parameters
    ----------
    grid
        Of one of them.

    Returns
    -------
    tuple[object, ...] | None
        Equal for grids that differ by less than a thousandth of a pixel; None where rows do not run
        along an axis.
    """
    a, _, c, _, e, f = grid.transform
    if not grid.north_up or a <= 0 or e >= 0:
        return None
    return grid.crs, a, e, round(c / a % 1 * NEAR) % NEAR, round(f / e % 1 * NEAR) % NEAR


def vrt_text(tiles: Sequence[Tile], legend: Legend | None) -> str:
    """Return the virtual raster over rasters of one pixel grid.

    Parameters
    ----------
    tiles
        Of uint8 with 255 for nodata; where several have data, the last of them is seen.
    legend
        Names and colours of the classes; None for other numbers.

    Returns
    -------
    str
        XML, https://gdal.org/en/stable/drivers/raster/vrt.html
    """
    a = tiles[0].grid.transform[0]
    e = tiles[0].grid.transform[4]
    left = min(tile.grid.transform[2] for tile in tiles)
    top = max(tile.grid.transform[5] for tile in tiles)
    places = [
        (round((tile.grid.transform[5] - top) / e), round((tile.grid.transform[2] - left) / a))
        for tile in tiles
    ]
    height = max(row + tile.grid.height for (row, _), tile in zip(places, tiles, strict=True))
    width = max(column + tile.grid.width for (_, column), tile in zip(places, tiles, strict=True))
    crs = tiles[0].grid.crs
    spatial = f"  <SRS>{escape(CRS.from_user_input(crs).to_wkt())}</SRS>\n" if crs else ""
    sources = "".join(
        _source(tile, row, column) for tile, (row, column) in zip(tiles, places, strict=True)
    )
    return (
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">\n{spatial}'
        f"  <GeoTransform>{left!r}, {a!r}, 0.0, {top!r}, 0.0, {e!r}</GeoTransform>\n"
        f'  <VRTRasterBand dataType="Byte" band="1">\n    <NoDataValue>{NODATA}</NoDataValue>\n'
        f"{''.join(_legend(legend)) if legend else ''}{sources}  </VRTRasterBand>\n</VRTDataset>\n"
    )


def _source(tile: Tile, row: int, column: int) -> str:
    height = tile.grid.height
    width = tile.grid.width
    return (
        "    <ComplexSource>\n      <SourceFilename "
        f'relativeToVRT="1">{escape(tile.path)}</SourceFilename>\n'
        "      <SourceBand>1</SourceBand>\n"
        f'      <SourceProperties RasterXSize="{width}" RasterYSize="{height}" DataType="Byte" '
        'BlockXSize="512"'
        f' BlockYSize="512"/>\n      <SrcRect xOff="0" yOff="0" xSize="{width}" '
        f'ySize="{height}"/>\n'
        f'      <DstRect xOff="{column}" yOff="{row}" xSize="{width}" ySize="{height}"/>\n'
        f"      <NODATA>{NODATA}</NODATA>\n    </ComplexSource>\n"
    )


def _legend(legend: Legend) -> Iterator[str]:
    colours = colour_table(legend)
    yield "    <ColorInterp>Palette</ColorInterp>\n    <ColorTable>\n"
    for value in range(NODATA + 1):
        red, green, blue, alpha = colours.get(value, (0, 0, 0, 255))
        yield f'      <Entry c1="{red}" c2="{green}" c3="{blue}" c4="{alpha}"/>\n'
    yield "    </ColorTable>\n    <CategoryNames>\n"
    for name in category_names(legend):
        yield f"      <Category>{escape(name)}</Category>\n"
    yield "    </CategoryNames>\n"
