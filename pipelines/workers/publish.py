"""The publishing sink: a world's records as blocks on the event log, each event once, across any number of restarts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from pipelines.events.block import WireRecord
from pipelines.events.declarations import LABELS, WORLDS
from pipelines.events.from_simulator import BlockRule, Bridge
from pipelines.events.topics import world_key
from pipelines.ports import EventLog
from pipelines.workers.checkpoint import Covered
from pipelines.workers.own_sequence import OwnSequence
from pipelines.workers.restart import EndOffsets, Repetition, covered_now, last_seq_of
from pipelines.workers.sink import Records

Rows = Sequence[Mapping[str, Any]]


class _Kept(msgspec.Struct, frozen=True):
    bridge: bytes
    next_seqs: dict[str, int]  # of the sequences of their own
    last_seqs: dict[str, int]  # by topic, of what was sent


class Publisher:
    """Publishes one world; a RecordSink. A first life just sends; a later one is handed what is out already.

    Parameters
    ----------
    log : where the blocks go; shared by the worlds of a worker, which publish in turn.
    run_id, world_id, epoch : whose blocks they are.
    rule : when blocks close.
    kept : the state of the checkpoint from which the world goes on; None at its beginning.
    repetition : what of the world is on the log after the checkpoint (restart.take_over); None for a first life.
    """

    def __init__(
        self, log: EventLog, run_id: str, world_id: int, epoch: int, rule: BlockRule,
        kept: bytes | None = None, repetition: Repetition | None = None,
    ) -> None:  # fmt: skip
        self._log, self._key, self._epoch, self._repetition = log, world_key(run_id, world_id), epoch, repetition
        before = msgspec.msgpack.decode(kept, type=_Kept) if kept else None
        self._bridge = Bridge(run_id, world_id, epoch, rule)
        if before:
            self._bridge.restore(before.bridge)
        next_seqs = before.next_seqs if before else {}
        self._own = {event: OwnSequence(event, run_id, world_id, epoch, next_seqs.get(event.name, 0)) for event in (WORLDS, LABELS)}
        self._last = before.last_seqs if before else {}

    def announce(self, names: Rows, labels: Rows) -> None:
        """Publish what the world's ids mean and what its agents are, before anything else, unless the checkpoint covers it."""
        for event, rows in ((WORLDS, names), (LABELS, labels)):
            if rows and self._own[event].next_seq == 0:
                self._send([self._own[event].block(rows)])

    def add_labels(self, labels: Rows) -> None:
        """Publish what is known of the agents only now."""
        if labels:
            self._send([self._own[LABELS].block(labels)])

    def write(self, first_seq: int, records: Records, last_step: int) -> None:
        """Publish the blocks that these records close; waits while the log's memory is full."""
        self._send(self._bridge.feed(records, first_seq))

    def checkpoint(self) -> tuple[bytes, dict[str, Covered]]:
        """Wait until all blocks sent are acknowledged; records in open blocks are part of the state."""
        self._log.flush()
        return self.state(EndOffsets(self._log))

    def state(self, ends: EndOffsets) -> tuple[bytes, dict[str, Covered]]:
        """The same after a flush, for whoever asks several worlds at once."""
        next_seqs = {event.name: own.next_seq for event, own in self._own.items()}
        kept = msgspec.msgpack.encode(_Kept(self._bridge.snapshot(), next_seqs, self._last))
        return kept, covered_now(ends, self._key, self._epoch, self._last, self._repetition)

    def close(self, steps: int) -> None:
        """Publish the open blocks and wait for the last acknowledgement."""
        self._send(self._bridge.finish())
        self._log.flush()
        if self._repetition:
            self._repetition.check_done()

    def abandon(self) -> None:
        """Nothing to release: what was not acknowledged is sent again by the next life."""

    @property
    def repeating(self) -> bool:
        """Whether the world has not come back yet to where the life before it was."""
        return self._repetition is not None and self._repetition.goes_on

    @property
    def published(self) -> int:
        """Events in blocks that were handed to the log or found there."""
        return sum(self._bridge.counts.values()) + sum(own.next_seq for own in self._own.values())

    def _send(self, blocks: Iterable[WireRecord]) -> None:
        for block in blocks:
            self._last[block.topic] = last_seq_of(block)
            if self._repetition is None or not self._repetition.is_out(block):
                self._log.send(block)
