"""A reader of Mapbox Vector Tiles by the specification, written apart from the writer."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from shapely.geometry import MultiPolygon, Polygon


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = data[at : at + 8], at + 8
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
            assert len(value) == size
        else:
            raise AssertionError(f"wire type {kind}")
        yield key >> 3, value


def numbers(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        found.append(value)
    return found


def read_value(data: bytes) -> Any:
    ((field, value),) = fields(data)
    if field == 1:
        return value.decode()
    if field == 3:
        return struct.unpack("<d", value)[0]
    assert field == 4
    return value - (1 << 64) if value >> 63 else value


def rings_of(data: bytes) -> list[np.ndarray]:
    """Rings of a polygon, int64 [vertex, (x, y)], not closed."""
    todo, at, pen = numbers(data), 0, np.zeros(2, np.int64)
    rings: list[list[np.ndarray]] = []
    while at < len(todo):
        command, count = todo[at] & 7, todo[at] >> 3
        at += 1
        if command == 7:
            assert count == 1
            assert len(rings[-1]) >= 3
            continue
        assert command == (1 if not rings or todo[at - 1] == 9 else 2)
        for _ in range(count):
            step = [(value >> 1) ^ -(value & 1) for value in todo[at : at + 2]]
            at += 2
            pen = pen + step
            if command == 1:
                rings.append([])
            rings[-1].append(pen)
    return [np.array(ring) for ring in rings]


def signed_area2(ring: np.ndarray) -> int:
    after = np.roll(ring, -1, 0)
    return int((ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]).sum())


def shape_of(rings: list[np.ndarray]) -> MultiPolygon:
    """As 4.3.3.3 of the specification has it: positive area begins a polygon."""
    parts: list[list[np.ndarray]] = []
    for ring in rings:
        area = signed_area2(ring)
        assert area != 0
        if area > 0:
            parts.append([ring])
        else:
            parts[-1].append(ring)
    return MultiPolygon([Polygon(first, holes) for first, *holes in parts])


def read_tile(data: bytes) -> tuple[str, int, list[dict[str, Any]]]:
    """The layer's name, units, and features with their columns and `rings`."""
    ((number, layer),) = fields(data)
    assert number == 3
    parts = list(fields(layer))
    keys = [value.decode() for field, value in parts if field == 3]
    values = [read_value(value) for field, value in parts if field == 4]
    only = {field: value for field, value in parts if field in (1, 5, 15)}
    assert only[15] == 2
    found = []
    for field, value in parts:
        if field == 2:
            own = dict(fields(value))
            assert own[3] == 3
            tags = numbers(own[2])
            told = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
            found.append(told | {"rings": rings_of(own[4])})
    return only[1].decode(), only[5], found
