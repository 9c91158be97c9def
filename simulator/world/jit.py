"""How the world compiles: functions that serve Python and compiled traders alike, and traders callable by address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba.extending import overload

from simulator.matching.compiled import compiled_entry
from simulator.parts import FROM_COMPILED_ONLY
from simulator.world.view_type import TRADER_SIGNATURE

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: Any = {"forceinline": True, **FROM_COMPILED_ONLY}


def both_ways(function: Function) -> Function:
    """Let compiled traders call a plain function too: the same body, compiled into them."""
    decorate: Any = overload(function, jit_options=_OPTIONS, strict=False)
    decorate(lambda *arguments: function)
    return function


def compiled_form(plain: Callable[..., Any]) -> Callable[[Function], Function]:
    """Give a plain function the body that compiled traders run in its place; the two must do the same."""

    def register(body: Function) -> Function:
        decorate: Any = overload(plain, jit_options=_OPTIONS, strict=False)
        decorate(lambda *arguments: body)
        return body

    return register


def trader_address(act: Callable[[Any, Any], None]) -> int:
    """Compile `act(view, commands)` and return its address, which stays valid until the process ends.

    Raises numba's TypingError for what cannot be compiled; such a trader can still play as plain Python.
    """
    return compiled_entry(act, TRADER_SIGNATURE)


def compile_trader(act: Callable[[Any, Any], None]) -> Any:
    """Return what gives a class the attribute `address`: an int, and `act(view, commands)` compiled when it is first read."""
    return _Address(act)


class _Address:
    def __init__(self, act: Callable[[Any, Any], None]) -> None:
        self._act = act

    def __get__(self, _trader: object, _class: type) -> int:
        return trader_address(self._act)
