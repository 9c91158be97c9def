"""agora top: what it reads off the status files, and how it says so."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
from rich.console import Console

from pipelines.apps.demo_meter import Meter
from pipelines.apps.top import Watch, as_plain, drawn
from pipelines.settings import Settings
from pipelines.sinks.batch_writer import Figures
from pipelines.sinks.status import StatusFile, lock
from spark_jobs.ingest.status import StatusFile as StreamFile


def seen(folder: Path) -> Watch:
    meter = Meter("127.0.0.1:1")
    meter.events.update(ticks=1000, alerts=2)
    meter.alerts.update(spoofing=2)
    meter.steps["20261121-101500-a1b2"] = 77
    return Watch(Settings(data_dir=folder, broker="127.0.0.1:1"), meter)


def test_every_hop_is_seen_with_what_waits_before_it(tmp_path: Path) -> None:
    stream = StreamFile(tmp_path / "stream" / "status.json", "follow")
    stream.status.events = 900
    stream.status.offsets, stream.status.ends = {"market.ticks:0": 5}, {"market.ticks:0": 9}
    stream.write("running")
    with lock(tmp_path / "sinks", "redis"):
        StatusFile(tmp_path / "sinks", "redis").tell(Figures(events=800, batches=1, behind={("market.ticks", 0): 7}))
        sight = seen(tmp_path).look()
    published, tables, redis = sight.hops
    assert (published.name, published.events) == ("workers -> Kafka", 1002)
    assert (tables.state, tables.events, tables.behind) == ("running", 900, 4)
    assert (redis.name, redis.state, redis.events, redis.behind) == ("Kafka -> redis", "running", 800, 7)
    assert tables.memory_mib and redis.memory_mib
    assert [server.state for server in sight.servers] == ["unreachable"]


def test_what_no_longer_runs_is_stopped(tmp_path: Path) -> None:
    stream = StreamFile(tmp_path / "stream" / "status.json", "follow")
    stream.status.pid = 2**22 - 1
    stream.write("running")
    StatusFile(tmp_path / "sinks", "redis").tell(Figures(events=800, batches=1))
    assert [(hop.state, hop.memory_mib) for hop in seen(tmp_path).look().hops[1:]] == [("stopped", None)] * 2


def test_it_is_told_to_people_and_to_programs(tmp_path: Path) -> None:
    StatusFile(tmp_path / "sinks", "redis").tell(Figures(events=800, batches=1, trouble="nobody answers at 127.0.0.1:6379"))
    sight = seen(tmp_path).look()
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(drawn(sight))
    text = console.export_text()
    assert "Kafka -> redis" in text and "nobody answers" in text and "spoofing 2" in text and "step 77" in text
    plain = msgspec.json.decode(msgspec.json.encode(as_plain(sight)))
    assert plain["alerts"] == {"spoofing": 2} and plain["hops"][1]["events"] == 800
