"""Provenance: of what, by what and how an output was made, in one form for all formats."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .errors import InputError
from .redact import redact

TAG = "geoseg_provenance"
"""The name under which a file holds it, as JSON."""
ITEM_KEY = "geoseg:provenance"
"""The same in the properties of a STAC item, as an object."""
KIND_TAG = "geoseg_output"
"""Of a raster: which of a run's outputs it is."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file that was read."""

    path: str
    """As it was named; of an address without its secrets."""
    use: str
    """What for: scene, item, aoi, calibration, classes, confidence, mask or zonal."""
    size: int | None = None
    """Bytes; None where they are not known."""
    digest: str = ""
    """Kind and digest, such as sha256:0f...; of an address etag: or modified:, as its server says;
    "" where nothing is known."""


@dataclass(frozen=True, slots=True)
class UsedModel:
    """A model that was used."""

    given: str
    """Its name, or its path as it was given."""
    name: str
    """On its card."""
    sha256: str
    """Of its weights."""
    licence: str = ""
    """As on its card."""
    credits: tuple[str, ...] = ()
    """Its sources, as on its card."""
    card: str = ""
    """Digest of what on its card decides the scores; "" where an output does not say."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of what, by what and how an output was made."""

    command: str
    """The command of geoseg, such as predict."""
    scene: tuple[str, ...]
    """What was mapped or traced, as it was named; empty where it lay in memory."""
    inputs: tuple[Input, ...]
    """The files that were read."""
    models: tuple[UsedModel, ...] = ()
    """One or several, whose scores were averaged."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """By name, as JSON holds them."""
    computed: Mapping[str, Any] = field(default_factory=dict)
    """What was decided on the way: engine, precision, device, tile, overlap."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of geoseg and of what it computes with."""
    region: tuple[int, ...] | None = None
    """The part of the scene, as of a job; None is all."""

    def text(self) -> str:
        """Return it as files hold it.

        Returns
        -------
        str
            JSON on one line, in ASCII, without the secrets of addresses.
        """
        told = {key: value for key, value in asdict(self).items() if value not in (None, ())}
        return redact(json.dumps(told, sort_keys=True, separators=(",", ":")))


def read_provenance(text: str, name: str) -> Provenance:
    """Read what a file says.

    Parameters
    ----------
    text
        Of `Provenance.text`, of this version or another.
    name
        Of the file, for errors.

    Returns
    -------
    Provenance
        Checked in the types of its fields.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        told = json.loads(text)
        return _read(told)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise InputError(
            f"what {name} says of how it was made cannot be read: {error}",
            f"{TAG} as geoseg writes it",
        ) from error


def _read(told: Mapping[str, Any]) -> Provenance:
    region = told.get("region")
    return Provenance(
        _text(told["command"]),
        tuple(_text(path) for path in _list(told.get("scene", []))),
        tuple(Input(**_known(Input, entry)) for entry in _list(told.get("inputs", []))),
        tuple(
            UsedModel(**_known(UsedModel, entry) | {"credits": tuple(entry.get("credits", ()))})
            for entry in _list(told.get("models", []))
        ),
        dict(told.get("options", {})),
        dict(told.get("computed", {})),
        {_text(key): _text(value) for key, value in told.get("versions", {}).items()},
        tuple(int(number) for number in region) if region else None,
    )


def _known(kind: Any, entry: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    found = {key: value for key, value in entry.items() if key in names}
    for key, value in found.items():
        is_size = key == "size" and isinstance(value, int)
        if not (is_size or key == "credits" or value is None):
            _text(value)
    return found


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is {type(value).__name__}, not a list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is {type(value).__name__}, not a text")
    return value


def differences(now: Provenance, then: Provenance) -> list[str]:
    """Tell what of two that decides about the map is not the same.

    Parameters
    ----------
    now
        What would be done.
    then
        What was done.

    Returns
    -------
    list of str
        A line for each input, model and decision that changed; versions, and where files lie, are
        no difference.
    """
    found = _inputs(now.inputs, then.inputs)
    found += [
        f"the model {old.given} has weights of SHA-256 {new.sha256[:12]}..., and had "
        f"{old.sha256[:12]}..."
        for new, old in zip(now.models, then.models, strict=False)
        if new.sha256 != old.sha256
    ]
    found += [
        f"the card of the model {old.given} scales, names or reads otherwise than it did"
        for new, old in zip(now.models, then.models, strict=False)
        if old.card and new.card != old.card
    ]
    if len(now.models) != len(then.models):
        found.append(f"{len(now.models)} models, and there were {len(then.models)}")
    for name in sorted({*now.computed, *then.computed}):
        new, old = now.computed.get(name), then.computed.get(name)
        if new != old:
            found.append(f"{name} is {new} here, and was {old}")
    return found


def _inputs(now: Sequence[Input], then: Sequence[Input]) -> list[str]:
    found = []
    if len(now) != len(then):
        found.append(f"{len(now)} input files are read, and {len(then)} were")
    for new, old in zip(now, then, strict=False):
        if new.digest and old.digest and new.digest != old.digest:
            sizes = f" ({new.size} bytes, and had {old.size})" if new.size != old.size else ""
            found.append(
                f"{old.path} has changed{sizes}: {new.digest[:24]}..., and it was "
                f"{old.digest[:24]}..."
            )
        elif new.size != old.size and None not in (new.size, old.size):
            found.append(f"{old.path} has {new.size} bytes, and had {old.size}")
    return found


def version_notes(now: Provenance, then: Provenance) -> list[str]:
    """Tell which versions are not the same.

    Parameters
    ----------
    now, then
        Of two runs.

    Returns
    -------
    list of str
        Such as "numpy 2.1.0, and it was 2.0.2".
    """
    names = sorted({*now.versions, *then.versions})
    return [
        f"{name} {now.versions.get(name, 'is missing')}, and it was "
        f"{then.versions.get(name, 'missing')}"
        for name in names
        if now.versions.get(name) != then.versions.get(name)
    ]
