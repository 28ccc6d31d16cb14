"""A network that is ready to run, kept between the scenes of a batch.

Compiling a network, and touching the memory that it computes in, take a tenth of a scene of
2,048 x 2,048 pixels; the scenes of a batch are often of one shape. A single network is kept, and
whoever takes it has it alone, so that two runs at once never share one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any


@dataclass(slots=True)
class Slot:
    """Room for one network."""

    users: int = 0
    """How many blocks of `networks_kept` are open; without one, nothing is kept."""
    key: object = None
    """Of what the network depends on."""
    network: Any = None
    """What is kept; None is nothing."""


_slot = Slot()
_lock = Lock()


@contextmanager
def networks_kept() -> Iterator[None]:
    """Keep the network of one run for the next one while the block runs.

    Yields
    ------
    None
        At the end of the last such block what is kept is dropped.
    """
    with _lock:
        _slot.users += 1
    try:
        yield
    finally:
        with _lock:
            _slot.users -= 1
            if not _slot.users:
                _slot.key = _slot.network = None


def take(key: object) -> Any:
    """Take the network that is kept; it is dropped where it is another one, before the memory of a
    new one is needed.

    Parameters
    ----------
    key
        All that the network depends on.

    Returns
    -------
    Any
        The network, which is kept no more; None where there is none of this key.
    """
    with _lock:
        kept, network = _slot.key, _slot.network
        _slot.key = _slot.network = None
    return network if kept == key else None


def put(key: object, network: Any) -> None:
    """Keep a network, in the place of another one.

    Parameters
    ----------
    key
        As `take` will be asked for it.
    network
        Nobody else may use it any more.
    """
    with _lock:
        if _slot.users:
            _slot.key, _slot.network = key, network
