"""Wash trading, step by step and as whole sessions of a group."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.manipulators.plans import WORDS, planned
from simulator.manipulators.wash_trading import WashTrading
from simulator.types import CommandKind, Outcome, Side, TimeInForce
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, PlaceOrder
from simulator.world.view import View, example_view

PAIR = {"plan": 15, "period": 10, "busy": 1, "trades": 4, "gap": 2, "lots": 5, "camouflage": 0}  # begins in step 0, member 0 rests a sale
BEGUN_BY_MEMBER_0 = (1, 1, -5, 0, 0, 100)  # its memory after that


def acted(view: View, trader: WashTrading) -> tuple[list[Any], list[tuple[int, Outcome]]]:
    commands = Commands()
    trader.act(view, commands)
    return commands.placed(), commands.declared()


def seen(trader: WashTrading, member: int, step: int, memory: tuple[float, ...] = (), orders: Any = None, **fields: float) -> View:
    fields = {"members": 2, **fields}
    view = example_view(prices=[100], parameters=trader.parameters, member=member, step=step, orders=orders, **fields)
    view.memory[: len(memory)] = memory
    return view


def sides(placed: list[Any]) -> list[tuple[Side, int | None, int]]:
    return [(order.side, order.price, order.size) for order in placed if isinstance(order, PlaceOrder)]


def session(members: int, spread: int = 1, **parameters: float) -> tuple[list[tuple[int, int, int, int]], list[Any], list[int]]:
    """Play a window among members alone: (seller, buyer, lots, price) of each trade, what was declared, everybody's lots at the end."""
    trader = WashTrading(**{**PAIR, **parameters})
    views = [seen(trader, member, 0, members=members) for member in range(members)]
    trades, declared, resting = [], [], None
    for step in range(int(trader.parameters[1])):
        bid, ask, sent = 100 - spread, 100 + spread, []
        if resting is not None and resting[1].side is Side.BUY:
            bid = resting[1].price
        elif resting is not None:
            ask = resting[1].price
        for member, view in enumerate(views):
            view.market["step"], view.market["best_bid"], view.market["best_ask"] = step, bid, ask
            placed, told = acted(view, trader)
            sent += [(member, order) for order in placed]
            declared += [(member, *each) for each in told]
        for member, order in sent:
            if resting is None:
                resting = (member, order)
            else:
                buyer, seller = (member, resting[0]) if order.side is Side.BUY else (resting[0], member)
                views[buyer].own["inventory"] += order.size
                views[seller].own["inventory"] -= order.size
                trades.append((seller, buyer, order.size, resting[1].price))
                resting = None
    return trades, declared, [view.inventory for view in views]


def test_words_of_a_plan_look_like_chance_and_differ_by_every_part() -> None:
    words = [planned(7, number, 0) for number in range(2000)]
    assert all(0 <= word < WORDS for word in words) and abs(sum(words) / len(words) / WORDS - 0.5) < 0.02
    assert len({planned(7, 3, 0), planned(8, 3, 0), planned(7, 4, 0), planned(7, 3, 1)}) == 4
    assert planned(7, 3, 0) == planned(7, 3, 0)


def test_one_rests_inside_the_spread_and_the_other_takes_it_a_step_later() -> None:
    trader = WashTrading(**PAIR)
    view, other = seen(trader, 0, 0), seen(trader, 1, 0)
    assert acted(view, trader) == ([PlaceOrder(CommandKind.LIMIT, Side.SELL, 5, 100)], [(2**52, Outcome.BEGUN)])
    assert acted(other, trader) == ([], [])
    view.market["step"] = other.market["step"] = 1
    view.market["best_ask"] = other.market["best_ask"] = 100
    assert acted(view, trader) == ([], [])
    assert acted(other, trader) == ([PlaceOrder(CommandKind.LIMIT, Side.BUY, 5, 100, TimeInForce.IOC)], [(2**52, Outcome.BEGUN)])


def test_both_send_matching_orders_in_one_step_and_withdraw_in_the_next() -> None:
    trader = WashTrading(**PAIR, delay=0)
    assert sides(acted(seen(trader, 0, 0), trader)[0]) == [(Side.SELL, 100, 5)]
    view = seen(trader, 1, 0)
    assert acted(view, trader) == ([PlaceOrder(CommandKind.LIMIT, Side.BUY, 5, 100)], [(2**52, Outcome.BEGUN)])
    left = seen(trader, 1, 1, tuple(view.memory[:6]), [(8, 100, 5, BUY)], best_bid=100)
    assert acted(left, trader) == ([CancelOrder(8)], []) and left.memory[4] == 0
    view.market["step"], view.own["inventory"] = 1, 5
    assert acted(view, trader) == ([], []) and view.memory[4] == 1
    assert session(2, delay=0) == session(2) and session(3, ring=1, delay=0) == session(3, ring=1)


def test_it_takes_by_market_orders_where_it_is_told_to() -> None:
    trader = WashTrading(**PAIR, by_market=1)
    view = seen(trader, 1, 1, (1, 0, 0, 0, 0, 100), best_ask=100)
    assert acted(view, trader)[0] == [PlaceOrder(CommandKind.MARKET, Side.BUY, 5, None, TimeInForce.IOC)]


def test_it_takes_nothing_but_what_was_arranged() -> None:
    trader = WashTrading(**PAIR)
    for ask in (99, 101):
        assert acted(seen(trader, 1, 1, (1, 0, 0, 0, 0, 100), best_ask=ask), trader) == ([], [])


@pytest.mark.parametrize(("where", "sale", "bid"), [(0, 100, 100), (1, 102, 98), (2, 103, 97)])
def test_where_an_arranged_order_rests(where: int, sale: int, bid: int) -> None:
    trader = WashTrading(**PAIR, where=where)
    wide = {"best_bid": 97, "best_ask": 103}
    assert sides(acted(seen(trader, 0, 0, **wide), trader)[0]) == [(Side.SELL, sale, 5)]
    assert sides(acted(seen(trader, 0, 2, (1, 1, 0, 0, 0, sale), **wide), trader)[0]) == [(Side.BUY, bid, 5)]
    narrow = {"best_bid": 99, "best_ask": 100}
    assert sides(acted(seen(trader, 0, 0, **narrow), trader)[0]) == [(Side.SELL, 100, 5)]
    assert sides(acted(seen(trader, 0, 2, (1, 1, 0, 0, 0, sale), **narrow), trader)[0]) == [(Side.BUY, 99, 5)]


def test_two_trade_back_and_forth_and_nobody_keeps_a_position() -> None:
    trades, declared, held = session(2)
    assert trades == [(0, 1, 5, 100), (1, 0, 5, 100), (0, 1, 5, 100), (1, 0, 5, 100)] and held == [0, 0]
    begun, ended = Outcome.BEGUN, Outcome.CONSUMMATED
    assert declared == [(0, 2**52, begun), (1, 2**52, begun), (0, 2**52, ended), (1, 2**52, ended)]


def test_a_ring_passes_lots_round_and_all_its_members_declare_it() -> None:
    trades, declared, held = session(3, ring=1)
    assert [trade[:3] for trade in trades] == [(0, 1, 5), (1, 2, 5), (2, 0, 5)] and held == [0, 0, 0]
    assert [member for member, _, outcome in declared if outcome is Outcome.CONSUMMATED] == [0, 1, 2]


def test_of_three_only_two_take_part_without_a_ring() -> None:
    trades, declared, held = session(3)
    assert {member for trade in trades for member in trade[:2]} == {member for member, _, _ in declared} == {0, 1} and held == [0, 0, 0]
    trader = WashTrading(**{**PAIR, "camouflage": 1})
    assert acted(seen(trader, 2, 0, members=3), trader)[0] and acted(seen(trader, 1, 0, members=3), trader)[0] == []


def test_sizes_differ_from_round_to_round_where_they_are_drawn() -> None:
    trades, _, held = session(2, jitter=1, plan=0)
    sizes = [trade[2] for trade in trades]
    assert sizes[0] == sizes[1] != sizes[2] == sizes[3] and max(sizes) <= 5 and held == [0, 0]


def test_painting_the_tape_prices_rise_or_fall_within_the_spread() -> None:
    rising, falling = (session(2, spread=4, paint=1, plan=plan, trades=4)[0] for plan in (15, 12))
    assert [trade[3] for trade in rising] == [97, 98, 99, 100]
    assert [trade[3] for trade in falling] == [103, 102, 101, 100]
    assert [trade[3] for trade in session(2, spread=2, paint=1)[0]] == [99, 100, 101, 101]


def test_what_an_outsider_took_comes_to_nothing() -> None:
    trader = WashTrading(**PAIR)
    view = seen(trader, 0, 1, BEGUN_BY_MEMBER_0, inventory=-5)  # sold before the accomplice's step
    acted(view, trader)
    assert view.memory[2] == 0
    end = seen(trader, 0, 8, tuple(view.memory[:6]), inventory=-5)
    assert acted(end, trader) == ([], [(2**52, Outcome.ATTEMPTED)])
    assert acted(seen(trader, 0, 8, BEGUN_BY_MEMBER_0, inventory=-4), trader)[1] == [(2**52, Outcome.ATTEMPTED)]
    arranged = seen(trader, 0, 8, BEGUN_BY_MEMBER_0, inventory=-5)
    assert acted(arranged, trader) == ([], [(2**52, Outcome.CONSUMMATED)])


def test_what_nobody_took_is_withdrawn() -> None:
    trader, orders = WashTrading(**{**PAIR, "gap": 3, "period": 15}), [(8, 100, 5, SELL)]
    step = next(step for step in range(15) if acted(seen(trader, 0, step), trader)[1])
    assert acted(seen(trader, 0, step + 1, BEGUN_BY_MEMBER_0, orders, best_ask=100), trader) == ([], [])
    assert acted(seen(trader, 0, step + 2, BEGUN_BY_MEMBER_0, orders, best_ask=100), trader) == ([CancelOrder(8)], [])


def test_what_hides_it_is_withdrawn_before_a_session() -> None:
    trader = WashTrading(**PAIR)
    assert acted(seen(trader, 1, 0, orders=[(8, 90, 1, BUY)]), trader) == ([CancelOrder(8)], [])


def test_it_does_nothing_without_a_session_or_a_market() -> None:
    idle = WashTrading(**{**PAIR, "busy": 0})
    assert all(acted(seen(idle, member, step), idle) == ([], []) for member in (0, 1) for step in range(10))
    trader = WashTrading(**PAIR)
    for fields in ({"halted": 1}, {"in_call": 1}, {"best_bid": 0}, {"best_ask": 0}, {"position_limit": 0, "short_limit": 0}):
        assert acted(seen(trader, 0, 0, **fields), trader) == ([], [])
    assert sides(acted(seen(trader, 0, 0, short_limit=3), trader)[0]) == [(Side.SELL, 100, 3)]
