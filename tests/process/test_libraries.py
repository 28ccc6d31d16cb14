"""What libraries say for themselves reaches a terminal as a line of geoseg's own, and nothing
else of it does.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from commands import environment, run
from pyogrio.raw import write

from geoseg.cli.libraries import heard, telling
from geoseg.core.events import Event, Warned

UTM = {"crs": "EPSG:32632", "transform": rasterio.Affine(10.0, 0, 400_000, 0, -10.0, 5_000_000)}
TOLD = "may only be partially supported"


def class_map(path: Path) -> Path:
    classes = np.ones((1, 8, 8), np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=8, width=8, dtype="uint8", **UTM
    ) as raster:
        raster.write(classes)
    return path


def truth(path: Path, names: tuple[str, ...] = ("1",), version: int = 0) -> Path:
    """Write one square of the whole map; `version` is that of the GeoPackage, which GDAL may not
    know.
    """
    shapes = np.array(
        [shapely.to_wkb(shapely.box(400_000, 4_999_920, 400_080, 5_000_000))] * len(names), object
    )
    columns = [np.array(names, object)]
    write(path, shapes, columns, ["lc"], geometry_type="Polygon", crs="EPSG:32632", driver="GPKG")
    if version:
        database = sqlite3.connect(path)
        database.execute(f"pragma user_version = {version}")
        database.close()
    return path


@pytest.mark.parametrize("option", [(), ("--quiet",), ("--debug",)])
def test_a_librarys_warning_is_one_line_of_ours(tmp_path: Path, option: tuple[str, ...]) -> None:
    found = truth(tmp_path / "truth.gpkg", version=19999)
    done = run("evaluate", class_map(tmp_path / "map.tif"), found, "--truth-column", "lc", *option)
    told = [line for line in done.stderr.splitlines() if TOLD in line]
    assert done.returncode == 0, done.stderr
    assert len(told) == 1, done.stderr
    assert told[0].startswith("warning: This version of GeoPackage")
    assert ".py" not in done.stderr
    assert "RuntimeWarning" not in done.stderr


def test_a_program_gets_a_librarys_warning_as_an_event(tmp_path: Path) -> None:
    found = truth(tmp_path / "truth.gpkg", version=19999)
    done = run(
        "evaluate", class_map(tmp_path / "map.tif"), found, "--truth-column", "lc", "--events"
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [
        event["text"] for event in events if event["event"] == "warned" and TOLD in event["text"]
    ]
    assert TOLD not in done.stderr


# GDAL prints by itself what is said outside of the calls that rasterio and pyogrio make
RAW = """
import ctypes, pathlib, sys
import geoseg.cli, pyogrio, rasterio

files = [file for package in (pyogrio, rasterio)
         for file in (pathlib.Path(package.__file__).parents[1] / f"{package.__name__}.libs").glob("libgdal*")]
libraries = [ctypes.CDLL(str(file)) for file in files]

def speak(arguments):
    for library in libraries:
        library.CPLDefaultErrorHandler(2, 1, b"raw words")
    print(len(libraries))
    return 0

geoseg.cli.run = speak
geoseg.cli.main(sys.argv[1:])
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="it finds GDAL's library where Linux wheels keep it"
)
@pytest.mark.parametrize(("option", "shown"), [((), False), (("--debug",), True)])
def test_gdals_own_messages_stay_off_the_terminal(option: tuple[str, ...], shown: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RAW, *option],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        timeout=300,
    )
    if done.stdout == "0\n":
        pytest.skip("rasterio and pyogrio bring no GDAL of their own here")
    assert done.returncode == 0, done.stderr
    assert ("raw words" in done.stderr) == shown


def test_log_records_and_warnings_are_told_once_and_then_no_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    events: list[Event] = []
    logger = logging.getLogger("a.library")
    logger.propagate = False  # pytest listens at the root: here is a library that nobody listens to
    with warnings.catch_warnings(), heard(debug=False):
        warnings.simplefilter("always")
        with telling(events.append):
            for _ in range(2):
                warnings.warn("first\n  thing", UserWarning, stacklevel=1)
                logger.warning("second %s", "thing")
                logger.info("of no interest")
        warnings.warn("third thing", UserWarning, stacklevel=1)
        logging.getLogger("rasterio.made_up").warning("what rasterio keeps to itself")
    assert events == [Warned("first thing"), Warned("second thing")]
    assert capsys.readouterr().err == "warning: third thing\n"


def test_debug_tells_what_rasterio_keeps_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with heard(debug=True):
        logging.getLogger("rasterio.made_up").warning("CPLE_AppDefined in a file")
    logging.getLogger("rasterio.made_up").warning("afterwards")
    assert capsys.readouterr().err == "warning: CPLE_AppDefined in a file\n"


def test_text_in_another_encoding_is_refused_in_one_line(tmp_path: Path) -> None:
    path = truth(tmp_path / "truth.gpkg", ("Wald",))
    database = sqlite3.connect(path)
    for (name,) in database.execute(
        "select name from sqlite_master where type = 'trigger'"
    ).fetchall():
        database.execute(f'drop trigger "{name}"')
    database.execute("update truth set lc = cast(x'57e46c646572' as text)")  # Wälder in Latin-1
    database.commit()
    database.close()
    done = run("evaluate", class_map(tmp_path / "map.tif"), path, "--truth-column", "lc")
    assert done.returncode == 2, done.stderr
    assert "holds text that is not in its encoding" in done.stderr
    assert "internal error" not in done.stderr
