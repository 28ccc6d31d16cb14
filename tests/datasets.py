"""Tiny data sets in the layouts of their makers, drawn from one truth and written by the tools
that people write them with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml
from PIL import Image
from pycocotools import mask as coco_masks

HEIGHT, WIDTH = 12, 16
UNKNOWN, OPEN = "?", "-"
Texts = npt.NDArray[np.str_]
Numbers = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Truth:
    """What a reader has to find in each picture."""

    classes: Texts
    """Name of each pixel's class; UNKNOWN, OPEN."""
    objects: Numbers
    """Which pixels are of one object; 0 is none."""


# two cars that touch, a person, people in a crowd, ground that nobody knows, and sky
CLASSES = np.full((HEIGHT, WIDTH), "sky", "<U10")
OBJECTS = np.zeros((HEIGHT, WIDTH), np.uint32)
for _name, _number, _box in (
    ("car", 1, np.s_[6:9, 1:5]),
    ("car", 2, np.s_[6:9, 5:9]),
    ("person", 3, np.s_[4:10, 10:12]),
    ("person", 0, np.s_[1:4, 12:15]),
    (UNKNOWN, 0, np.s_[10:12, 0:16]),
):
    CLASSES[_box] = _name
    OBJECTS[_box] = _number


def photograph(path: Path, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(7).integers(0, 255, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def png(path: Path, pixels: npt.NDArray[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def numbered(numbers: dict[str, int], dtype: str = "uint8") -> npt.NDArray[Any]:
    """Return the truth's classes as numbers."""
    return np.vectorize(numbers.__getitem__)(CLASSES).astype(dtype)


def write_json(path: Path, told: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))


def drawn_alone() -> Truth:
    """Of data sets that draw objects alone: the sky is ground without any, and unknown is open."""
    classes = np.where(np.isin(CLASSES, ("sky", UNKNOWN)), OPEN, CLASSES)
    return Truth(classes, OBJECTS)


def encoded(mask: npt.NDArray[np.bool_]) -> dict[str, Any]:
    told = coco_masks.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": told["size"], "counts": told["counts"].decode()}


def counted(mask: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return COCO's runs without compression, which it writes of crowds."""
    flat = mask.T.ravel()
    ends = np.flatnonzero(np.diff(flat, prepend=False)).tolist()
    return {"size": list(mask.shape), "counts": np.diff([0, *ends, flat.size]).tolist()}


def coco(folder: Path) -> Truth:
    person = CLASSES == "person"
    drawn = [
        {"category_id": 3, "segmentation": [[1, 6, 5, 6, 5, 9, 1, 9]], "iscrowd": 0},
        {"category_id": 3, "segmentation": encoded(OBJECTS == 2), "iscrowd": 0},
        {"category_id": 1, "segmentation": encoded(OBJECTS == 3), "iscrowd": 0},
        {"category_id": 1, "segmentation": counted(person & (OBJECTS == 0)), "iscrowd": 1},
    ]
    for part in ("train2017", "val2017"):
        photograph(folder / part / "000000000139.jpg")
        image = {"id": 139, "file_name": "000000000139.jpg", "height": HEIGHT, "width": WIDTH}
        notes = [{"id": i, "image_id": 139, **one} for i, one in enumerate(drawn)]
        told = {
            "info": {},
            "images": [image],
            "annotations": notes,
            "categories": [{"id": 1, "name": "person"}, {"id": 3, "name": "car"}],
        }
        write_json(folder / "annotations" / f"instances_{part}.json", told)
        write_json(folder / "annotations" / f"captions_{part}.json", {"images": [image]})
    return drawn_alone()


def coco_panoptic(folder: Path) -> Truth:
    segments = {70000: ("car", 1), 70001: ("car", 2), 5: ("person", 3), 6: ("person", 0)}
    segments[300] = ("sky", 0)
    ids = np.zeros((HEIGHT, WIDTH), np.uint32)
    for key, (name, number) in segments.items():
        ids[(name == CLASSES) & (number == OBJECTS)] = key
    colours = np.stack([ids % 256, ids // 256 % 256, ids // 65536], axis=-1).astype(np.uint8)
    png(folder / "annotations" / "panoptic_val2017" / "a.png", colours)
    photograph(folder / "val2017" / "a.jpg")
    category = {"person": 1, "car": 3, "sky": 187}
    infos = [
        {"id": key, "category_id": category[name], "iscrowd": int((name, number) == ("person", 0))}
        for key, (name, number) in segments.items()
    ]
    told = {
        "images": [{"id": 1, "file_name": "a.jpg", "height": HEIGHT, "width": WIDTH}],
        "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": infos}],
        "categories": [
            {"id": key, "name": name, "isthing": int(name != "sky")}
            for name, key in category.items()
        ],
    }
    write_json(folder / "annotations" / "panoptic_val2017.json", told)
    return Truth(CLASSES, OBJECTS)


def cityscapes(folder: Path) -> Truth:
    ids = numbered({"sky": 23, "car": 26, "person": 24, UNKNOWN: 4})
    numbers = np.where(OBJECTS > 0, ids.astype(np.uint16) * 1000 + OBJECTS, ids).astype(np.uint16)
    for part, city in (("train", "aachen"), ("val", "munster"), ("test", "berlin")):
        stem = f"{city}_000000_000019"
        photograph(folder / "leftImg8bit" / part / city / f"{stem}_leftImg8bit.png")
        where = folder / "gtFine" / part / city
        png(where / f"{stem}_gtFine_labelIds.png", ids)
        png(where / f"{stem}_gtFine_instanceIds.png", numbers)
        png(where / f"{stem}_gtFine_color.png", np.zeros((HEIGHT, WIDTH, 4), np.uint8))
        (where / f"{stem}_gtFine_polygons.json").write_text("{}")
    return Truth(CLASSES, OBJECTS)


def ade20k(folder: Path) -> Truth:
    number = {"sky": 2420, "car": 401, "person": 1831}
    codes = numbered(number | {UNKNOWN: 0}, "int64")
    blue = np.where(OBJECTS > 0, OBJECTS * 40, 0)
    colours = np.stack([codes // 256 * 10, codes % 256, blue], axis=-1).astype(np.uint8)
    where = folder / "images" / "ADE" / "training" / "urban" / "street"
    png(where / "ADE_train_00000001_seg.png", colours)
    photograph(where / "ADE_train_00000001.jpg")
    objects = [
        {"name": name, "name_ndx": key, "parts": {"part_level": 0}} for name, key in number.items()
    ]
    objects.append({"name": "wheel", "name_ndx": 2978, "parts": {"part_level": 1}})
    write_json(where / "ADE_train_00000001.json", {"annotation": {"object": objects}})
    return Truth(CLASSES, OBJECTS)


def scene_parsing(folder: Path) -> Truth:
    names = {3: "sky", 13: "person, individual, someone", 21: "car, auto, automobile"}
    rows = ["Idx\tRatio\tTrain\tVal\tStuff\tName "]
    rows += [f"{key}\t0.1\t10\t1\t0\t{name} " for key, name in names.items()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "objectInfo150.txt").write_text("\n".join(rows) + "\n")
    codes = numbered({"sky": 3, "person": 13, "car": 21, UNKNOWN: 0})
    for part, stem in (("training", "ADE_train_00000001"), ("validation", "ADE_val_00000001")):
        png(folder / "annotations" / part / f"{stem}.png", codes)
        photograph(folder / "images" / part / f"{stem}.jpg")
    return Truth(CLASSES, np.zeros_like(OBJECTS))


def pets(folder: Path) -> Truth:
    trimap = numbered({"sky": 2, "car": 1, "person": 2, UNKNOWN: 3})
    for name in ("Abyssinian_1", "beagle_2"):
        png(folder / "annotations" / "trimaps" / f"{name}.png", trimap)
        photograph(folder / "images" / f"{name}.jpg")
    (folder / "annotations" / "trimaps" / "._beagle_2.png").write_bytes(b"what a Mac leaves")
    (folder / "annotations" / "trainval.txt").write_text("#Image CLASS-ID\nAbyssinian_1 1 1 1\n")
    (folder / "annotations" / "test.txt").write_text("beagle_2 5 2 4\n")
    names = np.array(["", "pet", "background", UNKNOWN])
    return Truth(names[trimap], (trimap == 1).astype(np.uint32))


def voc(folder: Path) -> Truth:
    def palette(path: Path, pixels: npt.NDArray[Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(pixels.astype(np.uint8), "P")
        image.putpalette(np.random.default_rng(1).integers(0, 255, 768, np.uint8).tobytes())
        image.save(path)

    codes = numbered({"sky": 0, "car": 7, "person": 15, UNKNOWN: 255})
    for part, name in (("train", "2007_000032"), ("val", "2007_000033")):
        palette(folder / "SegmentationClass" / f"{name}.png", codes)
        objects = np.where(codes == 255, 255, OBJECTS)
        palette(folder / "SegmentationObject" / f"{name}.png", objects)
        photograph(folder / "JPEGImages" / f"{name}.jpg")
        lists = folder / "ImageSets" / "Segmentation"
        lists.mkdir(parents=True, exist_ok=True)
        (lists / f"{part}.txt").write_text(f"{name}\n")
    return Truth(np.where(CLASSES == "sky", "background", CLASSES), OBJECTS)


def yolo(folder: Path) -> Truth:
    def line(place: int, left: int, top: int, right: int, bottom: int) -> str:
        ring = [(left, top), (right, top), (right, bottom), (left, bottom)]
        return f"{place} " + " ".join(f"{x / WIDTH:.6f} {y / HEIGHT:.6f}" for x, y in ring)

    told = {"path": "../datasets/mine", "train": "images/train", "val": "images/val", "nc": 2}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.yaml").write_text(yaml.safe_dump(told | {"names": {0: "car", 1: "person"}}))
    lines = [line(0, 1, 6, 5, 9), line(0, 5, 6, 9, 9), line(1, 10, 4, 12, 10)]
    # a box alone: of its ground nobody knows anything but that it is not empty
    lines.append(f"1 {13.5 / WIDTH:.6f} {2.5 / HEIGHT:.6f} {3 / WIDTH:.6f} {3 / HEIGHT:.6f}")
    for part in ("train", "val"):
        photograph(folder / "images" / part / "one.jpg")
        text = folder / "labels" / part / "one.txt"
        text.parent.mkdir(parents=True, exist_ok=True)
        text.write_text("\n".join(lines) + "\n")
    truth = drawn_alone()
    boxed = (truth.classes == "person") & (OBJECTS == 0)
    return Truth(np.where(boxed, UNKNOWN, truth.classes), OBJECTS)


SAMPLES: dict[str, Callable[[Path], Truth]] = {
    "coco": coco,
    "coco-panoptic": coco_panoptic,
    "yolo": yolo,
    "cityscapes": cityscapes,
    "ade20k-scene-parsing": scene_parsing,
    "oxford-pet": pets,
    "voc": voc,
    "ade20k": ade20k,
}
