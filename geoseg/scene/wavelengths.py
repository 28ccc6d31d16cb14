"""Where in the spectrum the bands of satellites lie, as far as their operators say."""

from __future__ import annotations

from .bands import COMMON, LANDSAT47, LANDSAT89, SENTINEL2

# Centre wavelengths in nanometres, by common name. Sentinel-2A's:
# https://sentiwiki.copernicus.eu/web/s2-mission; the middle of the bands of OLI and TIRS, and of
# ETM+ (TM's lie within 10 nm of them):
# https://www.usgs.gov/faqs/what-are-band-designations-landsat-satellites
_CENTRES = {
    SENTINEL2: {
        "coastal": 443,
        "blue": 492,
        "green": 560,
        "red": 665,
        "rededge071": 704,
        "rededge075": 741,
        "rededge078": 783,
        "nir": 833,
        "nir08": 865,
        "nir09": 945,
        "cirrus": 1374,
        "swir16": 1614,
        "swir22": 2202,
    },
    LANDSAT89: {
        "coastal": 440,
        "blue": 480,
        "green": 560,
        "red": 655,
        "nir08": 865,
        "swir16": 1610,
        "swir22": 2200,
        "pan": 590,
        "cirrus": 1370,
        "lwir11": 10895,
        "lwir12": 12005,
    },
    LANDSAT47: {
        "blue": 485,
        "green": 560,
        "red": 660,
        "nir08": 835,
        "swir16": 1650,
        "swir22": 2220,
    },
}


def common_name(name: str | None) -> str | None:
    """Find the common name of a band.

    Parameters
    ----------
    name
        As `bands.name_layers` gives it: a code of Sentinel-2, or a common name already.

    Returns
    -------
    str or None
        Such as red or swir16; None where the band is not known.
    """
    return COMMON[SENTINEL2].get(name or "", name)


def centre(sensor: str | None, name: str | None) -> int | None:
    """Find the centre wavelength of a band.

    Parameters
    ----------
    sensor
        What made the scene, as `bands.find_sensor` gives it.
    name
        The band's, as `bands.name_layers` gives it.

    Returns
    -------
    int or None
        Nanometres; None for bands and sensors that have no one known centre.
    """
    return _CENTRES.get(sensor or "", {}).get(common_name(name) or "")
