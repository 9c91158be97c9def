"""Profit: literal portfolios in, literal money out."""

import numpy as np
import pytest

from simulator.metrics import mark_to_market, profit_and_loss, total_profit, win_rate


def test_mark_to_market_adds_the_inventory_at_the_price() -> None:
    assert mark_to_market([[1000, 400]], [[0, -6]], [[100]]).tolist() == [[1000.0, -200.0]]


def test_profit_is_counted_from_the_first_row_of_every_column() -> None:
    assert profit_and_loss([[100, 50], [103, 40], [98, 70]]).tolist() == [[0, 0], [3, -10], [-2, 20]]
    assert total_profit([[100, 50], [103, 40], [98, 70]]).tolist() == [-2, 20]


def test_an_empty_history_is_refused() -> None:
    with pytest.raises(ValueError, match="no steps"):
        profit_and_loss(np.empty((0, 3)))


def test_win_rate_counts_draws_one_half() -> None:
    assert win_rate([2.0], [1.0, 2.0, 3.0, 0.0]) == 0.625
    assert win_rate(5.0, 5.0) == 0.5


def test_win_rate_needs_opponents() -> None:
    with pytest.raises(ValueError, match="undefined"):
        win_rate([1.0], [])
