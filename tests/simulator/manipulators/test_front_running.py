"""Front running, step by step: the customer buys 16 lots from step 7 to 10, and sells them in the next window."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.manipulators.front_running import FrontRunning, since_begin
from simulator.types import Outcome, Side
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, ModifyOrder, PlaceOrder
from simulator.world.view import View, example_view

NUMBERS = {"plan": 29, "period": 20, "lots": 20, "piece": 5, "pace": 1, "lead": 2, "misuse": 1, "ahead": 0.5, "pieces": 2, "camouflage": 0}
AFTER = FrontRunning(**NUMBERS, into=0)
INTO = FrontRunning(**NUMBERS, into=1)
RESTING = FrontRunning(**NUMBERS, resting=1, into=1)
WIDE = {"best_bid": 97, "best_ask": 103}
CASH = 10_000_000


def acted(trader: FrontRunning, view: View) -> tuple[list[Any], list[tuple[int, Outcome]]]:
    commands = Commands()
    trader.act(view, commands)
    return commands.placed(), commands.declared()


def seen(trader: FrontRunning, member: int, step: int, orders: Any = None, **fields: float) -> View:
    return example_view(prices=[100], parameters=trader.parameters, member=member, members=2, step=step, orders=orders, **fields)


def running(trader: FrontRunning, step: int, held: int, orders: Any = None, **fields: float) -> View:
    """The broker in an episode of window 0 that began with 3 lots and all its cash."""
    resting = {"bid_lots" if order[3] == BUY else "ask_lots": order[2] for order in orders or []}
    view = seen(trader, 0, step, orders, inventory=3 + held, **resting, **fields)
    view.memory[:3] = 1, 3, CASH
    return view


def sides(placed: list[Any]) -> list[tuple[Side, int | None, int]]:
    return [(order.side, order.price, order.size) for order in placed if isinstance(order, PlaceOrder)]


def test_the_customer_works_its_order_in_pieces_and_declares_nothing() -> None:
    found = [acted(AFTER, seen(AFTER, 1, step)) for step in range(20)]
    assert [sides(placed) for placed, _ in found[6:12]] == [
        [], [(Side.BUY, None, 5)], [(Side.BUY, None, 5)], [(Side.BUY, None, 5)], [(Side.BUY, None, 1)], []
    ]  # fmt: skip
    assert not any(told for _, told in found)
    slow = FrontRunning(**{**NUMBERS, "pace": 2})
    begins = -since_begin(seen(slow, 1, 0), 0)
    assert [len(acted(slow, seen(slow, 1, begins + later))[0]) for later in range(-1, 9)] == [0, 1, 0, 1, 0, 1, 0, 1, 0, 0]


def test_every_second_order_closes_what_the_one_before_opened() -> None:
    found = [sides(acted(AFTER, seen(AFTER, 1, step))[0]) for step in range(20, 40)]
    assert [placed[0] for placed in found if placed] == [(Side.SELL, None, 5)] * 3 + [(Side.SELL, None, 1)]


def test_the_broker_buys_ahead_of_a_purchase_in_pieces() -> None:
    assert acted(AFTER, seen(AFTER, 0, 4)) == ([], [])
    view = seen(AFTER, 0, 5, agent=3)
    placed, told = acted(AFTER, view)
    assert sides(placed) == [(Side.BUY, None, 4)] and told == [(3 * 2**32, Outcome.BEGUN)]
    view.market["step"], view.own["inventory"] = 6, 4
    placed, told = acted(AFTER, view)
    assert sides(placed) == [(Side.BUY, None, 4)] and told == []


def test_pieces_are_spread_over_the_lead() -> None:
    early = FrontRunning(**{**NUMBERS, "period": 24, "lead": 6})
    begins = -since_begin(seen(early, 0, 0), 0)
    view, bought = seen(early, 0, 0), []
    for view.market["step"] in range(begins - 7, begins):
        bought.append(sum(order.size for order in acted(early, view)[0]))
        view.own["inventory"] += bought[-1]
    assert bought == [0, 4, 0, 0, 4, 0, 0]


def test_the_broker_sells_ahead_of_a_sale() -> None:
    begins = 20 - since_begin(seen(AFTER, 0, 20), 1)
    placed, told = acted(AFTER, seen(AFTER, 0, begins - 2))
    assert sides(placed) == [(Side.SELL, None, 4)] and told == [(1, Outcome.BEGUN)]


def test_what_hides_the_broker_goes_first_so_that_it_knows_what_it_holds() -> None:
    for step in (4, 5):
        assert acted(AFTER, seen(AFTER, 0, step, [(8, 90, 1, BUY)])) == ([CancelOrder(8)], [])


def test_ahead_by_a_resting_order_it_improves_the_best_price_of_others_only() -> None:
    placed, told = acted(RESTING, seen(RESTING, 0, 5, **WIDE))
    assert sides(placed) == [(Side.BUY, 98, 4)] and told == [(0, Outcome.BEGUN)]
    mine = [(8, 98, 8, BUY)]
    assert acted(RESTING, running(RESTING, 6, 0, mine, best_bid=98, best_ask=103)) == ([], [])
    assert acted(RESTING, running(RESTING, 6, 0, mine, best_bid=99, best_ask=103)) == ([ModifyOrder(8, 100, 8)], [])


def test_it_waits_for_the_customer_and_withdraws_what_did_not_trade_ahead() -> None:
    assert acted(RESTING, running(RESTING, 7, 2, [(8, 99, 6, BUY)])) == ([CancelOrder(8)], [])
    for step in (7, 8, 9, 10):
        assert acted(AFTER, running(AFTER, step, 8)) == ([], [])


def test_it_closes_after_the_customer_by_market_orders_of_what_the_touch_shows() -> None:
    assert sides(acted(AFTER, running(AFTER, 11, 8))[0]) == [(Side.SELL, None, 8)]
    assert sides(acted(AFTER, running(AFTER, 11, 8, bid_size=3))[0]) == [(Side.SELL, None, 3)]
    assert sides(acted(INTO, running(INTO, 11, -2))[0]) == [(Side.BUY, None, 2)]


def test_it_closes_into_the_second_half_of_the_customers_order() -> None:
    assert acted(INTO, running(INTO, 8, 8, **WIDE)) == ([], [])
    assert sides(acted(INTO, running(INTO, 9, 8, **WIDE))[0]) == [(Side.SELL, 102, 8)]
    mine = [(8, 102, 5, SELL)]
    assert acted(INTO, running(INTO, 10, 5, mine, best_bid=97, best_ask=102)) == ([], [])
    assert acted(INTO, running(INTO, 11, 5, mine)) == ([CancelOrder(8)], [])
    assert sides(acted(INTO, running(INTO, 12, 5))[0]) == [(Side.SELL, None, 5)]


@pytest.mark.parametrize(("cash", "outcome"), [(CASH + 1, Outcome.CONSUMMATED), (CASH, Outcome.ATTEMPTED), (CASH - 9, Outcome.ATTEMPTED)])
def test_it_ends_when_flat_and_has_won_if_that_gained_money(cash: int, outcome: Outcome) -> None:
    view = running(INTO, 10, 0, cash=cash)
    assert acted(INTO, view) == ([], [(0, outcome)]) and view.memory[0] == 0
    assert acted(INTO, running(INTO, 10, 1, cash=cash))[1] == []


def test_it_gives_up_what_it_cannot_close() -> None:
    assert acted(AFTER, running(AFTER, 210, 2, cash=CASH + 99, bid_size=0)) == ([], [])
    assert acted(AFTER, running(AFTER, 211, 2, cash=CASH + 99)) == ([], [(0, Outcome.ATTEMPTED)])


def test_not_every_order_is_misused() -> None:
    honest = FrontRunning(**{**NUMBERS, "misuse": 0})
    assert all(acted(honest, seen(honest, 0, step)) == ([], []) for step in range(40))
    some = FrontRunning(**{**NUMBERS, "misuse": 0.5})
    begun = [any(acted(some, seen(some, 0, 20 * window + step))[1] for step in range(20)) for window in range(40)]
    assert 10 <= sum(begun) <= 30


def test_it_does_nothing_where_it_may_not_trade_and_keeps_its_limits() -> None:
    for fields in ({"halted": 1}, {"in_call": 1}, {"position_limit": 0}, {"ask_size": 0}):
        assert acted(AFTER, seen(AFTER, 0, 5, **fields)) == ([], [])
    assert acted(RESTING, seen(RESTING, 0, 5, position_limit=0)) == ([], [])
    assert sides(acted(AFTER, seen(AFTER, 0, 5, position_limit=3))[0]) == [(Side.BUY, None, 3)]
    assert sides(acted(AFTER, seen(AFTER, 1, 7, position_limit=3))[0]) == [(Side.BUY, None, 3)]


def test_a_window_is_as_long_as_the_longest_order_needs() -> None:
    short, enough = (FrontRunning(**{**NUMBERS, "period": period}) for period in (6, 7))
    assert short.parameters == enough.parameters


def test_the_broker_may_join_the_best_price_wait_and_leave_in_parts_or_by_resting() -> None:
    joins = FrontRunning(**NUMBERS, resting=2, into=0)
    placed, told = acted(joins, seen(joins, 0, 5, **WIDE))
    assert sides(placed) == [(Side.BUY, 97, 4)] and told == [(0, Outcome.BEGUN)]
    waits = FrontRunning(**NUMBERS, into=0, wait=5, parts=2)
    assert acted(waits, running(waits, 15, 8)) == ([], [])
    assert sides(acted(waits, running(waits, 16, 8))[0]) == [(Side.SELL, None, 4)]
    rests = FrontRunning(**NUMBERS, into=2, wait=1)
    assert acted(rests, running(rests, 11, 8, **WIDE)) == ([], [])
    assert sides(acted(rests, running(rests, 12, 8, **WIDE))[0]) == [(Side.SELL, 102, 8)]


def test_a_customer_may_take_at_the_best_price_alone() -> None:
    capped = FrontRunning(**NUMBERS, capped=1)
    assert sides(acted(capped, seen(capped, 1, 7, **WIDE))[0]) == [(Side.BUY, 103, 5)]


def test_it_may_close_from_the_customers_first_piece_on_and_take_again_while_there_is_more_to_come() -> None:
    through, turns = (FrontRunning(**NUMBERS, into=into) for into in (3, 4))
    for trader in (through, turns):
        assert sides(acted(trader, running(trader, 7, 8, **WIDE))[0]) == [(Side.SELL, 102, 8)]
        assert sides(acted(trader, running(trader, 11, 5))[0]) == [(Side.SELL, None, 5)]
    assert acted(through, running(through, 8, 0))[1] and not acted(turns, running(turns, 8, 0))[1], "only one goes on"
    assert sides(acted(turns, running(turns, 8, 0))[0]) == [(Side.BUY, None, 8)]
    assert acted(turns, running(turns, 10, 0))[1], "nothing more is to come"


def test_a_loose_broker_begins_at_another_step_and_trades_other_lots_each_time() -> None:
    loose = FrontRunning(**{**NUMBERS, "period": 60, "lead": 12, "pieces": 1, "loose": 1})
    leads, lots = set(), set()
    for window in range(30):
        begins = 60 * window - since_begin(seen(loose, 0, 60 * window), window)
        for step in range(begins - 12, begins):
            placed, told = acted(loose, seen(loose, 0, step))
            if told:
                leads.add(begins - step)
                lots.add(placed[0].size)
                break
    assert len(leads) > 5 and max(leads) <= 12 and len(lots) > 4 and max(lots) <= 10


def test_an_uneven_customer_sends_each_piece_at_some_step_of_its_pace() -> None:
    uneven = FrontRunning(**{**NUMBERS, "period": 60, "pace": 5, "uneven": 1})
    begins = -since_begin(seen(uneven, 1, 0), 0)
    at = [later for later in range(20) if acted(uneven, seen(uneven, 1, begins + later))[0]]
    assert [later // 5 for later in at] == [0, 1, 2, 3] and any(later % 5 for later in at)


def test_a_patient_customer_works_its_order_by_limit_orders_at_the_best_price() -> None:
    patient = FrontRunning(**NUMBERS, patient=1)
    assert sides(acted(patient, seen(patient, 1, 8, **WIDE))[0]) == [(Side.BUY, 97, 5)]
