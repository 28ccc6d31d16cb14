"""The engine's words in a dialog's: fields for options, QGIS's tools for programs."""

from __future__ import annotations

import pytest
from geoseg_qgis.wording import in_fields

FIELDS = {"--bands": "Numbers of the bands", "--scale": "Scale", "": "More options"}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("name them with --bands 4,3,2", "name them with “Numbers of the bands” 4,3,2"),
        (
            "say --scale 0.0001 or --zonal B04",
            "say “Scale” 0.0001 or --zonal (in “More options”) B04",
        ),
        (
            "resample it with gdalwarp -tr, or choose",
            "resample it with the tool “Warp (reproject)” (-tr), or choose",
        ),
        (
            "bring them north up with gdalwarp",
            "bring them north up with the tool “Warp (reproject)”",
        ),
        ("gdal_translate -expand rgb", "the tool “Translate (convert format)” (-expand) rgb"),
        (
            "a--scale of no option, and /data/--scale-me.tif",
            "a--scale of no option, and /data/--scale-me.tif",
        ),
        ("nothing of a command line", "nothing of a command line"),
    ],
)
def test_options_become_fields(said: str, shown: str) -> None:
    assert in_fields(said, FIELDS) == shown


def test_without_a_field_for_other_options_they_stay() -> None:
    assert in_fields("use --zonal B04", {}) == "use --zonal B04"
