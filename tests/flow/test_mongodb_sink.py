"""The sink of documents against a real server of MongoDB's protocol."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymongo import MongoClient

from pipelines.events.block import Block, Head
from pipelines.events.declarations import NEGOTIATIONS
from pipelines.events.progress import Batch, Taken
from pipelines.events.vocabulary import DealStep, Protocol, Side
from pipelines.local_stack import stack
from pipelines.ports import StoreUnavailable
from pipelines.settings import Settings
from pipelines.sinks.mongodb_catalogue import catalogue, lacking
from pipelines.sinks.mongodb_questions import QUESTIONS
from pipelines.sinks.mongodb_reader import MongodbReader
from pipelines.sinks.mongodb_sink import MongodbSink
from pipelines.sinks.mongodb_store import rows_of_steps
from pipelines.sinks.worlds import Worlds
from pipelines.testing import Identity, MemoryLog
from pipelines.workers import demo_rows
from pipelines.workers.reconcile.blocks import nothing
from tests.contracts.check_sink import check_sink, written
from tests.pipelines.sinks.published import RUN, block_of, expected, names_of, published, record_of

pytestmark = pytest.mark.flow
S = DealStep


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server of its own."""
    made = Settings(data_dir=tmp_path_factory.mktemp("mongodb"))
    stack.up(made, ["mongodb"])
    yield made
    stack.down(made)


@pytest.fixture
def address(settings: Settings) -> str:
    """An empty database."""
    return f"{stack.store_address(settings, 'mongodb')}test_{uuid.uuid4().hex[:12]}"


def test_it_holds_the_contract_of_sinks(address: str) -> None:
    def rows() -> dict[Identity, dict[str, Any]]:
        with MongoClient(address) as client:
            documents = list(client.get_default_database()["steps"].find({}))
        found = [row for document in documents for row in rows_of_steps(document)]
        return {(row["run_id"], row["world_id"], "negotiations", row["seq"]): row for row in found}

    check_sink(lambda log: MongodbSink(address, Worlds(log)), rows)


def block(first_seq: int, prev_seq: int, rows: list[dict[str, int]]) -> Block:
    """Steps of deals in world 0, one seq after the other."""
    columns: dict[str, Any] = {}
    for column in NEGOTIATIONS.all_columns:
        own = {"seq": first_seq, "step": 10 * first_seq}.get(column.name)
        values = [row.get(column.name, 0) if own is None else own + place for place, row in enumerate(rows)]
        columns[column.name] = np.array(values, np.int64 if column.type == "long" else np.int32)
    return Block(NEGOTIATIONS, Head(RUN, 0, 0, prev_seq, first_seq, first_seq + len(rows) - 1, len(rows)), columns)


def step(deal_id: int, kind: DealStep, party: int, counterparty: int, price: int, lots: int = 5, round: int = 1) -> dict[str, int]:
    side = int(Side.BUY if party == 3 else Side.SELL)
    return {
        "deal_id": deal_id, "kind": int(kind), "party": party, "counterparty": counterparty, "side": side, "price": price, "lots": lots,
        "round": round, "protocol": int(Protocol.BILATERAL),
    }  # fmt: skip


BEGINNING = block(0, -1, [step(7, S.OFFERED, 3, 4, 90), step(7, S.COUNTERED, 4, 3, 110, round=2), step(8, S.OFFERED, 3, 5, 80)])
END = block(10, 2, [step(8, S.WALKED_AWAY, 5, 3, 80), step(7, S.AGREED, 3, 4, 110, round=2), step(7, S.DELIVERED, 4, 3, 110)])


def write(sink: MongodbSink, *blocks: Block) -> None:
    version = sink.open().version
    for place, one in enumerate(blocks):
        log = MemoryLog()
        log.send(record_of(one))
        record = next(iter(log.read(NEGOTIATIONS.topic.name, 0)), None) or next(iter(log.read(NEGOTIATIONS.topic.name, 1)))
        sink.write(Batch(version + place, [Taken(one, record)], {(record.topic, record.partition): 1}, {}), pytest.fail)
    sink.close()


def named_world() -> Worlds:
    log = MemoryLog()
    log.send(names_of(0))
    return Worlds(log)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_deal_is_one_document_once_it_ends_wherever_it_began(address: str, at_once: bool) -> None:
    sink = MongodbSink(address, named_world())
    if at_once:
        write(sink, BEGINNING, END)
    else:  # the process that saw it begin is gone
        write(sink, BEGINNING)
        write(MongodbSink(address, named_world()), END)
    write(sink, END)  # again: nothing changes
    with MongoClient(address) as client:
        agreed, left = client.get_default_database()["negotiations"].find().sort("deal_id")
    assert (agreed["outcome"], agreed["price"], agreed["lots"], agreed["rounds"]) == ("agreed", 110, 5, 2)
    assert (agreed["buyer"], agreed["seller"], agreed["agents"], agreed["symbol"]) == (3, 4, [3, 4], "ABC")
    assert [(row["kind"], row["price"]) for row in agreed["proposals"]] == [("offered", 90), ("countered", 110), ("agreed", 110)]
    assert (left["outcome"], left["price"], left["last_step"]) == ("walked_away", None, 100)
    assert agreed["began"] < agreed["ended"]


def test_questions_are_answered(address: str) -> None:
    write(MongodbSink(address, named_world()), BEGINNING, END)
    with MongoClient(address) as client:
        database = client.get_default_database()

        def ask(name: str, **given: str) -> list[Any]:
            question = QUESTIONS[name]
            return list(question.answer(database, **question.arguments(given)))

        assert [row["deal_id"] for row in ask("negotiations", agent="3")] == [7, 8]
        assert ask("negotiations", agent="4", run="another") == []
        steps = ask("deal", run=RUN, world="0", deal="7")
        assert [row["kind"] for row in steps] == ["offered", "countered", "agreed", "delivered"]
        assert ask("outcomes", run=RUN) == [
            {"protocol": "bilateral", "outcome": "agreed", "deals": 1, "price": 110.0, "rounds": 2.0},
            {"protocol": "bilateral", "outcome": "walked_away", "deals": 1, "price": None, "rounds": 1.0},
        ]
        assert ask("best-prices", symbol="ABC") == [{"buyer": 3, "seller": 4, "lowest": 110, "highest": 110, "deals": 1, "lots": 5}]


def test_runs_and_experiments_are_inserted_once(address: str) -> None:
    runs = [{"run_id": "20261121-101500-a1b2", "kind": "simulate", "created": "2026-11-21T10:15:00+00:00", "seed": 2**64 - 1}]
    trainings = [{"run_id": "20261121-101600-a1b2", "experiment": "market", "settings": {"view.depth": "5"}}]
    assert catalogue(address, runs, trainings) == 2
    more = [*runs, runs[0] | {"run_id": "20261122-101500-a1b2"}]
    assert lacking(address, more, trainings) == ["20261122-101500-a1b2"]
    assert catalogue(address, more, trainings) == 1
    assert lacking(address, more, trainings) == []
    with MongoClient(address) as client:
        database = client.get_default_database()
        found = list(QUESTIONS["runs"].answer(database, kind="simulate", limit=5))
        assert [row["_id"] for row in found] == ["20261121-101500-a1b2", "20261122-101500-a1b2"]
        assert found[0]["seed"] == str(2**64 - 1)
        (training,) = QUESTIONS["experiments"].answer(database, experiment="market", limit=5)
        assert training["settings"] == {"view/depth": "5"}


def test_everything_is_read_back_as_it_came(address: str) -> None:
    log = published(["negotiations"])
    sink = MongodbSink(address, Worlds(log))
    blocks = [block_of(NEGOTIATIONS, world, number) for number in (1, 0) for world in (1, 0)]
    write(sink, *blocks)
    found = list(MongodbReader(address).rows("negotiations", RUN))
    assert [world for world, _ in found] == [0, 0, 1, 1]
    columns = {name: np.concatenate([part[name] for world, part in found if world == 1]) for name in found[0][1]}
    wanted = [row for (_, world, _, _), row in expected(["negotiations"], blocks=2).items() if world == 1]
    assert columns.keys() == {column.name for column in NEGOTIATIONS.all_columns}
    for name, values in columns.items():
        assert values.tolist() == [row[name] for row in wanted]
        assert values.dtype == blocks[0].columns[name].dtype  # type: ignore[union-attr]
    assert not list(MongodbReader(address).rows("negotiations", "another"))


def test_what_is_read_back_has_the_hash_that_the_simulator_stored(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_rows, "STEPS", 400)
    log, result, _ = demo_rows.demo_market()
    written(log, MongodbSink(address, Worlds(log)))
    tally = nothing("negotiations").tally
    for _, columns in MongodbReader(address).rows("negotiations", demo_rows.run_id_of(0)):
        tally.add_columns(columns)
    assert (tally.count, tally.hash()) == (result.events["negotiations"], result.hashes["negotiations"])


def test_databases_of_others_are_refused(address: str) -> None:
    with MongoClient(address) as client:
        database = client.get_default_database()
        database["steps"].insert_one({"_id": 1})
        with pytest.raises(ValueError, match="is not this product's; name another database"):
            MongodbSink(address, named_world()).open()
        database["schema"].insert_one({"_id": "agora", "version": 99})
        with pytest.raises(ValueError, match="schema version 99"):
            MongodbSink(address, named_world()).open()


def test_a_server_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"127.0.0.1:9 .*agora stack up --with mongodb") as caught:
        MongodbSink("mongodb://someone:hidden@127.0.0.1:9/?serverSelectionTimeoutMS=200", named_world()).open()
    assert "hidden" not in str(caught.value)
    with pytest.raises(ValueError, match="no mongodb://"):
        MongodbSink("http://127.0.0.1:9", named_world()).open()
