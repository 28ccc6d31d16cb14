"""Ways to get a scene wrong, as data: what is done to a scene that is right, and what geoseg is to
say of it. The test and the page of the documentation go by this one list.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.warp import Resampling, calculate_default_transform, reproject

DATA = Path(__file__).parents[2] / "shared" / "data"
SIDE = 384  # pixels that are cut out of a right scene, at most


@dataclass(frozen=True)
class Raw:
    """A scene before it is written."""

    pixels: np.ndarray
    """[band, row, column]."""
    names: tuple[str, ...]
    """Descriptions of the bands; empty strings where there is none."""
    transform: Any
    """From column and row to x and y."""
    crs: Any
    """Where it lies."""
    nodata: float | None = None
    """Of the file."""
    stem: str = "scene"
    """Of the file's name."""
    tags: dict[str, str] = field(default_factory=dict)
    """Of the file."""
    colours: tuple[str, ...] = ()
    """Colour interpretations; empty leaves GDAL's."""
    scale: float | None = None
    """In the file's header."""
    offset: float = 0.0
    """In the file's header."""

    def write(self, folder: Path) -> str:
        """Write it as a GeoTIFF; return its path."""
        path = folder / f"{self.stem}.tif"
        count, height, width = self.pixels.shape
        profile = {
            "driver": "GTiff",
            "count": count,
            "height": height,
            "width": width,
            "dtype": self.pixels.dtype.name,
            "crs": self.crs,
            "transform": self.transform,
            "nodata": self.nodata,
        }
        given = {key: value for key, value in profile.items() if value is not None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # which some of them are
            with rasterio.open(path, "w", **given) as raster:
                if self.colours:
                    names = (rasterio.enums.ColorInterp[name] for name in self.colours)
                    raster.colorinterp = list(names)
                raster.write(self.pixels)
                raster.descriptions = self.names
                raster.update_tags(**self.tags)
                if self.scale is not None:
                    raster.scales = (self.scale,) * count
                    raster.offsets = (self.offset,) * count
        return str(path)


@dataclass(frozen=True)
class Wrong:
    """One way to get a scene wrong."""

    what: str
    """In words, for the page."""
    base: str
    """Which right scene: a key of RIGHT."""
    change: Callable[[Raw], Raw]
    """What is done to it."""
    outcome: str
    """ "refused", "warned", "set right" (and told), "told", or some of them with " or " between."""
    says: str
    """A regular expression: the words that name the cause."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """As answers have them: what is set right is told."""
        return tuple(self.outcomes_said)

    @property
    def outcomes_said(self) -> dict[str, str]:
        """Each outcome that is right, as an answer has it, and in words."""
        said = self.outcome.split(" or ")
        return {"told" if words == "set right" else words: words for words in said}


def placed(
    transform: Any, top: float = 0, left: float = 0, high: float = 1, wide: float = 1
) -> Any:
    """Return a transform that begins at another pixel, with pixels so many times as large."""
    a, b, c, d, e, f = tuple(transform)[:6]
    x = c + left * a + top * b
    y = f + left * d + top * e
    return rasterio.Affine(a * wide, b * high, x, d * wide, e * high, y)


def cut(path: str, bands: Sequence[int] = (), top: int = 0, left: int = 0) -> Raw:
    """Read the right scene's corner."""
    with rasterio.open(DATA / path) as scene:
        chosen = list(bands or range(1, scene.count + 1))
        window = rasterio.windows.Window(
            left, top, min(SIDE, scene.width - left), min(SIDE, scene.height - top)
        )
        names = tuple(scene.descriptions[i - 1] or "" for i in chosen)
        plain = "undefined" if len(chosen) == 4 else ""
        colours = ("red", "green", "blue", plain)[: len(chosen)] if len(chosen) < 5 else ()
        return Raw(
            scene.read(chosen, window=window),
            names,
            placed(scene.transform, top, left),
            scene.crs,
            scene.nodata,
            colours=colours,
        )


RIGHT: dict[str, tuple[str, Callable[[], Raw]]] = {
    "Amsterdam": ("landcover-s2", lambda: cut("s2/dryspy__20190607.tif", top=150, left=100)),
    "Aquileia": ("landcover-s2", lambda: cut("s2/syamkakarla__aquileia.tif", top=200, left=400)),
    "Claremont": (
        "landcover-rgb",
        lambda: cut("naip_california/images/claremont_2020_7.tif", (1, 2, 3)),
    ),
    "Claremont, four bands": (
        "landcover-rgbn",
        lambda: cut("naip_california/images/claremont_2020_7.tif"),
    ),
}
"""Places that no model was trained on, by name: the model that maps them, and their pixels."""
S2_NAMES = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")


def pixels(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Raw], Raw]:
    """Return a change of the numbers alone; pixels of 0 in all bands stay."""

    def changed(raw: Raw) -> Raw:
        found = change(raw.pixels)
        if found.dtype.kind == "f" and raw.pixels.dtype.kind == "u":
            found = np.where((raw.pixels == 0).all(axis=0), 0, found)
        return replace(raw, pixels=found)

    return changed


def whole(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Raw], Raw]:
    """As `pixels`, in the scene's own type."""

    def changed(found: np.ndarray) -> np.ndarray:
        limits = np.iinfo(found.dtype)
        after = np.rint(change(found.astype(np.float64))).clip(limits.min, limits.max)
        return np.where((found == 0).all(axis=0), 0, after).astype(found.dtype)

    return pixels(changed)


def order(*places: int) -> Callable[[Raw], Raw]:
    return pixels(lambda found: found[list(places)])


def exchanged(count: int, i: int, j: int) -> Callable[[Raw], Raw]:
    places = list(range(count))
    places[i], places[j] = j, i
    return order(*places)


def band(number: int, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Raw], Raw]:
    """Return a change of one band, by its place from 0."""

    def changed(found: np.ndarray) -> np.ndarray:
        after = found.copy()
        after[number] = change(found[number])
        return after

    return pixels(changed)


def stretched(found: np.ndarray) -> np.ndarray:
    """Each band's middle 96 % over 1 to 255, as for a screen."""
    low, high = np.percentile(found, (2, 98), axis=(1, 2))[:, :, None, None]
    return np.clip((found - low) / (high - low) * 254 + 1, 1, 255).astype(np.uint8)


def in_degrees(raw: Raw) -> Raw:
    _, height, width = raw.pixels.shape
    bounds = rasterio.transform.array_bounds(height, width, raw.transform)
    place, wide, high = calculate_default_transform(raw.crs, "EPSG:4326", width, height, *bounds)
    out = np.zeros((len(raw.pixels), high, wide), raw.pixels.dtype)
    reproject(
        raw.pixels,
        out,
        src_transform=raw.transform,
        src_crs=raw.crs,
        dst_transform=place,
        dst_crs="EPSG:4326",
        resampling=Resampling.bilinear,
    )
    return replace(raw, pixels=out, transform=place, crs="EPSG:4326", nodata=0)


def turned(degrees: float) -> Callable[[Raw], Raw]:
    """Return a change that turns the pixels about the scene's corner."""
    return lambda raw: replace(raw, transform=raw.transform @ rasterio.Affine.rotation(degrees))


def sized(high: float, wide: float) -> Callable[[Raw], Raw]:
    """Return a change of the pixels' size alone."""
    return lambda raw: replace(raw, transform=placed(raw.transform, high=high, wide=wide))


def named(*names: str, **more: Any) -> Callable[[Raw], Raw]:
    return lambda raw: replace(raw, names=names, **more)


def reversed_as(*names: str) -> Callable[[Raw], Raw]:
    """Store blue first, and say so by names."""
    return lambda raw: replace(raw, pixels=raw.pixels[::-1], names=names)


def framed(value: int) -> Callable[[Raw], Raw]:
    """Put a constant beside a quarter of the scene, and say nothing of it."""

    def changed(raw: Raw) -> Raw:
        found = raw.pixels.copy()
        found[:, :, : found.shape[2] // 4] = value
        return replace(raw, pixels=found, nodata=None)

    return changed


def noise(found: np.ndarray) -> np.ndarray:
    most = 255 if found.dtype == np.uint8 else 10_000
    return np.random.default_rng(0).integers(1, most, found.shape).astype(found.dtype)


def upside_down(raw: Raw) -> Raw:
    turned = placed(raw.transform, top=raw.pixels.shape[1], high=-1)
    return replace(raw, pixels=raw.pixels[:, ::-1], transform=turned)


def landsat(_: Raw) -> Raw:
    """A real Landsat 8 scene, with its own names of bands, pixels said to be 10 m."""
    raw = cut("scenes/l8_Madagascar_27_01_2020.tif", tuple(range(1, 10)), 100, 100)
    return replace(raw, crs="EPSG:32738", transform=rasterio.Affine(10, 0, 5e5, 0, -10, 8e6))


def renamed_landsat(_: Raw) -> Raw:
    """The same, each band called as Sentinel-2's nearest, its numbers as reflectance x 10000."""
    raw = landsat(_)
    picked = raw.pixels[[1, 2, 3, 3, 4, 4, 4, 5, 6]].astype(np.float64)
    numbers = np.where(picked == 0, 0, np.maximum(picked * 0.275 - 2000, 1)).astype(np.uint16)
    return replace(raw, pixels=numbers, names=S2_NAMES, nodata=0)


def moved(number: int, columns: int) -> Callable[[Raw], Raw]:
    """Put a band beside the others."""
    return band(number, lambda found: np.roll(found, columns, axis=1))


def without(number: int, place: Any) -> Callable[[Raw], Raw]:
    """Take a part of a band."""

    def changed(found: np.ndarray) -> np.ndarray:
        after = found.copy()
        after[place] = 0
        return after

    return band(number, changed)


def repeated(times: int) -> Callable[[Raw], Raw]:
    """Give squares of pixels in the place of one."""

    def changed(found: np.ndarray) -> np.ndarray:
        side = found.shape[1] // times
        return found[:, :side, :side].repeat(times, 1).repeat(times, 2)

    return pixels(changed)


def smoothed(times: int) -> Callable[[Raw], Raw]:
    """Average squares of pixels, and draw straight lines between their middles."""

    def changed(found: np.ndarray) -> np.ndarray:
        side = found.shape[1] // times
        part = found[:, : side * times, : side * times].astype(np.float64)
        small = part.reshape(len(part), side, times, side, times).mean(axis=(2, 4))
        at = np.arange(side * times) / times - 0.5
        for axis in (1, 2):
            small = np.apply_along_axis(lambda line: np.interp(at, range(side), line), axis, small)
        return np.rint(small).astype(found.dtype)

    return pixels(changed)


def nearly(value: int) -> Callable[[Raw], Raw]:
    """Put a frame beside a picture whose numbers lossy compression has changed a little."""

    def changed(raw: Raw) -> Raw:
        found = raw.pixels.copy()
        place = np.s_[:, :, : found.shape[2] // 4]
        spread = np.random.default_rng(0).integers(-3, 4, found[place].shape)
        found[place] = np.clip(value + spread, 0, 255).astype(np.uint8)
        return replace(raw, pixels=found, nodata=None)

    return changed


def grey(found: np.ndarray) -> np.ndarray:
    return np.rint(found[:3].mean(axis=0)).astype(found.dtype)


def steps(found: np.ndarray) -> np.ndarray:
    """Classes of a picture, by how bright it is: uint8 [row, column]."""
    wide = grey(found).repeat(1)[: found[0].size].reshape(found.shape[1:])[::8, ::8]
    classes = np.digitize(wide, np.percentile(wide, (15, 40, 60, 80))).astype(np.uint8)
    return classes.repeat(8, 0).repeat(8, 1)[: found.shape[1], : found.shape[2]]


def drawn(found: np.ndarray) -> np.ndarray:
    """The classes of a picture in the colours of a map."""
    colours = [[61, 143, 209], [56, 125, 60], [170, 200, 90], [200, 180, 140], [230, 60, 50]]
    return np.moveaxis(np.array(colours, np.uint8)[steps(found)], -1, 0)


def night(found: np.ndarray) -> np.ndarray:
    """Black, and a few lights."""
    lights = np.random.default_rng(0).random(found.shape[1:]) < 0.02
    return np.where(lights, found, found // 40 + 3).astype(np.uint8)


def hues(found: np.ndarray) -> np.ndarray:
    """Hue, saturation and value in the place of red, green and blue."""
    most, least = found.max(axis=0).astype(float), found.min(axis=0)
    spread = np.maximum(most - least, 1)
    red, green, blue = found.astype(float)
    hue = np.select(
        [most == red, most == green],
        [(green - blue) / spread % 6, (blue - red) / spread + 2],
        (red - green) / spread + 4,
    )
    return np.stack([hue / 6 * 255, spread / np.maximum(most, 1) * 255, most]).astype(np.uint8)


def radar(found: np.ndarray) -> np.ndarray:
    """Speckle, in three polarisations of their own brightness."""
    speckle = np.random.default_rng(0).gamma(4, 0.25, found.shape)
    return np.clip(grey(found) * speckle * [[[1.0]], [[0.7]], [[0.5]]], 0, 255).astype(np.uint8)


def wrapped(found: np.ndarray) -> np.ndarray:
    """Take off what a few pixels of the last band do not have."""
    least = int(np.percentile(found[-1], 0.3))
    return (found.astype(np.int64) - least).astype(np.uint16)


def turned_mask(raw: Raw) -> Raw:
    """Alpha that is opaque where there is nothing to see."""
    alpha = np.zeros_like(raw.pixels[:1])
    alpha[:, :, :60] = 255
    found = np.concatenate([raw.pixels, alpha])
    colours = ("red", "green", "blue", "alpha")
    return replace(raw, pixels=found, names=(*raw.names, ""), colours=colours)


def with_others(numbers: Sequence[int]) -> Callable[[Raw], Raw]:
    """Take bands of another right scene, by their places from 0."""

    def changed(raw: Raw) -> Raw:
        others = (right() for model, right in RIGHT.values() if model == "landcover-s2")
        other = next(one for one in others if not np.array_equal(one.pixels, raw.pixels))
        _, height, width = np.minimum(raw.pixels.shape, other.pixels.shape)
        found = raw.pixels[:, :height, :width].copy()
        found[list(numbers)] = other.pixels[list(numbers), :height, :width]
        return replace(raw, pixels=found)

    return changed


def differences(found: np.ndarray) -> np.ndarray:
    """Brightness and what blue and red are beyond it, as JPEG keeps them."""
    red, green, blue = found.astype(float)
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    parts = bright, 128 + 0.564 * (blue - bright), 128 + 0.713 * (red - bright)
    return np.rint(np.stack(parts)).clip(0, 255).astype(np.uint8)


def heights(found: np.ndarray) -> np.ndarray:
    """A smooth land in the place of the last band."""
    rows, columns = np.mgrid[: found.shape[1], : found.shape[2]] / found.shape[1]
    land = 120 + 60 * np.sin(3 * rows + 1) * np.cos(4 * columns) + 20 * np.sin(9 * columns)
    return np.concatenate([found[:-1], np.rint(land)[None].astype(found.dtype)])


def vegetation(found: np.ndarray) -> np.ndarray:
    """NDVI in the place of near infrared."""
    red, infrared = found[0].astype(float), found[3].astype(float)
    index = 100 + 100 * (infrared - red) / (infrared + red + 1)
    return np.concatenate([found[:3], np.rint(index)[None].astype(found.dtype)])


def alpha_as(number: int, value: int) -> Callable[[Raw], Raw]:
    return band(number, lambda found: np.full_like(found, value))


def _of_s2(what: str, change: Callable[[Raw], Raw], outcome: str, says: str) -> list[Wrong]:
    return [Wrong(what, base, change, outcome, says) for base in ("Amsterdam", "Aquileia")]


def _exchanges() -> list[Wrong]:
    return [
        wrong
        for (i, one), (j, other) in combinations(enumerate(S2_NAMES), 2)
        for wrong in _of_s2(
            "two bands exchanged (each of the 36 pairs)",
            exchanged(9, i, j),
            "warned or refused",
            f"{one} and {other} were exchanged|far too large",
        )
    ]


ORDER = "were exchanged|bands stood"
COPIED = "hold the same picture"
BESIDE = "pixels beside each other"
UNLIKE = "unlike what|go together as if"
SIZE = "pixels are|resampled|brought to"

WRONG: list[Wrong] = [
    *_exchanges(),
    *_of_s2("bands in reverse order", order(*range(9)[::-1]), "warned", ORDER),
    *_of_s2("each band a place late", order(8, 0, 1, 2, 3, 4, 5, 6, 7), "warned", ORDER),
    *_of_s2("each band a place early", order(1, 2, 3, 4, 5, 6, 7, 8, 0), "warned", ORDER),
    *_of_s2(
        "numbers ten times too large", whole(lambda found: found * 10), "refused", "far too large"
    ),
    *_of_s2(
        "numbers ten times too small",
        whole(lambda found: found / 10),
        "warned or refused",
        "ten times too small|far too small|unlike what",
    ),
    *_of_s2("reflectance x 65535", whole(lambda found: found * 6.5535), "refused", "65535"),
    *_of_s2(
        "reflectance itself, 0 to 1",
        pixels(lambda found: (found / 10_000).astype(np.float32)),
        "refused",
        "1 for reflectance itself",
    ),
    *_of_s2(
        "reflectance in percent",
        pixels(lambda found: (found / 100).astype(np.float32)),
        "refused",
        "far too small",
    ),
    *_of_s2("stretched to 8 bits", pixels(stretched), "refused", "data type is uint8"),
    *_of_s2(
        "stretched to 8 bits, in a file of 16",
        pixels(lambda found: stretched(found).astype(np.uint16)),
        "refused",
        "8-bit numbers",
    ),
    *_of_s2(
        "stretched to 16 bits",
        pixels(lambda found: stretched(found).astype(np.uint16) * 257),
        "refused",
        "far too large",
    ),
    *_of_s2(
        "each band stretched to the range of reflectance",
        pixels(lambda found: stretched(found).astype(np.uint16) * 20),
        "warned",
        UNLIKE,
    ),
    *_of_s2(
        "square roots of reflectance (a gamma)",
        whole(lambda found: np.sqrt(found / 1e4) * 1e4),
        "warned",
        f"offset|{UNLIKE}",
    ),
    *_of_s2(
        "the offset of -1000 not taken off",
        whole(lambda found: found + 1000),
        "warned",
        "--offset -0.1",
    ),
    *_of_s2(
        "the offset of -1000 taken off twice, signed numbers",
        pixels(lambda found: (found - 1000.0).astype(np.int16)),
        "refused",
        "far too small",
    ),
    *_of_s2(
        "the offset of -1000 taken off twice, cut off at 1",
        whole(lambda found: np.maximum(found - 1000, 1)),
        "warned or refused",
        f"taken off twice|{UNLIKE}|far too small",
    ),
    *_of_s2(
        "coded as Landsat's Collection 2",
        whole(lambda found: (found / 1e4 + 0.2) / 2.75e-5),
        "refused",
        "Landsat",
    ),
    *_of_s2(
        "the file of a Landsat",
        lambda raw: replace(raw, stem="LC08_L2SP_014034_20200101_20200101_02_T1"),
        "refused",
        "the scene is of Landsat 8",
    ),
    Wrong("a Landsat scene, bands called B01 to B09", "Amsterdam", landsat, "refused", "Landsat's"),
    Wrong(
        "a Landsat scene whose bands are called as Sentinel-2's, numbers brought to reflectance",
        "Amsterdam",
        renamed_landsat,
        "warned",
        UNLIKE,
    ),
    *_of_s2("a frame of 9999, not declared", framed(9999), "warned", "is 9999 in all bands"),
    *_of_s2("zeros without data, not declared", framed(0), "set right", "taken for no data"),
    *_of_s2("a frame of 65535, not declared", framed(65535), "warned", "is 65535 in all bands"),
    *_of_s2("alpha as the last band", alpha_as(8, 65535), "refused", "B12 6.55"),
    *_of_s2("a mask of 1 as a band", alpha_as(4, 1), "warned", "B06 of the scene is 1"),
    *_of_s2("a band of nothing (0)", alpha_as(4, 0), "warned", "B06 of the scene is 0"),
    *_of_s2("a band of one value", alpha_as(6, 3000), "warned", "B08 of the scene is 3000"),
    *_of_s2("a band twice, another missing", order(0, 1, 2, 2, 4, 5, 6, 7, 8), "warned", COPIED),
    *_of_s2(
        "a band with twice the scale of the others",
        band(7, lambda found: (found * 2.0).astype(found.dtype)),
        "warned",
        UNLIKE,
    ),
    *_of_s2(
        "a band of another place (upside down)",
        band(6, lambda found: found[::-1]),
        "warned",
        UNLIKE,
    ),
    *_of_s2("pixels in no order", pixels(noise), "warned or refused", f"{UNLIKE}|far too"),
    *_of_s2(
        "clouds all over",
        whole(lambda found: found * 0.2 + 6500),
        "warned or refused",
        f"{UNLIKE}|far too large",
    ),
    *_of_s2(
        "the sea at night",
        pixels(lambda found: np.random.default_rng(0).integers(1, 40, found.shape).astype("u2")),
        "refused",
        "far too small",
    ),
    *_of_s2("in degrees", in_degrees, "refused or set right or warned", SIZE),
    *_of_s2("oblong pixels, 10 x 20 m", sized(2, 1), "refused or set right or warned", SIZE),
    *_of_s2("turned by 17 degrees", turned(17), "refused or set right or warned", "turned by 17"),
    *_of_s2("pixels of 20 m", sized(2, 2), "refused or set right or warned", SIZE),
    *_of_s2("pixels of 1 m", sized(0.1, 0.1), "refused or set right or warned", SIZE),
    *_of_s2(
        "metres said to be feet",
        lambda raw: replace(
            raw, crs="EPSG:2272", transform=rasterio.Affine(10, 0, 2e6, 0, -10, 3e5)
        ),
        "refused or set right or warned",
        SIZE,
    ),
    *_of_s2("south up", upside_down, "set right", "north up"),
    *_of_s2(
        "no coordinate reference system",
        lambda raw: replace(raw, crs=None, transform=None),
        "warned",
        "no coordinate reference system",
    ),
    *_of_s2(
        "one picture in the place of all bands",
        pixels(lambda found: np.stack([found.mean(axis=0).astype(found.dtype)] * 9)),
        "warned",
        COPIED,
    ),
    *_of_s2(
        "heights in the place of bands",
        pixels(lambda found: np.stack([found.mean(axis=0) * 0.3] * 9).astype(np.int16)),
        "warned",
        COPIED,
    ),
    *_of_s2("a band that ends early", without(6, np.s_[:, :80]), "warned", "it ends early"),
    *_of_s2("lost lines in a band", without(3, np.s_[::6]), "warned", "lost lines"),
    *_of_s2("a band three pixels beside the others", moved(0, 3), "warned", BESIDE),
    *_of_s2("pixels repeated, three by three", repeated(3), "warned", "squares of 3 x 3"),
    *_of_s2("pixels of 100 m, smoothly enlarged to 10 m", smoothed(10), "warned", "hardly differ"),
    *_of_s2(
        "pixels of 30 m, smoothly enlarged to 10 m", smoothed(3), "warned", "two or three times"
    ),
    *_of_s2(
        "an offset taken off numbers that cannot be negative",
        pixels(wrapped),
        "warned or refused",
        "cannot be negative|far too large",
    ),
    *_of_s2(
        "a scale of 0.001 in the header",
        lambda raw: replace(raw, scale=1e-3),
        "refused",
        "far too large",
    ),
    *_of_s2(
        "an offset of -1000 in the header, where it is to be -0.1",
        lambda raw: replace(raw, scale=1e-4, offset=-1000.0),
        "refused",
        "far too small",
    ),
    *_of_s2(
        "reflectance itself, and the former scale of 0.0001 in the header",
        lambda raw: replace(raw, pixels=(raw.pixels / 1e4).astype(np.float32), scale=1e-4),
        "refused",
        "far too small",
    ),
    *_of_s2(
        "decibels",
        pixels(lambda found: (10 * np.log10(np.maximum(found, 1) / 1e4)).astype(np.float32)),
        "refused",
        "far too small",
    ),
    *_of_s2(
        "indices such as NDVI in the place of bands",
        pixels(
            lambda found: np.stack(
                [(found[6] - b) / (found[6] + b + 1.0) for b in found.astype(np.float64)]
            ).astype(np.float32)
        ),
        "refused",
        "far too small",
    ),
    *_of_s2(
        "bytes in the other order",
        pixels(lambda found: found.byteswap()),
        "refused",
        "far too large",
    ),
    *_of_s2(
        "lines of the bands in turn, read as whole bands",
        pixels(lambda found: np.moveaxis(found, 0, 1).reshape(found.shape)),
        "warned",
        "take turns in lines",
    ),
    *_of_s2(
        "pixels of the bands in turn, read as whole bands",
        pixels(lambda found: np.moveaxis(found, 0, 2).reshape(found.shape)),
        "warned",
        "take turns in pixels",
    ),
    *_of_s2(
        "half of the bands of another place",
        with_others(range(4, 9)),
        "warned",
        "B02, B03, B04, B05 of the scene and its other bands have no edges in common",
    ),
    *_of_s2(
        "longitude and latitude exchanged",
        lambda raw: replace(in_degrees(raw), transform=rasterio.Affine(9e-5, 0, 52, 0, -9e-5, 104)),
        "refused",
        "no place on the Earth",
    ),
    *_of_s2(
        "degrees said to be metres",
        lambda raw: replace(raw, transform=rasterio.Affine(9e-5, 0, 4.9, 0, -9e-5, 52)),
        "refused",
        SIZE,
    ),
    *_of_s2("bands without names", named(*[""] * 9), "refused", "without a name"),
    *_of_s2(
        "bands called B1 to B9",
        named(*(f"B{i}" for i in range(1, 10))),
        "refused",
        "nothing tells whether|without",
    ),
    *_of_s2(
        "its colours as a photograph, given to the model of photographs",
        lambda raw: replace(raw, pixels=raw.pixels[[2, 1, 0]], names=("red", "green", "blue")),
        "refused",
        "expected",
    ),
    Wrong(
        "red and blue exchanged (BGR), each called what it is not",
        "Claremont",
        order(2, 1, 0),
        "warned",
        "redder than what the sun shines on",
    ),
    Wrong(
        "bands called blue, green, red by their words, and shown as red, green, blue",
        "Claremont",
        reversed_as("Band 1 (Blue)", "Green band", "band_3 red"),
        "set right",
        "bands 3 red, 2 green, 1 blue by name",
    ),
    Wrong(
        "bands called by their wavelengths, and shown as red, green, blue",
        "Claremont",
        reversed_as("480 nm", "560 nm", "0.66 um"),
        "set right",
        "bands 3 red, 2 green, 1 blue by name",
    ),
    Wrong(
        "bands called by letters, N, R, G, and shown as red, green, blue",
        "Claremont",
        named("N", "R", "G"),
        "refused",
        "colour infrared",
    ),
    Wrong(
        "bands called by words that are not known, and shown as red, green, blue",
        "Claremont",
        named("Bleu", "Vert", "Rouge"),
        "warned",
        "tells nothing here",
    ),
    Wrong(
        "a grey picture in three bands",
        "Claremont",
        pixels(lambda found: np.stack([grey(found)] * 3)),
        "warned",
        COPIED,
    ),
    Wrong("red five pixels beside the others", "Claremont", moved(0, 5), "warned", BESIDE),
    Wrong(
        "a band of a photograph that ends early",
        "Claremont",
        without(1, np.s_[:, :80]),
        "warned",
        "it ends early",
    ),
    Wrong("a black frame, changed by JPEG", "Claremont", nearly(0), "warned", "nearly black"),
    Wrong("a white frame, changed by JPEG", "Claremont", nearly(255), "warned", "nearly white"),
    Wrong("a photograph of 5 m, enlarged smoothly", "Claremont", smoothed(8), "warned", "differ"),
    Wrong(
        "a photograph of 1.8 m, enlarged smoothly",
        "Claremont",
        smoothed(3),
        "warned",
        "two or three times|three times or more",
    ),
    Wrong("a photograph of 1.2 m, each pixel four", "Claremont", repeated(2), "warned", "2 x 2"),
    Wrong("a map in its colours", "Claremont", pixels(drawn), "warned", "colours make up"),
    Wrong(
        "a map of classes, as geoseg writes it",
        "Claremont",
        lambda raw: replace(raw, pixels=steps(raw.pixels)[None], names=("",), colours=("gray",)),
        "refused",
        "1 band without a name",
    ),
    Wrong("a picture by night", "Claremont", pixels(night), "warned", "knows pictures by day"),
    Wrong("hue, saturation and value", "Claremont", pixels(hues), "warned", UNLIKE),
    Wrong(
        "brightness and differences of colour (YCbCr)",
        "Claremont",
        pixels(differences),
        "warned",
        "YCbCr",
    ),
    Wrong("a radar picture", "Claremont", pixels(radar), "warned", UNLIKE),
    Wrong("a mask the wrong way round", "Claremont", turned_mask, "warned", "wrong way round"),
    Wrong(
        "a photograph of 16 bits",
        "Claremont",
        pixels(lambda found: found.astype(np.uint16) * 257),
        "refused",
        "data type is uint16",
    ),
    Wrong(
        "a photograph of 0 to 1",
        "Claremont",
        pixels(lambda found: (found / 255).astype(np.float32)),
        "refused",
        "data type is float32",
    ),
    Wrong(
        "a photograph ten times too dark",
        "Claremont",
        whole(lambda found: found / 10),
        "warned",
        "dark all over",
    ),
    Wrong("noise as a photograph", "Claremont", pixels(noise), "warned", UNLIKE),
    Wrong("a photograph of 5 m", "Claremont", sized(8, 8), "refused or set right or warned", SIZE),
    Wrong(
        "a photograph of 2 cm",
        "Claremont",
        sized(0.03, 0.03),
        "refused or set right or warned",
        SIZE,
    ),
    Wrong("a white frame, not declared", "Claremont", framed(255), "warned", "is 255 in all"),
    Wrong(
        "colour infrared called red, green, blue",
        "Claremont, four bands",
        lambda raw: replace(
            raw,
            pixels=raw.pixels[[3, 0, 1]],
            names=("", "", ""),
            colours=("red", "green", "blue"),
        ),
        "refused",
        "colour infrared",
    ),
    *(
        Wrong(
            "two of red, green, blue, near infrared exchanged (each of the 6 pairs)",
            "Claremont, four bands",
            exchanged(4, i, j),
            "warned",
            ORDER,
        )
        for i, j in combinations(range(4), 2)
    ),
    Wrong(
        "alpha as near infrared",
        "Claremont, four bands",
        alpha_as(3, 255),
        "refused",
        "looks like an alpha channel",
    ),
    Wrong(
        "heights as near infrared",
        "Claremont, four bands",
        pixels(heights),
        "warned",
        "nir of the scene and its other bands have no edges",
    ),
    Wrong(
        "near infrared of another place",
        "Claremont, four bands",
        lambda raw: replace(
            raw,
            pixels=np.concatenate(
                [raw.pixels[:3], cut("naip_california/images/claremont_2020_20.tif").pixels[3:]]
            ),
        ),
        "warned",
        "nir of the scene and its other bands have no edges",
    ),
    Wrong(
        "grey as near infrared",
        "Claremont, four bands",
        pixels(lambda found: np.concatenate([found[:3], grey(found)[None]])),
        "warned",
        "a mixture of its other bands",
    ),
    Wrong(
        "red as near infrared as well",
        "Claremont, four bands",
        order(0, 1, 2, 0),
        "warned",
        COPIED,
    ),
    Wrong(
        "near infrared six pixels beside the colours",
        "Claremont, four bands",
        moved(3, 6),
        "warned",
        BESIDE,
    ),
    Wrong(
        "one number as near infrared",
        "Claremont, four bands",
        alpha_as(3, 128),
        "warned",
        "nir of the scene is 128",
    ),
]
NOT_TOLD: list[tuple[Wrong, str]] = [
    (
        Wrong(
            "numbers half as large",
            "Amsterdam",
            whole(lambda found: found / 2),
            "told",
            "reflectance",
        ),
        "land in shade or in winter is as dark; of the scale the metadata know",
    ),
    (
        Wrong("thin haze", "Amsterdam", whole(lambda found: found * 0.92 + 250), "told", "."),
        "bright land looks like it; clouds-s2 maps thin cloud",
    ),
    (
        Wrong(
            "green, red, blue, called red, green, blue",
            "Claremont",
            order(1, 0, 2),
            "told",
            "by name",
        ),
        "in a town red and green hold nearly the same picture; the names are believed, and told",
    ),
    (
        Wrong("a negative", "Claremont", pixels(lambda found: 255 - found), "told", "."),
        "roofs and shadows of all colours occur in both",
    ),
    (
        Wrong(
            "a photograph of less contrast",
            "Claremont",
            whole(lambda found: found * 0.6 + 50),
            "told",
            ".",
        ),
        "photographs come as their makers found them to look well",
    ),
    (
        Wrong(
            "NDVI as near infrared",
            "Claremont, four bands",
            pixels(vegetation),
            "told",
            ".",
        ),
        "it has the edges of the bands, and the plants are bright in both",
    ),
]
"""What passes without a warning, and why: a row that is told one day moves to the others."""
MODEL_FOR = {"its colours as a photograph, given to the model of photographs": "landcover-rgb"}
MODEL_FOR["colour infrared called red, green, blue"] = "landcover-rgb"


@dataclass(frozen=True)
class Answer:
    """What geoseg says."""

    outcome: str
    """ "refused", "warned", "told" where it only notes what it did, or "silent"."""
    lines: tuple[str, ...]
    """What it says, the first line first."""


def ask(path: str, model: str) -> Answer:
    """Ask `geoseg check` of a scene and a model."""
    from geoseg.core.options import Options
    from geoseg.models import find_model
    from geoseg.prediction.check import check_scene

    found = check_scene((path,), [find_model(model).card], Options(), False).models[0]
    if found.error:
        return Answer("refused", (found.why_not,))
    if found.warnings:
        return Answer("warned", found.warnings)
    return Answer("told", found.notes)


def answer(wrong: Wrong, folder: Path) -> Answer:
    """Make a scene wrong, and say what geoseg says of it."""
    model, right = RIGHT[wrong.base]
    path = wrong.change(right()).write(folder)
    return ask(path, MODEL_FOR.get(wrong.what, model))


def page() -> str:
    """Return the page of the documentation: each way once, with what geoseg says of the first."""
    with TemporaryDirectory() as folder:
        rows = [
            f"| {what} | {_spoken(next(w for w in WRONG if w.what == what), Path(folder))} |"
            for what in dict.fromkeys(wrong.what for wrong in WRONG)
        ]
    silent = [f"| {wrong.what} | {why} |" for wrong, why in NOT_TOLD]
    return "\n".join([HEAD, *rows, "", SILENT, *silent, ""])


def _spoken(wrong: Wrong, folder: Path) -> str:
    found = answer(wrong, folder)
    line = next(line for line in found.lines if re.search(wrong.says, line))
    outcome = wrong.outcomes_said[found.outcome]
    short = line if len(line) <= MOST else line[:MOST].rsplit(" ", 1)[0] + " ..."
    return f"{outcome} | {short.replace('|', '/').replace('<', '&lt;')}"


MOST = 260  # characters of what is said, on the page
HEAD = """# Ways to get a scene wrong

What `geoseg check` and `geoseg predict` say where a scene is not what a model expects. Each row is made from real scenes of places that no
model was trained on (Sentinel-2 of Amsterdam and Aquileia, NAIP of Claremont), and is a test: none passes in silence, and the
scenes themselves pass without a warning. Made by `python tests/wrong_scenes.py`; what is said is that of the first scene.

What is told by the relations between the bands (two exchanged, a band of another place) needs `geoseg:spectra` on the model's card, as `geoseg
train` writes it; `--strict` refuses what is warned of so. Red and blue of a photograph are told apart by its shadows, which the sky lights: of 868
windows of 256 x 256 pixels of 15 places it is said of 68 % with the two exchanged, and of two as they are; elsewhere the names of the bands are
believed, and told. Of 1,392 known images the other patterns (copies, bands of other places or beside each other, lines in turn, enlarged pixels, differences of colour,
frames, drawings) were seen in none.

| what is wrong | outcome | what geoseg says |
| --- | --- | --- |"""

SILENT = """## What is not told

These pass without a warning, and the map is wrong; that they do is a test, too. What was read, and by what name and scale, is said before each run.

| what is wrong | why nothing tells it |
| --- | --- |"""

if __name__ == "__main__":
    print(page(), end="")
