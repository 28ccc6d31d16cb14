"""Compilation by numba: kept on disk where a folder for it can be written, else for this process
only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def _known(option: str) -> bool:
    """Tell whether numba has a private option; where these are listed is private, too."""
    listed = getattr(getattr(numba.core, "options", None), "DefaultOptions", None)
    return hasattr(listed, option)


# nrt: numba's run time, which counts references. The option has no promise to stay: without it all
# is as right, slower
BARE: dict[str, Any] = {"nogil": True} | ({"_nrt": False} if _known("_nrt") else {})


def compiled(function: F) -> F:
    """Compile a function to machine code when it is first called; it then runs without Python's
    lock.

    numba keeps the code beside the source, or in the user's cache folder, or in NUMBA_CACHE_DIR;
    where none of these can be written (a read-only installation), it compiles again in each
    process, some seconds.

    Parameters
    ----------
    function
        Of numbers and arrays, in what numba knows of Python.

    Returns
    -------
    F
        To be called like it.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # "no locator available"
        return cast(F, numba.njit(nogil=True)(function))


def bare(function: F) -> F:
    """Compile, and keep, a function without numba's counting of references to the arrays it is
    given.

    Each array that a loop takes out of a named tuple would be counted, atomically, which can be
    half of the loop's time.

    Parameters
    ----------
    function
        It makes no arrays, and calls only what is bare as well.

    Returns
    -------
    F
        To be called like it, from compiled functions or from Python.
    """
    try:
        return cast(F, numba.njit(cache=True, **BARE)(function))
    except RuntimeError:  # as above
        return cast(F, numba.njit(**BARE)(function))


def inlined(function: F) -> F:
    """Compile a bare function into each of its callers: a call with many arrays costs more than its
    work.

    Parameters
    ----------
    function
        As for `bare`.

    Returns
    -------
    F
        To be called like it, from compiled functions.
    """
    return cast(F, numba.njit(forceinline=True, **BARE)(function))


__all__ = ["bare", "compiled", "inlined"]
