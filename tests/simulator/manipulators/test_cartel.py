"""Cartels step by step: common prices, wars, and auctions that go to whose turn it is."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.manipulators.cartel import CALL, Cartel
from simulator.manipulators.rings import fellow, place_in_slot, seated, work
from simulator.types import Outcome, Protocol, Side
from simulator.world.acts import Act
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, PlaceOrder, SendMessage
from simulator.world.deal_rows import DealState
from simulator.world.mechanisms import RoleName
from simulator.world.scenario_files import load
from simulator.world.view import View, example_view
from tests.contracts.check_manipulator import check_manipulator
from tests.simulator.manipulators.members import acted, of_three

SELLERS = Cartel(every=100, length=99, lift=0.05, size=7, lag=2, patience=3, strict=1, camouflage=0)
PEACEFUL = Cartel(every=100, length=99, lift=0.05, size=7, lag=2, patience=3, strict=0, camouflage=0)
SPEAKING = Cartel(every=100, length=99, lift=0.05, size=7, lag=2, talk=1, camouflage=0)
BIDDERS = Cartel(every=100, length=99, auctions=1, premium=0.1, lag=2, camouflage=0)
RETIRING = Cartel(every=100, length=99, auctions=1, premium=0.1, lag=2, cover=0, camouflage=0)
SINCE, DEAL, PRICE = 2, 3, 5  # words of memory
ENGLISH, DUTCH, FIRST, SECOND = Protocol.ENGLISH, Protocol.DUTCH, Protocol.FIRST_PRICE, Protocol.SECOND_PRICE


def seen(trader: Cartel, **fields: Any) -> View:
    """What one of three members, agents 0, 4 and 6, sees when a slot begins."""
    return of_three(trader, {"deal_limit": 4, "increment": 10_000}, **({"message_limit": 8} | fields))


def quotes(commands: Commands) -> list[tuple[Side, int | None, int]]:
    return [(order.side, order.price, order.size) for order in commands.placed() if isinstance(order, PlaceOrder)]


def bids(commands: Commands) -> list[tuple[int, int]]:
    return [(row[5], row[3]) for row in commands.rows if row[0] == Act.BID]


def outcomes(commands: Commands) -> list[Outcome]:
    return [outcome for _, outcome in commands.declared()]


def agreed(trader: Cartel, step: int = 0, **fields: Any) -> View:
    """A seller amid a price of 105 that was agreed on in step 0."""
    view = seen(trader, **({"makes": 1.0, "inventory": 20, "cost": 60} | fields))
    acted(trader, view)
    assert view.memory[PRICE] == 105
    view.market["step"] = step
    return view


def auction(trader: Cartel, protocol: Protocol, steps: int = 0, leads: int = -1, price: int = 80, **fields: Any) -> View:
    """Amid auction 3 of five lots at 80 or more, arranged in step 0 for the first member, who may bid up to 110."""
    view = seen(trader, **({"newest_auction": 3} | fields))
    row = view.around.deals[3]
    row["id"], row["state"], row["protocol"], row["first"], row["second"] = 3, DealState.AUCTION, protocol, 7, -1
    row["price"], row["reserve"], row["lots"], row["ends"] = 80, 80, 5, 60
    assert acted(trader, view).rows == []
    assert view.memory[DEAL] == 3 and view.memory[PRICE] == 110
    view.market["step"], row["second"], row["price"] = steps, leads, price
    return view


def test_the_one_whose_turn_it_is_quotes_the_common_price_first() -> None:
    commands = acted(SELLERS, agreed(SELLERS))
    assert quotes(commands) == [(Side.SELL, 105, 7)] and outcomes(commands) == [Outcome.BEGUN]


@pytest.mark.parametrize(("step", "expected"), [(1, []), (3, []), (4, [(Side.SELL, 105, 7)])])
def test_others_follow_with_a_lag(step: int, expected: list[Any]) -> None:
    assert quotes(acted(SELLERS, agreed(SELLERS, step, member=2))) == expected


def test_the_turn_goes_round_with_the_slots() -> None:
    view = seen(SELLERS, makes=1.0, inventory=20, step=200, member=2)
    acted(SELLERS, view)
    assert quotes(acted(SELLERS, view)) == [(Side.SELL, 105, 7)]


def test_a_resting_order_is_moved_to_the_common_price() -> None:
    view = agreed(SELLERS)
    again = example_view(prices=[100], parameters=SELLERS.parameters, orders=[(8, 101, 7, SELL)], makes=1.0, inventory=20, ask_lots=7)
    again.own["memory"] = view.own["memory"]
    commands = acted(SELLERS, again)
    assert [(row[5], row[3], row[4]) for row in commands.rows[:1]] == [(8, 105, 7)] and outcomes(commands) == [Outcome.BEGUN]


@pytest.mark.parametrize(("best_ask", "expected"), [(105, Outcome.CONSUMMATED), (0, Outcome.CONSUMMATED), (104, Outcome.ATTEMPTED)])
def test_a_period_ends_by_whether_the_price_held(best_ask: int, expected: Outcome) -> None:
    view = agreed(PEACEFUL, best_ask=best_ask)
    for step in range(99):
        view.market["step"] = step
        acted(PEACEFUL, view)
    view.market["step"] = 99
    assert outcomes(acted(PEACEFUL, view)) == [expected]
    assert acted(PEACEFUL, view).declared() == []


@pytest.mark.parametrize(
    ("trader", "undercut", "expected"),
    [
        (SELLERS, 3, Outcome.ATTEMPTED), (PEACEFUL, 3, Outcome.CONSUMMATED), (PEACEFUL, 47, Outcome.CONSUMMATED),
        (PEACEFUL, 48, Outcome.ATTEMPTED),
    ],
)  # fmt: skip
def test_a_price_has_held_in_half_the_steps_and_without_a_war(trader: Cartel, undercut: int, expected: Outcome) -> None:
    view = agreed(trader, best_ask=104)
    for step in range(99):  # all quote from step 4 on
        view.market["step"], view.market["best_ask"] = step, 104 if 5 <= step < 5 + undercut else 105
        acted(trader, view)
    view.market["step"] = 99
    assert outcomes(acted(trader, view)) == [expected]


def test_quotes_go_when_a_period_ends() -> None:
    view = seen(SELLERS, makes=1.0, inventory=20)
    again = example_view(prices=[100], parameters=SELLERS.parameters, orders=[(8, 105, 7, SELL)], makes=1.0, step=99)
    acted(SELLERS, view)
    again.own["memory"] = view.own["memory"]
    assert acted(SELLERS, again).placed() == [CancelOrder(8)]


def test_a_period_without_a_deed_is_nobodys_episode() -> None:
    view = agreed(SELLERS, inventory=0)
    for step in (1, 50, 99):
        view.market["step"] = step
        assert acted(SELLERS, view).rows == []


def test_undercutting_is_answered_by_a_price_war() -> None:
    for trader, expected in ((SELLERS, [(Side.SELL, 102, 7)]), (PEACEFUL, [(Side.SELL, 105, 7)])):
        view = agreed(trader, best_ask=103)
        for step in (5, 6, 7):
            view.market["step"] = step
            found = quotes(acted(trader, view))
        assert found == expected
        view.market["step"] = 99
        assert outcomes(acted(trader, view)) == [Outcome.ATTEMPTED]


@pytest.mark.parametrize("asks", [{1: 103, 2: 103, 3: 103, 4: 103, 5: 103}, {5: 103, 6: 103, 7: 105, 8: 103, 9: 103}])
def test_no_war_before_all_have_followed_or_for_a_moment(asks: dict[int, int]) -> None:
    view = agreed(SELLERS)
    for step, ask in asks.items():
        view.market["step"], view.market["best_ask"] = step, ask
        assert quotes(acted(SELLERS, view)) == [(Side.SELL, 105, 7)]


def test_nobody_sells_at_a_loss_or_pays_more_than_it_is_worth() -> None:
    assert quotes(acted(SELLERS, agreed(SELLERS, cost=130))) == [(Side.SELL, 130, 7)]
    view = seen(SELLERS, uses=1.0, worth=90)
    acted(SELLERS, view)
    assert view.memory[PRICE] == 95 and quotes(acted(SELLERS, view)) == [(Side.BUY, 90, 7)]


def test_no_quote_crosses_the_book() -> None:
    assert quotes(acted(SELLERS, agreed(SELLERS, best_bid=110, best_ask=112))) == [(Side.SELL, 111, 7)]


def test_those_without_a_business_change_the_side_and_hold_little() -> None:
    for step, inventory, expected in (
        (0, 0, [(Side.SELL, 105, 7)]), (100, 0, [(Side.BUY, 95, 7)]), (0, -35, []), (100, 33, [(Side.BUY, 95, 2)]),
    ):  # fmt: skip
        view = seen(SELLERS, step=step, inventory=inventory, members=1)
        acted(SELLERS, view)
        assert quotes(acted(SELLERS, view)) == expected


def test_who_speaks_openly_is_told_the_price_and_passes_it_on() -> None:
    first = seen(SPEAKING, makes=1.0, inventory=20)
    commands = acted(SPEAKING, first)
    assert commands.placed() == [SendMessage(4, 1, 0, CALL)] and outcomes(commands) == [Outcome.BEGUN]
    second = seen(SPEAKING, makes=1.0, inventory=20, member=1, partner=6)
    assert acted(SPEAKING, second).rows == []
    for member, partner, told in ((1, 6, [SendMessage(6, 1, 0, CALL)]), (2, 0, [])):
        view = seen(SPEAKING, makes=1.0, inventory=20, member=member, partner=partner, step=1, letters=1)
        letter = view.around.letters[0]
        letter["kind"], letter["value_1"], letter["value_2"], letter["value_3"], letter["value_4"] = CALL, -1, 107, 0, 0
        commands = acted(SPEAKING, view)
        assert commands.placed() == told and outcomes(commands) == [Outcome.BEGUN]
        view.market["step"] = 4
        assert quotes(acted(SPEAKING, view)) == [(Side.SELL, 107, 7)]


def test_who_speaks_openly_waits_to_be_told_of_an_auction() -> None:
    trader = Cartel(every=100, length=99, auctions=1, premium=0.1, lag=2, talk=1, camouflage=0)
    for member, told in ((0, [SendMessage(4, 1, 0, CALL)]), (1, [])):
        view = seen(trader, member=member, newest_auction=3)
        row = view.around.deals[3]
        row["id"], row["state"], row["protocol"], row["reserve"], row["lots"] = 3, DealState.AUCTION, ENGLISH, 80, 5
        assert acted(trader, view).placed() == told


@pytest.mark.parametrize(
    ("protocol", "steps", "fields", "expected"),
    [
        (FIRST, 5, {}, []), (FIRST, 6, {}, [(3, 110)]), (SECOND, 6, {}, [(3, 110)]), (FIRST, 6, {"uses": 1.0, "worth": 97}, [(3, 97)]),
        (ENGLISH, 6, {}, [(3, 80)]), (ENGLISH, 6, {"leads": 9, "price": 90}, [(3, 91)]), (ENGLISH, 6, {"leads": 0}, []),
        (ENGLISH, 6, {"leads": 9, "price": 110}, []), (DUTCH, 6, {"price": 111}, []), (DUTCH, 6, {"price": 109}, [(3, 109)]),
    ],
)  # fmt: skip
def test_whose_turn_it_is_bids_what_is_needed_up_to_what_is_agreed(
    protocol: Protocol, steps: int, fields: dict[str, Any], expected: list[Any]
) -> None:
    commands = acted(BIDDERS, auction(BIDDERS, protocol, steps, **fields))
    assert bids(commands) == expected and outcomes(commands) == [Outcome.BEGUN] * len(expected)


def test_a_sealed_bid_is_made_once() -> None:
    view = auction(BIDDERS, FIRST, 6)
    assert [bids(acted(BIDDERS, view)) for _ in range(2)] == [[(3, 110)], []]


def test_others_bid_for_show_or_stay_away() -> None:
    for protocol, possible in ((FIRST, range(80, 95)), (SECOND, [80]), (ENGLISH, [80])):
        view = auction(BIDDERS, protocol, 3, member=2)
        assert bids(acted(BIDDERS, view)) == []
        view.market["step"] = 4
        assert [price in possible for _, price in bids(acted(BIDDERS, view))] == [True]
        assert bids(acted(BIDDERS, view)) == []
    assert bids(acted(BIDDERS, auction(BIDDERS, DUTCH, 4, member=2))) == []
    assert bids(acted(BIDDERS, auction(BIDDERS, ENGLISH, 4, leads=9, price=109, member=2))) == [], "no room for the winner"
    assert bids(acted(RETIRING, auction(RETIRING, FIRST, 4, member=2))) == []


@pytest.mark.parametrize(
    ("protocol", "leads", "good", "expected"),
    [
        (ENGLISH, 0, 0, Outcome.CONSUMMATED), (ENGLISH, 9, 0, Outcome.ATTEMPTED), (FIRST, -1, 1_000_000, Outcome.CONSUMMATED),
        (SECOND, -1, 0, Outcome.ATTEMPTED),
    ],
)  # fmt: skip
def test_an_auction_ends_by_who_won_it(protocol: Protocol, leads: int, good: int, expected: Outcome) -> None:
    for member, partner in ((0, 4), (2, 0)):
        view = auction(BIDDERS, protocol, 6, member=member, partner=partner)
        assert outcomes(acted(BIDDERS, view)) == [Outcome.BEGUN]
        view.around.deals["state"][3], view.around.deals["second"][3] = DealState.FREE, leads
        view.around.publics["good"][0] += good
        assert outcomes(acted(BIDDERS, view)) == [expected]


def test_two_auctions_a_slot_are_arranged() -> None:
    view = auction(BIDDERS, ENGLISH, 6)
    for number in (3, 4, 5):
        view.around.deals[number], view.market["newest_auction"] = view.around.deals[3], number
        view.around.deals["id"][number], view.around.deals["state"][number] = number, DealState.AUCTION
        acted(BIDDERS, view)
        view.around.deals["state"][number] = DealState.FREE
        acted(BIDDERS, view)
    assert view.memory[DEAL] == 4


def test_an_auction_that_is_too_dear_or_of_another_kind_is_left_alone() -> None:
    for trader, protocol, reserve in ((BIDDERS, ENGLISH, 110), (Cartel(every=100, length=99, auctions=1, protocols=1), ENGLISH, 80),
                                      (Cartel(every=100, length=99, auctions=1, protocols=0), SECOND, 80)):  # fmt: skip
        view = seen(trader, newest_auction=3)
        row = view.around.deals[3]
        row["id"], row["state"], row["protocol"], row["reserve"], row["lots"] = 3, DealState.AUCTION, protocol, reserve, 5
        acted(trader, view)
        assert view.memory[DEAL] == 0


def test_where_there_are_no_auctions_bidders_fix_prices() -> None:
    view = seen(BIDDERS)
    view.around.mechanisms["deal_limit"] = 0
    acted(BIDDERS, view)
    assert view.memory[DEAL] == -1 and view.memory[PRICE] == 101


def test_nothing_is_done_beyond_the_limits_or_while_trading_rests() -> None:
    assert bids(acted(BIDDERS, auction(BIDDERS, FIRST, 6, position_limit=4))) == []
    assert bids(acted(BIDDERS, auction(BIDDERS, FIRST, 6, cash=500))) == []
    assert quotes(acted(SELLERS, agreed(SELLERS, short_limit=0, inventory=3))) == [(Side.SELL, 105, 3)]
    view = agreed(SELLERS)
    view.market["halted"] = 1
    assert acted(SELLERS, view).rows == []
    view = seen(SELLERS, makes=1.0, inventory=9, halted=1)
    assert acted(SELLERS, view).rows == [] and view.memory[PRICE] == 0


@pytest.mark.parametrize(
    ("fields", "orders", "expected"),
    [
        ({"makes": 2.0, "cost": 60, "inventory": 9}, [], [(Side.SELL, 101, 5)]),
        ({"makes": 2.0, "cost": 105, "inventory": 9}, [], [(Side.SELL, 105, 5)]),
        ({"makes": 2.0, "cost": 60, "inventory": 9, "due_lots": 7}, [], [(Side.SELL, 102, 2)]),
        ({"makes": 2.0, "cost": 60, "inventory": 20, "best_bid": 98}, [], [(Side.SELL, 100, 5)]),
        ({"makes": 2.0, "cost": 60, "inventory": 21}, [(8, 103, 1, SELL)], [(Side.SELL, None, 10)]),
        ({"uses": 2.0, "worth": 120, "inventory": 8}, [], [(Side.BUY, 98, 2)]),
        ({"uses": 2.0, "worth": 90, "inventory": 1}, [], [(Side.BUY, 90, 5)]),
        ({"uses": 2.0, "worth": 120, "inventory": 5, "best_ask": 99}, [], [(Side.BUY, 98, 5)]),
        ({"uses": 2.0, "worth": 120, "inventory": 1}, [(8, 97, 1, BUY)], [(Side.BUY, None, 9)]),
    ],
)  # fmt: skip
def test_in_between_a_business_is_looked_after(fields: dict[str, Any], orders: list[Any], expected: list[Any]) -> None:
    view, commands = example_view(prices=[100], orders=orders, **fields), Commands()
    work(view, commands, 1.0, 5)
    assert quotes(commands) == expected
    assert [order for order in commands.placed() if isinstance(order, CancelOrder)] == [CancelOrder(8)] * len(orders)


def test_members_know_each_other_by_a_ring() -> None:
    view = seen(SELLERS)
    assert [fellow(view, ahead) for ahead in range(4)] == [0, 4, 6, 0]
    assert fellow(example_view(), 1) == -1


def test_times_look_like_chance_and_are_the_same_for_all() -> None:
    places = {
        (member, step): place_in_slot(seen(SELLERS, member=member, step=step), 100, 40, 7) for member in (0, 2) for step in range(3000)
    }
    assert all(places[0, step] == places[2, step] for step in range(3000))
    starts = [step for step in range(3000) if places[0, step] == 0]
    assert len(starts) == 30 and len({(step + 7) % 100 for step in starts}) > 15
    assert all((step + 7) % 100 < 60 for step in starts), "an episode does not fit into its slot"


def test_a_group_gets_the_business_of_the_scenarios_own() -> None:
    scenario = load("balanced")
    buyers, sellers, other = (Cartel.seat(scenario, 3, {"auctions": a, "buying": b}) for a, b in ((1, 0), (0, 0), (0, 1)))
    assert buyers["role"] is other["role"] is RoleName.BUYER and buyers["consumption"] == scenario.populations[0].consumption
    assert sellers["role"] is RoleName.SELLER and sellers["production"] == scenario.populations[1].production
    assert buyers["symbols"] == ("GRAIN",) * 3 and buyers["linked"]
    assert seated(load("trading"), RoleName.SELLER, 2) == {"symbols": ("AGR", "AGR"), "linked": True}


@pytest.mark.parametrize("scenario", ["balanced", "energy_trading"])
def test_it_is_a_manipulator(scenario: str) -> None:
    check_manipulator("simulator.manipulators.cartel:Cartel", load(scenario))
