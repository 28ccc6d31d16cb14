"""Land-cover maps from satellite and aerial scenes of any size.

The names that this package exports are its public API; it follows Semantic Versioning 2.0.0: within
a major version (before 1.0, within a minor one) nothing in it goes or changes its meaning. What
will go is told one minor version ahead by a `DeprecationWarning` that names what takes its place.
All other modules and names may change with any version.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .core.version import __version__ as __version__

if TYPE_CHECKING:
    from .api import (
        batch,
        calibrate,
        change,
        check,
        evaluate,
        open_model,
        predict,
        rerun,
        sample,
        train,
        vectorize,
    )
    from .cli.defaults import read_defaults
    from .core.card import ModelCard
    from .core.errors import GeosegError
    from .core.events import Summary
    from .core.job import Job
    from .core.options import Options
    from .models import find_model, list_models, load_model
    from .prediction.pipeline import segment
    from .training.parse import read_config


_HOMES = {
    "GeosegError": "core.errors",
    "Job": "core.job",
    "ModelCard": "core.card",
    "Options": "core.options",
    "Summary": "core.events",
    "batch": "api",
    "calibrate": "api",
    "change": "api",
    "check": "api",
    "evaluate": "api",
    "find_model": "models",
    "list_models": "models",
    "load_model": "models",
    "open_model": "api",
    "predict": "api",
    "rerun": "api",
    "read_config": "training.parse",
    "read_defaults": "cli.defaults",
    "sample": "api",
    "segment": "prediction.pipeline",
    "train": "api",
    "vectorize": "api",
}

__all__ = [
    "GeosegError",
    "Job",
    "ModelCard",
    "Options",
    "Summary",
    "batch",
    "calibrate",
    "change",
    "check",
    "evaluate",
    "find_model",
    "list_models",
    "load_model",
    "open_model",
    "predict",
    "read_config",
    "read_defaults",
    "rerun",
    "sample",
    "segment",
    "train",
    "vectorize",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562), so that `import geoseg` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'geoseg' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
