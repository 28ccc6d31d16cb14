"""Open borders as chains of vertices: started, prolonged, joined, and closed to rings of their regions."""

from __future__ import annotations

from .jit import bare, inlined
from .labels import find
from .state import (
    CHAIN_TOP,
    FREE_CHAINS,
    FREE_RINGS,
    FREE_VERTEX,
    NEXT_VERTEX,
    RING_TOP,
    RINGS,
    VERTEX_TOP,
    VERTICES,
    Chains,
    Floats,
    Ints,
    Longs,
    Regions,
    Rings,
    X,
    Y,
)


@inlined
def new_vertex(v: Ints, s: Longs, x: int, y: int, after: int) -> int:
    """Return a new vertex, and the one that follows it (-1: none)."""
    q = s[FREE_VERTEX]
    if q >= 0:
        s[FREE_VERTEX] = v[q, NEXT_VERTEX]
    else:
        q = s[VERTEX_TOP]
        s[VERTEX_TOP] += 1
    v[q, X], v[q, Y], v[q, NEXT_VERTEX] = x, y, after
    s[VERTICES] += 1
    return int(q)


@inlined
def new_chain(head: Ints, tail: Ints, total: Floats, free: Ints, s: Longs, q: int, area: float) -> int:
    """Return a new chain of one vertex."""
    if s[FREE_CHAINS] > 0:
        s[FREE_CHAINS] -= 1
        k = free[s[FREE_CHAINS]]
    else:
        k = s[CHAIN_TOP]
        s[CHAIN_TOP] += 1
    head[k], tail[k], total[k] = q, q, area
    return int(k)


@inlined
def append(v: Ints, tail: Ints, total: Floats, k: int, q: int, area: float) -> None:
    """Let vertex q follow a chain's tail."""
    v[tail[k], NEXT_VERTEX] = q
    tail[k] = q
    total[k] += area


@inlined
def prepend(head: Ints, total: Floats, k: int, q: int, area: float) -> None:
    """Let vertex q, which points at it already, come before a chain's head."""
    head[k] = q
    total[k] += area


@bare
def join(
    c: Chains, v: Ints, arriving: Ints, r: Regions, rings: Rings, s: Longs, k: int, other: int, label: int
) -> None:  # fmt: skip
    """Let chain `other` follow chain k; if they are one, it is a ring of the region with this label."""
    if k == other:
        close_ring(c, k, r, find(r.parent, label), rings, s)
        return
    v[c.tail[k], NEXT_VERTEX] = c.head[other]
    c.tail[k] = c.tail[other]
    c.area[k] += c.area[other]
    end = c.end[other]
    c.end[k] = end  # the tail of the other chain is now this one's, wherever it arrives
    if end >= 0:
        arriving[end] = k
    free_chain(c, other, s)


@inlined
def free_chain(c: Chains, k: int, s: Longs) -> None:
    """Let the chain's number be used again; nothing may point at it."""
    c.free[s[FREE_CHAINS]] = k
    s[FREE_CHAINS] += 1


@bare
def close_ring(c: Chains, k: int, r: Regions, region: int, rings: Rings, s: Longs) -> None:
    """Make a ring of a chain whose head met its tail, the first of its region: the outer ring closes last."""
    if s[FREE_RINGS] > 0:
        s[FREE_RINGS] -= 1
        z = rings.free[s[FREE_RINGS]]
    else:
        z = s[RING_TOP]
        s[RING_TOP] += 1
    s[RINGS] += 1
    rings.head[z], rings.tail[z], rings.next[z] = c.head[k], c.tail[k], r.first_ring[region]
    if r.first_ring[region] < 0:
        r.last_ring[region] = z
    r.first_ring[region] = z
    r.area[region] += c.area[k]
    free_chain(c, k, s)
