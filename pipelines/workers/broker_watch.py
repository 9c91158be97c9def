"""Tells the user when a broker stops answering, and ends the worker after a stated time; nothing is lost either way.

A producer never drops a block: while the broker is away it waits inside send or flush, where neither Ctrl-C nor a
message could be seen. A thread watches those calls instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from pipelines.events.block import WireRecord
from pipelines.ports import EventLog, Sent, StoredRecord

PATIENCE_S = 10.0
"""After this long without an acknowledgement the user is told."""

GIVE_UP_S = 120.0
"""After this long the worker ends; its run can be resumed."""


RETRY_S = 1.0
AWAY = (ConnectionError, TimeoutError)
"""What a log raises while its broker is away."""

_Answer = TypeVar("_Answer")


class _Tries:
    """Counts how long a call has failed, and gives it up after the stated time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._since = clock, clock()

    def failed(self, error: Exception) -> None:
        """Raise the error if it has gone on for too long."""
        if self._clock() - self._since >= GIVE_UP_S:
            raise error


@dataclass
class WatchedLog:
    """An EventLog that knows since when a call has been waiting without progress."""

    inner: EventLog
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _since: float | None = None
    _acknowledged: int = -1

    def waiting_s(self) -> float:
        """Seconds that the present send or flush has waited without a single acknowledgement; 0 outside of them."""
        since, acknowledged = self._since, self.inner.sent().acknowledged
        if since is None:
            return 0.0
        if acknowledged != self._acknowledged:
            self._acknowledged, self._since = acknowledged, self.clock()
            return 0.0
        return self.clock() - since

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self._since = self.clock()
        try:
            yield
        finally:
            self._since = None

    def send(self, record: WireRecord) -> None:
        """See EventLog.send."""
        with self._waiting():
            self.inner.send(record)

    def flush(self, timeout_s: float | None = None) -> None:
        """See EventLog.flush."""
        with self._waiting():
            self.inner.flush(timeout_s)

    def sent(self) -> Sent:
        """See EventLog.sent."""
        return self.inner.sent()

    def partitions(self, topic: str) -> int:
        """See EventLog.partitions; waits for a broker that is away."""
        return self._patiently(lambda: self.inner.partitions(topic))

    def end_offset(self, topic: str, partition: int) -> int:
        """See EventLog.end_offset; waits for a broker that is away."""
        return self._patiently(lambda: self.inner.end_offset(topic, partition))

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[StoredRecord]:
        """See EventLog.read; waits for a broker that is away, and then goes on where it was."""
        stop = self.end_offset(topic, partition) if end is None else end
        tries = _Tries(self.clock)
        while True:
            try:
                for record in self.inner.read(topic, partition, start, stop):
                    yield record
                    start, tries = record.offset + 1, _Tries(self.clock)
                return
            except AWAY as error:
                tries.failed(error)
                self.sleep(RETRY_S)

    def _patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        tries = _Tries(self.clock)
        while True:
            try:
                return ask()
            except AWAY as error:
                tries.failed(error)
                self.sleep(RETRY_S)

    def close(self) -> None:
        """See EventLog.close."""
        self.inner.close()


@dataclass
class BrokerWatch:
    """Looks at a log now and then.

    Parameters
    ----------
    log : the log.
    notice : told once for each silence longer than PATIENCE_S, and once when the broker answers again.
    give_up : called after GIVE_UP_S of silence, or PATIENCE_S when the worker has been asked to stop; it does not return.
    should_stop : whether the worker has been asked to stop.
    """

    log: WatchedLog
    notice: Callable[[str], None]
    give_up: Callable[[str], None]
    should_stop: Callable[[], bool]
    _told: bool = field(default=False)

    def look(self) -> None:
        """Look once."""
        silence = self.log.waiting_s()
        if silence >= (PATIENCE_S if self.should_stop() else GIVE_UP_S):
            self.give_up(f"the broker has not acknowledged anything for {silence:.0f} s; nothing is lost: start it and resume the run")
        elif silence >= PATIENCE_S and not self._told:
            self._told = True
            self.notice(f"the broker has not answered for {silence:.0f} s; waiting up to {GIVE_UP_S:.0f} s, nothing is lost")
        elif silence == 0.0 and self._told:
            self._told = False
            self.notice("the broker answers again")

    def start(self, every_s: float = 0.5) -> None:
        """Look for ever, in a thread of its own."""

        def watch() -> None:
            while True:
                time.sleep(every_s)
                self.look()

        threading.Thread(target=watch, daemon=True, name="broker-watch").start()
