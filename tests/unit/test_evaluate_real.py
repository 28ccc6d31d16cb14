"""Real maps: a Sentinel-2 scene against labels of the network that taught the model, and masks
of aerial images.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasters
from rasterio.windows import Window
from sklearn.metrics import cohen_kappa_score, confusion_matrix, jaccard_score

from geoseg.cli import run as geoseg
from geoseg.evaluation.classes import read_renames
from geoseg.evaluation.compare import Settings, evaluate
from geoseg.evaluation.results import to_json
from geoseg.raster.handles import open_dataset

# pseudo top of atmosphere = SL x L2A + OF, B02 to B12, for the teacher has seen nothing else
# (../shared/data/README.md)
SL = np.array([0.6375, 0.6825, 0.7875, 0.7625, 0.805, 0.8475, 0.805, 0.9075, 0.835])[:, None, None]
OF = np.array([842, 526, 326, 298, 314, 300, 246, 29, 20])[:, None, None]
BANDS = [2, 3, 4, 5, 6, 7, 8, 11, 12]
NAMES = [
    "water",
    "trees",
    "grass",
    "flooded vegetation",
    "crops",
    "shrub and scrub",
    "built",
    "bare",
    "snow and ice",
]


def teach(shared: Path, scene: Path, window: Window, folder: Path) -> tuple[str, str]:
    """Cut a window out of the scene, and let the teacher label it; return the paths of both."""
    onnxruntime = pytest.importorskip("onnxruntime")
    with rasterio.open(scene) as raster:
        indices = [
            next(i for i, d in enumerate(raster.descriptions, 1) if d and d.endswith(f"{b:02d}"))
            for b in BANDS
        ]
        pixels, place = raster.read(indices, window=window), raster.transform
        place = (
            place.a,
            0.0,
            place.c + window.col_off * place.a,
            0.0,
            place.e,
            place.f + window.row_off * place.e,
        )
        names = [f"B{b:02d}" for b in BANDS]
        cut = rasters.write(folder / "cut.tif", pixels, names, place, raster.crs.to_string())
    numbers = (SL * pixels * (10_000 / 65_535) + OF).astype(np.float32)
    session = onnxruntime.InferenceSession(
        shared / "teacher" / "dynamicworld.onnx", providers=["CPUExecutionProvider"]
    )
    scores = session.run(None, {session.get_inputs()[0].name: numbers[None]})[0][0]
    truth = scores.argmax(axis=0).astype(np.uint8)
    return cut, rasters.write(folder / "truth.tif", truth[None], transform=place, crs="EPSG:4326")


def test_a_scene_against_its_teacher(shared_data: Path, tmp_path: Path) -> None:
    scene = shared_data / "scenes" / "s2l2a_aquileia_20190416.tif"
    cut, truth = teach(shared_data, scene, Window(760, 400, 128, 128), tmp_path)
    how = ["--model", "landcover-s2", "--quiet", "--on", "scene"]
    assert (
        geoseg(
            ["predict", cut, "--out", str(tmp_path / "map.tif"), "--scale", str(1 / 65_535), *how]
        )
        == 0
    )
    found = evaluate(str(tmp_path / "map.tif"), truth)
    with rasterio.open(tmp_path / "map.tif") as raster, rasterio.open(truth) as labels:
        mapped, true = raster.read(1).ravel(), labels.read(1).ravel()
    places = [NAMES.index(name) for name in found.names]
    assert np.array_equal(found.matrix, confusion_matrix(true, mapped, labels=places))
    metrics = to_json(found)["metrics"]
    there = sorted(set(true.tolist()))
    assert metrics["kappa"] == pytest.approx(cohen_kappa_score(true, mapped), abs=1e-6)
    assert metrics["mean_iou"] == pytest.approx(
        jaccard_score(true, mapped, labels=there, average="macro"), abs=1e-6
    )
    assert metrics["accuracy"] > 0.7  # the pupil learnt something


def test_colour_masks_of_aerial_images(shared_data: Path, tmp_path: Path) -> None:
    mask = str(shared_data / "mbrsc" / "tile1" / "masks" / "image_part_001.png")
    other = str(shared_data / "mbrsc" / "tile1" / "masks" / "image_part_002.png")
    colours = {
        "#3C1098": "building",
        "#8429F6": "land",
        "#6EC1E4": "road",
        "#FEDD3A": "vegetation",
        "#E2A929": "water",
        "#9B9B9B": None,
        "#000000": None,
    }
    (tmp_path / "c.json").write_text(json.dumps({"map": colours, "truth": colours}))
    renames = read_renames([], [], str(tmp_path / "c.json"))
    found = evaluate(mask, other, Settings(renames=renames, tolerance="off"))
    true, mapped = (decode(path, colours) for path in (other, mask))
    known = (true >= 0) & (mapped >= 0)
    order = [list(filter(None, colours.values())).index(name) for name in found.names]
    assert np.array_equal(found.matrix, confusion_matrix(true[known], mapped[known], labels=order))
    assert found.unlabelled == ((true < 0) & (mapped >= 0)).sum()
    same = to_json(evaluate(mask, mask, Settings(renames=renames)))["metrics"]
    assert all(value == 1 for value in same.values())


def decode(path: str, colours: dict[str, str | None]) -> np.ndarray:
    with open_dataset(path) as raster:
        data = raster.read()
        if len(data) == 1:
            palette = np.array([raster.colormap(1)[i][:3] for i in range(256)])
            data = np.moveaxis(palette[data[0]], -1, 0)
    code = (data[0].astype(int) << 16) | (data[1].astype(int) << 8) | data[2]
    found = np.full(code.shape, -1)
    for place, colour in enumerate(colour for colour, name in colours.items() if name):
        found[code == int(colour[1:], 16)] = place
    return found.ravel()
