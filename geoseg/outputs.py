"""Where a run's rasters go: classes and confidence under temporary names, and the count of classes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import __version__
from .card import NODATA, ModelCard
from .grid import Grid, Window
from .job import Job
from .models import Bundle
from .publish import part_folder
from .raster import Kind, Sink, create_raster
from .redact import redact
from .stitch import Patch

Paths = tuple[str | None, str | None]  # of the class raster and of the confidence
ALL, HARDLY = 0.9, 0.02  # shares: of a class that fills nearly all of a map, of one that a model hardly knows
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
    with part_folder(target) as folder:
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


def improbable(shares: Mapping[str, float], card: ModelCard) -> str:
    """Return a warning where one class fills nearly all of a map that the model's own data hardly hold, else "".

    What these hold is told by the pixels of each class among those that the model was measured on.
    """
    known = card.scores.get("held_out") or card.scores.get("validation") or {}
    pixels = {name: found.get("pixels", 0) for name, found in known.get("classes", {}).items()}
    total = sum(pixels.values())
    name = max(shares, key=lambda name: shares[name], default="")
    if not total or name not in pixels or shares[name] < ALL or pixels[name] >= HARDLY * total:
        return ""
    return (
        f"{shares[name]:.0%} of the map is {name}, which is {pixels[name] / total:.1%} of the pixels that {card.name}"
        " was measured on: look whether the scene's numbers mean what was said above"
    )


@contextmanager
def create_outputs(
    paths: Paths, grid: Grid, region: Window, bundle: Bundle, job: Job, computed: Mapping[str, str],
    replaced: frozenset[str] = frozenset(),
) -> Iterator[Outputs]:  # fmt: skip
    """Open the rasters that have a path; they take their final names when the block ends without an error.

    `computed` are further tags: what computed the map, and how precisely; `replaced` the outputs that
    may be replaced.
    """
    options = {name: value for name, value in asdict(job.options).items() if name != "overwrite"}  # no part of the map
    tags = {
        "geoseg_model": bundle.card.name,
        "geoseg_model_sha256": bundle.sha256,
        "geoseg_version": __version__,
        "geoseg_options": redact(json.dumps(options, sort_keys=True)),
        **computed,
    }
    counts = np.zeros(NODATA + 1, np.int64)
    with ExitStack() as opened:
        sinks = [
            opened.enter_context(
                create_raster(path, grid, region, bundle.card, tags, path in replaced, kind, job.options.compress)
            )
            if path
            else None
            for path, kind in zip(paths, KINDS, strict=True)
        ]
        yield Outputs(sinks[0], sinks[1], counts)
