"""Map against truth: rasters and vectors in any CRS, points, classes of other names and values,
and wrong input.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import rasters
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio import Affine
from rasterio.features import rasterize
from rasterio.warp import reproject
from shapely.geometry import Point, box

from geoseg.core.card import NODATA
from geoseg.core.errors import InputError
from geoseg.core.style import colour_table
from geoseg.evaluation import compare
from geoseg.evaluation.classes import MAP, TRUTH, Legend, Renames, Vocabulary, read_renames
from geoseg.evaluation.compare import Evaluation, Settings, evaluate
from geoseg.evaluation.results import to_json, total
from geoseg.raster.legend import FileLegend
from geoseg.raster.sink import category_xml

RNG = np.random.default_rng(5)
CLASSES = {0: "water", 1: "trees", 2: "built"}
COARSE = RNG.integers(0, 3, (12, 15)).astype(np.uint8)
MAPPED = COARSE.repeat(10, 0).repeat(10, 1)
TRUE = np.where(RNG.random(MAPPED.shape) < 0.2, RNG.integers(0, 3, MAPPED.shape), MAPPED).astype(
    np.uint8
)
TRUE[:20, :30] = NODATA


def raster(
    path: Path, values: np.ndarray, names: dict[int, str] | None = None, **options: Any
) -> str:
    """Write a class raster; names of its classes go into the file beside it, as geoseg writes
    them.
    """
    written = rasters.write(path, values[None], **({"nodata": NODATA} | options))
    if names:
        legend = FileLegend("test", names, dict.fromkeys(names, "#123456"))
        Path(f"{path}.aux.xml").write_text(category_xml(legend), encoding="utf-8")  # type: ignore[arg-type]
        if values.dtype == np.uint8:
            with rasterio.open(path, "r+") as file:
                file.write_colormap(1, colour_table(legend))
    return written


def expected(truth: np.ndarray, mapped: np.ndarray, classes: int = 3) -> np.ndarray:
    known = (truth != NODATA) & (mapped != NODATA)
    found = np.zeros((classes, classes), np.int64)
    np.add.at(found, (truth[known], mapped[known]), 1)
    return found


@pytest.fixture
def mapped(tmp_path: Path) -> str:
    return raster(tmp_path / "map.tif", MAPPED, CLASSES)


def test_pixels_of_one_grid_are_compared_one_by_one(tmp_path: Path, mapped: str) -> None:
    found = evaluate(mapped, raster(tmp_path / "truth.tif", TRUE, CLASSES))
    assert np.array_equal(found.matrix, expected(TRUE, MAPPED))
    assert found.names == ("water", "trees", "built")
    assert found.colours == ("#123456",) * 3
    assert (found.unlabelled, found.unmapped) == (600, 0)
    assert "classes matched by name" in found.notes


@pytest.mark.parametrize("window", [(7, 11), (64, 1000), (1, 150)])
def test_windows_change_nothing(
    tmp_path: Path, mapped: str, window: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = raster(tmp_path / "truth.tif", TRUE, CLASSES)
    confidence = raster(tmp_path / "c.tif", RNG.integers(0, 101, MAPPED.shape).astype(np.uint8))
    whole = evaluate(mapped, truth, Settings(tolerance="3px"), confidence)
    monkeypatch.setattr(compare, "ROWS", window[0])
    monkeypatch.setattr(compare, "COLUMNS", window[1])
    cut = evaluate(mapped, truth, Settings(tolerance="3px"), confidence)
    assert to_json(cut) == to_json(whole)


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:4326", "EPSG:3857"])
def test_a_truth_in_another_crs_comes_onto_the_maps_grid(
    tmp_path: Path, mapped: str, crs: str
) -> None:
    from rasterio.warp import transform_bounds

    west, south, east, north = transform_bounds(
        "EPSG:32633", crs, 499_990, 4_998_790, 501_510, 5_000_010
    )
    rows, columns = 200, 260
    place = Affine((east - west) / columns, 0, west, 0, (south - north) / rows, north)
    values = RNG.integers(0, 3, (rows, columns)).astype(np.uint8)
    truth = raster(tmp_path / "truth.tif", values, CLASSES, transform=tuple(place)[:6], crs=crs)
    moved = np.full(MAPPED.shape, NODATA, np.uint8)
    reproject(
        values,
        moved,
        src_transform=place,
        src_crs=crs,
        dst_transform=Affine(*rasters.UTM33),
        dst_crs="EPSG:32633",
        dst_nodata=NODATA,
        tolerance=1e-6,
    )
    found = evaluate(mapped, truth)
    difference = np.abs(found.matrix - expected(moved, MAPPED)).sum()
    assert (
        difference <= 0.002 * MAPPED.size
    )  # the nearest pixel, but for ties and PROJ's approximation
    assert any("nearest pixel" in note for note in found.notes)


def test_polygons_are_burnt_in_by_pixel_centre(tmp_path: Path, mapped: str) -> None:
    shapes = [
        box(500_003, 4_999_200, 500_444, 4_999_897),
        box(500_700, 4_999_000, 501_000, 4_999_500),
    ]
    frame = geopandas.GeoDataFrame(
        {"cover": ["trees", "Water"], "n": [1, 2]}, geometry=shapes, crs="EPSG:32633"
    )
    frame.to_crs("EPSG:4326").to_file(tmp_path / "truth.gpkg")
    burnt = rasterize(
        zip(shapes, [1, 0], strict=True), MAPPED.shape, NODATA, transform=Affine(*rasters.UTM33)
    )
    found = evaluate(mapped, str(tmp_path / "truth.gpkg"), Settings(truth_column="cover"))
    assert (
        np.abs(to_matrix(found) - expected(burnt, MAPPED)).sum() <= 20
    )  # edges, straight in another CRS
    with pytest.raises(InputError, match="which column"):
        evaluate(mapped, str(tmp_path / "truth.gpkg"))
    with pytest.raises(InputError, match="no column 'class'"):
        evaluate(mapped, str(tmp_path / "truth.gpkg"), Settings(truth_column="class"))


def to_matrix(found: Evaluation) -> np.ndarray:
    """The matrix in the order of CLASSES, whichever occur."""
    places = [found.names.index(name) for name in CLASSES.values()]
    return found.matrix[np.ix_(places, places)]


def test_a_map_of_polygons_lies_on_the_grid_of_the_truth(tmp_path: Path) -> None:
    halves = [
        box(500_000, 4_998_800, 500_750, 5_000_000),
        box(500_750, 4_998_800, 501_500, 5_000_000),
    ]
    frame = geopandas.GeoDataFrame({"class": ["water", "trees"]}, geometry=halves, crs="EPSG:32633")
    frame.to_file(tmp_path / "map.gpkg")
    half = np.concatenate([np.zeros((120, 75), np.uint8), np.ones((120, 75), np.uint8)], axis=1)
    found = evaluate(str(tmp_path / "map.gpkg"), raster(tmp_path / "truth.tif", half, CLASSES))
    assert found.matrix.tolist() == [[9000, 0], [0, 9000]]
    frame.iloc[:1].to_crs("EPSG:4326").to_file(tmp_path / "half.gpkg")
    both = str(tmp_path / "map.gpkg"), str(tmp_path / "half.gpkg")
    found = evaluate(*both, Settings(pixel=20.0))
    assert found.matrix[0, 0] == pytest.approx(37.5 * 60, rel=0.03)
    assert found.unlabelled == pytest.approx(37.5 * 60, rel=0.03)
    with pytest.raises(InputError, match="--pixel METRES"):
        evaluate(*both)


def test_points_look_up_their_pixel(tmp_path: Path, mapped: str) -> None:
    rows, columns = RNG.integers(0, 120, 80), RNG.integers(0, 150, 80)
    points = [
        Point(500_000 + 10 * c + 5, 5_000_000 - 10 * r - 5)
        for r, c in zip(rows, columns, strict=True)
    ]
    names = [CLASSES[int(v)] if v != NODATA else None for v in TRUE[rows, columns]]
    frame = geopandas.GeoDataFrame(
        {"truth": [*names, "water"]}, geometry=[*points, Point(0, 0)], crs="EPSG:32633"
    )
    frame.to_crs("EPSG:3857").to_file(tmp_path / "points.geojson", driver="GeoJSON")
    found = evaluate(mapped, str(tmp_path / "points.geojson"))
    assert np.array_equal(to_matrix(found), expected(TRUE[rows, columns], MAPPED[rows, columns]))
    assert found.unit == "points"
    assert found.boundaries is None
    assert any("1 points lie outside" in note for note in found.notes)
    with pytest.raises(InputError, match="is of points"):
        evaluate(str(tmp_path / "points.geojson"), mapped)


def test_values_without_names_match_values(tmp_path: Path, mapped: str) -> None:
    found = evaluate(mapped, raster(tmp_path / "truth.tif", TRUE))
    assert found.names == ("water", "trees", "built")
    assert np.array_equal(found.matrix, expected(TRUE, MAPPED))
    assert any("by value" in note and "truth" in note for note in found.notes)


def test_names_match_whatever_their_values(tmp_path: Path, mapped: str) -> None:
    turned = np.where(TRUE == NODATA, NODATA, (TRUE + 2) % 3 + 5).astype(np.uint8)
    names = {(value + 2) % 3 + 5: name.upper() for value, name in CLASSES.items()}
    found = evaluate(mapped, raster(tmp_path / "truth.tif", turned, names))
    assert np.array_equal(found.matrix, expected(TRUE, MAPPED))


def test_renamed_ignored_and_merged_classes(tmp_path: Path, mapped: str) -> None:
    other = np.where(TRUE == 0, 5, TRUE).astype(np.uint8)
    truth = raster(tmp_path / "truth.tif", other, {5: "sea", 1: "forest", 2: "built"})
    found = evaluate(mapped, truth, Settings(renames=read_renames(["SEA=water", "1=1"], [], None)))
    assert np.array_equal(found.matrix, expected(TRUE, MAPPED))
    found = evaluate(
        mapped, truth, Settings(renames=read_renames(["sea=0", "forest=trees"], ["built"], None))
    )
    assert np.array_equal(found.matrix[:2], expected(TRUE, MAPPED)[:2])
    assert not found.matrix[2].any()
    (tmp_path / "c.json").write_text(
        '{"map": {"trees": "land", "built": "land"},'
        ' "truth": {"sea": "water", "forest": "land", "2": "land"}}'
    )
    found = evaluate(
        mapped, truth, Settings(renames=read_renames([], [], str(tmp_path / "c.json")))
    )
    land = expected(np.where(TRUE == NODATA, TRUE, np.minimum(TRUE, 1)), np.minimum(MAPPED, 1), 2)
    assert np.array_equal(found.matrix, land)
    assert found.names == ("water", "land")


def test_values_beyond_a_byte_and_colours_need_names(tmp_path: Path, mapped: str) -> None:
    codes = np.where(TRUE == NODATA, 0, np.array([511, 311, 112, *[0] * 253])[TRUE]).astype(
        np.uint16
    )
    truth = rasters.write(tmp_path / "corine.tif", codes[None], nodata=0)
    with pytest.raises(
        InputError, match=r"no class in common: the truth has .*class 511.*--rename"
    ):
        evaluate(mapped, truth)
    renames = Renames(truth={"511": "water", "311": "trees", "112": "2"})
    assert np.array_equal(
        to_matrix(evaluate(mapped, truth, Settings(renames=renames))), expected(TRUE, MAPPED)
    )
    colours = np.array([[0, 0, 255], [0, 128, 0], [200, 0, 0], *[[0, 0, 0]] * 253], np.uint8)[TRUE]
    mask = rasters.write(tmp_path / "mask.tif", np.moveaxis(colours, -1, 0))
    renames = Renames(
        truth={"#0000ff": "water", "#008000": "trees", "#c80000": "built", "#000000": None}
    )
    assert np.array_equal(
        to_matrix(evaluate(mapped, mask, Settings(renames=renames))), expected(TRUE, MAPPED)
    )


def test_classes_that_the_map_lacks(tmp_path: Path, mapped: str) -> None:
    other = TRUE.copy()
    other[100:, 100:] = 7
    truth = raster(tmp_path / "truth.tif", other, CLASSES | {7: "wetland"})
    with pytest.raises(InputError, match=r"classes that the map lacks: wetland; .*--rename"):
        evaluate(mapped, truth)
    counted = evaluate(mapped, truth, Settings(missing="count"))
    assert counted.matrix.sum() == (other != NODATA).sum()
    assert to_json(counted)["classes"]["wetland"]["recall"] == 0
    left = evaluate(mapped, truth, Settings(missing="ignore"))
    assert np.array_equal(left.matrix, expected(np.where(other == 7, NODATA, other), MAPPED))
    assert left.unlabelled == 600 + 20 * 50
    with pytest.raises(InputError, match="--missing maybe"):
        Settings(missing="maybe")  # type: ignore[arg-type]


def test_classes_that_the_truth_lacks_are_wrong(tmp_path: Path) -> None:
    mapped = raster(
        tmp_path / "map.tif",
        np.where(MAPPED == 2, 9, MAPPED).astype(np.uint8),
        {0: "water", 1: "trees", 9: "ice"},
    )
    found = evaluate(
        mapped, raster(tmp_path / "truth.tif", np.minimum(MAPPED, 1), {0: "water", 1: "trees"})
    )
    assert any("ice" in note and "wrong" in note for note in found.notes)
    assert found.matrix[:, 2].sum() == (MAPPED == 2).sum()


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (np.full_like(TRUE, NODATA), {}, "no pixel of the truth .* is labelled"),
        (TRUE, {"transform": (10.0, 0.0, 900_000.0, 0.0, -10.0, 5_000_000.0)}, "shares no ground"),
        (
            TRUE,
            {"names": {0: "a", 1: "b", 2: "c"}},
            "no class in common: the truth has a, b, c.*--rename",
        ),
        (TRUE[:50], {"crs": None}, "rows and columns"),
        (TRUE.astype(np.float32) + 0.5, {"nodata": None}, "holds fractions, such as"),
    ],
)
def test_wrong_truths_give_one_clear_line(
    tmp_path: Path, mapped: str, values: np.ndarray, options: dict[str, Any], message: str
) -> None:
    names = options.pop("names", CLASSES)
    with pytest.raises(InputError, match=message) as error:
        evaluate(mapped, raster(tmp_path / "truth.tif", values, names, **options))
    assert "\n" not in str(error.value)


def test_a_map_without_data_under_the_truth(tmp_path: Path) -> None:
    mapped = raster(
        tmp_path / "map.tif", np.where(TRUE == NODATA, 1, NODATA).astype(np.uint8), CLASSES
    )
    with pytest.raises(InputError, match="has no data where the truth"):
        evaluate(mapped, raster(tmp_path / "truth.tif", TRUE, CLASSES))


@pytest.mark.parametrize("text", ["2", "px", "-1px", "1e3m", "101px", "2 feet"])
def test_a_tolerance_is_a_distance(tmp_path: Path, mapped: str, text: str) -> None:
    with pytest.raises(InputError, match="--boundary"):
        evaluate(mapped, mapped, Settings(tolerance=text))


def test_a_tolerance_in_metres_is_that_of_the_ground(tmp_path: Path, mapped: str) -> None:
    found = evaluate(mapped, mapped, Settings(tolerance="25m"))
    assert found.boundaries is not None
    assert found.boundaries.reach == pytest.approx(2.5, rel=1e-3)
    assert evaluate(mapped, mapped, Settings(tolerance="off")).boundaries is None
    plain = rasters.write(tmp_path / "plain.tif", MAPPED[None], crs=None)
    with pytest.raises(InputError, match="no CRS"):
        evaluate(plain, plain, Settings(tolerance="25m"))


@given(arrays(np.uint8, 40, elements=st.integers(0, 6)), st.integers(0, 39))
def test_totals_are_those_of_all_pixels_together(values: np.ndarray, cut: int) -> None:
    def part(truth: np.ndarray, mapped: np.ndarray) -> Evaluation:
        matrix = expected(truth, mapped, 7)
        kept = np.flatnonzero(matrix.sum(0) + matrix.sum(1))
        return Evaluation(
            "m",
            "t",
            tuple(f"c{i}" for i in kept),
            ("",) * len(kept),
            matrix[np.ix_(kept, kept)],
            1,
            2,
        )

    truth, mapped = values, values[::-1]
    parts = [part(truth[:cut], mapped[:cut]), part(truth[cut:], mapped[cut:])]
    found, whole = total(parts), part(truth, mapped)
    order = [found.names.index(name) for name in whole.names]
    assert np.array_equal(found.matrix[np.ix_(order, order)], whole.matrix)
    assert (found.unlabelled, found.unmapped) == (2, 4)


def test_a_vocabulary_holds_no_more_classes_than_a_byte_tells() -> None:
    names = {value: f"a{value}" for value in range(200)}
    with pytest.raises(InputError, match="more than 254 classes"):
        Vocabulary((Legend(names), Legend({value: f"b{value}" for value in range(100)})), Renames())
    words = Vocabulary((Legend({3: "x"}), Legend()), Renames())
    assert words.encode(TRUTH, np.array([3, NODATA, 9], np.uint8)).tolist() == [0, NODATA, 1]
    assert words.encode(MAP, np.array([9, 3], np.uint8)).tolist() == [1, 0]


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"truth": 3}', '{"5": 1.5}', '{"5": true}', '{"5": ""}', "[" * 100_000]
)
def test_files_of_classes_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(InputError, match="--classes"):
        read_renames([], [], str(tmp_path / "c.json"))
    with pytest.raises(InputError, match="--classes"):
        read_renames([], [], str(tmp_path / "none.json"))
    with pytest.raises(InputError, match="--rename"):
        read_renames(["=b"], [], None)


def test_json_holds_no_nan(tmp_path: Path, mapped: str) -> None:
    found = evaluate(mapped, raster(tmp_path / "truth.tif", np.zeros_like(MAPPED), CLASSES))
    assert "NaN" not in json.dumps(to_json(found))
    assert to_json(found)["classes"]["trees"]["recall"] is None
