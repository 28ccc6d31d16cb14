"""Who may ask the server, what it gives out, and what it keeps to itself."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasters import write
from view_requests import Answer, ask

pytest.importorskip("starlette", reason="the extra `view` is not installed")
pytest.importorskip("rio_tiler", reason="the extra `view` is not installed")

from geoseg.core.card import Label
from geoseg.core.errors import InputError
from geoseg.labelling.workspace import create_workspace, read_labels
from geoseg.view.app import Shown, make_app
from geoseg.view.assets import asset, page_files
from geoseg.view.desk import Desk
from geoseg.view.guard import Guard
from geoseg.view.named import is_workspace, open_view
from geoseg.view.photo import FINEST, MOST, TURNS, Darkroom, _develop
from geoseg.view.show import open_page

HOST = "127.0.0.1:8000"
OWN = f"http://{HOST}"


@pytest.fixture
def scene(tmp_path: Path) -> str:
    rgb = np.random.default_rng(0).integers(0, 256, (3, 60, 80)).astype(np.uint8)
    return write(tmp_path / "scene.tif", rgb, photometric="RGB")


@pytest.fixture
def shown(tmp_path: Path, scene: str) -> Shown:
    (tmp_path / "scratch").mkdir()
    classes = (Label(1, "water", "#0055aa"), Label(2, "<b>trees</b>", "#228833"))
    create_workspace(tmp_path / "work", [scene], classes)
    view = open_view([scene])
    desk = Desk(str(tmp_path / "work"), view.frame, tmp_path / "scratch")
    return Shown(view, desk, Darkroom(tmp_path / "scratch"))


@pytest.fixture
def app(shown: Shown) -> Guard:
    return Guard(make_app(shown), HOST, "secret")


def told(answer: Answer) -> Any:
    assert answer.headers["content-type"] == "application/json"
    return json.loads(answer.body)


# -- who may ask ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [
        {"address": "/"},
        {"address": "/view.json"},
        {"address": "/wrong/view.json"},
        {"address": "/secre/view.json"},
        {"address": "/secret2/view.json"},
        {"address": "//secret/view.json"},
        {"address": "/ünïcode/"},
        {"host": "evil.example"},
        {"host": "localhost:8000"},
        {"host": "127.0.0.1:8001"},
        {"host": "127.0.0.1"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8001"},
        {"method": "POST"},
        {"method": "POST", "origin": "http://evil.example"},
        {"method": "DELETE"},
    ],
)
def test_strangers_get_nothing(app: Guard, how: dict[str, str]) -> None:
    found = ask(app, **({"address": "/secret/view.json"} | how))
    assert found.status == 403
    assert b"scene.tif" not in found.body
    assert "frame-ancestors 'none'" in found.headers["content-security-policy"]


def test_two_hosts_are_one_too_many(app: Guard) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/secret/",
        "headers": [(b"host", HOST.encode()), (b"host", b"evil.example")],
    }
    assert not app._may(scope)
    assert app._may(scope | {"headers": scope["headers"][:1]})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_other_token_opens_it(token: str) -> None:
    guard = Guard(None, HOST, "secret")  # type: ignore[arg-type]
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/{token}",
        "headers": [(b"host", HOST.encode())],
    }
    assert guard._may(scope) == (token.split("/", maxsplit=1)[0] == "secret")


def test_the_page_gets_what_it_needs_under_a_strict_policy(app: Guard) -> None:
    page = ask(app, "/secret/")
    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    for name in page_files():
        assert ask(app, f"/secret/static/{name}", origin=OWN).status == 200
        assert f"static/{name}".encode() in page.body or name == "index.html"
    assert b"://" not in page.body
    for name in page_files():  # addresses of other machines are in comments and in Leaflet's credit
        if not name.startswith("leaflet"):
            assert b"://" not in asset(name)[0]


@pytest.mark.parametrize(
    "path",
    [
        "static/../app.py",
        "static/..%2fapp.py",
        "static/%2fetc%2fpasswd",
        "static/",
        "static/view.css/",
        "tile/r9/0/0/0.png",
        "tile/r0/99/0/0.png",
        "tile/r0/-39/0/0.png",
        "areas/zz",
        "labels/",
        "photo/0123/photo.png",
        "etc/passwd",
    ],
)
def test_there_is_nothing_else(app: Guard, path: str) -> None:
    found = ask(app, f"/secret/{path}")
    assert found.status in (307, 400, 404)
    assert b"root:" not in found.body
    assert b"import" not in found.body


@pytest.mark.parametrize(
    "path",
    ["at?x=a&y=1", "at?x=nan&y=1", "at?x=1e999&y=1", "at", "tile/r0/x/0/0.png", "pick?x=1&y=2",
     "tile/r0/0/99999999999999999999/0.png", "learn?since=inf"],
)  # fmt: skip
def test_nonsense_is_told_in_words(app: Guard, path: str) -> None:
    found = ask(app, f"/secret/{path}")
    assert found.status == 400
    assert "expected" in told(found)["error"]


def test_what_is_under_a_point(app: Guard, scene: str) -> None:
    found = told(ask(app, "/secret/at?x=500005&y=4999995"))
    with rasterio.open(scene) as raster:
        assert found["layers"]["r0"]["numbers"] == raster.read()[:, 0, 0].tolist()
    lon, lat = found["place"]
    assert (lon, lat) == pytest.approx((15.0, 45.15), abs=0.01)


def test_far_beside_everything_there_is_nothing(app: Guard) -> None:
    assert told(ask(app, "/secret/at?x=1e300&y=-1e300"))["layers"] == {}


def test_tiles_are_pictures_and_empty_ones_transparent(app: Guard) -> None:
    for column, opaque in ((0, True), (5, False)):
        found = ask(app, f"/secret/tile/r0/0/{column}/0.png")
        assert found.headers["content-type"] == "image/png"
        assert picture(found.body)[3].any() == opaque


def picture(data: bytes) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile(data) as file, file.open() as found:
            return found.read()


# -- labels -----------------------------------------------------------------------------------------


def send(app: Guard, path: str, body: Any, method: str = "POST") -> Answer:
    return ask(app, f"/secret/{path}", method, json.dumps(body).encode(), origin=OWN)


SQUARE = {
    "type": "Polygon",
    "coordinates": [[[5e5, 4999900], [500100, 4999900], [500100, 5e6], [5e5, 5e6], [5e5, 4999900]]],
}


def test_what_is_drawn_lies_in_the_workspace(app: Guard, shown: Shown) -> None:
    found = told(send(app, "labels", {"class": "<b>trees</b>", "geometry": SQUARE}))
    point = {"type": "Point", "coordinates": [500_050, 4_999_950]}
    found = told(send(app, "labels", {"class": "water", "geometry": point, "width": 30}))
    assert found["count"] == 2
    assert shown.desk is not None
    kept = read_labels(shown.desk.workspace)
    assert list(kept["class"]) == ["<b>trees</b>", "water"]
    assert list(kept["width"].fillna(0)) == [0, 30]
    assert kept.geometry.iloc[0].equals(shapely.from_geojson(json.dumps(SQUARE)))
    assert kept["time"].notna().all()

    number = found["features"][0]["id"]
    found = told(send(app, f"labels/{number}", None, "DELETE"))
    assert [one["class"] for one in found["features"]] == ["water"]
    assert send(app, f"labels/{number}", None, "DELETE").status == 400
    # the index and the count of the file know it, too
    path = shown.desk.workspace.labels_path
    assert (
        len(gpd.read_file(path, layer="labels", bbox=(499_000, 4_999_000, 501_000, 5_001_000))) == 1
    )


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"class": "nothing", "geometry": SQUARE},
        {"class": "water", "geometry": None},
        {"class": "water", "geometry": {"type": "Polygon"}},
        {"class": "water", "geometry": {"type": "Point", "coordinates": ["x", 1]}},
        {"class": "water", "geometry": {"type": "GeometryCollection", "geometries": []}},
        {"class": "water", "geometry": {"type": "LineString", "coordinates": []}},
        {"class": "water", "geometry": {"type": "Point", "coordinates": [1, 2]}, "width": "5"},
        {"class": "water", "geometry": {"type": "Point", "coordinates": [1, 2]}, "width": -5},
        {"class": "water", "geometry": {"type": "LineString", "coordinates": [[1, 2]] * 20_000}},
        {
            "class": "water",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[0, 0], [9, 9], [9, 0], [0, 9], [0, 0]]],
            },
        },
    ],
)
def test_what_is_no_label_is_refused_and_nothing_is_kept(
    app: Guard, shown: Shown, body: Any
) -> None:
    found = send(app, "labels", body)
    assert found.status == 400
    assert told(found)["error"]
    assert shown.desk is not None
    assert shown.desk.labels()["count"] == 0


def test_bodies_have_an_end(app: Guard) -> None:
    found = ask(app, "/secret/labels", "POST", b"[" * (3 << 20), origin=OWN)
    assert found.status == 413
    assert ask(app, "/secret/labels", "POST", b"[" * 100_000, origin=OWN).status == 400


def test_suggestions_come_best_first(app: Guard, shown: Shown) -> None:
    assert told(ask(app, "/secret/suggestions")) == []
    assert shown.desk is not None
    boxes = [shapely.box(5e5, 4999900, 500050, 4999950), shapely.box(5e5, 4999900, 500010, 4999910)]
    gpd.GeoDataFrame(
        {"rank": [2, 1], "reason": ["b", "a"], "class": ["water", "x"], "scene": ["scene"] * 2,
         "margin": [0.5, 0.1], "round": [1, 1]},
        geometry=boxes, crs="EPSG:32633",
    ).to_file(shown.desk.workspace.suggestions_path, layer="suggestions")  # fmt: skip
    found = told(ask(app, "/secret/suggestions"))
    assert [(one["rank"], one["reason"]) for one in found] == [(1, "a"), (2, "b")]


def test_a_preview_needs_a_model(app: Guard) -> None:
    address = "/secret/preview.png?left=5e5&bottom=4999900&right=500100&top=5e6&height=9&width=9"
    found = ask(app, address)
    assert found.status == 400
    assert "nothing was learned yet" in told(found)["error"]


def test_a_page_without_a_workspace_labels_nothing(tmp_path: Path, scene: str) -> None:
    app = Guard(make_app(Shown(open_view([scene]), None, Darkroom(tmp_path))), HOST, "secret")
    assert send(app, "labels", {}).status == 404
    assert told(ask(app, "/secret/view.json"))["labelling"] is None


def test_a_workspace_is_known_by_what_it_says(tmp_path: Path, shown: Shown) -> None:
    assert is_workspace(str(tmp_path / "work"))
    assert not is_workspace(str(tmp_path))
    (tmp_path / "workspace.json").write_text("[1")
    assert not is_workspace(str(tmp_path))


def test_two_workspaces_are_refused(tmp_path: Path, scene: str, shown: Shown) -> None:
    create_workspace(tmp_path / "other", [scene], [Label(1, "a", "#000000")])
    both = [str(tmp_path / "work"), str(tmp_path / "other")]
    with pytest.raises(InputError, match="2 workspaces"), open_page(both):
        pass


# -- photographs ------------------------------------------------------------------------------------


def encoded(pixels: np.ndarray, driver: str, **tags: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile() as file:
            count, height, width = pixels.shape
            with file.open(driver=driver, count=count, height=height, width=width,
                           dtype=pixels.dtype.name) as picture:  # fmt: skip
                picture.write(pixels)
            return bytes(file.read())


def test_a_photograph_is_read_as_it_is(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (3, 20, 30)).astype(np.uint8)
    found, size = _develop(tmp_path / "p", encoded(rgb, "PNG"), 0.5)
    np.testing.assert_array_equal(found, rgb)
    assert size == [20, 30]
    grey, _ = _develop(tmp_path / "p", encoded(rgb[:1], "PNG"), 0.5)
    np.testing.assert_array_equal(grey, rgb[[0, 0, 0]])


def test_finer_pixels_are_averaged_to_what_the_model_knows(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (3, 40, 40)).astype(np.uint8)
    found, _ = _develop(tmp_path / "p", encoded(rgb, "PNG"), FINEST / 4)
    means = rgb.reshape(3, 10, 4, 10, 4).mean(axis=(2, 4))
    assert found.shape == (3, 10, 10)
    assert np.abs(found - means).max() <= 1


def with_orientation(jpeg: bytes, number: int) -> bytes:
    """Put an EXIF block with the one tag into a JPEG."""
    tag = b"\x12\x01\x03\x00\x01\x00\x00\x00" + bytes([number, 0, 0, 0])
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00" + tag + b"\x00\x00\x00\x00"
    return jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:]


# where the corner of the picture as it is kept comes to, as EXIF 2.3 tells of each orientation:
# what the first row and the first column of the file are of the picture that is meant
CORNERS = {
    1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0),
}  # fmt: skip


@pytest.mark.parametrize("number", range(1, 9))
def test_up_is_up(tmp_path: Path, number: int) -> None:
    kept = np.zeros((3, 64, 96), np.uint8)
    kept[:, :16, :16] = 255  # the corner at the file's first row and column
    kept[:, :16, 16:48] = 120  # and its first row goes on
    found, _ = _develop(tmp_path / "p", with_orientation(encoded(kept, "JPEG"), number), 0.5)
    assert found.shape == ((3, 64, 96) if number < 5 else (3, 96, 64))
    row, column = CORNERS[number]
    assert found[0, row * 8, column * 8] > 200  # -1 is eight pixels from the end
    along = (row * 8, column * 8 + (24 if column == 0 else -24))
    down = (row * 8 + (24 if row == 0 else -24), column * 8)
    first_row = along if number < 5 else down
    assert 80 < found[0, first_row[0], first_row[1]] < 160
    assert str(number) in TURNS


def test_no_other_files_are_photographs(tmp_path: Path) -> None:
    tiff = Path(write(tmp_path / "a.tif", np.zeros((3, 4, 4), np.uint8))).read_bytes()
    vrt = b'<VRTDataset rasterXSize="4" rasterYSize="4"><SRS>EPSG:3857</SRS></VRTDataset>'
    for data in (b"", b"x" * 100, tiff, vrt, b"\x89PNG\r\n\x1a\n" + b"x" * 100, b"\xff\xd8\xff"):
        with pytest.raises(InputError, match="JPEG or PNG"):
            _develop(tmp_path / "p", data, 0.5)
    whole = encoded(np.random.default_rng(0).integers(0, 256, (3, 99, 99)).astype(np.uint8), "PNG")
    with pytest.raises(InputError, match="cut off"):
        _develop(tmp_path / "p", whole[: len(whole) // 2], 0.5)
    deep = encoded(np.zeros((1, 4, 4), np.uint16), "PNG")
    with pytest.raises(InputError, match="8 bits"):
        _develop(tmp_path / "p", deep, 0.5)


def test_a_picture_that_is_far_larger_than_its_file_is_refused(tmp_path: Path) -> None:
    rows = MOST // 10_000 + 1
    bomb = encoded(np.zeros((1, rows, 10_000), np.uint8), "PNG")
    assert len(bomb) < 1 << 20
    with pytest.raises(InputError, match="megapixels"):
        _develop(tmp_path / "p", bomb, 0.5)


@pytest.mark.parametrize("size", ["0", "-1", "301", "nan", ""])
def test_sizes_of_pixels_that_the_model_does_not_know(app: Guard, size: str) -> None:
    found = ask(app, f"/secret/photo?centimetres={size}", "POST", b"x", origin=OWN)
    assert found.status == 400


def test_what_is_no_photograph_leaves_nothing(app: Guard, tmp_path: Path) -> None:
    assert ask(app, "/secret/photo?centimetres=50", "POST", b"x", origin=OWN).status == 400
    assert list((tmp_path / "scratch").iterdir()) == []
