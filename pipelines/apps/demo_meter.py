"""What a watcher learns from the topics alone, as any Kafka consumer could: events per topic, steps, the learner's return."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from contextlib import closing
from dataclasses import dataclass, field

from pipelines.broker.feed import KafkaFeed
from pipelines.events.block import DecodeError, StoredRecord, parse_headers
from pipelines.events.codec import decode
from pipelines.events.declarations import ALERTS, METRICS, TICKS
from pipelines.events.topics import TOPICS
from pipelines.kafka_access import Servers

WINDOW_S = 5.0
POLL_S = 0.2
RETURN = "rollout/return"
"""The figure of training.metrics that the view shows."""


@dataclass
class Rate:
    """Events per second over the last few seconds."""

    seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, total: int, now: float) -> None:
        """The total as of now, seconds."""
        self.seen.append((now, total))
        while len(self.seen) > 2 and self.seen[0][0] < now - WINDOW_S:
            self.seen.popleft()

    def per_second(self) -> float:
        """0 until two totals are known."""
        if len(self.seen) < 2:
            return 0.0
        (first, before), (last, after) = self.seen[0], self.seen[-1]
        return max(0.0, (after - before) / max(last - first, 1e-9))


class Meter:
    """Counts what is published from the moment it starts; a thread of its own.

    Parameters
    ----------
    broker : where Kafka is, and who we are there.
    """

    def __init__(self, broker: Servers) -> None:
        self.events: Counter[str] = Counter()  # event type -> events
        self.alerts: Counter[str] = Counter()  # kind -> alerts
        self.steps: dict[str, int] = {}  # run -> furthest step of any of its worlds
        self.returns: list[float] = []  # the learner's, in order
        self.ready = threading.Event()
        self._broker, self._stop = broker, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="meter")

    def start(self) -> None:
        """Begin to count; returns once nothing new can be missed."""
        self._thread.start()
        self.ready.wait(30)

    def stop(self) -> None:
        """Let go of the connection."""
        self._stop.set()
        self._thread.join(10)

    @property
    def total(self) -> int:
        """Events published since the start."""
        return sum(self.events.values())

    def _watch(self) -> None:
        names = {topic.name: topic.event for topic in TOPICS}
        while not self._stop.is_set():
            try:
                with closing(KafkaFeed(self._broker, list(names), starts=None)) as feed:
                    self.ready.set()
                    while not self._stop.is_set():
                        for record in feed.poll(POLL_S):
                            self._take(names[record.topic], record)
            except (ConnectionError, OSError):
                time.sleep(1)  # the broker is away; what is published meanwhile is not shown

    def _take(self, event: str, record: StoredRecord) -> None:
        try:
            count = parse_headers(record.headers).count
            self.events[event] += count
            if count and event in (TICKS.name, METRICS.name, ALERTS.name):
                self._read(event, record)
        except DecodeError:
            return  # the stream keeps what cannot be read; a watcher only looks

    def _read(self, event: str, record: StoredRecord) -> None:
        block = decode(record.value, record.headers)
        if event == METRICS.name:
            pairs = zip(block.columns["name"], block.columns["value"], strict=True)
            self.returns += [float(value) for name, value in pairs if name == RETURN]
        elif event == ALERTS.name:
            self.alerts.update(map(str, block.columns["kind"]))
        else:
            run, step = block.head.run_id, int(block.columns["step"][-1])
            self.steps[run] = max(step, self.steps.get(run, 0))
