"""The table from order ids to order rows: open addressing, no tombstones, eight entries a cache line.

An entry keeps a 32-bit tag of (symbol, id) beside the row, so a search touches order rows only where the tag agrees.
Ids that follow each other lie side by side; ids that share their low bits are spread by multiplication.
"""

from __future__ import annotations

from simulator.matching.compiled import compiled, inlined, u4, u8
from simulator.matching.layout import Array


@inlined
def tag_of(symbol: int, order_id: int) -> int:
    """Return the tag of an order; two symbols never give one id the same tag."""
    word = u8(order_id)
    high = (word >> u8(32)) * u8(0x9E3779B1)
    return u4((word ^ high ^ (high >> u8(32))) + u8(symbol) * u8(0x85EBCA77))


@inlined
def home_of(tag: int, mask: int) -> int:
    """Return the place where the search for a tag begins."""
    word = u8(tag)
    line = ((word >> u8(3)) * u8(0x9E3779B97F4A7C15)) >> u8(32)
    return ((line << u8(3)) | (word & u8(7))) & mask


@inlined
def find_slot(orders: Array, table: Array, symbol: int, order_id: int) -> int:
    """Return the row of a resting order, 0 if no order of that id rests."""
    mask = u8(len(table) - 1)
    tag = tag_of(symbol, order_id)
    place = home_of(tag, mask)
    while True:
        entry = table[place]
        if entry.slot == 0:
            return u4(0)
        if entry.tag == tag and orders[entry.slot].order_id == order_id:
            slot: int = entry.slot
            return slot
        place = (place + u8(1)) & mask


@inlined
def add_entry(table: Array, tag: int, slot: int) -> None:
    """Enter a row that is not in the table yet; the caller has made sure of room."""
    mask = u8(len(table) - 1)
    place = home_of(tag, mask)
    while table[place].slot != 0:
        place = (place + u8(1)) & mask
    table[place].tag = tag
    table[place].slot = slot


@inlined
def remove_entry(table: Array, tag: int, slot: int) -> None:
    """Take a row out and close the gap, so that no later search stops early."""
    mask = u8(len(table) - 1)
    one = u8(1)
    gap = home_of(tag, mask)
    while table[gap].slot != slot:
        gap = (gap + one) & mask
    place = (gap + one) & mask
    while table[place].slot != 0:
        home = home_of(u4(table[place].tag), mask)
        if ((place - home) & mask) >= ((place - gap) & mask):
            table[gap].tag = table[place].tag
            table[gap].slot = table[place].slot
            gap = place
        place = (place + one) & mask
    table[gap].slot = 0


@compiled
def move_table(old: Array, new: Array) -> None:
    """Enter every entry of `old` into the empty table `new`."""
    for place in range(len(old)):
        if old[place].slot != 0:
            add_entry(new, old[place].tag, old[place].slot)
