"""What `geoseg check` says of a scene, to people, to programs and from Python, and that a run says
the same.
"""

from __future__ import annotations

import json
from pathlib import Path

import cards
import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasters import colours, reflectances, write

import geoseg
from geoseg.cli import run
from geoseg.cli.check import check
from geoseg.core.events import Noted
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.prediction.check import check_scene
from geoseg.prediction.pipeline import segment
from geoseg.scene import picture
from geoseg.scene.describe import describe
from geoseg.scene.picture import scene_picture
from geoseg.scene.source import BandReader
from geoseg.scene.wavelengths import centre

S2 = cards.S2
NAMES = S2.band_names


@pytest.fixture
def scene(tmp_path: Path) -> str:
    return write(tmp_path / "scene.tif", reflectances(9, 40, 60), NAMES)


def asked(*arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(check, list(arguments))
    assert (done.exit_code == 0) == (status == 0), done.output
    return done.stdout


def test_people_read_what_the_scene_is_and_what_fits(scene: str) -> None:
    lines = asked(scene).splitlines()
    assert lines[0] == scene
    assert "sensor      Sentinel-2" in lines[2]
    assert any(line.split()[:5] == ["3", "B04", "red", "665", "nm"] for line in lines)
    assert "landcover-s2: fits" in lines
    assert "landcover-rgb: does not fit" in lines
    own = lines[lines.index("landcover-rgb: does not fit") :]
    refused = [line for line in own[: own.index("")] if line.startswith("  no   ")]
    assert [line.split(":")[0] for line in refused] == ["  no   data type", "  no   pixel size"]
    assert lines[-1].startswith("auto takes landcover-s2: the scene has its bands")


def test_a_name_of_a_band_is_no_line_of_its_own(scene: str) -> None:
    with rasterio.open(scene, "r+") as raster:
        raster.set_band_description(1, "B02\n  sensor      Other")
    lines = asked(scene).splitlines()
    assert sum("sensor      " in line for line in lines) == 1
    assert any(line.endswith("B02 sensor Other") for line in lines)


def test_programs_get_what_python_returns(scene: str) -> None:
    found = json.loads(asked(scene, "--json"))
    assert found == json.loads(json.dumps(geoseg.check(scene).to_dict()))
    facts = found["scene"]
    assert (facts["height"], facts["width"], facts["valid"]) == (40, 60, 1.0)
    assert facts["footprint"]["type"] == "Polygon"
    assert [band["wavelength"] for band in facts["bands"][:3]] == [492, 560, 665]
    assert found["auto"]["model"] == "landcover-s2"
    assert "landcover-s2" in found["fitting"]
    own = {model["model"]: model for model in found["models"]}
    assert all(finding["fits"] for finding in own["landcover-s2"]["findings"])
    aspects = [finding["aspect"] for finding in own["landcover-s2"]["findings"]]
    assert aspects == ["sensor", "bands", "data type", "scaling", "pixel size", "values"]


def test_a_scene_that_nothing_fits_ends_as_a_run_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene = write(tmp_path / "a.tif", reflectances(5, 30, 30), [""] * 5)
    for more in ([], ["--model", "landcover-s2"]):
        told = []
        for command in (["check"], ["predict", "--out", str(tmp_path / "a.gpkg")]):
            status = run([command[0], scene, *command[1:], *more])
            captured = capfd.readouterr()
            told.append((status, captured.err.splitlines()[-1]))
        assert told[0] == told[1]
        assert told[0][0] == 2
    assert run(["check", scene, "--json", "--model", "landcover-s2"]) == 2
    assert json.loads(capfd.readouterr().out)["fitting"] == []


def test_a_run_tells_all_that_keeps_the_model_from_the_scene(tmp_path: Path) -> None:
    """What `check` finds is what a run says: the first as its error, the others before it."""
    scene = write(
        tmp_path / "a.tif", reflectances(9, 30, 30), NAMES, transform=(30, 0, 5e5, 0, -30, 5e6)
    )
    (fit,) = geoseg.check(scene, "landcover-rgb").models
    refused = [found for found in fit.findings if found.error]
    assert [found.aspect for found in refused] == ["data type", "pixel size"]
    said: list[object] = []
    job = Job((scene,), "landcover-rgb", str(tmp_path / "a_map.tif"), None, None, Options())
    with pytest.raises(geoseg.GeosegError) as raised:
        segment(job, said.append)
    assert str(raised.value) == str(refused[0].error)
    notes = [event.text for event in said if isinstance(event, Noted)]
    assert notes == [f"nor does landcover-rgb fit the scene's pixel size: {refused[1].error}"]


@pytest.mark.parametrize(
    ("change", "aspect", "words"),
    [
        (lambda p: (p.astype(np.uint32) * 6).clip(0, 65535).astype(np.uint16), "values", "--scale"),
        (lambda p: p.astype(np.uint8), "data type", "uint8"),
    ],
)
def test_the_words_name_the_cause(tmp_path: Path, change: object, aspect: str, words: str) -> None:
    pixels = change(reflectances(9, 60, 60))  # type: ignore[operator]
    scene = write(tmp_path / "a.tif", pixels, NAMES)
    (fit,) = check_scene((scene,), [S2], Options(), auto=False).models
    refused = {found.aspect: str(found.error) for found in fit.findings if found.error}
    assert list(refused) == [aspect]
    assert words in refused[aspect]


def test_bands_of_landsat_with_sentinels_codes_are_not_taken_for_sentinels(tmp_path: Path) -> None:
    names = ["B02", "B03", "B04", "B05", "B06", "B07"]
    scene = write(tmp_path / "a.tif", reflectances(6, 30, 30), names)
    (fit,) = check_scene((scene,), [S2], Options(), auto=False).models
    assert "Sentinel-2's or Landsat's" in fit.why_not


def test_areas_without_data_and_constants_are_told(tmp_path: Path) -> None:
    pixels = colours(200, 200)
    pixels[:, :100] = 0
    scene = write(tmp_path / "a.tif", pixels, transform=(1, 0, 5e5, 0, -1, 5e6), photometric="RGB")
    found = geoseg.check(scene)
    assert found.coverage is not None
    assert (found.coverage.valid, list(found.coverage.constants)) == (1.0, [0.0])
    share = found.coverage.constants[0.0]
    assert share == pytest.approx(0.5, abs=0.05)
    assert f"0 in all bands of about {share:.1%}, not marked as nodata" in asked(scene)
    told = geoseg.check(scene, nodata=0)
    assert told.coverage is not None
    assert told.coverage.valid == pytest.approx(0.5, abs=0.01)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_scene_without_a_place_or_of_complex_numbers_is_told(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.tif", reflectances(9, 30, 30), NAMES, transform=None, crs=None)
    facts = json.loads(asked(plain, "--json"))["scene"]
    assert (facts["crs"], facts["footprint"], facts["pixel_size"]) == (None, None, None)
    waves = write(tmp_path / "b.tif", np.ones((1, 20, 20), np.complex64))
    found = geoseg.check(waves)
    assert (found.coverage, found.fitting) == (None, ())


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_the_picture_shows_the_scene_with_north_up(tmp_path: Path) -> None:
    pixels = np.full((3, 40, 30), 60, np.uint8)
    pixels[0, :20] = 200  # red in the north
    north = write(tmp_path / "n.tif", pixels, transform=(1, 0, 5e5, 0, -1, 5e6), photometric="RGB")
    south = write(
        tmp_path / "s.tif",
        np.ascontiguousarray(pixels[:, ::-1]),
        transform=(1, 0, 5e5, 0, 1, 5e6 - 40),
        photometric="RGB",
    )
    pictures = [scene_picture(describe((path,))) for path in (north, south)]
    assert pictures[0] == pictures[1]
    out = tmp_path / "n.png"
    asked(north, "--quicklook", str(out))
    with rasterio.open(out) as drawn:
        shown = drawn.read()
    assert shown.shape == (3, 40, 30)
    assert shown[0, 0, 0] > shown[0, -1, -1]
    assert out.read_bytes() == pictures[0][0]


def test_a_picture_of_a_scene_without_overviews_is_picked_out_of_its_rows(tmp_path: Path) -> None:
    data = colours(1300, 2100)
    data[:, 500:700] = 0
    path = write(tmp_path / "a.tif", data, nodata=0, tiled=True, blockxsize=256, blockysize=256)
    layers = describe((str(path),)).layers[:3]
    rows, columns = 634, 1024
    with BandReader(layers) as reader:
        pixels, valid = picture._pick(reader, rows, columns)
    at_rows = ((np.arange(rows) + 0.5) * 1300 / rows).astype(int)
    at_columns = ((np.arange(columns) + 0.5) * 2100 / columns).astype(int)
    assert np.array_equal(pixels, data[:3][:, at_rows][:, :, at_columns])
    assert np.array_equal(valid, (data[:3] != 0).any(axis=0)[at_rows][:, at_columns])


def test_a_picture_replaces_nothing_unless_told(
    scene: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "there.png"
    out.write_text("mine")
    assert run(["check", scene, "--quicklook", str(out)]) == 2
    assert out.read_text() == "mine"
    assert run(["check", scene, "--quicklook", str(tmp_path / "a.jpg")]) == 2
    assert "ends in .png" in capfd.readouterr().err
    assert run(["check", scene, "--quicklook", str(out), "--overwrite"]) == 0
    assert out.read_bytes()[1:4] == b"PNG"
    assert {path.name for path in tmp_path.iterdir()} == {"scene.tif", "there.png"}


@pytest.mark.parametrize(
    ("sensor", "name", "expected"),
    [
        ("Sentinel-2", "B8A", 865),
        ("Landsat 8/9", "nir08", 865),
        ("Landsat 4-7", "nir08", 835),
        (None, "red", None),
        ("Landsat", "red", None),
        ("Sentinel-2", None, None),
    ],
)
def test_wavelengths_are_those_of_the_sensor(
    sensor: str | None, name: str | None, expected: int | None
) -> None:
    assert centre(sensor, name) == expected


def test_wavelengths_agree_with_the_cards() -> None:
    known = [
        (centre(card.sensor, band.name), band.wavelength)
        for card in (bundle.card for bundle in geoseg.list_models())
        for band in card.bands
        if card.sensor == "Sentinel-2" and band.wavelength
    ]
    assert known
    assert all(nm is not None and abs(nm / 1000 - um) < 0.005 for nm, um in known)
