"""The table from order ids to order rows: open addressing, no tombstones, eight entries a cache line.

An entry keeps a 32-bit tag of (symbol, id) beside the row, so a search touches order rows only where the tag agrees.
Ids that follow each other lie side by side; ids that share their low bits are spread by multiplication.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.matching.arrays import Array


@njit(_nrt=False, forceinline=True)
def tag_of(symbol: int, order_id: int) -> int:
    """Return the tag of an order; two symbols never give one id the same tag."""
    word = np.uint64(order_id)
    high = (word >> np.uint64(32)) * np.uint64(0x9E3779B1)
    return np.uint32(word ^ high ^ (high >> np.uint64(32))) + np.uint32(np.uint64(symbol) * np.uint64(0x85EBCA77))


@njit(_nrt=False, forceinline=True)
def home_of(tag: int, mask: int) -> int:
    """Return the place where the search for a tag begins."""
    word = np.uint64(np.uint32(tag))
    line = ((word >> np.uint64(3)) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    return ((line << np.uint64(3)) | (word & np.uint64(7))) & mask


@njit(_nrt=False, forceinline=True)
def find_slot(orders: Array, table: Array, symbol: int, order_id: int) -> int:
    """Return the row of a resting order, 0 if no order of that id rests."""
    mask = np.uint64(len(table) - 1)
    tag = np.uint32(tag_of(symbol, order_id))
    place = home_of(tag, mask)
    while True:
        entry = table[place]
        if entry.slot == 0:
            return np.uint32(0)
        if entry.tag == tag and orders[entry.slot].order_id == order_id:
            return entry.slot
        place = (place + np.uint64(1)) & mask


@njit(_nrt=False, forceinline=True)
def add_entry(table: Array, tag: int, slot: int) -> None:
    """Enter a row that is not in the table yet; the caller has made sure of room."""
    mask = np.uint64(len(table) - 1)
    place = home_of(tag, mask)
    while table[place].slot != 0:
        place = (place + np.uint64(1)) & mask
    table[place].tag = tag
    table[place].slot = slot


@njit(_nrt=False, forceinline=True)
def remove_entry(table: Array, tag: int, slot: int) -> None:
    """Take a row out and close the gap, so that no later search stops early."""
    mask = np.uint64(len(table) - 1)
    one = np.uint64(1)
    gap = home_of(tag, mask)
    while table[gap].slot != slot:
        gap = (gap + one) & mask
    place = (gap + one) & mask
    while table[place].slot != 0:
        home = home_of(table[place].tag, mask)
        if ((place - home) & mask) >= ((place - gap) & mask):
            table[gap].tag = table[place].tag
            table[gap].slot = table[place].slot
            gap = place
        place = (place + one) & mask
    table[gap].slot = 0


@njit(_nrt=False, cache=True)
def move_table(old: Array, new: Array) -> None:
    """Enter every entry of `old` into the empty table `new`."""
    for place in range(len(old)):
        if old[place].slot != 0:
            add_entry(new, old[place].tag, old[place].slot)
