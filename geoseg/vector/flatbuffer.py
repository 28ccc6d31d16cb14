"""Tables of a flatbuffer (flatbuffers.dev/internals), written front to back: enough for the header of a FlatGeobuf."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import cast

Table = Mapping[int, "Value"]  # by the field's number in its schema
Value = tuple[str, int] | str | Sequence[float] | Sequence[Table] | Table  # a number comes with its format


def put_table(out: bytearray, fields: Table) -> int:
    """Append a table and all that it refers to; return its position. Each field takes eight bytes."""
    slots = max(fields) + 1
    _pad(out, (-len(out) - 4 - 2 * slots + 4) % 8)  # the table comes at 4 mod 8, its fields at 0
    places = {number: 4 + 8 * i for i, number in enumerate(fields)}
    vtable = len(out)
    out += struct.pack(f"<{slots + 2}H", 4 + 2 * slots, 4 + 8 * len(fields), *(places.get(i, 0) for i in range(slots)))
    at = len(out)
    out += struct.pack("<i", at - vtable) + bytes(8 * len(fields))
    for number, value in fields.items():
        if isinstance(value, tuple):
            struct.pack_into(f"<{value[0]}", out, at + places[number], value[1])
        else:
            refer(out, at + places[number], value)
    return at


def refer(out: bytearray, at: int, value: Value) -> None:
    """Append what a reference at this position stands for, and set it: references lead forward only."""
    if isinstance(value, Mapping):
        target = put_table(out, value)
    elif isinstance(value, str):
        target = _put_string(out, value.encode())
    elif value and isinstance(value[0], Mapping):
        target = _put_tables(out, cast(Sequence[Table], value))  # the first tells the kind of all
    else:
        target = _put_doubles(out, cast(Sequence[float], value))
    struct.pack_into("<I", out, at, target - at)


def _put_string(out: bytearray, text: bytes) -> int:
    _pad(out, -len(out) % 4)
    at = len(out)
    out += struct.pack("<I", len(text)) + text + b"\0"
    return at


def _put_doubles(out: bytearray, values: Sequence[float]) -> int:
    _pad(out, (4 - len(out)) % 8)
    at = len(out)
    out += struct.pack(f"<I{len(values)}d", len(values), *values)
    return at


def _put_tables(out: bytearray, tables: Sequence[Table]) -> int:
    _pad(out, -len(out) % 4)
    at = len(out)
    out += struct.pack("<I", len(tables)) + bytes(4 * len(tables))
    for i, table in enumerate(tables):
        refer(out, at + 4 + 4 * i, table)
    return at


def _pad(out: bytearray, count: int) -> None:
    out += bytes(count)
