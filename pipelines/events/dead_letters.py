"""Dead letters: a record that a consumer cannot take, with its bytes, coordinates and the reason, so that it can be replayed."""

from __future__ import annotations

import zlib
from typing import NamedTuple

from pipelines.events.block import StoredRecord, WireRecord

PREFIX = "dlq."
REPLAY_HEADER = "replay_of"
"""Header of a record that stands in for an earlier one: "topic:partition:offset" of that one. It is judged as if it lay there."""


class DeadLetter(NamedTuple):
    """What a dead letter holds: the record as it lay on its topic, who refused it and why."""

    origin: StoredRecord
    consumer: str
    reason: str
    detail: str

    @property
    def place(self) -> str:
        """Where the record lay: "topic:partition:offset"."""
        return f"{self.origin.topic}:{self.origin.partition}:{self.origin.offset}"

    def replay(self, value: bytes | None = None) -> WireRecord:
        """The record to send to its topic again; with another value, that one and its CRC."""
        headers = tuple(pair for pair in self.origin.headers if pair[0] != REPLAY_HEADER)
        if value is not None:
            headers = (*(pair for pair in headers if pair[0] != "crc"), ("crc", str(zlib.crc32(value)).encode()))
        stands_for = (REPLAY_HEADER, self.place.encode())
        return WireRecord(self.origin.topic, self.origin.key, self.origin.value if value is None else value, (*headers, stands_for))


def bury(origin: StoredRecord, consumer: str, reason: str, detail: str) -> WireRecord:
    """The record for `<topic>.<consumer>.dlq`: the original key, value and headers, and headers of our own beside them."""
    notes = {
        "topic": origin.topic,
        "partition": str(origin.partition),
        "offset": str(origin.offset),
        "timestamp_ms": str(origin.timestamp_ms),
        "consumer": consumer,
        "reason": reason,
        "detail": detail,
    }
    headers = origin.headers + tuple((PREFIX + name, note.encode()) for name, note in notes.items())
    return WireRecord(f"{origin.topic}.{consumer}.dlq", origin.key, origin.value, headers)


def dig_up(record: StoredRecord) -> DeadLetter:
    """The dead letter that a record of a dead-letter topic is; ValueError if it is none."""
    notes = {name.removeprefix(PREFIX): note.decode() for name, note in record.headers if name.startswith(PREFIX)}
    try:
        place = (notes["topic"], int(notes["partition"]), int(notes["offset"]), int(notes["timestamp_ms"]))
        described = (notes["consumer"], notes["reason"], notes["detail"])
    except (KeyError, ValueError) as error:
        where = f"{record.topic}/{record.partition}/{record.offset}"
        raise ValueError(f"the record at {where} is no dead letter: {error!r}; only this product's consumers write there") from error
    headers = tuple(pair for pair in record.headers if not pair[0].startswith(PREFIX))
    return DeadLetter(StoredRecord(*place, record.key, record.value, headers), *described)
