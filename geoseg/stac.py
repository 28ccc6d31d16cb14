"""A model card <-> a STAC item with the extensions MLM, eo, raster and classification."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .card import Band, Label, ModelCard, Scaling

STAC_VERSION = "1.1.0"
EXTENSIONS = (
    "https://stac-extensions.github.io/mlm/v1.5.0/schema.json",
    "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
)


def to_stac(card: ModelCard) -> dict[str, Any]:
    """Return the card as a STAC item (https://github.com/stac-extensions/mlm).

    Values are DN * raster:scale + raster:offset; mlm:input's z-score applies to these values.
    What the extensions have no word for stands under the prefix geoseg.
    """
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
                "href": "model.safetensors",
                "title": f"Weights of {card.name} (float16 safetensors)",
                "type": "application/octet-stream",
                "roles": ["mlm:model", "mlm:weights"],
                "mlm:artifact_type": "safetensors.torch.save_file",
                # STAC 1.1 allows bands in the properties, where MLM wants them, only if an asset names them too
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
    found: dict[str, Any] = {
        "mlm:name": card.name,
        "mlm:architecture": card.architecture,
        "mlm:tasks": ["semantic-segmentation"],
        "mlm:framework": "PyTorch",
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


def _own(card: ModelCard) -> dict[str, Any]:
    # what changes nothing is not written
    changes: dict[str, Any] = {} if card.temperature == 1 else {"geoseg:temperature": card.temperature}
    if card.activation != "softmax":
        changes["geoseg:activation"] = card.activation
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


def _output(card: ModelCard) -> dict[str, Any]:
    return {
        "name": "logits",
        "tasks": ["semantic-segmentation"],
        "result": {
            "shape": [-1, len(card.labels), card.tile, card.tile],
            "dim_order": ["batch", "class", "height", "width"],
            "data_type": "float32",
        },
        "classification:classes": [stac_class(label) for label in card.labels],
    }


def stac_class(label: Label) -> dict[str, Any]:
    """A class's name is for machines there, its title for people."""
    name = re.sub(r"[^0-9A-Za-z_-]+", "_", label.name).strip("_") or f"class_{label.value}"
    colour = label.colour[1:].upper()
    found = {"value": label.value, "name": name, "title": label.name, "description": label.name, "color_hint": colour}
    return found | ({"geoseg:built": True} if label.built else {})


def from_stac(item: Any) -> ModelCard:
    """Return the card that a STAC item holds; KeyError, TypeError or ValueError where it is not one."""
    properties = _object(item, "properties")
    entry, output = (_object(_list(properties, key), 0) for key in ("mlm:input", "mlm:output"))
    bands = _list(properties, "bands")
    first = _object(bands, 0)
    low, high = _numbers(properties, "geoseg:gsd_range")
    return ModelCard(
        name=_text(properties, "mlm:name"),
        description=_text(properties, "description"),
        architecture=_text(properties, "mlm:architecture"),
        hyperparameters=_json(properties, "mlm:hyperparameters") if "mlm:hyperparameters" in properties else {},
        sensor=_text(properties, "geoseg:sensor"),
        bands=_bands(bands, _list(entry, "value_scaling")),
        unit=_text(first, "unit"),
        scaling=Scaling(_number(first, "raster:scale"), _number(first, "raster:offset")),
        dtypes=_texts(properties, "geoseg:dtypes"),
        labels=_labels(_list(output, "classification:classes")),
        gsd=_number(properties, "gsd"),
        gsd_range=(low, high),
        tile=_whole(_list(_object(entry, "input"), "shape"), -1),
        overlap=_whole(properties, "geoseg:overlap"),
        stride=_whole(properties, "geoseg:stride"),
        fixed_tile=_truth(properties, "geoseg:fixed_tile"),
        licence=_text(properties, "license") if "license" in properties else "",
        trained_on=_text(properties, "geoseg:trained_on"),
        credits=_texts(properties, "geoseg:credits"),
        limits=_texts(properties, "geoseg:limits"),
        scores=_json(properties, "geoseg:scores"),
        parameters=_whole(properties, "mlm:total_parameters"),
        created=_text(properties, "datetime"),
        framework_version=_text(properties, "mlm:framework_version") if "mlm:framework_version" in properties else "",
        temperature=_number(properties, "geoseg:temperature") if "geoseg:temperature" in properties else 1.0,
        activation=_text(properties, "geoseg:activation") if "geoseg:activation" in properties else "softmax",
    )


def _bands(bands: list[Any], scalings: list[Any]) -> tuple[Band, ...]:
    if len(bands) != len(scalings):
        raise ValueError(f"{len(bands)} bands, but {len(scalings)} scalings of values")
    return tuple(_read_band(_object(bands, i), _object(scalings, i)) for i in range(len(bands)))


def _read_band(band: Mapping[str, Any], scaling: Mapping[str, Any]) -> Band:
    if scaling["type"] != "z-score":
        raise ValueError(f"value scaling {scaling['type']!r} of band {band['name']!r} is not z-score")
    low, high = _numbers(band, "geoseg:range")
    return Band(
        name=_text(band, "name"),
        common_name=_text(band, "eo:common_name") if "eo:common_name" in band else "",
        wavelength=_number(band, "eo:center_wavelength") if "eo:center_wavelength" in band else None,
        mean=_number(scaling, "mean"),
        std=_number(scaling, "stddev"),
        low=low,
        high=high,
    )


def _labels(classes: list[Any]) -> tuple[Label, ...]:
    return tuple(_label(_object(classes, i)) for i in range(len(classes)))


def _label(entry: Mapping[str, Any]) -> Label:
    built = _truth(entry, "geoseg:built") if "geoseg:built" in entry else False
    return Label(_whole(entry, "value"), _text(entry, "title"), f"#{_text(entry, 'color_hint').lower()}", built)


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


def _numbers(parent: Any, key: str) -> list[float]:
    values = _list(parent, key)
    return [_number(values, i) for i in range(len(values))]


def _texts(parent: Any, key: str) -> tuple[str, ...]:
    values = parent[key]
    if not isinstance(values, list):
        raise TypeError(f"{key!r} is {type(values).__name__}, not a list")
    return tuple(_text(values, i) for i in range(len(values)))
