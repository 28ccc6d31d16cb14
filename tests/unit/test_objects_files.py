"""Objects from files to files: the raster of numbers, the polygons, and what is known of each."""

from __future__ import annotations

import resource
import signal
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import rasterio
import rasterio.features
import shapely
from commands import NO_BYTECODE, environment, last_line, run
from PIL import Image, ImageDraw
from rasters import write
from scipy import ndimage

from geoseg.cli import run as run_here
from geoseg.core.errors import InputError, OutputError, RunError
from geoseg.core.events import Event, Warned
from geoseg.core.grid import Grid
from geoseg.objects.find import Finding, objects
from geoseg.objects.links import Levels
from geoseg.prediction.rerun import rerun
from geoseg.vector.geodesic import PixelAreas

UTM = {"transform": (0.5, 0.0, 3e5, 0.0, -0.5, 3e6), "crs": "EPSG:32645"}
SIDE = 160


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of drawn rectangles, some of which touch, and their depth: clipped
    distances to the border of each.
    """
    rng = np.random.default_rng(3)
    image = Image.new("I", (SIDE, SIDE))
    draw = ImageDraw.Draw(image)
    for number in range(1, 40):
        middle = rng.uniform(0, SIDE, 2)
        half = rng.uniform(4, 12, 2)
        angle = rng.uniform(0, np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = [turn @ (half * signs) + middle for signs in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        draw.polygon([tuple(corner) for corner in corners], fill=number)
    numbers = np.array(image)
    depth = np.zeros(numbers.shape)
    for number in range(1, 40):
        inside = ndimage.distance_transform_edt(np.pad(numbers == number, 1))[1:-1, 1:-1]
        depth = np.maximum(depth, np.clip(inside / 4, 0, 1) * 100)
    return numbers, depth.astype(np.uint8)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Class, depth and confidence as files: class 1 on the left, 4 on the right, 0 around them."""
    folder = tmp_path_factory.mktemp("objects")
    numbers, depth = drawn()
    classes = np.where(numbers > 0, np.where(numbers % 2, 4, 1), 0).astype(np.uint8)
    percent = np.random.default_rng(0).integers(30, 101, classes.shape).astype(np.uint8)
    return {
        name: write(folder / f"{name}.tif", array[None], nodata=255, **UTM)
        for name, array in (("classes", classes), ("depth", depth), ("confidence", percent))
    }


def read(path: Any) -> np.ndarray:
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def test_raster_and_polygons_tell_of_the_same_objects(
    scene: dict[str, str], tmp_path: Path
) -> None:
    finding = Finding((1, 4), min_area=2.0)
    raster = tmp_path / "o.tif"
    count = objects(
        scene["classes"],
        scene["depth"],
        tmp_path / "o.fgb",
        finding,
        raster=raster,
        confidence=scene["confidence"],
    )
    with rasterio.open(raster) as dataset:
        numbers = dataset.read(1)
        assert (dataset.dtypes, dataset.nodata) == (("uint32",), 0)
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.tags()["geoseg_output"] == "objects"
    table = geopandas.read_file(tmp_path / "o.fgb").sort_values("object")
    assert table["object"].tolist() == list(range(1, count + 1))
    burnt = rasterio.features.rasterize(
        zip(table.geometry, table["object"], strict=True),
        numbers.shape,
        transform=rasterio.Affine(*UTM["transform"]),
        dtype=np.int32,
    )
    np.testing.assert_array_equal(burnt, numbers)
    classes, percent = read(scene["classes"]), read(scene["confidence"])
    ground = PixelAreas(Grid(SIDE, SIDE, UTM["transform"], UTM["crs"]))
    cells = np.stack([ground.cells(row) for row in range(SIDE)])
    for row in table.itertuples():
        inside = numbers == row.object
        assert row.class_id == classes[inside][0]
        assert (classes[inside] == row.class_id).all()
        assert row.pixels == inside.sum()
        assert row.id == np.flatnonzero(inside)[0] + 1
        assert row.score == pytest.approx(percent[inside].mean() / 100)
        assert row.area_m2 == pytest.approx(cells[inside].sum(), rel=1e-6)
        assert row.compactness == pytest.approx(4 * np.pi * row.area_m2 / row.perimeter_m**2)
        assert row.area_m2 >= finding.min_area


def test_most_drawn_objects_are_found_one_by_one(scene: dict[str, str], tmp_path: Path) -> None:
    raster = tmp_path / "o.tif"
    objects(scene["classes"], scene["depth"], None, Finding((1, 4)), raster=raster)
    found, (truth, _) = read(raster), drawn()
    alone = 0
    for number in np.unique(truth[truth > 0]):
        inside = truth == number
        other = found == np.bincount(found[inside]).argmax()
        alone += (inside & other).sum() > 0.5 * (inside | other).sum()
    assert alone >= 0.9 * len(np.unique(truth[truth > 0]))


def test_things_and_stuff_cover_each_pixel_once(scene: dict[str, str], tmp_path: Path) -> None:
    count = objects(
        scene["classes"],
        scene["depth"],
        tmp_path / "o.gpkg",
        Finding((4,), stuff=True),
        raster=tmp_path / "o.tif",
    )
    table = geopandas.read_file(tmp_path / "o.gpkg", layer="o")
    assert table.area.sum() == pytest.approx(SIDE**2 * 0.25)
    assert shapely.area(shapely.union_all(table.geometry.values)) == pytest.approx(SIDE**2 * 0.25)
    assert table["object"].notna().sum() == count
    assert set(table[table["object"].notna()].class_id) == {4}
    assert set(table[table["object"].isna()].class_id) == {0, 1}
    assert read(tmp_path / "o.tif").max() == count


def test_borders_of_touching_objects_stay_common_when_they_are_simplified(
    scene: dict[str, str], tmp_path: Path
) -> None:
    tables = []
    for simplify in (0.0, 1.0):
        out = tmp_path / f"{simplify:g}.fgb"
        objects(scene["classes"], scene["depth"], out, Finding((1, 4)), simplify=simplify)
        tables.append(geopandas.read_file(out))
    plain, simple = tables
    assert len(plain) == len(simple)
    assert simple.geometry.is_valid.all()
    assert shapely.coverage_is_valid(simple.geometry.values)
    # along the ground between them as well
    before, after = (shapely.get_num_coordinates(t.geometry.values).sum() for t in tables)
    assert after < 0.5 * before


@pytest.mark.parametrize(
    ("transform", "crs"),
    [
        (UTM["transform"], UTM["crs"]),
        ((0.5, 0.0, 3e5, 0.0, 0.5, 3e6), UTM["crs"]),  # south up
        ((0.3, 0.4, 3e5, 0.4, -0.3, 3e6), UTM["crs"]),  # turned
        ((1e-5, 0.0, 85.0, 0.0, -0.5e-5, 60.0), "EPSG:4326"),
    ],
    ids=["north up", "south up", "turned", "degrees"],
)
@pytest.mark.parametrize("azimuth", [0.0, 30.0, 90.0, 137.0])
def test_length_width_and_orientation_are_those_on_the_ground(
    transform: tuple[float, ...], crs: str, azimuth: float, tmp_path: Path
) -> None:
    """A drawn rectangle, 40 m by 12 m, is measured by geodesics."""
    side = 240
    affine = rasterio.Affine(*transform)
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    from_degrees = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = affine * (side / 2, side / 2)
    longitude, latitude = to_degrees.transform(x, y)
    geod = pyproj.Geod(ellps="WGS84")
    # the CRS's north, as the orientation has it
    north = geod.inv(longitude, latitude, *to_degrees.transform(x, y + abs(transform[4])))[0]
    corners = []
    for along, across in ((20, 6), (20, -6), (-20, -6), (-20, 6)):
        bearing = north + azimuth + np.degrees(np.arctan2(across, along))
        corner = geod.fwd(longitude, latitude, bearing, np.hypot(along, across))
        corners.append(~affine * from_degrees.transform(*corner[:2]))
    image = Image.new("L", (side, side))
    ImageDraw.Draw(image).polygon(corners, fill=1)
    classes = np.array(image)
    assert 0 < classes.sum() < 0.9 * side**2
    paths = [
        write(tmp_path / f"{name}.tif", array[None], nodata=255, transform=transform, crs=crs)
        for name, array in (("c", classes), ("d", classes * np.uint8(100)))
    ]
    assert objects(*paths, tmp_path / "o.fgb", Finding((1,))) == 1
    (found,) = geopandas.read_file(tmp_path / "o.fgb").itertuples()
    assert found.length_m == pytest.approx(40, abs=1.6)  # a pixel or two
    assert found.width_m == pytest.approx(12, abs=1.6)
    assert abs((found.orientation - azimuth + 90) % 180 - 90) < 2


def test_squared_objects_have_right_angles(scene: dict[str, str], tmp_path: Path) -> None:
    objects(scene["classes"], scene["depth"], tmp_path / "o.fgb", Finding((1,)), square=True)
    table = geopandas.read_file(tmp_path / "o.fgb")
    assert table.geometry.is_valid.all()
    four = table[shapely.get_num_coordinates(table.geometry.values) == 5]
    assert len(four) > 3
    rectangle = shapely.oriented_envelope(four.geometry.values)
    np.testing.assert_allclose(shapely.area(rectangle), four.area, rtol=0.01)


@pytest.mark.parametrize("suffix", [".shp", ".parquet", ".geojson", ".pmtiles"])
def test_every_format_takes_objects(scene: dict[str, str], tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"o{suffix}"
    count = objects(scene["classes"], scene["depth"], target, Finding((1, 4)))
    if suffix != ".pmtiles":
        reader = geopandas.read_parquet if suffix == ".parquet" else geopandas.read_file
        table = reader(target)
        assert len(table) == count
        assert sorted(table["object"]) == list(range(1, count + 1))


def test_a_layer_for_each_class(scene: dict[str, str], tmp_path: Path) -> None:
    objects(scene["classes"], scene["depth"], tmp_path / "o.gpkg", Finding((1, 4)), layers="class")
    layers = set(geopandas.list_layers(tmp_path / "o.gpkg").name) - {"layer_styles"}
    assert layers == {"class 1", "class 4"}


def test_what_does_not_fit_is_refused(scene: dict[str, str], tmp_path: Path) -> None:
    classes, depth, out = scene["classes"], scene["depth"], tmp_path / "o.gpkg"
    other = write(
        tmp_path / "other.tif",
        read(depth)[None],
        transform=(0.5, 0.0, 3e5 + 50, 0.0, -0.5, 3e6),
        crs=UTM["crs"],
    )
    small = write(tmp_path / "small.tif", read(depth)[None, 1:], **UTM)
    for wrong, message in ((other, "does not lie on"), (small, "159 px")):
        with pytest.raises(InputError, match=message):
            objects(classes, wrong, out, Finding((1,)))
    pixels = read(depth).astype(np.uint8)[None]
    pixels[0, 7, 9] = 101
    over = write(tmp_path / "over.tif", pixels, nodata=255, **UTM)
    for wrong in ({"depth": over}, {"depth": depth, "confidence": over}):
        with pytest.raises(InputError, match=r"over\.tif holds the number 101"):
            objects(classes, out=out, finding=Finding((1,)), **wrong)
    kind = write(tmp_path / "kind.tif", read(depth)[None], tags={"geoseg_output": "second"}, **UTM)
    with pytest.raises(InputError, match="says that it holds second"):
        objects(classes, kind, out, Finding((1,)))
    with pytest.raises(InputError, match=r"--raster .*o\.gpkg; expected a name that ends in \.tif"):
        objects(classes, depth, None, Finding((1,)), raster=out)
    shares = write(tmp_path / "shares.tif", read(depth)[None] / np.float32(100), **UTM)
    with pytest.raises(InputError, match="geoseg predict --depth writes such a raster"):
        objects(classes, shares, out, Finding((1,)))
    with pytest.raises(InputError, match="--min-score"):
        objects(classes, depth, out, Finding((1,), min_score=0.5))
    with pytest.raises(InputError, match="--things"):
        Finding(())
    with pytest.raises(InputError, match="no output"):
        objects(classes, depth, None, Finding((1,)))
    with pytest.raises(OutputError):
        objects(classes, depth, out, Finding((1,)), raster=depth, overwrite=True)
    assert not out.exists()


def test_classes_that_are_not_there_and_pixels_without_depth_are_told(
    scene: dict[str, str], tmp_path: Path
) -> None:
    heard: list[Event] = []
    pixels = read(scene["depth"])
    pixels[:40] = 255
    holes = write(tmp_path / "holes.tif", pixels[None], nodata=255, **UTM)
    finding = Finding((1, 7))
    objects(scene["classes"], holes, None, finding, raster=tmp_path / "o.tif", report=heard.append)
    told = [event.text for event in heard if isinstance(event, Warned)]
    lost = int((read(scene["classes"])[:40] == 1).sum())
    assert len(told) == 2
    assert "has the value 7 of --things" in told[0]
    assert told[1].startswith(f"{lost:,} pixels of --things have no depth")
    heard.clear()
    objects(
        scene["classes"],
        scene["depth"],
        None,
        Finding((1, 4)),
        raster=tmp_path / "q.tif",
        report=heard.append,
    )
    assert not [event for event in heard if isinstance(event, Warned)]


def test_a_truncated_depth_leaves_no_output(scene: dict[str, str], tmp_path: Path) -> None:
    whole = Path(scene["depth"]).read_bytes()
    broken = tmp_path / "broken.tif"
    broken.write_bytes(whole[: len(whole) // 2])
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises((InputError, RunError)):
        objects(
            scene["classes"],
            broken,
            tmp_path / "o.gpkg",
            Finding((1,)),
            raster=tmp_path / "o.tif",
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["o.gpkg", "o.tif", "o.fgb"])
def test_objects_are_made_again_to_the_same_bytes(
    scene: dict[str, str], tmp_path: Path, name: str
) -> None:
    out, raster = (None, tmp_path / name) if name == "o.tif" else (tmp_path / name, None)
    objects(
        scene["classes"],
        scene["depth"],
        out,
        Finding((1, 4), Levels((50, 0), 9), stuff=True, min_score=0.6, min_area=2.0),
        raster=raster,
        confidence=scene["confidence"],
        simplify=0.7,
    )
    found = rerun(str(tmp_path / name))
    assert (found.equal, found.differences) == (True, ())


def limit_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))


@pytest.mark.process
def test_a_full_disk_is_told_and_leaves_nothing(scene: dict[str, str], tmp_path: Path) -> None:
    done = run(
        *("objects", scene["classes"], scene["depth"], "--things", "1"),
        *("--out", tmp_path / "o.fgb", "--raster", tmp_path / "o.tif"),
        preexec_fn=limit_files,
        env=environment() | NO_BYTECODE,
    )
    assert done.returncode == 1
    assert "a temporary file could not be written whole" in last_line(done.stderr)
    assert not list(tmp_path.iterdir())


def test_the_command_says_how_many_and_how_it_was_made(
    scene: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["objects", scene["classes"], scene["depth"], "--things", "1,4"]
    arguments += ["--out", str(tmp_path / "o.gpkg"), "--raster", str(tmp_path / "o.tif")]
    assert run_here([*arguments, "--levels", "60,30,0", "--reach", "9"]) == 0
    count = read(tmp_path / "o.tif").max()
    assert f"{count} objects in {tmp_path / 'o.gpkg'}" in capfd.readouterr().err
    again = tmp_path / "again.tif"
    objects(
        scene["classes"],
        scene["depth"],
        None,
        Finding((1, 4), Levels((60, 30, 0), 9)),
        raster=again,
    )
    np.testing.assert_array_equal(read(again), read(tmp_path / "o.tif"))
    assert run_here(arguments) == 2  # they exist
