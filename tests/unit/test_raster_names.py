"""Which band is which: codes, common names, sensors; nothing from position."""

from __future__ import annotations

import pytest

from geoseg.core.grid import Grid
from geoseg.raster.band_info import BandInfo
from geoseg.scene.bands import (
    LANDSAT,
    LANDSAT13,
    LANDSAT47,
    LANDSAT89,
    SENTINEL2,
    code,
    common,
    find_sensor,
    name_layers,
)

GRID = Grid(10, 10)
S2_CODES = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")


def layers(*texts: str, path: str = "scene.tif", colours: tuple[str, ...] = ()) -> list[BandInfo]:
    """Layers of one file with these descriptions."""
    shown = colours or ("undefined",) * len(texts)
    return [BandInfo(path, i + 1, GRID, "uint16", text, shown[i]) for i, text in enumerate(texts)]


def files(*paths: str) -> list[BandInfo]:
    """Layers of one-band files without descriptions."""
    return [BandInfo(path, 1, GRID, "uint16", "", "gray") for path in paths]


def named(
    found: list[BandInfo], gsd: float | None = 10.0, tags: dict[str, str] | None = None
) -> list[str | None]:
    paths = list(dict.fromkeys(layer.path for layer in found))
    return name_layers(found, find_sensor(found, paths, tags or {}, gsd))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("B02", "B02"),
        ("B2", "B02"),
        ("B8A", "B8A"),
        ("B08A", "B8A"),
        ("B12", "B12"),
        ("b8a", "B8A"),
        ("b02", "B02"),
        ("B4, central wavelength 665 nm", "B04"),
        ("Band B11 (SWIR)", "B11"),
        ("T33TVM_20230101T101010_B03_10m", "B03"),
        ("B05_20m", "B05"),
        ("SR_B2", "B02"),
        ("ST_B10", "B10"),
        ("b2", None),
        ("B13", None),
        ("B0", None),
        ("AB02", None),
        ("B02X", None),
        ("Band 2", None),
        ("2", None),
        ("B02 B03", None),
        ("", None),
        ("sub02", None),
        ("B022", None),
    ],
)
def test_codes_are_whole_tokens(text: str, expected: str | None) -> None:
    assert code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red", "red"),
        ("near infrared", "nir"),
        ("NIR", "nir"),
        ("Red Edge 2", "rededge075"),
        ("SWIR-1", "swir16"),
        ("swir22", "swir22"),
        ("Coastal Aerosol", "coastal"),
        ("reddish", None),
        ("r", None),
        ("red band", None),
        ("", None),
        ("gray", None),
    ],
)
def test_common_names_are_the_whole_text(text: str, expected: str | None) -> None:
    assert common(text) == expected


def test_sentinel2_is_known_by_its_own_bands() -> None:
    assert named(layers(*S2_CODES), gsd=57.0) == list(S2_CODES)
    assert named(layers("B2", "B3", "B4", "B8", "B12"), gsd=30.0) == [
        "B02",
        "B03",
        "B04",
        "B08",
        "B12",
    ]


@pytest.mark.parametrize(
    "path",
    [
        "T33TVM_20230101T101010_{}_10m.jp2",
        "s2_{}.jp2",
        "S2A_MSIL1C_2020_{}.tif",
        "sentinel-2_{}.tif",
        "Sentinel2A_{}.tif",
        "S2B-L2A-{}.tif",
    ],
)
def test_sentinel2_by_file_name(path: str) -> None:
    assert named(files(*(path.format(band) for band in ("B02", "B03", "B04")))) == [
        "B02",
        "B03",
        "B04",
    ]
    assert named(files(*(path.format(band) for band in ("B02", "B03", "B04"))), gsd=30.0) == [
        "B02",
        "B03",
        "B04",
    ]


@pytest.mark.parametrize(
    "path", ["LC08_L1TP_2010_{}.TIF", "l8_{}.tif", "Landsat-9_{}.tif", "landsat8_{}.tif"]
)
def test_landsat_codes_mean_other_bands(path: str) -> None:
    found = files(*(path.format(band) for band in ("B2", "B3", "B4", "B5", "B8", "BQA")))
    assert named(found, gsd=15.0) == ["blue", "green", "red", "nir08", "pan", None]


def test_landsat_of_an_unknown_generation_has_no_sure_names() -> None:
    found = layers("SR_B2", "SR_B3", "SR_B4")
    assert find_sensor(found, ["scene.tif"], {}, 30.0) == LANDSAT
    assert named(found, gsd=30.0) == [None, None, None]


def test_codes_alone_at_30_m_are_nothing_sure() -> None:
    found = layers("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B09")
    assert named(found, gsd=30.0) == [None] * 9
    assert named(found, gsd=None) == [None] * 9
    assert named(found, gsd=10.0) == [None] * 9  # a Landsat may have been brought to 10 m


@pytest.mark.parametrize(
    ("names", "sure"),
    [
        ("B2 B3 B4", True),
        ("B02 B03 B04 B08", True),
        ("B02 B03 B04 B05 B06 B07 B08", True),
        ("B2 B3 B4 B8 B11", True),
        ("B1 B2 B3 B4 B5 B7", False),
        ("B2 B3 B4 B5 B6 B7", False),
        ("B1 B2 B3 B4", False),
        ("B3 B4 B5", False),
        ("B1 B2 B3 B4 B5 B6 B7 B8", False),
    ],
)
def test_codes_that_a_resampled_landsat_has_as_well_are_nothing_sure(
    names: str, sure: bool
) -> None:
    found = layers(*names.split())
    assert find_sensor(found, ["scene.tif"], {}, 10.0) == (SENTINEL2 if sure else None)
    assert (named(found, gsd=10.0) == [None] * len(found)) is not sure


@pytest.mark.parametrize(
    ("path", "sensor"),
    [
        ("LC80140342020001LGN00_B2.TIF", LANDSAT89),
        ("LT50140342010001GNC01_B2.TIF", LANDSAT47),
        ("LE70140342001001EDC00_B3.TIF", LANDSAT47),
        ("LM20140341978001AAA02_B4.TIF", LANDSAT13),
        ("LC080140342017010101T1-SC20180101120000.tif", LANDSAT89),
        ("LT050140342010042301RT-SC2018.tif", LANDSAT47),
        ("20200101_153000_ssc1d2_0001_analytic.tif", "SkySat"),
        ("K3A_20200101020304_12345.tif", "KOMPSAT"),
        ("ALAV2A123452750-O1B2R_U.tif", "ALOS"),
        ("R2_LISS3_2020.tif", "Resourcesat"),
        ("VENUS-XS_20200101-110000-000_L2A_SRE_B3.tif", "VENUS"),
    ],
)
def test_sensors_by_file_name(path: str, sensor: str) -> None:
    assert find_sensor(files(path), [path], {}, 10.0) == sensor


def test_tags_name_the_sensor() -> None:
    found = layers("B02", "B03")
    assert find_sensor(found, ["a.tif"], {"SPACECRAFT_NAME": "Sentinel-2B"}, 30.0) == SENTINEL2
    assert find_sensor(found, ["a.tif"], {"SPACECRAFT_ID": "LANDSAT_8"}, 10.0) == LANDSAT89


def test_contradiction_is_nothing_sure() -> None:
    assert find_sensor(layers("B02", "B03"), ["s2_to_landsat8.tif"], {}, 10.0) is None


def test_colours_count_where_nothing_else_is_said() -> None:
    found = layers("", "", "", "", colours=("red", "green", "blue", "alpha"))
    assert named(found) == ["red", "green", "blue", None]
    assert named(layers("", "", "", colours=("gray", "undefined", "undefined"))) == [
        None,
        None,
        None,
    ]


def test_description_before_colour() -> None:
    assert named(layers("nir", "red", "green", colours=("red", "green", "blue"))) == [
        "nir",
        "red",
        "green",
    ]


def test_the_name_of_a_file_of_many_bands_names_none_of_them() -> None:
    assert named(layers("", "", path="s2_B02.tif")) == [None, None]
    assert named(files("scene_red.tif", "scene-green.tif", "nir.tif", "redmond.tif")) == [
        "red",
        "green",
        "nir",
        None,
    ]
