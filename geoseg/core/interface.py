"""How a network that somebody else made is fed and read, as data on its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any

# the file of a bundle that holds such a network, and what MLM calls its kind
ARTIFACTS = {
    "model.onnx": "onnx",
    "model.safetensors": "safetensors.torch.save_file",
    "smp.safetensors": "safetensors.torch.save_file",
    "transformers.safetensors": "safetensors.torch.save_file",
    "model.pt": "torch.jit.save",
    "model.pt2": "torch.export.save",
    "model.xml": "openvino",
}
INPUT_TYPES = ("float32", "float16", "float64", "uint8", "uint16", "int8", "int16", "int32")
INPUT_AXES = ("NCHW", "NHWC")
OUTPUT_AXES = ("NCHW", "NHWC", "NHW")
RESULTS = ("logits", "probabilities", "classes", "numbers")
MOST_MARGIN = 4096  # pixels
MOST_STRIDE = 64  # pixels

Limits = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Interface:
    """What stands between a foreign network and pixels normalised as the card says.

    The defaults are those of geoseg's own networks.
    """

    artifact: str = "model.onnx"
    """The file of the bundle that holds the network."""
    companions: tuple[str, ...] = ()
    """Files of the bundle without which it is none, such as those that hold its numbers; with
    slashes where they lie in folders of it.
    """
    input_axes: str = "NCHW"
    """The order of the input's axes: N batch, C band, H row, W column."""
    input_type: str = "float32"
    """What its numbers are; those that are no floats are rounded, and end where the type does."""
    one_by_one: bool = False
    """Whether it takes a single tile at a time, and no batch."""
    clip: tuple[Limits, ...] = ()
    """For each band the least and the greatest value, in the card's unit, before the
    normalisation; None where there is none. Empty where no band has one.
    """
    output: str = ""
    """The name of the output that is mapped; "" where the network has a single one."""
    output_axes: str = "NCHW"
    """The order of the output's axes; NHW has none for the classes."""
    result: str = "logits"
    """What the output holds: logits, probabilities, the indices of classes, or numbers that are
    mapped as they are (regression)."""
    one_score: bool = False
    """Whether the output is a single score, of the second label: the first is all else."""
    threshold: float = 0.5
    """Above which probability of `one_score` a pixel belongs to the second label."""
    margin: int = 0
    """Pixels by which the output is smaller than the input, on each side."""
    output_stride: int = 1
    """Pixels of the input, in rows and in columns, for one of the output."""
    output_scale: float = 1.0
    """What `numbers` are multiplied by."""
    output_unit: str = ""
    """Of `numbers` after that, such as m; "" where nobody said it."""

    def __post_init__(self) -> None:
        for name, known in (
            ("artifact", ARTIFACTS),
            ("input_axes", INPUT_AXES),
            ("input_type", INPUT_TYPES),
            ("output_axes", OUTPUT_AXES),
            ("result", RESULTS),
        ):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} {getattr(self, name)!r} is none of {', '.join(known)}")
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold {self.threshold} must lie between 0 and 1")
        if not 0 <= self.margin <= MOST_MARGIN:
            raise ValueError(f"margin {self.margin} must be 0 to {MOST_MARGIN}")
        if not 1 <= self.output_stride <= MOST_STRIDE:
            raise ValueError(f"output_stride {self.output_stride} must be 1 to {MOST_STRIDE}")
        if self.margin and self.output_stride > 1:
            raise ValueError("an output is either smaller by a margin or at a stride, not both")
        if self.one_score and self.result in ("classes", "numbers"):
            raise ValueError(f"an output of {self.result} is no single score")
        if not isfinite(self.output_scale) or self.output_scale == 0:
            raise ValueError(f"output_scale {self.output_scale} must be a number other than 0")
        if self.result != "numbers" and (self.output_scale != 1 or self.output_unit):
            raise ValueError("a scale and a unit of the output are for numbers alone")
        alone = self.one_score or self.result in ("classes", "numbers")
        if self.output_axes == "NHW" and not alone:
            raise ValueError("an output without an axis of classes is one score, or class indices")
        self._check_texts()

    def _check_texts(self) -> None:
        for name in self.companions:
            if not is_inside(name):
                raise ValueError(f"companion {name!r} is no file of the bundle's folder")
        for text in (self.output, self.output_unit):
            if not text.isprintable():
                raise ValueError(f"{text!r}, of the output, must be printable")
        for low, high in self.clip:
            ends = [end for end in (low, high) if end is not None]
            if not all(map(isfinite, ends)) or ends != sorted(ends):
                raise ValueError(f"values cannot be clipped to {low} to {high}")

    def to_json(self) -> dict[str, Any]:
        """Return what differs from geoseg's own networks, as plain JSON.

        Returns
        -------
        dict
            The file of the network in any case.
        """
        usual = {each.name: each.default for each in fields(self)}
        found = {name: value for name, value in asdict(self).items() if value != usual[name]}
        if self.companions:
            found["companions"] = list(self.companions)
        if self.clip:
            found["clip"] = [list(limits) for limits in self.clip]
        return {"artifact": self.artifact, **found}


def read_interface(entry: Mapping[str, Any]) -> Interface:
    """Read how a network is fed and read.

    Parameters
    ----------
    entry
        JSON, as `Interface.to_json` writes it.

    Returns
    -------
    Interface
        Checked in all its fields.

    Raises
    ------
    TypeError, ValueError
        If it is not such JSON.
    """
    known = {each.name: each for each in fields(Interface)}
    if unknown := set(entry) - set(known):
        raise ValueError(f"{min(unknown)!r} is nothing that an interface has")
    found: dict[str, Any] = {}
    for name, value in entry.items():
        if name == "clip":
            found[name] = tuple(_limits(pair) for pair in _listed(value))
            continue
        if name == "companions":
            found[name] = tuple(_text(each) for each in _listed(value))
            continue
        kind: type = type(known[name].default)
        number = kind is float and isinstance(value, int) and not isinstance(value, bool)
        if type(value) is not kind and not number:
            raise TypeError(f"{name!r} is {type(value).__name__}, not {kind.__name__}")
        found[name] = _text(value) if kind is str else kind(value)
    return Interface(**found)


def is_inside(name: str) -> bool:
    """Tell whether a file's name, as a stranger wrote it, means one below the folder it is for.

    Parameters
    ----------
    name
        A path in the manner of Unix.

    Returns
    -------
    bool
        Not for what is absolute, goes up, or means something else on another system.
    """
    parts = name.split("/")
    return (
        name.isprintable()
        and all(part not in ("", ".", "..") for part in parts)
        and not any(sign in name for sign in "\\:")
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no text")
    value.encode("utf-8")  # ValueError for half a character
    return value


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{type(value).__name__} is no list")
    return value


def _limits(pair: Any) -> Limits:
    low, high = _listed(pair)
    for end in (low, high):
        if isinstance(end, bool) or not (end is None or isinstance(end, int | float)):
            raise TypeError(f"a limit is {type(end).__name__}, not a number")
    return (None if low is None else float(low), None if high is None else float(high))
