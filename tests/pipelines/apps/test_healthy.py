"""agora healthy: the exit code that a container's health check sees."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from pipelines.apps.healthy import SILENT_S, health_of
from pipelines.apps.main import main
from pipelines.settings import Settings
from pipelines.sinks.batch_writer import Figures
from pipelines.sinks.status import StatusFile, lock
from pipelines.workers.run_status import RunStatus, RunStatusFile
from spark_jobs.ingest.status import StatusFile as StreamFile


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    return tmp_path


def test_a_sink_is_well_while_it_writes_and_not_while_it_waits_or_after_its_end(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["healthy", "redis"]) == 1
    file = StatusFile(folder / "sinks", "redis")
    with lock(folder / "sinks", "redis"):
        file.tell(Figures(events=8, batches=1))
        assert main(["healthy", "redis"]) == 0
        file.tell(Figures(events=8, batches=1, trouble="nobody answers at 127.0.0.1:6379"))
        assert main(["healthy", "redis"]) == 1
    assert "waiting, silent for 0 s: nobody answers" in capsys.readouterr().out
    file.tell(Figures(events=8, batches=1))
    assert main(["healthy", "redis"]) == 1  # whoever wrote that holds no lock any more
    assert "redis: stopped" in capsys.readouterr().out


def test_a_stream_is_well_once_it_reads_or_has_nothing_to_read(folder: Path) -> None:
    file = StreamFile(folder / "stream" / "status.json", "follow")
    file.write("starting")
    assert main(["healthy", "stream"]) == 1
    file.ends_read({"market.ticks:0": 0})
    assert main(["healthy", "stream"]) == 0
    file.ends_read({"market.ticks:0": 9})
    assert main(["healthy", "stream"]) == 1
    file.write("running")
    assert main(["healthy", "stream"]) == 0
    file.write("failed", "no disk")
    assert main(["healthy", "stream"]) == 1


def test_a_run_is_well_while_its_worlds_move_and_its_process_is_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["healthy", "simulate"]) == 1
    run, older = (folder / "runs" / name for name in ("20261121-101500-a1b2", "20261120-101500-a1b2"))
    for made in (run, older):
        made.mkdir(parents=True)
    RunStatusFile(older, lambda: 1.0).tell(5)
    assert main(["healthy", "simulate"]) == 1
    RunStatusFile(run).tell(5)
    assert main(["healthy", "simulate", "--silent", "30"]) == 0
    RunStatusFile(run, lambda: time.time() - 31).tell(5)
    assert main(["healthy", "simulate", "--silent", "30"]) == 1
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    (run / "status.json").write_bytes(msgspec.json.encode(RunStatus(5, time.time(), int(gone.stdout), socket.gethostname())))
    assert main(["healthy", "simulate"]) == 1
    assert "simulate: stopped" in capsys.readouterr().out


def test_a_run_of_another_container_says_nothing_of_this_one(folder: Path) -> None:
    run = folder / "runs" / "20261121-101500-a1b2"
    run.mkdir(parents=True)
    (run / "status.json").write_bytes(msgspec.json.encode(RunStatus(5, time.time(), os.getpid(), "another")))
    assert main(["healthy", "simulate"]) == 1


def test_a_check_loads_nothing_that_reads_tables() -> None:
    """Every container asks every few seconds."""
    said = "import sys, pipelines.apps.healthy; print('deltalake' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout == "False\n"


def test_who_is_silent_for_long_hangs(folder: Path) -> None:
    StreamFile(folder / "stream" / "status.json", "follow").write("running")
    health = health_of(Settings(data_dir=folder), "stream")
    assert health.well(health.said_at + SILENT_S - 1) and not health.well(health.said_at + SILENT_S)


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/metrics" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_is_well_if_it_answers_with_200(folder: Path, page: str) -> None:
    assert main(["healthy", f"{page}/metrics"]) == 0
    assert main(["healthy", f"{page}/other"]) == 1
    assert main(["healthy", "http://127.0.0.1:1/"]) == 1


def test_an_unknown_part_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["healthy", "nothing"]) == 2
    assert "'nothing'" in capsys.readouterr().err
