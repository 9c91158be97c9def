"""Schemas that were published never change; the fingerprint is Avro's own."""

import pytest

from pipelines.events.block import DecodeError, Headers
from pipelines.events.declarations import AGENTS, EVENT_TYPES, LABELS, TRADES
from pipelines.events.schema import Written, crc_64_avro, fingerprint, names, written

PUBLISHED = {
    "worlds_v1": "50b39a426a49aedf",
    "orders_v1": "d916ac85df8d7037",
    "trades_v1": "c1d8d0930c43511f",
    "ticks_v1": "44d103f0ba55fd17",
    "messages_v1": "a14a3f37f5cf9f9b",
    "agents_v1": "40d51ce6434f1969",
    "agents_v2": "3b0301bcfc269c87",
    "negotiations_v1": "58587149d4ae29af",
    "resources_v1": "10b3f5cdf8099971",
    "interventions_v1": "3f45528704c0542d",
    "inputs_v1": "6b273996c5b13e8f",
    "metrics_v1": "eef8bbf5f17ce60f",
    "alerts_v1": "6016ca10b02f6f85",
    "labels_v1": "15c8b23ac2a66730",
    "labels_v2": "3fe63e961d73cc6e",
}


def test_fingerprint_of_a_published_version_never_changes() -> None:
    """If this fails, give the changed type a new version and add a line; never change one."""
    versions = [version for event in EVENT_TYPES.values() for version in event.versions]
    assert {f"{event.name}_v{event.version}": fingerprint(event).hex() for event in versions} == PUBLISHED


def test_crc_of_the_avro_specification() -> None:
    assert crc_64_avro(b'"null"') == 0x63DD24E7CC258F8A.to_bytes(8, "little")
    assert crc_64_avro(b'"int"') == 0x7275D51A3F395C8F.to_bytes(8, "little")


def headers(mark: bytes, begins_with: bytes = b"") -> Headers:
    return Headers(mark, 0, -1, -1, 0, begins_with)


def test_unknown_fingerprint_is_refused() -> None:
    with pytest.raises(DecodeError, match="no known schema has the fingerprint 0102"):
        written(headers(b"\1\2"))
    with pytest.raises(DecodeError, match=r"\(empty\)"):
        written(headers(b""))
    with pytest.raises(DecodeError, match="fingerprint 0102"):
        written(headers(b"\1\2", b"\0" * 8 + fingerprint(TRADES)[:7]))


def test_a_later_version_is_read_as_the_newest_that_is_known() -> None:
    older, newer = fingerprint(AGENTS.as_of(1)), fingerprint(AGENTS)
    assert written(headers(b"\1" * 8, b"\2" * 8 + newer + older)) == Written(AGENTS, True)
    assert written(headers(older)) == Written(AGENTS.as_of(1), False)


def test_a_block_names_the_versions_that_its_columns_begin_with() -> None:
    assert names(AGENTS) == (fingerprint(AGENTS), fingerprint(AGENTS.as_of(1)))
    assert names(TRADES) == (fingerprint(TRADES), b"")
    assert names(LABELS) == (fingerprint(LABELS), b""), "its second version brought a column that is not the last"
