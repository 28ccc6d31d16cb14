"""Outlines over a cut of a scene, as a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

SIDE = 220  # pixels of a picture's longer side
COLOURS = 128  # of a picture
DARK = (40, 40, 40)  # where there is no scene

Corners = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """One ring."""

    corners: Corners
    """x to the right and y down, in pixels of the scene's cut [corner, 2]."""
    colour: str
    """#rrggbb."""
    width: int = 1
    """Of the line, in pixels of the picture."""


def draw_outlines(
    shape: tuple[int, int], rings: Sequence[Outline], scene: npt.NDArray[np.uint8] | None = None
) -> bytes:
    """Draw outlines.

    Parameters
    ----------
    shape
        Rows and columns of the cut.
    rings
        The lines, from below to above.
    scene
        What lies under them: grey, or red, green and blue [band, row, column]; None is dark.

    Returns
    -------
    bytes
        A PNG.
    """
    scale = SIDE / max(shape)
    size = max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))
    if scene is None:
        image = Image.new("RGB", size, DARK)
    else:
        pixels = np.repeat(scene, 3, axis=0) if len(scene) == 1 else scene[:3]
        small = scale > 1
        way = Image.Resampling.NEAREST if small else Image.Resampling.BOX
        image = Image.fromarray(np.ascontiguousarray(np.moveaxis(pixels, 0, -1))).resize(size, way)
    canvas = ImageDraw.Draw(image)
    for ring in rings:
        places = [(float(x), float(y)) for x, y in ring.corners * scale]
        canvas.line(places, fill=ring.colour, width=ring.width)
    file = BytesIO()
    # a page of dozens of these is sent as one file
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()
