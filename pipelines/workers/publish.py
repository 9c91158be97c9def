"""The publishing sink: a world's records as blocks on the event log, each event once, across any number of restarts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from pipelines.events.block import WireRecord
from pipelines.events.declarations import EVENT_TYPES, LABELS, METRICS, WORLDS, EventType
from pipelines.events.from_simulator import BlockRule, Bridge
from pipelines.events.topics import topic_named, world_key
from pipelines.ports import EventLog
from pipelines.workers.checkpoint import Covered
from pipelines.workers.own_sequence import OwnSequence
from pipelines.workers.restart import Repetition, covered_now, headers_last_seq, read_back, send_fences
from pipelines.workers.sink import Records

Rows = Sequence[Mapping[str, Any]]
OWN = (WORLDS, LABELS, METRICS)


class _Kept(msgspec.Struct, frozen=True):
    bridge: bytes
    next_seqs: dict[str, int]  # of the sequences of their own
    last_seqs: dict[str, int]  # by event type, of what was sent


class Publisher:
    """Publishes one world; a RecordSink.

    A first life (epoch 1) just sends. A later one fences, reads back what is out, and sends only what is not.

    Parameters
    ----------
    log : where the blocks go; shared by the worlds of a worker, which publish in turn.
    run_id, world_id, epoch : whose blocks they are.
    rule : when blocks close.
    kept, covered : of the checkpoint from which the world goes on; None and empty at its beginning.
    """

    def __init__(
        self, log: EventLog, run_id: str, world_id: int, epoch: int, rule: BlockRule,
        kept: bytes | None = None, covered: Mapping[str, Covered] | None = None,
    ) -> None:  # fmt: skip
        self._log, self._run_id, self._world_id, self._epoch = log, run_id, world_id, epoch
        before = msgspec.msgpack.decode(kept, type=_Kept) if kept else None
        self._bridge = Bridge(run_id, world_id, epoch, rule)
        if before:
            self._bridge.restore(before.bridge)
        next_seqs = before.next_seqs if before else {}
        self._own = {event: OwnSequence(event, run_id, world_id, epoch, next_seqs.get(event.name, 0)) for event in OWN}
        self._last = {EVENT_TYPES[name]: seq for name, seq in (before.last_seqs if before else {}).items()}
        self._repetition = self._take_over(covered or {}) if epoch > 1 else None

    def _take_over(self, covered: Mapping[str, Covered]) -> Repetition:
        send_fences(self._log, self._run_id, self._world_id, self._epoch, covered)
        return Repetition(self._log, read_back(self._log, self._run_id, self._world_id, covered))

    def announce(self, names: Rows, labels: Rows) -> None:
        """Publish what the world's ids mean and what its agents are, before anything else, unless the checkpoint covers it."""
        for event, rows in ((WORLDS, names), (LABELS, labels)):
            if rows and self._own[event].next_seq == 0:
                self.rows(event, rows)

    def rows(self, event: EventType, rows: Rows) -> None:
        """Publish rows of a type with a sequence of its own (worlds, labels, metrics)."""
        self._send([self._own[event].block(rows)])

    def write(self, first_seq: int, records: Records, last_step: int) -> None:
        """Publish the blocks that these records close; waits while the log's memory is full."""
        self._send(self._bridge.feed(records, first_seq))

    def checkpoint(self) -> tuple[bytes, dict[str, Covered]]:
        """Wait until all blocks sent are acknowledged; records in open blocks are part of the state."""
        self._log.flush()
        kept = _Kept(
            self._bridge.snapshot(),
            {event.name: own.next_seq for event, own in self._own.items()},
            {event.name: seq for event, seq in self._last.items()},
        )
        return msgspec.msgpack.encode(kept), covered_now(
            self._log, world_key(self._run_id, self._world_id), self._epoch, self._last, self._repetition
        )

    def close(self, steps: int) -> None:
        """Publish the open blocks and wait for the last acknowledgement."""
        self._send(self._bridge.finish())
        self._log.flush()
        if self._repetition:
            self._repetition.check_done()

    def abandon(self) -> None:
        """Nothing to release: what was not acknowledged is sent again by the next life."""

    @property
    def published(self) -> int:
        """Events in blocks that were handed to the log or found there."""
        return sum(self._bridge.counts.values()) + sum(own.next_seq for own in self._own.values())

    def _send(self, blocks: Iterable[WireRecord]) -> None:
        for block in blocks:
            self._last[EVENT_TYPES[topic_named(block.topic).event]] = headers_last_seq(block)
            if self._repetition is None or not self._repetition.is_out(block):
                self._log.send(block)
