"""What a workspace can make again is bounded, and what was used last stays."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from geoseg.labelling.thin import thin_files, thin_folders, use


@settings(max_examples=15)
@given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 200), st.data())
def test_the_files_that_were_used_last_stay(
    tmp_path_factory, sizes: list[int], most: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    (folder / "a").mkdir()
    (folder / "areas.gpkg").write_bytes(b"x" * 999)
    times = data.draw(st.permutations(range(len(sizes))))
    for number, (size, time) in enumerate(zip(sizes, times, strict=True)):
        path = folder if number % 2 else folder / "a"
        (path / f"{number}.npz").write_bytes(b"x" * size)
        os.utime(path / f"{number}.npz", (time, time))
    thin_files(folder, "*.npz", most)
    left = {int(path.stem) for path in folder.rglob("*.npz")}
    newest = sorted(range(len(sizes)), key=lambda number: -times[number])
    wanted = sum(sizes[number] for number in left)
    assert wanted <= most
    # what went is older than all that stays, and would not have had room
    assert set(newest[: len(left)]) == left
    if len(left) < len(sizes):
        assert wanted + sizes[newest[len(left)]] > most
    assert (folder / "areas.gpkg").stat().st_size == 999


def test_folders_that_are_used_stay_and_others_are_let_alone(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "samples.csv").write_text("scene,label\n")
        os.utime(tmp_path / str(number), (number, number))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    use(tmp_path / "0")
    thin_folders(tmp_path, "samples.csv", 2)
    assert {path.name for path in tmp_path.iterdir()} == {"0", "4", "mine"}
    thin_folders(tmp_path / "none", "samples.csv", 2)
    thin_files(tmp_path / "none", "*.npz", 0)
