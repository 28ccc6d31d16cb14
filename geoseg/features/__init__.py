"""Vector files as input: classes, truth, areas of interest."""
