"""Scenes that lie otherwise than north up give the pixels, the classes and the polygons of those
that do not.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from bundles import make_bundle
from cards import RGB
from hypothesis import given
from hypothesis import strategies as st
from rasters import colours, write

import geoseg
from geoseg.core.grid import Grid, Window
from geoseg.core.options import Options
from geoseg.raster.turn import Turn, north_up
from geoseg.scene.source import open_raster

METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
TURNS = [Turn(*flags) for flags in product((False, True), repeat=3)]


def laid(path: Path, pixels: np.ndarray, turn: Turn, **profile: object) -> str:
    """Write a north-up scene so that `turn` brings the file's pixels to it."""
    own = pixels
    if turn.columns:
        own = own[..., ::-1]
    if turn.rows:
        own = own[..., ::-1, :]
    if turn.transpose:
        own = own.swapaxes(-1, -2)
    # the same ground: corners of the file's grid, from those of the scene's
    north = Grid(*pixels.shape[1:], METRE, "EPSG:32633")
    height, width = own.shape[1:]

    def place(row: int, column: int) -> tuple[float, float]:
        row, column = (column, row) if turn.transpose else (row, column)
        row = north.height - row if turn.rows else row
        column = north.width - column if turn.columns else column
        return north.xy(row, column)

    (c, f), (ca, fd), (cb, fe) = place(0, 0), place(0, width), place(height, 0)
    transform = ((ca - c) / width, (cb - c) / height, c, (fd - f) / width, (fe - f) / height, f)
    return write(path, np.ascontiguousarray(own), transform=transform, **profile)


@given(st.sampled_from(TURNS), st.integers(1, 9), st.integers(1, 9), st.data())
def test_any_window_of_a_turned_array(
    turn: Turn, height: int, width: int, data: st.DataObject
) -> None:
    own = np.arange(2 * height * width).reshape(2, height, width)
    grid = turn.grid(Grid(height, width, METRE, "x"))
    top, left = (
        data.draw(st.integers(0, grid.height - 1)),
        data.draw(st.integers(0, grid.width - 1)),
    )
    window = Window(
        top,
        left,
        data.draw(st.integers(top + 1, grid.height)),
        data.draw(st.integers(left + 1, grid.width)),
    )
    place = turn.window(window, grid)
    part = own[:, place.top : place.bottom, place.left : place.right]
    assert np.array_equal(turn.pixels(part), turn.pixels(own)[:, *window.within(grid.extent)])


@pytest.mark.parametrize("turn", TURNS)
def test_pixels_are_those_of_the_scene_with_north_up(tmp_path: Path, turn: Turn) -> None:
    scene = colours(90, 130)
    scene[:, 20:40, 10:50] = 0
    path = laid(tmp_path / "a.tif", scene, turn, photometric="RGB", nodata=0)
    with open_raster((path,), RGB, Options()) as source:
        assert source.grid == Grid(90, 130, METRE, source.grid.crs)
        patch = source.read(Window(5, 7, 60, 120))
        assert np.array_equal(patch.data, scene[:, 5:60, 7:120])
        assert np.array_equal(patch.valid, scene[:, 5:60, 7:120].any(axis=0))


def test_without_a_crs_there_is_no_north() -> None:
    assert not north_up(Grid(5, 5, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)))
    assert north_up(Grid(5, 5, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), "x")) == Turn(rows=True)


def outlines(path: Path) -> list[tuple[int, str]]:
    _, _, shapes, (values, *_) = pyogrio.raw.read(path, layer=0)
    return sorted(
        (str(value), shapely.normalize(shapely.from_wkb(shape)).wkt)
        for value, shape in zip(values, shapes, strict=True)
    )


def test_maps_and_polygons_are_those_of_the_scene_with_north_up(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "bundle", tile=64)
    scene = colours(150, 200).repeat(2, 1).repeat(2, 2)[:, :150, :200]
    found = {}
    for number, turn in enumerate(TURNS):
        path = laid(tmp_path / f"{number}.tif", scene, turn, photometric="RGB")
        polygons, classes = tmp_path / f"{number}.gpkg", tmp_path / f"{number}_classes.tif"
        geoseg.predict(path, polygons, raster=classes, model=bundle, device="cpu", engine="torch")
        with rasterio.open(classes) as raster:
            found[number] = (raster.read(1), tuple(raster.transform[:6]), outlines(polygons))
    for labels, transform, shapes in found.values():
        assert np.array_equal(labels, found[0][0])
        assert transform == METRE
        assert shapes == found[0][2]
    assert len(np.unique(found[0][0])) > 1
