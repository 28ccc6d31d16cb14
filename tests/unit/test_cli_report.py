"""What people read: the report of a run, the list of models and their cards."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import cards
import click
import pytest
from bundles import make_bundle
from click.testing import CliRunner
from rasters import reflectances, write

from geoseg.cli.cards import brief, describe, headline, score_lines, table
from geoseg.cli.learn import with_time_left
from geoseg.cli.models import models
from geoseg.cli.report import PeopleReport, where_the_time_went
from geoseg.core.events import Event, Failed, Finished, Noted, Progress, Round, Summary, Warned

SUMMARY = Summary(
    outputs=("map.gpkg", "map.tif"),
    model="landcover-s2",
    model_sha256="0" * 64,
    device="cpu (2 threads)",
    seconds=4.0,
    pixels=2_000_000,
    nodata_pixels=1_500,
    polygons=12_345,
    shares={"water": 0.25, "trees": 0.75, "snow and ice": 0.0},
    started=0.1,
    waited=0.5,
    behind=0.15,
    bound="reader-bound",
)
RUN: list[Event] = [
    Noted("bands by name"),
    Progress("segment", 0, 2_000_000, 0.0, "cpu (2 threads)"),
    Warned("a black border"),
    Progress("segment", 2_000_000, 2_000_000, 3.0, "cpu (2 threads)"),
    Progress("trace", 0, 2_000_000, 0.0),
    Progress("trace", 2_000_000, 2_000_000, 1.0),
    Finished(SUMMARY),
]


def told(events: list[Event], quiet: bool = False) -> list[str]:
    stream = io.StringIO()
    with PeopleReport(quiet, stream) as report:
        for event in events:
            report(event)
    return [line for line in stream.getvalue().replace("\r", "\n").splitlines() if line.strip()]


def test_a_run_is_told_in_lines_with_a_bar_for_each_stage() -> None:
    lines = told(RUN)
    assert lines[0] == "bands by name"
    assert "warning: a black border" in lines
    bars = [line for line in lines if "Mpx/s" in line and "%|" in line]
    assert any(line.startswith("segment on cpu (2 threads) 100 %") for line in bars)
    assert any(line.startswith("trace 100 %") for line in bars)
    assert lines[-5].split() == ["trees", "75.00%"]
    assert lines[-4].split() == ["water", "25.00%"]
    assert "2,000,000 px mapped, 1,500 without data" in lines[-3]
    assert lines[-3].endswith("0.50 Mpx/s on cpu (2 threads)")
    assert lines[-2] == (
        "of the time: 10% starting, 50% waiting for pixels, 25% computing, 15% writing and "
        "tracing: reader-bound"
    )
    assert lines[-1] == "written: map.gpkg, map.tif (12,345 polygons)"


def test_a_run_that_took_more_memory_than_was_asked_for_warns_of_it() -> None:
    warned = "warning: memory: 654 MB were taken, more than the 600 MB of --max-memory"
    for peak, asked, expected in ((654, 600, [warned]), (600, 600, []), (654, 0, [])):
        summary = replace(SUMMARY, memory_peak=peak * 10**6, memory_asked=asked * 10**6)
        assert told([Finished(summary)], quiet=True) == expected


def test_a_run_that_compiled_says_so() -> None:
    assert where_the_time_went(replace(SUMMARY, compiled=0.25, seconds=8.0)).endswith(
        "; 2.0 s of it compiling, once"
    )


def test_quiet_tells_warnings_alone() -> None:
    assert told(RUN, quiet=True) == ["warning: a black border"]


def test_a_bar_ends_with_the_run_that_fails() -> None:
    lines = told([*RUN[:2], Failed("RunError", "no", 1)])
    assert lines[-1].startswith("segment on cpu")


def test_a_stage_of_nothing_is_told_too() -> None:
    assert told([Progress("trace", 0, 0, 0.0)])


def test_time_left_is_told_and_what_has_no_end_is_counted() -> None:
    ended = told([Progress("merge", 0, 4, 0.0), Progress("merge", 4, 4, 3.0)])
    assert re.match(r"merge 100 %\|.*\| \d\d:\d\d<00:00, .*scenes/s", ended[-1])
    ended = told([Progress("import", 0, 0, 0.0), Progress("import", 7, 0, 3.0)])
    assert re.match(r"import 7 labels, \d\d:\d\d, .*labels/s", ended[-1])


def test_learning_tells_how_much_of_its_time_has_gone() -> None:
    heard: list[Event] = []
    report = with_time_left(heard.append, 60.0)
    one = Round(1, "", 20.4, 9, "head", None, {}, 0, None, "models/round-0001")
    for event in (Noted("a"), one, replace(one, seconds=75.0)):
        report(event)
    gone = [(e.done, e.total) for e in heard if isinstance(e, Progress)]
    assert gone == [(20, 60), (60, 60)]
    assert [type(event) for event in heard[:3]] == [Noted, Round, Progress]


SCORES = {
    "held out": {
        "pixels": 123456,
        "places": ["a", "b"],
        "mIoU": 0.61234,
        "IoU": {"water": 0.9, "land": 0.5, "road": None},
    },
    "by class": {"water": {"iou": 0.9, "f1": 0.95}, "land": {"iou": 0.5}},
    "held-out places": "tile 3",
}


def test_scores_by_class_are_tables() -> None:
    lines = score_lines(SCORES, cards.RGB_LABELS)
    assert lines == [
        "held out",
        "  pixels: 123,456",
        "  places: a, b",
        "  mIoU: 0.612",
        "  IoU",
        "    water  0.900",
        "    land   0.500",
        "    road   -",
        "by class  iou    f1",
        "  water   0.900  0.950",
        "  land    0.500  -",
        "held-out places: tile 3",
    ]


MEASURED = {
    "held_out": {
        "accuracy": 0.8,
        "mean_iou": 0.55,
        "places": 4,
        "accuracy_95": [0.7, 0.9],
        "classes": {},
    },
    "by": {
        "place": {
            "a": {"pixels": 5, "accuracy": 0.9},
            "b": {"pixels": 7, "accuracy": 0.6},
            "c": {"pixels": 0},
        }
    },
    "foreign": {
        "noise": {"confidence": 0.7, "predict": "maps"},
        "drone": {"confidence": 0.9, "predict": "refuses"},
    },
}


def test_a_short_card_says_for_whom_how_good_and_where() -> None:
    card = replace(cards.RGB, scores=MEASURED, good_for="Nobody yet.", scores_from="a twin")
    text = " ".join(click.unstyle(" ".join(brief(card))).split())
    for said in (
        "good for Nobody yet.",
        "not this model, but its twin, on 4 places held out: accuracy 0.800 (0.700 to 0.900), mean IoU 0.550.",
        "accuracy is least in b (0.600), most in a (0.900).",
        "of 2 kinds of image that it does not know, 1 are mapped without a word with a mean "
        "confidence of up to 0.70",
        "scores are of a twin",
    ):
        assert said in text
    assert "scores are of" in " ".join(describe(card, "0"))


@pytest.mark.parametrize(
    "scores",
    [{}, {"held_out": 3}, {"held_out": {"places": {}}, "by": []}, {"foreign": {"a": 1}}, SCORES],
)
def test_a_short_card_takes_any_scores(scores: dict[str, object]) -> None:
    """They are JSON from a stranger."""
    assert brief(replace(cards.RGB, scores=scores))


def test_rows_of_one_kind_are_a_table() -> None:
    assert score_lines({"by": MEASURED["by"]}, ["water"]) == [
        "by",
        "  place  pixels  accuracy",
        "    a    5       0.900",
        "    b    7       0.600",
        "    c    0       -",
    ]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (SCORES, "mIoU 0.612"),
        (MEASURED, "mean_iou 0.55 (4 places)"),
        ({"accuracy": 0.9}, "accuracy 0.9"),
        ({}, ""),
        ({"accuracy": 0.9, "x": {"miou": 0.5}}, "miou 0.5"),
        ({"miou": True}, ""),
    ],
)
def test_the_headline_is_the_first_known_score(scores: dict[str, object], expected: str) -> None:
    assert headline(scores) == expected


def test_a_table_is_as_wide_as_its_cells() -> None:
    assert table([("a", "bb"), ("ccc", "d")]) == ["a    bb", "ccc  d"]


def test_a_card_tells_all_that_a_user_must_know() -> None:
    card = replace(
        cards.S2,
        limits=("no tropics",),
        credits=("Copernicus",),
        scores={"mIoU": 0.6},
        parameters=4_000_000,
    )
    text = "\n".join(describe(card, "abc123"))
    for said in (
        "landcover-s2",
        "4,000,000",
        "10 m; works from 8 to 20 m",
        "reflectance = DN x 0.0001 + 0",
        "B12",
        "0.842 um",
        "flooded vegetation",
        "#b39fe1",
        "mIoU: 0.600",
        "- no tropics",
        "- Copernicus",
        "abc123",
    ):
        assert said in text, said
    assert (
        "\x1b[48;2;65;155;223m" in text
    )  # a block of the colour of water, which click takes out of files
    assert max(map(len, map(click.unstyle, describe(card, "abc123")))) <= 120


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundle"))


def test_show_prints_the_card_for_people_and_for_programs(bundle: Path) -> None:
    shown = CliRunner().invoke(models, ["show", str(bundle)])
    assert (shown.exit_code, shown.output.splitlines()[0]) == (0, "test-model")
    item = CliRunner().invoke(models, ["show", str(bundle), "--json"])
    assert json.loads(item.output) == json.loads((bundle / "card.json").read_text(encoding="utf-8"))


def test_list_has_a_row_for_each_model_that_ships() -> None:
    from geoseg.models import list_masks, list_models

    for arguments in ([], ["list"]):
        lines = CliRunner().invoke(models, arguments).output.splitlines()
        assert lines[0].split() == ["model", "sensor", "bands", "pixels", "classes", "score"]
        assert [line.split()[0] for line in lines[1:]] == [
            bundle.card.name for bundle in [*list_models(), *list_masks()]
        ]


def test_list_tells_programs_which_models_fit_a_scene(tmp_path: Path) -> None:
    scene = write(tmp_path / "a.tif", reflectances(9, 20, 20), cards.S2.band_names)
    done = CliRunner().invoke(models, ["list", "--for", scene, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["scene"].startswith("Sentinel-2, 9 bands")
    fits = {model["name"]: model["fits"] for model in found["models"]}
    assert (fits["landcover-s2"], fits["landcover-rgb"]) == (True, False)
    rgb = next(model for model in found["models"] if model["name"] == "landcover-rgb")
    assert "uint8" in rgb["why_not"]
    assert (rgb["classes"][0]["name"], set(rgb["classes"][0])) == (
        "water",
        {"value", "name", "colour"},
    )


def test_list_tells_people_which_models_fit_a_scene(tmp_path: Path) -> None:
    scene = write(tmp_path / "a.tif", reflectances(9, 20, 20), cards.S2.band_names)
    lines = CliRunner().invoke(models, ["list", "--for", scene]).output.splitlines()
    assert "landcover-s2: fits" in lines
    assert any(line.startswith("landcover-rgb: does not fit: ") for line in lines)


def test_list_reads_the_scene_as_it_is_told_to(tmp_path: Path) -> None:
    scene = write(tmp_path / "a.tif", reflectances(9, 20, 20), [""] * 9)
    told = ["--bands", ",".join(map(str, range(1, 10)))]
    for arguments, expected in (([], False), (told, True)):
        done = CliRunner().invoke(models, ["list", "--json", "--for", scene, *arguments])
        assert done.exit_code == 0, done.output
        fits = {model["name"]: model["fits"] for model in json.loads(done.output)["models"]}
        assert fits["landcover-s2"] is expected
