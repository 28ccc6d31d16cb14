"""Writing a map as a Cloud Optimized GeoTIFF that appears under its name only when it is whole."""

from __future__ import annotations

import json
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from xml.sax.saxutils import escape

import numpy as np
import rasterio
import rasterio.shutil
from rasterio._err import CPLE_BaseError  # what rasterio.shutil raises; it has no public name
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window as RasterioWindow

from ..core.arrays import Bytes
from ..core.atomic import part_folder, publish, real_path
from ..core.card import NODATA, ModelCard
from ..core.disk import need_room, write_error
from ..core.errors import RunError
from ..core.grid import Grid, Patch, Window
from ..core.style import CLASSES_TAG, category_names, colour_table, may_replace, qml
from .handles import gdal_env
from .input_files import check_output
from .overviews import mean, mode, with_overviews

BLOCK = 512
LEVELS = {
    "zstd": 1,
    "deflate": 6,
}  # zstd 9 makes maps smaller by a sixth and takes six times as long
Kind = Literal["classes", "confidence"]


class Sink:
    """A map being written; a context manager. Left without an error, the file is whole and in its
    place.

    `write` takes patches that cover `region` from top to bottom, in parts of
    the columns one after the other, in any heights.
    """

    block = BLOCK

    def __init__(
        self,
        path: str,
        grid: Grid,
        region: Window,
        card: ModelCard,
        tags: Mapping[str, str],
        kind: Kind,
        compress: str = "zstd",
        replace: bool = False,
    ) -> None:
        self.path = Path(path)
        self.region = region
        self._card = card
        self._kind = kind
        self._compress = compress
        self._replace = replace
        self._folder: Path | None = None
        self._left = ExitStack()
        self._grid = grid.crop(region)
        self._tags = dict(tags)
        self._gather = BlockRowBuffer(BLOCK)
        self._written: list[tuple[Window, int]] = []  # with the checksum of each
        self._dataset: Any = None

    def __enter__(self) -> Sink:
        with _failures(self.path):
            self._folder = self._left.enter_context(part_folder(self.path))
        try:
            with _failures(self.path), gdal_env(), _quiet():
                self._dataset = rasterio.open(self._folder / "plain.tif", "w", **self._profile())
                self._describe(self._dataset)
        except BaseException:
            self._discard()
            raise
        return self

    def write(self, patch: Patch) -> None:
        """Take uint8 [1, row, column] of a window inside the region."""
        place = _shift(patch.window, self.region)
        for window, rows in self._gather.add(place, np.asarray(patch.data[0], np.uint8)):
            self._put(window, rows)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._discard()

    def _put(self, window: Window, rows: Bytes) -> None:
        need_room(self.path, rows.nbytes)
        with _failures(self.path), gdal_env():
            self._dataset.write(rows, 1, window=_rasterio(window))
        self._written.append((window, zlib.crc32(rows.data)))

    def _finish(self) -> None:
        for window, rows in self._gather.rest():
            self._put(window, rows)
        done = sum(window.area for window, _ in self._written)
        if done != self.region.area:
            raise RunError(
                f"{self.path}: {done} of {self.region.area} pixels were written", "all of them"
            )
        assert self._folder is not None
        plain = self._folder / "plain.tif"
        cog = self._folder / "cog.tif"
        with _failures(self.path), gdal_env(), _quiet():
            self._dataset.close()
            need_room(self.path, plain.stat().st_size)  # about as much again, overviews included
            ready = with_overviews(
                plain, self._profile(), mode if self._kind == "classes" else mean
            )
            rasterio.shutil.copy(
                str(ready), str(cog), driver="COG", strict=False, **self._cog_options()
            )
            self._verify(cog)
            self._publish(cog)

    def _publish(self, cog: Path) -> None:
        """Put everything in its place; the raster last, for what has its name must be complete."""
        ready = [
            (self._sidecar(number, text), target)
            for number, (target, text) in enumerate(self._sidecars())
        ]
        publish(cog, self.path, self._replace, ready)

    def _sidecars(self) -> list[tuple[Path, str]]:
        if self._kind == "confidence":
            return []
        real = real_path(self.path)
        names = Path(f"{real}.aux.xml")
        style = real.with_suffix(".qml")
        styles = [(style, qml(self._card))] if may_replace(style) else []
        return [(names, category_xml(self._card)), *styles]

    def _sidecar(self, number: int, text: str) -> Path:
        assert self._folder is not None
        part = self._folder / f"sidecar-{number}"
        part.write_text(text, encoding="utf-8")
        return part

    def _verify(self, path: Path) -> None:
        """Read the finished file once: GDAL may report a full disk late, or not at all."""
        with rasterio.open(path) as dataset:
            for window, checksum in self._written:
                if zlib.crc32(dataset.read(1, window=_rasterio(window))) != checksum:
                    raise RunError(
                        f"{self.path} did not reach the disk as it was written", do="check the disk"
                    )
            levels = len(dataset.overviews(1))
        for level in range(levels):
            with rasterio.open(path, overview_level=level) as dataset:
                for _, window in dataset.block_windows(1):
                    dataset.read(1, window=window)

    def _discard(self) -> None:
        """Close and remove everything unfinished; errors here would hide the one that led here."""
        if self._dataset is not None:
            with suppress(RasterioError, CPLE_BaseError, OSError):
                self._dataset.close()
        self._left.close()
        self._folder = None

    def _profile(self) -> dict[str, Any]:
        return {
            "driver": "GTiff",
            "dtype": "uint8",
            "count": 1,
            "nodata": NODATA,
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

    def _cog_options(self) -> dict[str, Any]:
        return {
            "BLOCKSIZE": BLOCK,
            "COMPRESS": self._compress,
            "OVERVIEW_COMPRESS": self._compress,
            "LEVEL": LEVELS[self._compress],
            "BIGTIFF": "IF_SAFER",
            "NUM_THREADS": "ALL_CPUS",
        }

    def _describe(self, dataset: Any) -> None:
        dataset.update_tags(**self._tags)
        dataset.set_band_description(
            1, "class" if self._kind == "classes" else "confidence in percent"
        )
        if self._kind == "classes":
            names = {label.value: label.name for label in self._card.labels}
            dataset.update_tags(
                **{CLASSES_TAG: json.dumps(names)}
            )  # category names are lost with the .aux.xml
            dataset.write_colormap(1, colour_table(self._card))


def create_raster(
    path: str,
    grid: Grid,
    region: Window,
    card: ModelCard,
    tags: Mapping[str, str],
    overwrite: bool = False,
    kind: Kind = "classes",
    compress: str = "zstd",
) -> Sink:
    """Prepare a map of `region`, a part of the scene's grid, as uint8 with 255 for nodata.

    `classes` get colours, category names and a .qml beside them; `confidence` is percent.
    `compress` is zstd or deflate.
    Raises OutputError where the file exists, unless `overwrite`, or cannot be created.
    """
    there = check_output(path, overwrite)
    return Sink(path, grid, region, card, tags, kind, compress, replace=there)


@contextmanager
def _failures(path: Path) -> Iterator[None]:
    """Turn what GDAL and the system say of a failed write into one clear error."""
    try:
        yield
    except (RasterioError, CPLE_BaseError, OSError) as error:
        raise write_error(path, error) from error


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


def _rasterio(window: Window) -> Any:
    return RasterioWindow(window.left, window.top, window.shape[1], window.shape[0])


# name, type (0 whole number, 2 text), usage: https://gdal.org/en/stable/api/raster_c_api.html
# GDALRATFieldUsage
_FIELDS = (("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8))


def category_xml(card: ModelCard) -> str:
    """Return the PAM file that names the classes: as categories, and as an attribute table with
    colours.
    """
    categories = "".join(
        f"   <Category>{escape(name)}</Category>\n" for name in category_names(card)
    )
    fields = "".join(
        f'   <FieldDefn index="{i}"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>\n'
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
    """Holds the rows of one part of the columns until they end at a multiple of `block`.

    Windows come from top to bottom; where one has other columns, a new part begins.
    """

    def __init__(self, block: int) -> None:
        self._block = block
        self._columns: tuple[int, int] | None = None
        self._top = 0  # row of the output at which the held rows begin
        self._held: list[Bytes] = []

    def add(self, window: Window, rows: Bytes) -> Iterator[tuple[Window, Bytes]]:
        """Take rows, and yield those that are ready, with the window that they fill."""
        if self._columns != (window.left, window.right):
            yield from self.rest()
            self._columns = (window.left, window.right)
            self._top = window.top
        bottom = self._top + sum(map(len, self._held))
        if window.top != bottom:
            raise ValueError(f"rows from {window.top} came where {bottom} was next")
        while len(rows):
            room = self._block - bottom % self._block
            self._held.append(rows[:room].copy())
            bottom += len(self._held[-1])
            rows = rows[room:]
            if bottom % self._block == 0:
                yield self._take()

    def rest(self) -> Iterator[tuple[Window, Bytes]]:
        """Yield the rows still held, if any."""
        if self._held:
            yield self._take()

    def _take(self) -> tuple[Window, Bytes]:
        assert self._columns is not None
        rows = self._held[0] if len(self._held) == 1 else np.concatenate(self._held)
        window = Window(self._top, self._columns[0], self._top + len(rows), self._columns[1])
        self._held = []
        self._top = window.bottom
        return window, rows
