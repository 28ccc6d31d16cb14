"""From a class raster that streams by to regions with exact borders."""
