"""ONNX files, alone or with what other programs write into them."""

from __future__ import annotations

import json
from ast import literal_eval
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...core.card import Label
from ...core.errors import ModelError
from ..engine import first_line
from ..onnx_file import CARD, OnnxFile, Value, one_input, read_onnx, shape_text
from . import Fact, Facts, Fetch, Found
from .mlm import held_card
from .outputs import FREE_SIDES, noise, output_facts
from .settle import colour_of, plain_name

MOST_BANDS = 64  # of an axis that is told from rows and columns by its length alone
DEEPNESS = ("model_type", "class_names", "resolution", "tiles_size", "tile_size", "seg_thresh")
OTHERS = {
    "Detector": "boxes of objects",
    "Recognition": "what is alike",
    "Superresolution": "larger images",
}
LONGEST = 1 << 20  # characters of a text in a file that is read as JSON


def read(location: str, fetch: Fetch) -> Found | None:
    """Read an ONNX file.

    Parameters
    ----------
    location
        A path or an address that ends in .onnx; of anything else None comes back.
    fetch
        Brings it here.

    Returns
    -------
    Found or None
        What it says; what the network itself tells is found by running it, in `examine`.

    Raises
    ------
    ModelError
        If it cannot be read, or maps no classes.
    """
    if not location.partition("?")[0].lower().endswith(".onnx"):
        return None
    if "://" not in location and not Path(location).is_file():
        return None
    path = fetch(location)
    graph = read_onnx(path)
    files = {"model.onnx": path} | {name: path.parent / name for name in graph.external}
    if CARD in graph.metadata:  # one that geoseg exported: it says all
        card = held_card(graph.metadata[CARD], path.name, "model.onnx")
        return Found("an ONNX file that geoseg exported", files, card=card)
    stem = Path(location.partition("?")[0]).stem
    facts = {
        "name": Fact(plain_name(stem), "the file's name", certain=False),
        "parameters": Fact(graph.parameters, "the file"),
        "companions": Fact(graph.external, "the file"),
    }
    said: dict[str, Fact] = {}
    kind = "an ONNX file"
    if set(graph.metadata) & set(DEEPNESS):
        kind = "an ONNX file with Deepness' keys"
        said = deepness_facts(graph.metadata)
    return Found(kind, files, {**facts, **said}, examine=partial(_examine, graph))


def deepness_facts(metadata: Mapping[str, str]) -> dict[str, Fact]:
    """Read the keys that Deepness reads.

    Parameters
    ----------
    metadata
        Texts by key.

    Returns
    -------
    dict
        Facts by name.

    Raises
    ------
    ModelError
        If the network maps no classes, or a value is not what its key means.
    """
    texts = {key: _value(key, text) for key, text in metadata.items() if key in KEYS}
    kind = str(texts.get("model_type", "Segmentor")).capitalize()
    if kind not in ("Segmentor", "Regressor"):
        gives = OTHERS.get(kind, "something else")
        raise ModelError(f"the file is a {kind}, which gives {gives}", "a Segmentor or a Regressor")
    found: dict[str, Any] = {"scale": 1 / 255, "dtypes": ("uint8",), "unit": "share of 255"}
    found["mean"] = _numbers(texts, "standardization_mean", (0.0,))
    found["std"] = _numbers(texts, "standardization_std", (1.0,))
    if "resolution" in texts:
        size = _numbers(texts, "resolution", ())[0] / 100
        found |= {"gsd": size} if size > 0 else {}
    sizes = _numbers(texts, "tiles_size", _numbers(texts, "tile_size", ()))
    if sizes:
        found["tile"] = int(sizes[0])
        if "tiles_overlap" in texts:
            percent = _numbers(texts, "tiles_overlap", ())[0]
            found["overlap"] = int(sizes[0] * min(max(percent, 0), 90) / 100)
    if kind == "Regressor":
        found["result"] = "numbers"
        found["output_scale"] = _single(texts, "reg_output_scaling", 1.0)
    elif "seg_thresh" in texts:
        found["threshold"] = _numbers(texts, "seg_thresh", ())[0]
    facts = {name: Fact(value, "Deepness' keys") for name, value in found.items()}
    names = texts.get("class_names", texts.get("names"))
    if names is not None:
        facts["names"] = Fact(names, "Deepness' keys")
    return facts


KEYS = (
    *DEEPNESS,
    *("names", "tiles_overlap", "standardization_mean", "standardization_std"),
    "reg_output_scaling",
)


def _value(key: str, text: str) -> Any:
    """Read a value: JSON, or a literal of Python's, as older files have it; nothing is run."""
    if len(text) > LONGEST:
        raise ModelError(f"the key {key} holds {len(text):,} characters")
    for read_text in (json.loads, literal_eval):
        try:
            return read_text(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
    return text


def _numbers(texts: Mapping[str, Any], key: str, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    value = texts.get(key)
    if value is None:
        return otherwise
    listed = value if isinstance(value, list | tuple) else [value]
    try:
        found = tuple(float(each) for each in listed)
    except (TypeError, ValueError):
        found = ()
    if not found or not np.isfinite(found).all():
        raise ModelError(f"the key {key} is {value!r}", "a number, or a list of them")
    return found


def _single(texts: Mapping[str, Any], key: str, otherwise: float) -> float:
    found = _numbers(texts, key, (otherwise,))
    if len(found) != 1 or not found[0]:
        raise ModelError(f"the key {key} is {texts[key]!r}", "a number other than 0")
    return found[0]


def _examine(graph: OnnxFile, found: Found, facts: Facts) -> Facts:
    """Find axes, size, margin, stride and kind of output: from the graph, and by running it."""
    taken = one_input(graph)
    bands = facts["bands"].value if "bands" in facts and facts["bands"].certain else ()
    axes, shape = input_axes(taken.shape, len(bands))
    count = shape["C"]
    if count is not None and bands and count != len(bands):
        raise ModelError(
            f"{found.kind} takes {count} bands, and {len(bands)} are named ({', '.join(bands)})"
        )
    count = count or len(bands)
    if not count:
        raise ModelError(f"{graph.path.name} takes any number of bands", do="name them: --bands")
    side = one_side(shape, graph.path.name)
    if shape["N"] not in (None, 1):
        raise ModelError(
            f"{graph.path.name} takes {shape['N']} tiles at a time, no more and no fewer",
            "a batch that is free, or 1",
        )
    facts_found: dict[str, Fact] = {
        "input_axes": Fact(axes, "the graph"),
        "input_type": Fact(taken.dtype, "the graph"),
        "channels": Fact(count, "the graph"),
        "one_by_one": Fact(shape["N"] == 1, "the graph"),
    }
    chosen = _chosen_output(graph, facts)
    if len(graph.outputs) > 1:
        facts_found["output"] = Fact(chosen.name, "--output")
    tried = {
        each: _run(graph, chosen, axes, count, each) for each in ((side,) if side else FREE_SIDES)
    }
    name = f"{chosen.name} of {graph.path.name}"
    loud = partial(_run, graph, chosen, axes, count, next(iter(tried)), loud=True)
    facts_found |= output_facts(name, tried, axes, "the graph", loud, chosen.last)
    margin = facts_found["margin"].value if "margin" in facts_found else 0
    if side:
        facts_found["tile"] = Fact(side - 2 * margin, "the graph")
        facts_found["stride"] = Fact(side - 2 * margin, "the graph")
        facts_found["fixed_tile"] = Fact(True, "the graph")
    return facts_found | class_facts({**facts_found, **facts}, graph.outputs.index(chosen))


def input_axes(shape: tuple[int | None, ...], bands: int) -> tuple[str, dict[str, int | None]]:
    """Tell the axis of the bands from those of rows and columns.

    Parameters
    ----------
    shape
        Of the input, None where a length is free.
    bands
        How many are named; 0 where none are.

    Returns
    -------
    tuple
        NCHW or NHWC, and the length of each.
    """

    def fits(length: int | None) -> bool:
        return length == bands if bands else length is not None and length <= MOST_BANDS

    axes = "NHWC" if fits(shape[3]) and not fits(shape[1]) else "NCHW"
    return axes, dict(zip(axes, shape, strict=True))


def one_side(lengths: Mapping[str, int | None], name: str) -> int | None:
    """Return the side of the squares that a network takes.

    Parameters
    ----------
    lengths
        Of its input, by axis; None where one is free.
    name
        Of its file, for messages.

    Returns
    -------
    int or None
        Pixels; None for any.

    Raises
    ------
    ModelError
        If it takes no squares.
    """
    if lengths["H"] != lengths["W"]:
        raise ModelError(
            f"{name} takes tiles of {lengths['H'] or 'any'} x {lengths['W'] or 'any'} px",
            "as many rows as columns",
        )
    return lengths["H"]


def _chosen_output(graph: OnnxFile, facts: Facts) -> Value:
    outputs = {each.name: each for each in graph.outputs}
    if "output" in facts:
        name = str(facts["output"].value)
        if name not in outputs:
            raise ModelError(f"--output {name}", f"one of {', '.join(outputs)}")
        return outputs[name]
    if len(outputs) > 1:
        told = ", ".join(f"{each.name} ({shape_text(each.shape)})" for each in graph.outputs)
        raise ModelError(
            f"{graph.path.name} has {len(outputs)} outputs: {told}",
            "the one that is to be mapped",
            "name it with --output; add the model once for each that you want",
        )
    return graph.outputs[0]


def _run(
    graph: OnnxFile, chosen: Value, axes: str, count: int, side: int, loud: bool = False
) -> Any:
    """Return what the network gives for noise, seeded; where it is loud, for large numbers."""
    from ..onnx import load_onnxruntime

    runtime = load_onnxruntime()
    lengths = {"N": 1, "C": count, "H": side, "W": side}
    values = noise([lengths[axis] for axis in axes], graph.inputs[0].dtype, loud)
    settings = runtime.SessionOptions()
    settings.log_severity_level = 4
    try:
        session = runtime.InferenceSession(
            str(graph.path), settings, providers=["CPUExecutionProvider"]
        )
        return session.run([chosen.name], {graph.inputs[0].name: values})[0]
    except Exception as error:
        if not type(error).__module__.startswith("onnxruntime"):
            raise
        text = first_line(error)
        raise ModelError(f"{graph.path.name} does not run on {side} x {side} px: {text}") from error


def class_facts(facts: Facts, index: int) -> dict[str, Fact]:
    """Turn the names of classes as Deepness writes them into labels.

    Parameters
    ----------
    facts
        With `names`, or without; `result`, where it is known, says what the names are of.
    index
        Of the output that is mapped.

    Returns
    -------
    dict
        The classes, or nothing where they are told otherwise or not at all.

    Raises
    ------
    ModelError
        If the names are none.
    """
    if "names" not in facts or "classes" in facts:
        return {}
    names = facts["names"].value
    if isinstance(names, list) and names and isinstance(names[0], dict | list):
        names = names[index] if index < len(names) else {}
    named = dict(enumerate(names)) if isinstance(names, list | tuple) else names
    do = "say them with --classes"
    if not isinstance(named, dict) or not all(isinstance(each, str) for each in named.values()):
        raise ModelError("the names of classes are no texts", do=do)
    try:
        by_value = {int(key): " ".join(named[key].split()) for key in named}
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"the names of classes have keys that are no numbers: {error}", do=do
        ) from error
    values = sorted(by_value)
    indices = "result" in facts and facts["result"].value == "classes"
    # of scores that are counted from nowhere, nobody knows whose is which
    if not indices and values not in ([*range(len(values))], [*range(1, len(values) + 1)]):
        raise ModelError(
            f"the names of classes have the numbers {', '.join(map(str, values))}",
            "one after the other, from 0 or 1 on",
            do,
        )
    alike = len(set(by_value.values())) != len(values)
    try:
        labels = tuple(
            Label(i, f"{by_value[i]} {i}" if alike else by_value[i], colour_of(at))
            for at, i in enumerate(values)
        )
    except ValueError as error:
        raise ModelError(f"the names of classes cannot be taken: {error}", do=do) from error
    return {"classes": Fact(labels, facts["names"].source)}
