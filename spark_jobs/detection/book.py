"""The book as surveillance sees it, order by order, from market.orders alone: who has what resting where, and where the touch is.

Kept in arrays that one compiled pass over a block's rows brings up to date, so that state is a handful of arrays for each symbol, the same
however the stream is cut into blocks. Prices lie in a window of ticks around the first one; what is outside counts as resting, but not for
the touch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import kernel, part

WIDTH = 8192  # ticks of the window
SLOTS = 1 << 12  # of the table of resting orders, to begin with: a power of two, at least twice the orders that rest
_HASH = 2654435761  # Knuth's multiplier for 32 bits
_NEAR = 10  # ticks behind the touch that count as depth
_SLOW = 0.01  # weight of the newest step in what is usual
BID, ASK = 0, 1

ORDER = np.dtype([("key", "i8"), ("owner", "i8"), ("side", "i8"), ("price", "i8"), ("left", "i8")], align=True)
"""A resting order; key is its id plus one, 0 in an empty slot."""

ARRIVING = np.dtype([*((name, "i8") for name in ORDER.names or ()), ("new", "i8")], align=True)
"""The order that came in last and may still be trading: it rests from the first row on that is no fill of it. new: 0 if it was moved."""

TOUCH = np.dtype(
    [
        ("step", "i8"),  # of the last row
        ("resting", "i8"),  # orders in the table
        ("messages", "i8"),  # of everybody, so far
        ("volume", "i8"),  # lots traded, so far
        ("flow", "i8"),  # of them bought by taking, less those sold
        ("takes", "i8", (2,)),  # times that somebody bought by taking, and sold, so far: see followers
        ("base", "i8"),  # price of the window's first tick
        ("best", "i8", (2,)),  # place of the best bid and ask in the window; -1 without one
        ("mid", "f8"),  # ticks, as of the end of the step before
        ("spread", "f8"),  # what is usual: ticks
        ("depth", "f8", (2,)),  # lots near the touch
        ("size", "f8", (2,)),  # lots at the touch
    ],
    align=True,
)
"""Where the market is, and what is usual there."""


def empty(first_price: int) -> tuple[Array, Array, Array]:
    """Orders, levels (2, WIDTH) lots and TOUCH of a symbol in which nothing has happened yet."""
    touch = np.zeros(1, TOUCH)
    touch["step"], touch["base"], touch["best"], touch["mid"] = -1, first_price - WIDTH // 2, -1, first_price
    touch["spread"], touch["depth"], touch["size"] = 2.0, 10.0, 5.0
    return np.zeros(SLOTS, ORDER), np.zeros((2, WIDTH), np.int64), touch


def with_room(orders: Array, most: int) -> Array:
    """The table, or a larger one with the same orders, in which `most` find their places quickly."""
    if 2 * most <= len(orders):
        return orders
    larger = np.zeros(1 << (2 * most - 1).bit_length(), ORDER)
    move_all(orders, larger)
    return larger


@kernel
def move_all(orders: Array, larger: Array) -> None:
    """Bring all orders into an empty table."""
    for slot in range(len(orders)):
        if orders[slot].key != 0:
            larger[slot_of(larger, orders[slot].key - 1)] = orders[slot]


@part
def slot_of(orders: Array, order_id: int) -> int:
    """Where an order lies, or the empty slot where it would."""
    key = order_id + 1
    slot = (key * _HASH) & (len(orders) - 1)
    while orders[slot].key not in (0, key):
        slot = (slot + 1) & (len(orders) - 1)
    return slot


@part
def enter(orders: Array, levels: NDArray[np.int64], touch: Array, order_id: int, owner: int, side: int, price: int, lots: int) -> None:
    """Let an order rest."""
    order = orders[slot_of(orders, order_id)]
    order.key, order.owner, order.side, order.price, order.left = order_id + 1, owner, side, price, lots
    touch[0].resting += 1
    place = price - touch[0].base
    if 0 <= place < WIDTH:
        levels[side, place] += lots
        best = touch[0].best[side]
        if best < 0 or (place > best if side == BID else place < best):
            touch[0].best[side] = place


@part
def reduce(orders: Array, levels: NDArray[np.int64], touch: Array, slot: int, lots: int) -> None:
    """Take lots off a resting order; one with nothing left is forgotten."""
    order = orders[slot]
    place = order.price - touch[0].base
    if 0 <= place < WIDTH:
        levels[order.side, place] -= lots
    order.left -= lots
    if order.left <= 0:
        touch[0].resting -= 1
        _forget(orders, slot)


@part
def _forget(orders: Array, slot: int) -> None:
    """Empty a slot and move up those that would no longer be found (Knuth, The Art of Computer Programming 3, 6.4, algorithm R)."""
    gap, looked = slot, slot
    orders[gap].key = 0
    while True:
        looked = (looked + 1) & (len(orders) - 1)
        if orders[looked].key == 0:
            return
        home = (orders[looked].key * _HASH) & (len(orders) - 1)
        between = gap < home <= looked if gap <= looked else (gap < home or home <= looked)
        if not between:
            orders[gap] = orders[looked]
            orders[looked].key = 0
            gap = looked


@part
def traded(now: Row, side: int, lots: int, active: bool) -> None:
    """Lots were bought and sold; by an order of a side that came in, unless it was in an auction."""
    now.volume += lots
    if active:
        now.flow += lots if side == BID else -lots


@part
def next_step(levels: NDArray[np.int64], touch: Array, step: int) -> None:
    """Look at the touch as the step before left it, and at what is usual."""
    now = touch[0]
    now.step = step
    for side in range(2):
        _move_best(levels, now, side)
        best, back = now.best[side], 1 if side == ASK else -1
        if best >= 0:
            depth = 0
            for behind in range(_NEAR):
                place = best + back * behind
                if 0 <= place < WIDTH:
                    depth += levels[side, place]
            now.depth[side] += _SLOW * (depth - now.depth[side])
            now.size[side] += _SLOW * (levels[side, best] - now.size[side])
    if now.best[BID] >= 0 and now.best[ASK] >= 0:
        now.mid = now.base + (now.best[BID] + now.best[ASK]) / 2.0
        now.spread += _SLOW * (max(now.best[ASK] - now.best[BID], 1) - now.spread)


@part
def _move_best(levels: NDArray[np.int64], now: Row, side: int) -> None:
    """Find the best price again where the old one has nothing left."""
    back = 1 if side == ASK else -1
    place = now.best[side]
    while 0 <= place < WIDTH and levels[side, place] <= 0:
        place += back
    now.best[side] = place if 0 <= place < WIDTH else -1
