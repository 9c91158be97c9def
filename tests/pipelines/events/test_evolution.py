"""A type grows by columns with a default: old and new readers take what old and new writers write; all else is refused."""

import io
import json
import zlib
from pathlib import Path

import fastavro
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.events import codec, schema
from pipelines.events.block import Block, WireRecord
from pipelines.events.columns import Column, ColumnType, Encoding
from pipelines.events.declarations import AGENTS, EVENT_TYPES, LABELS, TRADES, EventType
from pipelines.events.evolution import Breaking, check_published, published, record_of
from tests.contracts.check_event import assert_columns
from tests.pipelines.events import samples
from tests.pipelines.events.growing import changed, grown, growths, venue, without

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "schemas"


def sealed(event: EventType, count: int = 20) -> tuple[WireRecord, dict[str, object]]:
    values = samples.columns(event, count)
    head = samples.head(values)
    return codec.seal(event, head, codec.encode(event, head, values)), values


def read_by(event: EventType, record: WireRecord, monkeypatch: pytest.MonkeyPatch) -> Block:
    """What a program reads that declares the type so."""
    with monkeypatch.context() as patch:
        patch.setitem(EVENT_TYPES, event.name, event)
        schema._by_fingerprint.cache_clear()
        try:
            assert codec.read_head(record.value, record.headers)[0] == event
            return codec.decode(record.value, record.headers)
        finally:
            schema._by_fingerprint.cache_clear()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(EVENT_TYPES)), st.data(), st.sampled_from([0, 1, 20]))
def test_blocks_flow_between_any_two_versions(name: str, data: st.DataObject, count: int) -> None:
    newest = data.draw(growths(EVENT_TYPES[name]))
    old, new = sorted(data.draw(st.integers(EVENT_TYPES[name].version, newest.version)) for _ in range(2))
    older, newer = newest.as_of(old), newest.as_of(new)
    with pytest.MonkeyPatch.context() as patch:
        record, values = sealed(newer, count)
        assert_columns(read_by(older, record, patch), {column.name: values[column.name] for column in older.all_columns})
        record, values = sealed(older, count)
        missing = {column.name: [column.default] * count for column in newer.columns if column.since > old}
        assert_columns(read_by(newer, record, patch), values | missing)


@pytest.mark.parametrize("event", [AGENTS, LABELS])
def test_blocks_of_published_versions_are_read_with_defaults(event: EventType) -> None:
    record, values = sealed(event.as_of(1))
    block = codec.decode(record.value, record.headers)
    missing = {column.name: [column.default] * 20 for column in event.columns if column.since == 2}
    assert missing
    assert_columns(block, values | missing)


def test_a_fence_of_a_later_version_is_one() -> None:
    later = codec.fence(grown(TRADES, venue()), "run", 5, epoch=3, prev_seq=41)
    assert codec.decode(later.value, later.headers).head.is_fence


def test_a_plain_avro_reader_with_the_old_schema_reads_the_new_block() -> None:
    record, values = sealed(grown(TRADES, venue()))
    got = fastavro.schemaless_reader(io.BytesIO(record.value), fastavro.parse_schema(schema.avro_schema(TRADES)), None)
    assert got["size"] == np.asarray(values["size"]).tolist()


def test_damage_within_the_known_columns_of_a_later_version_is_found() -> None:
    record, values = sealed(grown(TRADES, venue()), 3)
    known = codec.encode(TRADES, samples.head(values), {column.name: values[column.name] for column in TRADES.all_columns})
    assert record.value.startswith(known)
    for size in range(len(known)):
        value = record.value[:size]
        headers = [(name, str(zlib.crc32(value)).encode() if name == "crc" else pair) for name, pair in record.headers]
        with pytest.raises(codec.DecodeError):
            codec.decode(value, headers)


def test_every_published_schema_lies_in_the_documents_and_is_accepted() -> None:
    found = [published(path.read_bytes()) for path in SCHEMAS.iterdir()]
    declared = {(version.name, version.version) for event in EVENT_TYPES.values() for version in event.versions}
    assert {(each.event, each.version) for each in found} == declared
    check_published(found)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(EVENT_TYPES)), st.data())
def test_growth_is_accepted_from_both_sides(name: str, data: st.DataObject) -> None:
    newest = data.draw(growths(EVENT_TYPES[name]))
    for one in newest.versions:
        for other in newest.versions:
            check_published([published(record_of(one).value)], {name: other})


BROKEN = {
    "removed": (without(TRADES, "size"), "column size is gone or has another name"),
    "renamed": (changed(TRADES, "size", name="lots"), "column size is gone or has another name"),
    "retyped": (changed(TRADES, "size", type=ColumnType.LONG), "column size was int and is long"),
    "encoded": (changed(TRADES, "size", encoding=Encoding.DELTA), "column size is gone"),
    "added to the same version": (
        EventType("trades", 1, "The tape.", (*TRADES.columns, Column("venue", ColumnType.INT, "id", "where"))),
        "column venue is declared for a version that did not have it",
    ),
    "reordered": (EventType("trades", 1, "The tape.", TRADES.columns[::-1]), "another order"),
    "retyped later": (grown(changed(TRADES, "size", type=ColumnType.LONG), venue()), "column size was int and is long"),
    "removed later": (grown(without(TRADES, "size"), venue()), "version 1, here is version 2: column size is gone"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_breaking_change_is_refused(case: str) -> None:
    event, message = BROKEN[case]
    with pytest.raises(Breaking, match=f"market.trades was published with trades .*{message}.*a column more, at the end"):
        check_published([published(record_of(TRADES).value)], {"trades": event})


@pytest.mark.parametrize("case", ["removed", "retyped", "reordered"])
def test_an_older_program_is_refused_beside_a_later_version_that_broke_with_it(case: str) -> None:
    with pytest.raises(Breaking, match="version 2, here is version 1"):
        check_published([published(record_of(grown(BROKEN[case][0], venue())).value)], {"trades": TRADES})


def test_a_default_that_changed_is_refused() -> None:
    with pytest.raises(Breaking, match="a default has changed"):
        check_published([published(record_of(grown(TRADES, venue(7))).value)], {"trades": grown(TRADES, venue(8))})


def test_a_later_column_without_a_default_is_refused_where_it_is_declared() -> None:
    with pytest.raises(ValueError, match="venue of trades came with version 2 and has no default"):
        grown(TRADES, venue(default=None))
    with pytest.raises(ValueError, match="version 3, its newest column came with version 2"):
        EventType("trades", 3, "The tape.", (*TRADES.columns, venue()))
    with pytest.raises(ValueError, match="trades has no version 2; it has 1 to 1"):
        TRADES.as_of(2)


def test_a_later_version_that_was_published_without_a_default_is_refused() -> None:
    later = json.loads(record_of(grown(TRADES, venue())).value)
    del later["fields"][-1]["each"]
    with pytest.raises(Breaking, match="column venue was added without a default"):
        check_published([published(json.dumps(later))])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "trades", "fields": []}', '{"name": "trades_v1", "fields": [1, 2, 3, 4, 5]}'])
def test_what_is_no_schema_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no schema of an event type"):
        published(text)
