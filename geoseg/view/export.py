"""A page that is one file: small maps, for those who get it by e-mail, and for ever after.

It holds all that it shows and asks for nothing: its own policy forbids it every address. Rasters
are in it as pictures of their numbers, so that the class under the cursor is the class of the map.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64encode
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from rasterio.io import MemoryFile

from ..core.arrays import Bytes
from ..core.atomic import atomic_output
from ..core.errors import InputError
from ..core.events import Report, watch
from ..raster.handles import gdal_env
from ..raster.input_files import check_outputs
from ..raster.quicklook import png
from .assets import LEAFLET, asset
from .frame import Box, affine_of, place_of
from .named import View, areas_of
from .rasters import RasterLayer, draw, places_of, read_box
from .vectors import WIDEST, VectorLayer, class_name, describe_value, read_shapes

MOST_PIXELS = 16_000_000  # of a raster: more, and browsers of phones give up
MOST_BYTES = 25 << 20  # of the page: more, and few mail servers take it
MOST_FEATURES = 20_000
NOTHING = 255  # in a picture of numbers
STEPS = 254  # that numbers are told in
QUALITY = 85
NET = 33  # crossings along a side
SCRIPTS = ("words.js", "source.js", "view.js")  # without labelling and photographs: no server
# of the two conditions of its licence (BSD-2-Clause) this is the second
LEAFLET_LICENCE = """
Leaflet 1.9: Copyright (c) 2010-2023, Volodymyr Agafonkin; Copyright (c) 2010-2011, CloudMade.
All rights reserved. Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met: 1. Redistributions of
source code must retain the above copyright notice, this list of conditions and the following
disclaimer. 2. Redistributions in binary form must reproduce the above copyright notice, this list
of conditions and the following disclaimer in the documentation and/or other materials provided with
the distribution. THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT
HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR
CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES;
LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF
LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE)
ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH
DAMAGE.
"""
_LINK = re.compile(r'<link rel="stylesheet" href="static/[^"]+">\n')
_SCRIPT = re.compile(r'<script src="static/[^"]+"></script>\n')


def export_page(
    view: View, path: Path, inputs: list[str], *, overwrite: bool, report: Report
) -> int:
    """Write the page as one file.

    Parameters
    ----------
    view
        What it shows.
    path
        Where it appears, whole.
    inputs
        What is read for it, which it never replaces.
    overwrite
        Whether a file there may be replaced.
    report
        Told how far it is.

    Returns
    -------
    int
        Its bytes.

    Raises
    ------
    InputError
        If the map is too large for a page, or one of its files cannot be read.
    OutputError
        If the page cannot be written there.
    """
    check_outputs([str(path)], inputs, overwrite)
    height, width = _shape(view)
    told = view.told()
    areas: dict[str, Any] = {}
    pairs = list(zip(told["layers"], view.layers, strict=True))
    area = height * width
    for told_of, layer in watch(pairs, lambda _: area, area * len(pairs), report, "export"):
        if isinstance(layer, VectorLayer):
            told_of["features_held"] = _features(layer, view)
        else:
            told_of.update(_picture(layer, view, height, width))
        if layer.legend:
            areas[layer.key] = areas_of(layer)
    told["places"] = _places(view)
    told |= {"areas": areas, "fixed": True, "labelling": None, "photographs": False}
    page = _page(told).encode()
    if len(page) > MOST_BYTES:
        raise InputError(
            f"the page would have {len(page) / 1e6:.0f} MB",
            f"at most {MOST_BYTES / 1e6:.0f} MB, which can still be sent",
            "name fewer layers, or a part of the map (gdal_translate -projwin)",
        )
    with atomic_output(path, overwrite) as part:
        part.write_bytes(page)
    return len(page)


def _shape(view: View) -> tuple[int, int]:
    box = view.frame.box
    height = max(1, math.ceil((box[3] - box[1]) / view.frame.pixel - 1e-6))
    width = max(1, math.ceil((box[2] - box[0]) / view.frame.pixel - 1e-6))
    if view.rasters and height * width > MOST_PIXELS:
        raise InputError(
            f"the map has {height * width / 1e6:.1f} megapixels",
            f"at most {MOST_PIXELS / 1e6:.0f} for a page of one file",
            "show it with geoseg view, which has no limit, or export a part "
            "(gdal_translate -projwin)",
        )
    return height, width


def _places(view: View) -> list[list[tuple[float, float] | None]]:
    """Return longitudes and latitudes at the crossings of a net, between which the page goes on
    straight lines.
    """
    left, bottom, right, top = view.frame.box
    return [
        [place_of(view.frame, float(x), float(y)) for x in np.linspace(left, right, NET)]
        for y in np.linspace(top, bottom, NET)
    ]


def _drawn_box(view: View, height: int, width: int) -> Box:
    left, _, _, top = view.frame.box
    pixel = view.frame.pixel
    return left, top - height * pixel, left + width * pixel, top


def _picture(layer: RasterLayer, view: View, height: int, width: int) -> dict[str, Any]:
    """Return a raster as a picture, and where that lies: a scene as it looks, all else as numbers
    in grey.
    """
    box = _drawn_box(view, height, width)
    a, b, _, d, e, _ = layer.grid.transform
    if layer.grid.crs == view.frame.crs is not None and a > 0 > e and b == d == 0:
        # its own pixels, which may be no squares, or larger than those of another layer
        box, height, width = layer.grid.bounds(), layer.grid.height, layer.grid.width
    if layer.kind == "scene":
        colours = draw(layer, view.frame, box, height, width)
        return {"picture": _address("image/jpeg", _jpeg(colours[:3])), "box": box}
    pixels, known = read_box(layer, view.frame, box, height, width)
    table: list[list[int] | None] = [None] * (NOTHING + 1)
    if layer.kind == "classes":
        if len(layer.legend) > NOTHING:
            raise InputError(f"{layer.name} has {len(layer.legend)} classes", f"at most {NOTHING}")
        places = places_of(layer, pixels[0])
        known &= places < len(layer.legend)
        for place, colour in enumerate(layer.table[:-1, :3].tolist()):
            table[place] = colour
    else:
        low, high = layer.limits[0]
        numbers = np.where(known, pixels[0], low).astype(np.float64)
        places = ((numbers - low) / (high - low) * STEPS).clip(0, STEPS).round().astype(np.int64)
        steps = np.linspace(0, 255, STEPS + 1).round().astype(int)
        for place, colour in enumerate(layer.table[steps, :3].tolist()):
            table[place] = colour
    grey = np.where(known, places, NOTHING).astype(np.uint8)
    return {"picture": _address("image/png", png(grey[None])), "colours": table, "box": box}


def _jpeg(rgb: Bytes) -> bytes:
    bands, rows, columns = rgb.shape
    with gdal_env(), MemoryFile() as file:
        with file.open(
            driver="JPEG",
            count=bands,
            height=rows,
            width=columns,
            dtype="uint8",
            quality=QUALITY,
            # only to keep GDAL from saying that the picture has no place on the ground
            transform=affine_of((0.0, 0.0, 2.0 * columns, 2.0 * rows), rows, columns),
        ) as picture:
            picture.write(rgb)
        return bytes(file.read())


def _address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


def _features(layer: VectorLayer, view: View) -> list[dict[str, Any]]:
    """Return all shapes of a layer, simplified by half a pixel, with their attributes."""
    frame = view.frame
    columns = list(layer.layer.columns[:WIDEST])
    if layer.layer.features > MOST_FEATURES:
        raise InputError(
            f"{layer.name} has {layer.layer.features:,} features",
            f"at most {MOST_FEATURES:,} for a page of one file",
            "leave it out, or make fewer with --min-area",
        )
    shapes, found, rows = read_shapes(layer, frame, frame.box, columns, MOST_FEATURES)
    # neighbours keep their common border: a coverage is simplified as one
    smaller = _simplified(shapes, frame.pixel / 2)
    digits = max(0, 1 - math.floor(math.log10(frame.pixel)))
    told = []
    for shape, row in zip(smaller, rows.tolist(), strict=True):
        if shape is None or shape.is_empty:
            continue
        attributes = [[name, describe_value(column[row])] for name, column in found.items()]
        geometry = json.loads(shapely.to_geojson(shape), parse_float=partial(_rounded, digits))
        name = class_name(found[layer.column][row] if layer.column else layer.layer.name)
        told.append({"class": name, "attributes": attributes, "geometry": geometry})
    return told


def _rounded(digits: int, text: str) -> float:
    return round(float(text), digits)


def _simplified(shapes: npt.NDArray[np.object_], tolerance: float) -> npt.NDArray[np.object_]:
    areas = shapely.get_dimensions(shapes) == 2
    if len(shapes) and areas.all() and shapely.coverage_is_valid(shapes):
        found: npt.NDArray[np.object_] = shapely.coverage_simplify(shapes, tolerance)
        return found
    return np.asarray(shapely.simplify(shapes, tolerance), object)


def _page(told: dict[str, Any]) -> str:
    """Put scripts, styles and numbers into the page, and forbid it all else."""
    styles = ["\n".join(_text(name) for name in ("leaflet.css", "view.css"))]
    scripts = [_text(name) for name in (LEAFLET[0], *SCRIPTS)]
    held = json.dumps(told, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; img-src data: blob:; style-src {_digests(styles)}; "
        f"script-src {_digests(scripts)}; base-uri 'none'; form-action 'none'"
    )
    page = _text("index.html")
    page = _SCRIPT.sub("", _LINK.sub("", page))
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    page = page.replace('<meta name="viewport"', f'{head}<meta name="viewport"')
    page = page.replace("</head>", f"<!--{LEAFLET_LICENCE}-->\n<style>{styles[0]}</style>\n</head>")
    inline = "".join(f"<script>{script}</script>\n" for script in scripts)
    data = f'<script type="application/json" id="held">{held}</script>\n'
    return page.replace("</body>", f"{data}{inline}</body>")


def _text(name: str) -> str:
    text = asset(name)[0].decode().replace("\r\n", "\n")  # as browsers read it, before the digest
    # a map of its source, which browsers would look for
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", text)


def _digests(texts: list[str]) -> str:
    found = (b64encode(sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in found)
