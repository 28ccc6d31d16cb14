"""Polygons to files, one format at a time."""
