"""Every page that geoseg writes: style, tables, charts and pictures; `page.py` is read first."""
