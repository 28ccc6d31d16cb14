"""Scenes behind a real web server, nginx, that is late, busy, hangs up and breaks off: the map is
that of the same files on this disk, or there is an error, and never a hole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from bundles import make_bundle
from deliveries import write_landsat
from nginx import NGINX, Nginx, serve_by_nginx
from rasters import colours, write

import geoseg
from geoseg.core.errors import InputError
from geoseg.raster import fetch, handles, patience
from geoseg.scene.describe import describe
from geoseg.scene.source import BandReader

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
SIDE = 300
METRE = (1.0, 0.0, 5e5, 0.0, -1.0, 5e6)
NAMES = ("red", "green", "blue")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenes, an item of STAC, a product in an archive, and a model beside them."""
    folder = tmp_path_factory.mktemp("served")
    plain = write(folder / "plain.tif", colours(SIDE, SIDE), NAMES, METRE)
    cog = {"driver": "COG", "compress": "deflate", "blocksize": 128}
    rasterio.shutil.copy(plain, str(folder / "cog.tif"), **cog)
    item = {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": "scene",
        "geometry": None,
        "links": [],
        "properties": {"datetime": "2026-06-01T10:00:00Z"},
        "assets": {"image": {"href": "./cog.tif", "bands": [{"name": name} for name in NAMES]}},
    }
    (folder / "item.json").write_text(json.dumps(item))
    product = write_landsat(folder / "landsat")
    shutil.make_archive(str(folder / "product"), "zip", product.path.parent, product.path.name)
    make_bundle(folder / "model")
    return folder


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nginx]:
    monkeypatch.setattr(patience, "PAUSES", (0.01,) * 6)
    monkeypatch.setitem(handles.REMOTE, "GDAL_HTTP_RETRY_DELAY", 0.01)
    with serve_by_nginx(folder) as running:
        yield running


def pixels(scene: str) -> np.ndarray:
    """All bands, by blocks."""
    layers = describe((scene,)).layers
    with BandReader(layers) as reader:
        found = np.zeros((len(layers), *reader.grid.extent.shape), reader.dtype)
        for window in reader.grid.extent.blocks(100):
            found[:, *window.within(reader.grid.extent)] = reader.read(window).data
    return found


@pytest.mark.parametrize("name", ["plain.tif", "cog.tif", "product.zip"])
def test_what_a_bad_server_gives_is_what_the_file_holds(
    folder: Path, server: Nginx, name: str
) -> None:
    there = pixels(f"{server.address}/badly/{name}")
    assert np.array_equal(there, pixels(str(folder / name)))
    assert set(server.fates()) > {"well"}


def test_a_map_of_an_item_by_a_bad_server_is_that_of_its_file(
    folder: Path, server: Nginx, tmp_path: Path
) -> None:
    maps = []
    for scene in (f"{server.address}/badly/item.json", folder / "plain.tif"):
        out = tmp_path / f"{len(maps)}.tif"
        geoseg.predict(scene, out, model=folder / "model", device="cpu", tile=128)
        with rasterio.open(out) as raster:
            maps.append(raster.read())
    assert np.array_equal(*maps)
    assert set(server.fates()) > {"well"}


@pytest.mark.parametrize("name", ["plain.tif", "cog.tif"])
def test_a_header_that_breaks_off_is_an_error(server: Nginx, name: str) -> None:
    """GDAL opens a file without the tags that are missing: the CRS, nodata, the bands' names."""
    with pytest.raises(InputError, match=rf"{name} cannot be opened as a raster"):
        describe((f"{server.address}/cut/{name}",))


def test_a_server_that_is_always_busy_ends_in_an_error(
    folder: Path, server: Nginx, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"item\.json was not given: the server answers 503"):
        fetch.read_file(f"{server.address}/busy/item.json")
    out = tmp_path / "map.tif"
    with pytest.raises(InputError, match=r"cog\.tif.*503"):
        geoseg.predict(f"{server.address}/busy/cog.tif", out, model=folder / "model", device="cpu")
    assert not list(tmp_path.iterdir())
