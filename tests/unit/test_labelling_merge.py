"""Second persons, other desks, and trainings: what becomes of labels that travel."""

from __future__ import annotations

import json
import sqlite3
import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasters import UTM33, colours, write
from sklearn.metrics import cohen_kappa_score

from geoseg.core.card import NODATA, Label
from geoseg.core.errors import InputError, OutputError
from geoseg.features.coding import Coding
from geoseg.features.labels import open_labels
from geoseg.labelling import agreement
from geoseg.labelling.agreement import compare_authors
from geoseg.labelling.carry import pack_workspace, unpack_workspace
from geoseg.labelling.labels import COLUMNS
from geoseg.labelling.merge import merge_labels
from geoseg.labelling.pixels import labels_of, place_labels
from geoseg.labelling.training_set import training_set
from geoseg.labelling.workspace import (
    Workspace,
    add_labels,
    add_to_history,
    create_workspace,
    open_workspace,
    read_labels,
    set_current_model,
)
from geoseg.training.sources import read_samples

CLASSES = (Label(1, "water", "#0055aa"), Label(7, "trees", "#228833"), Label(8, "sand", "#ffff00"))
NAMES = [label.name for label in CLASSES]
X, Y = UTM33[2], UTM33[5]
WHEN = "2026-01-01T00:00:00Z"


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    scene = write(tmp_path / "scene.tif", colours(40, 50))
    return create_workspace(tmp_path / "work", [scene], CLASSES)


@pytest.fixture
def other(tmp_path: Path, made: Workspace) -> Workspace:
    return create_workspace(tmp_path / "theirs", [tmp_path / "scene.tif"], CLASSES)


def box(top: int, left: int, bottom: int, right: int) -> Any:
    return shapely.box(X + 10 * left, Y - 10 * bottom, X + 10 * right, Y - 10 * top)


def drawn(*boxes: tuple[str, int, int, int, int], **columns: object) -> gpd.GeoDataFrame:
    told = {name: [None] * len(boxes) for name in COLUMNS} | columns
    told["class"] = [one[0] for one in boxes]
    return gpd.GeoDataFrame(told, geometry=[box(*one[1:]) for one in boxes], crs="EPSG:32633")


def test_names_and_times_are_kept_and_duplicates_are_not(made: Workspace, other: Workspace) -> None:
    both = drawn(("water", 0, 0, 5, 5), author=["Ada"], time=[WHEN])
    add_labels(made, both)
    turned = both.copy()
    ring = list(both.geometry.iloc[0].exterior.coords)[:-1]
    turned.geometry = [shapely.Polygon([*ring[2:], *ring[:2]][::-1])]  # the same area
    add_labels(other, turned)
    add_labels(other, drawn(("trees", 9, 9, 12, 12), author=["Bo"], time=["2025-05-05T05:05:05Z"]))
    add_labels(other, drawn(("sand", 20, 20, 22, 22)))
    found = merge_labels(made, str(other.folder), {})
    assert found.labels == {"trees": 1, "sand": 1}
    assert found.known == 1
    frame = read_labels(made)
    assert frame["author"].tolist() == ["Ada", "Bo", "theirs"]
    assert frame["time"].tolist()[:2] == [WHEN, "2025-05-05T05:05:05Z"]
    again = merge_labels(made, str(other.folder), {})
    assert (sum(again.labels.values()), again.known) == (0, 3)
    with pytest.raises(InputError, match="the workspace itself"):
        merge_labels(made, str(made.folder), {})


def test_labels_without_a_time_are_merged_once(made: Workspace, other: Workspace) -> None:
    """A layer of another program, which has no clock of its own."""
    other.labels_path.unlink()
    frame = drawn(("sand", 0, 0, 2, 2), ("sand", 5, 5, 7, 7), author=["Bo", None])
    frame.drop(columns="time").to_file(other.labels_path, layer="labels")
    assert merge_labels(made, str(other.folder), {}).labels == {"sand": 2}
    again = merge_labels(made, str(other.folder), {})
    assert (sum(again.labels.values()), again.known) == (0, 2)


def test_two_merges_at_once_add_labels_once(made: Workspace, other: Workspace) -> None:
    boxes_of = [("sand", i, i, i + 1, i + 1) for i in range(30)]
    add_labels(other, drawn(*boxes_of, author=["Bo"] * 30))
    with ThreadPoolExecutor(4) as pool:
        merges = [pool.submit(merge_labels, made, str(other.folder), {}) for _ in range(4)]
        added = [sum(one.result().labels.values()) for one in merges]
    assert sorted(added) == [0, 0, 0, 30]
    assert len(read_labels(made)) == 30


def test_a_zip_is_never_a_scene(tmp_path: Path, made: Workspace) -> None:
    (tmp_path / "scene.zip").symlink_to(tmp_path / "scene.tif")
    with pytest.raises(OutputError):
        pack_workspace(made, tmp_path / "scene.zip", overwrite=True)
    assert open_workspace(made.folder).scenes[0].grid().height == 40


def test_classes_are_called_as_here_or_refused(tmp_path: Path, made: Workspace) -> None:
    theirs = create_workspace(
        tmp_path / "x",
        [tmp_path / "scene.tif"],
        (Label(1, "Wald", "#000000"), Label(2, "Weg", "#111111")),
    )
    add_labels(theirs, drawn(("Wald", 0, 0, 2, 2), ("Weg", 3, 3, 4, 4)))
    with pytest.raises(InputError, match="'Wald', 'Weg'"):
        merge_labels(made, str(theirs.folder), {})
    assert not len(read_labels(made))
    found = merge_labels(made, str(theirs.folder), {"Wald": "trees", "Weg": ""}, "Cy")
    assert found.labels == {"trees": 1}
    assert read_labels(made)["author"].tolist() == ["Cy"]


def test_labels_of_scenes_that_are_not_here_are_told(tmp_path: Path, made: Workspace) -> None:
    second = write(tmp_path / "second.tif", colours(40, 50))
    theirs = create_workspace(tmp_path / "x", [tmp_path / "scene.tif", second], CLASSES)
    add_labels(
        theirs, drawn(("sand", 0, 0, 2, 2), ("trees", 3, 3, 4, 4), scene=["second", "scene"])
    )
    found = merge_labels(made, str(theirs.folder), {})
    assert found.labels == {"trees": 1}
    assert found.left_out == {"of the scene second": 1}


boxes = st.tuples(
    st.sampled_from(NAMES),
    st.integers(0, 30),
    st.integers(0, 40),
    st.integers(1, 10),
    st.integers(1, 10),
).map(lambda b: (b[0], b[1], b[2], b[1] + b[3], b[2] + b[4]))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("shared")
    return create_workspace(
        folder / "work", [write(folder / "scene.tif", colours(40, 50))], CLASSES
    )


@given(st.lists(boxes, min_size=1, max_size=6), st.lists(boxes, min_size=1, max_size=6))
def test_kappa_is_scikit_learns_and_areas_are_where_people_differ(
    shared: Workspace, ours: list[Any], theirs: list[Any]
) -> None:
    block = agreement._BLOCK
    agreement._BLOCK = 16  # areas cross it
    try:
        frame = drawn(*ours, *theirs, author=["Ada"] * len(ours) + [None] * len(theirs))
        pairs, areas = compare_authors(shared, frame)
    finally:
        agreement._BLOCK = block
    one, two = np.full((2, 40, 50), NODATA)
    for pixels, group in ((one, ours), (two, theirs)):
        for name, top, left, bottom, right in group:
            pixels[top:bottom, left:right] = NAMES.index(name)
    both = (one != NODATA) & (two != NODATA)
    (pair,) = pairs
    assert pair.authors == ("Ada", "(no name)")
    assert pair.pixels == both.sum()
    if both.any():
        assert pair.agreement == pytest.approx((one == two)[both].mean())
        present = {*one[both], *two[both]}
        if len(present) > 1:
            assert pair.kappa == pytest.approx(cohen_kappa_score(one[both], two[both]))
    else:
        assert np.isnan(pair.kappa)
    expected = both & (one != two)
    assert sum(area.pixels for area in areas) == expected.sum()
    for first in range(3):
        for second in range(3):
            told = [a.shape for a in areas if a.classes == (NAMES[first], NAMES[second])]
            here = np.argwhere((one == first) & (two == second) & expected)
            cells = [box(r, c, r + 1, c + 1) for r, c in here.tolist()]
            assert shapely.union_all(told).equals(shapely.union_all(cells))


def test_disagreement_is_a_layer_with_both_names(made: Workspace, other: Workspace) -> None:
    add_labels(made, drawn(("water", 0, 0, 10, 10), author=["Ada"], time=[WHEN]))
    add_labels(other, drawn(("trees", 5, 5, 15, 15), author=["Bo"], time=[WHEN]))
    found = merge_labels(made, str(other.folder), {})
    assert found.areas == 1
    layer = gpd.read_file(made.folder / "disagreement.gpkg", layer="disagreement")
    assert layer.crs == "EPSG:32633"
    assert layer.drop(columns="geometry").iloc[0].to_dict() == {
        "scene": "scene",
        "author_1": "Ada",
        "class_1": "water",
        "author_2": "Bo",
        "class_2": "trees",
        "pixels": 25,
    }
    assert layer.geometry.iloc[0].equals(box(5, 5, 10, 10))
    (pair,) = found.pairs
    assert pair.pixels == 25
    assert pair.kappa <= 0


# another desk


def model(made: Workspace, number: int) -> Path:
    folder = made.models_path / f"round-{number:04d}"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text('{"a": 1}')
    (folder / "model.safetensors").write_bytes(bytes(1000))
    return folder


def filled(made: Workspace) -> None:
    add_labels(made, drawn(("water", 0, 0, 5, 5), ("trees", 9, 9, 12, 12), author=["Ada", "Bo"]))
    model(made, 1)
    set_current_model(made, model(made, 2))
    add_to_history(made, {"round": 1})
    (made.folder / "learn.lock").write_text("mine")


def test_a_zip_goes_on_at_another_desk(tmp_path: Path, made: Workspace) -> None:
    filled(made)
    assert pack_workspace(made, tmp_path / "work.zip") == ["scene"]
    with pytest.raises(OutputError, match="exists"):
        pack_workspace(made, tmp_path / "work.zip")
    pack_workspace(made, tmp_path / "work.zip", overwrite=True)
    desk = tmp_path / "desk"
    there = unpack_workspace(tmp_path / "work.zip", desk / "work")
    assert there.classes == made.classes
    assert read_labels(there).equals(read_labels(made))
    assert there.history() == [{"round": 1}]
    assert there.current_model() == desk / "work" / "models" / "round-0002"
    assert sorted(path.name for path in (desk / "work").iterdir()) == [
        *("history.jsonl", "labels.gpkg", "model.json", "models", "workspace.json")
    ]
    assert [path.name for path in (desk / "work" / "models").iterdir()] == ["round-0002"]
    with pytest.raises(InputError, match=r"scenes are missing.*--scene scene="):
        open_workspace(desk / "work")
    (tmp_path / "scene.tif").rename(desk / "scene.tif")  # beside, as it was
    assert open_workspace(desk / "work")
    add_labels(there, drawn(("sand", 0, 0, 1, 1)))  # the file's own clock works there as well
    assert len(read_labels(there)) == 3
    with pytest.raises(OutputError, match="not empty"):
        unpack_workspace(tmp_path / "work.zip", desk / "work")


def test_scenes_go_with_it_where_they_are_asked_for(tmp_path: Path, made: Workspace) -> None:
    (tmp_path / "scene.tfw").write_text("10\n0\n0\n-10\n500005\n4999995\n")
    filled(made)
    assert pack_workspace(made, tmp_path / "work.zip", scenes=True) == []
    there = unpack_workspace(tmp_path / "work.zip", tmp_path / "far" / "away" / "work")
    again = open_workspace(there.folder)
    assert [scene.name for scene in again.scenes] == ["scene"]
    file = Path(again.scenes[0].files[0])
    assert file.read_bytes() == (tmp_path / "scene.tif").read_bytes()
    assert file.is_relative_to(there.folder)
    assert file.with_suffix(".tfw").exists()
    assert (labels_of(again, "scene") == labels_of(made, "scene")).all()


def test_where_scenes_lie_on_this_desk_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    scene = write(tmp_path / "secret" / "scene.tif", colours(8, 8))
    (tmp_path / "a").mkdir()
    made = create_workspace(tmp_path / "a" / "work", [scene], CLASSES)
    pack_workspace(made, tmp_path / "work.zip")
    with zipfile.ZipFile(tmp_path / "work.zip") as archive:
        assert json.loads(archive.read("workspace.json"))["scenes"] == ["scene.tif"]


def test_a_zip_can_be_merged(tmp_path: Path, made: Workspace, other: Workspace) -> None:
    add_labels(other, drawn(("sand", 0, 0, 1, 1), author=["Bo"]))
    pack_workspace(other, tmp_path / "theirs.zip")
    assert merge_labels(made, str(tmp_path / "theirs.zip"), {}).labels == {"sand": 1}


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


@pytest.mark.parametrize(
    ("name", "mode", "told"),
    [
        ("../evil.txt", 0, "leads out"),
        ("models/../../evil", 0, "leads out"),
        ("/etc/evil", 0, "leads out"),
        ("C:\\evil", 0, "no plain name"),
        ("models\\..\\..\\evil", 0, "no plain name"),
        ("models/round-0001/card.json", stat.S_IFLNK | 0o777, "is a link"),
        ("models/round-0001/pipe", stat.S_IFIFO | 0o777, "is a link"),
        ("evil.py", 0, "does not belong"),
        ("models/round-0001/model.pt", 0, "does not belong"),
        ("models/round-0001/deep/card.json", 0, "does not belong"),
        ("learn.lock", 0, "does not belong"),
        ("LABELS.GPKG", 0, "is there twice"),
        ("scenes/1/a/b.tif", 0, "does not belong"),
        ("a\x1bb", 0, "no plain name"),
    ],
)
def test_archives_that_lead_elsewhere_are_refused(
    tmp_path: Path, made: Workspace, name: str, mode: int, told: str
) -> None:
    pack_workspace(made, tmp_path / "work.zip")
    with zipfile.ZipFile(tmp_path / "work.zip", "a") as archive:
        archive.writestr(entry(name, mode), "../../evil")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    with pytest.raises(InputError, match=told):
        unpack_workspace(tmp_path / "work.zip", tmp_path / "there" / "work")
    (tmp_path / "there").rmdir()  # empty
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


def test_archives_that_swell_or_are_damaged_are_refused(tmp_path: Path, made: Workspace) -> None:
    pack_workspace(made, tmp_path / "work.zip")
    whole = (tmp_path / "work.zip").read_bytes()
    for damaged in (b"", b"no zip", whole[:-30], whole[: len(whole) // 2], whole[100:]):
        (tmp_path / "bad.zip").write_bytes(damaged)
        with pytest.raises(InputError, match="no sound zip"):
            unpack_workspace(tmp_path / "bad.zip", tmp_path / "there")
    broken = bytearray(whole)
    broken[whole.index(b"labels.gpkg") + 2000] ^= 255
    (tmp_path / "bad.zip").write_bytes(broken)
    with pytest.raises(InputError, match=r"no sound zip|damaged"):
        unpack_workspace(tmp_path / "bad.zip", tmp_path / "there")
    with (
        zipfile.ZipFile(
            tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9
        ) as archive,
        archive.open(entry("history.jsonl"), "w", force_zip64=True) as member,
    ):
        for _ in range(400):
            member.write(bytes(1 << 20))
    with pytest.raises(InputError, match="would swell"):
        unpack_workspace(tmp_path / "bomb.zip", tmp_path / "there")
    assert not (tmp_path / "there").exists()


def test_a_database_that_does_more_than_hold_rows_is_refused(
    tmp_path: Path, made: Workspace
) -> None:
    with closing(sqlite3.connect(made.labels_path)) as database, database:
        database.execute("CREATE VIEW evil AS SELECT load_extension('x')")
    pack_workspace(made, tmp_path / "work.zip")
    with pytest.raises(InputError, match="has views: 'evil'"):
        unpack_workspace(tmp_path / "work.zip", tmp_path / "there")
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("workspace.json", (made.folder / "workspace.json").read_text())
        archive.writestr("labels.gpkg", "no database")
    with pytest.raises(InputError, match="is damaged"):
        unpack_workspace(tmp_path / "bad.zip", tmp_path / "there")


# trainings


@given(
    st.lists(boxes, min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 49), st.integers(0, 39)), min_size=2, max_size=4),
    st.sampled_from([None, 5.0, 35.0]),
)
def test_a_training_sees_the_same_pixels(
    shared: Workspace, areas: list[Any], corners: list[Any], width: float | None
) -> None:
    """Its reader of polygons, over the file, against labels burnt from memory."""
    frame = drawn(*areas)
    shape = shapely.LineString([(X + 10 * c + 3, Y - 10 * r - 4) for c, r in corners])
    line = drawn(("water", 0, 0, 1, 1), width=[width], time=["2030-01-01T00:00:00Z"])
    line.geometry = [shape]
    shared.labels_path.unlink()
    from geoseg.labelling.labels import create_labels

    create_labels(shared.labels_path, "EPSG:32633")
    add_labels(shared, line)
    add_labels(shared, frame)
    found = training_set(shared)
    (sample,) = read_samples(Path(found.options["samples"]))
    grid = shared.scenes[0].grid()
    indices = {one["name"]: i for i, one in enumerate(found.options["classes"])}
    labels = open_labels(sample.label, grid, Coding(indices, column="class"))
    expected = place_labels(read_labels(shared), "scene", grid, CLASSES)
    assert (labels.read(grid.extent) == expected.read(grid.extent)).all()
    assert (labels.conflicts(grid.extent) == expected.conflicts(grid.extent)).all()


def test_a_training_set_is_called_after_what_is_in_it(made: Workspace) -> None:
    with pytest.raises(InputError, match="holds no label to train on"):
        training_set(made)
    add_labels(made, drawn(("water", 0, 0, 5, 5), ("trees", 9, 9, 12, 12), held_out=[None, True]))
    one = training_set(made)
    assert one.held_out == 1
    assert training_set(made) == one
    add_labels(made, drawn(("sand", 20, 20, 22, 22)))
    two = training_set(made)
    assert two.options["samples"] != one.options["samples"]
    assert Path(one.options["samples"]).exists()  # a training that runs goes on reading it
