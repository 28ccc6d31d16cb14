"""An output file that appears when it is whole: written in a hidden folder beside the target, then moved or put in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..database import is_database, put_layers
from ..disk import write_error
from ..errors import RunError
from ..publish import part_folder, parts_in, publish, real_path
from ..style import may_replace


@contextmanager
def whole(target: Path, replace: bool = False, add: bool = False) -> Iterator[Path]:
    """Like staged(); what the operating system or GDAL refuses in the block becomes a RunError."""
    with staged(target, replace, add) as path, failures(target):
        yield path


@contextmanager
def staged(target: Path, replace: bool = False, add: bool = False) -> Iterator[Path]:
    """Yield a path to write to; what lies there moves to `target` when the block ends without an error.

    Unless `replace`, nothing that exists is replaced: RunError. The layers of a GeoPackage go into one that
    exists, with `replace` in the place of those of the same name, with `add` beside others. The folder goes in
    any case, Ctrl-C included. A style that was saved in QGIS stays.
    """
    with ExitStack() as hidden:
        with failures(target):
            folder = hidden.enter_context(part_folder(target))
        yield folder / target.name
        with failures(target):
            _publish(folder, target, replace, add)


def _publish(folder: Path, target: Path, replace: bool, add: bool) -> None:
    real, part = real_path(target), folder / target.name
    into = target.suffix.lower() == ".gpkg" and (replace or add)
    if into and is_database(real):
        put_layers(part, real, replace)
        return
    beside = [(other, real.with_name(real.stem + other.name[len(part.stem) :])) for other in parts_in(folder)
              if other != part]  # fmt: skip
    kept = [(other, place) for other, place in beside if other.suffix != ".qml" or may_replace(place)]
    try:
        publish(part, target, replace, kept)
    except RunError:
        if not (into and is_database(real)):
            raise
        put_layers(part, real, replace)  # another run has made the file after the look above


@contextmanager
def failures(target: Path) -> Iterator[None]:
    """Turn what the operating system or GDAL refuses in the block into a RunError."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # pyogrio's errors are RuntimeErrors
        raise write_error(target, error) from error
