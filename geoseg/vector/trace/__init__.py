"""From a class raster that streams by to connected components with exact borders."""
