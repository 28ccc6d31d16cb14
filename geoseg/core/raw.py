"""Numbers and bytes in buffers of bytes, at any place: for compiled functions that write or read
formats of files.

A number is written with the bytes of its type, so its type is to be that of the format. Nothing
looks whether it lies within the buffer.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

raw_memcpy: Any = cgutils.raw_memcpy  # which has no types


def _place(context: Any, builder: Any, kind: Any, buffer: Any, at: Any) -> Any:
    """Return the address of a byte of an array."""
    return builder.gep(context.make_array(kind)(context, builder, buffer).data, [at])


def _swapped(builder: Any, number: Any) -> Any:
    """Return a number's bits with the last byte first."""
    kind = number.type
    if isinstance(kind, ir.DoubleType):
        number = builder.bitcast(number, ir.IntType(64))
    elif isinstance(kind, ir.FloatType):
        number = builder.bitcast(number, ir.IntType(32))
    return builder.bswap(number)


def _store(swap: bool) -> Any:
    def typed(_: Any, data: Any, at: Any, number: Any) -> Any:  # noqa: ARG001 - numba's names
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            place = _place(context, builder, signature.args[0], args[0], args[1])
            value = _swapped(builder, args[2]) if swap else args[2]
            builder.store(value, builder.bitcast(place, value.type.as_pointer()), align=1)
            return context.get_dummy_value()

        return types.void(data, types.intp, number), generate

    return typed


def _load(kind: Any) -> Any:
    def typed(_: Any, data: Any, at: Any) -> Any:  # noqa: ARG001 - likewise
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            place = _place(context, builder, signature.args[0], args[0], args[1])
            wanted = context.get_value_type(kind)
            return builder.load(builder.bitcast(place, wanted.as_pointer()), align=1)

        return kind(data, types.intp), generate

    return typed


def _copy(_: Any, to: Any, at: Any, source: Any, begin: Any, size: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = _place(context, builder, signature.args[0], args[0], args[1])
        origin = _place(context, builder, signature.args[2], args[2], args[3])
        raw_memcpy(builder, target, origin, args[4], ir.Constant(args[4].type, 1))
        return context.get_dummy_value()

    return types.void(to, types.intp, source, types.intp, types.intp), generate


# any: what mypy would make of them are numba's own calls, with one argument more
Intrinsic = Any
# store(data, at, number): little-endian, as the machine has it; store_big: the last byte first
store: Intrinsic = intrinsic(_store(swap=False))
store_big: Intrinsic = intrinsic(_store(swap=True))
# load_NAME(data, at) -> number, little-endian
load_uint32: Intrinsic = intrinsic(_load(types.uint32))
load_float64: Intrinsic = intrinsic(_load(types.float64))
# copy(to, at, source, begin, size): bytes of two arrays that do not share memory
copy: Intrinsic = intrinsic(_copy)
