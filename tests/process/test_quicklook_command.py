"""`geoseg quicklook` as a command: what it writes, and what it never writes over."""

from __future__ import annotations

from pathlib import Path

import commands
import numpy as np
from PIL import Image
from rasters import write


def width_of(path: Path) -> int:
    with Image.open(path) as picture:
        return picture.width


def test_a_picture_is_written_and_replaced_only_when_asked(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(1, 4, (1, 40, 60)).astype(np.uint8)
    tags = {"geoseg_classes": '{"1": "water", "2": "trees", "3": "built"}'}
    path = write(tmp_path / "map.tif", pixels, tags=tags)
    out = tmp_path / "map.png"
    done = commands.run("quicklook", path, "--out", out, "--width", "400")
    assert done.returncode == 0, done.stderr
    first = out.read_bytes()
    assert width_of(out) == 400
    again = commands.run("quicklook", path, "--out", out, "--width", "500")
    assert again.returncode == 2
    assert "--overwrite" in again.stderr
    assert out.read_bytes() == first
    replaced = commands.run("quicklook", path, "--out", out, "--width", "500", "--overwrite")
    assert replaced.returncode == 0, replaced.stderr
    assert width_of(out) == 500
    assert sorted(file.name for file in tmp_path.iterdir()) == ["map.png", "map.tif"]


def test_what_is_drawn_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    Image.fromarray(np.full((40, 60), 7, np.uint8)).save(path)
    before = path.read_bytes()
    link = tmp_path / "link.png"
    link.symlink_to(path)
    for out in (path, link):
        done = commands.run("quicklook", path, "--out", out, "--overwrite")
        assert done.returncode == 2
        assert "input" in done.stderr
        assert path.read_bytes() == before


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    done = commands.run("quicklook", "x.tif", "--out", tmp_path / "map.jpg")
    assert done.returncode == 2
    assert "ends in .png" in done.stderr
