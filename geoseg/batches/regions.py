"""Where a giant scene is cut: at the starts of tiles, so that the fewest are computed twice."""

from __future__ import annotations

from itertools import pairwise, product

from ..core.errors import InputError
from ..core.events import silent
from ..core.grid import Tiling, Window
from ..core.job import Job
from ..core.tiling import choose_tiling, final_starts
from ..features.aoi import load_aoi
from ..prediction.memory_work import plan_tiling
from ..prediction.run import fit_scene, mapped_window, pick_model
from ..prediction.score_maps import planes_of
from ..scene.item_metadata import Scene, options_of
from .plan import Recipe, Unit, part_name


def cut(scene: Scene, name: str, recipe: Recipe) -> list[Unit]:
    """Cut a scene where the recipe says so.

    Parameters
    ----------
    scene
        Its size is read from its files, and from no pixels.
    name
        Of the scene in the batch.
    recipe
        Of the batch.

    Returns
    -------
    list
        The scene's one unit, or those of its regions and last what joins them.

    Raises
    ------
    InputError
        If the scene cannot be read.
    ModelError
        If no model fits it.
    """
    if recipe.regions is None:
        return [Unit(name, scene.paths, item_metadata=scene.item_metadata)]
    job = Job(
        scene.paths,
        recipe.model,
        f".{name}.tif",
        options=options_of(recipe.options, scene.item_metadata),
    )
    bundle, fits = pick_model(job, silent)
    card = bundle.card
    fits = fits or fit_scene(job, bundle)
    found = fits[0]
    grid = found.grid
    if recipe.options.outputs.on == "scene":
        raise InputError("--on scene with --regions", "one of the two")
    # every worker takes this tile, whatever its memory
    aoi = recipe.options.reading.aoi
    area = load_aoi(aoi, grid, found.info.grid.crs) if aoi else None
    mapped = area.window if area else None
    _, planned = plan_tiling(job, bundle, fits, mapped, planes_of(job, card))
    options = recipe.options.but(tile=planned.tile)
    tiling = choose_tiling(grid, card, options)
    windows = regions_of(mapped_window(tiling.extent, area, None), tiling, recipe.regions)
    if len(windows) == 1:
        return [Unit(name, scene.paths, tile=options.tiles.tile, item_metadata=scene.item_metadata)]
    regions = tuple((window.top, window.left, window.bottom, window.right) for window in windows)
    units = [
        Unit(
            part_name(name, region),
            scene.paths,
            region,
            tile=options.tiles.tile,
            item_metadata=scene.item_metadata,
        )
        for region in regions
    ]
    return [
        *units,
        Unit(
            name,
            scene.paths,
            regions=regions,
            tile=options.tiles.tile,
            item_metadata=scene.item_metadata,
        ),
    ]


def regions_of(window: Window, tiling: Tiling, size: int) -> list[Window]:
    """Cut a window into parts of about size x size pixels, that begin where a tile does.

    Parameters
    ----------
    window
        What is mapped.
    tiling
        Of the whole scene.
    size
        In pixels; no part is larger, unless by less than a tile.

    Returns
    -------
    list
        Parts that cover the window once, row by row.
    """
    rows = _cuts(final_starts(tiling, tiling.tops), window.top, window.bottom, size)
    columns = _cuts(final_starts(tiling, tiling.lefts), window.left, window.right, size)
    return [
        Window(top, left, bottom, right) for (top, bottom), (left, right) in product(rows, columns)
    ]


def _cuts(starts: list[int], low: int, high: int, size: int) -> list[tuple[int, int]]:
    cuts = [low]
    inside = [start for start in starts if low < start < high]
    for start, following in pairwise([*inside, high]):
        if following - cuts[-1] > size and start > cuts[-1]:
            cuts.append(start)
    return list(pairwise([*cuts, high]))
