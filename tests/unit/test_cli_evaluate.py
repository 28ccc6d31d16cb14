"""The commands evaluate and sample, as users start them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import rasters
from bundles import make_bundle
from commands import last_line, run

from geoseg.cli import run as geoseg
from geoseg.core.card import NODATA
from geoseg.core.errors import InputError
from geoseg.evaluation.pairs import match_folders, read_pairs

RNG = np.random.default_rng(1)
TRUTH = RNG.integers(0, 3, (8, 10)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
MAPPED = np.where(RNG.random(TRUTH.shape) < 0.1, 2, TRUTH).astype(np.uint8)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    truth = rasters.write(tmp_path / "truth.tif", TRUTH[None], nodata=NODATA)
    return rasters.write(tmp_path / "map.tif", MAPPED[None], nodata=NODATA), truth


class Page(HTMLParser):
    """What a page is made of, and what it asks of others."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.process
def test_a_pair_gives_tables_json_and_a_page(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    confidence = rasters.write(
        tmp_path / "c.tif", RNG.integers(20, 101, TRUTH.shape).astype(np.uint8)[None]
    )
    done = run(
        "evaluate",
        *files,
        "--confidence",
        confidence,
        "--json",
        tmp_path / "o.json",
        "--report",
        tmp_path / "o.html",
    )
    assert done.returncode == 0, done.stderr
    assert "mean IoU" in done.stdout
    assert "truth \\ map" in done.stdout
    data = json.loads((tmp_path / "o.json").read_text())
    assert data["metrics"]["accuracy"] == pytest.approx((TRUTH == MAPPED).mean(), abs=1e-6)
    assert sum(b["pixels"] for b in data["reliability"]["bins"]) == TRUTH.size
    page = Page((tmp_path / "o.html").read_text(encoding="utf-8"))
    assert {"svg", "table"} <= page.tags
    assert "script" not in page.tags
    assert not page.links  # nothing beside the page
    assert geoseg(["evaluate", *files, "--json", str(tmp_path / "o.json")]) == 2
    assert "exists already" in last_line(capsys.readouterr().err)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(
        json.dumps({side: {"0": "<script>x</script>"} for side in ("map", "truth")})
    )
    path = rasters.write(tmp_path / "m.tif", MAPPED[None])
    status = geoseg(
        [
            "evaluate",
            path,
            path,
            "--classes",
            str(tmp_path / "c.json"),
            "--quiet",
            "--report",
            str(tmp_path / "o.html"),
        ]
    )
    assert status == 0
    assert "script" not in Page((tmp_path / "o.html").read_text(encoding="utf-8")).tags


def test_a_scene_and_a_model_make_the_map_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_bundle(tmp_path / "model")
    scene = rasters.write(
        tmp_path / "scene.tif", rasters.colours(96, 80), transform=(1.0, 0, 500_000, 0, -1.0, 5e6)
    )
    assert (
        geoseg(
            ["predict", scene, "--out", str(tmp_path / "m.tif"), "--model", str(model), "--quiet"]
        )
        == 0
    )
    arguments = [
        "evaluate",
        scene,
        str(tmp_path / "m.tif"),
        "--model",
        str(model),
        "--quiet",
        "--device",
        "cpu",
    ]
    assert geoseg([*arguments, "--json", str(tmp_path / "o.json")]) == 0
    data = json.loads((tmp_path / "o.json").read_text())
    assert data["metrics"]["accuracy"] == 1
    assert data["reliability"]["ece"] is not None
    assert "mapped by" in data["map"]
    assert "ECE" in capsys.readouterr().out
    (tmp_path / "pairs.csv").write_text("map,truth\nscene.tif,m.tif\nscene.tif,m.tif\n")
    pairs = [
        "evaluate",
        "--pairs",
        str(tmp_path / "pairs.csv"),
        "--model",
        str(model),
        "--quiet",
        "--device",
        "cpu",
    ]
    assert geoseg(pairs) == 0
    assert capsys.readouterr().out.count("\nscene.tif ") == 2
    part = (
        "POLYGON ((500010 4999990, 500050 4999990, 500050 4999950, 500010 4999950, 500010 4999990))"
    )
    more = ["--bands", "1,2,3", "--aoi", part, "--tile", "64", "--boundary", "off"]
    assert geoseg([*arguments, *more, "--json", str(tmp_path / "p.json")]) == 0
    assert json.loads((tmp_path / "p.json").read_text())["pixels"] == 40 * 40


def test_many_pairs_have_a_total(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "maps").mkdir()
    (tmp_path / "truths").mkdir()
    for i in range(3):
        rasters.write(tmp_path / f"maps/{i}.tif", np.roll(MAPPED, i, 0)[None])
        rasters.write(tmp_path / f"truths/{i}.tif", TRUTH[None])
    rasters.write(tmp_path / "truths/9.tif", TRUTH[None])
    folders = [str(tmp_path / "maps"), str(tmp_path / "truths")]
    assert (
        geoseg(
            [
                "evaluate",
                *folders,
                "--json",
                str(tmp_path / "o.json"),
                "--report",
                str(tmp_path / "o.html"),
            ]
        )
        == 0
    )
    assert "1 files of" in capsys.readouterr().err
    data = json.loads((tmp_path / "o.json").read_text())
    assert [pair["pixels"] for pair in data["pairs"]] == [TRUTH.size] * 3
    assert data["total"]["pixels"] == 3 * TRUTH.size
    (tmp_path / "pairs.csv").write_text(
        "map,truth\n" + "".join(f"maps/{i}.tif,truths/{i}.tif\n" for i in range(3))
    )
    assert (
        geoseg(
            ["evaluate", "--pairs", str(tmp_path / "pairs.csv"), "--json", str(tmp_path / "p.json")]
        )
        == 0
    )
    assert (
        json.loads((tmp_path / "p.json").read_text())["total"]["metrics"]
        == data["total"]["metrics"]
    )


@pytest.mark.parametrize(
    "text", ["", "map,truth\n", "a,b\n1,2\n", "map,truth\nx.tif,\n", "map\nx.tif\n", "\udcff"]
)
def test_tables_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.csv").write_text(text, errors="surrogateescape")
    with pytest.raises(InputError, match=r"p\.csv"):
        read_pairs(str(tmp_path / "p.csv"))
    with pytest.raises(InputError, match="no file of"):
        match_folders(str(tmp_path), str(tmp_path.parent), print)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "0 files were given"),
        (["{map}"], "1 files were given"),
        (["{map}", "{truth}", "--pairs", "x.csv"], "--pairs takes no map"),
        (["{map}", "--areas", "x.gpkg"], "--areas takes no map"),
        (["{map}", "{truth}", "--missing", "x"], "--missing x"),
        (
            ["{map}", "{truth}", "--model", "auto", "--confidence", "{map}"],
            "--confidence beside --model",
        ),
        (["{map}", "{truth}", "--confidence", "{rgb}"], "3 bands"),
        (
            ["{map}", "{rgb}"],
            "expected one band of class values; if one of them holds classes, name it with "
            "--truth-band N",
        ),
        (
            ["{map}", "{deep}"],
            "no class in common: the truth has class 1000; expected classes of the map",
        ),
        (
            ["{map}", "{truth}", "--confidence", "{deep}"],
            "holds the values 1000; expected confidence in whole percent",
        ),
        (["{map}", "{truth}", "--scale", "2"], "--scale without --model"),
        (["{map}", "{truth}", "--aoi", "x.gpkg"], "--aoi without --model"),
        (["{map}", "none.tif"], "none.tif does not exist"),
        (["{map}", "none.gpkg"], "none.gpkg cannot be read"),
        (["--areas", "none.gpkg"], "none.gpkg does not exist"),
        (["{map}", "{truth}", "--report", "no/such/folder.html"], "does not exist"),
    ],
)
def test_wrong_words_give_one_line(
    files: tuple[str, str],
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    more = {
        "rgb": rasters.write(tmp_path / "rgb.tif", rasters.colours(*TRUTH.shape)),
        "deep": rasters.write(tmp_path / "deep.tif", np.full((1, *TRUTH.shape), 1000, np.uint16)),
    }
    told = [argument.format(map=files[0], truth=files[1], **more) for argument in arguments]
    assert geoseg(["evaluate", "--quiet", *told]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert "\n" not in error


def test_a_sample_is_planned_drawn_and_not_drawn_twice(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert geoseg(["sample", files[0], "--standard-error", "0.05", "--expect", "0.9"]) == 0
    assert "class 2" in capsys.readouterr().out
    target = str(tmp_path / "s.gpkg")
    draw = ["sample", files[0], "--points", "30", "--minimum", "5", "--out", target]
    assert geoseg(draw) == 0
    assert "30 points in" in capsys.readouterr().err
    assert geoseg(draw) == 2
    assert "exists already" in capsys.readouterr().err
    assert geoseg(["evaluate", "--areas", target]) == 2
    assert "no point of" in last_line(capsys.readouterr().err)


def test_the_worked_example_of_olofsson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Table 8 of the paper as an interpreted sample; what it prints on page 54."""
    names = ["Deforestation", "Forest gain", "Stable forest", "Stable non-forest"]
    counts = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
    pixels = [200_000, 150_000, 3_200_000, 6_450_000]
    points = [
        (i, truth) for i, row in enumerate(counts) for truth, n in enumerate(row) for _ in range(n)
    ]
    with closing(sqlite3.connect(tmp_path / "s.gpkg")) as database, database:
        database.execute(
            "CREATE TABLE geoseg_strata (stratum, name, colour, pixels, area, unit, points)"
        )
        database.execute("CREATE TABLE geoseg_points (id, stratum)")
        database.execute("CREATE TABLE sample (id, truth)")
        rows = [
            (i, name, "", n, n * 900.0, "m2", 75)
            for i, (name, n) in enumerate(zip(names, pixels, strict=True))
        ]
        database.executemany("INSERT INTO geoseg_strata VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        database.executemany(
            "INSERT INTO geoseg_points VALUES (?, ?)", [(n, i) for n, (i, _) in enumerate(points)]
        )
        database.executemany(
            "INSERT INTO sample VALUES (?, ?)", [(n, names[t]) for n, (_, t) in enumerate(points)]
        )
    assert (
        geoseg(
            ["evaluate", "--areas", str(tmp_path / "s.gpkg"), "--report", str(tmp_path / "o.html")]
        )
        == 0
    )
    told = capsys.readouterr().out
    for number in (
        "21,158",
        "6,158",
        "11,686",
        "3,756",
        "285,770",
        "15,510",
        "581,386",
        "16,282",
        "0.947 ± 0.018",
    ):
        assert number in told
    assert "svg" in Page((tmp_path / "o.html").read_text(encoding="utf-8")).tags


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--points N or --standard-error S"),
        (["--points", "5", "--standard-error", "0.1"], "both --points and"),
        (["--points", "0"], "--points 0"),
        (["--points", "9999999"], "--points 9999999"),
        (["--points", "30", "--out", "x.shp"], "ends in .gpkg"),
        (["--points", "30", "--minimum", "20"], "too few for 20"),
        (["--standard-error", "0"], "--standard-error 0.0"),
    ],
)
def test_samples_that_cannot_be(
    files: tuple[str, str], arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert geoseg(["sample", files[0], "--quiet", *arguments]) == 2
    assert message in capsys.readouterr().err
