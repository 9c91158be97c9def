"""Strategies by name, and what is said about a wrong one."""

from __future__ import annotations

import pytest

from simulator.traders.noise import Noise
from simulator.traders.registry import STRATEGIES, make_trader, parameter_names, strategy
from simulator.traders.trader import Trader


def test_every_name_gives_a_strategy_that_says_where_it_comes_from() -> None:
    for name in STRATEGIES:
        found = strategy(name)
        assert issubclass(found, Trader) and found.address
        assert "Parameters\n" in (found.__doc__ or "") and ">>>" in (found.__doc__ or "")


def test_parameters_reach_the_view_in_order() -> None:
    assert parameter_names("mean_reversion") == ["window", "band", "size", "activity"]
    assert make_trader("mean_reversion", {"band": 7, "size": 2}).parameters == (1.0, 50.0, 7.0, 2.0)


def test_a_users_own_class_is_found_by_its_place() -> None:
    assert strategy("simulator.traders.noise:Noise") is Noise


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("market_taker", {}, "there is no strategy market_taker; choose one of arbitrage"),
        ("nowhere.at_all:Trader", {}, "cannot be imported"),
        ("simulator.traders.noise:Nobody", {}, "cannot be imported"),
        ("simulator.types:Side", {}, "is not a Trader"),
        ("noise", {"colour": 1}, "has no parameter colour; it has: buy, sell"),
        ("noise", {"activity": 1.5}, "activity 1.5 is not a share"),
        ("noise", {"buy": 0.7, "sell": 0.6}, "add up to more than 1"),
        ("noise", {"size": 0}, "size 0 is not a whole number in 1"),
        ("trend_momentum", {"window": 256}, "window 256 is not a whole number in 1..255"),
        ("mean_reversion", {"band": -1}, "band -1 is too small"),
        ("arbitrage", {"threshold": float("nan")}, "threshold nan is too small or not a number"),
        ("statistical_arbitrage", {"open_score": 0.5, "close_score": 0.5}, "must lie below"),
    ],
)
def test_a_wrong_one_is_named(name: str, parameters: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make_trader(name, parameters)
