"""Aggregation per trader type."""

import pytest

from simulator.metrics import figures_by_type, mean_by_type


def test_types_are_rows_in_the_order_of_their_names() -> None:
    values = [[10, 10, 10], [12, 10, 6], [14, 11, 8]]
    inventory = [[0, 0, 0], [1, 0, -3], [0, 0, 0]]
    noise, maker = figures_by_type(values, inventory, [1, 0, 0], ["noise", "maker", "nobody"])
    assert (noise.type_name, noise.agents, noise.profit, noise.best_profit, noise.worst_profit) == ("noise", 2, -0.5, 1.0, -2.0)
    assert (noise.drawdown, noise.greatest_inventory, noise.turnover) == (2.0, 1.5, 3.0)
    assert (maker.type_name, maker.agents, maker.profit, maker.sharpe) == ("maker", 1, 4.0, 0.0)


def test_shapes_and_names_are_checked() -> None:
    with pytest.raises(ValueError, match="disagree"):
        figures_by_type([[1, 2]], [[1, 2]], [0], ["a"])
    with pytest.raises(ValueError, match="names were given"):
        figures_by_type([[1, 2]], [[1, 2]], [0, 1], ["a"])


def test_mean_by_type_leaves_an_empty_type_undefined() -> None:
    assert mean_by_type([1.0, 3.0, 10.0], [0, 0, 2], 3) == pytest.approx([2.0, float("nan"), 10.0], nan_ok=True)
