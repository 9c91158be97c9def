"""The reference run against its source's bands, and the trading market as a market."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.apps.bench.history import History, profit
from pipelines.apps.bench.market import market_figures
from pipelines.apps.bench.reference import figures, play, run, shares

INSIDE = [[300.0, 250.0, -400.0]]
HELD = [[[-20, 20], [-30, 30], [-90, 30]]]


@pytest.mark.parametrize(
    ("profits", "held", "end", "outside"),
    [
        (INSIDE, HELD, 90.0, set()),
        ([[371.0, 250.0, -400.0]], HELD, 90.0, {"market_maker_profit_in_band", "all_profits_in_band"}),
        ([[300.0, 199.0, -400.0]], HELD, 90.0, {"arbitrage_profit_in_band", "all_profits_in_band"}),
        ([[300.0, 250.0, -701.0]], HELD, 90.0, {"trend_follower_profit_in_band", "all_profits_in_band"}),
        (
            INSIDE,
            [[[-31, 20], [-30, 30], [-90, 41]]],
            90.0,
            {"market_maker_inventory_in_band", "trend_follower_inventory_in_band", "all_inventories_in_band"},
        ),
        (INSIDE, HELD, 94.5, {"price_end_in_band"}),
    ],
)
def test_a_seed_is_inside_only_with_all_its_numbers(profits: object, held: object, end: float, outside: set[str]) -> None:
    found = shares(np.array(profits), np.array(held), np.array([end]))
    assert {name for name, share in found.items() if share == 0.0} == outside
    assert all(share in (0.0, 1.0) for share in found.values())


def test_a_loser_where_the_source_has_a_winner_is_a_wrong_sign() -> None:
    assert shares(np.array([[300.0, -1.0, -400.0]]), np.array(HELD), np.array([90.0]))["all_signs_as_in_source"] == 0.0


def test_figures_are_means_and_deviations_over_seeds() -> None:
    found = figures(np.array([[100.0, 0.0, -2.0], [200.0, 0.0, -4.0]]), np.array([90.0, 110.0]))
    assert found["market_maker_profit_mean"] == 150.0 and found["market_maker_profit_deviation"] == 50.0
    assert found["price_end_mean"] == 100.0 and found["seeds"] == 2.0


def test_profit_counts_cash_and_what_the_inventory_is_worth() -> None:
    zeros = np.zeros(2)
    history = History(
        zeros, zeros, zeros, zeros, zeros, np.array([[0.0, 0.0], [3.0, -3.0]]), np.array([[0.0, 0.0], [-290.0, 290.0]]), ["a", "b"]
    )
    assert profit(history, 100.0).tolist() == [10.0, -10.0]


def test_the_reference_run_has_the_shape_of_its_source() -> None:
    profits, inventories, ends = play(range(2001, 2021))
    found = shares(profits, inventories, ends)
    assert found["all_inventories_in_band"] == 1.0
    assert found["all_signs_as_in_source"] > 0.9
    assert found["all_profits_in_band"] > 0.2


def test_the_trading_market_is_sane() -> None:
    found = market_figures([3], steps=2000)
    assert 2 < found["trading_spread_ticks"] < 8 and found["trading_quoted_share"] > 0.98 and found["trading_traded_share"] > 0.7
    assert found["trading_correlation_with_value"] > 0.5 and abs(found["trading_move_autocorrelation_1"]) < 0.3
    assert found["trading_profit_market_maker"] > 0 and found["trading_profit_arbitrage"] > 0 > found["trading_profit_noise"]
    assert found["trading_profit_trend_momentum"] < 0 < found["trading_profit_mean_reversion"]


def test_a_benchmark_without_seeds_is_refused() -> None:
    with pytest.raises(ValueError, match="0 seeds is fewer than one"):
        run(seeds=0)
