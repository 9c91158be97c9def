"""Programs that publish to one log agree on the schemas, or one is refused before it sends anything."""

import msgspec
import pytest

from pipelines.broker.contract import agree, schemas_of
from pipelines.events.block import WireRecord
from pipelines.events.columns import ColumnType
from pipelines.events.declarations import EVENT_TYPES, TRADES
from pipelines.events.evolution import Breaking
from pipelines.events.topics import SCHEMAS
from pipelines.testing import MemoryLog
from tests.pipelines.events.growing import changed, grown, venue

ALL = [f"{event.name}/{version.version}" for event in EVENT_TYPES.values() for version in event.versions]


def test_the_first_program_writes_every_version_and_later_ones_nothing() -> None:
    log = MemoryLog()
    assert agree(log) == ALL
    assert agree(log) == []
    assert sorted(key.decode() for key in schemas_of(log)) == sorted(ALL)


def test_a_newer_program_adds_its_version_and_the_older_one_goes_on() -> None:
    log = MemoryLog()
    agree(log)
    assert agree(log, EVENT_TYPES | {"trades": grown(TRADES, venue())}) == ["trades/2"]
    assert agree(log) == []


def test_a_breaking_program_is_refused_and_leaves_nothing() -> None:
    log = MemoryLog()
    agree(log)
    before = log.sent()
    with pytest.raises(Breaking, match="column size was int and is long"):
        agree(log, EVENT_TYPES | {"trades": grown(changed(TRADES, "size", type=ColumnType.LONG), venue())})
    assert log.sent() == before


def test_two_programs_that_begin_at_once_harm_nothing() -> None:
    one, two = MemoryLog(), MemoryLog()
    agree(one)
    for partition in range(2):
        for record in [*one.read(SCHEMAS.name, partition), *one.read(SCHEMAS.name, partition)]:
            two.send(WireRecord(record.topic, record.key, record.value, record.headers))
    assert agree(two) == []


def test_a_record_that_is_no_schema_is_named() -> None:
    log = MemoryLog()
    log.send(WireRecord(SCHEMAS.name, b"trades/1", msgspec.json.encode({"name": "x"}), ()))
    with pytest.raises(ValueError, match="offset 0 of agora.schemas: .* is no schema of an event type .*; delete that topic"):
        agree(log)
