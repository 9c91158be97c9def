"""Spoofing and layering, step by step."""

from __future__ import annotations

from typing import Any

from simulator.manipulators.spoofing import Spoofing
from simulator.types import Outcome, Side
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, ModifyOrder, PlaceOrder
from simulator.world.view import View, example_view

SPOOF = Spoofing(rate=1, lots=40, levels=2, distance=1, genuine=3, hold=10, wait=2, camouflage=0)
TAKING = Spoofing(rate=1, lots=30, levels=1, distance=0, genuine=3, hold=10, wait=2, aggressive=1, camouflage=0)


def acted(trader: Spoofing, view: View) -> tuple[list[Any], list[Outcome]]:
    commands = Commands()
    trader.act(view, commands)
    return commands.placed(), [outcome for _, outcome in commands.declared()]


def pressing(trader: Spoofing, side: int, inventory: int, since: int, step: int, orders: Any = None) -> View:
    """Amid an episode that began with an inventory of zero."""
    view = example_view(prices=[100], parameters=trader.parameters, inventory=inventory, step=step, orders=orders)
    view.memory[:7] = 1, since, side, 4, 0, 2, view.mid_twice
    return view


def sides(placed: list[Any]) -> list[tuple[Side, int | None, int]]:
    return [(order.side, order.price, order.size) for order in placed if isinstance(order, PlaceOrder)]


def test_it_presses_from_above_to_buy_cheap() -> None:
    placed, told = acted(SPOOF, example_view(prices=[100], parameters=SPOOF.parameters, inventory=-4))
    assert sides(placed) == [(Side.SELL, 102, 20), (Side.SELL, 103, 20), (Side.BUY, 99, 3)] and told == [Outcome.BEGUN]


def test_what_it_had_resting_goes_first() -> None:
    placed, _ = acted(SPOOF, example_view(prices=[100], parameters=SPOOF.parameters, inventory=-4, orders=[(8, 90, 1, BUY)]))
    assert placed[0] == CancelOrder(8)


def test_it_withdraws_once_it_has_traded() -> None:
    orders = [(8, 102, 20, SELL), (9, 103, 20, SELL)]
    assert acted(SPOOF, pressing(SPOOF, BUY, 3, 5, 8, orders)) == ([CancelOrder(8), CancelOrder(9)], [Outcome.CONSUMMATED])
    assert acted(SPOOF, pressing(SPOOF, BUY, 2, 5, 8, orders)) == ([], [])


def test_it_withdraws_when_time_is_up() -> None:
    orders = [(8, 102, 20, SELL)]
    assert acted(SPOOF, pressing(SPOOF, BUY, 0, 5, 15, orders)) == ([CancelOrder(8)], [Outcome.ATTEMPTED])
    assert acted(SPOOF, pressing(SPOOF, BUY, 1, 5, 15, orders)) == ([CancelOrder(8)], [Outcome.CONSUMMATED])


def test_an_aggressive_one_takes_after_the_wait() -> None:
    placed, _ = acted(TAKING, example_view(prices=[100], parameters=TAKING.parameters, inventory=-4))
    assert sides(placed) == [(Side.SELL, 101, 30)]
    assert acted(TAKING, pressing(TAKING, BUY, 0, 5, 6))[0] == []
    placed, _ = acted(TAKING, pressing(TAKING, BUY, 0, 5, 7))
    assert sides(placed) == [(Side.BUY, None, 3)]


def test_it_does_nothing_where_it_may_not_place_so_much_or_trading_rests() -> None:
    for fields in ({"position_limit": 30, "short_limit": 30}, {"halted": 1}, {"in_call": 1}):
        assert acted(SPOOF, example_view(prices=[100], parameters=SPOOF.parameters, inventory=-4, **fields)) == ([], [])


def test_levels_may_come_one_by_one() -> None:
    slow = Spoofing(rate=1, lots=40, levels=2, distance=1, genuine=3, hold=10, camouflage=0, build=2)
    view = example_view(prices=[100], parameters=slow.parameters, inventory=-4)
    assert sides(acted(slow, view)[0]) == [(Side.SELL, 102, 20), (Side.BUY, 99, 3)]
    view.market["step"] += 1
    assert acted(slow, view)[0] == []
    view.market["step"] += 1
    assert sides(acted(slow, view)[0]) == [(Side.SELL, 103, 20)]


def test_pressure_may_fade_order_by_order() -> None:
    fading = Spoofing(rate=1, lots=40, levels=3, genuine=3, hold=10, camouflage=0, fade=2)
    orders = [(8, 102, 20, SELL), (9, 103, 20, SELL), (10, 104, 20, SELL), (11, 98, 1, BUY)]
    view = pressing(fading, BUY, 3, 5, 8, orders)
    assert acted(fading, view) == ([CancelOrder(8), CancelOrder(9)], [])
    left = pressing(fading, BUY, 3, 5, 9, orders[2:])
    left.memory[0] = 2
    assert acted(fading, left) == ([CancelOrder(10), CancelOrder(11)], [Outcome.CONSUMMATED])


def test_pressure_may_follow_the_price() -> None:
    following = Spoofing(rate=1, lots=40, levels=2, genuine=3, hold=10, camouflage=0, follow=1)
    view = pressing(following, BUY, 0, 5, 8, [(8, 102, 20, SELL), (9, 98, 3, BUY)])
    view.memory[6] -= 4
    assert acted(following, view)[0] == [ModifyOrder(8, 104, 20)]
    assert acted(following, view)[0] == []


def test_a_plain_one_does_nothing_between_its_episodes() -> None:
    plain = Spoofing(rate=0, camouflage=1.0, plain=1)
    assert all(acted(plain, example_view(prices=[100], parameters=plain.parameters, step=step)) == ([], []) for step in range(20))


def test_pressure_may_be_placed_anew_after_the_price() -> None:
    renewing = Spoofing(rate=1, lots=40, levels=2, genuine=3, hold=10, camouflage=0, follow=2)
    view = pressing(renewing, BUY, 0, 5, 8, [(8, 102, 20, SELL), (9, 98, 3, BUY)])
    view.memory[6] -= 4
    placed, _ = acted(renewing, view)
    assert placed[0] == CancelOrder(8) and sides(placed) == [(Side.SELL, 104, 20)] and len(placed) == 2


def test_a_turning_one_takes_as_it_withdraws() -> None:
    turning = Spoofing(rate=1, lots=30, levels=2, genuine=3, hold=10, wait=2, aggressive=2, camouflage=0)
    placed, told = acted(turning, pressing(turning, BUY, 0, 5, 7, [(8, 102, 15, SELL), (9, 103, 15, SELL)]))
    assert placed[:2] == [CancelOrder(8), CancelOrder(9)] and sides(placed) == [(Side.BUY, None, 3)] and told == []
    after = pressing(turning, BUY, 3, 5, 8)
    after.memory[0] = 2
    assert acted(turning, after) == ([], [Outcome.CONSUMMATED])


def test_a_turning_one_waits_for_all_of_its_pressure() -> None:
    slow = Spoofing(rate=1, lots=30, levels=4, wait=2, hold=5, build=3, aggressive=2)
    assert slow.parameters[5] == 9 and slow.parameters[6] == 10
    assert Spoofing(rate=1, lots=30, levels=4, wait=2, hold=5, build=3, aggressive=1).parameters[5] == 2


def test_pressure_may_shrink_before_it_is_withdrawn() -> None:
    shrinking = Spoofing(rate=1, lots=40, levels=2, genuine=3, hold=10, camouflage=0, fade=-1)
    orders = [(8, 102, 20, SELL), (9, 103, 20, SELL), (10, 98, 1, BUY)]
    view = pressing(shrinking, BUY, 3, 5, 8, orders)
    assert acted(shrinking, view) == ([ModifyOrder(8, 102, 1), ModifyOrder(9, 103, 1)], [])
    assert acted(shrinking, view) == ([CancelOrder(8), CancelOrder(9), CancelOrder(10)], [Outcome.CONSUMMATED])


def test_the_genuine_order_may_lead() -> None:
    leading = Spoofing(rate=1, lots=40, levels=1, genuine=3, hold=10, camouflage=0, lead=2, near=-1)
    view = example_view(prices=[100], parameters=leading.parameters, inventory=-4)
    placed, told = acted(leading, view)
    assert sides(placed) == [(Side.BUY, 100, 3)] and told == []
    view.market["step"] += 1
    assert acted(leading, view) == ([], [])
    view.market["step"] += 1
    placed, told = acted(leading, view)
    assert sides(placed) == [(Side.SELL, 102, 40)] and told == [Outcome.BEGUN]


def test_a_genuine_order_that_trades_while_it_leads_makes_no_episode() -> None:
    leading = Spoofing(rate=1, lots=40, levels=1, genuine=3, hold=10, camouflage=0, lead=2)
    view = example_view(prices=[100], parameters=leading.parameters, inventory=-4)
    acted(leading, view)
    view.own["inventory"] = -1
    view.market["step"] += 2
    assert acted(leading, view) == ([], []) and view.memory[0] == 0


def test_it_may_turn_at_once_to_get_out_again_but_once() -> None:
    there_and_back = Spoofing(rate=0, lots=40, levels=1, genuine=3, hold=10, camouflage=0, turn=1)
    view = pressing(there_and_back, BUY, 3, 5, 8, [(8, 102, 40, SELL)])
    assert acted(there_and_back, view)[1] == [Outcome.CONSUMMATED]
    placed, told = acted(there_and_back, view)
    assert sides(placed) == [(Side.BUY, 98, 40), (Side.SELL, 101, 3)] and told == [Outcome.BEGUN]
    view.own["inventory"] = 0
    assert acted(there_and_back, view)[1] == [Outcome.CONSUMMATED]
    assert acted(there_and_back, view) == ([], [])


def test_it_does_not_turn_where_it_came_to_nothing_or_is_not_in() -> None:
    there_and_back = Spoofing(rate=0, lots=40, levels=1, genuine=3, hold=3, camouflage=0, turn=1)
    for before, inventory in ((0, 0), (-9, -6)):
        view = pressing(there_and_back, BUY, inventory, 5, 8)
        view.memory[4] = before
        assert len(acted(there_and_back, view)[1]) == 1
        assert acted(there_and_back, view) == ([], [])
