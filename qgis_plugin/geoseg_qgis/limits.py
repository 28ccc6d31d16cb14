"""Limits and choices of the engine's options: what the engine said of them when it last ran.

A dialog starts no process: the engine is asked once for each of its versions, when it is set up or
runs, and the answer is kept beside it. Until then holds what came with the plugin
(`options.json`, written by ../engine_options.py), which is of the engine that belongs to it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from . import engine

SHIPPED = engine.HERE / "options.json"
Facts = Mapping[str, Any]  # of an option: type, default, minimum, maximum, choices, ...


def facts(command: str, option: str, setting: str = "") -> Facts:
    """Return what is known of an option of a command, such as --tile of predict.

    `setting` is the engine's place, where the user has named one. An engine that is older or newer
    than the plugin may not have the option: then the shipped facts count.
    """
    return _find(_known(setting), command, option) or _find(_read(SHIPPED), command, option)


def _find(known: Facts, command: str, option: str) -> Facts:
    own = known.get("commands", {}).get(command, {}).get("options", {})
    groups = [own, *known.get("options", {}).values()]
    found = (one for group in groups for one in group.values() if one["option"] == option)
    return next(found, {})


def _known(setting: str) -> Facts:
    """Return the kept answer of the engine that would run; nothing where there is none."""
    try:
        kept = _place(engine.find(setting))
    except engine.NoEngine:
        return {}
    return _read(kept, kept.stat().st_mtime_ns) if kept.is_file() else {}


def _place(found: engine.Engine) -> Path:
    name = sha256(found.python.encode()).hexdigest()[:16]
    return engine.data_folder(os.environ) / f"options-{name}.json"


@lru_cache(maxsize=4)
def _read(path: Path, changed: int = 0) -> Facts:  # noqa: ARG001 - a key of the cache
    """Return a file's facts; it is read again when it has `changed`."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def keep(found: engine.Engine) -> None:
    """Ask an engine for its options, unless the answer of this version is there; not in a dialog,
    for it starts a process. What fails is left: the shipped facts go on to hold.
    """
    place = _place(found)
    with contextlib.suppress(engine.NoEngine, OSError, ValueError, KeyError, TypeError):
        version = engine.version(found)
        if version != engine.FROM_SOURCE and _read(place).get("geoseg") == version:
            return
        answer = engine.ask(found, "options", "--json").stdout
        if json.loads(answer)["commands"]:
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_suffix(f".{os.getpid()}.part")
            part.write_text(answer, encoding="utf-8")
            part.replace(place)
            _read.cache_clear()
