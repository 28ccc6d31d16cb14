"""Objects of maps against those of truths: rasters, polygons, and the doors to both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import rasterio.features
import rasters
import shapely
from rasterio import Affine

from geoseg.api import evaluate
from geoseg.cli import run as geoseg
from geoseg.core.errors import GeosegError, InputError
from geoseg.core.events import Warned

TRANSFORM = (2.0, 0.0, 500_000.0, 0.0, -2.0, 5_000_000.0)
CRS = "EPSG:32633"
NODATA = 4_294_967_295
Numbers = npt.NDArray[np.uint32]


def scattered(seed: int, size: int = 60) -> Numbers:
    """Boxes and Ls, numbered as it comes, some on others."""
    rng = np.random.default_rng(seed)
    found = np.zeros((size, size), np.uint32)
    for number in rng.permutation(40) + 1:
        top, left = rng.integers(0, size - 4, 2)
        rows, columns = rng.integers(3, 12, 2)
        found[top : top + rows, left : left + columns] = number * 7
        found[top : top + 2, left : left + 2 * columns] = number * 7
    return found


TRUTH = scattered(1)
MAPPED = np.where(np.roll(TRUTH, (1, 0), (0, 1)) % 5 == 0, 0, np.roll(TRUTH, (1, 0), (0, 1)))
SURE = (MAPPED % 89 + 10).astype(np.uint8)
CLASSES = {number: ("house", "shed")[number % 2] for number in range(1000)}


def write(path: Path, numbers: npt.NDArray[Any], **how: Any) -> str:
    return rasters.write(path, numbers[None], **({"transform": TRANSFORM, "crs": CRS} | how))


def polygons(path: Path, numbers: Numbers, crs: str = CRS, **columns: Any) -> str:
    traced = rasterio.features.shapes(
        numbers.astype(np.int32), numbers > 0, transform=Affine(*TRANSFORM)
    )
    shapes: dict[int, list[Any]] = {}
    for shape, value in traced:
        shapes.setdefault(int(value), []).append(shapely.geometry.shape(shape))
    rows = sorted(shapes)
    frame = geopandas.GeoDataFrame(
        {name: [of(row) for row in rows] for name, of in columns.items()},
        geometry=[shapely.union_all(shapes[row]) for row in rows],
        crs=CRS,
    )
    frame.to_crs(crs).to_file(path)
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    return {
        "truth": write(tmp_path / "truth.tif", TRUTH),
        "map": write(tmp_path / "map.tif", MAPPED),
        "sure": write(tmp_path / "sure.tif", SURE),
        "truth_shapes": polygons(tmp_path / "truth.gpkg", TRUTH, kind=CLASSES.get),
        "map_shapes": polygons(
            tmp_path / "map.gpkg",
            MAPPED,
            kind=CLASSES.get,
            score=lambda number: SURE[number == MAPPED][0] / 100,
        ),
    }


def numbers_of(found: Any) -> dict[str, Any]:
    return {name: found.numbers[name] for name in ("metrics", "objects", "classes")}


def test_polygons_and_rasters_of_the_same_objects_are_equal(files: dict[str, str]) -> None:
    """Pixel by pixel, or by exact areas: the same overlaps, so the same of everything."""
    pixels = evaluate(files["map"], files["truth"], objects=True, confidence=files["sure"])
    assert pixels.numbers["metrics"]["mean_ap"] > 0.05
    shapes = evaluate(files["map_shapes"], files["truth_shapes"], objects=True)
    mixed = evaluate(files["map_shapes"], files["truth"], objects=True)
    for other in (shapes, mixed):
        assert numbers_of(other) == numbers_of(pixels)
    assert pixels.objects is not None
    assert pixels.numbers["sizes"][0]["unit"] == "px"
    assert shapes.numbers["sizes"] == []  # nothing tells pixels of polygons


def test_square_metres_are_those_of_the_ground(files: dict[str, str]) -> None:
    sizes = "20,80m2"
    pixels = evaluate(
        files["map"], files["truth"], objects=True, confidence=files["sure"], sizes=sizes
    )
    shapes = evaluate(files["map_shapes"], files["truth_shapes"], objects=True, sizes=sizes)
    for one, other in zip(pixels.numbers["sizes"], shapes.numbers["sizes"], strict=True):
        assert one == other
    assert all(row["truth"] for row in pixels.numbers["sizes"])
    found = shapes.objects.found.truth
    # UTM is some 0.04 % off in the middle of its zone
    np.testing.assert_allclose(found.sizes, found.areas, rtol=1e-3)


def test_any_crs_gives_the_same(files: dict[str, str], tmp_path: Path) -> None:
    """In degrees both are compared in an equal-area projection."""
    expected = evaluate(files["map_shapes"], files["truth_shapes"], objects=True)
    for truth_crs, map_crs in ((CRS, "EPSG:4326"), ("EPSG:4326", "EPSG:4326"), ("EPSG:3035", CRS)):
        names = [f"{crs[5:]}{i}.gpkg" for i, crs in enumerate((truth_crs, map_crs))]
        truth = polygons(tmp_path / names[0], TRUTH, truth_crs)
        mapped = polygons(
            tmp_path / f"m{names[1]}",
            MAPPED,
            map_crs,
            score=lambda number: SURE[number == MAPPED][0] / 100,
        )
        found = evaluate(mapped, truth, objects=True)
        assert found.numbers["objects"]["truth"] == expected.numbers["objects"]["truth"]
        one, other = ious(expected), ious(found)
        assert one.keys() == other.keys()
        assert [other[pair] for pair in one] == pytest.approx(list(one.values()), abs=1e-3)


def ious(found: Any) -> dict[tuple[int, ...], float]:
    """Of the pairs that share more than a border."""
    values = found.objects.found.iou()
    pairs = map(tuple, found.objects.found.pairs.tolist())
    return {pair: iou for pair, iou in zip(pairs, values, strict=True) if iou > 1e-3}


def test_classes_are_matched_by_name(files: dict[str, str]) -> None:
    columns = {"map_column": "kind", "truth_column": "kind"}
    shapes = files["map_shapes"], files["truth_shapes"]
    found = evaluate(*shapes, objects=True, **columns)
    assert set(found.numbers["classes"]) == {"house", "shed"}
    plain = evaluate(*shapes, objects=True, any_class=True, **columns)
    assert set(plain.numbers["classes"]) == {"object"}
    # of an ignored class neither objects nor what is found there count
    houses = evaluate(*shapes, objects=True, ignore=["shed"], **columns)
    assert houses.numbers["classes"]["house"]["ap"] == pytest.approx(
        found.numbers["classes"]["house"]["ap"], abs=0.05
    )
    assert houses.numbers["objects"]["truth"] == found.numbers["classes"]["house"]["truth"]
    assert any("crowds, or of a class that is left out" in note for note in houses.numbers["notes"])
    with pytest.raises(InputError, match="tells no classes"):
        evaluate(files["map"], files["truth_shapes"], objects=True, truth_column="kind")
    with pytest.raises(InputError, match="classes that the map lacks: barn"):
        evaluate(*shapes, objects=True, rename={"shed": "barn"}, **columns)
    counted = evaluate(*shapes, objects=True, rename={"shed": "barn"}, missing="count", **columns)
    assert counted.numbers["classes"]["barn"]["recall"] == 0
    left = evaluate(*shapes, objects=True, rename={"shed": "barn"}, missing="ignore", **columns)
    assert left.numbers["objects"]["truth"] == counted.numbers["classes"]["house"]["truth"]


def panoptic(numbers: Numbers) -> npt.NDArray[np.uint8]:
    """Houses are things; the ground between them is meadow to the left and road to the right."""
    classes = np.full(numbers.shape, 2, np.uint8)
    classes[:, 30:] = 3
    classes[numbers > 0] = 1
    return classes


def test_a_panoptic_map_has_things_and_stuff(tmp_path: Path, files: dict[str, str]) -> None:
    truth = panoptic(TRUTH)
    truth[:3] = 255
    beside = {
        "map_classes": write(tmp_path / "mc.tif", panoptic(MAPPED), nodata=255),
        "truth_classes": write(tmp_path / "tc.tif", truth, nodata=255),
    }
    found = evaluate(files["map"], files["truth"], objects=True, **beside)
    kinds = {name: row["kind"] for name, row in found.numbers["classes"].items()}
    assert kinds == {"class 1": "things", "class 2": "stuff", "class 3": "stuff"}
    quality = found.numbers["panoptic"]
    assert quality["stuff"]["classes"] == 2
    assert quality["things"]["rq"] < quality["stuff"]["rq"] == 1
    known = truth != 255
    meadow = [layer == 2 for layer in (panoptic(MAPPED), truth)]
    iou = (meadow[0] & meadow[1]).sum() / ((meadow[0] | meadow[1]) & known).sum()
    assert found.numbers["classes"]["class 2"]["sq"] == pytest.approx(iou, abs=1e-6)
    assert any("Things" in line or "stuff" in line for line in found.lines)
    moved = write(tmp_path / "moved.tif", truth, transform=(2.0, 0, 0.0, 0, -2.0, 0.0))
    with pytest.raises(InputError, match=r"does not lie on the grid of"):
        evaluate(files["map"], files["truth"], objects=True, **(beside | {"truth_classes": moved}))


def test_an_area_of_interest_is_the_same_for_both(files: dict[str, str]) -> None:
    # its border runs along pixels, so that shares are the same
    x, y = TRANSFORM[2] + 2 * 31, TRANSFORM[5] - 2 * 44
    aoi = shapely.box(TRANSFORM[2], y, x, TRANSFORM[5]).wkt
    pixels = evaluate(files["map"], files["truth"], objects=True, confidence=files["sure"], aoi=aoi)
    shapes = evaluate(files["map_shapes"], files["truth_shapes"], objects=True, aoi=aoi)
    assert numbers_of(shapes) == numbers_of(pixels)
    pixels_of = [(number == TRUTH) for number in ids(TRUTH)]
    inside = [2 * mask[:44, :31].sum() >= mask.sum() for mask in pixels_of]
    assert pixels.numbers["objects"]["truth"] == sum(inside)
    with pytest.raises(InputError, match="outside"):
        evaluate(
            files["map_shapes"],
            files["truth_shapes"],
            objects=True,
            aoi="EPSG:32633;POLYGON ((0 0, 1 0, 1 1, 0 0))",
        )


def ids(numbers: Numbers) -> list[int]:
    return [int(number) for number in np.unique(numbers) if number]


def test_what_lies_in_nodata_of_the_truth_does_not_count(
    tmp_path: Path, files: dict[str, str]
) -> None:
    hidden = TRUTH.copy()
    hidden[:, 40:] = NODATA
    truth = write(tmp_path / "hidden.tif", hidden, nodata=NODATA)
    pixels = evaluate(files["map"], truth, objects=True, confidence=files["sure"])
    mixed = evaluate(files["map_shapes"], truth, objects=True)
    for found in (pixels, mixed):
        assert found.numbers["objects"]["truth"] == len(ids(hidden)) - 1
        assert any("outside of what is compared" in note for note in found.numbers["notes"])
    assert numbers_of(mixed) == numbers_of(pixels)
    # beyond the truth's raster it tells as little
    small = write(tmp_path / "small.tif", TRUTH[:, :40])
    cut = evaluate(files["map_shapes"], small, objects=True)
    assert numbers_of(cut) == numbers_of(pixels)
    # nodata 0 is how rasters of objects say that there is none
    plain = write(tmp_path / "plain.tif", TRUTH, nodata=0)
    assert (
        evaluate(files["map"], plain, objects=True).numbers["objects"]
        == evaluate(files["map"], files["truth"], objects=True).numbers["objects"]
    )


def test_what_is_wrong_with_shapes_is_said(tmp_path: Path) -> None:
    box = shapely.box(0, 0, 10, 10)
    bow = shapely.Polygon([(20, 0), (30, 10), (30, 0), (20, 10)])
    flat = shapely.Polygon([(40, 0), (50, 0), (40, 0)])
    truth = tmp_path / "truth.gpkg"
    mapped = tmp_path / "map.gpkg"
    frame = geopandas.GeoDataFrame(
        {"iscrowd": [0, 0, 0, 1]},
        geometry=[box, bow, flat, shapely.box(60, 0, 90, 10)],
        crs=CRS,
    )
    frame.to_file(truth)
    boxes = [box, shapely.box(1, 0, 11, 10), bow, *(shapely.box(x, 2, x + 3, 5) for x in (62, 70))]
    geopandas.GeoDataFrame({"p": [0.9, 0.8, 0.7, 0.6, 0.5]}, geometry=boxes, crs=CRS).to_file(
        mapped
    )
    told: list[Any] = []
    found = evaluate(mapped, truth, objects=True, score_column="p", report=told.append)
    notes = " ".join(found.numbers["notes"])
    assert "1 shapes that cross themselves were made valid" in notes
    assert "1 features without an area are left out" in notes
    assert (
        found.numbers["objects"] | {"found": 2, "spurious": 1, "missed": 0, "crowds": 1}
        == (found.numbers["objects"])
    )
    assert found.numbers["metrics"]["mean_ap"] == pytest.approx(
        51 / 101 + 50 / 101 * 2 / 3, abs=1e-3
    )
    # two predictions lie on one another: no panoptic quality, which is said aloud
    assert found.numbers["panoptic"] is None
    assert [event for event in told if isinstance(event, Warned) and "no panoptic" in event.text]
    with pytest.raises(InputError, match="has no column 'q'"):
        evaluate(mapped, truth, objects=True, score_column="q")


def test_without_scores_there_is_no_average_precision(files: dict[str, str]) -> None:
    found = evaluate(files["map"], files["truth"], objects=True)
    assert found.numbers["metrics"]["mean_ap"] is None
    assert found.numbers["curve"] is None
    assert found.numbers["metrics"]["f1"] > 0.2
    assert any("no scores" in note for note in found.numbers["notes"])
    assert not any("AP" in line for line in found.lines)


def test_the_layer_of_matches_tells_of_each_object(files: dict[str, str], tmp_path: Path) -> None:
    for name, pair in {
        "pixels": (files["map"], files["truth"]),
        "shapes": (files["map_shapes"], files["truth_shapes"]),
    }.items():
        found = evaluate(*pair, objects=True, matches=tmp_path / f"{name}.gpkg")
        totals = found.numbers["objects"]
        frame = geopandas.read_file(tmp_path / f"{name}.gpkg")
        assert frame.crs == CRS
        truth = frame[frame.side == "truth"]
        mapped = frame[frame.side == "map"]
        assert len(truth) == totals["truth"]
        assert truth.outcome.str.startswith("found").sum() == totals["found"]
        assert mapped.outcome.isin(["spurious", "merged"]).sum() == totals["spurious"]
        assert truth.outcome.str.contains("split").sum() == totals["split"]
        assert mapped.outcome.str.contains("merged").sum() == totals["merged"]
        # the shapes are those that were compared
        by_number = mapped.set_index("object").geometry
        for row in truth[truth.outcome.str.startswith("found")].itertuples():
            other = by_number[row.partner]
            iou = row.geometry.intersection(other).area / row.geometry.union(other).area
            assert row.iou == pytest.approx(iou, abs=1e-5)
            assert iou >= 0.5
    with pytest.raises(InputError, match=r"--matches m\.shp"):
        evaluate(files["map"], files["truth"], objects=True, matches="m.shp")


def test_the_command_writes_tables_numbers_and_a_page(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = rasters.write(
        tmp_path / "scene.tif", rasters.colours(60, 60), transform=TRANSFORM, crs=CRS
    )
    out = tmp_path / "o.json"
    command = ["evaluate", files["map"], files["truth"], "--objects", "--confidence", files["sure"]]
    more = ["--scene", scene, "--json", str(out), "--report", str(tmp_path / "o.html"), "--quiet"]
    assert geoseg([*command, *more]) == 0
    shown = capsys.readouterr().out
    assert "mAP (IoU 0.50:0.95)" in shown
    assert "small (0 to 1024 px)" in shown
    data = json.loads(out.read_text())
    assert (
        data
        == evaluate(files["map"], files["truth"], objects=True, confidence=files["sure"]).numbers
    )
    page = (tmp_path / "o.html").read_text(encoding="utf-8")
    for kind in ("Best", "Worst", "Missed", "Spurious", "Split", "Merged"):
        assert (f"<h3>{kind}" in page) == bool(data["places"][kind.lower()])
    assert page.count("data:image/png") == sum(map(len, data["places"].values()))
    assert "precision by recall" in page
    assert geoseg([*command, *more]) == 2  # nothing is replaced unasked


def test_several_maps_have_a_total(files: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text(
        "map,truth,confidence\n" + f"{files['map']},{files['truth']},{files['sure']}\n" * 2
    )
    one = evaluate(files["map"], files["truth"], objects=True, confidence=files["sure"]).numbers
    found = evaluate(
        pairs=tmp_path / "pairs.csv",
        objects=True,
        page=tmp_path / "o.html",
        matches=tmp_path / "m.gpkg",
    )
    total = found.numbers["total"]
    assert total["objects"]["truth"] == 2 * one["objects"]["truth"]
    assert found.numbers["pairs"] == [one, one]
    for name in ("f1", "recall", "pq", "ar"):
        assert total["metrics"][name] == pytest.approx(one["metrics"][name], abs=1e-6)
    assert "Each map" in (tmp_path / "o.html").read_text(encoding="utf-8")
    assert len(geopandas.read_file(tmp_path / "m.gpkg")) == 2 * (len(ids(TRUTH)) + len(ids(MAPPED)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{map}", "{truth}", "--any-class"], "--any-class without --objects"),
        (["{map}", "{truth}", "--score-column", "a"], "--score-column without --objects"),
        (["{map}", "{truth}", "--objects", "--pixel", "2"], "--pixel beside --objects"),
        (["{map}", "{truth}", "--objects", "--boundary", "3px"], "--boundary 3px beside --objects"),
        (["{map}", "{truth}", "--objects", "--sizes", "3"], "--sizes 3; expected two areas"),
        (["{map}", "{truth}", "--objects", "--sizes", "5,2px"], "--sizes 5,2px"),
        (["{map}", "{truth}", "--objects", "--sizes", "nan,infpx"], "--sizes nan,infpx"),
        (
            ["{map_shapes}", "{truth}", "--objects", "--sizes", "5,9px"],
            "polygons have no pixels",
        ),
        (["{map}", "{truth}", "--objects", "--model", "auto"], "--model beside --objects"),
        (["{map}", "{truth}", "--objects", "--tile", "64"], "--tile without --model"),
        (
            ["{map_shapes}", "{truth}", "--objects", "--map-classes", "{map}"],
            "beside polygons",
        ),
        (
            ["{map}", "{truth_shapes}", "--objects", "--confidence", "{sure}"],
            "--confidence beside objects",
        ),
        (["{map}", "{rgb}", "--objects"], "--truth-band N"),
        (["{map}", "{fraction}", "--objects"], "numbers of the type float32"),
        (["{map}", "{negative}", "--objects"], "holds the number -3"),
        (["{map}", "{empty}", "--objects"], "has no object that counts"),
        (["{map}", "{classes}", "--objects"], "says that it holds classes"),
        (["{map_shapes}", "{points}", "--objects"], "is of Point"),
        (["{map}", "{truth}", "--objects", "--report", "{map}"], "is an input as well"),
    ],
)
def test_wrong_words_give_one_line(
    files: dict[str, str],
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    geopandas.GeoDataFrame(geometry=[shapely.Point(5e5, 5e6)], crs=CRS).to_file(
        tmp_path / "points.gpkg"
    )
    strange = {
        "rgb": rasters.write(tmp_path / "rgb.tif", rasters.colours(60, 60)),
        "fraction": write(tmp_path / "f.tif", TRUTH.astype(np.float32)),
        "negative": write(tmp_path / "n.tif", TRUTH.astype(np.int32) - 3),
        "empty": write(tmp_path / "e.tif", np.zeros_like(TRUTH)),
        "classes": write(tmp_path / "c.tif", TRUTH % 7, tags={"geoseg_output": "classes"}),
        "points": str(tmp_path / "points.gpkg"),
    }
    told = [argument.format(**files, **strange) for argument in arguments]
    before = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert geoseg(["evaluate", "--quiet", "--overwrite", *told]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert "\n" not in error
    assert before == {path.name: path.stat().st_size for path in tmp_path.iterdir()}


def test_a_map_without_objects_has_missed_all(files: dict[str, str], tmp_path: Path) -> None:
    bare = polygons(tmp_path / "bare.gpkg", np.zeros_like(TRUTH))
    number = numbers_of(evaluate(bare, files["truth"], objects=True))
    assert number["objects"]["map"] == number["objects"]["found"] == 0
    assert number["objects"]["missed"] == number["objects"]["truth"] == len(ids(TRUTH))
    with pytest.raises(InputError, match="has no object that counts"):
        evaluate(files["map"], bare, objects=True)


def test_hostile_files_are_refused_or_stay_text(files: dict[str, str], tmp_path: Path) -> None:
    name = "<script>alert(1)</script>"
    truth = polygons(tmp_path / "t.gpkg", TRUTH, kind=lambda number: name)
    mapped = polygons(tmp_path / "m.gpkg", MAPPED, kind=lambda number: name)
    page = tmp_path / "o.html"
    evaluate(mapped, truth, objects=True, map_column="kind", truth_column="kind", page=page)
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    broken = tmp_path / "broken.tif"
    broken.write_bytes(Path(files["truth"]).read_bytes()[:700])
    with pytest.raises(GeosegError, match=r"broken\.tif"):
        evaluate(files["map"], str(broken), objects=True)
