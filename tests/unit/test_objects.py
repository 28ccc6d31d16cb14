"""Objects from class and depth: the same as of the whole raster at once, however it is cut."""

from __future__ import annotations

import numpy as np
import pytest
from draws import more
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from shapes import ground_of, rows_of

from geoseg.core.errors import InputError
from geoseg.objects import links as links_module
from geoseg.objects.links import Levels, linked, with_margin
from geoseg.objects.numbers import Labels, Objects, label_all, numbered

NEIGHBOURS = ((-1, 0), (0, -1), (0, 1), (1, 0))  # in the order in which they are asked


def table(*values: int) -> np.ndarray:
    found = np.zeros(256, np.uint8)
    found[list(values)] = 1
    return found


def ours(
    classes: np.ndarray,
    depth: np.ndarray,
    levels: Levels,
    strip: int,
    things: np.ndarray,
    stuff: np.ndarray | None = None,
    percent: np.ndarray | None = None,
    **least: float,
) -> tuple[np.ndarray, Objects]:
    labels = Labels(ground_of(classes), percent is not None)
    strips = (
        (
            classes[top : top + strip],
            depth[top : top + strip],
            None if percent is None else percent[top : top + strip],
        )
        for top in range(0, len(classes), strip)
    )
    found = linked(strips, levels, things, table() if stuff is None else stuff)
    all_links = np.concatenate(list(label_all(found, labels)))
    objects = labels.finish(**least)
    parts = list(numbered(rows_of(all_links, strip), classes.shape[1], objects.label))
    return np.concatenate(parts), objects


def at_once(
    classes: np.ndarray, depth: np.ndarray, levels: Levels, things: np.ndarray
) -> np.ndarray:
    """Return the objects of a raster in memory: components, and a plain flood between levels."""
    owner = np.zeros(classes.shape, np.int64)
    deep = np.where(depth > 100, 0, depth)
    for level, least in enumerate(levels.depths):
        for _ in range(levels.reach if level else 0):
            before = owner.copy()
            for row, column in np.argwhere((owner == 0) & (things[classes] != 0) & (deep >= least)):
                for down, right in NEIGHBOURS:
                    y, x = row + down, column + right
                    inside = 0 <= y < len(classes) and 0 <= x < classes.shape[1]
                    if inside and before[y, x] and classes[y, x] == classes[row, column]:
                        owner[row, column] = before[y, x]
                        break
            if (owner == before).all():
                break
        for value in np.flatnonzero(things):
            new, _ = ndimage.label((classes == value) & (deep >= least) & (owner == 0))
            owner[new > 0] = new[new > 0] + owner.max()
    return in_order(owner)


def in_order(owner: np.ndarray) -> np.ndarray:
    """Number by the first pixel, row by row."""
    values, first = np.unique(owner, return_index=True)
    chosen = values > 0
    order = np.argsort(first[chosen])
    number = dict(zip(values[chosen][order].tolist(), range(1, len(order) + 1), strict=True))
    return np.array([number.get(v, 0) for v in owner.ravel().tolist()]).reshape(owner.shape)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Class and depth: noise, blobs and stripes, depth true to the classes or noise as well."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([(1, 1), (1, 4), (4, 1), (6, 6), (9, 9)]))
    shape = (-(-height // scale[0]), -(-width // scale[1]))
    coarse = noise.choice([0, 1, 2, 255], shape, p=[0.2, 0.5, 0.2, 0.1]).astype(np.uint8)
    classes = np.kron(coarse, np.ones(scale, np.uint8))[:height, :width]
    if draw(st.booleans()):
        depth = noise.integers(0, 104, (height, width))
    else:
        inside = ndimage.distance_transform_edt(np.pad(classes == 1, 1))[1:-1, 1:-1]
        depth = np.clip(inside / 4 * 100 + noise.normal(0, 20, classes.shape), 0, 100)
    return classes, np.where(depth > 100, 255, depth).astype(np.uint8)


LEVELS = st.builds(
    Levels,
    st.lists(st.integers(0, 100), min_size=1, max_size=4, unique=True).map(
        lambda depths: tuple(sorted(depths, reverse=True))
    ),
    st.integers(1, 12),
)


@more(2)
@given(scenes(), LEVELS, st.integers(1, 45), st.sampled_from([1, 3, 7, 2048]))
def test_objects_are_those_of_the_whole_raster(
    scene: tuple[np.ndarray, np.ndarray], levels: Levels, strip: int, columns: int
) -> None:
    things = table(1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links_module, "COLUMNS", columns)
        found, objects = ours(*scene, levels, strip, things)
    expected = at_once(*scene, levels, things)
    np.testing.assert_array_equal(found, expected)
    assert objects.count == expected.max(initial=0)
    np.testing.assert_array_equal(
        objects.pixels[1:], np.bincount(expected.ravel(), minlength=objects.count + 1)[1:]
    )


def test_margins_reach_as_far_as_asked_and_each_row_is_inner_once() -> None:
    rows = np.arange(50)[:, None]
    strips = [(rows[:3], None), (rows[3:4], None), (rows[4:40], None), (rows[40:], None)]
    inner = []
    for (held, nothing), first, stop in with_margin(strips, 5):
        assert nothing is None
        assert held[first, 0] - held[0, 0] >= min(5, held[first, 0])
        assert held[-1, 0] - held[stop - 1, 0] >= min(5, 49 - held[stop - 1, 0])
        inner += held[first:stop, 0].tolist()
    assert inner == list(range(50))


def spiral(side: int) -> np.ndarray:
    """Return a path of one pixel that winds from the corner to the middle, and back beside it."""
    found = np.zeros((side, side), np.uint8)
    row, column = 0, 0
    found[0, 0] = 1
    lengths = [n for n in range(side - 1, 0, -2) for _ in range(2)]
    for turn, length in enumerate(lengths):
        down, right = ((0, 1), (1, 0), (0, -1), (-1, 0))[turn % 4]
        for _ in range(length):
            row, column = row + down, column + right
            if not (0 <= row < side and 0 <= column < side):
                return found
            found[row, column] = 1
    return found


@pytest.mark.parametrize("strip", [1, 2, 31])
@pytest.mark.parametrize(
    "shape",
    [
        spiral(31),
        np.ones((31, 31), np.uint8),
        np.pad(np.zeros((30, 29), np.uint8), ((0, 1), (1, 1)), constant_values=1),  # a U
        np.eye(31, dtype=np.uint8),
        np.zeros((31, 31), np.uint8),
        np.full((31, 31), 255, np.uint8),
    ],
    ids=["spiral", "all", "U", "pixels", "none", "nodata"],
)
def test_shapes_that_span_strips_are_one_object(shape: np.ndarray, strip: int) -> None:
    depth = np.full(shape.shape, 100, np.uint8)
    found, objects = ours(shape, depth, Levels(), strip, table(1))
    expected, count = ndimage.label(shape == 1)
    np.testing.assert_array_equal(found, in_order(expected))
    assert objects.count == count


def test_what_lies_further_than_the_reach_is_an_object_of_its_own() -> None:
    classes = np.ones((1, 20), np.uint8)
    depth = np.zeros((1, 20), np.uint8)
    depth[0, 0] = 90
    found, _ = ours(classes, depth, Levels((50, 0), 5), 1, table(1))
    assert found.tolist() == [[1] * 6 + [2] * 14]
    only, _ = ours(classes, depth, Levels((50,), 5), 1, table(1))
    assert only.tolist() == [[1] + [0] * 19]


def test_a_pixel_without_a_depth_counts_as_not_deep() -> None:
    classes = np.ones((3, 3), np.uint8)
    depth = np.full((3, 3), 255, np.uint8)
    depth[1, 1] = 60
    assert (ours(classes, depth, Levels((50, 0), 5), 3, table(1))[0] == 1).all()
    assert ours(classes, depth, Levels((50, 10), 5), 3, table(1))[0].sum() == 1


@given(scenes(), st.integers(1, 45), st.integers(0, 30), st.sampled_from([0.0, 0.4, 0.6]))
def test_objects_that_are_left_out_leave_the_others_as_they_are(
    scene: tuple[np.ndarray, np.ndarray], strip: int, area: int, score: float
) -> None:
    classes, _ = scene
    percent = np.random.default_rng(0).integers(0, 101, classes.shape).astype(np.uint8)
    things = table(1, 2)
    every, objects = ours(*scene, Levels(), strip, things, percent=percent)
    found, kept = ours(
        *scene, Levels(), strip, things, percent=percent, min_area=float(area), min_score=score
    )
    pixels = np.bincount(every.ravel(), minlength=objects.count + 1)
    total = np.bincount(every.ravel(), percent.ravel(), objects.count + 1)
    stays = (pixels >= area) & (total >= score * 100 * pixels)
    stays[0] = False
    np.testing.assert_array_equal(found, in_order(np.where(stays[every], every, 0)))
    np.testing.assert_array_equal(kept.pixels[1:], pixels[stays])
    np.testing.assert_allclose(kept.score[1:], total[stays] / pixels[stays] / 100)
    np.testing.assert_array_equal(kept.area, kept.pixels)  # without a CRS


@given(scenes(), st.integers(1, 45))
def test_stuff_comes_behind_the_objects_and_is_its_components(
    scene: tuple[np.ndarray, np.ndarray], strip: int
) -> None:
    classes, depth = scene
    alone, before = ours(classes, depth, Levels(), strip, table(1))
    found, objects = ours(classes, depth, Levels(), strip, table(1), table(0, 2))
    assert objects.count == before.count
    np.testing.assert_array_equal(np.where(found > objects.count, 0, found), alone)
    np.testing.assert_array_equal(found == 0, classes == 255)
    expected = np.zeros(classes.shape, np.int64)
    for value in (0, 2):
        labels, _ = ndimage.label(classes == value)
        expected[labels > 0] = labels[labels > 0] + expected.max()
    np.testing.assert_array_equal(
        in_order(np.where(found > objects.count, found, 0)), in_order(expected)
    )


@pytest.mark.parametrize("depths", [(), (50, 50), (0, 50), (101, 0), (50, -1)])
def test_levels_that_do_not_fall_are_refused(depths: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="--levels"):
        Levels(depths)


@pytest.mark.parametrize("reach", [0, 513])
def test_a_reach_beyond_all_is_refused(reach: int) -> None:
    with pytest.raises(InputError, match="--reach"):
        Levels(reach=reach)
