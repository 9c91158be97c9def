"""Elasticsearch as it really behaves: the contract of sinks, indices that vanish, documents that it refuses, strangers, a kill."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
import pytest
from elasticsearch import Elasticsearch

from pipelines.events.block import Block, StoredRecord, WireRecord
from pipelines.events.declarations import TRADES, event_type
from pipelines.events.progress import Batch, Refused, Taken
from pipelines.events.topics import CONSUMERS
from pipelines.local_stack import stack
from pipelines.local_stack.process import kill
from pipelines.ports import StoreUnavailable, Superseded
from pipelines.settings import Settings
from pipelines.sinks.batch_writer import BatchWriter
from pipelines.sinks.elasticsearch_indices import alias, pattern, template
from pipelines.sinks.elasticsearch_progress import Keeper, State
from pipelines.sinks.elasticsearch_reader import ElasticsearchReader
from pipelines.sinks.elasticsearch_sink import ElasticsearchSink
from pipelines.sinks.worlds import Worlds
from pipelines.testing import Identity, MemoryLog
from tests.contracts.check_sink import PACE, check_sink
from tests.pipelines.sinks.published import RUN, block_of, expected, names_of, published, record_of, rows_by_identity

pytestmark = pytest.mark.flow
EVENTS = CONSUMERS["elasticsearch"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server of its own."""
    made = Settings(data_dir=tmp_path_factory.mktemp("search"), start_timeout=180)
    stack.up(made, ["elasticsearch"])
    yield made
    stack.down(made, ["elasticsearch"])


@pytest.fixture(scope="module")
def server(settings: Settings) -> str:
    """Its address."""
    return stack.store_address(settings, "elasticsearch")


@pytest.fixture
def client(server: str) -> Iterator[Elasticsearch]:
    """A plain client of an empty server."""
    with Elasticsearch(server, request_timeout=60) as made:
        for index in made.indices.get(index="*"):
            made.indices.delete(index=index)
        for event in EVENTS:
            made.options(ignore_status=404).indices.delete_index_template(name=alias(event))
        yield made


def rows(server: str, run_id: str = RUN) -> dict[Identity, dict[str, Any]]:
    """Everything that is kept of a run."""
    reader, found = ElasticsearchReader(server), {}
    for event in reader.events:
        for world_id, columns in reader.rows(event, run_id):
            for values in zip(*(list(column) if isinstance(column, list) else column.tolist() for column in columns.values()), strict=True):
                row = {"run_id": run_id, "world_id": world_id, **dict(zip(columns, values, strict=True))}
                found[run_id, world_id, event, row["alert_id" if event == "alerts" else "seq"]] = row
    reader.close()
    return found


def sink_of(server: str, log: MemoryLog) -> ElasticsearchSink:
    return ElasticsearchSink(server, Worlds(log))


def write_all(server: str, log: MemoryLog) -> int:
    """Write what lies on the log; how many events that were."""
    sink = sink_of(server, log)
    figures = BatchWriter(log, sink, threading.Event(), PACE).run(once=True)
    sink.close()
    return figures.events


def taken(block: Block) -> Taken:
    log = MemoryLog()
    log.send(record_of(block))
    return Taken(block, next(each for partition in range(2) for each in log.read(block.event.topic.name, partition)))


def nobody(refused: Refused) -> None:
    raise AssertionError(refused.detail)


def test_it_keeps_what_every_sink_must(client: Elasticsearch, server: str) -> None:
    check_sink(lambda log: sink_of(server, log), lambda: rows(server))


def test_an_event_lies_in_the_index_of_its_simulated_day_with_names(client: Elasticsearch, server: str) -> None:
    write_all(server, published(EVENTS))
    client.indices.refresh(index=pattern("trades"))
    assert list(client.indices.get_alias(name="agora-trades")) == ["agora-trades-2026.11.18"]
    found = client.get(index="agora-trades-2026.11.18", id=f"{RUN}/1/103")["_source"]
    assert found["@timestamp"] == "2026-11-18T11:06:42.100000000Z"
    assert (found["run_id"], found["world_id"], found["seq"], found["step"]) == (RUN, 1, 103, 21)


def test_a_deleted_index_is_filled_again_before_the_next_progress(client: Elasticsearch, server: str) -> None:
    log = published(EVENTS)
    sink = sink_of(server, log)
    BatchWriter(log, sink, threading.Event(), PACE).run(once=True)
    version = sink.open().version
    (index,) = client.indices.get_alias(name="agora-trades")
    client.indices.delete(index=index)
    block = block_of(TRADES, 1, 5)
    log.send(record_of(block))
    with pytest.raises(Superseded, match=index):
        sink.write(Batch(version, [taken(block)], {}, {}), nobody)
    assert write_all(server, log) == 16 * 12  # all trades, and nothing else
    assert rows(server).keys() == (expected(EVENTS) | rows_by_identity(block)).keys()
    sink.close()


def test_an_index_deleted_while_nobody_writes_is_filled_again(client: Elasticsearch, server: str) -> None:
    log = published(EVENTS)
    write_all(server, log)
    client.indices.delete(index=",".join(client.indices.get_alias(name="agora-messages")))
    assert write_all(server, log) == 15 * 12
    assert rows(server).keys() == expected(EVENTS).keys()
    assert write_all(server, log) == 0


class ShortLog(MemoryLog):
    """A log of which retention has taken the first records, but for market.worlds."""

    first = 0

    def read(self, topic: str, partition: int, start: int = 0, end: int | None = None) -> Iterator[StoredRecord]:
        return super().read(topic, partition, start if topic == "market.worlds" else max(start, self.first), end)


def test_an_old_day_may_be_deleted_once_the_log_has_forgotten_it(client: Elasticsearch, server: str) -> None:
    log = published(EVENTS)
    short = ShortLog()
    for topic in ("market.worlds", *(event_type(event).topic.name for event in EVENTS)):
        for record in (each for partition in range(2) for each in log.read(topic, partition)):
            short.send(WireRecord(record.topic, record.key, record.value, record.headers))
    write_all(server, short)
    client.indices.delete(index="agora-messages-2026.11.18")
    short.first = 1
    assert write_all(server, short) == 0
    short.send(record_of(block_of(event_type("messages"), 1, 5)))
    assert write_all(server, short) == 12


def test_progress_lost_means_reading_everything_again_to_no_effect(client: Elasticsearch, server: str) -> None:
    log = published(EVENTS)
    write_all(server, log)
    before = rows(server)
    client.indices.delete(index="agora-progress")
    assert write_all(server, log) >= len(before)  # and alerts that lie there twice, which have no marks
    assert rows(server) == before


def test_what_it_refuses_is_a_dead_letter_and_the_rest_is_written(client: Elasticsearch, server: str) -> None:
    log = MemoryLog()
    log.send(names_of(0))
    narrow = template(TRADES)
    narrow["template"]["mappings"]["properties"]["size"] = {"type": "byte"}
    sink, refused = sink_of(server, log), list[Refused]()
    progress = sink.open()
    client.indices.put_index_template(name=alias("trades"), **narrow)
    large, small = block_of(TRADES, 0, 0), block_of(TRADES, 0, 1)
    large.columns["size"], small.columns["size"] = np.array([1] * 11 + [999]), np.array([1] * 12)
    sink.write(Batch(progress.version, [taken(large), taken(small)], {("market.trades", 0): 2}, {}), refused.append)
    assert [(each.taken.block.head.first_seq, each.reason) for each in refused] == [(0, "refused")]
    assert "size" in refused[0].detail and "byte" in refused[0].detail
    assert len(rows(server)) == 23
    assert sink.open().offsets == {("market.trades", 0): 2}
    sink.close()


def test_an_overtaken_writer_makes_no_progress_and_spoils_no_mark(client: Elasticsearch, server: str) -> None:
    log = published(EVENTS)
    write_all(server, log)
    slow, quick = sink_of(server, log), sink_of(server, log)
    version = slow.open().version
    for name in EVENTS:
        log.send(record_of(block_of(event_type(name), 1, 5)))
    BatchWriter(log, quick, threading.Event(), PACE).run(once=True)
    progress = quick.open()
    with pytest.raises(Superseded, match="another writer"):
        slow.write(Batch(version, [], {("market.trades", 0): 0}, {}), nobody)
    assert slow.open() == progress
    slow.close()
    quick.close()


def test_a_killed_server_is_waited_for_and_goes_on(client: Elasticsearch, server: str, settings: Settings) -> None:
    log = published(EVENTS)
    write_all(server, log)
    sink = sink_of(server, log)
    version = sink.open().version
    (status,) = stack.status(settings, ["elasticsearch"])
    process = psutil.Process(status.process_id)
    kill([*process.children(recursive=True), process])
    with pytest.raises(StoreUnavailable, match="does not answer"):
        sink.write(Batch(version, [taken(block_of(TRADES, 1, 5))], {}, {}), nobody)
    stack.up(settings, ["elasticsearch"])
    log.send(record_of(block_of(TRADES, 1, 5)))
    assert write_all(stack.store_address(settings, "elasticsearch"), log) == 12
    assert rows(server).keys() > expected(EVENTS).keys()
    sink.close()


def test_a_full_disk_is_waited_for(client: Elasticsearch, server: str) -> None:
    log = published(EVENTS)
    write_all(server, log)
    sink = sink_of(server, log)
    version, block = sink.open().version, block_of(TRADES, 1, 5)
    full = {"index.blocks.read_only_allow_delete": True}  # as Elasticsearch does when its disk is nearly full
    client.indices.put_settings(index=pattern("trades"), settings=full)
    with pytest.raises(StoreUnavailable, match="look at its disk"):
        sink.write(Batch(version, [taken(block)], {}, {}), nobody)
    assert sink.open().version == version
    client.indices.put_settings(index=pattern("trades"), settings=dict.fromkeys(full))
    sink.write(Batch(version, [taken(block)], {}, {}), nobody)
    assert rows(server).keys() == (expected(EVENTS) | rows_by_identity(block)).keys()
    sink.close()


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_progress_that_fails_midway_doubles_and_loses_nothing(
    client: Elasticsearch, server: str, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, exchange, calls = published(EVENTS), Keeper.exchange, list[int]()

    def failing(keeper: Keeper, state: State) -> None:
        calls.append(state.version)
        if len(calls) % 3 == 0 and lost == "before":
            raise StoreUnavailable("gone before the progress was written")
        exchange(keeper, state)
        if len(calls) % 3 == 0:
            raise StoreUnavailable("gone before it could say that the progress is written")

    monkeypatch.setattr(Keeper, "exchange", failing)
    write_all(server, log)
    assert len(calls) > 9
    found, wanted = rows(server), expected(EVENTS)
    assert found.keys() == wanted.keys()
    marks = sink_of(server, log).open().marks
    assert {name: mark.seq for name, mark in marks.items()} == {
        f"market.{event}/{RUN}/{world}": 400 + 33 for event in ("messages", "trades") for world in range(3)
    }


def test_new_columns_are_added_to_old_indices(client: Elasticsearch, server: str) -> None:
    older = template(TRADES)
    del older["template"]["mappings"]["properties"]["aggressor_name"]
    older["template"]["mappings"]["_meta"]["version"] = older["_meta"]["version"] = 0
    client.indices.put_index_template(name=alias("trades"), **older)
    client.indices.create(index="agora-trades-2026.11.18")
    write_all(server, published(["trades"]))
    there = client.indices.get_mapping(index="agora-trades-2026.11.18")["agora-trades-2026.11.18"]["mappings"]
    assert there["properties"].keys() == template(TRADES)["template"]["mappings"]["properties"].keys()
    assert there["_meta"]["version"] == TRADES.version


@pytest.mark.parametrize(
    ("key", "value", "wanted"), [("layout", 99, "layout 99"), ("version", 99, "version 99"), ("product", "other", "not made by")]
)
def test_what_is_not_ours_or_of_another_layout_is_refused(client: Elasticsearch, server: str, key: str, value: Any, wanted: str) -> None:
    other = template(TRADES)
    other["_meta"][key] = value
    client.indices.put_index_template(name=alias("trades"), **other)
    with pytest.raises(ValueError, match=wanted):
        sink_of(server, MemoryLog()).open()


@pytest.mark.parametrize("index", ["agora-trades-2026.01.01", "agora-progress"])
def test_a_foreign_index_under_our_names_is_refused(client: Elasticsearch, server: str, index: str) -> None:
    client.indices.create(index=index)
    with pytest.raises(ValueError, match=f"index {index} was not made by this product"):
        sink_of(server, MemoryLog()).open()


def test_a_column_of_another_type_is_refused(client: Elasticsearch, server: str) -> None:
    older = template(TRADES)
    older["template"]["mappings"]["_meta"]["version"] = older["_meta"]["version"] = 0
    older["template"]["mappings"]["properties"]["size"] = {"type": "keyword"}
    client.indices.put_index_template(name=alias("trades"), **older)
    client.indices.create(index="agora-trades-2026.11.18")
    with pytest.raises(ValueError, match="which version 1 contradicts"):
        sink_of(server, MemoryLog()).open()


def test_names_of_worlds_become_words(client: Elasticsearch, server: str) -> None:
    log = MemoryLog()
    log.send(names_of(0))
    block = block_of(event_type("messages"), 0, 0)
    for name, value in (("symbol", 0), ("topic", 0), ("kind", 1), ("receiver", -1)):
        block.columns[name] = np.full(12, value, np.int32)
    log.send(record_of(block))
    write_all(server, log)
    found = client.get(index="agora-messages-2026.11.18", id=f"{RUN}/0/0")["_source"]
    assert {name: found[name] for name in found if name.endswith("_name")} == {
        "symbol_name": "ABC", "topic_name": "rumour", "kind_name": "gossip", "receiver_name": "everybody"
    }  # fmt: skip
