"""Marking the close, step by step; a day has 100 steps here, and its closing auction, where there is one, takes orders in steps 90..98."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from simulator.manipulators.marking_the_close import MarkingTheClose
from simulator.types import Outcome, Side
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, PlaceOrder
from simulator.world.episodes import episodes
from simulator.world.scenario import Population, Session
from simulator.world.scenario_files import load
from simulator.world.view import View, example_view
from simulator.world.world import World
from tests.contracts.check_trader import check_trader

BUILDING, MARKING, UNWINDING = 1, 2, 3
CONTINUOUS, CALL, BOTH = 0, 1, 2
BID = [(8, 99, 2, BUY)]


def marker(**numbers: Any) -> MarkingTheClose:
    """One with 12 lots for the last four steps, and its interest elsewhere."""
    usual: dict[str, Any] = {"session": 100, "closing": 0, "where": 0, "steps": 4, "lots": 12, "reach": 3, "interest": 1, "camouflage": 0}
    return MarkingTheClose(**{"rate": 1, "build": 10, "early": 20, "resting": 0, "unwind": 20} | usual | numbers)


def acted(trader: MarkingTheClose, view: View) -> tuple[list[Any], list[Outcome]]:
    commands = Commands()
    trader.act(view, commands)
    return commands.placed(), [outcome for _, outcome in commands.declared()]


def amid(trader: MarkingTheClose, phase: int, step: int, inventory: int = 0, sent: int = 0, since: int = 0, **fields: Any) -> View:
    """On the first day's plan to buy, begun with no inventory at a mid of 100."""
    prices = [fields.pop("mid", 100)]
    view = example_view(prices=prices, parameters=trader.parameters, inventory=inventory, step=step, **fields)
    view.memory[:8] = phase, 1, BUY, 2, 0, 200, sent, since
    return view


def lots(placed: list[Any]) -> list[tuple[Side, int | None, int]]:
    return [(order.side, order.price, order.size) for order in placed if isinstance(order, PlaceOrder)]


def test_it_trades_over_the_last_steps_of_the_day() -> None:
    trader = marker()
    assert acted(trader, example_view(prices=[100], parameters=trader.parameters, step=195)) == ([], [])
    placed, told = acted(trader, example_view(prices=[100], parameters=trader.parameters, step=196, orders=[(7, 90, 1, BUY)]))
    assert placed[0] == CancelOrder(7) and [order.size for order in placed[1:]] == [3] and told == [Outcome.BEGUN]
    assert lots(acted(trader, amid(trader, MARKING, 98, sent=6))[0]) == [(Side.BUY, None, 3)]
    assert lots(acted(trader, amid(trader, MARKING, 99, sent=9))[0]) == [(Side.BUY, None, 3)]
    assert lots(acted(trader, amid(trader, MARKING, 99, sent=5))[0]) == [(Side.BUY, None, 7)]  # trading was halted


def test_one_large_order_comes_in_the_last_step() -> None:
    trader = marker(steps=1)
    assert acted(trader, example_view(prices=[100], parameters=trader.parameters, step=98)) == ([], [])
    assert [order.size for order in acted(trader, example_view(prices=[100], parameters=trader.parameters, step=99))[0]] == [12]


def test_it_is_decided_once_a_day() -> None:
    trader = marker(rate=0)
    view = example_view(prices=[100], parameters=trader.parameters, step=96)
    assert acted(trader, view) == ([], []) and view.memory[1] == 1
    view = example_view(prices=[100], parameters=marker().parameters, step=97)
    view.memory[1] = 1
    assert acted(marker(), view) == ([], [])


def test_before_a_closing_auction_continuous_trading_ends_earlier() -> None:
    trader = marker(closing=10)
    assert len(acted(trader, example_view(prices=[100], parameters=trader.parameters, step=85))[0]) == 1
    assert lots(acted(trader, amid(trader, MARKING, 88, sent=9))[0]) == [(Side.BUY, None, 3)]
    assert acted(trader, amid(trader, MARKING, 89, sent=12, mid=101)) == ([], [Outcome.CONSUMMATED])


def test_in_the_auction_it_bids_beyond_the_indicative_price() -> None:
    trader = marker(closing=10, where=CALL)
    assert acted(trader, example_view(prices=[100], parameters=trader.parameters, step=94, in_call=1)) == ([], [])
    placed, told = acted(trader, example_view(prices=[100], parameters=trader.parameters, step=95, in_call=1, inventory=1))
    assert [(order.price, order.size) for order in placed] in ([(103, 3)], [(97, 3)]) and told == [Outcome.BEGUN]
    assert lots(acted(trader, amid(trader, MARKING, 98, sent=3, in_call=1))[0]) == [(Side.BUY, 103, 9)]
    selling = amid(trader, MARKING, 98, sent=9, in_call=1)
    selling.memory[2] = SELL
    assert lots(acted(trader, selling)[0]) == [(Side.SELL, 97, 3)]


def test_in_both_it_sends_as_many_again() -> None:
    trader = marker(closing=10, where=BOTH)
    assert lots(acted(trader, amid(trader, MARKING, 88, sent=9))[0]) == [(Side.BUY, None, 3)]
    assert acted(trader, amid(trader, MARKING, 89, sent=12)) == ([], [])
    assert acted(trader, amid(trader, MARKING, 94, sent=12, in_call=1)) == ([], [])
    assert lots(acted(trader, amid(trader, MARKING, 95, sent=12, in_call=1))[0]) == [(Side.BUY, 103, 3)]
    assert lots(acted(trader, amid(trader, MARKING, 98, sent=21, in_call=1))[0]) == [(Side.BUY, 103, 3)]


@pytest.mark.parametrize(("where", "closing", "step"), [(CONTINUOUS, 0, 100), (CALL, 10, 99), (BOTH, 10, 99), (CALL, 10, 100)])
@pytest.mark.parametrize(("mid", "expected"), [(101, Outcome.CONSUMMATED), (100, Outcome.ATTEMPTED), (99, Outcome.ATTEMPTED)])
def test_it_came_to_something_if_the_price_moved_by_a_tick(where: int, closing: int, step: int, mid: int, expected: Outcome) -> None:
    trader = marker(where=where, closing=closing)
    assert acted(trader, amid(trader, MARKING, step, mid=mid, sent=12, orders=BID)) == ([CancelOrder(8)], [expected])


def test_a_seller_wants_the_price_lower() -> None:
    for mid, expected in ((99, Outcome.CONSUMMATED), (101, Outcome.ATTEMPTED)):
        view = amid(marker(), MARKING, 100, mid=mid, sent=12)
        view.memory[2] = SELL
        assert acted(marker(), view)[1] == [expected]


def test_it_works_up_a_position_evenly_and_then_marks() -> None:
    trader = marker(interest=0)
    view = example_view(prices=[100], parameters=trader.parameters, step=76, inventory=-3)
    assert acted(trader, view) == ([], []) and view.memory[:5].tolist() == [BUILDING, 1, SELL, 0, -3]
    assert lots(acted(trader, amid(trader, BUILDING, 84, inventory=3))[0]) == [(Side.BUY, None, 2)]
    assert acted(trader, amid(trader, BUILDING, 84, inventory=5)) == ([], [])
    view = amid(trader, BUILDING, 96, inventory=7, mid=102, orders=BID)
    placed, told = acted(trader, view)
    assert placed[0] == CancelOrder(8) and lots(placed) == [(Side.BUY, None, 3)] and told == [Outcome.BEGUN] and view.memory[5] == 204


def test_a_resting_one_works_it_up_at_the_best_price() -> None:
    trader = marker(interest=0, resting=1)
    assert lots(acted(trader, amid(trader, BUILDING, 84, inventory=3))[0]) == [(Side.BUY, 99, 2)]


def test_without_a_position_there_is_nothing_to_mark() -> None:
    view = amid(marker(interest=0), BUILDING, 96, orders=BID)
    assert acted(marker(interest=0), view) == ([CancelOrder(8)], []) and view.memory[0] == 0


def test_after_the_next_open_it_works_off_what_it_took() -> None:
    trader, resting = marker(), marker(resting=1)
    assert acted(trader, amid(trader, UNWINDING, 99, inventory=20)) == ([], [])
    assert acted(trader, amid(trader, UNWINDING, 105, inventory=20, in_call=1)) == ([], [])
    assert lots(acted(trader, amid(trader, UNWINDING, 106, inventory=40))[0]) == [(Side.SELL, None, 2)]
    assert lots(acted(trader, amid(trader, UNWINDING, 116, inventory=40, since=106))[0]) == [(Side.SELL, None, 4)]
    assert lots(acted(resting, amid(resting, UNWINDING, 106, inventory=40))[0]) == [(Side.SELL, 101, 40)]
    view = amid(resting, UNWINDING, 126, inventory=5, since=106, orders=[(8, 101, 5, SELL)], ask_lots=5)
    placed, told = acted(resting, view)
    assert placed[0] == CancelOrder(8) and lots(placed) == [(Side.SELL, None, 5)] and told == [] and view.memory[0] == 0


def test_it_does_nothing_where_it_may_not_place_so_much_or_trading_rests() -> None:
    trader = marker(interest=0, lots=12)  # and ten before
    for fields, inventory in (({"position_limit": 24}, 3), ({"short_limit": 24}, -3), ({"halted": 1}, 0), ({"in_call": 1}, 0)):
        view = example_view(prices=[100], parameters=trader.parameters, step=76, inventory=inventory, **fields)  # type: ignore[arg-type]
        assert acted(trader, view) == ([], []) and view.memory[0] == 0
    trader = marker(closing=10, where=BOTH)  # 12 lots in each
    for most, told in ((23, []), (24, [Outcome.BEGUN])):
        view = example_view(prices=[100], parameters=trader.parameters, step=85, position_limit=most, short_limit=most)
        assert acted(trader, view)[1] == told


def test_either_form_does_the_same_at_any_time_of_the_day() -> None:
    for where, interest, resting in ((0, 1, 0), (1, 1, 0), (2, 0, 1), (1, 0, 0)):
        trader = marker(session=30, closing=10 * (where > 0), where=where, interest=interest, resting=resting, early=8, unwind=5)
        assert check_trader(trader) > 0


def test_in_a_market_it_moves_the_closing_auction_and_gets_rid_of_what_it_bought() -> None:
    day = msgspec.structs.replace(load("trading"), session=Session(steps=1000, opening=20, closing=30), agents=101)
    numbers = {"rate": 1, "closing": 30, "where": CALL, "steps": 5, "lots": 150, "interest": 1, "camouflage": 0, "reach": 10}
    with_it = Population(trader="simulator.manipulators.marking_the_close:MarkingTheClose", count=1, parameters=numbers)
    world = World(msgspec.structs.replace(day, populations=(*day.populations, with_it)), 0, 3)
    for _ in world.chunks(9990):
        pass
    found = episodes(world.declared)
    assert [(each.first_step, each.last_step) for each in found] == [(994 + 1000 * number, 999 + 1000 * number) for number in range(9)]
    assert sum(each.outcome is Outcome.CONSUMMATED for each in found) >= 7
    assert world.agents["inventory"][found[0].agent] == 0
