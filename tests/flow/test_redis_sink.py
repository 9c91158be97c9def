"""Live state in a real Redis: what really simulated markets come to, whatever troubles the log has seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis

from pipelines.events.codec import decode
from pipelines.events.declarations import TICKS
from pipelines.events.progress import Batch, Progress, Taken
from pipelines.local_stack import stack
from pipelines.local_stack.redis_server import ADMIN, RedisServer
from pipelines.ports import StoreUnavailable, Superseded
from pipelines.settings import Settings, settings
from pipelines.sinks.redis_keys import WorldKeys
from pipelines.sinks.redis_policies import PolicyCache
from pipelines.sinks.redis_questions import QUESTIONS
from pipelines.sinks.redis_reader import RedisReader
from pipelines.sinks.redis_sink import RedisSink, connect
from pipelines.sinks.worlds import Worlds
from pipelines.testing import MemoryLog
from pipelines.workers.reconcile.live import EVENTS, Come, live_differences
from tests.contracts.check_sink import written
from tests.contracts.check_state_sink import check_state_sink, world_of
from tests.flow.killing import written_over_a_kill
from tests.pipelines.sinks.published import block_of
from tests.pipelines.sinks.simulated import RUN, Sent, simulated

pytestmark = pytest.mark.flow
SYMBOLS = ("WHEAT", "CORN", "COPPER")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A Redis of these tests alone."""
    found = settings().model_copy(update={"data_dir": tmp_path_factory.mktemp("redis"), "redis_url": ""})
    stack.up(found, ("redis",))
    yield found
    stack.down(found)


@pytest.fixture(scope="module")
def address(local: Settings) -> str:
    return stack.store_address(local, "redis")


@pytest.fixture(scope="module")
def readers_address(local: Settings) -> str:
    return stack.store_address(local, "redis", reader=True)


@pytest.fixture
def client(local: Settings) -> Iterator[redis.Redis]:
    """One who may do what the sink may not: empty the database, change the server."""
    made = connect(RedisServer(local).url(ADMIN))
    made.flushdb()
    yield made
    made.flushdb()
    made.close()


@pytest.fixture(scope="module")
def sent() -> Sent:
    return simulated()


def sink_of(address: str, log: MemoryLog) -> RedisSink:
    return RedisSink(address, Worlds(log))


@pytest.fixture
def filled(client: redis.Redis, address: str, sent: Sent) -> MemoryLog:
    log = MemoryLog()
    for record in sent.everything():
        log.send(record)
    written(log, sink_of(address, log))
    return log


def everything(client: redis.Redis) -> dict[str, Any]:
    """All keys of worlds and their values; of the streams the alerts without the numbers of batches, in the order of their ids."""
    found: dict[str, Any] = {}
    for key in sorted(client.scan_iter("agora:*")):
        kind = client.type(key)
        if key.startswith("agora:sink"):
            continue
        if kind == "hash":
            found[key] = client.hgetall(key)
        elif kind == "stream":
            found[key] = sorted((fields for _, fields in client.xrange(key)), key=lambda fields: fields["alert_id"])
        else:
            found[key] = client.zrange(key, 0, -1, withscores=not key.endswith("alerts:ids"))
            found[key] = sorted(found[key]) if key.endswith("alerts:ids") else found[key]
    return found


def test_the_state_is_that_of_a_clean_log_whatever_happened(client: redis.Redis, address: str, sent: Sent) -> None:
    check_state_sink(lambda log: sink_of(address, log), lambda: everything(client), client.flushdb, sent)


def test_a_kill_in_the_middle_changes_nothing(filled: MemoryLog, client: redis.Redis, address: str, local: Settings, sent: Sent) -> None:
    wanted = everything(client)
    client.flushdb()
    figures = written_over_a_kill(local, filled, sink_of(address, filled), after=20)
    assert figures.retries > 0
    assert everything(client) == wanted


def test_books_ticks_and_accounts_are_what_the_events_come_to(filled: MemoryLog, readers_address: str, sent: Sent) -> None:
    reader = RedisReader(readers_address)
    for result in sent.results:
        state = reader.state(RUN, result.world_id)
        come = Come(SYMBOLS)
        for event in EVENTS:
            for columns in sent.columns(event, world_id=result.world_id):
                come.add(event, columns)
        assert come.books.hashes() == result.books
        assert all(len(levels) > 3 for levels in come.books.levels().values())
        assert (len(state.levels), len(state.ticks)) == (6, 3)
        assert len(state.accounts) > 100
        assert live_differences(f"world {result.world_id}", state, come) == []
    with pytest.raises(ValueError, match="nothing of world 7"):
        reader.state(RUN, 7)
    reader.close()


def test_progress_that_another_writer_makes_meanwhile_is_noticed(filled: MemoryLog, address: str, client: redis.Redis) -> None:
    class Meanwhile(RedisSink):
        def _forget_expired(self, keys: list[Any]) -> None:
            client.hincrby("agora:sink:redis", "version", 1)
            super()._forget_expired(keys)

    before = everything(client)
    sink = Meanwhile(address, Worlds(filled))
    progress = sink.open()
    taken = [Taken(block_of(TICKS, 1, 900), next(iter(filled.read("market.ticks", 0))))]
    with pytest.raises(Superseded, match="somebody else"):
        sink.write(Batch(progress.version, taken, {("market.ticks", 0): 999}, {}), lambda refused: None)
    assert everything(client) == before
    assert sink.open() == Progress(progress.version + 1, progress.offsets, progress.marks)
    sink.close()


def test_questions_are_answered(filled: MemoryLog, client: redis.Redis, readers_address: str, sent: Sent) -> None:
    client = connect(readers_address)
    reader = RedisReader(readers_address)
    state = reader.state(RUN, 0)
    world = {"run": RUN, "world": 0}
    book = list(QUESTIONS["book"].answer(client, **world, symbol="CORN", depth=3))
    bids, asks = state.levels[1, 0], state.levels[1, 1]
    assert [(row["bid"], row["bid_lots"]) for row in book] == sorted(bids.items(), reverse=True)[:3]
    assert [(row["ask"], row["ask_lots"]) for row in book] == sorted(asks.items())[:3]
    ticks = {row["symbol"]: row for row in QUESTIONS["ticks"].answer(client, **world)}
    assert set(ticks) == set(SYMBOLS)
    assert (ticks["CORN"]["best_bid"], ticks["CORN"]["best_ask"]) == (book[0]["bid"], book[0]["ask"])
    leaders = list(QUESTIONS["leaders"].answer(client, **world, count=5))
    wealth = {agent: row["cash"] + row["inventory"] * state.ticks[symbol]["last"] for (agent, symbol), row in state.accounts.items()}
    assert [(row["agent"], row["wealth"]) for row in leaders] == sorted(wealth.items(), key=lambda item: (-item[1], item[0]))[:5]
    trades = list(QUESTIONS["trades"].answer(client, **world, symbol="0", count=500))
    wanted = [
        int(seq)
        for columns in sent.columns("trades", 0)
        for seq, symbol in zip(columns["seq"], columns["symbol"], strict=True)
        if symbol == 0
    ]
    assert [row["seq"] for row in trades] == wanted[::-1][:200]
    alerts = list(QUESTIONS["alerts"].answer(client, **world, count=500))
    assert len({row["alert_id"] for row in alerts}) == len(alerts) == 48
    with pytest.raises(ValueError, match="'GOLD' is no symbol .* COPPER, CORN, WHEAT"):
        list(QUESTIONS["book"].answer(client, **world, symbol="GOLD", depth=3))
    reader.close()


def test_policies_are_kept_for_their_time(client: redis.Redis) -> None:
    cache = PolicyCache(client)
    cache.put("ppo-1", {"algorithm": "PPO", "folder": "runs/x"})
    assert 3590 < client.ttl("agent_policy:ppo-1") <= 3600
    assert list(QUESTIONS["policy"].answer(client, policy="ppo-1")) == [{"algorithm": "PPO", "folder": "runs/x"}]
    cache.forget("ppo-1")
    assert cache.get("ppo-1") is None
    with pytest.raises(ValueError, match="no policy id"):
        cache.put("a:b", {})
    PolicyCache(client, kept_seconds=1).put("short", {})
    time.sleep(1.1)
    assert cache.get("short") is None


def test_everything_of_a_world_expires_together(client: redis.Redis, address: str, sent: Sent) -> None:
    log = MemoryLog()
    for record in sent.everything():
        log.send(record)
    written(log, RedisSink(address, Worlds(log), kept_seconds=500))
    for key in client.scan_iter(f"agora:{RUN}:*"):
        assert 0 < client.ttl(key) <= 500
    assert client.ttl("agora:sink:redis") == -1


def test_memory_is_bounded_by_what_rests_and_by_caps(filled: MemoryLog, client: redis.Redis) -> None:
    for world_id in (0, 1):
        keys = WorldKeys(RUN, world_id)
        assert client.zcard(keys.leaders) <= 100
        assert all(client.zcard(keys.trades(symbol)) == 200 for symbol in range(3))


def test_a_full_redis_takes_nothing_of_a_batch_and_is_waited_for(filled: MemoryLog, client: redis.Redis, address: str) -> None:
    sink, before = sink_of(address, filled), everything(client)
    progress = sink.open()
    block = block_of(TICKS, 1, 900, run_id="other")
    taken = [Taken(block, next(iter(filled.read("market.ticks", 0))))]
    client.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable, match="maxmemory"):
            sink.write(Batch(progress.version, taken, {}, {}), lambda refused: None)
    finally:
        client.config_set("maxmemory", "0")
    assert everything(client) == before
    assert sink.open() == progress
    sink.close()


@pytest.mark.parametrize("held", [False, True])
def test_state_that_expired_while_its_run_paused_is_told(
    filled: MemoryLog, client: redis.Redis, address: str, readers_address: str, sent: Sent, held: bool
) -> None:
    sink, records = sink_of(address, filled), [record for record in sent.blocks["orders"] if world_of(record) == 0]
    progress, stored, last = sink.open(), next(iter(filled.read("market.orders", 0))), decode(records[-1].value, records[-1].headers)
    if held:  # by a sink that goes on
        sink.write(Batch(progress.version, [Taken(decode(records[0].value, records[0].headers), stored)], {}, {}), lambda refused: None)
    client.delete(*client.scan_iter(f"agora:{RUN}:0:*"))
    sink.write(Batch(progress.version + held, [Taken(last, stored)], {}, {}), lambda refused: None)
    sink.close()
    reader = RedisReader(readers_address)
    assert reader.state(RUN, 0).heads.orders_since == last.head.prev_seq > -1
    reader.close()


def test_a_redis_that_would_evict_keys_is_refused(client: redis.Redis, address: str) -> None:
    sink = sink_of(address, MemoryLog())
    client.config_set("maxmemory-policy", "volatile-ttl")
    client.config_set("maxmemory", "1gb")
    try:
        with pytest.raises(ValueError, match="volatile-ttl"):
            sink.open()
    finally:
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")
    assert sink.open().version == 0
    sink.close()


def test_what_is_foreign_or_of_another_schema_is_refused(client: redis.Redis, address: str) -> None:
    sink = sink_of(address, MemoryLog())
    client.hset("agora:sink:redis", "schema", "99")
    with pytest.raises(ValueError, match="schema 99, this version writes 1"):
        sink.open()
    client.delete("agora:sink:redis")
    client.set("agora:sink:redis", "mine")
    with pytest.raises(ValueError, match="of something else"):
        sink.open()
    sink.close()


def test_a_redis_that_is_away_or_refuses_the_password_is_told_without_it(address: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1/0 does not answer") as away:
        RedisSink("redis://:topsecret@127.0.0.1:1/0").open()
    assert "topsecret" not in str(away.value)
    with pytest.raises(ValueError, match="refuses the user or password") as refused:
        RedisSink(f"redis://agora:topsecret@{urlsplit(address).hostname}:{urlsplit(address).port}/0").open()
    assert "topsecret" not in str(refused.value)
