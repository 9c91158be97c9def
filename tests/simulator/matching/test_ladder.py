"""The ladder against a sorted list: the best price and the next ones, wherever prices lie."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.matching.kernel_book import KernelBook
from simulator.types import COMMAND

anywhere = st.one_of(st.integers(1, 200), st.integers(1, 2**31 - 1), st.integers(0, 30).map(lambda bit: 1 << bit))


@settings(max_examples=60, deadline=None)
@given(prices=st.lists(anywhere, min_size=1, max_size=60), side=st.integers(0, 1), data=st.data())
def test_levels_are_found_in_order_as_they_come_and_go(prices: list[int], side: int, data: st.DataObject) -> None:
    book = KernelBook(pages=1)
    rows = [(0, side, 0, price, 1, order_id, 0) for order_id, price in enumerate(prices)]
    book.submit_all(np.array(rows, COMMAND))
    left = dict(enumerate(prices))
    for order_id in data.draw(st.permutations(range(len(prices)))):
        wanted = sorted(set(left.values()), reverse=side == 0)
        assert [price for price, _, _ in book.levels(side)] == wanted
        assert book.best(side) == wanted[0]
        book.submit_all(np.array([(2, 0, 0, 0, 0, order_id, 0)], COMMAND))
        del left[order_id]
    assert book.levels(side) == []
    assert book.best(side) == 0
