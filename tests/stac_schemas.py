"""What the extensions MLM v1.5, eo v2, raster v2 and classification v2 of STAC ask of a card,
restated as JSON schemas.

The core of STAC comes from pystac, which carries its schemas; those of the extensions lie on the
web.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft7Validator
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource

from geoseg.core.card import EXTENSIONS

ITEM = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
NUMBER = {"type": "number"}
DATA_TYPE = {
    "enum": [
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "cint16",
        "cint32",
        "cfloat32",
        "cfloat64",
        "other",
    ]
}
TASKS = {
    "type": "array",
    "uniqueItems": True,
    "items": {
        "enum": [
            "regression",
            "classification",
            "scene-classification",
            "detection",
            "object-detection",
            "segmentation",
            "semantic-segmentation",
            "instance-segmentation",
            "panoptic-segmentation",
            "similarity-search",
            "generative",
            "image-captioning",
            "super-resolution",
        ]
    },
}


def record(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with fields that must be there, and others that may be."""
    return {"type": "object", "required": list(required), "properties": required | (optional or {})}


def scaling(kind: str, *fields: str) -> dict[str, Any]:
    return record({"type": {"const": kind}} | dict.fromkeys(fields, NUMBER))


ARRAY = record(
    {
        "shape": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": -1}},
        "dim_order": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": "^[a-z_-]+$"},
        },
        "data_type": DATA_TYPE,
    }
)
SCALINGS = [
    scaling("z-score", "mean", "stddev"),
    scaling("min-max", "minimum", "maximum"),
    scaling("clip", "minimum", "maximum"),
    scaling("clip-min", "minimum"),
    scaling("clip-max", "maximum"),
    scaling("offset", "value"),
    scaling("scale", "value"),
]
BAND_NAME = record({"name": TEXT}) | {"additionalProperties": False}
INPUT = record(
    {"name": TEXT, "bands": {"type": "array", "items": BAND_NAME}, "input": ARRAY},
    {
        "value_scaling": {"type": "array", "minItems": 1, "items": {"oneOf": SCALINGS}},
        "resize_type": {
            "enum": [None, "crop", "pad", "interpolation-nearest", "interpolation-linear"]
        },
    },
)
CLASS = record(
    {
        "value": {"type": "integer"},
        "name": {
            "type": "string",
            "pattern": "^[0-9A-Za-z_-]+$",
        },  # required since classification v2
        "description": {"type": "string"},  # required in v1.1, which MLM itself refers to
    },
    {"title": TEXT, "color_hint": {"type": "string", "pattern": "^[0-9A-F]{6}$"}},
)
OUTPUT = record(
    {"name": TEXT, "tasks": TASKS, "result": ARRAY},
    {
        "classification:classes": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": CLASS,
        }
    },
)
NAMES = [
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
]
BAND = record(
    {"name": TEXT, "data_type": DATA_TYPE, "unit": {"type": "string"}},
    {
        "eo:common_name": {"enum": NAMES},
        "eo:center_wavelength": {"type": "number", "exclusiveMinimum": 0},
        "raster:scale": NUMBER,
        "raster:offset": NUMBER,
    },
)
SEMVER = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"
MLM_FIELDS = {
    "mlm:name": {"type": "string", "pattern": r"^[a-zA-Z][a-zA-Z0-9_.\-\s]+[a-zA-Z0-9]$"},
    "mlm:architecture": {"type": "string"},
    "mlm:tasks": TASKS,
    "mlm:input": {"type": "array", "items": INPUT},
    "mlm:output": {"type": "array", "items": OUTPUT},
}
MLM_OPTIONAL = {
    "mlm:framework": {"type": "string", "pattern": r"^[^\s._-].*[^\s._-]$"},
    "mlm:framework_version": {"type": "string", "pattern": SEMVER},
    "mlm:total_parameters": {"type": "integer", "minimum": 0},
    "mlm:pretrained": {"const": True},  # where false, the source must be null
    "mlm:hyperparameters": {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[0-9a-zA-Z_.-]+$"},
    },
}
ASSET = record(
    {
        "href": TEXT,
        "roles": {"type": "array", "contains": {"const": "mlm:model"}},
        "mlm:artifact_type": TEXT,
    }
)
PROPERTIES = record(
    MLM_FIELDS | {"bands": {"type": "array", "minItems": 1, "items": BAND}}, MLM_OPTIONAL
) | {
    # nothing under the extensions' prefixes but what they know
    "propertyNames": {
        "anyOf": [
            {"pattern": "^(?!mlm:|eo:|raster:|classification:)"},
            {"enum": [*MLM_FIELDS, *MLM_OPTIONAL]},
        ]
    },
}
CARD = record(
    {
        "stac_extensions": {
            "type": "array",
            "allOf": [{"contains": {"const": link}} for link in EXTENSIONS],
        },
        "properties": PROPERTIES,
        "assets": {"type": "object", "minProperties": 1, "additionalProperties": ASSET},
    }
)


def core() -> Draft7Validator:
    """What STAC itself asks of an item."""
    schemas = get_local_schema_cache()
    registry: Registry[Any] = Registry().with_resources(
        [(name, Resource.from_contents(schema)) for name, schema in schemas.items()]
    )
    return Draft7Validator(
        schemas[ITEM], registry=registry, format_checker=Draft7Validator.FORMAT_CHECKER
    )
