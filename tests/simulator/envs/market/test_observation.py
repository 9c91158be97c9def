"""Features: literal views in, literal numbers out."""

from typing import Any

import pytest

from simulator.envs.market.observation import FEATURES, observe
from simulator.world.view import example_view


def observed(prices: list[int], horizon: int = 100, **fields: Any) -> dict[str, float]:
    target = [0.0] * len(FEATURES)
    observe(example_view(prices=prices, **fields), target, horizon)
    return dict(zip(FEATURES, target, strict=True))


def test_returns_look_back_so_many_steps() -> None:
    found = observed([1000, 1010, 1010, 1010, 1010, 1000, 1005])
    assert found["return_1"] == pytest.approx(1.0)  # half a per cent
    assert found["return_5"] == pytest.approx((1005 / 1010 - 1) * 200)
    assert found["return_100"] == pytest.approx(1.0)  # before the beginning stands the first price


def test_deviation_is_from_the_mean() -> None:
    assert observed([1000] * 49 + [1010])["deviation_50"] == pytest.approx((1010 / 1000.2 - 1) * 200, abs=1e-5)


def test_the_book_is_seen_by_spread_imbalance_and_volume() -> None:
    found = observed([1000], best_bid=998, best_ask=1003, bid_size=30, ask_size=10, volume=20, last=1002)
    assert found["spread"] == 5.0
    assert found["imbalance"] == 0.5
    assert found["volume"] == 0.5
    assert found["last_trade"] == pytest.approx(0.4)


def test_an_empty_side_shows() -> None:
    found = observed([1000], best_bid=0, bid_size=0, ask_size=0)
    assert (found["spread"], found["imbalance"]) == (-1.0, 0.0)


def test_the_position_is_seen_relative_to_its_limits() -> None:
    found = observed([1000], inventory=-50, position_limit=100, cash=11_000_000, bid_lots=10, ask_lots=20)
    assert (found["inventory"], found["resting_bids"], found["resting_asks"]) == pytest.approx((-0.5, 0.1, 0.2))
    assert found["cash"] == pytest.approx(0.1)


def test_the_signal_is_zero_for_who_may_not_see_it() -> None:
    assert observed([1000], signal=1010.0)["signal"] == pytest.approx(2.0)
    assert observed([1000], signal=0.0)["signal"] == 0.0


def test_extremes_are_cut() -> None:
    assert observed([1000, 9000])["return_1"] == 5.0
    assert observed([9000, 1000])["return_1"] == -5.0


def test_time_runs_down_and_begins_anew() -> None:
    assert [observed([1000] * n, horizon=4)["time_left"] for n in (1, 2, 4, 5)] == [1.0, 0.75, 0.25, 1.0]
