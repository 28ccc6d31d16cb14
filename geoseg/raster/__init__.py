"""Rasters: reading scenes as models want them, areas of interest, writing maps. The only
rasterio beside vector.
"""
