"""The row of addresses through which the loop is called, and compiling what has no file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.world.call import Call
from simulator.world.jit import trader_address
from simulator.world.layout import MARKET


def test_arrays_that_are_missing_or_unknown_are_named() -> None:
    with pytest.raises(ValueError, match=r"arrays .*'agenda'.*'colours'.* are missing or unknown"):
        Call(colours=np.zeros(1))


def test_an_array_of_another_layout_is_refused() -> None:
    from tests.simulator.world.markets import nothing, scripted

    arrays = dict(scripted(nothing)._call._kept)
    for name, wrong in (("markets", np.zeros(1, np.int64)), ("agenda", np.zeros(4, np.int64)[::2]), ("books", np.zeros(1, MARKET))):
        with pytest.raises(ValueError, match=f"array {name} is"):
            Call(**{**arrays, name: wrong})


def test_a_trader_typed_at_a_prompt_compiles_too() -> None:
    names: dict[str, Any] = {}
    exec("def decide(view, commands):\n    view.memory[0] = view.cash", names)
    assert trader_address(names["decide"]) != 0
