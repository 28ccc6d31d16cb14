"""Why something could not be written: the cause is named, and it is a full disk only where one
is full.
"""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from geoseg.core.disk import write_error


def caused(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "said", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full", True),
        (
            caused(RuntimeError("GDAL"), OSError(errno.EDQUOT, "Disk quota exceeded")),
            "the disk is full",
            True,
        ),
        (
            RuntimeError("sqlite3_exec(COMMIT) failed: database or disk is full"),
            "the disk is full",
            True,
        ),
        (
            RuntimeError("I/O error: No space left on device (os error 28)"),
            "the disk is full",
            True,
        ),
        (OSError(errno.EFBIG, "File too large"), "larger than files may be", False),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied", False),
        (
            RuntimeError("Layer name is too long\nmore"),
            "could not be written: Layer name is too long",
            False,
        ),
        (RuntimeError(), "could not be written: RuntimeError", False),
    ],
)
def test_the_cause_is_named(error: Exception, said: str, full: bool, tmp_path: Path) -> None:
    found = write_error(tmp_path / "map.gpkg", error)
    assert said in str(found)
    assert str(tmp_path / "map.gpkg") in str(found)
    assert ("disk is full" in str(found)) == full
    assert ("space" in found.do) == full
    assert "\n" not in str(found)


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert "its folder is gone" in str(write_error(tmp_path / "gone" / "map.gpkg", error))
