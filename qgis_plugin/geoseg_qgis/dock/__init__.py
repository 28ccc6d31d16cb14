"""The panel *geoseg Label*: label, learn, look, correct. `panel.py` is read first.

Nothing here waits: what takes time is done by two workers of the engine, `geoseg live` (maps and
segments of what the canvas shows) and `geoseg learn` (rounds of learning), and told by signals.
"""
