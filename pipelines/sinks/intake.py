"""What a sink takes of the records that come: each event once, in the order of its world; what cannot be read is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from pipelines.events.admission import admitted, mark_name, standing
from pipelines.events.block import Block, DecodeError, Head, StoredRecord
from pipelines.events.codec import decode
from pipelines.events.dead_letters import replayed_for
from pipelines.events.declarations import Sequence
from pipelines.events.marks import Coordinates, Judgement, Mark, Verdict, judge
from pipelines.events.progress import Batch, Place, Progress, Taken

Fetch = Callable[[str, Coordinates], StoredRecord]
"""Reads a record of a topic again."""


class Intake:
    """Judges records in the order of their partitions and gathers those that count into a batch.

    Parameters
    ----------
    consumer : its name; records replayed for it count though their mark has passed.
    progress : how far the store is.
    fetch : gives parked blocks again once their hole is filled.
    partitions : how many each topic has.
    """

    def __init__(self, consumer: str, progress: Progress, fetch: Fetch, partitions: Mapping[str, int]) -> None:
        self._consumer, self._fetch, self._partitions = consumer, fetch, partitions
        self._version, self._known, self._offsets_known = progress.version, dict(progress.marks), dict(progress.offsets)
        self._taken: list[Taken] = []
        self._offsets: dict[Place, int] = {}
        self._marks: dict[str, Mark] = {}
        self.unreadable: list[tuple[StoredRecord, DecodeError]] = []
        self.counters: Counter[str] = Counter()
        self.events = 0

    def take(self, record: StoredRecord) -> None:
        """Judge the next record of its partition."""
        self._offsets[record.topic, record.partition] = record.offset + 1
        try:
            self._judge(record)
        except DecodeError as error:
            self.unreadable.append((record, error))

    @property
    def offsets(self) -> dict[Place, int]:
        """The next offset of each partition, what waits in the batch included."""
        return self._offsets_known | self._offsets

    @property
    def touched(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._offsets)

    def batch(self) -> Batch:
        """What was gathered, ordered within each world and topic as it counts."""
        return Batch(self._version, self._taken, self._offsets, self._marks)

    def written(self) -> None:
        """The store has the batch: begin the next one."""
        self._version += 1
        self._known |= self._marks
        self._offsets_known |= self._offsets
        self._taken, self._offsets, self._marks, self.unreadable, self.events = [], {}, {}, [], 0

    def _judge(self, record: StoredRecord) -> None:
        event, head = admitted(record, self._partitions[record.topic])
        if event.sequence is Sequence.NONE:
            self._accept(record, decode(record.value, record.headers))
            return
        name = mark_name(record.topic, head)
        mark = self._marks.get(name) or self._known.get(name) or Mark()
        judgement = judge(mark, standing(record, head, mark), (record.partition, record.offset))
        if judgement.verdict is Verdict.OVERLAP:
            raise DecodeError("overlap", f"seq {head.first_seq}..{head.last_seq} after {head.prev_seq} begins below the mark {mark.seq}")
        if self._counts(record, head, judgement):
            self._accept(record, decode(record.value, record.headers))
        self._marks[name] = judgement.mark
        self.counters[judgement.verdict] += 1
        for parked, verdict in judgement.released:
            if verdict is Verdict.ACCEPTED:
                again = self._fetch(record.topic, parked.at)
                self._accept(again, decode(again.value, again.headers))

    def _counts(self, record: StoredRecord, head: Head, judgement: Judgement) -> bool:
        """A parked block is decoded now, too, so that one that cannot be read is found where it lies."""
        if judgement.verdict is Verdict.PARKED:
            decode(record.value, record.headers)
        again = judgement.verdict is Verdict.DUPLICATE and self._consumer in replayed_for(record.headers)
        return judgement.verdict is Verdict.ACCEPTED or (again and not head.is_fence)

    def _accept(self, record: StoredRecord, block: Block) -> None:
        if block.head.count:
            self._taken.append(Taken(block, record))
            self.events += block.head.count
