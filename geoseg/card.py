"""The model card: what a model expects of a scene, what its numbers mean, and how good it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

from .errors import ModelError

NODATA = 255  # class rasters are uint8 and leave this value for pixels without data
MOST_TILE = 16384  # pixels: larger windows would only exhaust the memory
COMMON_NAMES = (  # of bands, in the STAC extension eo v2.0.0
    "pan", "coastal", "blue", "green", "green05", "yellow", "red", "rededge", "rededge071", "rededge075",
    "rededge078", "nir", "nir08", "nir09", "cirrus", "swir16", "swir22", "lwir", "lwir11", "lwir12",
)  # fmt: skip
ACTIVATIONS = ("softmax", "sigmoid")
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")


@dataclass(frozen=True, slots=True)
class Scaling:
    """How digital numbers (DN) become physical values: value = DN * scale + offset."""

    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        _require(isfinite(self.scale) and self.scale > 0, f"scale {self.scale} must be above 0")
        _require(isfinite(self.offset), f"offset {self.offset} must be a number")


@dataclass(frozen=True, slots=True)
class Band:
    """One input band, in the order in which the network takes it.

    `common_name` is one of COMMON_NAMES, or empty where none fits. `wavelength` is the
    centre in micrometres. `mean` and `std` (in values, after the scaling) are what the
    network is normalised with; `low` and `high` are the 1st and 99th percentile of the
    values it was trained on.
    """

    name: str
    common_name: str
    wavelength: float | None
    mean: float
    std: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _require_printable("band name", self.name)
        _require(self.common_name in ("", *COMMON_NAMES), f"unknown common name {self.common_name!r} of {self.name!r}")
        numbers = (self.mean, self.std, self.low, self.high, self.wavelength or 1.0)
        _require(all(map(isfinite, numbers)), f"band {self.name!r} holds a number that is not finite")
        _require(self.std > 0, f"std {self.std} of band {self.name!r} must be above 0")
        _require(self.low <= self.high, f"band {self.name!r} ranges from {self.low} down to {self.high}")
        _require(self.wavelength is None or self.wavelength > 0, f"wavelength of band {self.name!r} must be above 0")


@dataclass(frozen=True, slots=True)
class Label:
    """One class of a map: its value in the class raster, its name, its colour as #rrggbb.

    `built` marks buildings, whose outlines have right angles.
    """

    value: int
    name: str
    colour: str
    built: bool = False

    def __post_init__(self) -> None:
        _require_printable("class name", self.name)
        match = re.fullmatch(r"#[0-9a-fA-F]{6}", self.colour)
        _require(match is not None, f"colour {self.colour!r} of {self.name!r} must read #rrggbb")

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, 0 to 255."""
        return int(self.colour[1:3], 16), int(self.colour[3:5], 16), int(self.colour[5:7], 16)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model expects of a scene, what its scores mean, and how far to trust them.

    `labels[i]` is the class of score i. `gsd` is the native ground sampling distance and
    `gsd_range` the least and the most, in metres. `dtypes` are the raster data types whose
    DN the `scaling` is meant for. `tile` and `overlap` are in pixels; a network that pools
    over its whole window has a `fixed_tile`, others take any multiple of `stride`.
    The logits are divided by `temperature`, fitted on places held out, so that the
    confidence is as high as the accuracy. The `activation` turns them into scores: softmax, of
    which all classes share 1, or sigmoid, each class by itself. Either way a pixel takes the
    class of the highest score, which is its confidence.
    `licence` is an SPDX identifier, `other`, or empty where nobody gave one.
    `hyperparameters` go to the architecture as keywords. `scores` are the measured ones,
    as nested JSON; `limits` what the model has not seen.
    """

    name: str
    description: str
    architecture: str
    hyperparameters: Mapping[str, Any]
    sensor: str
    bands: tuple[Band, ...]
    unit: str
    scaling: Scaling
    dtypes: tuple[str, ...]
    labels: tuple[Label, ...]
    gsd: float
    gsd_range: tuple[float, float]
    tile: int
    overlap: int
    stride: int = 32
    fixed_tile: bool = True
    licence: str = ""
    trained_on: str = ""
    credits: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    scores: Mapping[str, Any] = field(default_factory=dict)
    parameters: int = 0
    created: str = "1970-01-01T00:00:00Z"
    framework_version: str = ""
    temperature: float = 1.0
    activation: str = "softmax"

    def __post_init__(self) -> None:
        # a name stands in paths and tags: two dots side by side, or a slash, have no place in it
        _require(re.fullmatch(r"[A-Za-z][\w.-]+\w", self.name, re.ASCII) is not None and ".." not in self.name,
                 f"model name {self.name!r} must begin with a letter and hold letters, digits, '.-_'")  # fmt: skip
        _require(self.description.strip() != "", f"model {self.name!r} needs a description")
        _require(bool(self.bands and self.labels and self.dtypes), f"model {self.name!r} needs bands, classes, dtypes")
        _require(_unique(self.band_names), f"model {self.name!r} has two bands of the same name")
        for label in self.labels:  # other people's rasters have any values, a model's map is of bytes
            _require(0 <= label.value < NODATA,
                     f"class value {label.value} of {label.name!r} must be 0 to {NODATA - 1}")  # fmt: skip
        _require(_unique([label.value for label in self.labels]), f"model {self.name!r} has two classes of one value")
        _require(_unique([label.name for label in self.labels]), f"model {self.name!r} has two classes of one name")
        _require(set(self.dtypes) <= set(DTYPES), f"data types {self.dtypes} must be among {', '.join(DTYPES)}")
        _require(re.fullmatch(r"[\w.+-]*", self.licence, re.ASCII) is not None,
                 f"licence {self.licence!r} must be an SPDX identifier, or `other`")  # fmt: skip
        _require(self.parameters >= 0, f"model {self.name!r} cannot have {self.parameters} parameters")
        _require(isfinite(self.temperature) and self.temperature > 0,
                 f"temperature {self.temperature} of {self.name!r} must be above 0")  # fmt: skip
        _require(self.activation in ACTIVATIONS, f"activation {self.activation!r} must be {' or '.join(ACTIVATIONS)}")
        self._check_geometry()
        self._check_created()

    def _check_geometry(self) -> None:
        low, high = self.gsd_range
        _require(0 < low <= self.gsd <= high and isfinite(high), f"gsd {self.gsd} must lie within {low} to {high} m")
        _require(1 <= self.stride <= self.tile <= MOST_TILE and self.tile % self.stride == 0,
                 f"tile {self.tile} must be a multiple of stride {self.stride}, at most {MOST_TILE}")  # fmt: skip
        _require(0 <= self.overlap < self.tile, f"overlap {self.overlap} must be 0 or more and below tile {self.tile}")

    def _check_created(self) -> None:
        pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
        _require(re.fullmatch(pattern, self.created, re.ASCII) is not None, f"{self.created!r} is no RFC 3339 time")
        datetime.fromisoformat(self.created)  # raises ValueError, as on 30 February

    @property
    def band_names(self) -> tuple[str, ...]:
        """Names of the input bands, in order."""
        return tuple(band.name for band in self.bands)


def read_card(path: Path) -> ModelCard:
    """Read the card of a model bundle; ModelError where it is missing or is not a card."""
    from .files import check_regular
    from .stac import from_stac  # which builds on the types above

    check_regular(path)
    try:
        return from_stac(json.loads(path.read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite))
    except FileNotFoundError:
        raise ModelError(f"no model card at {path}", do="see `geoseg models list`") from None
    except OSError as error:
        raise ModelError(f"the model card {path} cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ModelError(
            f"{path} is not a geoseg model card: {type(error).__name__}: {error}",
            "a STAC item with the MLM extension as `geoseg train` writes it",
        ) from error


def write_card(card: ModelCard, path: Path) -> None:
    """Write the card as a STAC item, indented so that people can read it."""
    from .stac import to_stac

    path.write_text(json.dumps(to_stac(card), indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _finite(text: str) -> float:
    """JSON has no NaN and no infinity, though Python reads them."""
    number = float(text)
    _require(isfinite(number), f"{text} is no number")
    return number


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)


def _require_printable(what: str, text: str) -> None:
    """Names stand in tables, tags and legends: a line break or half a character would break them."""
    _require(text.strip() != "" and text.isprintable(), f"{what} {text!r} must be printable, and not empty")


def _unique(items: Sequence[object]) -> bool:
    return len(set(items)) == len(items)
