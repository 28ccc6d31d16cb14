"""Rasters: reading scenes as models want them, areas of interest, writing maps. The only rasterio beside vector."""

from .aoi import Aoi, load_aoi
from .files import check_output, check_outputs
from .fit import Fit, check_sensor, fit
from .georef import ground_size
from .info import Layer, SceneInfo, describe, finest
from .match import Match, match_bands
from .sample import Areas
from .scaling import decide_scaling
from .sink import BLOCK, Kind, Sink, create_raster
from .source import Source, open_described, open_raster
from .values import constant_warning

__all__ = [
    "BLOCK",
    "Aoi",
    "Areas",
    "Fit",
    "Kind",
    "Layer",
    "Match",
    "SceneInfo",
    "Sink",
    "Source",
    "check_output",
    "check_outputs",
    "check_sensor",
    "constant_warning",
    "create_raster",
    "decide_scaling",
    "describe",
    "finest",
    "fit",
    "ground_size",
    "load_aoi",
    "match_bands",
    "open_described",
    "open_raster",
]
