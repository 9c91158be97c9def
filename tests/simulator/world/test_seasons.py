"""Seasons: the level to which a value is pulled back comes and goes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.world.moves import Fundamental, Seasons
from simulator.world.scenario import Symbol
from simulator.world.world import World
from tests.simulator.world.markets import trading

STILL: dict[str, Any] = {"volatility": 0.0, "reversion": 0.2}


def values(seasons: Seasons | None, steps: int = 400) -> np.ndarray[Any, Any]:
    """The value after each step of a market in which nothing else moves it."""
    symbol = Symbol(name="A", initial_price=10_000, fundamental=Fundamental(**STILL, seasons=seasons))
    world = World(trading(2, symbols=(symbol,)))
    return np.array([world.advance() and float(world.symbols["value"][0]) for _ in range(steps)])


def test_a_value_follows_its_seasons_which_without_them_it_does_not() -> None:
    found = values(Seasons(period=200, height=0.1))
    assert found.max() == pytest.approx(11_000, rel=0.005)
    assert found.min() == pytest.approx(9_000, rel=0.005)
    assert 50 <= found.argmax() % 200 <= 60  # a quarter of the period, and a little late
    assert found[:200] == pytest.approx(found[200:], rel=0.02)
    assert set(values(None).tolist()) == {10_000.0}


def test_a_market_may_begin_anywhere_in_its_period() -> None:
    late = values(Seasons(period=200, height=0.1, phase=0.5))
    assert 150 <= late.argmax() <= 160
    assert late[0] < 10_000 or late[1] < 10_000
