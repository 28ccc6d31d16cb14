"""Compilation by numba: kept on disk where a folder for it can be written, else for this process only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile the function to machine code when it is first called; it runs without the interpreter's lock.

    numba keeps the code beside the source, or in the user's cache folder, or in
    NUMBA_CACHE_DIR; where none of these can be written (a read-only installation), it
    compiles again in each process, some seconds.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # "no locator available"
        return cast(F, numba.njit(nogil=True)(function))
