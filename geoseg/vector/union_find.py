"""Disjoint sets as one array: the sets of labels that turned out to be one connected component."""

from __future__ import annotations

from ..core.arrays import Ints
from ..core.jit import inlined, int64


@inlined
def find(parent: Ints, label: int) -> int:
    """Return the root of a set, halving the path to it (Tarjan and van Leeuwen 1984).

    Parameters
    ----------
    parent
        int32 [label]: itself, or a label that it was joined to; paths are shortened.
    label
        Any member of the set.

    Returns
    -------
    int
        The member that is its own parent.
    """
    while parent[label] != label:
        parent[label] = parent[parent[label]]
        label = parent[label]
    return int64(label)
