"""Public data sets in the layouts of their makers, read as class rasters and object numbers."""
