"""Land-cover maps from satellite and aerial scenes of any size."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .card import ModelCard
    from .errors import GeosegError
    from .events import Summary
    from .job import Job, Options
    from .models import find_model, list_models
    from .pipeline import predict, segment

try:
    __version__ = version("geoseg")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+source"

_HOMES = {
    "GeosegError": "errors",
    "Job": "job",
    "ModelCard": "card",
    "Options": "job",
    "Summary": "events",
    "find_model": "models",
    "list_models": "models",
    "predict": "pipeline",
    "segment": "pipeline",
}

__all__ = [
    "GeosegError",
    "Job",
    "ModelCard",
    "Options",
    "Summary",
    "find_model",
    "list_models",
    "predict",
    "segment",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562), so that `import geoseg` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'geoseg' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
