"""Writing a map as a Cloud Optimized GeoTIFF that appears under its name only when it is whole."""

from __future__ import annotations

import json
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.shutil
from rasterio._err import CPLE_BaseError  # what rasterio.shutil raises; it has no public name
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ..core.atomic import staged_output
from ..core.card import NODATA, ModelCard
from ..core.disk import failures, need_room
from ..core.errors import RunError
from ..core.grid import Grid, Patch, Window
from ..core.provenance import KIND_TAG, TAG
from ..core.style import CLASSES_TAG, SEVERAL_TAG, Legend, category_names, colour_table, qml
from .handles import gdal_env, rasterio_window
from .input_files import check_output
from .overviews import Halve, mean, mean_of_floats, mode, mode_of_numbers, with_overviews

Pixels = npt.NDArray[Any]
BLOCK = 512
LEVELS = {"zstd": 1, "deflate": 6}  # zstd 9 is smaller by a sixth, and takes six times as long
REFUSALS = (RasterioError, CPLE_BaseError, OSError)
Kind = Literal[
    "classes",
    "confidence",
    "novelty",
    "scores",
    "entropy",
    "margin",
    "second",
    "sets",
    "depth",
    "objects",
]
BANDS = {
    "confidence": "confidence in percent",
    "novelty": "novelty: 1 % of known land above 100",
    "entropy": "entropy in percent of the most there is",
    "margin": "highest score less the second, in percent",
    "objects": "number of the object, 0 for none",
    "depth": "depth inside the object, in percent of the model's limit",
}
CLASSES = {"classes": "class", "second": "second class"}
WHOLE = {"uint8": NODATA, "uint32": 0}  # the nodata value of whole numbers
NUMBERS = ("uint8", "uint32", "float16", "float32")  # of a raster's pixels


class Sink:
    """A map that is being written; `create_raster` makes one.

    Parameters
    ----------
    staged
        Where the finished file is made, in a folder of its own.
    path
        Where it will appear; what messages name.
    grid, region, card, tags, kind, compress, dtype, by_class
        As for `create_raster`.
    """

    def __init__(
        self,
        staged: Path,
        path: Path,
        grid: Grid,
        region: Window,
        card: Legend,
        tags: Mapping[str, str],
        kind: Kind,
        compress: str,
        dtype: str = "uint8",
        by_class: bool = False,
    ) -> None:
        self.path = path
        self._by_class = by_class
        self.dtype = dtype
        self.region = region
        self._staged = staged
        # under names of its own: GDAL adds to them, and leaves files beside
        self._plain = staged.parent / "work" / "plain.tif"
        self._card = card
        self._kind = kind
        self._compress = compress
        self._grid = grid.crop(region)
        self._rows = BlockRowBuffer(BLOCK)
        self._written: list[tuple[Window, int]] = []  # with the checksum of each
        self._tags = dict(tags)
        self._dataset: Any = None

    def start(self) -> None:
        """Make the file that takes the pixels.

        Raises
        ------
        RunError
            If it cannot be made.
        """
        with failures(self.path, REFUSALS), gdal_env(), _quiet():
            self._plain.parent.mkdir()
            self._dataset = rasterio.open(self._plain, "w", **self._profile())
            self._describe()

    def write(self, patch: Patch) -> None:
        """Take a part of the map.

        Parameters
        ----------
        patch
            [band, row, column] of a window inside the region, numbers of the raster's type. The
            patches cover the region from top to bottom, in any heights; one run of columns may
            come after the other.

        Raises
        ------
        RunError
            If it cannot be written.
        """
        place = _shift(patch.window, self.region)
        for window, rows in self._rows.add(place, np.asarray(patch.data, self._file_type)):
            self._put(window, rows)

    def finish(self) -> None:
        """Make the file that is to be published, with its overviews and what goes with it.

        Raises
        ------
        RunError
            If the patches did not cover the region, or the file cannot be written as it should be.
        """
        for window, rows in self._rows.rest():
            self._put(window, rows)
        done = sum(window.area for window, _ in self._written)
        if done != self.region.area:
            raise RunError(
                f"{self.path}: {done} of {self.region.area} pixels were written", "all of them"
            )
        with failures(self.path, REFUSALS), gdal_env(), _quiet():
            self._dataset.close()
            # about as much again, overviews included
            need_room(self.path, self._plain.stat().st_size)
            ready = with_overviews(self._plain, self._profile(), self._halve)
            cog = ready.with_name("cog.tif")
            rasterio.shutil.copy(
                str(ready), str(cog), driver="COG", strict=False, **self._cog_options()
            )
            self._verify(cog)
            cog.replace(self._staged)
            if self._kind in CLASSES and not self._by_class:
                _beside(self._staged, category_xml(self._card), qml(self._card))

    def close(self) -> None:
        """Close the file; errors here would hide the one that led here."""
        if self._dataset is not None:
            with suppress(*REFUSALS):
                self._dataset.close()

    def _put(self, window: Window, rows: Pixels) -> None:
        need_room(self.path, rows.nbytes)
        with failures(self.path, REFUSALS), gdal_env():
            self._dataset.write(rows, window=rasterio_window(window))
        self._written.append((window, zlib.crc32(rows.data)))

    def _verify(self, cog: Path) -> None:
        """Read the finished file once: GDAL may report a full disk late, or not at all."""
        with rasterio.open(cog) as dataset:
            for window, checksum in self._written:
                if zlib.crc32(dataset.read(window=rasterio_window(window))) != checksum:
                    raise RunError(
                        f"{self.path} did not reach the disk as it was written", do="check the disk"
                    )
            levels = len(dataset.overviews(1))
        for level in range(levels):
            with rasterio.open(cog, overview_level=level) as dataset:
                for _, window in dataset.block_windows(1):
                    dataset.read(window=window)

    @property
    def _file_type(self) -> str:
        """What holds the numbers: float32 for those of half precision as well, which GDAL has only
        since its version 3.11; packed they take no more room.
        """
        return self.dtype if self.dtype in WHOLE else "float32"

    @property
    def _halve(self) -> Halve:
        if self.dtype == "uint32":
            return mode_of_numbers
        if self.dtype != "uint8":
            return mean_of_floats
        return mode if self._kind in CLASSES else mean

    def _profile(self) -> dict[str, Any]:
        return {
            "driver": "GTiff",
            "dtype": self._file_type,
            "count": self._bands,
            "nodata": WHOLE.get(self.dtype, np.nan),
            "height": self._grid.height,
            "width": self._grid.width,
            "transform": rasterio.Affine(*self._grid.transform),
            "crs": self._grid.crs,
            "tiled": True,
            "blockxsize": BLOCK,
            "blockysize": BLOCK,
            "compress": self._compress,
            "zstd_level": 1,
            "zlevel": 1,
            "bigtiff": "if_safer",
            "sparse_ok": True,
        }

    @property
    def _bands(self) -> int:
        labels = len(self._card.labels)
        return 1 + labels if self._kind == "sets" else labels if self._by_class else 1

    def _cog_options(self) -> dict[str, Any]:
        return {
            "BLOCKSIZE": BLOCK,
            "COMPRESS": self._compress,
            "OVERVIEW_COMPRESS": self._compress,
            "LEVEL": LEVELS[self._compress],
            "BIGTIFF": "IF_SAFER",
            "NUM_THREADS": "ALL_CPUS",
            "PREDICTOR": "NO" if self.dtype == "uint8" else "YES",
        }

    def _describe(self) -> None:
        self._dataset.update_tags(**self._tags)
        if TAG in self._tags:
            self._dataset.update_tags(**{KIND_TAG: self._kind})
        if self._kind in BANDS:
            self._dataset.set_band_description(1, BANDS[self._kind])
            return
        if self.dtype == "float32":
            interface = self._card.interface if isinstance(self._card, ModelCard) else None
            self._dataset.descriptions = tuple(label.name for label in self._card.labels)
            self._dataset.units = (interface.output_unit if interface else "",) * len(
                self._card.labels
            )
            return
        if self._by_class and self._kind == "classes":
            bands = {str(band): label.name for band, label in enumerate(self._card.labels, 1)}
            self._dataset.update_tags(**{SEVERAL_TAG: json.dumps(bands)})
        labels = len(self._card.labels)
        if self._kind == "sets":
            self._dataset.set_band_description(1, "classes that cannot be excluded")
        if self._by_class or self._kind == "sets":
            for band, label in enumerate(self._card.labels, self._bands - labels + 1):
                self._dataset.set_band_description(band, label.name)
                told = {"class": str(label.value), "colour": label.colour}
                self._dataset.update_tags(band, **told)
            return
        self._dataset.set_band_description(1, CLASSES[self._kind])
        names = {label.value: label.name for label in self._card.labels}
        # category names are lost with the .aux.xml
        self._dataset.update_tags(**{CLASSES_TAG: json.dumps(names)})
        self._dataset.write_colormap(1, colour_table(self._card))


def create_raster(
    path: str,
    grid: Grid,
    region: Window,
    card: Legend,
    tags: Mapping[str, str],
    overwrite: bool = False,
    kind: Kind = "classes",
    compress: str = "zstd",
    dtype: str = "uint8",
    by_class: bool = False,
) -> AbstractContextManager[Sink]:
    """Prepare a Cloud Optimized GeoTIFF in which 255 is nodata, of objects 0, and of floats NaN.

    Parameters
    ----------
    path
        Where it appears, whole, when the block ends without an error.
    grid
        The scene's.
    region
        The part of the grid that the map covers.
    card
        Names and colours of the classes: a model's card, or another legend.
    tags
        What the file says about how it was made.
    overwrite
        Whether a file there may be replaced.
    kind
        `classes` and `second` get colours, category names and a .qml beside them; `sets` has one
        band for the number of classes and one for each; `objects` are numbers; the others are
        percent, `novelty` 100 where 1 % of known land is.
    compress
        "zstd" or "deflate".
    dtype
        One of NUMBERS.
    by_class
        Whether it has a band for each class, named so, with its colour as a tag: scores; of
        several classes at once 1 where the class is and 0 where not; and of float32 numbers.

    Returns
    -------
    AbstractContextManager[Sink]
        To be entered once; it gives what takes the pixels.

    Raises
    ------
    OutputError
        If the file exists and may not be replaced, or its folder cannot be written.
    RunError
        In the block and at its end, if the file cannot be written.
    """
    replace = check_output(path, overwrite)
    return _created(Path(path), grid, region, card, tags, replace, kind, compress, dtype, by_class)


@contextmanager
def _created(
    path: Path,
    grid: Grid,
    region: Window,
    card: Legend,
    tags: Mapping[str, str],
    replace: bool,
    kind: Kind,
    compress: str,
    dtype: str,
    by_class: bool,
) -> Iterator[Sink]:
    with staged_output(path, replace) as staged:
        sink = Sink(staged, path, grid, region, card, tags, kind, compress, dtype, by_class)
        try:
            sink.start()
            yield sink
            sink.finish()
        finally:
            sink.close()


def _beside(staged: Path, categories: str, style: str) -> None:
    Path(f"{staged}.aux.xml").write_text(categories, encoding="utf-8")
    staged.with_suffix(".qml").write_text(style, encoding="utf-8")


@contextmanager
def _quiet() -> Iterator[None]:
    """A map of a scene without georeference has none either: no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def _shift(window: Window, region: Window) -> Window:
    return Window(
        window.top - region.top,
        window.left - region.left,
        window.bottom - region.top,
        window.right - region.left,
    )


# name, type (0 whole number, 2 text), usage: https://gdal.org/en/stable/api/raster_c_api.html
# GDALRATFieldUsage
_FIELDS = (("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8))


def category_xml(card: Legend) -> str:
    """Return the PAM file (.aux.xml) that names the classes.

    Parameters
    ----------
    card
        Whose labels are written.

    Returns
    -------
    str
        XML: the names as categories, and as an attribute table with colours.
    """
    categories = "".join(
        f"   <Category>{escape(name)}</Category>\n" for name in category_names(card)
    )
    fields = "".join(
        f'   <FieldDefn index="{i}"><Name>{name}</Name><Type>{kind}</Type>'
        f"<Usage>{usage}</Usage></FieldDefn>\n"
        for i, (name, kind, usage) in enumerate(_FIELDS)
    )
    rows = "".join(
        f'   <Row index="{i}">'
        + "".join(f"<F>{escape(str(cell))}</F>" for cell in row)
        + "</Row>\n"
        for i, row in enumerate((label.value, label.name, *label.rgb) for label in card.labels)
    )
    return (
        '<PAMDataset>\n <PAMRasterBand band="1">\n'
        f"  <CategoryNames>\n{categories}  </CategoryNames>\n"
        f'  <GDALRasterAttributeTable tableType="thematic">\n{fields}{rows}  '
        "</GDALRasterAttributeTable>\n"
        " </PAMRasterBand>\n</PAMDataset>\n"
    )


class BlockRowBuffer:
    """Holds rows until they end at a multiple of a block's height.

    Windows come from top to bottom; where one has other columns, a new run of columns begins.

    Parameters
    ----------
    block
        Rows of a block.
    """

    def __init__(self, block: int) -> None:
        self._block = block
        self._columns: tuple[int, int] | None = None
        self._top = 0  # row of the output at which the held rows begin
        self._held: list[Pixels] = []

    def add(self, window: Window, rows: Pixels) -> Iterator[tuple[Window, Pixels]]:
        """Take rows, and yield those that are ready.

        Parameters
        ----------
        window
            Where they are; it goes on where the last one of these columns ended.
        rows
            [..., row, column]; they are copied.

        Yields
        ------
        tuple[Window, Pixels]
            Rows of one block, with the window that they fill.

        Raises
        ------
        ValueError
            If rows were left out.
        """
        if self._columns != (window.left, window.right):
            yield from self.rest()
            self._columns = (window.left, window.right)
            self._top = window.top
        bottom = self._top + sum(part.shape[-2] for part in self._held)
        if window.top != bottom:
            raise ValueError(f"rows from {window.top} came where {bottom} was next")
        while rows.shape[-2]:
            room = self._block - bottom % self._block
            self._held.append(rows[..., :room, :].copy())
            bottom += self._held[-1].shape[-2]
            rows = rows[..., room:, :]
            if bottom % self._block == 0:
                yield self._take()

    def rest(self) -> Iterator[tuple[Window, Pixels]]:
        """Yield the rows still held, if any.

        Yields
        ------
        tuple[Window, Pixels]
            Rows of one block, with the window that they fill.
        """
        if self._held:
            yield self._take()

    def _take(self) -> tuple[Window, Pixels]:
        assert self._columns is not None
        rows = self._held[0] if len(self._held) == 1 else np.concatenate(self._held, axis=-2)
        bottom = self._top + rows.shape[-2]
        window = Window(self._top, self._columns[0], bottom, self._columns[1])
        self._held = []
        self._top = window.bottom
        return window, rows
