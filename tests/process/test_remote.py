"""Scenes that lie on a server: the same bytes as from this disk, by few requests, whatever fails
on the way; or an error, and never a hole.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from bundles import make_bundle
from commands import environment
from range_server import Server, serve
from rasters import colours, reflectances, write
from s3_server import settings
from shapely.geometry import box

import geoseg
from geoseg.core.errors import InputError, RunError
from geoseg.core.grid import Window
from geoseg.raster import fetch, handles, patience, web
from geoseg.scene.describe import describe
from geoseg.scene.source import BandReader

SIDE = 700
FORMS = {
    "cog": {"driver": "COG", "compress": "deflate", "blocksize": 128},
    "strips": {"driver": "GTiff", "compress": "deflate"},
    "jp2": {
        "driver": "JP2OpenJPEG",
        "QUALITY": 100,
        "REVERSIBLE": "YES",
        "BLOCKXSIZE": 256,
        "BLOCKYSIZE": 256,
    },
}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One scene of three bands in several forms."""
    folder = tmp_path_factory.mktemp("forms")
    plain = write(folder / "plain.tif", reflectances(3, SIDE, SIDE), names=("B02", "B03", "B04"))
    for name, how in FORMS.items():
        rasterio.shutil.copy(plain, str(folder / name), **how)
    return folder


@pytest.fixture
def server(forms: Path, tmp_path: Path) -> Server:
    for name in FORMS:
        (tmp_path / f"{name}.tif").write_bytes((forms / name).read_bytes())
    with serve(tmp_path) as running:
        yield running


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSES", (0.01,) * 6)
    monkeypatch.setitem(handles.REMOTE, "GDAL_HTTP_RETRY_DELAY", 0.01)


def read_all(path: str, side: int = 300) -> np.ndarray:
    """All pixels, window after window, as a run reads them."""
    info = describe((path,))
    with BandReader(info.layers) as reader:
        found = np.zeros((len(info.layers), SIDE, SIDE), reader.dtype)
        for window in (
            Window(top, left, min(top + side, SIDE), min(left + side, SIDE))
            for top in range(0, SIDE, side)
            for left in range(0, SIDE, side)
        ):
            found[:, window.top : window.bottom, window.left : window.right] = reader.read(
                window
            ).data
    return found


@pytest.mark.parametrize(
    "faults",
    [{}, {"cut": 4}, {"short": 4}, {"delay": 0.02}, {"head": 403}, {"head": 405}],
    ids=str,
)
@pytest.mark.parametrize("form", FORMS)
def test_whatever_fails_on_the_way_the_pixels_are_those_of_the_file(
    forms: Path, server: Server, form: str, faults: dict[str, float]
) -> None:
    server.fails(**faults)
    assert np.array_equal(read_all(f"{server.address}/{form}.tif"), read_all(str(forms / form)))
    assert len(server.requests()) > 1


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_that_is_always_cut_ends_in_an_error_that_names_the_file(
    forms: Path, server: Server, form: str
) -> None:
    address = f"{server.address}/{form}.tif?sig=SECRET&opaque"
    info = describe((address,))
    with BandReader(info.layers) as reader:
        server.fails(cut=1)
        with pytest.raises(
            RunError, match=rf"{form}\.tif.*cannot be read at rows .*asked 7"
        ) as told:
            reader.read(Window(300, 300, 600, 600))
        assert "SECRET" not in str(told.value)
        assert "opaque" not in str(told.value)
        server.fails()
        known = read_all(str(forms / form))[:, 300:600, 300:600]
        assert np.array_equal(reader.read(Window(300, 300, 600, 600)).data, known)


@pytest.fixture
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "TIMEOUT", 0.2)
    monkeypatch.setattr(fetch, "LONGEST", 0.5)
    monkeypatch.setattr(patience, "LONGEST", 0.5)
    for name in ("GDAL_HTTP_LOW_SPEED_TIME", "GDAL_HTTP_CONNECTTIMEOUT"):
        monkeypatch.setitem(handles.REMOTE, name, 1)


@pytest.mark.usefixtures("_little_patience")
def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        for name, value in settings(place).items():
            monkeypatch.setenv(name, value)
        for server in (f"http://{place}", "s3://bucket"):
            for ask in (fetch.read_file, fetch.is_there, handles.open_dataset):
                with pytest.raises(InputError, match=r"a\.tif cannot be"):
                    ask(f"{server}/a.tif")


@pytest.mark.usefixtures("_little_patience")
def test_a_server_that_drips_is_given_up(forms: Path, server: Server) -> None:
    address = f"{server.address}/strips.tif"
    reader = BandReader(describe((address,)).layers)
    server.fails(drip=0.05)
    with pytest.raises(InputError, match=r"strips\.tif cannot be read: \d+ bytes in"):
        fetch.read_file(address)
    with reader, pytest.raises(RunError, match="the server did not give it"):
        reader.read(Window(300, 300, 600, 600))


def test_few_requests_open_a_scene(server: Server) -> None:
    """GDAL would ask for some fifty files that may lie beside it."""
    describe((f"{server.address}/cog.tif",))
    assert len(server.paths()) <= 12
    assert not any(path.endswith("/") for path in server.paths())  # nor for a list of the folder
    before = len(server.paths())
    describe((f"{server.address}/cog.tif?token=x",))
    asked = server.paths()[before:]
    assert len(asked) <= 4
    assert all(path.endswith("/cog.tif?token=x") for path in asked)


def test_a_mask_and_statistics_beside_a_remote_raster_count(tmp_path: Path) -> None:
    """A name without a query leads to what lies beside it, as on this disk."""
    path = write(tmp_path / "a.tif", reflectances(1, 64, 64))
    mask = np.full((64, 64), 255, np.uint8)
    mask[:20] = 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as raster:
        raster.write_mask(mask)
    assert (tmp_path / "a.tif.msk").exists()
    with serve(tmp_path) as server:
        info = describe((f"{server.address}/a.tif",))
        with BandReader(info.layers) as reader:
            valid = reader.read(Window(0, 0, 64, 64)).valid
    assert valid is not None
    assert np.array_equal(valid, mask > 0)


def test_names_with_spaces_letters_and_users_are_opened(tmp_path: Path) -> None:
    path = write(tmp_path / "ein Bild ü.tif", reflectances(2, 32, 32))
    with serve(tmp_path) as server:
        server.fails(user="me:p%w")
        address = server.address.replace("http://", "http://me:p%25w@")
        there = describe((f"{address}/ein Bild ü.tif",))
        assert there.grid == describe((path,)).grid
        with pytest.raises(InputError, match="401") as told:
            describe((f"{server.address.replace('http://', 'http://me:WRONG@')}/x.tif",))
        assert "WRONG" not in str(told.value)


def test_a_virtual_raster_of_remote_files_is_asked_for_again(
    forms: Path, server: Server, tmp_path: Path
) -> None:
    vrt = tmp_path / "scene.vrt"
    rasterio.shutil.copy(f"{server.url}/strips.tif", str(vrt), driver="VRT")
    server.fails(cut=4)
    assert np.array_equal(read_all(str(vrt)), read_all(str(forms / "strips")))


def test_a_small_file_is_fetched_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "item.json").write_bytes(b"x" * 1000)
    (tmp_path / "item.json.503").write_text("2")
    with serve(tmp_path) as server:
        assert fetch.read_file(f"{server.address}/item.json?sig=1") == b"x" * 1000
        with pytest.raises(InputError, match="larger than"):
            fetch.read_file(f"{server.address}/item.json", max_size=999)
        with pytest.raises(InputError, match="404"):
            fetch.read_file(f"{server.address}/none.json?sig=SECRET")
    with pytest.raises(InputError, match=r"none\.json\?sig=\*\*\* cannot be read") as told:
        fetch.read_file(f"{server.address}/none.json?sig=SECRET")
    assert "SECRET" not in str(told.value)


def test_for_a_small_area_little_is_fetched(tmp_path: Path) -> None:
    """Of an area of 1 % of the scene, at most 3 % of the file; and its map is that of the file."""
    side = 4096
    place = (1.0, 0.0, 5e5, 0.0, -1.0, 5e6)
    plain = write(tmp_path / "a.tif", colours(side, side), ("red", "green", "blue"), place)
    blocks = {"tiled": True, "blockxsize": 64, "blockysize": 64, "interleave": "pixel"}
    rasterio.shutil.copy(plain, str(tmp_path / "blocks.tif"), driver="GTiff", **blocks)
    x, y = place[2] + 1234, place[5] - 2345
    aoi = box(x, y - 410, x + 410, y).wkt
    how = {"model": make_bundle(tmp_path / "model"), "device": "cpu", "tile": 64}
    with serve(tmp_path) as server:
        for name, scene in (("there", f"{server.address}/blocks.tif"), ("here", plain)):
            geoseg.predict(scene, tmp_path / f"{name}.map.tif", aoi=aoi, **how)
        share = server.fetched() / (tmp_path / "blocks.tif").stat().st_size
        assert 0.01 < share < 0.03, share
    with (
        rasterio.open(tmp_path / "there.map.tif") as there,
        rasterio.open(tmp_path / "here.map.tif") as here,
    ):
        assert np.array_equal(there.read(), here.read())
        assert there.profile == here.profile


READ_ALL = """
import sys
from geoseg.raster import handles
from geoseg.scene.describe import describe
from geoseg.scene.source import BandReader
handles.CACHE = 4 << 20
with BandReader(describe((sys.argv[1],)).layers, tile=128) as reader:
    for window in reader.grid.extent.blocks(128):
        reader.read(window)
print(next(int(line.split()[1]) for line in open("/proc/self/status") if "VmHWM" in line))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell what was held")
def test_what_is_held_does_not_grow_with_the_file(tmp_path: Path) -> None:
    held = []
    how = {"tiled": True, "blockxsize": 128, "blockysize": 128}
    with serve(tmp_path) as server:
        for height in (512, 32 << 10):  # 2 MB and 128 MB, of which GDAL keeps 16 MB
            pixels = np.zeros((2, height, 1024), np.uint16)
            pixels[:] = np.arange(1024)
            write(tmp_path / f"{height}.tif", pixels, **how)
            words = [sys.executable, "-c", READ_ALL, f"{server.address}/{height}.tif"]
            done = subprocess.run(
                words, capture_output=True, text=True, check=True, env=environment()
            )
            held.append(int(done.stdout))
    assert held[1] - held[0] < 64 << 10  # kB
