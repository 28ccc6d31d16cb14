"""The results of a batch as a STAC collection: one item for each scene, found by links that are
relative.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..core.card import STAC_VERSION, ModelCard
from ..core.files import beside
from ..core.redact import redact
from ..core.version import __version__
from ..prediction.stac_map import EVER, EXTENSIONS, assets_of, projection_of
from ..raster.footprint import footprint
from .names import put
from .plan import cards_of
from .results import Result, Results

COLLECTION = "collection.json"
ITEMS = "items"


def write_catalog(found: Results) -> Path:
    """Write collection.json and the items of all maps, each file whole at once.

    Parameters
    ----------
    found
        What is done by now.

    Returns
    -------
    Path
        Of the collection.

    Raises
    ------
    RunError
        If a file cannot be written.
    """
    folder = found.batch.folder
    cards = {
        card.name: card for card in cards_of(found.batch.recipe.model, found.batch.recipe.options)
    }
    stac_items = []
    links = []
    for result in found.done:
        path = item_path(found, result)
        item = make_item(result, path.parent, folder, cards.get(str(result.summary["model"])))
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, redact(json.dumps(item, indent=1)))
        stac_items.append(item)
        links.append(
            {
                "rel": "item",
                "href": f"./{beside(str(path), folder)}",
                "type": "application/geo+json",
            }
        )
    target = folder / COLLECTION
    put(target, redact(json.dumps(make_collection(found, stac_items, links), indent=1)))
    return target


def item_path(found: Results, result: Result) -> Path:
    """Say where a scene's item lies: in as many folders as the maps.

    Parameters
    ----------
    found
        The batch.
    result
        The scene.

    Returns
    -------
    Path
        A JSON file below `items` in the batch's folder.
    """
    base = found.batch.folder / ITEMS
    return (
        base / result.unit.shard if found.batch.recipe.folders else base
    ) / f"{result.name}.json"


def make_item(result: Result, here: Path, folder: Path, card: ModelCard | None) -> dict[str, Any]:
    """Make the STAC item of a map.

    Parameters
    ----------
    result
        The scene that is mapped.
    here
        Folder in which the item is to lie; its links are relative to it.
    folder
        Of the batch, where the collection lies.
    card
        Of the model that made the map; None leaves out its classes.

    Returns
    -------
    dict
        An Item of STAC 1.1 with the extensions projection, classification and processing;
        without geometry where the map has no CRS.
    """
    outline = footprint(result.grid)
    collection = f"{beside(str(folder / COLLECTION), here)}"
    links = [
        {"rel": rel, "href": collection, "type": "application/json"}
        for rel in ("root", "parent", "collection")
    ]
    if result.unit.item_metadata.link:
        links.append(
            {
                "rel": "derived_from",
                "href": result.unit.item_metadata.link,
                "type": "application/geo+json",
            }
        )
    return {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": EXTENSIONS,
        "id": result.name,
        "geometry": outline[0] if outline else None,
        **({"bbox": outline[1]} if outline else {}),
        "properties": _properties(result),
        "links": links,
        "assets": assets_of(result.job, here, card),
        "collection": collection_id(folder),
    }


def collection_id(folder: Path) -> str:
    """Say what the collection is called: as its folder.

    Parameters
    ----------
    folder
        Of the batch.

    Returns
    -------
    str
        `maps` where the folder has no name.
    """
    return folder.absolute().name or "maps"


def _properties(result: Result) -> dict[str, Any]:
    made = _time(result.ended)
    found: dict[str, Any] = {"datetime": result.when or None, "created": made}
    if not result.when:
        found |= {"start_datetime": EVER, "end_datetime": made}
    if result.pixel:
        found["gsd"] = round(result.pixel**0.5, 6)
    summary = result.summary
    return (
        found
        | projection_of(result.grid)
        | {
            "processing:software": {"geoseg": __version__},
            "processing:lineage": f"{summary['model']}, computed by {summary['engine']} in "
            f"{summary['precision']}",
            "geoseg:model": summary["model"],
            "geoseg:model_sha256": summary["model_sha256"],
            "geoseg:shares": summary["shares"],
            **({"geoseg:warnings": list(summary["warnings"])} if summary.get("warnings") else {}),
        }
    )


def make_collection(
    found: Results, stac_items: Sequence[Mapping[str, Any]], links: list[dict[str, str]]
) -> dict[str, Any]:
    """Make the collection over the items.

    Parameters
    ----------
    found
        The batch.
    stac_items
        All its items.
    links
        To the items, relative to the batch's folder.

    Returns
    -------
    dict
        A Collection of STAC 1.1, its extent around all items.
    """
    boxes = [item["bbox"] for item in stac_items if "bbox" in item]
    times = sorted(
        item["properties"]["datetime"] for item in stac_items if item["properties"]["datetime"]
    )
    name = collection_id(found.batch.folder)
    models = sorted({str(result.summary["model"]) for result in found.done})
    return {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": name,
        "title": f"Land cover: {name}",
        "description": f"Land-cover maps of {len(stac_items):,} scenes by "
        f"{', '.join(models) or 'no model'} with geoseg"
        f" {__version__}.",
        "license": "other",
        "keywords": ["land cover", "classification", "geoseg"],
        "extent": {
            "spatial": {"bbox": [_around(boxes)]},
            "temporal": {"interval": [[times[0], times[-1]] if times else [EVER, None]]},
        },
        "summaries": {
            "proj:code": sorted(
                {item["properties"]["proj:code"] or "" for item in stac_items} - {""}
            ),
            "geoseg:model": models,
        },
        "links": [{"rel": "root", "href": f"./{COLLECTION}", "type": "application/json"}, *links],
    }


def _around(boxes: Sequence[Sequence[float]]) -> list[float]:
    """Return the box around all, the whole globe where one crosses 180 degrees or there is none."""
    if not boxes or any(west > east for west, _, east, _ in boxes):
        return [-180.0, -90.0, 180.0, 90.0]
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
