"""Events that count in a sequence of their own: what a world is called, what its agents are, what training measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipelines.events.block import Head, WireRecord
from pipelines.events.codec import encode, seal
from pipelines.events.declarations import EventType


class OwnSequence:
    """Makes the blocks of one world and one such event type.

    Parameters
    ----------
    event : the type.
    run_id, world_id, epoch : whose blocks they are.
    next_seq : where the sequence goes on.
    """

    def __init__(self, event: EventType, run_id: str, world_id: int, epoch: int, next_seq: int = 0) -> None:
        self.event, self.run_id, self.world_id, self.epoch, self.next_seq = event, run_id, world_id, epoch, next_seq

    def block(self, rows: Sequence[Mapping[str, Any]]) -> WireRecord:
        """One block of the rows (the type's own columns and step; seq is added). Raises ValueError for an empty block."""
        if not rows:
            raise ValueError(f"a block of {self.event.name} needs at least one row; an empty block is a fence")
        first, last = self.next_seq, self.next_seq + len(rows) - 1
        columns: dict[str, Any] = {"seq": np.arange(first, last + 1)}
        for column in self.event.all_columns[1:]:
            columns[column.name] = [row[column.name] for row in rows]
        head = Head(self.run_id, self.world_id, self.epoch, first - 1, first, last, len(rows))
        self.next_seq = last + 1
        return seal(self.event, head, encode(self.event, head, columns))
