"""Labels on the grid of their scene, read by window: class rasters, masks of colours, shares, or
vector features.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from rasterio import Affine
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from ..core.card import NODATA
from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.band_info import describe_bands
from ..raster.georeference import IDENTITY
from ..raster.handles import Handle
from ..raster.pixels import read_valid
from ..raster.relate import relate
from .coding import Bounds, Coding, Indices, shown_bounds
from .layers import is_vector


class Labels(Protocol):
    """Labels of one scene; `read` may be called from several threads at once."""

    def read(self, window: Window) -> Indices:
        """Read the labels in a window; several threads may do so at once.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        Indices
            Class indices [row, column], NODATA where unlabelled; of soft labels shares of 255
            [label, row, column].
        """

    def holds(self, window: Window) -> bool:
        """Return whether a window is worth being read.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        bool
            False only where there surely are no labels.
        """

    def conflicts(self, window: Window) -> npt.NDArray[np.bool_]:
        """Return for which pixels the file tells several classes, one of which is taken.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        npt.NDArray[np.bool_]
            [row, column].
        """

    def close(self) -> None:
        """Close the file."""


def open_labels(path: str, grid: Grid, coding: Coding, soft: int = 0) -> Labels:
    """Open the labels of a scene, in whatever CRS and grid they are.

    Parameters
    ----------
    path
        Of a raster, or of vector data, perhaps FILE|layername=NAME.
    grid
        The scene's.
    coding
        Which value means which class.
    soft
        The number of bands of soft labels, 0 for classes.

    Returns
    -------
    Labels
        To be closed by the caller.

    Raises
    ------
    InputError
        If the file is no raster and no vector data, does not meet the scene, or holds values that
        are not in the coding (of rasters, this shows when they are read).
    """
    if is_vector(path):
        from .burn import FeatureLabels

        return FeatureLabels(path, grid, coding)
    return RasterLabels(path, grid, coding, soft)


class RasterLabels:
    """Labels from a raster: by its own pixels where its grid is the scene's, else by the nearest
    one.

    Parameters
    ----------
    path, grid, coding, soft
        As for `open_labels`.
    """

    def __init__(self, path: str, grid: Grid, coding: Coding, soft: int) -> None:
        self._path = path
        self._coding = coding
        self._soft = soft
        self._handle = Handle(path)
        try:
            with self._handle.use() as dataset:
                self._palette = _palette(dataset, coding)
                self._check_bands(dataset)
                same = lies_on(dataset, grid)
                if self._all_shares and not same:
                    raise InputError(
                        f"the last band of {path} is marked as alpha, and its grid is not that of "
                        "its scene",
                        "bands of shares",
                        "write it anew with the creation options ALPHA=NO and "
                        "PHOTOMETRIC=MINISBLACK",
                    )
                self._warped = None if same else warped(dataset, path, grid)
                layers = describe_bands(self._warped or dataset, path)
                self._layers = [layers[band - 1] for band in self._bands]
                if self._all_shares:
                    self._layers = [replace(layer, mask="") for layer in self._layers]
        except BaseException:
            self._handle.close()
            raise
        table = coding.colours if self._coloured else coding.numbers
        self._keys = np.array(sorted(table), np.int64)
        self._values = np.array([table[key] for key in sorted(table)], np.uint8)

    def _check_bands(self, dataset: Any) -> None:
        bands = sum(colour.name != "alpha" for colour in dataset.colorinterp)
        # GDAL marks the fourth of four bytes as alpha unless it is told otherwise: of as many bands
        # as there are classes it is a class like the others
        self._all_shares = bool(self._soft) and bands < dataset.count == self._soft
        bands = dataset.count if self._all_shares else bands
        self._coloured = self._palette is not None or bool(
            not self._soft and bands == 3 and self._coding.colours
        )
        wanted = self._soft or (3 if self._coloured and self._palette is None else 1)
        self._bands = list(range(1, wanted + 1))
        if self._coding.band is not None and not self._coloured:
            self._bands = [self._coding.band]
            return
        if bands != wanted or (self._soft and dataset.dtypes[0] != "uint8"):
            raise InputError(
                f"{self._path} has {bands} bands of {dataset.dtypes[0]}",
                f"{wanted} of uint8, one per class" if self._soft else "1 band of class values",
                ""
                if self._soft or bands != 3
                else "for a mask of colours, give each class its colour as a source",
            )

    def read(self, window: Window) -> Indices:
        """Read the labels in a window.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        Indices
            As of `Labels.read`.

        Raises
        ------
        InputError
            If values are not in the coding.
        RunError
            If the file is damaged.
        """
        with self._handle.use() as dataset:
            data, valid = read_valid(self._warped or dataset, self._layers, window)
        known = np.ones(window.shape, bool) if valid is None else valid
        if self._soft:
            return np.asarray(data * known, np.uint8)
        return self._decode(self._codes(data), known)

    def holds(self, window: Window) -> bool:  # noqa: ARG002 - a vector file's index can tell
        """Return True: what a raster holds shows when it is read.

        Parameters
        ----------
        window
            Any.

        Returns
        -------
        bool
            True.
        """
        return True

    def conflicts(self, window: Window) -> npt.NDArray[np.bool_]:
        """Return no pixel: a raster tells one class for each.

        Parameters
        ----------
        window
            Pixels of the scene.

        Returns
        -------
        npt.NDArray[np.bool_]
            False everywhere, [row, column].
        """
        return np.zeros(window.shape, bool)

    def _codes(self, data: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """One number for each pixel: its value, or its colour."""
        if self._palette is not None:
            return np.asarray(self._palette[data[0]])
        if not self._coloured:
            return np.asarray(data[0])
        red, green, blue = data.astype(np.int64)
        return np.asarray((red << 16) | (green << 8) | blue)

    def _decode(self, codes: npt.NDArray[Any], known: npt.NDArray[np.bool_]) -> Indices:
        places = np.searchsorted(self._keys, codes).clip(max=len(self._keys) - 1)
        met = self._keys[places] == codes
        if not self._coding.others and not (met | ~known).all():
            strange = np.unique(codes[known & ~met]).tolist()
            raise self._coding.refuse(
                self._path, [f"#{v:06x}" for v in strange] if self._coloured else strange
            )
        return np.where(known & met, self._values[places], np.uint8(NODATA))

    def close(self) -> None:
        """Close the file."""
        if self._warped is not None:
            self._warped.close()
        self._handle.close()


def _palette(dataset: Any, coding: Coding) -> npt.NDArray[np.int64] | None:
    """Return the colour of each value where the raster has a palette and the classes are told by
    colours.
    """
    if (
        dataset.count != 1
        or dataset.dtypes[0] != "uint8"
        or dataset.colorinterp[0].name != "palette"
    ):
        return None
    if not coding.colours:
        return None
    table = np.zeros(256, np.int64)
    for value, (red, green, blue, *_) in dataset.colormap(1).items():
        table[value] = (red << 16) | (green << 8) | blue
    return table


def lies_on(dataset: Any, grid: Grid) -> bool:
    """Tell whether a raster's pixels are those of a grid.

    Parameters
    ----------
    dataset
        An open raster.
    grid
        The other.

    Returns
    -------
    bool
        True as well where one of the two has no place and both have one size.

    Raises
    ------
    InputError
        If one has no place, and their sizes differ.
    """
    size = (dataset.height, dataset.width) == (grid.height, grid.width)
    placed = dataset.crs is not None and grid.crs is not None
    if not placed:
        if not size:
            raise InputError(
                f"{dataset.name} has {(dataset.height, dataset.width)} rows and columns",
                f"{(grid.height, grid.width)}, like what it belongs to: one of the two has no CRS",
            )
        return True
    corners = [(r, c) for r in (0, grid.height) for c in (0, grid.width)]
    near = all(
        np.allclose(dataset.xy(r, c, offset="ul"), grid.xy(r, c), rtol=0, atol=_pixel(grid) / 100)
        for r, c in corners
    )
    return bool(size and near and dataset.crs == CRS.from_wkt(grid.crs))


def warped(dataset: Any, path: str, grid: Grid) -> Any:
    """Return labels brought onto the scene's grid, each pixel from the nearest one.

    Parameters
    ----------
    dataset
        The open raster of labels.
    path
        What errors call it.
    grid
        The scene's.

    Returns
    -------
    WarpedVRT
        To be closed by the caller.

    Raises
    ------
    InputError
        Where the two share no ground.
    """
    ours = CRS.from_wkt(grid.crs)
    if tuple(dataset.transform[:6]) == IDENTITY:
        raise InputError(f"{path} has a coordinate reference system, but no place in it")
    relate(dataset.crs.to_wkt(), grid.crs, path, "what it belongs to")
    try:
        _check_overlap(
            path,
            dataset.bounds,
            transform_bounds(ours, dataset.crs, *grid.bounds(), densify_pts=21),
        )
        plain = dataset.nodata is None and "alpha" not in {
            colour.name for colour in dataset.colorinterp
        }
        # without a nodata value, only an alpha band tells what lies outside of the labels from
        # class 0
        return WarpedVRT(
            dataset,
            crs=ours,
            transform=Affine(*grid.transform),
            height=grid.height,
            width=grid.width,
            resampling=Resampling.nearest,
            add_alpha=plain,
        )
    except RasterioError as error:
        raise InputError(
            f"{path} cannot be brought to the CRS of its scene or map: {error}"
        ) from error


def _check_overlap(path: str, labels: Any, scene: Bounds) -> None:
    """Raise InputError unless the bounds, both in the labels' CRS, meet."""
    west, east = sorted((labels.left, labels.right))
    south, north = sorted((labels.bottom, labels.top))
    if west < scene[2] and scene[0] < east and south < scene[3] and scene[1] < north:
        return
    raise InputError(
        f"{path} shares no ground with its scene or map: it covers "
        f"{shown_bounds((west, south, east, north))}",
        f"data that meet the other, which covers {shown_bounds(scene)} in its CRS",
        "look at both in QGIS: is it the right pair, and the right CRS?",
    )


def _pixel(grid: Grid) -> float:
    a, b, _, d, e, _ = grid.transform
    return float(abs(a * e - b * d) ** 0.5)
