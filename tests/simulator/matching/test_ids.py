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
