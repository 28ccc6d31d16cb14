"""Rasters: reading scenes as models want them, areas of interest, writing maps. The only rasterio beside vector."""

from .aoi import Aoi, load_aoi
from .georef import ground_size
from .info import Layer, SceneInfo, describe, finest
from .match import Match, match_bands
from .scaling import decide_scaling
from .sink import BLOCK, Kind, Sink, check_output, create_raster
from .source import Source, check_gsd, open_raster

__all__ = [
    "BLOCK",
    "Aoi",
    "Kind",
    "Layer",
    "Match",
    "SceneInfo",
    "Sink",
    "Source",
    "check_gsd",
    "check_output",
    "create_raster",
    "decide_scaling",
    "describe",
    "finest",
    "ground_size",
    "load_aoi",
    "match_bands",
    "open_raster",
]
