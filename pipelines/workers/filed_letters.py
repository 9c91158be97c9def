"""Dead letters of all consumers as people see them: one a record, whoever refused it; and the way back onto the topics."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.events.block import DecodeError, WireRecord
from pipelines.events.codec import decode
from pipelines.events.dead_letters import DeadLetter, dig_up
from pipelines.events.topics import dead_letter_topics, topic_named
from pipelines.ports import EventLog

SETTLED = "settled"
"""Header of a note on a dead-letter topic: the record of that place was replayed."""


@dataclass
class Filed:
    """A record that consumers could not take, by the first letter that tells of it.

    `open` and `replayed` are the consumers for which it still waits, and those for which it was put back.
    """

    letter: DeadLetter
    open: list[str] = field(default_factory=list)
    replayed: list[str] = field(default_factory=list)

    @property
    def consumers(self) -> list[str]:
        """All that refused it."""
        return [*self.open, *self.replayed]


def letters(log: EventLog) -> list[Filed]:
    """Every refused record once, in the order of topics and of their coming."""
    found: dict[str, Filed] = {}
    for name in dead_letter_topics():
        told, settled = _of_topic(log, name)
        for letter in told:
            filed = found.setdefault(letter.place, Filed(letter))
            (filed.replayed if letter.place in settled else filed.open).append(letter.consumer)
    return list(found.values())


def _of_topic(log: EventLog, name: str) -> tuple[Iterable[DeadLetter], set[str]]:
    """The letters of one topic, each once however often it was sent, and the places of those replayed."""
    found: dict[str, DeadLetter] = {}
    settled: set[str] = set()
    for partition in range(log.partitions(name)):
        for record in log.read(name, partition):
            note = dict(record.headers).get(SETTLED)
            if note is not None:
                settled.add(note.decode())
            else:
                letter = dig_up(record)
                found.setdefault(letter.place, letter)
    return found.values(), settled


def replay_all(
    log: EventLog, chosen: Iterable[Filed], value: bytes | None = None, rate: float = 0.0, sleep: Callable[[float], None] = time.sleep
) -> tuple[list[str], dict[str, str]]:
    """Send those that can be read now, at most `rate` a second (0: as fast as it goes); which were sent, and why the others were not."""
    sent: list[str] = []
    left: dict[str, str] = {}
    for filed, why in readable(chosen, value):
        if why:
            left[filed.letter.place] = why
            continue
        if sent and rate:
            sleep(1 / rate)
        log.send(filed.letter.replay(value, filed.consumers))
        for consumer in filed.open:
            log.send(_settled(filed.letter, consumer))
        sent.append(filed.letter.place)
    log.flush()
    return sent, left


def readable(chosen: Iterable[Filed], value: bytes | None = None) -> Iterator[tuple[Filed, str]]:
    """Each with the reason why it still cannot be read; empty if it can."""
    for filed in chosen:
        record = filed.letter.replay(value)
        try:
            decode(record.value, record.headers)
        except DecodeError as error:
            yield filed, str(error)
        else:
            yield filed, ""


def _settled(letter: DeadLetter, consumer: str) -> WireRecord:
    topic = topic_named(letter.origin.topic).dead_letters(consumer)
    return WireRecord(topic, letter.place.encode(), b"", ((SETTLED, letter.place.encode()),))
