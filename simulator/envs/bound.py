"""Compiled functions bound to arrays that stay where they are: calling one costs no look at its arguments' types."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

_ENTRIES: dict[tuple[Any, ...], Any] = {}


def bound(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """A compiled function with all its arguments, ready to be called.

    Finding out the types of arrays of records anew at each call costs more than a step of a small market.
    """
    key = (function, *map(_kind, arguments))
    if key not in _ENTRIES:
        dispatcher: Any = function
        types = tuple(dispatcher.typeof_pyval(argument) for argument in arguments)
        dispatcher.compile(types)
        _ENTRIES[key] = dispatcher.overloads[types].entry_point
    return partial(_ENTRIES[key], *arguments)


def _kind(argument: Any) -> Any:
    """What the compiler distinguishes of an argument."""
    if isinstance(argument, np.ndarray):
        return argument.dtype, argument.ndim, argument.flags.c_contiguous, argument.flags.writeable
    return type(argument)
