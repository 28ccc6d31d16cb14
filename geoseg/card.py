"""The model card: what a model expects and what its numbers mean, as a STAC item with the MLM extension."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import ModelError

STAC_VERSION = "1.1.0"
EXTENSIONS = (
    "https://stac-extensions.github.io/mlm/v1.5.0/schema.json",
    "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
)
NODATA = 255  # class rasters are uint8 and leave this value for pixels without data


@dataclass(frozen=True, slots=True)
class Scaling:
    """How digital numbers (DN) become physical values: value = DN * scale + offset."""

    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ValueError(f"scale must be above 0, not {self.scale}")


@dataclass(frozen=True, slots=True)
class Band:
    """One input band, in the order in which the network takes it.

    `wavelength` is the centre in micrometres. `mean` and `std` (in values, after the
    scaling) are what the network is normalised with; `low` and `high` are the 1st and
    99th percentile of the values it was trained on.
    """

    name: str
    common_name: str
    wavelength: float | None
    mean: float
    std: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Label:
    """One class of the map: its value in the class raster, its name, its colour as #rrggbb."""

    value: int
    name: str
    colour: str

    def __post_init__(self) -> None:
        if not 0 <= self.value < NODATA:
            raise ValueError(f"class value {self.value} of {self.name!r} must be 0 to {NODATA - 1}")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.colour):
            raise ValueError(f"colour {self.colour!r} of {self.name!r} must read #rrggbb")

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
    licence: str = "MIT"
    trained_on: str = ""
    credits: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    scores: Mapping[str, Any] = field(default_factory=dict)
    parameters: int = 0
    created: str = "1970-01-01T00:00:00Z"
    framework_version: str = ""

    def __post_init__(self) -> None:
        if not self.bands or not self.labels:
            raise ValueError(f"model {self.name!r} needs at least one band and one class")
        if len({label.value for label in self.labels}) < len(self.labels):
            raise ValueError(f"model {self.name!r} has two classes of the same value")
        if not 0 <= self.overlap < self.tile or self.tile % self.stride:
            raise ValueError(
                f"tile {self.tile} must be a multiple of {self.stride} and more than overlap {self.overlap}"
            )

    @property
    def band_names(self) -> tuple[str, ...]:
        """Names of the input bands, in order."""
        return tuple(band.name for band in self.bands)


def read_card(path: Path) -> ModelCard:
    """Read the card of a model bundle; ModelError where it is missing or is not a card."""
    try:
        return from_stac(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ModelError(f"no model card at {path}", do="see `geoseg models list`") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"the model card {path} cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ModelError(
            f"{path} is not a geoseg model card: {type(error).__name__}: {error}",
            "a STAC item with the MLM extension as `geoseg train` writes it",
        ) from error


def write_card(card: ModelCard, path: Path) -> None:
    """Write the card as a STAC item, indented so that people can read it."""
    path.write_text(json.dumps(to_stac(card), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def to_stac(card: ModelCard) -> dict[str, Any]:
    """Return the card as a STAC item with the MLM extension (https://github.com/stac-extensions/mlm).

    Values are DN * raster:scale + raster:offset; mlm:input's z-score applies to these values.
    """
    bands, classes = [_band(card, band) for band in card.bands], [_class(label) for label in card.labels]
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
        "properties": {
            "datetime": card.created,
            "description": card.description,
            "license": card.licence,
            "gsd": card.gsd,
            "bands": bands,
            "mlm:name": card.name,
            "mlm:architecture": card.architecture,
            "mlm:tasks": ["semantic-segmentation"],
            "mlm:framework": "pytorch",
            "mlm:framework_version": card.framework_version,
            "mlm:total_parameters": card.parameters,
            "mlm:pretrained": True,
            "mlm:hyperparameters": dict(card.hyperparameters),
            "mlm:input": [_input(card)],
            "mlm:output": [_output(card, classes)],
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
        },
        "assets": {
            "model": {
                "href": "model.safetensors",
                "title": f"Weights of {card.name} (float16 safetensors)",
                "type": "application/vnd.safetensors",
                "roles": ["mlm:model", "mlm:weights"],
                "mlm:artifact_type": "safetensors",
            }
        },
    }


def _band(card: ModelCard, band: Band) -> dict[str, Any]:
    found: dict[str, Any] = {"name": band.name, "eo:common_name": band.common_name}
    if band.wavelength is not None:
        found["eo:center_wavelength"] = band.wavelength
    return found | {
        "unit": card.unit,
        "data_type": card.dtypes[0],
        "raster:scale": card.scaling.scale,
        "raster:offset": card.scaling.offset,
        "geoseg:range": [band.low, band.high],
    }


def _class(label: Label) -> dict[str, Any]:
    return {"value": label.value, "name": label.name, "color_hint": label.colour[1:].upper()}


def _input(card: ModelCard) -> dict[str, Any]:
    return {
        "name": "pixels",
        "bands": [{"name": band.name} for band in card.bands],
        "input": {
            "shape": [-1, len(card.bands), card.tile, card.tile],
            "dim_order": ["batch", "bands", "height", "width"],
            "data_type": "float32",
        },
        "value_scaling": [{"type": "z-score", "mean": band.mean, "stddev": band.std} for band in card.bands],
        "resize_type": None,
    }


def _output(card: ModelCard, classes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "logits",
        "tasks": ["semantic-segmentation"],
        "result": {
            "shape": [-1, len(card.labels), card.tile, card.tile],
            "dim_order": ["batch", "bands", "height", "width"],
            "data_type": "float32",
        },
        "classification:classes": classes,
    }


def from_stac(item: Mapping[str, Any]) -> ModelCard:
    """Return the card that a STAC item holds; KeyError, TypeError or ValueError where it is not one."""
    properties = item["properties"]
    entry, output = properties["mlm:input"][0], properties["mlm:output"][0]
    bands = [_read_band(b, s) for b, s in zip(properties["bands"], entry["value_scaling"], strict=True)]
    first = properties["bands"][0]
    low, high = properties["geoseg:gsd_range"]
    return ModelCard(
        name=_safe(properties["mlm:name"]),
        description=str(properties["description"]),
        architecture=str(properties["mlm:architecture"]),
        hyperparameters=dict(properties["mlm:hyperparameters"]),
        sensor=str(properties["geoseg:sensor"]),
        bands=tuple(bands),
        unit=str(first["unit"]),
        scaling=Scaling(float(first["raster:scale"]), float(first["raster:offset"])),
        dtypes=tuple(map(str, properties["geoseg:dtypes"])),
        labels=tuple(
            Label(int(c["value"]), str(c["name"]), f"#{str(c['color_hint']).lower()}")
            for c in output["classification:classes"]
        ),
        gsd=float(properties["gsd"]),
        gsd_range=(float(low), float(high)),
        tile=int(entry["input"]["shape"][-1]),
        overlap=int(properties["geoseg:overlap"]),
        stride=int(properties["geoseg:stride"]),
        fixed_tile=bool(properties["geoseg:fixed_tile"]),
        licence=str(properties["license"]),
        trained_on=str(properties["geoseg:trained_on"]),
        credits=tuple(map(str, properties["geoseg:credits"])),
        limits=tuple(map(str, properties["geoseg:limits"])),
        scores=dict(properties["geoseg:scores"]),
        parameters=int(properties["mlm:total_parameters"]),
        created=str(properties["datetime"]),
        framework_version=str(properties["mlm:framework_version"]),
    )


def _read_band(band: Mapping[str, Any], scaling: Mapping[str, Any]) -> Band:
    if scaling["type"] != "z-score":
        raise ValueError(f"value scaling {scaling['type']!r} of band {band['name']!r} is not z-score")
    wavelength = band.get("eo:center_wavelength")
    low, high = band["geoseg:range"]
    return Band(
        name=str(band["name"]),
        common_name=str(band["eo:common_name"]),
        wavelength=None if wavelength is None else float(wavelength),
        mean=float(scaling["mean"]),
        std=float(scaling["stddev"]),
        low=float(low),
        high=float(high),
    )


def _safe(name: Any) -> str:
    """A model's name stands in paths and tags: letters, digits, dot, dash and underscore only."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", str(name)):
        raise ValueError(f"model name {name!r} may hold letters, digits, '.', '-' and '_' only")
    return str(name)
