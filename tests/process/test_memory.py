"""How much memory a map takes, as a process of its own: as much as was asked for, and no PyTorch."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from bundles import make_bundle
from commands import environment
from onnx_graphs import Graph, make_foreign

from geoseg.core.card import Scaling
from geoseg.core.errors import InputError
from geoseg.core.interface import Interface
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.models import find_model, openvino
from geoseg.models.apart import convert_apart
from geoseg.models.engine import EngineError
from geoseg.prediction.pipeline import segment

# the command, and then what it imported
COUNTED = """
import sys
from geoseg.cli import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    status = ended.code
torch = sorted(name for name in sys.modules if name.partition(".")[0] == "torch")
assert not torch, torch[:3]
sys.exit(status)
"""


def write_aerial(path: Path, height: int, width: int) -> Path:
    """Blobs and noise at half a metre, with values that the aerial models know."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(40, 200, (3, height // 32, width // 32)).repeat(32, 1).repeat(32, 2)
    pixels = (coarse + rng.integers(0, 50, coarse.shape)).astype(np.uint8)
    place = rasterio.Affine(0.5, 0, 400_000, 0, -0.5, 5_000_000)
    shape = {"height": height, "width": width, "count": 3, "dtype": "uint8", "tiled": True}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:32632", transform=place, **shape) as to:
        to.write(pixels)
        to.descriptions = ("red", "green", "blue")
    return path


def predict(*arguments: object, cache: Path) -> subprocess.CompletedProcess[str]:
    own = environment() | {"GEOSEG_CACHE": str(cache)}
    command = [sys.executable, "-c", COUNTED, "predict", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env=own, timeout=600, check=False
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the peak counts what came before exec there")
def test_a_model_that_ships_maps_without_pytorch_in_the_memory_asked_for(tmp_path: Path) -> None:
    """From an empty cache: what converts the network is another process."""
    scene = write_aerial(tmp_path / "scene.tif", 1024, 2048)
    out = tmp_path / "map.gpkg"
    asked = ["--max-memory", "800MB", "--device", "cpu", "--force", "--events"]
    done = predict(
        scene, "--model", "landcover-rgb", "--out", out, *asked, cache=tmp_path / "cache"
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    summary = events[-1]["summary"]
    assert summary["engine"] == "openvino"
    assert summary["memory_asked"] == 800 * 10**6
    assert summary["memory_planned"] <= 800 * 10**6
    assert 100 * 10**6 < summary["memory_peak"] <= 800 * 10**6
    assert list((tmp_path / "cache" / "openvino").iterdir())
    with closing(sqlite3.connect(out)) as database:
        assert database.execute("SELECT count(*) FROM map").fetchone()[0] > 0


def test_too_little_is_refused_with_what_is_enough(tmp_path: Path) -> None:
    make_bundle(tmp_path / "model")
    scene = write_aerial(tmp_path / "scene.tif", 256, 256)
    job = Job(
        (str(scene),),
        str(tmp_path / "model"),
        str(tmp_path / "map.tif"),
        options=Options.of(max_memory="150MB", device="cpu"),
    )
    with pytest.raises(InputError, match=r"--max-memory 150MB; expected at least \d+MB"):
        segment(job)
    assert not (tmp_path / "map.tif").exists()


@pytest.mark.parametrize("overlap_policy", ["blend", "crop"])
def test_what_is_under_way_changes_no_byte(tmp_path: Path, overlap_policy: str) -> None:
    """Same tiles: one at a time or two, read ahead or not, in one column band or several."""
    make_bundle(tmp_path / "model")
    scene = write_aerial(tmp_path / "scene.tif", 320, 512)
    maps, planned = [], []
    for size in ("100MB", "4GB"):
        out = tmp_path / f"{size}.tif"
        how = Options.of(max_memory=size, tile=64, device="cpu", overlap_policy=overlap_policy)
        job = Job((str(scene),), str(tmp_path / "model"), str(out), options=how)
        summary = segment(job)
        planned.append(summary.memory_planned)
        with rasterio.open(out) as raster:
            maps.append(raster.read())
    assert planned[0] < planned[1]
    assert np.array_equal(*maps)


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands of the processes that convert."""
    started: list[list[str]] = []
    run = subprocess.run

    def counted(command: list[str], **how: Any) -> Any:
        started.append(command)
        return run(command, **how)

    monkeypatch.setattr("geoseg.models.apart.subprocess.run", counted)
    return started


def test_without_a_cache_another_process_converts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: list[list[str]]
) -> None:
    """For plan and map and all that come after; PyTorch stays out of this process. What the other
    process cannot do is tried, and told, here.
    """
    make_bundle(tmp_path / "model")
    bundle = find_model(str(tmp_path / "model"))
    (tmp_path / "files").mkdir()
    assert not convert_apart(bundle, tmp_path)  # PyTorch is in this process: nothing is gained
    monkeypatch.delitem(sys.modules, "torch")
    assert not apart
    whole = bundle.weights.read_bytes()
    monkeypatch.setenv("GEOSEG_CACHE", "")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "files"))
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, 64, 64)).astype(np.uint8)
    planned = openvino.memory_per_pixel(bundle)
    assert openvino.is_converted(bundle)
    made = [openvino.engine(bundle, bundle.card.scaling).load("fp32", ()) for _ in range(2)]
    scores = [model(pixels, np.ones((1, 64, 64), bool)) for model in made]
    assert len(apart) == 1
    assert not list((tmp_path / "files").iterdir())
    assert "torch" not in sys.modules
    bundle.weights.write_bytes(whole[:100])
    assert not convert_apart(bundle, tmp_path)
    bundle.weights.write_bytes(whole)
    monkeypatch.undo()
    monkeypatch.setenv("GEOSEG_CACHE", str(tmp_path / "cache"))
    kept = openvino.engine(bundle, bundle.card.scaling).load("fp32", ())
    np.testing.assert_array_equal(scores, [kept(pixels, np.ones((1, 64, 64), bool))] * 2)
    assert planned == openvino.memory_per_pixel(bundle)


def test_what_cannot_be_converted_is_tried_once_for_plan_and_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: list[list[str]]
) -> None:
    monkeypatch.setenv("GEOSEG_CACHE", str(tmp_path / "cache"))
    bundle = make_foreign(tmp_path / "model", Graph(smoothed=True, opset=18), Interface())
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    for how in (openvino.memory_per_pixel, lambda one: openvino.engine(one, Scaling())):
        with pytest.raises(EngineError, match="differ from the network's own runtime's"):
            how(bundle)
    assert len(apart) == 1
