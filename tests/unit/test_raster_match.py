"""Matching a model's bands: by name, by number, never by position."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cards import RGB, S2
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.errors import InputError, ModelError
from geoseg.core.grid import Grid
from geoseg.raster.band_info import BandInfo
from geoseg.scene.bands import SENTINEL2
from geoseg.scene.describe import SceneInfo
from geoseg.scene.match import match_bands

GRID = Grid(10, 10)


def info(*names: str | None, sensor: str | None = None, sizes: tuple[int, ...] = ()) -> SceneInfo:
    grids = [Grid(10, 10, (size, 0, 0, 0, -size, 0)) for size in sizes] or [GRID] * len(names)
    layers = tuple(
        BandInfo("a.tif", i + 1, grids[i], "uint8", name or "", "undefined", name=name)
        for i, name in enumerate(names)
    )
    return SceneInfo(("a.tif",), GRID, 10.0, layers, sensor)


@given(st.permutations(range(12)))
def test_any_order_of_bands_is_found(order: list[int]) -> None:
    names = [*S2.band_names, "B8A", "B01", "B10"]
    scene = info(*(names[i] for i in order), sensor=SENTINEL2)
    match = match_bands(scene, S2)
    assert [scene.bands[i - 1] for i in match.indices] == list(S2.band_names)


def test_common_names_serve() -> None:
    wanted = [band.common_name for band in S2.bands]
    assert match_bands(info(*wanted), S2).indices == tuple(range(1, 10))


def test_sentinel2_codes_serve_a_model_of_colours() -> None:
    assert match_bands(info("B02", "B03", "B04", "B08", sensor=SENTINEL2), RGB).indices == (3, 2, 1)


def test_missing_bands_are_named() -> None:
    with pytest.raises(
        ModelError, match=r"without B11, B12; expected B02, .*the files of all its bands"
    ) as caught:
        match_bands(info(*S2.band_names[:7], sensor=SENTINEL2), S2)
    assert "--bands" not in str(caught.value)  # no choice among seven bands makes nine


def test_unnamed_bands_ask_for_numbers() -> None:
    with pytest.raises(ModelError, match="--bands N,N,N, the numbers of red, green, blue"):
        match_bands(info(None, None, None, None), RGB)


def test_the_finer_of_two_of_a_name() -> None:
    assert match_bands(
        info("red", "green", "blue", "red", sizes=(20, 10, 10, 10)), RGB
    ).indices == (4, 2, 3)


def test_two_of_a_name_and_size_are_refused() -> None:
    with pytest.raises(ModelError, match="bands 1 and 4 of the scene are both red"):
        match_bands(info("red", "green", "blue", "red"), RGB)


def test_one_band_does_not_serve_twice() -> None:
    card = replace(
        RGB,
        bands=(RGB.bands[0], replace(RGB.bands[0], name="red2", common_name="red"), RGB.bands[2]),
    )
    with pytest.raises(ModelError, match="serve twice"):
        match_bands(info("red", "green", "blue"), card)


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ((1, 2), "names 2 bands; expected 3"),
        ((1, 2, 3, 4), "names 4 bands"),
        ((1, 2, 5), "numbers from 1 to 4"),
        ((1, 2, 2), "twice"),
    ],
)
def test_numbers_are_checked(bands: tuple[int, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        match_bands(info(None, None, None, None), RGB, bands)


def test_a_palette_is_expanded_first() -> None:
    scene = info(None)
    scene = replace(scene, layers=(replace(scene.layers[0], colour="palette"),))
    with pytest.raises(ModelError, match="-expand rgb"):
        match_bands(scene, RGB)
