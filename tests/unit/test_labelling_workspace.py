"""Workspaces: made, opened, refused, written by several at once, and killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from commands import environment
from rasters import colours, write

from geoseg.core.card import Label
from geoseg.core.errors import GeosegError, InputError, OutputError, RunError
from geoseg.core.worker_id import myself
from geoseg.labelling.lock import NAME, only_learner
from geoseg.labelling.workspace import (
    Workspace,
    add_labels,
    add_to_history,
    create_workspace,
    open_workspace,
    read_labels,
    relocate,
    save_workspace,
    set_current_model,
)

CLASSES = (Label(1, "water", "#0055aa"), Label(7, "trees", "#228833"))
X, Y = 500_000.0, 5_000_000.0


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return Path(write(tmp_path / "scene.tif", colours(40, 50)))


@pytest.fixture
def made(tmp_path: Path, scene: Path) -> Workspace:
    return create_workspace(tmp_path / "work", [scene], CLASSES)


@contextmanager
def as_gdal_opens_it(made: Workspace) -> Iterator[sqlite3.Connection]:
    """The labels, to be written by SQL: the triggers of a GeoPackage call functions of GDAL's."""
    with closing(sqlite3.connect(made.labels_path)) as database, database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda shape: 0)
        yield database


def drawn(*names: str | None, **columns: object) -> gpd.GeoDataFrame:
    shapes = [shapely.box(X + 10 * i, Y - 30, X + 10 * i + 10, Y) for i in range(len(names))]
    return gpd.GeoDataFrame({"class": list(names)} | columns, geometry=shapes, crs="EPSG:32633")


def test_a_workspace_is_what_it_was_made_of(made: Workspace, scene: Path) -> None:
    again = open_workspace(made.folder)
    assert again == made
    assert [one.name for one in again.scenes] == ["scene"]
    assert again.scenes[0].files == (str(scene),)
    assert again.classes == CLASSES
    assert not len(read_labels(again))
    assert read_labels(again).crs == "EPSG:32633"
    assert again.history() == []
    assert again.current_model() is None
    told = json.loads((made.folder / "workspace.json").read_text())
    assert told["scenes"] == ["../scene.tif"]  # both can move together
    assert sorted(path.name for path in made.folder.iterdir()) == ["labels.gpkg", "workspace.json"]


def test_it_moves_with_its_scenes(tmp_path: Path, made: Workspace) -> None:
    add_labels(made, drawn("water"))
    other = tmp_path / "elsewhere"
    other.mkdir()
    (tmp_path / "scene.tif").rename(other / "scene.tif")
    made.folder.rename(other / "renamed")
    assert open_workspace(other / "renamed").scenes[0].files == (str(other / "scene.tif"),)


def test_it_opens_through_a_link(tmp_path: Path, made: Workspace) -> None:
    far = tmp_path / "a" / "b"
    far.mkdir(parents=True)
    (far / "link").symlink_to(made.folder)
    with pytest.raises(InputError, match="scenes are missing"):
        open_workspace(far / "link")  # beside the link lies no scene
    inside = made.folder / "scene.tif"
    inside.symlink_to(tmp_path / "scene.tif")
    save_workspace(relocate(made, {"scene": str(inside)}))
    assert open_workspace(far / "link").scenes[0].files == (str(far / "link" / "scene.tif"),)


def test_missing_scenes_are_named_and_told_anew(tmp_path: Path, made: Workspace) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "scene.tif").rename(tmp_path / "new" / "scene.tif")
    with pytest.raises(InputError, match=r"scene\.tif.*--scene scene="):
        open_workspace(made.folder)
    assert open_workspace(made.folder, scenes=False).scenes == made.scenes
    now = open_workspace(made.folder, moved={"scene": str(tmp_path / "new" / "scene.tif")})
    save_workspace(now)
    assert open_workspace(made.folder) == now
    with pytest.raises(InputError, match="no scene 'other'"):
        relocate(made, {"other": "x.tif"})
    with pytest.raises(InputError, match="a file of the stem scene"):
        relocate(made, {"scene": "x.tif"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"geoseg_workspace": 2}, "version 2; expected version 1; it was made by a newer geoseg"),
        ({"geoseg_workspace": True}, "no workspace's"),
        ({"geoseg_workspace": "1"}, "no workspace's"),
        ({"scenes": []}, "without a scene"),
        ({"scenes": [3]}, "damaged"),
        ({"scenes": {"a": 1}}, "missing: .*a"),
        ({"classes": None}, "damaged"),
        ({"classes": []}, "without a class"),
        ({"classes": [{"value": 255, "name": "a", "colour": "#000000"}]}, "0 to 254"),
        ({"classes": [{"value": 1.5, "name": "a", "colour": "#000000"}]}, "damaged"),
        ({"classes": [{"value": 1, "name": "a", "colour": "red"}]}, "damaged"),
        ({"classes": [{"value": 1, "name": n, "colour": "#000000"} for n in "ab"]}, "value '1'"),
        ({"classes": [{"value": i, "name": "a", "colour": "#000000"} for i in (1, 2)]}, "name 'a'"),
        ({"scenes": ["../scene.tif", "sub/scene.png"]}, "two scenes have the name 'scene'"),
        ({"start": 3}, "damaged"),
    ],
)
def test_what_is_no_workspace_is_refused(made: Workspace, change: object, told: str) -> None:
    path = made.folder / "workspace.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=told):
        open_workspace(made.folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "[" * 100_000, "\xff", '{"geoseg_workspace": NaN}']
)
def test_a_damaged_file_is_refused_in_words(made: Workspace, text: str) -> None:
    (made.folder / "workspace.json").write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=r"workspace\.json"):
        open_workspace(made.folder)


def test_a_folder_in_use_is_not_overwritten(tmp_path: Path, scene: Path, made: Workspace) -> None:
    with pytest.raises(OutputError, match="not empty"):
        create_workspace(made.folder, [scene], CLASSES)
    with pytest.raises(InputError, match=r"holds no workspace\.json"):
        open_workspace(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        open_workspace(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert create_workspace(tmp_path / "empty", [scene], CLASSES).scenes == made.scenes


def test_what_cannot_be_a_workspace_leaves_nothing(tmp_path: Path, scene: Path) -> None:
    (tmp_path / "text.tif").write_text("no raster")
    for scenes, classes in (
        ([tmp_path / "text.tif"], CLASSES),
        ([tmp_path / "none.tif"], CLASSES),
        ([scene, scene], CLASSES),
        ([scene], (*CLASSES, CLASSES[0])),
        ([scene], ()),
        ([], CLASSES),
    ):
        with pytest.raises(InputError):
            create_workspace(tmp_path / "new", scenes, classes)
    with pytest.raises(InputError, match="no model"):
        create_workspace(tmp_path / "new", [scene], CLASSES, "no-such-model")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scene.tif", "text.tif"]


def test_labels_come_back_as_they_went(made: Workspace) -> None:
    frame = drawn(
        "water",
        "trees",
        width=[None, 4.5],
        author=["Ada", None],
        held_out=[None, True],
        scene=["scene", None],
        time=["2026-01-02T03:04:05Z", None],
    )
    assert add_labels(made, frame) == 2
    found = read_labels(made)
    assert found["class"].tolist() == ["water", "trees"]
    assert found["width"].isna().tolist() == [True, False]
    assert found["width"].tolist()[1] == 4.5
    assert [value is not None and bool(value) for value in found["held_out"]] == [False, True]
    assert found["author"].tolist()[0] == "Ada"
    assert found["author"].isna().tolist() == [False, True]
    assert found["time"].tolist()[0] == "2026-01-02T03:04:05Z"
    assert found["time"].tolist()[1].startswith("20")
    assert shapely.equals(found.geometry.array, frame.geometry.array).all()


def test_labels_in_another_crs_are_brought_to_theirs(made: Workspace) -> None:
    add_labels(made, drawn("water").to_crs("EPSG:4326"))
    found = read_labels(made).geometry.iloc[0]
    assert found.hausdorff_distance(drawn("water").geometry.iloc[0]) < 1e-3


def test_what_is_no_label_is_refused_and_nothing_written(made: Workspace) -> None:
    add_labels(made, drawn("water"))
    for wrong in (
        drawn("water", "sand"),
        drawn(None),
        drawn("water", width=[-1.0]),
        drawn("water", width=[float("inf")]),
        gpd.GeoDataFrame(
            {"class": ["water"]}, geometry=[shapely.Point(float("inf"), 0)], crs="EPSG:32633"
        ),
    ):
        with pytest.raises(InputError):
            add_labels(made, wrong)
    assert len(read_labels(made)) == 1


def test_a_row_that_is_being_drawn_is_left_out_and_a_strange_class_refused(made: Workspace) -> None:
    add_labels(made, drawn("water", "trees"))
    with as_gdal_opens_it(made) as database:
        database.execute("UPDATE labels SET class = ' ' WHERE fid = 1")
    assert read_labels(made).index.tolist() == [2]
    with as_gdal_opens_it(made) as database:
        database.execute("UPDATE labels SET class = '<b>sand' WHERE fid = 1")
    with pytest.raises(InputError, match=r"<b>sand.*water"):
        read_labels(made)


def test_the_file_says_when_something_was_drawn(made: Workspace) -> None:
    """QGIS writes a row without a time, as ogr does here."""
    add_labels(made, drawn("water", time=["2020-01-01T00:00:00Z"]))
    path = str(made.labels_path)
    frame = gpd.GeoDataFrame({"class": ["trees"]}, geometry=[shapely.Point(X, Y)], crs="EPSG:32633")
    frame.to_file(path, layer="labels", mode="a", driver="GPKG")
    times = read_labels(made)["time"].tolist()
    assert times[0] == "2020-01-01T00:00:00Z"
    assert times[1] > times[0]
    with as_gdal_opens_it(made) as database:
        database.execute("UPDATE labels SET note = 'seen' WHERE fid = 1")
    assert read_labels(made)["time"].tolist() == times  # a note changes nothing on the map
    with as_gdal_opens_it(made) as database:
        database.execute("UPDATE labels SET class = 'trees' WHERE fid = 1")
    assert read_labels(made)["time"].tolist()[0] >= times[1]


def test_a_layer_without_the_optional_columns_will_do(tmp_path: Path, made: Workspace) -> None:
    made.labels_path.unlink()
    drawn("water").to_file(made.labels_path, layer="labels")
    assert read_labels(made)["time"].tolist() == [None]
    made.labels_path.unlink()
    drawn("water").rename(columns={"class": "kind"}).to_file(made.labels_path, layer="labels")
    with pytest.raises(InputError, match="one called class"):
        read_labels(made)


HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute(f"PRAGMA journal_mode = {sys.argv[2]}").fetchall()
for line in sys.stdin:
    print(held.execute(line).fetchall(), flush=True)
"""


@pytest.mark.process
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_labels_are_read_and_added_while_another_has_the_file_open(
    made: Workspace, mode: str
) -> None:
    """QGIS holds a connection with a WAL for as long as a layer is loaded."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(made.labels_path), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as qgis:

        def ask(sql: str) -> str:
            assert qgis.stdin is not None
            assert qgis.stdout is not None
            qgis.stdin.write(sql + "\n")
            qgis.stdin.flush()
            return qgis.stdout.readline().strip()

        assert ask("SELECT count(*) FROM labels") == "[(0,)]"
        add_labels(made, drawn("water"))
        assert len(read_labels(made)) == 1
        assert ask("BEGIN IMMEDIATE") == "[]"  # somebody is saving
        assert len(read_labels(made)) == 1
        assert ask("ROLLBACK") == "[]"
        assert ask("SELECT count(*) FROM labels") == "[(1,)]"
        add_labels(made, drawn("trees"))
        assert ask("SELECT count(*) FROM labels") == "[(2,)]"
        if mode == "wal":  # GDAL waits for 15 s
            assert ask("BEGIN IMMEDIATE") == "[]"  # and does not end
            with pytest.raises(RunError, match="is being written by another program"):
                add_labels(made, drawn("trees"))
        qgis.communicate(timeout=60)
    assert len(read_labels(made)) == 2


def test_history_survives_a_torn_line(made: Workspace) -> None:
    add_to_history(made, {"round": 1, "weakest": "Bäume"})
    with made.history_path.open("ab") as file:
        file.write(b'{"round": 2, "mean')
    add_to_history(made, {"round": 2})
    assert [line["round"] for line in made.history()] == [1, 2]
    assert made.history()[0]["weakest"] == "Bäume"


def test_the_model_of_the_moment_lies_in_the_workspace(tmp_path: Path, made: Workspace) -> None:
    model = made.models_path / "round-0001"
    model.mkdir(parents=True)
    set_current_model(made, model)
    with pytest.raises(InputError, match="the folder of a model"):
        made.current_model()
    (model / "card.json").write_text("{}")
    assert made.current_model() == model
    (tmp_path / "card.json").write_text("{}")
    for outside in ("..", "../..", str(tmp_path), "models/../..", "models", 3, None, ""):
        (made.folder / "model.json").write_text(json.dumps({"model": outside}))
        with pytest.raises(InputError, match="the folder of a model"):
            made.current_model()


def test_classes_can_be_added(made: Workspace) -> None:
    save_workspace(replace(made, classes=(*CLASSES, Label(3, "sand", "#ffff00"))))
    add_labels(open_workspace(made.folder), drawn("sand"))
    with pytest.raises(InputError, match="add the class"):
        read_labels(made)


def test_one_process_learns_at_a_time(made: Workspace) -> None:
    with only_learner(made.folder):
        with pytest.raises(RunError, match="is learned in by process"), only_learner(made.folder):
            pass
        assert (made.folder / NAME).exists()
    assert not (made.folder / NAME).exists()
    dead = asdict(myself()) | {"begun": "1"}
    (made.folder / NAME).write_text(json.dumps(dead))
    with only_learner(made.folder):
        pass
    (made.folder / NAME).write_text("torn")
    with only_learner(made.folder):
        pass
    assert sorted(path.name for path in made.folder.iterdir()) == ["labels.gpkg", "workspace.json"]


WRITER = """
import sys
from geoseg.labelling.workspace import *
import geopandas as gpd, shapely
made = open_workspace(sys.argv[1])
n = 0
while n < int(sys.argv[2]):
    shapes = [shapely.box(5e5 + n, 5e6 - 30, 5e5 + n + 1, 5e6)] * 5
    frame = gpd.GeoDataFrame({"class": ["water"] * 5, "note": [f"{sys.argv[3]} {n}"] * 5},
                             geometry=shapes, crs="EPSG:32633")
    add_labels(made, frame)
    add_to_history(made, {"round": n, "by": sys.argv[3]})
    save_workspace(made)
    n += 1
    print(n, flush=True)
"""


def writer(made: Workspace, times: int, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(made.folder), str(times), name],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )


@pytest.mark.process
def test_two_writers_lose_nothing(made: Workspace) -> None:
    writers = [writer(made, 8, name) for name in "ab"]
    for one in writers:
        one.communicate(timeout=120)
        assert one.returncode == 0
    notes = read_labels(made)["note"].tolist()
    assert sorted(set(notes)) == sorted(f"{name} {n}" for name in "ab" for n in range(8))
    assert len(notes) == 80
    assert len(made.history()) == 16


@pytest.mark.process
@pytest.mark.parametrize("after", [0.0, 0.003, 0.01, 0.02])
def test_a_killed_writer_leaves_a_workspace_that_opens(made: Workspace, after: float) -> None:
    one = writer(made, 1000, "a")
    assert one.stdout is not None
    told = [one.stdout.readline() for _ in range(2)]
    time.sleep(after)
    one.send_signal(signal.SIGKILL)
    rest = one.communicate(timeout=60)[0].split()
    done = int((rest or told)[-1])
    again = open_workspace(made.folder)
    notes = read_labels(again)["note"].tolist()
    assert len(notes) in (5 * done, 5 * done + 5)  # a group is there, or not at all
    assert done <= len(again.history()) <= done + 1
    add_labels(again, drawn("trees"))
    with closing(sqlite3.connect(again.labels_path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert Path(again.labels_path).exists()


def test_errors_are_all_of_geoseg(made: Workspace) -> None:
    (made.labels_path).write_bytes(b"no database")
    with pytest.raises(GeosegError, match=r"labels\.gpkg"):
        read_labels(made)
    with pytest.raises(GeosegError, match=r"labels\.gpkg"):
        add_labels(made, drawn("water"))


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only the superuser can be somebody else"
)
def test_a_workspace_of_somebody_else_is_read_and_not_written(tmp_path: Path) -> None:
    frame = drawn("water")
    with tempfile.TemporaryDirectory(
        dir="/tmp"
    ) as place:  # pytest's own folders nobody else enters
        folder = Path(place)
        folder.chmod(0o755)
        made = create_workspace(
            folder / "work", [write(folder / "scene.tif", colours(40, 50))], CLASSES
        )
        add_labels(made, frame)
        model = made.models_path / "round-0001"
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        os.seteuid(65534)
        try:
            opened = open_workspace(folder / "work")
            assert len(read_labels(opened)) == 1
            for change in (
                lambda: add_labels(opened, frame),
                lambda: save_workspace(replace(opened, start="none")),
                lambda: add_to_history(opened, {"round": 1}),
                lambda: set_current_model(opened, model),
                lambda: only_learner(folder / "work").__enter__(),
            ):
                with pytest.raises(GeosegError, match="work"):
                    change()
        finally:
            os.seteuid(0)
        assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
