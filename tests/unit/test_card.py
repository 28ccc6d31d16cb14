"""Model cards: checked at birth, valid STAC, the same after a round trip, and never more than a
ModelError.
"""

from __future__ import annotations

import json
import math
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import cards
import pytest
import stac_schemas
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from geoseg.core.card import (
    ACTIVATIONS,
    COMMON_NAMES,
    DTYPES,
    Band,
    Label,
    ModelCard,
    Scaling,
    from_stac,
    read_card,
    to_stac,
    write_card,
)
from geoseg.core.errors import ModelError

finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=1e-9, max_value=1e9)
printable = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1)
texts = st.text(st.characters(exclude_categories=("Cs",)))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=5,
)


@st.composite
def bands(draw: st.DrawFn) -> tuple[Band, ...]:
    names = draw(st.lists(printable, min_size=1, max_size=12, unique=True))
    found = []
    for name in names:
        low, high = sorted((draw(finite), draw(finite)))
        common = draw(st.sampled_from(("", *COMMON_NAMES)))
        wavelength = draw(st.none() | positive)
        found.append(Band(name, common, wavelength, draw(finite), draw(positive), low, high))
    return tuple(found)


@st.composite
def model_cards(draw: st.DrawFn) -> ModelCard:
    names = draw(st.lists(printable, min_size=1, max_size=12, unique=True))
    values = draw(
        st.lists(st.integers(0, 254), min_size=len(names), max_size=len(names), unique=True)
    )
    colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
    low, gsd, high = sorted((draw(positive), draw(positive), draw(positive)))
    stride = draw(st.sampled_from((1, 8, 32)))
    tile = stride * draw(st.integers(1, 64))
    return ModelCard(
        name=draw(st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{1,20}[A-Za-z0-9]", fullmatch=True)),
        description=draw(texts.filter(str.strip)),
        architecture=draw(texts),
        hyperparameters=draw(
            st.dictionaries(st.from_regex(r"[0-9A-Za-z_.-]+", fullmatch=True), json_values)
        ),
        sensor=draw(texts),
        bands=draw(bands()),
        unit=draw(texts),
        scaling=Scaling(draw(positive), draw(finite)),
        dtypes=tuple(draw(st.lists(st.sampled_from(DTYPES), min_size=1, unique=True))),
        labels=tuple(Label(v, n, draw(colours)) for v, n in zip(values, names, strict=True)),
        gsd=gsd,
        gsd_range=(low, high),
        tile=tile,
        overlap=draw(st.integers(0, tile - 1)),
        stride=stride,
        fixed_tile=draw(st.booleans()),
        licence=draw(st.sampled_from(("MIT", "CC-BY-4.0", "other", ""))),
        trained_on=draw(texts),
        credits=tuple(draw(st.lists(texts))),
        limits=tuple(draw(st.lists(texts))),
        scores=draw(st.dictionaries(texts, json_values)),
        parameters=draw(st.integers(0, 10**12)),
        created=draw(
            st.datetimes().map("{:%Y-%m-%dT%H:%M:%S}Z".format).filter(lambda text: len(text) == 20)
        ),
        framework_version=draw(st.sampled_from(("", "2.8.0", "2.15.0+cu130"))),
        temperature=draw(positive),
        activation=draw(st.sampled_from(ACTIVATIONS)),
    )


CORE = stac_schemas.core()
EXTENDED = Draft7Validator(stac_schemas.CARD)


@given(model_cards())
def test_a_card_survives_the_round_trip_through_json(card: ModelCard) -> None:
    assert from_stac(json.loads(json.dumps(to_stac(card)))) == card


@given(model_cards())
def test_a_card_is_valid_stac_with_its_extensions(card: ModelCard) -> None:
    item = json.loads(json.dumps(to_stac(card)))
    CORE.validate(item)
    EXTENDED.validate(item)


SHIPPED = replace(cards.RGB, name="shipped", good_for="A first look.", scores_from="a twin")


@pytest.mark.parametrize("card", [cards.S2, cards.RGB, SHIPPED], ids=lambda card: card.name)
def test_a_card_survives_the_round_trip_through_a_file(card: ModelCard, tmp_path: Path) -> None:
    write_card(card, tmp_path / "card.json")
    assert read_card(tmp_path / "card.json") == card


def test_the_schemas_find_faults() -> None:
    """A validator that accepts everything would prove nothing."""
    faults: list[tuple[str, Any]] = [
        ("mlm:framework_version", "new"),
        ("mlm:name", "../x"),
        ("mlm:hyperparameters", {}),
        ("mlm:wrong", 1),
        ("mlm:input", [{"name": "pixels"}]),
        ("mlm:tasks", ["guessing"]),
        ("bands", []),
    ]
    for name, value in faults:
        item = to_stac(cards.S2)
        item["properties"][name] = value
        assert not EXTENDED.is_valid(item), name
    for wrong in ({"datetime": 3}, {"license": "a b"}, {"gsd": 0}):
        item = to_stac(cards.S2)
        item["properties"] |= wrong
        assert not CORE.is_valid(item), wrong


def test_names_in_any_script_stay_as_they_are() -> None:
    labels = (
        Label(0, "물", "#419BDF"),
        Label(1, "shrub and scrub", "#397d49"),
        Label(2, "Flüsse & Seen", "#666666"),
    )
    card = replace(cards.RGB, labels=labels)
    item = to_stac(card)
    classes = item["properties"]["mlm:output"][0]["classification:classes"]
    assert [c["name"] for c in classes] == ["class_0", "shrub_and_scrub", "Fl_sse_Seen"]
    assert [label.name for label in from_stac(item).labels] == [
        "물",
        "shrub and scrub",
        "Flüsse & Seen",
    ]
    assert labels[0].rgb == (0x41, 0x9B, 0xDF)


nan, inf = math.nan, math.inf
WRONG: list[dict[str, Any]] = [
    {"name": "../evil"},
    {"name": "a/b"},
    {"name": ""},
    {"name": "a..b"},
    {"name": "name\n"},
    {"name": "-rf"},
    {"name": "C:evil"},
    {"description": " "},
    {"bands": ()},
    {"labels": ()},
    {"dtypes": ()},
    {"dtypes": ("complex64",)},
    {"gsd": 0.0},
    {"gsd": nan},
    {"gsd": 100.0},
    {"gsd_range": (3.0, 0.3)},
    {"gsd_range": (0.3, inf)},
    {"tile": 0},
    {"tile": -32},
    {"tile": 33},
    {"tile": 1 << 30},
    {"stride": 0},
    {"stride": -1},
    {"overlap": -1},
    {"overlap": 256},
    {"licence": "see the file"},
    {"parameters": -1},
    {"created": "yesterday"},
    {"created": "2024-01-01"},
    {"created": "2024-02-30T00:00:00Z"},
    {"temperature": 0.0},
    {"temperature": -1.0},
    {"temperature": nan},
    {"temperature": inf},
    {"activation": "relu"},
    {"activation": ""},
    {"bands": cards.RGB.bands * 2},
    {"labels": cards.RGB.labels * 2},
    {"labels": (Label(0, "one", "#000000"), Label(1, "one", "#000000"))},
]


@pytest.mark.parametrize("change", WRONG, ids=lambda change: str(change)[:60])
def test_a_card_that_makes_no_sense_is_refused_at_birth(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        replace(cards.RGB, **change)


@pytest.mark.parametrize(
    "arguments",
    [
        ("", "", None, 0, 1, 0, 1),
        ("a\nb", "", None, 0, 1, 0, 1),
        ("a", "ultraviolet", None, 0, 1, 0, 1),
        ("a", "", 0.0, 0, 1, 0, 1),
        ("a", "", nan, 0, 1, 0, 1),
        ("a", "", None, nan, 1, 0, 1),
        ("a", "", None, 0, 0, 0, 1),
        ("a", "", None, 0, -1, 0, 1),
        ("a", "", None, 0, inf, 0, 1),
        ("a", "", None, 0, 1, 2, 1),
        ("a", "", None, 0, 1, -inf, 1),
    ],
)
def test_a_band_that_makes_no_sense_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        Band(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        (0, "", "#000000"),
        (0, "a\tb", "#000000"),
        (0, "a", "red"),
        (0, "a", "#0000000"),
    ],
)
def test_a_class_that_makes_no_sense_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        Label(*arguments)


@pytest.mark.parametrize("value", [-1, 255, 256])
def test_a_map_of_bytes_has_no_class_of_this_value(value: int) -> None:
    """Other people's rasters do: their classes are labels of any whole number."""
    label = Label(value, "a", "#000000")
    with pytest.raises(ValueError, match=str(value)):
        replace(cards.S2, labels=(label,))


@pytest.mark.parametrize("arguments", [(0.0,), (-1.0,), (nan,), (inf,), (1.0, nan), (1.0, -inf)])
def test_a_scaling_that_makes_no_sense_is_refused(arguments: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        Scaling(*arguments)


def refused(path: Path, content: bytes) -> ModelError:
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_card(path)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"3",
        b'"card"',
        b"{}",
        b'{"properties": []}',
        b"[" * 100_000,
        b'{"properties": {"bands": [1e999]}}',
        b'{"properties": NaN}',
        b"1" * 5000,
    ],
    ids=lambda content: str(content[:20]),
)
def test_a_file_that_is_no_card_is_refused(content: bytes, tmp_path: Path) -> None:
    assert refused(tmp_path / "card.json", content).status == 2


def test_a_missing_card_and_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model card"):
        read_card(tmp_path / "card.json")
    with pytest.raises(ModelError, match="cannot be read"):
        read_card(tmp_path)


def paths(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """All places in the JSON."""
    steps: list[tuple[str | int, Any]] = []
    if isinstance(node, dict):
        steps = list(node.items())
    elif isinstance(node, list):
        steps = list(enumerate(node))
    return [path, *(deeper for step, child in steps for deeper in paths(child, (*path, step)))]


WHOLE = json.loads(
    json.dumps(to_stac(replace(cards.RGB, scores={"miou": 0.5}, credits=("a",), limits=("b",))))
)
HOSTILE = (
    st.sampled_from(
        [
            None,
            True,
            -1,
            10**400,
            "",
            "../../etc/passwd",
            "\ud800",
            "a\x00b",
            [],
            {},
            [[]],
            [None],
            {"0": 1},
            1e308,
            -0.5,
        ]
    )
    | json_values
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("card")


@given(path=st.sampled_from(paths(WHOLE)[1:]), value=HOSTILE, remove=st.booleans())
def test_one_hostile_value_anywhere_is_a_model_error_or_does_no_harm(
    folder: Path, path: tuple[str | int, ...], value: Any, remove: bool
) -> None:
    item = deepcopy(WHOLE)
    parent = item
    for step in path[:-1]:
        parent = parent[step]
    if remove:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    file = folder / "card.json"
    file.write_text(json.dumps(item), encoding="utf-8")
    try:
        card = read_card(file)
    except ModelError:
        return
    assert from_stac(to_stac(card)) == card  # what is accepted is a card like any other
    write_card(card, file)
    assert read_card(file) == card
