"""Where --out leads: to a file, or to a table of a database when all is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..core.errors import InputError
from ..core.events import Report
from ..core.job import is_table

TABLE = "postgresql://USER@HOST/DATABASE#SCHEMA.TABLE: a table of PostGIS."


@contextmanager
def delivered(
    out: str, overwrite: bool, layers: str, report: Report, stac: str | None = None
) -> Iterator[tuple[str, str, Report]]:
    """Have polygons written to a file as it is, or to a table when the block ends.

    Parameters
    ----------
    out
        What --out was given: a path, or the address of a table.
    overwrite
        Whether a table that is there is replaced.
    layers
        One of `options.LAYERS`.
    report
        Takes the events.
    stac
        Where the STAC item of the map goes, if anywhere.

    Yields
    ------
    tuple[str, str, Report]
        Where the run writes them; what people are told of it; and what takes the run's events.

    Raises
    ------
    InputError
        If the table cannot have what is asked for; and as `postgis.delivered`.
    """
    if not is_table(out):
        yield out, out, report
        return
    for given, why in (
        ("--layers class" if layers == "class" else "", "one table, with all classes"),
        (f"--stac {stac}" if stac else "", "--out FILE, as an item's files have places"),
    ):
        if given:
            raise InputError(f"{given} with a table of a database", why)
    from .postgis import delivered as into_table

    with into_table(out, overwrite, report) as found:
        yield found
