"""`geoseg label` as a command: workspaces made, told, filled, carried elsewhere.

One workspace is made and filled by processes of their own; all else is the same door called in the
tests' process, for starting a process takes longer than what it does.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from commands import last_line, run
from rasters import UTM33, colours, write

import geoseg.cli
from geoseg.core.errors import InputError
from geoseg.labelling.classes import read_class_list
from geoseg.labelling.workspace import create_workspace, open_workspace, read_labels

X, Y = UTM33[2], UTM33[5]


Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """The command line in this process, as `commands.run` starts it in another."""

    def called(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        texts = [str(argument) for argument in arguments]
        with monkeypatch.context() as patch:
            patch.chdir(cwd)
            capfd.readouterr()
            status = geoseg.cli.run(texts)
        return subprocess.CompletedProcess(texts, status, *capfd.readouterr())

    return called


def scene(folder: Path, name: str = "scene") -> str:
    return write(folder / f"{name}.tif", colours(40, 50))


def drawn(path: Path, *names: str) -> Path:
    shapes = [shapely.box(X + 10 * i, Y - 20, X + 10 * i + 10, Y) for i in range(len(names))]
    gpd.GeoDataFrame({"kind": names}, geometry=shapes, crs="EPSG:32633").to_file(path)
    return path


def test_a_workspace_from_the_command_line(tmp_path: Path) -> None:
    scene(tmp_path)
    done = run(
        "label", "scene.tif", "--classes", "water,trees=#228833", "--out", "work", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "water" in done.stdout
    file = drawn(tmp_path / "fields.gpkg", "Wald", "water", "Weg")
    done = run(
        *("label", "work", "--import", file, "--map", "Wald=trees", "--map", "Weg="),
        *("--author", "Ada", "--json"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(last_line(done.stdout))
    assert [(one["value"], one["name"], one["labels"]) for one in told["classes"]] == [
        (1, "water", 1),
        (2, "trees", 1),
    ]
    assert told["authors"] == {"Ada": 2}
    assert "left out: 1 left out by --map" in done.stderr
    (tmp_path / "sub").mkdir()
    (tmp_path / "scene.tif").rename(tmp_path / "sub" / "scene.tif")
    done = run("label", "work", "--import", file, "--column", "kind", cwd=tmp_path)
    assert done.returncode == 2
    assert "scenes are missing" in last_line(done.stderr)
    done = run("label", "work", "--scene", "scene=sub/scene.tif", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert open_workspace(tmp_path / "work").scenes[0].path == str(tmp_path / "sub" / "scene.tif")


def test_classes_of_a_model_of_train_and_of_a_file(tmp_path: Path, call: Call) -> None:
    scene(tmp_path)
    config = tmp_path / "classes.toml"
    config.write_text(
        '[data]\nscenes = ["a"]\nlabels = ["b"]\n'
        '[[classes]]\nvalue = 3\nname = "a"\n[[classes]]\nvalue = 5\nname = "b"\ncolour = "#00ff00"\n'
    )
    for i, (text, values) in enumerate(
        (("landcover-rgb", [0, 1, 2, 3, 4, 5]), ("a=3:#00ff00,b=9", [3, 9]), (str(config), [3, 5]))
    ):
        done = call("label", "scene.tif", "--classes", text, "--out", f"w{i}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        made = open_workspace(tmp_path / f"w{i}")
        assert [label.value for label in made.classes] == values
    for text in ("nothing-such", "water", "a=1,a=2", "a|b=1,c=2", "a=999,b=1", "a=#zz,b", ","):
        with pytest.raises(InputError):
            create_workspace(tmp_path / "bad", [tmp_path / "scene.tif"], read_class_list(text))
        assert not (tmp_path / "bad").exists()


def test_options_that_mean_nothing_are_refused(tmp_path: Path, call: Call) -> None:
    scene(tmp_path)
    call("label", "scene.tif", "--classes", "a,b", "--out", "work", cwd=tmp_path)
    for arguments in (
        ("scene.tif", "--out", "x"),
        ("scene.tif", "--classes", "a,b"),
        ("work", "--start", "landcover-rgb"),
        ("work", "--column", "x"),
        ("work", "other"),
        ("scene.tif",),
        ("work", "--import", "none.gpkg"),
        ("work", "--import", "scene.tif"),
        ("work", "--scene", "scene"),
    ):
        done = call("label", *arguments, cwd=tmp_path)
        assert done.returncode == 2, arguments
        assert done.stderr.startswith("geoseg: error: ")
    assert not len(read_labels(open_workspace(tmp_path / "work")))


def test_two_people_and_two_desks(tmp_path: Path, call: Call) -> None:
    scene(tmp_path)
    for name in ("ada", "bo"):
        call("label", "scene.tif", "--classes", "water,trees", "--out", name, cwd=tmp_path)
    file = drawn(tmp_path / "a.gpkg", "water", "water", "trees")
    call("label", "ada", "--import", file, "--author", "Ada", cwd=tmp_path)
    file = drawn(tmp_path / "b.gpkg", "water", "trees", "trees")
    call("label", "bo", "--import", file, "--author", "Bo", cwd=tmp_path)
    done = call("label", "ada", "--merge", "bo", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(last_line(done.stdout))
    assert told["authors"] == {"Ada": 3, "Bo": 3}
    (pair,) = told["agreement"]
    assert (pair["authors"], pair["pixels"]) == (["Ada", "Bo"], 6)
    assert abs(pair["kappa"] - 0.4) < 1e-9  # two thirds agree, 4/9 would by chance
    assert len(gpd.read_file(tmp_path / "ada" / "disagreement.gpkg")) == 1
    done = call("label", "ada", "--export", "work.zip", "--with-scenes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert call("label", "ada", "--export", "work.zip", cwd=tmp_path).returncode == 2
    desk = tmp_path / "desk"
    desk.mkdir()
    done = call("label", "../work.zip", "--out", "work", cwd=desk)
    assert done.returncode == 0, done.stderr
    assert len(read_labels(open_workspace(desk / "work"))) == 6
    assert "warning" not in done.stderr


def test_a_training_from_a_workspace(tmp_path: Path, call: Call) -> None:
    """Patches of two colours are labelled, and what lies between them is unknown."""
    side = 128
    pixels = np.empty((3, side, side), np.uint8)
    pixels[:, :, : side // 2] = np.array([200, 30, 30])[:, None, None]
    pixels[:, :, side // 2 :] = np.array([30, 30, 200])[:, None, None]
    pixels += np.random.default_rng(1).integers(0, 20, pixels.shape, np.uint8)
    write(tmp_path / "scene.tif", pixels)
    call("label", "scene.tif", "--classes", "red,blue", "--out", "work", cwd=tmp_path)
    rows = [(i, j) for i in range(0, side, 16) for j in range(0, side, 16)]
    shapes = [
        shapely.box(X + 10 * j + 20, Y - 10 * i - 80, X + 10 * j + 80, Y - 10 * i - 20)
        for i, j in rows
    ]
    names = ["red" if j < side // 2 else "blue" for _, j in rows]
    frame = gpd.GeoDataFrame({"class": names}, geometry=shapes, crs="EPSG:32633")
    frame.to_file(tmp_path / "drawn.gpkg")
    call("label", "work", "--import", "drawn.gpkg", cwd=tmp_path)
    done = run(
        *("train", "--workspace", "work", "--out", "model", "--architecture", "halfsize"),
        *("--steps", "30", "--crop", "32", "--batch", "4", "--validate-every", "15"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    done = call("train", "--workspace", "work", "--classes", "a=1,b=2", "--out", "m", cwd=tmp_path)
    assert done.returncode == 2
    done = call("predict", "scene.tif", "--model", "model", "--out", "map.tif", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with rasterio.open(tmp_path / "map.tif") as raster:
        found = raster.read(1)
    assert (found[:, :56] == 1).mean() > 0.9
    assert (found[:, 72:] == 2).mean() > 0.9
