"""Indicators: by hand on short prices, and the same from compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from simulator.world.indicators import bollinger, deviation, macd, rsi, volatility
from simulator.world.view import example_view
from simulator.world.view_type import view_of

PRICES = [100, 102, 101, 105]


def test_by_hand() -> None:
    view = example_view(prices=PRICES)
    assert rsi(view, 3) == pytest.approx(100 * 6 / 7)  # up 2, down 1, up 4
    assert deviation(view, 4) == pytest.approx(np.std(PRICES))
    assert bollinger(view, 4, 1.0) == pytest.approx(3 / np.std(PRICES))
    assert macd(view, 2, 4) == pytest.approx(103 - 102)
    assert volatility(view, 3) == pytest.approx(np.sqrt((4 + 1 + 16) / 3))


def test_where_nothing_moves_nothing_is_said() -> None:
    view = example_view(prices=[100])
    assert (rsi(view, 10), deviation(view, 10), bollinger(view, 10), macd(view, 5, 10), volatility(view, 10)) == (50, 0, 0, 0, 0)


@njit
def compiled(market: Any, own: Any, out: Any) -> None:
    view = view_of(market[0], own[0])
    out[0], out[1], out[2] = rsi(view, 20), deviation(view, 50), bollinger(view, 50)
    out[3], out[4] = macd(view, 10, 50), volatility(view, 50)


def test_compiled_they_are_the_same() -> None:
    view = example_view(prices=(1000 + np.cumsum(np.random.default_rng(1).integers(-3, 4, 200))).tolist())
    out = np.zeros(5)
    compiled(view.market.base, view.own.base, out)
    assert out.tolist() == [rsi(view, 20), deviation(view, 50), bollinger(view, 50), macd(view, 10, 50), volatility(view, 50)]
