"""A user's own model of a satellite product: trained on its folder, mapping its folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from deliveries import SIZE, pack_tar, write_landsat
from rasters import write

from geoseg.cli import run
from geoseg.models import find_model


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read(1)


@pytest.mark.parametrize(("level", "craft"), [("L2SP", 8), ("L1TP", 5)])
def test_a_landsat_folder_is_trained_on_and_mapped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], level: str, craft: int
) -> None:
    product = write_landsat(tmp_path, level, craft=craft)
    nir = next(product.path.glob("*_B5.TIF" if craft == 8 else "*_B4.TIF"))
    truth = np.ones(SIZE, np.uint8)
    truth[:, SIZE[1] // 2 :] = 2
    with rasterio.open(nir, "r+") as raster:
        place = raster.transform[:6]
        pixels = raster.read(1)
        raster.write(
            np.where(pixels, pixels // 4 + 6000 * truth.astype(int), 0).astype(np.uint16), 1
        )
    labels = write(tmp_path / "labels.tif", truth[None], transform=place)
    out = tmp_path / "own"
    words = ["--classes", "dark=1,bright=2", "--encoder", "small", "--crop", "32", "--batch", "4"]
    words += ["--steps", "160", "--device", "cpu", "--quiet"]
    scene = str(product.path)
    assert run(["train", "--scenes", scene, "--labels", labels, *words, "--out", str(out)]) == 0
    card = find_model(str(out)).card
    # thermal bands and QA are no reflectance
    assert card.band_names == tuple(name for name in product.bands if not thermal(name))
    assert (card.unit, card.sensor) == ("reflectance", product.sensor)
    assert card.gsd == pytest.approx(30, rel=1e-3)
    assert all(0 <= band.low < band.high < 2 for band in card.bands)

    made = tmp_path / "map.tif"
    assert run(["predict", scene, "--model", str(out), "--out", str(made), "--device", "cpu"]) == 0
    told = capsys.readouterr().err
    assert f"{product.product}: reflectance = " in told
    found = read(made)
    assert found.shape == SIZE
    known = found != 255
    assert not known[:7, :7].any()
    assert (found == truth)[known].mean() > 0.8  # it has learned, with the right numbers
    packed = pack_tar(product.path, tmp_path / f"{product.path.name}.tar")
    again = tmp_path / "again.tif"
    words = ["predict", str(packed), "--model", str(out), "--out", str(again), "--device", "cpu"]
    assert run([*words, "--quiet"]) == 0
    assert (read(again) == found).all()
    masked = tmp_path / "masked.tif"
    words = ["predict", scene, "--model", str(out), "--out", str(masked), "--mask", "clouds,snow"]
    assert run([*words, "--device", "cpu"]) == 0
    assert "% masked (clouds, snow by QA_PIXEL)" in capsys.readouterr().err
    lost = product.masks["clouds"] | product.masks["snow"] | product.masks["nodata"]
    assert (read(masked) == np.where(lost, 255, found)).all()


def thermal(name: str | None) -> bool:
    return name is None or name.startswith("lwir") or name == "pan"


def test_no_shipped_model_takes_landsat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    product = write_landsat(tmp_path)
    out = tmp_path / "map.tif"
    for words in ([], ["--model", "landcover-s2"]):
        assert run(["predict", str(product.path), "--out", str(out), *words]) != 0
        told = capsys.readouterr().err
        assert "Landsat 8 Collection 2 L2SP" in told
        assert "30 m" in told
        assert not out.exists()
    assert run(["predict", str(product.path), "--out", str(out), "--mask", "clouds,rain"]) != 0
    assert "--mask clouds,rain; expected some of clouds" in capsys.readouterr().err
