"""One style for every page that geoseg writes."""
