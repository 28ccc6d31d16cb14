"""Scenes in the cloud, as users name them: addresses, STAC items, and what a STAC API finds."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import commands
import pytest
import rasterio
from azure_server import KEY, serve_azure
from batches import ASKED, COUNT, rasters
from range_server import Server, serve
from s3_server import serve_s3, settings

import geoseg
from geoseg.batches.stac_search import Search, search_scenes
from geoseg.cli import run
from geoseg.core.errors import InputError, OutputError
from geoseg.core.events import Event, Noted, Warned
from geoseg.core.options import Options
from geoseg.raster.fetch import read_file
from geoseg.raster.input_files import files_of

Item = dict[str, Any]
HOW: dict[str, Any] = {"device": "cpu", "engine": "openvino", "tile": 64}


def make_item(number: int, href: str, **properties: Any) -> Item:
    """An item whose footprint is a cell of one degree, east of the one before."""
    ring = [[number, 0], [number + 0.9, 0], [number + 0.9, 0.9], [number, 0.9], [number, 0]]
    bands = [{"name": name} for name in ("red", "green", "blue")]
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": [],
        "id": f"scene{number}",
        "collection": "photos",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [number, 0, number + 0.9, 0.9],
        "links": [],
        "properties": {"datetime": f"2026-06-{number + 1:02}T10:00:00Z"} | properties,
        "assets": {"image": {"href": href, "bands": bands}},
    }


def same_map(home: Path, path: Path, number: int = 0) -> bool:
    """Whether a class raster is that of the scene on this disk, but for the tags."""
    with rasterio.open(path) as found, rasterio.open(home / f"maps/scene{number}.tif") as known:
        return bool((found.read() == known.read()).all()) and found.profile == known.profile


@pytest.fixture(scope="module")
def store(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("bucket")
    shutil.copy(home / "scenes/scene0.tif", folder)
    (folder / "item.json").write_text(json.dumps(make_item(0, "./scene0.tif")))
    (folder / "absolute.json").write_text(json.dumps(make_item(0, "s3://scenes/scene0.tif")))
    with serve_s3(folder, "scenes") as server:
        yield server


@pytest.fixture
def s3(store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in settings(store).items():
        monkeypatch.setenv(name, value)
    return store


@pytest.mark.parametrize(
    "scene",
    [
        "s3://scenes/scene0.tif",
        "/vsis3/scenes/scene0.tif",
        "s3://scenes/item.json",
        "s3://scenes/absolute.json",
        "http://{server}/scenes/item.json",
        "http://{server}/scenes/absolute.json",
    ],
)
def test_a_scene_in_a_bucket_gives_the_map_of_its_file(
    home: Path, s3: str, tmp_path: Path, scene: str
) -> None:
    out = tmp_path / "map.tif"
    geoseg.predict(scene.format(server=s3), out, model=home / "model", **HOW)
    assert same_map(home, out)


def test_a_public_bucket_is_read_unsigned(
    home: Path, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (settings(store) | {"AWS_NO_SIGN_REQUEST": "YES"}).items():
        if "ACCESS_KEY" not in name:
            monkeypatch.setenv(name, value)
    geoseg.predict("s3://scenes/item.json", tmp_path / "map.tif", model=home / "model", **HOW)
    assert same_map(home, tmp_path / "map.tif")


@pytest.fixture(params=["gs", "az"])
def cloud(
    request: pytest.FixtureRequest, store: str, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """The scheme of a store, and the environment by which it is found, with keys."""
    if request.param == "gs":  # which speaks as Amazon's does, to who has such keys
        endpoint = {"CPL_GS_ENDPOINT": f"http://{store}/"}
        keys = {"GS_ACCESS_KEY_ID": "GOOGSECRETID", "GS_SECRET_ACCESS_KEY": "SECRETKEY"}
        yield "gs", endpoint | keys
        return
    folder = tmp_path_factory.mktemp("container")
    shutil.copy(home / "scenes/scene0.tif", folder)
    (folder / "item.json").write_text(json.dumps(make_item(0, "./scene0.tif")))
    with serve_azure(folder) as found:
        yield "az", found


def test_in_other_clouds_too_and_no_key_is_told(
    home: Path, cloud: tuple[str, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme, found = cloud
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    words = ["batch", f"{scheme}://scenes/scene0.tif", f"{scheme}://scenes/item.json"]
    words += [f"{scheme}://scenes/none.tif", "--retries", "0", "--model", str(home / "model")]
    done = commands.run(*words, "--out-dir", str(tmp_path / "maps"), *ASKED)
    maps = sorted((tmp_path / "maps").glob("scene0*.tif"))
    assert len(maps) == 2, done.stderr
    assert all(same_map(home, path) for path in maps)
    assert "none.tif" in done.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    told = (done.stdout + done.stderr).encode() + b"".join(path.read_bytes() for path in files)
    assert not [secret for secret in (b"SECRET", KEY.encode()) if secret in told]


def test_what_is_not_in_a_bucket_is_said(home: Path, s3: str, tmp_path: Path) -> None:
    for scene in ("s3://scenes/none.tif", "s3://scenes/none.json", "s3://nowhere/a.tif", "s3://a"):
        with pytest.raises(InputError, match=scene) as told:
            geoseg.predict(scene, tmp_path / "map.tif", model=home / "model", **HOW)
        assert "SECRET" not in str(told.value)
    assert not list(tmp_path.iterdir())


def test_no_output_goes_to_a_server(home: Path, s3: str, tmp_path: Path) -> None:
    scene = home / "scenes/scene0.tif"
    with pytest.raises(OutputError, match="does not lie on this machine"):
        geoseg.predict(scene, "s3://scenes/map.tif", model=home / "model", **HOW)
    with pytest.raises(OutputError, match="does not lie on this machine"):
        geoseg.batch(scene, "s3://scenes/maps", model=home / "model")
    assert run(["batch", str(scene), "--out-dir", "s3://scenes/maps"]) == 2
    assert not Path("s3:").exists()


def test_an_address_is_no_file_here_and_never_the_whole_disk() -> None:
    """Cut at its colons, //server:80/a.tif would lead to "/", all of whose files were listed."""
    assert not list(files_of("http://127.0.0.1:80/scene.tif"))
    assert not list(files_of("s3://bucket/scene.tif"))


@pytest.fixture
def server(home: Path, tmp_path: Path) -> Iterator[Server]:
    folder = Path(shutil.copytree(home / "scenes", tmp_path / "server"))
    with serve(folder) as running:
        yield running


def test_an_item_is_a_scene_of_predict_and_check(
    home: Path, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    item = make_item(0, "scene0.tif")
    (server.log.parent / "item.json").write_text(json.dumps(item))
    local = tmp_path / "local.json"
    local.write_text(json.dumps(make_item(0, str(home / "scenes/scene0.tif"))))
    asked = ["--model", str(home / "model"), "--device", "cpu", "--tile", "64"]
    for number, place in enumerate((f"{server.address}/item.json?sig=SECRET", str(local))):
        out = tmp_path / f"{number}.tif"
        assert run(["predict", place, "--out", str(out), "--engine", "openvino", *asked]) == 0
        assert same_map(home, out)
        assert run(["check", place, *asked[:2]]) == 0
        told = "".join(capsys.readouterr())
        assert "STAC item scene0: scene0.tif" in told
        assert "SECRET" not in told


def test_an_item_and_its_file_have_to_agree(home: Path, server: Server, tmp_path: Path) -> None:
    item = make_item(0, "scene0.tif")
    item["assets"]["image"]["raster:bands"] = [{"nodata": 0}] * 3
    item["assets"]["image"]["bands"].append({"name": "nir"})
    (server.log.parent / "item.json").write_text(json.dumps(item))
    with pytest.raises(InputError, match="has 3 bands, its item says 4"):
        geoseg.predict(f"{server.address}/item.json", tmp_path / "map.tif", model=home / "model")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "something else"),
        ('{"type": "Feature"}', "no assets"),
        ('{"type": "FeatureCollection", "features": [{}, {}]}', "several items"),
        ('{"type": "Feature", "assets": {"red": {"href": "file:///etc/passwd"}}}', "file:///etc"),
    ],
)
def test_what_is_no_item_is_refused(
    home: Path, server: Server, tmp_path: Path, content: str, message: str
) -> None:
    (server.log.parent / "item.json").write_text(content)
    with pytest.raises(InputError, match=message):
        geoseg.predict(f"{server.address}/item.json", tmp_path / "map.tif", model=home / "model")


@pytest.fixture
def api(server: Server, tmp_path: Path) -> Iterator[str]:
    """A STAC API over the scenes of the server and twenty more that are under clouds."""
    items = [
        make_item(i, f"{server.address}/scene{i}.tif?sig=SECRET", **{"eo:cloud_cover": i})
        for i in range(COUNT)
    ]
    items += [
        make_item(i, f"{server.address}/x{i}.tif", **{"eo:cloud_cover": 90}) for i in range(5, 25)
    ]
    items.append(make_item(25, f"{server.address}/x25.tif"))  # says nothing of clouds
    path = tmp_path / "items.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    program = shutil.which("rustac", path=str(Path(rasterio.__file__).parents[4] / "bin"))
    program = program or shutil.which("rustac")
    assert program, "rustac, of the extra test, is a STAC API server"
    words = [program, "serve", "--create-collections", "--addr", place, str(path)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                with socket.socket() as there:
                    if there.connect_ex(("127.0.0.1", int(place.rpartition(":")[2]))) == 0:
                        break
                time.sleep(0.1)
            yield f"http://{place}"
        finally:
            process.kill()


def found(search: Search, heard: list[Event] | None = None) -> list[str]:
    report = (heard if heard is not None else []).append
    return [scene.label for scene in search_scenes(search, [], Options(), report)]


AOI = "POLYGON ((1.2 0.2, 3.5 0.2, 3.5 0.5, 1.2 0.5, 1.2 0.2))"


def test_a_search_finds_scenes_by_area_date_and_clouds(api: str) -> None:
    pytest.importorskip("pystac_client")
    assert len(found(Search(api))) == 26
    assert found(Search(api, ("photos",), AOI)) == ["scene1", "scene2", "scene3"]
    assert found(Search(api, ("photos",), f"EPSG:4326;{AOI}", "2026-06-01/2026-06-03")) == [
        "scene1",
        "scene2",
    ]
    heard: list[Event] = []
    assert found(Search(api, ("photos",), None, "2026-06", 2), heard) == [
        "scene0",
        "scene1",
        "scene2",
    ]
    assert any(isinstance(e, Warned) and "1 items say nothing of clouds" in e.text for e in heard)
    assert any(isinstance(e, Noted) and "22 more have more clouds" in e.text for e in heard)


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"date": "2020-01"}, "finds no scene"),
        ({"cloud": 0.0, "date": "2026-06-02"}, "finds no scene .1 more have more clouds"),
        ({"collections": ("other",)}, "has no collection other; expected one of photos"),
        ({"most": 3}, "finds more than 3 scenes"),
        ({"aoi": "POLYGON ((500000 0, 500001 0, 500001 1, 500000 1, 500000 0))"}, "longitudes"),
    ],
)
def test_a_search_that_finds_nothing_or_too_much_is_refused(
    api: str, search: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        found(Search(api, **search))


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"url": "stac.example.com"}, "the address of a STAC API"),
        ({"date": "June"}, "--date June"),
        ({"cloud": 101.0}, "per cent"),
        ({"cloud": float("nan")}, "per cent"),
        ({"most": 0}, "--max-scenes 0"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(search: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Search(**{"url": "https://h"} | search)


def test_what_is_no_stac_api_is_said(server: Server) -> None:
    (server.log.parent / "page").write_text("<html>")
    (server.log.parent / "list").write_text("[1]")
    for page in ("page", "list", "none"):
        with pytest.raises(InputError, match=f"the STAC API .*{page}"):
            found(Search(f"{server.address}/{page}?key=SECRET"))
    server.process.kill()
    server.process.wait()
    with pytest.raises(InputError, match="does not answer") as told:
        found(Search(f"{server.address}/page?key=SECRET"))
    assert "SECRET" not in str(told.value)


class Odd(BaseHTTPRequestHandler):
    """A STAC API whose first page leads to itself; files that lie elsewhere; what it was told."""

    told: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.told.append((self.path, self.headers.get("Authorization")))
        port = self.server.server_address[1]
        here = f"http://127.0.0.1:{port}"
        moved = {"/same": f"{here}/file", "/other": f"http://localhost:{port}/file"}
        answers = {
            "/search": {
                "type": "FeatureCollection",
                "features": [make_item(0, f"{here}/scene0.tif")],
                "links": [{"rel": "next", "href": f"{here}/search"}],
            },
            "/": {
                "type": "Catalog",
                "stac_version": "1.0.0",
                "id": "odd",
                "description": "odd",
                "conformsTo": ["https://api.stacspec.org/v1.0.0/item-search"],
                "links": [
                    {
                        "rel": "search",
                        "href": f"{here}/search",
                        "type": "application/geo+json",
                        "method": "POST",
                    }
                ],
            },
        }
        self.send_response(302 if self.path in moved else 200)
        if self.path in moved:
            self.send_header("Location", moved[self.path])
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answers.get(self.path, {})).encode())

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def odd_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        Odd.told.clear()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def test_a_search_whose_pages_lead_in_a_circle_ends() -> None:
    pytest.importorskip("pystac_client")
    with odd_server() as server, pytest.raises(InputError, match="same page again and again"):
        found(Search(f"http://{server}/"))


def test_an_api_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pystac_client")
    monkeypatch.setattr("geoseg.batches.stac_search.TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        search = Search(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        with pytest.raises(InputError, match="does not answer"):
            found(search)


def test_a_password_is_told_to_its_own_server_alone() -> None:
    with odd_server() as server:
        assert read_file(f"http://me:SECRET@{server}/same") == b"{}"
        assert read_file(f"http://me:SECRET@{server}/other") == b"{}"
    known = [path for path, told in Odd.told if told]
    assert known == ["/same", "/file", "/other"]
    assert Odd.told[-1] == ("/file", None)


def test_a_batch_of_what_an_api_finds(home: Path, api: str, tmp_path: Path) -> None:
    """And no signature of its addresses stands in anything that the batch holds or says."""
    out = tmp_path / "maps"
    words = ["batch", "--stac", api, "--collection", "photos", "--date", "2026-06/2026-06"]
    words += ["--cloud", "50", "--out-dir", str(out), "--model", str(home / "model"), *ASKED]
    done = commands.run(*words)
    assert done.returncode == 0, done.stderr
    assert {name: len(data) for name, data in rasters(out).items()}.keys() == {
        f"scene{i}.tif" for i in range(COUNT)
    }
    assert all(same_map(home, out / f"scene{i}.tif", i) for i in range(COUNT))
    assert "SECRET" not in done.stdout + done.stderr
    assert not [
        path for path in out.rglob("*") if path.is_file() and b"SECRET" in path.read_bytes()
    ]
    again = commands.run(*words)
    assert "5 scenes, 0 of them new" in again.stderr + again.stdout
    alone = commands.run("batch", "x.tif", "--date", "2026", "--out-dir", str(out))
    assert alone.returncode == 2
    assert "--date without --stac" in alone.stderr
