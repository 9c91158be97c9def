"""Documents of events: where they lie, what they say, what cannot be said."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from pipelines.events import codec
from pipelines.events.block import Block, Head
from pipelines.events.declarations import EVENT_TYPES, WORLDS, event_type
from pipelines.events.topics import CONSUMERS
from pipelines.sinks.elasticsearch_documents import Documents, documents
from pipelines.sinks.elasticsearch_indices import PRODUCT, check_ours, days_of, event_of, mappings, meanings, properties, template
from pipelines.sinks.worlds import Worlds
from pipelines.testing import MemoryLog
from tests.pipelines.sinks.published import RUN, block_of

EVENTS = CONSUMERS["elasticsearch"]
DAY_NS = 24 * 3600 * 10**9


def worlds(start_ns: int = 20_000 * DAY_NS, step_ns: int = 10**9) -> Worlds:
    """One world with a symbol, a topic and a text for its messages."""
    named = [
        ("symbol", 0, "ABC"),
        ("topic", 0, "rumour"),
        ("template", 0, "{sender} wants {value_3} of {symbol}"),
        ("agent", 7, "Ann"),
    ]
    count = len(named)
    columns: dict[str, Any] = {
        "seq": np.arange(count, dtype=np.int64), "step": np.zeros(count, np.int32), "start_ns": np.full(count, start_ns),
        "step_ns": np.full(count, step_ns), "kind": [kind for kind, _, _ in named],
        "id": np.array([number for _, number, _ in named], np.int32), "name": [name for _, _, name in named],
    }  # fmt: skip
    log = MemoryLog()
    head = Head(RUN, 1, 0, -1, 0, count - 1, count)
    log.send(codec.seal(WORLDS, head, codec.encode(WORLDS, head, columns)))
    return Worlds(log)


def block(event: str, **values: Any) -> Block:
    """A block of twelve events with these values in all of them."""
    made = block_of(event_type(event), 1, 0)
    for name, value in values.items():
        made.columns[name] = [value] * 12 if isinstance(value, str) else np.full(12, value, made.columns[name].dtype)
    return made


def first(found: Documents) -> tuple[str, str, dict[str, Any]]:
    """Index, id and source of the first document."""
    action, source = found.lines[0][1].splitlines()
    (target,) = json.loads(action).values()
    return target["_index"], target["_id"], json.loads(source)


@pytest.mark.parametrize("event", EVENTS)
def test_a_document_has_every_column_and_only_known_fields(event: str) -> None:
    made = block(event)
    found = documents(made, worlds())
    assert not found.reason and len(found.lines) == 12
    _, _, source = first(found)
    for name, values in made.columns.items():
        assert source[name] == values[0]
    assert source.keys() <= properties(event_type(event)).keys()


def test_index_and_id_come_from_the_event_alone() -> None:
    index, name, source = first(documents(block("trades", step=86_399), worlds()))
    assert (index, name) == ("agora-trades-2024.10.04", f"{RUN}/1/0")
    assert source["@timestamp"] == "2024-10-04T23:59:59.000000000Z"
    assert first(documents(block("trades", step=86_400), worlds()))[0] == "agora-trades-2024.10.05"
    assert first(documents(block("alerts"), worlds()))[1] == f"{RUN}/1/1-0-0"


def test_numbers_have_words_beside_them() -> None:
    _, _, trade = first(documents(block("trades", symbol=0, aggressor=1, buyer=7, seller=8), worlds()))
    assert {name: trade[name] for name in trade if name.endswith("_name")} == {
        "symbol_name": "ABC", "aggressor_name": "sell", "buyer_name": "Ann"
    }  # fmt: skip


def test_a_message_is_told_in_words() -> None:
    told = {"symbol": 0, "topic": 0, "kind": 0, "sender": 7, "receiver": -1, "value_3": 5}
    _, _, message = first(documents(block("messages", **told), worlds()))
    assert (message["text"], message["receiver_name"]) == ("Ann wants 5 of ABC", "everybody")


def test_the_topic_of_an_alliance_is_no_topic_of_messages() -> None:
    _, _, message = first(documents(block("messages", topic=0, kind=3), worlds()))
    assert message["kind_name"] == "joined" and message["topic"] == 0
    assert "topic_name" not in message and "text" not in message


def test_suspects_are_found_one_by_one() -> None:
    assert first(documents(block("alerts", suspects="[3,5]"), worlds()))[2]["suspect"] == [3, 5]
    assert "suspect" not in first(documents(block("alerts", suspects="nobody"), worlds()))[2]


def test_what_cannot_be_said_is_left_out_and_told() -> None:
    made = block("alerts", score=0.5)
    made.columns["score"][3] = float("nan")
    found = documents(made, worlds())
    assert (len(found.lines), found.reason) == (11, "value")
    assert found.detail == "event 1-0-3: score nan is no number that JSON can hold"
    late = documents(block("trades", step=2**31 - 1), worlds(step_ns=10**13))
    assert (late.lines, late.reason) == ([], "value") and "after 2262" in late.detail


def test_a_world_without_names_is_told() -> None:
    found = documents(block_of(event_type("trades"), 2, 0), worlds())
    assert (found.lines, found.reason) == ([], "unknown_world") and "world 2 of run" in found.detail


@pytest.mark.parametrize("event", EVENT_TYPES.values(), ids=lambda event: event.name)
def test_every_field_has_a_type_and_a_meaning(event: Any) -> None:
    made = mappings(event)
    assert made["dynamic"] == "strict"
    assert made["properties"].keys() == meanings(event).keys()
    assert made["_meta"]["version"] == event.version
    assert template(event)["template"]["aliases"] == {f"agora-{event.name}": {}}


def test_types_follow_the_contract() -> None:
    fields = properties(event_type("messages"))
    assert {name: fields[name]["type"] for name in ("symbol", "value_3", "run_id", "@timestamp", "kind_name", "text")} == {
        "symbol": "integer", "value_3": "long", "run_id": "keyword", "@timestamp": "date_nanos", "kind_name": "keyword", "text": "text"
    }  # fmt: skip


def test_names_of_indices() -> None:
    assert days_of(np.array([0, DAY_NS - 1, DAY_NS], np.int64)) == ["1970.01.01", "1970.01.01", "1970.01.02"]
    assert event_of("agora-trades-2026.11.30") == "trades"


@pytest.mark.parametrize(("meta", "wanted"), [({}, "not made by"), ({"product": PRODUCT, "layout": 0}, "layout 0")])
def test_strangers_are_told_from_older_ones(meta: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ValueError, match=f"index x .*{wanted}"):
        check_ours("index x", meta)
