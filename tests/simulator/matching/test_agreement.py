"""The kernel agrees with the specification on any stream of commands: records, state, and what views read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.matching.kernel_book import KernelBook
from simulator.matching.reference_engine import ReferenceEngine
from simulator.types import Side
from tests.simulator.matching.streams import Array, assert_same, grids, tapes

ROOMY, TIGHT = {}, {"orders": 1, "pages": 1, "ring_rows": 1}
"""Tight: orders, id table, pages and ring all grow many times, at whichever command needs it first."""


@pytest.mark.parametrize("capacity", [ROOMY, TIGHT], ids=["roomy", "tight"])
@settings(max_examples=120, deadline=None)
@given(tape=tapes(), grid=grids)
def test_kernel_agrees_with_the_specification(capacity: dict[str, int], tape: Array, grid: tuple[int, int]) -> None:
    reference, kernel = ReferenceEngine(*grid), KernelBook(*grid, **capacity)
    reference.submit_all(tape)
    kernel.submit_all(tape)
    assert_same(kernel.take_records(), reference.take_records())
    assert kernel.state().hash() == reference.state().hash()
    assert_same_view(kernel, reference)


def assert_same_view(kernel: KernelBook, reference: ReferenceEngine) -> None:
    book = kernel.arrays.books[0]
    for side in Side:
        levels = reference.levels(side)
        assert kernel.levels(side) == levels
        assert kernel.levels(side, 2) == levels[:2]
        assert (book["best"][side], book["size"][side]) == (levels[0][:2] if levels else (0, 0))
        assert book["orders"][side] == sum(orders for _, _, orders in levels)
    assert (book["last"], book["volume"], book["trades"]) == (reference.last, reference.volume, reference.trades)
    assert kernel.arrays.pool[0]["live"] == len(reference.orders)


@settings(max_examples=50, deadline=None)
@given(tape=tapes(), data=st.data())
def test_batches_do_not_matter(tape: Array, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(tape)))
    whole, parts = KernelBook(), KernelBook(**TIGHT)
    whole.submit_all(tape)
    parts.submit_all(tape[:cut])
    parts.submit_all(tape[cut:])
    assert_same(parts.take_records(), whole.take_records())


@settings(max_examples=50, deadline=None)
@given(tape=tapes())
def test_best_bid_stays_below_best_ask_except_in_a_call_auction(tape: Array) -> None:
    kernel = KernelBook(**TIGHT)
    for row in range(len(tape)):
        kernel.submit_all(tape[row : row + 1])
        bid, ask = kernel.arrays.books[0]["best"].tolist()
        assert bid == 0 or ask == 0 or bid < ask or kernel.arrays.books[0]["in_call"]
