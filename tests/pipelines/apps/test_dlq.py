"""Dead letters listed once, shown and put back, on a log in memory."""

from __future__ import annotations

import pytest

from pipelines.apps.dlq import find, letters, replay_all
from pipelines.apps.errors import UserError
from pipelines.events.block import StoredRecord
from pipelines.events.dead_letters import bury
from pipelines.testing import MemoryLog
from tests.spark_jobs.records import trades

GOOD = trades(1, 2)
BAD = StoredRecord("market.trades", 1, 17, 5, GOOD.key, GOOD.value[:-1] + b"\x7f", GOOD.headers)
SOUND = StoredRecord("market.trades", 0, 4, 5, GOOD.key, GOOD.value, GOOD.headers)


@pytest.fixture
def log() -> MemoryLog:
    """Two dead letters, one of them sent twice."""
    made = MemoryLog()
    for origin in (BAD, BAD, SOUND):
        made.send(bury(origin, "bronze", "crc", "it was corrupt"))
    made.flush()
    return made


def test_a_letter_that_was_sent_twice_is_listed_once(log: MemoryLog) -> None:
    assert [(filed.letter.place, filed.replayed) for filed in letters(log)] == [("market.trades:1:17", False), ("market.trades:0:4", False)]


def test_what_can_be_read_is_replayed_once_and_the_rest_is_left_with_the_reason(log: MemoryLog) -> None:
    sent, left = replay_all(log, [filed.letter for filed in letters(log)])
    assert sent == ["market.trades:0:4"]
    assert "crc" in left["market.trades:1:17"]
    assert {filed.letter.place: filed.replayed for filed in letters(log)} == {"market.trades:1:17": False, "market.trades:0:4": True}


def test_corrected_bytes_go_back_with_their_crc_and_where_they_stand(log: MemoryLog) -> None:
    assert replay_all(log, [find(log, "market.trades:1:17").letter], GOOD.value) == (["market.trades:1:17"], {})
    (record,) = [record for part in range(log.partitions("market.trades")) for record in log.read("market.trades", part)]
    assert record.value == GOOD.value
    assert dict(record.headers)["replay_of"] == b"market.trades:1:17"


def test_an_unknown_place_is_refused(log: MemoryLog) -> None:
    with pytest.raises(UserError, match="no dead letter of 'market.trades:1:99'"):
        find(log, "market.trades:1:99")
    with pytest.raises(ValueError, match="unknown topic 'nothing'"):
        find(log, "nothing:0:1")
