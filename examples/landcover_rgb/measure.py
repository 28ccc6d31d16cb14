"""Measure a model on the places held out, with geoseg evaluate: measure.py MODEL [--work WORK]
[--out FILE.json].

Of each place: MBRSC's five classes (trees and low vegetation are one), NAIP's vegetation against
NDVI, marked trees that are mapped as trees and as vegetation, what is called water (of all, and of
what the teacher takes for sealed), and Banepa's buildings at 0.26 m. WORK is what prepare.py wrote.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from prepare import LOW, NONE, PLANTS, SEALED, UNLABELLED, marked, read, write
from rasterio.errors import NotGeoreferencedWarning

import geoseg
from geoseg.models import find_model

SIDE = 10  # chips of a city are mapped as sheets of so many by so many
GREENS = ("trees", "low vegetation", "vegetation")
MBRSC = {"0": "water", "1": "land", "2": "road", "3": "building", "4": "vegetation"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="name or folder of a bundle")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("work/landcover_rgb"))
    parser.add_argument("--places", nargs="*", help="default: those that have the model's bands")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    with (args.work / "samples.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for place in args.places or places_of(args.model):
        scenes = [row for row in rows if row["place"] == place]
        measure = MEASURES[scenes[0]["dataset"]]
        found[place] = measure(args.model, scenes, args.data)
        print(place, json.dumps(found[place], indent=1), flush=True)
    if args.out:
        args.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def places_of(model: str) -> list[str]:
    """Name the places held out that a model can map: one alone has near infrared."""
    names = [band.common_name for band in find_model(model).card.bands]
    return ["claremont"] if "nir" in names else ["tile1", "claremont", "banepa test"]


def measure_mbrsc(model: str, scenes: Sequence[dict[str, str]], data: Path) -> dict[str, Any]:  # noqa: ARG001 - alike
    pairs = [(read(Path(row["scene"])), read(Path(row["label"]))[0]) for row in scenes]
    return evaluate(
        model, [(mapped(model, pixels), labels) for pixels, labels in pairs], MBRSC, GREENS
    )


def measure_banepa(model: str, scenes: Sequence[dict[str, str]], data: Path) -> dict[str, Any]:  # noqa: ARG001
    (row,) = scenes
    other = [label.name for label in find_model(model).card.labels if label.name != "building"]
    pair = (mapped(model, read(Path(row["scene"]))), read(Path(row["label"]))[0])
    return evaluate(model, [pair], {"0": "other", "1": "building"}, other, "other")


def measure_naip(model: str, scenes: Sequence[dict[str, str]], data: Path) -> dict[str, Any]:
    names = [label.name for label in find_model(model).card.labels]
    values = {label.name: label.value for label in find_model(model).card.labels}
    chips = [row for row in scenes if "_x" not in Path(row["scene"]).stem]
    pixels = [read(Path(row["scene"])) for row in chips]
    maps = mapped_sheets(model, pixels)
    ndvi = [
        (p[3] - p[0]) / np.maximum(p[3] + p[0], 1)
        for p in (chip.astype(np.float32) for chip in pixels)
    ]
    truths = [
        np.where(v > PLANTS, 1, np.where(v < NONE, 0, UNLABELLED)).astype(np.uint8) for v in ndvi
    ]
    other = [name for name in names if name not in GREENS]
    green = evaluate(
        model,
        list(zip(maps, truths, strict=True)),
        {"0": "other", "1": "vegetation"},
        other,
        "other",
    )
    labels = [read(Path(row["label"]))[0] for row in chips]
    water, sealed = np.stack(maps) == values["water"], np.stack(labels) == SEALED
    trees, plants = [], []
    for row, chip in zip(chips, maps, strict=True):
        points = marked(data / "naip_california" / "trees" / f"{Path(row['scene']).stem}.csv")
        there = chip[points[:, 1], points[:, 0]]
        trees.append(there == values.get("trees", -1))
        plants.append(np.isin(there, [values[name] for name in GREENS if name in values]))
    low = np.stack(labels) == LOW
    mapped_low = np.stack(maps) == values.get("low vegetation", -1)
    return green | {
        "marked_trees": sum(map(len, trees)),
        "trees_as_trees": round(float(np.concatenate(trees).mean()), 4),
        "trees_as_vegetation": round(float(np.concatenate(plants).mean()), 4),
        "low_as_low": round(float(mapped_low[low].mean()), 4),
        "water": round(float(water.mean()), 6),
        "sealed_as_water": round(float(water[sealed].mean()), 6),
        "shares": {
            name: round(float((np.stack(maps) == value).mean()), 4)
            for name, value in values.items()
        },
    }


def mapped(model: str, pixels: np.ndarray) -> np.ndarray:
    """Return the class values of a model's map."""
    bands = len(find_model(model).card.bands)
    with TemporaryDirectory() as folder:
        scene, out = Path(folder) / "scene.tif", Path(folder) / "map.tif"
        write(scene, pixels[:bands])
        geoseg.predict(scene, out, model=model, force=True, device="cpu")
        return read(out)[0]


def mapped_sheets(model: str, chips: list[np.ndarray]) -> list[np.ndarray]:
    """Return the maps of chips of one size, many of which are mapped at once."""
    found, (_, rows, columns) = [], chips[0].shape
    for first in range(0, len(chips), SIDE**2):
        some = chips[first : first + SIDE**2]
        filled = some + some[:1] * (-len(some) % SIDE)
        lines = [np.concatenate(filled[i : i + SIDE], axis=2) for i in range(0, len(filled), SIDE)]
        whole = mapped(model, np.concatenate(lines, axis=1))
        parts = [
            whole[r : r + rows, c : c + columns]
            for r in range(0, len(whole), rows)
            for c in range(0, whole.shape[1], columns)
        ]
        found += parts[: len(some)]
    return found


def evaluate(
    model: str,
    pairs: Sequence[tuple[np.ndarray, np.ndarray]],
    truth: dict[str, str],
    merged: Sequence[str],
    to: str = "vegetation",
) -> dict[str, Any]:
    """Return accuracy, mean IoU and the classes' IoU, as geoseg evaluate tells them of maps and
    truths.
    """
    card = find_model(model).card
    names = {str(label.value): label.name for label in card.labels}
    names = {
        value: to if name in merged else "vegetation" if name in GREENS else name
        for value, name in names.items()
    }
    with TemporaryDirectory() as folder:
        for kind in ("maps", "truths"):
            (Path(folder) / kind).mkdir()
        for number, pair in enumerate(pairs):
            for kind, values in zip(("maps", "truths"), pair, strict=True):
                write(Path(folder) / kind / f"{number}.tif", values[None], UNLABELLED)
        classes, result = Path(folder) / "classes.json", Path(folder) / "found.json"
        classes.write_text(json.dumps({"truth": truth, "map": names}), encoding="utf-8")
        sides = [Path(folder) / kind for kind in ("maps", "truths")]
        options = [
            "--classes",
            classes,
            "--missing",
            "count",
            "--boundary",
            "off",
            "--json",
            result,
            "--quiet",
        ]
        command = [sys.executable, "-m", "geoseg", "evaluate", *sides, *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = json.loads(result.read_text(encoding="utf-8"))
    found = found.get("total", found)
    return {
        "pixels": found["pixels"],
        "accuracy": round(found["metrics"]["accuracy"], 4),
        "mean_iou": round(found["metrics"]["mean_iou"], 4),
        "iou": {
            name: round(one["iou"], 4) for name, one in found["classes"].items() if one["truth"]
        },
    }


MEASURES = {
    "mbrsc": measure_mbrsc,
    "mbrsc_fine": measure_mbrsc,
    "naip": measure_naip,
    "banepa": measure_banepa,
}

if __name__ == "__main__":
    main()
