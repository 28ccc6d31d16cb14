"""Harmonized Landsat Sentinel-2 (HLS) granules: a folder of one GeoTIFF for each band.

https://lpdaac.usgs.gov/documents/1698/HLS_User_Guide_V2.pdf
"""

from __future__ import annotations

import re

from ..core.card import Scaling
from ..raster.places import Place
from .bands import COMMON, LANDSAT89, SENTINEL2
from .masks import Flag, ProductMask
from .products import Delivery, Product, ProductBand, Root, SeveralProductsError, told_scaling

_NAME = re.compile(
    r"(HLS\.([SL]30)\.T\w{5}\.\d{7}T\d{6}\.v\d+\.\d+)\.(B\d[0-9A]|Fmask)\.tif", re.ASCII
)
_SENSORS = {"S30": SENTINEL2, "L30": LANDSAT89}
# the guide's section on scale factors; the files' headers say the same, and come first
_SCALING = Scaling(1e-4)
_FILL = -9999.0
# bits of Fmask: 1 cloud, 2 beside cloud or shadow, 3 shadow, 4 snow or ice; 255 is fill
_FLAGS = {
    "clouds": (Flag(bits=0b110),),
    "shadows": (Flag(bits=1 << 3),),
    "snow": (Flag(bits=1 << 4),),
    "nodata": (Flag(values=(255,)),),
}


def find(place: Place) -> Root | None:
    """Tell whether an HLS granule lies in a place.

    Parameters
    ----------
    place
        A folder with the files of one granule.

    Returns
    -------
    Root or None
        Where it lies; None where there is none.

    Raises
    ------
    SeveralProductsError
        If there is more than one.
    """
    if place.name:
        return None  # one of its files is a band, as any other
    matches = (_NAME.fullmatch(name) for name in place.folder.names())
    granules = sorted({match[1] for match in matches if match and match[3] != "Fmask"})
    if len(granules) > 1:
        raise SeveralProductsError(
            f"{place.folder.gdal_path('')} holds {len(granules)} products: {', '.join(granules)}",
            "one, which is one scene",
            "put each into a folder of its own, or name the files of the bands of one",
        )
    return Root(place.folder, granules[0]) if granules else None


def describe(root: Root) -> Delivery:
    """Read which files hold the bands of a granule.

    Parameters
    ----------
    root
        As find gives it.

    Returns
    -------
    Delivery
        The bands that are there, by Sentinel-2's codes for S30, by common names for L30.
    """
    kind = root.name.split(".")[1]
    sensor = _SENSORS[kind]
    bands = []
    # B8A stands behind B08
    for name in sorted(root.folder.names(), key=lambda name: name.replace(".B8A.", ".B08A.")):
        match = _NAME.fullmatch(name)
        if match and match[1] == root.name and match[3] != "Fmask":
            band = match[3] if sensor == SENTINEL2 else COMMON[sensor].get(match[3])
            path = root.folder.gdal_path(name)
            bands.append(ProductBand(band, path, description=match[3], nodata=_FILL))
    label = f"HLS {kind}"
    note = f"{label}: reflectance = {told_scaling(_SCALING)}, as in every such product"
    quality = f"{root.name}.Fmask.tif"
    mask = (
        ProductMask("Fmask", root.folder.gdal_path(quality), _FLAGS)
        if root.folder.has(quality)
        else None
    )
    return Delivery(tuple(bands), Product(sensor, label, _SCALING, (note,)), mask)
