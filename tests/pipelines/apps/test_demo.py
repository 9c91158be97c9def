"""The demo's own parts: rates, the picture while it runs, the page at the end."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from pipelines.apps.demo_meter import Meter, Rate
from pipelines.apps.demo_page import Page, counts, learner, page, verdict
from pipelines.apps.demo_parts import Part, stop_all
from pipelines.apps.demo_view import DemoView
from pipelines.apps.errors import UserError
from pipelines.events.block import Head, StoredRecord
from pipelines.events.codec import encode, seal
from pipelines.events.declarations import METRICS, TICKS, EventType
from pipelines.settings import Settings
from pipelines.workers import command
from spark_jobs.ingest.status import Status

RUN = "20261121-101500-a1b2"
PROOF = {
    "run_id": RUN, "ok": True, "stores": ["kafka", "bronze", "silver"], "books": 2, "differences": [],
    "events": {"trades": {"simulator": 7, "kafka": 7, "bronze": 7, "silver": 7}, "labels": {"simulator": 3, "kafka": 3}},
}  # fmt: skip
EVALUATION = {"trained": {"middle": 12.5, "low": 10.0, "high": 15.0}, "untrained": {"middle": -3.0, "low": -4.0, "high": -2.0}}
PROFIT = {"noise": {"agents": 50, "profit": -1.5, "worst_profit": -9.0, "best_profit": 2.0}}


def shown(*things: object) -> str:
    console = Console(width=120, record=True, file=(sys.stderr))
    console.print(*things)
    return console.export_text()


def stored(event: EventType, columns: dict[str, list[object]]) -> StoredRecord:
    count = len(columns["seq"])
    head = Head(RUN, 0, 1, -1, 0, count - 1, count)
    record = seal(event, head, encode(event, head, columns))
    return StoredRecord(record.topic, 0, 0, 0, record.key, record.value, record.headers)


def test_a_rate_is_the_slope_of_the_last_seconds() -> None:
    rate = Rate()
    for second, total in ((0.0, 0), (1.0, 100), (2.0, 300)):
        rate.note(total, second)
    assert rate.per_second() == pytest.approx(150.0)
    for second in range(3, 20):
        rate.note(300, float(second))
    assert rate.per_second() == 0.0


def test_the_meter_counts_blocks_and_reads_steps_and_returns() -> None:
    meter = Meter("127.0.0.1:1")
    ticks = {column.name: [1, 2] for column in TICKS.all_columns} | {"seq": [0, 1], "step": [41, 42]}
    meter._take("ticks", stored(TICKS, ticks))
    metrics = {"seq": [0, 1], "step": [1, 1], "name": ["loss", "rollout/return"], "value": [0.5, 2.5]}
    meter._take("metrics", stored(METRICS, metrics | {"update": [1, 1], "agent": [-1, -1], "context": ["", ""]}))
    assert (meter.total, meter.steps, meter.returns) == (4, {RUN: 42}, [2.5])


def test_a_foreign_record_does_not_stop_the_meter() -> None:
    meter = Meter("127.0.0.1:1")
    meter._take("ticks", StoredRecord("market.ticks", 0, 0, 0, b"", b"\x00", ()))
    assert meter.total == 0


def test_the_view_shows_what_is_behind(tmp_path: Path) -> None:
    path, meter = tmp_path / "status.json", Meter("127.0.0.1:1")
    path.write_bytes(msgspec.json.encode(Status(pid=1, mode="follow", state="running", events=1000)))
    view = DemoView(meter, path)
    meter.events["trades"], meter.returns = 500, [1.0, 3.0]
    path.write_bytes(msgspec.json.encode(Status(pid=1, mode="follow", state="running", events=1400)))
    text = shown(view)
    assert "500" in text and "400" in text and "100" in text and "+3.00" in text


def test_the_page_says_equal_or_what_differs() -> None:
    assert "simulator = kafka = bronze = silver" in verdict(PROOF).plain
    broken = PROOF | {"ok": False, "differences": ["world 0, trades, silver: 6 events where the simulator counted 7"]}
    assert "6 events where the simulator counted 7" in verdict(broken).plain
    assert shown(counts(PROOF)).splitlines()[2].split() == ["labels", "3", "3"]
    assert "12.50" in shown(learner({"evaluation": EVALUATION}))


def test_the_whole_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = Page(
        seconds=60.0, simulation={"run_id": RUN, "profit": PROFIT}, training={"run_id": RUN, "evaluation": EVALUATION},
        proofs=[PROOF], minutes=[{"world_id": 0, "minute": 0, "open": 10_000, "spread": 3.5}], files="results/x",
    )  # fmt: skip
    page(found, Settings(data_dir=tmp_path), keep=False)
    text = capsys.readouterr().out
    for part in ("noise", "gold.market_minutes", "10000", "agora verify", "results/x/charts", "broker and stream are stopped"):
        assert part in text


def test_a_part_that_fails_says_so_with_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "AGORA", (sys.executable, "-c", "import sys; print('no broker', file=sys.stderr); sys.exit(2)"))
    part = Part.start("simulate", Settings(data_dir=tmp_path), "simulate")
    with pytest.raises(UserError, match="simulate ended with exit code 2: no broker"):
        part.result()


def test_a_part_gives_its_line_of_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "AGORA", (sys.executable, "-c", "print('{\"run_id\": 1}')"))
    assert Part.start("simulate", Settings(data_dir=tmp_path)).result() == {"run_id": 1}


def test_parts_that_do_not_end_are_all_asked_to_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = "import time, sys\ntry:\n    print('ready', flush=True)\n    time.sleep(60)\n"
    program = begin + "except KeyboardInterrupt:\n    time.sleep(1); sys.exit(130)"
    monkeypatch.setattr(command, "AGORA", (sys.executable, "-c", program))
    parts = [Part.start(name, Settings(data_dir=tmp_path), name) for name in ("one", "two")]
    ended = Part.start("ended", Settings(data_dir=tmp_path), "x")
    ended.process.kill()
    for part in parts:
        assert part.process.stdout and part.process.stdout.readline() == "ready\n"
    stop_all([*parts, ended])
    assert [part.process.returncode for part in parts] == [130, 130] and not ended.running
