"""Options are written once: every door takes the same names, and former ones for one version."""

from __future__ import annotations

import json
import warnings
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import click
import pytest
from rasters import reflectances, write

import geoseg
from geoseg.batches.plan import Recipe, create_batch, open_batch
from geoseg.cli import run
from geoseg.core.errors import InputError
from geoseg.core.options import FORMER, GROUPS, OPTIONS, Option, Options

RENAMED = {"policy": "crop", "largest": 512, "readers": 3}


def test_each_option_is_in_one_group_and_says_all_that_doors_need() -> None:
    assert len(OPTIONS) == sum(len(fields(kind)) for kind in GROUPS.values())
    assert list(Options().flat()) == list(OPTIONS)
    for name, known in OPTIONS.items():
        option: Option = known.metadata["option"]
        assert option.help.endswith(".")
        assert option.takes(known.default), name
        assert (option.least is None) == (option.most is None)
        limited = option.least is not None
        assert not limited or option.expected


def test_of_and_but_distribute_the_names() -> None:
    options = Options.of(tile=512, bands=[3, 2, 1], device="cpu", aoi=Path("area.gpkg"))
    assert options.tiles.tile == 512
    assert options.reading.bands == (3, 2, 1)
    assert options.reading.aoi == "area.gpkg"
    assert options.but(tile=None, device="auto").flat() == Options().flat() | {
        "bands": (3, 2, 1),
        "aoi": "area.gpkg",
    }
    with pytest.raises(InputError, match="unknown option: tiles; expected one of tile, max_tile"):
        Options.of(tiles=512)


@pytest.mark.parametrize("name", RENAMED)
def test_former_keywords_work_and_warn_where_they_are_used(name: str) -> None:
    now = FORMER[name]
    said = f"--{name} is called --{now.replace('_', '-')} now"
    with pytest.warns(DeprecationWarning, match=said) as told:
        options = Options.of(**{name: RENAMED[name]})
    assert options == Options.of(**{now: RENAMED[name]})
    assert Path(told[0].filename) == Path(__file__)
    with (
        pytest.warns(DeprecationWarning, match=said) as told,
        pytest.raises(InputError, match="nothing"),
    ):
        geoseg.predict("nothing.tif", "nothing.gpkg", **{name: RENAMED[name]})
    assert Path(told[0].filename) == Path(__file__)


@pytest.mark.parametrize("name", RENAMED)
def test_an_option_is_not_given_under_both_of_its_names(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    now = FORMER[name]
    said = f"--{name} beside --{now.replace('_', '-')}"
    with pytest.raises(InputError, match=said):
        Options.of(**{name: RENAMED[name], now: RENAMED[name]})
    spelled = [f"--{name}", str(RENAMED[name]), f"--{now.replace('_', '-')}", str(RENAMED[name])]
    assert run(["predict", "scene.tif", "--out", "map.tif", *spelled]) == 2
    assert said in capfd.readouterr().err


@pytest.mark.parametrize("name", ["policy", "largest"])
def test_former_spellings_work_on_the_command_line(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene = write(tmp_path / "scene.tif", reflectances(3, 80, 80), ("B02", "B03", "B04"))
    former, now = f"--{name}", f"--{FORMER[name].replace('_', '-')}"
    said = f"{former} is called {now} now"
    usual = ["predict", scene, "--model", "landcover-s2", "--force", "--out"]
    for i, spelling in enumerate((former, now)):
        out = str(tmp_path / f"{i}.tif")
        value = str(RENAMED[name])
        assert run([*usual, out, spelling, value]) == 2  # its bands do not fit the model
        assert (said in capfd.readouterr().err) == (spelling == former)
    assert run([*usual, "0.tif", former, "-1", "--events"]) == 2
    events = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert said in events[0]["text"]
    assert events[0]["event"] == "warned"
    assert f"{now} -1" in events[-1]["found"]


def test_a_former_spelling_without_its_number_is_warned_of_too(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(["predict", "scene.tif", "--out", "map.tif", "--largest", "x"]) == 2
    warning, error = capfd.readouterr().err.splitlines()
    assert warning.startswith("warning: --largest is called --max-tile now")
    assert error.startswith("geoseg: error: ")
    assert "'x'" in error


def test_former_spellings_are_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    for command in ("predict", "batch run", "seams"):
        assert run([*command.split(), "--help"]) == 0
        shown = capfd.readouterr().out
        assert "--overlap-policy" in shown
        assert "--policy" not in shown
        assert "--largest" not in shown


def test_a_batch_of_the_former_version_goes_on(tmp_path: Path) -> None:
    batch = create_batch(tmp_path, Recipe("m", {"m": "0" * 64}, ("tif",)))
    file = tmp_path / "batch.json"
    held = json.loads(file.read_text())
    options = held["recipe"]["options"]
    former = {now: name for name, now in FORMER.items()}
    held["recipe"]["options"] = {former.get(name, name): value for name, value in options.items()}
    assert "policy" in held["recipe"]["options"]
    file.write_text(json.dumps(held))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_batch(tmp_path).recipe == batch.recipe


@pytest.mark.parametrize("command", ["predict", "seams", "bench", "evaluate", "vectorize"])
def test_commands_have_the_options_as_they_are_written(command: str) -> None:
    found = getattr(import_module(f"geoseg.cli.{command}"), command)
    shared = [param for param in found.params if param.name in OPTIONS and param.help]
    assert len(shared) >= 6
    for param in shared:
        assert isinstance(param, click.Option)
        option: Option = OPTIONS[param.name].metadata["option"]
        if command != "predict" and param.name in ("overwrite", "zonal", "square", "mask"):
            continue  # of other outputs, other bands, other classes, an area
        assert option.help[1:] in str(param.help)
