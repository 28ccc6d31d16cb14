"""The cache folder: where it is, and that its entries are whole or not there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from geoseg.core.cache import cache_folder, keep


def test_the_folder_is_the_users_choice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEOSEG_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("GEOSEG_CACHE", "")
    assert cache_folder() is None


@pytest.mark.skipif(sys.platform != "linux", reason="the rule of other systems")
def test_without_a_choice_it_is_where_the_system_keeps_such(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GEOSEG_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "geoseg"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "geoseg"


def write(folder: Path) -> None:
    (folder / "file").write_text("whole")


def fail(folder: Path) -> None:
    (folder / "file").write_text("half")
    raise OSError("disk full")


def test_an_entry_is_whole_or_not_there(tmp_path: Path) -> None:
    entry = tmp_path / "deep" / "entry"
    assert not keep(entry, fail)
    assert keep(entry, write)
    assert keep(entry, write)  # as another process may have done meanwhile
    assert (entry / "file").read_text() == "whole"
    assert [path.name for path in entry.parent.iterdir()] == ["entry"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize("rights", [0o700, 0o755, 0o775])
def test_an_entry_can_be_read_by_whoever_can_read_the_folder(tmp_path: Path, rights: int) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    folder.chmod(rights)
    assert keep(folder / "entry", write)
    assert (folder / "entry").stat().st_mode & 0o777 == rights


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not keep(tmp_path / "file" / "entry", write)


def test_an_error_of_the_work_itself_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        keep(tmp_path / "entry", lambda _: 1 / 0)
    assert not list(tmp_path.iterdir())
