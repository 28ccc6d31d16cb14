"""Folders of the library transformers: config.json, safetensors, preprocessor_config.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from inspect import signature
from math import isclose
from pathlib import Path
from typing import Any

from ...core.card import Label
from ...core.errors import ModelError
from . import Fact, Facts, Fetch, Found
from .folder import CONFIG, find_folder, read_object, weight_files
from .outputs import torch_facts
from .settle import USUAL_TILE, colour_of, plain_name

KIND = "a network of transformers"
ARTIFACT = "transformers.safetensors"
PROCESSOR = "preprocessor_config.json"
README = "README.md"
UNNAMED = re.compile(r"LABEL_\d+")
LICENCE = re.compile(r"^license:[ ]*['\"]?([\w.+-]+)['\"]?[ ]*$", re.MULTILINE | re.ASCII)
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# steps of processors that change no value: they cut or shrink photographs, or change labels
GEOMETRY = (
    *("do_resize", "do_pad", "do_center_crop", "do_convert_rgb", "do_split_image", "do_thumbnail"),
    *("do_reduce_labels", "do_convert_annotations", "do_align_long_axis"),
)
VALUES = ("do_rescale", "do_normalize", "do_flip_channel_order")
STRIDE = 32  # pixels: what those networks that take several sizes take multiples of
LEAST_TILE, MOST_TILE = 128, 1024  # pixels of a photograph's side that make a good tile


def read(location: str, fetch: Fetch) -> Found | None:  # noqa: ARG001 - as every reader
    """Read a folder as the library's `save_pretrained` writes it.

    Parameters
    ----------
    location
        Its path, or that of its config.json or of a file of weights; of anything else None comes
        back.
    fetch
        Not needed: the folder lies on this machine.

    Returns
    -------
    Found or None
        Classes and scaling; it says neither bands nor the size of pixels.

    Raises
    ------
    ModelError
        If it is one, and cannot be read, or brings code of its own.
    """
    folder = find_folder(location)
    if folder is None:
        return None
    entry = read_object(folder / CONFIG)
    if "model_type" not in entry:
        return None
    from ..transformers import settings_of

    weights = weight_files(folder)
    config, unknown = settings_of(entry)
    files = {ARTIFACT: weights[0], CONFIG: folder / CONFIG}
    files |= {file.name: file for file in weights[1:]}
    certain = {
        "artifact": ARTIFACT,
        "companions": tuple(name for name in files if name != ARTIFACT),
        "architecture": str((entry.get("architectures") or [config.model_type])[0]),
        "activation": "softmax",
    }
    facts = {name: Fact(value, CONFIG) for name, value in certain.items()}
    facts["name"] = Fact(plain_name(folder.resolve().name), "the folder's name", certain=False)
    facts["classes"] = _classes(config.id2label)
    if licence := _licence(folder):
        facts["licence"] = Fact(licence, README)
    processor, notes = _processor_facts(folder, config)
    if unknown:
        notes.append(f"config.json says what transformers does not know: {', '.join(unknown)}")
    return Found(
        KIND,
        files,
        facts | processor,
        notes=tuple(notes),
        examine=partial(_examine, config, weights),
    )


def _classes(names: Mapping[int, Any]) -> Fact:
    told: list[str] = []
    for i in range(len(names)):
        if i not in names:
            raise ModelError(f"id2label names no class {i}", f"each from 0 to {len(names) - 1}")
        name = " ".join(str(names[i]).split()) or f"class {i}"
        told.append(name if name not in told else f"{name} {i}")
    labels = tuple(Label(i, name, colour_of(i)) for i, name in enumerate(told))
    named = not any(UNNAMED.fullmatch(name) for name in told)
    return Fact(labels, CONFIG, certain=named)


def _licence(folder: Path) -> str:
    """Return the licence in the head of the README, as the hub has it; "" where there is none."""
    file = folder / README
    if not file.is_file():
        return ""
    with file.open(encoding="utf-8", errors="replace") as stream:
        text = stream.read(1 << 16)
    head = text.split("\n---", 1)[0] if text.startswith("---") else ""
    found = LICENCE.search(head)
    return found[1] if found else ""


def _processor_facts(folder: Path, config: Any) -> tuple[dict[str, Fact], list[str]]:
    """Read what the library does to a picture's values before the network sees them."""
    file = folder / PROCESSOR
    if not file.is_file():
        guesses = {"scale": 1 / 255} | dict(zip(("mean", "std"), IMAGENET, strict=True))
        source = f"what most have: there is no {PROCESSOR}"
        return {key: Fact(value, source, certain=False) for key, value in guesses.items()}, []
    entry = read_object(file)
    usual = _defaults(entry, config.model_type)

    def said(name: str, otherwise: Any = None) -> Any:
        return entry[name] if entry.get(name) is not None else usual.get(name, otherwise)

    for name, value in entry.items():
        if name.startswith("do_") and value and name not in (*GEOMETRY, *VALUES):
            raise ModelError(
                f"{PROCESSOR} says {name}, which geoseg does not do",
                f"{', '.join(VALUES)}, or what only cuts or shrinks pictures",
            )
    facts: dict[str, Fact] = {}
    notes = []
    if (rescaled := said("do_rescale")) is not None:
        scale = _number(said("rescale_factor", 1 / 255), "rescale_factor") if rescaled else 1.0
        facts["scale"] = Fact(scale, PROCESSOR)
        if isclose(scale, 1 / 255, rel_tol=0.01):  # pictures are of bytes
            facts |= {
                "dtypes": Fact(("uint8",), PROCESSOR),
                "unit": Fact("share of 255", PROCESSOR),
            }
    if (normalised := said("do_normalize")) is not None:
        for name, key, otherwise in (("mean", "image_mean", 0.0), ("std", "image_std", 1.0)):
            value = said(key) if normalised else otherwise
            if value is not None:
                numbers = value if isinstance(value, list | tuple) else [value]
                facts[name] = Fact(tuple(_number(each, key) for each in numbers), PROCESSOR)
    if said("do_flip_channel_order"):
        notes.append("its processor turns red, green, blue into blue, green, red: that order here")
        guess = Fact(("blue", "green", "red"), "do_flip_channel_order", certain=False)
        facts["bands"] = guess
    if said("do_reduce_labels", entry.get("reduce_labels")):
        notes.append(
            "its labels were reduced: what is class 0 here is 1 in the labels of its training, "
            "whose 0 it never learnt"
        )
    side = _side(said("crop_size") or said("size"))
    facts["tile"] = Fact(side or USUAL_TILE, PROCESSOR if side else "a guess", certain=bool(side))
    return facts, notes


def _defaults(entry: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return what the processor's own class takes where a file says nothing."""
    from ..transformers import load_transformers

    transformers = load_transformers()
    told = str(entry.get("image_processor_type") or entry.get("feature_extractor_type") or "")
    name = told.replace("FeatureExtractor", "ImageProcessor").removesuffix("Fast")
    if not re.fullmatch(r"[A-Z]\w*ImageProcessor", name, re.ASCII):
        return {}
    made: Any = getattr(transformers, name, None)
    if made is None or not isinstance(made, type):
        raise ModelError(f"{PROCESSOR} of a {kind} says {told}", "a processor of transformers")
    wanted = (*VALUES, "rescale_factor", "image_mean", "image_std", "do_reduce_labels", "size")
    told_first = {
        key: each.default
        for key, each in signature(made).parameters.items()
        if each.default is not each.empty
    }
    found = {key: told_first.get(key, getattr(made, key, None)) for key in wanted}
    return {key: value for key, value in found.items() if value is not None}


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f"{PROCESSOR} says {key} {value!r}", "a number")
    return float(value)


def _side(size: Any) -> int | None:
    """Return the side of the pictures that it was trained on, where they are square."""
    if isinstance(size, dict):
        sides = {size.get("height"), size.get("width")}
        size = sides.pop() if len(sides) == 1 else None
    whole = isinstance(size, int) and not isinstance(size, bool)
    return size if whole and LEAST_TILE <= size <= MOST_TILE else None


def _examine(config: Any, weights: tuple[Path, ...], found: Found, facts: Facts) -> Facts:
    """Build it and run it on noise: all of these networks pool or attend to a whole window."""
    from ..transformers import build, is_query_model

    network = build(config, weights, facts["name"].value)
    bands = _channels(config)
    name = facts["architecture"].value
    tile = facts["tile"].value if "tile" in facts else USUAL_TILE
    if "bands" in facts and facts["bands"].certain and len(facts["bands"].value) != bands:
        raise ModelError(
            f"{found.kind} takes {bands} bands, and {len(facts['bands'].value)} are named "
            f"({', '.join(facts['bands'].value)})"
        )
    try:
        told = torch_facts(network, bands, STRIDE, name, tile, one_size=True)
    except ModelError:
        side = _fixed_side(config)
        if side is None:
            raise
        if tile != side and facts["tile"].source == "--tile":
            raise ModelError(
                f"{name} takes tiles of {side} px alone", do=f"leave --tile {tile} out"
            ) from None
        told = torch_facts(network, bands, side, name, side, one_size=True)
    kind = "probabilities" if is_query_model(config) else "logits"
    known = {"result": Fact(kind, KIND), "activation": facts["activation"]}
    return {**told, **known}


def _parts(config: Any) -> tuple[Any, ...]:
    return tuple(filter(None, (config, getattr(config, "backbone_config", None))))


def _channels(config: Any) -> int:
    # of a whole its part knows better: the library's base has 3 for all
    for part in reversed(_parts(config)):
        count = getattr(part, "num_channels", None)
        if isinstance(count, int):
            return count
    return 3


def _fixed_side(config: Any) -> int | None:
    for part in _parts(config):
        size = getattr(part, "image_size", None)
        sides = set(size) if isinstance(size, list | tuple) else {size}
        if len(sides) == 1 and isinstance(side := sides.pop(), int):
            return side
    return None
