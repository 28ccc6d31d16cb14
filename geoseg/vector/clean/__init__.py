"""What is done to a class raster before it is traced."""
