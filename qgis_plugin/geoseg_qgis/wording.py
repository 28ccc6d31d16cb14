"""What the engine says, in the words of a dialog: its fields and QGIS's tools for options and
programs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .text import tr

OPTION = re.compile(r"(?<![\w/\\-])--[a-z][a-z-]*")
PROGRAM = re.compile(r"\b(gdalwarp|gdal_translate|gdalbuildvrt)\b((?: -{1,2}\w+)*)")


def in_fields(text: str, fields: Mapping[str, str]) -> str:
    """Return a text with the fields in the place of the command line's options.

    `fields` gives the label of each option's field; "" is the label of the one that takes all
    other options, where there is one.
    """

    def field(match: re.Match[str]) -> str:
        option = match[0]
        if option in fields:
            return f"“{fields[option]}”"
        if "" in fields:
            return tr("{option} (in “{field}”)").format(option=option, field=fields[""])
        return option

    return PROGRAM.sub(_tool, OPTION.sub(field, text))


def _tool(match: re.Match[str]) -> str:
    """The tool of QGIS that runs a program; the program's own options go into one of its fields."""
    tools = {
        "gdalwarp": tr("the tool “Warp (reproject)”"),
        "gdal_translate": tr("the tool “Translate (convert format)”"),
        "gdalbuildvrt": tr("the tool “Build virtual raster”"),
    }
    return tools[match[1]] + (f" ({match[2].strip()})" if match[2] else "")
