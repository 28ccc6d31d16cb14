"""Rows of a table are counted as SQLite counts them, and what is damaged is not counted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.vector.writers import sqlite_pages
from geoseg.vector.writers.sqlite_pages import count_rows


def write(path: Path, page: int, rows: int, size: int, removed: int = 0) -> int:
    """A database with a table of blobs between those of another; return the table's root page."""
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA page_size = {page}")
        for name in ("map", "other"):
            database.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, data BLOB)")
        for row in range(rows):
            for name in ("map", "other"):
                database.execute(f"INSERT INTO {name} VALUES (NULL, zeroblob(?))", [row % 7 * size])
        database.execute("DELETE FROM map WHERE id <= ?", [removed])
        database.commit()
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'map'"
        return int(database.execute(query).fetchone()[0])


@given(
    st.sampled_from([512, 1024, 4096]),
    st.integers(0, 1500),
    st.sampled_from([0, 10, 300]),
    st.integers(0, 700),
)
def test_rows_are_counted_as_sqlite_counts_them(
    page: int, rows: int, size: int, removed: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "map.db"
        root = write(path, page, rows, size, removed)
        with closing(sqlite3.connect(path)) as database:
            (expected,) = database.execute("SELECT count(*) FROM map").fetchone()
        with path.open("rb") as file:
            assert count_rows(file, page, root) == expected == max(0, rows - removed)


def test_pages_are_read_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many lie near each other."""
    root = write(tmp_path / "map.db", 512, 3000, 20)
    for room in (1, 512, 5000, 1 << 20):
        monkeypatch.setattr(sqlite_pages, "ROOM", room)
        with (tmp_path / "map.db").open("rb") as file:
            assert count_rows(file, 512, root) == 3000


@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=40))
def test_a_damaged_tree_ends_with_an_error_or_a_number(at: int, noise: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "map.db"
        root = write(path, 512, 400, 10)
        data = bytearray(path.read_bytes())
        at %= len(data) - len(noise)
        data[at : at + len(noise)] = noise
        path.write_bytes(data)
        with path.open("rb") as file:
            try:
                found = count_rows(file, 512, root)
            except ValueError:
                return
        assert 0 <= found <= 10**7


def test_a_tree_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    page = np.zeros(512, np.uint8)
    page[0] = sqlite_pages.INTERIOR
    page[11] = 1  # its only child is the page itself
    (tmp_path / "map.db").write_bytes(page.tobytes())
    with (tmp_path / "map.db").open("rb") as file, pytest.raises(ValueError, match="levels"):
        count_rows(file, 512, 1)
