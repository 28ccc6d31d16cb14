"""The page in a real browser: Chromium, as Debian has it, without a window."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import labelled
import numpy as np
import pytest
import rasterio
import shapely
from commands import environment, run, start
from pyproj import Transformer
from rasters import write

pytest.importorskip("selenium", reason="selenium is not installed")
pytest.importorskip("starlette", reason="the extra `view` is not installed")

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from geoseg.core.card import Label
from geoseg.core.provenance import KIND_TAG
from geoseg.core.style import CLASSES_TAG
from geoseg.labelling.workspace import (
    add_labels,
    create_workspace,
    open_workspace,
    read_labels,
)

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromium-driver are not installed"
)

BOOM = '<img src="x" onerror="window.boom=1"><script>window.boom=2</script>'
NAMES = {1: "water", 2: BOOM, 3: "</script><svg onload=window.boom=3>"}
COLOURS = {1: (0, 85, 170, 255), 2: (34, 136, 51, 255), 3: (228, 150, 53, 255)}
PATIENCE = 60.0


def browser(*arguments: str, language: str = "en-US") -> Any:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new",
        "--no-sandbox",  # tests may be root in a container
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--window-size=1200,800",
        f"--accept-lang={language}",
        f"--lang={language}",
        # what is not this machine resolves to nothing, and goes to a proxy that nobody is
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--proxy-server=127.0.0.1:9",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        *arguments,
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    driver = browser()
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene, its map with names that are markup, its confidence and polygons."""
    folder = tmp_path_factory.mktemp("view")
    rng = np.random.default_rng(0)
    pixels = rng.choice(np.array([1, 2, 3], np.uint8), (30, 40)).repeat(10, 0).repeat(10, 1)
    pixels[:20, :20] = 255
    tags = {KIND_TAG: "classes", CLASSES_TAG: json.dumps(NAMES)}
    with rasterio.open(
        write(folder / "map.tif", pixels[None], nodata=255, tags=tags), "r+"
    ) as raster:
        raster.write_colormap(1, COLOURS)
    percent = rng.integers(0, 101, (1, 300, 400)).astype(np.uint8)
    write(folder / "confidence.tif", percent, nodata=255, tags={KIND_TAG: "confidence"})
    rgb = rng.integers(0, 256, (3, 300, 400)).astype(np.uint8)
    write(folder / "scene.tif", rgb, photometric="RGB")
    boxes = [
        shapely.box(500_000 + 1000 * i, 4_998_000, 500_900 + 1000 * i, 4_999_000) for i in range(3)
    ]
    gpd.GeoDataFrame(
        {"class": list(NAMES.values()), "class_id": [1, 2, 3], "area_m2": [9e5] * 3},
        geometry=boxes,
        crs="EPSG:32633",
    ).to_file(folder / "map.gpkg")
    return folder


class Server:
    """`geoseg view`, as a user starts it."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process = start("view", *arguments, "--no-browser", "--quiet")
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            _, errors = self.process.communicate()
            pytest.fail(errors)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=PATIENCE)
        assert "Traceback" not in errors
        return self.process.returncode


@pytest.fixture(scope="module")
def server(files: Path) -> Iterator[Server]:
    names = ("map.tif", "confidence.tif", "map.gpkg", "scene.tif")
    made = Server(*(files / name for name in names))
    yield made
    assert made.stop() == 0


def until(driver: Any, done: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(StaleElementReferenceException):  # it was drawn anew just then
            if found := done():
                return found
        time.sleep(0.05)
    pytest.fail(f"{what}: {driver.find_element(By.TAG_NAME, 'body').text[:2000]}")


def open_page(driver: Any, address: str) -> None:
    driver.get("about:blank")  # or only the hash would change
    driver.get_log("browser")  # what the page before it said, whose server may have ended
    driver.get(address)
    until(driver, lambda: driver.execute_script("return document.body.dataset.ready"), "it opens")
    rest(driver)


def rest(driver: Any) -> None:
    """Wait until nothing is on its way."""
    script = "return [...document.querySelectorAll('.leaflet-tile')].every((tile) => tile.complete)"
    until(driver, lambda: driver.execute_script(script), "tiles come")


def complaints(driver: Any) -> list[str]:
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] != "INFO"]


def point_at(driver: Any, x: float, y: float, click: bool = False) -> None:
    """Bring the cursor to a place of the map, and perhaps click there."""
    across, down = on_screen(driver, x, y)
    box = driver.find_element(By.ID, "map-a")
    from_middle = across - box.size["width"] / 2, down - box.size["height"] / 2
    actions = ActionChains(driver)
    actions.move_to_element_with_offset(box, round(from_middle[0]), round(from_middle[1]))
    (actions.click() if click else actions).perform()


def on_screen(driver: Any, x: float, y: float) -> list[float]:
    """Where a place lies, in pixels of the map."""
    script = (
        "const p = geoseg.ready.maps[0].latLngToContainerPoint([arguments[1], arguments[0]]);"
        "return [p.x, p.y]"
    )
    found: list[float] = driver.execute_script(script, x, y)
    return found


def under(driver: Any, key: str = "r0") -> str:
    found = driver.find_elements(By.CSS_SELECTOR, f"[data-under={key}]")
    return found[0].text if found else ""


def test_it_opens_with_the_legend_and_areas(page: Any, server: Server, files: Path) -> None:
    open_page(page, server.address)
    with rasterio.open(files / "map.tif") as raster:
        pixels = raster.read(1)
    assert page.title == "map.tif · geoseg"
    rows = until(page, lambda: _areas(page), "areas come")
    for value, name in NAMES.items():
        # pixels of 10 m in UTM, whose scale is 0.9996 there
        expected = (pixels == value).sum() * 100 / 0.9996**2 / 1e6
        assert float(rows[name]) == pytest.approx(expected, abs=0.006)
    assert complaints(page) == []


def _areas(page: Any) -> dict[str, str]:
    rows = page.find_elements(By.CSS_SELECTOR, "#legend .classes tr")
    cells = [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]
    if not cells or any("km²" not in row[1] for row in cells):
        return {}
    return {row[0]: row[1].removesuffix(" km²") for row in cells}


def test_the_class_under_the_cursor_is_the_rasters(page: Any, server: Server, files: Path) -> None:
    open_page(page, server.address)
    with rasterio.open(files / "map.tif") as raster:
        pixels = raster.read(1)
    rng = np.random.default_rng(1)
    for row, column in zip(
        rng.integers(0, 30, 12).tolist(), rng.integers(0, 40, 12).tolist(), strict=True
    ):
        # the middle of a block of ten pixels: the screen's pixels are larger than the map's here
        place = 500_000 + 100 * column + 50, 5_000_000 - 100 * row - 50
        point_at(page, *place)
        value = int(pixels[10 * row + 5, 10 * column + 5])
        expected = NAMES.get(value, "")
        until(
            page,
            lambda expected=expected: under(page) == expected,
            f"{expected} at {row}, {column}",
        )


def test_at_full_zoom_each_pixel_is_one_of_the_maps(page: Any, server: Server, files: Path) -> None:
    """What is on the screen: the colour in the middle of a pixel of the map, eight times enlarged."""
    open_page(page, f"{server.address}#x=501005&y=4998005&z=4&mode=one&left=r0&right=")
    zoom = page.execute_script(
        "const f = geoseg.ready.told.frame; geoseg.ready.maps[0].setView([4998005, 501005], f.zoom + 3, {animate: false}); return f.zoom"
    )
    assert zoom >= 1
    rest(page)
    from rasterio.io import MemoryFile

    shot = page.find_element(By.ID, "map-a").screenshot_as_png
    with (
        MemoryFile(shot) as file,
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        file.open() as found,
    ):
        screen = found.read()
    with rasterio.open(files / "map.tif") as raster:
        for step in (-20, -11, 0, 7, 20):
            x, y = 501_005 + 10 * step, 4_998_005 - 10 * step
            row, column = raster.index(x, y)
            value = int(raster.read(1)[row, column])
            p = page.execute_script(
                "const p = geoseg.ready.maps[0].latLngToContainerPoint([arguments[1], arguments[0]]); return [p.x, p.y]",
                x,
                y,
            )
            np.testing.assert_array_equal(screen[:3, int(p[1]), int(p[0])], COLOURS[value][:3])


def test_it_pans_and_zooms(page: Any, server: Server) -> None:
    open_page(page, server.address)
    before = page.execute_script("return geoseg.ready.maps[0].getCenter()")
    box = page.find_element(By.ID, "map-a")
    ActionChains(page).move_to_element_with_offset(box, -150, 100).click_and_hold().move_by_offset(
        60, 0
    ).move_by_offset(60, 0).release().perform()
    until(
        page,
        lambda: (
            page.execute_script("return geoseg.ready.maps[0].getCenter()")["lng"] < before["lng"]
        ),
        "it pans",
    )
    zoom = page.execute_script("return geoseg.ready.maps[0].getZoom()")
    page.find_element(By.CSS_SELECTOR, "#map-a .leaflet-control-zoom-in").click()
    until(
        page,
        lambda: page.execute_script("return geoseg.ready.maps[0].getZoom()") == zoom + 1,
        "it zooms",
    )
    rest(page)
    assert complaints(page) == []


def clips(page: Any) -> tuple[list[float], list[float]]:
    """From where to where the two layers of a swipe show, in pixels of the map."""
    script = """
    return ['below', 'above'].map((name) => {
      const xs = geoseg.ready.maps[0].getPane(name).style.clipPath.match(/(-?[\\d.]+)px (-?[\\d.]+)px/g)
        .map((pair) => geoseg.ready.maps[0].layerPointToContainerPoint(pair.split(' ').map(parseFloat)).x);
      return [Math.min(...xs), Math.max(...xs)];
    });"""
    found = page.execute_script(script)
    return found[0], found[1]


def test_the_swipe_parts_the_layers_where_its_handle_is(page: Any, server: Server) -> None:
    open_page(page, f"{server.address}#mode=swipe")
    width = page.find_element(By.ID, "map-a").size["width"]
    handle = page.find_element(By.ID, "swipe")
    for step in (-200, 90):
        ActionChains(page).click_and_hold(handle).move_by_offset(step, 0).release().perform()
    at = width / 2 - 110
    below, above = clips(page)
    assert below == pytest.approx([0, at], abs=3)
    assert above == pytest.approx([at, width], abs=3)
    handle.send_keys(Keys.END)
    assert clips(page)[0] == pytest.approx([0, width], abs=2)
    page.find_element(By.TAG_NAME, "body").send_keys("[")
    assert clips(page)[0][1] == pytest.approx(0.95 * width, abs=3)
    # and still does where the map was moved
    page.execute_script("geoseg.ready.maps[0].panBy([37, 11], {animate: false})")
    assert clips(page)[0] == pytest.approx([0, 0.95 * width], abs=3)


def test_two_maps_move_as_one(page: Any, server: Server) -> None:
    open_page(page, server.address)
    page.find_element(By.ID, "mode-two").click()
    until(
        page, lambda: page.execute_script("return geoseg.ready.maps.length") == 2, "there are two"
    )
    side = page.execute_script(
        "const f = geoseg.ready.told.frame; return f.pixel * 2 ** (f.zoom - 1)"
    )
    for map_number in (0, 1):
        page.execute_script(
            "geoseg.ready.maps[arguments[0]].setView([4998800, 501300], 1, {animate: false})",
            map_number,
        )
        views = page.execute_script(
            "return geoseg.ready.maps.map((m) => [m.getCenter().lat, m.getCenter().lng, m.getZoom()])"
        )
        assert views[0] == pytest.approx(views[1], abs=side)  # a pixel of the screen
        page.execute_script(
            "geoseg.ready.maps[arguments[0]].panBy([50, 30], {animate: false})", map_number
        )
        views = page.execute_script(
            "return geoseg.ready.maps.map((m) => [m.getCenter().lat, m.getCenter().lng, m.getZoom()])"
        )
        assert views[0] == pytest.approx(views[1], abs=side)  # a pixel of the screen


def test_a_click_tells_the_attributes_of_a_polygon(page: Any, server: Server) -> None:
    open_page(page, server.address)
    point_at(page, 501_450, 4_998_500, click=True)
    table = until(
        page, lambda: page.find_elements(By.CSS_SELECTOR, "#found .attributes"), "it tells"
    )[0]
    cells = [cell.text for cell in table.find_elements(By.TAG_NAME, "td")]
    told = dict(zip(cells[::2], cells[1::2], strict=True))
    assert told["class"] == BOOM
    assert told["area_m2"] == "900,000"
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    assert page.find_elements(By.CSS_SELECTOR, "#found .attributes") == []


def test_the_address_brings_back_the_view(page: Any, server: Server) -> None:
    open_page(page, server.address)
    page.execute_script("geoseg.ready.maps[0].setView([4998800, 501300], 2, {animate: false})")
    page.find_element(By.ID, "mode-one").click()
    page.execute_script(
        "const s = document.getElementById('choose-right'); s.value = 'v0'; s.dispatchEvent(new Event('change'))"
    )
    until(
        page,
        lambda: "right=v0" in page.current_url and "mode=one" in page.current_url,
        "it is told",
    )
    address = page.current_url
    open_page(page, address)
    state = page.execute_script(
        "return {...geoseg.ready.state, x: geoseg.ready.maps[0].getCenter().lng, z: geoseg.ready.maps[0].getZoom()}"
    )
    assert (state["mode"], state["right"], state["z"]) == ("one", "v0", 2)
    assert state["x"] == pytest.approx(501_300, abs=1)


@pytest.mark.parametrize(
    "hash_",
    [
        "left=%3Cscript%3E",
        "mode=%22%3E%3Cimg%3E&z=NaN&x=1e400",
        "swipe=-5&opacity=7",
        "left=__proto__",
        "%",
    ],
)
def test_nonsense_in_the_address_opens_the_page_all_the_same(
    page: Any, server: Server, hash_: str
) -> None:
    open_page(page, f"{server.address}#{hash_}")
    assert 0 <= page.execute_script("return geoseg.ready.state.swipe") <= 1
    assert complaints(page) == []


def test_names_that_are_markup_run_nothing(page: Any, server: Server) -> None:
    open_page(page, server.address)
    page.execute_script(
        "const s = document.getElementById('choose-left'); s.value = 'v0'; s.dispatchEvent(new Event('change'))"
    )
    point_at(page, 501_450, 4_998_500, click=True)
    until(page, lambda: page.find_elements(By.CSS_SELECTOR, "#found .attributes"), "it tells")
    until(
        page, lambda: BOOM in page.find_element(By.ID, "legend").text, "the name is there, as text"
    )
    assert page.execute_script("return window.boom") is None
    assert (
        page.execute_script(
            "return document.querySelectorAll('aside img, aside svg, aside script, footer img').length"
        )
        == 0
    )
    assert complaints(page) == []


def test_no_request_leaves_the_machine(server: Server) -> None:
    """All that the browser asks for, from before the page opens to after all that it can do."""
    driver = browser()
    try:
        open_page(driver, server.address)
        for mode in ("one", "two", "swipe"):
            driver.find_element(By.ID, f"mode-{mode}").click()
            rest(driver)
        point_at(driver, 501_450, 4_998_500, click=True)
        until(
            driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#found .attributes"), "it tells"
        )
        messages = [
            json.loads(entry["message"])["message"] for entry in driver.get_log("performance")
        ]
        asked = [
            m["params"]["request"]["url"]
            for m in messages
            if m["method"] == "Network.requestWillBeSent"
        ]
        failed = [
            m
            for m in messages
            if m["method"] == "Network.loadingFailed" and not m["params"].get("canceled")
        ]
        assert len(asked) > 10
        strange = [
            url for url in asked if not url.startswith((server.address, "data:", "blob:", "about:"))
        ]
        assert strange == []
        assert failed == []
        assert complaints(driver) == []
    finally:
        driver.quit()


def get(address: str, path: str | None = None, **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    connection.request("GET", parts.path if path is None else path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_others_are_refused_by_the_real_server(server: Server) -> None:
    assert get(server.address)[0] == 200
    token = urlsplit(server.address).path.strip("/")
    assert len(token) == 32
    assert get(server.address, "/")[0] == 403
    assert get(server.address, f"/{token[:-1]}/")[0] == 403
    assert get(server.address, f"/x/../{token}/")[0] == 403
    assert get(server.address, Host="evil.example")[0] == 403
    assert get(server.address, Host=f"localhost:{urlsplit(server.address).port}")[0] == 403
    assert get(server.address, Origin="http://evil.example")[0] == 403


def test_the_server_listens_on_this_machine_alone(server: Server) -> None:
    import psutil

    found = psutil.Process(server.process.pid).net_connections()
    assert {one.laddr.ip for one in found if one.status == "LISTEN"} == {"127.0.0.1"}


def test_on_a_phone_in_korean(server: Server) -> None:
    driver = browser(language="ko")
    try:
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True},
        )
        open_page(driver, server.address)
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 360
        assert driver.find_element(By.ID, "mode-swipe").text == "밀어 보기"
        assert driver.execute_script("return document.documentElement.lang") == "ko"
        tall = driver.find_element(By.ID, "map-a").size["height"]
        driver.find_element(By.ID, "drawer").click()
        assert driver.find_element(By.ID, "map-a").size["height"] > tall
        assert complaints(driver) == []
    finally:
        driver.quit()


def test_english_and_korean_say_the_same_things(page: Any, server: Server) -> None:
    open_page(page, server.address)
    keys = page.execute_script(
        "return Object.values(geoseg.words).map((words) => Object.keys(words).sort())"
    )
    assert keys[0] == keys[1]


def test_a_page_of_one_file(page: Any, files: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    names = ("map.tif", "confidence.tif", "map.gpkg", "scene.tif")
    done = run("view", *(files / name for name in names), "--export", out)
    assert done.returncode == 0, done.stderr
    refused = run("view", files / "map.tif", "--export", out)
    assert refused.returncode == 2
    text = out.read_text()
    assert str(files) not in text
    page.get_log("performance")
    open_page(page, out.as_uri())
    until(page, lambda: _areas(page), "areas are there")
    with rasterio.open(files / "map.tif") as raster:
        pixels = raster.read(1)
    rng = np.random.default_rng(2)
    for row, column in zip(
        rng.integers(0, 30, 8).tolist(), rng.integers(0, 40, 8).tolist(), strict=True
    ):
        point_at(page, 500_000 + 100 * column + 50, 5_000_000 - 100 * row - 50)
        expected = NAMES.get(int(pixels[10 * row + 5, 10 * column + 5]), "")
        until(
            page,
            lambda expected=expected: under(page) == expected,
            f"{expected} at {row}, {column}",
        )
    point_at(page, 501_450, 4_998_500, click=True)
    until(page, lambda: page.find_elements(By.CSS_SELECTOR, "#found .attributes"), "it tells")
    place = page.find_element(By.ID, "where").text
    told = [float(part) for part in re.findall(r"-?\d+\.\d+", place)]
    lon, lat = Transformer.from_crs(32633, 4326, always_xy=True).transform(501_450, 4_998_500)
    assert told == pytest.approx([lat, lon], abs=2e-4)  # a pixel of the screen, 10 m
    assert page.execute_script("return window.boom") is None
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [
        m["params"]["request"]["url"]
        for m in messages
        if m["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    assert complaints(page) == []


def test_a_map_too_large_for_one_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.tif"
    tags = {KIND_TAG: "classes", CLASSES_TAG: json.dumps(NAMES)}
    write(path, np.ones((1, 4000, 4001), np.uint8), tags=tags, compress="deflate")
    done = run("view", path, "--export", tmp_path / "page.html")
    assert done.returncode == 2
    assert "16.0 megapixels" in done.stderr
    assert "gdal_translate" in done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["map.tif"]


def test_what_is_drawn_is_a_label_and_undo_takes_it_back(
    page: Any, files: Path, tmp_path: Path
) -> None:
    classes = [Label(1, "water", "#0055aa"), Label(2, BOOM, "#228833")]
    folder = create_workspace(tmp_path / "work", [files / "scene.tif"], classes).folder
    server = Server(folder, files / "map.tif")
    try:
        open_page(page, server.address)
        until(page, lambda: page.find_elements(By.ID, "tool-polygon"), "it labels")
        page.find_element(By.ID, "tool-polygon").click()
        page.find_elements(By.CSS_SELECTOR, "#classes button")[1].click()
        corners = [(501_000, 4_999_000), (502_000, 4_999_000), (502_000, 4_998_000)]
        for corner in corners:
            point_at(page, *corner, click=True)
            time.sleep(0.3)  # or two of them are a double click
        page.find_element(By.TAG_NAME, "body").send_keys(Keys.ENTER)
        count = lambda: page.find_element(By.ID, "count").text  # noqa: E731
        until(page, lambda: count() == "1 labels", "it is kept")
        page.find_element(By.ID, "tool-point").click()
        page.find_element(By.TAG_NAME, "body").send_keys("q")
        point_at(page, 503_000, 4_999_000, click=True)
        until(page, lambda: count() == "2 labels", "it is kept")
        kept = read_labels(open_workspace(folder))
        assert list(kept["class"]) == [BOOM, "water"]
        found = shapely.get_coordinates(kept.geometry.iloc[0])[:3]
        side = page.execute_script(
            "const f = geoseg.ready.told.frame; return f.pixel * 2 ** (f.zoom - geoseg.ready.maps[0].getZoom())"
        )
        assert np.abs(found - corners).max() <= side  # a pixel of the screen
        page.find_element(By.ID, "undo").click()
        until(page, lambda: count() == "1 labels", "it is gone")
        assert list(read_labels(open_workspace(folder))["class"]) == [BOOM]
        assert page.execute_script("return window.boom") is None
        assert complaints(page) == []
    finally:
        assert server.stop() == 0


def test_learn_comes_to_a_round_and_shows_what_it_makes(page: Any, tmp_path: Path) -> None:
    """Learn without labels, draw meanwhile, a round, its map, a suggestion, and stop."""
    workspace = labelled.make_workspace(tmp_path, each=0)
    server = Server(workspace.folder)
    said = lambda: page.find_element(By.ID, "labelling").text  # noqa: E731
    try:
        open_page(page, server.address)
        until(page, lambda: page.find_elements(By.ID, "learn"), "it labels")
        page.find_element(By.ID, "learn").click()
        until(page, lambda: "labels of two classes at least" in said(), "it says what it lacks")
        page.find_element(By.ID, "tool-line").click()
        width = page.find_element(By.ID, "width")
        width.send_keys("3")
        add_labels(workspace, labelled.squares(4))  # as from QGIS
        until(page, lambda: page.find_elements(By.ID, "rounds"), "a round comes")
        # whoever writes meanwhile is not disturbed
        assert page.switch_to.active_element == width
        assert width.get_property("value") == "3"
        first = workspace.history()[0]
        assert first["labels"] == 12
        assert f"1 12 {100 * first['mean_iou']:.1f} % {first['weakest']}" in said()
        page.find_element(By.ID, "preview").click()
        image = until(
            page, lambda: page.find_elements(By.CSS_SELECTOR, ".leaflet-preview-pane img"), "a map"
        )[0]
        until(
            page,
            lambda: page.execute_script("return arguments[0].naturalWidth", image) > 0,
            "its picture comes",
        )
        until(page, workspace.suggestions_path.exists, "places are suggested")
        page.find_element(By.ID, "next").click()
        hint = until(page, lambda: page.find_elements(By.ID, "hint"), "it leads there")[0]
        suggested = gpd.read_file(workspace.suggestions_path).sort_values("rank").iloc[0]
        assert hint.text == f"1. {suggested['class']}: {suggested['reason']}"
        page.find_element(By.ID, "learn").click()
        until(page, lambda: page.find_element(By.ID, "learn").text == "Learn", "it stops")
        assert page.find_elements(By.ID, "learn-error") == []
        assert complaints(page) == []
    finally:
        assert server.stop() == 0


def test_a_photograph_comes_back_labelled(page: Any, server: Server, tmp_path: Path) -> None:
    rgb = np.full((3, 200, 300), 90, np.uint8) + np.random.default_rng(0).integers(
        0, 60, (3, 200, 300)
    ).astype(np.uint8)
    with rasterio.open(
        tmp_path / "a.png",
        "w",
        driver="PNG",
        count=3,
        height=200,
        width=300,
        dtype="uint8",
        transform=rasterio.Affine.scale(2),
    ) as file:
        file.write(rgb)
    open_page(page, server.address)
    page.find_element(By.ID, "photo-file").send_keys(str(tmp_path / "a.png"))
    image = until(
        page, lambda: page.find_elements(By.CSS_SELECTOR, ".photo .above"), "it is mapped"
    )[0]
    until(
        page,
        lambda: page.execute_script("return arguments[0].naturalWidth", image) == 300,
        "its picture comes",
    )
    shares = [row.text for row in page.find_elements(By.CSS_SELECTOR, "#photo-result tr")]
    numbers = [float(text.removesuffix(" %").rsplit(" ", 1)[1]) for text in shares]
    assert sum(numbers) == pytest.approx(100, abs=0.5)
    assert "straight down" in page.find_element(By.ID, "photo-note").text
    assert complaints(page) == []


def test_nothing_is_left_of_a_server_that_was_stopped(files: Path, tmp_path: Path) -> None:
    process = start(
        "view",
        files / "map.tif",
        "--no-browser",
        "--quiet",
        env=environment() | {"TMPDIR": str(tmp_path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert list(tmp_path.iterdir()) == []
