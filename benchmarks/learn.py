"""How fast `geoseg learn` comes to a good map, with dense labels as the analyst who draws polygons.

    python benchmarks/learn.py curves WORK --scene aquileia --seeds 5
    python benchmarks/learn.py reach WORK --scene aquileia --seeds 3 --cpu 120
    python benchmarks/learn.py dense WORK --scene aquileia --cpu 1200
    python benchmarks/learn.py chart WORK --out docs/pictures/learn.png

A scene is cut into squares of 96 pixels like a chessboard: labels are drawn on the black ones, and
the mIoU is that of the white ones, for all ways of learning alike. The Sentinel-2 scenes are places
that landcover-s2 held out; their labels are its teacher's, the classes those of 0.5 % of a scene
and more, under other names. Scenes of MBRSC have labels drawn by hand; landcover-rgb learned from
them, so that only a network from nothing is measured there unless --start says otherwise.

Time is counted in seconds of the processor (both cores of a machine of two: 120 a minute), so that
other work on the machine does not count. `curves` adds ten polygons a round, those that are
suggested or places drawn at random, and fits the last layer alone; `reach` lets all rounds run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
import torch
from rasterio.features import rasterize, shapes
from scipy import ndimage

import geoseg
from geoseg.architectures.context import stride_of
from geoseg.core.card import Label
from geoseg.core.events import Event, Round, silent
from geoseg.core.grid import Window
from geoseg.labelling import network as networks
from geoseg.labelling.body import CELL, Body, FeatureMaps, Scenes
from geoseg.labelling.head import Head
from geoseg.labelling.learn import Learning, learn, open_desk
from geoseg.labelling.workspace import add_labels, create_workspace, open_workspace
from geoseg.models import find_model
from geoseg.models.safetensors import read_weights, write_bundle
from geoseg.scene.describe import describe
from geoseg.training.augment import Augment
from geoseg.training.learner import Learner
from geoseg.training.loop import batches, ema_decay
from geoseg.training.samples import Pool
from geoseg.training.scene_label import make_reading
from geoseg.training.sources import Sample
from geoseg.training.split import Share

BOARD = 96  # pixels along a square of the chessboard
LEAST = 0.005  # share of the scene from which on a class is one
NONE = 255
FIRST = 10  # polygons of each class
NEXT = 10  # polygons of a round
POLYGON = 60  # pixels of a polygon that is drawn at first, at most
REACH = 5  # pixels from its middle
SPARE = 5  # suggestions more than are labelled, for those where the truth is not known
# from L2A to what the teacher takes, band by band
GAIN = (0.6375, 0.6825, 0.7875, 0.7625, 0.805, 0.8475, 0.805, 0.9075, 0.835)
OFFSET = (842, 526, 326, 298, 314, 300, 246, 29, 20)
S2 = {  # name -> file, processing level
    "aquileia": ("syamkakarla__aquileia.tif", "L2A"),
    "amsterdam": ("dryspy__20190607.tif", "L1C"),
}
MBRSC = {"dubai": ("tile1", 1)}  # name -> scene, part
COLOURS = {0x3C1098: 0, 0x8429F6: 1, 0x6EC1E4: 2, 0xFEDD3A: 3, 0xE2A929: 4}
STARTS = {"aquileia": None, "amsterdam": None, "dubai": "none"}


@dataclass(frozen=True)
class Place:
    """A scene with all that is true of it."""

    name: str
    file: Path
    truth: np.ndarray  # class indices [row, column], NONE where nothing is known
    black: np.ndarray  # where labels are drawn

    @property
    def classes(self) -> int:
        """How many there are."""
        return int(self.truth[self.truth != NONE].max()) + 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("curves", "reach", "dense", "chart"))
    parser.add_argument("work", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--scene", default="aquileia", choices=[*S2, *MBRSC])
    parser.add_argument("--start", help="model to start from; none: from nothing")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--cpu", type=float, default=120.0, help="seconds of the processor")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    if args.what == "chart":
        chart(args.work, args.out or args.work / "learn.png")
        return
    torch.set_num_threads(1)  # so that waiting threads burn no time that is counted
    place = open_place(args.scene, args.work, args.data)
    start = args.start or STARTS[args.scene]
    if args.what == "dense":
        rows = dense(place, args.work, start, args.cpu)
    else:
        todo, limit = (curves, args.rounds) if args.what == "curves" else (reach, args.cpu)
        rows = (
            row
            for seed in range(args.first, args.first + args.seeds)
            for row in todo(place, args.work, start, seed, limit)
        )
    for row in rows:
        told = {"what": args.what, "scene": args.scene, "start": start or "auto"} | row
        with (args.work / "results.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
        print(told, flush=True)


def curves(place: Place, work: Path, start: str | None, seed: int, rounds: int) -> Iterator[dict]:
    """Ten polygons a round: those that are suggested, and places drawn at random."""
    first = new_workspace(place, work / f"{place.name}-{seed}", start)
    kept = work / f"{place.name}-features"  # the same for all seeds and ways
    kept.mkdir(exist_ok=True)
    (first / "cache").symlink_to(kept.resolve())
    add(place, first, first_polygons(place, np.random.default_rng(seed)))
    learning = Learning(600, 1, suggestions=NEXT + SPARE, within=write_black(place, work))
    learn(first, learning, silent)
    found = mean_iou_of_features(place, first)
    for way in ("suggested", "random"):
        yield {"way": way, "seed": seed, "round": 0, "mean_iou": found}
    for way in ("suggested", "random"):
        rng = np.random.default_rng([seed, 1])
        folder = first.with_name(f"{first.name}-{way}")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(first, folder, symlinks=True)
        for number in range(1, rounds + 1):
            spots = (
                suggested(place, folder) if way == "suggested" else drawn_spots(place, folder, rng)
            )
            add(place, folder, spots)
            learn(folder, learning, silent)
            told = {"way": way, "seed": seed, "round": number, "labelled": len(spots)}
            yield told | {"mean_iou": mean_iou_of_features(place, folder)}


def write_black(place: Place, work: Path) -> str:
    """Write the squares that labels are drawn on, for suggestions to lie in."""
    path = work / f"{place.name}-black.gpkg"
    if not path.exists():
        with rasterio.open(place.file) as scene:
            transform, crs = scene.transform, scene.crs
        found = shapes(place.black.astype(np.uint8), place.black, transform=transform)
        squares = [shapely.geometry.shape(one) for one, _ in found]
        gpd.GeoDataFrame(geometry=squares, crs=crs).to_file(path)
    return str(path)


def mean_iou_of_features(place: Place, folder: Path) -> float:
    """Map with the last layer alone, from features that are kept: seconds less than a whole map."""
    workspace = open_workspace(folder)
    height, width = place.truth.shape
    with open_desk(workspace, silent) as desk:
        maps = FeatureMaps(Body(desk.first, desk.card), desk.scenes, desk.cache)
        weights = read_weights(find_model(str(folder)))
        name = maps.body.name
        weight = weights[f"{name}.weight"].float()
        head = Head(
            weight.reshape(len(weight), -1).numpy(), weights[f"{name}.bias"].float().numpy()
        )
        mapped = np.zeros((height, width), np.uint8)
        for row in range(-(-height // CELL)):
            for column in range(-(-width // CELL)):
                cell = (0, row, column)
                part = mapped[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
                found = head.logits(maps.get([cell])[cell][0].reshape(CELL * CELL, -1))
                classes = found.argmax(axis=1).reshape(CELL, CELL)
                part[:] = classes[: part.shape[0], : part.shape[1]]
    return iou_of(place, mapped)


def reach(place: Place, work: Path, start: str | None, seed: int, cpu: float) -> Iterator[dict]:
    """Ten polygons a class, and all rounds that fit in the time."""
    folder = new_workspace(place, work / f"{place.name}-reach", start)
    add(place, folder, first_polygons(place, np.random.default_rng(seed)))
    begun = time.process_time()
    told: list[Round] = []

    def report(event: Event) -> None:
        if isinstance(event, Round):
            told.append(replace(event, seconds=round(time.process_time() - begun, 1)))

    learn(folder, Learning(36000), report, lambda: time.process_time() - begun > cpu)
    yield {
        "seed": seed,
        "cpu": round(time.process_time() - begun),
        "mean_iou": mean_iou(place, folder),
        "rounds": [(one.stage, one.seconds, one.mean_iou, one.compared) for one in told],
    }


def dense(place: Place, work: Path, start: str | None, cpu: float) -> Iterator[dict]:
    """Learn from every pixel of the black squares."""
    folder = new_workspace(place, work / f"{place.name}-dense", start)
    labels = folder / "dense.tif"
    values = np.where(place.black & (place.truth != NONE), place.truth + 1, NONE)
    with rasterio.open(place.file) as scene:
        profile = {"height": scene.height, "width": scene.width}
        profile |= {"crs": scene.crs, "transform": scene.transform}
    with rasterio.open(
        labels, "w", driver="GTiff", count=1, dtype="uint8", nodata=NONE, **profile
    ) as file:
        file.write(values.astype(np.uint8), 1)
    workspace = open_workspace(folder)
    infos = [describe(scene.files) for scene in workspace.scenes]
    bundle = networks.choose_start(workspace, infos, silent)
    config = networks.configure(workspace, infos, bundle, labels)
    config = replace(
        config,
        loss=replace(config.loss, classes=""),
        training=replace(config.training, balance=0.3, ema=0.995),
    )
    scenes = Scenes([scene.files for scene in workspace.scenes], config.draft(), networks.READ)
    whole = Window(0, 0, scenes.grids[0].height, scenes.grids[0].width)
    card = networks.measured(config, scenes, [(0, whole)])
    network = networks.first_network(card, bundle, 1)
    card = replace(networks.with_stride(card, network), stride=stride_of(network))
    sample = Sample(str(place.file), str(labels))
    pool = Pool([Share(sample)], card, make_reading(config, networks.READ))
    learner = Learner(card, config, weights=network.state_dict())
    augment = Augment(config.augment, config.bands, config.scaling)
    marks = [cpu / 8, cpu / 4, cpu / 2, 3 * cpu / 4, cpu]
    spent = 0.0
    for step, batch in enumerate(batches(config, pool, augment, 0)):
        begun = time.process_time()
        falls = min(1.0, max(0.02, 2 - 2 * spent / cpu))
        learner.learn(batch, min(1.0, (step + 1) / 100) * falls, ema_decay(step, 0.995))
        spent += time.process_time() - begun
        if spent >= marks[0]:
            write_bundle(folder / "dense", card, learner.average.state_dict())
            found = mean_iou(place, folder / "dense")
            yield {"cpu": round(spent), "of": cpu, "steps": step + 1, "mean_iou": found}
            marks.pop(0)
            if not marks:
                return


def open_place(name: str, work: Path, data: Path) -> Place:
    """Return a scene with its labels; those of the teacher are computed once."""
    file = work / f"{name}.tif"
    known = work / f"{name}.npy"
    if not known.exists():
        (make_s2 if name in S2 else make_mbrsc)(name, file, known, data)
    truth = np.load(known)
    share = np.bincount(truth[truth != NONE], minlength=NONE) / (truth != NONE).sum()
    table = np.full(256, NONE, np.uint8)
    kept = np.flatnonzero(share >= LEAST)
    table[kept] = np.arange(len(kept))
    rows, columns = np.indices(truth.shape) // BOARD
    return Place(name, file, table[truth], (rows + columns) % 2 == 0)


def make_s2(name: str, file: Path, known: Path, data: Path) -> None:
    """Copy a scene, and have the teacher map it."""
    import onnxruntime

    source, level = S2[name]
    shutil.copyfile(data / "s2" / source, file)
    with rasterio.open(file) as scene:
        pixels = scene.read().astype(np.float32)
    valid = pixels.any(axis=0)
    gain, offset = (np.array(part, np.float32)[:, None, None] for part in (GAIN, OFFSET))
    given = pixels if level == "L1C" else gain * pixels + offset
    session = onnxruntime.InferenceSession(data / "teacher/dynamicworld.onnx")
    entry = session.get_inputs()[0].name
    truth = np.zeros(valid.shape, np.uint8)
    height, width = valid.shape
    side, edge = 256, 32
    for top in range(0, height, side - 2 * edge):
        for left in range(0, width, side - 2 * edge):
            a, b = min(top, height - side), min(left, width - side)
            scores = session.run(None, {entry: given[None, :, a : a + side, b : b + side]})[0][0]
            # what lies near an edge of the window comes from its neighbour, which is written later
            c, d = edge if a else 0, edge if b else 0
            truth[a + c : a + side, b + d : b + side] = scores.argmax(axis=0)[c:, d:]
    truth[~valid] = NONE
    np.save(known, truth)


def make_mbrsc(name: str, file: Path, known: Path, data: Path) -> None:
    """Copy a picture, and read its mask."""
    scene, part = MBRSC[name]
    image = sorted((data / "mbrsc" / scene / "images").iterdir())[part]
    mask = next((data / "mbrsc" / scene / "masks").glob(f"{image.stem}*"))
    with rasterio.open(image) as picture:
        pixels = picture.read()[:3]
    with rasterio.open(mask) as picture:
        drawn = picture.read()
        if picture.count == 1:
            palette = picture.colormap(1)
            drawn = np.array([palette[i][:3] for i in range(256)], np.uint8)[drawn[0]]
            drawn = drawn.transpose(2, 0, 1)
    red, green, blue = drawn[:3].astype(np.int64)
    colour = (red << 16) | (green << 8) | blue
    truth = np.full(colour.shape, NONE, np.uint8)
    for value, index in COLOURS.items():
        truth[colour == value] = index
    shape = {"height": pixels.shape[1], "width": pixels.shape[2]}
    # a scene without a place is placed anywhere, at the pixel size that it may have
    placed = {"crs": "EPSG:32640", "transform": rasterio.Affine(1, 0, 3e5, 0, -1, 2.8e6)}
    with rasterio.open(
        file, "w", driver="GTiff", count=3, dtype="uint8", photometric="RGB", **shape, **placed
    ) as out:
        out.write(pixels)
    np.save(known, truth)


def new_workspace(place: Place, folder: Path, start: str | None) -> Path:
    """Make a workspace without labels."""
    shutil.rmtree(folder, ignore_errors=True)
    classes = [Label(i + 1, f"class {i}", f"#0000{i:02x}") for i in range(place.classes)]
    create_workspace(folder, [place.file], classes, None)
    if start:  # "none" is no model
        path = folder / "workspace.json"
        told = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(told | {"start": start}), encoding="utf-8")
    return folder


def first_polygons(place: Place, rng: np.random.Generator) -> list[tuple[int, np.ndarray]]:
    """Draw polygons of each class, the classes by turns."""
    drawn = []
    for label in range(place.classes):
        inside = (place.truth == label) & place.black
        core = ndimage.binary_erosion(inside, np.ones((3, 3)))
        spots = np.argwhere(core if core.any() else inside)
        for turn, index in enumerate(rng.permutation(len(spots))[:FIRST]):
            drawn.append((turn, label, grow(inside, spots[index])))
    return [(label, pixels) for _, label, pixels in sorted(drawn, key=lambda one: one[:2])]


def grow(inside: np.ndarray, spot: np.ndarray) -> np.ndarray:
    """Return the pixels of one class around a spot that are connected with it."""
    top, left = np.maximum(spot - REACH, 0)
    window = inside[top : spot[0] + REACH + 1, left : spot[1] + REACH + 1]
    numbers, _ = ndimage.label(window)
    found = np.argwhere(numbers == numbers[spot[0] - top, spot[1] - left])
    far = ((found - (spot - [top, left])) ** 2).sum(axis=1)
    return found[np.argsort(far, kind="stable")[:POLYGON]] + [top, left]


def suggested(place: Place, folder: Path) -> list[tuple[int, np.ndarray]]:
    """Label the best suggestions: the class that most of a polygon is of."""
    layer = gpd.read_file(folder / "suggestions.gpkg", layer="suggestions").sort_values("rank")
    with rasterio.open(place.file) as scene:
        transform = scene.transform
    labelled = []
    for shape in layer.geometry:
        mask = rasterize([shape], place.truth.shape, transform=transform).astype(bool)
        labelled += [one for one in [answer(place, np.argwhere(mask))] if one]
    return labelled[:NEXT]


def drawn_spots(
    place: Place, folder: Path, rng: np.random.Generator
) -> list[tuple[int, np.ndarray]]:
    """Label places drawn at random, of the shapes that the suggestions have."""
    layer = gpd.read_file(folder / "suggestions.gpkg", layer="suggestions").sort_values("rank")
    with rasterio.open(place.file) as scene:
        transform = scene.transform
    given = [
        np.argwhere(rasterize([shape], place.truth.shape, transform=transform))
        for shape in layer.geometry[:NEXT]
    ]
    labelled: list[tuple[int, np.ndarray]] = []
    while len(labelled) < NEXT:
        shape = given[len(labelled) % len(given)]
        spot = [int(rng.integers(size)) for size in place.truth.shape]
        moved = shape - shape[len(shape) // 2] + spot
        inside = ((moved >= 0) & (moved < place.truth.shape)).all(axis=1)
        labelled += [one for one in [answer(place, moved[inside])] if one]
    return labelled


def answer(place: Place, pixels: np.ndarray) -> tuple[int, np.ndarray] | None:
    """Return the class that most pixels are of, and these; None where the analyst may not look."""
    if not len(pixels):
        return None
    truth = place.truth[*pixels.T]
    seen = place.black[*pixels.T]
    if not seen.all() or (truth == NONE).mean() > 0.5:
        return None
    label = int(np.bincount(truth[truth != NONE]).argmax())
    return label, pixels[truth == label]


def add(place: Place, folder: Path, drawn: list[tuple[int, np.ndarray]]) -> None:
    """Draw the polygons in the workspace."""
    with rasterio.open(place.file) as scene:
        a, b, c, d, e, f = scene.transform[:6]
        crs = scene.crs
    areas = [
        shapely.union_all(shapely.box(p[:, 1], p[:, 0], p[:, 1] + 1, p[:, 0] + 1)) for _, p in drawn
    ]
    placed = shapely.transform(
        np.array(areas, object),
        lambda x, y: (a * x + b * y + c, d * x + e * y + f),
        interleaved=False,
    )
    names = [f"class {label}" for label, _ in drawn]
    add_labels(open_workspace(folder), gpd.GeoDataFrame({"class": names}, geometry=placed, crs=crs))


def mean_iou(place: Place, model: Path) -> float:
    """Map the scene, and compare the white squares with the truth."""
    with rasterio.open(place.file) as scene:
        pixels = scene.read()
    warnings.filterwarnings("ignore", "about .* of the scene is 0")
    return iou_of(place, np.asarray(geoseg.open_model(str(model))(pixels)).argmax(axis=0))


def iou_of(place: Place, mapped: np.ndarray) -> float:
    """Return the mIoU on the white squares."""
    counted = ~place.black & (place.truth != NONE)
    count = place.classes
    matrix = np.bincount(
        place.truth[counted].astype(int) * count + mapped[counted], minlength=count**2
    ).reshape(count, count)
    both = np.diag(matrix)
    either = matrix.sum(axis=0) + matrix.sum(axis=1) - both
    return round(float((both / np.maximum(either, 1)).mean()), 4)


def chart(work: Path, out: Path) -> None:
    """Draw the curves with their spread."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    rows = [json.loads(line) for line in (work / "results.jsonl").read_text().splitlines()]
    scenes = list(dict.fromkeys((row["scene"], row["start"]) for row in rows if "way" in row))
    figure, axes = pyplot.subplots(
        1, len(scenes), figsize=(4.2 * len(scenes), 3.4), squeeze=False, layout="constrained"
    )
    for axis, (scene, start) in zip(axes[0], scenes, strict=True):
        for way, colour in (("suggested", "#0072b2"), ("random", "#e69f00")):
            found: dict[int, list[float]] = {}
            for row in rows:
                if row.get("way") == way and (row["scene"], row["start"]) == (scene, start):
                    found.setdefault(row["round"], []).append(row["mean_iou"])
            at = np.array([NEXT * number for number in sorted(found)])
            values = np.array([found[number] for number in sorted(found)])
            mean, spread = values.mean(axis=1), values.std(axis=1)
            axis.plot(at, mean, color=colour, label=f"{way} places")
            axis.fill_between(at, mean - spread, mean + spread, color=colour, alpha=0.2, lw=0)
        axis.set_title(scene.capitalize())
        axis.set_xlabel("polygons beside the first ten of each class")
    axes[0][0].set_ylabel("mean IoU on squares without labels")
    axes[0][0].legend(loc="lower right", frameon=False)
    figure.savefig(out, dpi=110)


if __name__ == "__main__":
    main()
