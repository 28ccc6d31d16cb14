"""Photographs that are dropped on the page: read with distrust, mapped by the model for aerial
pictures, and gone with the server.
"""

from __future__ import annotations

import math
import secrets
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ..core.arrays import Bytes
from ..core.errors import InputError
from ..raster.handles import gdal_env, one_at_a_time
from ..raster.quicklook import png
from .child import Child
from .rasters import RasterLayer, class_areas, open_raster, places_of

MODEL = "landcover-rgb"
# by their first bytes, so that GDAL is asked for no other of its drivers
KINDS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
MOST = 40_000_000  # pixels of a photograph, as it is
FINEST = 0.2  # metres: what the model knows, as its card says
COARSEST = 3.0
KEPT = 4  # photographs of which the last are kept
SIDE = 1600  # pixels of the longer side of the pictures that the page gets

# what to do with a picture so that up is up, by the tag Orientation of EXIF 2.3
TURNS: dict[str, tuple[int, bool]] = {  # quarters to the left, and whether it is mirrored first
    "1": (0, False),
    "2": (0, True),
    "3": (2, False),
    "4": (2, True),
    "5": (1, True),
    "6": (3, False),
    "7": (3, True),
    "8": (1, False),
}


class Darkroom:
    """Where photographs become maps.

    Parameters
    ----------
    scratch
        A folder that is gone with the server.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._children: dict[str, Child] = {}

    def take(self, data: bytes, centimetres: float) -> dict[str, Any]:
        """Begin to map a photograph.

        Parameters
        ----------
        data
            A JPEG or PNG.
        centimetres
            On the ground, of a pixel's side.

        Returns
        -------
        dict
            The name by which it is asked for, and what became of its pixels.

        Raises
        ------
        InputError
            If it is no such picture, or too large, or its pixels are.
        """
        metres = centimetres / 100
        if not 0 < metres <= COARSEST:
            raise InputError(
                f"pixels of {centimetres:g} cm",
                f"up to {100 * COARSEST:g} cm, which is what the model {MODEL} knows",
            )
        name = secrets.token_hex(8)
        folder = self._scratch / name
        folder.mkdir()
        try:
            pixels, size = _develop(folder / "photograph", data, metres)
        except BaseException:
            shutil.rmtree(folder)
            raise
        _write(folder / "photo.tif", pixels)
        arguments = [
            "predict", str(folder / "photo.tif"), "--out", str(folder / "classes.tif"),
            "--model", MODEL, "--force", "--events", "--cancel-on-eof",
        ]  # fmt: skip
        for old in list(self._children)[: -KEPT + 1]:
            self._children.pop(old).stop()
            shutil.rmtree(self._scratch / old, ignore_errors=True)
        self._children[name] = Child(arguments, folder)
        return {"name": name, "size": size, "mapped": list(pixels.shape[1:])}

    def state(self, name: str) -> dict[str, Any]:
        """Return how far a photograph is.

        Parameters
        ----------
        name
            As `take` told it.

        Returns
        -------
        dict
            Whether it is being mapped, the share that is done, an error; at the end its classes.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        child = self._find(name)
        events, _ = child.events(0)
        steps = [event for event in events if event.get("event") == "progress" and event["total"]]
        told: dict[str, Any] = {
            "running": child.running,
            "error": child.error,
            "share": steps[-1]["done"] / steps[-1]["total"] if steps else 0.0,
        }
        if failed := [event for event in events if event.get("event") == "failed"]:
            told["error"] = str(failed[-1].get("found") or child.error)
        if not child.running and not told["error"]:
            layer = self._map(name)
            rows, _ = class_areas(layer.bands[0].path)
            total = sum(count for _, _, count in rows) or 1
            shares = {value: count / total for value, _, count in rows}
            told["classes"] = [
                {"name": label.name, "colour": label.colour, "share": shares.get(label.value, 0.0)}
                for label in layer.legend
            ]
        return told

    def picture(self, name: str, which: str) -> bytes:
        """Return a picture of a photograph.

        Parameters
        ----------
        name
            As `take` told it.
        which
            `photo` or `classes`.

        Returns
        -------
        bytes
            A PNG.

        Raises
        ------
        InputError
            If there is none.
        """
        self._find(name)
        path = self._scratch / name / f"{which}.tif"
        if which not in ("photo", "classes") or not path.exists():
            raise InputError("there is no such picture", "photo, or classes once it is mapped")
        pixels = _read(path, "GTiff", SIDE)
        if which == "photo":
            return png(pixels)
        layer = self._map(name)
        drawn = layer.table[places_of(layer, pixels[0])]
        return png(np.ascontiguousarray(np.moveaxis(drawn, -1, 0)))

    def close(self) -> None:
        """End what is being mapped."""
        for child in self._children.values():
            child.stop()

    def _find(self, name: str) -> Child:
        if name not in self._children:
            raise InputError("there is no such photograph", "one of the last that were dropped")
        return self._children[name]

    def _map(self, name: str) -> RasterLayer:
        return open_raster(str(self._scratch / name / "classes.tif"), 0)[0]


def _develop(path: Path, data: bytes, metres: float) -> tuple[Bytes, list[int]]:
    """Return red, green and blue of a photograph, in pixels that the model knows; and its size."""
    driver = next((name for head, name in KINDS.items() if data.startswith(head)), "")
    if not driver:
        raise InputError("this is no picture that can be read", "a JPEG or PNG")
    path.write_bytes(data)
    if driver == "PNG" and b"IEND" not in data[-4096:]:  # read without an error, as noise
        raise InputError("this picture is cut off", "a whole JPEG or PNG")
    try:
        with _opened(path, driver=driver) as photo:
            size = [photo.height, photo.width]
            turn = TURNS.get(photo.tags().get("EXIF_Orientation", "1"), (0, False))
            kinds = photo.count, photo.dtypes[0]
    except (RasterioError, OSError) as error:
        raise InputError("this is no picture that can be read", "a JPEG or PNG") from error
    if math.prod(size) > MOST:
        raise InputError(
            f"a photograph of {math.prod(size) / 1e6:.0f} megapixels",
            f"at most {MOST / 1e6:.0f}",
            "make it smaller, or map it with geoseg predict, which has no limit",
        )
    if kinds[1] != "uint8":
        raise InputError(f"pixels of {kinds[1]}", "8 bits to a colour")
    shrink = max(1.0, FINEST / metres)
    pixels = _read(path, driver, math.ceil(max(size) / shrink))
    rgb = np.repeat(pixels[:1], 3, axis=0) if len(pixels) < 3 else pixels[:3]
    quarters, mirrored = turn
    rgb = rgb[..., ::-1] if mirrored else rgb
    return np.ascontiguousarray(np.rot90(rgb, quarters, axes=(1, 2))), size


def _read(path: Path, driver: str, side: int) -> Bytes:
    """Read a picture, at most so many pixels to its longer side; a palette as its colours."""
    ours = driver == "GTiff"
    try:
        with _opened(path, driver=driver) as picture:
            shrink = max(1.0, max(picture.shape) / side)
            shape = tuple(max(1, round(length / shrink)) for length in picture.shape)
            table = picture.colormap(1) if _has_palette(picture) and not ours else None
            # classes have no mean, nor have the numbers of colours
            how = Resampling.nearest if ours or table else Resampling.average
            found: npt.NDArray[np.uint8] = picture.read(
                out_shape=(picture.count, *shape), resampling=how
            )
    except (RasterioError, OSError) as error:
        raise InputError("this picture is damaged", "a whole JPEG or PNG") from error
    if table:
        colours = np.zeros((256, 3), np.uint8)
        for value, colour in table.items():
            colours[value] = colour[:3]
        return np.ascontiguousarray(np.moveaxis(colours[found[0]], -1, 0))
    return found


def _has_palette(picture: Any) -> bool:
    return bool(picture.count == 1 and picture.colorinterp[0].name == "palette")


@contextmanager
def _opened(path: Path, *mode: str, **how: Any) -> Iterator[Any]:
    """Open a picture, which has no place on the ground, and need not be told so."""
    with gdal_env(), one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, *mode, **how) as picture:
            yield picture


def _write(path: Path, rgb: Bytes) -> None:
    rows, columns = rgb.shape[1:]
    how = {"driver": "GTiff", "photometric": "RGB", "compress": "deflate", "tiled": True}
    with _opened(path, "w", count=3, height=rows, width=columns, dtype="uint8", **how) as file:
        file.write(rgb)
