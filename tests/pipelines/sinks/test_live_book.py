"""Levels from market.orders alone are those of the specification's book, whatever happens in it and wherever the rows are cut."""

from __future__ import annotations

import pytest

from pipelines.events.vocabulary import RecordKind, Side
from pipelines.sinks.live_book import LiveBook, OrderRow, Resting
from simulator.matching import Book, replay
from tests.contracts.check_book import random_tape

GTC, IOC = 0, 1
ACCEPTED, FILLED, CANCELLED, MODIFIED = RecordKind.ACCEPTED, RecordKind.FILLED, RecordKind.CANCELLED, RecordKind.MODIFIED


@pytest.mark.parametrize("seed", range(6))
def test_levels_are_the_specifications(seed: int) -> None:
    tape = random_tape(seed, (90, 111))
    book, live = Book("reference", 1, 1), LiveBook()
    book.submit_all(tape)
    records = replay(tape, "reference")
    columns = [records[name].tolist() for name in OrderRow._fields]
    rows = list(zip(*columns, strict=True))
    shown: dict[tuple[int, int], int] = {}
    for first in range(0, len(rows), 7):  # cuts lie within commands, too
        live.follow(rows[first : first + 7])
        changes = live.changes()
        assert {level: lots for level, lots in changes.before.items() if lots} == {
            level: shown[level] for level in changes.before if level in shown
        }
        shown = {level: lots for level, lots in (shown | changes.after).items() if lots}
        live = LiveBook(dict(live.orders))  # as read back from a store
    for side in Side:
        wanted = {price: lots for price, lots, _ in book.depth(side)}
        assert live.depth(side) == wanted
        assert {price: lots for (at, price), lots in shown.items() if at == side} == wanted
    assert {order_id: order.left for order_id, order in live.orders.items()} == {
        int(row["order_id"]): int(row["remaining"]) for row in book.state().resting
    }


def test_a_fill_takes_lots_off_both_orders_wherever_they_rest() -> None:
    book = LiveBook()
    book.follow([(ACCEPTED, Side.SELL, GTC, 101, 5, 1, -1), (ACCEPTED, Side.BUY, GTC, 103, 8, 2, -1), (FILLED, Side.BUY, 0, 101, 5, 1, 2)])
    assert book.orders == {2: Resting(Side.BUY, 103, 3)}
    assert book.levels == {(Side.BUY, 103): 3}


def test_what_may_not_rest_changes_no_level() -> None:
    book = LiveBook({1: Resting(Side.SELL, 101, 5)})
    book.follow([(ACCEPTED, Side.BUY, IOC, 103, 8, 2, -1), (FILLED, Side.BUY, 0, 101, 5, 1, 2), (CANCELLED, Side.BUY, 0, 103, 3, 2, -1)])
    assert (book.orders, book.levels) == ({}, {})
    changes = book.changes()
    assert (changes.gone, changes.before, changes.after) == ([1], {(Side.SELL, 101): 5}, {(Side.SELL, 101): 0})


def test_what_came_and_went_within_a_batch_is_no_change() -> None:
    book = LiveBook({1: Resting(Side.SELL, 101, 5)})
    book.follow([(ACCEPTED, Side.SELL, GTC, 101, 2, 2, -1), (CANCELLED, Side.SELL, 0, 101, 2, 2, -1)])
    assert book.changes() == ({}, [], {}, {})


def test_a_modified_order_has_its_new_price_and_size() -> None:
    book = LiveBook({1: Resting(Side.SELL, 101, 5)})
    book.follow([(MODIFIED, Side.SELL, 0, 104, 9, 1, -1)])
    assert book.levels == {(Side.SELL, 104): 9}
