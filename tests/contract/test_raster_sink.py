"""Maps as Cloud Optimized GeoTIFFs: what is written, and that a file that exists is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cards import RGB, S2
from commands import NO_BYTECODE
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geoseg.core.card import NODATA
from geoseg.core.errors import OutputError, RunError
from geoseg.core.grid import Grid, Patch, Window
from geoseg.core.style import category_names
from geoseg.raster.input_files import check_output
from geoseg.raster.sink import create_raster

GRID = Grid(
    1300, 1100, (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_000_000.0), CRS.from_epsg(32633).to_wkt()
)
TAGS = {"geoseg_model": "landcover-s2", "geoseg_version": "0.1.0"}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def blobs(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Classes in blobs of 16 px, with nodata among them."""
    rng = np.random.default_rng(seed)
    found = (
        rng.integers(0, 10, (height // 16 + 1, width // 16 + 1))
        .repeat(16, 0)
        .repeat(16, 1)[:height, :width]
    )
    return np.where(found == 9, NODATA, found).astype(np.uint8)


def save(
    path: Path, grid: Grid, region: Window, whole: np.ndarray, step: int = 200, **options
) -> None:
    with create_raster(str(path), grid, region, options.pop("card", S2), TAGS, **options) as sink:
        for top in range(region.top, region.bottom, step):
            window = Window(top, region.left, min(top + step, region.bottom), region.right)
            sink.write(Patch(window, whole[None, *window.within(grid.extent)]))


TURNED = (2.0, 1.0, 5e5, 1.0, -2.0, 5e6)
SOUTH_UP = (2.0, 0, 5e5, 0, 2.0, 5e6)
NONE = (1.0, 0, 0, 0, -1.0, 0)


def interrupt_after(write: Callable[[Patch], None], patch: Patch) -> None:
    write(patch)
    raise KeyboardInterrupt


@pytest.mark.parametrize("kind", ["classes", "confidence"])
class TestSink:
    """What every kind of map does."""

    @pytest.mark.parametrize("compress", ["zstd", "deflate"])
    def test_the_compression_that_is_asked_for(
        self, tmp_path: Path, kind: str, compress: str
    ) -> None:
        whole = blobs(GRID.height, GRID.width)
        save(tmp_path / "map.tif", GRID, GRID.extent, whole, kind=kind, compress=compress)
        for level in ({}, {"overview_level": 0}, {"overview_level": 1}):
            with rasterio.open(tmp_path / "map.tif", **level) as dataset:
                assert dataset.tags(ns="IMAGE_STRUCTURE")["COMPRESSION"] == compress.upper()
                assert dataset.block_shapes == [(512, 512)]
        with rasterio.open(tmp_path / "map.tif") as dataset:
            assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert np.array_equal(dataset.read(1), whole)

    def test_an_error_leaves_nothing(self, tmp_path: Path, kind: str) -> None:
        with (
            pytest.raises(KeyboardInterrupt),
            create_raster(
                str(tmp_path / "map.tif"), GRID, GRID.extent, S2, TAGS, kind=kind
            ) as sink,
        ):
            interrupt_after(
                sink.write, Patch(Window(0, 0, 600, 1100), np.zeros((1, 600, 1100), np.uint8))
            )
        assert names(tmp_path) == []

    def test_a_map_with_missing_rows_is_not_published(self, tmp_path: Path, kind: str) -> None:
        with (
            pytest.raises(RunError, match="were written"),
            create_raster(
                str(tmp_path / "map.tif"), GRID, GRID.extent, S2, TAGS, kind=kind
            ) as sink,
        ):
            sink.write(Patch(Window(0, 0, 600, 1100), np.zeros((1, 600, 1100), np.uint8)))
        assert names(tmp_path) == []

    def test_the_old_map_survives_a_failure(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "map.tif"
        path.write_bytes(b"old")
        with (
            pytest.raises(ZeroDivisionError),
            create_raster(str(path), GRID, GRID.extent, S2, TAGS, kind=kind, overwrite=True),
        ):
            raise ZeroDivisionError
        assert path.read_bytes() == b"old"

    @pytest.mark.parametrize("transform", [TURNED, SOUTH_UP, NONE])
    @pytest.mark.parametrize("crs", [None, GRID.crs])
    def test_any_georeference_is_kept(
        self, tmp_path: Path, kind: str, transform: tuple[float, ...], crs: str | None
    ) -> None:
        grid = Grid(600, 40, transform, crs)
        save(tmp_path / "map.tif", grid, grid.extent, blobs(600, 40), kind=kind)
        with rasterio.open(tmp_path / "map.tif") as dataset:
            assert dataset.transform[:6] == transform
            assert (dataset.crs is None) == (crs is None)


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_any_strips_and_parts_come_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = blobs(GRID.height, GRID.width)
    top, left = data.draw(st.integers(0, 900)), data.draw(st.integers(0, 900))
    region = Window(
        top, left, data.draw(st.integers(top + 1, 1300)), data.draw(st.integers(left + 1, 1100))
    )
    cuts = sorted(
        {
            region.left,
            region.right,
            *data.draw(st.lists(st.integers(region.left, region.right), max_size=2)),
        }
    )
    path = tmp_path_factory.mktemp("sink") / "map.tif"
    with create_raster(str(path), GRID, region, S2, TAGS) as sink:
        for west, east in pairwise(cuts):
            row = region.top
            while row < region.bottom:
                below = min(
                    region.bottom, row + data.draw(st.sampled_from([1, 7, 128, 300, 512, 600])) * 3
                )
                window = Window(row, west, below, east)
                sink.write(Patch(window, whole[None, *window.within(GRID.extent)]))
                row = below
    with rasterio.open(path) as dataset:
        assert np.array_equal(dataset.read(1), whole[region.within(GRID.extent)])
        assert dataset.transform[:6] == GRID.crop(region).transform
        assert dataset.crs.to_epsg() == 32633
    assert names(path.parent) == ["map.qml", "map.tif", "map.tif.aux.xml"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("written") / "classes.tif"
    save(path, GRID, GRID.extent, blobs(GRID.height, GRID.width))
    return path


def test_it_is_a_cog_with_tags_and_colours(written: Path) -> None:
    with rasterio.open(written) as dataset:
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.tags(ns="IMAGE_STRUCTURE")["COMPRESSION"] == "ZSTD"
        assert dataset.block_shapes == [(512, 512)]
        assert dataset.dtypes == ("uint8",)
        assert dataset.nodata == NODATA
        assert TAGS.items() <= dataset.tags().items()
        colours = dataset.colormap(1)
        assert all(colours[label.value] == (*label.rgb, 255) for label in S2.labels)
        assert dataset.overviews(1) == [2, 4]


def test_overviews_are_the_most_frequent_class(written: Path) -> None:
    whole = blobs(GRID.height, GRID.width)
    with rasterio.open(written, overview_level=0) as dataset:
        small = dataset.read(1)
    assert set(np.unique(small)) <= set(np.unique(whole))
    assert np.array_equal(
        small[:640, :544], whole[:1280:2, :1088:2]
    )  # blobs of 16 px: all four are alike


def test_an_overviews_pixel_is_the_class_of_most_of_its_four(tmp_path: Path) -> None:
    """Three alike and one that differs, at any place of the four: nearest and average would tell
    it.
    """
    rng = np.random.default_rng(0)
    most = rng.integers(0, 9, (600, 550)).astype(np.uint8)
    whole = most.repeat(2, 0).repeat(2, 1)
    odd = (
        np.arange(600)[:, None] * 2 + rng.integers(0, 2, most.shape),
        np.arange(550) * 2 + rng.integers(0, 2, most.shape),
    )
    whole[odd] = (most + rng.integers(1, 9, most.shape)) % 9
    grid = Grid(1200, 1100, GRID.transform, GRID.crs)
    save(tmp_path / "map.tif", grid, grid.extent, whole)
    with rasterio.open(tmp_path / "map.tif", overview_level=0) as dataset:
        assert np.array_equal(dataset.read(1), most)


@pytest.mark.process
def test_categories_and_attribute_table_are_gdals(written: Path) -> None:
    command = (
        "import rasterio, sys; from rasterio.shutil import copy\n"
        "copy(sys.argv[1], sys.argv[2], driver='VRT')\n"  # GDAL's own reading of the names, as text
    )
    vrt = written.with_suffix(".vrt")
    subprocess.run([sys.executable, "-c", command, str(written), str(vrt)], check=True)
    text = vrt.read_text()
    vrt.unlink()
    for name in category_names(S2):
        assert f"<Category>{name}</Category>" in text
    assert '<FieldDefn index="1">' in text


def test_style_beside_the_classes_only(written: Path, tmp_path: Path) -> None:
    assert 'label="flooded vegetation"' in written.with_suffix(".qml").read_text()
    save(
        tmp_path / "conf.tif", GRID, GRID.extent, blobs(GRID.height, GRID.width), kind="confidence"
    )
    assert names(tmp_path) == ["conf.tif"]
    with rasterio.open(tmp_path / "conf.tif") as dataset:
        assert dataset.colorinterp[0].name == "gray"
        assert dataset.nodata == NODATA


def test_average_overviews_leave_nodata_out(tmp_path: Path) -> None:
    whole = np.full((1300, 1100), 80, np.uint8)
    whole[1::2] = NODATA
    save(tmp_path / "conf.tif", GRID, GRID.extent, whole, kind="confidence")
    with rasterio.open(tmp_path / "conf.tif", overview_level=0) as dataset:
        assert (dataset.read(1) == 80).all()


def test_a_single_pixel(tmp_path: Path) -> None:
    grid = Grid(1, 1, GRID.transform, GRID.crs)
    save(tmp_path / "map.tif", grid, grid.extent, np.array([[3]], np.uint8), card=RGB)
    with rasterio.open(tmp_path / "map.tif") as dataset:
        assert dataset.read().tolist() == [[[3]]]


def test_overwriting_replaces_the_map_and_what_lay_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "map.tif"
    for name in ("map.tif", "map.tif.aux.xml", "map.tif.ovr", "map.tif.msk"):
        (tmp_path / name).write_bytes(b"old")
    with pytest.raises(OutputError, match="exists already"):
        create_raster(str(path), GRID, GRID.extent, S2, TAGS)
    save(path, GRID, GRID.extent, blobs(GRID.height, GRID.width), overwrite=True, kind="confidence")
    assert names(tmp_path) == ["map.tif"]


def test_outputs_are_checked_before_any_work(tmp_path: Path) -> None:
    check_output(str(tmp_path / "new.tif"), overwrite=False)
    with pytest.raises(OutputError, match="is a folder"):
        check_output(str(tmp_path), overwrite=True)
    with pytest.raises(OutputError, match="does not exist"):
        check_output(str(tmp_path / "no" / "map.tif"), overwrite=False)
    (tmp_path / "there.tif").touch()
    (tmp_path / "link.tif").symlink_to(tmp_path / "there.tif")
    with pytest.raises(OutputError, match="exists already"):
        check_output(str(tmp_path / "link.tif"), overwrite=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write to every folder")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        check_output(str(tmp_path / "map.tif"), overwrite=False)


CHILD = """
import resource, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
import numpy as np
from test_raster_sink import save
from geoseg.core.errors import RunError
from geoseg.core.grid import Grid
limit = int(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
noise, grid = np.random.default_rng(0).integers(0, 9, (1200, 1200)).astype(np.uint8), Grid(1200, 1200)
try:
    save(Path(sys.argv[1]), grid, grid.extent, noise)
except RunError as error:
    print("refused:", error)
else:
    print("size:", Path(sys.argv[1]).stat().st_size)
"""


def run_child(path: Path, limit: int = 0) -> str:
    command = [sys.executable, "-c", CHILD.format(path=sys.path), str(path), str(limit)]
    return subprocess.run(
        command,
        env=os.environ | NO_BYTECODE,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout


@pytest.mark.process
def test_a_file_that_cannot_grow_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    """GDAL reports failed writes late or, in the last kilobytes, not at all."""
    path = tmp_path / "map.tif"
    size = int(run_child(path).removeprefix("size:"))
    for limit in (size // 2, size - 1):
        for file in tmp_path.iterdir():
            file.unlink()
        assert "could not be written" in run_child(path, limit)
        assert names(tmp_path) == []


@pytest.mark.process
@pytest.mark.parametrize("kilobytes", [300, 2100])
def test_a_full_disk_is_told_by_name_and_nothing_is_left(tmp_path: Path, kilobytes: int) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(tmp_path)]
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or subprocess.run(mount, check=False).returncode
    ):
        pytest.skip("no small disk could be mounted: it takes the superuser on Linux")
    try:
        assert "the disk is full" in run_child(tmp_path / "map.tif")
        assert names(tmp_path) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
