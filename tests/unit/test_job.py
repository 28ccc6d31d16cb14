"""Jobs and options: checked at birth, those of JSON and keywords too."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.errors import InputError
from geoseg.core.job import Job, plan
from geoseg.core.options import EARTH_AREA, EARTH_GIRTH, MOST_VALUE, Options

options = st.builds(
    Options.of,
    tile=st.none() | st.integers(1, 10_000),
    overlap=st.none() | st.integers(0, 10_000),
    batch=st.none() | st.integers(1, 64),
    device=st.text(),
    scale=st.none() | st.floats(1 / MOST_VALUE, MOST_VALUE),
    offset=st.none() | st.floats(-MOST_VALUE, MOST_VALUE),
    aoi=st.none() | st.text(),
    bands=st.none() | st.lists(st.integers(1, 400), min_size=1).map(tuple),
    min_area=st.floats(0, EARTH_AREA),
    simplify=st.floats(0, EARTH_GIRTH),
    overwrite=st.booleans(),
    force=st.booleans(),
    compress=st.sampled_from(["zstd", "deflate"]),
)


@given(options)
def test_options_survive_json(options: Options) -> None:
    assert Options.of(**json.loads(json.dumps(options.flat()))) == options


# for each field, values that it does not take
WRONG: dict[str, list[Any]] = {
    "scene": ["scene.tif", (), (1,), None],
    "model": [None, 3, ["auto"]],
    "classes": [3, ["a.tif"]],
    "confidence": [True],
    "options": [
        None,
        [],
        {"tile": "big"},
        {"tile": 0},
        {"tile": 1.5},
        {"bands": [0]},
        {"bands": ["1"]},
        {"bands": 1},
        {"min_area": math.nan},
        {"min_area": -1},
        {"scale": 0},
        {"scale": "1"},
        {"offset": math.inf},
        {"overwrite": "no"},
        {"device": 0},
        {"aoi": 7},
        {"unknown": 1},
        {"read_threads": 0},
    ],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_job_with_one_wrong_field_is_refused(name: str, value: Any) -> None:
    if name == "options" and isinstance(value, dict):
        with pytest.raises(InputError):
            Options.of(**value)
    else:
        with pytest.raises(InputError):
            Job(**{"scene": ("scene.tif",), "classes": "map.tif"} | {name: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tile", 0),
        ("overlap", -1),
        ("batch", 0),
        ("scale", 0.0),
        ("scale", math.nan),
        ("scale", math.inf),
        ("offset", math.nan),
        ("min_area", -1.0),
        ("min_area", math.nan),
        ("simplify", -1.0),
        ("bands", ()),
        ("bands", (0, 1)),
        ("read_threads", 0),
        ("compress", "lzw"),
    ],
)
def test_an_option_out_of_range_names_itself(field: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"--{field.replace('_', '-')}"):
        Options.of(**{field: value})


def place(out: str, raster: str | None = None, confidence: str | None = None) -> Job:
    return plan(
        ("scene.tif",), out, model="auto", raster=raster, confidence=confidence, options=Options()
    )


def test_the_suffix_of_out_decides() -> None:
    assert place("map.gpkg", "classes.tif", "confidence.tif").outputs == (
        "map.gpkg",
        "classes.tif",
        "confidence.tif",
    )
    assert place("map.GPKG") == Job(("scene.tif",), polygons="map.GPKG")
    assert place("map.TIFF").outputs == ("map.TIFF",)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("map.kml",), r"\.kml"),
        (("map",), "no suffix"),
        (("map.tif", "classes.tif"), "both name a class raster"),
        (("map.gpkg", "classes.png"), "--raster classes.png"),
        (("map.tif", None, "confidence.jpg"), "--confidence confidence.jpg"),
        (("map.tif", None, "./map.tif"), "same file"),
    ],
)
def test_outputs_that_make_no_sense_are_refused(arguments: tuple[str, ...], found: str) -> None:
    with pytest.raises(InputError, match=found):
        place(*arguments)


def test_a_job_needs_a_scene_and_an_output() -> None:
    with pytest.raises(InputError, match="no scene"):
        Job((), classes="map.tif")
    with pytest.raises(InputError, match="no output"):
        Job(("scene.tif",), confidence="confidence.tif")


@pytest.mark.parametrize("field", ["classes", "polygons", "confidence"])
def test_an_output_never_replaces_the_scene(field: str) -> None:
    with pytest.raises(InputError, match="the scene itself"):
        Job(
            ("a.tif", "dir/../b.tif"),
            **{"classes": "c.tif"} | {field: "b.tif"},
            options=Options.of(overwrite=True),
        )
