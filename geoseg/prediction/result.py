"""What a map is in memory: classes, confidence and polygons, read or traced when they are asked
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA, Label, ModelCard
from ..core.errors import InputError, RunError
from ..core.events import Summary
from ..core.job import Job
from ..core.options import Options
from ..raster.memory import read_map, write_map
from ..vector.frame import read_polygons
from ..vector.vectorize import trace
from .objects import task_of

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes


Raster = npt.NDArray[np.uint8]
SHOWN = 2048  # pixels along the longer side of a picture: more than a screen shows of it


@dataclass(frozen=True, eq=False)
class Prediction:
    """The map of one scene, as `geoseg.predict` returns it.

    What was written to a file is read from there when it is first asked for; without an output,
    classes and confidence are held in memory, and polygons are traced from them. The fields of the
    summary (`model`, `shares`, `outputs`, `warnings`, ...) are attributes of the result as well.
    """

    summary: Summary
    """What ran, how long, and the share of each class."""
    card: ModelCard
    """The card of the model that made the map."""
    options: Options
    """How it was made."""
    job: Job | None = None
    """What was written where; None where nothing was asked for."""
    held: tuple[Raster, Raster | None, Any, Any] | None = None
    """Without an output: classes, confidence, transform and CRS."""
    traced: GeoDataFrame | None = None
    """The polygons, where they had to be traced during the run."""

    def __getattr__(self, name: str) -> Any:
        """Return a field of the summary."""
        if name in Summary.__dataclass_fields__:
            return getattr(self.summary, name)
        raise AttributeError(f"the result of a prediction has no attribute {name!r}")

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes with value, name and colour."""
        return self.card.labels

    @property
    def nodata(self) -> int:
        """The value of pixels without a class or a confidence: 255."""
        return NODATA

    @cached_property
    def _read(self) -> tuple[Raster, Any, Any]:
        if self.held:
            return self.held[0], *self.held[2:]
        return read_map(_kept(self.job.classes if self.job else None, "class raster", "raster"))

    @property
    def classes(self) -> Raster:
        """Class values, uint8 [row, column]; 255 is nodata. With `threshold`: for each class 1
        where it is and 0 where not, [label, row, column]. Of a model of numbers (regression) these,
        float32, NaN where there is none.

        Raises
        ------
        InputError
            Where polygons were written and no class raster: give `raster=`, or leave `out` out.
        """
        return self._read[0]

    @property
    def transform(self) -> Any:
        """The affine transform from column and row of `classes` to x and y, an `affine.Affine`."""
        return self._read[1]

    @property
    def crs(self) -> Any:
        """The coordinate reference system, a `rasterio.crs.CRS`; None where the scene has none."""
        return self._read[2]

    @cached_property
    def confidence(self) -> Raster:
        """The score of each pixel's class in percent, uint8 [row, column]; 255 is nodata. With
        `threshold`: that of each class, [label, row, column].

        Raises
        ------
        InputError
            Where files were written, but no confidence: give `confidence=`, or leave `out` out.
        """
        if self.held and self.held[1] is not None:
            return self.held[1]
        return read_map(
            _kept(self.job.confidence if self.job else None, "confidence", "confidence")
        )[0]

    @cached_property
    def polygons(self) -> GeoDataFrame:
        """Polygons in the scene's CRS, with class, area, perimeter and, where it is known,
        confidence.

        Raises
        ------
        InputError
            With `threshold`, or of objects, where they were not written: give `out=FILE.gpkg`. Of
            a model of numbers there are none.
        """
        if self.job and self.job.polygons:
            return read_polygons(self.job.polygons, self.job.layer)
        if self.traced is not None:
            return self.traced
        if self.card.maps_numbers:
            raise InputError(f"polygons of {self.card.name}, which gives numbers and no classes")
        if self.options.outputs.threshold is not None:
            raise InputError(
                "no polygons of several classes at once were written",
                "them in a file",
                "give out=FILE.gpkg to geoseg.predict",
            )
        if task_of(self.options, self.card) != "semantic":
            raise InputError(
                f"no polygons were written of the objects that {self.card.name} tells apart",
                "them in a file",
                "give out=FILE.gpkg to geoseg.predict, or task='semantic'",
            )
        with TemporaryDirectory(prefix="geoseg-") as folder:
            target = f"{folder}/map.gpkg"
            trace(*self._rasters(folder), target, self.card, self.options)
            return read_polygons(target)

    def _rasters(self, folder: str) -> tuple[str, str | None]:
        """Return the paths of class raster and confidence; what is in memory is written into the
        folder.
        """
        if self.job:
            return _kept(self.job.classes, "class raster", "raster"), self.job.confidence
        paths = f"{folder}/classes.tif", f"{folder}/confidence.tif"
        for path, array in zip(paths, (self.classes, self.confidence), strict=True):
            write_map(path, array, self.transform, self.crs)
        return paths

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the classes in their colours, with a legend; polygons, where only these were
        written.

        Parameters
        ----------
        ax
            Where to draw; None makes axes.

        Returns
        -------
        Axes
            Where it was drawn.

        Raises
        ------
        RunError
            If matplotlib is not installed.
        """
        try:
            from matplotlib import pyplot
            from matplotlib.colors import to_rgba_array
            from matplotlib.patches import Patch as Swatch
        except ImportError as error:
            raise RunError(
                "matplotlib, which draws, is not installed", do="pip install matplotlib"
            ) from error
        if ax is None:
            _, ax = pyplot.subplots()
        pixels = self.held or (self.job and self.job.classes)
        if pixels and (self.options.outputs.threshold is not None or self.card.maps_numbers):
            raise InputError(
                "a picture of several classes at once, or of numbers",
                "a map of one class for each pixel",
                "draw one band of `classes`, or write polygons alone",
            )
        if pixels:
            step = max(1, -(-max(self.classes.shape) // SHOWN))
            table = np.zeros((NODATA + 1, 4))
            table[[label.value for label in self.labels]] = to_rgba_array(
                [label.colour for label in self.labels]
            )
            ax.imshow(
                table[self.classes[::step, ::step]], extent=self._extent, interpolation="nearest"
            )
        else:
            names = {label.value: label.colour for label in self.labels}
            self.polygons.plot(ax=ax, color=self.polygons["class_id"].map(names))
        swatches = [
            Swatch(color=label.colour, label=label.name)
            for label in self.labels
            if self.shares[label.name]
        ]
        ax.legend(handles=swatches, loc="upper left", bbox_to_anchor=(1, 1))
        return ax

    @property
    def _extent(self) -> tuple[float, float, float, float] | None:
        """Left, right, bottom and top in the CRS; None for pixels where the map does not lie
        north up.
        """
        a, b, x, d, e, y = tuple(self.transform)[:6]
        height, width = self.classes.shape
        return None if b or d else (x, x + a * width, y + e * height, y)


def _kept(path: str | None, what: str, keyword: str) -> str:
    if path is None:
        raise InputError(
            f"no {what} was written",
            f"the {what} in a file",
            f"give {keyword}=FILE to geoseg.predict, or no out: then everything is kept in memory",
        )
    return str(Path(path))
