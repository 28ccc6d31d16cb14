"""Data sets of others: what is refused, what lies on top, what the rest is, and who is held out."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from datasets import HEIGHT, SAMPLES, WIDTH, coco, counted, encoded, photograph, yolo
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from pycocotools import mask as coco_masks

from geoseg.cli import run
from geoseg.core.errors import GeosegError, InputError
from geoseg.datasets.convert import OTHER_BANDS, TURNED, convert
from geoseg.datasets.dataset import OPEN, UNKNOWN, Class, Dataset, Targets
from geoseg.datasets.formats import read_dataset
from geoseg.datasets.legend import choose
from geoseg.datasets.paint import Budget, Painted, lay
from geoseg.datasets.places import inner
from geoseg.datasets.runs import mask_of_counts
from geoseg.training.parse import read_config

MASKS = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)))


@given(mask=MASKS)
def test_runs_of_coco_are_the_masks_that_its_own_tools_wrote(mask: np.ndarray) -> None:
    for told in (encoded(mask), counted(mask)):
        columns, first = mask_of_counts(told["counts"], *mask.shape)
        found = np.zeros(mask.shape[::-1], bool)
        found[first : first + len(columns)] = columns
        assert found.T.tolist() == mask.tolist()


@given(
    corners=st.lists(st.tuples(st.floats(0, 64), st.floats(0, 48)), min_size=3, max_size=3),
)
def test_polygons_differ_from_coco_at_their_edges_alone(
    corners: list[tuple[float, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "triangles"
    photograph(folder / "train2017" / "a.jpg", (48, 64))
    ring = [number for corner in corners for number in corner]
    note = {"image_id": 1, "category_id": 1, "segmentation": [ring]}
    write(folder, [note], (48, 64))
    ours = read_dataset(str(folder)).pictures[0].read(48, 64).objects == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of its arrays, by numpy
        theirs = coco_masks.decode(coco_masks.frPyObjects([ring], 48, 64))[..., 0].astype(bool)
    rows, columns = np.nonzero(ours ^ theirs)
    edges = [(corners[i], corners[i - 1]) for i in range(3)]
    for x, y in zip(columns + 0.5, rows + 0.5, strict=True):
        assert min(apart((x, y), *edge) for edge in edges) < 1.5


def apart(
    point: tuple[float, float], one: tuple[float, float], other: tuple[float, float]
) -> float:
    p, a, b = (np.array(each) for each in (point, one, other))
    length = ((b - a) ** 2).sum()
    along = 0.0 if length == 0 else float(np.clip((p - a) @ (b - a) / length, 0, 1))
    return float(np.hypot(*(p - a - along * (b - a))))


def write(
    folder: Path,
    notes: list[dict[str, Any]],
    size: tuple[int, int] = (HEIGHT, WIDTH),
    name: str = "a.jpg",
) -> None:
    told = {
        "images": [{"id": 1, "file_name": name, "height": size[0], "width": size[1]}],
        "annotations": notes,
        "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
    }
    path = folder / "annotations" / "instances_train2017.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))


def box(
    place: int, top: int, left: int, rows: int, columns: int, is_crowd: bool = False
) -> Painted:
    return Painted(place, np.ones((rows, columns), bool), top, left, is_crowd)


def test_the_smaller_object_lies_on_top_and_the_later_of_two_of_one_size() -> None:
    small, large = box(1, 1, 1, 2, 2), box(0, 0, 0, 4, 4)
    for drawn in ([small, large], [large, small]):
        found = lay(drawn, 6, 6)
        assert found.classes[1, 1] == 1
        assert found.objects[1, 1] == drawn.index(small) + 1
        assert found.overlaps == 4
    found = lay([box(0, 0, 0, 2, 2), box(1, 0, 1, 2, 2)], 2, 4)
    assert found.classes.tolist() == [[0, 1, 1, OPEN]] * 2
    assert found.objects.tolist() == [[1, 2, 2, 0]] * 2


def test_crowds_lie_beneath_objects_and_unknown_ground_beneath_both() -> None:
    drawn = [box(0, 0, 0, 1, 4), box(1, 0, 2, 1, 3, is_crowd=True), box(UNKNOWN, 0, 0, 1, 6)]
    found = lay(drawn, 1, 7)
    assert found.classes.tolist() == [[0, 0, 0, 0, 1, UNKNOWN, OPEN]]
    assert found.objects.tolist() == [[1, 1, 1, 1, 0, 0, 0]]
    assert found.overlaps == 0


DATASET = Dataset("x", (Class("a", True), Class("b", True), Class("c", False)), (), True)
GIVEN = Targets(
    np.array([[0, 1, 2, OPEN, UNKNOWN]], np.uint16), np.array([[9, 4, 0, 0, 0]], np.uint32)
)


@pytest.mark.parametrize(
    ("only", "names", "rest", "expected", "objects"),
    [
        ([], {}, "", "a b c - -", [2, 1, 0, 0, 0]),
        ([], {}, "r", "a b c r -", [2, 1, 0, 0, 0]),
        (["b"], {}, "", "- b - - -", [0, 1, 0, 0, 0]),
        (["b"], {}, "r", "r b r r -", [0, 1, 0, 0, 0]),
        (["b"], {"a": ""}, "r", "- b r r -", [0, 1, 0, 0, 0]),
        ([], {"a": "m", "b": "m"}, "", "m m c - -", [2, 1, 0, 0, 0]),
        ([], {"a": "c"}, "c", "c b c c -", [0, 1, 0, 0, 0]),
    ],
)
def test_classes_are_chosen_joined_left_out_and_the_rest_is_one(
    only: list[str], names: dict[str, str], rest: str, expected: str, objects: list[int]
) -> None:
    chosen = choose(DATASET, only, names, rest)
    texts = {label.value: label.name for label in chosen.labels} | {255: "-"}
    assert [texts[value] for value in chosen.classes(GIVEN)[0].tolist()] == expected.split()
    assert chosen.objects(GIVEN)[0].tolist() == objects


@pytest.mark.parametrize(
    ("only", "names", "words"),
    [
        (
            ["a", "x", "y"],
            {},
            r"--classes names 'x', 'y'; expected classes of the data set: a, b, c",
        ),
        (["a"], {"a": "m"}, r"--classes names 'a'; expected classes of the data set: m, b, c"),
        ([], {"z": "m"}, r"--map names 'z'; expected classes of the data set: a, b, c"),
        ([], {"a": "", "b": "", "c": ""}, r"0 classes; expected 1 to 255"),
    ],
)
def test_names_that_are_not_known_are_refused_with_those_that_are(
    only: list[str], names: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        choose(DATASET, only, names)


@pytest.mark.parametrize(
    "name", ["../a.jpg", "/etc/passwd", "a/../../b", "C:\\a.jpg", "..\\a", "", "a\0b", "x" * 5000]
)
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"):
        inner(name)
    photograph(tmp_path / "a.jpg")
    write(tmp_path / "data", [], name=name)
    with pytest.raises(InputError, match="leads out of the data set's folder"):
        read_dataset(str(tmp_path / "data"))


@pytest.mark.parametrize(
    "note",
    [
        {"segmentation": {"size": [HEIGHT, WIDTH], "counts": [10**12]}},
        {"segmentation": {"size": [1 << 20, 1 << 20], "counts": [1 << 40]}},
        {"segmentation": {"size": [HEIGHT, WIDTH], "counts": "o" * 99}},
        {"segmentation": {"size": [HEIGHT, WIDTH], "counts": [-5, HEIGHT * WIDTH + 5]}},
        {"segmentation": [[0, 0, 1, 1]]},
        {"segmentation": [[0, 0, 1, 1, 2]]},
        {"segmentation": [[0, 0, 1e300, 1, 2, 2]]},
        {"segmentation": "text"},
        {"segmentation": [[1, 1, 4, 1, 4, 4]], "category_id": 7},
        {"segmentation": None},
        {"segmentation": [[1, 1, 4, 1, 4, 4]], "image_id": 8},
    ],
)
def test_annotations_that_lie_are_refused_in_one_line(note: dict[str, Any], tmp_path: Path) -> None:
    photograph(tmp_path / "data" / "train2017" / "a.jpg")
    write(tmp_path / "data", [{"image_id": 1, "category_id": 1} | note])
    with pytest.raises(InputError, match="is no sound coco") as raised:
        convert(str(tmp_path / "data"), str(tmp_path / "out"))
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_many_masks_of_a_large_picture_are_more_than_it_may_take() -> None:
    budget = Budget()
    budget.spend(1 << 29)
    with pytest.raises(ValueError, match="the objects of one picture take more than"):
        budget.spend(1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("names: !!python/object/apply:os.system ['true']\n", "is no plain YAML"),
        ("names: [a, a]\ntrain: images\n", "no list of different texts"),
        ("names: {0: a, 2: b}\ntrain: images\n", "not numbered from 0 on"),
        ("names: [a]\nnc: 3\ntrain: images\n", "nc: 3 and 1 names"),
        ("names: [a]\ntrain: ../../images\n", "leads out"),
        ("names: [a]\ntrain: /etc\n", "leads out"),
        ("names: [a]\ntrain: nowhere\n", "is no folder beside the description"),
        ("names: [a]\n", "names no folder of pictures"),
        ("[1, 2]\n", "is no table"),
        ("train: images\n", "it lacks 'names'"),
    ],
)
def test_descriptions_of_yolo_are_plain_and_stay_inside(
    text: str, words: str, tmp_path: Path
) -> None:
    photograph(tmp_path / "data" / "images" / "a.jpg")
    (tmp_path / "data" / "data.yaml").write_text(text)
    with pytest.raises(InputError, match=words):
        read_dataset(str(tmp_path / "data"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("5 0 0 1 0 1 1", "line 2: the class 5 of 2"),
        ("0 0 0 1 0 1", "line 2: 6 words"),
        ("0 10 10 60 10 60 40", "line 2: corners beyond the picture"),
        ("0 nan 0 1 0 1 1", "line 2: 'nan'"),
        ("a 0 0 1 0 1 1", "line 2: invalid literal"),
    ],
)
def test_lines_of_yolo_are_checked(line: str, words: str, tmp_path: Path) -> None:
    yolo(tmp_path / "data")
    (tmp_path / "data" / "labels" / "val" / "one.txt").write_text(f"\n{line}\n")
    with pytest.raises(InputError, match=words):
        convert(str(tmp_path / "data"), str(tmp_path / "out"))


def test_a_picture_of_yolo_without_a_text_is_open_ground(tmp_path: Path) -> None:
    yolo(tmp_path / "data")
    (tmp_path / "data" / "labels" / "val" / "one.txt").unlink()
    found = read_dataset(str(tmp_path / "data"))
    assert (found.pictures[-1].read(HEIGHT, WIDTH).classes == OPEN).all()


def test_a_folder_that_is_two_data_sets_is_refused_with_both(tmp_path: Path) -> None:
    coco(tmp_path)
    SAMPLES["coco-panoptic"](tmp_path)
    with pytest.raises(InputError, match=r"as coco and as coco-panoptic.*--format"):
        read_dataset(str(tmp_path))
    assert read_dataset(str(tmp_path), "coco").kind == "coco"
    file = str(tmp_path / "annotations" / "panoptic_val2017.json")
    assert read_dataset(file).kind == "coco-panoptic"
    with pytest.raises(InputError, match="--format coco-panoptic"):
        read_dataset(file, "coco")


def test_turned_and_grey_pictures_are_left_out_and_told(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        photograph(tmp_path / "data" / "images" / f"{name}.jpg")
    grey = tmp_path / "data" / "images" / "b.jpg"
    Image.new("L", (WIDTH, HEIGHT)).save(grey)
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "data" / "images" / "c.jpg", exif=exif)
    (tmp_path / "data" / "data.yaml").write_text(
        yaml.safe_dump({"names": ["x"], "train": "images"})
    )
    made = convert(str(tmp_path / "data"), str(tmp_path / "out"), rest="rest")
    assert made.pictures == 2
    assert made.skipped == {OTHER_BANDS: 1, TURNED: 1}


@pytest.mark.parametrize(
    ("kind", "validation", "test"),
    [
        ("coco", ["val2017"], []),
        ("oxford-pet", 0.2, ["test"]),
        ("cityscapes", ["val"], []),
        ("ade20k", 0.2, []),
    ],
)
def test_the_parts_of_a_data_set_are_held_out_as_it_has_them(
    kind: str, validation: object, test: object, tmp_path: Path
) -> None:
    SAMPLES[kind](tmp_path / "data")
    convert(str(tmp_path / "data"), str(tmp_path / "out"))
    data = read_config(tmp_path / "out" / "train.toml").data
    assert (data.validation, data.test) == (validation, test)


def test_the_command_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco(tmp_path / "data")
    out = str(tmp_path / "out")
    asked = ["dataset", str(tmp_path / "data"), "--out", out, "--classes", "car", "--rest", "other"]
    assert run([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["pictures"], told["objects"], told["things"]) == (
        "coco",
        2,
        4,
        ["car"],
    )
    assert [one["pixels"] for one in told["classes"]] == [48, 2 * HEIGHT * WIDTH - 48]
    assert run(asked) != 0
    assert "exists" in capsys.readouterr().err


def test_a_source_of_any_name_is_answered_in_words(tmp_path: Path) -> None:
    for source in ("x" * 5000, str(tmp_path), str(tmp_path / "a.json"), "a\0b"):
        with pytest.raises(InputError):
            read_dataset(source)
    photograph(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="describes no data set"):
        read_dataset(str(tmp_path / "a.jpg"))
    with pytest.raises(InputError, match="is not laid out as voc is"):
        read_dataset(str(tmp_path), "voc")
    with pytest.raises(InputError, match="--format tfds; expected one of coco"):
        read_dataset(str(tmp_path), "tfds")


def test_a_disk_that_is_full_leaves_nothing(small_disk: Path, tmp_path: Path) -> None:
    for number in range(60):
        photograph(tmp_path / "data" / "images" / f"{number}.jpg")
    (tmp_path / "data" / "data.yaml").write_text(
        yaml.safe_dump({"names": ["x"], "train": "images"})
    )
    with pytest.raises(GeosegError):
        convert(str(tmp_path / "data"), str(small_disk / "out"), rest="rest")
    assert list(small_disk.iterdir()) == []
