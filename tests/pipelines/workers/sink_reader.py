"""Reads a MemorySink back as the reader of a real store does."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.events.block import Columns, columns_of_rows
from pipelines.events.declarations import event_type
from pipelines.testing import MemorySink


class MemoryReader:
    """A StoreReader."""

    def __init__(self, sink: MemorySink) -> None:
        self.sink, self.events = sink, sink.events

    def rows(self, event: str, run_id: str) -> Iterator[tuple[int, Columns]]:
        """See StoreReader.rows; two rows at a time."""
        wanted = sorted(identity for identity in self.sink.rows if (identity[0], identity[2]) == (run_id, event))
        for world_id in dict.fromkeys(identity[1] for identity in wanted):
            rows = [self.sink.rows[identity] for identity in wanted if identity[1] == world_id]
            for start in range(0, len(rows), 2):
                yield world_id, columns_of_rows(event_type(event), rows[start : start + 2])

    def close(self) -> None:
        """Nothing to let go of."""
