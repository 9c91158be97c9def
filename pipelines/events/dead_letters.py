"""Dead letters: a record that a consumer cannot take, with its bytes, coordinates and the reason, so that it can be replayed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pipelines.events.block import StoredRecord, WireRecord

PREFIX = "dlq."
REPLAY_HEADER = "replay_of"
"""Header of a record that stands in for an earlier one: "topic:partition:offset" of that one. It is judged as if it lay there."""

REPLAY_FOR = "replay_for"
"""Header of such a record: who had refused it and takes it although the mark has passed, separated by commas. Others drop a duplicate."""


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

    def replay(self, value: bytes | None = None, consumers: Sequence[str] = ()) -> WireRecord:
        """The record to send to its topic again, for its consumer or for those; with another value, that one and its CRC."""
        headers = tuple(pair for pair in self.origin.headers if pair[0] not in (REPLAY_HEADER, REPLAY_FOR))
        if value is not None:
            headers = (*(pair for pair in headers if pair[0] != "crc"), ("crc", str(zlib.crc32(value)).encode()))
        notes = ((REPLAY_HEADER, self.place.encode()), (REPLAY_FOR, ",".join(consumers or [self.consumer]).encode()))
        return WireRecord(self.origin.topic, self.origin.key, self.origin.value if value is None else value, (*headers, *notes))


def replayed_for(headers: Iterable[Sequence[Any]]) -> list[str]:
    """The consumers for which a record was replayed; none if it was not."""
    return next((bytes(pair[1]).decode().split(",") for pair in headers if pair[0] == REPLAY_FOR), [])


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
