"""ONNX files of strangers: read as data, within bounds, before any runtime sees them."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.card import ModelCard
from ..core.errors import ModelError
from ..core.files import check_regular
from ..core.interface import Interface, is_inside
from .engine import EngineError

if TYPE_CHECKING:
    import onnx

LARGEST = 2**31 - 1  # bytes: what one protobuf message can hold
# messages and values in one file: the largest networks of this field have some 20,000. Empty ones
# take two bytes on disk, and eighty times as much in memory
MOST_FIELDS = 500_000
DEEPEST = 50  # messages within messages; a subgraph is three
MOST_VALUE = 8 << 30  # bytes of one value while a tile is computed
ACTIVATIONS = {"Softmax": "softmax", "Sigmoid": "sigmoid", "ArgMax": "classes"}
# what changes no number on the way from one of these to the output
PASSING = ("Identity", "Cast", "Transpose", "Squeeze", "Unsqueeze", "Reshape")
ONE = "one ONNX file, as its producer wrote it"
CARD = "geoseg:card"  # the key under which geoseg writes the card into a file that it exports
INSTALL = "install it with: pip install 'geoseg[onnx]'"


@dataclass(frozen=True, slots=True)
class Value:
    """An input or an output of a graph."""

    name: str
    """As the graph calls it."""
    dtype: str
    """Such as float32."""
    shape: tuple[int | None, ...]
    """None where a length is free."""
    last: str = ""
    """Of an output, what made it: softmax, sigmoid, classes, or "" for anything else."""


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """What an ONNX file says of itself."""

    path: Path
    """Where it lies."""
    inputs: tuple[Value, ...]
    """Without those that the file itself gives numbers for."""
    outputs: tuple[Value, ...]
    """In the order of the graph."""
    metadata: Mapping[str, str]
    """Texts by key, as their makers wrote them."""
    producer: str
    """What wrote it, or ""."""
    opset: int
    """The version of ONNX's operators."""
    parameters: int
    """How many numbers it holds."""
    external: tuple[str, ...]
    """The files below its folder that hold numbers, as it names them."""


def read_onnx(path: Path) -> OnnxFile:
    """Read what an ONNX file says of itself, and refuse what would hurt a runtime.

    No number of the network is read.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    OnnxFile
        Checked: its values are defined before they are used, its numbers are there and lie in
        its own folder.

    Raises
    ------
    ModelError
        If it is none, or is built so as to hurt; EngineError, if the package onnx is missing.
    """
    model = _parse(path)
    graph = model.graph
    opsets = {each.domain: each.version for each in model.opset_import}
    tensors = list(_tensors(model))
    external = tuple(sorted({file for each in tensors if (file := _check_tensor(each, path))}))
    for each in (graph, *model.functions):
        _check_order(each, path)
    _check_functions(model, path)
    given = {each.name for each in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    return OnnxFile(
        path,
        tuple(_value(each, path) for each in graph.input if each.name not in given),
        tuple(_value(each, path, _last(each.name, makers)) for each in graph.output),
        {each.key: each.value for each in model.metadata_props},
        model.producer_name,
        opsets.get("", opsets.get("ai.onnx", 0)),
        sum(prod(each.dims) for each in graph.initializer),
        external,
    )


def check_fits(found: OnnxFile, card: ModelCard) -> None:
    """Refuse a graph that is not what its card says.

    Parameters
    ----------
    found
        The graph.
    card
        Of the same bundle.

    Raises
    ------
    ModelError
        If shapes or names differ, or a value would not fit the memory.
    """
    interface = card.interface
    if interface is None:
        raise ModelError(
            f"the card of {card.name} says nothing of how its ONNX file is fed",
            "a section geoseg:interface",
            "let `geoseg models add` write it",
        )
    if set(found.external) != set(interface.companions):
        raise ModelError(
            f"{found.path} takes numbers from {', '.join(found.external) or 'no other file'}",
            f"the companions on the card: {', '.join(interface.companions) or 'none'}",
        )
    taken = one_input(found)
    bands, height, width = (taken.shape["NCHW".index(c)] for c in "CHW")
    if interface.input_axes == "NHWC":
        height, width, bands = taken.shape[1:]
    if bands not in (None, len(card.bands)):
        raise ModelError(
            f"{found.path} takes {bands} bands, the card of {card.name} names {len(card.bands)}"
        )
    side = card.tile + 2 * interface.margin
    if {height, width} - {None, side}:
        raise ModelError(
            f"{found.path} takes tiles of {height} x {width} px only",
            f"{side} px, as on the card of {card.name}",
        )
    names = [each.name for each in found.outputs]
    if interface.output not in names and (interface.output or len(names) != 1):
        raise ModelError(
            f"{found.path} has the outputs {', '.join(names)}",
            f"{interface.output or 'one'}, as on the card of {card.name}",
        )
    axes = {"N": 1, "C": len(card.bands), "H": side, "W": side}
    given = _check_memory(found, tuple(axes[axis] for axis in interface.input_axes), interface)
    single = interface.one_score or interface.result == "classes"
    count = 1 if single else len(card.labels)
    if "C" in given and given["C"] not in (0, count):  # 0: not known before it runs
        raise ModelError(
            f"{found.path} gives {given['C']} scores, which do not fit the card of {card.name}",
            f"{count} for its {len(card.labels)} classes",
        )


def one_input(found: OnnxFile) -> Value:
    """Return the input that takes the pixels.

    Parameters
    ----------
    found
        The graph.

    Returns
    -------
    Value
        Of four axes.

    Raises
    ------
    ModelError
        If there are several, or it has other axes.
    """
    if len(found.inputs) != 1 or len(found.inputs[0].shape) != 4:
        told = ", ".join(f"{each.name} {shape_text(each.shape)}" for each in found.inputs) or "none"
        raise ModelError(
            f"{found.path} has the inputs {told}", "one, of batch, bands, rows and columns"
        )
    return found.inputs[0]


def shape_text(shape: tuple[int | None, ...]) -> str:
    """Return a shape as people write it.

    Parameters
    ----------
    shape
        None where a length is free.

    Returns
    -------
    str
        Such as 1x3x512x512, with ? for what is free.
    """
    return "x".join("?" if each is None else str(each) for each in shape)


def load_package() -> Any:
    """Import the package onnx.

    Returns
    -------
    Any
        The module.

    Raises
    ------
    EngineError
        If it is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        raise EngineError(
            f"ONNX files are checked by the package onnx, which cannot be imported: {error}",
            do=INSTALL,
        ) from error
    return onnx


def _parse(path: Path) -> onnx.ModelProto:
    check_regular(path, "an ONNX file")
    package = load_package()
    # after the package, which brings it
    from google.protobuf.message import DecodeError

    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if not 0 < size <= LARGEST:
                raise ModelError(
                    f"{path} cannot be read: it has {size:,} bytes", "an ONNX file of at most 2 GiB"
                )
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                _check_fields(data, package.ModelProto.DESCRIPTOR, path)
                return package.ModelProto.FromString(data[:])  # type: ignore[no-any-return]
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    except DecodeError as error:
        raise ModelError(f"{path} cannot be read as ONNX: {error}", ONE) from error


def _check_fields(data: Any, descriptor: Any, path: Path) -> None:
    """Count what a file would unfold into, without unfolding it; ModelError where it is too much.

    Only messages are looked into: the numbers of a network are one field each.

    References
    ----------
    https://protobuf.dev/programming-guides/encoding
    """
    count = 0
    inside = _messages(descriptor)
    pending = [(0, len(data), inside, 0)]
    while pending:
        at, end, known, depth = pending.pop()
        if depth > DEEPEST:
            raise ModelError(f"{path} nests messages more than {DEEPEST} deep", ONE)
        while at < end:
            count += 1
            if count > MOST_FIELDS:
                raise ModelError(
                    f"{path} unfolds into more than {MOST_FIELDS:,} messages and values", ONE
                )
            key, at = _varint(data, at, end, path)
            kind = key & 7
            if kind == 2:
                length, at = _varint(data, at, end, path)
                if at + length > end:
                    raise _cut_off(path)
                if (message := known.get(key >> 3)) is not None:
                    pending.append((at, at + length, _messages(message), depth + 1))
                at += length
            elif kind == 0:
                _, at = _varint(data, at, end, path)
            elif kind in (1, 5):
                at += 8 if kind == 1 else 4
            else:
                raise ModelError(f"{path} cannot be read as ONNX", ONE)
        if at > end:
            raise _cut_off(path)


def _messages(descriptor: Any) -> dict[int, Any]:
    """Return the fields of a message that are messages themselves, by number."""
    return {
        each.number: each.message_type
        for each in descriptor.fields
        if each.message_type is not None
    }


def _varint(data: Any, at: int, end: int, path: Path) -> tuple[int, int]:
    found = 0
    for shift in range(0, 70, 7):
        if at >= end:
            raise _cut_off(path)
        byte = data[at]
        at += 1
        found |= (byte & 127) << shift
        if byte < 128:
            return found, at
    raise ModelError(f"{path} cannot be read as ONNX", ONE)


def _cut_off(path: Path) -> ModelError:
    return ModelError(
        f"{path} cannot be read as ONNX, or is cut off", ONE, "take another copy of it"
    )


def _nodes(graph: Any) -> Iterator[Any]:
    """Yield the nodes of a graph and of those within it."""
    for node in graph.node:
        yield node
        for each in node.attribute:
            for inner in (*([each.g] if each.HasField("g") else ()), *each.graphs):
                yield from _nodes(inner)


def _graphs(graph: Any) -> Iterator[Any]:
    yield graph
    for node in graph.node:
        for each in node.attribute:
            for inner in (*([each.g] if each.HasField("g") else ()), *each.graphs):
                yield from _graphs(inner)


def _tensors(model: Any) -> Iterator[Any]:
    for graph in (model.graph, *model.functions):
        for each in _graphs(graph):
            yield from getattr(each, "initializer", ())
            for sparse in getattr(each, "sparse_initializer", ()):
                yield sparse.values
                yield sparse.indices
        for node in _nodes(graph):
            for each in node.attribute:
                if each.HasField("t"):
                    yield each.t
                yield from each.tensors
                for sparse in (
                    *([each.sparse_tensor] if each.HasField("sparse_tensor") else ()),
                    *each.sparse_tensors,
                ):
                    yield sparse.values
                    yield sparse.indices


def _check_tensor(tensor: Any, path: Path) -> str | None:
    """Check that a tensor has its numbers; return the file beside the graph that holds them."""
    package = load_package()
    name = tensor.name or "a constant"
    if any(length < 0 for length in tensor.dims):
        raise ModelError(f"{name} in {path} has the shape {list(tensor.dims)}")
    count = prod(tensor.dims)
    if tensor.data_type == package.TensorProto.STRING:
        return None
    try:
        kind = package.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        width = {"INT4": 0.5, "UINT4": 0.5, "FLOAT4E2M1": 0.5, "INT2": 0.25, "UINT2": 0.25}.get(
            package.TensorProto.DataType.Name(tensor.data_type), float(kind.itemsize)
        )
    except (KeyError, ValueError, TypeError):
        raise ModelError(f"{name} in {path} is of a type that ONNX does not have") from None
    size = int(count * width + 0.75)
    if tensor.data_location == package.TensorProto.EXTERNAL:
        return _external(tensor, size, path)
    if tensor.HasField("raw_data"):
        held = len(tensor.raw_data)
        enough = held == size
    else:
        held = sum(
            len(getattr(tensor, field))
            for field in ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")
        )
        # complex numbers take two each, small ones may share one
        enough = count * min(width, 1) / 1.01 - 1 <= held <= 2 * count
    if not enough:
        raise ModelError(
            f"{name} in {path} says that it has {size:,} bytes and holds {held:,}", ONE
        )
    return None


def _external(tensor: Any, size: int, path: Path) -> str:
    told = {each.key: each.value for each in tensor.external_data}
    location: str = told.get("location", "")
    folder = path.parent.resolve()
    inside = "its numbers in files of the model's own folder"
    if not location or not is_inside(location):
        raise ModelError(f"{path} takes numbers from {location!r}", inside)
    file = path.parent / location
    if not file.resolve().is_relative_to(folder) or file.resolve() == path.resolve():
        raise ModelError(f"{path} takes numbers from {location!r}, which leads elsewhere", inside)
    check_regular(file)
    try:
        offset, length = int(told.get("offset") or 0), int(told.get("length") or size)
    except ValueError:
        raise ModelError(f"{path} does not say where in {location} its numbers are") from None
    there = file.stat().st_size if file.is_file() else -1
    if there < 0:
        raise ModelError(f"{path} takes numbers from {location}, which is missing", inside)
    if offset < 0 or length != size or offset + length > there:
        raise ModelError(
            f"{tensor.name} in {path} takes {length:,} bytes at {offset:,} of {location}, which "
            f"has {there:,}",
            f"{size:,} bytes, which are its shape's",
        )
    return location


def _check_order(graph: Any, path: Path, outer: frozenset[str] = frozenset()) -> None:
    """Refuse a graph in which a value is used before it is made, as in every circle."""
    known = set(outer)
    for each in graph.input:
        known.add(each if isinstance(each, str) else each.name)
    known |= {each.name for each in getattr(graph, "initializer", ())}
    known |= {each.values.name for each in getattr(graph, "sparse_initializer", ())}
    for node in graph.node:
        for name in node.input:
            if name and name not in known:
                raise ModelError(
                    f"{path} goes in a circle, or is not in order: {name!r} is used by "
                    f"{node.op_type} before anything makes it",
                    ONE,
                )
        for each in node.attribute:
            for inner in (*([each.g] if each.HasField("g") else ()), *each.graphs):
                _check_order(inner, path, frozenset(known))
        known |= set(node.output)
    names = [each if isinstance(each, str) else each.name for each in graph.output]
    if missing := [name for name in names if name not in known]:
        raise ModelError(f"nothing in {path} makes its output {missing[0]!r}", ONE)
    made = Counter(name for node in graph.node for name in node.output if name)
    if twice := [name for name, count in made.items() if count > 1]:
        raise ModelError(f"{twice[0]!r} in {path} is made twice", ONE)


def _check_functions(model: Any, path: Path) -> None:
    """Refuse functions that call themselves, by whatever way: unfolded they have no end."""
    calls = {
        (each.domain, each.name): [(node.domain, node.op_type) for node in _nodes(each)]
        for each in model.functions
    }
    while calls:
        ready = [key for key, uses in calls.items() if not set(uses) & set(calls)]
        if not ready:
            raise ModelError(f"the function {next(iter(calls))[1]} in {path} calls itself", ONE)
        for key in ready:
            del calls[key]


def _check_memory(found: OnnxFile, shape: tuple[int, ...], interface: Interface) -> dict[str, int]:
    """Refuse a graph in which a value is larger than a tile can be meant to be; return the
    lengths of its output by their axes, as far as they are known.
    """
    package = load_package()
    model = _parse(found.path)
    taken = next(each for each in model.graph.input if each.name == found.inputs[0].name)
    for axis, length in zip(taken.type.tensor_type.shape.dim, shape, strict=True):
        axis.dim_value = length
    try:
        known = package.shape_inference.infer_shapes(model, data_prop=True)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise ModelError(
            f"{found.path} does not work out for an input of {shape_text(shape)}: "
            f"{next(iter(str(error).splitlines()), '')}"
        ) from error
    for each in known.graph.value_info:
        kind = each.type.tensor_type
        lengths = [axis.dim_value for axis in kind.shape.dim]
        if lengths and prod(lengths) * 4 > MOST_VALUE:
            raise ModelError(
                f"{each.name} in {found.path} would take {prod(lengths) * 4 / 2**30:,.0f} GiB",
                f"at most {MOST_VALUE >> 30} GiB for one value",
            )
    (given,) = [
        each for each in known.graph.output if each.name == interface.output or not interface.output
    ]
    lengths = [axis.dim_value for axis in given.type.tensor_type.shape.dim]
    if lengths and len(lengths) != len(interface.output_axes):
        raise ModelError(
            f"{found.path} gives {shape_text(tuple(lengths))}, which does not fit its card",
            f"an output of the axes {interface.output_axes}",
        )
    return dict(zip(interface.output_axes, lengths, strict=False))


def _value(entry: Any, path: Path, last: str = "") -> Value:
    package = load_package()
    if not entry.type.HasField("tensor_type"):
        raise ModelError(f"{entry.name} of {path} is no array", "arrays of numbers")
    kind = entry.type.tensor_type
    try:
        dtype = str(package.helper.tensor_dtype_to_np_dtype(kind.elem_type))
    except (KeyError, ValueError, TypeError):
        raise ModelError(f"{entry.name} of {path} is of a type that ONNX does not have") from None
    lengths = tuple(axis.dim_value if axis.dim_value > 0 else None for axis in kind.shape.dim)
    return Value(entry.name, dtype, lengths, last)


def _last(name: str, makers: Mapping[str, Any]) -> str:
    """Return what made an output, as far as it tells what its numbers are."""
    seen: set[str] = set()
    while (node := makers.get(name)) is not None and name not in seen:
        seen.add(name)
        if node.op_type in ACTIVATIONS:
            return ACTIVATIONS[node.op_type]
        if node.op_type not in PASSING or not node.input:
            return ""
        name = node.input[0]
    return ""
