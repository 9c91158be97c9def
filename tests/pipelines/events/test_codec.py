"""The codec on its own: refusals of the writer, and any bytes whatsoever for the reader."""

from __future__ import annotations

import zlib

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.events import codec, schema
from pipelines.events.block import DecodeError, Head, Headers, WireRecord
from pipelines.events.declarations import EVENT_TYPES, LABELS, METRICS, ORDERS, TRADES, event_type
from tests.pipelines.events import samples


def record_of(name: str, count: int = 20) -> WireRecord:
    values = samples.columns(EVENT_TYPES[name], count)
    head = samples.head(values)
    return codec.seal(EVENT_TYPES[name], head, codec.encode(EVENT_TYPES[name], head, values))


def resealed(record: WireRecord, value: bytes) -> tuple[tuple[str, bytes], ...]:
    """The record's headers with the CRC of other bytes, as an attacker or a broken writer would leave them."""
    return tuple((name, str(zlib.crc32(value)).encode() if name == "crc" else data) for name, data in record.headers)


def test_value_of_one_trade_is_the_documented_bytes() -> None:
    values = {"seq": [9], "step": [2], "symbol": [0], "price": [-1], "size": [64], "buyer": [3], "seller": [4]}
    values |= {"buy_order_id": [300], "sell_order_id": [1], "aggressor": [1]}
    value = codec.encode(TRADES, Head("r", 1, 0, 4, 9, 9, 1), values)
    arrays = [[18], [4], [0], [1], [0x80, 0x01], [6], [8], [0xD8, 0x04], [2], [2]]
    expected = [2, ord("r"), 2, 0, 8]
    for array in arrays:
        expected += [2, *array, 0]
    assert list(value) == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"price": np.array([2**31])}, "price is int"),
        ({"price": np.array([0.5])}, "holds integers"),
        ({"price": np.array([1, 2])}, "2 values where the head says 1"),
        ({"seq": np.array([4])}, "the head says seq 9..9"),
        ({"colour": np.array([4])}, "has the columns seq, step"),
    ],
)
def test_writer_refuses(change: dict[str, object], message: str) -> None:
    values = samples.columns(TRADES, 1) | {"seq": np.array([9])}
    with pytest.raises(ValueError, match=message):
        codec.encode(TRADES, Head("r", 1, 0, 4, 9, 9, 1), values | change)


def test_writer_refuses_seq_that_does_not_rise() -> None:
    values = samples.columns(TRADES, 2) | {"seq": np.array([9, 9])}
    with pytest.raises(ValueError, match="must rise"):
        codec.encode(TRADES, Head("r", 1, 0, 4, 9, 9, 2), values)


def test_writer_refuses_seq_at_or_below_prev_seq() -> None:
    values = samples.columns(TRADES, 1) | {"seq": np.array([4])}
    with pytest.raises(ValueError, match="prev_seq 4"):
        codec.encode(TRADES, Head("r", 1, 0, 4, 4, 4, 1), values)


@pytest.mark.parametrize("head", [Head("r", -1, 0, -1, -1, -1, 0), Head("r", 0, 2**31, -1, -1, -1, 0), Head("r", 0, 0, -2, -2, -2, 0)])
def test_head_out_of_range_is_refused(head: Head) -> None:
    with pytest.raises(ValueError, match="world_id and epoch"):
        codec.write_head(head)


def test_unknown_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown event type 'order'; known: worlds, orders"):
        event_type("order")


def reason(record: WireRecord, value: bytes | None = None, headers: object = None) -> str:
    with pytest.raises(DecodeError) as caught:
        codec.decode(record.value if value is None else value, record.headers if headers is None else headers)  # type: ignore[arg-type]
    return caught.value.reason


def test_corrupt_value_is_found_by_its_crc() -> None:
    record = record_of("orders")
    value = bytearray(record.value)
    value[50] ^= 4
    assert reason(record, bytes(value)) == "crc"


def test_record_without_headers_is_refused() -> None:
    assert reason(record_of("orders"), headers=()) == "headers"
    assert reason(record_of("orders"), headers=[("count", None)]) == "headers"


def test_header_that_is_no_number_is_refused() -> None:
    record = record_of("orders")
    assert reason(record, headers=[(n, b"many" if n == "count" else v) for n, v in record.headers]) == "headers"


def test_foreign_schema_is_refused() -> None:
    record = record_of("orders")
    assert reason(record, headers=[(n, b"\0" * 8 if n == "fingerprint" else v) for n, v in record.headers]) == "fingerprint"


def test_count_of_the_header_must_hold() -> None:
    record = record_of("orders")
    for count in (b"19", b"21", b"0"):
        assert reason(record, headers=[(n, count if n == "count" else v) for n, v in record.headers]) == "value"
    assert reason(record, headers=[(n, b"99999999999" if n == "count" else v) for n, v in record.headers]) == "headers"


def test_column_that_is_too_short_is_named() -> None:
    record = record_of("trades")
    for count, cause in ((b"19", "not as many items"), (b"21", "not as many items")):
        with pytest.raises(DecodeError, match=f"column seq: the column has {cause}"):
            codec.decode(record.value, [(n, count if n == "count" else v) for n, v in record.headers])


def in_blocks(items: list[int]) -> bytes:
    """An Avro array in three blocks: a plain one, one that says its length in bytes, and an empty end."""
    first, rest = b"".join(map(codec.write_varint, items[:2])), b"".join(map(codec.write_varint, items[2:]))
    return codec.write_varint(2) + first + codec.write_varint(-(len(items) - 2)) + codec.write_varint(len(rest)) + rest + b"\0"


def test_arrays_in_several_blocks_decode() -> None:
    """Other Avro writers cut long arrays, and may say a block's length in bytes."""
    values = samples.columns(TRADES, 9)
    value = codec.write_head(samples.head(values))
    for column in TRADES.all_columns:
        items = np.asarray(values[column.name], np.int64)
        value += in_blocks((np.diff(items, prepend=np.int64(0)) if column.wire_name.endswith("_delta") else items).tolist())
    record = codec.seal(TRADES, samples.head(values), value)
    block = codec.decode(record.value, record.headers)
    for name, column in values.items():
        assert np.array_equal(np.asarray(block.columns[name]), column)


def test_text_and_doubles_in_several_blocks_decode() -> None:
    values = samples.columns(METRICS, 3)
    whole = codec.encode(METRICS, samples.head(values), values)
    one = np.ascontiguousarray(values["value"], "<f8").tobytes()
    assert b"\6" + one + b"\0" in whole
    cut = whole.replace(b"\6" + one + b"\0", b"\2" + one[:8] + b"\3\x20" + one[8:] + b"\0")
    record = codec.seal(METRICS, samples.head(values), cut)
    assert np.array_equal(np.asarray(codec.decode(cut, record.headers).columns["value"]), values["value"])


def test_seq_of_the_header_must_hold() -> None:
    record = record_of("metrics")
    assert reason(record, headers=[(n, b"1" if n == "last_seq" else v) for n, v in record.headers]) == "sequence"


def test_bytes_after_the_last_column_are_refused() -> None:
    record = record_of("labels")
    value = record.value + b"\0"
    assert reason(record, value, resealed(record, value)) == "value"


def test_every_truncation_is_refused() -> None:
    for name in ("orders", "metrics", "labels"):
        record = record_of(name, 3)
        for size in range(len(record.value)):
            value = record.value[:size]
            assert reason(record, value, resealed(record, value)) in ("value", "headers")


def test_value_outside_its_column_is_refused() -> None:
    value = codec.write_head(Head("r", 0, 0, 0, 0, 0, 0)) + b"\2" + codec.write_varint(2**40) + b"\0"
    value += b"".join(b"\2" + codec.write_varint(2**40) + b"\0" for _ in TRADES.all_columns[1:])
    headers = Headers(schema.fingerprint(TRADES), 1, 2**40, 2**40, zlib.crc32(value)).pairs()
    with pytest.raises(DecodeError, match="step: a value does not fit"):
        codec.decode(value, headers)


@pytest.mark.parametrize("last", [2, 0x80])
def test_integer_of_more_than_64_bits_is_refused(last: int) -> None:
    value = codec.write_head(Head("r", 0, 0, 0, 0, 0, 0)) + b"\2" + b"\xff" * 9 + bytes([last]) + bytes(30)
    headers = Headers(schema.fingerprint(TRADES), 1, 1, 1, zlib.crc32(value)).pairs()
    with pytest.raises(DecodeError, match="column seq: an integer has more than 64 bits"):
        codec.decode(value, headers)


def test_head_with_an_integer_of_more_than_64_bits_is_refused() -> None:
    value = codec.write_text("r") + b"\2\0" + b"\xff" * 9 + b"\x02" + bytes(30)
    headers = Headers(schema.fingerprint(TRADES), 1, 1, 1, zlib.crc32(value)).pairs()
    with pytest.raises(DecodeError, match="an integer has more than 64 bits at byte 14"):
        codec.decode(value, headers)


def test_memoryviews_and_bytearrays_decode_like_bytes() -> None:
    record = record_of("orders")
    expected = codec.decode(record.value, record.headers)
    for value in (bytearray(record.value), memoryview(record.value)):
        assert np.array_equal(codec.decode(value, record.headers).columns["order_id"], expected.columns["order_id"])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(EVENT_TYPES)), st.binary(max_size=300), st.integers(0, 400), st.integers(-2, 2**63), st.integers(-2, 2**63))
def test_any_bytes_decode_or_are_refused(name: str, value: bytes, count: int, first: int, last: int) -> None:
    headers = Headers(schema.fingerprint(EVENT_TYPES[name]), count, first, last, zlib.crc32(value)).pairs()
    try:
        block = codec.decode(value, headers)
    except DecodeError:
        return
    assert all(len(column) == count for column in block.columns.values())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([ORDERS, METRICS, LABELS]), st.data())
def test_any_damage_decodes_or_is_refused(event: object, data: st.DataObject) -> None:
    record = record_of(event.name, 5)  # type: ignore[attr-defined]
    value = bytearray(record.value)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(value) - 1))
        value[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=11))
        if not value:
            break
    try:
        block = codec.decode(bytes(value), resealed(record, bytes(value)))
    except DecodeError:
        return
    assert block.head.count == 5


@given(st.integers(-(2**63), 2**63 - 1))
def test_varint_round_trip(value: int) -> None:
    data = codec.write_varint(value)
    reader = codec.Reader(data)
    assert reader.varint() == value
    assert reader.pos == len(data) <= 10


def test_content_leaves_out_only_the_epoch() -> None:
    values = samples.columns(ORDERS, 5)
    one = codec.encode(ORDERS, samples.head(values, epoch=1), values)
    two = codec.encode(ORDERS, samples.head(values, epoch=500), values)
    other = codec.encode(ORDERS, samples.head(values, prev_seq=6, epoch=1), values)
    elsewhere = codec.encode(ORDERS, msgspec.structs.replace(samples.head(values, epoch=1), world_id=4), values)
    assert codec.content(one) == codec.content(two)
    assert len({codec.content(value) for value in (one, other, elsewhere)}) == 3
