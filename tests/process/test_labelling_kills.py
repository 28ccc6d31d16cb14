"""A workspace while it is written by others, and after they were killed."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from commands import environment
from rasters import UTM33, colours, write

from geoseg.core.card import Label
from geoseg.core.errors import InputError
from geoseg.features.layers import open_layer
from geoseg.labelling.carry import unpack_workspace
from geoseg.labelling.workspace import (
    Workspace,
    add_labels,
    create_workspace,
    open_workspace,
    read_labels,
)

CLASSES = (Label(1, "water", "#0055aa"), Label(7, "trees", "#228833"))
X, Y = UTM33[2], UTM33[5]
GROUP = 40

BUSY = """
import sys, shutil
from pathlib import Path
import geopandas as gpd, shapely
from geoseg.core.card import Label
from geoseg.labelling.carry import pack_workspace, unpack_workspace
from geoseg.labelling.imports.run import Naming, import_labels
from geoseg.labelling.merge import merge_labels
from geoseg.labelling.workspace import *
folder = Path(sys.argv[1])
made = open_workspace(folder / "work")
classes = made.classes
n = 0
while True:
    n += 1
    shapes = [shapely.box(5e5 + i, 5e6 - n - 1, 5e5 + i + 1, 5e6 - n) for i in range(40)]
    frame = gpd.GeoDataFrame({"class": ["water", "trees"] * 20}, geometry=shapes, crs="EPSG:32633")
    frame.to_file(folder / "drawn.gpkg")
    print("import", flush=True)
    import_labels(made, str(folder / "drawn.gpkg"), Naming({}, "Ada"))
    shutil.rmtree(folder / "other", ignore_errors=True)
    other = create_workspace(folder / "other", [folder / "scene.tif"], classes)
    add_labels(other, frame.assign(**{"class": ["trees"] * 40, "author": "Bo"}))
    print("merge", flush=True)
    merge_labels(made, str(other.folder), {})
    print("pack", flush=True)
    pack_workspace(made, folder / "work.zip", overwrite=True)
    shutil.rmtree(folder / "desk", ignore_errors=True)
    print("unpack", flush=True)
    unpack_workspace(folder / "work.zip", folder / "desk")
    print("made", flush=True)
    save_workspace(made)
    add_to_history(made, {"round": n})
"""


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    scene = write(tmp_path / "scene.tif", colours(40, 50))
    return create_workspace(tmp_path / "work", [scene], CLASSES)


def check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("step", "after"),
    [
        ("import", 0.02),
        ("merge", 0.02),
        ("merge", 0.15),
        ("pack", 0.02),
        ("unpack", 0.02),
        ("made", 0.0),
    ],
)
def test_a_kill_at_any_moment_leaves_all_whole(made: Workspace, step: str, after: float) -> None:
    folder = made.folder.parent
    with subprocess.Popen(
        [sys.executable, "-c", BUSY, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as busy:
        assert busy.stdout is not None
        met = 0
        for line in busy.stdout:
            met += line.strip() == step
            if met == 2:
                break
        assert met == 2
        time.sleep(after)
        busy.send_signal(signal.SIGKILL)
    again = open_workspace(made.folder)
    frame = read_labels(again)
    for author in ("Ada", "Bo"):
        assert (frame["author"] == author).sum() % GROUP == 0
    assert len(frame) >= GROUP
    check(made.labels_path)
    for name in ("disagreement.gpkg", "../other/labels.gpkg"):
        if (made.folder / name).exists():
            check(made.folder / name)
    if (folder / "other").exists():
        open_workspace(folder / "other")
    if (folder / "desk").exists():
        open_workspace(folder / "desk", scenes=False)
    if (folder / "work.zip").exists():
        with zipfile.ZipFile(folder / "work.zip") as archive:
            assert archive.testzip() is None
        there = unpack_workspace(folder / "work.zip", folder / "again")
        assert len(read_labels(there)) % GROUP == 0


SPILL = """
import os, signal, sqlite3, sys
with open(sys.argv[1], "rb") as file:
    assert file.read(6) == b"SQLite"
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("BEGIN")
database.execute("CREATE TABLE begun (text)")
database.executemany("INSERT INTO begun VALUES (?)", [("x" * 4000,)] * 100)  # more than is held
os.kill(os.getpid(), signal.SIGKILL)
"""


def spill(path: Path) -> None:
    """Kill a writer in the midst of a transaction of which a part is in the file already."""
    subprocess.run([sys.executable, "-c", SPILL, str(path)], check=False)
    assert Path(f"{path}-journal").stat().st_size > 0


def test_what_a_killed_writer_had_begun_is_taken_back(made: Workspace) -> None:
    frame = gpd.GeoDataFrame(
        {"class": ["water"]}, geometry=[shapely.box(X, Y - 1, X + 1, Y)], crs="EPSG:32633"
    )
    add_labels(made, frame)
    spill(made.labels_path)
    assert len(read_labels(open_workspace(made.folder))) == 1
    assert not Path(f"{made.labels_path}-journal").exists()
    check(made.labels_path)


def test_a_layer_whose_writer_was_killed_says_so(made: Workspace) -> None:
    spill(made.labels_path)
    with pytest.raises(InputError, match=r"was being written .*-journal lies beside it"):
        open_layer(str(made.labels_path))


OGR = shutil.which("ogr2ogr")


@pytest.mark.skipif(OGR is None, reason="there is no ogr2ogr (gdal-bin)")
def test_ogr_writes_while_geoseg_reads_and_adds(made: Workspace) -> None:
    """Another GDAL, with another SQLite, as QGIS has them."""
    frame = gpd.GeoDataFrame(
        {"class": ["water"] * 5},
        geometry=[shapely.box(X + i, Y - 1, X + i + 1, Y) for i in range(5)],
        crs="EPSG:32633",
    )
    source = made.folder.parent / "more.gpkg"
    frame.to_file(source, layer="labels")
    assert OGR is not None
    appended = 0
    for _ in range(4):
        with subprocess.Popen(
            [OGR, "-append", "-update", str(made.labels_path), str(source), "labels"],
            stderr=subprocess.PIPE,
            text=True,
        ) as ogr:
            add_labels(made, frame)
            read_labels(made)
            told = ogr.communicate(timeout=60)[1]
            assert ogr.returncode == 0, told
        appended += 5
        found = read_labels(made)
        assert len(found) == 2 * appended
        assert found["time"].notna().all()  # ogr wrote none: the file did
    check(made.labels_path)
