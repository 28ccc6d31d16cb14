"""A pipe, a device, a folder, an empty file, and one nested without end, as any file that a
command reads.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from rasters import reflectances, write

from geoseg.cli import run

READS = {
    "scene": "predict {odd} --out {out}.tif",
    "aoi": "predict {scene} --aoi {odd} --force --out {out}.tif",
    "vectorize": "vectorize {odd} --out {out}.gpkg",
    "mask": "vectorize {map} --mask {odd} --out {out}.gpkg",
    "confidence": "vectorize {map} --confidence {odd} --out {out}.gpkg",
    "zonal": "vectorize {map} --zonal {odd} --out {out}.gpkg",
    "map": "evaluate {odd} {map}",
    "truth": "evaluate {map} {odd}",
    "pairs": "evaluate --pairs {odd}",
    "areas": "evaluate --areas {odd}",
    "classes": "evaluate {map} {map} --classes {odd}",
    "sample": "sample {odd} --points 9",
    "config": "train {odd} --out {out}",
    "labels": "train --scenes {scene} --labels {odd} --classes a=1,b=2 --out {out}",
    "samples": "train --samples {odd} --classes a=1,b=2 --out {out}",
    "pretrained": "train --scenes {scene} --labels {map} --classes a=0,b=1,c=2,d=3 --crop 16 "
    "--out {out}"
    " --pretrained {odd}",
    "card": "models show {model}",
    "list": "batch {odd} --out-dir {out}",
    "for": "models list --for {odd}",
    "check": "check {odd}",
}
SUFFIXES = {
    "pretrained": ".pth",
    "list": ".json",
    "aoi": ".gpkg",
    "mask": ".gpkg",
    "truth": ".gpkg",
    "labels": ".gpkg",
}


def make(kind: str, path: Path) -> Path:
    """Make the odd file, or return the device."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        deep = "[" * 100_000
        path.write_text(f"value = {deep}" if path.suffix == ".toml" else deep)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "empty", "deep"])
@pytest.mark.parametrize("what", READS)
def test_it_is_refused_in_one_line(
    what: str, kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    suffix = ".toml" if what == "config" else SUFFIXES.get(what, "")
    model = tmp_path / "model"
    model.mkdir()
    odd = make(kind, model / "card.json" if what == "card" else tmp_path / f"odd{suffix}")
    (model / "model.safetensors").touch()
    places = {
        "odd": odd,
        "model": model,
        "out": tmp_path / "out",
        "scene": write(tmp_path / "scene.tif", reflectances(3, 40, 40), ("B02", "B03", "B04")),
        "map": write(
            tmp_path / "map.tif", np.arange(4, dtype=np.uint8).repeat(400).reshape(1, 40, 40)
        ),
    }
    if what == "config" and kind == "empty":
        return  # an empty configuration is one, and lacks its classes
    status = run(READS[what].format_map(places).split())
    told = capfd.readouterr().err
    last = told.splitlines()[-1]
    assert (status, last.startswith("geoseg: error: "), "internal error" in told) == (
        2,
        True,
        False,
    ), told
    assert "ERROR 1" not in told
    assert kind != "pipe" or "is a named pipe" in last
    assert kind != "device" or "is a device" in last


@pytest.mark.parametrize(
    "transform",
    [
        (float("inf"), 0, 0, 0, -1, 0),
        (1, 0, float("nan"), 0, -1, 0),
        (1, 0, 0, 0, -1, float("-inf")),
        (1e300, 0, 0, 0, -1e300, 0),
        (1, 0, 1.7e308, 0, -1, 1.7e308),
        (1, 1, 0, 1, 1, 0),
        (1e-200, 0, 0, 0, 1e-200, 0),
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        "predict {0} --bands 1,2,3 --model landcover-rgb --force --out {1}.tif",
        "vectorize {0} --out {1}.gpkg",
        "evaluate {0} {0}",
        "sample {0} --points 9",
    ],
)
def test_a_place_that_is_none_is_refused(
    words: str, transform: tuple[float, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pixels = (
        np.random.default_rng(0)
        .integers(0, 200, (3 if "predict" in words else 1, 40, 40))
        .astype(np.uint8)
    )
    pixels[:, :9] = 1
    odd = write(tmp_path / "odd.tif", pixels, transform=transform)
    assert run(words.format(odd, tmp_path / "out").split()) == 2
    told = capfd.readouterr().err
    assert "internal error" not in told
    assert "has a georeference" in told.splitlines()[-1]
