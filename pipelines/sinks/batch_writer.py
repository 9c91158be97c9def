"""The one loop behind every sink: consume, judge, write in bulk with the progress, go on; wait and begin anew when the store is away.

Where to begin is read from the store alone. What cannot be read, and what a store refuses, goes to `<topic>.<sink>.dlq` and is there
before the progress that passes it, so that nothing vanishes between the two.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, stop_any, stop_never, wait_random_exponential
from tenacity.nap import sleep_using_event
from tenacity.stop import stop_when_event_set

from pipelines.events.dead_letters import bury
from pipelines.events.declarations import event_type
from pipelines.events.marks import Coordinates
from pipelines.events.progress import Place, Refused
from pipelines.ports import Feed, LiveLog, Sink, StoredRecord, Superseded
from pipelines.sinks.intake import Intake

AWAY = (ConnectionError, TimeoutError, Superseded)
"""What goes away by itself: a store or a broker that does not answer, progress that another writer made."""


class Pace(NamedTuple):
    """How large batches are and how long an absent store is waited for; seconds."""

    events: int = 20_000
    wait: float = 0.25  # for a batch to fill
    longest_pause: float = 3.0
    sign: float = 5.0  # between two signs of life while nothing comes
    patience: float = 60.0  # with --once; one that follows waits for ever


@dataclass
class Figures:
    """What a sink did since it started."""

    events: int = 0
    batches: int = 0
    refused: int = 0
    retries: int = 0
    write_seconds: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)
    behind: dict[Place, int] = field(default_factory=dict)  # records
    trouble: str = ""  # why it waits; empty while it goes on


def patiently(
    stop: threading.Event,
    waits: Callable[[RetryCallState], None],
    longest_pause: float = Pace().longest_pause,
    patience: float | None = None,
) -> Retrying:
    """Calls again, after growing pauses, what raises that something is away; `waits` is told before each pause.

    The error passes through once `stop` is set, or `patience` seconds are over.
    """
    return Retrying(
        retry=retry_if_exception_type(AWAY),
        wait=wait_random_exponential(multiplier=0.1, max=longest_pause),
        stop=stop_any(stop_never if patience is None else stop_after_delay(patience), stop_when_event_set(stop)),
        sleep=sleep_using_event(stop),
        before_sleep=waits,
        reraise=True,
    )


class BatchWriter:
    """Brings what its topics carry into one store.

    Parameters
    ----------
    log : where to read, and where dead letters go.
    stop : set it to end after the present batch.
    tell : called with the figures after each batch and with each trouble.
    """

    def __init__(
        self, log: LiveLog, sink: Sink, stop: threading.Event, pace: Pace | None = None, tell: Callable[[Figures], None] = lambda _: None
    ) -> None:
        self.log, self.sink, self.stop, self.pace, self.tell = log, sink, stop, pace or Pace(), tell
        self.figures = Figures()
        self._said = structlog.get_logger().bind(sink=sink.name)
        self._topics = [event_type(event).topic.name for event in sink.events]

    def run(self, once: bool) -> Figures:
        """Go on until everything that lay on the topics at the start is written (once), or until told to stop.

        Raises what the store or the log last said if it stays away longer than `patience` with once.
        """
        patience = self.pace.patience if once else None
        done = False
        while not done and not self.stop.is_set():
            done = patiently(self.stop, self._waits, self.pace.longest_pause, patience)(self._session, once)
        return self.figures

    def _session(self, once: bool) -> bool:
        """Open the store and the log and write until the end; False if something went away after a first success, to begin anew."""
        before = self.figures.batches
        feed: Feed | None = None
        try:
            progress = self.sink.open()
            feed = self.log.feed(self._topics, progress.offsets, f"sink-{self.sink.name}")
            self._said.info("goes on from what the store has", version=progress.version)
            partitions = {topic: self.log.partitions(topic) for topic in self._topics}
            self._follow(feed, Intake(self.sink.name, progress, self._fetch, partitions), feed.ends() if once else None)
        except AWAY as error:
            if self.figures.batches == before and not self.stop.is_set():
                raise
            self._trouble(error)
            return self.stop.is_set()
        finally:
            if feed is not None:
                feed.close()
        return True

    def _follow(self, feed: Feed, intake: Intake, ends: dict[Place, int] | None) -> None:
        waiting: deque[StoredRecord] = deque()  # a poll may bring more than a batch
        told = 0.0
        while not self.stop.is_set():
            self._gather(feed, intake, waiting, ends)
            if intake.touched:
                self._write(feed, intake)
                told = time.monotonic()
            elif time.monotonic() - told > self.pace.sign:
                self._idle()
                told = time.monotonic()
            if ends is not None and all(intake.offsets.get(place, 0) >= end for place, end in ends.items()):
                return

    def _gather(self, feed: Feed, intake: Intake, waiting: deque[StoredRecord], ends: dict[Place, int] | None) -> None:
        """Take records until the batch is full, or `wait` is over; at the end of --once no longer than needed."""
        until = time.monotonic() + self.pace.wait
        while intake.events < self.pace.events and not self.stop.is_set():
            if waiting:
                intake.take(waiting.popleft())
                continue
            left = until - time.monotonic()
            if left <= 0 or (ends is not None and all(intake.offsets.get(place, 0) >= end for place, end in ends.items())):
                return
            waiting.extend(feed.poll(left))

    def _idle(self) -> None:
        """Say that it lives, and waits for nothing but records."""
        self.figures.trouble = ""
        self.tell(self.figures)

    def _write(self, feed: Feed, intake: Intake) -> None:
        for record, error in intake.unreadable:
            self._bury(record, error.reason, str(error))
        if intake.unreadable:
            self.log.flush()
        batch, begun = intake.batch(), time.monotonic()
        self.sink.write(batch, self._refuse)
        intake.written()
        self.figures.write_seconds += time.monotonic() - begun
        self.figures.events += batch.events
        self.figures.batches += 1
        self.figures.verdicts, self.figures.trouble = intake.counters.copy(), ""
        feed.commit(batch.offsets)
        self.figures.behind = {place: end - intake.offsets.get(place, 0) for place, end in feed.ends().items()}
        self.tell(self.figures)

    def _refuse(self, refused: Refused) -> None:
        self._bury(refused.taken.record, refused.reason, refused.detail)
        self.log.flush()

    def _bury(self, record: StoredRecord, reason: str, detail: str) -> None:
        self.log.send(bury(record, self.sink.name, reason, detail))
        self.figures.refused += 1
        place = f"{record.topic}:{record.partition}:{record.offset}"
        self._said.warning("a record is a dead letter", place=place, reason=reason, detail=detail, next=f"agora dlq show {place}")

    def _fetch(self, topic: str, at: Coordinates) -> StoredRecord:
        return next(iter(self.log.read(topic, at[0], at[1], at[1] + 1)))

    def _waits(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if error is not None:
            self._trouble(error)

    def _trouble(self, error: BaseException) -> None:
        self.figures.retries += 1
        self.figures.trouble = str(error)
        self._said.warning("waits for what went away, then goes on from what the store has", error=str(error))
        self.tell(self.figures)
