"""ONNX files that are built so as to hurt: one clear line, before any runtime sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geoseg[onnx]'")
from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402
from onnx_graphs import Graph, make_graph  # noqa: E402

from geoseg.core.errors import ModelError  # noqa: E402
from geoseg.core.interface import Interface, is_inside  # noqa: E402
from geoseg.models.onnx_file import check_fits, read_onnx  # noqa: E402


def save(folder: Path, model: Any) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return path


def test_a_file_tells_what_it_is(tmp_path: Path) -> None:
    graph = make_graph(Graph(end="Softmax"), {"resolution": "10"})
    found = read_onnx(save(tmp_path, graph))
    assert found.inputs[0].shape == (None, 3, None, None)
    assert (found.outputs[0].name, found.outputs[0].last) == ("scores0", "softmax")
    assert found.metadata == {"resolution": "10"}
    assert found.parameters == sum(len(each.raw_data) // 4 for each in graph.graph.initializer)


def numbers_elsewhere(location: str, length: int | None = None) -> Any:
    model = make_graph()
    tensor = model.graph.initializer[0]
    size = len(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("length", str(length or size))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return model


def test_numbers_in_a_file_of_the_same_folder(tmp_path: Path) -> None:
    model = numbers_elsewhere("numbers/data.bin")
    (tmp_path / "numbers").mkdir()
    (tmp_path / "numbers" / "data.bin").write_bytes(bytes(10_000))
    assert read_onnx(save(tmp_path, model)).external == ("numbers/data.bin",)


@pytest.mark.parametrize(
    "location",
    [
        "../data.bin",
        "/etc/passwd",
        "a/../../data.bin",
        "",
        "C:\\data.bin",
        "link.bin",
        "missing.bin",
    ],
)
def test_numbers_elsewhere_are_refused(tmp_path: Path, location: str) -> None:
    (tmp_path / "data.bin").write_bytes(bytes(10_000))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "data.bin")
    path = save(folder, numbers_elsewhere(location))
    with pytest.raises(ModelError, match="takes numbers from"):
        read_onnx(path)


def test_a_hundred_gigabytes_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(bytes(1000))
    path = save(tmp_path, numbers_elsewhere("data.bin", 10**11))
    with pytest.raises(ModelError, match=r"takes 100,000,000,000 bytes"):
        read_onnx(path)
    model = make_graph()
    model.graph.initializer[0].dims[0] = 10**9
    with pytest.raises(ModelError, match="bytes and holds"):
        read_onnx(save(tmp_path, model))


def large_while_it_runs() -> Any:
    model = make_graph(Graph(scores=4))
    shape = helper.make_tensor("shape", TensorProto.INT64, [4], [1, 4, 200_000, 200_000])
    model.graph.initializer.append(shape)
    node = helper.make_node("ConstantOfShape", ["shape"], ["large"])
    mean = helper.make_node("ReduceMean", ["large"], ["small"], axes=[2, 3], keepdims=1)
    model.graph.node.insert(0, node)
    model.graph.node.insert(1, mean)
    return model


def test_a_value_too_large_for_any_memory(tmp_path: Path) -> None:
    found = read_onnx(save(tmp_path, large_while_it_runs()))
    with pytest.raises(ModelError, match="would take 596 GiB"):
        check_fits(found, card_of())


def card_of() -> Any:
    from dataclasses import replace

    from cards import RGB

    return replace(RGB, interface=Interface(), labels=RGB.labels[:4])


def in_a_circle() -> Any:
    model = make_graph()
    model.graph.node[0].input[0] = model.graph.node[-1].output[0]
    return model


def a_function_that_calls_itself() -> Any:
    model = make_graph()
    opset = helper.make_opsetid("own", 1)
    node = helper.make_node("again", ["x"], ["y"], domain="own")
    model.functions.append(helper.make_function("own", "again", ["x"], ["y"], [node], [opset]))
    return model


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (in_a_circle, "circle"),
        (a_function_that_calls_itself, "calls itself"),
        # empty nodes: 4 MB on disk, 320 MB as objects
        (lambda: b"\x3a\x80\x89\x7a" + b"\x0a\x00" * 1_000_000, "unfolds|cut off"),
        (lambda: nested(b"", 200), "nests messages|read as ONNX"),
        (lambda: b"", "0 bytes"),
        (lambda: b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "read as ONNX"),
        (lambda: b"<html>not found</html>", "read as ONNX"),
    ],
)
def test_what_is_built_to_hurt(tmp_path: Path, make: Any, said: str) -> None:
    path = save(tmp_path, make())
    with pytest.raises(ModelError, match=said):
        read_onnx(path)


def test_a_bomb_of_empty_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from geoseg.models import onnx_file

    monkeypatch.setattr(onnx_file, "MOST_FIELDS", 1000)  # the real bound takes seconds
    path = save(tmp_path, field(7, field(1, b"") * 2000))
    with pytest.raises(ModelError, match="unfolds into more than 1,000"):
        read_onnx(path)


def nested(inner: bytes, times: int) -> bytes:
    """A graph in an attribute of a node of a graph, and so on."""
    for _ in range(times):
        inner = field(1, field(5, field(6, inner)))
    return field(7, inner)


def field(number: int, content: bytes) -> bytes:
    length, size = b"", len(content)
    while True:
        size, low = size >> 7, size & 127
        length += bytes([low | (128 if size else 0)])
        if not size:
            return bytes([number << 3 | 2]) + length + content


@given(st.binary(max_size=200))
def test_any_bytes_are_a_model_error_or_a_graph(data: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        try:
            read_onnx(save(Path(folder), data))
        except ModelError:
            return


@given(st.data())
def test_a_damaged_file_is_a_model_error_or_a_graph(data: st.DataObject) -> None:
    from tempfile import TemporaryDirectory

    whole = bytearray(make_graph().SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as folder:
        try:
            read_onnx(save(Path(folder), bytes(whole)))
        except ModelError:
            return


@given(st.text(max_size=20))
def test_a_name_that_is_inside_stays_there(name: str) -> None:
    folder = Path("/models/one")
    if is_inside(name):
        assert (folder / name).resolve().is_relative_to(folder)
        assert (folder / name).resolve() != folder
