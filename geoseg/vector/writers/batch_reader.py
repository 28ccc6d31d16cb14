"""Record batches through a foreign reader: errors of the source come out as themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


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
            if self.error is not None:
                raise self.error from None
            raise
        if self.error is not None:
            raise self.error
