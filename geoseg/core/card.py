"""The model card: what a model expects of a scene, what its numbers mean, and how good it is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

from .embedding import Embedding
from .errors import ModelError
from .interface import ARTIFACTS, Interface, read_interface
from .spectra import Spectra

NODATA = 255  # class rasters are uint8 and leave this value for pixels without data
MOST_TILE = 16384  # pixels: larger windows would only exhaust the memory
COMMON_NAMES = (  # of bands, in the STAC extension eo v2.0.0
    "pan",
    "coastal",
    "blue",
    "green",
    "green05",
    "yellow",
    "red",
    "rededge",
    "rededge071",
    "rededge075",
    "rededge078",
    "nir",
    "nir08",
    "nir09",
    "cirrus",
    "swir16",
    "swir22",
    "lwir",
    "lwir11",
    "lwir12",
)
ACTIVATIONS = ("softmax", "sigmoid")
NUMBERS = "none"  # the activation where the output is numbers, and no scores of classes
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")


@dataclass(frozen=True, slots=True)
class Scaling:
    """How digital numbers (DN) become physical values: value = DN * scale + offset."""

    scale: float = 1.0
    """Above 0, in the card's unit for one digital number."""
    offset: float = 0.0
    """In the card's unit."""

    def __post_init__(self) -> None:
        _require(isfinite(self.scale) and self.scale > 0, f"scale {self.scale} must be above 0")
        _require(isfinite(self.offset), f"offset {self.offset} must be a number")


@dataclass(frozen=True, slots=True)
class Band:
    """One input band, in the order in which the network takes it."""

    name: str
    """Such as "B04"; unique on the card."""
    common_name: str
    """One of COMMON_NAMES, or "" where none fits."""
    wavelength: float | None
    """The centre, in micrometres; None where it has none."""
    mean: float
    """What the network is normalised with, in values after the scaling."""
    std: float
    """As `mean`; above 0."""
    low: float
    """The 1st percentile of the values that the network was trained on."""
    high: float
    """Their 99th percentile."""

    def __post_init__(self) -> None:
        _require_printable("band name", self.name)
        _require(
            self.common_name in ("", *COMMON_NAMES),
            f"unknown common name {self.common_name!r} of {self.name!r}",
        )
        numbers = (self.mean, self.std, self.low, self.high, self.wavelength or 1.0)
        _require(
            all(map(isfinite, numbers)), f"band {self.name!r} holds a number that is not finite"
        )
        _require(self.std > 0, f"std {self.std} of band {self.name!r} must be above 0")
        _require(
            self.low <= self.high, f"band {self.name!r} ranges from {self.low} down to {self.high}"
        )
        _require(
            self.wavelength is None or self.wavelength > 0,
            f"wavelength of band {self.name!r} must be above 0",
        )


@dataclass(frozen=True, slots=True)
class Label:
    """One class of a map."""

    value: int
    """In the class raster; 0 to 254 on a model's card, any whole number in other rasters."""
    name: str
    """As people read it."""
    colour: str
    """As #rrggbb."""
    is_building: bool = False
    """Whether its outlines have right angles."""
    is_thing: bool = False
    """Whether it is counted in objects, such as houses; other classes are stuff, such as grass."""

    def __post_init__(self) -> None:
        _require_printable("class name", self.name)
        match = re.fullmatch(r"#[0-9a-fA-F]{6}", self.colour)
        _require(match is not None, f"colour {self.colour!r} of {self.name!r} must read #rrggbb")

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, 0 to 255."""
        return int(self.colour[1:3], 16), int(self.colour[3:5], 16), int(self.colour[5:7], 16)


@dataclass(frozen=True, slots=True)
class DepthField:
    """What the plane is that a network gives behind the scores of its classes: how far inside its
    object a pixel lies, from 0 at the object's border, also where objects touch, to 1.
    """

    limit: float
    """Pixels, as the network sees them, from the border at which it is 1; above 0."""

    def __post_init__(self) -> None:
        _require(
            isfinite(self.limit) and self.limit > 0,
            f"the depth's limit {self.limit} must be above 0",
        )


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model expects of a scene, what its scores mean, and how far to trust them."""

    name: str
    """Letters, digits and .-_; it stands in paths and tags."""
    description: str
    """One sentence or a few."""
    architecture: str
    """One of ARCHITECTURES, or of what other packages add; of a foreign network any word."""
    hyperparameters: Mapping[str, Any]
    """What goes to the architecture as keywords."""
    sensor: str
    """What took the scenes that it was trained on."""
    bands: tuple[Band, ...]
    """The network's input, in its order."""
    unit: str
    """Of the values after the scaling, such as "reflectance"."""
    scaling: Scaling
    """From the digital numbers of `dtypes` to values."""
    dtypes: tuple[str, ...]
    """The raster data types whose digital numbers the scaling is meant for."""
    labels: tuple[Label, ...]
    """The class of each score of the network."""
    gsd: float
    """The native ground sampling distance, in metres."""
    gsd_range: tuple[float, float]
    """The least and the most of it, in metres, that the network knows."""
    tile: int
    """Pixels of a tile's side, a multiple of `stride`."""
    overlap: int
    """Pixels that neighbouring tiles share."""
    stride: int = 32
    """Pixels; a tile's side is a multiple of it."""
    fixed_tile: bool = True
    """Whether the network pools over its whole tile, and takes none of another side."""
    licence: str = ""
    """An SPDX identifier, "other", or "" where nobody gave one."""
    trained_on: str = ""
    """Places, dates and labels, in a sentence."""
    credits: tuple[str, ...] = ()
    """What the data's licences ask to be named."""
    limits: tuple[str, ...] = ()
    """What the model has not seen, or confuses."""
    scores: Mapping[str, Any] = field(default_factory=dict)
    """The measured ones, as nested JSON."""
    scores_from: str = ""
    """Whose scores these are where they are not of these very weights: those of a twin, trained
    alike without what it was measured on. "" where they are its own.
    """
    good_for: str = ""
    """For whom and for what it is good enough, in a sentence of plain words."""
    parameters: int = 0
    """How many numbers the network has."""
    created: str = "1970-01-01T00:00:00Z"
    """As RFC 3339 writes times."""
    framework_version: str = ""
    """Of the PyTorch that it was trained with, or ""."""
    temperature: float = 1.0
    """What the logits are divided by, fitted on places held out, so that the confidence is as high
    as the accuracy.
    """
    activation: str = "softmax"
    """What makes scores of the logits: softmax, of which all classes share 1, or sigmoid, each
    class by itself. Either way a pixel takes the class of the highest score, which is its
    confidence. "none" is for numbers, which are mapped as they are: regression.
    """
    spectra: Spectra | None = None
    """Which values of the bands go together in what the model knows; None where nobody measured
    it.
    """
    interface: Interface | None = None
    """How a network that somebody else made is fed and read; None for one of ARCHITECTURES."""
    embedding: Embedding | None = None
    """What the network's last features are of what it knows; None where nobody measured it."""
    depth: DepthField | None = None
    """What the network's last plane is, behind the scores of the classes, by which objects of the
    classes that are things are told apart; None where it gives scores alone.
    """

    @property
    def planes(self) -> int:
        """How many planes the network gives: a score of each class, and the depth if it has one."""
        return len(self.labels) + (self.depth is not None)

    @property
    def task(self) -> str:
        """What its maps are by themselves: "semantic", or with a depth "instances" where all is
        background that is no thing, and "panoptic" where there are several classes of stuff.
        """
        if self.depth is None:
            return "semantic"
        stuff = sum(not label.is_thing for label in self.labels)
        return "panoptic" if stuff > 1 else "instances"

    @property
    def fingerprint(self) -> str:
        """Digest, as hexadecimal, of what here decides the scores that the weights give."""
        told = {
            "architecture": [self.architecture, dict(self.hyperparameters)],
            "bands": [(band.name, band.mean, band.std) for band in self.bands],
            "unit": [self.unit, self.scaling.scale, self.scaling.offset],
            "labels": [(label.value, label.name) for label in self.labels],
            "gsd": self.gsd,
            "scores": [self.temperature, self.activation],
            "interface": self.interface.to_json() if self.interface else None,
        }
        if self.depth is not None:  # else the digest is what it was before there were depths
            things = [label.name for label in self.labels if label.is_thing]
            told["depth"] = [self.depth.limit, things]
        text = json.dumps(told, sort_keys=True, default=list)
        return hashlib.sha256(text.encode()).hexdigest()

    def __post_init__(self) -> None:
        # a name stands in paths and tags: two dots side by side, or a slash, have no place in it
        _require(
            re.fullmatch(r"[A-Za-z][\w.-]+\w", self.name, re.ASCII) is not None
            and ".." not in self.name,
            f"model name {self.name!r} must begin with a letter and hold three or more letters, "
            "digits and '.-_', but for two dots together",
        )
        _require(self.description.strip() != "", f"model {self.name!r} needs a description")
        _require(
            bool(self.bands and self.labels and self.dtypes),
            f"model {self.name!r} needs bands, classes, dtypes",
        )
        _require(_unique(self.band_names), f"model {self.name!r} has two bands of the same name")
        for (
            label
        ) in self.labels:  # other people's rasters have any values, a model's map is of bytes
            _require(
                0 <= label.value < NODATA,
                f"class value {label.value} of {label.name!r} must be 0 to {NODATA - 1}",
            )
        _require(
            _unique([label.value for label in self.labels]),
            f"model {self.name!r} has two classes of one value",
        )
        _require(
            _unique([label.name for label in self.labels]),
            f"model {self.name!r} has two classes of one name",
        )
        _require(
            set(self.dtypes) <= set(DTYPES),
            f"data types {self.dtypes} must be among {', '.join(DTYPES)}",
        )
        _require(
            re.fullmatch(r"[\w.+-]*", self.licence, re.ASCII) is not None,
            f"licence {self.licence!r} must be an SPDX identifier, or `other`",
        )
        _require(
            self.parameters >= 0, f"model {self.name!r} cannot have {self.parameters} parameters"
        )
        _require(
            isfinite(self.temperature) and self.temperature > 0,
            f"temperature {self.temperature} of {self.name!r} must be above 0",
        )
        _require(
            self.activation in (*ACTIVATIONS, NUMBERS),
            f"activation {self.activation!r} must be {' or '.join(ACTIVATIONS)}",
        )
        _require(
            self.spectra is None or self.spectra.bands == len(self.bands),
            f"the spectra of {self.name!r} must be of {len(self.bands)} bands",
        )
        self._check_interface()
        self._check_depth()
        self._check_geometry()
        self._check_created()

    def _check_interface(self) -> None:
        clipped = self.interface.clip if self.interface else ()
        _require(
            len(clipped) in (0, len(self.bands)),
            f"the interface of {self.name!r} clips {len(clipped)} bands of {len(self.bands)}",
        )
        numbers = self.interface is not None and self.interface.result == "numbers"
        _require(
            self.interface is None or numbers == self.maps_numbers,
            f"{self.name!r} gives numbers, or scores of classes: activation {self.activation!r}",
        )
        single = self.interface is not None and self.interface.one_score
        _require(
            not single or len(self.labels) == 2,
            f"one score tells two classes apart, and {self.name!r} has {len(self.labels)}",
        )

    def _check_depth(self) -> None:
        if self.depth is None:
            return
        _require(
            any(label.is_thing for label in self.labels),
            f"{self.name!r} has a depth of objects, and no class that is a thing",
        )
        _require(
            self.interface is None and not self.maps_numbers,
            f"{self.name!r} has a depth, which networks of geoseg's own architectures alone give",
        )

    def _check_geometry(self) -> None:
        low, high = self.gsd_range
        _require(
            0 < low <= self.gsd <= high and isfinite(high),
            f"gsd {self.gsd} must lie within {low} to {high} m",
        )
        _require(
            1 <= self.stride <= self.tile <= MOST_TILE and self.tile % self.stride == 0,
            f"tile {self.tile} must be a multiple of stride {self.stride}, at most {MOST_TILE}",
        )
        _require(
            0 <= self.overlap < self.tile,
            f"overlap {self.overlap} must be 0 or more and below tile {self.tile}",
        )

    def _check_created(self) -> None:
        pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
        _require(
            re.fullmatch(pattern, self.created, re.ASCII) is not None,
            f"{self.created!r} is no RFC 3339 time",
        )
        datetime.fromisoformat(self.created)  # raises ValueError, as on 30 February

    @property
    def maps_numbers(self) -> bool:
        """Whether it gives numbers for each pixel, one for each label, and no classes."""
        return self.activation == NUMBERS

    @property
    def band_names(self) -> tuple[str, ...]:
        """Names of the input bands, in order."""
        return tuple(band.name for band in self.bands)


def read_card(path: Path) -> ModelCard:
    """Read the card of a model bundle.

    Parameters
    ----------
    path
        Of card.json.

    Returns
    -------
    ModelCard
        Checked in all its fields.

    Raises
    ------
    ModelError
        If the file is missing or is not a card.
    InputError
        If it is no file but a pipe, a socket or a device.
    """
    from .files import check_regular

    check_regular(path)
    try:
        return from_stac(
            json.loads(
                path.read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite
            )
        )
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
    """Write a card so that people can read it, too.

    Parameters
    ----------
    card
        What is written, as a STAC item.
    path
        Of card.json, which is replaced; an OSError is passed on.
    """
    text = json.dumps(to_stac(card), indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(_LONG_LIST.sub(_on_one_line, text) + "\n", encoding="utf-8")


# of six numbers or more: hundreds of lines with one number each are none that people read. A text
# holds no line break of its own
_LONG_LIST = re.compile(r"\[(?:\n\s*-?[\d.eE+-]+,?){6,}\n\s*\]")


def _on_one_line(found: re.Match[str]) -> str:
    return re.sub(r"\n\s*", " ", found[0]).replace("[ ", "[").replace(" ]", "]")


def _finite(text: str) -> float:
    """JSON has no NaN and no infinity, though Python reads them."""
    number = float(text)
    _require(isfinite(number), f"{text} is no number")
    return number


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)


def _require_printable(what: str, text: str) -> None:
    """Names stand in tables, tags and legends: a line break or half a character would break
    them.
    """
    _require(
        text.strip() != "" and text.isprintable(),
        f"{what} {text!r} must be printable, and not empty",
    )


def _unique(items: Sequence[object]) -> bool:
    return len(set(items)) == len(items)


STAC_VERSION = "1.1.0"
FRAMEWORKS = {"model.onnx": "ONNX", "model.xml": "OpenVINO"}  # all else is PyTorch's
AXES = {"N": "batch", "H": "height", "W": "width"}  # by the letters of an interface
EXTENSIONS = (
    "https://stac-extensions.github.io/mlm/v1.5.0/schema.json",
    "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
)


def to_stac(card: ModelCard) -> dict[str, Any]:
    """Return a card as a STAC item.

    Values are DN * raster:scale + raster:offset; mlm:input's z-score applies to these values. What
    the extensions have no word for stands under the prefix geoseg.

    Parameters
    ----------
    card
        Of any model.

    Returns
    -------
    dict[str, Any]
        JSON.

    References
    ----------
    https://github.com/stac-extensions/mlm, version 1.5, and the extensions in `EXTENSIONS`.
    """
    artifact = card.interface.artifact if card.interface else "model.safetensors"
    contents = ARTIFACTS[artifact] if card.interface else "float16 safetensors"
    return {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": list(EXTENSIONS),
        "id": card.name,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]],
        },
        "bbox": [-180, -90, 180, 90],
        "links": [],
        "properties": _common(card) | _mlm(card) | _own(card),
        "assets": {
            "model": {
                "href": artifact,
                "title": f"Weights of {card.name} ({contents})",
                "type": "application/octet-stream",
                "roles": ["mlm:model", "mlm:weights"],
                "mlm:artifact_type": ARTIFACTS[artifact],
                # STAC 1.1 allows bands in the properties, where MLM wants them, only if an asset
                # names them too
                "bands": [{"name": band.name} for band in card.bands],
            }
        },
    }


def _common(card: ModelCard) -> dict[str, Any]:
    return {
        "datetime": card.created,
        "description": card.description,
        **({"license": card.licence} if card.licence else {}),
        "gsd": card.gsd,
        "bands": [_band(card, band) for band in card.bands],
    }


def _mlm(card: ModelCard) -> dict[str, Any]:
    artifact = card.interface.artifact if card.interface else ""
    found: dict[str, Any] = {
        "mlm:name": card.name,
        "mlm:architecture": card.architecture,
        "mlm:tasks": [_task(card)],
        "mlm:framework": FRAMEWORKS.get(artifact, "PyTorch"),
        "mlm:total_parameters": card.parameters,
        "mlm:pretrained": True,
        "mlm:input": [_input(card)],
        "mlm:output": [_output(card)],
    }
    # the extension allows neither to be empty
    if card.framework_version:
        found["mlm:framework_version"] = card.framework_version
    if card.hyperparameters:
        found["mlm:hyperparameters"] = dict(card.hyperparameters)
    return found


# by ModelCard.task, as the extension MLM calls them
TASKS = {
    "semantic": "semantic-segmentation",
    "instances": "instance-segmentation",
    "panoptic": "panoptic-segmentation",
}


def _task(card: ModelCard) -> str:
    return "regression" if card.maps_numbers else TASKS[card.task]


def _own(card: ModelCard) -> dict[str, Any]:
    # what changes nothing is not written
    changes: dict[str, Any] = (
        {} if card.temperature == 1 else {"geoseg:temperature": card.temperature}
    )
    if card.activation != "softmax":
        changes["geoseg:activation"] = card.activation
    for name in ("scores_from", "good_for"):
        if getattr(card, name):
            changes[f"geoseg:{name}"] = getattr(card, name)
    if card.spectra is not None:
        changes["geoseg:spectra"] = _spectra(card.spectra)
    if card.interface is not None:
        changes["geoseg:interface"] = card.interface.to_json()
        # of the map; what the network takes may be larger, and its last axis another one
        changes["geoseg:tile"] = card.tile
    if card.embedding is not None:
        changes["geoseg:embedding"] = _embedding(card.embedding)
    if card.depth is not None:
        changes["geoseg:depth"] = {"limit": card.depth.limit}
    return changes | {
        "geoseg:sensor": card.sensor,
        "geoseg:dtypes": list(card.dtypes),
        "geoseg:gsd_range": list(card.gsd_range),
        "geoseg:overlap": card.overlap,
        "geoseg:stride": card.stride,
        "geoseg:fixed_tile": card.fixed_tile,
        "geoseg:trained_on": card.trained_on,
        "geoseg:credits": list(card.credits),
        "geoseg:limits": list(card.limits),
        "geoseg:scores": dict(card.scores),
    }


def _spectra(spectra: Spectra) -> dict[str, Any]:
    return {
        "weights": list(spectra.weights),
        "means": [list(mean) for mean in spectra.means],
        "covariances": [list(triangle) for triangle in spectra.covariances],
        "limit": spectra.limit,
        "order_gain": spectra.order_gain,
        "number_gain": spectra.number_gain,
    }


def _embedding(embedding: Embedding) -> dict[str, Any]:
    return {
        "means": list(embedding.means),
        "deviations": list(embedding.deviations),
        "axes": [list(axis) for axis in embedding.axes],
        "variances": list(embedding.variances),
        "rest": embedding.rest,
        "limit": embedding.limit,
    }


def _band(card: ModelCard, band: Band) -> dict[str, Any]:
    found: dict[str, Any] = {"name": band.name}
    if band.common_name:
        found["eo:common_name"] = band.common_name
    if band.wavelength is not None:
        found["eo:center_wavelength"] = band.wavelength
    return found | {
        "unit": card.unit,
        "data_type": card.dtypes[0],
        "raster:scale": card.scaling.scale,
        "raster:offset": card.scaling.offset,
        "geoseg:range": [band.low, band.high],
    }


def _input(card: ModelCard) -> dict[str, Any]:
    interface = card.interface or Interface()
    side = card.tile + 2 * interface.margin
    return {
        "name": "pixels",
        "bands": [{"name": band.name} for band in card.bands],
        "input": _array(card, interface.input_axes, "bands", len(card.bands), side)
        | {"data_type": interface.input_type},
        "value_scaling": [
            {"type": "z-score", "mean": band.mean, "stddev": band.std} for band in card.bands
        ],
        "resize_type": None,
    }


def _output(card: ModelCard) -> dict[str, Any]:
    interface = card.interface or Interface()
    indices = interface.result == "classes"
    count = 1 if interface.one_score or indices else card.planes
    side = card.tile // interface.output_stride
    return {
        "name": interface.output or interface.result,
        "tasks": [_task(card)],
        "result": _array(card, interface.output_axes, "class", count, side)
        | {"data_type": "int64" if indices else "float32"},
        "classification:classes": [stac_class(label) for label in card.labels],
    }


def _array(card: ModelCard, axes: str, name: str, count: int, side: int) -> dict[str, Any]:
    """Return an array as MLM describes it; `name` and `count` are of the axis C."""
    single = card.interface is not None and card.interface.one_by_one
    lengths = {"N": 1 if single else -1, "C": count, "H": side, "W": side}
    return {
        "shape": [lengths[axis] for axis in axes],
        "dim_order": [AXES.get(axis, name) for axis in axes],
    }


def stac_class(label: Label) -> dict[str, Any]:
    """Return a class as STAC's classification extension describes it.

    Parameters
    ----------
    label
        Of a card or of another raster.

    Returns
    -------
    dict[str, Any]
        JSON, in which the name is for machines and the title for people.
    """
    name = re.sub(r"[^0-9A-Za-z_-]+", "_", label.name).strip("_") or f"class_{label.value}"
    colour = label.colour[1:].upper()
    found = {
        "value": label.value,
        "name": name,
        "title": label.name,
        "description": label.name,
        "color_hint": colour,
    }
    marks = {"geoseg:built": label.is_building, "geoseg:thing": label.is_thing}
    return found | {name: True for name, marked in marks.items() if marked}


def from_stac(item: Any) -> ModelCard:
    """Return the card that a STAC item holds.

    Parameters
    ----------
    item
        JSON of any kind.

    Returns
    -------
    ModelCard
        Checked in all its fields.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the item is not a card.
    """
    properties = _object(item, "properties")
    entry, output = (_object(_list(properties, key), 0) for key in ("mlm:input", "mlm:output"))
    bands = _list(properties, "bands")
    first = _object(bands, 0)
    low, high = _numbers(properties, "geoseg:gsd_range")
    return ModelCard(
        name=_text(properties, "mlm:name"),
        description=_text(properties, "description"),
        architecture=_text(properties, "mlm:architecture"),
        hyperparameters=_json(properties, "mlm:hyperparameters")
        if "mlm:hyperparameters" in properties
        else {},
        sensor=_text(properties, "geoseg:sensor"),
        bands=_bands(bands, _list(entry, "value_scaling")),
        unit=_text(first, "unit"),
        scaling=Scaling(_number(first, "raster:scale"), _number(first, "raster:offset")),
        dtypes=_texts(properties, "geoseg:dtypes"),
        labels=_labels(_list(output, "classification:classes")),
        gsd=_number(properties, "gsd"),
        gsd_range=(low, high),
        tile=_tile(properties, _object(entry, "input")),
        overlap=_whole(properties, "geoseg:overlap"),
        stride=_whole(properties, "geoseg:stride"),
        fixed_tile=_truth(properties, "geoseg:fixed_tile"),
        licence=_text(properties, "license") if "license" in properties else "",
        trained_on=_text(properties, "geoseg:trained_on"),
        credits=_texts(properties, "geoseg:credits"),
        limits=_texts(properties, "geoseg:limits"),
        scores=_json(properties, "geoseg:scores"),
        scores_from=_text(properties, "geoseg:scores_from")
        if "geoseg:scores_from" in properties
        else "",
        good_for=_text(properties, "geoseg:good_for") if "geoseg:good_for" in properties else "",
        parameters=_whole(properties, "mlm:total_parameters"),
        created=_text(properties, "datetime"),
        framework_version=_text(properties, "mlm:framework_version")
        if "mlm:framework_version" in properties
        else "",
        temperature=_number(properties, "geoseg:temperature")
        if "geoseg:temperature" in properties
        else 1.0,
        activation=_text(properties, "geoseg:activation")
        if "geoseg:activation" in properties
        else "softmax",
        spectra=_read_spectra(_object(properties, "geoseg:spectra"))
        if "geoseg:spectra" in properties
        else None,
        interface=read_interface(_object(properties, "geoseg:interface"))
        if "geoseg:interface" in properties
        else None,
        embedding=_read_embedding(_object(properties, "geoseg:embedding"))
        if "geoseg:embedding" in properties
        else None,
        depth=DepthField(_number(_object(properties, "geoseg:depth"), "limit"))
        if "geoseg:depth" in properties
        else None,
    )


def _tile(properties: Mapping[str, Any], array: Mapping[str, Any]) -> int:
    if "geoseg:tile" in properties:
        return _whole(properties, "geoseg:tile")
    return _whole(_list(array, "shape"), -1)


def _read_spectra(entry: Mapping[str, Any]) -> Spectra:
    means = _list(entry, "means")
    triangles = _list(entry, "covariances")
    return Spectra(
        tuple(_numbers(entry, "weights")),
        tuple(tuple(_numbers(means, i)) for i in range(len(means))),
        tuple(tuple(_numbers(triangles, i)) for i in range(len(triangles))),
        _number(entry, "limit"),
        _number(entry, "order_gain"),
        _number(entry, "number_gain"),
    )


def _read_embedding(entry: Mapping[str, Any]) -> Embedding:
    axes = _list(entry, "axes")
    return Embedding(
        tuple(_numbers(entry, "means")),
        tuple(_numbers(entry, "deviations")),
        tuple(tuple(_numbers(axes, i)) for i in range(len(axes))),
        tuple(_numbers(entry, "variances")),
        _number(entry, "rest"),
        _number(entry, "limit"),
    )


def _bands(bands: list[Any], scalings: list[Any]) -> tuple[Band, ...]:
    if len(bands) != len(scalings):
        raise ValueError(f"{len(bands)} bands, but {len(scalings)} scalings of values")
    return tuple(_read_band(_object(bands, i), _object(scalings, i)) for i in range(len(bands)))


def _read_band(band: Mapping[str, Any], scaling: Mapping[str, Any]) -> Band:
    if scaling["type"] != "z-score":
        raise ValueError(
            f"value scaling {scaling['type']!r} of band {band['name']!r} is not z-score"
        )
    low, high = _numbers(band, "geoseg:range")
    return Band(
        name=_text(band, "name"),
        common_name=_text(band, "eo:common_name") if "eo:common_name" in band else "",
        wavelength=_number(band, "eo:center_wavelength")
        if "eo:center_wavelength" in band
        else None,
        mean=_number(scaling, "mean"),
        std=_number(scaling, "stddev"),
        low=low,
        high=high,
    )


def _labels(classes: list[Any]) -> tuple[Label, ...]:
    return tuple(_label(_object(classes, i)) for i in range(len(classes)))


def _label(entry: Mapping[str, Any]) -> Label:
    return Label(
        _whole(entry, "value"),
        _text(entry, "title"),
        f"#{_text(entry, 'color_hint').lower()}",
        _truth(entry, "geoseg:built") if "geoseg:built" in entry else False,
        _truth(entry, "geoseg:thing") if "geoseg:thing" in entry else False,
    )


# JSON may hold anything anywhere: each of these gives one field if it is of its type


def _object(parent: Any, key: str | int) -> dict[str, Any]:
    value = parent[key]
    if not isinstance(value, dict):
        raise TypeError(f"{key!r} is {type(value).__name__}, not an object")
    return value


def _json(parent: Any, key: str) -> dict[str, Any]:
    value = _object(parent, key)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # as in _text, for every text inside
    return value


def _list(parent: Any, key: str | int) -> list[Any]:
    value = parent[key]
    if not isinstance(value, list) or not value:
        raise TypeError(f"{key!r} is {type(value).__name__}, not a list with something in it")
    return value


def _text(parent: Any, key: str | int) -> str:
    value = parent[key]
    if not isinstance(value, str):
        raise TypeError(f"{key!r} is {type(value).__name__}, not a text")
    value.encode("utf-8")  # ValueError for half a character, which could not be written anywhere
    return value


def _truth(parent: Any, key: str) -> bool:
    value = parent[key]
    if not isinstance(value, bool):
        raise TypeError(f"{key!r} is {type(value).__name__}, not true or false")
    return value


def _whole(parent: Any, key: str | int) -> int:
    value = parent[key]
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{key!r} is {type(value).__name__}, not a whole number")
    return value


def _number(parent: Any, key: str | int) -> float:
    value = parent[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{key!r} is {type(value).__name__}, not a number")
    return float(value)


def _numbers(parent: Any, key: str | int) -> list[float]:
    values = _list(parent, key)
    return [_number(values, i) for i in range(len(values))]


def _texts(parent: Any, key: str) -> tuple[str, ...]:
    values = parent[key]
    if not isinstance(values, list):
        raise TypeError(f"{key!r} is {type(values).__name__}, not a list")
    return tuple(_text(values, i) for i in range(len(values)))
