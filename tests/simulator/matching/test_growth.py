"""What must grow is asked for before anything is changed; nothing is refused for lack of room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from simulator.matching.arrays import BookArrays, Grow, ring_of
from simulator.matching.calls import Call
from simulator.matching.kernel_book import KernelBook
from simulator.matching.reference_engine import ReferenceEngine
from simulator.types import COMMAND
from tests.simulator.matching.streams import Array, assert_same, tapes


def bytes_of(arrays: BookArrays) -> list[bytes]:
    """Everything that a command may change, without the counters that say what is asked for."""
    pool = arrays.pool.copy()
    pool["needed"] = pool["done"] = 0
    return [array.tobytes() for array in (pool, *(array for array in arrays.args if array is not arrays.pool))]


@settings(max_examples=60, deadline=None)
@given(tape=tapes(longest=40))
def test_a_code_means_that_nothing_was_changed(tape: Array) -> None:
    arrays, records = BookArrays(orders=1, pages=1), []
    for row in range(len(tape)):
        ring = ring_of(1)
        before = bytes_of(arrays)
        while (written := Call(arrays, ring, tape[row : row + 1])()) < 0:
            assert bytes_of(arrays) == before
            assert not ring["kind"].any()
            if -written == Grow.RING:
                assert arrays.pool[0]["needed"] > len(ring)
                ring = ring_of(int(arrays.pool[0]["needed"]))
            else:
                arrays.grow(-written)
                before = bytes_of(arrays)
        records.append(ring[:written])
        arrays.pool[0]["cursor"] = 0
    reference = ReferenceEngine()
    reference.submit_all(tape)
    assert_same(np.concatenate(records), reference.take_records())


def test_grow_refuses_what_is_not_its_own() -> None:
    with pytest.raises(ValueError, match="code 3 is not"):
        BookArrays().grow(Grow.RING)


@pytest.mark.parametrize("name", ["symbols", "tick_size", "lot_size", "orders", "pages"])
def test_capacities_are_positive(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} 0 is not in"):
        BookArrays(**{name: 0})


def test_pages_are_used_again() -> None:
    """A price that wanders over the whole range takes no more pages than its neighbourhood needs."""
    prices = np.linspace(1, 2**31 - 1, 3000).astype(np.int32)
    tape = np.zeros(2 * len(prices), COMMAND)
    tape["kind"][1::2] = 2
    tape["price"], tape["size"], tape["order_id"] = np.repeat(prices, 2), 1, np.repeat(np.arange(len(prices)), 2)
    kernel = KernelBook()
    kernel.submit_all(tape)
    assert len(kernel.arrays.pages) <= 200
    assert len(kernel.arrays.orders) == 4097
    assert len(kernel.state().resting) == 0


def test_symbols_share_arrays_but_not_books() -> None:
    """One id, one price, two symbols; more symbols than pages to begin with."""
    arrays, ring = BookArrays(symbols=3, orders=1, pages=1), ring_of(100)
    for symbol in (0, 2):
        for side, price, order_id in ((0, 99, 7), (1, 101 + symbol, 8)):
            command = np.array([(0, side, 0, price, 5 + symbol, order_id, side)], COMMAND)
            while (written := Call(arrays, ring, command, symbol)()) < 0:
                arrays.grow(-written)
    assert arrays.books["best"].tolist() == [[99, 101], [0, 0], [99, 103]]
    assert arrays.books["size"].tolist() == [[5, 5], [0, 0], [7, 7]]
    cancel_call = Call(arrays, ring, np.zeros(0, COMMAND), symbol=2)
    cancel_call.take(np.array([(2, 0, 0, 0, 0, 7, 0)], COMMAND), step=9)
    assert cancel_call() == 1
    assert arrays.books["best"].tolist() == [[99, 101], [0, 0], [0, 103]]
    assert ring[4][["symbol", "step", "order_id"]].item() == (2, 9, 7)
