"""Call auctions: the one price by its four rules, what may come in meanwhile, and both engines alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.matching import ENGINES, Book, rebuild
from simulator.matching.reference_engine import ReferenceEngine
from simulator.types import COMMAND, CommandKind, Reason, RecordKind, Side, TimeInForce
from tests.simulator.matching.streams import LADDERS, SIZES, Array, assert_same

engines = pytest.mark.parametrize("engine", sorted(ENGINES))
Orders = list[tuple[int, int, int]]  # side, price, size
BUY, SELL = int(Side.BUY), int(Side.SELL)


def limits(orders: Orders, owners: int = 0) -> Array:
    """A tape of limit orders, each of another owner unless there are only so many."""
    tape = np.zeros(len(orders), COMMAND)
    tape["side"], tape["price"], tape["size"] = np.array(orders).reshape(-1, 3).T
    tape["order_id"] = np.arange(len(orders))
    tape["owner"] = tape["order_id"] % (owners or len(orders))
    return tape


def phase(kind: CommandKind, reference: int = 0) -> Array:
    tape = np.zeros(1, COMMAND)
    tape["kind"], tape["price"], tape["owner"] = kind, reference, -1
    return tape


def auction(orders: Orders, reference: int = 0, owners: int = 0) -> Array:
    """A whole call auction as a tape."""
    return np.concatenate([phase(CommandKind.CALL), limits(orders, owners), phase(CommandKind.UNCROSS, reference)])


def of_kind(records: Array, kind: RecordKind) -> Array:
    return records[records["kind"] == kind]


def result(engine: str, orders: Orders, reference: int = 0) -> tuple[int, int, int]:
    """Price, lots and imbalance as the end of the auction says them."""
    book = Book(engine)
    book.submit_all(auction(orders, reference))
    end = of_kind(book.take_records(), RecordKind.PHASE)[-1]
    return int(end["price"]), int(end["size"]), int(end["remaining"]) * (1 if end["side"] == BUY else -1)


@engines
@pytest.mark.parametrize(
    ("orders", "reference", "expected"),
    [
        ([], 100, (0, 0, 0)),
        ([(BUY, 99, 5), (SELL, 100, 5)], 100, (0, 0, 0)),
        # most lots: 12 trade at 101 and nowhere else
        ([(BUY, 103, 4), (BUY, 101, 8), (SELL, 99, 6), (SELL, 101, 6)], 103, (101, 12, 0)),
        # then least imbalance: 10 lots trade from 100 to 102, in between without a rest
        ([(BUY, 102, 10), (BUY, 100, 5), (SELL, 100, 10), (SELL, 102, 5)], 100, (101, 10, 0)),
        # then nearest to the reference
        ([(BUY, 110, 5), (SELL, 100, 5)], 107, (107, 5, 0)),
        ([(BUY, 110, 5), (SELL, 100, 5)], 120, (110, 5, 0)),
        ([(BUY, 110, 9), (BUY, 105, 1), (SELL, 100, 5)], 90, (106, 5, 4)),
        ([(BUY, 110, 5), (SELL, 100, 9), (SELL, 105, 1)], 120, (104, 5, -4)),
        # then lower: 100 leaves 5 lots of bids, 101 leaves 5 of offers
        ([(BUY, 101, 5), (BUY, 100, 5), (SELL, 100, 5), (SELL, 101, 5)], 0, (100, 5, 5)),
        ([(BUY, 101, 5), (BUY, 100, 5), (SELL, 100, 5), (SELL, 101, 5)], 101, (101, 5, -5)),
    ],
)
def test_the_price_follows_the_four_rules(engine: str, orders: Orders, reference: int, expected: tuple[int, int, int]) -> None:
    assert result(engine, orders, reference) == expected


books = st.lists(st.tuples(st.integers(0, 1), st.integers(18, 25).map(lambda row: 5 * row), st.integers(1, 6)), min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(orders=books, reference=st.integers(80, 130))
def test_no_price_of_the_grid_is_better(orders: Orders, reference: int) -> None:
    book = ReferenceEngine(tick_size=5)
    book.submit_all(np.concatenate([phase(CommandKind.CALL), limits(orders)]))

    def rank(price: int) -> tuple[int, int, int, int]:
        bid = sum(size for side, at, size in orders if side == BUY and at >= price)
        offered = sum(size for side, at, size in orders if side == SELL and at <= price)
        return -min(bid, offered), abs(bid - offered), abs(price - reference), price

    price, lots, imbalance = book.clearing(reference)
    best = min(map(rank, range(90, 130, 5)))
    assert (lots, abs(imbalance)) == (-best[0], best[1]) if lots else best[0] == 0
    assert price == (best[3] if lots else 0)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), owners=st.sampled_from([2, 3, 0]), tick=st.sampled_from([1, 1, 5]))
def test_both_engines_hold_the_same_auction(data: st.DataObject, owners: int, tick: int) -> None:
    prices = data.draw(st.sampled_from(list(LADDERS.values())))
    order = st.tuples(st.integers(0, 1), st.sampled_from(prices), st.sampled_from(SIZES))
    tape = auction(data.draw(st.lists(order, min_size=2, max_size=40)), data.draw(st.sampled_from([0, *prices])), owners)
    reference, kernel = Book("reference", tick), Book("kernel", tick)
    for book in (reference, kernel):
        book.submit_all(tape)
    records = reference.take_records()
    assert_same(kernel.take_records(), records)
    assert kernel.snapshot() == reference.snapshot()
    for engine in ENGINES:
        assert rebuild(records, engine, tick).snapshot() == kernel.snapshot()
    fills, end = of_kind(records, RecordKind.FILLED), of_kind(records, RecordKind.PHASE)[-1]
    assert set(fills["price"].tolist()) <= {int(end["price"])}
    assert min(int(fills["size"].sum(dtype=np.int64)), 2**31 - 1) == end["size"]
    assert not (fills["owner"] == fills["other_owner"]).any()


@engines
def test_orders_that_cannot_rest_are_refused_and_the_others_rest_without_trading(engine: str) -> None:
    book = Book(engine)
    book.submit_all(phase(CommandKind.CALL))
    book.place(Side.SELL, 100, 5, order_id=1, owner=1)
    book.place(Side.BUY, 101, 5, order_id=2, owner=2)
    book.place(Side.BUY, 102, 5, order_id=3, owner=3, time_in_force=TimeInForce.POST_ONLY)
    book.take_records()
    for time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        book.place(Side.BUY, 101, 5, order_id=4, owner=4, time_in_force=time_in_force)
    book.market(Side.BUY, 5, order_id=4, owner=4)
    refused = book.take_records()
    assert [(record["kind"], record["reason"]) for record in refused] == [(RecordKind.REJECTED, Reason.IN_CALL)] * 3
    assert book.depth(Side.SELL) == [(100, 5, 1)]
    assert book.depth(Side.BUY) == [(102, 5, 1), (101, 5, 1)]


@engines
def test_a_book_begins_and_ends_an_auction_by_its_own_methods(engine: str) -> None:
    book = Book(engine)
    assert book.begin_call() == 1
    book.place(Side.BUY, 110, 5, order_id=1, owner=1)
    book.place(Side.SELL, 100, 5, order_id=2, owner=2)
    assert book.uncross(reference=104) == 2
    assert of_kind(book.take_records(), RecordKind.FILLED)["price"].tolist() == [104]


@engines
def test_nobody_trades_with_himself(engine: str) -> None:
    book = Book(engine)
    orders = [(SELL, 100, 5), (SELL, 101, 3), (SELL, 103, 2), (BUY, 102, 9)]
    book.submit_all(np.concatenate([phase(CommandKind.CALL), limits(orders, owners=1)]))
    cancelled = of_kind(book.take_records(), RecordKind.CANCELLED)
    assert cancelled[["order_id", "other_id", "reason"]].tolist() == [(0, 3, Reason.SELF_TRADE), (1, 3, Reason.SELF_TRADE)]
    assert book.depth(Side.SELL) == [(103, 2, 1)]


@engines
def test_a_phase_begins_and_ends_once_and_not_while_halted(engine: str) -> None:
    book = Book(engine)
    kinds = ("UNCROSS", "CALL", "CALL", "HALT", "UNCROSS", "RESUME", "UNCROSS")
    book.submit_all(np.concatenate([phase(CommandKind[kind]) for kind in kinds]))
    reasons = [Reason.NOT_IN_CALL, Reason.CALL_BEGAN, Reason.ALREADY_IN_CALL, Reason.NONE, Reason.HALTED, Reason.NONE, Reason.UNCROSSED]
    assert book.take_records()["reason"].tolist() == reasons


@engines
def test_a_snapshot_goes_on_in_the_auction(engine: str) -> None:
    before, after = Book(engine), Book(engine)
    tape = auction([(BUY, 110, 5), (SELL, 100, 5)], 103)
    before.submit_all(tape[:-1])
    after.restore(before.snapshot())
    after.submit_all(tape[-1:])
    assert of_kind(after.take_records(), RecordKind.FILLED)["price"].tolist() == [103]
    assert before.state_hash() != after.state_hash()
