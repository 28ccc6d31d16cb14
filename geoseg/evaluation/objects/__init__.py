"""How well a map's objects agree with those of the truth; `overlaps.py` is read first."""
