"""Calling what happens beyond the book by its address, so that the loop is compiled without it."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from simulator.world.call import CALL_TYPE
from simulator.world.layout import Row

ROOM = 8  # records of the longest act, and of a deal that falls due


class What(IntEnum):
    """Why it is called."""

    BEGIN = 0  # of a step
    ACT = 1  # a command of an agent
    PHASE = 2  # after all commands


SIGNATURE = types.int64(CALL_TYPE, types.int64, types.int64, types.int64)


def _call_beyond(typingctx: Any, address: Any, call: Any, what: Any, agent: Any, command: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        entry = ir.FunctionType(ir.IntType(64), [argument.type for argument in arguments[1:]])
        return builder.call(builder.inttoptr(arguments[0], entry.as_pointer()), arguments[1:])

    return types.int64(types.uint64, CALL_TYPE, types.int64, types.int64, types.int64), generate


call_beyond = cast("Callable[[int, Row, int, int, int], int]", cast(Any, intrinsic)(_call_beyond))
"""(address, call, what, agent, row of QUEUED) -> DONE, RING or QUEUE."""
