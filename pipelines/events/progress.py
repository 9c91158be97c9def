"""How far a consumer is, as it keeps that in its own store: the next offset of each partition and the mark of each world and topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from pipelines.events.block import Block, StoredRecord
from pipelines.events.marks import Mark

Place = tuple[str, int]
"""(topic, partition)."""


class Taken(NamedTuple):
    """A block that counts, and the record that carried it."""

    block: Block
    record: StoredRecord


class Batch(NamedTuple):
    """What is written at once: blocks that count, those of a world and topic in the order of seq, and the progress that they make.

    `version` is the store's before the batch; `offsets` and `marks` hold only what the batch changes.
    """

    version: int
    taken: list[Taken]
    offsets: dict[Place, int]
    marks: dict[str, Mark]

    @property
    def events(self) -> int:
        """How many events it holds."""
        return sum(taken.block.head.count for taken in self.taken)


class Progress(msgspec.Struct, frozen=True):
    """How far a store is. `version` counts its batches: who writes the next one names it, so that two writers never mix.

    `offsets` is the next offset to read by place, `marks` by `pipelines.events.admission.mark_name`.
    """

    version: int = 0
    offsets: Mapping[Place, int] = {}
    marks: Mapping[str, Mark] = {}

    def after(self, batch: Batch) -> Progress:
        """The progress once the batch is written."""
        return Progress(self.version + 1, {**self.offsets, **batch.offsets}, {**self.marks, **batch.marks})


class Refused(NamedTuple):
    """A block of which the store does not take every event, and why, in the words of `pipelines.events.dead_letters`."""

    taken: Taken
    reason: str
    detail: str
