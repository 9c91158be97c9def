"""What compiled callers may ask about a resting order."""

from __future__ import annotations

from typing import Any

from simulator.matching import kernel
from simulator.matching.compiled import compiled
from simulator.matching.kernel_book import KernelBook
from simulator.types import Side
from tests.simulator.matching.streams import Array


@compiled
def look_up(orders: Array, pages: Array, table: Array, order_id: int) -> Any:
    """Return (slot, side, price, remaining, owner) of an order."""
    slot = kernel.find(orders, table, 0, order_id)
    side, price = kernel.order_side(orders, slot), kernel.order_price(orders, pages, slot)
    return slot, side, price, kernel.order_remaining(orders, slot), kernel.order_owner(orders, slot)


def test_a_resting_order_is_found_with_its_fields() -> None:
    book = KernelBook()
    book.apply(0, Side.SELL, 0, 2**31 - 1, 5, 2**62, -3)
    arrays = book.arrays
    slot, *fields = look_up(arrays.orders, arrays.pages, arrays.table, 2**62)
    assert slot > 0
    assert fields == [Side.SELL, 2**31 - 1, 5, -3]
    assert look_up(arrays.orders, arrays.pages, arrays.table, 7)[0] == 0
