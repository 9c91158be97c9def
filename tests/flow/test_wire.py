"""The wire on a real broker: the Kafka log keeps the Protocol's obligations, and the documented consumer reads it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.broker.admin import create_topics, list_topics
from pipelines.broker.kafka_log import KafkaLog
from pipelines.broker.producer import Producer, ProducerOptions
from pipelines.broker.readback import blocks_after, last_block
from pipelines.events import codec
from pipelines.events.block import Block, WireRecord
from pipelines.events.document import DOCS
from pipelines.events.from_simulator import BlockRule, Bridge, to_records
from pipelines.events.layout import RECORD_TYPES
from pipelines.events.marks import Mark, Verdict, judge
from pipelines.events.topics import TOPICS, dead_letter_topics, partition_of, topic, world_key
from pipelines.local_stack.kafka import KafkaServer
from pipelines.ports import StoredRecord
from pipelines.settings import Settings
from simulator.types import RECORD
from tests.pipelines.events import samples

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A broker of its own, stopped at the end."""
    server = KafkaServer(Settings(data_dir=tmp_path_factory.mktemp("wire")))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def servers(server: KafkaServer) -> str:
    """Its address, with the topics."""
    address = str(server.address)
    create_topics(address, 2)
    return address


def publish(servers: str, run_id: str, count: int = 3000, options: ProducerOptions | None = None) -> NDArray[np.void]:
    """A made-up log sent through bridge and producer; the log."""
    records, bridge = samples.log(count), Bridge(run_id, 1, rule=BlockRule(events=50, steps=5, limit=100))
    log = KafkaLog(servers, options)
    for start in range(0, count, 700):
        for record in bridge.feed(records[start : start + 700], start):
            log.send(record)
    for record in bridge.finish():
        log.send(record)
    log.close()
    return records


def taken(servers: str, run_id: str, count: int) -> NDArray[np.void]:
    """What a consumer with marks reads back, each event counted once."""
    log, back, seen = KafkaLog(servers), np.zeros(count, RECORD), np.zeros(count, int)
    for event in RECORD_TYPES:
        name, key, mark = topic(event).name, world_key(run_id, 1), Mark()
        values: dict[tuple[int, int], Block] = {}
        for record in log.read(name, partition_of(key, log.partitions(name))):
            if record.key != key:
                continue
            at = (record.partition, record.offset)
            block = values[at] = codec.decode(record.value, record.headers)
            judgement = judge(mark, block.head, at)
            mark = judgement.mark
            counted = [block] if judgement.verdict is Verdict.ACCEPTED else []
            counted += [values[parked.at] for parked, verdict in judgement.released if verdict is Verdict.ACCEPTED]
            for each in counted:
                back[each.columns["seq"]] = to_records(event, each.columns)
                seen[each.columns["seq"]] += 1
        assert not mark.parked
    log.close()
    assert seen.tolist() == [1] * count
    return back


def test_all_topics_are_created_once(servers: str) -> None:
    assert {each.name for each in TOPICS} | set(dead_letter_topics()) <= set(list_topics(servers))
    assert create_topics(servers, 2) == []


def test_log_comes_back_bit_for_bit(servers: str) -> None:
    records = publish(servers, "bits")
    assert taken(servers, "bits", len(records)).tobytes() == records.tobytes()


def test_other_client_publishes_the_same(servers: str) -> None:
    records = publish(servers, "confluent", options=ProducerOptions(client="confluent"))
    assert taken(servers, "confluent", len(records)).tobytes() == records.tobytes()


def test_restarted_world_finds_its_blocks(servers: str) -> None:
    publish(servers, "back")
    log = KafkaLog(servers)
    last = last_block(log, "market.orders", "back", 1)
    assert last is not None
    found = blocks_after(log, "market.orders", "back", 1, 1500)
    assert found[-1] == last
    assert found[0][0].prev_seq <= 1500 < found[0][0].last_seq
    assert [head.prev_seq for head, _ in found[1:]] == [head.last_seq for head, _ in found[:-1]]
    log.close()


def test_a_feed_goes_on_from_the_given_offsets_and_tells_how_far_it_is(servers: str) -> None:
    publish(servers, "fed")
    log, names = KafkaLog(servers), ("market.trades", "market.ticks")
    wanted = [record for name in names for partition in range(log.partitions(name)) for record in log.read(name, partition)]
    feed = log.feed(names, {}, "sink-test")
    ends, found = feed.ends(), list[StoredRecord]()
    while len(found) < len(wanted):
        found += feed.poll(5)
    assert sorted(found) == sorted(wanted) and feed.poll(0.1) == []
    for place, end in ends.items():
        assert [record.offset for record in found if (record.topic, record.partition) == place] == list(range(end))
    feed.commit(ends)
    feed.close()
    place = max(ends, key=lambda each: ends[each])
    late = log.feed(names, ends | {place: ends[place] - 1})
    assert [record.offset for record in late.poll(5)] == [ends[place] - 1]
    late.close()
    with pytest.raises(ValueError, match="it is another log; use the broker that the store was filled from"):
        log.feed(names, {place: ends[place] + 1})
    log.close()


def test_unknown_topic_is_refused_with_those_there_are(servers: str) -> None:
    producer = Producer(servers)
    with pytest.raises(ValueError, match=r"no topic 'market\.nothing'; it has: .*market\.orders"):
        producer.send(WireRecord("market.nothing", b"run/0", b"", ()))
    producer.close()
    log = KafkaLog(servers)
    with pytest.raises(ValueError, match="no topic 'market.nothing'"):
        log.end_offset("market.nothing", 0)
    with pytest.raises(ValueError, match=r"has the partitions \[0, 1\], not 7"):
        log.end_offset("market.orders", 7)
    log.close()


def test_no_broker_is_said_with_the_next_step() -> None:
    with pytest.raises(ConnectionError, match="agora stack up"):
        Producer("127.0.0.1:1", ProducerOptions(start_timeout_s=1.0))


def on_topic(servers: str) -> list[int]:
    """How many records lie in the partitions of market.orders."""
    log = KafkaLog(servers)
    ends = [log.end_offset("market.orders", partition) for partition in range(2)]
    log.close()
    return ends


def test_killed_broker_loses_nothing(server: KafkaServer, servers: str) -> None:
    """The broker is killed while a log is published, and comes back: every event is there once for who keeps marks."""
    process = server.process.find()
    assert process is not None
    done: list[NDArray[np.void]] = []
    publishing = threading.Thread(target=lambda: done.append(publish(servers, "killed", 60_000)), daemon=True)
    before = on_topic(servers)
    publishing.start()
    while on_topic(servers) == before:
        time.sleep(0.02)
    process.kill()
    process.wait(10)
    server.start()
    publishing.join(90)
    assert not publishing.is_alive()
    assert taken(servers, "killed", 60_000).tobytes() == done[0].tobytes()


def test_documented_consumer_runs(servers: str) -> None:
    records = publish(servers, "plain")
    code = re.search(r"```python\n(.*?)```", (DOCS / "events.md").read_text(), re.DOTALL)
    assert code is not None
    command = [sys.executable, "-c", code.group(1), servers]
    ran = subprocess.run(command, cwd=DOCS.parent, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    trades = np.flatnonzero(records["kind"] == 16)
    expected = {f"plain 1 {seq} {r['step']} {r['symbol']} {r['price']} {r['size']}" for seq, r in zip(trades, records[trades], strict=True)}
    assert {line for line in lines if line.startswith("plain ")} == expected
