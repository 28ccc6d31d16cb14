"""Labels come to the grid of their scene: rasters of any grid and CRS by the nearest pixel,
vectors burnt in.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas
import pyogrio
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.features import rasterize
from rasters import UTM33
from rasters import write as write_raster

from geoseg.core.card import NODATA
from geoseg.core.errors import InputError
from geoseg.core.grid import Grid, Window
from geoseg.features.aoi import load_aoi
from geoseg.features.class_column import read_column
from geoseg.features.coding import Coding
from geoseg.features.labels import open_labels

CRS33 = rasterio.crs.CRS.from_epsg(32633).to_wkt()
GRID = Grid(60, 80, UTM33, CRS33)
CODING = Coding({1: 0, "water": 0, 2: 1, "wood": 1, 7: 2, "town": 2})


def write(path: Path, pixels: np.ndarray, **more: Any) -> str:
    """Write labels; a single band of numbers says that 255 is unlabelled."""
    return write_raster(path, pixels, **({"nodata": 255} if len(pixels) == 1 else {}) | more)


def read(path: Path | str, coding: Coding = CODING, grid: Grid = GRID, **more: Any) -> np.ndarray:
    labels = open_labels(str(path), grid, coding, **more)
    found = labels.read(grid.extent)
    labels.close()
    return found


def classes(height: int, width: int, seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).choice(
        np.array([1, 2, 7, 255], np.uint8), (height // 5 + 1, width // 5 + 1)
    )
    return np.kron(coarse, np.ones((5, 5), np.uint8))[None, :height, :width]


def indices(values: np.ndarray) -> np.ndarray:
    table = np.full(256, NODATA, np.uint8)
    table[[1, 2, 7]] = 0, 1, 2
    return table[values]


def test_values_become_indices(tmp_path: Path) -> None:
    values = classes(60, 80)
    assert np.array_equal(read(write(tmp_path / "l.tif", values)), indices(values[0]))


@pytest.mark.parametrize("dtype", ["int16", "uint16", "int32", "float32"])
def test_labels_of_other_types(tmp_path: Path, dtype: str) -> None:
    values = classes(60, 80)
    assert np.array_equal(read(write(tmp_path / "l.tif", values.astype(dtype))), indices(values[0]))


def test_a_nodata_value_is_unlabelled_even_where_it_is_a_class(tmp_path: Path) -> None:
    values = classes(60, 80)
    path = write(tmp_path / "l.tif", values, nodata=7)
    with pytest.raises(InputError, match=r"hold the values \[255\].*--ignore"):
        read(path)  # nothing but what the file says is nodata
    found = read(path, Coding(CODING.indices, frozenset({255})))
    assert np.array_equal(found, np.where(values[0] == 7, NODATA, indices(values[0])))


def test_a_part_of_the_scene_leaves_the_rest_unlabelled_not_class_0(tmp_path: Path) -> None:
    values = np.zeros((1, 20, 30), np.uint8)
    part = (10.0, 0.0, 500_200.0, 0.0, -10.0, 4_999_900.0)  # 20 columns, 10 rows in
    expected = np.full((60, 80), NODATA, np.uint8)
    expected[10:30, 20:50] = 0
    assert np.array_equal(
        read(write(tmp_path / "l.tif", values, transform=part), Coding({0: 0, 1: 1})), expected
    )


@pytest.mark.parametrize(
    ("crs", "size"), [("EPSG:4326", 0.0001), ("EPSG:3857", 13.0), ("EPSG:32632", 7.0)]
)
def test_another_crs_gives_each_pixel_the_label_at_its_centre(
    tmp_path: Path, crs: str, size: float
) -> None:
    """The oracle looks up each pixel's centre by itself."""
    to = Transformer.from_crs("EPSG:32633", crs, always_xy=True)
    x, y = to.transform(500_100, 4_999_900)
    values = classes(90, 120, 3)
    place = (size, 0.0, x, 0.0, -size, y)
    found = read(write(tmp_path / "l.tif", values, transform=place, crs=crs))
    rows, columns = np.mgrid[:60, :80]
    xs, ys = to.transform(500_000 + 10 * (columns + 0.5), 5_000_000 - 10 * (rows + 0.5))
    r, c = (y - ys) / size, (xs - x) / size
    inside = (r >= 0) & (r < 90) & (c >= 0) & (c < 120)
    expected = np.where(
        inside,
        indices(values[0])[r.astype(int).clip(0, 89), c.astype(int).clip(0, 119)],
        np.uint8(NODATA),
    )
    # GDAL's warper follows the projection to an eighth of a pixel: at the border of two labels
    # either may win
    sure = np.minimum(np.abs(r - np.rint(r)), np.abs(c - np.rint(c))) > 0.15 * 10 / (
        size if size > 1 else 10
    )
    assert (found == expected)[sure].all()
    assert (found == expected).mean() > 0.97


def test_colours_of_masks_and_palettes(tmp_path: Path) -> None:
    coding = Coding({"#e2a929": 0, "#3c1098": 1}, frozenset({"#000000"}))
    colours = np.array([[0xE2, 0xA9, 0x29], [0x3C, 0x10, 0x98], [0, 0, 0]], np.uint8)
    index = np.random.default_rng(0).integers(0, 3, (60, 80))
    expected = np.array([0, 1, NODATA], np.uint8)[index]
    assert np.array_equal(
        read(write(tmp_path / "rgb.tif", np.moveaxis(colours[index], -1, 0)), coding), expected
    )
    with rasterio.open(
        write(tmp_path / "p.tif", index[None].astype(np.uint8), photometric="palette"), "r+"
    ) as raster:
        raster.write_colormap(1, {i: (*map(int, colour), 255) for i, colour in enumerate(colours)})
    assert np.array_equal(read(tmp_path / "p.tif", coding), expected)
    other = write(tmp_path / "o.tif", np.full((3, 60, 80), 9, np.uint8))
    with pytest.raises(InputError, match=r"\[#090909\]"):
        read(other, coding)


def test_values_that_are_no_class(tmp_path: Path) -> None:
    path = write(tmp_path / "l.tif", np.full((1, 60, 80), 9, np.uint8))
    with pytest.raises(
        InputError, match=r"hold the values \[9\].*classes of the card.*data.ignore"
    ):
        read(path)
    assert (read(path, Coding({1: 0}, frozenset({9}))) == NODATA).all()
    assert (read(path, Coding({1: 0}, others=True)) == NODATA).all()


def test_soft_labels_keep_their_shares(tmp_path: Path) -> None:
    shares = np.random.default_rng(0).integers(0, 256, (2, 60, 80)).astype(np.uint8)
    assert np.array_equal(read(write(tmp_path / "s.tif", shares), soft=2), shares)
    with pytest.raises(InputError, match="2 bands of uint8; expected 3 of uint8, one per class"):
        read(tmp_path / "s.tif", soft=3)


def test_what_cannot_be_labels(tmp_path: Path) -> None:
    away = write(
        tmp_path / "l.tif",
        classes(60, 80),
        transform=(10.0, 0.0, 600_000.0, 0.0, -10.0, 5_000_000.0),
    )
    with pytest.raises(InputError, match="shares no ground"):
        read(away)
    other = write(
        tmp_path / "o.tif",
        classes(60, 80),
        transform=(0.1, 0.0, 100.0, 0.0, -0.1, -20.0),
        crs="EPSG:4326",
    )
    with pytest.raises(InputError, match="shares no ground"):
        read(other)
    with pytest.raises(InputError, match=r"3 bands.*give each class its colour"):
        read(write(tmp_path / "c.tif", np.zeros((3, 60, 80), np.uint8)))
    with pytest.raises(InputError, match="one of the two has no CRS"):
        read(write(tmp_path / "n.tif", classes(61, 80), crs=None))
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "nothing.tif")


def polygons(seed: int, count: int = 12) -> list[Any]:
    """Triangles around the scene, in its CRS."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform((499_900, 4_999_300), (500_900, 5_000_100), (count, 1, 2)) + rng.normal(
        0, 90, (count, 3, 2)
    )
    return [shapely.Polygon(c) for c in corners]


def write_vector(
    path: Path,
    shapes: list[Any],
    values: list[Any],
    crs: str | None = "EPSG:32633",
    column: str = "class",
    to: str | None = None,
) -> Path:
    frame = geopandas.GeoDataFrame({column: values, "name": "x"}, geometry=shapes, crs=crs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        more = (
            {"SPATIAL_INDEX": "NO"} if path.suffix == ".fgb" else {}
        )  # its index puts features in another order
        (frame.to_crs(to) if to else frame).to_file(path, **more)
    return path


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".fgb", ".gml", ".kml"])
def test_features_are_burnt_as_rasterio_burns_the_whole_scene(tmp_path: Path, suffix: str) -> None:
    shapes = polygons(1)
    values = [(1, 2, 7)[i % 3] for i in range(len(shapes))]
    to = "EPSG:4326" if suffix == ".kml" else None  # it knows no other
    path = write_vector(tmp_path / f"l{suffix}", shapes, values, to=to)
    expected = rasterize(
        [(shape, (1, 2, 7).index(v)) for shape, v in zip(shapes, values, strict=True)],
        (60, 80),
        NODATA,
        transform=rasterio.Affine(*UTM33),
        dtype="uint8",
    )
    assert (read(path) == expected).mean() > 0.999  # corners are kept to 1/4096 px
    assert (expected != NODATA).any()


@given(st.integers(0, 50), st.integers(0, 70), st.integers(1, 40), st.integers(1, 40))
def test_any_window_gives_the_same(top: int, left: int, rows: int, columns: int) -> None:
    window = Window(top, left, min(top + rows, 60), min(left + columns, 80))
    for labels, whole in READY:
        assert np.array_equal(labels.read(window), whole[window.within(GRID.extent)])


READY: list[tuple[Any, np.ndarray]] = []


@pytest.fixture(autouse=True, scope="module")
def _ready(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("labels")
    shapes, words = polygons(2), ["water", "wood", "town"] * 4
    x, y = Transformer.from_crs("EPSG:32633", "EPSG:3857", always_xy=True).transform(
        500_000, 5_000_000
    )
    paths = [
        write_vector(folder / "l.gpkg", shapes, words, to="EPSG:4326"),
        write_vector(folder / "l.geojson", shapes, words),
        Path(
            write(
                folder / "l.tif",
                classes(90, 90),
                transform=(13.0, 0.0, x, 0.0, -13.0, y),
                crs="EPSG:3857",
            )
        ),
    ]
    for path in paths:
        labels = open_labels(str(path), GRID, CODING)
        READY.append((labels, labels.read(GRID.extent)))
    assert all((whole != NODATA).any() for _, whole in READY)


def test_features_in_degrees_lie_where_they_do_in_metres(tmp_path: Path) -> None:
    shapes, values = polygons(3), [1.0, 2.0, 7.0] * 4
    metres = read(write_vector(tmp_path / "m.gpkg", shapes, values))
    degrees = read(write_vector(tmp_path / "d.gpkg", shapes, values, to="EPSG:4326"))
    assert (metres == degrees).mean() > 0.998
    assert np.array_equal(metres, read(write_vector(tmp_path / "n.gpkg", shapes, values, crs=None)))


def test_what_features_may_say(tmp_path: Path) -> None:
    shape = [shapely.box(500_100, 4_999_500, 500_400, 4_999_900)] * 3
    assert set(np.unique(read(write_vector(tmp_path / "a.gpkg", shape, ["wood", None, ""])))) == {
        1,
        NODATA,
    }
    assert set(np.unique(read(write_vector(tmp_path / "b.gpkg", shape, ["7", "07", "1"])))) == {
        0,
        NODATA,
    }
    with pytest.raises(
        InputError, match=r"column class\) hold the values \[field\].*expected classes of the card"
    ):
        read(write_vector(tmp_path / "c.gpkg", shape, ["wood", "field", "wood"]))
    with pytest.raises(InputError, match="no column 'kind'; expected one of class, name"):
        read(tmp_path / "a.gpkg", Coding({1: 0}, column="kind"))
    with pytest.raises(InputError, match=r"which column .* cannot be told: it has art, name"):
        read(write_vector(tmp_path / "d.gpkg", shape, ["wood"] * 3, column="art"))
    with pytest.raises(InputError, match=r"no feature of .* meets the scene or map"):
        read(write_vector(tmp_path / "e.gpkg", [shapely.box(0, 0, 9, 9)], ["wood"]))
    (tmp_path / "g.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    with pytest.raises(InputError, match="holds no features; expected polygons"):
        read(tmp_path / "g.geojson")
    (tmp_path / "f.geojson").write_text(json.dumps({"type": "nothing"}))
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "f.geojson")


def test_training_and_evaluation_take_the_class_from_the_same_column(tmp_path: Path) -> None:
    """Our own polygons have the class by number and by name; the name comes first."""
    path = write_vector(
        tmp_path / "a.gpkg", [shapely.box(500_100, 4_999_500, 500_400, 4_999_900)], [7]
    )
    frame = (
        geopandas.read_file(path).rename(columns={"class": "class_id"}).assign(**{"class": "wood"})
    )
    frame.to_file(path)
    assert read_column(str(path)).name == "class"
    assert set(np.unique(read(path))) == {1, NODATA}
    assert set(np.unique(read(path, Coding(CODING.indices, column="class_id")))) == {2, NODATA}


@pytest.mark.skipif(
    "Parquet" in pyogrio.list_drivers(), reason="the installed GDAL reads GeoParquet"
)
@pytest.mark.parametrize("suffix", [".parquet", ".geoparquet"])
def test_geoparquet_is_refused_where_no_driver_reads_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"l{suffix}"
    geopandas.GeoDataFrame(
        {"class": ["wood"]}, geometry=[shapely.box(0, 0, 9, 9)], crs="EPSG:32633"
    ).to_parquet(path)
    with pytest.raises(
        InputError, match=r"is GeoParquet, which the GDAL of .* expected GeoPackage"
    ):
        read(path)
    with pytest.raises(InputError, match=r"is GeoParquet, which the GDAL of"):
        read_column(str(path))
    with pytest.raises(InputError, match=r"is GeoParquet, which the GDAL of"):
        load_aoi(str(path), GRID)


def test_a_layer_of_styles_is_no_labels(tmp_path: Path) -> None:
    """A GeoPackage with styles for QGIS, as `geoseg vectorize` writes it, has two layers; no
    warning says so.
    """
    path = write_vector(tmp_path / "l.gpkg", polygons(1), [1] * len(polygons(1)))
    plain = read(path)
    pyogrio.write_dataframe(pandas.DataFrame({"styleQML": ["x"]}), path, layer="layer_styles")
    assert np.array_equal(read(path), plain)
    assert len(pyogrio.list_layers(path)) == 2
