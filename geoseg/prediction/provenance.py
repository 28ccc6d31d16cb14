"""What a run says of itself: the files that it reads, with their digests, its models, options,
decisions and versions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ..core.grid import Tiling
from ..core.job import Job, split_layer
from ..core.options import Options
from ..core.provenance import UsedModel
from ..models import Bundle
from ..models.ensemble import members_of
from ..models.merging import classes_text
from ..raster.input_files import virtual_sources
from ..raster.locations import address_of, is_remote
from ..raster.provenance import is_file
from ..raster.stores import is_archive
from ..scene.describe import SceneInfo
from .agreement import ComputeInfo
from .stac_scene import names_item


def files_of_scene(
    job: Job, asked: Job, info: SceneInfo, bands: Iterable[int]
) -> list[tuple[str, str]]:
    """List the files that a run reads, without opening any.

    Parameters
    ----------
    job
        What is mapped: of rasters.
    asked
        The same as the user named it, perhaps by a STAC item.
    info
        What the scene is.
    bands
        The numbers, from 1, of the bands that are read.

    Returns
    -------
    list
        Path or address, and what it is read for; each once.
    """
    reading = job.options.reading
    found = [(path, "item") for path in asked.scene if names_item(asked.scene)]
    archives = [path for path in job.scene if is_archive(path)]
    found += [(path, "scene") for path in archives]
    found += [(path, "scene") for path in job.scene if path.lower().endswith((".xml", ".json"))]
    wanted = sorted(set(bands))
    for part in info.parts or (info,):
        paths = [part.layers[number - 1].path for number in wanted]
        if part.mask and set(reading.mask) - {"nodata"}:
            paths.append(part.mask.path)
        inside = archives or [path for path in part.paths if is_archive(path)]
        found += [(path, "scene") for path in paths if not _in_archive(path, inside)]
        found += [(path, "scene") for path in inside]
    found += [
        (source, "scene")
        for path, use in list(found)
        if use == "scene" and not is_remote(path)
        for source in virtual_sources(path)
    ]
    area = split_layer(reading.aoi or "")[0]
    if area and (is_file(area) or address_of(area)):
        found.append((area, "aoi"))
    if calibration := job.options.outputs.calibration:
        found.append((calibration, "calibration"))
    return list(dict.fromkeys(found))


def _in_archive(path: str, archives: Sequence[str]) -> bool:
    return bool(archives) and path.startswith(("/vsizip/", "/vsitar/"))


def models_used(bundle: Bundle, given: str | tuple[str, ...]) -> tuple[UsedModel, ...]:
    """Say which models a run uses.

    Parameters
    ----------
    bundle
        One, or several as one.
    given
        As the user named them.

    Returns
    -------
    tuple of UsedModel
        In the order in which they were named; for auto by the name of the one that was chosen.
    """
    members = members_of(bundle)
    names = (given,) if isinstance(given, str) else given
    if names == ("auto",):
        names = (members[0].card.name,)
    return tuple(
        UsedModel(
            name, one.card.name, one.sha256, one.card.licence, one.card.credits, one.card_sha256
        )
        for name, one in zip(names, members, strict=True)
    )


def plain_options(options: Options) -> dict[str, Any]:
    """Return the options of a run as an output holds them.

    Parameters
    ----------
    options
        Of the run.

    Returns
    -------
    dict
        By name, as JSON has them. How classes are merged is said in whole, without the file; what
        is no part of the map is left out.
    """
    found = options.flat()
    del found["overwrite"]
    if found["rename_classes"] is not None:
        found["rename_classes"] = json.dumps(json.loads(classes_text(found["rename_classes"])))
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


def decisions(
    computed: ComputeInfo, tiling: Tiling, device: str, masked: str = ""
) -> dict[str, Any]:
    """Say what was decided on the way.

    Parameters
    ----------
    computed
        Engine and precision.
    tiling
        The tiles.
    device
        Of the model, whose number of threads is left out.
    masked
        What is left out by the product's own mask.

    Returns
    -------
    dict
        By name.
    """
    found: dict[str, Any] = {
        "engine": computed.engine,
        "precision": computed.precision,
        "device": device.partition(" (")[0],
        "tile": tiling.tile,
        "overlap": tiling.overlap,
    }
    if computed.agreement is not None:
        found["agreement"] = round(computed.agreement, 6)
    return found | ({"mask": masked} if masked else {})


def scene_named(asked: Job, job: Job) -> tuple[str, ...]:
    """Name the scene so that it is found again: of a mosaic the files, whatever the pattern.

    Parameters
    ----------
    asked
        As the user gave it.
    job
        The same, of rasters.

    Returns
    -------
    tuple of str
        Empty where it lies in memory.
    """
    if asked.in_memory:
        return ()
    return asked.scene if names_item(asked.scene) else job.scene
