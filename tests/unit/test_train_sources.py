"""Scenes find their labels: by table, with the line that is wrong; by folders, patterns and
lists.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geoseg.core.errors import InputError
from geoseg.training.config import DataConfig
from geoseg.training.sources import Sample, find_samples, read_samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place in ("north", "south"):
        for kind, suffix in (("images", "jpg"), ("masks", "png")):
            for number in (1, 2):
                file = tmp_path / place / kind / f"part{number}.{suffix}"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
                file.with_name(file.name + ".aux.xml").touch()
    (tmp_path / "all.gpkg").touch()
    return tmp_path


def pairs(folder: Path, scenes: list[str], labels: list[str]) -> list[tuple[str, str, str]]:
    found = find_samples(DataConfig(scenes=scenes, labels=labels), folder)
    return [
        (s.scene.removeprefix(f"{folder}/"), s.label.removeprefix(f"{folder}/"), s.place)
        for s in found
    ]


def test_folders_are_matched_by_stem(folder: Path) -> None:
    assert pairs(folder, ["north/images"], ["north/masks"]) == [
        ("north/images/part1.jpg", "north/masks/part1.png", ""),
        ("north/images/part2.jpg", "north/masks/part2.png", ""),
    ]


def test_patterns_are_matched_by_their_stars_and_name_the_place(folder: Path) -> None:
    found = pairs(folder, ["*/images/*.jpg"], ["*/masks/*.png"])
    assert found[3] == ("south/images/part2.jpg", "south/masks/part2.png", "south")
    assert [place for _, _, place in found] == ["north", "north", "south", "south"]


def test_lists_are_matched_in_order(folder: Path) -> None:
    found = pairs(
        folder, ["north/images/part1.jpg", "south/images"], ["south/masks/part2.png", "south/masks"]
    )
    assert found[0] == ("north/images/part1.jpg", "south/masks/part2.png", "")
    assert len(found) == 3


def test_one_file_of_labels_serves_all_scenes(folder: Path) -> None:
    assert {label for _, label, _ in pairs(folder, ["*/images/*.jpg"], ["all.gpkg"])} == {
        "all.gpkg"
    }


@pytest.mark.parametrize(
    ("scenes", "labels", "message"),
    [
        (["north/images"], ["south"], "south holds no files"),
        (["nothing/*.tif"], ["north/masks"], r"nothing/\*.tif does not exist"),
        (
            ["north/images", "south/images"],
            ["north/masks", "south/masks", "all.gpkg"],
            "2 --scenes and 3 --labels",
        ),
        (
            ["*/images/*.jpg"],
            ["north/masks"],
            "4 of 4 scenes in .* have no labels in north/masks, such as .*part1.jpg",
        ),
        (["north/images"], [], "only one of data.scenes and data.labels"),
    ],
)
def test_what_is_no_pair(folder: Path, scenes: list[str], labels: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        pairs(folder, scenes, labels)


def test_a_table_gives_files_beside_it(folder: Path) -> None:
    table = folder / "pairs.csv"
    table.write_text(
        "\ufeffscene,label,place\nall.gpkg;north/images/part1.jpg,all.gpkg,here\n", encoding="utf-8"
    )
    found = read_samples(table)
    assert found == [
        Sample(f"{folder}/all.gpkg;{folder}/north/images/part1.jpg", f"{folder}/all.gpkg", "here")
    ]
    assert len(found[0].files) == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("scene,place\na,b\n", "lacks label"),
        (
            "scene,label\nall.gpkg,all.gpkg\nnone.tif,all.gpkg\n",
            r"pairs.csv line 3: the scene .*none.tif does not exist",
        ),
        ("scene,label\nall.gpkg,\n", "line 2 names no label"),
        ("scene,label\nall.gpkg,all.gpkg,x\n", "line 2 has more or fewer fields"),
        ("scene,label\nall.gpkg\n", "line 2 has more or fewer fields"),
        ("scene,label\n", "has no rows"),
        ('scene,label\n"all.gpkg,x\n', "is not CSV"),
    ],
)
def test_a_row_that_is_wrong_is_named(folder: Path, rows: str, message: str) -> None:
    (folder / "pairs.csv").write_text(rows)
    with pytest.raises(InputError, match=message):
        read_samples(folder / "pairs.csv")
