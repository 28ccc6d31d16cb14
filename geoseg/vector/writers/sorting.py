"""Polygons sorted by class in temporary files: formats are written one layer at a time, polygons
close in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


@contextmanager
def sorted_out(reader: Any, folder: Path) -> Iterator[dict[int, Path]]:
    """Sort record batches by class, one of them in memory at a time.

    Parameters
    ----------
    reader
        Arrow record batches with a column `class_id`; used up.
    folder
        Where the files lie, which take about the room of the output.

    Yields
    ------
    dict[int, Path]
        For each class value the Arrow stream file of its rows, in their order; they go with the
        block.
    """
    with TemporaryDirectory(dir=folder) as name:
        files: dict[int, Path] = {}
        with ExitStack() as opened:
            writers: dict[int, Any] = {}
            for batch in reader:
                kinds = batch.column("class_id")
                for value in kinds.unique().to_pylist():
                    if value not in files:
                        files[value] = Path(name) / f"{value}.arrows"
                        sink = opened.enter_context(pa.OSFile(str(files[value]), "wb"))
                        writers[value] = opened.enter_context(
                            pa.ipc.new_stream(sink, reader.schema)
                        )
                    writers[value].write_batch(batch.filter(pc.equal(kinds, value)))
        yield files
