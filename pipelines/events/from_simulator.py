"""The single bridge from the simulator to the wire: records in, sealed blocks out, and back.

Blocks close at the end of a step once they hold enough events or span enough steps, so they are a function of the log
alone: any cut of the log into chunks gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipelines.events import split, varint
from pipelines.events.block import Head, WireRecord
from pipelines.events.codec import fence, seal, write_head
from pipelines.events.layout import LAYOUTS, check_constants, layout_of, plan, type_of_kind
from simulator.types import RECORD, RecordKind

Records = NDArray[np.void]
FIRST_CAPACITY = 1024  # records a type, to begin with


class BlockRule(msgspec.Struct, frozen=True):
    """When blocks close: at the end of a step with `events` events or `steps` steps in them, and at `limit` events at once."""

    events: int = 4096
    steps: int = 400
    limit: int = 65536

    def __post_init__(self) -> None:
        if not (1 <= self.events <= self.limit <= 1 << 20 and self.steps >= 1):
            raise ValueError(f"a block rule wants 1 <= events <= limit <= 2^20 and steps >= 1, not {self}")


class BridgeState(msgspec.Struct, frozen=True):
    """A bridge between two chunks: next seq, current step, and per type the last seq sent and the open buffer."""

    next_seq: int
    step: int
    prev_seqs: list[int]
    first_steps: list[int]
    seqs: list[bytes]
    rows: list[bytes]
    sent: list[int]


class Bridge:
    """Turns the log of one world into blocks.

    Parameters
    ----------
    run_id, world_id : whose log it is.
    epoch : of the world's present life; higher after each restart.
    rule : when blocks close; part of the run's configuration, since it decides the blocks.
    """

    def __init__(self, run_id: str, world_id: int, epoch: int = 0, rule: BlockRule | None = None) -> None:
        self.run_id, self.world_id, self.epoch = run_id, world_id, epoch
        self.rule = rule or BlockRule()
        self.next_seq = 0
        self.sent = [0] * len(LAYOUTS)
        self._prev_seqs = [-1] * len(LAYOUTS)
        self._rule = np.array([self.rule.events, self.rule.steps, self.rule.limit], np.int64)
        self._cursor = np.array([0, -1], np.int64)
        self._counts = np.zeros(len(LAYOUTS), np.int64)
        self._first_steps = np.zeros(len(LAYOUTS), np.int64)
        self._due = np.zeros(len(LAYOUTS), np.uint8)
        self._make_room(min(FIRST_CAPACITY, self.rule.limit))

    def _make_room(self, capacity: int) -> None:
        self._capacity = capacity
        self._rows = np.empty(len(LAYOUTS) * capacity * split.WORDS, np.int64)
        self._seqs = np.empty(len(LAYOUTS) * capacity, np.int64)
        self._out = np.empty(varint.room(2 + max(len(layout.fields) for layout in LAYOUTS), capacity), np.uint8)

    @property
    def counts(self) -> dict[str, int]:
        """Events per type that went into closed blocks so far."""
        return {layout.event.name: sent for layout, sent in zip(LAYOUTS, self.sent, strict=True)}

    @property
    def prev_seqs(self) -> dict[str, int]:
        """The last seq in a closed block per type, -1 before the first."""
        return {layout.event.name: prev for layout, prev in zip(LAYOUTS, self._prev_seqs, strict=True)}

    def feed(self, records: Records, first_seq: int) -> Iterator[WireRecord]:
        """Take the next records of the log and yield the blocks that they close; exhaust it before the next call.

        The records are copied, so the view may be reused afterwards. Raises ValueError for a gap in seq, a step that
        goes back, or a record that no event type can carry.
        """
        if first_seq != self.next_seq:
            raise ValueError(f"records begin at seq {first_seq}, the log continues at {self.next_seq}; feed each record once, in order")
        if records.dtype != RECORD:
            raise ValueError(f"records have the dtype {records.dtype}, not simulator.types.RECORD")
        chunk = np.ascontiguousarray(records)
        words, ints = chunk.view(np.int64), chunk.view(np.int32)
        self._cursor[split.AT] = 0
        while (code := self._deal(words, ints, first_seq)) != split.DONE:
            if code == split.GROW:
                self._grow()
            elif code == split.CLOSE:
                yield from self._close_due()
            else:
                raise ValueError(self._refusal(code, records, first_seq))
        self.next_seq = first_seq + len(records)

    def _deal(self, words: NDArray[np.int64], ints: NDArray[np.int32], first_seq: int) -> int:
        state = (self._cursor, self._counts, self._first_steps, self._due, self._rows, self._seqs)
        return int(split.deal(words, ints, first_seq, type_of_kind(), self._rule, *state))

    def _refusal(self, code: int, records: Records, first_seq: int) -> str:
        at, before = int(self._cursor[split.AT]), int(self._cursor[split.STEP])
        if code == split.UNKNOWN_KIND:
            return f"record {first_seq + at} has kind {int(records['kind'][at])}, which no event type carries"
        return f"record {first_seq + at} is of step {int(records['step'][at])} after step {before}; steps never go back"

    def _grow(self) -> None:
        old, rows, seqs = self._capacity, self._rows, self._seqs
        self._make_room(min(2 * old, self.rule.limit))
        for index, count in enumerate(self._counts.tolist()):
            self._rows_of(index, count)[:] = rows[index * old * split.WORDS :][: count * split.WORDS]
            self._seqs_of(index, count)[:] = seqs[index * old :][:count]

    def _rows_of(self, index: int, count: int) -> NDArray[np.int64]:
        return self._rows[index * self._capacity * split.WORDS :][: count * split.WORDS]

    def _seqs_of(self, index: int, count: int) -> NDArray[np.int64]:
        return self._seqs[index * self._capacity :][:count]

    def _close_due(self) -> Iterator[WireRecord]:
        for index in np.flatnonzero(self._due):
            self._due[index] = 0
            yield self._close(int(index))

    def _close(self, index: int) -> WireRecord:
        layout, count = LAYOUTS[index], int(self._counts[index])
        rows, seqs = self._rows_of(index, count), self._seqs_of(index, count)
        check_constants(layout, rows.view(RECORD), seqs)
        head = Head(self.run_id, self.world_id, self.epoch, self._prev_seqs[index], int(seqs[0]), int(seqs[-1]), count)
        views = rows.view(np.uint8), rows.view(np.int32), rows
        length = varint.put_records(self._out, *views, seqs, count, plan(layout.event.name))
        self._counts[index] = 0
        self._prev_seqs[index] = head.last_seq
        self.sent[index] += count
        return seal(layout.event, head, write_head(head) + self._out[:length].tobytes())

    def finish(self) -> Iterator[WireRecord]:
        """Close all open blocks: the world has ended."""
        self._due[:] = self._counts > 0
        yield from self._close_due()

    def fences(self) -> list[WireRecord]:
        """One fence per record type with this bridge's epoch and last closed seq, to be sent before anything else."""
        ends = zip(LAYOUTS, self._prev_seqs, strict=True)
        return [fence(layout.event, self.run_id, self.world_id, self.epoch, prev) for layout, prev in ends]

    def snapshot(self) -> bytes:
        """The state between two chunks, for `restore`."""
        counts = [int(count) for count in self._counts]
        state = BridgeState(
            self.next_seq,
            int(self._cursor[split.STEP]),
            list(self._prev_seqs),
            [int(step) for step in self._first_steps],
            [self._seqs_of(index, count).tobytes() for index, count in enumerate(counts)],
            [self._rows_of(index, count).tobytes() for index, count in enumerate(counts)],
            list(self.sent),
        )
        return msgspec.msgpack.encode(state)

    def restore(self, snapshot: bytes) -> None:
        """Continue from a snapshot of a bridge with the same rule; the run, world and epoch stay this bridge's own."""
        state = msgspec.msgpack.decode(snapshot, type=BridgeState)
        counts = [len(seqs) // 8 for seqs in state.seqs]
        if len(counts) != len(LAYOUTS) or max(counts) > self.rule.limit:
            raise ValueError(f"the snapshot holds {counts} open events; it is of another version or block rule")
        self.next_seq, self._prev_seqs, self.sent = state.next_seq, list(state.prev_seqs), list(state.sent)
        self._cursor[split.STEP] = state.step
        self._counts[:], self._first_steps[:] = counts, state.first_steps
        if max(counts) > self._capacity:
            self._make_room(max(counts))
        for index, count in enumerate(counts):
            self._rows_of(index, count)[:] = np.frombuffer(state.rows[index], np.int64)
            self._seqs_of(index, count)[:] = np.frombuffer(state.seqs[index], np.int64)


def to_records(event: str, columns: Mapping[str, Any]) -> Records:
    """The simulator's records of decoded columns, bit for bit; columns may hold more than is needed.

    Raises ValueError if events of that type are no records of the simulator.
    """
    layout = layout_of(event)
    records = np.zeros(len(columns["step"]), RECORD)
    for name, value in layout.constants.items():
        records[name] = value
    for column, field in layout.fields.items():
        records[field] = columns[column]
    return records


def to_columns(event: str, records: Records, seqs: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """The columns of records of one event type, as `decode` would give them."""
    layout = layout_of(event)
    check_constants(layout, records, seqs)
    columns: dict[str, NDArray[Any]] = {"seq": seqs.astype(np.int64)}
    for column in layout.event.all_columns[1:]:
        values = records[layout.fields[column.name]]
        columns[column.name] = values.astype(np.int64 if column.type == "long" else np.int32)
    return columns


def warm_up() -> None:
    """Compile what publishing needs and keep it on disk, where a process that publishes finds it."""
    record = np.zeros(1, RECORD)
    record["kind"] = int(RecordKind.ACCEPTED)
    bridge = Bridge("example", 0)
    for _ in (*bridge.feed(record, 0), *bridge.finish()):
        pass


def event_of_kind(kind: int) -> str:
    """The event type that carries a RecordKind; ValueError if none does."""
    index = int(type_of_kind()[kind]) if 0 <= kind < 256 else -1
    if index < 0:
        raise ValueError(f"no event type carries record kind {kind}; known: {', '.join(f'{int(k)} {k.name}' for k in RecordKind)}")
    return LAYOUTS[index].event.name
