"""The present of a world: newest rows only, nothing twice, nothing back."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.events.block import Block, Head
from pipelines.events.declarations import EVENT_TYPES
from pipelines.sinks.live_world import LiveWorld

RUN = "20261121-101500-a1b2"


def block(event: str, first_seq: int, prev_seq: int, **columns: list[int]) -> Block:
    count = len(next(iter(columns.values())))
    values: dict[str, Any] = {column.name: np.zeros(count, np.int64) for column in EVENT_TYPES[event].all_columns}
    values |= {name: np.array(given, np.int64) for name, given in columns.items()}
    values["seq"] = np.arange(first_seq, first_seq + count, dtype=np.int64)
    return Block(EVENT_TYPES[event], Head(RUN, 0, 0, prev_seq, first_seq, first_seq + count - 1, count), values)


def test_the_last_tick_of_each_symbol_stays_and_none_goes_back() -> None:
    world = LiveWorld(recent=3)
    world.take(block("ticks", 4, -1, symbol=[0, 1, 0], last=[100, 200, 101]))
    world.take(block("ticks", 0, -1, symbol=[0, 1], last=[90, 190]))
    assert {symbol: tick["last"] for symbol, tick in world.ticks.items()} == {0: 101, 1: 200}
    assert world.changed_ticks == {0, 1}


def test_rows_of_a_block_that_are_known_do_not_count_again() -> None:
    world = LiveWorld(recent=3)
    first = block("orders", 0, -1, kind=[1, 1], price=[100, 101], size=[2, 3], order_id=[1, 2])
    world.take(first)
    world.take(first)
    assert world.books[0].levels == {(0, 100): 2, (0, 101): 3}
    assert (world.heads.orders, world.heads.orders_since) == (1, -1)


def test_books_that_lack_their_beginning_say_so() -> None:
    world = LiveWorld(recent=3)
    world.take(block("orders", 10, 9, kind=[3], size=[1], order_id=[1], other_id=[2]))
    assert world.heads.orders_since == 9


def test_leaders_are_cash_and_inventory_at_the_last_price() -> None:
    world = LiveWorld(recent=3)
    world.take(block("agents", 0, -1, agent=[0, 1, 2, 0], cash=[5, 500, 300, 100], inventory=[1, -2, 0, 2]))
    assert world.leaders(2) == [(1, 500), (2, 300)]
    world.take(block("ticks", 9, -1, symbol=[0], last=[100]))
    assert world.leaders(3) == [(0, 300), (1, 300), (2, 300)]


def test_the_newest_trades_are_kept_in_whatever_order_they_come() -> None:
    world = LiveWorld(recent=3)
    world.take(block("trades", 10, 5, price=[1, 2]))
    world.take(block("trades", 1, -1, price=[3, 4, 5]))
    assert [row["seq"] for row in world.trades[0]] == [3, 10, 11]
    world.written()
    assert world.trades == {}
