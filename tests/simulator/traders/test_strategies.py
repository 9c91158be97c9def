"""What each strategy does in a market of a few literal prices."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.traders.registry import make_trader
from simulator.types import CommandKind, Side, TimeInForce
from simulator.world.commands import CancelOrder, Commands, ModifyOrder, PlaceOrder, SendMessage
from simulator.world.view import View, example_view


def market(side: Side, size: int) -> PlaceOrder:
    return PlaceOrder(CommandKind.MARKET, side, size, None, TimeInForce.IOC)


def limit(side: Side, size: int, price: int) -> PlaceOrder:
    return PlaceOrder(CommandKind.LIMIT, side, size, price, TimeInForce.GTC)


def decide(name: str, parameters: dict[str, float], **fields: Any) -> tuple[list[Any], View]:
    trader = make_trader(name, parameters)
    view, commands = example_view(parameters=trader.parameters, **fields), Commands()
    trader.act(view, commands)
    return commands.placed(), view


RISE, FALL, FLAT = [100, 101, 102, 110], [100, 99, 98, 90], [100, 100, 100, 100]


@pytest.mark.parametrize(
    ("name", "parameters", "prices", "expected"),
    [
        ("trend_momentum", {"window": 3, "threshold": 9, "size": 4}, RISE, [market(Side.BUY, 4)]),
        ("trend_momentum", {"window": 3, "threshold": 9, "size": 4}, FALL, [market(Side.SELL, 4)]),
        ("trend_momentum", {"window": 3, "threshold": 10, "size": 4}, RISE, []),
        ("trend_momentum", {"window": 1, "threshold": 8, "size": 4}, RISE, []),
        ("trend_follower", {"window": 3, "band": 5, "size": 4}, RISE, [market(Side.BUY, 4)]),
        ("trend_follower", {"window": 3, "band": 5, "size": 4}, FALL, [market(Side.SELL, 4)]),
        ("trend_follower", {"window": 3, "band": 6, "size": 4}, RISE, []),
        ("trend_follower", {"window": 3, "band": 0, "size": 4}, FLAT, []),
        ("mean_reversion", {"window": 3, "band": 5, "size": 4}, RISE, [market(Side.SELL, 4)]),
        ("mean_reversion", {"window": 3, "band": 5, "size": 4}, FALL, [market(Side.BUY, 4)]),
        ("mean_reversion", {"window": 3, "band": 6, "size": 4}, RISE, []),
        ("momentum", {"decay": 1, "gain": 0.125, "limit": 8, "size": 4}, RISE, [market(Side.BUY, 4)]),
        ("momentum", {"decay": 1, "gain": 0.125, "limit": 8, "size": 4}, FALL, [market(Side.SELL, 4)]),
        ("momentum", {"decay": 1, "gain": 0.125, "limit": 7, "size": 4}, RISE, []),
    ],
)
def test_price_rules(name: str, parameters: dict[str, float], prices: list[int], expected: list[Any]) -> None:
    assert decide(name, parameters, prices=prices)[0] == expected


def test_momentum_tells_everybody_what_it_wants() -> None:
    talkative = {"decay": 1, "gain": 0.125, "limit": 8, "size": 4, "talk": 1}
    assert decide("momentum", talkative, prices=FALL)[0] == [market(Side.SELL, 4), SendMessage(-1, 0, -4, 0)]


@pytest.mark.parametrize("name", ["trend_momentum", "trend_follower", "momentum"])
def test_a_position_limit_cuts_the_order(name: str) -> None:
    assert decide(name, {"size": 5}, prices=[100, 120], position_limit=10, inventory=7, bid_lots=1)[0] == [market(Side.BUY, 2)]
    assert decide(name, {"size": 5}, prices=[100, 120], position_limit=10, inventory=10)[0] == []


def test_nothing_is_taken_from_an_empty_side() -> None:
    assert decide("trend_follower", {}, prices=[100, 120], best_ask=0, ask_size=0)[0] == []


def test_sizes_are_whole_lots() -> None:
    assert decide("trend_follower", {"size": 25}, prices=[100, 120], lot_size=10)[0] == [market(Side.BUY, 20)]


ARBITRAGE = {"threshold": 3, "aversion": 0.5, "size": 8}


@pytest.mark.parametrize(
    ("signal", "inventory", "expected"),
    [
        (105.0, 0, [market(Side.BUY, 8)]),  # asked 101
        (104.0, 0, []),  # 3 ticks are not more than the threshold
        (95.0, 0, [market(Side.SELL, 8)]),  # bid 99
        (105.0, 2, []),  # two lots are worth a tick less
        (100.0, 10, [market(Side.SELL, 8)]),  # reservation value 95
    ],
)
def test_arbitrage_trades_on_the_reservation_value(signal: float, inventory: int, expected: list[Any]) -> None:
    assert decide("arbitrage", ARBITRAGE, signal=signal, informed=1, inventory=inventory)[0] == expected


def test_arbitrage_takes_no_more_than_the_touch_and_needs_the_value() -> None:
    assert decide("arbitrage", ARBITRAGE, signal=105.0, informed=1, ask_size=3)[0] == [market(Side.BUY, 3)]
    assert decide("arbitrage", ARBITRAGE, signal=0.0, informed=0)[0] == []


def test_in_a_call_arbitrage_leaves_one_order_near_the_value_and_withdraws_the_rest_after_it() -> None:
    parameters = {"threshold": 2, "aversion": 0, "size": 5}
    assert decide("arbitrage", parameters, signal=110.0, informed=1, in_call=1)[0] == [limit(Side.BUY, 5, 108)]
    assert decide("arbitrage", parameters, signal=95.0, informed=1, in_call=1)[0] == [limit(Side.SELL, 5, 97)]
    left = [(7, 108, 5, int(Side.BUY))]
    assert decide("arbitrage", parameters, signal=110.0, informed=1, in_call=1, orders=left)[0] == []
    assert decide("arbitrage", parameters, signal=110.0, informed=1, orders=left)[0] == [CancelOrder(7)]


def test_in_a_call_what_is_taken_is_a_limit_order_at_the_best_opposite_price() -> None:
    assert decide("noise", {"buy": 1, "sell": 0, "market_share": 1, "size": 1}, in_call=1)[0] == [limit(Side.BUY, 1, 101)]


MAKER = {"half_spread": 2, "skew": 0.5, "tolerance": 1, "size": 6}


def test_a_maker_quotes_both_sides() -> None:
    assert decide("market_maker", MAKER)[0] == [limit(Side.BUY, 6, 98), limit(Side.SELL, 6, 102)]


def test_a_maker_leans_against_its_inventory() -> None:
    assert decide("market_maker", MAKER, inventory=4)[0] == [limit(Side.BUY, 6, 96), limit(Side.SELL, 6, 100)]
    assert decide("market_maker", MAKER, inventory=-4)[0] == [limit(Side.BUY, 6, 100), limit(Side.SELL, 6, 104)]


def test_a_maker_never_quotes_across_the_book() -> None:
    assert decide("market_maker", MAKER, inventory=-20)[0] == [limit(Side.BUY, 6, 100), limit(Side.SELL, 6, 112)]


def test_a_maker_that_sees_the_value_quotes_around_it() -> None:
    wide = {"informed": 1, "signal": 103.5, "best_bid": 90, "best_ask": 110}
    assert decide("market_maker", MAKER, **wide)[0] == [limit(Side.BUY, 6, 101), limit(Side.SELL, 6, 106)]


def test_a_maker_leaves_quotes_within_the_tolerance() -> None:
    orders = [(1, 97, 6, 0), (2, 102, 3, 1)]
    assert decide("market_maker", MAKER, orders=orders, bid_lots=6, ask_lots=3)[0] == []


def test_a_maker_moves_a_quote_out_of_place_and_refills_a_used_one() -> None:
    orders = [(1, 96, 6, 0), (2, 102, 2, 1)]
    assert decide("market_maker", MAKER, orders=orders, bid_lots=6, ask_lots=2)[0] == [ModifyOrder(1, 98, 6), ModifyOrder(2, 102, 6)]


def test_a_maker_at_its_limit_quotes_one_side() -> None:
    state = {"position_limit": 10, "inventory": 10}
    assert decide("market_maker", MAKER, **state)[0] == [limit(Side.SELL, 6, 100)]
    with_bid = {**state, "orders": [(1, 93, 2, 0)], "bid_lots": 2, "inventory": 12}
    assert decide("market_maker", MAKER, **with_bid)[0] == [CancelOrder(1), limit(Side.SELL, 6, 100)]


NOISE: dict[str, float] = {"depth": 1, "size": 1}


@pytest.mark.parametrize(
    ("chances", "expected"),
    [
        ({"buy": 1, "sell": 0, "market_share": 0}, [limit(Side.BUY, 1, 100)]),
        ({"buy": 0, "sell": 1, "market_share": 0}, [limit(Side.SELL, 1, 100)]),
        ({"buy": 1, "sell": 0, "market_share": 1}, [market(Side.BUY, 1)]),
        ({"buy": 0, "sell": 1, "market_share": 1}, [market(Side.SELL, 1)]),
        ({"buy": 0, "sell": 0}, []),
    ],
)
def test_noise_does_as_its_chances_say(chances: dict[str, float], expected: list[Any]) -> None:
    assert decide("noise", NOISE | chances)[0] == expected


def test_noise_withdraws_its_oldest_order_when_it_holds_or_has_too_many() -> None:
    orders = [(7, 95, 1, 0), (8, 96, 1, 0)]
    assert decide("noise", NOISE | {"buy": 0, "sell": 0}, orders=orders)[0] == [CancelOrder(7)]
    assert decide("noise", NOISE | {"buy": 1, "sell": 0, "orders": 2}, orders=orders)[0] == [CancelOrder(7)]


def test_noise_keeps_its_chances() -> None:
    trader = make_trader("noise", {"activity": 0.5, "market_share": 1})
    view, commands = example_view(parameters=trader.parameters), Commands()
    for _ in range(4000):
        trader.act(view, commands)
    bought = [order for order in commands.placed() if isinstance(order, PlaceOrder) and order.side == Side.BUY]
    assert len(commands) == pytest.approx(4000 * 0.5 * 0.6, rel=0.1)
    assert len(bought) == pytest.approx(4000 * 0.5 * 0.3, rel=0.1)
    assert {order.size for order in bought} == set(range(1, 10))


def test_statistical_arbitrage_opens_far_out_and_closes_near_the_mean() -> None:
    trader = make_trader("statistical_arbitrage", {"decay": 0.1, "size": 5})
    view = example_view(prices=[100], parameters=trader.parameters)
    view.memory[:2] = 100.0, 16.0  # mean, variance: a deviation of 4 ticks
    for mid_twice, inventory, expected in (
        (212, 0, [market(Side.SELL, 5)]),  # 6 ticks are 1.5 deviations
        (204, 0, []),
        (200, -3, [market(Side.BUY, 3)]),
        (188, 0, [market(Side.BUY, 5)]),
    ):
        view.memory[:2], commands = (100.0, 16.0), Commands()
        view.market["mid_twice"], view.own["inventory"] = mid_twice, inventory
        trader.act(view, commands)
        assert commands.placed() == expected


def test_statistical_arbitrage_remembers_mean_and_variance() -> None:
    trader = make_trader("statistical_arbitrage", {"decay": 0.5})
    view = example_view(prices=[100], parameters=trader.parameters)
    trader.act(view, Commands())
    view.market["mid_twice"] = 216
    trader.act(view, Commands())
    assert view.memory[:2].tolist() == [104.0, 16.0]  # half way to 108; half of half of 8 x 8


def test_a_splitter_works_off_one_order_after_the_other_of_sizes_that_follow_a_power_law() -> None:
    trader = make_trader("splitter", {"start": 1, "doubling": 0.5, "size": 1, "pieces": 64})
    view, orders = example_view(prices=FLAT, parameters=trader.parameters), [[]]  # type: list[list[Side]]
    while len(orders) <= 2000:
        commands = Commands()
        trader.act(view, commands)
        (piece,) = commands.placed()
        orders[-1].append(piece.side)
        if view.memory[0] == 0:
            orders.append([])
    sizes = [len(order) for order in orders[:2000]]
    assert all(len(set(order)) == 1 for order in orders[:2000])
    for size in (2, 4, 8):
        assert sum(found >= size for found in sizes) / 2000 == pytest.approx(1 / size, abs=0.04)
    assert set(sizes) <= {1, 2, 4, 8, 16, 32, 64}
    assert sum(order[0] == Side.BUY for order in orders[:2000]) / 2000 == pytest.approx(0.5, abs=0.04)
