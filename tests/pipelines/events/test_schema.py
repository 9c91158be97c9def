"""Schemas that were published never change; the fingerprint is Avro's own."""

import pytest

from pipelines.events.block import DecodeError
from pipelines.events.declarations import EVENT_TYPES
from pipelines.events.schema import crc_64_avro, event_of, fingerprint

PUBLISHED = {
    "worlds_v1": "1f1690a1115c1cfd",
    "orders_v1": "4ac318bdfa86bb29",
    "trades_v1": "336b581de08db23a",
    "ticks_v1": "04cdd0221e5845ed",
    "messages_v1": "5ecafb19bc62a695",
    "agents_v1": "d64870b3861a7b52",
    "inputs_v1": "eee460acbf57960f",
    "metrics_v1": "ea00f32764250c42",
    "alerts_v1": "ac664605586715cb",
    "labels_v1": "8707c85bcb30e5a1",
}


def test_fingerprint_of_a_published_version_never_changes() -> None:
    """If this fails, give the changed type a new version and add a line; never change one."""
    assert {f"{event.name}_v{event.version}": fingerprint(event).hex() for event in EVENT_TYPES.values()} == PUBLISHED


def test_crc_of_the_avro_specification() -> None:
    assert crc_64_avro(b'"null"') == 0x63DD24E7CC258F8A.to_bytes(8, "little")
    assert crc_64_avro(b'"int"') == 0x7275D51A3F395C8F.to_bytes(8, "little")


def test_unknown_fingerprint_is_refused() -> None:
    with pytest.raises(DecodeError, match="no known schema has the fingerprint 0102"):
        event_of(b"\1\2")
    with pytest.raises(DecodeError, match=r"\(empty\)"):
        event_of(b"")
