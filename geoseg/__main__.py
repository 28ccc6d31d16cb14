"""`python -m geoseg`: the same as the command `geoseg`."""

from .cli import main

if __name__ == "__main__":
    main()
