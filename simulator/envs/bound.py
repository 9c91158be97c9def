"""Compiled functions bound to arrays that stay where they are: calling one costs no look at its arguments' types."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any


def bound(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """A compiled function with all its arguments, ready to be called.

    Finding out the types of arrays of records anew at each call costs more than a step of a small market.
    """
    dispatcher: Any = function
    types = tuple(dispatcher.typeof_pyval(argument) for argument in arguments)
    dispatcher.compile(types)
    return partial(dispatcher.overloads[types].entry_point, *arguments)
