"""Folders in archives, listed as they are on disk."""

from __future__ import annotations

import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from geoseg.raster.places import Folder, Place, search_place
from geoseg.raster.stores import DEEPEST, _Archive, open_archive

paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


@given(st.frozensets(paths, max_size=8))
def test_folders_of_an_archive_hold_what_their_paths_say(members: frozenset[str]) -> None:
    top = Folder("", _Archive("x.zip", members))
    folders = top.folders()
    expected = {""} | {
        path[:end] for path in members for end, letter in enumerate(path) if letter == "/"
    }
    assert {folder.path for folder in folders} == expected
    assert [f.path.count("/") for f in folders[1:]] == sorted(
        f.path.count("/") for f in folders[1:]
    )
    for folder in folders:
        begins = f"{folder.path}/" if folder.path else ""
        inner = {path[len(begins) :] for path in members if path.startswith(begins)}
        assert folder.names() == sorted({path.partition("/")[0] for path in inner})
        for name in "abc":
            assert folder.has_folder(name) == any(path.startswith(f"{name}/") for path in inner)


def test_folders_inside_of_what_was_found_are_not_looked_at() -> None:
    members = frozenset({"x/here", "x/y/here", "x/y/z/here", "xy/here", "y/z"})
    top = Place(Folder("", _Archive("x.zip", members)))
    found = search_place(top, lambda place: place.folder.has("here") or None)
    assert [place.folder.path for place, _ in found] == ["x", "xy"]


def test_archives_of_very_many_or_very_deep_folders_cost_no_more_than_their_names(
    tmp_path: Path,
) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(20_000):  # each was held against all
            archive.writestr(f"{number}/x", "")
        for number in range(20):  # 20 times 2 GB of names of folders, were they all listed
            archive.writestr("a/" * 30_000 + str(number), "")
        archive.writestr("a/" * DEEPEST + "x", "")
    top = Folder("", open_archive(str(tmp_path / "x.zip")))
    assert len(top.folders()) == 1 + 20_000 + DEEPEST
    found = search_place(Place(top), lambda place: place.folder.has("x") or None)
    assert len(found) == 20_001
