"""Stores that are killed while they are written to, or that lose their last moments: nothing is lost and nothing doubled."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipelines.events.topics import CONSUMERS
from pipelines.local_stack import stack
from pipelines.ports import Sink
from pipelines.settings import Settings
from pipelines.sinks.batch_writer import BatchWriter, Figures, Pace
from pipelines.sinks.mongodb_reader import MongodbReader
from pipelines.sinks.mongodb_sink import MongodbSink
from pipelines.sinks.sql_reader import SqlReader
from pipelines.sinks.sql_sink import SqlSink
from pipelines.sinks.worlds import Worlds
from pipelines.testing import MemoryLog
from tests.pipelines.sinks.published import RUN, expected, published

pytestmark = pytest.mark.flow
BLOCKS = 30
KILLS = (3, 10)  # after that many batches
PACE = Pace(events=36, wait=0.05, longest_pause=0.2, patience=120)
SINKS = {"mongodb": "mongodb", "postgres": "sql"}
PARTS: dict[str, tuple[Callable[..., Sink], Callable[[str], Any]]] = {
    "mongodb": (MongodbSink, MongodbReader),
    "postgres": (SqlSink, SqlReader),
}


@pytest.fixture(params=list(PARTS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Settings]]:
    """A store that nobody else uses."""
    settings = Settings(data_dir=tmp_path, database_url="")
    stack.up(settings, [request.param])
    yield request.param, settings
    stack.down(settings)


def write(log: MemoryLog, sink: Sink, tell: Callable[[Figures], None] = lambda figures: None, until: int = 0) -> Figures:
    """Write what lies on the log; only so many batches if `until` says so."""
    stop = threading.Event()

    def told(figures: Figures) -> None:
        tell(figures)
        if figures.batches == until:
            stop.set()

    try:
        return BatchWriter(log, sink, stop, PACE, told).run(once=True)
    finally:
        sink.close()


def check(address: str, name: str, events: tuple[str, ...], blocks: int) -> None:
    """Every event is there once, in order."""
    for event in events:
        found = [(RUN, world, event, seq) for world, columns in PARTS[name][1](address).rows(event, RUN) for seq in columns["seq"].tolist()]
        assert found == sorted(expected([event], blocks=blocks))


def test_a_store_that_is_killed_goes_on(store: tuple[str, Settings]) -> None:
    name, settings = store
    address = stack.store_address(settings, name)
    log = published(CONSUMERS[SINKS[name]], blocks=BLOCKS)
    sink = PARTS[name][0](address, Worlds(log))
    restarts: list[threading.Thread] = []

    def kill(figures: Figures) -> None:
        if figures.batches in KILLS[len(restarts) :] and not figures.trouble:
            for restart in restarts:
                restart.join()  # one that is killed while it starts is another matter: its starter says so
            (server,) = stack.status(settings, [name])
            assert server.process_id is not None
            process = psutil.Process(server.process_id)
            process.kill()
            process.wait(10)
            restarts.append(threading.Thread(target=stack.up, args=(settings, [name])))
            restarts[-1].start()

    figures = write(log, sink, kill)
    for restart in restarts:
        restart.join()
    assert (len(restarts), figures.refused) == (len(KILLS), 0)  # a client may wait for its server without an error
    check(address, name, sink.events, BLOCKS)


@pytest.mark.parametrize("store", ["mongodb"], indirect=True)
def test_a_store_that_lost_its_last_moments_is_healed(store: tuple[str, Settings], tmp_path: Path) -> None:
    name, settings = store
    address = stack.store_address(settings, name)
    log = published(MongodbSink.events, blocks=BLOCKS)
    sink = MongodbSink(address, Worlds(log))
    write(log, sink, until=5)
    stack.down(settings)
    data, kept = settings.stack_dir / name / "data", tmp_path / "kept"
    shutil.copytree(data, kept)
    stack.up(settings, [name])
    write(log, sink)
    stack.down(settings)
    shutil.rmtree(data)
    shutil.copytree(kept, data)
    stack.up(settings, [name])
    assert write(log, sink).events > 0
    check(address, name, sink.events, BLOCKS)
