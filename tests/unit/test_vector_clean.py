"""Cleaning of class rasters in strips: against GDAL's sieve, scipy and plain loops."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio.features
import shapely
from commands import NO_BYTECODE, environment, last_line, run
from draws import more
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from rasters import write
from scipy import ndimage
from shapes import components_of, ground_of, rasters, rows_of

from geoseg.cli import run as run_here
from geoseg.core import machine as memory
from geoseg.core.card import NODATA
from geoseg.core.errors import InputError, RunError
from geoseg.core.events import Event, Progress
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.clean.components import label_components
from geoseg.vector.clean.holes import fill_holes
from geoseg.vector.clean.majority import majority
from geoseg.vector.clean.sieve import sieve
from geoseg.vector.clean.temp_file import RasterTempFile
from geoseg.vector.vectorize import vectorize

HEIGHTS = st.sampled_from([1, 3, 64])


def by_gdal(classes: np.ndarray, pixels: int) -> np.ndarray:
    found = rasterio.features.sieve(classes, pixels, mask=classes != NODATA)
    return np.where(classes == NODATA, classes, found)


@more(3)
@given(rasters(), st.integers(2, 60), HEIGHTS)
def test_the_sieve_is_gdals(classes: np.ndarray, pixels: int, height: int) -> None:
    assume((classes != NODATA).any() and pixels <= classes.size)  # rasterio refuses the rest
    found = np.concatenate(list(sieve(rows_of(classes, height), ground_of(classes), pixels)))
    np.testing.assert_array_equal(found, by_gdal(classes, pixels))


def test_the_sieve_is_gdals_on_real_masks(shared_data: Path) -> None:
    for path in sorted((shared_data / "mbrsc").glob("tile*/masks/*.png"))[::9]:
        classes = real_mask(path)
        for pixels in (10, 200):
            found = np.concatenate(list(sieve(rows_of(classes, 512), ground_of(classes), pixels)))
            np.testing.assert_array_equal(found, by_gdal(classes, pixels))


def real_mask(path: Path) -> np.ndarray:
    """Return classes of a mask's colours, with some of them mixed up, for the masks are tidy."""
    colours = np.asarray(Image.open(path).convert("RGB")).astype(np.uint32)
    _, classes = np.unique(colours @ np.array([1 << 16, 1 << 8, 1], np.uint32), return_inverse=True)
    classes = classes.reshape(colours.shape[:2]).astype(np.uint8)
    rng = np.random.default_rng(0)
    noise = ndimage.gaussian_filter(rng.random(classes.shape), 2)
    return np.where(noise > np.quantile(noise, 0.9), (classes + 1) % 6, classes).astype(np.uint8)


@pytest.mark.parametrize(
    "tracing",
    [
        Tracing(simplify=3.0),
        Tracing(simplify=1e-9, classes=(0, 3)),
        Tracing(simplify=2.0, smooth=3),
        Tracing(majority=5, fill_holes=40.0, min_area=90.0, simplify=2.0, smooth=2),
    ],
    ids=str,
)
def test_a_real_mask_in_degrees_stays_a_coverage(
    shared_data: Path, tmp_path: Path, tracing: Tracing
) -> None:
    path = sorted((shared_data / "mbrsc").glob("tile*/masks/*.png"))[3]
    classes = real_mask(path)[:400, :500]
    classes[:60, :80] = NODATA
    step = 1e-5  # a pixel of about 1.1 m by 0.9 m
    name = write(
        tmp_path / "c.tif",
        classes[None],
        transform=(step, 0.0, 55.0, 0.0, -step, 35.0),
        crs="EPSG:4326",
        nodata=NODATA,
    )
    vectorize(name, tmp_path / "c.fgb", tracing)
    table = geopandas.read_file(tmp_path / "c.fgb")
    assert table.geometry.is_valid.all()
    assert shapely.coverage_is_valid(table.geometry.values)
    wanted = np.isin(classes, tracing.classes) if tracing.classes else classes != NODATA
    assert shapely.area(table.geometry.values).sum() == pytest.approx(
        wanted.sum() * step**2, rel=1e-9
    )


def test_the_classes_that_are_written_are_cleaned_among_all(tmp_path: Path) -> None:
    classes = np.zeros((20, 20), np.uint8)
    classes[5:15, 5:15] = 1
    classes[10, 10] = 2
    classes[2, 2] = 1
    name = write(tmp_path / "c.tif", classes[None], nodata=NODATA)
    events: list[Event] = []
    vectorize(name, tmp_path / "c.fgb", Tracing(min_area=150.0, classes=(1,)), report=events.append)
    assert {event.stage: event.done for event in events if isinstance(event, Progress)} == {
        "sieve": 400,
        "trace": 400,
    }
    (square,) = geopandas.read_file(tmp_path / "c.fgb").geometry
    assert square.area == 100 * 100
    assert not square.interiors


def test_areas_are_true_in_degrees() -> None:
    classes = np.zeros((400, 9), np.uint8)
    classes[20, 4] = classes[380, 4] = (
        1  # 4.7 degrees of latitude and 1.7 million m2 a pixel further north
    )
    ground = ground_of(classes, (0.013, 0.0, 10.0, 0.0, -0.013, 62.0), "EPSG:4326")
    north, south = ground.cells(20)[4], ground.cells(380)[4]
    assert north < 0.9 * south
    found = np.concatenate(list(sieve(rows_of(classes), ground, (north + south) / 2)))
    assert (found[20, 4], found[380, 4]) == (0, 1)
    assert label_components(rows_of(classes), ground).area.sum() == pytest.approx(
        sum(ground.cells(row).sum() for row in range(400)), rel=1e-5
    )


def filled(classes: np.ndarray, most: int, nodata: bool) -> np.ndarray:
    """Fill holes one by one, as long as there are any."""
    classes, cross = classes.copy(), ndimage.generate_binary_structure(2, 1)
    while True:
        labels = np.pad(components_of(classes, nodata), 1)
        values, holes = np.pad(classes, 1, constant_values=NODATA), []
        for region in np.unique(labels[labels > 0]):
            inside = labels == region
            around = ndimage.binary_dilation(inside, cross) & ~inside
            only = np.unique(labels[around])
            if (
                len(only) == 1
                and only[0] > 0
                and values[around][0] != NODATA
                and inside.sum() < most
            ):
                holes.append((inside[1:-1, 1:-1], values[around][0]))
        if not holes:
            return classes
        for inside, value in holes:
            classes[inside] = value


@settings(max_examples=60)
@given(rasters(most=24), st.integers(1, 40), st.booleans(), HEIGHTS)
def test_holes_are_filled_from_the_inside_out(
    classes: np.ndarray, most: int, nodata: bool, height: int
) -> None:
    found = np.concatenate(
        list(fill_holes(rows_of(classes, height), ground_of(classes), most, nodata))
    )
    np.testing.assert_array_equal(found, filled(classes, most, nodata))


def test_a_hole_of_nodata_is_filled_only_when_asked() -> None:
    classes = np.zeros((5, 5), np.uint8)
    classes[2, 2] = NODATA
    ground = ground_of(classes)
    assert next(fill_holes(rows_of(classes), ground, 2.0))[2, 2] == NODATA
    assert next(fill_holes(rows_of(classes), ground, 2.0, nodata=True))[2, 2] == 0


def voted(classes: np.ndarray, size: int) -> np.ndarray:
    half, found = size // 2, classes.copy()
    for y, x in np.argwhere(classes != NODATA):
        window = classes[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1]
        counts = np.bincount(window[window != NODATA], minlength=NODATA)
        own = classes[y, x]
        found[y, x] = own if counts[own] == counts.max() else counts.argmax()
    return found


@given(rasters(most=40), st.sampled_from([3, 5, 7, 21, 255]), HEIGHTS)
def test_the_majority_is_that_of_a_plain_count(classes: np.ndarray, size: int, height: int) -> None:
    found = np.concatenate(list(majority(rows_of(classes, height), size)))
    np.testing.assert_array_equal(found, voted(classes, size))


def test_a_spool_gives_the_strips_again() -> None:
    classes = np.arange(1300 * 3, dtype=np.uint8).reshape(1300, 3)
    with RasterTempFile(iter([classes[:700], classes[700:]]), 3) as spool:
        for _ in range(2):
            assert [len(strip) for strip in spool()] == [512, 512, 276]
            np.testing.assert_array_equal(np.concatenate(list(spool())), classes)


def limit_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


@pytest.mark.process
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    name = write(tmp_path / "c.tif", np.zeros((1, 600, 600), np.uint8), compress="deflate")
    out = tmp_path / "out"
    out.mkdir()
    done = run(
        *("vectorize", name, "--out", out / "c.fgb", "--min-area", "500"),
        preexec_fn=limit_files,
        env=environment() | NO_BYTECODE,
    )
    assert done.returncode == 1
    assert (
        "a temporary file could not be written whole: it is larger than files may be here"
        in last_line(done.stderr)
    )
    assert str(out) in last_line(done.stderr)
    assert not list(out.iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"majority": 4}, "--majority 4; expected an odd number"),
        ({"majority": 1}, "--majority 1"),
        ({"majority": -3}, "--majority -3"),
        ({"smooth": -1}, "--smooth -1"),
        ({"min_area": float("nan")}, "--min-area nan"),
        ({"fill_holes": -1.0}, "--fill-holes -1"),
        ({"simplify": float("inf")}, "--simplify inf"),
        ({"fill_nodata": True}, "--fill-nodata without"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Tracing(**options)  # type: ignore[arg-type]


def test_a_wrong_option_is_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write(tmp_path / "c.tif", np.zeros((1, 4, 4), np.uint8))
    capsys.readouterr()
    status = run_here(["vectorize", name, "--out", str(tmp_path / "c.fgb"), "--majority", "4"])
    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert last_line(said.err).endswith(
        "--majority 4; expected an odd number of pixels from 3 to 255"
    )
    assert not (tmp_path / "c.fgb").exists()


def test_what_does_not_fit_into_the_memory_is_refused_with_figures() -> None:
    memory.need_memory(1000, "this", "do that")
    with pytest.raises(
        RunError, match=r"this needs 1000000000\.0 GB of memory, and \d+\.\d GB are free; do that"
    ):
        memory.need_memory(10**18, "this", "do that")
