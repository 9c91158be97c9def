"""A market's own messages and trades in Elasticsearch: every panel of Kibana and every question finds something, and it all adds up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from elasticsearch import Elasticsearch

from pipelines.broker.kafka_log import KafkaLog
from pipelines.events import codec
from pipelines.events.block import Head
from pipelines.events.codec import seal
from pipelines.events.declarations import ALERTS
from pipelines.local_stack import stack
from pipelines.settings import Settings
from pipelines.sinks.batch_writer import BatchWriter
from pipelines.sinks.elasticsearch_indices import pattern
from pipelines.sinks.elasticsearch_questions import QUESTIONS
from pipelines.sinks.elasticsearch_reader import ElasticsearchReader
from pipelines.sinks.elasticsearch_sink import ElasticsearchSink
from pipelines.sinks.kibana_objects import files
from pipelines.sinks.worlds import Worlds
from tests.flow.conftest import Lab
from tests.pipelines.sinks.lens_query import request_of, rows_of

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
SAVED = [saved for text in files().values() for saved in map(json.loads, text.splitlines()) if saved["type"] in ("lens", "search")]
KINDS = ["spoofing", "wash_trading", "spoofing"]


@dataclass(frozen=True)
class Demo:
    """A run that lies in Elasticsearch."""

    address: str
    run: str
    events: dict[str, int]
    client: Elasticsearch

    def ask(self, name: str, **given: Any) -> list[Any]:
        question = QUESTIONS[name]
        return list(question.answer(self.client, **question.arguments({key: str(value) for key, value in given.items()})))


@pytest.fixture(scope="module")
def demo(lab: Lab) -> Iterator[Demo]:
    """Two worlds of the market in which every mechanism is on, and some alerts about them."""
    run = lab.json(
        "simulate", "--scenario", "balanced", "--worlds", "2", "--workers", "1", "--steps", "400", "--seed", "7", "--to", "kafka"
    )
    settings = Settings(data_dir=lab.folder / "data", start_timeout=180)
    stack.up(settings, ["elasticsearch"])
    address = stack.store_address(settings, "elasticsearch")
    log = KafkaLog(stack.broker_address(settings))
    raise_alerts(log, run["run_id"])
    sink = ElasticsearchSink(address, Worlds(log))
    figures = BatchWriter(log, sink, threading.Event()).run(once=True)
    assert figures.refused == 0
    sink.close()
    log.close()
    write_log(lab, run["run_id"])
    assert int(lab.call("logs", "--once").stdout.removesuffix(" lines sent\n")) >= 4  # the real worker may have had something to say, too
    with Elasticsearch(address, request_timeout=60) as client:
        client.indices.refresh(index="agora-*")
        yield Demo(address, run["run_id"], run["events"] | {"alerts": len(KINDS)}, client)
    stack.down(settings, ["elasticsearch"])


def write_log(lab: Lab, run_id: str) -> None:
    """What a worker may log: JSON, a line for people, what a library printed, and a line that is not finished."""
    with (lab.folder / "data" / "runs" / run_id / "worker-7.log").open("w") as file:
        file.write('{"timestamp": "2026-11-30T09:00:00.5Z", "level": "warning", "event": "slow broker", "world_id": 1, "seconds": 3.5}\n')
        file.write("2026-11-30 09:00:01 [info     ] goes on                        world=1\n\na library printed this\n")
        file.write('{"timestamp": "2026-12-01T00:00:00+00:00", "level": "info", "event": "done"}\nunfin')


def raise_alerts(log: KafkaLog, run_id: str) -> None:
    """Alerts as a detector raises them."""
    count = len(KINDS)
    steps = np.arange(count, dtype=np.int32) * 100 + 50
    columns: dict[str, Any] = {
        "seq": np.arange(count, dtype=np.int64), "step": steps, "alert_id": [f"alert-{number}" for number in range(count)], "kind": KINDS,
        "symbol": np.zeros(count, np.int32), "first_step": steps - 20, "last_step": steps, "score": np.array([0.7, 0.9, 0.8]),
        "suspects": ["[3]", "[3,5]", "[4]"], "evidence": ['{"orders": 12, "note": "cancelled at once"}'] * count,
    }  # fmt: skip
    head = Head(run_id, 0, 0, -1, 0, count - 1, count)
    log.send(seal(ALERTS, head, codec.encode(ALERTS, head, columns)))
    log.flush()


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved["id"])
def test_every_panel_and_saved_search_shows_something(demo: Demo, saved: dict[str, Any]) -> None:
    (view,) = (to["id"] for to in saved["references"])
    answer = demo.client.search(index=view, **request_of(saved))
    assert rows_of(saved, dict(answer)), saved["attributes"]["title"]


@pytest.mark.parametrize("event", ["messages", "trades", "alerts"])
def test_all_of_the_run_is_there_once(demo: Demo, event: str) -> None:
    assert demo.client.count(index=pattern(event))["count"] == demo.events[event]
    reader = ElasticsearchReader(demo.address)
    seqs = [(world, seq) for world, columns in reader.rows(event, demo.run) for seq in columns["seq"].tolist()]
    reader.close()
    assert len(seqs) == len(set(seqs)) == demo.events[event]
    assert seqs == sorted(seqs)


def test_who_messaged_whom_about_what(demo: Demo) -> None:
    rows = demo.ask("who_messaged_whom", run=demo.run, limit=5)
    assert len(rows) == 5 and {row["symbol"] for row in rows} == {"GRAIN"}
    assert [row["messages"] for row in rows] == sorted((row["messages"] for row in rows), reverse=True)
    assert demo.ask("who_messaged_whom", run=demo.run, symbol="NONE") == []


def test_messages_with_words(demo: Demo) -> None:
    rows = demo.ask("messages_with", words="grain hear", run=demo.run, limit=3)
    assert len(rows) == 3 and all("GRAIN will be at" in row["text"] for row in rows)
    assert demo.ask("messages_with", words="nobody says this") == []


def test_trades_of_an_agent_are_on_either_side(demo: Demo) -> None:
    latest = demo.client.search(index="agora-trades", size=1)["hits"]["hits"][0]["_source"]
    rows = demo.ask("trades_of", run=demo.run, agent=latest["buyer"], world=latest["world_id"], limit=1000)
    assert latest["seq"] in {row["seq"] for row in rows}
    assert all(latest["buyer"] in (row["buyer"], row["seller"]) for row in rows)
    assert [row["time"] for row in rows] == sorted((row["time"] for row in rows), reverse=True)


def test_volume_by_minute_adds_up(demo: Demo) -> None:
    rows = demo.ask("volume_by_minute", run=demo.run)
    assert sum(row["trades"] for row in rows) == demo.events["trades"]
    lots = demo.client.search(index="agora-trades", size=0, aggs={"lots": {"sum": {"field": "size"}}})["aggregations"]["lots"]["value"]
    assert sum(row["lots"] for row in rows) == lots
    assert all(0 < row["low"] <= row["high"] for row in rows)


def test_alerts_by_kind_and_about_an_agent(demo: Demo) -> None:
    assert [(row["kind"], row["alerts"], row["highest_score"]) for row in demo.ask("alerts_by_kind", run=demo.run)] == [
        ("spoofing", 2, 0.8), ("wash_trading", 1, 0.9)
    ]  # fmt: skip
    assert [row["alert_id"] for row in demo.ask("alerts_about", run=demo.run, agent=3)] == ["alert-1", "alert-0"]


def test_busiest_talkers(demo: Demo) -> None:
    rows = demo.ask("busiest_talkers", run=demo.run, world="1", limit=3)
    assert len(rows) == 3 and rows[0]["messages"] >= rows[1]["messages"] >= rows[2]["messages"] > 0
    assert all(row["partners"] >= 1 for row in rows)


def test_each_line_of_a_log_is_there_once(lab: Lab, demo: Demo) -> None:
    with (lab.folder / "data" / "runs" / demo.run / "worker-7.log").open("a") as file:
        deep = '{"a":' * 30 + "1" + "}" * 30
        file.write(f'ished\n{{"event": "deep", "tree": {deep}}}\n')
    assert lab.call("logs", "--once").stdout == "2 lines sent\n"
    assert lab.call("logs", "--once").stdout == "0 lines sent\n"
    demo.client.indices.refresh(index=pattern("logs"))
    found = demo.client.search(index="agora-logs", query={"term": {"worker": "7"}}, sort=[{"offset": "asc"}], size=100)["hits"]["hits"]
    assert [hit["_source"]["event"] for hit in found] == [
        "slow broker", "goes on                        world=1", "a library printed this", "done", "unfinished",
        f'deep {{"tree":{deep}}}',
    ]  # fmt: skip
    assert found[0]["_index"] == "agora-logs-2026.11.30" and found[3]["_index"] == "agora-logs-2026.12.01"
    assert found[0]["_source"]["fields"] == {"seconds": 3.5} and found[0]["_source"]["run_id"] == demo.run


def test_every_question_is_asked_here() -> None:
    text = Path(__file__).read_text()
    assert {name for name in QUESTIONS if f'ask("{name}"' in text} == QUESTIONS.keys()
