"""Compilation by numba, as everywhere in the package."""

from __future__ import annotations

from ..jit import bare, compiled, inlined

__all__ = ["bare", "compiled", "inlined"]
