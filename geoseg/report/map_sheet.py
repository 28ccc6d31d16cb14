"""A map as one picture that explains itself: legend, scale bar, north arrow and source line.

Pillow draws, for it comes with the networks already (some 20 MB; matplotlib would bring 60 more).
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from pyproj import CRS, Geod, Transformer

from ..core.errors import InputError
from ..core.grid import Grid

LEAST = 200  # pixels of a sheet's width
MOST = 8192
TALLEST = 3.0  # of a map's height, in its width
INK = "#1a1a1a"
FAINT = "#6b6b6b"
PAPER = "#ffffff"
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # Unicode's controls, formats, surrogates, line ends
LONGEST = 60  # letters of a name that are drawn
# before others, where the built-in font has not all letters
LIKED = ("notosanscjk", "notosanskr", "nanumgothic", "malgun", "applesdgothic", "dejavusans.")
FONTS = (".ttf", ".ttc", ".otf")
# they have a box for each letter of Unicode, which tells no more than no letter would
BOXES = ("lastresort", "adobeblank", "unibmp")


@dataclass(frozen=True, slots=True)
class Entry:
    """A class in the legend."""

    name: str
    """As people call it."""
    colour: str
    """#rrggbb."""
    told: str = ""
    """How much of it there is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn."""

    pixels: npt.NDArray[np.uint8]
    """Red, green, blue, alpha [row, column, 4]: the map, at any size."""
    grid: Grid
    """Of the whole map, at its own pixels: where it lies."""
    title: str
    """Above it."""
    legend: tuple[Entry, ...] = ()
    """Its classes."""
    source: tuple[str, ...] = ()
    """Lines below it: of what, by what."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sheet that was drawn."""

    png: bytes
    """The picture's file."""
    missing: str
    """Letters that no font on this machine has, which are boxes there."""


def map_size(grid: Grid, width: int) -> tuple[int, int]:
    """Return how large a map is drawn.

    Parameters
    ----------
    grid
        Of the map.
    width
        Pixels of the sheet.

    Returns
    -------
    tuple[int, int]
        Rows and columns; a pixel that is not square on the ground is none there, either.
    """
    across, down = _extent(grid)
    room = width - 2 * _pad(width)
    columns = room if across >= down else round(room * 0.62)  # the legend lies below, or beside
    rows = columns * down / across
    if rows > TALLEST * columns:
        rows = TALLEST * columns
        columns = max(1, round(rows * across / down))
    return max(1, round(rows)), max(1, columns)


def _extent(grid: Grid) -> tuple[float, float]:
    """How far a map reaches across and down: metres, or pixels without a CRS."""
    middle = grid.height / 2, grid.width / 2
    across = _metres(grid, (middle[0], 0.0), (middle[0], float(grid.width)))
    down = _metres(grid, (0.0, middle[1]), (float(grid.height), middle[1]))
    if across and down:
        return across, down
    return float(grid.width), float(grid.height)


def _degrees(grid: Grid) -> tuple[Transformer, Geod] | None:
    """The way from a grid's CRS to longitude and latitude; None without one tied to the Earth."""
    if grid.crs is None:
        return None
    crs = CRS.from_user_input(grid.crs)
    if crs.geodetic_crs is None or not (crs.is_projected or crs.is_geographic):
        return None
    way = Transformer.from_crs(crs, crs.geodetic_crs.to_2d(), always_xy=True)
    geod = crs.get_geod()
    return None if geod is None else (way, geod)


def _metres(grid: Grid, one: tuple[float, float], other: tuple[float, float]) -> float | None:
    """Metres on the ellipsoid between two places of a raster, along eight parts of the line."""
    found = _degrees(grid)
    if found is None:
        return None
    way, geod = found
    rows, columns = np.linspace(one[0], other[0], 9), np.linspace(one[1], other[1], 9)
    x, y = zip(
        *(grid.xy(row, column) for row, column in zip(rows, columns, strict=True)), strict=True
    )
    longitude, latitude = way.transform(x, y)
    length = float(geod.line_length(longitude, latitude))
    return length if math.isfinite(length) and length > 0 else None


def north_of(grid: Grid) -> tuple[float, float] | None:
    """Return where true north is in the middle of a raster.

    Parameters
    ----------
    grid
        The raster's, rotated or not, in any projection.

    Returns
    -------
    tuple[float, float] | None
        A step of length 1 in columns (to the right) and rows (down), on square pixels of the
        ground; None where nothing tells.
    """
    found = _degrees(grid)
    if found is None:
        return None
    way, _ = found
    x, y = grid.xy(grid.height / 2, grid.width / 2)
    longitude, latitude = way.transform(x, y)
    step = 1e-4 if latitude < 89.99 else -1e-4
    north_x, north_y = way.transform(longitude, latitude + step, direction="INVERSE")
    a, b, _, d, e, _ = grid.transform
    turn = a * e - b * d
    dx, dy = (north_x - x) * math.copysign(1, step), (north_y - y) * math.copysign(1, step)
    columns, rows = (e * dx - b * dy) / turn, (a * dy - d * dx) / turn
    across, down = _extent(grid)
    right, below = columns * across / grid.width, rows * down / grid.height
    length = math.hypot(right, below)
    return (right / length, below / length) if math.isfinite(length) and length else None


def bar_of(length: float) -> tuple[float, str]:
    """Choose how long a scale bar is.

    Parameters
    ----------
    length
        Metres that it may have at most.

    Returns
    -------
    tuple[float, str]
        Metres, 1, 2 or 5 of a power of ten; and what is written on it.
    """
    power = 10.0 ** math.floor(math.log10(length))
    metres = max(step * power for step in (1, 2, 5) if step * power <= length * (1 + 1e-9))
    if metres >= 1000:
        return metres, f"{metres / 1000:g} km"
    return metres, f"{metres:g} m" if metres >= 1 else f"{metres * 100:g} cm"


def draw(sheet: Sheet, width: int, font: str | None = None) -> Drawn:
    """Draw a sheet.

    Parameters
    ----------
    sheet
        What is on it.
    width
        Pixels of the picture, 200 to 8192.
    font
        A font's file; None is the first that has all letters.

    Returns
    -------
    Drawn
        The same bytes each time, on one machine.

    Raises
    ------
    InputError
        If the width is out of range, or the font's file is none.
    """
    if not LEAST <= width <= MOST:
        raise InputError(f"a picture {width} pixels wide", f"{LEAST} to {MOST}")
    sheet = _plain_sheet(sheet)
    rows, columns = map_size(sheet.grid, width)
    pad = _pad(width)
    size = max(11, round(width / 60))
    texts = (sheet.title, *sheet.source, *(f"{entry.name}{entry.told}" for entry in sheet.legend))
    letters, missing = _font("".join(texts) + "0123456789 kmN%", size, font)
    pen = _Pen(letters, size)
    title = pen.fitted(sheet.title, width - 2 * pad)
    top = pad + pen.line(1.5)
    wide = _extent(sheet.grid)[0] >= _extent(sheet.grid)[1]
    beside = width - 3 * pad - columns
    boxes = pen.legend(sheet.legend, width - 2 * pad if wide else beside)
    legend_rows = max((y for _, _, y in boxes), default=-1) + 1
    legend_height = round(legend_rows * pen.line(1.45))
    foot = pen.line(2.6)
    source = [line for text in sheet.source for line in pen.wrapped(text, width - 2 * pad)]
    body = rows + (pad + legend_height if wide and sheet.legend else 0)
    body = body if wide else max(rows, legend_height)
    height = top + body + pad + foot + round(len(source) * pen.line(1.3)) + pad
    page = Image.new("RGB", (width, height), PAPER)
    canvas = ImageDraw.Draw(page)
    canvas.text((pad, pad), title, INK, letters)
    seen = Image.fromarray(sheet.pixels, "RGBA" if sheet.pixels.shape[2] == 4 else "RGB")
    seen = seen.convert("RGBA").resize((columns, rows), Image.Resampling.NEAREST)
    page.paste(seen, (pad, top), seen)
    canvas.rectangle((pad - 1, top - 1, pad + columns, top + rows), outline="#b0b0b0")
    left, above = (pad, top + rows + pad) if wide else (2 * pad + columns, top)
    side = pen.line(0.9)
    for entry, (text, x, y) in zip(sheet.legend, boxes, strict=True):
        at = left + x, above + round(y * pen.line(1.45))
        canvas.rectangle((*at, at[0] + side, at[1] + side), entry.colour, "#808080")
        canvas.text((at[0] + 1.5 * side, at[1] + side / 2), text, INK, letters, anchor="lm")
    below = top + body + pad
    _draw_bar(canvas, pen, sheet.grid, (pad, below), columns)
    _draw_north(canvas, pen, sheet.grid, (width - pad - pen.line(1.2), below + pen.line(1.0)))
    for i, line in enumerate(source):
        canvas.text((pad, below + foot + round(i * pen.line(1.3))), line, FAINT, letters)
    file = BytesIO()
    page.save(file, "PNG")
    return Drawn(file.getvalue(), missing)


def _plain_sheet(sheet: Sheet) -> Sheet:
    """The sheet with texts of one line each."""
    return replace(
        sheet,
        title=_plain(sheet.title),
        source=tuple(map(_plain, sheet.source)),
        legend=tuple(replace(entry, name=_plain(entry.name)) for entry in sheet.legend),
    )


def _plain(text: str) -> str:
    """A text without line ends, controls and marks that turn its direction; they are spaces."""
    return "".join(" " if unicodedata.category(one) in UNSEEN else one for one in text)


def _pad(width: int) -> int:
    return max(8, width // 50)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Measures texts in one font."""

    font: Any
    """Pillow's."""
    size: int
    """Pixels of its em."""

    def line(self, lines: float) -> int:
        """Pixels of so many lines.

        Parameters
        ----------
        lines
            How many, or which part of one.

        Returns
        -------
        int
            Pixels.
        """
        return round(lines * self.size)

    def width(self, text: str) -> float:
        """Pixels of a text.

        Parameters
        ----------
        text
            Of one line.

        Returns
        -------
        float
            Its width.
        """
        return float(self.font.getlength(text))

    def fitted(self, text: str, room: float) -> str:
        """The text, its end left out where it is too long.

        Parameters
        ----------
        text
            Of one line.
        room
            Pixels that it may take.

        Returns
        -------
        str
            As much of it as fits.
        """
        if self.width(text) <= room:
            return text
        while text and self.width(text + "…") > room:
            text = text[:-1]
        return text + "…"

    def wrapped(self, text: str, room: float) -> list[str]:
        """The text in lines, broken between words where that is possible.

        Parameters
        ----------
        text
            With blanks between its words.
        room
            Pixels that a line may take.

        Returns
        -------
        list
            Lines that fit.
        """
        lines = [""]
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            if self.width(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(self.fitted(word, room))
        return [line for line in lines if line]

    def legend(self, entries: Sequence[Entry], room: float) -> list[tuple[str, int, int]]:
        """The text of each entry, its x, and its row: as many columns as there is room for.

        Parameters
        ----------
        entries
            Of the legend.
        room
            Pixels of its width.

        Returns
        -------
        list
            Text, x in pixels, and row from 0 on, of each entry.
        """
        texts = [f"{entry.name[:LONGEST]}  {entry.told}".rstrip() for entry in entries]
        mark = self.line(1.5)
        widest = max(map(self.width, texts), default=0) + mark + self.line(1.5)
        columns = max(1, min(len(texts), int(room // max(widest, 1))))
        rows = math.ceil(len(texts) / columns)
        step = int(room / columns)
        fit = step - mark - self.line(0.3)
        return [
            (self.fitted(text, fit), i // rows * step, i % rows) for i, text in enumerate(texts)
        ]


def _draw_bar(
    canvas: ImageDraw.ImageDraw, pen: _Pen, grid: Grid, at: tuple[int, int], columns: int
) -> None:
    """Draw the scale: on the ellipsoid, along the row in the middle; pixels without a CRS."""
    metres = _metres(grid, (grid.height / 2, 0.0), (grid.height / 2, float(grid.width)))
    # on a narrow map it may be as long as the map, elsewhere a third of it
    most = columns if columns < pen.line(12) else max(columns / 3, pen.line(8))
    per = (metres or float(grid.width)) / columns
    length, text = bar_of(per * max(most, 1))
    if metres is None:
        text = f"{length:g} px" if length >= 1 else ""
    if not text:
        return
    x, y = at[0], at[1] + pen.line(1.5)
    right = x + round(length / per)
    middle = x + (right - x) // 2
    half = max(2, pen.line(0.22))
    canvas.rectangle((x, y - half, middle, y + half), INK, INK)
    canvas.rectangle((middle, y - half, right, y + half), PAPER, INK)
    canvas.text((x, y - half - pen.line(0.2)), text, INK, pen.font, anchor="ls")


def _draw_north(canvas: ImageDraw.ImageDraw, pen: _Pen, grid: Grid, at: tuple[int, int]) -> None:
    """Draw an arrow to true north in the middle of the map; none where nothing tells."""
    found = north_of(grid)
    if found is None:
        return
    right, down = found
    long, wide = pen.line(1.05), pen.line(0.5)
    x, y = at
    tip = x + right * long, y + down * long
    back = x - right * long * 0.7, y - down * long * 0.7
    notch = x - right * long * 0.3, y - down * long * 0.3
    sides = [(back[0] - sign * down * wide, back[1] + sign * right * wide) for sign in (1, -1)]
    canvas.polygon([tip, sides[0], notch], INK)
    canvas.polygon([tip, sides[1], notch], PAPER, INK)
    name = x - pen.line(1.4), y
    canvas.text(name, "N", INK, pen.font, anchor="rm")


def _font(text: str, size: int, path: str | None) -> tuple[Any, str]:
    """A font that has all letters, or most; and those that it has not."""
    if path is not None:
        try:
            given = ImageFont.truetype(path, size)
        except OSError as error:
            raise InputError(
                f"--font {path} cannot be read: {error}", "a .ttf, .ttc or .otf"
            ) from error
        return given, _lacking(given, text)
    best = ImageFont.load_default(size)
    lacking = _lacking(best, text)
    for file in _fonts(lacking) if lacking else ():
        try:
            other = ImageFont.truetype(file, size)
            found = _lacking(other, text)
        except (OSError, ValueError):
            continue  # a file that is no font, or one that FreeType does not take
        if len(found) < len(lacking):
            best, lacking = other, found
        if not lacking:
            break
    return best, lacking


def _lacking(font: Any, text: str) -> str:
    """The letters that a font has not: they look as one does that no font has."""
    none = _looks(font, "\U0010fffe")
    return "".join(
        letter
        for letter in sorted(set(text))
        if not letter.isspace() and _looks(font, letter) == none
    )


def _looks(font: Any, letter: str) -> tuple[Any, bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


def _fonts(letters: str) -> tuple[str, ...]:
    """The fonts of this machine: those with all these letters where fontconfig tells, then all."""
    told = _told_by_fontconfig(letters)
    return (*told, *(file for file in _installed() if file not in told))


def _told_by_fontconfig(letters: str) -> tuple[str, ...]:
    program = shutil.which("fc-list")
    if program is None:
        return ()
    wanted = ":charset=" + " ".join(f"{ord(letter):x}" for letter in letters)
    try:
        done = subprocess.run(  # noqa: S603 - fontconfig's, from PATH; numbers of letters alone
            [program, wanted, "file"], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    files = (line.strip().removesuffix(":").strip() for line in done.stdout.splitlines())
    return _sorted(file for file in files if file.lower().endswith(FONTS))


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    """All fonts in the folders of this machine, and those that come with matplotlib."""
    home = Path.home()
    if sys.platform == "win32":
        folders = [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    elif sys.platform == "darwin":
        folders = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    else:
        folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts"]
        folders.append(home / ".local/share/fonts")
    matplotlib = find_spec("matplotlib")
    if matplotlib is not None and matplotlib.origin:
        folders.append(Path(matplotlib.origin).parent / "mpl-data/fonts/ttf")
    files = (file for folder in folders for file in folder.rglob("*"))
    return _sorted(str(file) for file in files if file.suffix.lower() in FONTS)


def _sorted(files: Iterable[str]) -> tuple[str, ...]:
    """Plain text fonts with many letters first, those of boxes left out."""
    letters = {file for file in files if not _flat(file).startswith(BOXES)}
    return tuple(sorted(letters, key=lambda file: (_rank(file), file)))


def _rank(file: str) -> int:
    name = _flat(file)
    return next((i for i, liked in enumerate(LIKED) if name.startswith(liked)), len(LIKED))


def _flat(file: str) -> str:
    return Path(file).name.lower().replace("-", "").replace("_", "")
