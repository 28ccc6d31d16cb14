"""A data set as `geoseg train` takes it: class rasters, object numbers, a table and a
configuration.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.atomic import part_folder
from ..core.card import NODATA
from ..core.disk import failures
from ..core.errors import InputError, OutputError
from ..core.events import Report, silent, watch
from ..core.grid import Grid
from ..raster.band_info import describe_bands
from ..raster.handles import open_dataset
from ..raster.label_files import write_classes, write_numbers
from ..raster.legend import FileLegend
from ..raster.turn import AS_IT_IS
from .dataset import MOST_PIXELS, Dataset, Picture
from .formats import read_dataset, unsound
from .legend import Chosen, choose
from .told import UNSOUND

CLASSES, OBJECTS = "labels", "objects"  # folders
TABLE, SETTINGS = "samples.csv", "train.toml"
HELD_OUT = ("val", "validation", "test")  # how the names of parts begin that are not trained on
UPRIGHT = "1"  # of EXIF: the first row is the top
TURNED = "pictures whose camera was turned (EXIF): their labels may be of either"
OTHER_BANDS = "pictures of other bands than most"


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of a data set."""

    kind: str
    """Which format it was."""
    pictures: int
    """How many were written."""
    chosen: Chosen
    """Its classes."""
    pixels: Mapping[str, int]
    """By class, in all pictures."""
    unlabelled: int
    """Pixels of no class."""
    objects: int
    """How many there are."""
    overlaps: int
    """Pixels that several objects claimed."""
    parts: Mapping[str, int]
    """Pictures of each part of the data set."""
    skipped: Counter[str]
    """What was left out, by the reason."""
    are_placed: bool
    """Whether every picture has a coordinate reference system, and so a pixel size in metres."""


@dataclass(frozen=True, slots=True)
class _Image:
    """What a picture's file says of itself."""

    grid: Grid
    """Its pixels."""
    bands: tuple[str, ...]
    """The colour of each band."""
    turned: bool
    """Whether its first row is not the top, so that labels may be of either."""


def convert(
    source: str,
    out: str,
    format_: str = "",
    images: str | None = None,
    only: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    rest: str = "",
    report: Report = silent,
) -> Converted:
    """Make labels of a data set that `geoseg train` takes, in a new folder; pictures stay where
    they are.

    Parameters
    ----------
    source
        The data set's folder, or the file that describes it.
    out
        The folder; it appears when all is written.
    format_
        One of FORMATS; "" is the one that it has.
    images
        The folder of the pictures; None is where the layout has them.
    only, names, rest
        As of `choose`.
    report
        Is told what is done.

    Returns
    -------
    Converted
        What there is now.

    Raises
    ------
    InputError
        If the data set cannot be read, or its classes are others.
    OutputError
        If the folder is there already.
    RunError
        If it cannot be written, or a file is damaged.
    """
    target = Path(out)
    if os.path.lexists(target):
        raise OutputError(f"{out} exists", "a new folder", "choose another --out, or remove it")
    dataset = read_dataset(source, format_, images)
    chosen = choose(dataset, only, names, rest)
    found = {picture.name: _look(picture.image) for picture in dataset.pictures}
    usual = Counter(image.bands for image in found.values()).most_common(1)[0][0]
    skipped = Counter(dataset.skipped)
    kept = []
    for picture in dataset.pictures:
        image = found[picture.name]
        reason = TURNED if image.turned else OTHER_BANDS if image.bands != usual else ""
        skipped[reason] += bool(reason)
        kept += [] if reason else [picture]
    if not kept:
        raise InputError(f"no picture of {source} is left: {TURNED}", do="turn them upright")
    with failures(target), part_folder(target) as hidden:
        folder = hidden / "new"
        made = _write(dataset, kept, found, chosen, folder, source, report)
        (folder / SETTINGS).write_text(_settings(dataset, kept, chosen), encoding="utf-8")
        if os.path.lexists(target):  # made by somebody else meanwhile
            raise OutputError(f"{out} exists", "a new folder", "choose another --out")
        folder.rename(target)
    parts = Counter(picture.split or "all" for picture in kept)
    placed = all(found[picture.name].grid.crs for picture in kept)
    return Converted(dataset.kind, len(kept), chosen, *made, parts, +skipped, placed)


def _write(
    dataset: Dataset,
    kept: Sequence[Picture],
    found: Mapping[str, _Image],
    chosen: Chosen,
    folder: Path,
    source: str,
    report: Report,
) -> tuple[dict[str, int], int, int, int]:
    """Write the rasters and the table, and count."""
    counts = np.zeros(NODATA + 1, np.int64)
    objects = 0
    overlaps = 0
    rows = []

    def size(picture: Picture) -> int:
        return found[picture.name].grid.extent.area

    total = sum(map(size, kept))
    legend = FileLegend(
        CLASSES,
        {label.value: label.name for label in chosen.labels},
        {label.value: label.colour for label in chosen.labels},
    )
    for picture in watch(kept, size, total, report, "convert"):
        grid = found[picture.name].grid
        if grid.extent.area > MOST_PIXELS:
            raise InputError(
                f"{picture.image} has {grid.extent.area:,} pixels",
                f"at most {MOST_PIXELS:,}",
                "cut it, and its labels",
            )
        try:
            targets = picture.read(grid.height, grid.width)
        except UNSOUND as error:
            raise unsound(f"{source}, at {picture.image.name},", dataset.kind, error) from error
        classes = chosen.classes(targets)
        counts += np.bincount(classes.ravel(), minlength=NODATA + 1)
        overlaps += targets.overlaps
        row = {"scene": str(picture.image.resolve()), "label": f"{CLASSES}/{picture.name}.tif"}
        path = folder / row["label"]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_classes(path, grid, classes, legend)
        if chosen.things:
            numbers = chosen.objects(targets)
            objects += int(numbers.max(initial=0))
            row["objects"] = f"{OBJECTS}/{picture.name}.tif"
            path = folder / row["objects"]
            path.parent.mkdir(parents=True, exist_ok=True)
            write_numbers(path, grid, numbers)
        rows.append(row | {"place": _place(picture)})
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, tuple(rows[0]))
        table.writeheader()
        table.writerows(rows)
    pixels = {label.name: int(counts[label.value]) for label in chosen.labels}
    return pixels, int(counts[NODATA]), objects, overlaps


def _look(path: Path) -> _Image:
    with closing(open_dataset(str(path))) as dataset:
        layers = describe_bands(dataset, str(path))
        turned = dataset.tags().get("EXIF_Orientation", UPRIGHT) != UPRIGHT
        turned |= layers[0].turn != AS_IT_IS
        return _Image(layers[0].grid, tuple(layer.colour for layer in layers), turned)


def _is_held_out(picture: Picture) -> bool:
    return picture.split.lower().startswith(HELD_OUT)


def _place(picture: Picture) -> str:
    """Return the place of a picture: that of the part where that is held out as a whole."""
    return picture.split if _is_held_out(picture) else picture.place


def _settings(dataset: Dataset, kept: Sequence[Picture], chosen: Chosen) -> str:
    """Return the configuration: TOML, in which JSON's texts are texts as well."""
    held = sorted({picture.split for picture in kept if _is_held_out(picture)})
    validation = [name for name in held if name.lower().startswith("val")]
    test = [name for name in held if name not in validation]
    lines = [f"# made of a data set laid out as {dataset.kind}", "[data]", f'samples = "{TABLE}"']
    if held and len(held) < len({picture.split for picture in kept}):
        lines += [f"validation = {json.dumps(validation)}"] if validation else []
        lines += [f"test = {json.dumps(test)}"] if test else []
    for label in chosen.labels:
        lines += ["", "[[classes]]", f"value = {label.value}"]
        lines += [f"name = {json.dumps(label.name)}", f'colour = "{label.colour}"']
    return "\n".join(lines) + "\n"
