"""A STAC item of a map: where it lies, what its files are, and how it was made."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

from pyproj import CRS

from ..core.atomic import atomic_output
from ..core.card import NODATA, STAC_VERSION, ModelCard, stac_class
from ..core.checksum import WHOLE, digest_file
from ..core.events import Summary
from ..core.files import beside
from ..core.grid import Grid
from ..core.job import SCORE_MAPS, Job
from ..core.provenance import ITEM_KEY, Provenance
from ..core.redact import redact
from ..raster.footprint import footprint
from ..raster.georeference import ground_size
from ..scene.mosaic import taken_at

EXTENSIONS = [
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
]
FILE = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
TITLES = {
    "scores": "Scores of all classes in percent",
    "entropy": "Entropy in percent",
    "margin": "Lead of the highest score in percent",
    "second": "Class that comes second",
    "novelty": "How unlike what the model knows each 32 x 32 pixels are",
    "depth": "How far inside its object a pixel lies, in percent of the model's limit",
    "sets": "Classes that cannot be excluded: their number, and which",
}
TYPES = {
    ".gpkg": "application/geopackage+sqlite3",
    ".fgb": "application/vnd.flatgeobuf",
    ".parquet": "application/vnd.apache.parquet",
    ".geojson": "application/geo+json",
    ".shp": "application/vnd.shp",
    ".pmtiles": "application/vnd.pmtiles",
}
NO_DATA = {
    "value": NODATA,
    "name": "nodata",
    "title": "no data",
    "description": "no data",
    "nodata": True,
}
EVER = "1970-01-01T00:00:00Z"  # from when on a scene may be whose time nothing tells
SHA256 = "1220"  # how a multihash begins: the hash is SHA-256, of 32 bytes


def write_item(
    job: Job,
    grid: Grid,
    card: ModelCard,
    provenance: Provenance,
    summary: Summary,
    tags: dict[str, str],
    replaced: bool,
) -> None:
    """Write the item of a map whose files are whole.

    Parameters
    ----------
    job
        Names the files and the item.
    grid
        Of the map.
    card
        Of the map.
    provenance
        How it was made.
    summary
        What came of it.
    tags
        Of the scene, which may tell when it was taken.
    replaced
        Whether an item that is there may be replaced.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    path = Path(str(job.stac))
    outline = footprint(grid)
    assets = assets_of(job, path.absolute().parent, card)
    for name, asset in assets.items():
        file = str(getattr(job, name))
        asset["file:size"] = Path(file).stat().st_size
        asset["file:checksum"] = SHA256 + digest_file(file, WHOLE).partition(":")[2]
    links = [
        {"rel": "derived_from", "href": read.path, "type": "application/geo+json"}
        for read in provenance.inputs
        if read.use == "item"
    ]
    item = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": [*EXTENSIONS, FILE],
        "id": path.stem,
        "geometry": outline[0] if outline else None,
        **({"bbox": outline[1]} if outline else {}),
        "properties": _times(tags)
        | ({"gsd": round(side, 6)} if (side := ground_size(grid)) else {})
        | projection_of(grid)
        | {
            "processing:software": dict(provenance.versions),
            "processing:lineage": f"{summary.model}, computed by {summary.engine} in "
            f"{summary.precision}",
            "geoseg:model": summary.model,
            "geoseg:model_sha256": summary.model_sha256,
            "geoseg:shares": summary.shares,
            ITEM_KEY: json.loads(provenance.text()),
        },
        "links": links,
        "assets": assets,
    }
    with atomic_output(path, replaced) as part:
        part.write_text(redact(json.dumps(item, indent=1)) + "\n", encoding="utf-8")


def _times(tags: dict[str, str]) -> dict[str, Any]:
    """When the scene was taken, as far as its metadata say so."""
    made = datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    taken = taken_at(tags)
    if len(taken) == 1:
        return {"datetime": taken[0], "created": made}
    first, last = taken or (EVER, made)
    return {"datetime": None, "created": made, "start_datetime": first, "end_datetime": last}


def projection_of(grid: Grid) -> dict[str, Any]:
    """Say where a map lies, by STAC's extension projection.

    Parameters
    ----------
    grid
        Of the map.

    Returns
    -------
    dict
        Properties of an item.
    """
    crs = grid.crs
    found: dict[str, Any] = {
        "proj:shape": [grid.height, grid.width],
        "proj:transform": list(grid.transform),
    }
    if not crs:
        return {"proj:code": None, **found}
    known = CRS.from_user_input(crs)
    code = known.to_authority()
    if code:
        return {"proj:code": ":".join(code), **found}
    return {"proj:code": None, "proj:projjson": known.to_json_dict(), **found}


def assets_of(job: Job, here: Path, card: ModelCard | None) -> dict[str, Any]:
    """Name the outputs of a job as the assets of an item.

    Parameters
    ----------
    job
        What was written.
    here
        The folder of the item: addresses are relative to it.
    card
        Of the map; None leaves out its classes.

    Returns
    -------
    dict
        By the name of the output.
    """
    several = job.options.outputs.threshold is not None and card is not None
    classes = [*map(stac_class, card.labels), NO_DATA] if card else []
    found: dict[str, Any] = {}
    if job.classes:
        found["classes"] = {
            "href": beside(job.classes, here),
            "type": COG,
            "title": "Classes",
            "roles": ["data"],
            "data_type": "uint8",
            "nodata": NODATA,
            "bands": [{"name": "class"}],
        }
        if card and card.maps_numbers:
            told = {"title": "Numbers", "data_type": "float32", "nodata": "nan"}
            found["classes"] |= told | {"bands": [{"name": label.name} for label in card.labels]}
        elif several:
            found["classes"]["title"] = "Classes, a band for each: 1 where it is"
            found["classes"]["bands"] = [{"name": label.name} for label in card.labels]  # type: ignore[union-attr]
        elif classes:
            found["classes"]["classification:classes"] = classes
    if job.polygons:
        kind = TYPES[PurePath(job.polygons).suffix.lower()]
        found["polygons"] = {
            "href": beside(job.polygons, here),
            "type": kind,
            "title": "Polygons",
            "roles": ["data"],
        }
    if job.confidence:
        found["confidence"] = {
            "href": beside(job.confidence, here),
            "type": COG,
            "title": "Confidence in percent",
            "roles": ["metadata"],
            "data_type": "uint8",
            "nodata": NODATA,
            "unit": "%",
            "bands": [{"name": "confidence"}],
        }
    for name in (*SCORE_MAPS, "novelty"):
        if path := getattr(job, name):
            halves = name == "scores" and job.options.outputs.scores_type == "float16"
            found[name] = {
                "href": beside(path, here),
                "type": COG,
                "title": TITLES[name],
                "roles": ["metadata"],
                "data_type": "float32" if halves else "uint8",
                "nodata": "nan" if halves else NODATA,
            }
    return found
