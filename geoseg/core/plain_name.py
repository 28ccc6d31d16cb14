"""Local files under a name that pyogrio takes as it is: in others it looks for URLs and
archives.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

# urllib drops control characters and what follows ";", pyogrio splits at "!"
LONGEST = 200  # bytes of a path: SQLite takes 512, and adds to the name those of its journals
_ODD = re.compile(r"[!;\x00-\x1f]")


def is_odd(path: str) -> bool:
    """Return whether a file is not to be found under its own name.

    Parameters
    ----------
    path
        A local file's.

    Returns
    -------
    bool
        Whether pyogrio would look for another file, or SQLite find the name too long.
    """
    return os.name != "nt" and bool(_ODD.search(path) or len(os.fsencode(path)) > LONGEST)


@contextmanager
def plain_name(path: str) -> Iterator[str]:
    """Lend an existing file a name under which pyogrio finds it.

    Parameters
    ----------
    path
        A local file, or any other text that pyogrio takes.

    Yields
    ------
    str
        The path itself, or that of a link, which goes when the block ends.
    """
    if not (is_odd(path) and os.path.exists(path)):  # noqa: PTH110 - any text may come
        yield path
        return
    source = Path(path).absolute()
    with TemporaryDirectory(prefix="geoseg-") as folder:
        for part in source.parent.iterdir():  # a shapefile is several files
            if part.name.startswith(f"{source.stem}."):
                (Path(folder) / f"file{part.name[len(source.stem) :]}").symlink_to(part)
        yield str(Path(folder) / f"file{source.suffix}")


@contextmanager
def plain_target(path: Path) -> Iterator[Path]:
    """Lend a new file a name under which it can be written.

    Parameters
    ----------
    path
        What is to be written; its folder exists.

    Yields
    ------
    Path
        The path itself, or one by way of a link; the files get their own names when the block ends.
    """
    if not is_odd(str(path)):
        yield path
        return
    plain = f"file{path.suffix}"
    with TemporaryDirectory(prefix="geoseg-") as folder:
        link = Path(folder) / "link"
        link.symlink_to(path.parent.absolute(), target_is_directory=True)
        yield link / plain
    for part in sorted(path.parent.glob("file.*")):  # a shapefile is several files
        part.rename(path.with_name(path.stem + part.name.removeprefix("file")))
