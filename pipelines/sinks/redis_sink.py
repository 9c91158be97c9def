"""Live state in Redis: books, last ticks, accounts, leaders, recent trades and alerts of every world. docs/stores/redis.md has the keys.

What a batch changed is written in one MULTI with the progress that it stands for, guarded by a WATCH on the progress. The present that it
changes is held in memory and read from Redis at first touch after `open`; under the guard the two are one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import AuthenticationError, OutOfMemoryError, ReadOnlyError, ResponseError, WatchError
from redis.retry import Retry

from pipelines.events.marks import Mark
from pipelines.events.progress import Batch, Place, Progress, Refused
from pipelines.events.topics import CONSUMERS
from pipelines.ports import StoreUnavailable, Superseded
from pipelines.sinks import redis_keys
from pipelines.sinks.live_world import LiveWorld
from pipelines.sinks.redis_keys import WorldKeys
from pipelines.sinks.redis_present import Command, alerts_by_world, changes_of, load, load_heads, new_alerts, progress_of
from pipelines.sinks.worlds import Key, Worlds

WORLDS_IN_MEMORY = 128
TIMEOUT_S = 30.0


class RedisSink:
    """A Sink of live state.

    Parameters
    ----------
    address : redis://[user:password@]host:port/database
    worlds : names and times; without it ids stay numbers.
    kept_seconds : how long a world's keys stay after the last write to it.
    """

    name = "redis"
    events = CONSUMERS["redis"]

    def __init__(self, address: str, worlds: Worlds | None = None, kept_seconds: int = redis_keys.KEPT_SECONDS) -> None:
        self._address, self._names, self._kept = address, worlds, kept_seconds
        self._client: redis.Redis | None = None
        self._present: OrderedDict[Key, LiveWorld] = OrderedDict()

    def open(self) -> Progress:
        """See Sink. Raises ValueError if what lies there is not ours, or of another schema."""
        self._present.clear()
        with translated(self._address):
            client = self._connected()
            check_schema(client, self._address)
            check_eviction(client, self._address)
            with client.pipeline(transaction=True) as pipe:
                pipe.hget(redis_keys.PROGRESS, "version")
                pipe.hgetall(redis_keys.OFFSETS)
                pipe.hgetall(redis_keys.MARKS)
                version, offsets, marks = pipe.execute()
        return Progress(
            int(version or 0),
            {place_of(name): int(offset) for name, offset in offsets.items()},
            {name: msgspec.json.decode(text, type=Mark) for name, text in marks.items()},
        )

    def write(self, batch: Batch, refuse: Callable[[Refused], None]) -> None:
        """See Sink. Redis takes a whole batch or nothing, so nothing is refused."""
        try:
            with translated(self._address), self._connected().pipeline(transaction=True) as pipe:
                self._write(pipe, batch)
        except BaseException:
            self._present.clear()  # it may be ahead of the store
            raise
        while len(self._present) > WORLDS_IN_MEMORY:
            self._present.popitem(last=False)

    def _write(self, pipe: Pipeline, batch: Batch) -> None:
        keys = sorted({(taken.block.head.run_id, taken.block.head.world_id) for taken in batch.taken})
        pipe.watch(redis_keys.PROGRESS, *(WorldKeys(*key).heads for key in keys))  # type: ignore[no-untyped-call]
        found = stored_version(pipe)
        if found != batch.version:
            raise Superseded(f"the batch follows version {batch.version}, Redis is at {found}; it is read again")
        self._forget_expired(keys)
        touched = {key: self._world(key) for key in keys}
        for block, _ in batch.taken:
            if block.event.name != "alerts":
                touched[block.head.run_id, block.head.world_id].take(block)
        commands = [command for key, world in touched.items() for command in changes_of(key, world, self._names)]
        commands += self._alerts(pipe, batch)
        commands += self._lives(touched)
        commands += progress_of(batch)
        pipe.multi()
        for command in commands:
            pipe.execute_command(*command)  # type: ignore[no-untyped-call]
        pipe.execute()
        for world in touched.values():
            world.written()

    def close(self) -> None:
        """See Sink."""
        self._present.clear()
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> redis.Redis:
        if self._client is None:
            self._client = connect(self._address)
        return self._client

    def _forget_expired(self, keys: list[Key]) -> None:
        """Let go of what is held in memory of worlds that Redis no longer has: they expired, or somebody deleted them."""
        held = [key for key in keys if key in self._present]
        if held:
            for key, heads in zip(held, load_heads(self._connected(), held), strict=True):
                if heads != self._present[key].heads:
                    del self._present[key]

    def _alerts(self, pipe: Pipeline, batch: Batch) -> list[Command]:
        commands = list[Command]()
        for key, alerts in alerts_by_world(taken.block for taken in batch.taken).items():
            keys = WorldKeys(*key)
            known: Any = pipe.zmscore(keys.alert_ids, list(alerts))
            new = [row for row, score in zip(alerts.values(), known, strict=True) if score is None]
            newest: Any = pipe.xrevrange(keys.alerts, count=1)
            number = max([batch.version + 1, *(int(entry.partition("-")[0]) + 1 for entry, _ in newest)])
            commands += new_alerts(key, new, self._names, number)
        return commands

    def _world(self, key: Key) -> LiveWorld:
        if key not in self._present:
            self._present[key] = load(self._connected(), key)
        self._present.move_to_end(key)
        return self._present[key]

    def _lives(self, touched: dict[Key, LiveWorld]) -> Iterator[Command]:
        """Let all keys of the worlds of a batch live on from now, so that they expire together."""
        for key, world in touched.items():
            for name in WorldKeys(*key).all(world.symbols):
                yield "EXPIRE", name, self._kept


def connect(address: str) -> redis.Redis:
    """A client that answers in text and leaves trying again to its caller."""
    return redis.Redis.from_url(
        address, decode_responses=True, retry=Retry(NoBackoff(), 0), socket_timeout=TIMEOUT_S, socket_connect_timeout=5.0
    )


def place_of(name: str) -> Place:
    """The place that a field of the offsets stands for."""
    topic, _, partition = name.rpartition("/")
    return topic, int(partition)


def check_schema(client: redis.Redis, address: str) -> None:
    """Take possession of a database without our keys; ValueError if another schema or something foreign lies there."""
    try:
        client.hsetnx(redis_keys.PROGRESS, "schema", redis_keys.SCHEMA)
        found = str(client.hget(redis_keys.PROGRESS, "schema"))
    except ResponseError as error:
        if "WRONGTYPE" not in str(error):
            raise
        found = "of something else"
    if found != redis_keys.SCHEMA:
        raise ValueError(
            f"key {redis_keys.PROGRESS} in Redis at {shown(address)} has schema {found}, this version writes {redis_keys.SCHEMA}; "
            "give another database number in AGORA_REDIS_URL, or empty this one: the sink fills it again from Kafka"
        )


def check_eviction(client: redis.Redis, address: str) -> None:
    """ValueError if Redis would make room by dropping keys: half of a world may then be gone, and nobody is told."""
    memory: Any = client.info("memory")
    if memory["maxmemory"] and memory["maxmemory_policy"] != "noeviction":
        raise ValueError(
            f"Redis at {shown(address)} drops keys when it is full (maxmemory-policy {memory['maxmemory_policy']}); set it to noeviction"
        )


def stored_version(pipe: Pipeline) -> int:
    """The version of the progress, read at once."""
    found: Any = pipe.hget(redis_keys.PROGRESS, "version")
    return int(found or 0)


def shown(address: str) -> str:
    """Host, port and database without the password."""
    parts = urlsplit(address)
    return f"{parts.hostname or 'localhost'}:{parts.port or 6379}{parts.path}"


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what passes by itself into StoreUnavailable or Superseded, and a refused password into ValueError."""
    try:
        yield
    except WatchError:
        raise Superseded("somebody else wrote Redis's progress meanwhile; it is read again") from None
    except AuthenticationError as error:
        raise ValueError(f"Redis at {shown(address)} refuses the user or password ({error}); correct AGORA_REDIS_URL") from None
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise StoreUnavailable(
            f"Redis at {shown(address)} does not answer ({error}); start it with `agora stack up --with redis`"
        ) from None
    except (OutOfMemoryError, ReadOnlyError) as error:
        raise StoreUnavailable(
            f"Redis at {shown(address)} takes no writes ({error}); raise its maxmemory or wait until runs expire"
        ) from None
    except ResponseError as error:
        if str(error).startswith(("MISCONF", "OOM", "EXECABORT", "LOADING", "BUSY", "MASTERDOWN")):
            raise StoreUnavailable(f"Redis at {shown(address)} takes no writes now ({error}); see its log") from None
        raise
