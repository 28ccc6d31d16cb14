"""How one coordinate reference system is related to another; those that are not are refused in
one line.
"""

from __future__ import annotations

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from ..core.errors import InputError

LONGEST = 60  # letters of a name: a CRS without a code may have any


def relate(theirs: str | None, ours: str | None, name: str, other: str) -> Transformer | None:
    """Return the way from one CRS to another, x before y.

    Parameters
    ----------
    theirs, ours
        As WKT or a code; None for data without a CRS.
    name, other
        What is in each of them, in a few words, for the error.

    Returns
    -------
    Transformer | None
        None where both are the same, or one is unknown: coordinates are then taken as they are.

    Raises
    ------
    InputError
        If nothing leads from one to the other, as with a local CRS.
    """
    if theirs is None or ours is None:
        return None
    one = read_crs(theirs, name)
    two = read_crs(ours, other)
    if one == two:
        return None
    if one.geodetic_crs is not None and two.geodetic_crs is not None:
        try:
            return Transformer.from_crs(one, two, always_xy=True)
        except ProjError:
            pass  # such as of another planet; PROJ tells it on pages
    raise InputError(
        f"{name} is in {call(one)}, which cannot be related to {call(two)} of {other}",
        "two systems that are tied to the same Earth",
        "where its true CRS is known, give it that: gdal_edit.py -a_srs for a raster, ogr2ogr "
        "-a_srs for vector data",
    )


def read_crs(crs: str, name: str) -> CRS:
    """Return the CRS that a text tells.

    Parameters
    ----------
    crs
        WKT or a code.
    name
        What is in it, in a few words, for the error.

    Returns
    -------
    CRS
        As PROJ knows it.

    Raises
    ------
    InputError
        If PROJ knows none such.
    """
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        found = (
            f"{name} cannot be brought to another CRS: PROJ does not know its own, "
            f"{crs[:LONGEST]!r}"
        )
        raise InputError(found, "one such as EPSG:32632") from error


def tied_to_earth(crs: str) -> bool:
    """Return whether places in a CRS have a longitude and latitude.

    Parameters
    ----------
    crs
        WKT or a code.

    Returns
    -------
    bool
        False also for a text that is no CRS.
    """
    try:
        return CRS.from_user_input(crs).geodetic_crs is not None
    except CRSError:
        return False


def call(crs: CRS) -> str:
    """Return what a CRS is called.

    Parameters
    ----------
    crs
        Of any kind.

    Returns
    -------
    str
        Its code, or that it is one of that name.
    """
    code = crs.to_authority(min_confidence=100)
    if code:
        return ":".join(code)
    name = " ".join(crs.name.split())[:LONGEST]
    kind = "a CRS" if crs.geodetic_crs is not None else "a local CRS"
    return f"{kind} ({name})" if name else kind
