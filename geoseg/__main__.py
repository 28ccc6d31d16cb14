"""`python -m geoseg`: the same as the command `geoseg`."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
