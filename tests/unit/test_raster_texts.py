"""Tags, names of bands and of classes that are no UTF-8, in every command that reads a raster."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
from pyproj import CRS
from rasters import colours, write

from geoseg.cli import run
from geoseg.raster.class_values import open_classes
from geoseg.raster.legend import names_and_colours
from geoseg.raster.texts import as_xml
from geoseg.scene.describe import describe

CASES = Path(__file__).parents[3] / "shared" / "cases"
HOLE = b"Q" * 6  # what stands in a file until its bytes are put in
LATIN1 = "Gr\xfc\xdfe".encode("latin-1") + b"\x01"


def strange(path: Path, pixels: np.ndarray, **profile: object) -> Path:
    """Write a raster whose tags and names are Latin-1 with a control character."""
    hole = HOLE.decode()
    names = [hole] * len(pixels)
    tags = {"NAME": hole, "TIFFTAG_ARTIST": hole, "SENSOR": hole, hole: "key"}
    write(path, pixels, names, (1, 0, 4e5, 0, -1, 5e6), tags=tags, **profile)
    path.write_bytes(path.read_bytes().replace(HOLE, LATIN1))
    return path


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    grown = np.arange(12, dtype=np.uint8).reshape(1, 3, 4).repeat(16, 1).repeat(16, 2) % 3
    path = strange(tmp_path / "classes.tif", grown)
    Path(f"{path}.aux.xml").write_bytes(
        b'<PAMDataset><PAMRasterBand band="1"><CategoryNames><Category>B\xe4ume</Category>'
        b"<Category>B\xf6me</Category><Category>\xc3\x9cber</Category></CategoryNames></PAMRasterBand></PAMDataset>"
    )
    return path


def test_what_is_no_utf8_is_read_as_latin1(tmp_path: Path) -> None:
    scene = describe((str(strange(tmp_path / "rgb.tif", colours(40, 40), photometric="RGB")),))
    assert scene.tags["NAME"].startswith("Gr\xfc\xdfe")
    assert [layer.description[:5] for layer in scene.layers] == ["Gr\xfc\xdfe"] * 3
    assert scene.bands == ("red", "green", "blue")


def test_class_names_stay_apart(classes: Path) -> None:
    band = open_classes(str(classes)).band
    assert names_and_colours(str(classes), band)[0] == {
        0: "B\xe4ume",
        1: "B\xf6me",
        2: "\xdcber",
    }


def test_every_command_reads_such_files(
    classes: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rgb, out = (
        strange(tmp_path / "rgb.tif", colours(48, 64), photometric="RGB"),
        tmp_path / "out.gpkg",
    )
    told = "a=0,b=1,c=2"
    for words in (
        f"vectorize {classes} --out {out} --zonal {rgb}",
        f"evaluate {classes} {classes}",
        f"sample {classes} --points 12",
        f"models list --for {rgb}",
        f"predict {rgb} --model landcover-rgb --out {tmp_path / 'map.tif'}",
        f"batch {rgb} --model landcover-rgb --out-dir {tmp_path / 'maps'}",
        f"train --scenes {rgb} --labels {classes} --classes {told} --steps 1 --crop 32 --batch 1"
        f" --architecture halfsize --out {tmp_path / 'model'}",
    ):
        assert run(words.split()) == 0, capfd.readouterr().err
    assert set(pyogrio.read_dataframe(out, layer="out")["class"]) == {
        "B\xe4ume",
        "B\xf6me",
        "\xdcber",
    }


def test_the_case_is_read(tmp_path: Path) -> None:
    case = CASES / "latin1_tag.tif"
    if not case.exists():
        pytest.skip("../shared/cases is missing")
    assert run(["vectorize", str(case), "--out", str(tmp_path / "out.gpkg")]) == 0
    assert run(["evaluate", str(case), str(case)]) == 0
    assert run(["sample", str(case), "--points", "20"]) == 0


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xff", "\xff"),
        (b"\x00", "\ufffd"),
        (b"&#1;", "\ufffd"),
        (b"&#x1F;", "\ufffd"),
        (b"&#65;", "&#65;"),
        (b"&#9999999;", "\ufffd"),
        (b"&#xD800;", "\ufffd"),
        ("\xfc".encode() + b"\n\xfc", "\xfc\n\xfc"),
    ],
)
def test_it_becomes_what_xml_may_hold(raw: bytes, text: str) -> None:
    assert as_xml(raw) == text


@pytest.mark.parametrize("command", ["vectorize", "predict", "sample", "evaluate"])
def test_a_crs_named_in_latin1_is_refused_in_one_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = "<GeoTransform>500000,10,0,5000000,0,-10</GeoTransform>"
    crs = (
        CRS.from_epsg(32633)
        .to_wkt("WKT1_GDAL")
        .replace("WGS 84 / UTM zone 33N", "Z\xe4hler")
        .replace('"', "&quot;")
    )
    band = '<VRTRasterBand dataType="Byte" band="1"/>'
    text = f'<VRTDataset rasterXSize="8" rasterYSize="8"><SRS>{crs}</SRS>{place}{band}</VRTDataset>'
    path = tmp_path / "scene.vrt"
    path.write_bytes(text.encode("latin-1"))
    more = [str(path)] if command == "evaluate" else ["--out", str(tmp_path / "out.gpkg")]
    more += ["--points", "10"] if command == "sample" else []
    assert run([command, str(path), *more]) == 2
    assert "names its CRS in bytes that are no UTF-8" in capsys.readouterr().err
