"""Polygons of objects, where a model tells these apart, in the place of polygons of classes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..core.atomic import atomic_output
from ..core.card import ModelCard
from ..core.errors import InputError
from ..core.events import Report
from ..core.options import Options
from ..raster.sink import Kind
from ..vector.vectorize import tell_of_pixels, tracing_of

# what is done to classes, whose borders and holes are those of no object
OF_CLASSES = ("majority", "fill_holes", "fill_nodata", "smooth")


def task_of(options: Options, card: ModelCard) -> str:
    """Say what the polygons of a map are.

    Parameters
    ----------
    options
        Of the run; by themselves they leave it to the card.
    card
        Of the map.

    Returns
    -------
    str
        "semantic": the components of each class; "instances": objects of the classes that are
        things; "panoptic": these, and the components of all other classes.

    Raises
    ------
    InputError
        If objects are asked for and the model tells none apart; or with them what is done to
        classes alone, or without them what is done to objects.
    """
    asked = options.outputs.task
    task = card.task if asked == "auto" else asked
    if task == "semantic":
        if options.outputs.min_score:
            raise InputError(
                f"--min-score {options.outputs.min_score:g} with polygons of classes",
                "objects, of whose pixels a score is the mean",
                "leave --min-score out",
            )
        return task
    if card.depth is None:
        raise InputError(
            f"--task {task} with {card.name}, which tells no objects apart",
            "a model with a depth, such as `geoseg train` makes of labels of objects",
            "leave --task out",
        )
    told = [name for name in OF_CLASSES if getattr(options.cleaning, name)]
    told += [name for name in ("threshold", "zonal") if getattr(options.outputs, name) is not None]
    if told:
        raise InputError(
            f"--{told[0].replace('_', '-')} with polygons of objects ({card.name})",
            "--simplify, --square, --min-area or --min-score",
            "leave it out, or map classes alone with --task semantic",
        )
    return task


def write_polygons(
    task: str,
    paths: Mapping[Kind, str],
    target: str,
    card: ModelCard,
    options: Options,
    report: Report,
    replace: bool,
    layer: str,
    provenance: str,
) -> int:
    """Find the objects of a map in its rasters, and write their polygons.

    Parameters
    ----------
    task
        "instances" or "panoptic", as of `task_of`.
    paths
        Of the rasters of classes, confidence and depth.
    target
        The file of polygons.
    card
        Says which classes are things, their names and colours.
    options
        How borders are laid out, and which objects are left out.
    report
        Told how far it is.
    replace
        Whether a file that exists is replaced.
    layer
        The layer's name; "" is the file's own.
    provenance
        What the file says of how it was made.

    Returns
    -------
    int
        How many polygons there are.

    Raises
    ------
    InputError, OutputError, RunError
        See `objects.find.write_objects`.
    """
    from ..objects.find import Finding, draw, find_objects, open_fields

    finding = Finding(
        tuple(label.value for label in card.labels if label.is_thing),
        stuff=task == "panoptic",
        min_score=options.outputs.min_score,
        min_area=options.cleaning.min_area,
    )
    fields = open_fields(paths["classes"], paths["depth"], paths["confidence"], report)
    tell_of_pixels(target, fields.grid, report)
    with (
        atomic_output(Path(target), replace, bool(layer)) as path,
        find_objects(fields, finding, path.parent, report) as found,
    ):
        return draw(found, card, path, tracing_of(options, card), layer, provenance, report)
