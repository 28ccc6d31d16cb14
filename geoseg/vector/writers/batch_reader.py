"""Record batches through a foreign reader: errors of the source come out as themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ...core.threads import ScopeEnded, checkpoint


@dataclass(slots=True)
class BatchReader:
    """Hands batches to a writer in C, which knows an error only by its text, and keeps error,
    count and classes.
    """

    schema: Any
    """The batches' Arrow schema, which has a column `class_id`."""
    batches: Iterable[Any]
    """Arrow record batches, read once."""
    classes: set[int] = field(default_factory=set)
    """Class values of the rows so far."""
    rows: int = 0
    """Number of rows so far."""
    error: BaseException | None = None
    """What the source raised."""

    def _watched(self) -> Iterator[Any]:
        try:
            for batch in self.batches:
                self.rows += batch.num_rows
                self.classes.update(batch.column("class_id").unique().to_pylist())
                yield batch
        except GeneratorExit:
            raise
        except BaseException as error:  # Ctrl-C too: it would be lost in C
            self.error = error
            raise

    @contextmanager
    def reader(self) -> Iterator[Any]:
        """Open the batches for a writer; an error of theirs ends the block as itself.

        Yields
        ------
        pyarrow.RecordBatchReader
            Valid within the block.
        """
        try:
            yield pa.RecordBatchReader.from_batches(self.schema, self._watched())
        except (RuntimeError, OSError, ValueError):  # what pyogrio and pyarrow make of it
            if isinstance(self.error, ScopeEnded):
                checkpoint()  # else the source had to end because the writer failed
            elif self.error is not None:
                raise self.error from None
            raise
        if self.error is not None:
            raise self.error


def cut_at(batches: Iterable[Any], rows: int) -> Iterator[Any]:
    """Cut record batches where a number of rows is full.

    Parameters
    ----------
    batches
        Arrow record batches.
    rows
        None goes on beyond a multiple of so many, counted from the first one.

    Yields
    ------
    pyarrow.RecordBatch
        The same rows, without a copy.
    """
    room = rows
    for batch in batches:
        rest = batch
        while rest.num_rows:
            part = rest.slice(0, room)
            yield part
            rest = rest.slice(part.num_rows)
            room = room - part.num_rows or rows
