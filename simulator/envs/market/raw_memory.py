"""Numbers in memory, read and written by address inside compiled functions that allocate nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

WORD = 8  # bytes of a float64


def _load(typing_context: Any, address: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_cell(builder, arguments))

    return types.float64(types.int64, types.int64), generate


def _store(typing_context: Any, address: Any, index: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _cell(builder, arguments))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.float64), generate


def _cell(builder: Any, arguments: Any) -> Any:
    return builder.gep(builder.inttoptr(arguments[0], ir.DoubleType().as_pointer()), [arguments[1]])


load = cast("Callable[[int, int], float]", intrinsic(_load))
"""The float64 at address + 8 x index."""
store = cast("Callable[[int, int, float], None]", intrinsic(_store))
"""Write a float64 to address + 8 x index."""
