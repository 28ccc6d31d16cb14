"""Digital numbers to values: the user's word, the header, the product, the card; in this order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from cards import RGB, S2
from rasters import reflectances, write

from geoseg.core.card import Scaling
from geoseg.core.errors import InputError
from geoseg.core.options import Options
from geoseg.scene.describe import describe
from geoseg.scene.match import match_bands
from geoseg.scene.scaling import decide_scaling
from geoseg.scene.source import open_raster


def decide(path: str, options: Options = Options(), card=S2) -> tuple[Scaling, str]:  # noqa: B008 - frozen
    info = describe((path,))
    return decide_scaling(
        info, match_bands(info, card, options.reading.bands).layers, card, options
    )


@pytest.fixture
def plain(tmp_path: Path) -> str:
    return write(tmp_path / "a.tif", reflectances(9, 8, 8), S2.band_names)


def with_header(path: str, scales: list[float], offsets: list[float]) -> str:
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = scales, offsets
    return path


def test_the_cards_by_default(plain: str) -> None:
    scaling, why = decide(plain)
    assert scaling == S2.scaling
    assert (
        why == "reflectance = DN x 0.0001 +0, the one of landcover-s2: file and product say nothing"
    )


def test_the_header_before_the_card(plain: str) -> None:
    scaling, why = decide(with_header(plain, [2e-5] * 9, [-0.2] * 9))
    assert scaling == Scaling(2e-5, -0.2)
    assert "from the file's header" in why


def test_the_option_before_the_header(plain: str) -> None:
    path = with_header(plain, [2e-5] * 9, [-0.2] * 9)
    assert decide(path, Options.of(scale=1e-3))[0] == Scaling(1e-3, 0.0)
    assert decide(path, Options.of(scale=1e-3, offset=0.5))[0] == Scaling(1e-3, 0.5)
    assert decide(path, Options.of(offset=0.5))[0] == Scaling(2e-5, 0.5)


def test_bands_that_differ_come_to_values_each_by_itself(plain: str) -> None:
    with rasterio.open(plain) as raster:
        before = raster.read()
    path = with_header(plain, [1e-4] * 8 + [2e-4], [0.0] * 8 + [-0.1])
    scaling, why = decide(path)
    assert scaling == Scaling()
    assert "each band's own scale and offset" in why
    with open_raster((path,), S2, Options()) as source:
        patch = source.read(source.grid.extent)
    assert patch.data.dtype == np.float32
    expected = before * np.array([1e-4] * 8 + [2e-4])[:, None, None]
    expected[8] -= 0.1
    np.testing.assert_allclose(patch.data, expected, rtol=1e-6, atol=1e-7)
    assert decide(path, Options.of(scale=1e-4))[0] == Scaling(1e-4)


def test_bands_of_which_some_say_nothing_are_refused(plain: str) -> None:
    path = with_header(plain, [1e-4] * 8 + [1.0], [0.0] * 9)
    with pytest.raises(InputError, match=r"different scales or offsets.*--scale"):
        decide(path)
    with pytest.raises(InputError, match=r"different scales or offsets.*--scale"):
        decide(with_header(plain, [1e-4] * 8 + [2e-4], [0.0] * 9), Options.of(offset=0.5))


def test_bands_out_of_use_may_differ(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", reflectances(10, 8, 8), [*S2.band_names, "B01"])
    assert decide(with_header(path, [2e-4] * 9 + [1.0], [0.0] * 10))[0] == Scaling(2e-4)


def test_a_products_reflectance_is_no_model_of_digital_numbers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif",
        np.ones((3, 4, 4), np.uint8),
        ["red", "green", "blue"],
        tags={"PROCESSING_BASELINE": "05.00"},
    )
    assert decide(path, card=RGB)[0] == Scaling()
