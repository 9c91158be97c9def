"""Dead letters listed once, shown and put back, on a log in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from pipelines.apps.dlq import as_row, find
from pipelines.apps.errors import UserError
from pipelines.events.block import StoredRecord
from pipelines.events.dead_letters import bury
from pipelines.testing import MemoryLog
from pipelines.workers.filed_letters import letters, readable, replay_all
from spark_jobs.bronze import dead_letters as table
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
    assert [(filed.letter.place, filed.open) for filed in letters(log)] == [
        ("market.trades:1:17", ["bronze"]),
        ("market.trades:0:4", ["bronze"]),
    ]


def test_what_can_be_read_is_replayed_once_and_the_rest_is_left_with_the_reason(log: MemoryLog) -> None:
    sent, left = replay_all(log, letters(log))
    assert sent == ["market.trades:0:4"]
    assert "crc" in left["market.trades:1:17"]
    assert {filed.letter.place: filed.replayed for filed in letters(log)} == {"market.trades:1:17": [], "market.trades:0:4": ["bronze"]}
    assert replay_all(log, [filed for filed in letters(log) if filed.open]) == ([], left)


def test_corrected_bytes_go_back_with_their_crc_and_where_they_stand(log: MemoryLog) -> None:
    assert replay_all(log, [find(log, "market.trades:1:17")], GOOD.value) == (["market.trades:1:17"], {})
    (record,) = [record for part in range(log.partitions("market.trades")) for record in log.read("market.trades", part)]
    assert record.value == GOOD.value
    assert dict(record.headers)["replay_of"] == b"market.trades:1:17"


def test_an_unknown_place_is_refused(log: MemoryLog) -> None:
    with pytest.raises(UserError, match="no dead letter of 'market.trades:1:99'"):
        find(log, "market.trades:1:99")
    with pytest.raises(ValueError, match="unknown topic 'nothing'"):
        find(log, "nothing:0:1")


def test_a_record_that_several_consumers_refused_is_one_and_goes_back_once_for_all(log: MemoryLog) -> None:
    for consumer in ("cassandra", "elasticsearch"):
        log.send(bury(SOUND, consumer, "refused", "too long"))
    filed = find(log, "market.trades:0:4")
    assert filed.open == ["bronze", "elasticsearch", "cassandra"]
    replay_all(log, [filed])
    (record,) = [record for part in range(log.partitions("market.trades")) for record in log.read("market.trades", part)]
    assert dict(record.headers)["replay_for"] == b"bronze,elasticsearch,cassandra"
    assert find(log, "market.trades:0:4").open == []


def test_replays_keep_to_their_rate_and_a_look_sends_nothing(log: MemoryLog) -> None:
    for offset in (5, 6):
        log.send(bury(SOUND._replace(offset=offset), "bronze", "crc", "it was corrupt"))
    before, pauses = log.sent(), list[float]()
    assert [why == "" for _, why in readable(letters(log))] == [False, True, True, True]
    assert log.sent() == before
    replay_all(log, letters(log), rate=10, sleep=pauses.append)
    assert pauses == [0.1, 0.1]


def test_the_mirror_holds_every_letter_with_its_bytes_once_however_often_it_is_made(log: MemoryLog, tmp_path: Path) -> None:
    for _ in range(2):
        assert table.replace(tmp_path, [as_row(filed) for filed in letters(log)]) == 2
    replay_all(log, letters(log))
    table.replace(tmp_path, [as_row(filed) for filed in letters(log)])
    rows = DeltaTable(str(table.TABLE.path(tmp_path))).to_pyarrow_table().to_pylist()
    assert [(row["offset"], row["open"], row["replayed"]) for row in rows] == [(17, ["bronze"], []), (4, [], ["bronze"])]
    assert rows[1]["value"] == GOOD.value and rows[1]["run_id"] and rows[1]["reason"] == "crc"
