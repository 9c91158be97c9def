"""Ticks and trades in a real Cassandra: each once, whatever happened, and read back whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from pipelines.events.declarations import EVENT_TYPES
from pipelines.local_stack import stack
from pipelines.ports import StoreUnavailable
from pipelines.settings import Settings, settings
from pipelines.sinks.cassandra_questions import QUESTIONS
from pipelines.sinks.cassandra_reader import CassandraReader
from pipelines.sinks.cassandra_schema import MIGRATIONS
from pipelines.sinks.cassandra_session import connect
from pipelines.sinks.cassandra_sink import CassandraSink
from pipelines.sinks.worlds import Worlds
from pipelines.testing import Identity, MemoryLog
from tests.contracts.check_sink import check_sink, written
from tests.flow.killing import written_over_a_kill
from tests.pipelines.sinks.published import START_NS, block_of, published, record_of
from tests.pipelines.sinks.simulated import RUN, Sent, simulated

pytestmark = pytest.mark.flow
EVENTS = ("ticks", "trades")
DAY_NS = 86_400_000_000_000


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A Cassandra of these tests alone."""
    found = settings().model_copy(update={"data_dir": tmp_path_factory.mktemp("cassandra"), "cassandra": "", "start_timeout": 180.0})
    stack.up(found, ("cassandra",))
    yield found
    stack.down(found)


@pytest.fixture(scope="module")
def address(local: Settings) -> str:
    return stack.store_address(local, "cassandra")


@pytest.fixture
def session(address: str) -> Iterator[Any]:
    made = connect(address)
    yield made
    made.cluster.shutdown()


def rows_in(session: Any, keyspace: str) -> dict[Identity, Mapping[str, Any]]:
    """Every row of both tables."""
    found: dict[Identity, Mapping[str, Any]] = {}
    for event in EVENTS:
        for row in session.execute(f"SELECT * FROM {keyspace}.{event}"):
            found[row.run_id, row.world_id, event, row.seq] = row._asdict()
    return found


def test_the_contract_holds(address: str, session: Any) -> None:
    check_sink(lambda log: CassandraSink(address, Worlds(log), "contract"), lambda: rows_in(session, "contract"))


@pytest.fixture(scope="module")
def sent() -> Sent:
    return simulated()


@pytest.fixture(scope="module")
def filled(address: str, sent: Sent) -> str:
    """The keyspace with a simulated run."""
    log = MemoryLog()
    for record in sent.everything():
        log.send(record)
    sink = CassandraSink(address, Worlds(log), "simulated")
    assert written(log, sink).events == sum(
        len(columns["seq"]) for event in EVENTS for world in (0, 1) for columns in sent.columns(event, world)
    )
    return "simulated"


def test_everything_is_read_back_in_the_order_of_its_world(address: str, filled: str, sent: Sent) -> None:
    reader = CassandraReader(address, filled)
    for event in EVENTS:
        found: dict[int, list[Any]] = {}
        for world_id, columns in reader.rows(event, RUN):
            assert list(columns) == [column.name for column in EVENT_TYPES[event].all_columns]
            found.setdefault(world_id, []).append(columns)
        assert list(found) == [0, 1]
        for world_id, pieces in found.items():
            wanted = sent.columns(event, world_id)
            for name in pieces[0]:
                assert np.array_equal(
                    np.concatenate([piece[name] for piece in pieces]), np.concatenate([columns[name] for columns in wanted])
                )
        assert list(reader.rows(event, "another")) == []
    reader.close()


def test_questions_are_answered(address: str, filled: str, sent: Sent) -> None:
    session = connect(address, filled)
    day = str(date(1970, 1, 1) + timedelta(days=START_NS // DAY_NS))
    world = {"run": RUN, "world": 0}
    ticks = {name: np.concatenate([columns[name] for columns in sent.columns("ticks", 0)]) for name in ("symbol", "seq", "best_bid")}
    trades = {
        name: np.concatenate([columns[name] for columns in sent.columns("trades", 0)])
        for name in ("symbol", "seq", "buyer", "seller", "price", "size")
    }
    found = list(QUESTIONS["ticks"].answer(session, **world, symbol="CORN", day=day, count=50))
    assert [row["seq"] for row in found] == ticks["seq"][ticks["symbol"] == 1][:50].tolist()
    last = list(QUESTIONS["trades"].answer(session, **world, symbol="CORN", count=7))
    assert [row["seq"] for row in last] == trades["seq"][trades["symbol"] == 1][::-1][:7].tolist()
    agent = int(trades["seller"][3])
    own = list(QUESTIONS["agent"].answer(session, **world, agent=agent, count=1000))
    assert [row["seq"] for row in own] == trades["seq"][(trades["buyer"] == agent) | (trades["seller"] == agent)].tolist()
    candles = list(QUESTIONS["candles"].answer(session, **world, symbol="1", day=day, seconds=10))
    corn = {name: values[trades["symbol"] == 1] for name, values in trades.items()}
    assert sum(candle["volume"] for candle in candles) == int(corn["size"].sum())
    assert (candles[0]["open"], candles[-1]["close"]) == (int(corn["price"][0]), int(corn["price"][-1]))
    assert max(candle["high"] for candle in candles) == int(corn["price"].max())
    assert len({candle["begin"] for candle in candles}) == len(candles) > 1
    with pytest.raises(ValueError, match="'GOLD' is no symbol .* COPPER, CORN, WHEAT"):
        list(QUESTIONS["candles"].answer(session, **world, symbol="GOLD", day=day, seconds=10))
    with pytest.raises(ValueError, match="day='monday' is no day"):
        list(QUESTIONS["ticks"].answer(session, **world, symbol="CORN", day="monday", count=1))
    session.cluster.shutdown()


def test_tables_have_every_column(session: Any, filled: str) -> None:
    tables = session.cluster.metadata.keyspaces[filled].tables
    for event in EVENTS:
        types = {name: column.cql_type for name, column in tables[event].columns.items()}
        for column in EVENT_TYPES[event].all_columns:
            assert types[column.name] == {"int": "int", "long": "bigint"}[column.type]


def test_a_kill_in_the_middle_loses_and_doubles_nothing(address: str, local: Settings, sent: Sent) -> None:
    log = MemoryLog()
    for record in sent.everything():
        log.send(record)
    figures = written_over_a_kill(local, log, CassandraSink(address, Worlds(log), "killed"), after=3)
    assert figures.retries > 0
    reader = CassandraReader(address, "killed")
    for event in EVENTS:
        found = [columns["seq"] for world_id, columns in reader.rows(event, RUN) if world_id == 1]
        assert np.array_equal(np.concatenate(found), np.concatenate([columns["seq"] for columns in sent.columns(event, 1)]))
    reader.close()


def test_a_world_without_names_is_refused_and_the_rest_is_written(address: str, session: Any) -> None:
    log = published(EVENTS)
    log.send(record_of(block_of(EVENT_TYPES["ticks"], 9, 0)))
    figures = written(log, CassandraSink(address, Worlds(log), "unnamed"))
    assert figures.refused == 1
    assert len(rows_in(session, "unnamed")) == 12 * 3 * 5 * 2


@pytest.mark.parametrize(
    ("keyspace", "statement", "message"),
    [
        (
            "newer",
            "INSERT INTO newer.migrations (version, doc, checksum) VALUES (99, 'later', 'x')",
            "has schema 99, this version knows up to 1",
        ),
        ("changed", "INSERT INTO changed.migrations (version, checksum) VALUES (1, 'x')", "step 1 of keyspace changed has checksum x"),
        ("foreign", "DROP TABLE foreign.migrations", "holds tables of something else"),
    ],
)
def test_a_keyspace_that_is_not_ours_is_refused(address: str, session: Any, keyspace: str, statement: str, message: str) -> None:
    log = MemoryLog()
    sink = CassandraSink(address, Worlds(log), keyspace)
    assert sink.open().version == 0
    sink.close()
    assert [row.version for row in session.execute(f"SELECT version FROM {keyspace}.migrations")] == [each.version for each in MIGRATIONS]
    session.execute(statement)
    with pytest.raises(ValueError, match=message):
        sink.open()
    sink.close()


def test_a_cassandra_that_is_away_or_refuses_the_password_is_told_without_it(address: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1 does not answer") as away:
        CassandraSink("cassandra://agora:topsecret@127.0.0.1:1", Worlds(MemoryLog())).open()
    assert "topsecret" not in str(away.value)
    nodes = urlsplit(address).netloc.rpartition("@")[2]
    with pytest.raises(ValueError, match="refuses user or password") as refused:
        CassandraSink(f"cassandra://agora:topsecret@{nodes}", Worlds(MemoryLog())).open()
    assert "topsecret" not in str(refused.value)
    with pytest.raises(ValueError, match="cassandra://"):
        CassandraSink("redis://:topsecret@here", Worlds(MemoryLog())).open()
