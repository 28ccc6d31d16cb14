"""A network converted in a process of its own: PyTorch's half a gigabyte of memory is not that of
the run that maps.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import GeosegError
from .engine import EngineError

if TYPE_CHECKING:
    from ..core.card import Scaling
    from . import Bundle

ROOT = str(Path(__file__).parents[2])
CONVERT = (
    # PyTorch first: where it is, nothing is converted in yet another process
    f"import sys; sys.path.insert(0, {ROOT!r}); import torch; "
    "from geoseg.models.apart import convert_here; from geoseg.models.openvino import engine; "
    "convert_here(engine)"
)
_here: list[bool] = []  # whether this process converts by itself
REFUSED = 3  # exit status: the network cannot be converted, and standard output says why


def convert_in_this_process() -> None:
    """Have networks converted in this process from now on: it is one that goes on, for which a
    second conversion without the start of another process is worth PyTorch's memory.
    """
    _here[:] = [True]


def convert_apart(bundle: Bundle, cache: Path) -> bool:
    """Have another process convert a network.

    Parameters
    ----------
    bundle
        The model.
    cache
        The folder that the other process takes for the cache, and leaves it in.

    Returns
    -------
    bool
        Whether it did; where it did not, this process is to try, for the error that it meets.

    Raises
    ------
    EngineError
        If OpenVINO cannot compute this network.
    """
    if (
        _here or not sys.executable or "torch" in sys.modules
    ):  # loaded already: nothing is to be gained
        return False
    try:
        done = subprocess.run(  # noqa: S603 - this program itself
            [sys.executable, "-c", CONVERT],
            input=pickle.dumps(bundle),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"GEOSEG_CACHE": str(cache)},
            check=False,
        )
    except OSError:
        return False
    if done.returncode == REFUSED:
        found, expected, do = done.stdout.decode().split("\0")
        raise EngineError(found, expected, do)
    return done.returncode == 0


def convert_here(engine: Callable[[Bundle, Scaling], object]) -> None:
    """Convert the network of the pickled bundle on standard input: the other process.

    Parameters
    ----------
    engine
        That of OpenVINO, which keeps what it has converted.
    """
    bundle = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    try:
        engine(bundle, bundle.card.scaling)
    except EngineError as error:
        told = "\0".join((error.found, error.expected, error.do))
        sys.stdout.write(told)
        sys.stdout.flush()
        sys.exit(REFUSED)
    except GeosegError:
        sys.exit(1)
