"""Every rule of the specification on a book of a few orders, for every engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.matching import ENGINES, Book
from simulator.types import CommandKind, Reason, RecordKind, Side, TimeInForce

BUY, SELL = Side.BUY, Side.SELL
MakeBook = Callable[..., Book]


@pytest.fixture(params=list(ENGINES))
def make_book(request: pytest.FixtureRequest) -> MakeBook:
    def make(tick_size: int = 1, lot_size: int = 1) -> Book:
        return Book(request.param, tick_size, lot_size)

    return make


@pytest.fixture
def book(make_book: MakeBook) -> Book:
    """Asks 101 (order 1: 5 lots, order 2: 3 lots) and 102 (order 3: 4 lots); bid 99 (order 4: 6 lots). Owners 11 to 14."""
    book = make_book()
    book.place(SELL, 101, 5, order_id=1, owner=11)
    book.place(SELL, 101, 3, order_id=2, owner=12)
    book.place(SELL, 102, 4, order_id=3, owner=13)
    book.place(BUY, 99, 6, order_id=4, owner=14)
    book.take_records()
    return book


def told(book: Book) -> list[tuple[str, str, int, int, int, int, int]]:
    """Return the waiting records as (kind, reason, order, other order, price, size, remaining)."""
    names = ("order_id", "other_id", "price", "size", "remaining")
    return [
        (RecordKind(record["kind"]).name, Reason(record["reason"]).name, *(int(record[name]) for name in names))
        for record in book.take_records()
    ]


def test_limit_rests(book: Book) -> None:
    assert book.place(BUY, 100, 2, order_id=5, owner=15) == 1
    assert told(book) == [("ACCEPTED", "NONE", 5, -1, 100, 2, 2)]
    assert (book.best_bid, book.best_ask) == (100, 101)
    assert book.depth(BUY) == [(100, 2, 1), (99, 6, 1)]
    assert book.depth(SELL, levels=1) == [(101, 8, 2)]


def test_fills_in_order_of_arrival_at_the_resting_price(book: Book) -> None:
    assert book.place(BUY, 102, 9, order_id=5, owner=15) == 4
    assert told(book) == [
        ("ACCEPTED", "NONE", 5, -1, 102, 9, 9),
        ("FILLED", "NONE", 1, 5, 101, 5, 0),
        ("FILLED", "NONE", 2, 5, 101, 3, 0),
        ("FILLED", "NONE", 3, 5, 102, 1, 3),
    ]
    assert book.depth(SELL) == [(102, 3, 1)]
    assert book.state().last == 102
    assert (book.state().volume, book.state().trades) == (9, 3)


def test_whole_record(book: Book) -> None:
    book.place(SELL, 99, 1, order_id=5, owner=15, time_in_force=TimeInForce.IOC)
    accepted, filled = book.take_records().tolist()
    assert accepted == (RecordKind.ACCEPTED, SELL, Reason.NONE, TimeInForce.IOC, 0, 0, 99, 1, 1, 15, -1, 5, -1)
    assert filled == (RecordKind.FILLED, SELL, Reason.NONE, 0, 0, 0, 99, 1, 5, 14, 15, 4, 5)


def test_rest_of_a_crossing_limit_rests_at_its_own_price(book: Book) -> None:
    book.place(BUY, 101, 10, order_id=5, owner=15)
    assert book.depth(BUY) == [(101, 2, 1), (99, 6, 1)]
    assert book.best_ask == 102


def test_ioc_rest_is_cancelled(book: Book) -> None:
    book.place(BUY, 101, 10, order_id=5, owner=15, time_in_force=TimeInForce.IOC)
    assert told(book)[-1] == ("CANCELLED", "UNFILLED", 5, -1, 101, 2, 0)
    assert book.best_bid == 99


def test_market_order_trades_at_any_price(book: Book) -> None:
    book.market(BUY, 20, order_id=5, owner=15)
    records = told(book)
    assert records[0] == ("ACCEPTED", "NONE", 5, -1, 0, 20, 20)
    assert [record[2] for record in records[1:4]] == [1, 2, 3]
    assert records[4] == ("CANCELLED", "UNFILLED", 5, -1, 0, 8, 0)
    assert book.best_ask == 0


def test_market_order_into_an_empty_book(make_book: MakeBook) -> None:
    book = make_book()
    book.market(SELL, 2, order_id=5)
    assert told(book) == [("ACCEPTED", "NONE", 5, -1, 0, 2, 2), ("CANCELLED", "UNFILLED", 5, -1, 0, 2, 0)]


def test_fok_fills_completely(book: Book) -> None:
    book.place(BUY, 102, 12, order_id=5, owner=15, time_in_force=TimeInForce.FOK)
    assert [record[0] for record in told(book)] == ["ACCEPTED", "FILLED", "FILLED", "FILLED"]
    assert book.best_ask == 0


def test_fok_that_cannot_fill_completely_changes_nothing(book: Book) -> None:
    before = book.state_hash()
    book.place(BUY, 102, 13, order_id=5, owner=15, time_in_force=TimeInForce.FOK)
    book.place(BUY, 101, 9, order_id=5, owner=15, time_in_force=TimeInForce.FOK)
    assert [record[:2] for record in told(book)] == [("REJECTED", "NOT_FILLABLE")] * 2
    assert book.state_hash() == before


def test_fok_does_not_count_own_orders(book: Book) -> None:
    book.place(BUY, 101, 8, order_id=5, owner=12, time_in_force=TimeInForce.FOK)
    assert told(book)[0][:2] == ("REJECTED", "NOT_FILLABLE")
    book.place(BUY, 102, 9, order_id=5, owner=12, time_in_force=TimeInForce.FOK)
    assert [record[:3] for record in told(book)] == [
        ("ACCEPTED", "NONE", 5),
        ("FILLED", "NONE", 1),
        ("CANCELLED", "SELF_TRADE", 2),
        ("FILLED", "NONE", 3),
    ]


def test_post_only(book: Book) -> None:
    book.place(BUY, 101, 1, order_id=5, owner=11, time_in_force=TimeInForce.POST_ONLY)
    book.place(BUY, 100, 1, order_id=5, owner=11, time_in_force=TimeInForce.POST_ONLY)
    assert [record[:2] for record in told(book)] == [("REJECTED", "WOULD_TRADE"), ("ACCEPTED", "NONE")]


def test_self_trade_cancels_the_resting_order_and_goes_on(book: Book) -> None:
    book.place(BUY, 101, 4, order_id=5, owner=11)
    assert told(book) == [
        ("ACCEPTED", "NONE", 5, -1, 101, 4, 4),
        ("CANCELLED", "SELF_TRADE", 1, 5, 101, 5, 0),
        ("FILLED", "NONE", 2, 5, 101, 3, 0),
    ]
    assert book.depth(BUY)[0] == (101, 1, 1)


def test_cancel(book: Book) -> None:
    book.cancel(1)
    assert told(book) == [("CANCELLED", "BY_OWNER", 1, -1, 101, 5, 0)]
    assert book.depth(SELL, 1) == [(101, 3, 1)]
    book.cancel(1)
    assert told(book) == [("REJECTED", "UNKNOWN_ORDER", 1, -1, 0, 0, 0)]


def test_smaller_size_keeps_its_place(book: Book) -> None:
    book.modify(1, price=101, size=2)
    assert told(book) == [("MODIFIED", "KEPT_PLACE", 1, -1, 101, 2, 2)]
    assert book.depth(SELL, 1) == [(101, 5, 2)]
    book.market(BUY, 1, order_id=5, owner=15)
    assert told(book)[1][2] == 1


@pytest.mark.parametrize("size", [5, 9])
def test_same_or_larger_size_queues_anew(book: Book, size: int) -> None:
    book.modify(1, price=101, size=size)
    assert told(book) == [("MODIFIED", "REQUEUED", 1, -1, 101, size, size)]
    book.market(BUY, 1, order_id=5, owner=15)
    assert told(book)[1][2] == 2


def test_modification_that_crosses_trades_as_the_resting_order(book: Book) -> None:
    assert book.submit(kind=CommandKind.MODIFY, side=BUY, price=99, size=7, order_id=2, owner=99)["owner"].tolist() == [12, 14]
    assert book.depth(SELL, 1) == [(99, 1, 1)]
    assert book.best_bid == 0


def test_post_only_modification_that_would_trade_leaves_the_order_alone(book: Book) -> None:
    before = book.state_hash()
    book.modify(1, price=99, size=1, time_in_force=TimeInForce.POST_ONLY)
    assert told(book)[0][:3] == ("REJECTED", "WOULD_TRADE", 1)
    assert book.state_hash() == before


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_modification_must_rest(book: Book, time_in_force: TimeInForce) -> None:
    book.modify(1, price=101, size=1, time_in_force=time_in_force)
    assert told(book)[0][:2] == ("REJECTED", "INVALID_TIME_IN_FORCE")


def test_halt_refuses_all_but_cancels(book: Book) -> None:
    book.halt()
    book.place(BUY, 99, 1, order_id=5)
    book.market(BUY, 1, order_id=5)
    book.modify(1, 101, 1)
    book.cancel(1)
    book.halt()
    book.resume()
    book.resume()
    book.place(BUY, 99, 1, order_id=5)
    assert [record[:2] for record in told(book)] == [
        ("HALTED", "NONE"),
        ("REJECTED", "HALTED"),
        ("REJECTED", "HALTED"),
        ("REJECTED", "HALTED"),
        ("CANCELLED", "BY_OWNER"),
        ("REJECTED", "ALREADY_HALTED"),
        ("RESUMED", "NONE"),
        ("REJECTED", "NOT_HALTED"),
        ("ACCEPTED", "NONE"),
    ]


def test_phase_is_part_of_the_state(book: Book) -> None:
    before = book.state_hash()
    book.halt()
    assert book.state_hash() != before


def test_id_is_free_again_after_its_order_left(book: Book) -> None:
    book.place(BUY, 98, 1, order_id=4)
    book.cancel(4)
    book.place(BUY, 98, 1, order_id=4)
    assert [record[:2] for record in told(book)] == [("REJECTED", "DUPLICATE_ID"), ("CANCELLED", "BY_OWNER"), ("ACCEPTED", "NONE")]


LIMIT = {"kind": CommandKind.LIMIT, "side": BUY, "price": 50, "size": 10, "order_id": 9}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": 8}, Reason.INVALID_KIND),
        ({"side": 2}, Reason.INVALID_SIDE),
        ({"side": 2, "time_in_force": 4}, Reason.INVALID_SIDE),
        ({"time_in_force": 4, "size": 0}, Reason.INVALID_TIME_IN_FORCE),
        ({"size": 0, "price": 0}, Reason.INVALID_SIZE),
        ({"size": -10}, Reason.INVALID_SIZE),
        ({"size": 11, "price": 0}, Reason.OFF_LOT),
        ({"price": 0, "order_id": -1}, Reason.INVALID_PRICE),
        ({"price": -50}, Reason.INVALID_PRICE),
        ({"price": 51, "order_id": -1}, Reason.OFF_TICK),
        ({"order_id": -1}, Reason.INVALID_ID),
        ({"kind": CommandKind.MODIFY}, Reason.UNKNOWN_ORDER),
        ({"kind": CommandKind.MODIFY, "side": 2}, Reason.UNKNOWN_ORDER),
        ({"kind": CommandKind.CANCEL, "size": 0}, Reason.UNKNOWN_ORDER),
        ({"kind": CommandKind.MARKET, "price": 0, "time_in_force": 9}, Reason.NONE),
        ({}, Reason.NONE),
    ],
)
def test_first_broken_rule_is_the_reason(make_book: MakeBook, changes: dict[str, int], reason: Reason) -> None:
    records = make_book(tick_size=5, lot_size=2).submit(**(LIMIT | changes))
    assert Reason(records[0]["reason"]) is reason
    if reason is not Reason.NONE:
        fields = LIMIT | changes
        assert RecordKind(records[0]["kind"]) is RecordKind.REJECTED
        assert [int(records[0][name]) for name in ("side", "price", "size", "order_id")] == [
            fields[name] for name in ("side", "price", "size", "order_id")
        ]
        assert len(records) == 1


def test_prices_and_sizes_at_the_ends_of_the_range(make_book: MakeBook) -> None:
    book, highest = make_book(), 2**31 - 1
    for order_id in range(3):
        book.place(SELL, highest, highest, order_id, owner=1)
    book.place(BUY, 1, highest, 4, owner=2)
    assert book.depth(SELL) == [(highest, 3 * highest, 3)]
    assert (book.best_bid, book.best_ask) == (1, highest)
    book.market(BUY, highest, 5, owner=3)
    book.market(SELL, highest, 6, owner=3)
    assert book.depth(SELL) == [(highest, 2 * highest, 2)]
    assert book.best_bid == 0
