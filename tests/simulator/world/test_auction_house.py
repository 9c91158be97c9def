"""Auctions outside the book: who wins and pays what under each protocol, and that lots and money are where they belong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.types import DealStep, MessageKind, Protocol, Reason, RecordKind
from simulator.world.acts import bid, open_auction, walk_away
from simulator.world.commands import BUY, SELL, Commands, place_limit, place_market
from simulator.world.layout import Array
from simulator.world.looking import deal_of
from simulator.world.mechanisms import Deals, Production, Resource
from simulator.world.scenario import Limits, Symbol
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.dealing import STILL, at_once, dealt, do, gains, holdings, mailbox, refusals, reputations, seats, steps_of
from tests.simulator.world.markets import TINY, Decide, at_steps, log_of, nothing, only

ENGLISH, DUTCH, FIRST_PRICE, SECOND_PRICE = Protocol.ENGLISH, Protocol.DUTCH, Protocol.FIRST_PRICE, Protocol.SECOND_PRICE
SELLER, B, C, D = seats(4)
OPEN_TO_BIDS = [ENGLISH, FIRST_PRICE, SECOND_PRICE]
SEALED = [FIRST_PRICE, SECOND_PRICE]


def opens(protocol: Protocol, lots: int = 4, reserve: int = 100, start: int = 0, steps: int = 4, delay: int = 0) -> Decide:
    """A script that opens an auction of deal 0 in step 0."""
    return at_steps(s0=do(open_auction, protocol, lots, reserve, start, steps, delay))


def bids(**prices: int) -> Decide:
    """A script that bids for deal 0: bids(s1=110, s3=120)."""
    return at_steps(**{step: do(bid, 0, price) for step, price in prices.items()})


def house(seller: Decide, *bidders: Decide, **scenario: Any) -> World:
    """A world of a seller with ten lots and three others."""
    others = (*bidders, *[nothing] * (3 - len(bidders)))
    return dealt(seller, *others, **({"populations": {0: {"inventory": 10}}} | scenario))


def happened(log: Array) -> list[tuple[int, str, int, int]]:
    """What happened to deals: step, what, owner and price."""
    rows = only(log, RecordKind.NEGOTIATION)
    return [(int(row["step"]), DealStep(int(row["reason"])).name, int(row["owner"]), int(row["price"])) for row in rows]


def sold(world: World, steps: int = 6) -> tuple[int, int] | None:
    """Play; return who won and at what price."""
    log = only(log_of(world, steps), RecordKind.NEGOTIATION)
    world.check()
    [end] = log[np.isin(log["reason"], (DealStep.SOLD, DealStep.UNSOLD))]
    return (int(end["other_owner"]), int(end["price"])) if end["reason"] == DealStep.SOLD else None


@pytest.mark.parametrize(("protocol", "price"), [(ENGLISH, 120), (FIRST_PRICE, 120), (SECOND_PRICE, 115)])
def test_the_highest_bidder_wins_and_pays_what_the_protocol_says(protocol: Protocol, price: int) -> None:
    world = house(opens(protocol), bids(s1=110), bids(s3=120), bids(s2=115))
    assert sold(world) == (C, price)
    assert gains(world) == [4 * price, 0, -4 * price, 0]
    assert holdings(world) == [6, 0, 4, 0]
    assert reputations(world) == [500_000, 500_000, 666_666, 500_000]


@pytest.mark.parametrize("protocol", OPEN_TO_BIDS)
def test_among_equal_bids_the_earliest_wins_and_pays_it(protocol: Protocol) -> None:
    assert sold(house(opens(protocol), nothing, bids(s2=120), bids(s1=120))) == (D, 120)


@pytest.mark.parametrize(("protocol", "price"), [(ENGLISH, 120), (FIRST_PRICE, 120), (SECOND_PRICE, 100)])
def test_a_single_bidder_pays_its_bid_and_at_second_price_the_reserve(protocol: Protocol, price: int) -> None:
    assert sold(house(opens(protocol), bids(s1=120))) == (B, price)


@pytest.mark.parametrize(("protocol", "price"), [(ENGLISH, 130), (FIRST_PRICE, 130), (SECOND_PRICE, 120)])
def test_who_was_outbid_may_bid_again_and_never_pays_its_own_bid_at_second_price(protocol: Protocol, price: int) -> None:
    assert sold(house(opens(protocol), bids(s1=110, s3=130), bids(s2=120))) == (B, price)


def test_a_lower_sealed_bid_that_comes_later_is_what_the_winner_pays() -> None:
    assert sold(house(opens(SECOND_PRICE), bids(s1=130), bids(s2=110), bids(s3=120))) == (B, 120)


@pytest.mark.parametrize("protocol", OPEN_TO_BIDS)
def test_a_bid_in_the_last_step_counts_and_one_later_finds_no_auction(protocol: Protocol) -> None:
    assert sold(house(opens(protocol), bids(s4=120))) == (B, 100 if protocol == SECOND_PRICE else 120)
    world = house(opens(protocol), bids(s5=120))
    log = log_of(world, 6)
    assert happened(log)[-1] == (4, "UNSOLD", SELLER, 100)
    assert refusals(log) == [(B, "UNKNOWN_DEAL")]


def test_the_records_of_an_auction() -> None:
    world = house(opens(ENGLISH), bids(s1=110), bids(s2=120))
    log = only(log_of(world, 5), RecordKind.NEGOTIATION)
    fields = ["step", "reason", "owner", "other_owner", "side", "price", "size", "remaining", "order_id", "other_id"]
    assert log[fields].tolist() == [
        (0, DealStep.OPENED, SELLER, -1, SELL, 100, 4, 0, 0, 100),
        (1, DealStep.BID, B, SELLER, BUY, 110, 4, 1, 0, 0),
        (2, DealStep.BID, C, SELLER, BUY, 120, 4, 2, 0, 0),
        (4, DealStep.SOLD, SELLER, C, SELL, 120, 4, 2, 0, 1_000_000),
    ]
    assert set(log["time_in_force"].tolist()) == {ENGLISH}


@pytest.mark.parametrize("protocol", list(Protocol)[1:])
def test_lots_that_nobody_bids_for_lie_in_escrow_until_they_come_back(protocol: Protocol) -> None:
    seen: list[tuple[int, ...]] = []

    def look(view: View, commands: Commands) -> None:
        opens(protocol, start=105, delay=9)(view, commands)
        seen.append((view.inventory, view.escrow, view.position_limit, view.quality, view.escrow_quality, view.deals))

    world = house(look)
    log = log_of(world, 7)
    whole, part = (10, 0, 1000, 10_000_000, 0, 0), (6, 4, 996, 6_000_000, 4_000_000, 1)
    assert seen == [whole] + [part] * 4 + [whole] * 2
    assert steps_of(log) == ["OPENED", "UNSOLD"]
    assert gains(world) == [0, 0, 0, 0]
    world.check()


def test_lots_in_escrow_can_be_sold_nowhere_else_and_count_towards_the_position_limit() -> None:
    tries = at_once(do(place_limit, SELL, 200, 7), do(place_limit, BUY, 50, 11), do(open_auction, ENGLISH, 7, 100, 0, 5, 0))
    limits = Limits(messages=20, short=0, position=20)
    world = house(
        at_once(opens(ENGLISH), at_steps(s1=at_once(tries, do(place_limit, BUY, 50, 10), do(place_limit, SELL, 200, 6)))), limits=limits
    )
    log = log_of(world, 2)
    assert refusals(log) == [(SELLER, "POSITION_LIMIT"), (SELLER, "POSITION_LIMIT"), (SELLER, "NOT_ENOUGH")]
    world.check()


def test_lots_under_a_resting_offer_cannot_be_put_up() -> None:
    world = house(at_steps(s0=at_once(do(place_limit, SELL, 200, 7), opens(ENGLISH))))
    assert refusals(log_of(world, 1)) == [(SELLER, "NOT_ENOUGH")]
    world.check()


def test_who_may_sell_short_may_put_up_what_it_does_not_have() -> None:
    world = house(opens(ENGLISH), bids(s1=100), symbols=(STILL,), populations={}, limits=Limits(messages=20))
    assert sold(world) == (B, 100)
    assert holdings(world) == [-4, 4, 0, 0]


def dutch(*bidders: Decide, start: int = 110, steps: int = 20, delay: int = 2, **scenario: Any) -> World:
    return house(opens(DUTCH, start=start, steps=steps, delay=delay), *bidders, **({"deals": Deals(increment=0.03)} | scenario))


def test_the_price_of_a_dutch_auction_falls_as_long_as_it_is_above_the_reserve() -> None:
    world = dutch()
    calls = [(step, "CALLED", SELLER, price) for step, price in ((2, 107), (4, 104), (6, 101))]
    last = [(8, "CALLED", SELLER, 100), (10, "UNSOLD", SELLER, 100)]
    assert happened(log_of(world, 12)) == [(0, "OPENED", SELLER, 110), *calls, *last]
    world.check()


def test_the_first_who_bids_in_a_dutch_auction_gets_the_lots_at_once_at_the_price_called() -> None:
    world = dutch(bids(s3=1), bids(s4=500))
    log = log_of(world, 5)
    assert happened(log)[2:] == [(3, "BID", B, 107), (3, "SOLD", SELLER, 107)]
    assert refusals(log) == [(C, "UNKNOWN_DEAL")]
    assert (gains(world), holdings(world)) == ([428, -428, 0, 0], [6, 4, 0, 0])
    world.check()


@pytest.mark.parametrize(("steps", "delay", "end"), [(5, 2, 5), (4, 2, 4), (3, 10, 3), (6, 1, 5)])
def test_a_dutch_auction_ends_when_its_steps_are_over_or_its_reserve_is_reached(steps: int, delay: int, end: int) -> None:
    world = dutch(steps=steps, delay=delay)
    assert happened(log_of(world, 12))[-1][:2] == (end, "UNSOLD")
    world.check()


def test_a_dutch_price_falls_by_whole_ticks() -> None:
    world = house(opens(DUTCH, lots=10, start=120, delay=1, steps=9), symbols=(Symbol(name="A", tick_size=5, lot_size=10),))
    assert [price for _, what, _, price in happened(log_of(world, 9)) if what == "CALLED"] == [115, 110, 105, 100]


def test_an_english_bid_must_rise_by_the_increment() -> None:
    first = at_steps(s1=at_once(do(bid, 0, 99), do(bid, 0, 100)), s3=at_once(do(bid, 0, 109), do(bid, 0, 110)))
    second = at_steps(s2=at_once(do(bid, 0, 104), do(bid, 0, 105)))
    world = house(opens(ENGLISH), first, second, deals=Deals(increment=0.05))
    log = log_of(world, 4)
    assert refusals(log) == [(B, "BID_TOO_LOW"), (C, "BID_TOO_LOW"), (B, "BID_TOO_LOW")]
    assert happened(log)[1:] == [(1, "BID", B, 100), (2, "BID", C, 105), (3, "BID", B, 110)]
    world.check()


@pytest.mark.parametrize("protocol", SEALED)
def test_a_sealed_bid_below_the_reserve_is_refused_and_one_below_the_best_is_not(protocol: Protocol) -> None:
    world = house(opens(protocol), bids(s1=120), bids(s2=99), bids(s3=100))
    log = log_of(world, 4)
    assert refusals(log) == [(C, "BID_TOO_LOW")]
    assert steps_of(log) == ["OPENED", "BID", "BID"]


@pytest.mark.parametrize("protocol", OPEN_TO_BIDS)
def test_nobody_bids_in_its_own_auction_or_openly_against_itself(protocol: Protocol) -> None:
    seller = at_once(opens(protocol), bids(s1=150), at_steps(s2=do(walk_away, 0)))
    log = log_of(house(seller, bids(s1=120, s2=150)), 6)
    assert refusals(log)[:1] == [(SELLER, "NOT_YOUR_TURN")]
    again = [] if protocol in SEALED else [(B, "NOT_YOUR_TURN")]  # a refusal would tell who leads a sealed one
    assert sorted(refusals(log)[1:]) == sorted([*again, (SELLER, "NOT_YOUR_TURN")])
    assert happened(log)[-1][3] == {Protocol.ENGLISH: 120, Protocol.FIRST_PRICE: 150, Protocol.SECOND_PRICE: 100}[protocol]


def test_who_trades_something_else_does_not_bid() -> None:
    places = {0: {"symbols": ("A",), "inventory": 10}, 1: {"symbols": ("B",)}}
    world = house(opens(ENGLISH), bids(s1=120), symbols=(STILL, Symbol(name="B")), populations=places)
    assert refusals(log_of(world, 2)) == [(B, "UNKNOWN_DEAL")]


@pytest.mark.parametrize("protocol", SEALED)
def test_sealed_bids_are_seen_by_nobody_before_the_end(protocol: Protocol) -> None:
    seen: list[Any] = []

    def look(view: View, commands: Commands) -> None:
        deal = deal_of(view, 0)
        if 1 < view.step <= 4:
            seen.append((deal.id, deal.price, deal.second, deal.round, deal.amount, deal.claim))

    log, other = (
        log_of(house(opens(protocol, steps=5), bids(s1=first), bids(s2=second), look), 5) for first, second in ((110, 120), (175, 130))
    )
    assert np.array_equal(log, other)
    assert seen[:3] == seen[3:] == [(0, 100, -1, 1, -1, 0), (0, 100, -1, 2, -1, 0), (0, 100, -1, 2, -1, 0)]
    assert [price for _, what, _, price in happened(log) if what == "BID"] == [0, 0]


def test_everybody_sees_the_newest_auction_and_the_open_bids() -> None:
    seen: list[tuple[int, ...]] = []

    def look(view: View, commands: Commands) -> None:
        deal = deal_of(view, max(view.newest_auction, 0))
        seen.append((view.newest_auction, deal.price, deal.second) if view.newest_auction >= 0 else (-1,))

    log_of(house(opens(ENGLISH), bids(s1=110), look), 3)
    assert seen == [(-1,), (0, 100, -1), (0, 110, B)]


def test_both_sides_get_a_letter_about_the_end() -> None:
    seen: dict[int, list[Any]] = {}

    def read(view: View, commands: Commands) -> None:
        seen[view.agent] = mailbox(view)

    log_of(house(at_once(opens(SECOND_PRICE), read), at_once(bids(s1=110), read), at_once(bids(s2=120), read)), 6)
    about = (0, MessageKind.DEAL, DealStep.SOLD, 2, 0, 110)
    assert seen == {SELLER: [(4, C, *about)], B: [], C: [(4, SELLER, *about)]}


def test_the_seller_gets_a_letter_when_nobody_bids() -> None:
    seen: list[Any] = []

    def read(view: View, commands: Commands) -> None:
        opens(ENGLISH)(view, commands)
        seen.append(mailbox(view))

    log_of(house(read), 6)
    assert [(letter[0], letter[4]) for letter in seen[-1]] == [(4, DealStep.UNSOLD)]


def test_a_bid_beyond_ones_money_or_position_is_refused() -> None:
    poor = {0: {"inventory": 10}, 1: {"cash": 400}, 2: {"limits": Limits(position=3, short=0, messages=9)}}
    world = house(opens(ENGLISH), bids(s1=101, s2=100), bids(s1=100), populations=poor)
    log = log_of(world, 5)
    assert sorted(refusals(log)) == sorted([(B, "NOT_ENOUGH"), (C, "NOT_ENOUGH")])
    assert holdings(world) == [6, 4, 0, 0]
    assert int(world.agents["cash"][B]) == 0
    world.check()


@pytest.mark.parametrize("protocol", OPEN_TO_BIDS)
def test_a_winner_that_cannot_pay_any_more_loses_its_good_name_and_the_lots_go_back(protocol: Protocol) -> None:
    buys = at_once(bids(s1=120), at_steps(s2=do(place_market, BUY, 6)))
    world = house(
        opens(protocol), buys, at_steps(s0=do(place_limit, SELL, 100, 6)),
        populations={0: {"inventory": 10}, 1: {"cash": 900}, 2: {"inventory": 6}},
    )  # fmt: skip
    log = log_of(world, 6)
    price = 100 if protocol == SECOND_PRICE else 120
    assert steps_of(log) == ["OPENED", "BID", "DEFAULTED", "UNSOLD"]
    [broken] = log[(log["kind"] == RecordKind.NEGOTIATION) & (log["reason"] == DealStep.DEFAULTED)]
    assert broken[["step", "owner", "other_owner", "price", "other_id"]].item() == (4, B, SELLER, price, 4 * price)
    assert holdings(world) == [10, 6, 0, 0]
    assert reputations(world) == [500_000, 333_333, 500_000, 500_000]
    assert world.agents["position_limit"].tolist() == [1000] * 4
    world.check()


WRONG: list[tuple[tuple[int, ...], Reason]] = [
    ((Protocol.BILATERAL, 10, 100, 0, 4, 0), Reason.INVALID_AMOUNT),
    ((5, 10, 100, 0, 4, 0), Reason.INVALID_AMOUNT),
    ((-1, 10, 100, 0, 4, 0), Reason.INVALID_AMOUNT),
    ((ENGLISH, 0, 100, 0, 4, 0), Reason.INVALID_SIZE),
    ((ENGLISH, -10, 100, 0, 4, 0), Reason.INVALID_SIZE),
    ((ENGLISH, 15, 100, 0, 4, 0), Reason.OFF_LOT),
    ((ENGLISH, 10, 0, 0, 4, 0), Reason.INVALID_PRICE),
    ((ENGLISH, 10, 2**31, 0, 4, 0), Reason.INVALID_PRICE),
    ((ENGLISH, 10, 101, 0, 4, 0), Reason.OFF_TICK),
    ((ENGLISH, 10, 100, 0, 0, 0), Reason.INVALID_AMOUNT),
    ((ENGLISH, 10, 100, 0, -4, 0), Reason.INVALID_AMOUNT),
    ((ENGLISH, 10, 100, 0, 1024, 0), Reason.INVALID_AMOUNT),
    ((DUTCH, 10, 100, 105, 4, 0), Reason.INVALID_AMOUNT),
    ((DUTCH, 10, 100, 105, 4, 1024), Reason.INVALID_AMOUNT),
    ((DUTCH, 10, 100, 95, 4, 1), Reason.INVALID_AMOUNT),
    ((DUTCH, 10, 100, 107, 4, 1), Reason.INVALID_AMOUNT),
    ((DUTCH, 10, 100, 2**31 + 2, 4, 1), Reason.INVALID_AMOUNT),
    ((ENGLISH, 20, 100, 0, 4, 0), Reason.NOT_ENOUGH),
]


@pytest.mark.parametrize(("terms", "reason"), WRONG)
def test_an_auction_against_the_rules_is_a_record_with_the_reason(terms: tuple[int, ...], reason: Reason) -> None:
    world = house(at_steps(s0=do(open_auction, *terms)), symbols=(Symbol(name="A", tick_size=5, lot_size=10),))
    log = log_of(world, 2)
    assert refusals(log) == [(SELLER, reason.name)]
    assert steps_of(log) == []
    assert holdings(world)[0] == 10
    world.check()


def test_auctions_count_towards_the_limit_of_open_deals() -> None:
    two = at_once(*[do(open_auction, ENGLISH, 4, 100, 0, 4, 0)] * 2)
    world = house(at_steps(s0=two, s4=two, s5=two), deals=Deals(limit=1))
    log = log_of(world, 6)
    assert only(log, RecordKind.REJECTED)[["step", "reason"]].tolist() == [(step, Reason.DEAL_LIMIT) for step in (0, 4, 4, 5)]
    world.check()


def test_an_off_tick_bid_is_refused() -> None:
    world = house(opens(FIRST_PRICE, lots=10), bids(s1=102), symbols=(Symbol(name="A", tick_size=5, lot_size=10),))
    assert refusals(log_of(world, 2)) == [(B, "OFF_TICK")]


def test_the_quality_of_the_lots_goes_with_them() -> None:
    made = {0: {"production": Production(lots=10, cost=0, quality=0.25)}}
    fresh = (Symbol(name="G", resource=Resource(period=2, decay=0.0, storage=0)),)
    seller = at_steps(s2=do(open_auction, ENGLISH, 4, 100, 0, 3, 0))
    world = house(seller, bids(s3=100), symbols=fresh, populations=made)
    log = log_of(world, 6)
    assert log[(log["kind"] == RecordKind.NEGOTIATION) & (log["reason"] == DealStep.SOLD)]["other_id"].tolist() == [250_000]
    assert world.parties.parties["quality"][B] == 1_000_000
    world.check()


def busy(**scenario: Any) -> World:
    """One auction of each protocol at once, with bids."""
    seller = at_steps(s0=at_once(*(do(open_auction, protocol, 2, 100, 110, 6, 2) for protocol in list(Protocol)[1:])))
    first = at_steps(s1=at_once(do(bid, 0, 110), do(bid, 2, 140), do(bid, 3, 120)), s5=do(bid, 0, 130))
    second = at_steps(s2=at_once(do(bid, 0, 120), do(bid, 2, 130)), s3=at_once(do(bid, 1, 0), do(bid, 3, 150)))
    return house(seller, first, second, **scenario)


def test_auctions_run_beside_each_other() -> None:
    world = busy()
    log = log_of(world, 8)
    assert [(what, price) for _, what, _, price in happened(log) if what in ("CALLED", "SOLD")] == [
        ("CALLED", 109), ("SOLD", 109), ("SOLD", 120), ("SOLD", 140), ("SOLD", 130),
    ]  # fmt: skip
    assert holdings(world) == [2, 4, 4, 0]
    world.check()


@pytest.mark.parametrize("cut", [1, 2, 4, 6])
def test_an_auction_goes_on_from_a_snapshot(cut: int) -> None:
    whole, first, second = busy(), busy(), busy()
    log, head = log_of(whole, 9), log_of(first, cut)
    second.restore(first.snapshot())
    second.check()
    assert np.array_equal(np.concatenate([head, log_of(second, 9 - cut)]), log)
    assert (second.hash(), second.snapshot()) == (whole.hash(), whole.snapshot())


def test_auctions_need_no_more_memory_than_they_find() -> None:
    roomy, tight = busy(), busy(capacity=TINY)
    assert np.array_equal(log_of(roomy, 9), log_of(tight, 9))
    assert roomy.snapshot() == tight.snapshot()
