"""The panel in a real window of QGIS, by a real mouse: drawn, learned, mapped, suggested, accepted.

The display is Xvfb's, the mouse xdotool's; `window/eye.py` runs in QGIS and tells what is to be
seen, and where.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import rasterio
import shapely
from profiles import enable

from geoseg.core.card import Label
from geoseg.labelling.workspace import add_labels, create_workspace

EYE = Path(__file__).parent / "window" / "eye.py"
QGIS = shutil.which("qgis.bin") or shutil.which("qgis")
LONG = 240.0  # seconds that anything may take on a machine that has much to do
pytestmark = pytest.mark.skipif(
    not (QGIS and shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="QGIS, Xvfb or xdotool is not installed",
)


@pytest.fixture
def display() -> Iterator[str]:
    """A screen that nobody sees."""
    read, write = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1500x1300x24", "-nolisten", "tcp"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        assert number
        yield f":{number}"
        server.terminate()


class Window:
    """A QGIS, its mouse, and what is to be seen."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._said = (folder / "said.txt").open("wb")
        self._process = subprocess.Popen(
            [QGIS, "--nologo", "--noversioncheck", "--lang", "en", "--code", str(EYE)],
            env=environ, stdout=self._said, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def until(self, wanted: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        end = time.monotonic() + LONG
        seen: dict[str, Any] = {}
        while time.monotonic() < end:
            failed = self._folder / "failed.txt"
            assert not failed.exists(), failed.read_text()
            assert self._process.poll() is None, (self._folder / "said.txt").read_text()[-2000:]
            if (self._folder / "seen.json").exists():
                seen = json.loads((self._folder / "seen.json").read_text())
                if wanted(seen):
                    return seen
            time.sleep(0.1)
        self.picture()
        raise AssertionError(f"{what} did not come; seen: {seen}")

    def click(self, place: list[int], button: int = 1) -> None:
        x, y = map(str, place)
        move = ["xdotool", "mousemove", x, y, "sleep", "0.3", "click", str(button), "sleep", "0.3"]
        subprocess.run(move, env=self._environ, check=True)

    def picture(self) -> None:
        (self._folder / "picture.png.wanted").touch()
        time.sleep(2)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._said.close()


def make_workspace(scene: Path, folder: Path) -> None:
    """Two classes with a few labels each, by the near infrared: water has none."""
    classes = (Label(1, "water", "#0055aa"), Label(2, "land", "#228833"))
    made = create_workspace(folder, [scene], classes)
    with rasterio.open(scene) as raster:
        names = list(raster.descriptions)
        near = raster.read(names.index("B08") + 1 if "B08" in names else raster.count)
        side = 8
        blocks = near[: near.shape[0] // side * side, : near.shape[1] // side * side]
        means = blocks.reshape(blocks.shape[0] // side, side, -1, side).mean((1, 3))
        order = means.ravel().argsort()
        rows = []
        for name, chosen in (("water", order[:6]), ("land", order[-6:])):
            for place in chosen:
                row, column = divmod(int(place), means.shape[1])
                corners = [raster.transform * (side * c, side * r)
                           for c, r in ((column, row), (column + 1, row + 1))]  # fmt: skip
                rows.append((name, shapely.box(*sum(corners, ()))))
        frame = gpd.GeoDataFrame(
            {"class": [name for name, _ in rows]}, geometry=[s for _, s in rows], crs=raster.crs
        )
    add_labels(made, frame)


def test_the_loop_by_the_mouse(
    data: Path, environ: dict[str, str], display: str, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    make_workspace(data / "s2.tif", work)
    enable(environ)
    folder = tmp_path / "eye"
    folder.mkdir()
    variables = environ | {
        "QT_QPA_PLATFORM": "xcb",
        "DISPLAY": display,
        "EYE_FOLDER": str(folder),
        "EYE_SCENE": str(data / "s2.tif"),
        "EYE_WORKSPACE": str(work),
    }
    window = Window(folder, variables)
    try:
        seen = window.until(lambda seen: seen["labels"] == 12, "the workspace")
        assert set(seen["classes"]) == {"water", "land"}
        window.click(seen["classes"]["land"])
        window.until(lambda seen: seen["class"] == "land", "the class that was clicked")
        window.click(seen["places"]["draw"])
        seen = window.until(lambda seen: seen["drawing"], "QGIS's own tool")
        for corner in seen["canvas"]:
            window.click(corner)
        window.click(seen["canvas"][-1], 3)
        seen = window.until(lambda seen: seen["labels"] == 13, "the polygon that was drawn")
        window.click(seen["places"]["learn"])
        window.until(lambda seen: seen["learning"], "learning")
        seen = window.until(lambda seen: seen["map"] and seen["above"], "the map of the view")
        seen = window.until(lambda seen: "next" in seen["enabled"], "suggestions")
        window.click(seen["places"]["next"])
        seen = window.until(lambda seen: "accept" in seen["enabled"], "the first suggestion")
        window.click(seen["places"]["accept"])
        window.until(lambda seen: seen["labels"] == 14, "the label that was accepted")
        window.picture()
        window.click(seen["places"]["undo"])
        window.until(lambda seen: seen["labels"] == 13, "the label that was taken back")
    finally:
        window.close()
        if os.environ.get("GEOSEG_KEEP_PICTURES"):
            shutil.copytree(folder, os.environ["GEOSEG_KEEP_PICTURES"], dirs_exist_ok=True)
