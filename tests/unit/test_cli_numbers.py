"""Numbers that no option means: infinite, NaN, beyond anything, in every numeric option of every
command.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import numpy as np
import pytest
from rasters import reflectances, write

from geoseg.cli import COMMANDS, run
from geoseg.core.errors import GeosegError
from geoseg.core.options import Options
from geoseg.training.config import RunConfig

# what each command needs beside the option; nothing is read before the numbers are looked at
USUAL = {
    "predict": "nothing.tif --out nothing.gpkg",
    "check": "nothing.tif",
    "batch run": "{scene} --out-dir {folder}",
    "batch status": "{batch}",
    "vectorize": "nothing.tif --out nothing.gpkg",
    "objects": "nothing.tif nothing.tif --things 1 --out nothing.gpkg",
    "seams": "nothing.tif",
    "bench": "",
    "models add": "nothing.onnx",
    "models list": "--for nothing.tif",
    "calibrate": "nothing.tif nothing.tif --model landcover-rgb --out nothing.json",
    "evaluate": "{map} {map}",
    "sample": "nothing.tif",
    "change": "nothing.tif nothing.tif --out nothing.gpkg",
    "label": "nothing",
    "learn": "nothing",
    "quicklook": "nothing.tif --out nothing.png",
    "view": "nothing.tif",
    "train": "--scenes nothing.tif --labels nothing.tif --classes a=1,b=2",
}
BESIDE = {
    ("evaluate", "--scale"): "--model landcover-rgb",
    ("evaluate", "--offset"): "--model landcover-rgb",
    ("evaluate", "--tile"): "--model landcover-rgb",
    ("evaluate", "--bands"): "--model landcover-rgb",
    ("change", "--scale"): "--model landcover-rgb",
    ("change", "--offset"): "--model landcover-rgb",
    ("change", "--tile"): "--model landcover-rgb",
    ("change", "--bands"): "--model landcover-rgb",
    ("sample", "--minimum"): "--points 9",
    ("sample", "--seed"): "--points 9",
}
VALUES = ("-inf", "inf", "nan", "1e300", "-1e308", "1e308", "9" * 30, "9" * 5000, "²", "")


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for inner, found in command.commands.items():
            yield from commands(found, f"{name} {inner}")
    else:
        yield name, command


def numeric() -> Iterator[tuple[str, str]]:
    """Every command and option that takes a number, or numbers."""
    for name, (place, _) in COMMANDS.items():
        module, _, attribute = place.partition(":")
        for path, command in commands(getattr(import_module(module), attribute), name):
            for option in command.params:
                numbers = isinstance(
                    option.type, click.types.IntParamType | click.types.FloatParamType
                )
                listed = "N,N" in str(option.metavar) and option.name not in ("ignore", "zonal")
                if isinstance(option, click.Option) and (numbers or listed) and not option.is_flag:
                    yield path, option.opts[0]


FOUND = sorted(set(numeric()))


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("numbers")
    scene = Path(write(folder / "scene.tif", reflectances(3, 40, 40), ("B02", "B03", "B04")))
    classes = Path(
        write(folder / "map.tif", np.arange(4, dtype=np.uint8).repeat(400).reshape(1, 40, 40))
    )
    return {"scene": scene, "map": classes, "folder": folder / "maps", "batch": folder / "none"}


def test_every_command_with_numbers_is_here() -> None:
    assert {command for command, _ in FOUND} == set(USUAL)
    assert len(FOUND) > 60


@pytest.mark.parametrize(("command", "option"), FOUND, ids="".join)
def test_it_is_refused_by_name(
    command: str, option: str, places: dict[str, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    usual = f"{USUAL[command]} {BESIDE.get((command, option), '')}".format_map(places).split()
    if option == "--nodata":  # a real64 scene may have it: what it holds decides
        usual[0] = str(places["scene"])
        usual += ["--force"] if command in ("predict", "check") else []
    for value in VALUES:
        if (command, option) == ("batch run", "--nodata") and value in (
            "1e300",
            "-1e308",
            "1e308",
            "9" * 30,
        ):
            continue  # told of the scene, when it is mapped
        shutil.rmtree(places["folder"], ignore_errors=True)
        status = run([*command.split(), *usual, f"{option}={value}"])
        told = capfd.readouterr().err.splitlines()[-1]
        assert (status, told.startswith("geoseg: error: ")) == (2, True), (value, told)
        assert "internal error" not in told
        assert option.lstrip("-").replace("-", "_") in told.replace("-", "_").replace(
            "training.", ""
        ), (value, told)


def test_python_refuses_them_too() -> None:
    for name in (
        "tile",
        "max_tile",
        "overlap",
        "batch",
        "read_threads",
        "smooth",
        "majority",
        "connectivity",
    ):
        with pytest.raises(GeosegError, match=name.replace("_", "-")):
            Options.of(**{name: 10**30})
    for name in ("scale", "offset", "min_area", "simplify", "fill_holes", "min_agreement"):
        for value in (float("nan"), float("inf"), 1e300, -1e308):
            with pytest.raises(GeosegError, match=name.replace("_", "-")):
                Options.of(**{name: value})


def test_a_training_does_not_start_a_million_threads() -> None:
    with pytest.raises(GeosegError, match="threads = 1000000; expected at most 1,024"):
        RunConfig(threads=1_000_000)
