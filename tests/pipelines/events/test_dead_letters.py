"""Dead letters keep everything."""

import pytest

from pipelines.events.block import StoredRecord, WireRecord
from pipelines.events.dead_letters import bury, dig_up

RECORD = StoredRecord("market.orders", 1, 77, 1_700_000_000_000, b"run/1", b"\xff\x00 no block", (("crc", b"1"), ("odd", b"\xfe")))


def test_dead_letter_gives_back_the_record_and_the_reason() -> None:
    letter = bury(RECORD, "bronze", "crc", "the value is corrupt")
    assert (letter.topic, letter.key, letter.value) == ("market.orders.bronze.dlq", b"run/1", RECORD.value)
    found = dig_up(StoredRecord(letter.topic, 0, 3, 5, letter.key, letter.value, letter.headers))
    assert found == (RECORD, "bronze", "crc", "the value is corrupt")
    notes = (("replay_of", found.place.encode()), ("replay_for", b"bronze"))
    assert found.replay() == WireRecord("market.orders", b"run/1", RECORD.value, (*RECORD.headers, *notes))


@pytest.mark.parametrize(
    "headers", [(), (("dlq.topic", b"t"), ("dlq.partition", b"one"), ("dlq.offset", b"1"), ("dlq.timestamp_ms", b"1"))]
)
def test_record_that_is_no_dead_letter_is_refused(headers: tuple[tuple[str, bytes], ...]) -> None:
    with pytest.raises(ValueError, match=r"market\.orders\.bronze\.dlq/0/3 is no dead letter"):
        dig_up(StoredRecord("market.orders.bronze.dlq", 0, 3, 5, b"", b"", headers))
