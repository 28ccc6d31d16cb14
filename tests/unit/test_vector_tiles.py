"""PMTiles: read by a decoder of our own and by pmtiles' reader, compared with the class raster."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pmtiles.reader
import pmtiles.tile
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio import Affine
from rasters import write as write_bands
from vector_tiles import read_tile, shape_of

from geoseg.api import vectorize
from geoseg.core.errors import InputError
from geoseg.vector.merge import ROWS
from geoseg.vector.writers.pmtiles import MAGIC, directories, is_whole, read_metadata, tile_number
from geoseg.vector.writers.vector_tiles import Rings, clipped, from_shapes, to_shapes, varints
from geoseg.vector.writers.vector_tiles import varint as one_varint

HOME = Affine(10, 0, 300_000, 0, -10, 5_000_000)


def write(path: Path, classes: np.ndarray, **profile: Any) -> str:
    return write_bands(path, classes[None], **profile)


TILES = dict[tuple[int, int, int], tuple[str, int, list[dict]]]


def load(path: Path) -> TILES:
    with path.open("rb") as file:
        source = pmtiles.reader.MmapSource(file)
        head = pmtiles.reader.Reader(source).header()
        found = {
            place: read_tile(gzip.decompress(data))
            for place, data in pmtiles.reader.all_tiles(source)
        }
    assert head["addressed_tiles_count"] == len(found)
    return found


def classes_at(found: TILES, zoom: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The class of each place of the Mercator square, 255 where none is; never two."""
    got = np.full(x.shape, 255, np.uint8)
    column, row = (np.floor(each * 2**zoom).astype(int) for each in (x, y))
    for (level, tile_x, tile_y), (_, units, features) in found.items():
        here = (column == tile_x) & (row == tile_y) if level == zoom else np.zeros(x.shape, bool)
        if not here.any():
            continue
        inner_x, inner_y = (
            (x[here] * 2**zoom - tile_x) * units,
            (y[here] * 2**zoom - tile_y) * units,
        )
        values = np.full(inner_x.shape, 255, np.uint8)
        for feature in features:
            inside = shapely.contains_xy(shape_of(feature["rings"]), inner_x, inner_y)
            assert (values[inside] == 255).all()
            values[inside] = feature["class_id"]
        got[here] = values
    return got


def centres(shape: tuple[int, int], place: Affine, crs: str) -> tuple[np.ndarray, np.ndarray]:
    columns, rows = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    a, b, c, d, e, f = place[:6]
    x, y = a * columns + b * rows + c, d * columns + e * rows + f
    longitude, latitude = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    return longitude / 360 + 0.5, 0.5 - np.arcsinh(np.tan(np.radians(latitude))) / (2 * np.pi)


@pytest.mark.parametrize(
    ("crs", "place"),
    [
        ("EPSG:32633", HOME),
        ("EPSG:32633", HOME @ Affine.rotation(30)),
        ("EPSG:4326", Affine(1e-4, 0, -60, 0, -1e-4, -30)),
        (
            "EPSG:3035",
            Affine(1000, 0, 2_600_000, 0, -1000, 5_300_000),
        ),  # edges bend on the web's map
        ("EPSG:2193", Affine(0.2, 0, 1_500_000, 0, -0.2, 5_400_000)),
    ],
)
@pytest.mark.parametrize("connectivity", [4, 8])
def test_every_pixel_has_its_class_at_the_largest_zoom(
    tmp_path: Path, crs: str, place: Affine, connectivity: int
) -> None:
    rng = np.random.default_rng(1)
    classes = rng.integers(0, 3, (70, 60)).astype(np.uint8).repeat(4, 0).repeat(5, 1)
    classes[rng.random(classes.shape) < 0.03] = 7
    classes[:30, 40:] = 255
    source = write(tmp_path / "c.tif", classes, crs=crs, transform=place, nodata=255)
    count = vectorize(source, tmp_path / "map.pmtiles", connectivity=connectivity).count
    found = load(tmp_path / "map.pmtiles")
    deepest = max(zoom for zoom, _, _ in found)
    got = classes_at(found, deepest, *centres(classes.shape, place, crs))
    assert (got == classes).mean() > 0.9999  # a vertex is rounded to 1/16 of a pixel at most
    features = [f for (zoom, *_), tile in found.items() if zoom == deepest for f in tile[2]]
    assert len({feature["id"] for feature in features}) == count
    assert all(shape_of(feature["rings"]).is_valid for feature in features)
    assert {path.name for path in tmp_path.iterdir()} == {"c.tif", "map.pmtiles", "map.qml"}


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.integers(0, 40))
def test_any_raster_is_whole_in_its_tiles(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rows: int, columns: int, shift: int
) -> None:
    folder = tmp_path_factory.mktemp("tiles")
    classes = np.random.default_rng(seed).integers(0, 4, (rows, columns)).astype(np.uint8)
    # about a corner of tiles of all zooms from 7 on
    place = Affine(30, 0, -30.0 * shift, 0, -30, 30.0 * shift)
    source = write(folder / "c.tif", classes, crs="EPSG:3857", transform=place)
    vectorize(source, folder / "map.pmtiles")
    found = load(folder / "map.pmtiles")
    deepest = max(zoom for zoom, _, _ in found)
    got = classes_at(found, deepest, *centres(classes.shape, place, "EPSG:3857"))
    assert np.array_equal(got, classes)


def test_columns_are_those_of_the_geopackage(tmp_path: Path) -> None:
    classes = np.random.default_rng(0).integers(0, 3, (60, 60)).astype(np.uint8)
    sure = np.full(classes.shape, 80, np.uint8)
    source = write(tmp_path / "c.tif", classes)
    options = {"confidence": write(tmp_path / "s.tif", sure)}
    vectorize(source, tmp_path / "map.gpkg", **options)
    vectorize(source, tmp_path / "map.pmtiles", **options)
    table = pyogrio.read_dataframe(tmp_path / "map.gpkg", layer="map").set_index("id")
    for _, _, features in load(tmp_path / "map.pmtiles").values():
        for feature in features:
            own = {key: value for key, value in feature.items() if key not in ("rings", "id")}
            assert own == table.loc[feature["id"]].drop("geometry").to_dict()
    read = pyogrio.read_dataframe(tmp_path / "map.pmtiles")  # GDAL's reader, at the largest zoom
    assert set(read["id"]) == set(table.index)
    assert read.crs.to_epsg() == 3857


def test_what_is_scattered_keeps_its_share_at_small_zooms(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    classes = (rng.random((600, 600)) < 0.2).astype(np.uint8)
    vectorize(write(tmp_path / "c.tif", classes), tmp_path / "map.pmtiles")
    found = load(tmp_path / "map.pmtiles")
    deepest = max(zoom for zoom, _, _ in found)
    share = {}
    for (zoom, *_), (_, units, features) in found.items():
        area = [shape_of(f["rings"]).area / units**2 / 4**zoom for f in features if f["class_id"]]
        share[zoom] = share.get(zoom, 0) + sum(area)
    for zoom in range(deepest - 4, deepest):
        assert 0.85 < share[zoom] / share[deepest] < 1.1
    sizes = [f["pixels"] for (z, *_), t in found.items() for f in t[2] if z == deepest - 4]
    assert (
        len(sizes)
        < 0.2
        * np.unique([f["id"] for (z, *_), t in found.items() for f in t[2] if z == deepest]).size
    )


def test_the_same_bytes_each_time_and_a_head_that_holds(tmp_path: Path) -> None:
    classes = np.random.default_rng(0).integers(0, 3, (90, 80)).astype(np.uint8)
    source = write(tmp_path / "c.tif", classes)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        vectorize(source, tmp_path / name / "map.pmtiles")
    one, two = (tmp_path / name / "map.pmtiles" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    told = read_metadata(one)
    assert told["vector_layers"][0]["id"] == "map"
    assert set(told["vector_layers"][0]["fields"]) >= {"id", "class", "class_id", "area_m2"}
    assert told["geoseg_style"][0]["source-layer"] == "map"
    assert "vectorize" in told["geoseg_provenance"]
    assert is_whole(one)
    (tmp_path / "cut.pmtiles").write_bytes(one.read_bytes()[:-1])
    assert not is_whole(tmp_path / "cut.pmtiles")
    with one.open("rb") as file:
        head = pmtiles.reader.Reader(pmtiles.reader.MmapSource(file)).header()
    assert (head["max_zoom"] - head["min_zoom"], head["clustered"]) == (8, True)
    west, north = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True).transform(
        500_000, 5_000_000
    )
    assert abs(head["min_lon_e7"] / 1e7 - west) < 0.01
    assert abs(head["max_lat_e7"] / 1e7 - north) < 0.01


@pytest.mark.parametrize(
    ("crs", "place", "match"),
    [
        (None, HOME, "no CRS"),
        ("EPSG:3413", Affine(1000, 0, -20_000, 0, -1000, 20_000), "85"),
        ("EPSG:32601", Affine(5000, 0, 300_000, 0, -5000, 7_000_000), "antimeridian"),
    ],
)
def test_what_no_tile_holds_is_refused(tmp_path: Path, crs: str, place: Affine, match: str) -> None:
    classes = np.zeros((40, 40), np.uint8)
    source = write(tmp_path / "c.tif", classes, crs=crs, transform=place)
    with pytest.raises(InputError, match=match):
        vectorize(source, tmp_path / "map.pmtiles")
    assert [path.name for path in tmp_path.iterdir()] == ["c.tif"]


def test_no_polygons_are_an_empty_map(tmp_path: Path) -> None:
    source = write(tmp_path / "c.tif", np.full((9, 9), 255, np.uint8), nodata=255)
    assert vectorize(source, tmp_path / "map.pmtiles").count == 0
    assert load(tmp_path / "map.pmtiles") == {}


def test_tiles_are_nothing_to_go_on_from(tmp_path: Path) -> None:
    source = write(tmp_path / "c.tif", np.zeros((9, 9), np.uint8))
    made = vectorize(source, tmp_path / "map.pmtiles")
    with pytest.raises(InputError, match="cut at their borders"):
        _ = made.polygons


@given(st.integers(0, 15), st.data())
def test_numbers_of_tiles_are_those_of_pmtiles(zoom: int, data: st.DataObject) -> None:
    column, row = (data.draw(st.integers(0, 2**zoom - 1)) for _ in range(2))
    assert tile_number(zoom, column, row) == pmtiles.tile.zxy_to_tileid(zoom, column, row)


@pytest.mark.parametrize("count", [1, 4000, 30_000])
def test_directories_lead_to_each_tile(count: int) -> None:
    rng = np.random.default_rng(0)
    numbers = np.cumsum(rng.integers(1, 9, count)).tolist()
    sizes = rng.integers(1, 10**6, count).tolist()
    starts = np.cumsum([0, *sizes[:-1]]).tolist()
    root, leaves = directories(list(zip(numbers, starts, sizes, strict=True)))
    assert len(root) <= 16384 - 127
    for i in (0, count // 2, count - 1):
        entry = pmtiles.tile.find_tile(pmtiles.tile.deserialize_directory(root), numbers[i])
        if entry.run_length == 0:
            leaf = leaves[entry.offset : entry.offset + entry.length]
            entry = pmtiles.tile.find_tile(pmtiles.tile.deserialize_directory(leaf), numbers[i])
        assert (entry.offset, entry.length) == (starts[i], sizes[i])


coordinate = st.integers(-20, 20)


@given(
    st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=12),
    st.tuples(coordinate, coordinate, st.integers(1, 20), st.integers(1, 20)),
)
def test_clipping_is_the_intersection(points: list[tuple[int, int]], box: tuple) -> None:
    polygon = shapely.convex_hull(shapely.MultiPoint(points)).buffer(0.5, quad_segs=1)
    left, top, width, height = box
    frame = left, top, left + width, top + height
    found = clipped(from_shapes(np.array([polygon])), *frame)
    area = abs(found.areas2().sum()) / 2 if len(found.feature) else 0
    assert np.isclose(area, polygon.intersection(shapely.box(*frame)).area, atol=1e-9)


def test_shapes_come_back_as_they_were() -> None:
    ring = shapely.box(0, 0, 9, 9).exterior
    one = shapely.MultiPolygon([shapely.Polygon(ring, [shapely.box(2, 2, 3, 3).exterior])])
    two = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.box(30, 0, 31, 1)])
    rings: Rings = from_shapes(np.array([one, two]))
    features, shapes = to_shapes(rings)
    assert features.tolist() == [0, 1]
    assert shapely.equals(shapes, [one, two]).all()


@given(st.lists(st.integers(0, 2**35 - 1)))
def test_varints_together_are_varints_one_by_one(numbers: list[int]) -> None:
    data, ends = varints(np.array(numbers, np.uint64))
    assert data.tobytes() == b"".join(map(one_varint, numbers))
    assert ends.tolist() == np.cumsum([len(one_varint(n)) for n in numbers]).tolist()


def test_a_stranger_is_no_pmtiles_file(tmp_path: Path) -> None:
    for text in (b"", b"PMTiles", MAGIC + b"\xff" * 200, b"x" * ROWS):
        (tmp_path / "map.pmtiles").write_bytes(text)
        assert not is_whole(tmp_path / "map.pmtiles")
