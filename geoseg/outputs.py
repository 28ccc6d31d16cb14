"""Where a run's rasters go: classes and confidence under temporary names, and the count of classes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from . import __version__
from .card import NODATA, ModelCard
from .grid import Grid, Window
from .job import Job
from .models import Bundle
from .raster import Kind, Sink, create_raster
from .redact import redact
from .stitch import Patch

Paths = tuple[str | None, str | None]  # of the class raster and of the confidence
KINDS: tuple[Kind, Kind] = ("classes", "confidence")


@contextmanager
def raster_paths(job: Job) -> Iterator[tuple[str, str | None]]:
    """Yield the paths of the class and the confidence raster; those not asked for go when the block ends.

    For polygons that are traced from both, both are made, in a hidden folder beside them.
    """
    if not job.polygons or (job.classes and job.confidence):
        yield str(job.classes), job.confidence
        return
    target = Path(job.polygons)
    with TemporaryDirectory(prefix=f".{target.name}.", suffix=".part", dir=target.parent) as folder:
        yield job.classes or f"{folder}/classes.tif", job.confidence or f"{folder}/confidence.tif"


@dataclass(slots=True)
class Outputs:
    """The rasters of one run; write() takes labels and confidence together, top to bottom."""

    classes: Sink | None
    confidence: Sink | None
    counts: npt.NDArray[np.int64]

    def write(self, patch: Patch) -> None:
        """Write uint8 [2, row, column]: labels, then confidence in percent."""
        if self.classes:
            self.classes.write(Patch(patch.window, patch.data[:1]))
        if self.confidence:
            self.confidence.write(Patch(patch.window, patch.data[1:]))
        self.counts += np.bincount(patch.data[0].ravel(), minlength=NODATA + 1)

    def shares(self, card: ModelCard) -> dict[str, float]:
        """Return each class's fraction of the mapped pixels."""
        mapped = max(1, int(self.counts[:NODATA].sum()))
        return {label.name: float(self.counts[label.value] / mapped) for label in card.labels}


@contextmanager
def create_outputs(
    paths: Paths, grid: Grid, region: Window, bundle: Bundle, job: Job, computed: Mapping[str, str]
) -> Iterator[Outputs]:
    """Open the rasters that have a path; they take their final names when the block ends without an error.

    `computed` are further tags: what computed the map, and how precisely.
    """
    tags = {
        "geoseg_model": bundle.card.name,
        "geoseg_model_sha256": bundle.sha256,
        "geoseg_version": __version__,
        "geoseg_options": redact(json.dumps(asdict(job.options), sort_keys=True)),
        **computed,
    }
    options, counts = job.options, np.zeros(NODATA + 1, np.int64)
    how: dict[str, Any] = {"overwrite": options.overwrite, "compress": options.compress}
    with ExitStack() as opened:
        sinks = [
            opened.enter_context(create_raster(path, grid, region, bundle.card, tags, kind=kind, **how))
            if path
            else None
            for path, kind in zip(paths, KINDS, strict=True)
        ]
        yield Outputs(sinks[0], sinks[1], counts)
