"""How files are read: every block once whatever the layout, from a server too, which may be
busy, slow or die.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from cards import RGB
from range_server import Server, serve
from rasterio.env import get_gdal_config
from rasters import colours, write

from geoseg.core.errors import InputError, RunError
from geoseg.core.grid import Grid, Patch
from geoseg.core.options import Options
from geoseg.core.threads import prefetch, write_in_background
from geoseg.core.tiling import choose_tiling
from geoseg.raster import handles, patience
from geoseg.raster.handles import gdal_env
from geoseg.raster.locations import is_remote
from geoseg.raster.sink import create_raster
from geoseg.scene.source import Source, open_raster

METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
SIDE = 1024
OPTIONS = Options.of(tile=160, overlap=32, bands=(1, 2, 3), force=True)
LAYOUTS = {
    "tiles": {
        "tiled": True,
        "blockxsize": 128,
        "blockysize": 128,
        "compress": "deflate",
        "interleave": "pixel",
    },
    "tiles by band": {
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "zstd",
        "interleave": "band",
    },
    "rows": {"compress": "deflate", "blockysize": 1, "interleave": "pixel"},
    "strips by band": {"compress": "lzw", "blockysize": 16, "interleave": "band"},
    "raw": {},
    "jpeg": {
        "tiled": True,
        "blockxsize": 128,
        "blockysize": 128,
        "compress": "jpeg",
        "photometric": "YCBCR",
        "interleave": "pixel",
    },
}


@pytest.fixture
def _small_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """As small as what the scene asks for: these scenes would fit whole into the usual one."""
    monkeypatch.setattr(handles, "CACHE", 0)


def bytes_read() -> int:
    """What this process has read so far, from the system's own count."""
    return int(Path("/proc/self/io").read_text().split()[1])


def read_all(source: Source, readers: int) -> int:
    """Read all tiles as a run does; return their number."""
    tiles = choose_tiling(source.grid, RGB, OPTIONS).tiles()
    return sum(1 for _ in prefetch(source.read, tiles, readers, readers + 2))


@pytest.mark.usefixtures("_small_cache")
@pytest.mark.skipif(sys.platform != "linux", reason="the system does not count what is read")
@pytest.mark.parametrize("readers", [1, 2])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_block_is_decoded_once(tmp_path: Path, layout: str, readers: int) -> None:
    """A block that is decoded again is read from the file again."""
    path = write(tmp_path / "scene.tif", colours(SIDE, SIDE), transform=METRE, **LAYOUTS[layout])
    for _ in range(
        1 if readers == 1 else 10
    ):  # one of two readers may be held up until its blocks are gone
        with open_raster((path,), RGB, OPTIONS) as source:
            before = bytes_read()
            assert read_all(source, readers) == 64
            share = (bytes_read() - before) / Path(path).stat().st_size
        if share < 1.1:
            break
    assert 0.7 < share < 1.1  # some of it was read when the scene was opened


@pytest.mark.usefixtures("_small_cache")
def test_with_a_cache_too_small_the_count_would_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("the system does not count what is read")
    monkeypatch.setattr(handles, "CACHE_LIMIT", 1 << 18)
    path = write(tmp_path / "scene.tif", colours(SIDE, SIDE), transform=METRE, **LAYOUTS["tiles"])
    with open_raster((path,), RGB, OPTIONS) as source:
        before = bytes_read()
        read_all(source, 1)
        assert bytes_read() - before > 1.5 * Path(path).stat().st_size


def test_jpeg2000_is_decoded_by_the_thread_that_reads(tmp_path: Path) -> None:
    """GDAL's own threads would flush the map that another thread writes; see gdal_env."""
    scene = tmp_path / "scene.jp2"
    whole = colours(512, 512)
    rasterio.shutil.copy(
        write(tmp_path / "a.tif", whole, transform=METRE),
        str(scene),
        driver="JP2OpenJPEG",
        QUALITY=100,
        REVERSIBLE="YES",
        BLOCKXSIZE=128,
        BLOCKYSIZE=128,
    )
    with gdal_env():
        assert get_gdal_config("GDAL_NUM_THREADS") == 1
    grid = Grid(512, 512)
    with open_raster((str(scene),), RGB, OPTIONS) as source:
        patches = prefetch(source.read, grid_strips(grid), 2, 4)
        with create_raster(str(tmp_path / "map.tif"), grid, grid.extent, RGB, {}) as sink:
            write_in_background(
                lambda patch: sink.write(Patch(patch.window, patch.data[:1])), patches
            )
    with rasterio.open(tmp_path / "map.tif") as raster:
        assert np.array_equal(raster.read(1), whole[0])


def grid_strips(grid: Grid) -> Iterator:
    return grid.extent.blocks(64)


@pytest.fixture(scope="module")
def cog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cog")
    plain = write(folder / "plain.tif", colours(SIDE, SIDE), transform=METRE)
    rasterio.shutil.copy(
        plain,
        str(folder / "cog.tif"),
        driver="COG",
        compress="deflate",
        blocksize=128,
        overviews="none",
    )
    return folder / "cog.tif"


def fetched(server: Server) -> int:
    return sum(stop - start for status, start, stop in server.requests() if status == 206)


@pytest.mark.usefixtures("_small_cache")
def test_a_cog_is_fetched_once_over_http(cog: Path, tmp_path: Path) -> None:
    (tmp_path / "cog.tif").symlink_to(cog)
    with serve(tmp_path) as server, open_raster((f"{server.url}/cog.tif",), RGB, OPTIONS) as source:
        before = fetched(server)  # a sample of a scene as small as this is half of it
        read_all(source, 2)
        assert fetched(server) - before < 1.1 * cog.stat().st_size


def test_a_server_that_is_busy_is_asked_again(
    cog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSES", (0.01,) * 8)
    monkeypatch.setitem(handles.REMOTE, "GDAL_HTTP_RETRY_DELAY", 0.01)
    (tmp_path / "busy.tif").symlink_to(cog)
    with (
        serve(tmp_path, nth=6) as server,
        open_raster((f"{server.url}/busy.tif",), RGB, OPTIONS) as source,
    ):
        found = source.read(source.grid.extent).data
        assert any(status == 503 for status, _, _ in server.requests())
    with rasterio.open(cog) as raster:
        assert np.array_equal(found, raster.read())


def test_a_server_that_dies_is_told(
    cog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSES", (0.01,))
    monkeypatch.setitem(handles.REMOTE, "GDAL_HTTP_RETRY_DELAY", 0.01)
    (tmp_path / "dead.tif").symlink_to(cog)
    with (
        serve(tmp_path) as server,
        open_raster((f"{server.url}/dead.tif",), RGB, OPTIONS) as source,
    ):
        server.process.kill()
        server.process.wait()
        with pytest.raises(
            RunError, match=r"dead\.tif cannot be read at rows .*the server did not give it.*\(.+\)"
        ):
            read_all(source, 2)


def test_what_is_not_on_a_server_is_said_at_once(tmp_path: Path) -> None:
    with (
        serve(tmp_path) as server,
        pytest.raises(InputError, match=r"none\.tif cannot be opened as a raster.*404"),
    ):
        open_raster((f"{server.url}/none.tif",), RGB, OPTIONS)


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("scene.tif", False),
        ("/vsicurl/http://a/b.tif", True),
        ("https://a/b.tif", True),
        ("s3://a/b.tif", True),
        ("/vsizip/a.zip/b.tif", False),
        ("/vsizip//vsicurl/http://a/b.zip/c.tif", True),
        ("/vsimem/a.tif", False),
    ],
)
def test_what_is_fetched_over_a_network(path: str, remote: bool) -> None:
    assert is_remote(path) is remote
