"""Standing cartels step by step: floors, auctions that are left to one, lots that are handed on, and honest business in between."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.manipulators.standing_cartel import StandingCartel
from simulator.types import DealStep, MessageKind, Outcome, Protocol, Side
from simulator.world.acts import Act
from simulator.world.commands import Commands, PlaceOrder, SendMessage
from simulator.world.deal_rows import DealState
from simulator.world.scenario_files import load
from simulator.world.view import View
from tests.simulator.manipulators.members import acted, of_three

SURE = {"every": 100, "length": 99, "eager": 1.0, "alone": 0.0, "cover": 1.0, "scatter": 0.0}
FLOOR = StandingCartel(**SURE, lift=0.05, size=7)
BY_NUMBER = StandingCartel(**SURE, auctions=1, turns=0, size=5)
FOR_ALL = StandingCartel(**SURE, auctions=1, turns=1, size=5, hand_on=1.0, below=0.1)
BY_SELLER = StandingCartel(**SURE, auctions=1, turns=2, size=5)
OPENLY = StandingCartel(**SURE, auctions=1, turns=0, openly=1, size=5)


def seen(trader: StandingCartel, **fields: Any) -> View:
    """What one of three members, agents 0, 4 and 6, sees when a slot begins."""
    return of_three(trader, {"deal_limit": 4, "increment": 10_000}, **({"message_limit": 8} | fields))


def in_auction(trader: StandingCartel, number: int, protocol: Protocol, seller: int = 7, **fields: Any) -> View:
    """Amid an auction of five lots at 80 or more, for a buyer to whom a lot is worth 120."""
    given = {"newest_auction": number, "uses": 2.0, "worth": 120, "cash": 100_000, "inventory": 0}
    view = seen(trader, **(given | fields))
    row = view.around.deals[number]
    row["id"], row["state"], row["protocol"], row["first"], row["second"] = number, DealState.AUCTION, protocol, seller, -1
    row["price"], row["reserve"], row["lots"], row["ends"] = 80, 80, 5, 60
    return view


def bids(commands: Commands) -> list[tuple[int, int]]:
    return [(row[5], row[3]) for row in commands.rows if row[0] == Act.BID]


def offers(commands: Commands) -> list[tuple[int, int]]:
    """To whom, and at what price."""
    return [(row[5], row[3]) for row in commands.rows if row[0] == Act.OFFER]


def test_offers_lie_at_the_floor_until_the_agreement_ends() -> None:
    view = seen(FLOOR, makes=1.0, inventory=20, cost=60)
    begun = acted(FLOOR, view)
    quotes = [(order.side, order.price, order.size) for order in begun.placed() if isinstance(order, PlaceOrder)]
    assert quotes == [(Side.SELL, 105, 7)] and [outcome for _, outcome in begun.declared()] == [Outcome.BEGUN]
    view.market["step"] = 99
    assert [outcome for _, outcome in acted(FLOOR, view).declared()] == [Outcome.CONSUMMATED]


@pytest.mark.parametrize(("member", "number", "expected"), [(0, 3, 97), (1, 3, 80), (1, 4, 97), (2, 5, 97), (2, 3, 80)])
def test_the_auctions_number_says_whose_turn_it_is(member: int, number: int, expected: int) -> None:
    """Of a worth of 120 it offers 0.9, and of that 0.9 where it pays what it bids; the others bid the least that counts."""
    assert bids(acted(BY_NUMBER, in_auction(BY_NUMBER, number, Protocol.FIRST_PRICE, member=member))) == [(number, expected)]


def test_others_keep_out_of_open_auctions_unless_they_bid_openly() -> None:
    assert bids(acted(BY_NUMBER, in_auction(BY_NUMBER, 3, Protocol.ENGLISH, member=1))) == []
    assert bids(acted(OPENLY, in_auction(OPENLY, 3, Protocol.ENGLISH, member=1))) == [(3, 80)]
    assert bids(acted(OPENLY, in_auction(OPENLY, 3, Protocol.DUTCH, member=1))) == [], "there it would win"


def test_a_cover_bid_is_given_once() -> None:
    view = in_auction(BY_NUMBER, 3, Protocol.FIRST_PRICE, member=1)
    assert [bids(acted(BY_NUMBER, view)) for _ in range(2)] == [[(3, 80)], []]


def test_sellers_are_allotted() -> None:
    won = [bids(acted(BY_SELLER, in_auction(BY_SELLER, 3, Protocol.ENGLISH, seller=seller, member=2))) for seller in (7, 8, 9)]
    assert [len(each) for each in won] == [0, 1, 0]


def test_who_bids_for_all_hands_lots_on_below_the_market_and_fellows_take_them() -> None:
    one = seen(FOR_ALL, uses=2.0, worth=120, cash=100_000, inventory=30, member=1)
    assert [(receiver in (4, 6), price) for receiver, price in offers(acted(FOR_ALL, one))] == [(True, 90)], "slot 1 is member 1's"
    other = seen(FOR_ALL, uses=2.0, worth=120, cash=100_000, inventory=30, member=2)
    assert offers(acted(FOR_ALL, other)) == []
    for sender, taken in ((4, True), (9, False)):
        view = seen(FOR_ALL, uses=2.0, worth=120, cash=100_000, inventory=0, member=2, letters=1)
        letter = view.around.letters[view.agent * 8]
        letter["sender"], letter["kind"], letter["value_1"], letter["value_3"] = sender, MessageKind.DEAL, DealStep.OFFERED, 2
        assert any(row[0] == Act.ACCEPT and row[5] == 2 for row in acted(FOR_ALL, view).rows) is taken


def test_members_write_to_each_other_while_it_holds() -> None:
    talking = StandingCartel(**SURE, letters=1.0)
    written = [command.receiver for command in acted(talking, seen(talking)).placed() if isinstance(command, SendMessage)]
    assert len(written) == 1 and written[0] in (4, 6)


def test_chances_below_nothing_are_none_and_other_numbers_are_refused() -> None:
    assert StandingCartel(cover=-0.3).parameters == StandingCartel(cover=0.0).parameters
    with pytest.raises(ValueError, match="turns"):
        StandingCartel(turns=4)


def test_it_sits_where_buyers_or_sellers_sit() -> None:
    market = load("surveillance_deals")
    assert StandingCartel.seat(market, 3, {"auctions": 1})["role"] == "buyer"
    assert StandingCartel.seat(market, 3, {"auctions": 0})["role"] == "seller"
