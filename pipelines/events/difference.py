"""Name the first event in which two blocks differ, for a restarted world that finds other bytes than its own on the log."""

from __future__ import annotations

import numpy as np

from pipelines.events.block import Block


def first_difference(ours: Block, theirs: Block) -> str | None:
    """A sentence on the first event that differs, or None if the blocks hold the same events (epochs may differ)."""
    for name in ("run_id", "world_id", "prev_seq"):
        mine, other = getattr(ours.head, name), getattr(theirs.head, name)
        if mine != other:
            return f"{name} is {mine} here and {other} on the log"
    if ours.event != theirs.event:
        return f"the block is of type {ours.event.name} here and {theirs.event.name} on the log"
    count = min(ours.head.count, theirs.head.count)
    places = [(_first_place(ours, theirs, name, count), name) for name in ours.columns]
    place, name = min(places)
    if place < count:
        mine, other = ours.columns[name][place], theirs.columns[name][place]
        return f"event {ours.columns['seq'][place]} of {ours.event.name} has {name} {mine} here and {other} on the log"
    if ours.head.count != theirs.head.count:
        return f"the block after seq {ours.head.prev_seq} holds {ours.head.count} events here and {theirs.head.count} on the log"
    return None


def _first_place(ours: Block, theirs: Block, name: str, count: int) -> int:
    """Index of the first value of a column that differs, or count."""
    mine, other = np.asarray(ours.columns[name])[:count], np.asarray(theirs.columns[name])[:count]
    if mine.dtype.kind == "f":
        mine, other = mine.view(np.int64), other.view(np.int64)
    unequal = np.flatnonzero(mine != other)
    return int(unequal[0]) if len(unequal) else count
