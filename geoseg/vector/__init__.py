"""Class raster to polygons: clean, trace, simplify, measure, write."""
