"""Pixels on another grid: the same for any window, GDAL's values, nodata without weight, and
places that are right to a hundredth of a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from rasterio.control import GroundControlPoint
from rasterio.enums import Resampling
from rasterio.rpc import RPC
from rasterio.warp import reproject
from rasters import write

from geoseg.core.grid import Grid, Patch, Window
from geoseg.raster.band_info import BandInfo
from geoseg.raster.georeference import to_pixels
from geoseg.scene.describe import describe
from geoseg.scene.map_grid import map_grid
from geoseg.scene.source import BandReader
from geoseg.scene.warp import STEP, WarpedReader, locate_in

UTM33 = CRS.from_epsg(32633).to_wkt()
DEGREES = CRS.from_epsg(4326).to_wkt()
COS, SIN = math.cos(0.5), math.sin(0.5)
PLACES = {
    "degrees": Grid(40, 50, (1e-4, 0.0, 14.0, 0.0, -1e-4, 45.0), DEGREES),
    "oblong": Grid(25, 60, (8.0, 0.0, 420_000.0, 0.0, -21.0, 4_983_000.0), UTM33),
    "rotated": Grid(50, 40, (9 * COS, 9 * SIN, 4.2e5, 9 * SIN, -9 * COS, 4.98e6), UTM33),
    "fine": Grid(110, 80, (2.7, 0.0, 420_003.0, 0.0, -2.7, 4_983_001.0), UTM33),
    "coarse": Grid(15, 20, (33.0, 0.0, 420_003.0, 0.0, -33.0, 4_983_001.0), UTM33),
    "dateline": Grid(40, 40, (1e-4, 0.0, 179.997, 0.0, -1e-4, -17.0), DEGREES),
}


@dataclass(frozen=True)
class Held:
    """Pixels in memory, read as those of a file are."""

    grid: Grid
    pixels: np.ndarray
    valid: np.ndarray | None = None

    @property
    def bands(self) -> int:
        return len(self.pixels)

    @property
    def dtype(self) -> str:
        return self.pixels.dtype.name

    def read(self, window: Window) -> Patch:
        place = window.within(self.grid.extent)
        assert min(place[0].start, place[1].start) >= 0
        assert window.bottom <= self.grid.height
        assert window.right <= self.grid.width
        valid = None if self.valid is None else self.valid[place]
        return Patch(window, self.pixels[:, *place], valid)

    def close(self) -> None:
        pass


def layer(grid: Grid) -> BandInfo:
    return BandInfo("held", 1, grid, "uint16", "", "gray")


def warped(
    grid: Grid, target: Grid, pixels: np.ndarray, valid: np.ndarray | None = None
) -> WarpedReader:
    return WarpedReader(Held(grid, pixels, valid), locate_in(layer(grid), str(target.crs)), target)


def noise(grid: Grid, bands: int = 2, kind: type = np.uint16) -> np.ndarray:
    found = np.random.default_rng(1).integers(0, 9000, (bands, grid.height, grid.width))
    return found.astype(kind)


def holes(grid: Grid) -> np.ndarray:
    valid = np.random.default_rng(2).random((grid.height, grid.width)) > 0.3
    valid[5:12, 7:15] = False
    return valid


WHOLE = {}
for name, own in PLACES.items():
    reader = warped(own, map_grid(own, 10.0, None), noise(own), holes(own))
    WHOLE[name] = reader, reader.read(reader.grid.extent)


def means(pixels: np.ndarray, high: int, wide: int) -> np.ndarray:
    """Pixels as a sensor of larger ones sees them."""
    bands, height, width = pixels.shape
    rows, columns = height // high, width // wide
    part = pixels[:, : rows * high, : columns * wide]
    return part.reshape(bands, rows, high, columns, wide).mean(axis=(2, 4))


@pytest.mark.parametrize(("wide", "high"), [(7, 11), (11, 7), (7, 7), (14, 9), (8, 13)])
def test_pixels_are_nearer_to_the_ground_than_by_bilinear(wide: int, high: int) -> None:
    """Of ground that is known to the metre, as sensors of oblong and of square pixels see it."""
    rng = np.random.default_rng(5)
    ground = np.zeros((2, 770, 770))
    for size in (1, 2, 5, 11, 35, 77):  # edges at all scales
        coarse = rng.normal(size=(2, 770 // size, 770 // size)) * size**0.5
        ground += coarse.repeat(size, 1).repeat(size, 2)
    seen = means(ground, high, wide).astype(np.float32)
    truth = means(ground, 10, 10)[:, 3:68, 3:68]
    own = Grid(*seen.shape[1:], (float(wide), 0.0, 4.2e5, 0.0, -float(high), 4.98e6), UTM33)
    target = Grid(77, 77, (10.0, 0.0, 4.2e5, 0.0, -10.0, 4.98e6), UTM33)
    ours = warped(own, target, seen).read(target.extent).data
    bilinear = np.zeros(ours.shape, np.float32)
    reproject(
        seen,
        bilinear,
        src_transform=rasterio.Affine(*own.transform[:6]),
        src_crs=UTM33,
        dst_transform=rasterio.Affine(*target.transform[:6]),
        dst_crs=UTM33,
        resampling=Resampling.bilinear,
    )
    errors = [((found[:, 3:68, 3:68] - truth) ** 2).mean() for found in (ours, bilinear)]
    assert errors[0] < errors[1]


@pytest.mark.parametrize("name", PLACES)
@settings(deadline=None)
@given(data=st.data())
def test_any_window_gives_the_same_bytes(name: str, data: st.DataObject) -> None:
    reader, whole = WHOLE[name]
    height, width = reader.grid.height, reader.grid.width
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom = data.draw(st.integers(top + 1, height))
    right = data.draw(st.integers(left + 1, width))
    window = Window(top, left, bottom, right)
    reader._block = data.draw(st.sampled_from([16, 32, 1024]))
    part = reader.read(window)
    place = window.within(reader.grid.extent)
    assert part.data.tobytes() == np.ascontiguousarray(whole.data[:, *place]).tobytes()
    assert np.array_equal(part.valid, whole.valid[place])


@pytest.fixture(scope="module", params=["degrees", "rotated", "oblong"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[WarpedReader, Patch]]:
    """Two files, one of them of pixels twice as large, with holes of nodata, and all of it."""
    own = PLACES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    a, b, c, d, e, f = own.transform
    coarse = Grid(own.height // 2, own.width // 2, (2 * a, 2 * b, c, 2 * d, 2 * e, f), own.crs)
    paths = []
    for grid, kind in ((own, "uint16"), (coarse, "int16")):
        pixels = np.where(holes(grid), noise(grid) + 1, 0).astype(kind)
        keys = {"transform": grid.transform, "crs": grid.crs, "nodata": 0}
        paths.append(write(folder / f"{kind}.tif", pixels, **keys))
    info = describe(tuple(paths))
    target = map_grid(info.grid, 10.0, None)
    place = locate_in(info.layers[0], str(target.crs))
    with WarpedReader(BandReader(info.layers), place, target) as reader:
        yield reader, reader.read(target.extent)


@settings(deadline=None)
@given(data=st.data())
def test_any_window_of_files_gives_the_same_bytes(
    scene: tuple[WarpedReader, Patch], data: st.DataObject
) -> None:
    reader, whole = scene
    height, width = reader.grid.height, reader.grid.width
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom = data.draw(st.integers(top + 1, height))
    right = data.draw(st.integers(left + 1, width))
    window = Window(top, left, bottom, right)
    part = reader.read(window)
    place = window.within(reader.grid.extent)
    assert 0.2 < whole.valid.mean() < 0.9
    assert part.data.tobytes() == np.ascontiguousarray(whole.data[:, *place]).tobytes()
    assert np.array_equal(part.valid, whole.valid[place])


@pytest.mark.parametrize("name", PLACES)
def test_every_pixel_is_the_mean_over_its_box(name: str) -> None:
    """Beside the same by sums over whole arrays, with each pixel's place projected by itself."""
    grid = PLACES[name]
    target = map_grid(grid, 10.0, None)
    pixels, valid = noise(grid).astype(np.float32), holes(grid)
    found = warped(grid, target, pixels, valid).read(target.extent)
    rows, columns = np.mgrid[: target.height, : target.width]

    def place(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        a, b, c, d, e, f = target.transform
        xy = np.stack([a * column + b * row + c, d * column + e * row + f], -1).reshape(-1, 2)
        x, y = Transformer.from_crs(target.crs, grid.crs, always_xy=True).transform(*xy.T)
        x = np.where(x < -100, x + 360, x) if name == "dateline" else x
        return to_pixels(grid, np.stack([x, y], 1)).reshape(*row.shape, 2)

    middle = place(rows + 0.5, columns + 0.5)
    across = place(rows + 0.5, columns + 1.0) - place(rows + 0.5, columns)
    down = place(rows + 1.0, columns + 0.5) - place(rows, columns + 0.5)
    half = np.maximum(1, np.hypot(across, down)) / 2
    weights = []
    for axis, length in ((1, grid.height), (0, grid.width)):
        low, high = middle[..., axis] - half[..., axis], middle[..., axis] + half[..., axis]
        k = np.arange(length)
        overlap = np.minimum(high[..., None], k + 1) - np.maximum(low[..., None], k)
        weights.append(np.clip(overlap, 0, None))
    whole = np.einsum("ijr,ijc->ij", *weights)
    held = np.einsum("ijr,ijc,rc->ij", *weights, valid.astype(float), optimize=True)
    mean = np.einsum("ijr,ijc,brc->bij", *weights, pixels * valid, optimize=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, share = mean / held, held / whole
    inside = ((middle >= 0) & (middle < (grid.width, grid.height))).all(axis=-1)
    sure = np.abs(share - 0.5) > 1e-3  # rounding decides the others
    edge = np.abs(np.stack([middle, (grid.width, grid.height) - middle])).min(axis=(0, -1)) > 1e-2
    checked = sure & edge
    assert np.array_equal(found.valid[checked], (inside & (share > 0.5))[checked])
    known = found.valid & checked
    assert known.sum() > 100
    assert np.abs(found.data - mean)[:, known].max() < 30  # of 9000, noise: 0.003 px
    assert not found.data[:, ~found.valid].any()


@pytest.mark.parametrize(
    ("size", "method"), [(10.0, Resampling.average), (1.5, Resampling.bilinear)]
)
def test_values_are_those_of_gdal(size: float, method: Resampling) -> None:
    grid = PLACES["fine"]
    target = map_grid(grid, size, None)
    pixels = noise(grid).astype(np.float32)
    found = warped(grid, target, pixels).read(target.extent)
    theirs = np.zeros(found.data.shape, np.float32)
    reproject(
        pixels,
        theirs,
        src_transform=rasterio.Affine(*grid.transform),
        src_crs=grid.crs,
        dst_transform=rasterio.Affine(*target.transform),
        dst_crs=target.crs,
        resampling=method,
        tolerance=0,
    )
    inner = (slice(None), slice(4, -4), slice(4, -4))
    assert found.valid[inner[1:]].all()
    assert np.abs(found.data - theirs)[inner].max() < 0.5


@pytest.mark.parametrize("name", PLACES)
def test_invalid_pixels_never_bleed(name: str) -> None:
    grid = PLACES[name]
    valid = holes(grid)
    pixels = np.where(valid, noise(grid) // 9 + 500, 65535).astype(np.uint16)
    target = map_grid(grid, 10.0, None)
    found = warped(grid, target, pixels, valid).read(target.extent)
    assert found.valid.any()
    assert found.data[:, found.valid].min() >= 500
    assert found.data[:, found.valid].max() <= 1500


def test_a_constant_stays_what_it_is() -> None:
    for grid in PLACES.values():
        target = map_grid(grid, 10.0, None)
        found = warped(grid, target, np.full((1, grid.height, grid.width), 4321, np.uint16)).read(
            target.extent
        )
        assert (found.data[:, found.valid] == 4321).all()
        assert found.valid.sum() > 0.5 * target.extent.area * (0.4 if grid.transform[1] else 1)


@pytest.mark.parametrize(
    ("own", "crs", "size"),
    [
        (Grid(5000, 5000, (1e-4, 0, 16.9, 0, -1e-4, 60.0), DEGREES), None, 10.0),
        (Grid(500, 500, (0.01, 0, 10.0, 0, -0.01, 50.0), DEGREES), None, 1000.0),
        (Grid(500, 5000, (0.02, 0, -50.0, 0, -0.002, 87.5), DEGREES), None, 250.0),
        (Grid(5000, 5000, (10, 0, 4.2e6, 0, -10, 5.2e6), CRS.from_epsg(3035).to_wkt()), 3857, 15.0),
        (Grid(5000, 5000, (10, 0, 3e5, 0, -10, 7e6), UTM33), 32632, 10.0),
    ],
)
def test_places_are_right_to_a_hundredth_of_a_pixel(own: Grid, crs: int, size: float) -> None:
    target = map_grid(own, size, crs and f"EPSG:{crs}")
    reader = WarpedReader(
        Held(own, np.zeros((1, 1, 1), np.uint8)), locate_in(layer(own), str(target.crs)), target
    )
    rng = np.random.default_rng(0)
    for _ in range(50):
        row = int(rng.integers(0, target.height)) // STEP * STEP
        column = int(rng.integers(0, target.width)) // STEP * STEP
        nodes, _ = reader.grid_nodes.nodes(Window(row, column, row + 1, column + 1))
        middle = target.xy(row + STEP / 2, column + STEP / 2)
        exact = reader.grid_nodes.locate(np.array([middle]))[0]
        if ((exact > 0) & (exact < (own.width, own.height))).all():
            assert np.abs(nodes.mean(axis=(1, 2)) - exact).max() < 0.01


def points_file(path: Path, grid: Grid, pixels: np.ndarray) -> str:
    """A file that twelve control points place as the grid does, and nothing else."""
    ends = [(r, c) for r in (0, 20, grid.height) for c in (0, 12, 30, grid.width)]
    points = [GroundControlPoint(r, c, *grid.xy(r, c)) for r, c in ends]
    profile = {"driver": "GTiff", "count": len(pixels), "dtype": pixels.dtype.name}
    size = {"height": grid.height, "width": grid.width}
    with rasterio.open(path, "w", gcps=points, crs="EPSG:4326", **profile, **size) as dataset:
        dataset.write(pixels)
    return str(path)


def test_control_points_give_what_the_geotransform_gives(tmp_path: Path) -> None:
    grid = PLACES["degrees"]
    pixels = noise(grid)
    path = points_file(tmp_path / "points.tif", grid, pixels)
    info = describe((path,), by_points=True)
    (first, *_), target = info.layers, map_grid(info.grid, 10.0, None, info.layers[0].points)
    assert target == map_grid(grid, 10.0, None)
    with WarpedReader(BandReader(info.layers), locate_in(first, str(target.crs)), target) as reader:
        found = reader.read(target.extent)
        windows = list(target.extent.blocks(23, 31))
        with ThreadPoolExecutor(2) as threads:
            parts = list(threads.map(reader.read, windows))
    for window, part in zip(windows, parts, strict=True):
        assert np.array_equal(part.data, found.data[:, *window.within(target.extent)])
    expected = warped(grid, target, pixels).read(target.extent)
    assert (found.valid != expected.valid).mean() < 0.001
    both = found.valid & expected.valid
    assert np.abs(found.data.astype(int) - expected.data)[:, both].max() <= 2


def rpcs() -> RPC:
    """A camera that looks straight down, nearly: with terms of the second degree and of height."""
    one = [1.0] + [0.0] * 19
    line = [0.01, 0.02, -1.01, 0.003, 0.001] + [0.0] * 15
    sample = [-0.02, 1.02, 0.03, 0.002, 0.0, 0.0, 0.0, 0.004] + [0.0] * 12
    return RPC(
        height_off=120.0,
        height_scale=500.0,
        lat_off=45.0,
        lat_scale=0.01,
        line_off=100.0,
        line_scale=100.0,
        long_off=14.0,
        long_scale=0.01,
        samp_off=90.0,
        samp_scale=90.0,
        line_num_coeff=line,
        line_den_coeff=one,
        samp_num_coeff=sample,
        samp_den_coeff=one,
    )


def bent(crs: str) -> list[GroundControlPoint]:
    """Control points of a scene whose rows bend, and that miss what is fitted to them a little."""
    rng = np.random.default_rng(0)
    size = {"EPSG:4326": 1e-4, "EPSG:32633": 10.0}[crs]
    x, y = {"EPSG:4326": (14.0, 45.0), "EPSG:32633": (420_000.0, 4_983_000.0)}[crs]
    points = []
    for row in np.linspace(0, 200, 4):
        for column in np.linspace(0, 180, 3):
            u, v = column - 90, row - 100
            miss = rng.normal(0, 0.2, 2)
            east = u + 0.2 * v + 1e-3 * u * u + miss[0]
            south = v - 0.1 * u + 1e-3 * u * v + miss[1]
            points.append(GroundControlPoint(row, column, x + size * east, y - size * south))
    return points


@pytest.mark.parametrize(
    ("placed", "crs"),
    [
        ({"rpcs": rpcs()}, "EPSG:4326"),
        ({"gcps": bent("EPSG:4326")}, "EPSG:4326"),
        ({"gcps": bent("EPSG:32633")}, "EPSG:32633"),
    ],
)
def test_pixels_lie_where_gdal_places_them(
    tmp_path: Path, placed: dict[str, object], crs: str
) -> None:
    rows, columns = np.mgrid[:200, :180]
    smooth = np.stack([rows * 40 + columns, columns * 40 + 100]).astype(np.uint16)
    path = tmp_path / "a.tif"
    told = placed if "rpcs" in placed else {**placed, "crs": crs}
    with rasterio.open(path, "w", "GTiff", 180, 200, 2, dtype="uint16", **told) as dataset:
        dataset.write(smooth)
    info = describe((str(path),), by_points=True)
    points = info.layers[0].points
    if points.rpcs:
        assert "120 m above the ellipsoid" in points.warnings()[0]
    target = map_grid(info.grid, 6.0, None, points)
    with WarpedReader(
        BandReader(info.layers), locate_in(info.layers[0], str(target.crs)), target
    ) as reader:
        found = reader.read(target.extent)
    theirs = np.zeros(found.data.shape, np.uint16)
    reproject(
        smooth,
        theirs,
        src_crs=crs,
        dst_transform=rasterio.Affine(*target.transform),
        dst_crs=target.crs,
        resampling=Resampling.bilinear,
        **placed,
        **({"RPC_HEIGHT": 120.0} if points.rpcs else {}),
    )
    there = theirs[1] > 0
    assert (found.valid != there).mean() < 1e-3
    both = found.valid & there
    assert both.mean() > 0.7
    # 40 are a pixel, of an eighth of which GDAL makes no more of a place
    assert np.abs(found.data.astype(int) - theirs)[:, both].max() <= 40 / 8 + 1


def test_a_file_of_bands_reads_as_pixels_do(tmp_path: Path) -> None:
    grid = PLACES["rotated"]
    pixels = noise(grid, 3)
    pixels[:, 20:30, 10:30] = 0
    path = write(tmp_path / "a.tif", pixels, transform=grid.transform, nodata=0)
    info = describe((path,))
    target = map_grid(info.grid, 12.0, None)
    with WarpedReader(
        BandReader(info.layers), locate_in(info.layers[0], str(target.crs)), target
    ) as reader:
        found = reader.read(target.extent)
        beyond = reader.read(Window(0, 0, target.height + 9, target.width + 5))
    expected = warped(grid, target, pixels, pixels.any(axis=0)).read(target.extent)
    assert np.array_equal(found.data, expected.data)
    assert np.array_equal(found.valid, expected.valid)
    assert not beyond.valid[target.height :].any()
    assert np.array_equal(beyond.data[:, target.height, : target.width], found.data[:, -2])
