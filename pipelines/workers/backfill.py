"""Writing a range of silver into a store again: for a store that is new, was emptied, or takes a type that it did not take before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from pipelines.events.block import Block, Head, StoredRecord
from pipelines.events.declarations import EventType, event_type
from pipelines.events.progress import Batch, Refused, Taken
from pipelines.ports import Sink
from pipelines.sinks.worlds import Worlds
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.silver import rows_in_order


class Range(NamedTuple):
    """Simulated time, ns since 1970 UTC: first_ns <= time < end_ns."""

    first_ns: int = 0
    end_ns: int = 1 << 62


def backfill(lake: Lake, worlds: Worlds, sink: Sink, run_id: str, within: Range, tell: Callable[[str, int], None]) -> int:
    """Write all rows of a run within the range, the quarantined ones too; returns how many. The store's offsets and marks stay.

    `tell` gets the event type and the rows so far. Raises ValueError for a row that the store refuses.
    """
    version, written = sink.open().version, 0
    for name in sink.events:
        for block in _blocks(lake, worlds, event_type(name), run_id, within):
            sink.write(Batch(version, [Taken(block, _no_record(block))], {}, {}), _refuse)
            version, written = version + 1, written + block.head.count
            tell(name, written)
    return written


def _blocks(lake: Lake, worlds: Worlds, event: EventType, run_id: str, within: Range) -> Iterator[Block]:
    for world_id, columns in rows_in_order(lake, event.name, run_id):
        world = worlds.world(run_id, world_id)
        times = world.start_ns + np.asarray(columns["step"], np.int64) * world.step_ns
        wanted = np.flatnonzero((times >= within.first_ns) & (times < within.end_ns))
        if len(wanted):
            chosen = {name: _chosen(values, wanted) for name, values in columns.items()}
            first, last = int(chosen["seq"][0]), int(chosen["seq"][-1])
            yield Block(event, Head(run_id, world_id, 0, first - 1, first, last, len(wanted)), chosen)


def _chosen(values: Any, wanted: Any) -> Any:
    return [values[place] for place in wanted] if isinstance(values, list) else values[wanted]


def _no_record(block: Block) -> StoredRecord:
    return StoredRecord(block.event.topic.name, -1, -1, 0, b"", b"", ())


def _refuse(refused: Refused) -> None:
    head = refused.taken.block.head
    place = f"{refused.taken.block.event.name} of world {head.world_id}, seq {head.first_seq} to {head.last_seq}"
    raise ValueError(f"the store refuses {place} ({refused.reason}): {refused.detail}; rows before it are written: mend it and repeat")
