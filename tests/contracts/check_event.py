"""What every event type must hold, whichever columns it has; run over all of them by test_event.py."""

from __future__ import annotations

import io
import json
from typing import Any

import fastavro
import numpy as np

from pipelines.events import codec, schema
from pipelines.events.block import Block, Headers
from pipelines.events.columns import ColumnType, Encoding
from pipelines.events.declarations import EventType
from pipelines.events.topics import TOPICS
from tests.pipelines.events import samples


def check_event(event: EventType) -> None:
    """One check over every event type."""
    check_declaration(event)
    check_schema(event)
    for count in (0, 1, 300):
        check_round_trip(event, count)
        check_any_avro_reader(event, count)
        check_avro_written_elsewhere(event, count)
    check_fence(event)


def check_declaration(event: EventType) -> None:
    """Names are unique, said in full, and the topic carries this type."""
    names = [column.name for column in event.all_columns]
    assert names[:2] == ["seq", "step"]
    assert len(set(names)) == len(names)
    assert len({column.wire_name for column in event.all_columns}) == len(names)
    assert event.doc
    assert event.topic in TOPICS
    assert event.topic.event == event.name
    for column in event.all_columns:
        assert column.doc
        assert column.unit
        assert column.encoding is Encoding.PLAIN or column.type in (ColumnType.INT, ColumnType.LONG)


def check_schema(event: EventType) -> None:
    """fastavro parses the schema and agrees on its canonical form and fingerprint."""
    canonical = fastavro.schema.to_parsing_canonical_form(json.loads(json.dumps(schema.avro_schema(event))))
    assert canonical == schema.canonical_form(event)
    assert fastavro.schema.fingerprint(canonical, "CRC-64-AVRO") == schema.fingerprint(event).hex()
    headers = Headers(schema.fingerprint(event), 0, -1, -1, 0)
    assert schema.written(headers) == (event, False)


def check_round_trip(event: EventType, count: int) -> None:
    """Decoding gives back what was encoded, in the declared types."""
    values = samples.columns(event, count)
    head = samples.head(values)
    record = codec.seal(event, head, codec.encode(event, head, values))
    block = codec.decode(record.value, record.headers)
    assert (block.event, block.head) == (event, head)
    assert codec.read_head(record.value, record.headers) == (event, head)
    assert_columns(block, values)


def assert_columns(block: Block, values: dict[str, Any]) -> None:
    """The block's columns hold these values, bit for bit and in the declared types."""
    dtypes = {ColumnType.INT: np.int32, ColumnType.LONG: np.int64, ColumnType.DOUBLE: np.float64}
    assert list(block.columns) == [column.name for column in block.event.all_columns]
    for column in block.event.all_columns:
        got = block.columns[column.name]
        if isinstance(got, list):
            assert got == list(values[column.name])
        else:
            assert got.dtype == dtypes[column.type]
            assert got.tolist() == np.asarray(values[column.name], got.dtype).tolist()


def plain(event: EventType, values: dict[str, Any]) -> dict[str, list[Any]]:
    """The wire fields of columns as plain lists, differences taken."""
    fields = {}
    for column in event.all_columns:
        items = list(values[column.name])
        if column.encoding is Encoding.DELTA:
            wide = np.asarray(items, np.int64)
            items = np.diff(wide, prepend=np.int64(0)).tolist()
        fields[column.wire_name] = [item.item() if isinstance(item, np.generic) else item for item in items]
    return fields


def check_any_avro_reader(event: EventType, count: int) -> None:
    """fastavro reads the value, and a cumulative sum undoes the differences."""
    values = samples.columns(event, count)
    head = samples.head(values)
    value = io.BytesIO(codec.encode(event, head, values))
    got = fastavro.schemaless_reader(value, fastavro.parse_schema(schema.avro_schema(event)), None)
    assert value.read() == b""
    envelope = {"run_id": head.run_id, "world_id": head.world_id, "epoch": head.epoch, "prev_seq": head.prev_seq}
    assert got == envelope | plain(event, values)


def check_avro_written_elsewhere(event: EventType, count: int) -> None:
    """A block written by another Avro library is the same bytes, and decodes."""
    values = samples.columns(event, count)
    head = samples.head(values)
    out = io.BytesIO()
    fields = {"run_id": head.run_id, "world_id": head.world_id, "epoch": head.epoch, "prev_seq": head.prev_seq} | plain(event, values)
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema.avro_schema(event)), fields)
    record = codec.seal(event, head, out.getvalue())
    assert_columns(codec.decode(record.value, record.headers), values)


def check_fence(event: EventType) -> None:
    """A fence is an empty block that says its epoch."""
    record = codec.fence(event, "run", 5, epoch=3, prev_seq=41)
    block = codec.decode(record.value, record.headers)
    assert block.head.is_fence
    assert (block.head.epoch, block.head.prev_seq, block.head.last_seq) == (3, 41, 41)
    assert (record.topic, record.key) == (event.topic.name, b"run/5")
