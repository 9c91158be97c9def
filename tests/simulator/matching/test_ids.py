"""The table of ids against a dict, and its hash."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.matching.kernel_book import KernelBook
from simulator.types import COMMAND

some_ids = st.one_of(
    st.integers(0, 40),
    st.integers(0, 40).map(lambda number: number << 32),
    st.integers(0, 40).map(lambda number: number << 8),
    st.integers(0, 2**63 - 1),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), some_ids), max_size=120))
def test_table_finds_exactly_the_resting_ids(changes: list[tuple[bool, int]]) -> None:
    book, resting = KernelBook(orders=1), set()
    for adds, order_id in changes:
        book.submit_all(np.array([(0 if adds else 2, 0, 0, 10, 1, order_id, 0)], COMMAND))
        record = book.take_records()[0]
        assert (record["kind"] == 2) == (adds == (order_id in resting))
        resting = resting | {order_id} if adds else resting - {order_id}
    assert set(book.state().resting["order_id"].tolist()) == resting
    assert np.count_nonzero(book.arrays.table["slot"]) == len(resting)


@settings(max_examples=30, deadline=None)
@given(step=st.sampled_from([1, 7, 8, 64, 2**20, 2**32, 2**32 + 1, 2**55 - 1]), data=st.data())
def test_every_id_is_found_whatever_left_before(step: int, data: st.DataObject) -> None:
    """A full table, so that ids share places, emptied in any order."""
    ids = [step * number for number in range(200)]
    book = KernelBook(orders=1)
    book.submit_all(np.array([(0, 0, 0, 10, 1, order_id, 0) for order_id in ids], COMMAND))
    for order_id in data.draw(st.permutations(ids)):
        assert book.apply(2, 0, 0, 0, 0, order_id, 0) == 1
    assert book.take_records()["kind"].tolist() == [1] * 200 + [4] * 200
    assert not book.arrays.table["slot"].any()
