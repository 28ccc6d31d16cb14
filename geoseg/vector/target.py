"""An output file that appears when it is whole: written in a hidden folder beside the target, then moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import RunError
from ..style import may_replace


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Like staged(); what the operating system or GDAL refuses in the block becomes a RunError."""
    with staged(target) as path, failures(target):
        yield path


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Yield a path to write to; what lies there moves to `target` when the block ends without an error.

    The folder goes in any case, Ctrl-C included. A style that was saved in QGIS stays.
    """
    with failures(target):
        hidden = TemporaryDirectory(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    with hidden as folder:
        yield Path(folder) / target.name
        with failures(target):
            for part in sorted(Path(folder).iterdir()):
                place = target.parent / part.name
                if part.suffix != ".qml" or may_replace(place):
                    part.replace(place)


@contextmanager
def failures(target: Path) -> Iterator[None]:
    """Turn what the operating system or GDAL refuses in the block into a RunError."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # pyogrio's errors are RuntimeErrors
        reason = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
        raise RunError(
            f"writing {target} failed: {reason}", do="look whether the disk is full or the folder is gone"
        ) from error
