"""Values far from the training data's are refused, and normal variation is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cards import RGB, S2
from hypothesis import given
from hypothesis import strategies as st
from rasters import colours, reflectances, write

from geoseg.core.card import Scaling
from geoseg.core.errors import ModelError
from geoseg.core.grid import Grid, Patch, Window
from geoseg.core.options import Options
from geoseg.raster.handles import open_dataset
from geoseg.scene.source import open_raster
from geoseg.scene.values import (
    Sample,
    check_values,
    judge,
    judge_colours,
    judge_opacity,
    sample_values,
    spread_windows,
)

# reflectance in B02 B03 B04 B05 B06 B07 B08 B11 B12, as textbooks show it
SURFACES = {
    "clear deep water, L2A": (0.025, 0.02, 0.01, 0.006, 0.005, 0.004, 0.003, 0.001, 0.001),
    "water, L1C": (0.11, 0.07, 0.045, 0.035, 0.03, 0.03, 0.025, 0.01, 0.006),
    "fresh snow": (0.95, 0.95, 0.95, 0.94, 0.93, 0.92, 0.9, 0.12, 0.09),
    "cloud": (0.8, 0.8, 0.82, 0.85, 0.9, 0.92, 0.95, 0.7, 0.5),
    "sand desert": (0.18, 0.28, 0.42, 0.46, 0.48, 0.5, 0.52, 0.66, 0.6),
    "dark conifers, L2A": (0.015, 0.025, 0.015, 0.05, 0.13, 0.16, 0.17, 0.08, 0.035),
    "meadow": (0.04, 0.07, 0.04, 0.11, 0.33, 0.42, 0.45, 0.22, 0.12),
    "city in haze": (0.16, 0.16, 0.16, 0.18, 0.21, 0.22, 0.24, 0.24, 0.2),
}


def pixels(name: str, factor: float = 10_000.0, spread_windows: float = 0.15) -> np.ndarray:
    """A thousand pixels of a surface, as digital numbers, with some spread."""
    rng = np.random.default_rng(3)
    values = np.array(SURFACES[name])[:, None] * rng.normal(1, spread_windows, (9, 1000)).clip(
        0.3, 1.7
    )
    return np.rint(values * factor).clip(0, 65535).astype(np.uint16)


@pytest.mark.parametrize("name", SURFACES)
def test_all_that_the_earth_shows_is_accepted(name: str) -> None:
    assert judge(pixels(name), S2.scaling, S2) is None


@pytest.mark.parametrize("name", ["fresh snow", "cloud", "sand desert", "meadow", "city in haze"])
def test_reflectance_times_65535_is_refused(name: str) -> None:
    found = judge(pixels(name, 65535), S2.scaling, S2)
    assert found is not None
    assert "far too large" in found.found
    assert "training data" in found.expected
    assert "1.525902e-05" in found.do
    assert judge(pixels(name, 65535), Scaling(1.525902e-05), S2) is None


@pytest.mark.parametrize("name", SURFACES)
def test_reflectance_itself_is_refused_under_a_small_scale(name: str) -> None:
    found = judge(pixels(name) / np.float32(10_000), S2.scaling, S2)
    assert found is not None
    assert "far too small" in found.found


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_8_bits_are_refused_where_more_are_expected(kind: type) -> None:
    found = judge(colours(40, 40, bands=9).reshape(9, -1).astype(kind), S2.scaling, S2)
    assert found is not None
    assert "8-bit" in found.found
    assert judge(colours(40, 40, bands=9).reshape(9, -1).astype(kind), Scaling(1 / 255), S2) is None


@pytest.mark.parametrize(
    "name", ["clear deep water, L2A", "water, L1C", "dark conifers, L2A", "meadow"]
)
def test_an_offset_not_taken_off_is_told(name: str) -> None:
    shifted = Sample(pixels(name) + np.uint16(1000), {})
    assert "--offset -0.1" in check_values(shifted, S2.scaling, S2)[1][0]
    assert not check_values(shifted, Scaling(1e-4, -0.1), S2)[1]
    assert not check_values(Sample(pixels(name), {}), S2.scaling, S2)[1]


def test_an_offset_taken_off_twice_is_refused() -> None:
    found = judge(pixels("dark conifers, L2A"), Scaling(1e-4, -0.1), S2)
    assert found is not None
    assert "--offset 0" in found.do


@given(st.integers(0, 255), st.integers(0, 255))
def test_8_bit_pictures_fit_a_model_of_pictures(one: int, other: int) -> None:
    seen = np.stack([np.linspace(one, other, 100)] * 3).astype(np.uint8)
    if seen.max() >= 10:
        assert judge(seen, RGB.scaling, RGB) is None


def test_16_bit_pictures_do_not() -> None:
    assert (
        judge(colours(40, 40).reshape(3, -1).astype(np.uint16) * 257, RGB.scaling, RGB) is not None
    )


def test_force_makes_it_a_warning() -> None:
    sample = Sample(pixels("meadow", 65535), {})
    with pytest.raises(ModelError):
        check_values(sample, S2.scaling, S2)
    _, warnings = check_values(sample, S2.scaling, S2, force=True)
    assert "--force" in warnings[0]


def test_a_constant_scene_and_an_empty_one_are_told() -> None:
    assert (
        "constant"
        in check_values(Sample(np.full((9, 50), 900, np.uint16), {}), S2.scaling, S2)[1][0]
    )
    assert (
        "no valid pixel"
        in check_values(Sample(np.zeros((9, 0), np.uint16), {}), S2.scaling, S2)[1][0]
    )


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 8), st.integers(1, 300))
def test_windows_lie_inside_and_touch_every_edge(
    height: int, width: int, count: int, side: int
) -> None:
    extent = Window(count, side, count + height, side + width)
    found = spread_windows(extent, count, side)
    assert len(found) <= max(1, count) ** 2
    assert all(window.clip(extent) == window and max(window.shape) <= side for window in found)
    if count > 1:
        assert (min(w.top for w in found), min(w.left for w in found)) == (count, side)
        assert max(w.bottom for w in found) == extent.bottom
        assert max(w.right for w in found) == extent.right


def wedge(value: int = 0, bands: int = 9) -> np.ndarray:
    """A scene whose upper left corner holds nothing but a value."""
    scene = reflectances(bands, 300, 300)
    rows, columns = np.mgrid[:300, :300]
    scene[:, rows + columns < 200] = value
    return scene


def test_zero_in_all_bands_of_sentinel2_is_no_data(tmp_path: Path) -> None:
    scene = wedge()
    scene[3, 250:, 250:] = 0  # one dark band is data
    with open_raster((write(tmp_path / "a.tif", scene, S2.band_names),), S2, Options()) as source:
        patch = source.read(source.grid.extent)
        assert any("0 in all bands: taken for no data" in note for note in source.notes)
        assert np.array_equal(patch.valid, scene.any(axis=0))
        assert not source.warnings
    tagged = write(tmp_path / "b.tif", scene, S2.band_names, nodata=0)
    with open_raster((tagged,), S2, Options()) as source:
        assert np.array_equal(source.read(source.grid.extent).valid, scene.any(axis=0))
        assert not any("no data" in note for note in source.notes)


@pytest.mark.parametrize("nodata", [65535, 1])
def test_zero_of_sentinel2_is_no_data_whatever_else_the_file_says_is(
    tmp_path: Path, nodata: int
) -> None:
    scene = wedge()
    scene[:, 250:, 250:] = nodata
    with open_raster(
        (write(tmp_path / "a.tif", scene, S2.band_names, nodata=nodata),), S2, Options()
    ) as source:
        found = source.read(source.grid.extent).valid
        assert np.array_equal(found, scene.any(axis=0) & (scene != nodata).all(axis=0))
        assert not source.warnings


def test_zero_in_all_files_of_a_product_is_no_data(tmp_path: Path) -> None:
    scene = wedge()
    scene[3, 250:, 250:] = 0
    files = []
    for name, band in zip(S2.band_names, scene, strict=True):
        coarse = name in ("B05", "B06", "B07", "B11", "B12")
        step = 2 if coarse else 1
        place = (10.0 * step, 0.0, 500_000.0, 0.0, -10.0 * step, 5_000_000.0)
        pixels = band[::step, ::step][None]
        files.append(
            write(tmp_path / f"T33TVM_20230101T101010_{name}.tif", pixels, transform=place)
        )
    with open_raster(tuple(files), S2, Options()) as source:
        patch = source.read(source.grid.extent)
        assert patch.valid is not None
        differing = patch.valid != scene.any(axis=0)
        assert differing.sum() < 2 * 200  # coarser bands end within a pixel of the finer ones
        assert patch.valid[250:, 250:].all()
        inner = source.read(Window(40, 30, 180, 170))
        assert np.array_equal(inner.valid, patch.valid[40:180, 30:170])


@pytest.mark.parametrize("value", [0, 255, 65535])
def test_a_constant_area_at_the_edge_is_warned_of(tmp_path: Path, value: int) -> None:
    names = [
        "coastal",
        "blue",
        "green",
        "red",
        "nir",
        "rededge071",
        "rededge075",
        "swir16",
        "swir22",
    ]
    card = replace(
        S2,
        bands=tuple(
            replace(b, name=n, common_name=n) for b, n in zip(S2.bands, names, strict=True)
        ),
    )
    with open_raster((write(tmp_path / "a.tif", wedge(value), names),), card, Options()) as source:
        assert any(
            f"is {value} in all bands without being marked as nodata" in text
            for text in source.warnings
        )
        assert source.read(source.grid.extent).valid is None
    tagged = write(tmp_path / "b.tif", wedge(value), names, nodata=value)
    with open_raster((tagged,), card, Options()) as source:
        assert not source.warnings


@pytest.mark.parametrize("value", [0, 1, 128, 254, 255])
def test_a_constant_area_inside_is_warned_of(tmp_path: Path, value: int) -> None:
    scene = colours(300, 300)
    scene[:, 100:160, 100:160] = value
    path = write(tmp_path / "a.tif", scene, transform=(1, 0, 5e5, 0, -1, 5e6), photometric="RGB")
    with open_raster((path,), RGB, Options()) as source:
        assert any(f"is {value} in all bands" in text for text in source.warnings)
    scattered = colours(300, 300)
    scattered[:, 1:-1:7, 1:-1:7] = value  # bright roofs, black shadows: no area
    path = write(
        tmp_path / "b.tif", scattered, transform=(1, 0, 5e5, 0, -1, 5e6), photometric="RGB"
    )
    with open_raster((path,), RGB, Options()) as source:
        assert source.warnings == ()


def test_a_wedge_does_not_count_as_values() -> None:
    scene = np.zeros((9, 300, 300), np.uint16)
    scene[:, 290:, 290:] = 2000
    seen = sample_values(
        lambda w: Patch(w, scene[:, w.top : w.bottom, w.left : w.right]), Grid(300, 300)
    )
    assert (seen.pixels == 2000).all()
    assert set(seen.constants) == {0}


def test_a_scene_that_is_mostly_nodata_is_looked_at_more_closely() -> None:
    scene = np.full((1, 2000, 2000), 7, np.uint16)
    valid = np.zeros((2000, 2000), bool)
    valid[300:700, 300:700] = True

    def read(window: Window) -> Patch:
        place = window.within(Window(0, 0, 2000, 2000))
        return Patch(window, scene[:, *place], valid[place])

    assert sample_values(read, Grid(2000, 2000)).pixels.shape[1] > 500


def test_chips_of_the_training_set_are_accepted(shared_data: Path) -> None:
    refused = []
    for path in sorted((shared_data / "s2").glob("*.tif"))[::8]:
        with open_dataset(str(path)) as dataset:
            chip = dataset.read().reshape(9, -1)
        chip = chip[:, chip.any(axis=0)]
        if chip.size and judge(chip, S2.scaling, S2):
            refused.append(path.name)
    assert not refused


def test_a_few_pixels_say_nothing() -> None:
    assert check_values(Sample(np.zeros((3, 1), np.uint8), {}), RGB.scaling, RGB) == ([], [])


@pytest.mark.parametrize(
    "scaling", [Scaling(1e308), Scaling(1e-4, 1.7e308), Scaling(1.7e308, -1e308), Scaling(1e40)]
)
def test_what_is_no_number_is_refused(scaling: Scaling) -> None:
    for force in (False, True):
        with pytest.raises(ModelError, match="beyond all numbers"):
            check_values(Sample(pixels("meadow"), {}), scaling, S2, force)


def coded(name: str, scale: float, offset: float) -> np.ndarray:
    """A surface in another coding: value = DN * scale + offset."""
    return (
        np.rint((pixels(name).astype(float) / 10_000 - offset) / scale)
        .clip(0, 65535)
        .astype(np.uint16)
    )


RGB_OF_S2 = replace(S2, bands=S2.bands[:3])


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize(("scale", "offset"), [(2.75e-5, -0.2), (2e-5, -0.1)])
def test_landsats_numbers_are_no_reflectance_times_10000(
    name: str, scale: float, offset: float
) -> None:
    seen = coded(name, scale, offset)
    for card, bands in ((S2, seen), (RGB_OF_S2, seen[:3])):
        found = judge(bands, card.scaling, card)
        assert found is not None
        assert "too large" in found.found
        assert "--scale 2.75e-05 --offset -0.2 for Landsat" in found.do
        assert "--force" not in found.do
    if (scale, offset) == (2.75e-5, -0.2):
        assert judge(seen, Scaling(scale, offset), S2) is None


def test_a_scene_wholly_above_or_below_the_range_is_refused() -> None:
    card = replace(
        S2, unit="radiance", bands=tuple(replace(b, low=10.0, high=20.0) for b in S2.bands)
    )
    for values, refused in ((21, True), (9, True), (15, False)):
        seen = values + np.zeros((9, 100)) + np.linspace(0, 0.5, 100)
        assert (judge(seen, Scaling(), card) is not None) is refused


def photograph(infrared: bool, seed: int = 4) -> np.ndarray:
    """Pixels of roofs, asphalt and plants: plants are bright in near infrared, and a little
    green.
    """
    rng = np.random.default_rng(seed)
    light = rng.uniform(40, 200, 3000)
    plants, roofs = np.arange(3000) % 3 == 0, np.arange(3000) % 3 == 1
    red = light * np.where(plants, 0.45, np.where(roofs, 1.1, 1.0))
    green = light * np.where(plants, 0.6, np.where(roofs, 0.85, 1.0))
    blue = light * np.where(plants, 0.4, np.where(roofs, 0.7, 1.0))
    nir = light * np.where(plants, 1.25, 1.0)
    bands = [nir, red, green] if infrared else [red, green, blue]
    return (np.array(bands) + rng.normal(0, 4, (3, 3000))).clip(0, 255).astype(np.uint8)


def test_colour_infrared_in_the_place_of_colours_is_named() -> None:
    assert check_values(Sample(photograph(False), {}), RGB.scaling, RGB) == ([], [])
    with pytest.raises(ModelError, match=r"colour infrared, in which plants are pink.*--force"):
        check_values(Sample(photograph(True), {}), RGB.scaling, RGB)
    _, (warning,) = check_values(Sample(photograph(True), {}), RGB.scaling, RGB, force=True)
    assert "colour infrared" in warning
    assert check_values(Sample(photograph(True), {}), RGB.scaling, RGB, named=True) == ([], [])


def test_alpha_in_the_place_of_near_infrared_is_refused() -> None:
    """RGBA read as R, G, B, near infrared: opaque all over, or but for a soft edge."""
    nir = replace(RGB.bands[0], name="nir", common_name="nir", wavelength=0.84)
    card = replace(RGB, bands=(*RGB.bands, nir))
    rgb = photograph(False)
    alpha = np.full((1, 3000), 255, np.uint8)
    alpha[:, :200] = np.arange(200)
    with pytest.raises(ModelError, match=r"nir looks like an alpha channel: 93%.*--force"):
        check_values(Sample(np.concatenate([rgb, alpha]), {}), card.scaling, card)
    _, (warning,) = check_values(
        Sample(np.concatenate([rgb, alpha]), {}), card.scaling, card, force=True
    )
    assert "alpha channel" in warning
    infrared = np.concatenate([rgb, photograph(True)[:1]])
    assert check_values(Sample(infrared, {}), card.scaling, card) == ([], [])
    white = np.full((4, 3000), 255, np.uint8)  # nothing but snow is no alpha
    assert judge_opacity(white, card) is None


def test_colour_infrared_of_real_towns(shared_data: Path) -> None:
    """Twenty chips of a town at a time, as true colours and as colour infrared."""
    chips = sorted((shared_data / "naip_california" / "images").glob("*.tif"))[::5]
    for first in range(0, len(chips) - 20, 20):
        read = []
        for chip in chips[first : first + 20]:
            with open_dataset(str(chip)) as dataset:
                read.append(dataset.read()[:, ::8, ::8].reshape(4, -1))
        pixels = np.concatenate(read, axis=1)
        assert judge_colours(pixels[:3], RGB) is None
        assert judge_colours(pixels[[3, 0, 1]], RGB) is not None


def test_photographs_of_real_towns_are_no_infrared(shared_data: Path) -> None:
    images = [
        *(shared_data / "mbrsc").glob("*/images/*_00[15].jpg"),
        *(shared_data / "banepa" / "images").glob("*.tif"),
    ]
    for image in images:
        with open_dataset(str(image)) as dataset:
            assert judge_colours(dataset.read()[:3, ::4, ::4].reshape(3, -1), RGB) is None
