"""Pump and dump, step by step: the scheme begins in step 1, promotes from step 41 and dumps from step 51 to 58."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.manipulators.pump_and_dump import PumpAndDump
from simulator.traders.momentum import SENTIMENT
from simulator.types import Outcome, Side
from simulator.world.commands import BUY, EVERYBODY, SELL, CancelOrder, Commands, PlaceOrder, SendMessage
from simulator.world.view import View, example_view

NUMBERS = {"period": 159, "lots": 40, "gather": 40, "promote": 10, "dump": 8, "every": 2, "claim": 100, "mark": 0, "camouflage": 0}
PUMP = PumpAndDump(**NUMBERS)
QUIET = PumpAndDump(**NUMBERS, quiet=1, resting=1)
DISTORT = PumpAndDump(**NUMBERS, short=1)
CASH, SHARED = 10_000_000, 2**52
GOOD_NEWS, BAD_NEWS = SendMessage(EVERYBODY, SENTIMENT, 100), SendMessage(EVERYBODY, SENTIMENT, -100)


def acted(trader: PumpAndDump, view: View) -> tuple[list[Any], list[tuple[int, Outcome]]]:
    commands = Commands()
    trader.act(view, commands)
    return commands.placed(), commands.declared()


def amid(trader: PumpAndDump, step: int, held: int, orders: Any = None, begun: int = 1, **fields: float) -> View:
    """Amid the scheme of window 0, which began with 3 lots and all its cash."""
    resting = {"bid_lots" if order[3] == BUY else "ask_lots": order[2] for order in orders or []}
    fields = {"members": 1, "inventory": 3 + held, **resting, **fields}
    view = example_view(prices=[100], parameters=trader.parameters, step=step, orders=orders, **fields)
    view.memory[:5] = 1, begun, 3, CASH, 0
    return view


def sides(placed: list[Any]) -> list[tuple[Side, int | None, int]]:
    return [(order.side, order.price, order.size) for order in placed if isinstance(order, PlaceOrder)]


def test_before_the_scheme_it_withdraws_what_hides_it_and_notes_what_it_holds() -> None:
    fields = {"parameters": PUMP.parameters, "members": 1, "inventory": 7}
    view = example_view(**fields, orders=[(8, 90, 1, BUY)])
    assert acted(PUMP, view) == ([CancelOrder(8)], []) and view.memory[0] == 0
    view = example_view(**fields)
    assert acted(PUMP, view) == ([], []) and view.memory[:4].tolist() == [1, 0, 7, CASH]


def test_it_gathers_a_twentieth_at_a_time_as_the_time_goes() -> None:
    assert acted(PUMP, amid(PUMP, 1, 0, begun=0)) == ([], [])
    placed, told = acted(PUMP, amid(PUMP, 2, 0, begun=0))
    assert sides(placed) == [(Side.BUY, None, 2)] and told == [(SHARED, Outcome.BEGUN)]
    assert acted(PUMP, amid(PUMP, 20, 20)) == ([], [])
    assert sides(acted(PUMP, amid(PUMP, 40, 31))[0]) == [(Side.BUY, None, 9)]


def test_it_gathers_quietly_by_an_order_at_the_best_price_and_takes_when_it_is_late() -> None:
    placed, told = acted(QUIET, amid(QUIET, 1, 0, begun=0))
    assert sides(placed) == [(Side.BUY, 99, 2)] and told == [(SHARED, Outcome.BEGUN)]
    mine = [(8, 99, 2, BUY)]
    assert acted(QUIET, amid(QUIET, 5, 0, mine)) == ([], [])
    assert sides(acted(QUIET, amid(QUIET, 6, 0, mine))[0]) == [(Side.BUY, None, 6)]
    assert sides(acted(QUIET, amid(QUIET, 39, 33, mine))[0]) == [(Side.BUY, None, 5)]  # 7 are missing, 2 of them rest


def test_orders_of_the_gathering_are_withdrawn_before_it_promotes() -> None:
    assert acted(QUIET, amid(QUIET, 41, 38, [(8, 99, 2, BUY)])) == ([CancelOrder(8)], [])


def test_it_spreads_good_news_and_with_a_short_position_bad_news() -> None:
    assert acted(PUMP, amid(PUMP, 41, 40)) == ([GOOD_NEWS], [])
    assert acted(PUMP, amid(PUMP, 42, 40)) == ([], [])
    assert acted(PUMP, amid(PUMP, 43, 40)) == ([GOOD_NEWS], [])
    assert acted(DISTORT, amid(DISTORT, 41, -40)) == ([BAD_NEWS], [])


def test_members_take_turns_and_gather_the_same_share() -> None:
    assert acted(PUMP, amid(PUMP, 41, 20, members=2, member=0))[0] == [GOOD_NEWS]
    assert acted(PUMP, amid(PUMP, 41, 20, members=2, member=1))[0] == []
    assert acted(PUMP, amid(PUMP, 43, 20, members=2, member=1))[0] == [GOOD_NEWS]
    assert sides(acted(PUMP, amid(PUMP, 40, 0, members=2))[0]) == [(Side.BUY, None, 20)]


def test_now_and_then_it_marks_the_price_up_until_it_holds_half_as_much_again() -> None:
    marking = PumpAndDump(**{**NUMBERS, "mark": 5})
    found = [sides(acted(marking, amid(marking, 41, 59, random=seed))[0]) for seed in range(40)]
    assert 10 < found.count([(Side.BUY, None, 5)]) < 30 and found.count([]) == 40 - found.count([(Side.BUY, None, 5)])
    assert all(acted(marking, amid(marking, 41, 60, random=seed))[0] == [GOOD_NEWS] for seed in range(40))
    assert all(acted(marking, amid(marking, 51, 40, random=seed))[0][0] == GOOD_NEWS for seed in range(40))
    assert all(len(acted(marking, amid(marking, 51, 40, random=seed))[0]) == 2 for seed in range(40))


def test_it_dumps_evenly_by_market_orders_while_it_goes_on_promoting() -> None:
    placed, _ = acted(PUMP, amid(PUMP, 51, 40))
    assert placed[0] == GOOD_NEWS and sides(placed) == [(Side.SELL, None, 5)]
    view = amid(PUMP, 52, 35)
    view.memory[4] = 40
    assert sides(acted(PUMP, view)[0]) == [(Side.SELL, None, 5)]
    view = amid(PUMP, 58, 1)
    view.memory[4] = 40
    assert sides(acted(PUMP, view)[0]) == [(Side.SELL, None, 1)]


def test_it_dumps_at_once_where_it_is_told_to() -> None:
    sudden = PumpAndDump(**{**NUMBERS, "dump": 1, "period": 152})
    assert sides(acted(sudden, amid(sudden, 51, 40))[0]) == [(Side.SELL, None, 40)]


def test_it_dumps_by_an_order_at_the_best_price_and_what_is_left_at_the_market() -> None:
    assert sides(acted(QUIET, amid(QUIET, 51, 40))[0]) == [(Side.SELL, 101, 2)]
    assert acted(QUIET, amid(QUIET, 59, 6, [(8, 101, 2, SELL)])) == ([CancelOrder(8)], [])
    view = amid(QUIET, 60, 4)
    view.memory[4] = 40
    assert sides(acted(QUIET, view)[0]) == [(Side.SELL, None, 4)]


def test_the_mirror_image_sells_first_and_buys_back() -> None:
    assert sides(acted(DISTORT, amid(DISTORT, 2, 0))[0]) == [(Side.SELL, None, 2)]
    assert sides(acted(DISTORT, amid(DISTORT, 52, -40))[0]) == [(Side.BUY, None, 10)]


@pytest.mark.parametrize(("cash", "outcome"), [(CASH + 1, Outcome.CONSUMMATED), (CASH, Outcome.ATTEMPTED)])
def test_it_ends_when_flat_and_has_won_if_that_gained_money(cash: int, outcome: Outcome) -> None:
    view = amid(PUMP, 57, 0, cash=cash)
    assert acted(PUMP, view) == ([], [(SHARED, outcome)]) and view.memory[0] == 0


def test_it_gives_up_what_it_cannot_sell() -> None:
    assert acted(PUMP, amid(PUMP, 158, 4, bid_size=0)) == ([], [])
    gained, lost = CASH - 4 * 100 + 1, CASH - 4 * 100
    assert acted(PUMP, amid(PUMP, 159, 4, cash=gained)) == ([], [(SHARED, Outcome.CONSUMMATED)])
    assert acted(PUMP, amid(PUMP, 159, 4, cash=lost)) == ([], [(SHARED, Outcome.ATTEMPTED)])
    assert acted(PUMP, amid(PUMP, 159, 5, cash=CASH)) == ([], [(SHARED, Outcome.ATTEMPTED)])  # more than a tenth is left


def test_a_scheme_without_an_order_is_no_episode() -> None:
    view = amid(PUMP, 41, 0, begun=0)
    assert acted(PUMP, view) == ([], []) and view.memory[0] == 0


def test_it_does_nothing_where_it_may_not_trade_and_keeps_its_limits() -> None:
    for fields in ({"halted": 1}, {"in_call": 1}, {"position_limit": 3}, {"ask_size": 0}):
        assert acted(PUMP, amid(PUMP, 2, 0, begun=0, **fields)) == ([], [])
    assert acted(QUIET, amid(QUIET, 2, 0, begun=0, position_limit=3)) == ([], [])
    assert sides(acted(PUMP, amid(PUMP, 40, 0, position_limit=10))[0]) == [(Side.BUY, None, 7)]


def test_a_window_that_a_scheme_does_not_fit_in_is_refused() -> None:
    with pytest.raises(ValueError, match="take 58 steps, period 58 is no longer"):
        PumpAndDump(**{**NUMBERS, "period": 58})


def said(trader: PumpAndDump, step: int, word: int = 0, **fields: float) -> list[int]:
    view = amid(trader, step, 40, **fields)
    view.random = word
    return [each.value for each in acted(trader, view)[0] if isinstance(each, SendMessage)]


def test_between_gathering_and_promoting_it_may_wait_in_silence() -> None:
    trader = PumpAndDump(**{**NUMBERS, "period": 179}, hold=20)
    for step in (41, 60):
        assert acted(trader, amid(trader, step, 40)) == ([], [])
    assert said(trader, 61) == [100] and said(PUMP, 41) == [100]
    assert sides(acted(trader, amid(trader, 71, 40))[0]) == [(Side.SELL, None, 5)]


def test_claims_vary_around_the_one_that_is_meant() -> None:
    trader = PumpAndDump(**NUMBERS, vary=0.5)
    claims = {claim for word in range(100) for claim in said(trader, 41, word * 7919)}
    assert 50 <= min(claims) < 70 and 130 < max(claims) <= 150


def test_talk_may_come_by_chance_and_as_often() -> None:
    trader = PumpAndDump(**NUMBERS, loose=1)
    for step in (41, 42):
        assert 30 < sum(len(said(trader, step, word * 7919)) for word in range(100)) < 70


@pytest.mark.parametrize("loose", [0, 1])
def test_one_may_talk_for_all(loose: int) -> None:
    numbers = {**NUMBERS, "every": 1, "loose": loose}
    one, others = PumpAndDump(**numbers, speaker=1), PumpAndDump(**numbers)
    talk = [[bool(said(trader, 42, member=member, members=2)) for member in (0, 1)] for trader in (one, others)]
    assert talk[0] == [True, False] and (loose or talk[1] == [False, True])
