"""Compilation by numba, as everywhere in the package."""

from __future__ import annotations

from ..jit import compiled

__all__ = ["compiled"]
