"""Labels of other tools: where they lie, against GDAL and pycocotools; and what is hostile in them."""

from __future__ import annotations

import base64
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pycocotools.mask
import pytest
import rasterio
import rasterio.features
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasters import UTM33, colours, write

from geoseg.core.card import NODATA, Label
from geoseg.core.errors import InputError
from geoseg.datasets.runs import boxed_mask, coco_mask, painted_mask, read_counts
from geoseg.features.masks import outline
from geoseg.labelling.imports.run import Imported, Naming, import_labels
from geoseg.labelling.pixels import labels_of
from geoseg.labelling.workspace import Workspace, create_workspace, read_labels

CLASSES = (Label(1, "water", "#0055aa"), Label(7, "trees", "#228833"))
X, Y = UTM33[2], UTM33[5]
masks = arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    scene = write(tmp_path / "scene.tif", colours(40, 50))
    return create_workspace(tmp_path / "work", [scene], CLASSES)


def bring(
    made: Workspace, source: Path | str, names: dict[str, str] | None = None, **how: Any
) -> Imported:
    return import_labels(made, str(source), Naming(names or {}), **how)


def burnt(area: Any, height: int, width: int) -> np.ndarray:
    if shapely.is_empty(area):
        return np.zeros((height, width), bool)
    return rasterio.features.rasterize([area], (height, width), dtype="uint8").astype(bool)


# masks


@given(masks)
def test_the_outline_of_a_mask_is_that_mask(mask: np.ndarray) -> None:
    assert (burnt(outline(mask), *mask.shape) == mask).all()
    moved = outline(mask, 3, 5)
    assert (burnt(moved, 20, 20)[3 : 3 + mask.shape[0], 5 : 5 + mask.shape[1]] == mask).all()
    assert outline(mask).area == mask.sum()


@given(masks)
def test_masks_of_coco_are_pycocotools(mask: np.ndarray) -> None:
    packed = pycocotools.mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    told = {"size": packed["size"], "counts": packed["counts"].decode()}
    assert (burnt(coco_mask(told, *mask.shape), *mask.shape) == mask).all()
    plain = {"size": list(mask.shape), "counts": read_counts(told["counts"])}
    assert sum(plain["counts"]) == mask.size
    again = pycocotools.mask.frPyObjects(plain, *mask.shape)
    assert again["counts"] == packed["counts"]
    assert (burnt(coco_mask(plain, *mask.shape), *mask.shape) == mask).all()


@given(st.lists(st.integers(0, 1 << 27), min_size=1, max_size=9))
def test_texts_of_coco_hold_any_lengths(lengths: list[int]) -> None:
    total = sum(lengths)
    packed = pycocotools.mask.frPyObjects({"size": [1, total], "counts": lengths}, 1, total)
    assert read_counts(packed["counts"].decode()) == lengths


@pytest.mark.parametrize(
    ("counts", "size"),
    [
        ([10**18], [4, 4]),
        ([-3, 19], [4, 4]),
        ([4, 4.0, 8], [4, 4]),
        ([True, 15], [4, 4]),
        ([15], [4, 4]),
        ([], [4, 4]),
        ([16], [2, 8]),
        ([0] * 100, [4, 4]),
        ([1 << 40], [1 << 20, 1 << 20]),
        ("\x00", [4, 4]),
        ("oooooooooooooooo", [4, 4]),
        ("o", [4, 4]),
        ("ÿ", [4, 4]),
        ("", [4, 4]),
    ],
)
def test_masks_that_are_none_are_refused_before_they_are_made(counts: Any, size: list[int]) -> None:
    height, width = (4, 4) if size == [2, 8] else size
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        coco_mask({"size": size, "counts": counts}, height, width)


def packed(words: np.ndarray, draw: Any) -> list[int]:
    """Pack words as thi.ng's rle-pack may: any cut into runs that are true is one."""
    sizes = [3, 4, 8, 16]
    bits = f"{len(words):032b}{7:05b}" + "".join(f"{n - 1:04b}" for n in sizes)
    done = 0
    while done < len(words):
        same = int(np.argmin(np.append(words[done:] == words[done], False)))
        repeated = draw(st.booleans()) and same > 1
        most = same if repeated else min(len(words) - done, 20)
        length = draw(st.integers(1, min(most, 256)))
        which = next(i for i, n in enumerate(sizes) if length <= 1 << n)
        bits += f"{int(repeated)}{which:02b}{length - 1:0{sizes[which]}b}"
        for word in words[done : done + (1 if repeated else length)]:
            bits += f"{word:08b}"
        done += length
    bits += "0" * (-len(bits) % 8)
    return [int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)]


@given(masks, st.data())
def test_brushes_are_what_was_painted(mask: np.ndarray, data: st.DataObject) -> None:
    colour = np.zeros((*mask.shape, 4), np.uint8)
    colour[mask] = (10, 20, 30, 200)
    told = packed(colour.ravel(), data.draw)
    assert (burnt(painted_mask(told, *mask.shape), *mask.shape) == mask).all()


def test_a_brush_of_label_studios_own_encoder() -> None:
    """Made by label_studio_sdk.converter.brush.mask2rle of version 2.1.2."""
    mask = np.zeros((7, 9), np.uint8)
    mask[2:5, 3:8] = mask[5, 4] = mask[0, 0] = 255
    mask[6, 8] = 200
    told = list(base64.b64decode(BRUSH))
    assert (burnt(painted_mask(told, 7, 9), 7, 9) == (mask > 0)).all()
    for cut in range(len(told)):
        with pytest.raises(ValueError, match="brush"):
            painted_mask(told[:cut], 7, 9)
    with pytest.raises(ValueError, match="on a picture of"):
        painted_mask(told, 9, 9)
    for wrong in ([256], [-1], ["a"], [1.0], [True]):
        with pytest.raises(ValueError, match="bytes"):
            painted_mask(told + wrong, 7, 9)


BRUSH = "AAAA/Dkb/H/5PAMJ/98Awn/3wDCf/hMAj/8XgEeQ"


@given(masks)
def test_masks_of_cvat_are_row_by_row_in_their_box(mask: np.ndarray) -> None:
    flat = mask.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat])))
    lengths = np.diff(np.concatenate([[0], edges, [len(flat)]])).tolist()
    area = boxed_mask(lengths, 4, 2, *mask.shape, (30, 30))
    expected = np.zeros((30, 30), bool)
    expected[4 : 4 + mask.shape[0], 2 : 2 + mask.shape[1]] = mask
    assert (burnt(area, 30, 30) == expected).all()
    with pytest.raises(ValueError, match="on a picture"):
        boxed_mask(lengths, 20, 2, *mask.shape, (19 + mask.shape[0], 30))


# formats


def expect(made: Workspace, *boxes: tuple[str, int, int, int, int]) -> None:
    """The labels are these: class, top, left, bottom, right."""
    expected = np.full((40, 50), NODATA, np.uint8)
    for name, top, left, bottom, right in boxes:
        expected[top:bottom, left:right] = [label.name for label in CLASSES].index(name)
    assert (labels_of(made, "scene") == expected).all()


def coco(**changes: Any) -> dict[str, Any]:
    return {
        "info": {"date_created": "2026-02-03T04:05:06"},
        "images": [{"id": 5, "file_name": "images/scene.png", "height": 40, "width": 50}],
        "categories": [{"id": 1, "name": "water"}, {"id": 2, "name": "trees"}],
        "annotations": [
            {"image_id": 5, "category_id": 2, "segmentation": [[2, 3, 8, 3, 8, 9, 2, 9]]},
            {
                "image_id": 5,
                "category_id": 1,
                "segmentation": {
                    "size": [40, 50],
                    "counts": [20 * 40 + 10, 4, 36, 4, 29 * 40 - 14],
                },
            },
            {"image_id": 5, "category_id": 1, "bbox": [0, 0, 3, 3], "segmentation": []},
            {"image_id": 5, "category_id": 1, "bbox": [0, 0, 3, 3], "segmentation": [[]]},
        ],
    } | changes


def written(folder: Path, told: Any, name: str = "labels.json") -> Path:
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return path


def test_coco(tmp_path: Path, made: Workspace) -> None:
    path = written(tmp_path, coco())
    found = bring(made, path)
    assert found.kind == "COCO"
    assert found.labels == {"trees": 1, "water": 1}
    assert sum(found.left_out.values()) == 2  # a box is no area
    expect(made, ("trees", 3, 2, 9, 8), ("water", 10, 20, 14, 22))
    frame = read_labels(made)
    assert set(frame["time"]) == {"2026-02-03T04:05:06Z"}
    assert set(frame["scene"]) == {"scene"}
    again = bring(made, path)
    assert (again.known, sum(again.labels.values())) == (2, 0)
    assert len(read_labels(made)) == 2


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><id>1</id><updated>2026-01-02 03:04:05.600000+00:00</updated>
    <assignee><username>ada</username><email></email></assignee>
    <owner><username>boss</username></owner></task></meta>
  <image id="0" name="sub/scene.tif" width="50" height="40">
    <polygon label="trees" source="manual" occluded="0" points="2.00,3.00;8.00,3.00;8.00,9.00;2.00,9.00" z_order="0">
      <attribute name="sure">yes</attribute></polygon>
    <box label="water" xtl="20" ytl="10" xbr="22" ybr="14" z_order="0"></box>
    <mask label="water" rle="1, 2, 1, 2" left="30" top="20" width="3" height="2"></mask>
    <polyline label="trees" points="0,30.5;49.9,30.5"></polyline>
    <points label="water" points="40.5,35.5;44.5,36.5"></points>
    <tag label="cloudy"></tag>
  </image>
</annotations>"""


def test_cvat(tmp_path: Path, made: Workspace) -> None:
    found = bring(made, written(tmp_path, CVAT, "annotations.xml"))
    assert found.kind == "CVAT"
    assert found.labels == {"trees": 2, "water": 3}
    assert found.left_out == {"tags of whole pictures": 1}
    expect(
        made,
        ("trees", 3, 2, 9, 8),
        ("water", 10, 20, 14, 22),
        ("water", 20, 31, 21, 33),
        ("water", 21, 31, 22, 33),
        ("trees", 30, 0, 31, 50),
        ("water", 35, 40, 36, 41),
        ("water", 36, 44, 37, 45),
    )
    assert set(read_labels(made)["author"]) == {"ada"}
    assert set(read_labels(made)["time"]) == {"2026-01-02T03:04:05Z"}


def test_what_lies_higher_in_cvat_lies_on_top(tmp_path: Path, made: Workspace) -> None:
    polygons = "".join(
        f'<box label="{name}" xtl="{left}" ytl="0" xbr="{left + 4}" ybr="4" z_order="{depth}"></box>'
        for name, left, depth in (("water", 2, 10), ("trees", 0, 9), ("trees", 4, -1))
    )
    text = re.sub(r"(?s)<polygon.*</tag>", polygons, CVAT)
    bring(made, written(tmp_path, text, "a.xml"))
    expect(made, ("trees", 0, 0, 4, 8), ("water", 0, 2, 4, 6))


def test_cvats_zip_with_a_chip(tmp_path: Path, made: Workspace) -> None:
    """A chip that says where it lies, in degrees of latitude and longitude or in the scene's CRS."""
    place = (10.0, 0.0, X + 100, 0.0, -10.0, Y - 50)
    write(tmp_path / "chip_7.tif", colours(20, 20), transform=place)
    text = CVAT.replace("sub/scene.tif", "chip_7.tif").replace(
        'width="50" height="40"', 'width="20" height="20"'
    )
    text = re.sub(r"<(mask|polyline|points|box).*", "", text)
    with zipfile.ZipFile(tmp_path / "cvat.zip", "w") as archive:
        archive.writestr("annotations.xml", text)
        archive.write(tmp_path / "chip_7.tif", "images/chip_7.tif")
    (tmp_path / "chip_7.tif").unlink()
    bring(made, tmp_path / "cvat.zip")
    expect(made, ("trees", 8, 12, 14, 18))


def task(*results: dict[str, Any], image: str = "/data/upload/3/1a2b3c4d-scene.png") -> list[Any]:
    usual = {"original_width": 50, "original_height": 40, "image_rotation": 0, "id": "r"}
    return [
        {
            "id": 1,
            "data": {"image": image},
            "annotations": [
                {
                    "completed_by": {"email": "ada@example.org"},
                    "updated_at": "2026-01-02T03:04:05.678901Z",
                    "was_cancelled": False,
                    "result": [usual | result for result in results],
                }
            ],
        }
    ]


def test_label_studio(tmp_path: Path, made: Workspace) -> None:
    brush = np.zeros((40, 50, 4), np.uint8)
    brush[20:22, 31:33] = 255
    words = "".join(f"{n:08b}" for n in brush.ravel())
    bits = f"{8000:032b}{7:05b}" + "".join(f"{n - 1:04b}" for n in (3, 4, 8, 16))
    bits += f"0{3:02b}{7999:016b}{words}"
    bits += "0" * (-len(bits) % 8)
    nothing = bits[:53] + f"111{7999:016b}" + "0" * 8
    rle = [int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)]
    none = [int(nothing[i : i + 8], 2) for i in range(0, len(nothing), 8)]
    results = (
        {
            "type": "polygonlabels",
            "value": {
                "points": [[4, 7.5], [16, 7.5], [16, 22.5], [4, 22.5]],
                "polygonlabels": ["trees"],
            },
        },
        {
            "type": "rectanglelabels",
            "value": {
                "x": 40,
                "y": 25,
                "width": 4,
                "height": 10,
                "rotation": 0,
                "rectanglelabels": ["water"],
            },
        },
        {
            "type": "rectanglelabels",  # turned about its corner, clockwise
            "value": {
                "x": 60,
                "y": 50,
                "width": 4,
                "height": 10,
                "rotation": 90,
                "rectanglelabels": ["trees"],
            },
        },
        {"type": "brushlabels", "value": {"format": "rle", "rle": rle, "brushlabels": ["water"]}},
        {
            "type": "ellipse",
            "id": "e",
            "value": {"x": 90, "y": 50, "radiusX": 4, "radiusY": 5, "rotation": 0},
        },
        {"type": "labels", "id": "e", "value": {"labels": ["water"]}},
        {
            "type": "keypointlabels",
            "value": {"x": 99, "y": 98.75, "width": 1, "keypointlabels": ["trees"]},
        },
        {"type": "brushlabels", "value": {"format": "rle", "rle": none, "brushlabels": ["water"]}},
        {"type": "choices", "value": {"choices": ["good"]}},
    )
    found = bring(made, written(tmp_path, task(*results)))
    assert found.kind == "Label Studio"
    assert found.labels == {"trees": 3, "water": 3}
    assert found.left_out == {"entries of the kind choices": 1, "empty masks": 1}
    pixels = labels_of(made, "scene")
    rows, columns = np.mgrid[:40, :50] + 0.5
    expected = np.full((40, 50), NODATA)
    expected[3:9, 2:8] = 1
    expected[10:14, 20:22] = 0
    expected[20:22, 26:30] = 1  # 4 high, 2 wide, lying on its side left of its corner at 30, 20
    expected[20:22, 31:33] = 0
    expected[((columns - 45) / 2) ** 2 + ((rows - 20) / 2) ** 2 < 1] = 0
    expected[39, 49] = 1
    assert (pixels == expected).all()
    assert set(read_labels(made)["author"]) == {"ada@example.org"}


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".fgb", ".shp"])
def test_vector_files(tmp_path: Path, made: Workspace, suffix: str) -> None:
    frame = gpd.GeoDataFrame(
        {"kind": ["Wald", "water", "7", None, "sky"], "other": [1, 2, 3, 4, 5]},
        geometry=[shapely.box(X + 10 * i, Y - 20, X + 10 * i + 10, Y) for i in range(5)],
        crs="EPSG:32633",
    )
    path = tmp_path / f"drawn{suffix}"
    driver = {
        ".geojson": "GeoJSON",
        ".json": "GeoJSON",
        ".gpkg": "GPKG",
        ".fgb": "FlatGeobuf",
        ".shp": None,
    }
    if "json" in suffix:
        frame = frame.to_crs("EPSG:4326")
    frame.to_file(path, driver=driver[suffix])
    with pytest.raises(InputError, match="cannot be told"):
        bring(made, path)
    with pytest.raises(InputError, match="'Wald', 'sky'"):
        bring(made, path, column="kind")
    found = bring(made, path, {"Wald": "trees", "sky": ""}, column="kind")
    assert found.labels == {"trees": 2, "water": 1}
    assert found.left_out == {"left out by --map": 1}
    expect(made, ("trees", 0, 0, 2, 1), ("water", 0, 1, 2, 2), ("trees", 0, 2, 2, 3))
    with pytest.raises(InputError, match=r"which .* does not hold"):
        bring(made, path, {"Wiese": "trees"}, column="kind")
    with pytest.raises(InputError, match="classes of the workspace"):
        bring(made, path, {"Wald": "wood"}, column="kind")


def test_lines_get_the_width_that_is_told(tmp_path: Path, made: Workspace) -> None:
    frame = gpd.GeoDataFrame(
        {"class": ["water", "trees"], "width": [3.0, 3.0]},  # of another tool: in what unit?
        geometry=[
            shapely.LineString([(X, Y - 100), (X + 500, Y - 100)]),
            shapely.box(X, Y - 300, X + 10, Y - 290),
        ],
        crs="EPSG:32633",
    )
    frame.to_file(tmp_path / "lines.gpkg")
    import_labels(made, str(tmp_path / "lines.gpkg"), Naming({}, "Bo", 40.0), column="class")
    found = read_labels(made)
    assert found["width"].tolist()[0] == 40
    assert np.isnan(found["width"].tolist()[1])
    assert set(found["author"]) == {"Bo"}
    expect(made, ("water", 8, 0, 12, 50), ("trees", 29, 0, 30, 1))


def test_labels_of_a_workspace_keep_all_that_they_say(tmp_path: Path, made: Workspace) -> None:
    bring(made, written(tmp_path, CVAT, "a.xml"))
    other = create_workspace(tmp_path / "other", [tmp_path / "scene.tif"], CLASSES)
    bring(other, made.labels_path)
    one, two = read_labels(made), read_labels(other)
    for name in ("class", "author", "time", "scene"):
        assert sorted(two[name].tolist()) == sorted(one.explode()[name].tolist())
    assert (labels_of(made, "scene") == labels_of(other, "scene")).all()


# where pictures lie


def cut(**changes: Any) -> dict[str, Any]:
    """COCO of a chip: trees in its rows 1 to 3, columns 2 to 5."""
    image = {"id": 5, "file_name": "chips/part_1.png", "height": 10, "width": 12} | changes
    one = {"image_id": 5, "category_id": 2, "segmentation": [[2, 1, 5, 1, 5, 3, 2, 3]]}
    return coco(images=[image], annotations=[one])


def chip(path: Path, crs: str | None = None, place: tuple[float, ...] | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path, "w", driver="PNG", height=10, width=12, count=3, dtype="uint8"
    ) as file:
        file.write(colours(10, 12))
    Path(f"{path}.aux.xml").unlink(missing_ok=True)
    if place:
        a, b, c, d, e, f = place
        world = (a, d, b, e, c + a / 2 + b / 2, f + d / 2 + e / 2)
        path.with_suffix(".pgw").write_text("\n".join(map(repr, world)))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_chip_with_a_world_file(tmp_path: Path, made: Workspace) -> None:
    path = written(tmp_path, cut())
    with pytest.raises(InputError, match="no scene of the workspace"):
        bring(made, path)
    chip(tmp_path / "x" / "part_1.png")
    with pytest.raises(InputError, match="nothing tells where"):
        bring(made, path, images=tmp_path / "x")
    chip(tmp_path / "x" / "part_1.png", place=(10.0, 0.0, X + 200, 0.0, -10.0, Y - 100))
    bring(made, path, images=tmp_path / "x")
    expect(made, ("trees", 11, 22, 13, 25))
    chip(tmp_path / "far" / "part_1.png", place=(10.0, 0.0, X + 2000, 0.0, -10.0, Y - 100))
    with pytest.raises(InputError, match="lies in no scene"):
        bring(made, path, images=tmp_path / "far")


def test_a_chip_in_another_crs_lies_where_it_lies(tmp_path: Path, made: Workspace) -> None:
    from pyproj import Transformer

    x, y = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True).transform(
        X + 250, Y - 200
    )
    write(
        tmp_path / "part_1.tif",
        colours(10, 12),
        transform=(1e-4, 0, x, 0, -1e-4, y),
        crs="EPSG:4326",
    )
    bring(made, written(tmp_path, cut(file_name="part_1.tif")))
    box = read_labels(made).to_crs("EPSG:4326").geometry.iloc[0]
    expected = shapely.box(x + 2e-4, y - 3e-4, x + 5e-4, y - 1e-4)
    assert box.symmetric_difference(expected).area < 1e-4 * expected.area


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"file_name": "scene.png"}, "40 x 50"),
        ({"file_name": "scene.png", "height": 80, "width": 100}, "drawn on at 80 x 100"),
        ({"file_name": "../../etc/passwd"}, "no scene"),
        ({"file_name": "/etc/passwd"}, "no scene"),
        ({"file_name": "<script>alert(1)</script>.png"}, "no scene"),
        ({"file_name": ""}, "no scene"),
        ({"file_name": ".."}, "no scene"),
        ({"height": 0}, "picture's size"),
        ({"height": 1e30}, "coordinate"),
        ({"height": "x"}, "no sound COCO"),
        ({"id": 6}, "no sound COCO: it lacks 5"),
    ],
)
def test_a_picture_that_is_not_certain_is_refused(
    tmp_path: Path, made: Workspace, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        bring(made, written(tmp_path, cut(**changes)))
    assert not len(read_labels(made))


# what is hostile, or unsound


@pytest.mark.parametrize(
    "segmentation",
    [
        [[2, 3, 8, 3, 8]],
        [[2, 3, 8, 3]],
        [[1e300, 3, 8, 3, 8, 9]],
        [["a", 3, 8, 3, 8, 9]],
        [[None, 3, 8, 3, 8, 9]],
        [3],
        "text",
        {"size": [40, 50], "counts": [1 << 60]},
        {"size": [1 << 30, 1 << 30], "counts": "1"},
        {"counts": "1"},
        [[200, 300, 208, 300, 208, 309]],
    ],
)
def test_shapes_that_are_none_are_refused(
    tmp_path: Path, made: Workspace, segmentation: Any
) -> None:
    one = {"image_id": 5, "category_id": 2, "segmentation": segmentation}
    good = coco()["annotations"][0]
    with pytest.raises(InputError):
        bring(made, written(tmp_path, coco(annotations=[good, one])))
    assert not len(read_labels(made))  # not the good one either


@pytest.mark.parametrize(
    "text",
    [
        '{"images": [], "annotations": [{"segmentation": [[NaN]]}], "categories": []}',
        "[" * 200_000,
        "",
        "{",
        "null",
        '[{"data": {}, "annotations": [{"result": [{"type": "polygonlabels"}]}]}]',
        '[{"data": {}, "annotations": 3}]',
        '[{"data": {"image": "a.png"}, "annotations": [{"result": null}]}]',
    ],
)
def test_json_that_is_unsound_is_refused(tmp_path: Path, made: Workspace, text: str) -> None:
    with pytest.raises(InputError):
        bring(made, written(tmp_path, text))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("<annotations>", '<!DOCTYPE a [<!ENTITY b "&c;">]><annotations>'), "document type"),
        (
            ("<annotations>", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotations>'),
            "document type",
        ),
        (("</annotations>", ""), "no whole XML"),
        (("1.1", "1.0"), "its version is '1.0'"),
        (('rle="1, 2, 1, 2"', 'rle="1, 99999999999999999999"'), "no lengths"),
        (('height="2"', 'height="200000"'), "a mask of"),
        (("2.00,3.00;8.00,3.00", "nan,3.00;8.00,3.00"), "coordinate"),
        (("2.00,3.00;8.00,3.00", "1,2,3"), "no sound CVAT"),
        (("<polyline", "<cuboid"), "cuboid"),
        (('label="trees" source', 'name="trees" source'), "it lacks 'label'"),
        (('label="trees"', 'label="&lt;img src=x onerror=alert(1)&gt;"'), "<img src=x"),
        (('encoding="utf-8"', 'encoding="no-such"'), "no whole XML"),
    ],
)
def test_xml_that_is_unsound_is_refused(
    tmp_path: Path, made: Workspace, change: tuple[str, str], told: str
) -> None:
    text = CVAT.replace(*change, 1)
    text = text.replace("</polyline>", "</cuboid>") if "cuboid" in text else text
    with pytest.raises(InputError, match=re.escape(told)):
        bring(made, written(tmp_path, text, "annotations.xml"))
    assert not len(read_labels(made))


def test_two_labels_of_one_shape_and_turned_pictures_are_refused(
    tmp_path: Path, made: Workspace
) -> None:
    square = {"points": [[4, 7.5], [16, 7.5], [16, 22.5]], "polygonlabels": ["water", "trees"]}
    for change, told in (
        ({"value": square}, "2 labels"),
        ({"value": square | {"polygonlabels": ["water"]}, "image_rotation": 90}, "turned by 90"),
    ):
        with pytest.raises(InputError, match=told):
            bring(made, written(tmp_path, task({"type": "polygonlabels"} | change)))


def test_what_hangs_over_the_edge_is_cut(tmp_path: Path, made: Workspace) -> None:
    one = {"image_id": 5, "category_id": 2, "segmentation": [[-3, -3, 4, -3, 4, 4, -3, 4]]}
    bring(made, written(tmp_path, coco(annotations=[one])))
    assert read_labels(made).total_bounds.tolist() == [X, Y - 40, X + 40, Y]


def test_labels_elsewhere_are_told(tmp_path: Path, made: Workspace) -> None:
    frame = gpd.GeoDataFrame(
        {"class": ["water", "trees"]},
        geometry=[shapely.box(X, Y - 10, X + 10, Y), shapely.box(0, 0, 1, 1)],
        crs="EPSG:32633",
    )
    frame.to_file(tmp_path / "drawn.gpkg")
    assert bring(made, tmp_path / "drawn.gpkg").left_out == {"on none of the scenes": 1}
    frame.iloc[1:].to_file(tmp_path / "far.gpkg")
    with pytest.raises(InputError, match=r"no label of .* lies on a scene"):
        bring(made, tmp_path / "far.gpkg")


def test_names_are_shown_and_never_more(tmp_path: Path, made: Workspace) -> None:
    text = CVAT.replace("ada", "&lt;script&gt;alert(1)&#x202e;&lt;/script&gt;" + "x" * 10_000)
    bring(made, written(tmp_path, text, "a.xml"))
    (author,) = set(read_labels(made)["author"])
    assert author.startswith("<script>alert(1)</script>xxx")
    assert len(author) == 200


def test_what_is_no_labels_at_all(tmp_path: Path, made: Workspace) -> None:
    for path in (
        tmp_path / "none.json",
        tmp_path / "scene.tif",
        written(tmp_path, "<a/>", "a.xml"),
    ):
        with pytest.raises(InputError):
            bring(made, path)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.xml", CVAT)
        archive.writestr("b/b.xml", CVAT)
    with pytest.raises(InputError, match="holds 2 files of annotations"):
        bring(made, tmp_path / "two.zip")
