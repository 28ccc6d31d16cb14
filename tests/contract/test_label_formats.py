"""What each format of annotations has to hold: read whole, and refused in words where unsound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from draws import more
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.errors import InputError
from geoseg.labelling.imports.run import JSON, XML, read_annotations

COCO = {
    "info": {"date_created": "2026-02-03"},
    "images": [{"id": 5, "file_name": "scene.png", "height": 4, "width": 5}],
    "categories": [{"id": 1, "name": "water"}],
    "annotations": [
        {"image_id": 5, "category_id": 1, "segmentation": [[2, 3, 4, 3, 4, 1]]},
        {"image_id": 5, "category_id": 1, "segmentation": {"size": [4, 5], "counts": [4, 3, 13]}},
        {"image_id": 5, "category_id": 1, "segmentation": {"size": [4, 5], "counts": "43="}},
    ],
}
USUAL = {"original_width": 5, "original_height": 4, "image_rotation": 0}
PICTURE = [
    {
        "id": 1,
        "data": {"image": "/data/1a2b3c4d-scene.png"},
        "annotations": [
            {
                "completed_by": 3,
                "created_at": "2026-01-02T03:04:05Z",
                "result": [
                    USUAL
                    | {
                        "type": "polygonlabels",
                        "value": {"points": [[1, 1], [50, 1], [50, 50]], "polygonlabels": ["a"]},
                    },
                    USUAL
                    | {
                        "id": "x",
                        "type": "rectangle",
                        "value": {"x": 1, "y": 2, "width": 30, "height": 40, "rotation": 10},
                    },
                    {"id": "x", "type": "labels", "value": {"labels": ["b"]}},
                    USUAL
                    | {
                        "type": "brushlabels",
                        "value": {
                            "format": "rle",
                            # 80 words of 8 bits: one run of 255, its length in 8 bits
                            "rle": [0, 0, 0, 80, 57, 27, 254, 79, 255],
                            "brushlabels": ["a"],
                        },
                    },
                ],
            }
        ],
    }
]
CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
<meta><job><id>1</id><updated>2026-01-02 03:04:05+00:00</updated></job></meta>
<image id="0" name="scene.tif" width="5" height="4">
<polygon label="a" points="1.00,1.00;3.00,1.00;3.00,3.00" z_order="0"><attribute name="b">c</attribute></polygon>
<polyline label="a" points="0,0.5;4.9,0.5"></polyline><points label="b" points="1,1;2,2"></points>
<box label="b" xtl="1" ytl="1" xbr="2" ybr="2" rotation="45.0"></box>
<ellipse label="b" cx="2" cy="2" rx="1" ry="1"></ellipse>
<mask label="a" rle="1, 2, 1" left="1" top="1" width="2" height="2"></mask>
</image></annotations>"""
SAMPLES = {
    "COCO": (".json", json.dumps(COCO), 3),
    "Label Studio": (".json", json.dumps(PICTURE), 3),
    "CVAT": (".xml", CVAT, 6),
}
WORDS = st.sampled_from(
    (
        *("", "-1", "1e999", "NaN", "null", "[]", "{}", '"', "0", "99999999999999999999", "<"),
        *("&x;", "]", "}", "\x00", "true", "1.5", ",", ";", "<!DOCTYPE a>", "é", "[[[[", '{"a":'),
    )
)


def test_each_format_has_its_sample() -> None:
    assert set(SAMPLES) == {*JSON, *XML}


@pytest.mark.parametrize("kind", SAMPLES)
class TestFormat:
    def test_it_is_read_and_told_from_the_others(self, tmp_path: Path, kind: str) -> None:
        suffix, text, count = SAMPLES[kind]
        path = tmp_path / f"labels{suffix}"
        path.write_text(text)
        found = read_annotations(path)
        assert found is not None
        assert found[0] == kind
        assert len(found[1].drawn) == count
        for one in found[1].drawn:
            assert (one.picture.height, one.picture.width) == (4, 5)
            west, north, east, south = shapely.bounds(one.shape)
            assert -1 < west <= east < 6
            assert -1 < north <= south < 6

    @more(4)
    @given(data=st.data())
    def test_what_is_changed_is_read_or_refused_in_words(
        self, tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
    ) -> None:
        suffix, text, _ = SAMPLES[kind]
        for _ in range(data.draw(st.integers(1, 3))):
            start = data.draw(st.integers(0, len(text)))
            stop = min(start + data.draw(st.integers(0, 12)), len(text))
            text = text[:start] + data.draw(WORDS) + text[stop:]
        check(tmp_path_factory, suffix, text)

    @given(share=st.floats(0, 1))
    def test_what_is_cut_is_refused(
        self, tmp_path_factory: pytest.TempPathFactory, kind: str, share: float
    ) -> None:
        suffix, text, _ = SAMPLES[kind]
        check(tmp_path_factory, suffix, text[: int(share * (len(text) - 1))], whole=False)


def check(factory: pytest.TempPathFactory, suffix: str, text: str, whole: bool = True) -> None:
    path = factory.getbasetemp() / f"changed{suffix}"
    path.write_text(text, errors="surrogatepass")
    told = ""
    found: Any = None
    try:
        found = read_annotations(path)
    except InputError as error:
        told = str(error)
    assert "\n" not in told
    assert told or whole or found is None


@pytest.mark.parametrize("kind", JSON)
@given(data=st.data())
def test_any_value_in_any_place_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    """JSON that is sound, and not what the format says."""
    told = json.loads(SAMPLES[kind][1])
    place, key = told, None
    for _ in range(data.draw(st.integers(1, 8))):
        if not isinstance(place, dict | list) or not place:
            break
        holder = place
        key = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
        place = holder[key]
    values = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=3),
        st.just([]),
        st.just({}),
        st.just([[1, 2]]),
        st.just({"a": [1]}),
    )
    holder[key] = data.draw(values)
    check(tmp_path_factory, ".json", json.dumps(told))
