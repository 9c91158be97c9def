"""Writing records into the caller's ring."""

from __future__ import annotations

from simulator.matching.compiled import inlined
from simulator.matching.layout import Array


@inlined
def emit(
    ring: Array,
    pool: Array,
    symbol: int,
    step: int,
    kind: int,
    side: int,
    reason: int,
    time_in_force: int,
    price: int,
    size: int,
    remaining: int,
    owner: int,
    other_owner: int,
    order_id: int,
    other_id: int,
) -> None:
    """Append one record at the cursor; `submit` has made sure of room before it changed anything."""
    record = ring[pool[0].cursor]
    record.kind = kind
    record.side = side
    record.reason = reason
    record.time_in_force = time_in_force
    record.symbol = symbol
    record.step = step
    record.price = price
    record.size = size
    record.remaining = remaining
    record.owner = owner
    record.other_owner = other_owner
    record.order_id = order_id
    record.other_id = other_id
    pool[0].cursor += 1
